"""The one window contract: what a slice is, what its window is, and which slices a day or a spell belongs to."""

from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orgnet.windows import FOREVER, Calendar, Step, last_ended, parse_step
from tests.networks import number_of

repeatable = settings(derandomize=True, max_examples=60, deadline=None)


def calendar(start: str, end: str, every: str, window: str = "12 months", origin: str | None = None) -> Calendar:
    return Calendar.make(
        date.fromisoformat(start),
        date.fromisoformat(end),
        parse_step(every),
        parse_step(window),
        date.fromisoformat(origin) if origin else None,
    )


def shown(made: Calendar) -> list[str]:
    """Each slice as "label: start to end"."""
    return [f"{s.label}: {s.start} to {s.end}" for s in made.slices]


def windows_shown(made: Calendar) -> list[str]:
    return [f"{s.window_start} to {s.end}" for s in made.slices]


def slice_of(made: Calendar, day: date) -> list[str]:
    """The slices that a day lies in."""
    return [s.label for s in made.slices if s.start <= day < s.end]


# --- slices -------------------------------------------------------------------------------------------------


def test_slices_tile_the_period_half_open():
    made = calendar("2016-01-01", "2017-01-01", "quarter")
    assert shown(made) == [
        "2016-Q1: 2016-01-01 to 2016-04-01",
        "2016-Q2: 2016-04-01 to 2016-07-01",
        "2016-Q3: 2016-07-01 to 2016-10-01",
        "2016-Q4: 2016-10-01 to 2017-01-01",
    ]
    assert len(made) == 4
    assert made.starts.tolist() == [number_of(s.start) for s in made.slices]
    assert made.ends.tolist() == [number_of(s.end) for s in made.slices]


@pytest.mark.parametrize(
    ("day", "label"),
    [("2016-03-31", "2016-Q1"), ("2016-04-01", "2016-Q2"), ("2016-06-30", "2016-Q2"), ("2016-07-01", "2016-Q3")],
)
def test_a_day_on_a_boundary_is_in_exactly_one_slice(day, label):
    # With windows as long as the slices, an event lies in exactly one window too.
    made = calendar("2016-01-01", "2017-01-01", "quarter", "1 quarter")
    assert slice_of(made, date.fromisoformat(day)) == [label]
    first, last = made.windows_over(np.array([number_of(date.fromisoformat(day))]))
    assert [made.slices[i].label for i in range(first[0], last[0] + 1)] == [label]


@pytest.mark.parametrize(
    ("start", "every", "label"),
    [
        ("2016-04-01", "quarter", "2016-Q2"),
        ("2016-04-01", "3 months", "2016-Q2"),
        ("2016-10-01", "quarter", "2016-Q4"),
        ("2014-05-01", "quarter", "2014-05-01/3m"),
        ("2016-05-01", "month", "2016-05"),
        ("2016-05-16", "month", "2016-05-16/1m"),
        ("2016-01-01", "year", "2016"),
        ("2016-01-01", "4 quarters", "2016"),
        ("2015-04-01", "year", "2015-04-01/12m"),
        ("2016-01-01", "2 years", "2016-01-01/24m"),
        ("2016-02-29", "day", "2016-02-29"),
        ("2016-02-29", "week", "2016-02-29/7d"),
        ("2016-02-29", "10 days", "2016-02-29/10d"),
    ],
)
def test_labels_are_the_calendars_where_slices_are(start, every, label):
    assert calendar(start, "2020-01-01", every).slices[0].label == label


def test_labels_are_told_apart():
    for every in ("day", "week", "10 days", "month", "quarter", "year", "5 months"):
        labels = [s.label for s in calendar("2015-03-01", "2017-11-20", every).slices]
        assert len(set(labels)) == len(labels)


def test_an_origin_aligns_slices_and_cuts_the_first_and_the_last():
    # Fiscal years start on 1 April; the period does not, and keeps what there is of them.
    made = calendar("2015-01-01", "2017-06-01", "year", origin="2014-04-01")
    assert shown(made) == [
        "2015-01-01/12m: 2015-01-01 to 2015-04-01",
        "2015-04-01/12m: 2015-04-01 to 2016-04-01",
        "2016-04-01/12m: 2016-04-01 to 2017-04-01",
        "2017-04-01/12m: 2017-04-01 to 2017-06-01",
    ]


