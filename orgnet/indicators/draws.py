"""What if other meetings had been held, or fewer been noted? Draws of a window's meetings and of people, from a seed.

A draw of meetings says how many times each meeting of the window counts in each replicate: an event-block bootstrap
draws meetings with replacement among those of one series in one slice, and a missing meeting counts no times. All
professional groups share the draws of a window's meetings, so that what depends on several groups can be taken
replicate by replicate. A draw of people says who is kept. Draws depend on the seed, the slice, the group and the
purpose, and on nothing else: neither on their order nor on who works them out.
"""

from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from orgnet.metrics.conduct_meetings import Meetings
from orgnet.windows import Calendar

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Kind = TypeVar("Kind", np.int32, np.bool_)
Times = NDArray[np.int32]
"""How many times each meeting counts, of shape (meetings, replicates)."""


CELLS_AT_ONCE = 4_000_000
"""Numbers in the largest array of a run of replicates: so many fit in memory with ease."""


class Purpose(IntEnum):
    """What a draw is for; each purpose has random numbers of its own."""

    RESAMPLE = 1
    MISSING_MEETINGS = 2
    MISSING_PEOPLE = 3
    RESAMPLE_WINDOW = 4
    RESAMPLE_ORGANISATIONS = 5


@dataclass(frozen=True)
class Diary:
    """The meetings that were held, in order of day, and where each slice's window begins and ends among them.

    `block` numbers the series and slice that a meeting belongs to; meetings of no series are one block per slice.
    `series` is one number for each series, and one for all meetings of none. `place` is a meeting's row by its code,
    -1 if it was not held.
    """

    meeting: Ints
    day: Ints
    block: Ints
    place: Ints
    low: Ints
    high: Ints
    series: Ints

    def within(self, number: int) -> slice:
        """The rows of a slice's window."""
        return slice(int(self.low[number]), int(self.high[number]))


def keep_diary(meetings: Meetings, calendar: Calendar) -> Diary:
    """The diary of the meetings held."""
    held = np.flatnonzero(meetings.held)
    held = held[np.argsort(meetings.day[held], kind="stable")]
    day = meetings.day[held]
    _, series = np.unique(meetings.series[held].astype(str), return_inverse=True)
    number = np.searchsorted(calendar.ends, day, side="right")
    _, block = np.unique(series * (len(calendar) + 1) + number, return_inverse=True)
    place = np.full(len(meetings.held), -1)
    place[held] = np.arange(len(held))
    low, high = (np.searchsorted(day, days) for days in (calendar.window_starts, calendar.ends))
    return Diary(held, day, block, place, low, high, series)


def random_for(seed: int, purpose: Purpose, *where: int) -> np.random.Generator:
    """Random numbers that depend on the seed, the purpose and the place (a slice, a group) alone."""
    return np.random.default_rng(np.random.SeedSequence([seed, int(purpose), *where]))


def as_recorded(diary: Diary, number: int) -> Times:
    """Every meeting of a slice's window, once."""
    at = diary.within(number)
    return np.ones((at.stop - at.start, 1), dtype=np.int32)


def _drawn_again(block: Ints, replicates: int, random: np.random.Generator) -> Times:
    """In each block, as many meetings as it has, drawn with replacement: of shape (meetings, replicates)."""
    if not len(block):
        return np.zeros((0, replicates), dtype=np.int32)
    order = np.argsort(block, kind="stable")
    starts = np.flatnonzero(np.diff(block[order], prepend=block[order[0]] - 1))
    size = np.diff(np.append(starts, len(block)))
    first, size = np.repeat(starts, size), np.repeat(size, size)
    # Replicate by replicate, so that the first ones do not depend on how many follow.
    drawn = first + (random.random((replicates, len(block))) * size).astype(np.int64)
    times = np.empty((len(block), replicates), dtype=np.int32)
    for replicate in range(replicates):
        times[order, replicate] = np.bincount(drawn[replicate], minlength=len(block))
    return times


def resample_meetings(diary: Diary, number: int, replicates: int, seed: int) -> Times:
    """An event-block bootstrap: in each series and slice, as many meetings as it has, drawn with replacement.

    A block of one meeting is always drawn as it is: a series that meets once in a slice does not vary.
    """
    random = random_for(seed, Purpose.RESAMPLE, number)
    return _drawn_again(diary.block[diary.within(number)], replicates, random)


def resample_window(diary: Diary, number: int, replicates: int, seed: int) -> Times:
    """The same with a series' meetings of the whole window as one block.

    When in the window a series met is not kept; in exchange also what meets once in a slice varies.
    """
    random = random_for(seed, Purpose.RESAMPLE_WINDOW, number)
    return _drawn_again(diary.series[diary.within(number)], replicates, random)


def _left_out(candidates: int, share: float, replicates: int, random: np.random.Generator) -> Flags:
    """The same number of candidates in each replicate; those left out of a small share are left out of a larger."""
    if not 0 <= share <= 1:
        raise ValueError(f"the share to leave out is {share}, expected a number from 0 to 1")
    out = np.zeros((candidates, replicates), dtype=bool)
    number = int(np.floor(share * candidates + 0.5))
    for replicate in range(replicates):
        out[random.permutation(candidates)[:number], replicate] = True
    return out


def miss_meetings(diary: Diary, number: int, share: float, replicates: int, seed: int) -> Times:
    """A share of the window's meetings, whatever their series, left out at random."""
    at = diary.within(number)
    out = _left_out(at.stop - at.start, share, replicates, random_for(seed, Purpose.MISSING_MEETINGS, number))
    return (~out).astype(np.int32)


def miss_people(candidates: Flags, group: int, number: int, share: float, replicates: int, seed: int) -> Flags:
    """Who is kept, of shape (people, replicates), if a share of the candidates of a group is left out at random."""
    kept = np.ones((len(candidates), replicates), dtype=bool)
    random = random_for(seed, Purpose.MISSING_PEOPLE, number, group)
    kept[candidates] = ~_left_out(int(candidates.sum()), share, replicates, random)
    return kept


def level_shares(levels: Ints) -> Floats:
    """The share of replicates at levels 1, 2 and 3. Those without a level, a 0, are in none of the three."""
    if not len(levels):
        return np.full(3, np.nan)
    return np.bincount(levels, minlength=4)[1:4] / len(levels)


def parts(replicates: int, cells: int, at_once: int) -> list[slice]:
    """Runs of replicates, so that arrays of so many cells for each fit in memory with ease."""
    step = max(1, at_once // max(cells, 1))
    return [slice(low, high) for low, high in pairwise([*range(0, replicates, step), replicates])]


def some(columns: NDArray[Kind], at: slice) -> NDArray[Kind]:
    """Some of the columns; one that stands for all stays."""
    return columns if columns.shape[1] == 1 else columns[:, at]
