"""What researchers coded: the levels that somebody gave an indicator after reading or listening."""

from dataclasses import dataclass, field

import numpy as np

from orgnet.records.organisations import days_of, words_of
from orgnet.records.read import Records
from orgnet.vocabulary import Indicator, RecordKind, ScopeType
from orgnet.windows import FOREVER, Calendar

_Key = tuple[str, str, str]


@dataclass(frozen=True)
class Codes:
    """The lowest and the highest level coded for one scope and slice, by how many codes and coders."""

    low: int
    high: int
    codes: int
    coders: int


@dataclass(frozen=True)
class CodedEvidence:
    """Coded levels by indicator, scope type and scope; for each, the slices that a code's period shares a day with."""

    levels: dict[_Key, list[tuple[int, int, int, str]]] = field(default_factory=dict)

    def at(self, number: int, indicator: Indicator, scope_type: ScopeType, scope_id: str) -> Codes | None:
        """What was coded for a scope in a slice; None if nothing was."""
        rows = self.levels.get((indicator.value, scope_type.value, scope_id), [])
        here = [(level, coder) for first, last, level, coder in rows if first <= number <= last]
        if not here:
            return None
        levels = [level for level, _ in here]
        return Codes(min(levels), max(levels), len(levels), len({coder for _, coder in here}))


def find_codes(records: Records, network: str, calendar: Calendar) -> CodedEvidence:
    """All coded evidence; a code of no stated scope is about the network."""
    table = records.tables.get(RecordKind.CODED_EVIDENCE)
    found = CodedEvidence()
    if table is None:
        return found
    words = {name: words_of(table.column(name)).tolist() for name in ("indicator", "scope_type", "scope_id", "coder")}
    levels = np.asarray(table.column("level").to_numpy()).tolist()
    start, end = days_of(table.column("period_start"), -FOREVER), days_of(table.column("period_end"), FOREVER)
    first, last = calendar.touched(start, end)
    for row, level in enumerate(levels):
        scope_type = words["scope_type"][row] or ScopeType.NETWORK.value
        of_network = scope_type == ScopeType.NETWORK.value
        key = (words["indicator"][row], scope_type, network if of_network else words["scope_id"][row])
        code = (int(first[row]), int(last[row]), int(level), words["coder"][row])
        found.levels.setdefault(key, []).append(code)
    return found
