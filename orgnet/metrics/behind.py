"""How many individuals are behind measures of the whole network, where no published table says so.

These numbers are kept beside a run's results, in a restricted table, for whoever makes a copy of them to share: a
share or a median over a few people must not leave, and of these measures nothing else tells over how many they are.
Individuals are people on the staff, or where a measure counts cases and referrals, patients: each counts as one.
"""

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from orgnet import metrics, store
from orgnet.metrics.conduct import Conduct
from orgnet.metrics.conduct_leads import lead_spells
from orgnet.metrics.conduct_mdt import REMOTE_AT_MDTS
from orgnet.metrics.conduct_referrals import NOT_REVOKED
from orgnet.records.read import Records
from orgnet.spells import Ranges, count, merged
from orgnet.store import Words
from orgnet.ties.make import connect
from orgnet.vocabulary import Level
from orgnet.windows import Calendar

Ints = NDArray[np.int64]


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


def behind_table(conduct: Conduct, records: Records, calendar: Calendar) -> pa.Table:
    """The restricted table `people_behind`: slice by slice, the individuals behind measures of the network."""
    found = individuals_behind(conduct, records, calendar)
    names, slices = sorted(found), len(calendar)
    layers = {m.name: m.layers[0].value for m in metrics.registered(Level.NETWORK)}
    known = sorted({layers[name] for name in names})
    columns = {
        "slice": np.tile(np.arange(slices), len(names)),
        "layer": Words(np.repeat([known.index(layers[name]) for name in names], slices), known),
        "metric": Words(np.repeat(np.arange(len(names)), slices), names),
        "n_people": np.concatenate([found[name] for name in names]),
    }
    return store.sorted_by_key("people_behind", store.table("people_behind", columns, calendar))
