"""Numbers of individuals that add up, follow each other or overlap: which of them must be hidden with the small ones.

What is found is the table `further`: one row for each number that is not small and must be hidden all the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from orgnet.config import Config
from orgnet.disclosure.profiles import Profile
from orgnet.disclosure.rules import DisclosureRule
from orgnet.disclosure.sums import Sum, hide_further, overlapping, too_near
from orgnet.vocabulary import Layer

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Kind = tuple[str, str, str]

_REFERRED = (Layer.REFERRALS, Layer.REFERRALS_BACK)
_TIES_OF_JOINT_ROLES: Kind = ("ties", Layer.JOINT_ROLES, "weight")
_JOINT_ROLES: Kind = ("network_metrics", Layer.JOINT_ROLES, "joint_roles_active")
_JOINT_ROLES_BY_GROUP: Kind = ("group_metrics", Layer.JOINT_ROLES, "joint_roles")
_PEOPLE: Kind = ("network_people", "", "n_people")
_PEOPLE_BY_GROUP: Kind = ("group_people", "", "n_people")
_CASES: Kind = ("network_metrics", Layer.MDT, "mdt_cases")
_CASES_BY_MONTH: Kind = ("activity", "", "deferral_missing_info_rate")
_REFERRALS_BY_MONTH: Kind = ("activity", "", "referrals_made")
_SUMS = (
    (_TIES_OF_JOINT_ROLES, _JOINT_ROLES),
    (_JOINT_ROLES_BY_GROUP, _JOINT_ROLES),
    (_PEOPLE_BY_GROUP, _PEOPLE),
)
"""Numbers that add up to another in each slice: the parts, the total."""

# Each number of individuals once, by the table that it stands in, what it is about, and the first day of its slice or step.
_OF_ALL = f"""
SELECT 'ties' AS cell_table, layer, 'weight' AS metric, source_id || ' / ' || target_id AS entity, slice_start AS day,
    CAST(round(weight) AS BIGINT) AS n
