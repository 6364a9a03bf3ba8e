"""One graph's ties as arrays, and what many metrics need of them, worked out once.

A metric asks `arrays_of(graph)`. Where somebody has called `share_arrays(graph)`, all metrics get the same arrays, and
what one has worked out the next finds done; the graph must not be changed after that. Otherwise each metric starts
afresh.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from itertools import chain
from typing import Any, TypeAlias, TypeVar

import numpy as np
from igraph import Graph
from numpy.typing import NDArray
from scipy.sparse import csr_array, diags_array

from orgnet.vocabulary import OrganisationKind

Vector = NDArray[np.float64]
Places = NDArray[np.int64]
# Dense or sparse: what is done with it (+, *, @, .T, .sum) means the same for both.
Matrix: TypeAlias = Any
T = TypeVar("T")

# Above this, a full matrix would take more memory and time than a sparse one.
DENSE_UP_TO = 2000


@dataclass(frozen=True, eq=False)
class Arrays:
    """The ties of one graph: from which vertex, to which, how strong; and who the vertices are."""

    n: int
    directed: bool
    source: Places
    target: Places
    weight: Vector
    names: list[str]
    kinds: list[str]
    memory: dict[str, Any] = field(default_factory=dict)


def _attribute(graph: Graph, name: str, otherwise: list[str]) -> list[str]:
    return list(graph.vs[name]) if name in graph.vs.attributes() else otherwise


def _read(graph: Graph) -> Arrays:
    n: int = graph.vcount()
    ends = np.fromiter(chain.from_iterable(graph.get_edgelist()), np.int64, 2 * graph.ecount()).reshape(-1, 2)
    weight = np.array(graph.es["weight"] if graph.ecount() else [], dtype=np.float64)
    names = _attribute(graph, "name", [f"{number:09d}" for number in range(n)])
    kinds = _attribute(graph, "kind", [OrganisationKind.PROVIDER.value] * n)
    return Arrays(n, graph.is_directed(), ends[:, 0], ends[:, 1], weight, names, kinds)


def arrays_of(graph: Graph) -> Arrays:
    """A graph's arrays: the shared ones, or else new ones."""
    return graph["arrays"] if "arrays" in graph.attributes() else _read(graph)


def share_arrays(graph: Graph) -> None:
    """Let all metrics of a graph that will not change any more work on the same arrays."""
    arrays = _read(graph)
    arrays.memory[_name_of(bare_graph)] = graph
    graph["arrays"] = arrays


def _name_of(work: Callable[[Arrays], Any]) -> str:
    return f"{work.__module__}.{work.__qualname__}"


def once(work: Callable[[Arrays], T]) -> Callable[[Arrays], T]:
    """Do a piece of work once for each graph's arrays, and remember what came out."""

    @wraps(work)
    def remembered(arrays: Arrays) -> T:
        name = _name_of(remembered)
        if name not in arrays.memory:
            arrays.memory[name] = work(arrays)
        result: T = arrays.memory[name]
        return result

    return remembered


@once
def undirected(arrays: Arrays) -> Arrays:
    """The same ties without direction, sorted; where both directions are tied, their strengths are added."""
    low, high = np.minimum(arrays.source, arrays.target), np.maximum(arrays.source, arrays.target)
    key = low * arrays.n + high
    if not arrays.directed and (arrays.source == low).all() and (key[1:] > key[:-1]).all():
        return arrays  # as it stands, and with all that is worked out of it already
    keys, at = np.unique(key, return_inverse=True)
    weight = np.bincount(at, arrays.weight, len(keys)).astype(np.float64)
    n = max(arrays.n, 1)
    return Arrays(arrays.n, False, keys // n, keys % n, weight, arrays.names, arrays.kinds)


def _matrix(arrays: Arrays, values: Vector) -> Matrix:
    source, target = arrays.source, arrays.target
    if not arrays.directed:
        source, target = np.concatenate([source, target]), np.concatenate([target, source])
        values = np.tile(values, 2)
    shape = (arrays.n, arrays.n)
    if arrays.n > DENSE_UP_TO:
        return csr_array((values, (source, target)), shape=shape)
    matrix = np.zeros(shape)
    matrix[source, target] = values
    return matrix


@once
def tied(arrays: Arrays) -> Matrix:
    """1 where there is a tie from the row's vertex to the column's."""
    return _matrix(arrays, np.ones(len(arrays.source)))


@once
def strengths(arrays: Arrays) -> Matrix:
    """The strength of the tie from the row's vertex to the column's, 0 where there is none."""
    return _matrix(arrays, arrays.weight)


@once
def partners(arrays: Arrays) -> Vector:
    """How many others each vertex is tied to, in whichever direction."""
    both = undirected(arrays)
    ends = np.concatenate([both.source, both.target])
    return np.bincount(ends, minlength=arrays.n).astype(np.float64)


def rows_times(matrix: Matrix, factors: Vector) -> Matrix:
    """Each row of a dense or sparse matrix times its own factor."""
    if isinstance(matrix, np.ndarray):
        return matrix * factors[:, None]
    return diags_array(factors) @ matrix


def row_maxima(matrix: Matrix) -> Vector:
    """The largest entry of each row of a dense or sparse matrix, 0 or more; of no columns, 0."""
    if isinstance(matrix, np.ndarray):
        return matrix.max(axis=1, initial=0.0)
    return matrix.max(axis=1).toarray().ravel()


def inverse(values: Vector) -> Vector:
    """1 over each value, and 0 over 0."""
    return np.divide(1.0, values, out=np.zeros_like(values), where=values != 0)


def as_igraph(arrays: Arrays, distance: Vector | None = None) -> Graph:
    """The arrays as a bare igraph graph, vertices in the same order; with lengths of ties if they are given."""
    ends = np.ascontiguousarray(np.column_stack([arrays.source, arrays.target]))
    view = memoryview(ends)  # type: ignore[arg-type]
    graph = Graph(n=arrays.n, edges=view, directed=arrays.directed)
    if distance is not None:
        graph.es["distance"] = distance.tolist()
    return graph


@once
def bare_graph(arrays: Arrays) -> Graph:
    """The arrays as an igraph graph, for what igraph does best. It is not to be changed."""
    return as_igraph(arrays)


def undirected_graph(arrays: Arrays) -> Graph:
    """The bare undirected graph."""
    return bare_graph(undirected(arrays))
