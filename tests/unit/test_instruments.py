"""Instruments as declared: what each may say, item banks in files, and records without any survey."""

import pytest
from pydantic import ValidationError

from orgnet.config.instruments import Instrument, Item
from orgnet.errors import InputFault
from orgnet.indicators.maturity import maturity_table
from orgnet.indicators.surveys import (
    BUILT_IN,
    all_instruments,
    load_item_bank,
    read_answers,
    score_surveys,
    survey_table,
)
from orgnet.schema import TABLES
from orgnet.vocabulary import Indicator, ScopeType
from tests.feeds import read
from tests.surveys import HEADING, ORGANISATIONS, answered, answers, config, scored

COLUMNS = "item_code,domain,text,reverse,scale_min,scale_max,action_statement_ref"


class TestBuiltIn:
    def test_one_item_for_each_indicator_in_two_factors(self):
        damour10 = BUILT_IN["damour10"]
        assert list(damour10.items) == list(Indicator) == damour10.indicators
        assert {factor: len(items) for factor, items in damour10.factors.items()} == {
            "interpersonal": 4,
            "organisational": 6,
        }
        assert damour10.factors["interpersonal"] == ["goals", "client", "acquaint", "trust"]

    def test_maturity_has_nine_elements_and_readiness_no_items(self):
        assert len(BUILT_IN["millar_maturity"].items) == 9
        assert BUILT_IN["millar_maturity"].indicators == []
        assert BUILT_IN["millar_readiness"].items == {}
        assert len(BUILT_IN["millar_readiness"].domains) == 9

    def test_every_item_has_words_of_its_own(self):
        texts = [item.text for instrument in BUILT_IN.values() for item in instrument.items.values()]
        assert all(texts) and len(set(texts)) == len(texts)


class TestDeclaring:
    @pytest.mark.parametrize(
        ("declared", "message"),
        [
            ({}, "has no items"),
            ({"kind": "levels"}, "has no items"),
            ({"items": {"q": {}}, "scale": [4, 1]}, "found 4 to 1, expected the lowest answer and then the highest"),
            ({"items": {"q": {"scale": [2, 2]}}}, "found 2 to 2"),
            ({"items": {"q": {}}, "bank": "bank.csv"}, "bank and domains are for instruments of kind item_bank only"),
            ({"kind": "levels", "items": {"q": {"indicator": "trust"}}}, "never speaks to one"),
            ({"kind": "levels", "items": {"q": {"reverse": True}}}, "neither reverse nor scale"),
            ({"kind": "levels", "scale": [1, 4], "items": {"q": {}}}, "kind levels has the scale"),
            ({"kind": "item_bank", "items": {"q": {}}}, "has its domain under factor"),
            ({"items": {"trust": {}, "q": {"indicator": "trust"}}}, "the item 'trust' bears an indicator's name"),
            ({"items": {"q": {"indicator": "joy"}}}, "Input should be 'goals'"),
        ],
    )
    def test_what_cannot_be(self, declared, message):
        with pytest.raises(ValidationError, match=message):
            Instrument.model_validate(declared)

    def test_a_name_that_is_taken(self, tmp_path):
        own = {"damour10": Instrument(items={"q": Item()}), "millar_maturity": Instrument(items={"q": Item()})}
        with pytest.raises(InputFault) as caught:
            all_instruments(own, tmp_path)
        assert caught.value.faults == [
            "instrument 'damour10': comes with orgnet; give your own another name",
            "instrument 'millar_maturity': comes with orgnet; give your own another name",
        ]

    def test_own_instruments_stand_beside_those_that_come_with_orgnet(self, tmp_path):
        own = Instrument(items={"q": Item(indicator=Indicator.TRUST)})
        assert all_instruments({"partners": own}, tmp_path) == {**BUILT_IN, "partners": own}


