"""What an open file is, and what the text formats share: decoding, numbering rows, and lines that are no rows."""

import codecs
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.csv

from orgnet.errors import InputFault
from orgnet.records.sql import ROW

_BLOCK = 1 << 24


@dataclass(frozen=True)
class Malformed:
    """A line that could not be read as a row: its number, how many values it holds, and the line itself."""

    row: int
    values: int
    line: str


@dataclass
class Opened:
    """One open file: its relation in DuckDB, its columns, its number of rows, and the lines that are no rows.

    Rows are numbered as a reader counts them, the first below the column names being 1. Blank lines are not counted
    in CSV, where a value may run over several lines; in JSON Lines a row's number is its line's number.
    """

    relation: str
    columns: list[str]
    rows: int
    malformed: list[Malformed] = field(default_factory=list)
    malformed_because: str = ""


def first_line(error: Exception) -> str:
    """The first line of what another library says, without its heading."""
    line = (str(error).splitlines() or [""])[0]
    return line.split(": ", 1)[-1]


def check_names(names: list[str]) -> None:
    """Raises InputFault if two columns bear one name (SQL takes A and a for the same), or one a name of ours."""
    lowered = [name.lower() for name in names]
    twice = [str(place) for place, name in enumerate(lowered, 1) if lowered.count(name) > 1]
    if twice:  # not by name: without a heading it would be a value
        raise InputFault(f"columns {' and '.join(twice)} have the same name; rename all but one")
    if ROW in lowered:
        raise InputFault(f"found a column {ROW!r}, a name that orgnet keeps for itself; rename it")


_MARKS = {
    b"PK\x03\x04": "is a spreadsheet or a zip archive, not text; save the sheet as CSV (UTF-8)",
    b"\x1f\x8b": "is compressed (gzip), not text; unpack it first",
    b"PAR1": "is a Parquet file, not text; say so with `format: parquet`",
}


def _not_text(start: bytes, encoding: str, line: int) -> str:
    for mark, said in _MARKS.items():
        if start.startswith(mark):
            return said
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in start:
        guess = "`encoding: utf-16` to its source"
    elif codecs.lookup(encoding).name == "utf-8":
        guess = "`encoding: cp1252` to its source (files saved by a spreadsheet on Windows often are)"
    else:
        guess = "the encoding it has to its source, as in `encoding: utf-8`"
    return f"is not {encoding} text (line {line} cannot be read as such); save it as UTF-8, or add {guess}"


def check_text(path: Path, encoding: str) -> None:
    """Raises InputFault if a file's bytes are not text in this encoding, with the line and a guess at what they are."""
    decoder = codecs.getincrementaldecoder(encoding)()
    line, start = 1, b""
    with path.open("rb") as file:
        while True:
            block = file.read(_BLOCK)
            start = start or block[:64]
            try:
                decoder.decode(block, final=not block)
            except UnicodeError as error:
                line += block[: getattr(error, "start", 0)].count(b"\n")
                raise InputFault(_not_text(start, encoding, line)) from None
            if not block:
                break
            line += block.count(b"\n")
    if codecs.lookup(encoding).name in ("utf-8", "ascii") and b"\0" in start:
        raise InputFault(_not_text(start, encoding, 1))


def parse(path: Path, encoding: str, names: list[str], rules: dict[str, Any], skip: int = 0) -> pa.Table:
    """Read a text file into columns of text; a row too long for a block is read again in one piece."""
    text_columns = pyarrow.csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False)
    for block in (_BLOCK, min(4 * path.stat().st_size + _BLOCK, 2**31 - 1)):
        reading = pyarrow.csv.ReadOptions(
            # Only names that Arrow knows for UTF-8 keep Python out of the decoding.
            encoding="utf8" if codecs.lookup(encoding).name == "utf-8" else encoding,
            column_names=names,
            skip_rows=max(skip - 1, 0),
            skip_rows_after_names=min(skip, 1),
            use_threads="invalid_row_handler" not in rules,
            block_size=block,
        )
        try:
            return pyarrow.csv.read_csv(path, reading, pyarrow.csv.ParseOptions(**rules), text_columns)
        except pa.ArrowInvalid as error:
            if "straddling" not in str(error) or block > _BLOCK:
                raise
    raise AssertionError("one of the two blocks returns or raises")


def number_rows(con: duckdb.DuckDBPyConnection, table: pa.Table, relation: str, malformed: list[Malformed]) -> None:
    """Register a table whose rows bear the numbers that the malformed ones leave free."""
    total = table.num_rows + len(malformed)
    taken = np.array([line.row for line in malformed], dtype=np.int64)
    numbers = np.setdiff1d(np.arange(1, total + 1, dtype=np.int64), taken, assume_unique=True)
    # Not pa.array: it imports pandas, which takes longer than reading a small network.
    column = pa.Array.from_buffers(pa.int64(), len(numbers), [None, pa.py_buffer(numbers)])
    con.register(relation, table.append_column(ROW, column))
