"""Ties within each slice's window, and the graph of each layer."""

import random
from datetime import date, timedelta

import numpy as np
import pytest

from orgnet.slices import COMBINED_OF, graph
from orgnet.vocabulary import DIRECTED_LAYERS, Layer
from tests.networks import Network, network, number_of
from tests.plain import Plain

MONTHS = {
    "period": {"start": "2015-01-01", "end": "2015-07-01"},
    "slices": {"every": "month", "window": "2 months"},
}


def months(**more) -> dict:
    return MONTHS | more


def same_ties(found, expected) -> bool:
    """The same pairs, weights alike but for the last digits, all else equal."""
    return found.keys() == expected.keys() and all(
        found[ends][1:] == expected[ends][1:] and found[ends].weight == pytest.approx(expected[ends].weight, rel=1e-9)
        for ends in expected
    )


# --- windows that roll --------------------------------------------------------------------------------------


def test_ties_are_those_of_the_window(tmp_path):
    referrals = """
        date        from_org  to_org  n
        2015-01-31  A         B       2
        2015-02-01  A         B       3
        2015-02-28  B         A       1
        2015-04-01  A         B       5
        """
    found = network(tmp_path, settings=months(), referrals=referrals)
    assert [found.drawn("referrals", i) for i in range(6)] == [
        {"A B": (2, 2, None, "2015-01-31", "2015-01-31")},
        {"A B": (5, 5, None, "2015-01-31", "2015-02-01"), "B A": (1, 1, None, "2015-02-28", "2015-02-28")},
        {"A B": (3, 3, None, "2015-02-01", "2015-02-01"), "B A": (1, 1, None, "2015-02-28", "2015-02-28")},
        {"A B": (5, 5, None, "2015-04-01", "2015-04-01")},
        {"A B": (5, 5, None, "2015-04-01", "2015-04-01")},
        # All have dropped out, and the slice is there, empty.
        {},
    ]


def test_every_slice_has_every_layer(tmp_path):
    found = network(tmp_path, settings=months(), referrals="date from_org to_org\n2015-01-31 A B")
    assert [set(layers) for layers in found.slices] == [set(Layer)] * 6
    assert [len(layers[Layer.MDT]) for layers in found.slices] == [0] * 6


def test_rolling_windows_are_what_recomputing_each_from_scratch_gives(networks_of_records):
    for seed, found in enumerate(networks_of_records):
        plain = Plain(found)
        assert len(plain.windows) == len(found.slices)
        for number, window in enumerate(plain.windows):
            expected = plain.ties(window)
            assert {str(layer) for layer in found.slices[number]} == set(expected)
            for layer, ties in expected.items():
                assert same_ties(found.drawn(layer, number), ties), (seed, number, layer)


def test_nothing_is_left_over_once_ties_end(networks_of_records):
    for found in networks_of_records:
        for ties in (ties for layers in found.slices for ties in layers.values()):
            # No tie without an event, no weight without a tie; what is the same number of events weighs the same.
            assert (ties.events > 0).all()
            assert (ties.weight > 0).all()
            if ties.layer in (Layer.REFERRALS, Layer.REFERRALS_BACK, Layer.CONVENING):
                assert ties.weight.tolist() == ties.events.tolist()


def test_weights_that_came_and_went_leave_no_residue(tmp_path):
    # Meetings of four give 1/3 a pair, which no binary number is; five come and go, then one of two people stays.
    people = "\n".join(["person_id org_id", *(f"{o.lower()} {o}" for o in "ABCD")])
    days = ["2015-01-01", "2015-01-07", "2015-01-13", "2015-01-19", "2015-01-25", "2015-03-01"]
    meetings = [{"meeting_id": day, "start": day} for day in days]
    attendance = [{"meeting_id": day, "person_id": p} for day in days[:5] for p in "abcd"]
    attendance += [{"meeting_id": days[5], "person_id": p} for p in "ab"]
    found = network(tmp_path, settings=months(), people=people, meetings=meetings, attendance=attendance)
    assert found.weights("meetings", 1) == pytest.approx(
        dict.fromkeys(["A B", "A C", "A D", "B C", "B D", "C D"], 5 / 3), rel=1e-9
    )
    # Exactly 1, and no ghost of the other five.
    assert found.weights("meetings", 2) == {"A B": 1.0}
    assert found.drawn("meetings", 2)["A B"] == (1.0, 1, 2, "2015-03-01", "2015-03-01")
    assert found.weights("meetings", 4) == {}


