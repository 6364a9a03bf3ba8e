"""What the metrics of one organisation's place say: gaps between partners, reach, hubs. Examples, and checks.

F1     a                   F2  (directed)          star      b
       | \\                     a --5--> b                    |
       |  c --- d --- e         b --3--> a               c---a---d
       | /      |               a --2--> c
       b        f               c --4--> d
                                d --4--> c
                                b --1--> d
"""

from math import nan, sqrt

import networkx as nx
import numpy as np
import pytest

from orgnet.metrics import holes, prominence, reach
from tests.graphs import F1, F2, K3, STAR, assert_same, by_name, exactly, in_networkx, matrix_of


@pytest.mark.worked_example("organisation.effective_size", "organisation.efficiency")
def test_partners_who_know_each_other_are_worth_less(drawn):
    # c: three partners, of whom two are tied: 3 - 2 x 1/3. a: two partners, tied to each other: 2 - 2 x 1/2.
    expected = exactly(a=1, b=1, c=7 / 3, d=3, e=1, f=1)
    assert by_name(holes.effective_size, drawn(F1)) == expected
    assert by_name(holes.efficiency, drawn(F1)) == exactly(a=1 / 2, b=1 / 2, c=7 / 9, d=1, e=1, f=1)
    assert by_name(holes.effective_size, drawn(STAR, alone="x")) == exactly(a=3, b=1, c=1, d=1, x=nan)
    assert by_name(holes.efficiency, drawn(K3, alone="x")) == exactly(a=1 / 2, b=1 / 2, c=1 / 2, x=nan)


@pytest.mark.worked_example("organisation.effective_size", "organisation.efficiency")
def test_effective_size_weighs_ties(drawn):
    # a: b and c each, less 1/2 of the other, to whom they are as close as to anyone: 2 x (1 - 1/2 x 1).
    # b: a is 1 - 8/9 x 1, as c is a's closest, too; c is 1 - 1/9 x 1/8, as a is far from c's closest.
    assert by_name(holes.effective_size, drawn("ab ac bc8")) == exactly(a=1, b=79 / 72, c=79 / 72)
    assert by_name(holes.efficiency, drawn("ab ac bc8")) == exactly(a=1 / 2, b=79 / 144, c=79 / 144)
    # F2 without direction is a square: no partners are tied to each other.
    assert by_name(holes.effective_size, drawn(F2, directed=True)) == exactly(a=2, b=2, c=2, d=2)


@pytest.mark.worked_example("organisation.local_clustering")
def test_local_clustering_is_the_share_of_partners_tied(drawn):
    # c has partners a, b, d: of three pairs, ab is tied. e has one partner, hence no pair.
    assert by_name(holes.local_clustering, drawn(F1)) == exactly(a=1, b=1, c=1 / 3, d=0, e=nan, f=nan)
    # Neither strength nor direction nor a tie returned makes a difference.
    both = drawn("ab9 ba ca bc3 cd de2 df", directed=True)
    assert by_name(holes.local_clustering, both) == exactly(a=1, b=1, c=1 / 3, d=0, e=nan, f=nan)


@pytest.mark.worked_example("organisation.closeness")
def test_closeness_is_in_the_unit_of_strength(drawn):
    # Steps to the five others: a 1 1 2 3 3, c 1 1 1 2 2, d 1 1 1 2 2, e 1 2 2 3 3.
    expected = exactly(a=5 / 10, b=5 / 10, c=5 / 7, d=5 / 7, e=5 / 11, f=5 / 11)
    assert by_name(reach.closeness, drawn(F1)) == expected
    # a --4-- b --4-- c   x: a is 1/4 and 1/2 from two of three others: 2/3 x 2 / (3/4).
    chain = drawn("ab4 bc4", alone="x")
    assert by_name(reach.closeness, chain) == exactly(a=16 / 9, b=2 / 3 * 2 / (1 / 2), c=16 / 9, x=0)
    assert by_name(reach.closeness, drawn("", alone="a")) == exactly(a=nan)


