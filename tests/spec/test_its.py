"""Segmented regression of short series: what it finds, what it refuses, and the same figures by other code."""

from itertools import pairwise
from math import isnan, nan, sqrt

import numpy as np
import pytest
from scipy import stats

from orgnet.change import change_points as finding
from orgnet.change.change_points import change_points, noise
from orgnet.change.design import Points, make_design, season_of, take_points
from orgnet.change.its import Estimate, interrupted, lags, neighbours_alike
from orgnet.change.judged import judge
from orgnet.errors import InputFault


def points(values: list[float] | np.ndarray, before: int, gap: int = 0, coverage: np.ndarray | None = None) -> Points:
    """A series with so many points before and a gap; the rest are after."""
    step = np.arange(len(values))
    return take_points(np.asarray(values, dtype=float), step < before, step >= before + gap, coverage)


def drawn(seed: int, n: int = 60) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=n)


def told(found: Estimate | None) -> Estimate:
    assert found is not None
    return found


class TestWorkedExample:
    """Before: 1 + t for t = 0..7. Two steps of transition. After, from t = 10 on: 1 + t + 3 + (t - 10) / 2."""

    VALUES = [1 + t for t in range(8)] + [99, -99] + [1 + t + 3 + (t - 10) / 2 for t in range(10, 18)]

    def test_level_and_slope(self) -> None:
        found = interrupted(points(self.VALUES, 8, 2))
        # The line before would have got to 11 at t = 10, where 14 was seen; it rose by 1 a step, and now by 1.5.
        assert told(found.level).value == pytest.approx(3)
        assert told(found.slope).value == pytest.approx(0.5)
        assert (found.n_before, found.n_after) == (8, 8)
        assert found.method == "segmented regression of level and slope; least squares, Newey-West errors with 2 lags"

    def test_a_step_without_a_value_is_left_out(self) -> None:
        values = list(self.VALUES)
        values[3], values[-1] = nan, nan
        found = interrupted(points([*values, self.VALUES[-1] + 1.5], 8, 2))
        assert (found.n_before, found.n_after) == (7, 8)
        assert found.slope is None  # seven points before are too few

    def test_the_level_is_told_at_the_first_point_after(self) -> None:
        values = [*self.VALUES, self.VALUES[-1] + 1.5]
        values[10] = nan  # T1 is then t = 11: 3 + 1/2
        assert told(interrupted(points(values, 8, 2)).level).value == pytest.approx(3.5)


class TestGuards:
    @pytest.mark.parametrize(("before", "after"), [(2, 9), (9, 2), (0, 9), (9, 0), (0, 0)])
    def test_fewer_than_three_on_a_side_are_refused(self, before: int, after: int) -> None:
        found = interrupted(points(drawn(1, before + after), before))
        assert (found.level, found.slope, found.method) == (None, None, "segmented regression refused")
        expected = f"{before} points before and {after} after; at least 3 on either side are needed"
        assert found.reasons == [expected]

    @pytest.mark.parametrize(
        ("before", "after", "slope"), [(3, 3, False), (7, 20, False), (20, 7, False), (8, 8, True)]
    )
    def test_a_slope_wants_eight_on_either_side(self, before: int, after: int, slope: bool) -> None:
        found = interrupted(points(drawn(2, before + after), before))
        assert found.level is not None
        assert (found.slope is not None) == slope
        assert any("fewer than 8 points" in reason for reason in found.reasons) == (not slope)

    def test_a_series_that_never_varies(self) -> None:
        found = interrupted(points([0.0] * 20, 10))
        assert (told(found.level).value, told(found.level).p_value) == (0, 1)
        assert isnan(told(found.level).ci_low)
        assert "every point has the same value" in found.reasons

    def test_neighbours_alike_are_warned_of(self) -> None:
        walk, noise_alone = np.cumsum(drawn(3)), drawn(3)
        assert any("too narrow" in reason for reason in interrupted(points(walk, 20)).reasons)
        assert not any("too narrow" in reason for reason in interrupted(points(noise_alone, 20)).reasons)

    def test_neighbours_are_one_step_apart(self) -> None:
        # Products of neighbours 2, -2 (steps 0-1, 5-6; not 1-5): mean 0; of squares (1 + 4 + 1 + 4)/4.
        assert neighbours_alike(np.array([1.0, 2, -1, 2]), np.array([0, 1, 5, 6])) == 0
        assert neighbours_alike(np.array([1.0, 2, 1, 2]), np.array([0, 1, 2, 3])) == pytest.approx(2 / 2.5)

    def test_a_judgement_of_too_few_points_still_compares_the_means(self) -> None:
        judged = judge(points([1, 2, 7, 8, 9], 2), 12, seed=1)
        assert judged.regression.level is judged.level is judged.slope is None
        assert judged.difference is not None
        assert judged.difference.observed == pytest.approx(8 - 1.5)


