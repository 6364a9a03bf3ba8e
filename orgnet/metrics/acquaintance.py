"""What the group metrics are taken from: who met and who knows whom, per pair of professional groups.

Everything is stated in ranges of slices (`orgnet.spells`) and counted once, whatever the number of slices.
Two people are acquainted in a slice if they met at least k times within its window, both are on the roster at
the slice's end, and they do not hold posts in one organisation then.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from orgnet.config import Config
from orgnet.metrics.encounters import (
    PairDays,
    familiarity,
    find_events,
    find_places,
    find_venues,
    opportunities,
    opportunity_threshold,
    organisations_seen,
    rows_there,
    seconds_together,
)
from orgnet.metrics.posts import Posts, cross_pairs, on_roster, reachable, sharing
from orgnet.records.coverage import Coverage
from orgnet.records.organisations import Roster
from orgnet.spells import Ranges, at_least, count, crossed, distinct, merged, order_of, pairs_within, without
from orgnet.ties.copresence import Contacts
from orgnet.ties.presence import Presence
from orgnet.vocabulary import RecordKind
from orgnet.windows import Calendar

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class GroupEvidence:
    """One professional group's contact with another (or with its own peers) across organisations, per slice.

    Arrays have one value per slice; those with two dimensions have one row per person of the group ever on
    its roster. `acquainted` holds the slices in which a person of the group and one of the other are acquainted, keyed by
    their local numbers: person * `width` + other. `whole` says whether the slice's window lies wholly in the period and spans at least a year,
    so that yearly rates may be given; `years` is the window's length; `covered` whether attendance is known
    to be complete.
    """

    members: Flags
    acquainted: Ranges
    width: int
    meetings: Ints
    acquainted_organisations: Ints
    reachable_organisations: Ints
    acquainted_pairs: Ints
    cross_pairs: Ints
    events: Ints
    opportunities: Ints
    opportunity_quarters: Ints
    quarters: Ints
    overlap: Ints
    duration: Ints
    familiarity: Floats
    venues: Ints
    standing_venues: Ints
    venue_organisations: Ints
    staffed_organisations: Ints
    years: float
    whole: Flags
    covered: Flags
    nominal: Flags

    @property
    def n_people(self) -> Ints:
        """People of the group on the roster at each slice's end."""
        return np.asarray(self.members.sum(axis=0))

    def without_people(self) -> "GroupEvidence":
        """The same without what is counted person by person."""
        none = np.zeros((0, self.members.shape[1]), dtype=np.int64)
        return replace(self, meetings=none, acquainted_organisations=none, reachable_organisations=none)


def pair_days(met: Contacts, width: int) -> PairDays:
    """Contacts in order of pair and day; the pair's key is the first person's code times `width` plus the second's."""
    person = met.presence.person
    pair, day = person[met.left] * width + person[met.right], met.day
    order = order_of(pair, day)
    return PairDays(pair[order], day[order], order)


