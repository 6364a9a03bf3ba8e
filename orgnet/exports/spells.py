"""Spells for networkDynamic and tergm: from when until when every tie and every organisation is there.

A spell holds its onset and not its terminus, as slices do. Neighbouring slices with the same tie make one spell.
"""

from collections.abc import Mapping, Sequence

from orgnet.errors import InputFault
from orgnet.exports.published import TIE_FACTS, Network, Slice
from orgnet.exports.scripts import tergm_script
from orgnet.exports.tables import csv_text, source_text
from orgnet.exports.written import SOURCE

Spell = tuple[int, int]


def clock(network: Network, unit: str) -> dict[str, Spell]:
    """Each slice's onset and terminus: its number among those exported, or days since the first published slice."""
    if unit == "slices":
        return {at.label: (number, number + 1) for number, at in enumerate(network.slices)}
    zero = network.all_slices[0].start
    return {at.label: ((at.start - zero).days, (at.end - zero).days) for at in network.slices}


def joined(spells: Sequence[Spell]) -> list[Spell]:
    """Spells in order, those that touch made one."""
    found: list[Spell] = []
    for onset, terminus in sorted(spells):
        if found and found[-1][1] == onset:
            found[-1] = (found[-1][0], terminus)
        else:
            found.append((onset, terminus))
    return found


def vertex_spells(network: Network, times: Mapping[str, Spell]) -> dict[str, list[Spell]]:
    """When each organisation is in the network."""
    found: dict[str, list[Spell]] = {name: [] for name in network.organisations}
    for at in network.slices:
        for name in network.rosters[at.label]:
            found[name].append(times[at.label])
    return {name: joined(spells) for name, spells in found.items()}


def edge_spells(network: Network, times: Mapping[str, Spell]) -> dict[tuple[str, str], list[Spell]]:
    """When each two are tied."""
    found: dict[tuple[str, str], list[Spell]] = {}
    for (_, label), ties in network.ties.items():
        for tie in ties:
            found.setdefault((tie.source, tie.target), []).append(times[label])
    return {ends: joined(spells) for ends, spells in sorted(found.items())}


def _observed(network: Network, times: Mapping[str, Spell]) -> list[Spell]:
    return joined([times[at.label] for at in network.slices])


def _slices_table(slices: Sequence[Slice], times: Mapping[str, Spell]) -> str:
    rows = [(*times[at.label], at.label, at.start, at.end, at.window_start) for at in slices]
    return csv_text(("onset", "terminus", "slice", "slice_start", "slice_end", "window_start"), rows)


def tergm(network: Network, unit: str) -> dict[str, str]:
    """The files of a dynamic network. Raises InputFault if nobody is in it."""
    if not network.organisations:
        raise InputFault("tergm: nobody is in the network in the slices asked for")
    times, number = clock(network, unit), {name: place for place, name in enumerate(network.organisations, 1)}
    vertices = vertex_spells(network, times)
    ties = [
        (*times[label], number[tie.source], number[tie.target], *(getattr(tie, name) for name in TIE_FACTS))
        for (_, label), found in network.ties.items()
        for tie in found
    ]
    records = [
        (*times[at.label], number[name], network.records(network.layer, name, at).value, *facts)
        for at in network.slices
        for name in network.rosters[at.label]
        for facts in [[network.facts(name, at).get(metric) for metric in network.values]]
    ]
    of_vertices = [(*spell, number[name]) for name, spells in vertices.items() for spell in spells]
    of_edges = [
        (*spell, number[one], number[two])
        for (one, two), spells in edge_spells(network, times).items()
        for spell in spells
    ]
    edge = ("onset", "terminus", "tail", "head")
    return {
        "vertices.csv": csv_text(("vertex.id", "organisation_id"), [(place, name) for name, place in number.items()]),
        "vertex_spells.csv": csv_text(("onset", "terminus", "vertex.id"), of_vertices),
        "edge_spells.csv": csv_text(edge, of_edges),
        "edge_values.csv": csv_text((*edge, *TIE_FACTS), ties, "NA"),
        "vertex_values.csv": csv_text(
            ("onset", "terminus", "vertex.id", "records_complete", *network.values), records, "NA"
        ),
        "slices.csv": _slices_table(network.slices, times),
        "read.R": tergm_script(network, _observed(network, times), unit),
        SOURCE: source_text(network, "tergm", time=unit),
    }
