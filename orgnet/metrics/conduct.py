"""What the records show of how a network is run, slice by slice: convening, boards, leads, MDTs, referrals, learning."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from orgnet.metrics.conduct_leads import Leaders, find_leaders, led
from orgnet.metrics.conduct_meetings import (
    Meetings,
    PathwayMeetings,
    attendance_of,
    by_pathway,
    convened,
    core_rank,
    find_meetings,
    per_slice,
    standing_smdts,
)
from orgnet.metrics.window_counts import WindowCounts, count_windows
from orgnet.records.organisations import Roster
from orgnet.records.read import Records
from orgnet.spells import Ranges, count, merged
from orgnet.ties.make import Ties, connect
from orgnet.ties.tiles import Held
from orgnet.vocabulary import BOARD_TYPES, GOVERNANCE_TYPES, MeetingType
from orgnet.windows import Calendar

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Conduct(WindowCounts):
    """How the network is run, per slice: what windows show, and what looks further back or is small enough.

    Two-dimensional arrays have the shape (organisations, slices).

    Meetings count if held; "multi-organisation" means attended from at least two providers. `convened` and `hosted`
    are the multi-organisation governance meetings and specialist MDTs that each organisation convened, in all and
    (`..._pathways`) by the pathway that they name; `led` is the number of bodies that each leads, a body led from several
    being split between them.
    """

    providers: Flags
    specialists: Flags
    network_bodies: Flags
    members: Flags
    core_agencies: Ints
    governance_meetings: Ints
    core_meetings: Ints
    core_reached: Ints
    core_rank: Floats
    convened: Ints
    hosted: Ints
    governance_pathways: PathwayMeetings
    clinical_pathways: PathwayMeetings
    boards: Ints
    boards_attended: Ints
    governance_attendees: Ints
    led: Floats
    leaders: Leaders
    learning_events: Ints
    learning_reached: Ints
    standing_smdts: Ints
    joint_roles: Ints
    joint_provider_pairs: Ints
    years: float
    whole: Flags


def _joint_roles(held: Held, roster: Roster, n_people: int) -> tuple[Ints, Ints]:
    """Joint roles held at each slice's end, and the pairs of providers that they link."""
    n, slices = len(roster.names), roster.present.shape[1]
    pair = held.source * n + held.target
    roles = merged(Ranges(pair * max(n_people, 1) + held.person, held.first, held.last))
    links = merged(Ranges(pair, held.first, held.last))
    keys, row = np.unique(links.key, return_inverse=True)
    linked = count(row, links.first, links.last, len(keys), slices) > 0
    linked &= roster.provider[keys // max(n, 1)] & roster.provider[keys % max(n, 1)]
    return count(np.zeros(len(roles.key), np.int64), roles.first, roles.last, 1, slices)[0], linked.sum(axis=0)


def observe(
    records: Records,
    ties: Ties,
    roster: Roster,
    calendar: Calendar,
    standing_per_year: float,
    meetings: Meetings | None = None,
    counts: WindowCounts | None = None,
) -> Conduct:
    """What the records show of how the network is run, within each slice's window.

    The meetings, and what the windows show, are found if they are not given.
    """
    con = connect(records)
    n, slices, presence = len(roster.names), len(calendar), ties.presence
    meetings = meetings or find_meetings(con, presence, roster)
    counts = counts or count_windows(records, meetings, presence, ties.rules, roster, calendar)
    governance = meetings.of(*GOVERNANCE_TYPES)
    specialist = meetings.of(MeetingType.SMDT)
    convened_by_core = governance & meetings.by_core
    boards = meetings.held & np.isin(meetings.types, [t.value for t in BOARD_TYPES])
    learning = meetings.of(MeetingType.LEARNING)
    stays = np.flatnonzero(governance[presence.meeting] & (presence.party < n))
    _, once = np.unique(
        presence.meeting[stays] * (int(presence.person.max(initial=0)) + 1) + presence.person[stays], return_index=True
    )
    stays = stays[once]
    joint_roles, joint_pairs = _joint_roles(ties.joint_roles, roster, records.n_people)
    conduct = Conduct(
        providers=roster.provider,
        specialists=roster.specialist,
        network_bodies=roster.network_body,
        members=roster.provider | roster.network_body,
        core_agencies=roster.core_agency.sum(axis=0),
        governance_meetings=per_slice(meetings.day[governance], calendar),
        core_meetings=per_slice(meetings.day[convened_by_core], calendar),
        core_reached=((attendance_of(meetings, convened_by_core, calendar, n) > 0) & roster.provider).sum(axis=0),
        core_rank=core_rank(meetings, roster, calendar),
        convened=convened(meetings, governance, calendar, n),
        hosted=convened(meetings, specialist, calendar, n),
        governance_pathways=by_pathway(meetings, governance, calendar, n),
        clinical_pathways=by_pathway(meetings, specialist, calendar, n),
        boards=per_slice(meetings.day[boards], calendar),
        boards_attended=attendance_of(meetings, boards, calendar, n),
        governance_attendees=count(
            presence.party[stays], *calendar.windows_over(presence.day[stays].astype(np.int64)), n, slices
        ),
        led=led(con, meetings, presence, calendar, n),
        leaders=find_leaders(con, calendar),
        learning_events=per_slice(meetings.day[learning], calendar),
        learning_reached=((attendance_of(meetings, learning, calendar, n) > 0) & roster.provider).sum(axis=0),
        standing_smdts=standing_smdts(meetings, calendar, standing_per_year),
        **vars(counts),
        joint_roles=joint_roles,
        joint_provider_pairs=joint_pairs,
        years=calendar.window.years,
        whole=calendar.whole & (calendar.window.years >= 1),
    )
    con.close()
    return conduct
