"""Phase to phase: which windows are compared, and what may be concluded from two numbers."""

from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from orgnet import store
from orgnet.change.phases import compare_phases, last_windows
from orgnet.config import Config
from orgnet.schema import TABLES

PERIOD = {"start": date(2014, 5, 1), "end": date(2019, 5, 1)}
PHASES = {
    "pre": (date(2014, 5, 1), date(2015, 11, 1)),
    "transition": (date(2015, 11, 1), date(2016, 5, 1)),
    "post": (date(2016, 5, 1), date(2019, 5, 1)),
}


def network_config(**settings: Any) -> Config:
    """Quarters from May 2014 to April 2019 that look back over a year, before, during and after a change."""
    sources = {"people": [{"path": "people.csv"}]}
    given = {"network": "test", "period": PERIOD, "phases": PHASES, "sources": sources, **settings}
    return Config(**given)


def quarter(config: Config, day: date) -> int:
    """The slice that ends on a day."""
    return [s.end for s in config.calendar.slices].index(day)


LAST_PRE, LAST_POST = date(2015, 11, 1), date(2019, 5, 1)


def tables(config: Config, **rows: list[dict[str, Any]]) -> dict[str, pa.Table]:
    """The tables that are compared, empty but for the rows given; a row's slice is named by the day it ends on."""
    made = {}
    for name in ("organisation_metrics", "group_metrics", "network_metrics", "indicators"):
        given = [{**row, "slice": quarter(config, row["ends"])} for row in rows.get(name, [])]
        columns = [column for column in TABLES[name].column_names if not column.startswith(("slice_", "window_"))]
        made[name] = store.table(name, {c: [row.get(c) for row in given] for c in columns}, config.calendar)
    return made


def density(ends: date, value: float | None, node_set: str = "roster", layer: str = "meetings") -> dict[str, Any]:
    status = "ok" if value is not None else "no_coverage"
    return {"ends": ends, "layer": layer, "node_set": node_set, "metric": "density", "value": value, "status": status}


def level(ends: date, value: int | None, coverage: float | None = 1.0, group: str = "nurse") -> dict[str, Any]:
    scope = {"indicator": "acquaint", "scope_type": "group", "scope_id": group}
    return {"ends": ends, **scope, "level": value, "coverage": coverage}


def changes(config: Config, **rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return compare_phases(tables(config, **rows), config, config.calendar).to_pylist()


def test_numbers_that_are_names_are_not_compared():
    config = network_config(phases=PHASES)
    there = {"layer": "meetings", "organisation_id": "A", "value": 1.0, "status": "ok"}
    rows = [{"ends": ends, **there, "metric": m} for ends in (LAST_PRE, LAST_POST) for m in ("degree", "community")]
    assert {row["metric"] for row in changes(config, organisation_metrics=rows)} == {"degree"}


# --- which windows ------------------------------------------------------------------------------------------


def test_a_phases_windows_lie_wholly_within_it():
    config = network_config()
    windows = last_windows(config, config.calendar)
    ends = {phase: [config.calendar.slices[number].end for number in numbers] for phase, numbers in windows.items()}
    # Windows of a year: the first to end within the phase begins with it.
    assert ends["pre"] == [date(2015, 5, 1), date(2015, 8, 1), date(2015, 11, 1)]
    assert ends["post"][0] == date(2017, 5, 1)
    assert ends["post"][-1] == date(2019, 5, 1)
    assert len(ends["post"]) == 9
    # Half a year of transition holds no window of a year.
    assert ends["transition"] == []


def test_a_phase_that_holds_no_window_is_left_out():
    found = changes(network_config(), network_metrics=[density(LAST_PRE, 0.25), density(LAST_POST, 0.75)])
    assert [(row["before"], row["after"]) for row in found] == [("pre", "post")]


def test_each_phase_is_compared_with_the_next():
    config = network_config(slices={"every": "quarter", "window": "6 months"})
    found = changes(config, network_metrics=[density(day, 0.5) for day in (LAST_PRE, date(2016, 5, 1), LAST_POST)])
    assert [(row["before"], row["after"]) for row in found] == [("pre", "transition"), ("transition", "post")]


def test_no_phases_no_comparisons():
    config = network_config(phases={})
    measured = tables(config, network_metrics=[density(LAST_PRE, 0.25), density(LAST_POST, 0.75)])
    found = compare_phases(measured, config, config.calendar)
    assert found.num_rows == 0
    assert found.schema.equals(TABLES["changes"].schema)
    one = network_config(phases={"pre": PHASES["pre"]})
    assert compare_phases(measured, one, one.calendar).num_rows == 0


# --- measures -----------------------------------------------------------------------------------------------


def test_the_last_window_of_each_phase_counts():
    days = [date(2015, 5, 1), date(2015, 8, 1), LAST_PRE, date(2016, 5, 1), date(2017, 5, 1), LAST_POST]
    values = [0.9, None, 0.25, 0.8, 0.7, 0.75]
    config = network_config()
    (row,) = changes(config, network_metrics=[density(*pair) for pair in zip(days, values, strict=True)])
    assert (row["value_before"], row["value_after"], row["difference"]) == (0.25, 0.75, 0.5)
    # Of the windows before, those ending in May and November have a value; the one ending in May 2016 is neither's.
    assert (row["n_before"], row["n_after"]) == (2, 2)
    assert row["method"] == "difference of last whole windows"


def test_a_difference_alone_is_unclear():
    (row,) = changes(network_config(), network_metrics=[density(LAST_PRE, 0.25), density(LAST_POST, 0.75)])
    assert row["verdict"] == "unclear"
    assert row["reasons"] == ["no interval is computed: the difference alone does not tell change from chance"]
    assert [row[name] for name in ("ci_low", "ci_high", "p_value", "q_value")] == [None] * 4
    # Nor does it take no difference for no change.
    (row,) = changes(network_config(), network_metrics=[density(LAST_PRE, 0.5), density(LAST_POST, 0.5)])
    assert (row["verdict"], row["difference"]) == ("unclear", 0)


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        (None, 0.5, "there is no value before"),
        (0.5, None, "there is no value after"),
        (None, None, "there is no value before"),
    ],
)
def test_a_side_without_a_value_is_not_comparable(before, after, reason):
    (row,) = changes(network_config(), network_metrics=[density(LAST_PRE, before), density(LAST_POST, after)])
    assert (row["verdict"], row["reasons"], row["difference"]) == ("not_comparable", [reason], None)


