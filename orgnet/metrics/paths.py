"""Shortest paths of one graph: found once, used by every metric that needs them.

Up to EXACT_PATHS_UP_TO organisations all paths are found. Above that, paths to TARGETS of them, spread evenly over the
organisations in order of their number of partners, stand for the paths to all: the metrics in SAMPLED are then
estimates, and their rows say `sampled`.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from orgnet.metrics.arrays import Arrays, Places, Vector, as_igraph, bare_graph, once, partners, tied

EXACT_PATHS_UP_TO = 1000
TARGETS = 256

SAMPLED = frozenset(
    {
        "avg_inv_distance",
        "avg_path_length",
        "betweenness",
        "betweenness_centralization",
        "closeness",
        "closeness_centralization",
        "harmonic_closeness",
        "harmonic_closeness_hops",
    }
)
"""The metrics that are estimated where there are more organisations than EXACT_PATHS_UP_TO."""

# Floyd's method takes n^3 steps, many at a time: for small graphs with many ties it is the fastest.
FLOYD_UP_TO = 256
MANY_TIED = 1 / 8
# Steps are counted by products of matrices where many are tied, as nobody is then far; if somebody is, by igraph.
LEVELS = 6
# Lengths this close, relatively, are equal: the same sum added up in another order.
SAME_LENGTH = 1e-10

Table = NDArray[np.float64]


class Lengths(NamedTuple):
    """How far each organisation (rows) is from each target (columns), infinite where there is no path."""

    targets: Places
    length: Table

    def to_others(self) -> NDArray[np.bool_]:
        """Where a column's target is another organisation than the row's."""
        return np.arange(len(self.length))[:, None] != self.targets[None, :]


def exact(n: int) -> bool:
    """Whether all paths are found in a network of n organisations."""
    return n <= EXACT_PATHS_UP_TO


@once
def targets(arrays: Arrays) -> Places:
    """The organisations to which paths are found: all, or some at even distances in order of partners and name."""
    if exact(arrays.n):
        return np.arange(arrays.n)
    order = np.lexsort((np.array(arrays.names), partners(arrays)))
    return np.sort(order[((np.arange(TARGETS) + 0.5) * arrays.n / TARGETS).astype(np.int64)])


def _many_tied(arrays: Arrays) -> bool:
    """Whether a good share of the ordered pairs are tied."""
    return len(arrays.source) * (1 if arrays.directed else 2) >= MANY_TIED * arrays.n**2


def _floyd(arrays: Arrays, length: Vector) -> Table:
    table = np.full((arrays.n, arrays.n), np.inf)
    table[arrays.source, arrays.target] = length
    if not arrays.directed:
        table[arrays.target, arrays.source] = length
    np.fill_diagonal(table, 0.0)
    through = np.empty_like(table)
    for k in range(arrays.n):
        np.add(table[:, k, None], table[None, k, :], out=through)
        np.minimum(table, through, out=table)
    return table


@once
def distances(arrays: Arrays) -> Lengths:
    """How far it is to the targets where a tie's length is 1/strength; along direction in directed layers."""
    n, to, length = arrays.n, targets(arrays), 1.0 / arrays.weight
    if n <= FLOYD_UP_TO and _many_tied(arrays):
        return Lengths(to, _floyd(arrays, length))
    # The way to a target is the way from it with all ties turned round.
    turned = csr_array((length, (arrays.target, arrays.source)), shape=(n, n))
    table = dijkstra(turned, directed=arrays.directed, indices=to) if n else np.zeros((0, 0))
    return Lengths(to, np.ascontiguousarray(table.T))


class _Levels(NamedTuple):
    hops: Table
    paths: Table
    last: int


@once
def _levels(arrays: Arrays) -> _Levels | None:
    """Steps and numbers of shortest paths between all, by products of matrices; none if that would take long."""
    if not exact(arrays.n) or not _many_tied(arrays):
        return None
    there = tied(arrays)
    hops = np.where(np.eye(arrays.n, dtype=bool), 0.0, np.inf)
    paths = here = np.eye(arrays.n)
    for level in range(1, LEVELS + 1):
        here = np.where(np.isinf(hops), here @ there, 0.0)
        if not here.any():
            return _Levels(hops, paths, level - 1)
        hops[here > 0] = level
        paths = paths + here
    return None


