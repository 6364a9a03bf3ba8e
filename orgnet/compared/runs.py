"""Which two runs are meant: by the beginnings of their ids, or as `previous` and `current`."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orgnet import store
from orgnet.errors import InputFault, near
from orgnet.explain.choose import one_of
from orgnet.folders import read_manifest, runs_there

PREVIOUS, CURRENT = "previous", "current"
BETWEEN = ".."


@dataclass(frozen=True)
class Run:
    """One published run: its folder, and what it says of itself."""

    folder: Path
    manifest: Mapping[str, Any]

    @property
    def id(self) -> str:
        return self.folder.name

    def parquet(self, table: str) -> str:
        """The path of one of its tables."""
        return str(self.folder / f"{table}.parquet")


def _previous(known: list[str], current: str) -> str:
    """The run before the current one."""
    earlier = [run for run in known if run < current]
    if not earlier:
        raise InputFault(
            f"there is no run before {current}, the current one: nothing to compare it with (runs there: "
            f"{', '.join(known)}); run again when records have come, or name another run by its id"
        )
    return earlier[-1]


def _named(out: Path, given: str, known: list[str]) -> str:
    word = near(given, (PREVIOUS, CURRENT))
    if word and given not in (PREVIOUS, CURRENT):
        raise InputFault(f"there is no run {given!r}{word}")
    if not word:
        return one_of(given, known, "run")
    current = store.snapshot(out).name
    return current if given == CURRENT else _previous(known, current)


def run_named(out: Path, given: str) -> str:
    """The id of a run: by its beginning, or as `previous` or `current`. Raises InputFault if there is no such run."""
    return _named(out, given, runs_there(out))


def _opened(out: Path, run_id: str) -> Run:
    folder = store.snapshot(out, run_id)
    return Run(folder, read_manifest(folder))


def two_runs(out: Path, named: str) -> tuple[Run, Run]:
    """The two runs named as OLD..NEW; a side left empty is `previous` or `current`.

    Raises InputFault if nothing is published there, a run is not there, or the two are of different networks.
    """
    known = runs_there(out)
    first, between, second = named.partition(BETWEEN)
    if not between:
        raise InputFault(f"--runs: found {named!r}, expected two runs as OLD..NEW, such as {PREVIOUS}..{CURRENT}")
    old, new = (_opened(out, _named(out, each, known)) for each in (first or PREVIOUS, second or CURRENT))
    of_one_network(old, new)
    return old, new


def of_one_network(old: Run, new: Run) -> None:
    """Raises InputFault if two runs are of different networks."""
    networks = [run.manifest.get("network") for run in (old, new)]
    if networks[0] != networks[1]:
        raise InputFault(f"run {old.id} is of network {networks[0]!r}, and run {new.id} of {networks[1]!r}")