def test_people_behind_a_tie_are_those_of_the_window(tmp_path):
    people = "person_id org_id\nann A\nabe A\nbob B"
    meetings = "meeting_id start\njan 2015-01-10\nfeb 2015-02-10\nmar 2015-03-10"
    attendance = [{"meeting_id": m, "person_id": p} for m, p in (("jan", "ann"), ("feb", "ann"), ("mar", "abe"))] + [
        {"meeting_id": m, "person_id": "bob"} for m in ("jan", "feb", "mar")
    ]
    found = network(tmp_path, settings=months(), people=people, meetings=meetings, attendance=attendance)
    # ann and bob; the same two; all three in February and March; abe and bob in March and April; nobody since.
    assert [found.drawn("meetings", i).get("A B", [None] * 3)[2] for i in range(6)] == [2, 2, 3, 2, None, None]


def test_nominal_is_said_of_the_windows_that_hold_such_presence(tmp_path):
    people = "person_id org_id\nann A\nbob B"
    meetings = """
        meeting_id  start             end
        jan         2015-01-10T09:00  2015-01-10T10:00
        mar         2015-03-10T09:00  2015-03-10T10:00
        """
    attendance = """
        meeting_id  person_id  join              leave
        jan         ann        2015-01-10T09:00  2015-01-10T10:00
        jan         bob        2015-01-10T09:00  2015-01-10T10:00
        mar         ann        2015-03-10T09:00  2015-03-10T10:00
        mar         bob        -                 -
        """
    found = network(tmp_path, settings=months(), people=people, meetings=meetings, attendance=attendance)
    for layer in (Layer.MEETINGS, Layer.COMBINED):
        nominal = [layers[layer].nominal for layers in found.slices]
        assert nominal == [False, False, True, True, False, False]


def test_the_order_of_the_records_makes_no_difference(networks_of_records, tmp_path):
    for number, found in enumerate(networks_of_records[:3]):
        rows = {kind: random.Random(number).sample(listed, len(listed)) for kind, listed in found.rows.items()}
        folder = tmp_path / str(number)
        folder.mkdir()
        settings = found.config.model_dump(include={"period", "slices", "ties", "professional_groups"}, mode="json")
        shuffled = network(folder, settings=settings, **rows)
        assert shuffled.records.organisations == found.records.organisations
        for layers, same in zip(found.slices, shuffled.slices, strict=True):
            for layer, ties in layers.items():
                for field in ("source", "target", "weight", "events", "people", "first_day", "last_day"):
                    one, two = getattr(ties, field), getattr(same[layer], field)
                    assert one.tolist() == two.tolist(), (number, layer, field)
                assert ties.nominal == same[layer].nominal
        for group in found.config.professional_groups:
            for metric in ("acq_density", "familiarity", "copresence_ratio", "venue_org_coverage"):
                assert str(shuffled.value(metric, group)) == str(found.value(metric, group))


# --- decay --------------------------------------------------------------------------------------------------


def faded(folder, days: list[str], start: str, half_life: float = 30) -> Network:
    """Referrals from A to B on the given days, in six slices of 30 days with windows of 60."""
    first = date.fromisoformat(start)
    rules = {
        "period": {"start": first, "end": first + timedelta(days=180)},
        "slices": {"every": "30 days", "window": "60 days"},
        "ties": {"half_life_days": half_life},
    }
    referrals = [{"date": day, "from_org": "A", "to_org": "B"} for day in days]
    return network(folder, settings=rules, referrals=referrals)


def test_a_tie_weighs_half_after_a_half_life_before_the_windows_end(tmp_path):
    found = faded(tmp_path, ["2015-01-01", "2015-01-16"], "2015-01-01")
    # The first slice ends on day 30: one event is 30 days old then, one 15. A slice later both have halved again, and
    # then the window has passed.
    weights = [found.weights("referrals", i).get("A B", 0.0) for i in range(6)]
    assert weights == pytest.approx([2**-1 + 2**-0.5, 2**-2 + 2**-1.5, 0, 0, 0, 0], rel=1e-9)
    # Events are counted, not weighed.
    assert [found.drawn("referrals", i)["A B"].events for i in range(2)] == [2, 2]