@once
def hops(arrays: Arrays) -> Lengths:
    """How many ties it is to the targets; along direction in directed layers."""
    to, levels = targets(arrays), _levels(arrays)
    if levels is not None:
        return Lengths(to, levels.hops)
    rows = bare_graph(arrays).distances(source=to.tolist(), mode="in") if arrays.n else []
    table = np.array(rows, dtype=np.float64).reshape(len(to), arrays.n)
    return Lengths(to, np.ascontiguousarray(table.T))


def _between_by_levels(arrays: Arrays, levels: _Levels) -> Vector:
    """Brandes' sums for all sources at once, from the farthest level inwards."""
    back = tied(arrays).T
    passed = np.zeros_like(levels.hops)
    for level in range(levels.last, 1, -1):
        share = np.divide(1.0 + passed, levels.paths, out=np.zeros_like(passed), where=levels.hops == level)
        passed += np.where(levels.hops == level - 1, (share @ back) * levels.paths, 0.0)
    return passed.sum(axis=0)


def _between_by_igraph(arrays: Arrays, length: Vector | None) -> Vector:
    weights = None if length is None else "distance"
    graph = bare_graph(arrays) if length is None else as_igraph(arrays, length)
    sources = None if exact(arrays.n) else targets(arrays).tolist()
    found = np.array(graph.betweenness(weights=weights, sources=sources), dtype=np.float64)
    return found if arrays.directed else 2.0 * found  # igraph counts a pair once where there is no direction


def _as_shares(arrays: Arrays, between: Vector) -> Vector:
    """Sums over ordered pairs, over the number of such pairs without the organisation itself."""
    sources = np.full(arrays.n, len(targets(arrays)))
    sources[targets(arrays)] -= 1
    return between / (sources * (arrays.n - 2))


@once
def betweenness_by_strength(arrays: Arrays) -> Vector:
    """The share of the other pairs whose shortest path runs through each organisation; a tie's length is 1/strength."""
    length = 1.0 / arrays.weight
    if not exact(arrays.n):
        return _as_shares(arrays, _between_by_igraph(arrays, length))
    # A tie that is longer than the way round it is on no shortest path: without those there is less to search.
    straight = length <= distances(arrays).length[arrays.source, arrays.target] * (1 + SAME_LENGTH)
    short = Arrays(
        arrays.n,
        arrays.directed,
        arrays.source[straight],
        arrays.target[straight],
        arrays.weight[straight],
        arrays.names,
        arrays.kinds,
    )
    return _as_shares(arrays, _between_by_igraph(short, length[straight]))


@once
def betweenness_by_hops(arrays: Arrays) -> Vector:
    """The share of the other pairs whose shortest path runs through each organisation; every tie is one step."""
    levels = _levels(arrays)
    between = _between_by_igraph(arrays, None) if levels is None else _between_by_levels(arrays, levels)
    return _as_shares(arrays, between)


def mean_inverse(lengths: Lengths) -> Vector:
    """The mean of 1/length to the others, per organisation."""
    others = lengths.to_others()
    parts = np.divide(1.0, lengths.length, out=np.zeros_like(lengths.length), where=others & (lengths.length > 0))
    return parts.sum(axis=1) / others.sum(axis=1)


def closeness_from(lengths: Lengths) -> Vector:
    """The share of the others that is within reach, over the mean length to those; 0 if none is."""
    others = lengths.to_others()
    within = others & np.isfinite(lengths.length)
    reached = within.sum(axis=1)
    total = np.where(within, lengths.length, 0.0).sum(axis=1)
    share = reached / others.sum(axis=1)
    return np.divide(share * reached, total, out=np.zeros(len(total)), where=total > 0)
