"""What may leave the building of the acceptance scenario, and that no person can be found in anything published."""

import csv
import hashlib
import json
import re
import subprocess
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from orgnet.config import load_config
from orgnet.metrics.behind import individuals_behind, own_people_behind
from orgnet.records.identity import find_key, pseudonym
from tests.command import Commanded, orgnet
from tests.shared import shared
from tests.stages import Results

YEAR = "2017-05-01/3m"


def _publish(commanded: Commanded, folder: Path, profile: str) -> subprocess.CompletedProcess[str]:
    return orgnet("publish", commanded.out, "--profile", profile, "--out", "share", folder=folder)


@pytest.fixture(scope="session", params=["nhsd_secondary_care", "lt5"])
def copied(request, commanded, tmp_path_factory):
    """What `orgnet publish` said of a copy by each profile, and the copy."""
    profile = request.param
    done = shared(tmp_path_factory, f"copied-{profile}", lambda folder: (_publish(commanded, folder, profile), folder))
    assert done[0].returncode == 0, done[0].stderr
    return done


def _joint_roles(folder: Path) -> dict[str, tuple[float | None, str]]:
    sql = (
        f"SELECT professional_group, value, status FROM '{folder}/group_metrics.parquet' WHERE slice = '{YEAR}' "
        f"AND metric = 'joint_roles' UNION ALL SELECT 'total', value, status FROM '{folder}/network_metrics.parquet' "
        f"WHERE slice = '{YEAR}' AND metric = 'joint_roles_active'"
    )
    return {name: (value, status) for name, value, status in duckdb.connect().sql(sql).fetchall()}


class TestJointRoles:
    """domain.md 10.1: 4 surgeons, 1 nurse, 1 radiologist and 2 oncologists are not shown, and 8 in all as 10."""

    def test_stand_as_they_are_in_the_run(self, commanded):
        found = _joint_roles(commanded.out / "current")
        wanted = {"surgeon": 4, "nurse": 1, "radiologist": 1, "oncologist": 2, "total": 8}
        assert {name: found[name] for name in wanted} == {name: (n, "ok") for name, n in wanted.items()}

    def test_are_suppressed_in_the_copy_and_their_total_is_ten(self, shared_copy):
        found = _joint_roles(shared_copy)
        for group in ("surgeon", "nurse", "radiologist", "oncologist"):
            assert found[group] == (None, "suppressed")
        assert found["total"] == (10.0, "rounded")
        assert found["manager"] == (0.0, "ok")


class TestTheAttack:
    def test_finds_nothing(self, copied):
        _, folder = copied
        found = orgnet("check-disclosure", "share", folder=folder)
        assert (found.returncode, found.stdout.splitlines()[-1]) == (0, "found: nothing"), found.stdout
        assert "0 withheld numbers" not in found.stdout

    def test_is_refused_on_a_run(self, commanded, tmp_path):
        found = orgnet("check-disclosure", commanded.out / "current", folder=tmp_path)
        assert found.returncode == 2
        assert "is a run, not a copy for sharing" in found.stderr


