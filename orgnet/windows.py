"""The one window contract: slices tile the period, and each looks back over the window that ends with it.

Everything is half-open, `[start, end)`, in the network's local days. Days are counted as integers since 1970-01-01
(NumPy's `datetime64[D]`), and what happens over time is stated in slice numbers, so that calendar lengths such as
"12 months" are resolved here, once.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from orgnet.errors import near

Ints = NDArray[np.int64]

_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_DAYS = {"day": 1, "week": 7}
FOREVER = np.iinfo(np.int32).max


@dataclass(frozen=True)
class Step:
    """A length of time on the calendar: so many months, or so many days."""

    months: int = 0
    days: int = 0

    def after(self, start: date, times: int = 1) -> date:
        """The day that lies this step after `start`, so many times; a month's end stays within its month."""
        if not self.months:
            return start + timedelta(days=self.days * times)
        month = start.year * 12 + start.month - 1 + self.months * times
        year, month = divmod(month, 12)
        last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
        return date(year, month + 1, min(start.day, last))

    def before_each(self, days: Ints) -> Ints:
        """The day that lies this step before each day, as `after(day, -1)` has it."""
        if not self.months:
            return days - self.days
        day = days.astype("datetime64[D]")
        month = day.astype("datetime64[M]")
        since = month - self.months
        length = (since + 1).astype("datetime64[D]").astype(np.int64) - since.astype("datetime64[D]").astype(np.int64)
        in_month = np.minimum((day - month.astype("datetime64[D]")).astype(np.int64), length - 1)
        return since.astype("datetime64[D]").astype(np.int64) + in_month

    @property
    def years(self) -> float:
        """The step in years; 12 months are exactly 1."""
        return self.months / 12 if self.months else self.days / 365.25

    @property
    def short(self) -> str:
        """The step as a slice's label has it: 3m or 14d."""
        return f"{self.months}m" if self.months else f"{self.days}d"


def parse_step(text: str) -> Step:
    """A step from words such as `quarter`, `12 months` or `2 weeks`.

    Raises ValueError if the text is not one.
    """
    match = re.fullmatch(r"\s*(?:(\d+)\s+)?(day|week|month|quarter|year)s?\s*", text)
    number = int(match[1] or 1) if match else 0
    if not match or number < 1:
        raise ValueError(
            f"found {text!r}, expected a length of time such as day, week, month, quarter, year, or '12 months'"
            f"{near(text.strip('0123456789 ').removesuffix('s'), (*_DAYS, *_MONTHS))}"
        )
    unit = match[2]
    if unit in _MONTHS:
        return Step(months=number * _MONTHS[unit])
    return Step(days=number * _DAYS[unit])


@dataclass(frozen=True)
class Slice:
    """One slice of the period and the window that ends with it.

    `window_start` is the day that the window reaches back to, or the period's start if that is later; `whole` says
    whether the whole window lies within the period.
    """

    label: str
    start: date
    end: date
    window_start: date
    whole: bool


def _label(start: date, end: date, every: Step) -> str:
    for months, text in (
        (12, f"{start.year}"),
        (3, f"{start.year}-Q{(start.month + 2) // 3}"),
        (1, f"{start:%Y-%m}"),
    ):
        on_boundary = start.day == 1 and (start.month - 1) % months == 0
        if every.months == months and on_boundary and end == every.after(start):
            return text
    if every.days == 1:
        return start.isoformat()
    return f"{start.isoformat()}/{every.short}"


def _steps_before(start: date, every: Step, origin: date) -> int:
    """How many steps from the origin the last boundary on or before the period's start lies."""
    if every.months:
        steps = ((start.year - origin.year) * 12 + start.month - origin.month) // every.months
    else:
        steps = (start - origin).days // every.days
    while every.after(origin, steps) > start:
        steps -= 1
    while every.after(origin, steps + 1) <= start:
        steps += 1
    return steps


def last_ended(start: date, day: date, every: Step, origin: date | None = None) -> date | None:
    """The end of the last slice of a period that has ended when a day begins; None if none has."""
    origin = origin or start
    end = every.after(origin, _steps_before(day, every, origin))
    return end if end > start else None


