"""How sure a level is, and what would move it: confidence by resampling, and one choice varied at a time."""

from itertools import product

import numpy as np
import pytest

from orgnet.indicators.damour import Rule
from orgnet.indicators.rules import Known, Measure, applies, levels_in
from orgnet.indicators.score import score_indicators
from orgnet.indicators.sensitivity import (
    FACTORS,
    MISSING,
    by_missing_records,
    measure_again,
    robustness_table,
    sensitivity_table,
    settings,
    thresholds,
    vary,
)
from orgnet.vocabulary import Indicator, RecordKind

RULES = [
    Rule.model_validate({"level": 3, "all": ["meet_rate_median >= 4", "acq_breadth >= 0.5"]}),
    Rule.model_validate(
        {"level": 1, "any": ["opp_events == 0", "acq_breadth < 0.1"], "requires_complete": ["attendance"]}
    ),
    Rule.model_validate({"interval": [1, 2], "all": ["opp_events > 10"]}),
    Rule(level=2),
]
VALUES = {
    "meet_rate_median": [np.nan, 0.0, 4.0],
    "acq_breadth": [np.nan, 0.0, 0.3, 0.5],
    "opp_events": [np.nan, 0.0, 5.0, 11.0],
}


@pytest.mark.parametrize("complete", [True, False])
def test_many_values_at_once_have_the_level_of_each_by_itself(complete):
    """The rules on arrays against the rules on one value at a time, over every mixture of told and untold."""
    cells = list(product(*VALUES.values()))
    arrays = {name: np.array([cell[at] for cell in cells]) for at, name in enumerate(VALUES)}
    whole = {RecordKind.ATTENDANCE: complete}
    expected = []
    for cell in cells:
        known = Known({name: Measure(value, "ok") for name, value in zip(VALUES, cell, strict=True)}, whole)
        level = 0
        for rule in RULES:
            held = applies(rule, known)
            if held is None:
                break
            if held:
                level = rule.level or 0
                break
        expected.append(level)
    assert levels_in(RULES, arrays, whole).tolist() == expected
    assert {0, 1, 2, 3} >= set(expected) > {0}


def test_shares_of_resamples_are_shares(scenario):
    rows = scenario.tables["indicators"]
    direct = rows[rows["indicator"].isin(["acquaint", "connect"]) & rows["level"].notna()]
    assert len(direct)
    borderline = 0
    for row in direct.to_dict("records"):
        shares = {one["measure"]: one["value"] for one in row["evidence"] if one["measure"].startswith("p_l")}
        assert list(shares) == ["p_l1", "p_l2", "p_l3"]
        assert all(0 <= share <= 1 for share in shares.values()) and sum(shares.values()) <= 1 + 1e-9
        said = any(reason.startswith("borderline: ") for reason in row["reasons"])
        assert said == (max(shares.values()) < 0.8)
        borderline += said
    assert borderline < len(direct) / 2
    # Who always meets would always meet.
    surgeons = direct[(direct["scope_id"] == "surgeon") & (direct["indicator"] == "acquaint")]
    for row in surgeons.to_dict("records"):
        assert next(one["value"] for one in row["evidence"] if one["measure"] == "p_l3") > 0.9


def test_every_threshold_is_moved_a_quarter_either_way(scenario):
    damour = scenario.evidence.damour
    moved = list(thresholds(damour))
    of_acquaint = [(name, setting) for name, setting, _ in moved if name == Indicator.ACQUAINT]
    assert [setting for _, setting in of_acquaint] == [
        "meet_rate_median >= 4 at 3",
        "meet_rate_median >= 4 at 5",
        "opp_regularity >= 0.75 at 0.5625",
        "opp_regularity >= 0.75 at 0.9375",
        "acq_breadth >= 0.5 at 0.375",
        "acq_breadth >= 0.5 at 0.625",
        "survey_mean >= 3.66667 at 2.75",
        "survey_mean >= 3.66667 at 4.583",
        "survey_mean < 2.33333 at 1.75",
        "survey_mean < 2.33333 at 2.917",
    ]
    for name, _, changed in moved:
        others = [one for one in Indicator if one != name]
        assert all(changed.indicators[one] == damour.indicators[one] for one in others)
    assert len(moved) % len(FACTORS) == 0


def test_one_variation_moves_what_it_should(scenario):
    """With a breadth of 0.5 as the threshold nurses are at 2 before; they know a peer in .43 of the other organisations."""
    evidence = scenario.evidence
    rows = scenario.rows
    found = vary(rows, evidence, None)
    table = sensitivity_table(found, evidence.calendar).to_pandas()
    nurses = table[
        (table["indicator"] == "acquaint") & (table["scope_id"] == "nurse") & (table["slice"] == "2015-08-01/3m")
    ]
    by_setting = nurses.set_index("setting")
    lower = by_setting.loc["acq_breadth >= 0.5 at 0.375"]
    higher = by_setting.loc["acq_breadth >= 0.5 at 0.625"]
    measures = scenario.tables["group_metrics"].query(
        "professional_group == 'nurse' and other_group == 'nurse' and slice == '2015-08-01/3m'"
    )
    value = measures.set_index("metric")["value"]
    frequent = value["meet_rate_median"] >= 4 and value["opp_regularity"] >= 0.75
    assert lower["level_lo"] == (3 if frequent and value["acq_breadth"] >= 0.375 else 2)
    assert higher["level_lo"] == 2 and not higher["moved"]
    summary = robustness_table(found).to_pandas().set_index(["indicator", "scope_id"])
    for (indicator, scope_id), mine in table.groupby(["indicator", "scope_id"], observed=True):
        told = mine["moved"].dropna()
        line = summary.loc[(indicator, scope_id)]
        assert line["n_variations"] == len(told)
        assert line["steady_share"] == pytest.approx(1 - told.astype(float).mean())
        assert line["robust"] == (line["steady_share"] >= 0.95)


def test_missing_records_are_left_out_from_a_seed(scenario):
    evidence = scenario.evidence
    config = evidence.config
    uncertainty = config.uncertainty.model_copy(update={"sensitivity": "all", "replicates": 20})
    few = [row for row in scenario.rows if row.slice == 19 and row.scope_id in ("surgeon", "manager")]

    def missing(seed):
        told = uncertainty.model_copy(update={"seed": seed})
        other = evidence.of(config.model_copy(update={"uncertainty": told}))
        return [(v.row.scope_id, v.varied, v.setting, v.kept) for v in by_missing_records(few, other, scenario.drawn)]

    found = missing(1)
    assert found == missing(1) != missing(2)
    assert {(varied, setting) for _, varied, setting, _ in found} == {
        (varied, f"{share:.0%}") for varied in ("missing_meetings", "missing_people") for share in MISSING
    }
    assert all(kept == 1 for scope, _, _, kept in found if scope == "surgeon")


def test_settings_that_are_varied_leave_out_the_networks_own(scenario):
    varied = [(name, value) for name, value, _ in settings(scenario.config)]
    assert varied == [
        ("window", "6 months"),
        ("window", "18 months"),
        ("acquainted_after", "1"),
        ("acquainted_after", "3"),
        ("min_overlap_minutes", "11.25"),
        ("min_overlap_minutes", "18.75"),
        ("projection", "count"),
        ("projection", "hours"),
    ]


def test_measured_again_with_the_same_settings_nothing_moves(scenario):
    again = score_indicators(measure_again(scenario.config, scenario.records, scenario.evidence.damour))
    assert [(row.indicator, row.scope_id, row.slice, row.said) for row in again] == [
        (row.indicator, row.scope_id, row.slice, row.said) for row in scenario.rows
    ]
