"""P-values by permutation: worked examples, every arrangement by plain loops, size where nothing is, power where something is.

Sizes are counts of seeded series with p < .05, and stay below what a test of size .05 exceeds once in a thousand times.
"""

from collections.abc import Callable
from itertools import chain, combinations, permutations, product
from math import comb, isnan
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binom

from benchmarks.calibration import GROUPS, figures_of, judge_groups
from orgnet.change.activity import make_steps
from orgnet.change.arrangements import Arrangements, alike, arrange, block_length
from orgnet.change.design import Points, make_design, steps_within, take_points
from orgnet.change.judged import judge
from orgnet.change.people import (
    PersonValues,
    change_of_people,
    compare_groups,
    meetings_of_people,
    rates_of_people,
)
from orgnet.change.permutation import Permuted, p_of_change, p_of_difference, p_of_groups
from orgnet.indicators.group_windows import Resampled, prepare
from orgnet.metrics.posts import Posts, group_posts
from orgnet.windows import Calendar
from tests.networks import Network, network
from tests.spec.test_group_metrics import FORUM
from tests.stages import Results

ALPHA = 0.05


def points(values: list[float] | np.ndarray, before: int, gap: int = 0) -> Points:
    """A series with so many points before and a gap; the rest are after."""
    step = np.arange(len(values))
    return take_points(np.asarray(values, dtype=float), step < before, step >= before + gap)


def most(series: int) -> int:
    """More p-values below .05 than this, of so many, come of a test of size .05 less than once in a thousand times."""
    return int(binom.ppf(0.999, series, ALPHA))


def level(series: Points, year: int = 0, draws: int = 199) -> Permuted:
    return p_of_change(series, make_design(series, year), 2, year, seed=1, draws=draws)


class TestArrangements:
    def test_all_choices_of_what_comes_before(self) -> None:
        found = arrange(points([1, 2, 3, 4, 5], 2), 1, draws=9, seed=1, ordered=False)
        assert (found.n, found.exact) == (comb(5, 2) - 1, True)
        assert {frozenset(row[:2]) for row in found.source.tolist()} == set(map(frozenset, combinations(range(5), 2)))
        assert found.source[0].tolist() == [0, 1, 2, 3, 4]

    def test_blocks_are_exchanged_whole(self) -> None:
        # Four before, a gap of two, four after: blocks of two steps, counted from the first after.
        found = arrange(points(np.arange(10.0), 4, 2), 2, draws=9, seed=1)
        pairs = [[0, 1], [2, 3], [4, 5], [6, 7]]
        assert sorted(found.source.tolist()) == sorted(list(chain(*order)) for order in permutations(pairs))

    def test_a_block_unlike_all_others_stays_where_it_is(self) -> None:
        # Five before: the first point has only half a block.
        found = arrange(points(np.arange(9.0), 5), 2, draws=9, seed=1)
        assert (found.source[:, 0] == 0).all()
        assert found.n == 4 * 3 * 2 - 1

    def test_blocks_with_the_same_step_missing_are_alike(self) -> None:
        values = np.arange(12.0)
        values[[1, 7]] = np.nan  # blocks of three steps: 0-2 and 6-8 lack their second
        sorts = alike(points(values, 6), 3)
        assert sorted(each.tolist() for each in sorts) == [[[0, 1], [5, 6]], [[2, 3, 4], [7, 8, 9]]]

    def test_too_many_are_drawn_from_the_seed(self) -> None:
        series = points(np.arange(20.0), 10)
        one, same, other = (arrange(series, 1, draws=50, seed=seed) for seed in (1, 1, 2))
        assert (one.n, one.exact) == (50, False)
        assert one.source[0].tolist() == list(range(20))
        assert all(sorted(row) == list(range(20)) for row in one.source.tolist())
        assert (one.source == same.source).all()
        assert (one.source != other.source).any()

    @pytest.mark.parametrize(
        ("before", "gap", "after", "longest", "length"),
        [(18, 6, 36, 6, 6), (24, 0, 24, 12, 6), (12, 6, 12, 6, 3), (6, 2, 12, 2, 2), (4, 2, 6, 2, 1), (2, 0, 2, 6, 1)],
    )
    def test_blocks_are_shorter_where_few_are_alike(
        self, before: int, gap: int, after: int, longest: int, length: int
    ) -> None:
        # 24 + 24 months are four blocks of a year, which are too few, or eight of half a year.
        assert block_length(points(np.zeros(before + gap + after), before, gap), longest) == length


