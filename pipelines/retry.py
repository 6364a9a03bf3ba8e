"""When trying again can help, and when to give up.

A file share may come back; a fault in the records will not go away by itself.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from prefect.client.schemas.objects import State, TaskRun
from prefect.context import FlowRunContext
from prefect.tasks import exponential_backoff

from orgnet.config import Compute
from orgnet.errors import InputFault, OrgnetError

TIMEOUT = "ORGNET_TIMEOUT_MINUTES"
"""The environment variable that says after how many minutes a run is given up; not set: never."""

JITTER = 0.5
"""Networks that wait for one file share do not all come back at one moment: a wait varies by so much of its length."""


def worth_retrying(task: Any, run: TaskRun, state: State[Any]) -> bool:
    """Whether a failed task should be tried again."""
    try:
        state.result()
    except OrgnetError:
        return False
    except OSError:
        return True
    except Exception:
        return False
    return False


def retrying(compute: Compute) -> dict[str, Any]:
    """How a task that reads files is tried again: after waits that double."""
    return {
        "retries": compute.read_retries,
        "retry_delay_seconds": exponential_backoff(compute.retry_delay_seconds),
        "retry_jitter_factor": JITTER,
        "retry_condition_fn": worth_retrying,
    }


def timeout_seconds() -> float | None:
    """After how long a run is given up. Read as the flows are loaded, and so the same for every run of a process."""
    minutes = os.environ.get(TIMEOUT, "")
    try:
        return float(minutes) * 60 if minutes else None
    except ValueError:
        raise InputFault(f"{TIMEOUT}: found {minutes!r}, expected a number of minutes") from None


@contextmanager
def told_when_given_up() -> Iterator[None]:
    """Tell a run whose time is up as given up, whatever has become of the interruption on its way.

    Prefect interrupts the run wherever it is. Inside a library that calls Python back, as DuckDB does, the library raises an
    error of its own instead, and the run would be told as failed by a fault that there is not.
    """
    try:
        yield
    except TimeoutError:
        raise
    except Exception as error:
        context = FlowRunContext.get()
        limit = None if context is None or context.flow is None else context.flow.timeout_seconds
        if context is None or limit is None or datetime.now(UTC) - context.start_time < timedelta(seconds=limit):
            raise
        raise TimeoutError(f"given up after {limit / 60:g} minutes ({type(error).__name__}: {error})") from error
