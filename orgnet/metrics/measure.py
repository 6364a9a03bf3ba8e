"""Slices to numbers: every registered metric of every layer's graph, slice by slice, with a status for each value."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from igraph import Graph
from numpy.typing import NDArray

from orgnet import metrics
from orgnet.metrics import paths
from orgnet.metrics.arrays import arrays_of, partners, share_arrays
from orgnet.metrics.registry import Metric
from orgnet.metrics.statuses import CODE, Codes, status_codes
from orgnet.records.behind import kinds_behind
from orgnet.records.coverage import Coverage
from orgnet.records.organisations import Roster
from orgnet.records.read import Records
from orgnet.slices import SliceTies, graph
from orgnet.vocabulary import Layer, Level, NodeSet, Status

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
COMBINABLE = (Layer.MEETINGS, Layer.MDT, Layer.REFERRALS, Layer.JOINT_ROLES)


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
    kinds: list[str]
    """Each organisation's kind in this slice."""


@dataclass(frozen=True)
class Block:
    """The values of one slice, layer and node set: one row per entity, one column per metric (in order of name)."""

    slice: int
    layer: Layer
    node_set: NodeSet
    entity: Ints
    other: Ints
    values: Floats
    status: Codes


@dataclass(frozen=True)
class Measured:
    """The blocks of some slices, per level."""

    organisation: list[Block]
    network: list[Block]


def names_of(level: Level, layer: Layer, takes: str) -> list[Metric]:
    """The metrics of a level and layer, in order of name."""
    return [m for m in metrics.registered(level, takes) if layer in m.layers]


def drawn(task: SliceTask, ties: SliceTies, nodes: Ints) -> Graph:
    """The graph of one layer over some organisations, ready to be measured: it is not to be changed any more."""
    network = graph(ties, nodes, [task.names[code] for code in nodes])
    network.vs["kind"] = [task.kinds[code] for code in nodes]
    share_arrays(network)
    return network


def _status(chosen: list[Metric], values: Floats, unknown: Flags, nominal: bool, n: int) -> Ints:
    """A status code for each value; an estimate says so, unless it rests on nominal presence, which weighs more."""
    status = status_codes(values, unknown, nominal)
    sampled = [m.name in paths.SAMPLED and not paths.exact(n) for m in chosen]
    return np.where((status == CODE[Status.OK]) & np.array(sampled, dtype=bool), CODE[Status.SAMPLED], status)


def _organisations(task: SliceTask, ties: SliceTies, network: Graph) -> Block:
    chosen = names_of(Level.ORGANISATION, ties.layer, "graph")
    n = len(task.roster)
    values = np.column_stack([m.function(network) for m in chosen]) if chosen else np.zeros((n, 0))
    isolated = partners(arrays_of(network)) == 0
    unknown = isolated & ~task.covered[ties.layer][task.roster]
    status = _status(chosen, values, np.broadcast_to(unknown[:, None], values.shape), ties.nominal, n)
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
    status = _status(chosen, values, unknown, ties.nominal, len(nodes))
    return Block(task.number, ties.layer, node_set, none, none, values, status)


def measure_slices(tasks: Sequence[SliceTask]) -> Measured:
    """Every graph metric of some slices. It looks at nothing but its tasks, so it may run in another process."""
    measured = Measured([], [])
    for task in tasks:
        for ties in sorted(task.layers, key=lambda t: t.layer.value):
            if ties.layer not in task.supplied:
                for node_set in NodeSet:
                    measured.network.append(_network(task, ties, task.roster, None, node_set))
                continue
            network = drawn(task, ties, task.roster)
            measured.organisation.append(_organisations(task, ties, network))
            whole = _network(task, ties, task.roster, network, NodeSet.ROSTER)
            panel = replace(whole, node_set=NodeSet.CONSTANT_PANEL)
            if len(task.panel) != len(task.roster):
                panel = _network(task, ties, task.panel, drawn(task, ties, task.panel), NodeSet.CONSTANT_PANEL)
            measured.network.extend([whole, panel])
    return measured


def slice_tasks(
    slices: Sequence[list[SliceTies]], records: Records, roster: Roster, coverage: Coverage
) -> list[SliceTask]:
    """One task per slice, in order."""
    kinds = {layer: kinds_behind(layer, records.has) for layer in Layer}
    supplied = frozenset(layer for layer, behind in kinds.items() if behind)
    tasks = []
    for number, layers in enumerate(slices):
        covered = {
            layer: np.logical_and.reduce([coverage.of(kind)[:, number] for kind in behind])
            if behind
            else np.zeros(len(roster.names), bool)
            for layer, behind in kinds.items()
        }
        here, kind = roster.on(number), roster.kinds(number)
        tasks.append(SliceTask(number, layers, supplied, roster.names, here, roster.constant, covered, kind))
    return tasks


def joined(parts: Iterable[Measured]) -> Measured:
    """The measures of several batches of slices as one."""
    whole = Measured([], [])
    for part in parts:
        whole.organisation.extend(part.organisation)
        whole.network.extend(part.network)
    return whole
