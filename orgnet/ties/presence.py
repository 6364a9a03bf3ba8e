"""Who was where, when, and for which organisation: attendance as presence intervals."""

from dataclasses import dataclass, fields, replace

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from orgnet.config import Config
from orgnet.records.read import Records
from orgnet.records.source import text
from orgnet.vocabulary import MDT_TYPES, RecordKind

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Presence:
    """One person's presence at one meeting, one row per unbroken stay, sorted by meeting, person and time.

    `party` is the organisation stood for, as its code; codes from `len(organisations)` upwards stand for
    several organisations at once (a joint post, where the record does not say which), listed in `parties`.
    `group` is -1 where the person's professional group is not known. `begin` and `end` are seconds; where
    `timed` is false they are not known at all. `nominal` marks a stay taken from the meeting's times because
    the person's own are missing.
    """

    meeting: Ints
    day: Ints
    person: Ints
    party: Ints
    group: Ints
    begin: Ints
    end: Ints
    timed: Flags
    nominal: Flags
    mdt: Flags
    duration: Ints
    series: Ints
    parties: dict[int, tuple[int, ...]]

    def __len__(self) -> int:
        return len(self.meeting)


_COLUMNS = [field.name for field in fields(Presence) if field.name != "parties"]


def _posts(records: Records) -> str:
    """Posts held, or an empty relation of the same shape."""
    if records.has(RecordKind.PEOPLE):
        return (
            'SELECT person_id AS person, org_id AS org, "group" AS grp, '
            "coalesce(start, DATE '0001-01-01') AS start, coalesce(\"end\", DATE '9999-12-31') AS stop "
            "FROM people"
        )
    return (
        "SELECT NULL::INTEGER AS person, NULL::INTEGER AS org, NULL::VARCHAR AS grp, NULL::DATE AS start, "
        "NULL::DATE AS stop WHERE false"
    )


def _query(records: Records, groups: list[str]) -> str:
    listed = ", ".join(text(group) for group in groups)
    mdt = ", ".join(text(word) for word in MDT_TYPES)
    return f"""
    WITH posts AS ({_posts(records)}),
    single AS (SELECT person FROM posts GROUP BY person HAVING count(*) = 1),
    stays AS (
        SELECT a.rowid AS stay, a.meeting_id AS meeting, m.start_day AS day, a.person_id AS person,
            a.org_id AS org, coalesce(a.join, m.start) AS begin, coalesce(a.leave, m.end) AS end,
            a.join IS NULL OR a.leave IS NULL AS nominal,
            coalesce(m.type, '') IN ({mdt}) AS mdt, m.end - m.start AS duration,
            coalesce(s.code, -1) AS series
        FROM attendance a JOIN meetings m ON m.meeting_id = a.meeting_id
        LEFT JOIN series s ON s.series_id = m.series_id
        WHERE coalesce(a.status, 'attended') = 'attended' AND coalesce(m.status, 'held') = 'held'
    ),
    simple AS (
        SELECT s.* EXCLUDE (org), coalesce(s.org, p.org) AS org, p.grp, NULL::INTEGER[] AS orgs
        FROM stays s JOIN single USING (person) JOIN posts p USING (person)
        WHERE p.start <= s.day AND s.day < p.stop
    ),
    rest AS (
        SELECT s.* EXCLUDE (org), coalesce(s.org, held.org) AS org, held.grp, held.orgs
        FROM stays s LEFT JOIN (
            SELECT s.stay, min(p.org) AS org, coalesce(min(p.grp) FILTER (p.org = s.org), min(p.grp)) AS grp,
                CASE WHEN count(s.org) = 0 AND count(DISTINCT p.org) > 1
                    THEN list_sort(list(DISTINCT p.org)) END AS orgs
            FROM stays s JOIN posts p ON p.person = s.person AND p.start <= s.day AND s.day < p.stop
            GROUP BY s.stay
        ) held USING (stay)
        WHERE s.stay NOT IN (SELECT stay FROM simple)
    )
    SELECT meeting, CAST(day - DATE '1970-01-01' AS INTEGER) AS day, person, org, orgs,
        coalesce(list_position([{listed}], grp), 0) - 1 AS grp, begin, "end", nominal, mdt, duration, series
    FROM (SELECT * FROM simple UNION ALL BY NAME SELECT * FROM rest)
    WHERE org IS NOT NULL
    ORDER BY meeting, person, begin, "end", org
    """


def _numbers(table: pa.Table, name: str, missing: int = 0) -> Ints:
    column = table.column(name).combine_chunks()
    return np.asarray(column.fill_null(missing).to_numpy(zero_copy_only=False)).astype(np.int64)


def _parties(table: pa.Table, n: int) -> tuple[Ints, dict[int, tuple[int, ...]]]:
    """The party of each stay: an organisation, or a set of them under a code of its own."""
    party = _numbers(table, "org")
    several = np.flatnonzero(~np.asarray(table.column("orgs").is_null()))
    if not len(several):
        return party, {}
    sets = [tuple(row) for row in table.column("orgs").take(several).to_pylist()]
    codes = {orgs: n + i for i, orgs in enumerate(sorted(set(sets)))}
    party[several] = [codes[orgs] for orgs in sets]
    return party, {code: orgs for orgs, code in codes.items()}


def _unbroken(presence: Presence) -> Presence:
    """Stays of one person at one meeting that overlap are one: two devices are not two people."""
    again = presence.timed[1:] & presence.timed[:-1]
    for column in (presence.meeting, presence.person, presence.party):
        again &= column[1:] == column[:-1]
    if not again.any():
        return presence
    stay, end, nominal = np.arange(len(presence)), presence.end.copy(), presence.nominal.copy()
    for row in (np.flatnonzero(again) + 1).tolist():
        into = stay[row - 1]
        if presence.begin[row] <= end[into]:
            stay[row], end[into] = into, max(end[into], end[row])
            nominal[into] |= nominal[row]
    kept = stay == np.arange(len(presence))
    joined = replace(presence, end=end, nominal=nominal)
    return replace(joined, **{name: getattr(joined, name)[kept] for name in _COLUMNS})


def find_presence(con: duckdb.DuckDBPyConnection, records: Records, config: Config) -> Presence:
    """Attendance as presence intervals.

    Only people who attended meetings that were held are present: an invitation, an apology or a failed call
    is not presence. Joining and leaving are taken as recorded, else from the meeting's own times, marked
    nominal.
    """
    con.execute(
        "CREATE OR REPLACE TEMP TABLE series AS "
        "SELECT series_id, row_number() OVER (ORDER BY series_id) - 1 AS code "
        "FROM (SELECT DISTINCT series_id FROM meetings WHERE series_id IS NOT NULL)"
    )
    table = con.sql(_query(records, config.professional_groups)).to_arrow_table()
    party, parties = _parties(table, len(records.organisations))
    timed = ~(np.asarray(table.column("begin").is_null()) | np.asarray(table.column("end").is_null()))
    series = _numbers(table, "series")
    meeting = _numbers(table, "meeting")
    presence = Presence(
        meeting=meeting,
        day=_numbers(table, "day"),
        person=_numbers(table, "person"),
        party=party,
        group=_numbers(table, "grp"),
        begin=_numbers(table, "begin"),
        end=_numbers(table, "end"),
        timed=timed,
        nominal=np.asarray(table.column("nominal")),
        mdt=np.asarray(table.column("mdt")),
        duration=_numbers(table, "duration", -1),
        # A meeting of no series is a venue of its own, with a number that no series has.
        series=np.where(series < 0, -2 - meeting, series),
        parties=parties,
    )
    return _unbroken(presence)
