"""Forms of network governance, as who convenes suggests them: of the whole network, and pathway by pathway.

Every function takes `Conduct` and returns one value per slice, NaN where there is none. Governance meetings are those of
`orgnet.metrics.governance`; clinical ones are specialist MDTs. Both are attended from at least two providers.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from orgnet.metrics.conduct import Conduct, Flags, Floats, Ints
from orgnet.metrics.conduct_meetings import PathwayMeetings
from orgnet.metrics.ratios import effective_number, ratio, shares
from orgnet.metrics.registry import Weights, metric
from orgnet.vocabulary import Layer, Level

FORMS = {1: "shared", 2: "lead organisation", 3: "network administrative organisation", 4: "hybrid"}
"""What the numbers of a form of governance stand for."""
PATHWAYS = {1: "shared", 2: "lead_organisation", 3: "network_body", 4: "hybrid"}
"""The same in the names of metrics that count pathways."""
LEADING, NOT_LEADING, EVEN = 0.5, 0.34, 0.5
_FORM = (
    f"3 if a network body convenes at least {LEADING:.0%}, else 2 if a provider does, else 1 if nobody convenes more than "
    f"{NOT_LEADING:.0%} and exp(H)/members is at least {EVEN}, else 4; H: entropy of the shares convened"
)
_REFERENCE = "after Provan & Kenis 2008 J Public Adm Res Theory"


class _Field(NamedTuple):
    """Where a form of governance is looked for: in which meetings, and what the records show of them."""

    name: str
    layer: Layer
    meetings: str
    convened: Callable[[Conduct], Ints]
    by_pathway: Callable[[Conduct], PathwayMeetings]


_FIELDS = (
    _Field("governance", Layer.CONVENING, "governance meetings", lambda c: c.convened, lambda c: c.governance_pathways),
    _Field("clinical", Layer.MDT, "specialist MDTs", lambda c: c.hosted, lambda c: c.clinical_pathways),
)


def form_of(convened: Ints, members: Ints, providers: Flags, bodies: Flags) -> Floats:
    """The form that shares of meetings convened suggest, as its number; rows are organisations, columns slices."""
    share = shares(convened)
    even = np.nan_to_num(ratio(effective_number(share), members)) >= EVEN - 1e-9
    shared = (share.max(axis=0, initial=0) <= NOT_LEADING) & even
    by_provider = ((share >= LEADING) & providers).any(axis=0)
    by_body = ((share >= LEADING) & bodies).any(axis=0)
    form = np.select([by_body, by_provider, shared], [3.0, 2.0, 1.0], 4.0)
    return np.where(convened.sum(axis=0) > 0, form, np.nan)


def forms_of_pathways(meetings: PathwayMeetings, conduct: Conduct) -> Floats:
    """The form of each pathway, among the members of the network that convened its meetings or were there."""
    found = np.full((meetings.pathways, len(conduct.core_agencies)), np.nan)
    for pathway in range(meetings.pathways):
        rows = np.flatnonzero(meetings.pathway == pathway)
        convened, of = meetings.convened[rows], meetings.organisation[rows]
        members = conduct.members[of] & ((convened > 0) | (meetings.attended[rows] > 0))
        found[pathway] = form_of(convened, members.sum(axis=0), conduct.providers[of], conduct.network_bodies[of])
    return found


def _declare(field: _Field) -> None:
    """Register the form of the whole network, and the numbers of pathways of each form."""

    @metric(
        name=f"{field.name}_form",
        level=Level.NETWORK,
        layers=(field.layer,),
        takes="meetings",
        weights=Weights.IGNORED,
        formula=_FORM,
        unit="code",
        minimum=1,
        maximum=4,
        undefined_when=f"nobody is known to have convened any of the {field.meetings}",
        reference=_REFERENCE,
    )
    @_defined(
        f"Which form of network governance the convening of {field.meetings} suggests: 1 shared, 2 lead organisation, "
        "3 network administrative organisation, 4 hybrid.\n\nA heuristic on who convenes meetings attended from two "
        "providers or more; it does not know of mandates, budgets or trust. The numbers are codes: differences and "
        "means of them mean nothing."
    )
    def of_network(conduct: Conduct) -> Floats:
        return form_of(field.convened(conduct), conduct.members.sum(axis=0), conduct.providers, conduct.network_bodies)

    for number, form in FORMS.items():

        @metric(
            name=f"{field.name}_pathways_{PATHWAYS[number]}",
            level=Level.NETWORK,
            layers=(field.layer,),
            takes="meetings",
            weights=Weights.IGNORED,
            formula=f"pathways whose {field.meetings} give {number} by the rule of {field.name}_form; members: providers "
            "and network bodies that convened any of them or were there",
            unit="pathways",
            minimum=0,
            maximum=None,
            undefined_when=f"nobody is known to have convened any of the {field.meetings} that name a pathway",
            reference=_REFERENCE,
        )
        @_defined(
            f"In how many clinical pathways the convening of {field.meetings} suggests the form of governance "
            f'"{form}", each pathway taken by itself.\n\nOnly meetings that name a pathway are seen. It does not tell which '
            "pathways they are. A pathway with few meetings may have its form by accident."
        )
        def of_pathways(conduct: Conduct, number: int = number) -> Floats:
            forms = forms_of_pathways(field.by_pathway(conduct), conduct)
            return np.where(np.isnan(forms).all(axis=0), np.nan, (forms == number).sum(axis=0))


def _defined(definition: str) -> Callable[[Callable[..., Floats]], Callable[..., Floats]]:
    """Give a function a docstring that is put together."""

    def define(function: Callable[..., Floats]) -> Callable[..., Floats]:
        function.__doc__ = definition
        return function

    return define


for _field in _FIELDS:
    _declare(_field)
