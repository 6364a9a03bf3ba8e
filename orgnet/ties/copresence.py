"""From presence to contact: who met whom, and the ties between organisations that this makes.

Two people met at a meeting if both were there together for at least the minimum overlap. Each meeting of k people who
met somebody gives every pair of them 1/(k - 1) (Newman 2001), so that one large meeting does not make thousands of
full ties.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from orgnet.config import Config
from orgnet.spells import Ranges, merged
from orgnet.ties.presence import Presence
from orgnet.ties.tiles import Tiles, decay, people_behind, sum_tiles, sums_by, units
from orgnet.vocabulary import Layer
from orgnet.windows import Calendar

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
PAIRS_AT_ONCE = 8_000_000


@dataclass(frozen=True)
class Contacts:
    """Pairs of people from different organisations listed at one meeting, of one pair of professional groups.

    `person` is of the first group (of the pair, the one that comes first in the network's list) and `other` of the
    second. `met` says whether they were there together for long enough. `overlap` and `duration` are seconds, -1 where
    not known.
    """

    person: Ints
    other: Ints
    party: Ints
    other_party: Ints
    meeting: Ints
    day: Ints
    series: Ints
    met: Flags
    nominal: Flags
    overlap: Ints
    duration: Ints

    def __len__(self) -> int:
        return len(self.person)

    def where(self, keep: Flags) -> "Contacts":
        """Some of the contacts."""
        return Contacts(*(getattr(self, name)[keep] for name in self.__dataclass_fields__))

    def reversed(self) -> "Contacts":
        """The same contacts seen from the other side."""
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        fields |= {"person": self.other, "other": self.person}
        fields |= {"party": self.other_party, "other_party": self.party}
        return Contacts(**fields)


def joined(parts: list[Contacts]) -> Contacts:
    """Several parts as one."""
    return Contacts(*(np.concatenate([getattr(p, n) for p in parts]) for n in Contacts.__dataclass_fields__))


def _blocks(presence: Presence) -> Iterator[slice]:
    """Runs of whole meetings, so that no run makes many more pairs than fit in memory with ease."""
    starts = np.flatnonzero(np.concatenate([[True], presence.meeting[1:] != presence.meeting[:-1]]))
    sizes = np.diff(np.concatenate([starts, [len(presence)]]))
    load = np.cumsum(sizes * (sizes - 1) // 2) // PAIRS_AT_ONCE
    edges = np.flatnonzero(np.concatenate([[True], load[1:] != load[:-1]]))
    bounds = np.concatenate([starts[edges], [len(presence)]])
    for low, high in pairwise(bounds.tolist()):
        yield slice(low, high)


def listed_pairs(meeting: Ints) -> tuple[Ints, Ints]:
    """Row numbers of every pair of rows of one meeting. Rows must be sorted by meeting."""
    n = len(meeting)
    ends = np.searchsorted(meeting, meeting, side="right")
    partners = ends - np.arange(n) - 1
    left = np.repeat(np.arange(n), partners)
    offset = np.arange(len(left)) - np.repeat(np.cumsum(partners) - partners, partners)
    return left, left + 1 + offset


def _apart(presence: Presence, left: Ints, right: Ints) -> Flags:
    """Whether two stays stand for different organisations; a set of them must share none."""
    a, b = presence.party[left], presence.party[right]
    apart = a != b
    if presence.parties:
        several = np.flatnonzero(np.isin(a, list(presence.parties)) | np.isin(b, list(presence.parties)))
        for row in several:
            first = presence.parties.get(int(a[row]), (int(a[row]),))
            apart[row] = not set(first) & set(presence.parties.get(int(b[row]), (int(b[row]),)))
    return apart


@dataclass(frozen=True)
class _Pairs:
    """Pairs of stays by row number in a block, with what is known of their time together."""

    left: Ints
    right: Ints
    overlap: Ints
    met: Flags
    nominal: Flags


def _block_pairs(p: Presence, at: slice, min_overlap: float) -> _Pairs:
    """Every pair of different people at one meeting; stays of one pair at one meeting are added up."""
    left, right = listed_pairs(p.meeting[at])
    left, right = left + at.start, right + at.start
    different = p.person[left] != p.person[right]
    left, right = left[different], right[different]
    timed = p.timed[left] & p.timed[right]
    together = np.minimum(p.end[left], p.end[right]) - np.maximum(p.begin[left], p.begin[right])
    overlap = np.where(timed, np.maximum(together, 0), -1)
    nominal = p.nominal[left] | p.nominal[right]
    same_stay = (p.meeting[at][1:] == p.meeting[at][:-1]) & (p.person[at][1:] == p.person[at][:-1])
    if same_stay.any():
        first_stay = np.arange(at.start, at.stop)
        first_stay = np.maximum.accumulate(np.where(np.concatenate([[False], same_stay]), 0, first_stay))
        left, right = first_stay[left - at.start], first_stay[right - at.start]
        key = (left - at.start) * (at.stop - at.start) + right - at.start
        _, (overlap, untimed, some_nominal), order, starts = sums_by(
            key, np.maximum(overlap, 0), (~timed).astype(np.int64), nominal.astype(np.int64)
        )
        left, right = left[order][starts], right[order][starts]
        timed, nominal = untimed == 0, some_nominal > 0
        overlap = np.where(timed, overlap, -1)
    met = ~timed | ((overlap >= min_overlap) & (overlap > 0))
    return _Pairs(left, right, overlap, met, nominal)


def _shares(p: Presence, at: slice, pairs: _Pairs) -> NDArray[np.float64]:
    """1/(k - 1) of each pair's meeting, k being the people there who met somebody."""
    met_somebody = np.zeros(at.stop - at.start, dtype=bool)
    met_somebody[pairs.left[pairs.met] - at.start] = True
    met_somebody[pairs.right[pairs.met] - at.start] = True
    meeting = p.meeting[at] - p.meeting[at.start]
    k = np.bincount(meeting[met_somebody], minlength=int(meeting[-1]) + 1)[meeting[pairs.left - at.start]]
    return np.divide(1.0, k - 1, out=np.zeros(len(k)), where=k > 1)


@dataclass
class _Ties:
    """Rows of ties between organisations as they are found, one per pair of people."""

    source: list[Ints]
    target: list[Ints]
    meeting: list[Ints]
    day: list[Ints]
    weight: list[Ints]
    people: list[Ranges]


def _organisation_rows(
    p: Presence, left: Ints, right: Ints, share: NDArray[np.float64]
) -> tuple[Ints, Ints, Ints, NDArray[np.float64]]:
    """Each pair's organisations: (row, source, target, share); a set's share is split evenly."""
    a, b = p.party[left], p.party[right]
    row = np.arange(len(a))
    if p.parties and len(a):
        sets = p.parties
        rows, firsts, seconds, parts = [], [], [], []
        plain = ~(np.isin(a, list(sets)) | np.isin(b, list(sets)))
        for at in np.flatnonzero(~plain):
            left_orgs = sets.get(int(a[at]), (int(a[at]),))
            right_orgs = sets.get(int(b[at]), (int(b[at]),))
            for one in left_orgs:
                for two in right_orgs:
                    rows.append(int(at))
                    firsts.append(one)
                    seconds.append(two)
                    parts.append(share[at] / (len(left_orgs) * len(right_orgs)))
        row = np.concatenate([row[plain], np.array(rows, dtype=np.int64)])
        a = np.concatenate([a[plain], np.array(firsts, dtype=np.int64)])
        b = np.concatenate([b[plain], np.array(seconds, dtype=np.int64)])
        share = np.concatenate([share[plain], np.array(parts)])
    return row, np.minimum(a, b), np.maximum(a, b), share


def find_contacts(
    presence: Presence, config: Config, calendar: Calendar, n_organisations: int, n_people: int
) -> tuple[dict[tuple[int, int], Contacts], list[Tiles]]:
    """Contacts between people, by pair of professional groups, and the ties between organisations they make."""
    groups: dict[tuple[int, int], list[Contacts]] = {}
    collected = {layer: _Ties([], [], [], [], [], []) for layer in (Layer.MEETINGS, Layer.MDT)}
    nominal = {layer: np.zeros(len(calendar), dtype=bool) for layer in collected}
    for at in _blocks(presence) if len(presence) else ():
        pairs = _block_pairs(presence, at, config.ties.min_overlap_minutes * 60)
        share = _shares(presence, at, pairs)
        cross = _apart(presence, pairs.left, pairs.right)
        _add_contacts(groups, presence, pairs, cross)
        for layer, ties in collected.items():
            keep = cross & pairs.met & (presence.mdt[pairs.left] == (layer == Layer.MDT))
            _add_ties(ties, presence, pairs, keep, share, config, calendar, n_organisations, n_people)
            first, last = calendar.windows_over(presence.day[pairs.left[keep & pairs.nominal]])
            for low, high in set(zip(first.tolist(), last.tolist(), strict=True)):
                nominal[layer][low : high + 1] = True
    tiles = [_tiles(layer, ties, calendar, n_organisations, nominal[layer]) for layer, ties in collected.items()]
    return {pair: joined(parts) for pair, parts in sorted(groups.items())}, tiles


def _add_contacts(groups: dict[tuple[int, int], list[Contacts]], p: Presence, pairs: _Pairs, cross: Flags) -> None:
    """Sort a block's pairs across organisations by professional groups; people of no known group stay out."""
    known = np.flatnonzero(cross & (p.group[pairs.left] >= 0) & (p.group[pairs.right] >= 0))
    left, right = pairs.left[known], pairs.right[known]
    turn = p.group[left] > p.group[right]
    left, right = np.where(turn, right, left), np.where(turn, left, right)
    code = p.group[left] * 1000 + p.group[right]
    contacts = Contacts(
        p.person[left],
        p.person[right],
        p.party[left],
        p.party[right],
        p.meeting[left],
        p.day[left],
        p.series[left],
        pairs.met[known],
        pairs.nominal[known],
        pairs.overlap[known],
        p.duration[left],
    )
    for value in np.unique(code):
        pair = (int(value) // 1000, int(value) % 1000)
        groups.setdefault(pair, []).append(contacts.where(code == value))


def _add_ties(
    ties: _Ties,
    p: Presence,
    pairs: _Pairs,
    keep: Flags,
    share: NDArray[np.float64],
    config: Config,
    calendar: Calendar,
    n: int,
    n_people: int,
) -> None:
    """Add up a block's pairs of people to pairs of organisations per meeting, and note the people."""
    left, right = pairs.left[keep], pairs.right[keep]
    row, source, target, part = _organisation_rows(p, left, right, share[keep])
    meeting, day = p.meeting[left][row], p.day[left][row]
    weight = units(part * decay(day, calendar, config.ties.half_life_days))
    pair = source * n + target
    if not len(pair):
        return
    base = meeting.min()
    key, (total,), order, starts = sums_by((meeting - base) * n * n + pair, weight)
    ties.source.append(key % (n * n) // n)
    ties.target.append(key % n)
    ties.meeting.append(meeting[order][starts])
    ties.day.append(day[order][starts])
    ties.weight.append(total)
    first, last = calendar.windows_over(day)
    for person in (p.person[left][row], p.person[right][row]):
        ties.people.append(people_behind(pair, person, n_people, first, last))


def _tiles(layer: Layer, ties: _Ties, calendar: Calendar, n: int, nominal: Flags) -> Tiles:
    """One layer's rows, summed per pair and smallest period."""

    def column(parts: list[Ints]) -> Ints:
        return np.concatenate(parts) if parts else np.array([], dtype=np.int64)

    people = merged(Ranges(*(column([getattr(r, f) for r in ties.people]) for f in Ranges._fields)))
    pair = column(ties.source) * n + column(ties.target)
    return sum_tiles(
        layer, pair, column(ties.day), column(ties.weight), np.ones(len(pair), np.int64), calendar, n, people, nominal
    )
