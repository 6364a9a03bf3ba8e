"""What each metric of a whole network is: worked examples, and checks against other code.

Networks that come back (ties have strength 1 unless a number is given):

    F1     a                   F2  (directed)          star      b           dyad   a --- b
           | \\                     a --5--> b                    |
           |  c --- d --- e         b --3--> a               c---a---d       K3     a --- b
           | /      |               a --2--> c                                       \\   /
           b        f               c --4--> d                                         c
                                    d --4--> c
                                    b --1--> d
"""

from math import nan

import networkx as nx
import numpy as np
import pytest
from igraph import Graph

from orgnet.metrics import centralization, cohesion
from orgnet.metrics import network as nw

F1 = "ab ac bc cd de df"
F2 = "ab5 ba3 ac2 cd4 dc4 bd1"
STAR = "ab ac ad"
DYAD = "ab"
K3 = "ab bc ca"


def exactly(expected: float):
    return pytest.approx(expected, rel=1e-12, abs=1e-12, nan_ok=True)


# --- worked examples ----------------------------------------------------------------------------------------


@pytest.mark.worked_example("network.density")
def test_density_is_the_share_of_possible_ties(drawn):
    # 6 ties of 6 x 5 / 2 = 15 possible.
    assert nw.density(drawn(F1)) == exactly(6 / 15)
    # Directed: 6 ties of 4 x 3 = 12 possible.
    assert nw.density(drawn(F2, directed=True)) == exactly(6 / 12)
    assert nw.density(drawn(K3)) == exactly(1)
    # An isolate counts: 3 ties of 4 x 3 / 2 = 6.
    assert nw.density(drawn(K3, alone="x")) == exactly(3 / 6)
    assert nw.density(drawn("", alone="ab")) == exactly(0)
    assert nw.density(drawn("", alone="a")) == exactly(nan)
    assert nw.density(drawn("")) == exactly(nan)


@pytest.mark.worked_example("network.avg_degree")
def test_avg_degree_counts_both_ends_of_a_tie(drawn):
    assert nw.avg_degree(drawn(F1)) == exactly(2 * 6 / 6)
    assert nw.avg_degree(drawn(STAR)) == exactly((3 + 1 + 1 + 1) / 4)
    assert nw.avg_degree(drawn(DYAD, alone="x")) == exactly((1 + 1 + 0) / 3)
    # Directed: ties in plus ties out, 3 for each of the four.
    assert nw.avg_degree(drawn(F2, directed=True)) == exactly(3)
    assert nw.avg_degree(drawn("")) == exactly(nan)


@pytest.mark.worked_example("network.components", "network.largest_component_share")
def test_components_count_isolates(drawn):
    # a - b - c      d - e      x
    parts = drawn("ab bc de", alone="x")
    assert nw.components(parts) == 3
    assert nw.largest_component_share(parts) == exactly(3 / 6)
    assert nw.components(drawn(F1)) == 1
    assert nw.largest_component_share(drawn(F1)) == 1
    assert nw.components(drawn("", alone="ab")) == 2
    assert nw.largest_component_share(drawn("", alone="ab")) == exactly(1 / 2)
    assert nw.components(drawn("")) == 0
    assert nw.largest_component_share(drawn("")) == exactly(nan)


@pytest.mark.worked_example("network.components", "network.largest_component_share")
def test_components_ignore_direction(drawn):
    # a -> b <- c: no way from a to c, yet one part.
    into_b = drawn("ab cb", directed=True)
    assert nw.components(into_b) == 1
    assert nw.largest_component_share(into_b) == 1


@pytest.mark.worked_example("network.reciprocity")
def test_reciprocity_is_the_share_of_ties_returned(drawn):
    # ab and ba, cd and dc are returned; ac and bd are not: 4 of 6.
    assert nw.reciprocity(drawn(F2, directed=True)) == exactly(4 / 6)
    # By ties, not by pairs: 2 of 3, where 1 of 2 pairs is two-way.
    assert nw.reciprocity(drawn("ab ba ac", directed=True)) == exactly(2 / 3)
    assert nw.reciprocity(drawn("ab ac", directed=True)) == exactly(0)
    assert nw.reciprocity(drawn("", alone="ab", directed=True)) == exactly(nan)


@pytest.mark.worked_example("network.weighted_reciprocity")
def test_weighted_reciprocity_is_the_share_of_strength_returned(drawn):
    # ab 5 and ba 3 share 3, twice; cd 4 and dc 4 share 4, twice; of 5 + 3 + 2 + 4 + 4 + 1.
    assert nw.weighted_reciprocity(drawn(F2, directed=True)) == exactly((2 * 3 + 2 * 4) / 19)
    # One in return for a hundred: every tie is returned, hardly any strength is.
    lopsided = drawn("ab100 ba1", directed=True)
    assert nw.reciprocity(lopsided) == exactly(1)
    assert nw.weighted_reciprocity(lopsided) == exactly(2 / 101)
    assert nw.weighted_reciprocity(drawn("ab3 ac2", directed=True)) == exactly(0)
    assert nw.weighted_reciprocity(drawn("", alone="ab", directed=True)) == exactly(nan)


