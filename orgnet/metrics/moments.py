"""What chance would give when labels are dealt out at random among people, ties left as they are: exact moments.

A set of n of N people is any of them with the same chance. How many ties lie within it, and how many lead out of it, has
a mean and a variance over all ways to deal the labels out; both follow from four numbers: N, n, the ties m, and the sum
of squared degrees. Nothing is drawn at random.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from orgnet.metrics.ratios import column_sums

Floats = NDArray[np.float64]
Numbers = NDArray[Any]
NO_VARIANCE = 1e-10
"""A variance this small beside the square of the mean and the number of ties is what rounding leaves of none."""


def falling(n: Numbers, k: int) -> Floats:
    """n (n - 1) ... (n - k + 1)."""
    product = np.ones(np.shape(n))
    for step in range(k):
        product = product * np.maximum(np.asarray(n, dtype=np.float64) - step, 0)
    return product


def _over(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.zeros(np.broadcast(part, whole).shape), where=whole > 0)


def _variance(square: Floats, mean: Floats) -> Floats:
    found = square - mean * mean
    return np.where(found > NO_VARIANCE * np.maximum(square, 1), found, 0.0)


def score(found: Numbers, mean: Floats, variance: Floats) -> Floats:
    """How far what was found is from its mean, in standard deviations; NaN if nothing else was possible."""
    known = variance > 0
    return np.where(known, (found - mean) / np.sqrt(np.where(known, variance, 1.0)), np.nan)


def out_less_in(size: Numbers, people: Numbers, ties: Numbers, squares: Numbers) -> tuple[Floats, Floats]:
    """Mean and variance of (ties out of a set of `size` people) - (ties within it).

    With X_i = 1 for members, ties within are I = sum over ties of X_i X_j, and ties out are D - 2 I with
    D = sum_i d_i X_i; so it is D - 3 I.
    """
    one, two, three, four = (_over(falling(size, k), falling(people, k)) for k in (1, 2, 3, 4))
    m, squares = np.asarray(ties, dtype=np.float64), np.asarray(squares, dtype=np.float64)
    touching = squares - 2 * m  # ordered pairs of ties that share one person
    mean = 2 * m * one - 3 * m * two
    d_squared = squares * one + (4 * m * m - squares) * two
    d_times_i = squares * two + (2 * m * m - squares) * three
    i_squared = m * two + touching * three + (m * (m - 1) - touching) * four
    return mean, _variance(d_squared - 6 * d_times_i + 9 * i_squared, mean)


def within(sizes: Numbers, people: Numbers, ties: Numbers, squares: Numbers) -> tuple[Floats, Floats]:
    """Mean and variance of the ties between people of the same label; `sizes` has one row per label."""
    m, squares = np.asarray(ties, dtype=np.float64), np.asarray(squares, dtype=np.float64)
    touching = squares - 2 * m
    twos = falling(sizes, 2)
    # Two ties without a person in common: both of one label, or one of one and one of another.
    both = column_sums(falling(sizes, 4)) + column_sums(twos) ** 2 - column_sums(twos**2)
    two = _over(column_sums(twos), falling(people, 2))
    three = _over(column_sums(falling(sizes, 3)), falling(people, 3))
    four = _over(both, falling(people, 4))
    mean = m * two
    return mean, _variance(m * two + touching * three + (m * (m - 1) - touching) * four, mean)
