"""What holds for every metric that takes a graph: the registry says which there are and what they promise."""

import warnings
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from igraph import Graph

from orgnet.metrics import Metric, Weights, registered
from orgnet.metrics.arrays import share_arrays
from orgnet.vocabulary import DIRECTED_LAYERS, Level

METRICS = [m for m in registered(takes="graph") if m.level in (Level.ORGANISATION, Level.NETWORK)]

# What an organisation's value is divided by in a network of n; the other metrics do not depend on n.
DIVIDED_BY = {
    "betweenness": lambda n: (n - 1) * (n - 2),
    "closeness": lambda n: n - 1,
    "fragmentation_removed": lambda n: (n - 1) * (n - 2),
    "harmonic_closeness": lambda n: n - 1,
    "harmonic_closeness_hops": lambda n: n - 1,
    "two_step_reach": lambda n: n - 1,
}
# An isolate changes where PageRank's walk starts afresh, and how kinds may be dealt out, so no factor brings the old
# values back. What is divided for fragmentation is what holds together, the rest to 1.
CHANGED_BY_ISOLATES = {"pagerank"} | {m.name for m in METRICS if m.name.endswith(("_expected", "_z"))}
RESTS = {"fragmentation_removed"}

# In a small network with a change of few strengths, these may stay as they are.
SEEN_IN_LARGER = {"authority", "communities", "community", "hub", "modularity"}
# It asks for two layers or more: the combined layer's strengths are counts, which have no other unit.
COUNTS_LAYERS = {"multiplex_share"}

STRENGTHS = [0.25, 1.0, 2.0, 3.3, 40.0]
KINDS = ["provider", "network_body", "university"]

repeatable = settings(derandomize=True, max_examples=60, deadline=None)
either_way = pytest.mark.parametrize("directed", [False, True], ids=["undirected", "directed"])


@dataclass(frozen=True)
class Drawing:
    """A network as a drawing: who is there, who is tied to whom how strongly, and who is of which kind."""

    names: tuple[str, ...]
    ties: tuple[tuple[str, str, float], ...]
    directed: bool
    kinds: tuple[tuple[str, str], ...] = ()

    def graph(self) -> Graph:
        place = {name: i for i, name in enumerate(self.names)}
        ends = [(place[a], place[b]) for a, b, _ in self.ties]
        graph = Graph(n=len(place), edges=ends, directed=self.directed)
        graph.vs["name"] = self.names
        graph.vs["kind"] = [dict(self.kinds).get(name, "provider") for name in self.names]
        graph.es["weight"] = [strength for *_, strength in self.ties]
        graph.es["distance"] = [1 / strength for *_, strength in self.ties]
        return graph


@st.composite
def drawings(draw: st.DrawFn, directed: bool) -> Drawing:
    names = tuple("abcdefg"[: draw(st.integers(0, 7))])
    pairs = [(a, b) for a in names for b in names if a < b or (directed and a != b)]
    tied = draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    kinds = tuple((name, draw(st.sampled_from(KINDS))) for name in "abcdefgz")
    return Drawing(names, tuple((a, b, draw(st.sampled_from(STRENGTHS))) for a, b in tied), directed, kinds)


def metrics_for(directed: bool) -> list[Metric]:
    """The metrics with a layer of this kind of graph."""
    return [m for m in METRICS if directed in {layer in DIRECTED_LAYERS for layer in m.layers}]


def value_of(metric: Metric, graph: Graph) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return np.asarray(metric.function(graph))


def shape_of(metric: Metric, graph: Graph) -> tuple[int, ...]:
    return (graph.vcount(),) if metric.level == Level.ORGANISATION else ()


def assert_close(actual: np.ndarray, expected: np.ndarray, metric: Metric) -> None:
    np.testing.assert_allclose(actual, expected, rtol=1e-7, atol=1e-9, err_msg=f"{metric.level}.{metric.name}")


