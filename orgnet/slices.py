"""Ties within each slice's window, and the graph of each layer: one sweep over the smallest periods.

As the window moves from slice to slice, periods that enter are added and periods that leave are dropped; nothing is
computed again. Sums are whole numbers, so that nothing is left over when a tie ends.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import igraph
import numpy as np
from numpy.typing import NDArray

from orgnet.config import Config
from orgnet.ties.make import Ties
from orgnet.ties.tiles import UNIT, Held, Tiles
from orgnet.vocabulary import DIRECTED_LAYERS, Layer
from orgnet.windows import Calendar

Ints = NDArray[np.int64]
COMBINED_OF = (Layer.MEETINGS, Layer.MDT, Layer.REFERRALS, Layer.REFERRALS_BACK, Layer.JOINT_ROLES)


@dataclass(frozen=True)
class SliceTies:
    """The ties of one layer within one slice's window, sorted by source and target; `people` is -1 if none is named."""

    layer: Layer
    slice: int
    source: Ints
    target: Ints
    weight: NDArray[np.float64]
    events: Ints
    people: Ints
    first_day: Ints
    last_day: Ints
    nominal: bool = False

    def __len__(self) -> int:
        return len(self.source)


def _by_period(tiles: Tiles, periods: int) -> list[NDArray[np.intp]]:
    """The row numbers of each smallest period."""
    order = np.argsort(tiles.period, kind="stable")
    edges = np.searchsorted(tiles.period[order], np.arange(periods + 1))
    return [order[low:high] for low, high in pairwise(edges.tolist())]