def _words(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [word for part in (*value.keys(), *value.values()) for word in _words(part)]
    return [word for part in value for word in _words(part)] if isinstance(value, list) else []


def _texts(path: Path) -> list[str]:
    """Everything that can be read in a file: its bytes as they are, and if it is a table, all of its words."""
    texts = [path.read_bytes().decode("latin-1")]
    if path.suffix == ".parquet":
        table = pq.read_table(path)
        texts += [str(table.schema.metadata), *(str(field.metadata) for field in table.schema)]
        for column in table.columns:
            if pa.types.is_dictionary(column.type):
                texts += [word for chunk in column.chunks for word in chunk.dictionary.to_pylist() if word]
            elif not (pa.types.is_primitive(column.type) or pa.types.is_boolean(column.type)):
                texts += _words(column.to_pylist())
    if path.suffix == ".json":
        texts += _words(json.loads(path.read_text()))
    return texts


_LOOKS_LIKE_ONE = re.compile(r"\bP\d{4}\b|[0-9a-f]{32,}", re.IGNORECASE)


@pytest.fixture(scope="module")
def people(london_cancer) -> set[str]:
    """Every person's identifier, its hash with the network's key, and its plain hash, in small letters."""
    key = find_key(load_config(london_cancer))
    with (london_cancer.parent / "people.csv").open() as file:
        names = {row["person_id"].lower() for row in csv.DictReader(file)}
    assert len(names) > 190
    assert all(_LOOKS_LIKE_ONE.fullmatch(name) for name in names)
    hashes = {pseudonym(key, name) for name in names}
    plain = {hashlib.sha256(each.encode()).hexdigest()[:32] for name in names for each in (name, name.upper())}
    return names | hashes | plain


def _named(text: str, people: set[str]) -> list[str]:
    """Who is named in a text, be it in the middle of a longer row of digits."""
    found = (each[0].lower() for each in _LOOKS_LIKE_ONE.finditer(text))
    parts = (each[at : at + 32] for each in found for at in range(max(1, len(each) - 31)))
    return sorted({part for part in parts if part in people})


class TestNoPerson:
    """Every identifier of every person of the scenario, and every hash that could stand for it, in every byte."""

    def test_the_scan_finds_one_where_there_is_one(self, people, london_cancer):
        assert len(_named((london_cancer.parent / "attendance.csv").read_text(), people)) > 150
        assert _named(f"x{sorted(people)[0]}ff", {sorted(people)[0]})

    def test_nothing_in_what_a_run_publishes(self, people, commanded):
        folder = commanded.out / "current"
        files = [path for path in folder.rglob("*") if path.is_file() and "restricted" not in path.parts]
        assert {"manifest.json", "report.html", "indicators.parquet"} <= {path.name for path in files}
        for path in files:
            assert not [text for text in _texts(path) if _named(text, people)], path

    def test_nothing_in_restricted_tables_of_draws_and_numbers(self, people, commanded):
        for name in ("draws", "people_behind"):
            assert not [
                t for t in _texts(commanded.out / "current" / "restricted" / f"{name}.parquet") if _named(t, people)
            ]

    def test_nothing_in_a_copy(self, people, copied):
        for path in (copied[1] / "share").iterdir():
            assert not [text for text in _texts(path) if _named(text, people)], path

    def test_nothing_in_what_is_said(self, people, commanded, copied):
        for said in (commanded.said, commanded.progress, copied[0].stdout, copied[0].stderr):
            assert said is not None
            assert not _named(said, people)

    def test_no_table_has_a_row_per_person(self, commanded, london_cancer):
        """No published table has a column that people are told apart by."""
        for path in (commanded.out / "current").glob("*.parquet"):
            assert not {"person", "person_id", "person_name", "email"} & set(pq.read_schema(path).names)


def test_people_behind_are_those_that_the_records_name(scenario: Results, london_cancer: Path):
    """The same numbers by plain loops over the records: who dialled in, who led, in the last window."""
    calendar = scenario.evidence.calendar
    window = calendar.slices[-1]
    folder = london_cancer.parent
    meetings = {row["meeting_id"]: row for row in csv.DictReader((folder / "meetings.csv").open())}
    inside = {
        key
        for key, row in meetings.items()
        if str(window.window_start) <= row["start"][:10] < str(window.end) and row["type"] in ("smdt", "local_mdt")
    }
    remote = {
        row["person_id"]
        for row in csv.DictReader((folder / "attendance.csv").open())
        if row["meeting_id"] in inside and (row["status"] == "failed_to_join" or row["mode"] in ("video", "phone"))
    }
    leaders = {
        row["person_id"]
        for row in csv.DictReader((folder / "lead_roles.csv").open())
        if row["scope"] == "network"
        and row.get("decision_right", "true") != "false"
        and row["start"] < str(window.end)
        and (not row["end"] or row["end"] > str(window.window_start))
    }
    found = individuals_behind(_observed(scenario), scenario.records, calendar)
    assert int(found["dial_in_failure_rate"][-1]) == len(remote)
    assert int(found["core_team_tenure"][-1]) == len(leaders)
    assert all(len(n) == len(calendar) and (np.asarray(n) >= 0).all() for n in found.values())


def test_an_organisations_own_people_at_events_are_those_that_the_records_name(scenario: Results, london_cancer: Path):
    """Again by plain loops: who stood for which organisation at meetings, at MDTs and at boards, in the last window."""
    calendar, names = scenario.evidence.calendar, scenario.evidence.roster.names
    window = calendar.slices[-1]
    meetings = csv.DictReader(london_cancer.with_name("meetings.csv").open())
    kinds = {
        row["meeting_id"]: row["type"]
        for row in meetings
        if str(window.window_start) <= row["start"][:10] < str(window.end) and row["status"] == "held"
    }
    there: dict[tuple[str, str], set[str]] = {}
    for row in csv.DictReader(london_cancer.with_name("attendance.csv").open()):
        kind = kinds.get(row["meeting_id"])
        if kind and row["status"] == "attended":
            layer = "mdt" if kind in ("smdt", "local_mdt") else "meetings"
            there.setdefault((layer, row["org_id"]), set()).add(row["person_id"])
            if kind in ("pathway_board", "board"):
                there.setdefault(("convening", row["org_id"]), set()).add(row["person_id"])
    found = own_people_behind(scenario.ties.presence, scenario.records, len(names), calendar)
    for layer, metric in (
        ("meetings", "events_attended"),
        ("mdt", "two_mode_betweenness"),
        ("convening", "board_attendance"),
    ):
        counted = dict(zip(names, found[layer, metric][:, -1].tolist(), strict=True))
        assert counted == {name: len(there.get((layer, name), ())) for name in names}


def _observed(scenario: Results):
    from orgnet.metrics.conduct import observe

    standing = scenario.config.ties.standing_meetings_per_year
    evidence = scenario.evidence
    return observe(scenario.records, scenario.ties, evidence.roster, evidence.calendar, standing)
