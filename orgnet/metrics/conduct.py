"""What the records show of how a network is run, slice by slice: convening, boards, leads, MDT cases, learning."""

from dataclasses import dataclass

import duckdb
import numpy as np
from numpy.typing import NDArray

from orgnet.records.organisations import Roster
from orgnet.records.read import Records
from orgnet.records.source import text
from orgnet.spells import Ranges, count, merged
from orgnet.ties.make import Ties, connect
from orgnet.ties.presence import Presence
from orgnet.vocabulary import (
    BOARD_TYPES,
    GOVERNANCE_TYPES,
    MDT_TYPES,
    AttendanceMode,
    AttendanceStatus,
    CaseOutcome,
    LeadScope,
    MeetingType,
    OrganisationRole,
)
from orgnet.windows import FOREVER, Calendar

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Conduct:
    """How the network is run, per slice. Two-dimensional arrays have the shape (organisations, slices).

    Meetings count if held; "multi-organisation" means attended from at least two providers. `led` is the number of
    bodies that each organisation leads, a body led from several being split between them.
    """

    providers: Flags
    specialists: Flags
    members: Flags
    core_agencies: Ints
    governance_meetings: Ints
    core_meetings: Ints
    core_reached: Ints
    core_rank: Floats
    boards: Ints
    boards_attended: Ints
    governance_attendees: Ints
    led: Floats
    learning_events: Ints
    learning_reached: Ints
    standing_smdts: Ints
    cases: Ints
    cases_protocolised: Ints
    cases_deferred_missing: Ints
    joined_remotely: Ints
    failed_to_join: Ints
    joint_roles: Ints
    years: float
    whole: Flags


@dataclass(frozen=True)
class _Meetings:
    """Meetings by code: facts, and which organisations were there (one row per meeting and organisation).

    `by_core` says whether the convenor was a core agency on the day; `multi` whether two providers or more were there.
    """

    types: NDArray[np.object_]
    convenor: Ints
    by_core: Flags
    day: Ints
    series: NDArray[np.object_]
    chair: Ints
    held: Flags
    there: Ints
    organisation: Ints
    multi: Flags

    def of(self, *types: MeetingType) -> Flags:
        """Held multi-organisation meetings of the given types."""
        wanted: Flags = np.isin(self.types, [t.value for t in types])
        return self.multi & self.held & wanted


def _meetings(con: duckdb.DuckDBPyConnection, presence: Presence, roster: Roster) -> _Meetings:
    rows = con.sql(
        "SELECT coalesce(type, 'other') AS type, coalesce(convenor_org_id, -1) AS convenor, "
        "EXISTS (SELECT 1 FROM organisations o WHERE o.org_id = convenor_org_id "
        f"AND o.role = {text(OrganisationRole.CORE_AGENCY)} AND coalesce(o.valid_from <= start_day, true) "
        "AND coalesce(start_day < o.valid_to, true)) AS by_core, "
        "CAST(start_day - DATE '1970-01-01' AS BIGINT) AS day, coalesce(series_id, '') AS series, "
        "coalesce(chair_person_id, -1) AS chair, coalesce(status, 'held') = 'held' AS held "
        "FROM meetings ORDER BY meeting_id"
    ).fetchnumpy()
    column = {name: np.asarray(values) for name, values in rows.items()}
    n = len(roster.names)
    single = presence.party < n
    keys = np.unique(presence.meeting[single] * max(n, 1) + presence.party[single])
    there, organisation = keys // max(n, 1), keys % max(n, 1)
    provider: Flags = np.asarray(roster.provider.any(axis=1))
    parties = np.bincount(there[provider[organisation]], minlength=len(column["day"]))
    return _Meetings(
        column["type"].astype(object),
        column["convenor"].astype(np.int64),
        column["by_core"].astype(bool),
        column["day"].astype(np.int64),
        column["series"].astype(object),
        column["chair"].astype(np.int64),
        column["held"].astype(bool),
        there,
        organisation,
        parties >= 2,
    )


def _per_slice(day: Ints, calendar: Calendar, by: Ints | None = None) -> Ints:
    """Events (or the sum of `by`) in each slice's window."""
    first, last = calendar.windows_over(day)
    return count(np.zeros(len(day), np.int64), first, last, 1, len(calendar), by=by)[0]


def _attendance_of(meetings: _Meetings, chosen: Flags, calendar: Calendar, n: int) -> Ints:
    """How many of the chosen meetings each organisation attended in each slice's window."""
    rows = np.flatnonzero(chosen[meetings.there])
    first, last = calendar.windows_over(meetings.day[meetings.there[rows]])
    return count(meetings.organisation[rows], first, last, n, len(calendar))


