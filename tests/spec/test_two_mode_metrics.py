"""Who was at which event: worked examples, networkx and plain Python."""

from math import nan

import networkx as nx
import numpy as np
import pytest

from orgnet.metrics import two_mode
from orgnet.metrics.measure import names_of
from orgnet.metrics.statuses import STATUSES
from orgnet.metrics.two_mode import measure_two_mode
from orgnet.vocabulary import Level
from tests.networks import Network, network
from tests.plain import MDT, Plain

OF_NETWORK = (
    "two_mode_density",
    "organisations_per_event",
    "events_per_organisation",
    "people_per_event",
    "events_per_person",
)
OF_ORGANISATIONS = ("events_attended", "events_attended_share", "two_mode_betweenness")


def exactly(expected):
    return pytest.approx(expected, rel=1e-9, abs=1e-9, nan_ok=True)


def measured(made: Network, layer: str) -> tuple[dict[str, list[float]], dict[str, list[dict[str, float]]], set[str]]:
    """Values of the network and of organisations, slice by slice, and the statuses of the former."""
    found = measure_two_mode(made.ties.presence, made.records, made.roster, made.coverage, made.calendar)
    names = made.records.organisations
    whole = [block for block in found.network if block.layer == layer]
    each = [block for block in found.organisation if block.layer == layer]
    of_network = {
        m.name: [float(block.values[0, column]) for block in whole]
        for column, m in enumerate(names_of(Level.NETWORK, whole[0].layer, "two_mode"))
    }
    of_organisations = {
        m.name: [
            dict(zip([names[code] for code in block.entity], block.values[:, column].tolist(), strict=True))
            for block in each
        ]
        for column, m in enumerate(names_of(Level.ORGANISATION, whole[0].layer, "two_mode"))
    }
    return of_network, of_organisations, {STATUSES[code] for block in whole for code in block.status.ravel()}


def drawn(folder, events: list[str], **more) -> Network:
    """Events by who was there: `a1 b1` are people of A and B."""
    people = sorted({who for event in events for who in event.split()})
    return network(
        folder,
        people=[{"person_id": p, "org_id": p[0].upper(), "group": "nurse"} for p in people],
        meetings=[{"meeting_id": f"m{n}", "start": "2015-02-01", "type": "board"} for n in range(len(events))],
        attendance=[{"meeting_id": f"m{n}", "person_id": p} for n, event in enumerate(events) for p in event.split()],
        **more,
    )


@pytest.mark.worked_example(*(f"network.{name}" for name in OF_NETWORK))
def test_events_and_who_comes_to_them(tmp_path):
    found, _, _ = measured(drawn(tmp_path, ["a1 a2 b1", "b1 c1", "c1", "a1 b1 c1 d1"]), "meetings")
    # Organisations at events: 2 + 2 + 1 + 4 = 9, of 4 x 4. People: 3 + 2 + 1 + 4 = 10, of a1, a2, b1, c1 and d1.
    assert found["two_mode_density"] == exactly([9 / 16])
    assert found["organisations_per_event"] == exactly([9 / 4])
    assert found["events_per_organisation"] == exactly([9 / 4])
    assert found["people_per_event"] == exactly([10 / 4])
    assert found["events_per_person"] == exactly([10 / 5])


@pytest.mark.worked_example(*(f"organisation.{name}" for name in OF_ORGANISATIONS))
def test_organisations_at_events(tmp_path):
    _, found, _ = measured(drawn(tmp_path, ["a1 a2 b1", "b1 c1"]), "meetings")
    assert found["events_attended"] == [{"A": 1, "B": 2, "C": 1}]
    assert found["events_attended_share"][0] == exactly({"A": 1 / 2, "B": 2 / 2, "C": 1 / 2})
    # A - m0 - B - m1 - C: B is on the paths from A and m0 to m1 and C, four pairs; the most that one of three
    # organisations can have with two events: s, t = 1, 0 and (4 x 4 + 2 x 2 x (-2) - 0) / 2 = 4.
    assert found["two_mode_betweenness"][0] == exactly({"A": 0, "B": 4 / 4, "C": 0})


