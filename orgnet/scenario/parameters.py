"""What the scenario holds fixed: the organisations, the phases, and how many people and cases there are."""

from dataclasses import dataclass
from datetime import date, timedelta

PERIOD_START = date(2014, 5, 1)
TRANSITION_START = date(2015, 11, 1)
POST_START = date(2016, 5, 1)
PERIOD_END = date(2019, 5, 1)


@dataclass(frozen=True)
class ByPhase:
    """A probability that differs before, during and after the centralisation."""

    pre: float
    transition: float
    post: float


@dataclass(frozen=True)
class Plan:
    """What variants of the scenario may change; as it stands, the scenario itself."""

    centralised: date = TRANSITION_START
    """The day from which services are centralised; the period's end if they never are."""
    attendance: float = 1.0
    """How much likelier than usual everybody is to come."""
    background: float = 1.0
    """How much likelier radiologists and oncologists are to dial in to specialist meetings with their surgeon."""
    radiology_monthly: bool = False
    """Whether the radiology network meets every month, and not twice in all."""
    chairs_from: str | None = None
    """The one organisation that hosts all specialist meetings and that everybody who leads comes from."""
    core_agency: bool = True
    """Whether the network body is one, and not merely another organisation that sends out invitations."""
    merged: tuple[str, ...] = ()
    """The providers that become one."""
    lost: str | None = None
    """The provider whose own records stop coming after the transition."""
    lost_said: bool = True
    """Whether coverage says so."""
    coverage: bool = True
    """Whether there are coverage records."""

    def at(self, p: ByPhase, day: date) -> float:
        """The probability that held on that day."""
        if day < self.centralised:
            return p.pre
        return p.transition if day < POST_START else p.post

    def comes(self, p: float) -> float:
        """How likely people come who usually come with probability `p`."""
        return min(1.0, p * self.attendance)

    @property
    def first_working_day(self) -> date:
        """When what the centralisation brings begins to work."""
        return self.centralised + timedelta(days=1)


def steady(p: float) -> ByPhase:
    """The same probability throughout."""
    return ByPhase(p, p, p)


NETWORK_BODY = "ZN00"
PROVIDERS = tuple(f"ZP{number:02}" for number in range(1, 13))
CENTRES = {"PB": "ZP01", "RN": "ZP02", "OG": "ZP03"}
"""The specialist centre of each pathway: prostate and bladder, renal, oesophago-gastric."""
EARLIER_CENTRES = PROVIDERS[:6]
"""The six that operated before the centralisation; referrals were spread over them."""

ROSTER = {"surgeon": 4, "nurse": 3, "radiologist": 2, "ahp": 2, "pathologist": 1, "manager": 2}
"""People of each group in every provider."""
ONCOLOGISTS = (2,) * 6 + (1,) * 6
"""Oncologists in each provider, in the order of PROVIDERS."""
NAVIGATORS = ("ZP01", "ZP02", "ZP03", "ZP05", "ZP08", "ZP10")
"""The providers with a patient navigator, one each: six beside the 195 people of the published counts."""
NETWORK_STAFF = 9
SENIOR_STAFF = 2
"""The first two of the network's staff are its chief medical officer and its chair."""

USUAL = {"nurse": 0.88}
"""Where one member of a group speaks for the organisation, how often that is the same one; else by turns."""
APOLOGIES = 0.25
"""The share of those who stay away that send apologies."""
CANCELLED = 0.01
"""Cancelled meetings, as a share of those held, and on top of them."""

SLOT_MINUTES = 8
STAY_MINUTES = (20, 30)
DIAL_IN = 0.75
JOIN_FAILURE = ByPhase(pre=0.0, transition=0.25, post=0.06)
COMPANIONS = {"nurse": 0.5, "radiologist": 0.02, "oncologist": 0.03}
"""Who joins a specialist meeting beside the surgeon who dials in, and how often."""
BACKGROUND = ("radiologist", "oncologist")
"""The companions who are rarely there."""
NAVIGATOR_COMES = 0.5
"""How often a navigator is at a specialist meeting that their organisation takes part in."""

CASES_PER_MEETING = 24
MISSING = {
    "path": ("missing_pathology", 0.5),
    "imag": ("missing_imaging", 0.3),
    "clin": ("missing_clinical", 0.2),
}
"""What was missing when a case was put off for want of information, and how often."""
PUT_OFF = {
    "abs": ("clinician_absent", 0.4),
    "time": ("no_time", 0.3),
    "it": ("it_failure", 0.2),
    "oth": ("other", 0.1),
}
"""Why else a case was put off, and how often."""
OTHER_DEFERRAL = 0.02

REFERRALS_PER_MONTH = {"PB": 6, "RN": 3, "OG": 2}
REFER_BACK = ByPhase(pre=0.12, transition=0.30, post=0.30)
INFORMATION_COMPLETE = ByPhase(pre=0.78, transition=0.72, post=0.86)
SERVICE_LEAD_TURNOVER = 0.10
"""The chance that a service lead hands over within a year."""


def months_since(start: date, day: date) -> int:
    """Whole calendar months from one month to another."""
    return (day.year - start.year) * 12 + day.month - start.month


def missing_information(day: date) -> float:
    """The chance that a case is put off for want of information: .24 at first, then falling to .08."""
    if day < POST_START:
        return 0.24
    return max(0.08, 0.15 - 0.003 * months_since(POST_START, day))
