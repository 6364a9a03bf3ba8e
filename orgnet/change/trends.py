"""Series of what happened, before and after: step, slope and means, each with a p-value by permutation.

Windows say how things stand at the end of a period; a series says when they changed, and whether they were on their way
already. What is in the model and what is refused is told in `orgnet.change.design`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import isnan
from typing import Any

import numpy as np
import pyarrow as pa

from orgnet.change.activity import Floats, make_steps
from orgnet.change.change_points import change_points
from orgnet.change.comparisons import Comparison
from orgnet.change.design import Points, steps_in_year, steps_within, take_points
from orgnet.change.intervals import adjusted
from orgnet.change.its import STILL, Estimate
from orgnet.change.judged import Judged, judge
from orgnet.change.permutation import Permuted
from orgnet.config import Config
from orgnet.vocabulary import ChangeMethod, Trend
from orgnet.windows import Calendar, parse_step

Row = dict[str, Any]
Key = tuple[str, str, str]


@dataclass(frozen=True)
class Series:
    """One series of the `activity` table over the steps of a period; NaN where it has no value."""

    values: Floats
    coverage: Floats


def read_series(activity: pa.Table, steps: Calendar) -> dict[Key, Series]:
    """Every series, by its table, entity and metric."""
    at = {each.start: number for number, each in enumerate(steps.slices)}
    found: dict[Key, Series] = {}
    names = ["measure_table", "entity", "metric", "period_start", "value", "coverage"]
    for row in zip(*activity.select(names).to_pydict().values(), strict=True):
        table, entity, metric, start, value, coverage = row
        empty = Series(np.full(len(steps), np.nan), np.full(len(steps), np.nan))
        series = found.setdefault((table, entity, metric), empty)
        series.values[at[start]] = np.nan if value is None else value
        series.coverage[at[start]] = np.nan if coverage is None else coverage
    return found


def compare_series(
    activity: pa.Table, comparisons: Sequence[Comparison], config: Config, better: Mapping[str, int]
) -> list[Row]:
    """Every series in every comparison of two periods, as rows of `changes` (with the comparison's number)."""
    steps = make_steps(config, parse_step(config.change.series_step))
    series = read_series(activity, steps)
    rows = [
        row
        for number, comparison in enumerate(comparisons)
        if comparison.days is not None
        for key, one in sorted(series.items())
        for row in _compared(number, comparison.days, key, one, steps, config)
    ]
    return list(decided(rows, config, better))


def _compared(
    number: int,
    days: tuple[tuple[date, date], tuple[date, date]],
    key: Key,
    one: Series,
    steps: Calendar,
    config: Config,
) -> Iterator[Row]:
    before, after = (steps_within(steps, *each) for each in days)
    points = take_points(one.values, before, after, one.coverage)
    shared = {
        "comparison": number,
        **dict(zip(("measure_table", "entity", "metric"), key, strict=True)),
        "layer": "",
        "n_before": points.n_before,
        "n_after": points.n_after,
        **_means(points),
        "unlike": _unlike(points, config.change.coverage_tolerance),
        "still": len(points.value) > 0 and bool(np.ptp(points.value) < STILL),
    }
    judged = judge(points, steps_in_year(steps.window), config.uncertainty.seed, config.change.permutations)
    yield from ({**shared, **row} for row in _told(judged))
    if config.change.change_points:
        yield {**shared, **_found_points(points, steps)}


def _means(points: Points) -> Row:
    sides = [points.value[side] for side in (~points.after, points.after)]
    means = [float(side.mean()) if len(side) else None for side in sides]
    return {"value_before": means[0], "value_after": means[1]}


def _unlike(points: Points, tolerance: float) -> str | None:
    """Why the two sides rest on unlike records, if they do."""
    shares = [points.coverage[side] for side in (~points.after, points.after)]
    if not all(len(side) for side in shares):
        return None
    known = [not np.isnan(side).any() for side in shares]
    if known[0] != known[1]:
        return "coverage is known on one side only"
    if not known[0]:
        return None
    lowest = [float(side.mean()) for side in shares]
    told = f"coverage is {lowest[0]:.1%} before and {lowest[1]:.1%} after, on average"
    return told if abs(lowest[0] - lowest[1]) > tolerance + 1e-9 else None


def _told(judged: Judged) -> Iterator[Row]:
    """Step, slope and means, as far as the series allows; a refusal stands in the place of the step."""
    regression = judged.regression
    if regression.level is None:
        yield {"method": ChangeMethod.ITS_LEVEL.value, "reasons": [*regression.reasons, regression.method]}
    else:
        told = [regression.method, *regression.reasons]
        yield _estimated(ChangeMethod.ITS_LEVEL, regression.level, judged.level, told)
    if regression.slope is not None:
        yield _estimated(ChangeMethod.ITS_SLOPE, regression.slope, judged.slope, [regression.method])
    if judged.difference is not None and not isnan(judged.difference.observed):
        yield {
            "method": ChangeMethod.BLOCK_PERMUTATION.value,
            "difference": judged.difference.observed,
            "p_value": _number(judged.difference.p_value),
            "reasons": [judged.difference.method],
        }


def _number(value: float) -> float | None:
    return None if isnan(value) else value


def _estimated(method: ChangeMethod, estimate: Estimate, permuted: Permuted | None, told: Sequence[str]) -> Row:
    reasons = [*told, f"p of the regression itself: {estimate.p_value:.3g}"]
    if permuted is not None:
        reasons.append(f"p_value by {permuted.method}")
    return {
        "method": method.value,
        "difference": _number(estimate.value),
        "ci_low": _number(estimate.ci_low),
        "ci_high": _number(estimate.ci_high),
        "p_value": None if permuted is None else _number(permuted.p_value),
        "reasons": reasons,
    }


def _found_points(points: Points, steps: Calendar) -> Row:
    days = [steps.slices[step].start.isoformat() for step in change_points(points).tolist()]
    told = f"it seems to change on {', '.join(days)}" if days else "no change point is found"
    return {"method": ChangeMethod.CHANGE_POINT.value, "reasons": [f"{told}; descriptive only"]}


def decided(rows: Iterable[Row], config: Config, better: Mapping[str, int]) -> Iterator[Row]:
    """The rows with q-values (one family for each comparison and method) and verdicts."""
    families: dict[tuple[int, str], list[Row]] = {}
    for row in rows:
        families.setdefault((row["comparison"], row["method"]), []).append(row)
    for family in families.values():
        tested = [row for row in family if row.get("p_value") is not None and not row.get("unlike")]
        for row, q_value in zip(tested, adjusted(row["p_value"] for row in tested), strict=True):
            row["q_value"] = float(q_value)
        yield from (_with_verdict(row, config, better) for row in family)


def _with_verdict(row: Row, config: Config, better: Mapping[str, int]) -> Row:
    verdict, reason = _verdict(row, config, better)
    row.pop("still", None)
    if row.pop("unlike", None):
        row.update(ci_low=None, ci_high=None, p_value=None, q_value=None)
    return {**row, "verdict": verdict.value, "reasons": [*([reason] if reason else []), *row["reasons"]]}


def _verdict(row: Row, config: Config, better: Mapping[str, int]) -> tuple[Trend, str | None]:
    if row.get("unlike"):
        return Trend.NOT_COMPARABLE, row["unlike"]
    difference, q_value = row.get("difference"), row.get("q_value")
    if difference is None:
        descriptive = row["method"] == ChangeMethod.CHANGE_POINT.value
        return (Trend.UNCLEAR if descriptive else Trend.NOT_COMPARABLE), None
    if row.get("still"):
        return Trend.UNCHANGED, "the same throughout"
    if q_value is None:
        return Trend.UNCLEAR, "no test can be made: there is nothing to exchange"
    if q_value > config.change.false_discovery_rate:
        return Trend.UNCLEAR, "no more than chance would give"
    rose = "rose" if difference > 0 else "fell"
    direction = better.get(row["metric"])
    if direction is None:
        return Trend.UNCLEAR, f"it {rose} by more than chance; neither way is declared better"
    return (Trend.IMPROVED if direction * difference > 0 else Trend.WORSENED), f"it {rose} by more than chance"
