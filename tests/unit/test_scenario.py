"""The acceptance scenario: legal records, the sizes it promises, and the figures that it was made to give."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from orgnet.scenario import write_london_cancer
from orgnet.scenario.parameters import Plan
from orgnet.scenario.survey import survey_responses
from orgnet.schema import KINDS
from orgnet.vocabulary import BOARD_TYPES, GOVERNANCE_TYPES, RecordKind

PRE = ("2014-11-01", "2015-11-01")
TRANSITION = ("2015-11-01", "2016-05-01")
POST_YEAR_1 = ("2016-05-01", "2017-05-01")
POST_YEAR_3 = ("2018-05-01", "2019-05-01")
SPECIALIST = ["ZP01", "ZP02", "ZP03"]
SEED = 20190430

Records = dict[str, pd.DataFrame]


@pytest.fixture(scope="module")
def configuration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_london_cancer(tmp_path_factory.mktemp("scenario"), SEED)


def read(configuration: Path) -> Records:
    """Every source that the configuration names, all fields as text, empty where empty."""
    sources = yaml.safe_load(configuration.read_text())["sources"]
    found = {}
    for kind, source in sources.items():
        path = configuration.parent / source["path"]
        if path.suffix == ".parquet":
            found[kind] = pd.read_parquet(path)
        else:
            found[kind] = pd.read_csv(path, dtype=str, keep_default_na=False)
    return found


@pytest.fixture(scope="module")
def records(configuration: Path) -> Records:
    return read(configuration)


def between(frame: pd.DataFrame, column: str, window: tuple[str, str]) -> pd.DataFrame:
    """The rows dated within a half-open window; these dates compare as text."""
    when = frame[column].astype(str)
    return frame[(when >= window[0]) & (when < window[1])]


def at_meetings(records: Records, kind: str) -> pd.DataFrame:
    """Attendance, or cases, with the meeting's own fields beside them."""
    own = ["meeting_id", "start", "end", "type", "series_id"]
    return records[kind].merge(records["meetings"][own], on="meeting_id")


def dialled_in(records: Records) -> pd.DataFrame:
    """The remote attendance of specialist meetings, with the minutes stayed."""
    rows = at_meetings(records, "attendance").query("mode == 'video' and status == 'attended'")
    join, leave = pd.to_datetime(rows["join"]), pd.to_datetime(rows["leave"])
    return rows.assign(join=join, leave=leave, minutes=(leave - join).dt.total_seconds() / 60)


class TestFiles:
    def test_the_same_seed_gives_the_same_bytes(self, configuration: Path, tmp_path: Path) -> None:
        again = write_london_cancer(tmp_path / "made" / "as_needed", SEED)
        names = sorted(path.name for path in configuration.parent.iterdir())
        assert names == sorted(path.name for path in again.parent.iterdir())
        for name in names:
            assert (configuration.parent / name).read_bytes() == (again.parent / name).read_bytes(), name

    def test_another_seed_gives_other_records_of_every_kind_drawn_by_chance(
        self, configuration: Path, tmp_path: Path
    ) -> None:
        other = write_london_cancer(tmp_path, SEED + 1).parent
        drawn = ["people.csv", "meetings.csv", "attendance.csv", "mdt_cases.csv", "lead_roles.csv"]
        for name in [*drawn, "referrals.parquet", "documents.csv", "survey_responses.csv"]:
            assert (configuration.parent / name).read_bytes() != (other / name).read_bytes(), name

    def test_the_configuration_is_ready_to_run(self, configuration: Path) -> None:
        assert configuration.name == "london-cancer.yaml"
        settings = yaml.safe_load(configuration.read_text())
        sources = settings.pop("sources")
        day = pd.Timestamp
        as_dates = {name: [day(d) for d in days] for name, days in settings.pop("phases").items()}
        assert as_dates == {
            "pre": [day("2014-05-01"), day("2015-11-01")],
            "transition": [day("2015-11-01"), day("2016-05-01")],
            "post": [day("2016-05-01"), day("2019-05-01")],
        }
        period = {name: day(d) for name, d in settings.pop("period").items()}
        assert period == {"start": day("2014-05-01"), "end": day("2019-05-01")}
        assert settings == {
            "network": "london-cancer",
            "timezone": "Europe/London",
            "slices": {"every": "quarter", "window": "12 months"},
            "person_key": {"file": "demo.key"},
            "compute": {"engine": "local", "workers": 2},
            "out": "results",
        }
        written = {path.name for path in configuration.parent.iterdir()}
        named = {source["path"] for source in sources.values()}
        assert written == named | {"demo.key", "london-cancer.yaml"}

    def test_the_demonstration_key_is_256_bits(self, configuration: Path) -> None:
        key = (configuration.parent / "demo.key").read_text()
        assert len(bytes.fromhex(key)) == 32
        assert len(key) == 65 and key.endswith("\n")


