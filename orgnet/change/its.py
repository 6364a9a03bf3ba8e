"""Segmented regression of one short series, interrupted at a known date: by how much did its level and slope change?

The model, over the steps before and after (a transition between them is left out):

    y_t = b0 + b1 t + b2 D_t + b3 (t - T1) D_t + seasons + c coverage_t + e_t

D is 1 from the first step after (T1) on. b2 is the change of level at T1, against where the line before would have got to;
b3 the change of slope, per step. Ordinary least squares with Newey-West errors, after Wagner et al. 2002 J Clin Pharm Ther,
Turner et al. 2021 BMC Med Res Methodol. These errors are too small in short series: a p-value by permutation
(`orgnet.change.permutation`) belongs beside them.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from orgnet.change.design import FEWEST, Design, Points, make_design

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

CORRELATED = 0.25
"""Neighbouring residuals this much alike (a Durbin-Watson statistic of about 1.5) call for a warning."""

STILL = 1e-12
"""Values that differ by less than this are one value."""


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


def lags(n: int) -> int:
    """How many lags Newey-West errors look back: floor(4 (n/100)^(2/9)) (Newey & West 1994 Rev Econ Stud)."""
    return int(4 * (n / 100) ** (2 / 9))


def neighbours_alike(residuals: Floats, step: Ints) -> float:
    """The correlation of residuals one step apart, -1 to 1; steps on either side of a gap are not neighbours."""
    near = np.flatnonzero(np.diff(step) == 1)
    total = (residuals**2).mean()
    return float((residuals[near] * residuals[near + 1]).mean() / total) if len(near) and total > 0 else float("nan")


def _refused(points: Points, reason: str) -> Interrupted:
    return Interrupted(None, None, points.n_before, points.n_after, "segmented regression refused", [reason])


def _method(design: Design, n: int) -> str:
    changes = "level" if design.slope is None else "level and slope"
    seasons = f", seasons of {design.season} steps" if design.season > 1 else ""
    return f"segmented regression of {changes}{seasons}; least squares, Newey-West errors with {lags(n)} lags"


def _unvarying(points: Points, design: Design) -> Interrupted:
    none = Estimate(0.0, float("nan"), float("nan"), 1.0)
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
    if np.ptp(points.value) < STILL:
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

    level, slope = estimate(design.level), estimate(design.slope)
    return Interrupted(level, slope, points.n_before, points.n_after, _method(design, len(points.step)), reasons)