@pytest.mark.worked_example("organisation.closeness", "organisation.two_step_reach")
def test_closeness_and_reach_look_outwards(drawn):
    f2 = drawn(F2, directed=True)
    # a: b 1/5, c 1/2, d 3/4. b: a 1/3, c 5/6, d 1. c and d reach each other alone: 1/3 of the others, 1/4 away.
    assert by_name(reach.closeness, f2) == exactly(a=3 / 1.45, b=3 / (13 / 6), c=4 / 3, d=4 / 3)
    assert by_name(reach.two_step_reach, f2) == exactly(a=1, b=1, c=1 / 3, d=1 / 3)


@pytest.mark.worked_example("organisation.two_step_reach")
def test_two_step_reach(drawn):
    # a: b, c, then d. e: d, then c, f. c and d reach all.
    assert by_name(reach.two_step_reach, drawn(F1)) == exactly(a=3 / 5, b=3 / 5, c=1, d=1, e=3 / 5, f=3 / 5)
    assert by_name(reach.two_step_reach, drawn(STAR, alone="x")) == exactly(a=3 / 4, b=3 / 4, c=3 / 4, d=3 / 4, x=0)
    assert by_name(reach.two_step_reach, drawn("", alone="a")) == exactly(a=nan)


@pytest.mark.worked_example("organisation.cut_point", "organisation.fragmentation_removed")
def test_cut_points_hold_parts_together(drawn):
    assert by_name(reach.cut_point, drawn(F1)) == exactly(a=0, b=0, c=1, d=1, e=0, f=0)
    # Without c: {a, b} and {d, e, f} leave 2 + 6 of 5 x 4 ordered pairs. Without d: {a, b, c}, e, f leave 6.
    expected = exactly(a=0, b=0, c=1 - 8 / 20, d=1 - 6 / 20, e=0, f=0)
    assert by_name(reach.fragmentation_removed, drawn(F1)) == expected
    # Without the hub nobody is together; without a leaf, x is as far away as before: 6 of 12 pairs, then 6 of 6.
    star = drawn(STAR, alone="x")
    assert by_name(reach.cut_point, star) == exactly(a=1, b=0, c=0, d=0, x=0)
    assert by_name(reach.fragmentation_removed, star) == exactly(a=1, b=1 / 2, c=1 / 2, d=1 / 2, x=0)
    # Direction makes no difference.
    assert by_name(reach.cut_point, drawn("ab cb bc", directed=True)) == exactly(a=0, b=1, c=0)
    assert by_name(reach.fragmentation_removed, drawn("ab", directed=True)) == exactly(a=nan, b=nan)


@pytest.mark.worked_example("organisation.hub", "organisation.authority")
def test_hubs_point_at_authorities(drawn):
    # a -> c, a -> d, b -> c. Hubs: a a' = 2a + b, b a' = a + b, so b = (sqrt 5 - 1) / 2 of a; likewise d of c.
    less = (sqrt(5) - 1) / 2
    referred = drawn("ac ad bc", directed=True)
    assert by_name(prominence.hub, referred) == exactly(a=1, b=less, c=0, d=0)
    assert by_name(prominence.authority, referred) == exactly(a=0, b=0, c=1, d=less)
    # By strength: c gets 4 where b gets 3.
    assert by_name(prominence.authority, drawn("ab3 ac4", directed=True)) == exactly(a=0, b=3 / 4, c=1)


@pytest.mark.worked_example("organisation.hub", "organisation.authority")
def test_hubs_of_separate_flows(drawn):
    # The stronger flow scores; equally strong ones share the lead; with no ties nobody has a value.
    apart = drawn("ab3 cd", alone="x", directed=True)
    assert by_name(prominence.hub, apart) == exactly(a=1, b=0, c=0, d=0, x=0)
    assert by_name(prominence.authority, apart) == exactly(a=0, b=1, c=0, d=0, x=0)
    assert by_name(prominence.hub, drawn("ab2 cd2", directed=True)) == exactly(a=1, b=0, c=1, d=0)
    assert by_name(prominence.authority, drawn("", alone="ab", directed=True)) == exactly(a=nan, b=nan)
    # A ring: each is as good a hub as the next, though all are in one part.
    assert by_name(prominence.hub, drawn(K3, directed=True)) == exactly(a=1, b=1, c=1)


