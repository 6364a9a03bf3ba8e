"""Measures of the network's conduct for a part of it: each professional group, pathway, organisation.

A part's measures are the network's own metrics, read from what the records show of that part alone. So they keep their
names and definitions, and a rule for the network reads a part of it just as well.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb
import numpy as np
from numpy.typing import NDArray

from orgnet.config import Config
from orgnet.metrics.conduct import Conduct
from orgnet.metrics.conduct_leads import find_leads, led_in
from orgnet.metrics.conduct_mdt import Cases, attempts_of, cases_brought
from orgnet.metrics.conduct_meetings import Meetings, attendance_of, attended, find_meetings, per_slice
from orgnet.metrics.posts import group_posts
from orgnet.metrics.registry import registered
from orgnet.metrics.series import conduct_series, kind_behind, whole_for_all
from orgnet.metrics.statuses import Series
from orgnet.records.coverage import Coverage
from orgnet.records.organisations import Roster
from orgnet.records.read import Records
from orgnet.spells import Ranges, count, merged
from orgnet.ties.make import Ties, connect
from orgnet.ties.presence import Presence
from orgnet.vocabulary import Level, MeetingType, RecordKind, ScopeType
from orgnet.windows import Calendar

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
MEASURED: Mapping[ScopeType, Sequence[str]] = {
    ScopeType.GROUP: ("learning_events", "learning_org_coverage"),
    ScopeType.PATHWAY: ("lead_top_share", "lead_coverage"),
    ScopeType.ORGANISATION: ("mdt_cases", "deferral_missing_info_rate", "dial_in_failure_rate"),
}
"""The parts of a network that its conduct is measured for, and the metrics of each."""


@dataclass(frozen=True)
class Part:
    """What the records show of one part of the network, per slice, and how much stands behind it.

    `told` says whether the records of the window all tell which part they belong to: if not, none found is not none.
    `organisation` is the code of the one organisation whose records alone it rests on, if it does.
    """

    conduct: Conduct
    told: Flags
    n_people: Ints
    n_organisations: Ints
    n_events: Ints
    organisation: int | None = None


@dataclass(frozen=True)
class Measured:
    """A part's metrics by name, and how much stands behind them; `organisation` as for `Part`."""

    series: dict[str, Series]
    n_people: Ints
    n_organisations: Ints
    n_events: Ints
    organisation: int | None = None


Scopes = dict[ScopeType, dict[str, Measured]]


def learning_of_groups(
    conduct: Conduct,
    meetings: Meetings,
    ties: Ties,
    records: Records,
    roster: Roster,
    config: Config,
    calendar: Calendar,
) -> dict[str, Part]:
    """Learning events at which people of a group came from two providers or more, for each group with a roster.

    Only providers with anyone of the group on the roster at the slice's end could send any.
    """
    learning = np.flatnonzero((meetings.types == MeetingType.LEARNING.value)[ties.presence.meeting])
    group = ties.presence.group[learning]
    told = per_slice(ties.presence.day[learning[group < 0]].astype(np.int64), calendar) == 0
    parts = {}
    for number, posts in enumerate(group_posts(records, config, calendar)):
        if not len(posts.people):
            continue
        mine = attended(meetings, ties.presence, roster, learning[group == number])
        chosen, providers = mine.of(MeetingType.LEARNING), roster.provider & (posts.staffed > 0)
        events = per_slice(mine.day[chosen], calendar)
        reached = (attendance_of(mine, chosen, calendar, len(roster.names)) > 0) & providers
        seen = replace(conduct, providers=providers, learning_events=events, learning_reached=reached.sum(axis=0))
        parts[config.professional_groups[number]] = Part(seen, told, posts.size, posts.organisations, events)
    return parts


