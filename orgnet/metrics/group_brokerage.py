"""Go-between roles of professional groups in referrals, and what chance would give.

A unit is an organisation's people of one professional group. Referrals lead from unit to unit, also between two groups of
one organisation; units that nobody in the window referred from or to, with both groups stated, are not there. A
unit j stands on a path i -> j -> k where i did not refer to k. Chance deals the groups out among all units, j included,
with every tie left in place (`orgnet.metrics.path_pairs`): expected values and variances are exact, so nothing is drawn
at random and there is no seed.

Every function takes `GroupReferrals` and returns one value per slice, NaN where there is none.
"""

from dataclasses import dataclass
from functools import partial

import duckdb
import numpy as np
from numpy.typing import NDArray

from orgnet.metrics import moments, path_pairs
from orgnet.metrics.brokerage import REFERENCE, ROLES, Role
from orgnet.metrics.registry import Declared, against_chance
from orgnet.records.organisations import Roster
from orgnet.records.sql import text
from orgnet.spells import Ranges, count, merged
from orgnet.vocabulary import Layer, Level, ReferralDirection, ReferralStatus
from orgnet.windows import Calendar

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Words = NDArray[np.uint64]

UNITS_UP_TO = 400
"""Up to so many units in a window the standard deviation is worked out: it takes products of matrices of that size."""
_BYTES_AT_ONCE = 1 << 18


@dataclass(frozen=True)
class UnitReferrals:
    """Referrals between units in each slice's window, by professional group in the order of the network's list.

    `paths` has the shape (groups of i, of j, of k, slices), `units` (groups, slices), and `pairs` (overlaps, slices),
    with NaN where there are more than UNITS_UP_TO units. `unstated` are referrals that do not state both groups.
    """

    paths: Ints
    units: Ints
    pairs: Floats
    unstated: Ints

    @property
    def many(self) -> Flags:
        """Whether there are too many units for a standard deviation."""
        return np.asarray(self.units.sum(axis=0) > UNITS_UP_TO)

    @property
    def groups(self) -> list[int]:
        """The groups with a unit in any slice."""
        return np.flatnonzero(self.units.any(axis=1)).tolist()


@dataclass(frozen=True)
class GroupReferrals:
    """Referrals between units, as they concern one professional group."""

    whole: UnitReferrals
    group: int


def _forward(con: duckdb.DuckDBPyConnection, groups: list[str], n: int, query: str) -> list[Ints]:
    """What a query gives of `forward`: forward referrals, whose units are below 0 where the group is not stated.

    A referral of no stated direction is forward.
    """
    rows = con.sql(
        f"""
        WITH grouped AS (
            SELECT *, list_position($groups, from_group) - 1 AS one, list_position($groups, to_group) - 1 AS two
            FROM referrals WHERE coalesce(status, '') <> {text(ReferralStatus.REVOKED)}
                AND coalesce(direction_type, '') <> {text(ReferralDirection.REFER_BACK)}
        ),
        forward AS (
            SELECT CAST(coalesce(one * $n + from_org, -1) AS BIGINT) AS source,
                CAST(coalesce(two * $n + to_org, -1) AS BIGINT) AS target,
                CAST(date - DATE '1970-01-01' AS BIGINT) AS day, coalesce(n, 1) AS n
            FROM grouped
        )
        {query}
        """,
        params={"groups": groups, "n": n},
    ).to_arrow_table()
    return [np.asarray(column) for column in rows.columns]


def _between_units(con: duckdb.DuckDBPyConnection, groups: list[str], n: int, calendar: Calendar) -> Ranges:
    """The slices in whose window one unit refers to another, by source * units + target."""
    stated = "source >= 0 AND target >= 0 AND source <> target"
    source, target, day = _forward(con, groups, n, f"SELECT source, target, day FROM forward WHERE {stated}")
    return merged(Ranges(source * (n * len(groups)) + target, *calendar.windows_over(day)))


def find_unit_referrals(
    con: duckdb.DuckDBPyConnection, groups: list[str], roster: Roster, calendar: Calendar
) -> UnitReferrals:
    """Referrals between units of organisations on each slice's roster. Revoked ones, and those back, are left out."""
    n, slices = max(len(roster.names), 1), len(calendar)
    width = n * len(groups)
    day, times = _forward(
        con, groups, n, "SELECT day, CAST(sum(n) AS BIGINT) FROM forward WHERE source < 0 OR target < 0 GROUP BY day"
    )
    found = UnitReferrals(
        paths=np.zeros((len(groups),) * 3 + (slices,), np.int64),
        units=np.zeros((len(groups), slices), np.int64),
        pairs=np.full((len(path_pairs.OVERLAPS), slices), np.nan),
        unstated=count(np.zeros(len(day), np.int64), *calendar.windows_over(day), 1, slices, by=times)[0],
    )
    ties = _between_units(con, groups, n, calendar)
    source, target = ties.key // width, ties.key % width
    for number in range(slices):
        now = np.flatnonzero((ties.first <= number) & (number <= ties.last))
        here = np.tile(roster.present[:, number], len(groups))
        now = now[here[source[now]] & here[target[now]]]
        _measure(found, number, source[now], target[now], n)
    return found


def _measure(found: UnitReferrals, number: int, source: Ints, target: Ints, n: int) -> None:
    """Fill in one slice."""
    groups = len(found.units)
    there = np.zeros(n * groups, dtype=bool)
    there[source] = there[target] = True
    place, group = np.cumsum(there) - 1, np.flatnonzero(there) // n
    source, target = place[source], place[target]
    found.units[:, number] = np.bincount(group, minlength=groups)
    found.paths[..., number] = paths_by_groups(source, target, group, groups)
    if len(group) <= UNITS_UP_TO:
        tied = np.zeros((len(group), len(group)))
        tied[source, target] = 1
        found.pairs[:, number] = path_pairs.overlaps(tied)


