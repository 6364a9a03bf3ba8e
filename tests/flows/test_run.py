"""The whole run as a flow: what Prefect sees of it, and what it publishes, against the contract."""

import hashlib
import html
import json
import os
import time
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
import yaml
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterId,
    LogFilter,
    LogFilterFlowRunId,
)
from prefect.client.schemas.objects import State, StateType
from prefect.client.schemas.sorting import LogSort, TaskRunSort
from prefect.settings import PREFECT_API_URL

from orgnet import vocabulary as v
from orgnet.config import load_config
from orgnet.errors import InputFault, StoreFault
from orgnet.metrics.registry import registered
from orgnet.schema import TABLES
from pipelines.retry import worth_retrying
from pipelines.run import run_network
from tests.command import orgnet

TIME = "slice slice_start slice_end window_start"
CONTRACT = {
    "ties": f"{TIME} layer source_id target_id directed weight events people first_seen last_seen",
    "organisation_metrics": f"{TIME} layer organisation_id metric value status",
    "organisations": f"{TIME} organisation_id name kind role",
    "pair_metrics": f"{TIME} layer organisation_id other_organisation_id metric value status",
    "group_metrics": f"{TIME} layer professional_group other_group n_people metric value status",
    "network_metrics": f"{TIME} layer node_set metric value status",
    "indicators": f"{TIME} indicator dimension scope_type scope_id level level_lo level_hi proxy_level evidence_class "
    "basis status trend coverage n_people n_organisations n_events reasons evidence",
    "kiviat": f"{TIME} axis_order indicator level level_lo level_hi proxy_level mark status",
    "typologies": f"{TIME} typology type reasons",
    "survey_scores": "instrument wave wave_date item stratum_type stratum measure value n_people status",
    "maturity_matrix": "instrument wave wave_date item stratum_type stratum n_people share_level_1 share_level_2 "
    "share_level_3 median_level split elements_level_1 elements_level_2 elements_level_3 status",
    "sensitivity": f"{TIME} indicator scope_type scope_id varied setting level_lo level_hi proxy_level moved kept_share",
    "robustness": "indicator scope_type scope_id n_variations steady_share robust reasons",
    "changes": "measure_table entity layer metric before after n_before n_after value_before value_after difference "
    "ci_low ci_high p_value q_value method verdict reasons",
    "draws": f"{TIME} measure_table entity layer metric drawn n_organisations draws",
    "tie_changes": "before after layer source_id target_id directed change weight_before weight_after on_panel",
    "turnover": "before after layer node_set n_organisations formed kept dissolved never jaccard retention formation "
    "correlation p_value n_permutations status reasons",
    "survival": "spell_kind spell_basis professional_group days n_at_risk n_ended n_censored survival ci_low ci_high "
    "median_days n_spells n_left_out n_people status",
    "activity": "measure_table entity metric period_start period_end value n coverage status",
    "completeness": f"{TIME} record_kind organisation_id whole",
    "coverage": "source record_kind organisation_id period_start period_end expected_n received_n complete",
    "succession": "predecessor_id successor_id link_type link_date organisation_basis followed outcome reasons",
    "catalog": "table column_or_metric type unit minimum maximum undefined_when meaning formula reference",
    "people_behind": f"{TIME} layer organisation_id metric n_people",
    "rejected_records": "source row record_kind field reason message raw",
}
KEYS = {
    "ties": "slice_start layer source_id target_id",
    "organisation_metrics": "slice_start layer organisation_id metric",
    "organisations": "slice_start organisation_id",
    "pair_metrics": "slice_start layer organisation_id other_organisation_id metric",
    "group_metrics": "slice_start layer professional_group other_group metric",
    "network_metrics": "slice_start layer node_set metric",
    "indicators": "slice_start indicator scope_type scope_id",
    "kiviat": "slice_start axis_order",
    "typologies": "slice_start typology",
    "survey_scores": "instrument wave_date wave item stratum_type stratum measure",
    "maturity_matrix": "instrument wave_date wave item stratum_type stratum",
    "sensitivity": "slice_start indicator scope_type scope_id varied setting",
    "robustness": "indicator scope_type scope_id",
    "changes": "measure_table entity layer metric before after method",
    "draws": "slice_start measure_table entity layer metric drawn",
    "tie_changes": "before after layer source_id target_id",
    "turnover": "before after layer node_set",
    "survival": "spell_kind spell_basis professional_group days",
    "activity": "measure_table entity metric period_start",
    "completeness": "slice_start record_kind organisation_id",
    "coverage": "record_kind source organisation_id period_start",
    "succession": "predecessor_id successor_id link_type link_date",
    "catalog": "table type column_or_metric",
    "people_behind": "slice_start layer organisation_id metric",
    "rejected_records": "record_kind source row field",
}
VALUE_TABLES = [name for name in CONTRACT if name.endswith("_metrics")]
RESTRICTED = ["draws", "people_behind", "rejected_records"]
PUBLISHED = [name for name in CONTRACT if name not in RESTRICTED]
NOT_IN_THE_SCENARIO = ["maturity_matrix", "succession"]
WORD = pa.dictionary(pa.int32(), pa.string())
EVIDENCE = {
    "measure": pa.string(),
    "value": pa.float64(),
    "operator": pa.string(),
    "threshold": pa.float64(),
    "met": pa.bool_(),
    "n": pa.int64(),
    "coverage": pa.float64(),
}
TYPES = {
    **dict.fromkeys(["slice_start", "slice_end", "window_start", "first_seen", "last_seen"], pa.date32()),
    **dict.fromkeys(["period_start", "period_end"], pa.date32()),
    **dict.fromkeys(["weight", "value", "coverage", "value_before", "value_after", "difference"], pa.float64()),
    **dict.fromkeys(["ci_low", "ci_high", "p_value", "q_value", "minimum", "maximum"], pa.float64()),
    **dict.fromkeys(["events", "people", "n_people", "n_organisations", "n_events"], pa.int64()),
    **dict.fromkeys(["n_before", "n_after", "row", "expected_n", "received_n", "axis_order"], pa.int64()),
    **dict.fromkeys(["level", "level_lo", "level_hi", "proxy_level"], pa.int64()),
    **dict.fromkeys(["table", "column_or_metric", "type", "unit", "undefined_when", "meaning"], pa.string()),
    **dict.fromkeys(["name", "formula", "reference", "before", "after", "message", "raw"], pa.string()),
    **dict.fromkeys(["share_level_1", "share_level_2", "share_level_3", "kept_share", "steady_share"], pa.float64()),
    **dict.fromkeys(["median_level", "elements_level_1", "elements_level_2", "elements_level_3"], pa.int64()),
    **dict.fromkeys(["directed", "split", "moved", "robust", "whole", "on_panel", "followed"], pa.bool_()),
    "link_date": pa.date32(),
    **dict.fromkeys(["n_variations", "n", "n_permutations", "n_spells", "n_left_out"], pa.int64()),
    **dict.fromkeys(["formed", "kept", "dissolved", "never"], pa.int64()),
    **dict.fromkeys(["days", "n_at_risk", "n_ended", "n_censored"], pa.int64()),
    **dict.fromkeys(["weight_before", "weight_after", "survival", "median_days"], pa.float64()),
    **dict.fromkeys(["jaccard", "retention", "formation", "correlation"], pa.float64()),
    "draws": pa.list_(pa.float64()),
    "wave_date": pa.date32(),
    "setting": pa.string(),
    "reasons": pa.list_(pa.string()),
    "evidence": pa.list_(pa.struct(list(EVIDENCE.items()))),
}  # every other column is a word
WORDS = {
    "layer": v.Layer,
    "node_set": v.NodeSet,
    "indicator": v.Indicator,
    "dimension": v.Dimension,
    "mark": v.Mark,
    "typology": v.Typology,
    "scope_type": v.ScopeType,
    "evidence_class": v.EvidenceClass,
    "basis": v.Basis,
    "trend": v.Trend,
    "verdict": v.Trend,
    "record_kind": v.RecordKind,
    "complete": v.Complete,
    "organisation_basis": v.OrganisationBasis,
    "outcome": v.LinkOutcome,
    "professional_group": v.PROFESSIONAL_GROUPS,
    "other_group": v.PROFESSIONAL_GROUPS,
    "measure_table": ["organisation_metrics", "pair_metrics", "group_metrics", "network_metrics", "indicators"],
    "drawn": v.Drawn,
    "change": v.TieChange,
    "spell_kind": v.SpellKind,
    "spell_basis": v.SpellBasis,
    "method": v.ChangeMethod,
}
EMPTY_WORDS = [("changes", "layer"), ("survival", "professional_group")]  # of no layer; of everybody
STAGES = [
    "records",
    "ties",
    "slices",
    "group metrics",
    "conduct",
    "pair metrics",
    "indicators",
    "resampling",
    "sensitivity",
    "change",
    "publish",
]


