"""Opening one file of records as a DuckDB relation: CSV, Parquet or JSON Lines, every row numbered."""

import csv
import glob
import hashlib
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from orgnet.config import Source
from orgnet.errors import InputFault

ROW = "__row"
_FORMATS = {".csv": "csv", ".tsv": "csv", ".txt": "csv", ".parquet": "parquet", ".pq": "parquet"}
_FORMATS |= {".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl"}


@dataclass
class Opened:
    """One open file: its relation in DuckDB, its columns, and the lines that could not be read as rows."""

    name: str
    relation: str
    columns: list[str]
    rows: int
    malformed: list[tuple[int, str]] = field(default_factory=list)


def quoted(name: str) -> str:
    """A name as SQL wants it."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """A text as SQL wants it."""
    return "'" + value.replace("'", "''") + "'"


def files_of(source: Source, folder: Path) -> list[Path]:
    """The files that a source names, sorted. Raises InputFault if there are none."""
    pattern = str(folder / source.path)
    found = sorted(Path(match) for match in glob.glob(pattern, recursive=True))
    if not found:
        raise InputFault(f"{source.path}: no such file (looked for {pattern})")
    return found


def format_of(source: Source, path: Path) -> str:
    """How a file is written. Raises InputFault if neither the source nor the file's ending says so."""
    kind = source.format or _FORMATS.get(path.suffix.lower())
    if kind is None:
        raise InputFault(f"{path.name}: cannot tell its format by its ending; add `format: csv` (or parquet, jsonl)")
    return kind


def digest_of(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _heading(path: Path, source: Source) -> list[str]:
    encoding = "utf-8-sig" if source.encoding.lower().replace("_", "-") == "utf-8" else source.encoding
    with path.open(encoding=encoding, newline="") as file:
        heading = next(csv.reader(file, delimiter=source.delimiter), [])
    if not heading:
        raise InputFault(f"{path.name}: is empty; expected a line of column names, then one row per record")
    twice = sorted({name for name in heading if heading.count(name) > 1})
    if twice:
        raise InputFault(f"{path.name}: column {', '.join(map(repr, twice))} is there twice; rename one of them")
    return heading


def _parse_csv(
    path: Path, source: Source, heading: list[str], threads: bool
) -> tuple[pa.Table, list[tuple[int, str]]]:
    malformed: list[tuple[int, str]] = []

    def put_aside(row: pyarrow.csv.InvalidRow) -> str:
        malformed.append((row.number or 0, row.text))
        return "skip"

    table = pyarrow.csv.read_csv(
        path,
        pyarrow.csv.ReadOptions(
            encoding=source.encoding, column_names=heading, skip_rows=1, use_threads=threads
        ),
        pyarrow.csv.ParseOptions(
            delimiter=source.delimiter, newlines_in_values=True, invalid_row_handler=put_aside
        ),
        pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(heading, pa.string()), strings_can_be_null=False, check_utf8=True
        ),
    )
    return table, malformed


def _open_csv(con: duckdb.DuckDBPyConnection, path: Path, source: Source, relation: str) -> Opened:
    try:
        heading = _heading(path, source)
        table, malformed = _parse_csv(path, source, heading, threads=True)
        if malformed:  # row numbers are only known when read in order
            table, malformed = _parse_csv(path, source, heading, threads=False)
            malformed = [(number - 1, line) for number, line in malformed]
    except (UnicodeDecodeError, pa.ArrowInvalid) as error:
        if isinstance(error, UnicodeDecodeError) or "UTF8" in str(error):
            raise InputFault(
                f"{path.name}: is not {source.encoding} text; if it was saved from a spreadsheet on Windows, add "
                "`encoding: cp1252` to its source (or latin-1), or save it as UTF-8"
            ) from None
        if "Empty CSV" in str(error):
            table, malformed = pa.table({name: pa.array([], pa.string()) for name in heading}), []
        else:
            raise InputFault(f"{path.name}: cannot be read as CSV: {error}") from None
    except LookupError:
        raise InputFault(f"{path.name}: found encoding {source.encoding!r}, which Python does not know") from None
    total = table.num_rows + len(malformed)
    numbers = np.setdiff1d(np.arange(1, total + 1), np.array([n for n, _ in malformed], dtype=np.int64))
    con.register(relation, table.append_column(ROW, pa.array(numbers)))
    return Opened(path.name, relation, heading, total, malformed)


def _open_parquet(con: duckdb.DuckDBPyConnection, path: Path, relation: str) -> Opened:
    try:
        metadata = pq.read_metadata(path)
    except (pa.ArrowException, OSError) as error:
        detail = str(error).split("\n")[0]
        raise InputFault(f"{path.name}: cannot be read as Parquet; was it cut short? ({detail})") from None
    con.execute(
        f"CREATE VIEW {relation} AS SELECT * EXCLUDE (file_row_number), file_row_number + 1 AS {ROW} "
        f"FROM read_parquet({text(str(path))}, file_row_number = true)"
    )
    columns = [name for name, *_ in con.execute(f"DESCRIBE {relation}").fetchall() if name != ROW]
    return Opened(path.name, relation, columns, metadata.num_rows)


def _open_jsonl(con: duckdb.DuckDBPyConnection, path: Path, source: Source, relation: str) -> Opened:
    try:
        lines = path.read_text(encoding=source.encoding).removeprefix("\ufeff").splitlines()
    except (UnicodeDecodeError, LookupError) as error:
        raise InputFault(f"{path.name}: is not {source.encoding} text: {error}") from None
    rows = [(number, line) for number, line in enumerate(lines, 1) if line.strip()]
    con.register(
        f"{relation}_lines",
        pa.table(
            {
                ROW: pa.array([number for number, _ in rows], pa.int64()),
                "line": pa.array([line for _, line in rows], pa.string()),
            }
        ),
    )
    is_object = "json_valid(line) AND json_type(line) = 'OBJECT'"
    malformed = con.execute(f"SELECT {ROW}, line FROM {relation}_lines WHERE NOT ({is_object})").fetchall()
    columns = [
        name
        for (name,) in con.execute(
            f"SELECT DISTINCT unnest(json_keys(line)) AS name FROM {relation}_lines WHERE {is_object} ORDER BY name"
        ).fetchall()
    ]
    fields = [f"line ->> {text('$.' + quoted(name))} AS {quoted(name)}" for name in columns]
    con.execute(
        f"CREATE TABLE {relation} AS SELECT {', '.join([*fields, ROW])} FROM {relation}_lines WHERE {is_object}"
    )
    return Opened(path.name, relation, columns, len(rows), malformed)


def open_file(con: duckdb.DuckDBPyConnection, path: Path, source: Source, relation: str) -> Opened:
    """Open one file as a relation with a row number.

    Raises InputFault if the file is unreadable, empty, in another encoding, or not in its format.
    """
    kind = format_of(source, path)
    try:
        if kind == "parquet":
            return _open_parquet(con, path, relation)
        if path.stat().st_size == 0:
            raise InputFault(f"{path.name}: is empty; expected a line of column names, then one row per record")
        return (
            _open_csv(con, path, source, relation)
            if kind == "csv"
            else _open_jsonl(con, path, source, relation)
        )
    except OSError as error:
        raise InputFault(f"{path.name}: cannot be read: {error.strerror or error}") from None
