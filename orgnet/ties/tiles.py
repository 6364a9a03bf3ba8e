"""Ties before windows are laid over them: sums per smallest period, in whole units so that sums are exact.

A weight is kept as a whole number of units, 2**-40 each, so that adding and dropping periods as a window moves leaves
no residue, and no order of rows or number of workers can change a sum.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from orgnet.spells import Ranges, distinct, merged
from orgnet.vocabulary import Layer
from orgnet.windows import Calendar

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
UNIT = 2.0**40


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

    `first..last` are the slices at whose end it is held; `records` how many records say so.
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


def sums_by(key: Ints, *values: Ints) -> tuple[Ints, list[Ints], Ints, Ints]:
    """Sums of integers per key: the sorted keys, the sums, and for each key where its rows begin, in `order`."""
    order = np.argsort(key)
    ordered = key[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]])) if len(key) else order
    sums = [np.add.reduceat(value[order], starts) if len(key) else value for value in values]
    return ordered[starts], sums, order, starts


def people_in_periods(pair: Ints, person: Ints, day: Ints, n_people: int, calendar: Calendar) -> Ints:
    """Who takes part in which pair's tie in which smallest period: (pair, person, period) as one number, each once."""
    periods = max(len(calendar.breaks) - 1, 1)
    return distinct((pair * n_people + person) * periods + calendar.smallest_period(day))


def people_behind(taking_part: Ints, calendar: Calendar) -> Ranges:
    """The slices in whose window each person takes part in each pair's tie, from `people_in_periods`."""
    periods = max(len(calendar.breaks) - 1, 1)
    first, last = calendar.windows_over(calendar.breaks[:-1])
    return merged(Ranges(taking_part // periods, first[taking_part % periods], last[taking_part % periods]))


def decay(day: Ints, calendar: Calendar, half_life: float | None) -> NDArray[np.float64]:
    """How much of an event's weight is left at the end of its smallest period; 1 without decay."""
    if half_life is None:
        return np.ones(len(day))
    end = calendar.breaks[calendar.smallest_period(day) + 1]
    return np.exp2(-(end - day) / half_life)


def sum_tiles(
    layer: Layer,
    pair: Ints,
    day: Ints,
    weight: Ints,
    events: Ints,
    calendar: Calendar,
    n: int,
    people: Ranges | None,
    nominal: Flags | None = None,
) -> Tiles:
    """Events of pairs of organisations, summed per pair and smallest period."""
    periods = len(calendar.breaks)
    key, (weights, counts), order, starts = sums_by(pair * periods + calendar.smallest_period(day), weight, events)
    ordered = day[order]
    return Tiles(
        layer=layer,
        source=key // periods // n,
        target=key // periods % n,
        period=key % periods,
        weight=weights,
        events=counts,
        first_day=np.minimum.reduceat(ordered, starts) if len(key) else key,
        last_day=np.maximum.reduceat(ordered, starts) if len(key) else key,
        people=people,
        nominal=np.zeros(len(calendar), dtype=bool) if nominal is None else nominal,
    )
