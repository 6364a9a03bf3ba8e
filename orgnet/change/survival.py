"""How long joint roles and leads last: the `survival` table.

A spell is what one person holds without a break: a joint role in one pair of organisations, the lead of one body, or
any network lead role with a right to decide (as in the metric `core_team_tenure`). Only spells held on some day of the
period are seen: one that began earlier counts from the age it had then, one that goes on until the age it reached.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import isnan, nan
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from orgnet import store
from orgnet.metrics.kaplan_meier import Curve, kaplan_meier, log_log_interval
from orgnet.records.organisations import days_of, numbers_of, words_of
from orgnet.records.read import Records
from orgnet.spells import Ranges, distinct, merged, pairs_within
from orgnet.ties.make import Ties
from orgnet.ties.tiles import Held
from orgnet.vocabulary import LeadScope, RecordKind, SpellBasis, SpellKind, Status
from orgnet.windows import FOREVER, Calendar

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
FEWEST = 8
"""Of fewer spells no median is given: it would be one person's."""
_NONE = np.zeros(1, dtype=np.int64)
_NOTHING = Curve(days=_NONE, at_risk=_NONE, ended=_NONE, censored=_NONE, survival=np.full(1, np.nan))
"""The one row of a curve whose spells all had to be left out."""


@dataclass(frozen=True)
class Spells:
    """Who held something from one day to another, end exclusive; FOREVER either way where no day is recorded."""

    person: Ints
    first: Ints
    end: Ints

    def at(self, rows: Ints | Flags) -> "Spells":
        """Some of the spells."""
        return Spells(self.person[rows], self.first[rows], self.end[rows])


def joined_spells(person: Ints, about: Ints, first: Ints, end: Ints) -> Spells:
    """Spells of one person about one thing that touch or overlap as one spell."""
    # Days are counted from the earliest there is: numbers below 0 would be taken for another key's.
    begin, span = int(first.min(initial=0)), int(about.max(initial=0)) + 1
    joined = merged(Ranges(person * span + about, first - begin, end - begin - 1))
    return Spells(joined.key // span, joined.first + begin, joined.last + begin + 1)


def _joint_spells(held: Held, n: int) -> Iterator[tuple[SpellKind, SpellBasis, Spells]]:
    """Joint roles per person and pair of organisations, by how they are known."""
    pair = held.source * n + held.target
    for basis, rows in (
        (SpellBasis.ANY, np.ones(len(pair), dtype=bool)),
        (SpellBasis.RECORDED, held.stated),
        (SpellBasis.OVERLAPPING_POSTS, ~held.stated),
    ):
        made = joined_spells(held.person[rows], pair[rows], held.first_day[rows], held.end_day[rows])
        yield SpellKind.JOINT_ROLES, basis, made


def _lead_spells(roles: pa.Table) -> Iterator[tuple[SpellKind, SpellBasis, Spells]]:
    """Leads per person and body, by how far they reach; and per person, of whatever body, those of the network."""
    person, scope = numbers_of(roles.column("person_id"), missing=-1), words_of(roles.column("scope"))
    first, end = days_of(roles.column("start"), -FOREVER), days_of(roles.column("end"), FOREVER)
    body = np.unique(words_of(roles.column("body_id")), return_inverse=True)[1].astype(np.int64)
    network, decides = scope == LeadScope.NETWORK, np.asarray(roles.column("decision_right").fill_null(True))
    for kind, basis, about, rows in (
        (SpellKind.LEAD_ROLES, SpellBasis.ANY, body, np.ones(len(person), dtype=bool)),
        (SpellKind.LEAD_ROLES, SpellBasis.NETWORK, body, network),
        (SpellKind.LEAD_ROLES, SpellBasis.ORGANISATION, body, scope == LeadScope.ORGANISATION),
        (SpellKind.LEADERS, SpellBasis.NETWORK, np.zeros_like(body), network & decides),
    ):
        yield kind, basis, joined_spells(person[rows], about[rows], first[rows], end[rows])


def _groups_of(spells: Spells, records: Records) -> Iterator[tuple[str | None, Ints]]:
    """Everybody's spells, and those of each group: of people with a post of that group while the spell lasts."""
    yield None, np.arange(len(spells.person))
    posts = records.tables.get(RecordKind.PEOPLE)
    if posts is None:
        return
    person, group = numbers_of(posts.column("person_id"), missing=-1), words_of(posts.column("group"))
    start, end = days_of(posts.column("start"), -FOREVER), days_of(posts.column("end"), FOREVER)
    row, post = pairs_within(spells.person, person)
    while_held = (start[post] < spells.end[row]) & (spells.first[row] < end[post])
    for name in np.unique(group[group != ""]).tolist():
        yield name, distinct(row[while_held & (group[post] == name)])


def _curve(spells: Spells, calendar: Calendar) -> tuple[Curve, Spells]:
    """The curve of spells seen in the period whose first day is recorded, and these spells."""
    begin, close = int(calendar.starts[0]), int(calendar.ends[-1])
    known = spells.at(spells.first > -FOREVER)
    if not len(known.person):
        return _NOTHING, known
    entry, leave = np.maximum(begin - known.first, 0), np.minimum(known.end, close) - known.first
    return kaplan_meier(entry, leave, known.end <= close), known


def _median(curve: Curve, spells: int) -> tuple[Status, float]:
    """The median, if there is one and the spells are not too few."""
    if spells < FEWEST:
        return Status.INSUFFICIENT, nan
    return (Status.UNDEFINED if isnan(curve.median) else Status.OK), curve.median


def _rows(spells: Spells, calendar: Calendar, **of: str | None) -> dict[str, NDArray[Any]]:
    """The columns of one curve; `of` says what it is of."""
    curve, known = _curve(spells, calendar)
    low, high = log_log_interval(curve)
    size = len(curve.days)
    status, median = _median(curve, len(known.person))
    return {
        "days": curve.days,
        "n_at_risk": curve.at_risk,
        "n_ended": curve.ended,
        "n_censored": curve.censored,
        "survival": curve.survival,
        "ci_low": low,
        "ci_high": high,
        "median_days": np.full(size, median),
        "n_spells": np.full(size, len(known.person)),
        "n_left_out": np.full(size, len(spells.person) - len(known.person)),
        "n_people": np.full(size, len(np.unique(known.person))),
        **{name: np.full(size, word, dtype=object) for name, word in {**of, "status": status.value}.items()},
    }


def survival_table(records: Records, ties: Ties, calendar: Calendar) -> pa.Table:
    """The `survival` table: a curve for each kind of spell, basis and professional group that has any spell."""
    begin, close = calendar.starts[0], calendar.ends[-1]
    roles = records.tables.get(RecordKind.LEAD_ROLES)
    made = [*_joint_spells(ties.joint_roles, max(len(records.organisations), 1))]
    made += _lead_spells(roles) if roles is not None else ()
    parts = []
    for kind, basis, every in made:
        seen = every.at((every.first < close) & (every.end > begin))
        for group, rows in _groups_of(seen, records):
            of = {"spell_kind": kind.value, "spell_basis": basis.value, "professional_group": group}
            parts += [_rows(seen.at(rows), calendar, **of)] if len(rows) else []
    columns: dict[str, Any] = {
        name: np.concatenate([part[name] for part in parts]) if parts else [] for name in store.columns_of("survival")
    }
    return store.sorted_by_key("survival", store.table("survival", columns))
