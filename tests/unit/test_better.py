"""Which way is better and which tests belong together: from the shipped file of thresholds, and from one of one's own."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from orgnet.change.better import HIGHER, LOWER, directions, families
from orgnet.errors import InputFault
from orgnet.indicators.damour import Damour, load_damour
from orgnet.metrics.registry import registered
from tests.unit.test_damour_file import SHIPPED, change, config, declared, write


def shipped() -> Damour:
    return load_damour(config())


def altered(folder: Path, **changes: Any) -> Damour:
    """The shipped file with some places set to something else: indicators__acquaint__rules is a path."""
    content = declared()
    for path, value in changes.items():
        change(content, path.replace("__", "."), value)
    return load_damour(write(folder, content))


class TestDirections:
    @pytest.mark.parametrize(
        ("metric", "direction"),
        [
            ("meet_rate_median", HIGHER),  # level 3 of acquaintance asks for 4 or more
            ("venues_standing", HIGHER),
            ("lead_coverage", HIGHER),  # the highest interval of leadership, [2, 3], asks for half or more,
            ("lead_top_share", LOWER),  # and for two fifths at most
            ("dial_in_failure_rate", LOWER),
            ("learning_events", HIGHER),  # the highest proxy
            ("standing_smdts", HIGHER),
            ("meetings_per_person", HIGHER),  # no rule asks for it: the file says so
            ("core_rank", LOWER),  # the rule asks for 1, which has no direction: the file has
            ("deferral_rate", LOWER),
        ],
    )
    def test_of_the_shipped_file(self, metric: str, direction: int) -> None:
        assert directions(shipped())[metric] == direction

    @pytest.mark.parametrize("metric", ["density", "familiarity", "opp_events", "core_agencies", "multiplex_share"])
    def test_what_no_highest_level_asks_for_is_neither(self, metric: str) -> None:
        # Level 1 of acquaintance looks at opp_events, trust shows multiplex_share beside itself: neither is asked for.
        assert metric in {each.name for each in registered()}
        assert metric not in directions(shipped())

    def test_everything_that_the_file_lists_has_the_direction_it_says(self) -> None:
        said, found = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))["better"], directions(shipped())
        assert {metric for metric in said["higher"] if found[metric] == HIGHER} == set(said["higher"])
        assert {metric for metric in said["lower"] if found[metric] == LOWER} == set(said["lower"])

    def test_a_rule_that_asks_for_the_opposite_turns_it_round(self, tmp_path: Path) -> None:
        rules = [{"level": 3, "all": ["acq_breadth <= 0.5"]}, {"level": 2}]
        found = directions(altered(tmp_path, indicators__acquaint__rules=rules))
        assert found["acq_breadth"] == LOWER
        assert "meet_rate_median" not in found

    def test_the_rule_that_gives_most_counts_wherever_it_stands(self, tmp_path: Path) -> None:
        rules = [{"level": 1, "all": ["acq_breadth < 0.2"]}, {"level": 3, "all": ["acq_breadth > 0.5"]}, {"level": 2}]
        assert directions(altered(tmp_path, indicators__acquaint__rules=rules))["acq_breadth"] == HIGHER

    def test_the_file_has_the_last_word(self, tmp_path: Path) -> None:
        better = {"higher": ["density"], "lower": ["meet_rate_median"]}
        found = directions(altered(tmp_path, better=better))
        assert (found["density"], found["meet_rate_median"]) == (HIGHER, LOWER)
        assert "meetings_per_person" not in found  # nothing says so any more

    def test_without_a_word_of_it_only_rules_speak(self, tmp_path: Path) -> None:
        found = directions(altered(tmp_path, better=None))
        assert found["meet_rate_median"] == HIGHER
        assert "core_rank" not in found


class TestFamilies:
    @pytest.mark.parametrize(
        ("metric", "indicator"),
        [
            ("meet_rate_median", "acquaint"),
            ("opp_events", "acquaint"),  # the rule for level 1
            ("meetings_per_person", "acquaint"),  # says the same as meet_rate_median
            ("venues_any", "connect"),
            ("core_agencies", "centrality"),
            ("deferral_missing_info_rate", "infoex"),
            ("joint_roles_active", "formal"),
        ],
    )
    def test_a_metric_is_of_the_indicator_whose_rules_look_at_it(self, metric: str, indicator: str) -> None:
        assert families(shipped())[metric] == indicator

    def test_all_are_metrics_and_those_that_no_rule_looks_at_are_of_none(self) -> None:
        found = families(shipped())
        assert set(found) <= {metric.name for metric in registered()}
        assert not {"density", "familiarity", "multiplex_share"} & set(found)

    def test_a_rule_of_ones_own_takes_a_metric_into_its_family(self, tmp_path: Path) -> None:
        rules = [{"level": 3, "all": ["familiarity >= 0.5"]}, {"level": 2}]
        found = families(altered(tmp_path, indicators__connect__rules=rules))
        assert found["familiarity"] == "connect"
        assert "venues_any" not in found


class TestWhatIsRefused:
    @pytest.mark.parametrize("way", ["higher", "lower"])
    def test_what_is_not_a_metric(self, tmp_path: Path, way: str) -> None:
        with pytest.raises(InputFault, match=rf"better\.{way}\[2\]: 'densty' is not a metric; `orgnet describe` lists"):
            altered(tmp_path, better={way: ["density", "densty"]})

    def test_a_metric_under_both(self, tmp_path: Path) -> None:
        told = "better: found avg_degree, density under higher and under lower, expected each under one of them"
        with pytest.raises(InputFault, match=told):
            altered(
                tmp_path, better={"higher": ["avg_degree", "density", "degree"], "lower": ["density", "avg_degree"]}
            )

    def test_a_third_way(self, tmp_path: Path) -> None:
        with pytest.raises(InputFault, match=r"better\.hihger: is not a known name; did you mean higher"):
            altered(tmp_path, better={"hihger": ["density"]})


def test_it_is_part_of_what_every_run_is_hashed_with(tmp_path: Path) -> None:
    assert altered(tmp_path, better={"higher": ["density"]}).digest != shipped().digest
