"""The points of a short series that are compared, and the model of segmented regression that they allow."""

from dataclasses import dataclass
from datetime import date
from math import nan

import numpy as np
from numpy.typing import NDArray

from orgnet.windows import Calendar, Step

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

FEWEST = 3
"""Points on either side, to be told anything (EPOC)."""
FEWEST_FOR_SLOPE = 8
"""Points on either side, to be told of a change of slope."""
SEEN_IN_SEASON = 2
"""How often each part of the season must be seen on either side for seasons to be in the model."""


@dataclass(frozen=True)
class Points:
    """The points of a series that are compared, in order of time: step number, value, coverage (NaN unknown), side."""

    step: Ints
    value: Floats
    coverage: Floats
    after: Flags

    @property
    def n_before(self) -> int:
        """How many points are before."""
        return int((~self.after).sum())

    @property
    def n_after(self) -> int:
        """How many points are after."""
        return int(self.after.sum())

    @property
    def fewest(self) -> int:
        """The number of points on the side that has fewer."""
        return min(self.n_before, self.n_after)


@dataclass(frozen=True)
class Design:
    """The model of a series, one row per point: which column is the change of level, and of slope (None if not told).

    `season` is the length of a season in steps, 1 if there are none in the model.
    """

    columns: Floats
    level: int
    slope: int | None
    season: int
    reasons: tuple[str, ...] = ()


def steps_within(steps: Calendar, start: date, end: date) -> Flags:
    """The steps that lie wholly in `[start, end)` and that the period's end does not cut short."""
    first, after = (int(np.datetime64(day, "D").astype(np.int64)) for day in (start, end))
    return (steps.starts >= first) & (steps.ends <= after) & steps.whole


def steps_in_year(step: Step) -> int:
    """How many steps a year has; 0 if they do not fill it, and so seasons cannot be told by counting steps."""
    return 12 // step.months if step.months and 12 % step.months == 0 else 0


def take_points(values: Floats, before: Flags, after: Flags, coverage: Floats | None = None) -> Points:
    """The points of a series that lie before or after and have a value; all arrays have one entry per step."""
    at = np.flatnonzero((before | after) & ~np.isnan(values))
    known = np.full(len(at), nan) if coverage is None else coverage[at]
    return Points(at, values[at], known, after[at])


def season_of(points: Points, steps_a_year: int) -> int:
    """The longest season that the points allow: a year, half a year or a quarter, in steps; 1 if none.

    Each part of it must have been seen twice before and twice after, so that a season is not taken for a change, and
    twice as many points as the model has columns must be there.
    """
    for parts in (1, 2, 4):
        season = steps_a_year // parts
        columns = 3 + (points.fewest >= FEWEST_FOR_SLOPE) + season - 1
        if steps_a_year % parts or season < 2 or len(points.step) < 2 * columns:
            continue
        seen = [np.bincount(points.step[side] % season, minlength=season) for side in (points.after, ~points.after)]
        if min(each.min() for each in seen) >= SEEN_IN_SEASON:
            return season
    return 1


def _covered(columns: Floats, coverage: Floats) -> tuple[Floats, list[str]]:
    """The columns with coverage beside them, where it is known and varies; and what there is to say of it."""
    if np.isnan(coverage).any() or np.ptp(coverage) < 1e-9:
        return columns, []
    wider = np.column_stack([columns, coverage])
    if np.linalg.matrix_rank(wider) < wider.shape[1]:
        return columns, [
            "coverage changes with the phases: a change of what happened cannot be told from one of records"
        ]
    return wider, ["coverage varies and is in the model"]


def make_design(points: Points, steps_a_year: int = 0) -> Design:
    """The model that the points allow. Without the number of steps in a year no seasons are looked for."""
    step, after = points.step, points.after
    since = np.where(after, step - step[after].min(initial=step.max(initial=0)), 0)
    columns = [np.ones(len(step)), step - step.min(initial=0), after]
    reasons = []
    if points.fewest >= FEWEST_FOR_SLOPE:
        columns.append(since)
    else:
        reasons.append(
            f"fewer than {FEWEST_FOR_SLOPE} points on a side: a change of slope is not told from one of level"
        )
    season = season_of(points, steps_a_year) if steps_a_year else 1
    columns += [step % season == part for part in range(1, season)]
    matrix, told = _covered(np.column_stack(columns).astype(np.float64), points.coverage)
    slope = 3 if points.fewest >= FEWEST_FOR_SLOPE else None
    return Design(matrix, 2, slope, season, (*reasons, *told))
