"""What a name means: whatever stands in a table or in a record can be asked; of several meanings, all are told."""

import re
from collections.abc import Callable, Iterator

from orgnet.dictionary import (
    content,
    describe_all,
    describe_entry,
    describe_field,
    describe_indicator,
    describe_kind,
    describe_table,
    describe_wide,
    describe_word,
    say,
)
from orgnet.errors import InputFault, near
from orgnet.wide import WIDE


def _found(name: str, within: str) -> Iterator[Callable[[], None]]:
    """What a name means, each as what prints it; `within` is what must hold it (a table, a kind, a column), or ""."""
    all_, rows = content(), [row for row in content()["catalog"] if row["column_or_metric"] == name]
    rows = [row for row in rows if within in ("", row["table"])]
    if not within:
        if name in all_["tables"]:
            yield lambda: describe_table(name)
        for wide in WIDE.values():
            if name == wide.name:
                yield lambda wide=wide: describe_wide(wide)  # type: ignore[misc]
        if name in all_["indicators"]:
            yield lambda: describe_indicator(name, all_["indicators"][name])
    columns = [row for row in rows if row["type"].startswith("column")]
    if columns:
        yield lambda: describe_entry(columns[0], [row["table"] for row in columns])
    for row in rows:
        if row not in columns:
            yield lambda row=row: describe_entry(row, [row["table"]])  # type: ignore[misc]
    if not within and name in all_["kinds"]:
        yield lambda: describe_kind(name, all_["kinds"][name])
    for kind, facts in all_["kinds"].items():
        if within in ("", kind) and name in facts["fields"]:
            yield lambda kind=kind, facts=facts: describe_field(kind, name, facts["fields"][name])  # type: ignore[misc]
    if not within and name in all_["terms"]:
        yield lambda: say(f"{name}: {all_['terms'][name]}")
    for word in all_["words"]:
        if word["word"] == name and (not within or within in re.split(r"[., ]+", word["of"])):
            yield lambda word=word: describe_word(word)  # type: ignore[misc]


def _named_in(name: str) -> Iterator[Callable[[], None]]:
    """The columns whose meaning tells what a word stands for, where the word has no entry of its own."""
    seen = set[str]()
    for row in content()["catalog"]:
        column = row["column_or_metric"]
        if (
            row["type"].startswith("column")
            and column not in seen
            and re.search(rf"\b{re.escape(name)}\b", row["meaning"])
        ):
            seen.add(column)
            yield lambda row=row: describe_entry(row, [row["table"]])  # type: ignore[misc]


def known_names() -> set[str]:
    """Every name that can be asked."""
    all_ = content()
    return {
        *all_["tables"],
        *(wide.name for wide in WIDE.values()),
        *all_["indicators"],
        *(row["column_or_metric"] for row in all_["catalog"]),
        *all_["kinds"],
        *(field for kind in all_["kinds"].values() for field in kind["fields"]),
        *(word["word"] for word in all_["words"]),
        *all_["terms"],
    }


def explain_name(name: str | None) -> None:
    """Print what a name means: of a table, wide view, indicator, column, metric, kind of record, field, word or term.

    `attendance.leave` is the field of that kind only, `status.ok` the word of that column. Raises InputFault, with the
    nearest names, if there is none of that name.
    """
    if name is None:
        describe_all()
        return
    within, _, last = name.rpartition(".")
    plain = last.strip().replace(" ", "_").replace("-", "_")
    found = list(_found(plain, within)) or (list(_named_in(plain)) if "_" in plain and not within else [])
    for number, describe in enumerate(found):
        if number:
            print()
        describe()
    if not found:
        hint = near(last, sorted(known_names())) or "; `orgnet describe` lists them"
        raise InputFault(f"{name!r} is not a table, indicator, column, metric, kind of record, field or word{hint}")
