"""The meetings at which people of two professional groups met across organisations: opportunities, venues, familiarity."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from orgnet.config import Config
from orgnet.metrics.posts import Posts
from orgnet.records.organisations import Roster
from orgnet.spells import Ranges, count, distinct, merged
from orgnet.ties.copresence import Contacts
from orgnet.ties.presence import Presence
from orgnet.ties.tiles import UNIT, units
from orgnet.windows import Calendar, Step

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Events:
    """Meetings at which people of the two groups from different organisations met, in order of day.

    `organisations` is how many organisations they came from; those of one side are listed in its `places`.
    """

    meeting: Ints
    day: Ints
    series: Ints
    organisations: Ints


@dataclass(frozen=True)
class Places:
    """The organisations that people of one group came from: `organisation[i]` was at event `at[i]`."""

    organisation: Ints
    at: Ints


def rows_there(rows: NDArray[np.int32]) -> Ints:
    """The stays among rows that may repeat, each once, in the presence's order."""
    return distinct(rows).astype(np.int64)


def _from(rows: Ints, presence: Presence, n: int) -> Ints:
    """Each meeting and organisation there as one number; a stay for several counts for the first of them."""
    return distinct(presence.meeting[rows] * n + presence.first_party(rows))


def find_events(rows: Ints, presence: Presence, n: int) -> Events:
    """The events at which the given stays met."""
    here = _from(rows, presence, n) // n
    starts = np.flatnonzero(np.concatenate([[True], here[1:] != here[:-1]])) if len(here) else here
    meeting, organisations = here[starts], np.diff(np.concatenate([starts, [len(here)]]))
    row = rows[np.searchsorted(presence.meeting[rows], meeting)]
    day = presence.day[row].astype(np.int64)
    order = np.argsort(day, kind="stable")
    return Events(meeting[order], day[order], presence.series[row][order].astype(np.int64), organisations[order])


