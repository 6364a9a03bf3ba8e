"""The data dictionary says everything, once, and is current; and the Python door opens what was published."""

import json
import re
from pathlib import Path

import networkx as nx
import pandas as pd
import pytest

import orgnet
from orgnet import query, reference
from orgnet.errors import InputFault
from orgnet.metrics.registry import registered
from orgnet.schema import KINDS, TABLES
from orgnet.schema.columns import COLUMNS
from orgnet.vocabulary import Indicator, Layer

ROOT = Path(__file__).parents[2]
LAST = "2019-02-01/3m"


class TestGeneratedPages:
    @pytest.mark.parametrize(
        "name", ["docs/data_dictionary.md", "docs/glossary.md", "configs/schema.json", "orgnet/schema/catalog.json"]
    )
    def test_they_are_current(self, name):
        assert (ROOT / name).read_text(encoding="utf-8") == reference.pages()[name], "run `make fix`"

    def test_these_are_all(self):
        assert len(reference.pages()) == 4

    def test_the_check_tells_a_stale_page_and_the_command_mends_it(self, monkeypatch, tmp_path, capsys):
        monkeypatch.setattr(reference, "__file__", str(tmp_path / "orgnet" / "reference.py"))
        (tmp_path / "orgnet").mkdir()
        (tmp_path / "orgnet" / "schema").mkdir()
        assert reference.main(["--check"]) == 1
        assert "docs/data_dictionary.md is not current: run `make fix`" in capsys.readouterr().out
        assert reference.main([]) == 0
        assert reference.main(["--check"]) == 0
        (tmp_path / "docs" / "data_dictionary.md").write_text("changed by hand")
        assert reference.main(["--check"]) == 1


class TestDictionary:
    @pytest.mark.parametrize("name", COLUMNS)
    def test_every_column_has_a_type_a_unit_and_a_meaning(self, name):
        column = COLUMNS[name]
        assert column.name == name
        assert column.type is not None
        assert column.unit.strip()
        assert re.fullmatch(r"[A-Z].*\.", column.meaning), "a sentence"

    @pytest.mark.parametrize("name", TABLES)
    def test_every_table_is_made_of_declared_columns_and_keyed_by_its_own(self, name):
        table = TABLES[name]
        assert set(table.column_names) <= set(COLUMNS)
        assert len(set(table.column_names)) == len(table.column_names)
        assert set(table.key) <= set(table.column_names)
        assert table.sentence.endswith(".")

    def test_no_column_is_declared_in_vain(self):
        assert set(COLUMNS) == {name for table in TABLES.values() for name in table.column_names}

    def test_every_column_of_every_table_is_in_the_catalog_once(self):
        found = [(row["table"], row["column_or_metric"]) for row in reference.column_rows()]
        assert found == [(table.name, name) for table in TABLES.values() for name in table.column_names]

    def test_every_metric_is_in_the_catalog_once(self):
        found = [(row["table"], row["column_or_metric"]) for row in reference.metric_rows()]
        assert sorted(found) == sorted((f"{metric.level}_metrics", metric.name) for metric in registered())

    def test_what_describe_reads_has_all_of_it(self):
        content = json.loads(reference.pages()["orgnet/schema/catalog.json"])
        assert list(content["tables"]) == list(TABLES)
        assert list(content["indicators"]) == list(Indicator)
        assert len(content["catalog"]) == len([*reference.column_rows(), *reference.metric_rows()])

    def test_the_page_has_every_table_metric_indicator_kind_and_field(self):
        page = reference.pages()["docs/data_dictionary.md"]
        for name in [*TABLES, *(metric.name for metric in registered()), *KINDS]:
            assert f"### {name}\n" in page
        for indicator in Indicator:
            assert f"### {indicator}: " in page
        for kind in KINDS.values():
            for field in kind.fields:
                assert f"| {field.name} | {field.type} |" in page

    def test_rules_of_indicators_read_as_sentences(self):
        rules = reference.indicators()["acquaint"]["rules"]
        assert rules == [
            "level 3 if meet_rate_median >= 4 and opp_regularity >= 0.75 and acq_breadth >= 0.5",
            "level 1 if opp_events == 0, provided that records of attendance are known to be complete",
            "level 2 otherwise",
        ]


class TestRegistry:
    def test_it_is_a_data_frame_of_one_row_per_metric(self):
        frame = orgnet.metrics()
        assert isinstance(frame, pd.DataFrame)
        assert list(zip(frame["level"], frame["name"], strict=True)) == [(m.level, m.name) for m in registered()]
        for fact in ("formula", "unit", "undefined_when", "reference", "meaning", "layers", "weights"):
            assert frame[fact].str.strip().all(), fact


