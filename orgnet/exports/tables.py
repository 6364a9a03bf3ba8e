"""Edge lists: a table of ties and a table of organisations, for spreadsheets and for everything else."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from typing import Any

from orgnet.exports.published import TIE_FACTS, Network, Slice, directed, source_of
from orgnet.exports.written import SOURCE

_TIME = ("slice", "slice_start", "slice_end", "window_start")


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[Any]], missing: str = "") -> str:
    """Rows as CSV in UTF-8, with a heading if there are names of columns; what is None is left empty, or `missing`."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if columns:
        writer.writerow(columns)
    writer.writerows([missing if value is None else value for value in row] for row in rows)
    return text.getvalue()


def source_text(network: Network, format: str, **more: Any) -> str:
    """Where an export comes from, as the file beside it."""
    return json.dumps({**source_of(network, format), **more}, indent=1, ensure_ascii=False) + "\n"


def _time(at: Slice) -> tuple[Any, ...]:
    return at.label, at.start, at.end, at.window_start


def _edges(network: Network) -> Iterable[Sequence[Any]]:
    for (layer, label), ties in network.ties.items():
        at = next(each for each in network.slices if each.label == label)
        for tie in ties:
            facts = (getattr(tie, name) for name in TIE_FACTS)
            yield *_time(at), layer, tie.source, tie.target, str(directed(layer)).lower(), *facts


def _nodes(network: Network) -> Iterable[Sequence[Any]]:
    for layer in network.layers:
        for at in network.slices:
            for name in network.rosters[at.label]:
                facts = network.facts(name, at)
                values = (facts.get(metric) for metric in network.values)
                yield *_time(at), layer, name, network.records(layer, name, at).value, *values


def edges(network: Network) -> dict[str, str]:
    """Ties and organisations, slice by slice; organisations without ties are in the second table only."""
    of_edges = (*_TIME, "layer", "source_id", "target_id", "directed", *TIE_FACTS)
    of_nodes = (*_TIME, "layer", "organisation_id", "records_complete", *network.values)
    return {
        "edges.csv": csv_text(of_edges, _edges(network)),
        "nodes.csv": csv_text(of_nodes, _nodes(network)),
        SOURCE: source_text(network, "edges"),
    }
