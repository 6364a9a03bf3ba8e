"""What came before: the history of each pair's tie, and how the ties of a window differ from those of the one before.

It takes all slices at once, in one process: how long a pair has been tied is no matter of a single slice. Everything is
counted per layer over numbered pairs; nothing loops over pairs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from orgnet.metrics.measure import COMBINABLE, Block, names_of
from orgnet.metrics.pair import PairTies
from orgnet.metrics.statuses import CODE, status_codes
from orgnet.metrics.turnover import TieTurnover
from orgnet.records.behind import kinds_behind
from orgnet.records.coverage import Coverage
from orgnet.records.organisations import Roster
from orgnet.records.read import Records
from orgnet.slices import COMBINED_OF, SliceTies
from orgnet.spells import count
from orgnet.ties.make import Ties
from orgnet.ties.tiles import Held, Tiles
from orgnet.vocabulary import DIRECTED_LAYERS, Layer, Level, NodeSet, Status
from orgnet.windows import Calendar

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
_TABLE_SIZE = 30_000_000
"""Up to so many possible pairs, a table of all of them finds a pair's number faster than a search."""
_BYTES_AT_ONCE = 1 << 24


@dataclass(frozen=True)
class NumberedPairs:
    """The pairs of one layer, numbered in order of their key (`source * n + target`)."""

    keys: Ints
    n: int

    @cached_property
    def _table(self) -> Ints:
        table = np.zeros(self.n * self.n, dtype=np.int64)
        table[self.keys] = np.arange(len(self.keys))
        return table

    def number(self, keys: Ints) -> Ints:
        """The numbers of keys, all of which are among the pairs."""
        return self._table[keys] if self.n * self.n <= _TABLE_SIZE else np.searchsorted(self.keys, keys)


def _numbered(keys: Ints, n: int) -> NumberedPairs:
    if n * n > _TABLE_SIZE:
        return NumberedPairs(np.unique(keys), n)
    seen = np.zeros(n * n, dtype=bool)
    seen[keys] = True
    return NumberedPairs(np.flatnonzero(seen), n)


@dataclass(frozen=True)
class _Occasions:
    """When pairs of one layer were tied: the pair's key, the slice, the last slice whose window sees it, the day."""

    key: Ints
    slice: Ints
    last: Ints
    day: Ints


def _of_events(tiles: Tiles, calendar: Calendar, n: int) -> _Occasions:
    """Occasions of a layer of events, per smallest period."""
    first, last = calendar.windows_over(calendar.breaks[tiles.period])
    return _Occasions(tiles.source * n + tiles.target, first, last, tiles.first_day)


def _of_states(held: Held, calendar: Calendar, n: int) -> _Occasions:
    """Occasions of a layer of states: every slice at whose end one is held."""
    length = np.maximum(held.last - held.first + 1, 0)
    row = np.repeat(np.arange(len(length)), length)
    at = held.first[row] + np.arange(len(row)) - np.repeat(np.cumsum(length) - length, length)
    last = np.searchsorted(calendar.window_starts, calendar.ends[at], side="left") - 1
    day = np.maximum(held.first_day[row], calendar.starts[0])
    return _Occasions(held.source[row] * n + held.target[row], at, last, day)


def _of_any(parts: Sequence[_Occasions], n: int) -> _Occasions:
    """Occasions of several layers as one, direction ignored."""
    key, at, last, day = (np.concatenate([getattr(p, name) for p in parts]) for name in ("key", "slice", "last", "day"))
    source, target = key // n, key % n
    return _Occasions(np.minimum(source, target) * n + np.maximum(source, target), at, last, day)


def _occasions(ties: Ties, calendar: Calendar, n: int) -> dict[Layer, _Occasions]:
    found = {tiles.layer: _of_events(tiles, calendar, n) for tiles in ties.tiles}
    found[Layer.JOINT_ROLES] = _of_states(ties.joint_roles, calendar, n)
    found[Layer.COMBINED] = _of_any([found[layer] for layer in COMBINED_OF], n)
    return found


