"""What each metric of one organisation is: worked examples, and checks against other code.

Networks that come back (ties have strength 1 unless a number is given):

    F1     a                   F2  (directed)          star      b           dyad   a --- b
           | \\                     a --5--> b                    |
           |  c --- d --- e         b --3--> a               c---a---d       K3     a --- b
           | /      |               a --2--> c                                       \\   /
           b        f               c --4--> d                                         c
                                    d --4--> c
                                    b --1--> d
"""

from math import nan, sqrt

import networkx as nx
import numpy as np
import pytest
from igraph import Graph

from orgnet.metrics import holes, prominence, reach
from orgnet.metrics import organisation as o

F1 = "ab ac bc cd de df"
F2 = "ab5 ba3 ac2 cd4 dc4 bd1"
STAR = "ab ac ad"
DYAD = "ab"
K3 = "ab bc ca"


def by_name(metric, graph: Graph) -> dict[str, float]:
    values = metric(graph)
    assert values.dtype == np.float64
    assert values.shape == (graph.vcount(),)
    return dict(zip(graph.vs["name"], values, strict=True))


def exactly(**expected: float):
    return pytest.approx(expected, rel=1e-12, abs=1e-12, nan_ok=True)


# --- worked examples ----------------------------------------------------------------------------------------


@pytest.mark.worked_example("organisation.degree")
def test_degree_counts_ties(drawn):
    assert by_name(o.degree, drawn(F1)) == exactly(a=2, b=2, c=3, d=3, e=1, f=1)
    assert by_name(o.degree, drawn(STAR)) == exactly(a=3, b=1, c=1, d=1)
    assert by_name(o.degree, drawn(K3, alone="x")) == exactly(a=2, b=2, c=2, x=0)
    # Five referrals make one tie.
    assert by_name(o.degree, drawn("ab5")) == exactly(a=1, b=1)


@pytest.mark.worked_example("organisation.degree", "organisation.in_degree", "organisation.out_degree")
def test_degrees_by_direction(drawn):
    f2 = drawn(F2, directed=True)
    # a -> b, a -> c; b -> a, b -> d; c -> d; d -> c.
    assert by_name(o.out_degree, f2) == exactly(a=2, b=2, c=1, d=1)
    # b -> a; a -> b; a -> c, d -> c; b -> d, c -> d.
    assert by_name(o.in_degree, f2) == exactly(a=1, b=1, c=2, d=2)
    # In plus out: a partner in both directions counts twice.
    assert by_name(o.degree, f2) == exactly(a=2 + 1, b=2 + 1, c=1 + 2, d=1 + 2)


@pytest.mark.worked_example("organisation.strength", "organisation.in_strength", "organisation.out_strength")
def test_strengths_add_up_weights(drawn):
    assert by_name(o.strength, drawn("ab5 ac2", alone="x")) == exactly(a=5 + 2, b=5, c=2, x=0)
    assert by_name(o.strength, drawn(F1)) == by_name(o.degree, drawn(F1))
    f2 = drawn(F2, directed=True)
    assert by_name(o.out_strength, f2) == exactly(a=5 + 2, b=3 + 1, c=4, d=4)
    assert by_name(o.in_strength, f2) == exactly(a=3, b=5, c=2 + 4, d=4 + 1)
    assert by_name(o.strength, f2) == exactly(a=7 + 3, b=4 + 5, c=4 + 6, d=4 + 5)


@pytest.mark.worked_example("organisation.betweenness")
def test_betweenness_of_the_go_between(drawn):
    # F1 has 5 x 4 / 2 = 10 pairs without a given one. c is between a, b and d, e, f: 2 x 3 = 6 of 10.
    # d is between e and f, and between each of them and a, b, c: 1 + 2 x 3 = 7 of 10.
    assert by_name(reach.betweenness, drawn(F1)) == exactly(a=0, b=0, c=6 / 10, d=7 / 10, e=0, f=0)
    assert by_name(reach.betweenness, drawn(STAR)) == exactly(a=1, b=0, c=0, d=0)
    assert by_name(reach.betweenness, drawn(K3)) == exactly(a=0, b=0, c=0)
    # An isolate stays, and makes pairs that nobody is between: the hub has 3 of 4 x 3 / 2 = 6.
    assert by_name(reach.betweenness, drawn(STAR, alone="x")) == exactly(a=3 / 6, b=0, c=0, d=0, x=0)
    # Two equally short ways round a square: each of the two between has half of 1 of 3 pairs.
    assert by_name(reach.betweenness, drawn("ab bc cd da")) == exactly(a=1 / 6, b=1 / 6, c=1 / 6, d=1 / 6)


