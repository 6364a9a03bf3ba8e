"""Where slices are measured: in this process, or in several on this machine."""

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager

from orgnet import worker
from orgnet.config import Compute
from orgnet.metrics.measure import Measured, SliceTask, measure_slices
from orgnet.windows import Calendar
from orgnet.work import HERE, Work
from pipelines.progress import say

BATCHES_PER_WORKER = 8


@contextmanager
def working(compute: Compute, folder: str) -> Iterator[Work]:
    """Where the work is done; processes, not threads, as igraph holds Python's lock while it works.

    `folder` is where arrays are put down for other processes.
    """
    if compute.workers == 1:
        yield HERE
        return
    worker.compute_in_one_thread()
    # Spawned, not forked: the parent has threads of its own, which a fork would leave half alive.
    spawn = multiprocessing.get_context("spawn")
    others = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(compute.workers, mp_context=spawn, initializer=worker.set_up)
    try:
        for _ in range(compute.workers):
            pool.submit(measure_slices, [])  # the workers load what they need while the records are read
        yield Work(pool, folder)
    except BaseException:
        for process in set(multiprocessing.active_children()) - others:
            process.terminate()  # what they are at is of no use any more, and may take long
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def batches(tasks: Sequence[SliceTask], calendar: Calendar, compute: Compute) -> list[tuple[str, list[SliceTask]]]:
    """The slices in runs, a few per worker, in order, each with a label that says which slices it holds."""
    count = max(1, min(len(tasks), compute.workers * BATCHES_PER_WORKER))
    size, extra = divmod(len(tasks), count)
    cut, start = [], 0
    for number in range(count):
        batch = list(tasks[start : start + size + (number < extra)])
        start += len(batch)
        first, last = (calendar.slices[batch[end].number].label for end in (0, -1))
        cut.append((first if first == last else f"{first} to {last}", batch))
    return cut


def measure_batch(work: Work, batch: list[SliceTask], label: str) -> Measured:
    """Measure a run of slices wherever the work is done, and wait for it."""
    measured: Measured = work.pool.submit(measure_slices, batch).result()
    say("metrics", f"slices {label} measured")
    return measured
