"""Every measure in every draw, slice by slice: what intervals of differences are taken from.

Draws are kept beside a run's results (restricted: they are of small groups, and not rounded), so that any two periods
can be compared later without the records.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from orgnet import store
from orgnet.change.staff import OF_STAFF, Staff, StaffDraws, draw_organisations
from orgnet.config import Config
from orgnet.indicators.conduct_replicates import MDT_MEASURES
from orgnet.indicators.confidence import Replicates
from orgnet.metrics.acquaintance import GroupEvidence
from orgnet.metrics.groups import GroupMeasures, Pair
from orgnet.metrics.registry import registered
from orgnet.store import Words
from orgnet.vocabulary import Drawn, Layer, Level, NodeSet
from orgnet.windows import Calendar

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
_Drawn = tuple[str, int, Floats]
_COMBINED = Layer.COMBINED.value
_KEY = ["slice_start", "measure_table", "entity", "layer", "metric", "drawn"]
SEPARATOR = " / "
"""What stands between the parts of an entity's name."""


@dataclass(frozen=True, order=True)
class Measure:
    """A metric of one entity, as `changes` names it."""

    measure_table: str
    entity: str
    layer: str
    metric: str

    @classmethod
    def of_groups(cls, entity: str, metric: str) -> "Measure":
        """A metric of a pair of professional groups that rests on meetings."""
        return cls("group_metrics", entity, _COMBINED, metric)


@dataclass
class Draws:
    """Draws of measures, by what was drawn and slice; each of shape (replicates,).

    `organisations` is the number of organisations with anybody behind a measure that they were drawn for.
    """

    of: dict[Drawn, dict[int, dict[Measure, Floats]]] = field(default_factory=lambda: {drawn: {} for drawn in Drawn})
    organisations: dict[Measure, int] = field(default_factory=dict)

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


def add_meetings(replicates: Replicates, groups: Sequence[str], draws: Draws) -> None:
    """Add what draws of each window's meetings gave: contact rates of groups, and what MDT meetings add up to.

    Whether a body is led, or an organisation was ever there, hangs on single meetings, which draws can only lose.
    """
    layers = {m.name: m.layers[0].value for m in registered(Level.NETWORK) if m.name in MDT_MEASURES}
    for (number, group), rates in replicates.rates.items():
        entity = group_entity(groups[group], groups[group])
        for metric, values in rates.items():
            draws.add(Drawn.MEETINGS, number, Measure.of_groups(entity, metric), values)
    for number, measures in replicates.network.items():
        for metric, values in measures.items():
            measure = Measure("network_metrics", NodeSet.ROSTER.value, layers[metric], metric)
            draws.add(Drawn.MEETINGS, number, measure, values)


def add_organisations(measures: GroupMeasures, config: Config, slices: Sequence[int] | None, draws: Draws) -> None:
    """Add what draws of organisations give, of every pair of professional groups, in some slices or in all.

    Raises ValueError if there is no evidence of a slice.
    """
    everywhere = np.unique(np.concatenate([np.zeros(0, np.int64), *measures.homes.values()]))
    copies = draw_organisations(len(everywhere), config.uncertainty.replicates, config.uncertainty.seed)
    home = {group: np.searchsorted(everywhere, homes) for group, homes in measures.homes.items()}

    def work(evidence: GroupEvidence, pair: Pair, members: Flags, wanted: Sequence[int]) -> list[_Drawn]:
        staff = Staff(evidence, members, home[pair[0]], home[pair[1]], len(everywhere))
        of_pair = StaffDraws(staff, copies)
        return [(metric, number, value(of_pair, number)) for metric, value in OF_STAFF.items() for number in wanted]

    for first, part, wanted in _with_evidence(measures, slices):
        pairs = sorted(part.evidence)
        members = [part.evidence[two, two].members for _, two in pairs]
        with ThreadPoolExecutor(config.compute.workers) as threads:
            each = threads.map(work, [part.evidence[pair] for pair in pairs], pairs, members, [wanted] * len(pairs))
            for (one, two), found in zip(pairs, each, strict=True):
                entity = group_entity(measures.groups[one], measures.groups[two])
                for metric, number, values in found:
                    draws.add(Drawn.ORGANISATIONS, first + number, Measure.of_groups(entity, metric), values)


def _with_evidence(
    measures: GroupMeasures, slices: Sequence[int] | None
) -> Iterator[tuple[int, GroupMeasures, list[int]]]:
    """The evidence on some slices: by stretch of slices its first, its measures, and the slices wanted counted from it."""
    if measures.evidence or not measures.stretches:
        each = next((found.members.shape[1] for found in measures.evidence.values()), 0)
        yield 0, measures, list(range(each)) if slices is None else list(slices)
        return
    for at, part in measures.stretches:
        here = range(at.start, at.stop)
        yield at.start, part, [number - at.start for number in here if slices is None or number in slices]


def count_organisations(measures: GroupMeasures, draws: Draws) -> None:
    """Note of how many organisations the people behind each measure are that organisations were drawn for."""
    staffed = {group: len(np.unique(homes)) for group, homes in measures.homes.items()}
    names = {group: measures.groups[group] for group in staffed}
    entities = {group_entity(names[one], names[two]): (one, two) for one in staffed for two in staffed}
    for measured in draws.of[Drawn.ORGANISATIONS].values():
        for measure in measured:
            draws.organisations[measure] = min(staffed[group] for group in entities[measure.entity])


def make_draws(
    replicates: Replicates | None, measures: GroupMeasures, config: Config, slices: Sequence[int] | None = None
) -> Draws:
    """All draws that differences are judged by; none if no resamples were asked for, or there are no meetings.

    `slices` are those that were resampled, if not all: what is drawn in one depends on no other.
    """
    draws = Draws()
    if replicates is not None:
        add_meetings(replicates, measures.groups, draws)
        add_organisations(measures, config, slices, draws)
        count_organisations(measures, draws)
    return draws


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
        "n_organisations": [
            draws.organisations.get(measure) if drawn == Drawn.ORGANISATIONS else None for _, measure, drawn, _ in rows
        ],
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
    plain = table.select([*_KEY, "n_organisations"]).to_pydict()
    listed = table.column("draws").combine_chunks()
    draws, bounds = Draws(), np.asarray(listed.offsets)
    values = np.asarray(listed.values.to_numpy(zero_copy_only=False), dtype=np.float64)
    for row, key in enumerate(zip(*plain.values(), strict=True)):
        day, *named, drawn, organisations = key
        measure = Measure(*named)
        draws.of[Drawn(drawn)].setdefault(at[day], {})[measure] = values[bounds[row] : bounds[row + 1]]
        if organisations is not None:
            draws.organisations[measure] = organisations
    return draws
