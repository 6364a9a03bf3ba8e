"""Joint roles in the network as a whole: how many there are, and how many pairs of organisations they link.

Every function takes `Conduct` and returns one value per slice.
"""

import numpy as np

from orgnet.metrics.conduct import Conduct, Floats
from orgnet.metrics.ratios import OWN, ratio
from orgnet.metrics.registry import Weights, metric
from orgnet.vocabulary import Layer, Level


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
    reference=OWN,
)
def joint_roles_active(conduct: Conduct) -> Floats:
    """How many joint roles are held at the slice's end."""
    return conduct.joint_roles.astype(np.float64)


@metric(
    name="joint_role_edge_share",
    level=Level.NETWORK,
    layers=(Layer.JOINT_ROLES,),
    takes="joint_roles",
    weights=Weights.IGNORED,
    formula="pairs of providers linked by at least one joint role at the slice's end / pairs of providers on the roster",
    unit="share of pairs",
    minimum=0,
    maximum=1,
    undefined_when="there are fewer than two providers",
    reference=OWN,
)
def joint_role_edge_share(conduct: Conduct) -> Floats:
    """The share of pairs of providers that share a post-holder at the slice's end.

    Providers only: a joint post with the network body links no two of them.
    """
    providers = conduct.providers.sum(axis=0)
    return ratio(conduct.joint_provider_pairs, providers * (providers - 1) / 2)
