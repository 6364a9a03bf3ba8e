"""The measures that levels of the whole network rest on, once more for every replicate of a window's meetings.

What `orgnet.metrics.conduct` observes per slice is counted here per replicate, by matrices; the metrics' own functions
then read replicates as they would read slices. What does not come from meetings (core agencies, joint roles, lead
roles, who is a provider) is the same in all of them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from orgnet.indicators.conduct_days import ConductDays
from orgnet.indicators.draws import CELLS_AT_ONCE, Flags, Floats, Ints, Times, parts, some
from orgnet.indicators.group_windows import ones
from orgnet.metrics.conduct import Conduct
from orgnet.metrics.conduct_mdt import Cases, DialIn
from orgnet.metrics.registry import registered
from orgnet.vocabulary import BOARD_TYPES, GOVERNANCE_TYPES, Level, MeetingType

MEASURES = (
    "board_represented_share",
    "convening_reach",
    "convening_share",
    "core_agencies",
    "core_rank",
    "deferral_missing_info_rate",
    "dial_in_failure_rate",
    "joint_roles_active",
    "lead_coverage",
    "lead_top_share",
    "learning_events",
    "learning_org_coverage",
    "mdt_cases",
    "standing_smdts",
)
"""The network's measures that there are replicates of."""
MDT_MEASURES = ("deferral_missing_info_rate", "dial_in_failure_rate", "mdt_cases")
"""Those of them that every MDT meeting adds to."""
Value = TypeVar("Value", np.int64, np.bool_)


@dataclass(frozen=True)
class _Window:
    """The meetings of one slice's window, and how many times each counts in some replicates."""

    days: ConductDays
    number: int
    times: Times

    @property
    def code(self) -> Ints:
        """The meetings' codes."""
        diary = self.days.resampled.diary
        return diary.meeting[diary.within(self.number)]

    def rows(self, meeting: Ints) -> tuple[Ints, Ints]:
        """Which of the given meetings are in the window, and in which of its rows."""
        diary = self.days.resampled.diary
        window = diary.within(self.number)
        place = diary.place[meeting]
        inside = np.flatnonzero((place >= window.start) & (place < window.stop))
        return inside, place[inside] - window.start

    def held(self, chosen: Flags) -> Ints:
        """How many of the chosen meetings were held, per replicate."""
        return self.times[chosen[self.code]].sum(axis=0)

    def added_up(self, per_meeting: Ints) -> Ints:
        """The sum over meetings, per replicate."""
        amount = per_meeting[self.code]
        any_at_all = np.flatnonzero(amount)
        return amount[any_at_all] @ self.times[any_at_all]

    def times_of(self, key: Ints, meeting: Ints, keys: int) -> Ints:
        """How many of its meetings each key has, per replicate."""
        inside, row = self.rows(meeting)
        return ones(key[inside], row, (keys, len(self.times))) @ self.times

    def attended(self, chosen: Flags) -> Ints:
        """How many of the chosen meetings each organisation attended, per replicate."""
        meetings = self.days.resampled.meetings
        at = np.flatnonzero(chosen[meetings.there])
        return self.times_of(meetings.organisation[at], meetings.there[at], len(self.days.roster.names))

    def throughout(self, per_slice: NDArray[Value]) -> NDArray[Value]:
        """What holds in this slice, for every replicate."""
        return np.repeat(per_slice[..., self.number, None], self.times.shape[1], axis=-1)


def _core_rank(window: _Window, core_agency: Flags) -> Floats:
    """The best rank of a core agency by out-strength among convenors, per replicate."""
    meetings = window.days.resampled.meetings
    governance = meetings.held & np.isin(meetings.types, [t.value for t in GOVERNANCE_TYPES])
    convenor = meetings.convenor[meetings.there]
    at = np.flatnonzero(governance[meetings.there] & (convenor >= 0) & (convenor != meetings.organisation))
    strength = window.times_of(convenor[at], meetings.there[at], len(core_agency))
    core = np.where(core_agency, strength, -1).max(axis=0, initial=-1)
    rank = 1.0 + (strength > core).sum(axis=0)
    return np.where((core >= 0) & (strength.sum(axis=0) > 0), rank, np.nan)


