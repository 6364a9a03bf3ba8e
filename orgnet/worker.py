"""What a process that measures slices does before its first slice."""

import multiprocessing
import os
import signal
import threading


def compute_in_one_thread() -> None:
    """Let NumPy's linear algebra use one thread in the processes to come, and in this one if it has not loaded NumPy.

    Slices are measured in as many processes as there are workers: threads on top would only get in each other's way,
    and one thread adds up in the same order whatever else the computer does.
    """
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")


def set_up() -> None:
    """Leave interrupts to the parent process, and end when it ends, however that came about."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=[parent], daemon=True).start()


def _end_with(parent: multiprocessing.process.BaseProcess) -> None:
    parent.join()
    os._exit(1)
