"""What each metric of a pair of organisations is: worked examples, and checks against networkx.

Ties are drawn as `ab5`: from a to b, of strength 5; in undirected layers the letters are in order of the alphabet.
"""

from math import nan

import networkx as nx
import numpy as np
import pytest

from orgnet.metrics.conduct import observe
from orgnet.metrics.measure import Block, SliceTask, measure_slices, names_of, slice_tasks
from orgnet.metrics.series import measure_conduct
from orgnet.metrics.tables import graph_tables
from orgnet.slices import SliceTies, combined, cut
from orgnet.vocabulary import DIRECTED_LAYERS, Layer, Level
from tests.networks import network

NAMES = "abcdefgh"
ALL = frozenset(Layer)


def exactly(expected: float):
    return pytest.approx(expected, rel=1e-12, abs=1e-12, nan_ok=True)


def layer(name: str, ties: dict[tuple[int, int], float]) -> SliceTies:
    """One layer's ties in slice 0, in order of source and target."""
    ends = np.array(sorted(ties), dtype=np.int64).reshape(-1, 2)
    weight = np.array([ties[source, target] for source, target in ends.tolist()], dtype=np.float64)
    ones = np.ones(len(ends), dtype=np.int64)
    return SliceTies(Layer(name), 0, ends[:, 0], ends[:, 1], weight, ones, ones, ones, ones)


def drawn(name: str, ties: str) -> SliceTies:
    ends = {(NAMES.index(word[0]), NAMES.index(word[1])): float(word[2:] or 1) for word in ties.split()}
    return layer(name, ends)


def block(*layers: SliceTies, supplied: frozenset[Layer] = ALL) -> Block:
    """The pair metrics of the last of some layers."""
    everyone = np.arange(len(NAMES))
    covered = {each: np.ones(len(NAMES), bool) for each in Layer}
    task = SliceTask(0, list(layers), supplied, list(NAMES), everyone, everyone, covered)
    (found,) = (b for b in measure_slices([task]).pair if b.layer == layers[-1].layer)
    return found


def pairs(found: Block, metric: str) -> dict[str, float]:
    """One metric of every pair, by the letters of the two."""
    column = [m.name for m in names_of(Level.PAIR, found.layer, "pairs")].index(metric)
    ends = [NAMES[one] + NAMES[two] for one, two in zip(found.entity, found.other, strict=True)]
    return dict(zip(ends, found.values[:, column].tolist(), strict=True))


# --- worked examples ----------------------------------------------------------------------------------------


@pytest.mark.worked_example("pair.weight")
def test_weight_is_the_ties_own():
    assert pairs(block(drawn("meetings", "ab2.5 bc1")), "weight") == {"ab": 2.5, "bc": 1}
    # A direction has a weight of its own.
    assert pairs(block(drawn("referrals", "ab5 ba3")), "weight") == {"ab": 5, "ba": 3}
    assert pairs(block(drawn("mdt", "")), "weight") == {}


@pytest.mark.worked_example("pair.reciprocity")
def test_reciprocity_of_a_pair_is_the_lesser_weight_over_the_greater():
    found = block(drawn("referrals", "ab5 ba3 ac2 cd4 dc4 bd1"))
    assert pairs(found, "reciprocity") == exactly({"ab": 3 / 5, "ba": 3 / 5, "ac": 0, "cd": 1, "dc": 1, "bd": 0})
    # One in return for a hundred is next to nothing.
    assert pairs(block(drawn("convening", "ab100 ba")), "reciprocity") == exactly({"ab": 0.01, "ba": 0.01})


def test_reciprocity_is_a_matter_of_directed_layers():
    for each in Layer:
        names = {m.name for m in names_of(Level.PAIR, each, "pairs")}
        assert ("reciprocity" in names) == (each in DIRECTED_LAYERS)
        assert ("multiplexity" in names) == (each == Layer.COMBINED)
        assert "weight" in names


@pytest.mark.worked_example("pair.multiplexity")
def test_multiplexity_is_the_share_of_layers_that_tie_a_pair():
    layers = [
        drawn("meetings", "ab9 bc"),
        drawn("mdt", "ab"),
        drawn("referrals", "ba5 ac"),
        drawn("referrals_back", "ab2"),
        drawn("joint_roles", "bc"),
        drawn("convening", "de7"),
    ]
    # a and b meet, sit in one MDT, and refer to each other: forward and back are one layer of four. Convening is none:
    # it is made of the same meetings.
    found = block(combined(layers, 0, len(NAMES)))
    assert pairs(found, "multiplexity") == exactly({"ab": 3 / 4, "ac": 1 / 4, "bc": 2 / 4})
    assert pairs(found, "weight") == {"ab": 3, "ac": 1, "bc": 2}


