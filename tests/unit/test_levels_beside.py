"""Levels beside the measures that they rest on: neither stands for the other, and each level names its own."""

from datetime import date
from typing import Any

import numpy as np
import pytest

from orgnet.change.changes import compare
from orgnet.change.comparisons import of_periods, of_phases
from orgnet.change.draws import Draws, Measure
from orgnet.change.published import Asked
from orgnet.vocabulary import Drawn
from tests.unit.test_changes import LAST_POST, LAST_PRE, around, level, network_config, published, quarter, rate

MOVED = "meet_rate_median rose by more than chance: 2 to 5, difference 2.02 to 3.98"
"""The reason of 2.0 before and 5.0 after with a standard error of half: 3 +- 1.96 / 2."""
OF_NETWORK = {"scope_type": "network", "scope_id": "test"}


def compared(
    *measures: tuple[dict[str, Any], dict[str, Any]], levels: list[dict[str, Any]] | None = None, spread: float = 0.5
) -> list[dict[str, Any]]:
    """Every row of `changes` of the phases, from levels and from measures before and after with one standard error."""
    config, draws = network_config(), Draws()
    rows: dict[str, list[dict[str, Any]]] = {"group_metrics": [], "network_metrics": [], "indicators": levels or []}
    for before, after in measures:
        table, entity = "network_metrics", before.get("node_set", "")
        if "professional_group" in before:
            table, entity = "group_metrics", f"{before['professional_group']} / {before['other_group']}"
        of = Measure(table, entity, before["layer"], before["metric"])
        draws.add(Drawn.MEETINGS, quarter(config, before["ends"]), of, np.full(200, before["value"]))
        draws.add(Drawn.MEETINGS, quarter(config, after["ends"]), of, around(after["value"], spread))
        rows[table] += [before, after]
    asked = [Asked(each, deep=True) for each in of_phases(config.phases, config.calendar)]
    return compare(published(config, draws, **rows), asked).to_pylist()


def measure(before: float = 2.0, after: float = 5.0, group: str = "nurse", metric: str = "meet_rate_median") -> Any:
    """A group's measure among its peers, before and after."""
    return rate(LAST_PRE, before, group, metric=metric), rate(LAST_POST, after, group, metric=metric)


def of_network(metric: str, before: float, after: float, node_set: str = "roster", layer: str = "convening") -> Any:
    """A measure of the network, before and after."""
    plain = {"layer": layer, "node_set": node_set, "metric": metric, "status": "ok"}
    return {"ends": LAST_PRE, "value": before, **plain}, {"ends": LAST_POST, "value": after, **plain}


def levels(before: int, after: int, **scope: Any) -> list[dict[str, Any]]:
    return [level(LAST_PRE, before, **scope), level(LAST_POST, after, **scope)]


def told(rows: list[dict[str, Any]], entity: str = "group / nurse", metric: str = "acquaint") -> tuple[str, list[str]]:
    """Verdict and reasons of one level."""
    (row,) = [
        row for row in rows if (row["measure_table"], row["entity"], row["metric"]) == ("indicators", entity, metric)
    ]
    return row["verdict"], row["reasons"]


def test_a_level_that_stays_names_the_measure_that_moved() -> None:
    found = compared(measure(), levels=levels(2, 2))
    assert told(found) == ("unchanged", ["level 2 before and after", MOVED])


def test_a_level_that_moved_while_no_measure_did_names_none() -> None:
    # 3.9 meetings before and 4.1 after: over the threshold of four by a step that chance alone would give.
    found = compared(measure(3.9, 4.1), levels=levels(2, 3))
    (beside,) = [row for row in found if row["metric"] == "meet_rate_median"]
    assert beside["reasons"] == ["the interval includes 0"]
    assert told(found) == ("improved", ["level 2 before, level 3 after"])


def test_a_level_and_a_measure_that_contradict_each_other_are_both_shown() -> None:
    assert told(compared(measure(5.0, 2.0), levels=levels(2, 3))) == (
        "improved",
        [
            "level 2 before, level 3 after",
            "meet_rate_median fell by more than chance: 5 to 2, difference -3.98 to -2.02",
        ],
    )


def test_a_level_that_is_not_there_still_names_the_measure() -> None:
    nothing = [level(LAST_PRE, None, status="not_assessed"), level(LAST_POST, 2)]
    assert told(compared(measure(), levels=nothing)) == (
        "not_comparable",
        ["there is no level before (not assessed)", MOVED],
    )