def assert_identical(actual: np.ndarray, expected: np.ndarray, metric: Metric) -> None:
    np.testing.assert_array_equal(actual, expected, err_msg=f"{metric.level}.{metric.name}")


def test_the_modules_are_registered():
    names = {(m.level, m.name) for m in METRICS}
    assert {(Level.ORGANISATION, "betweenness"), (Level.NETWORK, "density")} <= names
    only_undirected = set(metrics_for(directed=False)) - set(metrics_for(directed=True))
    assert {m.name for m in only_undirected} == {"multiplex_share"}


@either_way
@repeatable
@given(data=st.data())
def test_shape_and_range(directed: bool, data: st.DataObject):
    graph = data.draw(drawings(directed)).graph()
    for metric in metrics_for(directed):
        values = value_of(metric, graph)
        assert values.dtype == np.float64, metric.name
        assert values.shape == shape_of(metric, graph), metric.name
        known = values[~np.isnan(values)]
        assert np.isfinite(known).all(), metric.name
        # A share added up from parts may pass its bound by rounding alone.
        assert (known >= (-np.inf if metric.minimum is None else metric.minimum - 1e-12)).all(), metric.name
        assert (known <= (np.inf if metric.maximum is None else metric.maximum + 1e-12)).all(), metric.name


@either_way
@repeatable
@given(data=st.data())
def test_values_belong_to_organisations_not_to_places_in_a_list(directed: bool, data: st.DataObject):
    drawing = data.draw(drawings(directed))
    names = tuple(data.draw(st.permutations(drawing.names)))
    ties = tuple(data.draw(st.permutations(drawing.ties)))
    graph, shuffled = drawing.graph(), replace(drawing, names=names, ties=ties).graph()
    places = [names.index(name) for name in drawing.names]
    for metric in metrics_for(directed):
        after = value_of(metric, shuffled)
        after = after[places] if metric.level == Level.ORGANISATION else after
        assert_close(after, value_of(metric, graph), metric)


@either_way
@repeatable
@given(data=st.data())
def test_an_isolate_leaves_the_others_as_they_were(directed: bool, data: st.DataObject):
    drawing = data.draw(drawings(directed))
    graph, larger = drawing.graph(), replace(drawing, names=(*drawing.names, "z")).graph()
    n = graph.vcount()
    for metric in metrics_for(directed):
        if metric.level != Level.ORGANISATION or metric.name in CHANGED_BY_ISOLATES:
            continue
        before, after = value_of(metric, graph), value_of(metric, larger)[:n]
        if metric.name in RESTS:
            before, after = 1 - before, 1 - after
        if metric.name in DIVIDED_BY:
            before, after = before * DIVIDED_BY[metric.name](n), after * DIVIDED_BY[metric.name](n + 1)
            # One more organisation may be what it takes to have a value at all.
            after = np.where(np.isnan(before), np.nan, after)
        assert_close(after, before, metric)


@either_way
@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_networks_without_ties_give_no_warnings(directed: bool, n: int):
    for metric in metrics_for(directed):
        graph = Drawing(tuple("abc"[:n]), (), directed).graph()
        assert value_of(metric, graph).shape == shape_of(metric, graph), metric.name


@either_way
@repeatable
@given(data=st.data())
def test_the_same_network_gives_the_same_bytes(directed: bool, data: st.DataObject):
    drawing = data.draw(drawings(directed))
    graph = drawing.graph()
    # igraph remembers what it was asked, and takes short cuts: they must not lead elsewhere.
    assert graph.is_simple()
    graph.is_connected()
    graph.is_dag()
    for metric in metrics_for(directed):
        assert_identical(value_of(metric, graph), value_of(metric, drawing.graph()), metric)
    untouched = drawing.graph()
    assert graph.to_dict_list() == untouched.to_dict_list()
    assert graph.is_directed() == untouched.is_directed()


