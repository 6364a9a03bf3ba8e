"""Disks of a test's own: small ones, that are soon full, and ones that nobody may write on."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def _mount(*arguments: object) -> None:
    found = subprocess.run(["mount", *map(str, arguments)], capture_output=True, text=True, check=False)
    if found.returncode:
        pytest.skip(f"no disk can be mounted here: {found.stderr.strip() or 'not permitted'}")


@contextmanager
def small_disk(folder: Path, kib: int) -> Iterator[Path]:
    """A disk of so many KiB, which only root can mount."""
    folder.mkdir(exist_ok=True)
    try:
        _mount("-t", "tmpfs", "-o", f"size={kib}k,nr_inodes=2000", "tmpfs", folder)
    except FileNotFoundError:
        pytest.skip("no disk can be mounted here: there is no `mount`")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@contextmanager
def read_only(disk: Path) -> Iterator[None]:
    """Let nobody write on a mounted disk."""
    _mount("-o", "remount,ro", disk)
    try:
        yield
    finally:
        _mount("-o", "remount,rw", disk)


@contextmanager
def seen_read_only(disk: Path, at: Path) -> Iterator[Path]:
    """A mounted disk seen at a second place, at which nobody may write on it."""
    at.mkdir()
    _mount("--bind", disk, at)
    try:
        _mount("-o", "remount,bind,ro", at)
        yield at
    finally:
        subprocess.run(["umount", "--lazy", at], check=True)


def fill(disk: Path, leave: int) -> Path:
    """Write a file that leaves so many bytes of a disk free."""
    found = os.statvfs(disk)
    free = found.f_bavail * found.f_bsize
    filler = disk / "filler"
    filler.write_bytes(b"\0" * max(0, free - leave))
    return filler
