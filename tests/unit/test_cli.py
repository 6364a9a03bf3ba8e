"""The commands: what they print, what they refuse, and their exit codes. One whole run by the installed command."""

import csv
import json
import os
import re
import shlex
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import duckdb
import pytest
import typer

import orgnet
from orgnet import cli
from tests.command import ORGNET, Commanded, environment
from tests.command import orgnet as installed

ROOT = Path(__file__).parents[2]
COMMANDS = sorted(typer.main.get_command(cli.app).commands)
DENIED = "Permission Error|only reads|is not a table"


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str


@pytest.fixture
def command(monkeypatch, capsys):
    """A command as `orgnet` would run it, but within this process."""
    monkeypatch.setattr(cli.atexit, "register", lambda function: function)  # it would end this process with it

    def run(*arguments: object) -> Answer:
        monkeypatch.setattr("sys.argv", ["orgnet", *map(str, arguments)])
        with pytest.raises(SystemExit) as leaving:
            cli.main()
        said = capsys.readouterr()
        return Answer(leaving.value.code, said.out, said.err)

    return run


def assert_fault_of_the_user(answer: Answer, *words: str) -> None:
    """Exit code 2; every line on stderr says who speaks; no traceback; nothing on stdout."""
    assert answer.code == 2
    assert answer.out == ""
    assert answer.err and all(line.startswith("orgnet: ") for line in answer.err.splitlines())
    assert "Traceback" not in answer.err
    for word in words:
        assert word in answer.err


class TestHelp:
    def test_these_are_the_commands(self):
        assert {"run", "validate", "scenario", "query", "describe"} <= set(COMMANDS)

    @pytest.mark.parametrize("name", COMMANDS)
    def test_every_command_has_help_with_an_example(self, command, name):
        answer = command(name, "--help")
        assert answer.code == 0
        assert f"Example: orgnet {name} " in answer.out
        assert typer.main.get_command(cli.app).commands[name].help.splitlines()[0] in " ".join(answer.out.split())

    @pytest.mark.parametrize("name", COMMANDS)
    def test_configurations_in_examples_come_with_orgnet(self, name):
        example = typer.main.get_command(cli.app).commands[name].epilog
        for word in shlex.split(example):
            if word.endswith(".yaml"):
                assert (ROOT / word).exists()

    def test_help_lists_every_command(self, command):
        answer = command("--help")
        assert answer.code == 0
        assert all(f" {name} " in answer.out for name in COMMANDS)

    def test_version(self, command):
        assert command("--version") == Answer(0, f"orgnet {orgnet.__version__}\n", "")

    @pytest.mark.parametrize("arguments", [["rum"], ["run"], ["query"], ["scenario", "london-cancer"]])
    def test_a_command_line_that_is_not_understood_is_exit_code_2(self, command, arguments):
        answer = command(*arguments)
        assert answer.code == 2
        assert "Usage: orgnet" in answer.err


class TestConfigurationAtFault:
    """The same for every command that is given a configuration; nothing is started for it."""

    @pytest.fixture(params=["run", "validate"])
    def given(self, request, command, tmp_path):
        def run(text: str | None) -> Answer:
            path = tmp_path / "network.yaml"
            if text is not None:
                path.write_text(text)
            return command(request.param, path)

        return run

    def test_no_such_file(self, given):
        assert_fault_of_the_user(given(None), "network.yaml: no such file")

    def test_the_nearest_file_is_named(self, command, london_cancer):
        answer = command("validate", london_cancer.with_name("london_cancer.yaml"))
        assert_fault_of_the_user(answer, "no such file; did you mean", "london-cancer.yaml?")

    def test_bad_yaml(self, given):
        assert_fault_of_the_user(given("network: [unclosed"), "network.yaml: is not valid YAML", "line 1")

    def test_not_names_and_values(self, given):
        assert_fault_of_the_user(given("just a sentence"), "network.yaml: found ", "expected names and values")

    def test_an_unknown_name_with_the_nearest_known(self, given):
        text = "network: x\nperiod: {start: 2014-01-01, end: 2015-01-01}\nsourecs: {people: {path: p.csv}}\n"
        assert_fault_of_the_user(given(text), "sourecs: is not a known name; did you mean ")

    def test_all_faults_at_once(self, given):
        answer = given(
            "network: x\nperiod: {start: 2015-01-01, end: 2014-01-01}\ntimezone: Europe/Lodnon\nsources: {}\n"
        )
        assert_fault_of_the_user(answer, "Europe/London", "not after its start", "sources")
        assert len(answer.err.splitlines()) >= 3


