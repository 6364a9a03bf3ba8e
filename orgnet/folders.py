"""Where a network's snapshots lie: the names in its output folder, and which runs are there. Reads no Parquet."""

import hashlib
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from orgnet.errors import InputFault, StoreFault, near

RUNS = "runs"
CURRENT = "current"
MANIFEST = "manifest.json"
REPORT = "report.html"
RESTRICTED = "restricted"
UNFINISHED = ".unfinished-"


def current_path(out: Path) -> Path:
    """What `current` leads to: by a link, or, where links cannot be made, by a small file that names the run."""
    pointer = out / CURRENT
    try:
        if pointer.is_file():
            return out / RUNS / Path(pointer.read_text(encoding="utf-8").strip()).name
    except (OSError, UnicodeDecodeError):
        return pointer  # which holds no run
    return pointer


def runs(out: Path) -> list[str]:
    """The ids of a network's complete runs, oldest first."""
    found = (path.name for path in (out / RUNS).glob("*") if (path / MANIFEST).exists())
    return sorted(name for name in found if not name.startswith(UNFINISHED))


def _none_there(out: Path, what: str) -> InputFault:
    known = runs(out)
    there = f"runs there: {', '.join(known)}" if known else "no run has published there"
    return InputFault(f"{out}: found no {what} ({there})")


def snapshot(out: Path, run_id: str | None = None) -> Path:
    """The folder of the current snapshot, or of the one named; `out` may also be the snapshot's own folder.

    Raises InputFault if there is none, saying which there are.
    """
    if run_id is None:
        for folder in (current_path(out), out):
            if (folder / MANIFEST).exists():
                return folder.resolve()
    elif run_id in runs(out):
        return (out / RUNS / run_id).resolve()
    raise _none_there(out, f"run {run_id!r}{near(run_id, runs(out))}" if run_id else "current snapshot")


def runs_there(out: Path) -> list[str]:
    """The same as `runs`. Raises InputFault if there are none."""
    known = runs(out)
    if not known:
        raise InputFault(f"{out}: no run has published there; `orgnet run` ends by saying where its results are")
    return known


def current_run(out: Path) -> str | None:
    """The run that is current, if there is one and it is complete."""
    folder = current_path(out).resolve()
    return folder.name if (folder / MANIFEST).exists() and folder.parent == (out / RUNS).resolve() else None


def is_copy(manifest: Mapping[str, Any]) -> bool:
    """Whether a manifest is that of a copy for sharing."""
    return "disclosure" in manifest


def read_manifest(folder: Path) -> dict[str, Any]:
    """What a run says of itself. Raises StoreFault if that cannot be read."""
    path = folder / MANIFEST
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise StoreFault(f"{path}: cannot be read: {error.strerror or error}") from None
    except ValueError as error:
        raise StoreFault(f"{path}: is damaged: it is not JSON ({error})") from None
    if not isinstance(content, dict):
        raise StoreFault(f"{path}: is damaged: found no names and values in it")
    return content


def digest_of(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def size_of(folder: Path) -> int:
    """The bytes of all files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def clear_unfinished(out: Path) -> None:
    """Take away what a run that died has left; only for who holds the folder."""
    for leftover in (out / RUNS).glob(f"{UNFINISHED}*"):
        shutil.rmtree(leftover)
    (out / f"{UNFINISHED}{CURRENT}").unlink(missing_ok=True)