class TestItemBank:
    def bank(self, folder, *rows, heading=COLUMNS):
        path = folder / "bank.csv"
        path.write_text("\n".join([heading, *rows]) + "\n", encoding="utf-8")
        return path

    def faults(self, path, domains=None):
        with pytest.raises(InputFault) as caught:
            load_item_bank(path, domains)
        return [fault.removeprefix(str(path)) for fault in caught.value.faults]

    def test_items_as_they_stand_in_the_file(self, tmp_path):
        path = self.bank(tmp_path, 'a1,trust,"Words, with a comma",TRUE,1,7,S3', "", " a2 ,risk,More,no,0,10,")
        assert load_item_bank(path) == {
            "a1": Item(text="Words, with a comma", factor="trust", reverse=True, scale=(1, 7)),
            "a2": Item(text="More", factor="risk", scale=(0, 10)),
        }

    def test_columns_in_any_order_the_reference_left_out_and_a_byte_order_mark(self, tmp_path):
        path = self.bank(tmp_path, "x,5,1,,d,a", heading="\ufefftext,scale_max,scale_min,reverse,domain,item_code")
        assert load_item_bank(path) == {"a": Item(text="x", factor="d", scale=(1, 5))}

    def test_every_fault_at_once(self, tmp_path):
        path = self.bank(
            tmp_path,
            "a1,trust,Words,false,1,5,",
            "a1,trsut,Words,false,1,5,",
            ",risk,,maybe,one,inf,",
            "a3,risk,Words,false,5,1,",
        )
        assert self.faults(path, ("trust", "risk")) == [
            ", row 2: domain: found 'trsut', which is not one of the instrument's; did you mean trust?",
            ", row 2: item_code: found 'a1' a second time; each item has a code of its own",
            ", row 3: item_code is empty, and an item cannot do without it",
            ", row 3: text is empty, and an item cannot do without it",
            ", row 3: reverse: found 'maybe', expected true or false",
            ", row 3: scale_min: found 'one', expected a number",
            ", row 3: scale_max: found 'inf', expected a number",
            ", row 4: found 5 to 1, expected the lowest answer and then the highest",
        ]

    def test_files_that_are_no_bank(self, tmp_path):
        assert self.faults(tmp_path / "none.csv") == [": no such file"]
        assert self.faults(self.bank(tmp_path)) == [": holds column names only; expected a row for each item"]
        (tmp_path / "bank.csv").write_bytes(b"")
        assert self.faults(tmp_path / "bank.csv") == [f": is empty; expected the columns {COLUMNS.replace(',', ', ')}"]
        (tmp_path / "bank.csv").write_bytes(b"item_code\n\xff\n")
        assert self.faults(tmp_path / "bank.csv") == [": is not UTF-8 text; save it as UTF-8"]
        assert self.faults(self.bank(tmp_path, "a1", heading="item_code,text"))[0].endswith(
            "(missing: domain, reverse, scale_min, scale_max)"
        )
        assert self.faults(self.bank(tmp_path, "a1,trust")) == [", row 1: found 2 values, expected 7"]
        assert "is not valid CSV" in self.faults(self.bank(tmp_path, 'a1,"trust'))[0]

    def test_readiness_knows_its_domains_and_another_bank_has_its_own(self, tmp_path):
        self.bank(tmp_path, "a1,joy,Words,false,1,5,")
        bank = Instrument(kind="item_bank", bank="bank.csv")
        assert list(all_instruments({"other": bank}, tmp_path)["other"].items) == ["a1"]
        with pytest.raises(InputFault, match="row 1: domain: found 'joy'"):
            all_instruments({"millar_readiness": bank}, tmp_path)
        with pytest.raises(InputFault, match="'other': an item bank names its file under bank"):
            all_instruments({"other": Instrument(kind="item_bank")}, tmp_path)


class TestNothing:
    def check(self, found, calendar):
        scores = score_surveys(found, calendar)
        for name, table in (("survey_scores", survey_table(scores)), ("maturity_matrix", maturity_table(found))):
            assert table.num_rows == 0
            assert table.schema.equals(TABLES[name].schema, check_metadata=True)
        assert scores.at(0, Indicator.GOALS, ScopeType.NETWORK, "test") is None

    def test_no_survey_is_supplied(self, tmp_path):
        records = read(tmp_path, {"organisations.csv": ORGANISATIONS})
        self.check(read_answers(records, BUILT_IN), config(tmp_path).calendar)

    def test_a_file_without_answers(self, tmp_path):
        records = read(tmp_path, {"organisations.csv": ORGANISATIONS, "survey_responses.csv": HEADING + "\n"})
        self.check(read_answers(records, BUILT_IN), config(tmp_path).calendar)

    def test_no_instrument(self, tmp_path):
        rows = answers("damour10", "w1", "2016-03-10", {"A": "1"})
        records = read(
            tmp_path,
            {"organisations.csv": ORGANISATIONS, "survey_responses.csv": f"{HEADING}\n{','.join(map(str, rows[0]))}\n"},
        )
        found = read_answers(records, {})
        assert found.waves == [] and [said.answers for said in found.undeclared] == [1]

    def test_a_wave_of_answers_out_of_range_only(self, tmp_path):
        scores = scored(tmp_path, answers("damour10", "w1", "2016-03-10", {"A": "9 " * 8}))
        reading = scores.at(0, Indicator.GOALS, ScopeType.NETWORK, "test")
        assert not reading.enough and reading.n_people == 0
        assert "8 answers of the wave outside the scale, not scored" in reading.notes

    def test_without_organisations_or_their_roles(self, tmp_path):
        rows = answers("damour10", "w1", "2016-03-10", {"A": "4 " * 8, "B": "2 " * 8})
        found = answered(tmp_path, rows, organisations="org_id\nA\nB\n")
        assert found.waves[0].role.tolist() == [""] * 16


def test_tables_have_their_types_and_are_sorted_by_a_unique_key(tmp_path):
    rows = answers("damour10", "w2", "2016-03-10", {"A": "4 " * 8, "S": "2 " * 8}, group="nurse")
    rows += answers("damour10", "w1", "2016-06-10", {"A": "4 " * 8})
    rows += answers("millar_maturity", "", "2016-06-10", {"A": "1 " * 8}, item="trust")
    found = answered(tmp_path, rows)
    tables = {
        "survey_scores": survey_table(score_surveys(found, config(tmp_path).calendar)),
        "maturity_matrix": maturity_table(found),
    }
    for name, table in tables.items():
        assert table.schema.equals(TABLES[name].schema)
        keys = list(zip(*(table.column(key).to_pylist() for key in TABLES[name].key), strict=True))
        assert keys and keys == sorted(set(keys))
