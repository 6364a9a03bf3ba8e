"""Coverage: whether the records of a kind are known to be whole, per organisation and window. No record is not zero."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from orgnet.records.organisations import Roster
from orgnet.records.read import Records
from orgnet.vocabulary import Complete, RecordKind
from orgnet.windows import Calendar

Flags = NDArray[np.bool_]


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

    def share(self, kind: RecordKind, members: Flags) -> NDArray[np.float64]:
        """Per slice, the share of the given organisations whose window is whole; NaN where nothing is said."""
        if kind not in self.whole:
            return np.full(self.shape[1], np.nan)
        total = members.sum(axis=0)
        covered = (self.whole[kind] & members).sum(axis=0)
        return np.divide(covered, total, out=np.full(len(total), np.nan), where=total > 0)


def make_coverage(records: Records, roster: Roster, calendar: Calendar) -> Coverage:
    """Coverage of every window, from the coverage records; where they are missing it stays unknown.

    A window is whole if every one of its days lies in a period stated complete and in none stated incomplete.
    """
    shape = (len(roster.names), len(calendar))
    if not records.has(RecordKind.COVERAGE):
        return Coverage({}, shape)
    rows = records.tables[RecordKind.COVERAGE].to_pandas()
    start = np.asarray(rows["period_start"], dtype="datetime64[D]").astype(np.int64)
    end = np.asarray(rows["period_end"], dtype="datetime64[D]").astype(np.int64)
    grid = np.unique(np.concatenate([start, end, calendar.breaks]))
    low = np.searchsorted(grid, calendar.window_starts)
    high = np.searchsorted(grid, calendar.ends)
    whole = {}
    for kind in RecordKind:
        said = np.flatnonzero(np.asarray(rows["record_kind"] == kind.value))
        if not len(said):
            continue
        balance = {
            word: np.zeros((shape[0], len(grid) + 1), dtype=np.int64) for word in (Complete.TRUE, Complete.FALSE)
        }
        for row in said:
            word = rows.at[row, "complete"]
            if word not in balance:
                continue
            org = rows.at[row, "org_id"]
            which = slice(None) if org is None or org != org else int(org)
            balance[word][which, np.searchsorted(grid, start[row])] += 1
            balance[word][which, np.searchsorted(grid, end[row])] -= 1
        complete, lacking = (balance[word].cumsum(axis=1) > 0 for word in (Complete.TRUE, Complete.FALSE))
        good = np.concatenate([np.zeros((shape[0], 1), np.int64), (complete & ~lacking).cumsum(axis=1)], axis=1)
        whole[kind] = good[:, high] - good[:, low] == high - low
    return Coverage(whole, shape)


def coverage_rows(records: Records) -> list[dict[str, object]]:
    """The `coverage` table: what was stated, and for every supplied kind that nothing was stated of, that it is unknown."""
    rows: list[dict[str, object]] = []
    if records.has(RecordKind.COVERAGE):
        for row in records.tables[RecordKind.COVERAGE].to_pylist():
            org = row["org_id"]
            rows.append(
                {
                    "source": row["source_id"] or "",
                    "record_kind": row["record_kind"],
                    "organisation_id": None if org is None else records.organisations[org],
                    "period_start": row["period_start"],
                    "period_end": row["period_end"],
                    "expected_n": row["expected_n"],
                    "received_n": row["received_n"],
                    "complete": row["complete"] or Complete.UNKNOWN.value,
                }
            )
    stated = {row["record_kind"] for row in rows}
    for file in records.inputs:
        if file.record_kind not in stated and file.record_kind != RecordKind.COVERAGE:
            rows.append(
                {
                    "source": file.path,
                    "record_kind": file.record_kind,
                    "organisation_id": None,
                    "period_start": None,
                    "period_end": None,
                    "expected_n": None,
                    "received_n": file.rows,
                    "complete": Complete.UNKNOWN.value,
                }
            )
    return rows
