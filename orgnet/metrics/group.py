"""How well a professional group knows its peers, or another group, in other organisations: one value per slice.

Every function takes `GroupEvidence` and returns one value per slice, NaN where there is none. "Met" means together at
one meeting, from different organisations, for at least the minimum overlap; "acquainted" means met at least k times
within the window (k is 2 unless the network says otherwise). People on the roster who never met anybody count.
"""

import numpy as np

from orgnet.metrics.acquaintance import Floats, GroupEvidence, Ints
from orgnet.metrics.ratios import OWN, column_sums, middles, ratio
from orgnet.metrics.registry import Weights, metric
from orgnet.vocabulary import Layer, Level

_LAYERS = (Layer.COMBINED,)


def _mean_ratio(evidence: GroupEvidence, part: Ints, whole: Ints) -> Floats:
    """The mean of part over whole over the people on each slice's roster, NaN where nobody has any whole."""
    counted = evidence.members & (whole > 0)
    shares = np.divide(part, whole, out=np.zeros(part.shape), where=counted)
    return ratio(column_sums(shares), counted.sum(axis=0))


def _median_count(evidence: GroupEvidence, counts: Ints) -> Floats:
    """The median over the people on each slice's roster, NaN where there is nobody."""
    slices, values = counts.shape[1], int(counts.max(initial=0)) + 1
    found = counts * slices + np.arange(slices)
    members = evidence.members
    times = np.bincount(found.ravel() if members.all() else found[members], minlength=values * slices).reshape(
        values, slices
    )
    return middles(np.arange(values), times)


@metric(
    name="opp_events",
    level=Level.GROUP,
    layers=_LAYERS,
    takes="group_year",
    weights=Weights.IGNORED,
    formula="meetings in the window at which people of the group(s) who met come from at least "
    "max(2, ceil(0.25 |O|)) organisations, per year; O: providers on the roster",
    unit="meetings per year",
    minimum=0,
    maximum=None,
    undefined_when="the window is shorter than a year or reaches back before the period",
    reference=OWN,
)
def opp_events(evidence: GroupEvidence) -> Floats:
    """Opportunities to meet: meetings a year that brought people of the group together from a good share of the providers.

    An opportunity is not an acquaintance: the same few people may use all of them.
    """
    return evidence.opportunities / evidence.years


@metric(
    name="opp_regularity",
    level=Level.GROUP,
    layers=_LAYERS,
    takes="group",
    weights=Weights.IGNORED,
    formula="quarters of the window with at least one opportunity event / quarters of the window",
    unit="share of quarters",
    minimum=0,
    maximum=1,
    undefined_when="never",
    reference=OWN,
)
def opp_regularity(evidence: GroupEvidence) -> Floats:
    """How steadily opportunities to meet come: the share of the window's quarters with at least one."""
    return ratio(evidence.opportunity_quarters, evidence.quarters)


@metric(
    name="meet_rate_median",
    level=Level.GROUP,
    layers=_LAYERS,
    takes="group_year",
    weights=Weights.IGNORED,
    formula="median over rostered people of the meetings per year with at least one colleague of the (other) group "
    "from another organisation",
    unit="meetings per year",
    minimum=0,
    maximum=None,
    undefined_when="nobody of the group is on the roster, or the window is shorter than a year or reaches back before "
    "the period",
    reference=OWN,
)
def meet_rate_median(evidence: GroupEvidence) -> Floats:
    """How often the typical member meets a colleague from another organisation, in meetings a year.

    The median is over everyone on the roster at the slice's end, also those who never met anyone.
    """
    return _median_count(evidence, evidence.meetings) / evidence.years


@metric(
    name="meetings_per_person",
    level=Level.GROUP,
    layers=_LAYERS,
    takes="group",
    weights=Weights.IGNORED,
    formula="sum over rostered people of the window's meetings with at least one colleague of the (other) group from "
    "another organisation / rostered people",
    unit="meetings per person and window",
    minimum=0,
    maximum=None,
    undefined_when="nobody of the group is on the roster",
    reference=OWN,
)
def meetings_per_person(evidence: GroupEvidence) -> Floats:
    """How many meetings with a colleague from another organisation there were per person, in the whole window.

    A mean: a few people who meet often lift it for all, where `meet_rate_median` stays with the typical member. It moves
    smoothly, which makes it the better of the two for telling change from chance.
    """
    return ratio((evidence.meetings * evidence.members).sum(axis=0), evidence.n_people)


@metric(
    name="acq_density",
    level=Level.GROUP,
    layers=_LAYERS,
    takes="group",
    weights=Weights.IGNORED,
    formula="pairs across organisations acquainted / pairs across organisations on the roster",
    unit="share of pairs",
    minimum=0,
    maximum=1,
    undefined_when="no two people of the group(s) are on the roster in different organisations",
    reference="Wasserman & Faust 1994 Social Network Analysis (density)",
)
def acq_density(evidence: GroupEvidence) -> Floats:
    """The share of all possible pairs of colleagues in different organisations who are acquainted.

    It falls as the roster grows, so it does not compare a large group with a small one.
    """
    return ratio(evidence.acquainted_pairs, evidence.cross_pairs)


