"""One writer at a time in a network's output folder; a writer that dies holds nothing, as the system lets go for it."""

import contextlib
import errno
import json
import os
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path
from time import monotonic, sleep

from orgnet.errors import InputFault, StoreFault

LOCK = ".lock"
_FAR = 1 << 20
"""What Windows locks nobody else may read: a place far behind what stands in the file."""
_EVERY = 0.2
"""Seconds between two looks at a folder that is held."""
_GLANCE = 0.5
"""Seconds that another may hold a folder only to see whether it is free."""


@dataclass(frozen=True)
class Held:
    """An output folder that this process holds, by its open lock file."""

    out: Path
    lock: FileIO
    made: bool
    """Whether the folder was made in order to be held."""

    @property
    def stands(self) -> bool:
        """Whether the folder is still the one that was taken: nobody has removed it, or put another in its place."""
        return _is_in_place(self.lock, self.out)


def check_writable(out: Path) -> None:
    """Raises InputFault if results cannot be published in a folder; makes nothing yet."""
    there = next(path for path in (out.absolute(), *out.absolute().parents) if path.exists())
    if not there.is_dir():
        raise InputFault(f"{out}: results cannot be written there: {there} is not a folder")
    if not os.access(there, os.W_OK | os.X_OK):
        raise InputFault(f"{out}: results cannot be written there: no permission to write in {there}")


def _is_in_place(lock: FileIO, out: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(lock.fileno()), (out / LOCK).stat())
    except OSError:
        return False


def _opened(out: Path) -> Held:
    """The lock file, opened; the folder is made if it is not there."""
    try:
        made = not out.exists()
        out.mkdir(parents=True, exist_ok=True)
        return Held(out, FileIO(out / LOCK, "a+"), made)
    except OSError as error:
        raise InputFault(f"{out}: results cannot be written there: {error.strerror or error}") from None


def _lock(file: FileIO) -> None:
    """Lock a file for this process alone, until it is closed. Raises OSError if another has locked it."""
    if sys.platform == "win32":
        import msvcrt

        os.lseek(file.fileno(), _FAR, os.SEEK_SET)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _taken(held: Held) -> bool:
    """Whether the lock could be taken; not if it was meanwhile removed, for then nobody else would see it."""
    try:
        _lock(held.lock)
    except OSError as error:
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
            return False
        raise StoreFault(
            f"{held.out}: cannot be held for one run at a time: {error.strerror}; publish on a disk that can lock files"
        ) from None
    return held.stands


def _sign(lock: FileIO) -> None:
    """Write into the lock file who holds it; on a full disk nobody knows, and the lock holds all the same."""
    me = {"pid": os.getpid(), "host": socket.gethostname(), "since": f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"}
    with contextlib.suppress(OSError):
        lock.truncate(0)
        lock.write(json.dumps(me).encode())


def _holder(lock: FileIO) -> str:
    """Who holds the lock, in words."""
    try:
        lock.seek(0)
        who = json.loads(lock.read())
        return f"process {who['pid']} on {who['host']}, since {who['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "it does not say which"


def _busy(out: Path, holder: str, wait_minutes: float) -> StoreFault:
    waited = f", still after {wait_minutes:g} minutes of waiting" if wait_minutes else ""
    return StoreFault(
        f"{out}: another run is at work there ({holder}){waited}. Wait until it has ended, then run again; or let "
        "this one wait for it: --wait MINUTES. A run that has died holds nothing"
    )


def _take(out: Path, wait_minutes: float, tell: Callable[[str], None]) -> Held:
    since, told = monotonic(), False
    while True:
        held = _opened(out)
        if _taken(held):
            return held
        holder = _holder(held.lock)
        held.lock.close()
        if monotonic() - since > max(wait_minutes * 60, _GLANCE):
            raise _busy(out, holder, wait_minutes)
        if wait_minutes and not told:
            tell(f"another run is at work in {out} ({holder}): waiting up to {wait_minutes:g} minutes for it")
            told = True
        sleep(_EVERY)


@contextlib.contextmanager
def locked(out: Path, wait_minutes: float = 0.0, tell: Callable[[str], None] = lambda _: None) -> Iterator[Held]:
    """Hold a network's output folder for one writer, and make it if need be; `tell` is told if there is a wait.

    A folder that was made for it and in which nothing was published is gone again afterwards. Raises StoreFault if
    another holds it, at once or after the minutes given.
    """
    held = _take(out, wait_minutes, tell)
    try:
        _sign(held.lock)
        yield held
    finally:
        if held.made and held.stands:
            _leave_nothing(out)
        held.lock.close()


def _leave_nothing(out: Path) -> None:
    """Remove a folder in which nothing has been published."""
    if {path.name for path in out.iterdir()} == {LOCK}:
        with contextlib.suppress(OSError):  # another may be about to use it
            (out / LOCK).unlink()
            out.rmdir()


def check_free(out: Path) -> None:
    """Raises StoreFault if another holds the folder at this moment, InputFault if it cannot be written in."""
    check_writable(out)
    if (out / LOCK).exists():
        with locked(out):
            pass
