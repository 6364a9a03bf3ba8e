"""A snapshot's tables as they may be shared, and what was done to them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from orgnet.config import Config
from orgnet.disclosure.counts import find_further
from orgnet.disclosure.opened import as_declared, open_results
from orgnet.disclosure.profiles import Profile
from orgnet.disclosure.strata import answers_to_hide, curves_to_thin
from orgnet.disclosure.tables import PROTECTED
from orgnet.disclosure.words import without_numbers
from orgnet.schema import TABLES

_RULE = "rule_"
# What other tables are protected by: the query over one that is done with.
_CELLS = """
CREATE OR REPLACE TEMP TABLE protected_cells AS
SELECT 'organisation_metrics' AS measure_table, slice_start, layer, metric, organisation_id AS entity, value, rule_value AS rule
FROM done_organisation_metrics
UNION ALL SELECT 'pair_metrics', slice_start, layer, metric, organisation_id || ' / ' || other_organisation_id, value, rule_value
FROM done_pair_metrics
UNION ALL SELECT 'group_metrics', slice_start, layer, metric, professional_group || ' / ' || other_group, value, rule_value
FROM done_group_metrics
UNION ALL SELECT 'network_metrics', slice_start, layer, metric, node_set, value, rule_value FROM done_network_metrics
"""
_AFTER = {
    "ties": """
CREATE OR REPLACE TEMP TABLE protected_ties AS
SELECT slice_start, layer, source_id, target_id, weight, rule_weight AS rule, rule_events, n FROM done_ties;
CREATE OR REPLACE TEMP TABLE protected_pairs AS
SELECT slice_start, layer, source_id AS organisation_id, target_id AS other_organisation_id,
    coalesce(rule, rule_events) AS rule, n FROM protected_ties;
CREATE OR REPLACE TEMP TABLE organisations_of_hidden AS
SELECT DISTINCT slice_start, layer, unnest([source_id, target_id]) AS organisation_id FROM protected_ties WHERE hidden(rule)
""",
    "network_metrics": _CELLS,
    "indicators": """
CREATE OR REPLACE TEMP TABLE protected_indicators AS
SELECT slice_start, indicator, scope_type, scope_id, rule_level AS rule FROM done_indicators
""",
    "activity": """
CREATE OR REPLACE TEMP TABLE protected_activity AS
SELECT measure_table, entity, metric, period_start, rule_value AS rule FROM done_activity
""",
}
_ORDER = ("ties", "organisation_metrics", "pair_metrics", "group_metrics", "network_metrics", "indicators", "activity")


@dataclass(frozen=True)
class Protected:
    """A copy to share: its tables, and for each why which of its values are not those that were measured.

    `marks` has a row for each such value: the table, the column, the rule, and the row's key.
    """

    tables: Mapping[str, pa.Table]
    marks: Mapping[str, pa.Table]


def protect(folder: Path, config: Config, profile: Profile) -> Protected:
    """Protect every table of a snapshot that may be shared."""
    tables, marks = {}, {}
    with open_results(folder, config, profile) as con:
        con.register("further", find_further(con, config, profile))
        answers_to_hide(con, profile)
        curves_to_thin(con, profile)
        for name in (*_ORDER, *sorted(PROTECTED.keys() - set(_ORDER))):
            rows = con.sql(PROTECTED[name]).to_arrow_table()
            if name in _AFTER:
                con.register(f"done_{name}", rows)
                con.execute(_AFTER[name])
            elif name in _ORDER:
                con.register(f"done_{name}", rows)
            rows = _told(rows, profile)
            marks[name] = _marks(name, rows)
            tables[name] = as_declared(name, rows)
    return Protected(tables, marks)


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
