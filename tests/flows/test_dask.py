"""The same work on a Dask cluster: the same bytes, also when a worker is lost in the middle of it."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from orgnet.config import Compute, load_config
from orgnet.errors import InputFault
from orgnet.metrics.groups import measure_groups
from orgnet.metrics.kept import arrays_of_graphs, arrays_of_groups, arrays_of_task, task_of_arrays
from orgnet.metrics.measure import measure_slices, slice_tasks
from orgnet.metrics.reuse import graphs_made_from
from orgnet.records.coverage import make_coverage
from orgnet.records.organisations import make_roster
from orgnet.records.read import read_records
from orgnet.records.restate import state
from orgnet.ties.make import make_ties
from orgnet.work import HERE, pick_up, put_down
from pipelines.cluster import cluster
from pipelines.engine import working
from tests.flows.test_determinism import assert_equal_results
from tests.flows.test_reuse import copy_of
from tests.networks import Network

pytest.importorskip("distributed")
DASK = {"engine": "dask", "workers": 2}


def process_of_a_worker() -> int:
    """It runs on a worker: which process that is."""
    return os.getpid()


def test_a_run_on_a_cluster_gives_the_same_bytes(small, finished_small, run_again, tmp_path):
    config = copy_of(small, tmp_path / "dask", compute=DASK)
    assert_equal_results(finished_small.folder, run_again(config, tmp_path / "out").folder)
    assert not (tmp_path / "out" / ".passing").exists()


def test_a_worker_that_is_killed_at_work_changes_nothing(small, tmp_path):
    """The work of a lost worker is done again by another, from what was put down for it."""
    config = load_config(small)
    calendar, records = config.calendar, state(read_records(config), config)[0]
    roster = make_roster(records, calendar)
    coverage = make_coverage(records, roster, calendar)
    found = {}
    with working(Compute(**DASK), str(tmp_path / "passing")) as work, ThreadPoolExecutor(1) as thread:
        victim = work.pool.submit(process_of_a_worker).result()
        for place in (work, HERE):
            ties = make_ties(records, config, calendar, place)
            measuring = thread.submit(measure_groups, ties, records, roster, coverage, config, calendar, place)
            if place is work:
                time.sleep(0.2)
                assert not measuring.done(), "it must be at work when it is killed"
                os.kill(victim, signal.SIGKILL)
            measures = measuring.result()
            found[place.folder] = [arrays_of_groups(measures, number) for number in range(len(calendar))]
    one, two = found.values()
    for mine, theirs in zip(one, two, strict=True):
        assert {name: array.tobytes() for name, array in mine.items()} == {
            name: array.tobytes() for name, array in theirs.items()
        }


def test_a_scheduler_elsewhere_is_found_by_its_address(tmp_path):
    from distributed import LocalCluster

    with (
        LocalCluster(n_workers=1, threads_per_worker=1, host="127.0.0.1", dashboard_address=None) as there,
        cluster(Compute(engine="dask", address=there.scheduler_address, shared=str(tmp_path)), str(tmp_path)) as work,
    ):
        assert work.pool.submit(process_of_a_worker).result() != os.getpid()


def test_a_scheduler_that_is_not_there_is_told(monkeypatch, tmp_path):
    monkeypatch.setattr("pipelines.cluster.SECONDS_TO_CONNECT", 1)
    compute = Compute(engine="dask", address="tcp://127.0.0.1:9", shared=str(tmp_path))
    with (
        pytest.raises(InputFault, match=r"no Dask scheduler answers at tcp://127.0.0.1:9"),
        cluster(compute, str(tmp_path)),
    ):
        pass


def test_a_shared_folder_that_cannot_be_written_to_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputFault, match="cannot write to"), cluster(Compute(**DASK), str(tmp_path / "file" / "below")):
        pass


@pytest.mark.parametrize(
    ("compute", "fault"),
    [
        ({"address": "tcp://host:8786"}, "`address` or `shared` for the local engine"),
        ({"engine": "dask", "address": "tcp://host:8786"}, "`address` without `shared`"),
    ],
)
def test_what_does_not_go_together_is_told(small, tmp_path, compute, fault):
    with pytest.raises(InputFault, match=fault):
        load_config(copy_of(small, tmp_path / "wrong", compute=compute))


def test_slices_pass_through_object_storage(small):
    """What workers elsewhere are given, by way of a folder that is none of this machine's: the slice comes out as it was."""
    network = Network(load_config(small), {})
    layers = [list(each.values()) for each in network.slices]
    for task in slice_tasks(layers, network.records, network.roster, network.coverage)[-2:]:
        address = put_down("memory://shared/orgnet", f"slice-{task.number}", arrays_of_task(task))
        again = task_of_arrays(pick_up(address))
        assert graphs_made_from([again]) == graphs_made_from([task])
        one, two = (arrays_of_graphs(measure_slices([each])) for each in (task, again))
        assert {name: array.tobytes() for name, array in one.items()} == {
            name: array.tobytes() for name, array in two.items()
        }
