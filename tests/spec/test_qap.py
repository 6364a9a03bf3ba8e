"""Permutation tests of matrices: by hand, against every order taken plainly, and against what chance should give."""

from itertools import permutations
from math import isnan, nan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kstest, pearsonr

from orgnet.change.matrices import mrqap, orders, p_value, qap


def square(rng: np.random.Generator, n: int, directed: bool, density: float = 1.0) -> np.ndarray:
    """A random matrix of whole weights; what stands on its diagonal must not matter."""
    made = rng.integers(1, 6, (n, n)) * (rng.random((n, n)) < density).astype(float)
    if not directed:
        made = np.triu(made) + np.triu(made, k=1).T
    np.fill_diagonal(made, nan)
    return made


def cells(matrix: np.ndarray, directed: bool) -> list[float]:
    n = len(matrix)
    return [matrix[i, j] for i in range(n) for j in range(n) if (i != j if directed else i < j)]


def plain_qap(x: np.ndarray, y: np.ndarray, directed: bool) -> tuple[float, float]:
    """Every order of the organisations, one after the other."""
    observed = pearsonr(cells(x, directed), cells(y, directed)).statistic
    dealt = [
        pearsonr(cells(x[np.ix_(order, order)], directed), cells(y, directed)).statistic
        for order in permutations(range(len(x)))
    ]
    return observed, sum(abs(r) >= abs(observed) - 1e-9 for r in dealt) / len(dealt)


def test_three_organisations_by_hand():
    # Weights of ab, ac, bc: 1 2 3 and 1 2 3. The six orders of three organisations permute the three pairs in all six
    # ways: r is 1 once, -1 once, and 1/2 or -1/2 otherwise. Two of six are as strong: p = 1/3.
    x = np.array([[0, 1, 2], [1, 0, 3], [2, 3, 0.0]])
    found = qap(x, x, directed=False)
    assert (found.correlation, found.n_permutations) == (pytest.approx(1), 6)
    assert found.p_value == pytest.approx(2 / 6)
    # 1 2 3 and 2 1 3: deviations -1 0 1 and 0 -1 1, so r = 1 / 2, and every order gives 1/2 at least.
    other = qap(x, np.array([[0, 2, 1], [2, 0, 3], [1, 3, 0.0]]), directed=False)
    assert (other.correlation, other.p_value) == (pytest.approx(0.5), 1)


@pytest.mark.parametrize("directed", [True, False])
@pytest.mark.parametrize("seed", range(3))
def test_it_matches_every_order_of_six(seed, directed):
    rng = np.random.default_rng([seed, directed])
    x, y = square(rng, 6, directed, 0.5), square(rng, 6, directed, 0.8)
    found = qap(x, y, directed=directed)
    assert found.n_permutations == 720
    assert (found.correlation, found.p_value) == pytest.approx(plain_qap(x, y, directed), abs=1e-12)


def test_orders_are_all_there_are_or_drawn():
    every, exhaustive = orders(7, 99, 1)
    assert exhaustive and len(np.unique(every, axis=0)) == 5040
    some, exhaustive = orders(8, 99, 1)
    assert not exhaustive and some.shape == (99, 8)
    assert (np.sort(some, axis=1) == np.arange(8)).all()
    assert (orders(8, 99, 1)[0] == some).all()
    assert (orders(8, 99, 2)[0] != some).any()
    assert orders(300, 2, 1)[0].shape == (2, 300)


def test_the_smallest_p_value():
    rng = np.random.default_rng(5)
    x = rng.random((20, 20))
    assert qap(x, x, permutations=999).p_value == 1 / 1000
    assert qap(x, -x, permutations=999).p_value == 1 / 1000  # either way
    assert p_value(0.5, np.array([0.5, -0.5, 0.1]), exhaustive=True) == pytest.approx(2 / 3)
    assert p_value(0.5, np.array([0.5, -0.5, 0.1]), exhaustive=False) == 3 / 4


@pytest.mark.parametrize("directed", [True, False])
def test_chance_alone_gives_every_p_value_alike(directed):
    rng = np.random.default_rng(11)
    p_values = [
        qap(square(rng, 12, directed), square(rng, 12, directed), directed=directed, permutations=199, seed=n).p_value
        for n in range(300)
    ]
    assert kstest(p_values, "uniform").pvalue > 0.01
    assert np.mean(np.array(p_values) <= 0.05) == pytest.approx(0.05, abs=0.035)


def test_structure_is_no_evidence():
    # Two unrelated networks, each with a hub of its own: pairs look far from independent, and p stays as it should.
    rng = np.random.default_rng(3)
    p_values = []
    for n in range(200):
        x, y = (rng.normal(size=14)[:, None] + rng.normal(size=14) + 0.3 * rng.normal(size=(14, 14)) for _ in "xy")
        p_values.append(qap(x, y, permutations=199, seed=n).p_value)
    assert np.mean(np.array(p_values) <= 0.05) == pytest.approx(0.05, abs=0.045)
    assert kstest(p_values, "uniform").pvalue > 0.01


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10_000), st.integers(2, 6), st.booleans())
def test_the_order_of_organisations_does_not_matter(seed, n, directed):
    rng = np.random.default_rng(seed)
    x, y, order = square(rng, n, directed, 0.6), square(rng, n, directed, 0.6), rng.permutation(n)
    place = np.ix_(order, order)
    found, turned = qap(x, y, directed=directed), qap(x[place], y[place], directed=directed)
    swapped, scaled = qap(y, x, directed=directed), qap(3 * x + 2, y, directed=directed)
    for other in (turned, swapped, scaled):
        assert (other.correlation, other.p_value) == pytest.approx((found.correlation, found.p_value), nan_ok=True)
    assert isnan(found.correlation) or (-1 <= found.correlation <= 1 and 0 < found.p_value <= 1)


