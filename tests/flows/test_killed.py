"""A run that is killed at any moment leaves the last complete snapshot current, and the next run tidies up.

`kill -9` gives a process no chance to do anything, as a power cut, or a computer that is out of memory, would not.
"""

import multiprocessing
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from prefect.settings import PREFECT_API_URL

from orgnet import store
from orgnet.errors import InputFault, StoreFault
from orgnet.locking import locked
from tests import dying
from tests.command import environment

STEPS = [
    ("table", 1),
    ("table", 2),
    ("manifest", 1),
    ("sync", 1),
    ("sync", 2),
    ("rename", 1),
    ("sync", 3),
    ("link", 1),
    ("switch", 1),
    ("sync", 4),
]
"""What publishing two tables does, in order; the new snapshot is current from the switch on."""
POINTS = [(*step, side) for step in STEPS for side in ("before", "after")]
SWITCHED = POINTS.index(("switch", 1, "after"))


@pytest.fixture(scope="module")
def fresh() -> multiprocessing.context.ForkServerContext:
    """Processes that have loaded what they need and nothing else."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.dying"])
    return context


@pytest.fixture
def killed(fresh, tmp_path):
    """Publish a value in a process that is killed at a point on the way."""

    def publish(value: str, point: tuple[str, int, str]) -> None:
        process = fresh.Process(target=dying.publish_and_die, args=(tmp_path, value, point))
        process.start()
        process.join(60)
        assert process.exitcode == -signal.SIGKILL, f"the process was to die {point[2]} {point[:2]}"

    return publish


def current(out: Path) -> str | None:
    """The value of the current snapshot, which must be whole, or None if there is none."""
    if not (out / "current").exists():
        with pytest.raises(InputFault):
            store.snapshot(out)
        return None
    folder = store.snapshot(out)
    (value,) = store.read(folder, "coverage").column("source").to_pylist()
    assert store.read(folder, "rejected_records").column("source").to_pylist() == [value]
    return value


def leftovers(out: Path) -> list[str]:
    return [path.name for path in out.rglob("*") if "unfinished" in path.name]


def assert_every_run_to_be_seen_is_whole(out: Path) -> None:
    for run in store.runs(out):
        assert "unfinished" not in run
        folder = store.snapshot(out, run)
        for name in ("coverage", "rejected_records"):
            assert store.read(folder, name).num_rows == 1
    for name in leftovers(out):
        with pytest.raises(InputFault, match="found no run"):
            store.snapshot(out, name)


class TestInsidePublish:
    def test_these_are_all_the_points_there_are(self, fresh, tmp_path):
        with fresh.Pool(1) as pool:
            assert pool.apply(dying.publish_and_die, (tmp_path, "x", None)) == STEPS

    @pytest.mark.parametrize("point", POINTS, ids=lambda point: "-".join(map(str, point)))
    def test_of_the_first_run(self, killed, tmp_path, point):
        killed("first", point)
        assert current(tmp_path) == ("first" if POINTS.index(point) >= SWITCHED else None)
        assert_every_run_to_be_seen_is_whole(tmp_path)
        dying.publish(tmp_path, "next")
        assert current(tmp_path) == "next"
        assert leftovers(tmp_path) == []

    @pytest.mark.parametrize("point", POINTS, ids=lambda point: "-".join(map(str, point)))
    def test_of_a_later_run(self, killed, tmp_path, point):
        dying.publish(tmp_path, "last")
        killed("new", point)
        assert current(tmp_path) == ("new" if POINTS.index(point) >= SWITCHED else "last")
        assert_every_run_to_be_seen_is_whole(tmp_path)
        dying.publish(tmp_path, "next")
        assert current(tmp_path) == "next"
        assert leftovers(tmp_path) == []

    def test_some_points_leave_something_behind(self, killed, tmp_path):
        """Otherwise the tests above would show nothing about tidying up."""
        killed("x", ("manifest", 1, "after"))
        assert len(leftovers(tmp_path)) == 1
        killed("y", ("link", 1, "after"))
        assert leftovers(tmp_path) == [".unfinished-current"]


class TestPublishThatFails:
    @pytest.mark.parametrize("step", dying.STEPS)
    def test_it_says_why_and_leaves_the_last_results(self, monkeypatch, tmp_path, step):
        def full(*arguments, **options):
            raise OSError(28, "No space left on device")

        dying.publish(tmp_path, "last")
        monkeypatch.setattr(*dying.STEPS[step], full)
        with pytest.raises(StoreFault, match="could not be written: No space left on device"):
            dying.publish(tmp_path, "new")
        assert current(tmp_path) == "last"
        assert leftovers(tmp_path) == []

    def test_two_runs_at_once_are_told_apart(self, tmp_path):
        with locked(tmp_path), pytest.raises(StoreFault, match="another run is at work there"):
            dying.publish(tmp_path, "second")
        assert current(tmp_path) is None


DRIVER = """
import multiprocessing, os, sys
from datetime import date
from pathlib import Path
from pipelines.progress import watcher
from pipelines.run import run_network
from tests.dying import die

