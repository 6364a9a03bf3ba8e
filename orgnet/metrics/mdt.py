"""Whether the multidisciplinary team meeting works: who is there, for how long, and whether the information is.

Every function takes `Conduct` and returns one value per slice, NaN where there is none. Meetings count if held.
"""

import numpy as np

from orgnet.metrics.conduct import Conduct, Floats
from orgnet.metrics.conduct_mdt import COMPLIANT_SHARE, PRESENT_SHARE, QUORUM_TOLERANCE
from orgnet.metrics.ratios import OWN, ratio
from orgnet.metrics.registry import Weights, metric
from orgnet.vocabulary import Layer, Level


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
    reference=OWN,
)
def standing_smdts(conduct: Conduct) -> Floats:
    """How many specialist multidisciplinary team meetings stand as regular meetings between organisations."""
    return conduct.standing_smdts.astype(np.float64)


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
    reference=OWN,
)
def mdt_cases(conduct: Conduct) -> Floats:
    """How many cases multidisciplinary team meetings had to discuss in the window."""
    return (conduct.cases.listed - conduct.cases.protocolised).astype(np.float64)


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
    reference=OWN,
)
def deferral_missing_info_rate(conduct: Conduct) -> Floats:
    """The share of cases put off because information had not arrived.

    Protocolised cases are listed but not meant for discussion, so they do not count.
    """
    return ratio(conduct.cases.deferred_missing, conduct.cases.listed - conduct.cases.protocolised)


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
    reference=OWN,
)
def dial_in_failure_rate(conduct: Conduct) -> Floats:
    """The share of attempts to join a multidisciplinary team meeting remotely that failed."""
    return ratio(conduct.dial_in.failed, conduct.dial_in.joined + conduct.dial_in.failed)


@metric(
    name="deferral_rate",
    level=Level.NETWORK,
    layers=(Layer.MDT,),
    takes="cases",
    weights=Weights.IGNORED,
    formula="cases deferred, for whatever reason / (cases listed - protocolised)",
    unit="share of cases",
    minimum=0,
    maximum=1,
    undefined_when="no case was listed for discussion",
    reference=OWN,
)
def deferral_rate(conduct: Conduct) -> Floats:
    """The share of cases put off, for whatever reason.

    A deferral may be right: it is a matter of the reason, see `deferral_missing_info_rate`.
    """
    return ratio(conduct.cases.deferred, conduct.cases.listed - conduct.cases.protocolised)


@metric(
    name="remote_minutes_median",
    level=Level.NETWORK,
    layers=(Layer.MDT,),
    takes="meetings",
    weights=Weights.IGNORED,
    formula="median over remote attendances of MDT meetings of minutes from joining to leaving, stays added up",
    unit="minutes",
    minimum=0,
    maximum=None,
    undefined_when="nobody is known to have joined remotely for a known time",
    reference=OWN,
)
def remote_minutes_median(conduct: Conduct) -> Floats:
    """How long those who dial in to a multidisciplinary team meeting typically stay.

    A short stay may be all that their own cases need; it is no time to get to know the others.
    """
    return conduct.dial_in.median_minutes


@metric(
    name="stay_share",
    level=Level.NETWORK,
    layers=(Layer.MDT,),
    takes="meetings",
    weights=Weights.IGNORED,
    formula="remote attendances that last for at least half of the meeting / remote attendances of known length",
    unit="share of attendances",
    minimum=0,
    maximum=1,
    undefined_when="nobody is known to have joined remotely for a known part of a meeting",
    reference=OWN,
)
def stay_share(conduct: Conduct) -> Floats:
    """The share of those who dial in to a multidisciplinary team meeting who stay for at least half of it."""
    return ratio(conduct.dial_in.stayed, conduct.dial_in.comparable)


@metric(
    name="copresence_ratio",
    level=Level.NETWORK,
    layers=(Layer.MDT,),
    takes="meetings",
    weights=Weights.IGNORED,
    formula="sum of seconds together / sum of the meeting's seconds, over pairs of people of two "
    "local providers listed at one specialist MDT",
    unit="share of time",
    minimum=0,
    maximum=1,
    undefined_when="no such pair has observed times for joining and leaving",
    reference=OWN,
)
def copresence_ratio(conduct: Conduct) -> Floats:
    """How much of a specialist meeting the people of two local providers, neither a specialist centre, are there together.

    Low where each dials in for its own cases: a list of attendees then overstates contact by as much. Taken over people
    of known professional groups whose joining and leaving were observed.
    """
    return ratio(conduct.local_overlap, conduct.local_duration)


@metric(
    name="core_attendance",
    level=Level.NETWORK,
    layers=(Layer.MDT,),
    takes="meetings",
    weights=Weights.IGNORED,
    formula=f"mean over core members of (meetings of the series attended / held while in post); "
    f"attended: there for at least {PRESENT_SHARE:.0%} of it",
    unit="share of meetings",
    minimum=0,
    maximum=1,
    undefined_when="no core role is listed at any MDT series",
    reference=OWN,
)
def core_attendance(conduct: Conduct) -> Floats:
    """How many of their series' meetings core members attend, on average over members.

    Core members are those whom a series lists in a core role within the window; who shares a role in turns with others
    comes out low without any fault. Where times are not known, being listed as there counts.
    """
    return ratio(conduct.core_team.attendance, conduct.core_team.members)


@metric(
    name="core_attendance_compliant",
    level=Level.NETWORK,
    layers=(Layer.MDT,),
    takes="meetings",
    weights=Weights.IGNORED,
    formula=f"core members with a share of meetings attended of at least {COMPLIANT_SHARE} / core members",
    unit="share of core members",
    minimum=0,
    maximum=1,
    undefined_when="no core role is listed at any MDT series",
    reference="National Cancer Peer Review (two thirds of meetings; the wording is not verified)",
)
def core_attendance_compliant(conduct: Conduct) -> Floats:
    """The share of core members who attend enough of their series' meetings: at least 66 % of those held while in post.

    The threshold is widely used, but its wording could not be verified.
    """
    return ratio(conduct.core_team.compliant, conduct.core_team.members)


@metric(
    name="quoracy_rate",
    level=Level.NETWORK,
    layers=(Layer.MDT,),
    takes="meetings",
    weights=Weights.IGNORED,
    formula=f"meetings at which somebody in each required role was there for the whole meeting but {QUORUM_TOLERANCE // 60} minutes / "
    "meetings of series that list any core role",
    unit="share of meetings",
    minimum=0,
    maximum=1,
    undefined_when="no series with a core role met",
    reference=OWN,
)
def quoracy_rate(conduct: Conduct) -> Floats:
    """The share of multidisciplinary team meetings with every required core role there throughout.

    Required are the roles that the series lists in the window, also as absent: a role that never appears is not missed.
    """
    return ratio(conduct.core_team.quorate, conduct.core_team.judged)


@metric(
    name="quoracy_rate_listed",
    level=Level.NETWORK,
    layers=(Layer.MDT,),
    takes="meetings",
    weights=Weights.IGNORED,
    formula="meetings with somebody in each required role listed as there / meetings of series that list any core role",
    unit="share of meetings",
    minimum=0,
    maximum=1,
    undefined_when="no series with a core role met",
    reference=OWN,
)
def quoracy_rate_listed(conduct: Conduct) -> Floats:
    """The share of multidisciplinary team meetings that are quorate by the list alone, however short the stay.

    Beside `quoracy_rate` it tells how far the list overstates who is there.
    """
    return ratio(conduct.core_team.quorate_listed, conduct.core_team.judged)
