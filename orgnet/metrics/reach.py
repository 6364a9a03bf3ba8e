"""Metrics of one organisation: whom it reaches, how closely, and who would be cut off without it.

Every function takes a simple igraph graph with the edge attribute `weight` (strength, above 0) and gives one value for
each vertex, in vertex order, NaN where the metric is undefined.
"""

import numpy as np
from igraph import Graph

from orgnet.metrics.arrays import Vector, arrays_of, tied, undirected_graph
from orgnet.metrics.parts import pairs_left_without
from orgnet.metrics.paths import betweenness_by_strength, closeness_from, distances, hops, mean_inverse
from orgnet.metrics.registry import ALL_LAYERS, Weights, metric
from orgnet.vocabulary import Level


def undefined(graph: Graph) -> Vector:
    """No value for anyone."""
    return np.full(graph.vcount(), np.nan)


@metric(
    name="betweenness",
    level=Level.ORGANISATION,
    layers=ALL_LAYERS,
    takes="graph",
    weights=Weights.DISTANCE,
    formula=(
        "sum over pairs (j, k) without i of (shortest paths j to k through i / shortest paths j to k), over "
        "the number of such pairs; a tie's length is 1/w; directed layers follow direction, in ordered pairs"
    ),
    unit="share of shortest paths",
    minimum=0,
    maximum=1,
    undefined_when="fewer than 3 organisations in the network",
    reference="Freeman 1977 Sociometry 40:35; Brandes 2001 Journal of Mathematical Sociology 25:163",
)
def betweenness(graph: Graph) -> Vector:
    """How often an organisation is the go-between: the share of the other pairs whose shortest chain of ties
    runs through it. Strong ties are short.

    It describes positions, not traffic: nothing need ever have passed along these chains. A low value in a
    close-knit network is no weakness, since there nobody needs a go-between.
    """
    if graph.vcount() < 3:
        return undefined(graph)
    return betweenness_by_strength(arrays_of(graph))


@metric(
    name="harmonic_closeness",
    level=Level.ORGANISATION,
    layers=ALL_LAYERS,
    takes="graph",
    weights=Weights.DISTANCE,
    formula=(
        "sum over j of 1/d_ij, over n - 1; d_ij sums 1/w along the shortest path from i to j, and 1/d_ij = 0 "
        "where there is no path; directed layers follow direction outwards"
    ),
    unit="see layer",
    minimum=0,
    maximum=None,
    undefined_when="fewer than 2 organisations in the network",
    reference="Marchiori & Latora 2000 Physica A 285:539; Boldi & Vigna 2014 Internet Mathematics 10:222",
)
def harmonic_closeness(graph: Graph) -> Vector:
    """How closely an organisation is tied to all the others, directly or through others, on average and in
    the layer's own unit of strength: a direct tie of strength 4 counts 4, two such ties in a row count 2.

    It has no upper bound and grows when all ties grow, so use it to rank organisations within one layer and
    slice; harmonic_closeness_hops is the one between 0 and 1. In directed layers it looks outwards only: an
    organisation that only receives scores 0, however much it receives.
    """
    if graph.vcount() < 2:
        return undefined(graph)
    return mean_inverse(distances(arrays_of(graph)))


@metric(
    name="harmonic_closeness_hops",
    level=Level.ORGANISATION,
    layers=ALL_LAYERS,
    takes="graph",
    weights=Weights.IGNORED,
    formula=(
        "sum over j of 1/h_ij, over n - 1; h_ij is the number of ties on the shortest path from i to j, and "
        "1/h_ij = 0 where there is no path; directed layers follow direction outwards"
    ),
    unit="mean of 1/steps",
    minimum=0,
    maximum=1,
    undefined_when="fewer than 2 organisations in the network",
    reference="Marchiori & Latora 2000 Physica A 285:539; Boldi & Vigna 2014 Internet Mathematics 10:222",
)
def harmonic_closeness_hops(graph: Graph) -> Vector:
    """In how few steps an organisation reaches the others: 1 if it is tied to everyone directly, 0 if to
    nobody.

    A tie counts as one step however weak it is. In directed layers it looks outwards only: an organisation
    that only receives scores 0.
    """
    if graph.vcount() < 2:
        return undefined(graph)
    return mean_inverse(hops(arrays_of(graph)))


