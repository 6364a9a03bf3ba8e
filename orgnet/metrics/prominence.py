"""Metrics of one organisation: its standing, which depends on the standing of its partners.

Every function takes a simple igraph graph with the edge attribute `weight` (strength, above 0) and gives one value for
each vertex, in vertex order, NaN where the metric is undefined.
"""

import numpy as np
from igraph import Graph

from orgnet.metrics.arrays import Arrays, Places, Vector, arrays_of, once, undirected, undirected_graph
from orgnet.metrics.registry import ALL_LAYERS, DIRECTED_ONLY, Weights, metric
from orgnet.metrics.spectrum import leading
from orgnet.vocabulary import Level

DAMPING = 0.85
# Each step leaves at most 0.85 of the error, so this many leave nothing that a float can hold.
PAGERANK_STEPS = 250
# Up to so many organisations, solving the equations at once is faster than stepping towards the solution.
SOLVED_UP_TO = 400


def both_ways(arrays: Arrays) -> tuple[Places, Places, Vector]:
    """From where each tie comes, to where it goes, its strength; those without direction also turned round."""
    source, target, weight = arrays.source, arrays.target, arrays.weight
    if arrays.directed:
        return source, target, weight
    return np.concatenate([source, target]), np.concatenate([target, source]), np.tile(weight, 2)


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
    both = undirected(arrays_of(graph))
    if not len(both.source):
        return np.full(graph.vcount(), np.nan)
    return leading(both.source, both.target, both.weight, both.n)


@once
def _hubs_and_authorities(arrays: Arrays) -> tuple[Vector, Vector]:
    """Every organisation is there twice, as a source and as a target, and a tie joins the two kinds: the leading scores
    of that network are those of hubs and of authorities."""
    scores = leading(arrays.source, arrays.target + arrays.n, arrays.weight, 2 * arrays.n, arrays.n)
    return scores[: arrays.n], scores[arrays.n :]


@metric(
    name="hub",
    level=Level.ORGANISATION,
    layers=DIRECTED_ONLY,
    takes="graph",
    weights=Weights.STRENGTH,
    formula=(
        "h_i = c sum over j of w_ij a_j, where a is authority, for the largest singular value of the matrix w, "
        "scaled to maximum 1; 0 outside the part (or the equal parts) with the largest one"
    ),
    unit="relative to the highest",
    minimum=0,
    maximum=1,
    undefined_when="no ties in the network",
    reference="Kleinberg 1999 Journal of the ACM 46:604",
)
def hub(graph: Graph) -> Vector:
    """How far an organisation's ties go out to those that receive most from such as itself: in referral layers, the
    ones that refer to the centres that many refer to. The highest in the network scores 1.

    It says who leads in each slice, never whether the network grew. Where flows fall into separate groups, only the
    strongest group scores: a 0 may mean "in another group".
    """
    arrays = arrays_of(graph)
    return _hubs_and_authorities(arrays)[0] if len(arrays.source) else np.full(arrays.n, np.nan)


@metric(
    name="authority",
    level=Level.ORGANISATION,
    layers=DIRECTED_ONLY,
    takes="graph",
    weights=Weights.STRENGTH,
    formula=(
        "a_i = c sum over j of w_ji h_j, where h is hub, for the largest singular value of the matrix w, scaled to "
        "maximum 1; 0 outside the part (or the equal parts) with the largest one"
    ),
    unit="relative to the highest",
    minimum=0,
    maximum=1,
    undefined_when="no ties in the network",
    reference="Kleinberg 1999 Journal of the ACM 46:604",
)
def authority(graph: Graph) -> Vector:
    """How far an organisation receives from those whose ties go where most ties go: in referral layers, the centres
    that the busiest referrers agree on. The highest in the network scores 1.

    It is about flows, no verdict on quality. Where flows fall into separate groups, only the strongest group scores: a
    0 may mean "in another group".
    """
    arrays = arrays_of(graph)
    return _hubs_and_authorities(arrays)[1] if len(arrays.source) else np.full(arrays.n, np.nan)


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
    arrays = arrays_of(graph)
    if not len(arrays.source):
        return np.full(n, 1 / max(n, 1))
    # Not igraph's own: above 512 organisations its threads change the last digits from run to run.
    source, target, weights = both_ways(arrays)
    passed_on = DAMPING * weights / np.bincount(source, weights, n)[source]
    if n <= SOLVED_UP_TO:
        # What starts afresh is the same for all, so the shares are what one unit of it for each ends up as, scaled.
        system = np.eye(n)
        system[target, source] -= passed_on
        visits = np.linalg.solve(system, np.ones(n))
        return visits / visits.sum()
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
    # Without direction: igraph would count a returned tie twice.
    return np.asarray(undirected_graph(arrays_of(graph)).coreness(), dtype=np.float64)
