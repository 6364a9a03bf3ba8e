"""The history of a network's runs, told from manifests that are whole, old or damaged."""

import json
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from orgnet import cli
from orgnet.errors import InputFault
from orgnet.folders import runs
from orgnet.history import COLUMNS, history
from tests.command import orgnet

MANIFEST: dict[str, Any] = {
    "content_id": "aa",
    "started": "2026-01-01T02:00:00.000+00:00",
    "finished": "2026-01-01T02:01:30.500+00:00",
    "package": {"name": "interorgnet", "version": "0.1.0"},
    "python": "3.11.7",
    "libraries": {"duckdb": "2.0.0"},
    "configuration": {"network": "test", "slices": {"every": "quarter"}, "out": "out"},
    "indicators": {"acquaint": {"threshold": 1}},
    "inputs": [{"record_kind": "attendance", "path": "a.csv", "sha256": "1", "rows": 10}],
    "records": {
        "read": {"attendance": 10, "people": 5},
        "rejected": {"attendance": {"duplicate": 2, "bad_date": 1}},
        "by_slice": {"attendance": {"2025-Q1": 3, "2025-Q2": 4, "2025-Q3": 5}},
        "digests": {"attendance": {"2025-Q1": "1", "2025-Q2": "2", "2025-Q3": "3"}},
    },
    "quality": [],
}

Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def published(tmp_path: Path) -> Callable[..., list[dict[str, Any]]]:
    """Publish runs whose manifests are changed each from the one before, and tell their history."""

    def publish(*changes: Change) -> list[dict[str, Any]]:
        manifest = json.loads(json.dumps(MANIFEST))
        begin = datetime(2026, 1, 1, 2)
        for number, change in enumerate([lambda _: None, *changes]):
            change(manifest)
            folder = tmp_path / "runs" / f"{begin + timedelta(days=number):%Y%m%dT%H%M%S.000}Z-{'0' * 16}"
            folder.mkdir(parents=True)
            (folder / "manifest.json").write_text(json.dumps(manifest))
        (tmp_path / "current").symlink_to(Path("runs") / folder.name)
        answer = history(tmp_path)
        return [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]

    return publish


def nothing(manifest: dict[str, Any]) -> None:
    """Leave a manifest as it is."""


def more_records(manifest: dict[str, Any]) -> None:
    manifest["inputs"][0] |= {"sha256": "2", "rows": 12}
    manifest["records"]["by_slice"]["attendance"]["2025-Q3"] = 7
    manifest["records"]["digests"]["attendance"]["2025-Q3"] = "33"
    manifest["content_id"] = "bb"


def test_the_first_run_stands_by_itself(published):
    (row,) = published()
    assert row["current"] is True
    assert (row["finished"], row["seconds"]) == ("2026-01-01 02:01:30+00:00", 90.5)
    assert (row["read"], row["put_aside"]) == (15, 3)
    assert row["marks"] == []
    assert [row[name] for name in ("results", "settings", "versions", "inputs", "records", "fault")] == [None] * 6


def test_the_newest_is_last_and_says_that_nothing_has_changed(published):
    old, new = published(nothing)
    assert old["run_id"] < new["run_id"]
    assert (old["current"], new["current"]) == (False, True)
    assert new["results"] == "same"
    assert [new[name] for name in ("settings", "versions", "inputs", "records")] == [[], [], [], []]


def test_other_records_are_told_by_file_kind_and_slice(published):
    row = published(more_records)[-1]
    assert row["results"] == "other"
    assert row["inputs"] == ["a.csv changed"]
    assert row["records"] == ["attendance of 2025-Q3: 2 records more (5 -> 7)"]


def test_of_many_slices_only_their_number(published):
    def corrected(manifest: dict[str, Any]) -> None:
        manifest["records"]["digests"]["attendance"] = dict.fromkeys(["2025-Q1", "2025-Q2", "2025-Q3"], "x")

    assert published(corrected)[-1]["records"] == ["attendance: other records in 3 slices"]


def test_it_is_the_run_before_that_counts(published):
    assert [row["inputs"] for row in published(more_records, nothing)] == [None, ["a.csv changed"], []]


