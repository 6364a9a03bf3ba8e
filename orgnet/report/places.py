"""Where organisations stand on the maps: the same place in every slice and layer, and nothing left to chance."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import atan2, cos, pi, sin

import igraph

from orgnet.report.published import Published, Row
from orgnet.report.words import plain
from orgnet.vocabulary import Layer

WIDTH, HEIGHT, RADIUS = 560, 440, 165.0
SIGNS, SIGN, LINE = 24, 6.5, 13.0
"""Signs of a label at most, the rest is cut off; about how broad a sign is, and how high a line, on the map."""
RING_UP_TO, ORGANISATIONS, LABELLED = 40, 300, 24
"""Organisations that stand on a ring, where more are laid out by their ties; that are drawn at most; and labelled then."""
Point = tuple[float, float]


@dataclass(frozen=True)
class Node:
    """An organisation on the map."""

    code: str
    name: str
    title: str
    kind: str
    role: str
    x: float
    y: float
    label: "Label | None"


@dataclass(frozen=True)
class Label:
    """A name on the map: where it stands, and which end of it stands there."""

    text: str
    x: float
    y: float
    anchor: str

    def covers(self, other: "Label") -> bool:
        """Whether two labels lie over each other."""
        (left, right), (low, high) = self._across, other._across
        return left < high and low < right and abs(self.y - other.y) < LINE

    @property
    def within(self) -> bool:
        """Whether it lies on the map as a whole."""
        left, right = self._across
        return left >= 0 and right <= WIDTH and LINE <= self.y <= HEIGHT

    @property
    def _across(self) -> tuple[float, float]:
        breadth = SIGN * len(self.text)
        left = self.x - {"start": 0.0, "middle": breadth / 2, "end": breadth}[self.anchor]
        return left, left + breadth


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
    places = dict(zip(ordered, _ring(len(ordered)) if ring else _by_ties(ordered, rows), strict=True))
    first = _strongest(ordered, rows)[: None if ring else LABELLED]
    labels = _labels({code: (published.short_name(code), places[code]) for code in first})
    return [_node(code, places[code], known.get(code, {}), labels.get(code), published) for code in ordered]


def _labels(names: Mapping[str, tuple[str, Point]]) -> dict[str, Label]:
    """Labels that do not lie over each other; who comes first chooses first, and who finds no room has none."""
    found: dict[str, Label] = {}
    for code, (name, place) in names.items():
        text = name if len(name) <= SIGNS else f"{name[: SIGNS - 1].rstrip()}…"
        free = (each for each in _around(text, *place) if each.within and not any(map(each.covers, found.values())))
        if label := next(free, None):
            found[code] = label
    return found


def _around(text: str, x: float, y: float) -> Iterator[Label]:
    """Where a label may stand: away from the middle, as near as can be; or else to a side, above or below."""
    angle = atan2(y - HEIGHT / 2, x - WIDTH / 2)
    anchor = "middle" if abs(cos(angle)) < 0.3 else "start" if cos(angle) > 0 else "end"
    for away in (0.0, LINE, 2 * LINE):
        at = x + (15 + away) * cos(angle), y + (18 + away) * sin(angle) + 5
        yield Label(text, round(at[0], 1), round(at[1], 1), anchor)
    for across, down, anchor in ((12, 4, "start"), (-12, 4, "end"), (0, -12, "middle"), (0, 20, "middle")):
        yield Label(text, round(x + across, 1), round(y + down, 1), anchor)


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


def _node(code: str, place: Point, known: Mapping[str, str | None], label: Label | None, published: Published) -> Node:
    x, y = place
    kind, role = plain(known.get("kind") or ""), plain(known.get("role") or "")
    title = ", ".join(word for word in (published.full_name(code), kind, role if role != "none" else "") if word)
    return Node(code, published.short_name(code), title, kind, role, round(x, 1), round(y, 1), label)
