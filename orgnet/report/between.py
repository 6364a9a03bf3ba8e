"""What differs between two snapshots: the comparison of two runs, as a chapter."""

import re
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from orgnet.compared.runs import Run
from orgnet.compared.side_by_side import side_by_side
from orgnet.compared.tell import tell
from orgnet.compared.values import VALUE_TABLES
from orgnet.errors import InputFault
from orgnet.folders import read_manifest

LINES = 20
_OPTIONS = re.compile(r" \(--[^)]*\)")


@dataclass(frozen=True)
class Part:
    """One part of the comparison: its title and its lines, with how deep each stands."""

    title: str
    lines: list[tuple[int, str]]


@dataclass(frozen=True)
class Between:
    """The comparison: which results it is with, and its parts."""

    content_id: str
    parts: list[Part]


def between(previous: Path, folder: Path) -> Between:
    """What differs between an earlier snapshot and this one.

    Raises InputFault if the two are of different networks, or one of them has not all the tables that are compared.
    """
    old, new = (Run(each, read_manifest(each)) for each in (previous, folder))
    for run in (old, new):
        absent = [table for table in VALUE_TABLES if not Path(run.parquet(table)).exists()]
        if absent:
            raise InputFault(
                f"{run.folder}: found no {', '.join(absent)}: two runs can only be compared where all tables are; "
                "compare the runs themselves, not copies made for sharing"
            )
    found = side_by_side(old, new)
    with closing(found.con):
        return Between(str(old.manifest["content_id"]), list(_parts(tell(found, LINES))))


def _parts(lines: Iterable[str]) -> Iterable[Part]:
    """The lines of the comparison by title; the first line names the runs, which the page does not."""
    part = None
    for line in list(lines)[1:]:
        said = _OPTIONS.sub("", line)
        if not said:
            continue
        depth = (len(said) - len(said.lstrip())) // 2
        if depth == 0:
            if part is not None:
                yield part
            part = Part(said, [])
        elif part is not None:
            part.lines.append((depth, said.strip()))
    if part is not None:
        yield part