@pytest.fixture
def copied(london_cancer: Path, tmp_path: Path) -> Path:
    """The scenario, to be spoilt."""
    for path in london_cancer.parent.iterdir():
        os.link(path, tmp_path / path.name)
    return tmp_path / london_cancer.name


def spoil(path: Path, change) -> None:
    """Change the lines of a copied file."""
    lines = path.read_text().splitlines()
    path.unlink()
    path.write_text("\n".join(change(lines)) + "\n")


class TestValidate:
    def test_good_records(self, command, london_cancer):
        answer = command("validate", london_cancer)
        assert answer.code == 0 and answer.err == ""
        lines = [line.split() for line in answer.out.splitlines()]
        assert lines[0] == ["records", "read", "used", "put", "aside", "why"]
        assert ["attendance", "24,136", "24,136", "0"] in lines
        assert ["referrals", "9,199", "9,199", "0"] in lines
        assert [lines[12], lines[-1][:1]] == [[], ["1."]], "one group is small, and nothing else is missing"
        assert len(lines) == 15

    def test_bad_rows_are_counted_by_reason_and_their_places_told(self, command, copied):
        def change(lines: list[str]) -> list[str]:
            lines[3] = lines[3].replace("attended", "was there")
            lines[7] = lines[7].replace("attended", "was there")
            return [*lines[:8], *lines[8:], lines[10]]

        spoil(copied.with_name("attendance.csv"), change)
        answer = command("validate", copied)
        assert answer.code == 0 and answer.err == ""
        (line,) = [line for line in answer.out.splitlines() if line.startswith("attendance ")]
        assert line.split(maxsplit=4) == ["attendance", "24,137", "24,134", "3", "1 duplicate, 2 not_in_vocabulary"]
        assert "put aside: attendance.csv: not_in_vocabulary in status: row 3, 7" in answer.out
        assert "put aside: attendance.csv: duplicate" in answer.out

    def test_what_is_printed_names_no_person(self, command, copied):
        spoil(copied.with_name("attendance.csv"), lambda lines: [*lines, lines[1].replace("attended", "no"), lines[2]])
        said = command("validate", copied).out
        people = copied.with_name("people.csv").read_text().splitlines()[1:]
        assert "put aside: " in said
        assert not [line for line in people if line.split(",")[0] in said]

    def test_many_places_are_cut_short(self, command, copied):
        spoil(
            copied.with_name("attendance.csv"),
            lambda lines: [lines[0], *(line.replace("video", "fax") for line in lines[1:])],
        )
        said = command("validate", copied).out
        assert re.search(
            r"put aside: attendance.csv: not_in_vocabulary in mode: row [\d,]+, [\d,]+, [\d,]+ and [\d,]+ more", said
        )

    def test_columns_not_used_are_named(self, command, copied):
        spoil(
            copied.with_name("people.csv"),
            lambda lines: [f"{line},{'shoe_size' if not n else 42}" for n, line in enumerate(lines)],
        )
        assert "columns not used: people.csv: shoe_size" in command("validate", copied).out

    @pytest.mark.parametrize(
        ("change", "word"),
        [
            (lambda lines: [lines[0].replace("person_id", "who"), *lines[1:]], "'person_id' is missing"),
            (
                lambda lines: [lines[0], *(f"X{line}" for line in lines[1:])],
                "unknown_meeting",
            ),
            (lambda lines: lines[:0], "attendance.csv"),
        ],
        ids=["a column is missing", "no row can be used", "empty"],
    )
    def test_spoilt_records(self, command, copied, change, word):
        spoil(copied.with_name("attendance.csv"), change)
        answer = command("validate", copied)
        assert answer.code == 2
        assert answer.err.startswith("orgnet: attendance: attendance.csv: ") and word in answer.err
        assert "Traceback" not in answer.err
        assert "meetings " in answer.out, "what could be read is counted all the same"

    def test_a_file_that_is_missing(self, command, copied):
        copied.with_name("referrals.parquet").unlink()
        answer = command("validate", copied)
        assert answer.code == 2
        assert "referrals.parquet: no such file" in answer.err

    def test_it_publishes_nothing(self, command, copied):
        before = sorted(path.name for path in copied.parent.iterdir())
        command("validate", copied)
        assert sorted(path.name for path in copied.parent.iterdir()) == before