@pytest.mark.worked_example("organisation.betweenness")
def test_betweenness_takes_strength_for_nearness_not_for_distance(drawn):
    #      b              a and c meet each other once, and b ten times each.
    #  10 / \ 10          Through b: 1/10 + 1/10 = 0.2. Directly: 1/1 = 1. So b is the broker: 1 of 1 pair.
    #    a---c            With strength read as distance, through b is 20 and directly 1, and b would have 0.
    #      1
    assert by_name(reach.betweenness, drawn("ab10 bc10 ac1")) == exactly(a=0, b=1, c=0)


@pytest.mark.worked_example("organisation.betweenness")
def test_betweenness_follows_direction(drawn):
    # 3 x 2 = 6 ordered pairs without a given one. a to d: through c 1/2 + 1/4 = .75, through b 1/5 + 1 = 1.2.
    # b to c: through a 1/3 + 1/2 = .83, through d 1 + 1/4 = 1.25. b to d: directly 1, through a and c 1.08.
    assert by_name(reach.betweenness, drawn(F2, directed=True)) == exactly(a=1 / 6, b=0, c=1 / 6, d=0)


@pytest.mark.worked_example("organisation.betweenness")
def test_betweenness_needs_a_pair_to_be_between(drawn):
    assert by_name(reach.betweenness, drawn(DYAD)) == exactly(a=nan, b=nan)
    assert by_name(reach.betweenness, drawn("", alone="a")) == exactly(a=nan)


@pytest.mark.worked_example("organisation.harmonic_closeness")
def test_harmonic_closeness_is_in_the_unit_of_strength(drawn):
    # a --4-- b --4-- c      x
    # a to b: 1/d = 4. a to c: d = 1/4 + 1/4, so 1/d = 2. To x: no path, 0. Over 4 - 1 = 3 others.
    chain = drawn("ab4 bc4", alone="x")
    assert by_name(reach.harmonic_closeness, chain) == exactly(a=(4 + 2) / 3, b=(4 + 4) / 3, c=(4 + 2) / 3, x=0)
    # A strong detour is nearer than a weak direct tie: a to c through b is 1/10 + 1/10, so 1/d = 5, not 1.
    assert by_name(reach.harmonic_closeness, drawn("ab10 bc10 ac1")) == exactly(a=15 / 2, b=20 / 2, c=15 / 2)
    assert by_name(reach.harmonic_closeness, drawn("", alone="a")) == exactly(a=nan)


@pytest.mark.worked_example("organisation.harmonic_closeness", "organisation.harmonic_closeness_hops")
def test_harmonic_closeness_looks_outwards(drawn):
    f2 = drawn(F2, directed=True)
    # a: to b 5, to c 2, to d through c 1 / (1/2 + 1/4) = 4/3.
    # b: to a 3, to c through a 1 / (1/3 + 1/2) = 6/5, to d 1.
    # c reaches d alone, and d reaches c alone, with 4.
    expected = exactly(a=(5 + 2 + 4 / 3) / 3, b=(3 + 6 / 5 + 1) / 3, c=4 / 3, d=4 / 3)
    assert by_name(reach.harmonic_closeness, f2) == expected
    # In steps: a to d takes 2, b to c takes 2.
    expected = exactly(a=(1 + 1 + 1 / 2) / 3, b=(1 + 1 / 2 + 1) / 3, c=1 / 3, d=1 / 3)
    assert by_name(reach.harmonic_closeness_hops, f2) == expected


@pytest.mark.worked_example("organisation.harmonic_closeness_hops")
def test_harmonic_closeness_in_steps(drawn):
    # From a: b and c in 1 step, d in 2, e and f in 3. From c: a, b, d in 1, e and f in 2.
    # From d: c, e, f in 1, a and b in 2. From e: d in 1, c and f in 2, a and b in 3.
    a, c, d, e = 2 + 1 / 2 + 2 / 3, 3 + 2 / 2, 3 + 2 / 2, 1 + 2 / 2 + 2 / 3
    expected = exactly(a=a / 5, b=a / 5, c=c / 5, d=d / 5, e=e / 5, f=e / 5)
    assert by_name(reach.harmonic_closeness_hops, drawn(F1)) == expected
    # The hub of a star reaches all in 1 step; a leaf reaches it in 1 and two more in 2. Strength is ignored.
    leaf = (1 + 1 / 2 + 1 / 2) / 3
    assert by_name(reach.harmonic_closeness_hops, drawn("ab7 ac ad2")) == exactly(a=1, b=leaf, c=leaf, d=leaf)
    assert by_name(reach.harmonic_closeness_hops, drawn("", alone="ab")) == exactly(a=0, b=0)
    assert by_name(reach.harmonic_closeness_hops, drawn("", alone="a")) == exactly(a=nan)


