"""Every reason for which a row is put aside, each from a small file: which row, which field, and what is said."""

import json
from typing import Any

import pytest

from orgnet.vocabulary import Reason, RecordKind
from tests.feeds import ATTENDANCE, MEETINGS, ORGANISATIONS, PEOPLE, Aside, accepted, aside, column, faults, read

NETWORK = {"organisations.csv": ORGANISATIONS, "people.csv": PEOPLE, "meetings.csv": MEETINGS}
MISSING = "{} is empty, and a record cannot do without it"
NO_KEY = (
    "{} is not an identifier: it is a word for nothing (such as NULL), what a spreadsheet makes of an error or a long "
    "number, longer than 200 characters, or holds a line break or tab"
)
PERIOD = "found '{}', which is outside the period: 2016-01-01 up to, not including, 2017-01-01"

# One good row in each, so that the source is of use; the row at fault, and what is said of it.
CASES: list[Any] = [
    (
        Reason.MISSING_KEY,
        "organisations",
        "org_id,name\nA,Alpha\n,Beta\n",
        Aside(2, "org_id", "", MISSING.format("org_id")),
    ),
    (
        Reason.MISSING_KEY,
        "referrals",
        "date,from_org,to_org\n2016-02-03,A,B\n2016-02-03,A,  \n",
        Aside(2, "to_org", "", MISSING.format("to_org")),
    ),
    (Reason.MALFORMED_KEY, "organisations", "org_id\nA\n#N/A\n", Aside(2, "org_id", "", NO_KEY.format("org_id"))),
    (
        Reason.MALFORMED_ROW,
        "organisations",
        "org_id,name\nA,Alpha\nB,Beta,Ltd\n",
        Aside(
            2,
            "",
            "",
            "found '3' values where there are 2 columns: a separator too many or too few, or a missing quotation mark",
        ),
    ),
    (
        Reason.IMPOSSIBLE_DATE,
        "referrals",
        "date,from_org,to_org\n2016-02-03,A,B\n2016-02-30,A,B\n",
        Aside(2, "date", "", "found '2016-02-30', expected a day that exists, such as 2016-03-04"),
    ),
    (
        Reason.AMBIGUOUS_DATE,
        "referrals",
        "date,from_org,to_org\n2016-02-03,A,B\n03/04/2016,A,B\n",
        Aside(
            2,
            "date",
            "",
            "found '03/04/2016': it does not say which is the day and which the month; say so, for its source or for "
            "the whole network, for example `date_format: '%d/%m/%Y'`, or write 2016-03-04",
        ),
    ),
    (
        Reason.END_BEFORE_START,
        "people",
        "person_id,org_id,start,end\nann,A,2014-01-01,2015-01-01\nbob,B,2015-01-01,2014-01-01\n",
        Aside(2, "end", "", "end is before start: '2014-01-01 is before 2015-01-01'; correct one of them"),
    ),
    (
        Reason.NOT_IN_VOCABULARY,
        "organisations",
        "org_id,role\nA,local\nB,leader\n",
        Aside(
            2,
            "role",
            "",
            "found 'leader', expected one of specialist, local, core_agency, none; if it means one of these, say so "
            "for its source under `values: {role: ...}`",
        ),
    ),
    (
        Reason.IMPOSSIBLE_NUMBER,
        "referrals",
        "date,from_org,to_org,n\n2016-02-03,A,B,3\n2016-02-03,A,B,0\n",
        Aside(2, "n", "", "found '0', expected a whole number of 1 or more"),
    ),
    (
        Reason.UNKNOWN_ORGANISATION,
        "referrals",
        "date,from_org,to_org\n2016-02-03,A,B\n2016-02-03,A,RX9\n",
        Aside(
            2,
            "to_org",
            "",
            "organisation 'RX9' is not among the 3 known: add a row to organisations, or see why it was put aside, "
            "or correct the identifier here",
        ),
    ),
    (
        Reason.UNKNOWN_PERSON,
        "attendance",
        "meeting_id,person_id,org_id\nm1,ann,A\nm1,eve,A\n",
        Aside(
            2,
            "person_id",
            "",
            "the person is not among the 2 known: add a row to people, or see why it was put aside, or correct the "
            "identifier here",
        ),
    ),
    (
        Reason.UNKNOWN_MEETING,
        "attendance",
        "meeting_id,person_id,org_id\nm1,ann,A\nm9,ann,A\n",
        Aside(
            2,
            "meeting_id",
            "",
            "meeting 'm9' is not among the 2 known: add a row to meetings, or see why it was put aside, or correct "
            "the identifier here",
        ),
    ),
    (
        Reason.NO_ORGANISATION,
        "attendance",
        "meeting_id,person_id,org_id\nm1,ann,A\nm1,eve,\n",
        Aside(
            2, "org_id", "", "no organisation is given, and the person holds no post on the meeting's day: add either"
        ),
    ),
    (
        Reason.OUTSIDE_PERIOD,
        "referrals",
        "date,from_org,to_org\n2016-01-01,A,B\n2017-01-01,A,B\n",
        Aside(2, "date", "", PERIOD.format("2017-01-01")),
    ),
    (
        Reason.DUPLICATE,
        "organisations",
        "org_id,name\nA,Alpha\nA,Alpha\n",
        Aside(2, "org_id", "", "the same record came before it, and counts once"),
    ),
    (
        Reason.CONFLICTING_DUPLICATE,
        "organisations",
        "org_id,name\nA,Alpha\nB,Beta\nB,Bravo\n",
        Aside(
            2,
            "org_id",
            "",
            "other rows have the same org_id + valid_from and say something else, so none of them is used; keep the "
            "right one",
        ),
    ),
]


