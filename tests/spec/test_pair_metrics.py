"""What each metric of a pair of organisations is: worked examples, and checks against networkx and plain Python.

Ties are drawn as `ab5`: from a to b, of strength 5; in undirected layers the letters are in order of the alphabet.
"""

from datetime import date
from math import nan
from pathlib import Path

import duckdb
import networkx as nx
import numpy as np
import pytest

from orgnet.metrics.histories import History, NumberedPairs, measure_pairs, pairs_of
from orgnet.metrics.measure import COMBINABLE, Block, names_of
from orgnet.metrics.tables import pair_table, ties_table
from orgnet.slices import SliceTies, combined, cut
from orgnet.vocabulary import DIRECTED_LAYERS, Layer, Level
from orgnet.windows import Calendar, Step
from tests.networks import Network, network
from tests.plain_pairs import PlainPairs

NAMES = "abcdefgh"
YEAR = Calendar.make(date(1970, 1, 1), date(1971, 1, 1), Step(months=12), Step(months=12))


def exactly(expected: float):
    return pytest.approx(expected, rel=1e-12, abs=1e-12, nan_ok=True)


def layer(name: str, ties: dict[tuple[int, int], float]) -> SliceTies:
    """One layer's ties in slice 0, in order of source and target."""
    ends = np.array(sorted(ties), dtype=np.int64).reshape(-1, 2)
    weight = np.array([ties[source, target] for source, target in ends.tolist()], dtype=np.float64)
    ones = np.ones(len(ends), dtype=np.int64)
    return SliceTies(Layer(name), 0, ends[:, 0], ends[:, 1], weight, ones, ones, ones, ones)


def drawn(name: str, ties: str) -> SliceTies:
    ends = {(NAMES.index(word[0]), NAMES.index(word[1])): float(word[2:] or 1) for word in ties.split()}
    return layer(name, ends)


def block(*layers: SliceTies) -> Block:
    """The pair metrics of the last of some layers, whose ties have no history."""
    last, n = layers[-1], len(NAMES)
    known = NumberedPairs(last.source * n + last.target, n)
    history = History(known, last.first_day, np.ones((len(last), 1), np.int64))
    return pairs_of(last, history, YEAR, n, len(COMBINABLE))


def pairs(found: Block, metric: str) -> dict[str, float]:
    """One metric of every pair, by the letters of the two."""
    column = [m.name for m in names_of(Level.PAIR, found.layer, "pairs")].index(metric)
    ends = [NAMES[one] + NAMES[two] for one, two in zip(found.entity, found.other, strict=True)]
    return dict(zip(ends, found.values[:, column].tolist(), strict=True))


# --- worked examples ----------------------------------------------------------------------------------------


@pytest.mark.worked_example("pair.weight")
def test_weight_is_the_ties_own():
    assert pairs(block(drawn("meetings", "ab2.5 bc1")), "weight") == {"ab": 2.5, "bc": 1}
    # A direction has a weight of its own.
    assert pairs(block(drawn("referrals", "ab5 ba3")), "weight") == {"ab": 5, "ba": 3}
    assert pairs(block(drawn("mdt", "")), "weight") == {}


@pytest.mark.worked_example("pair.reciprocity")
def test_reciprocity_of_a_pair_is_the_lesser_weight_over_the_greater():
    found = block(drawn("referrals", "ab5 ba3 ac2 cd4 dc4 bd1"))
    assert pairs(found, "reciprocity") == exactly({"ab": 3 / 5, "ba": 3 / 5, "ac": 0, "cd": 1, "dc": 1, "bd": 0})
    # One in return for a hundred is next to nothing.
    assert pairs(block(drawn("convening", "ab100 ba")), "reciprocity") == exactly({"ab": 0.01, "ba": 0.01})


def test_reciprocity_is_a_matter_of_directed_layers():
    for each in Layer:
        names = {m.name for m in names_of(Level.PAIR, each, "pairs")}
        assert ("reciprocity" in names) == (each in DIRECTED_LAYERS)
        assert ("multiplexity" in names) == (each == Layer.COMBINED)
        assert "weight" in names


@pytest.mark.worked_example("pair.multiplexity")
def test_multiplexity_is_the_share_of_layers_that_tie_a_pair():
    layers = [
        drawn("meetings", "ab9 bc"),
        drawn("mdt", "ab"),
        drawn("referrals", "ba5 ac"),
        drawn("referrals_back", "ab2"),
        drawn("joint_roles", "bc"),
        drawn("convening", "de7"),
    ]
    # a and b meet, sit in one MDT, and refer to each other: forward and back are one layer of four. Convening is none:
    # it is made of the same meetings.
    found = block(combined(layers, 0, len(NAMES)))
    assert pairs(found, "multiplexity") == exactly({"ab": 3 / 4, "ac": 1 / 4, "bc": 2 / 4})
    assert pairs(found, "weight") == {"ab": 3, "ac": 1, "bc": 2}


