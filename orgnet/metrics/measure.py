"""Slices to numbers: every registered metric of every layer, slice by slice, with a status for each value."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from igraph import Graph
from numpy.typing import NDArray

from orgnet import metrics, store
from orgnet.config import Config
from orgnet.metrics.acquaintance import GroupEvidence, gather, group_posts, no_contacts
from orgnet.metrics.conduct import Conduct
from orgnet.metrics.pair import PairTies
from orgnet.metrics.registry import Metric
from orgnet.records.coverage import Coverage
from orgnet.records.organisations import Roster
from orgnet.records.read import Records
from orgnet.slices import SliceTies, graph
from orgnet.store import Words
from orgnet.ties.make import Ties
from orgnet.vocabulary import DIRECTED_LAYERS, Layer, Level, NodeSet, RecordKind, Status
from orgnet.windows import Calendar

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
STATUSES = [status.value for status in Status]
LAYERS = sorted(Layer, key=lambda layer: layer.value)
_CODE = {status: number for number, status in enumerate(Status)}
COMBINABLE = (Layer.MEETINGS, Layer.MDT, Layer.REFERRALS, Layer.JOINT_ROLES)


def kinds_behind(layer: Layer, records: Records) -> tuple[RecordKind, ...]:
    """The kinds of record that a layer rests on, as far as the network supplies them; none if it supplies none."""
    wanted = {
        Layer.REFERRALS: (RecordKind.REFERRALS,),
        Layer.REFERRALS_BACK: (RecordKind.REFERRALS,),
        Layer.JOINT_ROLES: (RecordKind.JOINT_ROLES, RecordKind.PEOPLE),
        Layer.COMBINED: (
            RecordKind.ATTENDANCE,
            RecordKind.REFERRALS,
            RecordKind.JOINT_ROLES,
        ),
    }.get(layer, (RecordKind.ATTENDANCE,))
    supplied = tuple(kind for kind in wanted if records.has(kind))
    if layer == Layer.COMBINED and not supplied and records.has(RecordKind.PEOPLE):
        return (RecordKind.PEOPLE,)
    return supplied[:1] if layer == Layer.JOINT_ROLES else supplied


@dataclass(frozen=True)
class SliceTask:
    """One slice's ties with all that is needed to measure them, so that any process can."""

    number: int
    layers: list[SliceTies]
    supplied: frozenset[Layer]
    names: list[str]
    roster: Ints
    panel: Ints
    covered: dict[Layer, Flags]
    """Per layer, whether each organisation's records are known to be whole."""


@dataclass(frozen=True)
class Block:
    """The values of one slice, layer and node set: one row per entity, one column per metric (in order of name)."""

    slice: int
    layer: Layer
    node_set: NodeSet
    entity: Ints
    other: Ints
    values: Floats
    status: Ints


@dataclass(frozen=True)
class Measured:
    """The blocks of some slices, per level."""

    organisation: list[Block]
    pair: list[Block]
    network: list[Block]


def names_of(level: Level, layer: Layer, takes: str) -> list[Metric]:
    """The metrics of a level and layer, in order of name."""
    return [m for m in metrics.registered(level, takes) if layer in m.layers]


def _status(values: Floats, unknown: Flags, nominal: bool) -> Ints:
    """A status code for each value: not known if nothing is there and nothing says that all is."""
    status = np.where(np.isnan(values), _CODE[Status.UNDEFINED], _CODE[Status.NOMINAL if nominal else Status.OK])
    return np.where(unknown, _CODE[Status.NO_COVERAGE], status)


def _organisations(task: SliceTask, ties: SliceTies, network: Graph) -> Block:
    chosen = names_of(Level.ORGANISATION, ties.layer, "graph")
    n = len(task.roster)
    values = np.column_stack([m.function(network) for m in chosen]) if chosen else np.zeros((n, 0))
    isolated = np.array(network.degree()) == 0 if n else np.zeros(0, bool)
    unknown = isolated & ~task.covered[ties.layer][task.roster]
    status = _status(values, np.broadcast_to(unknown[:, None], values.shape), ties.nominal)
    return Block(task.number, ties.layer, NodeSet.ROSTER, task.roster, task.roster, values, status)