class TestRecords:
    def test_columns_are_fields_of_the_kind(self, records: Records) -> None:
        for name, frame in records.items():
            kind = KINDS[RecordKind(name)]
            known = {field.name for field in kind.fields}
            required = {field.name for field in kind.fields if field.required}
            assert set(frame.columns) <= known, name
            assert required <= set(frame.columns), name

    def test_keys_are_there_and_unique(self, records: Records) -> None:
        for name, frame in records.items():
            key = [field for field in KINDS[RecordKind(name)].key if field in frame]
            assert not frame.duplicated(key).any(), name

    def test_every_word_is_in_its_vocabulary(self, records: Records) -> None:
        for name, frame in records.items():
            for field in KINDS[RecordKind(name)].fields:
                if field.vocabulary and field.name in frame:
                    allowed = {*field.vocabulary} | (set() if field.required else {""})
                    assert set(frame[field.name]) <= allowed, (name, field.name)

    def test_every_reference_is_known(self, records: Records) -> None:
        keys = {
            RecordKind.ORGANISATIONS: set(records["organisations"]["org_id"]),
            RecordKind.PEOPLE: set(records["people"]["person_id"]),
            RecordKind.MEETINGS: set(records["meetings"]["meeting_id"]),
        }
        for name, frame in records.items():
            for field in KINDS[RecordKind(name)].fields:
                if field.refers_to and field.name in frame:
                    values = frame[field.name].str.split(";").explode()
                    assert set(values) - {""} <= keys[field.refers_to], (name, field.name)

    def test_no_referral_points_to_a_person(self, records: Records) -> None:
        assert not {"from_person", "to_person"} & set(records["referrals"].columns)

    def test_people_attend_for_their_own_organisation(self, records: Records) -> None:
        home = records["people"].set_index("person_id")["org_id"]
        assert (records["attendance"]["person_id"].map(home) == records["attendance"]["org_id"]).all()

    def test_everybody_who_attended_joined_and_left_within_the_meeting(self, records: Records) -> None:
        rows = at_meetings(records, "attendance")
        came = rows["status"] == "attended"
        within = (rows["start"] <= rows["join"]) & (rows["join"] < rows["leave"]) & (rows["leave"] <= rows["end"])
        assert within[came].all()
        assert (rows.loc[~came, ["join", "leave"]] == "").all(axis=None)

    def test_nobody_is_in_two_places_at_once(self, records: Records) -> None:
        came = records["attendance"].query("status == 'attended'").sort_values(["person_id", "join"])
        same_person = came["person_id"] == came["person_id"].shift()
        assert not (same_person & (came["join"] < came["leave"].shift())).any()

    def test_cancelled_meetings_have_no_attendance_and_no_cases(self, records: Records) -> None:
        cancelled = set(records["meetings"].query("status == 'cancelled'")["meeting_id"])
        assert cancelled
        assert not cancelled & set(records["attendance"]["meeting_id"])
        assert not cancelled & set(records["mdt_cases"]["meeting_id"])

    def test_coverage_is_complete_for_every_source_and_organisation(self, records: Records) -> None:
        coverage = records["coverage"]
        assert set(coverage["complete"]) == {"true"}
        sources = set(records) - {"coverage"}
        organisations = set(records["organisations"]["org_id"])
        expected = {(kind, org) for kind in sources for org in organisations}
        assert set(zip(coverage["record_kind"], coverage["org_id"], strict=True)) == expected
        assert (coverage["expected_n"] == coverage["received_n"]).all()
        received = coverage["received_n"].astype(int).groupby(coverage["record_kind"]).sum().to_dict()
        assert received == {kind: len(records[kind]) for kind in sources}


