"""Measures to indicators: what the records allow to be said, for whom, and why. Never an invented level."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from orgnet import store
from orgnet.config import Config
from orgnet.indicators.damour import Condition, Damour, Declared, Rule
from orgnet.metrics.series import ConductMeasures, GroupMeasures
from orgnet.metrics.statuses import STATUSES, Series
from orgnet.records.coverage import Coverage
from orgnet.records.organisations import Roster
from orgnet.records.read import Records
from orgnet.vocabulary import (
    Basis,
    EvidenceClass,
    Indicator,
    IndicatorStatus,
    RecordKind,
    ScopeType,
    Status,
    Trend,
)
from orgnet.windows import Calendar

COMPARABLE_COVERAGE = 0.10


@dataclass
class Row:
    """One indicator's row for one scope and slice, as it is being decided."""

    slice: int
    indicator: Indicator
    declared: Declared
    scope_type: ScopeType
    scope_id: str
    coverage: float
    n_people: int | None
    n_organisations: int
    n_events: int | None
    status: IndicatorStatus = IndicatorStatus.NOT_ASSESSED
    level: int | None = None
    level_lo: int | None = None
    level_hi: int | None = None
    proxy_level: int | None = None
    trend: Trend = Trend.NOT_COMPARABLE
    reasons: list[str] = field(default_factory=list)
    evidence: list[dict[str, object]] = field(default_factory=list)

    def refuse(self, status: IndicatorStatus, reason: str) -> "Row":
        """Give no level, and say why."""
        self.status = status
        self.reasons.append(reason)
        return self


@dataclass(frozen=True)
class Measure:
    """One measure at one slice: its value (NaN if none), and why there is none."""

    value: float
    status: str


@dataclass(frozen=True)
class Known:
    """What is known for one scope at one slice."""

    measures: dict[str, Measure]
    complete: dict[RecordKind, bool]


def _at(series: dict[str, Series], number: int) -> dict[str, Measure]:
    return {name: Measure(float(s.valued()[number]), STATUSES[int(s.status[number])]) for name, s in series.items()}


def _holds(condition: Condition, known: Known) -> bool | None:
    """Whether a condition holds; None if the measure has no value."""
    measure = known.measures.get(condition.measure)
    return None if measure is None or np.isnan(measure.value) else condition.holds(measure.value)


def applies(rule: Rule, known: Known) -> bool | None:
    """Whether a rule's conditions hold; None if that cannot be told."""
    answers = [_holds(condition, known) for condition in rule.conditions]
    if rule.any:
        held = True if True in answers else None if None in answers else False
    else:
        held = False if False in answers else None if None in answers else True
    if held and not all(known.complete.get(kind, False) for kind in rule.requires_complete):
        return None
    return held


def _evidence(row: Row, known: Known) -> None:
    for condition in row.declared.conditions:
        measure = known.measures.get(condition.measure)
        value = None if measure is None or np.isnan(measure.value) else measure.value
        row.evidence.append(
            {
                "measure": condition.measure,
                "value": value,
                "operator": condition.operator,
                "threshold": condition.threshold,
                "met": None if value is None else condition.holds(value),
                "n": row.n_people if row.n_people is not None else row.n_organisations,
                "coverage": None if np.isnan(row.coverage) else row.coverage,
            }
        )


_WHY = {
    Status.NO_COVERAGE.value: "nothing is recorded, and the records are not known to be complete",
    Status.UNDEFINED.value: "it is undefined here",
    Status.INSUFFICIENT.value: "the window does not hold a whole year of records",
}


def _undecided(row: Row, rule: Rule, known: Known) -> Row:
    """No rule before this one applies, and whether this one does cannot be told."""
    unknown = [c.measure for c in rule.conditions if _holds(c, known) is None]
    for name in dict.fromkeys(unknown):
        status = known.measures[name].status if name in known.measures else Status.NO_COVERAGE.value
        row.refuse(IndicatorStatus.INSUFFICIENT_DATA, f"{name} has no value: {_WHY.get(status, status)}")
    if not unknown:
        lacking = [kind.value for kind in rule.requires_complete if not known.complete.get(kind, False)]
        row.refuse(
            IndicatorStatus.INSUFFICIENT_DATA,
            f"nothing is recorded, but {' and '.join(lacking)} are not known to be complete: no record is not zero",
        )
    return row


def _outcome(rule: Rule) -> str:
    if rule.level is not None:
        return f"level {rule.level}"
    return rule.grade or f"proxy level {rule.proxy}"


