"""Whether ties join kinds of organisation or keep to one: worked examples, networkx, and every way to deal the kinds.

F1   a                 kinds: a, b and c one; d, e and f another
     | \\
     |  c --- d --- e
     | /      |
     b        f
"""

from itertools import permutations
from math import nan
from statistics import fmean, pstdev

import networkx as nx
import numpy as np
import pytest
from igraph import Graph

from orgnet.metrics.kinds import ei_kind, ei_kind_expected, ei_kind_z
from tests.graphs import F1, F2, assert_same, exactly, in_networkx


def of_kinds(graph: Graph, **kinds: str) -> Graph:
    """Deal out kinds: `one="abc"` are of kind one. The graph is the test's own."""
    dealt = graph.copy()
    kind = {name: kind for kind, names in kinds.items() for name in names}
    dealt.vs["kind"] = [kind[name] for name in dealt.vs["name"]]
    return dealt


def index_of(graph: Graph, kinds: list[str]) -> float:
    """The index, pair by pair."""
    pairs = {frozenset(ends) for ends in graph.get_edgelist()}
    apart = [len({kinds[end] for end in pair}) == 2 for pair in pairs]
    return (2 * sum(apart) - len(apart)) / len(apart)


# --- worked examples ------------------------------------------------------------------------------------------


@pytest.mark.worked_example("network.ei_kind", "network.ei_kind_expected", "network.ei_kind_z")
def test_two_kinds_with_one_tie_between_them(drawn):
    f1 = of_kinds(drawn(F1), one="abc", other="def")
    # One tie of six, cd, joins the kinds: (1 - 5) / 6.
    assert ei_kind(f1) == exactly(-2 / 3)
    # Of all 15 pairs 3 x 3 are of different kinds: (9 - 6) / 15.
    assert ei_kind_expected(f1) == exactly(0.2)
    # All ties stay while the three are any of the six: 20 ways, each of which stands 36 times among the 720.
    ways = [index_of(f1, list(way)) for way in permutations(f1.vs["kind"])]
    assert fmean(ways) == exactly(0.2)
    assert ei_kind_z(f1) == pytest.approx((-2 / 3 - 0.2) / pstdev(ways), rel=1e-9)


@pytest.mark.worked_example("network.ei_kind", "network.ei_kind_expected", "network.ei_kind_z")
def test_a_network_body_in_the_middle(drawn):
    # h is of a kind of its own: all four ties join kinds, where by chance the hub has it in one way of five.
    star = of_kinds(drawn("ha hb hc hd"), body="h", provider="abcd")
    assert ei_kind(star) == exactly(1)
    # If the hub has it all four ties do, else one of four: (1 + 4 x (1 - 3) / 4) / 5.
    assert ei_kind_expected(star) == exactly(-0.2)
    # 1 once and -1/2 four times: (1.2^2 + 4 x .3^2) / 5 = .36.
    assert ei_kind_z(star) == pytest.approx(1.2 / 0.6, rel=1e-9)


@pytest.mark.worked_example("network.ei_kind", "network.ei_kind_expected")
def test_direction_and_strength_make_no_difference_and_isolates_are_dealt_kinds(drawn):
    # F2 without direction is the pairs ab and cd within, ac and bd between.
    assert ei_kind(of_kinds(drawn(F2, directed=True), one="ab", other="cd")) == exactly(0)
    # x changes who could be tied, not who is: (9 + 3 - 6) / 21 with x of a kind of its own.
    with_x = of_kinds(drawn(F1, alone="x"), one="abc", other="def", third="x")
    assert ei_kind(with_x) == exactly(-2 / 3)
    assert ei_kind_expected(with_x) == exactly((15 - 6) / 21)


@pytest.mark.worked_example("network.ei_kind", "network.ei_kind_expected", "network.ei_kind_z")
def test_where_there_is_nothing_to_tell(drawn):
    alike, untied, nobody = of_kinds(drawn(F1), one="abcdef"), of_kinds(drawn("", alone="ab"), x="a", y="b"), drawn("")
    for graph in (alike, untied, nobody):
        for metric in (ei_kind, ei_kind_expected, ei_kind_z):
            assert metric(graph) == exactly(nan)
    # All pairs are tied: two of three join kinds, and always will.
    full = of_kinds(drawn("ab bc ca"), one="ab", other="c")
    assert (ei_kind(full), ei_kind_expected(full)) == (exactly(1 / 3), exactly(1 / 3))
    assert ei_kind_z(full) == exactly(nan)


# --- second implementation ------------------------------------------------------------------------------------


def dealt(networks: list[Graph]) -> list[Graph]:
    """The networks with kinds, most of them of one."""
    found = [graph.copy() for graph in networks]
    for seed, graph in enumerate(found):
        rng = np.random.default_rng(seed)
        graph.vs["kind"] = rng.choice(["x", "y", "z"], graph.vcount(), p=[0.6, 0.3, 0.1]).tolist()
    return found


@pytest.mark.second_implementation("network.ei_kind", "network.ei_kind_expected")
def test_indices_match_networkx(undirected_networks, directed_networks):
    def crossing(network: nx.Graph, graph: Graph) -> float:
        """1 less twice the share of ties within kinds, which is the trace of the mixing matrix."""
        nx.set_node_attributes(network, dict(enumerate(graph.vs["kind"])), "kind")
        return 1 - 2 * np.trace(nx.attribute_mixing_matrix(network, "kind"))

    def index(graph: Graph) -> float:
        told = graph.ecount() and len(set(graph.vs["kind"])) > 1
        return crossing(in_networkx(graph, directed=False), graph) if told else nan

    def expected(graph: Graph) -> float:
        """The index if all were tied to all."""
        return crossing(nx.complete_graph(graph.vcount()), graph) if not np.isnan(index(graph)) else nan

    networks = dealt(undirected_networks + directed_networks)
    assert sum(not np.isnan(index(graph)) for graph in networks) > 30
    assert_same(ei_kind, index, networks)
    assert_same(ei_kind_expected, expected, networks)


@pytest.mark.second_implementation("network.ei_kind_expected", "network.ei_kind_z")
def test_chance_matches_every_way_to_deal_out_the_kinds(undirected_networks, directed_networks):
    small = [g for g in dealt(undirected_networks + directed_networks) if 2 < g.vcount() < 8 and g.ecount()]
    scores = []
    for graph in small:
        kinds = graph.vs["kind"]
        ways = [index_of(graph, list(way)) for way in set(permutations(kinds))]
        mean, deviation = fmean(ways), pstdev(ways)
        told = len(set(kinds)) > 1
        scores.append((index_of(graph, kinds) - mean) / deviation if deviation > 1e-9 else nan)
        assert ei_kind_expected(graph) == exactly(mean if told else nan)
        assert ei_kind_z(graph) == pytest.approx(scores[-1], rel=1e-7, abs=1e-9, nan_ok=True)
    assert len({round(score, 6) for score in scores if score == score}) > 5