def _looked_up(function: Callable[[Ints], Ints], days: Ints) -> Ints:
    """A function of days, worked out once for each day that there is where many rows share one."""
    if not len(days):
        return function(days)
    low, high = int(days.min()), int(days.max())
    if high - low >= len(days):
        return function(days)
    return function(np.arange(low, high + 1))[days - low]


def _days(days: list[date]) -> Ints:
    return np.array(days, dtype="datetime64[D]").astype(np.int64)


@dataclass(frozen=True)
class Calendar:
    """The slices of a period, in order, and the length of their windows."""

    slices: tuple[Slice, ...]
    window: Step

    @classmethod
    def make(cls, start: date, end: date, every: Step, window: Step, origin: date | None = None) -> "Calendar":
        """The calendar of `[start, end)`.

        Slices begin at the period's start, or, given an origin, at `origin + k * every`; the first and the last are
        cut where the period is, and none is dropped. Raises ValueError if the period is empty.
        """
        if end <= start:
            raise ValueError(f"the period ends on {end}, which is not after its start, {start}")
        origin = origin or start
        first = _steps_before(start, every, origin)
        slices = []
        for number in range((end - start).days + 2):
            # Counted from the origin each time: a month's end that a short month has cut comes back in a long one.
            lower, upper = every.after(origin, first + number), every.after(origin, first + number + 1)
            if lower >= end:
                break
            cut_lower, cut_upper = max(lower, start), min(upper, end)
            reach = window.after(cut_upper, -1)
            slices.append(
                Slice(_label(cut_lower, cut_upper, every), cut_lower, cut_upper, max(reach, start), reach >= start)
            )
        return cls(tuple(slices), window)

    def __len__(self) -> int:
        return len(self.slices)

    def part(self, at: slice) -> "Calendar":
        """A run of the slices, with their windows as they are."""
        return Calendar(self.slices[at], self.window)

    def looked_at(self) -> tuple[int, int]:
        """The days `[first, end)` that anything said of the slices can rest on: their windows, and a window before.

        A window's meetings are set beside what came up to a window's length before each of them.
        """
        return int(self.window.before_each(self.window_starts[:1])[0]), int(self.ends[-1])

    @cached_property
    def starts(self) -> Ints:
        """Each slice's first day."""
        return _days([s.start for s in self.slices])

    @cached_property
    def ends(self) -> Ints:
        """Each slice's first day after."""
        return _days([s.end for s in self.slices])

    @cached_property
    def window_starts(self) -> Ints:
        """The day that each slice's window reaches back to."""
        return _days([s.window_start for s in self.slices])

    @cached_property
    def whole(self) -> NDArray[np.bool_]:
        """Whether each slice's window lies wholly within the period."""
        return np.array([s.whole for s in self.slices])

    @cached_property
    def breaks(self) -> Ints:
        """The period's start, and every day on which a window begins or ends: between two lies one smallest period."""
        return np.unique(np.concatenate([self.starts[:1], self.window_starts, self.ends]))

    def smallest_period(self, days: Ints) -> Ints:
        """The number of the smallest period that each day lies in."""
        return _looked_up(lambda each: np.searchsorted(self.breaks, each, side="right") - 1, days)

    def windows_over(self, days: Ints) -> tuple[Ints, Ints]:
        """The first and the last slice whose window an event on each day lies in; none if first > last."""
        return (
            _looked_up(lambda each: np.searchsorted(self.ends, each, side="right"), days),
            _looked_up(lambda each: np.searchsorted(self.window_starts, each, side="right") - 1, days),
        )

    def held_at_end(self, first_days: Ints, end_days: Ints) -> tuple[Ints, Ints]:
        """The first and the last slice at whose end a spell `[first, end)` is held; none if first > last."""
        return (
            np.searchsorted(self.ends, first_days, side="right"),
            np.searchsorted(self.ends, end_days, side="right") - 1,
        )

    def touched(self, first_days: Ints, end_days: Ints) -> tuple[Ints, Ints]:
        """The first and the last slice that a spell `[first, end)` shares a day with; none if first > last."""
        return (
            np.searchsorted(self.ends, first_days, side="right"),
            np.searchsorted(self.starts, end_days, side="left") - 1,
        )
