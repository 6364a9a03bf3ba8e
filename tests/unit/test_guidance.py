"""What validate says to do next: each gap by itself, in order, with its file and heading, and no person's name."""

import time

import pytest

from orgnet.config import load_config
from orgnet.guidance import first_steps, next_steps
from orgnet.guidance.asked import asked, layers_without
from orgnet.indicators.damour import load_damour
from orgnet.records.read import RecordsFault, read_records
from orgnet.vocabulary import Layer, RecordKind
from tests.feeds import configure

GROUPS = ("surgeon", "nurse")
ORGANISATIONS = "org_id,kind,role\nA,provider,specialist\nB,provider,local\nC,network_body,core_agency\n"
PEOPLE = "person_id,org_id,group\n" + "".join(
    f"{name},{'AB'[n % 2]},{GROUPS[n // 8]}\n" for n, name in enumerate(["ann", "bob", *(f"p{n}" for n in range(14))])
)
MEETINGS = "".join(
    ["meeting_id,start,end,series_id,convenor_org_id,chair_person_id\n"]
    + [f"m{n},2016-03-{day}T09:00,2016-03-{day}T10:00,s,C,ann\n" for n, day in ((1, "04"), (2, "11"))]
)
ATTENDANCE = "meeting_id,person_id,org_id,join,leave\n" + "".join(
    f"{meeting},{person},{org},2016-03-{day}T09:00,2016-03-{day}T10:00\n"
    for meeting, person, org, day in (("m1", "ann", "A", "04"), ("m1", "bob", "B", "04"), ("m2", "ann", "A", "11"))
)
REFERRALS = "date,from_org,to_org\n2016-01-04,A,B\n"
JOINT_ROLES = "person_id,start,org_ids\nann,2016-01-01,A;B\n"
CASES = "meeting_id,case_id\nm1,c1\n"
SURVEY = "resp_id,item,instrument,date,value\nr1,goals,damour10,2016-03-04,4\n"
WHOLE = ("organisations", "meetings", "attendance", "documents")
COVERAGE = "record_kind,period_start,period_end,complete\n" + "".join(
    f"{kind},2016-01-01,2017-01-01,true\n" for kind in WHOLE
)
WITHOUT_GAPS = {
    "organisations.csv": ORGANISATIONS,
    "people.csv": PEOPLE,
    "meetings.csv": MEETINGS,
    "attendance.csv": ATTENDANCE,
    "referrals.csv": REFERRALS,
    "joint_roles.csv": JOINT_ROLES,
    "mdt_cases.csv": CASES,
    "survey_responses.csv": SURVEY,
    "coverage.csv": COVERAGE,
}


@pytest.fixture
def steps(tmp_path):
    """The steps for a network without gaps but for what is given, each as its lines."""

    def told(sources=None, without=(), settings=None, **files: str) -> list[list[str]]:
        given = {name: text for name, text in WITHOUT_GAPS.items() if name.removesuffix(".csv") not in without}
        given |= {f"{name}.csv": text for name, text in files.items()}
        config = configure(tmp_path, given, sources, **(settings or {}))
        return next_steps(read_records(config), config)

    return told


def test_nothing_is_said_where_nothing_is_missing(steps):
    assert steps() == []


