"""The acceptance scenario: its measures lie where the prototype's did, within a fifth, before, amid and after."""

import pandas as pd
import pytest

from tests.stages import Results

PRE, TRANSITION, YEAR_1, YEAR_3 = "2015-08-01/3m", "2016-02-01/3m", "2017-02-01/3m", "2019-02-01/3m"


@pytest.fixture(scope="module")
def tables(scenario: Results) -> dict[str, pd.DataFrame]:
    return scenario.tables


def network(tables: dict[str, pd.DataFrame], metric: str, layer: str) -> dict[str, float]:
    """A metric of the whole network, by slice."""
    table = tables["network_metrics"]
    rows = table[(table["metric"] == metric) & (table["layer"] == layer) & (table["node_set"] == "roster")]
    return dict(zip(rows["slice"].astype(str), rows["value"], strict=True))


@pytest.mark.parametrize(
    ("metric", "layer", "expected"),
    [
        ("deferral_missing_info_rate", "mdt", {YEAR_1: 0.134, YEAR_3: 0.080}),
        ("dial_in_failure_rate", "mdt", {YEAR_1: 0.059, YEAR_3: 0.061}),
        ("remote_minutes_median", "mdt", {TRANSITION: 25, YEAR_1: 25, YEAR_3: 25}),
        ("convening_share", "convening", {PRE: 1, YEAR_1: 1, YEAR_3: 1}),
        ("representation_gini", "convening", {PRE: 0.14, YEAR_1: 0.13, YEAR_3: 0.13}),
        ("lead_coverage", "combined", {PRE: 0.385, YEAR_1: 0.54, YEAR_3: 0.54}),
        ("lead_top_share", "combined", {PRE: 0.389, YEAR_1: 0.31, YEAR_3: 0.31}),
        ("specialist_lead_share", "combined", {PRE: 0.78, YEAR_1: 0.69, YEAR_3: 0.69}),
        ("referral_to_specialist_share", "referrals", {PRE: 0.47, YEAR_1: 0.81, YEAR_3: 0.81}),
        ("refer_back_ratio", "referrals_back", {PRE: 0.12, YEAR_1: 0.30, YEAR_3: 0.30}),
        ("joint_roles_active", "joint_roles", {PRE: 0, TRANSITION: 6, YEAR_1: 8, YEAR_3: 5}),
        ("learning_events", "meetings", {PRE: 1, YEAR_1: 1, YEAR_3: 1}),
    ],
)
def test_measures_lie_within_a_fifth_of_the_prototypes(tables, metric, layer, expected):
    found = network(tables, metric, layer)
    for when, value in expected.items():
        assert found[when] == pytest.approx(value, rel=0.2), when


def test_a_list_of_attendees_overstates_contact_of_local_people(tables):
    found = network(tables, "copresence_ratio", "mdt")
    assert all(0.02 < found[when] < 0.15 for when in (TRANSITION, YEAR_1, YEAR_3))
    listed, throughout = (network(tables, name, "mdt")[YEAR_3] for name in ("quoracy_rate_listed", "quoracy_rate"))
    assert throughout <= listed


def test_the_network_body_governs_and_the_centres_lead_clinically(tables):
    assert network(tables, "governance_form", "convening")[YEAR_3] == 3  # a network administrative organisation
    assert network(tables, "clinical_form", "mdt")[YEAR_3] == 4  # three centres, a third each, of thirteen members
    # Pathway by pathway: the network body convenes both boards, and each of the three has its specialist centre.
    assert network(tables, "governance_pathways_network_body", "convening")[YEAR_3] == 2
    assert network(tables, "clinical_pathways_lead_organisation", "mdt")[YEAR_3] == 3
    assert network(tables, "clinical_pathways_hybrid", "mdt")[YEAR_3] == 0
    assert network(tables, "leader_retention", "combined")[YEAR_3] > 0.7


def test_joint_roles_by_group_once_all_have_begun(tables):
    table = tables["group_metrics"]
    rows = table[(table["metric"] == "joint_roles") & (table["slice"] == YEAR_1)]
    held = {row.professional_group: row.value for row in rows.itertuples() if row.value}
    assert held == {"surgeon": 4, "nurse": 1, "radiologist": 1, "oncologist": 2}