def test_who_is_not_there_any_more_is_not_comparable():
    gone = {"layer": "meetings", "organisation_id": "ZP01", "metric": "degree", "value": 3.0, "status": "ok"}
    (row,) = changes(network_config(), organisation_metrics=[{"ends": LAST_PRE, **gone}])
    assert (row["entity"], row["verdict"]) == ("ZP01", "not_comparable")
    assert (row["n_before"], row["n_after"]) == (1, 0)


def test_each_entity_layer_and_metric_is_compared_with_itself():
    rows = [density(day, value, *where) for day, value, *where in (
        (LAST_PRE, 0.1), (LAST_POST, 0.2), (LAST_PRE, 0.3, "constant_panel"), (LAST_POST, 0.5, "constant_panel"),
        (LAST_PRE, 0.4, "roster", "mdt"), (LAST_POST, 0.8, "roster", "mdt"),
    )]  # fmt: skip
    group = {"layer": "combined", "professional_group": "nurse", "other_group": "surgeon", "metric": "acq_reach"}
    group |= {"n_people": 9, "status": "ok"}
    found = changes(
        network_config(),
        network_metrics=rows,
        group_metrics=[{"ends": LAST_PRE, **group, "value": 0.5}, {"ends": LAST_POST, **group, "value": 1.0}],
    )
    told = {(row["measure_table"], row["entity"], row["layer"]): round(row["difference"], 9) for row in found}
    assert told == {
        ("network_metrics", "roster", "meetings"): 0.1,
        ("network_metrics", "constant_panel", "meetings"): 0.2,
        ("network_metrics", "roster", "mdt"): 0.4,
        ("group_metrics", "nurse / surgeon", "combined"): 0.5,
    }


# --- levels -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "verdict", "reason"),
    [
        (2, 3, "improved", "level 2 before, level 3 after"),
        (3, 1, "worsened", "level 3 before, level 1 after"),
        (2, 2, "unchanged", "the level is the same"),
        (None, 2, "not_comparable", "there is no level before"),
        (2, None, "not_comparable", "there is no level after"),
    ],
)
def test_levels_are_compared_as_levels(before, after, verdict, reason):
    (row,) = changes(network_config(), indicators=[level(LAST_PRE, before), level(LAST_POST, after)])
    assert (row["verdict"], row["reasons"]) == (verdict, [reason])
    assert (row["measure_table"], row["entity"], row["metric"]) == ("indicators", "group / nurse", "acquaint")
    assert row["method"] == "levels compared"
    assert row["difference"] == (after - before if before and after else None)


@pytest.mark.parametrize(
    ("before", "after", "verdict", "reason"),
    [
        (1.0, 0.9, "improved", "level 2 before, level 3 after"),
        (1.0, 0.85, "not_comparable", "coverage is 100% before and 85% after"),
        (None, 1.0, "not_comparable", "coverage is unknown before and 100% after"),
        (None, None, "improved", "level 2 before, level 3 after"),
    ],
)
def test_levels_that_rest_on_unlike_coverage_are_not_comparable(before, after, verdict, reason):
    rows = [level(LAST_PRE, 2, before), level(LAST_POST, 3, after)]
    (row,) = changes(network_config(), indicators=rows)
    assert (row["verdict"], row["reasons"]) == (verdict, [reason])


def test_the_scenario_before_and_after(scenario):
    config = scenario.config
    measured = tables(config) | {
        name: pa.Table.from_pandas(scenario.tables[name], preserve_index=False)
        for name in ("group_metrics", "indicators")
    }
    rows = (
        compare_phases(measured, config, config.calendar).to_pandas().set_index(["measure_table", "metric", "entity"])
    )
    assert rows.loc["indicators", "acquaint", "group / nurse"]["verdict"] == "improved"
    assert rows.loc["indicators", "acquaint", "group / surgeon"]["verdict"] == "unchanged"
    # Where ties give an interval there is no level to compare.
    leadership = rows.loc["indicators", "leadership", "network / london-cancer"]
    assert (leadership["verdict"], list(leadership["reasons"])) == ("not_comparable", ["there is no level before"])
    # Nurses came to meet more often, but the difference alone does not say that it was not by chance.
    nurses = rows.loc["group_metrics", "meet_rate_median", "nurse / nurse"]
    assert nurses["difference"] > 4
    assert nurses["verdict"] == "unclear"