@pytest.mark.worked_example("pair.multiplexity", "pair.weight")
def test_only_layers_that_the_network_supplies_are_asked_for(tmp_path):
    made = network(
        tmp_path,
        referrals="""
        date        from_org  to_org  direction_type
        2015-02-01  A         B       forward
        2015-03-01  A         B       forward
        2015-04-01  B         A       refer_back
        2015-05-01  B         C       forward
        """,
    )
    slices = cut(made.ties, made.config, made.calendar, 3, 1)
    pairs = measure_pairs(slices, made.ties, made.records, made.calendar)
    table = pair_table(pairs, made.roster, made.calendar).to_pandas().astype(str)
    table = table[table["metric"].isin(["weight", "reciprocity", "multiplexity"])]
    found = table.set_index(["layer", "organisation_id", "other_organisation_id", "metric"])["value"].astype(float)
    # Referrals are all that there is, so who refers is tied in every way there is.
    assert found.to_dict() == exactly(
        {
            ("referrals", "A", "B", "weight"): 2,
            ("referrals", "A", "B", "reciprocity"): 0,
            ("referrals", "B", "C", "weight"): 1,
            ("referrals", "B", "C", "reciprocity"): 0,
            ("referrals_back", "B", "A", "weight"): 1,
            ("referrals_back", "B", "A", "reciprocity"): 0,
            ("combined", "A", "B", "weight"): 1,
            ("combined", "A", "B", "multiplexity"): 1,
            ("combined", "B", "C", "weight"): 1,
            ("combined", "B", "C", "multiplexity"): 1,
        }
    )


# --- history ------------------------------------------------------------------------------------------------


def measured(made: Network, layer: str) -> list[dict[str, dict[str, float]]]:
    """Per slice, every metric of every pair of a layer: metric, then "A B"."""
    slices = [list(layers.values()) for layers in made.slices]
    names = made.records.organisations
    found: list[dict[str, dict[str, float]]] = [{} for _ in slices]
    for each in measure_pairs(slices, made.ties, made.records, made.calendar):
        if each.layer == layer:
            ends = [f"{names[one]} {names[two]}" for one, two in zip(each.entity, each.other, strict=True)]
            for column, metric in enumerate(names_of(Level.PAIR, each.layer, "pairs")):
                found[each.slice][metric.name] = dict(zip(ends, each.values[:, column].tolist(), strict=True))
    return found


@pytest.mark.worked_example("pair.days_since_first", "pair.recency", "pair.age", "pair.persistence")
def test_when_a_pair_was_tied(tmp_path):
    made = network(
        tmp_path,
        settings={"slices": {"every": "quarter", "window": "6 months"}},
        referrals="""
        date        from_org  to_org
        2015-02-01  A         B
        2015-03-31  A         B
        2015-06-20  A         B
        2015-06-21  B         A
        2015-12-31  A         B
        """,
    )
    first, second, third, fourth = measured(made, "referrals")
    # The first window is cut to one quarter. It ends on 1 April: 59 days after 1 February, and 1 after 31 March.
    assert first["days_since_first"] == {"A B": 59}
    assert first["recency"] == {"A B": 1}
    assert first["age"] == {"A B": 59}
    assert first["persistence"] == {"A B": 1 / 1}
    # 1 July is 150 days after 1 February, 11 after 20 June. B to A is a tie of its own, in one quarter of two.
    assert second["days_since_first"] == {"A B": 150, "B A": 10}
    assert second["recency"] == {"A B": 11, "B A": 10}
    assert second["persistence"] == {"A B": 2 / 2, "B A": 1 / 2}
    # From April to September; 1 October is 242 days after 1 February, which is out of the window but not forgotten.
    assert third["days_since_first"] == {"A B": 103, "B A": 102}
    assert third["age"] == {"A B": 242, "B A": 102}
    assert third["persistence"] == {"A B": 1 / 2, "B A": 1 / 2}
    # From July to December there is one referral, on the last day.
    assert (fourth["days_since_first"], fourth["recency"], fourth["age"]) == ({"A B": 1}, {"A B": 1}, {"A B": 334})
    # Together, direction ignored, they are one pair, tied in the second quarter either way.
    assert [found["persistence"] for found in measured(made, "combined")] == [{"A B": v} for v in (1, 1, 0.5, 0.5)]


