"""Two runs set side by side: what their manifests say, and every value that is not the same in both."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import duckdb

from orgnet.answers import Answer
from orgnet.compared.definition import Definition, definition_of
from orgnet.compared.inputs import RecordChange, record_changes, told_by_slice
from orgnet.compared.runs import Run, of_one_network, two_runs
from orgnet.compared.slices import Slices, changed_records, slices_of
from orgnet.compared.values import (
    DEFINITION,
    GONE,
    IN_ORDER,
    NEW,
    RESTATED,
    VALUE_TABLES,
    asked,
    differing_sql,
    entity_sql,
    known_metrics,
    listed,
    slices_that_differ,
    values_sql,
)
from orgnet.errors import InputFault, nearest
from orgnet.records.sql import text

_SHAPE = """
    table_name VARCHAR, slice VARCHAR, slice_start DATE, layer VARCHAR, entity VARCHAR, metric VARCHAR,
    value_old DOUBLE, value_new DOUBLE, status_old VARCHAR, status_new VARCHAR, origin VARCHAR
    """
_PLAIN = "slice, layer, entity, metric, value_old, value_new, status_old, status_new, origin, changed_records"


@dataclass(frozen=True)
class SideBySide:
    """Two runs, what they define otherwise, which records and slices differ, and the values that do.

    `con` holds a table `differing`, of the values in slices that are alike in both runs.
    """

    old: Run
    new: Run
    definition: Definition
    records: list[RecordChange]
    slices: Slices
    tables: list[str]
    metrics: list[str]
    con: duckdb.DuckDBPyConnection

    @property
    def same_results(self) -> bool:
        """Whether the two runs published the same, to the last digit."""
        return bool(self.old.manifest["content_id"] == self.new.manifest["content_id"])

    @property
    def told_by_slice(self) -> bool:
        """Whether the runs say which of their records differ."""
        return told_by_slice(self.old.manifest, self.new.manifest)

    @cached_property
    def changed_records(self) -> dict[str, str]:
        """For each slice that is alike, where the changed records lie; nothing if the runs do not say."""
        return changed_records(self.slices, self.records) if self.told_by_slice else {}

    def only_in(self, run: Run, table: str) -> str:
        """The values, in SQL, of slices that only one of the runs has."""
        slices = self.slices.added if run is self.new else self.slices.gone
        return f"SELECT * FROM ({values_sql(run, table, listed(slices))}) WHERE {self.of_metrics}"

    def count(self, run: Run, table: str) -> int:
        """How many values a table has in the slices that only one of the runs has."""
        ((n,),) = self.con.execute(f"SELECT count(value) FROM ({self.only_in(run, table)})").fetchall()
        return int(n)

    @property
    def of_metrics(self) -> str:
        """The condition that a row is of one of the metrics asked for."""
        if not self.metrics:
            return "true"
        return " OR ".join(f"metric = {text(name)} OR starts_with(metric, {text(name + '.')})" for name in self.metrics)

    def rows(self, limit: int) -> tuple[Answer, int]:
        """The values that are not the same in both runs, restated ones first, and how many there are in all."""
        rows = " UNION ALL ".join(["SELECT * FROM differing", *self._of_one_run()])
        origins = f"list_position({[RESTATED, DEFINITION, GONE, NEW]!r}, origin)"
        order = f"{origins}, {IN_ORDER}, slice_start, layer, entity, metric"
        query = f'SELECT table_name AS "table", {_PLAIN} FROM ({rows}) LEFT JOIN reach USING (slice) ORDER BY {order}'
        return asked(self.con, query, limit)

    def _of_one_run(self) -> Iterable[str]:
        """The rows of slices that only one run has, in SQL."""
        for run, origin, values in (
            (self.old, GONE, "value, NULL, status, NULL"),
            (self.new, NEW, "NULL, value, NULL, status"),
        ):
            for table in self.tables:
                row = f"{text(table)}, slice, slice_start, layer, {entity_sql(table)}, metric, {values}, '{origin}'"
                yield f"SELECT {row} FROM ({self.only_in(run, table)})"


def _check(given: list[str], known: Iterable[str], what: str) -> None:
    names = list(known)
    for name in given:
        if name not in names:
            raise InputFault(f"there is no {what} {name!r} to compare{nearest(name, names)}")


def _fill(found: SideBySide) -> None:
    """Find the values that differ, where both runs have the slice, and say where each may come from."""
    con = found.con
    con.execute(f"CREATE TABLE differing ({_SHAPE})")
    reach = found.changed_records
    told = [list(reach.keys()), list(reach.values())]
    con.execute(
        "CREATE TABLE reach AS SELECT unnest(?::VARCHAR[]) AS slice, unnest(?::VARCHAR[]) AS changed_records", told
    )
    for table in [] if found.same_results else found.tables:
        slices = slices_that_differ(con, found.old, found.new, table, found.slices.alike)
        origin = DEFINITION if found.definition.bears_on(table) else RESTATED
        if slices:
            rows = differing_sql(found.old, found.new, table, slices)
            con.execute(f"INSERT INTO differing SELECT *, '{origin}' FROM ({rows}) WHERE {found.of_metrics}")


def set_side_by_side(out: Path, named: str, tables: list[str], metrics: list[str]) -> SideBySide:
    """Two runs of a network, named as OLD..NEW, side by side; in some tables and metrics, or in all of them.

    Raises InputFault if a run is not there, or if the two cannot be compared.
    """
    _check(tables, VALUE_TABLES, "table")
    wanted = [table for table in VALUE_TABLES if table in tables or not tables]
    _check(metrics, known_metrics(wanted), "metric")
    return side_by_side(*two_runs(out, named), wanted, metrics)


def side_by_side(old: Run, new: Run, tables: list[str] | None = None, metrics: list[str] | None = None) -> SideBySide:
    """Two runs side by side, wherever they lie, in some tables and metrics. Raises InputFault if they are of two networks."""
    of_one_network(old, new)
    con = duckdb.connect()
    definition = definition_of(old.manifest, new.manifest)
    records = list(record_changes(old.manifest, new.manifest))
    slices = slices_of(con, old, new)
    found = SideBySide(old, new, definition, records, slices, tables or list(VALUE_TABLES), metrics or [], con)
    _fill(found)
    return found
