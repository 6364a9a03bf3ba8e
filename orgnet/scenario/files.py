"""The scenario's files: the records, what each source covers, a demonstration key and a configuration."""

from pathlib import Path

import numpy as np
import pandas as pd

from orgnet.scenario.attendance import attendance
from orgnet.scenario.coverage import coverage
from orgnet.scenario.documents import documents
from orgnet.scenario.meetings import arranged, mdt_cases, meetings
from orgnet.scenario.people import organisations, people
from orgnet.scenario.referrals import referrals
from orgnet.scenario.roles import joint_roles, lead_roles
from orgnet.scenario.survey import survey_responses
from orgnet.vocabulary import RecordKind

DRAWN = (
    RecordKind.PEOPLE,
    RecordKind.MEETINGS,
    RecordKind.ATTENDANCE,
    RecordKind.MDT_CASES,
    RecordKind.REFERRALS,
    RecordKind.LEAD_ROLES,
    RecordKind.DOCUMENTS,
    RecordKind.SURVEY_RESPONSES,
)
"""The kinds that are drawn by chance, each from its own stream: a new kind, added last, shifts no other."""

FILES = {
    RecordKind.ORGANISATIONS: "organisations.csv",
    RecordKind.PEOPLE: "people.csv",
    RecordKind.MEETINGS: "meetings.csv",
    RecordKind.ATTENDANCE: "attendance.csv",
    RecordKind.MDT_CASES: "mdt_cases.csv",
    RecordKind.REFERRALS: "referrals.parquet",
    RecordKind.JOINT_ROLES: "joint_roles.csv",
    RecordKind.LEAD_ROLES: "lead_roles.csv",
    RecordKind.DOCUMENTS: "documents.csv",
    RecordKind.SURVEY_RESPONSES: "survey_responses.csv",
}
COVERAGE_FILE = "coverage.csv"
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


def _records(seed: int) -> dict[RecordKind, pd.DataFrame]:
    """Every kind of record of the scenario."""
    chance = dict(zip(DRAWN, np.random.default_rng(seed).spawn(len(DRAWN)), strict=True))
    posts, roster = people(chance[RecordKind.PEOPLE])
    all_meetings = arranged(roster, chance[RecordKind.MEETINGS])
    return {
        RecordKind.ORGANISATIONS: organisations(),
        RecordKind.PEOPLE: posts,
        RecordKind.MEETINGS: meetings(all_meetings),
        RecordKind.ATTENDANCE: attendance(all_meetings, roster, chance[RecordKind.ATTENDANCE]),
        RecordKind.MDT_CASES: mdt_cases(all_meetings, chance[RecordKind.MDT_CASES]),
        RecordKind.REFERRALS: referrals(chance[RecordKind.REFERRALS]),
        RecordKind.JOINT_ROLES: joint_roles(roster),
        RecordKind.LEAD_ROLES: lead_roles(roster, chance[RecordKind.LEAD_ROLES]),
        RecordKind.DOCUMENTS: documents(chance[RecordKind.DOCUMENTS]),
        RecordKind.SURVEY_RESPONSES: survey_responses(chance[RecordKind.SURVEY_RESPONSES]),
    }


def _configuration() -> str:
    sources = {**FILES, RecordKind.COVERAGE: COVERAGE_FILE}
    lines = [f"  {kind.value}: {{path: {file}}}\n" for kind, file in sources.items()]
    return CONFIGURATION + "".join(lines) + SETTINGS


def _write(frame: pd.DataFrame, path: Path) -> None:
    if path.suffix == ".parquet":
        frame.to_parquet(path, index=False)
    else:
        frame.to_csv(path, index=False, lineterminator="\n", encoding="utf-8")


def write_files(out: Path, seed: int) -> Path:
    """Write every file into `out`, which is made if need be; return the configuration's path."""
    out.mkdir(parents=True, exist_ok=True)
    records = _records(seed)
    for kind, frame in records.items():
        _write(frame, out / FILES[kind])
    _write(coverage(records, FILES), out / COVERAGE_FILE)
    (out / KEY_FILE).write_text(DEMO_KEY + "\n", encoding="utf-8", newline="\n")
    configuration = out / CONFIGURATION_FILE
    configuration.write_text(_configuration(), encoding="utf-8", newline="\n")
    return configuration
