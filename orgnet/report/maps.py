"""Maps of organisations: one place for each throughout, so that eyes can compare slices; ties drawn per slice."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import atan2, cos, hypot, pi, sin, sqrt

import igraph

from orgnet.report.published import Published, Row, Slice, quoted
from orgnet.report.words import plain
from orgnet.vocabulary import DIRECTED_LAYERS, Layer, Status

WIDTH, HEIGHT, RADIUS = 560, 440, 165.0
RING_UP_TO = 40
"""Organisations that stand on a ring; more are laid out by their ties."""
TIES_IN_ALL, ORGANISATIONS = 12_000, 300
"""What one page draws at most. With more ties, only the last slices and each organisation's strongest ties are drawn."""
LAST_SLICES, STRONGEST, LABELLED = 8, 2, 24
LAYERS = [Layer.COMBINED, Layer.MEETINGS, Layer.MDT, Layer.REFERRALS, Layer.REFERRALS_BACK, Layer.JOINT_ROLES]
LAYERS += [Layer.CONVENING]
Point = tuple[float, float]


@dataclass(frozen=True)
class Node:
    """An organisation on the map."""

    code: str
    title: str
    kind: str
    role: str
    x: float
    y: float
    label_at: Point
    anchor: str
    labelled: bool


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
    slices = published.slices
    codes = {code for held in published.organisations.values() for code in held}
    total = published.rows("ties", "count(*) AS n", order="n")
    if not slices or not total or not codes:
        return None
    limited = total[0]["n"] > TIES_IN_ALL
    shown = slices[-LAST_SLICES:] if limited else slices
    rows = _ties(published, shown, limited)
    known = _last_known(published)
    kept, left_out = _kept(codes, rows), max(len(codes) - ORGANISATIONS, 0)
    nodes = _placed(kept, rows, known, published)
    number = {node.code: at for at, node in enumerate(nodes)}
    covered = _covered(published)
    counted = {(row["slice"], row["layer"]): row["n"] for row in _counts(published)}
    layers = []
    for layer in LAYERS:
        ties = [
            row for row in rows if row["layer"] == layer and row["source_id"] in number and row["target_id"] in number
        ]
        most = max((row["weight"] or 0.0 for row in ties), default=0.0)
        by_slice: dict[str, list[Row]] = {each.label: [] for each in shown}
        for row in ties:
            by_slice[row["slice"]].append(row)
        drawings = [
            _drawing(each, by_slice[each.label], nodes, number, most, layer, published, covered, counted)
            for each in shown
        ]
        if any(each.n_ties or not each.known for each in drawings) or layer in {key for _, key in covered}:
            layers.append(LayerMap(layer.value, layer in DIRECTED_LAYERS, drawings))
    kinds, roles = ([each for each in dict.fromkeys(names) if each] for names in _kinds_and_roles(nodes))
    return Maps(nodes, layers, limited, left_out, kinds, roles, shown)


def _ties(published: Published, shown: Sequence[Slice], limited: bool) -> list[Row]:
    """The ties to draw: of a large network those that are among the strongest of either of their organisations."""
    within = f"slice IN ({', '.join(quoted(each.label) for each in shown)})"
    rank = "row_number() OVER (PARTITION BY slice, layer, {} ORDER BY weight DESC, events DESC, source_id, target_id)"
    ends = " OR ".join(f"{rank.format(end)} <= {STRONGEST}" for end in ("source_id", "target_id"))
    state = "status" if published.has_column("ties", "status") else "'ok' AS status"
    columns = f"slice, slice_start, layer, source_id, target_id, weight, {state}"
    return published.rows("ties", columns, f"{within} QUALIFY {ends}" if limited else within)


def _counts(published: Published) -> list[Row]:
    columns, group = "slice, slice_start, layer, count(*) AS n", "true GROUP BY slice, slice_start, layer"
    return published.rows("ties", columns, group, "slice_start, layer")


def _covered(published: Published) -> dict[tuple[str, str], str]:
    """Per slice and layer, the status of the network's density: `no_coverage` where records may be missing."""
    where = "metric = 'density' AND node_set = 'roster'"
    rows = published.rows("network_metrics", "slice, layer, status", where)
    return {(row["slice"], row["layer"]): row["status"] for row in rows}


def _last_known(published: Published) -> dict[str, Row]:
    """What is last said of each organisation's name, kind and role."""
    return {code: row for held in published.organisations.values() for code, row in held.items()}


