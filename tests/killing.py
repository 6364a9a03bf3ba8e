"""Killing, with `kill -9`, a part of what does the work while a run is at work, and looking what it leaves.

Used by the tests for a few moments, and by `python -m benchmarks.killed` for as many as are asked for.
"""

import json
import os
import random
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from orgnet import store
from orgnet.schema import TABLES
from tests.serving import (
    PATIENCE,
    Server,
    Started,
    below,
    flow_run_process,
    measuring,
    processes,
    serve,
    wait_for,
    write_small_network,
)

NIGHTLY = "orgnet-run/small-network-nightly"
PARTS = ("run", "measuring", "serve", "server")
"""The process of the flow run, one that measures for it, `orgnet serve`, and the Prefect server."""
AS_OF = "2021-01-01"
LAST_WORDS = 20.0
"""Seconds after the end of its process in which the server is told how a run ended, if anybody is left to tell."""
LOST = 3
"""Rows of the small network that are put aside."""


@dataclass
class Site:
    """A server, a served network, and how long a run of it takes at most when nothing is killed."""

    server: Server
    config: Path
    serving: Started
    seconds: float = 0.0

    @property
    def out(self) -> Path:
        return self.config.parent / "out"

    def trigger(self) -> tuple[str, int]:
        """Ask for a run, and wait until it is at work: its id, and its process."""
        run = self.server.trigger(NIGHTLY, as_of=AS_OF)
        wait_for("the run is at work", lambda: self.server.state(run) == "RUNNING")
        return run, flow_run_process(self.serving) or 0

    def restart(self) -> None:
        """Start again what is not there."""
        if not self.server.answers():
            self.server.stop()
            self.server.start()
        if self.serving.process.poll() is not None:
            self.serving = serve(self.server, self.config)

    def bury(self, run: str, process: int) -> str:
        """Wait for a run to end; one that nobody is left to tell of is told of here, as a person would."""
        ends = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")
        wait_for(f"process {process} ends", lambda: process not in processes(), 2 * PATIENCE)
        with suppress(AssertionError):  # whoever looks after the run takes a while to tell
            return wait_for(f"run {run} ends", lambda: (s := self.server.state(run)) in ends and s, LAST_WORDS)
        self.server.ask(f"/flow_runs/{run}/set_state", state={"type": "CRASHED"}, force=True)
        return "told of by nobody"


@contextmanager
def site(folder: Path) -> Iterator[Site]:
    """The small network served by a server of its own, with one finished run."""
    server = Server(folder / "prefect")
    here: Site | None = None
    try:
        server.start()
        config = write_small_network(folder / "small", workers=2)
        here = Site(server, config, serve(server, config))
        (run, _), began = here.trigger(), time.monotonic()
        assert server.ended(run) == "COMPLETED"
        here.seconds = time.monotonic() - began
        yield here
    finally:
        if here is not None:
            for process in below(here.serving.process.pid):
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            here.serving.stop()
        server.stop()


def kill(here: Site, part: str) -> bool:
    """Kill a part; False if it was not there at that moment."""
    if part == "server":
        here.server.kill()
        return True
    found = {
        "run": [flow_run_process(here.serving)],
        "measuring": measuring(here.serving)[:1],
        "serve": [here.serving.process.pid],
    }[part]
    for process in filter(None, found):
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
            if part == "serve":
                here.serving.process.wait()
            return True
    return False


def assert_whole(out: Path) -> None:
    """Every run to be seen is whole, and so is what it put aside; the current one is the last of them.

    A run whose parent was killed may still be at work, and publish meanwhile.
    """
    seen = [path.name for path in out.glob("runs/*") if not path.name.startswith(".")]
    runs = store.runs(out)
    current = store.snapshot(out).name
    assert current in store.runs(out)[len(runs) - 1 :]
    assert set(seen) <= set(runs)
    for run in runs:
        folder = store.snapshot(out, run)
        rows = json.loads((folder / store.MANIFEST).read_text())["table_rows"]
        assert {
            name: store.read(folder, name).num_rows for name, table in TABLES.items() if not table.of_copies
        } == rows
        assert rows["rejected_records"] == LOST


@dataclass(frozen=True)
class Killed:
    """What was killed, how far into the run, whether it was there, how the run ended, and how many it published."""

    part: str
    after: float
    there: bool
    ended: str
    published: int


def run_through(here: Site) -> None:
    """A run that nothing befalls completes, and leaves nothing unfinished."""
    assert here.server.ended(here.trigger()[0]) == "COMPLETED", here.serving.said.read_text()[-3000:]
    assert_whole(here.out)
    assert [path.name for path in here.out.rglob("*") if "unfinished" in path.name] == []


def kill_once(here: Site, part: str, chance: random.Random) -> Killed:
    """Kill a part at a moment of a run drawn by chance, look at what is left, and start again what was killed.

    A part that was gone by then tells that a run takes less time than was thought: the next moment is drawn from that.
    """
    before = store.runs(here.out)
    run, process = here.trigger()
    after = chance.uniform(0, here.seconds)
    until = time.monotonic() + after
    if part == "measuring":  # they are there for a part of the run only
        with suppress(AssertionError):
            wait_for("somebody measures", lambda: measuring(here.serving) or None, here.seconds)
        until = time.monotonic() + after / 3
    time.sleep(max(0.0, until - time.monotonic()))
    there = kill(here, part)
    if not there:
        here.seconds = min(here.seconds, after)
    assert_whole(here.out)
    assert store.runs(here.out)[: len(before)] == before
    here.restart()
    ended = here.bury(run, process)
    assert_whole(here.out)
    published = len(store.runs(here.out)) - len(before)
    return Killed(part, after, there, ended, published)