class TestDifference:
    def test_worked_example(self) -> None:
        # 3 of 6 come before in 20 ways; only {1, 2, 3} and {10, 11, 12} before differ by 9: 2 / 20.
        found = p_of_difference(points([1, 2, 3, 10, 11, 12], 3), 0, seed=1)
        assert (found.p_value, found.observed, found.n, found.exact) == (0.1, 9, 19, True)
        assert found.method == "permutation, 19 other arrangements (all)"

    @pytest.mark.parametrize("value", [2, 0.1, 1 / 3, -7.7])
    def test_all_alike_differ_as_much_in_any_order(self, value: float) -> None:
        # Means of thirds and tenths differ by rounding, in some orders more than in others: that is no difference.
        found = p_of_difference(points([value] * 16, 6), 0, seed=1)
        assert (found.p_value, found.observed) == (1, 0)

    def test_drawn_the_smallest_is_one_more_than_the_draws(self) -> None:
        found = p_of_difference(points(np.r_[np.zeros(30), np.ones(30) * 9], 30), 0, seed=1, draws=99)
        assert (found.p_value, found.n, found.exact) == (1 / 100, 99, False)

    def test_nothing_to_exchange_is_no_p_value(self) -> None:
        found = p_of_difference(points([1, 2], 1), 0, seed=1)
        assert found.p_value == 1  # both orders differ by 1
        alone = arrange(points([1, 2, 3], 2), 2, draws=9, seed=1)  # one whole block, one that lacks a step
        assert (alone.n, alone.exact) == (0, True)

    @pytest.mark.parametrize("seed", range(5))
    def test_every_arrangement_by_loops(self, seed: int) -> None:
        values = np.random.default_rng(seed).normal(size=16)
        found = p_of_difference(points(values, 4), 0, seed=1)  # blocks of two steps
        blocks = [(b, b + 1) for b in range(0, 16, 2)]
        sizes = []
        for early in combinations(blocks, 2):
            before = [i for block in early for i in block]
            sizes.append(abs(values[before].mean() - np.delete(values, before).mean()))
        observed = abs(values[:4].mean() - values[4:].mean())
        assert found.n == len(sizes) - 1 == comb(8, 2) - 1
        assert found.p_value == pytest.approx(np.mean([size >= observed - 1e-9 for size in sizes]))


def root(matrix: np.ndarray) -> np.ndarray:
    """The inverse of a positive matrix's square root, by Denman and Beavers' iteration."""
    y, z = matrix.copy(), np.eye(len(matrix))
    for _ in range(40):
        y, z = (y + np.linalg.inv(z)) / 2, (z + np.linalg.inv(y)) / 2
    return z


def plain_level(values: np.ndarray, columns: np.ndarray, blocks: list[list[int]]) -> float:
    """The p-value of column 2 over all orders of some blocks of like length: one regression after the other."""

    def t(series: np.ndarray) -> float:
        fitted, *_ = np.linalg.lstsq(columns, series, rcond=None)
        left = series - columns @ fitted
        spread = left @ left / (len(series) - columns.shape[1]) * np.linalg.inv(columns.T @ columns)[2, 2]
        return abs(fitted[2]) / np.sqrt(spread)

    without = np.delete(columns, 2, axis=1)
    hat = without @ np.linalg.inv(without.T @ without) @ without.T
    residuals, back = values - hat @ values, np.zeros(len(values))
    for rows in blocks:
        back[rows] = root(np.eye(len(rows)) - hat[np.ix_(rows, rows)]) @ residuals[rows]
    sizes = []
    for order in permutations(blocks):
        exchanged = np.zeros(len(values))
        exchanged[list(chain(*blocks))] = back[list(chain(*order))]
        sizes.append(t(hat @ values + exchanged))
    sizes[0] = t(values)
    return float(np.mean([size >= sizes[0] * (1 - 1e-9) for size in sizes]))


