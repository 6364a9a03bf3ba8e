"""What the records show of leads: which organisations lead what, and how long the people who lead stay."""

from dataclasses import dataclass

import duckdb
import numpy as np
from numpy.typing import NDArray

from orgnet.metrics.conduct_meetings import Meetings
from orgnet.metrics.kaplan_meier import kaplan_meier
from orgnet.records.source import text
from orgnet.spells import Ranges, count, merged
from orgnet.ties.presence import Presence
from orgnet.vocabulary import LeadScope
from orgnet.windows import FOREVER, Calendar

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def meetings_chaired(meetings: Meetings, presence: Presence, n: int) -> tuple[Ints, Ints]:
    """Meetings of series whose chair was there for one known organisation, and that organisation."""
    chaired = np.flatnonzero(meetings.multi & meetings.held & (meetings.chair >= 0) & (meetings.series != ""))
    apart = int(max(presence.person.max(initial=0), meetings.chair.max(initial=0))) + 1
    key = presence.meeting * apart + presence.person
    wanted = chaired * apart + meetings.chair[chaired]
    at = np.minimum(np.searchsorted(key, wanted), max(len(key) - 1, 0))
    found = (key[at] == wanted) & (presence.party[at] < n) if len(key) else np.zeros(len(chaired), bool)
    return chaired[found], presence.party[at[found]] if len(key) else at[found]


def lead_roles(con: duckdb.DuckDBPyConnection, calendar: Calendar) -> tuple[NDArray[np.object_], Ints, Ints, Ints]:
    """Bodies led by network lead roles: body, organisation, and the first and last slice at whose end the role is held.

    Where a role does not say whom its holder comes from, it is wherever they hold posts at the time.
    """
    rows = con.sql(
        f"""
        SELECT l.body_id, coalesce(l.org_id, p.org_id) AS org,
            CAST(greatest(l.start, p.start) - DATE '1970-01-01' AS BIGINT) AS first_day,
            coalesce(CAST(least(l."end", p."end") - DATE '1970-01-01' AS BIGINT), {FOREVER}) AS end_day
        FROM lead_roles l LEFT JOIN people p ON l.org_id IS NULL AND p.person_id = l.person_id
            AND coalesce(p.start < l."end", true) AND coalesce(l.start < p."end", true)
        WHERE l.scope = {text(LeadScope.NETWORK)} AND coalesce(l.decision_right, true)
            AND coalesce(l.org_id, p.org_id) IS NOT NULL
        ORDER BY ALL
        """
    ).fetchall()
    days = np.array([row[2:] for row in rows], dtype=np.int64).reshape(-1, 2)
    first, last = calendar.held_at_end(days[:, 0], days[:, 1])
    body = np.array([row[0] for row in rows], dtype=object)
    return body, np.array([row[1] for row in rows], dtype=np.int64), first, np.minimum(last, len(calendar) - 1)


def led(con: duckdb.DuckDBPyConnection, meetings: Meetings, presence: Presence, calendar: Calendar, n: int) -> Floats:
    """Bodies led per organisation and slice: series chaired within the window, network lead roles at its end."""
    chaired, party = meetings_chaired(meetings, presence, n)
    first, last = calendar.windows_over(meetings.day[chaired])
    led_by_role, holder, begun, ended = lead_roles(con, calendar)
    bodies = np.concatenate([meetings.series[chaired], led_by_role])
    org = np.concatenate([party, holder])
    return shared_out(bodies, org, np.concatenate([first, begun]), np.concatenate([last, ended]), n, len(calendar))


