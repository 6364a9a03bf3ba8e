"""Phase to phase: the last whole window of one phase against the last of the next, as a plain difference.

A difference alone does not tell change from chance: the verdict of a measure stays `unclear`, and says so, until an
interval or a test is there. Levels of indicators are compared as levels.
"""

from collections.abc import Mapping
from itertools import pairwise
from math import nan

import duckdb
import pyarrow as pa

from orgnet import store
from orgnet.config import Config
from orgnet.indicators.trends import comparable
from orgnet.metrics.registry import IDENTITY, registered
from orgnet.schema import TABLES
from orgnet.vocabulary import Trend
from orgnet.windows import Calendar

_VALUE_TABLES = ("organisation_metrics", "group_metrics", "network_metrics")
_NO_INTERVAL = "no interval is computed: the difference alone does not tell change from chance"


def last_windows(config: Config, calendar: Calendar) -> dict[str, list[int]]:
    """Per phase, the slices whose whole window lies in it: none if the phase is shorter than the window."""
    windows = {}
    for phase, (start, end) in config.phases.items():
        inside = [n for n, s in enumerate(calendar.slices) if s.whole and s.window_start >= start and s.end <= end]
        windows[phase] = inside
    return windows


def _entity(name: str) -> list[str]:
    """The columns that tell one entity of a table from another."""
    return [column for column in TABLES[name].key if column not in ("slice_start", "layer", "metric", "indicator")]


def _compared(name: str, table: pa.Table, before: list[int], after: list[int], calendar: Calendar) -> pa.Table:
    entity = " || ' / ' || ".join(f"CAST({column} AS VARCHAR)" for column in _entity(name))
    layer, metric, value, coverage = ("layer", "metric", "value", "NULL")
    if name == "indicators":
        layer, metric, value, coverage = ("''", "indicator", "level", "coverage")
    labels = [s.start for s in calendar.slices]
    con = duckdb.connect()
    con.register("measured", table)

    def listed(numbers: list[int]) -> str:
        return ", ".join(f"DATE '{labels[n]}'" for n in numbers) or "NULL"

    # A number that is a name, such as a community's, is not more or less than another.
    named = ", ".join(f"'{m.name}'" for m in registered() if m.unit == IDENTITY) or "NULL"
    last_before = f"DATE '{labels[before[-1]]}'" if before else "NULL"
    last_after = f"DATE '{labels[after[-1]]}'" if after else "NULL"
    return con.sql(
        f"""
        SELECT {entity} AS entity, CAST({layer} AS VARCHAR) AS layer, CAST({metric} AS VARCHAR) AS metric,
            count({value}) FILTER (slice_start IN ({listed(before)})) AS n_before,
            count({value}) FILTER (slice_start IN ({listed(after)})) AS n_after,
            CAST(any_value({value}) FILTER (slice_start = {last_before}) AS DOUBLE) AS value_before,
            CAST(any_value({value}) FILTER (slice_start = {last_after}) AS DOUBLE) AS value_after,
            CAST(any_value({coverage}) FILTER (slice_start = {last_before}) AS DOUBLE) AS coverage_before,
            CAST(any_value({coverage}) FILTER (slice_start = {last_after}) AS DOUBLE) AS coverage_after
        FROM measured WHERE CAST({metric} AS VARCHAR) NOT IN ({named}) GROUP BY ALL ORDER BY ALL
        """
    ).to_arrow_table()


def _share(coverage: float | None) -> str:
    return "unknown" if coverage is None else f"{coverage:.0%}"


def _verdict(name: str, row: Mapping[str, float | None]) -> tuple[Trend, str]:
    before, after = row["value_before"], row["value_after"]
    if before is None or after is None:
        side, missing = "before" if before is None else "after", "level" if name == "indicators" else "value"
        return Trend.NOT_COMPARABLE, f"there is no {missing} {side}"
    covered = row["coverage_before"], row["coverage_after"]
    if not comparable(*(nan if share is None else share for share in covered)):
        return Trend.NOT_COMPARABLE, f"coverage is {_share(covered[0])} before and {_share(covered[1])} after"
    if name != "indicators":
        return Trend.UNCLEAR, _NO_INTERVAL
    if before == after:
        return Trend.UNCHANGED, "the level is the same"
    return (Trend.IMPROVED if after > before else Trend.WORSENED), f"level {before:g} before, level {after:g} after"


def compare_phases(tables: Mapping[str, pa.Table], config: Config, calendar: Calendar) -> pa.Table:
    """The `changes` table: each phase that holds a whole window against the next such phase; empty without phases."""
    windows = {phase: numbers for phase, numbers in last_windows(config, calendar).items() if numbers}
    rows: dict[str, list[object]] = {name: [] for name in TABLES["changes"].column_names}
    for before, after in pairwise(windows):
        for name in (*_VALUE_TABLES, "indicators"):
            found = _compared(name, tables[name], windows[before], windows[after], calendar)
            for row in found.to_pylist():
                verdict, reason = _verdict(name, row)
                difference = None
                if row["value_before"] is not None and row["value_after"] is not None:
                    difference = row["value_after"] - row["value_before"]
                method = "levels compared" if name == "indicators" else "difference of last whole windows"
                rest = {
                    "measure_table": name,
                    "before": before,
                    "after": after,
                    "difference": difference,
                    "ci_low": None,
                    "ci_high": None,
                    "p_value": None,
                    "q_value": None,
                    "method": method,
                    "verdict": verdict.value,
                    "reasons": [reason],
                }
                for column, values in rows.items():
                    values.append({**row, **rest}[column])
    return store.sorted_by_key("changes", store.table("changes", rows))
