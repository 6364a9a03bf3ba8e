"""Which organisation each stands as, from which day to which: the answer of a succession, ready to be looked up.

Every organisation's pieces follow on one another and together hold all days, so that each organisation stands as
exactly one on every day.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from orgnet.vocabulary import LinkOutcome, OrganisationBasis
from orgnet.windows import FOREVER

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
_SPAN = 2 * FOREVER + 2


@dataclass(frozen=True)
class Pieces:
    """Pieces `[from_day, until_day)` of each organisation's time, in the order of organisations and days."""

    organisation: Ints
    from_day: Ints
    until_day: Ints
    stands_as: Ints

    @classmethod
    def of(cls, organisation: Ints, from_day: Ints, stands_as: Ints) -> "Pieces":
        """Pieces from where each begins; neighbours that stand as one and the same become one piece."""
        new = np.ones(len(organisation), dtype=bool)
        new[1:] = (organisation[1:] != organisation[:-1]) | (stands_as[1:] != stands_as[:-1])
        organisation, from_day, stands_as = organisation[new], from_day[new], stands_as[new]
        until = np.full(len(organisation), FOREVER)
        until[:-1] = np.where(organisation[1:] == organisation[:-1], from_day[1:], FOREVER)
        return cls(organisation, from_day, until, stands_as)

    @classmethod
    def unchanged(cls, n: int) -> "Pieces":
        """Every organisation stands as itself, always."""
        each = np.arange(n)
        return cls.of(each, np.full(n, -FOREVER), each)

    @property
    def changing(self) -> Flags:
        """The pieces in which an organisation stands as another."""
        return self.organisation != self.stands_as

    def piece_at(self, organisation: Ints, day: Ints) -> Ints:
        """The number of the piece that each organisation is in on each day."""
        begins = self.organisation * _SPAN + (self.from_day + FOREVER)
        wanted = organisation * _SPAN + (np.clip(day, -FOREVER, FOREVER - 1) + FOREVER)
        return np.asarray(np.searchsorted(begins, wanted, side="right") - 1)

    def at(self, organisation: Ints, day: Ints) -> Ints:
        """What each organisation stands as on each day; -1 (none) stays -1."""
        if not len(self.organisation):
            return organisation
        named = np.maximum(organisation, 0)
        return np.where(organisation < 0, organisation, self.stands_as[self.piece_at(named, day)])

    def cut(self, row: Ints, organisation: Ints, start: Ints, end: Ints) -> tuple[Ints, Ints, Ints]:
        """Rows' spells cut wherever one of their organisations begins to stand as another: row, start and end.

        `row` numbers (rising, one entry for each organisation of a row) go with the row's organisations; `start` and
        `end` have one entry for each row. Rows that name no organisation stay whole.
        """
        first = self.piece_at(organisation, start[row])
        last = np.maximum(self.piece_at(organisation, end[row] - 1), first)
        times = last - first
        at = np.repeat(np.arange(len(row)), times)
        step = np.arange(len(at)) - np.repeat(np.cumsum(times) - times, times)
        rows = np.concatenate([np.arange(len(start)), row[at]])
        begins = np.concatenate([start, self.from_day[first[at] + 1 + step]])
        order = np.lexsort((begins, rows))
        rows, begins = rows[order], begins[order]
        once = np.ones(len(rows), dtype=bool)
        once[1:] = (rows[1:] != rows[:-1]) | (begins[1:] != begins[:-1])
        rows, begins = rows[once], begins[once]
        ends = end[rows]
        inner = np.flatnonzero(rows[1:] == rows[:-1])
        ends[inner] = begins[inner + 1]
        return rows, begins, ends


@dataclass(frozen=True)
class Succession:
    """How the organisations of a network followed on one another, and what each record's are therefore taken to be.

    `links` has one row for each link: predecessor and successor (names), type, date (empty if there is none), whether
    it was followed, what became of it (LinkOutcome), and why.
    """

    basis: OrganisationBasis
    pieces: Pieces
    links: pa.Table
    ambiguous: int
    """Splits without a rule: organisations and days of which nothing says what they went on as."""

    @property
    def restated(self) -> int:
        """How many organisations stand as another on any day."""
        return len(np.unique(self.pieces.organisation[self.pieces.changing]))

    def outcomes(self) -> dict[str, int]:
        """How many links came to each outcome."""
        found = self.links.column("outcome").to_pylist()
        return {word.value: found.count(word.value) for word in LinkOutcome if word.value in found}
