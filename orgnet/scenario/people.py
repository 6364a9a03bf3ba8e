"""The organisations and the people of the scenario."""

from collections import defaultdict
from collections.abc import Mapping

import numpy as np
import pandas as pd

from orgnet.scenario.parameters import (
    CENTRES,
    NAVIGATORS,
    NETWORK_BODY,
    NETWORK_STAFF,
    ONCOLOGISTS,
    PROVIDERS,
    ROSTER,
    Plan,
)
from orgnet.vocabulary import OrganisationKind, OrganisationRole, Tier

Roster = Mapping[tuple[str, str], list[str]]
"""The people of an organisation's professional group, the group's usual speaker first."""

TIERS = {
    "manager": Tier.SENIOR,
    "network_staff": Tier.SENIOR,
    "nurse": Tier.FRONTLINE,
    "ahp": Tier.FRONTLINE,
    "navigator": Tier.FRONTLINE,
}
"""The tier of each group; consultants, who are all the others, are in the middle."""
PATHWAYS = tuple(CENTRES)
_NO_BODY = (OrganisationKind.OTHER, OrganisationRole.NONE)


def organisations(plan: Plan) -> pd.DataFrame:
    """Twelve providers, three of them specialist centres, and the network body."""
    rows = [
        (
            org,
            f"Provider {number}",
            OrganisationKind.PROVIDER,
            OrganisationRole.SPECIALIST if org in CENTRES.values() else OrganisationRole.LOCAL,
        )
        for number, org in enumerate(PROVIDERS, start=1)
    ]
    body = (OrganisationKind.NETWORK_BODY, OrganisationRole.CORE_AGENCY)
    rows.append((NETWORK_BODY, "Network body", *(body if plan.core_agency else _NO_BODY)))
    frame = pd.DataFrame(rows, columns=["org_id", "name", "kind", "role"])
    return frame.assign(valid_from="", valid_to="")


def _posts() -> list[tuple[str, str, int]]:
    """Every post, as organisation, group and number within both."""
    numbers = {
        (org, group): number
        for org, oncologists in zip(PROVIDERS, ONCOLOGISTS, strict=True)
        for group, number in {**ROSTER, "oncologist": oncologists}.items()
    }
    numbers[NETWORK_BODY, "network_staff"] = NETWORK_STAFF
    numbers |= {(org, "navigator"): 1 for org in NAVIGATORS}
    return [(org, group, place) for (org, group), number in numbers.items() for place in range(number)]


def _pathways(group: str, place: int) -> str:
    """The first three surgeons of a provider serve one pathway each; everybody else serves all."""
    if group == "surgeon" and place < len(PATHWAYS):
        return PATHWAYS[place]
    return ";".join(PATHWAYS)


def people(rng: np.random.Generator) -> tuple[pd.DataFrame, Roster]:
    """One lasting post for each person, from before all records; numbered so that the id says nothing."""
    posts = _posts()
    ids = [f"P{number:04}" for number in rng.permutation(len(posts)) + 1]
    wte = rng.choice([1.0, 0.8, 0.6], size=len(posts), p=[0.7, 0.2, 0.1])
    roster = defaultdict(list)
    for person_id, (org, group, _) in zip(ids, posts, strict=True):
        roster[org, group].append(person_id)
    frame = pd.DataFrame(
        {
            "person_id": ids,
            "org_id": [org for org, _, _ in posts],
            "start": "",
            "end": "",
            "group": [group for _, group, _ in posts],
            "tier": [TIERS.get(group, Tier.MIDDLE) for _, group, _ in posts],
            "wte": wte,
            "pathways": [_pathways(group, place) for _, group, place in posts],
        }
    )
    return frame.sort_values("person_id"), dict(roster)
