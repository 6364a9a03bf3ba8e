"""The acceptance scenario's variants: what each changes in the records, and, where ties show it, in what orgnet says."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
import yaml

from orgnet.config import load_config
from orgnet.errors import InputFault
from orgnet.records.read import read_records
from orgnet.scenario import VARIANTS, write_london_cancer
from tests.stages import Results, measured

SEED = 1
PRE, POST = "2015-08-01/3m", "2019-02-01/3m"  # the last whole windows: ending 1 November 2015 and 1 May 2019
FIRST_WHOLE = "2015-04-30"
OTHERS = ("radiologist", "oncologist", "ahp")
ALONE = [*VARIANTS, ""]

Written = Callable[[str], dict[str, pd.DataFrame]]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The configuration of a variant, or of the scenario itself for the empty name; written once."""

    @cache
    def write(name: str) -> Path:
        return write_london_cancer(tmp_path_factory.mktemp("variant"), SEED, [name] if name else [])

    return write


@pytest.fixture(scope="module")
def written(folders: Callable[[str], Path]) -> Written:
    """The records of a variant by kind, all fields as text."""

    @cache
    def read(name: str) -> dict[str, pd.DataFrame]:
        sources = yaml.safe_load(folders(name).read_text(encoding="utf-8"))["sources"]
        paths = {kind: folders(name).parent / source["path"] for kind, source in sources.items()}
        return {
            kind: pd.read_parquet(path).astype(str)
            if path.suffix == ".parquet"
            else pd.read_csv(path, dtype=str, keep_default_na=False)
            for kind, path in paths.items()
        }

    return read


@pytest.fixture(scope="module")
def said(folders: Callable[[str], Path]) -> Callable[[str], Results]:
    """What orgnet makes of a variant by its ties alone, as far as the indicators."""
    return cache(lambda name: measured(ties_alone(folders(name)), graphs=False))


def ties_alone(configuration: Path) -> Path:
    """The same configuration without what people say and sign, beside it; no test here looks at draws."""
    settings = yaml.safe_load(configuration.read_text(encoding="utf-8"))
    for kind in ("documents", "survey_responses"):
        del settings["sources"][kind]
    settings["uncertainty"] = {"replicates": 0}
    path = configuration.with_name("ties-alone.yaml")
    path.write_text(yaml.safe_dump(settings), encoding="utf-8")
    return path