class TestDoor:
    @pytest.fixture(scope="class")
    @classmethod
    def run(cls, commanded) -> "orgnet.Snapshot":
        return orgnet.open(commanded.out)

    def test_every_promised_name_is_behind_it(self):
        assert sorted(orgnet.__all__) == orgnet.__all__
        for name in orgnet.__all__:
            assert getattr(orgnet, name) is not None
        with pytest.raises(AttributeError, match="no attribute 'nothing'"):
            orgnet.nothing  # noqa: B018

    def test_a_run_by_its_id_or_by_its_own_folder(self, run, commanded):
        identity = run.manifest["run_id"]
        assert orgnet.open(str(commanded.out), identity) == run
        assert orgnet.open(commanded.out / "runs" / identity) == run

    def test_an_unknown_run_and_a_place_without_results(self, commanded, tmp_path):
        with pytest.raises(InputFault, match=r"found no run '2001'.*runs there: 20\d\d"):
            orgnet.open(commanded.out, "2001")
        with pytest.raises(InputFault, match="found no run"):
            orgnet.open(commanded.out, "../current")
        with pytest.raises(InputFault, match="no run has published there"):
            orgnet.open(tmp_path)

    def test_the_manifest(self, run):
        assert run.manifest["network"] == "london-cancer"
        assert run.manifest["run_id"] == run.folder.name

    @pytest.mark.parametrize("name", [name for name, table in TABLES.items() if not table.of_copies])
    def test_tables_are_data_frames(self, run, name):
        frame = run.table(name)
        assert list(frame.columns) == list(TABLES[name].column_names)
        assert len(frame) == run.manifest["table_rows"][name]

    def test_an_unknown_table(self, run):
        with pytest.raises(InputFault, match="'tie' is not a table; did you mean ties"):
            run.table("tie")

    @pytest.mark.parametrize("name", [name for name in TABLES if name.endswith("_metrics")])
    def test_a_wide_table_holds_the_values_of_the_long_one(self, run, name):
        long, wide = run.table(name), run.wide(name)
        metrics = sorted(long["metric"].unique())
        assert list(wide.columns[-len(metrics) :]) == metrics
        keys = list(wide.columns[: -len(metrics)])
        assert not wide.duplicated(keys).any()
        melted = wide.melt(id_vars=keys, var_name="metric", value_name="value").dropna(subset="value")
        expected = long.astype(dict.fromkeys([*keys, "metric"], str))[[*keys, "metric", "value"]].dropna(subset="value")
        melted = melted.astype(dict.fromkeys([*keys, "metric"], str))
        order = [*keys, "metric"]
        pd.testing.assert_frame_equal(
            melted.sort_values(order).reset_index(drop=True)[expected.columns],
            expected.sort_values(order).reset_index(drop=True),
        )

    @pytest.mark.parametrize("name", [name for name in TABLES if name.endswith("_metrics")])
    def test_it_is_the_same_in_sql(self, run, name):
        in_sql = query.ask(f"SELECT * FROM {name}_wide", run.folder)
        frame = run.wide(name)
        assert in_sql.columns == list(frame.columns)
        keys = in_sql.columns[: in_sql.columns.index("layer") + 2]
        there = pd.DataFrame(in_sql.rows, columns=in_sql.columns).sort_values(keys).reset_index(drop=True)
        here = frame.sort_values(keys).reset_index(drop=True)
        for column in in_sql.columns:
            if frame[column].dtype.kind == "f":
                pd.testing.assert_series_equal(there[column].astype(float), here[column])
            else:
                assert there[column].astype(str).tolist() == here[column].astype(str).tolist()

    def test_one_layer_of_a_wide_table(self, run):
        wide = run.wide("organisation_metrics", layer="referrals")
        assert list(wide.columns[:4]) == ["slice", "slice_start", "slice_end", "organisation_id"]
        assert {"in_degree", "out_strength"} <= set(wide.columns)
        assert not wide.duplicated(["slice", "organisation_id"]).any()

    def test_what_has_no_wide_form(self, run):
        with pytest.raises(InputFault, match="'ties' has no wide form"):
            run.wide("ties")
        with pytest.raises(InputFault, match="there is no layer 'referals'; did you mean referrals"):
            run.wide("organisation_metrics", layer="referals")

    @pytest.mark.parametrize("layer", Layer)
    def test_a_graph_holds_the_layers_ties_under_their_names(self, run, layer):
        graph = run.graph(layer, LAST)
        ties = run.table("ties").query("layer == @layer and slice == @LAST")
        assert graph.is_directed() == bool(ties["directed"].iloc[0])
        found = {
            (graph.vs[edge.source]["name"], graph.vs[edge.target]["name"]): (edge["weight"], edge["distance"])
            for edge in graph.es
        }
        assert found == {
            (row.source_id, row.target_id): (row.weight, pytest.approx(1 / row.weight)) for row in ties.itertuples()
        }

    @pytest.mark.parametrize("layer", Layer)
    def test_a_graph_gives_the_published_metrics(self, run, layer):
        """Names are right only if every vertex has the degree that was published under its name."""
        graph = run.graph(layer, LAST)
        rows = run.table("organisation_metrics").query("layer == @layer and slice == @LAST")
        for metric, values in (("degree", graph.degree()), ("strength", graph.strength(weights="weight"))):
            published = rows[rows["metric"] == metric].dropna(subset="value")
            if len(published):
                found = dict(zip(graph.vs["name"], map(float, values), strict=True))
                assert dict(zip(published["organisation_id"], published["value"], strict=True)) == pytest.approx(found)

    def test_isolates_stay(self, run):
        graph = run.graph("joint_roles", "2014-05-01/3m")
        assert graph.vcount() == 13 and graph.ecount() == 0
        assert graph.vs["name"] == sorted(graph.vs["name"])

    def test_it_goes_to_networkx(self, run):
        graph = run.graph("referrals", LAST)
        other = graph.to_networkx(vertex_attr_hashable="name")
        assert isinstance(other, nx.DiGraph)
        assert sorted(other.nodes) == graph.vs["name"]
        assert other.number_of_edges() == graph.ecount()

    def test_an_unknown_layer_or_slice(self, run):
        with pytest.raises(InputFault, match=r"there is no slice '2019-02-01'; did you mean .*2019-02-01/3m"):
            run.graph("referrals", "2019-02-01")
        with pytest.raises(InputFault, match="there is no layer 'meeting'; did you mean meetings"):
            run.graph("meeting", LAST)
