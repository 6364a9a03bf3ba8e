"""Why a value is there or not: a status beside every one, and never a zero that nobody knows to be one."""

import pandas as pd
import pytest

from tests.networks import Network, network
from tests.stages import measured

Tables = dict[str, pd.DataFrame]

STAFF = [{"person_id": f"{org}{n}", "org_id": org.upper(), "group": "nurse"} for org in "abcdx" for n in (1, 2)]


def tables_of(made: Network) -> Tables:
    """The published tables of a network, words as plain text and slices by number."""
    found = measured(made.config.folder / "network.yaml").tables
    number = {when.start: place for place, when in enumerate(made.calendar.slices)}
    plain = {}
    for name, table in found.items():
        words = {column: "str" for column, kind in table.dtypes.items() if kind == "category"}
        plain[name] = table.astype(words).assign(slice=table["slice_start"].map(number))
    return plain


def shown(table: pd.DataFrame, **wanted: str) -> list[str]:
    """One metric's value and status, slice by slice, as `1 ok` or `no_coverage`."""
    for column, word in wanted.items():
        table = table[table[column] == word]
    assert table["slice"].is_unique
    rows = table.sort_values("slice")
    told = [f"{value:g} {status}" for value, status in zip(rows["value"], rows["status"], strict=True)]
    return [text.removeprefix("nan ") for text in told]


# --- four quarters, each its own window ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def quarters(tmp_path_factory) -> Tables:
    """A and B meet in the first quarter, and in the third nobody noted when they came; attendance is known to be whole
    for half a year."""
    return tables_of(
        network(
            tmp_path_factory.mktemp("quarters"),
            settings={"slices": {"every": "quarter", "window": "3 months"}},
            organisations="""
            org_id  kind      valid_to
            A       provider  -
            B       provider  -
            C       provider  -
            D       provider  2015-04-01
            X       other     -
            """,
            people=STAFF,
            meetings="""
            meeting_id  start                type
            m1          2015-02-01T09:00:00  other
            m2          2015-08-01T09:00:00  other
            """,
            attendance="""
            meeting_id  person_id  join                 leave
            m1          a1         2015-02-01T09:00:00  2015-02-01T10:00:00
            m1          b1         2015-02-01T09:00:00  2015-02-01T10:00:00
            m2          a1         -                    -
            m2          b1         -                    -
            """,
            coverage="""
            source_id  record_kind  period_start  period_end  complete
            diary      attendance   2015-01-01    2015-07-01  true
            cases      mdt_cases    2015-01-01    2016-01-01  true
            """,
        )
    )


def test_who_has_no_ties_has_none_only_if_that_is_known(quarters):
    table = quarters["organisation_metrics"]
    # C met nobody: a true zero while all is recorded, nothing to say after that.
    degree = {"layer": "meetings", "metric": "degree"}
    assert shown(table, organisation_id="C", **degree) == ["0 ok", "0 ok", "no_coverage", "no_coverage"]
    # A's own tie is there whatever else may be missing.
    assert shown(table, organisation_id="A", **degree) == ["1 ok", "0 ok", "1 nominal", "no_coverage"]
    # What is undefined for want of ties is as little known.
    constraint = {"layer": "meetings", "metric": "constraint"}
    assert shown(table, organisation_id="C", **constraint) == ["undefined", "undefined", "no_coverage", "no_coverage"]


def test_a_network_without_ties_is_one_only_if_that_is_known(quarters):
    table = quarters["network_metrics"]
    roster = {"layer": "meetings", "node_set": "roster"}
    # Five organisations, then four without D: A and B are one component while they meet.
    assert shown(table, metric="components", **roster) == ["4 ok", "4 ok", "3 nominal", "no_coverage"]
    assert shown(table, metric="avg_degree", **roster) == ["0.4 ok", "0 ok", "0.5 nominal", "no_coverage"]
    assert shown(table, metric="transitivity", **roster) == ["undefined", "undefined", "undefined", "no_coverage"]


def test_the_constant_panel_holds_those_who_were_there_throughout(quarters):
    table = quarters["network_metrics"]
    density = {"layer": "meetings", "metric": "density"}
    # One tie of 5 x 4 / 2 with D, and of 4 x 3 / 2 without: D's leaving is no change in who meets whom.
    assert shown(table, node_set="roster", **density)[::2] == ["0.1 ok", f"{1 / 6:g} nominal"]
    assert shown(table, node_set="constant_panel", **density)[::2] == [f"{1 / 6:g} ok", f"{1 / 6:g} nominal"]
    assert "D" not in set(quarters["organisation_metrics"].query("slice > 0")["organisation_id"])


def test_a_layer_that_the_network_does_not_supply(quarters):
    for layer in ("referrals", "referrals_back"):
        rows = quarters["network_metrics"].query(f"layer == '{layer}'")
        assert set(rows["metric"]) >= {"density", "reciprocity"}
        assert rows["value"].isna().all()
        assert set(rows["status"]) == {"no_coverage"}
        # Every slice has a row for each metric of its graph, over the roster and over the constant panel.
        both = rows[rows["metric"].isin(rows.loc[rows["node_set"] == "constant_panel", "metric"])]
        assert len(both) == 4 * 2 * both["metric"].nunique()
        assert layer not in set(quarters["organisation_metrics"]["layer"]) | set(quarters["pair_metrics"]["layer"])


