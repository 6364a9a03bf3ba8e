"""Short series before and after: which points are taken, what is refused, and what may be concluded in which words."""

from collections.abc import Sequence
from datetime import date
from math import nan
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from orgnet import store
from orgnet.change.activity import make_steps
from orgnet.change.comparisons import Comparison, of_periods, of_phases, of_slices
from orgnet.change.trends import compare_series, decided, read_series
from orgnet.config import Config
from orgnet.windows import Step, parse_step
from tests.unit.test_changes import network_config

METRIC = "meetings_per_person"
NURSES = ("group_metrics", "nurse / nurse", METRIC)
PRE, TRANSITION, POST = range(0, 18), range(18, 24), range(24, 60)
"""Months of the period, from May 2014: a year and a half before, half a year between, three years after."""
LEVEL, SLOPE, MEANS, POINTS = (
    "interrupted_time_series_level",
    "interrupted_time_series_slope",
    "block_permutation",
    "change_point",
)


def config(**change: Any) -> Config:
    return network_config(change={"permutations": 99, **change})


def series(
    settings: Config,
    values: Sequence[float | None],
    coverage: float | Sequence[float | None] | None = None,
    metric: str = METRIC,
    entity: str = "nurse / nurse",
) -> list[dict[str, Any]]:
    """One series of `activity`, from the period's start on; a step without a value has none."""
    steps = make_steps(settings, parse_step(settings.change.series_step)).slices
    covered = coverage if isinstance(coverage, Sequence) else [coverage] * len(values)
    return [
        {
            "measure_table": "group_metrics",
            "entity": entity,
            "metric": metric,
            "period_start": step.start,
            "period_end": step.end,
            "value": value,
            "n": 9,
            "coverage": share,
            "status": "ok" if value is not None else "no_coverage",
        }
        for step, value, share in zip(steps, values, covered, strict=False)
    ]


def activity(*rows: list[dict[str, Any]]) -> pa.Table:
    listed = [row for each in rows for row in each]
    names = store.columns_of("activity")
    return store.sorted_by_key("activity", store.table("activity", {c: [row[c] for row in listed] for c in names}))


def compared(
    settings: Config, *rows: list[dict[str, Any]], better: dict[str, int] | None = None
) -> dict[str, dict[str, Any]]:
    """The rows of the phases' comparison by method, of the one series."""
    comparisons = of_phases(settings.phases, settings.calendar)
    found = compare_series(activity(*rows), comparisons, settings, {METRIC: 1} if better is None else better)
    by_method = {row["method"]: row for row in found}
    assert len(by_method) == len(found)
    return by_method


def stepping(before: float, after: float, spread: float = 0.1, between: float = 0.0) -> list[float]:
    """Months around one value before and another after, and something else between."""
    noise = spread * np.random.default_rng(1).normal(size=60)
    level = np.r_[[before] * len(PRE), [between] * len(TRANSITION), [after] * len(POST)]
    return (level + noise).tolist()


# --- what is read and taken ---------------------------------------------------------------------------------


def test_each_value_stands_at_its_step() -> None:
    settings = config()
    steps = make_steps(settings, Step(months=1))
    one = series(settings, [4.0, None, 6.0], [1.0, None, 0.5])
    other = series(settings, [1.0], entity="surgeon / surgeon")
    found = read_series(activity([one[2], one[0], one[1]], other), steps)
    assert set(found) == {NURSES, ("group_metrics", "surgeon / surgeon", METRIC)}
    # Steps that have no value, and those that the table does not have at all.
    np.testing.assert_array_equal(found[NURSES].values, [4, nan, 6, *[nan] * 57])
    np.testing.assert_array_equal(found[NURSES].coverage, [1, nan, 0.5, *[nan] * 57])


def test_nothing_read_nothing_compared() -> None:
    settings = config()
    assert read_series(activity(), make_steps(settings, Step(months=1))) == {}
    assert compared(settings, []) == {}


def test_steps_between_the_phases_are_left_out() -> None:
    settings = config()
    plain, wild = (compared(settings, series(settings, stepping(2, 5, between=each))) for each in (3.0, 900.0))
    assert plain == wild
    assert {(row["n_before"], row["n_after"]) for row in plain.values()} == {(18, 36)}


def test_means_are_of_the_months_with_a_value() -> None:
    settings = config()
    values: list[float | None] = [1.0, 2.0] * 9 + [9.0] * 6 + [4.0, 6.0] * 18
    values[0] = values[24] = values[59] = None
    row = compared(settings, series(settings, values))[MEANS]
    # Before: eight 1 and nine 2; after: seventeen 4 (one lacks) and seventeen 6 (one lacks).
    assert (row["n_before"], row["n_after"]) == (17, 34)
    assert (row["value_before"], row["value_after"]) == pytest.approx((26 / 17, 5))
    assert row["difference"] == pytest.approx(5 - 26 / 17)


