"""A snapshot's tables in a database, with what protecting them needs beside them: rules, and people behind values."""

from pathlib import Path

import duckdb
import pyarrow as pa

from orgnet import store
from orgnet.change.comparisons import of_phases
from orgnet.config import Config
from orgnet.disclosure.about import About, about_table
from orgnet.disclosure.profiles import Profile
from orgnet.disclosure.rules import DisclosureRule
from orgnet.disclosure.words import WITHHELD, counted
from orgnet.folders import RESTRICTED
from orgnet.records.sql import text
from orgnet.schema import TABLES
from orgnet.vocabulary import Layer, Status

JUDGED = ", ".join(f"'{each}'" for each in (Status.OK, Status.NOMINAL, Status.SAMPLED, Status.UNDEFINED))
"""Statuses of values that tell something of people, be it that there is none."""

_MACROS = """
CREATE MACRO is_small(n) AS n > 0 AND n < {k} + 1;
CREATE MACRO near(n) AS floor(n / {r}.0 + 0.5) * {r};
CREATE MACRO as_shown(n) AS CASE WHEN NOT coalesce(is_small(n), false) THEN CAST(near(n) AS BIGINT) END;
CREATE MACRO count_rule(n) AS CASE
    WHEN is_small(n) THEN '{small_number}' WHEN n <> 0 AND {r} > 1 THEN '{rounded}' END;
CREATE MACRO part_of(share, n) AS round(share * n);
CREATE MACRO value_rule(about, share, n) AS CASE
    WHEN about IS NULL THEN '{not_declared}'
    WHEN about = 'organisations' THEN NULL
    WHEN n IS NULL THEN '{people_unknown}'
    WHEN is_small(n) THEN '{few_people}'
    WHEN about = 'individuals' THEN count_rule(share)
    WHEN about = 'share' AND (is_small(part_of(share, n)) OR is_small(n - part_of(share, n))) THEN '{small_part}'
    WHEN about = 'share' AND share <> 0 AND {r} > 1 THEN '{rounded}' END;
CREATE MACRO protected(about, number, n, rule) AS CASE
    WHEN rule IS NULL THEN number
    WHEN rule <> '{rounded}' THEN NULL
    WHEN about = 'individuals' THEN near(number)
    ELSE least(near(part_of(number, n)) / near(n), 1.0) END;
CREATE MACRO state(rule, status) AS CASE
    WHEN rule IS NULL THEN status WHEN rule = '{rounded}' THEN 'rounded' ELSE 'suppressed' END;
CREATE MACRO most() AS {k};
CREATE MACRO withheld() AS '{withheld}';
CREATE MACRO hidden(rule) AS coalesce(rule <> '{rounded}', false);
"""

# How many individuals are behind a tie, an organisation's ties and all ties of a layer. Layers of counts tell that by
# themselves; elsewhere people who make several ties count once at least, so that never too many are said to be behind.
_BEHIND = f"""
CREATE TABLE tie_people AS
WITH own AS (
    SELECT slice_start, layer, source_id, target_id,
        CASE WHEN layer IN ('{Layer.REFERRALS}', '{Layer.REFERRALS_BACK}') THEN events ELSE people END AS n
    FROM ties WHERE layer <> '{Layer.COMBINED}'
), of_pairs AS (
    SELECT slice_start, least(source_id, target_id) AS one, greatest(source_id, target_id) AS two, max(n) AS n
    FROM own GROUP BY ALL
)
FROM own UNION ALL BY NAME
SELECT t.slice_start, t.layer, t.source_id, t.target_id, p.n
FROM ties t LEFT JOIN of_pairs p ON p.slice_start = t.slice_start AND p.one = least(t.source_id, t.target_id)
    AND p.two = greatest(t.source_id, t.target_id)
WHERE t.layer = '{Layer.COMBINED}';
CREATE TABLE organisation_people AS
SELECT slice_start, layer, organisation_id,
    CASE WHEN layer IN ('{Layer.JOINT_ROLES}', '{Layer.REFERRALS}', '{Layer.REFERRALS_BACK}') THEN sum(n) ELSE max(n) END AS n
FROM (SELECT slice_start, layer, unnest([source_id, target_id]) AS organisation_id, n FROM tie_people)
GROUP BY slice_start, layer, organisation_id;
CREATE TABLE layer_people AS
SELECT slice_start, layer,
    CASE WHEN layer IN ('{Layer.JOINT_ROLES}', '{Layer.REFERRALS}', '{Layer.REFERRALS_BACK}') THEN sum(n) ELSE max(n) END AS n
FROM tie_people GROUP BY slice_start, layer;
-- At events organisations stand for themselves. All together give the mean, so that one that is withheld has another with it.
CREATE TABLE attendance_hidden AS
WITH own AS (
    SELECT slice_start, layer, organisation_id, n_people AS n, is_small(n_people) AS small
    FROM people_behind WHERE organisation_id IS NOT NULL AND metric = 'events_attended' AND n_people > 0
), placed AS (
    SELECT *, count(*) FILTER (small) OVER (PARTITION BY slice_start, layer) AS n_small,
        count(*) OVER (PARTITION BY slice_start, layer) AS n_there,
        row_number() OVER (PARTITION BY slice_start, layer, small ORDER BY n, organisation_id) AS place
    FROM own
)
SELECT slice_start, layer, organisation_id, if(small, '{DisclosureRule.FEW_PEOPLE}', '{DisclosureRule.BY_SUBTRACTION}') AS rule,
    n_there = 1 AS alone
FROM placed WHERE small OR (n_small = 1 AND place = 1);
CREATE TABLE group_people AS
SELECT slice_start, professional_group, max(n_people) AS n FROM group_metrics GROUP BY ALL;
"""

