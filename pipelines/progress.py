"""What a run says while it works: to Prefect's log, and to whoever watches on a terminal. Counts, never names."""

import sys
from collections.abc import Callable
from contextvars import ContextVar
from resource import RUSAGE_SELF, getrusage
from time import perf_counter

from prefect.exceptions import MissingContextError
from prefect.logging import get_run_logger

_PEAK_UNIT = 1024 * 1024 if sys.platform == "darwin" else 1024  # bytes there, kibibytes elsewhere

watcher: ContextVar[Callable[[str, str], None] | None] = ContextVar("watcher", default=None)


class Clock:
    """How long each stage of a run took, and the most memory this process had held by its end (workers not counted)."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.peak_mib: dict[str, int] = {}
        self._since = perf_counter()

    def done(self, stage: str, message: str) -> None:
        """Note that a stage is done, and say so."""
        now = perf_counter()
        self.seconds[stage] = round(now - self._since, 3)
        self._since = now
        self.peak_mib[stage] = getrusage(RUSAGE_SELF).ru_maxrss // _PEAK_UNIT
        say(stage, message)


def say(stage: str, message: str) -> None:
    """Say how a stage stands."""
    watching = watcher.get()
    if watching is not None:
        watching(stage, message)
    try:
        get_run_logger().info("%s: %s", stage, message)
    except MissingContextError:
        return