def test_the_days_in_ties_are_those_that_the_metrics_count_back_to(tmp_path):
    made = network(
        tmp_path,
        settings={"slices": {"every": "quarter", "window": "6 months"}},
        people="person_id org_id group\n ann A nurse",
        referrals="date from_org to_org\n 2015-02-01 A B\n 2015-03-31 A B\n 2015-09-20 A B\n 2015-06-21 B A",
        joint_roles="person_id start end org_ids\n ann 2015-03-30 2015-09-30 A;C",
    )
    slices = [list(layers.values()) for layers in made.slices]
    con = duckdb.connect()
    con.register("ties", ties_table(slices, made.roster, made.calendar))
    pairs = measure_pairs(slices, made.ties, made.records, made.calendar)
    con.register("pair_metrics", pair_table(pairs, made.roster, made.calendar))
    page = (Path(__file__).parents[2] / "docs" / "conventions.md").read_text(encoding="utf-8")
    query = page.split("```sql")[1].split("```")[0]
    found = {tuple(row[:5]): row[5] for row in con.execute(query).fetchall()}
    ties = con.execute("SELECT slice, layer, source_id, target_id, first_seen, last_seen FROM ties").fetchall()
    assert len(ties) == len(found) / 3 >= 10
    for *tie, first_seen, last_seen in ties:
        assert found[*tie, "days_since_first"] == first_seen
        assert found[*tie, "recency"] == last_seen
    # Seen by the third window only on 20 September, and known since February.
    assert str(found["2015-Q3", "referrals", "A", "B", "recency"]) == "2015-09-20"
    assert str(found["2015-Q3", "referrals", "A", "B", "age"]) == "2015-02-01"


@pytest.mark.worked_example("pair.persistence", "pair.age", "pair.recency")
def test_a_joint_role_ties_the_slices_at_whose_end_it_is_held(tmp_path):
    made = network(
        tmp_path,
        settings={"slices": {"every": "quarter", "window": "12 months"}},
        people="person_id org_id group\n ann A nurse",
        joint_roles="""
        person_id  start       end         org_ids
        ann        2015-03-31  2015-09-30  A;B
        """,
    )
    first, second, third, _ = measured(made, "joint_roles")
    # Held at the end of March and of June, and no more at the end of September.
    assert first["persistence"] == {"A B": 1 / 1}
    assert second["persistence"] == {"A B": 2 / 2}
    assert third["persistence"] == {}
    # From 31 March to the end of June, 1 + 30 + 31 + 30 days.
    assert (second["age"], second["recency"]) == ({"A B": 92}, {"A B": 1})


# --- embeddedness -------------------------------------------------------------------------------------------


@pytest.mark.worked_example("pair.shared_partners", "pair.structural_equivalence")
def test_shared_partners_and_structural_equivalence():
    # a - b, both tied to c and d; a also to e. d is tied to f.
    found = block(drawn("meetings", "ab ac bc ad bd ae df"))
    assert pairs(found, "shared_partners") == {"ab": 2, "ac": 1, "ad": 1, "ae": 0, "bc": 1, "bd": 1, "df": 0}
    # ab: c, d of c, d, e. ac: b of b, d, e and b. ad: b of b, c, e and b, f. ae: none of b, c, d. bc: a of a, d.
    # bd: a of a, c and a, f. df: none of a, b.
    expected = {"ab": 2 / 3, "ac": 1 / 3, "ad": 1 / 4, "ae": 0, "bc": 1 / 2, "bd": 1 / 3, "df": 0}
    assert pairs(found, "structural_equivalence") == exactly(expected)
    # Nobody but each other: nothing to compare.
    assert pairs(block(drawn("mdt", "ab")), "structural_equivalence") == exactly({"ab": nan})
    assert pairs(block(drawn("mdt", "ab")), "shared_partners") == {"ab": 0}


@pytest.mark.worked_example("pair.shared_partners", "pair.structural_equivalence")
def test_partners_are_partners_whichever_way_the_tie_runs():
    found = block(drawn("referrals", "ab ba ac cb bd"))
    assert pairs(found, "shared_partners") == {"ab": 1, "ba": 1, "ac": 1, "cb": 1, "bd": 0}
    # ab: c of c, d. ac: b of b and b. bc: a of a, d and a. bd: none of a, c.
    expected = {"ab": 1 / 2, "ba": 1 / 2, "ac": 1, "cb": 1 / 2, "bd": 0}
    assert pairs(found, "structural_equivalence") == exactly(expected)


# --- second implementation ----------------------------------------------------------------------------------


