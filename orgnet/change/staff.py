"""Had other organisations been in the network? A vertex bootstrap of what a professional group's people do.

Organisations are drawn with replacement, once for all slices and pairs of groups, and bring along all their people of
the group: whether one of a trust's surgeons comes or another is no chance at all, whether the trust sends one is. Who
knows whom is drawn at both ends, as Snijders & Borgatti (1999, Connections 22(2)) have it: a copy of an organisation's
people know a copy of another's as the two do, and copies of one know each other as any two organisations do on average.

Where a null network was drawn 200 times, draws of people without their organisations gave intervals of contact rates that
were too wide where organisations send delegates, and of acquaintance that were far too narrow, as they leave out the
other end (docs/how_often_intervals_are_right.md has figures).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from orgnet.indicators.draws import Floats, Ints, Purpose, random_for
from orgnet.metrics.acquaintance import GroupEvidence
from orgnet.metrics.ratios import column_sums, middles, ratio
from orgnet.spells import Ranges, count, merged

Flags = NDArray[np.bool_]


def draw_organisations(organisations: int, replicates: int, seed: int) -> Ints:
    """How many copies of each organisation there are, of shape (organisations, replicates)."""
    random = random_for(seed, Purpose.RESAMPLE_ORGANISATIONS)
    drawn = random.integers(0, max(organisations, 1), (replicates, organisations))
    cell = drawn * replicates + np.arange(replicates)[:, None]
    return np.bincount(cell.ravel(), minlength=organisations * replicates).reshape(organisations, replicates)


@dataclass(frozen=True)
class Staff:
    """One professional group's people and those of the other group (or the same), each at their organisation.

    `mine` and `theirs` number everybody's organisation among those drawn, of which there are `n`.
    """

    evidence: GroupEvidence
    their_members: Flags
    mine: Ints
    theirs: Ints
    n: int

    def added_up(self, values: Ints, number: int) -> Ints:
        """The sum of a slice's values over the people of each organisation who are on the roster."""
        members = self.evidence.members[:, number]
        return np.bincount(self.mine[members], weights=values[members, number], minlength=self.n).astype(np.int64)

    def people(self, number: int) -> Ints:
        """People of the group on a slice's roster, by organisation."""
        return np.bincount(self.mine[self.evidence.members[:, number]], minlength=self.n)

    def other_people(self, number: int) -> Ints:
        """People of the other group on a slice's roster, by organisation."""
        return np.bincount(self.theirs[self.their_members[:, number]], minlength=self.n)

    @cached_property
    def _pairs(self) -> tuple[Ints, Ints]:
        """Pairs of people acquainted, and people who know anybody there, by both organisations: (n * n, slices)."""
        pairs, width = self.evidence.acquainted, self.evidence.width
        person, other = pairs.key // width, self.theirs[pairs.key % width]
        away = self.mine[person] != other
        met = Ranges((person * self.n + other)[away], pairs.first[away], pairs.last[away])
        return self._between(met), self._between(merged(met))

    def _between(self, met: Ranges) -> Ints:
        """Ranges by person and other organisation, counted by organisation and other organisation in every slice."""
        person, other = met.key // self.n, met.key % self.n
        slices = self.evidence.members.shape[1]
        return count(self.mine[person] * self.n + other, met.first, met.last, self.n**2, slices)

    def acquainted(self, number: int) -> tuple[Ints, Ints]:
        """By organisation and other organisation: pairs of people acquainted, and people who know anybody there."""
        pairs, known = self._pairs
        return pairs[:, number].reshape(self.n, self.n), known[:, number].reshape(self.n, self.n)


@dataclass(frozen=True)
class StaffDraws:
    """The measures of a pair of groups in draws of organisations, of shape (organisations, replicates)."""

    staff: Staff
    copies: Ints

    def _mean(self, total: Ints, people: Ints) -> Floats:
        return ratio(total @ self.copies, people @ self.copies)

    def meetings_per_person(self, number: int) -> Floats:
        """The mean over the people drawn."""
        meetings = self.staff.added_up(self.staff.evidence.meetings, number)
        return self._mean(meetings, self.staff.people(number))

    def meet_rate_median(self, number: int) -> Floats:
        """The median over the people drawn, in meetings a year."""
        evidence, members = self.staff.evidence, self.staff.evidence.members[:, number]
        values, at = np.unique(evidence.meetings[members, number], return_inverse=True)
        cell = at * self.staff.n + self.staff.mine[members]
        tally = np.bincount(cell, minlength=len(values) * self.staff.n).reshape(len(values), self.staff.n)
        return middles(values, tally @ self.copies) / evidence.years

    @cached_property
    def _again(self) -> Floats:
        """Copies of each organisation beside one copy of itself."""
        return np.maximum(self.copies - 1, 0).astype(np.float64)

    def acq_density(self, number: int) -> Floats:
        """The share acquainted of all pairs between different organisations, or copies of one."""
        acquainted, _ = self.staff.acquainted(number)
        possible = np.outer(self.staff.people(number), self.staff.other_people(number))
        own = np.diag(possible).copy()
        np.fill_diagonal(possible, 0)
        typical = acquainted.sum() / max(possible.sum(), 1)
        within = own @ (self.copies * self._again)
        return ratio(self._between(acquainted) + typical * within, self._between(possible) + within)

    def _between(self, matrix: Ints) -> Floats:
        return np.asarray((self.copies * (matrix.astype(np.float64) @ self.copies)).sum(axis=0))

    def acq_breadth(self, number: int) -> Floats:
        """The mean over people of the share of other organisations in which they know somebody."""
        _, known = self.staff.acquainted(number)
        people, staffed = self.staff.people(number), self.staff.other_people(number) > 0
        others = staffed.sum() - staffed
        typical = known.sum() / max((people * others).sum(), 1)
        copies = self.copies * staffed[:, None]
        reachable = copies.sum(axis=0) - staffed[:, None]
        found = known.astype(np.float64) @ copies + people[:, None] * typical * self._again * staffed[:, None]
        share = np.divide(found, reachable, out=np.zeros(found.shape), where=reachable > 0)
        counted = np.where(reachable > 0, self.copies * people[:, None], 0)
        return ratio(column_sums(self.copies * share), counted.sum(axis=0))


OF_STAFF = {
    "acq_breadth": StaffDraws.acq_breadth,
    "acq_density": StaffDraws.acq_density,
    "meet_rate_median": StaffDraws.meet_rate_median,
    "meetings_per_person": StaffDraws.meetings_per_person,
}
"""The group metrics that organisations are drawn for: the metric in one slice in every draw."""