def _core_rank(meetings: _Meetings, roster: Roster, calendar: Calendar) -> Floats:
    """The best rank of a core agency by out-strength among convenors; NaN without one, or if nobody convened.

    The strengths are those of the convening layer without decay: one for each governance meeting and each organisation
    there other than the convenor's own.
    """
    governance = meetings.held & np.isin(meetings.types, [t.value for t in GOVERNANCE_TYPES])
    convenor = meetings.convenor[meetings.there]
    rows = np.flatnonzero(governance[meetings.there] & (convenor >= 0) & (convenor != meetings.organisation))
    convenor = convenor[rows]
    first, last = calendar.windows_over(meetings.day[meetings.there[rows]])
    strength = count(convenor, first, last, len(roster.names), len(calendar))
    core = np.where(roster.core_agency, strength, -1).max(axis=0, initial=-1)
    rank = 1.0 + (strength > core[None, :]).sum(axis=0)
    return np.where((core >= 0) & (strength.sum(axis=0) > 0), rank, np.nan)


def _chaired(meetings: _Meetings, presence: Presence, n: int) -> tuple[Ints, Ints]:
    """Meetings of series whose chair was there for one known organisation, and that organisation."""
    chaired = np.flatnonzero(meetings.multi & meetings.held & (meetings.chair >= 0) & (meetings.series != ""))
    apart = int(max(presence.person.max(initial=0), meetings.chair.max(initial=0))) + 1
    key = presence.meeting * apart + presence.person
    wanted = chaired * apart + meetings.chair[chaired]
    at = np.minimum(np.searchsorted(key, wanted), max(len(key) - 1, 0))
    found = (key[at] == wanted) & (presence.party[at] < n) if len(key) else np.zeros(len(chaired), bool)
    return chaired[found], presence.party[at[found]] if len(key) else at[found]


def _lead_roles(con: duckdb.DuckDBPyConnection, calendar: Calendar) -> tuple[NDArray[np.object_], Ints, Ints, Ints]:
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


