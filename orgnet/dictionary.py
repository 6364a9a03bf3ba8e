"""The data dictionary on the command line, from the generated catalog: it loads nothing else."""

import json
import shutil
import sys
from functools import cache
from importlib.resources import files
from textwrap import fill
from typing import Any

from orgnet.wide import WIDE, Wide

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


def describe_all() -> None:
    for name, table in content()["tables"].items():
        print(name)
        say(f"    {table['sentence']}")
        metrics = [row["column_or_metric"] for row in _entries(name, "metric")]
        if metrics:
            say(f"    metrics: {', '.join(metrics)}", hang=4)
        if name == "indicators":
            say(f"    indicators: {', '.join(content()['indicators'])}", hang=4)
    print()
    say(f"wide views: {', '.join(wide.name for wide in WIDE.values())}", hang=4)
    say(f"kinds of record: {', '.join(content()['kinds'])}", hang=4)
    say(f"terms: {', '.join(content()['terms'])}", hang=4)
    print("\nMore on any of them: orgnet describe NAME")


def describe_table(name: str) -> None:
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


def describe_entry(row: Entry, tables: list[str]) -> None:
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
    if kind == "column":
        _describe_words(row["column_or_metric"])


def _words_of(place: str) -> list[Entry]:
    return [word for word in content()["words"] if place in word["of"].split(", ")]


def _describe_words(place: str) -> None:
    """The words that a column or a field may hold, where these are declared."""
    for word in _words_of(place):
        say(f"    {word['word']}: {word['meaning']}", hang=2)


def describe_wide(wide: Wide) -> None:
    say(f"{wide.name}: a wide view, in `orgnet query` and `run.wide`")
    say(f"  {wide.sentence}")
    print(f"  row for each: {', '.join(wide.keys)}")
    names = wide.names or [row["column_or_metric"] for row in _entries(wide.table, "metric")]
    say(f"  columns: {', '.join(column for column, _, _ in wide.columns(names))}", hang=4)


def describe_kind(name: str, kind: Entry) -> None:
    say(f"{name}: a kind of record that a network supplies")
    say(f"  {kind['sentence']}")
    print(f"  key: {', '.join(kind['key'])}")
    width = max(map(len, kind["fields"]))
    for field, facts in kind["fields"].items():
        needed = ", needed" if facts["needed"] else ""
        say(f"    {field:<{width}}  [{facts['type']}{needed}] {facts['meaning']}", hang=width + 2)


def describe_field(kind: str, name: str, facts: Entry) -> None:
    print(f"{name}: field of {kind} records")
    say(f"  {facts['meaning']}")
    needed = "yes" if facts["needed"] else ""
    _describe_facts({"type": facts["type"], "needed": needed, "names one of": facts["refers_to"]})
    declared = _words_of(f"{kind}.{name}")
    if declared:
        _describe_words(f"{kind}.{name}")
    elif facts["words"]:
        say(f"  words: {', '.join(facts['words'])}", hang=4)


def describe_word(word: Entry) -> None:
    say(f"{word['word']}: a word of {word['of']}", hang=2)
    say(f"  {word['meaning']}")


def describe_indicator(name: str, entry: Entry) -> None:
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
