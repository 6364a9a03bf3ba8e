"""Runs whose results can be trusted: one at a time, records held to limits, old runs removed, no harm when it fails.

A small network, so that a run takes little time.
"""

import shutil
import threading
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from prefect.client.orchestration import get_client
from prefect.settings import PREFECT_API_URL

import pipelines.run
from orgnet.errors import StoreFault
from orgnet.folders import read_manifest, runs, snapshot
from orgnet.history import history
from orgnet.records.quality import QualityFault
from orgnet.verification import verify_network
from pipelines.run import run_network
from tests.command import orgnet
from tests.disks import fill, small_disk
from tests.feeds import write
from tests.holding import held_by_another, is_free, let_go

MONTHS = range(1, 13)
ORGANISATIONS = "org_id\nA\nB\nC\n"


def referrals(lost_from: int = 13) -> str:
    """Twenty referrals a month of each of three organisations; of C none from a month on."""
    rows = [
        f"2016-{month:02}-{day:02},{one},{two}"
        for month in MONTHS
        for day in range(1, 21)
        for one, two in ("AB", "BC", "CA")
        if one != "C" or month < lost_from
    ]
    return "\n".join(["date,from_org,to_org", *rows]) + "\n"


def network(folder: Path, lost_from: int = 13, **settings: Any) -> Path:
    """A year of referrals among three organisations, month by month."""
    quick: dict[str, Any] = {
        "period": {"start": date(2016, 1, 1), "end": date(2017, 1, 1)},
        "slices": {"every": "month", "window": "month"},
        "uncertainty": {"replicates": 0, "sensitivity": "none"},
        "compute": {"workers": 1},
        "out": "out",
    }
    folder.mkdir(exist_ok=True)
    files = {"organisations.csv": ORGANISATIONS, "referrals.csv": referrals(lost_from)}
    return write(folder, files, **quick | settings)


@pytest.fixture(scope="module")
def done(tmp_path_factory) -> Path:
    """A network that has been run once."""
    config = network(tmp_path_factory.mktemp("done"))
    run_network(config)
    return config


@pytest.fixture
def ran(done, tmp_path) -> Path:
    """A copy of it."""
    shutil.copytree(done.parent, tmp_path / "ran", symlinks=True)
    return tmp_path / "ran" / done.name


def failed(config: Path, expected: type[Exception], **options: Any) -> str:
    """How a run failed."""
    state = run_network(config, return_state=True, **options)
    assert state.is_failed()
    with pytest.raises(expected) as caught:
        state.result()
    return str(caught.value)


def assert_as_it_was(config: Path, done: Path) -> None:
    out = config.parent / "out"
    last = snapshot(done.parent / "out").name
    assert snapshot(out).name == last
    assert verify_network(out, every=True) == [last]
    assert not list(out.rglob("*unfinished*"))


def test_a_whole_run_can_be_verified_file_by_file(done):
    out = done.parent / "out"
    assert verify_network(out, every=True) == runs(out)
    listed = read_manifest(snapshot(out))["files"]
    assert {"ties.parquet", "restricted/draws.parquet", "restricted/rejected_records.parquet"} <= set(listed)
    assert len(listed) == len(read_manifest(snapshot(out))["table_rows"]) + len(["report.html"])


class TestTwoAtOnce:
    def test_the_second_is_refused_before_it_reads_anything(self, ran, done, monkeypatch):
        monkeypatch.setattr(pipelines.run, "read", lambda *_: pytest.fail("it was to read nothing"))
        with held_by_another(ran.parent / "out") as other:
            said = failed(ran, StoreFault)
        assert f"process {other.pid} on " in said and "--wait MINUTES" in said
        assert_as_it_was(ran, done)

    def test_the_folder_is_held_until_the_end(self, ran, monkeypatch):
        """From before the records are read until after publishing, another cannot take it."""
        out, seen = ran.parent / "out", []

        def looking(function):
            def call(*arguments, **options):
                seen.append(is_free(out))
                return function(*arguments, **options)

            return call

        for stage in ("load_damour", "summarise"):
            monkeypatch.setattr(pipelines.run, stage, looking(getattr(pipelines.run, stage)))
        run_network(ran)
        assert [*seen, is_free(out)] == [False, False, True]

    def test_one_that_waits_runs_when_the_other_is_done(self, ran):
        with held_by_another(ran.parent / "out") as other:
            threading.Timer(0.5, let_go, [other]).start()
            run_network(ran, wait_minutes=1)
        assert len(verify_network(ran.parent / "out", every=True)) == 2

    def test_the_command_says_so_with_exit_code_1(self, ran):
        with held_by_another(ran.parent / "out"):
            found = orgnet("run", ran.name, folder=ran.parent, PREFECT_API_URL=PREFECT_API_URL.value())
        assert (found.returncode, found.stdout) == (1, "")
        (line,) = found.stderr.splitlines()
        assert line.startswith(f"orgnet: {ran.parent}/out: another run is at work there (process ")


