"""Which ties formed, stayed and ended between two windows: worked examples, a plain second way, and properties."""

from datetime import date
from itertools import combinations, permutations
from math import isnan

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orgnet import store
from orgnet.change.comparisons import Comparison
from orgnet.change.turnover_rates import layers_covered, turnover_tables
from orgnet.metrics.histories import measure_turnover, window_before
from orgnet.metrics.measure import names_of
from orgnet.metrics.tables import ties_table
from orgnet.records.coverage import make_coverage
from orgnet.records.organisations import Roster, make_roster
from orgnet.schema import TABLES
from orgnet.slices import cut
from orgnet.vocabulary import DIRECTED_LAYERS, Level
from orgnet.windows import Calendar, Step

YEARS = Calendar.make(date(2014, 1, 1), date(2017, 1, 1), Step(months=12), Step(months=12))
PRE_POST = [Comparison("pre", "post", (0,), (2,))]
SIX = list("abcdef")


def drawn(*slices: str, layer: str = "joint_roles", calendar: Calendar = YEARS) -> pa.Table:
    """The `ties` table of one layer: for each slice, "ab5 ac" is a tie from a to b of weight 5 and one to c of 1."""
    rows = [
        (number, word[0], word[1], float(word[2:] or 1)) for number, ties in enumerate(slices) for word in ties.split()
    ]
    number, source, target, weight = (list(column) for column in zip(*rows, strict=True)) if rows else ([], [], [], [])
    size = len(rows)
    columns = {
        "slice": number, "layer": [layer] * size, "source_id": source, "target_id": target,
        "directed": [layer in DIRECTED_LAYERS] * size, "weight": weight, "events": [1] * size, "people": [None] * size,
        "first_seen": [None] * size, "last_seen": [None] * size,
    }  # fmt: skip
    return store.table("ties", columns, calendar)


def turned(ties: pa.Table, rosters=(SIX, SIX, SIX), comparisons=PRE_POST, **options) -> dict[str, list[dict]]:
    given_ = {"seed": 1, "permutations": 99, **options}
    made = turnover_tables(ties, rosters, comparisons, given_.pop("calendar", YEARS), **given_)
    for name, table in made.items():
        assert table.schema.equals(TABLES[name].schema, check_metadata=True)
        assert store.sorted_by_key(name, table).equals(table)
    return {name: table.to_pylist() for name, table in made.items()}


def row(found: dict[str, list[dict]], node_set: str = "constant_panel", layer: str = "joint_roles") -> dict:
    (one,) = (r for r in found["turnover"] if (r["node_set"], r["layer"]) == (node_set, layer))
    return one


def became(found: dict[str, list[dict]]) -> dict[str, str]:
    return {r["source_id"] + r["target_id"]: r["change"] for r in found["tie_changes"]}


def test_four_ties_and_five():
    # {ab, ac, bc, cd} -> {ab, bc, cd, de, ef} on six organisations: three of all six pairs were kept, three of the
    # earlier four; of 15 - 4 = 11 pairs without a tie two got one.
    found = turned(drawn("ab ac bc cd", "", "ab bc cd de ef"))
    assert became(found) == {
        "ab": "kept", "ac": "dissolved", "bc": "kept", "cd": "kept", "de": "formed", "ef": "formed",
    }  # fmt: skip
    for node_set in ("roster", "constant_panel"):
        one = row(found, node_set)
        assert (one["kept"], one["dissolved"], one["formed"], one["never"]) == (3, 1, 2, 9)
        assert one["n_organisations"] == 6
        assert (one["jaccard"], one["retention"], one["formation"]) == pytest.approx((0.5, 0.75, 2 / 11), rel=1e-15)
        assert (one["status"], one["reasons"]) == ("ok", [])
    # Of 15 pairs 4 are tied before and 5 after, 3 both times: (15 * 3 - 4 * 5) / sqrt(4 * 11 * 5 * 10) = 25 / sqrt(2200).
    assert row(found)["correlation"] == pytest.approx(25 / 2200**0.5, rel=1e-12)
    assert row(found)["n_permutations"] == 720
    assert row(found, "roster")["correlation"] is None


