"""Which levels move if a choice had been made otherwise: a threshold, the window, what counts as meeting, missing records.

The thresholds are declared defaults and the records are never whole, so that a level that a small change would move
should not carry much. Every variation changes one thing and scores again; nothing of it feeds back into a level.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import floor
from typing import Any

import numpy as np
import pyarrow as pa

from orgnet import store
from orgnet.config import Config
from orgnet.indicators.conduct_replicates import replicate_conduct
from orgnet.indicators.confidence import Drawn
from orgnet.indicators.damour import Condition, Damour, Rule
from orgnet.indicators.draws import as_recorded, miss_meetings, miss_people
from orgnet.indicators.evidence import Evidence, Floats
from orgnet.indicators.group_windows import window_of
from orgnet.indicators.replicates import replicate
from orgnet.indicators.rules import NOTHING, Row, Said, taken_in
from orgnet.indicators.score import score_indicators
from orgnet.metrics.conduct import observe
from orgnet.metrics.groups import measure_groups
from orgnet.metrics.scopes import measure_scopes
from orgnet.metrics.series import measure_conduct
from orgnet.records.coverage import make_coverage
from orgnet.records.organisations import make_roster
from orgnet.records.read import Records
from orgnet.ties.make import make_ties
from orgnet.vocabulary import Indicator, ScopeType
from orgnet.windows import Calendar

FACTORS = (0.75, 1.25)
MISSING = (0.1, 0.2, 0.3)
ROBUST = 0.95
"""An indicator is called robust if at least this share of variations and slices leave its level as it is."""
_Key = tuple[Indicator, ScopeType, str, str]


@dataclass(frozen=True)
class Variation:
    """One row's level under one variation; `kept` is the share of draws that keep it, where records were left out."""

    row: Row
    varied: str
    setting: str
    said: Said
    kept: float

    @property
    def moved(self) -> bool | None:
        """Whether the level, interval or proxy is another; None if there is none to be had under the variation."""
        if self.said == NOTHING:
            return None
        return self.said != (self.row.said if np.isnan(self.kept) else self.row.by_ties)


def _key(row: Row, calendar: Calendar) -> _Key:
    return row.indicator, row.scope_type, row.scope_id, calendar.slices[row.slice].label


def _compared(
    rows: Iterable[Row], again: Sequence[Row], calendar: Calendar, varied: str, setting: str
) -> Iterator[Variation]:
    """Rows that tell something, each beside what it would say."""
    found = {_key(row, calendar): row for row in again}
    for row in rows:
        other = found.get(_key(row, calendar))
        if other is not None and row.said != NOTHING:
            yield Variation(row, varied, setting, other.said, float("nan"))


def _scaled(condition: Condition, factor: float) -> str:
    return f"{condition.measure} {condition.operator} {condition.threshold * factor:.12f}"


def _changed(rules: Sequence[Rule], condition: Condition, factor: float) -> list[Rule]:
    """Rules with one condition's threshold scaled, wherever it stands."""

    def of(texts: list[str], conditions: list[Condition]) -> list[str]:
        pairs = zip(texts, conditions, strict=True)
        return [_scaled(each, factor) if each == condition else text for text, each in pairs]

    return [
        rule.model_copy(
            update={
                "all": of(rule.all, rule.conditions if rule.all else []),
                "any": of(rule.any, rule.conditions if rule.any else []),
            }
        )
        for rule in rules
    ]


def thresholds(damour: Damour) -> Iterator[tuple[Indicator, str, Damour]]:
    """Every threshold of every rule moved by a quarter either way: the indicator, what is moved to what, the rules.

    A threshold of 0, and one that is to be met exactly, such as a rank, has no quarter to move by.
    """
    for name, declared in damour.indicators.items():
        spoken = damour.survey.rules.get(declared.survey or "", [])
        for condition in dict.fromkeys(
            c for r in (*declared.rules, *declared.documents, *spoken) for c in r.conditions
        ):
            if condition.threshold == 0 or condition.operator == "==":
                continue
            for factor in FACTORS:
                changed = declared.model_copy(
                    update={
                        "rules": _changed(declared.rules, condition, factor),
                        "documents": _changed(declared.documents, condition, factor),
                    }
                )
                rules = dict(damour.survey.rules)
                if declared.survey:
                    rules[declared.survey] = _changed(spoken, condition, factor)
                survey = damour.survey.model_copy(update={"rules": rules})
                varied = damour.model_copy(
                    update={"survey": survey, "indicators": {**damour.indicators, name: changed}}
                )
                yield name, f"{condition} at {condition.threshold * factor:.4g}", varied


