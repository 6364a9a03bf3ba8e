"""Who runs what, where several processes share the tests: files stay whole, and what takes long comes first."""

import pytest
from xdist.scheduler import LoadFileScheduling

TOGETHER = "tests/flows/"
"""The flows' files stay together: they share a server, and a finished run in it."""
LONG = [
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
    return next((place for place, path in enumerate(LONG) if item.nodeid.startswith(path)), len(LONG))


def longest_first(items: list[pytest.Item]) -> None:
    """Put the tests of long files first, in place."""
    items.sort(key=_place)
