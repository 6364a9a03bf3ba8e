"""Who leads: how lead positions are spread over organisations, and how long leaders stay.

Every function takes `Conduct` and returns one value per slice, NaN where there is none.
"""

import numpy as np

from orgnet.metrics.conduct import Conduct, Floats
from orgnet.metrics.ratios import OWN, effective_number, ratio, shares
from orgnet.metrics.registry import Weights, metric
from orgnet.vocabulary import Layer, Level


def _where_led(values: Floats, conduct: Conduct) -> Floats:
    return np.where(conduct.led.sum(axis=0) > 0, values, np.nan)


@metric(
    name="lead_top_share",
    level=Level.NETWORK,
    layers=(Layer.COMBINED,),
    takes="leads",
    weights=Weights.IGNORED,
    formula="max_o p_o, p_o: share of the bodies led by organisation o; a body led from several is split",
    unit="share of bodies",
    minimum=0,
    maximum=1,
    undefined_when="no body has a known lead",
    reference=OWN,
)
def lead_top_share(conduct: Conduct) -> Floats:
    """The share of lead positions that the organisation with most of them holds."""
    return _where_led(shares(conduct.led).max(axis=0, initial=0), conduct)


@metric(
    name="lead_hhi",
    level=Level.NETWORK,
    layers=(Layer.COMBINED,),
    takes="leads",
    weights=Weights.IGNORED,
    formula="sum_o p_o^2",
    unit="Herfindahl-Hirschman index",
    minimum=0,
    maximum=1,
    undefined_when="no body has a known lead",
    reference="Hirschman 1964 Am Econ Rev",
)
def lead_hhi(conduct: Conduct) -> Floats:
    """How concentrated lead positions are: 1 if one organisation holds all of them."""
    return _where_led((shares(conduct.led) ** 2).sum(axis=0), conduct)


@metric(
    name="lead_neff",
    level=Level.NETWORK,
    layers=(Layer.COMBINED,),
    takes="leads",
    weights=Weights.IGNORED,
    formula="exp(-sum_o p_o ln p_o)",
    unit="organisations",
    minimum=1,
    maximum=None,
    undefined_when="no body has a known lead",
    reference="Hill 1973 Ecology (order 1)",
)
def lead_neff(conduct: Conduct) -> Floats:
    """How many organisations leading equally would be as diverse as those who do lead."""
    return _where_led(effective_number(shares(conduct.led)), conduct)


@metric(
    name="lead_coverage",
    level=Level.NETWORK,
    layers=(Layer.COMBINED,),
    takes="leads",
    weights=Weights.IGNORED,
    formula="providers and network bodies that lead any body / providers and network bodies on the roster",
    unit="share of organisations",
    minimum=0,
    maximum=1,
    undefined_when="no body has a known lead",
    reference=OWN,
)
def lead_coverage(conduct: Conduct) -> Floats:
    """The share of member organisations that lead anything at all."""
    leading = ((conduct.led > 0) & conduct.members).sum(axis=0)
    return _where_led(ratio(leading, conduct.members.sum(axis=0)), conduct)


@metric(
    name="specialist_lead_share",
    level=Level.NETWORK,
    layers=(Layer.COMBINED,),
    takes="leads",
    weights=Weights.IGNORED,
    formula="sum of p_o over specialist organisations",
    unit="share of bodies",
    minimum=0,
    maximum=1,
    undefined_when="no body has a known lead",
    reference=OWN,
)
def specialist_lead_share(conduct: Conduct) -> Floats:
    """The share of lead positions held by specialist centres."""
    held = np.where(conduct.specialists, conduct.led, 0).sum(axis=0)
    return ratio(held, conduct.led.sum(axis=0))


@metric(
    name="lead_neff_norm",
    level=Level.NETWORK,
    layers=(Layer.COMBINED,),
    takes="leads",
    weights=Weights.IGNORED,
    formula="exp(-sum_o p_o ln p_o) / providers and network bodies on the roster",
    unit="ratio",
    minimum=0,
    maximum=None,
    undefined_when="no body has a known lead",
    reference="Hill 1973 Ecology (order 1)",
)
def lead_neff_norm(conduct: Conduct) -> Floats:
    """How many organisations leading equally would be as diverse as those who do lead, per member organisation.

    Above 1 only if organisations other than members lead.
    """
    return ratio(lead_neff(conduct), conduct.members.sum(axis=0))


@metric(
    name="leader_retention",
    level=Level.NETWORK,
    layers=(Layer.COMBINED,),
    takes="leaders_year",
    weights=Weights.IGNORED,
    formula="|L(first day of the window) and L(last day)| / |L(first day)|; L: people "
    " with a network lead role with a right to decide",
    unit="share of leaders",
    minimum=0,
    maximum=1,
    undefined_when="nobody led on the first day; the window is shorter than a year or reaches back before the period",
    reference=OWN,
)
def leader_retention(conduct: Conduct) -> Floats:
    """The share of those who led at the window's beginning who still lead at its end.

    Who changed from one lead role to another still leads. Staying is not the same as leading well.
    """
    return ratio(conduct.leaders.stayed, conduct.leaders.at_start)


@metric(
    name="leader_turnover",
    level=Level.NETWORK,
    layers=(Layer.COMBINED,),
    takes="leaders_year",
    weights=Weights.IGNORED,
    formula="spells as leader that ended in the window, per year / mean number of leaders over its days",
    unit="exits per leader and year",
    minimum=0,
    maximum=None,
    undefined_when="nobody led on any day; the window is shorter than a year or reaches back before the period",
    reference=OWN,
)
def leader_turnover(conduct: Conduct) -> Floats:
    """How many of its leaders a network loses a year, per leader. New leaders do not count, only those who leave."""
    return ratio(conduct.leaders.left / conduct.years, conduct.leaders.headcount)


@metric(
    name="core_team_tenure",
    level=Level.NETWORK,
    layers=(Layer.COMBINED,),
    takes="leaders",
    weights=Weights.IGNORED,
    formula="Kaplan-Meier median of spells as leader up to the slice's end; "
    "left-truncated at the period's start, right-censored at the slice's end",
    unit="days",
    minimum=0,
    maximum=None,
    undefined_when="fewer than half of the spells are estimated to have ended",
    reference="Kaplan & Meier 1958 J Am Stat Assoc; left truncation as in Klein & Moeschberger 2003",
)
def core_team_tenure(conduct: Conduct) -> Floats:
    """How long leaders typically stay: the median length of a spell with any network lead role.

    An estimate that needs many spells: where few are at risk, one early exit can decide it.
    """
    return conduct.leaders.tenure


@metric(
    name="tier_mixing",
    level=Level.NETWORK,
    layers=(Layer.COMBINED,),
    takes="meetings",
    weights=Weights.IGNORED,
    formula="meetings attended from two providers or more with at least one senior and one frontline attendee / such "
    "meetings with anyone of a known tier",
    unit="share of meetings",
    minimum=0,
    maximum=1,
    undefined_when="no such meeting was attended by anyone of a known tier",
    reference="after Mervyn, Amoo & Malby 2019 Int J Organ Anal 27(4)",
)
def tier_mixing(conduct: Conduct) -> Floats:
    """The share of meetings between organisations at which senior and frontline people are both there.

    To be in one room is not to be heard; and where tiers are recorded for few, it is too low.
    """
    return ratio(conduct.mixed_meetings, conduct.tiered_meetings)
