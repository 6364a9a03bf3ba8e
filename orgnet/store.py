"""The only reader and writer of Parquet: tables as declared, snapshots whole or absent."""

import contextlib
import fcntl
import hashlib
import io
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from orgnet.errors import InputFault, StoreFault, nearest
from orgnet.schema import TABLES
from orgnet.windows import Calendar

RUNS = "runs"
CURRENT = "current"
MANIFEST = "manifest.json"
RESTRICTED = "restricted"
_UNFINISHED = ".unfinished-"
_AT_ONCE = 2
"""Tables digested or written at once: one is much larger than the others together, so more would gain nothing."""


@dataclass(frozen=True)
class Words:
    """A column of words as numbers into a list of names; -1 is empty."""

    codes: NDArray[np.integer[Any]]
    names: list[str]


def _dictionary(values: Any) -> pa.Array:
    """Words as a dictionary column whose dictionary does not depend on the order of the rows."""
    if isinstance(values, Words):
        names = sorted(set(values.names))
        codes = values.codes.astype(np.int32, copy=False)
        empty = codes < 0
        if names != values.names:
            number = {name: at for at, name in enumerate(names)}
            place = np.array([number[name] for name in values.names] or [0], dtype=np.int32)
            codes = place[np.maximum(codes, 0) if empty.any() else codes]
        indices = pa.array(codes, mask=empty if empty.any() else None)
        return pa.DictionaryArray.from_arrays(indices, pa.array(names, pa.string()))
    plain = values if isinstance(values, pa.Array | pa.ChunkedArray) else pa.array(values, pa.string())
    if isinstance(plain, pa.ChunkedArray):
        plain = plain.combine_chunks()
    if pa.types.is_dictionary(plain.type):
        plain = plain.dictionary_decode()
    names = sorted(set(plain.unique().to_pylist()) - {None})
    indices = pc.index_in(plain, pa.array(names, pa.string()))
    return pa.DictionaryArray.from_arrays(indices.cast(pa.int32()), pa.array(names, pa.string()))


def _column(values: Any, wanted: pa.DataType) -> pa.Array:
    if pa.types.is_dictionary(wanted):
        return _dictionary(values)
    if isinstance(values, pa.Array):
        return values.cast(wanted)
    if isinstance(values, np.ndarray) and pa.types.is_date32(wanted) and values.dtype.kind == "i":
        return pa.array(values.astype(np.int32, copy=False)).cast(wanted)
    if isinstance(values, np.ndarray) and pa.types.is_floating(wanted):
        return pa.array(values, wanted, from_pandas=True)
    if isinstance(values, np.ndarray) and values.dtype.kind in "iub":
        return pa.array(values).cast(wanted)
    return pa.array(list(values) if isinstance(values, np.ndarray) else values, wanted)


def table(name: str, columns: Mapping[str, Any], calendar: Calendar | None = None) -> pa.Table:
    """A published table from its columns, with types, units and meanings as declared.

    With a calendar, `slice` holds slice numbers, and the slice's label and dates are filled in.
    Raises KeyError if a declared column is missing.
    """
    schema = TABLES[name].schema
    columns = dict(columns)
    if calendar is not None:
        number = np.asarray(columns["slice"], dtype=None if len(columns["slice"]) else np.int64)
        columns["slice"] = Words(number, [s.label for s in calendar.slices])
        columns["slice_start"] = calendar.starts.astype(np.int32)[number]
        columns["slice_end"] = calendar.ends.astype(np.int32)[number]
        columns["window_start"] = calendar.window_starts.astype(np.int32)[number]
    arrays = [_column(columns[field.name], field.type) for field in schema]
    return pa.Table.from_arrays(arrays, schema=schema)


def columns_of(name: str) -> tuple[str, ...]:
    """The names of a table's columns, in order."""
    return TABLES[name].column_names


def sorted_by_key(name: str, rows: pa.Table) -> pa.Table:
    """Rows in the order of their table's key."""
    keys = TABLES[name].key
    plain = pa.table({key: _plain(rows.column(key)) for key in keys})
    return rows.take(pc.sort_indices(plain, [(key, "ascending") for key in keys]))


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column


def content_id(tables: Mapping[str, pa.Table]) -> str:
    """A digest of what the tables hold: the same results have the same one, whenever and wherever they were made.

    Restricted tables are left out: where in the files a row stood is no result, and what draws give is in the intervals.
    """
    names = sorted(name for name in tables if not TABLES[name].restricted)
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        digests = threads.map(_digest, [tables[name] for name in names])
        listed = "".join(f"{name} {digest}\n" for name, digest in zip(names, digests, strict=True))
    return hashlib.sha256(listed.encode()).hexdigest()[:16]


def _digest(rows: pa.Table) -> str:
    digest = hashlib.sha256()
    whole = rows if rows.column(0).num_chunks == 1 else rows.combine_chunks()
    with pa.ipc.new_stream(pa.PythonFile(_Digested(digest)), whole.schema) as writer:
        writer.write_table(whole, max_chunksize=1_000_000)
    return digest.hexdigest()


class _Digested(io.RawIOBase):
    """A file that keeps nothing but a digest of what is written to it."""

    def __init__(self, digest: "hashlib._Hash") -> None:
        self._digest = digest

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:
        self._digest.update(content)
        return len(content)