def shared_out(bodies: NDArray[np.object_], org: Ints, first: Ints, last: Ints, n: int, slices: int) -> Floats:
    """Bodies led per organisation and slice, from who leads which from when to when; shared leads are split."""
    names, body = np.unique(bodies.astype(str), return_inverse=True)
    spells = merged(Ranges(body * n + org, first, last))
    keys, row = np.unique(spells.key, return_inverse=True)
    held = count(row, spells.first, spells.last, len(keys), slices) > 0
    leaders = np.zeros((len(names), slices))
    np.add.at(leaders, keys // n, held)
    led = np.zeros((n, slices))
    np.add.at(led, keys % n, np.divide(held, leaders[keys // n], out=np.zeros(held.shape), where=held))
    return led


@dataclass(frozen=True)
class Leads:
    """Who leads which body.

    `chaired` are meetings of series (their codes) and `party` the organisation in the chair; `body` to `last` are the
    network lead roles: body, organisation, first and last slice at whose end the role is held.
    """

    chaired: Ints
    party: Ints
    body: NDArray[np.object_]
    holder: Ints
    first: Ints
    last: Ints


def find_leads(
    con: duckdb.DuckDBPyConnection, meetings: Meetings, presence: Presence, calendar: Calendar, n: int
) -> Leads:
    """Who leads which body, by chairs and by roles."""
    chaired, party = meetings_chaired(meetings, presence, n)
    body, holder, first, last = lead_roles(con, calendar)
    return Leads(chaired, party, body, holder, first, last)


def led_in(pathway: str, leads: Leads, meetings: Meetings, calendar: Calendar, n: int) -> Floats:
    """Bodies of a pathway led per organisation and slice.

    Series chaired at meetings that name the pathway, and network lead roles of such a series or of the pathway itself,
    by its name: a lead role says which body it leads, but not for which pathway.
    """
    named = meetings.pathway == pathway
    chair = np.flatnonzero(named[leads.chaired])
    own = np.unique(np.append(meetings.series[named & meetings.held & (meetings.series != "")], pathway).astype(str))
    role = np.flatnonzero(np.isin(leads.body.astype(str), own))
    at = leads.chaired[chair]
    first, last = calendar.windows_over(meetings.day[at])
    return shared_out(
        np.concatenate([meetings.series[at], leads.body[role]]),
        np.concatenate([leads.party[chair], leads.holder[role]]),
        np.concatenate([first, leads.first[role]]),
        np.concatenate([last, leads.last[role]]),
        n,
        len(calendar),
    )


@dataclass(frozen=True)
class Leaders:
    """The people who hold a network lead role with a right to decide, per slice.

    `at_start` were leaders on the window's first day, `stayed` on its last day too; `left` ended in the window;
    `headcount` is the mean over the window's days. `tenure` is the median length of a spell as leader, in days,
    estimated from all spells up to the slice's end.
    """

    at_start: Ints
    stayed: Ints
    left: Ints
    headcount: Floats
    tenure: Floats


def median_tenure(entry: Ints, leave: Ints, ended: NDArray[np.bool_]) -> float:
    """The Kaplan-Meier median of spells, each known from age `entry` to age `leave`; NaN if it is not reached."""
    return kaplan_meier(entry, leave, ended).median


def lead_spells(con: duckdb.DuckDBPyConnection) -> tuple[Ints, Ints, Ints]:
    """Network lead roles with a right to decide: who, the first day, and the first day after."""
    rows = con.sql(
        f"""
        SELECT person_id AS person, CAST(start - DATE '1970-01-01' AS BIGINT) AS first_day,
            coalesce(CAST("end" - DATE '1970-01-01' AS BIGINT), {FOREVER}) AS end_day
        FROM lead_roles WHERE scope = {text(LeadScope.NETWORK)} AND coalesce(decision_right, true) ORDER BY ALL
        """
    ).fetchnumpy()
    person, first, end = (np.asarray(rows[name]).astype(np.int64) for name in ("person", "first_day", "end_day"))
    return person, first, end


def find_leaders(con: duckdb.DuckDBPyConnection, calendar: Calendar) -> Leaders:
    """Who led, who stayed and who left. Roles of one person that touch or overlap are one spell."""
    person, first, end = lead_spells(con)
    spells = merged(Ranges(person, first, end - 1))
    first, end = spells.first[:, None], spells.last[:, None] + 1
    opened, closed = calendar.window_starts[None, :], calendar.ends[None, :]
    at_start = (first <= opened) & (opened < end)
    at_end = (first < closed) & (closed <= end)
    days = np.maximum(np.minimum(end, closed) - np.maximum(first, opened), 0).sum(axis=0)
    begin = int(calendar.starts[0])
    tenure = np.full(len(calendar), np.nan)
    for number, close in enumerate(calendar.ends.tolist()):
        known = (spells.first < close) & (spells.last >= begin)
        start, leave = spells.first[known], np.minimum(spells.last[known] + 1, close)
        tenure[number] = median_tenure(np.maximum(begin - start, 0), leave - start, spells.last[known] < close)
    return Leaders(
        at_start=at_start.sum(axis=0),
        # One who left and came back is one person, and stayed.
        stayed=_people(spells.key, at_start, at_end),
        left=((opened < end) & (end <= closed)).sum(axis=0),
        headcount=days / (calendar.ends - calendar.window_starts),
        tenure=tenure,
    )


def _people(person: Ints, at_start: NDArray[np.bool_], at_end: NDArray[np.bool_]) -> Ints:
    """Per slice, people with a spell at the start and a spell, maybe another, at the end."""
    people, code = np.unique(person, return_inverse=True)
    both = []
    for flags in (at_start, at_end):
        there = np.zeros((len(people), flags.shape[1]), dtype=bool)
        np.logical_or.at(there, code, flags)
        both.append(there)
    return np.asarray((both[0] & both[1]).sum(axis=0))
