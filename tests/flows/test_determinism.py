"""The same records give the same bytes, whatever the order of their rows and however many processes measure them."""

import json
import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from orgnet import store
from orgnet.config import load_config
from orgnet.schema import TABLES
from orgnet.vocabulary import RecordKind

OF_RUNS = {name for name, table in TABLES.items() if not table.of_copies}


def shuffled(path: Path, there: Path) -> None:
    """A copy of a file of records, its rows in another order."""
    chance = random.Random(path.name)
    if path.suffix == ".parquet":
        rows = pq.read_table(path)
        pq.write_table(rows.take(chance.sample(range(len(rows)), len(rows))), there / path.name)
        return
    heading, *lines = path.read_text().splitlines(keepends=True)
    assert not any('"' in line for line in lines), "a quoted value may hold a line break"
    chance.shuffle(lines)
    (there / path.name).write_text(heading + "".join(lines))


def content(folder: Path) -> dict[str, bytes]:
    """The published files, byte by byte, and the draws; not the rows put aside, which tell row numbers."""
    files = {path.stem: path.read_bytes() for path in [*folder.glob("*.parquet"), *folder.glob("restricted/*.parquet")]}
    del files["rejected_records"]
    return files


def assert_equal_results(one: Path, two: Path) -> None:
    first, second = content(one), content(two)
    assert first.keys() == second.keys() == OF_RUNS - {"rejected_records"}
    assert [name for name in first if first[name] != second[name]] == []
    assert (one / "report.html").read_bytes() == (two / "report.html").read_bytes()
    assert one.name.split("Z-")[1] == two.name.split("Z-")[1], "the run ids end with the same digest"


def test_the_network_has_every_kind_of_record_and_several_slices(finished_small):
    manifest = json.loads((finished_small.folder / "manifest.json").read_text())
    assert set(manifest["records"]["read"]) == set(RecordKind)
    assert manifest["engine"]["workers"] == 2
    assert len(load_config(finished_small.config).calendar) == 6
    rows = {path.stem: pq.read_metadata(path).num_rows for path in finished_small.folder.rglob("*.parquet")}
    assert [name for name in TABLES if name in OF_RUNS and not rows[name]] == ["maturity_matrix"]


def test_the_order_of_rows_does_not_matter(finished_small, run_again, small, tmp_path):
    for path in small.parent.iterdir():
        if path.suffix in (".csv", ".parquet"):
            shuffled(path, tmp_path)
            assert (tmp_path / path.name).read_bytes() != path.read_bytes(), path.name
        else:
            (tmp_path / path.name).write_bytes(path.read_bytes())
    assert_equal_results(finished_small.folder, run_again(tmp_path / small.name, tmp_path / "out").folder)


def test_the_number_of_workers_does_not_matter(finished_small, run_again, small_alone, tmp_path):
    assert_equal_results(finished_small.folder, run_again(small_alone, tmp_path / "out").folder)


def coverage(*sources: str) -> pa.Table:
    """A small table."""
    rest = {name: [None] * len(sources) for name in store.columns_of("coverage")}
    words = {"source": sources, "record_kind": ["people"] * len(sources), "complete": ["true"] * len(sources)}
    return store.table("coverage", {**rest, **words})


def put_aside(row: int) -> pa.Table:
    """One row put aside."""
    names = store.columns_of("rejected_records")
    return store.table("rejected_records", {name: [row] if name == "row" else ["x"] for name in names})


class TestContentId:
    """The digest that equal results share."""

    def test_it_is_the_same_for_the_same_content(self):
        ids = {store.content_id({"coverage": coverage("b.csv", "a.csv")}) for _ in range(2)}
        assert len(ids) == 1

    def test_it_does_not_hang_on_how_rows_lie_in_memory(self):
        whole = coverage("b.csv", "a.csv")
        parts = pa.concat_tables([whole.slice(0, 1), whole.slice(1)])
        assert store.content_id({"coverage": parts}) == store.content_id({"coverage": whole})

    def test_it_is_another_for_other_content(self):
        ids = {store.content_id({"coverage": coverage("b.csv", other)}) for other in ("a.csv", "c.csv")}
        assert len(ids) == 2

    def test_rows_put_aside_are_no_result(self):
        """Where a bad row stood in its file changes no number, and so not the digest."""
        tables = {"coverage": coverage("b.csv")}
        ids = {store.content_id({**tables, "rejected_records": put_aside(row)}) for row in (7, 8)}
        assert ids == {store.content_id(tables)}
