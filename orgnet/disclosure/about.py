"""What each metric is about, as far as it could point at people.

A number *of* individuals is withheld if it is small. A share of individuals is withheld if one of its parts is small. A
statistic *over* people (a mean, a median, the strength of ties that people make) is withheld if it is over few of them.
What is told of organisations, meetings and bodies, and of who is tied to whom at all, needs no protection.
"""

from enum import StrEnum

import pyarrow as pa

from orgnet.vocabulary import Layer, Level


class About(StrEnum):
    """What a value tells of."""

    INDIVIDUALS = "individuals"
    SHARE = "share"
    PEOPLE = "people"
    ORGANISATIONS = "organisations"


COUNTED = frozenset({Layer.JOINT_ROLES, Layer.REFERRALS, Layer.REFERRALS_BACK})
"""Layers in which strength is a number of individuals: of those who hold posts, and of patients referred."""

_ORGANISATIONS, _PEOPLE, _SHARE, _INDIVIDUALS = About.ORGANISATIONS, About.PEOPLE, About.SHARE, About.INDIVIDUALS
_AGAINST_CHANCE = ("", "_expected", "_z")
_BROKERAGE = tuple(
    f"brokerage_{role}{suffix}"
    for role in ("coordinator", "gatekeeper", "itinerant", "liaison", "representative")
    for suffix in _AGAINST_CHANCE
)
_FORMS = tuple(
    f"{kind}_pathways_{form}"
    for kind in ("clinical", "governance")
    for form in ("hybrid", "lead_organisation", "network_body", "shared")
)
_STRENGTHS = ("strength", "in_strength", "out_strength", "weight")

_OF_LEVEL: dict[Level, dict[About, tuple[str, ...]]] = {
    Level.NETWORK: {
        _INDIVIDUALS: ("joint_roles_active", "mdt_cases", "referrals_made"),
        _SHARE: (
            "core_attendance_compliant",
            "deferral_missing_info_rate",
            "deferral_rate",
            "dial_in_failure_rate",
            "leader_retention",
            "referral_info_complete_rate",
            "referral_to_specialist_share",
            "stay_share",
        ),
        _PEOPLE: (
            "copresence_ratio",
            "core_attendance",
            "core_team_tenure",
            "days_to_accept_median",
            "ei_group",
            "ei_group_expected",
            "ei_group_z",
            "ei_tier",
            "ei_tier_expected",
            "ei_tier_z",
            "events_per_person",
            "leader_turnover",
            "modularity",
            "people_per_event",
            "refer_back_ratio",
            "referral_in_gini",
            "remote_minutes_median",
            "representation_gini",
            "tier_mixing",
            "weighted_reciprocity",
        ),
        _ORGANISATIONS: (
            "avg_degree",
            "avg_inv_distance",
            "avg_path_length",
            "betweenness_centralization",
            "board_represented_share",
            "clinical_form",
            "closeness_centralization",
            "communities",
            "components",
            "connectedness",
            "convening_reach",
            "convening_share",
            "core_agencies",
            "core_periphery_fit",
            "core_rank",
            "degree_centralization",
            "density",
            "ei_kind",
            "ei_kind_expected",
            "ei_kind_z",
            "events_per_organisation",
            "governance_form",
            "governance_meetings_held",
            "hierarchy",
            "in_degree_centralization",
            "joint_role_edge_share",
            "krackhardt_efficiency",
            "largest_component_share",
            "lead_coverage",
            "lead_hhi",
            "lead_neff",
            "lead_neff_norm",
            "lead_top_share",
            "learning_events",
            "learning_events_held",
            "learning_org_coverage",
            "least_upper_boundedness",
            "multiplex_share",
            "organisations_per_event",
            "out_degree_centralization",
            "persistence_jaccard",
            "quoracy_rate",
            "quoracy_rate_listed",
            "reciprocity",
            "specialist_lead_share",
            "standing_smdts",
            "tie_formation",
            "tie_retention",
            "transitivity",
            "transitivity_expected",
            "transitivity_z",
            "two_mode_density",
            *_FORMS,
        ),
    },
    Level.ORGANISATION: {
        _PEOPLE: (
            "authority",
            "betweenness",
            "board_attendance",
            "closeness",
            "constraint",
            "effective_size",
            "efficiency",
            "eigenvector",
            "events_attended",
            "events_attended_share",
            "harmonic_closeness",
            "hub",
            "pagerank",
            "two_mode_betweenness",
            "in_strength",
            "out_strength",
            "strength",
        ),
        _ORGANISATIONS: (
            "community",
            "coreness",
            "cut_point",
            "degree",
            "fragmentation_removed",
            "harmonic_closeness_hops",
            "in_degree",
            "local_clustering",
            "out_degree",
            "two_step_reach",
            *_BROKERAGE,
        ),
    },
    Level.PAIR: {
        _PEOPLE: ("age", "days_since_first", "recency", "reciprocity", "weight"),
        _ORGANISATIONS: ("multiplexity", "persistence", "shared_partners", "structural_equivalence"),
    },
    Level.GROUP: {
        _INDIVIDUALS: ("joint_roles",),
        _SHARE: ("acq_reach",),
        _PEOPLE: (
            "acq_breadth",
            "acq_density",
            "copresence_ratio",
            "ei_expected",
            "ei_index",
            "ei_z",
            "familiarity",
            "meet_rate_median",
            "meetings_per_person",
            "mixing_ratio",
            "opp_events",
            "opp_regularity",
            "venue_org_coverage",
            "venues_any",
            "venues_standing",
            *_BROKERAGE,
        ),
    },
}
_DATED = ("age", "days_since_first", "recency")
"""Told of pairs by days, also where only the number of layers counts: the day a post began points at its holder."""
_BY_LEVEL = {
    level: {metric: about for about, metrics in found.items() for metric in metrics}
    for level, found in _OF_LEVEL.items()
}


def about(level: Level, metric: str, layer: str) -> About:
    """What a metric tells of in a layer. Raises KeyError if that has not been declared."""
    found = _BY_LEVEL[level][metric]
    if metric in _STRENGTHS and layer in COUNTED:
        return About.INDIVIDUALS
    # Ties of the combined layer weigh the number of layers: how many people make them is not in it.
    of_layers = layer == Layer.COMBINED and level in (Level.ORGANISATION, Level.PAIR) and metric not in _DATED
    return About.ORGANISATIONS if of_layers else found


def about_table() -> pa.Table:
    """Every metric, layer and level, and what it tells of: what is not in it is not known, and is withheld."""
    rows = [
        (f"{level.value}_metrics", layer.value, metric, about(level, metric, layer).value)
        for level, metrics in _BY_LEVEL.items()
        for metric in sorted(metrics)
        for layer in Layer
    ]
    names = ("measure_table", "layer", "metric", "about")
    return pa.table({name: pa.array([row[at] for row in rows], pa.string()) for at, name in enumerate(names)})
