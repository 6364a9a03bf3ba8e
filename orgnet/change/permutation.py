"""Is a change more than chance? P-values from the records themselves, put into other orders.

Every p-value is the share of arrangements, the observed one included, that differ at least as much as what was observed:
with N others the smallest possible is 1/(N + 1). All arrangements are gone through if there are at most 10,000; else they
are drawn from a seed.

**A change of level or slope** (`p_of_change`): the residuals of the model without the change are exchanged in blocks of a
quarter, added to what that model fits, and the whole model is fitted again; its t statistic is compared
(Freedman & Lane 1983 J Bus Econ Stat; Winkler et al. 2014 NeuroImage for blocks). A fit takes most from long blocks, so
each block's residuals are first given back what it took (Bell & McCaffrey 2002 Surv Methodol); without that, white noise
was called a change in 8 to 14 of 100 series. The test was chosen by its measured size and power:
docs/series_before_and_after.md has the figures of this one and of the others tried.
**Before against after** (`p_of_difference`): the difference of means, its values exchanged in blocks that cover the season,
as there is no model to take it out; a trend that was there all along counts as a difference.
**One group against another** (`p_of_groups`): labels are dealt out again among the people of each organisation, so that
differences between organisations are none between groups.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, product
from math import comb, nan, prod

import numpy as np
from numpy.typing import NDArray

from orgnet.change.arrangements import MOST_LISTED, alike, arrange, block_length
from orgnet.change.design import Design, Points, season_of
from orgnet.indicators.draws import CELLS_AT_ONCE, parts

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
DRAWS = 1999
"""Arrangements drawn where there are too many to list."""
_AS_MUCH = 1 - 1e-9
"""Statistics that differ by less than rounding are equal."""
_ROUNDING = 1e-12
"""A difference of means that is a smaller share than this of the largest value is none."""
_NOTHING = 1e-8
"""A share of variance that is nothing but rounding."""


@dataclass(frozen=True)
class Permuted:
    """A p-value by permutation, the statistic observed, and how many other arrangements (`n`) it is from.

    NaN where nothing could be exchanged. `exact`: they were all gone through. `block`: steps exchanged as one, 1 of people.
    """

    p_value: float
    observed: float
    n: int
    exact: bool
    block: int

    @property
    def method(self) -> str:
        """How it came about, in words."""
        how = "all" if self.exact else "drawn"
        blocks = f" in blocks of {self.block} steps" if self.block > 1 else ""
        return f"permutation{blocks}, {self.n} other arrangements ({how})"


def share_as_much(statistics: Floats, observed: float) -> float:
    """The share of statistics that are as large as the observed one, whatever their sign; it is one of them."""
    return float((np.abs(statistics) >= abs(observed) * _AS_MUCH).mean())


def _unrounded(differences: Floats, values: Floats) -> Floats:
    """Differences of means of some values, 0 where they are nothing but rounding: else its size would be tested."""
    return np.where(np.abs(differences) > _ROUNDING * np.abs(values).max(initial=0), differences, 0.0)


def _t_statistics(residuals: Floats, columns: Floats, column: int) -> Floats:
    """The t statistic of one column in the whole model, for each column of residuals of the model without it."""
    inverse = np.linalg.pinv(columns)
    found = inverse @ residuals
    left = residuals - columns @ found
    spread = np.sqrt((left**2).sum(axis=0) * (inverse[column] ** 2).sum() / (len(columns) - columns.shape[1]))
    tiny = 1e-12 * np.abs(residuals).max(initial=1e-300)
    return found[column] / np.maximum(spread, tiny)


def given_back(residuals: Floats, columns: Floats, blocks: list[Ints]) -> Floats:
    """Residuals times (I - H)^(-1/2), block by block: white noise then has the variance in them that it had before the fit.

    H is the part of the hat matrix of the fitted columns that belongs to a block; what the fit left nothing of stays 0.
    """
    basis, _ = np.linalg.qr(columns)
    whole = residuals.copy()
    for rows in (row for sort in blocks for row in sort):
        left, turned = np.linalg.eigh(np.eye(len(rows)) - basis[rows] @ basis[rows].T)
        scale = np.divide(1, np.sqrt(np.maximum(left, _NOTHING)), out=np.zeros(len(left)), where=left > _NOTHING)
        whole[rows] = turned @ (scale * (turned.T @ residuals[rows]))
    return whole


def short_block(steps_a_year: int) -> int:
    """A quarter of a year in steps; two of longer steps, as neighbours may be alike."""
    return max(2, steps_a_year // 4)


def p_of_change(
    points: Points, design: Design, column: int, steps_a_year: int, seed: int, draws: int = DRAWS
) -> Permuted:
    """How often the change that a column of the model stands for would be as large, were there none."""
    length = block_length(points, short_block(steps_a_year))
    arrangements = arrange(points, length, draws, seed)
    without = np.delete(design.columns, column, axis=1)
    residuals = points.value - without @ (np.linalg.pinv(without) @ points.value)
    if np.abs(residuals).max(initial=0) <= 1e-12 * np.abs(points.value).max(initial=1):
        return Permuted(1.0, 0.0, arrangements.n, arrangements.exact, length)
    exchanged = given_back(residuals, without, alike(points, length))[arrangements.source]
    exchanged[0] = residuals
    statistics = _t_statistics(exchanged.T, design.columns, column)
    observed = float(statistics[0])
    p = share_as_much(statistics, observed) if arrangements.n else nan
    return Permuted(p, observed, arrangements.n, arrangements.exact, length)


def p_of_difference(points: Points, steps_a_year: int, seed: int, draws: int = DRAWS) -> Permuted:
    """How often the means before and after would differ as much, had the blocks come in another order."""
    season = season_of(points, steps_a_year) if steps_a_year else 1
    length = block_length(points, max(season, short_block(steps_a_year)))
    arrangements = arrange(points, length, draws, seed, ordered=False)
    weight = np.where(points.after, 1 / max(points.n_after, 1), -1 / max(points.n_before, 1))
    statistics = _unrounded(points.value[arrangements.source] @ weight, points.value)
    observed = float(statistics[0])
    p = share_as_much(statistics, observed) if arrangements.n else nan
    return Permuted(p, observed, arrangements.n, arrangements.exact, length)


def _ways(organisation: Ints, first: Flags) -> int:
    """How many ways there are to deal the labels out within organisations."""
    _, code = np.unique(organisation, return_inverse=True)
    size, of_first = np.bincount(code), np.bincount(code, weights=first).astype(np.int64)
    return prod(comb(people, labels) for people, labels in zip(size.tolist(), of_first.tolist(), strict=True))


def _within(organisation: Ints, first: Flags) -> Iterator[Flags]:
    """Every way to deal the labels out within organisations; people stand in the order of their organisations."""
    _, start, size = np.unique(organisation, return_index=True, return_counts=True)
    each = [
        list(combinations(range(low, low + n), int(first[low : low + n].sum())))
        for low, n in zip(start, size, strict=True)
    ]
    for chosen in product(*each):
        labels = np.zeros(len(first), dtype=bool)
        labels[[person for people in chosen for person in people]] = True
        yield labels


def _dealt(organisation: Ints, first: Flags, draws: int, seed: int) -> Iterator[Flags]:
    """Labels drawn within organisations, some draws at once: shape (draws, people)."""
    random = np.random.default_rng(np.random.SeedSequence([seed, len(first), int(first.sum())]))
    _, code = np.unique(organisation, return_inverse=True)
    for at in parts(draws, len(first), CELLS_AT_ONCE):
        yield first[(code + random.random((at.stop - at.start, len(first)))).argsort(axis=1)]


def p_of_groups(values: Floats, organisation: Ints, first: Flags, seed: int, draws: int = DRAWS) -> Permuted:
    """How often the means of two groups would differ as much, were their labels dealt out again in each organisation.

    One entry per person: a value (NaN: not known, left out), the organisation's code, and whether of the first group.
    A change is compared by giving each person's change as the value. Two-sided; NaN if no organisation has both.
    """
    known = np.flatnonzero(~np.isnan(values))
    known = known[np.argsort(organisation[known], kind="stable")]
    values, organisation, first = values[known], organisation[known], first[known]
    n_first, n = int(first.sum()), len(first)
    if not 0 < n_first < n:
        return Permuted(nan, nan, 0, True, 1)

    def differences(labels: Flags) -> Floats:
        total = labels @ values
        return _unrounded(total / n_first - (values.sum() - total) / (n - n_first), values)

    observed = float(differences(first[None])[0])
    ways = _ways(organisation, first)
    if ways == 1:
        return Permuted(nan, observed, 0, True, 1)
    if ways <= MOST_LISTED:
        listed = differences(np.array(list(_within(organisation, first))))
        return Permuted(share_as_much(listed, observed), observed, ways - 1, True, 1)
    drawn = [differences(labels) for labels in _dealt(organisation, first, draws, seed)]
    return Permuted(share_as_much(np.concatenate([[observed], *drawn]), observed), observed, draws, False, 1)
