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


def _paired(name: str) -> str:
    columns = [f"CAST({column} AS VARCHAR)" for column in entity_columns(name)]
    entity = f" || {text(SEPARATOR)} || ".join(columns)
    # What a pair shows rests on the records of the two; what any other row shows, on those of everybody.
    owners = f"[{', '.join(columns)}]" if name == "pair_metrics" else "CAST([] AS VARCHAR[])"
    wanted = "WHERE deep" if name in DEEP else ""
    return f"""
    INSERT INTO paired
    WITH measured AS (
        SELECT slice_start AS day, {entity} AS entity, {owners} AS owners, CAST(layer AS VARCHAR) AS layer,
            CAST(metric AS VARCHAR) AS metric, value, CAST(status AS VARCHAR) AS status
        FROM {name} WHERE CAST(metric AS VARCHAR) NOT IN ({_no_names()})
    ),
    earlier AS (SELECT c.comparison, m.* FROM measured m JOIN comparisons c ON day = before_day {wanted}),
    later AS (SELECT c.comparison, m.* FROM measured m JOIN comparisons c ON day = after_day {wanted}),
    counted AS (
        SELECT comparison, entity, layer, metric, count(value) FILTER (side = 'before') AS n_before,
            count(value) FILTER (side = 'after') AS n_after
        FROM measured JOIN windows USING (day) GROUP BY ALL
    )
    SELECT comparison, {text(name)} AS measure_table, entity, coalesce(b.owners, a.owners) AS owners, layer, metric,
        coalesce(n_before, 0) AS n_before, coalesce(n_after, 0) AS n_after, b.value AS value_before,
        a.value AS value_after, b.status AS status_before, a.status AS status_after, true AS everybody
    FROM earlier b FULL JOIN later a USING (comparison, entity, layer, metric)
    LEFT JOIN counted USING (comparison, entity, layer, metric)
    """


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
            con.register(name, tables[name])
            con.execute(_paired(name))


def has_view(con: duckdb.DuckDBPyConnection, name: str) -> bool:
    """Whether a table was registered under a name."""
    return bool(con.execute("SELECT 1 FROM duckdb_views() WHERE view_name = ?", [name]).fetchall())
