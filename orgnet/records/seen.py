"""What a stretch of days shows of the records, as digests: the same digest, the same records.

Digests do not depend on the order of rows, nor on the numbers that organisations, people and meetings have been given:
a person is known by the hash of the pseudonym, so that digests under two keys have nothing in common. They are 128 bits
long, and sums: those of any days are the difference of two running totals.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from orgnet import database
from orgnet.records.by_slice import day_of
from orgnet.records.read import Records
from orgnet.records.sql import quoted, text
from orgnet.schema import KINDS, Kind
from orgnet.schema.kinds import Field, names_a
from orgnet.vocabulary import RecordKind
from orgnet.windows import FOREVER

Ints = NDArray[np.int64]
Words = NDArray[np.uint64]
EVENTS = (RecordKind.MEETINGS, RecordKind.ATTENDANCE, RecordKind.MDT_CASES, RecordKind.REFERRALS)
SPELLS = (RecordKind.PEOPLE, RecordKind.JOINT_ROLES, RecordKind.LEAD_ROLES)
_LANES = ("one", "two")
_MIX = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
_SHIFTS = (np.uint64(30), np.uint64(27), np.uint64(31))
_ALL = (1 << 64) - 1


def mixed(*columns: NDArray[np.integer]) -> Words:
    """A digest of each row of several columns of whole numbers (the finalizer of SplitMix64, once for each column)."""
    found = np.zeros(len(columns[0]), dtype=np.uint64)
    for column in columns:
        found = (found ^ column.astype(np.uint64)) + _MIX[0]
        found = (found ^ (found >> _SHIFTS[0])) * _MIX[1]
        found = (found ^ (found >> _SHIFTS[1])) * _MIX[2]
        found ^= found >> _SHIFTS[2]
    return found


@dataclass(frozen=True)
class Events:
    """Running totals of the digests of a kind of records that each stand on one day, by day."""

    day: Ints
    total: Words

    def between(self, low: int, high: int) -> str:
        """The digest of the records of the days `[low, high)`."""
        first, last = np.searchsorted(self.day, [low, high])
        return "".join(f"{int(lane):016x}" for lane in self.total[:, last] - self.total[:, first])


@dataclass(frozen=True)
class Spells:
    """The digests of a kind of records that each hold from one day to another."""

    said: Words
    start: Ints
    end: Ints

    def between(self, low: int, high: int) -> str:
        """The digest of what the records say of the days `[low, high)`: when a spell began or ended outside is not in it."""
        here = (self.start < high) & (self.end > low)
        start, end = np.maximum(self.start[here], low), np.minimum(self.end[here], high)
        return "".join(f"{int(mixed(lane[here], start, end).sum(dtype=np.uint64)):016x}" for lane in self.said)


@dataclass(frozen=True)
class Seen:
    """What the records show, by kind."""

    kinds: dict[RecordKind, Events | Spells]

    def between(self, kinds: Iterable[RecordKind], low: int, high: int) -> dict[str, str]:
        """The digest of each of some kinds of records over the days `[low, high)`."""
        return {kind.value: self.kinds[kind].between(low, high) for kind in kinds if kind in self.kinds}


def _said(kind: Kind) -> str:
    """What a record says, in SQL, its spell left out: the people, organisations and meeting as what they are known by."""
    parts = ["m.said"] if _of_meeting(kind) else []
    for field in kind.fields:
        wanted = names_a(kind, field)
        spell = kind.name in SPELLS and field.name in (kind.span or ())
        if spell or wanted == RecordKind.MEETINGS or field.name == kind.told_apart_by:
            continue
        if wanted is not None:
            parts.append(_known_by(field))
        elif field.type == "text":
            parts.append(f"CAST(r.{quoted(field.name)} AS VARCHAR)")
        else:
            parts += [f"r.{quoted(column)}" for column in kind.columns(field)]
    return ", ".join(parts)


def _known_by(field: Field) -> str:
    """What the organisations or the people of a field are known by, in SQL, in place of their numbers."""
    name = quoted(field.name)
    if field.type == "list":
        return f"list_transform(r.{name}, lambda code: all_names.names[code + 1])"
    return f"{quoted(f'known {field.name}')}.said"


def _joins(kind: Kind) -> str:
    """What a query of a kind's rows takes its digests from."""
    joins = ["CROSS JOIN all_names", "JOIN meetings_known m USING (meeting_id)" if _of_meeting(kind) else ""]
    for field in kind.fields:
        wanted = names_a(kind, field)
        if wanted in (RecordKind.ORGANISATIONS, RecordKind.PEOPLE) and field.type != "list":
            alias = quoted(f"known {field.name}")
            joins.append(f"LEFT JOIN {wanted.value}_known {alias} ON {alias}.code = r.{quoted(field.name)}")
    return " ".join(joins)


