"""Every measure before and after, side by side: values, statuses, and how many windows of each period have a value."""

from collections.abc import Mapping, Sequence

import duckdb
import pyarrow as pa

from orgnet.change.comparisons import Comparison
from orgnet.change.draws import SEPARATOR
from orgnet.metrics.registry import IDENTITY, registered
from orgnet.records.sql import text
from orgnet.schema import TABLES
from orgnet.windows import Calendar

DEEP = ("organisation_metrics", "pair_metrics")
"""Tables with a row for every organisation or pair: compared between periods, not from each slice to the next."""
VALUE_TABLES = (*DEEP, "group_metrics", "network_metrics")


def entity_columns(name: str) -> list[str]:
    """The columns that tell one entity of a table from another."""
    return [column for column in TABLES[name].key if column not in ("slice_start", "layer", "metric", "indicator")]


def _no_names() -> str:
    """Numbers that are names, such as a community's, are not more or less than one another."""
    return ", ".join(text(m.name) for m in registered() if m.unit == IDENTITY) or "NULL"


def _found(name: str) -> str:
    """Each entity's values before and after, in numbers, and how many windows of each period have a value."""
    wanted = "WHERE deep" if name in DEEP else ""
    return f"""
    SELECT comparison, {", ".join(entity_columns(name))}, layer, metric,
        count(value) FILTER (side = 'before') AS n_before, count(value) FILTER (side = 'after') AS n_after,
        any_value(value) FILTER (day = before_day) AS value_before,
        any_value(value) FILTER (day = after_day) AS value_after,
        any_value(status) FILTER (day = before_day) AS status_before,
        any_value(status) FILTER (day = after_day) AS status_after
    FROM numbered JOIN (FROM windows JOIN comparisons USING (comparison) {wanted}) ON day = slice_start
    GROUP BY ALL HAVING status_before IS NOT NULL OR status_after IS NOT NULL
    """


def _paired(name: str) -> str:
    columns = [f"CAST({column} AS VARCHAR)" for column in entity_columns(name)]
    entity = f" || {text(SEPARATOR)} || ".join(columns)
    # What a pair shows rests on the records of the two; what any other row shows, on those of everybody.
    owners = f"[{', '.join(columns)}]" if name == "pair_metrics" else "CAST([] AS VARCHAR[])"
    return f"""
    INSERT INTO paired
    SELECT comparison, {text(name)} AS measure_table, {entity} AS entity, {owners} AS owners, layer, metric,
        n_before, n_after, value_before, value_after, status_before, status_after, true AS everybody
    FROM found WHERE CAST(metric AS VARCHAR) NOT IN ({_no_names()})
    """


def _numbered(rows: pa.Table) -> pa.Table:
    """Rows with the numbers of their words: there are millions, which numbers group in half the time."""
    return pa.table(dict(zip(rows.column_names, map(_numbers, rows.columns), strict=True)))


def _numbers(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if not pa.types.is_dictionary(column.type):
        return column
    return pa.chunked_array([part.indices for part in column.chunks], column.type.index_type)


def _worded(found: pa.Table, rows: pa.Table) -> pa.Table:
    """What was found, with the words of its numbers again."""
    of_name = {"status_before": "status", "status_after": "status"}
    columns = {}
    for name in found.column_names:
        column, source = found.column(name).combine_chunks(), of_name.get(name, name)
        if source in rows.column_names and pa.types.is_dictionary(rows.schema.field(source).type):
            parts = rows.column(source).chunks  # all of one dictionary; an empty table may have none
            words = parts[0].dictionary if parts else pa.array([], pa.string())
            column = pa.DictionaryArray.from_arrays(column, words)
        columns[name] = column
    return pa.table(columns)


_EMPTY = """
CREATE TABLE paired (
    comparison INTEGER, measure_table VARCHAR, entity VARCHAR, owners VARCHAR[], layer VARCHAR, metric VARCHAR,
    n_before BIGINT, n_after BIGINT, value_before DOUBLE, value_after DOUBLE, status_before VARCHAR,
    status_after VARCHAR, everybody BOOLEAN
)
"""


def comparison_tables(
    comparisons: Sequence[Comparison], deep: Sequence[bool], calendar: Calendar
) -> dict[str, pa.Table]:
    """Which day's slice is compared with which, and the slices of each period, as tables of the database."""
    days = [s.start for s in calendar.slices]
    numbers = list(range(len(comparisons)))
    windows = [
        (number, side, days[slice_number])
        for number, each in enumerate(comparisons)
        for side, slices in (("before", each.earlier), ("after", each.later))
        for slice_number in slices
    ]
    return {
        "comparisons": pa.table(
            {
                "comparison": pa.array(numbers, pa.int32()),
                "before_day": pa.array([days[each.slices[0]] for each in comparisons], pa.date32()),
                "after_day": pa.array([days[each.slices[1]] for each in comparisons], pa.date32()),
                "deep": pa.array(deep, pa.bool_()),
            }
        ),
        "windows": pa.table(
            {
                "comparison": pa.array([number for number, _, _ in windows], pa.int32()),
                "side": pa.array([side for _, side, _ in windows], pa.string()),
                "day": pa.array([day for _, _, day in windows], pa.date32()),
            }
        ),
    }


def pair_up(con: duckdb.DuckDBPyConnection, tables: Mapping[str, pa.Table]) -> None:
    """Make the table `paired` of every measure; the tables of `comparison_tables` must be there already."""
    con.execute(_EMPTY)
    for name in VALUE_TABLES:
        if name in tables:
            rows = tables[name].unify_dictionaries()  # read back, each part of a table has a dictionary of its own
            con.register(name, rows)
            con.register("numbered", _numbered(rows))
            con.register("found", _worded(con.sql(_found(name)).to_arrow_table(), rows))
            con.execute(_paired(name))


def has_view(con: duckdb.DuckDBPyConnection, name: str) -> bool:
    """Whether a table was registered under a name."""
    return bool(con.execute("SELECT 1 FROM duckdb_views() WHERE view_name = ?", [name]).fetchall())
