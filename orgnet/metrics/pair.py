"""Metrics of a pair of organisations in one layer: one value per tie.

Every function takes `PairTies` and returns one value per row.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from orgnet.metrics.registry import Weights, metric
from orgnet.vocabulary import DIRECTED_LAYERS, Layer, Level

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class PairTies:
    """One layer's ties in one slice: `back` is the weight the other way, `layers` how many the network supplies."""

    weight: Floats
    back: Floats
    layers: int


@metric(
    name="weight",
    level=Level.PAIR,
    layers=tuple(Layer),
    takes="pairs",
    weights=Weights.STRENGTH,
    formula="w_ij",
    unit="see layer",
    minimum=0,
    maximum=None,
    undefined_when="there is no tie",
    reference="Newman 2001 Phys Rev E 64:016132 (meetings and mdt)",
)
def weight(ties: PairTies) -> Floats:
    """How strong the tie is within the window; its unit is the layer's."""
    return ties.weight


@metric(
    name="reciprocity",
    level=Level.PAIR,
    layers=tuple(layer for layer in Layer if layer in DIRECTED_LAYERS),
    takes="pairs",
    weights=Weights.STRENGTH,
    formula="min(w_ij, w_ji) / max(w_ij, w_ji)",
    unit="ratio",
    minimum=0,
    maximum=1,
    undefined_when="there is no tie",
    reference="after Squartini, Picciolo, Ruzzenenti & Garlaschelli 2013 Sci Rep",
)
def reciprocity(ties: PairTies) -> Floats:
    """How evenly the tie runs both ways: 1 if as much goes back as comes.

    Centralising a service makes referrals one-way by design; low reciprocity of referrals is not mistrust.
    """
    return np.minimum(ties.weight, ties.back) / np.maximum(ties.weight, ties.back)


@metric(
    name="multiplexity",
    level=Level.PAIR,
    layers=(Layer.COMBINED,),
    takes="pairs",
    weights=Weights.STRENGTH,
    formula="layers that tie the pair / layers that the network supplies, of meetings, mdt, referrals, joint_roles",
    unit="share of layers",
    minimum=0,
    maximum=1,
    undefined_when="there is no tie",
    reference="Wasserman & Faust 1994 Social Network Analysis (multirelational ties)",
)
def multiplexity(ties: PairTies) -> Floats:
    """In what share of the ways that the network's records can show the two organisations are tied."""
    return ties.weight / ties.layers
