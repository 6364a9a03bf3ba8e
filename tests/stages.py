"""The stages of a run, one after the other, for tests that need its results but not Prefect."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from orgnet.config import Config, load_config
from orgnet.indicators.damour import load_damour
from orgnet.indicators.score import Evidence, indicator_table, score_indicators
from orgnet.metrics.conduct import observe
from orgnet.metrics.histories import measure_pairs, measure_turnover
from orgnet.metrics.measure import measure_slices, slice_tasks
from orgnet.metrics.series import measure_conduct, measure_groups
from orgnet.metrics.tables import group_table, network_table, organisation_table, pair_table
from orgnet.metrics.two_mode import measure_two_mode
from orgnet.records.coverage import make_coverage
from orgnet.records.organisations import make_roster
from orgnet.records.read import Records, read_records
from orgnet.slices import cut
from orgnet.ties.make import Ties, make_ties


@dataclass(frozen=True)
class Results:
    """What the stages make of one network's records."""

    config: Config
    records: Records
    ties: Ties
    tables: dict[str, pd.DataFrame]


def measured(config_path: Path, graphs: bool = True) -> Results:
    """Records to indicators; without `graphs`, only what indicators are scored from."""
    config = load_config(config_path)
    calendar, records = config.calendar, read_records(config)
    roster = make_roster(records, calendar)
    coverage = make_coverage(records, roster, calendar)
    ties = make_ties(records, config, calendar)
    groups = measure_groups(ties, records, roster, coverage, config, calendar)
    conduct = measure_conduct(
        observe(records, ties, roster, calendar, config.ties.standing_meetings_per_year), records, roster, coverage
    )
    rows = score_indicators(Evidence(config, load_damour(config), records, roster, coverage, calendar, groups, conduct))
    tables = {"group_metrics": group_table(groups, calendar), "indicators": indicator_table(rows, calendar)}
    if graphs:
        slices = cut(ties, config, calendar, len(records.organisations), max(records.n_people, 1))
        tasks = slice_tasks(slices, records, roster, coverage)
        pairs = measure_pairs(slices, ties, records, calendar)
        turnover = measure_turnover(slices, records, roster, coverage, calendar)
        two_mode = measure_two_mode(ties.presence, records, roster, coverage, calendar)
        found = measure_slices(tasks)
        tables |= {
            "organisation_metrics": organisation_table(found, two_mode, conduct, roster, calendar),
            "pair_metrics": pair_table(pairs, roster, calendar),
            "network_metrics": network_table(found, turnover, two_mode, conduct, groups, roster, calendar),
        }
    return Results(config, records, ties, {name: table.to_pandas() for name, table in tables.items()})