class TestKindsOfRecord:
    def test_one_that_is_not_supplied(self, steps):
        ((step,),) = steps(without=["mdt_cases"])
        assert step.startswith(
            "mdt_cases.csv: no mdt cases, and without any, nothing is known of the indicator infoex: "
        )
        assert "at least meeting_id" in step
        assert "under `sources`: `mdt_cases: {path: mdt_cases.csv}`" in step

    def test_one_that_is_empty_is_named_already(self, steps):
        ((step,),) = steps(mdt_cases="meeting_id,case_id\n")
        assert "no mdt cases" in step and "sources" not in step

    def test_layers_and_indicators_that_hang_on_it(self, steps):
        ((attendance,), (cases,)) = steps(without=["attendance", "mdt_cases"])
        assert "layers meetings, mdt and convening and the indicators acquaint, centrality, leadership" in attendance
        assert "indicator infoex" in cases, "what less hangs on comes later"

    def test_a_layer_that_others_stand_in_for_is_not_missing(self, steps):
        assert steps(without=["joint_roles"]) == [], "posts held at once give joint roles too"

    def test_referrals(self, steps):
        ((step,),) = steps(without=["referrals"])
        assert "nothing is known of the layers referrals and referrals_back: " in step

    @pytest.mark.parametrize("kind", RecordKind)
    def test_with_all_others_there(self, kind):
        there = {*RecordKind} - {kind}
        lacking = layers_without(kind, there)
        assert (Layer.REFERRALS.value in lacking) == (kind == RecordKind.REFERRALS)
        assert (Layer.MEETINGS.value in lacking) == (kind in (RecordKind.ATTENDANCE, RecordKind.MEETINGS))

    def test_what_only_people_can_say(self, steps):
        ((step,),) = steps(without=["survey_responses"])
        assert step.startswith("survey_responses.csv or coded_evidence.csv: ties say nothing of the indicators goals, ")

    def test_what_is_asked_is_what_is_declared(self, tmp_path):
        config = configure(tmp_path, WITHOUT_GAPS)
        declared = load_damour(config)
        shipped = asked(config)
        assert shipped.needs == {name.value: tuple(each.needs) for name, each in declared.indicators.items()}
        assert shipped.speaks == {name.value: tuple(each.speaks) for name, each in declared.indicators.items()}
        assert (shipped.people, shipped.coverage) == (declared.minimum.people, declared.minimum.coverage)
        (tmp_path / "own.yaml").write_text(_shipped().replace("people: 8", "people: 5"))
        assert asked(configure(tmp_path, WITHOUT_GAPS, indicators="own.yaml")).people == 5


def _shipped() -> str:
    from orgnet.indicators.damour import _shipped as path

    return path().read_text()


class TestNeverFilledIn:
    @pytest.mark.parametrize(
        ("field", "hangs"),
        [("convenor_org_id", "centrality"), ("series_id", "connect"), ("chair_person_id", "leadership")],
    )
    def test_a_field_of_meetings(self, steps, field, hangs):
        ((step,),) = steps(meetings=MEETINGS.replace(field, f"{field}_of_others"))
        assert step.startswith(f"meetings.csv, column {field}: never filled in, ")
        assert f"the indicator {hangs}: " in step

    def test_chairs_are_not_asked_for_where_leads_are_recorded(self, steps):
        roles = "person_id,body_id,start,role,scope\nann,s,2016-01-01,chair,network\n"
        assert steps(meetings=MEETINGS.replace("chair_person_id", "others"), lead_roles=roles) == []

    def test_when_people_came(self, steps):
        ((step,),) = steps(attendance=ATTENDANCE.replace("join", "came").replace("leave", "went"))
        assert step.startswith("attendance.csv, column join: never filled in, ") and "nominal" in step

    def test_one_value_is_enough(self, steps):
        assert steps(meetings=MEETINGS.replace("s,C,ann", ",,", 1)) == []


class TestCoverage:
    def test_not_stated_at_all_with_the_lines_to_add(self, steps):
        ((step, *lines),) = steps(without=["coverage"])
        assert "no zero can be told from no record" in step and "level 1" in step
        assert "`coverage: {path: coverage.csv}`" in step
        assert lines[0].startswith("source_id,org_id,record_kind,")
        assert ",,attendance,2016-01-01,2017-01-01,,,true" in lines[1:]
        assert len(lines) == 4

    def test_the_lines_do_it(self, steps):
        ((_, *lines),) = steps(without=["coverage"])
        assert steps(coverage="\n".join(lines)) == []

    def test_stated_for_some(self, steps):
        ((step, *lines),) = steps(coverage=COVERAGE.replace("meetings,", "referrals,"))
        assert "all records of meetings came" in step
        assert lines[1:] == [",,meetings,2016-01-01,2017-01-01,,,true"]

    def test_whole_for_too_few(self, steps):
        some = "org_id," + COVERAGE.replace("\n", "\n,").rstrip(",").replace("\n,attendance", "\nA,attendance")
        ((step,),) = steps(coverage=some)
        assert "known to be whole for 50% of providers, and 80% are needed" in step