@pytest.mark.parametrize(("reason", "kind", "content", "expected"), CASES)
def test_a_bad_row_is_put_aside_with_its_reason_and_the_good_one_is_used(tmp_path, reason, kind, content, expected):
    files = (
        {**NETWORK, f"{kind}.csv": content}
        if kind in ("attendance", "referrals", "people")
        else {f"{kind}.csv": content}
    )
    if reason == Reason.NO_ORGANISATION:
        files["people.csv"] = "person_id,org_id,end\nann,A,\nbob,B,\neve,C,2016-03-04\n"
    records = read(tmp_path, files)
    assert aside(records, kind)[0] == expected._replace(reason=reason.value)
    row = records.rejected.to_pylist()[0]
    assert row["source"] == f"{kind}.csv"
    assert row["record_kind"] == kind
    assert len(accepted(records, kind)) == 1


def test_every_reason_has_its_case():
    assert {case[0] for case in CASES} == set(Reason)


def test_the_row_itself_is_kept_as_the_file_has_it(tmp_path):
    content = 'org_id,role,remark\nA,local,\nB,leader,"He said ""no"",\nthen left"\n'
    records = read(tmp_path, {"organisations.csv": content})
    (row,) = records.rejected.to_pylist()
    assert json.loads(row["raw"]) == {"org_id": "B", "role": "leader", "remark": 'He said "no",\nthen left'}


def test_a_line_that_is_no_row_is_kept_as_it_is(tmp_path):
    records = read(tmp_path, {"organisations.csv": 'org_id,name\nA,Alpha\nB,"Beta, Ltd",x\n'})
    assert [row["raw"] for row in records.rejected.to_pylist()] == ['B,"Beta, Ltd",x']


class TestKeys:
    def test_what_is_no_identifier(self, tmp_path):
        keys = ["#REF!", "#n/a", "NULL", "none", "NaN", "N/A", "<NA>", "1.23457E+11", "a\tb", '"a\nb"', "x" * 201]
        records = read(tmp_path, {"organisations.csv": "org_id\nA\n" + "\n".join(keys)})
        assert [(row.row, row.reason) for row in aside(records)] == [
            (row, "malformed_key") for row in range(2, len(keys) + 2)
        ]

    def test_what_may_be_an_identifier(self, tmp_path):
        keys = ["5E10", "nano", "NA", "R-1/a", "x" * 200, "Å", "0"]
        assert read(tmp_path, {"organisations.csv": "\n".join(["org_id", *keys])}).organisations == sorted(keys)

    def test_a_malformed_reference_is_not_called_unknown(self, tmp_path):
        referrals = "date,from_org,to_org\n2016-02-03,A,B\n2016-02-03,A,#N/A\n"
        records = read(tmp_path, {"organisations.csv": ORGANISATIONS, "referrals.csv": referrals})
        assert [(row.field, row.reason) for row in aside(records)] == [("to_org", "malformed_key")]

    def test_space_around_a_value_does_not_count(self, tmp_path):
        organisations = 'org_id,role\n A ,local\n\u00a0B\u200b,\t\n"C ",  specialist\u00a0\n'
        records = read(tmp_path, {"organisations.csv": organisations})
        assert records.organisations == ["A", "B", "C"]
        assert column(records, "organisations", "role") == ["local", None, "specialist"]


