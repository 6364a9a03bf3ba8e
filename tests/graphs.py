"""What tests of graph metrics share: values by name, the same network in networkx, and comparisons between the two."""

from collections.abc import Callable, Iterable
from typing import Any

import networkx as nx
import numpy as np
import pytest
from igraph import Graph

F1 = "ab ac bc cd de df"
F2 = "ab5 ba3 ac2 cd4 dc4 bd1"
STAR = "ab ac ad"
K3 = "ab bc ca"


def by_name(metric: Callable[[Graph], np.ndarray], graph: Graph) -> dict[str, float]:
    values = metric(graph)
    assert values.dtype == np.float64
    assert values.shape == (graph.vcount(),)
    return dict(zip(graph.vs["name"], values, strict=True))


def exactly(*value: float, **expected: float) -> Any:
    """One value, or one for each name, but for rounding."""
    return pytest.approx(value[0] if value else expected, rel=1e-12, abs=1e-12, nan_ok=True)


def in_networkx(graph: Graph, directed: bool | None = None) -> nx.Graph:
    """The same network in networkx, nodes in the same order; without direction, strengths of both ways are added."""
    directed = graph.is_directed() if directed is None else directed
    other: nx.Graph = nx.DiGraph() if directed else nx.Graph()
    other.add_nodes_from(range(graph.vcount()))
    for (i, j), strength in zip(graph.get_edgelist(), graph.es["weight"], strict=True):
        there = other.edges[i, j]["weight"] if other.has_edge(i, j) else 0.0
        other.add_edge(i, j, weight=there + strength, distance=1 / (there + strength))
    return other


def matrix_of(graph: Graph) -> np.ndarray:
    """Strengths from rows to columns; without direction, both ways."""
    matrix = np.zeros((graph.vcount(), graph.vcount()))
    for (i, j), strength in zip(graph.get_edgelist(), graph.es["weight"], strict=True):
        matrix[i, j] = strength
        if not graph.is_directed():
            matrix[j, i] = strength
    return matrix


def assert_same(metric: Callable, reference: Callable, networks: Iterable[Graph], tolerance: float = 1e-9) -> None:
    """A metric gives what other code gives, on every network; for organisations, in the order of the vertices."""
    for graph in networks:
        found, theirs = metric(graph), reference(graph)
        if isinstance(theirs, dict):
            theirs = [theirs[i] for i in range(graph.vcount())]
        np.testing.assert_allclose(found, theirs, rtol=0, atol=tolerance, err_msg=str(graph))
