"""CSV as spreadsheets write it: a byte order mark, CRLF, semicolons, days first, cleared rows, spare columns."""

import pytest

from orgnet.records.read import read_records
from orgnet.vocabulary import RecordKind
from tests.feeds import configure

BOM = "\ufeff"
ORGANISATIONS = "org_id;name\r\nA;Ålesund\r\nB;Béziers\r\n"
MEETINGS = "meeting_id;start;end\r\nm1;04/03/2016 9:00;04/03/2016 10:30\r\nm2;11/03/2016;\r\n"
PEOPLE = "person_id;org_id;start;group\r\nann;A;01/02/2016;nurse\r\nbob;B;13/02/2016 00:00;surgeon\r\n"


def read(folder, files, **settings):
    return read_records(configure(folder, files, **settings))


@pytest.mark.parametrize("mark", ["", BOM], ids=["", "with a byte order mark"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_as_saved_on_any_computer(tmp_path, mark, separator, end):
    files = {
        name: (mark + text.replace(";", separator).replace("\r\n", end)).encode()
        for name, text in {"organisations.csv": ORGANISATIONS, "meetings.csv": MEETINGS, "people.csv": PEOPLE}.items()
    }
    records = read(tmp_path, files, date_format="%d/%m/%Y")
    assert records.rejected.num_rows == 0
    assert records.organisations == ["A", "B"]
    meetings = records.tables[RecordKind.MEETINGS].to_pylist()
    assert [str(row["start_day"]) for row in meetings] == ["2016-03-04", "2016-03-11"]
    assert [row["end"] and row["end"] - row["start"] for row in meetings] == [5400, None]
    assert sorted(str(row["start"]) for row in records.tables[RecordKind.PEOPLE].to_pylist()) == [
        "2016-02-01",
        "2016-02-13",
    ]


def test_cleared_rows_and_spare_columns_are_no_records(tmp_path):
    text = "org_id,name,,\nA,a,,\n,,,\n ,,,\nB,b,,\n,,,\n"
    records = read(tmp_path, {"organisations.csv": text})
    assert (records.read, records.rejected.num_rows) == ({RecordKind.ORGANISATIONS: 2}, 0)
    assert records.inputs[0].rows == 2


def test_a_row_without_its_key_is_not_a_cleared_one_and_keeps_its_number(tmp_path):
    records = read(tmp_path, {"organisations.csv": "org_id,name\nA,a\n,\n,b\nC,c\n"})
    (aside,) = records.rejected.to_pylist()
    assert (aside["row"], aside["reason"]) == (3, "missing_key"), "as the spreadsheet counts rows below the headings"
    assert records.read == {RecordKind.ORGANISATIONS: 3}


def test_a_separator_that_is_stated_is_kept_to(tmp_path):
    source = {"organisations": {"path": "organisations.csv", "delimiter": ","}}
    config = configure(tmp_path, {"organisations.csv": "org_id;x,name\nA,a\n"}, source)
    with pytest.raises(Exception, match="column 'org_id' is missing"):
        read_records(config)


class TestDates:
    @pytest.mark.parametrize(("own", "day"), [(None, "2016-02-01"), ("%m/%d/%Y", "2016-01-02")])
    def test_one_format_for_all_but_sources_that_say_their_own(self, tmp_path, own, day):
        source = {"people": {"path": "people.csv", **({"date_format": own} if own else {})}}
        files = {"organisations.csv": "org_id\nA\n", "people.csv": "person_id,org_id,start\nann,A,01/02/2016\n"}
        config = configure(tmp_path, files, source, date_format="%d/%m/%Y")
        assert [str(row["start"]) for row in read_records(config).tables[RecordKind.PEOPLE].to_pylist()] == [day]

    def test_one_that_does_not_say_which_is_the_day_is_never_guessed(self, tmp_path):
        files = {
            "organisations.csv": "org_id\nA\nB\n",
            "referrals.csv": "date,from_org,to_org\n2016-02-01,A,B\n13/02/2016,A,B\n",
        }
        (aside,) = read(tmp_path, files).rejected.to_pylist()
        assert aside["reason"] == "ambiguous_date"
        assert "for its source or for the whole network" in aside["message"]
