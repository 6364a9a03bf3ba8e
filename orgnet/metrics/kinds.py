"""Whether ties join organisations of different kinds or of one: the E-I index, and what chance would give.

Tied pairs are counted, direction ignored. Chance deals the kinds out among all organisations on the roster, with every
tie left in place: mean and variance are exact (`orgnet.metrics.moments`). Every function takes a simple igraph graph
whose vertices have a `kind`; without one, all are providers.
"""

from collections.abc import Callable

import numpy as np
from igraph import Graph

from orgnet.metrics import mixing
from orgnet.metrics.arrays import Arrays, Vector, arrays_of, once, partners, undirected
from orgnet.metrics.labels import Mixing
from orgnet.metrics.registry import ALL_LAYERS, Weights, metric
from orgnet.vocabulary import Level

KRACKHARDT = "Krackhardt & Stern 1988 Soc Psychol Q"
_UNDEFINED = "no ties in the network, or all its organisations of one kind"


@once
def _mixing(arrays: Arrays) -> Mixing:
    """Tied pairs by kind, as a single slice."""
    names, kind = np.unique(np.array(arrays.kinds, dtype=np.str_), return_inverse=True)
    both = undirected(arrays)
    one, other = kind[both.source], kind[both.target]
    apart = one != other
    ends = np.concatenate([one[apart], other[apart]])
    sizes, within, out = (np.bincount(k, minlength=len(names))[:, None] for k in (kind, one[~apart], ends))
    return Mixing(sizes, within, out, np.array([(partners(arrays) ** 2).sum()]).astype(np.int64))


def _value(graph: Graph, of: Callable[[Mixing], Vector]) -> float:
    found = _mixing(arrays_of(graph))
    return float(of(found)[0]) if len(found.sizes) > 1 and found.ties[0] else np.nan


@metric(
    name="ei_kind",
    level=Level.NETWORK,
    layers=ALL_LAYERS,
    takes="graph",
    weights=Weights.IGNORED,
    formula="(E - I) / (E + I), E: tied pairs of organisations of different kinds, I: of the same kind; direction "
    "ignored",
    unit="E-I index",
    minimum=-1,
    maximum=1,
    undefined_when=_UNDEFINED,
    reference=KRACKHARDT,
)
def ei_kind(graph: Graph) -> float:
    """Whether the ties join organisations of different kinds (1) or of the same kind (-1).

    Where most organisations are of one kind, so are most tied pairs, whatever anyone does: read it beside
    `ei_kind_expected`. A network body that convenes the others makes it high in `convening` by design.
    """
    return _value(graph, mixing.index)


@metric(
    name="ei_kind_expected",
    level=Level.NETWORK,
    layers=ALL_LAYERS,
    takes="graph",
    weights=Weights.IGNORED,
    formula="(E* - I*) / (E* + I*), E*, I*: all pairs of organisations on the roster of different kinds, and of the same",
    unit="E-I index",
    minimum=-1,
    maximum=1,
    undefined_when=_UNDEFINED,
    reference=KRACKHARDT,
)
def ei_kind_expected(graph: Graph) -> float:
    """What the E-I index by kind of organisation would be if kinds made no difference to who is tied: its mean over all
    ways to deal the kinds out among the organisations.

    Organisations without ties are dealt kinds too, so it changes when they join.
    """
    return _value(graph, mixing.expected)


@metric(
    name="ei_kind_z",
    level=Level.NETWORK,
    layers=ALL_LAYERS,
    takes="graph",
    weights=Weights.IGNORED,
    formula="(ei_kind - ei_kind_expected) / standard deviation over all ways to deal the kinds out among organisations",
    unit="standard deviations",
    minimum=None,
    maximum=None,
    undefined_when="the index is the same however kinds are dealt out: no ties, all pairs tied, or one kind",
    reference="Krackhardt & Stern 1988; exact moments, see docs/decisions.md",
)
def ei_kind_z(graph: Graph) -> float:
    """How far ties cross between kinds of organisation (above 0) or keep to one kind (below), in standard deviations of
    chance.

    A meeting ties all who are there to each other, so ties are not independent; and with a single network body there
    are few ways to deal. 2 is no proof.
    """
    return _value(graph, mixing.score)