def path_of(folder: Path, table: str) -> Path:
    return folder / ("restricted" if table in RESTRICTED else "") / f"{table}.parquet"


@pytest.fixture(scope="session")
def tables(finished) -> dict[str, pa.Table]:
    return {name: pq.read_table(path_of(finished.folder, name)) for name in CONTRACT}


@pytest.fixture(scope="session")
def manifest(finished) -> dict[str, Any]:
    return json.loads((finished.folder / "manifest.json").read_text())


def plain(table: pa.Table, name: str) -> list[Any]:
    return table.column(name).to_pylist()


def tasks_of(flow_run: UUID) -> list[Any]:
    wanted = FlowRunFilter(id=FlowRunFilterId(any_=[flow_run]))
    with get_client(sync_client=True) as client:
        return client.read_task_runs(flow_run_filter=wanted, sort=TaskRunSort.NAME_ASC, limit=200)


@pytest.fixture(scope="session")
def task_runs(finished) -> list[Any]:
    """The run's tasks; they reach the server as events, and so some seconds later."""
    for _ in range(120):
        found = tasks_of(finished.id)
        if {run.name for run in found} >= set(STAGES) and all(run.state.is_completed() for run in found):
            break
        time.sleep(0.25)
    return found


@pytest.fixture(scope="session")
def artifacts(finished) -> dict[str, Any]:
    """The run's artifacts by key, without the network's name."""
    wanted = {"artifacts": {"flow_run_id": {"any_": [str(finished.id)]}}}
    with get_client(sync_client=True) as client:
        found = client.request("POST", "/artifacts/filter", json=wanted).json()
    return {artifact["key"].removeprefix("london-cancer-"): artifact for artifact in found}


