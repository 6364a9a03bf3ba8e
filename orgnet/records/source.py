"""Opening one file of records as a DuckDB relation: CSV, Parquet or JSON Lines, every row numbered.

What is said here about a file does not name it: whoever opens it knows by which name the user does.
"""

import difflib
import glob
from pathlib import Path

import duckdb

from orgnet.config import Source
from orgnet.errors import InputFault
from orgnet.records.delimited import open_csv
from orgnet.records.jsonlines import open_jsonl
from orgnet.records.opened import Opened, first_line
from orgnet.records.sql import ROW
from orgnet.records.sql import quoted as quoted
from orgnet.records.sql import text as text

_FORMATS = {".csv": "csv", ".tsv": "csv", ".txt": "csv", ".parquet": "parquet", ".pq": "parquet"}
_FORMATS |= {".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "jsonl"}


def files_of(source: Source, folder: Path) -> list[str]:
    """The files that a source names, as seen from the configuration's folder, sorted.

    Raises InputFault if there are none.
    """
    if (folder / source.path).is_file():
        return [source.path]
    # Not Path.glob, which takes neither an absolute pattern nor one that leads out of the folder.
    found = glob.glob(source.path, root_dir=folder, recursive=True)  # noqa: PTH207
    files = sorted(Path(match).as_posix() for match in found if (folder / match).is_file())
    if not files:
        raise InputFault(_nothing_there(source, folder))
    return files


def _nothing_there(source: Source, folder: Path) -> str:
    path = folder / source.path
    if path.is_dir():
        return f"{source.path}: is a folder; name the files in it, such as {source.path.rstrip('/')}/*.csv"
    here = [file.name for file in path.parent.glob("*")] if path.parent.is_dir() else []
    near = difflib.get_close_matches(path.name, here, 1)
    turned = (folder / source.path.replace("\\", "/")) if "\\" in source.path else path
    if turned != path and turned.is_file():
        return f"{source.path}: no such file; write folders with /, as in {source.path.replace(chr(92), '/')}"
    hint = f"; did you mean {Path(source.path).with_name(near[0]).as_posix()}?" if near else ""
    what = "no file fits this pattern" if glob.has_magic(source.path) else "no such file"
    return f"{source.path}: {what} (looked in {path.parent}){hint}"


def format_of(source: Source, path: Path) -> str:
    """How a file is written. Raises InputFault if neither the source nor the file's ending says so."""
    kind = source.format or _FORMATS.get(path.suffix.lower())
    if kind is None:
        raise InputFault(
            f"cannot tell the format by the ending {path.suffix!r}, expected .csv, .tsv, .txt, .parquet or .jsonl; "
            "save it as one of these, or say which it is, as in `format: csv`"
        )
    return kind


def _open_parquet(con: duckdb.DuckDBPyConnection, path: Path, relation: str) -> Opened:
    file = text(glob.escape(str(path)))
    try:
        rows = con.execute(f"SELECT num_rows FROM parquet_file_metadata({file})").fetchall()[0][0]
        con.execute(
            f"CREATE VIEW {relation} AS SELECT * EXCLUDE (file_row_number), file_row_number + 1 AS {ROW} "
            f"FROM read_parquet({file}, file_row_number = true, hive_partitioning = false)"
        )
    except duckdb.Error as error:
        raise InputFault(f"cannot be read as Parquet; was it cut short? ({first_line(error)})") from None
    columns = [name for name, *_ in con.execute(f"DESCRIBE {relation}").fetchall() if name != ROW]
    return Opened(relation, columns, rows)


def open_file(con: duckdb.DuckDBPyConnection, path: Path, source: Source, relation: str) -> Opened:
    """Open one file as a relation with a row number.

    Raises InputFault if the file is unreadable, empty, in another encoding, or not in its format.
    """
    kind = format_of(source, path)
    try:
        if path.stat().st_size == 0:
            raise InputFault("is empty: it has no bytes; expected column names and records")
        if kind == "parquet":
            return _open_parquet(con, path, relation)
        if kind == "jsonl":
            return open_jsonl(con, path, source, relation)
        return open_csv(con, path, source, relation)
    except OSError as error:
        raise InputFault(f"cannot be read: {error.strerror or error}") from None
