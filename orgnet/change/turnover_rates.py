"""How much of a network's ties stayed from one window to another: the `turnover` table, from ties found to have changed."""

from collections.abc import Mapping, Sequence
from math import isnan, nan

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from orgnet import store
from orgnet.change.comparisons import Comparison
from orgnet.change.matrices import DRAWS, Association, qap
from orgnet.change.turnover import CHANGES, DIRECTED, LAYERS, Changes, changes_table, find_changes
from orgnet.metrics.turnover import TieTurnover, persistence_jaccard, tie_formation, tie_retention
from orgnet.records.behind import kinds_behind
from orgnet.records.coverage import Coverage
from orgnet.records.organisations import Roster
from orgnet.records.read import Records
from orgnet.vocabulary import Layer, NodeSet, Status
from orgnet.windows import Calendar

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Covered = Mapping[str, Flags]
"""Per layer that the network supplies and slice: whether the records are known to be whole."""
_SHARES = {"jaccard": persistence_jaccard, "retention": tie_retention, "formation": tie_formation}
_TESTED = ("correlation", "p_value", "n_permutations")
_WHY = {
    "jaccard": "jaccard is undefined: no pair is tied before or after",
    "retention": "retention is undefined: no pair is tied before",
    "formation": "formation is undefined: every pair is tied before",
    "correlation": "correlation is undefined: all pairs are tied alike before, or after",
}


def layers_covered(records: Records, roster: Roster, coverage: Coverage) -> dict[str, Flags]:
    """Per layer that the network supplies, the slices in which the records of all on the roster are known to be whole."""
    whole = {}
    for layer in Layer:
        behind = kinds_behind(layer, records.has)
        if behind:
            known = np.logical_and.reduce([coverage.of(kind) for kind in behind])
            whole[layer.value] = np.asarray((known | ~roster.present).all(axis=0))
    return whole


def turnover_tables(
    ties: pa.Table,
    rosters: Sequence[Sequence[str]],
    comparisons: Sequence[Comparison],
    calendar: Calendar,
    *,
    seed: int,
    permutations: int = DRAWS,
    covered: Covered | None = None,
) -> dict[str, pa.Table]:
    """The tables `tie_changes` and `turnover`.

    Args:
        ties: the `ties` table.
        rosters: the organisations on each slice's roster, by slice number.
        comparisons: which slices to compare, and what the two periods are called.
        seed: where the draws of the permutation test start.
        covered: from `layers_covered`: layers to give a row even if nothing ties anybody, and where that is known to be
            so; left out, the layers that tie anybody, and no absence is known.
    """
    found = find_changes(ties, rosters, comparisons, calendar)
    supplied = set(ties.column("layer").cast(pa.string()).unique().to_pylist()) | set(covered or {})
    layers = [number for number, name in enumerate(LAYERS) if name in supplied]
    rows = [
        _row(found, at, layer, node_set, calendar, covered or {}, seed, permutations)
        for at in range(len(found.compared))
        for layer in layers
        for node_set in NodeSet
    ]
    columns = {name: [row[name] for row in rows] for name in store.columns_of("turnover")}
    turnover = store.sorted_by_key("turnover", store.table("turnover", columns))
    return {"tie_changes": changes_table(found), "turnover": turnover}


def _counted(found: Changes, at: int, layer: int, node_set: NodeSet) -> tuple[int, dict[str, int]]:
    """The organisations of a node set, and what became of their pairs."""
    members = found.panel[at] if node_set == NodeSet.CONSTANT_PANEL else found.on_before[at] | found.on_after[at]
    here = (found.comparison == at) & (found.layer == layer) & members[found.source] & members[found.target]
    of_change = np.bincount(found.change[here], minlength=len(CHANGES)).tolist()
    counts = {change.value: number for change, number in zip(CHANGES, of_change, strict=True)}
    n = int(members.sum())
    possible = n * (n - 1) // (1 if DIRECTED[layer] else 2)
    return n, counts | {"never": possible - sum(of_change)}


