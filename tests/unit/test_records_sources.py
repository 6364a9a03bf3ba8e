"""Files as people and systems write them: CSV, Parquet and JSON Lines, one or many, under other names and words."""

import hashlib
import json
import random
from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from orgnet.records.read import RecordsFault
from orgnet.vocabulary import RecordKind
from tests.feeds import (
    ATTENDANCE,
    MEETINGS,
    ORGANISATIONS,
    PEOPLE,
    accepted,
    aside,
    column,
    faults,
    read,
)


def organisations(tmp_path, content, name="organisations.csv", **source):
    """One source of organisations, by its file's content."""
    return read(tmp_path, {name: content}, {"organisations": {"path": name, **source}})


def fault(tmp_path, content, name="organisations.csv", **source):
    """The one thing that is wrong with a source of organisations, without the words that say which it is."""
    (line,) = faults(tmp_path, {name: content}, {"organisations": {"path": name, **source}})
    start = f"organisations: {name}: "
    assert line.startswith(start)
    return line.removeprefix(start)


def names(records):
    """The organisations' names, by their codes."""
    return {records.organisations[row["org_id"]]: row["name"] for row in accepted(records, "organisations")}


class TestCsv:
    @pytest.mark.parametrize(
        ("content", "source"),
        [
            ("org_id,name\nA,Ål\nB,Bé\n", {}),
            ("\ufefforg_id,name\nA,Ål\nB,Bé\n", {}),
            ("org_id,name\r\nA,Ål\r\nB,Bé", {}),
            ("org_id,name\rA,Ål\rB,Bé\r", {}),
            ("\n \norg_id,name\n\nA,Ål\n\n\nB,Bé\n\n", {}),
            (' org_id ,"name"\n"A",Ål\nB,"Bé"\n', {}),
            ("org_id,,name,\nA,x,Ål,\nB,,Bé,\n", {}),
            ("org_id;name\nA;Ål\nB;Bé\n", {"delimiter": ";"}),
            ("org_id\tname\nA\tÅl\nB\tBé\n", {"delimiter": "tab"}),
            ("org_id\tname\nA\tÅl\nB\tBé\n", {"delimiter": "\\t"}),
            ("org_id,name\nA,Ål\nB,Bé\n".encode("cp1252"), {"encoding": "cp1252"}),
            ("org_id,name\nA,Ål\nB,Bé\n".encode("latin-1"), {"encoding": "ISO-8859-1"}),
            ("org_id,name\nA,Ål\nB,Bé\n".encode("utf-16"), {"encoding": "utf-16"}),
            ("org_id\tname\nA\tÅl\nB\tBé\n".encode("utf-16"), {"encoding": "UTF-16", "delimiter": "\t"}),
            ("\ufefforg_id,name\nA,Ål\nB,Bé\n".encode("utf-16-le"), {"encoding": "utf-16-le"}),
            ("\ufefforg_id,name\nA,Ål\nB,Bé\n".encode(), {"encoding": "utf-8-sig"}),
        ],
    )
    def test_the_many_ways_to_write_the_same(self, tmp_path, content, source):
        records = organisations(tmp_path, content, **source)
        assert names(records) == {"A": "Ål", "B": "Bé"}
        assert aside(records) == []
        assert records.inputs[0].rows == 2

    def test_a_tsv_is_separated_by_tabs(self, tmp_path):
        assert names(organisations(tmp_path, "org_id\tname\nA\tOne, Two\n", "feed.tsv")) == {"A": "One, Two"}

    def test_quotes_separators_and_line_breaks_in_a_value(self, tmp_path):
        content = 'org_id,"the\nname"\nA,"One, ""two""\nthree"\nB,5" pipe\n'
        records = organisations(tmp_path, content, columns={"the\nname": "name"})
        assert names(records) == {"A": 'One, "two"\nthree', "B": '5" pipe'}

    def test_ragged_rows_are_put_aside_by_their_number(self, tmp_path):
        content = '\n\norg_id,name\nA,"x\ny"\nB\n\nC,c,c\nD,d\n'
        records = organisations(tmp_path, content)
        assert [(row.row, row.reason) for row in aside(records)] == [(2, "malformed_row"), (3, "malformed_row")]
        assert [row["raw"] for row in records.rejected.to_pylist()] == ["B", "C,c,c"]
        assert names(records) == {"A": "x\ny", "D": "d"}

    def test_rows_after_a_ragged_one_keep_their_numbers(self, tmp_path):
        content = "org_id,role\nA,local\nB,local,x\nC,boss\n"
        assert [(row.row, row.reason) for row in aside(organisations(tmp_path, content))] == [
            (2, "malformed_row"),
            (3, "not_in_vocabulary"),
        ]

    def test_a_row_longer_than_any_block(self, tmp_path):
        long = "x" * 20_000_000
        records = organisations(tmp_path, f"org_id,name\nA,{long}\nB,b\n")
        assert names(records) == {"A": long, "B": "b"}

    @pytest.mark.parametrize("content", ["org_id,name\n", "org_id,name", "\ufefforg_id,name\r\n", "org_id,name\n \n\n"])
    def test_column_names_alone_are_no_fault(self, tmp_path, content):
        records = organisations(tmp_path, content)
        assert records.read == {RecordKind.ORGANISATIONS: 0}
        assert records.tables[RecordKind.ORGANISATIONS].num_rows == 0

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            ("", "is empty: it has no bytes; expected column names and records"),
            ("\n \n\n", "is empty: it holds blank lines only; expected column names and records"),
            ("org_id,name,NAME\nA,a,a\n", "columns 2 and 3 have the same name; rename all but one"),
            (
                'org_id,name\nA,"Alpha\nB,Beta\nC,Gamma\n',
                "a quotation mark opens in row 1 and is never closed, so that all that follows would be one value; "
                "close "
                "it, or double it if it is part of the value",
            ),
            (
                'org_id,name\nA,Alpha\n"B,Beta\nC,Gamma\n',
                "a quotation mark opens in row 2 and is never closed, so that all that follows would be one value; "
                "close "
                "it, or double it if it is part of the value",
            ),
            (
                "org_id|name\nA|a\n",
                "found one column only; if '|' is what separates its columns, add `delimiter: '|'` to its source",
            ),
            (
                "org_id,name\nA,Ål\n".encode("latin-1"),
                "is not utf-8 text (line 2 cannot be read as such); save it as UTF-8, or add `encoding: cp1252` to its "
                "source (files saved by a spreadsheet on Windows often are)",
            ),
            (
                "org_id,name\nA,a\nB,Ål,x\n".encode("latin-1"),
                "is not utf-8 text (line 3 cannot be read as such); save it as UTF-8, or add `encoding: cp1252` to its "
                "source (files saved by a spreadsheet on Windows often are)",
            ),
            (
                "org_id,name\nA,a\n".encode("utf-16"),
                "is not utf-8 text (line 1 cannot be read as such); save it as UTF-8, or add `encoding: utf-16` to its "
                "source",
            ),
            (
                "org_id,name\nA,a\n".encode("utf-16-le"),
                "is not utf-8 text (line 1 cannot be read as such); save it as UTF-8, or add `encoding: utf-16` to its "
                "source",
            ),
            (b"PK\x03\x04\x14\x00\xff", "is a spreadsheet or a zip archive, not text; save the sheet as CSV (UTF-8)"),
            (b"\x1f\x8b\x08\x00", "is compressed (gzip), not text; unpack it first"),
            (b"PAR1\x15\xff", "is a Parquet file, not text; say so with `format: parquet`"),
        ],
    )
    def test_what_cannot_be_read_at_all(self, tmp_path, content, said):
        assert fault(tmp_path, content) == said

    def test_another_encoding_than_the_declared(self, tmp_path):
        assert fault(tmp_path, b"org_id,name\nA,\x81\n", encoding="cp1252") == (
            "is not cp1252 text (line 2 cannot be read as such); save it as UTF-8, or add the encoding it has to its "
            "source, as in `encoding: utf-8`"
        )

    def test_a_quotation_over_several_lines_may_end_the_file(self, tmp_path):
        assert names(organisations(tmp_path, 'org_id,name\nA,a\nB,"b\nb"\n')) == {"A": "a", "B": "b\nb"}


