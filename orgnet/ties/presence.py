"""Who was where, when, and for which organisation: attendance as presence intervals."""

from dataclasses import dataclass, fields, replace

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from orgnet.config import Config
from orgnet.records.read import Records
from orgnet.records.source import text
from orgnet.spells import order_of
from orgnet.vocabulary import MDT_TYPES, AttendanceStatus, RecordKind
from orgnet.windows import FOREVER
from orgnet.work import Work, pick_up, put_down

Ints = NDArray[np.int64]
Rows = NDArray[np.int32]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Presence:
    """One person's presence at one meeting, one row per unbroken stay, sorted by meeting, person and time.

    `party` is the organisation stood for, as its code; codes from `len(organisations)` upwards stand for
    several organisations at once (a joint post, where the record does not say which), listed in `parties`.
    `group` is -1 where the person's professional group is not known. `begin` and `end` are seconds; where
    `timed` is false they are not known at all. `nominal` marks a stay taken from the meeting's times because
    the person's own are missing. Numbers that are never multiplied take half of the room.
    """

    meeting: Ints
    day: Rows
    person: Ints
    party: Ints
    group: Rows
    begin: Ints
    end: Ints
    timed: Flags
    nominal: Flags
    mdt: Flags
    duration: Rows
    series: Rows
    parties: dict[int, tuple[int, ...]]

    def __len__(self) -> int:
        return len(self.meeting)

    def rows(self, at: slice | Ints) -> "Presence":
        """Some of the stays, in order; a run of them lies where the whole lies."""
        return replace(self, **{name: getattr(self, name)[at] for name in _COLUMNS})

    def between(self, low_day: int, high_day: int) -> "Presence":
        """The stays of the days `[low_day, high_day)`: meetings are numbered in the order of their days."""
        low, high = np.searchsorted(self.day, [low_day, high_day]).tolist()
        return self.rows(slice(low, high))

    def handed(self, work: Work) -> "Presence | Handed":
        """What workers are given in place of the presence: where it lies, or, in this process, itself."""
        if work.folder is None:
            return self
        columns = {name: getattr(self, name) for name in _COLUMNS}
        return Handed(put_down(work.folder, "presence", columns), self.parties)

    def opened(self) -> "Presence":
        """The presence itself."""
        return self

    def first_party(self, rows: Ints | Rows) -> Ints:
        """The organisation that each of some stays stands for; of several at once, the first."""
        party = self.party[rows]
        for code, several in self.parties.items():
            party[party == code] = several[0]
        return party


@dataclass(frozen=True)
class Handed:
    """A presence that lies where all workers see it."""

    address: str
    parties: dict[int, tuple[int, ...]]

    def opened(self) -> Presence:
        """The presence itself."""
        return Presence(**pick_up(self.address), parties=self.parties)


_COLUMNS = [field.name for field in fields(Presence) if field.name != "parties"]
_NEVER = np.iinfo(np.int64).max


def _numbers(table: pa.Table, name: str, missing: int = 0) -> Ints:
    column = table.column(name).combine_chunks()
    if pa.types.is_date32(column.type):
        column = column.cast(pa.int32())
    return np.asarray(column.fill_null(missing).to_numpy(zero_copy_only=False)).astype(np.int64)


def _is(table: pa.Table, name: str, *words: str) -> Flags:
    """Whether each row holds one of the words; an empty one does not."""
    found = pa.compute.is_in(table.column(name), pa.array(words))
    return np.asarray(found.fill_null(False))


@dataclass(frozen=True)
class _Meetings:
    """What is known of each meeting, by its code."""

    held: Flags
    day: Ints
    begin: Ints
    end: Ints
    mdt: Flags
    series: Ints


