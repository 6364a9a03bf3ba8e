"""Short series of what happened, step by step (month by month, unless told otherwise): no window looks back over them.

Windows that overlap share most of what they count, so neighbouring values are alike by construction, and no test of
change over time would hold. Steps are apart: each meeting, case and referral is in exactly one, counted from the period's
start. A step that the period's end cuts short is `insufficient`, as less can have happened in it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from orgnet import store
from orgnet.change.people import meetings_of_people
from orgnet.config import Config
from orgnet.indicators.confidence import Drawn
from orgnet.indicators.group_windows import Resampled
from orgnet.metrics.conduct_mdt import find_cases, find_dial_in
from orgnet.metrics.conduct_meetings import per_slice
from orgnet.metrics.conduct_referrals import find_flow
from orgnet.metrics.posts import group_posts
from orgnet.metrics.ratios import ratio
from orgnet.metrics.series import whole_for_all
from orgnet.metrics.statuses import CODE, STATUSES, VALUED, status_codes
from orgnet.records.coverage import make_coverage
from orgnet.records.organisations import Roster, make_roster
from orgnet.records.read import Records
from orgnet.ties.make import Ties, connect
from orgnet.vocabulary import GOVERNANCE_TYPES, MeetingType, NodeSet, RecordKind, Status
from orgnet.windows import Calendar, Step, parse_step

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
MONTH = Step(months=1)
MEETINGS_PER_PERSON = "meetings_per_person"


@dataclass(frozen=True)
class Activity:
    """One series, an entry per step: values (NaN unless the status is one with a value), and what they rest on.

    `n` are the people, cases, attempts, meetings or referrals behind a value; `coverage` the share of providers whose
    records of the kind are whole in the step, NaN if unknown.
    """

    measure_table: str
    entity: str
    metric: str
    values: Floats
    n: Ints
    coverage: Floats
    status: Ints


@dataclass(frozen=True)
class _Counted:
    """A series as counted, before anybody asks whether the records behind it are whole."""

    measure_table: str
    entity: str
    metric: str
    kind: RecordKind
    values: Floats
    n: Ints
    nominal: Flags


def make_steps(config: Config, step: Step = MONTH) -> Calendar:
    """The steps of the period, from its start on; each is its own window, and whole if nothing cuts it short."""
    period = config.period
    calendar = Calendar.make(period.start, period.end, step, step)
    slices = [
        replace(each, window_start=each.start, whole=each.end == step.after(period.start, number + 1))
        for number, each in enumerate(calendar.slices)
    ]
    return Calendar(tuple(slices), step)


def per_person(meetings: Ints, members: Flags) -> Floats:
    """The mean over people on the roster, per step; NaN where there is nobody on it.

    Range: 0 to infinity. Who was at no meeting counts as 0; meetings of people who are not on the roster at the step's
    end do not count.
    """
    return ratio(np.where(members, meetings, 0).sum(axis=0), members.sum(axis=0))


def _of_groups(
    resampled: Resampled, ties: Ties, records: Records, config: Config, steps: Calendar
) -> Iterator[_Counted]:
    """The series of each professional group among its own peers."""
    posts = group_posts(records, config, steps)
    for number, days in resampled.groups.items():
        name, members = config.professional_groups[number], posts[number].members
        values = per_person(meetings_of_people(days, resampled.diary, steps), members)
        contacts = ties.contacts((number, number))
        nominal = per_slice(contacts.day[contacts.met & contacts.nominal], steps) > 0
        yield _Counted(
            "group_metrics",
            f"{name} / {name}",
            MEETINGS_PER_PERSON,
            RecordKind.ATTENDANCE,
            values,
            members.sum(axis=0),
            nominal,
        )


def _of_network(resampled: Resampled, records: Records, roster: Roster, steps: Calendar) -> Iterator[_Counted]:
    """The series of the whole network: rates with the number they are shares of, and plain numbers."""
    meetings, observed = resampled.meetings, np.zeros(len(steps), dtype=bool)
    with connect(records) as con:
        cases, dial_in = find_cases(con, steps), find_dial_in(con, steps)
        flow = find_flow(con, steps, len(roster.names))
    discussed, attempts = cases.listed - cases.protocolised, dial_in.joined + dial_in.failed
    received = flow.received_forward + flow.received_back
    referrals = received.sum(axis=0)
    governance, learning = (
        per_slice(meetings.day[meetings.of(*types)], steps) for types in (GOVERNANCE_TYPES, (MeetingType.LEARNING,))
    )
    to_specialists = np.where(roster.specialist, received, 0).sum(axis=0)
    for metric, kind, values, n in (
        ("deferral_missing_info_rate", RecordKind.MDT_CASES, ratio(cases.deferred_missing, discussed), discussed),
        ("dial_in_failure_rate", RecordKind.ATTENDANCE, ratio(dial_in.failed, attempts), attempts),
        ("governance_meetings_held", RecordKind.ATTENDANCE, governance / 1, governance),
        ("learning_events_held", RecordKind.ATTENDANCE, learning / 1, learning),
        ("referrals_made", RecordKind.REFERRALS, referrals / 1, referrals),
        ("referral_to_specialist_share", RecordKind.REFERRALS, ratio(to_specialists, referrals), referrals),
    ):
        yield _Counted("network_metrics", NodeSet.ROSTER.value, metric, kind, values, n, observed)


def _known(one: _Counted, whole: Flags, coverage: Floats, steps: Calendar) -> Activity:
    """A series with statuses: 0 and no value are known only where all providers' records of the kind are whole."""
    empty = np.isnan(one.values) | (one.values == 0)
    observed, nominal = (status_codes(one.values, empty & ~whole, by_plan) for by_plan in (False, True))
    status = np.where(steps.whole, np.where(one.nominal, nominal, observed), CODE[Status.INSUFFICIENT])
    values = np.where(np.isin(status, VALUED), one.values, np.nan)
    return Activity(one.measure_table, one.entity, one.metric, values, one.n, coverage, status)