def find_places(events: Events, rows: Ints, presence: Presence, n: int) -> Places:
    """From which organisations the given stays came to which event."""
    there = _from(rows, presence, n)
    order = np.argsort(events.meeting)
    return Places(there % n, order[np.searchsorted(events.meeting[order], there // n)])


def opportunity_threshold(roster: Roster, share: float) -> Ints:
    """How many organisations make a meeting an opportunity: a share of providers, at least 2, per slice."""
    providers = roster.provider.sum(axis=0)
    members = np.where(providers > 0, providers, roster.present.sum(axis=0))
    return np.asarray(np.maximum(2, np.ceil(share * members - 1e-9)).astype(np.int64))


def _quarter_bounds(calendar: Calendar) -> Ints:
    """The days that cut each slice's window into quarters, back from its end: (slices, quarters + 1)."""
    quarters = max(1, math.ceil(calendar.window.months / 3)) if calendar.window.months else 1
    step = Step(months=3) if calendar.window.months else calendar.window
    rows = [
        [max(step.after(s.end, -back), s.window_start) for back in range(quarters, -1, -1)] for s in calendar.slices
    ]
    return np.array(rows, dtype="datetime64[D]").astype(np.int64)


def opportunities(events: Events, threshold: Ints, calendar: Calendar) -> tuple[Ints, Ints, Ints]:
    """Opportunity events, quarters with any, and quarters, per slice."""
    bounds = _quarter_bounds(calendar)
    held, with_any = np.zeros(len(calendar), np.int64), np.zeros(len(calendar), np.int64)
    for needed in np.unique(threshold):
        days = events.day[events.organisations >= needed]
        per_quarter = np.diff(np.searchsorted(days, bounds), axis=1)
        at = threshold == needed
        held[at] = per_quarter.sum(axis=1)[at]
        with_any[at] = (per_quarter > 0).sum(axis=1)[at]
    return held, with_any, (np.diff(bounds, axis=1) > 0).sum(axis=1)


def find_venues(events: Events, config: Config, calendar: Calendar) -> tuple[Ints, Ints]:
    """Venues and standing venues, per slice.

    A venue is a series of meetings, or a meeting of no series. A standing one meets at least so many times a
    year, and more than half of its meetings gather at least so many organisations (so their lower median
    does).
    """
    slices = len(calendar)
    series, code = np.unique(events.series, return_inverse=True)
    first, last = calendar.windows_over(events.day)
    any_venue = merged(Ranges(code, first, last))
    venues = count(np.zeros(len(any_venue.key), np.int64), any_venue.first, any_venue.last, 1, slices)[0]
    needed = config.ties.standing_meetings_per_year * calendar.window.years
    often = np.flatnonzero(np.bincount(code, minlength=len(series)) >= needed)
    renumbered = np.full(len(series), -1)
    renumbered[often] = np.arange(len(often))
    mine = renumbered[code] >= 0
    wide = mine & (events.organisations >= config.ties.standing_organisations)
    meetings = count(renumbered[code][mine], first[mine], last[mine], len(often), slices)
    broad = count(renumbered[code][wide], first[wide], last[wide], len(often), slices)
    standing = ((meetings >= needed) & (2 * broad > meetings)).sum(axis=0)
    return venues, standing


def organisations_seen(events: Events, places: Places, threshold: Ints, posts: Posts, calendar: Calendar) -> Ints:
    """Staffed organisations that people of the group came from to any opportunity event, per slice."""
    seen = np.zeros(len(calendar), dtype=np.int64)
    for level in np.unique(threshold):
        rows = np.flatnonzero(events.organisations[places.at] >= level)
        days = events.day[places.at[rows]]
        there = count(places.organisation[rows], *calendar.windows_over(days), posts.n, len(calendar)) > 0
        seen = np.where(threshold == level, (there & (posts.staffed > 0)).sum(axis=0), seen)
    return seen


@dataclass(frozen=True)
class PairDays:
    """Contacts in order of pair and day: the pair (the two people's codes as one number) and where each came from."""

    pair: Ints
    day: Ints
    row: Ints

    def since(self, day: int) -> "PairDays":
        """Those from a day onwards, beside the contacts from that day onwards."""
        keep = self.day >= day
        if keep.all():
            return self
        return PairDays(self.pair[keep], self.day[keep], self.row[keep] - np.count_nonzero(~keep))


def familiarity(met: Contacts, days: PairDays, calendar: Calendar) -> Floats:
    """Per slice, the mean over its meetings of how often a pair there had met, a window's length back."""
    slices = len(calendar)
    if not len(met):
        return np.full(slices, np.nan)
    low, high = int(days.day.min()), int(days.day.max())
    since = calendar.window.before_each(np.arange(low, high + 1))
    # Pairs are set so far apart in time that looking back never leads from one to the next.
    new_pair = np.concatenate([[False], days.pair[1:] != days.pair[:-1]])
    apart = np.cumsum(new_pair) * (high - int(since[0]) + 1)
    moment = apart + days.day
    new_moment = np.concatenate([[True], moment[1:] != moment[:-1]])
    first_alike = np.maximum.accumulate(np.where(new_moment, np.arange(len(moment)), 0))
    prior = np.empty(len(moment), dtype=np.int64)
    prior[days.row] = first_alike - np.searchsorted(moment, apart + since[days.day - low])
    meeting = met.meeting
    starts = np.flatnonzero(np.concatenate([[True], meeting[1:] != meeting[:-1]]))
    pairs = np.diff(np.concatenate([starts, [len(meeting)]]))
    first, last = calendar.windows_over(met.day[starts])
    zero = np.zeros(len(starts), np.int64)
    mean = units(np.add.reduceat(prior, starts) / pairs)
    total = count(zero, first, last, 1, slices, by=mean)[0] / UNIT
    held = count(zero, first, last, 1, slices)[0]
    return np.asarray(np.divide(total, held, out=np.full(slices, np.nan), where=held > 0))


def seconds_together(contacts: Contacts, calendar: Calendar) -> tuple[Ints, Ints]:
    """Seconds together, and seconds of the meetings, over pairs listed at one meeting with observed times."""
    duration = contacts.duration
    seen = np.flatnonzero((contacts.overlap >= 0) & ~contacts.nominal & (duration > 0))
    day, duration = contacts.day[seen], duration[seen]
    low = int(day.min(initial=0))
    overlap = np.minimum(contacts.overlap[seen], duration)
    # Seconds add up to far less than 2**53, below which floats are whole numbers.
    sums = [np.bincount(day - low, weights=seconds).astype(np.int64) for seconds in (overlap, duration)]
    first, last = calendar.windows_over(low + np.arange(len(sums[0])))
    zero = np.zeros(len(sums[0]), np.int64)
    together, held = (count(zero, first, last, 1, len(calendar), by=each)[0] for each in sums)
    return together, held
