"""The meetings of every series, and the counts of cases at the specialist ones."""

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
    missing_information,
)
from orgnet.scenario.people import Roster
from orgnet.scenario.roles import chairs_on
from orgnet.scenario.series import SERIES, Series
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
    def end(self) -> datetime:
        """When it ended."""
        return self.start + timedelta(minutes=self.series.minutes)


def _chair(series: Series, turn: int, start: datetime, roster: Roster) -> str:
    leads = chairs_on(series.series_id, start.date())
    lead = leads[turn % len(leads)]
    return roster[lead.org_id, lead.group][lead.place]


def _called_off(held: list[tuple[Series, datetime, int]], rng: np.random.Generator) -> list[int]:
    """Which meetings had, a week later, another that was cancelled: boards and specialist meetings only."""
    last = datetime.combine(PERIOD_END, datetime.min.time()) - timedelta(weeks=1)
    frequent = (MeetingType.PATHWAY_BOARD, MeetingType.SMDT)
    able = [n for n, (series, start, _) in enumerate(held) if series.type in frequent and start < last]
    return [int(n) for n in rng.choice(able, size=round(CANCELLED * len(held)), replace=False)]


def arranged(roster: Roster, rng: np.random.Generator) -> list[Meeting]:
    """Every meeting in order of time, with a few cancelled ones beside those held."""
    held = [
        (series, datetime.combine(day, series.begins), turn)
        for series in SERIES
        for turn, day in enumerate(series.days)
    ]
    called_off = [(*held[n], False) for n in _called_off(held, rng)]
    planned = [(*meeting, True) for meeting in held]
    planned += [(series, start + timedelta(weeks=1), turn, was) for series, start, turn, was in called_off]
    planned.sort(key=lambda plan: (plan[1], plan[0].series_id, plan[3]))
    return [
        Meeting(f"M{number:04}", series, start, _chair(series, turn, start, roster), was_held)
        for number, (series, start, turn, was_held) in enumerate(planned, start=1)
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