class TestSizes:
    def test_organisations(self, records: Records) -> None:
        by_role = records["organisations"]["role"].value_counts().to_dict()
        assert by_role == {"specialist": 3, "local": 9, "core_agency": 1}

    def test_people(self, records: Records) -> None:
        by_group = records["people"]["group"].value_counts().to_dict()
        assert by_group.pop("navigator") == 6, "beside those of the published counts"
        assert by_group == {
            "surgeon": 48,
            "nurse": 36,
            "radiologist": 24,
            "ahp": 24,
            "manager": 24,
            "oncologist": 18,
            "pathologist": 12,
            "network_staff": 9,
        }
        assert sum(by_group.values()) == 195
        assert records["people"]["person_id"].is_unique

    def test_meetings_attendances_and_referrals(self, records: Records) -> None:
        came = at_meetings(records, "attendance").query("status == 'attended' and type != 'local_mdt'")
        providers = came[came["org_id"] != "ZN00"].groupby("meeting_id")["org_id"].nunique()
        assert (providers >= 2).sum() == pytest.approx(800, rel=0.20)
        assert len(came) == pytest.approx(16_000, rel=0.20)
        assert len(records["referrals"]) == pytest.approx(9_200, rel=0.20)

    def test_the_radiology_network_met_twice(self, records: Records) -> None:
        met = records["meetings"].query("series_id == 'radiology_network' and status == 'held'")
        assert list(met["start"].str[:10]) == ["2014-11-13", "2017-10-13"]

    def test_specialist_meetings_are_weekly_from_the_transition(self, records: Records) -> None:
        met = records["meetings"].query("type == 'smdt' and status == 'held'")
        assert met["start"].min() >= "2015-11-01"
        assert (met.groupby(["series_id", met["start"].str[:7]]).size() == 4).all()


class TestLocal:
    def test_every_provider_has_its_own_team_meeting_every_month(self, records: Records) -> None:
        local = records["meetings"].query("type == 'local_mdt'")
        assert set(local.groupby(["convenor_org_id", local["start"].str[:7]]).size()) == {1}
        assert len(local) == 12 * 60

    def test_nobody_comes_to_another_providers_team_meeting(self, records: Records) -> None:
        rows = records["attendance"].merge(records["meetings"].query("type == 'local_mdt'"), on="meeting_id")
        assert len(rows) and (rows["org_id"] == rows["convenor_org_id"]).all()

    def test_navigators_come_to_specialist_meetings_with_their_organisation(self, records: Records) -> None:
        navigators = records["people"].query("group == 'navigator'")
        assert (navigators["org_id"].isin(SPECIALIST)).sum() == 3
        rows = at_meetings(records, "attendance").query("type == 'smdt' and status != 'apologies'")
        theirs = rows[rows["person_id"].isin(navigators["person_id"])]
        others = rows[~rows["person_id"].isin(navigators["person_id"])]
        assert set(theirs["person_id"]) == set(navigators["person_id"])
        assert set(theirs["core_role"]) == {""}, "they are no core members, and do not count for quorum"
        stay = ["meeting_id", "org_id", "status", "join", "leave", "mode"]
        assert len(theirs.merge(others[stay].drop_duplicates(), on=stay)) == len(theirs)