class TestLevel:
    @pytest.mark.parametrize("seed", range(3))
    def test_every_order_of_single_points_by_loops(self, seed: int) -> None:
        values = np.random.default_rng(seed).normal(size=6) + np.repeat([0, 2], 3)
        found = level(points(values, 3))
        t = np.arange(6)
        columns = np.column_stack([np.ones(6), t, t >= 3]).astype(float)
        assert (found.n, found.exact, found.block) == (719, True, 1)
        assert found.p_value == pytest.approx(plain_level(values, columns, [[i] for i in range(6)]))

    @pytest.mark.parametrize("seed", range(3))
    def test_every_order_of_blocks_by_loops(self, seed: int) -> None:
        values = np.random.default_rng(seed).normal(size=12) + np.tile([0, 5], 6)
        series = points(values, 6)  # two steps a year: a season of two steps, six blocks of it
        found = level(series, 2)
        t = np.arange(12)
        columns = np.column_stack([np.ones(12), t, t >= 6, t % 2]).astype(float)
        assert (found.n, found.exact, found.block) == (719, True, 2)
        assert found.p_value == pytest.approx(plain_level(values, columns, [[b, b + 1] for b in range(0, 12, 2)]))

    def test_a_line_without_noise_is_no_change(self) -> None:
        assert level(points(np.arange(20.0), 10)).p_value == 1

    def test_neither_unit_nor_steady_trend_matter(self) -> None:
        values = np.random.default_rng(8).normal(size=40)
        one, other = level(points(values, 20), 4), level(points(7 * values + 3 * np.arange(40) - 5, 20), 4)
        assert one.p_value == other.p_value
        assert one.observed == pytest.approx(other.observed)

    def test_a_change_of_slope_is_another_column(self) -> None:
        t = np.arange(40)
        series = points(0.3 * np.random.default_rng(10).normal(size=40) + 0.2 * np.maximum(t - 20, 0), 20)
        judged = judge(series, 0, seed=1, draws=199)
        assert judged.slope is not None
        assert judged.level is not None
        assert judged.slope.p_value == 1 / 200
        assert judged.level.p_value > ALPHA


SERIES = 300


def white(rng: np.random.Generator, n: int) -> np.ndarray:
    return rng.normal(size=n)


def drifting(rng: np.random.Generator, n: int) -> np.ndarray:
    """Noise around a steady trend."""
    return rng.normal(size=n) + 0.1 * np.arange(n)


def spiky(rng: np.random.Generator, n: int) -> np.ndarray:
    """A forum of 24 people twice a year, at which about a third are; next to nothing in between."""
    forum = np.where(np.arange(n) % 6 == 1, rng.binomial(24, 0.3, size=n), 0)
    return (forum + rng.poisson(0.3, size=n)) / 24


def clinging(rng: np.random.Generator, n: int) -> np.ndarray:
    """Noise of which three tenths stay for the next month."""
    values = rng.normal(size=n)
    values[0] /= np.sqrt(1 - 0.3**2)
    for month in range(1, n):
        values[month] += 0.3 * values[month - 1]
    return values


@pytest.mark.parametrize("kind", [white, drifting, spiky, clinging])
@pytest.mark.parametrize(("before", "gap", "after", "year"), [(18, 6, 36, 12), (24, 0, 24, 12), (5, 0, 7, 0)])
def test_size(
    kind: Callable[[np.random.Generator, int], np.ndarray], before: int, gap: int, after: int, year: int
) -> None:
    if kind is clinging and not year:
        pytest.skip("a dozen points cannot show that they cling together: see docs/series_before_and_after.md")
    rng = np.random.default_rng([20, before])
    found = [level(points(kind(rng, before + gap + after), before, gap), year) for _ in range(SERIES)]
    assert sum(each.p_value < ALPHA for each in found) <= most(SERIES)


def test_power() -> None:
    """A step of three standard deviations, at 18 and 36 months: it is found nine times in ten."""
    rng = np.random.default_rng(21)
    step = 3.0 * (np.arange(60) >= 24)
    found = [level(points(white(rng, 60) + step, 18, 6), 12) for _ in range(100)]
    assert sum(each.p_value < ALPHA for each in found) > binom.ppf(0.001, 100, 0.9)


