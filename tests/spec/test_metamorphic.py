"""What must follow when the acceptance scenario's records are changed: its files are altered and measured again."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import yaml

from orgnet.schema import TABLES
from tests.stages import Results, measured

Change = Callable[[pd.DataFrame], pd.DataFrame]
SAID = ["level", "level_lo", "level_hi", "proxy_level", "status"]
NO_DRAWS: dict[str, object] = {"uncertainty": {"replicates": 0}}
"""For tests that look at levels and not at how sure they are."""
FIRST_WHOLE = "2015-04-30"  # windows of a year are whole from the slice that ends on 1 May 2015


def read(path: Path) -> pd.DataFrame:
    """A file of records, all fields as text."""
    return pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path, dtype=str, keep_default_na=False)


def write(frame: pd.DataFrame, path: Path) -> None:
    if path.suffix == ".parquet":
        frame.to_parquet(path, index=False)
    else:
        frame.to_csv(path, index=False)


def altered(scenario: Results, folder: Path, settings: dict[str, object] | None = None, **changes: Change) -> Path:
    """The configuration of a copy of the scenario, with some kinds of record changed, and some settings."""
    shutil.copytree(scenario.config.folder, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("results"))
    for kind, change in changes.items():
        path = folder / scenario.config.sources[kind][0].path
        write(change(read(path)), path)
    configuration = folder / "london-cancer.yaml"
    said = {**yaml.safe_load(configuration.read_text(encoding="utf-8")), **(settings or {})}
    configuration.write_text(yaml.safe_dump(said), encoding="utf-8")
    return configuration


def levels(results: Results) -> pd.DataFrame:
    """What is said of each indicator, by slice, indicator and scope."""
    rows = results.tables["indicators"]
    key = ["slice", "indicator", "scope_id"]
    return rows.astype(dict.fromkeys([*key, "status"], "str")).set_index(key).sort_index()[[*SAID, "reasons"]]


def whole(results: Results, indicator: str, scope: str) -> pd.DataFrame:
    """One indicator of one scope in the slices whose window is whole."""
    rows = results.tables["indicators"]
    rows = rows[(rows["slice_end"].astype(str) > FIRST_WHOLE) & (rows["indicator"] == indicator)]
    rows = rows[rows["scope_id"] == scope]
    assert len(rows) == 17
    return rows


def test_renamed_groups_have_the_same_numbers(scenario, tmp_path):
    groups = sorted(set(read(scenario.config.folder / "people.csv")["group"]))
    new = {group: f"{group[::-1]}_x" for group in groups}

    def renamed(frame: pd.DataFrame) -> pd.DataFrame:
        return frame.assign(**{c: frame[c].replace(new) for c in ("group", "from_group", "to_group") if c in frame})

    found = measured(
        altered(
            scenario,
            tmp_path,
            settings={"professional_groups": [new[group] for group in reversed(groups)], **NO_DRAWS},
            people=renamed,
            referrals=renamed,
            joint_roles=renamed,
            survey_responses=renamed,
        ),
        graphs=False,
    )
    assert found.records.rejected.num_rows == scenario.records.rejected.num_rows
    old = {name: group for group, name in new.items()}
    key = ["slice", "professional_group", "other_group", "metric"]

    def numbers(results: Results) -> pd.DataFrame:
        table = results.tables["group_metrics"].astype(dict.fromkeys([*key, "status"], "str"))
        return table.replace({"professional_group": old, "other_group": old}).set_index(key).sort_index()

    pd.testing.assert_frame_equal(numbers(found), numbers(scenario), check_exact=True)
    pd.testing.assert_frame_equal(levels(found).rename(index=old).sort_index()[SAID], levels(scenario)[SAID])


def test_records_given_twice_count_once(scenario, tmp_path):
    """Referrals and cases have no number of their own in every row, and so cannot be told apart; all else can."""
    kinds = [
        "organisations",
        "people",
        "meetings",
        "attendance",
        "joint_roles",
        "lead_roles",
        "documents",
        "survey_responses",
        "coverage",
    ]

    def twice(rows: pd.DataFrame) -> pd.DataFrame:
        return pd.concat([rows, rows], ignore_index=True)

    found = measured(altered(scenario, tmp_path, **dict.fromkeys(kinds, twice)))
    aside = found.records.rejected_counts()
    for kind in kinds:
        assert aside[kind] == {"duplicate": scenario.records.read[kind]}, kind
    for name in scenario.tables:
        pd.testing.assert_frame_equal(found.tables[name], scenario.tables[name], check_exact=True)


def test_without_times_of_joining_and_leaving_contact_is_nominal(scenario, tmp_path):
    found = measured(
        altered(scenario, tmp_path, NO_DRAWS, attendance=lambda rows: rows.assign(join="", leave="")), graphs=False
    )
    groups = found.tables["group_metrics"]
    assert groups[groups["metric"] == "copresence_ratio"]["value"].isna().all()
    counts = groups[(groups["metric"] == "venues_any") & (groups["value"] > 0)]
    assert len(counts) and set(counts["status"]) == {"nominal"}
    # Here nobody's level hangs on it, but everyone is told where it might.
    before, after = levels(scenario), levels(found)
    pd.testing.assert_frame_equal(after[SAID], before[SAID])
    known = whole(found, "acquaint", "surgeon")
    assert all(any(reason.startswith("nominal: ") for reason in reasons) for reasons in known["reasons"])
    assert not any("nominal" in reason for reasons in before["reasons"] for reason in reasons)


@pytest.fixture(scope="module")
def uncovered(scenario, tmp_path_factory) -> Results:
    """The scenario without a word on whether its records are whole."""
    sources = yaml.safe_load((scenario.config.folder / "london-cancer.yaml").read_text(encoding="utf-8"))["sources"]
    del sources["coverage"]
    folder = tmp_path_factory.mktemp("uncovered")
    return measured(altered(scenario, folder, settings={"sources": sources, **NO_DRAWS}), graphs=False)


def test_without_coverage_nothing_is_level_1(scenario, uncovered):
    before, after = levels(scenario.by_ties_alone()), levels(uncovered.by_ties_alone())
    lowest = (before["level"] == 1) | (before["proxy_level"] == 1)
    # Radiologists had windows without a meeting, pathologists never met; and at first there were no standing MDTs.
    for indicator, scopes in {"acquaint": {"radiologist", "pathologist"}, "formal": {"london-cancer"}}.items():
        assert set(before[lowest].xs(indicator, level="indicator").index.get_level_values("scope_id")) == scopes
    assert not ((after["level"] == 1) | (after["proxy_level"] == 1)).any()
    silent = after[lowest]
    assert silent[["level", "level_lo", "level_hi", "proxy_level"]].isna().all(axis=None)
    assert set(silent["status"]) == {"insufficient_data"}
    radiologists = silent.xs(("acquaint", "radiologist"), level=("indicator", "scope_id"))["reasons"]
    assert len(radiologists)
    assert all("opp_events has no value: nothing is recorded" in " ".join(said) for said in radiologists)
    # What is recorded is recorded: surgeons, nurses and managers meet as before.
    for group in ("surgeon", "nurse", "manager"):
        for indicator in ("acquaint", "connect"):
            assert (
                whole(uncovered, indicator, group)["level"].tolist()
                == whole(scenario, indicator, group)["level"].tolist()
            )


def test_who_knows_less_says_no_more(scenario, uncovered):
    before, after = levels(scenario.by_ties_alone()), levels(uncovered.by_ties_alone())
    # Not only is no level higher or lower than it was: no interval is narrower, for groups and for the network.
    said = after[after["level_lo"].notna()]
    known = before.loc[said.index]
    assert len(said) > 200
    assert (said["level_lo"] <= known["level_lo"]).all()
    assert (said["level_hi"] >= known["level_hi"]).all()
    proxies = after[after["proxy_level"].notna()]
    assert (proxies["proxy_level"] == before.loc[proxies.index, "proxy_level"]).all()


def test_radiologists_who_meet_every_month_are_well_acquainted(scenario, tmp_path):
    people = read(scenario.config.folder / "people.csv").query("group == 'radiologist'")
    months = pd.date_range("2014-05-20", "2019-04-20", freq="MS").strftime("%Y-%m-20")

    def with_meetings(rows: pd.DataFrame) -> pd.DataFrame:
        new = {"start": months + "T13:00:00", "end": months + "T14:30:00", "type": "discipline_group"}
        new |= {
            "meeting_id": "R" + months,
            "series_id": "radiology_monthly",
            "convenor_org_id": "ZN00",
            "status": "held",
        }
        return pd.concat([rows, pd.DataFrame(new)]).fillna("")

    def with_radiologists(rows: pd.DataFrame) -> pd.DataFrame:
        new = pd.DataFrame({"join": months + "T13:00:00", "leave": months + "T14:30:00", "meeting_id": "R" + months})
        new = new.assign(status="attended", mode="in_person").merge(people[["person_id", "org_id"]], how="cross")
        return pd.concat([rows, new]).fillna("")

    found = measured(altered(scenario, tmp_path, meetings=with_meetings, attendance=with_radiologists), graphs=False)
    assert set(whole(scenario, "acquaint", "radiologist")["level"]) == {1, 2}
    assert set(whole(found, "acquaint", "radiologist")["level"]) == {3}
    # One series is not many venues.
    assert set(whole(found, "connect", "radiologist")["level"]) == {2}
    # Nobody else is concerned.
    same = [scope for scope in levels(scenario).index if scope[2] not in ("radiologist", "london-cancer")]
    pd.testing.assert_frame_equal(levels(found).loc[same], levels(scenario).loc[same])


def test_one_organisation_in_every_chair_is_concentrated_leadership(scenario, tmp_path):
    people = read(scenario.config.folder / "people.csv")
    chair = people.query("org_id == 'ZP01' and group == 'surgeon'")["person_id"].iloc[0]
    held = read(scenario.config.folder / "meetings.csv").query("status == 'held'")

    def always_there(rows: pd.DataFrame) -> pd.DataFrame:
        there = pd.DataFrame({"meeting_id": held["meeting_id"], "join": held["start"], "leave": held["end"]})
        there = there.assign(person_id=chair, org_id="ZP01", status="attended")
        return pd.concat([rows[rows["person_id"] != chair], there]).fillna("")

    found = measured(
        altered(
            scenario,
            tmp_path,
            NO_DRAWS,
            meetings=lambda rows: rows.assign(chair_person_id=chair),
            attendance=always_there,
            lead_roles=lambda rows: rows.assign(org_id="ZP01"),
        ),
        graphs=False,
    )
    rows = whole(found.by_ties_alone(), "leadership", "london-cancer")
    assert set(rows["level_lo"]) == {1}
    assert set(rows["level_hi"]) == {2}
    assert rows["level"].isna().all()
    assert all(
        reasons[0].startswith("concentrated: level 1 to 2: lead_top_share >= 0.6") for reasons in rows["reasons"]
    )
    assert not (whole(scenario.by_ties_alone(), "leadership", "london-cancer")["level_hi"] == 2).any()


def test_without_a_core_agency_there_is_no_central_body(scenario, tmp_path):
    changed = altered(
        scenario,
        tmp_path,
        NO_DRAWS,
        organisations=lambda rows: rows.assign(role=rows["role"].replace("core_agency", "none")),
    )
    found = measured(changed, graphs=False)
    rows = whole(found.by_ties_alone(), "centrality", "london-cancer")
    assert set(rows["level"]) == set(rows["level_lo"]) == set(rows["level_hi"]) == {1}
    assert all(reasons[0] == "none: level 1: core_agencies == 0 (found 0)" for reasons in rows["reasons"])
    assert set(whole(scenario.by_ties_alone(), "centrality", "london-cancer")["level_lo"]) == {2}
    # People who were asked say otherwise: they are believed, and the contradiction is told.
    asked = whole(found, "centrality", "london-cancer").query("basis == 'survey'")
    assert len(asked) and set(asked["level"]) == {3}
    assert all(
        reasons[0].startswith("discordant: ties say level 1, the survey says level 3") for reasons in asked["reasons"]
    )


def test_empty_records_say_nothing_of_anything(scenario, tmp_path):
    nothing = dict.fromkeys(map(str, scenario.config.sources), lambda rows: rows.iloc[:0])
    found = measured(altered(scenario, tmp_path, **nothing))
    rows = found.tables["indicators"]
    assert set(rows["indicator"]) == {indicator for _, indicator, _ in levels(scenario).index}
    assert set(rows["status"]) == {"not_assessed", "insufficient_data"}
    assert rows[["level", "level_lo", "level_hi", "proxy_level"]].isna().all(axis=None)
    assert all(len(reasons) for reasons in rows["reasons"])
    for name, table in found.tables.items():
        assert tuple(table.columns) == TABLES[name].column_names
    # No organisations are no components; nothing else has a value.
    valued = found.tables["network_metrics"].query("status == 'ok' or status == 'nominal'")
    assert set(valued["metric"]) == {"components"}
    assert set(valued["value"]) == {0}
    assert all(found.tables[name].empty for name in ("organisation_metrics", "pair_metrics", "group_metrics"))