class TestScenario:
    def test_it_is_valid_and_the_command_it_names_is_short(self, command, monkeypatch, tmp_path):
        monkeypatch.chdir(tmp_path)
        answer = command("scenario", "london-cancer", "--out", "mine")
        assert answer == Answer(0, "wrote the scenario; run it with: orgnet run mine/london-cancer.yaml\n", "")
        assert command("validate", "mine/london-cancer.yaml").code == 0

    def test_another_seed_gives_other_records(self, command, london_cancer, tmp_path):
        command("scenario", "london-cancer", "--out", tmp_path, "--seed", 7)
        assert (tmp_path / "attendance.csv").read_bytes() != london_cancer.with_name("attendance.csv").read_bytes()

    def test_an_unknown_one(self, command, tmp_path):
        answer = command("scenario", "london-cancers", "--out", tmp_path / "x")
        assert_fault_of_the_user(answer, "there is no scenario 'london-cancers'; did you mean london-cancer?")
        assert not (tmp_path / "x").exists()

    def test_a_place_that_cannot_be_written_to(self, command, tmp_path):
        (tmp_path / "file").write_text("")
        assert_fault_of_the_user(command("scenario", "london-cancer", "--out", tmp_path / "file"), "cannot be written")


@pytest.fixture
def ask(command, commanded):
    """A question to the published scenario, and the answer as the lines of a table, or as what `read` makes of it."""

    def question(sql: str, *options: object) -> Answer:
        return command("query", sql, "--network", commanded.out, *options)

    return question


