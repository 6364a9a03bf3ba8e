"""Had other people been on the roster? A bootstrap of the people behind a professional group's measures.

People are drawn with replacement, as many as the group ever had, once for all slices: each takes along what he or she
did in every slice, so that two windows can be compared draw by draw, and what sets people apart throughout (a host of
specialist meetings is at all of them) does not blur the comparison. What a person did stays as it was; who the others
were is not drawn again.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from orgnet.indicators.draws import Floats, Ints, Purpose, random_for
from orgnet.metrics.acquaintance import GroupEvidence
from orgnet.metrics.ratios import middles, ratio
from orgnet.ties.tiles import UNIT, units

Flags = NDArray[np.bool_]


def draw_people(people: int, replicates: int, seed: int, group: int) -> Ints:
    """How many times each person of a group counts, of shape (people, replicates)."""
    drawn = random_for(seed, Purpose.RESAMPLE_PEOPLE, group).integers(0, max(people, 1), (replicates, people))
    cell = drawn * replicates + np.arange(replicates)[:, None]
    return np.bincount(cell.ravel(), minlength=people * replicates).reshape(people, replicates)


def _mean(values: Ints, counted: Flags, times: Ints) -> Floats:
    """The mean over the people counted in each slice, draw by draw: (slices, replicates)."""
    return ratio(np.where(counted, values, 0).T @ times, counted.T.astype(np.int64) @ times)


def _median(values: Ints, counted: Flags, times: Ints) -> Floats:
    """The median over the people counted in each slice, draw by draw: (slices, replicates)."""
    found = np.empty((values.shape[1], times.shape[1]))
    for number in range(values.shape[1]):
        people = np.flatnonzero(counted[:, number])
        different, at = np.unique(values[people, number], return_inverse=True)
        shape = (max(len(different), 1), values.shape[0])
        tally = csr_array((np.ones(len(people), dtype=np.int64), (at, people)), shape=shape)
        found[number] = middles(different if len(different) else np.zeros(1, np.int64), np.asarray(tally @ times))
    return found


def _rate(evidence: GroupEvidence, times: Ints) -> Floats:
    return _median(evidence.meetings, evidence.members, times) / evidence.years


def _per_person(evidence: GroupEvidence, times: Ints) -> Floats:
    return _mean(evidence.meetings, evidence.members, times)


def _breadth(evidence: GroupEvidence, times: Ints) -> Floats:
    counted = evidence.members & (evidence.reachable_organisations > 0)
    known, possible = evidence.acquainted_organisations, evidence.reachable_organisations
    share = np.divide(known, possible, out=np.zeros(known.shape), where=counted)
    return _mean(units(share), counted, times) / UNIT  # whole numbers, whose sum no order can change


def _reach(evidence: GroupEvidence, times: Ints) -> Floats:
    return _mean((evidence.acquainted_organisations > 0).astype(np.int64), evidence.members, times)


OF_PEOPLE: dict[str, Callable[[GroupEvidence, Ints], Floats]] = {
    "acq_breadth": _breadth,
    "acq_reach": _reach,
    "meet_rate_median": _rate,
    "meetings_per_person": _per_person,
}
"""The group metrics that are a mean or a median over people, of shape (slices, replicates) from draws of them."""
