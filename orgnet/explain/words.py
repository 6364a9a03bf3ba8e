"""Names and numbers as people say them."""

import operator
import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from orgnet.dictionary import content
from orgnet.explain.published import COMPLETE, Condition
from orgnet.indicators.measures import DOCUMENT_MEASURES, SURVEY_MEASURES
from orgnet.vocabulary import Indicator, RecordKind, ScopeType

LEVELS = {1: "potential", 2: "developing", 3: "active"}
DESCRIPTORS = {
    Indicator.GOALS: (
        "goals clash, or nobody shares any",
        "some goals are shared, as need arises",
        "goals are agreed by all and cover the whole",
    ),
    Indicator.CLIENT: (
        "people look after interests of their own",
        "professions or organisations look after theirs",
        "the patient's interest comes first",
    ),
    Indicator.ACQUAINT: (
        "nothing brings people together, and nothing is done jointly",
        "people have few chances to meet and do little jointly",
        "people meet often and do things jointly as a rule",
    ),
    Indicator.TRUST: (
        "people do not trust each other",
        "trust is being built, and given on conditions",
        "trust rests on experience",
    ),
    Indicator.CENTRALITY: (
        "nobody stands at the centre or steers",
        "somebody stands at the centre, but what for is unclear",
        "somebody at the centre is strong and active, and brings about agreement",
    ),
    Indicator.LEADERSHIP: (
        "a few lead, without the others' agreement",
        "leadership is scattered, has no clear aim and moves little",
        "leadership is shared and agreed",
    ),
    Indicator.INNOVATION: (
        "hardly anybody has the expertise that working together in new ways needs",
        "expertise is there now and then, in places",
        "expertise is there, and brings in new ways of working together",
    ),
    Indicator.CONNECT: (
        "there is hardly any place to discuss things",
        "places to discuss things come up for a particular matter",
        "there are many places to discuss things and to take part",
    ),
    Indicator.FORMAL: (
        "there are no agreements, or they are not kept and people fall out over them",
        "agreements are not everybody's, not what is done, or still being made",
        "agreements are everybody's, and rules are made jointly",
    ),
    Indicator.INFOEX: (
        "there is hardly any common way to pass information on",
        "a common way to pass information on is there in part, falls short, or is not used as it should be",
        "there is a common way to collect information and pass it on",
    ),
}
"""What the levels say, lowest first: after D'Amour et al. 2008, BMC Health Services Research 8:188, Table 3, in our words."""
KINDS = {
    RecordKind.ORGANISATIONS: "organisations",
    RecordKind.PEOPLE: "people and their posts",
    RecordKind.MEETINGS: "meetings",
    RecordKind.ATTENDANCE: "who attended meetings",
    RecordKind.MDT_CASES: "cases discussed by multidisciplinary teams",
    RecordKind.JOINT_ROLES: "joint roles",
    RecordKind.LEAD_ROLES: "lead roles",
    RecordKind.DOCUMENTS: "guidelines, pathways and agreements",
    RecordKind.CODED_EVIDENCE: "passages that researchers coded",
    RecordKind.SURVEY_RESPONSES: "answers to a survey",
}
_OPERATORS = {
    ">=": (operator.ge, "at least "),
    "<=": (operator.le, "at most "),
    ">": (operator.gt, "more than "),
    "<": (operator.lt, "less than "),
    "==": (operator.eq, "exactly "),
}


def levels_said(low: int, high: int) -> str:
    """One level or several: `level 2, developing`, `level 2 to 3, developing or active`."""
    if low == high:
        return f"level {low}, {LEVELS[low]}"
    names = [LEVELS[level] for level in range(low, high + 1)]
    return f"level {low} to {high}, {', '.join(names[:-1])} or {names[-1]}"


def counted(n: int, word: str) -> str:
    """A number of things: `1 person`, `24 people`."""
    return f"{n:,} {word if n == 1 else 'people' if word == 'person' else word + 's'}"


