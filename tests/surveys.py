"""Surveys drawn for tests: answers in one line each, and the scores and readings that they give.

    scores = scored(tmp_path, answers("damour10", "w1", "2016-03-10", {"A": "1 2 3"}, item="goals"))

Organisation S is specialist, A to D are local, N has neither role.
"""

from collections.abc import Iterable, Mapping
from math import nan
from pathlib import Path
from typing import Any, NamedTuple

from orgnet.config import Config
from orgnet.indicators.surveys import (
    Answers,
    Instrument,
    SurveyScores,
    all_instruments,
    read_answers,
    score_surveys,
    survey_table,
)
from orgnet.records.read import Records
from tests.feeds import configure, read

ORGANISATIONS = "org_id,role\nS,specialist\nA,local\nB,local\nC,local\nD,local\nN,none\n"
HEADING = "resp_id,instrument,wave,item,date,value,org_id,org_type,group"
GROUPS = ["surgeon", "nurse", "manager"]


class Answer(NamedTuple):
    """One answer, its fields in the file's order."""

    resp_id: str
    instrument: str
    wave: str
    item: str
    date: str
    value: float | str
    org_id: str = ""
    org_type: str = ""
    group: str = ""


def answers(
    instrument: str, wave: str, date: str, said: Mapping[str, str], item: str = "goals", **fields: str
) -> list[Answer]:
    """Answers to one item: for each organisation, the answers of its respondents."""
    return [
        Answer(f"{org or 'nobody'}-{number}", instrument, wave, item, date, value, org, **fields)
        for org, values in said.items()
        for number, value in enumerate(values.split())
    ]


def records(
    folder: Path,
    rows: Iterable[Answer],
    coverage: str = "",
    organisations: str = ORGANISATIONS,
    settings: Mapping[str, Any] | None = None,
) -> Records:
    lines = [",".join(map(str, row)) for row in rows]
    files = {"organisations.csv": organisations, "survey_responses.csv": "\n".join([HEADING, *lines]) + "\n"}
    if coverage:
        files["coverage.csv"] = coverage
    made = read(folder, files, professional_groups=GROUPS, **(settings or {}))
    assert not made.rejected.num_rows, made.rejected.to_pylist()
    return made


def config(folder: Path, **settings: Any) -> Config:
    return configure(folder, {"organisations.csv": ORGANISATIONS}, **settings)


def answered(folder: Path, rows: Iterable[Answer], own: Mapping[str, Instrument] | None = None, **more: Any) -> Answers:
    return read_answers(records(folder, rows, **more), all_instruments(own or {}, folder))


def scored(
    folder: Path,
    rows: Iterable[Answer],
    own: Mapping[str, Instrument] | None = None,
    settings: Mapping[str, Any] | None = None,
    minimum: int = 8,
    **more: str,
) -> SurveyScores:
    found = answered(folder, rows, own, settings=settings, **more)
    return score_surveys(found, config(folder, **(settings or {})).calendar, minimum)


def value(scores: SurveyScores, measure: str, item: str = "goals", stratum: str = "all", wave: str = "w1") -> float:
    """One published value; NaN where it is empty."""
    (row,) = rows_of(scores, measure=measure, item=item, stratum=stratum, wave=wave)
    return nan if row["value"] is None else row["value"]


def values(scores: SurveyScores, wave: str = "w1") -> dict[tuple[str, str, str], float]:
    """Every published value of a wave, by measure, item and stratum; NaN where it is empty."""
    rows = rows_of(scores, wave=wave)
    found = {
        (row["measure"], row["item"], row["stratum"]): nan if row["value"] is None else row["value"] for row in rows
    }
    assert len(found) == len(rows), "each is published once"
    return found


def rows_of(scores: SurveyScores, **wanted: str) -> list[dict[str, Any]]:
    """The published rows with the wanted words."""
    rows = survey_table(scores).to_pylist()
    return [row for row in rows if all(row[name] == word for name, word in wanted.items())]