class TestSeasons:
    @pytest.mark.parametrize(
        ("before", "gap", "after", "steps_a_year", "season"),
        [
            (24, 0, 24, 12, 12),  # each month twice on either side
            (18, 6, 36, 12, 6),  # half of the months once before
            (12, 0, 12, 12, 6),  # 9 columns, 24 points
            (6, 0, 6, 12, 3),  # three times before, twice would do; half-years only once
            (5, 0, 5, 12, 1),  # one part of the quarter is seen once
            (6, 2, 12, 4, 2),  # quarters: half-years three times, years once or twice
            (8, 0, 8, 4, 4),
            (3, 1, 6, 2, 1),  # half-years: one of them once before
            (4, 0, 4, 2, 2),
            (30, 0, 30, 0, 1),  # steps that do not fill a year
        ],
    )
    def test_the_longest_season_that_the_points_allow(
        self, before: int, gap: int, after: int, steps_a_year: int, season: int
    ) -> None:
        series = points(drawn(4, before + gap + after), before, gap)
        assert (season_of(series, steps_a_year) if steps_a_year else 1) == season
        assert make_design(series, steps_a_year).season == season

    def test_a_season_is_not_taken_for_a_change(self) -> None:
        half_yearly = np.where(np.arange(60) % 6 == 1, 3.0, 0.0) + 0.01 * drawn(5)
        found = interrupted(points(half_yearly, 18, 6), 12)
        assert abs(told(found.level).value) < 0.02
        assert "seasons of 6 steps" in found.method

    @pytest.mark.parametrize("seed", range(5))
    def test_a_known_step_is_recovered(self, seed: int) -> None:
        t = np.arange(60)
        spikes = np.where(t % 3 == 2, 2.0, 0.0)
        series = spikes + 0.01 * t + 2.4 * (t >= 24) + 0.05 * (t - 24) * (t >= 24) + 0.2 * drawn(seed)
        found = interrupted(points(series, 18, 6), 12)
        assert told(found.level).value == pytest.approx(2.4, abs=0.35)
        assert told(found.slope).value == pytest.approx(0.05, abs=0.03)
        assert told(found.level).p_value < 0.001


class TestCoverage:
    def test_it_is_in_the_model_if_it_varies(self) -> None:
        coverage = np.random.default_rng(6).uniform(0.5, 1, 40)
        series = 4 * coverage + 1.0 * (np.arange(40) >= 20)
        found = interrupted(points(series, 20, coverage=coverage))
        assert told(found.level).value == pytest.approx(1)
        assert "coverage varies and is in the model" in found.reasons

    def test_if_it_changes_with_the_phases_that_is_said(self) -> None:
        coverage = np.where(np.arange(40) < 20, 1, 0.9)
        found = interrupted(points(drawn(7, 40), 20, coverage=coverage))
        assert any("cannot be told from one of records" in reason for reason in found.reasons)

    @pytest.mark.parametrize("coverage", [None, np.full(40, nan), np.ones(40), np.r_[nan, np.ones(39) * 0.8]])
    def test_unknown_or_steady_it_is_left_out(self, coverage: np.ndarray | None) -> None:
        assert interrupted(points(drawn(8, 40), 20, coverage=coverage)).reasons == []


# --- the same by other code ----------------------------------------------------------------------------------


def plain_columns(step: np.ndarray, first_after: int, season: int, slope: bool) -> np.ndarray:
    rows = []
    for t in step:
        late = t >= first_after
        row = [1, t - step[0], late, *([(t - first_after) if late else 0] if slope else [])]
        rows.append(row + [t % season == part for part in range(1, season)])
    return np.array(rows, dtype=float)


