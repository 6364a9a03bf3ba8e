"""Intervals of differences: 1.96 standard errors either way, the errors being standard deviations over draws.

Which draws, by declared conditions:

- a professional group's measures that are a mean or a median over people have draws of the meetings and draws of the
  people; the wider interval counts. A series that meets once in a slice does not vary when meetings are drawn again,
  and people who are always there do not vary when people are; chance may lie in either;
- other measures of meetings (venues, conduct of the network) have draws of the meetings alone;
- a network's density, degrees, triads and reciprocity have draws of organisations (`orgnet.change.vertices`);
- for other measures no interval is known to be sound, and none is given.

A difference that no draw moves has no interval: that nothing varied says nothing of chance.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from orgnet.change.comparisons import Comparison
from orgnet.change.draws import Draws, Measure
from orgnet.change.vertices import draw_vertices, replicate_graph
from orgnet.vocabulary import ChangeMethod, Drawn

Floats = NDArray[np.float64]
STANDARD_ERRORS = 1.96
MIN_ORGANISATIONS = 5
"""Fewer organisations than this are not drawn again: their copies would fill most of the network."""
MAX_ORGANISATIONS = 600
"""Nor are more: a draw takes a matrix of all pairs."""
MIN_DRAWS = 50
"""Fewer draws in which both sides have a value give no standard error."""
_ROUNDING = 1e-9
_METHOD = {Drawn.MEETINGS: ChangeMethod.EVENT_BLOCK_BOOTSTRAP, Drawn.PEOPLE: ChangeMethod.PEOPLE_BOOTSTRAP}


@dataclass(frozen=True)
class Interval:
    """The standard error of a difference and where it is from; 0 if no draw moves the difference."""

    method: ChangeMethod
    error: float


def standard_error(before: Floats, after: Floats) -> float:
    """The standard deviation of the difference over the draws in which both have a value; NaN of too few.

    What differs by rounding alone is 0.
    """
    moved = after - before
    known = moved[~np.isnan(moved)]
    if len(known) < MIN_DRAWS:
        return float("nan")
    error = float(known.std(ddof=1))
    return error if error > _ROUNDING * max(1.0, float(np.abs(known).max())) else 0.0


def from_draws(draws: Draws, comparison: Comparison) -> dict[Measure, Interval]:
    """The intervals of one comparison that draws of meetings and people give; the wider where there are both."""
    before, after = comparison.slices
    found: dict[Measure, Interval] = {}
    for drawn, slices in draws.of.items():
        later = slices.get(after, {})
        for measure, values in slices.get(before, {}).items():
            if measure in later:
                _keep_wider(found, measure, Interval(_METHOD[drawn], standard_error(values, later[measure])))
    return found


def _keep_wider(found: dict[Measure, Interval], measure: Measure, interval: Interval) -> None:
    other = found.get(measure)
    if not np.isnan(interval.error) and (other is None or interval.error > other.error):
        found[measure] = interval


@dataclass(frozen=True)
class Network:
    """One layer's ties among some organisations in one slice: a matrix of weights, rows to columns."""

    directed: bool
    matrix: Floats


def from_vertices(
    before: Mapping[str, Network], after: Mapping[str, Network], entity: str, replicates: int, seed: int, paired: bool
) -> Iterator[tuple[Measure, Interval]]:
    """The intervals of network metrics by layer.

    Paired if the organisations are the same before and after: then both networks are drawn together, else apart.
    """
    for layer in sorted(before.keys() & after.keys()):
        one, two = before[layer], after[layer]
        if not all(MIN_ORGANISATIONS <= len(each.matrix) <= MAX_ORGANISATIONS for each in (one, two)):
            continue
        for metric, error in _errors(one, two, replicates, seed, paired):
            if not np.isnan(error):
                yield Measure("network_metrics", entity, layer, metric), Interval(ChangeMethod.VERTEX_BOOTSTRAP, error)


def _errors(one: Network, two: Network, replicates: int, seed: int, paired: bool) -> Iterator[tuple[str, float]]:
    draws = [
        draw_vertices(len(each.matrix), replicates, seed, 0 if paired else at) for at, each in enumerate((one, two))
    ]
    values = [replicate_graph(each.matrix, each.directed, drawn) for each, drawn in zip((one, two), draws, strict=True)]
    for metric in values[0]:
        yield metric, standard_error(values[0][metric], values[1][metric])


def adjusted(p_values: Iterable[float]) -> Floats:
    """Benjamini-Hochberg q-values of one family of tests."""
    from scipy.stats import false_discovery_control

    values = np.array(list(p_values))
    return np.asarray(false_discovery_control(values)) if len(values) else values
