"""Whether it is known that all records are there: no record is no tie only where it is."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from orgnet.vocabulary import Complete, Layer, RecordKind

Period = tuple[date, date]

_RESTS_ON = {
    Layer.REFERRALS: (RecordKind.REFERRALS,),
    Layer.REFERRALS_BACK: (RecordKind.REFERRALS,),
    Layer.JOINT_ROLES: (RecordKind.JOINT_ROLES, RecordKind.PEOPLE),
    Layer.COMBINED: (RecordKind.ATTENDANCE, RecordKind.REFERRALS, RecordKind.JOINT_ROLES),
}


@dataclass(frozen=True)
class Statement:
    """One row of the published coverage: about an organisation, or about all if none is named."""

    kind: str
    organisation: str | None
    start: date | None
    end: date | None
    complete: str


def kinds_behind(layer: str, supplied: Collection[str]) -> tuple[str, ...]:
    """The kinds of record that a layer rests on, of those that were supplied; as `orgnet.metrics.measure` has it."""
    wanted = _RESTS_ON.get(Layer(layer), (RecordKind.ATTENDANCE,))
    there = tuple(kind.value for kind in wanted if kind in supplied)
    if layer == Layer.COMBINED and not there and RecordKind.PEOPLE in supplied:
        return (RecordKind.PEOPLE.value,)
    return there[:1] if layer == Layer.JOINT_ROLES else there


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
    return worst(_of_kind(statements, kind, name, window) for kind in kinds_behind(layer, supplied))
