"""The `changes` table: every measure and indicator before and after, with what may be concluded and why.

Everything is read from published tables and from the draws kept beside them, so that a run compares its phases and
slices, and a command any two periods of it, in one and the same way.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from orgnet import store
from orgnet.change.artefacts import (
    OTHER_SIZE,
    Doubts,
    Wholeness,
    find_doubts,
    followed_meanwhile,
    kinds_table,
    read_wholeness,
)
from orgnet.change.better import directions, families
from orgnet.change.comparisons import Comparison, of_phases, of_slices
from orgnet.change.contrasts import compare_contrasts
from orgnet.change.draws import Draws, Measure
from orgnet.change.intervals import Interval, from_draws, from_vertices
from orgnet.change.levels import by_slice, compare_levels, with_measures
from orgnet.change.networks import networks
from orgnet.change.pairs import comparison_tables, pair_up
from orgnet.change.panels import PanelValue, panel_values
from orgnet.change.trends import compare_series, decided
from orgnet.change.verdicts import judge
from orgnet.change.vertices import replicate_graph, undrawn
from orgnet.config import Config
from orgnet.indicators.confidence import Drawn
from orgnet.indicators.damour import Damour
from orgnet.indicators.trends import COMPARABLE_COVERAGE
from orgnet.records.organisations import Roster
from orgnet.records.read import Records
from orgnet.vocabulary import NodeSet, RecordKind
from orgnet.windows import Calendar

_NO_INTERVAL = "no way to draw it again is known to be sound: the difference alone does not tell change from chance"
_NOT_DRAWN = "no draws were asked for: the difference alone does not tell change from chance"
_MATCHED = "matched_panel"
Row = dict[str, Any]


@dataclass(frozen=True)
class Published:
    """What comparisons are made from: a run's tables and settings, its draws, and each slice's roster in order."""

    tables: Mapping[str, pa.Table]
    draws: Draws
    rosters: Sequence[Sequence[str]]
    config: Config
    damour: Damour
    calendar: Calendar

    def wholeness(self) -> Wholeness:
        """Which organisations' records are known to be whole."""
        return read_wholeness(self.tables["completeness"], self.rosters, self.calendar)


@dataclass(frozen=True)
class Asked:
    """One comparison, how deep it goes, and what is known of it beside the tables.

    `deep` compares organisations and pairs too, and draws networks again; `panel` holds measures of those who were there
    before and after.
    """

    comparison: Comparison
    deep: bool
    panel: list[PanelValue] = field(default_factory=list)


def of_a_run(published: Published, drawn: Drawn | None, records: Records, roster: Roster) -> pa.Table:
    """The `changes` table of a run: each phase with the next, and each slice with the one before."""
    groups = published.config.professional_groups
    wholeness, calendar = published.wholeness(), published.calendar
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
    calendar, wholeness = published.calendar, published.wholeness()
    with duckdb.connect() as con:
        tables = comparison_tables(comparisons, [each.deep for each in asked], calendar)
        _register(con, tables | _declared(published))
        pair_up(con, published.tables)
        doubts = find_doubts(con, comparisons, wholeness, published.config.change, calendar)
        _register(con, doubts.tables())
        matched = [list(_matched(published, each, doubts, number, wholeness)) for number, each in enumerate(asked)]
        panels = [[*each.panel, *more] for each, more in zip(asked, matched, strict=True)]
        _add_panels(con, panels)
        intervals = [_intervals(published, each, panel) for each, panel in zip(asked, panels, strict=True)]
        _register(con, {"intervals": _interval_table(intervals), **_contexts(comparisons, published)})
        _register(con, {"sizes": _sizes(con, wholeness, comparisons)})
        drawn = published.config.uncertainty.replicates > 0
        judged = judge(con, published.config.change, _NO_INTERVAL if drawn else _NOT_DRAWN)
    better = directions(published.damour)
    series = compare_series(published.tables["activity"], comparisons, published.config, better)
    levels = with_measures(_levels(published, comparisons, doubts), judged, families(published.damour))
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
    found = from_draws(published.draws, asked.comparison, not _shared(asked.comparison, published.calendar))
    if asked.deep and published.config.uncertainty.replicates and "ties" in published.tables:
        found |= dict(_of_networks(published, asked.comparison))
    for each in panel:
        interval = each.interval or found.get(each.of_roster)
        if interval is not None:
            found[each.measure] = interval
    return found