@metric(
    name="closeness",
    level=Level.ORGANISATION,
    layers=ALL_LAYERS,
    takes="graph",
    weights=Weights.DISTANCE,
    formula=(
        "(r / (n - 1)) x (r / sum over the r organisations within reach of d_ij); d_ij sums 1/w along the shortest "
        "path from i to j; 0 if none is within reach; directed layers follow direction outwards"
    ),
    unit="see layer",
    minimum=0,
    maximum=None,
    undefined_when="fewer than 2 organisations in the network",
    reference="Wasserman & Faust 1994 Social Network Analysis, p. 201",
)
def closeness(graph: Graph) -> Vector:
    """How close an organisation is to those it can reach, in the layer's own unit of strength, taken down by the
    share of organisations that it cannot reach.

    Harmonic closeness treats the unreachable more evenly and is the better choice where the network falls into parts.
    In directed layers it looks outwards only: an organisation that only receives scores 0.
    """
    if graph.vcount() < 2:
        return undefined(graph)
    return closeness_from(distances(arrays_of(graph)))


@metric(
    name="two_step_reach",
    level=Level.ORGANISATION,
    layers=ALL_LAYERS,
    takes="graph",
    weights=Weights.IGNORED,
    formula=(
        "number of organisations other than i that one or two ties lead to from i, over n - 1; directed layers "
        "follow direction outwards"
    ),
    unit="share of the other organisations",
    minimum=0,
    maximum=1,
    undefined_when="fewer than 2 organisations in the network",
    reference="Borgatti, Everett & Johnson 2013 Analyzing Social Networks",
)
def two_step_reach(graph: Graph) -> Vector:
    """The share of the other organisations that are partners, or partners of partners.

    Two steps reach nearly everyone once a network has a hub that all are tied to, so a high value may be the hub's
    doing. In directed layers it looks outwards only.
    """
    n = graph.vcount()
    if n < 2:
        return undefined(graph)
    there = tied(arrays_of(graph))
    within = (there + there @ there) > 0
    return (within.sum(axis=1) - within.diagonal()) / (n - 1)


@metric(
    name="cut_point",
    level=Level.ORGANISATION,
    layers=ALL_LAYERS,
    takes="graph",
    weights=Weights.IGNORED,
    formula="1 if the network without i and its ties has more separate parts than with it, else 0; direction ignored",
    unit="1 yes, 0 no",
    minimum=0,
    maximum=1,
    undefined_when="never",
    reference="Hopcroft & Tarjan 1973 Communications of the ACM 16:372",
)
def cut_point(graph: Graph) -> Vector:
    """Whether some organisations are connected to others only through this one: 1 if the network would fall into
    more parts without it.

    It does not say how many would be cut off: fragmentation_removed does. One weak tie elsewhere is enough to make it
    0.
    """
    cut = np.zeros(graph.vcount())
    cut[undirected_graph(arrays_of(graph)).articulation_points()] = 1.0
    return cut


@metric(
    name="fragmentation_removed",
    level=Level.ORGANISATION,
    layers=ALL_LAYERS,
    takes="graph",
    weights=Weights.IGNORED,
    formula=(
        "1 - sum over the parts c of the network without i of s_c (s_c - 1), over (n - 1)(n - 2); direction ignored"
    ),
    unit="share of pairs of the others",
    minimum=0,
    maximum=1,
    undefined_when="fewer than 3 organisations in the network",
    reference="Borgatti 2006 Computational and Mathematical Organization Theory 12:21",
)
def fragmentation_removed(graph: Graph) -> Vector:
    """The share of pairs of the other organisations that would have no chain of ties between them if this one left.

    It counts pairs that are apart anyway, too: an organisation matters by how far its value lies above the others'.
    Others would make new ties if one left, so it is no forecast.
    """
    n = graph.vcount()
    if n < 3:
        return undefined(graph)
    return 1.0 - pairs_left_without(arrays_of(graph)) / ((n - 1) * (n - 2))
