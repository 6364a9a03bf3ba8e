"""How sure a level is: how often the rules would give it, had other meetings of the same series been the ones recorded.

Meetings are resampled with replacement within each series and slice (an event-block bootstrap), the same resamples for
every professional group. Published as evidence: `p_l1` to `p_l3`, the share of resamples at each level.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from orgnet.config import Config
from orgnet.indicators.conduct_days import ConductDays, prepare_conduct
from orgnet.indicators.conduct_replicates import replicate_mdts
from orgnet.indicators.draws import Floats, level_shares, resample_meetings, resample_window
from orgnet.indicators.evidence import Evidence
from orgnet.indicators.group_windows import Resampled, prepare, window_of
from orgnet.indicators.replicates import replicate, replicate_rates
from orgnet.indicators.rollup import counted_groups, roll_up
from orgnet.indicators.rules import Row, entry, levels_in
from orgnet.metrics.conduct import Conduct
from orgnet.records.organisations import Roster
from orgnet.records.read import Records
from orgnet.ties.make import Ties
from orgnet.vocabulary import BORDERLINE, EvidenceClass, Indicator, RecordKind, ScopeType
from orgnet.windows import Calendar

Ints = NDArray[np.int64]
SURE = 0.8
"""A level is borderline if fewer of the resamples than this share have any one level."""
_Levels = dict[tuple[Indicator, str], Ints]


@dataclass(frozen=True)
class Drawn:
    """All that draws of meetings and people are counted from: of professional groups, and of the network's conduct."""

    groups: Resampled
    conduct: ConductDays


def prepare_draws(
    ties: Ties, conduct: Conduct, records: Records, roster: Roster, config: Config, calendar: Calendar
) -> Drawn | None:
    """Put the ties in the order that draws are counted in; None if no draws are asked for, or there are no meetings."""
    if not config.uncertainty.replicates or not records.has(RecordKind.ATTENDANCE):
        return None
    groups = prepare(ties, records, roster, config, calendar)
    return Drawn(groups, prepare_conduct(groups, conduct, ties, records, roster))


@dataclass(frozen=True)
class Replicates:
    """Every measure in every resample of the meetings, one array per measure; NaN where it is undefined.

    `groups` is keyed by slice and professional group (its number in the network's list): meetings drawn within series and
    slice. `rates` (of groups) and `network` (by slice) are of meetings drawn within series and window, for differences.
    """

    groups: dict[tuple[int, int], dict[str, Floats]]
    rates: dict[tuple[int, int], dict[str, Floats]]
    network: dict[int, dict[str, Floats]]


_OfSlice = tuple[dict[int, dict[str, Floats]], dict[int, dict[str, Floats]], dict[str, Floats]]


def resample(drawn: Drawn, config: Config, slices: Sequence[int] | None = None) -> Replicates:
    """Resample the meetings of the windows of some slices, or of all, and measure all of it again, slice by slice."""
    settings, resampled = config.uncertainty, drawn.groups

    def work(number: int) -> _OfSlice:
        draw = (resampled.diary, number, settings.replicates, settings.seed)
        times, whole = resample_meetings(*draw), resample_window(*draw)
        groups, rates = {}, {}
        for group in resampled.groups:
            window = window_of(resampled, group, number)
            groups[group], rates[group] = replicate(window, times), replicate_rates(window, whole)
        return groups, rates, replicate_mdts(drawn.conduct, number, whole)

    wanted = range(len(resampled.calendar)) if slices is None else slices
    with ThreadPoolExecutor(config.compute.workers) as threads:
        found = dict(zip(wanted, threads.map(work, wanted), strict=True))
    return Replicates(
        {(number, group): values for number in wanted for group, values in found[number][0].items()},
        {(number, group): values for number in wanted for group, values in found[number][1].items()},
        {number: found[number][2] for number in wanted},
    )


def _levels(rows: Sequence[Row], replicates: Replicates, evidence: Evidence) -> dict[int, _Levels]:
    """The levels of professional groups in every resample, by slice."""
    number_of = {name: number for number, name in enumerate(evidence.groups.groups)}
    found: dict[int, _Levels] = {}
    for row in rows:
        values = replicates.groups.get((row.slice, number_of.get(row.scope_id, -1)))
        if row.scope_type == ScopeType.GROUP and values is not None:
            levels = levels_in(row.rules, values, evidence.complete(row.slice))
            found.setdefault(row.slice, {})[row.indicator, row.scope_id] = levels
    return found


def _say(row: Row, levels: Ints) -> None:
    shares = dict(enumerate(level_shares(levels).tolist(), start=1))
    for level, share in shares.items():
        row.evidence.append(entry(row, f"p_l{level}", share))
    if max(shares.values()) < SURE:
        told = ", ".join(f"{share:.0%} at level {level}" for level, share in shares.items() if share)
        row.reasons.append(f"{BORDERLINE}: of {len(levels)} resamples of the meetings, {told or 'none has a level'}")


def _of_network(row: Row, groups: Sequence[Row], levels: _Levels, evidence: Evidence) -> Ints | None:
    """The network's level in every resample, from its groups'; None if some group has no level to start from."""
    counted = counted_groups(groups, evidence.damour)
    each = [levels.get((row.indicator, group.scope_id)) for group in counted]
    told = [own for own in each if own is not None]
    if not told or len(told) < len(each):
        return None
    share = evidence.damour.rollup_share
    return np.array([0 if 0 in column else roll_up(column, share) for column in np.array(told).T.tolist()])


def add_confidence(rows: Sequence[Row], replicates: Replicates, evidence: Evidence) -> None:
    """Add to every level that ties show directly how many of the resamples agree; rows are changed in place."""
    direct = [r for r in rows if r.declared.evidence_class == EvidenceClass.DIRECT and r.level is not None]
    levels = _levels(direct, replicates, evidence)
    groups: dict[tuple[int, Indicator], list[Row]] = {}
    for row in rows:
        if row.scope_type == ScopeType.GROUP:
            groups.setdefault((row.slice, row.indicator), []).append(row)
    for row in direct:
        of_slice = levels.get(row.slice, {})
        if row.scope_type == ScopeType.GROUP:
            own = of_slice.get((row.indicator, row.scope_id))
        else:
            own = _of_network(row, groups.get((row.slice, row.indicator), []), of_slice, evidence)
        if own is not None:
            _say(row, own)
