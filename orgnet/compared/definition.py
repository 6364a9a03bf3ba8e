"""What two runs define otherwise: configuration, thresholds of indicators, and the version of the package."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_MOVES_NO_VALUE = re.compile(
    r"(compute|out|quality|snapshots|person_key|phases|period\.end|indicators)\b"
    r"|sources\.\w+$|sources\.\w+(\[\d+\])?\.path$|uncertainty\.sensitivity$"
)
"""Settings that leave the values of a slice alone.

Phases and sensitivity have tables of their own, records come in under `sources`, thresholds are compared themselves,
and a period that ends later only adds slices. One that begins earlier shows what no window could look back on before.
"""
CONFIGURATION, THRESHOLDS, VERSION = "configuration", "thresholds", "version"
_SHOWN = 60


@dataclass(frozen=True)
class Difference:
    """One thing that two runs say of themselves differently; `moves` is whether it can move a value."""

    area: str
    name: str
    old: Any
    new: Any
    moves: bool

    def __str__(self) -> str:
        return f"{self.area} {self.name}: {_short(self.old)} -> {_short(self.new)}"


def _short(value: Any) -> str:
    text = "nothing" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _apart(path: str, old: Any, new: Any) -> Iterator[tuple[str, Any, Any]]:
    """Where two nested values differ: the path, and what stands there."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for name in [*old, *(name for name in new if name not in old)]:
            yield from _apart(f"{path}.{name}" if path else str(name), old.get(name), new.get(name))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for number, (one, two) in enumerate(zip(old, new, strict=True)):
            yield from _apart(f"{path}[{number}]", one, two)
    elif old != new:
        yield path, old, new


@dataclass(frozen=True)
class Definition:
    """Everything that two runs define otherwise."""

    differences: list[Difference]

    @property
    def moving(self) -> list[Difference]:
        """The differences that can move a value."""
        return [each for each in self.differences if each.moves]

    def bears_on(self, table: str) -> bool:
        """Whether values of a table may differ by definition; thresholds bear on levels alone."""
        return any(each.area != THRESHOLDS or table == "indicators" for each in self.moving)


def definition_of(old: Mapping[str, Any], new: Mapping[str, Any]) -> Definition:
    """What the manifests of two runs define otherwise."""
    found = [
        Difference(CONFIGURATION, path, one, two, not _MOVES_NO_VALUE.match(path))
        for path, one, two in _apart("", old["configuration"], new["configuration"])
    ]
    found += [
        Difference(THRESHOLDS, path, one, two, True)
        for path, one, two in _apart("", old["indicators"], new["indicators"])
    ]
    if old["package"] != new["package"]:
        found.append(Difference(VERSION, "orgnet", old["package"]["version"], new["package"]["version"], True))
    found += [
        Difference(VERSION, path, one, two, False)
        for path, one, two in _apart("", old.get("libraries"), new.get("libraries"))
    ]
    return Definition(found)