# What is known of tables that are done with, for those that follow.
_PROTECTED = """
CREATE TABLE protected_ties (
    slice_start DATE, layer VARCHAR, source_id VARCHAR, target_id VARCHAR, weight DOUBLE, rule VARCHAR, rule_events VARCHAR, n BIGINT
);
CREATE VIEW protected_pairs AS
SELECT slice_start, layer, source_id AS organisation_id, target_id AS other_organisation_id, coalesce(rule, rule_events) AS rule, n
FROM protected_ties;
CREATE VIEW organisations_of_hidden AS
SELECT DISTINCT slice_start, layer, unnest([source_id, target_id]) AS organisation_id FROM protected_ties WHERE hidden(rule);
CREATE TABLE protected_cells (
    measure_table VARCHAR, slice_start DATE, layer VARCHAR, metric VARCHAR, entity VARCHAR, value DOUBLE, rule VARCHAR
);
CREATE TABLE protected_indicators (
    slice_start DATE, indicator VARCHAR, scope_type VARCHAR, scope_id VARCHAR, rule VARCHAR
);
CREATE TABLE protected_activity (
    measure_table VARCHAR, entity VARCHAR, metric VARCHAR, period_start DATE, rule VARCHAR
);
CREATE TABLE compared AS
SELECT DISTINCT c.measure_table, l.slice_start
FROM (SELECT DISTINCT measure_table, unnest([before, after]) AS label FROM changes) c JOIN labelled l USING (label);
"""


def open_results(folder: Path, config: Config, profile: Profile) -> duckdb.DuckDBPyConnection:
    """A database over a snapshot's published tables, ready to protect them.

    Tables that are not there are empty, and so are columns that a run of an older version lacks.
    """
    con = duckdb.connect()
    con.execute("CREATE SCHEMA published")
    for name, table in TABLES.items():
        path = (folder / RESTRICTED if table.restricted else folder) / f"{name}.parquet"
        if table.restricted and name != "people_behind":
            continue
        there = store.shape_of(path)[0].names if path.exists() else []
        sources = [f"FROM read_parquet({text(str(path.resolve()))})"] if there else []
        if {*table.column_names} - {*there}:
            con.register(f"declared_{name}", table.schema.empty_table())
            sources.insert(0, f"FROM declared_{name}")
        con.execute(f"CREATE VIEW published.{name} AS {' UNION ALL BY NAME '.join(sources)}")
    rules = {rule.name.lower(): rule.value for rule in DisclosureRule}
    con.execute(_MACROS.format(k=profile.withhold_up_to, r=profile.round_to, withheld=WITHHELD, **rules))
    con.register("about", about_table())
    con.register("labelled", _labelled(config))
    con.execute("SET search_path = 'main,published'")
    con.execute(_BEHIND)
    con.execute(_PROTECTED)
    return con


def _labelled(config: Config) -> pa.Table:
    """The first day of the slice that each name of a slice or a phase stands for."""
    slices = config.calendar.slices
    names = {each.label: each.start for each in slices}
    for comparison in of_phases(config.phases, config.calendar):
        earlier, later = comparison.slices
        names |= {comparison.before: slices[earlier].start, comparison.after: slices[later].start}
    return pa.table(
        {"label": pa.array(names.keys(), pa.string()), "slice_start": pa.array(names.values(), pa.date32())}
    )


def as_declared(name: str, rows: pa.Table) -> pa.Table:
    """Rows of a query as the table declares them, in the order of its key; with `status` at the end if it has none."""
    more = () if "status" in TABLES[name].column_names or "status" not in rows.column_names else ("status",)
    columns = {column: rows.column(column).combine_chunks() for column in (*TABLES[name].column_names, *more)}
    return store.sorted_by_key(name, store.table(name, columns, more=more))


def names_about(*kinds: About) -> str:
    """Measures of some kinds as a list in SQL."""
    rows = about_table().to_pylist()
    found = sorted({row["metric"] for row in rows if row["about"] in kinds})
    return ", ".join(f"'{name}'" for name in found)


def counted_names() -> str:
    """Measures that are numbers or shares of individuals, as a list in SQL."""
    return ", ".join(f"'{name}'" for name in counted())
