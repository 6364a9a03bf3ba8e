"""The leading eigenvector of a network, the same from run to run, also where the network falls into parts."""

import numpy as np
from scipy.linalg import eigh
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import eigsh

from orgnet.metrics.arrays import Matrix, Places, Vector

# Parts of a network whose leading eigenvalues are this close are equally strong: rounding must not choose.
SAME_EIGENVALUE = 1e-9
# Up to this size a full matrix is solved faster than a sparse one, and up to this size it is cut into parts faster.
FULL_UP_TO = 64
CUT_FULL_UP_TO = 512


def _of_part(matrix: Matrix) -> tuple[Vector, float]:
    """The scores, none negative, and the largest eigenvalue of one connected part."""
    size = matrix.shape[0]
    if size <= FULL_UP_TO:
        values, vectors = eigh(matrix, subset_by_index=[size - 1, size - 1])
    else:
        # A given start, for a random one would change the last digits from run to run.
        values, vectors = eigsh(matrix, k=1, which="LA", v0=matrix.sum(axis=1))
    return np.abs(vectors[:, 0]), float(values[0])


def leading(source: Places, target: Places, weight: Vector, n: int, first: int | None = None) -> Vector:
    """Each vertex's score in an undirected network with at least one tie, scaled to maximum 1.

    Only the connected part with the largest eigenvalue scores, or the parts, if equal; the others have 0. If `first` is
    given, the first so many vertices are scaled to maximum 1 among themselves, and so are the others.
    """
    ends = (np.concatenate([source, target]), np.concatenate([target, source]))
    sparse = csr_array((np.tile(weight, 2), ends), shape=(n, n))
    _, part = connected_components(sparse, directed=False)
    full = sparse.toarray() if n <= CUT_FULL_UP_TO else None

    def inside(one: Places) -> Matrix:
        """The matrix of one part, full if it is small."""
        if full is not None:
            return full[np.ix_(one, one)]
        cut = sparse[one][:, one]
        return cut.toarray() if len(one) <= FULL_UP_TO else cut

    members = np.split(np.argsort(part, kind="stable"), np.cumsum(np.bincount(part))[:-1])
    solved = [(one, *_of_part(inside(one))) for one in members if len(one) > 1]
    largest = max(value for *_, value in solved)
    scores = np.zeros(n)
    for one, found, value in solved:
        if value >= largest * (1 - SAME_EIGENVALUE):
            for side in (one < first, one >= first) if first is not None else (one >= 0,):
                scores[one[side]] = found[side] / found[side].max()
    return scores
