"""What holds for every metric that takes a graph: the registry says which there are and what they promise."""

import warnings
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from igraph import Graph

import orgnet.metrics.network
import orgnet.metrics.organisation
from orgnet.metrics.registry import Metric, Weights, registered
from orgnet.vocabulary import DIRECTED_LAYERS, Level

METRICS = [m for m in registered(takes="graph") if m.level in (Level.ORGANISATION, Level.NETWORK)]
OF_ORGANISATIONS = [m for m in METRICS if m.level == Level.ORGANISATION]

# What an organisation's value is divided by when the network has n organisations; the others do not depend on n.
# PageRank is not among them: an isolate changes where the random walk starts afresh, so no factor brings it back.
DIVIDED_BY = {
    "betweenness": lambda n: (n - 1) * (n - 2),
    "harmonic_closeness": lambda n: n - 1,
    "harmonic_closeness_hops": lambda n: n - 1,
}

CLOSE = {"rtol": 1e-7, "atol": 1e-9, "equal_nan": True}

settings.register_profile("metrics", derandomize=True, max_examples=60, deadline=None)
repeatable = settings(settings.get_profile("metrics"))


@dataclass(frozen=True)
class Drawing:
    """A network as a drawing: who is there, and who is tied to whom how strongly."""

    names: tuple[str, ...]
    ties: tuple[tuple[str, str, float], ...]
    directed: bool

    def graph(self) -> Graph:
        place = {name: i for i, name in enumerate(self.names)}
        graph = Graph(
            n=len(place), edges=[(place[a], place[b]) for a, b, _ in self.ties], directed=self.directed
        )
        graph.vs["name"] = self.names
        graph.es["weight"] = [strength for *_, strength in self.ties]
        graph.es["distance"] = [1 / strength for *_, strength in self.ties]
        return graph


def directions(metric: Metric) -> list[bool]:
    """The kinds of graph that the metric's layers have."""
    return sorted({layer in DIRECTED_LAYERS for layer in metric.layers})


@st.composite
def drawings(draw: st.DrawFn, metric: Metric) -> Drawing:
    directed = draw(st.sampled_from(directions(metric)))
    names = tuple("abcdefg"[: draw(st.integers(0, 7))])
    pairs = [(a, b) for a in names for b in names if a < b or (directed and a != b)]
    strengths = st.sampled_from([0, 0, 0, 0.25, 1, 1, 2, 3.3, 40])
    ties = draw(st.tuples(*[strengths] * len(pairs)))
    return Drawing(names, tuple((a, b, w) for (a, b), w in zip(pairs, ties, strict=True) if w), directed)


