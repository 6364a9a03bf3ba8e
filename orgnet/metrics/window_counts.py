"""What each slice's window shows of attendance, cases and referrals, counted from the records of that window alone.

These are the most of the records, and the least that a new month changes: the windows of a run of slices may be counted
without the others, and come out the same to the last bit.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from orgnet.config import TieRules
from orgnet.metrics.conduct_mdt import (
    Cases,
    CoreTeam,
    DialIn,
    find_cases,
    find_core_team,
    find_dial_in,
    local_time_together,
)
from orgnet.metrics.conduct_meetings import Meetings, per_slice, tiers_at
from orgnet.metrics.conduct_referrals import ReferralFlow, find_flow
from orgnet.records.organisations import Roster
from orgnet.records.read import Records
from orgnet.records.stretch import events_between
from orgnet.ties.make import connect
from orgnet.ties.presence import Presence
from orgnet.vocabulary import RecordKind
from orgnet.windows import Calendar

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class WindowCounts:
    """What is seen of people, cases and referrals in each slice's window; slices are the last axis of every array.

    `tiered_meetings` are multi-organisation meetings of any type with people of a known tier there, `mixed_meetings`
    those with both senior and frontline people.
    """

    tiered_meetings: Ints
    mixed_meetings: Ints
    cases: Cases
    dial_in: DialIn
    core_team: CoreTeam
    local_overlap: Ints
    local_duration: Ints
    flow: ReferralFlow


def count_windows(
    records: Records,
    meetings: Meetings,
    presence: Presence,
    rules: TieRules,
    roster: Roster,
    calendar: Calendar,
    at: slice | None = None,
) -> WindowCounts:
    """What the windows of a run of slices show; of all slices, if none are named."""
    part = calendar if at is None else calendar.part(at)
    days = int(part.window_starts[0]), int(part.ends[-1])
    with connect(events_between(records, *days)) as con:
        overlap, duration = local_time_together(presence.between(*days), rules, meetings, roster, calendar, part)
        tiered, mixed = (found & meetings.multi & meetings.held for found in tiers_at(con, len(meetings.day)))
        return WindowCounts(
            tiered_meetings=per_slice(meetings.day[tiered], part),
            mixed_meetings=per_slice(meetings.day[mixed], part),
            cases=find_cases(con, part),
            dial_in=find_dial_in(con, part),
            core_team=find_core_team(con, meetings, records.has(RecordKind.PEOPLE), part),
            local_overlap=overlap,
            local_duration=duration,
            flow=find_flow(con, part, len(roster.names)),
        )
