"""Prefect's server: the embedded one of a single run, and the one of one's own that schedules need.

The embedded one is started so that a run which is interrupted can still tell it how it ended.
"""

import signal
from contextlib import suppress
from threading import Thread

from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterName, FlowRunFilter
from prefect.settings import PREFECT_API_URL
from prefect.states import Crashed

from orgnet.errors import InputFault

_AT_WORK = {"state": {"type": {"any_": ["PENDING", "RUNNING", "CANCELLING"]}}}


def start_server() -> None:
    """Start the embedded server, if no other is configured, out of reach of a terminal's Ctrl-C.

    Ctrl-C interrupts every process that was started from the terminal. A server that it stopped would leave the run
    waiting for it for minutes, to say that it was interrupted.
    """
    thread = Thread(target=_start, daemon=True)
    thread.start()
    thread.join()


def _start() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # the new process takes this over from its thread
    with suppress(Exception):  # the flow tries again, and tells
        get_client(sync_client=True)


def require_server() -> None:
    """Raises InputFault if no Prefect server of one's own is configured, or it does not answer."""
    url = PREFECT_API_URL.value()
    start = "start one with: prefect server start --host 127.0.0.1"
    if not url:
        raise InputFault(
            "PREFECT_API_URL is not set, and schedules need a Prefect server that stays up; "
            f"{start}; then set PREFECT_API_URL=http://127.0.0.1:4200/api"
        )
    with get_client(sync_client=True) as client:
        fault = client.api_healthcheck()
    if fault is not None:
        raise InputFault(f"PREFECT_API_URL: no Prefect server answers at {url} ({fault}); {start}")


def tell_of_ended(deployments: list[str]) -> None:
    """Tell the server that the runs at work have ended with the process that served them: Prefect's own does not."""
    message = "orgnet serve was stopped while this run was at work; the last results published stay as they were"
    with suppress(Exception), get_client(sync_client=True) as client:  # if the server is gone too, nobody can be told
        for run in client.read_flow_runs(
            deployment_filter=DeploymentFilter(name=DeploymentFilterName(any_=deployments)),
            flow_run_filter=FlowRunFilter.model_validate(_AT_WORK),
        ):
            client.set_flow_run_state(run.id, Crashed(message=message), force=True)
