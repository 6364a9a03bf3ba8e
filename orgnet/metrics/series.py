"""Evidence to numbers over all slices at once: group metrics and metrics of conduct, with a status for each value."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray

from orgnet import metrics
from orgnet.config import Config
from orgnet.metrics.acquaintance import GroupEvidence, gather, no_contacts
from orgnet.metrics.conduct import Conduct
from orgnet.metrics.group_brokerage import GroupReferrals, UnitReferrals, find_unit_referrals
from orgnet.metrics.joint import GroupJointRoles
from orgnet.metrics.labels import GroupMixing, mix_groups, mix_pair, mix_tiers
from orgnet.metrics.posts import Posts, group_posts, on_roster
from orgnet.metrics.registry import Metric
from orgnet.metrics.statuses import CODE, Series
from orgnet.records.coverage import Coverage
from orgnet.records.organisations import Roster
from orgnet.records.read import Records
from orgnet.spells import Ranges, count, merged
from orgnet.ties.make import Ties, connect
from orgnet.ties.tiles import Held
from orgnet.vocabulary import Level, RecordKind, Status
from orgnet.windows import Calendar

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class GroupMeasures:
    """The evidence and the metrics of every pair of professional groups that has anyone on any roster.

    A group that is only known from referrals has metrics of them alone. Metrics of one group stand with the pair of the group and itself; `people` is the size of each group's roster, and
    `network` holds metrics of the whole network that come from the same evidence. `homes` is the organisation of each of
    a group's people, that of their first post.
    """

    groups: list[str]
    evidence: dict[tuple[int, int], GroupEvidence]
    series: dict[tuple[int, int], dict[str, Series]]
    people: dict[int, Ints] = field(default_factory=dict)
    network: dict[str, Series] = field(default_factory=dict)
    homes: dict[int, Ints] = field(default_factory=dict)


def _group_status(metric: Metric, values: Floats, evidence: GroupEvidence) -> Ints:
    unknown = ~evidence.covered & ((evidence.events == 0) | (values == 0))
    status = np.where(np.isnan(values), CODE[Status.UNDEFINED], CODE[Status.OK])
    status = np.where((status == CODE[Status.OK]) & evidence.nominal, CODE[Status.NOMINAL], status)
    if metric.takes == "group_year":
        status = np.where(~evidence.whole, CODE[Status.INSUFFICIENT], status)
    status = np.where(unknown, CODE[Status.NO_COVERAGE], status)
    return np.where(evidence.n_people == 0, CODE[Status.UNDEFINED], status)


def _mixed(metric: Metric, mixing: object, empty: Flags, behind: Sequence[GroupEvidence]) -> Series:
    """A metric of mixing; where nobody is acquainted, it is not known unless attendance is whole for all behind it."""
    values = np.asarray(metric.function(mixing), dtype=np.float64)
    covered = np.logical_and.reduce([each.covered for each in behind])
    nominal = np.logical_or.reduce([each.nominal for each in behind])
    status = np.where(nominal, CODE[Status.NOMINAL], CODE[Status.OK])
    status = np.where(np.isnan(values), CODE[Status.UNDEFINED], status)
    return Series(values, np.where(empty & ~covered, CODE[Status.NO_COVERAGE], status))


def _mix(measures: GroupMeasures, posts: list[Posts], records: Records, config: Config, calendar: Calendar) -> None:
    """Add the metrics of mixing, of groups and of the network."""
    evidence, groups, slices = measures.evidence, list(measures.people), len(calendar)
    with ThreadPoolExecutor(2) as threads:
        by_tier = threads.submit(mix_tiers, evidence, posts, groups, records, config.professional_groups, calendar)
        whole = mix_groups(evidence, groups, slices)
        tiers = by_tier.result()
    for row, one in enumerate(groups):
        mine = [evidence[one, two] for two in groups]
        mixing = GroupMixing(whole, whole.sizes[row], whole.within[row], whole.out[row])
        for m in metrics.registered(Level.GROUP, "mixing"):
            measures.series[one, one][m.name] = _mixed(m, mixing, mixing.within + mixing.out == 0, mine)
    for pair in evidence:
        both = mix_pair(evidence, *pair, groups, slices)
        for m in metrics.registered(Level.GROUP, "mixing_pair"):
            measures.series[pair][m.name] = _mixed(m, both, both.acquainted == 0, list(evidence.values()))
    for takes, mixing_of in (("mixing_of_groups", whole), ("mixing_of_tiers", tiers)):
        for m in metrics.registered(Level.NETWORK, takes):
            measures.network[m.name] = _mixed(m, mixing_of, mixing_of.ties == 0, list(evidence.values()))


def _share_posts(
    measures: GroupMeasures, posts: list[Posts], held: Held, records: Records, roster: Roster, coverage: Coverage
) -> None:
    """Add the metrics of joint roles, group by group."""
    kind = RecordKind.JOINT_ROLES if records.has(RecordKind.JOINT_ROLES) else RecordKind.PEOPLE
    known = whole_for_all(coverage.of(kind), roster.provider)
    for group in measures.people:
        found = GroupJointRoles(_held_by(posts[group], held, len(roster.names)))
        for m in metrics.registered(Level.GROUP, "group_joint_roles"):
            values = np.asarray(m.function(found), dtype=np.float64)
            status = np.where((values == 0) & ~known, CODE[Status.NO_COVERAGE], CODE[Status.OK])
            measures.series[group, group][m.name] = Series(values, status)


def _refer(measures: GroupMeasures, found: UnitReferrals, known: Flags) -> None:
    """Add the go-between roles in referrals, of groups on a roster or in a referral.

    No paths are only known to be none if all referrals are known, and the groups of each.
    """
    known = known & (found.unstated == 0)
    for group in sorted({*measures.people, *found.groups}):
        series = measures.series.setdefault((group, group), {})
        for m in metrics.registered(Level.GROUP, "group_referrals"):
            values = np.asarray(m.function(GroupReferrals(found, group)), dtype=np.float64)
            missing = np.isnan(values)
            empty = missing | ((values == 0) & (m.minimum == 0))
            status = np.where(missing, CODE[Status.UNDEFINED], CODE[Status.OK])
            status = np.where(empty & ~known, CODE[Status.NO_COVERAGE], status)
            status = np.where(missing & found.many, CODE[Status.INSUFFICIENT], status)
            series[m.name] = Series(values, status)


def _held_by(posts: Posts, held: Held, n: int) -> Ints:
    """Joint roles held by people of a group at each slice's end."""
    person, slices = posts.local(held.person), posts.members.shape[1]
    mine = person >= 0
    width = max(len(posts.people), 1)
    pair = (held.source * n + held.target)[mine]
    roles = Ranges(pair * width + person[mine], held.first[mine], held.last[mine]).real()
    roles = merged(on_roster(roles, roles.key % width, posts)[1])
    return count(np.zeros(len(roles.key), np.int64), roles.first, roles.last, 1, slices)[0]


