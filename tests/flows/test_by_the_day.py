"""Runs of a network that grows: as of a day, with phases that have not begun, and read again when a share was away."""

import json
from datetime import date
from pathlib import Path
from time import monotonic

import duckdb
import pytest

from orgnet import store
from orgnet.config import Compute
from orgnet.records.read import read_records
from pipelines import run
from pipelines.retry import TIMEOUT, retrying, timeout_seconds
from tests.serving import write_small_network

AS_OF = date(2020, 4, 15)


@pytest.fixture(scope="module")
def grown(tmp_path_factory):
    """A run of the small network as of a day in April, of which the run's own folder is returned."""
    config = write_small_network(tmp_path_factory.mktemp("grown"), workers=1)
    return config, run.run_network(config, as_of=AS_OF)


def test_it_goes_up_to_the_last_slice_that_has_ended(grown):
    summary = grown[1]
    assert (summary["first_slice"], summary["last_slice"], summary["slices"]) == ("2020-01", "2020-03", 3)


def test_the_manifest_says_of_which_day_it_is(grown):
    manifest = json.loads((Path(grown[1]["folder"]) / "manifest.json").read_text())
    assert manifest["as_of"] == "2020-04-15"
    assert manifest["configuration"]["period"] == {"start": "2020-01-01", "end": "2020-04-01"}


def test_a_phase_that_has_not_begun_is_compared_with_nothing(grown):
    changes = store.read(Path(grown[1]["folder"]), "changes").to_pylist()
    assert not any("later" in (row["before"], row["after"]) for row in changes)
    assert changes != []


def test_the_results_are_those_of_the_same_period_written_out(grown, tmp_path):
    config, summary = grown
    written = config.with_name("written.yaml")
    written.write_text(config.read_text().replace("{start: 2020-01-01}", "{start: 2020-01-01, end: 2020-04-01}"))
    again = run.run_network(written, tmp_path / "out", as_of=date(2025, 1, 1))
    assert again["run_id"].split("Z-")[1] == summary["run_id"].split("Z-")[1]


def test_reading_is_tried_again_until_the_share_is_back(monkeypatch, tmp_path):
    tries = []

    def flaky(config):
        tries.append(config)
        if len(tries) < 3:
            raise OSError("the share is away")
        return read_records(config)

    monkeypatch.setattr(run, "read", run._stage(flaky, "records"))
    config = write_small_network(tmp_path, months=1, workers=1)
    assert run.run_network(config, as_of=date(2020, 2, 1))["slices"] == 1
    assert len(tries) == 3


def test_waits_double():
    options = retrying(Compute(read_retries=3, retry_delay_seconds=5))
    task = run.read.with_options(**options)
    assert (task.retries, task.retry_delay_seconds) == (3, [5, 10, 20])
    assert task.retry_jitter_factor == 0.5


@pytest.mark.parametrize(("said", "seconds"), [("", None), ("0.5", 30), ("240", 14400)])
def test_the_limit_of_a_run_s_time(monkeypatch, said, seconds):
    monkeypatch.setenv(TIMEOUT, said)
    assert timeout_seconds() == seconds


class TestGivenUp:
    """A run whose time is up while a library has called Python back, and turns the interruption into an error of its own."""

    @pytest.fixture
    def state(self, monkeypatch, tmp_path):
        def read_until(config, seconds):
            until = monotonic() + seconds
            try:
                while monotonic() < until:
                    pass
            except BaseException as interruption:
                raise duckdb.InvalidInputException(f"reading failed: {interruption!r}") from None
            raise duckdb.InvalidInputException("reading failed: a fault of its own")

        def run_of(seconds):
            monkeypatch.setattr(run, "read", run._stage(lambda config: read_until(config, seconds), "records"))
            limited = run.run_network.with_options(timeout_seconds=2)
            config = write_small_network(tmp_path, months=1, workers=1)
            state = limited(config, as_of=date(2020, 2, 1), return_state=True)
            assert not (tmp_path / "out" / "current").exists()
            return state

        return run_of

    def test_it_is_told_as_given_up(self, state):
        found = state(20)
        assert (found.type, found.name) == ("FAILED", "TimedOut"), found.message
        assert (
            "given up after 0.0333333 minutes (InvalidInputException: reading failed: CancelledError" in found.message
        )

    def test_a_fault_before_that_is_told_as_such(self, state):
        found = state(0)
        assert (found.type, found.name) == ("FAILED", "Failed")
        assert "a fault of its own" in found.message
