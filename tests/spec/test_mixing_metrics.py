"""Whether people know their own kind or others: worked examples, every permutation, and plain Python.

A circle is drawn by who is acquainted with whom: `ab` met twice. Everybody is of an organisation of their own.
"""

from itertools import combinations, permutations
from math import nan
from pathlib import Path
from random import Random
from statistics import fmean, pstdev

import numpy as np
import pytest

from orgnet.metrics import moments
from orgnet.metrics.groups import GroupMeasures, measure_groups
from orgnet.metrics.statuses import STATUSES
from tests.networks import Network, network
from tests.plain import Plain

TIER = {"s": "senior", "m": "middle", "f": "frontline"}


def exactly(expected):
    return pytest.approx(expected, rel=1e-9, abs=1e-9, nan_ok=True)


def circle(folder: Path, pairs: str, groups: dict[str, str], tiers: str = "", **records) -> Network:
    """`groups` tells the people of each professional group, `tiers` the tier of each person in order of the alphabet."""
    who = sorted("".join(groups.values()))
    people = [
        {
            "person_id": p,
            "org_id": p.upper(),
            "group": group,
            "tier": TIER.get(dict(zip(who, tiers, strict=False)).get(p)),
        }
        for group, members in groups.items()
        for p in members
    ]
    meetings = [{"meeting_id": f"{pair}{day}", "start": f"2015-0{day}-01"} for pair in pairs.split() for day in (1, 2)]
    attendance = [{"meeting_id": row["meeting_id"], "person_id": p} for row in meetings for p in row["meeting_id"][:2]]
    return network(folder, people=people, meetings=meetings, attendance=attendance, **records)


def measured(made: Network) -> GroupMeasures:
    return measure_groups(made.ties, made.records, made.roster, made.coverage, made.config, made.calendar)


def of_group(made: Network, name: str, one: str, two: str = "") -> list[float]:
    groups = made.config.professional_groups
    return measured(made).series[groups.index(one), groups.index(two or one)][name].valued().tolist()


def of_network(made: Network, name: str) -> list[float]:
    return measured(made).network[name].valued().tolist()


# --- worked examples: two triangles with a bridge --------------------------------------------------------------

BRIDGE = "ab ac bc cd de df"


@pytest.fixture(scope="module")
def bridge(tmp_path_factory) -> Network:
    """a, b and c are nurses and know each other; d, e and f are surgeons; c knows d."""
    groups = {"nurse": "abc", "surgeon": "def"}
    return circle(tmp_path_factory.mktemp("bridge"), BRIDGE, groups, tiers="ssmfff")


@pytest.mark.worked_example("network.ei_group", "network.ei_group_expected", "network.ei_group_z")
def test_the_whole_circle(bridge):
    # One pair of six is of different groups: (1 - 5) / 6. Of all 15 pairs 9 are: (9 - 6) / 15.
    assert of_network(bridge, "ei_group") == exactly([-2 / 3])
    assert of_network(bridge, "ei_group_expected") == exactly([0.2])
    # Over the 20 ways to choose the nurses; (index - expected) / standard deviation.
    ways = [index_of(BRIDGE, {p: p in nurses for p in "abcdef"}) for nurses in combinations("abcdef", 3)]
    assert fmean(ways) == exactly(0.2)
    assert of_network(bridge, "ei_group_z") == exactly([(-2 / 3 - 0.2) / pstdev(ways)])


@pytest.mark.worked_example("group.ei_index", "group.ei_expected", "group.ei_z")
def test_a_group_and_the_others(bridge):
    # Nurses: three pairs within, one out. Surgeons: two within, one out.
    assert of_group(bridge, "ei_index", "nurse") == exactly([(1 - 3) / (1 + 3)])
    assert of_group(bridge, "ei_index", "surgeon") == exactly([(1 - 2) / (1 + 2)])
    # 3 x 3 pairs out and 3 within: (9 - 3) / 12.
    assert of_group(bridge, "ei_expected", "nurse") == exactly([1 / 2])
    ways = [contrast_of(BRIDGE, set(nurses)) for nurses in combinations("abcdef", 3)]
    assert of_group(bridge, "ei_z", "nurse") == exactly([(1 - 3 - fmean(ways)) / pstdev(ways)])


