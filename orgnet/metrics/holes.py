"""Metrics of one organisation: how far its partners are tied to each other.

Every function takes a simple igraph graph with the edge attribute `weight` (strength, above 0) and gives one value for
each vertex, in vertex order, NaN where the metric is undefined.
"""

import numpy as np
from igraph import Graph

from orgnet.metrics.arrays import (
    Arrays,
    Matrix,
    Vector,
    arrays_of,
    inverse,
    once,
    partners,
    row_maxima,
    rows_times,
    strengths,
    tied,
    undirected,
)
from orgnet.metrics.registry import ALL_LAYERS, Weights, metric
from orgnet.vocabulary import Level


@once
def _shares(arrays: Arrays) -> Matrix:
    """Which share of the strength of all its ties each organisation has with each other."""
    both = strengths(undirected(arrays))
    return rows_times(both, inverse(both.sum(axis=1)))


@once
def _effective_size(arrays: Arrays) -> Vector:
    both = strengths(undirected(arrays))
    marginal = rows_times(both, inverse(row_maxima(both)))
    repeated = (_shares(arrays) @ marginal.T) * tied(undirected(arrays))
    count = partners(arrays)
    return np.where(count > 0, count - repeated.sum(axis=1), np.nan)


@metric(
    name="constraint",
    level=Level.ORGANISATION,
    layers=ALL_LAYERS,
    takes="graph",
    weights=Weights.STRENGTH,
    formula=(
        "sum over j tied to i of (p_ij + sum over q other than i, j of p_iq p_qj)^2, "
        "where p_ij = (w_ij + w_ji) / sum over k of (w_ik + w_ki)"
    ),
    unit="index",
    minimum=0,
    maximum=2,
    undefined_when="the organisation has no ties",
    reference="Burt 1992 Structural Holes",
)
def constraint(graph: Graph) -> Vector:
    """How far an organisation's ties are all with one partner, or with partners that are tied to each other.
    Low values mark brokers, whose partners do not know each other. Direction is ignored, summing both.

    It is about lack of alternatives in the pattern of ties, not about rules or resources. Values above 1 are
    legal in small, tight circles. An organisation without ties has no value: it is not "unconstrained".
    """
    arrays = arrays_of(graph)
    shares, ties = _shares(arrays), tied(undirected(arrays))
    through = (shares + shares @ shares) * ties
    return np.where(partners(arrays) > 0, (through * through).sum(axis=1), np.nan)


@metric(
    name="effective_size",
    level=Level.ORGANISATION,
    layers=ALL_LAYERS,
    takes="graph",
    weights=Weights.STRENGTH,
    formula=(
        "sum over j tied to i of (1 - sum over q other than i, j of p_iq m_jq), where p_iq = (w_iq + w_qi) / sum over "
        "k of (w_ik + w_ki) and m_jq = (w_jq + w_qj) / max over k of (w_jk + w_kj)"
    ),
    unit="partners",
    minimum=1,
    maximum=None,
    undefined_when="the organisation has no ties",
    reference="Burt 1992 Structural Holes",
)
def effective_size(graph: Graph) -> Vector:
    """How many of an organisation's partners lead somewhere that its other partners do not: the number of partners
    less what is repeated by ties among them. Direction is ignored, summing both.

    It grows with the number of partners, so read it beside efficiency. A partner that "leads somewhere else" is one
    without ties to the other partners here, not one with other interests.
    """
    return _effective_size(arrays_of(graph))


@metric(
    name="efficiency",
    level=Level.ORGANISATION,
    layers=ALL_LAYERS,
    takes="graph",
    weights=Weights.STRENGTH,
    formula="effective_size / number of partners",
    unit="share of partners",
    minimum=0,
    maximum=1,
    undefined_when="the organisation has no ties",
    reference="Burt 1992 Structural Holes",
)
def efficiency(graph: Graph) -> Vector:
    """The share of an organisation's partners that its other partners do not lead to anyway: 1 if none of its
    partners are tied to each other.

    It says nothing about how well an organisation works. Repeated ties may be wanted: they are what keeps a circle
    together when one member leaves.
    """
    arrays = arrays_of(graph)
    return _effective_size(arrays) * inverse(partners(arrays))


@metric(
    name="local_clustering",
    level=Level.ORGANISATION,
    layers=ALL_LAYERS,
    takes="graph",
    weights=Weights.IGNORED,
    formula="ties among i's partners, over k (k - 1) / 2 for k partners; strength and direction ignored",
    unit="share of pairs of partners",
    minimum=0,
    maximum=1,
    undefined_when="the organisation has fewer than two partners",
    reference="Watts & Strogatz 1998 Nature 393:440",
)
def local_clustering(graph: Graph) -> Vector:
    """The share of pairs of an organisation's partners that are tied to each other.

    With two partners it is 0 or 1 and no more than that. Ties made from shared meetings raise it by themselves: all who
    come to one meeting are tied to each other.
    """
    arrays = arrays_of(graph)
    ties, count = tied(undirected(arrays)), partners(arrays)
    closed = ((ties @ ties) * ties).sum(axis=1)
    return np.where(count > 1, closed * inverse(count * (count - 1)), np.nan)
