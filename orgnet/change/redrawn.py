"""Networks drawn again, and the networks of those organisations whose records are as whole after as before."""

from collections.abc import Iterator, Sequence

from orgnet.change.artefacts import Doubts, Wholeness
from orgnet.change.comparisons import Comparison
from orgnet.change.draws import Measure
from orgnet.change.intervals import Interval, from_vertices
from orgnet.change.networks import networks
from orgnet.change.panels import PanelValue
from orgnet.change.published import Asked, Published
from orgnet.change.vertices import replicate_graph, undrawn
from orgnet.vocabulary import NodeSet

MATCHED = "matched_panel"


def intervals_of_networks(published: Published, comparison: Comparison) -> Iterator[tuple[Measure, Interval]]:
    """Intervals of networks, on the whole roster and on the panel of those on every slice's."""
    names = published.rosters
    always = sorted(set(names[0]).intersection(*names)) if names else []
    here = [names[number] for number in comparison.slices]
    for node_set, members in ((NodeSet.ROSTER, here), (NodeSet.CONSTANT_PANEL, [always, always])):
        yield from _network_intervals(published, comparison, node_set.value, members)


def _network_intervals(
    published: Published, comparison: Comparison, entity: str, members: Sequence[Sequence[str]]
) -> Iterator[tuple[Measure, Interval]]:
    ties, settings = published.tables["ties"], published.config.uncertainty
    before, after = (
        networks(ties, number, organisations, published.calendar)
        for number, organisations in zip(comparison.slices, members, strict=True)
    )
    paired = list(members[0]) == list(members[1])
    yield from from_vertices(before, after, entity, settings.replicates, settings.seed, paired)


def matched_networks(
    published: Published, asked: Asked, doubts: Doubts, number: int, wholeness: Wholeness
) -> Iterator[PanelValue]:
    """Where records are whole on one side only: the networks of those organisations whose records are alike."""
    kinds = [kind for at, kind, _ in doubts.blocks_of_all if at == number]
    if not kinds or not asked.deep or "ties" not in published.tables:
        return
    members = sorted(wholeness.alike(kinds, asked.comparison))
    if len(members) < 2:
        return
    both = [networks(published.tables["ties"], each, members, published.calendar) for each in asked.comparison.slices]
    intervals: dict[Measure, Interval] = {}
    if published.config.uncertainty.replicates:
        intervals = dict(_network_intervals(published, asked.comparison, MATCHED, [members, members]))
    as_they_are = undrawn(len(members))
    for layer in sorted(both[0]):
        values = [replicate_graph(each[layer].matrix, each[layer].directed, as_they_are) for each in both]
        for metric in values[0]:
            measure = Measure("network_metrics", MATCHED, layer, metric)
            before, after = (float(each[metric][0]) for each in values)
            yield PanelValue(measure, before, after, intervals.get(measure))
