"""Values before and after, from tables as they are made and as they are read back."""

from datetime import date

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from orgnet.change.comparisons import Comparison
from orgnet.change.pairs import comparison_tables, pair_up
from orgnet.metrics import tables
from orgnet.schema import TABLES
from orgnet.windows import Calendar, parse_step

CALENDAR = Calendar.make(date(2020, 1, 1), date(2021, 1, 1), parse_step("quarter"), parse_step("quarter"))
COMPARED = Comparison("first", "second", (0, 1), (2, 3))


def network_metrics(rows):
    """A table of network metrics from (slice number, node set, metric, value, status)."""
    schema = TABLES["network_metrics"].schema
    at = [CALENDAR.slices[row[0]] for row in rows]
    columns = {
        "slice": [s.label for s in at],
        "slice_start": [s.start for s in at],
        "slice_end": [s.end for s in at],
        "window_start": [s.window_start for s in at],
        "layer": ["meetings"] * len(rows),
        **{
            name: [row[place] for row in rows]
            for place, name in enumerate(("node_set", "metric", "value", "status"), 1)
        },
    }
    arrays = [
        pa.array(columns[f.name], pa.string()).dictionary_encode()
        if pa.types.is_dictionary(f.type)
        else pa.array(columns[f.name], f.type)
        for f in schema
    ]
    return pa.table(dict(zip(schema.names, arrays, strict=True)))


def paired(table):
    with duckdb.connect() as con:
        for name, each in comparison_tables([COMPARED], [True], CALENDAR).items():
            con.register(name, each)
        pair_up(con, {"network_metrics": table})
        return con.sql(
            "SELECT entity, metric, n_before, n_after, value_before, value_after, status_before, status_after "
            "FROM paired ORDER BY ALL"
        ).fetchall()


EARLIER = [
    (0, "roster", "density", 0.25, "ok"),
    (1, "roster", "density", 0.5, "ok"),
    (1, "roster", "components", 3.0, "nominal"),
    (0, "panel", "density", 0.125, "ok"),
]
LATER = [
    (2, "roster", "density", None, "undefined"),
    (3, "roster", "density", 0.75, "ok"),
    (3, "roster", "transitivity", 1.0, "ok"),
]
EXPECTED = [
    ("roster", "components", 1, 0, 3.0, None, "nominal", None),
    ("roster", "density", 2, 1, 0.5, 0.75, "ok", "ok"),
    ("roster", "transitivity", 0, 1, None, 1.0, None, "ok"),
]


def test_the_last_slices_are_paired_and_values_of_each_period_counted():
    assert paired(network_metrics(EARLIER + LATER)) == EXPECTED


def test_parts_of_a_table_may_number_their_words_differently():
    assert paired(pa.concat_tables([network_metrics(EARLIER), network_metrics(LATER)])) == EXPECTED


@pytest.mark.parametrize("empty", [network_metrics([]), pa.Table.from_batches([], network_metrics([]).schema)])
def test_a_table_without_rows_has_no_pairs(empty):
    assert paired(empty) == []


@pytest.mark.parametrize("swapped", [None, (0, 1), (1, 2), (3, 4), (0, 4)])
def test_values_stand_in_order_wherever_they_did_not(monkeypatch, swapped):
    monkeypatch.setattr(tables, "_ROWS_AT_ONCE", 2)
    order = np.arange(5)
    if swapped:
        order[list(swapped)] = order[list(reversed(swapped))]
    none = np.zeros(5, np.int32)
    part = tables._Values(order / 1, none, none, none, order.astype(np.int32), none, none, none)
    assert tables._in_order([part]).value.tolist() == [0, 1, 2, 3, 4]