def _said(rule: Rule, rules: Sequence[Rule], known: Known) -> str:
    """Why a rule was taken: the conditions that hold, or, where it is what remains, what the others lacked."""
    if rule.conditions:
        return (" or " if rule.any else " and ").join(_shown(c, known) for c in rule.conditions if _holds(c, known))
    lacked = []
    for other in rules[: list(rules).index(rule)]:
        missed = [_shown(c, known) for c in other.conditions if _holds(c, known) is False]
        lacked.append(f"not {_outcome(other)}, as it wants " + (" or " if other.any else " and ").join(missed))
    return "; ".join(lacked)


def _shown(condition: Condition, known: Known) -> str:
    """A condition and what was found, with as many digits as it takes to tell on which side of the threshold it is."""
    value = known.measures[condition.measure].value
    rounded = [f"{value:.{digits}g}" for digits in range(3, 18)]
    found = next(text for text in rounded if condition.holds(float(text)) == condition.holds(value))
    return f"{condition} (found {found})"


def decide(row: Row, known: Known) -> Row:
    """Try the indicator's rules in order, and take what the first that applies says."""
    _evidence(row, known)
    for rule in row.declared.rules:
        held = applies(rule, known)
        if held is None:
            return _undecided(row, rule, known)
        if held:
            return _take(row, rule, known)
    return row.refuse(IndicatorStatus.INSUFFICIENT_DATA, "no rule applies to the measures")


def _take(row: Row, rule: Rule, known: Known) -> Row:
    if rule.proxy is not None:
        row.proxy_level, row.status = rule.proxy, IndicatorStatus.PROXY_ONLY
        row.reasons.append(f"proxy level {rule.proxy}: {_said(rule, row.declared.rules, known)}")
        needed = ", ".join(kind.value for kind in row.declared.speaks)
        row.reasons.append(f"a proxy is never a level: a level needs {needed}")
    else:
        low, high = rule.interval or (rule.level, rule.level)
        row.level_lo, row.level_hi = low, high
        row.level = low if low == high else None
        row.status = IndicatorStatus.ASSESSED if low == high else IndicatorStatus.INTERVAL
        name = f"{rule.grade}: " if rule.grade else ""
        said = f"level {low}" if low == high else f"level {low} to {high}"
        row.reasons.append(f"{name}{said}: {_said(rule, row.declared.rules, known)}")
        if low != high:
            row.reasons.append("ties show the structure only: where in the interval is for people to say")
    used = [known.measures[c.measure] for c in row.declared.conditions if c.measure in known.measures]
    if any(measure.status == Status.NOMINAL for measure in used):
        row.reasons.append("nominal: presence is taken from the meetings' own times, and may overstate contact")
    return row


def _missing(row: Row, records: Records) -> Row | None:
    """Refuse what the network's records cannot speak to at all."""
    declared = row.declared
    if declared.evidence_class == EvidenceClass.SURVEY_OR_DOCUMENTS:
        there = [kind.value for kind in declared.speaks if records.has(kind)]
        if there:
            return row.refuse(
                IndicatorStatus.NOT_ASSESSED,
                f"{', '.join(there)} are supplied, but this version does not score them yet",
            )
        needed = " or ".join(kind.value for kind in declared.speaks)
        return row.refuse(IndicatorStatus.NOT_ASSESSED, f"ties do not show it: it needs {needed}, and none is supplied")
    lacking = [kind.value for kind in declared.needs if not records.has(kind)]
    if lacking:
        return row.refuse(IndicatorStatus.NOT_ASSESSED, f"no records of {' and '.join(lacking)} are supplied")
    return None


def _too_little(row: Row, damour: Damour, calendar: Calendar, cases: float | None) -> Row | None:
    """Refuse what rests on too little: a part of a window, few people or organisations, thin coverage, few cases."""
    minimum = damour.minimum
    if not calendar.whole[row.slice]:
        row.refuse(IndicatorStatus.INSUFFICIENT_DATA, "window_incomplete: it reaches back before the period begins")
    if calendar.window.years < 1:
        row.refuse(IndicatorStatus.INSUFFICIENT_DATA, "the window is shorter than the year that the rules speak of")
    if row.n_people is not None and row.n_people < minimum.people:
        row.refuse(IndicatorStatus.INSUFFICIENT_DATA, f"{row.n_people} people, at least {minimum.people} are needed")
    if row.n_organisations < minimum.organisations:
        row.refuse(
            IndicatorStatus.INSUFFICIENT_DATA,
            f"{row.n_organisations} organisations, at least {minimum.organisations} are needed",
        )
    if row.coverage < minimum.coverage:
        row.refuse(
            IndicatorStatus.INSUFFICIENT_DATA,
            f"records are complete for {row.coverage:.0%} of providers, at least {minimum.coverage:.0%} are needed",
        )
    if cases is not None and not cases >= minimum.cases:
        counted = "no" if np.isnan(cases) else f"{cases:.0f}"
        row.refuse(IndicatorStatus.INSUFFICIENT_DATA, f"{counted} cases, at least {minimum.cases} are needed")
    return row if row.status == IndicatorStatus.INSUFFICIENT_DATA else None


