"""How an indicator moved between two windows that share no day."""

import numpy as np

from orgnet.indicators.rules import Row
from orgnet.vocabulary import Trend
from orgnet.windows import Calendar

COMPARABLE_COVERAGE = 0.10


def comparable(before: float, after: float) -> bool:
    """Whether two coverages are near enough for what rests on them to be compared: both known, or both unknown."""
    if np.isnan(before) or np.isnan(after):
        return bool(np.isnan(before) and np.isnan(after))
    return abs(before - after) <= COMPARABLE_COVERAGE + 1e-9


def trend(before: Row, after: Row) -> Trend:
    """How an indicator moved between two windows that share no day."""
    if before.level_lo is None or after.level_lo is None or before.level_hi is None or after.level_hi is None:
        return Trend.NOT_COMPARABLE
    if before.basis != after.basis or not comparable(before.coverage, after.coverage):
        return Trend.NOT_COMPARABLE
    low, high = after.level_lo - before.level_lo, after.level_hi - before.level_hi
    if low == high == 0:
        return Trend.UNCHANGED
    if low >= 0 and high >= 0:
        return Trend.IMPROVED
    return Trend.WORSENED if low <= 0 and high <= 0 else Trend.UNCLEAR


def add_trends(rows: list[Row], calendar: Calendar) -> None:
    """Compare each row with the same scope at the slice that ends where its window begins."""
    at_end = {s.end: number for number, s in enumerate(calendar.slices)}
    by_scope = {(r.indicator, r.scope_type, r.scope_id, r.slice): r for r in rows}
    for row in rows:
        earlier = at_end.get(calendar.slices[row.slice].window_start)
        before = by_scope.get((row.indicator, row.scope_type, row.scope_id, -1 if earlier is None else earlier))
        if before is not None:
            row.trend = trend(before, row)
