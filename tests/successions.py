"""Organisations that follow on one another, for tests: a few links and rows, as reading them leaves them.

    followed("A B merger 2000-01-01", "C B merger 2000-01-01").stands("A", "1999-05-01")

A dash stands for an empty field. Organisations that no row is given for exist throughout, as far as is known.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from orgnet.config import Config
from orgnet.records.pieces import Succession
from orgnet.records.read import Records
from orgnet.records.succession import find_succession
from orgnet.vocabulary import RecordKind

FORWARD, BACKWARD = "constant_successor", "constant_predecessor"


def configured(basis: str, splits: Sequence[dict[str, Any]] = ()) -> Config:
    """A configuration that says nothing but as which organisations records are stated."""
    return Config.model_validate(
        {
            "network": "test",
            "period": {"start": date(1990, 1, 1), "end": date(2030, 1, 1)},
            "sources": {"organisations": {"path": "organisations.csv"}},
            "organisations": {"basis": basis, "splits": list(splits)},
        }
    )


def _fields(lines: Sequence[str]) -> list[list[str | None]]:
    return [[None if word == "-" else word for word in line.split()] for line in lines]


def _days(values: Sequence[str | None]) -> pa.Array:
    return pa.array([value and date.fromisoformat(value) for value in values], pa.date32())


def recorded(links: Sequence[str], rows: Sequence[str] = (), more: Sequence[str] = ()) -> Records:
    """Records of links (predecessor, successor, type, day) and of organisations (name, from, to, successor)."""
    said, listed = _fields(links), _fields(rows)
    names = sorted({name for line in (*said, *listed) for name in line[: 2 if line in said else 1]} | {*more})
    one, other, kinds, days = zip(*said, strict=True) if said else ((),) * 4
    codes = [pa.array([names.index(name) for name in part], pa.int32()) for part in (one, other)]
    tables = {
        RecordKind.ORGANISATION_LINKS: pa.table(
            {
                "predecessor_id": codes[0],
                "successor_id": codes[1],
                "type": pa.array(kinds, pa.string()),
                "date": _days(days),
            }
        )
    }
    if rows:
        org, begins, ends, successor = zip(*listed, strict=True)
        tables[RecordKind.ORGANISATIONS] = pa.table(
            {
                "org_id": pa.array([names.index(name) for name in org], pa.int32()),
                "kind": pa.nulls(len(rows), pa.string()),
                "role": pa.nulls(len(rows), pa.string()),
                "parent_org_id": pa.nulls(len(rows), pa.string()),
                "valid_from": _days(begins),
                "valid_to": _days(ends),
                "successor_id": pa.array(successor, pa.string()),
            }
        )
    read = {kind: table.num_rows for kind, table in tables.items()}
    return Records(names, 0, tables, pa.table({}), read, [], None)


@dataclass(frozen=True)
class Followed:
    """A succession by the organisations' names."""

    names: list[str]
    succession: Succession

    def stands(self, name: str, day: str) -> str:
        """What an organisation stands as on a day."""
        number = np.array([np.datetime64(day, "D").astype(np.int64)])
        return self.names[int(self.succession.pieces.at(np.array([self.names.index(name)]), number)[0])]

    def always(self, name: str) -> str:
        """What an organisation stands as on every day."""
        pieces = self.succession.pieces
        (only,) = pieces.stands_as[pieces.organisation == self.names.index(name)]
        return self.names[int(only)]

    @property
    def outcomes(self) -> dict[str, str]:
        """What became of each link, by its ends: "A B"."""
        rows = self.succession.links.to_pylist()
        return {f"{row['predecessor_id']} {row['successor_id']}": row["outcome"] for row in rows}

    @property
    def followed(self) -> list[str]:
        """The links that were followed, by their ends."""
        rows = self.succession.links.to_pylist()
        return [f"{row['predecessor_id']} {row['successor_id']}" for row in rows if row["followed"]]


def followed(
    *links: str, rows: Sequence[str] = (), splits: Sequence[dict[str, Any]] = (), basis: str = FORWARD, more: str = ""
) -> Followed:
    """The succession of a few links."""
    records = recorded(links, rows, more.split())
    return Followed(records.organisations, find_succession(records, configured(basis, splits)))
