"""Every measure in every draw, slice by slice: what intervals of differences are taken from.

Draws are kept beside a run's results (restricted: they are of small groups, and not rounded), so that any two periods
can be compared later without the records.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from orgnet import store
from orgnet.change.people import OF_PEOPLE, draw_people
from orgnet.config import Config
from orgnet.indicators.confidence import Replicates
from orgnet.metrics.acquaintance import GroupEvidence
from orgnet.metrics.registry import registered
from orgnet.metrics.series import GroupMeasures
from orgnet.store import Words
from orgnet.vocabulary import Drawn, Layer, Level
from orgnet.windows import Calendar

Floats = NDArray[np.float64]
SEPARATOR = " / "
"""What stands between the parts of an entity's name."""


@dataclass(frozen=True, order=True)
class Measure:
    """A metric of one entity, as `changes` names it."""

    measure_table: str
    entity: str
    layer: str
    metric: str


@dataclass
class Draws:
    """Draws of measures, by what was drawn and slice; each of shape (replicates,)."""

    of: dict[Drawn, dict[int, dict[Measure, Floats]]] = field(default_factory=lambda: {drawn: {} for drawn in Drawn})

    def add(self, drawn: Drawn, number: int, measure: Measure, values: Floats) -> None:
        """Keep the draws of one measure in one slice, unless it is undefined in all of them."""
        if not np.isnan(values).all():
            self.of[drawn].setdefault(number, {})[measure] = values

    def rows(self) -> Iterator[tuple[int, Measure, Drawn, Floats]]:
        """Every measure's draws."""
        for drawn, slices in self.of.items():
            for number, measures in slices.items():
                for measure, values in measures.items():
                    yield number, measure, drawn, values


def group_entity(one: str, two: str) -> str:
    """The entity of a pair of professional groups."""
    return SEPARATOR.join((one, two))


def _layers(level: Level) -> dict[str, str]:
    """The layer that a metric of groups or of conduct stands in."""
    return {m.name: m.layers[0].value for m in registered(level) if len(m.layers) == 1}


def draws_of_meetings(replicates: Replicates, groups: list[str], draws: Draws) -> None:
    """Add what the resamples of the meetings gave, of every group with its own peers and of the network."""
    layers = _layers(Level.NETWORK)
    for (number, group), values in replicates.groups.items():
        entity = group_entity(groups[group], groups[group])
        for metric, drawn in values.items():
            measure = Measure("group_metrics", entity, Layer.COMBINED.value, metric)
            draws.add(Drawn.MEETINGS, number, measure, drawn)
    for number, values in replicates.network.items():
        for metric, drawn in values.items():
            draws.add(Drawn.MEETINGS, number, Measure("network_metrics", "roster", layers[metric], metric), drawn)


def draws_of_people(groups: GroupMeasures, replicates: int, seed: int, draws: Draws) -> None:
    """Add what draws of the people gave, of every pair of professional groups."""
    times = {}
    for (one, two), evidence in groups.evidence.items():
        if one not in times:
            times[one] = draw_people(len(evidence.members), replicates, seed, one)
        entity = group_entity(groups.groups[one], groups.groups[two])
        for metric, values in _drawn(evidence, times[one]):
            measure = Measure("group_metrics", entity, Layer.COMBINED.value, metric)
            for number, drawn in enumerate(values):
                draws.add(Drawn.PEOPLE, number, measure, drawn)


def make_draws(replicates: Replicates | None, groups: GroupMeasures, config: Config) -> Draws:
    """All draws of a run, of meetings and of people; none if no resamples were asked for."""
    draws = Draws()
    if replicates is not None:
        draws_of_meetings(replicates, groups.groups, draws)
        draws_of_people(groups, config.uncertainty.replicates, config.uncertainty.seed, draws)
    return draws


def _drawn(evidence: GroupEvidence, times: NDArray[np.int64]) -> Iterator[tuple[str, Floats]]:
    for metric, function in OF_PEOPLE.items():
        yield metric, function(evidence, times)


def draws_table(draws: Draws, calendar: Calendar) -> pa.Table:
    """The `draws` table."""
    rows = sorted(draws.rows(), key=lambda row: (row[0], row[1], row[2].value))
    lengths = np.array([len(values) for *_, values in rows], dtype=np.int64)
    offsets = np.concatenate([[0], lengths.cumsum()]).astype(np.int32)
    flat = np.concatenate([np.zeros(0), *(values for *_, values in rows)])
    listed = pa.ListArray.from_arrays(pa.array(offsets), pa.array(flat, from_pandas=True))
    columns: Mapping[str, object] = {
        "slice": np.array([number for number, *_ in rows], dtype=np.int64),
        **{
            name: _words([getattr(measure, name) for _, measure, *_ in rows])
            for name in ("measure_table", "entity", "layer", "metric")
        },
        "drawn": _words([drawn.value for *_, drawn, _ in rows]),
        "draws": listed,
    }
    return store.table("draws", columns, calendar)


def _words(values: list[str]) -> Words:
    names = sorted(set(values))
    number = {name: at for at, name in enumerate(names)}
    return Words(np.array([number[value] for value in values], dtype=np.int64), names)


def read_draws(table: pa.Table, calendar: Calendar) -> Draws:
    """The draws of a published table."""
    at = {s.start: number for number, s in enumerate(calendar.slices)}
    plain = table.select(["slice_start", "measure_table", "entity", "layer", "metric", "drawn"]).to_pydict()
    listed = table.column("draws").combine_chunks()
    draws, bounds = Draws(), np.asarray(listed.offsets)
    values = np.asarray(listed.values.to_numpy(zero_copy_only=False), dtype=np.float64)
    for row, key in enumerate(zip(*plain.values(), strict=True)):
        day, table_name, entity, layer, metric, drawn = key
        found = values[bounds[row] : bounds[row + 1]]
        draws.of[Drawn(drawn)].setdefault(at[day], {})[Measure(table_name, entity, layer, metric)] = found
    return draws