def test_weights_before_and_after():
    found = turned(drawn("ab2 bc3", "", "ab5 cd0.5"))
    told = {r["source_id"] + r["target_id"]: (r["weight_before"], r["weight_after"]) for r in found["tie_changes"]}
    assert told == {"ab": (2, 5), "bc": (3, None), "cd": (None, 0.5)}
    assert {r["directed"] for r in found["tie_changes"]} == {False}


def test_an_organisation_that_closed_is_not_a_tie_that_dissolved():
    # f is there before only and g after only. af and ag are no choice of a's: on the panel nothing changed.
    found = turned(drawn("ab af", "", "ab ag"), rosters=[list("abf"), list("ab"), list("abg")])
    assert became(found) == {"ab": "kept", "af": "dissolved", "ag": "formed"}
    assert {r["source_id"] + r["target_id"]: r["on_panel"] for r in found["tie_changes"]} == {
        "ab": True, "af": False, "ag": False,
    }  # fmt: skip
    whole, panel = row(found, "roster"), row(found)
    assert (whole["n_organisations"], whole["jaccard"]) == (4, pytest.approx(1 / 3))
    # One pair, tied before and after: nothing is left that could form.
    assert (panel["n_organisations"], panel["jaccard"], panel["retention"], panel["formation"]) == (2, 1, 1, None)
    assert panel["status"] == "undefined"
    assert panel["reasons"] == [
        "formation is undefined: every pair is tied before",
        "correlation is undefined: all pairs are tied alike before, or after",
    ]


def test_ties_of_those_on_no_roster_are_in_no_network():
    # x is on neither roster; b only on the later one, so that its earlier tie was not in the network yet.
    found = turned(drawn("ax ab", "", "ax ab"), rosters=[list("ac"), [], list("abc")])
    assert became(found) == {"ab": "formed"}
    assert row(found, "roster")["n_organisations"] == 3


def test_directed_ties_have_two_ways():
    found = turned(drawn("ab", "", "ba", layer="referrals"), rosters=["abc"] * 3)
    assert became(found) == {"ab": "dissolved", "ba": "formed"}
    # Six ordered pairs: one lost, one gained, four never.
    assert row(found, layer="referrals")["never"] == 4
    assert row(found, layer="referrals")["formation"] == pytest.approx(1 / 5)


def test_nothing_is_zero_only_if_records_are_whole():
    ties, whole = drawn("", "", "ab"), {"joint_roles": np.array([True, True, True])}
    unknown = row(turned(ties))
    assert (unknown["status"], unknown["jaccard"], unknown["formed"]) == ("no_coverage", None, 1)
    assert unknown["reasons"] == ["no tie in pre, where records are not known to be whole"]
    known = row(turned(ties, covered=whole))
    assert (known["status"], known["jaccard"], known["formation"]) == ("undefined", 0, 1 / 15)
    assert known["reasons"] == [
        "retention is undefined: no pair is tied before",
        "correlation is undefined: all pairs are tied alike before, or after",
    ]
    half = row(turned(ties, covered={"joint_roles": np.array([False, True, True])}))
    assert half["status"] == "no_coverage"
    # A layer that ties nobody has a row only if the network is said to supply it.
    assert {r["layer"] for r in turned(ties, covered=whole | {"mdt": np.ones(3, bool)})["turnover"]} == {
        "joint_roles", "mdt",
    }  # fmt: skip


def test_a_window_that_is_cut_is_not_compared():
    cut_short = Calendar.make(date(2014, 1, 1), date(2017, 1, 1), Step(months=12), Step(months=24))
    found = row(turned(drawn("ab", "", "ab", calendar=cut_short), calendar=cut_short))
    assert (found["status"], found["jaccard"], found["kept"]) == ("insufficient", None, 1)
    assert found["reasons"] == ["the window of pre reaches back before the period"]


