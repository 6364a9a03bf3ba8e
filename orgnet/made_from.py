"""What a partial result was made from, part by part, so that it can be told why one is taken up or made anew."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.metadata import PackageNotFoundError, version
from itertools import groupby
from pathlib import Path
from typing import Any

from orgnet.partials import Partials, key_of
from orgnet.work import Arrays

MadeFrom = dict[str, str]
"""What a result depends on, by name, each as a digest."""
_LIBRARIES = ("duckdb", "igraph", "numpy", "pyarrow", "scipy")
CODE, SETTINGS, SLICE = "orgnet or a library it uses", "settings", "the slice"
_AT_ONCE = 8
"""Files of partial results that are waited for at a time."""
_LAST, _KEY = "last.json", "key"


@cache
def code_digest() -> str:
    """A digest of orgnet's own code and of the versions of the libraries that it counts with."""
    here = Path(__file__).parent
    files = sorted(here.rglob("*.py"))
    libraries = [f"{name} {version_of(name)}" for name in _LIBRARIES]
    return key_of(*libraries, *(part for path in files for part in (str(path.relative_to(here)), path.read_bytes())))


def version_of(package: str) -> str:
    """The version of a package, or that it is not there."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def digest_of(value: Any) -> str:
    """A digest of plain values."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()


def key(kind: str, made_from: Mapping[str, str]) -> str:
    """The key that a result of some kind lies under."""
    return key_of(kind, *(part for name in sorted(made_from) for part in (name, made_from[name])))


def why_anew(now: Mapping[str, str], before: Mapping[str, str] | None) -> str:
    """Why a result is not taken up: what differs from what the last run made it from."""
    if before is None:
        return "not measured by the last run"
    other = sorted(name for name in {*now, *before} - {_KEY} if now.get(name) != before.get(name))
    return ", ".join(other) if other else "what was kept of it is gone or damaged"


def in_runs(labels: Sequence[str], why: Mapping[int, str]) -> Iterable[str]:
    """Slices that are measured anew for one and the same reason, run by run, in words."""
    numbered = sorted(why.items())
    for (_, reason), run in groupby(enumerate(numbered), key=lambda item: (item[1][0] - item[0], item[1][1])):
        numbers = [number for _, (number, _) in run]
        first, last = labels[numbers[0]], labels[numbers[-1]]
        count = "1 slice" if len(numbers) == 1 else f"{len(numbers)} slices"
        yield f"{count}, {first if first == last else f'{first} to {last}'}: {reason}"


@dataclass(frozen=True)
class Plan:
    """What of one kind of results is taken up, slice by slice, what is made anew and why, and where it is all kept."""

    kind: str
    labels: list[str]
    made_from: list[MadeFrom]
    taken_up: dict[int, Arrays]
    anew: dict[int, str]
    partials: Partials

    @cached_property
    def keys(self) -> list[str]:
        """What each slice's result lies under."""
        return [key(self.kind, each) for each in self.made_from]

    def keep(self, number: int, arrays: Arrays) -> None:
        """Keep what a slice's result is, for later runs."""
        self.partials.keep(self.keys[number], arrays)

    def told(self) -> list[str]:
        """The plan in words, without the kind."""
        lines = [f"{len(self.taken_up)} of {len(self.labels)} slices are taken up from an earlier run"]
        return [*lines, *(f"measured anew: {line}" for line in in_runs(self.labels, self.anew))]


def in_common(told: Mapping[str, Sequence[str]]) -> list[str]:
    """What is told of several kinds, line by line with its kind; of kinds of which the same is told, once for all of them."""
    kinds: dict[tuple[str, ...], list[str]] = {}
    for kind, lines in told.items():
        kinds.setdefault(tuple(lines), []).append(kind)
    return [f"{', '.join(alike)}: {line}" for lines, alike in kinds.items() for line in lines]


def runs_of(numbers: Iterable[int]) -> list[slice]:
    """Numbers as runs that follow on one another."""
    ordered = sorted(numbers)
    starts = [number for place, number in enumerate(ordered) if not place or ordered[place - 1] != number - 1]
    ends = [number + 1 for place, number in enumerate(ordered) if ordered[place + 1 : place + 2] != [number + 1]]
    return [slice(*both) for both in zip(starts, ends, strict=True)]


@dataclass
class Reuse:
    """The partial results of a network, what the last run made its own from, and what is to be made anew all the same."""

    partials: Partials
    again: frozenset[int] = frozenset()
    plans: dict[str, Plan] = field(default_factory=dict)

    def plan(self, kind: str, labels: Sequence[str], made_from: Sequence[MadeFrom]) -> Plan:
        """See what is kept of one kind of results."""
        before = self.last.get(kind, {})
        taken_up, anew = {}, {}
        wanted = [None if number in self.again else key(kind, now) for number, now in enumerate(made_from)]
        # A file takes long to come, from afar above all, and little to read.
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            found = list(threads.map(lambda own: None if own is None else self.partials.take(own), wanted))
        for number, (now, arrays) in enumerate(zip(made_from, found, strict=True)):
            if arrays is not None:
                taken_up[number] = arrays
            elif number in self.again:
                anew[number] = "asked for"
            else:
                anew[number] = why_anew({n: _short(d) for n, d in now.items()}, before.get(labels[number]))
        self.plans[kind] = Plan(kind, list(labels), list(made_from), taken_up, anew, self.partials)
        return self.plans[kind]

    @cached_property
    def last(self) -> dict[str, dict[str, MadeFrom]]:
        """What the last run made its results from, by kind and slice; empty if that is not known."""
        try:
            found = json.loads(self.partials.read_note(_LAST))
        except ValueError:
            return {}
        whole = isinstance(found, dict) and all(isinstance(slices, dict) for slices in found.values())
        return found if whole else {}

    def done(self) -> int:
        """Note what this run made its results from, and let go of what neither it nor the last one made use of.

        How many partial results were let go of.
        """
        before = {key for slices in self.last.values() for key in (each.get(_KEY, "") for each in slices.values())}
        mine = {key for plan in self.plans.values() for key in plan.keys}
        note = {
            kind: {
                label: {**{name: _short(d) for name, d in now.items()}, _KEY: own}
                for label, now, own in zip(plan.labels, plan.made_from, plan.keys, strict=True)
            }
            for kind, plan in self.plans.items()
        }
        self.partials.write_note(_LAST, json.dumps(note))
        return self.partials.keep_only(mine | before)


def _short(digest: str) -> str:
    return digest[:16]
