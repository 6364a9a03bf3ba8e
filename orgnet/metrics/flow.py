"""The flow of referrals: whether they reach the specialist centres, come back, and bring what is needed.

Every function takes `Conduct` and returns one value per slice, NaN where there is none. Revoked referrals and those
within one organisation do not count; a row may stand for many referrals.
"""

import numpy as np

from orgnet.metrics.conduct import Conduct, Floats
from orgnet.metrics.ratios import OWN, gini, ratio
from orgnet.metrics.registry import Weights, metric
from orgnet.vocabulary import Layer, Level


@metric(
    name="referral_to_specialist_share",
    level=Level.NETWORK,
    layers=(Layer.REFERRALS,),
    takes="referrals",
    weights=Weights.IGNORED,
    formula="referrals, forward or back, to organisations that are specialist centres in the slice / referrals",
    unit="share of referrals",
    minimum=0,
    maximum=1,
    undefined_when="nobody referred",
    reference=OWN,
)
def referral_to_specialist_share(conduct: Conduct) -> Floats:
    """The share of all referrals that go to a specialist centre, those that come back from there included in the whole.

    Where every patient goes to the centre and many come back, it is well below 1.
    """
    received = conduct.flow.received_forward + conduct.flow.received_back
    return ratio(np.where(conduct.specialists, received, 0).sum(axis=0), received.sum(axis=0))


@metric(
    name="referral_in_gini",
    level=Level.NETWORK,
    layers=(Layer.REFERRALS,),
    takes="referrals",
    weights=Weights.IGNORED,
    formula="sum_i (2i - n - 1) x_(i) / (n sum x), x: forward referrals received per provider, in order",
    unit="Gini coefficient",
    minimum=0,
    maximum=1,
    undefined_when="no provider was referred to",
    reference="Gini 1912; formula as in Sen 1973 On Economic Inequality",
)
def referral_in_gini(conduct: Conduct) -> Floats:
    """How unevenly forward referrals are spread over the providers that receive them: 0 if all receive as many.

    Centralising a service makes it high by design.
    """
    received = conduct.flow.received_forward
    return np.array([gini(received[conduct.providers[:, at], at]) for at in range(received.shape[1])])


@metric(
    name="refer_back_ratio",
    level=Level.NETWORK,
    layers=(Layer.REFERRALS_BACK,),
    takes="referrals",
    weights=Weights.IGNORED,
    formula="referrals back / referrals forward",
    unit="ratio",
    minimum=0,
    maximum=None,
    undefined_when="nobody referred forward",
    reference=OWN,
)
def refer_back_ratio(conduct: Conduct) -> Floats:
    """How many referrals back there are for each forward: whether patients return to those who had sent them.

    The two are counted by their own days: a referral back may answer one from before the window.
    """
    return ratio(conduct.flow.back, conduct.flow.forward)


@metric(
    name="referral_info_complete_rate",
    level=Level.NETWORK,
    layers=(Layer.REFERRALS,),
    takes="referrals",
    weights=Weights.IGNORED,
    formula="referrals, forward or back, known to have come with all the information needed / "
    "those of which it is known",
    unit="share of referrals",
    minimum=0,
    maximum=1,
    undefined_when="of no referral it is known",
    reference=OWN,
)
def referral_info_complete_rate(conduct: Conduct) -> Floats:
    """The share of referrals that came with all the information needed, of those of which somebody noted it."""
    return ratio(conduct.flow.complete, conduct.flow.known)


@metric(
    name="days_to_accept_median",
    level=Level.NETWORK,
    layers=(Layer.REFERRALS,),
    takes="referrals",
    weights=Weights.IGNORED,
    formula="median over referrals with a day of acceptance of (accepted_date - date)",
    unit="days",
    minimum=0,
    maximum=None,
    undefined_when="no referral of the window has a day of acceptance, or all lie before the referral",
    reference=OWN,
)
def days_to_accept_median(conduct: Conduct) -> Floats:
    """How long a referral typically waits to be accepted, in days.

    Those never accepted do not count, so that a queue that grows does not show.
    """
    return conduct.flow.days_to_accept