@pytest.mark.worked_example("organisation.eigenvector")
def test_eigenvector_of_star_and_triangle(drawn):
    # L = sqrt(3): hub 1 = (1/L) 3 leaf, so a leaf has sqrt(3)/3.
    leaf = sqrt(3) / 3
    assert by_name(prominence.eigenvector, drawn(STAR)) == exactly(a=1, b=leaf, c=leaf, d=leaf)
    assert by_name(prominence.eigenvector, drawn(K3, alone="x")) == exactly(a=1, b=1, c=1, x=0)
    # a --3-- b --4-- c: L = 5, so a = 3b/5 and c = 4b/5.
    assert by_name(prominence.eigenvector, drawn("ab3 bc4")) == exactly(a=3 / 5, b=1, c=4 / 5)


@pytest.mark.worked_example("organisation.eigenvector")
def test_eigenvector_adds_both_directions(drawn):
    # F2 without direction is a square, ab 8, ac 2, cd 8, bd 1. Turned round it is the same, so a = c, b = d:
    # L a = 8b + 2a and L b = 8a + b, so (L - 2)(L - 1) = 64, L = (3 + sqrt(257)) / 2 and b = (L - 2) / 8.
    b = ((3 + sqrt(257)) / 2 - 2) / 8
    assert by_name(prominence.eigenvector, drawn(F2, directed=True)) == exactly(a=1, b=b, c=1, d=b)


@pytest.mark.worked_example("organisation.eigenvector")
def test_eigenvector_of_separate_parts(drawn):
    # L is 1 for a and b, 2 for c and d: the stronger part scores, the other does not.
    assert by_name(prominence.eigenvector, drawn("ab1 cd2", alone="x")) == exactly(a=0, b=0, c=1, d=1, x=0)
    # Equally strong parts share the lead: one pair with L = 2, and a triangle, whose L is 2 x 1 = 2.
    assert by_name(prominence.eigenvector, drawn("ab2 cd de ec")) == exactly(a=1, b=1, c=1, d=1, e=1)
    # No ties: no value, rather than everyone at the top.
    assert by_name(prominence.eigenvector, drawn("", alone="ab")) == exactly(a=nan, b=nan)


@pytest.mark.worked_example("organisation.pagerank")
def test_pagerank_shares(drawn):
    assert by_name(prominence.pagerank, drawn(DYAD)) == exactly(a=1 / 2, b=1 / 2)
    # Star: hub = .15/4 + .85 x 3 leaf and leaf = .15/4 + .85 hub/3,
    # so hub = (.0375 + 2.55 x .0375) / (1 - .7225).
    hub = 0.133125 / 0.2775
    leaf = (1 - hub) / 3
    assert by_name(prominence.pagerank, drawn(STAR)) == exactly(a=hub, b=leaf, c=leaf, d=leaf)
    # b --3-- a --1-- c: a = .05 + .85 (b + c) = .05 + .85 (1 - a); b gets 3/4 of what a passes on, c 1/4.
    a = 0.9 / 1.85
    expected = exactly(a=a, b=0.05 + 0.85 * a * 3 / 4, c=0.05 + 0.85 * a / 4)
    assert by_name(prominence.pagerank, drawn("ab3 ac1")) == expected


@pytest.mark.worked_example("organisation.pagerank")
def test_pagerank_follows_direction_and_starts_afresh_at_dead_ends(drawn):
    # a -> b: b is a dead end and shares with all. a = .075 + .85 b/2 and a + b = 1, so b = .925 / 1.425.
    b = 0.925 / 1.425
    assert by_name(prominence.pagerank, drawn("ab", directed=True)) == exactly(a=1 - b, b=b)
    # No ties: nothing but fresh starts.
    assert by_name(prominence.pagerank, drawn("", alone="abcd")) == exactly(a=1 / 4, b=1 / 4, c=1 / 4, d=1 / 4)


