"""Which ties formed, stayed and ended from one window to another.

A tie of a window is one between two organisations on its slice's roster, as in the window's graph. Over both rosters an
organisation that opened or closed takes its ties with it; on the panel, those on both rosters, only ties come and go.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from orgnet import store
from orgnet.change.comparisons import Comparison
from orgnet.change.networks import places
from orgnet.store import Words
from orgnet.vocabulary import DIRECTED_LAYERS, Layer, TieChange
from orgnet.windows import Calendar

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
LAYERS = sorted(layer.value for layer in Layer)
DIRECTED = np.isin(LAYERS, [layer.value for layer in DIRECTED_LAYERS])
CHANGES = (TieChange.FORMED, TieChange.KEPT, TieChange.DISSOLVED)


@dataclass(frozen=True)
class Changes:
    """The ties of some comparisons: one row for each comparison, layer and pair tied in either window.

    `on_before` and `on_after`, of shape (comparisons, organisations), say who of `names` is on which roster.
    `comparison`, `layer`, `source` and `target` are places in `compared`, LAYERS and `names`; a weight is NaN where the
    pair is not tied.
    """

    compared: list[Comparison]
    names: list[str]
    on_before: Flags
    on_after: Flags
    comparison: Ints
    layer: Ints
    source: Ints
    target: Ints
    weight_before: Floats
    weight_after: Floats

    @property
    def change(self) -> Ints:
        """What became of each tie: its place in CHANGES."""
        came = np.where(np.isnan(self.weight_before), CHANGES.index(TieChange.FORMED), CHANGES.index(TieChange.KEPT))
        return np.where(np.isnan(self.weight_after), CHANGES.index(TieChange.DISSOLVED), came)

    @property
    def panel(self) -> Flags:
        """Who is on both rosters of each comparison."""
        return self.on_before & self.on_after

    @property
    def on_panel(self) -> Flags:
        """Whether both ends of each tie are on both rosters."""
        return self.panel[self.comparison, self.source] & self.panel[self.comparison, self.target]


def _ties_of(ties: pa.Table, start: date, names: Sequence[str], on: Flags) -> tuple[Ints, Floats]:
    """The ties of one slice between organisations on its roster: layer and pair as one number, and the weight."""
    rows = ties.filter(pc.equal(ties.column("slice_start"), pa.scalar(start, pa.date32())))
    source, target = (places(rows.column(end), names) for end in ("source_id", "target_id"))
    there = np.append(on, False)  # the last place is for those on no roster, whose number is -1
    keep = there[source] & there[target]
    key = (places(rows.column("layer"), LAYERS) * len(names) + source) * len(names) + target
    return key[keep], np.asarray(rows.column("weight")).astype(np.float64)[keep]


def find_changes(
    ties: pa.Table, rosters: Sequence[Sequence[str]], comparisons: Sequence[Comparison], calendar: Calendar
) -> Changes:
    """What became of every tie, from the `ties` table and the organisations on each slice's roster."""
    compared = list(comparisons)
    numbers = [number for each in compared for number in each.slices]
    names = sorted({name for number in numbers for name in rosters[number]})
    on: Flags = np.zeros((len(numbers), len(names)), dtype=bool)
    for row, number in enumerate(numbers):
        on[row] = np.isin(names, list(rosters[number]))
    on = on.reshape(len(compared), 2, len(names))
    span = len(LAYERS) * len(names) ** 2
    keys, weights = [np.zeros(0, np.int64)], [np.zeros((2, 0))]
    for at, each in enumerate(compared):
        sides = [
            _ties_of(ties, calendar.slices[number].start, names, on[at, i]) for i, number in enumerate(each.slices)
        ]
        key = np.union1d(sides[0][0], sides[1][0])
        weight = np.full((2, len(key)), np.nan)
        for i, (own, strength) in enumerate(sides):
            weight[i, np.searchsorted(key, own)] = strength
        keys.append(at * span + key)
        weights.append(weight)
    return _changes(compared, names, on, np.concatenate(keys), np.concatenate(weights, axis=1))


def _changes(compared: list[Comparison], names: list[str], on: Flags, keys: Ints, weights: Floats) -> Changes:
    """Changes from numbers that each stand for a comparison, layer, source and target."""
    shape = (max(len(compared), 1), len(LAYERS), max(len(names), 1), max(len(names), 1))
    comparison, layer, source, target = (np.asarray(place) for place in np.unravel_index(keys, shape))
    return Changes(compared, names, on[:, 0], on[:, 1], comparison, layer, source, target, *weights)


def changes_table(found: Changes) -> pa.Table:
    """The `tie_changes` table."""

    def period(side: str) -> pa.Array:
        return pa.array([getattr(each, side) for each in found.compared], pa.string()).take(pa.array(found.comparison))

    columns = {
        "before": period("before"),
        "after": period("after"),
        "layer": Words(found.layer, LAYERS),
        "source_id": Words(found.source, found.names),
        "target_id": Words(found.target, found.names),
        "directed": DIRECTED[found.layer],
        "change": Words(found.change, [change.value for change in CHANGES]),
        "weight_before": found.weight_before,
        "weight_after": found.weight_after,
        "on_panel": found.on_panel,
    }
    return store.sorted_by_key("tie_changes", store.table("tie_changes", columns))
