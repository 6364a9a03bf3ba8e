"""The `changes` table: every measure and indicator before and after, with what may be concluded and why.

Everything is read from published tables and from the draws kept beside them, so that a run compares its phases and
slices, and a command any two periods of it, in one and the same way.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from orgnet import store
from orgnet.change.artefacts import Doubts, find_doubts, kinds_table, strings
from orgnet.change.better import directions, families
from orgnet.change.comparisons import Comparison, of_phases, of_slices
from orgnet.change.context import both_whole, context, context_table, days_shared, size_table
from orgnet.change.contrasts import compare_contrasts
from orgnet.change.draws import Measure
from orgnet.change.intervals import Interval, from_draws
from orgnet.change.levels import by_slice, compare_levels, with_measures
from orgnet.change.pairs import comparison_tables, pair_up
from orgnet.change.panels import PanelValue, panel_values
from orgnet.change.published import Asked, Published
from orgnet.change.redrawn import intervals_of_networks, matched_networks
from orgnet.change.trends import compare_series, decided
from orgnet.change.verdicts import judge
from orgnet.indicators.confidence import Drawn
from orgnet.indicators.trends import COMPARABLE_COVERAGE
from orgnet.records.organisations import Roster
from orgnet.records.read import Records
from orgnet.vocabulary import RecordKind

_NO_INTERVAL = "no way to draw it again is known to be sound: the difference alone does not tell change from chance"
_NOT_DRAWN = "no draws were asked for: the difference alone does not tell change from chance"
Row = dict[str, Any]


def of_a_run(published: Published, drawn: Drawn | None, records: Records, roster: Roster) -> pa.Table:
    """The `changes` table of a run: each phase with the next, and each slice with the one before."""
    groups = published.config.professional_groups
    wholeness, calendar = published.wholeness, published.calendar
    asked = [Asked(each, deep=False) for each in of_slices(calendar)]
    for each in of_phases(published.config.phases, calendar):
        alike = wholeness.alike([RecordKind.ATTENDANCE], each)
        organisations = np.array([name in alike for name in roster.names], dtype=bool)
        panel = [] if drawn is None else list(panel_values(drawn, each, groups, organisations))
        asked.append(Asked(each, deep=True, panel=panel))
    contrasts: list[Row] = []
    if drawn is not None:
        contrasts = list(compare_contrasts(drawn, records, [each.comparison for each in asked], published.config))
    return compare(published, asked, contrasts)


def compare(published: Published, asked: Sequence[Asked], contrasts: Sequence[Row] = ()) -> pa.Table:
    """The `changes` table of some comparisons, and of contrasts between groups that are made already."""
    comparisons = [each.comparison for each in asked]
    calendar, wholeness = published.calendar, published.wholeness
    with duckdb.connect() as con:
        tables = comparison_tables(comparisons, [each.deep for each in asked], calendar)
        _register(con, tables | _declared(published))
        pair_up(con, published.tables)
        doubts = find_doubts(con, comparisons, wholeness, published.config.change)
        _register(con, doubts.tables())
        matched = [
            list(matched_networks(published, each, doubts, number, wholeness)) for number, each in enumerate(asked)
        ]
        panels = [[*each.panel, *more] for each, more in zip(asked, matched, strict=True)]
        _add_panels(con, panels)
        intervals = [_intervals(published, each, panel) for each, panel in zip(asked, panels, strict=True)]
        _register(con, {"intervals": _interval_table(intervals), "contexts": context_table(comparisons, published)})
        _register(con, {"sizes": size_table(con, wholeness, comparisons)})
        drawn = published.config.uncertainty.replicates > 0
        judged = judge(con, published.config.change, _NO_INTERVAL if drawn else _NOT_DRAWN)
    better = directions(published.damour)
    series = compare_series(published.tables["activity"], comparisons, published.config, better)
    rate = published.config.change.false_discovery_rate
    levels = with_measures(_levels(published, comparisons, doubts), judged, families(published.damour), rate)
    others = [*levels, *series, *decided(contrasts, published.config, {})]
    return _as_table(judged, others, comparisons)


def _register(con: duckdb.DuckDBPyConnection, tables: Mapping[str, pa.Table]) -> None:
    for name, table in tables.items():
        con.register(name, table)


def _declared(published: Published) -> dict[str, pa.Table]:
    """What is declared of metrics: the kinds of record they rest on, which way is better, whose tests they join."""
    better, family = directions(published.damour), families(published.damour)
    return {
        "kinds": kinds_table(published.config.sources.keys()),
        "directions": pa.table(
            {"metric": pa.array(better, pa.string()), "direction": pa.array(better.values(), pa.int32())}
        ),
        "families": pa.table(
            {"metric": pa.array(family, pa.string()), "family": pa.array(family.values(), pa.string())}
        ),
    }


def _intervals(published: Published, asked: Asked, panel: Iterable[PanelValue]) -> dict[Measure, Interval]:
    """Every interval of one comparison."""
    found = from_draws(published.draws, asked.comparison, not days_shared(asked.comparison, published.calendar))
    if asked.deep and published.config.uncertainty.replicates and "ties" in published.tables:
        found |= dict(intervals_of_networks(published, asked.comparison))
    for each in panel:
        interval = each.interval or found.get(each.of_roster)
        if interval is not None:
            found[each.measure] = interval
    return found


def _add_panels(con: duckdb.DuckDBPyConnection, panels: Sequence[Sequence[PanelValue]]) -> None:
    """Put measures of panels beside those of the whole roster; missing records do not stand against them."""
    rows = [(number, each) for number, panel in enumerate(panels) for each in panel]
    con.register(
        "panels",
        pa.table(
            {
                "comparison": pa.array([number for number, _ in rows], pa.int32()),
                **{
                    name: strings(getattr(each.measure, name) for _, each in rows)
                    for name in ("measure_table", "entity", "layer", "metric")
                },
                "before": pa.array([each.before for _, each in rows], pa.float64(), from_pandas=True),
                "after": pa.array([each.after for _, each in rows], pa.float64(), from_pandas=True),
            }
        ),
    )
    status = "if({0} IS NULL, 'undefined', 'ok')"
    con.execute(
        "INSERT INTO paired SELECT comparison, measure_table, entity, [], layer, metric, "
        'CAST("before" IS NOT NULL AS BIGINT), CAST("after" IS NOT NULL AS BIGINT), "before", "after", '
        f"""{status.format('"before"')}, {status.format('"after"')}, false FROM panels"""
    )


def _interval_table(intervals: Sequence[Mapping[Measure, Interval]]) -> pa.Table:
    rows = [(number, *each) for number, found in enumerate(intervals) for each in found.items()]
    return pa.table(
        {
            "comparison": pa.array([number for number, _, _ in rows], pa.int32()),
            **{
                name: strings(getattr(measure, name) for _, measure, _ in rows)
                for name in ("measure_table", "entity", "layer", "metric")
            },
            "method": strings(interval.method.value for *_, interval in rows),
            **{
                name: pa.array([getattr(interval, name) for *_, interval in rows], pa.float64())
                for name in ("error", "reach", "freedom")
            },
        }
    )


def _levels(published: Published, comparisons: Sequence[Comparison], doubts: Doubts) -> list[Row]:
    rows = by_slice(published.tables["indicators"], published.calendar)
    return [
        row
        for number, comparison in enumerate(comparisons)
        for row in compare_levels(
            rows,
            number,
            comparison,
            both_whole(comparison, published.calendar),
            COMPARABLE_COVERAGE,
            doubts.blocked(number, published.damour),
            context(comparison, published),
        )
    ]


def _as_table(judged: pa.Table, others: Sequence[Row], comparisons: Sequence[Comparison]) -> pa.Table:
    """The rows of measures, and of levels, series and contrasts, as one table, sorted."""
    names = list(judged.column_names)
    told = pa.table({name: pa.array([row.get(name) for row in others], judged.field(name).type) for name in names})
    rows = pa.concat_tables([judged, told])
    number = np.asarray(rows.column("comparison"))
    columns = {name: rows.column(name).combine_chunks() for name in names if name != "comparison"}
    for name in ("before", "after"):
        labels = [getattr(each, name) for each in comparisons]
        columns[name] = pa.array(labels, pa.string()).take(pa.array(number))
    return store.sorted_by_key("changes", store.table("changes", columns))
