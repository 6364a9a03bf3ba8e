"""Coverage: whether the records of a kind are known to be whole, per organisation and window. No record is not zero."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from orgnet.records.organisations import Flags, Ints, Roster, days_of, numbers_of, words_of
from orgnet.records.parts import find_parts
from orgnet.records.read import InputFile, Records
from orgnet.spells import count
from orgnet.vocabulary import Complete, RecordKind
from orgnet.windows import Calendar


@dataclass(frozen=True)
class Coverage:
    """Per record kind, flags of shape (organisations, slices): is the whole window known to be covered?

    A kind that no coverage record speaks of is missing from `whole`: unknown, which is neither whole nor lacking.
    """

    whole: dict[RecordKind, Flags]
    shape: tuple[int, int]

    def of(self, kind: RecordKind) -> Flags:
        """Whether each organisation's window is known to be whole; false where nothing is said."""
        return self.whole.get(kind, np.zeros(self.shape, dtype=bool))

    def during(self, at: slice) -> "Coverage":
        """The coverage of a run of slices."""
        whole = {kind: flags[:, at] for kind, flags in self.whole.items()}
        return Coverage(whole, (self.shape[0], len(range(self.shape[1])[at])))

    def share(self, kind: RecordKind, members: Flags) -> NDArray[np.float64]:
        """Per slice, the share of the given organisations whose window is whole; NaN where nothing is said."""
        if kind not in self.whole:
            return np.full(self.shape[1], np.nan)
        total = members.sum(axis=0)
        covered = (self.whole[kind] & members).sum(axis=0)
        shares = np.full(len(total), np.nan)
        np.divide(covered, total, out=shares, where=total > 0)
        return shares


def make_coverage(records: Records, roster: Roster, calendar: Calendar) -> Coverage:
    """Coverage of every window, from the coverage records; where they say nothing, or unknown, it stays unknown.

    A window is whole if every one of its days lies in a period stated complete and in none stated incomplete. A
    statement that names no organisation is about all of them. Where organisations are restated, one that has several
    parts is covered on the days on which each of them that existed is.
    """
    shape = (len(roster.names), len(calendar))
    if not records.has(RecordKind.COVERAGE):
        return Coverage({}, shape)
    parts = find_parts(records)
    rows = (records.recorded or records).tables[RecordKind.COVERAGE]
    start, end = (days_of(rows.column(name)) for name in ("period_start", "period_end"))
    grid = np.unique(np.concatenate([start, end, calendar.breaks, *([] if parts is None else [parts.days])]))
    first, last = np.searchsorted(grid, start), np.searchsorted(grid, end) - 1
    org = numbers_of(rows.column("org_id"), missing=shape[0])
    kinds, words = words_of(rows.column("record_kind")), words_of(rows.column("complete"))
    whole = {}
    for kind in RecordKind:
        stated = {word: (kinds == kind.value) & (words == word.value) for word in (Complete.TRUE, Complete.FALSE)}
        if not any(said.any() for said in stated.values()):
            continue
        complete, lacking = (
            _stated(org[said], first[said], last[said], shape[0], len(grid)) for said in stated.values()
        )
        covered = complete & ~lacking
        whole[kind] = _whole(covered if parts is None else parts.together(covered, grid), grid, calendar)
    return Coverage(whole, shape)


def _stated(org: Ints, first: Ints, last: Ints, n: int, periods: int) -> Flags:
    """For each organisation, the smallest periods that a statement about it, or about all (code n), speaks of."""
    said = count(org, first, last, n + 1, periods)
    return said[:n] + said[n] > 0


def _whole(covered: Flags, grid: Ints, calendar: Calendar) -> Flags:
    """The windows all of whose smallest periods are covered."""
    low, high = np.searchsorted(grid, calendar.window_starts), np.searchsorted(grid, calendar.ends)
    so_far = np.concatenate([np.zeros((len(covered), 1), np.int64), covered.cumsum(axis=1)], axis=1)
    return np.asarray(so_far[:, high] - so_far[:, low] == high - low)


def coverage_rows(records: Records) -> list[dict[str, object]]:
    """The `coverage` table: what was stated, and that each file of a kind that nothing was stated of is unknown."""
    tables = (records.recorded or records).tables
    stated = tables[RecordKind.COVERAGE].to_pylist() if records.has(RecordKind.COVERAGE) else []
    rows = [_stated_row(row, records.organisations) for row in stated]
    kinds = {row["record_kind"] for row in rows} | {RecordKind.COVERAGE.value}
    return rows + [_unstated_row(file) for file in records.inputs if file.record_kind not in kinds]


def _stated_row(row: dict[str, Any], organisations: list[str]) -> dict[str, object]:
    org = row["org_id"]
    return {
        "source": row["source_id"] or "",
        "record_kind": row["record_kind"],
        "organisation_id": None if org is None else organisations[org],
        "period_start": row["period_start"],
        "period_end": row["period_end"],
        "expected_n": row["expected_n"],
        "received_n": row["received_n"],
        "complete": row["complete"] or Complete.UNKNOWN.value,
    }


def _unstated_row(file: InputFile) -> dict[str, object]:
    return {
        "source": file.path,
        "record_kind": file.record_kind,
        "organisation_id": None,
        "period_start": None,
        "period_end": None,
        "expected_n": None,
        "received_n": file.rows,
        "complete": Complete.UNKNOWN.value,
    }