CHANGES = {
    "attendance-low": {"attendance", "coverage"},
    "attendance-high": {"attendance", "coverage"},
    "background-presence": {"attendance", "coverage"},
    "lost-feed": {"attendance", "referrals", "coverage"},
    "lost-feed-unsaid": {"attendance", "referrals", "coverage"},
    "no-coverage": {"coverage"},
    "radiology-monthly": {"meetings", "attendance", "mdt_cases", "lead_roles", "coverage"},
    "one-chair": {"meetings", "attendance", "lead_roles", "coverage"},
    "no-core-agency": {"organisations"},
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_variant_changes_what_it_says_and_nothing_else(written, name):
    scenario, variant, none = written(""), written(name), pd.DataFrame()
    kinds = {*scenario, *variant}
    assert {kind for kind in kinds if not scenario[kind].equals(variant.get(kind, none))} == CHANGES[name]


@pytest.mark.parametrize("name", ALONE)
def test_nothing_is_put_aside(folders, name):
    assert read_records(load_config(folders(name))).rejected.num_rows == 0


@pytest.mark.parametrize("name", ["lost-feed", "merger", "null"])
def test_the_same_seed_and_variant_give_the_same_bytes(folders, tmp_path, name):
    again = write_london_cancer(tmp_path, SEED, [name]).parent
    for path in again.iterdir():
        assert path.read_bytes() == folders(name).with_name(path.name).read_bytes(), path.name


class TestNames:
    def test_every_variant_says_what_it_is(self):
        for variant in VARIANTS.values():
            assert variant.sentence.endswith(".") and variant.changes

    def test_an_unknown_one_is_the_users_fault(self, tmp_path):
        with pytest.raises(InputFault, match="there is no variant 'lost-feeds'; did you mean lost-feed"):
            write_london_cancer(tmp_path / "out", SEED, ["lost-feeds"])
        assert not (tmp_path / "out").exists()

    def test_two_that_change_the_same_cannot_go_together(self, tmp_path):
        with pytest.raises(InputFault, match="'attendance-high' cannot go with another"):
            write_london_cancer(tmp_path, SEED, ["attendance-low", "attendance-high"])

    def test_others_go_together(self, tmp_path):
        configuration = write_london_cancer(tmp_path, SEED, ["no-coverage", "no-core-agency"])
        assert "coverage" not in yaml.safe_load(configuration.read_text(encoding="utf-8"))["sources"]
        assert "core_agency" not in (tmp_path / "organisations.csv").read_text(encoding="utf-8")


def levels(results: Results, indicator: str, scope: str) -> pd.Series:
    """One indicator's level for one scope, by slice, where the window is whole."""
    rows = results.tables["indicators"]
    rows = rows[(rows["indicator"] == indicator) & (rows["scope_id"] == scope)]
    rows = rows[rows["slice_end"].astype(str) > FIRST_WHOLE]
    assert len(rows) == 17
    return rows.set_index(rows["slice"].astype(str))["level"]


def interval(results: Results, indicator: str, slice_label: str) -> tuple[int, int]:
    """The interval in which ties put an indicator of the whole network."""
    rows = results.tables["indicators"]
    rows = rows[(rows["indicator"] == indicator) & (rows["scope_id"] == "london-cancer")]
    row = rows[rows["slice"].astype(str) == slice_label].iloc[0]
    return row["level_lo"], row["level_hi"]


class TestAttendance:
    @pytest.mark.parametrize(("name", "factor"), [("attendance-low", 0.8), ("attendance-high", 1.15)])
    def test_people_come_as_much_more_or_less_often(self, written, name, factor):
        def came(of: str) -> int:
            """Whoever is in the chair, or of the network's staff, comes whatever the odds."""
            rows = written(of)["attendance"].merge(written(of)["meetings"], on="meeting_id", suffixes=("", "_meeting"))
            obliged = (rows["person_id"] == rows["chair_person_id"]) | (rows["org_id"] == "ZN00")
            return ((rows["status"] == "attended") & ~obliged).sum()

        assert came(name) / came("") == pytest.approx(factor, rel=0.03)

    def test_radiologists_and_oncologists_dial_in_three_times_as_often(self, written):
        def dialled_in(of: str) -> pd.Series:
            rows = written(of)["attendance"].merge(written(of)["people"], on="person_id")
            return rows[rows["mode"] == "video"]["group"].value_counts()

        ratio = dialled_in("background-presence") / dialled_in("")
        assert ratio[["radiologist", "oncologist"]].tolist() == pytest.approx([3, 3], rel=0.25)
        assert ratio[["surgeon", "nurse", "navigator"]].tolist() == pytest.approx([1, 1, 1], rel=0.05)

    @pytest.mark.parametrize("name", ["attendance-low", "attendance-high", "background-presence"])
    def test_the_groups_stay_at_their_levels(self, said, name):
        assert set(levels(said(name), "acquaint", "surgeon")) == {3}
        assert levels(said(name), "acquaint", "nurse")[[PRE, POST]].tolist() == [2, 3]
        for group in OTHERS:
            assert levels(said(name), "acquaint", group).max() < 3, group
            assert levels(said(name), "connect", group)[[PRE, POST]].max() < 3, group


class TestCoverage:
    @pytest.mark.parametrize("name", ["lost-feed", "lost-feed-unsaid"])
    def test_one_trust_sends_nothing_after_the_transition(self, written, name):
        records = written(name)
        starts = records["meetings"].set_index("meeting_id")["start"]
        attended = records["attendance"].query("org_id == 'ZP06'")["meeting_id"].map(starts)
        referred = records["referrals"].query("from_org == 'ZP06'")["date"]
        for days in (attended, referred):
            assert days.min() < "2014-08-01" and "2016-04-01" < days.max() < "2016-05-01"

    def test_coverage_says_so_or_not(self, written):
        lost = written("lost-feed")["coverage"].query("complete != 'true'").set_index("record_kind")
        assert set(lost.index) == {"attendance", "referrals"}
        assert set(lost["org_id"]) == {"ZP06"} and set(lost["complete"]) == {"false"}
        assert set(lost["period_start"]) == {"2016-05-01"} and set(lost["received_n"]) == {"0"}
        gone = {kind: len(written("")[kind]) - len(written("lost-feed")[kind]) for kind in lost.index}
        assert lost["expected_n"].astype(int).to_dict() == gone
        unsaid = written("lost-feed-unsaid")["coverage"]
        assert set(unsaid["complete"]) == {"true"} and (unsaid["expected_n"] == unsaid["received_n"]).all()

    def test_no_record_is_not_zero(self, said):
        none = levels(said(""), "acquaint", "radiologist") == 1
        assert none.any() and (none.index[none] >= "2016-05-01/3m").all()
        for name in ("no-coverage", "lost-feed"):
            assert levels(said(name), "acquaint", "radiologist")[none].isna().all(), name
        everything = said("no-coverage").tables["indicators"]
        assert everything["level"].notna().any() and not (everything["level"] == 1).any()

    def test_what_is_wrongly_called_complete_is_taken_at_its_word(self, said):
        found = [levels(said(name), "acquaint", "radiologist") for name in ("", "lost-feed-unsaid")]
        assert found[0].tolist() == found[1].tolist()


class TestStructure:
    def test_radiologists_who_meet_every_month_are_well_acquainted(self, said):
        assert set(levels(said("radiology-monthly"), "acquaint", "radiologist")) == {3}
        for group in ("oncologist", "ahp"):
            assert levels(said("radiology-monthly"), "acquaint", group).max() < 3, group

    def test_one_organisations_chairs_are_concentrated_leadership(self, written, said):
        records = written("one-chair")
        home = records["people"].set_index("person_id")["org_id"]
        network = records["meetings"].query("type != 'local_mdt'")
        assert set(network["chair_person_id"].map(home)) == {"ZP01"}
        assert set(records["lead_roles"].query("scope == 'network'")["org_id"]) == {"ZP01"}
        held, came = network.query("status == 'held'"), records["attendance"].query("status == 'attended'")
        there = set(zip(came["meeting_id"], came["person_id"], strict=True))
        assert set(zip(held["meeting_id"], held["chair_person_id"], strict=True)) <= there
        assert interval(said("one-chair"), "leadership", PRE) == (1, 2)
        assert interval(said("one-chair"), "leadership", POST) == (1, 2)

    def test_without_a_core_agency_there_is_no_centrality(self, said):
        assert interval(said("no-core-agency"), "centrality", PRE) == (1, 1)
        assert interval(said("no-core-agency"), "centrality", POST) == (1, 1)

    def test_without_a_core_agency_the_form_is_not_a_network_administrative_organisation(self, folders):
        table = measured(ties_alone(folders("no-core-agency"))).tables["network_metrics"]
        form = table[table["metric"] == "governance_form"]["value"].dropna()
        assert len(form) and 3 not in set(form)


class TestMerger:
    def test_one_follows_two_on_one_day(self, written):
        links = written("merger")["organisation_links"]
        assert links["predecessor_id"].tolist() == ["ZP11", "ZP12"]
        assert set(links["successor_id"]) == {"ZP13"} and set(links["date"]) == {"2017-05-01"}
        organisations = written("merger")["organisations"].set_index("org_id")
        assert set(organisations.loc[["ZP11", "ZP12"], "valid_to"]) == {"2017-05-01"}
        assert organisations.loc["ZP13", ["kind", "role", "valid_from"]].tolist() == ["provider", "local", "2017-05-01"]

    def test_no_record_names_one_that_is_not_there(self, written):
        records = written("merger")
        starts = records["meetings"].set_index("meeting_id")["start"]
        dated = {
            "meetings": (records["meetings"]["start"], ["convenor_org_id"]),
            "attendance": (records["attendance"]["meeting_id"].map(starts), ["org_id"]),
            "referrals": (records["referrals"]["date"], ["from_org", "to_org"]),
            "survey_responses": (records["survey_responses"]["date"], ["org_id"]),
            "documents": (records["documents"]["date"], ["lead_org", "contributing_orgs", "endorsing_orgs"]),
        }
        for kind, (day, fields) in dated.items():
            for field in fields:
                names = records[kind][field].str.split(";").explode()
                after = day.loc[names.index].to_numpy() >= "2017-05-01"
                assert not set(names[after]) & {"ZP11", "ZP12"}, (kind, field)
                assert "ZP13" not in set(names[~after]), (kind, field)

    def test_posts_and_roles_go_on_with_the_successor(self, written):
        for kind, field in {"people": "org_id", "joint_roles": "org_ids", "lead_roles": "org_id"}.items():
            rows = written("merger")[kind]
            theirs = rows[rows[field].str.contains("ZP11|ZP12")]
            its = rows[rows[field].str.contains("ZP13")]
            assert len(its) and (its["start"] >= "2017-05-01").all()
            assert len(theirs) and theirs["end"].between("2014-05-01", "2017-05-01").all()

    def test_the_groups_stay_at_their_levels(self, said):
        for group in ("surgeon", "nurse", *OTHERS):
            found, before = levels(said("merger"), "acquaint", group), levels(said(""), "acquaint", group)
            assert found[[PRE, POST]].tolist() == before[[PRE, POST]].tolist(), group


class TestNull:
    def test_nothing_begins_or_ends_when_services_would_have_been_centralised(self, written):
        meetings = written("null")["meetings"].query("status == 'held'")
        early = meetings[meetings["start"] < "2015-11-01"]["series_id"]
        late = meetings[meetings["start"] >= "2015-11-01"]["series_id"]
        assert set(early) == set(late)
        assert not len(written("null")["mdt_cases"]) and not len(written("null")["joint_roles"])

    def test_referrals_go_where_they_went(self, written):
        referrals = written("null")["referrals"].query("direction_type == 'forward'")
        to_centre = referrals["to_org"].isin(["ZP01", "ZP02", "ZP03"])
        late = referrals["date"] >= "2015-11-01"
        assert to_centre[late].mean() == pytest.approx(to_centre[~late].mean(), abs=0.03)

    def test_people_answer_alike_in_both_waves(self, written):
        answers = written("null")["survey_responses"]
        mean = answers["value"].astype(int).groupby([answers["wave"], answers["item"]]).mean()
        assert mean["2019-03", "infoex"] == pytest.approx(mean["2016-06", "infoex"], abs=0.15)

    def test_before_and_after_are_at_one_level(self, said):
        for group in ("surgeon", "nurse", "oncologist", "ahp"):
            found = levels(said("null"), "acquaint", group)
            assert found[PRE] == found[POST], group
        assert interval(said("null"), "leadership", PRE) == interval(said("null"), "leadership", POST) == (1, 3)