def _by_threshold(rows: Sequence[Row], evidence: Evidence) -> Iterator[Variation]:
    by_indicator = {name: [row for row in rows if row.indicator == name] for name in Indicator}
    for name, setting, damour in thresholds(evidence.damour):
        again = score_indicators(evidence.under(damour), (name,))
        yield from _compared(by_indicator[name], again, evidence.calendar, "threshold", setting)


def settings(config: Config) -> Iterator[tuple[str, str, Config]]:
    """Other windows, numbers of contacts, minimum overlaps and projections than the network's own."""
    for window in ("6 months", "12 months", "18 months"):
        if config.slices.window != window:
            rule = config.slices.model_copy(update={"window": window})
            yield "window", window, config.model_copy(update={"slices": rule})
    own = config.ties
    others: list[tuple[str, Any]] = [
        *(("acquainted_after", k) for k in (1, 2, 3)),
        *(("min_overlap_minutes", own.min_overlap_minutes * factor) for factor in FACTORS),
        *(("projection", name) for name in ("newman", "count", "hours")),
    ]
    for name, value in others:
        if getattr(own, name) != value:
            yield (
                name,
                f"{value:g}" if isinstance(value, float) else str(value),
                config.model_copy(update={"ties": own.model_copy(update={name: value})}),
            )


def measure_again(config: Config, records: Records, damour: Damour) -> Evidence:
    """All that indicators are scored from, with other settings."""
    calendar = config.calendar
    roster = make_roster(records, calendar)
    coverage = make_coverage(records, roster, calendar)
    ties = make_ties(records, config, calendar)
    groups = measure_groups(ties, records, roster, coverage, config, calendar)
    seen = observe(records, ties, roster, calendar, config.ties.standing_meetings_per_year)
    conduct = measure_conduct(seen, records, roster, coverage)
    scopes = measure_scopes(seen, ties, records, roster, coverage, config, calendar)
    return Evidence(config, damour, records, roster, coverage, calendar, groups, conduct, scopes=scopes)


def _by_setting(rows: Sequence[Row], evidence: Evidence) -> Iterator[Variation]:
    for varied, setting, config in settings(evidence.config):
        again = score_indicators(measure_again(config, evidence.records, evidence.damour))
        yield from _compared(rows, again, evidence.calendar, varied, setting)


def by_missing_records(rows: Sequence[Row], evidence: Evidence, drawn: Drawn) -> Iterator[Variation]:
    """What ties say, with a share of the window's meetings left out; of professional groups, also of their people.

    Rows of further scopes (`by_ties`) are left as they are: there are no draws of their measures.
    """
    told = [row for row in rows if row.by_ties is not None and row.declared.rules]
    numbers = {name: number for number, name in enumerate(evidence.groups.groups)}
    of_network = [
        row for row in told if row.declared.scope == ScopeType.NETWORK and row.scope_type == ScopeType.NETWORK
    ]
    of_groups = [row for row in told if row.declared.scope == ScopeType.GROUP and row.scope_type == ScopeType.GROUP]

    draws = evidence.config.uncertainty.replicates, evidence.config.uncertainty.seed

    def of_slice(number: int) -> list[Variation]:
        diary = drawn.groups.diary
        once, fewer = as_recorded(diary, number), [miss_meetings(diary, number, share, *draws) for share in MISSING]
        found = []
        for share, times in zip(MISSING, fewer, strict=True):
            values = replicate_conduct(drawn.conduct, number, times)
            mine = [row for row in of_network if row.slice == number]
            found += [_most(row, "missing_meetings", share, values, evidence) for row in mine]
        for name in sorted({row.scope_id for row in of_groups if row.slice == number}):
            window = window_of(drawn.groups, numbers[name], number)
            mine = [row for row in of_groups if (row.slice, row.scope_id) == (number, name)]
            for share, times in zip(MISSING, fewer, strict=True):
                kept = miss_people(window.candidates, numbers[name], number, share, *draws)
                meetings, people = replicate(window, times), replicate(window, once, kept)
                for varied, values in (("missing_meetings", meetings), ("missing_people", people)):
                    found += [_most(row, varied, share, values, evidence) for row in mine]
        return found

    with ThreadPoolExecutor(evidence.config.compute.workers) as threads:
        for variations in threads.map(of_slice, sorted({row.slice for row in (*of_network, *of_groups)})):
            yield from variations


