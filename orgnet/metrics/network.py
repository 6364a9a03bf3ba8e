"""Metrics of a whole network: one value for one layer's graph.

Every function takes a simple igraph graph with the edge attribute `weight` (strength, above 0), and returns
NaN where the metric is undefined.
"""

import numpy as np
from igraph import Graph

from orgnet.metrics.registry import Weights, metric
from orgnet.vocabulary import DIRECTED_LAYERS, Layer, Level

ALL_LAYERS = tuple(Layer)
DIRECTED_ONLY = tuple(layer for layer in Layer if layer in DIRECTED_LAYERS)


def _shortfall(degrees: list[int]) -> float:
    """How far all organisations together fall short of the highest degree."""
    return float(np.sum(np.max(degrees) - np.asarray(degrees)))


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
    return float(len(graph.connected_components(mode="weak")))


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
    sizes = graph.connected_components(mode="weak").sizes()
    return max(sizes) / graph.vcount() if sizes else np.nan


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
    return float(graph.reciprocity()) if graph.ecount() else np.nan


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
    if not graph.ecount():
        return np.nan
    n = graph.vcount()
    source, target = np.asarray(graph.get_edgelist(), dtype=np.int64).T
    _, there, back = np.intersect1d(source * n + target, target * n + source, return_indices=True)
    sent = np.asarray(graph.es["weight"], dtype=np.float64)
    received = np.zeros(len(sent))
    received[there] = sent[back]
    return float(np.minimum(sent, received).sum() / sent.sum())


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
    # Collapsed first: once igraph 1.0 knows a directed graph for simple, it counts a returned tie twice here.
    return float(graph.as_undirected(mode="collapse").transitivity_undirected(mode="nan"))


@metric(
    name="degree_centralization",
    level=Level.NETWORK,
    layers=ALL_LAYERS,
    takes="graph",
    weights=Weights.IGNORED,
    formula="sum over i of (max d - d_i), over (n - 1)(n - 2); d_i counts partners, direction ignored",
    unit="share of a star's",
    minimum=0,
    maximum=1,
    undefined_when="fewer than 3 organisations in the network",
    reference="Freeman 1979 Social Networks 1:215",
)
def degree_centralization(graph: Graph) -> float:
    """How far the ties gather on one organisation: 1 for a star around one hub, 0 where all have equally many
    partners.

    It does not say who is in the middle, nor whether they lead. It is 0 both when everyone is tied to
    everyone and when nobody is tied at all.
    """
    n: int = graph.vcount()
    if n < 3:
        return np.nan
    # Collapsed first: a returned tie is one partner, not two.
    return _shortfall(graph.as_undirected(mode="collapse").degree()) / ((n - 1) * (n - 2))


@metric(
    name="out_degree_centralization",
    level=Level.NETWORK,
    layers=DIRECTED_ONLY,
    takes="graph",
    weights=Weights.IGNORED,
    formula="sum over i of (max d+ - d+_i), over (n - 1)^2, where d+_i is the number of ties out",
    unit="share of a star's",
    minimum=0,
    maximum=1,
    undefined_when="fewer than 2 organisations in the network",
    reference="Freeman 1979 Social Networks 1:215",
)
def out_degree_centralization(graph: Graph) -> float:
    """How far the outgoing ties start from one organisation: 1 if one has a tie towards every other and they
    have none, for example one body that convenes all the meetings.

    It does not say who that is, nor how much they do: strength is ignored.
    """
    n: int = graph.vcount()
    return _shortfall(graph.degree(mode="out")) / (n - 1) ** 2 if n > 1 else np.nan


@metric(
    name="in_degree_centralization",
    level=Level.NETWORK,
    layers=DIRECTED_ONLY,
    takes="graph",
    weights=Weights.IGNORED,
    formula="sum over i of (max d- - d-_i), over (n - 1)^2, where d-_i is the number of ties in",
    unit="share of a star's",
    minimum=0,
    maximum=1,
    undefined_when="fewer than 2 organisations in the network",
    reference="Freeman 1979 Social Networks 1:215",
)
def in_degree_centralization(graph: Graph) -> float:
    """How far the incoming ties end at one organisation: 1 if every other has a tie towards it and no other
    tie, for example one centre that receives all the referrals.

    With several specialist centres it stays low however centralised the service is. Strength is ignored.
    """
    n: int = graph.vcount()
    return _shortfall(graph.degree(mode="in")) / (n - 1) ** 2 if n > 1 else np.nan
