"""Which organisations hold the network together: who is central, who goes between, and who would be missed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from orgnet.report.published import Published, Slice, quoted
from orgnet.report.words import Cell, cell, plain

COLUMNS = [
    ("combined", "degree", "ties"),
    ("combined", "strength", "see layer"),
    ("combined", "pagerank", "share"),
    ("combined", "betweenness", "share"),
    ("combined", "constraint", "index"),
    ("combined", "cut_point", "yes or no"),
    ("combined", "fragmentation_removed", "share"),
    ("referrals", "in_strength", "referrals"),
]
"""Layer, metric and unit of each column, in the order of the question: central, between others, at risk if lost."""
SHOWN = 100


@dataclass(frozen=True)
class Organisation:
    """One organisation's line."""

    code: str
    short: str
    name: str
    kind: str
    role: str
    cells: dict[str, Cell]


@dataclass(frozen=True)
class Holding:
    """The organisations of one slice, those with the strongest ties first."""

    slice: Slice
    lines: list[Organisation]
    cut: dict[str, list[str]]
    """Per layer, the organisations without which it would fall into more parts."""

    @property
    def shown(self) -> list[Organisation]:
        """Those that stand in the page."""
        return self.lines[:SHOWN]

    def ranked(self, metric: str) -> list[tuple[Organisation, Cell]]:
        """The organisations with a value above zero, the highest first."""
        held = [(each, each.cells[metric]) for each in self.lines if (each.cells[metric].number or 0) > 0]
        return sorted(held, key=lambda pair: (-(pair[1].number or 0), pair[0].code))

    def unknown(self, metric: str) -> list[Organisation]:
        """The organisations without a value."""
        return [each for each in self.lines if each.cells[metric].number is None]


def holding(published: Published) -> Holding | None:
    """The last slice's organisations and their measures."""
    if published.last is None:
        return None
    last = published.last
    metrics = tuple(sorted({metric for _, metric, _ in COLUMNS}))
    where = f"slice = {quoted(last.label)} AND metric IN {metrics!r}"
    rows = published.rows("organisation_metrics", "layer, organisation_id, metric, value, status", where)
    values = {(row["layer"], row["metric"], row["organisation_id"]): row for row in rows}
    codes = sorted({row["organisation_id"] for row in rows})
    lines = [_organisation(code, values, published) for code in codes]
    lines.sort(key=lambda each: (-(each.cells["strength"].number or 0), each.code))
    cut: dict[str, list[str]] = {}
    for row in rows:
        if row["metric"] == "cut_point" and row["value"] == 1:
            cut.setdefault(row["layer"], []).append(row["organisation_id"])
    return Holding(last, lines, cut)


def _organisation(code: str, values: Mapping[tuple[str, str, str], Any], published: Published) -> Organisation:
    assert published.last is not None
    known = published.organisations.get(published.last.label, {}).get(code, {})
    cells = {}
    for layer, metric, unit in COLUMNS:
        row = values.get((layer, metric, code))
        shown = cell(row and row["value"], row["status"] if row else None, unit, bool(row and published.shared))
        if metric == "cut_point" and shown.number is not None:
            shown = Cell("yes" if shown.number else "no", shown.status, shown.said, shown.number)
        cells[metric] = shown
    return Organisation(
        code,
        published.short_name(code),
        known.get("name") or "",
        plain(known.get("kind") or ""),
        plain(known.get("role") or ""),
        cells,
    )
