"""What makes a difference that is none of the network's doing: records that are missing, and networks of another size."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb
import numpy as np
import pyarrow as pa

from orgnet import store
from orgnet.change.comparisons import Comparison
from orgnet.change.pairs import has_view
from orgnet.config.models import Change
from orgnet.indicators.damour import Damour
from orgnet.metrics.registry import Metric, registered
from orgnet.metrics.series import CONDUCT_KINDS, kind_behind
from orgnet.records.behind import kinds_behind
from orgnet.records.coverage import Coverage
from orgnet.records.organisations import Roster
from orgnet.store import Words
from orgnet.vocabulary import Layer, Level, LinkOutcome, OrganisationBasis, RecordKind
from orgnet.windows import Calendar

DROP = 0.8
"""Records that fall by more than this share are likelier not to have come than not to have been."""
MIN_EVENTS = 10
"""Fewer events than this before do not make a drop."""
OTHER_SIZE = 0.1
"""A roster that differs by more than this share is told beside every measure of the network."""
_TABLE_OF = {
    Level.ORGANISATION: "organisation_metrics",
    Level.PAIR: "pair_metrics",
    Level.GROUP: "group_metrics",
    Level.NETWORK: "network_metrics",
}
_OF_LAYERS = ("graph", "pairs", "turnover")
_NAMED = 5
_OfOne = tuple[int, RecordKind, str, str]
_OfAll = tuple[int, RecordKind, str]


def completeness_table(coverage: Coverage, roster: Roster, calendar: Calendar) -> pa.Table:
    """The `completeness` table: every kind that coverage records speak of, for the organisations on each slice's roster."""
    org, number = np.nonzero(roster.present)
    kinds = sorted(coverage.whole, key=lambda kind: kind.value)
    rows = len(org)
    whole = [coverage.whole[kind][org, number] for kind in kinds]
    columns: Mapping[str, object] = {
        "slice": np.tile(number, len(kinds)),
        "record_kind": Words(np.repeat(np.arange(len(kinds)), rows), [kind.value for kind in kinds]),
        "organisation_id": Words(np.tile(org, len(kinds)), roster.names),
        "whole": pa.array(np.concatenate([np.zeros(0, dtype=bool), *whole])),
    }
    return store.sorted_by_key("completeness", store.table("completeness", columns, calendar))


def kinds_of(metric: Metric, layer: Layer, supplied: Collection[RecordKind]) -> tuple[RecordKind, ...]:
    """The kinds of record that a metric of one layer rests on."""
    if metric.takes in _OF_LAYERS:
        return kinds_behind(layer, supplied.__contains__)
    if metric.takes in CONDUCT_KINDS:
        return (kind_behind(metric, supplied.__contains__),)
    if metric.takes == "group_referrals":
        return (RecordKind.REFERRALS,)
    if metric.takes == "group_joint_roles":
        return kinds_behind(Layer.JOINT_ROLES, supplied.__contains__)
    return (RecordKind.ATTENDANCE,)


def kinds_table(supplied: Collection[RecordKind]) -> pa.Table:
    """Which kinds of record each metric rests on: measure_table, layer, metric, kind."""
    rows = [
        (_TABLE_OF[m.level], layer.value, m.name, kind.value)
        for m in registered()
        for layer in m.layers
        for kind in kinds_of(m, layer, supplied)
    ]
    names = ("measure_table", "layer", "metric", "kind")
    columns = list(zip(*rows, strict=True)) or [()] * len(names)
    return pa.table({name: pa.array(column, pa.string()) for name, column in zip(names, columns, strict=True)})


@dataclass(frozen=True)
class Wholeness:
    """Which organisations' records of each kind are known to be whole, by slice; a kind nobody speaks of is missing."""

    whole: Mapping[RecordKind, Sequence[frozenset[str]]]
    rosters: Sequence[frozenset[str]]

    def changed(self, kind: RecordKind, comparison: Comparison) -> tuple[list[str], list[str]]:
        """Organisations, there before and after, whose records are whole before only, and after only."""
        if kind not in self.whole:
            return [], []
        before, after = comparison.slices
        both = self.rosters[before] & self.rosters[after]
        one, two = self.whole[kind][before] & both, self.whole[kind][after] & both
        return sorted(one - two), sorted(two - one)

    def alike(self, kinds: Iterable[RecordKind], comparison: Comparison) -> frozenset[str]:
        """Organisations there before and after whose records are as whole after as before."""
        before, after = comparison.slices
        both = self.rosters[before] & self.rosters[after]
        return both.difference(*(set().union(*self.changed(kind, comparison)) for kind in kinds))


