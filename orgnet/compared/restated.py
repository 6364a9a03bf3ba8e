"""What was restated: values that differ, gathered by table, by slice and metric, and as levels of indicators."""

from typing import Any

from orgnet.compared.side_by_side import SideBySide
from orgnet.compared.values import IN_ORDER, entity_sql, only_names
from orgnet.records.sql import text

Row = dict[str, Any]
_STATUSES = "count(*) FILTER (status_old IS DISTINCT FROM status_new) AS statuses"
_NAME = "concat_ws(' ', nullif(layer, ''), metric)"
_LEVEL = """
    CASE WHEN {0}.level_lo IS NULL AND {0}.proxy_level IS NULL THEN coalesce(replace({0}.status, '_', ' '), 'no row')
        WHEN {0}.level_lo IS NULL THEN format('a stand-in for level {{}}', {0}.proxy_level)
        WHEN {0}.level_lo = {0}.level_hi THEN format('level {{}}', {0}.level_lo)
        ELSE format('level {{}} to {{}}', {0}.level_lo, {0}.level_hi) END
    """


def _ask(found: SideBySide, sql: str) -> list[Row]:
    answer = found.con.execute(sql)
    names = [column for column, *_ in answer.description]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def by_table(found: SideBySide) -> list[Row]:
    """Per table: how many values differ, how many of them in status, and in which slices."""
    return _ask(
        found,
        f"""
        SELECT table_name, count(*) AS n, {_STATUSES}, count(DISTINCT slice) AS slices, list(DISTINCT slice) AS labels,
            arg_min(slice, slice_start) AS first_slice, arg_max(slice, slice_start) AS last_slice
        FROM differing GROUP BY table_name ORDER BY {IN_ORDER}
        """,
    )


def by_metric(found: SideBySide, limit: int) -> tuple[list[Row], int]:
    """Per table, slice and metric: how many values differ, and the largest change and whose it is.

    Beside the first of them, how many there are in all. Numbers that are only names have no largest change.
    """
    moved = f"FILTER (NOT list_contains({only_names()!r}::VARCHAR[], metric))"
    rows = _ask(
        found,
        f"""
        SELECT table_name, slice, {_NAME} AS name, count(*) AS n, {_STATUSES}, count(*) OVER () AS total,
            arg_max(value_new - value_old, abs(value_new - value_old)) {moved} AS largest,
            arg_max(entity, abs(value_new - value_old)) {moved} AS entity
        FROM differing WHERE table_name <> 'indicators'
        GROUP BY table_name, slice, slice_start, layer, metric ORDER BY {IN_ORDER}, slice_start, layer, metric
        LIMIT {limit}
        """,
    )
    return rows, rows[0]["total"] if rows else 0


def levels(found: SideBySide) -> list[Row]:
    """Levels of indicators that are not the same in both runs: what each was, and what it is."""
    of = "slice, indicator, entity"
    moved = "SELECT DISTINCT slice, slice_start, split_part(metric, '.', 1) AS indicator, entity FROM differing"
    one, two = (
        f"(SELECT slice, indicator, {entity_sql('indicators')} AS entity, level_lo, level_hi, proxy_level, status "
        f"FROM read_parquet({text(run.parquet('indicators'))}))"
        for run in (found.old, found.new)
    )
    return _ask(
        found,
        f"""
        SELECT {of}, {_LEVEL.format("o")} AS was, {_LEVEL.format("n")} AS now
        FROM ({moved} WHERE table_name = 'indicators') LEFT JOIN {one} o USING ({of}) LEFT JOIN {two} n USING ({of})
        ORDER BY slice_start, {of}
        """,
    )
