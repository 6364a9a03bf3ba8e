"""A trust's feed is lost after the transition: what may still be compared, and what the others' records show."""

from pathlib import Path

import pandas as pd
import pytest

from orgnet.scenario import write_london_cancer
from tests.stages import Results, measured

LOST = "ZP06"
LAST = ["2015-08-01/3m", "2016-02-01/3m", "2019-02-01/3m"]
"""The last windows of the phases, which are compared."""


def phases(folder: Path, *variants: str) -> tuple[Results, pd.DataFrame]:
    config = write_london_cancer(folder, variants=variants)
    with config.open("a") as file:
        file.write("change: {permutations: 99}\n")  # nothing here rests on them
    found = measured(config, drawn_again=LAST)
    rows = found.changes
    return found, rows[rows["before"] == "pre"]


@pytest.fixture(scope="module")
def said(tmp_path_factory) -> pd.DataFrame:
    """Pre against post where coverage says that the feed is lost."""
    return phases(tmp_path_factory.mktemp("said"), "lost-feed")[1]


@pytest.fixture(scope="module")
def unsaid(tmp_path_factory) -> pd.DataFrame:
    """Pre against post where coverage wrongly says that all came."""
    return phases(tmp_path_factory.mktemp("unsaid"), "lost-feed-unsaid")[1]


def of(rows: pd.DataFrame, table: str) -> pd.DataFrame:
    return rows[rows["measure_table"] == table]


class TestWhereCoverageSaysSo:
    def test_whatever_rests_on_the_feed_is_not_comparable_and_says_why(self, said):
        groups = of(said, "group_metrics")
        roster = groups[~groups["entity"].str.contains("panel|against") & (groups["layer"] == "combined")]
        roster = roster[roster["value_before"].notna() & roster["value_after"].notna()]
        roster = roster[roster["metric"] != "joint_roles"]
        assert len(roster) > 300
        assert set(roster["verdict"]) == {"not_comparable"}
        assert {reason[0] for reason in roster["reasons"]} == {f"attendance: whole before and not after for {LOST}"}
        assert roster["ci_low"].isna().all() and roster["p_value"].isna().all()

    def test_so_are_referrals_and_networks(self, said):
        network = of(said, "network_metrics")
        for layer, kind in (("referrals", "referrals"), ("meetings", "attendance"), ("convening", "attendance")):
            rows = network[
                (network["layer"] == layer) & (network["entity"] == "roster") & (network["metric"] == "density")
            ]
            assert set(rows["verdict"]) == {"not_comparable"}
            assert rows["reasons"].iloc[0][0] == f"{kind}: whole before and not after for {LOST}"

    def test_pairs_of_others_are_compared(self, said):
        pairs = of(said, "pair_metrics")
        pairs = pairs[(pairs["layer"] == "referrals") & pairs["value_before"].notna()]
        theirs = pairs["entity"].str.contains(LOST)
        why = f"referrals of {LOST}: whole before and not after"
        assert theirs.any() and (pairs[theirs]["verdict"] == "not_comparable").all()
        assert pairs[theirs]["reasons"].map(lambda reasons: why in reasons).all()
        others = pairs[~theirs & pairs["value_after"].notna()]
        assert len(others) and (others["verdict"] != "not_comparable").all()

    def test_levels_from_ties_are_not_comparable_but_what_rests_on_other_records_is(self, said):
        levels = of(said, "indicators").set_index(["metric", "entity"])
        for group in ("surgeon", "nurse", "oncologist"):
            row = levels.loc[("acquaint", f"group / {group}")]
            assert row["verdict"] == "not_comparable"
            assert row["reasons"][0] == f"attendance: whole before and not after for {LOST}"
        assert levels.loc[("formal", "network / london-cancer")]["verdict"] != "not_comparable"

    def test_the_others_are_compared_among_themselves(self, said):
        panel = of(said, "group_metrics")
        panel = panel[panel["entity"].str.endswith("constant_panel")].set_index(["entity", "metric"])
        surgeons = panel.loc[("surgeon / surgeon / constant_panel", "meetings_per_person")]
        assert surgeons["verdict"] == "improved"
        matched = of(said, "network_metrics")
        matched = matched[matched["entity"] == "matched_panel"].set_index(["layer", "metric"])
        assert matched.loc[("referrals", "density")]["verdict"] != "not_comparable"

    def test_series_whose_coverage_falls_are_not_comparable(self, said):
        series = said[said["method"] == "interrupted_time_series_level"].set_index("entity")
        surgeons = series.loc["surgeon / surgeon"]
        assert surgeons["verdict"] == "not_comparable"
        assert surgeons["reasons"][0] == "coverage is 100.0% before and 91.7% after, on average"


class TestWhereCoverageIsWrong:
    def test_a_drop_of_four_fifths_is_told_of_and_nothing_is_concluded(self, unsaid):
        groups = of(unsaid, "group_metrics").set_index(["entity", "metric", "method"])
        row = groups.loc[("surgeon / surgeon", "meetings_per_person", "vertex_bootstrap")]
        assert row["verdict"] == "unclear"
        told = row["reasons"][0]
        assert told.startswith(f"attendance fell by more than 80%: {LOST} (")
        assert told.endswith("although they are said to be whole)")

    def test_so_it_is_of_referrals(self, unsaid):
        network = of(unsaid, "network_metrics")
        rows = network[(network["layer"] == "referrals") & (network["entity"] == "roster") & network["ci_low"].notna()]
        assert len(rows) and set(rows["verdict"]) == {"unclear"}
        assert all(reasons[0].startswith("referrals fell by more than 80%: ZP06 (") for reasons in rows["reasons"])

    def test_pairs_of_others_are_not_doubted(self, unsaid):
        pairs = of(unsaid, "pair_metrics")
        pairs = pairs[pairs["value_before"].notna() & pairs["value_after"].notna() & (pairs["layer"] == "referrals")]
        doubted = pairs["reasons"].map(lambda reasons: any("fell from" in reason for reason in reasons))
        assert (doubted == pairs["entity"].str.contains(LOST)).all()