class TestWords:
    def test_upper_and_lower_case_do_not_matter(self, tmp_path):
        people = "person_id,org_id,group\nann,A,SURGEON\nbob,A,Nurse\n"
        records = read(tmp_path, {"people.csv": people})
        assert sorted(column(records, "people", "group")) == ["nurse", "surgeon"]

    def test_a_group_is_one_of_the_networks_own(self, tmp_path):
        people = "person_id,org_id,group\nann,A,Chaplain\nbob,A,nurse\n"
        records = read(tmp_path, {"people.csv": people}, professional_groups=["chaplain"])
        assert column(records, "people", "group") == ["chaplain"]
        assert [(row.row, row.reason) for row in aside(records)] == [(2, "not_in_vocabulary")]
        assert "expected one of chaplain;" in aside(records)[0].message

    def test_flags(self, tmp_path):
        given = ["true", "Yes", "1", "T", "no", "FALSE", "0", "n", "", "perhaps"]
        rows = "".join(f"2016-02-03,A,B,{word},{n}\n" for n, word in enumerate(given))
        records = read(tmp_path, {"referrals.csv": "date,from_org,to_org,info_complete,referral_id\n" + rows})
        flags = {row["referral_id"]: row["info_complete"] for row in accepted(records, "referrals")}
        assert list(flags.values()) == [True] * 4 + [False] * 4 + [None]
        assert aside(records) == [
            Aside(10, "info_complete", "not_in_vocabulary", "found 'perhaps', expected true or false")
        ]


class TestNumbers:
    PEOPLE = "person_id,org_id,spell_id,wte\n"

    def test_a_number(self, tmp_path):
        given = {"0.5": 0.5, "1": 1.0, "1e1": 10.0, "": None, "0": 0.0}
        rows = "".join(f"ann,A,s{text},{text}\n" for text in given)
        people = accepted(read(tmp_path, {"people.csv": self.PEOPLE + rows}), "people")
        assert {row["spell_id"]: row["wte"] for row in people} == {f"s{text}": n for text, n in given.items()}

    def test_not_a_number(self, tmp_path):
        given = ["-1", "half", "nan", "inf", "0,5", "1/2"]
        rows = "bob,A,,1\n" + "".join(f'ann,A,,"{text}"\n' for text in given)
        assert aside(read(tmp_path, {"people.csv": self.PEOPLE + rows})) == [
            Aside(row, "wte", "impossible_number", f"found '{text}', expected a number of 0 or more")
            for row, text in enumerate(given, 2)
        ]

    def test_not_a_whole_number(self, tmp_path):
        rows = "".join(f"2016-02-03,A,B,{text}\n" for text in ("2.0", "1.5", "-2", "0", "two"))
        records = read(tmp_path, {"referrals.csv": "date,from_org,to_org,n\n" + rows})
        assert [(row.row, row.reason) for row in aside(records)] == [(row, "impossible_number") for row in (2, 3, 4, 5)]
        assert column(records, "referrals", "n") == [2]

    def test_a_level_is_1_2_or_3(self, tmp_path):
        head = "code_id,indicator,level,period_start\n"
        records = read(tmp_path, {"coded_evidence.csv": head + "a,trust,3,2016-01-01\nb,trust,4,2016-01-01\n"})
        assert [row.message for row in aside(records)] == ["found '4', expected one of 1, 2, 3"]
        assert column(records, "coded_evidence", "level") == [3]


