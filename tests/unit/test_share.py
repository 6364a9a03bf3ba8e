"""The door: what a copy holds, what it does not, and where it may be written."""

import json
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import numpy as np
import pyarrow.parquet as pq
import pytest

import orgnet
from orgnet import metrics, store
from orgnet.change.between import compare_periods
from orgnet.config import Config
from orgnet.disclosure.about import About, about, about_table
from orgnet.disclosure.audit import sharing_rule
from orgnet.disclosure.profiles import PROFILES, find_profile
from orgnet.disclosure.protect import protect
from orgnet.disclosure.share import share
from orgnet.disclosure.tables import PROTECTED
from orgnet.disclosure.tell import tell_shared
from orgnet.disclosure.words import without_numbers
from orgnet.errors import InputFault, StoreFault
from orgnet.folders import read_manifest
from orgnet.schema import TABLES
from orgnet.vocabulary import Layer, Level, SharingRule
from tests import staffed

NHSD = PROFILES["nhsd_secondary_care"]


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    rng = np.random.default_rng(2)
    return staffed.publish(staffed.draw(rng), tmp_path_factory.mktemp("network") / "out", rng)


@pytest.fixture(scope="module")
def copy(network, tmp_path_factory):
    folder = tmp_path_factory.mktemp("copy") / "share"
    share(network, folder)
    return folder


class TestEveryMetric:
    @pytest.mark.parametrize("metric", metrics.registered(), ids=lambda m: f"{m.level}.{m.name}")
    def test_is_declared_as_being_about_people_or_not(self, metric):
        assert all(about(metric.level, metric.name, layer) in About for layer in metric.layers)

    def test_that_is_declared_is_registered_or_a_series(self):
        series = {"referrals_made", "governance_meetings_held", "learning_events_held"}
        declared = {(row["measure_table"], row["metric"]) for row in about_table().to_pylist()} - {
            ("network_metrics", name) for name in series
        }
        assert declared == {(f"{m.level}_metrics", m.name) for m in metrics.registered()}

    def test_that_weighs_ties_is_about_people_but_for_names_and_numbers_of_layers(self):
        of_ties = {"communities", "community", "core_rank", "multiplex_share", "multiplexity"}
        for m in metrics.registered():
            if m.weights.value != "ignored" and m.name not in of_ties:
                assert about(m.level, m.name, "meetings") in (About.PEOPLE, About.INDIVIDUALS), m.name

    def test_of_strength_is_a_number_of_individuals_where_ties_are(self):
        assert about(Level.ORGANISATION, "strength", Layer.JOINT_ROLES) == About.INDIVIDUALS
        assert about(Level.ORGANISATION, "strength", Layer.MEETINGS) == About.PEOPLE
        assert about(Level.PAIR, "weight", Layer.COMBINED) == About.ORGANISATIONS
        assert about(Level.PAIR, "age", Layer.COMBINED) == About.PEOPLE


