"""Above a size, shortest paths are found for some organisations only: what that concerns, and how far it is off."""

import numpy as np
import pytest
from igraph import Graph

from orgnet.metrics import arrays, paths
from orgnet.metrics.measure import SliceTask, measure_slices, names_of
from orgnet.metrics.registry import registered
from orgnet.metrics.statuses import STATUSES
from orgnet.slices import SliceTies
from orgnet.vocabulary import DIRECTED_LAYERS, Layer, Level

either_way = pytest.mark.parametrize("directed", [False, True], ids=["undirected", "directed"])


def hubs(n: int, directed: bool, seed: int = 0) -> Graph:
    """A network in which those who have many ties get more."""
    rng = np.random.default_rng(seed)
    ends: list[tuple[int, int]] = [(0, 1), (1, 2), (2, 3)]
    for vertex in range(4, n):
        pool = [end for tie in ends[-400:] for end in tie]
        ends += [(vertex, other) for other in {int(rng.choice(pool)) for _ in range(5)} - {vertex}]
    if directed:
        ends += [(j, i) for (i, j), back in zip(ends, rng.random(len(ends)) < 0.5, strict=True) if back]
    graph = Graph(n=n, edges=ends, directed=directed)
    graph.vs["name"] = [f"Z{number:05d}" for number in rng.permutation(n)]
    graph.es["weight"] = rng.integers(1, 40, len(ends)).astype(float).tolist()
    return graph


def metrics_of(directed: bool):
    return [m for m in registered(takes="graph") if directed in {layer in DIRECTED_LAYERS for layer in m.layers}]


@either_way
def test_the_metrics_said_to_be_sampled_are_and_no_others(directed, monkeypatch):
    graph = hubs(90, directed)
    exact = {m: np.asarray(m.function(graph)) for m in metrics_of(directed)}
    monkeypatch.setattr(paths, "EXACT_PATHS_UP_TO", 50)
    monkeypatch.setattr(paths, "TARGETS", 20)
    for metric, before in exact.items():
        after = np.asarray(metric.function(graph))
        same = np.array_equal(before, after, equal_nan=True)
        assert same == (metric.name not in paths.SAMPLED), metric.name
        assert np.isnan(after).tolist() == np.isnan(before).tolist(), metric.name


@either_way
def test_all_as_a_sample_are_all(directed, monkeypatch):
    # Sampling everyone is another way to the exact values.
    graph = hubs(60, directed)
    exact = {m: np.asarray(m.function(graph)) for m in metrics_of(directed) if m.name in paths.SAMPLED}
    monkeypatch.setattr(paths, "EXACT_PATHS_UP_TO", 50)
    monkeypatch.setattr(paths, "TARGETS", 60)
    for metric, before in exact.items():
        np.testing.assert_allclose(metric.function(graph), before, rtol=1e-9, atol=1e-12, err_msg=metric.name)


@either_way
def test_the_sample_goes_with_the_organisations_not_with_their_places(directed, monkeypatch):
    monkeypatch.setattr(paths, "EXACT_PATHS_UP_TO", 50)
    monkeypatch.setattr(paths, "TARGETS", 20)
    graph = hubs(90, directed)
    shuffled = graph.permute_vertices(np.random.default_rng(1).permutation(90).tolist())
    place = [shuffled.vs["name"].index(name) for name in graph.vs["name"]]
    for metric in metrics_of(directed):
        before, after = np.asarray(metric.function(graph)), np.asarray(metric.function(shuffled))
        after = after[place] if metric.level == Level.ORGANISATION else after
        np.testing.assert_allclose(after, before, rtol=1e-7, atol=1e-9, err_msg=metric.name)


