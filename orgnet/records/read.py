"""Records in: every source read, mapped and checked; good rows go on, bad rows are put aside with their reason."""

import difflib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from orgnet.config import Config, Source
from orgnet.errors import InputFault
from orgnet.records.checks import Judge, Known, staging_sql, value_columns
from orgnet.records.identity import Key, find_key, normalised, pseudonym_sql
from orgnet.records.source import ROW, Opened, digest_of, files_of, open_file, quoted, text
from orgnet.records.zone import ZoneSql
from orgnet.schema import KINDS, TABLES, Kind
from orgnet.schema.kinds import Field
from orgnet.vocabulary import Reason, RecordKind


@dataclass(frozen=True)
class InputFile:
    """One file that was read: what it is, its digest, and how its rows were used."""

    path: str
    record_kind: str
    sha256: str
    rows: int
    columns_unused: list[str]


@dataclass(frozen=True)
class Records:
    """The accepted records of a network.

    Organisations, people and meetings are small integers here: `organisations[code]` gives the code's own
    identifier; people and meetings have none left. Times are seconds since 1970 in UTC with a local day beside them.
    """

    organisations: list[str]
    n_people: int
    tables: dict[RecordKind, pa.Table]
    rejected: pa.Table
    read: dict[RecordKind, int]
    inputs: list[InputFile]
    key: Key | None

    def has(self, kind: RecordKind) -> bool:
        """Whether the network supplies this kind at all."""
        return kind in self.read

    def rejected_counts(self) -> dict[str, dict[str, int]]:
        """Rows put aside, by kind and reason."""
        counts: dict[str, dict[str, int]] = {}
        grouped = self.rejected.group_by(["record_kind", "reason"]).aggregate([([], "count_all")])
        for row in sorted(grouped.to_pylist(), key=lambda r: (str(r["record_kind"]), str(r["reason"]))):
            counts.setdefault(row["record_kind"], {})[row["reason"]] = row["count_all"]
        return counts


