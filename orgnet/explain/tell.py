"""The explanation of one row of the indicators, as lines of text."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from orgnet.dictionary import content
from orgnet.explain.choose import Asked
from orgnet.explain.measures import RESAMPLED, Section, resampled, sections, shown_beside
from orgnet.explain.next_level import next_level
from orgnet.explain.published import PublishedRule
from orgnet.explain.words import DESCRIPTORS, counted, day_said, levels_said, period_said, records_said
from orgnet.vocabulary import BORDERLINE, DISCORDANT, Basis, EvidenceClass, Indicator, IndicatorStatus, ScopeType, Trend

Row = Mapping[str, Any]
_BASIS = {
    Basis.TIES: "what the records show of ties between organisations",
    Basis.SURVEY: "what people answered in a survey",
    Basis.DOCUMENTS: "what documents show",
    Basis.CODED: "what researchers coded",
    Basis.COMBINATION: "ties, and what people or documents say beside them",
}
_CLASSES = {
    EvidenceClass.DIRECT: "ties can show this by themselves",
    EvidenceClass.DIRECT_AND_PERCEIVED: "ties show only the structure of this; how it is felt people must say",
    EvidenceClass.PROXY: "ties only hint at this",
    EvidenceClass.SURVEY_OR_DOCUMENTS: "ties do not show this",
}
_EVENTS = {Basis.DOCUMENTS: "document", Basis.CODED: "coded passage"}
_TRENDS = {
    Trend.IMPROVED: "it has improved",
    Trend.UNCHANGED: "it is unchanged",
    Trend.WORSENED: "it has worsened",
    Trend.UNCLEAR: "whether it is better or worse cannot be told",
    Trend.NOT_COMPARABLE: "the two are not to be compared, as they rest on different evidence or different coverage",
}
_OUTCOME = re.compile(r"(?:[\w ]+: )?(?:proxy )?level \d")
_ALSO = ("nominal", "beside it", "survey: ", "coded: ", "left out", "without a level")
_SETTLED = ("a proxy is never", "ties show the structure only")
"""Reasons that explain why ties alone give no level: of no interest where there is one."""


def _scope(row: Row, network: str) -> str:
    name = {
        ScopeType.NETWORK: f"the whole network {network}",
        ScopeType.GROUP: f"professional group {row['scope_id']} of {network}",
        ScopeType.ORGANISATION_KIND: f"{row['scope_id']} organisations of {network}",
        ScopeType.ORGANISATION: f"organisation {row['scope_id']} of {network}",
        ScopeType.PATHWAY: f"pathway {row['scope_id']} of {network}",
    }
    return name.get(row["scope_type"], f"{row['scope_id']} of {network}")


def _conclusion(row: Row) -> Iterator[str]:
    descriptors, status = DESCRIPTORS[Indicator(row["indicator"])], row["status"]
    if status == IndicatorStatus.ASSESSED:
        yield f"{_capital(levels_said(row['level'], row['level']))}: {descriptors[row['level'] - 1]}."
    elif status == IndicatorStatus.INTERVAL:
        yield f"{_capital(levels_said(row['level_lo'], row['level_hi']))}: which of them cannot be told from this."
        for level in range(row["level_lo"], row["level_hi"] + 1):
            yield f"  {level}: {descriptors[level - 1]}"
    elif status == IndicatorStatus.PROXY_ONLY:
        yield f"No level can be given. A stand-in measure [proxy] points to {levels_said(*[row['proxy_level']] * 2)}."
        yield f"  {row['proxy_level']}: {descriptors[row['proxy_level'] - 1]}"
    else:
        yield {
            IndicatorStatus.INSUFFICIENT_DATA: "Nothing can be said: there are records, but too little to go by.",
            IndicatorStatus.NOT_ASSESSED: "Nothing can be said: the records that could tell are missing.",
        }.get(status, "Not shown: the numbers are too small to be published.")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _behind(row: Row) -> str:
    """How many people, organisations and events a row speaks of."""
    events = "meeting" if row["scope_type"] == ScopeType.GROUP else _EVENTS.get(row["basis"], "event")
    if row["indicator"] == Indicator.INFOEX and events == "event":
        events = "case"
    columns = (("n_people", "person"), ("n_organisations", "organisation"), ("n_events", events))
    return ", ".join(counted(row[name], word) for name, word in columns if row[name] is not None)


def _for_whom(asked: Asked) -> Iterator[str]:
    row = asked.row
    behind = _behind(row)
    yield f"  for whom   {_scope(row, asked.network)}{f' ({behind})' if behind else ''}"
    period = period_said(row["window_start"], row["slice_end"])
    yield f"  period     {period}, the window of slice {row['slice']}"
    basis = _BASIS[row["basis"]] if row["basis"] else "nothing"
    yield f"  rests on   {basis}; {_CLASSES[row['evidence_class']]}"
    yield f"  before     {_before(asked)}"
    certainty = list(_certainty(row))
    if certainty:
        yield f"  certainty  {'; '.join(certainty)}"


def _certainty(row: Row) -> Iterator[str]:
    """How often the level would come out, had other meetings been the ones recorded."""
    shares = {entry["measure"].removeprefix(RESAMPLED): entry["value"] for entry in resampled(row)}
    told = [f"level {level} in {share:.0%}" for level, share in shares.items() if share]
    if told:
        yield f"of resamples of the meetings [bootstrap], {', '.join(told)}"
    if any(reason.startswith(BORDERLINE) for reason in row["reasons"]):
        yield "so it is borderline" if told else "it is borderline"


def _before(asked: Asked) -> str:
    row, before = asked.row, asked.before
    if before is None:
        return "nothing: no whole window lies before this one"
    when = f"one window earlier, which ended on {day_said(row['window_start'])}"
    if before["level_lo"] is None:
        return f"no level {when}"
    was = levels_said(before["level_lo"], before["level_hi"])
    return f"{was} {when}; {_TRENDS[row['trend']]}" if row["level_lo"] is not None else f"{was} {when}"


def _left(row: Row) -> list[str]:
    """The reasons that are told nowhere else, in words."""
    told = ("rule (", DISCORDANT, BORDERLINE, "mixed=", "by group: ")
    left = [reason for reason in row["reasons"] if not reason.startswith(told) and not _OUTCOME.match(reason)]
    return [
        _capital(records_said(reason)) for reason in left if row["level"] is None or not reason.startswith(_SETTLED)
    ]


def _is_beside(reason: str) -> bool:
    """Whether a reason tells of something else than why there is no level."""
    return reason.lower().startswith(_ALSO) and not reason.endswith(" are needed")


def _no_level(row: Row) -> Iterator[str]:
    """Why there is no level, or no single one."""
    why = [reason for reason in _left(row) if not _is_beside(reason)]
    if row["level"] is None and why:
        yield "Why no single level" if row["status"] == IndicatorStatus.INTERVAL else "Why no level"
        yield from (f"  - {reason}." for reason in why)


def _asked_of(section: Section, rule: PublishedRule) -> str:
    """A rule as the numbers of the conditions that it wants."""
    given = levels_said(rule.low, rule.high)
    given = f"{'a stand-in for ' if rule.proxy else ''}{given}" + (f" [{rule.grade}]" if rule.grade else "")
    if not rule.wanted:
        return f"Otherwise {given}"
    numbers, whole = section.numbered(rule.conditions), section.numbered(rule.complete)
    if rule.any and len(numbers) > 1:
        wanted = f"one of {_and(numbers, 'or')}" + (f", and {_and(whole, 'and')}" if whole else "")
    else:
        wanted = _and([*numbers, *whole], "and")
    return f"{_capital(given)}, takes {wanted}"


def _and(numbers: Sequence[int], word: str) -> str:
    texts = [str(number) for number in numbers]
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} {word} {texts[-1]}" if texts else ""


def _rules(section: Section) -> Iterator[str]:
    """How the first rule that holds was come to."""
    if not section.rules:
        return
    yield f"How that leads to a level: the first of these rules that holds decides{section.named}"
    deciding = section.evidence.deciding(section.rules)
    for at, rule in enumerate(section.rules):
        said = _asked_of(section, rule)
        if at == deciding:
            yield f"  → {said}: this is so."
            break
        lacking = section.numbered([c for c in rule.wanted if section.evidence.met(c) is False])
        unknown = section.numbered([c for c in rule.wanted if section.evidence.met(c) is None])
        if lacking:
            yield f"  - {said}: {_and(lacking, 'and')} {'is' if len(lacking) == 1 else 'are'} not met."
        else:
            why = f"{_and(unknown, 'and')} cannot be told" if unknown else "it does not hold"
            yield f"  - {said}: {why}."
        if deciding is None and not lacking:
            break


def _contradictions(row: Row) -> Iterator[str]:
    found = [reason.removeprefix(DISCORDANT) for reason in row["reasons"] if reason.startswith(DISCORDANT)]
    if found:
        yield "Where the evidence disagrees"
        yield from (f"  - {_capital(reason)}." for reason in found)


def _also(row: Row) -> Iterator[str]:
    found = [reason for reason in _left(row) if row["level"] is not None or _is_beside(reason)]
    beside = list(shown_beside(row))
    if found or beside:
        yield "Also worth knowing"
        yield from (f"  - {reason}." for reason in found)
        yield from (f"  - {line}" for line in beside)


def _paragraphs(asked: Asked) -> Iterator[list[str]]:
    row = asked.row
    label = content()["indicators"][row["indicator"]]["label"]
    yield [f"{label} [{row['indicator']}] – {_scope(row, asked.network)} – {row['slice']}"]
    yield [*_conclusion(row)]
    yield [*_for_whom(asked)]
    yield [*_no_level(row)]
    for section in sections(row):
        yield [*section.lines()]
        yield [*_rules(section)]
    yield [*_contradictions(row)]
    yield [*next_level(row)]
    yield [*_also(row)]
    yield [f"More: orgnet describe {row['indicator']}"]


def tell(asked: Asked) -> list[str]:
    """Everything that there is to say of a row, as lines; an empty one between paragraphs."""
    lines: list[str] = []
    for paragraph in _paragraphs(asked):
        if paragraph:
            lines += ["", *paragraph] if lines else paragraph
    return lines