def test_nothing_to_compare():
    found = turned(drawn("ab", "", "ab"), comparisons=[])
    assert found == {"tie_changes": [], "turnover": []}
    assert turned(drawn("", "", ""), comparisons=PRE_POST)["turnover"] == []
    assert row(turned(drawn("ab", "", ""), rosters=[[], [], []]))["n_organisations"] == 0


def test_comparisons_do_not_disturb_each_other():
    ties, both = (
        drawn("ab ac bc", "ab cd", "ab ac de"),
        [Comparison("x", "y", (0,), (1,)), Comparison("y", "z", (1,), (2,))],
    )
    together = turned(ties, comparisons=both)
    apart = [turned(ties, comparisons=[each]) for each in both]
    assert together["tie_changes"] == apart[0]["tie_changes"] + apart[1]["tie_changes"]
    assert together["turnover"] == apart[0]["turnover"] + apart[1]["turnover"]


# --- a plain second way -------------------------------------------------------------------------------------------

PAIRS = {False: ["".join(p) for p in combinations(SIX, 2)], True: ["".join(p) for p in permutations(SIX, 2)]}
tie_sets = st.booleans().flatmap(
    lambda directed: st.tuples(
        st.just(directed),
        *(st.dictionaries(st.sampled_from(PAIRS[directed]), st.sampled_from([0.5, 1, 2, 7])) for _ in range(2)),
        *(st.sets(st.sampled_from(SIX)) for _ in range(2)),
    )
)


@settings(deadline=None, max_examples=150)
@given(tie_sets)
def test_turnover_matches_plain_sets(made):
    directed, before, after, there, later = made
    layer = "referrals" if directed else "mdt"
    words = [" ".join(f"{pair}{weight}" for pair, weight in ties.items()) for ties in (before, after)]
    found = turned(
        drawn(words[0], "", words[1], layer=layer),
        [sorted(there), [], sorted(later)],
        covered={layer: np.ones(3, bool)},
    )
    ours = {pair for pair in before if set(pair) <= there}
    theirs = {pair for pair in after if set(pair) <= later}
    assert became(found) == (
        dict.fromkeys(ours & theirs, "kept") | dict.fromkeys(ours - theirs, "dissolved") | dict.fromkeys(theirs - ours, "formed")
    )  # fmt: skip
    for node_set, who in (("roster", there | later), ("constant_panel", there & later)):
        one, possible = row(found, node_set, layer), [pair for pair in PAIRS[directed] if set(pair) <= who]
        was, now = ([pair in ties for pair in possible] for ties in (ours, theirs))
        # What was kept and formed is what there is after; what was kept and dissolved is what there was before.
        assert one["kept"] + one["formed"] == sum(now)
        assert one["kept"] + one["dissolved"] == sum(was)
        assert one["kept"] + one["formed"] + one["dissolved"] + one["never"] == len(possible)
        either = sum(a or b for a, b in zip(was, now, strict=True))
        assert one["jaccard"] == (pytest.approx(one["kept"] / either) if either else None)
        assert one["status"] == ("undefined" if one["reasons"] else "ok")
        if node_set == "constant_panel":
            weights = [[ties.get(pair, 0) for pair in possible] for ties in (before, after)]
            with np.errstate(all="ignore"):
                expected = np.corrcoef(weights)[0, 1] if len(possible) > 1 else np.nan
            assert one["correlation"] == (None if isnan(expected) else pytest.approx(expected, abs=1e-9))
            assert (one["p_value"] is None) == isnan(expected)


# --- against the metrics of turnover, and on the scenario -------------------------------------------------------------


def named(roster: Roster) -> list[list[str]]:
    """The organisations on each slice's roster."""
    return [[roster.names[code] for code in roster.on(number)] for number in range(roster.present.shape[1])]


