"""What comparisons are made from, and what is asked: a published run, and periods of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import pyarrow as pa

from orgnet.change.artefacts import Wholeness, read_wholeness
from orgnet.change.comparisons import Comparison
from orgnet.change.draws import Draws
from orgnet.change.panels import PanelValue
from orgnet.config import Config
from orgnet.indicators.damour import Damour
from orgnet.windows import Calendar


@dataclass(frozen=True)
class Published:
    """What comparisons are made from: a run's tables and settings, its draws, and each slice's roster in order."""

    tables: Mapping[str, pa.Table]
    draws: Draws
    rosters: Sequence[Sequence[str]]
    config: Config
    damour: Damour
    calendar: Calendar

    @cached_property
    def wholeness(self) -> Wholeness:
        """Which organisations' records are known to be whole."""
        return read_wholeness(self.tables["completeness"], self.rosters, self.calendar)


@dataclass(frozen=True)
class Asked:
    """One comparison, how deep it goes, and what is known of it beside the tables.

    `deep` compares organisations and pairs too, and draws networks again; `panel` holds measures of those who were there
    before and after.
    """

    comparison: Comparison
    deep: bool
    panel: list[PanelValue] = field(default_factory=list)