class TestWhatPrefectSees:
    def test_the_flow_completes(self, finished):
        with get_client(sync_client=True) as client:
            flow_run = client.read_flow_run(finished.id)
        assert flow_run.state.is_completed()
        assert finished.summary["run_id"] == finished.folder.name

    def test_every_stage_is_a_task_of_its_own_name(self, task_runs):
        names = [run.name for run in task_runs]
        assert sorted(name for name in names if not name.startswith("metrics of ")) == sorted(STAGES)
        assert all(run.state.is_completed() for run in task_runs)

    def test_slices_are_measured_in_several_tasks_that_say_which(self, task_runs, finished):
        labels = [
            run.name.removeprefix("metrics of slices ") for run in task_runs if run.name.startswith("metrics of ")
        ]
        assert len(labels) == 16  # eight for each of two workers
        ends = sorted(label.split(" to ") for label in labels)
        assert ends[0][0] == finished.summary["first_slice"]
        assert ends[-1][-1] == finished.summary["last_slice"]

    def test_a_markdown_artifact_holds_the_counts_of_the_records(self, artifacts):
        assert artifacts["summary"]["key"] == "london-cancer-summary" and artifacts["summary"]["type"] == "markdown"
        assert "| attendance | 24,136 | 24,136 | 0 |  |" in artifacts["summary"]["data"]
        assert "| acquaint | 2 | assessed |" in artifacts["summary"]["data"]

    def test_a_table_artifact_holds_the_rows_of_every_table(self, artifacts, tables):
        rows = json.loads(artifacts["tables"]["data"])
        assert {row["table"]: row["rows"] for row in rows} == {name: t.num_rows for name, t in tables.items()}

    def test_the_summary_links_to_the_report(self, artifacts, finished):
        link = (finished.folder / "report.html").resolve().as_uri()
        assert f"[report]({link})" in artifacts["summary"]["data"]

    def test_the_report_has_a_link_of_its_own(self, artifacts, finished):
        link = (finished.folder / "report.html").resolve().as_uri()
        assert artifacts["report"]["data"] == f"[report]({link})"

    def test_the_summary_begins_as_the_report_does(self, artifacts, finished):
        told = artifacts["summary"]["data"]
        page = html.unescape((finished.folder / "report.html").read_text())
        assert len(finished.summary["sentences"]) == 5
        for question, text in finished.summary["sentences"]:
            assert f"- **{question}.** {text}" in told and text in page

    def test_neither_artifacts_nor_logs_name_a_person(self, artifacts, finished, people):
        assert len(people) == 201
        wanted = LogFilter(flow_run_id=LogFilterFlowRunId(any_=[finished.id]))
        with get_client(sync_client=True) as client:
            for _ in range(120):
                said = " ".join(
                    log.message for log in client.read_logs(wanted, limit=200, offset=0, sort=LogSort.TIMESTAMP_ASC)
                )
                if "publish: " in said:
                    break
                time.sleep(0.25)
        assert "records: 39,253 rows read, 0 put aside" in said
        told = " ".join([said, *(str(artifact["data"]) for artifact in artifacts.values())])
        assert not [person for person in people if person in told]