def leads_of_pathways(
    con: duckdb.DuckDBPyConnection,
    conduct: Conduct,
    meetings: Meetings,
    presence: Presence,
    roster: Roster,
    calendar: Calendar,
) -> dict[str, Part]:
    """Who leads in each pathway that a meeting held names, among the members that were at its meetings.

    Its meetings are those that name it and were attended from two providers or more.
    """
    n, slices = len(roster.names), len(calendar)
    leads = find_leads(con, meetings, presence, calendar, n)
    apart = int(presence.person.max(initial=0)) + 1
    named = np.unique(meetings.pathway[meetings.held & (meetings.pathway != "")].astype(str))
    pathways, told = named.tolist(), np.ones(slices, dtype=bool)
    code = np.searchsorted(named, meetings.pathway.astype(str))
    ours = meetings.multi & meetings.held & (meetings.pathway != "")
    stays = np.flatnonzero(ours[presence.meeting])
    when = calendar.windows_over(presence.day[stays].astype(np.int64))
    seen = merged(Ranges(code[presence.meeting[stays]] * apart + presence.person[stays], *when))
    people = count(seen.key // apart, seen.first, seen.last, len(pathways), slices)
    parts = {}
    for number, pathway in enumerate(pathways):
        chosen = ours & (code == number)
        taking_part = conduct.members & (attendance_of(meetings, chosen, calendar, n) > 0)
        own = replace(conduct, led=led_in(pathway, leads, meetings, calendar, n), members=taking_part)
        events = per_slice(meetings.day[chosen], calendar)
        parts[pathway] = Part(own, told, people[number], taking_part.sum(axis=0), events)
    return parts


def information_of_organisations(
    con: duckdb.DuckDBPyConnection, conduct: Conduct, roster: Roster, calendar: Calendar
) -> dict[str, Part]:
    """Cases that an organisation brought and its people's remote attendance of MDT meetings, for each that has any.

    Its people are those who were at MDT meetings for it, in whatever way, or could not join.
    """
    n = len(roster.names)
    cases, unsaid = cases_brought(con, calendar, n)
    tried = attempts_of(con, calendar, n)
    parts = {}
    for org in np.flatnonzero((cases.listed + tried.joined + tried.failed).any(axis=1)).tolist():
        own = Cases(*(each[org] for each in (cases.listed, cases.protocolised, cases.deferred, cases.deferred_missing)))
        dial_in = replace(conduct.dial_in, joined=tried.joined[org], failed=tried.failed[org])
        seen = replace(conduct, cases=own, dial_in=dial_in)
        to_discuss = own.listed - own.protocolised
        one = np.ones(len(calendar), np.int64)
        parts[roster.names[org]] = Part(seen, unsaid == 0, tried.people[org], one, to_discuss, org)
    return parts


def measure_scopes(
    conduct: Conduct,
    ties: Ties,
    records: Records,
    roster: Roster,
    coverage: Coverage,
    config: Config,
    calendar: Calendar,
) -> Scopes:
    """The metrics of every part of the network; none without attendance."""
    if not records.has(RecordKind.ATTENDANCE):
        return {}

    def measured(scope: ScopeType, part: Part) -> Measured:
        series = {}
        for m in registered(Level.NETWORK):
            if m.name in MEASURED[scope]:
                kind = kind_behind(m, records.has)
                whole = coverage.of(kind)
                known = whole_for_all(whole, roster.provider) if part.organisation is None else whole[part.organisation]
                known = known & part.told
                series[m.name] = conduct_series(m, part.conduct, records.has(kind), known)
        return Measured(series, part.n_people, part.n_organisations, part.n_events, part.organisation)

    with connect(records) as con:
        meetings = find_meetings(con, ties.presence, roster)
        parts = {
            ScopeType.GROUP: learning_of_groups(conduct, meetings, ties, records, roster, config, calendar),
            ScopeType.PATHWAY: leads_of_pathways(con, conduct, meetings, ties.presence, roster, calendar),
        }
        if records.has(RecordKind.MDT_CASES):
            parts[ScopeType.ORGANISATION] = information_of_organisations(con, conduct, roster, calendar)
    return {scope: {name: measured(scope, part) for name, part in found.items()} for scope, found in parts.items()}
