"""Measured values as the published tables: one row per value."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from orgnet import metrics, store
from orgnet.metrics.communities import carried
from orgnet.metrics.measure import Block, Measured, names_of
from orgnet.metrics.registry import Metric
from orgnet.metrics.series import CONDUCT_KINDS, ConductMeasures, GroupMeasures
from orgnet.metrics.statuses import STATUSES, VALUED, Series
from orgnet.records.organisations import Roster
from orgnet.store import Words
from orgnet.vocabulary import Layer, Level, NodeSet
from orgnet.windows import Calendar

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
LAYERS = sorted(Layer, key=lambda layer: layer.value)


def _long(blocks: list[Block], level: Level, takes: str) -> dict[str, object]:
    """Blocks as one long table's columns: entity by entity, metric by metric."""
    names = sorted({m.name for m in metrics.registered(level, takes)})
    place = {name: number for number, name in enumerate(names)}
    columns: dict[str, list[Ints | Floats]] = {
        key: [] for key in ("slice", "layer", "node_set", "entity", "other", "metric", "value", "status")
    }
    node_sets = [word.value for word in NodeSet]
    for block in blocks:
        chosen = np.array([place[m.name] for m in names_of(level, block.layer, takes)], dtype=np.int64)
        rows, width = block.values.shape
        columns["slice"].append(np.full(rows * width, block.slice))
        columns["layer"].append(np.full(rows * width, LAYERS.index(block.layer)))
        columns["node_set"].append(np.full(rows * width, node_sets.index(block.node_set)))
        columns["entity"].append(np.repeat(block.entity, width))
        columns["other"].append(np.repeat(block.other, width))
        columns["metric"].append(np.tile(chosen, rows))
        columns["value"].append(block.values.ravel())
        columns["status"].append(block.status.ravel())
    values = np.concatenate(columns.pop("value") or [np.zeros(0)]).astype(np.float64)
    flat = {
        key: np.concatenate(parts).astype(np.int64) if parts else np.zeros(0, dtype=np.int64)
        for key, parts in columns.items()
    }
    status = flat["status"]
    valued = np.isin(status, VALUED)
    return {
        "slice": flat["slice"],
        "layer": Words(flat["layer"], [layer.value for layer in LAYERS]),
        "node_set": Words(flat["node_set"], node_sets),
        "entity": flat["entity"],
        "other": flat["other"],
        "metric": Words(flat["metric"], names or [""]),
        "value": np.where(valued, values, np.nan),
        "status": Words(status, STATUSES),
    }


def group_table(measures: GroupMeasures, calendar: Calendar) -> pa.Table:
    """The `group_metrics` table."""
    pairs = sorted(measures.series, key=lambda p: (measures.groups[p[0]], measures.groups[p[1]]))
    names = sorted({m.name for m in metrics.registered(Level.GROUP)})
    shape = (len(calendar), len(pairs), len(names))
    values, status = np.full(shape, np.nan), np.zeros(shape, np.int64)
    people = np.zeros(shape, np.int64)
    for row, pair in enumerate(pairs):
        for column, name in enumerate(names):
            series = measures.series[pair][name]
            values[:, row, column], status[:, row, column] = series.valued(), series.status
        people[:, row, :] = measures.evidence[pair].n_people[:, None]
    number, row, column = (index.ravel() for index in np.indices(shape))
    one, two = (np.array([p[side] for p in pairs] or [0], dtype=np.int64) for side in (0, 1))
    return store.table(
        "group_metrics",
        {
            "slice": number,
            "layer": Words(np.zeros(len(number), np.int64), [Layer.COMBINED.value]),
            "professional_group": Words(one[row], measures.groups),
            "other_group": Words(two[row], measures.groups),
            "n_people": people.ravel(),
            "metric": Words(column, names),
            "value": values.ravel(),
            "status": Words(status.ravel(), STATUSES),
        },
        calendar,
    )


def graph_tables(
    measured: Measured,
    pairs: list[Block],
    turnover: list[Block],
    conduct: ConductMeasures,
    roster: Roster,
    calendar: Calendar,
) -> dict[str, pa.Table]:
    """The organisation, pair and network tables."""
    names = roster.names or [""]
    organisation = _long(carried(measured.organisation), Level.ORGANISATION, "graph")
    pair = _long(pairs, Level.PAIR, "pairs")
    network = _long(measured.network, Level.NETWORK, "graph")
    tables = {
        "organisation_metrics": store.table(
            "organisation_metrics",
            {**organisation, "organisation_id": Words(organisation["entity"], names)},  # type: ignore[arg-type]
            calendar,
        ),
        "pair_metrics": store.table(
            "pair_metrics",
            {
                **pair,
                "organisation_id": Words(pair["entity"], names),  # type: ignore[arg-type]
                "other_organisation_id": Words(pair["other"], names),  # type: ignore[arg-type]
            },
            calendar,
        ),
        "network_metrics": store.table("network_metrics", network, calendar),
    }
    changed = store.table("network_metrics", _long(turnover, Level.NETWORK, "turnover"), calendar)
    extra = {
        "organisation_metrics": [_conduct_organisations(conduct, roster, calendar)],
        "network_metrics": [_conduct_network(conduct, calendar), changed],
    }
    for name, rows in extra.items():
        both = pa.concat_tables([tables[name], *rows]).unify_dictionaries()
        tables[name] = store.sorted_by_key(name, both)
    return tables


def _conduct_rows(measures: dict[str, Series], level: Level) -> list[tuple[Metric, Series]]:
    by_name = {m.name: m for m in metrics.registered(level) if m.takes in CONDUCT_KINDS}
    return [(by_name[name], series) for name, series in sorted(measures.items())]


def _conduct_network(conduct: ConductMeasures, calendar: Calendar) -> pa.Table:
    chosen, slices = _conduct_rows(conduct.network, Level.NETWORK), len(calendar)
    names, node_sets = [m.name for m, _ in chosen], [NodeSet.ROSTER.value]
    layers = [LAYERS.index(m.layers[0]) for m, _ in chosen]
    count = len(chosen) * slices
    return store.table(
        "network_metrics",
        {
            "slice": np.tile(np.arange(slices), len(chosen)),
            "layer": Words(np.repeat(np.array(layers, dtype=np.int64), slices), [layer.value for layer in LAYERS]),
            "node_set": Words(np.zeros(count, np.int64), node_sets),
            "metric": Words(np.repeat(np.arange(len(chosen)), slices), names),
            "value": np.concatenate([s.valued() for _, s in chosen]),
            "status": Words(np.concatenate([s.status for _, s in chosen]), STATUSES),
        },
        calendar,
    )


def _conduct_organisations(conduct: ConductMeasures, roster: Roster, calendar: Calendar) -> pa.Table:
    chosen = _conduct_rows(conduct.organisation, Level.ORGANISATION)
    org, number = np.nonzero(roster.provider)
    names = [m.name for m, _ in chosen]
    layers = np.array([LAYERS.index(m.layers[0]) for m, _ in chosen], dtype=np.int64)
    return store.table(
        "organisation_metrics",
        {
            "slice": np.tile(number, len(chosen)),
            "layer": Words(np.repeat(layers, len(org)), [layer.value for layer in LAYERS]),
            "organisation_id": Words(np.tile(org, len(chosen)), roster.names or [""]),
            "metric": Words(np.repeat(np.arange(len(chosen)), len(org)), names),
            "value": np.concatenate([s.valued()[org, number] for _, s in chosen]),
            "status": Words(np.concatenate([s.status[org, number] for _, s in chosen]), STATUSES),
        },
        calendar,
    )
