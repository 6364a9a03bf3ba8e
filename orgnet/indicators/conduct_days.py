"""What replicates of the network's own measures are counted from: what is known of each meeting."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from orgnet.indicators.draws import Flags, Ints
from orgnet.indicators.group_windows import Resampled
from orgnet.metrics.conduct import Conduct
from orgnet.metrics.conduct_leads import lead_roles, meetings_chaired
from orgnet.metrics.conduct_mdt import Cases
from orgnet.records.organisations import Roster, numbers_of, words_of
from orgnet.records.read import Records
from orgnet.ties.make import Ties, connect
from orgnet.vocabulary import MDT_TYPES, AttendanceMode, AttendanceStatus, CaseOutcome, RecordKind


@dataclass(frozen=True)
class Leads:
    """Who leads what: `body` and `organisation` of each lead, by the meetings it was chaired at or by a lead role.

    `chaired` says at which meeting (by its code) the organisation of which lead was in the chair; a role holds from
    the first to the last slice given for it.
    """

    body: Ints
    organisation: Ints
    chaired: tuple[Ints, Ints]
    role: Ints
    first: Ints
    last: Ints


@dataclass(frozen=True)
class ConductDays:
    """What is known of each meeting, and of the network beside its meetings. Counts per meeting stand by its code."""

    resampled: Resampled
    roster: Roster
    conduct: Conduct
    leads: Leads
    cases: Cases
    joined: Ints
    failed: Ints


def _find_leads(ties: Ties, records: Records, roster: Roster, resampled: Resampled) -> Leads:
    meetings, n = resampled.meetings, len(roster.names)
    chaired, party = meetings_chaired(meetings, ties.presence, n)
    with connect(records) as con:
        led_by_role, holder, first, last = lead_roles(con, resampled.calendar)
    bodies = np.concatenate([meetings.series[chaired], led_by_role]).astype(str)
    _, body = np.unique(bodies, return_inverse=True)
    keys, lead = np.unique(body * max(n, 1) + np.concatenate([party, holder]), return_inverse=True)
    by_chair, by_role = lead[: len(chaired)], lead[len(chaired) :]
    return Leads(keys // max(n, 1), keys % max(n, 1), (chaired, by_chair), by_role, first, last)


def _sums(records: Records, kind: RecordKind, meetings: int, *chosen: Flags, by: Ints | None = None) -> list[Ints]:
    """How many of the chosen records (or the sum of `by`) each meeting has."""
    if not records.has(kind):
        return [np.zeros(meetings, np.int64) for _ in chosen]
    meeting = numbers_of(records.tables[kind].column("meeting_id"), missing=0)
    weight = np.ones(len(meeting), np.int64) if by is None else by
    return [np.bincount(meeting[f], weights=weight[f], minlength=meetings).astype(np.int64) for f in chosen]


def _words(records: Records, kind: RecordKind, name: str) -> NDArray[np.str_]:
    return words_of(records.tables[kind].column(name)) if records.has(kind) else np.array([], dtype=np.str_)


def _find_cases(records: Records, meetings: int) -> Cases:
    kind = RecordKind.MDT_CASES
    outcome, reason = (_words(records, kind, name) for name in ("outcome", "deferral_reason"))
    number = numbers_of(records.tables[kind].column("n"), missing=1) if records.has(kind) else np.zeros(0, np.int64)
    deferred = outcome == CaseOutcome.DEFERRED.value
    missing = deferred & np.char.startswith(reason, "missing_")
    protocolised = outcome == CaseOutcome.PROTOCOLISED.value
    every = np.ones(len(outcome), dtype=bool)
    return Cases(*_sums(records, kind, meetings, every, protocolised, deferred, missing, by=number))


def prepare_conduct(
    resampled: Resampled, conduct: Conduct, ties: Ties, records: Records, roster: Roster
) -> ConductDays:
    """Put what is known of meetings in the order that replicates are taken in; done once for all slices."""
    meetings, kind = len(resampled.meetings.day), RecordKind.ATTENDANCE
    status, mode = (_words(records, kind, name) for name in ("status", "mode"))
    remote = np.isin(mode, [AttendanceMode.VIDEO.value, AttendanceMode.PHONE.value])
    joined = np.isin(status, ["", AttendanceStatus.ATTENDED.value]) & remote
    attempts = _sums(records, kind, meetings, joined, status == AttendanceStatus.FAILED_TO_JOIN.value)
    mdt = np.isin(resampled.meetings.types, MDT_TYPES)
    return ConductDays(
        resampled,
        roster,
        conduct,
        _find_leads(ties, records, roster, resampled),
        _find_cases(records, meetings),
        *(np.where(mdt, tried, 0) for tried in attempts),
    )
