"""How ties come and go from one window to the next: worked examples, and a second implementation."""

import pytest

from orgnet.metrics.histories import measure_turnover
from orgnet.metrics.measure import names_of
from orgnet.metrics.statuses import STATUSES
from orgnet.vocabulary import Layer, Level
from tests.networks import Network, network
from tests.plain_pairs import PlainPairs

NAMES = ("persistence_jaccard", "tie_retention", "tie_formation")
HALVES = {"period": {"start": "2015-01-01", "end": "2017-01-01"}, "slices": {"every": "quarter", "window": "6 months"}}


def exactly(expected):
    return pytest.approx(expected, rel=1e-12, abs=1e-12, nan_ok=True)


def turnover(made: Network, layer: str, node_set: str = "roster") -> dict[str, list[tuple[float, str]]]:
    """Values and statuses of each metric, slice by slice."""
    slices = [list(layers.values()) for layers in made.slices]
    blocks = measure_turnover(slices, made.records, made.roster, made.coverage, made.calendar)
    names = [m.name for m in names_of(Level.NETWORK, Layer(layer), "turnover")]
    chosen = sorted((b for b in blocks if (b.layer, b.node_set) == (layer, node_set)), key=lambda b: b.slice)
    return {
        name: [(float(b.values[0, column]), STATUSES[b.status[0, column]]) for b in chosen]
        for column, name in enumerate(names)
    }


def values(made: Network, name: str, layer: str, node_set: str = "roster") -> list[float]:
    return [value for value, _ in turnover(made, layer, node_set)[name]]


def joint(*ties: str) -> list[dict[str, str]]:
    """Joint roles, one person each: "AB 2015-01-01 2015-07-01"."""
    rows = []
    for number, word in enumerate(ties):
        ends, start, end = word.split()
        rows.append({"person_id": f"p{number}", "start": start, "end": end, "org_ids": ";".join(ends)})
    return rows


@pytest.mark.worked_example(*(f"network.{name}" for name in NAMES))
def test_four_ties_and_five(tmp_path):
    first, both, second = "2015-01-01 2015-07-01", "2015-01-01 2015-12-31", "2015-07-01 2016-01-01"
    made = network(
        tmp_path,
        settings={"slices": {"every": "month", "window": "6 months"}},
        people=[{"person_id": f"p{n}", "org_id": "A", "group": "nurse"} for n in range(9)],
        joint_roles=joint(f"AC {first}", f"AB {both}", f"BC {both}", f"CD {both}", f"DE {second}", f"EF {second}"),
    )
    # Slice 5 ends with June and slice 10 with November. At the end of May (slice 4): ab, ac, bc, cd. At the end of
    # November: ab, bc, cd, de, ef. Three of all six were kept and ac was lost; of 15 pairs 11 were not tied, and two
    # of these are.
    for name, value in zip(NAMES, (3 / 6, 3 / 4, 2 / 11), strict=True):
        assert values(made, name, "joint_roles")[10] == exactly(value), name
    assert values(made, "tie_formation", "joint_roles")[10] == pytest.approx(0.181818, abs=5e-7)


@pytest.mark.worked_example(*(f"network.{name}" for name in NAMES))
def test_the_window_before_is_the_latest_that_lies_apart(tmp_path):
    made = network(
        tmp_path,
        settings=HALVES,
        organisations="""
        org_id  kind      valid_to
        A       provider  -
        B       provider  -
        C       provider  -
        D       provider  2016-01-01
        """,
        referrals="""
        date        from_org  to_org
        2015-02-01  A         B
        2015-05-01  A         D
        2015-08-01  A         B
        2015-11-01  B         A
        2016-02-01  A         C
        2016-05-01  A         B
        """,
        coverage="""
        source_id  record_kind  period_start  period_end  complete
        all        referrals    2015-01-01    2016-07-01  true
        """,
    )
    found = turnover(made, "referrals")
    # Windows of two quarters: the third looks back to the first, which is cut; the first two have none to look back to.
    # The fourth (B A, A B) looks back to the second (A B, A D): A B was kept, A D lost.
    # The fifth (B A, A C) looks back to the third (A D, A B), but only among A, B and C, as D has gone.
    # The sixth (A C, A B) looks back to the fourth (A B, B A). The seventh (A B) looks back to the fifth (B A, A C).
    # The last (none) looks back to the sixth; it is not known to be whole.
    assert [status for _, status in found["tie_retention"][:2]] == ["undefined"] * 2
    assert found["tie_retention"][2][1] == "insufficient"
    assert [status for _, status in found["tie_retention"][3:]] == ["ok"] * 4 + ["no_coverage"]
    assert values(made, "persistence_jaccard", "referrals")[3:7] == exactly([1 / 3, 0, 1 / 3, 0])
    assert values(made, "tie_retention", "referrals")[3:7] == exactly([1 / 2, 0, 1 / 2, 0])
    # B A of the 12 - 2 untied pairs of four; B A and A C of 6 - 1 of three; A C of 6 - 2; A B of 6 - 2.
    assert values(made, "tie_formation", "referrals")[3:7] == exactly([1 / 10, 2 / 5, 1 / 4, 1 / 4])
    # Among those who were there throughout, A D never was: A B was kept, and B A is new of 6 - 1.
    assert values(made, "tie_retention", "referrals", "constant_panel")[3] == 1
    assert values(made, "tie_formation", "referrals", "constant_panel")[3] == exactly(1 / 5)


@pytest.mark.worked_example(*(f"network.{name}" for name in NAMES))
def test_where_there_is_nothing_to_compare(tmp_path):
    made = network(
        tmp_path,
        settings=HALVES,
        organisations="org_id kind\n A provider\n B provider",
        referrals="date from_org to_org direction_type\n 2015-12-01 A B forward\n 2016-12-01 A B forward",
        coverage="""
        source_id  record_kind  period_start  period_end  complete
        all        referrals    2015-01-01    2017-01-01  true
        """,
    )
    # A true nothing before (slice 2, January to June 2015) and A to B after.
    found = turnover(made, "referrals")
    assert found["persistence_jaccard"][3] == (0, "ok")
    assert found["tie_retention"][3][1] == "undefined"
    assert found["tie_formation"][3] == (1 / 2, "ok")
    assert turnover(made, "referrals_back")["persistence_jaccard"][3][1] == "undefined"
    assert {status for _, status in turnover(made, "mdt")["tie_formation"]} == {"no_coverage"}


@pytest.mark.second_implementation(*(f"network.{name}" for name in NAMES))
def test_turnover_matches_plain_python(networks_of_records):
    seen: dict[str, set[float]] = {name: set() for name in NAMES}
    for seed, made in enumerate(networks_of_records):
        plain, names = PlainPairs(made), made.records.organisations
        rosters = [{names[code] for code in made.roster.on(number)} for number in range(len(made.calendar))]
        throughout = [set.intersection(*rosters)] * len(rosters)
        for layer in Layer:
            for node_set, who in (("roster", rosters), ("constant_panel", throughout)):
                expected = plain.turnover(layer, who)
                for name in NAMES:
                    found = values(made, name, layer, node_set)
                    assert found == exactly([slice_values[name] for slice_values in expected]), (seed, layer, name)
                    seen[name].update(found)
    assert min(len(found) for found in seen.values()) > 30