def test_a_step_that_a_period_cuts_is_in_none() -> None:
    settings = config()
    periods = of_periods(
        (date(2014, 5, 15), date(2015, 10, 10)), (date(2016, 5, 1), date(2019, 5, 1)), settings.calendar
    )
    found = compare_series(activity(series(settings, stepping(2, 5))), [periods], settings, {})
    # Of the days from 15 May 2014 to 9 October 2015, June 2014 to September 2015 are whole months.
    assert {(row["n_before"], row["n_after"]) for row in found} == {(16, 36)}


def test_the_network_chooses_its_step() -> None:
    settings = config(series_step="quarter")
    values = [2.0, 2.2, 1.9, 2.1, 2.0, 1.8, 7.0, 7.0, *[5.0, 5.2, 4.9] * 4]
    found = compared(settings, series(settings, values))
    assert (found[LEVEL]["n_before"], found[LEVEL]["n_after"]) == (6, 12)
    assert SLOPE not in found


def test_slices_have_no_series() -> None:
    # A slice is compared with the one before: each has no more than its own three months.
    settings = config()
    comparisons = of_slices(settings.calendar)
    assert compare_series(activity(series(settings, stepping(2, 5))), comparisons, settings, {}) == []


def test_rows_say_which_comparison_series_and_layer_they_are_of() -> None:
    settings = config()
    comparisons = [*of_slices(settings.calendar)[:2], *of_phases(settings.phases, settings.calendar)]
    found = compare_series(activity(series(settings, stepping(2, 5))), comparisons, settings, {})
    assert {(row["comparison"], row["measure_table"], row["entity"], row["metric"], row["layer"]) for row in found} == {
        (2, *NURSES, "")
    }


# --- what is told, and what is refused ----------------------------------------------------------------------


def test_level_slope_and_means_of_a_long_series() -> None:
    settings = config()
    found = compared(settings, series(settings, stepping(2, 5)))
    assert set(found) == {LEVEL, SLOPE, MEANS}
    for method in (LEVEL, MEANS):
        assert found[method]["difference"] == pytest.approx(3, abs=0.3)
    assert abs(found[SLOPE]["difference"]) < 0.05
    assert found[LEVEL]["ci_low"] < 3 < found[LEVEL]["ci_high"]
    assert "ci_low" not in found[MEANS]
    # p is that of the permutation, 1/100 at the least; the regression's own, too small, stands in the reasons.
    assert found[LEVEL]["p_value"] == 1 / 100
    told = found[LEVEL]["reasons"]
    assert any(reason.startswith("segmented regression of level and slope") for reason in told)
    assert any(reason.startswith("p of the regression itself: ") for reason in told)
    assert any(reason.startswith("p_value by permutation in blocks of 3 steps, 99 other") for reason in told)


def test_few_points_tell_a_step_but_no_slope() -> None:
    settings = config()
    values: list[float | None] = [*stepping(2, 5)]
    values[: len(PRE) - 7] = [None] * (len(PRE) - 7)
    found = compared(settings, series(settings, values))
    assert set(found) == {LEVEL, MEANS}
    assert found[LEVEL]["n_before"] == 7
    assert any("fewer than 8 points on a side" in reason for reason in found[LEVEL]["reasons"])
    values[len(PRE) - 8] = 2.0
    assert SLOPE in compared(settings, series(settings, values))


def test_two_points_are_no_line() -> None:
    settings = config()
    values: list[float | None] = [*stepping(2, 5)]
    values[: len(PRE) - 2] = [None] * (len(PRE) - 2)
    found = compared(settings, series(settings, values))
    assert set(found) == {LEVEL, MEANS}
    refused = found[LEVEL]
    assert refused["verdict"] == "not_comparable"
    assert refused["reasons"] == [
        "2 points before and 36 after; at least 3 on either side are needed",
        "segmented regression refused",
    ]
    assert not {"difference", "p_value", "q_value"} & {name for name, value in refused.items() if value is not None}
    # Means are shown, but the two are no whole block of three months: there is nothing to exchange them for.
    assert found[MEANS]["p_value"] is None and found[MEANS]["difference"] == pytest.approx(3, abs=0.3)
    assert (found[MEANS]["verdict"], found[MEANS]["reasons"][0]) == (
        "unclear",
        "no test can be made: there is nothing to exchange",
    )


