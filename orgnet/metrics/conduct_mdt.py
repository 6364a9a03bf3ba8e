"""What the records show of multidisciplinary team meetings: cases, dialling in, core members, and time together."""

from dataclasses import dataclass, replace

import duckdb
import numpy as np
from numpy.typing import NDArray

from orgnet.config import TieRules
from orgnet.metrics.conduct_meetings import Meetings, per_slice
from orgnet.metrics.ratios import column_sums, medians
from orgnet.records.organisations import Roster
from orgnet.records.source import text
from orgnet.spells import Ranges, count, merged, pairs_within
from orgnet.ties.copresence import contacts_by_runs
from orgnet.ties.presence import Presence
from orgnet.vocabulary import (
    MDT_TYPES,
    AttendanceMode,
    AttendanceStatus,
    CaseOutcome,
    MeetingType,
)
from orgnet.windows import FOREVER, Calendar

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
PRESENT_SHARE = 0.5
"""Of a meeting's time, to have attended it as a core member, or to have stayed."""
COMPLIANT_SHARE = 0.66
"""Of the meetings held, to be a core member who attends enough. Widely used as two thirds; its source is unverified."""
QUORUM_TOLERANCE = 600
"""Seconds of a meeting that a required role may miss."""
_REMOTE = (AttendanceMode.VIDEO, AttendanceMode.PHONE)


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(text(word) for word in words)


REMOTE_AT_MDTS = f"""
    m.type IN ({_listed(MDT_TYPES)}) AND coalesce(m.status, 'held') = 'held'
    AND (a.status = {text(AttendanceStatus.FAILED_TO_JOIN)}
        OR (coalesce(a.status, 'attended') = {text(AttendanceStatus.ATTENDED)} AND a.mode IN ({_listed(_REMOTE)})))
"""
"""Attending an MDT remotely, or failing to, in SQL."""
_CASE_COLUMNS = ("listed", "protocolised", "deferred", "missing")
_CASES = f"""
    CAST(sum(coalesce(c.n, 1)) AS BIGINT) AS listed,
    CAST(sum(CASE WHEN c.outcome = {text(CaseOutcome.PROTOCOLISED)} THEN coalesce(c.n, 1) ELSE 0 END) AS BIGINT)
        AS protocolised,
    CAST(sum(CASE WHEN c.outcome = {text(CaseOutcome.DEFERRED)} THEN coalesce(c.n, 1) ELSE 0 END) AS BIGINT)
        AS deferred,
    CAST(sum(CASE WHEN c.outcome = {text(CaseOutcome.DEFERRED)} AND starts_with(c.deferral_reason, 'missing_')
        THEN coalesce(c.n, 1) ELSE 0 END) AS BIGINT) AS missing
    FROM mdt_cases c JOIN meetings m USING (meeting_id) WHERE coalesce(m.status, 'held') = 'held'
"""
"""Cases of meetings that were held, added up, in SQL."""


def _seconds(of: str = "true") -> str:
    """How long somebody was at a meeting, in SQL: stays added up, never more than from first joining to last leaving."""
    f = f"FILTER ({of})"
    return f"""
        CASE WHEN count(*) {f} = count(a.join) {f} AND count(*) {f} = count(a.leave) {f}
                THEN least(sum(a.leave - a.join) {f}, max(a.leave) {f} - min(a.join) {f})
            WHEN count(*) {f} = count(a.minutes) {f} THEN CAST(sum(a.minutes) {f} * 60 AS BIGINT) END
    """


@dataclass(frozen=True)
class Cases:
    """Cases listed at meetings that were held, per slice's window."""

    listed: Ints
    protocolised: Ints
    deferred: Ints
    deferred_missing: Ints


