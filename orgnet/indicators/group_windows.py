"""What replicates of a professional group's measures are counted from: its meetings in a window, as matrices of ones."""

from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
from scipy.sparse import csr_array, triu

from orgnet.config import Config
from orgnet.indicators.draws import Diary, Flags, Ints, keep_diary
from orgnet.metrics.conduct_meetings import Meetings, find_meetings
from orgnet.metrics.encounters import opportunity_threshold
from orgnet.metrics.posts import Posts, group_posts
from orgnet.records.organisations import Roster
from orgnet.records.read import Records
from orgnet.spells import Ranges, distinct
from orgnet.ties.copresence import Contacts
from orgnet.ties.make import Ties, connect
from orgnet.windows import Calendar, Step

Sparse: TypeAlias = csr_array


@dataclass(frozen=True)
class GroupDays:
    """Who of one professional group met whom, at which row of the diary, in the diary's order.

    `left` and `right` are stays; a stay is one person of the group (by local number) at one meeting, from one
    organisation.
    """

    posts: Posts
    left: Ints
    right: Ints
    met_at: Ints
    person: Ints
    organisation: Ints
    stayed_at: Ints

    @cached_property
    def pair(self) -> tuple[Ints, Ints]:
        """The pairs of people who ever met, as one number, and which of them each contact is of."""
        keys, at = np.unique(
            self.person[self.left] * len(self.posts.people) + self.person[self.right], return_inverse=True
        )
        return keys, at


@dataclass(frozen=True)
class Resampled:
    """All that replicates are taken from, for every professional group that has anyone on any roster."""

    meetings: Meetings
    diary: Diary
    groups: dict[int, GroupDays]
    threshold: Ints
    series: Ints
    config: Config
    calendar: Calendar


def _group_days(contacts: Contacts, posts: Posts, diary: Diary) -> GroupDays:
    """A group's contacts with its own peers in the diary's order."""
    presence = contacts.presence
    met = contacts.where(contacts.met)
    met_at = diary.place[met.meeting]
    order = np.argsort(met_at, kind="stable")
    left, right, met_at = met.left[order], met.right[order], met_at[order]
    rows = distinct(np.concatenate([left, right]))
    stayed_at = diary.place[presence.meeting[rows]]
    again = np.argsort(stayed_at, kind="stable")
    number = np.empty(len(rows), dtype=np.int64)
    number[again] = np.arange(len(rows))
    return GroupDays(
        posts,
        number[np.searchsorted(rows, left)],
        number[np.searchsorted(rows, right)],
        met_at,
        posts.local(presence.person[rows].astype(np.int64))[again],
        presence.first_party(rows)[again],
        stayed_at[again],
    )


def prepare(ties: Ties, records: Records, roster: Roster, config: Config, calendar: Calendar) -> Resampled:
    """Put the ties in the order that replicates are taken in; done once for all groups and slices."""
    with connect(records) as con:
        meetings = find_meetings(con, ties.presence, roster)
    diary = keep_diary(meetings, calendar)
    names, series = np.unique(meetings.series[diary.meeting].astype(str), return_inverse=True)
    series = series - int(len(names) > 0 and not names[0])  # what has no name comes first, and is -1
    groups = {
        number: _group_days(ties.contacts((number, number)), posts, diary)
        for number, posts in enumerate(group_posts(records, config, calendar))
        if len(posts.people)
    }
    threshold = opportunity_threshold(roster, config.ties.opportunity_share)
    return Resampled(meetings, diary, groups, threshold, series, config, calendar)


@dataclass(frozen=True)
class GroupWindow:
    """One group in one slice's window: what is counted, as matrices of ones.

    Rows and columns: `pairs` (pairs, meetings), `known` (persons and organisations they may know, pairs),
    `knowers` (people, persons and organisations), `partners` (stays, people), `of_person` (people, stays), `places`
    (meetings and organisations there, stays), `at_meeting` (meetings, places), `from_organisation` (organisations,
    places), `in_series` (series, meetings), `in_quarter` (quarters, meetings), `staff` (organisations, people),
    `held` (people, organisations) and `colleagues` (people, people: pairs on the roster with an organisation in common,
    each once).
    """

    pairs: Sparse
    one: Ints
    two: Ints
    known: Sparse
    knowers: Sparse
    partners: Sparse
    of_person: Sparse
    stay_person: Ints
    stay_meeting: Ints
    places: Sparse
    place_meeting: Ints
    at_meeting: Sparse
    from_organisation: Sparse
    in_series: Sparse
    single: Flags
    in_quarter: Sparse
    members: Flags
    staff: Sparse
    held: Sparse
    colleagues: Sparse
    acquainted_after: int
    threshold: int
    standing_meetings: float
    standing_organisations: int
    years: float

    @property
    def candidates(self) -> Flags:
        """The people of the group who are on the roster at the slice's end, or met somebody in the window."""
        there = self.members.copy()
        there[self.stay_person] = True
        return there


def ones(rows: Ints, columns: Ints, shape: tuple[int, int]) -> Sparse:
    """A matrix that counts the given rows and columns."""
    return csr_array((np.ones(len(rows), dtype=np.int32), (rows, columns)), shape=shape)


