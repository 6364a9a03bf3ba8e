"""Measured values as the published tables: one row per value."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from orgnet import metrics, store
from orgnet.metrics.communities import carried
from orgnet.metrics.groups import GroupMeasures
from orgnet.metrics.measure import Block, Measured, names_of
from orgnet.metrics.series import ConductMeasures
from orgnet.metrics.statuses import STATUSES, VALUED, Series
from orgnet.records.organisations import Roster
from orgnet.slices import SliceTies
from orgnet.store import Words
from orgnet.vocabulary import DIRECTED_LAYERS, Layer, Level, NodeSet
from orgnet.windows import Calendar

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
LAYERS = sorted(Layer, key=lambda layer: layer.value)
NODE_SETS = sorted(NodeSet, key=lambda node_set: node_set.value)
_ROWS_AT_ONCE = 1 << 16


Small = NDArray[np.int32]


class _Values(NamedTuple):
    """Values with what each is about, in small numbers: there are many rows, and each column is held but once."""

    value: Floats
    slice: Small
    layer: Small
    node_set: Small
    entity: Small
    other: Small
    metric: Small
    status: Small

    def at(self, order: Ints) -> "_Values":
        """The rows in another order."""
        return _Values(self.value[order], *(column[order] for column in self[1:]))


def _room(rows: int) -> _Values:
    return _Values(np.empty(rows), *(np.empty(rows, dtype=np.int32) for _ in _Values._fields[1:]))


def _joined(parts: Sequence[_Values]) -> _Values:
    small = (np.concatenate(columns) for columns in zip(*(part[1:] for part in parts), strict=True))
    return _Values(np.concatenate([part.value for part in parts]), *small)


def _of_blocks(blocks: Sequence[Block], level: Level, takes: str, names: list[str]) -> _Values:
    """Blocks as long columns: entity by entity, metric by metric."""
    columns = _room(sum(block.values.size for block in blocks))
    place = {name: number for number, name in enumerate(names)}
    chosen = {layer: [place[m.name] for m in names_of(level, layer, takes)] for layer in {b.layer for b in blocks}}
    end = 0
    for block in blocks:
        rows, width = block.values.shape
        at = slice(end, end := end + rows * width)
        columns.slice[at] = block.slice
        columns.layer[at] = LAYERS.index(block.layer)
        columns.node_set[at] = NODE_SETS.index(block.node_set)
        columns.entity[at] = np.repeat(block.entity, width)
        columns.other[at] = np.repeat(block.other, width)
        columns.metric[at] = np.tile(chosen[block.layer], rows)
        columns.status[at] = block.status.ravel()
        columns.value[at] = block.values.ravel()
    return columns


def _of_series(
    measures: dict[str, Series], level: Level, names: list[str], entity: Ints, number: Ints
) -> Iterable[_Values]:
    """Values over all slices, of some entities in some of them; `entity` is empty for the network itself."""
    facts = {m.name: m for m in metrics.registered(level)}
    for name, series in measures.items():
        at = (entity, number) if series.values.ndim == 2 else (number,)
        columns = _room(len(number))
        columns.slice[:] = number
        columns.layer[:] = LAYERS.index(facts[name].layers[0])
        columns.node_set[:] = NODE_SETS.index(NodeSet.ROSTER)
        columns.entity[:] = columns.other[:] = entity if len(entity) else 0
        columns.metric[:] = names.index(name)
        columns.status[:] = series.status[at]
        columns.value[:] = series.values[at]
        yield columns


def _names(level: Level) -> list[str]:
    return sorted({m.name for m in metrics.registered(level)})


def _in_order(parts: Sequence[_Values]) -> _Values:
    """Parts as one, in the order of the tables' keys."""
    whole = parts[0] if len(parts) == 1 else _joined(parts)
    columns = (whole.slice, whole.layer, whole.node_set, whole.entity, whole.other, whole.metric)
    sizes = [int(column.max(initial=0)) + 1 for column in columns]

    def keys(low: int, high: int) -> Ints:
        key = np.zeros(max(min(high, len(whole.value)) - low, 0), dtype=np.int64)
        for column, size in zip(columns, sizes, strict=True):
            key *= size
            key += column[low:high]
        return key

    # A few rows at a time, as most tables stand in order: what is looked at takes no room then.
    some = (keys(low, low + _ROWS_AT_ONCE + 1) for low in range(0, len(whole.value), _ROWS_AT_ONCE))
    if all((key[1:] >= key[:-1]).all() for key in some):
        return whole
    return whole.at(np.argsort(keys(0, len(whole.value))))


def _table(name: str, parts: Sequence[_Values], level: Level, roster: Roster, calendar: Calendar) -> pa.Table:
    """One published table of metrics."""
    rows, organisations = _in_order(parts), roster.names or [""]
    valued = np.isin(np.arange(len(STATUSES)), VALUED)
    rows.value[~valued[rows.status]] = np.nan
    columns = {
        "slice": rows.slice,
        "layer": Words(rows.layer, [layer.value for layer in LAYERS]),
        "node_set": Words(rows.node_set, [node_set.value for node_set in NODE_SETS]),
        "organisation_id": Words(rows.entity, organisations),
        "other_organisation_id": Words(rows.other, organisations),
        "metric": Words(rows.metric, _names(level) or [""]),
        "value": rows.value,
        "status": Words(rows.status, STATUSES),
    }
    return store.table(name, columns, calendar)


