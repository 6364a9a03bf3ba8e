"""People's identifiers: one form for each, a keyed hash, and a key that nobody gets to see."""

import hashlib
import hmac

import duckdb
import pyarrow as pa
import pytest

from orgnet.config import Config
from orgnet.errors import InputFault
from orgnet.records.identity import Key, find_key, normalised, pseudonym, pseudonym_sql
from tests.feeds import KEY, PEOPLE, accepted, aside, column, read

SECRET = bytes.fromhex(KEY)


def config(tmp_path, **where) -> Config:
    period = {"start": "2016-01-01", "end": "2017-01-01"}
    said = {"network": "n", "period": period, "sources": {"people": {"path": "x"}}, "person_key": where or None}
    return Config.model_validate(said).model_copy(update={"folder": tmp_path})


def fault(tmp_path, **where):
    with pytest.raises(InputFault) as caught:
        find_key(config(tmp_path, **where))
    (line,) = caught.value.faults
    return line


class TestHash:
    @pytest.mark.parametrize("secret", [SECRET, b"k" * 64, b"k" * 65, b"k" * 200], ids=len)
    def test_in_sql_it_is_pythons_own(self, secret):
        key = Key(secret, "test")
        people = ["c1234567", "ann@example.org", "zoë", "", "a" * 300, "名前"]
        sql, parameters = pseudonym_sql(key, "id")
        con = duckdb.connect()
        con.register("people", pa.table({"id": people}))
        found = dict(con.execute(f"SELECT id, {sql} FROM people", parameters).fetchall())
        for person in people:
            plain = hmac.new(secret, b"person|" + person.encode(), hashlib.sha256).hexdigest()[:32]
            assert found[person] == plain == pseudonym(key, person)

    def test_128_bits_are_kept(self):
        assert len(bytes.fromhex(pseudonym(Key(SECRET, "test"), "ann"))) * 8 == 128

    def test_another_key_gives_other_numbers(self, tmp_path):
        people = "person_id,org_id,spell_id\n" + "".join(f"p{n},A,{n}\n" for n in range(30))
        order = []
        for key in (KEY, KEY[::-1]):
            records = read(tmp_path, {"people.csv": people, "key": key})
            order.append([row["spell_id"] for row in accepted(records, "people")])
        assert sorted(order[0]) == sorted(order[1])
        assert order[0] != order[1]

    def test_numbers_are_in_the_order_of_the_pseudonyms(self, tmp_path):
        records = read(
            tmp_path, {"people.csv": "person_id,org_id,spell_id\n" + "".join(f"P{n},A,p{n}\n" for n in range(30))}
        )
        by_code = [row["spell_id"] for row in sorted(accepted(records, "people"), key=lambda row: row["person_id"])]
        key = Key(SECRET, "test")
        assert by_code == sorted(by_code, key=lambda person: pseudonym(key, person))
        assert by_code != sorted(by_code)


FORMS = ["Zoë Ångström", "  zoë ångström\u00a0", "ZOË ÅNGSTRÖM", "Zoe\u0308 A\u030angstro\u0308m", "Ｚｏë Ångström"]


class TestOneForm:
    def test_space_case_and_composition_do_not_matter(self):
        assert set(normalised(pa.array(FORMS)).to_pylist()) == {"zoë ångström"}
        assert normalised(pa.array([" A ", "a", "Ａ"])).to_pylist() == ["a", "a", "a"]

    def test_whoever_is_written_in_several_ways_is_one_person(self, tmp_path):
        people = "person_id,org_id\nC123 ,A\n" + f"{FORMS[0]},A\n"
        meetings = "".join(f"m{n},2016-03-0{n + 1}\n" for n in range(7))
        attendance = "".join(f"m{n},{form},A\n" for n, form in enumerate([*FORMS, "c123", "Ｃ123"]))
        files = {
            "people.csv": people,
            "meetings.csv": "meeting_id,start\n" + meetings,
            "attendance.csv": "meeting_id,person_id,org_id\n" + attendance,
        }
        records = read(tmp_path, files)
        assert aside(records) == []
        assert records.n_people == 2
        assert sorted(column(records, "attendance", "person_id")) in ([0] * 5 + [1] * 2, [0] * 2 + [1] * 5)

    def test_and_the_same_record_twice_is_a_duplicate(self, tmp_path):
        records = read(tmp_path, {"people.csv": "person_id,org_id\nAnn,A\nANN,A\n"})
        assert records.rejected_counts() == {"people": {"duplicate": 1}}


