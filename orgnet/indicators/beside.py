"""What surveys, documents and coders say beside ties, and the measures that are shown and decide nothing."""

import numpy as np

from orgnet.indicators.combine import combine
from orgnet.indicators.damour import Rule, parse_condition
from orgnet.indicators.evidence import Evidence
from orgnet.indicators.measures import SURVEY_MEASURES
from orgnet.indicators.rules import Known, Measure, Row, add_evidence, decide, entry
from orgnet.vocabulary import Basis, IndicatorStatus, RecordKind, ScopeType, Status

LOW_MEAN = 2.5


def _survey_row(evidence: Evidence, row: Row) -> Row | None:
    """What the survey says of a row's scope in its slice; None if it says nothing of it."""
    rules = evidence.damour.survey.rules.get(row.declared.survey or "")
    if rules is None:
        return None
    if row.scope_type == ScopeType.ORGANISATION_KIND:
        rules = [rule.without("survey_gap") for rule in rules]  # the gap is one between these kinds
    found = evidence.surveys.at(row.slice, row.indicator, row.scope_type, row.scope_id)
    if found is None:
        return None
    said = _beside(row, Basis.SURVEY, rules, found.response_rate, found.n_people, found.n_organisations)
    name = f"{found.instrument}, wave {found.wave}" if found.wave else found.instrument
    carried = ", carried forward" if found.carried else ""
    said.reasons.append(f"survey: {name} of {found.day}{carried}, {found.n_people} people answered")
    local, specialist = found.measures["survey_local_mean"], found.measures["survey_specialist_mean"]
    if not np.isnan([local, specialist]).any():
        said.reasons.append(f"survey: specialist organisations {specialist:.2f}, local ones {local:.2f}")
    if local < LOW_MEAN:
        said.reasons.append(f"survey: local organisations lie below {LOW_MEAN}, halfway between no and undecided")
    said.reasons += found.notes
    measures = {name: Measure(found.measures[name], Status.OK.value) for name in SURVEY_MEASURES}
    known = Known(measures, {})
    if not found.enough:
        needed = evidence.damour.survey.respondents
        add_evidence(said, known)
        return said.refuse(
            IndicatorStatus.INSUFFICIENT_DATA, f"survey: {found.n_people} people answered, at least {needed} are needed"
        )
    return decide(said, known)


def _documents_row(evidence: Evidence, row: Row) -> Row | None:
    """What documents say of a row's scope at its slice's end."""
    if not row.declared.documents or evidence.documents is None:
        return None
    found = evidence.documents.at(row.slice, row.scope_type, row.scope_id)
    if found is None:
        return None
    share = evidence.share([RecordKind.DOCUMENTS], row.slice)
    said = _beside(row, Basis.DOCUMENTS, row.declared.documents, share, None, row.n_organisations)
    said.n_events = int(found["documents_current"])
    measures = {name: Measure(value, Status.OK.value) for name, value in found.items()}
    return decide(said, Known(measures, evidence.complete(row.slice)))


def _coded_row(evidence: Evidence, row: Row) -> Row | None:
    """What researchers coded for a row's scope in its slice."""
    found = evidence.coded.at(row.slice, row.indicator, row.scope_type, row.scope_id)
    if found is None:
        return None
    said = _beside(row, Basis.CODED, [], float("nan"), None, row.n_organisations)
    said.n_events = found.codes
    said.give(found.low, found.high)
    for name, value, operator in (("coded level, lowest", found.low, ">="), ("coded level, highest", found.high, "<=")):
        said.evidence.append(entry(said, name, float(value), operator, float(value), True) | {"n": found.codes})
    said.reasons.append(f"coded: {found.codes} passages by {found.coders} coders: level {found.low} to {found.high}")
    return said


def _beside(
    row: Row, basis: Basis, rules: list[Rule], coverage: float, n_people: int | None, n_organisations: int
) -> Row:
    """A row for what another kind of evidence says of the same scope and slice."""
    return Row(
        row.slice,
        row.indicator,
        row.declared,
        row.scope_type,
        row.scope_id,
        coverage,
        n_people,
        n_organisations,
        None,
        basis=basis,
        own_rules=rules,
    )


_SPEAKERS = {
    RecordKind.SURVEY_RESPONSES: _survey_row,
    RecordKind.DOCUMENTS: _documents_row,
    RecordKind.CODED_EVIDENCE: _coded_row,
}


def _show_beside(evidence: Evidence, row: Row) -> None:
    """Add the measures that are shown with an indicator and decide nothing."""
    label = evidence.calendar.slices[row.slice].label
    for shown in row.declared.beside:
        value = evidence.beside.get((label, shown.layer.value, shown.measure))
        row.evidence.append(entry(row, shown.measure, value))
        if shown.flag and value is not None and parse_condition(shown.flag).holds(value):
            row.reasons.append(f"beside it: {shown.says} ({shown.flag}, found {value:.3g}); it decides nothing here")


def with_all_evidence(evidence: Evidence, row: Row) -> Row:
    """A row of ties, with what all other evidence says."""
    supplied = [kind for kind in row.declared.speaks if evidence.records.has(kind)]
    found = [said for kind in supplied if (said := _SPEAKERS[kind](evidence, row))]
    combine(row, found)
    if row.scope_type == ScopeType.NETWORK:
        _show_beside(evidence, row)
    if row.status == IndicatorStatus.NOT_ASSESSED and supplied and not found:
        named = " and ".join(kind.value for kind in supplied)
        row.reasons.append(f"{named} are supplied, but say nothing of this scope in this slice")
    return row