def _led(con: duckdb.DuckDBPyConnection, meetings: _Meetings, presence: Presence, calendar: Calendar, n: int) -> Floats:
    """Bodies led per organisation and slice: series chaired within the window, network lead roles at its end."""
    chaired, party = _chaired(meetings, presence, n)
    first, last = calendar.windows_over(meetings.day[chaired])
    led_by_role, holder, begun, ended = _lead_roles(con, calendar)
    bodies = np.concatenate([meetings.series[chaired], led_by_role])
    org = np.concatenate([party, holder])
    first, last = np.concatenate([first, begun]), np.concatenate([last, ended])
    names, body = np.unique(bodies.astype(str), return_inverse=True)
    spells = merged(Ranges(body * n + org, first, last))
    keys, row = np.unique(spells.key, return_inverse=True)
    held = count(row, spells.first, spells.last, len(keys), len(calendar)) > 0
    leaders = np.zeros((len(names), len(calendar)))
    np.add.at(leaders, keys // n, held)
    led = np.zeros((n, len(calendar)))
    np.add.at(led, keys % n, np.divide(held, leaders[keys // n], out=np.zeros(held.shape), where=held))
    return led


def _cases(con: duckdb.DuckDBPyConnection, calendar: Calendar) -> tuple[Ints, Ints, Ints]:
    """Cases listed, protocolised, and deferred for missing information, in each window."""
    rows = con.sql(
        "SELECT CAST(m.start_day - DATE '1970-01-01' AS BIGINT) AS day, coalesce(c.n, 1) AS n, "
        f"coalesce(c.outcome, '') = {text(CaseOutcome.PROTOCOLISED)} AS protocolised, "
        f"coalesce(c.outcome, '') = {text(CaseOutcome.DEFERRED)} "
        "AND starts_with(coalesce(c.deferral_reason, ''), 'missing_') AS missing "
        "FROM mdt_cases c JOIN meetings m USING (meeting_id) WHERE coalesce(m.status, 'held') = 'held' ORDER BY ALL"
    ).fetchnumpy()
    day, n = (np.asarray(rows[name]).astype(np.int64) for name in ("day", "n"))
    flags = [np.asarray(rows[name]).astype(bool) for name in ("protocolised", "missing")]
    listed = _per_slice(day, calendar, n)
    protocolised, missing = (_per_slice(day[flag], calendar, n[flag]) for flag in flags)
    return listed, protocolised, missing


def _dial_in(con: duckdb.DuckDBPyConnection, calendar: Calendar) -> tuple[Ints, Ints]:
    """Remote attendances of MDT meetings, and failures to join, in each window."""
    types = ", ".join(text(word) for word in MDT_TYPES)
    remote = ", ".join(text(word) for word in (AttendanceMode.VIDEO, AttendanceMode.PHONE))
    rows = con.sql(
        "SELECT CAST(m.start_day - DATE '1970-01-01' AS BIGINT) AS day, "
        f"a.status = {text(AttendanceStatus.FAILED_TO_JOIN)} AS failed "
        f"FROM attendance a JOIN meetings m USING (meeting_id) WHERE m.type IN ({types}) "
        "AND coalesce(m.status, 'held') = 'held' "
        f"AND (a.status = {text(AttendanceStatus.FAILED_TO_JOIN)} "
        f"OR (coalesce(a.status, 'attended') = {text(AttendanceStatus.ATTENDED)} AND a.mode IN ({remote}))) "
        "ORDER BY ALL"
    ).fetchnumpy()
    day = np.asarray(rows["day"]).astype(np.int64)
    failed = np.ma.filled(np.ma.asarray(rows["failed"]), False).astype(bool)
    return _per_slice(day[~failed], calendar), _per_slice(day[failed], calendar)


def _standing_smdts(meetings: _Meetings, calendar: Calendar, per_year: float) -> Ints:
    """Series of specialist MDTs that met at least so often a year with several organisations."""
    rows = np.flatnonzero(meetings.of(MeetingType.SMDT) & (meetings.series != ""))
    names, code = np.unique(meetings.series[rows].astype(str), return_inverse=True)
    first, last = calendar.windows_over(meetings.day[rows])
    held = count(code, first, last, len(names), len(calendar))
    return (held >= per_year * calendar.window.years).sum(axis=0) if len(names) else np.zeros(len(calendar), np.int64)


def observe(records: Records, ties: Ties, roster: Roster, calendar: Calendar, standing_per_year: float) -> Conduct:
    """What the records show of how the network is run, within each slice's window."""
    con = connect(records)
    n, slices, presence = len(roster.names), len(calendar), ties.presence
    meetings = _meetings(con, presence, roster)
    governance = meetings.of(*GOVERNANCE_TYPES)
    convened_by_core = governance & meetings.by_core
    boards = meetings.held & np.isin(meetings.types, [t.value for t in BOARD_TYPES])
    learning = meetings.of(MeetingType.LEARNING)
    stays = np.flatnonzero(governance[presence.meeting] & (presence.party < n))
    _, once = np.unique(
        presence.meeting[stays] * (int(presence.person.max(initial=0)) + 1) + presence.person[stays], return_index=True
    )
    stays = stays[once]
    listed, protocolised, missing = _cases(con, calendar)
    remote, failed = _dial_in(con, calendar)
    held = ties.joint_roles
    joint = merged(
        Ranges((held.source * n + held.target) * max(records.n_people, 1) + held.person, held.first, held.last)
    )
    conduct = Conduct(
        providers=roster.provider,
        specialists=roster.specialist,
        members=roster.provider | roster.network_body,
        core_agencies=roster.core_agency.sum(axis=0),
        governance_meetings=_per_slice(meetings.day[governance], calendar),
        core_meetings=_per_slice(meetings.day[convened_by_core], calendar),
        core_reached=((_attendance_of(meetings, convened_by_core, calendar, n) > 0) & roster.provider).sum(axis=0),
        core_rank=_core_rank(meetings, roster, calendar),
        boards=_per_slice(meetings.day[boards], calendar),
        boards_attended=_attendance_of(meetings, boards, calendar, n),
        governance_attendees=count(presence.party[stays], *calendar.windows_over(presence.day[stays]), n, slices),
        led=_led(con, meetings, presence, calendar, n),
        learning_events=_per_slice(meetings.day[learning], calendar),
        learning_reached=((_attendance_of(meetings, learning, calendar, n) > 0) & roster.provider).sum(axis=0),
        standing_smdts=_standing_smdts(meetings, calendar, standing_per_year),
        cases=listed,
        cases_protocolised=protocolised,
        cases_deferred_missing=missing,
        joined_remotely=remote,
        failed_to_join=failed,
        joint_roles=count(np.zeros(len(joint.key), np.int64), joint.first, joint.last, 1, slices)[0],
        years=calendar.window.years,
        whole=calendar.whole & (calendar.window.years >= 1),
    )
    con.close()
    return conduct