class TestParquet:
    def write(self, tmp_path, columns, name="organisations.parquet"):
        pq.write_table(pa.table(columns), tmp_path / name)
        return {"path": name}

    def test_types_lists_and_nulls(self, tmp_path):
        people = self.write(
            tmp_path,
            {
                "person_id": pa.array([101, 102, None], pa.int32()),
                "org_id": pa.array(["A", None, "B"]).dictionary_encode(),
                "start": pa.array([date(2015, 1, 1), None, None]),
                "wte": pa.array([0.5, float("nan"), None]),
                "pathways": pa.array([["lung", " breast ", "lung"], [], None]),
            },
            "people.parquet",
        )
        records = read(tmp_path, {}, {"people": people})
        assert [(row.row, row.field, row.reason) for row in aside(records)] == [
            (2, "org_id", "missing_key"),
            (3, "person_id", "missing_key"),
        ]
        (row,) = accepted(records, "people")
        assert (row["start"], row["wte"], row["pathways"]) == (date(2015, 1, 1), 0.5, ["breast", "lung"])

    def test_what_is_no_number_is_no_value_and_the_row_is_still_json(self, tmp_path):
        source = self.write(tmp_path, {"org_id": ["A", "B"], "role": ["local", "boss"], "x": [1.0, float("nan")]})
        records = read(tmp_path, {}, {"organisations": source})
        (row,) = records.rejected.to_pylist()
        assert json.loads(row["raw"]) == {"org_id": "B", "role": "boss", "x": None}

    def test_identifiers_that_a_data_frame_turned_into_floats(self, tmp_path):
        people = self.write(
            tmp_path, {"person_id": [1001.0, 1002.0, float("nan")], "org_id": ["A"] * 3}, "people.parquet"
        )
        files = {"meetings.csv": MEETINGS, "attendance.csv": "meeting_id,person_id,org_id\nm1,1001,A\nm1,1002,A\n"}
        records = read(tmp_path, files, {"people": people})
        assert [(row.row, row.reason) for row in aside(records)] == [(3, "missing_key")]
        assert len(accepted(records, "attendance")) == records.n_people == 2

    def test_lists_of_organisations(self, tmp_path):
        roles = {"person_id": ["p"], "start": [date(2016, 1, 1)], "org_ids": [["B", "A"]]}
        records = read(tmp_path, {}, {"joint_roles": self.write(tmp_path, roles, "roles.pq")})
        assert column(records, "joint_roles", "org_ids") == [[0, 1]]
        assert records.organisations == ["A", "B"]

    def test_no_rows_are_no_fault(self, tmp_path):
        source = self.write(tmp_path, {"org_id": pa.array([], pa.string())})
        assert read(tmp_path, {}, {"organisations": source}).read == {RecordKind.ORGANISATIONS: 0}

    def test_a_folder_named_like_a_partition_adds_no_column(self, tmp_path):
        (tmp_path / "role=boss").mkdir()
        source = self.write(tmp_path, {"org_id": ["A"]}, "role=boss/organisations.parquet")
        records = read(tmp_path, {}, {"organisations": source})
        assert column(records, "organisations", "role") == [None]
        assert records.inputs[0].columns_unused == []

    def test_cut_short(self, tmp_path):
        source = self.write(tmp_path, {"org_id": ["A"] * 1000})
        whole = (tmp_path / source["path"]).read_bytes()
        said = fault(tmp_path, whole[: len(whole) // 2], "organisations.parquet")
        assert said.startswith("cannot be read as Parquet; was it cut short? (No magic bytes found at end of file")

    def test_empty(self, tmp_path):
        said = fault(tmp_path, b"", "organisations.parquet")
        assert said == "is empty: it has no bytes; expected column names and records"

    def test_damaged_within(self, tmp_path):
        source = self.write(tmp_path, {"org_id": [f"A{n}" for n in range(1000)]})
        whole = bytearray((tmp_path / source["path"]).read_bytes())
        whole[10:400] = b"\xff" * 390
        assert fault(tmp_path, bytes(whole), "organisations.parquet").startswith("cannot be read: ")


class TestJsonLines:
    def test_blank_lines_a_mark_in_front_and_values_of_all_sorts(self, tmp_path):
        rows = [
            {"person_id": 7, "org_id": "A", "wte": 0.5, "pathways": ["lung", "a,b"], "extra": {"x": [1]}},
            {"org_id": "B", "person_id": "8", "wte": None, "tier": "senior"},
            {"person_id": "9\u2028\u0085", "org_id": "A", "pathways": "lung;breast"},
        ]
        lines = [json.dumps(row, ensure_ascii=False) for row in rows]
        content = "\ufeff\n" + lines[0] + "\r\n\n  \n" + lines[1] + "\n" + lines[2]
        records = read(tmp_path, {"people.jsonl": content})
        assert records.read == {RecordKind.PEOPLE: 3}
        assert records.inputs[0].rows == 3
        assert records.inputs[0].columns_unused == ["extra"]
        found = {row["wte"]: row["pathways"] for row in accepted(records, "people") if row["wte"]}
        assert found == {0.5: ["a,b", "lung"]}
        assert ["breast", "lung"] in column(records, "people", "pathways")
        assert aside(records) == []

    def test_a_line_that_is_no_object_is_put_aside_by_its_number(self, tmp_path):
        content = '{"org_id": "A"}\n\n{"org_id": "B"\n"C"\n[1]\n{"org_id": null}\n{"org_id": "D"}\nE\x1fF\n'
        records = read(tmp_path, {"organisations.jsonl": content})
        assert [(row.row, row.reason) for row in aside(records)] == [
            (3, "malformed_row"),
            (4, "malformed_row"),
            (5, "malformed_row"),
            (6, "missing_key"),
            (8, "malformed_row"),
        ]
        assert aside(records)[0].message == "the line is not a JSON object"
        assert records.rejected.to_pylist()[0]["raw"] == '{"org_id": "B"'
        assert records.organisations == ["A", "D"]

    def test_awkward_names(self, tmp_path):
        content = '{"a \\"b\\"/c~.$": "A", "": 1}\n'
        records = organisations(tmp_path, content, "organisations.ndjson", columns={'a "b"/c~.$': "org_id"})
        assert records.organisations == ["A"]

    def test_in_utf_16(self, tmp_path):
        content = '{"org_id": "Å"}\n'.encode("utf-16")
        assert organisations(tmp_path, content, "organisations.jsonl", encoding="utf-16").organisations == ["Å"]

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            ("", "is empty: it has no bytes; expected column names and records"),
            ("\n  \n", "is empty: it holds blank lines only; expected one JSON object per line"),
            (
                '[\n{"org_id": "A"},\n{"org_id": "B"}\n]\n',
                "found a JSON array, expected JSON Lines: one object per line, with no brackets around them and no "
                "comma "
                "between them",
            ),
            ('{"org_id": "A", "ORG_ID": "B"}\n', "columns 1 and 2 have the same name; rename all but one"),
            (
                '{"org_id": "Å"}\n'.encode("latin-1"),
                "is not utf-8 text (line 1 cannot be read as such); save it as UTF-8, or add `encoding: cp1252` to its "
                "source (files saved by a spreadsheet on Windows often are)",
            ),
        ],
    )
    def test_what_cannot_be_read_at_all(self, tmp_path, content, said):
        assert fault(tmp_path, content, "organisations.json") == said