class TestTables:
    def test_every_table_is_there_and_nothing_else(self, finished):
        assert {path.name for path in finished.folder.glob("*.parquet")} == {f"{name}.parquet" for name in PUBLISHED}
        restricted = {path.name for path in (finished.folder / "restricted").iterdir()}
        assert restricted == {f"{name}.parquet" for name in RESTRICTED}
        assert [name for name, table in TABLES.items() if table.restricted] == RESTRICTED
        assert {path.name for path in finished.folder.iterdir()} == {
            "manifest.json",
            "report.html",
            "restricted",
            *(f"{name}.parquet" for name in PUBLISHED),
        }
        assert {path.name for path in finished.out.iterdir()} == {"runs", "current", "partials", ".lock"}
        assert (finished.out / "current").readlink() == Path("runs") / finished.folder.name

    @pytest.mark.parametrize("name", CONTRACT)
    def test_columns_stand_in_their_order(self, tables, name):
        assert tables[name].column_names == CONTRACT[name].split()

    @pytest.mark.parametrize("name", CONTRACT)
    def test_columns_have_their_types(self, tables, name):
        for field in tables[name].schema:
            assert field.type == TYPES.get(field.name, WORD), field.name

    @pytest.mark.parametrize("name", [name for name in PUBLISHED if name not in NOT_IN_THE_SCENARIO])
    def test_no_table_is_empty(self, tables, name):
        assert tables[name].num_rows > 0

    @pytest.mark.parametrize("name", CONTRACT)
    def test_rows_are_sorted_by_their_key_which_is_unique(self, tables, name):
        assert list(TABLES[name].key) == KEYS[name].split()
        columns = [plain(tables[name], key) for key in TABLES[name].key]
        keys = [tuple((value is None, value) for value in row) for row in zip(*columns, strict=True)]
        assert keys == sorted(keys)
        assert len(keys) == len(set(keys))

    @pytest.mark.parametrize("name", [*VALUE_TABLES, "activity"])
    def test_a_value_is_there_exactly_when_the_status_says_so(self, tables, name):
        valued = {
            status
            for status, value in zip(plain(tables[name], "status"), plain(tables[name], "value"), strict=True)
            if value is not None
        }
        empty = {
            status
            for status, value in zip(plain(tables[name], "status"), plain(tables[name], "value"), strict=True)
            if value is None
        }
        assert valued and valued <= {"ok", "nominal", "rounded"}
        assert empty <= {"undefined", "no_coverage", "insufficient", "suppressed"}

    @pytest.mark.parametrize("name", CONTRACT)
    def test_nan_is_nowhere(self, tables, name):
        for column, field in zip(tables[name].columns, tables[name].schema, strict=True):
            if pa.types.is_floating(field.type):
                assert not pc.any(pc.is_nan(column)).as_py(), field.name
        if name == "indicators":
            measures = pc.list_flatten(tables[name].column("evidence").combine_chunks())
            for part in ("value", "threshold", "coverage"):
                assert not pc.any(pc.is_nan(pc.struct_field(measures, part))).as_py(), part
        if name == "draws":
            assert not pc.any(pc.is_nan(pc.list_flatten(tables[name].column("draws")))).as_py()

    @pytest.mark.parametrize("name", CONTRACT)
    def test_words_are_legal(self, tables, name):
        for column in set(tables[name].column_names) & set(WORDS):
            found = set(plain(tables[name], column)) - {None}
            allowed = {*WORDS[column]} | ({""} if (name, column) in EMPTY_WORDS else set())
            assert found <= allowed, column

    @pytest.mark.parametrize("name", VALUE_TABLES)
    def test_metrics_are_registered_for_the_layer_they_stand_in(self, tables, name):
        level = v.Level(name.removesuffix("_metrics"))
        legal = {(m.name, layer.value) for m in registered(level) for layer in m.layers}
        assert set(zip(plain(tables[name], "metric"), plain(tables[name], "layer"), strict=True)) <= legal

    def test_an_indicator_has_a_level_exactly_when_it_was_assessed(self, tables):
        for row in tables["indicators"].to_pylist():
            assert row["status"] in list(v.IndicatorStatus)
            assert (row["level"] is not None) == (row["status"] == "assessed")
            assert (row["level_lo"] is not None) == (row["status"] in ("assessed", "interval"))
            assert row["reasons"], "every row says why"
            levels = [row[name] for name in ("level", "level_lo", "level_hi", "proxy_level") if row[name] is not None]
            assert set(levels) <= {1, 2, 3}

    def test_every_slice_of_the_period_appears(self, tables):
        slices = sorted(
            set(
                zip(
                    plain(tables["network_metrics"], "slice_start"),
                    plain(tables["network_metrics"], "slice_end"),
                    strict=True,
                )
            )
        )
        assert len(slices) == 20
        assert [start.isoformat() for start, _ in slices[:2]] == ["2014-05-01", "2014-08-01"]
        assert all(one[1] == two[0] for one, two in pairwise(slices))
        assert slices[-1][1].isoformat() == "2019-05-01"

    @pytest.mark.parametrize("name", CONTRACT)
    def test_descriptions_units_and_the_runs_content_travel_with_the_file(self, tables, manifest, name):
        schema = tables[name].schema
        assert schema.metadata[b"orgnet.table"] == name.encode()
        assert schema.metadata[b"orgnet.meaning"].endswith(b".")
        assert schema.metadata[b"orgnet.run"] == manifest["content_id"].encode()
        for field in schema:
            assert field.metadata[b"unit"] and field.metadata[b"meaning"], field.name

    @pytest.mark.parametrize("name", CONTRACT)
    def test_duckdb_pandas_and_pyarrow_read_the_same(self, finished, tables, name):
        arrow = tables[name].to_pylist()
        with duckdb.connect() as con:
            answer = con.execute(f"SELECT * FROM '{path_of(finished.folder, name)}'")
            names = [column for column, *_ in answer.description]
            assert [dict(zip(names, row, strict=True)) for row in answer.fetchall()] == arrow
        frame = pd.read_parquet(path_of(finished.folder, name))
        assert list(frame.columns) == CONTRACT[name].split()
        for column in frame.columns:
            if frame[column].dtype.kind == "f":
                missing = frame[column].isna()
                assert frame.loc[~missing, column].tolist() == [row[column] for row in arrow if row[column] is not None]
                assert missing.tolist() == [row[column] is None for row in arrow]