def _of_networks(published: Published, comparison: Comparison) -> Iterator[tuple[Measure, Interval]]:
    """Intervals of networks, on the whole roster and on the panel of those on every slice's."""
    names = published.rosters
    always = sorted(set(names[0]).intersection(*names)) if names else []
    here = [names[number] for number in comparison.slices]
    for node_set, members in ((NodeSet.ROSTER, here), (NodeSet.CONSTANT_PANEL, [always, always])):
        yield from _network_intervals(published, comparison, node_set.value, members)


def _network_intervals(
    published: Published, comparison: Comparison, entity: str, members: Sequence[Sequence[str]]
) -> Iterator[tuple[Measure, Interval]]:
    ties, settings = published.tables["ties"], published.config.uncertainty
    before, after = (
        networks(ties, number, organisations, published.calendar)
        for number, organisations in zip(comparison.slices, members, strict=True)
    )
    paired = list(members[0]) == list(members[1])
    yield from from_vertices(before, after, entity, settings.replicates, settings.seed, paired)


def _matched(
    published: Published, asked: Asked, doubts: Doubts, number: int, wholeness: Wholeness
) -> Iterator[PanelValue]:
    """Where records are whole on one side only: the networks of those organisations whose records are alike."""
    kinds = [kind for at, kind, _ in doubts.blocks_of_all if at == number]
    if not kinds or not asked.deep or "ties" not in published.tables:
        return
    members = sorted(wholeness.alike(kinds, asked.comparison))
    if len(members) < 2:
        return
    both = [networks(published.tables["ties"], each, members, published.calendar) for each in asked.comparison.slices]
    intervals: dict[Measure, Interval] = {}
    if published.config.uncertainty.replicates:
        intervals = dict(_network_intervals(published, asked.comparison, _MATCHED, [members, members]))
    as_they_are = undrawn(len(members))
    for layer in sorted(both[0]):
        values = [replicate_graph(each[layer].matrix, each[layer].directed, as_they_are) for each in both]
        for metric in values[0]:
            measure = Measure("network_metrics", _MATCHED, layer, metric)
            before, after = (float(each[metric][0]) for each in values)
            yield PanelValue(measure, before, after, intervals.get(measure))


