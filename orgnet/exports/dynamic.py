"""GEXF 1.3 for Gephi: one slice as it is, or several as a network that changes, with the days on which each tie is.

Not networkx's writer: it writes a weight that changes as text that nothing can read, its own reader included, and
stamps the file with today's date. In GEXF 1.3 an interval holds its last day, so a slice ends the day before the next
one starts.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from orgnet.exports.published import TIE_FACTS, Network, Slice, directed, source_of

Days = tuple[str, str]
Facts = Sequence[tuple[Slice, Mapping[str, Any]]]
_TYPES = {"events": "long", "people": "long", "first_seen": "string", "last_seen": "string"}


def days_of(first: Slice, last: Slice) -> Days:
    """The first and the last day of a run of slices."""
    return first.start.isoformat(), (last.end - timedelta(days=1)).isoformat()


def runs(slices: Sequence[Slice]) -> list[tuple[Slice, Slice]]:
    """The first and the last slice of every unbroken run."""
    found: list[tuple[Slice, Slice]] = []
    for each in slices:
        if found and found[-1][1].end == each.start:
            found[-1] = (found[-1][0], each)
        else:
            found.append((each, each))
    return found


def _declare(graph: Element, kind: str, names: Iterable[str], changing: bool) -> dict[str, str]:
    """Declare attributes; return the number of each. `weight` is a reserved title: it is the tie's thickness."""
    holder = SubElement(graph, "attributes", {"class": kind, "mode": "dynamic" if changing else "static"})
    numbers = {}
    for number, name in enumerate(names):
        text = "string" if name == "records_complete" else _TYPES.get(name, "double") if kind == "edge" else "double"
        SubElement(holder, "attribute", {"id": f"{kind}{number}", "title": name, "type": text})
        numbers[name] = f"{kind}{number}"
    return numbers


def _fill(element: Element, numbers: Mapping[str, str], facts: Facts, changing: bool) -> None:
    """Say when something is there, and what is known of it when."""
    values = Element("attvalues")
    for at, known in facts:
        when = dict(zip(("start", "end"), days_of(at, at), strict=True)) if changing else {}
        for name, number in numbers.items():
            if name in known:
                SubElement(values, "attvalue", {"for": number, "value": str(known[name]), **when})
    if len(values):
        element.append(values)
    if changing:
        spells = SubElement(element, "spells")
        for first, last in runs([at for at, _ in facts]):
            start, end = days_of(first, last)
            SubElement(spells, "spell", {"start": start, "end": end})


def _nodes(network: Network) -> dict[str, Facts]:
    found: dict[str, list[tuple[Slice, Mapping[str, Any]]]] = {name: [] for name in network.organisations}
    for at in network.slices:
        for name in network.rosters[at.label]:
            complete = network.records(network.layer, name, at).value
            found[name].append((at, {"records_complete": complete, **network.facts(name, at)}))
    return dict(found)


def _edges(network: Network) -> dict[tuple[str, str], Facts]:
    found: dict[tuple[str, str], list[tuple[Slice, Mapping[str, Any]]]] = {}
    for at in network.slices:
        for tie in network.ties[network.layer, at.label]:
            found.setdefault((tie.source, tie.target), []).append((at, tie.facts))
    return dict(sorted(found.items()))


def _meta(root: Element, network: Network) -> None:
    finished = str(network.manifest.get("finished", ""))[:10]
    meta = SubElement(root, "meta", {"lastmodifieddate": finished} if finished else {})
    SubElement(meta, "creator").text = "orgnet"
    said = (f"{name} {', '.join(v) if isinstance(v, list) else v}" for name, v in source_of(network, "gexf").items())
    SubElement(meta, "description").text = "; ".join(said)


def _header(root: Element, network: Network, changing: bool) -> Element:
    """The graph's own element: which way ties go, and over what days it runs."""
    kind = {"defaultedgetype": "directed" if directed(network.layer) else "undirected"}
    if not changing:
        return SubElement(root, "graph", {**kind, "mode": "static"})
    start, end = days_of(network.slices[0], network.slices[-1])
    time = {"mode": "dynamic", "timeformat": "date", "timerepresentation": "interval", "start": start, "end": end}
    return SubElement(root, "graph", {**kind, **time})


def gexf(network: Network) -> dict[str, str]:
    """The layer as GEXF; of more than one slice, with spells."""
    changing = len(network.slices) > 1
    root = Element("gexf", {"xmlns": "http://gexf.net/1.3", "version": "1.3"})
    _meta(root, network)
    graph = _header(root, network, changing)
    of_nodes = _declare(graph, "node", ["records_complete", *network.values], changing)
    of_edges = _declare(graph, "edge", [name for name in TIE_FACTS if changing or name != "weight"], changing)
    nodes, edges = SubElement(graph, "nodes"), SubElement(graph, "edges")
    for name, facts in _nodes(network).items():
        _fill(SubElement(nodes, "node", {"id": name, "label": name}), of_nodes, facts, changing)
    for number, ((source, target), facts) in enumerate(_edges(network).items()):
        ends = {"id": str(number), "source": source, "target": target}
        if not changing and "weight" in facts[0][1]:
            ends["weight"] = str(facts[0][1]["weight"])
        _fill(SubElement(edges, "edge", ends), of_edges, facts, changing)
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="unicode")
    return {"": f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'}
