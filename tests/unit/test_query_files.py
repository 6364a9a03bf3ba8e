"""`orgnet query`: answers as files, all published runs at once, and the wide views of metrics and indicators."""

import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import orgnet
from orgnet.origins import origins
from orgnet.query import ask
from orgnet.vocabulary import Indicator
from orgnet.wide import WIDE
from tests.command import Commanded
from tests.published import Drawn, publish
from tests.unit.test_cli import assert_fault_of_the_user, command  # noqa: F401

LATER = "20210304T050607.891Z-feedfacefeedface"


@pytest.fixture
def network(tmp_path: Path) -> Path:
    """Two runs; the older lacks a column and a table that the newer has, and a third was never finished."""
    out = publish(Drawn([["a", "b"]] * 2, {"meetings": [{("a", "b"): 1.0}] * 2}), tmp_path / "net")
    older = (out / "current").resolve()
    newer = out / "runs" / LATER
    shutil.copytree(older, newer)
    ties = pq.read_table(older / "ties.parquet")
    pq.write_table(ties.drop_columns(["people"]), older / "ties.parquet")
    (older / "coverage.parquet").unlink()
    unfinished = out / "runs" / ".unfinished-20220101T000000.000Z-0"
    shutil.copytree(newer, unfinished)
    without = out / "runs" / "20220101T000000.000Z-1"
    shutil.copytree(newer, without)
    (without / "manifest.json").unlink()
    return out


@pytest.fixture
def ask_it(command: Any, network: Path) -> Any:  # noqa: F811
    return lambda sql, *options: command("query", sql, "--network", network, *options)


class TestAllRuns:
    def test_every_row_says_its_run_and_columns_go_by_name(self, ask_it: Any) -> None:
        answer = ask_it(
            "SELECT run_id, run_started, slice, people FROM ties ORDER BY ALL", "--all-runs", "--format", "json"
        )
        rows = json.loads(answer.out)
        assert [(row["run_id"][:4], row["people"]) for row in rows] == [("2020", None)] * 2 + [("2021", 2)] * 2
        assert rows[-1]["run_id"] == LATER and rows[-1]["run_started"] == "2021-03-04 05:06:07.891000"

    def test_the_two_columns_come_first(self, ask_it: Any) -> None:
        assert ask_it("FROM ties", "--all-runs", "--format", "csv").out.startswith("run_id,run_started,slice,")

    def test_a_table_that_only_one_run_has(self, ask_it: Any) -> None:
        found = ask_it("SELECT count(*) AS n FROM ties", "--all-runs", "--format", "csv")
        assert found.out == "n\n4\n"
        listed = ask_it("SHOW TABLES", "--all-runs").out
        assert "coverage" in listed and "network_metrics_wide" in listed

    def test_wide_views_have_a_row_per_run(self, ask_it: Any) -> None:
        sql = "SELECT run_id, slice, organisation_id, degree FROM organisation_metrics_wide"
        rows = json.loads(ask_it(sql, "--all-runs", "--format", "json").out)
        assert len(rows) == 8 and {row["degree"] for row in rows} == {1.0}

    def test_the_newest_alone_without_the_option(self, ask_it: Any) -> None:
        assert_fault_of_the_user(ask_it("SELECT run_id FROM ties"), "run_id")

    def test_one_run_is_not_all(self, command: Any, network: Path) -> None:  # noqa: F811
        one = command("query", "SELECT 1", "--network", network / "runs" / LATER, "--all-runs")
        assert_fault_of_the_user(one, "is one run", "the network's own folder")
        assert_fault_of_the_user(
            command("query", "SELECT 1", "--network", network / "runs", "--all-runs"), "no run has"
        )

    def test_the_only_network_here(self, command: Any, network: Path, monkeypatch: Any) -> None:  # noqa: F811
        monkeypatch.chdir(network.parent)
        assert command("query", "SELECT count(*) AS n FROM ties", "--all-runs", "--format", "csv").out == "n\n4\n"

    @pytest.mark.parametrize(
        "sql", ["SELECT * FROM '{run}/manifest.json'", "SET threads = 1", "COPY ties TO '{run}/t.csv'"]
    )
    def test_nothing_else_can_be_reached(self, ask_it: Any, network: Path, sql: str) -> None:
        before = sorted(network.rglob("*"))
        assert_fault_of_the_user(ask_it(sql.format(run=network / "runs" / LATER), "--all-runs"))
        assert sorted(network.rglob("*")) == before

    def test_rows_put_aside_are_offered_as_they_are_of_one_run(self, command: Any, commanded: Commanded) -> None:  # noqa: F811
        sql = "SELECT count(*) AS n FROM rejected_records"
        assert command("query", sql, "--network", commanded.out, "--all-runs", "--format", "csv").out == "n\n0\n"