class TestQuality:
    def test_a_run_that_is_to_fail_leaves_the_last_results_current(self, ran, done):
        network(ran.parent, lost_from=9, quality={"on_breach": "fail"})
        said = failed(ran, QualityFault)
        assert "referrals of C: 0 records in 2016-12, usually 19 before 2016-09" in said
        assert_as_it_was(ran, done)

    def test_the_command_tells_it_with_exit_code_2(self, ran, done):
        network(ran.parent, lost_from=9, quality={"on_breach": "fail"})
        found = orgnet("run", ran.name, folder=ran.parent, PREFECT_API_URL=PREFECT_API_URL.value())
        assert found.returncode == 2
        assert "orgnet: quality: referrals of C: " in found.stderr and "Traceback" not in found.stderr
        assert_as_it_was(ran, done)

    def test_a_run_that_is_marked_says_so_everywhere(self, ran):
        network(ran.parent, lost_from=9)
        state = run_network(ran, return_state=True)
        summary, out = state.result(), ran.parent / "out"
        (mark,) = read_manifest(snapshot(out))["quality"]
        assert (mark["gate"], mark["record_kind"], mark["organisation_id"]) == ("organisation_drop", "referrals", "C")
        assert summary["quality"] == [mark["message"]]
        last = dict(zip(history(out).columns, history(out).rows[-1], strict=True))
        assert last["marks"] == ["referrals organisation_drop C 2016-09"]
        assert last["inputs"] == ["referrals.csv changed"]
        assert last["records"] == ["referrals: other records in 4 slices"]
        wanted = {"artifacts": {"flow_run_id": {"any_": [str(state.state_details.flow_run_id)]}}}
        with get_client(sync_client=True) as client:
            told = [artifact["data"] for artifact in client.request("POST", "/artifacts/filter", json=wanted).json()]
        assert any(f"- quality: {mark['message']}" in str(data) for data in told)

    def test_one_without_marks_says_that_too(self, done):
        assert read_manifest(snapshot(done.parent / "out"))["quality"] == []


class TestRetention:
    def test_a_run_removes_what_need_not_be_kept(self, ran):
        network(ran.parent, snapshots={"keep": 1})
        summary = run_network(ran)
        assert summary["removed"] == "1 old run removed"
        assert runs(ran.parent / "out") == [summary["run_id"]]

    def test_all_are_kept_unless_said_otherwise(self, ran):
        summary = run_network(ran)
        assert summary["removed"] == ""
        assert len(runs(ran.parent / "out")) == 2

    def test_equal_results_have_equal_files(self, ran, done):
        """Other limits and another rule for what is kept change the manifest, and nothing else."""
        network(ran.parent, snapshots={"keep": 1}, quality={"look_back": 3})
        run_network(ran)
        one, two = snapshot(ran.parent / "out"), snapshot(done.parent / "out")
        assert read_manifest(one)["files"] == read_manifest(two)["files"]
        assert read_manifest(one)["configuration_sha256"] == read_manifest(two)["configuration_sha256"]

    def test_results_stay_published_if_the_old_cannot_be_removed(self, ran, monkeypatch):
        def fail(*_):
            raise PermissionError(1, "Operation not permitted")

        network(ran.parent, snapshots={"keep": 1})
        monkeypatch.setattr("orgnet.retention.shutil.rmtree", fail)
        summary = run_network(ran)
        assert "an old run could not be removed: Operation not permitted" in summary["removed"]
        assert snapshot(ran.parent / "out").name == summary["run_id"]


class TestFaults:
    def test_a_disk_that_is_full(self, ran, done, tmp_path):
        with small_disk(tmp_path / "disk", 4096) as disk:
            shutil.copytree(ran.parent, disk / "net", symlinks=True)
            config = disk / "net" / ran.name
            filler = fill(disk, leave=60 * 1024)
            said = failed(config, StoreFault)
            assert "No space left on device (0.1 MiB are free, the last results take " in said
            assert_as_it_was(config, done)
            filler.unlink()
            run_network(config)
            assert len(verify_network(disk / "net" / "out", every=True)) == 2

    def test_a_folder_that_is_removed_in_mid_run(self, ran, monkeypatch):
        out = ran.parent / "out"

        def removed(*arguments, **options):
            shutil.rmtree(out)
            return real(*arguments, **options)

        real = pipelines.run.score
        monkeypatch.setattr(pipelines.run, "score", removed)
        said = failed(ran, StoreFault)
        assert "has been removed or replaced since the run began" in said
        assert not out.exists()

    def test_a_file_that_is_gone(self, ran, done):
        (ran.parent / "referrals.csv").unlink()
        state = run_network(ran, return_state=True)
        with pytest.raises(Exception, match=r"referrals\.csv: no such file"):
            state.result()
        assert_as_it_was(ran, done)