class TestLists:
    HEAD = "person_id,start,org_ids,sessions_by_org\n"

    def roles(self, tmp_path, *rows):
        return read(tmp_path, {"organisations.csv": ORGANISATIONS, "joint_roles.csv": self.HEAD + "".join(rows)})

    def test_items_are_separated_by_semicolons_or_in_brackets(self, tmp_path):
        records = self.roles(
            tmp_path, "p1,2016-01-01,B;A,\n", 'p2,2016-01-02,"[C, ""A""]",\n', 'p3,2016-01-03,"[""B"",""C""]",\n'
        )
        names = [[records.organisations[o] for o in orgs] for orgs in column(records, "joint_roles", "org_ids")]
        assert sorted(names) == [["A", "B"], ["A", "C"], ["B", "C"]]

    def test_sessions_go_with_their_organisations(self, tmp_path):
        records = self.roles(tmp_path, "p1,2016-01-01,B;A,7;3\n")
        (row,) = accepted(records, "joint_roles")
        assert dict(zip(row["org_ids"], row["sessions_by_org"], strict=True)) == {0: "3", 1: "7"}

    def test_one_organisation_is_no_joint_role(self, tmp_path):
        records = self.roles(tmp_path, "p1,2016-01-01,A;B,\n", "p2,2016-01-01,A;A,\n")
        message = "found 'A;A', expected 2 or more, separated by semicolons"
        assert aside(records) == [Aside(2, "org_ids", "malformed_key", message)]

    def test_one_of_several_organisations_is_unknown(self, tmp_path):
        records = self.roles(tmp_path, "p1,2016-01-01,A;B,\n", "p2,2016-01-01,A;X,\n")
        (row,) = aside(records)
        assert (row.field, row.reason) == ("org_ids", "unknown_organisation")
        assert row.message.startswith("one or more of the organisations 'A;X' are not among the 3 known")

    def test_other_sessions_than_organisations(self, tmp_path):
        records = self.roles(tmp_path, "p1,2016-01-01,A;B,1;2\n", "p2,2016-01-01,A;B,1;2;3\n")
        message = "found '1;2;3', expected as many values as there are in org_ids, separated by semicolons"
        assert aside(records) == [Aside(2, "sessions_by_org", "impossible_number", message)]


class TestReferences:
    def test_a_kind_that_is_not_supplied_is_not_asked(self, tmp_path):
        records = read(tmp_path, {"referrals.csv": "date,from_org,to_org\n2016-02-03,A,B\n"})
        assert records.organisations == ["A", "B"]
        assert aside(records) == []

    def test_a_kind_without_rows_knows_nobody(self, tmp_path):
        files = {"organisations.csv": "org_id\n", "referrals.csv": "date,from_org,to_org\n2016-02-03,A,B\n"}
        (fault,) = faults(tmp_path, files)
        assert "not among the 0 known" in fault

    def test_a_parent_and_a_successor_need_not_be_among_the_organisations(self, tmp_path):
        records = read(tmp_path, {"organisations.csv": "org_id,parent_org_id,successor_id\nA,T1,X\n"})
        assert records.organisations == ["A"]
        assert column(records, "organisations", "parent_org_id") == ["T1"]

    def test_what_was_put_aside_is_not_known(self, tmp_path):
        files = {"organisations.csv": "org_id,kind\nA,provider\nB,shop\n", "people.csv": PEOPLE}
        assert [(row.field, row.reason) for row in aside(read(tmp_path, files), "people")] == [
            ("org_id", "unknown_organisation")
        ]