class TestPeopleAndOrganisations:
    def test_posts_without_a_group(self, steps):
        ((first,), (second,)) = steps(people=PEOPLE.replace("ann,A,surgeon", "ann,A,"))
        assert first.startswith("people.csv, column group: 1 of 16 posts have no professional group")
        assert "fewer than 8 people in 1 of 2 professional groups in the last slice (surgeon 7)" in second

    def test_the_heading_is_theirs(self, steps):
        theirs = {"people": {"path": "people.csv", "columns": {"Job": "group"}}}
        ((step,),) = steps(sources=theirs, people=PEOPLE.replace("group", "Job", 1).replace("p13,B,nurse\n", ""))
        assert step.startswith("people.csv, column Job: fewer than 8 people in 1 of 2")

    def test_only_those_of_the_last_slice_count(self, steps):
        gone = PEOPLE.replace("group\n", "group,end\n").replace("p13,B,nurse", "p13,B,nurse,2016-10-01")
        rows = [row if row.count(",") == 3 else f"{row}," for row in gone.splitlines()]
        ((step,),) = steps(people="\n".join(rows))
        assert "(nurse 7)" in step

    def test_providers_without_a_role_and_no_core_agency(self, steps):
        ((roles,), (agency,)) = steps(organisations=ORGANISATIONS.replace("local", "").replace("core_agency", "none"))
        assert roles.startswith("organisations.csv, column role: no role for B:")
        assert "no organisation is the core agency" in agency


class TestTime:
    def test_slices_before_the_first_record(self, steps):
        ((step,),) = steps(
            without=["referrals"],
            settings={"period": {"start": "2015-01-01", "end": "2017-01-01"}},
            coverage=COVERAGE.replace("2016-01-01", "2015-01-01"),
        )[-1:]
        assert "the first record is of 2016-03-04 (meetings), and 4 slices, 2015-Q1 to 2015-Q4, end before it" in step
        assert "start: 2016-01-01" in step


class TestRowsPutAside:
    def test_the_cause_and_not_what_follows_from_it(self, steps):
        spoilt = PEOPLE.replace("bob,B,surgeon", "bob,B,Surgeon in chief")
        told = [step for (step,) in steps(people=spoilt, without=["joint_roles"])]
        assert told[0].startswith("people.csv, column group: 1 row put aside (not_in_vocabulary): say under `values`")
        assert not [step for step in told if "unknown_person" in step]

    def test_also_where_records_cannot_be_used(self, tmp_path):
        config = configure(tmp_path, WITHOUT_GAPS | {"people.csv": PEOPLE.replace("ann,A,surgeon", "ann,A,chief")})
        with pytest.raises(RecordsFault) as caught:
            read_records(config)
        ((step,),) = first_steps(caught.value.examples, caught.value.rejected, config)
        assert "people.csv, column group: 1 row put aside" in step

    def test_rows_of_other_times_need_nothing(self, steps):
        assert steps(referrals=REFERRALS + "2019-01-04,A,B\n") == []


def test_it_takes_little_time_on_the_scenario_and_names_nobody(london_cancer):
    config = load_config(london_cancer)
    records = read_records(config)
    started = time.process_time()
    told = next_steps(records, config)
    assert time.process_time() - started < 0.5
    people = london_cancer.with_name("people.csv").read_text().splitlines()[1:]
    assert not [row for row in people if any(row.split(",")[0] in line for step in told for line in step)]
