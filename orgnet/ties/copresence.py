"""From presence to contact: who met whom, and the ties between organisations that this makes.

Two people met at a meeting if both were there together for at least the minimum overlap. Each meeting of k people who
met somebody gives every pair of them 1/(k - 1) (Newman 2001), so that one large meeting does not make thousands of
full ties; a network may choose to count meetings, or hours together, instead. Meetings of more people than a network
allows tie and acquaint nobody.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from orgnet.config import TieRules
from orgnet.spells import distinct
from orgnet.ties.presence import Handed, Presence
from orgnet.ties.tiles import (
    KEYS_AT_ONCE,
    Sums,
    Tiles,
    decay,
    make_tiles,
    people_behind,
    people_in_periods,
    sums_by,
    units,
)
from orgnet.vocabulary import Layer
from orgnet.windows import Calendar
from orgnet.work import HERE, Work

Ints = NDArray[np.int64]
Rows = NDArray[np.int32]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
PAIRS_AT_ONCE = 2_000_000


@dataclass(frozen=True)
class Contacts:
    """Pairs of people from different organisations listed at one meeting, of one pair of professional groups.

    `left` and `right` are the rows of the two stays in the presence: `left` is of the first group (of the pair, the one
    that comes first in the network's list) and `right` of the second. `met` says whether they were there together for
    long enough. `overlap` is in seconds, -1 where not known. Rows stand in the order of their meetings.
    """

    presence: Presence
    left: Rows
    right: Rows
    met: Flags
    nominal: Flags
    overlap: Rows

    def __len__(self) -> int:
        return len(self.left)

    @property
    def party(self) -> Ints:
        """For whom the first of the two was there."""
        return self.presence.party[self.left]

    @property
    def other_party(self) -> Ints:
        """For whom the second of the two was there."""
        return self.presence.party[self.right]

    @property
    def meeting(self) -> Ints:
        """The meeting's code."""
        return self.presence.meeting[self.left]

    @property
    def day(self) -> Ints:
        """The meeting's day."""
        return self.presence.day[self.left].astype(np.int64)

    @property
    def duration(self) -> Ints:
        """The meeting's length in seconds, -1 where not known."""
        return self.presence.duration[self.left].astype(np.int64)

    def since(self, day: int) -> "Contacts":
        """Those from a day onwards: meetings, whose order they stand in, are numbered in the order of their days."""
        row = np.searchsorted(self.presence.day, day)
        return self.where(slice(int(np.searchsorted(self.left, row)), None))

    def where(self, keep: Flags | slice) -> "Contacts":
        """Some of the contacts."""
        return Contacts(
            self.presence,
            self.left[keep],
            self.right[keep],
            self.met[keep],
            self.nominal[keep],
            self.overlap[keep],
        )


def over_cap(presence: Presence, cap: int | None) -> Flags:
    """For each stay, whether more people than the cap were at its meeting."""
    if cap is None or not len(presence):
        return np.zeros(len(presence), dtype=bool)
    another = np.ones(len(presence), dtype=bool)
    another[1:] = (presence.meeting[1:] != presence.meeting[:-1]) | (presence.person[1:] != presence.person[:-1])
    return np.bincount(presence.meeting, weights=another)[presence.meeting] > cap


def _blocks(presence: Presence, left_out: Flags | None = None) -> Iterator[slice]:
    """Runs of whole meetings, so that no run makes many more pairs than fit in memory with ease.

    Meetings that are left out are in none of them.
    """
    starts = np.flatnonzero(np.concatenate([[True], presence.meeting[1:] != presence.meeting[:-1]]))
    out = np.zeros(len(starts), dtype=bool) if left_out is None else left_out[starts]
    sizes = np.where(out, 0, np.diff(np.concatenate([starts, [len(presence)]])))
    load = np.cumsum(sizes * (sizes - 1) // 2) // PAIRS_AT_ONCE
    edges = np.flatnonzero(np.concatenate([[True], (load[1:] != load[:-1]) | (out[1:] != out[:-1])]))
    bounds = np.concatenate([starts[edges], [len(presence)]])
    for edge, (low, high) in zip(edges.tolist(), pairwise(bounds.tolist()), strict=True):
        if not out[edge]:
            yield slice(low, high)


def listed_pairs(meeting: Ints) -> tuple[Ints, Ints]:
    """Row numbers of every pair of rows of one meeting. Rows must be sorted by meeting."""
    n = len(meeting)
    return _beside(np.arange(n) + 1, np.searchsorted(meeting, meeting, side="right"))


def _partners(meeting: Ints, other: Ints, same: bool) -> tuple[Ints, Ints]:
    """For each row of one list, where its meeting's rows begin and end in another list; both are sorted by meeting.

    Of a list beside itself, those that come after the row.
    """
    if not len(meeting) or not len(other):
        none = np.zeros(len(meeting), dtype=np.int64)
        return none, none
    first = min(int(meeting[0]), int(other[0]))
    size = max(int(meeting[-1]), int(other[-1])) - first + 1
    ends = np.bincount(other - first, minlength=size).cumsum()
    at = meeting - first
    high = ends[at]
    return (np.arange(len(meeting)) + 1 if same else np.where(at > 0, ends[at - 1], 0)), high


def _beside(low: Ints, high: Ints) -> tuple[Ints, Ints]:
    """Every row number, beside each of the numbers from its low to before its high."""
    partners = high - low
    left = np.repeat(np.arange(len(low)), partners)
    offset = np.arange(len(left)) - np.repeat(np.cumsum(partners) - partners, partners)
    return left, low[left] + offset


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
    """Pairs of stays by row number, with what is known of their time together."""

    left: Ints
    right: Ints
    overlap: Ints
    met: Flags
    nominal: Flags


def _first_stays(p: Presence) -> Ints | None:
    """For each stay, the same person's first at the meeting; None if nobody has two."""
    again = np.zeros(len(p), dtype=bool)
    again[1:] = (p.meeting[1:] == p.meeting[:-1]) & (p.person[1:] == p.person[:-1])
    return np.maximum.accumulate(np.where(again, 0, np.arange(len(p)))) if again.any() else None


def _together(p: Presence, left: Ints, right: Ints, first_stay: Ints | None, min_overlap: float) -> _Pairs:
    """What is known of pairs of stays of different people; stays of one pair at one meeting are added up."""
    different = p.person[left] != p.person[right]
    left, right = left[different], right[different]
    timed = p.timed[left] & p.timed[right]
    together = np.minimum(p.end[left], p.end[right]) - np.maximum(p.begin[left], p.begin[right])
    overlap = np.where(timed, np.maximum(together, 0), -1)
    nominal = p.nominal[left] | p.nominal[right]
    if first_stay is not None and len(left):
        left, right = first_stay[left], first_stay[right]
        key = (left - left.min()) * (int(right.max()) + 1) + right
        _, (overlap, untimed, some_nominal), order, starts = sums_by(
            key, np.maximum(overlap, 0), (~timed).astype(np.int64), nominal.astype(np.int64)
        )
        left, right = left[order][starts], right[order][starts]
        timed, nominal = untimed == 0, some_nominal > 0
        overlap = np.where(timed, overlap, -1)
    met = ~timed | ((overlap >= min_overlap) & (overlap > 0))
    return _Pairs(left, right, overlap, met, nominal)


def _shares(p: Presence, pairs: _Pairs) -> Floats:
    """1/(k - 1) of each pair's meeting, k being the people there who met somebody."""
    met_somebody = np.zeros(len(p), dtype=bool)
    met_somebody[pairs.left[pairs.met]] = True
    met_somebody[pairs.right[pairs.met]] = True
    meeting = p.meeting - p.meeting[0]
    k = np.bincount(meeting[met_somebody], minlength=int(meeting[-1]) + 1)[meeting[pairs.left]]
    return np.divide(1.0, k - 1, out=np.zeros(len(k)), where=k > 1)


def _given(p: Presence, pairs: _Pairs, projection: str) -> Floats:
    """What each pair of people adds to the tie between their organisations; 0 where that is not known."""
    if projection == "count":
        return np.ones(len(pairs.left))
    if projection == "hours":
        return np.maximum(pairs.overlap, 0) / 3600
    return _shares(p, pairs)


@dataclass
class _Ties:
    """What blocks of meetings add to one layer: sums by pair and smallest period, and who takes part in them."""

    sums: list[Sums]
    people: list[Ints]
    nominal: Flags

    def add(self, other: "_Ties") -> None:
        """Take up what another block adds."""
        self.sums += other.sums
        self.people += other.people
        self.nominal |= other.nominal
        # Weeded out each time they have doubled: seldom enough to take little time, often enough to take little room.
        if self.people and sum(map(len, self.people)) > max(KEYS_AT_ONCE, 2 * len(self.people[0])):
            self.people = [distinct(np.concatenate(self.people))]


def _nothing(calendar: Calendar) -> dict[Layer, _Ties]:
    return {layer: _Ties([], [], np.zeros(len(calendar), bool)) for layer in (Layer.MEETINGS, Layer.MDT)}


@dataclass(frozen=True)
class _Scale:
    """How many organisations and people there are, and how time is cut."""

    n: int
    n_people: int
    calendar: Calendar
    half_life: float | None


def tie_organisations(
    presence: Presence,
    shared: Presence | Handed,
    rules: TieRules,
    calendar: Calendar,
    n_organisations: int,
    n_people: int,
    work: Work = HERE,
) -> list[Tiles]:
    """The ties between organisations that meetings make, of each layer of meetings.

    `shared` is what workers find the presence by.
    """
    scale = _Scale(n_organisations, n_people, calendar, rules.half_life_days)
    collected = _nothing(calendar)
    left_out = over_cap(presence, rules.event_size_cap)
    blocks = list(_blocks(presence, left_out)) if len(presence) else []
    each = len(blocks)
    # What blocks hold is taken up in their order, and as it comes in: all at once would take much room.
    running = work.each(tie_block, [shared] * each, blocks, [rules] * each, [scale] * each)
    while running:
        for layer, ties in running.pop(0).result().items():
            collected[layer].add(ties)
    return [_tiles(layer, collected.pop(layer), scale) for layer in list(collected)]


def tie_block(shared: Presence | Handed, at: slice, rules: TieRules, scale: _Scale) -> dict[Layer, _Ties]:
    """What a run of whole meetings adds to the layers of meetings."""
    presence = shared.opened()
    found = _nothing(scale.calendar)
    block = presence.rows(at)
    left, right = listed_pairs(block.meeting)
    pairs = _together(block, left, right, _first_stays(block), rules.min_overlap_minutes * 60)
    share = _given(block, pairs, rules.projection)
    cross = _apart(block, pairs.left, pairs.right)
    for layer, ties in found.items():
        of_layer = block.mdt[pairs.left] == (layer == Layer.MDT)
        keep = np.flatnonzero(cross & pairs.met & of_layer & (share > 0))
        if len(keep):
            _add_ties(ties, block, pairs, keep, share[keep], scale)
    return found


def find_contacts(presence: Presence, pair: tuple[int, int], rules: TieRules) -> Contacts:
    """The contacts of one pair of professional groups, by their numbers, the lower first.

    A stay counts for the group of the person's first stay at the meeting.
    """
    return _joined([_no_contacts(presence), *contacts_by_runs(presence, pair, rules)])


def contacts_by_runs(presence: Presence, pair: tuple[int, int], rules: TieRules) -> Iterator[Contacts]:
    """The same, a run of whole meetings at a time, for who does not need all of them at once."""
    one, two = pair
    first_stay = _first_stays(presence)
    group = presence.group if first_stay is None else presence.group[first_stay]
    there = ~over_cap(presence, rules.event_size_cap)
    left, right = (np.flatnonzero(there & (group == each)) for each in pair)
    first, end = _partners(presence.meeting[left], presence.meeting[right], one == two)
    for low, high in _runs(presence.meeting[left], end - first):
        a, b = _beside(first[low:high], end[low:high])
        pairs = _together(presence, left[low:high][a], right[b], first_stay, rules.min_overlap_minutes * 60)
        apart = np.flatnonzero(_apart(presence, pairs.left, pairs.right))
        yield Contacts(
            presence,
            pairs.left[apart].astype(np.int32),
            pairs.right[apart].astype(np.int32),
            pairs.met[apart],
            pairs.nominal[apart],
            pairs.overlap[apart].astype(np.int32),
        )


def _runs(meeting: Ints, partners: Ints) -> Iterator[tuple[int, int]]:
    """Runs of rows by whole meetings, so that no run makes many more pairs than fit in memory with ease."""
    if not len(meeting):
        return
    starts = np.flatnonzero(np.concatenate([[True], meeting[1:] != meeting[:-1]]))
    load = np.cumsum(np.add.reduceat(partners, starts)) // PAIRS_AT_ONCE
    edges = starts[np.concatenate([[True], load[1:] != load[:-1]])]
    yield from pairwise([*edges.tolist(), len(meeting)])


def _no_contacts(presence: Presence) -> Contacts:
    none, no = np.array([], dtype=np.int32), np.array([], dtype=bool)
    return Contacts(presence, none, none, no, no, none)


def _joined(parts: list[Contacts]) -> Contacts:
    columns = ("left", "right", "met", "nominal", "overlap")
    return Contacts(parts[0].presence, *(np.concatenate([getattr(p, name) for p in parts]) for name in columns))


def _several(p: Presence, a: Ints, b: Ints) -> Flags:
    """Whether either party of a pair is a set of organisations."""
    if not p.parties:
        return np.zeros(len(a), dtype=bool)
    sets = np.array(list(p.parties))
    return np.isin(a, sets) | np.isin(b, sets)


def _spread(p: Presence, a: Ints, b: Ints, rows: Ints, share: Floats) -> Iterator[tuple[int, int, int, float]]:
    """Pairs with a set of organisations: (row, first, second, share), the share split evenly."""
    for row in rows.tolist():
        left_orgs = p.parties.get(int(a[row]), (int(a[row]),))
        right_orgs = p.parties.get(int(b[row]), (int(b[row]),))
        for one in left_orgs:
            for two in right_orgs:
                yield row, min(one, two), max(one, two), share[row] / (len(left_orgs) * len(right_orgs))


def _add_ties(ties: _Ties, p: Presence, pairs: _Pairs, keep: Ints, share: Floats, scale: _Scale) -> None:
    """Add up a block's pairs of people to pairs of organisations per meeting, and note the people."""
    left, right = pairs.left[keep], pairs.right[keep]
    a, b = p.party[left], p.party[right]
    several = _several(p, a, b)
    plain = np.flatnonzero(~several) if several.any() else slice(None)
    row, low, high, part = np.arange(len(a))[plain], np.minimum(a, b)[plain], np.maximum(a, b)[plain], share[plain]
    if several.any():
        spread = list(_spread(p, a, b, np.flatnonzero(several), share))
        rows, lows, highs = (np.array([each[at] for each in spread], dtype=np.int64) for at in range(3))
        row, low, high = np.concatenate([row, rows]), np.concatenate([low, lows]), np.concatenate([high, highs])
        part = np.concatenate([part, [each[3] for each in spread]])
    pair, day = low * scale.n + high, p.day[left][row].astype(np.int64)
    weight = units(part * decay(day, scale.calendar, scale.half_life))
    meeting = p.meeting[left][row]
    # Rows stand in the order of their meetings, so that equal keys lie close together.
    _, (total,), order, starts = sums_by((meeting - meeting.min()) * scale.n**2 + pair, weight)
    first = order[starts]
    ties.sums.append(Sums.of(pair[first], day[first], total, np.ones(len(first), np.int64), scale.calendar))
    people = [p.person[left][row], p.person[right][row]]
    ties.people.append(
        distinct(
            np.concatenate([people_in_periods(pair, person, day, scale.n_people, scale.calendar) for person in people])
        )
    )
    first_slice, last_slice = scale.calendar.windows_over(distinct(p.day[left[pairs.nominal[keep]]]).astype(np.int64))
    for low_slice, high_slice in zip(first_slice.tolist(), last_slice.tolist(), strict=True):
        ties.nominal[low_slice : high_slice + 1] = True


def _tiles(layer: Layer, ties: _Ties, scale: _Scale) -> Tiles:
    """One layer's ties per smallest period, from what all blocks hold."""
    people = distinct(np.concatenate([np.array([], dtype=np.int64), *ties.people]))
    sums = Sums.joined(ties.sums)
    return make_tiles(layer, sums, scale.calendar, scale.n, people_behind(people, scale.calendar), ties.nominal)