def _kinds_and_roles(nodes: Sequence[Node]) -> tuple[list[str], list[str]]:
    return [node.kind for node in nodes], [node.role for node in nodes]


def _placed(codes: Sequence[str], rows: Sequence[Row], known: Mapping[str, Row], published: Published) -> list[Node]:
    """Every organisation's place: on a ring by kind and role, or, where there are many, by the ties between them."""

    def sort_key(code: str) -> tuple[str, str, str]:
        row = known.get(code, {})
        return row.get("kind") or "", row.get("role") or "", code

    ordered = sorted(codes, key=sort_key)
    ring = len(ordered) <= RING_UP_TO
    places = _ring(len(ordered)) if ring else _by_ties(ordered, rows)
    labelled = set(_strongest(ordered, rows)[:LABELLED])
    return [
        _node(code, place, known.get(code, {}), ring or code in labelled, published)
        for code, place in zip(ordered, places, strict=True)
    ]


def _strongest(codes: Iterable[str], rows: Sequence[Row]) -> list[str]:
    """Organisations by the ties that they are drawn with, all kinds together."""
    strength: dict[str, float] = {}
    for row in rows:
        if row["layer"] == Layer.COMBINED:
            for end in ("source_id", "target_id"):
                strength[row[end]] = strength.get(row[end], 0.0) + (row["weight"] or 0.0)
    return sorted(codes, key=lambda code: (-strength.get(code, 0.0), code))


def _kept(codes: Iterable[str], rows: Sequence[Row]) -> list[str]:
    """The organisations that are drawn: all, or of very many those with the strongest ties."""
    return sorted(_strongest(codes, rows)[:ORGANISATIONS])


def _ring(n: int) -> list[Point]:
    return [
        (WIDTH / 2 + RADIUS * cos(2 * pi * at / n - pi / 2), HEIGHT / 2 + RADIUS * sin(2 * pi * at / n - pi / 2))
        for at in range(n)
    ]


def _by_ties(codes: Sequence[str], rows: Sequence[Row]) -> list[Point]:
    """Kamada and Kawai's layout of all ties drawn, begun on a circle: nothing in it is left to chance."""
    number = {code: at for at, code in enumerate(codes)}
    pairs = {
        (number[row["source_id"]], number[row["target_id"]])
        for row in rows
        if row["source_id"] in number and row["target_id"] in number
    }
    edges = sorted({(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]})
    graph = igraph.Graph(n=len(codes), edges=edges)
    layout = graph.layout_kamada_kawai(seed=graph.layout_circle())
    layout.fit_into((30, 20, WIDTH - 30, HEIGHT - 20), keep_aspect_ratio=False)
    return [(float(x), float(y)) for x, y in layout.coords]


def _node(code: str, place: Point, known: Mapping[str, str | None], labelled: bool, published: Published) -> Node:
    x, y = place
    angle = atan2(y - HEIGHT / 2, x - WIDTH / 2)
    anchor = "middle" if abs(cos(angle)) < 0.3 else "start" if cos(angle) > 0 else "end"
    label_at = (round(x + 15 * cos(angle), 1), round(y + 18 * sin(angle) + 5, 1))
    kind, role = plain(known.get("kind") or ""), plain(known.get("role") or "")
    title = ", ".join(word for word in (published.name_of(code), kind, role if role != "none" else "") if word)
    return Node(code, title, kind, role, round(x, 1), round(y, 1), label_at, anchor, labelled)


def _drawing(
    slice_: Slice,
    rows: Sequence[Row],
    nodes: Sequence[Node],
    number: Mapping[str, int],
    most: float,
    layer: Layer,
    published: Published,
    covered: Mapping[tuple[str, str], str],
    counted: Mapping[tuple[str, str], int],
) -> Drawing:
    here = published.organisations.get(slice_.label, {})
    ties = [(number[row["source_id"]], number[row["target_id"]], row["weight"]) for row in rows]
    rounded = {(number[row["source_id"]], number[row["target_id"]]) for row in rows if row["status"] == Status.ROUNDED}
    ties.sort(key=lambda tie: (-(tie[2] or 0.0), tie[0], tie[1]))
    return Drawing(
        slice_,
        _wedges(ties, nodes, most) if layer in DIRECTED_LAYERS else _lines(ties, nodes, most),
        [at for at, node in enumerate(nodes) if node.code not in here],
        counted.get((slice_.label, layer.value), 0),
        len(ties),
        len(here),
        covered.get((slice_.label, layer.value), "ok") != "no_coverage",
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
