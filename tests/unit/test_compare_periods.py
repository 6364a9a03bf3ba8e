"""`orgnet compare --before A..B --after C..D`: what a run says of its phases, said again from what it published."""

import csv
import json
import os
from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from orgnet import store
from orgnet.change.between import compare_periods, open_published, parse_period
from orgnet.compared.periods import chosen, tell_periods
from orgnet.errors import InputFault
from orgnet.schema import TABLES
from orgnet.vocabulary import Trend
from tests.command import Commanded
from tests.unit.test_changes import network_config
from tests.unit.test_cli import Answer, assert_fault_of_the_user, command  # noqa: F401

PRE, POST = "2014-05-01..2015-11-01", "2016-05-01..2019-05-01"
PHASES = ("--before", "pre", "--after", "post")
KEY = ["measure_table", "entity", "layer", "metric", "method"]


@pytest.fixture(scope="module")
def found(commanded: Commanded) -> Any:
    """The scenario's phases, compared by their names."""
    return compare_periods(commanded.out, "pre", "post")


def frame(rows: Any) -> pd.DataFrame:
    """Rows of `changes` by their key, without the names of the two periods."""
    plain = rows.to_pandas().astype(dict.fromkeys([*KEY, "verdict"], str))
    plain["reasons"] = plain["reasons"].map(list)
    return plain.drop(columns=["before", "after"]).set_index(KEY).sort_index()


@pytest.fixture
def without_draws(commanded: Commanded, tmp_path: Path) -> Path:
    """The run's own folder, copied without what is restricted."""
    for path in (commanded.out / "current").iterdir():
        if path.is_file():
            os.link(path.resolve(), tmp_path / path.name)
    return tmp_path


# --- the same as the run's own --------------------------------------------------------------------------------


def test_phases_give_the_rows_of_the_runs_own_changes(found: Any, commanded: Commanded) -> None:
    published = store.read(store.snapshot(commanded.out), "changes").to_pandas()
    own = published[(published["before"] == "pre") & (published["after"] == "post")]
    entity = own["entity"].astype(str)
    # Who is in a panel and who is in which group are told by the records, which the command does not read.
    of_people = entity.str.endswith(" / constant_panel") | (own["method"] == "group_label_permutation")
    assert of_people.sum() > 100
    again, first = frame(found.rows), frame(store.pa.Table.from_pandas(own[~of_people], preserve_index=False))
    assert len(again) > 5000
    pd.testing.assert_frame_equal(again, first, check_dtype=False)
    assert set(again["verdict"]) == {"improved", "worsened", "unchanged", "unclear", "not_comparable"}


def test_days_give_the_rows_of_the_phase_that_has_them(found: Any, commanded: Commanded) -> None:
    assert compare_periods(commanded.out, PRE, POST).rows.equals(found.rows)


def test_rows_are_those_of_the_table_of_changes(found: Any) -> None:
    assert found.rows.schema.equals(TABLES["changes"].schema)
    assert (set(found.rows["before"].to_pylist()), set(found.rows["after"].to_pylist())) == ({PRE}, {POST})


def test_a_run_by_its_own_folder(found: Any, commanded: Commanded) -> None:
    folder = (commanded.out / "current").resolve()
    other = compare_periods(folder, PRE, "2018-05-01..2019-05-01")
    assert (other.network, other.run_id) == ("london-cancer", folder.name) == (found.network, found.run_id)


def test_other_periods_are_spoken_for_by_other_windows(commanded: Commanded) -> None:
    other = compare_periods(commanded.out, "2016-05-01..2017-05-01", "2017-05-01..2018-07-31")
    ends = [str(other.calendar.slices[number].end) for number in other.comparison.slices]
    assert ends == ["2017-05-01", "2018-05-01"]
    rows = frame(other.rows)
    published = store.read(store.snapshot(commanded.out), "network_metrics").to_pandas()
    of = published.query("layer == 'referrals' and node_set == 'roster' and metric == 'avg_degree'").astype(
        {"slice_end": str}
    )
    expected = [of.loc[of["slice_end"] == end, "value"].item() for end in ends]
    found = rows.xs(("network_metrics", "roster", "referrals", "avg_degree"), level=KEY[:4])
    assert found[["value_before", "value_after"]].iloc[0].tolist() == expected


