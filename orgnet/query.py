"""Asking a published snapshot in SQL. Loads neither pandas nor Prefect."""

import csv
import json
import sys
from pathlib import Path
from typing import Any

import duckdb

from orgnet.errors import InputFault

MANIFEST, CURRENT, RESTRICTED = "manifest.json", "current", "restricted"
_ENTITIES = {
    "organisation_metrics": "slice, slice_start, slice_end, layer, organisation_id",
    "pair_metrics": "slice, slice_start, slice_end, layer, organisation_id, other_organisation_id",
    "group_metrics": "slice, slice_start, slice_end, layer, professional_group, other_group, n_people",
    "network_metrics": "slice, slice_start, slice_end, layer, node_set",
}


def find_network(network: Path | None) -> Path:
    """The folder of the snapshot to ask: the one given, or the only one here or one or two folders down.

    Raises InputFault if there is none, or more than one.
    """
    if network is not None:
        for folder in (network / CURRENT, network):
            if (folder / MANIFEST).exists():
                return folder
        raise InputFault(f"{network}: no run has published there")
    here = Path()
    found = sorted({path.parent for depth in ("", "*/", "*/*/", "*/*/*/") for path in here.glob(f"{depth}{CURRENT}/{MANIFEST}")})
    if len(found) == 1:
        return found[0]
    if not found:
        raise InputFault("found no published network here; name its folder: --network DIR")
    listed = ", ".join(str(path.parent) for path in found)
    raise InputFault(f"found several networks here ({listed}); name one: --network DIR")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _wide(con: duckdb.DuckDBPyConnection, table: str, entity: str) -> None:
    names = [name for (name,) in con.execute(f"SELECT DISTINCT metric FROM {table} ORDER BY 1").fetchall()]
    columns = "".join(f', any_value(value) FILTER (metric = {_quoted(name)}) AS "{name}"' for name in names)
    con.execute(f"CREATE VIEW {table}_wide AS SELECT {entity}{columns} FROM {table} GROUP BY ALL ORDER BY ALL")


def connect(folder: Path) -> duckdb.DuckDBPyConnection:
    """A database with one view per table of a snapshot. It can read that folder and nothing else."""
    con = duckdb.connect()
    real = folder.resolve()
    for path in sorted([*real.glob("*.parquet"), *(real / RESTRICTED).glob("*.parquet")]):
        con.execute(f"CREATE VIEW {path.stem} AS SELECT * FROM read_parquet({_quoted(str(path))})")
    con.execute(f"SET allowed_directories = [{_quoted(str(real))}]")
    con.execute("SET enable_external_access = false")
    return con


def ask(sql: str, folder: Path) -> tuple[list[str], list[tuple[Any, ...]]]:
    """The names and rows of an answer. Raises InputFault, in the database's own words, if the SQL is at fault."""
    con = connect(folder)
    for table, entity in _ENTITIES.items():
        if f"{table}_wide" in sql:
            _wide(con, table, entity)
    con.execute("SET lock_configuration = true")
    try:
        answer = con.execute(sql)
        return [name for name, *_ in answer.description or []], answer.fetchall()
    except duckdb.Error as error:
        raise InputFault(str(error)) from None
    finally:
        con.close()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, dict | list):
        return json.dumps(value, default=str, ensure_ascii=False)
    return str(value)


def show(columns: list[str], rows: list[tuple[Any, ...]], format: str) -> None:
    """Print an answer as a table, as CSV or as JSON."""
    if format == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([_plain(value) for value in row] for row in rows)
        return
    if format == "json":
        content = [dict(zip(columns, row, strict=True)) for row in rows]
        print(json.dumps(content, default=str, ensure_ascii=False, indent=1))
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name, sample in zip(columns, rows[0] if rows else [None] * len(columns), strict=True):
        table.add_column(name, justify="right" if isinstance(sample, int | float) else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_cell(value) for value in row))
    width = None if sys.stdout.isatty() else 10_000
    Console(width=width, highlight=False).print(table)
    print(f"{len(rows):,} row{'' if len(rows) == 1 else 's'}")


def _plain(value: Any) -> Any:
    return json.dumps(value, default=str, ensure_ascii=False) if isinstance(value, dict | list) else value