def read_wholeness(completeness: pa.Table, rosters: Sequence[Sequence[str]], calendar: Calendar) -> Wholeness:
    """The wholeness that a published table tells."""
    at = {s.start: number for number, s in enumerate(calendar.slices)}
    kinds = completeness.column("record_kind").cast(pa.string())
    names = completeness.column("organisation_id").cast(pa.string())
    rows = pa.table({"kind": kinds, "day": completeness.column("slice_start"), "name": names})
    each = rows.filter(completeness.column("whole")).group_by(["kind", "day"]).aggregate([("name", "list")])
    whole: dict[RecordKind, list[frozenset[str]]] = {
        RecordKind(kind): [frozenset()] * len(calendar) for kind in kinds.unique().to_pylist()
    }
    for row in each.to_pylist():
        whole[RecordKind(row["kind"])][at[row["day"]]] = frozenset(row["name_list"])
    return Wholeness(whole, [frozenset(names) for names in rosters])


def listed(names: Sequence[str], between: str = ", ") -> str:
    """A few by name, and the number of the others."""
    more = len(names) - _NAMED
    return between.join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def lost_records(wholeness: Wholeness, comparison: Comparison) -> Iterator[tuple[RecordKind, str, list[str]]]:
    """The organisations whose records of a kind are known to be whole on one side only, and on which."""
    for kind in wholeness.whole:
        gone, come = wholeness.changed(kind, comparison)
        for names, when in ((gone, "before and not after"), (come, "after and not before")):
            if names:
                yield kind, when, names


_ACTIVITY = """
CREATE TABLE activity_of_organisations AS
SELECT organisation_id, slice_start, 'attendance' AS kind, sum(value) AS n FROM organisation_metrics
WHERE metric = 'events_attended' GROUP BY ALL
UNION ALL
SELECT organisation_id, slice_start, 'referrals', sum(value) FROM organisation_metrics
WHERE metric = 'out_strength' AND layer IN ('referrals', 'referrals_back') GROUP BY ALL
"""
_FALLEN = """
SELECT comparison, organisation_id, kind, max(n) FILTER (slice_start = before_day) AS before,
    max(n) FILTER (slice_start = after_day) AS after
FROM activity_of_organisations JOIN comparisons ON slice_start IN (before_day, after_day)
GROUP BY ALL HAVING before >= {least} AND coalesce(after, 0) < (1 - {drop}) * before ORDER BY ALL
"""


def _drops(
    con: duckdb.DuckDBPyConnection, comparisons: Sequence[Comparison], wholeness: Wholeness
) -> Iterator[tuple[int, RecordKind, str, str]]:
    """Organisations whose records fall by more than four fifths although nothing says that any are missing.

    Reads `organisation_metrics` and `comparisons` from the connection. An organisation that has left the roster is none
    of them.
    """
    if not has_view(con, "organisation_metrics"):
        return
    con.execute(_ACTIVITY)
    for number, organisation, word, before, after in con.execute(
        _FALLEN.format(least=MIN_EVENTS, drop=DROP)
    ).fetchall():
        comparison = comparisons[number]
        both = wholeness.rosters[comparison.slices[0]] & wholeness.rosters[comparison.slices[1]]
        kind = RecordKind(word)
        if organisation in both and organisation not in wholeness.changed(kind, comparison)[0]:
            whole = kind in wholeness.whole and organisation in wholeness.whole[kind][comparison.slices[1]]
            stated = "although they are said to be whole" if whole else "and nothing says that they are whole"
            yield number, kind, organisation, f"{before:g} to {after or 0:g}, {stated}"


