"""GraphML: one layer in one slice, for Gephi, yEd, Cytoscape, igraph and networkx."""

import networkx as nx

from orgnet.exports.published import Network, directed, source_of


def _graph(network: Network) -> "nx.Graph[str]":
    """The graph of the one slice, isolates included, with where it comes from among its attributes."""
    (at,) = network.slices
    graph: nx.Graph[str] = nx.DiGraph() if directed(network.layer) else nx.Graph()
    source = source_of(network, "graphml")
    graph.graph.update({name: str(value) for name, value in source.items() if not isinstance(value, list)})
    graph.graph.update(layer=network.layer, slice=at.label, slice_start=f"{at.start}", slice_end=f"{at.end}")
    graph.graph["window_start"] = f"{at.window_start}"
    for name in network.rosters[at.label]:
        complete = network.records(network.layer, name, at)
        graph.add_node(name, label=name, records_complete=complete.value, **network.facts(name, at))
    for tie in network.ties[network.layer, at.label]:
        graph.add_edge(tie.source, tie.target, **tie.facts)
    return graph


def graphml(network: Network) -> dict[str, str]:
    """The graph as GraphML."""
    lines = nx.generate_graphml(_graph(network))
    return {"": "\n".join(['<?xml version="1.0" encoding="utf-8"?>', *lines]) + "\n"}
