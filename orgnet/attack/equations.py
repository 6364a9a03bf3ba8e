"""What an attacker knows of the numbers in a copy: which ones are shown, and which add up to which.

Every number of people is an unknown. One that is shown lies within what is rounded to it; one that is withheld is 1 at
least, as nobody at all is shown as 0, but for what is told of a group whose own number is withheld: that may be nobody.
How much it is at most is not known: it may have gone with a small one.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from orgnet.attack.copy import Copy

Cell = tuple[str, ...]
_UNKNOWN = float("inf")


@dataclass
class System:
    """Unknowns with what they may lie between, which of them are withheld, and sums: parts that make a total."""

    low: dict[Cell, float] = field(default_factory=dict)
    high: dict[Cell, float] = field(default_factory=dict)
    withheld: set[Cell] = field(default_factory=set)
    sums: list[tuple[list[Cell], list[Cell]]] = field(default_factory=list)

    def add(self, cell: Cell, shown: float | None, copy: Copy, least: float = 1.0) -> None:
        """One number, at least so much if it is withheld; seen twice, what both say of it holds."""
        if shown is None:
            low, high = least, _UNKNOWN
            self.withheld.add(cell)
        else:
            low, high = between(shown, copy)
        self.low[cell] = max(low, self.low.get(cell, 0.0))
        self.high[cell] = min(high, self.high.get(cell, _UNKNOWN))

    def equal(self, parts: Iterable[Cell], total: Iterable[Cell]) -> None:
        """Say that numbers add up to as much as others."""
        one, other = list(parts), list(total)
        if one and other and all(cell in self.low for cell in (*one, *other)):
            self.sums.append((one, other))


def between(shown: float, copy: Copy) -> tuple[float, float]:
    """The numbers that a copy shows as this one."""
    if shown == 0:
        return 0.0, 0.0
    low = shown - copy.step // 2
    return max(low, copy.small + 1.0), shown + (copy.step - 1) // 2


def joint_roles(copy: Copy) -> Iterator[System]:
    """Joint roles, slice by slice: of groups, of pairs of organisations, of organisations, and of all."""
    if not copy.has("network_metrics", "group_metrics", "ties", "organisation_metrics"):
        return
    wheres = "layer = 'joint_roles' AND status IN ('ok', 'rounded', 'suppressed')"
    total = dict(
        copy.rows(f"SELECT slice, value FROM network_metrics WHERE metric = 'joint_roles_active' AND {wheres}")
    )
    evidence = copy.rows(
        "SELECT slice, e.value FROM (SELECT slice, unnest(evidence) AS e FROM indicators WHERE scope_type = 'network') "
        "WHERE e.measure = 'joint_roles_active' AND e.value IS NOT NULL"
    )
    changed = copy.rows(
        "SELECT before, value_before FROM changes WHERE metric = 'joint_roles_active' AND value_before IS NOT NULL UNION "
        "SELECT after, value_after FROM changes WHERE metric = 'joint_roles_active' AND value_after IS NOT NULL"
    )
    for slice_, shown in total.items():
        system = System()
        whole = ("joint_roles_active", str(slice_))
        system.add(whole, shown, copy)
        for label, value in (*evidence, *changed):
            if label == slice_:
                system.add(whole, float(str(value)), copy)
        groups = copy.rows(
            f"SELECT professional_group, value, n_people FROM group_metrics WHERE metric = 'joint_roles' AND slice = '{slice_}' "
            "AND status IN ('ok', 'rounded', 'suppressed')"
        )
        of_groups = [("joint_roles", str(slice_), str(group)) for group, *_ in groups]
        for cell, (_, value, n) in zip(of_groups, groups, strict=True):
            system.add(cell, value, copy, least=0.0 if n is None else 1.0)
        system.equal(of_groups, [whole])
        _pairs(copy, system, "joint_roles", str(slice_), whole)
        yield system


def _pairs(copy: Copy, system: System, layer: str, slice_: str, whole: Cell | None) -> None:
    """Ties of one layer that count people, and the organisations' sums of them."""
    ties = copy.rows(
        f"SELECT source_id, target_id, weight FROM ties WHERE layer = '{layer}' AND slice = '{slice_}' ORDER BY ALL"
    )
    cells = {(str(one), str(two)): (layer, slice_, str(one), str(two)) for one, two, _ in ties}
    for one, two, weight in ties:
        system.add(cells[str(one), str(two)], weight, copy)
    if whole is not None:
        system.equal(cells.values(), [whole])
    sides = {"strength": (0, 1), "out_strength": (0,), "in_strength": (1,)}
    sums = copy.rows(
        f"SELECT organisation_id, metric, value FROM organisation_metrics WHERE layer = '{layer}' AND slice = '{slice_}' "
        "AND metric IN ('strength', 'out_strength', 'in_strength') AND value > 0"
    )
    for organisation, metric, value in sums:
        mine = [cell for ends, cell in cells.items() if any(ends[at] == organisation for at in sides[str(metric)])]
        total = (str(metric), layer, slice_, str(organisation))
        system.add(total, float(str(value)), copy)
        system.equal(mine, [total])


