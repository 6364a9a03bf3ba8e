"""Metrics of a whole network: how closely it holds together, and what chance would give.

Every function takes a simple igraph graph with the edge attribute `weight` (strength, above 0), and returns NaN where
the metric is undefined.
"""

from fractions import Fraction
from math import comb, perm, sqrt

import numpy as np
from igraph import Graph

from orgnet.metrics.arrays import Arrays, arrays_of, once, partners, tied, undirected
from orgnet.metrics.paths import hops, mean_inverse
from orgnet.metrics.registry import ALL_LAYERS, Weights, metric
from orgnet.vocabulary import Level


@once
def _triangles_and_triples(arrays: Arrays) -> tuple[int, int]:
    """Triangles, and pairs of ties that meet in one organisation; direction ignored."""
    ties, count = tied(undirected(arrays)), partners(arrays)
    return round(float(((ties @ ties) * ties).sum()) / 6), round(float((count * (count - 1)).sum()) / 2)


def _chance_of(ties: int, m: int, pairs: int) -> Fraction:
    """The chance that so many given pairs are all tied, when m ties lie at random among so many pairs."""
    return Fraction(perm(m, ties), perm(pairs, ties)) if pairs >= ties else Fraction(0)


def _triangles_by_chance(n: int, m: int) -> tuple[Fraction, Fraction]:
    """The expected number of triangles, and its variance, when m ties lie at random among n organisations.

    Two different triangles share one tie, and need five ties, or none, and need six.
    """
    triangles, pairs = comb(n, 3), comb(n, 2)
    sharing = triangles * 3 * (n - 3) if n > 3 else 0
    mean = triangles * _chance_of(3, m, pairs)
    squared = (
        mean
        + sharing * _chance_of(5, m, pairs)
        + (triangles * triangles - triangles - sharing) * _chance_of(6, m, pairs)
    )
    return mean, squared - mean * mean


@metric(
    name="transitivity",
    level=Level.NETWORK,
    layers=ALL_LAYERS,
    takes="graph",
    weights=Weights.IGNORED,
    formula="3 x triangles / connected triples; strength and direction ignored",
    unit="share of connected triples",
    minimum=0,
    maximum=1,
    undefined_when="no organisation has two partners",
    reference="Wasserman & Faust 1994 Social Network Analysis",
)
def transitivity(graph: Graph) -> float:
    """How often two partners of one organisation are partners themselves.

    Ties made from shared meetings inflate it: every meeting of three or more organisations makes triangles by
    itself.
    """
    triangles, triples = _triangles_and_triples(arrays_of(graph))
    return float(3.0 * triangles / triples) if triples else np.nan


@metric(
    name="transitivity_expected",
    level=Level.NETWORK,
    layers=ALL_LAYERS,
    takes="graph",
    weights=Weights.IGNORED,
    formula=(
        "(m - 2) / (M - 2), where m is the number of tied pairs and M = n (n - 1) / 2 that of all pairs: expected "
        "closed triples over expected triples when m ties are placed at random"
    ),
    unit="share of connected triples",
    minimum=0,
    maximum=1,
    undefined_when="fewer than 2 tied pairs, or fewer than 3 organisations in the network",
    reference="Newman 2010 Networks: An Introduction",
)
def transitivity_expected(graph: Graph) -> float:
    """What transitivity would be if the same number of ties had been placed at random between the organisations: what
    a network of this density has without anyone choosing partners of partners.

    Ties made from shared meetings close triples by themselves, which this comparison does not take out. It is the share
    of all triples expected to be closed over those expected, not the mean of the share.
    """
    m, pairs = len(undirected(arrays_of(graph)).source), comb(graph.vcount(), 2)
    return (m - 2) / (pairs - 2) if m > 1 and pairs > 2 else np.nan


@metric(
    name="transitivity_z",
    level=Level.NETWORK,
    layers=ALL_LAYERS,
    takes="graph",
    weights=Weights.IGNORED,
    formula=(
        "(triangles - expected triangles) / standard deviation, over all ways to place the same number of ties at "
        "random between the organisations; direction ignored"
    ),
    unit="standard deviations",
    minimum=None,
    maximum=None,
    undefined_when="no number of triangles but one is possible: too few organisations or ties, or all pairs tied",
    reference="Holland & Leinhardt 1976 Sociological Methodology 7:1; orgnet's own exact variance",
)
def transitivity_z(graph: Graph) -> float:
    """How many more triangles the network has than the same number of ties placed at random would make, in standard
    deviations: 0 is as many as by chance.

    Most networks of organisations lie far above 0, as ties made from shared meetings close triangles by themselves. It
    grows with the size of the network, so it says whether there is clustering, not how much: transitivity does.
    """
    arrays = arrays_of(graph)
    mean, variance = _triangles_by_chance(arrays.n, len(undirected(arrays).source))
    if not variance:
        return np.nan
    return float(_triangles_and_triples(arrays)[0] - mean) / sqrt(variance)


@metric(
    name="avg_inv_distance",
    level=Level.NETWORK,
    layers=ALL_LAYERS,
    takes="graph",
    weights=Weights.IGNORED,
    formula=(
        "sum over ordered pairs of 1/h_ij, over n (n - 1); h_ij is the number of ties on the shortest path from i to "
        "j, and 1/h_ij = 0 where there is no path; directed layers follow direction"
    ),
    unit="mean of 1/steps",
    minimum=0,
    maximum=1,
    undefined_when="fewer than 2 organisations in the network",
    reference="Latora & Marchiori 2001 Physical Review Letters 87:198701",
)
def avg_inv_distance(graph: Graph) -> float:
    """In how few steps organisations reach each other, on average over all pairs: 1 if all are tied directly, 0 if
    nobody is tied. Pairs without a chain of ties count 0.

    It is also called global efficiency, and is not about how well the network works. A tie counts as one step however
    weak it is.
    """
    return float(mean_inverse(hops(arrays_of(graph))).mean()) if graph.vcount() > 1 else np.nan


@metric(
    name="avg_path_length",
    level=Level.NETWORK,
    layers=ALL_LAYERS,
    takes="graph",
    weights=Weights.IGNORED,
    formula=(
        "sum of h_ij over the number of ordered pairs with a path from i to j; h_ij is the number of ties on the "
        "shortest path; directed layers follow direction"
    ),
    unit="ties",
    minimum=1,
    maximum=None,
    undefined_when="no ties in the network",
    reference="Watts & Strogatz 1998 Nature 393:440",
)
def avg_path_length(graph: Graph) -> float:
    """How many ties it takes from one organisation to another, on average over the pairs that have a chain of ties
    between them.

    Pairs without one are left out, so it may fall when the network breaks apart: read it beside connectedness, or take
    avg_inv_distance.
    """
    lengths = hops(arrays_of(graph))
    within = lengths.to_others() & np.isfinite(lengths.length)
    return float(lengths.length[within].mean()) if within.any() else np.nan
