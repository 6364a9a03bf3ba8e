"""Feeds for tests: files written as they are given, a configuration over them, and what reading them brings to light.

    records = read(tmp_path, {"organisations.csv": "org_id\nA\nB\n"})

A kind that no source is given for is read from the file of its name.
"""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from orgnet.config import Config, load_config
from orgnet.records.read import Records, RecordsFault, read_records
from orgnet.vocabulary import RecordKind

SETTINGS: dict[str, Any] = {
    "network": "test",
    "timezone": "Europe/London",
    "period": {"start": date(2016, 1, 1), "end": date(2017, 1, 1)},
    "person_key": {"file": "key"},
}
KEY = "ab" * 32

ORGANISATIONS = "org_id\nA\nB\nC\n"
PEOPLE = "person_id,org_id\nann,A\nbob,B\n"
MEETINGS = "meeting_id,start,end\nm1,2016-03-04T09:00,2016-03-04T10:00\nm2,2016-03-11T09:00,2016-03-11T10:00\n"
ATTENDANCE = "meeting_id,person_id,org_id\nm1,ann,A\nm1,bob,B\nm2,ann,A\n"

Files = Mapping[str, str | bytes]


class Aside(NamedTuple):
    """A row put aside, but for the row itself and its source."""

    row: int
    field: str
    reason: str
    message: str


def write(folder: Path, files: Files, sources: Mapping[str, Any] | None = None, **settings: Any) -> Path:
    """Write the files and a configuration over them; its path."""
    for name, content in ({"key": KEY} | dict(files)).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    kinds = {kind.value for kind in RecordKind}
    own = {Path(name).stem: {"path": name} for name in files if Path(name).stem in kinds}
    said = SETTINGS | settings | {"sources": own | dict(sources or {})}
    path = folder / "network.yaml"
    path.write_text(yaml.safe_dump(said, sort_keys=False), encoding="utf-8")
    return path


def configure(folder: Path, files: Files, sources: Mapping[str, Any] | None = None, **settings: Any) -> Config:
    return load_config(write(folder, files, sources, **settings))


def read(folder: Path, files: Files, sources: Mapping[str, Any] | None = None, **settings: Any) -> Records:
    """Read the files, and hold them to what is always so: every row read is either accepted or put aside."""
    records = read_records(configure(folder, files, sources, **settings))
    for tally in records.tallies():
        assert tally.read == tally.accepted + sum(tally.put_aside.values()), tally
    return records


def faults(folder: Path, files: Files, sources: Mapping[str, Any] | None = None, **settings: Any) -> list[str]:
    """What stops the reading of the files, one line each."""
    with pytest.raises(RecordsFault) as caught:
        read(folder, files, sources, **settings)
    return caught.value.faults


def accepted(records: Records, kind: str) -> list[dict[str, Any]]:
    return list(records.tables[RecordKind(kind)].to_pylist())


def column(records: Records, kind: str, name: str) -> list[Any]:
    return [row[name] for row in accepted(records, kind)]


def aside(records: Records, kind: str | None = None) -> list[Aside]:
    """The rows put aside, of one kind or of all."""
    return [
        Aside(row["row"], row["field"], row["reason"], row["message"])
        for row in records.rejected.to_pylist()
        if kind in (None, row["record_kind"])
    ]
