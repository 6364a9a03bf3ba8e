"""Statistics over few people that are withheld, worked out from sums and means over them and others that are shown."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from orgnet.attack.copy import COUNTED, Copy, Finding

_MANY = 400
"""Withheld statistics in sums of one layer and slice; of more, only what single sums tell is looked at."""
_ROUNDING = 1e-9


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
        f"SELECT layer, slice, source_id, target_id, directed FROM ties WHERE weight IS NULL AND layer NOT IN ({COUNTED}) "
        "ORDER BY ALL"
    )
    shown = copy.rows(
        "SELECT layer, slice, organisation_id, metric FROM organisation_metrics "
        f"WHERE metric IN ('strength', 'in_strength', 'out_strength') AND value IS NOT NULL AND layer NOT IN ({COUNTED})"
    )
    told = set(shown)
    for (layer, slice_), rows in groupby(ties, key=lambda row: row[:2]):
        pairs: list[str] = []
        sums: dict[tuple[str, str], list[int]] = {}
        for number, (_, _, one, two, directed) in enumerate(rows):
            pairs.append(f"{one} / {two}")
            ends = [("strength", one), ("strength", two)]
            ends += [("out_strength", one), ("in_strength", two)] if directed else []
            for metric, code in ends:
                if (layer, slice_, code, metric) in told:
                    sums.setdefault((metric, code), []).append(number)
        yield Totals(f"ties of {layer}, {slice_}", pairs, list(sums.values()))


def attendances(copy: Copy) -> Iterator[Totals]:
    """Organisations whose attendance is withheld: a number gives its share, and the mean over all gives a single one."""
    if not copy.has("network_metrics", "organisation_metrics"):
        return
    means = copy.rows(
        "SELECT DISTINCT layer, slice FROM network_metrics WHERE value IS NOT NULL AND node_set = 'roster' "
        "AND metric IN ('events_per_organisation', 'organisations_per_event', 'two_mode_density')"
    )
    withheld = copy.rows(
        "SELECT layer, slice, organisation_id, count(value) FROM organisation_metrics "
        "WHERE metric IN ('events_attended', 'events_attended_share') GROUP BY ALL "
        "HAVING bool_or(status = 'suppressed') ORDER BY ALL"
    )
    told = set(means)
    for (layer, slice_), rows in groupby(withheld, key=lambda row: row[:2]):
        organisations = [(str(code), shown) for _, _, code, shown in rows]
        sums = [[number] for number, (_, shown) in enumerate(organisations) if shown]
        sums += [list(range(len(organisations)))] if (layer, slice_) in told else []
        yield Totals(f"events_attended of {layer}, {slice_}", [code for code, _ in organisations], sums)
