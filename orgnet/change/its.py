"""Segmented regression of one short series, interrupted at a known date: by how much did its level and slope change?

The model, over the steps before and after (a transition between them is left out):

    y_t = b0 + b1 t + b2 D_t + b3 (t - T1) D_t + seasons + c coverage_t + e_t

D is 1 from the first step after (T1) on. b2 is the change of level at T1, against where the line before would have got to;
b3 the change of slope, per step. Ordinary least squares with Newey-West errors, after Wagner et al. 2002 J Clin Pharm Ther,
Turner et al. 2021 BMC Med Res Methodol. These errors are too small in short series: a p-value by permutation
(`orgnet.change.permutation`) belongs beside them.
"""

from dataclasses import dataclass, replace
from math import nan

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

FEWEST = 3
"""Points on either side, to be told anything (EPOC)."""
FEWEST_FOR_SLOPE = 8
"""Points on either side, to be told of a change of slope."""
SEEN_IN_SEASON = 2
"""How often each part of the season must be seen on either side for seasons to be in the model."""
CORRELATED = 0.25
"""Neighbouring residuals this much alike (a Durbin-Watson statistic of about 1.5) call for a warning."""


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


@dataclass(frozen=True)
class Estimate:
    """A change with its 95 % interval and p-value (NaN where there is none)."""

    value: float
    ci_low: float
    ci_high: float
    p_value: float


@dataclass(frozen=True)
class Interrupted:
    """What segmented regression says of a series; no change is told (None) where it was refused, and `reasons` say why.

    The level's change is in the unit of the series, the slope's in that unit per step.
    """

    level: Estimate | None
    slope: Estimate | None
    n_before: int
    n_after: int
    method: str
    reasons: list[str]


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


def lags(n: int) -> int:
    """How many lags Newey-West errors look back: floor(4 (n/100)^(2/9)) (Newey & West 1994 Rev Econ Stud)."""
    return int(4 * (n / 100) ** (2 / 9))


def neighbours_alike(residuals: Floats, step: Ints) -> float:
    """The correlation of residuals one step apart, -1 to 1; steps on either side of a gap are not neighbours."""
    near = np.flatnonzero(np.diff(step) == 1)
    total = (residuals**2).mean()
    return float((residuals[near] * residuals[near + 1]).mean() / total) if len(near) and total > 0 else nan


def _refused(points: Points, reason: str) -> Interrupted:
    return Interrupted(None, None, points.n_before, points.n_after, "segmented regression refused", [reason])


def _method(design: Design, n: int) -> str:
    changes = "level" if design.slope is None else "level and slope"
    seasons = f", seasons of {design.season} steps" if design.season > 1 else ""
    return f"segmented regression of {changes}{seasons}; least squares, Newey-West errors with {lags(n)} lags"


def _unvarying(points: Points, design: Design) -> Interrupted:
    none = Estimate(0.0, nan, nan, 1.0)
    reasons = [*design.reasons, "every point has the same value"]
    slope = None if design.slope is None else none
    return Interrupted(none, slope, points.n_before, points.n_after, _method(design, len(points.step)), reasons)


def interrupted(points: Points, steps_a_year: int = 0) -> Interrupted:
    """The change of level and slope of a series. Refused with fewer than three points on a side."""
    from statsmodels.regression.linear_model import OLS  # a second to load: only when it is needed

    if points.fewest < FEWEST:
        found = f"{points.n_before} points before and {points.n_after} after"
        return _refused(points, f"{found}; at least {FEWEST} on either side are needed")
    design = make_design(points, steps_a_year)
    spare = len(points.step) - design.columns.shape[1]
    if spare < 1 or np.linalg.matrix_rank(design.columns) < design.columns.shape[1]:
        return _refused(points, "the points do not tell the parts of the model apart")
    if np.ptp(points.value) < 1e-12:
        return _unvarying(points, design)
    options = {"maxlags": lags(len(points.step)), "use_correction": True}
    fit = OLS(points.value, design.columns).fit(cov_type="HAC", cov_kwds=options, use_t=True)
    interval = fit.conf_int(0.05)
    reasons = list(design.reasons)
    alike = neighbours_alike(fit.resid, points.step)
    if alike > CORRELATED:
        reasons.append(f"neighbouring residuals are alike (r = {alike:.2f}): Newey-West intervals are too narrow then")

    def estimate(column: int | None) -> Estimate | None:
        if column is None:
            return None
        return Estimate(*(float(each) for each in (fit.params[column], *interval[column], fit.pvalues[column])))

    found = Interrupted(None, None, points.n_before, points.n_after, _method(design, len(points.step)), reasons)
    return replace(found, level=estimate(design.level), slope=estimate(design.slope))