def _network(task: SliceTask, ties: SliceTies, nodes: Ints, network: Graph | None, node_set: NodeSet) -> Block:
    chosen = names_of(Level.NETWORK, ties.layer, "graph")
    if network is None:
        values = np.full((1, len(chosen)), np.nan)
        unknown = np.ones(values.shape, bool)
    else:
        values = np.array([[m.function(network) for m in chosen]], dtype=np.float64)
        empty = network.ecount() == 0 and not task.covered[ties.layer][nodes].all()
        unknown = np.full(values.shape, empty)
    none = np.zeros(1, np.int64)
    return Block(task.number, ties.layer, node_set, none, none, values, _status(values, unknown, ties.nominal))


def _pairs(task: SliceTask, ties: SliceTies) -> Block:
    chosen = names_of(Level.PAIR, ties.layer, "pairs")
    n = len(task.names)
    key, turned = ties.source * n + ties.target, ties.target * n + ties.source
    at = np.minimum(np.searchsorted(key, turned), max(len(key) - 1, 0))
    back = np.where(key[at] == turned, ties.weight[at], 0.0) if len(key) else np.zeros(0)
    if ties.layer not in DIRECTED_LAYERS:
        back = ties.weight
    evidence = PairTies(ties.weight, back, max(1, sum(layer in task.supplied for layer in COMBINABLE)))
    values = np.column_stack([m.function(evidence) for m in chosen]) if len(key) else np.zeros((0, len(chosen)))
    status = _status(values, np.zeros(values.shape, bool), ties.nominal)
    return Block(task.number, ties.layer, NodeSet.ROSTER, ties.source, ties.target, values, status)


def measure_slices(tasks: Sequence[SliceTask]) -> Measured:
    """Every graph metric of some slices. It looks at nothing but its tasks, so it may run in another process."""
    measured = Measured([], [], [])
    for task in tasks:
        for ties in sorted(task.layers, key=lambda t: t.layer.value):
            if ties.layer not in task.supplied:
                for node_set in NodeSet:
                    measured.network.append(_network(task, ties, task.roster, None, node_set))
                continue
            network = graph(ties, task.roster, [task.names[code] for code in task.roster])
            measured.organisation.append(_organisations(task, ties, network))
            measured.pair.append(_pairs(task, ties))
            measured.network.append(_network(task, ties, task.roster, network, NodeSet.ROSTER))
            panel = network
            if len(task.panel) != len(task.roster):
                panel = graph(ties, task.panel, [task.names[code] for code in task.panel])
            measured.network.append(_network(task, ties, task.panel, panel, NodeSet.CONSTANT_PANEL))
    return measured


def slice_tasks(
    slices: Sequence[list[SliceTies]], records: Records, roster: Roster, coverage: Coverage
) -> list[SliceTask]:
    """One task per slice, in order."""
    kinds = {layer: kinds_behind(layer, records) for layer in Layer}
    supplied = frozenset(layer for layer, behind in kinds.items() if behind)
    tasks = []
    for number, layers in enumerate(slices):
        covered = {
            layer: np.logical_and.reduce([coverage.of(kind)[:, number] for kind in behind])
            if behind
            else np.zeros(len(roster.names), bool)
            for layer, behind in kinds.items()
        }
        tasks.append(SliceTask(number, layers, supplied, roster.names, roster.on(number), roster.constant, covered))
    return tasks


def joined(parts: Iterable[Measured]) -> Measured:
    """The measures of several batches of slices as one."""
    whole = Measured([], [], [])
    for part in parts:
        whole.organisation.extend(part.organisation)
        whole.pair.extend(part.pair)
        whole.network.extend(part.network)
    return whole


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
    valued = np.isin(status, [_CODE[Status.OK], _CODE[Status.NOMINAL]])
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


@dataclass(frozen=True)
class Series:
    """One metric of one scope over all slices: values (NaN if none), status codes, people and coverage behind it."""

    values: Floats
    status: Ints

    def valued(self) -> Floats:
        """The values, NaN wherever the status says that there is none."""
        return np.where(np.isin(self.status, [_CODE[Status.OK], _CODE[Status.NOMINAL]]), self.values, np.nan)


@dataclass(frozen=True)
class GroupMeasures:
    """The evidence and the metrics of every pair of professional groups that has anyone on any roster."""

    groups: list[str]
    evidence: dict[tuple[int, int], GroupEvidence]
    series: dict[tuple[int, int], dict[str, Series]]


def _group_status(metric: Metric, values: Floats, evidence: GroupEvidence) -> Ints:
    unknown = ~evidence.covered & ((evidence.events == 0) | (values == 0))
    status = np.where(np.isnan(values), _CODE[Status.UNDEFINED], _CODE[Status.OK])
    status = np.where((status == _CODE[Status.OK]) & evidence.nominal, _CODE[Status.NOMINAL], status)
    if metric.takes == "group_year":
        status = np.where(~evidence.whole, _CODE[Status.INSUFFICIENT], status)
    status = np.where(unknown, _CODE[Status.NO_COVERAGE], status)
    return np.where(evidence.n_people == 0, _CODE[Status.UNDEFINED], status)