class TestACopy:
    def test_holds_every_table_but_restricted_ones(self, copy):
        files = {path.stem for path in copy.glob("*.parquet")}
        assert files == {name for name, table in TABLES.items() if not table.restricted} == {*PROTECTED, "disclosure"}
        assert not (copy / "restricted").exists()

    def test_has_the_declared_columns_and_a_status(self, copy):
        for name, table in TABLES.items():
            if table.restricted:
                continue
            found = pq.read_schema(copy / f"{name}.parquet").names
            more = [] if found == [*table.column_names] else ["status"]
            assert found == [*table.column_names, *more]

    def test_says_what_it_was_made_from_and_by_which_rule_but_not_where_records_lie(self, copy):
        manifest = json.loads((copy / "manifest.json").read_text())
        assert manifest["disclosure"]["profile"] == "nhsd_secondary_care"
        assert manifest["run_id"].endswith(manifest["of_content_id"])
        assert manifest["records"]["read"] == {"people": None, "referrals": 400}
        assert not {"inputs", "person_key", "seconds", "engine"} & manifest.keys()
        assert not {"sources", "person_key", "out", "compute"} & manifest["configuration"].keys()
        assert set(manifest["files"]) == {path.name for path in copy.iterdir()} - {"manifest.json"}

    def test_tells_what_was_done_and_a_run_that_it_does_not(self, network, copy):
        assert len(orgnet.open(copy).table("disclosure")) > 0
        with pytest.raises(InputFault, match="of copies for sharing only"):
            orgnet.open(network).table("disclosure")

    def test_counts_what_was_done_without_saying_which_value_is_small(self, copy):
        rows = pq.read_table(copy / "disclosure.parquet").to_pylist()
        assert {row["protection"] for row in rows} == {"withheld", "rounded"}
        assert all(row["n_values"] > 0 for row in rows)

    def test_says_by_which_rule_each_measure_is_protected(self, network, copy):
        rows = pq.read_table(copy / "disclosure.parquet").to_pylist()
        rules = {(row["table"], row["column"], row["metric"]): row["rule"] for row in rows}
        assert rules["group_metrics", "value", "joint_roles"] == SharingRule.NUMBER_OF_PEOPLE
        assert rules["group_metrics", "value", "acq_reach"] == SharingRule.SHARE_OF_PEOPLE
        assert rules["group_metrics", "value", "acq_breadth"] == SharingRule.OVER_PEOPLE
        assert rules["ties", "first_seen", None] == SharingRule.OVER_PEOPLE
        assert SharingRule.UNDECLARED not in rules.values()

    @pytest.mark.parametrize("profile", ["nhsd_secondary_care", "lt5"])
    def test_the_rule_told_has_the_condition_that_was_met(self, network, profile):
        folder = (network / "current").resolve()
        marks = protect(folder, Config.model_validate(read_manifest(folder)["configuration"]), PROFILES[profile]).marks
        met = {
            (row["rule"], sharing_rule(name, row["column"], row))
            for name, table in marks.items()
            for row in table.to_pylist()
        }
        conditions = {rule for rule, _ in met}
        assert {"small_number", "small_part", "few_people"} <= conditions
        assert {rule for done, rule in met if done == "small_number"} == {SharingRule.NUMBER_OF_PEOPLE}
        assert {rule for done, rule in met if done == "small_part"} == {SharingRule.SHARE_OF_PEOPLE}
        rounded = {rule for done, rule in met if done == "rounded"}
        assert rounded <= {SharingRule.NUMBER_OF_PEOPLE, SharingRule.SHARE_OF_PEOPLE}

    def test_what_rows_are_known_by_is_never_said_to_be_withheld(self, copy):
        rows = pq.read_table(copy / "disclosure.parquet").to_pylist()
        assert not [row for row in rows if row["column"] in TABLES[row["table"]].key]

    def test_has_as_many_rows_as_the_run(self, network, copy):
        run = network / "current"
        for name in ("ties", "group_metrics", "network_metrics", "indicators", "changes"):
            assert (
                pq.read_metadata(copy / f"{name}.parquet").num_rows
                == pq.read_metadata(run / f"{name}.parquet").num_rows
            )

    def test_rows_are_sorted_by_their_key(self, copy):
        rows = pq.read_table(copy / "ties.parquet")
        assert store.sorted_by_key("ties", rows).equals(rows)

    def test_nothing_is_shown_of_a_group_of_a_few(self, network, copy):
        con = duckdb.connect()
        few = con.sql(
            f"SELECT DISTINCT slice, professional_group AS g FROM '{network}/current/group_metrics.parquet' "
            "WHERE n_people BETWEEN 1 AND 7"
        ).fetchall()
        assert few
        for slice_, group in few:
            about_it = f"slice = '{slice_}' AND professional_group = '{group}'"
            rows = con.sql(
                f"SELECT value, n_people, status FROM '{copy}/group_metrics.parquet' WHERE {about_it}"
            ).fetchall()
            assert {row[:2] for row in rows} == {(None, None)}
            assert {row[2] for row in rows} == {"suppressed"}
            level = con.sql(
                "SELECT level, n_people, status, reasons, evidence, trend, basis, n_organisations, n_events "
                f"FROM '{copy}/indicators.parquet' WHERE slice = '{slice_}' AND scope_id = '{group}'"
            ).fetchall()
            assert [row[:3] for row in level] == [(None, None, "suppressed")]
            assert level[0][4:] == ([], None, None, None, None)
            assert "withheld" in level[0][3][0]

    def test_a_tie_of_a_few_stays_without_its_numbers_and_days(self, network, copy):
        con = duckdb.connect()
        rows = con.sql(
            f"SELECT c.* FROM '{copy}/ties.parquet' c JOIN '{network}/current/ties.parquet' t "
            "USING (slice, layer, source_id, target_id) WHERE t.people BETWEEN 1 AND 7"
        )
        names = rows.columns
        found = [dict(zip(names, row, strict=True)) for row in rows.fetchall()]
        assert found
        for row in found:
            assert row["status"] == "suppressed"
            assert not any(row[name] for name in ("weight", "events", "people", "first_seen", "last_seen"))

    def test_is_not_compared_as_a_run_is(self, copy):
        with pytest.raises(InputFault, match="is a copy for sharing"):
            compare_periods(copy, "2020-01-01..2020-07-01", "2020-07-01..2021-01-01")

    def test_of_the_internal_profile_is_raw_and_says_so(self, network, tmp_path):
        done = share(network, tmp_path / "copy", "off_internal")
        for name in ("ties", "network_metrics", "group_metrics"):
            raw = pq.read_table(network / "current" / f"{name}.parquet")
            assert pq.read_table(tmp_path / "copy" / f"{name}.parquet").select(raw.column_names).equals(raw)
        assert "secure use only" in next(tell_shared(done, "copy"))

    @pytest.mark.parametrize("rows", [1, 40])
    def test_made_some_slices_at_a_time_is_the_same_to_the_byte(self, network, copy, rows, tmp_path, monkeypatch):
        monkeypatch.setattr("orgnet.disclosure.protect._AT_ONCE", rows)
        share(network, tmp_path / "copy", audit=tmp_path / "parts.parquet")
        files = sorted(path.name for path in copy.iterdir())
        assert files == sorted(path.name for path in (tmp_path / "copy").iterdir())
        assert [name for name in files if (copy / name).read_bytes() != (tmp_path / "copy" / name).read_bytes()] == []
        monkeypatch.undo()
        share(network, tmp_path / "again", audit=tmp_path / "whole.parquet")
        parts, whole = (pq.read_table(tmp_path / f"{name}.parquet").to_pylist() for name in ("parts", "whole"))
        assert sorted(map(str, parts)) == sorted(map(str, whole))

    def test_values_by_rule_are_told_to_those_who_may_see_the_run(self, network, tmp_path):
        done = share(network, tmp_path / "copy", audit=tmp_path / "audit.parquet")
        audit = pq.read_table(tmp_path / "audit.parquet")
        assert audit.num_rows == sum(done.rules.values())
        assert audit.column_names == ["table", "key", "column", "rule"]
        assert any("a few" in line or "few people" in line for line in tell_shared(done, "copy"))


