"""Where organisations stand on the maps: the same place in every slice and layer, and nothing left to chance."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import atan2, cos, pi, sin

import igraph

from orgnet.report.published import Published, Row
from orgnet.report.words import plain
from orgnet.vocabulary import Layer

WIDTH, HEIGHT, RADIUS = 560, 440, 165.0
RING_UP_TO, ORGANISATIONS, LABELLED = 40, 300, 24
"""Organisations that stand on a ring, where more are laid out by their ties; that are drawn at most; and labelled then."""
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


def placed(published: Published, rows: Sequence[Row]) -> list[Node]:
    """The organisations that are drawn, in their places: all, or of very many those with the strongest ties."""
    known = {code: row for held in published.organisations.values() for code, row in held.items()}
    return _placed(sorted(_strongest(known, rows)[:ORGANISATIONS]), rows, known, published)


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
