"""Processes that kill themselves at a given point, as a power cut would; this module is all that they load."""

import os
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from orgnet import store

STEPS: dict[str, tuple[Any, str]] = {
    "table": (store, "_write_parquet"),
    "manifest": (store, "_write_text"),
    "sync": (store, "_sync"),
    "rename": (Path, "rename"),
    "link": (Path, "symlink_to"),
    "switch": (Path, "replace"),
}
"""Every step of publishing that touches the disk, and where its function is."""


def tables(value: str) -> dict[str, pa.Table]:
    """Two small tables, one of them restricted, that hold a value."""
    found = {}
    for name in ("coverage", "rejected_records"):
        rest = {column: [1] if column == "row" else [None] for column in store.columns_of(name)}
        found[name] = store.table(name, {**rest, "source": [value]})
    return found


def publish(out: Path, value: str) -> Path:
    """Publish the two tables."""
    return store.publish(out, tables(value), {"value": value}, datetime.now(UTC))


def die() -> None:
    """End this process at once; nothing of it is tidied up."""
    os.kill(os.getpid(), signal.SIGKILL)


def publish_and_die(out: Path, value: str, point: tuple[str, int, str] | None) -> list[tuple[str, int]]:
    """Publish, and die before or after a step is taken for the nth time; without a point, tell the steps taken."""
    taken: list[tuple[str, int]] = []

    def watched(step: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            mine = (step, sum(name == step for name, _ in taken) + 1)
            taken.append(mine)
            if (*mine, "before") == point:
                die()
            result = original(*arguments, **options)
            if (*mine, "after") == point:
                die()
            return result

        return call

    for step, (owner, name) in STEPS.items():
        setattr(owner, name, watched(step, getattr(owner, name)))
    publish(out, value)
    return taken
