"""Files that are there whole or not at all, and that take the place of nothing unless told to."""

import io
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from orgnet.errors import InputFault, StoreFault

if TYPE_CHECKING:
    import pyarrow as pa

SOURCE = "source.json"
_ASIDE, _REPLACED = ".unfinished-", ".replaced-"


def _check_file(out: Path, replace: bool) -> None:
    if out.is_dir():
        raise InputFault(f"--out: {out} is a folder, and this format is a file; name a file in it")
    if out.exists() and out.stat().st_size and not replace:
        raise InputFault(f"--out: {out} is there already; give another name, or --replace to put this in its place")


def _check_folder(out: Path, replace: bool) -> None:
    if out.exists() and not out.is_dir():
        raise InputFault(f"--out: {out} is a file, and this format is a folder; name another")
    if not out.is_dir() or not any(out.iterdir()):
        return
    if not replace:
        raise InputFault(f"--out: {out} is not empty; give another name, or --replace to put this in its place")
    if not (out / SOURCE).exists():
        raise InputFault(
            f"--out: {out} is not replaced: it has no {SOURCE}, so it is no export, and everything in it would be lost"
        )


def check(out: Path, folder: bool, replace: bool) -> None:
    """Raises InputFault if what is there would be lost."""
    (_check_folder if folder else _check_file)(out, replace)


def as_parquet(rows: "pa.Table") -> bytes:
    """Rows as the content of a Parquet file. Raises pyarrow's ArrowException if it cannot hold a column of them."""
    import pyarrow.parquet as pq

    file = io.BytesIO()
    pq.write_table(rows, file, compression="zstd")
    return file.getvalue()


def _write(path: Path, content: str | bytes) -> None:
    with path.open("wb") as file:
        file.write(content if isinstance(content, bytes) else content.encode())
        file.flush()
        os.fsync(file.fileno())


def take_place(aside: Path, out: Path) -> None:
    """Put a whole folder in the place of another, which goes, and comes back if this one cannot take its place."""
    old = out.with_name(f"{_REPLACED}{out.name}")
    shutil.rmtree(old, ignore_errors=True)
    try:
        if out.exists():
            out.rename(old)
        aside.rename(out)
    finally:
        if old.exists() and not out.exists():
            old.rename(out)
        shutil.rmtree(old, ignore_errors=True)


def _put_folder(files: Mapping[str, str | bytes], out: Path) -> None:
    aside = out.with_name(f"{_ASIDE}{out.name}")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir()
    try:
        for name, content in files.items():
            _write(aside / name, content)
        take_place(aside, out)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _put_files(files: Mapping[str, str | bytes], out: Path) -> None:
    """A file and what goes beside it; the file last, so that it is never there without."""
    paths = {out.with_name(out.name + suffix): content for suffix, content in sorted(files.items(), reverse=True)}
    asides = {path: path.with_name(f"{_ASIDE}{path.name}") for path in paths}
    try:
        for path, content in paths.items():
            _write(asides[path], content)
        for path, aside in asides.items():
            aside.replace(path)
    finally:
        for aside in asides.values():
            aside.unlink(missing_ok=True)


def put(files: Mapping[str, str | bytes], out: Path, folder: bool, replace: bool) -> None:
    """Write the files of a folder by their names, or a file (named "") and those beside it (by what its name gets).

    Raises InputFault if something is there that would be lost, StoreFault if it cannot be written.
    """
    check(out, folder, replace)
    real = out.resolve()
    try:
        real.parent.mkdir(parents=True, exist_ok=True)
        (_put_folder if folder else _put_files)(files, real)
    except OSError as error:
        raise StoreFault(f"{out}: could not be written: {error.strerror or error}") from error
