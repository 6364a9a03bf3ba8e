"""Whether a published run is still what it was when it was published: every file, its bytes, its rows and columns."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

import orgnet
from orgnet import store
from orgnet.errors import StoreFault
from orgnet.folders import (
    CURRENT,
    MANIFEST,
    RESTRICTED,
    RUNS,
    UNFINISHED,
    current_path,
    current_run,
    digest_of,
    read_manifest,
    runs,
    runs_there,
    snapshot,
)
from orgnet.schema import TABLES

_STAMP = b"orgnet.run"


def verify_network(out: Path, run_id: str | None = None, every: bool = False) -> list[str]:
    """The runs that were found whole: the current one, the one named, or every one.

    Raises StoreFault, a line for each fault, if any of them is not whole or the current one is none; InputFault if
    there is no such run.
    """
    known = runs_there(out)
    faults = verify_current(out)
    wanted = known if every else [snapshot(out, run_id).name] if run_id or not faults else []
    faults += [*strangers(out)] if every else []
    faults += [fault for run in wanted for fault in verify_run(out / RUNS / run)]
    if faults:
        raise StoreFault("\n".join(faults))
    return wanted


def verify_run(folder: Path) -> list[str]:
    """What is wrong with one run, a line for each fault; empty if it is whole."""
    try:
        manifest = read_manifest(folder)
    except StoreFault as fault:
        return [str(fault)] if folder.exists() else []
    faults = [f"{folder.name}: {fault}" for fault in _faults(folder, manifest)]
    return faults if folder.exists() else []  # it was removed meanwhile, as a whole


def verify_current(out: Path) -> list[str]:
    """What is wrong with what a network's folder gives as current."""
    link = out / CURRENT
    if current_run(out):
        return []
    if link.is_file():
        return [f"{link}: names {current_path(out)}, which is no complete run; run again"]
    if not link.is_symlink():
        found = "is no link to a run" if link.exists() else "is not there"
        return [f"{link}: {found}; a run that publishes makes it anew"]
    return [f"{link}: leads to {link.readlink()}, which is no complete run; run again, or point it to one that is"]


def strangers(out: Path) -> list[str]:
    """What lies among a network's runs and is none: not what a run leaves that is at work, or has died."""
    known = runs(out)
    return [
        f"{path}: is no complete run: it has no {MANIFEST}"
        for path in sorted((out / RUNS).iterdir())
        if path.name not in known and not path.name.startswith(UNFINISHED)
    ]


def _faults(folder: Path, manifest: Mapping[str, Any]) -> Iterator[str]:
    if manifest.get("run_id") != folder.name:
        yield f"{MANIFEST}: is of run {manifest.get('run_id')!r}"
    listed, rows = _listed(manifest, "files", dict), _listed(manifest, "table_rows", int)
    if listed is None or rows is None:
        yield f"{MANIFEST}: does not list files and rows as expected, so nothing can be told of them"
        return
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()} - {MANIFEST}
    yield from (f"{name}: is missing" for name in sorted(listed.keys() - there))
    yield from (f"{name}: is not listed in the manifest" for name in sorted(there - listed.keys()))
    for name in sorted(there & listed.keys()):
        yield from (f"{name}: {fault}" for fault in _changed(folder / name, listed[name]))
    for name, count in sorted(rows.items()):
        yield from _wrong_table(folder, name, count, manifest, there)


def _listed(manifest: Mapping[str, Any], name: str, what: type) -> Mapping[str, Any] | None:
    """A part of a manifest, if it is what it should be: names, and for each something of one type."""
    content = manifest.get(name)
    return content if isinstance(content, dict) and all(isinstance(each, what) for each in content.values()) else None


def _changed(path: Path, listed: Mapping[str, Any]) -> Iterator[str]:
    """How a file's bytes differ from those that were published."""
    try:
        size, digest = path.stat().st_size, digest_of(path)
    except OSError as error:
        yield f"cannot be read: {error.strerror or error}"
        return
    if size != listed.get("bytes"):
        yield f"has {size} bytes, expected {listed.get('bytes')}"
    elif digest != listed.get("sha256"):
        yield "its bytes are not those that were published (another SHA-256)"


def _file_of(name: str) -> str:
    restricted = name in TABLES and TABLES[name].restricted
    return f"{RESTRICTED}/{name}.parquet" if restricted else f"{name}.parquet"


def _wrong_table(folder: Path, name: str, count: int, manifest: Mapping[str, Any], there: set[str]) -> Iterator[str]:
    """How a table is not what the manifest and the declared schema say of it."""
    file = _file_of(name)
    if file not in there:
        if file not in manifest["files"]:
            yield f"{file}: is missing, though the manifest counts its rows"
        return
    try:
        schema, rows = store.shape_of(folder / file)
    except StoreFault as fault:
        yield f"{file}: {fault}"
        return
    if rows != count:
        yield f"{file}: has {rows:,} rows, expected {count:,}"
    if (schema.metadata or {}).get(_STAMP) != str(manifest.get("content_id")).encode():
        yield f"{file}: is of other results than the manifest"
    if _published_by_this_version(manifest):
        yield from (f"{file}: {fault}" for fault in _other_columns(name, schema))


def _published_by_this_version(manifest: Mapping[str, Any]) -> bool:
    """Whether the columns are those declared today: another version may have declared others, and was right then."""
    package = manifest.get("package")
    return isinstance(package, dict) and package.get("version") == orgnet.__version__


def _other_columns(name: str, found: pa.Schema) -> Iterator[str]:
    """How the columns of a file differ from those declared."""
    if name not in TABLES:
        yield "is no table that orgnet publishes"
        return
    declared = TABLES[name].schema
    if found.names != declared.names:
        yield f"has the columns {', '.join(found.names)}; expected {', '.join(declared.names)}"
        return
    for field in declared:
        if found.field(field.name).type != field.type:
            yield f"column {field.name} is of type {found.field(field.name).type}, expected {field.type}"