def paths_by_groups(source: Ints, target: Ints, group: Ints, groups: int) -> Ints:
    """Paths i -> j -> k without i -> k, by the groups of i, j and k. Units are in order of their `group`.

    Whom a unit refers to, and who refers to it, are rows of bits, each group's in words of their own: for a tie from i
    to k, what i's row and k's share are the units between them.
    """
    n, sizes = len(group), np.bincount(group, minlength=groups)
    words = np.maximum(-(-sizes // 64), 1)
    begins, width = np.cumsum(words) - words, int(words.sum())
    within = np.arange(n) - (np.cumsum(sizes) - sizes)[group]
    word, bit = begins[group] + within // 64, np.uint64(1) << (within % 64).astype(np.uint64)

    def bits(one: Ints, other: Ints) -> Words:
        rows = np.zeros(n * width, np.uint64)
        np.add.at(rows, one * width + word[other], bit[other])
        return rows.reshape(n, width)

    def by_group(one: Ints, other: Ints) -> Ints:
        return np.bincount(one * groups + group[other], minlength=n * groups).reshape(n, groups)

    to, by = bits(source, target), bits(target, source)
    shared = _shared(to, by, source, target, group[source] * groups + group[target], groups * groups)
    closed = np.add.reduceat(shared, begins, axis=1).reshape((groups,) * 3)
    into, out = by_group(target, source), by_group(source, target)
    found = np.stack([into[group == middle].T @ out[group == middle] for middle in range(groups)], axis=1)
    found -= np.moveaxis(closed, 2, 1)
    # There and back is no path between two.
    back = to[target, word[source]] & bit[source] > 0
    np.subtract.at(found, (group[source[back]], group[target[back]], group[source[back]]), 1)
    return found


def _shared(to: Words, by: Words, source: Ints, target: Ints, code: Ints, codes: int) -> Ints:
    """How many bits the rows of both ends of a tie share, word by word, summed over the ties of each code."""
    found = np.zeros((codes, to.shape[1]), np.int64)
    order = np.argsort(code, kind="stable")
    edges = np.searchsorted(code[order], np.arange(codes + 1))
    rows = max(1, _BYTES_AT_ONCE // (8 * to.shape[1]))
    for each in np.flatnonzero(np.diff(edges)):
        for low in range(edges[each], edges[each + 1], rows):
            at = order[low : min(low + rows, edges[each + 1])]
            found[each] += np.bitwise_count(to[source[at]] & by[target[at]]).sum(axis=0, dtype=np.int64)
    return found


def observed(referrals: GroupReferrals, role: Role) -> Floats:
    """The paths on which the group's units have a role."""
    through = referrals.whole.paths[:, referrals.group]
    of_i, of_k = np.indices(through.shape[:2])
    return through[role.holds(of_i, referrals.group, of_k)].sum(axis=0).astype(np.float64)


def expected(referrals: GroupReferrals, role: Role) -> Floats:
    """The paths on which units of the group would have a role by chance."""
    whole = referrals.whole
    return whole.paths.sum(axis=(0, 1, 2)) * path_pairs.chance(role, referrals.group, whole.units)


def score(referrals: GroupReferrals, role: Role) -> Floats:
    """How far the paths of a role are from what chance would give, in standard deviations."""
    whole = referrals.whole
    spread = path_pairs.variance(role, referrals.group, whole.units, whole.pairs)
    return moments.score(observed(referrals, role), expected(referrals, role), spread)


def _of_units(words: str) -> str:
    """What is said of organisations and their kinds, said of units and their groups."""
    return words.replace("organisations", "units").replace("organisation", "unit").replace("kind", "group")


def _declare(role: Role) -> None:
    """Register the three metrics of a role."""
    does, rule = _of_units(role.does), _of_units(role.rule)
    path = "paths of forward referrals i -> j -> k between units (an organisation's people of one group), none i -> k"
    against_chance(
        f"brokerage_{role.name}",
        Declared(
            partial(observed, role=role),
            f"number of {path}, where j is of the group and {rule}",
            "paths",
            0,
            None,
            "never",
            f"On how many paths a unit of the professional group {does}: it is referred to by one unit and refers to "
            "another, and the one does not refer to the other.\n\nOnly referrals that state both groups are seen. A "
            "path is no patient's way: the two referrals may be of two patients, in either order.",
        ),
        Declared(
            partial(expected, role=role),
            f"number of {path}, times the chance that j is of the group and {rule} when groups are dealt out at random "
            "among all units",
            "paths",
            0,
            None,
            "never",
            f"On how many paths there would be a unit of the professional group that {does}, if the ties were as they "
            "are and the groups of all units had been dealt out by chance.\n\nThe unit between the two is dealt its "
            "group like all others, so that it is the chance of paths of all groups: a group through whose units most "
            "paths go scores high in every role.",
        ),
        Declared(
            partial(score, role=role),
            f"(brokerage_{role.name} - its expected value) / its standard deviation over all ways to deal the groups; "
            f"up to {UNITS_UP_TO} units",
            "standard deviations",
            None,
            None,
            "no number of paths but one is possible: no paths, or too few groups; insufficient above "
            f"{UNITS_UP_TO} units in the window",
            f"How much more often than by chance a unit of the professional group {does}, in standard deviations: 0 is "
            "as often as if the groups had been dealt out at random, negative is less often.\n\nThe standard deviation "
            "is exact. One unit with many paths makes the counts lopsided, so 2 standard deviations are no proof.",
        ),
        level=Level.GROUP,
        layers=(Layer.REFERRALS,),
        takes="group_referrals",
        reference=REFERENCE,
    )


for _role in ROLES:
    _declare(_role)