def strings(values: Iterable[str]) -> pa.Array:
    """A column of text."""
    return pa.array(list(values), pa.string())


def _doubts(name: str, of_one: Sequence[_OfOne], of_all: Sequence[_OfAll]) -> dict[str, pa.Table]:
    """Reasons that organisations give, as tables of the database: for what rests on one alone, and on all records."""
    one = {
        "comparison": pa.array([row[0] for row in of_one], pa.int32()),
        "kind": strings(row[1].value for row in of_one),
        "organisation": strings(row[2] for row in of_one),
        "why": strings(row[3] for row in of_one),
    }
    every = {
        "comparison": pa.array([row[0] for row in of_all], pa.int32()),
        "kind": strings(row[1].value for row in of_all),
        "why": strings(row[2] for row in of_all),
    }
    return {f"{name}_of_one": pa.table(one), f"{name}_of_all": pa.table(every)}


@dataclass(frozen=True)
class Doubts:
    """What stands against comparing, by comparison: records that are whole on one side only, and records that fell."""

    blocks_of_one: list[_OfOne]
    blocks_of_all: list[_OfAll]
    warnings_of_one: list[_OfOne]
    warnings_of_all: list[_OfAll]

    def tables(self) -> dict[str, pa.Table]:
        """As tables of the database."""
        blocks = _doubts("blocks", self.blocks_of_one, self.blocks_of_all)
        return blocks | _doubts("warnings", self.warnings_of_one, self.warnings_of_all)

    def blocked(self, number: int, damour: Damour) -> dict[str, list[str]]:
        """Why indicators cannot be compared: those that need a kind whose records are whole on one side only."""
        why = {kind: text for at, kind, text in self.blocks_of_all if at == number}
        return {
            name.value: [why[kind] for kind in declared.needs if kind in why]
            for name, declared in damour.indicators.items()
        }


def find_doubts(
    con: duckdb.DuckDBPyConnection,
    comparisons: Sequence[Comparison],
    wholeness: Wholeness,
    rules: Change,
) -> Doubts:
    """Look for records that are missing; reads `organisation_metrics` and `comparisons` from the connection."""
    doubts = Doubts([], [], [], [])
    for number, comparison in enumerate(comparisons):
        both = len(wholeness.rosters[comparison.slices[0]] & wholeness.rosters[comparison.slices[1]])
        for kind, when, names in lost_records(wholeness, comparison):
            doubts.blocks_of_one.extend(
                (number, kind, name, f"{_plain(kind)} of {name}: whole {when}") for name in names
            )
            if len(names) > rules.coverage_tolerance * both:
                why = f"{_plain(kind)}: whole {when} for {listed(names)}"
                doubts.blocks_of_all.append((number, kind, why))
    fallen: dict[tuple[int, RecordKind], list[str]] = {}
    for number, kind, name, what in _drops(con, comparisons, wholeness):
        doubts.warnings_of_one.append((number, kind, name, f"{_plain(kind)} of {name} fell from {what}"))
        fallen.setdefault((number, kind), []).append(f"{name} ({what})")
    for (number, kind), told in fallen.items():
        why = f"{_plain(kind)} fell by more than {DROP:.0%}: {listed(told, '; ')}"
        doubts.warnings_of_all.append((number, kind, why))
    return doubts


def _plain(kind: RecordKind) -> str:
    return kind.value.replace("_", " ")


def followed_meanwhile(succession: pa.Table | None, start: date, end: date) -> Iterator[str]:
    """Organisations that another followed within some days, in a run that states them as recorded: one line, or none."""
    links = [] if succession is None else succession.to_pylist()
    names = [
        f"{link['predecessor_id']} by {link['successor_id']} on {link['link_date']}"
        for link in links
        if link["organisation_basis"] == OrganisationBasis.AS_RECORDED
        and link["outcome"] in (LinkOutcome.FOLLOWED, LinkOutcome.AMBIGUOUS)
        and link["link_date"] is not None
        and start < link["link_date"] < end
    ]
    if names:
        yield f"followed meanwhile: {listed(names, '; ')}; as constant_successor they would be stated as one throughout"
