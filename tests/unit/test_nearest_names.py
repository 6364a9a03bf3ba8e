"""Every place where somebody types a name: one that is nearly right is told the name that was meant."""

import re

import pytest

from tests.feeds import ATTENDANCE, MEETINGS, ORGANISATIONS, PEOPLE, write
from tests.unit import test_cli

command = test_cli.command


class TestCommandLine:
    @pytest.mark.parametrize(
        ("typed", "meant"),
        [
            (["rum"], "run"),
            (["validat"], "validate"),
            (["run", "--wiat", "3"], "--wait"),
            (["scenario", "london-cancr", "--out", "x"], "london-cancer"),
            (["scenario", "london-cancer", "--out", "x", "--variant", "no-covrage"], "no-coverage"),
            (["query", "SELECT 1", "--format", "jsn"], "json"),
            (["runs", "x", "--format", "cvs"], "csv"),
            (["describe", "acq_bredth"], "acq_breadth"),
            (["describe", "atendance"], "attendance"),
            (["describe", "indicatrs"], "indicators"),
        ],
    )
    def test_commands_options_and_words(self, command, typed, meant):
        answer = command(*typed)
        assert answer.code == 2
        assert re.search(rf"(?i)(did you mean|possible options).*{meant}\b", " ".join(answer.err.split())), answer.err


class TestPublished:
    @pytest.mark.parametrize(
        ("typed", "meant"),
        [
            (["query", "SELECT leve FROM indicators", "--network"], "level"),
            (["query", "SELECT i.leve FROM indicators i", "--network"], "level"),
            (["query", "SELECT acq_bredth FROM group_metrics_wide", "--network"], "acq_breadth"),
            (["query", "SELECT * FROM indicatrs", "--network"], "indicators"),
            (["explain", "--indicator", "aquaint"], "acquaint"),
            (["explain", "--indicator", "acquaint", "--group", "surgon"], "surgeon"),
            (["explain", "--indicator", "acquaint", "--slice", "2018-0501"], "2018-05-01/3m"),
            (["explain", "--indicator", "infoex", "--organisation", "ZP001"], "ZP01"),
            (["explain", "--indicator", "goals", "--organisations", "locl"], "local"),
            (["export", "--out", "x", "--as", "graphlm"], "graphml"),
            (["export", "--out", "x", "--as", "graphml", "--layer", "metings"], "meetings"),
            (["export", "--out", "x", "--as", "graphml", "--node-set", "rooster"], "roster"),
            (["export", "--out", "x", "--as", "graphml", "--metric", "degre"], "degree"),
            (["export", "--out", "x", "--as", "tergm", "--time", "dayz"], "days"),
            (["compare", "--before", "prre", "--after", "post"], "pre"),
            (["compare", "--runs", "curent..current"], "current"),
            (["compare", "--runs", "previos.."], "previous"),
            (["compare", "--runs", "current..current", "--table", "indicatrs"], "indicators"),
            (["compare", "--runs", "current..current", "--metric", "densty"], "density"),
        ],
    )
    def test_tables_columns_metrics_and_scopes(self, command, commanded, tmp_path, monkeypatch, typed, meant):
        monkeypatch.chdir(tmp_path)
        name, *options = typed
        given = [name, *options, commanded.out] if options[-1] == "--network" else [name, commanded.out, *options]
        answer = command(*given)
        assert answer.code == 2
        assert re.search(rf"did you mean .*\b{meant}\b", answer.err), answer.err

    def test_a_value_in_the_quotes_of_a_column(self, command, commanded):
        """As in a spreadsheet's formula."""
        answer = command("query", 'SELECT * FROM indicators WHERE indicator = "acquaint"', "--network", commanded.out)
        assert answer.code == 2
        assert (
            "'acquaint' is not a column there; if it is a value, it stands in single quotes: 'acquaint'" in answer.err
        )

    def test_a_run(self, command, commanded):
        (run,) = (path.name for path in (commanded.out / "runs").iterdir())
        answer = command("verify", commanded.out, run[:-1])
        assert answer.code == 2 and f"did you mean {run}?" in answer.err

    def test_a_metric_that_is_only_quoted_finds_nothing_and_is_told(self, command, commanded):
        sql = "SELECT * FROM group_metrics WHERE metric = 'acq_bredth'"
        answer = command("query", sql, "--network", commanded.out)
        assert answer.code == 0 and "0 rows" in answer.out
        assert "'acq_bredth' is no metric or indicator; did you mean acq_breadth" in answer.err
        right = command("query", sql.replace("bredth", "breadth") + " AND slice = 'x'", "--network", commanded.out)
        assert right.err == ""