def test_times_that_nobody_noted_make_nominal_values(quarters):
    pairs = quarters["pair_metrics"].query("organisation_id == 'A' and other_organisation_id == 'B'")
    assert shown(pairs, layer="meetings", metric="weight") == ["1 ok", "1 nominal"]
    assert shown(pairs, layer="combined", metric="weight") == ["1 ok", "1 nominal"]
    groups = quarters["group_metrics"]
    assert shown(groups, metric="venues_any") == ["1 ok", "0 ok", "1 nominal", "no_coverage"]
    # How long they were together is known where it was noted, and is not guessed where it was not.
    assert shown(groups, metric="copresence_ratio") == ["undefined", "undefined", "undefined", "no_coverage"]
    # Joint roles have no presence: they are as good as ever.
    assert set(quarters["organisation_metrics"].query("layer == 'joint_roles'")["status"]) == {"no_coverage"}


def test_how_the_network_is_run_is_known_where_all_is_recorded(quarters):
    table = quarters["network_metrics"]
    assert shown(table, metric="learning_org_coverage") == ["0 ok", "0 ok", "no_coverage", "no_coverage"]
    assert shown(table, metric="representation_gini") == ["undefined", "undefined", "no_coverage", "no_coverage"]
    # Nothing says that all organisations are listed; and cases are said to be whole, yet none are supplied.
    assert shown(table, metric="core_agencies") == ["no_coverage"] * 4
    assert shown(table, metric="mdt_cases") == ["no_coverage"] * 4
    boards = quarters["organisation_metrics"].query("organisation_id == 'A'")
    assert shown(boards, metric="board_attendance") == ["undefined", "undefined", "no_coverage", "no_coverage"]


def test_a_window_shorter_than_a_year_gives_no_yearly_rates(quarters):
    expected = ["insufficient", "insufficient", "no_coverage", "no_coverage"]
    for metric in ("learning_events", "standing_smdts"):
        assert shown(quarters["network_metrics"], metric=metric) == expected
    assert shown(quarters["group_metrics"], metric="venues_standing") == expected
    # In the third quarter there was an opportunity, if not a year of them.
    assert shown(quarters["group_metrics"], metric="opp_events") == ["insufficient"] * 3 + ["no_coverage"]


# --- months that look back over a year -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def year() -> dict[str, object]:
    return {
        "settings": {
            "period": {"start": "2015-01-01", "end": "2016-04-01"},
            "slices": {"every": "month", "window": "12 months"},
        },
        "organisations": """
            org_id  kind      valid_to
            A       provider  -
            B       provider  -
            C       provider  -
            X       provider  2015-06-01
            """,
        "people": [
            *STAFF[:6],
            *(
                {"person_id": f"{org}9", "org_id": org.upper(), "group": "surgeon", "end": "2015-06-01"}
                for org in "abx"
            ),
        ],
        "meetings": """
            meeting_id  start                end                  type
            m1          2015-02-01T09:00:00  2015-02-01T10:00:00  learning
            """,
        "attendance": [
            {"meeting_id": "m1", "person_id": who, "join": "2015-02-01T09:00:00", "leave": "2015-02-01T10:00:00"}
            for who in ("a1", "b1", "a9", "b9", "x9")
        ],
        "coverage": """
            source_id  record_kind  period_start  period_end  complete
            diary      attendance   2015-01-01    2016-04-01  true
            """,
    }


@pytest.fixture(scope="module")
def months(tmp_path_factory, year) -> tuple[Network, Tables]:
    made = network(tmp_path_factory.mktemp("months"), **year)
    return made, tables_of(made)


def test_yearly_rates_need_a_whole_window_within_the_period(months):
    _, tables = months
    # Eleven windows reach back before January; those ending in December 2015 and January 2016 hold the meeting of
    # 1 February 2015, and that ending in February 2016 does not.
    expected = ["insufficient"] * 11 + ["1 ok", "1 ok", "0 ok", "0 ok"]
    assert shown(tables["network_metrics"], metric="learning_events") == expected
    nurses = {"professional_group": "nurse", "other_group": "nurse"}
    assert shown(tables["group_metrics"], metric="opp_events", **nurses) == expected
    # What is no rate has a value as soon as there is one.
    assert shown(tables["group_metrics"], metric="venues_any", **nurses) == ["0 ok"] + ["1 ok"] * 12 + ["0 ok"] * 2


def test_a_group_with_nobody_on_the_roster_is_undefined(months):
    _, tables = months
    surgeons = {"professional_group": "surgeon", "other_group": "surgeon"}
    # They were there until the end of May.
    venues, reach = (shown(tables["group_metrics"], metric=name, **surgeons) for name in ("venues_any", "acq_reach"))
    assert venues == ["0 ok"] + ["1 ok"] * 4 + ["undefined"] * 10
    assert reach == ["0 ok"] * 5 + ["undefined"] * 10
    # A group that nobody was ever in has no rows.
    assert "manager" not in set(tables["group_metrics"]["professional_group"])


def test_ties_to_an_organisation_off_the_roster_are_in_no_graph(months):
    made, tables = months
    together = {"A B", "A X", "B X"}
    assert set(made.weights("meetings", 4)) == set(made.weights("meetings", 11)) == together
    table = tables["organisation_metrics"]
    # X closed at the end of May, so that A's one partner is B, though the meeting is in the window for all of 2015.
    degree = shown(table, organisation_id="A", layer="meetings", metric="degree")
    assert degree == ["0 ok"] + ["2 ok"] * 4 + ["1 ok"] * 8 + ["0 ok"] * 2
    assert len(shown(table, organisation_id="X", layer="meetings", metric="degree")) == 5
    assert set(tables["pair_metrics"].query("slice == 11")["other_organisation_id"]) == {"B", "X"}


def test_nothing_is_known_of_a_network_without_providers(tmp_path, year):
    alone = year | {"organisations": "org_id kind\n A other\n B other\n C other\n X other"}
    table = tables_of(network(tmp_path, **alone))["network_metrics"]
    # There is no provider whose records could be known to be whole.
    assert set(shown(table, metric="learning_events")) == {"no_coverage"}
