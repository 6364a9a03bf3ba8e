"""Intervals of differences: so many standard errors either way, the errors being standard deviations over draws.

Which draws, by declared conditions:

- how often a professional group's people meet colleagues from elsewhere has draws of the window's meetings and draws of
  organisations; the wider interval counts. A series that meets once a year does not vary when its meetings are drawn
  again, and what an event does to everybody does not show when organisations are;
- who knows whom has draws of organisations alone: two copies of a meeting make acquaintances that nobody has;
- what MDT meetings add up to (cases, deferrals, failures to dial in) has draws of the meetings alone;
- a network's density, degrees, triads and reciprocity have draws of organisations (`orgnet.change.vertices`);
- for other measures no interval is known to be sound, and none is given.

Draws of meetings are used only where the two windows share none. Over draws of n organisations the standard deviation is
made up for by sqrt(n / (n - 1)) and the interval taken from Student's t with n - 1 degrees of freedom, as there are few.
A difference that no draw moves has no interval: that nothing varied says nothing of chance.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import inf, isfinite, isnan, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from orgnet.change.comparisons import Comparison
from orgnet.change.draws import Draws, Measure
from orgnet.change.vertices import draw_vertices, replicate_graph
from orgnet.vocabulary import ChangeMethod, Drawn

Floats = NDArray[np.float64]
MIN_ORGANISATIONS = 5
"""Fewer organisations than this are not drawn again: their copies would fill most of the network."""
MAX_ORGANISATIONS = 600
"""Nor are more: a draw takes a matrix of all pairs."""
MIN_DRAWS = 50
"""Fewer draws in which both sides have a value give no standard error."""
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Interval:
    """The standard error of a difference and where it is from; 0 if no draw moves the difference.

    `freedom` is the number of degrees of freedom that the error rests on, infinite for draws of meetings.
    """

    method: ChangeMethod
    error: float
    freedom: float = inf

    @property
    def reach(self) -> float:
        """Half of the length of the 95 % interval."""
        return self.error * float(stdtrit(self.freedom, 0.975)) if isfinite(self.freedom) else self.error * NORMAL


NORMAL = 1.959963984540054
"""The 97.5 % quantile of the normal distribution."""


def of_organisations(error: float, organisations: int) -> Interval:
    """The interval from draws of so many organisations."""
    grown = error * sqrt(organisations / (organisations - 1)) if organisations > 1 else float("nan")
    return Interval(ChangeMethod.VERTEX_BOOTSTRAP, grown, organisations - 1)


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


def from_draws(draws: Draws, comparison: Comparison, apart: bool) -> dict[Measure, Interval]:
    """The intervals of one comparison that draws of meetings and of organisations give; the wider where there are both.

    `apart` says that the two windows share no meeting.
    """
    before, after = comparison.slices
    found: dict[Measure, Interval] = {}
    for drawn, slices in draws.of.items():
        if drawn == Drawn.MEETINGS and not apart:
            continue
        later = slices.get(after, {})
        for measure, values in slices.get(before, {}).items():
            if measure in later:
                error = standard_error(values, later[measure])
                _keep_wider(found, measure, _interval(drawn, error, draws.organisations.get(measure, 0)))
    return found


def _interval(drawn: Drawn, error: float, organisations: int) -> Interval:
    if drawn == Drawn.ORGANISATIONS:
        return of_organisations(error, organisations)
    return Interval(ChangeMethod.EVENT_BLOCK_BOOTSTRAP, error)


def _keep_wider(found: dict[Measure, Interval], measure: Measure, interval: Interval) -> None:
    other = found.get(measure)
    if not isnan(interval.error) and (other is None or interval.reach > other.reach):
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
            if not isnan(error):
                n = min(len(one.matrix), len(two.matrix))
                yield Measure("network_metrics", entity, layer, metric), of_organisations(error, n)


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