def test_a_tie_that_has_faded_to_nothing_is_no_tie(tmp_path):
    found = faded(tmp_path, ["2015-01-01", "2015-01-30"], "2015-01-01", half_life=0.5)
    # A day is two half-lives, the thirty to the slice's end are sixty: less than anything that is kept.
    assert found.weights("referrals", 0) == pytest.approx({"A B": 2**-2}, rel=1e-9)
    gone = faded(tmp_path, ["2015-01-01"], "2015-01-01", half_life=0.5)
    assert gone.weights("referrals", 0) == {}
    assert drawn_graph(gone, Layer.REFERRALS, 0).ecount() == 0


def test_decay_is_anchored_to_the_windows_end_and_not_to_the_calendar_or_today(tmp_path):
    days = ["2015-01-01", "2015-01-16", "2015-02-02"]
    (tmp_path / "later").mkdir()
    found = faded(tmp_path, days, "2015-01-01")
    weights = [found.weights("referrals", i).get("A B", 0.0) for i in range(6)]
    # The same events two slices (60 days) later have the same weights two slices later.
    shifted = [str(date.fromisoformat(day) + timedelta(days=60)) for day in days]
    moved = network(
        tmp_path / "later",
        settings=found.config.model_dump(include={"period", "slices", "ties"}, mode="json"),
        referrals=[{"date": day, "from_org": "A", "to_org": "B"} for day in shifted],
    )
    assert [moved.weights("referrals", i).get("A B", 0.0) for i in range(6)] == [0, 0, *weights[:4]]
    # The same events in another century, the period with them.
    (tmp_path / "past").mkdir()
    past = [str(date.fromisoformat(day) - timedelta(days=40_000)) for day in days]
    old = faded(tmp_path / "past", past, str(date(2015, 1, 1) - timedelta(days=40_000)))
    assert [old.weights("referrals", i).get("A B", 0.0) for i in range(6)] == weights


def test_decay_matches_plain_python(networks_of_records):
    half_life = 45.0
    for found in networks_of_records[:8]:
        fading, plain = found.under(half_life_days=half_life), Plain(found)
        for number, window in enumerate(plain.windows):
            for layer in ("meetings", "mdt", "convening", "referrals", "referrals_back"):
                expected: dict[str, float] = {}
                for event in plain._tie_events[layer]:
                    if window.first <= event.day < window.end:
                        ends = " ".join(event.ends)
                        left = 2 ** -((window.end - event.day).days / half_life)
                        expected[ends] = expected.get(ends, 0.0) + event.weight * left
                assert fading.weights(layer, number) == pytest.approx(expected, rel=1e-6)


# --- layers together ----------------------------------------------------------------------------------------


def test_combined_counts_the_layers_that_tie_a_pair(tmp_path):
    people = """
        person_id  org_id
        ann        A
        bob        B
        joe        A
        joe        C
        """
    meetings = """
        meeting_id  start       type   convenor_org_id
        s           2015-02-02  smdt   -
        b           2015-03-02  board  C
        """
    attendance = [{"meeting_id": m, "person_id": p} for m in "sb" for p in ("ann", "bob")]
    referrals = """
        date        from_org  to_org  direction_type
        2015-01-02  B         A       forward
        2015-05-02  A         B       refer_back
        2015-05-02  D         B       forward
        """
    found = network(tmp_path, people=people, meetings=meetings, attendance=attendance, referrals=referrals)
    # A-B: meetings, mdt, and referrals both ways, which are one layer: 3, of 1 + 1 + 1 + 1 events. A-C: joe's joint
    # role. C convenes A and B, which is no tie of its own. Nobody is counted, as they may be the same people.
    assert found.drawn("combined") == {
        "A B": (3.0, 4, None, "2015-01-02", "2015-05-02"),
        "A C": (1.0, 1, None, "2015-01-01", "2015-12-31"),
        "B D": (1.0, 1, None, "2015-05-02", "2015-05-02"),
    }
    assert set(found.weights("convening")) == {"C A", "C B"}
    assert Layer.CONVENING not in COMBINED_OF


# --- graphs -------------------------------------------------------------------------------------------------


def drawn_graph(found: Network, layer: Layer, number: int = -1):
    nodes = found.roster.on(number)
    return graph(found.slices[number][layer], nodes, [found.records.organisations[code] for code in nodes])


def ties_of(made) -> dict[str, float]:
    names = made.vs["name"]
    ends = [(names[e.source], names[e.target]) for e in made.es]
    keys = [" ".join(pair if made.is_directed() else sorted(pair)) for pair in ends]
    return dict(zip(keys, made.es["weight"], strict=True))


