"""Networks of a published snapshot as matrices: a slice's layers among some of its organisations."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from orgnet.change.intervals import Network
from orgnet.indicators.draws import Ints
from orgnet.vocabulary import DIRECTED_LAYERS, Layer
from orgnet.windows import Calendar


def rosters(organisation_metrics: pa.Table, calendar: Calendar) -> list[list[str]]:
    """The organisations on each slice's roster, in order of their names."""
    each = organisation_metrics.select(["slice_start", "organisation_id"]).group_by(["slice_start", "organisation_id"])
    found: dict[object, list[str]] = {}
    for row in each.aggregate([]).to_pylist():
        found.setdefault(row["slice_start"], []).append(row["organisation_id"])
    return [sorted(found.get(s.start, [])) for s in calendar.slices]


def networks(ties: pa.Table, number: int, organisations: Sequence[str], calendar: Calendar) -> dict[str, Network]:
    """Every layer's ties of one slice among the given organisations; a layer that never has ties is left out."""
    layers = sorted(ties.column("layer").cast(pa.string()).unique().to_pylist())
    here = ties.filter(pc.equal(ties.column("slice_start"), pa.scalar(calendar.slices[number].start, pa.date32())))
    row, column = (places(here.column(name), organisations) for name in ("source_id", "target_id"))
    layer = places(here.column("layer"), layers)
    weight, inside = np.asarray(here.column("weight")), (row >= 0) & (column >= 0)
    found = {}
    for code, name in enumerate(layers):
        at = inside & (layer == code)
        matrix = np.zeros((len(organisations), len(organisations)))
        matrix[row[at], column[at]] = weight[at]
        directed = Layer(name) in DIRECTED_LAYERS
        found[name] = Network(directed, matrix if directed else np.maximum(matrix, matrix.T))
    return found


def places(column: pa.ChunkedArray, names: Sequence[str]) -> Ints:
    """The place of each word in a list; -1 if it is not there."""
    found = pc.index_in(column.cast(pa.string()), pa.array(list(names), pa.string()))
    return np.asarray(pc.fill_null(found, -1)).astype(np.int64)
