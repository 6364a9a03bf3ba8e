"""Secondary suppression: what must go with a small number so that it does not come back."""

import numpy as np
import pytest

from orgnet.disclosure.profiles import PROFILES, Profile
from orgnet.disclosure.sums import Sum, given_away, hide_further, interval, overlapping, rounded, too_near

NHSD, LT5 = PROFILES["nhsd_secondary_care"], PROFILES["lt5"]


def _sum(parts: list[int], hidden: list[int], total_hidden: bool = False) -> Sum:
    flags = np.array([at in hidden for at in range(len(parts))])
    return Sum(np.array(parts), flags, sum(parts), total_hidden)


@pytest.mark.parametrize(("number", "shown"), [(0, 0), (8, 10), (10, 10), (12, 10), (13, 15), (17, 15), (18, 20)])
def test_numbers_are_rounded_to_the_nearest_five(number, shown):
    assert rounded(np.array([number]), NHSD)[0] == shown


@pytest.mark.parametrize(("most", "step"), [(1, 2), (1, 4), (4, 1), (4, 3), (4, 10), (7, 5), (9, 10)])
def test_an_interval_holds_just_the_numbers_that_are_shown_alike(most, step):
    profile = Profile(name="ours", withhold_up_to=most, round_to=step)
    numbers = np.arange(most + 1, 60)
    for number, shown in zip(numbers.tolist(), rounded(numbers, profile).tolist(), strict=True):
        low, high = interval(shown, profile)
        assert low <= number <= high
        alike = numbers[rounded(numbers, profile) == shown]
        assert high >= 60 - step or (low, high) == (alike[0], alike[-1])


def test_a_profile_that_would_show_some_as_nobody_is_refused():
    with pytest.raises(ValueError, match="2 people would be shown as nobody"):
        Profile(name="ours", withhold_up_to=1, round_to=5)


class TestGivenAway:
    def test_one_hidden_number_is_what_the_total_leaves(self):
        assert given_away(1, (3, 3), 4)

    def test_two_can_be_this_or_that(self):
        assert not given_away(2, (3, 3), 4)

    def test_as_many_as_there_are_numbers_are_one_each(self):
        assert given_away(3, (3, 3), 4)

    def test_as_much_as_they_can_be_is_the_most_for_each(self):
        assert given_away(3, (12, 12), 4)

    def test_a_rounded_total_leaves_room(self):
        assert not given_away(4, (8, 12), 7)  # the scenario's joint roles 4, 1, 1, 2 of 8, which is shown as 10

    def test_four_times_seven_is_told_even_by_a_rounded_total(self):
        assert given_away(4, (28, 32), 7)

    def test_nothing_hidden_is_not_given_away(self):
        assert not given_away(0, (0, 0), 4)


class TestHideFurther:
    def test_the_smallest_shown_part_goes_with_a_small_one(self):
        kept = hide_further(_sum([3, 20, 9], [0]), LT5)
        assert kept.hidden.tolist() == [True, False, True]
        assert not kept.total_hidden

    def test_two_small_parts_keep_each_other(self):
        kept = hide_further(_sum([3, 20, 2], [0, 2]), LT5)
        assert kept.hidden.tolist() == [True, False, True]
        assert not kept.total_hidden

    def test_the_total_goes_where_all_parts_are_small(self):
        kept = hide_further(_sum([1, 1, 1, 1, 1], [0, 1, 2, 3, 4]), LT5)
        assert kept.total_hidden

    def test_parts_that_give_a_hidden_total_back_are_not_all_shown(self):
        kept = hide_further(_sum([6, 9], [], total_hidden=True), LT5)
        assert kept.hidden.tolist() == [True, False]

    def test_nobody_is_shown_as_nobody_and_hides_nothing(self):
        kept = hide_further(_sum([0, 20, 30], []), LT5)
        assert not kept.hidden.any() and not kept.total_hidden

    def test_rounding_hides_one_small_part_by_itself(self):
        kept = hide_further(_sum([3, 20, 9], [0]), NHSD)
        assert kept.hidden.tolist() == [True, False, False]
        assert not kept.total_hidden

    def test_four_sevens_take_their_rounded_total_with_them(self):
        assert hide_further(_sum([7, 7, 7, 7], [0, 1, 2, 3]), NHSD).total_hidden


class TestOverTime:
    def test_a_number_that_differs_by_a_few_from_the_last_shown_is_hidden(self):
        numbers = np.array([[10, 11, 16, 16, 20]])
        near = too_near(numbers, np.zeros((1, 5), bool), LT5)
        assert near.tolist() == [[False, True, False, False, True]]

    def test_a_hidden_number_is_not_what_others_are_held_against(self):
        near = too_near(np.array([[10, 3, 12]]), np.array([[False, True, False]]), LT5)
        assert near.tolist() == [[False, False, True]]

    def test_rounded_numbers_are_not_near(self):
        assert not too_near(np.array([[10, 11]]), np.zeros((1, 2), bool), NHSD).any()

    def test_windows_are_shown_from_the_last_back_as_far_as_they_do_not_overlap(self):
        starts, ends = [0, 0, 1, 2, 3], [1, 2, 3, 4, 5]  # windows of two slices
        assert overlapping(starts, ends, LT5).tolist() == [False, True, False, True, False]

    def test_rounded_numbers_may_overlap(self):
        assert not overlapping([0, 0], [1, 2], NHSD).any()
