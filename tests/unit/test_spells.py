"""Ranges of slices: joined, crossed and counted as sets of slices would be."""

from collections import defaultdict
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from orgnet.spells import Ranges, at_least, count, crossed, merged, pairs_within, without

SLICES = 12

repeatable = settings(derandomize=True, max_examples=100, deadline=None)

Drawn = list[tuple[int, int, int]]

# A key, a first and a last slice; now and then the last comes before the first, which holds no slice at all.
some = st.lists(st.tuples(st.integers(0, 4), st.integers(0, SLICES - 1), st.integers(-1, SLICES - 1)), max_size=25)


def as_ranges(drawn: Drawn) -> Ranges:
    columns = np.array(drawn, dtype=np.int64).reshape(-1, 3).T
    return Ranges(*columns)


def as_sets(ranges: Ranges) -> dict[int, set[int]]:
    """The slices that each key holds."""
    held: dict[int, set[int]] = defaultdict(set)
    for key, first, last in zip(*(column.tolist() for column in ranges), strict=True):
        held[key] |= set(range(first, last + 1))
    return {key: slices for key, slices in held.items() if slices}


def assert_tidy(ranges: Ranges) -> None:
    """Sorted by key and slice, each holding a slice, none of one key overlapping or touching the next."""
    rows = list(zip(*(column.tolist() for column in ranges), strict=True))
    assert rows == sorted(rows)
    assert all(first <= last for _, first, last in rows)
    for (key, _, last), (next_key, next_first, _) in pairwise(rows):
        assert key != next_key or next_first > last + 1


# --- merged -------------------------------------------------------------------------------------------------


def test_merged_joins_what_overlaps_or_touches():
    # Slices 0-2 and 2-4 overlap, 5-5 touches, 7-8 stands apart; the other key's 0-9 joins nothing.
    found = merged(as_ranges([(1, 2, 4), (1, 0, 2), (1, 7, 8), (2, 0, 9), (1, 5, 5)]))
    assert [column.tolist() for column in found] == [[1, 1, 2], [0, 7, 0], [5, 8, 9]]


def test_merged_keeps_a_range_that_holds_a_shorter_one():
    # 0-9 swallows 1-2, and still reaches 8-10.
    found = merged(as_ranges([(1, 0, 9), (1, 1, 2), (1, 8, 10)]))
    assert [column.tolist() for column in found] == [[1], [0], [10]]


@repeatable
@given(some)
def test_merged_is_the_union(drawn):
    found = merged(as_ranges(drawn))
    assert as_sets(found) == as_sets(as_ranges(drawn))
    assert_tidy(found)


@repeatable
@given(some)
def test_real_drops_what_holds_no_slice(drawn):
    found = as_ranges(drawn).real()
    assert list(zip(*(c.tolist() for c in found), strict=True)) == [row for row in drawn if row[1] <= row[2]]


# --- at_least -----------------------------------------------------------------------------------------------


def test_at_least_is_the_union_of_the_windows_that_k_contacts_share():
    # Contacts on days 5, 15 and 40; each slice is ten days and looks back over thirty. Day 5 lies in the windows of
    # slices 0-2, 15 in 1-3, 40 in 4-6: the first two share 1-2, the last two none.
    contacts = as_ranges([(7, 0, 2), (7, 4, 6), (7, 1, 3)])
    found = at_least(contacts, np.array([5, 40, 15]), 2)
    assert [column.tolist() for column in found] == [[7], [1], [2]]
    assert as_sets(at_least(contacts, np.array([5, 40, 15]), 1)) == {7: {0, 1, 2, 3, 4, 5, 6}}
    assert as_sets(at_least(contacts, np.array([5, 40, 15]), 3)) == {}


@st.composite
def meetings(draw: st.DrawFn) -> tuple[list[tuple[int, int]], int, int, int]:
    """Days on which pairs met, how long a slice is, how far a window reaches back, and k."""
    met = draw(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 99)), max_size=30))
    return met, draw(st.integers(1, 25)), draw(st.integers(1, 70)), draw(st.integers(1, 5))


