"""One Prefect server for the tests of a process, as a network manager would start it, and one network served by it."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("DO_NOT_TRACK", "1")
os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")

import pytest

from orgnet import store
from tests.serving import Server, Started, serving, write_small_network

NIGHTLY = "orgnet-run/small-network-nightly"
REPORT = "orgnet-report/small-network-report"


@dataclass(frozen=True)
class Small:
    """The small network, as it is served: its configuration, where it publishes, and the process that runs it."""

    config: Path
    process: Started

    @property
    def out(self) -> Path:
        return self.config.parent / "out"

    def manifest(self, run_id: str | None = None) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((store.snapshot(self.out, run_id) / "manifest.json").read_text())
        return found


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("prefect"))
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="module")
def small(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Small]:
    config = write_small_network(tmp_path_factory.mktemp("small"))
    with serving(server, config) as process:
        yield Small(config, process)
