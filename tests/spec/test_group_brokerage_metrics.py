"""What the roles of professional groups in referrals are: worked examples, plain loops, every way to deal out the groups.

A unit is an organisation and the first letter of a group: `An>Bs` is a referral from A's nurses to B's surgeons.

F3   An --> Bn --> Cn        F3 of the domain, its groups as units: a, b, c are of one group; d of another, within b's
     ^      |                own organisation; e of a third.
     |      v
     Dm <-- Bs
"""

from collections import Counter
from itertools import permutations, product
from math import nan
from pathlib import Path
from random import Random
from statistics import fmean, pstdev

import numpy as np
import pytest

from orgnet.metrics import group_brokerage, path_pairs
from orgnet.metrics.brokerage import ROLES
from orgnet.metrics.groups import measure_groups
from orgnet.metrics.registry import registered
from orgnet.metrics.statuses import STATUSES
from orgnet.vocabulary import Level
from tests.networks import Network, network
from tests.plain import Plain
from tests.stages import measured as measured_tables

F3 = "An>Bn Bn>Cn Bn>Bs Bs>Dm Dm>An"
GROUP = {"n": "nurse", "s": "surgeon", "m": "manager"}
NAMES = sorted(m.name for m in registered(Level.GROUP, "group_referrals"))
COUNTS = [f"group.brokerage_{role.name}" for role in ROLES]
MEANS = [f"{name}_expected" for name in COUNTS]
SCORES = [f"{name}_z" for name in COUNTS]

Unit = tuple[str, str]
Tie = tuple[Unit, Unit]
NOBODY = "person_id org_id group\n nn A nurse\n ss A surgeon\n mm A manager"


def exactly(expected):
    return pytest.approx(expected, rel=1e-9, abs=1e-9, nan_ok=True)


def referral(drawn: str, date: str = "2015-03-01", **more: str) -> dict[str, str]:
    one, other = drawn.split(">")
    ends = {f"{end}_org": unit[0] for end, unit in (("from", one), ("to", other))}
    groups = {f"{end}_group": GROUP.get(unit[1:], "") for end, unit in (("from", one), ("to", other))}
    return {"date": date, **ends, **groups, "status": "completed", "direction_type": "forward", **more}


def referred(folder: Path, drawn: str, **records) -> Network:
    return network(folder, referrals=[referral(each) for each in drawn.split()], **records)


def told(made: Network, name: str, group: str) -> list[tuple[float, str]]:
    """A metric of a group, slice by slice, with its status."""
    found = measure_groups(made.ties, made.records, made.roster, made.coverage, made.config, made.calendar)
    number = made.config.professional_groups.index(group)
    series = found.series[number, number][f"brokerage_{name}"]
    return [(float(v), STATUSES[s]) for v, s in zip(series.valued(), series.status, strict=True)]


def by_group(made: Network, name: str) -> dict[str, float]:
    """A metric of the last slice, by group; none where it is not known."""
    found = measure_groups(made.ties, made.records, made.roster, made.coverage, made.config, made.calendar)
    names = made.config.professional_groups
    return {
        names[one]: float(series[f"brokerage_{name}"].values[-1])
        for (one, two), series in found.series.items()
        if one == two and f"brokerage_{name}" in series
    }


# --- worked examples ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def f3(tmp_path_factory) -> Network:
    return referred(tmp_path_factory.mktemp("f3"), F3)


@pytest.mark.worked_example(*COUNTS)
def test_roles_of_the_fixture(f3, tmp_path):
    nobody = {"nurse": 0, "surgeon": 0, "manager": 0}
    # An > Bn > Cn is within one group; An > Bn > Bs leads out of it; Dm > An > Bn leads into it; Bn > Bs > Dm and
    # Bs > Dm > An join three groups.
    assert by_group(f3, "coordinator") == exactly({**nobody, "nurse": 1})
    assert by_group(f3, "representative") == exactly({**nobody, "nurse": 1})
    assert by_group(f3, "gatekeeper") == exactly({**nobody, "nurse": 1})
    assert by_group(f3, "liaison") == exactly({**nobody, "surgeon": 1, "manager": 1})
    assert by_group(f3, "itinerant") == exactly(nobody)
    # Through B's surgeons from nurses to nurses.
    assert by_group(referred(tmp_path, "An>Bs Bs>Cn"), "itinerant") == exactly({"nurse": 0, "surgeon": 1})