def ties_table(slices: Sequence[list[SliceTies]], roster: Roster, calendar: Calendar) -> pa.Table:
    """The `ties` table."""
    order = sorted(range(len(slices[0])) if slices else [], key=lambda at: slices[0][at].layer.value)
    parts = [layers[at] for layers in slices for at in order]
    lengths = [len(part) for part in parts]

    def column(name: str) -> Ints:
        return np.concatenate([getattr(part, name) for part in parts] or [np.zeros(0, np.int64)])

    def repeated(values: list[int]) -> NDArray[np.int32]:
        return np.repeat(np.array(values, dtype=np.int32), lengths)

    people, organisations = column("people"), roster.names or [""]
    columns = {
        "slice": repeated([part.slice for part in parts]),
        "layer": Words(repeated([LAYERS.index(p.layer) for p in parts]), [layer.value for layer in LAYERS]),
        "source_id": Words(column("source"), organisations),
        "target_id": Words(column("target"), organisations),
        "directed": pa.array(repeated([part.layer in DIRECTED_LAYERS for part in parts]).astype(bool)),
        "weight": column("weight"),
        "events": column("events"),
        "people": pa.array(people, mask=people < 0),
        "first_seen": column("first_day"),
        "last_seen": column("last_day"),
    }
    return store.table("ties", columns, calendar)


def group_table(measures: GroupMeasures, calendar: Calendar) -> pa.Table:
    """The `group_metrics` table."""
    pairs = sorted(measures.series, key=lambda p: (measures.groups[p[0]], measures.groups[p[1]]))
    of_name = {m.name: m for m in metrics.registered(Level.GROUP)}
    names = sorted(of_name)
    there = np.zeros((len(pairs), len(names)), dtype=bool)
    shape = (len(calendar), len(pairs), len(names))
    values, status = np.full(shape, np.nan), np.zeros(shape, np.int64)
    people = np.zeros(shape, np.int64)
    for row, pair in enumerate(pairs):
        for column, name in enumerate(names):
            series = measures.series[pair].get(name)
            if series is not None:  # metrics of one group stand with the group and itself only
                there[row, column] = True
                values[:, row, column], status[:, row, column] = series.valued(), series.status
        people[:, row, :] = measures.people.get(pair[0], np.zeros(len(calendar), np.int64))[:, None]
    found = np.nonzero(np.broadcast_to(there, shape))
    layer = np.array([LAYERS.index(of_name[name].layers[0]) for name in names], dtype=np.int64)
    order = np.lexsort((found[2], found[1], layer[found[2]], found[0]))
    cells = (found[0][order], found[1][order], found[2][order])
    number, place, kind = cells
    one, two = (np.array([p[side] for p in pairs] or [0], dtype=np.int64) for side in (0, 1))
    return store.table(
        "group_metrics",
        {
            "slice": number,
            "layer": Words(layer[kind], [each.value for each in LAYERS]),
            "professional_group": Words(one[place], measures.groups),
            "other_group": Words(two[place], measures.groups),
            "n_people": people[cells],
            "metric": Words(kind, names),
            "value": values[cells],
            "status": Words(status[cells], STATUSES),
        },
        calendar,
    )


def pair_table(pairs: Sequence[Block], roster: Roster, calendar: Calendar) -> pa.Table:
    """The `pair_metrics` table."""
    rows = _of_blocks(pairs, Level.PAIR, "pairs", _names(Level.PAIR))
    return _table("pair_metrics", [rows], Level.PAIR, roster, calendar)


def organisation_table(
    measured: Measured, two_mode: Measured, conduct: ConductMeasures, roster: Roster, calendar: Calendar
) -> pa.Table:
    """The `organisation_metrics` table."""
    level, names = Level.ORGANISATION, _names(Level.ORGANISATION)
    graphs = _of_blocks(carried(measured.organisation), level, "graph", names)
    run = _of_series(conduct.organisation, level, names, *np.nonzero(roster.provider))
    at_events = _of_blocks(two_mode.organisation, level, "two_mode", names)
    return _table("organisation_metrics", [graphs, at_events, *run], level, roster, calendar)


def network_table(
    measured: Measured,
    turnover: Sequence[Block],
    two_mode: Measured,
    conduct: ConductMeasures,
    groups: GroupMeasures,
    roster: Roster,
    calendar: Calendar,
) -> pa.Table:
    """The `network_metrics` table."""
    level, names = Level.NETWORK, _names(Level.NETWORK)
    graphs = _of_blocks(measured.network, level, "graph", names)
    changed = _of_blocks(turnover, level, "turnover", names)
    every_slice = np.arange(len(calendar))
    run = _of_series({**conduct.network, **groups.network}, level, names, every_slice[:0], every_slice)
    at_events = _of_blocks(two_mode.network, level, "two_mode", names)
    return _table("network_metrics", [graphs, changed, at_events, *run], level, roster, calendar)
