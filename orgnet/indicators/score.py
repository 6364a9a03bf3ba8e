"""Measures to indicators: what the records allow to be said, for whom, and why. Never an invented level."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from orgnet import store
from orgnet.indicators.beside import with_all_evidence
from orgnet.indicators.damour import Damour, Declared
from orgnet.indicators.evidence import Evidence
from orgnet.indicators.rollup import roll
from orgnet.indicators.rules import Known, Row, add_evidence, at_slice, decide
from orgnet.indicators.trends import add_trends
from orgnet.metrics.statuses import Series
from orgnet.records.read import Records
from orgnet.vocabulary import EvidenceClass, Indicator, IndicatorStatus, OrganisationRole, ScopeType
from orgnet.windows import Calendar


def _missing(row: Row, records: Records) -> Row | None:
    """Refuse what the network's records cannot speak to at all."""
    declared = row.declared
    if declared.evidence_class == EvidenceClass.SURVEY_OR_DOCUMENTS:
        if any(records.has(kind) for kind in declared.speaks):
            return row
        needed = " or ".join(kind.value for kind in declared.speaks)
        return row.refuse(IndicatorStatus.NOT_ASSESSED, f"ties do not show it: it needs {needed}, and none is supplied")
    lacking = [kind.value for kind in declared.needs if not records.has(kind)]
    if lacking:
        return row.refuse(IndicatorStatus.NOT_ASSESSED, f"no records of {' and '.join(lacking)} are supplied")
    return None


def _too_little(row: Row, damour: Damour, calendar: Calendar, cases: float | None) -> Row | None:
    """Refuse what rests on too little: a part of a window, few people or organisations, thin coverage, few cases."""
    minimum = damour.minimum
    if not calendar.whole[row.slice]:
        row.refuse(IndicatorStatus.INSUFFICIENT_DATA, "window_incomplete: it reaches back before the period begins")
    if calendar.window.years < 1:
        row.refuse(IndicatorStatus.INSUFFICIENT_DATA, "the window is shorter than the year that the rules speak of")
    if row.n_people is not None and row.n_people < minimum.people:
        row.refuse(IndicatorStatus.INSUFFICIENT_DATA, f"{row.n_people} people, at least {minimum.people} are needed")
    if row.n_organisations < minimum.organisations and row.scope_type != ScopeType.ORGANISATION:
        row.refuse(
            IndicatorStatus.INSUFFICIENT_DATA,
            f"{row.n_organisations} organisations, at least {minimum.organisations} are needed",
        )
    if row.coverage < minimum.coverage:
        row.refuse(
            IndicatorStatus.INSUFFICIENT_DATA,
            f"records are complete for {row.coverage:.0%} of providers, at least {minimum.coverage:.0%} are needed",
        )
    if cases is not None and not cases >= minimum.cases:
        counted = "no" if np.isnan(cases) else f"{cases:.0f}"
        row.refuse(IndicatorStatus.INSUFFICIENT_DATA, f"{counted} cases, at least {minimum.cases} are needed")
    return row if row.status == IndicatorStatus.INSUFFICIENT_DATA else None


def _judge(evidence: Evidence, row: Row, known: Known, cases: float | None) -> None:
    """Decide a row by its rules, or, where it rests on too little, show only what they would have looked at."""
    if _too_little(row, evidence.damour, evidence.calendar, cases):
        add_evidence(row, known)
    else:
        decide(row, known)


def _group_rows(evidence: Evidence, indicator: Indicator, declared: Declared) -> list[Row]:
    rows, wanted = [], declared.measures
    for (one, two), series in evidence.groups.series.items():
        found = evidence.groups.behind.get((one, two))
        if one != two or found is None:  # a group that is known from other records than meetings alone
            continue
        for number in range(len(evidence.calendar)):
            row = Row(
                number,
                indicator,
                declared,
                ScopeType.GROUP,
                evidence.groups.groups[one],
                evidence.share(declared.needs, number),
                int(found.n_people[number]),
                int(found.n_organisations[number]),
                int(found.n_events[number]),
            )
            known = Known(at_slice(series, number, wanted), evidence.complete(number))
            if _missing(row, evidence.records):
                add_evidence(row, known)
            else:
                _judge(evidence, row, known, None)
            rows.append(row)
    return rows


def _network_row(evidence: Evidence, indicator: Indicator, declared: Declared, number: int) -> Row:
    return Row(
        number,
        indicator,
        declared,
        ScopeType.NETWORK,
        evidence.config.network,
        evidence.share(declared.needs, number),
        None,
        int((evidence.roster.provider | evidence.roster.network_body)[:, number].sum()),
        None,
    )


def _cases(declared: Declared, series: Mapping[str, Series], number: int) -> float | None:
    """The cases to discuss, where an indicator needs enough of them; NaN if nothing is known of any."""
    return at_slice(series, number, ["mdt_cases"])["mdt_cases"].value if declared.minimum_cases else None


