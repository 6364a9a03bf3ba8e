"""The acceptance scenario: every professional group comes out at its expected level, before and after, whatever the seed.

The levels are a reading of a published study of one cancer network (doi 10.1177/13558196211053954): surgeons and nurses
meet often, nurses only since the service was centralised; radiologists, oncologists and allied health professionals
do not.
"""

import pytest

from orgnet.scenario import write_london_cancer
from tests.stages import measured

PRE, POST = "2015-08-01/3m", "2019-02-01/3m"  # the last whole windows: ending 1 November 2015 and 1 May 2019
EXPECTED = {
    ("acquaint", "surgeon"): ({3}, {3}),
    ("acquaint", "nurse"): ({2}, {3}),
    ("acquaint", "radiologist"): ({1, 2}, {1, 2}),
    ("acquaint", "oncologist"): ({2}, {2}),
    ("acquaint", "ahp"): ({2}, {2}),
    ("connect", "surgeon"): ({3}, {3}),
    ("connect", "nurse"): ({3}, {3}),
    ("connect", "radiologist"): ({2}, {2}),
    ("connect", "oncologist"): ({2}, {2}),
    ("connect", "ahp"): ({2}, {2}),
}


@pytest.mark.parametrize("seed", range(1, 11))
def test_every_group_is_at_its_expected_level_before_and_after(tmp_path, seed):
    indicators = measured(write_london_cancer(tmp_path, seed), graphs=False).tables["indicators"]
    by_key = indicators.set_index(["slice", "indicator", "scope_id"])["level"]
    for (indicator, group), (before, after) in EXPECTED.items():
        assert by_key[PRE, indicator, group] in before, (indicator, group, "pre")
        assert by_key[POST, indicator, group] in after, (indicator, group, "post")
    whole = indicators[indicators["level"].notna()]
    never = whole[(whole["indicator"] == "acquaint") & whole["scope_id"].isin(["radiologist", "oncologist", "ahp"])]
    assert len(never) and never["level"].max() < 3, "not in any whole window"


@pytest.mark.parametrize("seed", [1, 2])
def test_the_network_as_ties_alone_can_tell_it(tmp_path, seed):
    indicators = measured(write_london_cancer(tmp_path, seed), graphs=False).tables["indicators"]
    rows = indicators[indicators["scope_type"] == "network"].set_index(["slice", "indicator"])
    transition = "2016-02-01/3m"

    def interval(slice_label, indicator):
        row = rows.loc[slice_label, indicator]
        return row["level_lo"], row["level_hi"]

    assert rows.loc[POST, "acquaint"]["level"] == 2
    assert "mixed=true, min=1, max=3" in rows.loc[POST, "acquaint"]["reasons"]
    assert interval(PRE, "centrality") == interval(POST, "centrality") == (2, 3)
    assert interval(PRE, "leadership") == (1, 3)
    assert interval(POST, "leadership") == (2, 3)
    assert interval(transition, "infoex") == (1, 2)
    assert interval(POST, "infoex") == (2, 2)
    for indicator in ("innovation", "formal"):
        row = rows.loc[POST, indicator]
        assert (row["status"], row["proxy_level"]) == ("proxy_only", 2)
    for indicator in ("goals", "client", "trust"):
        assert rows.loc[POST, indicator]["status"] == "not_assessed"
    unsaid = rows.loc[POST].loc[["goals", "client", "trust", "innovation", "formal"]]
    assert unsaid["level"].isna().all() and unsaid["level_lo"].isna().all()
