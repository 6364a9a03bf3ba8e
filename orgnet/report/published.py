"""What a report may read: the published tables of one folder, and its manifest. A table that is missing has no rows."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from orgnet.folders import read_manifest
from orgnet.records.sql import text
from orgnet.report.words import months_said
from orgnet.schema import TABLES

Row = dict[str, Any]
LONG = 12
"""Signs of a code; one that is longer is no word that people know an organisation by."""


@dataclass(frozen=True)
class Slice:
    """One slice: its label, how people say it, and its days."""

    label: str
    said: str
    start: Any
    end: Any
    window_start: Any
    phase: str


@dataclass(frozen=True)
class Published:
    """A snapshot, or a copy of one made for sharing."""

    folder: Path
    manifest: Mapping[str, Any]
    missing: set[str] = field(default_factory=set)
    """Tables that the report asked for and did not find."""
    con: duckdb.DuckDBPyConnection = field(default_factory=duckdb.connect)

    @property
    def shared(self) -> str:
        """The profile that small numbers were protected by; nothing if they were not, or if it withholds nothing."""
        disclosure = self.manifest.get("disclosure") or {}
        withholds = disclosure.get("withhold_up_to", 1)
        return str(disclosure.get("profile") or "") if withholds else ""

    def has(self, table: str) -> bool:
        """Whether the folder has a table; what is asked for and missing is remembered, to be told."""
        assert not TABLES[table].restricted, table
        there = (self.folder / f"{table}.parquet").exists()
        if not there:
            self.missing.add(table)
        return there

    def has_column(self, table: str, column: str) -> bool:
        """Whether a table has a column that only copies have."""
        return self.has(table) and column in pq.read_schema(self.folder / f"{table}.parquet").names

    def rows(self, table: str, columns: str, where: str = "true", order: str = "") -> list[Row]:
        """Rows of a table by column; none where it is missing, or where it has not all the columns."""
        if not self.has(table):
            return []
        source = f"read_parquet({text(str(self.folder / f'{table}.parquet'))})"
        ordered = order or ", ".join(TABLES[table].key)
        found = self.con.execute(f"SELECT {columns} FROM {source} WHERE {where} ORDER BY {ordered}")
        names = [name for name, *_ in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    @cached_property
    def slices(self) -> list[Slice]:
        """Every slice that the tables name, oldest first."""
        phases = (self.manifest.get("configuration") or {}).get("phases") or {}
        for table in ("kiviat", "network_metrics", "indicators", "group_metrics", "organisation_metrics", "ties"):
            keys = "DISTINCT slice, slice_start, slice_end, window_start"
            rows = self.rows(table, keys, order="slice_start")
            if rows:
                return [_slice(row, phases) for row in rows]
        return []

    @property
    def last(self) -> Slice | None:
        """The latest slice, if there is any."""
        return self.slices[-1] if self.slices else None

    @cached_property
    def organisations(self) -> dict[str, dict[str, Row]]:
        """Per slice, the organisations on its roster with name, kind and role, as far as the tables hold them."""
        if self.has("organisations"):
            rows = self.rows("organisations", "slice, organisation_id, name, kind, role")
        else:
            blank = "DISTINCT slice, slice_start, organisation_id, NULL AS name, NULL AS kind, NULL AS role"
            rows = self.rows("organisation_metrics", blank, order="slice_start, organisation_id")
        found: dict[str, dict[str, Row]] = {each.label: {} for each in self.slices}
        for row in rows:
            found.setdefault(row["slice"], {})[row["organisation_id"]] = row
        return found

    @cached_property
    def whole(self) -> dict[tuple[str, str], tuple[int, int]]:
        """Per slice and kind of record, the organisations whose records are known to be whole, and all of them."""
        rows = self.rows(
            "completeness",
            "slice, record_kind, sum(whole::INT)::INT AS whole, count(*)::INT AS n",
            "true GROUP BY slice, slice_start, record_kind",
            "slice_start, record_kind",
        )
        return {(row["slice"], row["record_kind"]): (row["whole"], row["n"]) for row in rows}

    @cached_property
    def names(self) -> dict[str, str]:
        """The name of each organisation by its code, as it was last; only of those that have one beside their code."""
        held = (row for rows in self.organisations.values() for row in rows.values())
        return {
            row["organisation_id"]: row["name"] for row in held if row["name"] not in (None, "", row["organisation_id"])
        }

    def full_name(self, organisation: str) -> str:
        """An organisation's code, with its name where one is published."""
        name = self.names.get(organisation)
        return f"{name} ({organisation})" if name else organisation

    @cached_property
    def telling(self) -> set[str]:
        """Names that one organisation alone has."""
        times = Counter(self.names.values())
        return {name for name, n in times.items() if n == 1}

    def short_name(self, organisation: str) -> str:
        """What an organisation is called in a sentence or on a map: its code, or its name if the code is long."""
        name = self.names.get(organisation)
        return name if name in self.telling and name and len(organisation) > LONG else organisation

    def said(self, period: str) -> str:
        """A slice as people say it; a phase by its own name."""
        return next((each.said for each in self.slices if each.label == period), period)


def quoted(word: str) -> str:
    """A word as SQL takes it."""
    return text(word)


def _slice(row: Row, phases: Mapping[str, Iterable[str]]) -> Slice:
    start = row["slice_start"]
    phase = next((name for name, (first, last) in phases.items() if first <= start.isoformat() < last), "")
    said = months_said(row["slice"], start, row["slice_end"])
    return Slice(row["slice"], said, start, row["slice_end"], row["window_start"], phase)


def read_published(folder: Path) -> Published:
    """A folder's published tables. Raises StoreFault if its manifest cannot be read."""
    return Published(folder, read_manifest(folder))