def find_cases(con: duckdb.DuckDBPyConnection, calendar: Calendar) -> Cases:
    """Cases in each window."""
    rows = con.sql(
        f"SELECT CAST(m.start_day - DATE '1970-01-01' AS BIGINT) AS day, {_CASES} GROUP BY ALL ORDER BY ALL"
    ).fetchnumpy()
    day, *numbers = (np.asarray(rows[name]).astype(np.int64) for name in ("day", *_CASE_COLUMNS))
    return Cases(*(per_slice(day, calendar, number) for number in numbers))


def cases_brought(con: duckdb.DuckDBPyConnection, calendar: Calendar, n: int) -> tuple[Cases, Ints]:
    """Cases in each window by the organisation that brought them, shape (organisations, slices); and those that do not say."""
    rows = con.sql(
        "SELECT coalesce(c.referring_org_id, -1) AS org, CAST(m.start_day - DATE '1970-01-01' AS BIGINT) AS day, "
        f"{_CASES} GROUP BY ALL ORDER BY ALL"
    ).fetchnumpy()
    org, day = (np.asarray(rows[name]).astype(np.int64) for name in ("org", "day"))
    first, last = calendar.windows_over(day)
    listed, *others = (
        count(np.where(org < 0, n, org), first, last, n + 1, len(calendar), by=np.asarray(rows[name]).astype(np.int64))
        for name in _CASE_COLUMNS
    )
    return Cases(listed[:n], *(each[:n] for each in others)), listed[n]


@dataclass(frozen=True)
class DialIn:
    """Remote attendance of MDT meetings, per slice's window; a stay's length is known of `timed` of them.

    `stayed` are those that lasted for at least half of the meeting, of `comparable` whose meeting's length is known.
    """

    joined: Ints
    failed: Ints
    median_minutes: Floats
    comparable: Ints
    stayed: Ints


def _attempts(con: duckdb.DuckDBPyConnection, calendar: Calendar) -> tuple[Ints, Ints]:
    """Remote attendances of MDT meetings, and failures to join, in each window."""
    rows = con.sql(
        "SELECT CAST(m.start_day - DATE '1970-01-01' AS BIGINT) AS day, "
        f"coalesce(a.status, '') = {text(AttendanceStatus.FAILED_TO_JOIN)} AS failed, count(*) AS n "
        f"FROM attendance a JOIN meetings m USING (meeting_id) WHERE {REMOTE_AT_MDTS} GROUP BY ALL"
    ).fetchnumpy()
    day, n = (np.asarray(rows[name]).astype(np.int64) for name in ("day", "n"))
    failed = np.asarray(rows["failed"]).astype(bool)
    return per_slice(day[~failed], calendar, n[~failed]), per_slice(day[failed], calendar, n[failed])


def find_dial_in(con: duckdb.DuckDBPyConnection, calendar: Calendar) -> DialIn:
    """Who dialled in to MDT meetings, who could not, and how long they stayed."""
    rows = con.sql(
        f"""
        SELECT CAST(any_value(m.start_day) - DATE '1970-01-01' AS BIGINT) AS day, {_seconds()} AS seconds,
            coalesce(any_value(m.end - m.start), 0) AS duration
        FROM attendance a JOIN meetings m USING (meeting_id)
        WHERE m.type IN ({_listed(MDT_TYPES)}) AND coalesce(m.status, 'held') = 'held'
            AND coalesce(a.status, 'attended') = {text(AttendanceStatus.ATTENDED)}
            AND a.mode IN ({_listed(_REMOTE)})
        GROUP BY meeting_id, person_id HAVING seconds IS NOT NULL
        """
    ).fetchnumpy()
    day, seconds, duration = (np.asarray(rows[name]).astype(np.int64) for name in ("day", "seconds", "duration"))
    joined, failed = _attempts(con, calendar)
    comparable = duration > 0
    stayed = comparable & (seconds >= PRESENT_SHARE * duration)
    return DialIn(
        joined,
        failed,
        medians(seconds, *calendar.windows_over(day), len(calendar)) / 60,
        per_slice(day[comparable], calendar),
        per_slice(day[stayed], calendar),
    )