def test_it_matches_the_metrics_of_turnover(networks_of_records):
    compared = 0
    for made in networks_of_records[:8]:
        slices, calendar = [list(layers.values()) for layers in made.slices], made.calendar
        before = window_before(calendar)
        pairs = [Comparison(str(b), str(n), (b,), (n,)) for n, b in enumerate(before.tolist()) if b >= 0]
        covered = layers_covered(made.records, made.roster, made.coverage)
        ties = ties_table(slices, made.roster, calendar)
        found = turned(ties, named(made.roster), pairs, calendar=calendar, covered=covered, permutations=1)
        panel = {(int(r["after"]), r["layer"]): r for r in found["turnover"] if r["node_set"] == "constant_panel"}
        for block in measure_turnover(slices, made.records, made.roster, made.coverage, calendar):
            one = panel.get((block.slice, block.layer.value))
            if one is None or block.node_set != "roster" or one["status"] in ("no_coverage", "insufficient"):
                continue
            names = [m.name for m in names_of(Level.NETWORK, block.layer, "turnover")]
            theirs = dict(zip(names, block.values[0].tolist(), strict=True))
            ours = {"persistence_jaccard": "jaccard", "tie_retention": "retention", "tie_formation": "formation"}
            for metric, column in ours.items():
                assert one[column] == (None if isnan(theirs[metric]) else pytest.approx(theirs[metric])), (metric, one)
            compared += 1
    assert compared > 100


def test_neither_the_order_of_rows_nor_the_seed_changes_what_is_counted():
    rng = np.random.default_rng(6)
    pairs = ["".join(pair) for pair in combinations("abcdefghij", 2)]
    slices = [" ".join(f"{pair}{rng.integers(1, 9)}" for pair in rng.choice(pairs, 20, replace=False)) for _ in "ab"]
    made, ten = drawn(slices[0], "", slices[1]), [list("abcdefghij")] * 3
    shuffled = made.take(rng.permutation(made.num_rows))
    first, again = (turned(ties, ten) for ties in (made, shuffled))
    assert first == again
    other = turned(made, ten, seed=2)
    assert other["tie_changes"] == first["tie_changes"]
    assert row(other)["correlation"] == row(first)["correlation"]
    assert row(other)["p_value"] != row(first)["p_value"]


def test_the_scenario_before_and_after(scenario):
    records, config, calendar = scenario.records, scenario.config, scenario.config.calendar
    roster = make_roster(records, calendar)
    slices = cut(scenario.ties, config, calendar, len(records.organisations), max(records.n_people, 1))
    covered = layers_covered(records, roster, make_coverage(records, roster, calendar))
    last = [[s.end for s in calendar.slices].index(end) for end in (date(2015, 11, 1), date(2019, 5, 1))]
    ties = ties_table(slices, roster, calendar)
    found = turned(
        ties,
        named(roster),
        [Comparison("pre", "post", *((number,) for number in last))],
        calendar=calendar,
        covered=covered,
    )
    # Eight joint roles came with the centralisation, of which three had ended; nothing was shared before.
    roles = row(found)
    assert (roles["formed"], roles["kept"], roles["dissolved"], roles["retention"]) == (5, 0, 0, None)
    # Twelve organisations referred to six centres, 66 ties, and now refer to three of them, 33 ties.
    referrals = row(found, layer="referrals")
    assert (referrals["formed"], referrals["kept"], referrals["dissolved"]) == (0, 33, 33)
    assert (referrals["jaccard"], referrals["retention"]) == (0.5, 0.5)
    # Everybody sends somebody to meetings, before and after: only the weights tell more.
    meetings = row(found, layer="meetings")
    assert (meetings["kept"], meetings["never"], meetings["jaccard"]) == (78, 0, 1)
    assert 0.5 < meetings["correlation"] < 0.9
