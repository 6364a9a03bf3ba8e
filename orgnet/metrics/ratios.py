"""Arithmetic that several metrics share: ratios that may have no value, diversity, inequality, medians within windows."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from orgnet.spells import count

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
OWN = "orgnet definition; see docs/decisions.md"


def ratio(part: NDArray[Any], whole: NDArray[Any]) -> Floats:
    """Part over whole, NaN where the whole is 0."""
    part, whole = np.asarray(part, dtype=np.float64), np.asarray(whole, dtype=np.float64)
    return np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0)


def column_sums(values: NDArray[Any]) -> Any:
    """The sum of each column, row after row, whatever the number of columns, and of rows that add nothing.

    NumPy's own sum adds the rows of several columns one after the other, and a single column in pairs: a slice that is
    measured alone would differ in the last bit from the same slice among others.
    """
    if not len(values):
        return values.sum(axis=0)
    return np.add.accumulate(values, axis=0)[-1]


def shares(counts: NDArray[Any]) -> Floats:
    """Each row's share of its column's sum; 0 where that is 0."""
    return np.nan_to_num(ratio(counts, np.broadcast_to(counts.sum(axis=0), counts.shape)))


def effective_number(share: Floats) -> Floats:
    """exp(H): how many equal shares would be as diverse as those in each column; 1 where there are none."""
    return np.exp(-(share * np.log(np.where(share > 0, share, 1.0))).sum(axis=0))


def gini(counts: NDArray[Any]) -> float:
    """Gini coefficient of some counts: 0 if all are equal; NaN if there is nothing to share out."""
    ordered = np.sort(counts)
    n, total = len(ordered), ordered.sum()
    return float(((2 * np.arange(1, n + 1) - n - 1) * ordered).sum() / (n * total)) if total else float("nan")


def medians(values: Ints, first: Ints, last: Ints, slices: int, by: Ints | None = None) -> Floats:
    """Per slice, the median of whole numbers whose windows hold it, each counted `by` times; NaN if there are none."""
    low, high = int(values.min(initial=0)), int(values.max(initial=0))
    if high - low <= len(values):  # as most counts are: no need to sort
        different, code = np.arange(low, high + 1), values - low
    else:
        different, code = np.unique(values, return_inverse=True)
    return middles(different, count(code, first, last, len(different), slices, by=by))


def middles(values: Ints, times: Ints) -> Floats:
    """The median of each column: `values` in order, each `times` over, of shape (values, columns); NaN for nothing."""
    if not len(values):
        return np.full(times.shape[1], np.nan)
    up_to = times.cumsum(axis=0)
    total = up_to[-1]
    lower, upper = ((up_to < rank).sum(axis=0) for rank in ((total + 1) // 2, total // 2 + 1))
    at = np.minimum([lower, upper], len(values) - 1)
    return np.where(total > 0, values[at].mean(axis=0), np.nan)