FROM ties WHERE layer = '{Layer.JOINT_ROLES}' AND weight > 0
UNION ALL SELECT 'group_metrics', layer, metric, professional_group, slice_start, CAST(value AS BIGINT)
FROM group_metrics WHERE metric = 'joint_roles' AND value IS NOT NULL
UNION ALL SELECT 'network_metrics', layer, metric, node_set, slice_start, CAST(value AS BIGINT)
FROM network_metrics WHERE metric IN ('joint_roles_active', 'mdt_cases') AND value IS NOT NULL
UNION ALL SELECT 'group_people', '', 'n_people', professional_group, slice_start, n FROM group_people
UNION ALL SELECT 'network_people', '', 'n_people', '', slice_start, max(n_people)
FROM indicators WHERE scope_type = 'network' AND indicator IN ('acquaint', 'connect') GROUP BY slice_start
HAVING max(n_people) IS NOT NULL
UNION ALL SELECT 'activity', '', metric, entity, period_start, n FROM activity
WHERE metric IN ('{_CASES_BY_MONTH[2]}', '{_REFERRALS_BY_MONTH[2]}') AND n IS NOT NULL
"""
# Rounded numbers of many pairs cannot be taken apart; exact ones can.
_OF_PAIRS = f"""
UNION ALL SELECT 'ties', layer, 'weight', source_id || ' / ' || target_id, slice_start, CAST(round(weight) AS BIGINT)
FROM ties WHERE layer IN ('{Layer.REFERRALS}', '{Layer.REFERRALS_BACK}') AND weight > 0
UNION ALL SELECT 'ties', layer, 'people', source_id || ' / ' || target_id, slice_start, people FROM ties WHERE people > 0
"""
_SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("cell_table", "layer", "metric", "entity")),
        ("day", pa.date32()),
        ("rule", pa.string()),
    ]
)


@dataclass
class _Numbers:
    """Numbers of one kind, shape (entities, days), -1 where there is none; which are small, and why others are hidden."""

    kind: Kind
    entities: Sequence[str]
    days: Sequence[date]
    n: Ints
    small: Flags
    rules: NDArray[np.object_]

    @property
    def hidden(self) -> Flags:
        return np.asarray(self.small | (self.rules != ""))

    def hide(self, flags: Flags, rule: DisclosureRule) -> bool:
        """Hide numbers that are not hidden yet; whether there were any."""
        new = flags & ~self.hidden & (self.n > 0)
        self.rules[new] = rule.value
        return bool(new.any())

    def hide_at(self, rows: Ints, at: Ints | int, flags: Flags | bool) -> bool:
        """Hide numbers of some entities on some days, as a sum would give others away."""
        wanted = np.zeros(self.n.shape, dtype=bool)
        wanted[rows, at] = flags
        return self.hide(wanted, DisclosureRule.BY_SUBTRACTION)


def find_further(con: duckdb.DuckDBPyConnection, config: Config, profile: Profile) -> pa.Table:
    """Which numbers must be hidden although they are not small, and why."""
    if not profile.protects:
        return _SCHEMA.empty_table()
    kinds, calendar = _read(con, profile), config.calendar
    days = [each.start for each in calendar.slices]
    overlap = overlapping(calendar.window_starts.tolist(), calendar.ends.tolist(), profile)
    taken = {day for day, flag in zip(days, overlap, strict=True) if flag}
    for kind, numbers in kinds.items():
        if kind[1] in _REFERRED:
            here = np.array([day in taken for day in numbers.days], dtype=bool)
            numbers.hide(np.broadcast_to(here, numbers.n.shape), DisclosureRule.OVERLAPPING_WINDOWS)
    # What had to go for one sum may be given back by another, and leaves others next to each other.
    while _keep_apart(kinds, profile) | _keep_sums(kinds, config, profile, taken):
        pass
    return _as_table(kinds.values())


def _keep_apart(kinds: Mapping[Kind, _Numbers], profile: Profile) -> bool:
    """Hide what differs by a few people from the number that is shown before it; whether anything was.

    Steps of time do not overlap, and who is in one is in no other.
    """
    near = [
        numbers.hide(too_near(numbers.n, numbers.hidden, profile), DisclosureRule.OVERLAPPING_WINDOWS)
        for kind, numbers in kinds.items()
        if kind[0] != "activity" and kind != _CASES
    ]
    return any(near)


def _read(con: duckdb.DuckDBPyConnection, profile: Profile) -> dict[Kind, _Numbers]:
    """Every number, by kind."""
    con.execute(f"CREATE OR REPLACE TEMP TABLE numbers AS {_OF_ALL}{_OF_PAIRS if profile.exact else ''}")
    kinds = con.execute("SELECT DISTINCT cell_table, layer, metric FROM numbers ORDER BY ALL").fetchall()
    found = {}
    for kind in kinds:
        rows = con.sql(
            "SELECT entity, day, n FROM numbers WHERE (cell_table, layer, metric) = (?, ?, ?) ORDER BY ALL", params=kind
        ).to_arrow_table()
        entities, row = np.unique(rows["entity"].to_numpy().astype(str), return_inverse=True)
        days, at = np.unique(rows["day"].to_numpy(), return_inverse=True)
        n = np.full((len(entities), len(days)), -1, dtype=np.int64)
        n[row, at] = rows["n"].to_numpy()
        small = (n > 0) & (n <= profile.withhold_up_to)
        numbered = (entities.tolist(), days.astype("datetime64[D]").tolist())
        found[kind] = _Numbers(kind, *numbered, n, small, np.full(n.shape, "", dtype=object))
    return found


def _keep_sums(kinds: Mapping[Kind, _Numbers], config: Config, profile: Profile, taken: set[date]) -> bool:
    """Hide what sums would give away; whether anything was."""
    more = [_keep_sum(kinds[parts], kinds[total], profile) for parts, total in _SUMS if {parts, total} <= kinds.keys()]
    if profile.exact:
        more += [_keep_cases(kinds, config, profile, taken), _keep_referrals(kinds, config, profile)]
    return any(more)


def _keep_sum(parts: _Numbers, total: _Numbers, profile: Profile) -> bool:
    """Hide what one sum would give away, day by day."""
    more, place = False, {day: at for at, day in enumerate(parts.days)}
    for at in np.flatnonzero(total.n[0] > 0).tolist():
        if (mine := place.get(total.days[at])) is None:
            continue
        there = np.flatnonzero(parts.n[:, mine] > 0)
        asked = Sum(parts.n[there, mine], parts.hidden[there, mine], int(total.n[0, at]), bool(total.hidden[0, at]))
        if asked.parts.sum() != asked.total:
            continue  # people in two groups, or in none: the parts do not give the total
        kept = hide_further(asked, profile)
        more |= parts.hide_at(there, mine, kept.hidden)
        more |= total.hide_at(np.zeros(1, np.int64), at, kept.total_hidden)
    return more


def _steps_in(numbers: _Numbers, start: date, end: date) -> Ints:
    """The steps of a series within a window."""
    return np.flatnonzero([start <= day < end for day in numbers.days])


def _keep_cases(kinds: Mapping[Kind, _Numbers], config: Config, profile: Profile, taken: set[date]) -> bool:
    """Cases of the steps within a window add up to the window's; where one step is hidden, windows must not overlap."""
    if not {_CASES, _CASES_BY_MONTH} <= kinds.keys():
        return False
    total, steps, more = kinds[_CASES], kinds[_CASES_BY_MONTH], False
    for each in config.calendar.slices:
        if each.start not in total.days:
            continue
        at, inside = total.days.index(each.start), _steps_in(steps, each.window_start, each.end)
        asked = Sum(steps.n[0, inside], steps.hidden[0, inside], int(total.n[0, at]), bool(total.hidden[0, at]))
        if asked.parts.sum() != asked.total:
            continue
        if asked.hidden.any() and each.start in taken:
            here = np.arange(len(total.days)) == at
            more |= total.hide(here[None, :], DisclosureRule.OVERLAPPING_WINDOWS)
            continue
        kept = hide_further(asked, profile)
        more |= steps.hide_at(np.zeros_like(inside), inside, kept.hidden)
        more |= total.hide_at(np.zeros(1, np.int64), at, kept.total_hidden)
    return more