@pytest.mark.second_implementation("pair.shared_partners", "pair.structural_equivalence")
@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("name", ["meetings", "referrals"])
@pytest.mark.parametrize("limit", [1, 1000], ids=["a few at once", "all at once"])
def test_partners_match_networkx(seed, name, limit, monkeypatch):
    monkeypatch.setattr("orgnet.metrics.histories._BYTES_AT_ONCE", limit)
    graph = random_ties(np.random.default_rng(seed), directed=name in DIRECTED_LAYERS)
    found, tied = block(as_layer(name, graph)), graph.to_undirected()
    shared, alike = {}, {}
    for one, two in graph.edges:
        shared[NAMES[one] + NAMES[two]] = len(list(nx.common_neighbors(tied, one, two)))
        others, theirs = set(tied[one]) - {two}, set(tied[two]) - {one}
        alike[NAMES[one] + NAMES[two]] = len(others & theirs) / len(others | theirs) if others | theirs else nan
    assert pairs(found, "shared_partners") == shared
    assert pairs(found, "structural_equivalence") == exactly(alike)


@pytest.mark.second_implementation("pair.days_since_first", "pair.recency", "pair.age", "pair.persistence")
@pytest.mark.parametrize("table_size", [0, 10**6], ids=["searched", "looked up"])
def test_histories_match_plain_python(networks_of_records, table_size, monkeypatch):
    monkeypatch.setattr("orgnet.metrics.histories._TABLE_SIZE", table_size)
    seen: dict[str, set[float]] = {}
    for seed, made in enumerate(networks_of_records):
        plain = PlainPairs(made)
        for layer in Layer:
            for found, expected in zip(measured(made, layer), plain.histories(layer), strict=True):
                for name, values in expected.items():
                    assert found.get(name, {}) == exactly(values), (seed, layer, name)
                    seen.setdefault(name, set()).update(values.values())
    assert min(len(values) for values in seen.values()) >= 10


def random_ties(rng: np.random.Generator, directed: bool) -> nx.Graph:
    graph = nx.DiGraph() if directed else nx.Graph()
    for one, two in np.argwhere(rng.random((len(NAMES), len(NAMES))) < rng.uniform(0.05, 0.6)).tolist():
        if one != two and (directed or one < two):
            graph.add_edge(one, two, weight=float(rng.integers(1, 9)))
    return graph


def as_layer(name: str, graph: nx.Graph) -> SliceTies:
    return layer(name, {(one, two): data["weight"] for one, two, data in graph.edges(data=True)})


@pytest.mark.second_implementation("pair.weight", "pair.reciprocity")
@pytest.mark.parametrize("seed", range(20))
def test_weight_and_reciprocity_match_networkx(seed):
    graph = random_ties(np.random.default_rng(seed), directed=True)
    found = block(as_layer("referrals", graph))
    edges = {NAMES[one] + NAMES[two]: (one, two) for one, two in graph.edges}
    assert pairs(found, "weight") == {ends: graph.edges[edge]["weight"] for ends, edge in edges.items()}

    def reference(one: int, two: int) -> float:
        there, back = graph[one][two]["weight"], graph.get_edge_data(two, one, {"weight": 0})["weight"]
        return min(there, back) / max(there, back)

    assert pairs(found, "reciprocity") == exactly({ends: reference(*edge) for ends, edge in edges.items()})


@pytest.mark.second_implementation("pair.multiplexity")
@pytest.mark.parametrize("seed", range(20))
def test_multiplexity_matches_networkx(seed):
    rng = np.random.default_rng(seed)
    names = ["meetings", "mdt", "referrals", "referrals_back", "joint_roles"]
    graphs = {name: random_ties(rng, directed=name.startswith("referrals")) for name in names}
    whole = combined([as_layer(name, graph) for name, graph in graphs.items()], 0, len(NAMES))
    undirected = {name: graph.to_undirected() for name, graph in graphs.items()}
    referrals = nx.compose(undirected.pop("referrals"), undirected.pop("referrals_back"))
    tied = [*undirected.values(), referrals]
    anywhere = nx.compose_all(tied)
    expected = {
        "".join(NAMES[end] for end in sorted(edge)): sum(graph.has_edge(*edge) for graph in tied) / 4
        for edge in anywhere.edges
    }
    assert pairs(block(whole), "multiplexity") == exactly(expected)


def test_the_random_ties_hold_the_awkward_cases():
    graphs = [random_ties(np.random.default_rng(seed), directed=True) for seed in range(20)]
    returned = [nx.overall_reciprocity(graph) if graph.size() else nan for graph in graphs]
    assert sum(0 < share < 1 for share in returned) >= 10
