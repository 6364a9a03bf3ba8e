"""How ties come and go from one window to the next: one value per slice, of the network.

Every function takes `TieTurnover` and returns one value per slice, NaN where there is none. The window before is that
of the latest earlier slice whose window does not overlap; pairs are those of organisations on both slices' rosters.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from orgnet.metrics.ratios import ratio
from orgnet.metrics.registry import ALL_LAYERS, Weights, metric
from orgnet.vocabulary import Level

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class TieTurnover:
    """Pairs per slice: tied in both windows, before only, now only, in neither. All 0 where there is none before."""

    kept: Ints
    lost: Ints
    gained: Ints
    never: Ints


@metric(
    name="persistence_jaccard",
    level=Level.NETWORK,
    layers=ALL_LAYERS,
    takes="turnover",
    weights=Weights.IGNORED,
    formula="N11 / (N11 + N10 + N01): pairs tied in both windows, before only, now only",
    unit="share of ties",
    minimum=0,
    maximum=1,
    undefined_when="no earlier window lies apart from this one, or there is no tie in either",
    reference="Jaccard 1901; as a check of change in Ripley, Snijders et al., Manual for RSiena",
)
def persistence_jaccard(turnover: TieTurnover) -> Floats:
    """How alike the ties of this window and of the one before are: 1 if the same pairs are tied.

    Below 0.2 the two say little about each other; the index is low where density changes, also if no tie was lost.
    """
    return ratio(turnover.kept, turnover.kept + turnover.lost + turnover.gained)


@metric(
    name="tie_retention",
    level=Level.NETWORK,
    layers=ALL_LAYERS,
    takes="turnover",
    weights=Weights.IGNORED,
    formula="N11 / (N11 + N10)",
    unit="share of ties",
    minimum=0,
    maximum=1,
    undefined_when="no earlier window lies apart from this one, or nobody was tied in it",
    reference="Wasserman & Faust 1994 Social Network Analysis; see docs/decisions.md for the windows",
)
def tie_retention(turnover: TieTurnover) -> Floats:
    """The share of the earlier window's ties that are still there. A tie that lapsed may have done its work."""
    return ratio(turnover.kept, turnover.kept + turnover.lost)


@metric(
    name="tie_formation",
    level=Level.NETWORK,
    layers=ALL_LAYERS,
    takes="turnover",
    weights=Weights.IGNORED,
    formula="N01 / (N01 + N00)",
    unit="share of untied pairs",
    minimum=0,
    maximum=1,
    undefined_when="no earlier window lies apart from this one, or every pair was tied in it",
    reference="Wasserman & Faust 1994 Social Network Analysis; see docs/decisions.md for the windows",
)
def tie_formation(turnover: TieTurnover) -> Floats:
    """The share of the pairs without a tie before that have one now. It falls as the roster grows, like density."""
    return ratio(turnover.gained, turnover.gained + turnover.never)
