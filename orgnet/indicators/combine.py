"""Ties beside what people say: one level from several kinds of evidence, and where they contradict each other.

The first kind of evidence in an indicator's `speaks` that gives a level has the say among what is not ties; the others
are held against it. What ties show narrows what people say, and the other way round; where the two contradict each
other, people are believed about what only they can know, and ties about what ties show directly.
"""

from collections.abc import Sequence
from dataclasses import replace

from orgnet.indicators.rules import NOTHING, Row, levels_said
from orgnet.vocabulary import DISCORDANT, Basis, EvidenceClass, IndicatorStatus

_NAMES = {
    Basis.TIES: "ties",
    Basis.SURVEY: "the survey",
    Basis.DOCUMENTS: "the documents",
    Basis.CODED: "the coded evidence",
}


def _range(row: Row) -> str:
    return levels_said(row.level_lo, row.level_hi)


def _says(row: Row) -> str:
    name = _NAMES[row.basis]
    return f"{name} {'say' if row.basis in (Basis.TIES, Basis.DOCUMENTS) else 'says'} {_range(row)}"


def _common(one: Row, two: Row) -> tuple[int, int] | None:
    """The levels that both allow."""
    assert one.level_lo and one.level_hi and two.level_lo and two.level_hi
    low, high = max(one.level_lo, two.level_lo), min(one.level_hi, two.level_hi)
    return (low, high) if low <= high else None


def _adopt(row: Row, said: Row) -> None:
    """Take the level that other evidence than ties gives, and count whom it rests on."""
    assert said.level_lo and said.level_hi
    if not row.valued and row.proxy_level is None:
        row.n_people, row.n_organisations, row.n_events = said.n_people, said.n_organisations, said.n_events
        row.coverage = said.coverage
    row.give(said.level_lo, said.level_hi).basis = said.basis


def combine(row: Row, others: Sequence[Row]) -> Row:
    """Put what other evidence says beside what ties say, in the order of its authority; all of it is kept as evidence.

    `row` is what ties say, or why they say nothing. Returns the row, with the level that follows.
    """
    ties = replace(row)  # as it is now: the row itself becomes what follows from everything
    row.by_ties = None if row.said == NOTHING else row.said
    for other in others:
        row.reasons += other.reasons
        row.evidence += other.evidence
    said = [other for other in others if other.valued]
    if not said:
        _refused(row, others)
        return row
    first = said[0]
    for other in said[1:]:
        if _common(first, other) is None:
            row.reasons.append(f"{DISCORDANT}{_says(first)}, {_says(other)}; the former counts")
    direct = row.declared.evidence_class == EvidenceClass.DIRECT
    if direct and (ties.valued or ties.status == IndicatorStatus.INSUFFICIENT_DATA):
        if ties.valued and _common(ties, first) is None:
            row.reasons.append(f"{DISCORDANT}{_says(ties)}, {_says(first)}; ties count, as they show it directly")
        return row
    if not ties.valued:
        _adopt(row, first)
        silent = "ties show only a stand-in" if row.proxy_level else "ties alone say nothing"
        row.reasons.insert(0, f"{_range(row)}: {_says(first)}; {silent}")
        return row
    common = _common(ties, first)
    if common is None:
        _adopt(row, first)
        row.reasons.insert(
            0, f"{DISCORDANT}{_says(ties)}, {_says(first)}; people count, as it is about what they think"
        )
    else:
        row.give(*common).basis = Basis.COMBINATION
        row.reasons.insert(0, f"{_range(row)}: {_says(ties)}, {_says(first)}")
    return row


def _refused(row: Row, others: Sequence[Row]) -> None:
    """Nothing but ties speaks: where ties cannot, say whether there is too little of the rest, or none."""
    tried = [other for other in others if other.status == IndicatorStatus.INSUFFICIENT_DATA]
    if row.status == IndicatorStatus.NOT_ASSESSED and tried:
        row.status = IndicatorStatus.INSUFFICIENT_DATA
        row.n_people, row.n_organisations = tried[0].n_people, tried[0].n_organisations
