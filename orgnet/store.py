"""The only reader and writer of Parquet: tables as declared, snapshots whole or absent."""

import contextlib
import errno
import hashlib
import io
import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from orgnet.errors import InputFault, StoreFault, nearest
from orgnet.folders import (
    CURRENT,
    MANIFEST,
    REPORT,
    RESTRICTED,
    RUNS,
    UNFINISHED,
    clear_unfinished,
    current_path,
    digest_of,
    size_of,
)
from orgnet.folders import runs as runs
from orgnet.folders import snapshot as snapshot
from orgnet.locking import Held, locked
from orgnet.locking import check_writable as check_writable
from orgnet.schema import TABLES
from orgnet.windows import Calendar

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


def table(
    name: str, columns: Mapping[str, Any], calendar: Calendar | None = None, more: Sequence[str] = ()
) -> pa.Table:
    """A published table from its columns, with types, units and meanings as declared.

    With a calendar, `slice` holds slice numbers, and the slice's label and dates are filled in. `more` are further
    declared columns at its end. Raises KeyError if a declared column is missing.
    """
    schema = replace(TABLES[name], column_names=(*TABLES[name].column_names, *more)).schema
    columns = dict(columns)
    if calendar is not None:
        number = np.asarray(columns["slice"], dtype=None if len(columns["slice"]) else np.int64)
        columns["slice"] = Words(number, [s.label for s in calendar.slices])
        columns["slice_start"] = calendar.starts.astype(np.int32)[number]
        columns["slice_end"] = calendar.ends.astype(np.int32)[number]
        columns["window_start"] = calendar.window_starts.astype(np.int32)[number]
    arrays = [_column(columns[field.name], field.type) for field in schema]
    return pa.Table.from_arrays(arrays, schema=schema)


def joined(name: str, parts: Sequence[pa.Table]) -> pa.Table:
    """Parts of a table, in order, as one; words are numbered as if it had been made at once."""
    if len(parts) == 1:
        return parts[0]
    columns = {}
    for field in parts[0].schema:
        arrays = [part.column(field.name).combine_chunks() for part in parts]
        columns[field.name] = _words_of(arrays) if pa.types.is_dictionary(field.type) else pa.concat_arrays(arrays)
    return table(name, columns, more=parts[0].column_names[len(columns_of(name)) :])


def _words_of(arrays: Sequence[pa.DictionaryArray]) -> Words:
    """Columns of words, one after the other."""
    place: dict[str, int] = {}
    codes = []
    for array in arrays:
        words = array.dictionary.to_pylist()
        own = np.array([place.setdefault(word, len(place)) for word in words] + [-1], dtype=np.int32)
        codes.append(own[array.indices.fill_null(-1).to_numpy(zero_copy_only=False)])
    return Words(np.concatenate(codes), list(place))


def columns_of(name: str) -> tuple[str, ...]:
    """The names of a table's columns, in order."""
    return TABLES[name].column_names