def test_the_scenarios_findings(found: Any) -> None:
    """Surgeons came to know each other, radiologists did not: what the scenario is made to show."""
    rows = frame(found.rows)
    verdict = rows["verdict"]
    of_surgeons = ("surgeon / surgeon", "combined", "meet_rate_median")
    assert verdict.xs(of_surgeons, level=KEY[1:4]).tolist() == ["improved"]
    # They were at the highest level already: the level stays, and names what moved.
    (level,) = rows.loc["indicators", "group / surgeon", "", "acquaint"].itertuples()
    assert (level.verdict, level.reasons[0]) == ("unchanged", "level 3 before and after")
    assert level.reasons[1].startswith("meet_rate_median rose by more than chance: 7 to 42")
    assert verdict.loc["indicators", "group / nurse", "", "acquaint"].tolist() == ["improved"]
    step = verdict.xs(
        ("surgeon / surgeon", "meetings_per_person", "interrupted_time_series_level"), level=[KEY[1], *KEY[3:]]
    )
    assert step.tolist() == ["improved"]
    of_radiologists = verdict.xs("radiologist / radiologist", level="entity")
    assert "improved" not in set(of_radiologists)


# --- the command ----------------------------------------------------------------------------------------------


def test_text_says_levels_first_then_what_moved_then_what_cannot_be_said(command: Any, commanded: Commanded) -> None:  # noqa: F811
    answer = command("compare", commanded.out, *PHASES, "--limit", 3)
    assert (answer.code, answer.err) == (0, "")
    lines = answer.out.splitlines()
    assert lines[0] == f"london-cancer, run {(commanded.out / 'current').resolve().name}"
    assert lines[1] == (
        f"before: {PRE}, by its last whole window, 2014-11-01 to 2015-11-01; after: {POST}, by 2018-05-01 to 2019-05-01"
    )
    assert lines[2].startswith("rows: improved ")
    headings = [line.rpartition(": ")[0] for line in lines if line and not line.startswith(" ")][3:]
    assert headings[0] == "levels that can be compared"
    assert headings[-1] == "what cannot be compared, and why"
    measures, series = "measures that moved by more than chance", "series that did"
    wanted = [f"{what}, {way}" for what in (measures, series) for way in ("worsened", "improved", "neither way")]
    assert headings[1:-1] == [heading for heading in wanted if heading in headings]
    assert f"{measures}, improved" in headings and f"{series}, improved" in headings
    # Three lines of each list, and how many more there are.
    assert all(len(part.splitlines()) <= 5 for part in answer.out.split("\n\n")[1:])
    assert "  and 1" in answer.out and " more: --limit, or --format csv" in answer.out


def test_the_lines_of_one_metric(command: Any, commanded: Commanded) -> None:  # noqa: F811
    answer = command("compare", commanded.out, *PHASES, "--metric", "meet_rate_median", "--metric", "acquaint")
    assert "  acquaint of group / nurse: improved; level 2 before, level 3 after" in answer.out
    (line,) = [line for line in answer.out.splitlines() if line.startswith("  meet_rate_median of surgeon / surgeon, ")]
    rows = json.loads(
        command("compare", commanded.out, *PHASES, "--metric", "meet_rate_median", "--format", "json").out
    )
    (row,) = [row for row in rows if row["entity"] == "surgeon / surgeon"]
    low, high = (f"{row[name]:.3g}" for name in ("ci_low", "ci_high"))
    before, after, difference = (f"{row[name]:.3g}" for name in ("value_before", "value_after", "difference"))
    assert line == (
        f"  meet_rate_median of surgeon / surgeon, combined: {before} to {after}; difference {difference} "
        f"({low} to {high}), q {row['q_value']:.2g}"
    )


