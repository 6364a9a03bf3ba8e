"""What was restated: values that differ, gathered by table, and by slice and metric."""

from orgnet.compared.side_by_side import SideBySide
from orgnet.compared.values import IN_ORDER, Row, asked_rows, only_names

_STATUSES = "count(*) FILTER (status_old IS DISTINCT FROM status_new) AS statuses"
_NAME = "concat_ws(' ', nullif(layer, ''), metric)"


def by_table(found: SideBySide) -> list[Row]:
    """Per table: how many values differ, how many of them in status, and in which slices."""
    return asked_rows(
        found.con,
        f"""
        SELECT table_name, count(*) AS n, {_STATUSES}, count(DISTINCT slice) AS slices, list(DISTINCT slice) AS labels,
            arg_min(slice, slice_start) AS first_slice, arg_max(slice, slice_start) AS last_slice
        FROM differing GROUP BY table_name ORDER BY {IN_ORDER}
        """,
    )


def by_metric(found: SideBySide, limit: int) -> tuple[list[Row], int]:
    """Per table, slice and metric: how many values differ, and the largest change and whose it is.

    Those that only differ in status come last. Beside the first of them, how many there are in all. Numbers that are only names have no largest change.
    """
    moved = f"FILTER (NOT list_contains({only_names()!r}::VARCHAR[], metric))"
    rows = asked_rows(
        found.con,
        f"""
        SELECT table_name, slice, {_NAME} AS name, count(*) AS n, {_STATUSES}, count(*) OVER () AS total,
            arg_max(value_new - value_old, abs(value_new - value_old)) {moved} AS largest,
            arg_max(entity, abs(value_new - value_old)) {moved} AS entity
        FROM differing WHERE table_name <> 'indicators'
        GROUP BY table_name, slice, slice_start, layer, metric
        ORDER BY coalesce(largest, 0) = 0, {IN_ORDER}, slice_start, layer, metric
        LIMIT {limit}
        """,
    )
    return rows, rows[0]["total"] if rows else 0
