"""Measures of single slices as plain arrays, to be kept and taken up again: of graphs, and of professional groups."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from orgnet.metrics.groups import Behind, GroupMeasures, Pair
from orgnet.metrics.measure import Block, Measured, SliceTask, measure_slices
from orgnet.metrics.statuses import Series
from orgnet.partials import Partials
from orgnet.slices import SliceTies
from orgnet.vocabulary import Layer, NodeSet
from orgnet.work import Arrays, pick_up

Ints = NDArray[np.int64]
_NAMES = "names"
_OF_TIES = ("source", "target", "weight")


def as_text(values: Any) -> NDArray[np.uint8]:
    """Plain values as an array of bytes."""
    return np.frombuffer(json.dumps(values).encode(), dtype=np.uint8)


def as_values(text: NDArray[np.uint8]) -> Any:
    """The values of an array that `as_text` made."""
    return json.loads(text.tobytes())


# --- graphs ---------------------------------------------------------------------------------------------------


def arrays_of_graphs(measured: Measured) -> Arrays:
    """The blocks of one slice. Whom they are of is left out: the slice's own roster says it."""
    arrays: Arrays = {}
    for level, blocks in (("organisation", measured.organisation), ("network", measured.network)):
        for block in blocks:
            name = f"{level}/{block.layer.value}/{block.node_set.value}"
            arrays[f"{name}/values"], arrays[f"{name}/status"] = block.values, block.status.astype(np.int8)
    return arrays


def blocks_of_arrays(arrays: Arrays, number: int, roster: Ints) -> Measured:
    """The blocks of a slice again, given who is on its roster."""
    measured, none = Measured([], []), np.zeros(1, np.int64)
    for name in arrays:
        level, layer, node_set, what = name.split("/")
        if what == "status":
            continue
        entity = roster if level == "organisation" else none
        status = arrays[f"{level}/{layer}/{node_set}/status"].astype(np.int64)
        block = Block(number, Layer(layer), NodeSet(node_set), entity, entity, arrays[name], status)
        (measured.organisation if level == "organisation" else measured.network).append(block)
    return measured


def arrays_of_task(task: SliceTask) -> Arrays:
    """All that one slice's graphs are measured from; when ties were made, and by whom, is left out."""
    layers = [[ties.layer.value, bool(ties.nominal)] for ties in task.layers]
    covered = sorted(task.covered, key=lambda layer: layer.value)
    said = [task.number, layers, sorted(task.supplied), task.names, task.kinds, covered]
    arrays: Arrays = {"said": as_text(said), "roster": task.roster, "panel": task.panel}
    arrays["covered"] = np.stack([task.covered[layer] for layer in covered])
    for ties in task.layers:
        for column in _OF_TIES:
            arrays[f"{ties.layer.value}/{column}"] = getattr(ties, column)
    return arrays


def task_of_arrays(arrays: Arrays) -> SliceTask:
    """The task again."""
    number, layers, supplied, names, kinds, covered = as_values(arrays["said"])
    ties = [_ties_of_arrays(arrays, Layer(layer), number, nominal) for layer, nominal in layers]
    flags = {Layer(layer): each for layer, each in zip(covered, arrays["covered"], strict=True)}
    whole = frozenset(map(Layer, supplied))
    return SliceTask(number, ties, whole, names, arrays["roster"], arrays["panel"], flags, kinds)


def _ties_of_arrays(arrays: Arrays, layer: Layer, number: int, nominal: bool) -> SliceTies:
    source, target, weight = (arrays[f"{layer.value}/{column}"] for column in _OF_TIES)
    unsaid = np.zeros(len(source), dtype=np.int64)
    return SliceTies(layer, number, source, target, weight, unsaid, unsaid, unsaid, unsaid, nominal)


def measure_and_keep(tasks: Sequence[SliceTask | str], keys: Sequence[str], partials: Partials) -> None:
    """Measure the graphs of some slices, given or where they were put down, and keep what comes of it, slice by slice."""
    for given, key in zip(tasks, keys, strict=True):
        task = task_of_arrays(pick_up(given)) if isinstance(given, str) else given
        partials.keep(key, arrays_of_graphs(measure_slices([task])))


# --- professional groups --------------------------------------------------------------------------------------


def arrays_of_groups(measures: GroupMeasures, number: int) -> Arrays:
    """What was measured of groups in one slice; evidence of single people is not among it."""
    series: list[tuple[list[int | str], Series]] = [
        ([*pair, name], each) for pair, found in measures.series.items() for name, each in found.items()
    ]
    series += [([name], each) for name, each in measures.network.items()]
    behind = [(each.n_people, each.n_organisations, each.n_events) for each in measures.behind.values()]
    referring = np.zeros((0, number + 1), bool) if measures.referring is None else measures.referring
    return {
        _NAMES: as_text([name for name, _ in series]),
        "values": np.array([each.values[number] for _, each in series], dtype=np.float64),
        "status": np.array([each.status[number] for _, each in series], dtype=np.int8),
        "pairs": np.array(list(measures.behind), dtype=np.int64).reshape(-1, 2),
        "behind": np.array([[each[number] for each in counts] for counts in behind], np.int64).reshape(-1, 3),
        "referring": referring[:, number],
    }


def groups_of_arrays(slices: Sequence[Arrays], like: GroupMeasures) -> GroupMeasures:
    """The measures of all slices, in order, as one; what is not measured slice by slice is as in `like`.

    Raises ValueError if they are not measures of the same groups.
    """
    for name in (_NAMES, "pairs"):
        if any(not np.array_equal(each[name], slices[0][name]) for each in slices):
            raise ValueError("slices do not hold measures of the same groups")
    values, status = (np.stack([each[name] for each in slices], axis=1) for name in ("values", "status"))
    behind = np.stack([each["behind"] for each in slices], axis=2)
    series: dict[Pair, dict[str, Series]] = {(one, one): {} for one in like.people}
    network: dict[str, Series] = {}
    for row, name in enumerate(as_values(slices[0][_NAMES])):
        found = Series(values[row], status[row].astype(np.int64))
        if len(name) == 1:
            network[name[0]] = found
        else:
            series.setdefault((name[0], name[1]), {})[name[2]] = found
    pairs = [(one, two) for one, two in slices[0]["pairs"].tolist()]
    referring = np.stack([each["referring"] for each in slices], axis=1)
    return replace(
        like,
        series=series,
        network=network,
        behind={pair: Behind(*behind[row]) for row, pair in enumerate(pairs)},
        referring=referring if len(referring) else None,
    )
