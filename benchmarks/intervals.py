"""Do the intervals of differences hold what they promise? Each seed's, and how often they hold the truth.

The intervals are those that a run publishes for the phase before against the one after: the same draws, of the two slices
compared alone. The truth is the mean difference over all seeds, as windows may differ by what the calendar puts in them
(a meeting that is held twice in five years), whether services are centralised or not. Errors of each kind of draws stand
beside the one that counts, so that others can be tried without drawing again.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from benchmarks.measured import Measured
from orgnet.change.comparisons import Comparison, of_phases
from orgnet.change.draws import Draws, Measure, group_entity, make_draws
from orgnet.change.intervals import Interval, from_draws, from_vertices
from orgnet.change.networks import networks
from orgnet.change.vertices import replicate_graph, undrawn
from orgnet.indicators.confidence import resample
from orgnet.metrics.statuses import Series
from orgnet.metrics.tables import ties_table
from orgnet.slices import cut
from orgnet.vocabulary import Drawn, Layer, NodeSet

GROUPS = ("surgeon", "nurse", "radiologist", "oncologist", "ahp", "manager")
RATE = "meetings_per_person"
OF_GROUPS = (RATE, "meet_rate_median", "acq_breadth", "acq_density")
LAYERS = (Layer.MEETINGS, Layer.REFERRALS, Layer.REFERRALS_BACK, Layer.CONVENING)
NORMAL = 1.96
ROUNDING = 1e-9
Figures = dict[str, float | str]
Intervals = Mapping[Measure, Interval]


def compared(measured: Measured) -> Comparison:
    """The phase before against the one after; the transition is too short for a whole window."""
    (comparison,) = of_phases(measured.config.phases, measured.config.calendar)
    return comparison


def _told(
    name: str, estimate: float, measure: Measure, published: Intervals, each: Mapping[Drawn, Intervals]
) -> Figures:
    """The columns of one difference; a reach of 0 or none at all is no interval."""
    interval = published.get(measure)
    errors = {drawn: found[measure].error if measure in found else np.nan for drawn, found in each.items()}
    return {
        f"{name}.estimate": estimate,
        f"{name}.reach": interval.reach if interval else np.nan,
        f"{name}.method": interval.method.value if interval and interval.error else "none",
        **{f"{name}.error_of_{drawn.value}": error for drawn, error in errors.items()},
    }


def _apart(measured: Measured, comparison: Comparison) -> bool:
    before, after = (measured.config.calendar.slices[number] for number in comparison.slices)
    return before.end <= after.window_start


def _moved(series: Series, comparison: Comparison) -> float:
    before, after = comparison.slices
    return float(series.values[after] - series.values[before])  # noqa: PD011 - an array, not pandas


def of_meetings_and_organisations(measured: Measured) -> Figures:
    """Professional groups among their own peers."""
    comparison, groups = compared(measured), measured.groups
    peers = {pair: evidence for pair, evidence in groups.evidence.items() if pair[0] == pair[1]}
    config, wanted = measured.config, comparison.slices
    replicates = None if measured.drawn is None else resample(measured.drawn, config, wanted)
    draws = make_draws(replicates, replace(groups, evidence=peers), config, wanted)
    apart = _apart(measured, comparison)
    published = from_draws(draws, comparison, apart)
    each = {d: from_draws(Draws({d: draws.of[d]}, draws.organisations), comparison, apart) for d in Drawn}
    found: Figures = {}
    for name in GROUPS:
        number = groups.groups.index(name)
        for metric in OF_GROUPS:
            series = groups.series[number, number][metric]
            measure = Measure("group_metrics", group_entity(name, name), Layer.COMBINED.value, metric)
            found |= _told(f"{name}.{metric}", _moved(series, comparison), measure, published, each)
    return found


def of_networks(measured: Measured) -> Figures:
    """Density, degrees, triads and reciprocity of layers."""
    config, records, roster = measured.config, measured.records, measured.roster
    calendar, settings, slices = config.calendar, config.uncertainty, compared(measured).slices
    made = cut(measured.ties, config, calendar, len(records.organisations), max(records.n_people, 1))
    ties, members = ties_table(made, roster, calendar), [roster.by_slice[number] for number in slices]
    both = [networks(ties, *each, calendar) for each in zip(slices, members, strict=True)]
    entity, paired = NodeSet.ROSTER.value, list(members[0]) == list(members[1])
    published = dict(from_vertices(*both, entity, settings.replicates, settings.seed, paired))
    found: Figures = {}
    for layer in LAYERS:
        before, after = (
            replicate_graph(each[layer.value].matrix, each[layer.value].directed, undrawn(len(names)))
            for each, names in zip(both, members, strict=True)
        )
        for metric in sorted(before):
            estimate = float(after[metric][0] - before[metric][0])
            measure = Measure("network_metrics", entity, layer.value, metric)
            found |= _told(f"{layer.value}.{metric}", estimate, measure, published, {})
    return found


def _measures(lines: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """The entities and metrics that the lines tell of."""
    for column in lines.columns:
        if column.endswith(".reach"):
            entity, metric, _ = column.split(".")
            yield entity, metric


def _row(estimate: pd.Series, reach: pd.Series) -> dict[str, float]:
    known = reach > 0
    truth, spread = estimate.mean(), estimate.std()
    length = reach[known].mean() / (NORMAL * spread) if spread > ROUNDING else np.nan
    shares = {
        "covered": ((estimate - truth).abs() <= reach)[known].mean(),
        "covers_0": (estimate.abs() <= reach)[known].mean(),
    }
    return {"truth": truth, "spread": spread, **shares, "length": length, "none": 1 - known.mean()}


def coverage(lines: pd.DataFrame) -> pd.DataFrame:
    """Per entity and metric: the truth, the estimates' spread, and of the seeds with an interval the share that holds it.

    `covers_0` is the share that holds 0, `length` the mean length against that of 1.96 spreads either way, `none` the
    share of seeds without an interval, and `of_meetings` of those with one the share that comes from draws of meetings.
    """
    rows = {}
    for entity, metric in _measures(lines):
        name = f"{entity}.{metric}"
        method = lines[f"{name}.method"]
        counted = method[method != "none"]
        row = _row(lines[f"{name}.estimate"], lines[f"{name}.reach"])
        rows[metric, entity] = row | {"of_meetings": (counted == "event_block_bootstrap").mean()}
    return pd.DataFrame.from_dict(rows, orient="index")


def pooled(lines: pd.DataFrame, metric: str = RATE) -> float:
    """The share of all groups' intervals of a metric that hold the truth, of those that there are."""
    held = known = 0
    for group in GROUPS:
        estimate, reach = lines[f"{group}.{metric}.estimate"], lines[f"{group}.{metric}.reach"]
        held += int(((estimate - estimate.mean()).abs() <= reach)[reach > 0].sum())
        known += int((reach > 0).sum())
    return held / known


T11 = 2.200985160082949
"""The 97.5 % quantile of Student's t with 11 degrees of freedom: each group has people at twelve providers."""


def tried(lines: pd.DataFrame, metric: str = RATE) -> pd.DataFrame:
    """The share covered and the length, had the errors been taken from one kind of draws, or been added up."""
    table = {}
    for group in GROUPS:
        name = f"{group}.{metric}"
        meetings = NORMAL * lines[f"{name}.error_of_meetings"].fillna(0)
        organisations = T11 * lines[f"{name}.error_of_organisations"].fillna(0)
        reaches = {
            "wider": np.maximum(meetings, organisations),
            "meetings": meetings,
            "organisations": organisations,
            "added": np.hypot(meetings, organisations),
        }
        of_group = {how: _row(lines[f"{name}.estimate"], reach) for how, reach in reaches.items()}
        table[group] = {(what, how): row[what] for what in ("covered", "length") for how, row in of_group.items()}
    return pd.DataFrame.from_dict(table, orient="index")