@pytest.mark.worked_example(*COUNTS)
def test_a_direct_referral_leaves_nothing_to_go_between(tmp_path):
    for place, (drawn, expected) in enumerate((("An>Bn Bn>Cn An>Cn", 0), ("An>Bn Bn>Cn Cn>An", 3), ("An>Bn Bn>An", 0))):
        folder = tmp_path / str(place)
        folder.mkdir()
        assert by_group(referred(folder, drawn), "coordinator") == exactly({"nurse": expected})


@pytest.mark.worked_example(*COUNTS)
def test_which_referrals_count(tmp_path):
    rows = [
        referral("An>Bn"),
        referral("An>Bn", status="", direction_type="", n="40"),  # the same tie
        referral("Bn>Bn"),  # to itself
        referral("Bn>Cn", status="revoked"),
        referral("Bn>Dn", direction_type="refer_back"),
        referral("Bn>E"),  # to nobody knows whom
        referral("Bn>Fs"),
        referral("Fs>Fm"),
    ]
    made = network(tmp_path, referrals=rows)
    assert by_group(made, "representative") == exactly({"nurse": 1, "surgeon": 0, "manager": 0})
    assert by_group(made, "liaison") == exactly({"nurse": 0, "surgeon": 1, "manager": 0})
    assert by_group(made, "coordinator") == exactly({"nurse": 0, "surgeon": 0, "manager": 0})


@pytest.mark.worked_example(*MEANS)
def test_what_chance_would_give(f3):
    # Five paths; three of five units are nurses. Of 5 x 4 x 3 = 60 ways to pick i, j, k: 3 x 2 x 1 are all nurses;
    # 3 x 2 x 2 have nurses as i and j (or as j and k) and another as k; 3 x 2 x 1 have nurses as i and k and the
    # surgeon as j, and as many the manager; 3 x 2 have a nurse as j between the two others, and 1 x 3 x 2 the surgeon
    # as j between a nurse and the manager.
    expected = {
        "coordinator": (6, 0, 0),
        "itinerant": (0, 6, 6),
        "representative": (12, 0, 0),
        "gatekeeper": (12, 0, 0),
        "liaison": (6, 6, 6),
    }
    for role, ways in expected.items():
        chance = {group: 5 * way / 60 for group, way in zip(("nurse", "surgeon", "manager"), ways, strict=True)}
        assert by_group(f3, f"{role}_expected") == exactly(chance)


@pytest.mark.worked_example(*SCORES)
def test_how_far_from_chance(tmp_path):
    made = referred(tmp_path, "An>Bn Bn>Cs")
    # One path and three ways to deal: the surgeon is C (a representative), A (a gatekeeper) or B (an itinerant); each
    # has the chance 1/3 and the standard deviation sqrt(1/3 x 2/3).
    deviation = (1 / 3 * 2 / 3) ** 0.5
    assert by_group(made, "representative_z") == exactly({"nurse": (1 - 1 / 3) / deviation, "surgeon": nan})
    assert by_group(made, "gatekeeper_z") == exactly({"nurse": (0 - 1 / 3) / deviation, "surgeon": nan})
    assert by_group(made, "itinerant_z") == exactly({"nurse": nan, "surgeon": (0 - 1 / 3) / deviation})
    # Two nurses are too few for a coordinator, two groups for a liaison.
    assert by_group(made, "coordinator_z") == exactly({"nurse": nan, "surgeon": nan})
    assert by_group(made, "liaison_z") == exactly({"nurse": nan, "surgeon": nan})


# --- statuses -----------------------------------------------------------------------------------------------

QUARTERS = {"slices": {"every": "quarter", "window": "3 months"}}
COVERED = """
    source_id  record_kind  period_start  period_end  complete
    letters    referrals    2015-01-01    2015-10-01  true
    """