def activity_series(
    resampled: Resampled, ties: Ties, records: Records, config: Config, step: Step = MONTH
) -> list[Activity]:
    """Every series, over the steps of `make_steps`."""
    steps = make_steps(config, step)
    roster = make_roster(records, steps)
    coverage = make_coverage(records, roster, steps)
    of_groups = _of_groups(resampled, ties, records, config, steps)
    found = []
    for one in (*of_groups, *_of_network(resampled, records, roster, steps)):
        whole = whole_for_all(coverage.of(one.kind), roster.provider) & records.has(one.kind)
        found.append(_known(one, whole, coverage.share(one.kind, roster.provider), steps))
    return found


def activity_table(series: Sequence[Activity], steps: Calendar) -> pa.Table:
    """The `activity` table: one row for each series and step, in the order of its key."""

    def joined(name: str) -> NDArray[Any]:
        return np.concatenate([getattr(one, name) for one in series]) if series else np.zeros(0, dtype=np.int64)

    columns: dict[str, object] = {
        name: [getattr(one, name) for one in series for _ in range(len(steps))]
        for name in ("measure_table", "entity", "metric")
    }
    columns |= {"period_start": np.tile(steps.starts, len(series)), "period_end": np.tile(steps.ends, len(series))}
    columns |= {"value": joined("values") / 1, "n": joined("n"), "coverage": joined("coverage") / 1}
    columns |= {"status": [STATUSES[code] for code in joined("status")]}
    return store.sorted_by_key("activity", store.table("activity", columns))


def activity_of(drawn: Drawn | None, ties: Ties, records: Records, config: Config) -> pa.Table:
    """The `activity` table of a run in the network's own steps; empty where nothing was drawn, and so nothing prepared."""
    step = parse_step(config.change.series_step)
    series = [] if drawn is None else activity_series(drawn.groups, ties, records, config, step)
    return activity_table(series, make_steps(config, step))