@pytest.mark.worked_example("group.mixing_ratio")
def test_mixing_ratio_is_observed_over_expected(bridge):
    # 6 of 15 pairs are acquainted: .4. Nurses: 3 of 3. Surgeons: 2 of 3. Across: 1 of 9.
    assert of_group(bridge, "mixing_ratio", "nurse") == exactly([1 / 0.4])
    assert of_group(bridge, "mixing_ratio", "surgeon") == exactly([2 / 3 / 0.4])
    assert of_group(bridge, "mixing_ratio", "nurse", "surgeon") == exactly([1 / 9 / 0.4])
    assert of_group(bridge, "mixing_ratio", "surgeon", "nurse") == exactly([1 / 9 / 0.4])


@pytest.mark.worked_example("network.ei_tier", "network.ei_tier_expected", "network.ei_tier_z")
def test_tiers(bridge):
    # a and b are senior, c in the middle, d, e and f frontline: ab, de and df are within, ac, bc and cd across.
    assert of_network(bridge, "ei_tier") == exactly([0])
    # Of 15 pairs 1 + 0 + 3 are within: (11 - 4) / 15.
    assert of_network(bridge, "ei_tier_expected") == exactly([7 / 15])
    ways = [index_of(BRIDGE, dict(zip("abcdef", way, strict=True))) for way in set(permutations("ssmfff"))]
    assert of_network(bridge, "ei_tier_z") == exactly([(0 - 7 / 15) / pstdev(ways)])


@pytest.mark.worked_example("network.ei_group", "network.ei_group_z", "network.ei_tier", "group.ei_index", "group.ei_z")
def test_where_there_is_nothing_to_tell(tmp_path):
    made = network(
        tmp_path,
        people="person_id org_id group\n a A nurse\n b B nurse\n c C surgeon",
        meetings="meeting_id start\n m 2015-02-01",
        attendance="meeting_id person_id\n m a",
    )
    found = measured(made)
    # Nobody knows anybody, and nobody says that all attendance is there.
    for series in (found.network["ei_group"], found.network["ei_tier"], found.series[0, 0]["ei_index"]):
        assert [STATUSES[code] for code in series.status] == ["no_coverage"]
    assert of_network(made, "ei_group_z") == exactly([nan])
    assert of_group(made, "ei_z", "nurse") == exactly([nan])


@pytest.mark.worked_example("group.joint_roles")
def test_joint_roles_go_with_the_group_of_the_holders_post(tmp_path):
    made = network(
        tmp_path,
        settings={"slices": {"every": "quarter", "window": "3 months"}},
        people="""
        person_id  org_id  group    start       end
        ann        A       nurse    -           2015-07-01
        ann        A       surgeon  2015-07-01  -
        bob        B       surgeon  -           -
        """,
        joint_roles="""
        person_id  start       end         org_ids
        ann        2015-01-01  2015-12-31  A;B
        bob        2015-04-01  -           A;B;C
        """,
        coverage="""
        source_id  record_kind  period_start  period_end  complete
        all        joint_roles  2015-01-01    2016-01-01  true
        """,
    )
    # ann's joint role is a nurse's and then a surgeon's, and ends before the year does; bob has three from April on.
    assert of_group(made, "joint_roles", "nurse") == [1, 1, 0, 0]
    assert of_group(made, "joint_roles", "surgeon") == [0, 3, 4, 3]


# --- every permutation ----------------------------------------------------------------------------------------


def index_of(pairs: str, label: dict[str, object]) -> float:
    own = sum(label[a] == label[b] for a, b in pairs.split())
    return (len(pairs.split()) - 2 * own) / len(pairs.split())


def contrast_of(pairs: str, members: set[str]) -> int:
    """Pairs out less pairs within."""
    inside = [len({a, b} & members) for a, b in pairs.split()]
    return inside.count(1) - inside.count(2)