@pytest.mark.worked_example(
    *(f"network.{name}" for name in OF_NETWORK), *(f"organisation.{n}" for n in OF_ORGANISATIONS)
)
def test_where_nobody_came(tmp_path):
    found, each, statuses = measured(drawn(tmp_path, ["a1 b1"]), "mdt")
    assert found["two_mode_density"] == exactly([nan])
    assert found["events_per_person"] == exactly([nan])
    assert statuses == {"no_coverage"}
    assert each["events_attended"] == [{"A": 0, "B": 0}]


@pytest.mark.worked_example("organisation.two_mode_betweenness")
def test_betweenness_has_a_limit(tmp_path, monkeypatch):
    made = drawn(tmp_path, ["a1 a2 b1", "b1 c1"])
    monkeypatch.setattr(two_mode, "BETWEENNESS_LIMIT", 4)
    assert measured(made, "meetings")[1]["two_mode_betweenness"][0] == exactly({"A": nan, "B": nan, "C": nan})
    # One event links nobody who would be apart without a certain organisation.
    (tmp_path / "one").mkdir()
    one = drawn(tmp_path / "one", ["a1 b1"])
    assert measured(one, "meetings")[1]["two_mode_betweenness"][0] == exactly({"A": nan, "B": nan})


@pytest.mark.second_implementation(
    *(f"network.{n}" for n in OF_NETWORK), *(f"organisation.{n}" for n in OF_ORGANISATIONS)
)
def test_two_mode_metrics_match_networkx_and_plain_python(networks_of_records):
    seen: dict[str, set[float]] = {}
    for seed, made in enumerate(networks_of_records):
        plain, names = Plain(made), made.records.organisations
        for layer in ("meetings", "mdt"):
            of_network, of_organisations, _ = measured(made, layer)
            for number, window in enumerate(plain.windows):
                roster = [names[code] for code in made.roster.on(number)]
                events = {
                    meeting: there
                    for meeting, there in plain.present.items()
                    if there
                    and window.first <= np.datetime64(plain.meetings[meeting]["start"][:10]).astype(object) < window.end
                    and (plain.meetings[meeting].get("type") in MDT) == (layer == "mdt")
                }
                pairs = {
                    (org, meeting)
                    for meeting, there in events.items()
                    for stay in there.values()
                    if len(stay.organisations) == 1
                    for org in stay.organisations & set(roster)
                }
                came = [person for there in events.values() for person in there]
                graph = nx.Graph()
                graph.add_nodes_from(roster)
                graph.add_nodes_from(events)
                graph.add_edges_from(pairs)
                between = nx.bipartite.betweenness_centrality(graph, roster) if len(roster) > 1 < len(events) else {}
                degree = {org: sum(pair[0] == org for pair in pairs) for org in roster}

                def over(part, whole):
                    return part / whole if whole else nan

                expected = {
                    "two_mode_density": over(len(pairs), len(roster) * len(events)),
                    "organisations_per_event": over(len(pairs), len(events)),
                    "events_per_organisation": over(len(pairs), len(roster)),
                    "people_per_event": over(len(came), len(events)),
                    "events_per_person": over(len(came), len(set(came))),
                }
                for name, value in expected.items():
                    assert of_network[name][number] == exactly(value), (seed, layer, name)
                    seen.setdefault(name, set()).add(value)
                each = {
                    "events_attended": degree,
                    "events_attended_share": {org: over(degree[org], len(events)) for org in roster},
                    "two_mode_betweenness": {org: between.get(org, nan) for org in roster},
                }
                for name, values in each.items():
                    assert of_organisations[name][number] == exactly(values), (seed, layer, name)
                    seen.setdefault(name, set()).update(values.values())
    assert min(len(values) for values in seen.values()) > 20
