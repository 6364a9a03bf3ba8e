"""The installed command, run as a person would run it."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ORGNET = Path(sys.executable).with_name("orgnet")


@dataclass(frozen=True)
class Commanded:
    """What came of one whole run by the command: what it said, where it ran, and where it published."""

    said: str
    progress: str
    code: int
    folder: Path
    out: Path


def environment(**more: str) -> dict[str, str]:
    """This process's environment without what would tell Prefect where a server is, and with `more`."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT", "ORGNET"))}
    return {**plain, "PREFECT_SERVER_ANALYTICS_ENABLED": "false", "DO_NOT_TRACK": "1", **more}


def orgnet(*arguments: object, folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Run the installed command in a folder."""
    command = [str(ORGNET), *map(str, arguments)]
    return subprocess.run(
        command, cwd=folder, env=environment(**more), capture_output=True, text=True, check=False, timeout=240
    )


def command_run(config: Path, folder: Path) -> Commanded:
    """`orgnet run` in a folder that has a `pipelines` package and module of its own, which even come first."""
    out = folder / "out" / "the network"
    (folder / "pipelines").mkdir()
    for stranger in ("pipelines/__init__.py", "pipelines.py"):
        (folder / stranger).write_text("raise RuntimeError('not the pipelines that came with orgnet')\n")
    home = {"PREFECT_HOME": str(folder / "prefect"), "PYTHONPATH": str(folder)}
    found = orgnet("run", config, "--out", out, folder=folder, **home)
    return Commanded(found.stdout, found.stderr, found.returncode, folder, out)
