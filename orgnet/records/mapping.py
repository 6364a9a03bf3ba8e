"""From a file's columns to our fields: renamed, derived, constant, or of the same name."""

import difflib
import json
from collections.abc import Iterator
from typing import Any

import duckdb

from orgnet.config import Source
from orgnet.errors import InputFault
from orgnet.records.opened import Opened, first_line
from orgnet.records.sql import ROW, quoted, text
from orgnet.schema import Kind


def _near(name: str, names: list[str]) -> str | None:
    """The name that was probably meant."""
    by_lower = {known.lower(): known for known in names}
    near = difflib.get_close_matches(name.lower(), by_lower, 1)
    return by_lower[near[0]] if near else None


def _meant(name: str, names: list[str]) -> str:
    near = _near(name, names)
    return f"; did you mean {near!r}?" if near else ""


def unknown_fields(kind: Kind, source: Source) -> list[str]:
    """What a source says of fields that its kind does not have, one line each."""
    ours = [field.name for field in kind.fields]
    faults = []
    for place, names in (
        ("columns", [name for name in source.stated if name not in (*source.derive, *source.constants)]),
        ("derive", list(source.derive)),
        ("constants", list(source.constants)),
        ("values", list(source.values)),
    ):
        for name in dict.fromkeys(names):
            if name not in ours:
                hint = _meant(name, ours)
                known = "" if hint else f" (known: {', '.join(ours)})"
                faults.append(f"`{place}` names {name!r}, which is not a field of {kind.name.value}{known}{hint}")
    return faults


def _found(opened: Opened) -> str:
    return f"found: {', '.join(opened.columns)}" if opened.columns else "found none"


def _renamed(kind: Kind, source: Source, opened: Opened) -> tuple[dict[str, str], list[str]]:
    """What `columns` says, as our field to their column, and its faults."""
    ours = {field.name for field in kind.fields}
    mapping: dict[str, str] = {}
    faults = []
    for theirs, wanted in source.columns.items():
        names = [wanted] if isinstance(wanted, str) else wanted
        mapping |= {name: quoted(theirs) for name in names}
        if theirs in opened.columns:
            continue
        if theirs in ours and len(names) == 1 and names[0] in opened.columns:
            faults.append(f"`columns` says {{{theirs}: {names[0]}}}; expected theirs first: {{{names[0]}: {theirs}}}")
        else:
            faults.append(f"has no column {theirs!r} to map ({_found(opened)}){_meant(theirs, opened.columns)}")
    return mapping, faults


def _other_delimiter(opened: Opened) -> str | None:
    """The separator that a heading of one column seems to have, if it is not the one it was read with."""
    if len(opened.columns) != 1:
        return None
    return next((mark for mark in (";", "\t", "|", ",") if mark in opened.columns[0]), None)


def _missing(kind: Kind, source: Source, opened: Opened, mapping: dict[str, str]) -> Iterator[str]:
    """Required fields that nothing gives, but for those that a misspelt name already explains."""
    meant = " ".join(unknown_fields(kind, source))
    spare = [column for column in opened.columns if quoted(column) not in mapping.values()]
    for field in kind.fields:
        if field.required and field.name not in mapping and f"did you mean {field.name!r}" not in meant:
            near = _near(field.name, spare)
            is_it = f"if {near!r} is it, say so: " if near else "add it, or name the column that holds it: "
            yield (
                f"column {field.name!r} is missing ({_found(opened)}); {is_it}"
                f"`columns: {{{near or 'THEIRS'}: {field.name}}}`"
            )


def map_columns(kind: Kind, source: Source, opened: Opened) -> dict[str, str]:
    """Our field to an SQL expression over the file's columns. Raises InputFault with every fault of the mapping."""
    ours = [field.name for field in kind.fields]
    renamed, faults = _renamed(kind, source, opened)
    mapping = {name: quoted(name) for name in ours if name in opened.columns} | renamed
    mapping |= {name: f"({expression})" for name, expression in source.derive.items()}
    mapping |= {name: text(value) for name, value in source.constants.items()}
    mapping = {name: sql for name, sql in mapping.items() if name in ours}
    missing = list(_missing(kind, source, opened, mapping))
    delimiter = _other_delimiter(opened)
    if (missing or faults) and delimiter:
        raise InputFault(
            f"found one column, {opened.columns[0]!r}; if {delimiter!r} is what separates its columns, add "
            f"`delimiter: {'tab' if delimiter == chr(9) else repr(delimiter)}` to its source"
        )
    if faults or missing:
        raise InputFault([*faults, *missing])
    return mapping


def types_of(con: duckdb.DuckDBPyConnection, opened: Opened, mapping: dict[str, str]) -> dict[str, str]:
    """The types of the mapped expressions. Raises InputFault with every expression that does not fit the file."""
    types, faults = {}, []
    for name, sql in mapping.items():
        try:
            # The row's number beside it: an expression over many rows, such as a sum, is refused.
            described = con.execute(f"DESCRIBE SELECT {sql} AS {quoted(name)}, {ROW} FROM {opened.relation}").fetchall()
            types[name] = str(described[0][1])
        except duckdb.Error as error:
            faults.append(
                f"`derive` of {name!r} cannot be read: {first_line(error)} Expected a DuckDB expression over one "
                f"row's columns ({', '.join(opened.columns)})"
            )
    if faults:
        raise InputFault(faults)
    return types


def failing(con: duckdb.DuckDBPyConnection, opened: Opened, source: Source) -> list[str]:
    """The derived fields whose expression fails on some row. What it failed on is not told: it may name a person."""
    failed = []
    for name, expression in source.derive.items():
        try:
            con.execute(f"SELECT count(x) FROM (SELECT ({expression}) AS x FROM {opened.relation})").fetchall()
        except duckdb.Error as error:
            failed.append(
                f"`derive` of {name!r} fails on some rows ({type(error).__name__.removesuffix('Exception')} error); "
                "write it so that it gives NULL there, for example with try_cast instead of CAST"
            )
    return failed


def _references(node: Any) -> Iterator[str]:
    """Every column that a parsed expression speaks of."""
    if isinstance(node, dict):
        if node.get("class") == "COLUMN_REF":
            yield from node["column_names"]
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def columns_unused(
    con: duckdb.DuckDBPyConnection, source: Source, opened: Opened, mapping: dict[str, str]
) -> list[str]:
    """The file's columns that no field is made of."""
    used = set()
    for name, sql in mapping.items():
        if name in source.derive:
            parsed = con.execute("SELECT json_serialize_sql(?)", [f"SELECT {sql}"]).fetchall()[0][0]
            used |= {reference.lower() for reference in _references(json.loads(parsed))}
        elif name not in source.constants:
            used |= {column.lower() for column in opened.columns if quoted(column) == sql}
    return [column for column in opened.columns if column.lower() not in used]
