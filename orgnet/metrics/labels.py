"""Who is acquainted with whom, by label: the evidence on mixing of professional groups, and of tiers.

A person who is in two groups at once has a place in each, and the acquaintances made as either. Pairs are those of
`orgnet.metrics.acquaintance`: acquainted at the slice's end, in different organisations.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from orgnet.metrics.acquaintance import GroupEvidence
from orgnet.metrics.posts import Posts
from orgnet.records.organisations import days_of, words_of
from orgnet.records.read import Records
from orgnet.spells import Ranges, count, crossed, distinct, merged, pairs_within
from orgnet.vocabulary import RecordKind, Tier
from orgnet.windows import FOREVER, Calendar

Ints = NDArray[np.int64]
TIERS = [tier.value for tier in Tier]


@dataclass(frozen=True)
class Mixing:
    """Acquainted pairs per slice, by label: `sizes` are people per label, with the shape (labels, slices).

    `within` are pairs of people of each label, `out` pairs of one of it and one of another. `squares` is the sum over
    all people of the square of their number of acquaintances.
    """

    sizes: Ints
    within: Ints
    out: Ints
    squares: Ints

    @property
    def people(self) -> Ints:
        """People with any label."""
        return np.asarray(self.sizes.sum(axis=0))

    @property
    def ties(self) -> Ints:
        """Acquainted pairs."""
        return np.asarray(self.within.sum(axis=0) + self.out.sum(axis=0) // 2)


@dataclass(frozen=True)
class GroupMixing:
    """One professional group's part in the mixing of all: its people, its pairs within, its pairs out."""

    whole: Mixing
    size: Ints
    within: Ints
    out: Ints


@dataclass(frozen=True)
class PairMixing:
    """Acquainted and possible pairs (in different organisations) of two professional groups, and of all groups."""

    acquainted: Ints
    possible: Ints
    all_acquainted: Ints
    all_possible: Ints


Evidence = Mapping[tuple[int, int], GroupEvidence]


def _total(parts: Sequence[Ints], slices: int) -> Ints:
    return np.sum([np.zeros(slices, np.int64), *parts], axis=0)


