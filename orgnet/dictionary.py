"""The data dictionary on the command line, from the generated catalog: it loads nothing else."""

import json
import shutil
import sys
from functools import cache
from importlib.resources import files
from textwrap import fill
from typing import Any

from orgnet.errors import InputFault, near

Entry = dict[str, Any]


@cache
def content() -> dict[str, Any]:
    """The generated catalog: tables, indicators, columns, metrics and kinds of record."""
    path = files("orgnet") / "schema" / "catalog.json"  # not files("orgnet.schema"), which would load Arrow
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def _entries(table: str, kind: str) -> list[Entry]:
    """A table's columns, or its metrics."""
    return [row for row in content()["catalog"] if row["table"] == table and row["type"].startswith(kind)]


def say(text: str, hang: int = 0) -> None:
    """Print a text, on a terminal folded to its width with later lines moved in."""
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
    indent = len(text) - len(text.lstrip())
    if width > hang + 20:
        text = fill(text, width, subsequent_indent=" " * (indent + hang), break_on_hyphens=False)
    print(text)


def _describe_all() -> None:
    for name, table in content()["tables"].items():
        print(name)
        say(f"    {table['sentence']}")
        metrics = [row["column_or_metric"] for row in _entries(name, "metric")]
        if metrics:
            say(f"    metrics: {', '.join(metrics)}", hang=4)
        if name == "indicators":
            say(f"    indicators: {', '.join(content()['indicators'])}", hang=4)
    print("records that a network supplies")
    say(f"    {', '.join(content()['records'])}", hang=4)
    print("\nMore on any of them: orgnet describe NAME")


def _describe_table(name: str) -> None:
    table = content()["tables"][name]
    say(f"{name}: {table['sentence']}")
    say(f"sorted by, and unique in: {', '.join(table['key'])}")
    by_name = {row["column_or_metric"]: row for row in _entries(name, "column")}
    for title, rows in (("columns", [by_name[c] for c in table["columns"]]), ("metrics", _entries(name, "metric"))):
        if rows:
            print(f"\n{title}")
        width = max((len(row["column_or_metric"]) for row in rows), default=0)
        for row in rows:
            say(f"  {row['column_or_metric']:<{width}}  [{row['unit']}] {row['meaning']}", hang=width + 2)
    if name == "indicators":
        print("\nindicators")
        for indicator, entry in content()["indicators"].items():
            print(f"  {indicator:<10}  {entry['label']}")


def _describe_facts(facts: dict[str, Any]) -> None:
    for fact, value in facts.items():
        if value:
            say(f"  {fact}: {value}", hang=4)


def _range(low: float | None, high: float | None) -> str | None:
    if low is None and high is None:
        return None
    return f"{'no limit' if low is None else format(low, 'g')} to {'no limit' if high is None else format(high, 'g')}"


def _describe_entry(row: Entry, tables: list[str]) -> None:
    kind, _, detail = row["type"].removesuffix(")").partition(" (")
    print(f"{row['column_or_metric']}: {kind} of {', '.join(tables)}")
    say(f"  {row['meaning']}")
    _describe_facts(
        {
            "formula": row["formula"],
            "unit": row["unit"],
            "range": _range(row["minimum"], row["maximum"]),
            "type" if kind == "column" else "layers": detail,
            "no value when": row["undefined_when"],
            "source": row["reference"],
        }
    )


def _describe_indicator(name: str, entry: Entry) -> None:
    print(f"{name}: {entry['label']}, one of D'Amour's ten indicators")
    say(f"  {entry['rationale']}")
    _describe_facts(
        {
            "dimension": entry["dimension"],
            "what ties can say": entry["evidence"],
            "given to": entry["scope"],
            "records it needs": ", ".join(entry["needs"]),
        }
    )
    if entry["rules"]:
        print("  rules that come with orgnet, the first that holds decides:")
    for rule in entry["rules"]:
        say(f"    {rule}", hang=2)


def _describe_records(name: str, kind: Entry) -> None:
    """A kind of record that a network supplies: its headings."""
    print(f"{name}: records that a network supplies, in `sources`")
    say(f"  {kind['sentence']} No two rows have the same {', '.join(kind['key'])}.")
    print("  headings, those that must be there first")
    fields = sorted(kind["fields"], key=lambda field: not field["needed"])
    width = max(len(field["name"]) for field in fields)
    for field in fields:
        words = f" One of: {', '.join(field['words'])}." if field["words"] else ""
        needed = "needed, " if field["needed"] else ""
        say(f"    {field['name']:<{width}}  [{needed}{field['type']}] {field['meaning']}{words}", hang=width + 2)


def known_names() -> list[str]:
    """Every name that is described."""
    dictionary = content()
    columns = (row["column_or_metric"] for row in dictionary["catalog"])
    return sorted({*dictionary["tables"], *dictionary["indicators"], *dictionary["records"], *columns})


def explain_name(name: str | None) -> None:
    """Print what a table, an indicator, a column, a metric or a kind of record means.

    Raises InputFault, with the nearest names, if there is none of that name.
    """
    dictionary = content()
    entries = [row for row in dictionary["catalog"] if row["column_or_metric"] == name]
    if name is not None and name in dictionary["records"]:
        _describe_records(name, dictionary["records"][name])
        if entries or name in dictionary["tables"]:
            print()
    if name is None:
        _describe_all()
    elif name in dictionary["tables"]:
        _describe_table(name)
    elif name in dictionary["indicators"]:
        _describe_indicator(name, dictionary["indicators"][name])
    elif entries:
        columns = [row for row in entries if row["type"].startswith("column")]
        if columns:
            _describe_entry(columns[0], [row["table"] for row in columns])
        for row in entries:
            if row not in columns:
                _describe_entry(row, [row["table"]])
    elif name not in dictionary["records"]:
        hint = near(name, known_names()) or "; `orgnet describe` lists them"
        raise InputFault(f"{name!r} is not a table, indicator, column, metric or kind of record{hint}")