class TestTwice:
    def test_the_first_of_the_same_records_counts_wherever_they_stand(self, tmp_path):
        files = {"a.csv": "org_id,name\nA,Alpha\n", "b.csv": "org_id,name\nB,Beta\nA,Alpha\nA, Alpha\n"}
        records = read(tmp_path, files, {"organisations": {"path": "?.csv"}})
        assert [(row["source"], row["row"]) for row in records.rejected.to_pylist()] == [("b.csv", 2), ("b.csv", 3)]
        assert records.rejected_counts() == {"organisations": {"duplicate": 2}}

    def test_of_records_that_contradict_each_other_none_is_used(self, tmp_path):
        organisations = "org_id,valid_from,kind\nA,,provider\nA,,university\nA,2016-05-01,provider\nA,,provider\n"
        records = read(tmp_path, {"organisations.csv": organisations})
        assert [(row.row, row.reason) for row in aside(records)] == [
            (row, "conflicting_duplicate") for row in (1, 2, 4)
        ]
        assert [str(day) for day in column(records, "organisations", "valid_from")] == ["2016-05-01"]

    def test_only_what_is_read_can_contradict(self, tmp_path):
        records = read(tmp_path, {"organisations.csv": "org_id,remark\nA,one\nA,two\n"})
        assert records.rejected_counts() == {"organisations": {"duplicate": 1}}

    def test_a_faulty_twin_takes_nothing_from_the_good_one(self, tmp_path):
        records = read(tmp_path, {"organisations.csv": "org_id,kind\nA,provider\nA,shop\n"})
        assert [row.reason for row in aside(records)] == ["not_in_vocabulary"]
        assert records.organisations == ["A"]

    def test_rows_without_an_identifier_are_all_kept(self, tmp_path):
        referrals = "referral_id,date,from_org,to_org\n" + ",2016-02-03,A,B\n" * 3 + "r1,2016-02-03,A,B\n" * 2
        cases = "meeting_id,case_id,outcome\n" + "m1,,discussed\n" * 3 + "m1,c1,discussed\n" * 2
        files = {"referrals.csv": referrals, "meetings.csv": MEETINGS, "mdt_cases.csv": cases}
        records = read(tmp_path, files)
        assert len(accepted(records, "referrals")) == len(accepted(records, "mdt_cases")) == 4
        assert records.rejected_counts() == {"referrals": {"duplicate": 1}, "mdt_cases": {"duplicate": 1}}


class TestOrganisationStoodFor:
    ATTENDANCE = "meeting_id,person_id\nm1,ann\nm2,ann\n"

    def test_a_post_on_the_day_will_do(self, tmp_path):
        people = "person_id,org_id,start,end\nann,A,2016-03-04,2016-03-11\n"
        records = read(tmp_path, {"people.csv": people, "meetings.csv": MEETINGS, "attendance.csv": self.ATTENDANCE})
        assert [(row.row, row.reason) for row in aside(records)] == [(2, "no_organisation")]

    def test_without_any_people_there_is_none(self, tmp_path):
        files = {"meetings.csv": MEETINGS, "attendance.csv": "meeting_id,person_id,org_id\nm1,ann,A\nm2,ann,\n"}
        assert [(row.row, row.reason) for row in aside(read(tmp_path, files))] == [(2, "no_organisation")]

    def test_without_meetings_nothing_can_be_said(self, tmp_path):
        assert aside(read(tmp_path, {"attendance.csv": self.ATTENDANCE})) == []


class TestPeopleInMessages:
    """No message names a person; the row itself, which is kept apart, may."""

    def test_an_identifier_that_strayed_into_another_field(self, tmp_path):
        people = "person_id,org_id,group\nC1234567,A,nurse\nC7654321,C1234567,nurse\nC1111111,A,c1234567\n"
        records = read(tmp_path, {"organisations.csv": ORGANISATIONS, "people.csv": people})
        assert [row.row for row in aside(records)] == [2, 3]
        for row in aside(records):
            assert "C1234567" not in row.message.upper()
            assert "(a person's identifier, not shown)" in row.message
        assert "C7654321" in records.rejected.to_pylist()[0]["raw"]

    def test_not_one_message_in_a_file_of_many_faults(self, tmp_path):
        attendance = ATTENDANCE + "".join(
            f"{meeting},{person},{org}\n"
            for meeting in ("m1", "m9", "", "eve42")
            for person in ("eve42", "", "#N/A", "ann")
            for org in ("A", "X", "eve42", "NULL")
        )
        records = read(tmp_path, NETWORK | {"attendance.csv": attendance})
        messages = " ".join(row.message for row in aside(records))
        assert len(aside(records)) >= 48
        assert "eve42" not in messages
        assert records.read[RecordKind.ATTENDANCE] == 67
