"""A snapshot's tables as they may be shared, and what was done to them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from orgnet import store
from orgnet.config import Config
from orgnet.disclosure.counts import find_further
from orgnet.disclosure.opened import as_declared, open_results
from orgnet.disclosure.profiles import Profile
from orgnet.disclosure.strata import answers_to_hide, curves_to_thin
from orgnet.disclosure.tables import PROTECTED
from orgnet.disclosure.words import without_numbers
from orgnet.schema import TABLES

_RULE = "rule_"
_AT_ONCE = 1_000_000
"""So many rows of a table are protected at once, in whole slices: a large table takes little more room than it will have."""
_CELLS = """
SELECT '{0}' AS measure_table, slice_start, layer, metric, {1} AS entity, value, rule_value AS rule
FROM done WHERE slice_start IN (SELECT slice_start FROM compared WHERE measure_table = '{0}')
"""
# What other tables are protected by: the table that it goes to, and the query over rows that are done with.
_KEPT = {
    "ties": (
        "protected_ties",
        "SELECT slice_start, layer, source_id, target_id, weight, rule_weight AS rule, rule_events, n FROM done",
    ),
    "organisation_metrics": ("protected_cells", _CELLS.format("organisation_metrics", "organisation_id")),
    "pair_metrics": (
        "protected_cells",
        _CELLS.format("pair_metrics", "organisation_id || ' / ' || other_organisation_id"),
    ),
    "group_metrics": ("protected_cells", _CELLS.format("group_metrics", "professional_group || ' / ' || other_group")),
    "network_metrics": ("protected_cells", _CELLS.format("network_metrics", "node_set")),
    "indicators": (
        "protected_indicators",
        "SELECT slice_start, indicator, scope_type, scope_id, rule_level AS rule FROM done",
    ),
    "activity": (
        "protected_activity",
        "SELECT measure_table, entity, metric, period_start, rule_value AS rule FROM done",
    ),
}
_TOLD_ALIKE = ("column", "rule", "metric", "layer", "measure", "measure_table")


@dataclass(frozen=True)
class Protected:
    """A copy to share: its tables, and for each why which of its values are not those that were measured.

    `marks` counts such values (`n`) by column, by the rule that they met and by what their row's key says of both.
    `single` has a row for each of them, with the row's key, if that was asked for.
    """

    tables: Mapping[str, pa.Table]
    marks: Mapping[str, pa.Table]
    single: Mapping[str, pa.Table]


def protect(folder: Path, config: Config, profile: Profile, singly: bool = False) -> Protected:
    """Protect every table of a snapshot that may be shared; `singly`, to know of each value what was done to it."""
    tables: dict[str, pa.Table] = {}
    marks: dict[str, pa.Table] = {}
    single: dict[str, pa.Table] = {}
    with open_results(folder, config, profile) as con:
        con.register("further", find_further(con, config, profile))
        answers_to_hide(con, profile)
        curves_to_thin(con, profile)
        for name in (*_KEPT, *sorted(PROTECTED.keys() - _KEPT.keys())):
            parts, found = [], []
            for rows in _ruled(con, name):
                told = _told(rows, profile)
                marked = _marks(name, told)
                parts.append(as_declared(name, told))
                found.append(marked if singly else _counted(marked))
            tables[name] = store.joined(name, parts)
            together = pa.concat_tables(found)
            marks[name] = _counted(together)
            if singly:
                single[name] = together
    return Protected(tables, marks, single)


def _ruled(con: duckdb.DuckDBPyConnection, name: str) -> Iterator[pa.Table]:
    """A table's rows with what is done to each, some slices at a time; what others are protected by is kept."""
    for part in _parts(con, name):
        con.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS FROM published.{name} WHERE {part}")
        rows = con.sql(PROTECTED[name]).to_arrow_table()
        if name in _KEPT:
            table, kept = _KEPT[name]
            con.register("done", rows)
            con.execute(f"INSERT INTO {table} BY NAME {kept}")
            con.unregister("done")
        yield rows
    con.execute(f"DROP VIEW temp.{name}")


def _parts(con: duckdb.DuckDBPyConnection, name: str) -> list[str]:
    """The condition of each part of a table, in order; one that is not in order of slices is one part."""
    if TABLES[name].key[0] != "slice_start":
        return ["true"]
    parts: list[list[date]] = []
    held = 0
    for day, n in con.execute(f"SELECT slice_start, count(*) FROM {name} GROUP BY ALL ORDER BY ALL").fetchall():
        held += n
        if not parts or held > _AT_ONCE:
            parts.append([])
            held = n
        parts[-1].append(day)
    return [f"slice_start BETWEEN DATE '{days[0]}' AND DATE '{days[-1]}'" for days in parts] or ["true"]


def _told(rows: pa.Table, profile: Profile) -> pa.Table:
    """Rows whose reasons name no number that is protected; each different reason is looked at once."""
    if "reasons" not in rows.column_names or not profile.protects:
        return rows
    lists = rows.column("reasons").combine_chunks().cast(pa.list_(pa.string()))
    words = pc.dictionary_encode(lists.flatten())
    told = pa.array([without_numbers(reason, profile) for reason in words.dictionary.to_pylist()], pa.string())
    lengths = pc.fill_null(pc.list_value_length(lists), 0).to_numpy(zero_copy_only=False)
    offsets = pa.array(np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32))
    again = pa.ListArray.from_arrays(offsets, told.take(words.indices))
    return rows.set_column(rows.column_names.index("reasons"), "reasons", again)


def _marks(name: str, rows: pa.Table) -> pa.Table:
    """Each value that is not as measured: its row's key, its column, and why."""
    key = [column for column in TABLES[name].key if column in rows.column_names]
    found = []
    for column in (f"{_RULE}{each}" for each in TABLES[name].column_names if f"{_RULE}{each}" in rows.column_names):
        some = rows.filter(pc.is_valid(rows.column(column)))
        if some.num_rows and pa.types.is_string(some.schema.field(column).type):
            marked = some.select([*key]).append_column("column", pa.array([column.removeprefix(_RULE)] * some.num_rows))
            found.append(marked.append_column("rule", some.column(column)))
    empty = rows.select(key).slice(0, 0).append_column("column", pa.array([], pa.string()))
    return pa.concat_tables(found or [empty.append_column("rule", pa.array([], pa.string()))])


def _counted(marks: pa.Table) -> pa.Table:
    """How many values are marked alike."""
    alike = [column for column in _TOLD_ALIKE if column in marks.column_names]
    counted = ("n", "sum") if "n" in marks.column_names else ([], "count_all")
    return marks.group_by(alike).aggregate([counted]).rename_columns([*alike, "n"])