def _row(
    found: Changes,
    at: int,
    layer: int,
    node_set: NodeSet,
    calendar: Calendar,
    covered: Covered,
    seed: int,
    permutations: int,
) -> dict[str, object]:
    """One row of `turnover`."""
    compared, (n, counts) = found.compared[at], _counted(found, at, layer, node_set)
    figures: dict[str, float] = dict.fromkeys([*_SHARES, *_TESTED], nan)
    status, reasons = _unusable(compared, LAYERS[layer], counts, calendar, covered)
    if status == Status.OK:
        figures |= _shares(counts)
        wanted = list(_SHARES)
        if node_set == NodeSet.CONSTANT_PANEL:
            figures |= _tested(_correlated(found, at, layer, seed, permutations))
            wanted.append("correlation")
        reasons = [_WHY[name] for name in wanted if isnan(figures[name])]
        status = Status.UNDEFINED if reasons else Status.OK
    return {
        "before": compared.before,
        "after": compared.after,
        "layer": LAYERS[layer],
        "node_set": node_set.value,
        "n_organisations": n,
        **counts,
        **{name: None if isnan(value) else value for name, value in figures.items()},
        "status": status.value,
        "reasons": reasons,
    }


def _unusable(
    compared: Comparison, layer: str, counts: Mapping[str, int], calendar: Calendar, covered: Covered
) -> tuple[Status, list[str]]:
    """Why two windows cannot be compared; `ok` if they can. No tie is not known to be none unless records are whole."""
    sides = dict(zip((compared.before, compared.after), compared.slices, strict=True))
    cut = [period for period, number in sides.items() if not calendar.slices[number].whole]
    if cut:
        return Status.INSUFFICIENT, [f"the window of {period} reaches back before the period" for period in cut]
    tied = (counts["kept"] + counts["dissolved"], counts["kept"] + counts["formed"])
    known = covered.get(layer, np.zeros(len(calendar), dtype=bool))
    empty = [period for period, ties in zip(sides, tied, strict=True) if not ties]
    if empty and not all(known[number] for number in sides.values()):
        return Status.NO_COVERAGE, [f"no tie in {period}, where records are not known to be whole" for period in empty]
    return Status.OK, []


def _shares(counts: Mapping[str, int]) -> dict[str, float]:
    """Jaccard index, retention and formation, as the metrics of turnover have them; NaN where undefined."""
    kept, lost, gained, never = (np.array([counts[name]]) for name in ("kept", "dissolved", "formed", "never"))
    turnover = TieTurnover(kept, lost, gained, never)
    return {name: float(share(turnover)[0]) for name, share in _SHARES.items()}


def _tested(found: Association) -> dict[str, float]:
    """The permutation test's figures; no number of permutations where there was no test."""
    return dict(zip(_TESTED, (found.correlation, found.p_value, found.n_permutations or nan), strict=True))


def _correlated(found: Changes, at: int, layer: int, seed: int, permutations: int) -> Association:
    """The correlation of the panel's ties before with those after; each comparison and layer has draws of its own."""
    place = np.cumsum(found.panel[at]) - 1
    here = np.flatnonzero((found.comparison == at) & (found.layer == layer) & found.on_panel)
    n, directed = int(found.panel[at].sum()), bool(DIRECTED[layer])

    def matrix(weights: Floats) -> Floats:
        made = np.zeros((n, n))
        made[place[found.source[here]], place[found.target[here]]] = np.nan_to_num(weights[here])
        return made if directed else made + made.T

    compared = found.compared[at]
    draws = [seed, *f"{compared.before}/{compared.after}/{LAYERS[layer]}".encode()]
    before, after = matrix(found.weight_before), matrix(found.weight_after)
    return qap(before, after, directed=directed, permutations=permutations, seed=draws)