@dataclass(frozen=True)
class Evidence:
    """All that indicators are scored from."""

    config: Config
    damour: Damour
    records: Records
    roster: Roster
    coverage: Coverage
    calendar: Calendar
    groups: GroupMeasures
    conduct: ConductMeasures

    def complete(self, number: int) -> dict[RecordKind, bool]:
        """Per kind, whether all providers' records of a slice's window are known to be whole; not if there are none."""
        providers = np.flatnonzero(self.roster.provider[:, number])
        return {kind: bool(len(providers) and self.coverage.of(kind)[providers, number].all()) for kind in RecordKind}

    def share(self, declared: Declared, number: int) -> float:
        """The smallest share of providers with whole records over the kinds that an indicator needs; NaN if unknown."""
        shares = [self.coverage.share(kind, self.roster.provider)[number] for kind in declared.needs]
        stated = [share for share in shares if not np.isnan(share)]
        return float(min(stated)) if stated else float("nan")


def _group_rows(evidence: Evidence, indicator: Indicator, declared: Declared) -> list[Row]:
    rows = []
    for (one, two), series in evidence.groups.series.items():
        found = evidence.groups.evidence.get((one, two))
        if one != two or found is None:  # a group that is known from other records than meetings alone
            continue
        for number in range(len(evidence.calendar)):
            row = Row(
                number,
                indicator,
                declared,
                ScopeType.GROUP,
                evidence.groups.groups[one],
                evidence.share(declared, number),
                int(found.n_people[number]),
                int(found.staffed_organisations[number]),
                int(found.events[number]),
            )
            refused = _missing(row, evidence.records) or _too_little(row, evidence.damour, evidence.calendar, None)
            known = Known(_at(series, number), evidence.complete(number))
            if refused is None:
                decide(row, known)
            else:
                _evidence(row, known)
            rows.append(row)
    return rows


def _network_row(evidence: Evidence, indicator: Indicator, declared: Declared, number: int) -> Row:
    return Row(
        number,
        indicator,
        declared,
        ScopeType.NETWORK,
        evidence.config.network,
        evidence.share(declared, number),
        None,
        int((evidence.roster.provider | evidence.roster.network_body)[:, number].sum()),
        None,
    )


def _network_rows(evidence: Evidence, indicator: Indicator, declared: Declared) -> list[Row]:
    rows = []
    series = evidence.conduct.network
    for number in range(len(evidence.calendar)):
        row = _network_row(evidence, indicator, declared, number)
        rows.append(row)
        if _missing(row, evidence.records):
            continue
        known = Known(_at(series, number), evidence.complete(number))
        cases = None
        if declared.minimum_cases:
            cases = known.measures["mdt_cases"].value
            row.n_events = 0 if np.isnan(cases) else int(cases)
        if _too_little(row, evidence.damour, evidence.calendar, cases):
            _evidence(row, known)
        else:
            decide(row, known)
    return rows


def roll_up(levels: Sequence[int], share: float) -> int:
    """The highest level that at least a share of the groups attains."""
    return max(level for level in (1, 2, 3) if sum(own >= level for own in levels) >= share * len(levels) - 1e-3)


def _rolled_up(evidence: Evidence, indicator: Indicator, declared: Declared, groups: list[Row]) -> list[Row]:
    """The network's rows of an indicator that is scored per group."""
    rows = []
    for number in range(len(evidence.calendar)):
        row = _network_row(evidence, indicator, declared, number)
        rows.append(row)
        if not _missing(row, evidence.records):
            _roll(row, [r for r in groups if r.slice == number], evidence.damour)
    return rows


def _roll(row: Row, groups: list[Row], damour: Damour) -> Row:
    """The network's level from its groups'.

    Groups with too few people or organisations are left out. One that is large enough but could not be given a level
    may be at any, and so the network's is whatever it would be with such groups at the lowest, and at the highest.
    """
    row.n_people = sum(group.n_people or 0 for group in groups)
    minimum = damour.minimum
    counted = [g for g in groups if (g.n_people or 0) >= minimum.people and g.n_organisations >= minimum.organisations]
    levels = [group.level for group in counted if group.level is not None]
    if not levels:
        return row.refuse(IndicatorStatus.INSUFFICIENT_DATA, "no professional group could be given a level")
    low, high = (roll_up([group.level or any_level for group in counted], damour.rollup_share) for any_level in (1, 3))
    _say_groups(row, groups, counted, low)
    if (low, high) == (1, 3) and len(levels) < len(counted):
        return row.refuse(IndicatorStatus.INSUFFICIENT_DATA, "the groups without a level could make it any")
    row.level_lo, row.level_hi = low, high
    row.level = low if low == high else None
    row.status = IndicatorStatus.ASSESSED if low == high else IndicatorStatus.INTERVAL
    said = f"level {low}" if low == high else f"level {low} to {high}"
    row.reasons.insert(0, f"{said}: the highest that {damour.rollup_share:.0%} of the groups attain")
    return row


