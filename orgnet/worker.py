"""What a process that measures slices does before its first slice."""

import multiprocessing
import os
import signal
import threading


def set_up() -> None:
    """Leave interrupts to the parent process, and end when it ends, however that came about."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=[parent], daemon=True).start()


def _end_with(parent: multiprocessing.process.BaseProcess) -> None:
    parent.join()
    os._exit(1)