def test_every_measure_that_moved_is_named_in_order() -> None:
    both = [measure(), measure(metric="acq_breadth"), measure(3.9, 4.1, metric="opp_regularity")]
    _, reasons = told(compared(*both, levels=levels(2, 2)))
    assert [reason.split()[0] for reason in reasons] == ["level", "acq_breadth", "meet_rate_median"]


def test_a_measure_that_no_rule_names_may_say_the_same_as_one_that_does() -> None:
    _, reasons = told(compared(measure(metric="meetings_per_person"), levels=levels(2, 2)))
    assert reasons[1].startswith("meetings_per_person rose by more than chance")


@pytest.mark.parametrize(
    "other",
    [
        measure(metric="venues_standing"),  # of connectivity
        measure(metric="familiarity"),  # of no indicator
        measure(group="surgeon"),
        of_network("meet_rate_median", 2.0, 5.0, layer="combined"),
    ],
    ids=["indicator", "none", "group", "network"],
)
def test_what_is_of_another_indicator_or_scope_is_not_named(other: Any) -> None:
    found = compared(other, levels=levels(2, 2))
    assert any("rose by more than chance" in row["reasons"][0] for row in found)
    assert told(found) == ("unchanged", ["level 2 before and after"])


def test_contact_with_another_group_is_not_contact_among_peers() -> None:
    before, after = (row | {"other_group": "surgeon"} for row in measure())
    found = compared((before, after), levels=levels(2, 2))
    assert {row["entity"] for row in found} == {"nurse / surgeon", "group / nurse"}
    assert told(found) == ("unchanged", ["level 2 before and after"])


class TestNetwork:
    def test_the_networks_level_names_the_networks_measure(self) -> None:
        rows = levels(2, 2, indicator="centrality", **OF_NETWORK)
        found = compared(of_network("convening_share", 0.2, 0.6), levels=rows, spread=0.1)
        # .4 +- 1.96 x .1003, the standard deviation of 200 draws that alternate by .1
        assert told(found, "network / test", "centrality") == (
            "unchanged",
            [
                "level 2 before and after",
                "convening_share rose by more than chance: 0.2 to 0.6, difference 0.204 to 0.596",
            ],
        )

    def test_a_panel_does_not_speak_for_the_whole_roster(self) -> None:
        rows = levels(2, 2, indicator="centrality", **OF_NETWORK)
        found = compared(of_network("convening_share", 0.2, 0.6, "constant_panel"), levels=rows, spread=0.1)
        assert told(found, "network / test", "centrality") == ("unchanged", ["level 2 before and after"])

    def test_a_groups_measure_does_not_speak_for_the_network(self) -> None:
        found = compared(measure(), levels=[*levels(2, 2), *levels(2, 2, **OF_NETWORK)])
        assert told(found, "network / test") == ("unchanged", ["level 2 before and after"])
        assert told(found) == ("unchanged", ["level 2 before and after", MOVED])

    def test_its_measures_do_not_speak_for_a_part_of_it(self) -> None:
        rows = levels(2, 2, indicator="centrality", scope_type="pathway", scope_id="network")
        found = compared(of_network("convening_share", 0.2, 0.6), levels=rows, spread=0.1)
        assert told(found, "pathway / network", "centrality") == ("unchanged", ["level 2 before and after"])


def test_another_comparisons_measures_are_not_mixed_up() -> None:
    config = network_config()
    days = [date(2014, 5, 1), LAST_PRE, date(2016, 5, 1), date(2017, 5, 1), LAST_POST]
    first = of_periods((days[0], days[1]), (days[2], days[3]), config.calendar)
    second = of_periods((days[2], days[3]), (days[3], days[4]), config.calendar)
    draws = Draws()
    of = Measure("group_metrics", "nurse / nurse", "combined", "meet_rate_median")
    for ends, value, spread in ((days[1], 2.0, 0.0), (days[3], 2.0, 0.1), (days[4], 5.0, 0.5)):
        draws.add(Drawn.MEETINGS, quarter(config, ends), of, around(value, spread))
    rows = [
        rate(ends, value, metric="meet_rate_median") for ends, value in ((days[1], 2.0), (days[3], 2.0), (days[4], 5.0))
    ]
    tables = published(
        config, draws, group_metrics=rows, indicators=[level(ends, 2) for ends in (days[1], days[3], days[4])]
    )
    found = compare(tables, [Asked(first, deep=True), Asked(second, deep=True)]).to_pylist()
    reasons = {(row["before"], row["after"]): row["reasons"] for row in found if row["measure_table"] == "indicators"}
    assert reasons[first.before, first.after] == ["level 2 before and after"]
    moved = reasons[second.before, second.after][1]
    assert moved.startswith("meet_rate_median rose by more than chance: 2 to 5")
