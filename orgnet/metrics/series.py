"""Evidence to numbers over all slices at once: metrics of how the network is run, with a status for each value."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from orgnet import metrics
from orgnet.metrics.conduct import Conduct
from orgnet.metrics.registry import Metric
from orgnet.metrics.statuses import CODE, Series
from orgnet.records.coverage import Coverage
from orgnet.records.organisations import Roster
from orgnet.records.read import Records
from orgnet.vocabulary import Level, RecordKind, Status

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

CONDUCT_KINDS = {
    "organisations": RecordKind.ORGANISATIONS,
    "meetings": RecordKind.ATTENDANCE,
    "meetings_year": RecordKind.ATTENDANCE,
    "leads": RecordKind.LEAD_ROLES,
    "cases": RecordKind.MDT_CASES,
    "leaders": RecordKind.LEAD_ROLES,
    "leaders_year": RecordKind.LEAD_ROLES,
    "referrals": RecordKind.REFERRALS,
    "joint_roles": RecordKind.JOINT_ROLES,
}
_YEARLY = ("meetings_year", "leaders_year")


@dataclass(frozen=True)
class ConductMeasures:
    """Metrics of how the network is run; `organisation` values have the shape (organisations, slices)."""

    network: dict[str, Series]
    organisation: dict[str, Series]


def whole_for_all(whole: Flags, members: Flags) -> Flags:
    """Per slice, whether the records of every member are known to be whole; of nobody, nothing is known."""
    return np.asarray((members & whole).any(axis=0) & ~(members & ~whole).any(axis=0))


def kind_behind(metric: Metric, has: Callable[[RecordKind], bool]) -> RecordKind:
    """The kind of record that a metric of conduct rests on; where the network has none, the one that stands in for it."""
    kind = CONDUCT_KINDS[metric.takes]
    other = {"leads": RecordKind.ATTENDANCE, "joint_roles": RecordKind.PEOPLE}.get(metric.takes, kind)
    return kind if has(kind) else other


def conduct_series(metric: Metric, conduct: Conduct, supplied: bool, known: Flags) -> Series:
    """A metric of conduct with a status for each value: nothing there is only known to be nothing if records are whole."""
    values = np.asarray(metric.function(conduct), dtype=np.float64)
    empty = (values == 0) | np.isnan(values)
    status = np.where(np.isnan(values), CODE[Status.UNDEFINED], CODE[Status.OK])
    if metric.takes in _YEARLY:
        status = np.where(~conduct.whole, CODE[Status.INSUFFICIENT], status)
    return Series(values, np.where(empty & ~known if supplied else True, CODE[Status.NO_COVERAGE], status))


def measure_conduct(conduct: Conduct, records: Records, roster: Roster, coverage: Coverage) -> ConductMeasures:
    """Every metric of how the network is run, with a status for each value."""
    measures = ConductMeasures({}, {})
    for m in (m for takes in CONDUCT_KINDS for m in metrics.registered(takes=takes)):
        kind = kind_behind(m, records.has)
        whole, per_network = coverage.of(kind), m.level == Level.NETWORK
        known = whole_for_all(whole, roster.provider) if per_network else whole
        target = measures.network if per_network else measures.organisation
        target[m.name] = conduct_series(m, conduct, records.has(kind), known)
    return measures
