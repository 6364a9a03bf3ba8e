"""Who came to each meeting, for how long, and who stayed away or could not join."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np
import pandas as pd

from orgnet.scenario.meetings import Meeting
from orgnet.scenario.parameters import (
    APOLOGIES,
    BACKGROUND,
    COMPANIONS,
    DIAL_IN,
    JOIN_FAILURE,
    NAVIGATOR_COMES,
    NAVIGATORS,
    NETWORK_BODY,
    PROVIDERS,
    SENIOR_STAFF,
    SLOT_MINUTES,
    STAY_MINUTES,
    USUAL,
    Plan,
)
from orgnet.scenario.people import PATHWAYS, Roster
from orgnet.scenario.series import Turnout
from orgnet.vocabulary import AttendanceMode, AttendanceStatus, MeetingType


class Attendance(NamedTuple):
    """One row of attendance, its fields in the file's order."""

    meeting_id: str
    person_id: str
    org_id: str
    core_role: str
    status: AttendanceStatus
    join: str
    leave: str
    mode: str


class _Host(NamedTuple):
    """A core member whom the host of a specialist meeting provides."""

    core_role: str
    group: str
    place: int
    p: float


def _hosts(pathway: str) -> list[_Host]:
    """The host's core team: three surgeons, the pathway's own first, two nurses, one of each other group."""
    first = PATHWAYS.index(pathway)
    surgeons = [_Host("surgeon", "surgeon", (first + step) % 4, 0.9) for step in range(3)]
    return [
        *surgeons,
        _Host("nurse", "nurse", 0, 0.8),
        _Host("nurse", "nurse", 1, 0.8),
        _Host("radiologist", "radiologist", 0, 0.95),
        _Host("oncologist", "oncologist", 0, 0.8),
        _Host("pathologist", "pathologist", 0, 0.9),
        _Host("coordinator", "manager", 1, 1.0),
    ]


def _present(meeting: Meeting, person: str, org: str, core_role: str = "") -> Attendance:
    """Somebody in the room from beginning to end."""
    start, end = meeting.start.isoformat(), meeting.end.isoformat()
    mode = AttendanceMode.IN_PERSON
    return Attendance(meeting.meeting_id, person, org, core_role, AttendanceStatus.ATTENDED, start, end, mode)


def _apologies(
    meeting: Meeting, person: str, org: str, rng: np.random.Generator, core_role: str = ""
) -> Iterator[Attendance]:
    """A row for somebody who stayed away, if that person sent apologies."""
    if rng.random() < APOLOGIES:
        status = AttendanceStatus.APOLOGIES
        yield Attendance(meeting.meeting_id, person, org, core_role, status, "", "", "")


def _dialled_in(meeting: Meeting, person: str, org: str, join: datetime, stay: int) -> Attendance:
    leave = join + timedelta(minutes=stay)
    return Attendance(
        meeting.meeting_id,
        person,
        org,
        "",
        AttendanceStatus.ATTENDED,
        join.isoformat(),
        leave.isoformat(),
        AttendanceMode.VIDEO,
    )


def _could_not_join(meeting: Meeting, person: str, org: str) -> Attendance:
    status = AttendanceStatus.FAILED_TO_JOIN
    return Attendance(meeting.meeting_id, person, org, "", status, "", "", AttendanceMode.VIDEO)


def _speaker(members: list[str], group: str, rng: np.random.Generator) -> str:
    """Who speaks for an organisation's group this time: mostly the usual one if it has one, else any."""
    usual = USUAL.get(group, 1 / len(members))
    if len(members) == 1 or rng.random() < usual:
        return members[0]
    return members[int(rng.integers(1, len(members)))]


def _asked(turnout: Turnout, members: list[str], rng: np.random.Generator) -> list[str]:
    """The members of one organisation's group whom the series expects."""
    if turnout.who == "each":
        return members
    return [members[0] if turnout.who == "named" else _speaker(members, turnout.group, rng)]


def _turned_out(
    plan: Plan, meeting: Meeting, turnout: Turnout, roster: Roster, rng: np.random.Generator
) -> Iterator[Attendance]:
    """Who came of one professional group; whoever is in the chair comes and speaks for the organisation."""
    p = plan.comes(plan.at(turnout.p, meeting.start.date()))
    for org in turnout.orgs:
        members = roster[org, turnout.group]
        chairs_for_all = meeting.chair in members and turnout.who != "each"
        asked = [meeting.chair] if chairs_for_all else _asked(turnout, members, rng)
        for person in asked:
            if person == meeting.chair or rng.random() < p:
                yield _present(meeting, person, org)
            else:
                yield from _apologies(meeting, person, org, rng)


