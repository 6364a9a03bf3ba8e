"""The least and the most that a withheld number can be, given everything that is shown: by linear programming."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import coo_array

from orgnet.attack.copy import Finding
from orgnet.attack.equations import Cell, System

_ROUNDING = 1e-6
_ENDLESS = 1e6
"""More than any number of people here; what has no bound is given this one."""
_SOLUTIONS = 8
_MANY = 400
"""Unknowns in sums that hang together; where there are more, only what single sums tell is looked at."""


def attack_sums(system: System, small: int) -> Iterator[Finding]:
    """The withheld numbers that can have but one value, and that a small one; that there is nobody may be told.

    A larger one that comes back was withheld to keep a small one in; if that does not come back, nothing has left.
    """
    low, high = dict(system.low), dict(system.high)
    if not _narrow(system, low, high):
        return  # the numbers contradict each other: they do not add up as is thought here, and tell nothing
    for cells, sums in _apart(system):
        some = [cell for cell in cells if cell in system.withheld and not _one(low[cell], high[cell])]
        if some and len(cells) <= _MANY:
            found = _solve(cells, sums, low, high, some)
            if found is None:
                return
            for cell, (least, most) in found.items():
                low[cell], high[cell] = least, most
    for cell in sorted(system.withheld):
        if _one(low[cell], high[cell]) and 0 < round(low[cell]) <= small:
            yield Finding("a withheld number can be worked out", " / ".join(cell), f"it is {round(low[cell])}")


def _one(low: float, high: float) -> bool:
    """Whether but one whole number lies between."""
    return math.ceil(low - _ROUNDING) >= math.floor(high + _ROUNDING) if math.isfinite(high) else False


def _narrow(system: System, low: dict[Cell, float], high: dict[Cell, float]) -> bool:
    """Narrow every number by each sum that it is in, until nothing changes; False if nothing is left for one."""
    changed = True
    while changed:
        changed = False
        for parts, totals in system.sums:
            cells = [*parts, *totals]
            sign = np.array([1.0] * len(parts) + [-1.0] * len(totals))
            ends = np.array([[low[cell] for cell in cells], [high[cell] for cell in cells]])
            term = np.where(
                sign > 0, ends, -ends[::-1]
            )  # the least and the most of each signed number; all add up to 0
            others = np.stack([_without_own(term[0]), _without_own(term[1])])
            own = np.where(sign > 0, -others[::-1], others)
            better = np.stack(
                [np.maximum(ends[0], np.ceil(own[0] - _ROUNDING)), np.minimum(ends[1], np.floor(own[1] + _ROUNDING))]
            )
            if (better[0] > better[1]).any():
                return False
            for at in np.flatnonzero((better != ends).any(axis=0)):
                low[cells[at]], high[cells[at]], changed = float(better[0, at]), float(better[1, at]), True
    return True


def _without_own(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """For each number the sum of the others, some of which may be endless."""
    endless = np.isinf(values)
    total = values[~endless].sum()
    others = np.where(endless, total, total - values)
    return np.where(endless.sum() - endless > 0, values[endless][0] if endless.any() else 0.0, others)


def _apart(system: System) -> Iterator[tuple[list[Cell], list[tuple[list[Cell], list[Cell]]]]]:
    """The numbers that hang together by sums, and the sums that they are in."""
    parent: dict[Cell, Cell] = {}

    def root(cell: Cell) -> Cell:
        while parent.setdefault(cell, cell) != cell:
            cell = parent[cell]
        return cell

    for parts, totals in system.sums:
        first = root(parts[0])
        for cell in (*parts, *totals):
            parent[root(cell)] = first
    together: dict[Cell, list[Cell]] = {}
    for cell in list(parent):
        together.setdefault(root(cell), []).append(cell)
    for top, cells in together.items():
        yield cells, [each for each in system.sums if root(each[0][0]) == top]


def _solve(
    cells: list[Cell],
    sums: list[tuple[list[Cell], list[Cell]]],
    low: dict[Cell, float],
    high: dict[Cell, float],
    wanted: list[Cell],
) -> dict[Cell, tuple[float, float]] | None:
    """The least and most of some numbers; None if no numbers fit all sums."""
    place = {cell: at for at, cell in enumerate(cells)}
    entries = [
        (row, place[cell], sign)
        for row, (parts, totals) in enumerate(sums)
        for some, sign in ((parts, 1.0), (totals, -1.0))
        for cell in some
    ]
    rows, columns, values = (np.array(column) for column in zip(*entries, strict=True))
    matrix = coo_array((values, (rows, columns)), shape=(len(sums), len(cells))).tocsr()
    bounds = np.array([(low[cell], min(high[cell], _ENDLESS)) for cell in cells])

    def solve(goal: NDArray[np.float64]) -> Any:
        return linprog(goal, A_eq=matrix, b_eq=np.zeros(len(sums)), bounds=bounds, method="highs")  # type: ignore[call-overload]

    # A number that is not the same in two solutions has no one value: a few solutions tell that of most of them.
    goals = np.random.default_rng(0).standard_normal((_SOLUTIONS, len(cells)))
    seen = [solve(goal) for goal in goals]
    if any(each.status != 0 for each in seen):
        return None
    spread = np.ptp(np.array([each.x for each in seen]), axis=0)
    found = {}
    for cell in wanted:
        if spread[place[cell]] >= 1:
            continue
        ends = []
        for sign in (1.0, -1.0):
            goal = np.zeros(len(cells))
            goal[place[cell]] = sign
            ends.append(sign * solve(goal).fun)
        found[cell] = (ends[0], ends[1])
    return found
