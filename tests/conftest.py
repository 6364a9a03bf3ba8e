"""Shared by all tests: the marks that tie a test to a metric, and networks to try metrics on."""

import atexit
import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from igraph import Graph

from orgnet.scenario import write_london_cancer
from tests.balance import Balanced, longest_first
from tests.command import Commanded, command_run, orgnet
from tests.networks import Network, random_network
from tests.plain_governance import random_governance
from tests.shared import shared
from tests.stages import Results, measured

SEEDS = range(30)


_exit_status: int | None = None


@atexit.register  # registered before Prefect is loaded, so called after its own handlers
def _leave_quietly() -> None:
    """End without taking the interpreter apart: DuckDB 2.0 would report a page of leaks behind the last line."""
    if _exit_status is None:
        return  # no tests were run to their end, which must not look like success
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(_exit_status)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    global _exit_status
    _exit_status = int(exitstatus)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "long: left to `make test-long`")
    config.addinivalue_line("markers", "worked_example(*metrics): an answer worked out by hand, as level.name")
    config.addinivalue_line("markers", "second_implementation(*metrics): a check against other code, as level.name")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    longest_first(items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Balanced | None:
    """Whole files, those first that `longest_first` puts first; another way only if another is asked for."""
    if config.getvalue("dist") != "loadfile":
        return None
    config.option.loadscopereorder = False  # it would put those of most tests first, not the longest
    return Balanced(config, log)


def _graph(names: list[str], ties: list[tuple[int, int]], strengths: list[float], directed: bool) -> Graph:
    graph = Graph(n=len(names), edges=ties, directed=directed)
    graph.vs["name"] = names
    graph.es["weight"] = strengths
    graph.es["distance"] = [1 / strength for strength in strengths]
    return graph


@pytest.fixture(scope="session")
def drawn() -> Callable[..., Graph]:
    """Draw a network: "ab5 ac" is a tie from a to b of strength 5 and one from a to c of strength 1."""

    def draw(ties: str, *, alone: str = "", directed: bool = False) -> Graph:
        words = ties.split()
        # Backwards, so that the order of the vertices is neither the alphabet's nor the drawing's.
        names = sorted({end for word in words for end in word[:2]} | set(alone), reverse=True)
        ends = [(names.index(word[0]), names.index(word[1])) for word in words]
        return _graph(names, ends, [float(word[2:] or 1) for word in words], directed)

    return draw


def _random_network(seed: int, directed: bool) -> Graph:
    rng = np.random.default_rng([seed, directed])
    n = seed if seed < 3 else int(rng.integers(3, 13))
    tied = rng.random((n, n)) < (0.0 if seed == 3 else rng.uniform(0.05, 0.6))
    tied = tied & ~np.eye(n, dtype=bool) if directed else np.triu(tied, k=1)
    ends = np.argwhere(tied)
    # Half have strengths whose inverses add up exactly, so that code which compares without tolerance sees
    # equally short paths as equal; the other half have any strengths, and hence no two equally short paths.
    exact, any_strength = 2.0 ** rng.integers(-2, 4, len(ends)), rng.uniform(0.1, 10, len(ends))
    strengths = exact if seed % 2 else any_strength
    return _graph([f"Z{i:02d}" for i in rng.permutation(n)], ends.tolist(), strengths.tolist(), directed)


@pytest.fixture(scope="session")
def undirected_networks() -> list[Graph]:
    """Seeded random networks: none, one and two vertices, no ties, then any size, connected or not."""
    return [_random_network(seed, directed=False) for seed in SEEDS]


@pytest.fixture(scope="session")
def directed_networks() -> list[Graph]:
    """The same, with directed ties."""
    return [_random_network(seed, directed=True) for seed in SEEDS]


def _drawn(draw: Callable[[Path, int], Network], seeds: int, folder: Path) -> list[Network]:
    """Networks from the first seeds, taken as far as their ties, which is what costs."""
    found = []
    for seed in range(seeds):
        (folder / str(seed)).mkdir()
        found.append(draw(folder / str(seed), seed))
        assert found[-1].ties.presence is not None
    return found


@pytest.fixture(scope="session")
def networks_of_records(tmp_path_factory: pytest.TempPathFactory) -> list[Network]:
    """Seeded random networks of records, with the awkward cases that records have."""
    return shared(tmp_path_factory, "drawn", partial(_drawn, random_network, 20))


@pytest.fixture(scope="session")
def networks_of_conduct(tmp_path_factory: pytest.TempPathFactory) -> list[Network]:
    """The same, of records of conduct: who leads, who chairs, how often meetings are cancelled."""
    return shared(tmp_path_factory, "conduct", partial(_drawn, random_governance, 15))


@pytest.fixture(scope="session")
def london_cancer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The acceptance scenario's configuration, with its records beside it; not to be written to."""
    return shared(tmp_path_factory, "london-cancer", write_london_cancer)


@pytest.fixture(scope="session")
def commanded(london_cancer: Path, tmp_path_factory: pytest.TempPathFactory) -> Commanded:
    """One `orgnet run` of the scenario, whole, by the installed command, in a folder where nothing helps it."""
    return shared(tmp_path_factory, "commanded", partial(command_run, london_cancer))


def _publish_plainly(commanded: Commanded, folder: Path) -> Path:
    made = orgnet("publish", commanded.out, "--out", "share", folder=folder)
    assert made.returncode == 0, made.stderr
    return folder / "share"


@pytest.fixture(scope="session")
def shared_copy(commanded: Commanded, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The copy of that run that `orgnet publish` makes by the profile that is taken if none is named."""
    return shared(tmp_path_factory, "copied", partial(_publish_plainly, commanded))


@pytest.fixture(scope="session")
def scenario(london_cancer: Path, tmp_path_factory: pytest.TempPathFactory) -> Results:
    """The acceptance scenario, taken as far as its indicators by the library alone."""
    return shared(tmp_path_factory, "scenario", lambda _: measured(london_cancer))