def test_every_format_has_the_same_rows(command: Any, commanded: Commanded) -> None:  # noqa: F811
    given = ("compare", commanded.out, *PHASES, "--table", "indicators", "--format")
    as_csv, as_json, as_table = (command(*given, format).out for format in ("csv", "json", "table"))
    listed = json.loads(as_json)
    assert len(listed) > 20 and {row["measure_table"] for row in listed} == {"indicators"}
    heading, *rows = csv.reader(StringIO(as_csv))
    assert heading == list(listed[0]) == TABLES["changes"].schema.names
    place = heading.index("entity"), heading.index("metric"), heading.index("verdict")
    assert [tuple(row[at] for at in place) for row in rows] == [
        (row["entity"], row["metric"], row["verdict"]) for row in listed
    ]
    assert len(as_table.splitlines()) >= len(rows)
    assert all(word in as_table.splitlines()[0] for word in ("measure_table", "verdict"))


def test_tables_and_metrics_narrow_each_other(command: Any, commanded: Commanded) -> None:  # noqa: F811
    given = ("--table", "network_metrics", "--metric", "density", "--metric", "acquaint", "--format", "json")
    rows = json.loads(command("compare", commanded.out, *PHASES, *given).out)
    assert {(row["measure_table"], row["metric"]) for row in rows} == {("network_metrics", "density")}


def test_rows_beyond_the_limit_are_counted(command: Any, commanded: Commanded, found: Any) -> None:  # noqa: F811
    answer = command("compare", commanded.out, *PHASES, "--format", "csv", "--limit", 2)
    assert len(list(csv.reader(StringIO(answer.out)))) == 3
    assert answer.err == f"and {found.rows.num_rows - 2:,} rows more: --limit\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--before", "prre", "--after", "post"], ["--before: found 'prre', expected two days", "did you mean pre?"]),
        (["--before", "pre", "--after", "2016-05-01"], ["--after: found '2016-05-01', expected two days"]),
        (["--before", "2014-05-01..2015-11-31", "--after", "post"], ["--before: found '2015-11-31', expected a day"]),
        (["--before", "pre", "--after", "May..June"], ["--after: found 'May', expected a day such as 2014-05-01"]),
        (["--before", "post", "--after", "pre"], ["--after begins on 2014-05-01, before --before has ended"]),
        (["--before", PRE, "--after", "2015-10-31..2019-05-01"], ["--after begins on 2015-10-31, before --before"]),
        (
            ["--before", "pre", "--after", "transition"],
            ["--after 2015-11-01..2016-05-01: found no whole window of 12m", "end on 2015-05-01 to 2019-05-01"],
        ),
        (["--before", "pre"], ["found --before alone, expected both --before and --after"]),
        (["--after", "post"], ["found --after alone, expected both --before and --after"]),
        (["--runs", "previous..current", *PHASES], ["found --runs and --before or --after, expected two runs or"]),
        (["--runs", "a..b", "--after", "post"], ["found --runs and --before or --after"]),
        ([*PHASES, "--format", "xml"], ["--format: found 'xml', expected text, table, csv, json"]),
        (
            [*PHASES, "--table", "group_metric"],
            ["there is no table 'group_metric' to compare; did you mean group_metrics"],
        ),
        ([*PHASES, "--metric", "densty"], ["there is no metric 'densty' to compare; did you mean density"]),
    ],
    ids=lambda given: " ".join(given) if isinstance(given, list) and given[0].startswith("--") else "",
)
def test_what_is_refused(command: Any, commanded: Commanded, arguments: list[str], words: list[str]) -> None:  # noqa: F811
    answer: Answer = command("compare", commanded.out, *arguments)
    assert_fault_of_the_user(answer, *words)


def test_a_folder_without_results(command: Any, tmp_path: Path) -> None:  # noqa: F811
    assert_fault_of_the_user(command("compare", tmp_path, *PHASES), "found no current snapshot")


def test_a_run_without_draws_says_what_to_do(command: Any, without_draws: Path) -> None:  # noqa: F811
    answer = command("compare", without_draws, *PHASES)
    assert_fault_of_the_user(answer, "draws.parquet is not there", "only part of it was copied; run it again")


@pytest.mark.parametrize("lacking", ["ties", "activity", "completeness"])
def test_a_run_without_one_of_its_tables_says_which(without_draws: Path, lacking: str) -> None:
    (without_draws / f"{lacking}.parquet").unlink()
    with pytest.raises(InputFault, match=rf"{lacking}\.parquet is not there: the run is of an earlier version"):
        open_published(without_draws)


