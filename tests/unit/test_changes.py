"""Before and after: which windows are compared, what draws and missing records allow to be concluded, and in what words."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from orgnet import store
from orgnet.change.changes import compare
from orgnet.change.comparisons import of_periods, of_phases, of_slices, windows_in
from orgnet.change.draws import Draws, Measure, draws_table, read_draws
from orgnet.change.published import Asked, Published
from orgnet.config import Config
from orgnet.errors import InputFault
from orgnet.indicators.damour import load_damour
from orgnet.schema import TABLES
from orgnet.vocabulary import Drawn

PERIOD = {"start": date(2014, 5, 1), "end": date(2019, 5, 1)}
PHASES = {
    "pre": (date(2014, 5, 1), date(2015, 11, 1)),
    "transition": (date(2015, 11, 1), date(2016, 5, 1)),
    "post": (date(2016, 5, 1), date(2019, 5, 1)),
}
LAST_PRE, LAST_POST = date(2015, 11, 1), date(2019, 5, 1)
ORGANISATIONS = ["A", "B", "C", "D"]


def network_config(**settings: Any) -> Config:
    """Quarters from May 2014 to April 2019 that look back over a year, before, during and after a change."""
    sources = {kind: [{"path": f"{kind}.csv"}] for kind in ("people", "meetings", "attendance", "referrals")}
    given = {"network": "test", "period": PERIOD, "phases": PHASES, "sources": sources, **settings}
    return Config(**given)


def quarter(config: Config, day: date) -> int:
    """The slice that ends on a day."""
    return [s.end for s in config.calendar.slices].index(day)


def made(config: Config, name: str, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """A table, of the rows given; a row's slice is named by the day it ends on."""
    given = [{**row, "slice": quarter(config, row["ends"])} for row in rows]
    columns = [column for column in TABLES[name].column_names if not column.startswith(("slice_", "window_"))]
    return store.table(name, {c: [row.get(c) for row in given] for c in columns}, config.calendar)


def complete(config: Config, *lacking: tuple[str, str, date]) -> list[dict[str, Any]]:
    """Attendance and referrals of every organisation are whole in every slice but for what is lacking."""
    return [
        {"ends": s.end, "record_kind": kind, "organisation_id": name, "whole": (kind, name, s.end) not in lacking}
        for s in config.calendar.slices
        for kind in ("attendance", "referrals")
        for name in ORGANISATIONS
    ]


def published(config: Config, draws: Draws | None = None, **rows: Sequence[Mapping[str, Any]]) -> Published:
    names = ("organisation_metrics", "pair_metrics", "group_metrics", "network_metrics", "indicators", "completeness")
    tables = {name: made(config, name, rows.get(name, [])) for name in names}
    tables["activity"] = TABLES["activity"].schema.empty_table()
    if "ties" in rows:
        tables["ties"] = made(config, "ties", rows["ties"])
    rosters = [ORGANISATIONS] * len(config.calendar)
    return Published(tables, draws or Draws(), rosters, config, load_damour(config), config.calendar)


