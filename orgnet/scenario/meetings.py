"""The meetings of every series, and the counts of cases at the specialist ones."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from orgnet.scenario.parameters import (
    CANCELLED,
    CASES_PER_MEETING,
    MISSING,
    OTHER_DEFERRAL,
    PERIOD_END,
    PUT_OFF,
    Plan,
    missing_information,
)
from orgnet.scenario.people import Roster
from orgnet.scenario.roles import Lead, leads
from orgnet.scenario.series import Series, series
from orgnet.vocabulary import CaseOutcome, MeetingMode, MeetingStatus, MeetingType


@dataclass(frozen=True)
class Meeting:
    """One meeting that was arranged; `chair` is the person in the chair."""

    meeting_id: str
    series: Series
    start: datetime
    chair: str
    held: bool

    @property
    def local(self) -> bool:
        """Whether it was one provider's own."""
        return self.series.type == MeetingType.LOCAL_MDT

    @property
    def end(self) -> datetime:
        """When it ended."""
        return self.start + timedelta(minutes=self.series.minutes)


def _chair(leads: list[Lead], turn: int, start: datetime, roster: Roster) -> str:
    """Who of a body's leads takes the chair: several do so by turns."""
    active = [lead for lead in leads if lead.active(start.date())]
    lead = active[turn % len(active)]
    return roster[lead.org_id, lead.group][lead.place]


def _called_off(held: list[tuple[Series, datetime, int]], rng: np.random.Generator) -> list[int]:
    """Which meetings had, a week later, another that was cancelled: boards and specialist meetings only."""
    last = datetime.combine(PERIOD_END, datetime.min.time()) - timedelta(weeks=1)
    frequent = (MeetingType.PATHWAY_BOARD, MeetingType.SMDT)
    able = [n for n, (series, start, _) in enumerate(held) if series.type in frequent and start < last]
    of_network = sum(series.type != MeetingType.LOCAL_MDT for series, _, _ in held)
    return [int(n) for n in rng.choice(able, size=round(CANCELLED * of_network), replace=False)]


def arranged(plan: Plan, roster: Roster, rng: np.random.Generator) -> list[Meeting]:
    """Every meeting in order of time, with a few cancelled ones beside those held."""
    held = [(one, datetime.combine(day, one.begins), turn) for one in series(plan) for turn, day in enumerate(one.days)]
    by_body = defaultdict(list)
    for lead in leads(plan):
        by_body[lead.body_id].append(lead)
    called_off = [(*held[n], False) for n in _called_off(held, rng)]
    planned = [(*meeting, True) for meeting in held]
    planned += [(one, start + timedelta(weeks=1), turn, was) for one, start, turn, was in called_off]
    planned.sort(key=lambda meeting: (meeting[1], meeting[0].series_id, meeting[3]))
    return [
        Meeting(f"M{number:04}", one, start, _chair(by_body[one.series_id], turn, start, roster), was_held)
        for number, (one, start, turn, was_held) in enumerate(planned, start=1)
    ]


def meetings(arranged: list[Meeting]) -> pd.DataFrame:
    """The meetings as records, in local wall time."""
    return pd.DataFrame(
        {
            "meeting_id": [m.meeting_id for m in arranged],
            "start": [m.start.isoformat() for m in arranged],
            "end": [m.end.isoformat() for m in arranged],
            "series_id": [m.series.series_id for m in arranged],
            "type": [m.series.type for m in arranged],
            "convenor_org_id": [m.series.convenor for m in arranged],
            "chair_person_id": [m.chair for m in arranged],
            "pathway": [m.series.pathway for m in arranged],
            "mode": [
                MeetingMode.HYBRID if m.series.type == MeetingType.SMDT else MeetingMode.IN_PERSON for m in arranged
            ],
            "status": [MeetingStatus.HELD if m.held else MeetingStatus.CANCELLED for m in arranged],
        }
    )


def mdt_cases(arranged: list[Meeting], rng: np.random.Generator) -> pd.DataFrame:
    """How many cases each specialist meeting discussed or put off, and why; never a case's own number."""
    reasons = [(f"def-{name}", reason) for name, (reason, _) in {**MISSING, **PUT_OFF}.items()]
    kinds = [("disc", CaseOutcome.DISCUSSED, "")]
    kinds += [(case_id, CaseOutcome.DEFERRED, reason) for case_id, reason in reasons]
    rows = []
    for meeting in arranged:
        if meeting.series.type != MeetingType.SMDT or not meeting.held:
            continue
        missing = missing_information(meeting.start.date())
        shares = [missing * share for _, share in MISSING.values()]
        shares += [OTHER_DEFERRAL * share for _, share in PUT_OFF.values()]
        listed = rng.poisson(CASES_PER_MEETING)
        counts = rng.multinomial(listed, [1 - sum(shares), *shares])
        rows += [(meeting.meeting_id, *kind, int(n)) for kind, n in zip(kinds, counts, strict=True) if n]
    return pd.DataFrame(rows, columns=["meeting_id", "case_id", "outcome", "deferral_reason", "n"])
