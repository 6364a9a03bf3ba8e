"""Metrics of a whole network: how far it gathers on one organisation, or on a core.

Every function takes a simple igraph graph with the edge attribute `weight` (strength, above 0), and returns NaN where
the metric is undefined.
"""

import numpy as np
from igraph import Graph
from numpy.typing import NDArray

from orgnet.metrics.arrays import Arrays, arrays_of, partners, undirected
from orgnet.metrics.parts import part_sizes
from orgnet.metrics.paths import betweenness_by_hops, closeness_from, hops
from orgnet.metrics.registry import ALL_LAYERS, DIRECTED_ONLY, Weights, metric
from orgnet.vocabulary import Level

# Up to this many organisations, every possible core is tried.
EVERY_CORE_UP_TO = 15


def _shortfall(values: NDArray[np.float64] | NDArray[np.int64]) -> float:
    """How far all organisations together fall short of the highest."""
    return float(np.sum(np.max(values) - values))


@metric(
    name="degree_centralization",
    level=Level.NETWORK,
    layers=ALL_LAYERS,
    takes="graph",
    weights=Weights.IGNORED,
    formula="sum over i of (max d - d_i), over (n - 1)(n - 2); d_i counts partners, direction ignored",
    unit="share of a star's",
    minimum=0,
    maximum=1,
    undefined_when="fewer than 3 organisations in the network",
    reference="Freeman 1979 Social Networks 1:215",
)
def degree_centralization(graph: Graph) -> float:
    """How far the ties gather on one organisation: 1 for a star around one hub, 0 where all have equally many
    partners.

    It does not say who is in the middle, nor whether they lead. It is 0 both when everyone is tied to
    everyone and when nobody is tied at all.
    """
    n: int = graph.vcount()
    if n < 3:
        return np.nan
    return _shortfall(partners(arrays_of(graph))) / ((n - 1) * (n - 2))


@metric(
    name="out_degree_centralization",
    level=Level.NETWORK,
    layers=DIRECTED_ONLY,
    takes="graph",
    weights=Weights.IGNORED,
    formula="sum over i of (max d+ - d+_i), over (n - 1)^2, where d+_i is the number of ties out",
    unit="share of a star's",
    minimum=0,
    maximum=1,
    undefined_when="fewer than 2 organisations in the network",
    reference="Freeman 1979 Social Networks 1:215",
)
def out_degree_centralization(graph: Graph) -> float:
    """How far the outgoing ties start from one organisation: 1 if one has a tie towards every other and they
    have none, for example one body that convenes all the meetings.

    It does not say who that is, nor how much they do: strength is ignored.
    """
    n: int = graph.vcount()
    if n < 2:
        return np.nan
    return _shortfall(np.bincount(arrays_of(graph).source, minlength=n)) / (n - 1) ** 2


@metric(
    name="in_degree_centralization",
    level=Level.NETWORK,
    layers=DIRECTED_ONLY,
    takes="graph",
    weights=Weights.IGNORED,
    formula="sum over i of (max d- - d-_i), over (n - 1)^2, where d-_i is the number of ties in",
    unit="share of a star's",
    minimum=0,
    maximum=1,
    undefined_when="fewer than 2 organisations in the network",
    reference="Freeman 1979 Social Networks 1:215",
)
def in_degree_centralization(graph: Graph) -> float:
    """How far the incoming ties end at one organisation: 1 if every other has a tie towards it and no other
    tie, for example one centre that receives all the referrals.

    With several specialist centres it stays low however centralised the service is. Strength is ignored.
    """
    n: int = graph.vcount()
    if n < 2:
        return np.nan
    return _shortfall(np.bincount(arrays_of(graph).target, minlength=n)) / (n - 1) ** 2


@metric(
    name="betweenness_centralization",
    level=Level.NETWORK,
    layers=ALL_LAYERS,
    takes="graph",
    weights=Weights.IGNORED,
    formula=(
        "sum over i of (max b - b_i), over n - 1; b_i is betweenness counted in steps, every tie being one; directed "
        "layers follow direction"
    ),
    unit="share of a star's",
    minimum=0,
    maximum=1,
    undefined_when="fewer than 3 organisations in the network",
    reference="Freeman 1977 Sociometry 40:35",
)
def betweenness_centralization(graph: Graph) -> float:
    """How far one organisation is the only go-between: 1 for a star, where all others reach each other through the hub
    alone, 0 where all are go-betweens alike.

    Strength is ignored here, unlike in the organisations' own betweenness: a star of weak ties is still a star. It does
    not say whether anything is passed on.
    """
    n: int = graph.vcount()
    return _shortfall(betweenness_by_hops(arrays_of(graph))) / (n - 1) if n > 2 else np.nan