def test_no_paths_are_none_only_if_all_referrals_and_their_groups_are_known(tmp_path):
    rows = [
        *(referral(each, "2015-02-01") for each in ["An>Bn", "Bn>Cs"]),
        *(referral(each, "2015-08-01") for each in ["An>Bn", "Bn>Cs", "A>B"]),
        *(referral(each, "2015-11-01") for each in ["An>Bn", "Bn>Cs"]),
    ]
    made = network(tmp_path, settings=QUARTERS, referrals=rows, coverage=COVERED, people=NOBODY)
    # In the second quarter nobody referred, in the third one referral does not state its groups, and of the fourth
    # nobody knows whether all is there.
    assert told(made, "representative", "nurse") == exactly_told("1 ok", "0 ok", "1 ok", "1 ok")
    assert told(made, "coordinator", "nurse") == exactly_told("0 ok", "0 ok", "no_coverage", "no_coverage")
    third = f"{1 / 3:.12g} ok"
    assert told(made, "gatekeeper_expected", "nurse") == exactly_told(third, "0 ok", third, third)
    score = f"{-(0.5**0.5):.12g} ok"
    assert told(made, "gatekeeper_z", "nurse") == exactly_told(score, "undefined", score, score)
    assert told(made, "coordinator_z", "nurse") == exactly_told("undefined", "undefined", "no_coverage", "no_coverage")
    # Managers neither refer nor are referred to.
    assert told(made, "coordinator", "manager") == exactly_told("0 ok", "0 ok", "no_coverage", "no_coverage")


def exactly_told(*words: str):
    split = [(word.split() if " " in word else ["nan", word]) for word in words]
    return [(exactly(float(value)), status) for value, status in split]


def test_referrals_that_state_no_groups_say_nothing(tmp_path):
    made = network(
        tmp_path,
        settings=QUARTERS,
        referrals=[referral("A>B", "2015-02-01"), referral("An>B", "2015-02-01"), referral("B>C", "2015-05-01")],
        people=NOBODY,
        coverage="source_id record_kind period_start period_end complete\n x referrals 2015-01-01 2015-07-01 true",
    )
    found = measure_groups(made.ties, made.records, made.roster, made.coverage, made.config, made.calendar)
    for (one, two), name in product(product(range(3), range(3)), NAMES):
        if one == two:
            assert [STATUSES[code] for code in found.series[one, one][name].status] == ["no_coverage"] * 4


def test_without_referrals_there_is_nothing_to_say(tmp_path):
    made = network(tmp_path, people=NOBODY)
    assert by_group(made, "coordinator") == {}


def test_organisations_off_the_roster_are_no_units(tmp_path):
    made = referred(
        tmp_path,
        "An>Bn Bn>Cs Bn>Ds",
        settings=QUARTERS,
        organisations="org_id kind valid_to\n A provider -\n B provider -\n C provider -\n D provider 2015-01-15",
    )
    assert told(made, "representative", "nurse")[0] == (2, "ok")  # D was there for a part of the slice
    rows = [referral(each, "2015-05-01") for each in ["An>Bn", "Bn>Cs", "Bn>Ds"]]
    folder = tmp_path / "later"
    folder.mkdir()
    later = network(folder, settings=QUARTERS, referrals=rows, organisations=made.rows["organisations"])
    assert told(later, "representative", "nurse")[1] == (1, "ok")


def test_above_so_many_units_there_is_no_score(f3, monkeypatch):
    monkeypatch.setattr(group_brokerage, "UNITS_UP_TO", 4)
    assert told(f3, "liaison_z", "nurse") == exactly_told("insufficient")
    assert told(f3, "liaison", "surgeon") == exactly_told("1 ok")
    assert told(f3, "liaison_expected", "surgeon") == exactly_told("0.5 ok")
    monkeypatch.setattr(group_brokerage, "UNITS_UP_TO", 5)
    assert [status for _, status in told(f3, "liaison_z", "surgeon")] == ["ok"]


def test_the_table_holds_each_value_once_under_its_own_layer(f3):
    table = measured_tables(f3.config.folder / "network.yaml", graphs=False).tables["group_metrics"]
    assert not table.duplicated(["slice", "layer", "professional_group", "other_group", "metric"]).any()
    assert set(table["layer"]) == {"referrals"} and set(table["metric"]) == set(NAMES)
    assert (table["professional_group"].astype(str) == table["other_group"].astype(str)).all()
    # Nobody is on any roster.
    assert set(table["n_people"]) == {0}