def test_the_error_is_as_the_conventions_say(monkeypatch):
    graph = hubs(1500, directed=False)
    arrays.share_arrays(graph)
    chosen = {m.name: m.function for m in registered(takes="graph") if m.name in paths.SAMPLED}
    sampled = {name: np.asarray(function(graph)) for name, function in chosen.items()}
    monkeypatch.setattr(paths, "EXACT_PATHS_UP_TO", 2000)
    arrays.share_arrays(graph)
    exact = {name: np.asarray(function(graph)) for name, function in chosen.items()}

    def error(name: str, share: float) -> float:
        there = exact[name] > 0
        return float(np.quantile(np.abs(sampled[name][there] / exact[name][there] - 1), share))

    assert error("closeness", 0.5) < 0.036
    assert error("harmonic_closeness", 0.5) < 0.044
    assert error("harmonic_closeness_hops", 0.95) < 0.12
    assert error("avg_inv_distance", 1) < 0.014
    assert error("avg_path_length", 1) < 0.014
    top = np.argsort(-exact["betweenness"])[:75]
    assert np.median(np.abs(sampled["betweenness"][top] / exact["betweenness"][top] - 1)) < 0.18
    assert np.corrcoef(sampled["betweenness"], exact["betweenness"])[0, 1] > 0.89


@either_way
def test_a_sparse_matrix_gives_what_a_full_one_gives(directed, monkeypatch):
    graph = hubs(60, directed)
    graph.vs["kind"] = np.random.default_rng(0).choice(["x", "y", "z"], 60).tolist()
    full = {m: np.asarray(m.function(graph)) for m in metrics_of(directed)}
    monkeypatch.setattr(arrays, "DENSE_UP_TO", 10)
    monkeypatch.setattr(paths, "MANY_TIED", 2)
    for metric, before in full.items():
        np.testing.assert_allclose(metric.function(graph), before, rtol=1e-9, atol=1e-9, err_msg=metric.name)


@either_way
def test_few_steps_by_matrices_give_what_single_paths_give(directed, monkeypatch):
    rng = np.random.default_rng(2)
    for share in (0.2, 0.5, 0.9):
        tied = (rng.random((30, 30)) < share) & ~np.eye(30, dtype=bool)
        ends = np.argwhere(tied if directed else np.triu(tied))
        graph = Graph(n=32, edges=ends.tolist(), directed=directed)
        graph.es["weight"] = (2.0 ** rng.integers(-2, 4, len(ends))).tolist()
        quick = {m: np.asarray(m.function(graph)) for m in metrics_of(directed) if m.name in paths.SAMPLED}
        with monkeypatch.context() as patched:
            patched.setattr(paths, "MANY_TIED", 2)
            for metric, before in quick.items():
                np.testing.assert_allclose(metric.function(graph), before, rtol=1e-9, atol=1e-12, err_msg=metric.name)


def task(n: int, nominal: bool) -> SliceTask:
    """A ring of n organisations that met."""
    source = np.arange(n - 1)
    ones = np.ones(n - 1, dtype=np.int64)
    ties = SliceTies(Layer.MEETINGS, 0, source, source + 1, ones * 1.0, ones, ones, ones, ones, nominal)
    everyone = np.arange(n)
    names = [f"Z{number:04d}" for number in range(n)]
    covered = {Layer.MEETINGS: np.ones(n, dtype=bool)}
    return SliceTask(0, [ties], frozenset({Layer.MEETINGS}), names, everyone, everyone, covered, ["provider"] * n)


@pytest.mark.parametrize(("n", "nominal", "word"), [(60, False, "sampled"), (60, True, "nominal"), (40, False, "ok")])
def test_estimates_say_so(n, nominal, word, monkeypatch):
    monkeypatch.setattr(paths, "EXACT_PATHS_UP_TO", 50)
    monkeypatch.setattr(paths, "TARGETS", 20)
    measured = measure_slices([task(n, nominal)])
    for level, found in ((Level.ORGANISATION, measured.organisation[0]), (Level.NETWORK, measured.network[0])):
        for column, metric in enumerate(names_of(level, Layer.MEETINGS, "graph")):
            said = {STATUSES[code] for code in found.status[:, column]} - {"undefined"}
            usual = "nominal" if nominal else "ok"
            assert said <= {word if metric.name in paths.SAMPLED else usual}, metric.name
    names = [m.name for m in names_of(Level.ORGANISATION, Layer.MEETINGS, "graph")]
    assert {STATUSES[code] for code in measured.organisation[0].status[:, names.index("betweenness")]} == {word}
