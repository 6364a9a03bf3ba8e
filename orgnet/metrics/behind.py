"""How many individuals are behind measures of the network and of organisations, where no published table says so.

These numbers are kept beside a run's results, in a restricted table, for whoever makes a copy of them to share: a
share or a median over a few people must not leave, and of these measures nothing else tells over how many they are.
Individuals are people on the staff, or where a measure counts cases and referrals, patients: each counts as one.
"""

from typing import NamedTuple

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from orgnet import metrics, store
from orgnet.metrics.conduct import Conduct
from orgnet.metrics.conduct_leads import lead_spells
from orgnet.metrics.conduct_mdt import REMOTE_AT_MDTS
from orgnet.metrics.conduct_referrals import NOT_REVOKED
from orgnet.records.organisations import Roster
from orgnet.records.read import Records
from orgnet.records.source import text
from orgnet.spells import Ranges, count, merged
from orgnet.store import Words
from orgnet.ties.make import Ties, connect
from orgnet.ties.presence import Presence
from orgnet.ties.tiles import people_behind, people_in_periods
from orgnet.vocabulary import BOARD_TYPES, Layer, Level
from orgnet.windows import Calendar

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
_AT_EVENTS = ("events_attended", "events_attended_share", "two_mode_betweenness")


class _Behind(NamedTuple):
    """How many are behind one metric of one layer: per slice, and organisation if it is of one (else -1)."""

    layer: str
    metric: str
    organisation: Ints
    slice: Ints
    people: Ints


def individuals_behind(conduct: Conduct, records: Records, calendar: Calendar) -> dict[str, Ints]:
    """The individuals behind each such metric of the network, in each slice's window."""
    with connect(records) as con:
        remote, accepted = _remote(con, calendar), _accepted(con, calendar)
        leaders = _leaders(con, calendar)
    cases, flow = conduct.cases.listed - conduct.cases.protocolised, conduct.flow
    return {
        **dict.fromkeys(("core_attendance", "core_attendance_compliant"), conduct.core_team.members),
        **dict.fromkeys(("dial_in_failure_rate", "remote_minutes_median", "stay_share"), remote),
        **dict.fromkeys(("deferral_rate", "deferral_missing_info_rate"), cases),
        **dict.fromkeys(("leader_turnover", "core_team_tenure"), leaders),
        "leader_retention": conduct.leaders.at_start,
        "referral_to_specialist_share": flow.forward,
        "referral_in_gini": flow.forward,
        "refer_back_ratio": flow.forward + flow.back,
        "referral_info_complete_rate": flow.known,
        "days_to_accept_median": accepted,
    }


def _people(person: Ints, first: Ints, last: Ints, calendar: Calendar) -> Ints:
    """Different people in each slice, from who and the first and last slice that they are seen in."""
    seen = merged(Ranges(person, first, last))
    return np.asarray(count(np.zeros(len(seen.key), np.int64), seen.first, seen.last, 1, len(calendar))[0])


def _remote(con: duckdb.DuckDBPyConnection, calendar: Calendar) -> Ints:
    """People who attended an MDT remotely in the window, or tried to."""
    rows = con.sql(
        "SELECT DISTINCT a.person_id AS person, CAST(m.start_day - DATE '1970-01-01' AS BIGINT) AS day "
        f"FROM attendance a JOIN meetings m USING (meeting_id) WHERE {REMOTE_AT_MDTS} ORDER BY ALL"
    ).fetchnumpy()
    first, last = calendar.windows_over(np.asarray(rows["day"]).astype(np.int64))
    return _people(np.asarray(rows["person"]).astype(np.int64), first, last, calendar)


def _leaders(con: duckdb.DuckDBPyConnection, calendar: Calendar) -> Ints:
    """People who held a network lead role with a right to decide on any day of the window."""
    person, begun, ended = lead_spells(con)
    # The first window that ends after the role began, and the last that opened before it ended.
    first = np.searchsorted(calendar.ends, begun, side="right")
    last = np.searchsorted(calendar.window_starts, ended, side="left") - 1
    there = first <= last
    return _people(person[there], first[there], last[there], calendar)