def test_a_run_of_another_version_is_not_a_fault_of_ours(command: Any, without_draws: Path) -> None:  # noqa: F811
    path = without_draws / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["configuration"]["change"] = {"margin": 0.1, "of_tomorrow": True}
    path.unlink()
    path.write_text(json.dumps(manifest), encoding="utf-8")
    answer = command("compare", without_draws, *PHASES)
    assert_fault_of_the_user(answer, "another version of orgnet", "(change.of_tomorrow); run it again")


# --- periods and lines ------------------------------------------------------------------------------------------


def test_a_period_is_two_days_or_a_phase() -> None:
    config = network_config()
    days = config.phases["transition"]
    assert parse_period("transition", "before", config) == days
    assert parse_period("2015-11-01 .. 2016-05-01", "before", config) == days


def test_a_network_without_phases_has_none_to_name() -> None:
    with pytest.raises(InputFault, match=r"--after: found 'post', expected two days .*; the network has no phases"):
        parse_period("post", "after", network_config(phases={}))


def told(found: Any, **row: Any) -> list[str]:
    """The text of one row made up, beside nothing else."""
    (one,) = found.rows.slice(0, 1).to_pylist()
    plain = {
        "measure_table": "group_metrics",
        "entity": "nurse / nurse",
        "layer": "combined",
        "metric": "acq_breadth",
        "method": "vertex_bootstrap",
        "value_before": 0.25,
        "value_after": 0.5,
        "difference": 0.25,
        "ci_low": 0.1,
        "ci_high": 0.4,
        "p_value": 0.001,
        "q_value": 0.012,
        "verdict": "improved",
        "reasons": ["it rose by more than chance"],
    }
    rows = store.pa.Table.from_pylist([one | plain | row], schema=found.rows.schema)
    return list(tell_periods(found, rows, 20))


def test_a_measure_that_moved(found: Any) -> None:
    lines = told(found)
    assert lines[2] == "rows: improved 1"
    at = lines.index("measures that moved by more than chance, improved: 1")
    assert (
        lines[at + 1] == "  acq_breadth of nurse / nurse, combined: 0.25 to 0.5; difference 0.25 (0.1 to 0.4), q 0.012"
    )
    assert lines[-1] == "what cannot be compared, and why: none"


def test_a_measure_that_moved_where_records_are_doubted_says_so(found: Any) -> None:
    reasons = ["attendance fell by more than 80%: B (50 to 9)", "it rose by more than chance"]
    lines = told(found, verdict="unclear", reasons=reasons)
    at = lines.index("measures that moved by more than chance, neither way: 1")
    assert lines[at + 1].endswith("q 0.012; but attendance fell by more than 80%: B (50 to 9)")


@pytest.mark.parametrize("verdict", Trend)
def test_a_level_that_names_a_measure_is_no_measure(found: Any, verdict: Trend) -> None:
    reasons = ["level 2 before and after", "acq_breadth rose by more than chance: 0.25 to 0.5"]
    lines = told(
        found,
        measure_table="indicators",
        entity="group / nurse",
        layer="",
        metric="acquaint",
        method="levels_compared",
        verdict=verdict.value,
        q_value=None,
        reasons=reasons,
    )
    assert not any("moved by more than chance" in line for line in lines)
    refused = verdict == Trend.NOT_COMPARABLE
    assert ("levels that can be compared: none" in lines) == refused
    assert (lines[-1] == "  level 2 before and after (1 rows)") == refused


def test_series_are_told_apart_from_windows(found: Any) -> None:
    method = "interrupted_time_series_level"
    lines = told(found, layer="", metric="meetings_per_person", method=method, verdict="worsened", q_value=0.002)
    at = lines.index("series that did, worsened: 1")
    assert lines[at + 1] == "  meetings_per_person of nurse / nurse: 0.25 to 0.5; step 0.25 (0.1 to 0.4), q 0.002"


def test_nothing_named_leaves_every_row(found: Any) -> None:
    assert chosen(found, [], []).equals(found.rows)