@pytest.mark.parametrize(
    ("change", "column", "expected"),
    [
        (lambda m: m["configuration"]["slices"].update(every="month"), "settings", ["slices.every"]),
        (lambda m: m["indicators"]["acquaint"].update(threshold=2), "settings", ["acquaint.threshold"]),
        (lambda m: m["package"].update(version="0.2.0"), "versions", ["orgnet 0.1.0 -> 0.2.0"]),
        (lambda m: m["libraries"].update(duckdb="2.1"), "versions", ["duckdb 2.0.0 -> 2.1"]),
        (lambda m: m.update(python="3.12.0"), "versions", ["python 3.11.7 -> 3.12.0"]),
        (lambda m: m["inputs"].clear(), "inputs", ["a.csv gone"]),
    ],
)
def test_what_has_changed(published, change, column, expected):
    assert published(change)[-1][column] == expected


def test_marks(published):
    mark = {"gate": "organisation_drop", "record_kind": "referrals", "organisation_id": "ZP06", "slice": "2025-Q3"}
    row = published(lambda m: m["quality"].append(mark))[-1]
    assert row["marks"] == ["referrals organisation_drop ZP06 2025-Q3"]


class TestOldAndDamaged:
    @pytest.mark.parametrize("content", ["", "{", "[]", '"text"'])
    def test_a_manifest_that_cannot_be_read_is_told_in_its_row(self, published, tmp_path, content):
        published(nothing, nothing)
        (tmp_path / "runs" / runs(tmp_path)[1] / "manifest.json").write_text(content)
        first, damaged, last = history(tmp_path).rows
        fault = list(COLUMNS).index("fault")
        assert damaged[fault].startswith("manifest.json: is damaged")
        assert first[fault] is None and last[fault] is None
        assert last[list(COLUMNS).index("results")] == "same", "it is set against the last one that can be read"

    def test_one_that_does_not_say_all_says_what_is_missing(self, published):
        def old(manifest: dict[str, Any]) -> None:
            del manifest["records"]["by_slice"], manifest["quality"], manifest["finished"]

        row = published(old)[-1]
        assert row["fault"] == "its manifest, or the one before, does not tell: finished, seconds, records"
        assert (row["read"], row["results"], row["marks"]) == (15, "same", [])

    @pytest.mark.parametrize("name", MANIFEST)
    @pytest.mark.parametrize("value", [None, 3, "text", [], {}, [3], {"a": 3}])
    def test_no_part_that_is_something_else_stops_it(self, published, name, value):
        assert len(published(lambda m: m.update({name: value}), nothing)) == 3


class TestCommand:
    def test_as_table_csv_and_json(self, published, tmp_path, capsys):
        published(more_records, nothing)
        cli.runs(tmp_path, last=2, format="json")
        rows = json.loads(capsys.readouterr().out)
        assert [row["run_id"] for row in rows] == runs(tmp_path)[1:]
        assert rows[0]["inputs"] == ["a.csv changed"]
        cli.runs(tmp_path)
        assert capsys.readouterr().out.endswith("3 rows\n")
        cli.runs(tmp_path, format="csv")
        assert capsys.readouterr().out.splitlines()[0] == ",".join(COLUMNS)

    def test_what_is_not_known_is_a_fault(self, tmp_path):
        with pytest.raises(InputFault, match="--format: found 'xml'"):
            cli.runs(tmp_path, format="xml")
        with pytest.raises(InputFault, match="no run has published there"):
            cli.runs(tmp_path)

    def test_it_loads_nothing_that_takes_long(self, published, tmp_path):
        published(nothing)
        code = (
            "import sys; from pathlib import Path; from orgnet import cli; cli.runs(Path(sys.argv[1])); "
            "print([name for name in ('prefect', 'pandas', 'numpy', 'pyarrow', 'duckdb', 'igraph', 'pydantic', 'scipy') "
            "if name in sys.modules])"
        )
        import subprocess

        found = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, text=True, check=True)
        assert found.stdout.splitlines()[-1] == "[]"

    def test_installed(self, published, tmp_path):
        published(nothing)
        found = orgnet("runs", tmp_path, "--last", 1, folder=tmp_path)
        assert (found.returncode, found.stderr) == (0, "")
        assert runs(tmp_path)[1] in found.stdout and runs(tmp_path)[0] not in found.stdout