def _accepted(con: duckdb.DuckDBPyConnection, calendar: Calendar) -> Ints:
    """Referrals of the window of which the day of acceptance is known."""
    rows = con.sql(
        f"""
        SELECT CAST(date - DATE '1970-01-01' AS BIGINT) AS day, CAST(sum(coalesce(n, 1)) AS BIGINT) AS n FROM referrals
        WHERE {NOT_REVOKED} AND from_org <> to_org AND accepted_date >= date GROUP BY ALL ORDER BY ALL
        """
    ).fetchnumpy()
    day, n = (np.asarray(rows[name]).astype(np.int64) for name in ("day", "n"))
    first, last = calendar.windows_over(day)
    return np.asarray(count(np.zeros(len(day), np.int64), first, last, 1, len(calendar), by=n)[0])


def own_people_behind(presence: Presence, records: Records, n: int, calendar: Calendar) -> dict[tuple[str, str], Ints]:
    """By layer and metric, how many of its own people an organisation's attendance is that of: (organisations, slices).

    A tie has people of both its ends behind it; that an organisation came to so many events may be told of one person.
    """
    with connect(records) as con:
        boards = _boards(con)
    at = {
        Layer.MEETINGS: _own_people(presence, ~presence.mdt, records.n_people, n, calendar),
        Layer.MDT: _own_people(presence, presence.mdt, records.n_people, n, calendar),
    }
    found = {(layer.value, metric): people for layer, people in at.items() for metric in _AT_EVENTS}
    at_boards = _own_people(presence, boards[presence.meeting], records.n_people, n, calendar)
    return found | {(Layer.CONVENING.value, "board_attendance"): at_boards}


def _boards(con: duckdb.DuckDBPyConnection) -> Flags:
    """Which meetings are those of boards, by code."""
    types = ", ".join(text(each) for each in BOARD_TYPES)
    rows = con.sql(
        f"SELECT coalesce(type, 'other') IN ({types}) AS board FROM meetings ORDER BY meeting_id"
    ).fetchnumpy()
    return np.asarray(rows["board"]).astype(bool)


def _own_people(presence: Presence, chosen: Flags, n_people: int, n: int, calendar: Calendar) -> Ints:
    """Different people at some stays, by the one organisation that they stood for."""
    rows, everybody = np.flatnonzero(chosen & (presence.party < n)), max(n_people, 1)
    day = presence.day[rows].astype(np.int64)
    taking_part = people_in_periods(presence.party[rows], presence.person[rows], day, everybody, calendar)
    seen = people_behind(taking_part, calendar)
    return count(seen.key // everybody, seen.first, seen.last, n, len(calendar))


def behind_table(conduct: Conduct, ties: Ties, records: Records, roster: Roster, calendar: Calendar) -> pa.Table:
    """The restricted table `people_behind`: slice by slice, the individuals behind measures of the network and of
    organisations; of the network where no organisation is named."""
    layers = {m.name: m.layers[0].value for m in metrics.registered(Level.NETWORK)}
    of_network = individuals_behind(conduct, records, calendar)
    of_organisations = own_people_behind(ties.presence, records, len(roster.names), calendar)
    organisation, slice_ = np.nonzero(roster.present)
    every_slice, none = np.arange(len(calendar)), np.full(len(calendar), -1)
    found = [_Behind(layers[name], name, none, every_slice, people) for name, people in of_network.items()]
    found += [
        _Behind(layer, name, organisation, slice_, people[organisation, slice_])
        for (layer, name), people in of_organisations.items()
    ]
    known, names = sorted({each.layer for each in found}), sorted({each.metric for each in found})
    sizes = [len(each.slice) for each in found]
    columns = {
        "slice": np.concatenate([each.slice for each in found]),
        "layer": Words(np.repeat([known.index(each.layer) for each in found], sizes), known),
        "organisation_id": Words(np.concatenate([each.organisation for each in found]), roster.names),
        "metric": Words(np.repeat([names.index(each.metric) for each in found], sizes), names),
        "n_people": np.concatenate([each.people for each in found]),
    }
    return store.sorted_by_key("people_behind", store.table("people_behind", columns, calendar))