class TestFiles:
    SQL = "SELECT slice, slice_start, directed, weight AS w, events, sum(events) OVER () AS all_events FROM ties"

    def test_parquet_keeps_types_units_and_meanings(self, ask_it: Any, tmp_path: Path) -> None:
        answer = ask_it(self.SQL, "--out", tmp_path / "a.parquet")
        assert answer.code == 0 and answer.out.endswith(
            "a.parquet: 2 rows, 6 columns; without unit and meaning, as the question makes them: all_events\n"
        )
        rows = pq.read_table(tmp_path / "a.parquet")
        assert [str(field.type) for field in rows.schema] == [
            "string",
            "date32[day]",
            "bool",
            "double",
            "int64",
            "int64",
        ]
        assert rows.schema.field("w").metadata[b"meaning"].startswith(b"Strength of the tie")
        assert rows.schema.field("events").metadata[b"unit"] == b"events"
        assert rows.schema.field("all_events").metadata is None
        assert rows.schema.metadata[b"orgnet.sql"] == self.SQL.encode()

    def test_it_says_which_results_it_is_of(self, ask_it: Any, network: Path, tmp_path: Path) -> None:
        ask_it("FROM ties", "--out", tmp_path / "a.parquet")
        manifest = json.loads((network / "current" / "manifest.json").read_text())
        assert pq.read_schema(tmp_path / "a.parquet").metadata[b"orgnet.run"] == manifest["content_id"].encode()

    @pytest.mark.parametrize("format", ["csv", "json"])
    def test_other_files_hold_what_would_be_printed(self, ask_it: Any, tmp_path: Path, format: str) -> None:
        assert ask_it(self.SQL, "--out", tmp_path / f"a.{format}").code == 0
        assert (tmp_path / f"a.{format}").read_text() == ask_it(self.SQL, "--format", format).out

    def test_equal_questions_give_equal_files(self, ask_it: Any, tmp_path: Path) -> None:
        for name in ("a", "b"):
            ask_it(self.SQL, "--out", tmp_path / f"{name}.parquet")
        assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()

    @pytest.mark.parametrize(
        ("options", "words"),
        [
            (["--format", "parquet"], "found parquet without --out"),
            (["--out", "a.xls"], "expected a name that ends in .csv, .json or .parquet"),
            (["--out", "a.parquet", "--format", "csv"], "found a.parquet with --format csv"),
            (["--out", "a.txt", "--format", "table"], "found table with --out"),
            (["--out", "net/a.csv"], "where results are published"),
            (["--out", f"net/runs/{LATER}/ties.parquet", "--replace"], "where results are published"),
            (["--out", "net/current/ties.parquet", "--replace"], "where results are published"),
            (["--out", "there.csv"], "is there already; give another name, or --replace"),
            (["--format", "parket"], "did you mean parquet"),
        ],
    )
    def test_what_is_refused(
        self, ask_it: Any, tmp_path: Path, monkeypatch: Any, options: list[str], words: str
    ) -> None:
        monkeypatch.chdir(tmp_path)
        (tmp_path / "there.csv").write_text("mine")
        before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
        assert_fault_of_the_user(ask_it("FROM ties", *options), words)
        assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before

    def test_what_is_restricted_stays_so(self, ask_it: Any, network: Path, tmp_path: Path) -> None:
        run = (network / "current").resolve()
        pq.write_table(pa.table({"row": [1]}), run / "restricted" / "rejected_records.parquet")
        said = ask_it("FROM rejected_records", "--out", tmp_path / "a.csv").out
        assert said.endswith("a.csv: 1 row, 1 column; from rejected_records, which is restricted: do not share\n")
        every = ask_it("SELECT run_id, row FROM rejected_records", "--all-runs", "--format", "csv").out
        assert every == f"run_id,row\n{run.name},1\n"

    def test_a_question_at_fault_leaves_what_is_there(self, ask_it: Any, tmp_path: Path) -> None:
        (tmp_path / "a.parquet").write_text("mine")
        assert_fault_of_the_user(
            ask_it("SELECT interval 1 day AS i", "--out", tmp_path / "a.parquet", "--replace"), "cast it"
        )
        assert_fault_of_the_user(ask_it("SELEC", "--out", tmp_path / "a.parquet", "--replace"), "syntax error")
        assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["a.parquet"]
        assert (tmp_path / "a.parquet").read_text() == "mine"


