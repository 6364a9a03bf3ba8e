"""Whether it is known that all records are there: no record is no tie only where it is."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from orgnet.records.behind import kinds_behind
from orgnet.vocabulary import Complete, Layer

Period = tuple[date, date]


@dataclass(frozen=True)
class Statement:
    """One row of the published coverage: about an organisation, or about all if none is named."""

    kind: str
    organisation: str | None
    start: date | None
    end: date | None
    complete: str


def _covers(periods: Iterable[Period], wanted: Period) -> bool:
    """Whether periods cover every day of another."""
    reached = wanted[0]
    for start, end in sorted(periods):
        if start <= reached:
            reached = max(reached, end)
    return reached >= wanted[1]


def _of_kind(statements: Iterable[Statement], kind: str, name: str, window: Period) -> Complete:
    about = [each for each in statements if each.kind == kind and each.organisation in (None, name)]
    stated = {
        word: [(s.start or date.min, s.end or date.max) for s in about if s.complete == word]
        for word in (Complete.TRUE, Complete.FALSE)
    }
    if any(start < window[1] and end > window[0] for start, end in stated[Complete.FALSE]):
        return Complete.FALSE
    return Complete.TRUE if _covers(stated[Complete.TRUE], window) else Complete.UNKNOWN


def worst(found: Iterable[Complete]) -> Complete:
    """Incomplete if one is, complete if all are, otherwise unknown."""
    words = set(found)
    if Complete.FALSE in words:
        return Complete.FALSE
    return Complete.TRUE if words == {Complete.TRUE} else Complete.UNKNOWN


def completeness(
    statements: Collection[Statement], layer: str, supplied: Collection[str], name: str, window: Period
) -> Complete:
    """Whether an organisation's records behind a layer are stated complete for a whole window, or lacking in some of it."""
    return worst(_of_kind(statements, kind, name, window) for kind in _behind(layer, supplied))


def _behind(layer: str, supplied: Collection[str]) -> list[str]:
    return [kind.value for kind in kinds_behind(Layer(layer), lambda kind: kind in supplied)]
