"""Prefect's embedded server, started so that a run which is interrupted can still tell it how it ended."""

import signal
from contextlib import suppress
from threading import Thread

from prefect.client.orchestration import get_client


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
