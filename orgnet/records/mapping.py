"""From a file's columns to our fields: renamed, derived, constant, or of the same name."""

import difflib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import duckdb

from orgnet.config import Source
from orgnet.errors import InputFault, nearest
from orgnet.records.opened import Opened, first_line
from orgnet.records.sql import ROW, quoted, text
from orgnet.schema import Kind


def _strangers(kind: Kind, source: Source) -> Iterator[tuple[str, str]]:
    """The names under `columns`, `derive`, `constants` and `values` that are not fields of the kind."""
    ours = {field.name for field in kind.fields}
    renamed = [name for name in source.stated if name not in (*source.derive, *source.constants)]
    places = {"columns": renamed, "derive": source.derive, "constants": source.constants, "values": source.values}
    for place, names in places.items():
        yield from ((place, name) for name in dict.fromkeys(names) if name not in ours)


def _back_to_front(kind: Kind, source: Source) -> dict[str, str]:
    """What `columns` says the wrong way round: our field to their column."""
    ours = {field.name for field in kind.fields}
    return {
        theirs: wanted
        for theirs, wanted in source.columns.items()
        if isinstance(wanted, str) and theirs in ours and wanted not in ours
    }


def unknown_fields(kind: Kind, source: Source) -> list[str]:
    """What a source says of fields that its kind does not have, one line each."""
    ours = [field.name for field in kind.fields]
    turned = _back_to_front(kind, source)
    lines = [f"`columns` says {{{a}: {b}}}; expected their name first: {{{b}: {a}}}" for a, b in turned.items()]
    return lines + [
        f"`{place}` names {name!r}, which is not a field of {kind.name.value}{nearest(name, ours)}"
        for place, name in _strangers(kind, source)
        if name not in turned.values()
    ]


def unknown_words(source: Source, words: Mapping[str, Sequence[str]]) -> list[str]:
    """The words under `values` that a field does not take, one line each; `words` are those it takes, by field."""
    return [
        f"`values` turns a word of {name} into {ours!r}, which is not one of its own{nearest(ours, words[name])}"
        for name, each in source.values.items()
        if words.get(name)
        for ours in dict.fromkeys(each.values())
        if ours.strip() and ours.strip().lower() not in {word.lower() for word in words[name]}
    ]


def _renamed(kind: Kind, source: Source, opened: Opened) -> tuple[dict[str, str], list[str]]:
    """What `columns` says, as our field to their column, and the columns that the file does not have."""
    mapping: dict[str, str] = {}
    faults = []
    turned = _back_to_front(kind, source)
    for theirs, wanted in source.columns.items():
        mapping |= {name: quoted(theirs) for name in ([wanted] if isinstance(wanted, str) else wanted)}
        if theirs not in opened.columns and theirs not in turned:
            faults.append(f"has no column {theirs!r}, which `columns` names{nearest(theirs, opened.columns)}")
    return mapping, faults


def _missing(kind: Kind, source: Source, opened: Opened, mapping: dict[str, str]) -> Iterator[str]:
    """Required fields that nothing gives, but for those that a misspelt name already explains."""
    ours = [field.name for field in kind.fields]
    meant = {name for _, stranger in _strangers(kind, source) for name in difflib.get_close_matches(stranger, ours)}
    meant |= set(_back_to_front(kind, source))
    spare = {column.lower(): column for column in opened.columns if quoted(column) not in mapping.values()}
    for field in kind.fields:
        if field.required and field.name not in mapping and field.name not in meant:
            near = difflib.get_close_matches(field.name, spare, 1)
            is_it = f"if {spare[near[0]]!r} is it, say so: " if near else "add it, or name the column that holds it: "
            yield (
                f"column {field.name!r} is missing (found: {', '.join(opened.columns)}); {is_it}"
                f"`columns: {{{spare[near[0]] if near else 'THEIRS'}: {field.name}}}`"
            )


def _is_heading(kind: Kind, source: Source, opened: Opened) -> bool:
    """Whether the column names have anything to do with the kind or the source; if not, they may be a row."""
    names = {field.name for field in kind.fields} | {name.lower() for name in source.columns}
    return any(
        difflib.get_close_matches(column.lower(), names, 1)
        or any(column.lower() in expression.lower() for expression in source.derive.values())
        for column in opened.columns
    )


def _other_delimiter(opened: Opened) -> str | None:
    """The separator that a heading of one column seems to have, if it is not the one it was read with."""
    marks = (mark for mark in (";", "\t", "|", ",") if mark in opened.columns[0])
    return next(marks, None) if len(opened.columns) == 1 else None


def _unusable(kind: Kind, source: Source, opened: Opened) -> str | None:
    """What to say if no column name says anything to us; not the names, for they may be somebody's record."""
    mark = _other_delimiter(opened)
    if mark:
        name = "tab" if mark == "\t" else repr(mark)
        return f"found one column only; if {name} is what separates its columns, add `delimiter: {name}` to its source"
    if _is_heading(kind, source, opened):
        return None
    needed = [field.name for field in kind.fields if field.required]
    return (
        f"none of its column names is known; expected a first line of names, with {', '.join(needed)} among them, or "
        f"`columns` to say which is which, as in `columns: {{THEIRS: {needed[0]}}}`"
    )


def map_columns(kind: Kind, source: Source, opened: Opened) -> dict[str, str]:
    """Our field to an SQL expression over the file's columns. Raises InputFault with every fault of the mapping."""
    ours = [field.name for field in kind.fields]
    renamed, faults = _renamed(kind, source, opened)
    mapping = {name: quoted(name) for name in ours if name in opened.columns} | renamed
    mapping |= {name: f"({expression})" for name, expression in source.derive.items()}
    mapping |= {name: text(value) for name, value in source.constants.items()}
    mapping = {name: sql for name, sql in mapping.items() if name in ours}
    faults += _missing(kind, source, opened, mapping)
    if faults:
        raise InputFault(_unusable(kind, source, opened) or faults)
    return mapping


def _describe(con: duckdb.DuckDBPyConnection, opened: Opened, mapping: dict[str, str]) -> dict[str, str]:
    columns = "".join(f"{sql} AS {quoted(name)}, " for name, sql in mapping.items())
    # The row's number beside them: an expression over many rows, such as a sum, is refused.
    described = con.execute(f"DESCRIBE SELECT {columns}{ROW} FROM {opened.relation}").fetchall()
    if len(described) != len(mapping) + 1:
        raise duckdb.BinderException("it is more than one expression")
    return {name: str(kind) for name, kind, *_ in described if name in mapping}


def types_of(con: duckdb.DuckDBPyConnection, opened: Opened, mapping: dict[str, str]) -> dict[str, str]:
    """The types of the mapped expressions. Raises InputFault with every expression that does not fit the file."""
    with suppress(duckdb.Error):
        return _describe(con, opened, mapping)
    faults = []
    for name, sql in mapping.items():
        try:
            _describe(con, opened, {name: sql})
        except duckdb.Error as error:
            faults.append(
                f"`derive` of {name!r} cannot be read: {first_line(error).rstrip('.!')}. Expected a DuckDB expression "
                "over the columns of one row"
            )
    raise InputFault(faults or "the expressions under `derive` cannot be read together")


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