@pytest.mark.worked_example("pair.multiplexity", "pair.weight")
def test_only_layers_that_the_network_supplies_are_asked_for(tmp_path):
    made = network(
        tmp_path,
        referrals="""
        date        from_org  to_org  direction_type
        2015-02-01  A         B       forward
        2015-03-01  A         B       forward
        2015-04-01  B         A       refer_back
        2015-05-01  B         C       forward
        """,
    )
    conduct = observe(made.records, made.ties, made.roster, made.calendar, 4)
    slices = cut(made.ties, made.config, made.calendar, 3, 1)
    tables = graph_tables(
        measure_slices(slice_tasks(slices, made.records, made.roster, made.coverage)),
        measure_conduct(conduct, made.records, made.roster, made.coverage),
        made.roster,
        made.calendar,
    )
    table = tables["pair_metrics"].to_pandas().astype(str)
    found = table.set_index(["layer", "organisation_id", "other_organisation_id", "metric"])["value"].astype(float)
    # Referrals are all that there is, so who refers is tied in every way there is.
    assert found.to_dict() == exactly(
        {
            ("referrals", "A", "B", "weight"): 2,
            ("referrals", "A", "B", "reciprocity"): 0,
            ("referrals", "B", "C", "weight"): 1,
            ("referrals", "B", "C", "reciprocity"): 0,
            ("referrals_back", "B", "A", "weight"): 1,
            ("referrals_back", "B", "A", "reciprocity"): 0,
            ("combined", "A", "B", "weight"): 1,
            ("combined", "A", "B", "multiplexity"): 1,
            ("combined", "B", "C", "weight"): 1,
            ("combined", "B", "C", "multiplexity"): 1,
        }
    )


# --- second implementation ----------------------------------------------------------------------------------


def random_ties(rng: np.random.Generator, directed: bool) -> nx.Graph:
    graph = nx.DiGraph() if directed else nx.Graph()
    for one, two in np.argwhere(rng.random((len(NAMES), len(NAMES))) < rng.uniform(0.05, 0.6)).tolist():
        if one != two and (directed or one < two):
            graph.add_edge(one, two, weight=float(rng.integers(1, 9)))
    return graph


def as_layer(name: str, graph: nx.Graph) -> SliceTies:
    return layer(name, {(one, two): data["weight"] for one, two, data in graph.edges(data=True)})


@pytest.mark.second_implementation("pair.weight", "pair.reciprocity")
@pytest.mark.parametrize("seed", range(20))
def test_weight_and_reciprocity_match_networkx(seed):
    graph = random_ties(np.random.default_rng(seed), directed=True)
    found = block(as_layer("referrals", graph))
    edges = {NAMES[one] + NAMES[two]: (one, two) for one, two in graph.edges}
    assert pairs(found, "weight") == {ends: graph.edges[edge]["weight"] for ends, edge in edges.items()}

    def reference(one: int, two: int) -> float:
        there, back = graph[one][two]["weight"], graph.get_edge_data(two, one, {"weight": 0})["weight"]
        return min(there, back) / max(there, back)

    assert pairs(found, "reciprocity") == exactly({ends: reference(*edge) for ends, edge in edges.items()})


@pytest.mark.second_implementation("pair.multiplexity")
@pytest.mark.parametrize("seed", range(20))
def test_multiplexity_matches_networkx(seed):
    rng = np.random.default_rng(seed)
    names = ["meetings", "mdt", "referrals", "referrals_back", "joint_roles"]
    graphs = {name: random_ties(rng, directed=name.startswith("referrals")) for name in names}
    whole = combined([as_layer(name, graph) for name, graph in graphs.items()], 0, len(NAMES))
    undirected = {name: graph.to_undirected() for name, graph in graphs.items()}
    referrals = nx.compose(undirected.pop("referrals"), undirected.pop("referrals_back"))
    tied = [*undirected.values(), referrals]
    anywhere = nx.compose_all(tied)
    expected = {
        "".join(NAMES[end] for end in sorted(edge)): sum(graph.has_edge(*edge) for graph in tied) / 4
        for edge in anywhere.edges
    }
    assert pairs(block(whole), "multiplexity") == exactly(expected)


def test_the_random_ties_hold_the_awkward_cases():
    graphs = [random_ties(np.random.default_rng(seed), directed=True) for seed in range(20)]
    returned = [nx.overall_reciprocity(graph) if graph.size() else nan for graph in graphs]
    assert sum(0 < share < 1 for share in returned) >= 10
