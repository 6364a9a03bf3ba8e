"""Joint roles across two organisations, and who leads what."""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

from orgnet.scenario.parameters import (
    NETWORK_BODY,
    PERIOD_END,
    PERIOD_START,
    PROVIDERS,
    SERVICE_LEAD_TURNOVER,
    TRANSITION_START,
    Plan,
)
from orgnet.scenario.people import Roster
from orgnet.scenario.series import local_series
from orgnet.vocabulary import LeadRole, LeadScope

JOINT_ROLES = (
    ("surgeon", 0, "ZP01", "ZP05", "2015-11-01", ""),
    ("surgeon", 1, "ZP01", "ZP08", "2016-02-01", ""),
    ("surgeon", 1, "ZP02", "ZP06", "2016-01-01", ""),
    ("surgeon", 2, "ZP03", "ZP09", "2016-04-01", "2018-09-30"),
    ("nurse", 0, "ZP01", "ZP04", "2016-06-01", ""),
    ("radiologist", 0, "ZP02", "ZP10", "2016-09-01", "2019-01-31"),
    ("oncologist", 0, "ZP01", "ZP07", "2015-11-01", ""),
    ("oncologist", 0, "ZP03", "ZP11", "2016-03-01", "2018-11-30"),
)
"""Group, place on the home organisation's roster, home, second organisation, start, first day after."""


@dataclass(frozen=True)
class Lead:
    """Who leads which body, in what role: the organisation, the group, and the place on its roster."""

    body_id: str
    role: LeadRole
    org_id: str
    group: str
    place: int
    start: date = PERIOD_START
    end: date | None = None
    scope: LeadScope = LeadScope.NETWORK

    def active(self, day: date) -> bool:
        """Whether the lead held on that day."""
        return self.start <= day and (self.end is None or day < self.end)


def _chair(
    body: str, org: str, group: str, place: int = 0, start: date = PERIOD_START, end: date | None = None
) -> Lead:
    return Lead(body, LeadRole.CHAIR, org, group, place, start, end)


LASTING = (
    Lead("learning", LeadRole.CMO, NETWORK_BODY, "network_staff", 0),
    _chair("learning", NETWORK_BODY, "network_staff", 1),
    Lead("pathway_board_uro", LeadRole.PATHWAY_DIRECTOR, "ZP01", "surgeon", 0),
    Lead("pathway_board_og", LeadRole.PATHWAY_DIRECTOR, "ZP03", "surgeon", 2),
    _chair("surgeon_audit", "ZP01", "surgeon", 1),
    _chair("onc_meeting", "ZP01", "oncologist"),
    _chair("ahp_forum", "ZP07", "ahp"),
)
EARLY = (
    _chair("technical_group", "ZP01", "surgeon", 3),
    _chair("technical_group", "ZP02", "surgeon", 1),
    _chair("cns_forum", "ZP02", "nurse"),
)
"""Chairs of what ends when services are centralised."""
NEW = (
    _chair("cns_bladder", "ZP02", "nurse"),
    _chair("cns_prostate", "ZP03", "nurse"),
    _chair("working_group_access", "ZP05", "manager"),
    _chair("working_group_aftercare", "ZP08", "nurse"),
    _chair("smdt_pb", "ZP01", "surgeon", 0),
    _chair("smdt_rn", "ZP02", "surgeon", 1),
    _chair("smdt_og", "ZP03", "surgeon", 2),
)
"""Chairs of what services being centralised brings."""
# The radiology network met twice, and its chair lapsed in between: nobody led it at the period's end.
RADIOLOGY = (
    _chair("radiology_network", "ZP02", "radiologist", start=date(2014, 9, 1), end=TRANSITION_START),
    _chair("radiology_network", "ZP02", "radiologist", start=date(2017, 9, 1), end=date(2018, 3, 1)),
)
RADIOLOGY_MONTHLY = (_chair("radiology_network", "ZP02", "radiologist"),)


def _from_one(lead: Lead, org: str) -> Lead:
    """The same lead, from another organisation; its surgeons stand in for the network's staff."""
    if lead.group == "network_staff":
        return replace(lead, org_id=org, group="surgeon", place=3)
    return replace(lead, org_id=org)


def leads(plan: Plan) -> list[Lead]:
    """Every lead. Each chair of a series leads the body of that name, so that meetings and lead roles agree."""
    network = [
        *LASTING,
        *(replace(lead, end=plan.centralised) for lead in EARLY),
        *(RADIOLOGY_MONTHLY if plan.radiology_monthly else RADIOLOGY),
        *(replace(lead, start=plan.first_working_day) for lead in NEW if plan.first_working_day < PERIOD_END),
    ]
    if plan.chairs_from:
        network = [_from_one(lead, plan.chairs_from) for lead in network]
    own = [replace(_chair(local_series(org), org, "surgeon", 3), scope=LeadScope.ORGANISATION) for org in PROVIDERS]
    return network + own


def joint_roles(plan: Plan, roster: Roster) -> pd.DataFrame:
    """The eight posts shared by two organisations, the home organisation first; the centralisation brought them."""
    rows = [
        (roster[home, group][place], start, end, f"{home};{second}", group)
        for group, place, home, second, start, end in JOINT_ROLES
        if start >= plan.centralised.isoformat()
    ]
    return pd.DataFrame(rows, columns=["person_id", "start", "end", "org_ids", "group"])


_Row = tuple[str, str, str, str, str, LeadRole, LeadScope, str]


def _rows(plan: Plan, roster: Roster) -> list[_Row]:
    return [
        (
            roster[lead.org_id, lead.group][lead.place],
            lead.body_id,
            lead.start.isoformat(),
            lead.end.isoformat() if lead.end else "",
            lead.org_id,
            lead.role,
            lead.scope,
            "true" if lead.scope == LeadScope.NETWORK else "false",
        )
        for lead in leads(plan)
    ]


def _service_leads(org: str, service: str, surgeons: list[str], rng: np.random.Generator) -> list[_Row]:
    """One service's leads in turn: each month there is a small chance that another surgeon takes over."""
    hand_over = 1 - (1 - SERVICE_LEAD_TURNOVER) ** (1 / 12)
    months = pd.date_range(PERIOD_START, PERIOD_END, freq="MS", inclusive="left").strftime("%Y-%m-%d")
    starts = [months[0], *(month for month in months[1:] if rng.random() < hand_over)]
    rows: list[_Row] = []
    lead = ""
    for start, end in zip(starts, [*starts[1:], ""], strict=True):
        lead = str(rng.choice([surgeon for surgeon in surgeons if surgeon != lead]))
        body = f"service_{service.lower()}_{org}"
        rows.append((lead, body, start, end, org, LeadRole.SERVICE_LEAD, LeadScope.ORGANISATION, "false"))
    return rows


def lead_roles(plan: Plan, roster: Roster, rng: np.random.Generator) -> pd.DataFrame:
    """The network's steady leads, the chairs of local meetings, and service leads, a tenth of whom change in a year.

    The providers' own leads reach no further than their organisation, and do not count among those of the network.
    """
    rows = _rows(plan, roster)
    for org in PROVIDERS:
        for service in ("URO", "OG"):
            rows += _service_leads(org, service, roster[org, "surgeon"], rng)
    names = ["person_id", "body_id", "start", "end", "org_id", "role", "scope", "decision_right"]
    return pd.DataFrame(rows, columns=names)
