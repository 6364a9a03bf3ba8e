"""The Kiviat diagram as geometry: points joined only to points, bands, hollow marks, and gaps that stay open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import cos, pi, sin
from typing import Any

from orgnet.dictionary import content
from orgnet.report.published import Published, Row, Slice
from orgnet.report.words import level_text
from orgnet.vocabulary import Indicator

AXES = [axis.value for axis in Indicator]
CENTRE, STEP = (220.0, 190.0), 42.0
Point = tuple[float, float]


@dataclass(frozen=True)
class Axis:
    """One axis as it is drawn: where it ends, its label, and what stands on it."""

    indicator: str
    end: Point
    label_at: Point
    anchor: str
    lines: list[str]
    text: str
    status: str
    point: Point | None = None
    band: tuple[Point, Point] | None = None
    hollow: Point | None = None


@dataclass(frozen=True)
class Diagram:
    """One slice's diagram."""

    slice: Slice
    axes: list[Axis]
    outline: str
    """The path through neighbouring points; broken wherever an axis has no point."""
    said: str


def at(axis: int, radius: float) -> Point:
    """A place on an axis, so far from the centre."""
    angle = 2 * pi * axis / len(AXES) - pi / 2
    return round(CENTRE[0] + radius * cos(angle), 1), round(CENTRE[1] + radius * sin(angle), 1)


def _line(points: Sequence[Point]) -> str:
    return "M" + "L".join(f"{x:g},{y:g}" for x, y in points)


def outline(points: Sequence[Point | None]) -> str:
    """A path that joins neighbouring points and is broken at each gap: neither bridged nor led to the centre."""
    n = len(points)
    gaps = [number for number, point in enumerate(points) if point is None]
    if not gaps:
        return _line([point for point in points if point is not None]) + "Z"
    parts: list[str] = []
    run: list[Point] = []
    for step in range(1, n + 1):
        point = points[(gaps[0] + step) % n]
        if point is not None:
            run.append(point)
        else:
            parts += [_line(run)] if len(run) > 1 else []
            run = []
    return "".join(parts)


def labels() -> Mapping[str, str]:
    """The indicators' labels."""
    return {name: entry["label"] for name, entry in content()["indicators"].items()}


def _lines(label: str) -> list[str]:
    """A label on one line or two."""
    words = label.split()
    if len(label) <= 14 or len(words) == 1:
        return [label]
    cut = min(range(1, len(words)), key=lambda n: abs(len(" ".join(words[:n])) - len(" ".join(words[n:]))))
    return [" ".join(words[:cut]), " ".join(words[cut:])]


def _axis(number: int, row: Row | None) -> Axis:
    name = AXES[number]
    x, y = at(number, 3.35 * STEP)
    anchor = "middle" if abs(x - CENTRE[0]) < 20 else "start" if x > CENTRE[0] else "end"
    common: dict[str, Any] = {
        "indicator": name,
        "end": at(number, 3 * STEP),
        "label_at": (x, y - 14 if number == 0 else y),
        "anchor": anchor,
        "lines": _lines(labels()[name].partition(" versus ")[0]),
    }
    if row is None:
        return Axis(**common, text="not in the tables", status="no_row")
    common |= {"text": level_text(row), "status": row["status"]}
    if row["level"] is not None:
        return Axis(**common, point=at(number, row["level"] * STEP))
    if row["level_lo"] is not None and row["level_hi"] is not None:
        return Axis(**common, band=(at(number, row["level_lo"] * STEP), at(number, row["level_hi"] * STEP)))
    if row["proxy_level"] is not None:
        return Axis(**common, hollow=at(number, row["proxy_level"] * STEP))
    return Axis(**common)


def diagram(slice_: Slice, rows: Sequence[Row]) -> Diagram:
    """The diagram of one slice from its rows of the table `kiviat`."""
    by_axis = {row["indicator"]: row for row in rows}
    axes = [_axis(number, by_axis.get(name)) for number, name in enumerate(AXES)]
    said = "; ".join(f"{labels()[axis.indicator]}: {axis.text}" for axis in axes)
    return Diagram(slice_, axes, outline([axis.point for axis in axes]), said)


def rings() -> list[tuple[int, str]]:
    """The rings of the three levels."""
    return [
        (level, " ".join("{:g},{:g}".format(*at(n, level * STEP)) for n in range(len(AXES)))) for level in (1, 2, 3)
    ]


def axes_of(published: Published) -> dict[str, list[Row]]:
    """Per slice, the network's ten indicators: from `kiviat`, or where that is missing from `indicators`."""
    columns = "slice, slice_start, indicator, level, level_lo, level_hi, proxy_level, status"
    rows = published.rows("kiviat", columns)
    if not rows:
        rows = published.rows("indicators", columns, "scope_type = 'network'", "slice_start, indicator")
    found: dict[str, list[Row]] = {each.label: [] for each in published.slices}
    for row in rows:
        found[row["slice"]].append(row)
    return found


def diagrams(published: Published) -> list[Diagram]:
    """Every slice's diagram, oldest first."""
    rows = axes_of(published)
    return [diagram(each, rows[each.label]) for each in published.slices if rows.get(each.label)]
