"""One seed of the scenario, measured as a run would, as far as the tests and intervals of change need it."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from orgnet.config import Config, load_config
from orgnet.indicators.confidence import Drawn, prepare_draws
from orgnet.metrics.conduct import Conduct, observe
from orgnet.metrics.groups import GroupMeasures, measure_groups
from orgnet.records.coverage import Coverage, make_coverage
from orgnet.records.organisations import Roster, make_roster
from orgnet.records.read import Records, read_records
from orgnet.scenario import write_london_cancer
from orgnet.ties.make import Ties, make_ties


@dataclass(frozen=True)
class Measured:
    """Who met whom in one seed of the scenario; what more is asked of it is worked out once."""

    seed: int
    config: Config
    records: Records
    roster: Roster
    ties: Ties

    @cached_property
    def coverage(self) -> Coverage:
        """Whose records are whole."""
        return make_coverage(self.records, self.roster, self.config.calendar)

    @cached_property
    def groups(self) -> GroupMeasures:
        """The metrics of professional groups, and the evidence behind them."""
        return measure_groups(self.ties, self.records, self.roster, self.coverage, self.config, self.config.calendar)

    @cached_property
    def conduct(self) -> Conduct:
        """How the network conducts itself."""
        standing = self.config.ties.standing_meetings_per_year
        return observe(self.records, self.ties, self.roster, self.config.calendar, standing)

    @cached_property
    def drawn(self) -> Drawn:
        """What draws are counted from."""
        config = self.config
        drawn = prepare_draws(self.ties, self.conduct, self.records, self.roster, config, config.calendar)
        assert drawn is not None
        return drawn


def measure(seed: int, variants: Sequence[str]) -> Measured:
    """Write the scenario, read it, and find who met whom."""
    with tempfile.TemporaryDirectory() as folder:
        config = load_config(write_london_cancer(Path(folder), seed, variants))
        config = config.model_copy(update={"compute": config.compute.model_copy(update={"workers": 1})})
        records = read_records(config)
    calendar = config.calendar
    return Measured(seed, config, records, make_roster(records, calendar), make_ties(records, config, calendar))
