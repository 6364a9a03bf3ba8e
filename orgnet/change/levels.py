"""Indicators before and after: levels compared as levels, beside the measures that they rest on.

A measure may move by more than chance and the level stay, or a level turn on a small step over a threshold. Both are
shown, neither stands for the other.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from orgnet.change.comparisons import Comparison
from orgnet.change.draws import SEPARATOR
from orgnet.vocabulary import Basis, ChangeMethod, NodeSet, ScopeType, Trend
from orgnet.windows import Calendar

Row = Mapping[str, Any]
_OF_TIES = (Basis.TIES.value, Basis.COMBINATION.value)
_COLUMNS = [
    "slice_start",
    "indicator",
    "scope_type",
    "scope_id",
    "level",
    "level_lo",
    "level_hi",
    "proxy_level",
    "basis",
    "status",
    "coverage",
]


def by_slice(indicators: pa.Table, calendar: Calendar) -> list[dict[tuple[str, str, str], Row]]:
    """The rows of each slice, by indicator, kind of scope and scope."""
    at = {s.start: number for number, s in enumerate(calendar.slices)}
    found: list[dict[tuple[str, str, str], Row]] = [{} for _ in calendar.slices]
    for row in indicators.select(_COLUMNS).to_pylist():
        found[at[row["slice_start"]]][row["indicator"], row["scope_type"], row["scope_id"]] = row
    return found


def _words(row: Row) -> str:
    """What a row says, in words."""
    if row["level_lo"] is None:
        proxy = row["proxy_level"]
        return f"proxy {proxy}" if proxy is not None else str(row["status"]).replace("_", " ")
    return f"{row['level_lo']}" if row["level_lo"] == row["level_hi"] else f"{row['level_lo']} to {row['level_hi']}"


def _of_bounds(before: Row, after: Row) -> tuple[Trend, str]:
    """What two levels or intervals of levels allow to be said."""
    low, high = after["level_lo"] - before["level_lo"], after["level_hi"] - before["level_hi"]
    said = f"level {_words(before)} before, level {_words(after)} after"
    if before["level"] is not None and after["level"] is not None:
        if not low:
            return Trend.UNCHANGED, f"level {_words(before)} before and after"
        return (Trend.IMPROVED if low > 0 else Trend.WORSENED), said
    if after["level_lo"] > before["level_hi"]:
        return Trend.IMPROVED, said
    if after["level_hi"] < before["level_lo"]:
        return Trend.WORSENED, said
    if low == high == 0:
        return Trend.UNCLEAR, f"{said}: the level may have moved within"
    moved = "allow more than before" if low >= 0 and high >= 0 else "allow less" if low <= 0 and high <= 0 else "differ"
    return Trend.UNCLEAR, f"{said}: what the ties {moved}; the two overlap, and the level itself is not known"


def _share(coverage: float | None) -> str:
    return "unknown" if coverage is None else f"{coverage:.0%}"


def _differs(before: Row, after: Row, tolerance: float) -> str | None:
    """Why two levels rest on unlike records, if they do."""
    if before["basis"] != after["basis"]:
        return f"the level before rests on {before['basis']}, the level after on {after['basis']}"
    shares = before["coverage"], after["coverage"]
    unlike = (shares[0] is None) != (shares[1] is None)
    if not unlike and None not in shares:
        unlike = abs(shares[0] - shares[1]) > tolerance + 1e-9
    return f"coverage is {_share(shares[0])} before and {_share(shares[1])} after" if unlike else None


def _verdict(
    before: Row | None, after: Row | None, whole: bool, tolerance: float, blocked: Sequence[str]
) -> tuple[Trend, list[str]]:
    missing = [
        f"there is no level {when} ({_words(row) if row else 'no such scope'})"
        for when, row in (("before", before), ("after", after))
        if row is None or row["level_lo"] is None
    ]
    if before is None or after is None or missing:
        return Trend.NOT_COMPARABLE, missing
    unlike = _differs(before, after, tolerance)
    if unlike:
        return Trend.NOT_COMPARABLE, [unlike]
    if blocked and before["basis"] in _OF_TIES:
        return Trend.NOT_COMPARABLE, list(blocked)
    if not whole:
        return Trend.NOT_COMPARABLE, []
    verdict, reason = _of_bounds(before, after)
    return verdict, [reason]


def compare_levels(
    rows: Sequence[Mapping[tuple[str, str, str], Row]],
    number: int,
    comparison: Comparison,
    whole: bool,
    tolerance: float,
    blocked: Mapping[str, Sequence[str]],
    context: Sequence[str],
) -> Iterator[dict[str, Any]]:
    """One comparison of every indicator and scope, as rows of `changes` (with the comparison's number).

    `blocked` says, by indicator, which records are whole on one side only.
    """
    before, after = (rows[each] for each in comparison.slices)
    for key in sorted(before.keys() | after.keys()):
        one, two = before.get(key), after.get(key)
        verdict, reasons = _verdict(one, two, whole, tolerance, blocked.get(key[0], ()))
        levels = [row["level"] if row else None for row in (one, two)]
        known = None not in levels
        yield {
            "comparison": number,
            "measure_table": "indicators",
            "entity": SEPARATOR.join(key[1:]),
            "layer": "",
            "metric": key[0],
            "n_before": _valued(rows, comparison.earlier, key),
            "n_after": _valued(rows, comparison.later, key),
            "value_before": levels[0],
            "value_after": levels[1],
            "difference": levels[1] - levels[0] if known else None,  # type: ignore[operator]
            "method": ChangeMethod.LEVELS.value,
            "verdict": verdict.value,
            "reasons": [*reasons, *context],
        }


def _valued(
    rows: Sequence[Mapping[tuple[str, str, str], Row]], slices: Sequence[int], key: tuple[str, str, str]
) -> int:
    return sum(rows[number].get(key, {}).get("level") is not None for number in slices)


_OF_GROUP = re.compile(r"(.+) / \1")


def _scope_of(table: str, entity: str) -> str | None:
    """The scope whose level rests on an entity's measures: the group among its peers, or the network."""
    group = _OF_GROUP.fullmatch(entity) if table == "group_metrics" else None
    if group:
        return SEPARATOR.join((ScopeType.GROUP.value, group[1]))
    network = table == "network_metrics" and entity == NodeSet.ROSTER.value
    return ScopeType.NETWORK.value if network else None


def with_measures(
    levels: Sequence[Mapping[str, Any]], judged: pa.Table, family: Mapping[str, str], rate: float
) -> list[dict[str, Any]]:
    """Levels with a reason for each of their measures that moved by more than chance, whether or not the level did.

    `rate` is the false discovery rate at which a difference counts.
    """
    moved: dict[tuple[int, str, str], list[str]] = {}
    for row in judged.filter(pc.less_equal(judged.column("q_value"), rate)).to_pylist():
        scope, indicator = _scope_of(row["measure_table"], row["entity"]), family.get(row["metric"])
        if scope and indicator and (row["ci_low"] > 0 or row["ci_high"] < 0):
            how = "rose" if row["difference"] > 0 else "fell"
            told = (
                f"{row['metric']} {how} by more than chance: {row['value_before']:.3g} to {row['value_after']:.3g}, "
                f"difference {row['ci_low']:.3g} to {row['ci_high']:.3g}"
            )
            moved.setdefault((row["comparison"], scope, indicator), []).append(told)
    return [{**row, "reasons": [*row["reasons"], *sorted(moved.get(_place(row), ()))]} for row in levels]


def _place(row: Mapping[str, Any]) -> tuple[int, str, str]:
    scope, _, _ = row["entity"].partition(SEPARATOR)
    of_group = scope == ScopeType.GROUP.value
    return row["comparison"], row["entity"] if of_group else scope, row["metric"]