class TestWhereACopyGoes:
    def test_an_earlier_copy_is_replaced_as_a_whole(self, network, tmp_path):
        share(network, tmp_path / "copy", "lt5")
        (tmp_path / "copy" / "left.txt").touch()
        share(network, tmp_path / "copy")
        assert not (tmp_path / "copy" / "left.txt").exists()
        assert [path.name for path in tmp_path.iterdir()] == ["copy"]

    def test_what_is_no_copy_is_left_alone(self, network, tmp_path):
        (tmp_path / "mine.txt").touch()
        with pytest.raises(InputFault, match="no copy made before"):
            share(network, tmp_path)
        with pytest.raises(InputFault, match="within the network's own results"):
            share(network, network / "current")
        for new in (network / "current" / "copy", network / "runs" / "copy"):
            with pytest.raises(InputFault, match="within the network's own results"):
                share(network, new)

    def test_a_snapshot_that_stands_elsewhere_has_its_copy_beside_it(self, network, tmp_path):
        run = shutil.copytree(network / "current", tmp_path / "kept")
        share(run, tmp_path / "copy")
        assert (tmp_path / "copy" / "manifest.json").exists()

    def test_an_earlier_copy_is_back_where_the_new_one_cannot_take_its_place(self, network, tmp_path, monkeypatch):
        share(network, tmp_path / "copy", "lt5")
        before = (tmp_path / "copy" / "manifest.json").read_bytes()
        rename = Path.rename

        def busy(path, target):
            if path.name == ".unfinished-copy":
                raise OSError("in use")
            return rename(path, target)

        monkeypatch.setattr(Path, "rename", busy)
        with pytest.raises(StoreFault, match="in use"):
            share(network, tmp_path / "copy")
        assert (tmp_path / "copy" / "manifest.json").read_bytes() == before
        assert os.listdir(tmp_path) == ["copy"]  # noqa: PTH208

    def test_a_copy_of_a_copy_is_refused(self, network, tmp_path):
        share(network, tmp_path / "copy")
        with pytest.raises(InputFault, match="is a copy for sharing already"):
            share(tmp_path / "copy", tmp_path / "again")

    def test_a_run_of_a_version_with_other_settings_is_told_as_one(self, network, tmp_path):
        run = shutil.copytree(network / "current", tmp_path / "kept")
        manifest = json.loads((run / "manifest.json").read_text())
        manifest["configuration"]["ties"]["of_tomorrow"] = 1
        (run / "manifest.json").write_text(json.dumps(manifest))
        with pytest.raises(InputFault, match=r"another version of orgnet.*\(ties\.of_tomorrow\); run it again"):
            share(run, tmp_path / "copy")

    def test_a_run_that_does_not_say_whose_attendance_it_was_has_it_withheld(self, network, copy, tmp_path):
        """As runs of an older version, which lack a column."""
        run = shutil.copytree(network / "current", tmp_path / "kept")
        path = run / "restricted" / "people_behind.parquet"
        rows = pq.read_table(path).drop_columns(["organisation_id"])
        pq.write_table(rows.filter([layer != "meetings" for layer in rows["layer"].to_pylist()]), path)
        share(run, tmp_path / "copy")
        copied = pq.read_table(tmp_path / "copy" / "organisation_metrics.parquet").to_pylist()
        attended = [row for row in copied if row["metric"] == "events_attended"]
        assert attended and all(row["status"] == "suppressed" and row["value"] is None for row in attended)
        rates = [pq.read_table(folder / "network_metrics.parquet").to_pylist() for folder in (copy, tmp_path / "copy")]
        assert rates[0] == rates[1], "what is behind measures of the network is known as before"

    def test_a_copy_that_fails_leaves_nothing(self, network, tmp_path):
        def fail(_):
            raise RuntimeError("no report")

        share(network, tmp_path / "copy", "lt5")
        before = (tmp_path / "copy" / "manifest.json").read_bytes()
        with pytest.raises(StoreFault, match=r"report\.html could not be written"):
            share(network, tmp_path / "copy", render=fail)
        assert (tmp_path / "copy" / "manifest.json").read_bytes() == before
        assert os.listdir(tmp_path) == ["copy"]  # noqa: PTH208


