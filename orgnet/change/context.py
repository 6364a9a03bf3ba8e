"""What is to be known beside a comparison: windows cut short or shared, rosters of another size, organisations followed."""

from collections.abc import Sequence

import duckdb
import pyarrow as pa

from orgnet.change.artefacts import OTHER_SIZE, Wholeness, followed_meanwhile
from orgnet.change.comparisons import Comparison
from orgnet.change.pairs import has_view
from orgnet.change.published import Published
from orgnet.vocabulary import NodeSet
from orgnet.windows import Calendar


def context(comparison: Comparison, published: Published) -> list[str]:
    """What is to be known of all rows of a comparison."""
    calendar = published.calendar
    before, after = (calendar.slices[number] for number in comparison.slices)
    told = []
    if not before.whole or not after.whole:
        told.append("a window reaches back before the period: it is shorter than the other")
    shared = days_shared(comparison, calendar)
    if shared:
        told.append(f"the two windows share {shared} of {(after.end - after.window_start).days} days")
    return [*told, *followed_meanwhile(published.tables.get("succession"), before.window_start, after.end)]


def days_shared(comparison: Comparison, calendar: Calendar) -> int:
    """How many days the two windows share."""
    before, after = (calendar.slices[number] for number in comparison.slices)
    return max(0, (before.end - after.window_start).days)


def both_whole(comparison: Comparison, calendar: Calendar) -> bool:
    """Whether both windows lie wholly in the period."""
    return all(calendar.slices[number].whole for number in comparison.slices)


def context_table(comparisons: Sequence[Comparison], published: Published) -> pa.Table:
    """The context of each comparison, and whether both of its windows are whole."""
    calendar = published.calendar
    return pa.table(
        {
            "comparison": pa.array(range(len(comparisons)), pa.int32()),
            "whole": pa.array([both_whole(each, calendar) for each in comparisons], pa.bool_()),
            "context": pa.array([context(each, published) for each in comparisons], pa.list_(pa.string())),
        }
    )


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


def size_table(con: duckdb.DuckDBPyConnection, wholeness: Wholeness, comparisons: Sequence[Comparison]) -> pa.Table:
    """Rosters that differ much in size before and after: of the network, and of professional groups."""
    rows = []
    for number, comparison in enumerate(comparisons):
        before, after = (len(wholeness.rosters[each]) for each in comparison.slices)
        if abs(after - before) > OTHER_SIZE * max(before, 1):
            why = f"organisations on the roster: {before} before, {after} after; the constant panel stands beside it"
            rows.append((number, "network_metrics", NodeSet.ROSTER.value, why))
    found = con.execute(_GROUP_SIZES.format(share=OTHER_SIZE)).fetchall() if has_view(con, "group_metrics") else []
    rows += found
    return pa.table(
        {
            "comparison": pa.array([row[0] for row in rows], pa.int32()),
            **{
                name: pa.array([row[at] for row in rows], pa.string())
                for at, name in enumerate(("measure_table", "entity", "why"), start=1)
            },
        }
    )
