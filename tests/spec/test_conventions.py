"""The figures of docs/conventions.md: what orgnet takes, and what the other ways of counting give."""

import re
from itertools import combinations, permutations
from math import nan
from pathlib import Path

import networkx as nx
import numpy as np
import pytest

from orgnet.metrics import centralization, cohesion, holes, network, organisation, prominence, reach
from orgnet.metrics.kinds import ei_kind, ei_kind_expected
from orgnet.metrics.registry import registered
from tests.graphs import F1, F2, by_name, in_networkx, matrix_of

PAGE = Path(__file__).parents[2] / "docs" / "conventions.md"
FIGURE = re.compile(r"(?<![\d.])-?\d+\.\d{3}(?!\d)")
BROKER_Z = next(m.function for m in registered(takes="graph") if m.name == "brokerage_coordinator_z")
BROKER = next(m.function for m in registered(takes="graph") if m.name == "brokerage_coordinator")


def rows() -> dict[str, list[float]]:
    """The figures of the page's first table, by the first cell."""
    table = PAGE.read_text(encoding="utf-8").split("\n\n")[3].splitlines()[2:]
    return {line.split("|")[1].strip(): [float(x) for x in FIGURE.findall(line)] for line in table}


@pytest.fixture
def other(drawn):
    """Draw a network for networkx, and give the number of each organisation's node."""

    def draw(ties: str, **how):
        graph = drawn(ties, **how)
        return in_networkx(graph), {name: at for at, name in enumerate(graph.vs["name"])}

    return draw


def and_pattern(graph) -> float:
    """The best correlation with a core tied to itself only, over all cores; ties between core and others left open."""
    n, tied = graph.vcount(), matrix_of(graph) > 0
    best = -1.0
    for size in range(1, n):
        for core in combinations(range(n), size):
            inside = np.isin(np.arange(n), core)
            ideal = inside[:, None] & inside[None, :]
            above = np.triu_indices(n, 1)
            if ideal[above].std() > 0:
                best = max(best, np.corrcoef(tied[above], ideal[above])[0, 1])
    return best