def _say_groups(row: Row, groups: list[Row], counted: list[Row], low: int) -> None:
    """Which groups the network's level rests on, as reasons and as evidence."""
    given = sorted((group.scope_id, group.level) for group in counted if group.level is not None)
    lowest, highest = (choose(level for _, level in given) for choose in (min, max))
    row.reasons += [
        "by group: " + ", ".join(f"{name} {level}" for name, level in given),
        f"mixed={str(lowest != highest).lower()}, min={lowest}, max={highest}",
    ]
    untold = sorted(group.scope_id for group in counted if group.level is None)
    if untold:
        row.reasons.append("without a level, and so taken to be at any: " + ", ".join(untold))
    small = sorted(group.scope_id for group in groups if group not in counted)
    if small:
        row.reasons.append("left out, with too few people or organisations: " + ", ".join(small))
    for group in sorted(counted, key=lambda g: g.scope_id):
        row.evidence.append(
            {
                "measure": f"level of {group.scope_id}",
                "value": None if group.level is None else float(group.level),
                "operator": ">=",
                "threshold": float(low),
                "met": None if group.level is None else group.level >= low,
                "n": group.n_people,
                "coverage": None if np.isnan(group.coverage) else group.coverage,
            }
        )


def comparable(before: float, after: float) -> bool:
    """Whether two coverages are near enough for what rests on them to be compared: both known, or both unknown."""
    if np.isnan(before) or np.isnan(after):
        return bool(np.isnan(before) and np.isnan(after))
    return abs(before - after) <= COMPARABLE_COVERAGE + 1e-9


def trend(before: Row, after: Row) -> Trend:
    """How an indicator moved between two windows that share no day."""
    if before.level_lo is None or after.level_lo is None or before.level_hi is None or after.level_hi is None:
        return Trend.NOT_COMPARABLE
    if not comparable(before.coverage, after.coverage):
        return Trend.NOT_COMPARABLE
    low, high = after.level_lo - before.level_lo, after.level_hi - before.level_hi
    if low == high == 0:
        return Trend.UNCHANGED
    if low >= 0 and high >= 0:
        return Trend.IMPROVED
    return Trend.WORSENED if low <= 0 and high <= 0 else Trend.UNCLEAR


def _add_trends(rows: list[Row], calendar: Calendar) -> None:
    """Compare each row with the same scope at the slice that ends where its window begins."""
    at_end = {s.end: number for number, s in enumerate(calendar.slices)}
    by_scope = {(r.indicator, r.scope_type, r.scope_id, r.slice): r for r in rows}
    for row in rows:
        earlier = at_end.get(calendar.slices[row.slice].window_start)
        before = by_scope.get((row.indicator, row.scope_type, row.scope_id, -1 if earlier is None else earlier))
        if before is not None:
            row.trend = trend(before, row)


def score_indicators(evidence: Evidence) -> list[Row]:
    """Every indicator, for every scope and slice."""
    rows = []
    for indicator, declared in evidence.damour.indicators.items():
        if declared.scope == ScopeType.GROUP:
            groups = _group_rows(evidence, indicator, declared)
            rows += groups + _rolled_up(evidence, indicator, declared, groups)
        else:
            rows += _network_rows(evidence, indicator, declared)
    _add_trends(rows, evidence.calendar)
    return rows


def indicator_table(rows: list[Row], calendar: Calendar) -> pa.Table:
    """The `indicators` table."""
    with_basis = (IndicatorStatus.ASSESSED, IndicatorStatus.INTERVAL, IndicatorStatus.PROXY_ONLY)
    columns: dict[str, object] = {
        "slice": np.array([r.slice for r in rows], dtype=np.int64),
        "indicator": [r.indicator.value for r in rows],
        "dimension": [r.declared.dimension.value for r in rows],
        "scope_type": [r.scope_type.value for r in rows],
        "evidence_class": [r.declared.evidence_class.value for r in rows],
        "basis": [Basis.TIES.value if r.status in with_basis else None for r in rows],
        "status": [r.status.value for r in rows],
        "trend": [r.trend.value for r in rows],
        "coverage": np.array([r.coverage for r in rows], dtype=np.float64),
    }
    for name in (
        "scope_id",
        "level",
        "level_lo",
        "level_hi",
        "proxy_level",
        "n_people",
        "n_organisations",
        "n_events",
        "reasons",
        "evidence",
    ):
        columns[name] = [getattr(r, name) for r in rows]
    return store.sorted_by_key("indicators", store.table("indicators", columns, calendar))