def _add_panels(con: duckdb.DuckDBPyConnection, panels: Sequence[Sequence[PanelValue]]) -> None:
    """Put measures of panels beside those of the whole roster; missing records do not stand against them."""
    rows = [(number, each) for number, panel in enumerate(panels) for each in panel]
    for name in ("before", "after"):
        assert all(np.isnan(getattr(each, name)) or np.isfinite(getattr(each, name)) for _, each in rows)
    con.register(
        "panels",
        pa.table(
            {
                "comparison": pa.array([number for number, _ in rows], pa.int32()),
                **{
                    name: _strings(getattr(each.measure, name) for _, each in rows)
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


def _strings(values: Iterable[str]) -> pa.Array:
    return pa.array(list(values), pa.string())


def _interval_table(intervals: Sequence[Mapping[Measure, Interval]]) -> pa.Table:
    rows = [(number, *each) for number, found in enumerate(intervals) for each in found.items()]
    return pa.table(
        {
            "comparison": pa.array([number for number, _, _ in rows], pa.int32()),
            **{
                name: _strings(getattr(measure, name) for _, measure, _ in rows)
                for name in ("measure_table", "entity", "layer", "metric")
            },
            "method": _strings(interval.method.value for *_, interval in rows),
            **{
                name: pa.array([getattr(interval, name) for *_, interval in rows], pa.float64())
                for name in ("error", "reach", "freedom")
            },
        }
    )


def _context(comparison: Comparison, published: Published) -> list[str]:
    """What is to be known of all rows of a comparison."""
    calendar = published.calendar
    before, after = (calendar.slices[number] for number in comparison.slices)
    told = []
    if not before.whole or not after.whole:
        told.append("a window reaches back before the period: it is shorter than the other")
    shared = _shared(comparison, calendar)
    if shared:
        told.append(f"the two windows share {shared} of {(after.end - after.window_start).days} days")
    return [*told, *followed_meanwhile(published.tables.get("succession"), before.window_start, after.end)]


def _shared(comparison: Comparison, calendar: Calendar) -> int:
    """How many days the two windows share."""
    before, after = (calendar.slices[number] for number in comparison.slices)
    return max(0, (before.end - after.window_start).days)


def _whole(comparison: Comparison, calendar: Calendar) -> bool:
    return all(calendar.slices[number].whole for number in comparison.slices)


def _contexts(comparisons: Sequence[Comparison], published: Published) -> dict[str, pa.Table]:
    calendar = published.calendar
    return {
        "contexts": pa.table(
            {
                "comparison": pa.array(range(len(comparisons)), pa.int32()),
                "whole": pa.array([_whole(each, calendar) for each in comparisons], pa.bool_()),
                "context": pa.array([_context(each, published) for each in comparisons], pa.list_(pa.string())),
            }
        )
    }


_GROUP_SIZES = """
SELECT comparison, 'group_metrics' AS measure_table, entity,
    'people on the roster: ' || before || ' before, ' || after || ' after' AS why
FROM (
    SELECT comparison, professional_group || ' / ' || other_group AS entity,
        max(n_people) FILTER (slice_start = before_day) AS before,
        max(n_people) FILTER (slice_start = after_day) AS after
    FROM group_metrics JOIN comparisons ON slice_start IN (before_day, after_day) GROUP BY ALL
) WHERE abs(after - before) > {share} * greatest(before, 1)
"""


def _sizes(con: duckdb.DuckDBPyConnection, wholeness: Wholeness, comparisons: Sequence[Comparison]) -> pa.Table:
    """Rosters that differ much in size before and after: of the network, and of professional groups."""
    rows = []
    for number, comparison in enumerate(comparisons):
        before, after = (len(wholeness.rosters[each]) for each in comparison.slices)
        if abs(after - before) > OTHER_SIZE * max(before, 1):
            why = f"organisations on the roster: {before} before, {after} after; the constant panel stands beside it"
            rows.append((number, "network_metrics", NodeSet.ROSTER.value, why))
    found = con.execute(_GROUP_SIZES.format(share=OTHER_SIZE)).fetchall() if _has(con, "group_metrics") else []
    rows += found
    return pa.table(
        {
            "comparison": pa.array([row[0] for row in rows], pa.int32()),
            "measure_table": _strings(row[1] for row in rows),
            "entity": _strings(row[2] for row in rows),
            "why": _strings(row[3] for row in rows),
        }
    )


def _has(con: duckdb.DuckDBPyConnection, name: str) -> bool:
    return bool(con.execute("SELECT 1 FROM duckdb_views() WHERE view_name = ?", [name]).fetchall())


def _levels(published: Published, comparisons: Sequence[Comparison], doubts: Doubts) -> list[Row]:
    rows = by_slice(published.tables["indicators"], published.calendar)
    return [
        row
        for number, comparison in enumerate(comparisons)
        for row in compare_levels(
            rows,
            number,
            comparison,
            _whole(comparison, published.calendar),
            COMPARABLE_COVERAGE,
            doubts.blocked(number, published.damour),
            _context(comparison, published),
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
