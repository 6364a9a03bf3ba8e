"""Evidence to numbers over a run of slices: every metric of professional groups, with a status for each value."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray

from orgnet import metrics
from orgnet.config import Config
from orgnet.metrics.acquaintance import GroupEvidence, gather
from orgnet.metrics.group_brokerage import GroupReferrals, UnitReferrals, find_unit_referrals
from orgnet.metrics.joint import GroupJointRoles
from orgnet.metrics.labels import GroupMixing, mix_groups, mix_pair, mix_tiers
from orgnet.metrics.posts import Posts, group_posts, on_roster
from orgnet.metrics.registry import Metric
from orgnet.metrics.series import whole_for_all
from orgnet.metrics.statuses import CODE, Series
from orgnet.records.coverage import Coverage
from orgnet.records.organisations import Roster
from orgnet.records.read import Records
from orgnet.spells import Ranges, count, merged
from orgnet.ties.copresence import find_contacts
from orgnet.ties.make import Ties, connect
from orgnet.ties.presence import Handed, Presence
from orgnet.ties.tiles import Held
from orgnet.vocabulary import Level, RecordKind, Status
from orgnet.windows import Calendar
from orgnet.work import HERE, Work

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Pair = tuple[int, int]


@dataclass(frozen=True)
class Behind:
    """How much stands behind the metrics of a pair of groups, per slice: people, their organisations, their meetings."""

    n_people: Ints
    n_organisations: Ints
    n_events: Ints


@dataclass(frozen=True)
class GroupMeasures:
    """The metrics of every pair of professional groups that has anyone on any roster, and how much stands behind them.

    A group that is only known from referrals has metrics of them alone. Metrics of one group stand with the pair of the
    group and itself; `people` is the size of each group's roster, and `network` holds metrics of the whole network that
    come from the same evidence. `homes` is the organisation of each of a group's people, that of their first post.
    `referring` says, by group and slice, whether any of its units is in a referral. `evidence` is what was measured. Where
    measures of some slices were taken up from an earlier run there is none; `stretches` are then the runs of slices that
    there is evidence of, each with what was measured in it.
    """

    groups: list[str]
    series: dict[Pair, dict[str, Series]]
    behind: dict[Pair, Behind] = field(default_factory=dict)
    people: dict[int, Ints] = field(default_factory=dict)
    network: dict[str, Series] = field(default_factory=dict)
    homes: dict[int, Ints] = field(default_factory=dict)
    referring: Flags | None = None
    evidence: dict[Pair, GroupEvidence] = field(default_factory=dict)
    stretches: list[tuple[slice, "GroupMeasures"]] = field(default_factory=list)


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
    """Add the go-between roles in referrals, of every group.

    No paths are only known to be none if all referrals are known, and the groups of each.
    """
    known = known & (found.unstated == 0)
    for group in range(len(measures.groups)):
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


@dataclass(frozen=True)
class _Setting:
    """What all pairs of groups are measured with; it is sent to whoever measures them."""

    roster: Roster
    coverage: Coverage
    config: Config
    calendar: Calendar
    bare: bool


Found = dict[Pair, tuple[GroupEvidence, dict[str, Series]]]


def measure_pair(shared: Presence | Handed, pair: Pair, one: Posts, two: Posts, setting: _Setting) -> Found:
    """The evidence and the metrics of a pair of groups, each on its contact with the other, from attendance alone.

    Contacts are found here and not kept: no process holds those of all pairs.
    """
    roster, calendar = setting.roster, setting.calendar
    days = calendar.looked_at()
    contacts = find_contacts(shared.opened().between(*days), pair, setting.config.ties)
    same = pair[0] == pair[1]
    here, there = gather(contacts, one, two, same, roster, setting.coverage, setting.config, calendar)
    both = {pair: here} if same else {pair: here, pair[::-1]: there}
    found = {each: (evidence, _measured(evidence)) for each, evidence in both.items()}
    if not setting.bare:
        return found
    return {each: (evidence.without_people(), series) for each, (evidence, series) in found.items()}


def _measured(evidence: GroupEvidence) -> dict[str, Series]:
    chosen = [m for takes in ("group", "group_year") for m in metrics.registered(Level.GROUP, takes)]
    values = {m: np.asarray(m.function(evidence), dtype=np.float64) for m in chosen}
    return {m.name: Series(each, _group_status(m, each, evidence)) for m, each in values.items()}


def measure_groups(
    ties: Ties,
    records: Records,
    roster: Roster,
    coverage: Coverage,
    config: Config,
    calendar: Calendar,
    work: Work = HERE,
    bare: bool = False,
) -> GroupMeasures:
    """Every group metric, for each professional group among its peers and towards each other group.

    With `bare`, the evidence is left without what is counted person by person, which takes most of the room.
    """
    return of_known_groups(measure_all(ties, records, roster, coverage, config, calendar, work, bare))


def measure_all(
    ties: Ties,
    records: Records,
    roster: Roster,
    coverage: Coverage,
    config: Config,
    calendar: Calendar,
    work: Work = HERE,
    bare: bool = False,
) -> GroupMeasures:
    """The same, with metrics of referrals for every group of the network's list, in a referral or not."""
    posts = group_posts(records, config, calendar)
    people = {number: group.size for number, group in enumerate(posts) if len(group.people)}
    measures = GroupMeasures(config.professional_groups, {(one, one): {} for one in people}, people=people)
    measures.homes.update({number: posts[number].home for number in people})
    if records.has(RecordKind.ATTENDANCE) and people:
        pairs = list(combinations_with_replacement(people, 2))
        setting = _Setting(roster, coverage, config, calendar, bare)
        one, two = ([posts[pair[side]] for pair in pairs] for side in (0, 1))
        running = work.each(measure_pair, [ties.shared] * len(pairs), pairs, one, two, [setting] * len(pairs))
        for future in running:
            for pair, (evidence, series) in future.result().items():
                measures.evidence[pair] = evidence
                behind = Behind(evidence.n_people, evidence.staffed_organisations, evidence.events)
                measures.behind[pair] = behind
                measures.series.setdefault(pair, {}).update(series)
        _mix(measures, posts, records, config, calendar)
    if records.has(RecordKind.JOINT_ROLES) or records.has(RecordKind.PEOPLE):
        _share_posts(measures, posts, ties.joint_roles, records, roster, coverage)
    if records.has(RecordKind.REFERRALS):
        with connect(records) as con:
            between = find_unit_referrals(con, config.professional_groups, roster, calendar)
        _refer(measures, between, whole_for_all(coverage.of(RecordKind.REFERRALS), roster.provider))
        measures = replace(measures, referring=between.units > 0)
    return measures


def of_known_groups(measures: GroupMeasures) -> GroupMeasures:
    """Without the groups that have nobody on any roster and are in no referral."""
    some = measures.referring
    referring: Flags = np.zeros(len(measures.groups), dtype=bool) if some is None else np.asarray(some.any(axis=1))
    series = {
        (one, two): found
        for (one, two), found in measures.series.items()
        if one in measures.people or one != two or referring[one]
    }
    return replace(measures, series=series)
