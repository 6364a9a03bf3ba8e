"""Asking a published snapshot in SQL, or all of a network's. Loads neither pandas nor Prefect."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from orgnet.answers import Answer
from orgnet.errors import InputFault, near, nearest
from orgnet.folders import CURRENT, MANIFEST, RESTRICTED, RUNS, current_path, runs_there
from orgnet.wide import WIDE, Wide

if TYPE_CHECKING:
    import pyarrow as pa

RUN_COLUMNS = {
    "run_id": "The run that the row was published by.",
    "run_started": "When that run began, in UTC, as its id says.",
}
"""What stands before the columns of every table where all runs are asked."""

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
    return current_path(_only_network_here())


def _only_network_here() -> Path:
    """The only network's folder here or up to three folders down."""
    depths = ("", "*/", "*/*/", "*/*/*/")
    folders = sorted({path.parent for depth in depths for path in Path().glob(f"{depth}{CURRENT}")})
    found = [folder for folder in folders if (current_path(folder) / MANIFEST).exists()]
    if len(found) == 1:
        return found[0]
    if not found:
        raise InputFault("found no published network here; name its folder: --network DIR")
    listed = ", ".join(map(str, found))
    raise InputFault(f"found several networks here ({listed}); name one: --network DIR")


def find_runs(network: Path | None) -> list[Path]:
    """The folders of all of a network's complete runs, oldest first. Raises InputFault if there are none."""
    folder = network or _only_network_here()
    if network is not None and not (folder / RUNS).is_dir() and (folder / MANIFEST).exists():
        raise InputFault(
            f"{network}: is one run; to ask all of them, name the network's own folder, which has {RUNS} in it"
        )
    return [folder / RUNS / run for run in runs_there(folder)]


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _files(runs: Sequence[Path]) -> dict[str, list[Path]]:
    """The files of every table, by its name, oldest run first; a run of another version may lack some tables."""
    found: dict[str, list[Path]] = {}
    for run in runs:
        real = run.resolve()
        for path in sorted([*real.glob("*.parquet"), *(real / RESTRICTED).glob("*.parquet")]):
            found.setdefault(path.stem, []).append(path)
    return found


def _view(paths: Sequence[Path], all_runs: bool) -> str:
    """A table of one run; or of all, each row with its run, columns put together by their names."""
    if not all_runs:
        return f"SELECT * FROM read_parquet({_quoted(str(paths[0]))})"
    listed = ", ".join(_quoted(str(path)) for path in paths)
    run = f"parse_path(filename)[-{3 if paths[0].parent.name == RESTRICTED else 2}]"
    return (  # a run's id begins with when it began
        f"SELECT {run} AS run_id, try_strptime(left({run}, 19), '%Y%m%dT%H%M%S.%g') AS run_started, "
        f"* EXCLUDE (filename) FROM read_parquet([{listed}], union_by_name = true, filename = true)"
    )


def _wide(con: duckdb.DuckDBPyConnection, wide: Wide, all_runs: bool) -> None:
    table, by = wide.table, wide.named_by
    names = [name for (name,) in con.execute(f"SELECT DISTINCT {by} FROM {table} ORDER BY 1").fetchall()]
    columns = "".join(
        f', any_value({value}) FILTER ({by} = {_quoted(name)}) AS "{column}"'
        for column, name, value in wide.columns(names)
    )
    keys = ", ".join([*(RUN_COLUMNS if all_runs else ()), *wide.keys])
    con.execute(f"CREATE VIEW {wide.name} AS SELECT {keys}{columns} FROM {table} GROUP BY ALL ORDER BY {keys}")


def _connect(files: dict[str, list[Path]], sql: str, all_runs: bool) -> duckdb.DuckDBPyConnection:
    """A database with a view per table that may be asked for, and the wide ones likewise; no other file."""
    con = duckdb.connect()
    asked = sql.lower()
    whole = any(word in asked for word in ("show", "information_schema", "duckdb_"))  # they list tables
    used = {name: paths for name, paths in files.items() if whole or name in asked}
    for name, paths in used.items():
        con.execute(f"CREATE VIEW {name} AS {_view(paths, all_runs)}")
    for wide in WIDE.values():
        if wide.table in used and (whole or wide.name in asked):
            _wide(con, wide, all_runs)
    allowed = (_quoted(str(path)) for paths in used.values() for path in paths)
    con.execute(f"SET allowed_paths = [{', '.join(allowed)}]")
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


def _explained(
    error: duckdb.Error, tables: Sequence[str], con: duckdb.DuckDBPyConnection | None, sql: str
) -> InputFault:
    """A fault in the SQL in the database's own words, or in ours where a table or a column is not known."""
    unknown, column = _NO_TABLE.search(str(error)), _NO_COLUMN.search(str(error))
    if column and con is not None:
        where = [line for line in str(error).splitlines() if line.strip()][-2:]
        meant = near(column[1], _columns(con, sql))
        if not meant and f'"{column[1]}"' in sql:
            meant = f"; if it is a value, it stands in single quotes: '{column[1]}'"
        return InputFault([f"{column[1]!r} is not a column there{meant}", *where])
    if unknown:
        known = sorted({*tables, *(WIDE[name].name for name in tables if name in WIDE)})
        return InputFault(f"{unknown[1]!r} is not a table{nearest(unknown[1], known)}")
    return InputFault([line for line in str(error).splitlines() if line.strip()])


@contextmanager
def _asked(sql: str, runs: Sequence[Path], all_runs: bool) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in which the SQL can be put. Raises InputFault if the SQL is at fault, or would do more than read."""
    con, files = None, _files(runs)
    try:
        _check_it_only_reads(sql)
        con = _connect(files, sql, all_runs)
        yield con
    except duckdb.Error as error:
        raise _explained(error, list(files), con, sql) from None
    finally:
        if con is not None:
            con.close()


def ask(sql: str, folder: Path | Sequence[Path]) -> Answer:
    """Ask one snapshot, or several at once: every table then begins with `run_id` and `run_started`.

    Raises InputFault if the SQL is at fault, or would do more than read.
    """
    with _asked(sql, *_of(folder)) as con:
        found = con.execute(sql)
        names, types = [d[0] for d in found.description], [str(d[1]) for d in found.description]
        return Answer(_told_apart(names), types, found.fetchall())


def ask_for_arrow(sql: str, folder: Path | Sequence[Path]) -> "pa.Table":
    """The same, with the answer as an Arrow table."""
    with _asked(sql, *_of(folder)) as con:
        rows = con.sql(sql).to_arrow_table()
        return rows.rename_columns(_told_apart(rows.column_names))


def _of(folder: Path | Sequence[Path]) -> tuple[Sequence[Path], bool]:
    return ([folder], False) if isinstance(folder, Path) else (folder, True)


def _told_apart(names: list[str]) -> list[str]:
    """Names of columns; the second `a` becomes `a_2`."""
    seen = Counter[str]()
    told = []
    for name in names:
        seen[name] += 1
        told.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return told