def _people_counts(tiles: Tiles, keys: Ints, n_people: int, slices: int) -> list[Ints] | None:
    """People behind each pair, per slice."""
    if tiles.people is None:
        return None
    pair = np.searchsorted(keys, tiles.people.key // n_people)
    running = np.zeros(len(keys), dtype=np.int64)
    begins, ends = np.argsort(tiles.people.first), np.argsort(tiles.people.last)
    begin_at = np.searchsorted(tiles.people.first[begins], np.arange(slices + 1))
    end_at = np.searchsorted(tiles.people.last[ends], np.arange(-1, slices + 1))
    counts = []
    for number in range(slices):
        running += np.bincount(pair[begins[begin_at[number] : begin_at[number + 1]]], minlength=len(keys))
        running -= np.bincount(pair[ends[end_at[number] : end_at[number + 1]]], minlength=len(keys))
        counts.append(running.copy())
    return counts


def rolled(
    tiles: Tiles, calendar: Calendar, n: int, n_people: int, half_life: float | None = None
) -> Iterator[SliceTies]:
    """One layer's ties within each slice's window, in order of slices.

    With a half-life, each smallest period's weight fades from its own end to the window's end, never to today; a tie
    that has faded to nothing is no tie.
    """
    keys, pair_at = np.unique(tiles.source * n + tiles.target, return_inverse=True)
    periods = _by_period(tiles, len(calendar.breaks) - 1)
    window_low = np.searchsorted(calendar.breaks, calendar.window_starts)
    window_high = np.searchsorted(calendar.breaks, calendar.ends)
    people = _people_counts(tiles, keys, n_people, len(calendar))
    first_days = _first_days(tiles, periods, pair_at, len(keys), window_low, window_high)
    events = np.zeros(len(keys), dtype=np.int64)
    weight = np.zeros(len(keys), dtype=np.int64)
    last = np.zeros(len(keys), dtype=np.int64)
    low = high = 0
    for number in range(len(calendar)):
        while high < window_high[number]:
            rows = periods[high]
            events[pair_at[rows]] += tiles.events[rows]
            weight[pair_at[rows]] += tiles.weight[rows]
            last[pair_at[rows]] = tiles.last_day[rows]
            high += 1
        while low < window_low[number]:
            rows = periods[low]
            events[pair_at[rows]] -= tiles.events[rows]
            weight[pair_at[rows]] -= tiles.weight[rows]
            low += 1
        tied = np.flatnonzero(events)
        if half_life is None:
            strength = weight[tied] / UNIT
        else:
            faded = _faded(tiles, periods, pair_at, calendar, low, high, half_life, len(keys))
            tied = np.flatnonzero((events > 0) & (faded > 0))
            strength = faded[tied]
        yield SliceTies(
            tiles.layer,
            number,
            keys[tied] // n,
            keys[tied] % n,
            strength,
            events[tied],
            np.full(len(tied), -1) if people is None else people[number][tied],
            first_days[number][tied],
            last[tied],
            bool(tiles.nominal[number]),
        )


def _faded(
    tiles: Tiles,
    periods: list[NDArray[np.intp]],
    pair_at: Ints,
    calendar: Calendar,
    low: int,
    high: int,
    half_life: float,
    n_pairs: int,
) -> NDArray[np.float64]:
    """Weights within the window, each smallest period's faded from its end to the window's end."""
    total = np.zeros(n_pairs)
    for period in range(low, high):
        age = calendar.breaks[high] - calendar.breaks[period + 1]
        rows = periods[period]
        total[pair_at[rows]] += tiles.weight[rows] / UNIT * 2.0 ** (-age / half_life)
    return total


def _first_days(
    tiles: Tiles,
    periods: list[NDArray[np.intp]],
    pair_at: Ints,
    n_pairs: int,
    window_low: Ints,
    window_high: Ints,
) -> list[Ints]:
    """The first event's day of each pair within each window: the same sweep, run from the end."""
    first = np.zeros(n_pairs, dtype=np.int64)
    found: list[Ints] = []
    low = int(window_high[-1]) if len(window_high) else 0
    for number in reversed(range(len(window_low))):
        while low > window_low[number]:
            low -= 1
            rows = periods[low]
            first[pair_at[rows]] = tiles.first_day[rows]
        found.append(first.copy())
    return found[::-1]


def held_at_ends(held: Held, calendar: Calendar, n: int, n_people: int) -> Iterator[SliceTies]:
    """A state layer at each slice's end: the weight is the number of people who hold a joint role there."""
    pair = held.source * n + held.target
    for number in range(len(calendar)):
        here = np.flatnonzero((held.first <= number) & (number <= held.last))
        people = np.unique(pair[here] * n_people + held.person[here]) // n_people
        keys, holders = np.unique(people, return_counts=True)
        at = np.searchsorted(keys, pair[here])
        events = np.bincount(at, weights=held.records[here], minlength=len(keys)).astype(np.int64)
        first_day = np.full(len(keys), np.iinfo(np.int64).max)
        last_day = np.full(len(keys), np.iinfo(np.int64).min)
        np.minimum.at(first_day, at, np.maximum(held.first_day[here], calendar.starts[0]))
        np.maximum.at(last_day, at, np.minimum(held.end_day[here], calendar.ends[number]) - 1)
        yield SliceTies(
            held.layer,
            number,
            keys // n,
            keys % n,
            holders.astype(np.float64),
            events,
            holders.astype(np.int64),
            first_day,
            last_day,
        )


def combined(layers: list[SliceTies], number: int, n: int) -> SliceTies:
    """All layers at once, undirected: the weight of a pair is the number of layers that tie it.

    Referrals forward and back count as one layer. People are not added up over layers, as they may be the same.
    """
    parts = [ties for ties in layers if ties.layer in COMBINED_OF]
    counted_as = {Layer.REFERRALS_BACK: Layer.REFERRALS}
    kind = np.concatenate([np.full(len(t), COMBINED_OF.index(counted_as.get(t.layer, t.layer))) for t in parts])
    low = np.concatenate([np.minimum(t.source, t.target) for t in parts])
    high = np.concatenate([np.maximum(t.source, t.target) for t in parts])
    keys, at = np.unique(low * n + high, return_inverse=True)
    weight = np.bincount(np.unique(at * len(COMBINED_OF) + kind) // len(COMBINED_OF), minlength=len(keys))
    events = np.zeros(len(keys), dtype=np.int64)
    np.add.at(events, at, np.concatenate([t.events for t in parts]))
    first_day = np.full(len(keys), np.iinfo(np.int64).max)
    last_day = np.full(len(keys), np.iinfo(np.int64).min)
    np.minimum.at(first_day, at, np.concatenate([t.first_day for t in parts]))
    np.maximum.at(last_day, at, np.concatenate([t.last_day for t in parts]))
    return SliceTies(
        Layer.COMBINED,
        number,
        keys // n,
        keys % n,
        weight.astype(np.float64),
        events,
        np.full(len(keys), -1),
        first_day,
        last_day,
        any(t.nominal for t in parts),
    )


def cut(ties: Ties, config: Config, calendar: Calendar, n: int, n_people: int) -> list[list[SliceTies]]:
    """The ties of every slice, one list of layers per slice."""
    half_life = config.ties.half_life_days
    streams = [rolled(tiles, calendar, n, n_people, half_life) for tiles in ties.tiles]
    streams.append(held_at_ends(ties.joint_roles, calendar, n, n_people))
    slices = []
    for number, layers in enumerate(zip(*streams, strict=True)):
        slices.append([*layers, combined(list(layers), number, n)])
    return slices


def graph(ties: SliceTies, nodes: Ints, names: list[str]) -> igraph.Graph:
    """One layer's graph over the given organisations, isolates included.

    Vertices stand in the order of `nodes`, which must be sorted, and carry their own name; ties to organisations that
    are not among them are left out. Edges carry `weight` and `distance`, which is 1/weight.
    """
    source, target = np.searchsorted(nodes, ties.source), np.searchsorted(nodes, ties.target)
    last = max(len(nodes) - 1, 0)
    inside = np.zeros(len(ties), dtype=bool)
    if len(nodes):
        inside = (nodes[np.minimum(source, last)] == ties.source) & (nodes[np.minimum(target, last)] == ties.target)
    edges = np.ascontiguousarray(np.column_stack([source[inside], target[inside]]).astype(np.int64))
    weight = ties.weight[inside]
    view = memoryview(edges)  # type: ignore[arg-type]
    made = igraph.Graph(n=len(nodes), edges=view, directed=ties.layer in DIRECTED_LAYERS)
    made.vs["name"] = names
    made.es["weight"] = weight.tolist()
    made.es["distance"] = (1.0 / weight).tolist()
    return made
