"""Metrics of one organisation: how many ties it has, and how strong.

Every function takes a simple igraph graph with the edge attribute `weight` (strength, above 0) and gives one value for
each vertex, in vertex order, NaN where the metric is undefined.
"""

import numpy as np
from igraph import Graph

from orgnet.metrics.arrays import Vector
from orgnet.metrics.registry import ALL_LAYERS, DIRECTED_ONLY, Weights, metric
from orgnet.vocabulary import Level


@metric(
    name="degree",
    level=Level.ORGANISATION,
    layers=ALL_LAYERS,
    takes="graph",
    weights=Weights.IGNORED,
    formula="number of ties of i; in directed layers, ties in plus ties out",
    unit="ties",
    minimum=0,
    maximum=None,
    undefined_when="never",
    reference="Freeman 1979 Social Networks 1:215",
)
def degree(graph: Graph) -> Vector:
    """How many ties an organisation has. In directed layers it counts ties in plus ties out, so a partner
    that both sends and receives counts twice.

    It says with how many, not how much: one referral a year counts like a hundred. Compare it only between
    networks with about as many organisations.
    """
    return np.asarray(graph.degree(), dtype=np.float64)


@metric(
    name="in_degree",
    level=Level.ORGANISATION,
    layers=DIRECTED_ONLY,
    takes="graph",
    weights=Weights.IGNORED,
    formula="number of organisations j with a tie j -> i",
    unit="organisations",
    minimum=0,
    maximum=None,
    undefined_when="never",
    reference="Wasserman & Faust 1994 Social Network Analysis",
)
def in_degree(graph: Graph) -> Vector:
    """How many organisations have a tie towards this one: those that refer to it, or that convened meetings
    it attended.

    Being referred to by many is often by design (a specialist centre); it is no sign of esteem.
    """
    return np.asarray(graph.degree(mode="in"), dtype=np.float64)


@metric(
    name="out_degree",
    level=Level.ORGANISATION,
    layers=DIRECTED_ONLY,
    takes="graph",
    weights=Weights.IGNORED,
    formula="number of organisations j with a tie i -> j",
    unit="organisations",
    minimum=0,
    maximum=None,
    undefined_when="never",
    reference="Wasserman & Faust 1994 Social Network Analysis",
)
def out_degree(graph: Graph) -> Vector:
    """How many organisations this one has a tie towards: those that it refers to, or that came to meetings it
    convened.

    A low number of referral partners may be good practice, where all referrals should go to one centre.
    """
    return np.asarray(graph.degree(mode="out"), dtype=np.float64)


@metric(
    name="strength",
    level=Level.ORGANISATION,
    layers=ALL_LAYERS,
    takes="graph",
    weights=Weights.STRENGTH,
    formula="sum over j of w_ij; in directed layers, sum over j of (w_ij + w_ji)",
    unit="see layer",
    minimum=0,
    maximum=None,
    undefined_when="never",
    reference="Barrat et al. 2004 PNAS 101:3747",
)
def strength(graph: Graph) -> Vector:
    """How much an organisation is tied to the others: the sum of the strengths of its ties. In directed
    layers it counts both directions.

    Its unit is the layer's (referrals, meetings, ...), so never compare it between layers. It grows with the
    size of an organisation and does not say with how many others: read it beside degree.
    """
    return np.asarray(graph.strength(weights="weight"), dtype=np.float64)


@metric(
    name="in_strength",
    level=Level.ORGANISATION,
    layers=DIRECTED_ONLY,
    takes="graph",
    weights=Weights.STRENGTH,
    formula="sum over j of w_ji",
    unit="see layer",
    minimum=0,
    maximum=None,
    undefined_when="never",
    reference="Barrat et al. 2004 PNAS 101:3747",
)
def in_strength(graph: Graph) -> Vector:
    """How much comes towards an organisation: the sum of the strengths of the ties that point to it, for
    example the referrals it receives.

    It counts what was sent, not what was accepted or seen.
    """
    return np.asarray(graph.strength(weights="weight", mode="in"), dtype=np.float64)


@metric(
    name="out_strength",
    level=Level.ORGANISATION,
    layers=DIRECTED_ONLY,
    takes="graph",
    weights=Weights.STRENGTH,
    formula="sum over j of w_ij",
    unit="see layer",
    minimum=0,
    maximum=None,
    undefined_when="never",
    reference="Barrat et al. 2004 PNAS 101:3747",
)
def out_strength(graph: Graph) -> Vector:
    """How much goes out from an organisation: the sum of the strengths of the ties that it points to others,
    for example the referrals it makes.

    It grows with the number of patients an organisation has, so it is not a measure of willingness.
    """
    return np.asarray(graph.strength(weights="weight", mode="out"), dtype=np.float64)
