"""The vertex bootstrap: its published definition on a hand-sized case, and the metrics that it is taken over."""

from itertools import product

import numpy as np
import pytest

from orgnet.change.vertices import DIRECTED, UNDIRECTED, VertexDraws, draw_vertices, replicate_graph
from orgnet.metrics.registry import registered
from orgnet.slices import SliceTies, graph
from orgnet.vocabulary import Layer, Level

A, B, C, D = range(4)


def star() -> np.ndarray:
    """a - b, a - c, a - d."""
    matrix = np.zeros((4, 4))
    matrix[A, [B, C, D]] = matrix[[B, C, D], A] = 1
    return matrix


def test_a_draw_by_hand():
    # Drawn: a, a, b, c. The two copies of a are tied as b and d are, which are not; else as their originals are.
    draws = VertexDraws(np.array([[A, A, B, C]]), np.array([[0], [0], [1]]), np.array([[B], [D]]))
    assert draws.applied(star())[0].tolist() == [[0, 0, 1, 1], [0, 0, 1, 1], [1, 1, 0, 0], [1, 1, 0, 0]]
    # Tied as c and a are instead: one tie more.
    again = VertexDraws(draws.chosen, draws.copies, np.array([[C], [A]]))
    assert again.applied(star())[0].tolist() == [[0, 1, 1, 1], [1, 0, 1, 1], [1, 1, 0, 0], [1, 1, 0, 0]]
    assert replicate_graph(star(), False, draws)["density"].tolist() == [4 / 6]
    assert replicate_graph(star(), False, again)["density"].tolist() == [5 / 6]


def test_copies_of_one_take_over_both_directions_of_a_dyad():
    matrix = np.zeros((3, 3))
    matrix[A, B], matrix[B, A], matrix[B, C] = 5, 2, 7
    draws = VertexDraws(np.array([[C, C, A]]), np.array([[0], [0], [1]]), np.array([[B], [A]]))
    assert draws.applied(matrix)[0].tolist() == [[0, 2, 0], [5, 0, 0], [0, 0, 0]]


def plain_density(matrix: np.ndarray, chosen: tuple[int, ...]) -> tuple[float, float]:
    """Mean and mean square of the density of one draw, over all ways to fill in the dyads between copies."""
    n = len(matrix)
    dyads = [matrix[k, m] for k in range(n) for m in range(n) if k != m]
    p = float(np.mean([each > 0 for each in dyads]))
    pairs = [(i, j) for i in range(n) for j in range(i + 1, n)]
    tied = sum(matrix[chosen[i], chosen[j]] > 0 for i, j in pairs if chosen[i] != chosen[j])
    copies = sum(chosen[i] == chosen[j] for i, j in pairs)
    mean = (tied + copies * p) / len(pairs)
    return mean, mean**2 + copies * p * (1 - p) / len(pairs) ** 2


def test_the_standard_error_is_that_over_all_draws_there_are():
    # All 4^4 = 256 draws of four organisations, each with all ways to fill in; against a large number drawn at random.
    moments = np.array([plain_density(star(), chosen) for chosen in product(range(4), repeat=4)])
    mean, square = moments.mean(axis=0)
    exact = np.sqrt(square - mean**2)
    assert exact == pytest.approx(0.2700, abs=1e-4)
    found = replicate_graph(star(), False, draw_vertices(4, 40_000, seed=1))["density"]
    assert found.std() == pytest.approx(exact, rel=0.02)
    assert found.mean() == pytest.approx(mean, rel=0.01)


def random_matrix(seed: int, directed: bool) -> np.ndarray:
    random = np.random.default_rng(seed)
    n = int(random.integers(3, 9))
    matrix = np.where(random.random((n, n)) < random.uniform(0.1, 0.9), random.integers(1, 4, (n, n)), 0).astype(float)
    np.fill_diagonal(matrix, 0)
    return matrix if directed else np.triu(matrix) + np.triu(matrix).T


@pytest.mark.parametrize("directed", [False, True])
def test_undrawn_the_metrics_are_the_registrys(directed):
    functions = {m.name: m.function for m in registered(Level.NETWORK, "graph")}
    layer, measures = (Layer.REFERRALS, DIRECTED) if directed else (Layer.COMBINED, UNDIRECTED)
    seen = {name: set() for name in measures}
    for seed in range(60):
        matrix = random_matrix(seed, directed)
        n = len(matrix)
        source, target = np.nonzero(matrix if directed else np.triu(matrix))
        none = np.zeros(len(source), np.int64)
        ties = SliceTies(layer, 0, source, target, matrix[source, target], none, none, none, none)
        drawn = graph(ties, np.arange(n), [str(i) for i in range(n)])
        as_it_is = VertexDraws(np.arange(n)[None, :], np.zeros((3, 0), np.int64), np.zeros((2, 0), np.int64))
        for name, values in replicate_graph(matrix, directed, as_it_is).items():
            assert values[0] == pytest.approx(functions[name](drawn), nan_ok=True), (seed, name)
            seen[name].add(round(float(values[0]), 9))
    assert all(len(values) > 5 for values in seen.values())


def test_draws_do_not_depend_on_how_many_are_taken_at_once(monkeypatch):
    matrix, draws = random_matrix(3, True), draw_vertices(len(random_matrix(3, True)), 50, seed=2)
    at_once = replicate_graph(matrix, True, draws)
    monkeypatch.setattr("orgnet.change.vertices.CELLS_AT_ONCE", 1)
    np.testing.assert_equal(replicate_graph(matrix, True, draws), at_once)


def test_the_same_seed_gives_the_same_draws_and_no_dyad_is_of_one_organisation():
    one, two, other = (draw_vertices(6, 200, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.chosen, two.chosen)
    np.testing.assert_array_equal(one.dyads, two.dyads)
    assert (one.chosen != other.chosen).any()
    assert (one.dyads[0] != one.dyads[1]).all() and set(one.dyads.ravel()) == set(range(6))
    at, row, column = one.copies
    assert (one.chosen[at, row] == one.chosen[at, column]).all() and (row < column).all()


def test_one_organisation_has_no_pair_to_draw():
    with pytest.raises(ValueError, match="found 1 organisations, expected two or more"):
        draw_vertices(1, 10, seed=1)
