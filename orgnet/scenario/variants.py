"""The scenario's variants: what each changes, and nothing else."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from orgnet.errors import InputFault, nearest
from orgnet.scenario.parameters import PERIOD_END, Plan


@dataclass(frozen=True)
class Variant:
    """One variant: what it is for, and the fields of the plan that it changes."""

    sentence: str
    changes: dict[str, Any]


VARIANTS = {
    "attendance-low": Variant("Everybody comes a fifth less often.", {"attendance": 0.8}),
    "attendance-high": Variant("Everybody comes more often, by 15 %.", {"attendance": 1.15}),
    "background-presence": Variant(
        "Radiologists and oncologists dial in to specialist meetings three times as often.", {"background": 3.0}
    ),
    "lost-feed": Variant(
        "After the transition one trust sends no more records, and coverage says so.", {"lost": "ZP06"}
    ),
    "lost-feed-unsaid": Variant(
        "After the transition one trust sends no more records, though coverage says that all came.",
        {"lost": "ZP06", "lost_said": False},
    ),
    "no-coverage": Variant("Nothing is said of whether records are whole.", {"coverage": False}),
    "radiology-monthly": Variant("The radiology network meets every month.", {"radiology_monthly": True}),
    "one-chair": Variant(
        "One organisation hosts every specialist meeting, and everybody who leads comes from it.",
        {"chairs_from": "ZP01"},
    ),
    "no-core-agency": Variant("There is no core agency: who sends out invitations is no body.", {"core_agency": False}),
    "merger": Variant("Two trusts become one on 1 May 2017.", {"merged": ("ZP11", "ZP12")}),
    "null": Variant("Services are never centralised: all stays as it was before.", {"centralised": PERIOD_END}),
}


def planned(names: Iterable[str]) -> Plan:
    """The scenario's plan with the named variants, together. Raises InputFault if one is unknown or two disagree."""
    changes: dict[str, Any] = {}
    for name in names:
        if name not in VARIANTS:
            raise InputFault(f"there is no variant {name!r}{nearest(name, VARIANTS)}")
        for field, value in VARIANTS[name].changes.items():
            if changes.setdefault(field, value) != value:
                raise InputFault(f"variant {name!r} cannot go with another that changes the same ({field})")
    return replace(Plan(), **changes)
