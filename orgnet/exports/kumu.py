"""Kumu's JSON: elements and connections, of one layer or of all."""

import json
from collections.abc import Iterable
from typing import Any

from orgnet.errors import InputFault
from orgnet.exports.published import Network, directed
from orgnet.exports.tables import source_text


def _elements(network: Network) -> Iterable[dict[str, Any]]:
    """Organisations; Kumu knows them by their labels."""
    for name in network.organisations:
        there = [at for at in network.slices if name in network.rosters[at.label]]
        facts = network.facts(name, there[0]) if len(network.slices) == 1 else {}
        yield {"label": name, "type": "Organisation", "slices": [at.label for at in there], **facts}


def _connections(network: Network) -> Iterable[dict[str, Any]]:
    for (layer, label), ties in network.ties.items():
        direction = "directed" if directed(layer) else "undirected"
        for tie in ties:
            yield {
                "from": tie.source,
                "to": tie.target,
                "type": layer,
                "direction": direction,
                "slice": label,
                **tie.facts,
            }


def kumu(network: Network) -> dict[str, str]:
    """The network as Kumu imports it, and where it comes from beside it. Raises InputFault if a metric is ambiguous."""
    if network.values and len(network.slices) > 1:
        raise InputFault("--metric: an element has one value in Kumu; give one --slice")
    content = {"elements": [*_elements(network)], "connections": [*_connections(network)]}
    text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
    return {"": text, ".source.json": source_text(network, "kumu")}