@pytest.mark.parametrize("origin", ["1999-04-01", "2015-04-01", "2016-04-01", "2031-04-01"])
def test_an_origin_may_lie_anywhere(origin):
    made = calendar("2015-06-15", "2016-08-01", "year", origin=origin)
    assert [(str(s.start), str(s.end)) for s in made.slices] == [
        ("2015-06-15", "2016-04-01"),
        ("2016-04-01", "2016-08-01"),
    ]


def test_an_origin_in_days():
    made = calendar("2016-01-06", "2016-01-20", "week", origin="2016-01-04")
    assert [(str(s.start), str(s.end)) for s in made.slices] == [
        ("2016-01-06", "2016-01-11"),
        ("2016-01-11", "2016-01-18"),
        ("2016-01-18", "2016-01-20"),
    ]


def test_the_last_partial_slice_is_kept_and_no_slice_is_dropped():
    made = calendar("2016-01-01", "2016-08-15", "quarter")
    assert shown(made) == [
        "2016-Q1: 2016-01-01 to 2016-04-01",
        "2016-Q2: 2016-04-01 to 2016-07-01",
        "2016-07-01/3m: 2016-07-01 to 2016-08-15",
    ]
    # Down to a single day.
    assert shown(calendar("2016-01-01", "2016-04-02", "quarter"))[-1] == "2016-04-01/3m: 2016-04-01 to 2016-04-02"
    # A slice that holds no record is a slice: there is one for every day.
    assert len(calendar("2015-01-01", "2017-01-01", "day")) == 365 + 366


def test_slices_that_start_late_in_the_month_stay_within_it():
    made = calendar("2016-01-31", "2016-05-31", "month")
    assert [str(s.start) for s in made.slices] == ["2016-01-31", "2016-02-29", "2016-03-31", "2016-04-30"]


@pytest.mark.parametrize("end", ["2016-01-01", "2015-12-31"])
def test_a_period_that_ends_before_it_starts_is_a_fault(end):
    with pytest.raises(ValueError, match="not after its start"):
        calendar("2016-01-01", end, "month")


@repeatable
@given(
    start=st.dates(date(1900, 1, 1), date(2100, 1, 1)),
    days=st.integers(1, 1500),
    months=st.integers(0, 14),
    step_days=st.integers(1, 40),
    from_origin=st.one_of(st.none(), st.dates(date(1890, 1, 1), date(2110, 1, 1)).map(lambda d: d.replace(day=1))),
)
def test_every_day_of_the_period_lies_in_exactly_one_slice(start, days, months, step_days, from_origin):
    every = Step(months=months) if months else Step(days=step_days)
    made = Calendar.make(start, start + timedelta(days=days), every, Step(months=12), from_origin)
    assert made.slices[0].start == start
    assert made.slices[-1].end == start + timedelta(days=days)
    for one, two in pairwise(made.slices):
        assert one.start < one.end == two.start


# --- windows ------------------------------------------------------------------------------------------------


def test_a_window_ends_with_its_slice():
    made = calendar("2014-05-01", "2016-05-01", "6 months", "12 months")
    assert windows_shown(made)[1:] == [
        "2014-05-01 to 2015-05-01",
        "2014-11-01 to 2015-11-01",
        "2015-05-01 to 2016-05-01",
    ]


def test_windows_that_reach_back_before_the_period_are_cut_and_say_so():
    made = calendar("2015-01-01", "2016-04-01", "quarter", "12 months")
    assert windows_shown(made) == [
        "2015-01-01 to 2015-04-01",
        "2015-01-01 to 2015-07-01",
        "2015-01-01 to 2015-10-01",
        "2015-01-01 to 2016-01-01",
        "2015-04-01 to 2016-04-01",
    ]
    assert made.whole.tolist() == [False, False, False, True, True]


@pytest.mark.parametrize(
    ("end", "window", "reaches_back_to"),
    [
        ("2017-01-01", "12 months", "2016-01-01"),
        ("2017-02-28", "12 months", "2016-02-28"),
        ("2016-02-29", "12 months", "2015-02-28"),
        ("2017-03-01", "12 months", "2016-03-01"),
        ("2016-05-31", "3 months", "2016-02-29"),
        ("2016-03-31", "1 month", "2016-02-29"),
        ("2016-03-01", "2 weeks", "2016-02-16"),
        ("2016-03-01", "1 year", "2015-03-01"),
    ],
)
def test_windows_go_by_the_calendar(end, window, reaches_back_to):
    made = calendar("2014-01-01", end, "5 years", window)
    assert str(made.slices[-1].window_start) == reaches_back_to