class TestQuery:
    SQL = (
        "SELECT metric, value, status FROM network_metrics "
        "WHERE slice = '2019-02-01/3m' AND layer = 'mdt' AND node_set = 'roster'"
    )

    def test_a_table(self, ask):
        lines = ask(f"{self.SQL} AND metric = 'components'").out.splitlines()
        assert lines[:2] == ["metric      value  status", "----------  -----  ------"]
        assert re.fullmatch(r"components      \d  ok", lines[2])
        assert lines[3:] == ["1 row"]

    def test_csv_and_json_hold_the_same_numbers(self, ask):
        as_csv = list(csv.DictReader(StringIO(ask(self.SQL, "--format", "csv").out)))
        as_json = json.loads(ask(self.SQL, "--format", "json").out)
        assert len(as_csv) == len(as_json) > 3
        for one, two in zip(as_csv, as_json, strict=True):
            assert list(one) == list(two) == ["metric", "value", "status"]
            assert float(one["value"]) == two["value"] if one["value"] else two["value"] is None

    def test_nothing_is_an_answer_too(self, ask):
        assert ask(f"{self.SQL} AND false").out.splitlines()[-1] == "0 rows"
        assert json.loads(ask(f"{self.SQL} AND false", "--format", "json").out) == []
        assert ask(f"{self.SQL} AND false", "--format", "csv").out == "metric,value,status\n"

    @pytest.mark.parametrize(
        ("table", "key", "metric"),
        [
            ("organisation_metrics", "organisation_id", "betweenness"),
            ("pair_metrics", "organisation_id, other_organisation_id", "weight"),
            ("group_metrics", "professional_group, other_group", "acq_breadth"),
            ("network_metrics", "node_set", "density"),
        ],
    )
    def test_wide_views_hold_what_the_long_tables_hold(self, ask, table, key, metric):
        keys = f"slice, slice_start, slice_end, layer, {key}"
        long = f"SELECT {keys}, value FROM {table} WHERE metric = '{metric}' AND value IS NOT NULL"
        wide = f"SELECT {keys}, {metric} AS value FROM {table}_WIDE WHERE {metric} IS NOT NULL"
        answers = [ask(f"{sql} ORDER BY ALL", "--format", "csv") for sql in (long, wide)]
        assert answers[0] == answers[1]
        assert answers[0].code == 0 and len(answers[0].out.splitlines()) > 20

    def test_evidence_keeps_its_structure(self, ask):
        sql = "SELECT evidence FROM indicators WHERE indicator = 'acquaint' AND scope_id = 'surgeon' AND level = 3 LIMIT 1"
        ((evidence,),) = (row.values() for row in json.loads(ask(sql, "--format", "json").out))
        assert [list(measure) for measure in evidence] == [
            ["measure", "value", "operator", "threshold", "met", "n", "coverage"]
        ] * len(evidence)
        assert evidence[0] == {
            **evidence[0],
            "measure": "meet_rate_median",
            "operator": ">=",
            "threshold": 4.0,
            "met": True,
        }
        (row,) = csv.DictReader(StringIO(ask(sql, "--format", "csv").out))
        assert json.loads(row["evidence"]) == evidence
        assert "measure meet_rate_median, value " in ask(sql).out

    def test_evidence_can_be_taken_apart_in_sql(self, ask):
        sql = "SELECT count(*) AS n FROM (SELECT unnest(evidence, recursive := true) FROM indicators) WHERE met"
        ((n,),) = (row.values() for row in json.loads(ask(sql, "--format", "json").out))
        assert n > 100

    def test_json_has_numbers_for_decimals_and_null_for_what_is_no_number(self, ask):
        (row,) = json.loads(
            ask("SELECT 1.5 AS a, 'nan'::DOUBLE AS b, DATE '2016-03-04' AS c, true AS d", "--format", "json").out
        )
        assert row == {"a": 1.5, "b": None, "c": "2016-03-04", "d": True}

    def test_columns_of_one_name_are_told_apart(self, ask):
        assert json.loads(ask("SELECT 1 AS a, 2 AS a", "--format", "json").out) == [{"a": 1, "a_2": 2}]

    @pytest.mark.parametrize(
        "sql", ["SHOW TABLES", "DESCRIBE organisation_metrics_wide", "SUMMARIZE ties", "FROM coverage LIMIT 1"]
    )
    def test_ways_to_look_around(self, ask, sql):
        assert ask(sql).code == 0

    def test_wide_views_are_listed_with_the_tables(self, ask):
        assert "network_metrics_wide" in ask("SHOW TABLES").out

    def test_an_unknown_format(self, ask):
        assert_fault_of_the_user(
            ask("SELECT 1", "--format", "xml"), "--format: found 'xml', expected table, csv, json, parquet"
        )

    @pytest.mark.parametrize(
        ("sql", "words"),
        [
            ("SELEC 1", 'syntax error at or near "SELEC"'),
            ("SELECT * FROM indicator", "'indicator' is not a table; did you mean indicators"),
            ("SELECT * FROM organisation_metrics_wid", "did you mean organisation_metrics_wide"),
            ("SELECT betweennes FROM organisation_metrics_wide", "did you mean betweenness"),
            ("SELECT levl FROM indicators", "did you mean level"),
            ("SELECT 1; SELECT 2", "found SELECT and SELECT, expected one SELECT"),
            ("", "found no question"),
            ("/* only a comment */", "found no question"),
        ],
    )
    def test_sql_at_fault(self, ask, sql, words):
        assert_fault_of_the_user(ask(sql), words)

    def test_rows_put_aside_can_be_asked(self, ask):
        assert ask("SELECT count(*) AS n FROM rejected_records", "--format", "csv").out == "n\n0\n"


class TestQueryReachesNothingElse:
    @pytest.mark.parametrize(
        "sql",
        [
            "SELECT * FROM read_csv('/etc/passwd')",
            "SELECT * FROM '/etc/passwd'",
            "SELECT * FROM read_text('/etc/hostname')",
            "SELECT * FROM glob('/etc/*')",
            "SELECT * FROM read_text('{out}/../secret.txt')",
            "SELECT * FROM read_text('{run}/manifest.json')",
            "COPY ties TO '{tmp}/ties.csv'",
            "COPY (SELECT 1) TO '{run}/new.parquet'",
            "COPY (SELECT 1) TO '{run}/ties.parquet'",
            "EXPLAIN ANALYZE COPY (SELECT 1) TO '{run}/ties.parquet'",
            "EXPORT DATABASE '{tmp}/all'",
            "ATTACH '{tmp}/other.db'",
            "ATTACH '{run}/other.db'",
            "INSTALL httpfs",
            "LOAD httpfs",
            "SET enable_external_access = true",
            "SET threads = 1",
            "CREATE TABLE mine AS SELECT 1",
            "DROP VIEW ties",
            "INSERT INTO ties SELECT * FROM ties",
            "SELECT 1; COPY ties TO '{tmp}/ties.csv'",
        ],
    )
    def test_no_other_file_is_read_and_none_written(self, ask, commanded, tmp_path, sql):
        run = (commanded.out / "current").resolve()
        before = {path: path.read_bytes() for path in run.rglob("*") if path.is_file()}
        (commanded.out.parent / "secret.txt").write_text("do not read this")
        answer = ask(sql.format(out=commanded.out, run=run, tmp=tmp_path))
        assert_fault_of_the_user(answer)
        assert re.search(DENIED, answer.err)
        assert list(tmp_path.iterdir()) == []
        assert {path: path.read_bytes() for path in run.rglob("*") if path.is_file()} == before


