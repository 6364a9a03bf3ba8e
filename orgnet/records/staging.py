"""Every file's rows read into one table per kind, each row with its values and the first thing wrong with it.

The table of a kind has, beside its values, the number of the file (`source`), the row's number there, the number of
the check that the row fails (`fault`, NULL if none) and what was found (`found`). What to say of a fault is worked out
at the end, for the rows that have one.
"""

import dataclasses
from dataclasses import dataclass

import duckdb

from orgnet.config import Config, Source
from orgnet.errors import InputFault
from orgnet.folders import digest_of
from orgnet.records.checks import Check, Judge, Known, checks_of, unknown_columns, verdict
from orgnet.records.identity import normalised
from orgnet.records.mapping import columns_unused, failing, map_columns, types_of, unknown_fields
from orgnet.records.opened import Opened, first_line
from orgnet.records.source import open_file
from orgnet.records.sql import ROW, quoted, text
from orgnet.records.values import MACROS, Layers, Reader, columns_of, given, layers_of
from orgnet.records.zone import ZoneSql
from orgnet.schema import Kind
from orgnet.schema.kinds import EXAMPLE, Field, names_a
from orgnet.vocabulary import Reason, RecordKind

_SQL_TYPES = {
    "id": "VARCHAR",
    "text": "VARCHAR",
    "date": "DATE",
    "time": "BIGINT",
    "number": "DOUBLE",
    "integer": "BIGINT",
    "flag": "BOOLEAN",
    "list": "VARCHAR[]",
}


@dataclass(frozen=True)
class InputFile:
    """One file that was read: what it is, its digest, and how its rows were used."""

    path: str
    record_kind: str
    sha256: str
    rows: int
    columns_unused: list[str]


@dataclass(frozen=True)
class Feed:
    """One open file: its number, what is in it, and which of its kind's sources it belongs to."""

    number: int
    kind: RecordKind
    source: int
    path: str
    opened: Opened


@dataclass
class Reading:
    """The state of one reading: the working database and what has been learnt so far."""

    config: Config
    con: duckdb.DuckDBPyConnection
    zone: ZoneSql
    feeds: list[Feed] = dataclasses.field(default_factory=list)
    checks: list[Check] = dataclasses.field(default_factory=list)
    known: dict[RecordKind, Known] = dataclasses.field(default_factory=dict)
    failed: set[RecordKind] = dataclasses.field(default_factory=set)
    opened: int = 0
    inputs: list[InputFile] = dataclasses.field(default_factory=list)
    read: dict[RecordKind, int] = dataclasses.field(default_factory=dict)
    faults: list[str] = dataclasses.field(default_factory=list)
    examples: dict[RecordKind, list[str]] = dataclasses.field(default_factory=dict)
    """The files in which rows of a template were left."""

    def check(self, check: Check) -> int:
        """Take up a check that needs more than one row to see; its number."""
        self.checks.append(check)
        return len(self.checks) - 1

    def count(self, query: str) -> int:
        """The one number that a query gives."""
        return int(self.con.execute(query).fetchall()[0][0])


def begin(config: Config) -> Reading:
    """A new reading, with a database that keeps the network's own clock, whatever this computer's is."""
    con = duckdb.connect()
    con.execute("SET preserve_insertion_order = false")
    con.execute("SET allocator_background_threads = true")  # memory that is free goes back to the computer
    con.execute(f"SET TimeZone = {text(config.timezone)}")
    for macro in MACROS:
        con.execute(macro)
    con.create_function("unusual", normalised, ["VARCHAR"], "VARCHAR", type="arrow")
    # Plain identifiers, which are nearly all, need no call into Python.
    con.execute("CREATE MACRO person(x) AS CASE WHEN strlen(x) = length(x) THEN lower(x) ELSE unusual(x) END")
    zone = ZoneSql.of(config.zone, config.period.start.year - 1, config.period.end.year + 1)
    return Reading(config, con, zone)


def staged(kind: RecordKind) -> str:
    """The table that holds a kind's rows."""
    return f"staged_{kind.value}"


def value_columns(kind: Kind) -> list[str]:
    """The columns that an accepted row of a kind is made of."""
    return [name for field in kind.fields for name in columns_of(field)]


def _type_of(field: Field, column: str) -> str:
    """The SQL type of one of the columns that a field's value is made of; the day beside a time is a date."""
    return _SQL_TYPES[field.type] if column == field.name else "DATE"


def create(reading: Reading, kind: Kind) -> None:
    """Make the table for a kind's rows."""
    columns = [f"{quoted(name)} {_type_of(field, name)}" for field in kind.fields for name in columns_of(field)]
    reading.con.execute(
        f"CREATE TABLE {staged(kind.name)} (source INTEGER, {ROW} BIGINT, {', '.join(columns)}, fault INTEGER, "
        "found VARCHAR)"
    )


