"""Professional groups: how well each knows its peers elsewhere, slice by slice, and its levels over time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from orgnet.report.published import Published, Row, Slice
from orgnet.report.words import INDICATOR_STATUSES, Cell, cell, group_said, level_text
from orgnet.vocabulary import IndicatorStatus

HEATS = {"acq_breadth": "share of organisations", "meet_rate_median": "meetings per year"}
"""The measures drawn as heat maps, with their units."""
STEPS = {"acq_breadth": (0.05, 0.25, 0.5, 0.75), "meet_rate_median": (1.0, 2.0, 4.0, 12.0)}
"""Where one shade ends and the next begins."""
LEVELS_OF = ("acquaint", "connect")
WIDTH, HEIGHT, EDGE = 240, 84, 12


@dataclass(frozen=True)
class Heat:
    """One cell of a heat map: the value, its shade, and the level beside it."""

    cell: Cell
    shade: int | None
    level: str


@dataclass(frozen=True)
class GroupLevels:
    """The level of one group over time, as a broken line, with what each slice says."""

    group: str
    indicator: str
    line: str
    points: list[tuple[float, float, str]]
    gaps: list[tuple[float, str]]
    """Slices of which the level is not known."""
    held: list[tuple[float, str]]
    """Slices whose level is held back, in a copy for sharing."""
    last: str


def group_levels(published: Published) -> dict[tuple[str, str, str], Row]:
    """The rows of indicators by slice, indicator and group."""
    columns = "slice, indicator, scope_id, level, level_lo, level_hi, proxy_level, status, n_people, reasons"
    rows = published.rows("indicators", columns, f"scope_type = 'group' AND indicator IN {LEVELS_OF!r}")
    return {(row["slice"], row["indicator"], row["scope_id"]): row for row in rows}


def _values(published: Published, metric: str) -> dict[tuple[str, str], Row]:
    where = f"metric = '{metric}' AND professional_group = other_group"
    rows = published.rows("group_metrics", "slice, professional_group, value, status", where)
    return {(row["slice"], row["professional_group"]): row for row in rows}


def shade_of(value: float | None, metric: str) -> int | None:
    """The step of a value's shade, 0 the lightest; none where there is no value."""
    return None if value is None else sum(value >= step for step in STEPS[metric])


def heat_map(published: Published, metric: str, levels: Mapping[tuple[str, str, str], Row]) -> dict[str, list[Heat]]:
    """Per group, a cell for every slice. A slice without a value keeps its cell, with the mark that says why."""
    found = _values(published, metric)
    groups = sorted({group for _, group in found} | {group for _, _, group in levels})
    return {
        group: [
            _heat(found.get((each.label, group)), metric, levels, each, group, published) for each in published.slices
        ]
        for group in groups
    }


def _heat(
    row: Row | None, metric: str, levels: Mapping[Any, Row], slice_: Slice, group: str, published: Published
) -> Heat:
    shown = cell(row and row["value"], row["status"] if row else None, HEATS[metric], bool(row and published.shared))
    level = levels.get((slice_.label, "acquaint", group))
    return Heat(
        shown, shade_of(shown.number, metric), "" if level is None or level["level"] is None else f"L{level['level']}"
    )


def _place(number: int, n: int, level: float) -> tuple[float, float]:
    x = EDGE + (WIDTH - 2 * EDGE) * (number + 0.5) / n
    return round(x, 1), round(HEIGHT - 14 - (level - 1) * 26, 1)


def stepped(places: Sequence[tuple[float, float] | None]) -> str:
    """A line through neighbouring points, broken where one is missing."""
    path, joined = "", False
    for place in places:
        if place is not None:
            path += f"{'L' if joined else 'M'}{place[0]:g},{place[1]:g}"
        joined = place is not None
    return path


def small_multiples(published: Published, levels: Mapping[tuple[str, str, str], Row]) -> list[list[GroupLevels]]:
    """Per group, the course of its levels of `acquaint` and of `connect`."""
    groups = sorted({group for _, _, group in levels})
    return [[_course(published, levels, group, indicator) for indicator in LEVELS_OF] for group in groups]


def _course(published: Published, levels: Mapping[Any, Row], group: str, indicator: str) -> GroupLevels:
    n = len(published.slices)
    rows = [levels.get((each.label, indicator, group)) for each in published.slices]
    places = [
        _place(number, n, row["level"]) if row and row["level"] is not None else None for number, row in enumerate(rows)
    ]
    said = [f"{each.said}: {_said(row)}" for each, row in zip(published.slices, rows, strict=True)]
    points = [(*place, text) for place, text in zip(places, said, strict=True) if place]
    gaps: list[tuple[float, str]] = []
    held: list[tuple[float, str]] = []
    for number, (row, place, text) in enumerate(zip(rows, places, said, strict=True)):
        if place is None:
            withheld = row is not None and row["status"] == IndicatorStatus.SUPPRESSED
            (held if withheld else gaps).append((_place(number, n, 1)[0], text))
    return GroupLevels(group, indicator, stepped(places), points, gaps, held, _said(rows[-1]) if rows else "")


def _said(row: Row | None) -> str:
    if row is None:
        return "not in the tables"
    text = level_text(row)
    return f"level {text}" if row["level"] is not None else INDICATOR_STATUSES[IndicatorStatus(row["status"])]


def by_standing(levels: Mapping[tuple[str, str, str], Row], slice_: Slice, indicator: str) -> dict[str, list[str]]:
    """The groups of one slice by what is said of them: a level, or none."""
    found: dict[str, list[str]] = {}
    for (label, name, group), row in levels.items():
        if (label, name) == (slice_.label, indicator):
            held = "held back" if row["status"] == IndicatorStatus.SUPPRESSED else "not known"
            standing = f"level {row['level']}" if row["level"] is not None else held
            found.setdefault(standing, []).append(group_said(group))
    return {standing: sorted(groups) for standing, groups in found.items()}
