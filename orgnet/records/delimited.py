"""CSV and its kin, as a relation with numbered rows."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.csv

from orgnet.config import Source
from orgnet.errors import InputFault
from orgnet.records.opened import Malformed, Opened, check_names, check_text, number_rows, parse
from orgnet.records.sql import quoted


@dataclass(frozen=True)
class _Heading:
    """A file's column names, the line that they end on, and whether anything follows."""

    names: list[str]
    line: int
    alone: bool


def _heading(path: Path, source: Source, delimiter: str) -> _Heading:
    with path.open(encoding=source.encoding, newline="") as file:
        rows = csv.reader(file, delimiter=delimiter)
        blank = 0
        names: list[str] = []
        for names in rows:
            if any(name.strip("\ufeff \t") for name in names):
                break
            blank = rows.line_num
        alone = not any(line.strip() for line in file)
    if not any(name.strip("\ufeff \t") for name in names):
        raise InputFault("is empty: it holds blank lines only; expected column names and records")
    return _Heading(_named(names), blank + 1, alone)


def _delimiter(path: Path, source: Source) -> str:
    """What stands between values: as stated, a tab in a .tsv file, else what the column names have between them."""
    if source.delimiter:
        return source.delimiter
    if path.suffix.lower() == ".tsv":
        return "\t"
    with path.open(encoding=source.encoding, newline="") as file:
        names = next((line for line in file if line.strip("\ufeff \t\r\n")), "")
    return next((mark for mark in (",", ";", "\t") if mark in names), ",")


def _named(heading: list[str]) -> list[str]:
    """Column names without space around them; a column that has none is called by its place."""
    heading[0] = heading[0].removeprefix("\ufeff")
    names = [name.strip() or f"column {place}" for place, name in enumerate(heading, 1)]
    check_names(names)
    return names


def _rows(path: Path, source: Source, delimiter: str, heading: _Heading) -> tuple[pa.Table, list[Malformed]]:
    malformed: list[Malformed] = []
    if heading.alone:
        return pa.table({name: pa.nulls(0, pa.string()) for name in heading.names}), malformed

    def put_aside(row: pyarrow.csv.InvalidRow) -> str:
        # The number is only known when rows are read in order, and counts what was skipped above them.
        malformed.append(Malformed((row.number or 0) - heading.line, row.actual_columns, row.text))
        return "skip"

    rules: dict[str, Any] = {"delimiter": delimiter, "newlines_in_values": True}
    try:
        return parse(path, source.encoding, heading.names, rules, heading.line), []
    except pa.ArrowInvalid as error:
        if "columns, got" not in str(error):
            raise
    rules["invalid_row_handler"] = put_aside
    return parse(path, source.encoding, heading.names, rules, heading.line), malformed


def _open_quotation(path: Path, table: pa.Table, malformed: list[Malformed]) -> bool:
    """Whether the last row runs over several lines to the end of the file and no quotation mark ends it there."""
    total = table.num_rows + len(malformed)
    if malformed and malformed[-1].row == total:
        last = malformed[-1].line
        return "\n" in last and last.count('"') % 2 == 1
    last = table.column(table.num_columns - 1)[-1].as_py() if table.num_rows else ""
    if not ("\n" in last or "\r" in last):
        return False
    with path.open("rb") as file:
        file.seek(max(path.stat().st_size - 64, 0))
        end = file.read().rstrip(b"\r\n\0 ")  # without the zeros of UTF-16
    return not end.endswith(b'"')


def _leave_out_blank(con: duckdb.DuckDBPyConnection, whole: str, relation: str, names: list[str]) -> int:
    """The rows of a relation in which anything stands; how many were left out. Spreadsheets write cleared rows as such."""
    first, *others = (f"trim({quoted(name)}) = ''" for name in names)
    blank = " AND ".join([first, *others])
    # One column says of nearly every row that it is not blank.
    n = con.execute(f"SELECT count(*) FROM (SELECT * FROM {whole} WHERE {first}) WHERE {blank}").fetchall()[0][0]
    con.execute(f"CREATE VIEW {relation} AS FROM {whole}" + (f" WHERE NOT ({blank})" if n else ""))
    return int(n)


def open_csv(con: duckdb.DuckDBPyConnection, path: Path, source: Source, relation: str) -> Opened:
    """Open a CSV file, every value as text.

    Raises InputFault if it is not text in its encoding, has no column names or the same twice, or never closes a
    quotation mark.
    """
    check_text(path, source.encoding)
    try:
        delimiter = _delimiter(path, source)
        heading = _heading(path, source, delimiter)
        table, malformed = _rows(path, source, delimiter, heading)
    except (csv.Error, pa.ArrowException) as error:
        raise InputFault(f"cannot be read as CSV: {error}") from None
    if _open_quotation(path, table, malformed):
        raise InputFault(
            f"a quotation mark opens in row {table.num_rows + len(malformed)} and is never closed, so that all that "
            "follows would be one value; close it, or double it if it is part of the value"
        )
    number_rows(con, table, f"{relation}_whole", malformed)
    blank = _leave_out_blank(con, f"{relation}_whole", relation, heading.names)
    because = (
        f"found {{found}} values where there are {len(heading.names)} columns: a separator too many or too few, or a "
        "missing quotation mark"
    )
    return Opened(relation, heading.names, table.num_rows - blank + len(malformed), malformed, because)
