"""What a run takes up from earlier runs and what it works out anew, known before the work begins."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from orgnet.change.kept_draws import DRAWS, draws_made_from
from orgnet.config import Config
from orgnet.errors import InputFault
from orgnet.made_from import Plan, Reuse, in_common
from orgnet.metrics.kept_windows import WINDOWS, windows_made_from
from orgnet.metrics.measure import SliceTask
from orgnet.metrics.reuse import GRAPHS, GROUPS, graphs_made_from, groups_made_from
from orgnet.partials import Partials
from orgnet.records.coverage import Coverage
from orgnet.records.organisations import Roster
from orgnet.records.read import Records
from orgnet.records.seen import see
from orgnet.vocabulary import RecordKind

FOLDER = "partials"


@dataclass(frozen=True)
class Plans:
    """The plans of a run; there is none for draws where none are asked for."""

    graphs: Plan
    groups: Plan
    windows: Plan
    draws: Plan | None
    damaged: int

    @property
    def drawn_anew(self) -> list[int]:
        """The slices that draws are made for."""
        return [] if self.draws is None else sorted(self.draws.anew)

    @property
    def little(self) -> bool:
        """Whether no more than a fifth of the slices' groups are measured anew."""
        return len(self.groups.anew) <= len(self.groups.labels) // 5

    @property
    def _all(self) -> list[Plan]:
        return [plan for plan in (self.graphs, self.groups, self.windows, self.draws) if plan is not None]

    def counted(self) -> dict[str, dict[str, int]]:
        """How many slices' results are taken up and how many are made anew, by kind."""
        return {plan.kind: {"taken_up": len(plan.taken_up), "anew": len(plan.anew)} for plan in self._all}

    def told(self) -> list[str]:
        """The plans in words."""
        lines = in_common({plan.kind: plan.told() for plan in self._all})
        if self.damaged:
            lines.append(f"{self.damaged} kept results are damaged or cannot be read, and made anew")
        return lines


def again_among(config: Config, again_from: date | None, again_until: date | None) -> frozenset[int]:
    """The slices that share a day with those that are to be measured anew; none if no day is given."""
    if again_from is None and again_until is None:
        return frozenset()
    first, end = max(again_from or date.min, config.period.start), again_until or date.max
    if end <= first:
        raise InputFault(f"slices are to be measured anew from {first} until {end}, expected a later day to end before")
    days = [np.array([min(day, config.period.end)], dtype="datetime64[D]").astype(np.int64) for day in (first, end)]
    low, high = config.calendar.touched(*days)
    return frozenset(range(int(low[0]), int(high[0]) + 1))


def find_reuse(config: Config, out: Path, folder: str, again: frozenset[int]) -> Reuse:
    """What earlier runs of the network have kept; nothing, in a passing folder, where reuse is switched off."""
    place = config.compute.partials or str(out / FOLDER)
    return Reuse(Partials(place if config.compute.reuse else f"{folder}/{FOLDER}"), again)


def make_plans(
    reuse: Reuse, tasks: Sequence[SliceTask], records: Records, roster: Roster, coverage: Coverage, config: Config
) -> Plans:
    """See what is kept of each slice, and set down what is to be made anew and why."""
    calendar = config.calendar
    labels = [each.label for each in calendar.slices]
    seen = see(records)
    of_groups = groups_made_from(seen, records, roster, coverage, config, calendar)
    draws = None
    if config.uncertainty.replicates and records.has(RecordKind.ATTENDANCE):
        draws = reuse.plan(DRAWS, labels, draws_made_from(of_groups, records, config, calendar))
    graphs = reuse.plan(GRAPHS, labels, graphs_made_from(tasks))
    groups = reuse.plan(GROUPS, labels, of_groups)
    windows = reuse.plan(WINDOWS, labels, windows_made_from(seen, records, roster, coverage, config, calendar))
    return Plans(graphs, groups, windows, draws, len(reuse.partials.unreadable))