@dataclass
class _Reading:
    """The state of one reading: the working database and what has been learnt so far."""

    config: Config
    con: duckdb.DuckDBPyConnection
    zone: ZoneSql
    sources: list[tuple[str, list[str]]] = field(default_factory=list)
    known: dict[RecordKind, Known] = field(default_factory=dict)
    inputs: list[InputFile] = field(default_factory=list)
    read: dict[RecordKind, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


def _staged(kind: Kind) -> str:
    return f"staged_{kind.name.value}"


def _nearest(name: str, names: list[str]) -> str:
    near = difflib.get_close_matches(name, names, 1)
    return f"; did you mean {near[0]!r}?" if near else ""


def _mapping(kind: Kind, source: Source, opened: Opened) -> dict[str, str]:
    """Our field to an SQL expression over the file's columns. Raises InputFault with every fault of the mapping."""
    ours = [f.name for f in kind.fields]
    faults = []
    mapping = {name: quoted(name) for name in ours if name in opened.columns}
    for theirs, wanted in source.columns.items():
        if theirs not in opened.columns:
            faults.append(
                f"{opened.name}: has no column {theirs!r} to map (found: {', '.join(opened.columns)})"
                + _nearest(theirs, opened.columns)
            )
        for name in [wanted] if isinstance(wanted, str) else wanted:
            mapping[name] = quoted(theirs)
    mapping |= {name: f"({expression})" for name, expression in source.derive.items()}
    mapping |= {name: text(value) for name, value in source.constants.items()}
    for name in [*mapping, *source.values]:
        if name not in ours:
            faults.append(
                f"{opened.name}: {name!r} is not a field of {kind.name.value} "
                f"(known: {', '.join(ours)})" + _nearest(name, ours)
            )
    for missing in (f.name for f in kind.fields if f.required and f.name not in mapping):
        faults.append(
            f"{opened.name}: column {missing!r} is missing (found: {', '.join(opened.columns)}); "
            f"add it, or name the column that holds it: columns: {{THEIRS: {missing}}}"
        )
    if faults:
        raise InputFault(faults)
    return mapping


def _types(reading: _Reading, opened: Opened, mapping: dict[str, str]) -> dict[str, str]:
    """The types of the mapped expressions. Raises InputFault if an expression does not fit the file."""
    try:
        described = reading.con.execute(
            f"DESCRIBE SELECT {', '.join(f'{sql} AS {quoted(name)}' for name, sql in mapping.items())} "
            f"FROM {opened.relation}"
        ).fetchall()
    except duckdb.Error as error:
        raise InputFault(
            f"{opened.name}: a `derive` expression cannot be read: {str(error).splitlines()[0]}"
        ) from None
    return {name: column_type for name, column_type, *_ in described}


def _insert(reading: _Reading, kind: Kind, source: Source, path: Path) -> None:
    """Read one file into its kind's staging table."""
    relation = f"raw_{len(reading.sources)}"
    opened = open_file(reading.con, path, source, relation)
    mapping = _mapping(kind, source, opened)
    types = _types(reading, opened, mapping)
    judge = Judge(reading.config, reading.zone, reading.known)
    number = len(reading.sources)
    try:
        reading.con.execute(
            f"INSERT INTO {_staged(kind)} SELECT {number} AS source, * "
            f"FROM ({staging_sql(kind, judge, source, relation, mapping, types)})"
        )
    except duckdb.Error as error:
        raise InputFault(f"{opened.name}: cannot be read: {str(error).splitlines()[0]}") from None
    values = ", ".join(f"NULL AS {quoted(name)}" for name in value_columns(kind))
    for row, _ in opened.malformed:
        reading.con.execute(
            f"INSERT INTO {_staged(kind)} BY NAME SELECT {number} AS source, {row} AS {ROW}, {values}, "
            f"{{'field': '', 'reason': {text(Reason.MALFORMED_ROW.value)}, "
            "'message': 'the row has more or fewer values than there are columns, or is not valid'} AS fault"
        )
    reading.con.register(
        f"malformed_{number}",
        pa.table(
            {
                ROW: pa.array([row for row, _ in opened.malformed], pa.int64()),
                "line": pa.array([line for _, line in opened.malformed], pa.string()),
            }
        ),
    )
    reading.sources.append((opened.name, opened.columns))
    used = {
        column for column in opened.columns if any(quoted(column) in sql for sql in mapping.values())
    } | {c for c in opened.columns if any(c in sql for sql in source.derive.values())}
    unused = [column for column in opened.columns if column not in used]
    reading.inputs.append(InputFile(opened.name, kind.name.value, digest_of(path), opened.rows, unused))


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


def _create(reading: _Reading, kind: Kind) -> None:
    columns = []
    for f in kind.fields:
        columns.append(f"{quoted(f.name)} {_SQL_TYPES[f.type]}")
        if f.type == "time":
            columns.append(f"{quoted(f.name + '_day')} DATE")
    reading.con.execute(
        f"CREATE TABLE {_staged(kind)} (source INTEGER, {ROW} BIGINT, {', '.join(columns)}, "
        "fault STRUCT(field VARCHAR, reason VARCHAR, message VARCHAR))"
    )


def _judge_duplicates(reading: _Reading, kind: Kind) -> None:
    """Put aside repeated rows: the later of identical ones, and all of those that share a key but differ."""
    table = _staged(kind)
    key = ", ".join(quoted(name) for name in kind.key)
    identified = f"fault IS NULL AND {quoted(kind.told_apart_by)} IS NOT NULL" if kind.told_apart_by else "fault IS NULL"
    reading.con.execute(
        f"CREATE OR REPLACE TEMP TABLE repeated AS SELECT {key}, count(*) AS n FROM {table} WHERE {identified} "
        f"GROUP BY {key} HAVING count(*) > 1"
    )
    if not reading.con.execute("SELECT count(*) FROM repeated").fetchall()[0][0]:  # type: ignore[index]
        return
    same = " AND ".join(f"s.{quoted(name)} IS NOT DISTINCT FROM r.{quoted(name)}" for name in kind.key)
    row = ", ".join(f"s.{quoted(name)}" for name in value_columns(kind))
    keyed = ", ".join(f"s.{quoted(name)}" for name in kind.key)
    reading.con.execute(
        f"CREATE OR REPLACE TEMP TABLE judged AS SELECT s.rowid AS id, "
        f"dense_rank() OVER (PARTITION BY {keyed} ORDER BY row({row})) AS version, "
        f"row_number() OVER (PARTITION BY {keyed} ORDER BY s.source, s.{ROW}) AS place "
        f"FROM {table} s JOIN repeated r ON {same} WHERE {identified}"
    )
    reading.con.execute(
        f"CREATE OR REPLACE TEMP TABLE versions AS SELECT s.rowid AS id, "
        f"max(j.version) OVER (PARTITION BY {keyed}) AS versions, j.place "
        f"FROM judged j JOIN {table} s ON s.rowid = j.id"
    )
    keys = " + ".join(kind.key)
    for reason, condition, message in (
        (Reason.DUPLICATE, "versions = 1 AND place > 1", "the same record is there before; it counts once"),
        (
            Reason.CONFLICTING_DUPLICATE,
            "versions > 1",
            f"other rows have the same {keys} and say something else; none of them is used",
        ),
    ):
        reading.con.execute(
            f"UPDATE {table} SET fault = {{'field': {text(kind.key[0])}, 'reason': {text(reason.value)}, "
            f"'message': {text(message)}}} WHERE rowid IN (SELECT id FROM versions WHERE {condition})"
        )


def _judge_organisation(reading: _Reading) -> None:
    """Put aside attendance that no organisation can be given to: neither stated nor to be had from a post held then."""
    kind = KINDS[RecordKind.ATTENDANCE]
    if RecordKind.MEETINGS not in reading.known:
        return
    posts = (
        "SELECT 1 FROM staged_people p WHERE p.fault IS NULL AND p.person_id = a.person_id "
        "AND (p.start IS NULL OR p.start <= m.start_day) AND (p.\"end\" IS NULL OR p.\"end\" > m.start_day)"
        if RecordKind.PEOPLE in reading.known
        else "SELECT 1 WHERE false"
    )
    reading.con.execute(
        f"UPDATE {_staged(kind)} SET fault = {{'field': 'org_id', 'reason': {text(Reason.NO_ORGANISATION.value)}, "
        "'message': 'no organisation is given, and the person holds no post on that day: add either'} "
        "WHERE fault IS NULL AND org_id IS NULL AND rowid NOT IN (SELECT a.rowid FROM staged_attendance a "
        f"JOIN staged_meetings m ON m.meeting_id = a.meeting_id AND m.fault IS NULL WHERE EXISTS ({posts}))"
    )


_KEYED = {
    RecordKind.ORGANISATIONS: "org_id",
    RecordKind.PEOPLE: "person_id",
    RecordKind.MEETINGS: "meeting_id",
}


def _read_kind(reading: _Reading, kind: Kind, sources: list[Source]) -> None:
    """Read every file of a kind, judge its rows, and remember the keys that later kinds may refer to."""
    _create(reading, kind)
    faults_before = len(reading.faults)
    for source in sources:
        try:
            for path in files_of(source, reading.config.folder):
                _insert(reading, kind, source, path)
        except InputFault as fault:
            reading.faults += [f"{kind.name.value}: {line}" for line in fault.faults]
    _judge_duplicates(reading, kind)
    if kind.name == RecordKind.ATTENDANCE:
        _judge_organisation(reading)
    total, good = reading.con.execute(
        f"SELECT count(*), count(*) FILTER (fault IS NULL) FROM {_staged(kind)}"
    ).fetchall()[0]
    reading.read[kind.name] = total
    if total and not good and len(reading.faults) == faults_before:
        reading.faults.append(_all_rejected(reading, kind, total))
    if kind.name in _KEYED:
        table = f"known_{kind.name.value}"
        reading.con.execute(
            f"CREATE TABLE {table} AS SELECT DISTINCT {_KEYED[kind.name]} AS id FROM {_staged(kind)} "
            "WHERE fault IS NULL"
        )
        count = reading.con.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0]
        reading.known[kind.name] = Known(table, count)