class TestFigures:
    """Expected values of the published scenario, within a fifth unless a bound is given."""

    @pytest.mark.parametrize(("window", "rate"), [(TRANSITION, 0.24), (POST_YEAR_1, 0.134), (POST_YEAR_3, 0.080)])
    def test_deferrals_for_missing_information(self, records: Records, window: tuple[str, str], rate: float) -> None:
        cases = between(at_meetings(records, "mdt_cases"), "start", window)
        n = cases["n"].astype(int)
        missing = n[cases["deferral_reason"].str.startswith("missing")].sum() / n.sum()
        assert missing == pytest.approx(rate, rel=0.20)

    @pytest.mark.parametrize(("window", "rate"), [(TRANSITION, 0.25), (POST_YEAR_1, 0.059), (POST_YEAR_3, 0.061)])
    def test_dial_in_failures(self, records: Records, window: tuple[str, str], rate: float) -> None:
        remote = between(at_meetings(records, "attendance"), "start", window).query("mode == 'video'")
        assert (remote["status"] == "failed_to_join").mean() == pytest.approx(rate, rel=0.20)

    @pytest.mark.parametrize("window", [TRANSITION, POST_YEAR_1, POST_YEAR_3])
    def test_those_who_dial_in_stay_for_20_to_30_minutes(self, records: Records, window: tuple[str, str]) -> None:
        minutes = between(dialled_in(records), "start", window)["minutes"]
        assert minutes.between(20, 30).all()
        assert minutes.median() == pytest.approx(25, abs=1)

    @pytest.mark.parametrize("window", [TRANSITION, POST_YEAR_1, POST_YEAR_3])
    def test_local_organisations_hardly_meet_each_other_at_specialist_meetings(
        self, records: Records, window: tuple[str, str]
    ) -> None:
        remote = between(dialled_in(records), "start", window)
        local = remote[~remote["org_id"].isin(SPECIALIST)]
        pairs = local.merge(local, on="meeting_id").query("org_id_x < org_id_y")
        together = pairs[["leave_x", "leave_y"]].min(axis=1) - pairs[["join_x", "join_y"]].max(axis=1)
        overlap = together.dt.total_seconds().clip(lower=0).sum() / 60
        assert 0 < overlap / (120 * len(pairs)) < 0.15

    def test_the_core_agency_convenes_all_governance(self, records: Records) -> None:
        governance = records["meetings"][records["meetings"]["type"].isin(GOVERNANCE_TYPES)]
        assert set(governance["convenor_org_id"]) == {"ZN00"}

    @pytest.mark.parametrize(("window", "expected"), [(PRE, 0.88), (TRANSITION, 0.83), (POST_YEAR_3, 0.88)])
    def test_every_provider_attends_the_boards(
        self, records: Records, window: tuple[str, str], expected: float
    ) -> None:
        rows = between(at_meetings(records, "attendance"), "start", window)
        came = rows[rows["type"].isin(BOARD_TYPES) & (rows["status"] == "attended") & (rows["org_id"] != "ZN00")]
        share = came.groupby("org_id")["meeting_id"].nunique() / came["meeting_id"].nunique()
        assert share.min() == pytest.approx(expected, rel=0.20)

    @pytest.mark.parametrize("window", [PRE, POST_YEAR_1, POST_YEAR_3])
    def test_one_learning_event_a_year(self, records: Records, window: tuple[str, str]) -> None:
        assert len(between(records["meetings"], "start", window).query("type == 'learning'")) == 1

    @pytest.mark.parametrize(
        ("window", "share", "back"),
        [(PRE, 0.47, 0.12), (TRANSITION, 0.81, 0.30), (POST_YEAR_1, 0.81, 0.30), (POST_YEAR_3, 0.81, 0.30)],
    )
    def test_referrals_move_to_the_specialist_centres(
        self, records: Records, window: tuple[str, str], share: float, back: float
    ) -> None:
        made = between(records["referrals"], "date", window)
        assert made["to_org"].isin(SPECIALIST).mean() == pytest.approx(share, rel=0.20)
        ways = made["direction_type"].value_counts()
        assert ways["refer_back"] / ways["forward"] == pytest.approx(back, rel=0.20)

    def test_joint_roles_at_each_quarters_end(self, records: Records) -> None:
        roles = records["joint_roles"]
        ends = pd.date_range("2014-08-01", "2019-05-01", freq="3MS").strftime("%Y-%m-%d")
        last = roles["end"].replace("", "9999-12-31")
        counts = [int(((roles["start"] < end) & (last >= end)).sum()) for end in ends]
        assert counts == [0, 0, 0, 0, 0, 0, 3, 6, 7, 8, 8, 8, 8, 8, 8, 8, 8, 7, 5, 5]
        by_group = roles["group"].value_counts().to_dict()
        assert by_group == {"surgeon": 4, "oncologist": 2, "nurse": 1, "radiologist": 1}


