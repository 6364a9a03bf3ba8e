"""The data dictionary on the command line, from the generated catalog: it loads nothing else."""

import difflib
import json
from importlib.resources import files
from typing import Any

from orgnet.errors import InputFault


def catalog() -> list[dict[str, Any]]:
    """The data dictionary as it comes with orgnet."""
    text = (files("orgnet.schema") / "catalog.json").read_text(encoding="utf-8")
    rows: list[dict[str, Any]] = json.loads(text)["catalog"]
    return rows


def _tables() -> dict[str, dict[str, Any]]:
    text = (files("orgnet.schema") / "catalog.json").read_text(encoding="utf-8")
    tables: dict[str, dict[str, Any]] = json.loads(text)["tables"]
    return tables


def _describe_all() -> None:
    for name, table in _tables().items():
        print(f"{name}\n    {table['sentence']}")
        metrics = [r["column_or_metric"] for r in catalog() if r["table"] == name and r["type"].startswith("metric")]
        if metrics:
            print(f"    metrics: {', '.join(metrics)}")
    print("\nMore on any of them: orgnet describe NAME")


def _describe_table(name: str) -> None:
    table = _tables()[name]
    print(f"{name}: {table['sentence']}")
    print(f"sorted by, and unique in: {', '.join(table['key'])}\n")
    by_name = {r["column_or_metric"]: r for r in catalog() if r["table"] == name and r["type"].startswith("column")}
    width = max(len(column) for column in table["columns"])
    for column in table["columns"]:
        row = by_name[column]
        print(f"  {column:<{width}}  [{row['unit']}] {row['meaning']}")
    metrics = [r for r in catalog() if r["table"] == name and r["type"].startswith("metric")]
    if metrics:
        print("\nmetrics")
        for row in metrics:
            print(f"  {row['column_or_metric']}  {row['meaning']}")


def _describe_entry(row: dict[str, Any]) -> None:
    print(f"{row['column_or_metric']} ({row['table']}, {row['type']})")
    print(f"  {row['meaning']}")
    low, high = row["minimum"], row["maximum"]
    facts = {
        "formula": row["formula"],
        "unit": row["unit"],
        "range": f"{low:g} to {'no limit' if high is None else format(high, 'g')}" if low is not None else None,
        "no value when": row["undefined_when"],
        "source": row["reference"],
    }
    for fact, value in facts.items():
        if value:
            print(f"  {fact}: {value}")


def explain_name(name: str | None) -> None:
    """Print what a table, a column or a metric means. Raises InputFault, with the nearest name, if there is none."""
    if name is None:
        _describe_all()
        return
    if name in _tables():
        _describe_table(name)
        return
    entries = [row for row in catalog() if row["column_or_metric"] == name]
    if entries and entries[0]["type"].startswith("column"):
        tables = ", ".join(row["table"] for row in entries)
        entries = [{**entries[0], "table": tables}]
    if not entries:
        known = sorted({*_tables(), *(row["column_or_metric"] for row in catalog())})
        near = difflib.get_close_matches(name, known, 3)
        hint = f"; did you mean {' or '.join(near)}?" if near else "; `orgnet describe` lists them"
        raise InputFault(f"{name!r} is not a table, column or metric{hint}")
    for row in entries:
        _describe_entry(row)
