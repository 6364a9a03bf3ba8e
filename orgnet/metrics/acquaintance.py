"""What the group metrics are taken from: who met and who knows whom, per pair of professional groups.

Everything is stated in ranges of slices (`orgnet.spells`) and counted once, whatever the number of slices.
Two people are acquainted in a slice if they met at least k times within its window, both are on the roster at
the slice's end, and they do not hold posts in one organisation then.
"""

import math
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from orgnet.config import Config
from orgnet.records.coverage import Coverage
from orgnet.records.organisations import Roster
from orgnet.records.read import Records
from orgnet.spells import Ranges, at_least, count, crossed, merged, pairs_within, without
from orgnet.ties.copresence import Contacts, joined
from orgnet.ties.presence import Presence
from orgnet.ties.tiles import UNIT, sums_by, units
from orgnet.vocabulary import RecordKind
from orgnet.windows import FOREVER, Calendar, Step

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Posts:
    """The posts of one professional group at slices' ends: who is on its roster, and in which organisations.

    `members` has the shape (people, slices); `posts` and `held` are keyed by local person * n + organisation.
    `posts` and `staffed` know the group's own posts only; `held` and `holding` all posts, of whatever group,
    that its people hold while they are on its roster.
    """

    people: Ints
    members: Flags
    membership: Ranges
    posts: Ranges
    staffed: Ints
    held: Ranges
    holding: Ints
    n: int

    @property
    def size(self) -> Ints:
        """People on the roster, per slice."""
        return np.asarray(self.members.sum(axis=0))

    @property
    def organisations(self) -> Ints:
        """Organisations with anyone of the group on the roster, per slice."""
        return np.asarray((self.staffed > 0).sum(axis=0))

    def local(self, people: Ints) -> Ints:
        """Local numbers of people; -1 for those never on the roster."""
        if not len(self.people):
            return np.full(len(people), -1)
        at = np.minimum(np.searchsorted(self.people, people), len(self.people) - 1)
        return np.where(self.people[at] == people, at, -1)


