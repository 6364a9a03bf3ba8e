"""Whether people know their own kind or others: E-I indices of professional groups and tiers, and ratios of mixing.

Every function takes the evidence of `orgnet.metrics.labels` and returns one value per slice, NaN where there is none.
Ties are pairs of people who are acquainted across organisations. Chance deals the labels out among all people of the
roster, with every tie left in place (`orgnet.metrics.moments`): expected values and variances are exact.
"""

import numpy as np
from numpy.typing import NDArray

from orgnet.metrics import moments
from orgnet.metrics.labels import GroupMixing, Mixing, PairMixing
from orgnet.metrics.ratios import column_sums, ratio
from orgnet.metrics.registry import Declared, Weights, against_chance, metric
from orgnet.vocabulary import Layer, Level

Floats = NDArray[np.float64]
_LAYERS = (Layer.COMBINED,)
_KRACKHARDT = "Krackhardt & Stern 1988 Soc Psychol Q"


@metric(
    name="ei_index",
    level=Level.GROUP,
    layers=_LAYERS,
    takes="mixing",
    weights=Weights.IGNORED,
    formula="(E - I) / (E + I), E: pairs of one of the group and one of another group, I: pairs within the group",
    unit="E-I index",
    minimum=-1,
    maximum=1,
    undefined_when="nobody of the group is acquainted with anybody",
    reference=_KRACKHARDT,
)
def ei_index(group: GroupMixing) -> Floats:
    """Whether the group's acquaintances in other organisations are of other groups (1) or of its own (-1).

    A small group has few of its own to know: read it beside `ei_expected`.
    """
    return ratio(group.out - group.within, group.out + group.within)


@metric(
    name="ei_expected",
    level=Level.GROUP,
    layers=_LAYERS,
    takes="mixing",
    weights=Weights.IGNORED,
    formula="(E* - I*) / (E* + I*), E* = n (N - n), I* = n (n - 1) / 2; n: people of the group, N: of all groups",
    unit="E-I index",
    minimum=-1,
    maximum=1,
    undefined_when="nobody of the group is on the roster, or nobody else is on any",
    reference=_KRACKHARDT,
)
def ei_expected(group: GroupMixing) -> Floats:
    """What the group's E-I index would be if groups made no difference to who knows whom."""
    out = group.size * (group.whole.people - group.size)
    own = group.size * (group.size - 1) / 2
    return ratio(out - own, out + own)


@metric(
    name="ei_z",
    level=Level.GROUP,
    layers=_LAYERS,
    takes="mixing",
    weights=Weights.IGNORED,
    formula="((E - I) - its mean) / its standard deviation, over all ways to deal the groups out among people",
    unit="standard deviations",
    minimum=None,
    maximum=None,
    undefined_when="E - I is the same however groups are dealt out: no acquaintances, or one group alone",
    reference="Krackhardt & Stern 1988; exact moments, see docs/decisions.md",
)
def ei_z(group: GroupMixing) -> Floats:
    """How far the group's contacts turn outward (above 0) or inward (below), in standard deviations of chance.

    It is of E - I, not of their ratio, and counts a person's ties as given: whom people can meet is not dealt out.
    """
    whole = group.whole
    return moments.score(
        group.out - group.within, *moments.out_less_in(group.size, whole.people, whole.ties, whole.squares)
    )


@metric(
    name="mixing_ratio",
    level=Level.GROUP,
    layers=_LAYERS,
    takes="mixing_pair",
    weights=Weights.IGNORED,
    formula="(acquainted pairs / possible pairs) of the two groups / (acquainted pairs / possible pairs) of all groups; "
    "possible: pairs of people on the roster in different organisations",
    unit="ratio",
    minimum=0,
    maximum=None,
    undefined_when="no pair of the groups is possible, or nobody at all is acquainted",
    reference="after Krackhardt & Stern 1988; observed over expected as in Newman 2003 Phys Rev E 67:026126",
)
def mixing_ratio(pair: PairMixing) -> Floats:
    """How many more pairs of the two groups are acquainted than if groups made no difference: 1 is as many.

    With few acquainted pairs in the whole network one meeting can make it large.
    """
    return ratio(ratio(pair.acquainted, pair.possible), ratio(pair.all_acquainted, pair.all_possible))


def index(mixing: Mixing) -> Floats:
    """(E - I) / (E + I) over all ties."""
    own = mixing.within.sum(axis=0)
    return ratio(mixing.ties - 2 * own, mixing.ties)


def expected(mixing: Mixing) -> Floats:
    """What the index would be by chance: that of all pairs."""
    every = mixing.people * (mixing.people - 1) / 2
    own = column_sums(mixing.sizes * (mixing.sizes - 1) / 2)
    return ratio(every - 2 * own, every)


def score(mixing: Mixing) -> Floats:
    """How far the index is from what chance would give, in standard deviations."""
    mean, variance = moments.within(mixing.sizes, mixing.people, mixing.ties, mixing.squares)
    return moments.score(-mixing.within.sum(axis=0), -mean, variance)


def _declare(name: str, takes: str, label: str, whose: str) -> None:
    """Register the index of a whole network, its expected value and its score."""
    against_chance(
        name,
        Declared(
            index,
            f"(E - I) / (E + I), E: acquainted pairs of different {label}s, I: of the same {label}",
            "E-I index",
            -1,
            1,
            "nobody is acquainted with anybody",
            f"Whether people who know each other across organisations are of different {label}s (1) or of the same (-1).\n\n"
            f"With many {label}s most pairs are of different ones whatever anyone does: read it beside the expected value.",
        ),
        Declared(
            expected,
            f"(E* - I*) / (E* + I*), E*, I*: all pairs of people of different {label}s, and of the same",
            "E-I index",
            -1,
            1,
            f"fewer than two people {whose}",
            f"What the network's E-I index would be if {label}s made no difference to who knows whom.",
        ),
        Declared(
            score,
            f"(index - expected) / standard deviation over all ways to deal the {label}s out among people",
            "standard deviations",
            None,
            None,
            f"the index is the same however {label}s are dealt out",
            f"How far contacts cross (above 0) or keep to {label}s (below), in standard deviations of chance.\n\n"
            "Meetings bring whole circles together, so that pairs are not independent: 2 is no proof.",
        ),
        level=Level.NETWORK,
        layers=_LAYERS,
        takes=takes,
        reference=_KRACKHARDT,
    )


_declare("ei_group", "mixing_of_groups", "professional group", "are on the roster of any group")
_declare("ei_tier", "mixing_of_tiers", "tier", "on the roster have a known tier")
