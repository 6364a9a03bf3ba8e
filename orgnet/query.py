"""Asking a published snapshot in SQL. Loads neither pandas nor Prefect."""

import re
from collections import Counter
from pathlib import Path

import duckdb

from orgnet.answers import Answer
from orgnet.errors import InputFault, near, nearest
from orgnet.folders import CURRENT, MANIFEST, RESTRICTED, current_path

_TIME = "slice, slice_start, slice_end, layer"
_ENTITIES = {
    "organisation_metrics": f"{_TIME}, organisation_id",
    "pair_metrics": f"{_TIME}, organisation_id, other_organisation_id",
    "group_metrics": f"{_TIME}, professional_group, other_group, n_people",
    "network_metrics": f"{_TIME}, node_set",
}
_NO_TABLE = re.compile(r"Table with name (\S+) does not exist")
_NO_COLUMN = re.compile(r'(?:Referenced column "|does not have a column named ")([^"]+)"')


def find_network(network: Path | None) -> Path:
    """The folder of the snapshot to ask: the one given, or the only one here or up to three folders down.

    Raises InputFault if there is none, or more than one.
    """
    if network is not None:
        for folder in (current_path(network), network):
            if (folder / MANIFEST).exists():
                return folder
        raise InputFault(f"{network}: no run has published there; `orgnet run` ends by saying where its results are")
    depths = ("", "*/", "*/*/", "*/*/*/")
    pointers = sorted({path for depth in depths for path in Path().glob(f"{depth}{CURRENT}")})
    found = [path for path in pointers if (current_path(path.parent) / MANIFEST).exists()]
    if len(found) == 1:
        return current_path(found[0].parent)
    if not found:
        raise InputFault("found no published network here; name its folder: --network DIR")
    listed = ", ".join(str(path) for path in found)
    raise InputFault(f"found several networks here ({listed}); name one: --network DIR")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _wide(con: duckdb.DuckDBPyConnection, table: str) -> None:
    names = [name for (name,) in con.execute(f"SELECT DISTINCT metric FROM {table} ORDER BY 1").fetchall()]
    columns = "".join(f', any_value(value) FILTER (metric = {_quoted(name)}) AS "{name}"' for name in names)
    con.execute(
        f"CREATE VIEW {table}_wide AS SELECT {_ENTITIES[table]}{columns} FROM {table} GROUP BY ALL ORDER BY ALL"
    )


def _connect(folder: Path, sql: str) -> duckdb.DuckDBPyConnection:
    """A database with one view per table of a snapshot, and the wide ones if it is asked for them; no other file."""
    con = duckdb.connect()
    real = folder.resolve()
    files = sorted([*real.glob("*.parquet"), *(real / RESTRICTED).glob("*.parquet")])
    for path in files:
        con.execute(f"CREATE VIEW {path.stem} AS SELECT * FROM read_parquet({_quoted(str(path))})")
    for table in _ENTITIES:
        if f"{table}_wide" in sql.lower() or "show" in sql.lower():
            _wide(con, table)
    con.execute(f"SET allowed_paths = [{', '.join(_quoted(str(path)) for path in files)}]")
    con.execute("SET enable_external_access = false")
    con.execute("SET lock_configuration = true")
    return con


def _check_it_only_reads(sql: str) -> None:
    """Raises InputFault unless there is one statement, and it is one that can write nothing."""
    found = [statement.type.name for statement in duckdb.extract_statements(sql)]
    if found != ["SELECT"]:
        raise InputFault(
            f"found {' and '.join(found) or 'no question'}, expected one SELECT (or DESCRIBE, SUMMARIZE or SHOW "
            "TABLES): a query only reads"
        )


def _columns(con: duckdb.DuckDBPyConnection, sql: str) -> list[str]:
    """The columns of the tables that a question names."""
    words = {*re.findall(r"\w+", sql.lower())}
    found = con.execute("SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal").fetchall()
    return list(dict.fromkeys(column for table, column in found if table in words))


def _explained(error: duckdb.Error, con: duckdb.DuckDBPyConnection | None, sql: str) -> InputFault:
    """A fault in the SQL in the database's own words, or in ours where a table is not known."""
    unknown = _NO_TABLE.search(str(error))
    column = _NO_COLUMN.search(str(error))
    if column and con is not None:
        where = [line for line in str(error).splitlines() if line.strip()][-2:]
        return InputFault([f"{column[1]!r} is not a column there{near(column[1], _columns(con, sql))}", *where])
    if unknown and con is not None:
        tables = [name for (name,) in con.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()]
        known = sorted({*tables, *(f"{table}_wide" for table in _ENTITIES)})
        return InputFault(f"{unknown[1]!r} is not a table{nearest(unknown[1], known)}")
    return InputFault([line for line in str(error).splitlines() if line.strip()])


def ask(sql: str, folder: Path) -> Answer:
    """Ask a snapshot. Raises InputFault if the SQL is at fault, or would do more than read."""
    con = None
    try:
        _check_it_only_reads(sql)
        con = _connect(folder, sql)
        found = con.execute(sql)
        names, types = [d[0] for d in found.description], [str(d[1]) for d in found.description]
        return Answer(_told_apart(names), types, found.fetchall())
    except duckdb.Error as error:
        raise _explained(error, con, sql) from None
    finally:
        if con is not None:
            con.close()


def _told_apart(names: list[str]) -> list[str]:
    """Names of columns; the second `a` becomes `a_2`."""
    seen = Counter[str]()
    told = []
    for name in names:
        seen[name] += 1
        told.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return told