class TestKey:
    def test_from_a_file(self, tmp_path):
        (tmp_path / "secret.key").write_text(f"\ufeff{KEY}\n", encoding="utf-8")
        assert find_key(config(tmp_path, file="secret.key")) == Key(SECRET, "file secret.key")

    def test_from_the_environment(self, tmp_path, monkeypatch):
        monkeypatch.setenv("NETWORK_KEY", f" {KEY} ")
        assert find_key(config(tmp_path, env="NETWORK_KEY")) == Key(SECRET, "environment variable NETWORK_KEY")

    def test_for_one_run_only(self, tmp_path):
        one, two = (find_key(config(tmp_path, ephemeral=True)) for _ in range(2))
        assert one.secret != two.secret
        assert len(one.secret) == 32
        assert (one.source, one.id) == ("ephemeral", "")

    def test_none(self, tmp_path):
        assert fault(tmp_path).startswith("person_key: records about people need a secret key")

    def test_no_such_variable(self, tmp_path, monkeypatch):
        monkeypatch.delenv("NETWORK_KEY", raising=False)
        assert fault(tmp_path, env="NETWORK_KEY").startswith(
            "person_key: the environment has no variable NETWORK_KEY. "
        )

    def test_no_such_file(self, tmp_path):
        assert fault(tmp_path, file="secret.key").startswith(
            f"person_key: cannot read the key file {tmp_path / 'secret.key'}: No such file or directory. "
        )

    def test_a_folder(self, tmp_path):
        assert "Is a directory" in fault(tmp_path, file=".")

    @pytest.mark.parametrize("content", [KEY[:62], "", "g" * 64, KEY + "x", "a" * 65, "é" * 64])
    def test_no_key(self, tmp_path, monkeypatch, content):
        (tmp_path / "secret.key").write_text(content, encoding="utf-8")
        monkeypatch.setenv("NETWORK_KEY", content)
        said = "does not hold 64 or more hexadecimal digits, two for each byte"
        assert fault(tmp_path, file="secret.key").startswith(f"person_key: file secret.key {said}. ")
        assert fault(tmp_path, env="NETWORK_KEY").startswith(f"person_key: environment variable NETWORK_KEY {said}. ")
        assert not content or content not in fault(tmp_path, file="secret.key")

    def test_bytes_that_are_no_text(self, tmp_path):
        (tmp_path / "secret.key").write_bytes(b"\xff\xfe" + SECRET)
        assert "does not hold 64 or more hexadecimal digits" in fault(tmp_path, file="secret.key")

    def test_it_does_not_show(self):
        key = Key(SECRET, "file secret.key")
        for shown in (repr(key), str(key), f"{key}", repr([key]), key.id):
            assert KEY not in shown
            assert repr(SECRET) not in shown
        assert repr(key) == "Key(file secret.key)"

    def test_its_name_tells_keys_apart(self):
        assert Key(SECRET, "a").id == Key(SECRET, "b").id != Key(SECRET[::-1] + b"x", "a").id
        assert len(Key(SECRET, "a").id) == 8

    def test_is_not_asked_for_where_nobody_is_named(self, tmp_path):
        referrals = "date,from_org,to_org,from_person\n2016-02-03,A,B,\n"
        assert (
            read(tmp_path, {"referrals.csv": referrals, "people.csv": "person_id,org_id\n"}, person_key=None).key
            is None
        )

    def test_goes_with_the_records(self, tmp_path):
        assert read(tmp_path, {"people.csv": PEOPLE}).key == Key(SECRET, "file key")