def sorted_by_key(name: str, rows: pa.Table) -> pa.Table:
    """Rows in the order of their table's key."""
    keys = TABLES[name].key
    plain = pa.table({key: _plain(rows.column(key)) for key in keys})
    return rows.take(pc.sort_indices(plain, [(key, "ascending") for key in keys]))


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column in the order of whose values rows are put: of words in order, their numbers, which take a third of the time."""
    if not pa.types.is_dictionary(column.type):
        return column
    if column.num_chunks == 1:
        names = column.chunk(0).dictionary.to_pylist()
        if names == sorted(names):
            return column.chunk(0).indices
    return column.cast(pa.string())


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
    together = rows if rows.column(0).num_chunks == 1 else rows.combine_chunks()
    whole = pa.Table.from_arrays([_bare(column) for column in together.columns], schema=together.schema)
    with pa.ipc.new_stream(pa.PythonFile(_Digested(digest)), whole.schema) as writer:
        writer.write_table(whole, max_chunksize=1_000_000)
    return digest.hexdigest()


def _bare(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """A column with nothing under its empty values: what was left there when they were made is no content."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    kind = array.type
    if pa.types.is_list(kind):
        lengths = pc.fill_null(pc.list_value_length(array), 0).to_numpy(zero_copy_only=False)
        offsets = pa.array(np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32))
        return pa.ListArray.from_arrays(offsets, _bare(array.flatten()), type=kind, mask=array.is_null())
    if pa.types.is_struct(kind):
        return pa.StructArray.from_arrays(
            [_bare(each) for each in array.flatten()], fields=list(kind), mask=array.is_null()
        )
    if array.null_count == 0:
        return array
    if pa.types.is_dictionary(kind):
        return pa.DictionaryArray.from_arrays(_bare(array.indices), array.dictionary)
    filled = array.fill_null("" if pa.types.is_string(kind) else pa.scalar(0, pa.int32()).cast(kind))
    known = pa.array(array.is_valid().to_numpy(zero_copy_only=False)).buffers()[1]
    return pa.Array.from_buffers(kind, len(filled), [known, *filled.buffers()[1:]], offset=filled.offset)


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
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def publish(
    out: Path,
    tables: Mapping[str, pa.Table],
    manifest: Mapping[str, Any],
    started: datetime,
    held: Held | None = None,
    page: Callable[[Path], str] | None = None,
) -> Path:
    """Write one snapshot and make it the current one; return its folder.

    `page` writes the report of a folder of tables, and is given the snapshot before anybody else sees it. If it fails
    nothing is published: a snapshot is complete or absent.

    A snapshot is written aside, synced, and moved into place in one step; `current` is switched last, in one step. A
    run that dies at any moment leaves the last complete snapshot current, and what it left is cleared by the next.
    The run id ends with the digest of the tables' content, and so the files of equal results are equal byte by byte.
    A run that already holds the folder says so. Raises StoreFault if the snapshot cannot be written.
    """
    content = content_id(tables)
    run_id = f"{started:%Y%m%dT%H%M%S.%f}"[:-3] + f"Z-{content}"
    counts = {name: rows.num_rows for name, rows in sorted(tables.items())}
    whole = {"run_id": run_id, "content_id": content, **manifest, "table_rows": counts}
    with locked(out) if held is None else contextlib.nullcontext(held) as holding:
        if not holding.stands:
            raise StoreFault(_gone(out))
        try:
            clear_unfinished(out)
            aside = _write_aside(out, tables, whole, page)
            final = out / RUNS / run_id
            aside.rename(final)
            _sync(out / RUNS)
            _switch(out, run_id)
        except BaseException as error:  # also a run that is cancelled
            with contextlib.suppress(OSError):
                clear_unfinished(out)
            if isinstance(error, OSError) and not isinstance(error, TimeoutError):
                raise StoreFault(_why(out, error, tables, holding)) from error
            raise
    return final


def _gone(out: Path) -> str:
    return (
        f"{out}: the folder has been removed or replaced since the run began (or the disk that it lies on is no "
        "longer there): nothing was published, so that results do not end up in another place; put it back, then run again"
    )


def _why(out: Path, error: OSError, tables: Mapping[str, pa.Table], held: Held) -> str:
    """Why results could not be written, and what to do."""
    if not held.stands:
        return _gone(out)
    why = f"{out}: the results could not be written: {error.strerror or error}"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        why += f" ({_room(out, tables)}); make room, for one by removing old runs (`orgnet prune`), then run again"
    return f"{why}. The last results stay as they were"


def _room(out: Path, tables: Mapping[str, pa.Table]) -> str:
    """How much room there is, and how much is needed, as far as that is known."""
    mib, current = 1024 * 1024, current_path(out)
    free = f"{shutil.disk_usage(out).free / mib:.1f} MiB are free"
    if current.exists():
        return f"{free}, the last results take {size_of(current.resolve()) / mib:.1f} MiB"
    return f"{free}, the results take {sum(rows.nbytes for rows in tables.values()) / mib:.1f} MiB at most"


