"""The latest slice of the older run against the latest of the newer: how much is restated, and how much is new."""

from orgnet.answers import Answer
from orgnet.compared.side_by_side import SideBySide
from orgnet.compared.slices import Slice
from orgnet.compared.values import IN_ORDER, VALUE_TABLES, asked, entity_sql, listed, only_names, values_sql
from orgnet.records.sql import text

SHOWN_TABLES = ("indicators", "network_metrics")


def latest_slices(found: SideBySide) -> tuple[Slice, Slice] | None:
    """The latest slice of each run; None if the newer run has no slice like the older run's latest."""
    old, new = found.slices.old[-1], found.slices.new[-1]
    return (old, new) if old in found.slices.new else None


def _taken_apart(found: SideBySide, table: str, old: Slice, new: Slice) -> str:
    """In SQL, each value of a table: in the old run, the same slice in the new run, and its latest slice."""
    about = ("layer", *VALUE_TABLES[table], "metric")
    parts = {
        "was": values_sql(found.old, table, listed([old])),
        "again": values_sql(found.new, table, listed([old])),
        "now": values_sql(found.new, table, listed([new])),
    }
    columns = ", ".join(f"{part}.value AS {part}, {part}.status AS status_{part}" for part in parts)
    was, again, now = (f"({sql}) {part}" for part, sql in parts.items())
    joined = f"{was} FULL JOIN {again} USING ({', '.join(about)}) FULL JOIN {now} USING ({', '.join(about)})"
    return f"SELECT {text(table)} AS table_name, layer, {entity_sql(table)} AS entity, metric, {columns} FROM {joined}"


def tables_of(found: SideBySide) -> list[str]:
    """The tables to take apart: those asked for, or else the indicators and the network as a whole."""
    return [table for table in found.tables if table in SHOWN_TABLES or len(found.tables) < len(VALUE_TABLES)]


def latest(found: SideBySide, limit: int, tables: list[str]) -> tuple[Answer, int]:
    """Each measure's change between the latest slices of the two runs, those with a restated part first.

    The change is the sum of two parts: what the same slice says now and did not then, and what the slices since have
    brought. Numbers that are only names are left out, as are measures that have not changed.
    """
    slices = latest_slices(found)
    if slices is None or not tables:
        return Answer([], [], []), 0
    rows = " UNION ALL ".join(_taken_apart(found, table, *slices) for table in tables)
    order = f"{IN_ORDER}, layer, entity, metric"
    query = f"""
        SELECT table_name AS "table", layer, entity, metric, {text(slices[0].label)} AS slice_old,
            {text(slices[1].label)} AS slice_new, was AS value_old, again AS value_restated, now AS value_new,
            status_was AS status_old, status_again AS status_restated, status_now AS status_new,
            (again - was) + (now - again) AS change, again - was AS change_restated, now - again AS change_new
        FROM ({rows}) WHERE ({found.of_metrics}) AND NOT list_contains({only_names()!r}::VARCHAR[], metric)
            AND (was IS DISTINCT FROM again OR again IS DISTINCT FROM now
                OR status_was IS DISTINCT FROM status_again OR status_again IS DISTINCT FROM status_now)
        ORDER BY was IS NOT DISTINCT FROM again, was IS NOT DISTINCT FROM now, {order}
        """
    return asked(found.con, query, limit)