class TestConfigurationAndRecords:
    @pytest.mark.parametrize(
        ("said", "meant"),
        [
            ({"sourecs": {}}, "sources"),
            ({"compute": {"engine": "dsk"}}, "dask"),
            ({"compute": {"wokers": 3}}, "workers"),
            ({"organisations": {"basis": "constant_sucessor"}}, "constant_successor"),
            ({"ties": {"projection": "newmann"}}, "newman"),
            ({"quality": {"on_breach": "fial"}}, "fail"),
            ({"quality": {"kinds": {"atendance": {"least": 3}}}}, "attendance"),
            ({"slices": {"every": "quater"}}, "quarter"),
        ],
    )
    def test_settings(self, command, tmp_path, said, meant):
        path = write(tmp_path, {"organisations.csv": ORGANISATIONS}, **said)
        answer = command("validate", path)
        assert answer.code == 2
        assert re.search(rf"did you mean .*\b{meant}\b", answer.err), answer.err

    @pytest.mark.parametrize(
        ("source", "meant"),
        [
            ({"columns": {"who": "persn_id"}}, "person_id"),
            ({"columns": {"persn_id": "person_id"}}, "person_id"),
            ({"values": {"gruop": {"x": "nurse"}}}, "group"),
            ({"values": {"group": {"Sister": "nurs"}}}, "nurse"),
            ({"format": "cvs"}, "csv"),
        ],
    )
    def test_sources(self, command, tmp_path, source, meant):
        files = {"organisations.csv": ORGANISATIONS, "people.csv": PEOPLE}
        path = write(tmp_path, files, {"people": {"path": "people.csv", **source}})
        answer = command("validate", path)
        assert answer.code == 2
        assert re.search(rf"did you mean .*\b{meant}\b", answer.err), answer.err

    def test_an_unknown_kind_of_record(self, command, tmp_path):
        path = write(tmp_path, {}, {"atendance": {"path": "a.csv"}})
        assert "did you mean attendance" in command("validate", path).err

    def test_thresholds(self, command, tmp_path):
        from orgnet.indicators.damour import _shipped

        (tmp_path / "own.yaml").write_text(_shipped().read_text().replace("acq_breadth >= 0.5", "acq_bredth >= 0.5"))
        path = write(tmp_path, {"organisations.csv": ORGANISATIONS}, indicators="own.yaml")
        assert "'acq_bredth' is not a metric" in command("validate", path).err
        assert "did you mean acq_breadth" in command("validate", path).err

    def test_words_in_records(self, command, tmp_path):
        attendance = (
            ATTENDANCE.replace("\n", ",status\n", 1).replace("A\n", "A,atended\n").replace("B\n", "B,attended\n")
        )
        files = {"organisations.csv": ORGANISATIONS, "people.csv": PEOPLE, "meetings.csv": MEETINGS}
        answer = command("validate", write(tmp_path, files | {"attendance.csv": attendance}))
        assert answer.code == 0
        assert (
            "put aside: attendance.csv: not_in_vocabulary in status: row 1, 3 (meant, perhaps: attended)" in answer.out
        )
        assert "atended" not in answer.out

    def test_words_in_records_none_of_which_can_be_used(self, command, tmp_path):
        files = {"organisations.csv": "org_id,role\nA,speciallist\n"}
        assert "did you mean specialist?" in command("validate", write(tmp_path, files)).err