class TestPaths:
    def test_a_pattern_reads_every_file_that_fits(self, tmp_path):
        files = {f"feeds/{year}/orgs.csv": f"org_id\n{name}\n" for year, name in ((2015, "A"), (2016, "B"))}
        records = read(tmp_path, files, {"organisations": {"path": "feeds/**/*.csv"}})
        assert records.organisations == ["A", "B"]
        assert [file.path for file in records.inputs] == ["feeds/2015/orgs.csv", "feeds/2016/orgs.csv"]

    def test_several_sources_of_one_kind(self, tmp_path):
        files = {"a.csv": "org_id\nA\n", "b.jsonl": '{"code": "B"}\n', "c.txt": "code|x\nC|1\n"}
        sources = [
            {"path": "a.csv"},
            {"path": "b.jsonl", "columns": {"code": "org_id"}},
            {"path": "c.txt", "columns": {"code": "org_id"}, "delimiter": "|"},
        ]
        records = read(tmp_path, files, {"organisations": sources})
        assert records.organisations == ["A", "B", "C"]
        assert [file.columns_unused for file in records.inputs] == [[], [], ["x"]]

    @pytest.mark.parametrize("name", ["feed [2016].csv", "what?.csv", "all*.csv"])
    def test_a_name_that_looks_like_a_pattern(self, tmp_path, name):
        assert organisations(tmp_path, "org_id\nA\n", name).organisations == ["A"]

    def test_a_parquet_name_and_a_folder_that_look_like_patterns(self, tmp_path):
        folder = tmp_path / "net [1]"
        folder.mkdir()
        pq.write_table(pa.table({"org_id": ["A"]}), folder / "feed*.parquet")
        (folder / "b.csv").write_text("org_id\nB\n")
        sources = {"organisations": [{"path": "feed*.parquet"}, {"path": "?.csv"}]}
        assert read(folder, {}, sources).organisations == ["A", "B"]

    def test_an_absolute_path(self, tmp_path):
        (tmp_path / "elsewhere").mkdir()
        (tmp_path / "elsewhere" / "o.csv").write_text("org_id\nA\n")
        for path in (tmp_path / "elsewhere" / "o.csv", tmp_path / "elsewhere" / "*.csv"):
            assert read(tmp_path, {}, {"organisations": {"path": str(path)}}).organisations == ["A"]

    def test_the_format_may_be_said(self, tmp_path):
        assert organisations(tmp_path, "org_id\nA\n", "feed.dat", format="csv").organisations == ["A"]
        assert organisations(tmp_path, '{"org_id": "A"}\n', "feed.log", format="jsonl").organisations == ["A"]

    def test_an_ending_that_says_nothing(self, tmp_path):
        assert fault(tmp_path, "x", "organisations.xlsx") == (
            "cannot tell the format by the ending '.xlsx', expected .csv, .tsv, .txt, .parquet or .jsonl; save it "
            "as one "
            "of these, or say which it is, as in `format: csv`"
        )

    @pytest.mark.parametrize(
        ("path", "said"),
        [
            ("organisation.csv", "organisation.csv: no such file (looked in {}); did you mean organisations.csv?"),
            ("feeds/x.csv", "feeds/x.csv: no such file (looked in {}/feeds)"),
            ("feeds", "feeds: is a folder; name the files in it, such as feeds/*.csv"),
            ("feeds/*.csv", "feeds/*.csv: no file fits this pattern (looked in {}/feeds)"),
            ("nowhere/x.csv", "nowhere/x.csv: no such file (looked in {}/nowhere)"),
        ],
    )
    def test_no_such_file(self, tmp_path, path, said):
        (tmp_path / "feeds").mkdir()
        (tmp_path / "organisations.csv").write_text("org_id\nA\n")
        (line,) = faults(tmp_path, {}, {"organisations": {"path": path}})
        assert line == "organisations: " + said.format(tmp_path)

    def test_a_digest_and_a_number_of_rows_for_every_file(self, tmp_path):
        records = organisations(tmp_path, "org_id\nA\n#N/A\nB,x\n")
        (file,) = records.inputs
        assert (file.path, file.record_kind, file.rows) == ("organisations.csv", "organisations", 3)
        assert file.sha256 == hashlib.sha256(b"org_id\nA\n#N/A\nB,x\n").hexdigest()