@pytest.mark.second_implementation("organisation.effective_size", "organisation.efficiency")
def test_effective_size_matches_networkx(undirected_networks, directed_networks):
    def reference(graph):
        # Asked for all nodes at once, networkx 3.6 divides m by the other end's maximum; asked by name it does not.
        other = in_networkx(graph, directed=False)
        return nx.effective_size(other, nodes=list(other), weight="weight")

    def per_partner(graph):
        other = in_networkx(graph, directed=False)
        return {i: size / max(other.degree(i), 1) for i, size in reference(graph).items()}

    assert_same(holes.effective_size, reference, undirected_networks + directed_networks)
    assert_same(holes.efficiency, per_partner, undirected_networks + directed_networks)


@pytest.mark.second_implementation("organisation.local_clustering")
def test_local_clustering_matches_networkx(undirected_networks, directed_networks):
    def reference(graph):
        # With one partner or none, networkx says 0 and this library says undefined.
        other = in_networkx(graph, directed=False)
        return {i: value if other.degree(i) > 1 else nan for i, value in nx.clustering(other).items()}

    assert_same(holes.local_clustering, reference, undirected_networks + directed_networks)


@pytest.mark.second_implementation("organisation.closeness")
def test_closeness_matches_networkx(undirected_networks, directed_networks):
    def reference(graph):
        # networkx measures the way in, so it is given the ties reversed.
        if graph.vcount() < 2:
            return np.full(graph.vcount(), nan)
        other = in_networkx(graph)
        other = other.reverse() if graph.is_directed() else other
        return nx.closeness_centrality(other, distance="distance", wf_improved=True)

    assert_same(reach.closeness, reference, undirected_networks + directed_networks)


@pytest.mark.second_implementation("organisation.two_step_reach")
def test_two_step_reach_matches_networkx(undirected_networks, directed_networks):
    def reference(graph):
        n, other = graph.vcount(), in_networkx(graph)
        if n < 2:
            return np.full(n, nan)
        return {i: (len(nx.ego_graph(other, i, radius=2)) - 1) / (n - 1) for i in other}

    assert_same(reach.two_step_reach, reference, undirected_networks + directed_networks)


@pytest.mark.second_implementation("organisation.cut_point", "organisation.fragmentation_removed")
def test_cut_points_match_networkx(undirected_networks, directed_networks):
    def cut(graph):
        return {i: i in set(nx.articulation_points(in_networkx(graph, directed=False))) for i in range(graph.vcount())}

    def fragmentation(graph):
        n = graph.vcount()
        if n < 3:
            return np.full(n, nan)
        apart = {}
        for i in range(n):
            rest = in_networkx(graph, directed=False)
            rest.remove_node(i)
            together = sum(len(part) * (len(part) - 1) for part in nx.connected_components(rest))
            apart[i] = 1 - together / ((n - 1) * (n - 2))
        return apart

    assert_same(reach.cut_point, cut, undirected_networks + directed_networks)
    assert_same(reach.fragmentation_removed, fragmentation, undirected_networks + directed_networks)


@pytest.mark.second_implementation("organisation.hub", "organisation.authority")
def test_hubs_match_networkx(directed_networks):
    def has_one_lead(graph):
        values = np.linalg.svd(matrix_of(graph), compute_uv=False)
        return graph.ecount() and (len(values) < 2 or values[1] < values[0] * (1 - 1e-6))

    clear = [graph for graph in directed_networks if has_one_lead(graph)]
    assert len(clear) >= 15

    def reference(graph, which):
        # networkx scales to a sum of 1, this library to a maximum of 1.
        scores = nx.hits(in_networkx(graph))[which]
        return {i: value / max(scores.values()) for i, value in scores.items()}

    assert_same(prominence.hub, lambda g: reference(g, 0), clear, tolerance=1e-6)
    assert_same(prominence.authority, lambda g: reference(g, 1), clear, tolerance=1e-6)