@pytest.mark.worked_example("organisation.constraint")
def test_constraint_of_small_networks(drawn):
    # All of an organisation's ties with one partner: (1)^2.
    assert by_name(holes.constraint, drawn(DYAD)) == exactly(a=1, b=1)
    # The hub's three partners do not know each other: 3 x (1/3)^2.
    assert by_name(holes.constraint, drawn(STAR)) == exactly(a=1 / 3, b=1, c=1, d=1)
    # Two partners who know each other: 2 x (1/2 + 1/2 x 1/2)^2. Above 1 is legal.
    # An isolate has no value, not 0.
    assert by_name(holes.constraint, drawn(K3, alone="x")) == exactly(a=1.125, b=1.125, c=1.125, x=nan)
    # a: b (1/2 + 1/2 x 1/3)^2 = (2/3)^2, c (1/2 + 1/2 x 1/2)^2 = (3/4)^2, together 145/144.
    # c: a and b (1/3 + 1/3 x 1/2)^2 = (1/2)^2 each, d (1/3)^2. d: 3 x (1/3)^2. e, f: one partner.
    expected = exactly(a=145 / 144, b=145 / 144, c=1 / 4 + 1 / 4 + 1 / 9, d=1 / 3, e=1, f=1)
    assert by_name(holes.constraint, drawn(F1)) == expected


@pytest.mark.worked_example("organisation.constraint")
def test_constraint_weighs_ties_and_adds_both_directions(drawn):
    # b and c: (3/4)^2 + (1/4)^2.
    assert by_name(holes.constraint, drawn("ab3 ac1"))["a"] == pytest.approx(10 / 16, abs=1e-12)
    # a's two partners are much closer to each other: 2 x (1/2 + 1/2 x 8/9)^2, nearly 2.
    assert by_name(holes.constraint, drawn("ab ac bc8"))["a"] == pytest.approx(2 * (17 / 18) ** 2, abs=1e-12)
    # F2 without direction is the square ab 8, ac 2, cd 8, bd 1, with no triangle.
    expected = exactly(
        a=0.8**2 + 0.2**2, b=(8 / 9) ** 2 + (1 / 9) ** 2, c=0.2**2 + 0.8**2, d=(8 / 9) ** 2 + (1 / 9) ** 2
    )
    assert by_name(holes.constraint, drawn(F2, directed=True)) == expected


@pytest.mark.worked_example("organisation.coreness")
def test_coreness_is_the_depth_of_the_circle(drawn):
    # a, b, c each have two partners among themselves; d has three, but e and f fall away, and then so does d.
    assert by_name(prominence.coreness, drawn(F1)) == exactly(a=2, b=2, c=2, d=1, e=1, f=1)
    # A hub is not a core.
    assert by_name(prominence.coreness, drawn(STAR, alone="x")) == exactly(a=1, b=1, c=1, d=1, x=0)


@pytest.mark.worked_example("organisation.coreness")
def test_coreness_counts_a_returned_tie_once(drawn):
    both_ways = drawn("ab ba bc cb ca ac", directed=True)
    assert by_name(prominence.coreness, both_ways) == exactly(a=2, b=2, c=2)


# --- second implementations ---------------------------------------------------------------------------------


def in_networkx(graph: Graph) -> nx.Graph:
    """The same network in networkx, its nodes in the same order and isolates kept."""
    other = nx.DiGraph() if graph.is_directed() else nx.Graph()
    other.add_nodes_from(range(graph.vcount()))
    other.add_weighted_edges_from(
        (*ends, strength) for ends, strength in zip(graph.get_edgelist(), graph.es["weight"], strict=True)
    )
    nx.set_edge_attributes(other, {(i, j): 1 / w for i, j, w in other.edges.data("weight")}, "distance")
    return other


def strength_matrix(graph: Graph) -> np.ndarray:
    """The strengths in both directions together, as a symmetric matrix."""
    matrix = np.zeros((graph.vcount(), graph.vcount()))
    for (i, j), strength in zip(graph.get_edgelist(), graph.es["weight"], strict=True):
        matrix[i, j] += strength
        matrix[j, i] += strength
    return matrix


def assert_same(metric, reference, networks: list[Graph], tolerance: float = 1e-9) -> None:
    for graph in networks:
        theirs = reference(graph)
        theirs = [theirs[i] for i in range(graph.vcount())]
        np.testing.assert_allclose(metric(graph), theirs, rtol=0, atol=tolerance, err_msg=str(graph))


@pytest.mark.second_implementation("organisation.degree", "organisation.strength")
def test_degree_and_strength_match_networkx(undirected_networks, directed_networks):
    networks = undirected_networks + directed_networks
    assert_same(o.degree, lambda g: in_networkx(g).degree(), networks)
    assert_same(o.strength, lambda g: in_networkx(g).degree(weight="weight"), networks)


@pytest.mark.second_implementation(
    "organisation.in_degree",
    "organisation.out_degree",
    "organisation.in_strength",
    "organisation.out_strength",
)
def test_degree_and_strength_by_direction_match_networkx(directed_networks):
    assert_same(o.in_degree, lambda g: in_networkx(g).in_degree(), directed_networks)
    assert_same(o.out_degree, lambda g: in_networkx(g).out_degree(), directed_networks)
    assert_same(o.in_strength, lambda g: in_networkx(g).in_degree(weight="weight"), directed_networks)
    assert_same(o.out_strength, lambda g: in_networkx(g).out_degree(weight="weight"), directed_networks)


