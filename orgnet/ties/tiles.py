"""Ties before windows are laid over them: sums per smallest period, in whole units so that sums are exact.

A weight is kept as a whole number of units, 2**-40 each, so that adding and dropping periods as a window moves leaves
no residue, and no order of rows or number of workers can change a sum.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from orgnet.spells import Ranges, distinct, merged
from orgnet.vocabulary import Layer
from orgnet.windows import Calendar

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
UNIT = 2.0**40
KEYS_AT_ONCE = 4_000_000


def units(weights: NDArray[np.float64]) -> Ints:
    """Weights as whole units."""
    return np.rint(weights * UNIT).astype(np.int64)


@dataclass(frozen=True)
class Tiles:
    """One layer's ties per smallest period, sorted by source, target and period, and the people behind them.

    `people` holds, by pair number (`source * n + target`) times `n_people` plus the person, the slices in whose window
    that person took part in the tie; None where the records name nobody.
    """

    layer: Layer
    source: Ints
    target: Ints
    period: Ints
    weight: Ints
    events: Ints
    first_day: Ints
    last_day: Ints
    people: Ranges | None
    nominal: NDArray[np.bool_]
    """Per slice: whether any presence in the window was taken from the meeting's own times."""


@dataclass(frozen=True)
class Held:
    """A layer whose ties are states, not events: one row per pair and person while it is held.

    `first..last` are the slices at whose end it is held; `records` how many records say so; `stated` whether a record
    says it in so many words, and it was not concluded from others.
    """

    layer: Layer
    source: Ints
    target: Ints
    person: Ints
    first: Ints
    last: Ints
    first_day: Ints
    end_day: Ints
    records: Ints
    stated: Flags

    def during(self, at: slice) -> "Held":
        """What is held in a run of slices, which are numbered from its first."""
        first, last = self.first - at.start, np.minimum(self.last, at.stop - 1) - at.start
        return replace(self, first=np.maximum(first, 0), last=last)


def sums_by(key: Ints, *values: Ints) -> tuple[Ints, list[Ints], Ints, Ints]:
    """Sums of integers per key: the sorted keys, the sums, and for each key where its rows begin, in `order`."""
    order = np.argsort(key)
    ordered = key[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]])) if len(key) else order
    sums = [np.add.reduceat(value[order], starts) if len(key) else value for value in values]
    return ordered[starts], sums, order, starts


def people_in_periods(pair: Ints, person: Ints, day: Ints, n_people: int, calendar: Calendar) -> Ints:
    """Who takes part in which pair's tie in which smallest period: (pair, person, period) as one number, each once."""
    periods = _periods(calendar)
    return distinct((pair * n_people + person) * periods + calendar.smallest_period(day))


def people_behind(taking_part: Ints, calendar: Calendar) -> Ranges:
    """The slices in whose window each person takes part in each pair's tie, from `people_in_periods`."""
    periods = _periods(calendar)
    first, last = calendar.windows_over(calendar.breaks[:-1])
    key = taking_part // periods
    # Keys stand in order: a part of them at a time, cut where one key ends, takes a part of the room.
    wanted = np.arange(KEYS_AT_ONCE, len(key), KEYS_AT_ONCE)
    bounds = [0, *np.unique(np.searchsorted(key, key[wanted])).tolist(), len(key)]
    parts = []
    for low, high in pairwise(bounds):
        period = taking_part[low:high] % periods
        parts.append(merged(Ranges(key[low:high], first[period], last[period])))
    return Ranges(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def decay(day: Ints, calendar: Calendar, half_life: float | None) -> NDArray[np.float64]:
    """How much of an event's weight is left at the end of its smallest period; 1 without decay."""
    if half_life is None:
        return np.ones(len(day))
    end = calendar.breaks[calendar.smallest_period(day) + 1]
    return np.exp2(-(end - day) / half_life)


@dataclass(frozen=True)
class Sums:
    """Events of pairs summed by pair and smallest period: `key` is the pair times the number of periods plus the period.

    Sums can be summed again, in any order.
    """

    key: Ints
    weight: Ints
    events: Ints
    first_day: Ints
    last_day: Ints

    @classmethod
    def of(cls, pair: Ints, day: Ints, weight: Ints, events: Ints, calendar: Calendar) -> "Sums":
        """The sums of events, each with its pair and day."""
        key = pair * _periods(calendar) + calendar.smallest_period(day)
        return cls(key, weight, events, day, day).added_up()

    @classmethod
    def joined(cls, parts: Sequence["Sums"]) -> "Sums":
        """Several sums as one."""
        names = ("key", "weight", "events", "first_day", "last_day")
        none = np.array([], dtype=np.int64)
        return cls(*(np.concatenate([none, *(getattr(part, name) for part in parts)]) for name in names)).added_up()

    def added_up(self) -> "Sums":
        """One row for each key, in order."""
        if not len(self.key):
            return self
        key, (weight, events), order, starts = sums_by(self.key, self.weight, self.events)
        first, last = self.first_day[order], self.last_day[order]
        return Sums(key, weight, events, np.minimum.reduceat(first, starts), np.maximum.reduceat(last, starts))


def _periods(calendar: Calendar) -> int:
    return max(len(calendar.breaks) - 1, 1)


def make_tiles(
    layer: Layer, sums: Sums, calendar: Calendar, n: int, people: Ranges | None, nominal: Flags | None = None
) -> Tiles:
    """One layer's ties per smallest period, from its sums."""
    periods = _periods(calendar)
    return Tiles(
        layer=layer,
        source=sums.key // periods // n,
        target=sums.key // periods % n,
        period=sums.key % periods,
        weight=sums.weight,
        events=sums.events,
        first_day=sums.first_day,
        last_day=sums.last_day,
        people=people,
        nominal=np.zeros(len(calendar), dtype=bool) if nominal is None else nominal,
    )
