"""Whether two networks over the same organisations go together: permutation tests of matrices.

Pairs that share an organisation are not independent, so no textbook p-value holds. Here organisations are dealt out
anew: rows and columns of one matrix are permuted together, which keeps its structure and breaks only its link with the
other. (`scipy.optimize.quadratic_assignment` looks for the best such permutation; it is not this test.)

Diagonals are never looked at. A statistic that is undefined (a matrix without variation, or with a gap) is NaN.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import permutations as every_order
from math import factorial, nan

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
DRAWS = 5_000
EXHAUSTIVE_UP_TO = 10_000
_CELLS_AT_ONCE = 1 << 17  # these stay in the processor's own memory
_ROUNDING = 1e-12
_NO_VARIATION = 1e-12


@dataclass(frozen=True)
class Association:
    """A correlation from -1 to 1, how often chance gives one as strong, and in how many permutations (0: not tested)."""

    correlation: float
    p_value: float
    n_permutations: int


@dataclass(frozen=True)
class Regression:
    """Coefficients, the intercept first; a p-value for each but the intercept; and the number of permutations."""

    coefficients: Floats
    p_values: Floats
    n_permutations: int


def orders(n: int, draws: int, seed: int | Sequence[int]) -> tuple[Ints, bool]:
    """Orders of n organisations, one a row, and whether they are all there are: so where these are 10,000 at most."""
    if factorial(min(n, 20)) <= EXHAUSTIVE_UP_TO:
        return np.array(list(every_order(range(n))), dtype=np.int64).reshape(-1, n), True
    rows = np.tile(np.arange(n), (draws, 1))
    return np.random.default_rng(seed).permuted(rows, axis=1), False


def p_value(observed: float, permuted: Floats, exhaustive: bool) -> float:
    """The share of permutations as extreme, either way; the order observed is one of them, so that p is never 0.

    With N drawn it is counted beside them: the smallest p is 1 / (N + 1).
    """
    extreme = int((np.abs(permuted) >= abs(observed) - _ROUNDING).sum())
    return extreme / len(permuted) if exhaustive else (extreme + 1) / (len(permuted) + 1)


def _pairs(matrices: Sequence[Floats], directed: bool) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Row and column of every pair. Raises ValueError if the matrices are not of one size, or symmetric as they should be."""
    n = len(matrices[0])
    if any(matrix.shape != (n, n) for matrix in matrices):
        raise ValueError(f"expected square matrices of one size, found {', '.join(str(m.shape) for m in matrices)}")
    if not directed and not all(np.array_equal(matrix, matrix.T, equal_nan=True) for matrix in matrices):
        raise ValueError("expected symmetric matrices, as ties have no direction; found one that is not")
    rows, columns = np.nonzero(~np.eye(n, dtype=bool) if directed else np.triu(np.ones((n, n), dtype=bool), k=1))
    return rows, columns