def _in_person(plan: Plan, meeting: Meeting, roster: Roster, rng: np.random.Generator) -> Iterator[Attendance]:
    """A meeting to which everybody who takes part comes."""
    staff = roster[NETWORK_BODY, "network_staff"]
    if meeting.chair in staff:
        yield _present(meeting, meeting.chair, NETWORK_BODY)
    for person in rng.choice(staff[SENIOR_STAFF:], size=meeting.series.staff, replace=False):
        yield _present(meeting, str(person), NETWORK_BODY)
    for turnout in meeting.series.turnout:
        yield from _turned_out(plan, meeting, turnout, roster, rng)


def _party(plan: Plan, org: str, pathway: str, roster: Roster, rng: np.random.Generator) -> list[str]:
    """Who sits at an organisation's screen: the pathway's surgeon; at times the usual nurse or another."""
    party = [roster[org, "surgeon"][PATHWAYS.index(pathway)]]
    for group, p in COMPANIONS.items():
        if rng.random() < p * (plan.background if group in BACKGROUND else 1):
            members = roster[org, group]
            party.append(members[0] if group in USUAL else members[int(rng.integers(len(members)))])
    return party


def _host_team(
    plan: Plan, meeting: Meeting, host: str, pathway: str, roster: Roster, rng: np.random.Generator
) -> Iterator[Attendance]:
    """The specialist centre's core team, in the room for the whole meeting."""
    for core_role, group, place, p in _hosts(pathway):
        person = roster[host, group][place]
        if person == meeting.chair or rng.random() < plan.comes(p):
            yield _present(meeting, person, host, core_role)
        else:
            yield from _apologies(meeting, person, host, rng, core_role)


def _specialist(plan: Plan, meeting: Meeting, roster: Roster, rng: np.random.Generator) -> Iterator[Attendance]:
    """A specialist meeting: the host is in the room, the others dial in one by one, each for its cases."""
    host, pathway = meeting.series.convenor, meeting.series.pathway or ""
    yield from _host_team(plan, meeting, host, pathway, roster, rng)
    joined = []
    for org in PROVIDERS:
        if org == host:
            continue
        party = _party(plan, org, pathway, roster, rng)
        if rng.random() >= plan.comes(DIAL_IN):
            yield from _apologies(meeting, party[0], org, rng)
        elif rng.random() < plan.at(JOIN_FAILURE, meeting.start.date()):
            yield from (_could_not_join(meeting, person, org) for person in party)
        else:
            joined.append((org, party))
    for slot, (org, party) in zip(rng.permutation(len(joined)), joined, strict=True):
        join = meeting.start + timedelta(minutes=SLOT_MINUTES * int(slot))
        stay = int(rng.integers(*STAY_MINUTES, endpoint=True))
        yield from (_dialled_in(meeting, person, org, join, stay) for person in party)


def _navigators(
    plan: Plan, rows: Sequence[Attendance], roster: Roster, rng: np.random.Generator
) -> Iterator[Attendance]:
    """The navigators at a specialist meeting: each comes, joins and leaves with others of the organisation."""
    for org in NAVIGATORS:
        company = [row for row in rows if row.org_id == org and row.status != AttendanceStatus.APOLOGIES]
        if company and rng.random() < plan.comes(NAVIGATOR_COMES):
            yield company[0]._replace(person_id=roster[org, "navigator"][0], core_role="")


def attendance(
    plan: Plan, arranged: Iterable[Meeting], roster: Roster, rng: np.random.Generator, beside: np.random.Generator
) -> pd.DataFrame:
    """Attendance of every meeting held; the cancelled ones have none.

    Navigators and local meetings are drawn from numbers of their own (`beside`): with and without them, everybody
    else comes and stays away alike.
    """
    rows: list[Attendance] = []
    for meeting in arranged:
        if meeting.held and meeting.series.type == MeetingType.SMDT:
            found = list(_specialist(plan, meeting, roster, rng))
            rows += [*found, *_navigators(plan, found, roster, beside)]
        elif meeting.held:
            rows += _in_person(plan, meeting, roster, beside if meeting.local else rng)
    return pd.DataFrame(rows, columns=list(Attendance._fields))
