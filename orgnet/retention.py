"""Which runs are kept, and the removal of the others."""

import re
import shutil
from collections.abc import Sequence
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path

from orgnet.errors import InputFault, StoreFault
from orgnet.folders import RUNS, UNFINISHED, clear_unfinished, current_run, read_manifest, runs, runs_there, snapshot
from orgnet.locking import Held, locked

_BEGUN = re.compile(r"(\d{8}T\d{6}\.\d{3})Z-")


def _begun(run: str) -> datetime | None:
    """When a run began, by its id; None for a folder of another name, which is nobody's to remove."""
    found = _BEGUN.match(run)
    return datetime.strptime(found[1], "%Y%m%dT%H%M%S.%f").replace(tzinfo=UTC) if found else None


def superseded(
    known: Sequence[str], current: str, keep: int | None, keep_days: float | None, now: datetime
) -> list[str]:
    """The runs that need not be kept, oldest first: older than the current one, and kept by neither rule.

    `keep` keeps the newest so many, the current one among them; `keep_days` those begun within so many days.
    """
    if keep is None and keep_days is None:
        return []
    begun = {run: day for run in sorted(known) if (day := _begun(run))}
    newest = list(begun)[-keep:] if keep else []
    since = None if keep_days is None else now - timedelta(days=keep_days)
    return [
        run
        for run, day in begun.items()
        if run < current and run not in newest and not (since is not None and day >= since)
    ]


def as_configured(out: Path) -> tuple[int | None, float | None]:
    """What the current run's configuration says of how many runs, and for how many days, are kept.

    Raises InputFault if it says that all are.
    """
    configured = read_manifest(snapshot(out)).get("configuration", {}).get("snapshots") or {}
    keep, keep_days = configured.get("keep"), configured.get("keep_days")
    if keep is None and keep_days is None:
        raise InputFault(
            f"{out}: nothing says which runs need not be kept: say --keep N or --keep-days D, or set `snapshots` in the "
            "network's configuration"
        )
    return keep, keep_days


def prune(
    out: Path,
    keep: int | None,
    keep_days: float | None,
    now: datetime,
    *,
    held: Held | None = None,
    dry_run: bool = False,
) -> list[str]:
    """Remove the runs that need not be kept; the ids of those removed, or that would be in a dry run.

    Readers see a run whole or not at all: it is renamed before it is deleted. A run that already holds the folder says
    so. Raises InputFault if nothing is published there; StoreFault if no run is current, if another process is at work
    there, or if a run cannot be removed.
    """
    runs_there(out)
    with nullcontext() if held or dry_run else locked(out):
        current = current_run(out)
        if current is None:
            raise StoreFault(f"{out}: no complete run is current there, so none was removed; see `orgnet verify`")
        found = superseded(runs(out), current, keep, keep_days, now)
        if not dry_run:
            _remove(out, found)
    return found


def _remove(out: Path, found: Sequence[str]) -> None:
    try:
        clear_unfinished(out)
        for run in found:
            aside = (out / RUNS / run).rename(out / RUNS / f"{UNFINISHED}{run}")
            shutil.rmtree(aside)
    except OSError as error:
        raise StoreFault(f"{out}: an old run could not be removed: {error.strerror or error}") from error
