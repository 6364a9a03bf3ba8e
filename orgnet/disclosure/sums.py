"""Secondary suppression: what must go too, so that no small number comes back by taking numbers from one another.

Numbers are in a *sum* if they add up to a total that is shown, or could be worked out: joint roles by group, people by
group, respondents by stratum. Numbers are in a *series* if they follow each other in time: exact ones that differ by
little show that a few people came or went, and exact ones of windows that overlap can be taken apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from orgnet.disclosure.profiles import Profile

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Interval = tuple[int, int]


def rounded(numbers: Ints, profile: Profile) -> Ints:
    """Numbers to the nearest multiple that the profile rounds to; halves go up."""
    return (numbers + profile.round_to // 2) // profile.round_to * profile.round_to


def told(number: int, profile: Profile) -> int | None:
    """A number of people as it may be told; None if it may not."""
    small = 0 < number <= profile.withhold_up_to
    return None if small else int(rounded(np.array([number]), profile)[0])


def interval(shown: int, profile: Profile) -> Interval:
    """The numbers that would be shown as this one."""
    if shown == 0:
        return (0, 0)
    low = max(shown - profile.round_to // 2, profile.withhold_up_to + 1)
    return low, shown + (profile.round_to - 1) // 2


def given_away(hidden: int, left: Interval, most: int) -> bool:
    """Whether so many hidden numbers, each at least 1 and at most `most`, can have but one value each.

    `left` is what the total leaves for them together.
    """
    if hidden == 0:
        return False
    least = max(1, left[0] - (hidden - 1) * most)
    return least >= min(most, left[1] - (hidden - 1))


@dataclass(frozen=True)
class Sum:
    """Parts that add up to a total: which are hidden, and whether the total is."""

    parts: Ints
    hidden: Flags
    total: int
    total_hidden: bool


def hide_further(asked: Sum, profile: Profile) -> Sum:
    """The same sum with as much more hidden as is needed: the smallest parts first, the total if no part is left."""
    shown, hidden = rounded(asked.parts, profile), asked.hidden.copy()
    if asked.total_hidden:
        # All parts shown would give the total back.
        if not hidden.any() and profile.exact and (asked.parts > 0).any():
            hidden[_smallest_shown(asked.parts, hidden)] = True
        return Sum(asked.parts, hidden, asked.total, True)
    low, high = interval(int(rounded(np.array([asked.total]), profile)[0]), profile)
    while True:
        sides = [interval(int(value), profile) for value in shown[~hidden]]
        left = low - sum(side[1] for side in sides), high - sum(side[0] for side in sides)
        # Until a larger part is hidden with them, all hidden ones are known to be small.
        small = bool((asked.parts[hidden] <= profile.withhold_up_to).all())
        most = profile.withhold_up_to if small else max(left[1], 1)
        if not given_away(int(hidden.sum()), left, most):
            return Sum(asked.parts, hidden, asked.total, False)
        more = _smallest_shown(asked.parts, hidden)
        if more < 0:
            return Sum(asked.parts, hidden, asked.total, True)
        hidden[more] = True


def _smallest_shown(parts: Ints, hidden: Flags) -> int:
    """The place of the smallest part above 0 that is shown, the first of equals; -1 if there is none."""
    there = np.flatnonzero(~hidden & (parts > 0))
    return int(there[np.argmin(parts[there])]) if len(there) else -1


def too_near(numbers: Ints, hidden: Flags, profile: Profile) -> Flags:
    """Which numbers of a series must be hidden, as they differ from the last one shown by a few people.

    `numbers` has the shape (series, slices), -1 where there is none. Nothing is near where numbers are rounded.
    """
    near = np.zeros(numbers.shape, dtype=bool)
    if not profile.exact:
        return near
    last = np.full(len(numbers), -1, dtype=np.int64)
    for at in range(numbers.shape[1]):
        now = numbers[:, at]
        there = (now >= 0) & ~hidden[:, at]
        apart = np.abs(now - last)
        near[:, at] = there & (last >= 0) & (apart > 0) & (apart <= profile.withhold_up_to)
        last = np.where(there & ~near[:, at], now, last)
    return near


def overlapping(window_starts: Sequence[int], ends: Sequence[int], profile: Profile) -> Flags:
    """Which windows overlap one that is shown, counted back from the last: their exact counts must be hidden."""
    taken = np.zeros(len(ends), dtype=bool)
    if not profile.exact or not profile.protects:
        return taken
    opened: int | None = None
    for at in reversed(range(len(ends))):
        if opened is not None and ends[at] > opened:
            taken[at] = True
        else:
            opened = window_starts[at]
    return taken