@pytest.mark.worked_example("network.transitivity")
def test_transitivity_closes_triples(drawn):
    # One triangle; triples around a 1, b 1, c 3, d 3.
    assert cohesion.transitivity(drawn(F1)) == exactly(3 * 1 / (1 + 1 + 3 + 3))
    assert cohesion.transitivity(drawn(K3, alone="x")) == exactly(1)
    assert cohesion.transitivity(drawn(STAR)) == exactly(0)
    # Strength makes no difference, nor does direction, nor a tie returned.
    assert cohesion.transitivity(drawn("ab9 ac bc3 cd de2 df")) == exactly(3 / 8)
    assert cohesion.transitivity(drawn("ab ba ca bc cd dc ed df", directed=True)) == exactly(3 / 8)
    # Nobody has two partners.
    assert cohesion.transitivity(drawn(DYAD)) == exactly(nan)
    assert cohesion.transitivity(drawn("")) == exactly(nan)


@pytest.mark.worked_example("network.transitivity")
def test_transitivity_stays_the_same_once_the_graph_is_known_to_be_simple(drawn):
    # One triangle abc; d is tied to c: triples around a 1, b 1, c 3. With ab counted twice it would be 2/3.
    returned = drawn("ab ba ac cb cd", directed=True)
    assert returned.is_simple()
    assert cohesion.transitivity(returned) == exactly(3 * 1 / (1 + 1 + 3))


@pytest.mark.worked_example("network.degree_centralization")
def test_degree_centralization_is_1_for_a_star(drawn):
    # (3 - 3) + 3 x (3 - 1) = 6, over 3 x 2.
    assert centralization.degree_centralization(drawn(STAR)) == exactly(6 / 6)
    # Degrees 2 2 3 3 1 1 fall short of 3 by 1 + 1 + 0 + 0 + 2 + 2 = 6, over 5 x 4.
    assert centralization.degree_centralization(drawn(F1)) == exactly(6 / 20)
    # All equal: a triangle, a ring, no ties at all.
    assert centralization.degree_centralization(drawn(K3)) == exactly(0)
    assert centralization.degree_centralization(drawn("ab bc cd da")) == exactly(0)
    assert centralization.degree_centralization(drawn("", alone="abc")) == exactly(0)
    assert centralization.degree_centralization(drawn(DYAD)) == exactly(nan)
    assert centralization.degree_centralization(drawn("")) == exactly(nan)


@pytest.mark.worked_example("network.degree_centralization")
def test_degree_centralization_counts_a_returned_tie_once(drawn):
    # A star whose hub has a tie returned is still a star.
    assert centralization.degree_centralization(drawn("ab ba ac ad", directed=True)) == exactly(1)
    # F2 without direction is a square: all equal.
    assert centralization.degree_centralization(drawn(F2, directed=True)) == exactly(0)


@pytest.mark.worked_example("network.out_degree_centralization", "network.in_degree_centralization")
def test_centralization_by_direction(drawn):
    # One body convenes all: out-degrees 3 0 0 0 fall short by 3 x 3 = 9, over 3^2; in-degrees 0 1 1 1 by 1.
    convened = drawn(STAR, directed=True)
    assert centralization.out_degree_centralization(convened) == exactly(9 / 9)
    assert centralization.in_degree_centralization(convened) == exactly(1 / 9)
    # All refer to one centre: the other way round.
    referred = drawn("ba ca da", directed=True)
    assert centralization.out_degree_centralization(referred) == exactly(1 / 9)
    assert centralization.in_degree_centralization(referred) == exactly(9 / 9)
    # F2: out-degrees 2 2 1 1 and in-degrees 1 1 2 2.
    assert centralization.out_degree_centralization(drawn(F2, directed=True)) == exactly(2 / 9)
    assert centralization.in_degree_centralization(drawn(F2, directed=True)) == exactly(2 / 9)
    # Two organisations are enough for a direction: a -> b is a star of one.
    assert centralization.out_degree_centralization(drawn(DYAD, directed=True)) == exactly(1)
    assert centralization.in_degree_centralization(drawn(DYAD, directed=True)) == exactly(1)
    assert centralization.out_degree_centralization(drawn("", alone="a", directed=True)) == exactly(nan)
    assert centralization.in_degree_centralization(drawn("", alone="a", directed=True)) == exactly(nan)


# --- second implementations ---------------------------------------------------------------------------------