def _all_rejected(reading: _Reading, kind: Kind, total: int) -> str:
    counts = reading.con.execute(
        f"SELECT fault.reason, count(*) AS n, min(fault.message) FROM {_staged(kind)} GROUP BY 1 ORDER BY n DESC, 1"
    ).fetchall()
    listed = ", ".join(f"{n} {reason}" for reason, n, _ in counts)
    return (
        f"{kind.name.value}: all {total} rows were put aside ({listed}); the commonest reason in words: {counts[0][2]}"
    )


def _rejected(reading: _Reading) -> pa.Table:
    """Every row put aside, with its reason and the row itself."""
    parts = []
    for kind in reading.read:
        for number, (name, names) in enumerate(reading.sources):
            shown = ", ".join(f"{text(column)}: {quoted(column)}" for column in names)
            staged = f"SELECT * FROM staged_{kind.value} WHERE source = {number} AND fault IS NOT NULL"
            if not reading.con.execute(f"SELECT count(*) FROM ({staged})").fetchall()[0][0]:  # type: ignore[index]
                continue
            parts.append(
                f"SELECT {text(name)} AS source, s.{ROW} AS row, {text(kind.value)} AS record_kind, "
                "s.fault.field AS field, s.fault.reason AS reason, s.fault.message AS message, "
                f"coalesce(m.line, CAST(to_json(r.r) AS VARCHAR)) AS raw FROM ({staged}) s "
                f"LEFT JOIN (SELECT {ROW} AS at, {{{shown}}} AS r FROM raw_{number}) r ON r.at = s.{ROW} LEFT JOIN malformed_{number} m ON m.{ROW} = s.{ROW}"
            )
    schema = TABLES["rejected_records"].schema
    if not parts:
        return schema.empty_table()
    rows = reading.con.sql(
        f"SELECT * FROM ({' UNION ALL '.join(parts)}) ORDER BY record_kind, source, row, field"
    ).to_arrow_table()
    return rows.cast(schema)