def test_the_moments_are_those_of_every_permutation():
    random = Random(1)
    for _ in range(40):
        people = "abcdefg"[: random.randrange(2, 8)]
        possible = ["".join(pair) for pair in combinations(people, 2)]
        ties = random.sample(possible, random.randrange(1, len(possible) + 1))
        labels = "".join(random.choice("xyz") for _ in people)
        degrees = [sum(p in tie for tie in ties) for p in people]
        squares, n, m = np.array([sum(d * d for d in degrees)]), np.array([len(people)]), np.array([len(ties)])
        sizes = np.array([[labels.count(label)] for label in "xyz"])

        ways = [dict(zip(people, way, strict=True)) for way in set(permutations(labels))]
        own = [sum(way[a] == way[b] for a, b in ties) for way in ways]
        mean, variance = moments.within(sizes, n, m, squares)
        assert (mean[0], variance[0]) == exactly((fmean(own), pstdev(own) ** 2))

        out = [contrast_of(" ".join(ties), {p for p in people if way[p] == "x"}) for way in ways]
        mean, variance = moments.out_less_in(sizes[0], n, m, squares)
        assert (mean[0], variance[0]) == exactly((fmean(out), pstdev(out) ** 2))


# --- second implementation ------------------------------------------------------------------------------------


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else nan


class PlainMixing:
    """Who knows whom in each window, from the rows as they were written, and every way that matters summed up."""

    def __init__(self, made: Network) -> None:
        self.plain = Plain(made)
        self.groups = self.plain.groups
        self.contacts = {(g, h): self.plain.contacts(g, h) for g in self.groups for h in self.groups}

    def _circle(self, window) -> tuple[dict, dict]:
        """Places (person and group) and acquainted pairs of them, by pair of groups."""
        posts, employers = self.plain.posts(window.last), self.plain.employers(window.last)
        places = {g: sorted({p["person_id"] for p in posts if p["group"] == g}) for g in self.groups}
        known: dict[tuple[str, str], dict[bool, set]] = {}
        for g, h in [(g, h) for g in self.groups for h in self.groups if g <= h]:
            times: dict[frozenset, int] = {}
            for meet in self.contacts[g, h]:
                if meet.met and window.first <= meet.day < window.end:
                    key = frozenset([(meet.one, g), (meet.two, h)])
                    times[key] = times.get(key, 0) + 1
            possible = {
                frozenset([(p, g), (q, h)])
                for p in places[g]
                for q in places[h]
                if p != q and not employers[p] & employers[q]
            }
            known[g, h] = {
                True: {key for key in possible if times.get(key, 0) >= self.plain.rules.acquainted_after},
                False: possible,
            }
        return places, known

    def measured(self) -> list[tuple[dict, dict]]:
        """Per window: the network's metrics, and those of groups by (g, h)."""
        return [self._measured(*self._circle(window), window) for window in self.plain.windows]

    def _measured(self, places, known, window) -> tuple[dict, dict]:
        everyone = [(p, g) for g, members in places.items() for p in members]
        ties = [tuple(key) for pair in known.values() for key in pair[True]]
        possible = sum(len(pair[False]) for pair in known.values())
        whole = self._whole("ei_group", everyone, ties, dict(zip(everyone, [g for _, g in everyone], strict=True)))
        tiers = {(p["person_id"], p["tier"]) for p in self.plain.posts(window.last) if p["tier"] and p["group"]}
        people_ties = {frozenset(p for p, _ in tie) for tie in ties}
        tier_ties = [
            (a, b) for one, two in map(sorted, people_ties) for a in tiers for b in tiers if (a[0], b[0]) == (one, two)
        ]
        whole |= self._whole("ei_tier", sorted(tiers), tier_ties, {place: place[1] for place in tiers})
        groups: dict[tuple[str, str], dict[str, float]] = {}
        for g in self.groups:
            for h in self.groups:
                pair = known[min(g, h), max(g, h)]
                ratio = _ratio(len(pair[True]), len(pair[False]))
                groups[g, h] = {"mixing_ratio": _ratio(ratio, _ratio(len(ties), possible)) if pair[False] else nan}
            within, n = len(known[g, g][True]), len(places[g])
            out = sum(len(pair[True]) for ends, pair in known.items() if g in ends and ends != (g, g))
            others = len(everyone) - n
            groups[g, g] |= {
                "ei_index": _ratio(out - within, out + within),
                "ei_expected": _ratio(n * others - n * (n - 1) / 2, n * others + n * (n - 1) / 2),
            }
        return whole, groups

    @staticmethod
    def _whole(name, places, ties, label) -> dict[str, float]:
        own = sum(label[a] == label[b] for a, b in ties)
        pairs = list(combinations(places, 2))
        alike = sum(label[a] == label[b] for a, b in pairs)
        expected = _ratio(len(pairs) - 2 * alike, len(pairs))
        return {name: _ratio(len(ties) - 2 * own, len(ties)), f"{name}_expected": expected}


