"""No copy of any network shows a small number, and none can be worked out from what it shows."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from orgnet.attack.check import attack
from orgnet.attack.totals import determined
from orgnet.disclosure import counts, protect
from orgnet.disclosure.rules import DisclosureRule
from orgnet.disclosure.share import share
from tests import staffed
from tests.balance import long_after

SEEDS = long_after(3, range(24))
OWN = {"profile": "ours", "profiles": {"ours": {"withhold_up_to": 5, "round_to": 3}}}


@pytest.fixture(scope="module", params=SEEDS)
def network(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random network's output folder."""
    rng = np.random.default_rng(request.param)
    return staffed.publish(staffed.draw(rng), tmp_path_factory.mktemp("network") / "out", rng)


@pytest.mark.parametrize("profile", ["nhsd_secondary_care", "lt5"])
def test_nothing_small_can_be_worked_out(network, profile, tmp_path):
    share(network, tmp_path / "copy", profile)
    found = attack(tmp_path / "copy")
    assert found.withheld > 0
    assert list(map(str, found.findings)) == []


def test_a_copy_is_the_same_bytes_each_time(tmp_path):
    rng = np.random.default_rng(4)
    network = staffed.publish(staffed.draw(rng), tmp_path / "out", rng)
    for name in ("one", "two"):
        share(network, tmp_path / name)
    files = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert files == sorted(path.name for path in (tmp_path / "two").iterdir())
    assert all((tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes() for name in files)


def test_the_raw_numbers_of_the_internal_profile_do_not_stand_up_to_the_attack(network, tmp_path):
    """The attack can fail: told that nothing may be small, it finds what is."""
    share(network, tmp_path / "copy", "off_internal")
    manifest = tmp_path / "copy" / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"withhold_up_to": 0', '"withhold_up_to": 4'))
    assert attack(tmp_path / "copy").findings


def _roles(sizes: dict[str, int]) -> staffed.Staffed:
    """Joint roles of groups in every slice, spread over pairs so that no pair tells them."""
    drawn = staffed.draw(np.random.default_rng(1))
    pairs = sorted(drawn.met)[:2]
    roles = [
        staffed.Role(group, pairs[number % 2], range(len(drawn.calendar)))
        for group, n in sizes.items()
        for number in range(n)
    ]
    return replace(drawn, roles=roles)


class TestOneSecondarySuppressionLeftOut:
    """Nurses hold 3 joint roles of 23, surgeons 20 - and radiologists 9 whom only subtraction keeps in."""

    def _publish(self, folder: Path) -> Path:
        rng = np.random.default_rng(1)
        return staffed.publish(_roles({"nurse": 3, "surgeon": 20, "radiologist": 9}), folder / "out", rng)

    def test_it_holds_as_it_is(self, tmp_path):
        share(self._publish(tmp_path), tmp_path / "copy", "lt5")
        assert not attack(tmp_path / "copy").findings

    def test_the_attack_finds_it(self, tmp_path, monkeypatch):
        def without_one(*given):
            further = counts.find_further(*given).to_pylist()
            left_out = next(
                row
                for row in further
                if row["metric"] == "joint_roles" and row["rule"] == DisclosureRule.BY_SUBTRACTION.value
            )
            assert left_out["entity"] == "radiologist"
            kept = [row for row in further if row != left_out]
            return type(counts.find_further(*given)).from_pylist(kept, schema=counts.find_further(*given).schema)

        monkeypatch.setattr(protect, "find_further", without_one)
        share(self._publish(tmp_path), tmp_path / "copy", "lt5")
        told = list(map(str, attack(tmp_path / "copy").findings))
        assert len(told) == 1
        assert told[0].endswith("/ nurse: it is 3")


def test_numbers_that_a_sum_leaves_side_by_side_are_not_too_near(tmp_path):
    """20, 8 and 22 roles: the 8 go, being four and four, and then 20 and 22 would tell that two people came."""
    drawn = staffed.draw(np.random.default_rng(1))
    pairs = sorted(drawn.met)[:2]
    held = {range(4): 4, range(1): 6, range(2, 4): 7}
    roles = [
        staffed.Role(group, pairs[number % 2], slices)
        for group in ("nurse", "surgeon")
        for slices, n in held.items()
        for number in range(n)
    ]
    people = {group: [40] * len(drawn.calendar) for group in drawn.people}
    network = staffed.publish(replace(drawn, roles=roles, people=people), tmp_path / "out", np.random.default_rng(1))
    share(network, tmp_path / "copy", "lt5")
    rows = pq.read_table(tmp_path / "copy" / "network_metrics.parquet").to_pylist()
    assert [row["value"] for row in rows if row["metric"] == "joint_roles_active"] == [20, None, None, None]
    assert list(map(str, attack(tmp_path / "copy").findings)) == []


def test_a_few_people_who_hold_no_post_are_not_taken_for_one_that_does(tmp_path):
    """Of oncologists, who are two, it is withheld that they hold none: an attacker who thinks of one each is wrong."""
    drawn = _roles({"nurse": 5, "radiologist": 2, "surgeon": 1})
    people = {group: [2 if group == "oncologist" else 30] * len(drawn.calendar) for group in drawn.people}
    share(
        staffed.publish(replace(drawn, people=people), tmp_path / "out", np.random.default_rng(1)),
        tmp_path / "copy",
        "lt5",
    )
    assert list(map(str, attack(tmp_path / "copy").findings)) == []


class TestStatisticsOverFew:
    """Who met whom, and who came to how many events: sums and means over all give away one that is withheld."""

    def _told(self, drawn: staffed.Staffed, folder: Path) -> list[str]:
        network = staffed.publish(drawn, folder / "out", np.random.default_rng(1))
        share(network, folder / "copy")
        return list(map(str, attack(folder / "copy").findings))

    @pytest.fixture
    def drawn(self) -> staffed.Staffed:
        """One pair of organisations whose tie two people make, and one organisation of which one person came to events."""
        drawn = staffed.draw(np.random.default_rng(1))
        met = {pair: 2 if number == 0 else 12 for number, pair in enumerate(sorted(drawn.met))}
        slices = len(drawn.calendar)
        came = {name: [(20 if number else 1, 5 + number)] * slices for number, name in enumerate(sorted(drawn.came))}
        return replace(drawn, roles=[], met=met, came=came)

    def test_they_hold_as_they_are(self, drawn, tmp_path):
        assert self._told(drawn, tmp_path) == []

    def test_a_strength_that_is_shown_gives_a_tie_away(self, drawn, tmp_path, monkeypatch):
        rule = protect.PROTECTED["organisation_metrics"]
        left_out = rule.replace(
            "m.layer <> 'combined' AND m.metric IN ('strength'", "false AND m.metric IN ('strength'"
        )
        assert left_out != rule
        monkeypatch.setitem(protect.PROTECTED, "organisation_metrics", left_out)
        told = self._told(drawn, tmp_path)
        one, two = sorted(drawn.met)[0]
        assert f"a withheld statistic can be worked out: ties of meetings, 2020-Q1: {one} / {two}" in told
        assert len(told) == len(drawn.calendar)

    def test_the_mean_gives_one_organisations_attendance_away(self, drawn, tmp_path, monkeypatch):
        rule = protect.PROTECTED["organisation_metrics"]
        left_out = rule.replace("THEN e.rule END", "THEN nullif(e.rule, 'by_subtraction') END")
        assert left_out != rule
        monkeypatch.setitem(protect.PROTECTED, "organisation_metrics", left_out)
        told = self._told(drawn, tmp_path)
        assert told[0] == "a withheld statistic can be worked out: events_attended of meetings, 2020-Q1: Z0"
        assert len(told) == len(drawn.calendar)

    def test_nothing_is_told_of_the_only_organisation_that_came(self, drawn, tmp_path):
        slices = len(drawn.calendar)
        alone = {name: [(1, 5) if name == "Z0" else (0, 0)] * slices for name in drawn.came}
        assert self._told(replace(drawn, came=alone), tmp_path) == []


def test_sums_in_rings_and_chains_are_taken_apart():
    assert determined(3, [[0, 1], [1, 2]]) == set()
    assert determined(3, [[0, 1], [1, 2], [2]]) == {0, 1, 2}
    assert determined(3, [[0, 1], [1, 2], [0, 2]]) == {0, 1, 2}, "an odd ring has one solution"
    assert determined(4, [[0, 1], [1, 2], [2, 3], [0, 3]]) == set(), "an even ring has many"
    assert determined(0, []) == set()


def test_a_profile_of_the_networks_own_holds_too(tmp_path):
    rng = np.random.default_rng(3)
    drawn = staffed.draw(rng)
    config = drawn.config.model_validate(drawn.config.model_dump(mode="json") | {"disclosure": OWN})
    done = share(staffed.publish(replace(drawn, config=config), tmp_path / "out", rng), tmp_path / "copy")
    assert (done.profile.name, done.profile.withhold_up_to, done.profile.round_to) == ("ours", 5, 3)
    assert not attack(tmp_path / "copy").findings
