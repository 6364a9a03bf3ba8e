"""Where slices are measured: in this process, or in several on this machine."""

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import fsspec

from orgnet import worker
from orgnet.config import Compute
from orgnet.made_from import Plan
from orgnet.metrics.kept import arrays_of_task, blocks_of_arrays, measure_and_keep
from orgnet.metrics.measure import Measured, SliceTask, joined, measure_slices
from orgnet.work import HERE, Work, put_down
from pipelines.cluster import cluster
from pipelines.progress import say

BATCHES_PER_WORKER = 8
PASSING = ".passing"


@contextmanager
def passing_folder(compute: Compute, out: Path) -> Iterator[str]:
    """A folder for what passes between processes while a run is at work; what a run that died has left is cleared.

    It holds who was where by number, without names or hashes, and nothing of it stays.
    """
    address = f"{compute.shared.rstrip('/')}/{PASSING}" if compute.shared else str(out.absolute() / PASSING)
    files, path = fsspec.core.url_to_fs(address)
    _clear(files, path)
    try:
        yield address
    finally:
        _clear(files, path)


def _clear(files: fsspec.AbstractFileSystem, path: str) -> None:
    if files.exists(path):
        files.rm(path, recursive=True)


@contextmanager
def working(compute: Compute, folder: str) -> Iterator[Work]:
    """Where the work is done; processes, not threads, as igraph holds Python's lock while it works.

    `folder` is where arrays are put down for other processes.
    """
    if compute.engine == "dask":
        with cluster(compute, folder) as work:
            yield work
        return
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
        pool.shutdown(cancel_futures=True)
        raise
    pool.shutdown(wait=False)  # they have nothing left to do, and take a second to leave


def batches(tasks: Sequence[SliceTask], plan: Plan, compute: Compute) -> list[tuple[str, list[SliceTask]]]:
    """The slices to measure in runs, a few per worker, in order, each with a label that says which slices it holds."""
    wanted = [task for task in tasks if task.number in plan.anew]
    count = max(1, min(len(wanted), compute.workers * BATCHES_PER_WORKER))
    size, extra = divmod(len(wanted), count)
    cut, start = [], 0
    for number in range(count if wanted else 0):
        batch = wanted[start : start + size + (number < extra)]
        start += len(batch)
        first, last = (plan.labels[batch[end].number] for end in (0, -1))
        cut.append((first if first == last else f"{first} to {last}", batch))
    return cut


def measure_batch(work: Work, batch: list[SliceTask], plan: Plan, label: str) -> None:
    """Measure a run of slices wherever the work is done, where what comes of it is kept; wait for it."""
    keys = [plan.keys[task.number] for task in batch]
    given: Sequence[SliceTask | str] = batch
    if work.folder is not None:
        given = [put_down(work.folder, f"slice-{task.number}", arrays_of_task(task)) for task in batch]
    work.pool.submit(measure_and_keep, given, keys, plan.partials).result()
    say("metrics", f"slices {label} measured")


def taken_together(tasks: Sequence[SliceTask], plan: Plan) -> Measured:
    """What was measured of every slice, now or in an earlier run. What has been lost meanwhile is measured again."""
    parts = []
    for task, key in zip(tasks, plan.keys, strict=True):
        arrays = plan.taken_up.get(task.number) or plan.partials.take(key)
        parts.append(measure_slices([task]) if arrays is None else blocks_of_arrays(arrays, task.number, task.roster))
    return joined(parts)
