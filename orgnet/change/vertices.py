"""Had other organisations been in the network? The vertex bootstrap of Snijders & Borgatti (1999, Connections 22(2)).

Organisations are drawn with replacement, as many as there are; two copies of different organisations are tied as those
two are. Between two copies of one organisation there is nothing to copy: they are tied as two organisations drawn at
random from all pairs are. The same draw applies to the networks before and after, which makes the difference a paired
one. The standard error is the standard deviation over draws; their mean is biased, and is not used.

Matrices have the shape (n, n) and hold the weight of the tie from row to column; undirected ones are symmetric.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from orgnet.indicators.draws import CELLS_AT_ONCE, Floats, Ints, Purpose, random_for
from orgnet.metrics.ratios import ratio

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class VertexDraws:
    """Draws of organisations, of shape (replicates, n), and what stands between copies of one.

    `copies` lists the places (replicate, row, column) of every such pair, and `dyads` the two organisations whose ties
    it takes over.
    """

    chosen: Ints
    copies: Ints
    dyads: Ints

    def applied(self, matrix: Floats) -> Floats:
        """The networks drawn from one: (replicates, n, n), with nothing from an organisation to itself."""
        drawn = matrix[self.chosen[:, :, None], self.chosen[:, None, :]]
        (at, row, column), (one, two) = self.copies, self.dyads
        drawn[at, row, column] = matrix[one, two]
        drawn[at, column, row] = matrix[two, one]
        each = np.arange(matrix.shape[0])
        drawn[:, each, each] = 0
        return drawn

    def parts(self, replicates: int) -> Iterator["VertexDraws"]:
        """The same draws, so many at a time."""
        for low, high in pairwise([*range(0, len(self.chosen), replicates), len(self.chosen)]):
            here = slice(*np.searchsorted(self.copies[0], [low, high]))
            first = np.array([[low], [0], [0]])
            yield VertexDraws(self.chosen[low:high], self.copies[:, here] - first, self.dyads[:, here])


def draw_vertices(n: int, replicates: int, seed: int, *where: int) -> VertexDraws:
    """Draws of n organisations from themselves. Raises ValueError if there are fewer than two, which have no pair."""
    if n < 2:
        raise ValueError(f"found {n} organisations, expected two or more to draw from")
    random = random_for(seed, Purpose.RESAMPLE_ORGANISATIONS, *where)
    chosen = random.integers(0, n, (replicates, n))
    same = chosen[:, :, None] == chosen[:, None, :]
    copies = np.array(np.nonzero(np.triu(same, k=1)))
    one, other = random.integers(0, n, copies.shape[1]), random.integers(0, n - 1, copies.shape[1])
    return VertexDraws(chosen, copies, np.array([one, other + (other >= one)]))


def undrawn(n: int) -> VertexDraws:
    """Every organisation once: the network as it is."""
    return VertexDraws(np.arange(n)[None, :], np.zeros((3, 0), np.int64), np.zeros((2, 0), np.int64))


def _pairs(matrices: Floats) -> Flags:
    """Whether two are tied in either direction."""
    tied = matrices > 0
    return tied | tied.transpose(0, 2, 1)


def _possible(matrices: Floats) -> int:
    return matrices.shape[1] * (matrices.shape[1] - 1)


def _density(matrices: Floats) -> Floats:
    return (matrices > 0).sum(axis=(1, 2)) / _possible(matrices)


def _avg_degree(matrices: Floats) -> Floats:
    """Ties at both ends per organisation: the matrix of an undirected network holds every tie twice already."""
    return (matrices > 0).sum(axis=(1, 2)) / matrices.shape[1]


def _avg_degree_directed(matrices: Floats) -> Floats:
    return 2 * _avg_degree(matrices)


def _transitivity(matrices: Floats) -> Floats:
    tied = _pairs(matrices).astype(np.float64)
    degree = tied.sum(axis=1)
    closed = ((tied @ tied) * tied).sum(axis=(1, 2))
    return ratio(closed, (degree * (degree - 1)).sum(axis=1))


def _shortfall(degree: Ints) -> Floats:
    return np.asarray((degree.max(axis=1, keepdims=True) - degree).sum(axis=1), dtype=np.float64)


def _degree_centralization(matrices: Floats) -> Floats:
    n = matrices.shape[1]
    return ratio(_shortfall(_pairs(matrices).sum(axis=1)), np.full(len(matrices), (n - 1) * (n - 2)))


def _out_degree_centralization(matrices: Floats) -> Floats:
    return _shortfall((matrices > 0).sum(axis=2)) / (matrices.shape[1] - 1) ** 2


def _in_degree_centralization(matrices: Floats) -> Floats:
    return _shortfall((matrices > 0).sum(axis=1)) / (matrices.shape[1] - 1) ** 2


def _reciprocity(matrices: Floats) -> Floats:
    tied = matrices > 0
    return ratio((tied & tied.transpose(0, 2, 1)).sum(axis=(1, 2)), tied.sum(axis=(1, 2)))


def _weighted_reciprocity(matrices: Floats) -> Floats:
    back = np.minimum(matrices, matrices.transpose(0, 2, 1))
    return ratio(back.sum(axis=(1, 2)), matrices.sum(axis=(1, 2)))


def _multiplex_share(matrices: Floats) -> Floats:
    return ratio((matrices >= 2).sum(axis=(1, 2)), (matrices > 0).sum(axis=(1, 2)))


Measure = Callable[[Floats], Floats]
_ANY: dict[str, Measure] = {
    "degree_centralization": _degree_centralization,
    "density": _density,
    "transitivity": _transitivity,
}
UNDIRECTED: dict[str, Measure] = {**_ANY, "avg_degree": _avg_degree, "multiplex_share": _multiplex_share}
DIRECTED: dict[str, Measure] = {
    **_ANY,
    "avg_degree": _avg_degree_directed,
    "in_degree_centralization": _in_degree_centralization,
    "out_degree_centralization": _out_degree_centralization,
    "reciprocity": _reciprocity,
    "weighted_reciprocity": _weighted_reciprocity,
}
"""The network metrics that are counted from dyads, triads and degrees, which resampling leaves sound. Those of paths
and components are not among them: copies of an organisation open and close paths that no record speaks of."""


def replicate_graph(matrix: Floats, directed: bool, draws: VertexDraws) -> dict[str, Floats]:
    """Every such metric of one network in every draw, by name; NaN where it is undefined."""
    measures = DIRECTED if directed else UNDIRECTED
    found: dict[str, list[Floats]] = {name: [] for name in measures}
    for some in draws.parts(max(1, CELLS_AT_ONCE // matrix.size)):
        matrices = some.applied(matrix)
        for name, measure in measures.items():
            found[name].append(measure(matrices))
    return {name: np.concatenate(values) for name, values in found.items()}
