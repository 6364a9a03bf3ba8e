"""Reading of a snapshot what is to be exported, by the names that it has."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from orgnet import database
from orgnet.errors import InputFault, near, nearest
from orgnet.exports.completeness import Statement
from orgnet.exports.published import Network, Slice, Tie, apart, whole_windows
from orgnet.query import find_network
from orgnet.vocabulary import NodeSet

_SLICES = "SELECT DISTINCT slice, slice_start, slice_end, window_start FROM read_parquet(?) ORDER BY slice_start"
_LAYERS = "SELECT DISTINCT layer FROM read_parquet(?) ORDER BY 1"
_ROSTERS = "SELECT DISTINCT slice, organisation_id FROM read_parquet(?) ORDER BY 1, 2"
_TIES = (
    "SELECT layer, slice, source_id, target_id, weight, events, people, first_seen, last_seen FROM read_parquet(?) "
    "WHERE list_contains(?, layer) AND list_contains(?, slice) ORDER BY layer, slice_start, source_id, target_id"
)
_METRICS = "SELECT DISTINCT layer, metric FROM read_parquet(?) ORDER BY 1, 2"
_VALUES = "SELECT slice, organisation_id, value FROM read_parquet(?) WHERE layer = ? AND metric = ?"
_COVERAGE = "SELECT record_kind, organisation_id, period_start, period_end, complete FROM read_parquet(?)"


class Reader:
    """The tables of one snapshot, asked in SQL; the same snapshot throughout, even if a run publishes meanwhile."""

    def __init__(self, folder: Path, con: duckdb.DuckDBPyConnection) -> None:
        self.folder, self.con = find_network(folder).resolve(), con
        self.manifest: dict[str, Any] = json.loads((self.folder / "manifest.json").read_text(encoding="utf-8"))
        self.slices = tuple(Slice(*row) for row in self.rows("network_metrics", _SLICES))
        self.layers = tuple(name for (name,) in self.rows("network_metrics", _LAYERS))

    def rows(self, table: str, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """The rows of one table that a question asks for."""
        path = self.folder / f"{table}.parquet"
        if not path.exists():
            raise InputFault(f"{self.folder}: the run has no table {table}; run it again with this version of orgnet")
        return self.con.execute(sql, [str(path), *values]).fetchall()

    def one_slice(self, given: str) -> Slice:
        """A slice by its label. Raises InputFault, with the nearest, if there is none."""
        known = {each.label: each for each in self.slices}
        if given not in known:
            raise InputFault(f"--slice: there is no slice {given!r}{nearest(given, known)}")
        return known[given]

    def chosen_slices(self, given: Sequence[str]) -> tuple[Slice, ...]:
        """The slices meant, in order of time: by their labels, or `last`, `all`, or `apart`."""
        if not self.slices:
            raise InputFault(f"{self.folder}: the run has no slices")
        named = {
            "last": self.slices[-1:],
            "all": self.slices,
            "apart": tuple(apart(whole_windows(self.manifest, self.slices))),
        }
        found = {each for word in given for each in named.get(word) or (self.one_slice(word),)}
        return tuple(sorted(found, key=lambda each: each.start))

    def chosen_layers(self, given: str | None) -> tuple[str, ...]:
        """The layer named, or all. Raises InputFault, with the nearest, if there is none of that name."""
        if given is None:
            return self.layers
        if given not in self.layers:
            raise InputFault(f"--layer: there is no layer {given!r}{nearest(given, self.layers)}")
        return (given,)

    def rosters(self, node_set: NodeSet) -> dict[str, tuple[str, ...]]:
        """Who is in the network, slice by slice; of the constant panel, only those who are in it in every slice."""
        found: dict[str, list[str]] = {each.label: [] for each in self.slices}
        for label, name in self.rows("organisation_metrics", _ROSTERS):
            found[label].append(name)
        always = set.intersection(*(set(names) for names in found.values()))
        constant = node_set == NodeSet.CONSTANT_PANEL
        return {
            label: tuple(name for name in names if not constant or name in always) for label, names in found.items()
        }

    def values(self, wanted: Sequence[str], layers: Sequence[str]) -> dict[str, dict[tuple[str, str], float]]:
        """The metrics asked for, `NAME` of the one layer or `LAYER:NAME`, by slice and organisation."""
        known = self.rows("organisation_metrics", _METRICS) if wanted else []
        return {each: self._value(each, layers, known) for each in wanted}

    def _value(
        self, wanted: str, layers: Sequence[str], known: Sequence[tuple[str, str]]
    ) -> dict[tuple[str, str], float]:
        layer, _, metric = wanted.rpartition(":")
        metrics = {two for _, two in known}
        if metric not in metrics:
            raise InputFault(f"--metric: no organisation has a metric {metric!r}{near(metric, sorted(metrics))}")
        if not layer and len(layers) > 1:
            raise InputFault(f"--metric: {wanted!r} is measured in several layers; name one, as LAYER:{wanted}")
        layer = layer or layers[0]
        if (layer, metric) not in known:
            there = [f"{one}:{two}" for one, two in known]
            hint = near(f"{layer}:{metric}", there)
            raise InputFault(f"--metric: no organisation has a metric {metric!r} in the layer {layer!r}{hint}")
        rows = self.rows("organisation_metrics", _VALUES, layer, metric)
        return {(label, name): value for label, name, value in rows if value is not None}

    def ties(
        self, layers: Sequence[str], slices: Sequence[Slice], rosters: Mapping[str, tuple[str, ...]]
    ) -> tuple[dict[tuple[str, str], tuple[Tie, ...]], int]:
        """The ties between organisations that are in the slice, and how many others were left out."""
        found: dict[tuple[str, str], list[Tie]] = {(layer, each.label): [] for layer in layers for each in slices}
        members = {label: set(names) for label, names in rosters.items()}
        rows = self.rows("ties", _TIES, list(layers), [each.label for each in slices])
        for layer, label, *tie in rows:
            if members[label].issuperset(tie[:2]):
                found[layer, label].append(Tie(*tie))
        kept = {key: tuple(ties) for key, ties in found.items()}
        return kept, len(rows) - sum(map(len, kept.values()))


def read(
    folder: Path, layer: str | None, slices: Sequence[str], node_set: NodeSet, metrics: Sequence[str] = ()
) -> Network:
    """What is asked for of a network's current snapshot. Raises InputFault if a name is not known there."""
    with database.connect() as con:
        reader = Reader(folder, con)
        layers, chosen = reader.chosen_layers(layer), reader.chosen_slices(slices)
        rosters = reader.rosters(node_set)
        ties, left_out = reader.ties(layers, chosen, rosters)
        statements = tuple(Statement(*row) for row in reader.rows("coverage", _COVERAGE))
        values = reader.values(metrics, layers)
    return Network(
        reader.manifest, node_set, reader.slices, chosen, layers, rosters, ties, statements, left_out, values
    )