def in_networkx(graph: Graph) -> nx.Graph:
    """The same network in networkx, isolates kept."""
    other = nx.DiGraph() if graph.is_directed() else nx.Graph()
    other.add_nodes_from(range(graph.vcount()))
    other.add_edges_from(graph.get_edgelist())
    return other


def strength_matrix(graph: Graph) -> np.ndarray:
    matrix = np.zeros((graph.vcount(), graph.vcount()))
    for (i, j), strength in zip(graph.get_edgelist(), graph.es["weight"], strict=True):
        matrix[i, j] = strength
    return matrix


def assert_same(metric, reference, networks: list[Graph]) -> None:
    for graph in networks:
        assert metric(graph) == pytest.approx(reference(graph), rel=0, abs=1e-9, nan_ok=True), str(graph)


def test_the_random_networks_hold_the_awkward_cases(undirected_networks, directed_networks):
    for networks in (undirected_networks, directed_networks):
        assert {0, 1, 2} <= {graph.vcount() for graph in networks}
        assert any(graph.vcount() > 2 and not graph.ecount() for graph in networks)
        parts = [len(graph.connected_components(mode="weak")) for graph in networks if graph.ecount()]
        assert sum(n == 1 for n in parts) >= 10
        assert sum(n > 1 for n in parts) >= 5
        assert all(graph.is_simple() for graph in networks)
    assert sum(0 < graph.reciprocity() < 1 for graph in directed_networks if graph.ecount()) >= 10


@pytest.mark.second_implementation("network.density", "network.avg_degree")
def test_density_and_avg_degree_match_networkx(undirected_networks, directed_networks):
    networks = undirected_networks + directed_networks
    # With no possible tie, networkx says 0 and this library says undefined.
    assert_same(nw.density, lambda g: nx.density(in_networkx(g)) if g.vcount() > 1 else nan, networks)

    def mean_degree(graph: Graph) -> float:
        return np.mean([d for _, d in in_networkx(graph).degree()]) if graph.vcount() else nan

    assert_same(nw.avg_degree, mean_degree, networks)


@pytest.mark.second_implementation("network.components", "network.largest_component_share")
def test_components_match_networkx(undirected_networks, directed_networks):
    def parts(graph: Graph) -> list[int]:
        return [len(part) for part in nx.connected_components(in_networkx(graph).to_undirected())]

    networks = undirected_networks + directed_networks
    assert_same(nw.components, lambda g: len(parts(g)), networks)
    assert_same(nw.largest_component_share, lambda g: max(parts(g)) / g.vcount() if parts(g) else nan, networks)


@pytest.mark.second_implementation("network.reciprocity")
def test_reciprocity_matches_networkx(directed_networks):
    # networkx raises an error where there are no ties.
    assert_same(
        nw.reciprocity,
        lambda g: nx.overall_reciprocity(in_networkx(g)) if g.ecount() else nan,
        directed_networks,
    )


@pytest.mark.second_implementation("network.weighted_reciprocity")
def test_weighted_reciprocity_matches_a_dense_matrix(directed_networks):
    def reference(graph: Graph) -> float:
        w = strength_matrix(graph)
        return np.minimum(w, w.T).sum() / w.sum() if graph.ecount() else nan

    assert_same(nw.weighted_reciprocity, reference, directed_networks)


@pytest.mark.second_implementation("network.transitivity")
def test_transitivity_matches_networkx(undirected_networks, directed_networks):
    def reference(graph: Graph) -> float:
        # With no connected triples, networkx says 0 and this library says undefined.
        simple = in_networkx(graph).to_undirected()
        return nx.transitivity(simple) if any(d > 1 for _, d in simple.degree()) else nan

    assert_same(cohesion.transitivity, reference, undirected_networks + directed_networks)


@pytest.mark.second_implementation(
    "network.degree_centralization", "network.out_degree_centralization", "network.in_degree_centralization"
)
def test_centralization_matches_plain_numpy(undirected_networks, directed_networks):
    def shortfall(degrees: np.ndarray, star: int) -> float:
        return (degrees.max() * len(degrees) - degrees.sum()) / star if star > 0 else nan

    def either_way(graph: Graph) -> float:
        n, tied = graph.vcount(), strength_matrix(graph) > 0
        return shortfall((tied | tied.T).sum(axis=1), (n - 1) * (n - 2) if n > 2 else 0)

    def along(graph: Graph, axis: int) -> float:
        n, tied = graph.vcount(), strength_matrix(graph) > 0
        return shortfall(tied.sum(axis=axis), (n - 1) ** 2 if n > 1 else 0)

    assert_same(centralization.degree_centralization, either_way, undirected_networks + directed_networks)
    assert_same(centralization.out_degree_centralization, lambda g: along(g, 1), directed_networks)
    assert_same(centralization.in_degree_centralization, lambda g: along(g, 0), directed_networks)
