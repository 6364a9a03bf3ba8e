"""Connections to DuckDB, for rows that stand in memory and are asked about at once."""

from functools import cache

import duckdb


@cache
def _database() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


def connect() -> duckdb.DuckDBPyConnection:
    """A connection with tables of its own: what it registers, and what it creates as TEMP.

    All are connections to one database of this process, as a database of its own takes forty times as long to open as a
    small question to answer. So what is created without TEMP, and a setting, would be everybody's: `duckdb.connect()` is
    for those.
    """
    return _database().cursor()