def _held_in(ranges: Ranges, number: int, people: int, n: int) -> Sparse:
    """Ranges by person and organisation that hold a slice: (people, organisations)."""
    key = ranges.key[(ranges.first <= number) & (number <= ranges.last)]
    return ones(key // max(n, 1), key % max(n, 1), (people, n))


def _possible_pairs(days: GroupDays, window: slice, members: Flags, held: Sparse) -> tuple[Sparse, Ints, Ints]:
    """Pairs who met in the window, both on the roster and without an organisation in common, by meeting."""
    keys, at = days.pair
    people = len(days.posts.people)
    met = np.zeros(len(keys), dtype=bool)
    rows = slice(*np.searchsorted(days.met_at, [window.start, window.stop]))
    met[at[rows]] = True
    found = np.flatnonzero(met)
    one, two = keys[found] // people, keys[found] % people
    shared = np.asarray((held[one] * held[two]).sum(axis=1)) if len(found) else np.zeros(0)
    possible = members[one] & members[two] & (shared == 0)
    number = np.full(len(keys), -1)
    number[found[possible]] = np.arange(possible.sum())
    pair = number[at[rows]]
    meeting = days.met_at[rows] - window.start
    counted = pair >= 0
    shape = (int(possible.sum()), window.stop - window.start)
    return ones(pair[counted], meeting[counted], shape), one[possible], two[possible]


def _who_may_be_known(one: Ints, two: Ints, posts: Sparse) -> tuple[Sparse, Sparse]:
    """Each person and organisation they may know somebody of: by the pairs that would do, and by the person."""
    people, n = posts.shape
    persons, pairs, organisations = [], [], []
    for mine, other in ((one, two), (two, one)):
        at = posts[other].tocoo()
        pair, organisation = (np.asarray(index, dtype=np.int64) for index in at.coords)
        persons.append(mine[pair])
        pairs.append(pair)
        organisations.append(organisation)
    key = np.concatenate(persons) * max(n, 1) + np.concatenate(organisations)
    keys, row = np.unique(key, return_inverse=True)
    known = ones(row, np.concatenate(pairs), (len(keys), len(one)))
    return known, ones(keys // max(n, 1), np.arange(len(keys)), (people, len(keys)))


def _colleagues(held: Sparse, members: Flags) -> Sparse:
    """The pairs of people on the roster who have an organisation in common, each once."""
    theirs = held.multiply(members[:, None]).tocsr()
    shared = triu(theirs @ theirs.T, k=1).tocoo()
    one, two = (np.asarray(index, dtype=np.int64) for index in shared.coords)
    return ones(one, two, (held.shape[0], held.shape[0]))


def _quarters(day: Ints, number: int, calendar: Calendar) -> Sparse:
    """The meetings of each quarter of the window, counted back from its end; the last one back may be cut."""
    end, begins = calendar.slices[number].end, int(calendar.window_starts[number])
    step = Step(months=3) if calendar.window.months else calendar.window
    wanted = max(1, -(-calendar.window.months // 3))
    bounds = np.array([step.after(end, -back) for back in range(wanted + 1)], dtype="datetime64[D]").astype(np.int64)
    quarters = int((bounds[:-1] > begins).sum())
    return ones(np.searchsorted(-bounds[1:], -day), np.arange(len(day)), (quarters, len(day)))


def window_of(resampled: Resampled, group: int, number: int) -> GroupWindow:
    """One group's matrices for one slice; several draws can be counted with them."""
    days, diary, calendar = resampled.groups[group], resampled.diary, resampled.calendar
    posts, rules, window = days.posts, resampled.config.ties, diary.within(number)
    people, n, meetings = len(posts.people), posts.n, window.stop - window.start
    members = posts.members[:, number]
    own, held = (_held_in(ranges, number, people, n) for ranges in (posts.posts, posts.held))
    pairs, one, two = _possible_pairs(days, window, members, held)
    known, knowers = _who_may_be_known(one, two, own)
    stays = slice(*np.searchsorted(days.stayed_at, [window.start, window.stop]))
    person, meeting = days.person[stays], days.stayed_at[stays] - window.start
    contacts = slice(*np.searchsorted(days.met_at, [window.start, window.stop]))
    left, right = days.left[contacts] - stays.start, days.right[contacts] - stays.start
    place, of_place = np.unique(meeting * max(n, 1) + days.organisation[stays], return_inverse=True)
    place_meeting, each_place, each_stay = place // max(n, 1), np.arange(len(place)), np.arange(len(person))
    series = resampled.series[window]
    in_series = np.flatnonzero(series >= 0)
    return GroupWindow(
        pairs=pairs,
        one=one,
        two=two,
        known=known,
        knowers=knowers,
        partners=ones(np.concatenate([left, right]), person[np.concatenate([right, left])], (len(person), people)),
        of_person=ones(person, each_stay, (people, len(person))),
        stay_person=person,
        stay_meeting=meeting,
        places=ones(of_place, each_stay, (len(place), len(person))),
        place_meeting=place_meeting,
        at_meeting=ones(place_meeting, each_place, (meetings, len(place))),
        from_organisation=ones(place % max(n, 1), each_place, (n, len(place))),
        in_series=ones(series[in_series], in_series, (int(resampled.series.max(initial=-1)) + 1, meetings)),
        single=series < 0,
        in_quarter=_quarters(diary.day[window], number, calendar),
        members=members,
        staff=own.T.tocsr(),
        held=held,
        colleagues=_colleagues(held, members),
        acquainted_after=rules.acquainted_after,
        threshold=int(resampled.threshold[number]),
        standing_meetings=rules.standing_meetings_per_year * calendar.window.years,
        standing_organisations=rules.standing_organisations,
        years=calendar.window.years,
    )
