"""Who runs what, where several processes share the tests: files stay whole, and what takes long comes first."""

from collections.abc import Iterable
from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling

TOGETHER = "tests/flows/"
"""The flows' files stay together: they share a server, and a finished run in it."""
LEFT = (
    "tests/server/",
    "tests/flows/test_dask.py",
    "tests/flows/test_killed.py",
    "tests/spec/test_calibration.py",
    "tests/unit/test_real_copies.py",
)
"""What is left to `make test-long` as a whole: servers, clusters and what kills them, statistics over many runs, and whole
runs of real records."""
FIRST = [
    TOGETHER,
    "tests/server/test_served",
    "tests/conventions/test_reference.py",
    "tests/spec/test_scenario_levels.py",
    "tests/spec/test_scenario_variants.py",
    "tests/spec/test_metamorphic.py",
]
"""What takes longest, so that neither process is left with it when the other has finished."""


class Balanced(LoadFileScheduling):
    """Files as they are collected, the long ones before them."""

    def _split_scope(self, nodeid: str) -> str:
        return TOGETHER if nodeid.startswith(TOGETHER) else nodeid.split("::", 1)[0]


def _place(item: pytest.Item) -> int:
    return next((place for place, path in enumerate(FIRST) if item.nodeid.startswith(path)), len(FIRST))


def longest_first(items: list[pytest.Item]) -> None:
    """Put the tests of long files first, in place, and mark those that `make test` leaves to `make test-long`."""
    items.sort(key=_place)
    for item in items:
        if item.nodeid.startswith(LEFT):
            item.add_marker(pytest.mark.long)


def long_after(n: int, values: Iterable[Any]) -> list[Any]:
    """Values to try a test with: the first in `make test`, the others in `make test-long`."""
    return [value if at < n else pytest.param(value, marks=pytest.mark.long) for at, value in enumerate(values)]