def _given(source: Source, readers: list[Reader], mapping: dict[str, str], relation: str) -> str:
    """The statement for what a file gives for every field, row by row; once per distinct row if the source says so."""
    raw = "".join(f"{mapping[reader.field.name]} AS {reader.part('raw')}, " for reader in readers)
    layers = Layers()
    for reader in readers:
        layers.add(given(reader))
    query = layers.over(f"SELECT {raw}{ROW} FROM {relation}")
    names = ", ".join(reader.part("given") for reader in readers)
    if source.distinct:
        return f"SELECT {names}, min({ROW}) AS {ROW} FROM ({query}) GROUP BY {names}"
    return f"SELECT {names}, {ROW} FROM ({query})"


def _readers(kind: Kind, present: list[Field], source: Source, types: dict[str, str], judge: Judge) -> list[Reader]:
    return [
        Reader(
            field,
            source,
            column_type=types[field.name],
            words=judge.words(field),
            zone=judge.zone,
            person=names_a(kind, field) == RecordKind.PEOPLE,
        )
        for field in present
    ]


def _absent(kind: Kind, present: list[Field]) -> dict[str, str]:
    """No value for what the source does not have."""
    return {
        quoted(name): f"NULL::{_type_of(field, name)}"
        for field in kind.fields
        if field not in present
        for name in columns_of(field)
    }


def staging_sql(kind: Kind, readers: list[Reader], checks: list[Check], first: int, judge: Judge, given: str) -> str:
    """The statement that reads a file's rows as records of a kind, each with the number of its first fault or none.

    `given` is the statement for what the file gives; the checks are numbered from `first`.
    """
    present = [reader.field for reader in readers]
    layers = Layers()
    for reader in readers:
        layers.add(layers_of(reader))
    fault, found = verdict(checks, first)
    layers.lists[-1] |= _absent(kind, present)
    layers.lists += [unknown_columns(present, judge), {"fault": fault}, {"found": found}]
    values = ", ".join(quoted(name) for name in value_columns(kind))
    return f"SELECT {ROW}, {values}, fault, found FROM ({layers.over(given)})"


def _stage(reading: Reading, kind: Kind, feed: Feed, source: Source, mapping: dict[str, str], judge: Judge) -> None:
    opened, con = feed.opened, reading.con
    present = [field for field in kind.fields if field.name in mapping]
    readers = _readers(kind, present, source, types_of(con, opened, mapping), judge)
    checks = checks_of(kind, present, judge, source)
    first = len(reading.checks)
    reading.checks += checks
    sql = staging_sql(kind, readers, checks, first, judge, _given(source, readers, mapping, opened.relation))
    try:
        con.execute(f"INSERT INTO {staged(kind.name)} SELECT {feed.number} AS source, * FROM ({sql})")
    except duckdb.Error as error:
        failed = failing(con, opened, source)
        raise InputFault(failed or f"cannot be read: {first_line(error)}") from None


def _stage_malformed(reading: Reading, kind: Kind, feed: Feed) -> None:
    """Lines that are no rows count as rows put aside; what they hold is kept in a table of its own."""
    opened, con = feed.opened, reading.con
    lines = opened.malformed
    if not lines:
        return
    con.execute(
        f"CREATE TABLE malformed_{feed.number} AS SELECT unnest(?::BIGINT[]) AS {ROW}, unnest(?::VARCHAR[]) AS line, "
        "unnest(?::VARCHAR[]) AS found",
        [[line.row for line in lines], [line.line for line in lines], [str(line.values) for line in lines]],
    )
    number = reading.check(Check("", Reason.MALFORMED_ROW, "", opened.malformed_because))
    con.execute(
        f"INSERT INTO {staged(kind.name)} BY NAME SELECT {feed.number} AS source, {ROW}, {number} AS fault, found "
        f"FROM malformed_{feed.number}"
    )


def _holds_examples(reading: Reading, kind: Kind, feed: Feed) -> bool:
    """Whether any key in a file is one of a template's."""
    keys = [quoted(name) for name in kind.key if kind.field(name).type == "id"]
    # People's identifiers stand in lower case by now.
    like = [f"starts_with({key}, {text(start)})" for key in keys for start in (EXAMPLE, EXAMPLE.lower())]
    return bool(
        reading.count(
            f"SELECT count(*) FROM {staged(kind.name)} WHERE source = {feed.number} AND ({' OR '.join(like)})"
        )
    )


def stage_file(reading: Reading, kind: Kind, source: Source, number: int, path: str) -> None:
    """Read one file into its kind's table. Raises InputFault if it cannot be used at all."""
    feed_number = len(reading.feeds)
    file = reading.config.folder / path
    reading.opened += 1  # a file that turns out to be of no use keeps its name too
    opened = open_file(reading.con, file, source, f"raw_{reading.opened}")
    mapping = map_columns(kind, source, opened)
    if unknown_fields(kind, source):
        return  # its rows would be judged without what was meant
    feed = Feed(feed_number, kind.name, number, path, opened)
    judge = Judge(reading.config, reading.zone, reading.known)
    _stage(reading, kind, feed, source, mapping, judge)
    _stage_malformed(reading, kind, feed)
    reading.feeds.append(feed)
    if _holds_examples(reading, kind, feed):
        reading.examples.setdefault(kind.name, []).append(path)
    unused = columns_unused(reading.con, source, opened, mapping)
    reading.inputs.append(InputFile(path, kind.name.value, digest_of(file), opened.rows, unused))