def test_groups_that_no_meeting_knows_get_no_indicators(f3):
    rows = measured_tables(f3.config.folder / "network.yaml", graphs=False).tables["indicators"]
    assert set(rows["scope_type"]) == {"network"}


# --- second implementations ----------------------------------------------------------------------------------


def role_of(one: str, between: str, other: str) -> str:
    if one == between == other:
        return "coordinator"
    if one == other:
        return "itinerant"
    if one == between:
        return "representative"
    return "gatekeeper" if between == other else "liaison"


def plain_paths(ties: set[Tie]) -> list[tuple[Unit, Unit, Unit]]:
    units = sorted({unit for tie in ties for unit in tie})
    return [(i, j, k) for i, j, k in permutations(units, 3) if (i, j) in ties and (j, k) in ties and (i, k) not in ties]


def plain_counts(paths: list[tuple[Unit, Unit, Unit]], group: dict[Unit, str]) -> Counter[tuple[str, str]]:
    """The paths of each role through units of each group."""
    return Counter((role_of(group[i], group[j], group[k]), group[j]) for i, j, k in paths)


def every_deal(group: dict[Unit, str]) -> list[dict[Unit, str]]:
    return [dict(zip(group, ways, strict=True)) for ways in sorted(set(permutations(group.values())))]


class Drawn:
    """Referrals drawn by chance, with what is awkward about them."""

    def __init__(self, folder: Path, seed: int) -> None:
        rng = Random(seed)
        organisations, groups = "ABCDE"[: rng.choice([2, 2, 4, 5])], "nsm"[: rng.choice([1, 2, 3, 3, 3])]
        rows = []
        for _ in range(rng.choice([30, 100, 200])):
            one, other = (rng.choice(organisations) + rng.choice([*groups * 4, ""]) for _ in range(2))
            rows.append(
                referral(
                    f"{one}>{other}",
                    f"2015-{rng.randrange(1, 13):02}-{rng.choice([1, 15, 28]):02}",
                    status=rng.choice(["completed", "", "active", "revoked"]),
                    direction_type=rng.choice(["forward", "forward", "", "refer_back"]),
                    n=rng.choice(["", "3"]),
                )
            )
        ends = [rng.choice(["-", "-", "2015-06-15"]) for _ in organisations]
        self.made = network(
            folder,
            settings={"slices": {"every": "quarter", "window": f"{rng.choice([3, 6, 12])} months"}},
            referrals=rows,
            organisations="org_id kind valid_to\n"
            + "\n".join(f"{org} provider {end}" for org, end in zip(organisations, ends, strict=True)),
            people="\n".join(["person_id org_id group", *(f"{g} A {g}" for g in GROUP.values())]),
        )

    def ties(self) -> list[set[Tie]]:
        """The ties of each slice."""
        found = []
        valid_to = {row["org_id"]: row["valid_to"] for row in self.made.rows["organisations"]}
        for window in Plain(self.made).windows:
            ties = set()
            for row in self.made.rows["referrals"]:
                one, other = ((row[f"{end}_org"], row[f"{end}_group"]) for end in ("from", "to"))
                there = all(not valid_to[org] or valid_to[org] > str(window.start) for org, _ in (one, other))
                counts = row["status"] != "revoked" and row["direction_type"] != "refer_back"
                within = str(window.first) <= row["date"] < str(window.end)
                if there and counts and within and one[1] and other[1] and one != other:
                    ties.add((one, other))
            found.append(ties)
        return found


@pytest.fixture(scope="module")
def drawn_networks(tmp_path_factory) -> list[Drawn]:
    return [Drawn(tmp_path_factory.mktemp("drawn"), seed) for seed in range(12)]