def led_bodies(records: Records, end: str) -> pd.DataFrame:
    """Who leads which body at `end`: chairs of the year's meetings, and holders of network-wide roles."""
    year = (f"{int(end[:4]) - 1}{end[4:]}", end)
    came = records["attendance"].query("status == 'attended' and org_id != 'ZN00'")
    providers = came.groupby("meeting_id")["org_id"].nunique()
    held = between(records["meetings"], "start", year).query("status == 'held'")
    held = held[held["meeting_id"].map(providers).ge(2)]
    home = records["people"].set_index("person_id")["org_id"]
    chaired = pd.DataFrame({"body": held["series_id"], "org": held["chair_person_id"].map(home)})
    roles = records["lead_roles"].query("scope == 'network'")
    active = roles[(roles["start"] <= end) & ((roles["end"] == "") | (roles["end"] > end))]
    named = pd.DataFrame({"body": active["body_id"], "org": active["org_id"]})
    return pd.concat([chaired, named]).drop_duplicates()


class TestLeadership:
    @pytest.mark.parametrize(
        ("end", "organisations", "top", "specialist"),
        [("2015-11-01", 5, 0.389, 0.78), ("2016-05-01", 7, 0.31, 0.69), ("2019-05-01", 7, 0.31, 0.69)],
    )
    def test_leadership_spreads(
        self, records: Records, end: str, organisations: int, top: float, specialist: float
    ) -> None:
        led = led_bodies(records, end)
        led["part"] = 1 / led.groupby("body")["org"].transform("size")
        share = led.groupby("org")["part"].sum() / led["body"].nunique()
        assert len(share) == organisations
        assert share.max() == pytest.approx(top, rel=0.10)
        assert share[SPECIALIST].sum() == pytest.approx(specialist, rel=0.10)

    def test_every_chair_holds_the_lead_role(self, records: Records) -> None:
        meetings, roles = records["meetings"], records["lead_roles"]
        both = meetings.merge(roles, left_on="series_id", right_on="body_id", suffixes=("", "_role"))
        day = both["start"].str[:10]
        holds = (
            (both["chair_person_id"] == both["person_id"])
            & (both["start_role"] <= day)
            & ((both["end_role"] == "") | (day < both["end_role"]))
        )
        assert set(both.loc[holds, "meeting_id"]) == set(meetings["meeting_id"])

    def test_the_chair_is_there(self, records: Records) -> None:
        held = records["meetings"].query("status == 'held'")
        came = records["attendance"].query("status == 'attended'")
        there = set(zip(came["meeting_id"], came["person_id"], strict=True))
        assert set(zip(held["meeting_id"], held["chair_person_id"], strict=True)) <= there

    def test_the_top_is_steady_and_service_leads_change(self, records: Records) -> None:
        roles = records["lead_roles"]
        top = roles[roles["role"].isin(["cmo", "pathway_director"]) | roles["body_id"].eq("learning")]
        assert len(top) == 4
        assert set(top["end"]) == {""}
        services = roles.query("role == 'service_lead'")
        assert set(roles.query("scope == 'organisation'")["decision_right"]) == {"false"}
        changes = (services["end"] != "").sum() / (services["body_id"].nunique() * 5)
        assert set(services["scope"]) == {"organisation"}
        assert 0.05 <= changes <= 0.15