class TestColumns:
    def test_their_names_become_ours(self, tmp_path):
        records = organisations(tmp_path, "Trust Code,name\nA,Alpha\n", columns={"Trust Code": "org_id"})
        assert names(records) == {"A": "Alpha"}
        assert records.inputs[0].columns_unused == []

    def test_one_column_may_be_several_fields(self, tmp_path):
        records = organisations(tmp_path, "trust\nA\n", columns={"trust": ["org_id", "name"]})
        assert names(records) == {"A": "A"}

    def test_what_is_written_down_comes_before_the_same_name(self, tmp_path):
        records = organisations(tmp_path, "org_id,title,name\nA,Alpha,a\n", columns={"title": "name"})
        assert names(records) == {"A": "Alpha"}
        assert records.inputs[0].columns_unused == ["name"]

    def test_constants(self, tmp_path):
        records = organisations(tmp_path, "org_id,kind\nA,shop\n", constants={"kind": "Provider", "name": "N'o"})
        assert column(records, "organisations", "kind") == ["provider"]
        assert names(records) == {"A": "N'o"}
        assert records.inputs[0].columns_unused == ["kind"]

    def test_derived_fields(self, tmp_path):
        source = {"derive": {"org_id": "upper(left(trust, 1)) || id", "name": '"Full Name"'}}
        content = "id,trust,Full Name,i,spare\n1,alpha,Alpha,x,y\n"
        records = organisations(tmp_path, content, **source)
        assert names(records) == {"A1": "Alpha"}
        # A column's name within another's is no use of it.
        assert records.inputs[0].columns_unused == ["i", "spare"]

    def test_several_records_from_one_row(self, tmp_path):
        source = {
            "path": "pairs.csv",
            "derive": {"meeting_id": "unnest([id, id])", "person_id": "unnest([a, b])", "org_id": "unnest(['A', 'B'])"},
            "values": {"org_id": {"B": "C"}},
        }
        records = read(tmp_path, {"pairs.csv": "id,a,b\nm1,ann,bob\nm2,ann,\n"}, {"attendance": source})
        assert records.read == {RecordKind.ATTENDANCE: 4}
        assert records.inputs[0].rows == 2
        assert [(row.row, row.field, row.reason) for row in aside(records)] == [(2, "person_id", "missing_key")]
        assert records.organisations == ["A", "C"]

    def test_one_record_per_distinct_row(self, tmp_path):
        content = "org_id,person\nA,1\nA,2\nB,1\n,3\n,4\n"
        records = organisations(tmp_path, content, distinct=True)
        assert records.read == {RecordKind.ORGANISATIONS: 3}
        assert records.organisations == ["A", "B"]
        assert [(row.row, row.reason) for row in aside(records)] == [(4, "missing_key")]

    def test_their_words_become_ours(self, tmp_path):
        source = {"values": {"role": {"Hub": "specialist", "n/a": "", "": "local", "it's": "none"}}}
        content = "org_id,role\nA,Hub\nB,n/a\nC,\nD,it's\nE,core_agency\n"
        records = organisations(tmp_path, content, **source)
        found = {records.organisations[row["org_id"]]: row["role"] for row in accepted(records, "organisations")}
        assert found == {"A": "specialist", "B": None, "C": "local", "D": "none", "E": "core_agency"}

    def test_their_words_in_a_list(self, tmp_path):
        files = {"joint_roles.csv": "person_id,start,org_ids\np,2016-01-01,One;Two\n"}
        source = {"path": "joint_roles.csv", "values": {"org_ids": {"One": "A", "Two": "B"}}}
        assert read(tmp_path, files, {"joint_roles": source}).organisations == ["A", "B"]

    @pytest.mark.parametrize(
        ("content", "source", "said"),
        [
            (
                "name,kind\nA,a\n",
                {},
                "column 'org_id' is missing (found: name, kind); add it, or name the column that holds it: "
                "`columns: {THEIRS: org_id}`",
            ),
            (
                "OrgID,name\nA,a\n",
                {},
                "column 'org_id' is missing (found: OrgID, name); if 'OrgID' is it, say so: `columns: {OrgID: org_id}`",
            ),
            (
                "org_id,title\nA,a\n",
                {"columns": {"titel": "name"}},
                "has no column 'titel', which `columns` names; did you mean title?",
            ),
            (
                "trust,name\nA,a\n",
                {"columns": {"org_id": "trust"}},
                "`columns` says {org_id: trust}; expected their name first: {trust: org_id}",
            ),
            (
                "org_id,name\nA,a\n",
                {"values": {"knd": {"a": "b"}}},
                "`values` names 'knd', which is not a field of organisations; did you mean kind?",
            ),
            (
                "org,name\nA,a\n",
                {"derive": {"org_idd": "org"}},
                "`derive` names 'org_idd', which is not a field of organisations; did you mean org_id or "
                "parent_org_id?",
            ),
            (
                "org,name\nA,a\n",
                {"derive": {"org_id": "orgg"}},
                "`derive` of 'org_id' cannot be read: Referenced column \"orgg\" not found in FROM clause. Expected a "
                "DuckDB expression over the columns of one row",
            ),
            (
                "org,name\nA,a\n",
                {"derive": {"org_id": "upper(org"}},
                "`derive` of 'org_id' cannot be read: syntax error at or near \"AS\". Expected a DuckDB expression "
                "over "
                "the columns of one row",
            ),
            (
                "org,name\nA,a\n",
                {"derive": {"org_id": "max(org)"}},
                "`derive` of 'org_id' cannot be read: ",
            ),
            (
                "org,name\nC1234567,a\n",
                {"derive": {"org_id": "org", "name": "CAST(org AS INTEGER)"}},
                "`derive` of 'name' fails on some rows (Conversion error); write it so that it gives NULL there, for "
                "example with try_cast instead of CAST",
            ),
            (
                "C1234567,2016-01-01\nC1234568,2016-01-02\n",
                {},
                "none of its column names is known; expected a first line of names, with org_id among them, or "
                "`columns` "
                "to say which is which, as in `columns: {THEIRS: org_id}`",
            ),
        ],
    )
    def test_what_does_not_fit(self, tmp_path, content, source, said):
        found = fault(tmp_path, content, **source)
        assert found == said or (said.endswith(": ") and found.startswith(said))
        assert "C1234567" not in found


