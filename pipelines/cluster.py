"""A Dask cluster as the place where the work is done: on this machine, or wherever its scheduler is."""

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import fsspec

from orgnet import worker
from orgnet.config import Compute
from orgnet.errors import InputFault
from orgnet.work import Work

RETRIES = 3
"""How often a call is made again whose worker was lost, or that failed."""
SECONDS_TO_CONNECT = 30


@contextmanager
def cluster(compute: Compute, folder: str) -> Iterator[Work]:
    """A cluster's workers as an executor. A call whose worker is lost is made again by another.

    Raises InputFault if Dask is not installed, the scheduler is not there, or the shared folder cannot be written to.
    """
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        raise InputFault(
            "compute: engine: dask needs the package distributed; install it with: pip install 'interorgnet[dask]'"
        ) from None
    _check_shared(folder)
    with ExitStack() as stack:
        place = compute.address
        if place is None:
            worker.compute_in_one_thread()
            place = stack.enter_context(
                LocalCluster(
                    n_workers=compute.workers,
                    threads_per_worker=1,
                    host="127.0.0.1",
                    dashboard_address=None,
                    silence_logs=logging.ERROR,
                )
            )
        try:
            client = stack.enter_context(Client(place, timeout=SECONDS_TO_CONNECT))
        except (OSError, TimeoutError, ValueError) as error:
            raise InputFault(
                f"compute: address: no Dask scheduler answers at {compute.address}: {error or 'it took too long'}. Start "
                "one with `dask scheduler`, and workers with `dask worker ADDRESS`"
            ) from None
        yield Work(client.get_executor(retries=RETRIES), folder)


def _check_shared(folder: str) -> None:
    files, path = fsspec.core.url_to_fs(folder)
    try:
        files.makedirs(path, exist_ok=True)
        files.pipe_file(f"{path}/written", b"")
        files.rm_file(f"{path}/written")
    except (OSError, ValueError) as error:
        raise InputFault(f"compute: shared: cannot write to {folder}: {error}") from None
