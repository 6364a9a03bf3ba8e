"""Flows under Prefect's test harness: one server for the whole session, and a finished run of two networks."""

import csv
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

os.environ.setdefault("DO_NOT_TRACK", "1")
os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")

import pytest
import yaml
from prefect.testing.utilities import prefect_test_harness

from orgnet.scenario import write_london_cancer
from pipelines.run import run_network

CODED = """code_id,indicator,level,scope_type,scope_id,period_start,period_end
c1,goals,2,network,london-cancer,2016-06-01,2017-06-01
c2,goals,3,network,london-cancer,2016-06-01,2017-06-01
c3,trust,2,network,london-cancer,2016-09-01,2017-09-01
"""
SMALLER = {
    "period": {"start": date(2016, 5, 1), "end": date(2017, 11, 1)},
    "phases": {"pre": [date(2016, 5, 1), date(2017, 5, 1)], "post": [date(2017, 5, 1), date(2017, 11, 1)]},
    "slices": {"every": "quarter", "window": "6 months"},
    "uncertainty": {"replicates": 50},
    "change": {"permutations": 199},
}


@dataclass(frozen=True)
class Run:
    """A finished run: what it was made from, where it published, what it returned, and its number in Prefect."""

    config: Path
    out: Path
    folder: Path
    summary: dict[str, Any]
    id: UUID


@pytest.fixture(scope="session", autouse=True)
def prefect_server() -> Iterator[None]:
    with prefect_test_harness(server_startup_timeout=180):
        yield


def run(config: Path, out: Path) -> Run:
    state = run_network(config, out, return_state=True)
    summary = state.result()
    return Run(config, out, Path(summary["folder"]), summary, state.state_details.flow_run_id)


@pytest.fixture(scope="session")
def finished(london_cancer: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """One finished run of the scenario."""
    return run(london_cancer, tmp_path_factory.mktemp("finished") / "out")


@pytest.fixture(scope="session")
def people(london_cancer: Path) -> list[str]:
    """Every person's identifier in the records."""
    with (london_cancer.parent / "people.csv").open(newline="") as file:
        return sorted({row["person_id"] for row in csv.DictReader(file)})


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A smaller network's configuration, for what does not hang on size: it has every kind of record.

    A year and a half of the scenario in which two organisations merge, in six slices; rows of other years are put aside.
    """
    path = write_london_cancer(tmp_path_factory.mktemp("small"), variants=["merger"])
    path.with_name("coded_evidence.csv").write_text(CODED)
    said = yaml.safe_load(path.read_text())
    said["sources"]["coded_evidence"] = {"path": "coded_evidence.csv"}
    path.write_text(yaml.safe_dump(said | SMALLER))
    return path


@pytest.fixture(scope="session")
def small_alone(small: Path) -> Path:
    """The same network, measured by one process alone."""
    text = small.read_text()
    assert "workers: 2" in text
    path = small.with_name("alone.yaml")
    path.write_text(text.replace("workers: 2", "workers: 1"))
    return path


@pytest.fixture(scope="session")
def finished_small(small: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """One finished run of the smaller network."""
    return run(small, tmp_path_factory.mktemp("finished-small") / "out")


@pytest.fixture
def run_again() -> Any:
    """Run a configuration and publish in a folder."""
    return run