@metric(
    name="acq_breadth",
    level=Level.GROUP,
    layers=_LAYERS,
    takes="group",
    weights=Weights.IGNORED,
    formula="mean over rostered people of other organisations with at least one acquaintance / other organisations "
    "that have anyone of the (other) group",
    unit="share of organisations",
    minimum=0,
    maximum=1,
    undefined_when="nobody of the group is on the roster, or no other organisation has anyone to know",
    reference=OWN,
)
def acq_breadth(evidence: GroupEvidence) -> Floats:
    """In what share of the other organisations the average member knows at least one colleague."""
    return _mean_ratio(evidence, evidence.acquainted_organisations, evidence.reachable_organisations)


@metric(
    name="acq_reach",
    level=Level.GROUP,
    layers=_LAYERS,
    takes="group",
    weights=Weights.IGNORED,
    formula="rostered people with at least one acquaintance in another organisation / rostered people",
    unit="share of people",
    minimum=0,
    maximum=1,
    undefined_when="nobody of the group is on the roster",
    reference=OWN,
)
def acq_reach(evidence: GroupEvidence) -> Floats:
    """The share of members who know anyone at all in another organisation.

    Context only: one well-connected hub makes it high although nobody else knows each other.
    """
    known = ((evidence.acquainted_organisations > 0) & evidence.members).sum(axis=0)
    return ratio(known, evidence.n_people)


@metric(
    name="familiarity",
    level=Level.GROUP,
    layers=_LAYERS,
    takes="group",
    weights=Weights.IGNORED,
    formula="mean over the window's meetings of (sum over pairs who met of earlier meetings within one window's "
    "length) / pairs who met",
    unit="earlier meetings per pair",
    minimum=0,
    maximum=None,
    undefined_when="nobody met in the window",
    reference="Reagans, Argote & Brooks 2005 Manage Sci; Huckman, Staats & Upton 2009 Manage Sci",
)
def familiarity(evidence: GroupEvidence) -> Floats:
    """How often the people who sit together from different organisations had met before, on average over meetings."""
    return evidence.familiarity


@metric(
    name="copresence_ratio",
    level=Level.GROUP,
    layers=_LAYERS,
    takes="group",
    weights=Weights.IGNORED,
    formula="sum of seconds together / sum of the meeting's seconds, over pairs across organisations listed at one "
    "meeting",
    unit="share of time",
    minimum=0,
    maximum=1,
    undefined_when="no pair has observed times for joining and leaving",
    reference=OWN,
)
def copresence_ratio(evidence: GroupEvidence) -> Floats:
    """How much of a meeting people listed for it really spend together: low where they dial in for their own part.

    Taken over pairs whose joining and leaving were observed; scheduled times say nothing about it.
    """
    return ratio(evidence.overlap, evidence.duration)


@metric(
    name="venues_any",
    level=Level.GROUP,
    layers=_LAYERS,
    takes="group",
    weights=Weights.IGNORED,
    formula="series of meetings (or single meetings) with at least one meeting of people across organisations",
    unit="venues",
    minimum=0,
    maximum=None,
    undefined_when="never",
    reference=OWN,
)
def venues_any(evidence: GroupEvidence) -> Floats:
    """In how many venues people of the group met across organisations at all, within the window."""
    return evidence.venues.astype(np.float64)


@metric(
    name="venues_standing",
    level=Level.GROUP,
    layers=_LAYERS,
    takes="group_year",
    weights=Weights.IGNORED,
    formula="series with at least 4 such meetings a year and a (lower) median of at least 3 organisations",
    unit="venues",
    minimum=0,
    maximum=None,
    undefined_when="the window is shorter than a year or reaches back before the period",
    reference=OWN,
)
def venues_standing(evidence: GroupEvidence) -> Floats:
    """In how many standing venues people of the group meet: regular series that typically gather several organisations."""
    return evidence.standing_venues.astype(np.float64)


@metric(
    name="venue_org_coverage",
    level=Level.GROUP,
    layers=_LAYERS,
    takes="group",
    weights=Weights.IGNORED,
    formula="organisations with a member at any opportunity event / organisations with a member on the roster",
    unit="share of organisations",
    minimum=0,
    maximum=1,
    undefined_when="nobody of the group is on the roster",
    reference=OWN,
)
def venue_org_coverage(evidence: GroupEvidence) -> Floats:
    """The share of organisations with the group on their staff that were there at any opportunity to meet."""
    return ratio(evidence.venue_organisations, evidence.staffed_organisations)
