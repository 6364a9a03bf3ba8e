"""Flows under Prefect's test harness: one server for the whole session, and one finished run of the scenario."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

os.environ.setdefault("DO_NOT_TRACK", "1")
os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")

import pytest
from prefect.testing.utilities import prefect_test_harness

from pipelines.run import run_network


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


@pytest.fixture
def run_again() -> Any:
    """Run a configuration and publish in a folder."""
    return run
