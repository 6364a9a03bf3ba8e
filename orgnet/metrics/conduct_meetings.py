"""What the records show of meetings: of what type, convened and chaired by whom, and which organisations were there."""

from dataclasses import dataclass, replace

import duckdb
import numpy as np
from numpy.typing import NDArray

from orgnet.records.organisations import Roster
from orgnet.records.source import text
from orgnet.spells import count, distinct
from orgnet.ties.presence import Presence
from orgnet.vocabulary import GOVERNANCE_TYPES, AttendanceStatus, MeetingType, OrganisationRole, Tier
from orgnet.windows import Calendar

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Meetings:
    """Meetings by code: facts, and which organisations were there (one row per meeting and organisation).

    `by_core` says whether the convenor was a core agency on the day; `multi` whether two providers or more were there.
    """

    types: NDArray[np.object_]
    convenor: Ints
    by_core: Flags
    day: Ints
    series: NDArray[np.object_]
    pathway: NDArray[np.object_]
    chair: Ints
    held: Flags
    there: Ints
    organisation: Ints
    multi: Flags

    def of(self, *types: MeetingType) -> Flags:
        """Held multi-organisation meetings of the given types."""
        wanted: Flags = np.isin(self.types, [t.value for t in types])
        return self.multi & self.held & wanted


def find_meetings(con: duckdb.DuckDBPyConnection, presence: Presence, roster: Roster) -> Meetings:
    rows = con.sql(
        "SELECT coalesce(type, 'other') AS type, coalesce(convenor_org_id, -1) AS convenor, "
        "EXISTS (SELECT 1 FROM organisations o WHERE o.org_id = convenor_org_id "
        f"AND o.role = {text(OrganisationRole.CORE_AGENCY)} AND coalesce(o.valid_from <= start_day, true) "
        "AND coalesce(start_day < o.valid_to, true)) AS by_core, "
        "CAST(start_day - DATE '1970-01-01' AS BIGINT) AS day, coalesce(series_id, '') AS series, "
        "coalesce(pathway, '') AS pathway, "
        "coalesce(chair_person_id, -1) AS chair, coalesce(status, 'held') = 'held' AS held "
        "FROM meetings ORDER BY meeting_id"
    ).fetchnumpy()
    column = {name: np.asarray(values) for name, values in rows.items()}
    nobody, no = np.zeros(0, np.int64), np.zeros(len(column["day"]), bool)
    meetings = Meetings(
        column["type"].astype(object),
        column["convenor"].astype(np.int64),
        column["by_core"].astype(bool),
        column["day"].astype(np.int64),
        column["series"].astype(object),
        column["pathway"].astype(object),
        column["chair"].astype(np.int64),
        column["held"].astype(bool),
        nobody,
        nobody,
        no,
    )
    return attended(meetings, presence, roster, np.arange(len(presence)))


def attended(meetings: Meetings, presence: Presence, roster: Roster, stays: Ints) -> Meetings:
    """The meetings with those organisations there that some of the stays stood for, and no others."""
    n = len(roster.names)
    single = stays[presence.party[stays] < n]
    keys = distinct(presence.meeting[single] * max(n, 1) + presence.party[single])
    there, organisation = keys // max(n, 1), keys % max(n, 1)
    provider: Flags = np.asarray(roster.provider.any(axis=1))
    parties = np.bincount(there[provider[organisation]], minlength=len(meetings.day))
    return replace(meetings, there=there, organisation=organisation, multi=parties >= 2)


def per_slice(day: Ints, calendar: Calendar, by: Ints | None = None) -> Ints:
    """Events (or the sum of `by`) in each slice's window."""
    first, last = calendar.windows_over(day)
    return count(np.zeros(len(day), np.int64), first, last, 1, len(calendar), by=by)[0]


def attendance_of(meetings: Meetings, chosen: Flags, calendar: Calendar, n: int) -> Ints:
    """How many of the chosen meetings each organisation attended in each slice's window."""
    rows = np.flatnonzero(chosen[meetings.there])
    first, last = calendar.windows_over(meetings.day[meetings.there[rows]])
    return count(meetings.organisation[rows], first, last, n, len(calendar))