def day_said(day: date) -> str:
    """A day as it is written in a letter."""
    return f"{day.day} {day:%B %Y}"


def period_said(start: date, end: date) -> str:
    """A half-open period by its first and its last day."""
    return f"{day_said(start)} to {day_said(end - timedelta(days=1))}"


def records_said(text: str) -> str:
    """A text with the names of kinds of records said in words, the name in brackets behind."""
    names = "|".join(kind.value for kind in KINDS if "_" in kind.value)
    return re.sub(rf"\b({names})\b", lambda found: f"{KINDS[RecordKind(found[1])]} [{found[1]}]", text)


def _known(measure: str, scope_type: str) -> Mapping[str, Any]:
    tables = ["group_metrics", "network_metrics"]
    for table in tables if scope_type == ScopeType.GROUP else tables[::-1]:
        for row in content()["catalog"]:
            if (row["table"], row["column_or_metric"]) == (table, measure) and row["type"].startswith("metric"):
                return row
    return {}


def meaning_of(measure: str, scope_type: str) -> str:
    """What a measure means, in a sentence without its full stop."""
    if measure.endswith(COMPLETE):
        kind = RecordKind(measure.removesuffix(COMPLETE))
        return f"Whether the records of {KINDS.get(kind, kind.value)} are known to be complete"
    stated = SURVEY_MEASURES.get(measure) or DOCUMENT_MEASURES.get(measure)
    if stated is None:
        stated = str(_known(measure, scope_type).get("meaning", measure))
    first = stated.split("\n")[0].rstrip(".")
    return first[:1].upper() + first[1:]


def unit_of(measure: str, scope_type: str) -> str:
    """The unit of a measure; a share is `share of` something, or just `share`."""
    stated = SURVEY_MEASURES.get(measure) or DOCUMENT_MEASURES.get(measure)
    if stated is not None:
        return "share" if "share" in stated else "documents" if measure == "documents_current" else ""
    return str(_known(measure, scope_type).get("unit", ""))


def _with_unit(text: str, unit: str) -> str:
    if unit == "share" or unit.startswith("share of "):
        return f"{text}%{unit.removeprefix('share')}"
    if unit == "rank":
        return f"rank {text}"
    head, per, rest = unit.partition(" per ")
    if text == "1" and head.endswith("s") and head != "series":
        head = head[:-1]
    return f"{text} {head}{per and ' a '}{rest}".rstrip()


def value_said(value: float, unit: str, conditions: Sequence[Condition] = ()) -> str:
    """A value with its unit, and as many digits as it takes to tell on which side of every threshold it is."""
    scale = 100 if unit.startswith("share") else 1
    texts = [f"{value * scale:.{digits}g}" for digits in range(3, 18)]
    if scale == 100:
        texts = [f"{value * scale:.{digits}f}" for digits in range(16)]

    def faithful(text: str) -> bool:
        return all(_holds(each, float(text) / scale) == _holds(each, value) for each in conditions)

    return _with_unit(next(filter(faithful, texts), texts[-1]), unit)


def _holds(condition: Condition, value: float) -> bool:
    compare, _ = _OPERATORS[condition.operator]
    return bool(compare(value, float(condition.threshold)))


def wanted_said(condition: Condition, unit: str) -> str:
    """What a condition asks for: `at least 4`, `at most 10%`, `none`."""
    threshold = float(condition.threshold)
    if condition.operator == "==" and threshold == 0:
        return "none"
    text = f"{threshold * 100:.3g}%" if unit.startswith("share") else f"{threshold:.3g}"
    return f"{_OPERATORS[condition.operator][1]}{text}"


def other_said(condition: Condition, unit: str) -> str:
    """What it takes for a condition not to hold: the opposite of `wanted_said`."""
    turned = {">=": "<", "<=": ">", ">": "<=", "<": ">="}.get(condition.operator)
    if turned is None:
        return "any at all" if float(condition.threshold) == 0 else f"other than {wanted_said(condition, unit)}"
    return wanted_said(Condition(condition.measure, turned, condition.threshold), unit)
