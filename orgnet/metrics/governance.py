"""How the network is governed: who convenes, who is at the table, and who learns together.

Every function takes `Conduct` and returns one value per slice (per organisation and slice at organisation level),
NaN where there is none. Governance meetings are pathway boards, technical groups, working groups, learning events and
boards, attended from at least two providers.
"""

import numpy as np

from orgnet.metrics.conduct import Conduct, Floats
from orgnet.metrics.ratios import OWN, gini, ratio
from orgnet.metrics.registry import Weights, metric
from orgnet.vocabulary import Layer, Level

BOARD_ATTENDANCE = 0.67


@metric(
    name="core_agencies",
    level=Level.NETWORK,
    layers=(Layer.CONVENING,),
    takes="organisations",
    weights=Weights.IGNORED,
    formula="organisations on the roster whose role is core_agency",
    unit="organisations",
    minimum=0,
    maximum=None,
    undefined_when="never",
    reference=OWN,
)
def core_agencies(conduct: Conduct) -> Floats:
    """How many organisations the network names as its core agency."""
    return conduct.core_agencies.astype(np.float64)


@metric(
    name="convening_share",
    level=Level.NETWORK,
    layers=(Layer.CONVENING,),
    takes="meetings",
    weights=Weights.IGNORED,
    formula="governance meetings convened by a core agency / governance meetings",
    unit="share of meetings",
    minimum=0,
    maximum=1,
    undefined_when="no governance meeting was held, or there is no core agency",
    reference="Provan & Kenis 2008 J Public Adm Res Theory",
)
def convening_share(conduct: Conduct) -> Floats:
    """The share of governance meetings that the core agency convenes."""
    return np.where(conduct.core_agencies > 0, ratio(conduct.core_meetings, conduct.governance_meetings), np.nan)


@metric(
    name="convening_reach",
    level=Level.NETWORK,
    layers=(Layer.CONVENING,),
    takes="meetings",
    weights=Weights.IGNORED,
    formula="providers that attended a governance meeting convened by a core agency / providers on the roster",
    unit="share of providers",
    minimum=0,
    maximum=1,
    undefined_when="there is no core agency or no provider",
    reference=OWN,
)
def convening_reach(conduct: Conduct) -> Floats:
    """The share of providers that the core agency's governance meetings bring to the table."""
    reach = ratio(conduct.core_reached, conduct.providers.sum(axis=0))
    return np.where(conduct.core_agencies > 0, reach, np.nan)


@metric(
    name="core_rank",
    level=Level.NETWORK,
    layers=(Layer.CONVENING,),
    takes="meetings",
    weights=Weights.STRENGTH,
    formula="1 + organisations with a higher out-strength in the convening digraph (without decay) than the core's",
    unit="rank",
    minimum=1,
    maximum=None,
    undefined_when="there is no core agency, or nobody convened a governance meeting that others attended",
    reference=OWN,
)
def core_rank(conduct: Conduct) -> Floats:
    """The core agency's place among those who convene: 1 if nobody convenes more. Of several, the best counts."""
    return conduct.core_rank


@metric(
    name="board_attendance",
    level=Level.ORGANISATION,
    layers=(Layer.CONVENING,),
    takes="meetings",
    weights=Weights.IGNORED,
    formula="board meetings with at least one attendee from the organisation / board meetings held",
    unit="share of meetings",
    minimum=0,
    maximum=1,
    undefined_when="no board was held in the window",
    reference=OWN,
)
def board_attendance(conduct: Conduct) -> Floats:
    """The share of board meetings at which somebody from the organisation was present.

    To be there is not to be heard: influence is a question for a survey.
    """
    return ratio(conduct.boards_attended, np.broadcast_to(conduct.boards, conduct.boards_attended.shape))


@metric(
    name="board_represented_share",
    level=Level.NETWORK,
    layers=(Layer.CONVENING,),
    takes="meetings",
    weights=Weights.IGNORED,
    formula=f"providers with board_attendance of at least {BOARD_ATTENDANCE} / providers on the roster",
    unit="share of providers",
    minimum=0,
    maximum=1,
    undefined_when="no board was held in the window, or there is no provider",
    reference=OWN,
)
def board_represented_share(conduct: Conduct) -> Floats:
    """The share of providers that are at the board table for most meetings: at least 67 % of them.

    Exactly two meetings in three are not enough.
    """
    present = (board_attendance(conduct) >= BOARD_ATTENDANCE) & conduct.providers
    share = ratio(present.sum(axis=0), conduct.providers.sum(axis=0))
    return np.where(conduct.boards > 0, share, np.nan)


@metric(
    name="representation_gini",
    level=Level.NETWORK,
    layers=(Layer.CONVENING,),
    takes="meetings",
    weights=Weights.IGNORED,
    formula="sum_i (2i - n - 1) x_(i) / (n sum x), x: attendances of governance meetings per provider, in order",
    unit="Gini coefficient",
    minimum=0,
    maximum=1,
    undefined_when="no provider attended a governance meeting",
    reference="Gini 1912; formula as in Sen 1973 On Economic Inequality",
)
def representation_gini(conduct: Conduct) -> Floats:
    """How unevenly providers are represented at governance meetings: 0 if all send as many people."""
    there = conduct.governance_attendees
    return np.array([gini(there[conduct.providers[:, at], at]) for at in range(there.shape[1])])


@metric(
    name="learning_events",
    level=Level.NETWORK,
    layers=(Layer.MEETINGS,),
    takes="meetings_year",
    weights=Weights.IGNORED,
    formula="learning events attended from at least two providers, per year",
    unit="events per year",
    minimum=0,
    maximum=None,
    undefined_when="the window is shorter than a year or reaches back before the period",
    reference=OWN,
)
def learning_events(conduct: Conduct) -> Floats:
    """How many learning events a year bring organisations together. It does not tell what was learnt."""
    return conduct.learning_events / conduct.years


@metric(
    name="learning_org_coverage",
    level=Level.NETWORK,
    layers=(Layer.MEETINGS,),
    takes="meetings",
    weights=Weights.IGNORED,
    formula="providers that attended any such learning event / providers on the roster",
    unit="share of providers",
    minimum=0,
    maximum=1,
    undefined_when="there is no provider",
    reference=OWN,
)
def learning_org_coverage(conduct: Conduct) -> Floats:
    """The share of providers that took part in any learning event in the window."""
    return ratio(conduct.learning_reached, conduct.providers.sum(axis=0))