def _network_rows(evidence: Evidence, indicator: Indicator, declared: Declared) -> list[Row]:
    rows, wanted = [], declared.measures
    series = evidence.conduct.network
    for number in range(len(evidence.calendar)):
        row = _network_row(evidence, indicator, declared, number)
        rows.append(row)
        if _missing(row, evidence.records):
            continue
        known = Known(at_slice(series, number, wanted), evidence.complete(number))
        cases = _cases(declared, series, number)
        if cases is not None:
            row.n_events = 0 if np.isnan(cases) else int(cases)
        _judge(evidence, row, known, cases)
    return rows


def _rolled_up(evidence: Evidence, indicator: Indicator, declared: Declared, groups: list[Row]) -> list[Row]:
    """The network's rows of an indicator that is scored per group."""
    rows = []
    for number in range(len(evidence.calendar)):
        row = _network_row(evidence, indicator, declared, number)
        rows.append(row)
        if not _missing(row, evidence.records):
            roll(row, [r for r in groups if r.slice == number], evidence.damour)
    return rows


def _by_ties(evidence: Evidence, indicator: Indicator, declared: Declared) -> list[Row]:
    """Rows of further parts of the network that ties are read for, by the network's own rules."""
    rows = []
    parts = [(kind, *part) for kind in declared.by_ties for part in evidence.scopes.get(kind, {}).items()]
    for scope_type, scope_id, found in parts:
        for number in range(len(evidence.calendar)):
            row = Row(
                number,
                indicator,
                declared,
                scope_type,
                scope_id,
                evidence.share(declared.needs, number, found.organisation),
                int(found.n_people[number]),
                int(found.n_organisations[number]),
                int(found.n_events[number]),
            )
            rows.append(row)
            if _missing(row, evidence.records):
                continue
            complete = evidence.complete(number, found.organisation)
            known = Known(at_slice(found.series, number, declared.measures), complete)
            _judge(evidence, row, known, _cases(declared, found.series, number))
    return rows


def _also(evidence: Evidence, indicator: Indicator, declared: Declared) -> list[Row]:
    """Rows of the scopes that ties are not read for, as far as anything else speaks of them."""
    pathways = evidence.documents.pathways if evidence.documents else []
    scopes = {
        ScopeType.ORGANISATION_KIND: [OrganisationRole.SPECIALIST.value, OrganisationRole.LOCAL.value],
        ScopeType.PATHWAY: pathways,
    }
    if not any(evidence.records.has(kind) for kind in declared.speaks):
        return []
    rows = []
    for scope_type in declared.also:
        for scope_id in scopes[scope_type]:
            for number in range(len(evidence.calendar)):
                row = _network_row(evidence, indicator, declared, number)
                row.scope_type, row.scope_id, row.coverage = scope_type, scope_id, float("nan")
                row.refuse(IndicatorStatus.NOT_ASSESSED, "ties are not read for this scope")
                rows.append(with_all_evidence(evidence, row))
    return rows


def score_indicators(evidence: Evidence, only: Sequence[Indicator] = tuple(Indicator)) -> list[Row]:
    """Every indicator, or some, for every scope and slice."""
    rows = []
    for indicator, declared in evidence.damour.indicators.items():
        if indicator not in only:
            continue
        if declared.scope == ScopeType.GROUP:
            groups = _group_rows(evidence, indicator, declared)
            found = groups + _rolled_up(evidence, indicator, declared, groups)
        else:
            found = _network_rows(evidence, indicator, declared)
        found += _by_ties(evidence, indicator, declared)
        rows += [with_all_evidence(evidence, row) for row in found] + _also(evidence, indicator, declared)
    add_trends(rows, evidence.calendar)
    return rows


def indicator_table(rows: list[Row], calendar: Calendar) -> pa.Table:
    """The `indicators` table."""
    with_basis = (IndicatorStatus.ASSESSED, IndicatorStatus.INTERVAL, IndicatorStatus.PROXY_ONLY)
    columns: dict[str, object] = {
        "slice": np.array([r.slice for r in rows], dtype=np.int64),
        "indicator": [r.indicator.value for r in rows],
        "dimension": [r.declared.dimension.value for r in rows],
        "scope_type": [r.scope_type.value for r in rows],
        "evidence_class": [r.declared.evidence_class.value for r in rows],
        "basis": [r.basis.value if r.status in with_basis else None for r in rows],
        "status": [r.status.value for r in rows],
        "trend": [r.trend.value for r in rows],
        "coverage": np.array([r.coverage for r in rows], dtype=np.float64),
    }
    for name in (
        "scope_id",
        "level",
        "level_lo",
        "level_hi",
        "proxy_level",
        "n_people",
        "n_organisations",
        "n_events",
        "reasons",
        "evidence",
    ):
        columns[name] = [getattr(r, name) for r in rows]
    return store.sorted_by_key("indicators", store.table("indicators", columns, calendar))
