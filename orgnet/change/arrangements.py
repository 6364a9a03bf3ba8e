"""Other orders in which a series might have come: blocks of steps exchanged whole, all orders if few, else drawn.

A block is exchanged only for one with points at the same places, so that what neighbours have in common stays as it is.
Blocks are counted from the first step after, both ways: none lies on both sides. A block unlike all others stays where it
is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, permutations, product
from math import comb, factorial, prod

import numpy as np
from numpy.typing import NDArray

from orgnet.change.design import Points

Ints = NDArray[np.int64]
MOST_LISTED = 10_000
"""Arrangements up to which all are gone through."""
FEWEST_BLOCKS = 6
"""Blocks that can be exchanged, at least; with fewer, shorter blocks are taken."""


@dataclass(frozen=True)
class Arrangements:
    """Where the value of each point is taken from: shape (arrangements, points); the first is as observed.

    `exact` says that they are all there are, each once.
    """

    source: Ints
    exact: bool
    block: int

    @property
    def n(self) -> int:
        """How many there are beside the observed one."""
        return len(self.source) - 1


def alike(points: Points, length: int) -> list[Ints]:
    """Rows of points by block, one array of shape (blocks, points of a block) for each sort of block.

    Blocks of one sort have points at the same places; those before come first, each side in order of time.
    """
    first_after = int(points.step[points.after].min())
    block, place = np.divmod(points.step - first_after, length)
    pattern = np.zeros(len(block), dtype=np.int64)
    blocks, number = np.unique(block, return_inverse=True)
    shape = np.zeros((len(blocks), length), dtype=bool)
    shape[number, place] = True
    _, sort = np.unique(shape, axis=0, return_inverse=True)
    pattern = sort[number]
    return [np.flatnonzero(pattern == each).reshape((sort == each).sum(), -1) for each in range(int(sort.max()) + 1)]


def block_length(points: Points, longest: int) -> int:
    """The length of blocks: the longest that divides `longest` and leaves enough blocks that are alike, else 1."""
    able = [length for length in range(longest, 0, -1) if longest % length == 0]
    return next((each for each in able if max(map(len, alike(points, each))) >= FEWEST_BLOCKS), 1)


def _listed(sorts: list[Ints], before: list[int], ordered: bool) -> Iterator[list[list[int]]]:
    """Every way to exchange blocks within each sort: all orders, or only all choices of those that come before."""

    def ways(blocks: int, early: int) -> Iterator[list[int]]:
        if ordered:
            yield from map(list, permutations(range(blocks)))
            return
        for chosen in combinations(range(blocks), early):
            yield [*chosen, *(each for each in range(blocks) if each not in chosen)]

    yield from map(list, product(*(list(ways(len(s), k)) for s, k in zip(sorts, before, strict=True))))


def _number(sorts: list[Ints], before: list[int], ordered: bool) -> int:
    if ordered:
        return prod(factorial(len(each)) for each in sorts)
    return prod(comb(len(each), early) for each, early in zip(sorts, before, strict=True))


def arrange(points: Points, length: int, draws: int, seed: int, ordered: bool = True) -> Arrangements:
    """The arrangements of blocks of a length: all of them if there are at most 10,000, else so many drawn.

    Where only the side matters that a block comes to lie on (not `ordered`), orders within a side are not told apart.
    """
    sorts = alike(points, length)
    before = [int((~points.after[each[:, 0]]).sum()) for each in sorts]
    exact = _number(sorts, before, ordered) <= MOST_LISTED
    if exact:
        listed = list(_listed(sorts, before, ordered))
        orders = [np.array([way[at] for way in listed]) for at in range(len(sorts))]
    else:
        random = np.random.default_rng(np.random.SeedSequence([seed, length, len(points.step)]))
        orders = [
            np.vstack([np.arange(len(each)), random.random((draws, len(each))).argsort(axis=1)]) for each in sorts
        ]
    source = np.empty((len(orders[0]), len(points.step)), dtype=np.int64)
    for each, order in zip(sorts, orders, strict=True):
        source[:, each.ravel()] = each[order].reshape(len(order), -1)
    return Arrangements(source, exact, length)
