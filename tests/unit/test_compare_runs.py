"""Two published runs side by side: what later and corrected records restate, what is new, and what is defined otherwise.

One small network, published again and again into one folder: on 1 January 2026 as it was, then as each test's name says.
"""

import csv
import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from orgnet import store
from orgnet.compared.definition import definition_of
from orgnet.compared.inputs import RecordChange
from orgnet.compared.latest import latest, tables_of
from orgnet.compared.side_by_side import SideBySide, set_side_by_side
from orgnet.compared.slices import Slice, Slices, changed_records
from orgnet.compared.tell import tell
from orgnet.errors import InputFault
from orgnet.indicators.damour import load_damour
from orgnet.indicators.evidence import Evidence
from orgnet.indicators.score import indicator_table, score_indicators
from orgnet.metrics.conduct import observe
from orgnet.metrics.groups import measure_groups
from orgnet.metrics.histories import measure_pairs, measure_turnover
from orgnet.metrics.measure import measure_slices, slice_tasks
from orgnet.metrics.scopes import measure_scopes
from orgnet.metrics.series import measure_conduct
from orgnet.metrics.tables import group_table, network_table, organisation_table, pair_table, ties_table
from orgnet.metrics.two_mode import measure_two_mode
from orgnet.records.by_slice import by_slice
from orgnet.slices import cut
from orgnet.vocabulary import RecordKind
from tests.command import orgnet as installed
from tests.networks import Network, Row, network