def referrals(copy: Copy) -> Iterator[System]:
    """Referrals between pairs, the organisations' sums, and the steps of time within each window."""
    if not copy.has("ties", "organisation_metrics", "activity"):
        return
    windows = copy.rows("SELECT DISTINCT slice, window_start, slice_end FROM network_metrics ORDER BY slice_end")
    steps = copy.rows(
        "SELECT period_start, period_end, value FROM activity WHERE metric = 'referrals_made' ORDER BY period_start"
    )
    for slice_, opened, ended in windows:
        system = System()
        for layer in ("referrals", "referrals_back"):
            _pairs(copy, system, layer, str(slice_), None)
        pairs = [cell for cell in system.low if cell[0] in ("referrals", "referrals_back")]
        inside = [row for row in steps if _within(row, opened, ended)]
        covered = bool(inside) and inside[0][0] == opened and inside[-1][1] == ended
        for start, _, value in inside:
            system.add(("referrals_made", str(start)), value, copy)
        if covered:
            system.equal(pairs, [("referrals_made", str(row[0])) for row in inside])
        yield system


def _within(row: tuple[object, ...], opened: object, ended: object) -> bool:
    start, end = row[0], row[1]
    assert isinstance(start, date) and isinstance(end, date) and isinstance(opened, date) and isinstance(ended, date)
    return start >= opened and end <= ended


def cases(copy: Copy) -> Iterator[System]:
    """Cases of each window, and of the steps of time within all windows: one system, as steps lie in several."""
    if not copy.has("network_metrics", "activity"):
        return
    system = System()
    windows = copy.rows(
        "SELECT slice, window_start, slice_end, value FROM network_metrics WHERE metric = 'mdt_cases' "
        "AND status IN ('ok', 'rounded', 'suppressed') ORDER BY slice_end"
    )
    steps = copy.rows(
        "SELECT period_start, period_end, n FROM activity WHERE metric = 'deferral_missing_info_rate' "
        "AND status IN ('ok', 'rounded', 'suppressed') ORDER BY period_start"
    )
    for start, _, n in steps:
        system.add(("cases", str(start)), n, copy)
    for slice_, opened, ended, value in windows:
        cell = ("mdt_cases", str(slice_))
        system.add(cell, value, copy)
        inside = [row for row in steps if _within(row, opened, ended)]
        if inside and inside[0][0] == opened and inside[-1][1] == ended:
            system.equal([("cases", str(row[0])) for row in inside], [cell])
    yield system


def people(copy: Copy) -> Iterator[System]:
    """People by professional group, and all people, slice by slice."""
    if not copy.has("group_metrics", "indicators"):
        return
    groups = copy.rows("SELECT slice, professional_group, max(n_people) FROM group_metrics GROUP BY ALL ORDER BY ALL")
    totals = dict(
        copy.rows(
            "SELECT slice, max(n_people) FROM indicators WHERE scope_type = 'network' "
            "AND indicator IN ('acquaint', 'connect') GROUP BY slice"
        )
    )
    for slice_ in sorted({str(row[0]) for row in groups}):
        system = System()
        mine = [row for row in groups if row[0] == slice_]
        for _, group, n in mine:
            system.add(("n_people", slice_, str(group)), n, copy)
        if totals.get(slice_) is not None:
            system.add(("n_people", slice_, ""), float(str(totals[slice_])), copy)
            system.equal([("n_people", slice_, str(group)) for _, group, _ in mine], [("n_people", slice_, "")])
        yield system


def answers(copy: Copy) -> Iterator[System]:
    """Respondents by stratum and in all, item by item."""
    if not copy.has("survey_scores"):
        return
    rows = copy.rows(
        "SELECT instrument, wave, item, stratum_type, stratum, max(n_people) FROM survey_scores GROUP BY ALL ORDER BY ALL"
    )
    for item in sorted({tuple(map(str, row[:3])) for row in rows}):
        system = System()
        mine = [(str(row[3]), str(row[4]), row[5]) for row in rows if tuple(map(str, row[:3])) == item]
        for kind, stratum, n in mine:
            system.add((*item, kind, stratum), n, copy)
        everybody = [(*item, kind, stratum) for kind, stratum, _ in mine if kind == "all"]
        for kind in {kind for kind, _, _ in mine} - {"all"}:
            system.equal([(*item, each, stratum) for each, stratum, _ in mine if each == kind], everybody)
        yield system


def systems(copy: Copy) -> Iterator[System]:
    """Every set of sums that a copy's numbers are in."""
    for found in (joint_roles, people, cases, referrals, answers):
        yield from found(copy)
