"""The digest of results: of what tables hold, not of what their memory does."""

import numpy as np
import pyarrow as pa
import pytest

from orgnet import store
from orgnet.schema import TABLES

INDICATORS = TABLES["indicators"]
CLEAN, LEFT = 0, 7
"""What stands under an empty value: nothing, or what was left there."""


def numbers(left: int, kind: pa.DataType) -> pa.Array:
    """1, and an empty value with something under it."""
    plain = pa.array([1, left], pa.int32()).cast(kind)
    known = pa.array([True, False]).buffers()[1]
    return pa.Array.from_buffers(kind, 2, [known, *plain.buffers()[1:]])


def words(left: int) -> pa.Array:
    codes = numbers(min(left, 1), pa.int32())
    return pa.DictionaryArray.from_arrays(codes, pa.array(["a", "b"]))


def evidence(left: int) -> pa.Array:
    """One entry, of which one number is empty, for the first row; none for the second."""
    kind = INDICATORS.schema.field("evidence").type
    fields = {field.name: field.type for field in kind.value_type}
    columns = [
        numbers(left, each).slice(1) if pa.types.is_floating(each) else pa.nulls(1, each) for each in fields.values()
    ]
    return pa.ListArray.from_arrays(
        pa.array([0, 1, 1], pa.int32()), pa.StructArray.from_arrays(columns, fields=list(kind.value_type)), type=kind
    )


def rows(left: int) -> pa.Table:
    """Two rows of indicators whose values are equal, whatever is left under the empty ones."""
    made = []
    for field in INDICATORS.schema:
        if pa.types.is_dictionary(field.type):
            made.append(words(left))
        elif field.name == "evidence":
            made.append(evidence(left))
        elif pa.types.is_list(field.type):
            made.append(pa.array([["a reason"], None], field.type))
        else:
            made.append(numbers(left, field.type))
    return pa.Table.from_arrays(made, schema=INDICATORS.schema)


def test_what_is_left_under_empty_values_is_no_content():
    one, two = rows(CLEAN), rows(LEFT)
    assert one.equals(two)
    assert (
        one.column("level").chunk(0).buffers()[1].to_pybytes() != two.column("level").chunk(0).buffers()[1].to_pybytes()
    )
    assert store.content_id({"indicators": one}) == store.content_id({"indicators": two})


@pytest.mark.parametrize("column", ["level", "status", "reasons", "coverage"])
def test_what_is_there_or_not_is(column):
    table = rows(CLEAN)
    at = table.column_names.index(column)
    other = table.column(column).take(pa.array([1, 0]))
    assert store.content_id({"indicators": table}) != store.content_id(
        {"indicators": table.set_column(at, table.schema.field(at), other)}
    )


def test_parts_are_numbered_as_if_they_were_one():
    """Words of one part that the other lacks, and none at all."""
    names = [["a", None], ["c", "b"], [None, "b"]]
    parts = [store.table("coverage", _coverage(each)) for each in names]
    joined = store.joined("coverage", parts)
    whole = store.table("coverage", _coverage([name for each in names for name in each]))
    assert joined.equals(whole) and joined.schema.equals(whole.schema, check_metadata=True)
    assert store.content_id({"coverage": joined}) == store.content_id({"coverage": whole})
    assert store.joined("coverage", parts[:1]) is parts[0]


def _coverage(names: list[str | None]) -> dict[str, object]:
    n = len(names)
    columns: dict[str, object] = {name: [None] * n for name in store.columns_of("coverage")}
    return columns | {"organisation_id": names, "expected_n": np.full(n, 3)}
