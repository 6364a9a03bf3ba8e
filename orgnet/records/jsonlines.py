"""JSON Lines: one object per line, as a relation with numbered rows."""

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.csv

from orgnet.config import Source
from orgnet.errors import InputFault
from orgnet.records.opened import Malformed, Opened, check_names, check_text, number_rows, parse
from orgnet.records.sql import ROW, quoted, text

# Read as CSV of one column: no JSON text holds this character as it is.
_LINES = {"delimiter": "\x1f", "quote_char": False, "double_quote": False, "ignore_empty_lines": False}
_OBJECT = "CASE WHEN json_valid(line) THEN json_type(line) = 'OBJECT' ELSE false END"
_FULL = "trim(line, ' ' || chr(9) || chr(13)) <> ''"


def _lines(con: duckdb.DuckDBPyConnection, path: Path, source: Source, relation: str) -> list[Malformed]:
    malformed: list[Malformed] = []

    def put_aside(row: pyarrow.csv.InvalidRow) -> str:
        malformed.append(Malformed(row.number or 0, 0, row.text))
        return "skip"

    try:
        table = parse(path, source.encoding, ["line"], {**_LINES, "invalid_row_handler": put_aside})
    except pa.ArrowException as error:
        raise InputFault(f"cannot be read as JSON Lines: {error}") from None
    number_rows(con, table, f"{relation}_lines", malformed)
    return malformed


def _refuse_an_array(con: duckdb.DuckDBPyConnection, lines: str) -> None:
    first = con.execute(f"SELECT line FROM {lines} WHERE {_FULL} ORDER BY {ROW} LIMIT 1").fetchall()
    if not first:
        raise InputFault("is empty: it holds blank lines only; expected one JSON object per line")
    if first[0][0].lstrip().startswith("["):
        raise InputFault(
            "found a JSON array, expected JSON Lines: one object per line, with no brackets around them and no comma "
            "between them"
        )


def _pointer(name: str) -> str:
    return "/" + name.replace("~", "~0").replace("/", "~1")


def open_jsonl(con: duckdb.DuckDBPyConnection, path: Path, source: Source, relation: str) -> Opened:
    """Open a file of JSON Lines, every value as text; a line that is no object is no row.

    Raises InputFault if it is not text in its encoding, or is one array rather than lines of objects.
    """
    check_text(path, source.encoding)
    malformed = _lines(con, path, source, relation)
    lines = f"{relation}_lines"
    _refuse_an_array(con, lines)
    con.execute(f"CREATE VIEW {relation}_objects AS SELECT * FROM {lines} WHERE {_OBJECT}")
    bad = con.execute(f"SELECT {ROW}, line FROM {lines} WHERE {_FULL} AND NOT ({_OBJECT})").fetchall()
    malformed += [Malformed(row, 0, line) for row, line in bad]
    columns = [
        name
        for (name,) in con.execute(
            f"SELECT DISTINCT unnest(json_keys(line)) AS name FROM {relation}_objects ORDER BY name"
        ).fetchall()
        if name
    ]
    check_names(columns)
    paths = ", ".join(text(_pointer(name)) for name in columns)
    fields = "".join(f"found[{place}] AS {quoted(name)}, " for place, name in enumerate(columns, 1))
    con.execute(
        f"CREATE TABLE {relation} AS SELECT {fields}{ROW} FROM "
        f"(SELECT {ROW}, json_extract_string(line, [{paths}]::VARCHAR[]) AS found FROM {relation}_objects)"
    )
    rows = con.execute(f"SELECT count(*) FROM {relation}").fetchall()[0][0] + len(malformed)
    return Opened(relation, columns, rows, malformed, "the line is not a JSON object")