class TestFindingTheNetwork:
    def place(self, folder: Path, commanded: Commanded) -> None:
        folder.mkdir(parents=True)
        (folder / "current").symlink_to((commanded.out / "current").resolve())

    @pytest.mark.parametrize("depth", ["", "out", "out/network", "a/b/c"])
    def test_the_only_one_below_is_found(self, command, commanded, monkeypatch, tmp_path, depth):
        self.place(tmp_path / "here" / depth, commanded)
        monkeypatch.chdir(tmp_path / "here")
        assert command("query", "SELECT 1 AS a").out.splitlines()[2].strip() == "1"

    def test_none(self, command, monkeypatch, tmp_path):
        monkeypatch.chdir(tmp_path)
        assert_fault_of_the_user(command("query", "SELECT 1"), "found no published network here", "--network DIR")

    def test_several(self, command, commanded, monkeypatch, tmp_path):
        self.place(tmp_path / "out" / "one", commanded)
        self.place(tmp_path / "out" / "two", commanded)
        monkeypatch.chdir(tmp_path)
        assert_fault_of_the_user(command("query", "SELECT 1"), "found several networks here (out/one, out/two)")
        assert command("query", "SELECT 1", "--network", "out/two").code == 0

    def test_a_folder_without_results(self, command, tmp_path):
        assert_fault_of_the_user(command("query", "SELECT 1", "--network", tmp_path), "no run has published there")

    def test_one_run_by_its_own_folder(self, command, commanded):
        (run,) = (commanded.out / "runs").iterdir()
        assert command("query", "SELECT 1", "--network", run).code == 0


class TestDescribe:
    def test_nothing_lists_the_tables_and_their_metrics(self, command):
        answer = command("describe")
        assert answer.code == 0
        for word in ("ties", "organisation_metrics", "betweenness", "acq_breadth", "acquaint", "orgnet describe NAME"):
            assert word in answer.out

    def test_a_table(self, command):
        lines = command("describe", "pair_metrics").out.splitlines()
        assert lines[0] == "pair_metrics: One metric of a pair of organisations, in one layer and slice."
        assert "slice_start, layer, organisation_id, other_organisation_id, metric" in lines[1]
        assert any(line.startswith("  window_start ") and "[date]" in line for line in lines)
        assert any(line.startswith("  reciprocity ") for line in lines)

    def test_a_column(self, command):
        lines = command("describe", "n_people").out.splitlines()
        assert lines[0] == (
            "n_people: column of group_metrics, indicators, survival, survey_scores, maturity_matrix, people_behind"
        )
        assert "  unit: people" in lines and "  type: int64" in lines

    def test_a_metric(self, command):
        lines = command("describe", "density").out.splitlines()
        assert lines[0] == "density: metric of network_metrics"
        assert "  range: 0 to 1" in lines
        for fact in ("formula", "unit", "layers", "no value when", "source"):
            assert any(line.startswith(f"  {fact}: ") for line in lines), fact

    def test_a_name_that_is_a_column_and_a_metric(self, command):
        said = command("describe", "weight").out
        assert "weight: column of ties" in said and "weight: metric of pair_metrics" in said

    def test_an_indicator(self, command):
        lines = command("describe", "acquaint").out.splitlines()
        assert lines[0] == "acquaint: Mutual acquaintanceship, one of D'Amour's ten indicators"
        assert "  what ties can say: ties show it" in lines
        assert any(line.startswith("    level 3 if meet_rate_median >= 4") for line in lines)

    @pytest.mark.parametrize(
        ("name", "near"),
        [("betweennes", "betweenness"), ("Density", "density"), ("tiess", "ties"), ("acquant", "acquaint")],
    )
    def test_an_unknown_name_with_the_nearest(self, command, name, near):
        assert_fault_of_the_user(command("describe", name), f"{name!r} is not a table", "did you mean", near)

    def test_a_name_that_is_near_none(self, command):
        assert_fault_of_the_user(command("describe", "zzzz"), "`orgnet describe` lists them")