@pytest.mark.second_implementation(*COUNTS, *MEANS, *SCORES)
def test_referrals_match_plain_loops_and_every_deal(drawn_networks):
    seen: dict[str, set[float]] = {"": set(), "_expected": set(), "_z": set()}
    for seed, drawn in enumerate(drawn_networks):
        made = drawn.made
        found = measure_groups(made.ties, made.records, made.roster, made.coverage, made.config, made.calendar)
        for number, ties in enumerate(drawn.ties()):
            paths = plain_paths(ties)
            group = {unit: unit[1] for tie in sorted(ties) for unit in tie}
            observed = plain_counts(paths, group)
            deals = [plain_counts(paths, dealt) for dealt in every_deal(group)] if len(group) <= 6 else []
            for role, (place, name) in product(ROLES, enumerate(made.config.professional_groups)):
                series, count = found.series[place, place], observed[role.name, name]
                expected = {"": float(count)}
                if deals:
                    values = [dealt[role.name, name] for dealt in deals]
                    mean, deviation = float(np.mean(values)), float(np.std(values))
                    expected["_expected"] = mean
                    expected["_z"] = (count - mean) / deviation if deviation > 1e-9 else nan
                for suffix, value in expected.items():
                    full = f"brokerage_{role.name}{suffix}"
                    assert series[full].values[number] == exactly(value), (seed, number, full, name)
                    seen[suffix] |= {round(value, 9)}
    # Each takes on many values, so that agreeing on them says something.
    assert min(len({value for value in values if value == value}) for values in seen.values()) > 10


@pytest.mark.second_implementation(*MEANS, *SCORES)
def test_chance_matches_every_deal_of_up_to_four_groups():
    rng = Random(0)
    for n, dealt in (
        (3, "xxy"),
        (4, "xxxy"),
        (5, "xxyyz"),
        (6, "xxxyyz"),
        (6, "xxyyzw"),
        (7, "xxxxxyy"),
        (7, "xxxyyyz"),
    ):
        units = [(name, group) for name, group in zip("abcdefg", dealt, strict=False)]
        ties = {tie for tie in permutations(units, 2) if rng.random() < 0.45}
        paths = plain_paths(ties)
        tied = np.array([[float((one, other) in ties) for other in units] for one in units])
        pairs = path_pairs.overlaps(tied)[:, None]
        names = sorted(set(dealt))
        sizes = np.array([[dealt.count(name)] for name in names])
        ways = [plain_counts(paths, each) for each in every_deal(dict(zip(units, dealt, strict=True)))]
        assert len(ways) > 2 and n == len(units)
        for role, (place, name) in product(ROLES, enumerate(names)):
            values = [each[role.name, name] for each in ways]
            mean = len(paths) * path_pairs.chance(role, place, sizes)
            assert mean == exactly([fmean(values)]), (dealt, role.name, name)
            assert path_pairs.variance(role, place, sizes, pairs) == exactly([pstdev(values) ** 2])


@pytest.mark.second_implementation(*SCORES)
def test_pairs_of_paths_match_all_pairs_one_by_one():
    rng = Random(1)
    for n in (0, 1, 2, 3, 4, 5, 6, 6, 8):
        tied = np.array([[float(one != other and rng.random() < 0.4) for other in range(n)] for one in range(n)])
        paths = [(i, j, k) for i, j, k in permutations(range(n), 3) if tied[i, j] and tied[j, k] and not tied[i, k]]
        found = Counter(
            tuple((place, other.index(unit)) for place, unit in enumerate(one) if unit in other)
            for one, other in product(paths, paths)
        )
        expected = [found[overlap] for overlap in path_pairs.OVERLAPS]
        assert path_pairs.overlaps(tied.reshape(n, n)).tolist() == expected


@pytest.mark.second_implementation(*COUNTS)
def test_counts_match_plain_loops_where_a_group_takes_several_words_of_bits():
    rng = np.random.default_rng(0)
    group = np.sort(rng.choice([0, 2, 3], 150, p=[0.6, 0.3, 0.1]))
    tied = (rng.random((150, 150)) < 0.1) & ~np.eye(150, dtype=bool)
    source, target = np.nonzero(tied)
    found = group_brokerage.paths_by_groups(source, target, group, 4)
    expected = np.zeros((4, 4, 4))
    for i, j in zip(source.tolist(), target.tolist(), strict=True):
        for k in np.flatnonzero(tied[j] & ~tied[i]).tolist():
            expected[group[i], group[j], group[k]] += i != k
    np.testing.assert_array_equal(found, expected)
