"""Statistics over few people that are withheld, worked out from sums and means over them and others that are shown."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from orgnet.attack.copy import Copy, Finding

_MANY = 400
"""Withheld statistics in sums of one layer and slice; of more, only what single sums tell is looked at."""
_ROUNDING = 1e-9
_INTO_COUNTS = "'joint_roles', 'referrals', 'referrals_back'"


@dataclass(frozen=True)
class Totals:
    """Withheld statistics, and which of them stand in each sum whose total, and whose other parts, are shown."""

    where: str
    withheld: Sequence[str]
    sums: Sequence[Sequence[int]]


def determined(n: int, sums: Sequence[Sequence[int]]) -> set[int]:
    """Which of `n` unknowns have one value only, given the sums of some sets of them."""
    known: set[int] = set()
    left = [set(each) for each in sums]
    while alone := {next(iter(each)) for each in left if len(each) == 1}:
        known |= alone
        left = [each - alone for each in left]
    names = sorted(set().union(*left)) if left else []
    if not 0 < len(names) <= _MANY:
        return known
    matrix: NDArray[np.float64] = np.array([[float(name in each) for name in names] for each in left if each])
    _, sizes, rows = np.linalg.svd(matrix)
    rank = int((sizes > _ROUNDING * sizes.max()).sum())
    free = np.abs(rows[rank:]).max(axis=0, initial=0.0)  # how far each moves where all sums stay
    return known | {name for name, moves in zip(names, free, strict=True) if moves < _ROUNDING}


def attack_totals(copy: Copy) -> Iterator[Finding]:
    """The withheld statistics that can have but one value."""
    for system in (*strengths(copy), *attendances(copy)):
        for number in sorted(determined(len(system.withheld), system.sums)):
            yield Finding("a withheld statistic can be worked out", system.where, system.withheld[number])


def strengths(copy: Copy) -> Iterator[Totals]:
    """Ties without their strength, and the organisations whose ties' strengths add up to one that is shown.

    Layers in which strengths count people are left to whoever looks at numbers of people.
    """
    if not copy.has("ties", "organisation_metrics"):
        return
    ties = copy.rows(
        f"SELECT layer, slice, source_id, target_id, directed FROM ties WHERE weight IS NULL AND layer NOT IN ({_INTO_COUNTS}) "
        "ORDER BY ALL"
    )
    shown = copy.rows(
        "SELECT layer, slice, organisation_id, metric FROM organisation_metrics "
        f"WHERE metric IN ('strength', 'in_strength', 'out_strength') AND value IS NOT NULL AND layer NOT IN ({_INTO_COUNTS})"
    )
    told = {tuple(map(str, row)) for row in shown}
    for layer, slice_ in sorted({(str(row[0]), str(row[1])) for row in ties}):
        mine = [
            (str(one), str(two), directed) for at, when, one, two, directed in ties if (at, when) == (layer, slice_)
        ]
        sums = []
        for code in sorted({end for one, two, _ in mine for end in (one, two)}):
            out = [number for number, (one, _, directed) in enumerate(mine) if one == code and directed]
            into = [number for number, (_, two, directed) in enumerate(mine) if two == code and directed]
            both = [number for number, (one, two, _) in enumerate(mine) if code in (one, two)]
            for metric, parts in (("strength", both), ("out_strength", out), ("in_strength", into)):
                if parts and (layer, slice_, code, metric) in told:
                    sums.append(parts)
        yield Totals(f"ties of {layer}, {slice_}", [f"{one} / {two}" for one, two, _ in mine], sums)


def attendances(copy: Copy) -> Iterator[Totals]:
    """Organisations whose attendance is withheld, where the mean over all of them is shown."""
    if not copy.has("network_metrics", "organisation_metrics"):
        return
    of_all = copy.rows(
        "SELECT DISTINCT layer, slice FROM network_metrics WHERE value IS NOT NULL AND node_set = 'roster' "
        "AND metric IN ('events_per_organisation', 'organisations_per_event', 'two_mode_density') ORDER BY ALL"
    )
    hidden = copy.rows(
        "SELECT DISTINCT layer, slice, organisation_id FROM organisation_metrics o WHERE metric = 'events_attended' "
        "AND value IS NULL AND status = 'suppressed' AND NOT EXISTS (FROM organisation_metrics s WHERE s.slice = o.slice "
        "AND s.layer = o.layer AND s.organisation_id = o.organisation_id AND s.metric = 'events_attended_share' "
        "AND s.value IS NOT NULL) ORDER BY ALL"
    )
    shares = copy.rows(
        "SELECT layer, slice, organisation_id FROM organisation_metrics s WHERE metric = 'events_attended_share' "
        "AND value IS NOT NULL AND EXISTS (FROM organisation_metrics o WHERE o.slice = s.slice AND o.layer = s.layer "
        "AND o.organisation_id = s.organisation_id AND o.metric = 'events_attended' AND o.status = 'suppressed') ORDER BY ALL"
    )
    for layer, slice_, code in shares:
        yield Totals(f"events_attended of {layer}, {slice_}", [str(code)], [[0]])
    for layer, slice_ in of_all:
        mine = [str(code) for at, when, code in hidden if (at, when) == (layer, slice_)]
        if mine:
            yield Totals(f"events_attended of {layer}, {slice_}", mine, [list(range(len(mine)))])