@pytest.mark.parametrize(
    ("sql", "straight"),
    [
        ("SELECT events AS n, weight * 2 AS weight FROM ties", {"n"}),
        ("SELECT avg(weight) AS weight FROM ties", set()),
        ("FROM ties", {"weight", "events"}),
        ("SELECT * REPLACE (0 AS weight) FROM ties", set()),
        (
            "SELECT t.weight, u.value FROM ties t JOIN organisation_metrics u ON u.organisation_id = t.source_id",
            {"weight"},
        ),
        ("SELECT weight FROM (SELECT 1 AS weight FROM ties)", set()),
        ("WITH ties AS (SELECT 1 AS weight) SELECT weight FROM ties", set()),
        ("SELECT weight FROM ties UNION SELECT 1", set()),
        ("SELECT betweenness AS b FROM organisation_metrics_wide", {"b"}),
        ("SELECT acquaint, acquaint_status FROM indicators_wide", {"acquaint", "acquaint_status"}),
    ],
)
def test_only_what_comes_straight_from_a_table_is_said_to(sql: str, straight: set[str]) -> None:
    columns = ["n", "weight", "events", "b", "acquaint", "acquaint_status"]
    assert set(origins(sql, columns)) == straight


class TestWideIndicators:
    @pytest.fixture(scope="class")
    @classmethod
    def wide(cls, commanded: Commanded) -> pd.DataFrame:
        return orgnet.open(commanded.out).wide("indicators")

    def test_one_row_for_each_slice_and_scope_and_the_ten_in_order(self, wide: pd.DataFrame) -> None:
        assert list(wide.columns[:5]) == list(WIDE["indicators"].keys)
        assert list(wide.columns[5:]) == [*Indicator, *(f"{name}_status" for name in Indicator)]
        assert not wide.duplicated(["slice", "scope_type", "scope_id"]).any()

    def test_no_level_without_assessment(self, wide: pd.DataFrame) -> None:
        for name in Indicator:
            assert wide[name].notna().equals(wide[f"{name}_status"] == "assessed")

    def test_they_are_those_of_the_long_table_here_and_in_sql(self, wide: pd.DataFrame, commanded: Commanded) -> None:
        long = orgnet.open(commanded.out).table("indicators")
        found = ask("SELECT * FROM indicators_wide", commanded.out / "current")
        assert found.columns == list(wide.columns) and len(found.rows) == len(wide)
        for name in Indicator:
            levels = long[long["indicator"] == name].set_index(["slice", "scope_type", "scope_id"])["level"].dropna()
            here = wide.set_index(["slice", "scope_type", "scope_id"])[name].dropna()
            assert here.astype(int).to_dict() == levels.astype(int).to_dict()
            at = found.columns.index(name)
            there = {(row[0], row[3], row[4]): row[at] for row in found.rows if row[at] is not None}
            assert there == levels.astype(int).to_dict()


def test_tables_are_arrow_where_asked(network: Path) -> None:
    from orgnet.query import ask_for_arrow

    rows = ask_for_arrow("SELECT 1 AS a, 2 AS a FROM ties", network / "current")
    assert isinstance(rows, pa.Table) and rows.column_names == ["a", "a_2"]