def group_posts(records: Records, config: Config, calendar: Calendar) -> list[Posts]:
    """The roster of every professional group, in the order of the network's list."""
    n, slices = len(records.organisations), len(calendar)
    groups = config.professional_groups
    table = records.tables.get(RecordKind.PEOPLE)
    if table is None:
        none = np.array([], dtype=np.int64)
        empty = Ranges(none, none, none)
        nobody = np.zeros((n, slices), np.int64)
        return [Posts(none, np.zeros((0, slices), bool), empty, empty, nobody, empty, nobody, n) for _ in groups]
    person = np.asarray(table.column("person_id")).astype(np.int64)
    org = np.asarray(table.column("org_id")).astype(np.int64)
    group = np.asarray(pa.compute.fill_null(pa.compute.index_in(table.column("group"), pa.array(groups)), -1)).astype(
        np.int64
    )
    first, last = calendar.held_at_end(_days(table, "start", -FOREVER), _days(table, "end", FOREVER))
    last = np.minimum(last, slices - 1)
    made = []
    for number in range(len(groups)):
        mine = np.flatnonzero(group == number)
        people, local = np.unique(person[mine], return_inverse=True)
        membership = merged(Ranges(local, first[mine], last[mine]))
        posts = merged(Ranges(local * n + org[mine], first[mine], last[mine]))
        members = count(membership.key, membership.first, membership.last, len(people), slices) > 0
        staffed = count(posts.key % n, posts.first, posts.last, n, slices)
        theirs = np.flatnonzero(np.isin(person, people))
        at = np.searchsorted(people, person[theirs])
        held = merged(Ranges(at * n + org[theirs], first[theirs], last[theirs]))
        held = merged(crossed(held, membership, *pairs_within(held.key // n, membership.key))[1])
        holding = count(held.key % n, held.first, held.last, n, slices)
        made.append(Posts(people, members, membership, posts, staffed, held, holding, n))
    return made


def _days(table: pa.Table, name: str, missing: int) -> Ints:
    column = table.column(name).cast(pa.int32()).fill_null(missing)
    return np.asarray(column).astype(np.int64)


@dataclass(frozen=True)
class GroupEvidence:
    """One professional group's contact with another (or with its own peers) across organisations, per slice.

    Arrays have one value per slice; those with two dimensions have one row per person of the group ever on
    its roster. `whole` says whether the slice's window lies wholly in the period and spans at least a year,
    so that yearly rates may be given; `years` is the window's length; `covered` whether attendance is known
    to be complete.
    """

    members: Flags
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


def _crossed_membership(ranges: Ranges, person: Ints, posts: Posts) -> tuple[Ints, Ranges]:
    """Ranges cut to the slices in which a person is on the group's roster: (row numbers, ranges)."""
    left, right = pairs_within(person, posts.membership.key)
    keep, cut = crossed(ranges, posts.membership, left, right)
    return left[keep], cut


def _sharing(pairs: Ranges, one: Posts, two: Posts) -> Ranges:
    """The slices in which the two people of a pair hold posts in one organisation, by pair."""
    keys = np.unique(pairs.key)
    n, width = one.n, max(len(two.people), 1)
    first_person, second_person = keys // width, keys % width
    left, right = pairs_within(first_person, one.held.key // n)
    organisation = one.held.key[right] % n
    wanted = second_person[left] * n + organisation
    at, other = pairs_within(wanted, two.held.key)
    keyed = Ranges(keys[left], one.held.first[right], one.held.last[right])
    return merged(crossed(keyed, two.held, at, other)[1])


def _acquainted(contacts: Contacts, one: Posts, two: Posts, calendar: Calendar, k: int) -> Ranges:
    """The slices in which each pair of people (keyed by local numbers) is acquainted."""
    a, b = one.local(contacts.person), two.local(contacts.other)
    known = contacts.met & (a >= 0) & (b >= 0)
    a, b, day = a[known], b[known], contacts.day[known]
    first, last = calendar.windows_over(day)
    width = max(len(two.people), 1)
    # Two meetings on one day are two contacts; one meeting is one contact, whoever noted it.
    pairs = at_least(Ranges(a * width + b, first, last), day, k)
    _, pairs = _crossed_membership(pairs, pairs.key // width, one)
    _, pairs = _crossed_membership(pairs, pairs.key % width, two)
    pairs = merged(pairs)
    return without(pairs, _sharing(pairs, one, two)) if len(pairs.key) else pairs


def _cross_pairs(one: Posts, two: Posts, same: bool) -> Ints:
    """Pairs of people, one of each group, who hold no post in one organisation, per slice."""
    slices = one.members.shape[1]
    if same:
        total = one.size * (one.size - 1) // 2
        sharing = (one.holding * (one.holding - 1) // 2).sum(axis=0)
    else:
        total = one.size * two.size
        sharing = (one.holding * two.holding).sum(axis=0)
    return np.asarray(total - sharing + _counted_twice(one, two, same, slices))


def _counted_twice(one: Posts, two: Posts, same: bool, slices: int) -> Ints:
    """How often pairs that share several organisations were taken off once too often, per slice."""
    extra = np.zeros(slices, dtype=np.int64)
    several = [np.flatnonzero(np.bincount(p.held.key // p.n, minlength=len(p.people)) > 1) for p in (one, two)]
    if not len(several[0]) or not len(several[1]):
        return extra
    n, width = one.n, len(two.people)
    mine = np.isin(one.held.key // n, several[0])
    theirs = np.isin(two.held.key // n, several[1])
    a, b = (Ranges(*(column[keep] for column in held)) for held, keep in ((one.held, mine), (two.held, theirs)))
    left, right = pairs_within(a.key % n, b.key % n)
    if same:
        once = a.key[left] // n < b.key[right] // n
        left, right = left[once], right[once]
    keep, shared = crossed(a, b, left, right)
    pair = (a.key[left] // n * width + b.key[right] // n)[keep]
    keys, at = np.unique(pair, return_inverse=True)
    times = count(at, shared.first, shared.last, len(keys), slices)
    return np.asarray(np.maximum(times - 1, 0).sum(axis=0))


def _other_organisations(pairs: Ranges, one: Posts, two: Posts, slices: int) -> Ints:
    """Per person of the first group and slice, the organisations in which they know someone of the second."""
    width = max(len(two.people), 1)
    person, other = pairs.key // width, pairs.key % width
    left, right = pairs_within(other, two.posts.key // two.n)
    keep, met = crossed(pairs, two.posts, left, right)
    organisation = two.posts.key[right][keep] % two.n
    known = merged(Ranges(person[left][keep] * two.n + organisation, met.first, met.last))
    return count(known.key // two.n, known.first, known.last, len(one.people), slices)


def _reachable(one: Posts, two: Posts) -> Ints:
    """For each person of the first group, the other organisations with anyone of the second, per slice."""
    staffed = two.staffed > 0
    own = np.zeros(one.members.shape, dtype=np.int64)
    length = one.held.last - one.held.first + 1
    row = np.repeat(np.arange(len(length)), length)
    at = one.held.first[row] + np.arange(len(row)) - np.repeat(np.cumsum(length) - length, length)
    np.add.at(own, (one.held.key[row] // one.n, at), staffed[one.held.key[row] % one.n, at])
    return np.asarray(staffed.sum(axis=0)[None, :] - own)


def _meetings_per_person(met: Contacts, one: Posts, calendar: Calendar) -> Ints:
    """For each person of the first group, the window's meetings with someone of the second, per slice."""
    local = one.local(met.person)
    keep = local >= 0
    key = local[keep] * (int(met.meeting.max(initial=0)) + 1) + met.meeting[keep]
    _, once = np.unique(key, return_index=True)
    first, last = calendar.windows_over(met.day[keep][once])
    return count(local[keep][once], first, last, len(one.people), len(calendar))


@dataclass(frozen=True)
class _Events:
    """Meetings at which people of the two groups from different organisations met, in order of day.

    `organisations` is how many organisations they came from; those that people of the first group came from
    are listed: `organisation[i]` was at event `at[i]`.
    """

    meeting: Ints
    day: Ints
    series: Ints
    organisations: Ints
    organisation: Ints
    at: Ints


def _places(meeting: Ints, party: Ints, presence: Presence, n: int) -> Ints:
    """Each meeting and organisation there as one number; a stay for several counts for the first of them."""
    party = party.copy()
    for code, orgs in presence.parties.items():
        party[party == code] = orgs[0]
    return np.unique(meeting * n + party)


def _events(met: Contacts, own: Contacts, presence: Presence, n: int) -> _Events:
    """The events of `met`; `own` are the same contacts, seen from every person of the first group."""
    both_sides = np.concatenate([met.meeting, met.meeting]), np.concatenate([met.party, met.other_party])
    meetings, organisations = np.unique(_places(*both_sides, presence, n) // n, return_counts=True)
    there = _places(own.meeting, own.party, presence, n)
    row = np.searchsorted(met.meeting, meetings, sorter=(order := np.argsort(met.meeting, kind="stable")))
    row = order[row] if len(meetings) else row
    day = met.day[row]
    by_day = np.argsort(day, kind="stable")
    place = np.empty_like(by_day)
    place[by_day] = np.arange(len(by_day))
    at = place[np.searchsorted(meetings, there // n)]
    return _Events(meetings[by_day], day[by_day], met.series[row][by_day], organisations[by_day], there % n, at)


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


def _opportunities(events: _Events, threshold: Ints, calendar: Calendar) -> tuple[Ints, Ints, Ints]:
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


def _venues(
    events: _Events, threshold: Ints, posts: Posts, config: Config, calendar: Calendar
) -> tuple[Ints, Ints, Ints]:
    """Venues, standing venues, and staffed organisations seen at any opportunity event, per slice.

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
    seen = np.zeros(slices, dtype=np.int64)
    for level in np.unique(threshold):
        rows = np.flatnonzero(events.organisations[events.at] >= level)
        days = events.day[events.at[rows]]
        there = count(events.organisation[rows], *calendar.windows_over(days), posts.n, slices) > 0
        seen = np.where(threshold == level, (there & (posts.staffed > 0)).sum(axis=0), seen)
    return venues, standing, seen


def _familiarity(met: Contacts, calendar: Calendar) -> Floats:
    """Per slice, the mean over its meetings of how often a pair there had met, a window's length back."""
    slices = len(calendar)
    if not len(met):
        return np.full(slices, np.nan)
    days, at = np.unique(met.day, return_inverse=True)
    reach = [calendar.window.after(day, -1) for day in days.astype("datetime64[D]").tolist()]
    since = np.array(reach, dtype="datetime64[D]").astype(np.int64)
    # Pairs are set so far apart in time that looking back never leads from one to the next.
    pair = np.unique(met.person * (int(met.other.max()) + 1) + met.other, return_inverse=True)[1]
    apart = pair * (int(days[-1] - since[0]) + 1) - since[0]
    moment, reach_back = apart + met.day, apart + since[at]
    order = np.argsort(moment, kind="stable")
    before = np.searchsorted(moment[order], moment[order]) - np.searchsorted(moment[order], reach_back[order])
    meeting, (prior, pairs, day), _, _ = sums_by(
        met.meeting[order], before, np.ones(len(met), np.int64), met.day[order]
    )
    day = day // pairs
    first, last = calendar.windows_over(day)
    zero = np.zeros(len(meeting), np.int64)
    total = count(zero, first, last, 1, slices, by=units(prior / pairs))[0] / UNIT
    held = count(zero, first, last, 1, slices)[0]
    return np.asarray(np.divide(total, held, out=np.full(slices, np.nan), where=held > 0))


def _seconds_together(contacts: Contacts, calendar: Calendar) -> tuple[Ints, Ints]:
    """Seconds together, and seconds of the meetings, over pairs listed at one meeting with observed times."""
    seen = (contacts.overlap >= 0) & ~contacts.nominal & (contacts.duration > 0)
    first, last = calendar.windows_over(contacts.day[seen])
    zero = np.zeros(int(seen.sum()), np.int64)
    overlap = np.minimum(contacts.overlap[seen], contacts.duration[seen])
    return (
        count(zero, first, last, 1, len(calendar), by=overlap)[0],
        count(zero, first, last, 1, len(calendar), by=contacts.duration[seen])[0],
    )


def no_contacts() -> Contacts:
    none, no = np.array([], dtype=np.int64), np.array([], dtype=bool)
    return Contacts(none, none, none, none, none, none, none, no, no, none, none)


def gather(
    contacts: Contacts,
    one: Posts,
    two: Posts,
    same: bool,
    presence: Presence,
    roster: Roster,
    coverage: Coverage,
    config: Config,
    calendar: Calendar,
) -> GroupEvidence:
    """The evidence on one group's contact with another; with `same`, on its contact with its own peers.

    `contacts` must have the first group's people as `person`.
    """
    slices = len(calendar)
    pairs = _acquainted(contacts, one, two, calendar, config.ties.acquainted_after)
    directed = pairs
    if same and len(pairs.key):
        width = len(two.people)
        turned = Ranges(pairs.key % width * width + pairs.key // width, pairs.first, pairs.last)
        directed = Ranges(*(np.concatenate(both) for both in zip(pairs, turned, strict=True)))
    met = contacts.where(contacts.met)
    both_ways = joined([met, met.reversed()]) if same else met
    events = _events(met, both_ways, presence, one.n)
    threshold = opportunity_threshold(roster, config.ties.opportunity_share)
    held, with_any, quarters = _opportunities(events, threshold, calendar)
    venues, standing, seen = _venues(events, threshold, one, config, calendar)
    overlap, duration = _seconds_together(contacts, calendar)
    zero = np.zeros(len(events.day), np.int64)
    first, last = calendar.windows_over(met.day[met.nominal])
    nominal = count(np.zeros(len(first), np.int64), first, last, 1, slices)[0] > 0
    whole = calendar.whole & (calendar.window.years >= 1)
    staffed = (one.staffed > 0) | (two.staffed > 0)
    covered = np.asarray(~(staffed & ~coverage.of(RecordKind.ATTENDANCE)).any(axis=0))
    one_code = np.zeros(len(pairs.key), np.int64)
    return GroupEvidence(
        members=one.members,
        meetings=_meetings_per_person(both_ways, one, calendar),
        acquainted_organisations=_other_organisations(directed, one, two, slices),
        reachable_organisations=_reachable(one, two),
        acquainted_pairs=count(one_code, pairs.first, pairs.last, 1, slices)[0],
        cross_pairs=_cross_pairs(one, two, same),
        events=count(zero, *calendar.windows_over(events.day), 1, slices)[0],
        opportunities=held,
        opportunity_quarters=with_any,
        quarters=quarters,
        overlap=overlap,
        duration=duration,
        familiarity=_familiarity(met, calendar),
        venues=venues,
        standing_venues=standing,
        venue_organisations=seen,
        staffed_organisations=one.organisations,
        years=calendar.window.years,
        whole=whole,
        covered=covered,
        nominal=nominal,
    )