def _write_parquet(rows: pa.Table, path: Path, run: str) -> None:
    stamped = rows.replace_schema_metadata({**(rows.schema.metadata or {}), b"orgnet.run": run.encode()})
    with path.open("wb") as file:
        words = [field.name for field in rows.schema if pa.types.is_dictionary(field.type)]
        # The least and greatest word of a part take as long to find as the rest of its writing, and only a slice's
        # tells a reader which parts to pass over: rows are in order of their slices, and not of any other word.
        ranged = [name for name in rows.column_names if name not in words or name == "slice"]
        pq.write_table(
            stamped,
            file,
            compression="zstd",
            data_page_version="2.0",
            use_dictionary=words,
            write_statistics=ranged,
        )
        file.flush()
        os.fsync(file.fileno())


def _write_text(content: str, path: Path) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def check_writable(out: Path) -> None:
    """Raises InputFault if results cannot be published in a folder; makes nothing yet."""
    there = next(path for path in (out.absolute(), *out.absolute().parents) if path.exists())
    if not there.is_dir():
        raise InputFault(f"{out}: results cannot be written there: {there} is not a folder")
    if not os.access(there, os.W_OK | os.X_OK):
        raise InputFault(f"{out}: results cannot be written there: no permission to write in {there}")


@contextlib.contextmanager
def locked(out: Path) -> Iterator[None]:
    """Hold a network's output folder for one writer; raises StoreFault if another run is publishing there."""
    try:
        (out / RUNS).mkdir(parents=True, exist_ok=True)
        lock = (out / ".lock").open("w")
    except OSError as error:
        raise InputFault(f"{out}: results cannot be written there: {error.strerror}") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise StoreFault(f"{out}: another run is publishing there; wait for it, then run again") from None
    try:
        yield
    finally:
        lock.close()


def publish(out: Path, tables: Mapping[str, pa.Table], manifest: Mapping[str, Any], started: datetime) -> Path:
    """Write one snapshot and make it the current one; return its folder.

    A snapshot is written aside, synced, and moved into place in one step; `current` is switched last, in one step. A
    run that dies at any moment leaves the last complete snapshot current, and what it left is cleared by the next.
    The run id ends with the digest of the tables' content, and so the files of equal results are equal byte by byte.
    Raises StoreFault if it cannot be written.
    """
    content = content_id(tables)
    run_id = f"{started:%Y%m%dT%H%M%S.%f}"[:-3] + f"Z-{content}"
    counts = {name: rows.num_rows for name, rows in sorted(tables.items())}
    whole = {"run_id": run_id, "content_id": content, **manifest, "table_rows": counts}
    with locked(out):
        try:
            _clear_unfinished(out)
            aside = _write_aside(out, tables, whole)
            final = out / RUNS / run_id
            aside.rename(final)
            _sync(out / RUNS)
            _switch(out, run_id)
        except OSError as error:
            with contextlib.suppress(OSError):
                _clear_unfinished(out)
            raise StoreFault(f"{out}: the results could not be written: {error.strerror or error}") from error
    return final


def _write_aside(out: Path, tables: Mapping[str, pa.Table], manifest: Mapping[str, Any]) -> Path:
    """A whole snapshot in a folder that no reader looks at, all of it on the disk."""
    aside = out / RUNS / f"{_UNFINISHED}{manifest['run_id']}"
    (aside / RESTRICTED).mkdir(parents=True)

    def write(name: str) -> None:
        folder = aside / RESTRICTED if TABLES[name].restricted else aside
        _write_parquet(tables[name], folder / f"{name}.parquet", manifest["content_id"])

    with ThreadPoolExecutor(_AT_ONCE) as threads:
        list(threads.map(write, sorted(tables, key=lambda name: -tables[name].num_rows)))  # the largest first
    _write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", aside / MANIFEST)
    _sync(aside / RESTRICTED)
    _sync(aside)
    return aside


def _switch(out: Path, run_id: str) -> None:
    """Make a run the current one."""
    link = out / f"{_UNFINISHED}{CURRENT}"
    link.symlink_to(Path(RUNS) / run_id)
    link.replace(out / CURRENT)
    _sync(out)


def _clear_unfinished(out: Path) -> None:
    """Take away what a run that died has left."""
    for leftover in (out / RUNS).glob(f"{_UNFINISHED}*"):
        shutil.rmtree(leftover)
    (out / f"{_UNFINISHED}{CURRENT}").unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def runs(out: Path) -> list[str]:
    """The ids of a network's complete runs, oldest first."""
    found = (path.name for path in (out / RUNS).glob("*") if (path / MANIFEST).exists())
    return sorted(name for name in found if not name.startswith(_UNFINISHED))


def snapshot(out: Path, run_id: str | None = None) -> Path:
    """The folder of the current snapshot, or of the one named; `out` may also be the snapshot's own folder.

    Raises InputFault if there is none, saying which there are.
    """
    known = runs(out)
    if run_id is None:
        for folder in (out / CURRENT, out):
            if (folder / MANIFEST).exists():
                return folder.resolve()
    elif run_id in known:
        return (out / RUNS / run_id).resolve()
    there = f"runs there: {', '.join(known)}" if known else "no run has published there"
    raise InputFault(f"{out}: found no {f'run {run_id!r}' if run_id else 'current snapshot'} ({there})")


def read(folder: Path, name: str) -> pa.Table:
    """One table of a snapshot. Raises InputFault if there is no table of that name."""
    if name not in TABLES:
        raise InputFault(f"{name!r} is not a table{nearest(name, TABLES)}")
    inside = folder / RESTRICTED if TABLES[name].restricted else folder
    return pq.read_table(inside / f"{name}.parquet")
