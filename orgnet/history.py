"""A network's runs, one after the other: when, on what, and what was no longer as in the run before.

Told from the manifests alone. A manifest that is old or damaged is told as such, in its own row.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from orgnet.answers import Answer
from orgnet.compared.definition import CONFIGURATION, THRESHOLDS, VERSION, definition_of
from orgnet.compared.inputs import RecordChange, file_changes, record_changes, told_by_slice
from orgnet.errors import StoreFault
from orgnet.folders import RUNS, current_run, read_manifest, runs_there

Manifest = Mapping[str, Any]
COLUMNS = {
    "run_id": "VARCHAR",
    "current": "BOOLEAN",
    "finished": "VARCHAR",
    "seconds": "DOUBLE",
    "read": "BIGINT",
    "put_aside": "BIGINT",
    "results": "VARCHAR",
    "marks": "VARCHAR[]",
    "settings": "VARCHAR[]",
    "versions": "VARCHAR[]",
    "inputs": "VARCHAR[]",
    "records": "VARCHAR[]",
    "fault": "VARCHAR",
}
SAME, OTHER = "same", "other"
_LISTED = 2
"""Slices whose other records are told one by one; of more, only their number."""


def history(out: Path, last: int | None = None) -> Answer:
    """A network's complete runs, the newest last, or only so many of them. Raises InputFault if there are none."""
    known, current = runs_there(out), current_run(out)
    rows, before = [], None
    for run in known:
        row, manifest = _row(out / RUNS / run, before)
        rows.append(tuple({**row, "current": run == current}.get(name) for name in COLUMNS))
        before = manifest or before
    return Answer(list(COLUMNS), list(COLUMNS.values()), rows[-last:] if last else rows)


def _row(folder: Path, before: Manifest | None) -> tuple[dict[str, Any], Manifest | None]:
    """What is told of one run, against the last one before it whose manifest can be read; and its manifest."""
    row: dict[str, Any] = {"run_id": folder.name}
    try:
        manifest = read_manifest(folder)
    except StoreFault as fault:
        return {**row, "fault": str(fault).removeprefix(f"{folder}/")}, None
    parts = _OF_ITSELF | ({} if before is None else {name: _against(tell, before) for name, tell in _CHANGED.items()})
    unsaid = []
    for name, tell in parts.items():
        try:
            row[name] = tell(manifest)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError):
            unsaid.append(name)
    if unsaid:
        row["fault"] = f"its manifest, or the one before, does not tell: {', '.join(unsaid)}"
    return row, manifest


def _against(tell: Callable[[Manifest, Manifest], Any], before: Manifest) -> Callable[[Manifest], Any]:
    return lambda manifest: tell(before, manifest)


def _finished(manifest: Manifest) -> str:
    return str(datetime.fromisoformat(manifest["finished"]).isoformat(sep=" ", timespec="seconds"))


def _seconds(manifest: Manifest) -> float:
    started, finished = (datetime.fromisoformat(manifest[name]) for name in ("started", "finished"))
    return round((finished - started).total_seconds(), 1)


def _read(manifest: Manifest) -> int:
    return sum(manifest["records"]["read"].values())


def _put_aside(manifest: Manifest) -> int:
    return sum(n for reasons in manifest["records"]["rejected"].values() for n in reasons.values())


def _marks(manifest: Manifest) -> list[str]:
    """The limits that the records did not keep to, in short."""
    told = ("record_kind", "gate", "organisation_id", "slice")
    return [" ".join(str(mark[name]) for name in told if mark[name]) for mark in manifest.get("quality", [])]


def _results(old: Manifest, new: Manifest) -> str:
    return SAME if old["content_id"] == new["content_id"] else OTHER


def _settings(old: Manifest, new: Manifest) -> list[str]:
    """Settings of the configuration, and thresholds of indicators, that are others."""
    return [each.name for each in definition_of(old, new).differences if each.area in (CONFIGURATION, THRESHOLDS)]


def _versions(old: Manifest, new: Manifest) -> list[str]:
    """What the run was made with that is of another version."""
    found = [f"{d.name} {d.old} -> {d.new}" for d in definition_of(old, new).differences if d.area == VERSION]
    pythons = [manifest.get("python") for manifest in (old, new)]
    return found if pythons[0] == pythons[1] else [*found, f"python {pythons[0]} -> {pythons[1]}"]


def _inputs(old: Manifest, new: Manifest) -> list[str]:
    """Input files that are not the same."""
    return [f"{each.path} {each.what}" for each in file_changes(old, new) if each.what != SAME]


def _records(old: Manifest, new: Manifest) -> list[str]:
    """Where the records are others than before, by kind and slice."""
    if not told_by_slice(old, new):
        raise KeyError("by_slice")
    by_kind: dict[str, list[RecordChange]] = {}
    for change in record_changes(old, new):
        by_kind.setdefault(change.kind, []).append(change)
    return [line for kind, changes in by_kind.items() for line in _of_kind(kind, changes)]


def _of_kind(kind: str, changes: Iterable[RecordChange]) -> Iterator[str]:
    told = [str(change) for change in changes]
    yield from told if len(told) <= _LISTED else [f"{kind}: other records in {len(told)} slices"]


_OF_ITSELF: dict[str, Callable[[Manifest], Any]] = {
    "finished": _finished,
    "seconds": _seconds,
    "read": _read,
    "put_aside": _put_aside,
    "marks": _marks,
}
_CHANGED: dict[str, Callable[[Manifest, Manifest], Any]] = {
    "results": _results,
    "settings": _settings,
    "versions": _versions,
    "inputs": _inputs,
    "records": _records,
}
