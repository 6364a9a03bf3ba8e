"""The file of thresholds: the shipped one is whole, and every fault in one of one's own is told with its place."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from orgnet.config import Config
from orgnet.errors import InputFault
from orgnet.indicators.damour import load_damour, parse_condition
from orgnet.vocabulary import Indicator

SHIPPED = Path(__file__).parents[2] / "configs" / "damour.yaml"


def config(folder: Path = Path(), indicators: str | None = None) -> Config:
    period = {"start": date(2015, 1, 1), "end": date(2016, 1, 1)}
    return Config(
        network="test", period=period, sources={"people": [{"path": "a.csv"}]}, indicators=indicators, folder=folder
    )


def declared() -> dict[str, Any]:
    return yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))


def write(folder: Path, content: Any) -> Config:
    (folder / "mine.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    return config(folder, "mine.yaml")


def faults(folder: Path, content: Any) -> list[str]:
    with pytest.raises(InputFault) as raised:
        load_damour(write(folder, content))
    return raised.value.faults


def change(content: dict[str, Any], path: str, value: Any) -> None:
    """Set what is at `acquaint.rules.0.level`, or take it away if the value is None."""
    at: Any = content
    *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    for step in steps:
        at = at[step]
    if value is None:
        del at[last]
    else:
        at[last] = value


def place(path: str) -> str:
    """How a fault names a place: `acquaint.rules[1].level`."""
    return re.sub(r"\.(\d+)", lambda number: f"[{int(number[1]) + 1}]", path)


def test_the_shipped_thresholds_are_valid_and_name_all_ten():
    damour = load_damour(config())
    assert list(damour.indicators) == list(Indicator)
    assert (damour.minimum.people, damour.minimum.organisations) == (8, 3)
    assert (damour.minimum.coverage, damour.minimum.cases) == (0.8, 100)
    assert damour.rollup_share == 2 / 3


def test_other_thresholds_have_another_digest(tmp_path):
    content = declared()
    same = load_damour(write(tmp_path, content))
    change(content, "minimum.people", 10)
    other = load_damour(write(tmp_path, content))
    assert other.minimum.people == 10
    assert other.digest != same.digest == load_damour(config()).digest


ACQUAINT, LEADERSHIP = "indicators.acquaint", "indicators.leadership"
INNOVATION = "indicators.innovation"
RULE, CONDITION = f"{ACQUAINT}.rules.0", f"{ACQUAINT}.rules.0.all.0"


@pytest.mark.parametrize(
    ("path", "value", "where", "said"),
    [
        (CONDITION, "meet_rate >= 4", CONDITION, "'meet_rate' is not a metric"),
        (CONDITION, "meet_rate_median => 4", CONDITION, "expected a measure, one of >= <= > < =="),
        (CONDITION, "meet_rate_median >= 4.0.1", CONDITION, "and a number"),
        (CONDITION, "meet_rate_median >= 2/0", CONDITION, "and a number"),
        (CONDITION, "learning_events >= 4", ACQUAINT, "learning_events: not measured for the scope group"),
        (f"{LEADERSHIP}.rules.0.all", ["density >= 0.5"], LEADERSHIP, "density: not measured for the scope network"),
        (f"{LEADERSHIP}.scope", "pathway", f"{LEADERSHIP}.scope", "found 'pathway', expected one of: group, network"),
        (
            f"{INNOVATION}.by_ties.0",
            "network",
            INNOVATION,
            "by_ties: found 'network', expected a scope that is not yet",
        ),
        (
            f"{INNOVATION}.by_ties.0",
            "organisation_kind",
            INNOVATION,
            "expected a scope that is not yet named: group, pathway",
        ),
        (f"{INNOVATION}.rules.0.all.0", "mdt_cases >= 1", INNOVATION, "by_ties: mdt_cases: not measured for the scope"),
        (f"{RULE}.interval", [2, 3], RULE, "exactly one of level, interval, proxy"),
        (f"{RULE}.level", None, RULE, "exactly one of level, interval, proxy"),
        (f"{RULE}.any", ["opp_events >= 1"], RULE, "under all or under any, not both"),
        (f"{ACQUAINT}.rules.2", {"proxy": 2}, ACQUAINT, "only an indicator of class proxy"),
        ("indicators.formal.rules.0", {"level": 2}, "indicators.formal", "give a proxy, never a level"),
        ("indicators.formal.rules.0", {"interval": [2, 3]}, "indicators.formal", "give a proxy, never a level"),
        (
            "indicators.trust.rules",
            [{"level": 2}],
            "indicators.trust",
            "ties say nothing of an indicator of this class",
        ),
        (f"{LEADERSHIP}.rules.0.interval", [3, 2], f"{LEADERSHIP}.rules.0", "from its lower level to its higher one"),
        (f"{LEADERSHIP}.rules.0.interval.0", 0, f"{LEADERSHIP}.rules.0.interval.0", "greater than or equal to 1"),
        (f"{RULE}.level", 4, f"{RULE}.level", "less than or equal to 3"),
        (f"{RULE}.requires_complete", ["attendances"], f"{RULE}.requires_complete.0", "'attendance'"),
        ("indicators.trust", None, "indicators missing: trust", ""),
        (f"{ACQUAINT}.rationale", None, f"{ACQUAINT}.rationale", "is missing"),
        (f"{ACQUAINT}.class", "plain", f"{ACQUAINT}.class", "'direct'"),
        (f"{ACQUAINT}.threshold", 4, f"{ACQUAINT}.threshold", "is not a known name (known: dimension, label"),
        ("minimum.coverage", 80, "minimum.coverage", "less than or equal to 1"),
        ("rollup_share", "two thirds", "rollup_share", "found 'two thirds', expected a number"),
    ],
)
def test_a_fault_is_told_with_its_place(tmp_path, path, value, where, said):
    content = declared()
    change(content, path, value)
    (fault,) = faults(tmp_path, content)
    assert fault.startswith(f"{tmp_path / 'mine.yaml'}: {place(where)}")
    assert said in fault


def test_all_faults_are_told_at_once(tmp_path):
    content = declared()
    change(content, CONDITION, "meet_rate >= 4")
    change(content, "indicators.infoex.rules.0.any.1", "dial_ins > 0.2")
    change(content, "minimum.people", 0)
    assert len(faults(tmp_path, content)) == 3


def test_a_file_that_is_no_mapping_or_not_there_is_told(tmp_path):
    assert faults(tmp_path, ["acquaint"])
    with pytest.raises(InputFault, match="no such file"):
        load_damour(config(tmp_path, "none.yaml"))


@pytest.mark.parametrize(
    ("text", "measure", "sign", "threshold"),
    [
        ("acq_breadth >= 0.5", "acq_breadth", ">=", 0.5),
        ("acq_breadth>=0.5", "acq_breadth", ">=", 0.5),
        ("opp_events == 0", "opp_events", "==", 0),
        ("venue_org_coverage < 2/3", "venue_org_coverage", "<", 2 / 3),
    ],
)
def test_a_condition_is_a_measure_a_sign_and_a_number(text, measure, sign, threshold):
    condition = parse_condition(text)
    assert (condition.measure, condition.operator, condition.threshold) == (measure, sign, threshold)
