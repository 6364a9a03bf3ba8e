"""Maps of organisations: one place for each throughout, so that eyes can compare slices; ties drawn per slice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import hypot, sqrt
from typing import Any

from orgnet.records.behind import kinds_behind
from orgnet.report.places import Node, placed
from orgnet.report.published import Published, Row, Slice, quoted
from orgnet.vocabulary import DIRECTED_LAYERS, Layer, Status

TIES_IN_ALL, LAST_SLICES, STRONGEST = 12_000, 8, 2
"""Ties in one page at most. With more, only the last slices and each organisation's strongest ties are drawn."""
LAYERS = [Layer.COMBINED, Layer.MEETINGS, Layer.MDT, Layer.REFERRALS, Layer.REFERRALS_BACK, Layer.JOINT_ROLES]
LAYERS += [Layer.CONVENING]


@dataclass(frozen=True)
class Drawing:
    """The ties of one layer in one slice, as paths from thin to thick, and what stands beside them."""

    slice: Slice
    paths: list[str]
    absent: list[int]
    """Numbers of the nodes that are not on this slice's roster."""
    n_ties: int
    n_drawn: int
    n_organisations: int
    known: bool
    """Whether the records behind the layer are known to be complete."""
    ties: list[tuple[int, int, float | str | None]]
    """The ties drawn: numbers of nodes, and weights as they are shown; a weight that is held back is None."""


@dataclass(frozen=True)
class LayerMap:
    """One layer over time."""

    layer: str
    directed: bool
    drawings: list[Drawing]


@dataclass(frozen=True)
class Maps:
    """Every layer's maps on the same places."""

    nodes: list[Node]
    layers: list[LayerMap]
    limited: bool
    left_out: int
    """Organisations that are not drawn, as there are too many."""
    kinds: list[str]
    roles: list[str]
    slices: list[Slice]


def maps(published: Published) -> Maps | None:
    """The maps of a snapshot; None if it has no ties and no organisations."""
    total = published.rows("ties", "count(*) AS n", order="n")
    codes = {code for held in published.organisations.values() for code in held}
    if not total or not codes:
        return None
    limited = total[0]["n"] > TIES_IN_ALL
    shown = published.slices[-LAST_SLICES:] if limited else published.slices
    rows = _ties(published, shown, limited)
    nodes = placed(published, rows)
    known = {(row["slice"], row["layer"]): row for row in _known(published)}
    layers = [_layer(layer, rows, nodes, shown, known, published) for layer in LAYERS]
    kinds, roles = ([each for each in dict.fromkeys(names) if each] for names in zip(*_sorts(nodes), strict=True))
    return Maps(nodes, [each for each in layers if each], limited, len(codes) - len(nodes), kinds, roles, shown)


def _sorts(nodes: Sequence[Node]) -> list[tuple[str, str]]:
    return [(node.kind, node.role) for node in nodes]


def _layer(
    layer: Layer,
    rows: Sequence[Row],
    nodes: Sequence[Node],
    shown: Sequence[Slice],
    known: Mapping[tuple[str, str], Row],
    published: Published,
) -> LayerMap | None:
    """One layer's maps; None if the tables do not speak of it."""
    number = {node.code: at for at, node in enumerate(nodes)}
    by_slice: dict[str, list[Row]] = {each.label: [] for each in shown}
    for row in rows:
        if row["layer"] == layer and row["source_id"] in number and row["target_id"] in number:
            by_slice[row["slice"]].append(row)
    if not any(by_slice.values()) and layer not in {name for _, name in known}:
        return None
    most = max((row["weight"] or 0.0 for held in by_slice.values() for row in held), default=0.0)
    drawings = [
        _drawing(each, by_slice[each.label], nodes, most, layer, published, known.get((each.label, layer.value), {}))
        for each in shown
    ]
    return LayerMap(layer.value, layer in DIRECTED_LAYERS, drawings)


def _ties(published: Published, shown: Sequence[Slice], limited: bool) -> list[Row]:
    """The ties to draw: of a large network those that are among the strongest of either of their organisations."""
    within = f"slice IN ({', '.join(quoted(each.label) for each in shown)})"
    rank = "row_number() OVER (PARTITION BY slice, layer, {} ORDER BY weight DESC, events DESC, source_id, target_id)"
    ends = " OR ".join(f"{rank.format(end)} <= {STRONGEST}" for end in ("source_id", "target_id"))
    state = "status" if published.has_column("ties", "status") else "'ok' AS status"
    columns = f"slice, slice_start, layer, source_id, target_id, weight, {state}"
    return published.rows("ties", columns, f"{within} QUALIFY {ends}" if limited else within)