def mix_groups(evidence: Evidence, groups: Sequence[int], slices: int) -> Mixing:
    """The mixing of professional groups, each a label, in the order of `groups`."""
    squares = np.zeros(slices, dtype=np.int64)
    sizes, within, out = (np.zeros((len(groups), slices), dtype=np.int64) for _ in range(3))
    for row, one in enumerate(groups):
        mine = [evidence[one, two] for two in groups]
        sizes[row], within[row] = evidence[one, one].n_people, evidence[one, one].acquainted_pairs
        out[row] = _total([evidence[one, two].acquainted_pairs for two in groups if two != one], slices)
        person = np.concatenate([each.acquainted.key // each.width for each in mine])
        first, last = (np.concatenate([getattr(each.acquainted, end) for each in mine]) for end in ("first", "last"))
        degree = count(person, first, last, len(mine[0].members), slices)
        squares += (degree * degree).sum(axis=0)
    return Mixing(sizes, within, out, squares)


def mix_pair(evidence: Evidence, one: int, two: int, groups: Sequence[int], slices: int) -> PairMixing:
    """How many of the possible pairs of two groups are acquainted, beside those of all groups."""
    pairs = [evidence[a, b] for place, a in enumerate(groups) for b in groups[place:]]
    mine = evidence[one, two]
    return PairMixing(
        mine.acquainted_pairs,
        mine.cross_pairs,
        _total([each.acquainted_pairs for each in pairs], slices),
        _total([each.cross_pairs for each in pairs], slices),
    )


def _tier_spells(records: Records, groups: list[str], calendar: Calendar) -> Ranges:
    """The slices at whose end each person holds a post of each tier, keyed by person * tiers + tier."""
    none = np.zeros(0, dtype=np.int64)
    table = records.tables.get(RecordKind.PEOPLE)
    if table is None:
        return Ranges(none, none, none)
    tier = np.asarray(pa.compute.fill_null(pa.compute.index_in(table.column("tier"), pa.array(TIERS)), -1))
    known = (tier >= 0) & np.isin(words_of(table.column("group")), groups)
    person = np.asarray(table.column("person_id")).astype(np.int64)
    start, end = days_of(table.column("start"), -FOREVER), days_of(table.column("end"), FOREVER)
    first, last = calendar.held_at_end(start, end)
    last = np.minimum(last, len(calendar) - 1)
    return merged(Ranges((person * len(TIERS) + tier)[known], first[known], last[known]))


def _everyone(posts: Sequence[Posts], groups: Sequence[int]) -> Ints:
    """The people of several groups, each as often as in groups."""
    return np.concatenate([np.zeros(0, np.int64), *(posts[group].people for group in groups)])


def _pairs_of_people(found: GroupEvidence, people: Ints, others: Ints, same: bool, n: int) -> Ranges:
    """The slices in which two people of two groups are acquainted, keyed by the lower code * n + the higher."""
    a, b = people[found.acquainted.key // found.width], others[found.acquainted.key % found.width]
    once = a < b if same else np.ones(len(a), dtype=bool)  # within a group both see it
    key = (np.minimum(a, b) * n + np.maximum(a, b))[once]
    return Ranges(key, found.acquainted.first[once], found.acquainted.last[once])


def _with_tiers(pairs: Ranges, spells: Ranges, n: int) -> tuple[Ranges, Ints, Ints]:
    """Acquainted pairs cut to where both are of one tier, with each end's person * tiers + tier.

    Pairs of somebody who changes tier, or has two, are cut.
    """
    left, right = pairs_within(pairs.key // n, spells.key // len(TIERS))
    keep, pairs = crossed(pairs, spells, left, right)
    one_end = spells.key[right[keep]]
    left, right = pairs_within(pairs.key % n, spells.key // len(TIERS))
    keep, pairs = crossed(pairs, spells, left, right)
    return pairs, one_end[left[keep]], spells.key[right[keep]]


def mix_tiers(
    evidence: Evidence,
    posts: Sequence[Posts],
    groups: Sequence[int],
    records: Records,
    names: list[str],
    calendar: Calendar,
) -> Mixing:
    """The mixing of tiers, over people of all professional groups together."""
    n, tiers, slices = max(records.n_people, 1), len(TIERS), len(calendar)
    spells = _tier_spells(records, names, calendar)
    parts = [
        _pairs_of_people(evidence[one, two], posts[one].people, posts[two].people, one == two, n)
        for place, one in enumerate(groups)
        for two in groups[place:]
    ]
    if sum(len(posts[group].people) for group in groups) > len(distinct(_everyone(posts, groups))):
        # People of two groups may know each other twice.
        parts = [merged(Ranges(*(np.concatenate(columns) for columns in zip(*parts, strict=True))))]
    places = distinct(spells.key)
    within, out = (np.zeros((tiers, slices), dtype=np.int64) for _ in range(2))
    degree = np.zeros((len(places), slices), dtype=np.int64)
    while parts:  # one after the other: all at once would take much room
        pairs, one_end, other_end = _with_tiers(parts.pop(), spells, n)
        tier, other_tier = one_end % tiers, other_end % tiers
        alike = tier == other_tier
        within += count(tier[alike], pairs.first[alike], pairs.last[alike], tiers, slices)
        for end in (tier, other_tier):
            out += count(end[~alike], pairs.first[~alike], pairs.last[~alike], tiers, slices)
        for end in (one_end, other_end):
            there = distinct(end)
            at = np.searchsorted(there, end)
            degree[np.searchsorted(places, there)] += count(at, pairs.first, pairs.last, len(there), slices)
    sizes = count(spells.key % tiers, spells.first, spells.last, tiers, slices)
    return Mixing(sizes, within, out, (degree * degree).sum(axis=0))
