"""The stages of a run, one after the other, for tests that need its results but not Prefect."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import pandas as pd
import pyarrow as pa

from orgnet.change.activity import activity_of
from orgnet.change.artefacts import completeness_table
from orgnet.change.changes import of_a_run
from orgnet.change.draws import make_draws
from orgnet.change.published import Published
from orgnet.config import Config, load_config
from orgnet.indicators.confidence import Drawn, Replicates, add_confidence, prepare_draws, resample
from orgnet.indicators.damour import load_damour
from orgnet.indicators.evidence import Evidence
from orgnet.indicators.kiviat import kiviat_table, typology_table
from orgnet.indicators.rules import Row
from orgnet.indicators.score import indicator_table, score_indicators
from orgnet.metrics.conduct import observe
from orgnet.metrics.groups import measure_groups
from orgnet.metrics.histories import measure_pairs, measure_turnover
from orgnet.metrics.measure import measure_slices, slice_tasks
from orgnet.metrics.scopes import measure_scopes
from orgnet.metrics.series import measure_conduct
from orgnet.metrics.tables import group_table, network_table, organisation_table, pair_table, ties_table
from orgnet.metrics.two_mode import measure_two_mode
from orgnet.records.coverage import make_coverage
from orgnet.records.organisations import make_roster
from orgnet.records.read import Records, read_records
from orgnet.records.restate import state
from orgnet.slices import cut
from orgnet.ties.make import Ties, make_ties
from orgnet.vocabulary import RecordKind


@dataclass(frozen=True)
class Results:
    """What the stages make of one network's records."""

    config: Config
    records: Records
    ties: Ties
    tables: dict[str, pd.DataFrame]
    evidence: Evidence
    rows: list[Row]
    drawn: Drawn | None
    replicates: Replicates | None
    plain: dict[str, pa.Table]

    @cached_property
    def changes(self) -> pd.DataFrame:
        """The `changes` table, of as many tables as there are."""
        evidence, config = self.evidence, self.config
        tables = self.plain | {
            "indicators": indicator_table(self.rows, evidence.calendar),
            "activity": activity_of(self.drawn, self.ties, self.records, config),
            "completeness": completeness_table(evidence.coverage, evidence.roster, evidence.calendar),
        }
        draws = make_draws(self.replicates, evidence.groups, config)
        rosters = evidence.roster.by_slice
        published = Published(tables, draws, rosters, config, evidence.damour, evidence.calendar)
        return of_a_run(published, self.drawn, self.records, evidence.roster).to_pandas()

    def without(self, *kinds: RecordKind) -> "Results":
        """The results, had the network not supplied some kinds of record that make no ties."""
        left = {kind: table for kind, table in self.records.tables.items() if kind not in kinds}
        read = {kind: n for kind, n in self.records.read.items() if kind not in kinds}
        evidence = replace(self.evidence, records=replace(self.records, tables=left, read=read))
        return replace(self, tables=self.tables | _scored(evidence, score_indicators(evidence)), evidence=evidence)

    def by_ties_alone(self) -> "Results":
        """The results, had nobody been asked and no document been handed in."""
        return self.without(RecordKind.SURVEY_RESPONSES, RecordKind.DOCUMENTS, RecordKind.CODED_EVIDENCE)


def _scored(evidence: Evidence, rows: list[Row]) -> dict[str, pd.DataFrame]:
    calendar = evidence.calendar
    tables = {
        "indicators": indicator_table(rows, calendar),
        "kiviat": kiviat_table(rows, calendar),
        "typologies": typology_table(rows, evidence.conduct.network, calendar),
    }
    return {name: table.to_pandas() for name, table in tables.items()}


def measured(config_path: Path, graphs: bool = True, drawn_again: Sequence[str] | None = None) -> Results:
    """Records to indicators; without `graphs`, only what indicators are scored from.

    Meetings are drawn again in all slices, or in those whose labels are given.
    """
    config = load_config(config_path)
    calendar, records = config.calendar, state(read_records(config), config)[0]
    roster = make_roster(records, calendar)
    coverage = make_coverage(records, roster, calendar)
    ties = make_ties(records, config, calendar)
    groups = measure_groups(ties, records, roster, coverage, config, calendar)
    observed = observe(records, ties, roster, calendar, config.ties.standing_meetings_per_year)
    conduct = measure_conduct(observed, records, roster, coverage)
    tables = {"group_metrics": group_table(groups, calendar)}
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
            "ties": ties_table(slices, roster, calendar),
            "network_metrics": network_table(found, turnover, two_mode, conduct, groups, roster, calendar),
        }
    scopes = measure_scopes(observed, ties, records, roster, coverage, config, calendar)
    network = tables.get("network_metrics")
    damour = load_damour(config)
    evidence = Evidence(config, damour, records, roster, coverage, calendar, groups, conduct, network, scopes)
    rows = score_indicators(evidence)
    drawn = prepare_draws(ties, observed, records, roster, config, calendar)
    replicates = None
    if drawn is not None:
        labels = enumerate(part.label for part in calendar.slices)
        wanted = [number for number, label in labels if drawn_again is None or label in drawn_again]
        replicates = resample(drawn, config, wanted)
        add_confidence(rows, replicates, evidence)
    plain = {name: table.to_pandas() for name, table in tables.items()}
    return Results(config, records, ties, plain | _scored(evidence, rows), evidence, rows, drawn, replicates, tables)
