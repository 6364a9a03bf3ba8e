"""Spells in slice numbers: joining, crossing and counting ranges of slices in one sorted pass each.

A range is a first and a last slice, both included. `key` is an integer code of what the range is about; ranges of one
key may overlap on the way in and never do on the way out.
"""

from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
AnyInt = TypeVar("AnyInt", bound=np.integer[Any])


class Ranges(NamedTuple):
    """Ranges of slices, one row each."""

    key: Ints
    first: Ints
    last: Ints

    def real(self) -> "Ranges":
        """Those that hold at least one slice."""
        keep = self.first <= self.last
        if keep.all():
            return self
        return Ranges(self.key[keep], self.first[keep], self.last[keep])


def distinct(values: NDArray[AnyInt]) -> NDArray[AnyInt]:
    """The different values, sorted. A plain sort is many times faster than a hash table where most values differ."""
    if not len(values):
        return values
    values = np.sort(values)
    return values[np.concatenate([[True], values[1:] != values[:-1]])]


def order_of(key: Ints, then: Ints) -> Ints:
    """The order of rows by a key and then another number; rows equal in both stand in any order."""
    if not len(key):
        return np.zeros(0, dtype=np.int64)
    low = int(then.min())
    span = int(then.max()) - low + 1
    if int(key.min()) < 0 or int(key.max()) >= np.iinfo(np.int64).max // span - 1:
        return np.lexsort((then, key))
    packed = key * span + (then - low)
    return np.argsort(packed) if (packed[1:] < packed[:-1]).any() else np.arange(len(key))


def merged(ranges: Ranges) -> Ranges:
    """The union of each key's ranges, as ranges that neither overlap nor touch, sorted by key and slice."""
    key, first, last = ranges.real()
    if not len(key):
        return Ranges(key, first, last)
    if ((key[1:] < key[:-1]) | ((key[1:] == key[:-1]) & (first[1:] < first[:-1]))).any():
        order = order_of(key, first)
        key, first, last = key[order], first[order], last[order]
    # Keys are set so far apart that one running maximum over all rows never carries over from key to key.
    apart = int(last.max()) + 2
    shift = np.cumsum(np.concatenate([[0], key[1:] != key[:-1]])) * apart
    reach = np.maximum.accumulate(last + shift)
    begins = np.concatenate([[True], first[1:] + shift[1:] > reach[:-1] + 1])
    begins[1:] |= key[1:] != key[:-1]
    at = np.flatnonzero(begins)
    ends = np.concatenate([at[1:], [len(key)]]) - 1
    return Ranges(key[at], first[at], (reach - shift)[ends])


def at_least(contacts: Ranges, day: Ints, k: int) -> Ranges:
    """The slices in which each key has at least k contacts in the window.

    A contact on `day` lies in the windows of `contacts.first..last`. With a key's contacts in order of day, any k in a
    row share the windows from the first of the last contact to the last of the first one; the union of those ranges is
    the answer, whatever the number of slices or the window's length.
    """
    order = order_of(contacts.key, day)
    key, first, last = contacts.key[order], contacts.first[order], contacts.last[order]
    if len(key) < k:
        return Ranges(key[:0], first[:0], last[:0])
    same = key[k - 1 :] == key[: len(key) - k + 1]
    runs = Ranges(key[: len(key) - k + 1][same], first[k - 1 :][same], last[: len(key) - k + 1][same])
    return merged(runs)


def count(code: Ints, first: Ints, last: Ints, codes: int, slices: int, by: Ints | None = None) -> Ints:
    """How many ranges (or the sum of `by`) hold each slice, per code: an array of shape (codes, slices)."""
    keep = first <= last
    code, first, last = code[keep], first[keep], last[keep]
    starts, stops, size = code * (slices + 1) + first, code * (slices + 1) + last + 1, codes * (slices + 1)
    if by is None:
        steps = np.bincount(starts, minlength=size)
        steps -= np.bincount(stops, minlength=size)
    else:  # in whole numbers: a weighted bincount would round
        amount, steps = by[keep].astype(np.int64), np.zeros(size, dtype=np.int64)
        np.add.at(steps, starts, amount)
        np.add.at(steps, stops, -amount)
    held = steps.reshape(codes, slices + 1)
    np.cumsum(held, axis=1, out=held)
    return held[:, :slices]


def pairs_within(left_key: Ints, right_key: Ints) -> tuple[Ints, Ints]:
    """Row numbers of every pair of a left and a right row with the same key (an inner join)."""
    order = np.argsort(right_key, kind="stable")
    ordered = right_key[order]
    low = np.searchsorted(ordered, left_key, side="left")
    n = np.searchsorted(ordered, left_key, side="right") - low
    left = np.repeat(np.arange(len(left_key)), n)
    offset = np.arange(len(left)) - np.repeat(np.cumsum(n) - n, n)
    return left, order[np.repeat(low, n) + offset]


def crossed(left: Ranges, right: Ranges, left_row: Ints, right_row: Ints) -> tuple[Ints, Ranges]:
    """The slices that paired rows share: the pairs' row numbers that share any, and their ranges by left key."""
    first = np.maximum(left.first[left_row], right.first[right_row])
    last = np.minimum(left.last[left_row], right.last[right_row])
    keep = np.flatnonzero(first <= last)
    return keep, Ranges(left.key[left_row][keep], first[keep], last[keep])


def without(ranges: Ranges, removed: Ranges) -> Ranges:
    """Ranges less the removed ones of the same key. Both must be merged."""
    hit = np.isin(ranges.key, removed.key)
    if not hit.any():
        return ranges
    touched = Ranges(ranges.key[hit], ranges.first[hit], ranges.last[hit])
    slices = int(ranges.last.max()) + 1
    keys, code = np.unique(touched.key, return_inverse=True)
    held = count(code, touched.first, touched.last, len(keys), slices) > 0
    gone = removed.first < slices
    known = np.isin(removed.key, keys) & gone
    codes = np.searchsorted(keys, removed.key[known])
    held &= ~(count(codes, removed.first[known], np.minimum(removed.last[known], slices - 1), len(keys), slices) > 0)
    row, at = np.nonzero(held)
    left = Ranges(ranges.key[~hit], ranges.first[~hit], ranges.last[~hit])
    return merged(
        Ranges(
            np.concatenate([left.key, keys[row]]),
            np.concatenate([left.first, at]),
            np.concatenate([left.last, at]),
        )
    )
