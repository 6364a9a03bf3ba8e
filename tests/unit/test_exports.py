"""`orgnet export`: every format read back, by another reader where there is one, and held against what is published."""

import csv
import json
import re
import subprocess
import sys
import tempfile
from datetime import date
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from igraph import Graph

from orgnet.errors import InputFault, StoreFault
from orgnet.exports import FORMATS, Wanted, export, written
from orgnet.vocabulary import DIRECTED_LAYERS
from tests.command import environment
from tests.published import Drawn, publish

AWKWARD = ["St Mary's, East", 'The "Old" Clinic', "Zürich Spital", "A&B <c>", "NA", "lone one"]
ONE, TWO, THREE, FOUR, FIVE, ALONE = AWKWARD
AMONG = {(ONE, TWO): 0.1, (TWO, THREE): 2.0, (FOUR, FIVE): 1e-7}
BACK = {(TWO, ONE): 3.0, (ONE, TWO): 4.0, (THREE, TWO): 1.0}
DRAWN = Drawn(
    rosters=[AWKWARD, AWKWARD[:5], AWKWARD],
    ties={"meetings": [AMONG, {(ONE, TWO): 1.5}, AMONG], "referrals": [BACK, {}, {**BACK, (FOUR, FIVE): 7.0}]},
)
LABELS = ["2015", "2016", "2017"]
LAYERS = ["meetings", "referrals"]


@pytest.fixture(scope="module")
def network(tmp_path_factory) -> Path:
    return publish(DRAWN, tmp_path_factory.mktemp("drawn"))


@pytest.fixture
def write(network, tmp_path):
    """Export the drawn network; return where it is."""

    def write(format: str, **options) -> Path:
        out = tmp_path / f"export.{format}"
        export(options.pop("network", network), Wanted(format, out, **options))
        return out

    return write


def ends(layer: str, ties) -> dict:
    """Ties by their ends, without an order where the layer has none."""
    return {(pair if layer in DIRECTED_LAYERS else frozenset(pair)): weight for pair, weight in ties.items()}


