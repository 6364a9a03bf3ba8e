"""The parts of restated organisations: who stood as whom, and existed, on each day."""

from dataclasses import dataclass

import numpy as np

from orgnet.records.organisations import days_of, numbers_of
from orgnet.records.pieces import Flags, Ints, Pieces
from orgnet.records.read import Records
from orgnet.spells import count
from orgnet.vocabulary import RecordKind
from orgnet.windows import FOREVER


@dataclass(frozen=True)
class Parts:
    """The organisations as they were recorded: what each stands as, and the spells `[start, end)` in which it existed.

    One that no row speaks of is taken to have existed throughout.
    """

    pieces: Pieces
    org: Ints
    start: Ints
    end: Ints
    n: int

    @property
    def days(self) -> Ints:
        """Every day on which an organisation begins, ends, or begins to stand as another."""
        days = np.unique(np.concatenate([self.pieces.from_day, self.start, self.end]))
        return days[(days > -FOREVER) & (days < FOREVER)]

    def together(self, covered: Flags, grid: Ints) -> Flags:
        """What is covered of organisations as they are restated, from what is covered of each as it was recorded.

        Flags have the shape (organisations, periods), the periods beginning on the grid's days. A period is covered if
        it is for every part that existed in it; if none did, if it is for the organisation itself.
        """
        day = np.broadcast_to(grid, covered.shape)
        org = np.broadcast_to(np.arange(self.n)[:, None], covered.shape)
        whole = self.pieces.at(org.ravel(), day.ravel()).reshape(covered.shape) * len(grid) + np.arange(len(grid))
        there = self._there(grid)
        existed, lacking = (
            np.bincount(whole[chosen], minlength=covered.size).reshape(covered.shape) > 0
            for chosen in (there, there & ~covered)
        )
        return np.where(existed, ~lacking, covered)

    def _there(self, grid: Ints) -> Flags:
        first, last = np.searchsorted(grid, self.start), np.searchsorted(grid, self.end) - 1
        there = count(self.org, first, last, self.n, len(grid)) > 0
        there[np.setdiff1d(np.arange(self.n), self.org)] = True
        return np.asarray(there)


def find_parts(records: Records) -> Parts | None:
    """The parts of restated organisations; None if records stand as they were recorded."""
    if records.recorded is None or records.succession is None:
        return None
    none = np.array([], dtype=np.int64)
    org, start, end = none, none, none
    if records.has(RecordKind.ORGANISATIONS):
        rows = records.recorded.tables[RecordKind.ORGANISATIONS]
        org = numbers_of(rows.column("org_id"), missing=-1)
        start, end = days_of(rows.column("valid_from"), -FOREVER), days_of(rows.column("valid_to"), FOREVER)
    return Parts(records.succession.pieces, org, start, end, len(records.organisations))
