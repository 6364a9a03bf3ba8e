"""Published values of two runs as rows of one shape, and those that differ."""

from collections.abc import Iterable
from typing import Any

import duckdb

from orgnet.answers import Answer
from orgnet.compared.runs import Run
from orgnet.compared.slices import Slice
from orgnet.dictionary import content
from orgnet.records.sql import text

Row = dict[str, Any]
VALUE_TABLES = {
    "indicators": ("scope_type", "scope_id"),
    "network_metrics": ("node_set",),
    "group_metrics": ("professional_group", "other_group"),
    "organisation_metrics": ("organisation_id",),
    "pair_metrics": ("organisation_id", "other_organisation_id"),
    "ties": ("source_id", "target_id"),
}
"""The tables that are compared, the most telling first, and what their rows are about beside slice and layer."""
RESTATED, NEW, DEFINITION, GONE = "restated", "new", "definition", "gone"
IN_ORDER = f"list_position({list(VALUE_TABLES)!r}, table_name)"
_A_NAME = "identity number"
_MEASURES = {
    "indicators": ("'' AS layer", "indicator || '.' || '{0}'", "status", ("level_lo", "level_hi", "proxy_level")),
    "ties": ("layer", "'{0}'", "'ok'", ("weight", "events", "people")),
}
"""Tables that are wide: their layer, the names of their measures, their status, and the columns that are measures."""


def known_metrics(tables: Iterable[str]) -> list[str]:
    """Every metric of some tables that can be asked for; an indicator by its name."""
    wanted = set(tables)
    catalogued = [row for row in content()["catalog"] if row["type"].startswith("metric") and row["table"] in wanted]
    wide = [name for table in ("indicators", "ties") if table in wanted for name in _MEASURES[table][-1]]
    indicators = list(content()["indicators"]) if "indicators" in wanted else []
    return list(dict.fromkeys([*indicators, *(row["column_or_metric"] for row in catalogued), *wide]))


def only_names() -> list[str]:
    """Metrics whose numbers are only names, such as a community's: one is not more than another."""
    return [row["column_or_metric"] for row in content()["catalog"] if row["unit"] == _A_NAME]


def asked(con: duckdb.DuckDBPyConnection, query: str, limit: int) -> tuple[Answer, int]:
    """The first rows of a query, and how many there are in all."""
    found = con.execute(f"{query} LIMIT {limit}")
    answer = Answer([d[0] for d in found.description], [str(d[1]) for d in found.description], found.fetchall())
    if len(answer.rows) < limit:
        return answer, len(answer.rows)
    ((total,),) = con.execute(f"SELECT count(*) FROM ({query})").fetchall()
    return answer, total


def asked_rows(con: duckdb.DuckDBPyConnection, query: str) -> list[Row]:
    """The rows of a query by their columns' names: for few rows."""
    found = con.execute(query)
    names = [column for column, *_ in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def values_sql(run: Run, table: str, where: str) -> str:
    """The values of a table of a run as slice, slice_start, layer, what they are about, metric, value and status."""
    about = ", ".join(VALUE_TABLES[table])
    source = f"FROM read_parquet({text(run.parquet(table))}) WHERE {where}"
    if table not in _MEASURES:
        return f"SELECT slice, slice_start, layer, {about}, metric, value, status {source}"
    layer, name, status, measures = _MEASURES[table]
    return " UNION ALL ".join(
        f"SELECT slice, slice_start, {layer}, {about}, {name.format(measure)} AS metric, "
        f"CAST({measure} AS DOUBLE) AS value, {status} AS status {source}"
        for measure in measures
    )


def entity_sql(table: str) -> str:
    """What a row is about, in one text."""
    return f"concat_ws(' / ', {', '.join(VALUE_TABLES[table])})"


def listed(slices: Iterable[Slice | str]) -> str:
    """The condition that a row is of one of some slices."""
    labels = ", ".join(text(each if isinstance(each, str) else each.label) for each in slices)
    return f"slice IN ({labels})" if labels else "false"


def slices_that_differ(con: duckdb.DuckDBPyConnection, old: Run, new: Run, table: str, alike: list[Slice]) -> list[str]:
    """The slices, of those alike, in which a table differs at all; a digest of each saves joining all the others."""
    one, two = (
        f"SELECT slice, sum(hash(*COLUMNS(*))) AS digest FROM ({values_sql(run, table, listed(alike))}) GROUP BY slice"
        for run in (old, new)
    )
    sql = f"SELECT slice FROM ({one}) o FULL JOIN ({two}) n USING (slice) WHERE o.digest IS DISTINCT FROM n.digest"
    return [slice_ for (slice_,) in con.execute(sql).fetchall()]


def differing_sql(old: Run, new: Run, table: str, slices: Iterable[str]) -> str:
    """The rows of a table, in some slices, whose value or status is not the same in both runs."""
    where = listed(slices)
    keys = ", ".join(("slice", "slice_start", "layer", *VALUE_TABLES[table], "metric"))
    return f"""
        SELECT {text(table)} AS table_name, slice, slice_start, layer, {entity_sql(table)} AS entity, metric,
            o.value AS value_old, n.value AS value_new, o.status AS status_old, n.status AS status_new
        FROM ({values_sql(old, table, where)}) o FULL JOIN ({values_sql(new, table, where)}) n USING ({keys})
        WHERE o.value IS DISTINCT FROM n.value OR o.status IS DISTINCT FROM n.status
        """
