"""Metrics of a whole directed network: how far it is a tree of command (Krackhardt 1994).

Every function takes a simple igraph graph with the edge attribute `weight` (strength, above 0), and returns NaN where
the metric is undefined.
"""

from typing import NamedTuple

import numpy as np
from igraph import Graph
from numpy.typing import NDArray

from orgnet.metrics.arrays import Arrays, Places, arrays_of, bare_graph, once
from orgnet.metrics.parts import part_sizes
from orgnet.metrics.registry import DIRECTED_ONLY, Weights, metric
from orgnet.vocabulary import Level

REFERENCE = "Krackhardt 1994 in Carley & Prietula (eds) Computational Organization Theory 89"


class _Reach(NamedTuple):
    """Circles of organisations that all reach each other, along direction, and which circle reaches which."""

    sizes: Places
    reaches: NDArray[np.bool_]


@once
def _reach(arrays: Arrays) -> _Reach:
    """Who reaches whom, circle by circle: between circles ways go one way only, so each is settled after those it
    leads to."""
    circle = np.array(bare_graph(arrays).connected_components(mode="strong").membership, dtype=np.int64)
    count = int(circle.max(initial=-1)) + 1
    source, target = circle[arrays.source], circle[arrays.target]
    keys = np.unique((source * count + target)[source != target])
    ends = np.column_stack([keys // max(count, 1), keys % max(count, 1)])
    reaches = np.eye(count, dtype=bool)
    graph = Graph(n=count, edges=ends.tolist(), directed=True)
    for at in graph.topological_sorting(mode="in"):
        reaches[at] |= reaches[graph.successors(at)].any(axis=0)
    return _Reach(np.bincount(circle, minlength=count), reaches)


@metric(
    name="hierarchy",
    level=Level.NETWORK,
    layers=DIRECTED_ONLY,
    takes="graph",
    weights=Weights.IGNORED,
    formula=(
        "1 - pairs in which each reaches the other / pairs in which at least one reaches the other, along the "
        "direction of ties"
    ),
    unit="share of pairs with a way",
    minimum=0,
    maximum=1,
    undefined_when="no ties in the network",
    reference=REFERENCE,
)
def hierarchy(graph: Graph) -> float:
    """How far ways through the network go one way: 1 if nobody that an organisation reaches along the direction of ties
    can reach it back, 0 if every way has a way back.

    It is about ways, not ranks: a single referral in return can undo it for many pairs. A tree and a long chain both
    score 1.
    """
    circles = _reach(arrays_of(graph))
    sizes = circles.sizes
    both_ways = (sizes * (sizes - 1)).sum() / 2
    one_way = sizes @ circles.reaches @ sizes - (sizes * sizes).sum()
    return float(one_way / (both_ways + one_way)) if graph.ecount() else np.nan


@metric(
    name="krackhardt_efficiency",
    level=Level.NETWORK,
    layers=DIRECTED_ONLY,
    takes="graph",
    weights=Weights.IGNORED,
    formula=(
        "1 - (m - sum over parts c of (s_c - 1)) / sum over parts c of (s_c - 1)^2; m is the number of ties, s_c the "
        "number of organisations in c"
    ),
    unit="share of ties that could be spared",
    minimum=0,
    maximum=1,
    undefined_when="no ties in the network",
    reference=REFERENCE,
)
def krackhardt_efficiency(graph: Graph) -> float:
    """How few ties the network has beyond those that hold its parts together: 1 if taking away any tie would break a
    part, 0 if everyone is tied to everyone, both ways.

    It is about spare ties, not about how well the network works: spare ties are what holds when one breaks. Do not mix
    it up with global efficiency (avg_inv_distance) or with an organisation's efficiency.
    """
    spared = part_sizes(arrays_of(graph)) - 1
    m: int = graph.ecount()
    return float(1 - (m - spared.sum()) / (spared * spared).sum()) if m else np.nan


@metric(
    name="least_upper_boundedness",
    level=Level.NETWORK,
    layers=DIRECTED_ONLY,
    takes="graph",
    weights=Weights.IGNORED,
    formula=(
        "1 - pairs within one part that have no least upper bound / sum over parts c of (s_c - 1)(s_c - 2) / 2; l is "
        "a least upper bound of i and j if l reaches both along direction, or is one of them, and all who reach both "
        "reach l"
    ),
    unit="share of pairs",
    minimum=0,
    maximum=1,
    undefined_when="no part with 3 organisations or more",
    reference=REFERENCE,
)
def least_upper_boundedness(graph: Graph) -> float:
    """How far any two organisations have one "boss" in common: one that reaches both along the direction of ties, and
    that everyone else who reaches both reaches, too. 1 for a tree of command.

    It asks for a single shared superior, so several centres side by side score low, by design or not. Bosses here are
    made of ties: nobody need have any say over another.
    """
    circles = _reach(arrays_of(graph))
    sizes, reaches = circles.sizes, circles.reaches
    parts = part_sizes(arrays_of(graph))
    most = ((parts - 1) * (parts - 2)).sum() / 2
    if not most:
        return np.nan
    # All who reach both i and j are counted; the least bound is one of them that so many reach.
    above = sizes @ reaches
    shared = (reaches * sizes[:, None]).T.astype(np.float64) @ reaches
    bounded = np.zeros(reaches.shape, dtype=bool)
    for circle, below in enumerate(map(np.flatnonzero, reaches)):
        bounded[np.ix_(below, below)] |= shared[np.ix_(below, below)] == above[circle]
    lacking = (parts * parts).sum() - sizes @ bounded @ sizes
    return float(1 - lacking / 2 / most)