def test_every_figure_of_the_page_is_what_it_says(drawn, other):
    f1, f2, f1x = drawn(F1), drawn(F2, directed=True), drawn(F1, alone="x")
    nf1, at = other(F1)
    nf1x, atx = other(F1, alone="x")
    nf2, at2 = other(F2, directed=True)
    uneven, at_uneven = other("ab10 bc10 ac")
    few, at_few = other("ab ac bc8")
    flow, at_flow = other("ac ad bc", directed=True)
    split = nx.clustering(nf1)
    lengths = dict(nx.all_pairs_shortest_path_length(nf1x))
    f3 = drawn("ab bc bd de ea", directed=True)
    kinds = [{"d": "two", "e": "three"}.get(name, "one") for name in f3.vs["name"]]
    dealt = []
    for ways in permutations(kinds):
        f3.vs["kind"] = list(ways)
        dealt.append(by_name(BROKER, f3)["b"])
    f3.vs["kind"] = kinds
    ab_ac, at_ab = other("ab3 ac")
    pairs = 1 / 2 * sum(nf2.has_edge(j, i) for i, j in nf2.edges) + sum(not nf2.has_edge(j, i) for i, j in nf2.edges)
    density = nx.density(nf2)
    clustered, at_clustered = other("ab bc ac cd", directed=True)
    chain, _ = other("ab bc", directed=True)
    for graph, theirs, first in ((f1, nf1, "abc"), (f2, nf2, "ab")):
        graph.vs["kind"] = ["one" if name in first else "two" for name in graph.vs["name"]]
        nx.set_node_attributes(theirs, dict(enumerate(graph.vs["kind"])), "kind")
    kind_of = nx.get_node_attributes(nf2, "kind")
    computed = {
        "closeness: who cannot be reached": [
            by_name(reach.closeness, f1x)["a"],
            nx.closeness_centrality(nf1x, wf_improved=False)[atx["a"]],
            by_name(reach.harmonic_closeness_hops, f1x)["a"],
        ],
        "closeness: direction": [
            by_name(reach.closeness, f2)["a"],
            nx.closeness_centrality(nf2, distance="distance")[at2["a"]],
        ],
        "reciprocity": [
            network.reciprocity(f2),
            1 / 2 * sum(nf2.has_edge(j, i) for i, j in nf2.edges) / pairs,
            (network.reciprocity(f2) - density) / (1 - density),
            network.weighted_reciprocity(f2),
        ],
        "clustering, directed": [
            by_name(holes.local_clustering, drawn("ab bc ac cd", directed=True))["c"],
            nx.clustering(clustered)[at_clustered["c"]],
        ],
        "clustering of a network": [
            cohesion.transitivity(f1),
            nx.average_clustering(nf1),
            np.mean([split[i] for i in nf1 if nf1.degree(i) > 1]),
        ],
        "betweenness: scale": [
            by_name(reach.betweenness, f1)["d"],
            nx.betweenness_centrality(nf1, normalized=False)[at["d"]],
        ],
        "betweenness: length of a tie": [
            by_name(reach.betweenness, drawn("ab10 bc10 ac"))["b"],
            nx.betweenness_centrality(uneven, weight="weight")[at_uneven["b"]],
            nx.betweenness_centrality(uneven)[at_uneven["b"]],
        ],
        "betweenness centralization": [
            centralization.betweenness_centralization(drawn("ab10 bc10 ac")),
            sum(1 - value for value in nx.betweenness_centrality(uneven, weight="distance").values()) / 2,
        ],
        "constraint: strength": [
            by_name(holes.constraint, drawn("ab3 ac"))["a"],
            nx.constraint(ab_ac)[at_ab["a"]],
        ],
        "effective size": [
            by_name(holes.effective_size, drawn("ab ac bc8"))["b"],
            nx.effective_size(few)[at_few["b"]],
            nx.effective_size(few, weight="weight")[at_few["b"]],
        ],
        "eigenvector: separate parts": [
            *(by_name(prominence.eigenvector, drawn("ab cd2"))[name] for name in "ac"),
            *(
                abs(np.linalg.eigh(matrix_of(drawn("ab cd2")))[1][:, -1])[drawn("ab cd2").vs["name"].index(name)]
                for name in "ac"
            ),
        ],
        "hub: scale": [
            by_name(prominence.hub, drawn("ac ad bc", directed=True))["b"],
            nx.hits(flow)[0][at_flow["b"]],
        ],
        "PageRank: strength": [
            by_name(prominence.pagerank, drawn("ab3 ac"))["b"],
            nx.pagerank(ab_ac, weight=None, tol=1e-12, max_iter=1000)[at_ab["b"]],
        ],
        "degree, directed": [
            by_name(organisation.degree, f2)["a"],
            len(set(nx.all_neighbors(nf2, at2["a"]))),
        ],
        "connectedness, directed": [
            network.connectedness(drawn("ab bc", directed=True)),
            nx.transitive_closure(chain).number_of_edges() / 6,
        ],
        "path length: separate parts": [
            cohesion.avg_path_length(f1x),
            sum(1 / step for steps in lengths.values() for step in steps.values() if step) / (7 * 6),
        ],
        "closeness centralization: separate parts": [centralization.closeness_centralization(f1)],
        "core and periphery": [centralization.core_periphery_fit(f1), and_pattern(f1)],
        "standard deviation": [
            by_name(BROKER_Z, f3)["b"],
            (by_name(BROKER, f3)["b"] - np.mean(dealt)) / np.std(dealt, ddof=1),
        ],
        "E-I index, directed": [
            ei_kind(f2),
            1 - 2 * np.trace(nx.attribute_mixing_matrix(nf2, "kind")),
            sum(w if kind_of[i] != kind_of[j] else -w for i, j, w in nf2.edges(data="weight")) / nf2.size("weight"),
        ],
        "chance for the E-I index": [
            ei_kind_expected(f1),
            1 - 2 * (nx.attribute_mixing_matrix(nf1, "kind").sum(axis=0) ** 2).sum(),
        ],
        "chance for transitivity": [cohesion.transitivity_expected(f1), network.density(f1)],
    }
    assert {name: np.round(found, 3).tolist() for name, found in computed.items()} == rows()
    assert centralization.closeness_centralization(f1x) == pytest.approx(nan, nan_ok=True)


def test_the_mean_clustering_of_the_fixture(drawn):
    # Organisations without two partners have no value here; counted as 0 they give the usual .388889.
    assert np.nan_to_num(holes.local_clustering(drawn(F1))).mean() == pytest.approx(0.388889, abs=1e-6)