def _meetings(con: duckdb.DuckDBPyConnection) -> _Meetings:
    mdt = ", ".join(text(word) for word in MDT_TYPES)
    rows = con.sql(
        f"""
        WITH series AS (
            SELECT series_id, row_number() OVER (ORDER BY series_id) - 1 AS code
            FROM (SELECT DISTINCT series_id FROM meetings WHERE series_id IS NOT NULL)
        )
        SELECT meeting_id, coalesce(status, 'held') = 'held' AS held, start_day AS day, start AS begin, "end",
            coalesce(type, '') IN ({mdt}) AS mdt, coalesce(code, -1) AS series
        FROM meetings LEFT JOIN series USING (series_id)
        """
    ).to_arrow_table()
    code = _numbers(rows, "meeting_id")
    size = int(code.max(initial=-1)) + 1

    def placed(values: np.ndarray, empty: int | bool) -> np.ndarray:
        out = np.full(size, empty, dtype=values.dtype)
        out[code] = values
        return out

    series = _numbers(rows, "series")
    return _Meetings(
        placed(np.asarray(rows.column("held")), False),
        placed(_numbers(rows, "day"), 0),
        placed(_numbers(rows, "begin", _NEVER), _NEVER),
        placed(_numbers(rows, "end", _NEVER), _NEVER),
        placed(np.asarray(rows.column("mdt")), False),
        # A meeting of no series is a venue of its own, with a number that no series has.
        placed(np.where(series < 0, -2 - code, series), -1),
    )


@dataclass(frozen=True)
class _Stood:
    """For whom each stay stands and as what: organisation (-1 if none or several) and professional group (-1)."""

    org: Ints
    group: Ints
    several: dict[int, tuple[int, ...]]


def _stood_for(
    con: duckdb.DuckDBPyConnection, records: Records, groups: list[str], person: Ints, day: Ints, org: Ints
) -> _Stood:
    """The organisation and the group of each stay: as its record says, else from the posts held on the day.

    Nearly everybody has one post, which NumPy looks up; the others' stays, and those outside the post, go to the
    database.
    """
    people = records.tables.get(RecordKind.PEOPLE)
    if people is None:
        return _Stood(org, np.full(len(org), -1), {})
    who = _numbers(people, "person_id")
    size = max(int(who.max(initial=-1)), int(person.max(initial=-1))) + 1
    posts = np.bincount(who, minlength=size)

    def of_person(values: Ints, empty: int) -> Ints:
        out = np.full(size, empty)
        out[who] = values
        return out[person]

    start, stop = (of_person(_numbers(people, n, never), 0) for n, never in (("start", -FOREVER), ("end", FOREVER)))
    simple = (posts[person] == 1) & (start <= day) & (day < stop)
    listed = pa.array(groups, pa.string())
    group = pa.compute.index_in(people.column("group").cast(pa.string()), listed).fill_null(-1)
    group = np.where(simple, of_person(np.asarray(group).astype(np.int64), -1), -1)
    org = np.where(simple & (org < 0), of_person(_numbers(people, "org_id"), -1), org)
    rest = np.flatnonzero(~simple)
    if not len(rest):
        return _Stood(org, group, {})
    con.register("stays", pa.table({"stay": rest, "person": person[rest], "day": day[rest], "org": org[rest]}))
    held = con.sql(_several_posts(groups)).to_arrow_table()
    con.unregister("stays")
    stay = _numbers(held, "stay")
    group[stay] = _numbers(held, "grp", -1)
    org[stay] = np.where(org[stay] < 0, _numbers(held, "org", -1), org[stay])
    many = np.flatnonzero(~np.asarray(held.column("orgs").is_null()))
    sets = held.column("orgs").take(many).to_pylist()
    return _Stood(org, group, {int(stay[row]): tuple(orgs) for row, orgs in zip(many, sets, strict=True)})


