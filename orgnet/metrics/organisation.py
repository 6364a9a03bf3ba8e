"""Metrics of one organisation: its place in one layer's network, one value for each vertex, in vertex order.

Every function takes a simple igraph graph with the edge attributes `weight` (strength, above 0) and
`distance` (1/strength), and returns NaN where the metric is undefined.
"""

from typing import TypeAlias

import numpy as np
from igraph import Graph
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.linalg import eigsh

from orgnet.metrics.registry import Weights, metric
from orgnet.vocabulary import DIRECTED_LAYERS, Layer, Level

Vector = NDArray[np.float64]
Places = NDArray[np.int64]
Matrix: TypeAlias = "csr_array[np.float64, tuple[int, int]]"

ALL_LAYERS = tuple(Layer)
DIRECTED_ONLY = tuple(layer for layer in Layer if layer in DIRECTED_LAYERS)

DAMPING = 0.85
# Each step leaves at most 0.85 of the error, so this many leave nothing that a float can hold.
PAGERANK_STEPS = 250

# Parts of a network whose leading eigenvalues are this close are equally strong: rounding must not choose.
SAME_EIGENVALUE = 1e-9


def _undefined(graph: Graph) -> Vector:
    return np.full(graph.vcount(), np.nan)


def _ties(graph: Graph, both_ways: bool) -> tuple[Places, Places, Vector]:
    """From which vertex each tie comes, to which it goes, and its strength; both ways, also turned round."""
    source, target = np.asarray(graph.get_edgelist(), dtype=np.int64).reshape(-1, 2).T
    strengths = np.asarray(graph.es["weight"], dtype=np.float64)
    if not both_ways:
        return source, target, strengths
    return np.concatenate([source, target]), np.concatenate([target, source]), np.tile(strengths, 2)


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
    n = graph.vcount()
    if n < 3:
        return _undefined(graph)
    other_pairs: float = (n - 1) * (n - 2) / (1 if graph.is_directed() else 2)
    values: Vector = np.asarray(graph.betweenness(weights="distance"), dtype=np.float64)
    return values / other_pairs


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
        return _undefined(graph)
    values = graph.harmonic_centrality(weights="distance", mode="out", normalized=True)
    return np.asarray(values, dtype=np.float64)


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
        return _undefined(graph)
    values = graph.harmonic_centrality(weights=None, mode="out", normalized=True)
    return np.asarray(values, dtype=np.float64)


def _leading_eigenvector(strengths: Matrix) -> tuple[Vector, float]:
    """The scores, scaled to maximum 1, and the largest eigenvalue of one connected part."""
    # A given start, for a random one would change the last digits from run to run.
    values, vectors = eigsh(strengths, k=1, which="LA", v0=strengths.sum(axis=1))
    scores: Vector = np.abs(vectors[:, 0])
    return scores / scores.max(), float(values[0])


@metric(
    name="eigenvector",
    level=Level.ORGANISATION,
    layers=ALL_LAYERS,
    takes="graph",
    weights=Weights.STRENGTH,
    formula=(
        "x_i = (1/L) sum over j of w_ij x_j for the largest eigenvalue L, scaled to maximum 1; directed "
        "layers use w_ij + w_ji; 0 outside the connected part (or the equal parts) with the largest L"
    ),
    unit="relative to the highest",
    minimum=0,
    maximum=1,
    undefined_when="no ties in the network",
    reference="Bonacich 1972 Journal of Mathematical Sociology 2:113",
)
def eigenvector(graph: Graph) -> Vector:
    """How strongly an organisation is tied to organisations that are strongly tied themselves, relative to
    the highest in the network, which scores 1. Directed layers are taken without direction, summing both.

    The highest scores 1 in every slice, so the values say who leads, never whether the network grew. Where
    the network falls into separate parts, only the part with the strongest ties scores: a 0 then means "in
    another part", not "without ties".
    """
    # Not igraph's own: its start is random, and for a network in separate parts its answer is arbitrary.
    parts = [part for part in graph.connected_components(mode="weak") if len(part) > 1]
    if not parts:
        return _undefined(graph)
    source, target, weights = _ties(graph, both_ways=True)
    strengths = csr_array((weights, (source, target)), shape=(graph.vcount(), graph.vcount()))
    solved = [_leading_eigenvector(strengths[part][:, part]) for part in parts]
    largest = max(value for _, value in solved)
    scores = np.zeros(graph.vcount())
    for part, (part_scores, value) in zip(parts, solved, strict=True):
        if value >= largest * (1 - SAME_EIGENVALUE):
            scores[part] = part_scores
    return scores


@metric(
    name="pagerank",
    level=Level.ORGANISATION,
    layers=ALL_LAYERS,
    takes="graph",
    weights=Weights.STRENGTH,
    formula=(
        "PR_i = 0.15/n + 0.85 (sum over j of PR_j w_ji / (sum over k of w_jk) + D/n), where D is the sum of "
        "PR_j over organisations with no tie out"
    ),
    unit="share of the network's total",
    minimum=0,
    maximum=1,
    undefined_when="never",
    reference="Brin & Page 1998 Computer Networks and ISDN Systems 30:107",
)
def pagerank(graph: Graph) -> Vector:
    """Where one would end up by following ties at random, strong ties more often, with a fresh start at a
    random organisation 15 times in 100: each organisation's share of the time. Directed layers follow
    direction.

    The shares add up to 1, so they fall as organisations join: compare them with 1/n. With no ties at all
    everyone gets 1/n. In referral layers the score gathers where referrals end, which is no verdict on
    quality.
    """
    n: int = graph.vcount()
    if not graph.ecount():
        return np.full(n, 1 / max(n, 1))
    # Not igraph's own: above 512 organisations its threads change the last digits from run to run.
    source, target, weights = _ties(graph, both_ways=not graph.is_directed())
    passed_on = DAMPING * weights / np.bincount(source, weights, n)[source]
    shares = np.full(n, 1 / n)
    for _ in range(PAGERANK_STEPS):
        before = shares
        shares = np.bincount(target, passed_on * before[source], n)
        # What was not passed on along ties starts afresh anywhere.
        shares += (1 - shares.sum()) / n
        if np.max(np.abs(shares - before)) < 1e-15:
            break
    return shares


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
    return np.asarray(graph.constraint(weights="weight"), dtype=np.float64)


@metric(
    name="coreness",
    level=Level.ORGANISATION,
    layers=ALL_LAYERS,
    takes="graph",
    weights=Weights.IGNORED,
    formula="largest k such that i is in a set of organisations each tied to at least k others in the set",
    unit="ties within the core",
    minimum=0,
    maximum=None,
    undefined_when="never",
    reference="Seidman 1983 Social Networks 5:269",
)
def coreness(graph: Graph) -> Vector:
    """How deep in the network's densest circle an organisation sits: the most ties that everyone in a circle
    around it has within that circle. Strength and direction are ignored.

    A high value means a circle of many mutual partners, not a central body: the hub of a star has coreness 1.
    """
    # Collapsed first: igraph would count a returned tie twice.
    return np.asarray(graph.as_undirected(mode="collapse").coreness(), dtype=np.float64)
