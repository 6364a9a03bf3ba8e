"""Another process that holds a network's output folder, as a run at work does."""

import fcntl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from orgnet.locking import LOCK

HOLDER = """
import sys
from pathlib import Path
from orgnet.locking import locked

with locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.readline()
"""


@contextmanager
def held_by_another(out: Path) -> Iterator[subprocess.Popen[str]]:
    """Hold a folder in another process; a line to its input lets go."""
    command = [sys.executable, "-c", HOLDER, str(out)]
    root = Path(__file__).parents[1]
    with subprocess.Popen(
        command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def let_go(process: subprocess.Popen[str]) -> None:
    process.stdin.write("\n")
    process.stdin.flush()


def is_free(out: Path) -> bool:
    """Whether a folder is held by nobody."""
    with (out / LOCK).open("r+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