def test_a_vertex_carries_its_own_name_whatever_the_order_of_appearance(tmp_path):
    # The organisations appear as Z, M, A, Q in the records, and Z and M are not tied to A.
    organisations = "org_id kind\nZ provider\nM provider\nA provider\nQ provider"
    referrals = """
        date        from_org  to_org  n
        2015-02-01  Z         M       7
        2015-01-01  Q         A       3
        2015-03-01  M         Q       2
        """
    found = network(tmp_path, organisations=organisations, referrals=referrals)
    made = drawn_graph(found, Layer.REFERRALS)
    assert ties_of(made) == {"Z M": 7.0, "Q A": 3.0, "M Q": 2.0}
    out = dict(zip(made.vs["name"], made.strength(mode="out", weights="weight"), strict=True))
    assert out == {"Z": 7.0, "M": 2.0, "A": 0.0, "Q": 3.0}
    # Strength is not distance: the stronger a tie, the nearer.
    assert dict(zip(made.es["weight"], made.es["distance"], strict=True)) == {7.0: 1 / 7, 3.0: 1 / 3, 2.0: 1 / 2}


def test_every_graph_has_the_ties_of_its_slice_between_the_organisations_there(networks_of_records):
    for found in networks_of_records:
        for number, layers in enumerate(found.slices):
            there = {found.records.organisations[code] for code in found.roster.on(number)}
            for layer in layers:
                made = drawn_graph(found, layer, number)
                assert set(made.vs["name"]) == there
                assert made.is_directed() == (layer in DIRECTED_LAYERS)
                assert made.is_simple()
                expected = {
                    ends: weight for ends, weight in found.weights(layer, number).items() if set(ends.split()) <= there
                }
                assert ties_of(made) == expected


def test_nodes_are_there_from_when_they_exist_until_they_close(tmp_path):
    organisations = """
        org_id  kind      valid_from  valid_to
        A       provider  -           -
        B       provider  2015-02-28  2015-04-01
        C       provider  2015-04-02  -
        D       provider  2015-03-01  2015-03-02
        """
    # Records speak of B and C before and after: their ties are kept, and drawn while both are there.
    days = [f"2015-{month:02}-15" for month in range(1, 7)]
    referrals = [{"date": day, "from_org": "A", "to_org": to} for day in days for to in "BC"]
    settings = months(slices={"every": "month", "window": "1 month"})
    found = network(tmp_path, settings=settings, organisations=organisations, referrals=referrals)
    graphs = [drawn_graph(found, Layer.REFERRALS, number) for number in range(6)]
    # B's one day in February is enough, its first day without in April is not a day; D's one day is in March.
    assert ["".join(made.vs["name"]) for made in graphs] == ["A", "AB", "ABD", "AC", "AC", "AC"]
    assert [ties_of(made) for made in graphs] == [
        {},
        {"A B": 1.0},
        {"A B": 1.0},
        {"A C": 1.0},
        {"A C": 1.0},
        {"A C": 1.0},
    ]
    assert [found.weights("referrals", number) for number in range(6)] == [{"A B": 1.0, "A C": 1.0}] * 6


def test_isolates_stay(tmp_path):
    organisations = "org_id kind\n" + "".join(f"{o} provider\n" for o in "ABCDE")
    found = network(tmp_path, organisations=organisations, referrals="date from_org to_org\n2015-02-01 A B")
    made = drawn_graph(found, Layer.REFERRALS)
    assert made.vs["name"] == list("ABCDE")
    assert made.degree() == [1, 1, 0, 0, 0]
    # In a layer without any tie too.
    assert drawn_graph(found, Layer.MDT).vs["name"] == list("ABCDE")
    assert drawn_graph(found, Layer.MDT).ecount() == 0


def test_a_graph_of_nobody(tmp_path):
    found = network(tmp_path, referrals="date from_org to_org\n2015-02-01 A B")
    made = graph(found.slices[-1][Layer.REFERRALS], np.array([], dtype=np.int64), [])
    assert (made.vcount(), made.ecount()) == (0, 0)


def test_an_event_on_a_boundary_is_in_exactly_one_slice(tmp_path):
    referrals = "date from_org to_org\n2015-01-31 A B\n2015-02-01 C D\n2015-02-28 E F\n2015-03-01 G H"
    settings = months(slices={"every": "month", "window": "1 month"})
    found = network(tmp_path, settings=settings, referrals=referrals)
    assert [set(found.weights("referrals", i)) for i in range(4)] == [{"A B"}, {"C D", "E F"}, {"G H"}, set()]
    assert found.slices[0][Layer.REFERRALS].first_day.tolist() == [number_of(date(2015, 1, 31))]