class TestAllAtOnce:
    def test_every_fault_of_every_file(self, tmp_path):
        files = {
            "organisations.csv": "name\nAlpha\n",
            "people.csv": "",
            "meetings.csv": "meeting_id,start\nm1,04/03/2016\n",
            "feeds/a.csv": ATTENDANCE,
            "feeds/b.csv": "meeting_id\nm1\n",
            "feeds/c.csv": "meeting_id\nm1\n",
        }
        found = faults(
            tmp_path,
            files,
            {"attendance": {"path": "feeds/*.csv"}, "referrals": {"path": "none.csv"}},
            person_key={"env": "NO_SUCH_VARIABLE"},
        )
        assert [line.split(";")[0] for line in found] == [
            "organisations: organisations.csv: column 'org_id' is missing (found: name)",
            "people: people.csv: is empty: it has no bytes",
            "meetings: meetings.csv: its one row cannot be used (1 ambiguous_date in start)",
            "attendance: feeds/b.csv, feeds/c.csv: column 'person_id' is missing (found: meeting_id)",
            f"referrals: none.csv: no such file (looked in {tmp_path})",
            "person_key: the environment has no variable NO_SUCH_VARIABLE. "
            + found[-1].split(";")[0].split("NO_SUCH_VARIABLE. ")[1],
        ]

    def test_many_files_with_one_fault_are_one_line(self, tmp_path):
        files = {f"feeds/{n}.csv": "name\nAlpha\n" for n in range(6)}
        (line,) = faults(tmp_path, files, {"organisations": {"path": "feeds/*.csv"}})
        assert line.startswith("organisations: feeds/0.csv, feeds/1.csv, feeds/2.csv and 3 more: column 'org_id'")

    @pytest.mark.parametrize("broken", ["organisations.csv", "people.csv", "meetings.csv"])
    def test_what_follows_from_a_fault_is_not_told_again(self, tmp_path, broken):
        files = {
            "organisations.csv": ORGANISATIONS,
            "people.csv": PEOPLE,
            "meetings.csv": MEETINGS,
            "attendance.csv": "meeting_id,person_id,org_id\nm1,ann,\nm1,bob,\n",
            "referrals.csv": "date,from_org,to_org\n2016-02-03,A,B\n",
            broken: "",
        }
        (line,) = faults(tmp_path, files)
        assert line.startswith(f"{broken.removesuffix('.csv')}: {broken}: is empty")

    def test_one_useless_source_beside_a_good_one(self, tmp_path):
        files = {"a.csv": "org_id\nA\n", "b.csv": "org_id,kind\nB,shop\nC,shop\n", "c.csv": "org_id\nA\n"}
        sources = {"organisations": [{"path": name} for name in files]}
        # The third only repeats the first: its rows are of no use, but it is none the worse.
        (line,) = faults(tmp_path, files, sources)
        assert line.startswith(
            "organisations: b.csv: none of its 2 rows can be used (2 not_in_vocabulary in kind); row 1, for one: found "
            "'AAAA' (any digit shown as 9, any letter as A), expected one of provider, "
        )

    def test_a_fault_says_how_far_the_others_got(self, tmp_path):
        files = {"organisations.csv": ORGANISATIONS + "#N/A\n", "people.csv": "name\nx\n"}
        with pytest.raises(RecordsFault) as caught:
            read(tmp_path, files)
        tally = {tally.kind: tally for tally in caught.value.tallies}
        assert (tally["organisations"].read, tally["organisations"].accepted) == (4, 3)
        assert tally["organisations"].put_aside == {"malformed_key": 1}
        assert tally["people"].read == 0
        assert [file.path for file in caught.value.inputs] == ["organisations.csv"]