ROOT = Path(__file__).parents[2]
PEOPLE = [(f"p{number}", "ABC"[number % 3]) for number in range(9)]
MONTHS = [(2015 + month // 12, month % 12 + 1) for month in range(21)]
SETTINGS: dict[str, Any] = {
    "period": {"start": date(2015, 1, 1), "end": date(2016, 7, 1)},
    "slices": {"every": "quarter", "window": "12 months"},
    "uncertainty": {"replicates": 0, "sensitivity": "none"},
}
ALL = ["2015-Q1", "2015-Q2", "2015-Q3", "2015-Q4", "2016-Q1", "2016-Q2"]


def records(months: int = 18) -> dict[str, list[Row]]:
    """A monthly meeting of nine nurses from three organisations; the first of them is never there."""
    meetings = [
        {"meeting_id": f"m{n}", "start": f"{y}-{m:02}-10T09:00", "end": f"{y}-{m:02}-10T10:00", "type": "working_group"}
        | {"series_id": "group", "status": "held", "convenor_org_id": "A"}
        for n, (y, m) in enumerate(MONTHS[:months])
    ]
    attendance = [
        attended(meeting["meeting_id"], person, org, meeting["start"], meeting["end"])
        for meeting in meetings
        for person, org in PEOPLE[1:]
    ]
    referrals = [
        {"date": f"{y}-{m:02}-05", "from_org": "B", "to_org": "A", "n": str(n % 4 + 1)}
        for n, (y, m) in enumerate(MONTHS[:months])
    ]
    people = [{"person_id": person, "org_id": org, "group": "nurse"} for person, org in PEOPLE]
    return {"people": people, "meetings": meetings, "attendance": attendance, "referrals": referrals}


def attended(meeting: str, person: str, org: str, join: str, leave: str) -> Row:
    return {"meeting_id": meeting, "person_id": person, "org_id": org, "join": join, "leave": leave}


def publish(net: Network, out: Path, day: int) -> str:
    """Take a network through every stage, as a run does, and publish it as of a day of January 2026."""
    from pipelines.manifest import counts_of, make_manifest
    from pipelines.progress import Clock

    config, calendar, read, roster, coverage, ties = (
        *(net.config, net.calendar, net.records),
        *(net.roster, net.coverage, net.ties),
    )
    slices = cut(ties, config, calendar, len(read.organisations), max(read.n_people, 1))
    groups = measure_groups(ties, read, roster, coverage, config, calendar)
    observed = observe(read, ties, roster, calendar, config.ties.standing_meetings_per_year)
    conduct = measure_conduct(observed, read, roster, coverage)
    two_mode = measure_two_mode(ties.presence, read, roster, coverage, calendar)
    turnover = measure_turnover(slices, read, roster, coverage, calendar)
    measured = measure_slices(slice_tasks(slices, read, roster, coverage))
    tables = {
        "ties": ties_table(slices, roster, calendar),
        "pair_metrics": pair_table(measure_pairs(slices, ties, read, calendar), roster, calendar),
        "group_metrics": group_table(groups, calendar),
        "organisation_metrics": organisation_table(measured, two_mode, conduct, roster, calendar),
        "network_metrics": network_table(measured, turnover, two_mode, conduct, groups, roster, calendar),
    }
    scopes = measure_scopes(observed, ties, read, roster, coverage, config, calendar)
    damour, seen = load_damour(config), tables["network_metrics"]
    evidence = Evidence(config, damour, read, roster, coverage, calendar, groups, conduct, seen, scopes)
    rows = score_indicators(evidence)
    tables["indicators"] = indicator_table(rows, calendar)
    started = datetime(2026, 1, day, tzinfo=UTC)
    manifest = make_manifest(config, damour, read, counts_of(ties, config), slices, roster, started, Clock())
    return store.publish(out, tables, manifest, started).name


LATE = attended("m4", "p0", "A", "2015-05-10T09:00", "2015-05-10T10:00")
LATER = attended("m7", "p0", "A", "2015-08-10T09:00", "2015-08-10T10:00")
WITH_LATE = ["2015-Q2", "2015-Q3", "2015-Q4", "2016-Q1"]


def corrected(given: dict[str, list[Row]]) -> dict[str, list[Row]]:
    """One who was there for an hour was there for five minutes."""
    rows = [row | {"leave": "2015-05-10T09:05"} if row["meeting_id"] == "m4" and row["person_id"] == "p1" else row
            for row in given["attendance"]]  # fmt: skip
    return given | {"attendance": rows}


@pytest.fixture(scope="module")
def out(tmp_path_factory) -> Path:
    """The network's output folder, with a run for every day below."""
    folder = tmp_path_factory.mktemp("runs")

    def run(day: int, given: dict[str, list[Row]], name: str = "us", **settings: Any) -> None:
        files = folder / f"day {day}"
        files.mkdir()
        if "indicators" in settings:
            (files / settings["indicators"]).write_text(stricter())
        net = network(files, settings=SETTINGS | {"network": name} | settings, **given)
        publish(net, folder, day)

    plain = records()
    shuffled = {kind: rows[::-1] for kind, rows in plain.items()}
    longer = {"start": date(2015, 1, 1), "end": date(2016, 10, 1)}
    run(1, plain)
    run(2, shuffled, out="elsewhere")
    run(3, plain | {"attendance": [*plain["attendance"], LATE]})
    run(4, records(21) | {"attendance": [*records(21)["attendance"], LATER]}, period=longer)
    run(5, plain, indicators="stricter.yaml")
    run(6, corrected(plain))
    run(7, plain, ties={"acquainted_after": 4})
    run(8, records(21), period=longer)
    them = json.loads((store.snapshot(folder) / store.MANIFEST).read_text()) | {"network": "them"}
    other = shutil.copytree(store.snapshot(folder), folder / "runs" / "20260120T000000.000Z-of-them")
    (other / store.MANIFEST).write_text(json.dumps(them))
    run(21, plain, name="them", period={"start": date(2015, 2, 1), "end": date(2016, 7, 1)}, slices={"every": "month"})
    return folder


def stricter() -> str:
    """Thresholds that want more organisations than there are."""
    text = (ROOT / "configs" / "damour.yaml").read_text()
    assert "organisations: 3" in text
    return text.replace("organisations: 3", "organisations: 4", 1)


@pytest.fixture
def compared(out) -> Callable[..., SideBySide]:
    """Two days' runs side by side."""

    def side_by_side(old: int, new: int, tables: Sequence[str] = (), metrics: Sequence[str] = ()) -> SideBySide:
        return set_side_by_side(out, f"202601{old:02}..202601{new:02}", list(tables), list(metrics))

    return side_by_side


def rows(found: SideBySide) -> list[dict[str, Any]]:
    answer, total = found.rows(1_000_000)
    assert total == len(answer.rows)
    return [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]


def said(found: SideBySide, limit: int = 20) -> str:
    return "\n".join(tell(found, limit))


class TestSameInput:
    def test_nothing_has_changed_whatever_the_order_of_rows_and_the_key_of_people(self, compared):
        found = compared(1, 2)
        assert rows(found) == []
        assert found.records == []
        text = said(found)
        assert "Nothing: 6 slices of both runs, and no value differs." in text
        assert "Nothing has changed." in text

    def test_where_results_are_published_is_told_but_moves_nothing(self, compared):
        assert not compared(1, 2).definition.moving
        assert 'but not meant to move a value of a slice:\n    configuration out: "out" -> "elsewhere"' in said(
            compared(1, 2)
        )


class TestLateRecord:
    def test_exactly_the_windows_that_hold_it_are_restated(self, compared):
        found = rows(compared(1, 3))
        assert {row["origin"] for row in found} == {"restated"}
        assert {row["slice"] for row in found if row["table"] == "ties"} == set(WITH_LATE)
        assert {row["slice"] for row in found if row["changed_records"] == "in_window"} == set(WITH_LATE)
        later = {(row["slice"], row["metric"]) for row in found if row["slice"] not in WITH_LATE}
        assert later <= {("2016-Q2", "familiarity")}
        assert not [row for row in found if row["changed_records"] == "none"]

    def test_every_value_that_differs_is_a_row_with_what_it_was_and_is(self, compared, out):
        found = {
            (row["table"], row["slice"], row["layer"], row["entity"], row["metric"]): (
                row["value_old"],
                row["value_new"],
            )
            for row in rows(compared(1, 3))
        }
        expected = {}
        old, new = (store.read(store.snapshot(out, run), "network_metrics").to_pylist() for run in day_ids(out, 1, 3))
        for was, now in zip(old, new, strict=True):
            if (was["value"], was["status"]) != (now["value"], now["status"]):
                key = ("network_metrics", was["slice"], was["layer"], was["node_set"], was["metric"])
                expected[key] = (was["value"], now["value"])
        assert expected
        assert {key: values for key, values in found.items() if key[0] == "network_metrics"} == expected

    def test_it_says_where_the_record_is(self, compared):
        text = said(compared(1, 3))
        assert "attendance of 2015-Q2: 1 record more (24 -> 25)" in text
        assert "attendance.csv: changed, 144 -> 145 rows" in text
        assert "4 slices: the window holds changed records" in text
        assert "unexplained" not in text

    def test_tables_and_metrics_asked_for(self, compared):
        found = rows(compared(1, 3, ["ties"], ["people"]))
        assert {(row["table"], row["metric"]) for row in found} == {("ties", "people")}
        assert {row["value_new"] - row["value_old"] for row in found} == {1.0}


FOUR = [Slice(f"s{n}", date(2015, n, 1), date(2015, n + 1, 1), date(2015, max(n - 1, 1), 1)) for n in (1, 2, 3, 4)]
"""Months, whose windows are two months."""


class TestWhereItComesFrom:
    @pytest.mark.parametrize(
        ("kind", "slice_", "expected"),
        [
            ("attendance", "s2", ["none", "in_window", "in_window", "before_window"]),
            ("joint_roles", "s2", ["none", "in_window", "in_window", "in_window"]),
            ("people", "before", ["in_window"] * 4),
            ("documents", "after", ["none"] * 4),
        ],
    )
    def test_windows_hold_a_record_over_its_day_or_from_it_on(self, kind, slice_, expected):
        slices = Slices(FOUR, FOUR)
        assert list(changed_records(slices, [RecordChange(kind, slice_, 1, 2)]).values()) == expected

    def test_what_no_record_explains_is_said(self, compared):
        found = replace(compared(1, 3), records=[])
        assert "unexplained, as no changed record lies in the window or before it: 2015-Q2, 2015-Q3" in said(found)

    def test_runs_that_do_not_tell_their_records_by_slice(self, compared):
        found = compared(1, 3)
        plain = {name: each for name, each in found.old.manifest["records"].items() if name in ("read", "rejected")}
        older = replace(found.old, manifest={**found.old.manifest, "records": plain})
        text = said(replace(found, old=older, records=[]))
        assert "which records differ is not known" in text
        assert "unexplained" not in text

    def test_slices_of_one_name_but_other_windows_are_not_alike(self):
        other = [replace(FOUR[0], window_start=date(2014, 12, 1)), *FOUR[1:]]
        slices = Slices(FOUR, other)
        assert [len(each) for each in (slices.alike, slices.gone, slices.added)] == [3, 1, 1]


def day_ids(out: Path, *days: int) -> list[str]:
    return [run for day in days for run in store.runs(out) if run.startswith(f"202601{day:02}")]


class TestNewSlice:
    def test_only_it_is_new_and_old_slices_stay(self, compared):
        found = rows(compared(1, 8))
        assert {(row["slice"], row["origin"]) for row in found} == {("2016-Q3", "new")}
        assert all(row["status_old"] is None and row["value_old"] is None for row in found)
        text = said(compared(1, 8))
        assert "new: 1 slice that only the newer run has, 2016-Q3" in text
        assert "Nothing: 6 slices of both runs" in text

    def test_the_other_way_round_it_is_gone(self, compared):
        found = rows(compared(8, 1))
        assert {(row["slice"], row["origin"]) for row in found} == {("2016-Q3", "gone")}
        assert "gone: 1 slice that only the older run has, 2016-Q3" in said(compared(8, 1))

    def test_a_later_end_of_the_period_is_no_other_definition(self, compared):
        definition = compared(1, 8).definition
        assert [each.name for each in definition.differences] == ["period.end"]
        assert not definition.moving


class TestDefinition:
    def test_a_threshold_moves_levels_alone(self, compared):
        found = compared(1, 5)
        assert {(row["table"], row["origin"]) for row in rows(found)} == {("indicators", "definition")}
        text = said(found)
        assert "any level of an indicator that differs may come from the definition" in text
        assert "thresholds minimum.organisations: 3 -> 4" in text
        assert text.index("may come from the definition") < text.index("Restated")
        assert "unexplained" not in text

    def test_a_setting_moves_any_value(self, compared):
        found = compared(1, 7)
        assert {row["origin"] for row in rows(found)} == {"definition"}
        assert "configuration ties.acquainted_after: 2 -> 4" in said(found)

    def test_another_version_moves_any_value(self, compared):
        manifest = compared(1, 2).old.manifest
        definition = definition_of(manifest, manifest | {"package": {"name": "interorgnet", "version": "9"}})
        assert definition.bears_on("ties")
        assert [str(each) for each in definition.moving] == [
            f'version orgnet: "{manifest["package"]["version"]}" -> "9"'
        ]


class TestCorrectedRecord:
    def test_as_many_but_not_the_same(self, compared):
        found = compared(1, 6)
        assert [str(each) for each in found.records] == [
            "attendance of 2015-Q2: 24 records as before, but not the same ones"
        ]
        assert {row["slice"] for row in rows(found) if row["table"] == "ties"} == set(WITH_LATE)
        assert {row["changed_records"] for row in rows(found)} <= {"in_window", "before_window"}


class TestLatestSlices:
    def test_the_change_is_the_sum_of_its_parts(self, compared):
        found = compared(1, 4, ["network_metrics", "organisation_metrics", "ties"])
        answer, total = latest(found, 1_000_000, tables_of(found))
        taken = [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]
        assert total == len(taken) > 5
        assert any(row["change_restated"] and row["change_new"] for row in taken)
        assert {(row["slice_old"], row["slice_new"]) for row in taken} == {("2016-Q2", "2016-Q3")}
        for row in taken:
            if row["change"] is not None:
                assert row["change_restated"] == row["value_restated"] - row["value_old"]
                assert row["change_new"] == row["value_new"] - row["value_restated"]
                assert row["change"] == row["change_restated"] + row["change_new"]
                assert row["change"] == pytest.approx(row["value_new"] - row["value_old"], abs=1e-12)

    def test_both_parts_of_one_measure(self, out, tmp_path):
        """Late: one more meeting of p0 in May 2015; new since: the quarter 2016-Q2 itself."""
        shorter = SETTINGS | {"period": {"start": date(2015, 1, 1), "end": date(2016, 4, 1)}, "network": "us"}
        plain = records()
        publish(network(tmp_path, settings=shorter, **records(15)), tmp_path / "out", 1)
        more = plain | {"attendance": [*plain["attendance"], LATE]}
        (tmp_path / "more").mkdir()
        publish(network(tmp_path / "more", settings=SETTINGS | {"network": "us"}, **more), tmp_path / "out", 2)
        found = set_side_by_side(tmp_path / "out", "previous..current", ["organisation_metrics"], ["strength"])
        answer, _ = latest(found, 1000, ["organisation_metrics"])
        taken = [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]
        (one,) = [row for row in taken if (row["layer"], row["entity"]) == ("meetings", "A")]
        assert (one["slice_old"], one["slice_new"]) == ("2016-Q1", "2016-Q2")
        assert one["change_restated"] > 0 > one["change_new"]
        line = next(line for line in said(found).splitlines() if "meetings strength (A)" in line)
        assert " restated " in line and line.endswith(" new")

    def test_without_the_same_slice_it_cannot_be_taken_apart(self, compared):
        found = compared(8, 1)
        assert latest(found, 10, tables_of(found))[1] == 0
        assert "Cannot be taken apart: the newer run has no slice like 2016-Q3" in said(found)


class TestNamesOfRuns:
    @pytest.mark.parametrize(
        ("named", "words"),
        [
            ("20260101", "expected two runs as OLD..NEW"),
            ("2026011..current", "there is no run '2026011'"),
            ("2026010..current", "is the beginning of"),
            ("20260101..20260120", "is of network 'us', and run"),
            ("20260120..20260121", "have no slice in common"),
        ],
    )
    def test_what_cannot_be_compared(self, out, named, words):
        with pytest.raises(InputFault) as fault:
            set_side_by_side(out, named, [], [])
        assert words in str(fault.value)

    def test_previous_and_current(self, out):
        one, two = day_ids(out, 20, 21)
        with pytest.raises(InputFault, match=f"runs {one} and {two} have no slice in common"):
            set_side_by_side(out, "previous..current", [], [])

    def test_there_is_no_run_before_the_first(self, tmp_path):
        publish(network(tmp_path, settings=SETTINGS, **records()), tmp_path / "out", 1)
        with pytest.raises(InputFault, match="there is no run before 20260101T"):
            set_side_by_side(tmp_path / "out", "previous..current", [], [])

    def test_tables_and_metrics_are_known(self, out):
        with pytest.raises(InputFault, match="there is no table 'tie' to compare; did you mean ties"):
            set_side_by_side(out, "20260101..20260102", ["tie"], [])
        with pytest.raises(InputFault, match="there is no metric 'densty' to compare; did you mean density"):
            set_side_by_side(out, "20260101..20260102", [], ["densty"])


class TestRecordsBySlice:
    @pytest.fixture
    def digests(self, tmp_path):
        """The digest of attendance in 2015-Q2, of records given."""

        def taken(given: dict[str, list[Row]]) -> str:
            folder = tmp_path / str(len(list(tmp_path.iterdir())))
            folder.mkdir()
            net = network(folder, settings=SETTINGS, **given)
            return by_slice(net.records, net.calendar)[RecordKind.ATTENDANCE]["2015-Q2"].digest

        return taken

    def test_counts_are_of_the_accepted_records(self, tmp_path):
        given = records()
        given["people"].append({"person_id": "late", "org_id": "A", "group": "nurse", "start": "2016-02-01"})
        net = network(tmp_path, settings=SETTINGS, **given)
        found = by_slice(net.records, net.calendar)
        for kind, slices in found.items():
            assert sum(held.n for held in slices.values()) == net.records.tables[kind].num_rows
        assert {label: held.n for label, held in found[RecordKind.MEETINGS].items()} == dict.fromkeys(ALL, 3)
        assert {label: held.n for label, held in found[RecordKind.PEOPLE].items()} == {"before": 9, "2016-Q1": 1}

    def test_numbers_of_organisations_people_and_meetings_do_not_matter(self, digests):
        plain, more = records(), records()
        more["people"].insert(0, {"person_id": "a0", "org_id": "A0", "group": "nurse"})
        more["meetings"].insert(0, {"meeting_id": "a0", "start": "2015-01-02T09:00", "status": "held"})
        more["organisations"] = [{"org_id": org, "kind": "provider"} for org in ("A", "A0", "B", "C")]
        assert digests(plain) == digests(more)

    @pytest.mark.parametrize(
        "change",
        [{"org_id": "C"}, {"leave": "2015-05-10T09:30"}, {"person_id": "p0"}, {"meeting_id": "m5"}],
        ids=lambda change: next(iter(change)),
    )
    def test_it_tells_another_value(self, digests, change):
        plain, other = records(), records()
        (number,) = [n for n, r in enumerate(other["attendance"]) if (r["meeting_id"], r["person_id"]) == ("m4", "p3")]
        other["attendance"][number] = other["attendance"][number] | change
        assert digests(plain) != digests(other)

    def test_a_table_of_nothing(self, tmp_path):
        net = network(tmp_path, settings=SETTINGS, **records())
        none = {kind: table.slice(0, 0) for kind, table in net.records.tables.items()}
        assert set(map(len, by_slice(replace(net.records, tables=none), net.calendar).values())) == {0}


class TestCommand:
    def test_text(self, out, tmp_path):
        answer = installed("compare", out, "--runs", "20260101..20260103", folder=tmp_path)
        assert (answer.returncode, answer.stderr) == (0, "")
        assert answer.stdout.startswith("us: run 20260101T")

    def test_rows(self, out, tmp_path):
        given = ("compare", out, "--runs", "20260101..20260103", "--limit", 3, "--format")
        as_csv = installed(*given, "csv", folder=tmp_path)
        as_json = installed(*given, "json", folder=tmp_path)
        columns = "table slice layer entity metric value_old value_new status_old status_new origin changed_records"
        assert next(csv.reader(StringIO(as_csv.stdout))) == columns.split()
        assert [list(row) for row in json.loads(as_json.stdout)] == [columns.split()] * 3
        assert "shown 3 of" in as_json.stderr

    @pytest.mark.parametrize("arguments", [["--runs", "x..y"], ["--format", "yaml"], ["--table", "none"]])
    def test_what_is_not_known_is_exit_code_2(self, out, tmp_path, arguments):
        answer = installed("compare", out, *arguments, folder=tmp_path)
        assert (answer.returncode, answer.stdout) == (2, "")
        assert answer.stderr.startswith("orgnet: ")

    def test_a_folder_without_results(self, tmp_path):
        answer = installed("compare", tmp_path, folder=tmp_path)
        assert (answer.returncode, answer.stdout) == (2, "")
        assert "no run has published there" in answer.stderr