@pytest.mark.second_implementation(
    "network.ei_group",
    "network.ei_group_expected",
    "network.ei_tier",
    "network.ei_tier_expected",
    "group.ei_index",
    "group.ei_expected",
    "group.mixing_ratio",
)
def test_mixing_matches_plain_python(networks_of_records):
    seen: dict[str, set[float]] = {}
    for seed, made in enumerate(networks_of_records[:12]):
        found, expected = measured(made), PlainMixing(made).measured()
        for name, series in found.network.items():
            if not name.endswith("_z"):
                assert series.values.tolist() == exactly([whole[name] for whole, _ in expected]), (seed, name)
                seen.setdefault(name, set()).update(series.values.tolist())
        groups = made.config.professional_groups
        for (one, two), metrics in found.series.items():
            for name in set(metrics) & {"ei_index", "ei_expected", "mixing_ratio"}:
                wanted = [pairs[groups[one], groups[two]][name] for _, pairs in expected]
                assert metrics[name].values.tolist() == exactly(wanted), (seed, name, one, two)
                seen.setdefault(name, set()).update(wanted)
    assert min(len(values) for values in seen.values()) > 10


@pytest.mark.second_implementation("network.ei_group_z", "network.ei_tier_z", "group.ei_z")
@pytest.mark.parametrize("seed", range(6))
def test_scores_match_every_permutation(tmp_path, seed):
    random = Random(seed)
    people = "abcdef"
    labels = "".join(random.choice(["nurse ", "surgeon "]) for _ in people).split()
    tiers = "".join(random.choice("smf") for _ in people)
    pairs = " ".join(random.sample(["".join(p) for p in combinations(people, 2)], random.randrange(3, 10)))
    by_group = {g: "".join(p for p, label in zip(people, labels, strict=True) if label == g) for g in set(labels)}
    made = circle(tmp_path, pairs, by_group, tiers=tiers)

    def score(found: float, ways: list[float]) -> float:
        return (found - fmean(ways)) / pstdev(ways) if pstdev(ways) > 1e-9 else nan

    for name, labelling in (("ei_group_z", labels), ("ei_tier_z", list(tiers))):
        ways = [index_of(pairs, dict(zip(people, way, strict=True))) for way in set(permutations(labelling))]
        truth = index_of(pairs, dict(zip(people, labelling, strict=True)))
        assert of_network(made, name) == exactly([score(truth, ways)]), name
    for group, members in by_group.items():
        ways = [contrast_of(pairs, set(way)) for way in combinations(people, len(members))]
        assert of_group(made, "ei_z", group) == exactly([score(contrast_of(pairs, set(members)), ways)])


@pytest.mark.second_implementation("group.joint_roles")
def test_joint_roles_of_groups_match_plain_python(networks_of_records):
    seen = set()
    for made in networks_of_records:
        plain, found = Plain(made), measured(made)
        for (one, two), metrics in found.series.items():
            if one == two:
                expected = []
                for window in plain.windows:
                    group = plain.groups[one]
                    members = {p["person_id"] for p in plain.posts(window.last) if p["group"] == group}
                    held = [role for role in plain._joint_roles if role[2] <= window.last < role[3]]
                    expected.append(len({(ends, person) for ends, person, *_ in held if person in members}))
                assert metrics["joint_roles"].values.tolist() == expected
                seen.update(expected)
    assert len(seen) >= 4