class TestManifest:
    def test_it_says_what_the_run_was(self, manifest, finished):
        assert manifest["run_id"] == finished.folder.name
        assert manifest["run_id"].endswith(manifest["content_id"])
        assert manifest["network"] == "london-cancer"
        assert manifest["package"] == {"name": "interorgnet", "version": "0.1.0"}
        assert manifest["engine"] | {"engine": "local", "workers": 2} == manifest["engine"]
        assert manifest["as_of"] is None, "its configuration says when the period ends"
        assert manifest["seeds"] == {"uncertainty": 20081018}
        assert datetime.fromisoformat(manifest["started"]) < datetime.fromisoformat(manifest["finished"])

    def test_it_holds_the_configuration_and_its_hash(self, manifest, finished):
        config = load_config(finished.config)
        assert manifest["configuration_sha256"] == config.digest
        assert manifest["configuration"]["period"] == {"start": "2014-05-01", "end": "2019-05-01"}
        assert set(manifest["configuration"]["sources"]) == set(manifest["records"]["read"])
        assert len(manifest["indicators"]["indicators"]) == 10

    def test_it_says_as_which_organisations_records_are_stated(self, manifest, finished):
        stated = manifest["organisations_stated"]
        assert (stated["basis"], stated["restated"], stated["ambiguous"]) == ("as_recorded", 0, 0)
        assert set(stated["ties_internal"].values()) == {0}
        assert set(stated["ties_internal"]) == set(v.Layer) - {"combined"}
        assert finished.summary["organisations"] == ""

    def test_it_names_the_key_and_never_tells_it(self, finished, manifest, london_cancer):
        secret = (london_cancer.parent / "demo.key").read_text().strip()
        assert manifest["person_key"]["source"]
        for path in finished.out.rglob("*"):
            if path.is_file():
                assert secret.encode() not in path.read_bytes(), path.name

    def test_input_hashes_are_those_of_the_files(self, manifest, london_cancer):
        named = yaml.safe_load(london_cancer.read_text())["sources"]
        assert {file["path"] for file in manifest["inputs"]} == {source["path"] for source in named.values()}
        for file in manifest["inputs"]:
            content = (london_cancer.parent / file["path"]).read_bytes()
            assert file["sha256"] == hashlib.sha256(content).hexdigest()

    def test_input_rows_are_those_of_the_files(self, manifest, london_cancer):
        for file in manifest["inputs"]:
            path = london_cancer.parent / file["path"]
            read = pd.read_parquet if path.suffix == ".parquet" else pd.read_csv
            assert file["rows"] == len(read(path)) == manifest["records"]["read"][file["record_kind"]]
        assert manifest["records"]["rejected"] == {}

    def test_table_rows_are_those_of_the_files(self, manifest, finished):
        found = {name: pq.read_metadata(path_of(finished.folder, name)).num_rows for name in CONTRACT}
        assert manifest["table_rows"] == found == finished.summary["tables"]


