"""The manifest: what a run was made from, so that every number traces back."""

import platform
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import numpy as np

import orgnet
from orgnet.config import Config
from orgnet.indicators.damour import Damour
from orgnet.made_from import version_of
from orgnet.records.by_slice import by_slice
from orgnet.records.organisations import Roster
from orgnet.records.pieces import Succession
from orgnet.records.read import Records
from orgnet.slices import SliceTies
from orgnet.ties.copresence import over_cap
from orgnet.ties.internal import Internal
from orgnet.ties.make import Ties
from pipelines.progress import Clock

_PACKAGES = ("igraph", "duckdb", "numpy", "pyarrow", "prefect")


def off_roster_ties(slices: list[list[SliceTies]], roster: Roster) -> int:
    """Ties within a window one of whose organisations is not on the slice's roster: published, but in no graph."""
    return sum(
        int((~roster.present[t.source, t.slice] | ~roster.present[t.target, t.slice]).sum())
        for layers in slices
        for t in layers
    )


def counts_of(ties: Ties, config: Config) -> dict[str, Any]:
    """What the manifest says of the ties: joint roles, meetings too large to tie anybody, people of no known group."""
    presence = ties.presence
    return {
        "joint_roles": asdict(ties.joint_role_counts),
        "events_over_size_cap": int(np.unique(presence.meeting[over_cap(presence, config.ties.event_size_cap)]).size),
        "people_of_no_known_group_present": int(np.unique(presence.person[presence.group < 0]).size),
    }


def records_by_slice(records: Records, config: Config) -> dict[str, dict[str, dict[str, Any]]]:
    """How many records of each kind every slice holds, and their digests, by which a later run tells what it restates."""
    found = by_slice(records.recorded or records, config.calendar)
    return {
        "by_slice": {kind.value: {label: held.n for label, held in slices.items()} for kind, slices in found.items()},
        "digests": {
            kind.value: {label: held.digest for label, held in slices.items()} for kind, slices in found.items()
        },
    }


def stated_of(succession: Succession, internal: Internal) -> dict[str, Any]:
    """What the manifest says of the organisations that the records are stated as."""
    stated = {
        "basis": succession.basis.value,
        "restated": succession.restated,
        "ambiguous": succession.ambiguous,
        "links": succession.outcomes(),
        "ties_internal": {layer.value: n for layer, n in internal.ties.items()},
        "joint_roles_joined": internal.joined,
    }
    return {"organisations_stated": stated}


def make_manifest(
    config: Config,
    damour: Damour,
    records: Records,
    counts: dict[str, Any],
    slices: list[list[SliceTies]],
    roster: Roster,
    started: datetime,
    clock: Clock,
) -> dict[str, Any]:
    """Everything the manifest says, but for what only the store knows: the run id and the tables' row counts.

    `counts` is what `counts_of` gave.
    """
    key = records.key
    return {
        "network": config.network,
        "as_of": None if config.as_of is None else config.as_of.isoformat(),
        "started": started.isoformat(timespec="milliseconds"),
        "finished": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "package": {"name": "interorgnet", "version": orgnet.__version__},
        "python": platform.python_version(),
        "libraries": {package: version_of(package) for package in _PACKAGES},
        "configuration": config.model_dump(mode="json", exclude={"folder"}),
        "configuration_sha256": config.digest,
        "indicators": damour.model_dump(mode="json", by_alias=True),
        "indicators_sha256": damour.digest,
        "inputs": [asdict(file) for file in records.inputs],
        "person_key": None if key is None else {"source": key.source, "id": key.id or None},
        "engine": config.compute.model_dump(),
        "seeds": {"uncertainty": config.uncertainty.seed},
        "records": {
            "read": {kind.value: count for kind, count in records.read.items()},
            "used": {tally.kind.value: tally.accepted for tally in records.tallies()},
            "rejected": records.rejected_counts(),
            **records_by_slice(records, config),
        },
        "organisations": len(records.organisations),
        "people": records.n_people,
        "roster_supplied": roster.stated,
        **counts,
        "ties_off_roster": off_roster_ties(slices, roster),
        "seconds": dict(clock.seconds),
        "peak_memory_mib": dict(clock.peak_mib),
    }