def test_size_of_the_difference_of_means() -> None:
    rng = np.random.default_rng(22)
    found = [p_of_difference(points(spiky(rng, 60), 18, 6), 12, seed=1) for _ in range(SERIES)]
    assert all(each.exact and each.n == comb(9, 3) - 1 for each in found)
    assert sum(each.p_value < ALPHA for each in found) <= most(SERIES)


# --- groups --------------------------------------------------------------------------------------------------


class TestGroups:
    def test_worked_example(self) -> None:
        # A: 5 and 1, 1; B: 6 and 2. One label in three places, one in two: 6 ways. Means of the first: 5.5 (observed),
        # then (5+2), (1+6) twice, (1+2) twice over 2; total 15. 5.5 - 4/3 = 4.17; 3.5 - 8/3 = .83; 1.5 - 4 = -2.5.
        values, organisation = np.array([5.0, 1, 6, 1, 2]), np.array([7, 7, 9, 7, 9])
        found = p_of_groups(values, organisation, np.array([True, False, True, False, False]), seed=1)
        assert (found.p_value, found.n, found.exact) == (pytest.approx(1 / 6), 5, True)
        assert found.observed == pytest.approx(5.5 - 4 / 3)

    @pytest.mark.parametrize("seed", range(5))
    def test_every_way_by_loops_and_about_the_same_drawn(self, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
        rng = np.random.default_rng(seed)
        organisation, first = rng.permutation(np.repeat(np.arange(4), 4)), rng.random(16) < 0.4
        values = rng.normal(size=16) + 0.7 * first + organisation
        rows = [np.flatnonzero(organisation == org) for org in range(4)]
        sizes = []
        for chosen in product(*(combinations(own, int(first[own].sum())) for own in rows)):
            labels = np.isin(np.arange(16), [person for people in chosen for person in people])
            sizes.append(abs(values[labels].mean() - values[~labels].mean()))
        observed = abs(values[first].mean() - values[~first].mean())
        p = np.mean([size >= observed - 1e-9 for size in sizes])
        found = p_of_groups(values, organisation, first, seed=1)
        assert (found.p_value, found.n, found.exact) == (pytest.approx(p), len(sizes) - 1, True)
        monkeypatch.setattr("orgnet.change.permutation.MOST_LISTED", 1)
        monkeypatch.setattr("orgnet.change.permutation.CELLS_AT_ONCE", 1000)
        drawn = p_of_groups(values, organisation, first, seed=1, draws=4000)
        assert (drawn.n, drawn.exact) == (4000, False)
        assert drawn.p_value == pytest.approx(p, abs=4 * np.sqrt(0.25 / 4000))
        assert drawn == p_of_groups(values, organisation, first, seed=1, draws=4000)

    def test_a_difference_between_organisations_is_none_between_groups(self) -> None:
        """Nearly all of the first group are where everybody meets more; within an organisation the groups are alike."""
        rng, small = np.random.default_rng(23), 0
        organisation = np.repeat([0, 1], 30)
        first = np.r_[np.arange(30) < 25, np.arange(30) < 5]
        for seed in range(SERIES):
            values = rng.normal(size=60) + 3 * (organisation == 0)
            small += p_of_groups(values, organisation, first, seed, draws=199).p_value < ALPHA
        assert small <= most(SERIES)

    def test_a_difference_within_organisations_is_found(self) -> None:
        rng = np.random.default_rng(24)
        organisation, first = np.repeat(np.arange(12), 6), np.tile([True, True, True, True, False, False], 12)
        values = rng.poisson(np.where(first, 40, 3), size=72).astype(float)
        assert p_of_groups(values, organisation, first, seed=1, draws=999).p_value == 1 / 1000

    @pytest.mark.parametrize("first", [[True] * 4, [False] * 4, [True, True, False, False]])
    def test_without_both_groups_in_one_organisation_there_is_no_p_value(self, first: list[bool]) -> None:
        found = p_of_groups(np.arange(4.0), np.array([0, 0, 1, 1]), np.array(first), seed=1)
        assert isnan(found.p_value)
        assert found.n == 0

    @pytest.mark.parametrize("value", [2, 0.1, 1 / 3, -7.7])
    def test_people_who_are_all_alike_differ_in_no_way(self, value: float) -> None:
        first = np.arange(14) % 3 == 0
        found = p_of_groups(np.full(14, value), np.repeat([0, 1], 7), first, seed=1)
        assert (found.p_value, found.observed) == (1, 0)

    def test_who_has_no_value_is_left_out(self) -> None:
        values, organisation = np.array([5.0, 1, 6, 1, 2]), np.array([7, 7, 9, 7, 9])
        first = np.array([True, False, True, False, False])
        more = p_of_groups(np.r_[values, np.nan], np.r_[organisation, 9], np.r_[first, True], seed=1)
        assert more == p_of_groups(values, organisation, first, seed=1)


def prepared(found: Network) -> tuple[Resampled, Calendar, list[Posts]]:
    steps = make_steps(found.config)
    resampled = prepare(found.ties, found.records, found.roster, found.config, found.calendar)
    return resampled, steps, group_posts(found.records, found.config, steps)


def test_rates_of_people_on_the_roster(tmp_path: Path) -> None:
    """The forum; dan comes in on 1 June and leaves in December, so that 1 December's meeting is not on his roster."""
    people = FORUM["people"].replace("dan        C       nurse", "dan  C  nurse  2015-06-01  2015-12-15")
    people = people.replace("person_id  org_id  group", "person_id  org_id  group  start  end")
    people = "\n".join(f"{line} - -" if line.endswith("nurse") else line for line in people.splitlines())
    resampled, steps, posts = prepared(network(tmp_path, **{**FORUM, "people": people}))
    meetings = meetings_of_people(resampled.groups[0], resampled.diary, steps)
    assert meetings.shape == (5, 12)
    second = np.arange(12) >= 6
    found = rates_of_people(meetings, posts[0], second)
    # July to December: ann August; bea August, November; cat and dan also December; dan is on the roster for five months.
    rates = sorted(found.values.tolist())
    assert rates == pytest.approx(sorted([1 / 6, 2 / 6, 3 / 6, 2 / 5, 0]))
    change = change_of_people(rates_of_people(meetings, posts[0], ~second), found)
    # January to June: ann and cat February, May; dan on the roster from June on, May's meeting not with it.
    assert sorted(change.values.tolist()) == pytest.approx(sorted([1 / 6 - 2 / 6, 2 / 6, 3 / 6 - 2 / 6, 2 / 5, 0]))


def test_groups_of_the_scenario(scenario: Results) -> None:
    """Surgeons' meetings rose by more than radiologists' did; people of several organisations are not compared."""
    assert scenario.drawn is not None
    resampled, config = scenario.drawn.groups, scenario.config
    steps = make_steps(config)
    posts = group_posts(scenario.records, config, steps)
    pre, post = (steps_within(steps, *config.phases[phase]) for phase in ("pre", "post"))

    def change(group: str) -> PersonValues:
        number = config.professional_groups.index(group)
        meetings = meetings_of_people(resampled.groups[number], resampled.diary, steps)
        return change_of_people(*(rates_of_people(meetings, posts[number], side) for side in (pre, post)))

    found = compare_groups(change("surgeon"), change("radiologist"), seed=1, draws=999)
    assert (found.p_value, found.n, found.exact) == (1 / 1000, 999, False)
    assert found.observed > 1
    alone = change("surgeon")
    nobody = PersonValues(alone.values, np.full(len(alone.values), -1))
    assert isnan(compare_groups(alone, nobody, seed=1).p_value)


# --- the scenario --------------------------------------------------------------------------------------------


def test_the_scenario_without_and_with_a_change() -> None:
    """A few seeds of what `benchmarks.calibration` does with two hundred."""
    null = [figures_of(seed, ("null",), [judge_groups]) for seed in (1, 2, 3)]
    small = [found[f"{group}.permuted"] < ALPHA for found in null for group in GROUPS]
    assert sum(small) <= most(len(small))
    base = figures_of(1, (), [judge_groups])
    for group, change in [("surgeon", 2.4), ("nurse", 2.6)]:
        assert base[f"{group}.level"] == pytest.approx(change, rel=0.2)
        assert base[f"{group}.permuted"] < ALPHA
    assert abs(base["radiologist.level"]) < 0.5
    assert abs(base["ahp.level"]) < 0.3


def test_arrangements_keep_their_number() -> None:
    assert Arrangements(np.zeros((5, 3), dtype=np.int64), True, 1).n == 4
