"""Every level, done again from nothing but what is published with it.

The only input is the `indicators` table. A small parser reads each row's rules from its reasons and holds them against
its evidence; none of orgnet's own code for rules is used.
"""

import re
from collections import Counter
from typing import Any

import pandas as pd
import pytest

from orgnet.vocabulary import RecordKind

Levels = tuple[int, int] | None
DECIDED = ("assessed", "interval", "proxy_only")


def answer(condition: str, evidence: dict[str, Any]) -> bool | None:
    """Whether `acq_breadth >= 0.5` or `attendance complete` holds; None if there is no value."""
    entry = evidence[f"{condition} == 1" if condition.endswith(" complete") else condition]
    value, threshold = entry["value"], entry["threshold"]
    if value is None or value != value:
        return None
    sign = entry["operator"]
    held = {
        ">=": value >= threshold,
        "<=": value <= threshold,
        ">": value > threshold,
        "<": value < threshold,
        "==": value == threshold,
    }[sign]
    assert entry["met"] == held
    return bool(held)


def holds(wanted: str, evidence: dict[str, Any]) -> bool | None:
    """Whether `a >= 1 and b >= 2, with attendance complete` holds; None if that cannot be told."""
    parts = wanted.split(", with ")
    stated = [] if parts[0].endswith(" complete") else re.split(r" and | or ", parts[0])
    answers = [answer(condition, evidence) for condition in stated]
    either = " or " in parts[0]
    if (either and True in answers) or (not either and all(answers)):
        complete = [answer(part, evidence) for part in parts if part.endswith(" complete")]
        return True if all(complete) else None
    known = [held for held in answers if held is not None]
    return False if (len(known) == len(answers) if either else False in known) else None


def outcome(rules: str, evidence: dict[str, Any]) -> tuple[Levels, int | None]:
    """The levels, or the proxy level, that the first rule which holds gives; neither if that cannot be told."""
    for rule in rules.split("; "):
        given, _, wanted = rule.removeprefix("otherwise ").partition(" if ")
        held = holds(wanted, evidence) if wanted else True
        if held is None:
            return None, None
        if held:
            proxy, low, high = re.match(r"(proxy )?level (\d)(?: to (\d))?", given).groups()
            return (None, int(low)) if proxy else ((int(low), int(high or low)), None)
    return None, None


def of_groups(row: dict[str, Any]) -> Levels:
    """The network's levels from its groups': the highest that the stated share of them attains."""
    levels = [one["value"] for one in row["evidence"] if one["measure"].startswith("level of ")]
    (percent,) = [int(p) for reason in row["reasons"] for p in re.findall(r"the highest that (\d+)% of", reason)]

    def attained(untold: int) -> int:
        each = [untold if level is None or level != level else level for level in levels]
        shares = {level: sum(own >= level for own in each) / len(each) for level in (1, 2, 3)}
        return max(level for level, share in shares.items() if round(100 * share) >= percent)

    return attained(1), attained(3)


def redone(row: dict[str, Any]) -> dict[str, Any]:
    """A row's level, bounds, proxy level and basis, from its evidence, reasons and class of evidence."""
    evidence = {
        f"{one['measure']} {one['operator']} {one['threshold']:g}": one
        for one in row["evidence"]
        if one["threshold"] is not None and one["threshold"] == one["threshold"]
    }
    said: list[tuple[str, Levels]] = []
    ties, proxy = None, None
    for reason in row["reasons"]:
        if found := re.fullmatch(r"rule \((\w+)\): (.*)", reason):
            levels, stands_in = outcome(found[2], evidence)
            if found[1] == "ties":
                ties, proxy = levels, stands_in
            else:
                said.append((found[1], levels))
        elif reason.startswith("coded: "):
            bounds = [int(one["value"]) for one in row["evidence"] if one["measure"].startswith("coded level")]
            said.append(("coded", (bounds[0], bounds[1])))
    if any(one["measure"].startswith("level of ") for one in row["evidence"]):
        ties = of_groups(row)
    basis, first = next(((basis, levels) for basis, levels in said if levels), ("ties", None))
    if ties and first and row["evidence_class"] != "direct":
        low, high = max(ties[0], first[0]), min(ties[1], first[1])
        levels, basis = ((low, high), "combination") if low <= high else (first, basis)
    elif ties:
        levels, basis = ties, "ties"
    else:
        levels = first
    low, high = levels or (None, None)
    return {
        "level": low if low == high else None,
        "level_lo": low,
        "level_hi": high,
        "proxy_level": proxy,
        "basis": basis,
    }


def published(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows that say something, as plain values, as any reader of the file has them."""
    chosen = table[table["status"].isin(DECIDED)]
    numbers = ["level", "level_lo", "level_hi", "proxy_level"]
    rows = chosen.astype(dict.fromkeys(numbers, "Int64")).astype(object).where(chosen.notna(), None)
    return rows.to_dict("records")


def status_of(row: dict[str, Any]) -> str:
    if row["level_lo"] is None:
        return "proxy_only"
    return "interval" if row["level"] is None else "assessed"


@pytest.fixture(scope="module", params=["ties", "all"])
def rows(request, scenario) -> list[dict[str, Any]]:
    """What the scenario's indicators say, from ties alone and with survey and documents."""
    if request.param == "all":
        return published(scenario.tables["indicators"])
    left_out = (RecordKind.SURVEY_RESPONSES, RecordKind.DOCUMENTS, RecordKind.CODED_EVIDENCE)
    return published(scenario.without(*left_out).tables["indicators"])


def test_every_row_that_says_something_can_be_done_again(rows):
    assert len(rows) > 300
    for row in rows:
        again = redone(row)
        where = [row[name] for name in ("slice", "indicator", "scope_type", "scope_id")]
        assert {name: row[name] for name in again} == again, where
        assert status_of(row) == row["status"], where


def test_all_kinds_of_outcome_are_among_them(rows):
    kinds = Counter(row["status"] for row in rows)
    assert set(kinds) == set(DECIDED)
    bases = {row["basis"] for row in rows}
    assert bases == {"ties"} or bases >= {"ties", "survey", "documents"}
    assert {one["measure"].startswith("level of ") for row in rows for one in row["evidence"]} == {True, False}


BY_HAND = (
    "level 3 if a >= 1 and b > 2, with attendance complete; level 1 to 2 (low) if a == 0 or b < 1; otherwise level 2"
)


@pytest.mark.parametrize(
    ("a", "b", "complete", "expected"),
    [
        (1, 3, 1, (3, 3)),
        (1, 3, 0, None),  # attendance is not known to be complete
        (1, 2, 1, (2, 2)),
        (0, 3, 0, (1, 2)),
        (None, 0, 1, (1, 2)),
        (None, 3, 1, None),  # whether it is level 3 cannot be told
        (1, None, 1, None),
    ],
)
def test_the_parser_reads_a_rule_as_it_is_written(a, b, complete, expected):
    wanted = [("a", ">=", 1, a), ("b", ">", 2, b), ("attendance complete", "==", 1, complete), ("a", "==", 0, a)]
    wanted.append(("b", "<", 1, b))
    tests = {">=": float.__ge__, ">": float.__gt__, "==": float.__eq__, "<": float.__lt__}
    evidence = {
        f"{measure} {sign} {number}": {
            "operator": sign,
            "threshold": float(number),
            "value": value,
            "met": None if value is None else tests[sign](float(value), float(number)),
        }
        for measure, sign, number, value in wanted
    }
    assert outcome(BY_HAND, evidence) == (expected, None)
