"""What is compared with what: a phase with the next, each slice with the one before, or two periods that are asked for.

A period is spoken for by the last whole window in it: windows all have one length, so that a number of meetings, or
who has met twice, means the same before and after, however long the two periods are.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from orgnet.errors import InputFault
from orgnet.windows import Calendar

Days = tuple[date, date]


@dataclass(frozen=True)
class Comparison:
    """Two periods by name, and the slices whose whole windows lie in each; the last of each are compared.

    `days` are the periods themselves, where they are more than the two windows.
    """

    before: str
    after: str
    earlier: tuple[int, ...]
    later: tuple[int, ...]
    days: tuple[Days, Days] | None = None

    @property
    def slices(self) -> tuple[int, int]:
        """The slices that are compared."""
        return self.earlier[-1], self.later[-1]


def windows_in(days: Days, calendar: Calendar) -> tuple[int, ...]:
    """The slices whose whole window lies within some days, half-open: none if they are fewer than a window."""
    start, end = days
    slices = enumerate(calendar.slices)
    return tuple(number for number, s in slices if s.whole and s.window_start >= start and s.end <= end)


def of_phases(phases: Mapping[str, Days], calendar: Calendar) -> list[Comparison]:
    """Each phase that holds a whole window against the next such phase, in order of time."""
    ordered = sorted(phases.items(), key=lambda phase: phase[1])
    windows = {name: found for name, days in ordered if (found := windows_in(days, calendar))}
    return [
        Comparison(one, two, windows[one], windows[two], (phases[one], phases[two])) for one, two in pairwise(windows)
    ]


def of_slices(calendar: Calendar) -> list[Comparison]:
    """Each slice against the one before it; their windows overlap where they look back further than a slice."""
    labels = [s.label for s in calendar.slices]
    return [Comparison(labels[n - 1], labels[n], (n - 1,), (n,)) for n in range(1, len(labels))]


def of_periods(before: Days, after: Days, calendar: Calendar) -> Comparison:
    """Two periods of one's own.

    Raises InputFault if they overlap, stand the wrong way round, or hold no whole window.
    """
    for name, (start, end) in (("before", before), ("after", after)):
        if end <= start:
            raise InputFault(f"--{name}: ends on {end}, which is not after its start, {start}")
    if after[0] < before[1]:
        raise InputFault(f"--after begins on {after[0]}, before --before has ended, on {before[1]}")
    found = {}
    for name, days in (("before", before), ("after", after)):
        found[name] = windows_in(days, calendar)
        if not found[name]:
            raise InputFault(_no_window(name, days, calendar))
    return Comparison(_named(before), _named(after), found["before"], found["after"], (before, after))


def _named(days: Days) -> str:
    return f"{days[0]}..{days[1]}"


def _no_window(name: str, days: Days, calendar: Calendar) -> str:
    length, whole = calendar.window.short, [s for s in calendar.slices if s.whole]
    there = (
        f"whole windows of {length} end on {whole[0].end} to {whole[-1].end}"
        if whole
        else "no slice has a whole window"
    )
    return f"--{name} {_named(days)}: found no whole window of {length} within these days, expected one; {there}"
