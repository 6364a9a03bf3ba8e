"""Differences to verdicts: which rows can be compared at all, which changed by more than chance, and why.

All of it happens in the database, as there are as many rows as measures and entities. The order of the rules is the
order of what is worst: no value, records whole on one side only, windows of other lengths, records that fell
unexplained; only then does chance have a say.
"""

import duckdb
import numpy as np
import pyarrow as pa
from scipy.special import ndtr, stdtr

from orgnet.change.intervals import adjusted
from orgnet.change.panels import PANEL
from orgnet.config.models import Change
from orgnet.vocabulary import ChangeMethod, Trend

_KEY = "comparison, measure_table, entity, layer, metric"


def _found(name: str) -> str:
    """Blocks or warnings of each row: those of its kinds of record, and of its own organisations if it names any."""
    return f"""
    SELECT {_KEY}, list(DISTINCT why ORDER BY why) AS why FROM (
        SELECT {_KEY}, why FROM paired JOIN kinds USING (measure_table, layer, metric)
        JOIN {name}_of_all USING (comparison, kind) WHERE everybody AND len(owners) = 0
        UNION ALL
        SELECT {_KEY}, why FROM paired JOIN kinds USING (measure_table, layer, metric)
        JOIN {name}_of_one o USING (comparison, kind) WHERE everybody AND list_contains(owners, o.organisation)
    ) GROUP BY ALL
    """


def _joined() -> str:
    return f"""
    CREATE TABLE judged AS
    SELECT p.*, value_after - value_before AS difference, i.method, i.error, i.reach, i.freedom,
        d.direction, coalesce(f.family, p.measure_table) || if(p.entity LIKE '% / {PANEL}', ' of panels', '') AS family,
        c.whole,
        coalesce(b.why, []) AS blocked, coalesce(w.why, []) AS warned, coalesce(s.why, []) AS sized,
        c.context
    FROM paired p JOIN contexts c USING (comparison)
    LEFT JOIN intervals i USING ({_KEY})
    LEFT JOIN directions d USING (metric)
    LEFT JOIN families f USING (metric)
    LEFT JOIN ({_found("blocks")}) b USING ({_KEY})
    LEFT JOIN ({_found("warnings")}) w USING ({_KEY})
    LEFT JOIN (
        SELECT comparison, measure_table, entity, list(DISTINCT why ORDER BY why) AS why FROM sizes GROUP BY ALL
    ) s USING (comparison, measure_table, entity)
    """


_COMPARABLE = "value_before IS NOT NULL AND value_after IS NOT NULL AND len(blocked) = 0 AND whole"


def _tests(con: duckdb.DuckDBPyConnection) -> pa.Table:
    """Intervals, p-values by the normal or Student's t distribution, and q-values of the rows that have a standard error.

    Benjamini-Hochberg within each family of a comparison: the measures of one indicator, else those of one table. Panels
    of people are families of their own: they need the records, and without them the rest is to have the same q-values.
    """
    rows = con.sql(
        f"SELECT {_KEY}, family, difference, error, reach, freedom FROM judged WHERE error > 0 AND {_COMPARABLE} ORDER BY ALL"
    ).to_arrow_table()
    difference, error, reach, freedom = (
        np.asarray(rows.column(name)) for name in ("difference", "error", "reach", "freedom")
    )
    size = np.abs(difference) / error
    p_values = 2 * np.where(np.isfinite(freedom), stdtr(np.where(np.isfinite(freedom), freedom, 1), -size), ndtr(-size))
    both = zip(*(rows.column(name).to_pylist() for name in ("comparison", "family")), strict=True)
    _, family = np.unique(np.array([f"{one} {two}" for one, two in both], dtype=str), return_inverse=True)
    q_values = np.empty(len(p_values))
    for number in range(int(family.max(initial=-1)) + 1):
        q_values[family == number] = adjusted(p_values[family == number])
    tested = {"ci_low": difference - reach, "ci_high": difference + reach, "p_value": p_values, "q_value": q_values}
    for name, values in tested.items():
        rows = rows.append_column(name, pa.array(values))
    return rows.drop_columns(["family", "difference", "error", "reach", "freedom"])


