"""An answer as a file: CSV, JSON or Parquet, there whole or not at all, and never in the place of a published one."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from orgnet.answers import show
from orgnet.errors import InputFault, check_word
from orgnet.folders import CURRENT, MANIFEST, RESTRICTED, read_manifest
from orgnet.query import ask, ask_for_arrow

if TYPE_CHECKING:
    import pyarrow as pa

FILE_FORMATS = ("csv", "json", "parquet")


def format_of(out: Path | None, format: str | None) -> str:
    """The format asked for: the one given, else the one that the file's name ends in, else a table to read.

    Raises InputFault if the two are not the same, or if the one asked for does not go where it is to go.
    """
    if out is None:
        if format == "parquet":
            raise InputFault(
                "--format: found parquet without --out, expected --out FILE.parquet: it is not for reading"
            )
        return format or "table"
    ending = out.suffix.removeprefix(".").lower()
    if format is None and ending not in FILE_FORMATS:
        raise InputFault(f"--out: found {out.name}, expected a name that ends in .csv, .json or .parquet, or --format")
    chosen = format or ending
    if chosen not in FILE_FORMATS:
        raise InputFault(f"--format: found {chosen} with --out, expected {', '.join(FILE_FORMATS)}")
    if ending in FILE_FORMATS and ending != chosen:
        raise InputFault(f"--out: found {out.name} with --format {chosen}, expected a name that ends in .{chosen}")
    return chosen


def check_place(out: Path, replace: bool) -> None:
    """Raises InputFault if the file would lie among published results, or take the place of another."""
    from orgnet.exports.written import check

    for folder in out.resolve().parents:
        if (folder / MANIFEST).exists() or (folder / CURRENT / MANIFEST).exists():
            raise InputFault(f"--out: {out} lies in {folder.name}, where results are published; name another place")
    check(out, folder=False, replace=replace)


def write_answer(sql: str, folder: Path | Sequence[Path], out: Path, format: str, replace: bool) -> str:
    """Ask, and write the answer to a file; return what to say of it.

    Raises InputFault if the question is at fault, or the place; StoreFault if the file cannot be written.
    """
    from orgnet.exports.written import put

    check_place(out, replace)
    if format == "parquet":
        rows, told = _described(sql, folder, ask_for_arrow(sql, folder))
        put({"": _parquet(rows)}, out, folder=False, replace=replace)
        return _told(out, rows.num_rows, rows.num_columns) + told + _not_to_share(sql, folder)
    answer, text = ask(sql, folder), io.StringIO()
    show(answer, format, text)
    put({"": text.getvalue()}, out, folder=False, replace=replace)
    return _told(out, len(answer.rows), len(answer.columns)) + _not_to_share(sql, folder)


def _told(out: Path, rows: int, columns: int) -> str:
    return f"{out}: {rows:,} row{'' if rows == 1 else 's'}, {columns:,} column{'' if columns == 1 else 's'}"


def _not_to_share(sql: str, folder: Path | Sequence[Path]) -> str:
    """What to say of an answer from tables that may hold person-level data."""
    runs = [folder] if isinstance(folder, Path) else folder
    tables = {path.stem for run in runs for path in (run / RESTRICTED).glob("*.parquet")}
    used = sorted(table for table in tables if table in sql.lower())
    return f"; from {', '.join(used)}, which is restricted: do not share" if used else ""


def _described(sql: str, folder: Path | Sequence[Path], rows: "pa.Table") -> tuple["pa.Table", str]:
    """The rows with each column's unit and meaning, as far as it comes straight from a table, the runs and the SQL."""
    import pyarrow as pa

    from orgnet.origins import origins

    known = origins(sql, rows.column_names)
    rows = _whole_numbers(rows)
    fields = [field.with_metadata(known[field.name]) if field.name in known else field for field in rows.schema]
    runs = [folder] if isinstance(folder, Path) else folder
    digests = dict.fromkeys(str(read_manifest(run).get("content_id") or run.resolve().name) for run in runs)
    told = {"orgnet.sql": sql, "orgnet.run": " ".join(digests)}
    others = [name for name in rows.column_names if name not in known]
    hint = f"; without unit and meaning, as the question makes them: {', '.join(others)}" if others else ""
    return rows.cast(pa.schema(fields, metadata=told)), hint


def _whole_numbers(rows: "pa.Table") -> "pa.Table":
    """Sums of counts as 64-bit numbers, where they fit: the database gives them 128 bits."""
    import pyarrow as pa

    for at, field in enumerate(rows.schema):
        if pa.types.is_decimal(field.type) and field.type.scale == 0:
            try:
                rows = rows.set_column(at, field.name, rows.column(at).cast(pa.int64()))
            except pa.ArrowInvalid:
                continue
    return rows


def _parquet(rows: "pa.Table") -> bytes:
    import pyarrow as pa

    from orgnet.exports.written import as_parquet

    try:
        return as_parquet(rows)
    except pa.ArrowException as error:
        raise InputFault(f"Parquet cannot hold a column of the answer ({error}); cast it in the question") from None


def check_format(format: str | None) -> None:
    """Raises InputFault if there is no such format."""
    if format is not None:
        check_word("--format", format, ("table", *FILE_FORMATS))
