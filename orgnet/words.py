"""Every word that a table or a record may hold, with its meaning and where it stands: for the dictionary and glossary."""

from collections.abc import Iterator
from enum import StrEnum

from orgnet import meanings
from orgnet.indicators.instruments import BUILT_IN
from orgnet.indicators.measures import DOCUMENT_MEASURES, SURVEY_MEASURES
from orgnet.schema import COLUMNS, KINDS
from orgnet.vocabulary import PROFESSIONAL_GROUPS, Collaboration, IndicatorStatus, Level, Status

Word = dict[str, str]
"""A word, where it stands (`of`), and what it means."""

_UNDECLARED = {
    Status: ["status"],
    IndicatorStatus: ["status of indicators and kiviat"],
    Collaboration: ["type of typologies"],
    Level: ["level of metrics, in the names of their tables"],
}
"""Vocabularies that stand where no column or field declares them."""


def _fields_of(words: tuple[str, ...]) -> Iterator[str]:
    for kind in KINDS.values():
        yield from (f"{kind.name.value}.{field.name}" for field in kind.fields if field.vocabulary == words)


def places(vocabulary: type[StrEnum]) -> list[str]:
    """The columns, and the fields of records, that hold the words of a vocabulary."""
    words = tuple(word.value for word in vocabulary)
    columns = [column.name for column in COLUMNS.values() if column.words == words]
    return [*columns, *_UNDECLARED.get(vocabulary, []), *_fields_of(words)]


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].removesuffix(".") + "."


def _all() -> Iterator[tuple[str, str, str]]:
    for vocabulary, known in meanings.MEANINGS.items():
        of = ", ".join(places(vocabulary))
        yield from ((of, word, meaning) for word, meaning in known.items())
    groups = ", ".join(["professional_group", "other_group", *_fields_of(PROFESSIONAL_GROUPS)])
    yield from ((groups, word, meaning) for word, meaning in meanings.GROUPS.items())
    yield from (("metric of activity and changes", *each) for each in meanings.SERIES.items())
    for measures in (SURVEY_MEASURES, DOCUMENT_MEASURES):
        yield from (("measure in evidence", word, _sentence(text)) for word, text in measures.items())
    yield from (("measure in evidence", *each) for each in meanings.EVIDENCE.items())
    yield from (("type of typologies", *each) for each in meanings.FORMS.items())
    for of, words in meanings.OTHERS.items():
        yield from ((of, word, meaning) for word, meaning in words.items())
    for name, instrument in BUILT_IN.items():
        yield "instrument", name, f"A survey instrument that comes with orgnet, of kind {instrument.kind}."
        yield from ((f"item of {name}", code, item.text) for code, item in instrument.items.items())
        for domain in instrument.domains or ():
            yield f"item of {name}", domain, f"A domain of the items of {name}: a score from 0 to 100."


def words() -> list[Word]:
    """All words, by where they stand."""
    return [{"word": word, "of": of, "meaning": meaning} for of, word, meaning in _all()]


def _rows(known: dict[str, str]) -> Iterator[str]:
    yield "| word | means |"
    yield "|---|---|"
    yield from (f"| {word.replace('_', ' ')} | {meaning} |" for word, meaning in sorted(known.items()))
    yield ""


def glossary_lines() -> Iterator[str]:
    """docs/glossary.md: the house's terms, then the words that stand in tables and records."""
    yield "# Glossary"
    yield ""
    yield "Generated from the code by `make fix`. `orgnet describe WORD` prints any of it, and every table, column, metric"
    yield "and field ([data dictionary](data_dictionary.md))."
    yield ""
    yield "## Terms"
    yield ""
    yield from _rows(meanings.TERMS)
    yield "## Words in tables and records"
    yield ""
    by_place: dict[str, list[Word]] = {}
    for word in words():
        by_place.setdefault(word["of"], []).append(word)
    for of, listed in by_place.items():
        yield f"### {of}"
        yield ""
        yield "| word | means |"
        yield "|---|---|"
        yield from (f"| `{word['word']}` | {word['meaning']} |" for word in listed)
        yield ""