class TestProfiles:
    def test_the_one_that_is_named_the_one_that_is_stated_and_the_default(self):
        own = {"profile": "ours", "profiles": {"ours": {"withhold_up_to": 9, "round_to": 10}}}
        assert find_profile(None, {}).name == "nhsd_secondary_care"
        assert find_profile(None, own).withhold_up_to == 9
        assert find_profile("lt5", own).withhold_up_to == 4

    def test_an_unknown_one_is_refused_with_the_nearest(self):
        with pytest.raises(InputFault, match="no disclosure profile 'lt6'; did you mean lt5"):
            find_profile("lt6", {})


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("6 people, at least 8 are needed", "1 to 7 people, at least 8 are needed"),
        ("36 people, at least 40 are needed", "35 people, at least 40 are needed"),
        ("0 cases, at least 100 are needed", "0 cases, at least 100 are needed"),
        ("fewer than 8 respondents from local ones", "fewer than 8 respondents from local ones"),
        ("people on the roster: 48 before, 4 after", "people on the roster: 50 before, 1 to 7 after"),
        ("level 2: joint_roles_active >= 1 (found 3)", "level 2: joint_roles_active >= 1"),
        ("acq_reach rose by more than chance: 0.1 to 0.2, difference 0.1 to 0.2", "acq_reach rose by more than chance"),
        ("level 3: acq_breadth >= 0.5 (found 0.655)", "level 3: acq_breadth >= 0.5 (found 0.655)"),
        ("alpha of the factor is 0.74 (12 respondents)", "alpha of the factor is 0.74 (10 respondents)"),
    ],
)
def test_reasons_tell_no_protected_number(reason, told):
    assert without_numbers(reason, NHSD) == told


def test_a_run_that_is_given_up_while_it_publishes_is_told_as_such(tmp_path):
    """A timeout is an OSError, and must not be taken for a fault of the disk or of the page."""

    def wait(_):
        raise TimeoutError("given up")

    tables = {name: TABLES[name].schema.empty_table() for name in ("ties", "rejected_records")}
    with pytest.raises(TimeoutError):
        store.publish(tmp_path / "out", tables, {"network": "us"}, datetime(2020, 1, 1, tzinfo=UTC), page=wait)
