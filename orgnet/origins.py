"""Which columns of an answer come straight from a published table, so that the table's unit and meaning hold for them.

Only a plain column of a plain SELECT from published tables does; of anything counted, joined from a subquery or put
together otherwise nothing is said. A published name means the same in every table, so it need not be told which one.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import duckdb

from orgnet.dictionary import content
from orgnet.query import RUN_COLUMNS
from orgnet.wide import WIDE

Facts = dict[str, str]
"""A column's unit and meaning."""


def origins(sql: str, columns: Sequence[str]) -> dict[str, Facts]:
    """What is known of the columns of an answer, by their names in it; columns of unknown origin are left out."""
    with duckdb.connect() as con:
        ((parsed,),) = con.execute("SELECT json_serialize_sql($1)", [sql]).fetchall()
    (statement,) = json.loads(parsed).get("statements") or [{}]
    node = statement.get("node", {})
    tables = list(_tables(node.get("from_table", {})))
    if node.get("type") != "SELECT_NODE" or node["cte_map"]["map"] or None in tables:
        return {}
    known = {name: facts for table in tables if table is not None for name, facts in _columns(table).items()}
    straight = dict(_straight(node["select_list"], known))
    return {column: straight[column] for column in columns if column in straight}


def _tables(source: Mapping[str, Any]) -> Iterator[str | None]:
    """The published tables that a SELECT takes its rows from; None for anything else."""
    if source.get("type") == "JOIN":
        yield from _tables(source["left"])
        yield from _tables(source["right"])
    elif source.get("type") == "BASE_TABLE" and not source["column_name_alias"]:
        yield source["table_name"].lower()
    elif source.get("type") != "EMPTY":
        yield None


def _columns(table: str) -> dict[str, Facts]:
    """The columns of a table or a wide view, by name."""
    run = {name: {"unit": "run", "meaning": meaning} for name, meaning in RUN_COLUMNS.items()}
    rows = [row for row in content()["catalog"] if row["table"] == table.removesuffix("_wide")]
    of_kind = {
        kind: {row["column_or_metric"]: _facts(row) for row in rows if row["type"].startswith(kind)}
        for kind in ("column", "metric")
    }
    columns = of_kind["column"]
    wide = WIDE.get(table.removesuffix("_wide")) if table.endswith("_wide") else None
    if wide is None:
        return run | columns
    if not wide.names:
        return run | of_kind["metric"] | {key: columns[key] for key in wide.keys}
    made = {column: columns[value] for column, _, value in wide.columns(())}
    return run | made | {key: columns[key] for key in wide.keys}


def _facts(row: Mapping[str, Any]) -> Facts:
    return {"unit": row["unit"], "meaning": row["meaning"]}


def _straight(chosen: Sequence[Mapping[str, Any]], known: Mapping[str, Facts]) -> Iterator[tuple[str, Facts]]:
    for each in chosen:
        if each["type"] == "STAR" and not each["replace_list"] and not each["rename_list"] and not each["expr"]:
            yield from known.items()
        elif each["type"] == "COLUMN_REF" and each["column_names"][-1].lower() in known:
            name = each["column_names"][-1]
            yield each["alias"] or name, known[name.lower()]
