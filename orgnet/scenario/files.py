"""The scenario's files: the records, what each source covers, a demonstration key and a configuration."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from orgnet.scenario.altered import Records, lose, merge
from orgnet.scenario.attendance import attendance
from orgnet.scenario.coverage import coverage
from orgnet.scenario.documents import documents
from orgnet.scenario.meetings import arranged, mdt_cases, meetings
from orgnet.scenario.parameters import Plan
from orgnet.scenario.people import organisations, people
from orgnet.scenario.referrals import referrals
from orgnet.scenario.roles import joint_roles, lead_roles
from orgnet.scenario.survey import survey_responses
from orgnet.vocabulary import RecordKind

BESIDE = "beside"
STREAMS = (
    RecordKind.PEOPLE,
    RecordKind.MEETINGS,
    RecordKind.ATTENDANCE,
    RecordKind.MDT_CASES,
    RecordKind.REFERRALS,
    RecordKind.LEAD_ROLES,
    RecordKind.DOCUMENTS,
    RecordKind.SURVEY_RESPONSES,
    BESIDE,
)
"""What is drawn by chance, each from its own stream, so that a new one, added last, shifts no other: kinds of record,
and who comes to local meetings, with the navigators elsewhere."""

FILES = {
    RecordKind.ORGANISATIONS: "organisations.csv",
    RecordKind.ORGANISATION_LINKS: "organisation_links.csv",
    RecordKind.PEOPLE: "people.csv",
    RecordKind.MEETINGS: "meetings.csv",
    RecordKind.ATTENDANCE: "attendance.csv",
    RecordKind.MDT_CASES: "mdt_cases.csv",
    RecordKind.REFERRALS: "referrals.parquet",
    RecordKind.JOINT_ROLES: "joint_roles.csv",
    RecordKind.LEAD_ROLES: "lead_roles.csv",
    RecordKind.DOCUMENTS: "documents.csv",
    RecordKind.SURVEY_RESPONSES: "survey_responses.csv",
    RecordKind.COVERAGE: "coverage.csv",
}
KEY_FILE = "demo.key"
DEMO_KEY = "0123456789abcdef" * 4
CONFIGURATION_FILE = "london-cancer.yaml"

CONFIGURATION = """\
# A made-up network like London Cancer: twelve providers, three of them specialist centres, and a network
# body.
network: london-cancer
timezone: Europe/London                  # times in the files are local wall time
period: {start: 2014-05-01, end: 2019-05-01}     # the end is the first day after
slices: {every: quarter, window: 12 months}      # each quarter's figures look back over twelve months
phases: {pre: [2014-05-01, 2015-11-01], transition: [2015-11-01, 2016-05-01], post: [2016-05-01, 2019-05-01]}
person_key: {file: demo.key}             # a demonstration key: never use it for real records
sources:
"""
SETTINGS = """\
compute: {engine: local, workers: 2}     # workers: how many of the computer's cores to use
out: results                             # where the results go, seen from this file
"""


def _records(plan: Plan, seed: int) -> Records:
    """Every kind of record of the scenario, before anything is lost."""
    chance = dict(zip(STREAMS, np.random.default_rng(seed).spawn(len(STREAMS)), strict=True))
    posts, roster = people(chance[RecordKind.PEOPLE])
    all_meetings = arranged(plan, roster, chance[RecordKind.MEETINGS])
    came = attendance(plan, all_meetings, roster, chance[RecordKind.ATTENDANCE], chance[BESIDE])
    records = {
        RecordKind.ORGANISATIONS: organisations(plan),
        RecordKind.PEOPLE: posts,
        RecordKind.MEETINGS: meetings(all_meetings),
        RecordKind.ATTENDANCE: came,
        RecordKind.MDT_CASES: mdt_cases(all_meetings, chance[RecordKind.MDT_CASES]),
        RecordKind.REFERRALS: referrals(plan, chance[RecordKind.REFERRALS]),
        RecordKind.JOINT_ROLES: joint_roles(plan, roster),
        RecordKind.LEAD_ROLES: lead_roles(plan, roster, chance[RecordKind.LEAD_ROLES]),
        RecordKind.DOCUMENTS: documents(chance[RecordKind.DOCUMENTS]),
        RecordKind.SURVEY_RESPONSES: survey_responses(plan, chance[RecordKind.SURVEY_RESPONSES]),
    }
    return merge(plan, records)


def _delivered(plan: Plan, seed: int) -> Records:
    """What arrives of the records, and, unless there is none, what is said of whether all did."""
    records, lost = lose(plan, _records(plan, seed))
    if not plan.coverage:
        return records
    return records | {RecordKind.COVERAGE: coverage(FILES, records, lost if plan.lost_said else {})}


def _configuration(kinds: Iterable[RecordKind]) -> str:
    lines = [f"  {kind.value}: {{path: {FILES[kind]}}}\n" for kind in kinds]
    return CONFIGURATION + "".join(lines) + SETTINGS


def _write(frame: pd.DataFrame, path: Path) -> None:
    if path.suffix == ".parquet":
        frame.to_parquet(path, index=False)
    else:
        frame.to_csv(path, index=False, lineterminator="\n", encoding="utf-8")


def write_files(out: Path, seed: int, plan: Plan) -> Path:
    """Write every file into `out`, which is made if need be; return the configuration's path."""
    out.mkdir(parents=True, exist_ok=True)
    records = _delivered(plan, seed)
    for kind, frame in records.items():
        _write(frame, out / FILES[kind])
    (out / KEY_FILE).write_text(DEMO_KEY + "\n", encoding="utf-8", newline="\n")
    configuration = out / CONFIGURATION_FILE
    configuration.write_text(_configuration(records), encoding="utf-8", newline="\n")
    return configuration
