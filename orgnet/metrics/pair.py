"""Metrics of a pair of organisations in one layer: one value per tie.

Every function takes `PairTies` and returns one value per row.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from orgnet.metrics.ratios import OWN
from orgnet.metrics.registry import ALL_LAYERS, DIRECTED_ONLY, Weights, metric
from orgnet.vocabulary import Layer, Level

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class PairTies:
    """One layer's ties in one slice.

    `back` is the weight the other way, `layers` how many the network supplies. Days are counted back from the first
    day after the window: from the window's first event, its last, and the first ever. The pair was tied in
    `slices_tied` of the `slices` that share a day with the window; `shared` are organisations tied to both, `others`
    and `their_others` those tied to the one or the other, each without the pair itself, direction ignored.
    """

    weight: Floats
    back: Floats
    layers: int
    days_since_first: Ints
    days_since_last: Ints
    days_since_ever: Ints
    slices_tied: Ints
    slices: int
    shared: Ints
    others: Ints
    their_others: Ints


@metric(
    name="weight",
    level=Level.PAIR,
    layers=ALL_LAYERS,
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
    layers=DIRECTED_ONLY,
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


@metric(
    name="days_since_first",
    level=Level.PAIR,
    layers=ALL_LAYERS,
    takes="pairs",
    weights=Weights.IGNORED,
    formula="slice_end - day of the first event in the window",
    unit="days",
    minimum=1,
    maximum=None,
    undefined_when="there is no tie",
    reference=OWN,
)
def days_since_first(ties: PairTies) -> Floats:
    """How long before the window's end the pair's first event in the window was: `ties.first_seen` as a number.

    It never exceeds the window; how long the pair has been tied at all is its `age`.
    """
    return ties.days_since_first.astype(np.float64)


@metric(
    name="recency",
    level=Level.PAIR,
    layers=ALL_LAYERS,
    takes="pairs",
    weights=Weights.IGNORED,
    formula="slice_end - day of the last event in the window",
    unit="days",
    minimum=1,
    maximum=None,
    undefined_when="there is no tie",
    reference=OWN,
)
def recency(ties: PairTies) -> Floats:
    """How long before the window's end the pair's last event was: `ties.last_seen` as a number; 1 if on the last day.

    A joint role that is held at the slice's end is of that day.
    """
    return ties.days_since_last.astype(np.float64)


@metric(
    name="age",
    level=Level.PAIR,
    layers=ALL_LAYERS,
    takes="pairs",
    weights=Weights.IGNORED,
    formula="slice_end - day of the pair's first event in the layer since the period's start",
    unit="days",
    minimum=1,
    maximum=None,
    undefined_when="there is no tie",
    reference=OWN,
)
def age(ties: PairTies) -> Floats:
    """How long ago the pair was first tied in this layer, gaps included.

    What came before the period is not known: a tie as old as the period may be older.
    """
    return ties.days_since_ever.astype(np.float64)


@metric(
    name="persistence",
    level=Level.PAIR,
    layers=ALL_LAYERS,
    takes="pairs",
    weights=Weights.IGNORED,
    formula="slices with an event of the pair within the window / slices that share a day with the window",
    unit="share of slices",
    minimum=0,
    maximum=1,
    undefined_when="there is no tie",
    reference=OWN,
)
def persistence(ties: PairTies) -> Floats:
    """In what share of the window's slices the pair had an event (or held a joint role at the slice's end).

    With windows of one slice it is 1 for every tie; with short slices it tells rare meetings from steady ones.
    """
    return ties.slices_tied / ties.slices


@metric(
    name="shared_partners",
    level=Level.PAIR,
    layers=ALL_LAYERS,
    takes="pairs",
    weights=Weights.IGNORED,
    formula="|N(i) and N(j)|, N: organisations tied either way",
    unit="organisations",
    minimum=0,
    maximum=None,
    undefined_when="there is no tie",
    reference="Wasserman & Faust 1994 Social Network Analysis (triads)",
)
def shared_partners(ties: PairTies) -> Floats:
    """How many third organisations are tied to both: whether the tie is embedded or stands alone.

    A meeting of k organisations ties all of them, so that co-presence brings k - 2 shared partners by itself.
    """
    return ties.shared.astype(np.float64)


@metric(
    name="structural_equivalence",
    level=Level.PAIR,
    layers=ALL_LAYERS,
    takes="pairs",
    weights=Weights.IGNORED,
    formula="|N(i) and N(j)| / |N(i) or N(j)|, without i and j themselves; N: organisations tied either way",
    unit="share of partners",
    minimum=0,
    maximum=1,
    undefined_when="neither is tied to any third organisation",
    reference="Jaccard 1901; Lorrain & White 1971 J Math Sociol (structural equivalence)",
)
def structural_equivalence(ties: PairTies) -> Floats:
    """How alike the two organisations' other partners are: 1 if they are tied to the very same ones.

    Only tied pairs are listed: equivalent organisations that are not tied to each other, as rivals may be, are not here.
    """
    either = ties.others + ties.their_others - ties.shared
    return np.divide(ties.shared, either, out=np.full(len(either), np.nan), where=either > 0)
