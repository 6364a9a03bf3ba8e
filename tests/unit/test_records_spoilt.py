"""The scenario's records, spoilt in the ways that real deliveries are, each with its outcome."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from orgnet.config import load_config
from orgnet.records.read import Records, RecordsFault, read_records
from orgnet.scenario import write_london_cancer
from orgnet.vocabulary import RecordKind

Spoil = Callable[[Path], None]
ROWS = {
    "organisations": 13,
    "people": 201,
    "meetings": 1_515,
    "attendance": 24_136,
    "mdt_cases": 1_579,
    "referrals": 9_199,
    "joint_roles": 8,
    "lead_roles": 64,
    "documents": 8,
    "survey_responses": 2_400,
    "coverage": 130,
}


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_london_cancer(tmp_path_factory.mktemp("scenario"))


@pytest.fixture
def folder(clean: Path, tmp_path: Path) -> Path:
    """A copy of the scenario to spoil."""
    return Path(shutil.copytree(clean.parent, tmp_path / "copy"))


def read(folder: Path) -> Records:
    records = read_records(load_config(folder / "london-cancer.yaml"))
    for tally in records.tallies():
        assert tally.read == tally.accepted + sum(tally.put_aside.values())
    return records


def faults(folder: Path) -> list[str]:
    with pytest.raises(RecordsFault) as caught:
        read(folder)
    return caught.value.faults


def lines(folder: Path, name: str) -> list[str]:
    return (folder / name).read_text(encoding="utf-8").splitlines()


def rewrite(folder: Path, name: str, rows: list[str]) -> None:
    _write(folder / name, "\n".join(rows) + "\n")


def replace(folder: Path, name: str, row: int, field: str, value: str) -> None:
    """Write another value into one row, the first being 1."""
    rows = lines(folder, name)
    values = rows[row].split(",")
    values[rows[0].split(",").index(field)] = value
    rewrite(folder, name, [*rows[:row], ",".join(values), *rows[row + 1 :]])


def test_unspoilt_every_row_is_used(clean):
    records = read(clean.parent)
    assert {kind.value: n for kind, n in records.read.items()} == ROWS
    assert {kind.value: table.num_rows for kind, table in records.tables.items()} == ROWS
    assert records.rejected_counts() == {}
    assert records.rejected.num_rows == 0
    assert (len(records.organisations), records.n_people) == (13, 201)
    assert [file.columns_unused for file in records.inputs] == [[]] * 11


class TestRows:
    """One bad row in thousands: it is put aside, and the others go on."""

    def test_bad_values(self, folder):
        spoilt = [
            ("attendance.csv", 17_000, "person_id", "nobody", "unknown_person"),
            ("lead_roles.csv", 5, "end", "2001-01-01", "end_before_start"),
            ("mdt_cases.csv", 3, "n", "-2", "impossible_number"),
            ("mdt_cases.csv", 1_579, "meeting_id", "M000000", "unknown_meeting"),
            ("meetings.csv", 1, "start", "03/04/2016 09:00", "ambiguous_date"),
            ("meetings.csv", 700, "start", "2016-02-30T09:00:00", "impossible_date"),
            ("meetings.csv", 795, "start", "2010-01-01T09:00:00", "outside_period"),
            ("people.csv", 2, "person_id", "", "missing_key"),
            ("people.csv", 100, "org_id", "ZP99", "unknown_organisation"),
            ("people.csv", 195, "group", "chirurgeon", "not_in_vocabulary"),
        ]
        for name, row, field, value, _ in spoilt:
            replace(folder, name, row, field, value)
        records = read(folder)
        found = [(row["source"], row["row"], row["field"], row["reason"]) for row in records.rejected.to_pylist()]
        assert {(name, row, field, reason) for name, row, field, _, reason in spoilt} <= set(found)
        counts = {kind: sum(reasons.values()) for kind, reasons in records.rejected_counts().items()}
        assert (counts["people"], counts["meetings"]) == (3, 3)
        # What hangs on those people and meetings goes with them; nothing else does.
        assert {row[3] for row in found if row[0] == "attendance.csv"} == {"unknown_person", "unknown_meeting"}
        assert not {"organisations", "referrals", "coverage"} & set(counts)

    def test_what_hangs_on_a_bad_row_goes_with_it(self, folder):
        (meeting, *_) = lines(folder, "meetings.csv")[1].split(",")
        replace(folder, "meetings.csv", 1, "start", "31/12/2014")
        there = sum(line.startswith(meeting + ",") for line in lines(folder, "attendance.csv"))
        cases = sum(line.startswith(meeting + ",") for line in lines(folder, "mdt_cases.csv"))
        expected = {"meetings": {"ambiguous_date": 1}, "attendance": {"unknown_meeting": there}}
        assert read(folder).rejected_counts() == expected | ({"mdt_cases": {"unknown_meeting": cases}} if cases else {})
        assert there

    def test_every_row_twice(self, clean, folder):
        for name in ("people", "meetings", "attendance", "mdt_cases"):
            head, *rows = lines(folder, f"{name}.csv")
            rewrite(folder, f"{name}.csv", [head, *rows, *rows])
        referrals = pd.read_parquet(folder / "referrals.parquet")
        pd.concat([referrals, referrals]).to_parquet(folder / "referrals.parquet", index=False)
        once, twice = read(clean.parent), read(folder)
        doubled = ("people", "meetings", "attendance", "mdt_cases", "referrals")
        assert twice.rejected_counts() == {kind: {"duplicate": ROWS[kind]} for kind in sorted(doubled)}
        for kind, table in once.tables.items():
            assert table.equals(twice.tables[kind]), kind

    def test_two_versions_of_a_row(self, folder):
        head, *rows = lines(folder, "people.csv")
        other = next(row for row in rows if "surgeon" in row).replace("surgeon", "nurse")
        rewrite(folder, "people.csv", [head, *rows, other])
        counts = read(folder).rejected_counts()
        assert counts["people"] == {"conflicting_duplicate": 2}
        # Whoever that was is not known now.
        assert set(counts["attendance"]) == {"unknown_person"}

    def test_ragged_rows(self, folder):
        rows = lines(folder, "attendance.csv")
        rewrite(folder, "attendance.csv", [*rows[:10], rows[10] + ",more", rows[11].rsplit(",", 1)[0], *rows[12:]])
        records = read(folder)
        assert records.rejected_counts() == {"attendance": {"malformed_row": 2}}
        assert records.rejected.column("row").to_pylist() == [10, 11]
        assert records.read[RecordKind.ATTENDANCE] == ROWS["attendance"]

    def test_no_message_and_no_fault_names_a_person(self, folder):
        people = {line.split(",")[0] for line in lines(folder, "people.csv")[1:]}
        rows = lines(folder, "people.csv")
        swapped = [",".join([line.split(",")[1], line.split(",")[0], *line.split(",")[2:]]) for line in rows[1:40]]
        rewrite(folder, "people.csv", [rows[0], *swapped, *rows[40:]])
        records = read(folder)
        assert set(records.rejected_counts()["people"]) == {"unknown_organisation"}
        messages = " ".join(records.rejected.column("message").to_pylist())
        assert not [person for person in people if person in messages]
        rewrite(folder, "people.csv", [rows[0], *swapped])
        found = " ".join(faults(folder))
        assert "none of its 39 rows can be used" in found
        assert not [person for person in people if person in found]


def _write(path: Path, content: str) -> None:
    path.write_text(content, encoding="utf-8")


def _cut_short(folder: Path) -> None:
    path = folder / "referrals.parquet"
    path.write_bytes(path.read_bytes()[:-1000])


def _in_latin_1(folder: Path) -> None:
    path = folder / "organisations.csv"
    text = path.read_text(encoding="utf-8").replace("ZP01,", "ZP01,Hôpital ", 1)
    path.write_bytes(text.encode("latin-1"))


def _without_a_column(folder: Path) -> None:
    path = folder / "meetings.csv"
    _write(path, path.read_text(encoding="utf-8").replace("meeting_id,", "meeting,", 1))


WHOLE_FILES: dict[str, tuple[Spoil, str]] = {
    "cut short": (
        _cut_short,
        "referrals: referrals.parquet: cannot be read as Parquet; was it cut short?",
    ),
    "in Latin-1": (
        _in_latin_1,
        "organisations: organisations.csv: is not utf-8 text (line 2 cannot be read as such); save it as UTF-8, or add "
        "`encoding: cp1252`",
    ),
    "empty": (
        lambda folder: _write(folder / "people.csv", ""),
        "people: people.csv: is empty: it has no bytes; expected column names and records",
    ),
    "without a column": (
        _without_a_column,
        "meetings: meetings.csv: column 'meeting_id' is missing (found: meeting, ",
    ),
    "gone": (
        lambda folder: (folder / "joint_roles.csv").unlink(),
        "joint_roles: joint_roles.csv: no such file (looked in ",
    ),
    "dated otherwise": (
        lambda folder: rewrite(
            folder,
            "lead_roles.csv",
            [line.replace("-", "/") for line in lines(folder, "lead_roles.csv")],
        ),
        "lead_roles: lead_roles.csv: none of its 64 rows can be used (64 impossible_date in start); row 1, for one: "
        "found "
        "'9999/99/99' (any digit shown as 9, any letter as A), expected a day that exists, such as 2016-03-04",
    ),
    "the key": (
        lambda folder: _write(folder / "demo.key", "secret"),
        "person_key: file demo.key does not hold 64 or more hexadecimal digits",
    ),
}


class TestFiles:
    """A file that cannot be used at all stops the run, with this fault alone: what follows from it is not told."""

    @pytest.mark.parametrize("name", WHOLE_FILES)
    def test_one(self, folder, name):
        spoil, expected = WHOLE_FILES[name]
        spoil(folder)
        (line,) = faults(folder)
        assert line.startswith(expected)

    def test_all_at_once(self, folder):
        for spoil, _ in WHOLE_FILES.values():
            spoil(folder)
        found = faults(folder)
        expected = [said for _, said in WHOLE_FILES.values()]
        assert len(found) == len(expected)
        assert all(any(line.startswith(said) for line in found) for said in expected)

    def test_in_latin_1_and_said_so(self, folder):
        _in_latin_1(folder)
        path = folder / "london-cancer.yaml"
        said = path.read_text().replace("{path: organisations.csv}", "{path: organisations.csv, encoding: latin-1}")
        path.write_text(said)
        names = read(folder).tables[RecordKind.ORGANISATIONS].column("name").to_pylist()
        assert any(name.startswith("Hôpital ") for name in names)

    def test_column_names_alone(self, folder):
        rewrite(folder, "joint_roles.csv", lines(folder, "joint_roles.csv")[:1])
        records = read(folder)
        assert records.read[RecordKind.JOINT_ROLES] == 0
        assert records.rejected_counts() == {}