def _known(published: Published) -> list[Row]:
    """Per slice and layer, how many ties there are, and whether the records behind it are known to be complete."""
    density = "metric = 'density' AND node_set = 'roster'"
    statuses = published.rows("network_metrics", "slice, layer, status", density)
    group, order = "true GROUP BY slice, slice_start, layer", "slice_start, layer"
    counts = published.rows("ties", "slice, slice_start, layer, count(*) AS n", group, order)
    n = {(row["slice"], row["layer"]): row["n"] for row in counts}
    told = {(row["slice"], row["layer"]): row["status"] for row in statuses}
    found = []
    for at, layer in sorted(n.keys() | told.keys()):
        seen = told.get((at, layer)) not in (None, Status.NO_COVERAGE)
        whole = seen and _whole(at, layer, published)
        found.append({"slice": at, "layer": layer, "n": n.get((at, layer), 0), "whole": whole})
    return found


def _whole(at: str, layer: str, published: Published) -> bool:
    """Whether every kind of record behind a layer is known to be whole, for all organisations."""
    supplied = (published.manifest.get("records") or {}).get("read") or {}
    kinds = kinds_behind(Layer(layer), lambda kind: kind.value in supplied)
    held = [published.whole.get((at, kind.value), (0, 1)) for kind in kinds]
    return bool(held) and all(whole == n for whole, n in held)


def _drawing(
    slice_: Slice,
    rows: Sequence[Row],
    nodes: Sequence[Node],
    most: float,
    layer: Layer,
    published: Published,
    known: Mapping[str, Any],
) -> Drawing:
    number = {node.code: at for at, node in enumerate(nodes)}
    here = published.organisations.get(slice_.label, {})
    ties = [(number[row["source_id"]], number[row["target_id"]], row["weight"]) for row in rows]
    rounded = {(number[row["source_id"]], number[row["target_id"]]) for row in rows if row["status"] == Status.ROUNDED}
    ties.sort(key=lambda tie: (-(tie[2] or 0.0), tie[0], tie[1]))
    return Drawing(
        slice_,
        _wedges(ties, nodes, most) if layer in DIRECTED_LAYERS else _lines(ties, nodes, most),
        [at for at, node in enumerate(nodes) if node.code not in here],
        known.get("n", 0),
        len(ties),
        len(here),
        bool(known.get("whole")),
        [(one, two, _shown(weight, (one, two) in rounded)) for one, two, weight in ties],
    )


def _shown(weight: float | None, rounded: bool) -> float | str | None:
    return f"≈{weight:g}" if rounded and weight is not None else None if weight is None else round(weight, 2)


def strength_of(weight: float | None, most: float) -> float:
    """How thick a tie is drawn, from 0 to 1, on one scale for the whole layer."""
    return sqrt((weight or 0.0) / most) if most > 0 else 0.0


def _lines(ties: Sequence[tuple[int, int, float | None]], nodes: Sequence[Node], most: float) -> list[str]:
    """Ties as lines of four kinds: held back, thin, middling, thick."""
    paths = ["", "", "", ""]
    for one, two, weight in ties:
        kind = 0 if weight is None else 1 + min(2, int(3 * (weight / most if most else 0.0)))
        paths[kind] += f"M{nodes[one].x:.0f} {nodes[one].y:.0f}L{nodes[two].x:.0f} {nodes[two].y:.0f}"
    return paths


def _wedges(ties: Sequence[tuple[int, int, float | None]], nodes: Sequence[Node], most: float) -> list[str]:
    """Ties as wedges, broad where they start and pointed where they go; one held back is a line."""
    paths = ["", ""]
    for one, two, weight in ties:
        a, b = nodes[one], nodes[two]
        if weight is None:
            paths[0] += f"M{a.x:.0f} {a.y:.0f}L{b.x:.0f} {b.y:.0f}"
            continue
        length = hypot(b.x - a.x, b.y - a.y) or 1.0
        half = 1.0 + 4.5 * strength_of(weight, most)
        across, along = (-(b.y - a.y) / length * half, (b.x - a.x) / length * half)
        paths[1] += f"M{a.x + across:.1f} {a.y + along:.1f}L{b.x:.0f} {b.y:.0f}L{a.x - across:.1f} {a.y - along:.1f}Z"
    return paths