def acquainted_spells(days: PairDays, width: int, one: Posts, two: Posts, calendar: Calendar, k: int) -> Ranges:
    """The slices in which each pair of people (keyed by local numbers) is acquainted."""
    # Two meetings on one day are two contacts; one meeting is one contact, whoever noted it.
    pairs = at_least(Ranges(days.pair, *calendar.windows_over(days.day)), days.day, k)
    a, b = one.local(pairs.key // width), two.local(pairs.key % width)
    known = (a >= 0) & (b >= 0)
    width = max(len(two.people), 1)
    pairs = Ranges((a * width + b)[known], pairs.first[known], pairs.last[known])
    _, pairs = on_roster(pairs, pairs.key // width, one)
    _, pairs = on_roster(pairs, pairs.key % width, two)
    pairs = merged(pairs)
    return without(pairs, sharing(pairs, one, two)) if len(pairs.key) else pairs


def _turned(pairs: Ranges, one: Posts, two: Posts) -> Ranges:
    """Pairs seen from the other side."""
    width, other_width = max(len(two.people), 1), max(len(one.people), 1)
    return Ranges(pairs.key % width * other_width + pairs.key // width, pairs.first, pairs.last)


def _other_organisations(pairs: Ranges, one: Posts, two: Posts, slices: int) -> Ints:
    """Per person of the first group and slice, the organisations in which they know someone of the second."""
    width = max(len(two.people), 1)
    person, other = pairs.key // width, pairs.key % width
    left, right = pairs_within(other, two.posts.key // two.n)
    keep, met = crossed(pairs, two.posts, left, right)
    organisation = two.posts.key[right][keep] % two.n
    known = merged(Ranges(person[left][keep] * two.n + organisation, met.first, met.last))
    return count(known.key // two.n, known.first, known.last, len(one.people), slices)


def _meetings_per_person(rows: Ints, presence: Presence, one: Posts, calendar: Calendar) -> Ints:
    """For each person of a group, the window's meetings among the given stays, per slice."""
    local = one.local(presence.person[rows])
    keep = local >= 0
    first, last = calendar.windows_over(presence.day[rows][keep].astype(np.int64))
    return count(local[keep], first, last, len(one.people), len(calendar))


def gather(
    contacts: Contacts,
    one: Posts,
    two: Posts,
    same: bool,
    roster: Roster,
    coverage: Coverage,
    config: Config,
    calendar: Calendar,
) -> tuple[GroupEvidence, GroupEvidence]:
    """The evidence on one group's contact with another, and on the other's with it; with `same`, among its own peers.

    `contacts` must have the first group's people on the left.
    """
    presence, slices = contacts.presence, len(calendar)
    met = contacts.where(contacts.met)
    width = int(presence.person.max(initial=0)) + 1
    days = pair_days(met, width)
    known_before = familiarity(met, days, calendar)
    # Only how familiar people were looks further back than the windows do.
    opening = int(calendar.window_starts[0])
    contacts, met, days = contacts.since(opening), met.since(opening), days.since(opening)
    pairs = acquainted_spells(days, width, one, two, calendar, config.ties.acquainted_after)
    turned = _turned(pairs, one, two)
    if same:
        pairs_of = (Ranges(*(np.concatenate(both) for both in zip(pairs, turned, strict=True))),) * 2
        rows = (rows_there(np.concatenate([met.left, met.right])),) * 2
        all_rows = rows[0]
    else:
        pairs_of = (pairs, turned)
        rows = (rows_there(met.left), rows_there(met.right))
        all_rows = distinct(np.concatenate(rows))
    events = find_events(all_rows, presence, one.n)
    threshold = opportunity_threshold(roster, config.ties.opportunity_share)
    held, with_any, quarters = opportunities(events, threshold, calendar)
    venues, standing = find_venues(events, config, calendar)
    overlap, duration = seconds_together(contacts, calendar)
    staffed = (one.staffed > 0) | (two.staffed > 0)
    covered = np.asarray(~(staffed & ~coverage.of(RecordKind.ATTENDANCE)).any(axis=0))
    first, last = calendar.windows_over(met.day[met.nominal])
    nominal = count(np.zeros(len(first), np.int64), first, last, 1, slices)[0] > 0
    zero = np.zeros(len(events.day), np.int64)
    n_events = count(zero, *calendar.windows_over(events.day), 1, slices)[0]
    acquainted = count(np.zeros(len(pairs.key), np.int64), pairs.first, pairs.last, 1, slices)[0]
    possible = cross_pairs(one, two, same)

    def side(number: int, mine: Posts, theirs: Posts) -> GroupEvidence:
        places = find_places(events, rows[number], presence, mine.n)
        return GroupEvidence(
            members=mine.members,
            acquainted=pairs_of[number],
            width=max(len(theirs.people), 1),
            meetings=_meetings_per_person(rows[number], presence, mine, calendar),
            acquainted_organisations=_other_organisations(pairs_of[number], mine, theirs, slices),
            reachable_organisations=reachable(mine, theirs),
            acquainted_pairs=acquainted,
            cross_pairs=possible,
            events=n_events,
            opportunities=held,
            opportunity_quarters=with_any,
            quarters=quarters,
            overlap=overlap,
            duration=duration,
            familiarity=known_before,
            venues=venues,
            standing_venues=standing,
            venue_organisations=organisations_seen(events, places, threshold, mine, calendar),
            staffed_organisations=mine.organisations,
            years=calendar.window.years,
            whole=calendar.whole & (calendar.window.years >= 1),
            covered=covered,
            nominal=nominal,
        )

    here = side(0, one, two)
    return here, here if same else side(1, two, one)
