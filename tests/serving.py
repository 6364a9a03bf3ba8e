"""A Prefect server of its own, `orgnet serve` beside it, and a network so small that a run takes seconds."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx

from tests.command import ORGNET, environment

TREE = Path(__file__).parents[1]
PATIENCE = 120.0
"""Seconds that anything may take on a slow machine."""
Found = TypeVar("Found")

ORGANISATIONS = ["Ashby", "Brook", "Calder", "Dene"]
PEOPLE = [f"nyghtyngayle-{number:02}" for number in range(12)]
GROUPS = ["nurse", "surgeon", "manager"]
CONFIGURATION = """\
network: NAME
timezone: Europe/London
period: {start: 2020-01-01}
slices: {every: month, window: 2 months}
phases: {before: [2020-01-01, 2020-03-01], after: [2020-03-01, 2020-12-01], later: [2030-01-01, 2031-01-01]}
professional_groups: [nurse, surgeon, manager]
person_key: {file: secret.key}
uncertainty: {replicates: 0, sensitivity: none}
change: {permutations: 99}
compute: {workers: WORKERS, retry_delay_seconds: 0.1}
sources:
  organisations: {path: organisations.csv}
  people: {path: people.csv}
  meetings: {path: "meetings-*.csv"}
  attendance: {path: "attendance-*.csv"}
out: out
"""


def wait_for(what: str, look: Callable[[], Found | None], patience: float = PATIENCE) -> Found:
    """Look until something is found."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        found = look()
        if found is not None and found is not False:
            return found
        time.sleep(0.2)
    raise AssertionError(f"waited {patience:g} seconds in vain: {what}")