class TestFaultOfOurs:
    @pytest.fixture
    def broken(self, monkeypatch):
        def fail(config: object) -> None:
            raise RuntimeError("a cog\nis loose")

        monkeypatch.setattr("orgnet.records.read.read_records", fail)

    def test_it_is_exit_code_1_and_one_line(self, command, broken, london_cancer):
        answer = command("validate", london_cancer)
        assert answer.code == 1
        assert answer.out == ""
        assert answer.err == (
            "orgnet: a fault of orgnet's own: RuntimeError: a cog is loose (ORGNET_TRACEBACK=1 tells where)\n"
        )

    def test_where_is_told_when_asked(self, command, broken, london_cancer, monkeypatch):
        monkeypatch.setenv("ORGNET_TRACEBACK", "1")
        answer = command("validate", london_cancer)
        assert answer.code == 1
        assert "Traceback" in answer.err and "in fail" in answer.err


class TestRun:
    """One whole run by the installed command, in a folder with a `pipelines` of its own."""

    def test_it_is_done(self, commanded):
        assert commanded.code == 0, commanded.progress

    def test_progress_follows_the_path_of_the_data(self, commanded):
        stages = [line.split()[0] for line in commanded.progress.splitlines()]
        expected = ["records", "ties", "slices", "plan", "metrics", "indicators", "sensitivity", "change", "publish"]
        assert list(dict.fromkeys(stages)) == expected
        assert stages.count("metrics") > 2

    def test_the_summary_counts_records_by_kind(self, commanded):
        lines = [line.split() for line in commanded.said.splitlines()]
        assert ["attendance", "24,136", "24,136", "0"] in lines

    def test_the_summary_shows_the_ten_indicators_in_the_models_order(self, commanded):
        known = [
            "goals",
            "client",
            "acquaint",
            "trust",
            "centrality",
            "leadership",
            "innovation",
            "connect",
            "formal",
            "infoex",
        ]
        lines = [line.split() for line in commanded.said.splitlines() if line.strip()]
        assert [words[0] for words in lines if words[0] in known] == known
        assert any(words[:3] == ["acquaint", "2", "assessed"] for words in lines)

    def test_the_summary_counts_slices_and_rows(self, commanded):
        assert "london-cancer: 20 slices, 2014-05-01/3m to 2019-02-01/3m" in commanded.said
        (line,) = [line for line in commanded.said.splitlines() if line.startswith("rows by table: ")]
        assert "ties 6,211" in line.removeprefix("rows by table: ").split(", ")

    def test_the_results_are_where_it_says_in_words_short_enough_to_type(self, commanded):
        (line,) = [line for line in commanded.said.splitlines() if line.startswith("results: ")]
        (told,) = shlex.split(line.removeprefix("results: "))
        assert not Path(told).is_absolute()
        assert commanded.folder / told == (commanded.out / "current").resolve()

    def test_the_question_it_proposes_has_an_answer(self, commanded):
        (line,) = [line for line in commanded.said.splitlines() if line.startswith("ask them: ")]
        program, *arguments = shlex.split(line.removeprefix("ask them: "))
        assert program == "orgnet"
        found = installed(*arguments, folder=commanded.folder)
        assert found.returncode == 0, found.stderr
        assert "surgeon" in found.stdout and found.stdout.splitlines()[-1].endswith("rows")

    def test_nobody_is_named(self, commanded, london_cancer):
        people = london_cancer.with_name("people.csv").read_text().splitlines()[1:]
        said = commanded.said + commanded.progress
        assert not [line for line in people if line.split(",")[0] in said]

    def test_the_folder_it_ran_in_was_not_searched_for_code(self, commanded):
        assert (commanded.folder / "pipelines.py").exists()
        assert not list(commanded.folder.rglob("__pycache__"))