@dataclass(frozen=True)
class Tried:
    """MDT meetings by the organisation that people stood for, shape (organisations, slices).

    `joined` and `failed` are attempts to attend remotely; `people` were there, in whatever way, or could not join.
    """

    joined: Ints
    failed: Ints
    people: Ints


def attempts_of(con: duckdb.DuckDBPyConnection, calendar: Calendar, n: int) -> Tried:
    """Remote attendance of MDT meetings by organisation: the one that the record names, else the person's only post.

    Those of people with posts in several organisations, where the record does not say which, are nobody's.
    """
    failed_to_join = text(AttendanceStatus.FAILED_TO_JOIN)
    rows = con.sql(
        f"""
        WITH tried AS (
            SELECT a.person_id AS person, a.org_id, m.start_day AS day, coalesce(a.status = {failed_to_join}, false) AS failed,
                coalesce(a.mode IN ({_listed(_REMOTE)}), false) AS remote
            FROM attendance a JOIN meetings m USING (meeting_id)
            WHERE m.type IN ({_listed(MDT_TYPES)}) AND coalesce(m.status, 'held') = 'held'
                AND coalesce(a.status, 'attended') IN ({text(AttendanceStatus.ATTENDED)}, {failed_to_join})
        ),
        posts AS (
            SELECT person, day, min(p.org_id) AS post
            FROM (SELECT DISTINCT person, day FROM tried WHERE org_id IS NULL) JOIN people p ON p.person_id = person
                AND coalesce(p.start <= day, true) AND coalesce(day < p."end", true)
            GROUP BY ALL HAVING count(DISTINCT p.org_id) = 1
        )
        SELECT coalesce(org_id, post) AS org, person, CAST(tried.day - DATE '1970-01-01' AS BIGINT) AS day,
            count(*) FILTER (failed) AS failed, count(*) FILTER (remote AND NOT failed) AS joined
        FROM tried LEFT JOIN posts USING (person, day) WHERE coalesce(org_id, post) IS NOT NULL
        GROUP BY ALL ORDER BY ALL
        """
    ).fetchnumpy()
    org, person, day, failed, joined = (
        np.asarray(rows[name]).astype(np.int64) for name in ("org", "person", "day", "failed", "joined")
    )
    first, last = calendar.windows_over(day)
    joined, failed = (count(org, first, last, n, len(calendar), by=number) for number in (joined, failed))
    apart = int(person.max(initial=0)) + 1
    seen = merged(Ranges(org * apart + person, first, last))
    return Tried(joined, failed, count(seen.key // apart, seen.first, seen.last, n, len(calendar)))


@dataclass(frozen=True)
class CoreTeam:
    """Core members of MDT series, per slice: those listed in a core role at any of the series' meetings in the window.

    `attendance` adds up each member's share of the meetings held while in post, over `members`; `compliant` reach the
    threshold. `judged` meetings belong to a series with any core role listed; at `quorate` ones every role that the
    series lists in the window was there throughout, at `quorate_listed` ones every role's holder is listed as there.
    """

    members: Ints
    attendance: Floats
    compliant: Ints
    judged: Ints
    quorate: Ints
    quorate_listed: Ints


@dataclass(frozen=True)
class _CoreRows:
    """One row per meeting, person and core role; codes of meeting, person and role."""

    meeting: Ints
    person: Ints
    role: Ints
    listed: Flags
    half: Flags
    throughout: Flags


def _core_rows(con: duckdb.DuckDBPyConnection) -> _CoreRows:
    """Who is listed in a core role, whether as there, and for how much of the meeting; a time not known is enough."""
    attended = f"coalesce(a.status, 'attended') = {text(AttendanceStatus.ATTENDED)}"
    rows = con.sql(
        f"""
        SELECT a.meeting_id AS meeting, a.person_id AS person, a.core_role AS role, bool_or({attended}) AS listed,
            coalesce({_seconds(attended)}, -1) AS seconds,
            coalesce(any_value(m.end - m.start), 0) AS duration
        FROM attendance a JOIN meetings m USING (meeting_id)
        WHERE a.core_role IS NOT NULL AND m.series_id IS NOT NULL AND m.type IN ({_listed(MDT_TYPES)})
            AND coalesce(m.status, 'held') = 'held'
        GROUP BY ALL ORDER BY ALL
        """
    ).fetchnumpy()
    meeting, person, seconds, duration = (
        np.asarray(rows[name]).astype(np.int64) for name in ("meeting", "person", "seconds", "duration")
    )
    role = np.unique(np.asarray(rows["role"]).astype(str), return_inverse=True)[1].astype(np.int64)
    listed = np.asarray(rows["listed"]).astype(bool)
    open_ended = (seconds < 0) | (duration <= 0)
    return _CoreRows(
        meeting,
        person,
        role,
        listed,
        half=listed & (open_ended | (seconds >= PRESENT_SHARE * duration)),
        throughout=listed & (open_ended | (seconds >= duration - QUORUM_TOLERANCE)),
    )


def _posts(con: duckdb.DuckDBPyConnection, has_people: bool, person: Ints) -> Ranges:
    """The days on which each person is in post; all days where posts are not known."""
    if not has_people:
        people = np.unique(person)
        return Ranges(people, np.full(len(people), -FOREVER), np.full(len(people), FOREVER))
    rows = con.sql(
        f"SELECT person_id AS person, coalesce(CAST(start - DATE '1970-01-01' AS BIGINT), -{FOREVER}) AS first, "
        f"coalesce(CAST(\"end\" - DATE '1970-01-01' AS BIGINT) - 1, {FOREVER}) AS last FROM people ORDER BY ALL"
    ).fetchnumpy()
    who, first, last = (np.asarray(rows[name]).astype(np.int64) for name in ("person", "first", "last"))
    mine = np.isin(who, person)
    return merged(Ranges(who[mine], first[mine], last[mine]))


def find_core_team(
    con: duckdb.DuckDBPyConnection, meetings: Meetings, has_people: bool, calendar: Calendar
) -> CoreTeam:
    """How the core members of MDT series attend, and how many meetings were quorate."""
    rows = _core_rows(con)
    mdt = meetings.held & np.isin(meetings.types, [t.value for t in MDT_TYPES]) & (meetings.series != "")
    names, series = np.unique(np.where(mdt, meetings.series, "").astype(str), return_inverse=True)
    members, attendance, compliant = _core_attendance(
        rows, series, meetings.day, mdt, _posts(con, has_people, rows.person), calendar
    )
    return CoreTeam(members, attendance, compliant, *_quorum(rows, series, meetings.day, mdt, len(names), calendar))


def _core_attendance(
    rows: _CoreRows, series: Ints, day: Ints, mdt: Flags, posts: Ranges, calendar: Calendar
) -> tuple[Ints, Floats, Ints]:
    """Core members, the sum of their shares of meetings attended, and those who reach the threshold, per slice."""
    slices, people = len(calendar), int(rows.person.max(initial=0)) + 1
    units, unit = np.unique(series[rows.meeting] * people + rows.person, return_inverse=True)
    when = day[rows.meeting]
    first, last = calendar.windows_over(when)
    listed = merged(Ranges(unit, first, last))
    member = count(listed.key, listed.first, listed.last, len(units), slices) > 0
    # Held while in post: meetings of the series on the days that a window and a post share.
    opening, close = int(calendar.window_starts[0]), int(calendar.ends[-1])
    apart = close - opening + 2
    mdt = mdt & (opening <= day) & (day < close)
    held = np.sort(series[mdt] * apart + day[mdt] - opening)
    at, spell = pairs_within(units % people, posts.key)
    low, high = (np.clip(side, opening, close) for side in (posts.first, posts.last + 1))
    opened = np.maximum(low[spell][:, None], calendar.window_starts[None, :])
    closed = np.maximum(np.minimum(high[spell][:, None], calendar.ends[None, :]), opened)
    base = (units[at] // people * apart - opening)[:, None]
    number = np.searchsorted(held, base + closed) - np.searchsorted(held, base + opened)
    due = np.zeros((len(units), slices), dtype=np.int64)
    np.add.at(due, at, number)
    # Attended: once a meeting, whatever the roles, and in post.
    once = np.unique(
        unit[rows.half] * (int(rows.meeting.max(initial=0)) + 1) + rows.meeting[rows.half], return_index=True
    )[1]
    mine, on = unit[rows.half][once], when[rows.half][once]
    left, right = pairs_within(units[mine] % people, posts.key)
    inside = (posts.first[right] <= on[left]) & (on[left] <= posts.last[right])
    attended = count(mine[left[inside]], *calendar.windows_over(on[left[inside]]), len(units), slices)
    member &= due > 0
    share = np.divide(attended, due, out=np.zeros(due.shape), where=due > 0)
    reached = member & (share >= COMPLIANT_SHARE)
    return member.sum(axis=0), column_sums(np.where(member, share, 0)), reached.sum(axis=0)


def _quorum(
    rows: _CoreRows, series: Ints, day: Ints, mdt: Flags, n_series: int, calendar: Calendar
) -> tuple[Ints, Ints, Ints]:
    """Meetings judged, quorate, and quorate by the list alone, per slice."""
    slices, roles = len(calendar), int(rows.role.max(initial=0)) + 1
    first, last = calendar.windows_over(day[rows.meeting])
    asked = merged(Ranges(series[rows.meeting] * roles + rows.role, first, last))
    required = count(asked.key // roles, asked.first, asked.last, n_series, slices)
    held = np.flatnonzero(mdt)
    filled = []
    for there in (rows.throughout, rows.listed):
        kept = np.unique(rows.meeting[there] * roles + rows.role[there]) // roles
        filled.append(np.bincount(kept, minlength=len(day)))
    first, last = calendar.windows_over(day[held])
    length = np.maximum(last - first + 1, 0)
    row = np.repeat(held, length)
    at = np.repeat(first, length) + np.arange(len(row)) - np.repeat(np.cumsum(length) - length, length)
    wanted = required[series[row], at]
    judged = wanted > 0
    found = [judged, *(judged & (of_kind[row] == wanted) for of_kind in filled)]
    judged_n, quorate, listed = (np.bincount(at[flags], minlength=slices) for flags in found)
    return judged_n, quorate, listed


def local_time_together(
    presence: Presence, rules: TieRules, meetings: Meetings, roster: Roster, calendar: Calendar, part: Calendar
) -> tuple[Ints, Ints]:
    """Seconds together, and of the meetings, over pairs of people of two local providers listed at a specialist MDT.

    Both were seen to join and leave; people of no known professional group are not among them. It is counted in the
    windows of `part`; which providers were local on a day is told by the slice of `calendar` that the day lies in.
    """
    local, n = roster.provider & ~roster.specialist, len(roster.names)
    specialist_mdt = meetings.held & (meetings.types == MeetingType.SMDT.value)
    there = presence.rows(np.flatnonzero(specialist_mdt[presence.meeting] & (presence.duration > 0)))
    number = np.searchsorted(calendar.ends, there.day, side="right")
    here = (there.party < n) & (there.group >= 0) & (number < len(calendar))
    here[here] = local[there.party[here], number[here]]
    overlap, duration = np.zeros(len(part), np.int64), np.zeros(len(part), np.int64)
    for found in contacts_by_runs(replace(there, group=np.zeros(len(there), dtype=np.int32)), (0, 0), rules):
        seen = np.flatnonzero(here[found.left] & here[found.right] & (found.overlap >= 0) & ~found.nominal)
        day, length = found.day[seen], found.duration[seen]
        overlap += per_slice(day, part, np.minimum(found.overlap[seen], length))
        duration += per_slice(day, part, length)
    return overlap, duration
