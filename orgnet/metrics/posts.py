"""Who is on the roster of a professional group at each slice's end, and in which organisations.

Everything is stated in ranges of slices (`orgnet.spells`) and counted once, whatever the number of slices.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from orgnet.config import Config
from orgnet.records.read import Records
from orgnet.spells import Ranges, count, crossed, distinct, merged, pairs_within
from orgnet.vocabulary import RecordKind
from orgnet.windows import FOREVER, Calendar

Ints = NDArray[np.int64]
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

    @cached_property
    def home(self) -> Ints:
        """The organisation of each person's first post in the group; of several on one day, the first by number."""
        person, org = self.posts.key // self.n, self.posts.key % self.n
        order = np.lexsort((org, self.posts.first, person))
        home = np.full(len(self.people), -1)
        first = order[np.flatnonzero(np.diff(person[order], prepend=-1))]
        home[person[first]] = org[first]
        return home

    def local(self, people: Ints) -> Ints:
        """Local numbers of people; -1 for those never on the roster."""
        known = np.minimum(people, len(self._place) - 1)
        return np.where(people == known, self._place[known], -1)

    @cached_property
    def _place(self) -> Ints:
        """The local number of each person by code; the last entry stands for all codes above."""
        place = np.full(int(self.people.max(initial=-1)) + 2, -1)
        place[self.people] = np.arange(len(self.people))
        return place

    @cached_property
    def only_organisation(self) -> Ints:
        """The organisation of each person who ever held posts in one only; -1 for the others."""
        person, org = self.held.key // self.n, self.held.key % self.n
        different = distinct(self.held.key)
        several = np.bincount(different // self.n, minlength=len(self.people)) != 1
        only = np.full(len(self.people), -1)
        only[person] = org
        return np.where(several, -1, only)


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


def on_roster(ranges: Ranges, person: Ints, posts: Posts) -> tuple[Ints, Ranges]:
    """Ranges cut to the slices in which a person is on the group's roster: (row numbers, ranges)."""
    left, right = pairs_within(person, posts.membership.key)
    keep, cut = crossed(ranges, posts.membership, left, right)
    return left[keep], cut


def sharing(pairs: Ranges, one: Posts, two: Posts) -> Ranges:
    """The slices in which the two people of a pair hold posts in one organisation, by pair."""
    n, width = one.n, max(len(two.people), 1)
    first_org, second_org = one.only_organisation[pairs.key // width], two.only_organisation[pairs.key % width]
    keys = distinct(pairs.key[(first_org < 0) | (second_org < 0) | (first_org == second_org)])
    first_person, second_person = keys // width, keys % width
    left, right = pairs_within(first_person, one.held.key // n)
    organisation = one.held.key[right] % n
    wanted = second_person[left] * n + organisation
    at, other = pairs_within(wanted, two.held.key)
    keyed = Ranges(keys[left], one.held.first[right], one.held.last[right])
    return merged(crossed(keyed, two.held, at, other)[1])


def cross_pairs(one: Posts, two: Posts, same: bool) -> Ints:
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


def reachable(one: Posts, two: Posts) -> Ints:
    """For each person of the first group, the other organisations with anyone of the second, per slice."""
    staffed = two.staffed > 0
    slices, total = staffed.shape[1], staffed.sum(axis=0)
    # Most people hold one post throughout: what is staffed where they are is theirs, as it stands.
    throughout = (one.only_organisation >= 0) & (one.members.sum(axis=1) == slices)
    others = np.empty((len(one.people), slices), dtype=np.int64)
    others[throughout] = (total - staffed)[one.only_organisation[throughout]]
    place = np.cumsum(~throughout) - 1
    rest = ~throughout[one.held.key // one.n]
    key, first = one.held.key[rest], one.held.first[rest]
    length = one.held.last[rest] - first + 1
    row = np.repeat(np.arange(len(length)), length)
    at = first[row] + np.arange(len(row)) - np.repeat(np.cumsum(length) - length, length)
    own = np.zeros((int((~throughout).sum()), slices), dtype=np.int64)
    np.add.at(own, (place[key[row] // one.n], at), staffed[key[row] % one.n, at])
    others[~throughout] = total - own
    return others