@repeatable
@given(meetings())
def test_acquainted_exactly_when_at_least_k_contacts_lie_in_the_window(drawn):
    met, every, window, k = drawn
    slices = -(-100 // every)
    windows = [(max((s + 1) * every - window, 0), (s + 1) * every) for s in range(slices)]
    key, day = (np.array([row[i] for row in met], dtype=np.int64) for i in (0, 1))
    in_windows = [[s for s, (low, high) in enumerate(windows) if low <= d < high] for d in day]
    # A day in no window (windows may be shorter than slices) lies between the last before and the first after.
    first = np.array([sum(high <= d for _, high in windows) for d in day], dtype=np.int64)
    last = np.array([sum(low <= d for low, _ in windows) - 1 for d in day], dtype=np.int64)
    assert in_windows == [list(range(f, la + 1)) for f, la in zip(first, last, strict=True)]
    expected: dict[int, set[int]] = {}
    for pair in set(key.tolist()):
        days = [d for p, d in met if p == pair]
        known = {s for s, (low, high) in enumerate(windows) if sum(low <= d < high for d in days) >= k}
        if known:
            expected[pair] = known
    found = at_least(Ranges(key, first, last), day, k)
    assert as_sets(found) == expected
    assert_tidy(found)


# --- count --------------------------------------------------------------------------------------------------


@repeatable
@given(some, st.booleans())
def test_count_is_how_many_ranges_hold_each_slice(drawn, weighed):
    ranges, by = as_ranges(drawn), np.arange(1, len(drawn) + 1)
    found = count(*ranges, codes=5, slices=SLICES, by=by if weighed else None)
    expected = np.zeros((5, SLICES), dtype=np.int64)
    for number, (code, first, last) in enumerate(drawn, 1):
        for at in range(first, last + 1):
            expected[code, at] += number if weighed else 1
    assert found.tolist() == expected.tolist()


def test_count_of_nothing():
    none = np.array([], dtype=np.int64)
    assert count(none, none, none, 0, 3).shape == (0, 3)
    assert count(none, none, none, 2, 3).tolist() == [[0, 0, 0], [0, 0, 0]]


# --- pairs, crossing, removing ------------------------------------------------------------------------------


@repeatable
@given(st.lists(st.integers(0, 6), max_size=15), st.lists(st.integers(0, 6), max_size=15))
def test_pairs_within_is_an_inner_join(left, right):
    found = pairs_within(np.array(left, dtype=np.int64), np.array(right, dtype=np.int64))
    rows = list(zip(*(column.tolist() for column in found), strict=True))
    assert len(rows) == len(set(rows))
    assert set(rows) == {(i, j) for i, a in enumerate(left) for j, b in enumerate(right) if a == b}


@repeatable
@given(some, some)
def test_crossed_is_the_slices_that_paired_ranges_share(left, right):
    one, two = as_ranges(left).real(), as_ranges(right).real()
    pairs = pairs_within(one.key, two.key)
    keep, found = crossed(one, two, *pairs)
    slices = [set(range(first, last + 1)) for first, last in zip(one.first, one.last, strict=True)]
    others = [set(range(first, last + 1)) for first, last in zip(two.first, two.last, strict=True)]
    expected = [
        (number, int(one.key[i]), slices[i] & others[j])
        for number, (i, j) in enumerate(zip(*pairs, strict=True))
        if slices[i] & others[j]
    ]
    shared = [set(range(first, last + 1)) for first, last in zip(found.first, found.last, strict=True)]
    assert list(zip(keep.tolist(), found.key.tolist(), shared, strict=True)) == expected


@repeatable
@given(some, some)
def test_without_is_the_difference(drawn, gone):
    ranges, removed = merged(as_ranges(drawn)), merged(as_ranges(gone))
    found = without(ranges, removed)
    left = {key: slices - as_sets(removed).get(key, set()) for key, slices in as_sets(ranges).items()}
    assert as_sets(found) == {key: slices for key, slices in left.items() if slices}
    assert_tidy(found)


def test_without_when_what_is_removed_reaches_further():
    # 2-5 less 4-11 is 2-3, though nothing else reaches beyond 5; less 6-7 it is whole.
    ranges = as_ranges([(1, 2, 5), (2, 0, 1)])
    assert as_sets(without(ranges, as_ranges([(1, 4, 11), (2, 7, 9)]))) == {1: {2, 3}, 2: {0, 1}}
    assert as_sets(without(ranges, as_ranges([(1, 6, 7)]))) == {1: {2, 3, 4, 5}, 2: {0, 1}}
    assert as_sets(without(ranges, as_ranges([(1, 3, 3)]))) == {1: {2, 4, 5}, 2: {0, 1}}
