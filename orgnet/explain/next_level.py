"""What would have to be different for the next level up."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from orgnet.explain.measures import OF_GROUP, Section, exact, sections
from orgnet.explain.published import COMPLETE, Condition, condition_of
from orgnet.explain.words import LEVELS, levels_said, meaning_of, other_said, wanted_said
from orgnet.vocabulary import Basis, IndicatorStatus

Row = Mapping[str, Any]
_SHARE = re.compile(r"the highest that (\d+)% of the groups attain")
_PEOPLE = "only people can say which: it takes a survey, or interviews that researchers have coded"


def next_level(row: Row) -> Iterator[str]:
    """The changes that would take a row to the next level, as lines."""
    if row["status"] == IndicatorStatus.PROXY_ONLY:
        yield "For a level"
        yield "  - A stand-in measure never gives a level, however high it is; other evidence must speak."
        return
    if row["level_hi"] is None:
        return
    if row["level_lo"] == row["level_hi"] == 3:
        yield "This is the highest level."
        return
    lines: list[str] = []
    found = sections(row)
    for section in found:
        if section.kind == OF_GROUP:
            lines += _of_groups(row, section)
        elif _binds(row, section):
            lines += _of_rules(section, row)
    if row["status"] == IndicatorStatus.INTERVAL and row["basis"] == Basis.TIES and not lines:
        lines.append(f"  - Of level {row['level_lo']} to {row['level_hi']}, {_PEOPLE}.")
    if lines:
        target = row["level_hi"] if row["level_lo"] < row["level_hi"] else row["level_hi"] + 1
        yield f"What it would take for level {target}, {LEVELS[target]}"
        yield from lines


def _binds(row: Row, section: Section) -> bool:
    """Whether it is this evidence that keeps the level where it is."""
    outcome = section.outcome
    if outcome is None:
        return False
    if row["basis"] == Basis.COMBINATION:
        return outcome[1] <= row["level_hi"] or outcome[0] == outcome[1] == row["level"]
    return bool(row["basis"] == section.kind)


def _of_groups(row: Row, section: Section) -> Iterator[str]:
    """How many more professional groups must attain the next level."""
    share = next((int(found[1]) for reason in row["reasons"] if (found := _SHARE.search(reason))), None)
    target = row["level_hi"] + (row["level_lo"] == row["level_hi"])
    if share is None or target > max(LEVELS):
        return
    n = len(section.entries)
    reached = sum((entry["value"] or 0) >= target for entry in section.entries)
    needed = next(k for k in range(n + 1) if round(100 * k / n) >= share)
    near = [e["measure"].removeprefix(OF_GROUP) for e in section.entries if (e["value"] or 0) < target]
    yield f"  - {needed} of {n} groups at level {target} ({share}%); so far {reached}, and not yet {', '.join(near)}."


def _of_rules(section: Section, row: Row) -> Iterator[str]:
    evidence, rules = section.evidence, section.rules
    at = evidence.deciding(rules)
    assert at is not None
    low, high = rules[at].low, rules[at].high
    bounds = [(rule.low, rule.high) for rule in rules]
    higher = [i for i, (lo, hi) in enumerate(bounds) if lo >= low and hi >= high and (lo, hi) != (low, high)]
    if not higher:
        if high == 3 and low < 3 and section.kind == Basis.TIES.value and row["basis"] == Basis.TIES.value:
            yield f"  - The records already allow it; {_PEOPLE}."
        return
    target = min(higher, key=lambda i: (rules[i].low + rules[i].high, i))
    if rules[target].low != rules[target].high:
        yield f"  For {levels_said(rules[target].low, rules[target].high)}:"
    yield from _changes(section, target)


def _changes(section: Section, target: int) -> Iterator[str]:
    """What must come to hold, and what must no longer hold, for a rule to decide."""
    rule, evidence = section.rules[target], section.evidence
    told = set()
    for condition in [] if evidence.holds(rule) else rule.wanted:
        if evidence.met(condition) is not True:
            told.add(condition.measure)
            yield f"  - {_change(section, condition, to_hold=True)}"
    earlier = [before for before in section.rules[:target] if evidence.holds(before)]
    for condition in dict.fromkeys(each for before in earlier for each in before.conditions):
        if evidence.met(condition) and condition.measure not in told:
            yield f"  - {_change(section, condition, to_hold=False)}"


def _change(section: Section, condition: Condition, to_hold: bool) -> str:
    entry = next(each for each in section.entries if condition_of(each) == condition)
    (number,) = section.numbered([condition])
    measure = condition.measure
    if measure.endswith(COMPLETE):
        return f"({number}) the records would have to be known to be complete."
    unit = section.unit(measure)
    wanted = wanted_said(exact(entry), unit) if to_hold else other_said(exact(entry), unit)
    meaning = meaning_of(measure, section.scope_type)
    return f"({number}) {meaning[:1].lower()}{meaning[1:]}: {wanted}, now {section.value(measure)}."
