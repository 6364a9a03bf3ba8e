"""`orgnet describe`: whatever stands in a table, a record or a configuration of words can be asked by its name."""

from enum import StrEnum
from pathlib import Path

import duckdb
import pytest

from orgnet import meanings, vocabulary
from orgnet.describe import explain_name
from orgnet.dictionary import content
from orgnet.errors import InputFault
from orgnet.schema import COLUMNS, KINDS, TABLES
from orgnet.vocabulary import PROFESSIONAL_GROUPS, Indicator, RecordKind
from orgnet.wide import WIDE
from orgnet.words import places, words
from tests.command import Commanded

OF_THEIR_OWN = {Indicator, RecordKind}
"""Vocabularies whose words have entries of their own: the ten indicators, the kinds of record."""
NAMES_OF_THINGS = {"slice", "source", "source_id", "target_id", "organisation_id", "other_organisation_id"} | {
    "scope_id", "entity", "wave", "predecessor_id", "successor_id", "field", "item",
}  # fmt: skip
"""Word columns that hold what a network calls its own things by."""


def vocabularies() -> list[type[StrEnum]]:
    found = [each for each in vars(vocabulary).values() if isinstance(each, type) and issubclass(each, StrEnum)]
    return [each for each in found if each is not StrEnum and each not in OF_THEIR_OWN]


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]):
    def say(name: str) -> list[str]:
        explain_name(name)
        return capsys.readouterr().out.splitlines()

    return say


@pytest.mark.parametrize("each", vocabularies(), ids=lambda each: each.__name__)
def test_every_word_of_every_vocabulary_has_a_meaning_and_a_place(each: type[StrEnum]) -> None:
    assert list(meanings.MEANINGS[each]) == [word.value for word in each]
    assert places(each), "no column and no field holds these words"


def test_no_meaning_is_of_a_word_that_is_none() -> None:
    assert set(meanings.MEANINGS) == set(vocabularies())
    assert tuple(meanings.GROUPS) == PROFESSIONAL_GROUPS


def test_meanings_are_sentences() -> None:
    lacking = [each["word"] for each in words() if not (each["meaning"][:1].isupper() or each["meaning"][:1].isdigit())]
    lacking += [each["word"] for each in words() if not each["meaning"].endswith(".")]
    assert lacking == []


def test_every_row_of_the_catalog_answers(said) -> None:
    for row in content()["catalog"]:
        kind = row["type"].split(" (")[0]
        lines = said(f"{row['table']}.{row['column_or_metric']}")
        assert lines[0].startswith(f"{row['column_or_metric']}: {kind} of "), row
        assert f"  {row['meaning']}" in lines, row
        assert f"  unit: {row['unit']}" in lines, row


def test_every_table_wide_view_and_indicator_answers(said) -> None:
    for name in TABLES:
        assert said(name)[0] == f"{name}: {TABLES[name].sentence}"
    for wide in WIDE.values():
        assert said(wide.name)[:2] == [
            f"{wide.name}: a wide view, in `orgnet query` and `run.wide`",
            f"  {wide.sentence}",
        ]
    for name in Indicator:
        assert said(name)[0].startswith(f"{name.value}: ")


def test_every_kind_of_record_and_field_answers(said) -> None:
    for kind in KINDS.values():
        lines = said(kind.name.value)
        start = lines.index(f"{kind.name.value}: a kind of record that a network supplies")
        assert [line.split()[0] for line in lines[start + 3 : start + 3 + len(kind.fields)]] == [
            f.name for f in kind.fields
        ]
        for field in kind.fields:
            asked = said(f"{kind.name.value}.{field.name}")
            assert f"{field.name}: field of {kind.name.value} records" in asked and f"  {field.meaning}" in asked
            assert f"{field.name}: field of {kind.name.value} records" in said(field.name)


def test_every_word_and_term_answers(said) -> None:
    for each in words():
        lines = said(each["word"])
        assert f"{each['word']}: a word of {each['of']}" in lines and f"  {each['meaning']}" in lines
    for term, meaning in meanings.TERMS.items():
        assert f"{term}: {meaning}" in said(term)


def test_every_word_that_a_published_table_holds_answers(said, commanded: Commanded) -> None:
    held = {(COLUMNS[column].name, name) for name, table in TABLES.items() for column in table.column_names
            if not TABLES[name].of_copies and COLUMNS[column].unit == "word" and column not in NAMES_OF_THINGS}  # fmt: skip
    run = (commanded.out / "current").resolve()
    asked = 0
    for column, table in sorted(held):
        (path,) = Path(run).rglob(f"{table}.parquet")
        sql = f"SELECT DISTINCT {column}::VARCHAR FROM read_parquet('{path}') WHERE {column} <> ''"
        for (word,) in duckdb.sql(sql).fetchall():
            asked += 1
            assert any(word in line for line in said(word)), (table, column, word)
    assert asked > 300


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("interval", "interval: a word of status of indicators and kiviat"),
        ("referrals_back", "referrals_back: a word of layer"),
        ("no coverage", "no_coverage: a word of status"),
        ("status.no_coverage", "no_coverage: a word of status"),
        ("attendance.leave", "leave: field of attendance records"),
        ("ties.weight", "weight: column of ties"),
        ("pair_metrics.weight", "weight: metric of pair_metrics"),
        ("survey_iqr", "measure: column of survey_scores"),
        ("window", f"window: {meanings.TERMS['window']}"),
    ],
)
def test_words_an_analyst_comes_upon(said, name: str, first: str) -> None:
    assert said(name)[0] == first


def test_a_name_with_several_meanings_tells_all(said) -> None:
    lines = said("coverage")
    for start in ("coverage: What each source", "coverage: column of indicators", "coverage: a kind of record"):
        assert any(line.startswith(start) for line in lines)


def test_a_vocabulary_tells_its_words_with_their_meanings(said) -> None:
    assert (
        "    no_coverage: Nothing was found, and the records are not known to be complete: no record is not zero."
        in said("status")
    )


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("no_coverge", "no_coverage"),
        ("attendence", "attendance"),
        ("attendance.left_at", None),
        ("referal", "referral"),
    ],
)
def test_near_names_are_suggested(name: str, near: str | None) -> None:
    with pytest.raises(InputFault, match=f"did you mean .*{near}" if near else "is not a table") as refused:
        explain_name(name)
    assert repr(name) in str(refused.value)
