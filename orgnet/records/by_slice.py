"""How many accepted records each slice holds, and a digest of them: what a later run is set against.

The digest is the same for the same records in any order, under any key that people are hashed with, and whatever
numbers organisations, people and meetings have been given.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from orgnet import database
from orgnet.records.read import Records
from orgnet.records.sql import quoted
from orgnet.schema import KINDS, Kind
from orgnet.schema.kinds import Field, names_a
from orgnet.vocabulary import RecordKind
from orgnet.windows import Calendar

BEFORE, AFTER = "before", "after"
"""Where records stand whose day lies before the period, or is not said, and after it."""

Counts = NDArray[np.int64]
"""Records of one kind, of the shape (organisations, slices); the last row is those that name none."""
_SAID_OF_MEETINGS = "hash(start, series_id)"
_RESPONDENT = "resp_id"


@dataclass(frozen=True)
class SliceRecords:
    """The records of one kind in one slice: how many, and a digest of what they say."""

    n: int
    digest: str


def day_of(kind: Kind) -> str:
    """The day of a record, in SQL: its meeting's, its own date, or the first day that it speaks of."""
    if _meeting(kind):
        return "m.day"
    if kind.when:
        return f"r.{quoted(kind.columns(kind.field(kind.when))[-1])}"
    return f"r.{quoted(kind.span[0] if kind.span else 'date')}"


def _meeting(kind: Kind) -> bool:
    return any(field.refers_to == RecordKind.MEETINGS for field in kind.fields)


def _is_who(kind: Kind, field: Field) -> bool:
    return names_a(kind, field) == RecordKind.PEOPLE or field.name == _RESPONDENT


def _said(kind: Kind) -> Iterator[str]:
    """What a record says, in SQL: organisations by name, its meeting by start and series; nothing that numbers rows.

    Who it is about is not among it: people's numbers are others under another key.
    """
    for field in kind.fields:
        wanted = names_a(kind, field)
        if field.name == kind.told_apart_by or _is_who(kind, field):
            continue
        if wanted == RecordKind.MEETINGS:
            yield from ["m.said"] if field.refers_to else []
        elif wanted == RecordKind.ORGANISATIONS:
            yield f"{quoted(f'named {field.name}')}.said"
        elif field.type == "text":
            yield f"CAST(r.{quoted(field.name)} AS VARCHAR)"
        else:
            yield from (f"r.{quoted(column)}" for column in kind.columns(field))


def _joins(kind: Kind) -> Iterator[str]:
    for field in kind.fields:
        if names_a(kind, field) == RecordKind.ORGANISATIONS:
            name, alias = quoted(field.name), quoted(f"named {field.name}")
            if field.type == "list":
                all_of_them = f"list_transform(r.{name}, lambda o: all_names.names[o + 1])"
                yield f"CROSS JOIN LATERAL (SELECT {all_of_them} AS said) {alias}"
            else:
                yield f"LEFT JOIN organisations {alias} ON {alias}.code = r.{name}"
    if _meeting(kind):
        yield "JOIN meetings m USING (meeting_id)"
    yield f"LEFT JOIN days d ON d.day = {day_of(kind)}"


def _query(kind: Kind) -> str:
    """Rows are digested person by person, so that it shows where one person stands in for another."""
    who = "".join(f", r.{quoted(field.name)}" for field in kind.fields if _is_who(kind, field))
    place = f"coalesce(d.slice, if({day_of(kind)} >= $end, '{AFTER}', '{BEFORE}'))"
    said = f"count(*) AS n, sum(hash({', '.join(_said(kind))})) AS said"
    people = f"SELECT {place} AS slice, {said} FROM records r CROSS JOIN all_names {' '.join(_joins(kind))}"
    return f"SELECT slice, sum(n), sum(hash(said)) FROM ({people} GROUP BY {place}{who}) GROUP BY slice ORDER BY slice"


def _prepare(con: duckdb.DuckDBPyConnection, records: Records, calendar: Calendar) -> None:
    """Tables of the organisations' names, of the meetings and of each day's slice."""
    names = pa.array(records.organisations, pa.string())
    con.register("given", pa.table({"code": pa.array(range(len(names)), pa.int32()), "said": names}))
    con.execute("CREATE TEMP TABLE organisations AS SELECT * FROM given")
    con.execute("CREATE TEMP TABLE all_names AS SELECT list(said ORDER BY code) AS names FROM given")
    days = np.arange(calendar.starts[0], calendar.ends[-1], dtype=np.int32)
    labels = np.array([s.label for s in calendar.slices])
    places = np.searchsorted(calendar.ends, days, side="right")
    con.register("numbered", pa.table({"day": pa.array(days).cast(pa.date32()), "slice": pa.array(labels[places])}))
    con.execute("CREATE TEMP TABLE days AS SELECT * FROM numbered")
    if RecordKind.MEETINGS in records.tables:
        con.register("held", records.tables[RecordKind.MEETINGS])
        said = f"meeting_id, start_day AS day, {_SAID_OF_MEETINGS} AS said"
        con.execute(f"CREATE TEMP TABLE meetings AS SELECT {said} FROM held")


def by_slice(records: Records, calendar: Calendar) -> dict[RecordKind, dict[str, SliceRecords]]:
    """The records of each kind, slice by slice; slices that hold none are left out."""
    found: dict[RecordKind, dict[str, SliceRecords]] = {}
    with database.connect() as con:
        _prepare(con, records, calendar)
        for name, rows in records.tables.items():
            con.register("records", rows)
            sql = _query(KINDS[name])
            given = {"end": calendar.slices[-1].end} if "$end" in sql else {}
            counted = con.execute(sql, given).fetchall()
            found[name] = {slice_: SliceRecords(int(n), f"{int(d) % 2**64:016x}") for slice_, n, d in counted}
    return found


def counts_by_slice(
    records: Records, calendar: Calendar, senders: Mapping[RecordKind, str]
) -> dict[RecordKind, Counts]:
    """How many records of each kind every slice holds, by the organisation in the field that `senders` names."""
    number = {s.label: at for at, s in enumerate(calendar.slices)}
    found = {}
    with database.connect() as con:
        _prepare(con, records, calendar)
        for name, rows in records.tables.items():
            con.register("records", rows)
            counts = np.zeros((len(records.organisations) + 1, len(calendar)), dtype=np.int64)
            for label, org, n in con.execute(_counting(KINDS[name], senders.get(name))).fetchall():
                counts[-1 if org is None else org, number[label]] = n
            found[name] = counts
    return found


def _counting(kind: Kind, sender: str | None) -> str:
    who = f"r.{quoted(sender)}" if sender else "NULL"
    held = "JOIN meetings m USING (meeting_id)" if _meeting(kind) else ""
    return f"SELECT d.slice, {who}, count(*) FROM records r {held} JOIN days d ON d.day = {day_of(kind)} GROUP BY ALL"