@dataclass(frozen=True)
class History:
    """One layer's pairs: their first day, and in how many slices of each window they had an occasion."""

    pairs: NumberedPairs
    first_day: Ints
    active: Ints


def _history(occasions: _Occasions, calendar: Calendar, n: int) -> History:
    pairs, slices = _numbered(occasions.key, n), len(calendar)
    pair = pairs.number(occasions.key)
    first_day = np.full(len(pairs.keys), np.iinfo(np.int64).max)
    np.minimum.at(first_day, pair, occasions.day)
    seen_until = np.full(len(pairs.keys) * slices, -1, dtype=np.int64)
    np.maximum.at(seen_until, pair * slices + occasions.slice, occasions.last)
    cell = np.flatnonzero(seen_until >= 0)
    active = count(cell // slices, cell % slices, seen_until[cell], len(pairs.keys), slices)
    return History(pairs, first_day, active)


def _partners(ties: SliceTies, n: int) -> tuple[Ints, Ints, Ints]:
    """For each tie, direction ignored: organisations tied to both ends, and each end's partners but for the other.

    Each organisation's partners are a row of bits: what two rows share is counted without a loop over partners.
    """
    tied_at_all = np.zeros(n, dtype=bool)
    tied_at_all[ties.source] = tied_at_all[ties.target] = True
    place, nodes = np.cumsum(tied_at_all) - 1, int(tied_at_all.sum())
    one, two = place[ties.source], place[ties.target]
    tied = np.zeros((nodes, nodes), dtype=bool)
    tied[one, two] = tied[two, one] = True
    bits, degree = np.packbits(tied, axis=1), tied.sum(axis=1)
    shared = np.zeros(len(ties), dtype=np.int64)
    rows = max(1, _BYTES_AT_ONCE // max(bits.shape[1], 1))
    for low in range(0, len(ties), rows):
        at = slice(low, low + rows)
        shared[at] = np.bitwise_count(bits[one[at]] & bits[two[at]]).sum(axis=1, dtype=np.int64)
    return shared, degree[one] - 1, degree[two] - 1


def _back(ties: SliceTies, n: int) -> NDArray[np.float64]:
    """For each tie, the weight the other way."""
    if ties.layer not in DIRECTED_LAYERS or not len(ties):
        return ties.weight
    key, turned = ties.source * n + ties.target, ties.target * n + ties.source
    at = np.minimum(np.searchsorted(key, turned), len(key) - 1)
    return np.where(key[at] == turned, ties.weight[at], 0.0)


def pairs_of(ties: SliceTies, history: History, calendar: Calendar, n: int, layers: int) -> Block:
    """Every pair metric of one layer in one slice."""
    chosen = names_of(Level.PAIR, ties.layer, "pairs")
    pair = history.pairs.number(ties.source * n + ties.target)
    shared, others, their_others = _partners(ties, n)
    end, window_start = calendar.ends[ties.slice], calendar.window_starts[ties.slice]
    evidence = PairTies(
        weight=ties.weight,
        back=_back(ties, n),
        layers=max(1, layers),
        days_since_first=end - ties.first_day,
        days_since_last=end - ties.last_day,
        days_since_ever=end - history.first_day[pair],
        slices_tied=history.active[pair, ties.slice],
        slices=ties.slice - int(np.searchsorted(calendar.ends, window_start, side="right")) + 1,
        shared=shared,
        others=others,
        their_others=their_others,
    )
    columns = [m.function(evidence) for m in chosen]
    values = np.column_stack(columns) if len(ties) else np.zeros((0, len(chosen)))
    status = status_codes(values, np.zeros(values.shape, bool), ties.nominal)
    return Block(ties.slice, ties.layer, NodeSet.ROSTER, ties.source, ties.target, values, status)


def measure_pairs(slices: Sequence[list[SliceTies]], ties: Ties, records: Records, calendar: Calendar) -> list[Block]:
    """Every metric of every tied pair, layer by layer and slice by slice."""
    n = max(len(records.organisations), 1)
    supplied = {layer for layer in Layer if kinds_behind(layer, records.has)}
    layers = sum(layer in supplied for layer in COMBINABLE)
    blocks = []
    for layer, occasions in _occasions(ties, calendar, n).items():
        if layer in supplied:
            history = _history(occasions, calendar, n)
            here = [t for of_slice in slices for t in of_slice if t.layer == layer]
            blocks += [pairs_of(t, history, calendar, n, layers) for t in here]
    return sorted(blocks, key=lambda block: (block.slice, block.layer.value))


# --- from window to window ------------------------------------------------------------------------------------


def window_before(calendar: Calendar) -> Ints:
    """For each slice, the latest earlier one whose window does not overlap; -1 if there is none."""
    return np.searchsorted(calendar.ends, calendar.window_starts, side="right") - 1


def _turnover(tied: Flags, known: Flags, before: Ints, members: Ints, directed: bool) -> TieTurnover:
    """What became of the pairs of one layer. `tied` and `known` have the shape (pairs, slices)."""
    now, then = tied & known & known[:, before], tied[:, before] & known & known[:, before]
    possible = members * (members - 1) // (1 if directed else 2)
    kept = (now & then).sum(axis=0)
    lost, gained = then.sum(axis=0) - kept, now.sum(axis=0) - kept
    there = before >= 0
    counts = (np.where(there, found, 0) for found in (kept, lost, gained, possible - kept - lost - gained))
    return TieTurnover(*counts)


def _turnover_block(
    layer: Layer, node_set: NodeSet, on: Flags, covered: Flags, tied: Flags, pairs: NumberedPairs, calendar: Calendar
) -> list[Block]:
    """Every metric of turnover of one layer and node set; `on` says who is in the node set of each slice."""
    chosen, before = names_of(Level.NETWORK, layer, "turnover"), window_before(calendar)
    both = on & on[:, before]
    source, target = pairs.keys // pairs.n, pairs.keys % pairs.n
    found = _turnover(tied, on[source] & on[target], before, both.sum(axis=0), layer in DIRECTED_LAYERS)
    values = np.column_stack([m.function(found) for m in chosen])
    whole = ~(both & ~(covered & covered[:, before])).any(axis=0)
    empty = (found.kept + found.lost == 0) | (found.kept + found.gained == 0)
    status = status_codes(values, np.broadcast_to((empty & ~whole)[:, None], values.shape), False)
    status[before >= 0] = np.where(
        calendar.whole[before][before >= 0, None], status[before >= 0], CODE[Status.INSUFFICIENT]
    )
    status[before < 0] = CODE[Status.UNDEFINED]
    none = np.zeros(1, np.int64)
    return [
        Block(number, layer, node_set, none, none, values[number : number + 1], status[number : number + 1])
        for number in range(len(calendar))
    ]


def measure_turnover(
    slices: Sequence[list[SliceTies]], records: Records, roster: Roster, coverage: Coverage, calendar: Calendar
) -> list[Block]:
    """How the ties of every layer and window differ from those of the window before."""
    n = max(len(records.organisations), 1)
    constant = np.broadcast_to(np.asarray(roster.present.all(axis=1))[:, None], roster.present.shape)
    blocks = []
    for layer in sorted(Layer, key=lambda each: each.value):
        behind = kinds_behind(layer, records.has)
        here = [t for of_slice in slices for t in of_slice if t.layer == layer]
        keys = [t.source * n + t.target for t in here]
        pairs = _numbered(np.concatenate([np.zeros(0, np.int64), *keys]), n)
        tied = np.zeros((len(pairs.keys), len(calendar)), dtype=bool)
        for number, key in enumerate(keys):
            tied[pairs.number(key), number] = True
        covered = (
            np.logical_and.reduce([coverage.of(kind) for kind in behind]) if behind else np.zeros_like(roster.present)
        )
        for node_set, on in ((NodeSet.ROSTER, roster.present), (NodeSet.CONSTANT_PANEL, constant)):
            made = _turnover_block(layer, node_set, on, covered, tied, pairs, calendar)
            if not behind:
                for block in made:
                    block.status[:] = CODE[Status.NO_COVERAGE]
            blocks += made
    return blocks