def core_rank(meetings: Meetings, roster: Roster, calendar: Calendar) -> Floats:
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


def convened(meetings: Meetings, chosen: Flags, calendar: Calendar, n: int) -> Ints:
    """How many of the chosen meetings each organisation convened in each slice's window."""
    rows = np.flatnonzero(chosen & (meetings.convenor >= 0))
    return count(meetings.convenor[rows], *calendar.windows_over(meetings.day[rows]), n, len(calendar))


@dataclass(frozen=True)
class PathwayMeetings:
    """How many of some meetings that name a pathway each organisation convened and attended, per slice's window.

    One row per pathway and organisation that convened or attended any; pathways are numbered from 0 in order.
    """

    pathways: int
    pathway: Ints
    organisation: Ints
    convened: Ints
    attended: Ints


def by_pathway(meetings: Meetings, chosen: Flags, calendar: Calendar, n: int) -> PathwayMeetings:
    """The chosen meetings by the pathway that they name."""
    chosen = chosen & (meetings.pathway != "")
    names, code = np.unique(np.where(chosen, meetings.pathway, "").astype(str), return_inverse=True)
    code = code - int((names == "").any())  # whatever was not chosen comes first
    convening, there = np.flatnonzero(chosen & (meetings.convenor >= 0)), np.flatnonzero(chosen[meetings.there])
    attending = meetings.there[there]
    convenors = code[convening] * n + meetings.convenor[convening]
    attendees = code[attending] * n + meetings.organisation[there]
    keys = distinct(np.concatenate([convenors, attendees]))
    convened, attended = (
        count(np.searchsorted(keys, key), *calendar.windows_over(meetings.day[rows]), len(keys), len(calendar))
        for key, rows in ((convenors, convening), (attendees, attending))
    )
    width = max(n, 1)
    return PathwayMeetings(int(code.max(initial=-1)) + 1, keys // width, keys % width, convened, attended)


def standing_smdts(meetings: Meetings, calendar: Calendar, per_year: float) -> Ints:
    """Series of specialist MDTs that met at least so often a year with several organisations."""
    rows = np.flatnonzero(meetings.of(MeetingType.SMDT) & (meetings.series != ""))
    names, code = np.unique(meetings.series[rows].astype(str), return_inverse=True)
    first, last = calendar.windows_over(meetings.day[rows])
    held = count(code, first, last, len(names), len(calendar))
    return (held >= per_year * calendar.window.years).sum(axis=0) if len(names) else np.zeros(len(calendar), np.int64)


def tiers_at(con: duckdb.DuckDBPyConnection, n_meetings: int) -> tuple[Flags, Flags]:
    """The meetings with anyone of a known tier there, and those with both senior and frontline people there."""
    rows = con.sql(
        f"""
        WITH tiered AS (
            SELECT person_id, coalesce(start, DATE '0001-01-01') AS start, coalesce("end", DATE '9999-12-31') AS stop,
                tier = {text(Tier.SENIOR)} AS senior, tier = {text(Tier.FRONTLINE)} AS frontline
            FROM people WHERE tier IS NOT NULL
        )
        SELECT a.meeting_id AS meeting, bool_or(senior) AND bool_or(frontline) AS mixed
        FROM attendance a JOIN meetings m USING (meeting_id) JOIN tiered p ON p.person_id = a.person_id
            AND p.start <= m.start_day AND m.start_day < p.stop
        WHERE coalesce(a.status, 'attended') = {text(AttendanceStatus.ATTENDED)}
        GROUP BY meeting_id
        """
    ).fetchnumpy()
    known, mixed = np.zeros(n_meetings, dtype=bool), np.zeros(n_meetings, dtype=bool)
    meeting = np.asarray(rows["meeting"]).astype(np.int64)
    known[meeting], mixed[meeting] = True, np.asarray(rows["mixed"]).astype(bool)
    return known, mixed