config, out, point = sys.argv[1:]

def opened(event, arguments):  # Python tells of every file that it opens
    path = str(arguments[0]) if event == "open" and isinstance(arguments[0], (str, os.PathLike)) else ""
    if point == "reading" and path.endswith("mdt_cases.csv"):
        die()
    if point == "publishing" and ".unfinished-" in path and path.endswith("network_metrics.parquet"):
        die()

def watch(stage, message):
    if point == "measuring" and stage == "metrics":
        print(*(process.pid for process in multiprocessing.active_children()), flush=True)
        die()
    if point == "publishing" and stage == "change":  # the last before it; all is slower from here on
        sys.addaudithook(opened)

if __name__ == "__main__":
    if point == "reading":
        sys.addaudithook(opened)
    watcher.set(watch)
    again = date.min if point == "measuring" else None  # what an earlier run has kept is not to be taken up
    run_network(Path(config), Path(out), again_from=again)
"""


def alive(process: int) -> bool:
    """Whether a process is still at work; one that has ended may stay listed until it is looked after."""
    found = subprocess.run(["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True, check=False)
    return bool(found.stdout.strip()) and not found.stdout.startswith("Z")


class TestWholeRun:
    @pytest.fixture
    def killed(self, tmp_path):
        """A run in a process of its own that is killed at a point on the way; returns what it said."""
        driver = tmp_path / "driver.py"
        driver.write_text(DRIVER)

        def run(config: Path, out: Path, point: str) -> str:
            found = subprocess.run(
                [sys.executable, driver, config, out, point],
                env=environment(
                    PREFECT_API_URL=PREFECT_API_URL.value(),
                    PREFECT_LOGGING_LEVEL="CRITICAL",
                    PYTHONPATH=str(Path(__file__).parents[2]),
                ),
                capture_output=True,
                text=True,
                timeout=240,
                check=False,
            )
            assert found.returncode == -signal.SIGKILL, found.stderr
            return found.stdout

        return run

    def test_while_reading_for_the_first_time(self, killed, small_alone, tmp_path):
        killed(small_alone, tmp_path / "out", "reading")
        assert [path.name for path in (tmp_path / "out").iterdir()] == [".lock"]
        with locked(tmp_path / "out"):  # which the dead run no longer holds
            assert store.runs(tmp_path / "out") == []

    def test_while_measuring(self, killed, small, finished_small, tmp_path):
        shutil.copytree(finished_small.out, tmp_path / "out", symlinks=True)
        workers = [int(word) for word in killed(small, tmp_path / "out", "measuring").split()]
        assert store.runs(tmp_path / "out") == [finished_small.folder.name]
        assert store.snapshot(tmp_path / "out").name == finished_small.folder.name
        assert len(workers) == 2
        for _ in range(100):
            if not any(map(alive, workers)):
                break
            time.sleep(0.1)
        assert not any(map(alive, workers)), "processes that measure end with the run"

    def test_while_publishing_and_then_running_again(self, killed, finished_small, small_alone, run_again, tmp_path):
        out = tmp_path / "out"
        shutil.copytree(finished_small.out, out, symlinks=True)
        killed(small_alone, out, "publishing")
        assert len(leftovers(out)) == 1
        assert store.runs(out) == [finished_small.folder.name]
        assert store.snapshot(out).name == finished_small.folder.name
        again = run_again(small_alone, out)
        assert leftovers(out) == []
        assert store.runs(out) == sorted([finished_small.folder.name, again.folder.name])
        assert store.snapshot(out).name == again.folder.name