def _several_posts(groups: list[str]) -> str:
    """The posts that people held on the day of a stay: which organisation, or which set of them, and which group."""
    listed = ", ".join(text(group) for group in groups)
    return f"""
    WITH posts AS (
        SELECT person_id AS person, org_id AS org, "group" AS grp, coalesce(start, DATE '0001-01-01') AS start,
            coalesce("end", DATE '9999-12-31') AS stop
        FROM people
    ),
    held AS (
        SELECT s.stay, min(p.org) AS org,
            coalesce(min(p.grp) FILTER (p.org = s.org), min(p.grp)) AS grp,
            CASE WHEN s.org < 0 AND count(DISTINCT p.org) > 1 THEN list_sort(list(DISTINCT p.org)) END AS orgs
        FROM stays s JOIN posts p ON p.person = s.person
            AND p.start <= DATE '1970-01-01' + s.day::INTEGER AND DATE '1970-01-01' + s.day::INTEGER < p.stop
        GROUP BY s.stay, s.org
    )
    SELECT stay, org, coalesce(list_position([{listed}], grp), 0) - 1 AS grp, orgs FROM held
    """


def _parties(stood: _Stood, n: int) -> tuple[Ints, dict[int, tuple[int, ...]]]:
    """The party of each stay: an organisation, or a set of them under a code of its own."""
    codes = {orgs: n + i for i, orgs in enumerate(sorted(set(stood.several.values())))}
    party = stood.org.copy()
    for stay, orgs in stood.several.items():
        party[stay] = codes[orgs]
    return party, {code: orgs for orgs, code in codes.items()}


def _in_order(presence: Presence) -> Presence:
    """Stays by meeting, person and time, whatever order the records came in."""
    order = order_of(presence.meeting, presence.person)
    meeting, person = presence.meeting[order], presence.person[order]
    same = np.concatenate([[False], (meeting[1:] == meeting[:-1]) & (person[1:] == person[:-1])])
    again = np.flatnonzero(same | np.concatenate([same[1:], [False]])) if len(order) else order
    rows = order[again]
    columns = (presence.party, presence.end, presence.begin, presence.person, presence.meeting)
    order[again] = rows[np.lexsort([column[rows] for column in columns])]
    if not (order[1:] < order[:-1]).any():
        return presence
    return replace(presence, **{name: getattr(presence, name)[order] for name in _COLUMNS})


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
    rows = records.tables.get(RecordKind.ATTENDANCE)
    meetings = _meetings(con)
    if rows is None or not len(meetings.held):
        rows = pa.table(
            {name: pa.array([], pa.int64()) for name in ("meeting_id", "person_id", "org_id", "join", "leave")}
        )
        rows = rows.append_column("status", pa.array([], pa.string()))
    meeting = _numbers(rows, "meeting_id")
    there = np.asarray(rows.column("status").is_null()) | _is(rows, "status", AttendanceStatus.ATTENDED.value)
    there &= meetings.held[meeting]
    if not there.all():
        rows, meeting = rows.filter(pa.array(there)), meeting[there]
    person, day = _numbers(rows, "person_id"), meetings.day[meeting]
    stood = _stood_for(con, records, config.professional_groups, person, day, _numbers(rows, "org_id", -1))
    party, parties = _parties(stood, len(records.organisations))
    join, leave = _numbers(rows, "join", _NEVER), _numbers(rows, "leave", _NEVER)
    begin = np.where(join == _NEVER, meetings.begin[meeting], join)
    end = np.where(leave == _NEVER, meetings.end[meeting], leave)
    scheduled = (meetings.begin != _NEVER) & (meetings.end != _NEVER)
    duration = np.where(scheduled, np.minimum(meetings.end - meetings.begin, FOREVER), -1)
    presence = Presence(
        meeting=meeting,
        day=day.astype(np.int32),
        person=person,
        party=party,
        group=stood.group.astype(np.int32),
        begin=begin,
        end=end,
        timed=(begin != _NEVER) & (end != _NEVER),
        nominal=(join == _NEVER) | (leave == _NEVER),
        mdt=meetings.mdt[meeting],
        duration=duration.astype(np.int32)[meeting],
        series=meetings.series.astype(np.int32)[meeting],
        parties=parties,
    )
    known = party >= 0
    if not known.all():
        presence = replace(presence, **{name: getattr(presence, name)[known] for name in _COLUMNS})
    return _unbroken(_in_order(presence))