def test_an_event_of_29_february_is_in_twelve_windows_of_twelve_months():
    # The windows of months ending on 1 March 2016 to 1 February 2017.
    made = calendar("2015-01-01", "2018-01-01", "month", "12 months")
    first, last = made.windows_over(np.array([number_of(date(2016, 2, 29))]))
    assert [made.slices[first[0]].label, made.slices[last[0]].label] == ["2016-02", "2017-01"]
    # One of 1 March is in the next twelve.
    first, last = made.windows_over(np.array([number_of(date(2016, 3, 1))]))
    assert [made.slices[first[0]].label, made.slices[last[0]].label] == ["2016-03", "2017-02"]


def test_windows_shorter_than_the_slices_leave_days_out():
    made = calendar("2015-01-01", "2015-07-01", "quarter", "1 month")
    assert windows_shown(made) == ["2015-03-01 to 2015-04-01", "2015-06-01 to 2015-07-01"]
    days = [date(2015, 2, 28), date(2015, 3, 1), date(2015, 3, 31), date(2015, 4, 1), date(2015, 6, 1)]
    first, last = made.windows_over(np.array([number_of(day) for day in days]))
    assert [list(range(f, la + 1)) for f, la in zip(first, last, strict=True)] == [[], [0], [0], [], [1]]


STEPS = st.one_of(st.integers(1, 15).map(lambda n: Step(months=n)), st.integers(1, 100).map(lambda n: Step(days=n)))


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    start = draw(st.dates(date(1960, 1, 1), date(2040, 1, 1)))
    end = start + timedelta(days=draw(st.integers(1, 700)))
    return Calendar.make(start, end, draw(STEPS), draw(STEPS), draw(st.one_of(st.none(), st.just(date(2016, 4, 1)))))


def covered(first: np.ndarray, last: np.ndarray) -> list[list[int]]:
    return [list(range(f, la + 1)) for f, la in zip(first.tolist(), last.tolist(), strict=True)]


@repeatable
@given(made=calendars())
def test_windows_over_is_the_slices_whose_window_holds_the_day(made):
    days = [made.slices[0].start + timedelta(days=i) for i in range((made.slices[-1].end - made.slices[0].start).days)]
    expected = [[i for i, s in enumerate(made.slices) if s.window_start <= day < s.end] for day in days]
    assert covered(*made.windows_over(np.array([number_of(day) for day in days]))) == expected


@repeatable
@given(made=calendars(), data=st.data())
def test_held_at_end_is_the_slices_on_whose_last_day_the_spell_is_held(made, data):
    start, length = made.slices[0].start, (made.slices[-1].end - made.slices[0].start).days
    offsets = st.integers(-50, length + 50)
    spells = data.draw(st.lists(st.tuples(offsets, st.integers(0, 400)), min_size=1, max_size=20))
    spans = [(start + timedelta(days=low), start + timedelta(days=low + days)) for low, days in spells]
    first_days, end_days = (np.array([number_of(day) for day in column]) for column in zip(*spans, strict=True))
    last_days = [s.end - timedelta(days=1) for s in made.slices]
    held = [[i for i, day in enumerate(last_days) if first <= day < end] for first, end in spans]
    assert covered(*made.held_at_end(first_days, end_days)) == held
    # A spell that shares any day with a slice touches it.
    touched = [[i for i, s in enumerate(made.slices) if max(first, s.start) < min(end, s.end)] for first, end in spans]
    real = [i for i, (_, days) in enumerate(spells) if days]
    found = covered(*made.touched(first_days, end_days))
    assert [found[i] for i in real] == [touched[i] for i in real]


def test_a_spell_without_end_is_held_to_the_last_slice():
    made = calendar("2016-01-01", "2017-01-01", "quarter")
    open_ended = np.array([-FOREVER]), np.array([FOREVER])
    assert covered(*made.held_at_end(*open_ended)) == [[0, 1, 2, 3]]
    assert covered(*made.touched(*open_ended)) == [[0, 1, 2, 3]]


