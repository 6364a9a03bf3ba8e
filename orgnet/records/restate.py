"""Records stated on another basis: every organisation that a record names replaced by what it stands as on its day.

What happened on a day takes the day's organisations: a meeting and all that is recorded of it, a referral, an answer, a
document. What lasted is cut where one of its organisations begins to stand as another: posts, joint and lead roles, and
the rows of organisations themselves. Statements of coverage are about the organisation of their first day. Nothing is
dropped but joint roles whose organisations have all become one, and the links themselves, which are used up.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from orgnet import database
from orgnet.config import Config
from orgnet.records.organisations import days_of, numbers_of
from orgnet.records.pieces import Flags, Ints, Pieces, Succession
from orgnet.records.read import Records
from orgnet.records.sql import quoted
from orgnet.records.succession import find_succession
from orgnet.schema import KINDS
from orgnet.schema.kinds import Kind, names_a
from orgnet.vocabulary import RecordKind
from orgnet.windows import FOREVER

_CUT = (RecordKind.ORGANISATIONS, RecordKind.PEOPLE, RecordKind.JOINT_ROLES, RecordKind.LEAD_ROLES)
_OF_MEETINGS = (RecordKind.ATTENDANCE, RecordKind.MDT_CASES)


def state(records: Records, config: Config) -> tuple[Records, Succession]:
    """The records on the basis that the configuration asks for, and the succession of their organisations.

    Raises InputFault if the links between organisations, or the rules for splits, are at fault.
    """
    succession = find_succession(records, config)
    return restate(records, succession), succession


def restate(records: Records, succession: Succession) -> Records:
    """The records with every organisation as what it stands as; the same records where none stands as another."""
    if not succession.pieces.changing.any():
        return records
    tables = {kind: _restated(kind, table, records, succession.pieces) for kind, table in records.tables.items()}
    return replace(records, tables=tables, recorded=records.recorded or records, succession=succession)


def _restated(kind: RecordKind, table: pa.Table, records: Records, pieces: Pieces) -> pa.Table:
    if kind == RecordKind.ORGANISATION_LINKS:
        return table.slice(0, 0)
    start = _first_days(kind, table, records)
    if kind in _CUT:
        table, start = _cut(KINDS[kind], table, start, pieces)
    for field in KINDS[kind].fields:
        if names_a(KINDS[kind], field) == RecordKind.ORGANISATIONS:
            column = table.column(field.name)
            table = _with(table, field.name, (_lists if field.type == "list" else _codes)(column, start, pieces))
            for beside in (other.name for other in KINDS[kind].fields if other.beside == field.name):
                kept = pa.array(~_changed(column, start, pieces))
                empty = pa.scalar(None, table.column(beside).type)
                table = _with(table, beside, pc.if_else(kept, table.column(beside), empty))
    finish = _FINISHED.get(kind)
    table = finish(table, start, records, pieces) if finish else table
    return _in_order(KINDS[kind], table) if kind in _CUT else table


def _first_days(kind: RecordKind, table: pa.Table, records: Records) -> Ints:
    """The day of each record, or the first of those that it speaks of."""
    if kind in _OF_MEETINGS:
        meetings = records.tables[RecordKind.MEETINGS]
        code = numbers_of(meetings.column("meeting_id"), 0)
        days = np.zeros(int(code.max(initial=-1)) + 1, dtype=np.int64)
        days[code] = days_of(meetings.column("start_day"), 0)
        return days[numbers_of(table.column("meeting_id"), 0)]
    if kind == RecordKind.MEETINGS:
        return days_of(table.column("start_day"), 0)
    said = KINDS[kind]
    return days_of(table.column(said.when or (said.span or ("",))[0]), -FOREVER)


def _with(table: pa.Table, name: str, column: pa.Array) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, column)


def _codes(column: pa.ChunkedArray, day: Ints, pieces: Pieces) -> pa.Array:
    """A column of organisations as what they stand as."""
    stands = pieces.at(numbers_of(column, -1), day)
    return pa.array(stands, mask=stands < 0).cast(column.type)


def flat(column: pa.ChunkedArray) -> tuple[Ints, Ints, Ints]:
    """Lists of organisations as rows: the number of each list, what it holds, and how long each list is."""
    lengths = numbers_of(pc.list_value_length(column), 0)
    return np.repeat(np.arange(len(lengths)), lengths), numbers_of(pc.list_flatten(column), 0), lengths


def _changed(column: pa.ChunkedArray, day: Ints, pieces: Pieces) -> Flags:
    """The lists any organisation of which stands as another, so that what stands beside them goes with them no more."""
    row, org, _ = flat(column)
    return np.bincount(row, weights=pieces.at(org, day[row]) != org, minlength=len(column)) > 0


def _lists(column: pa.ChunkedArray, day: Ints, pieces: Pieces) -> pa.Array:
    """A column of lists of organisations as what they stand as, each once and in order; empty stays empty."""
    row, org, _ = flat(column)
    pairs = np.unique(np.stack([row, pieces.at(org, day[row])]), axis=1)
    offsets = np.concatenate([[0], np.cumsum(np.bincount(pairs[0], minlength=len(column)))]).astype(np.int32)
    values = pa.array(pairs[1]).cast(column.type.value_type)
    missing = np.asarray(column.is_null())
    return pa.ListArray.from_arrays(pa.array(offsets), values, mask=pa.array(missing) if missing.any() else None)


def _cut(kind: Kind, table: pa.Table, start: Ints, pieces: Pieces) -> tuple[pa.Table, Ints]:
    """Spells cut where one of their organisations begins to stand as another, and the first day of each."""
    begins, ends = kind.span or ("", "")
    name = "org_ids" if kind.name == RecordKind.JOINT_ROLES else "org_id"
    if kind.name == RecordKind.JOINT_ROLES:
        row, org, _ = flat(table.column(name))
    else:
        org = numbers_of(table.column(name), -1)
        row = np.flatnonzero(org >= 0)
        org = org[row]
    rows, first, last = pieces.cut(row, org, start, days_of(table.column(ends), FOREVER))
    table = table.take(pa.array(rows))
    for column, days, never in ((begins, first, -FOREVER), (ends, last, FOREVER)):
        said = pa.array(days.astype(np.int32), mask=days == never).cast(pa.date32())
        table = _with(table, column, said)
    return table, first


def _of_organisations(table: pa.Table, start: Ints, records: Records, pieces: Pieces) -> pa.Table:
    """A part's parent as what it stands as, unless that is the organisation itself; successors are used up."""
    names = pa.array(records.organisations, pa.string())
    parent = table.column("parent_org_id")
    code = numbers_of(pc.index_in(parent, names), -1)
    stands = pieces.at(code, start)
    known = np.where(stands == numbers_of(table.column("org_id"), -1), -1, stands)
    named = names.take(pa.array(known, mask=known < 0))
    table = _with(table, "parent_org_id", pc.if_else(pa.array(code >= 0), named, parent.combine_chunks()))
    return _with(table, "successor_id", pa.nulls(len(table), table.column("successor_id").type))


def _of_joint_roles(table: pa.Table, start: Ints, records: Records, pieces: Pieces) -> pa.Table:
    """Without those that are of one organisation now."""
    return table.filter(pc.greater(pc.list_value_length(table.column("org_ids")), 1))


_FINISHED: dict[RecordKind, Callable[[pa.Table, Ints, Records, Pieces], pa.Table]] = {
    RecordKind.ORGANISATIONS: _of_organisations,
    RecordKind.JOINT_ROLES: _of_joint_roles,
}


def _in_order(kind: Kind, table: pa.Table) -> pa.Table:
    """Rows in the order of their key, and of all that they hold where they share it."""
    names = [*kind.key, *(name for name in table.column_names if name not in kind.key)]
    with database.connect() as con:
        con.register("spells", table)
        return con.sql(f"SELECT * FROM spells ORDER BY {', '.join(map(quoted, names))}").to_arrow_table()
