"""Partial results, kept under what they were made from, so that a later run takes them up in place of working them out.

A partial result lies under its key, a digest of everything that it depends on: the records behind it, the settings, the
code. Another input is another key, so a kept result is never out of date; it may only be missing. A file that cannot be
read, or does not hold what its name says, is as good as missing: it costs time, never correctness. Nothing of a single
person is kept.
"""

import contextlib
import hashlib
import io
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import fsspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from orgnet.work import Arrays

_KEY, _DIGEST = b"orgnet.key", b"orgnet.sha256"
_READABLE = (OSError, pa.ArrowException, KeyError, ValueError, IndexError, TypeError)
"""What reading a damaged file may raise."""


def key_of(*parts: str | bytes | NDArray[Any]) -> str:
    """A key from everything that a result depends on, in order."""
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, np.ndarray):
            kind, content = f"{part.dtype.str}{part.shape}".encode(), np.ascontiguousarray(part).tobytes()
        else:
            kind, content = b"", part.encode() if isinstance(part, str) else part
        digest.update(b"%d %d " % (len(kind), len(content)) + kind)
        digest.update(content)
    return digest.hexdigest()


def _digest(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    return key_of(*(part for name in sorted(arrays) for part in (name, arrays[name]))).encode()


def _rows_of(arrays: Mapping[str, NDArray[Any]]) -> pa.Table:
    """Arrays as a table, a row for each: many columns would take long to read."""
    plain = [np.ascontiguousarray(array) for array in arrays.values()]
    return pa.table(
        {
            "name": list(arrays),
            "kind": [array.dtype.str for array in plain],
            "shape": pa.array([list(array.shape) for array in plain], pa.list_(pa.int64())),
            "content": pa.array([array.tobytes() for array in plain], pa.large_binary()),
        }
    )


def _arrays_of(rows: pa.Table) -> Arrays:
    """The arrays again. They lie where the table lies, and are not to be changed."""
    columns = (rows.column(name) for name in ("name", "kind", "shape", "content"))
    return {
        name.as_py(): np.frombuffer(content.as_buffer(), np.dtype(kind.as_py())).reshape(shape.as_py())
        for name, kind, shape, content in zip(*columns, strict=True)
    }


@dataclass
class Partials:
    """A folder of partial results: a path, or an address that fsspec knows. It counts what it was asked for."""

    folder: str
    unreadable: list[str] = field(default_factory=list)

    def _address(self, key: str) -> str:
        return f"{self.folder}/{key[:2]}/{key}.parquet"

    def take(self, key: str) -> Arrays | None:
        """The arrays kept under a key; None if there are none, or if they are damaged."""
        files, path = fsspec.core.url_to_fs(self._address(key))
        try:
            content = files.cat_file(path)
        except FileNotFoundError:
            return None
        except TimeoutError:  # an OSError too: the run has been given up
            raise
        except OSError:
            self.unreadable.append(key)
            return None
        try:
            rows = pq.ParquetFile(pa.BufferReader(content)).read()
            arrays = _arrays_of(rows)
            whole = rows.schema.metadata[_KEY] == key.encode() and rows.schema.metadata[_DIGEST] == _digest(arrays)
        except _READABLE:
            whole = False
        if whole:
            return arrays
        self.unreadable.append(key)
        return None

    def keep(self, key: str, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Keep arrays under a key. They are there whole or not at all; of several who keep the same, one wins.

        What cannot be written, as the disk is full or may not be written to, is not kept: it costs time alone.
        """
        rows = _rows_of(arrays).replace_schema_metadata({_KEY: key.encode(), _DIGEST: _digest(arrays)})
        content = io.BytesIO()
        pq.write_table(rows, content, compression="zstd", use_dictionary=False, write_statistics=False)
        self._put_if_possible(self._address(key), content.getvalue())

    def _put_if_possible(self, address: str, content: bytes) -> None:
        try:
            self._put(address, content)
        except TimeoutError:  # an OSError too: the run has been given up
            raise
        except OSError:
            return

    def _put(self, address: str, content: bytes) -> None:
        files, path = fsspec.core.url_to_fs(address)
        aside = f"{path}.{uuid.uuid4().hex}"
        files.makedirs(path.rpartition("/")[0], exist_ok=True)
        files.pipe_file(aside, content)
        files.mv(aside, path)

    def read_note(self, name: str) -> str:
        """What was noted beside the partial results; empty if nothing was, or if it cannot be read."""
        files, path = fsspec.core.url_to_fs(f"{self.folder}/{name}")
        try:
            return files.cat_file(path).decode()
        except (OSError, UnicodeDecodeError):
            return ""

    def write_note(self, name: str, content: str) -> None:
        """Note something beside the partial results, whole or not at all; if it cannot be written, not at all."""
        self._put_if_possible(f"{self.folder}/{name}", content.encode())

    def keys(self) -> set[str]:
        """All keys that something is kept under."""
        files, path = fsspec.core.url_to_fs(self.folder)
        found = files.find(path) if files.exists(path) else []
        return {name.rpartition("/")[2].removesuffix(".parquet") for name in found if name.endswith(".parquet")}

    def keep_only(self, wanted: Iterable[str]) -> int:
        """Remove what is kept under other keys, and what was left half written; how many there were."""
        files, path = fsspec.core.url_to_fs(self.folder)
        names = {f"{key}.parquet" for key in wanted}
        gone = 0
        for found in files.find(path) if files.exists(path) else []:
            name = found.rpartition("/")[2]
            if name not in names and ".parquet" in name:
                with contextlib.suppress(OSError):
                    files.rm_file(found)
                gone += 1
        return gone