def test_three_points_are_a_line_and_a_block() -> None:
    settings = config()
    values: list[float | None] = [*stepping(2, 5)]
    values[: len(PRE) - 3] = [None] * (len(PRE) - 3)
    found = compared(settings, series(settings, values))
    assert found[LEVEL]["difference"] is not None
    # Any of 13 blocks could have come first; none but the first is so low.
    assert found[MEANS]["p_value"] == pytest.approx(1 / 13)


def test_a_side_without_any_value_has_no_means() -> None:
    settings = config()
    found = compared(settings, series(settings, [None] * 24 + [5.0, 4.0] * 18))
    assert set(found) == {LEVEL}
    assert (found[LEVEL]["value_before"], found[LEVEL]["value_after"]) == (None, 4.5)
    assert found[LEVEL]["verdict"] == "not_comparable"


# --- records that are not alike -----------------------------------------------------------------------------


def covered(before: float | None, after: float | None, **change: Any) -> dict[str, dict[str, Any]]:
    settings = config(**change)
    shares = [before] * len(PRE) + [0.0] * len(TRANSITION) + [after] * len(POST)
    return compared(settings, series(settings, stepping(2, 5), shares))


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        (1.0, 0.8, "coverage is 100.0% before and 80.0% after, on average"),
        (0.8, 1.0, "coverage is 80.0% before and 100.0% after, on average"),
        (1.0, None, "coverage is known on one side only"),
        (None, 1.0, "coverage is known on one side only"),
    ],
)
def test_unlike_coverage_is_not_comparable(before: float | None, after: float | None, reason: str) -> None:
    found = covered(before, after)
    assert set(found) == {LEVEL, SLOPE, MEANS}
    for row in found.values():
        assert (row["verdict"], row["reasons"][0]) == ("not_comparable", reason)
        # What is seen is shown, but not what it would say of chance.
        assert row["difference"] is not None
        assert [row.get(name) for name in ("ci_low", "ci_high", "p_value", "q_value")] == [None] * 4


@pytest.mark.parametrize("share", [1.0, 0.7, None])
def test_like_coverage_is_comparable(share: float | None) -> None:
    assert covered(share, share)[MEANS]["verdict"] == "improved"


def test_a_network_may_bear_with_some_coverage_that_is_lacking() -> None:
    assert covered(1.0, 0.8, coverage_tolerance=0.2)[MEANS]["verdict"] == "improved"
    assert covered(1.0, 0.8, coverage_tolerance=0.19)[MEANS]["verdict"] == "not_comparable"


def test_what_is_not_compared_takes_no_part_in_the_family() -> None:
    settings = config()
    shares = [1.0] * 24 + [0.5] * 36
    good = series(settings, stepping(2, 5), 1.0)
    # A large p beside a small one would make its q twice as large.
    unlike = series(settings, stepping(2, 2), shares, entity="surgeon / surgeon")
    found = compare_series(activity(good, unlike), of_phases(settings.phases, settings.calendar), settings, {METRIC: 1})
    tested = [row for row in found if row["entity"] == "nurse / nurse"]
    assert len(tested) == 3
    assert [row["q_value"] for row in tested] == [row["p_value"] for row in tested]


# --- verdicts -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("better", "verdict", "reason"),
    [
        ({METRIC: 1}, "improved", "it rose by more than chance"),
        ({METRIC: -1}, "worsened", "it rose by more than chance"),
        ({}, "unclear", "it rose by more than chance; neither way is declared better"),
    ],
)
def test_a_series_that_rises(better: dict[str, int], verdict: str, reason: str) -> None:
    settings = config()
    found = compared(settings, series(settings, stepping(2, 5)), better=better)
    for method in (LEVEL, MEANS):
        assert (found[method]["verdict"], found[method]["reasons"][0]) == (verdict, reason)


def test_a_series_that_falls_worsens_where_more_is_better() -> None:
    settings = config()
    row = compared(settings, series(settings, stepping(5, 2)))[MEANS]
    assert (row["verdict"], row["reasons"][0]) == ("worsened", "it fell by more than chance")


def test_a_series_that_hovers_is_unclear() -> None:
    settings = config()
    for row in compared(settings, series(settings, stepping(2, 2))).values():
        assert (row["verdict"], row["reasons"][0]) == ("unclear", "no more than chance would give")


@pytest.mark.parametrize("value", [0.0, 4.0, 0.1, 1 / 3])  # in thirds and tenths, means differ by rounding
def test_a_series_that_never_moves_is_unchanged(value: float) -> None:
    settings = config()
    found = compared(settings, series(settings, [value] * 60))
    assert set(found) == {LEVEL, SLOPE, MEANS}
    for row in found.values():
        assert (row["verdict"], row["reasons"][0]) == ("unchanged", "the same throughout")
        assert (row["difference"], row.get("ci_low"), row.get("ci_high")) == (0, None, None)