def _keep_referrals(kinds: Mapping[Kind, _Numbers], config: Config, profile: Profile) -> bool:
    """Referrals of the steps within a window add up to those of all pairs, forward and back."""
    pairs = [numbers for kind, numbers in kinds.items() if kind[0] == "ties" and kind[1] in _REFERRED]
    pairs = [numbers for numbers in pairs if numbers.kind[2] == "weight"]
    steps, more = kinds.get(_REFERRALS_BY_MONTH), False
    if steps is None:
        return False
    for each in config.calendar.slices:
        inside = _steps_in(steps, each.window_start, each.end)
        at = [(numbers, numbers.days.index(each.start)) for numbers in pairs if each.start in numbers.days]
        parts = [numbers.n[:, day] for numbers, day in at]
        hidden = [numbers.hidden[:, day] for numbers, day in at]
        there = [part > 0 for part in parts]
        n = np.concatenate([part[here] for part, here in zip(parts, there, strict=True)] or [np.zeros(0, np.int64)])
        of_pairs = np.concatenate([flag[here] for flag, here in zip(hidden, there, strict=True)] or [np.zeros(0, bool)])
        total = int(steps.n[0, inside].sum())
        if total != n.sum():
            continue
        by_step = steps.hidden[0, inside]
        kept = hide_further(Sum(n, of_pairs, total, bool(by_step.any())), profile)
        ends = np.cumsum([here.sum() for here in there])
        for (numbers, day), here, flags in zip(at, there, np.split(kept.hidden, ends[:-1]), strict=False):
            more |= numbers.hide_at(np.flatnonzero(here), day, flags)
        asked = Sum(steps.n[0, inside], by_step, total, bool(kept.hidden.any()))
        kept_steps = hide_further(asked, profile)
        if kept.total_hidden and not kept_steps.hidden.any() and len(inside):
            kept_steps.hidden[np.argmin(np.where(asked.parts > 0, asked.parts, np.iinfo(np.int64).max))] = True
        more |= steps.hide_at(np.zeros_like(inside), inside, kept_steps.hidden)
    return more


def _as_table(kinds: Iterable[_Numbers]) -> pa.Table:
    """The numbers that are hidden with others, one row each."""
    parts = [_SCHEMA.empty_table()]
    for numbers in kinds:
        row, at = np.nonzero(numbers.rules != "")
        named = {name: pa.repeat(word, len(row)) for name, word in zip(_SCHEMA.names, numbers.kind, strict=False)}
        taken = {
            "entity": pa.array(numbers.entities, pa.string()).take(row),
            "day": pa.array(numbers.days, pa.date32()).take(at),
            "rule": pa.array(numbers.rules[row, at], pa.string()),
        }
        parts.append(pa.table(named | taken, schema=_SCHEMA))
    return pa.concat_tables(parts)
