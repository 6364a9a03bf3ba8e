"""Identifiers become small integers: organisations in the order of their names, people of their pseudonyms."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from orgnet.records.checks import Judge
from orgnet.records.identity import Key, pseudonym_sql
from orgnet.records.sql import quoted, text
from orgnet.records.staging import Reading, staged
from orgnet.schema import KINDS, Kind
from orgnet.schema.kinds import OWN_KEYS, names_a
from orgnet.vocabulary import RecordKind


def keep_known(reading: Reading, kind: RecordKind) -> str | None:
    """Keep the accepted keys of a kind that others refer to, in a table; its name."""
    if kind not in OWN_KEYS:
        return None
    table = f"known_{kind.value}"
    reading.con.execute(
        f"CREATE TABLE {table} AS SELECT DISTINCT {OWN_KEYS[kind]} AS id FROM {staged(kind)} WHERE fault IS NULL"
    )
    return table


def _named(reading: Reading, wanted: RecordKind) -> str:
    """Every identifier of a kind that an accepted row holds, as a query."""
    parts = [
        f"SELECT {'unnest' if field.type == 'list' else ''}({quoted(field.name)}) AS id FROM {staged(name)} "
        "WHERE fault IS NULL"
        for name in reading.read
        for field in KINDS[name].fields
        if names_a(KINDS[name], field) == wanted
    ]
    union = " UNION ALL ".join(parts) or "SELECT NULL::VARCHAR AS id"
    return f"SELECT DISTINCT id FROM ({union}) WHERE id IS NOT NULL"


def _number(reading: Reading, kind: RecordKind, query: str, order: str, parameters: list[bytes]) -> None:
    """Number what a query gives, in an order that depends on the records alone."""
    reading.con.execute(
        f"CREATE TABLE {kind.value}_codes AS SELECT id, CAST(row_number() OVER (ORDER BY {order}) - 1 AS INTEGER) "
        f"AS code FROM ({query})",
        parameters,
    )


def people_named(reading: Reading) -> int:
    """How many people the accepted rows name."""
    return reading.count(f"SELECT count(*) FROM ({_named(reading, RecordKind.PEOPLE)})")


def number_all(reading: Reading, key: Key | None) -> list[str]:
    """Give every organisation, meeting and person its number; the organisations in the order of theirs.

    People are in the order of their pseudonyms, so that a person's number says nothing about who it is.
    """
    _number(reading, RecordKind.ORGANISATIONS, _named(reading, RecordKind.ORGANISATIONS), "id", [])
    meetings = "SELECT NULL::VARCHAR AS id, NULL::DATE AS start_day, NULL::BIGINT AS start WHERE false"
    if RecordKind.MEETINGS in reading.read:
        meetings = f"SELECT meeting_id AS id, start_day, start FROM {staged(RecordKind.MEETINGS)} WHERE fault IS NULL"
    _number(reading, RecordKind.MEETINGS, meetings, "start_day, start, id", [])
    pseudonym, parameters = pseudonym_sql(key, "id") if key else ("NULL", [])
    people = f"SELECT id, {pseudonym} AS pseudonym FROM ({_named(reading, RecordKind.PEOPLE)})"
    _number(reading, RecordKind.PEOPLE, people, "pseudonym, id", parameters)
    rows = reading.con.execute(f"SELECT id FROM {RecordKind.ORGANISATIONS.value}_codes ORDER BY code").fetchall()
    return [id for (id,) in rows]


def identities(reading: Reading, key: Key | None) -> NDArray[np.uint64]:
    """A number for each person, by code, that is the same in every run under one key: a hash of the pseudonym."""
    if key is None:
        return np.zeros(0, dtype=np.uint64)
    pseudonym, parameters = pseudonym_sql(key, "id")
    people = f"SELECT {pseudonym} AS pseudonym, code FROM {RecordKind.PEOPLE.value}_codes"
    known = reading.con.sql(f"SELECT hash(pseudonym) AS known FROM ({people}) ORDER BY code", params=parameters)
    return np.asarray(known.to_arrow_table().column("known")).astype(np.uint64)


def _coded(kind: Kind, judge: Judge) -> Iterator[tuple[str, str]]:
    """Each column of an accepted row, with references as codes, and the join that it takes, if any.

    Words of a vocabulary are kept as their numbers beside the list of words, which takes a tenth of the room.
    """
    for field in kind.fields:
        wanted, name, words = names_a(kind, field), quoted(field.name), judge.words(field)
        if wanted is None and field.type == "text" and words:
            listed = ", ".join(text(word) for word in words)
            yield f"CAST(s.{name} AS ENUM ({listed})) AS {name}", ""
        elif wanted is None:
            yield from ((f"s.{quoted(column)}", "") for column in kind.columns(field))
        elif field.type == "list":
            codes = f"(SELECT map_from_entries(list((id, code))) AS codes FROM {wanted.value}_codes)"
            alias = quoted(f"codes_{field.name}")
            coded = f"list_sort(list_transform(s.{name}, lambda x: {alias}.codes[x])) AS {name}"
            yield coded, f"CROSS JOIN {codes} {alias}"
        else:
            alias = quoted(f"code_{field.name}")
            yield f"{alias}.code AS {name}", f"LEFT JOIN {wanted.value}_codes {alias} ON {alias}.id = s.{name}"


def accepted(reading: Reading, name: RecordKind) -> pa.Table:
    """The accepted rows of a kind with references as codes, in an order that does not depend on the input's.

    The kind's working table is gone after that: there is no room to hold everything twice.
    """
    kind = KINDS[name]
    columns, joins = zip(*_coded(kind, Judge(reading.config, reading.zone, reading.known)), strict=True)
    # A key is unique by now, unless rows can do without one: sorting by it alone is enough, and faster.
    order = "ALL" if kind.told_apart_by else ", ".join(quoted(key) for key in kind.key)
    rows = f"SELECT {', '.join(columns)} FROM {staged(name)} s {' '.join(joins)} WHERE s.fault IS NULL"
    table = reading.con.sql(f"SELECT * FROM ({rows}) ORDER BY {order}").to_arrow_table()
    reading.con.execute(f"DROP TABLE {staged(name)}")
    return table
