"""A whole run of the scenario against committed figures, by key and tolerance.

A number that changes on purpose is written anew with `python -m tests.golden.test_golden`, and gets a line in
CHANGELOG.md under "Numbers that change".
"""

import sys
import tempfile
from pathlib import Path

import pandas as pd
import pytest

from orgnet.scenario import write_london_cancer
from tests.stages import measured

FIGURES = Path(__file__).with_name("figures.csv")
SLICES = ["2015-08-01/3m", "2016-02-01/3m", "2019-02-01/3m"]
KEYS = ["table", "slice", "entity", "metric"]


def figures(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """The figures that are kept: metrics of groups among themselves, of the network, of three organisations; levels."""
    groups = tables["group_metrics"].query("professional_group == other_group")
    organisations = tables["organisation_metrics"].query("organisation_id in ['ZN00', 'ZP01', 'ZP09']")
    network = tables["network_metrics"].query("node_set == 'roster'")
    indicators = tables["indicators"]
    parts = [
        groups.assign(table="group_metrics", entity=groups["professional_group"].astype(str)),
        organisations.assign(
            table="organisation_metrics",
            entity=organisations["layer"].astype(str) + " " + organisations["organisation_id"].astype(str),
        ),
        network.assign(table="network_metrics", entity=network["layer"].astype(str)),
        indicators.assign(
            table="indicators",
            entity=indicators["scope_id"].astype(str),
            metric=indicators["indicator"],
            value=indicators["level_lo"] + indicators["level_hi"] / 10,
        ),
    ]
    rows = pd.concat([part[[*KEYS, "value", "status"]].astype(dict.fromkeys(KEYS, str)) for part in parts])
    rows = rows[rows["slice"].isin(SLICES)].astype({"status": str, "value": float})
    return rows.sort_values(KEYS).reset_index(drop=True)


def test_the_scenario_gives_the_committed_figures(scenario):
    expected = pd.read_csv(FIGURES, keep_default_na=False, na_values=[""])
    found = figures(scenario.tables)
    compared = expected.merge(found, on=KEYS, how="outer", suffixes=("_expected", "_found"), indicator=True)
    assert (compared["_merge"] == "both").all(), compared[compared["_merge"] != "both"][KEYS]
    assert (compared["status_expected"] == compared["status_found"]).all()
    for row in compared.itertuples():
        assert row.value_found == pytest.approx(row.value_expected, rel=1e-9, abs=1e-9, nan_ok=True), row


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        tables = measured(write_london_cancer(Path(folder))).tables
        figures(tables).to_csv(FIGURES, index=False, float_format="%.12g")
    sys.stdout.write(f"wrote {FIGURES.name}\n")
