"""What of a published snapshot is exported: slices, who is in the network in each, and the ties between them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Any

from orgnet.exports.completeness import Statement, completeness
from orgnet.vocabulary import DIRECTED_LAYERS, Complete, NodeSet
from orgnet.windows import parse_step


@dataclass(frozen=True)
class Slice:
    """One published slice: its first day, the first day after it, and the day that its ties look back to."""

    label: str
    start: date
    end: date
    window_start: date


@dataclass(frozen=True)
class Tie:
    """One published tie. A weight that is not published is None, as is the number of people where none is named."""

    source: str
    target: str
    weight: float | None
    events: int | None
    people: int | None
    first_seen: date | None
    last_seen: date | None

    @property
    def facts(self) -> dict[str, Any]:
        """What is known of the tie, dates as text; nothing that is not published."""
        found = {name: getattr(self, name) for name in TIE_FACTS}
        plain = {name: value.isoformat() if isinstance(value, date) else value for name, value in found.items()}
        return {name: value for name, value in plain.items() if value is not None}


TIE_FACTS = ("weight", "events", "people", "first_seen", "last_seen")


@dataclass(frozen=True)
class Network:
    """The part of a snapshot that was asked for. Ties to organisations that are not in the slice are left out."""

    manifest: Mapping[str, Any]
    node_set: NodeSet
    all_slices: tuple[Slice, ...]
    slices: tuple[Slice, ...]
    layers: tuple[str, ...]
    rosters: Mapping[str, tuple[str, ...]]
    ties: Mapping[tuple[str, str], tuple[Tie, ...]]
    statements: tuple[Statement, ...]
    left_out: int = 0
    values: Mapping[str, Mapping[tuple[str, str], float]] = field(default_factory=dict)
    """Per metric asked for, its values by slice and organisation; those that are not published are not there."""

    @property
    def layer(self) -> str:
        """The one layer of an export that holds one."""
        (only,) = self.layers
        return only

    @property
    def organisations(self) -> tuple[str, ...]:
        """Everyone who is in the network in one of the slices, in order of name."""
        return tuple(sorted({name for each in self.slices for name in self.rosters[each.label]}))

    def records(self, layer: str, name: str, at: Slice) -> Complete:
        """Whether the records that a layer rests on are known to be complete for an organisation's window."""
        supplied = self.manifest.get("records", {}).get("read", {})
        return completeness(self.statements, layer, supplied, name, (at.window_start, at.end))

    def facts(self, name: str, at: Slice) -> dict[str, Any]:
        """The metrics asked for, of one organisation in one slice; nothing that is not published."""
        found = {metric: values.get((at.label, name)) for metric, values in self.values.items()}
        return {metric: value for metric, value in found.items() if value is not None}


def directed(layer: str) -> bool:
    """Whether source and target can be told apart in a layer."""
    return layer in DIRECTED_LAYERS


def source_of(network: Network, format: str) -> dict[str, Any]:
    """Where an export comes from, to go with it."""
    return {
        "format": format,
        "network": network.manifest.get("network"),
        "run_id": network.manifest["run_id"],
        "layers": list(network.layers),
        "slices": [each.label for each in network.slices],
        "node_set": network.node_set.value,
        "ties_off_roster_left_out": network.left_out,
    }


def whole_windows(manifest: Mapping[str, Any], slices: Iterable[Slice]) -> list[Slice]:
    """The slices whose whole window lies within the period."""
    window = manifest.get("configuration", {}).get("slices", {}).get("window")
    if not window:
        return list(slices)
    step = parse_step(str(window))
    return [each for each in slices if step.after(each.end, -1) == each.window_start]


def apart(slices: Sequence[Slice]) -> list[Slice]:
    """The most recent slices whose windows do not overlap, counted back from the last."""
    kept: list[Slice] = []
    for each in reversed(slices):
        if not kept or each.end <= kept[-1].window_start:
            kept.append(each)
    return kept[::-1]


def overlapping(slices: Sequence[Slice]) -> bool:
    """Whether the window of one slice reaches back into the one before it."""
    return any(after.window_start < before.end for before, after in pairwise(slices))