def value_of(metric: Metric, drawing: Drawing) -> np.ndarray:
    """The values in the order of the names; for a whole network, its one value."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return np.asarray(metric.function(drawing.graph()))


def every(metrics: list[Metric]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("metric", metrics, ids=lambda m: f"{m.level}.{m.name}")


def test_both_modules_are_registered():
    names = {(m.level, m.name) for m in METRICS}
    assert (Level.ORGANISATION, "betweenness") in names
    assert (Level.NETWORK, "density") in names
    assert len(names) >= 23


@every(METRICS)
@repeatable
@given(data=st.data())
def test_shape_and_range(metric: Metric, data: st.DataObject):
    drawing = data.draw(drawings(metric))
    values = value_of(metric, drawing)
    assert values.dtype == np.float64
    assert values.shape == ((len(drawing.names),) if metric.level == Level.ORGANISATION else ())
    known = values[~np.isnan(values)]
    assert np.isfinite(known).all()
    # A share added up from parts may pass its bound by rounding alone.
    assert (known >= (-np.inf if metric.minimum is None else metric.minimum - 1e-12)).all()
    assert (known <= (np.inf if metric.maximum is None else metric.maximum + 1e-12)).all()


@every(METRICS)
@repeatable
@given(data=st.data())
def test_values_belong_to_organisations_not_to_places_in_a_list(metric: Metric, data: st.DataObject):
    drawing = data.draw(drawings(metric))
    names = tuple(data.draw(st.permutations(drawing.names)))
    ties = tuple(data.draw(st.permutations(drawing.ties)))
    before, after = value_of(metric, drawing), value_of(metric, replace(drawing, names=names, ties=ties))
    if metric.level == Level.ORGANISATION:
        after = after[[names.index(name) for name in drawing.names]]
    np.testing.assert_allclose(after, before, **CLOSE)


@every(OF_ORGANISATIONS)
@repeatable
@given(data=st.data())
def test_an_isolate_leaves_the_others_as_they_were(metric: Metric, data: st.DataObject):
    if metric.name == "pagerank":
        return
    drawing = data.draw(drawings(metric))
    n = len(drawing.names)
    before = value_of(metric, drawing)
    after = value_of(metric, replace(drawing, names=(*drawing.names, "z")))[:n]
    if metric.name in DIVIDED_BY:
        divided_by = DIVIDED_BY[metric.name]
        before, after = before * divided_by(n), after * divided_by(n + 1)
        # One more organisation may be what it takes to have a value at all.
        after = np.where(np.isnan(before), np.nan, after)
    np.testing.assert_allclose(after, before, **CLOSE)


@every(METRICS)
@pytest.mark.parametrize("names", [(), ("a",), ("a", "b"), ("a", "b", "c")], ids=len)
def test_networks_without_ties_give_no_warnings(metric: Metric, names: tuple[str, ...]):
    for directed in directions(metric):
        values = value_of(metric, Drawing(names, (), directed))
        assert values.shape == ((len(names),) if metric.level == Level.ORGANISATION else ())


@every(METRICS)
@repeatable
@given(data=st.data())
def test_what_igraph_already_knows_of_a_graph_makes_no_difference(metric: Metric, data: st.DataObject):
    drawing = data.draw(drawings(metric))
    graph = drawing.graph()
    assert graph.is_simple()
    graph.is_connected()
    graph.is_dag()
    np.testing.assert_array_equal(metric.function(graph), value_of(metric, drawing))


@every(METRICS)
@repeatable
@given(data=st.data())
def test_a_metric_leaves_its_graph_as_it_was(metric: Metric, data: st.DataObject):
    drawing = data.draw(drawings(metric))
    graph, untouched = drawing.graph(), drawing.graph()
    metric.function(graph)
    assert graph.to_dict_list() == untouched.to_dict_list()
    assert graph.is_directed() == untouched.is_directed()


@every([m for m in METRICS if m.weights == Weights.IGNORED])
@repeatable
@given(data=st.data())
def test_ignored_strengths_make_no_difference(metric: Metric, data: st.DataObject):
    drawing = data.draw(drawings(metric))
    strengths = data.draw(st.tuples(*[st.sampled_from([0.1, 0.5, 1.0, 7.0])] * len(drawing.ties)))
    ties = tuple((a, b, w) for (a, b, _), w in zip(drawing.ties, strengths, strict=True))
    np.testing.assert_array_equal(value_of(metric, replace(drawing, ties=ties)), value_of(metric, drawing))


@every([m for m in METRICS if m.weights != Weights.IGNORED])
def test_declared_strengths_make_a_difference(metric: Metric):
    names = ("a", "b", "c", "d")
    for directed in directions(metric):
        back = (("b", "a", 1.0),) if directed else ()
        even = Drawing(
            names, (("a", "b", 1.0), ("b", "c", 1.0), ("a", "c", 1.0), ("c", "d", 1.0), *back), directed
        )
        uneven = replace(even, ties=(("a", "b", 9.0), ("b", "c", 9.0), *even.ties[2:]))
        before, after = value_of(metric, even), value_of(metric, uneven)
        assert not np.allclose(before, after, equal_nan=True), f"directed: {directed}"