class TestFaults:
    @pytest.fixture
    def copied(self, london_cancer: Path, tmp_path: Path) -> Path:
        """The scenario, to be spoilt."""
        for path in london_cancer.parent.iterdir():
            os.link(path, tmp_path / path.name)
        return tmp_path / london_cancer.name

    def spoil(self, path: Path, content: str) -> None:
        path.unlink()
        path.write_text(content)

    def test_a_fault_in_the_records_fails_the_flow_and_publishes_nothing(self, copied):
        self.spoil(copied.with_name("attendance.csv"), "meeting_id,who\nM1,P1\n")
        state = run_network(copied, copied.parent / "out", return_state=True)
        assert state.is_failed()
        with pytest.raises(InputFault, match=r"attendance.csv.*'person_id' is missing"):
            state.result()
        assert not (copied.parent / "out").exists()

    def test_the_command_tells_that_fault_with_exit_code_2_and_no_traceback(self, copied):
        self.spoil(copied.with_name("attendance.csv"), "meeting_id,who\nM1,P1\n")
        found = orgnet("run", copied.name, folder=copied.parent, PREFECT_API_URL=PREFECT_API_URL.value())
        assert found.returncode == 2
        assert found.stdout == ""
        assert found.stderr.startswith("orgnet: attendance: attendance.csv: column 'person_id' is missing")
        assert "Traceback" not in found.stderr
        assert all(line.startswith("orgnet: ") for line in found.stderr.splitlines())

    def test_a_folder_that_cannot_be_written_in_is_told_before_the_work(self, copied):
        copied.with_name("out").write_text("a file")
        state = run_network(copied, copied.with_name("out"), return_state=True)
        with pytest.raises(InputFault, match="is not a folder"):
            state.result()
        assert tasks_of(state.state_details.flow_run_id) == []

    @pytest.mark.parametrize("fault", [OSError("the share is gone"), ConnectionResetError(), TimeoutError("too slow")])
    def test_what_may_go_away_by_itself_is_tried_again(self, fault):
        assert worth_retrying(None, None, State(type=StateType.FAILED, data=fault))

    @pytest.mark.parametrize("fault", [InputFault("row 7"), StoreFault("busy"), ValueError("ours"), KeyError("ours")])
    def test_what_will_not_is_not(self, fault):
        assert not worth_retrying(None, None, State(type=StateType.FAILED, data=fault))
