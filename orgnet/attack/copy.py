"""A shared copy as an attacker has it: its tables, and what it says of the rule that it is protected by."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from orgnet.errors import InputFault
from orgnet.folders import MANIFEST, read_manifest

COUNTED = "'joint_roles', 'referrals', 'referrals_back'"
"""Layers in which strengths are numbers of people, as SQL lists them."""


@dataclass(frozen=True)
class Finding:
    """Something that a copy gives away: how it was worked out, where it stands, and what it comes to."""

    attack: str
    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.attack}: {self.where}: {self.what}"


@dataclass(frozen=True)
class Copy:
    """A shared copy in a database, with the rule it names: small numbers are 1 to `small`, others multiples of `step`."""

    con: duckdb.DuckDBPyConnection
    small: int
    step: int
    folder: Path
    profile: str

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a question."""
        return self.con.execute(sql).fetchall()

    def has(self, *tables: str) -> bool:
        """Whether tables are there."""
        return all((self.folder / f"{table}.parquet").exists() for table in tables)


def open_copy(folder: Path) -> Copy:
    """A copy to attack. Raises InputFault if the folder holds none."""
    if not (folder / MANIFEST).exists():
        raise InputFault(f"{folder}: holds no copy for sharing (there is no {MANIFEST}); `orgnet publish` makes one")
    stated = read_manifest(folder).get("disclosure")
    if not isinstance(stated, dict):
        raise InputFault(
            f"{folder}: is a run, not a copy for sharing: nothing in it is protected; see `orgnet publish`"
        )
    con = duckdb.connect()
    for path in sorted(folder.glob("*.parquet")):
        quoted = str(path.resolve()).replace("'", "''")
        con.execute(f"CREATE VIEW \"{path.stem}\" AS SELECT * FROM read_parquet('{quoted}')")
    return Copy(con, int(stated["withhold_up_to"]), int(stated["round_to"]), folder, str(stated["profile"]))