def write_small_network(folder: Path, months: int = 3, workers: int = 1, name: str = "small-network") -> Path:
    """The small network with its first months of records; one record of the first month is at fault."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "secret.key").write_text("ab" * 32)
    (folder / "organisations.csv").write_text("org_id,kind\n" + "".join(f"{o},provider\n" for o in ORGANISATIONS))
    posts = [f"{p},{ORGANISATIONS[i % 4]},{GROUPS[i % 3]}\n" for i, p in enumerate(PEOPLE)]
    (folder / "people.csv").write_text("person_id,org_id,group\n" + "".join(posts))
    for month in range(1, months + 1):
        add_month(folder, month)
    path = folder / "small.yaml"
    path.write_text(CONFIGURATION.replace("WORKERS", str(workers)).replace("NAME", name))
    return path


def add_month(folder: Path, month: int) -> None:
    """One more month of records: four meetings, everybody at three of them, and one row that names nobody known."""
    meetings, attendance = ["meeting_id,start,end,type\n"], ["meeting_id,person_id\n"]
    for week in range(4):
        meeting, day = f"m{month}-{week}", f"2020-{month:02}-{3 + 7 * week:02}"
        meetings.append(f"{meeting},{day}T10:00,{day}T11:00,smdt\n")
        attendance += [f"{meeting},{person}\n" for i, person in enumerate(PEOPLE) if (i + week) % 4]
    attendance.append(f"m{month}-0,nyghtyngayle-lost\n")
    (folder / f"meetings-{month:02}.csv").write_text("".join(meetings))
    (folder / f"attendance-{month:02}.csv").write_text("".join(attendance))


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


@dataclass
class Started:
    """A process that was started, the leader of its own group, and the file that it writes to."""

    process: subprocess.Popen[bytes]
    said: Path

    def kill(self) -> None:
        """End the process at once, and it alone."""
        self.process.kill()
        self.process.wait(PATIENCE)

    def stop(self) -> None:
        """End the process and whatever it has started."""
        if self.process.poll() is None:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(30)
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE)


def start(command: list[object], said: Path, folder: Path, env: dict[str, str]) -> Started:
    with said.open("ab") as file:
        process = subprocess.Popen(
            [str(word) for word in command],
            cwd=folder,
            env=env,
            stdout=file,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    return Started(process, said)


@dataclass
class Server:
    """A Prefect server on loopback, with its database in a folder of its own."""

    home: Path
    port: int = field(default_factory=free_port)
    more: dict[str, str] = field(default_factory=dict)
    started: Started | None = None
    _client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=60, verify=False))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/api"

    @property
    def env(self) -> dict[str, str]:
        """The environment of whoever works with this server."""
        return environment(
            PREFECT_HOME=str(self.home),
            PREFECT_API_URL=self.url,
            PREFECT_RUNNER_POLL_FREQUENCY="1",
            PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS="2",
            PREFECT_SERVER_SERVICES_LATE_RUNS_LOOP_SECONDS="1",
            PYTHONPATH=os.pathsep.join([str(TREE), *filter(None, [os.environ.get("PYTHONPATH")])]),
            **self.more,
        )

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self.home.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", self.port]
        self.started = start([*command, "--no-ui"], self.home / "server.log", self.home, self.env)
        wait_for("the server answers", self.answers)

    def answers(self) -> bool:
        try:
            return self._client.get(f"{self.url}/health", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False

    def ask(self, path: str, **body: Any) -> Any:
        """Post to the API, or get if nothing is said."""
        return self.ask_list(path, body)

    def ask_list(self, path: str, body: Any) -> Any:
        """The same, where a list is asked for; again if the server's database was busy."""

        def asked() -> httpx.Response | None:
            url = f"{self.url}{path}"
            try:
                answer = self._client.post(url, json=body) if body else self._client.get(url)
            except httpx.TimeoutException:
                if body and not path.endswith("/filter"):
                    raise  # what was asked for may have been done
                return None
            return None if answer.status_code == 503 else answer

        answer = wait_for(f"an answer to {path}", asked)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def deployment(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.ask(f"/deployments/name/{name}")
        return found

    def trigger(self, name: str, **parameters: Any) -> str:
        """Ask for a run of a deployment; the run's id."""
        run = self.ask(f"/deployments/{self.deployment(name)['id']}/create_flow_run", parameters=parameters)
        return str(run["id"])

    def run(self, run: str) -> dict[str, Any]:
        found: dict[str, Any] = self.ask(f"/flow_runs/{run}")
        return found

    def state(self, run: str) -> str:
        return str(self.run(run)["state"]["type"])

    def ended(self, run: str) -> str:
        """The state in which a run ends."""

        def end() -> str | None:
            state = self.state(run)
            return state if state in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED") else None

        return wait_for(f"run {run} ends", end)

    def logs(self, run: str) -> list[str]:
        """What a run wrote to its log."""
        found = self.ask("/logs/filter", logs={"flow_run_id": {"any_": [run]}}, sort="TIMESTAMP_ASC", limit=200)
        return [line["message"] for line in found]

    def artifacts(self, run: str) -> dict[str, Any]:
        """What a run left, by key."""
        found = self.ask("/artifacts/filter", artifacts={"flow_run_id": {"any_": [run]}})
        return {artifact["key"]: artifact["data"] for artifact in found if artifact["key"]}

    def stop(self) -> None:
        if self.started is not None:
            self.started.stop()

    def kill(self) -> None:
        """End it at once: what was started, and the server proper, which is a child of that."""
        assert self.started is not None
        os.killpg(self.started.process.pid, signal.SIGKILL)
        self.started.process.wait(PATIENCE)


def serve(server: Server, config: Path, *options: object) -> Started:
    """`orgnet serve`, registered and waiting for runs."""
    said = config.with_name("serve.log")
    before = said.stat().st_size if said.exists() else 0
    command = [ORGNET, "serve", config, "--cron", "30 1 * * *", *options]
    started = start(command, said, config.parent, server.env)

    def registered() -> bool:
        assert started.process.poll() is None, said.read_text()
        return b"being served" in said.read_bytes()[before:]

    wait_for("the deployments are served", registered)
    return started


@contextmanager
def serving(server: Server, config: Path, *options: object) -> Iterator[Started]:
    """The same, stopped at the end."""
    started = serve(server, config, *options)
    try:
        yield started
    finally:
        started.stop()


def processes() -> dict[int, tuple[int, str]]:
    """Every process at work: its parent, and its command."""
    listed = subprocess.run(
        ["ps", "-ww", "-eo", "pid=,ppid=,stat=,args="], capture_output=True, text=True, check=True
    ).stdout
    rows = (line.split(None, 3) for line in listed.splitlines())
    return {int(pid): (int(parent), command) for pid, parent, state, command in rows if state[0] != "Z"}


def below(process: int) -> dict[int, str]:
    """The processes that a process has started, and those that they have, with their commands."""
    known, found = processes(), {process: ""}
    while new := {pid: command for pid, (parent, command) in known.items() if parent in found and pid not in found}:
        found |= new
    return {pid: command for pid, command in found.items() if pid != process}


def flow_run_process(serving: Started) -> int | None:
    """The process of the flow run that `orgnet serve` has started."""
    return next((pid for pid, command in below(serving.process.pid).items() if "prefect.engine" in command), None)


def measuring(serving: Started) -> list[int]:
    """The processes that measure slices for it."""
    return [pid for pid, command in below(serving.process.pid).items() if "spawn_main" in command]