class TestDocuments:
    @pytest.fixture
    def last(self, records: Records) -> pd.DataFrame:
        """Each document's last status, and how many contributed and endorsed."""
        rows = records["documents"].sort_values("date").drop_duplicates("doc_id", keep="last").set_index("doc_id")
        n = {of: rows[f"{of}_orgs"].str.split(";").str.len() for of in ("contributing", "endorsing", "in_scope")}
        return rows.assign(**n)

    def test_six_guidelines_and_pathways_led_by_the_centres(self, records: Records, last: pd.DataFrame) -> None:
        assert len(last) == 6
        assert set(last["kind"]) == {"guideline", "pathway"}
        assert set(last["lead_org"]) == set(SPECIALIST)
        assert records["documents"]["date"].between("2014-05-01", "2018-12-31").all()

    def test_they_are_agreed_but_not_by_all_and_written_by_few(self, last: pd.DataFrame) -> None:
        assert (last["endorsing"] / last["in_scope"]).mean() == pytest.approx(0.70, abs=0.02)
        assert (last["contributing"] < last["in_scope"] / 2).sum() == 4
        assert last["status"].value_counts().to_dict() == {"ratified": 2, "reratified": 2, "agreed": 1, "draft": 1}

    def test_those_ratified_again_had_been_ratified_before(self, records: Records) -> None:
        again = records["documents"].query("status == 'reratified'")["doc_id"]
        rows = records["documents"][records["documents"]["doc_id"].isin(again)].sort_values(["doc_id", "date"])
        assert rows.groupby("doc_id")["status"].agg(list).tolist() == [["ratified", "reratified"]] * 2


class TestSurvey:
    def test_ten_people_of_every_provider_answer_ten_items_in_each_of_two_waves(self, records: Records) -> None:
        answers = records["survey_responses"]
        people = answers.drop_duplicates("resp_id").groupby(["wave", "org_id"]).size()
        assert len(people) == 2 * 12 and set(people) == {10}
        assert set(answers.groupby("resp_id")["item"].nunique()) == {10}
        assert len(answers) == 2 * 120 * 10
        months = answers.groupby("wave")["date"].agg(lambda days: set(days.str[:7]))
        assert months.to_dict() == {"2016-06": {"2016-06"}, "2019-03": {"2019-03"}}
        assert set(answers["value"]) == set("12345")

    @pytest.mark.parametrize("seed", range(1, 11))
    def test_means_stay_on_their_side_of_the_thresholds(self, seed: int) -> None:
        answers = survey_responses(Plan(), np.random.default_rng(seed))
        by_org = answers.groupby(["wave", "item", "org_type", "org_id"])["value"].mean()
        mean, by_type = by_org.groupby(["wave", "item"]).mean(), by_org.groupby(["wave", "item", "org_type"]).mean()
        for wave in ("2016-06", "2019-03"):
            for item in ("goals", "client", "trust", "leadership", "innovation", "formal", "infoex"):
                assert 7 / 3 < mean[wave, item] < 11 / 3, (wave, item)
            assert mean[wave, "centrality"] > 11 / 3
            assert by_type[wave, "centrality", "specialist"] - by_type[wave, "centrality", "local"] < 1
            assert by_type[wave, "trust", "local"] < 2.5
        assert mean["2019-03", "infoex"] > mean["2016-06", "infoex"] + 0.05