def test_the_end_of_a_spell_is_the_first_day_without_it():
    made = calendar("2016-01-01", "2017-01-01", "quarter")
    ends = [date(2016, 6, 30), date(2016, 7, 1), date(2016, 7, 2)]
    first_days = np.full(3, number_of(date(2016, 1, 1)))
    held = covered(*made.held_at_end(first_days, np.array([number_of(day) for day in ends])))
    # Q2 ends with 30 June: a post that ends "on 30 June" is no longer held then, one that ends on 1 July is.
    assert held == [[0], [0, 1], [0, 1]]


@repeatable
@given(made=calendars())
def test_between_two_breaks_every_window_holds_all_days_or_none(made):
    for low, high in zip(made.breaks[:-1], made.breaks[1:], strict=True):
        for start, end in zip(made.window_starts, made.ends, strict=True):
            assert (start <= low and high <= end) or high <= start or end <= low
    days = np.arange(made.breaks[0], made.breaks[-1])
    period = made.smallest_period(days)
    assert (made.breaks[period] <= days).all() and (days < made.breaks[period + 1]).all()


# --- lengths of time ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "step", "years"),
    [
        ("day", Step(days=1), 1 / 365.25),
        ("2 weeks", Step(days=14), 14 / 365.25),
        ("month", Step(months=1), 1 / 12),
        ("quarter", Step(months=3), 1 / 4),
        ("12 months", Step(months=12), 1),
        (" 3  years ", Step(months=36), 3),
    ],
)
def test_lengths_are_words(text, step, years):
    assert parse_step(text) == step
    assert step.years == pytest.approx(years)


@pytest.mark.parametrize(
    "text", ["", "12", "0 months", "-1 month", "months 12", "fortnight", "1.5 years", "12months x"]
)
def test_other_words_are_a_fault(text):
    with pytest.raises(ValueError, match="expected a length of time"):
        parse_step(text)


# --- what is not so yet -------------------------------------------------------------------------------------


def test_an_origin_late_in_the_month_is_kept_after_a_short_month():
    made = calendar("2015-03-05", "2015-06-01", "month", origin="2015-01-31")
    assert [str(s.start) for s in made.slices] == ["2015-03-05", "2015-03-31", "2015-04-30", "2015-05-31"]


def test_every_day_of_the_period_has_a_smallest_period():
    made = calendar("2015-01-01", "2015-07-01", "quarter", "1 month")
    assert made.smallest_period(np.array([number_of(date(2015, 1, 1))]))[0] >= 0


class TestLastEnded:
    """The end of the last slice that has ended when a day begins."""

    @pytest.mark.parametrize(
        ("start", "day", "every", "origin", "end"),
        [
            ("2014-05-01", "2014-07-31", "quarter", None, None),
            ("2014-05-01", "2014-08-01", "quarter", None, "2014-08-01"),
            ("2014-05-01", "2020-01-01", "quarter", None, "2019-11-01"),
            ("2014-05-01", "2014-05-01", "month", None, None),
            ("2014-05-01", "2014-04-01", "month", None, None),
            ("2014-05-20", "2014-06-30", "month", "2014-01-01", "2014-06-01"),  # the first slice is cut, and has ended
            ("2014-05-20", "2014-05-31", "month", "2014-01-01", None),
            ("2014-05-01", "2015-04-01", "year", "2000-04-01", "2015-04-01"),  # fiscal years
            ("2014-01-31", "2014-03-01", "month", None, "2014-02-28"),
            ("2014-05-01", "2014-05-14", "week", None, "2014-05-08"),
        ],
    )
    def test_by_hand(self, start, day, every, origin, end):
        days = [date.fromisoformat(text) if text else None for text in (start, day, origin, end)]
        assert last_ended(days[0], days[1], parse_step(every), days[2]) == days[3]

    @repeatable
    @given(
        st.dates(date(2010, 1, 1), date(2016, 1, 1)),
        st.integers(0, 900),
        st.sampled_from(["day", "week", "month", "quarter", "year", "10 days"]),
        st.none() | st.dates(date(2000, 1, 1), date(2020, 1, 1)),
    )
    def test_a_slice_ends_there_and_the_next_has_not_ended(self, start, later, every, origin):
        day, step = start + timedelta(days=later), parse_step(every)
        end = last_ended(start, day, step, origin)
        beyond = Calendar.make(start, day + timedelta(days=800), step, step, origin)
        ended = [s.end for s in beyond.slices if s.end <= day]
        assert end == (ended[-1] if ended else None)