def test_equal_means_of_a_series_that_moves_are_not_the_same_throughout() -> None:
    # 1 and 3 in turn before, 0 and 4 in turn after: 2 on average both times, and never 2.
    settings = config()
    row = compared(settings, series(settings, [1.0, 3.0] * 9 + [2.0] * 6 + [0.0, 4.0] * 18))[MEANS]
    assert (row["value_before"], row["value_after"], row["difference"]) == (2, 2, 0)
    assert (row["verdict"], row["reasons"][0]) == ("unclear", "no more than chance would give")


def row(p_value: float | None, method: str = MEANS, comparison: int = 0, difference: float = 1.0) -> dict[str, Any]:
    """A row that nobody has decided on."""
    return {
        "comparison": comparison,
        "metric": METRIC,
        "method": method,
        "value_before": 2.0,
        "value_after": 2.0 + difference,
        "difference": difference,
        "p_value": p_value,
        "reasons": ["permutation"],
    }


def test_q_values_are_of_one_comparison_and_method() -> None:
    rows = [row(0.01), row(0.04), row(0.03), row(None), row(0.045, LEVEL), row(0.02, comparison=1)]
    found = {each["p_value"]: each.get("q_value") for each in decided(rows, config(), {})}
    # Three tests of means: .01 x 3/1, .03 x 3/2 and .04 x 3/3, none above those of larger p-values.
    # The test of a level, and the one of another comparison, stand alone.
    assert found == pytest.approx({0.01: 0.03, 0.03: 0.04, 0.04: 0.04, None: None, 0.045: 0.045, 0.02: 0.02})


def test_a_difference_counts_up_to_the_false_discovery_rate() -> None:
    (one,) = decided([row(0.05)], config(), {METRIC: 1})
    (other,) = decided([row(0.0501)], config(), {METRIC: 1})
    (strict,) = decided([row(0.05)], config(false_discovery_rate=0.01), {METRIC: 1})
    assert [each["verdict"] for each in (one, other, strict)] == ["improved", "unclear", "unclear"]


def test_among_many_series_one_small_p_is_no_surprise() -> None:
    rows = [row(0.02), *(row(0.5) for _ in range(9))]
    (one,) = [each for each in decided(rows, config(), {METRIC: 1}) if each["p_value"] == 0.02]
    assert (one["q_value"], one["verdict"]) == (pytest.approx(0.2), "unclear")


def test_no_difference_is_not_comparable() -> None:
    (one,) = decided([row(None) | {"difference": None}], config(), {METRIC: 1})
    assert (one["verdict"], one["reasons"]) == ("not_comparable", ["permutation"])


# --- change points ------------------------------------------------------------------------------------------


def test_change_points_are_looked_for_only_if_asked() -> None:
    asked, plain = config(change_points=True), config()
    found = compared(asked, series(asked, stepping(2, 5)))
    # The first month after the transition, which is left out, so that the step lies between October and May.
    assert found[POINTS]["reasons"] == ["it seems to change on 2016-05-01; descriptive only"]
    assert (found[POINTS]["verdict"], found[POINTS]["value_before"]) == ("unclear", pytest.approx(2, abs=0.1))
    assert [found[POINTS].get(name) for name in ("difference", "ci_low", "p_value", "q_value")] == [None] * 4
    # Nothing else is any different for it.
    del found[POINTS]
    assert found == compared(plain, series(plain, stepping(2, 5)))


def test_a_series_without_a_change_point_says_so() -> None:
    asked = config(change_points=True)
    found = compared(asked, series(asked, [4.0] * 60))
    assert found[POINTS]["reasons"] == ["no change point is found; descriptive only"]


def test_a_change_that_no_phase_knows_of_is_told_by_its_day() -> None:
    asked = config(change_points=True)
    values = np.r_[[2.0] * 40, [5.0] * 20] + 0.1 * np.random.default_rng(1).normal(size=60)
    found = compared(asked, series(asked, values.tolist()))
    assert found[POINTS]["reasons"] == ["it seems to change on 2017-09-01; descriptive only"]  # 40 months from May 2014


def test_periods_of_ones_own_have_series_too() -> None:
    settings = config()
    comparison: Comparison = of_periods(
        (date(2014, 5, 1), date(2015, 11, 1)), (date(2016, 5, 1), date(2019, 5, 1)), settings.calendar
    )
    rows = activity(series(settings, stepping(2, 5)))
    of_days = compare_series(rows, [comparison], settings, {METRIC: 1})
    assert of_days == compare_series(rows, of_phases(settings.phases, settings.calendar), settings, {METRIC: 1})