def newey_west(columns: np.ndarray, residuals: np.ndarray, back: int) -> np.ndarray:
    """The covariance of the coefficients, summed up by hand: Bartlett weights, n / (n - k)."""
    n, k = columns.shape
    middle = np.zeros((k, k))
    for i in range(n):
        for j in range(n):
            if abs(i - j) <= back:
                weight = 1 - abs(i - j) / (back + 1)
                middle += weight * residuals[i] * residuals[j] * np.outer(columns[i], columns[j])
    bread = np.linalg.inv(columns.T @ columns)
    return n / (n - k) * bread @ middle @ bread


@pytest.mark.parametrize(
    ("before", "gap", "after", "year"), [(18, 6, 36, 12), (9, 2, 9, 0), (4, 0, 5, 0), (6, 2, 12, 4)]
)
def test_least_squares_and_newey_west_by_hand(before: int, gap: int, after: int, year: int) -> None:
    series = points(drawn(9, before + gap + after), before, gap)
    season, slope = season_of(series, year) if year else 1, min(before, after) >= 8
    columns = plain_columns(series.step, before + gap, season, slope)
    fitted, *_ = np.linalg.lstsq(columns, series.value, rcond=None)
    n, k = columns.shape
    back = int(np.floor(4 * (n / 100) ** (2 / 9)))
    assert lags(n) == back
    errors = np.sqrt(np.diag(newey_west(columns, series.value - columns @ fitted, back)))
    found = interrupted(series, year)
    for estimate, at in [(found.level, 2)] + ([(found.slope, 3)] if slope else []):
        one, half = told(estimate), stats.t.ppf(0.975, n - k) * errors[at]
        p = 2 * stats.t.sf(abs(fitted[at]) / errors[at], n - k)
        assert (one.value, one.p_value) == (pytest.approx(fitted[at]), pytest.approx(p))
        assert (one.ci_low, one.ci_high) == (pytest.approx(fitted[at] - half), pytest.approx(fitted[at] + half))


# --- change points -------------------------------------------------------------------------------------------


class TestChangePoints:
    def test_noise_from_neighbours(self) -> None:
        # Differences 1, -1, 3: median 1; |d - 1| = 0, 2, 2: median 2. A steady climb has none.
        assert noise(np.array([0.0, 1, 0, 3])) == pytest.approx(1.4826 * 2 / sqrt(2))
        assert noise(np.arange(9.0)) == 0

    @pytest.mark.parametrize("seed", range(10))
    def test_a_step_is_found_where_it_is(self, seed: int) -> None:
        series = drawn(seed, 40) * 0.3 + 3 * (np.arange(40) >= 17)
        assert 17 in change_points(points(series, 20))  # and, the penalty being low, another at times

    def test_it_is_the_cheapest_split(self) -> None:
        series = drawn(11, 12) * 0.5 + 2 * (np.arange(12) >= 5)

        def cost(cuts: tuple[int, ...]) -> float:
            ends = [0, *cuts, 12]
            within = sum(((series[a:b] - series[a:b].mean()) ** 2).sum() for a, b in pairwise(ends))
            return float(within + len(cuts) * 2 * noise(series) ** 2 * np.log(12))

        splits = [()] + [(a,) for a in range(3, 10)] + [(a, b) for a in range(3, 10) for b in range(a + 3, 10)]
        splits += [(3, 6, 9)]
        assert tuple(change_points(points(series, 6)).tolist()) == min(splits, key=cost)

    @pytest.mark.parametrize("values", [[1.0] * 20, [1.0, 2, 1, 2, 1]])
    def test_none_where_nothing_can_be_told(self, values: list[float]) -> None:
        assert len(change_points(points(values, 2))) == 0

    def test_without_the_package_the_extra_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def missing(name: str) -> None:
            raise ImportError(name)

        monkeypatch.setattr(finding.importlib, "import_module", missing)
        with pytest.raises(InputFault, match=r"interorgnet\[change-points\]"):
            change_points(points(drawn(12), 20))
