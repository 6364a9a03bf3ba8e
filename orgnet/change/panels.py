"""The same people before and after: a professional group's measures among those on the roster both times.

Beside the whole roster, so that people who came or left, and organisations whose records are whole on one side only,
are not taken for change.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from orgnet.change.comparisons import Comparison
from orgnet.change.draws import SEPARATOR, Measure, group_entity
from orgnet.change.intervals import Interval
from orgnet.indicators.confidence import Drawn
from orgnet.indicators.draws import as_recorded
from orgnet.indicators.group_windows import GroupWindow, window_of
from orgnet.indicators.replicates import replicate as measure_again
from orgnet.vocabulary import Layer

Flags = NDArray[np.bool_]
PANEL = "constant_panel"


def _panel(before: GroupWindow, after: GroupWindow, organisations: Flags) -> Flags:
    """Who is on the roster both times, with posts in the given organisations only."""
    elsewhere = (before.held + after.held) @ (~organisations).astype(np.int32) > 0
    return before.members & after.members & ~elsewhere


@dataclass(frozen=True)
class PanelValue:
    """A measure among those who were there before and after.

    `interval` is of its own; without one, the whole roster's is taken, which draws much the same organisations.
    """

    measure: Measure
    before: float
    after: float
    interval: Interval | None = None

    @property
    def of_roster(self) -> Measure:
        """The same measure of the whole roster."""
        return replace(self.measure, entity=self.measure.entity.removesuffix(SEPARATOR + PANEL))


def panel_values(
    drawn: Drawn, comparison: Comparison, names: Sequence[str], organisations: Flags
) -> Iterator[PanelValue]:
    """Each group's measures among its panel, before and after.

    `organisations` says whose records are as whole after as before. Groups without a panel are left out.
    """
    for group in drawn.groups.groups:
        windows = [window_of(drawn.groups, group, number) for number in comparison.slices]
        people = _panel(windows[0], windows[1], organisations)[:, None]
        if people.any():
            entity = SEPARATOR.join((group_entity(names[group], names[group]), PANEL))
            yield from _values(drawn, comparison, windows, people, entity)


def _values(
    drawn: Drawn, comparison: Comparison, windows: list[GroupWindow], people: Flags, entity: str
) -> Iterator[PanelValue]:
    recorded = [
        measure_again(window, as_recorded(drawn.groups.diary, number), people)
        for window, number in zip(windows, comparison.slices, strict=True)
    ]
    for metric in recorded[0]:
        before, after = (float(values[metric][0]) for values in recorded)
        yield PanelValue(Measure("group_metrics", entity, Layer.COMBINED.value, metric), before, after)