def changes(config: Config, draws: Draws | None = None, **rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Phases compared."""
    asked = [Asked(each, deep=True) for each in of_phases(config.phases, config.calendar)]
    return compare(published(config, draws, **rows), asked).to_pylist()


def density(ends: date, value: float | None, node_set: str = "roster", layer: str = "meetings") -> dict[str, Any]:
    status = "ok" if value is not None else "no_coverage"
    return {"ends": ends, "layer": layer, "node_set": node_set, "metric": "density", "value": value, "status": status}


def rate(
    ends: date, value: float | None, group: str = "nurse", n: int = 9, metric: str = "meetings_per_person"
) -> dict:
    status = "ok" if value is not None else "undefined"
    who = {"professional_group": group, "other_group": group, "n_people": n}
    return {"ends": ends, "layer": "combined", **who, "metric": metric, "value": value, "status": status}


def level(ends: date, value: int | None, coverage: float | None = 1.0, group: str = "nurse", **more: Any) -> dict:
    scope = {"indicator": "acquaint", "scope_type": "group", "scope_id": group, "basis": "ties", "status": "assessed"}
    return {"ends": ends, **scope, "level": value, "level_lo": value, "level_hi": value, "coverage": coverage, **more}


def drawn(config: Config, before: np.ndarray, after: np.ndarray, what: Drawn = Drawn.MEETINGS, **measure: str) -> Draws:
    """Draws of one measure in the last windows of the first and the last phase."""
    named = {"measure_table": "group_metrics", "entity": "nurse / nurse", "layer": "combined"}
    of = Measure(**{**named, "metric": "meetings_per_person", **measure})
    draws = Draws()
    draws.add(what, quarter(config, LAST_PRE), of, before)
    draws.add(what, quarter(config, LAST_POST), of, after)
    return draws


def around(centre: float, spread: float, n: int = 200) -> np.ndarray:
    """Draws that alternate around a centre: their standard deviation is about the spread."""
    return centre + spread * np.tile([-1.0, 1.0], n // 2)


# --- which windows ------------------------------------------------------------------------------------------


def test_a_phases_windows_lie_wholly_within_it():
    calendar = network_config().calendar
    ends = {
        phase: [calendar.slices[number].end for number in windows_in(days, calendar)] for phase, days in PHASES.items()
    }
    # Windows of a year: the first to end within the phase begins with it.
    assert ends["pre"] == [date(2015, 5, 1), date(2015, 8, 1), date(2015, 11, 1)]
    assert ends["post"][0] == date(2017, 5, 1)
    assert ends["post"][-1] == date(2019, 5, 1)
    assert len(ends["post"]) == 9
    # Half a year of transition holds no window of a year.
    assert ends["transition"] == []


def test_each_phase_is_compared_with_the_next_that_holds_a_window():
    of_a_year = of_phases(PHASES, network_config().calendar)
    assert [(each.before, each.after) for each in of_a_year] == [("pre", "post")]
    half = network_config(slices={"every": "quarter", "window": "6 months"})
    # In order of time, however they are listed.
    found = of_phases(dict(reversed(half.phases.items())), half.calendar)
    assert [(each.before, each.after) for each in found] == [("pre", "transition"), ("transition", "post")]


def test_no_phases_no_comparisons():
    config = network_config(phases={})
    found = compare(published(config, network_metrics=[density(LAST_PRE, 0.25), density(LAST_POST, 0.75)]), [])
    assert found.num_rows == 0
    assert found.schema.equals(TABLES["changes"].schema)
    assert of_phases({"pre": PHASES["pre"]}, config.calendar) == []


def test_each_slice_is_compared_with_the_one_before():
    calendar = network_config().calendar
    found = of_slices(calendar)
    assert len(found) == len(calendar) - 1
    assert (found[0].before, found[0].after) == (calendar.slices[0].label, calendar.slices[1].label)
    assert all(each.slices == (n, n + 1) for n, each in enumerate(found))


def test_two_periods_are_spoken_for_by_their_last_whole_windows():
    calendar = network_config().calendar
    found = of_periods((date(2014, 5, 1), date(2015, 9, 1)), (date(2017, 1, 1), date(2019, 1, 1)), calendar)
    assert [calendar.slices[number].end for number in found.slices] == [date(2015, 8, 1), date(2018, 11, 1)]
    assert (found.before, found.after) == ("2014-05-01..2015-09-01", "2017-01-01..2019-01-01")


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (("2014-05-01", "2015-01-01"), ("2016-05-01", "2018-05-01"), "--before 2014-05-01..2015-01-01: found no whole"),
        (("2014-05-01", "2015-11-01"), ("2019-05-01", "2021-05-01"), "--after 2019-05-01..2021-05-01: found no whole"),
        (("2014-05-01", "2016-11-01"), ("2016-05-01", "2018-05-01"), "--after begins on 2016-05-01, before --before"),
        (
            ("2015-05-01", "2014-05-01"),
            ("2016-05-01", "2018-05-01"),
            "--before: ends on 2014-05-01, which is not after",
        ),
    ],
)
def test_periods_that_cannot_be_compared(before, after, message):
    days = [tuple(map(date.fromisoformat, each)) for each in (before, after)]
    with pytest.raises(InputFault, match=message):
        of_periods(*days, network_config().calendar)


# --- measures -----------------------------------------------------------------------------------------------


def test_the_last_window_of_each_phase_counts():
    days = [date(2015, 5, 1), date(2015, 8, 1), LAST_PRE, date(2016, 5, 1), date(2017, 5, 1), LAST_POST]
    values = [0.9, None, 0.25, 0.8, 0.7, 0.75]
    config = network_config()
    (row,) = changes(config, network_metrics=[density(*pair) for pair in zip(days, values, strict=True)])
    assert (row["value_before"], row["value_after"], row["difference"]) == (0.25, 0.75, 0.5)
    # Of the windows before, those ending in May and November have a value; the one ending in May 2016 is neither's.
    assert (row["n_before"], row["n_after"]) == (2, 2)
    assert (row["method"], row["before"], row["after"]) == ("difference", "pre", "post")


def test_a_difference_alone_is_unclear():
    (row,) = changes(network_config(), network_metrics=[density(LAST_PRE, 0.25), density(LAST_POST, 0.75)])
    assert row["verdict"] == "unclear"
    assert "the difference alone does not tell change from chance" in row["reasons"][0]
    assert [row[name] for name in ("ci_low", "ci_high", "p_value", "q_value")] == [None] * 4
    config = network_config(uncertainty={"replicates": 0})
    (row,) = changes(config, network_metrics=[density(LAST_PRE, 0.25), density(LAST_POST, 0.75)])
    assert row["reasons"][0].startswith("no draws were asked for")


def test_numbers_that_are_names_are_not_compared():
    there = {"layer": "meetings", "organisation_id": "A", "value": 1.0, "status": "ok"}
    rows = [{"ends": ends, **there, "metric": m} for ends in (LAST_PRE, LAST_POST) for m in ("degree", "community")]
    assert {row["metric"] for row in changes(network_config(), organisation_metrics=rows)} == {"degree"}


@pytest.mark.parametrize(
    ("before", "after", "reasons"),
    [
        (None, 0.5, ["there is no value before (no_coverage)"]),
        (0.5, None, ["there is no value after (no_coverage)"]),
        (None, None, ["there is no value before (no_coverage)", "there is no value after (no_coverage)"]),
    ],
)
def test_a_side_without_a_value_is_not_comparable(before, after, reasons):
    (row,) = changes(network_config(), network_metrics=[density(LAST_PRE, before), density(LAST_POST, after)])
    assert (row["verdict"], row["reasons"], row["difference"]) == ("not_comparable", reasons, None)


def test_who_is_not_there_any_more_is_not_comparable():
    gone = {"layer": "meetings", "organisation_id": "A", "metric": "degree", "value": 3.0, "status": "ok"}
    (row,) = changes(network_config(), organisation_metrics=[{"ends": LAST_PRE, **gone}])
    assert (row["entity"], row["verdict"], row["reasons"]) == ("A", "not_comparable", ["there is no value after"])
    assert (row["n_before"], row["n_after"]) == (1, 0)


def test_each_entity_layer_and_metric_is_compared_with_itself():
    rows = [density(day, value, *where) for day, value, *where in (
        (LAST_PRE, 0.1), (LAST_POST, 0.2), (LAST_PRE, 0.3, "constant_panel"), (LAST_POST, 0.5, "constant_panel"),
        (LAST_PRE, 0.4, "roster", "mdt"), (LAST_POST, 0.8, "roster", "mdt"),
    )]  # fmt: skip
    pair = {"layer": "mdt", "organisation_id": "A", "other_organisation_id": "B", "metric": "weight", "status": "ok"}
    found = changes(
        network_config(),
        network_metrics=rows,
        group_metrics=[rate(LAST_PRE, 0.5, "nurse"), rate(LAST_POST, 1.0, "nurse")],
        pair_metrics=[{"ends": LAST_PRE, **pair, "value": 2.0}, {"ends": LAST_POST, **pair, "value": 5.0}],
    )
    told = {(row["measure_table"], row["entity"], row["layer"]): round(row["difference"], 9) for row in found}
    assert told == {
        ("network_metrics", "roster", "meetings"): 0.1,
        ("network_metrics", "constant_panel", "meetings"): 0.2,
        ("network_metrics", "roster", "mdt"): 0.4,
        ("group_metrics", "nurse / nurse", "combined"): 0.5,
        ("pair_metrics", "A / B", "mdt"): 3,
    }


# --- intervals and verdicts ---------------------------------------------------------------------------------


def judged(before: float, after: float, spread: float, metric: str = "meetings_per_person", **more: Any) -> dict:
    """One group's measure, whose difference has the standard error `spread`."""
    config = network_config(**more)
    draws = drawn(config, np.full(200, before), around(after, spread), metric=metric)
    rows = [rate(LAST_PRE, before, metric=metric), rate(LAST_POST, after, metric=metric)]
    (row,) = changes(config, draws, group_metrics=rows)
    return row


def test_an_interval_of_draws_of_meetings_is_1_96_standard_errors_either_way():
    row = judged(2.0, 5.0, 1.0)
    error = np.std(around(0, 1.0), ddof=1)
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((3 - 1.96 * error, 3 + 1.96 * error), abs=1e-4)
    assert row["p_value"] == pytest.approx(0.0027, abs=2e-4)  # three standard errors
    assert row["method"] == "event_block_bootstrap"


@pytest.mark.parametrize(
    ("before", "after", "spread", "metric", "verdict", "reason"),
    [
        (2.0, 5.0, 0.5, "meetings_per_person", "improved", "it rose by more than chance"),
        (5.0, 2.0, 0.5, "meetings_per_person", "worsened", "it fell by more than chance"),
        (2.0, 3.0, 1.0, "meetings_per_person", "unclear", "the interval includes 0"),
        (10.0, 10.1, 0.1, "meetings_per_person", "unchanged", "whatever change there is lies within 10% of the value"),
        # Nothing says that the more familiar the better: a rise is no improvement.
        (2.0, 5.0, 0.5, "familiarity", "unclear", "it rose by more than chance; neither way is declared better"),
        (2.0, 2.0, 0.0, "meetings_per_person", "unchanged", "the same in every draw"),
        (2.0, 3.0, 0.0, "meetings_per_person", "unclear", "no draw moves the difference"),
    ],
)
def test_verdicts(before, after, spread, metric, verdict, reason):
    row = judged(before, after, spread, metric)
    assert row["verdict"] == verdict
    assert row["reasons"][0].startswith(reason)


def test_nothing_that_no_draw_moves_has_an_interval():
    row = judged(2.0, 3.0, 0.0)
    assert [row[name] for name in ("ci_low", "ci_high", "p_value", "q_value")] == [None] * 4


@pytest.mark.parametrize(("spread", "method"), [(0.7, "vertex_bootstrap"), (0.3, "event_block_bootstrap")])
def test_the_wider_of_two_kinds_of_draws_counts(spread, method):
    config = network_config()
    draws = drawn(config, np.full(200, 2.0), around(5.0, 0.5))
    of_organisations = drawn(config, np.full(200, 2.0), around(5.0, spread), Drawn.ORGANISATIONS)
    draws.of[Drawn.ORGANISATIONS] = of_organisations.of[Drawn.ORGANISATIONS]
    draws.organisations = dict.fromkeys(draws.of[Drawn.ORGANISATIONS][quarter(config, LAST_PRE)], 12)
    (row,) = changes(config, draws, group_metrics=[rate(LAST_PRE, 2.0), rate(LAST_POST, 5.0)])
    assert row["method"] == method
    # Of twelve organisations: the error made up for by the root of 12/11, and Student's t with 11 degrees of freedom.
    reach = {"vertex_bootstrap": 2.201 * np.sqrt(12 / 11) * 0.7, "event_block_bootstrap": 1.96 * 0.5}[method]
    assert row["ci_high"] - 3 == pytest.approx(reach, rel=0.01)


def test_draws_of_meetings_say_nothing_of_windows_that_share_some():
    config, calendar = network_config(), network_config().calendar
    of = Measure("group_metrics", "nurse / nurse", "combined", "meetings_per_person")
    draws = Draws(organisations={of: 12})
    for drawn_again, spread in ((Drawn.MEETINGS, 0.9), (Drawn.ORGANISATIONS, 0.2)):
        draws.add(drawn_again, 5, of, np.full(200, 2.0))
        draws.add(drawn_again, 6, of, around(5.0, spread))
    rows = [rate(calendar.slices[5].end, 2.0), rate(calendar.slices[6].end, 5.0)]
    asked = [Asked(of_slices(calendar)[5], deep=False)]
    (row,) = compare(published(config, draws, group_metrics=rows), asked).to_pylist()
    assert (row["method"], row["verdict"]) == ("vertex_bootstrap", "improved")


def test_draws_are_paired():
    # Both windows move together, draw by draw: the difference does not move at all.
    config = network_config()
    draws = drawn(config, around(2.0, 1.0), around(5.0, 1.0))
    (row,) = changes(config, draws, group_metrics=[rate(LAST_PRE, 2.0), rate(LAST_POST, 5.0)])
    assert row["ci_low"] is None and row["reasons"][0].startswith("no draw moves")


def test_too_few_draws_give_no_interval():
    config = network_config()
    few = around(5.0, 1.0)
    few[49:] = np.nan
    (row,) = changes(
        config, drawn(config, np.full(200, 2.0), few), group_metrics=[rate(LAST_PRE, 2), rate(LAST_POST, 5)]
    )
    assert (row["method"], row["verdict"]) == ("difference", "unclear")


def test_among_many_comparisons_a_small_p_is_no_surprise():
    config, groups = network_config(), [f"group{n}" for n in range(20)]
    config = network_config(professional_groups=groups)
    draws = Draws()
    for group in groups:
        # One group's difference is 2.5 standard errors, p about .012; the others' are 0.5.
        after = 2.0 + (2.5 if group == "group7" else 0.5)
        of = Measure("group_metrics", f"{group} / {group}", "combined", "meetings_per_person")
        draws.add(Drawn.MEETINGS, quarter(config, LAST_PRE), of, np.full(200, 2.0))
        draws.add(Drawn.MEETINGS, quarter(config, LAST_POST), of, around(after, 1.0))
    rows = [rate(LAST_PRE, 2.0, group) for group in groups]
    rows += [rate(LAST_POST, 4.5 if group == "group7" else 2.5, group) for group in groups]
    found = {row["entity"]: row for row in changes(config, draws, group_metrics=rows)}
    one = found["group7 / group7"]
    assert one["p_value"] == pytest.approx(0.0126, abs=1e-3)
    assert one["q_value"] == pytest.approx(20 * one["p_value"], rel=1e-9)  # the smallest of twenty
    assert (one["verdict"], one["ci_low"] > 0) == ("unclear", True)
    assert one["reasons"][0] == "the interval excludes 0, but among so many comparisons that is no surprise"


def test_tests_of_other_indicators_are_another_family():
    config, draws = network_config(), Draws()
    for metric in ("meet_rate_median", "acq_breadth", "venues_standing"):
        of = Measure("group_metrics", "nurse / nurse", "combined", metric)
        draws.add(Drawn.MEETINGS, quarter(config, LAST_PRE), of, np.full(200, 2.0))
        draws.add(Drawn.MEETINGS, quarter(config, LAST_POST), of, around(4.5, 1.0))
    rows = [
        rate(ends, value, metric=metric)
        for metric in ("meet_rate_median", "acq_breadth", "venues_standing")
        for ends, value in ((LAST_PRE, 2.0), (LAST_POST, 2.0 if metric == "acq_breadth" else 4.5))
    ]
    found = {row["metric"]: row for row in changes(config, draws, group_metrics=rows)}
    # Acquaintance has two tests, one of them of no difference (p is 1); connectivity has one.
    assert found["meet_rate_median"]["q_value"] == pytest.approx(2 * found["meet_rate_median"]["p_value"])
    assert found["venues_standing"]["q_value"] == pytest.approx(found["venues_standing"]["p_value"])


def test_what_was_drawn_can_be_read_back():
    config = network_config()
    draws = drawn(config, np.array([1.0, np.nan, 3.0]), np.array([2.0, 2.5, 1.5]))
    of = Measure("network_metrics", "roster", "mdt", "mdt_cases")
    draws.add(Drawn.ORGANISATIONS, 3, of, np.array([5.0]))
    draws.organisations[of] = 12
    table = draws_table(draws, config.calendar)
    assert table.schema.equals(TABLES["draws"].schema)
    again = read_draws(table, config.calendar)
    assert again.organisations == draws.organisations
    for what, slices in draws.of.items():
        assert again.of[what].keys() == slices.keys()
        for number, measures in slices.items():
            for measure, values in measures.items():
                np.testing.assert_array_equal(again.of[what][number][measure], values)
    assert read_draws(draws_table(Draws(), config.calendar), config.calendar).of == Draws().of


def test_networks_are_drawn_by_organisations():
    # Everybody is tied to everybody after, nobody before: whoever is drawn, the difference is 1.
    config = network_config()
    tie = {"layer": "meetings", "directed": False, "weight": 1.0, "events": 1, "people": 2, "first_seen": LAST_PRE}
    names = [f"O{n}" for n in range(8)]
    ring = [(names[n], names[(n + 1) % 8]) for n in range(8)]
    full = [(one, two) for n, one in enumerate(names) for two in names[n + 1 :]]
    ties = [
        {"ends": ends, **tie, "last_seen": LAST_PRE, "source_id": min(pair), "target_id": max(pair)}
        for ends, pairs in ((LAST_PRE, ring), (LAST_POST, full))
        for pair in pairs
    ]
    metrics = [density(LAST_PRE, 2 / 7), density(LAST_POST, 1.0)]
    tables = published(config, ties=ties, network_metrics=metrics)
    tables = Published(tables.tables, Draws(), [names] * len(config.calendar), config, tables.damour, config.calendar)
    (asked,) = [Asked(each, deep=True) for each in of_phases(config.phases, config.calendar)]
    (row,) = compare(tables, [asked]).to_pylist()
    assert row["method"] == "vertex_bootstrap"
    # The ring is the same from wherever it is looked at; its density moves with who is drawn twice.
    assert row["ci_low"] < 1 - 2 / 7 < row["ci_high"] and row["ci_low"] > 0
    assert row["reasons"][0] == "it rose by more than chance; neither way is declared better"


# --- missing records ----------------------------------------------------------------------------------------


def lost(kind: str = "attendance", name: str = "B") -> list[dict[str, Any]]:
    """One organisation's records of a kind are not whole in the last window."""
    return complete(network_config(), (kind, name, LAST_POST))


def test_records_whole_on_one_side_only_are_not_comparable():
    config, rows = network_config(), [rate(LAST_PRE, 2.0), rate(LAST_POST, 5.0)]
    draws = drawn(config, np.full(200, 2.0), around(5.0, 0.5))
    (row,) = changes(config, draws, group_metrics=rows, completeness=lost())
    assert (row["verdict"], row["reasons"]) == ("not_comparable", ["attendance: whole before and not after for B"])
    assert [row[name] for name in ("ci_low", "p_value", "q_value")] == [None] * 3
    assert row["difference"] == 3
    # Records of another kind do not matter; and those that are lacking on both sides neither.
    (row,) = changes(config, draws, group_metrics=rows, completeness=lost("referrals"))
    assert row["verdict"] == "improved"
    both = complete(config, ("attendance", "B", LAST_POST), ("attendance", "B", LAST_PRE))
    (row,) = changes(config, draws, group_metrics=rows, completeness=both)
    assert row["verdict"] == "improved"
    # Nor where nobody ever said anything: it is no different after from before.
    (row,) = changes(config, draws, group_metrics=rows)
    assert row["verdict"] == "improved"


def test_a_network_may_be_told_to_bear_with_some():
    rows = [rate(LAST_PRE, 2.0), rate(LAST_POST, 5.0)]
    for share, verdict in ((0.25, "improved"), (0.24, "not_comparable")):
        config = network_config(change={"coverage_tolerance": share})
        draws = drawn(config, np.full(200, 2.0), around(5.0, 0.5))
        (row,) = changes(config, draws, group_metrics=rows, completeness=lost())
        assert row["verdict"] == verdict


def test_a_pair_rests_on_the_records_of_the_two():
    pair = {"layer": "mdt", "metric": "weight", "status": "ok"}
    rows = [
        {"ends": ends, **pair, "organisation_id": "A", "other_organisation_id": other, "value": 1.0}
        for ends in (LAST_PRE, LAST_POST)
        for other in ("B", "C")
    ]
    found = {row["entity"]: row for row in changes(network_config(), pair_metrics=rows, completeness=lost())}
    assert found["A / B"]["reasons"] == ["attendance of B: whole before and not after"]
    assert (found["A / B"]["verdict"], found["A / C"]["verdict"]) == ("not_comparable", "unclear")


def test_where_one_feed_is_lost_the_others_network_is_compared():
    config, names = network_config(), [f"O{n}" for n in range(8)]
    tie = {"layer": "meetings", "directed": False, "weight": 1.0, "events": 1, "people": 2, "first_seen": LAST_PRE}
    # Before, all eight sat together; after, O7 is not recorded any more.
    ties = [
        {"ends": ends, **tie, "last_seen": LAST_PRE, "source_id": one, "target_id": two}
        for ends, there in ((LAST_PRE, names), (LAST_POST, names[:-1]))
        for n, one in enumerate(there)
        for two in there[n + 1 :]
    ]
    metrics = [density(LAST_PRE, 1.0), density(LAST_POST, 21 / 28)]
    whole = [
        {
            "ends": s.end,
            "record_kind": "attendance",
            "organisation_id": name,
            "whole": (name, s.end) != ("O7", LAST_POST),
        }
        for s in config.calendar.slices
        for name in names
    ]
    tables = published(config, ties=ties, network_metrics=metrics, completeness=whole)
    tables = Published(tables.tables, Draws(), [names] * len(config.calendar), config, tables.damour, config.calendar)
    asked = [Asked(each, deep=True) for each in of_phases(config.phases, config.calendar)]
    found = {row["entity"]: row for row in compare(tables, asked).to_pylist() if row["metric"] == "density"}
    assert found["roster"]["verdict"] == "not_comparable"
    assert (found["matched_panel"]["difference"], found["matched_panel"]["verdict"]) == (0, "unchanged")


def active(ends: date, name: str, value: float) -> dict[str, Any]:
    return {
        "ends": ends,
        "layer": "mdt",
        "organisation_id": name,
        "metric": "events_attended",
        "value": value,
        "status": "ok",
    }


@pytest.mark.parametrize(
    ("before", "after", "doubted"), [(50, 9, True), (50, 10, False), (9, 0, False), (10, 0, True), (10, None, True)]
)
def test_records_that_fall_by_four_fifths_are_doubted(before, after, doubted):
    config = network_config()
    there = [active(LAST_PRE, "A", 20.0), active(LAST_POST, "A", 20.0), active(LAST_PRE, "B", before)]
    there += [] if after is None else [active(LAST_POST, "B", after)]
    rows = [rate(LAST_PRE, 2.0), rate(LAST_POST, 5.0)]
    draws = drawn(config, np.full(200, 2.0), around(5.0, 0.5))
    found = changes(config, draws, group_metrics=rows, organisation_metrics=there, completeness=complete(config))
    (row,) = [row for row in found if row["measure_table"] == "group_metrics"]
    assert row["verdict"] == ("unclear" if doubted else "improved")
    if doubted:
        told = f"attendance fell by more than 80%: B ({before} to {after or 0}, although they are said to be whole)"
        assert row["reasons"] == [told, "it rose by more than chance"]


def test_a_roster_of_another_size_is_told_of():
    config = network_config()
    rows = [rate(LAST_PRE, 2.0, n=20), rate(LAST_POST, 5.0, n=30)]
    (row,) = changes(config, group_metrics=rows)
    assert "people on the roster: 20 before, 30 after" in row["reasons"]
    (row,) = changes(config, group_metrics=[rate(LAST_PRE, 2.0, n=20), rate(LAST_POST, 5.0, n=22)])
    assert not any("roster" in reason for reason in row["reasons"])


def test_values_of_another_status_are_told_of():
    rows = [rate(LAST_PRE, 2.0), {**rate(LAST_POST, 5.0), "status": "nominal"}]
    (row,) = changes(network_config(), group_metrics=rows)
    assert "the value before is ok, the value after nominal" in row["reasons"]


def test_windows_that_are_cut_are_compared_with_none():
    config = network_config()
    calendar = config.calendar
    rows = [density(s.end, 0.5) for s in calendar.slices[:6]]
    asked = [Asked(each, deep=False) for each in of_slices(calendar)[:5]]
    found = compare(published(config, network_metrics=rows), asked).to_pylist()
    by_after = {row["after"]: row for row in found}
    labels = [s.label for s in calendar.slices]
    # The window of the fourth quarter is the first whole one.
    assert [by_after[label]["verdict"] for label in labels[1:6]] == ["not_comparable"] * 3 + ["unclear"] * 2
    cut = by_after[labels[3]]["reasons"]
    assert cut[0] == "a window reaches back before the period: it is shorter than the other"
    assert by_after[labels[5]]["reasons"][-1] == "the two windows share 273 of 365 days"


def link(day: str, outcome: str = "followed", basis: str = "as_recorded") -> dict[str, Any]:
    named = {"predecessor_id": "A", "successor_id": "E", "link_type": "merger", "link_date": date.fromisoformat(day)}
    followed = basis != "as_recorded"
    return {**named, "organisation_basis": basis, "followed": followed, "outcome": outcome, "reasons": []}


@pytest.mark.parametrize(
    ("one", "told"),
    [
        (link("2017-05-01"), True),
        (link("2017-05-01", "ambiguous"), True),
        (link("2017-05-01", "functions_only"), False),
        (link("2017-05-01", basis="constant_successor"), False),
        (link("2014-10-01"), False),  # before the earlier window, which begins in November 2014
        (link("2019-05-01"), False),
    ],
)
def test_organisations_that_others_followed_meanwhile_are_told_of(one, told):
    config = network_config()
    tables = published(config, network_metrics=[density(LAST_PRE, 0.25), density(LAST_POST, 0.75)])
    tables.tables["succession"] = store.table("succession", {name: [value] for name, value in one.items()})
    asked = [Asked(each, deep=True) for each in of_phases(config.phases, config.calendar)]
    (row,) = compare(tables, asked).to_pylist()
    assert any("followed meanwhile: A by E on 2017-05-01" in reason for reason in row["reasons"]) == told


# --- levels -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "verdict", "reason"),
    [
        (2, 3, "improved", "level 2 before, level 3 after"),
        (3, 1, "worsened", "level 3 before, level 1 after"),
        (2, 2, "unchanged", "level 2 before and after"),
    ],
)
def test_levels_are_compared_as_levels(before, after, verdict, reason):
    (row,) = changes(network_config(), indicators=[level(LAST_PRE, before), level(LAST_POST, after)])
    assert (row["verdict"], row["reasons"]) == (verdict, [reason])
    assert (row["measure_table"], row["entity"], row["metric"]) == ("indicators", "group / nurse", "acquaint")
    assert (row["method"], row["difference"]) == ("levels_compared", after - before)