def _shown(rules: Change) -> str:
    """The condition that a difference is more than chance."""
    return f"q_value <= {rules.false_discovery_rate!r} AND (ci_low > 0 OR ci_high < 0)"


def _within(rules: Change) -> str:
    """The condition that whatever change there is does not matter."""
    return f"greatest(abs(ci_low), abs(ci_high)) <= {rules.margin!r} * abs(value_before)"


def _verdict(rules: Change) -> str:
    shown, within = _shown(rules), _within(rules)
    return f"""
    CASE
        WHEN NOT ({_COMPARABLE}) THEN '{Trend.NOT_COMPARABLE}'
        WHEN len(warned) > 0 OR method IS NULL THEN '{Trend.UNCLEAR}'
        WHEN NOT error > 0 THEN CASE WHEN difference = 0 THEN '{Trend.UNCHANGED}' ELSE '{Trend.UNCLEAR}' END
        WHEN {shown} AND direction IS NULL THEN '{Trend.UNCLEAR}'
        WHEN {shown} AND direction * difference > 0 THEN '{Trend.IMPROVED}'
        WHEN {shown} THEN '{Trend.WORSENED}'
        WHEN {within} THEN '{Trend.UNCHANGED}'
        ELSE '{Trend.UNCLEAR}'
    END
    """


def _chance(rules: Change) -> str:
    """In words: what the interval says, or why there is none."""
    shown, within = _shown(rules), _within(rules)
    return f"""
    CASE
        WHEN NOT ({_COMPARABLE}) THEN NULL
        WHEN method IS NULL THEN no_interval
        WHEN NOT error > 0 AND difference = 0 THEN 'the same in every draw'
        WHEN NOT error > 0 THEN 'no draw moves the difference: whatever chance there is in it, these draws do not show it'
        WHEN {shown} AND direction IS NULL
            THEN 'it ' || if(difference > 0, 'rose', 'fell') || ' by more than chance; neither way is declared better'
        WHEN {shown} THEN 'it ' || if(difference > 0, 'rose', 'fell') || ' by more than chance'
        WHEN ci_low > 0 OR ci_high < 0
            THEN 'the interval excludes 0, but among so many comparisons that is no surprise'
        WHEN {within}
            THEN 'whatever change there is lies within {rules.margin:.0%} of the value before'
        ELSE 'the interval includes 0'
    END
    """


_MISSING = """
list_filter([
    if(value_before IS NULL, 'there is no value before' || coalesce(' (' || status_before || ')', ''), NULL),
    if(value_after IS NULL, 'there is no value after' || coalesce(' (' || status_after || ')', ''), NULL)
], lambda x: x IS NOT NULL)
"""
_STATUSES = """
list_filter([
    if(value_before IS NOT NULL AND value_after IS NOT NULL AND status_before <> status_after,
        'the value before is ' || status_before || ', the value after ' || status_after, NULL)
], lambda x: x IS NOT NULL)
"""


def judge(con: duckdb.DuckDBPyConnection, rules: Change, no_interval: str) -> pa.Table:
    """Every paired measure with its interval, verdict and reasons.

    Takes the tables paired, intervals, kinds, directions, families, contexts, sizes, and blocks and warnings
    (`_of_all`, `_of_one`); `no_interval` is what is said where no interval is given.
    """
    con.execute(_joined())
    con.register("tests", _tests(con))
    con.execute("SET VARIABLE no_interval = $text", {"text": no_interval})
    return con.sql(
        f"""
        SELECT {_KEY}, n_before, n_after, value_before, value_after, difference, ci_low, ci_high, p_value, q_value,
            coalesce(method, '{ChangeMethod.DIFFERENCE}') AS method, {_verdict(rules)} AS verdict,
            list_concat({_MISSING}, blocked, warned,
                list_filter([{_chance(rules).replace("no_interval", "getvariable('no_interval')")}],
                    lambda x: x IS NOT NULL),
                {_STATUSES}, sized, context) AS reasons
        FROM judged LEFT JOIN tests USING ({_KEY})
        """
    ).to_arrow_table()