@either_way
def test_a_large_network_gives_the_same_bytes(directed: bool):
    # Some of igraph's solvers take to threads above 512 vertices, whose sums come out in any order.
    rng = np.random.default_rng(0)
    ends = rng.integers(0, 530, (2650, 2))
    ends = np.unique(ends if directed else np.sort(ends, axis=1), axis=0)
    ends = ends[ends[:, 0] != ends[:, 1]]
    ties = tuple((str(a), str(b), w) for (a, b), w in zip(ends, rng.uniform(0.1, 9, len(ends)), strict=True))
    graph = Drawing(tuple(str(i) for i in range(530)), ties, directed).graph()
    assert max(graph.connected_components().sizes()) > 512
    for metric in metrics_for(directed):
        first = value_of(metric, graph)
        # By luck two runs may agree.
        for _ in range(3):
            assert_identical(value_of(metric, graph), first, metric)


@either_way
@repeatable
@given(data=st.data())
def test_ignored_strengths_make_no_difference(directed: bool, data: st.DataObject):
    drawing = data.draw(drawings(directed))
    others = tuple((a, b, data.draw(st.sampled_from(STRENGTHS))) for a, b, _ in drawing.ties)
    graph, other = drawing.graph(), replace(drawing, ties=others).graph()
    for metric in metrics_for(directed):
        if metric.weights == Weights.IGNORED:
            assert_identical(value_of(metric, other), value_of(metric, graph), metric)


@either_way
def test_declared_strengths_make_a_difference(directed: bool):
    # A triangle abc with d tied to c; then a - b and b - c become much stronger than a - c.
    back = (("b", "a", 1.0),) if directed else ()
    even = (("a", "b", 1.0), ("b", "c", 1.0), ("a", "c", 1.0), ("c", "d", 1.0), *back)
    uneven = (("a", "b", 9.0), ("b", "c", 9.0), *even[2:])
    small = [Drawing(tuple("abcd"), ties, directed).graph() for ties in (even, uneven)]
    # Two triangles joined by one tie, which then becomes much stronger than all others.
    joined = [(*ends, 1.0) for ends in ("ab", "bc", "ac", "de", "ef", "df")]
    larger = [Drawing(tuple("abcdef"), (*joined, ("c", "d", tie)), directed).graph() for tie in (1.0, 20.0)]
    for metric in metrics_for(directed):
        if metric.weights != Weights.IGNORED:
            before, after = (value_of(metric, graph) for graph in (larger if metric.name in SEEN_IN_LARGER else small))
            assert not np.allclose(before, after, equal_nan=True), metric.name


@either_way
@repeatable
@given(data=st.data())
def test_only_what_is_in_the_layers_unit_grows_with_all_strengths(directed: bool, data: st.DataObject):
    drawing = data.draw(drawings(directed))
    stronger = replace(drawing, ties=tuple((a, b, 4 * strength) for a, b, strength in drawing.ties))
    graph, other = drawing.graph(), stronger.graph()
    for metric in metrics_for(directed):
        if metric.name not in COUNTS_LAYERS:
            factor = 4 if metric.unit == "see layer" else 1
            assert_close(value_of(metric, other), factor * value_of(metric, graph), metric)


@either_way
@repeatable
@given(data=st.data())
def test_kinds_matter_by_who_shares_one_not_by_their_names(directed: bool, data: st.DataObject):
    drawing = data.draw(drawings(directed))
    new = dict(zip(KINDS, data.draw(st.permutations(KINDS)), strict=True))
    renamed = replace(drawing, kinds=tuple((name, new[kind]) for name, kind in drawing.kinds))
    graph, other = drawing.graph(), renamed.graph()
    for metric in metrics_for(directed):
        assert_close(value_of(metric, other), value_of(metric, graph), metric)


@either_way
@repeatable
@given(data=st.data())
def test_what_metrics_share_changes_none_of_them(directed: bool, data: st.DataObject):
    drawing = data.draw(drawings(directed))
    shared = drawing.graph()
    share_arrays(shared)
    for metric in data.draw(st.permutations(metrics_for(directed))):
        assert_identical(value_of(metric, shared), value_of(metric, drawing.graph()), metric)
