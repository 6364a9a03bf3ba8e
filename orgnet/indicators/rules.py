"""Rules on measures: what the declared thresholds say of one scope and slice, and why. Never an invented level."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from orgnet.indicators.damour import Condition, Declared, Rule
from orgnet.metrics.statuses import STATUSES, Series
from orgnet.vocabulary import VALUED_STATUSES, Basis, Indicator, IndicatorStatus, RecordKind, ScopeType, Status, Trend

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

Said = tuple[int | None, int | None, int | None]
NOTHING: Said = (None, None, None)


def levels_said(low: int | None, high: int | None) -> str:
    """A level, or an interval of levels: `level 2`, `level 2 to 3`."""
    return f"level {low}" if low == high else f"level {low} to {high}"


@dataclass
class Row:
    """One indicator's row for one scope and slice, as it is being decided, or what one kind of evidence says for it.

    `basis` is the kind of evidence that its rules read; `own_rules` are these rules where they are not the declared
    ones for ties. `by_ties` is what ties alone say, once other evidence has had its say; None if they say nothing.
    """

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
    basis: Basis = Basis.TIES
    own_rules: list[Rule] | None = None
    by_ties: Said | None = None

    @property
    def rules(self) -> list[Rule]:
        """The rules that the row is decided by, in order."""
        return self.declared.rules if self.own_rules is None else self.own_rules

    @property
    def said(self) -> Said:
        """The lowest level, the highest, and the proxy level."""
        return self.level_lo, self.level_hi, self.proxy_level

    @property
    def valued(self) -> bool:
        """Whether there is a level, or an interval of levels."""
        return self.level_lo is not None

    @property
    def counted(self) -> int:
        """The people behind the row, or, where it speaks of none, the organisations."""
        return self.n_organisations if self.n_people is None else self.n_people

    def give(self, low: int, high: int) -> "Row":
        """Give a level, or, where the two differ, an interval of levels."""
        self.level_lo, self.level_hi = low, high
        self.level = low if low == high else None
        self.status = IndicatorStatus.ASSESSED if low == high else IndicatorStatus.INTERVAL
        return self

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


def at_slice(series: Mapping[str, Series], number: int, wanted: Iterable[str]) -> dict[str, Measure]:
    """Some measures at one slice."""
    found = {}
    for name in wanted:
        if name in series:
            status = STATUSES[int(series[name].status[number])]
            valued = status in VALUED_STATUSES
            found[name] = Measure(float(series[name].values[number]) if valued else float("nan"), status)
    return found


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


def entry(
    row: Row,
    measure: str,
    value: float | None,
    operator: str | None = None,
    threshold: float | None = None,
    met: bool | None = None,
) -> dict[str, object]:
    """One line of evidence: a measure against a threshold (none if it decides nothing), with what stands behind it."""
    coverage = None if np.isnan(row.coverage) else row.coverage
    return {
        "measure": measure,
        "value": value,
        "operator": operator,
        "threshold": threshold,
        "met": met,
        "n": row.counted,
        "coverage": coverage,
    }


def completeness(kind: RecordKind) -> str:
    """The name under which evidence says whether a kind of record is known to be whole."""
    return f"{kind.value} complete"


def add_evidence(row: Row, known: Known) -> None:
    """Everything that the rules look at: every measure with its thresholds, and what must be known to be whole."""
    for condition in dict.fromkeys(c for rule in row.rules for c in rule.conditions):
        measure = known.measures.get(condition.measure)
        value = None if measure is None or np.isnan(measure.value) else measure.value
        met = None if value is None else condition.holds(value)
        row.evidence.append(entry(row, condition.measure, value, condition.operator, condition.threshold, met))
    for kind in dict.fromkeys(kind for rule in row.rules for kind in rule.requires_complete):
        whole = known.complete.get(kind, False)
        row.evidence.append(entry(row, completeness(kind), float(whole), "==", 1.0, whole))


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
            f"{' and '.join(lacking)} are not known to be complete: no record is not zero",
        )
    return row


def _outcome(rule: Rule) -> str:
    if rule.level is not None:
        return f"level {rule.level}"
    return rule.grade or f"proxy level {rule.proxy}"


def _gives(rule: Rule) -> str:
    if rule.proxy is not None:
        return f"proxy level {rule.proxy}"
    return levels_said(*rule.bounds)


def stated(rules: Sequence[Rule]) -> str:
    """Rules as a sentence that a decision can be redone from: in order, the first that holds decides."""
    parts = []
    for rule in rules:
        joint = " or " if rule.any else " and "
        wanted = [joint.join(map(str, rule.conditions))] if rule.conditions else []
        wanted += [completeness(kind) for kind in rule.requires_complete]
        grade = f" ({rule.grade})" if rule.grade else ""
        parts.append(
            f"{_gives(rule)}{grade} if {', with '.join(wanted)}" if wanted else f"otherwise {_gives(rule)}{grade}"
        )
    return "; ".join(parts)


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
    add_evidence(row, known)
    for rule in row.rules:
        held = applies(rule, known)
        if held is None:
            _undecided(row, rule, known)
            break
        if held:
            _take(row, rule, known)
            break
    else:
        row.refuse(IndicatorStatus.INSUFFICIENT_DATA, "no rule applies to the measures")
    row.reasons.append(f"rule ({row.basis.value}): {stated(row.rules)}")
    return row


def _take(row: Row, rule: Rule, known: Known) -> Row:
    if rule.proxy is not None:
        row.proxy_level, row.status = rule.proxy, IndicatorStatus.PROXY_ONLY
        row.reasons.append(f"proxy level {rule.proxy}: {_said(rule, row.rules, known)}")
        needed = ", ".join(kind.value for kind in row.declared.speaks)
        row.reasons.append(f"a proxy is never a level: a level needs {needed}")
    else:
        low, high = rule.bounds
        row.give(low, high)
        name = f"{rule.grade}: " if rule.grade else ""
        row.reasons.append(f"{name}{_gives(rule)}: {_said(rule, row.rules, known)}")
        if low != high and row.basis == Basis.TIES:
            row.reasons.append("ties show the structure only: where in the interval is for people to say")
    used = [known.measures[c.measure] for rule in row.rules for c in rule.conditions if c.measure in known.measures]
    if any(measure.status == Status.NOMINAL for measure in used):
        row.reasons.append("nominal: presence is taken from the meetings' own times, and may overstate contact")
    return row


def taken_in(rules: Sequence[Rule], values: Mapping[str, Floats], complete: Mapping[RecordKind, bool]) -> Ints:
    """The number of the rule that decides for each of many values of the measures at once; -1 where none can."""
    length = len(next(iter(values.values())))
    taken, untold = np.full(length, -1), np.ones(length, dtype=bool)
    for number, rule in enumerate(rules):
        known = [~np.isnan(values[c.measure]) for c in rule.conditions]
        met = [c.holds(values[c.measure]) & there for c, there in zip(rule.conditions, known, strict=True)]
        missed = [there & ~yes for yes, there in zip(met, known, strict=True)]
        if rule.any:
            holds, fails = np.logical_or.reduce(met), np.logical_and.reduce(missed)
        else:
            holds = np.logical_and.reduce([np.ones(length, dtype=bool), *met])
            fails = np.logical_or.reduce([np.zeros(length, dtype=bool), *missed])
        whole = all(complete.get(kind, False) for kind in rule.requires_complete)
        taken[untold & holds & whole] = number
        untold &= fails  # what cannot be told stops the decision
    return taken


def levels_in(rules: Sequence[Rule], values: Mapping[str, Floats], complete: Mapping[RecordKind, bool]) -> Ints:
    """The levels that rules give to many values of the measures at once; 0 where they give no one level."""
    levels = np.array([0 if rule.level is None else rule.level for rule in rules] + [0])
    return levels[taken_in(rules, values, complete)]
