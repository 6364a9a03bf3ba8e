"""What a run takes up from earlier runs and what it works out anew, known before the work begins."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from orgnet.change.kept_draws import DRAWS, draws_made_from
from orgnet.config import Config
from orgnet.made_from import Plan, Reuse
from orgnet.metrics.measure import SliceTask
from orgnet.metrics.reuse import GRAPHS, GROUPS, graphs_made_from, groups_made_from
from orgnet.partials import Partials
from orgnet.records.coverage import Coverage
from orgnet.records.organisations import Roster
from orgnet.records.read import Records
from orgnet.records.seen import see
from orgnet.vocabulary import RecordKind
from orgnet.windows import Calendar

FOLDER = "partials"


@dataclass(frozen=True)
class Plans:
    """The plans of a run; there is none for draws where none are asked for."""

    graphs: Plan
    groups: Plan
    draws: Plan | None
    damaged: int

    @property
    def drawn_anew(self) -> list[int]:
        """The slices that draws are made for."""
        return [] if self.draws is None else sorted(self.draws.anew)

    def told(self) -> list[str]:
        """The plans in words."""
        lines = [line for plan in (self.graphs, self.groups, self.draws) if plan is not None for line in plan.told()]
        if self.damaged:
            lines.append(f"{self.damaged} kept results are damaged or cannot be read, and made anew")
        return lines


def _within(calendar: Calendar, again: tuple[date, date] | None) -> frozenset[int]:
    """The slices that share a day with some days."""
    if again is None:
        return frozenset()
    first, end = (np.array([day], dtype="datetime64[D]").astype(np.int64) for day in again)
    low, high = calendar.touched(first, end)
    return frozenset(range(int(low[0]), int(high[0]) + 1))


def find_reuse(config: Config, out: Path | None, folder: str, again: tuple[date, date] | None) -> Reuse:
    """What earlier runs of the network have kept; nothing, in a passing folder, where reuse is switched off."""
    place = config.compute.partials or str((out or config.out_folder) / FOLDER)
    partials = Partials(place if config.compute.reuse else f"{folder}/{FOLDER}")
    return Reuse(partials, _within(config.calendar, again))


def make_plans(
    reuse: Reuse, tasks: Sequence[SliceTask], records: Records, roster: Roster, coverage: Coverage, config: Config
) -> Plans:
    """See what is kept of each slice, and set down what is to be made anew and why."""
    calendar = config.calendar
    labels = [each.label for each in calendar.slices]
    of_groups = groups_made_from(see(records), records, roster, coverage, config, calendar)
    draws = None
    if config.uncertainty.replicates and records.has(RecordKind.ATTENDANCE):
        draws = reuse.plan(DRAWS, labels, draws_made_from(of_groups, records, config, calendar))
    graphs = reuse.plan(GRAPHS, labels, graphs_made_from(tasks))
    groups = reuse.plan(GROUPS, labels, of_groups)
    return Plans(graphs, groups, draws, len(reuse.partials.unreadable))
