"""Evidence to numbers over all slices at once: group metrics and metrics of conduct, with a status for each value."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from orgnet import metrics
from orgnet.config import Config
from orgnet.metrics.acquaintance import GroupEvidence, gather, no_contacts
from orgnet.metrics.conduct import Conduct
from orgnet.metrics.posts import group_posts
from orgnet.metrics.registry import Metric
from orgnet.metrics.statuses import CODE, Series
from orgnet.records.coverage import Coverage
from orgnet.records.organisations import Roster
from orgnet.records.read import Records
from orgnet.ties.make import Ties
from orgnet.vocabulary import Level, RecordKind, Status
from orgnet.windows import Calendar

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class GroupMeasures:
    """The evidence and the metrics of every pair of professional groups that has anyone on any roster."""

    groups: list[str]
    evidence: dict[tuple[int, int], GroupEvidence]
    series: dict[tuple[int, int], dict[str, Series]]


def _group_status(metric: Metric, values: Floats, evidence: GroupEvidence) -> Ints:
    unknown = ~evidence.covered & ((evidence.events == 0) | (values == 0))
    status = np.where(np.isnan(values), CODE[Status.UNDEFINED], CODE[Status.OK])
    status = np.where((status == CODE[Status.OK]) & evidence.nominal, CODE[Status.NOMINAL], status)
    if metric.takes == "group_year":
        status = np.where(~evidence.whole, CODE[Status.INSUFFICIENT], status)
    status = np.where(unknown, CODE[Status.NO_COVERAGE], status)
    return np.where(evidence.n_people == 0, CODE[Status.UNDEFINED], status)


def measure_groups(
    ties: Ties, records: Records, roster: Roster, coverage: Coverage, config: Config, calendar: Calendar
) -> GroupMeasures:
    """Every group metric, for each professional group among its peers and towards each other group."""
    posts = group_posts(records, config, calendar)
    staffed = [number for number, group in enumerate(posts) if len(group.people)]
    chosen = metrics.registered(Level.GROUP)
    measures = GroupMeasures(config.professional_groups, {}, {})
    if not records.has(RecordKind.ATTENDANCE):
        return measures
    for one in staffed:
        for two in staffed[staffed.index(one) :]:
            contacts = ties.contacts.get((one, two), no_contacts(ties.presence))
            sides = gather(contacts, posts[one], posts[two], one == two, roster, coverage, config, calendar)
            measures.evidence[one, two], measures.evidence[two, one] = sides
    for pair, found in measures.evidence.items():
        series = {}
        for m in chosen:
            values = np.asarray(m.function(found), dtype=np.float64)
            series[m.name] = Series(values, _group_status(m, values, found))
        measures.series[pair] = series
    return measures


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


def _whole_for_all(whole: Flags, members: Flags) -> Flags:
    """Per slice, whether the records of every member are known to be whole; of nobody, nothing is known."""
    return np.asarray((members & whole).any(axis=0) & ~(members & ~whole).any(axis=0))


def measure_conduct(conduct: Conduct, records: Records, roster: Roster, coverage: Coverage) -> ConductMeasures:
    """Every metric of how the network is run, with a status for each value."""
    measures = ConductMeasures({}, {})
    for takes, wanted in CONDUCT_KINDS.items():
        kind = wanted
        if takes == "leads" and not records.has(kind):
            kind = RecordKind.ATTENDANCE
        if takes == "joint_roles" and not records.has(kind):
            kind = RecordKind.PEOPLE
        supplied = records.has(kind)
        whole = coverage.of(kind)
        for m in metrics.registered(takes=takes):
            values = np.asarray(m.function(conduct), dtype=np.float64)
            per_network = m.level == Level.NETWORK
            known = _whole_for_all(whole, roster.provider) if per_network else whole
            empty = (values == 0) | np.isnan(values)
            status = np.where(np.isnan(values), CODE[Status.UNDEFINED], CODE[Status.OK])
            if takes in _YEARLY:
                status = np.where(~conduct.whole, CODE[Status.INSUFFICIENT], status)
            status = np.where(empty & ~known if supplied else True, CODE[Status.NO_COVERAGE], status)
            target = measures.network if per_network else measures.organisation
            target[m.name] = Series(values, status)
    return measures
