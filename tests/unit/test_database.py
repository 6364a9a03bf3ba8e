"""One database for the process, and tables for each connection."""

import re
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from orgnet import database

ROOT = Path(database.__file__).parent


def test_connections_do_not_see_each_others_tables():
    one, two = database.connect(), database.connect()
    one.register("held", pa.table({"x": [1]}))
    two.register("held", pa.table({"x": [2, 3]}))
    assert one.sql("SELECT x FROM held").fetchall() == [(1,)]
    assert two.sql("SELECT x FROM held").fetchall() == [(2,), (3,)]
    one.execute("CREATE TEMP TABLE own AS SELECT 1 AS y")
    with pytest.raises(duckdb.CatalogException):
        two.sql("SELECT y FROM own")


def test_one_that_is_closed_leaves_nothing_and_the_next_works():
    with database.connect() as con:
        con.execute("CREATE TEMP TABLE own AS SELECT 1 AS y")
    with database.connect() as con:
        con.execute("CREATE TEMP TABLE own AS SELECT 2 AS y")
        assert con.sql("SELECT y FROM own").fetchall() == [(2,)]


def test_nothing_is_created_for_all():
    """Of the modules that ask for such a connection, or are given one: everything that they create is TEMP."""
    asks = re.compile(r"database\.connect\(\)|\bconnect\(|from orgnet\.ties\.make import")
    given = [ROOT / "records" / "links.py", ROOT / "records" / "splits.py", ROOT / "ties" / "joint_roles.py"]
    asking = [
        path
        for path in ROOT.rglob("*.py")
        if "duckdb.connect()" not in (said := path.read_text()) and asks.search(said)
    ]
    assert len(asking) > 10
    for path in (*asking, *given):
        made = re.findall(r"CREATE (?:OR REPLACE )?(\w+)", path.read_text())
        assert set(made) <= {"TEMP"}, path
        assert not re.search(r"execute\(f?\"SET ", path.read_text()), path