def measure_groups(
    ties: Ties, records: Records, roster: Roster, coverage: Coverage, config: Config, calendar: Calendar
) -> GroupMeasures:
    """Every group metric, for each professional group among its peers and towards each other group."""
    posts = group_posts(records, config, calendar)
    people = {number: group.size for number, group in enumerate(posts) if len(group.people)}
    measures = GroupMeasures(config.professional_groups, {}, {(one, one): {} for one in people}, people)
    measures.homes.update({number: posts[number].home for number in people})
    if records.has(RecordKind.ATTENDANCE) and people:
        chosen = [m for takes in ("group", "group_year") for m in metrics.registered(Level.GROUP, takes)]

        def measured(evidence: GroupEvidence) -> dict[str, Series]:
            values = {m: np.asarray(m.function(evidence), dtype=np.float64) for m in chosen}
            return {m.name: Series(each, _group_status(m, each, evidence)) for m, each in values.items()}

        def sides(pair: tuple[int, int]) -> dict[tuple[int, int], tuple[GroupEvidence, dict[str, Series]]]:
            one, two = pair
            contacts = ties.contacts.get(pair, no_contacts(ties.presence))
            here, there = gather(contacts, posts[one], posts[two], one == two, roster, coverage, config, calendar)
            both = {pair: here} if one == two else {pair: here, (two, one): there}
            return {each: (evidence, measured(evidence)) for each, evidence in both.items()}

        pairs = list(combinations_with_replacement(people, 2))
        # Threads, as NumPy lets go of Python's lock while it works; each pair of groups is a matter of its own.
        with ThreadPoolExecutor(config.compute.workers) as threads:
            for found in threads.map(sides, pairs):
                for pair, (evidence, series) in found.items():
                    measures.evidence[pair] = evidence
                    measures.series.setdefault(pair, {}).update(series)
        _mix(measures, posts, records, config, calendar)
    if records.has(RecordKind.JOINT_ROLES) or records.has(RecordKind.PEOPLE):
        _share_posts(measures, posts, ties.joint_roles, records, roster, coverage)
    if records.has(RecordKind.REFERRALS):
        with connect(records) as con:
            between = find_unit_referrals(con, config.professional_groups, roster, calendar)
        _refer(measures, between, whole_for_all(coverage.of(RecordKind.REFERRALS), roster.provider))
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