def _codes(reading: _Reading) -> tuple[list[str], int, Key | None]:
    """Give every organisation, person and meeting its number; people by their pseudonym, so it says nothing."""
    con, kinds = reading.con, [KINDS[name] for name in reading.read]

    def referred(kind: RecordKind, include_lists: bool = False) -> str:
        parts = [
            f"SELECT {'unnest' if f.type == 'list' else ''}({quoted(f.name)}) AS id FROM {_staged(k)} WHERE fault IS NULL"
            for k in kinds
            for f in k.fields
            if (f.refers_to == kind or (k.name == kind and f.name == _KEYED[kind]))
            and (include_lists or f.type != "list")
        ]
        union = " UNION ".join(parts) or "SELECT NULL::VARCHAR AS id"
        return f"SELECT DISTINCT id FROM ({union}) WHERE id IS NOT NULL"

    organisations = [
        id for (id,) in con.execute(f"{referred(RecordKind.ORGANISATIONS, True)} ORDER BY id").fetchall()
    ]
    con.register(
        "organisation_codes",
        pa.table(
            {"id": pa.array(organisations, pa.string()), "code": pa.array(range(len(organisations)), pa.int32())}
        ),
    )
    start = "m.start_day, m.start" if RecordKind.MEETINGS in reading.read else "NULL"
    meetings = (
        "SELECT m.meeting_id AS id FROM staged_meetings m WHERE m.fault IS NULL"
        if RecordKind.MEETINGS in reading.read
        else "SELECT NULL::VARCHAR AS id WHERE false"
    )
    order = f"{start}, m.meeting_id" if RecordKind.MEETINGS in reading.read else "1"
    con.execute(
        f"CREATE TABLE meeting_codes AS SELECT id, CAST(row_number() OVER () - 1 AS INTEGER) AS code "
        f"FROM ({meetings} ORDER BY {order})"
    )
    people = con.sql(referred(RecordKind.PEOPLE)).to_arrow_table().column("id").combine_chunks()
    key = find_key(reading.config) if len(people) else None
    if key is None:
        con.execute("CREATE TABLE people_codes (id VARCHAR, code INTEGER)")
        return organisations, 0, None
    con.register("people_ids", pa.table({"id": people, "normal": normalised(people)}))
    pseudonym, parameters = pseudonym_sql(key, "normal")
    con.execute(
        f"CREATE TABLE people_codes AS SELECT id, "
        f"CAST(dense_rank() OVER (ORDER BY pseudonym) - 1 AS INTEGER) AS code "
        f"FROM (SELECT id, {pseudonym} AS pseudonym FROM people_ids)",
        parameters,
    )
    count = con.execute("SELECT count(DISTINCT code) FROM people_codes").fetchall()[0][0]
    return organisations, count, key