def measure_groups(
    ties: Ties, records: Records, roster: Roster, coverage: Coverage, config: Config, calendar: Calendar
) -> GroupMeasures:
    """Every group metric, for each professional group among its peers and towards each other group."""
    posts = group_posts(records, config, calendar)
    staffed = [number for number, group in enumerate(posts) if len(group.people)]
    chosen = metrics.registered(Level.GROUP)
    measures = GroupMeasures(config.professional_groups, {}, {})
    if not records.has(RecordKind.ATTENDANCE):
        return measures
    for one in staffed:
        for two in staffed:
            contacts = ties.contacts.get((min(one, two), max(one, two)), no_contacts())
            if one > two:
                contacts = contacts.reversed()
            found = gather(
                contacts, posts[one], posts[two], one == two, ties.presence, roster, coverage, config, calendar
            )
            measures.evidence[one, two] = found
            series = {}
            for m in chosen:
                values = np.asarray(m.function(found), dtype=np.float64)
                series[m.name] = Series(values, _group_status(m, values, found))
            measures.series[one, two] = series
    return measures


_CONDUCT_KINDS = {
    "organisations": RecordKind.ORGANISATIONS,
    "meetings": RecordKind.ATTENDANCE,
    "meetings_year": RecordKind.ATTENDANCE,
    "leads": RecordKind.LEAD_ROLES,
    "cases": RecordKind.MDT_CASES,
    "joint_roles": RecordKind.JOINT_ROLES,
}


@dataclass(frozen=True)
class ConductMeasures:
    """Metrics of how the network is run; `organisation` values have the shape (organisations, slices)."""

    network: dict[str, Series]
    organisation: dict[str, Series]


def _whole_for_all(whole: Flags, members: Flags) -> Flags:
    """Per slice, whether the records of every member are known to be whole; of nobody, nothing is known."""
    return np.asarray((members & whole).any(axis=0) & ~(members & ~whole).any(axis=0))


def measure_conduct(conduct: Conduct, records: Records, roster: Roster, coverage: Coverage) -> ConductMeasures:
    """Every metric of how the network is run, with a status for each value."""
    measures = ConductMeasures({}, {})
    for takes, wanted in _CONDUCT_KINDS.items():
        kind = wanted
        if takes == "leads" and not records.has(kind):
            kind = RecordKind.ATTENDANCE
        if takes == "joint_roles" and not records.has(kind):
            kind = RecordKind.PEOPLE
        supplied = records.has(kind)
        whole = coverage.of(kind)
        for m in metrics.registered(takes=takes):
            values = np.asarray(m.function(conduct), dtype=np.float64)
            per_network = m.level == Level.NETWORK
            known = _whole_for_all(whole, roster.provider) if per_network else whole
            empty = (values == 0) | np.isnan(values)
            status = np.where(np.isnan(values), _CODE[Status.UNDEFINED], _CODE[Status.OK])
            if takes == "meetings_year":
                status = np.where(~conduct.whole, _CODE[Status.INSUFFICIENT], status)
            status = np.where(empty & ~known if supplied else True, _CODE[Status.NO_COVERAGE], status)
            target = measures.network if per_network else measures.organisation
            target[m.name] = Series(values, status)
    return measures


def _conduct_rows(measures: dict[str, Series], level: Level) -> list[tuple[Metric, Series]]:
    by_name = {m.name: m for m in metrics.registered(level) if m.takes in _CONDUCT_KINDS}
    return [(by_name[name], series) for name, series in sorted(measures.items())]


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
    measured: Measured, conduct: ConductMeasures, roster: Roster, calendar: Calendar
) -> dict[str, pa.Table]:
    """The organisation, pair and network tables."""
    names = roster.names or [""]
    organisation = _long(measured.organisation, Level.ORGANISATION, "graph")
    pair = _long(measured.pair, Level.PAIR, "pairs")
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
    extra = {
        "organisation_metrics": _conduct_organisations(conduct, roster, calendar),
        "network_metrics": _conduct_network(conduct, calendar),
    }
    for name, rows in extra.items():
        both = pa.concat_tables([tables[name], rows]).unify_dictionaries()
        tables[name] = store.sorted_by_key(name, both)
    return tables


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