class TestInstalledCommand:
    """What only a process of its own can show."""

    def test_exit_codes_and_channels(self, commanded, tmp_path):
        good = installed("query", "SELECT 1 AS a", "--network", commanded.out, "--format", "csv", folder=tmp_path)
        assert (good.returncode, good.stdout, good.stderr) == (0, "a\n1\n", "")
        bad = installed("run", "nowhere.yaml", folder=tmp_path)
        assert (bad.returncode, bad.stdout) == (2, "")
        assert bad.stderr == "orgnet: nowhere.yaml: no such file\n"

    def test_a_reader_that_has_had_enough_is_no_fault(self, commanded, tmp_path):
        arguments = [ORGNET, "query", "SELECT * FROM ties", "--network", commanded.out]
        with subprocess.Popen(
            arguments, cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            process.stdout.readline()
            process.stdout.close()
            assert process.stderr.read() == ""

    def test_the_folder_it_is_called_from_is_not_on_the_path(self, tmp_path):
        (tmp_path / "orgnet.py").write_text("raise RuntimeError('not this one')\n")
        (tmp_path / "typer.py").write_text("raise RuntimeError('nor this one')\n")
        assert installed("--version", folder=tmp_path).stdout == f"orgnet {orgnet.__version__}\n"


class TestStopped:
    """A run that is stopped ends at once, and leaves neither results nor processes behind."""

    @pytest.fixture
    def started(self, commanded, london_cancer, tmp_path):
        """A run of its own, in a session of its own, as a terminal gives to what is started in it."""
        with (tmp_path / "said").open("w") as said:
            process = subprocess.Popen(
                [ORGNET, "run", london_cancer, "--out", tmp_path / "out"],
                env=environment(PREFECT_HOME=str(commanded.folder / "prefect")),
                stdout=said,
                stderr=said,
                start_new_session=True,
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 (a background job ignores it)
            )
        yield process
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def wait_for(self, sign, process: subprocess.Popen) -> None:
        while not sign() and process.poll() is None:
            time.sleep(0.05)
        assert process.poll() is None, "it ended before it could be stopped"

    def test_by_ctrl_c_which_reaches_every_process(self, started, tmp_path):
        self.wait_for(lambda: "records " in (tmp_path / "said").read_text(), started)
        os.killpg(started.pid, signal.SIGINT)
        assert started.wait(60) == 130
        said = (tmp_path / "said").read_text()
        assert said.endswith("orgnet: interrupted; the last results published stay as they were\n")
        assert "Traceback" not in said
        assert processes_of(started.pid) == []
        assert not (tmp_path / "out").exists()

    @pytest.fixture
    def signals(self):
        """As a terminal's process has them, and after the test as they were."""
        numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before = [signal.getsignal(number) for number in numbers]
        signal.signal(signal.SIGINT, signal.default_int_handler)
        yield
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)

    @pytest.mark.parametrize("of_its_own", [True, False], ids=["as Prefect does", "as DuckDB does"])
    def test_by_ctrl_c_that_comes_up_as_another_error(self, of_its_own, signals, london_cancer, monkeypatch, capsys):
        """Prefect may not be able to say how the run ended; a library makes an error of its own of what it met."""

        def interrupted(*_):
            try:
                signal.raise_signal(signal.SIGINT)
            except KeyboardInterrupt as error:
                if of_its_own:
                    raise ConnectionError("all attempts failed") from error
            raise duckdb.InvalidInputException("reading failed")

        monkeypatch.setattr(cli, "_run_watched", interrupted)
        with pytest.raises(KeyboardInterrupt):
            cli.run(london_cancer)
        assert capsys.readouterr().err == "orgnet: interrupted; the last results published stay as they were\n"

    def test_any_other_error_is_its_own(self, signals, london_cancer, monkeypatch, capsys):
        monkeypatch.setattr(cli, "_run_watched", lambda *_: (_ for _ in ()).throw(ConnectionError("no server")))
        with pytest.raises(ConnectionError):
            cli.run(london_cancer)
        assert "interrupted" not in capsys.readouterr().err

    def test_by_kill_which_reaches_the_first_process_only(self, started, tmp_path):
        self.wait_for(lambda: any("uvicorn" in line for line in processes_of(started.pid, patience=0)), started)
        started.terminate()
        assert started.wait(60) == 143
        assert (tmp_path / "said").read_text() == ""
        assert processes_of(started.pid) == [], "Prefect's server ends with the run"
        assert not (tmp_path / "out").exists()


def processes_of(session: int, patience: float = 5) -> list[str]:
    """The processes of a session that are still at work, given some seconds to end."""
    until = time.monotonic() + patience
    while (found := list(_at_work(session))) and time.monotonic() < until:
        time.sleep(0.1)
    return found


def _at_work(session: int) -> Iterator[str]:
    """The command of each process of a session, except of those that have ended and wait to be counted."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, _, _, its_session = (folder / "stat").read_text().rpartition(")")[2].split()[:4]
            if int(its_session) == session and state != "Z":
                yield (folder / "cmdline").read_text().replace("\0", " ")
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended as it was looked at