@pytest.mark.second_implementation("organisation.betweenness")
def test_betweenness_matches_networkx(undirected_networks, directed_networks):
    def reference(graph: Graph):
        # With no pair to be between, networkx says 0 and this library says undefined.
        if graph.vcount() < 3:
            return np.full(graph.vcount(), nan)
        return nx.betweenness_centrality(in_networkx(graph), normalized=True, weight="distance")

    assert_same(reach.betweenness, reference, undirected_networks + directed_networks)


@pytest.mark.second_implementation("organisation.harmonic_closeness", "organisation.harmonic_closeness_hops")
def test_harmonic_closeness_matches_networkx(undirected_networks, directed_networks):
    def reference(graph: Graph, distance: str | None):
        # networkx does not divide by n - 1, and measures the way in, so it is given the ties reversed.
        other = in_networkx(graph)
        sums = nx.harmonic_centrality(other.reverse() if graph.is_directed() else other, distance=distance)
        return {i: value / (len(sums) - 1) if len(sums) > 1 else nan for i, value in sums.items()}

    networks = undirected_networks + directed_networks
    assert_same(reach.harmonic_closeness, lambda g: reference(g, "distance"), networks)
    assert_same(reach.harmonic_closeness_hops, lambda g: reference(g, None), networks)


@pytest.mark.second_implementation("organisation.eigenvector")
def test_eigenvector_matches_networkx_on_connected_networks(undirected_networks):
    # networkx needs three organisations.
    connected = [graph for graph in undirected_networks if graph.vcount() > 2 and graph.is_connected()]
    assert len(connected) >= 10

    def reference(graph: Graph):
        # networkx scales to length 1, this library to a maximum of 1.
        scores = nx.eigenvector_centrality_numpy(in_networkx(graph), weight="weight")
        return {i: score / max(scores.values()) for i, score in scores.items()}

    assert_same(prominence.eigenvector, reference, connected, tolerance=1e-6)


@pytest.mark.second_implementation("organisation.eigenvector")
def test_eigenvector_matches_powers_of_the_matrix(undirected_networks, directed_networks):
    # networkx refuses disconnected networks, so: multiply the whole matrix by itself until only the leading
    # eigenvector is left. What is added to the diagonal makes all eigenvalues positive, in the same order.
    def reference(graph: Graph):
        matrix = strength_matrix(graph)
        power = matrix + np.eye(len(matrix)) * matrix.sum(axis=1).max()
        for _ in range(40):
            power = power @ power
            power /= power.max()
        scores = power.sum(axis=1)
        return scores / scores.max()

    # Of equally strong parts this leaves a mixture, where this library gives each a maximum of 1.

    def has_one_lead(graph: Graph) -> bool:
        second, first = np.linalg.eigvalsh(strength_matrix(graph))[-2:]
        return second < first * (1 - 1e-6)

    tied = [graph for graph in undirected_networks + directed_networks if graph.ecount()]
    clear = [graph for graph in tied if has_one_lead(graph)]
    assert len(clear) >= 50
    assert sum(not graph.is_connected(mode="weak") for graph in clear) >= 10
    assert_same(prominence.eigenvector, reference, clear, tolerance=1e-6)


@pytest.mark.second_implementation("organisation.pagerank")
def test_pagerank_matches_networkx(undirected_networks, directed_networks):
    def reference(graph: Graph):
        # networkx stops at its tolerance, 1e-6 unless told otherwise.
        return nx.pagerank(in_networkx(graph), alpha=0.85, weight="weight", tol=1e-14, max_iter=10_000)

    assert_same(prominence.pagerank, reference, undirected_networks + directed_networks)


@pytest.mark.second_implementation("organisation.constraint")
def test_constraint_matches_networkx(undirected_networks, directed_networks):
    def reference(graph: Graph):
        other = in_networkx(graph)
        return nx.constraint(other, weight="weight") if len(other) else {}

    assert_same(holes.constraint, reference, undirected_networks + directed_networks)


@pytest.mark.second_implementation("organisation.coreness")
def test_coreness_matches_networkx(undirected_networks, directed_networks):
    # networkx, like igraph, would count a returned tie twice, so it is given the ties without direction.
    networks = undirected_networks + directed_networks
    assert_same(prominence.coreness, lambda g: nx.core_number(in_networkx(g).to_undirected()), networks)