def _led(window: _Window) -> Floats:
    """Bodies led by each organisation, per replicate; one led from several is split between them."""
    leads, n = window.days.leads, len(window.days.roster.names)
    meeting, by_chair = leads.chaired
    by_role = np.zeros((len(leads.body), 1), dtype=bool)
    by_role[leads.role[(leads.first <= window.number) & (window.number <= leads.last)]] = True
    held = (window.times_of(by_chair, meeting, len(leads.body)) > 0) | by_role
    each, bodies = np.arange(len(leads.body)), int(leads.body.max(initial=-1)) + 1
    leaders = ones(leads.body, each, (bodies, len(each))) @ held.astype(np.int32)
    share = np.divide(held, leaders[leads.body], out=np.zeros(held.shape), where=held)
    return ones(leads.organisation, each, (n, len(each))) @ share


def _standing_smdts(window: _Window, chosen: Flags) -> Ints:
    """Series of the chosen meetings that met often enough, per replicate."""
    resampled, conduct = window.days.resampled, window.days.conduct
    series = resampled.series[resampled.diary.within(window.number)]
    row = np.flatnonzero(chosen[window.code] & (series >= 0))
    held = ones(series[row], row, (int(series.max(initial=-1)) + 1, len(series))) @ window.times
    return (held >= resampled.config.ties.standing_meetings_per_year * conduct.years).sum(axis=0)


def _decided(window: _Window) -> Conduct:
    """What the replicates show of MDTs' cases and of dialling in: only what `MDT_MEASURES` are taken from."""
    days, none = window.days, np.zeros(window.times.shape[1], dtype=np.int64)
    cases = (days.cases.listed, days.cases.protocolised, days.cases.deferred, days.cases.deferred_missing)
    return replace(
        days.conduct,
        cases=Cases(*(window.added_up(each) for each in cases)),
        dial_in=DialIn(window.added_up(days.joined), window.added_up(days.failed), none / 1, none, none),
    )


def _observed(window: _Window) -> Conduct:
    """What the replicates of one window show, each in the place of a slice: only what `MEASURES` are taken from."""
    days, conduct, meetings = window.days, window.days.conduct, window.days.resampled.meetings
    providers = window.throughout(days.roster.provider)
    governance = meetings.of(*GOVERNANCE_TYPES)
    by_core = governance & meetings.by_core
    boards = meetings.held & np.isin(meetings.types, [t.value for t in BOARD_TYPES])
    learning = meetings.of(MeetingType.LEARNING)
    return replace(
        _decided(window),
        providers=providers,
        members=window.throughout(conduct.members),
        core_agencies=window.throughout(conduct.core_agencies),
        governance_meetings=window.held(governance),
        core_meetings=window.held(by_core),
        core_reached=((window.attended(by_core) > 0) & providers).sum(axis=0),
        core_rank=_core_rank(window, window.throughout(days.roster.core_agency)),
        boards=window.held(boards),
        boards_attended=window.attended(boards),
        led=_led(window),
        learning_events=window.held(learning),
        learning_reached=((window.attended(learning) > 0) & providers).sum(axis=0),
        standing_smdts=_standing_smdts(window, meetings.of(MeetingType.SMDT)),
        joint_roles=window.throughout(conduct.joint_roles),
    )


def replicate_conduct(days: ConductDays, number: int, times: Times) -> dict[str, Floats]:
    """The network's `MEASURES` in every replicate, by name; NaN where one is undefined.

    `times` has the shape (meetings of the slice's window, replicates).
    """
    return _measured(days, number, times, MEASURES, _observed)


def replicate_mdts(days: ConductDays, number: int, times: Times) -> dict[str, Floats]:
    """The network's `MDT_MEASURES` in every replicate, as `replicate_conduct` has them."""
    return _measured(days, number, times, MDT_MEASURES, _decided)


def _measured(
    days: ConductDays, number: int, times: Times, names: Sequence[str], observe: Callable[[_Window], Conduct]
) -> dict[str, Floats]:
    chosen = [m for m in registered(Level.NETWORK) if m.name in names]
    rows = max(len(times), len(days.roster.names), len(days.leads.body))
    found: dict[str, list[Floats]] = {m.name: [] for m in chosen}
    for at in parts(times.shape[1], rows, CELLS_AT_ONCE):
        observed = observe(_Window(days, number, some(times, at)))
        for m in chosen:
            found[m.name].append(np.asarray(m.function(observed), dtype=np.float64))
    return {name: np.concatenate(values) for name, values in found.items() if values}
