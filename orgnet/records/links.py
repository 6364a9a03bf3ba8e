"""Links between organisations, from both places that records have for them: `organisation_links` and `successor_id`."""

import duckdb
import numpy as np
import pyarrow as pa

from orgnet.records.read import Records
from orgnet.records.sql import text
from orgnet.vocabulary import RecordKind
from orgnet.windows import FOREVER

SETTLING = 31
"""Days within which a register takes one reorganisation to its books: bodies are closed some days after others open."""
STATED_BY_ROW = "successor"
"""The type of a link that an organisation's row states (`successor_id`) or whose record says none: as a merger."""
_NO_LINKS = "SELECT 0 AS predecessor_id, 0 AS successor_id, '' AS type, NULL::DATE AS date WHERE false"
_NO_ROWS = "SELECT 0 AS org_id, NULL::DATE AS valid_from, NULL::DATE AS valid_to, NULL AS successor_id WHERE false"


def gather(con: duckdb.DuckDBPyConnection, records: Records) -> None:
    """Two tables of a database: `links`, one row for each link, and `validity`, one for each row of an organisation.

    Days are numbers since 1970; validity that has no first or last day reaches `FOREVER`. A link that a row states and
    `organisation_links` states too, about the same day, is one link. Of an organisation's rows that follow on one another
    the last one counts. `successor` is empty where the records know no organisation of that name.
    """
    for kind, alias, otherwise in (
        (RecordKind.ORGANISATION_LINKS, "stated", _NO_LINKS),
        (RecordKind.ORGANISATIONS, "listed", _NO_ROWS),
    ):
        table = records.tables.get(kind)
        if table is None:
            con.execute(f"CREATE TEMP TABLE {alias} AS {otherwise}")
        else:
            con.register(f"{alias}_rows", table)
            con.execute(f"CREATE TEMP TABLE {alias} AS SELECT * FROM {alias}_rows")
    codes = pa.array(np.arange(len(records.organisations)))
    con.register("names", pa.table({"code": codes, "name": pa.array(records.organisations, pa.string())}))
    con.execute(_LINKS)
    con.execute(_VALIDITY)


_DAY = "CAST({} - DATE '1970-01-01' AS BIGINT)"
_LINKS = f"""
    CREATE TEMP TABLE links AS
    WITH recorded AS (
        SELECT DISTINCT predecessor_id::BIGINT AS predecessor, successor_id::BIGINT AS successor,
            coalesce(type::VARCHAR, {text(STATED_BY_ROW)}) AS type, {_DAY.format("date")} AS day
        FROM stated
    ), of_rows AS (
        SELECT DISTINCT org_id::BIGINT AS predecessor, names.code AS successor, successor_id AS successor_name,
            {text(STATED_BY_ROW)} AS type, {_DAY.format("valid_to")} AS day
        FROM listed LEFT JOIN names ON names.name = successor_id WHERE successor_id IS NOT NULL AND NOT EXISTS (
            FROM listed l WHERE l.org_id = listed.org_id AND l.valid_from <= listed.valid_to
                AND coalesce(l.valid_to > listed.valid_to, true)
        )
    ), more AS (
        SELECT * FROM of_rows o WHERE NOT EXISTS (
            FROM recorded r WHERE r.predecessor = o.predecessor AND r.successor = o.successor
                AND (o.day IS NULL OR abs(o.day - r.day) <= {SETTLING})
        ) AND (day IS NOT NULL OR NOT EXISTS (
            FROM of_rows d WHERE d.day IS NOT NULL AND (d.predecessor, d.successor_name) = (o.predecessor, o.successor_name)
        ))
    )
    SELECT row_number() OVER (ORDER BY predecessor, successor_name, day, type) AS link, * FROM (
        SELECT predecessor, successor, name AS successor_name, type, day FROM recorded JOIN names ON code = successor
        UNION ALL BY NAME SELECT predecessor, successor, successor_name, type, day FROM more
    )
"""
_VALIDITY = f"""
    CREATE TEMP TABLE validity AS
    SELECT org_id::BIGINT AS org, coalesce({_DAY.format("valid_from")}, -{FOREVER}) AS first,
        coalesce({_DAY.format("valid_to")}, {FOREVER}) AS until
    FROM listed
"""