def _most(row: Row, varied: str, share: float, values: Mapping[str, Floats], evidence: Evidence) -> Variation:
    """What most draws say (of a tie, what the earlier rule gives), and the share that say what the records say."""
    rules = row.declared.rules
    taken = taken_in(rules, values, evidence.complete(row.slice))
    given = [(*(rule.bounds if rule.proxy is None else (None, None)), rule.proxy) for rule in rules] + [(None,) * 3]
    kept = np.array([said == row.by_ties for said in given])[taken]
    said = (
        given[int(np.bincount(taken[taken >= 0], minlength=len(rules)).argmax())] if (taken >= 0).any() else given[-1]
    )
    return Variation(row, varied, f"{share:.0%}", said, float(kept.mean()))


def vary(rows: Sequence[Row], evidence: Evidence, drawn: Drawn | None) -> list[Variation]:
    """Every variation that the network asks for (`uncertainty.sensitivity`) of every row that tells something."""
    wanted = evidence.config.uncertainty.sensitivity
    found: list[Variation] = []
    if wanted != "none":
        found += _by_threshold(rows, evidence)
    if wanted == "all":
        found += _by_setting(rows, evidence)
        if drawn is not None:
            found += by_missing_records(rows, evidence, drawn)
    return found


def sensitivity_table(variations: Sequence[Variation], calendar: Calendar) -> pa.Table:
    """The `sensitivity` table."""
    columns: dict[str, object] = {
        "slice": np.array([v.row.slice for v in variations], dtype=np.int64),
        "indicator": [v.row.indicator.value for v in variations],
        "scope_type": [v.row.scope_type.value for v in variations],
        "scope_id": [v.row.scope_id for v in variations],
        "varied": [v.varied for v in variations],
        "setting": [v.setting for v in variations],
        "level_lo": [v.said[0] for v in variations],
        "level_hi": [v.said[1] for v in variations],
        "proxy_level": [v.said[2] for v in variations],
        "moved": [v.moved for v in variations],
        "kept_share": np.array([v.kept for v in variations], dtype=np.float64),
    }
    return store.sorted_by_key("sensitivity", store.table("sensitivity", columns, calendar))


def _steadiness(variation: Variation) -> float:
    """1 if the level stays, 0 if it moves; of draws, the share that keep it; NaN where nothing can be told."""
    if not np.isnan(variation.kept):
        return variation.kept
    return float("nan") if variation.moved is None else float(not variation.moved)


def robustness_table(variations: Sequence[Variation]) -> pa.Table:
    """The `robustness` table: one line for each indicator and scope."""
    scopes: dict[tuple[str, str, str], list[Variation]] = {}
    for each in variations:
        scopes.setdefault((each.row.indicator.value, each.row.scope_type.value, each.row.scope_id), []).append(each)
    columns: dict[str, list[object]] = {
        name: []
        for name in ("indicator", "scope_type", "scope_id", "n_variations", "steady_share", "robust", "reasons")
    }
    for (indicator, scope_type, scope_id), mine in sorted(scopes.items()):
        steady = np.array([_steadiness(each) for each in mine])
        told = ~np.isnan(steady)
        kept = float(steady[told].mean()) if told.any() else float("nan")
        robust = bool(kept >= ROBUST) if told.any() else None
        values = (indicator, scope_type, scope_id, int(told.sum()), kept, robust, _why(mine, steady, kept))
        for name, value in zip(columns, values, strict=True):
            columns[name].append(value)
    steady_share = np.array(columns["steady_share"], dtype=np.float64)
    return store.table("robustness", {**columns, "steady_share": steady_share})


def _why(variations: Sequence[Variation], steady: np.ndarray, kept: float) -> list[str]:
    """The summary in words, and the variations that move the level most."""
    if np.isnan(kept):
        return ["no variation could be told"]
    robust, share = "robust" if kept >= ROBUST else "not robust", floor(kept * 100 + 1e-9)  # 94.8 % must not read as 95
    said = [f"{robust}: {share}% of variations and slices leave the level as it is"]
    by: dict[str, list[float]] = {}
    for each, value in zip(variations, steady.tolist(), strict=True):
        if not np.isnan(value):
            by.setdefault(f"{each.varied}: {each.setting}", []).append(value)
    movers = sorted((float(np.mean(values)), name) for name, values in by.items())
    return said + [f"{name} moves it in {1 - share:.0%} of slices" for share, name in movers[:3] if share < 1 - 1e-9]
