"""The communities that a network falls into: a metric of each organisation and two of the whole.

Every function takes a simple igraph graph with the edge attribute `weight` (strength, above 0), and returns NaN where
the metric is undefined.
"""

import random

import igraph
import numpy as np
from igraph import Graph

from orgnet.metrics.arrays import Arrays, Vector, arrays_of, bare_graph, once, undirected
from orgnet.metrics.registry import ALL_LAYERS, IDENTITY, Weights, metric
from orgnet.vocabulary import Level

SEED = 20190430


@once
def _communities(arrays: Arrays) -> tuple[Vector, float]:
    """Each organisation's community, numbered by size and then by the first name in it, and the modularity.

    Only organisations with ties are looked at, in order of their names, so that neither the order of rows nor who else
    is on the roster makes a difference.
    """
    both = undirected(arrays)
    members = np.unique(np.concatenate([both.source, both.target]))
    members = members[np.argsort(np.array(arrays.names)[members], kind="stable")]
    place = np.zeros(arrays.n, dtype=np.int64)
    place[members] = np.arange(len(members))
    low = np.minimum(place[both.source], place[both.target])
    high = np.maximum(place[both.source], place[both.target])
    order = np.lexsort((high, low))
    names = [arrays.names[member] for member in members]
    kinds = [arrays.kinds[member] for member in members]
    in_order = len(members) == arrays.n and (members[1:] > members[:-1]).all()
    sorted_ties = (
        both if in_order else Arrays(len(members), False, low[order], high[order], both.weight[order], names, kinds)
    )
    found = _leiden(bare_graph(sorted_ties), sorted_ties.weight)
    sizes, first = np.bincount(found.membership), np.unique(found.membership, return_index=True)[1]
    number = np.empty(len(sizes))
    number[np.lexsort((first, -sizes))] = np.arange(1, len(sizes) + 1)
    values = np.full(arrays.n, np.nan)
    values[members] = number[np.array(found.membership)]
    return values, float(found.modularity)


def _leiden(graph: Graph, weight: Vector) -> igraph.VertexClustering:
    """Leiden's partition, with numbers by chance that are the same each time; who else draws some is not disturbed."""
    igraph.set_random_number_generator(random.Random(SEED))
    try:
        return graph.community_leiden("modularity", weights=weight.tolist(), n_iterations=-1)
    finally:
        igraph.set_random_number_generator(random)


@metric(
    name="modularity",
    level=Level.NETWORK,
    layers=ALL_LAYERS,
    takes="graph",
    weights=Weights.STRENGTH,
    formula=(
        "sum over communities c of (strength of ties within c / strength of all ties - (strength of c's organisations "
        "/ twice that of all ties)^2), for the partition that Leiden's algorithm finds best; direction ignored, "
        "summing both"
    ),
    unit="share of strength beyond chance",
    minimum=-0.5,
    maximum=1,
    undefined_when="no ties in the network",
    reference="Newman & Girvan 2004 Physical Review E 69:026113; Traag et al. 2019 Scientific Reports 9:5233",
)
def modularity(graph: Graph) -> float:
    """How far the network falls into communities: the share of the ties' strength that lies within communities, less
    what would lie there if strength were dealt out regardless of them. 0 is none.

    Random networks have some, too, the more the fewer ties they have, so a value alone proves no camps. It is found by
    a search that may miss the best partition by a little.
    """
    return _communities(arrays_of(graph))[1] if graph.ecount() else np.nan


@metric(
    name="communities",
    level=Level.NETWORK,
    layers=ALL_LAYERS,
    takes="graph",
    weights=Weights.STRENGTH,
    formula=(
        "number of communities in the partition that Leiden's algorithm finds best for modularity; direction ignored, "
        "summing both; organisations without ties are in none"
    ),
    unit="communities",
    minimum=1,
    maximum=None,
    undefined_when="no ties in the network",
    reference="Traag et al. 2019 Scientific Reports 9:5233",
)
def communities(graph: Graph) -> float:
    """Into how many communities the network falls: sets of organisations with stronger ties among themselves than
    chance would give.

    Modularity does not see communities that are small beside the network. Where it is low, the number is arbitrary.
    """
    return float(np.nanmax(_communities(arrays_of(graph))[0])) if graph.ecount() else np.nan


@metric(
    name="community",
    level=Level.ORGANISATION,
    layers=ALL_LAYERS,
    takes="graph",
    weights=Weights.STRENGTH,
    formula=(
        "number of i's community in the partition that Leiden's algorithm finds best for modularity; carried from "
        "slice to slice within a layer, to the community with the largest overlap"
    ),
    unit=IDENTITY,
    minimum=1,
    maximum=None,
    undefined_when="the organisation has no ties",
    reference="Traag et al. 2019 Scientific Reports 9:5233; Greene, Doyle & Cunningham 2010 ASONAM 176",
)
def community(graph: Graph) -> Vector:
    """Which community an organisation is in. The number is a name: the same number in two slices of one layer is the
    same community, as far as most of its members stayed together.

    Do not add, average or compare the numbers, and not between layers. An organisation near the border of two may
    change sides without having changed its ties.
    """
    if not graph.ecount():
        return np.full(graph.vcount(), np.nan)
    return _communities(arrays_of(graph))[0]