def _over(matrix: Floats, rows: Ints, columns: Ints, order: Ints, statistic: Callable[[Floats], Floats]) -> Floats:
    """A statistic of some cells of a matrix whose rows and columns are permuted together, for each order.

    `statistic` takes cells of shape (orders, cells) and gives one value for each order; some orders at a time.
    """
    flat, n = matrix.ravel(), len(matrix)
    at_once = max(1, _CELLS_AT_ONCE // max(1, len(rows)))
    found = []
    for low in range(0, len(order), at_once):
        part = np.ascontiguousarray(order[low : low + at_once].T)  # one row per organisation: whole rows are taken
        cells = (part * n).take(rows, axis=0)
        cells += part.take(columns, axis=0)
        found.append(statistic(flat.take(cells).T))
    return np.concatenate(found)


def _varies(values: Floats) -> bool:
    """Whether values differ by more than rounding, and are all there."""
    return len(values) > 1 and bool(np.ptp(values) > _NO_VARIATION * max(1.0, float(np.abs(values).max())))


def qap(
    x: Floats, y: Floats, *, directed: bool = True, permutations: int = DRAWS, seed: int | Sequence[int] = 0
) -> Association:
    """Pearson's correlation of two matrices off the diagonal, and its two-sided p-value by permutation (QAP).

    Exhaustive up to seven organisations, drawn from the seed above. Undirected matrices must be symmetric: each pair
    counts once, which changes neither figure. Source: Krackhardt 1988, Social Networks 10: 359-381.
    """
    rows, columns = _pairs([x, y], directed)
    ours, theirs = x[rows, columns], y[rows, columns]
    if not (_varies(ours) and _varies(theirs)):
        return Association(nan, nan, 0)
    centred = x - ours.mean()
    size = np.linalg.norm(ours - ours.mean()) * np.linalg.norm(theirs - theirs.mean())
    # What is centred sums to 0 in any order, so pairs where the other matrix holds 0 add nothing: few are left.
    tied = theirs != 0
    weights = theirs[tied] / size
    observed = float(np.clip(centred[rows[tied], columns[tied]] @ weights, -1, 1))
    order, exhaustive = orders(len(x), permutations, seed)
    permuted = _over(centred, rows[tied], columns[tied], order, lambda cells: cells @ weights)
    return Association(observed, p_value(observed, permuted, exhaustive), len(order))


def mrqap(
    y: Floats,
    xs: Sequence[Floats],
    *,
    directed: bool = True,
    permutations: int = DRAWS,
    seed: int | Sequence[int] = 0,
) -> Regression:
    """One matrix explained by others: least squares over the pairs, p-values by double semi-partialling (MRQAP).

    For each explaining matrix, what the others do not explain of it is permuted, and its t statistic taken anew; with
    the number of pairs given, |t| rises with the partial correlation, which is what is compared. NaN throughout if one
    of the explaining matrices does not vary or is a sum of others. Source: Dekker, Krackhardt & Snijders 2007,
    Psychometrika 72: 563-581.
    """
    rows, columns = _pairs([y, *xs], directed)
    outcome, known = y[rows, columns], np.column_stack([np.ones(len(rows)), *(x[rows, columns] for x in xs)])
    complete = bool(np.isfinite(known).all() and np.isfinite(outcome).all())
    if not complete or np.linalg.matrix_rank(known) < known.shape[1]:
        return Regression(np.full(len(xs) + 1, nan), np.full(len(xs), nan), 0)
    order, exhaustive = orders(len(y), permutations, seed)
    p_values = []
    for k in range(1, known.shape[1]):
        basis = np.linalg.qr(np.delete(known, k, axis=1)).Q
        rest = _matrix(_unexplained(known[:, k], basis), rows, columns, len(y), directed)
        observed, permuted = _partial(rest, _unexplained(outcome, basis), basis, rows, columns, order)
        p_values.append(p_value(observed, permuted, exhaustive))
    coefficients: Floats = np.linalg.lstsq(known, outcome)[0].astype(np.float64)
    return Regression(coefficients, np.array(p_values), len(order))


def _unexplained(values: Floats, basis: Floats) -> Floats:
    """What is left of values once an orthonormal basis has explained what it can, of length 1; 0 if nothing is."""
    left = values - basis @ (basis.T @ values)
    length, whole = np.linalg.norm(left), np.linalg.norm(values)
    return left / length if length > _ROUNDING * whole else np.zeros(len(values))


def _matrix(values: Floats, rows: Ints, columns: Ints, n: int, directed: bool) -> Floats:
    """Values of pairs as a matrix again, with an empty diagonal."""
    made = np.zeros((n, n))
    made[rows, columns] = values
    return made if directed else made + made.T


def _partial(
    rest: Floats, outcome: Floats, basis: Floats, rows: Ints, columns: Ints, order: Ints
) -> tuple[float, Floats]:
    """The partial correlation of an outcome with what is left of a matrix: as it is, and in each order."""

    def correlation(cells: Floats) -> Floats:
        own = np.sqrt(np.maximum(1 - ((cells @ basis) ** 2).sum(axis=1), 0))
        return np.divide(cells @ outcome, own, out=np.zeros(len(cells)), where=own > _ROUNDING)

    as_it_is = np.arange(len(rest))[None, :]
    return float(_over(rest, rows, columns, as_it_is, correlation)[0]), _over(rest, rows, columns, order, correlation)
