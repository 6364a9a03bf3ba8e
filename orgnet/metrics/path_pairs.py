"""Pairs of paths i -> j -> k by what they share, and what chance gives for roles on them: exact moments.

A path goes through three units, with no tie i -> k. A role asks of which groups the three are. Where the groups are
dealt out at random among all units, the mean and the variance of the number of paths of a role through units of one
group follow from how many ordered pairs of paths share which of their units, and from the number of units of each
group. Nothing is drawn at random.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import combinations, permutations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from orgnet.metrics.brokerage import NO_VARIANCE, Role
from orgnet.metrics.moments import falling
from orgnet.metrics.ratios import column_sums

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Overlap = tuple[tuple[int, int], ...]

OVERLAPS: list[Overlap] = [
    tuple(zip(one, other, strict=True))
    for shared in range(4)
    for one in combinations(range(3), shared)
    for other in permutations(range(3), shared)
]
"""All ways for two paths to share units: pairs of a unit's place (0 is i, 1 is j, 2 is k) in the one and in the other."""
SAME: Overlap = ((0, 0), (1, 1), (2, 2))
_TURNED = (2, 1, 0)
_ROUND = ((1, 2, 0), (2, 0, 1))

# From pairs that share at least so much to pairs that share just so much: inclusion and exclusion.
_EXACTLY = np.array([[(-1.0) ** (len(b) - len(a)) * (set(a) <= set(b)) for b in OVERLAPS] for a in OVERLAPS])


def overlaps(tied: Floats) -> Floats:
    """The number of ordered pairs of paths that share units in each way of OVERLAPS and in no other.

    `tied` has 1 where there is a tie from the row's unit to the column's, and nothing on its diagonal. A path makes a
    pair with itself, too.
    """
    back = tied.T
    both, apart = tied * back, 1 - tied - np.eye(len(tied))
    leading = tied * (tied.sum(axis=1) - tied @ back - back)  # paths by their i and j
    ending = tied * (tied.sum(axis=0)[:, None] - back @ tied - back)  # by j and k
    open_ = apart * (tied @ tied)  # by i and k
    by_two = {(0, 1): leading, (1, 2): ending, (0, 2): open_, (1, 0): leading.T, (2, 1): ending.T, (2, 0): open_.T}
    by_one = (leading.sum(axis=1), leading.sum(axis=0), open_.sum(axis=0))
    paths = open_.sum()
    # Of all three: the path itself, the way back, and from j or from k round to where it began.
    by_three = {
        (0, 1, 2): paths,
        _TURNED: (both @ both * apart * apart.T).sum(),
        **dict.fromkeys(_ROUND, (open_ * back).sum() - (both @ tied * apart * back).sum()),
    }

    def at_least(overlap: Overlap) -> float:
        one, other = (tuple(pair[side] for pair in overlap) for side in (0, 1))
        if not overlap:
            return float(paths * paths)
        if len(overlap) == 1:
            return float(by_one[one[0]] @ by_one[other[0]])
        if len(overlap) == 2:
            return float((by_two[one[0], one[1]] * by_two[other[0], other[1]]).sum())
        return float(by_three.get(other, 0.0))

    return np.asarray(_EXACTLY @ np.array([at_least(overlap) for overlap in OVERLAPS]))


def _labellings(units: int) -> Iterator[tuple[int, ...]]:
    """All ways to say which of some units are of one group, groups by number in order of appearance."""
    if not units:
        yield ()
        return
    for labels in _labellings(units - 1):
        for label in range(max(labels, default=-1) + 2):
            yield (*labels, label)


@cache
def _ways(holds: Callable[..., Any], overlap: Overlap) -> Counter[tuple[int, tuple[int, ...]]]:
    """How a role can hold for two paths that share units, with both their j of one group: by the number of units of
    that group, and of each other group."""
    again = {other: one for one, other in overlap}
    rest = iter(range(3, 6))
    other_path = [again[place] if place in again else next(rest) for place in range(3)]
    found: Counter[tuple[int, tuple[int, ...]]] = Counter()
    for labels in _labellings(6 - len(overlap)):
        one, other = labels[:3], tuple(labels[unit] for unit in other_path)
        if one[1] == other[1] and holds(*one) and holds(*other):
            sizes = Counter(labels)
            own = sizes.pop(one[1])
            found[own, tuple(sorted(sizes.values()))] += 1
    return found


def _all_different(factors: Sequence[Floats]) -> Floats | float:
    """The sum of products of factors over all ways to take each from another group (a row)."""
    if not factors:
        return 1.0
    first, rest = factors[0], factors[1:]
    total = column_sums(first) * _all_different(rest)
    for at, factor in enumerate(rest):
        total = total - _all_different([*rest[:at], factor * first, *rest[at + 1 :]])
    return np.asarray(total)


def _chances(role: Role, group: int, units: Ints, overlaps: Sequence[Overlap]) -> Floats:
    """For each way to share units, the chance that both paths have the role through units of a group."""
    powers = [falling(units, size) for size in range(7)]
    others = [np.delete(power, group, axis=0) for power in powers]
    sums: dict[tuple[int, ...], Floats | float] = {}
    chances = np.zeros((len(overlaps), units.shape[1]))
    for row, overlap in enumerate(overlaps):
        ways = np.zeros(units.shape[1])
        for (own, rest), number in _ways(role.holds, overlap).items():
            if rest not in sums:
                sums[rest] = _all_different([others[size] for size in rest])
            ways += number * powers[own][group] * sums[rest]
        dealt = falling(units.sum(axis=0), 6 - len(overlap))
        np.divide(ways, dealt, out=chances[row], where=dealt > 0)
    return chances


def chance(role: Role, group: int, units: Ints) -> Floats:
    """The chance that a path has a role and goes through a unit of a group; `units` has the shape (groups, slices)."""
    return np.asarray(_chances(role, group, units, [SAME])[0])


def variance(role: Role, group: int, units: Ints, pairs: Floats) -> Floats:
    """The variance of the number of such paths; `pairs` are those of `overlaps`, of shape (ways, slices)."""
    chances = _chances(role, group, units, OVERLAPS)
    # Pairs of paths, less what they would be if one path knew nothing of the other.
    found = column_sums(pairs * (chances - chances[OVERLAPS.index(SAME)] ** 2))
    return np.where(found > NO_VARIANCE * column_sums(pairs), found, 0.0)
