"""The network's level from its professional groups' levels."""

from collections.abc import Sequence

from orgnet.indicators.damour import Damour
from orgnet.indicators.rules import Row, entry, levels_said
from orgnet.vocabulary import IndicatorStatus


def roll_up(levels: Sequence[int], share: float) -> int:
    """The highest level that at least a share of the groups attains."""
    return max(level for level in (1, 2, 3) if sum(own >= level for own in levels) >= share * len(levels) - 1e-3)


def counted_groups(groups: Sequence[Row], damour: Damour) -> list[Row]:
    """The groups with enough people and organisations to count."""
    minimum = damour.minimum
    return [g for g in groups if (g.n_people or 0) >= minimum.people and g.n_organisations >= minimum.organisations]


def roll(row: Row, groups: list[Row], damour: Damour) -> Row:
    """The network's level from its groups'.

    Groups with too few people or organisations are left out. One that is large enough but could not be given a level
    may be at any, and so the network's is whatever it would be with such groups at the lowest, and at the highest.
    """
    row.n_people = sum(group.n_people or 0 for group in groups)
    counted = counted_groups(groups, damour)
    levels = [group.level for group in counted if group.level is not None]
    if not levels:
        return row.refuse(IndicatorStatus.INSUFFICIENT_DATA, "no professional group could be given a level")
    low, high = (roll_up([group.level or any_level for group in counted], damour.rollup_share) for any_level in (1, 3))
    if (low, high) == (1, 3) and len(levels) < len(counted):
        row.refuse(IndicatorStatus.INSUFFICIENT_DATA, "the groups without a level could make it any")
    else:
        row.give(low, high)
        row.reasons.append(f"{levels_said(low, high)}: the highest that {damour.rollup_share:.0%} of the groups attain")
    _say_groups(row, groups, counted, low)
    return row


def _say_groups(row: Row, groups: list[Row], counted: list[Row], low: int) -> None:
    """Which groups the network's level rests on, as reasons and as evidence."""
    given = sorted((group.scope_id, group.level) for group in counted if group.level is not None)
    lowest, highest = (choose(level for _, level in given) for choose in (min, max))
    row.reasons += [
        "by group: " + ", ".join(f"{name} {level}" for name, level in given),
        f"mixed={str(lowest != highest).lower()}, min={lowest}, max={highest}",
    ]
    untold = sorted(group.scope_id for group in counted if group.level is None)
    if untold:
        row.reasons.append("without a level, and so taken to be at any: " + ", ".join(untold))
    small = sorted(group.scope_id for group in groups if group not in counted)
    if small:
        row.reasons.append("left out, with too few people or organisations: " + ", ".join(small))
    for group in sorted(counted, key=lambda g: g.scope_id):
        value, met = (None, None) if group.level is None else (float(group.level), group.level >= low)
        row.evidence.append(entry(group, f"level of {group.scope_id}", value, ">=", float(low), met))