@pytest.mark.parametrize("dull", [np.zeros((5, 5)), np.full((5, 5), 0.1), np.full((5, 5), nan), np.eye(5)])
def test_a_matrix_that_does_not_vary_has_no_correlation(dull):
    other = np.arange(25.0).reshape(5, 5)
    for found in (qap(dull, other), qap(other, dull)):
        assert isnan(found.correlation) and isnan(found.p_value) and found.n_permutations == 0
    gap = other.copy()
    gap[0, 1] = nan
    assert isnan(qap(gap, other).correlation)
    assert isnan(qap(np.zeros((0, 0)), np.zeros((0, 0))).correlation)
    assert isnan(qap(np.ones((1, 1)), np.ones((1, 1)), directed=False).p_value)


def test_matrices_that_cannot_be_compared():
    with pytest.raises(ValueError, match=r"one size, found \(3, 3\), \(4, 4\)"):
        qap(np.zeros((3, 3)), np.zeros((4, 4)))
    with pytest.raises(ValueError, match="expected symmetric"):
        qap(np.arange(9.0).reshape(3, 3), np.zeros((3, 3)), directed=False)


# --- several matrices -----------------------------------------------------------------------------------------------


def plain_mrqap(y: np.ndarray, xs: list[np.ndarray], directed: bool) -> tuple[list[float], list[float]]:
    """Dekker, Krackhardt & Snijders' test with whole regressions and t statistics, one order after the other."""

    def fitted(outcome, columns):
        design = np.column_stack([np.ones(len(outcome)), *columns])
        coefficients = np.linalg.lstsq(design, outcome)[0]
        left = outcome - design @ coefficients
        variance = left @ left / (len(outcome) - design.shape[1]) * np.linalg.inv(design.T @ design)
        return coefficients, left, coefficients / np.sqrt(np.diag(variance))

    n, outcome, columns = len(y), np.array(cells(y, directed)), [np.array(cells(x, directed)) for x in xs]
    places = [(i, j) for i in range(n) for j in range(n) if (i != j if directed else i < j)]
    p_values = []
    for k in range(len(xs)):
        others = [column for number, column in enumerate(columns) if number != k]
        rest = np.zeros((n, n))
        for (i, j), value in zip(places, fitted(columns[k], others)[1], strict=True):
            rest[i, j] = value
            if not directed:
                rest[j, i] = value
        observed = fitted(outcome, [columns[k], *others])[2][1]
        dealt = [
            fitted(outcome, [np.array(cells(rest[np.ix_(order, order)], directed)), *others])[2][1]
            for order in permutations(range(n))
        ]
        p_values.append(sum(abs(t) >= abs(observed) - 1e-7 for t in dealt) / len(dealt))
    return fitted(outcome, columns)[0].tolist(), p_values


@pytest.mark.parametrize("directed", [True, False])
def test_mrqap_matches_whole_regressions_in_every_order(directed):
    rng = np.random.default_rng(8)
    xs = [rng.random((5, 5)) for _ in range(2)]
    y = xs[0] + 0.5 * xs[1] + 0.4 * rng.random((5, 5))
    if not directed:
        y, *xs = (matrix + matrix.T for matrix in (y, *xs))
    found = mrqap(y, xs, directed=directed)
    coefficients, p_values = plain_mrqap(y, xs, directed)
    assert found.coefficients == pytest.approx(coefficients)
    assert found.p_values == pytest.approx(p_values)
    assert found.n_permutations == 120


def test_mrqap_by_hand():
    # Weights of ab, ac, bc: y = 1 + 2 x exactly, whatever the order of the organisations otherwise gives.
    x = np.array([[0, 1, 2], [1, 0, 4], [2, 4, 0.0]])
    found = mrqap(1 + 2 * x, [x], directed=False)
    assert found.coefficients == pytest.approx([1, 2])
    # Deviations of x are -4/3, -1/3, 5/3; only the order as it is gives a correlation of 1, and none gives -1.
    assert found.p_values == pytest.approx([1 / 6])


def test_with_one_matrix_it_is_qap():
    rng = np.random.default_rng(4)
    x, y = rng.random((9, 9)), rng.random((9, 9))
    assert mrqap(y, [x], permutations=299, seed=2).p_values == pytest.approx(
        [qap(x, y, permutations=299, seed=2).p_value]
    )


def test_mrqap_finds_what_is_there_and_nothing_else():
    rng = np.random.default_rng(9)
    cause, idle = rng.normal(size=(16, 16)), rng.normal(size=(16, 16))
    idle += 0.7 * cause  # goes with the cause, and adds nothing to it
    found = mrqap(cause + rng.normal(size=(16, 16)), [cause, idle], permutations=499)
    assert found.p_values[0] == 1 / 500
    assert found.p_values[1] > 0.05


@pytest.mark.parametrize("kind", ["constant", "twice", "gap"])
def test_mrqap_is_undefined_where_least_squares_are(kind):
    rng = np.random.default_rng(1)
    y, x = rng.random((6, 6)), rng.random((6, 6))
    other = {"constant": np.full((6, 6), 2.0), "twice": 2 * x, "gap": np.where(x > 0.5, nan, x)}[kind]
    found = mrqap(y, [x, other])
    assert np.isnan(found.coefficients).all() and np.isnan(found.p_values).all()
    assert (len(found.coefficients), len(found.p_values), found.n_permutations) == (3, 2, 0)
