"""Where the work of a stage is done, and how what it works on gets there: one process, several, or several machines.

A stage hands out calls of plain functions to an executor (`concurrent.futures`) and takes what they return. It does not
know which executor that is. Large arrays are not sent with each call: they are put down once, in a folder that all
workers see, and each worker picks them up from there; where there is only this process, they stay where they are.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

import fsspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from orgnet.errors import StoreFault

T = TypeVar("T")
Arrays = dict[str, NDArray[Any]]
_SHAPES = b"orgnet.shapes"


class Inline(Executor):
    """An executor that does the work at once, in this process."""

    def submit(self, fn, /, *args, **kwargs):  # type: ignore[no-untyped-def]
        """Call the function now."""
        future: Future[object] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except BaseException as error:
            future.set_exception(error)
        return future


@dataclass(frozen=True)
class Work:
    """An executor, and the folder (a path or an address that fsspec knows) that its workers see; None: this process."""

    pool: Executor
    folder: str | None = None

    def each(self, function: Callable[..., T], *arguments: Iterable[Any]) -> "list[Future[T]]":
        """Hand out a call for each row of arguments."""
        return [self.pool.submit(function, *row) for row in zip(*arguments, strict=True)]


HERE = Work(Inline())
"""This process alone."""


def as_table(arrays: Mapping[str, NDArray[Any]]) -> pa.Table:
    """Arrays of any shapes as a table of one row, a column of bytes for each; `as_arrays` takes them out again."""
    columns, shapes = {}, {}
    for name, array in arrays.items():
        plain = np.ascontiguousarray(array)
        shapes[name] = [plain.dtype.str, list(plain.shape)]
        offsets = pa.array([0, plain.nbytes], pa.int64()).buffers()[1]
        columns[name] = pa.Array.from_buffers(pa.large_binary(), 1, [None, offsets, pa.py_buffer(plain.reshape(-1))])
    return pa.table(columns).replace_schema_metadata({_SHAPES: json.dumps(shapes).encode()})


def as_arrays(table: pa.Table) -> Arrays:
    """The arrays of a table that `as_table` made. They lie where the table lies, and are not to be changed."""
    shapes: dict[str, tuple[str, list[int]]] = json.loads(table.schema.metadata[_SHAPES])
    return {
        name: np.frombuffer(table.column(name).chunk(0)[0].as_buffer(), np.dtype(kind)).reshape(shape)
        for name, (kind, shape) in shapes.items()
    }


def put_down(folder: str, name: str, arrays: Mapping[str, NDArray[Any]]) -> str:
    """Write arrays where all workers see them; the address to pick them up from.

    Raises StoreFault if they cannot be written.
    """
    address = f"{folder}/{name}.arrow"
    table = as_table(arrays)
    try:
        with fsspec.open(address, "wb", auto_mkdir=True) as file, pa.ipc.new_file(file, table.schema) as writer:
            writer.write_table(table)
    except TimeoutError:  # an OSError too: the run has been given up
        raise
    except OSError as error:
        needed = f"{table.nbytes / 2**20:,.0f} MiB are needed while a run is at work"
        raise StoreFault(f"{folder}: cannot be written to: {error.strerror or error} ({needed})") from error
    return address


@lru_cache(maxsize=2)
def pick_up(address: str) -> Arrays:
    """The arrays put down at an address; on this machine they are read where they lie, not copied."""
    files, path = fsspec.core.url_to_fs(address)
    local = "file" in (files.protocol if isinstance(files.protocol, tuple) else (files.protocol,))
    source = pa.memory_map(path) if local else pa.BufferReader(files.cat_file(path))
    return as_arrays(pa.ipc.open_file(source).read_all())
