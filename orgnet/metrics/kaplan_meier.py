"""Kaplan and Meier's estimate of how long spells last, when some began before they were seen and some have not ended.

Each spell is known from age `entry` to age `leave`, in days since it began. Where a spell is seen late (left
truncation) it is not at risk before; where it has not ended (right censoring) it is at risk for as long as it is known.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Z = 1.959963984540054
"""The normal quantile of a two-sided 95 % interval."""
_HALF = 0.5 + 1e-12


@dataclass(frozen=True)
class Curve:
    """One row for each age at which a spell ended or was lost from sight, in order of age.

    `at_risk` are the spells known just before that age; `survival` is the share estimated to last longer than it.
    """

    days: Ints
    at_risk: Ints
    ended: Ints
    censored: Ints
    survival: Floats

    @property
    def median(self) -> float:
        """The first age that no more than half are estimated to outlast; NaN if the curve stays above a half."""
        reached = np.flatnonzero(self.survival <= _HALF)
        return float(self.days[reached[0]]) if len(reached) else float("nan")


def kaplan_meier(entry: Ints, leave: Ints, ended: Flags) -> Curve:
    """The product over ages of 1 - (spells that ended) / (spells at risk), from spells with `entry < leave`.

    Where few are at risk, one early end can decide all that follows: with left truncation most of all.
    Source: Kaplan & Meier 1958, J Am Stat Assoc 53; left truncation as in Klein & Moeschberger 2003, section 4.6.
    """
    days, at = np.unique(leave, return_inverse=True)
    ending = np.bincount(at, weights=ended, minlength=len(days)).astype(np.int64)
    leaving = np.bincount(at, minlength=len(days))
    at_risk = np.searchsorted(np.sort(entry), days) - np.searchsorted(np.sort(leave), days)
    return Curve(days, at_risk, ending, leaving - ending, np.cumprod(1 - ending / at_risk))


def log_log_interval(curve: Curve) -> tuple[Floats, Floats]:
    """A 95 % interval of the share surviving, within 0 to 1: survival ** exp(-+ 1.96 sd / log survival).

    sd ** 2 is Greenwood's sum of ended / (at risk * (at risk - ended)). NaN where the curve is still 1, or 0.
    Source: Kalbfleisch & Prentice 2002, section 1.4.
    """
    left = curve.at_risk - curve.ended
    term = np.divide(curve.ended, curve.at_risk * left, out=np.full(len(left), np.inf), where=left > 0)
    inside = (curve.survival > 0) & (curve.survival < 1)
    log = np.log(np.where(inside, curve.survival, np.nan))
    with np.errstate(invalid="ignore"):
        spread = np.exp(Z * np.sqrt(np.cumsum(term)) / np.abs(log))
    return np.exp(log * spread), np.exp(log / spread)
