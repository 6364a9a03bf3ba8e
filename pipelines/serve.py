"""Deployments: what a Prefect server is told of a network's runs, and the process that runs them when they are due."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prefect import Flow, serve
from prefect.client.schemas.schedules import CronSchedule
from prefect.deployments.runner import RunnerDeployment
from prefect.schedules import Cron, Schedule
from prefect.types.entrypoint import EntrypointType

import orgnet
from orgnet.config import Config, load_config
from orgnet.errors import InputFault
from pipelines.backfill import backfill_network
from pipelines.report import report_network
from pipelines.retry import TIMEOUT
from pipelines.run import run_network
from pipelines.server import require_server, tell_of_ended
from pipelines.summary import slug_of

HEARTBEAT_SECONDS = 30
"""So often a run tells that it is alive, and so an automation can tell that one is not: Prefect's shortest."""


@dataclass(frozen=True)
class Served:
    """A network whose runs are served: its configuration, checked, and where it stands and publishes."""

    config: Config
    path: Path
    out: Path | None = None

    @property
    def parameters(self) -> dict[str, Any]:
        """What every one of its flows is given."""
        return {"config_path": str(self.path), "out": None if self.out is None else str(self.out)}

    def deployment(self, flow: Flow[..., Any], role: str, **options: Any) -> RunnerDeployment:
        """A flow as a deployment of this network, under a name that no other network has."""
        return RunnerDeployment.from_flow(
            flow,
            f"{slug_of(self.config.network)}-{role}",
            parameters=self.parameters,
            tags=["orgnet", self.config.network, role],
            version=orgnet.__version__,
            entrypoint_type=EntrypointType.MODULE_PATH,
            **options,
        )


def deployments(served: Served, schedule: Schedule) -> list[RunnerDeployment]:
    """A network's deployments: the run, by the clock, and when somebody asks for it the backfill and the report."""
    return [
        served.deployment(run_network, "nightly", schedule=schedule),
        served.deployment(backfill_network, "backfill"),
        served.deployment(report_network, "report"),
    ]


def schedule_of(cron: str, timezone: str) -> Schedule:
    """A schedule from cron's five fields, by the clocks of a time zone. Raises InputFault if it is none."""
    fields = len(cron.split())
    try:
        if fields != 5:  # a sixth would be seconds, and a run every second of an hour is not what anybody means
            raise ValueError(f"{fields} fields")
        CronSchedule(cron=cron, timezone=timezone)
    except ValueError:
        raise InputFault(
            f"found --cron {cron!r} and time zone {timezone!r}, expected five fields (minute, hour, day, month, "
            "weekday), such as '0 2 * * *' for every night at two, and a zone such as Europe/London"
        ) from None
    return Cron(cron, timezone=timezone)


def serve_network(
    path: Path, cron: str, timezone: str | None = None, out: Path | None = None, timeout_minutes: float | None = None
) -> None:
    """Register a network's deployments, and run what is due, one run at a time, until stopped.

    Nights that were missed are made up: a schedule is not paused when this process stops.
    """
    config = load_config(path)
    found = deployments(Served(config, path, out), schedule_of(cron, timezone or config.timezone))
    require_server()
    if timeout_minutes is not None:
        os.environ[TIMEOUT] = str(timeout_minutes)
    # A run tells the server what it does. If it told this process's terminal too, it would end with this process.
    os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")
    # Runs are started here, where `pipelines` is orgnet's own, whatever the folder of whoever serves them may hold.
    os.chdir(Path(__file__).parents[1])
    try:
        serve(*found, pause_on_shutdown=False, limit=1, heartbeat_seconds=HEARTBEAT_SECONDS)
    finally:
        tell_of_ended([each.name for each in found])