@metric(
    name="closeness_centralization",
    level=Level.NETWORK,
    layers=ALL_LAYERS,
    takes="graph",
    weights=Weights.IGNORED,
    formula=(
        "sum over i of (max c - c_i) x (2n - 3) / ((n - 1)(n - 2)), where c_i = (n - 1) / sum over j of h_ij and h_ij "
        "is the number of ties on the shortest path; direction ignored"
    ),
    unit="share of a star's",
    minimum=0,
    maximum=1,
    undefined_when="fewer than 3 organisations in the network, or the network is not in one part",
    reference="Freeman 1979 Social Networks 1:215",
)
def closeness_centralization(graph: Graph) -> float:
    """How far one organisation is closer to all others than they are to each other: 1 for a star, 0 where all are
    equally close.

    It has no value unless all organisations hang together, direction ignored, so it comes and goes with one isolate.
    Strength is ignored.
    """
    arrays, n = arrays_of(graph), graph.vcount()
    if n < 3 or len(part_sizes(arrays)) > 1:
        return np.nan
    closeness = closeness_from(hops(undirected(arrays)))
    return _shortfall(closeness) * (2 * n - 3) / ((n - 1) * (n - 2))


def _fits(outside: NDArray[np.int64], inside: NDArray[np.int64], n: int, m: int) -> NDArray[np.float64]:
    """The correlation of each split into core and periphery, from its number of organisations and of ties outside the
    core; NaN where either side of the correlation is constant."""
    pairs = n * (n - 1) / 2
    expected = pairs - outside * (outside - 1) / 2
    spread = m * (pairs - m) * expected * (pairs - expected)
    known = spread > 0
    return np.where(known, (pairs * (m - inside) - m * expected) / np.sqrt(np.where(known, spread, 1.0)), np.nan)


def _every_core(arrays: Arrays) -> NDArray[np.float64]:
    """The fit of every set of organisations as the core; a periphery is a number whose bits are its members."""
    n, sets = arrays.n, np.arange(2**arrays.n)
    partners_of = np.zeros(n, dtype=np.int64)
    np.bitwise_or.at(partners_of, arrays.source, 1 << arrays.target)
    np.bitwise_or.at(partners_of, arrays.target, 1 << arrays.source)
    inside = np.zeros(2**n, dtype=np.int64)
    for vertex in range(n):
        without = slice(0, 1 << vertex)
        inside[1 << vertex : 2 << vertex] = inside[without] + np.bitwise_count(sets[without] & partners_of[vertex])
    return _fits(np.bitwise_count(sets).astype(np.int64), inside, n, len(arrays.source))


def _peeled_cores(arrays: Arrays) -> NDArray[np.float64]:
    """The fit of each core on the way from none to all, taking in one organisation after the other: the one with most
    ties outside the core; of several, the one with more ties in all, whose partners have more, whose name is first."""
    n, count = arrays.n, partners(arrays)
    ends = np.concatenate([arrays.source, arrays.target]), np.concatenate([arrays.target, arrays.source])
    order = np.lexsort((np.array(arrays.names), -np.bincount(ends[0], count[ends[1]], n), -count))
    rank = np.empty(n, dtype=np.int64)
    rank[order] = np.arange(n)
    by_rank = np.argsort(rank[ends[0]], kind="stable")
    to = rank[ends[1]][by_rank]
    starts = np.searchsorted(rank[ends[0]][by_rank], np.arange(n + 1))
    left, inside = count[order].astype(np.int64), [len(arrays.source)]
    for _ in range(n - 1):
        first = int(left.argmax())
        inside.append(inside[-1] - int(left[first]))
        left[to[starts[first] : starts[first + 1]]] -= 1
        left[first] = -n
    return _fits(n - np.arange(n), np.array(inside), n, len(arrays.source))


@metric(
    name="core_periphery_fit",
    level=Level.NETWORK,
    layers=ALL_LAYERS,
    takes="graph",
    weights=Weights.IGNORED,
    formula=(
        "largest over sets C of organisations of the correlation, over pairs, of a_ij with d_ij, where d_ij = 1 if i "
        "or j is in C; direction ignored; above 15 organisations the largest over one ordered choice of sets, a lower "
        "bound"
    ),
    unit="correlation",
    minimum=-1,
    maximum=1,
    undefined_when="fewer than 3 organisations in the network, no ties, or all pairs tied",
    reference="Borgatti & Everett 2000 Social Networks 21:375",
)
def core_periphery_fit(graph: Graph) -> float:
    """How well the network fits the picture of a core that is tied to everyone and a periphery that is tied to the core
    only: 1 for a perfect fit, such as a star.

    It is the best fit of all possible cores, so it is above 0 in random networks too; compare networks of about one
    size. Above 15 organisations it is a lower bound: cores are tried one by one, taking in whoever has most ties
    outside.
    """
    arrays = undirected(arrays_of(graph))
    if arrays.n < 3:
        return np.nan
    fits = _every_core(arrays) if arrays.n <= EVERY_CORE_UP_TO else _peeled_cores(arrays)
    return float(np.nanmax(fits)) if np.isfinite(fits).any() else np.nan