def _write_aside(
    out: Path, tables: Mapping[str, pa.Table], manifest: Mapping[str, Any], page: Callable[[Path], str] | None
) -> Path:
    """A whole snapshot in a folder that no reader looks at, all of it on the disk."""
    aside = out / RUNS / f"{UNFINISHED}{manifest['run_id']}"
    (aside / RESTRICTED).mkdir(parents=True)
    write_whole(aside, tables, manifest, page)
    return aside


def write_whole(
    aside: Path, tables: Mapping[str, pa.Table], manifest: Mapping[str, Any], page: Callable[[Path], str] | None
) -> None:
    """Write tables, the page made of them, and a manifest that lists all files, into a folder that no reader looks at.

    Raises StoreFault if the page cannot be made.
    """

    def write(name: str) -> None:
        folder = aside / RESTRICTED if TABLES[name].restricted else aside
        _write_parquet(tables[name], folder / f"{name}.parquet", manifest["content_id"])

    with ThreadPoolExecutor(_AT_ONCE) as threads:
        list(threads.map(write, sorted(tables, key=lambda name: -tables[name].num_rows)))  # the largest first
    if page is not None:
        _write_manifest(manifest, aside)
        _write_text(_page(page, aside), aside / REPORT)
    files = {name: file for name, file in _files(aside).items() if name != MANIFEST}
    _write_manifest({**manifest, "files": files}, aside)
    if (aside / RESTRICTED).exists():
        _sync(aside / RESTRICTED)
    _sync(aside)


def _page(page: Callable[[Path], str], aside: Path) -> str:
    try:
        return page(aside)
    except TimeoutError:  # a run that is given up is told as such
        raise
    except Exception as error:
        raise StoreFault(
            f"{REPORT} could not be written ({type(error).__name__}: {error}): nothing was published, as a snapshot is whole "
            "or not there; the last results stay as they were. orgnet is at fault, not the records: please report it"
        ) from error


def _write_manifest(manifest: Mapping[str, Any], folder: Path) -> None:
    _write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", folder / MANIFEST)


def _files(folder: Path) -> dict[str, dict[str, str | int]]:
    """Every file of a snapshot with its digest and its size, by which it can be verified years later."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        path.relative_to(folder).as_posix(): {"sha256": digest_of(path), "bytes": path.stat().st_size} for path in paths
    }


def _switch(out: Path, run_id: str) -> None:
    """Make a run the current one."""
    pointer = out / f"{UNFINISHED}{CURRENT}"
    try:
        if (
            os.name == "nt"
        ):  # links take a right that few have there, and one to a folder cannot be replaced in one step
            raise OSError(errno.EPERM, "links are not for this system")
        pointer.symlink_to(Path(RUNS) / run_id)
    except TimeoutError:  # an OSError, but of a run that is given up
        raise
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.EACCES, errno.ENOTSUP, errno.ENOSYS, errno.EINVAL):
            raise
        _write_text(f"{RUNS}/{run_id}\n", pointer)
    pointer.replace(out / CURRENT)
    _sync(out)


def _sync(folder: Path) -> None:
    """See to it that a folder's names are on the disk; Windows opens no folder, and needs no such thing."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read(folder: Path, name: str) -> pa.Table:
    """One table of a snapshot. Raises InputFault if there is no table of that name."""
    if name not in TABLES:
        raise InputFault(f"{name!r} is not a table{nearest(name, TABLES)}")
    inside = folder / RESTRICTED if TABLES[name].restricted else folder
    if TABLES[name].of_copies and not (inside / f"{name}.parquet").exists():
        raise InputFault(f"{name!r} is a table of copies for sharing only (`orgnet publish`), not of a run")
    return pq.read_table(inside / f"{name}.parquet")


def shape_of(path: Path) -> tuple[pa.Schema, int]:
    """The columns of a published file, and the number of its rows. Raises StoreFault if it is not whole."""
    try:
        found = pq.ParquetFile(path)
        return found.schema_arrow, found.metadata.num_rows
    except (OSError, pa.ArrowException) as error:
        raise StoreFault(f"cannot be read as Parquet ({(str(error).splitlines() or ['no reason'])[0]})") from None
