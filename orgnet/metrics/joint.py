"""Joint roles: how many there are, in the network and in each professional group, and which organisations they link.

Every function returns one value per slice; those of the network take `Conduct`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from orgnet.metrics.conduct import Conduct, Floats
from orgnet.metrics.ratios import OWN, ratio
from orgnet.metrics.registry import Weights, metric
from orgnet.vocabulary import Layer, Level


@dataclass(frozen=True)
class GroupJointRoles:
    """The joint roles that people of one professional group hold at each slice's end."""

    held: NDArray[np.int64]


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


@metric(
    name="joint_roles",
    level=Level.GROUP,
    layers=(Layer.JOINT_ROLES,),
    takes="group_joint_roles",
    weights=Weights.IGNORED,
    formula="pairs of a person of the group and two organisations in which the person holds posts at the slice's end",
    unit="joint roles",
    minimum=0,
    maximum=None,
    undefined_when="never",
    reference=OWN,
)
def joint_roles(group: GroupJointRoles) -> Floats:
    """How many joint roles people of the group hold at the slice's end.

    The group is that of the person's posts. One person in three organisations holds three.
    """
    return group.held.astype(np.float64)
