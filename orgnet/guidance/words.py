"""Words that are nearly ones that are known: in records that were put aside, and in questions that found nothing."""

import difflib
import re
from collections.abc import Iterable, Iterator

from orgnet.dictionary import content
from orgnet.errors import near

_SAID = re.compile(r"found '(.*)', expected one of (.*?);")
_LITERAL = re.compile(r"'([A-Za-z]\w*)'")
_NEAR = 0.8


def meant(messages: Iterable[str]) -> list[str]:
    """The known words that words in rows put aside are near to; never the words found, which may be anybody's name."""
    found: dict[str, None] = {}
    for message in dict.fromkeys(messages):
        said = _SAID.match(message)
        if said:
            found |= dict.fromkeys(difflib.get_close_matches(said[1].lower().replace(" ", "_"), said[2].split(", "), 1))
    return list(found)


def not_known(sql: str) -> Iterator[str]:
    """The words in quotation marks in a question that are nearly, but not, names of metrics or indicators."""
    names = {row["column_or_metric"] for row in content()["catalog"] if row["type"].startswith("metric")}
    names |= {*content()["indicators"]}
    words = {word for row in content()["catalog"] for word in re.findall(r"\w+", str(row["meaning"]))}
    for word in dict.fromkeys(_LITERAL.findall(sql)):
        if word not in names | words and difflib.get_close_matches(word, names, 1, _NEAR):
            yield f"{word!r} is no metric or indicator{near(word, sorted(names))}"