def _of_meeting(kind: Kind) -> bool:
    return any(names_a(kind, field) == RecordKind.MEETINGS for field in kind.fields)


def _query(kind: Kind) -> str:
    """A kind's digests, in two lanes: summed by day, or one for each spell."""
    lanes = ", ".join(f"hash({text(lane)}, {_said(kind)}) AS {lane}" for lane in _LANES)
    source = f"rows r {_joins(kind)}"
    if kind.name in SPELLS:
        start, end = (f"r.{quoted(name)}" for name in kind.span or ())
        return f"SELECT {start} - DATE '1970-01-01' AS start, {end} - DATE '1970-01-01' AS stop, {lanes} FROM {source}"
    sums = ", ".join(f"CAST(sum({lane}) % 18446744073709551616 AS UBIGINT) AS {lane}" for lane in _LANES)
    rows = f"SELECT {day_of(kind)} - DATE '1970-01-01' AS day, {lanes} FROM {source}"
    return f"SELECT day, {sums} FROM ({rows}) GROUP BY day ORDER BY day"


def _prepare(con: duckdb.DuckDBPyConnection, records: Records) -> None:
    """What organisations, people and meetings are known by.

    A meeting is known by its start, its series and its place among those that start with it: it has no name left.
    """
    for kind, said in (
        (RecordKind.ORGANISATIONS, pa.array(records.organisations, pa.string())),
        (RecordKind.PEOPLE, pa.array(records.identities)),
    ):
        con.register("listed", pa.table({"code": pa.array(np.arange(len(said), dtype=np.int32)), "said": said}))
        con.execute(f"CREATE TEMP TABLE {kind.value}_known AS SELECT * FROM listed")
    con.execute("CREATE TEMP TABLE all_names AS SELECT list(said ORDER BY code) AS names FROM organisations_known")
    if RecordKind.MEETINGS in records.tables:
        con.register("rows", records.tables[RecordKind.MEETINGS])
        place = "row_number() OVER (PARTITION BY start_day, start ORDER BY meeting_id)"
        con.execute(
            f"CREATE TEMP TABLE meetings_known AS SELECT meeting_id, start_day AS day, hash(start, series_id, {place}) AS said "
            "FROM rows"
        )


def _numbers(table: pa.Table, name: str, missing: int = 0) -> Ints:
    return np.asarray(table.column(name).fill_null(missing).to_numpy()).astype(np.int64)


def see(records: Records) -> Seen:
    """What the records show: the kinds that measures are taken from."""
    found: dict[RecordKind, Events | Spells] = {}
    with database.connect() as con:
        _prepare(con, records)
        for name in (*EVENTS, *SPELLS):
            if name not in records.tables:
                continue
            con.register("rows", records.tables[name])
            rows = con.sql(_query(KINDS[name])).to_arrow_table()
            said = np.stack([np.asarray(rows.column(lane).to_numpy()).astype(np.uint64) for lane in _LANES])
            if name in SPELLS:
                found[name] = Spells(said, _numbers(rows, "start", -FOREVER), _numbers(rows, "stop", FOREVER))
            else:
                none = np.zeros((len(_LANES), 1), dtype=np.uint64)
                total = np.concatenate([none, said.cumsum(axis=1, dtype=np.uint64)], axis=1)
                found[name] = Events(_numbers(rows, "day"), total)
    return Seen(found)