def _coded(f: Field) -> str:
    """A field of an accepted row, with its reference as a code."""
    if f.refers_to is None and f.name != "meeting_id":
        return f"s.{quoted(f.name)}"
    table = {
        RecordKind.ORGANISATIONS: "organisation_codes",
        RecordKind.PEOPLE: "people_codes",
        RecordKind.MEETINGS: "meeting_codes",
    }[f.refers_to or RecordKind.MEETINGS]
    if f.type == "list":
        return f"list_sort(list_transform(s.{quoted(f.name)}, lambda x: lookup.codes[x])) AS {quoted(f.name)}"
    return f"{quoted('c_' + f.name)}.code AS {quoted(f.name)}"


def _accepted(reading: _Reading, kind: Kind) -> pa.Table:
    """The accepted rows of a kind with references as codes, in an order that does not depend on the input's."""
    own = {RecordKind.ORGANISATIONS: "org_id", RecordKind.PEOPLE: "person_id"}.get(kind.name)
    columns, joins = [], []
    for f in kind.fields:
        coded = f
        if f.name == own:
            coded = Field(f.name, f.type, f.meaning, refers_to=kind.name)
        columns.append(_coded(coded))
        if f.type == "time":
            columns.append(f"s.{quoted(f.name + '_day')}")
        if (coded.refers_to is not None or f.name == "meeting_id") and f.type != "list":
            table = {
                RecordKind.ORGANISATIONS: "organisation_codes",
                RecordKind.PEOPLE: "people_codes",
                RecordKind.MEETINGS: "meeting_codes",
            }[coded.refers_to or RecordKind.MEETINGS]
            alias = quoted("c_" + f.name)
            joins.append(f"LEFT JOIN {table} {alias} ON {alias}.id = s.{quoted(f.name)}")
    if any(f.type == "list" and f.refers_to for f in kind.fields):
        joins.append(
            "CROSS JOIN (SELECT map_from_entries(list((id, code))) AS codes FROM organisation_codes) lookup"
        )
    selected = f"SELECT {', '.join(columns)} FROM {_staged(kind)} s {' '.join(joins)} WHERE s.fault IS NULL"
    return reading.con.sql(f"SELECT * FROM ({selected}) ORDER BY ALL").to_arrow_table()


def read_records(config: Config) -> Records:
    """Read and check every source of a network.

    Raises InputFault, with every fault at once, if a file is missing or unreadable, a column is missing, all rows of
    a kind are put aside, or people are named and no key is given.
    """
    con = duckdb.connect()
    con.execute("SET preserve_insertion_order = false")
    zone = ZoneSql.of(config.zone, config.period.start.year - 1, config.period.end.year + 1)
    reading = _Reading(config, con, zone)
    try:
        for name, kind in KINDS.items():
            if name in config.sources:
                _read_kind(reading, kind, config.sources[name])
        if reading.faults:
            raise InputFault(reading.faults)
        organisations, n_people, key = _codes(reading)
        tables: dict[RecordKind, Any] = {name: _accepted(reading, KINDS[name]) for name in reading.read}
        return Records(
            organisations, n_people, tables, _rejected(reading), reading.read, reading.inputs, key
        )
    finally:
        con.close()
