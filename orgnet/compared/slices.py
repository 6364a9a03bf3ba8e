"""The slices of two runs: which are alike, and which windows hold a record that has changed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import duckdb

from orgnet.compared.inputs import RecordChange
from orgnet.compared.runs import Run
from orgnet.errors import InputFault

BEFORE, AFTER = "before", "after"
"""Where a run counts the records whose day lies before its period, or is not said, and after it."""
IN_WINDOW, EARLIER, NONE = "in_window", "before_window", "none"
"""Where the changed records lie that can have restated a slice."""


@dataclass(frozen=True)
class Slice:
    """One slice of a run, with its window."""

    label: str
    start: date
    end: date
    window_start: date


@dataclass(frozen=True)
class Slices:
    """The slices of two runs, in order of time; those are alike that have the same label, days and window."""

    old: list[Slice]
    new: list[Slice]

    @property
    def alike(self) -> list[Slice]:
        return _of(self.old, set(self.new))

    @property
    def gone(self) -> list[Slice]:
        return _of(self.old, set(self.old) - set(self.new))

    @property
    def added(self) -> list[Slice]:
        return _of(self.new, set(self.new) - set(self.old))


def _of(slices: list[Slice], wanted: set[Slice]) -> list[Slice]:
    return [each for each in slices if each in wanted]


def _slices(con: duckdb.DuckDBPyConnection, run: Run) -> list[Slice]:
    """Every slice of a run: each has rows of the whole network, empty ones too."""
    columns = "slice, slice_start, slice_end, window_start"
    sql = f"SELECT DISTINCT {columns} FROM read_parquet(?) ORDER BY slice_start"
    return [Slice(*row) for row in con.execute(sql, [run.parquet("network_metrics")]).fetchall()]


def slices_of(con: duckdb.DuckDBPyConnection, old: Run, new: Run) -> Slices:
    """The slices of two runs. Raises InputFault if none of them are alike."""
    slices = Slices(_slices(con, old), _slices(con, new))
    if not slices.alike:
        raise InputFault(
            f"runs {old.id} and {new.id} have no slice in common ({_span(slices.old)} against {_span(slices.new)}): "
            "they can be compared where period, slices and windows are alike"
        )
    return slices


def _span(slices: list[Slice]) -> str:
    if not slices:
        return "none"
    return f"{slices[0].label} to {slices[-1].label}, the last window from {slices[-1].window_start}"


def _days(change: RecordChange, known: dict[str, Slice]) -> tuple[date, date]:
    """The days within which a changed record may lie."""
    if change.slice in known:
        return known[change.slice].start, known[change.slice].end
    return (date.max, date.max) if change.slice == AFTER else (date.min, date.min)


def changed_records(slices: Slices, changes: Iterable[RecordChange]) -> dict[str, str]:
    """For each slice that is alike, where the changed records lie that can have restated it."""
    known = {each.label: each for each in (*slices.new, *slices.old)}
    days = [(*_days(change, known), change.lasts) for change in changes]
    found = {}
    for each in slices.alike:
        up_to_now = [(end, lasts) for start, end, lasts in days if start < each.end]
        held = any(lasts or end > each.window_start for end, lasts in up_to_now)
        found[each.label] = IN_WINDOW if held else EARLIER if up_to_now else NONE
    return found