@pytest.mark.parametrize(
    ("before", "after", "verdict", "reason"),
    [
        ((1, 3), (2, 3), "unclear", "what the ties allow more than before"),
        ((2, 3), (2, 3), "unclear", "the level may have moved within"),
        ((1, 1), (2, 3), "improved", "level 1 before, level 2 to 3 after"),
        ((2, 3), (1, 1), "worsened", "level 2 to 3 before, level 1 after"),
        ((2, 3), (1, 2), "unclear", "what the ties allow less"),
    ],
)
def test_intervals_of_levels_are_compared_as_far_as_they_can_be(before, after, verdict, reason):
    def between(ends: date, bounds: tuple[int, int]) -> dict[str, Any]:
        exact = bounds[0] if bounds[0] == bounds[1] else None
        return level(ends, exact, level_lo=bounds[0], level_hi=bounds[1])

    (row,) = changes(network_config(), indicators=[between(LAST_PRE, before), between(LAST_POST, after)])
    assert row["verdict"] == verdict
    assert reason in row["reasons"][0]


def test_a_level_that_is_not_there_cannot_be_compared():
    nothing = level(LAST_PRE, None, status="not_assessed")
    (row,) = changes(network_config(), indicators=[nothing, level(LAST_POST, 2)])
    assert (row["verdict"], row["reasons"]) == ("not_comparable", ["there is no level before (not assessed)"])
    proxy = level(LAST_PRE, None, status="proxy_only", proxy_level=2)
    (row,) = changes(network_config(), indicators=[proxy, level(LAST_POST, 2)])
    assert row["reasons"] == ["there is no level before (proxy 2)"]
    (row,) = changes(network_config(), indicators=[level(LAST_POST, 2)])
    assert row["reasons"] == ["there is no level before (no such scope)"]


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


def test_levels_from_records_whole_on_one_side_only_are_not_comparable():
    rows = [level(LAST_PRE, 2), level(LAST_POST, 3)]
    (row,) = changes(network_config(), indicators=rows, completeness=lost())
    assert (row["verdict"], row["reasons"]) == ("not_comparable", ["attendance: whole before and not after for B"])
    # What people say does not rest on attendance.
    said = [{**row, "basis": "survey"} for row in rows]
    (row,) = changes(network_config(), indicators=said, completeness=lost())
    assert row["verdict"] == "improved"


def test_levels_of_unlike_evidence_are_not_comparable():
    rows = [level(LAST_PRE, 2), level(LAST_POST, 3, basis="survey")]
    (row,) = changes(network_config(), indicators=rows)
    assert row["reasons"] == ["the level before rests on ties, the level after on survey"]
