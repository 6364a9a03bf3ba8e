"""Rows with named columns, printed as a table, as CSV or as JSON."""

import csv
import json
import math
import re
import shutil
import sys
from dataclasses import dataclass
from decimal import Decimal
from itertools import zip_longest
from textwrap import wrap
from typing import Any, TextIO

_NUMBER = re.compile(r"(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DOUBLE|FLOAT|DECIMAL.*)")
_READABLE = 24  # a column folded to fewer characters than this is hard to read


@dataclass(frozen=True)
class Answer:
    """The columns of an answer, the type of each, and its rows."""

    columns: list[str]
    types: list[str]
    rows: list[tuple[Any, ...]]


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, bool | int | float | str | None) else str(value)


def _json(value: Any, indent: int | None = None) -> str:
    return json.dumps(_plain(value), ensure_ascii=False, indent=indent)


def _cell(value: Any) -> str:
    """A value as people read it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, dict):
        return ", ".join(f"{key} {_cell(item)}" for key, item in value.items() if item is not None)
    if isinstance(value, list | tuple):
        return "; ".join(_cell(item) for item in value)
    return str(value)


def show(answer: Answer, format: str, to: TextIO | None = None) -> None:
    """Print an answer as a table, as CSV or as JSON; CSV and JSON also to a file."""
    if format == "csv":
        writer = csv.writer(to or sys.stdout, lineterminator="\n")
        writer.writerow(answer.columns)
        for row in answer.rows:
            writer.writerow([_json(value) if isinstance(value, dict | list) else value for value in row])
    elif format == "json":
        print(_json([dict(zip(answer.columns, row, strict=True)) for row in answer.rows], indent=1), file=to)
    else:
        _show_table(answer)
        print(f"{len(answer.rows):,} row{'' if len(answer.rows) == 1 else 's'}")


def _show_table(answer: Answer) -> None:
    """Print the rows as a table; where a terminal is too narrow for it, row by row, a line per value."""
    terminal = shutil.get_terminal_size().columns if sys.stdout.isatty() else math.inf
    cells = [[_cell(value) for value in row] for row in answer.rows]
    natural = [max(map(len, column)) for column in zip(answer.columns, *cells, strict=True)]
    widths = _fitted(natural, terminal)
    if widths is None:
        _show_rows(answer.columns, cells)
        return
    right = [bool(_NUMBER.fullmatch(kind)) for kind in answer.types]
    for row in (answer.columns, ["-" * width for width in widths], *cells):
        folded = [[cell] if len(cell) <= width else wrap(cell, width) for cell, width in zip(row, widths, strict=True)]
        for line in zip_longest(*folded, fillvalue=""):
            padded = (cell.rjust(w) if r else cell.ljust(w) for cell, w, r in zip(line, widths, right, strict=True))
            print("  ".join(padded).rstrip())


def _fitted(widths: list[int], room: float) -> list[int] | None:
    """Widths of columns that fit the room, the widest made narrower; None if they would be too narrow to read."""
    fitted = [int(min(width, room)) for width in widths]
    while sum(fitted) + 2 * len(fitted) - 2 > room:
        widest = fitted.index(max(fitted))
        if fitted[widest] <= _READABLE:
            return None
        fitted[widest] -= 1
    return fitted


def _show_rows(columns: list[str], cells: list[list[str]]) -> None:
    width = max(map(len, columns))
    for number, row in enumerate(cells, 1):
        print(f"row {number}")
        for name, cell in zip(columns, row, strict=True):
            print(f"  {name:<{width}}  {cell}".rstrip())