def edges_of(layer: str, graph, name: str = "weight") -> dict:
    return ends(layer, {(one, two): facts.get(name) for one, two, facts in graph.edges(data=True)})


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def cells(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def weights(drawn: Drawn, layer: str) -> dict:
    """Every published (slice, tie) cell."""
    return {
        (label, *pair): weight
        for label, ties in zip([each.label for each in drawn.calendar.slices], drawn.ties[layer], strict=True)
        for pair, weight in ties.items()
    }


def read_dl(text: str) -> tuple[list[str], list[str], list[list[list[float]]]]:
    """A DL file of full matrices, read strictly: labels, labels of matrices, matrices."""
    head = re.match(r"dl n=(\d+)(?: nm=(\d+))?\nformat=fullmatrix\nlabels:\n", text)
    assert head
    n, count = int(head[1]), int(head[2] or 1)
    lines = text[head.end() :].splitlines()

    def label(line: str) -> str:
        found = re.fullmatch(r'"([^"]*)"|([^ ,;=\'"]+)', line)
        assert found, line
        return found[1] if found[1] is not None else found[2]

    names, lines = [label(line) for line in lines[:n]], lines[n:]
    matrices: list[str] = []
    if count > 1:
        assert lines.pop(0) == "matrix labels:"
        matrices, lines = [label(line) for line in lines[:count]], lines[count:]
    assert lines.pop(0) == "data:"
    assert len(lines) == n * count
    found = [[float(cell) for cell in line.split(" ")] for line in lines]
    assert all(len(row) == n for row in found) and "e" not in "".join(lines)
    return names, matrices, [found[k * n : (k + 1) * n] for k in range(count)]


def of_matrix(names: list[str], matrix: list[list[float]], layer: str) -> dict:
    """The ties of a matrix; where there is no direction it must be its own mirror image."""
    if layer not in DIRECTED_LAYERS:
        assert matrix == [list(column) for column in zip(*matrix, strict=True)]
    return ends(
        layer, {(names[i], names[j]): x for i, row in enumerate(matrix) for j, x in enumerate(row) if x and i != j}
    )


@pytest.mark.parametrize("layer", LAYERS)
class TestReadBack:
    @pytest.mark.parametrize(("at", "label"), list(enumerate(LABELS)))
    def test_graphml(self, write, layer, at, label):
        graph = nx.read_graphml(write("graphml", layer=layer, slices=[label], metrics=["degree", "betweenness"]))
        assert sorted(graph) == sorted(DRAWN.rosters[at])
        assert graph.is_directed() == (layer == "referrals")
        assert edges_of(layer, graph) == ends(layer, DRAWN.ties[layer][at])
        for name, facts in graph.nodes(data=True):
            degree = sum(name in pair for pair in DRAWN.ties[layer][at])
            assert facts == {"label": name, "records_complete": "unknown", "degree": degree}
        assert graph.graph["run_id"] and (graph.graph["layer"], graph.graph["slice"]) == (layer, label)
        for *_, facts in graph.edges(data=True):
            assert (facts["events"], facts.get("people")) == (3, None if layer == "referrals" else 2)
            assert (facts["first_seen"], facts["last_seen"]) == (f"{label}-01-01", f"{label}-12-31")

    @pytest.mark.parametrize(("at", "label"), list(enumerate(LABELS)))
    def test_gexf_of_one_slice(self, write, layer, at, label):
        graph = nx.read_gexf(write("gexf", layer=layer, slices=[label]), version="1.3")
        assert sorted(graph) == sorted(DRAWN.rosters[at])
        assert graph.is_directed() == (layer == "referrals")
        assert edges_of(layer, graph) == ends(layer, DRAWN.ties[layer][at])

    def test_gexf_over_time(self, write, layer):
        graph = nx.read_gexf(write("gexf", layer=layer, metrics=["degree"]), version="1.3")
        found = {
            (start[:4], *((one, two) if layer == "referrals" else sorted((one, two)))): weight
            for one, two, facts in graph.edges(data=True)
            for weight, start, end in facts["weight"]
            if (start, end) == (f"{start[:4]}-01-01", f"{start[:4]}-12-31")
        }
        wanted = {
            (label, *(pair if layer == "referrals" else sorted(pair))): weight
            for (label, *pair), weight in weights(DRAWN, layer).items()
        }
        assert found == wanted
        assert sorted(graph) == sorted(AWKWARD)
        assert graph.nodes[ONE]["spells"] == [("2015-01-01", "2017-12-31")]
        assert graph.nodes[ALONE]["spells"] == [("2015-01-01", "2015-12-31"), ("2017-01-01", "2017-12-31")]
        assert graph.nodes[ALONE]["degree"][0] == (0.0, "2015-01-01", "2015-12-31")

    @pytest.mark.parametrize(("at", "label"), list(enumerate(LABELS)))
    def test_dl(self, write, layer, at, label):
        names, _, (matrix,) = read_dl(write("dl", layer=layer, slices=[label]).read_text("utf-8"))
        assert names == [name.replace('"', "'") for name in sorted(DRAWN.rosters[at])]
        real = sorted(DRAWN.rosters[at])
        assert of_matrix(real, matrix, layer) == ends(layer, DRAWN.ties[layer][at])

    def test_edges(self, write, layer):
        out = write("edges", layer=layer)
        found = {(r["slice"], r["source_id"], r["target_id"]): float(r["weight"]) for r in rows(out / "edges.csv")}
        assert found == weights(DRAWN, layer)
        nodes = {(r["slice"], r["organisation_id"]) for r in rows(out / "nodes.csv")}
        assert nodes == {(label, name) for label, names in zip(LABELS, DRAWN.rosters, strict=True) for name in names}

    def test_kumu(self, write, layer):
        out = write("kumu", layer=layer, slices=["all"])
        content = json.loads(out.read_text("utf-8"))
        assert [each["label"] for each in content["elements"]] == sorted(AWKWARD)
        found = {(each["slice"], each["from"], each["to"]): each["weight"] for each in content["connections"]}
        assert found == weights(DRAWN, layer)
        assert {each["direction"] for each in content["connections"]} == {
            "directed" if layer == "referrals" else "undirected"
        }
        assert json.loads(out.with_name(out.name + ".source.json").read_text())["network"] == "us"


OF_GEXF = {  # the RELAX NG schema of GEXF 1.3, as far as it is used
    "gexf": {"version"},
    "meta": {"lastmodifieddate"},
    "graph": {"defaultedgetype", "mode", "timeformat", "timerepresentation", "start", "end"},
    "attributes": {"class", "mode"},
    "attribute": {"id", "title", "type"},
    "node": {"id", "label"},
    "edge": {"id", "source", "target", "weight"},
    "attvalue": {"for", "value", "start", "end"},
    "spell": {"start", "end"},
}


class TestGexfSchema:
    @pytest.mark.parametrize("slices", [["last"], ["all"]])
    def test_only_what_the_schema_has_in_its_order(self, write, slices):
        root = ElementTree.parse(write("gexf", layer="meetings", slices=slices, metrics=["degree"])).getroot()
        for element in root.iter():
            tag = element.tag.removeprefix("{http://gexf.net/1.3}")
            assert set(element.attrib) <= OF_GEXF.get(tag, set()), tag
        meta, graph = root
        assert meta.get("lastmodifieddate") == "2020-02-03"
        assert [each.tag.rpartition("}")[2] for each in graph] == ["attributes", "attributes", "nodes", "edges"]
        assert all(len(spells) for spells in root.iter("{http://gexf.net/1.3}spells"))


class TestSeveral:
    def test_dl_of_all_layers_and_slices(self, write):
        out = write("dl", slices=["all"])
        names, labels, matrices = read_dl(out.read_text("utf-8"))
        assert labels == [f"{layer} {label}" for layer in LAYERS for label in LABELS]
        for label, matrix in zip(labels, matrices, strict=True):
            layer, year = label.split()
            assert of_matrix(sorted(AWKWARD), matrix, layer) == ends(layer, DRAWN.ties[layer][LABELS.index(year)])
        assert len(names) == 6
        source = json.loads(out.with_name(out.name + ".source.json").read_text("utf-8"))
        assert source["not_in_the_network"] == {"2016": [ALONE]}

    def test_dl_of_ones_is_read_by_igraph(self, write, tmp_path):
        plain = Drawn([list("abcd")] * 2, {"referrals": [{("a", "b"): 1.0, ("c", "a"): 5.0}, {("b", "a"): 2.0}]})
        out = publish(plain, tmp_path / "plain")
        path = write("dl", network=out, layer="referrals", slices=["2015"], at_least=2)
        graph = Graph.Read_DL(str(path))
        assert graph.vs["name"] == list("abcd") and graph.is_directed()
        assert [(graph.vs[i]["name"], graph.vs[j]["name"]) for i, j in graph.get_edgelist()] == [("c", "a")]

    def test_kumu_of_all_layers(self, write):
        content = json.loads(write("kumu").read_text("utf-8"))
        assert {each["type"] for each in content["connections"]} == set(LAYERS)

    def test_only_those_who_are_always_there(self, write):
        assert ALONE not in nx.read_graphml(write("graphml", layer="meetings", node_set="constant_panel"))


class TestNetworkxGexf:
    def test_it_cannot_read_a_changing_weight_that_it_wrote(self):
        """Why GEXF is not left to networkx; when this fails, see whether it can be."""
        graph = nx.Graph()
        graph.add_edge("a", "b", weight=[(1.0, "2015-01-01", "2015-12-31")])
        file = BytesIO()
        nx.write_gexf(graph, file, version="1.3")
        file.seek(0)
        with pytest.raises(ValueError, match="could not convert"):
            nx.read_gexf(file, version="1.3")


def spells_of(path: Path, *keys: str) -> dict[tuple[int, ...], set[int]]:
    """The times that spells cover, each of them once."""
    found: dict[tuple[int, ...], set[int]] = {}
    for row in rows(path):
        times = range(int(row["onset"]), int(row["terminus"]))
        covered = found.setdefault(tuple(int(row[key]) for key in keys), set())
        assert len(times) and not covered & set(times)
        covered |= set(times)
    return found


@pytest.mark.parametrize("layer", LAYERS)
class TestTergm:
    def test_spells_cover_exactly_the_published_cells(self, write, layer):
        out = write("tergm", layer=layer)
        name = {int(row["vertex.id"]): row["organisation_id"] for row in rows(out / "vertices.csv")}
        assert list(name.values()) == sorted(AWKWARD) and list(name) == [1, 2, 3, 4, 5, 6]
        edges = spells_of(out / "edge_spells.csv", "tail", "head")
        found = {(LABELS[time], name[one], name[two]) for (one, two), times in edges.items() for time in times}
        assert found == set(weights(DRAWN, layer))
        vertices = spells_of(out / "vertex_spells.csv", "vertex.id")
        assert {name[v]: times for (v,), times in vertices.items()} == {
            one: {at for at, roster in enumerate(DRAWN.rosters) if one in roster} for one in AWKWARD
        }
        values = rows(out / "edge_values.csv")
        assert {
            (LABELS[int(r["onset"])], name[int(r["tail"])], name[int(r["head"])]): float(r["weight"]) for r in values
        } == weights(DRAWN, layer)

    def test_neighbouring_slices_make_one_spell(self, write, layer):
        out = write("tergm", layer="meetings")
        assert [tuple(row.values()) for row in rows(out / "edge_spells.csv")] == [
            ("0", "1", "1", "2"),  # FOUR and FIVE, in the first slice and the third
            ("2", "3", "1", "2"),
            ("0", "3", "3", "4"),
            ("0", "1", "4", "5"),
            ("2", "3", "4", "5"),
        ]

    def test_in_days(self, write, layer):
        out = write("tergm", layer=layer, time="days")
        (zero, _), *_, (_, end) = [(row["onset"], row["terminus"]) for row in rows(out / "slices.csv")]
        assert (int(zero), int(end)) == (0, (date(2018, 1, 1) - date(2015, 1, 1)).days)
        covered = sum(map(len, spells_of(out / "edge_spells.csv", "tail", "head").values()))
        assert covered == sum(366 if label == "2016" else 365 for label, *_ in weights(DRAWN, layer))

    def test_the_script_names_the_files_and_the_direction(self, write, layer):
        out = write("tergm", layer=layer)
        script = (out / "read.R").read_text("utf-8")
        assert all((out / name).exists() for name in re.findall(r'read\.csv\("([^"]+)"', script))
        assert f"directed = {'TRUE' if layer == 'referrals' else 'FALSE'}" in script
        assert "observations = list(c(0, 3))" in script
        assert script.count("(") == script.count(")") and script.count("{") == script.count("}")


YEARS = [(date(year, 1, 1), date(year + 1, 1, 1)) for year in (2015, 2016, 2017)]
COMINGS = Drawn(
    rosters=[["a", "b", "c"], ["a", "b", "c", "d"], ["a", "c", "d"]],
    ties={"meetings": [{("a", "b"): 1.0}, {("a", "b"): 1.0, ("a", "c"): 2.0, ("b", "d"): 4.0}, {("a", "c"): 1.0}]},
    coverage=[
        *(("attendance", name, *YEARS[0], "true") for name in "abc"),
        ("attendance", "c", date(2016, 6, 1), date(2016, 7, 1), "false"),
        ("attendance", "a", *YEARS[1], "true"),
        ("referrals", None, *YEARS[2], "false"),  # of another kind
    ],
)


class TestRsiena:
    @pytest.fixture
    def made(self, tmp_path, write):
        return lambda **options: write("rsiena", network=publish(COMINGS, tmp_path / "in"), layer="meetings", **options)

    def test_ties_structural_zeros_and_what_is_not_known(self, made):
        out = made()
        assert [row["organisation_id"] for row in rows(out / "actors.csv")] == list("abcd")
        assert cells(out / "wave_1.csv") == [
            ["0", "1", "0", "10"],
            ["1", "0", "0", "10"],
            ["0", "0", "0", "10"],
            ["10", "10", "10", "0"],
        ]
        assert cells(out / "wave_2.csv") == [  # c is stated incomplete in June: a-c is a tie, b-c and c-d are not known
            ["0", "1", "1", "0"],
            ["1", "0", "NA", "1"],
            ["1", "NA", "0", "NA"],
            ["0", "1", "NA", "0"],
        ]
        assert cells(out / "wave_3.csv")[1] == ["10", "0", "10", "10"]

    def test_where_nothing_is_stated_it_can_count_as_missing(self, made):
        out = made(unknown_is_missing=True)
        assert cells(out / "wave_1.csv")[0] == ["0", "1", "0", "10"]  # all three are stated complete
        assert cells(out / "wave_3.csv")[0] == ["0", "10", "1", "NA"]

    def test_a_threshold(self, made):
        assert cells(made(at_least=2) / "wave_2.csv")[0] == ["0", "0", "1", "0"]

    def test_coming_and_going(self, made):
        assert (made() / "composition_change.txt").read_text() == "1 3\n1 2.5\n1 3\n1.5 3\n".replace(
            "1.5 3", f"{1 + 183 / 366:g} 3"
        )

    def test_coming_between_two_waves(self, tmp_path):
        # Waves end with 2016, 2018 and 2020; b is there from 2017 on: it came halfway from the end of 2016 to that of
        # 2017, a quarter of the way to the second wave. c is gone in 2018, and in 2017 it was there.
        both, three = ["a", "b"], ["a", "b", "c"]
        rosters = [["a", "c"], ["a", "c"], three, both, both, both]
        drawn = Drawn(rosters, {"meetings": [{}] * 6}, window="2 years")
        export(publish(drawn, tmp_path / "in"), Wanted("rsiena", tmp_path / "out", "meetings"))
        assert (tmp_path / "out" / "composition_change.txt").read_text() == "1 3\n1.25 3\n1 1.75\n"

    def test_jaccard_by_hand(self, made):
        # Known in both of waves 1 and 2: a-b (both), a-c (only the second); b-c is not known. 1 of 2.
        # Waves 2 and 3: a-c in both; a-d in neither; c-d not known in the second; b is gone. 1 of 1.
        waves = rows(made() / "waves.csv")
        assert [row["jaccard_with_wave_before"] for row in waves] == ["", "0.5", "1.0"]
        assert [(r["ties"], r["not_known"], r["structural_zeros"]) for r in waves] == [
            ("1", "0", "3"),
            ("3", "2", "0"),
            ("1", "0", "3"),
        ]

    def test_waves_that_do_not_overlap(self, tmp_path):
        long = Drawn([["a", "b"]] * 6, {"meetings": [{("a", "b"): 1.0}] * 6}, window="2 years")
        said = export(publish(long, tmp_path / "in"), Wanted("rsiena", tmp_path / "out", layer="meetings", slices=()))
        assert [row["slice"] for row in rows(tmp_path / "out" / "waves.csv")] == ["2016", "2018", "2020"]
        assert "1 slices left out: their windows begin before the period" in said
        assert "2 slices left out: their windows overlap with those of the waves" in said
        assert (
            "wave 2: 2018, Jaccard index 1 (nothing changes, so there is nothing to explain) with the wave before"
            in said
        )

    def test_overlapping_waves_are_told(self, tmp_path):
        long = Drawn([["a", "b"]] * 3, {"meetings": [{("a", "b"): 1.0}] * 3}, window="2 years")
        said = export(publish(long, tmp_path / "in"), Wanted("rsiena", tmp_path / "o", "meetings", ["all"]))
        assert any("overlap, so that ties last by construction" in line for line in said)

    def test_covariates(self, made):
        out = made(metrics=["degree", "betweenness"])
        assert cells(out / "varying_degree.csv") == [
            ["1.0", "2.0", "1.0"],
            ["1.0", "2.0", "NA"],
            ["0.0", "1.0", "1.0"],
            ["NA", "1.0", "0.0"],
        ]
        assert [row["betweenness"] for row in rows(out / "actors.csv")] == [""] * 4  # suppressed, and never made up
        script = (out / "read.R").read_text()
        assert "coCovar(actors$betweenness)" in script and 'read.csv("varying_degree.csv"' in script
        assert script.count("(") == script.count(")") and script.count("{") == script.count("}")

    def test_one_wave_is_no_panel(self, made):
        with pytest.raises(InputFault, match="found 1 wave"):
            made(slices=["2016"])


class TestWhatIsNotPublished:
    @pytest.fixture
    def hidden(self, tmp_path):
        ties = {("a", "b"): None, ("b", "c"): 2.0}
        return publish(Drawn([list("abc")] * 2, {"meetings": [ties, ties]}), tmp_path / "in")

    def test_a_weight_is_left_out_and_the_tie_is_kept(self, hidden, write):
        graph = nx.read_graphml(write("graphml", network=hidden, layer="meetings"))
        assert edges_of("meetings", graph) == {frozenset("ab"): None, frozenset("bc"): 2.0}
        table = rows(write("edges", network=hidden, layer="meetings", slices=["last"]) / "edges.csv")
        assert [row["weight"] for row in table] == ["", "2.0"]
        connections = json.loads(write("kumu", network=hidden, layer="meetings").read_text())["connections"]
        assert "weight" not in connections[0]
        values = rows(write("tergm", network=hidden, layer="meetings") / "edge_values.csv")
        assert [row["weight"] for row in values] == ["NA", "2.0"] * 2

    def test_a_matrix_has_no_room_for_it(self, hidden, write):
        with pytest.raises(InputFault, match="from a to b has no published weight"):
            write("dl", network=hidden, layer="meetings")

    def test_a_threshold_cannot_be_told(self, hidden, write):
        assert cells(write("rsiena", network=hidden, layer="meetings", at_least=1) / "wave_1.csv")[0] == [
            "0",
            "NA",
            "0",
        ]

    def test_ties_off_the_roster_are_counted(self, tmp_path):
        drawn = Drawn([["a", "b"]], {"meetings": [{("a", "b"): 1.0, ("b", "gone"): 1.0}]})
        out = tmp_path / "a.graphml"
        said = export(publish(drawn, tmp_path / "in"), Wanted("graphml", out, "meetings"))
        assert "1 ties left out: one of the two is not in the network in that slice" in said
        assert sorted(nx.read_graphml(out)) == ["a", "b"]


NAMES = st.text(st.sampled_from("abXY019 ,;='\"&<>#éß漢-_"), min_size=1, max_size=6).filter(
    lambda text: text == " ".join(text.split()) and text
)


@st.composite
def networks(draw):
    names = draw(st.lists(NAMES, min_size=1, max_size=5, unique_by=lambda name: name.replace('"', "'")))
    rosters = [sorted(draw(st.sets(st.sampled_from(names)))) for _ in range(3)]
    some = st.floats(min_value=1e-9, max_value=1e9)
    ties: dict = {layer: [] for layer in LAYERS}
    for layer in LAYERS:
        for roster in rosters:
            pairs = [(a, b) for a in roster for b in roster if (a != b if layer == "referrals" else a < b)]
            chosen = draw(st.sets(st.sampled_from(pairs))) if pairs else set()
            ties[layer].append({pair: draw(some) for pair in sorted(chosen)})
    return Drawn(rosters, ties)


class TestAnyNetwork:
    @settings(max_examples=12, deadline=None, derandomize=True)
    @given(networks(), st.sampled_from(LAYERS))
    def test_comes_back_from_every_format(self, drawn, layer):
        with tempfile.TemporaryDirectory() as folder:
            network, out = publish(drawn, Path(folder) / "in"), Path(folder)
            for at, label in enumerate(LABELS):
                self.of_one_slice(network, out, drawn, layer, at, label)
            export(network, Wanted("edges", out / "edges", layer))
            table = rows(out / "edges" / "edges.csv")
            found = {(r["slice"], r["source_id"], r["target_id"]): float(r["weight"]) for r in table}
            assert found == weights(drawn, layer)
            if any(drawn.rosters):
                self.of_all_slices(network, out, drawn, layer)

    def of_one_slice(self, network, out, drawn, layer, at, label):
        wanted, roster = ends(layer, drawn.ties[layer][at]), sorted(drawn.rosters[at])
        export(network, Wanted("graphml", out / "g", layer, [label], replace=True))
        graph = nx.read_graphml(out / "g")
        assert (sorted(graph), edges_of(layer, graph)) == (roster, wanted)
        export(network, Wanted("gexf", out / "x", layer, [label], replace=True))
        graph = nx.read_gexf(out / "x", version="1.3")
        assert (sorted(graph), edges_of(layer, graph)) == (roster, wanted)
        if roster:
            export(network, Wanted("dl", out / "d", layer, [label], replace=True))
            names, _, (matrix,) = read_dl((out / "d").read_text("utf-8"))
            assert names == [name.replace('"', "'") for name in roster]
            assert of_matrix(roster, matrix, layer) == wanted

    def of_all_slices(self, network, out, drawn, layer):
        export(network, Wanted("tergm", out / "t", layer))
        name = {int(row["vertex.id"]): row["organisation_id"] for row in rows(out / "t" / "vertices.csv")}
        edges = spells_of(out / "t" / "edge_spells.csv", "tail", "head")
        found = {(LABELS[time], name[one], name[two]) for (one, two), times in edges.items() for time in times}
        assert found == set(weights(drawn, layer))
        export(network, Wanted("rsiena", out / "r", layer))
        actors = [row["organisation_id"] for row in rows(out / "r" / "actors.csv")]
        for at, roster in enumerate(drawn.rosters):
            matrix = cells(out / "r" / f"wave_{at + 1}.csv")
            for i, one in enumerate(actors):
                for j, two in enumerate(actors):
                    tied = (one, two) in drawn.ties[layer][at] or (
                        layer == "meetings" and (two, one) in drawn.ties[layer][at]
                    )
                    inside = one in roster and two in roster
                    assert matrix[i][j] == ("0" if i == j else str(int(tied)) if inside else "10")
        lines = (out / "r" / "composition_change.txt").read_text().splitlines()
        for one, line in zip(actors, lines, strict=True):
            times = [float(word) for word in line.split(" ")]
            assert len(times) % 2 == 0 and all(a < b or a == b in (1, 3) for a, b in pairwise(times))
            there = [any(a <= wave <= b for a, b in zip(times[::2], times[1::2], strict=True)) for wave in (1, 2, 3)]
            assert there == [one in roster for roster in drawn.rosters]


class TestWriting:
    @pytest.mark.parametrize("format", FORMATS)
    def test_the_same_bytes_again(self, write, tmp_path, format):
        def bytes_of(out: Path) -> dict[str, bytes]:
            paths = sorted(out.iterdir()) if out.is_dir() else sorted(tmp_path.glob(f"{out.name}*"))
            return {path.name: path.read_bytes() for path in paths}

        first = bytes_of(write(format, layer="meetings"))
        assert first == bytes_of(write(format, layer="meetings", replace=True))
        assert b"20200203T000000" in b"".join(first.values())  # the run's id
        assert not list(tmp_path.rglob(".*"))

    @pytest.mark.parametrize("format", FORMATS)
    def test_what_is_there_stays(self, write, format):
        out = write(format, layer="meetings")
        before = out.stat().st_ino, out.stat().st_mtime_ns  # not when it was last read
        with pytest.raises(InputFault, match="--replace"):
            write(format, layer="referrals")
        assert (out.stat().st_ino, out.stat().st_mtime_ns) == before

    def test_a_folder_that_is_no_export_is_never_replaced(self, network, tmp_path):
        (tmp_path / "precious.txt").write_text("mine")
        with pytest.raises(InputFault, match="everything in it would be lost"):
            export(network, Wanted("edges", tmp_path, "meetings", replace=True))

    def test_an_empty_folder_is_filled(self, network, tmp_path):
        (tmp_path / "new").mkdir()
        export(network, Wanted("edges", tmp_path / "new", "meetings"))
        assert (tmp_path / "new" / "edges.csv").exists()

    @pytest.mark.parametrize(("format", "words"), [("kumu", "is a folder"), ("edges", "is a file")])
    def test_a_file_is_no_folder(self, network, tmp_path, format, words):
        (tmp_path / "folder").mkdir()
        (tmp_path / "file").write_text("mine")
        out = tmp_path / ("folder" if format == "kumu" else "file")
        with pytest.raises(InputFault, match=words):
            export(network, Wanted(format, out, "meetings", replace=True))

    @pytest.mark.parametrize("format", ["edges", "dl"])
    def test_whole_or_not_at_all(self, write, tmp_path, monkeypatch, format):
        write(format, layer="meetings")
        before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
        real, calls = written._write, []

        def full(path: Path, text: str) -> None:
            calls.append(path)
            if len(calls) == 2:
                raise OSError(28, "No space left on device")
            real(path, text)

        monkeypatch.setattr(written, "_write", full)
        with pytest.raises(StoreFault, match="No space left"):
            write(format, layer="referrals", replace=True)
        assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


class TestFaults:
    @pytest.mark.parametrize(
        ("format", "options", "words"),
        [
            ("graphlm", {}, "--as: there is no 'graphlm'; did you mean graphml?"),
            ("graphml", {"layer": "meeting"}, "--layer: there is no layer 'meeting'; did you mean meetings?"),
            ("graphml", {}, "--layer: graphml holds one layer; say which of meetings, referrals"),
            ("rsiena", {}, "--layer: rsiena holds one layer"),
            ("gexf", {"layer": "mdt"}, "there is no layer 'mdt'"),
            ("graphml", {"layer": "meetings", "slices": ["2051"]}, "no slice '2051'; did you mean 2017"),
            ("graphml", {"layer": "meetings", "slices": ["all"]}, "graphml holds one slice, and 3 are asked for"),
            ("graphml", {"layer": "meetings", "metrics": ["degre"]}, "did you mean degree?"),
            ("kumu", {"metrics": ["degree"]}, "name one, as LAYER:degree"),
            ("kumu", {"metrics": ["meetings:degree"], "slices": ["all"]}, "give one --slice"),
            ("gexf", {"layer": "meetings", "node_set": "rooster"}, "did you mean roster?"),
            ("gexf", {"layer": "meetings", "at_least": 1.0}, "--at-least: is of no use to gexf, only to dl, rsiena"),
            ("tergm", {"layer": "meetings", "time": "day"}, "--time: there is no 'day'; did you mean days?"),
        ],
    )
    def test_what_cannot_be(self, write, tmp_path, format, options, words):
        with pytest.raises(InputFault) as fault:
            write(format, **options)
        assert words in str(fault.value)
        assert not list(tmp_path.iterdir())

    def test_names_that_dl_cannot_tell_apart(self, write, tmp_path):
        drawn = Drawn([["a'b", 'a"b']], {"meetings": [{}]})
        with pytest.raises(InputFault, match="cannot be told apart"):
            write("dl", network=publish(drawn, tmp_path / "in"), layer="meetings")

    def test_a_folder_without_results(self, tmp_path):
        with pytest.raises(InputFault, match="no run has published there"):
            export(tmp_path, Wanted("edges", tmp_path / "out"))


class TestCompleteness:
    def test_a_window_of_statements_that_join(self, tmp_path, write):
        half = date(2015, 7, 1)
        stated = [("attendance", None, date(2015, 1, 1), half, "true"), ("attendance", "a", half, YEARS[1][0], "true")]
        drawn = Drawn([["a", "b"]], {"meetings": [{}]}, coverage=stated)
        graph = nx.read_graphml(write("graphml", network=publish(drawn, tmp_path / "in"), layer="meetings"))
        assert {name: facts["records_complete"] for name, facts in graph.nodes(data=True)} == {
            "a": "true",
            "b": "unknown",
        }


class TestCommand:
    @pytest.fixture
    def command(self, network, tmp_path):
        """The command of this checkout, run as a person would run it."""

        def run(*arguments: str) -> subprocess.CompletedProcess[str]:
            words = [sys.executable, "-m", "orgnet.cli", "export", str(network), *arguments]
            at = environment(PYTHONPATH=str(Path(__file__).parents[2]))
            return subprocess.run(words, cwd=tmp_path, env=at, capture_output=True, text=True, check=False, timeout=60)

        return run

    def test_it_says_what_it_wrote(self, command, tmp_path):
        answer = command("--as", "rsiena", "--layer", "meetings", "--out", "panel", "--metric", "degree")
        assert (answer.returncode, answer.stderr) == (0, "")
        assert answer.stdout.splitlines() == [
            "panel: meetings, 3 slices, 2015 to 2017: 6 organisations, 7 ties",
            "wave 1: 2015",
            "wave 2: 2016, Jaccard index 0.33 (good) with the wave before",
            "wave 3: 2017, Jaccard index 0.33 (good) with the wave before",
        ]
        assert (tmp_path / "panel" / "varying_degree.csv").exists()

    def test_a_fault_is_exit_code_2(self, command, tmp_path):
        answer = command("--as", "edges", "--out", "a", "--slice", "2051")
        assert (answer.returncode, answer.stdout) == (2, "")
        assert answer.stderr.startswith("orgnet: --slice: there is no slice '2051'")
        assert not (tmp_path / "a").exists()
