"""The one door: a copy of a snapshot that may be shared, in which nothing points at a person."""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from orgnet import store
from orgnet.config import Config, read_stated
from orgnet.disclosure.audit import by_rule, disclosure_table, single_values
from orgnet.disclosure.profiles import Profile, find_profile
from orgnet.disclosure.protect import protect
from orgnet.disclosure.sums import told
from orgnet.errors import InputFault, StoreFault
from orgnet.exports.written import as_parquet, put, take_place
from orgnet.folders import MANIFEST, RUNS, UNFINISHED, is_copy, read_manifest, snapshot

_SETTINGS = (
    "network",
    "timezone",
    "period",
    "slices",
    "phases",
    "professional_groups",
    "ties",
    "organisations",
    "uncertainty",
    "change",
    "surveys",
)
"""What of a configuration is told in a copy: how things were measured, not where the records lie."""
_COUNTED = ("read", "used", "rejected")


@dataclass(frozen=True)
class Shared:
    """A copy that was written: where, by which profile, its tables' rows, and how many values each rule touched."""

    folder: Path
    profile: Profile
    rows: Mapping[str, int]
    rules: Mapping[str, int]


def share(
    network: Path,
    out: Path,
    profile: str | None = None,
    run_id: str | None = None,
    audit: Path | None = None,
    render: Callable[[Path], str] | None = None,
) -> Shared:
    """Write a copy of a published run to share.

    Args:
        network: the network's output folder, or a snapshot's own.
        out: the folder to write; a new one, an empty one, or that of an earlier copy, which is replaced as a whole.
        profile: the disclosure profile; left out, the one that the configuration names.
        run_id: which run; left out, the current one.
        audit: a file for what was done to each single value; it is for those who may see the run itself.
        render: makes the report from the folder of a snapshot or copy.

    Raises InputFault if there is no such run or profile, or if the folder holds something else; StoreFault if it cannot
    be written.
    """
    folder = snapshot(network, run_id)
    manifest = read_manifest(folder)
    if is_copy(manifest):
        raise InputFault(f"{folder}: is a copy for sharing already; give the network's own output folder")
    config = read_stated(folder, Config, manifest.get("configuration"))
    rule = find_profile(profile, manifest["configuration"].get("disclosure") or {})
    _check_free(out, folder)
    protected = protect(folder, config, rule, singly=audit is not None)
    tables = {**protected.tables, "disclosure": disclosure_table(protected)}
    described = make_manifest(manifest, tables, rule)
    aside = out.absolute().parent / f"{UNFINISHED}{out.name}"
    try:
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(parents=True)
        store.write_whole(aside, tables, described, render)
        if audit is not None:
            put({"": as_parquet(single_values(protected))}, audit, folder=False, replace=True)
        take_place(aside, out)
    except OSError as error:
        raise StoreFault(f"{out}: the copy could not be written: {error.strerror or error}") from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return Shared(out, rule, {name: table.num_rows for name, table in tables.items()}, by_rule(protected))


def _check_free(out: Path, folder: Path) -> None:
    """Raises InputFault if a copy cannot be written there without overwriting something else."""
    place = out.resolve()
    runs = folder.parent if folder.parent.name == RUNS else folder
    if place in (folder, *folder.parents) or {folder, runs} & set(place.parents):
        raise InputFault(f"--out {out}: lies within the network's own results; a copy wants a folder of its own")
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    if not (out / MANIFEST).exists() or not is_copy(read_manifest(out)):
        raise InputFault(f"--out {out}: is not empty, and what is in it is no copy made before; give another folder")


def make_manifest(manifest: Mapping[str, Any], tables: Mapping[str, pa.Table], profile: Profile) -> dict[str, Any]:
    """What a copy says of itself: which run it is of, how it was measured, and by which rule it is protected.

    Nothing is taken over that is not named here: where records lie, their digests and counts by slice stay inside.
    """
    configuration = manifest["configuration"]
    records = manifest.get("records", {})
    return {
        "run_id": manifest["run_id"],
        "content_id": store.content_id(tables),
        "of_content_id": manifest["content_id"],
        "network": manifest["network"],
        "as_of": manifest.get("as_of"),
        "package": manifest["package"],
        "configuration": {name: configuration[name] for name in _SETTINGS if name in configuration},
        "configuration_sha256": manifest["configuration_sha256"],
        "indicators": manifest["indicators"],
        "indicators_sha256": manifest["indicators_sha256"],
        "seeds": manifest.get("seeds"),
        "records": {name: _protected_counts(records.get(name, {}), profile) for name in _COUNTED},
        "organisations": manifest.get("organisations"),
        "disclosure": {
            "profile": profile.name,
            "withhold_up_to": profile.withhold_up_to,
            "round_to": profile.round_to,
            "source": profile.source,
        },
        "table_rows": {name: table.num_rows for name, table in sorted(tables.items())},
    }


def _protected_counts(counts: Any, profile: Profile) -> Any:
    """Counts of records, however deep, each protected as a number of people; small ones are null."""
    if isinstance(counts, Mapping):
        return {name: _protected_counts(value, profile) for name, value in counts.items()}
    if not isinstance(counts, int):
        return None
    return told(counts, profile)
