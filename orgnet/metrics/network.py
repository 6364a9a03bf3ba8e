"""Metrics of a whole network: how many ties, how many parts, how much is returned.

Every function takes a simple igraph graph with the edge attribute `weight` (strength, above 0), and returns NaN where
the metric is undefined.
"""

import numpy as np
from igraph import Graph

from orgnet.metrics.arrays import Arrays, Vector, arrays_of, once
from orgnet.metrics.parts import pairs_within, part_sizes
from orgnet.metrics.registry import ALL_LAYERS, DIRECTED_ONLY, Weights, metric
from orgnet.vocabulary import Layer, Level


@once
def _there_and_back(arrays: Arrays) -> tuple[Vector, Vector]:
    """Each tie's strength, and that of the tie in return, 0 where there is none."""
    there, back = arrays.source * arrays.n + arrays.target, arrays.target * arrays.n + arrays.source
    _, at, returned = np.intersect1d(there, back, return_indices=True)
    received = np.zeros(len(there))
    received[at] = arrays.weight[returned]
    return arrays.weight, received


@metric(
    name="density",
    level=Level.NETWORK,
    layers=ALL_LAYERS,
    takes="graph",
    weights=Weights.IGNORED,
    formula="2m / (n (n - 1)); in directed layers, m / (n (n - 1))",
    unit="share of possible ties",
    minimum=0,
    maximum=1,
    undefined_when="fewer than 2 organisations in the network",
    reference="Wasserman & Faust 1994 Social Network Analysis",
)
def density(graph: Graph) -> float:
    """The share of all possible ties that are there. In directed layers each direction is a possible tie.

    It falls as organisations join, even if each keeps its partners: always read it beside avg_degree.
    """
    return float(graph.density()) if graph.vcount() > 1 else np.nan


@metric(
    name="avg_degree",
    level=Level.NETWORK,
    layers=ALL_LAYERS,
    takes="graph",
    weights=Weights.IGNORED,
    formula="2m / n",
    unit="ties per organisation",
    minimum=0,
    maximum=None,
    undefined_when="no organisations in the network",
    reference="Wasserman & Faust 1994 Social Network Analysis",
)
def avg_degree(graph: Graph) -> float:
    """How many ties an organisation has on average. In directed layers it counts ties in plus ties out, as
    degree does.

    It is an average: one hub with many ties and many organisations with one can look like an even network.
    """
    return 2.0 * graph.ecount() / graph.vcount() if graph.vcount() else np.nan


@metric(
    name="components",
    level=Level.NETWORK,
    layers=ALL_LAYERS,
    takes="graph",
    weights=Weights.IGNORED,
    formula="number of weakly connected components",
    unit="separate parts",
    minimum=0,
    maximum=None,
    undefined_when="never",
    reference="Wasserman & Faust 1994 Social Network Analysis",
)
def components(graph: Graph) -> float:
    """Into how many separate parts the network falls, with no tie between them in either direction. An
    organisation without ties is a part of its own.

    One part means that everyone can be reached through others, not that everyone is in contact.
    """
    return float(len(part_sizes(arrays_of(graph))))


@metric(
    name="largest_component_share",
    level=Level.NETWORK,
    layers=ALL_LAYERS,
    takes="graph",
    weights=Weights.IGNORED,
    formula="max over components c of s_c / n, where s_c is the number of organisations in c",
    unit="share of organisations",
    minimum=0,
    maximum=1,
    undefined_when="no organisations in the network",
    reference="Wasserman & Faust 1994 Social Network Analysis",
)
def largest_component_share(graph: Graph) -> float:
    """The share of organisations in the largest connected part of the network, direction ignored.

    It is never 0: with no ties at all it is 1/n, since each organisation is then a part of its own.
    """
    sizes = part_sizes(arrays_of(graph))
    return float(sizes.max() / sizes.sum()) if len(sizes) else np.nan


@metric(
    name="connectedness",
    level=Level.NETWORK,
    layers=ALL_LAYERS,
    takes="graph",
    weights=Weights.IGNORED,
    formula=(
        "sum over parts c of s_c (s_c - 1), over n (n - 1), where s_c is the number of organisations in c; direction "
        "ignored"
    ),
    unit="share of pairs",
    minimum=0,
    maximum=1,
    undefined_when="fewer than 2 organisations in the network",
    reference="Krackhardt 1994 Computational Organization Theory 89",
)
def connectedness(graph: Graph) -> float:
    """The share of pairs of organisations that have a chain of ties between them, direction ignored.

    A chain may be long, and nothing need ever have passed along it. It does not say how close the pairs are:
    avg_inv_distance does.
    """
    n: int = graph.vcount()
    return pairs_within(part_sizes(arrays_of(graph))) / (n * (n - 1)) if n > 1 else np.nan


@metric(
    name="reciprocity",
    level=Level.NETWORK,
    layers=DIRECTED_ONLY,
    takes="graph",
    weights=Weights.IGNORED,
    formula="number of ties i -> j with a tie j -> i, over the number of ties",
    unit="share of ties",
    minimum=0,
    maximum=1,
    undefined_when="no ties in the network",
    reference="Garlaschelli & Loffredo 2004 Physical Review Letters 93:268701",
)
def reciprocity(graph: Graph) -> float:
    """The share of ties that are returned, however strong or weak.

    One referral in return for a hundred counts as returned, so it soon nears 1: weighted_reciprocity tells
    more. Neither is a measure of trust: centralised services make referrals one-way by design.
    """
    sent, back = _there_and_back(arrays_of(graph))
    return float(np.mean(back > 0)) if len(sent) else np.nan


@metric(
    name="weighted_reciprocity",
    level=Level.NETWORK,
    layers=DIRECTED_ONLY,
    takes="graph",
    weights=Weights.STRENGTH,
    formula="sum over ordered pairs of min(w_ij, w_ji), over sum over ordered pairs of w_ij",
    unit="share of total strength",
    minimum=0,
    maximum=1,
    undefined_when="no ties in the network",
    reference="Squartini et al. 2013 Scientific Reports 3:2729",
)
def weighted_reciprocity(graph: Graph) -> float:
    """The share of the total strength that is returned: 1 if every pair gives as much as it gets, 0 if all
    goes one way.

    It is a weak sign of trust at best: centralised services make referrals one-way by design.
    """
    sent, back = _there_and_back(arrays_of(graph))
    return float(np.minimum(sent, back).sum() / sent.sum()) if len(sent) else np.nan


@metric(
    name="multiplex_share",
    level=Level.NETWORK,
    layers=(Layer.COMBINED,),
    takes="graph",
    weights=Weights.STRENGTH,
    formula="pairs tied by at least two layers / tied pairs; the combined layer's weight is the number of layers",
    unit="share of tied pairs",
    minimum=0,
    maximum=1,
    undefined_when="no ties in the network",
    reference="Wasserman & Faust 1994 Social Network Analysis",
)
def multiplex_share(graph: Graph) -> float:
    """The share of tied pairs of organisations that are tied in more than one way, for example by meetings and by
    referrals.

    It can only find what the network supplies: with one kind of record it is 0. Meetings and joint roles may come with
    each other by design, so two layers are not always two reasons to be in contact.
    """
    weight = arrays_of(graph).weight
    return float(np.mean(weight >= 2)) if len(weight) else np.nan