class TestSameRecordsInAnotherOrder:
    ROWS = 40

    def files(self, double=False, shuffle=0, rename=lambda person: person):
        people = [f"{rename(f'p{n}')},{'ABC'[n % 3]},2015-0{n % 9 + 1}-01" for n in range(self.ROWS)]
        people += [people[0] + "x", f"{rename('p1')},X,"]
        meetings = [f"m{n},2016-0{n % 9 + 1}-0{n % 7 + 1}T09:00" for n in range(self.ROWS)]
        attendance = [f"m{n % 17},{rename(f'p{n}')},{'ABC'[n % 3]}" for n in range(self.ROWS)] + [
            f"m99,{rename('p1')},A"
        ]
        lists = {
            "organisations.csv": ("org_id,role", ["A,local", "B,specialist", "C,"]),
            "people.csv": ("person_id,org_id,start", people),
            "meetings.csv": ("meeting_id,start", meetings),
            "attendance.csv": ("meeting_id,person_id,org_id", attendance),
        }
        files = {}
        for name, (head, given) in lists.items():
            rows = given * 2 if double else list(given)
            if shuffle:
                random.Random(shuffle).shuffle(rows)
            files[name] = "\n".join([head, *rows]) + "\n"
        return files

    @pytest.mark.parametrize("shuffle", [1, 2])
    def test_doubled_and_shuffled_they_are_the_same_tables(self, tmp_path, shuffle):
        once = read(tmp_path, self.files())
        again = read(tmp_path, self.files(double=True, shuffle=shuffle))
        assert once.organisations == again.organisations
        assert once.n_people == again.n_people == self.ROWS
        for kind, table in once.tables.items():
            assert table.equals(again.tables[kind]), kind
        counts, doubled = once.rejected_counts(), again.rejected_counts()
        assert doubled["organisations"] == {"duplicate": 3}
        assert doubled["people"] == {
            "duplicate": self.ROWS,
            **{reason: 2 * n for reason, n in counts["people"].items()},
        }

    def test_shuffled_they_are_put_aside_for_the_same_reasons(self, tmp_path):
        once, again = read(tmp_path, self.files()), read(tmp_path, self.files(shuffle=3))
        assert once.rejected_counts() == again.rejected_counts()
        assert once.rejected_counts()["people"] == {"impossible_date": 1, "unknown_organisation": 1}

    def test_other_identifiers_for_the_same_people_change_no_count(self, tmp_path):
        once = read(tmp_path, self.files())
        again = read(tmp_path, self.files(shuffle=4, rename=lambda person: f"Zoë {person[::-1]}!"))
        assert once.tallies() == again.tallies()
        assert once.n_people == again.n_people
        for name in ("org_id", "start"):
            assert sorted(map(str, column(once, "people", name))) == sorted(map(str, column(again, "people", name)))
