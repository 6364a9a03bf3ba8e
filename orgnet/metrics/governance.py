"""How the network is run: who convenes, who is at the table, who leads, and whether information reaches the MDT.

Every function takes `Conduct` and returns one value per slice (per organisation and slice at organisation level),
NaN where there is none. Governance meetings are pathway boards, technical groups, working groups, learning events and
boards, attended from at least two providers.
"""

import numpy as np

from orgnet.metrics.conduct import Conduct, Floats
from orgnet.metrics.registry import Weights, metric
from orgnet.vocabulary import Layer, Level

_OWN = "orgnet definition; see docs/decisions.md"
BOARD_ATTENDANCE = 0.67


def _ratio(part: np.ndarray, whole: np.ndarray) -> Floats:
    """Part over whole, NaN where the whole is 0."""
    part, whole = np.asarray(part, dtype=np.float64), np.asarray(whole, dtype=np.float64)
    return np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0)


def _led_shares(conduct: Conduct) -> Floats:
    return _ratio(conduct.led, np.broadcast_to(conduct.led.sum(axis=0), conduct.led.shape))


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
    reference=_OWN,
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
    return np.where(conduct.core_agencies > 0, _ratio(conduct.core_meetings, conduct.governance_meetings), np.nan)


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
    reference=_OWN,
)
def convening_reach(conduct: Conduct) -> Floats:
    """The share of providers that the core agency's governance meetings bring to the table."""
    reach = _ratio(conduct.core_reached, conduct.providers.sum(axis=0))
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
    reference=_OWN,
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
    reference=_OWN,
)
def board_attendance(conduct: Conduct) -> Floats:
    """The share of board meetings at which somebody from the organisation was present.

    To be there is not to be heard: influence is a question for a survey.
    """
    return _ratio(conduct.boards_attended, np.broadcast_to(conduct.boards, conduct.boards_attended.shape))


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
    reference=_OWN,
)
def board_represented_share(conduct: Conduct) -> Floats:
    """The share of providers that are at the board table for most meetings: at least 67 % of them.

    Exactly two meetings in three are not enough.
    """
    present = (board_attendance(conduct) >= BOARD_ATTENDANCE) & conduct.providers
    share = _ratio(present.sum(axis=0), conduct.providers.sum(axis=0))
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
    values = np.full(conduct.governance_attendees.shape[1], np.nan)
    for number in range(len(values)):
        counts = np.sort(conduct.governance_attendees[conduct.providers[:, number], number])
        if counts.sum():
            n = len(counts)
            values[number] = ((2 * np.arange(1, n + 1) - n - 1) * counts).sum() / (n * counts.sum())
    return values


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
    reference=_OWN,
)
def lead_top_share(conduct: Conduct) -> Floats:
    """The share of lead positions that the organisation with most of them holds."""
    shares = _led_shares(conduct)
    return np.where(conduct.led.sum(axis=0) > 0, np.nan_to_num(shares).max(axis=0, initial=0), np.nan)


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
    squares = (np.nan_to_num(_led_shares(conduct)) ** 2).sum(axis=0)
    return np.where(conduct.led.sum(axis=0) > 0, squares, np.nan)


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
    shares = np.nan_to_num(_led_shares(conduct))
    entropy = -(shares * np.log(np.where(shares > 0, shares, 1.0))).sum(axis=0)
    return np.where(conduct.led.sum(axis=0) > 0, np.exp(entropy), np.nan)


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
    reference=_OWN,
)
def lead_coverage(conduct: Conduct) -> Floats:
    """The share of member organisations that lead anything at all."""
    leading = ((conduct.led > 0) & conduct.members).sum(axis=0)
    return np.where(conduct.led.sum(axis=0) > 0, _ratio(leading, conduct.members.sum(axis=0)), np.nan)


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
    reference=_OWN,
)
def specialist_lead_share(conduct: Conduct) -> Floats:
    """The share of lead positions held by specialist centres."""
    held = np.where(conduct.specialists, conduct.led, 0).sum(axis=0)
    return _ratio(held, conduct.led.sum(axis=0))


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
    reference=_OWN,
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
    reference=_OWN,
)
def learning_org_coverage(conduct: Conduct) -> Floats:
    """The share of providers that took part in any learning event in the window."""
    return _ratio(conduct.learning_reached, conduct.providers.sum(axis=0))


@metric(
    name="standing_smdts",
    level=Level.NETWORK,
    layers=(Layer.MDT,),
    takes="meetings_year",
    weights=Weights.IGNORED,
    formula="series of specialist MDTs with at least 4 meetings a year attended from at least two providers",
    unit="series",
    minimum=0,
    maximum=None,
    undefined_when="the window is shorter than a year or reaches back before the period",
    reference=_OWN,
)
def standing_smdts(conduct: Conduct) -> Floats:
    """How many specialist multidisciplinary team meetings stand as regular meetings between organisations."""
    return conduct.standing_smdts.astype(np.float64)


@metric(
    name="joint_roles_active",
    level=Level.NETWORK,
    layers=(Layer.JOINT_ROLES,),
    takes="joint_roles",
    weights=Weights.IGNORED,
    formula="pairs of a person and two organisations in which the person holds posts at the slice's end",
    unit="joint roles",
    minimum=0,
    maximum=None,
    undefined_when="never",
    reference=_OWN,
)
def joint_roles_active(conduct: Conduct) -> Floats:
    """How many joint roles are held at the slice's end."""
    return conduct.joint_roles.astype(np.float64)


@metric(
    name="mdt_cases",
    level=Level.NETWORK,
    layers=(Layer.MDT,),
    takes="cases",
    weights=Weights.IGNORED,
    formula="cases listed less cases protocolised",
    unit="cases",
    minimum=0,
    maximum=None,
    undefined_when="never",
    reference=_OWN,
)
def mdt_cases(conduct: Conduct) -> Floats:
    """How many cases multidisciplinary team meetings had to discuss in the window."""
    return (conduct.cases - conduct.cases_protocolised).astype(np.float64)


@metric(
    name="deferral_missing_info_rate",
    level=Level.NETWORK,
    layers=(Layer.MDT,),
    takes="cases",
    weights=Weights.IGNORED,
    formula="cases deferred for missing pathology, imaging or clinical information / (cases listed - protocolised)",
    unit="share of cases",
    minimum=0,
    maximum=1,
    undefined_when="no case was listed for discussion",
    reference=_OWN,
)
def deferral_missing_info_rate(conduct: Conduct) -> Floats:
    """The share of cases put off because information had not arrived.

    Protocolised cases are listed but not meant for discussion, so they do not count.
    """
    return _ratio(conduct.cases_deferred_missing, conduct.cases - conduct.cases_protocolised)


@metric(
    name="dial_in_failure_rate",
    level=Level.NETWORK,
    layers=(Layer.MDT,),
    takes="meetings",
    weights=Weights.IGNORED,
    formula="failures to join / (remote attendances + failures to join), at MDT meetings",
    unit="share of attempts",
    minimum=0,
    maximum=1,
    undefined_when="nobody tried to join remotely",
    reference=_OWN,
)
def dial_in_failure_rate(conduct: Conduct) -> Floats:
    """The share of attempts to join a multidisciplinary team meeting remotely that failed."""
    return _ratio(conduct.failed_to_join, conduct.joined_remotely + conduct.failed_to_join)
