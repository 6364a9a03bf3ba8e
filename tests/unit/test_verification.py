"""Verification: whatever is done to a published run is found, and nothing is found in one that is whole."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import orgnet
from orgnet import cli, store
from orgnet.errors import InputFault, StoreFault
from orgnet.folders import digest_of, runs
from orgnet.verification import verify_network, verify_run
from tests import dying


def edit(folder: Path, change: Callable[[dict], object]) -> None:
    """Change a manifest."""
    path = folder / "manifest.json"
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def rewrite(folder: Path, name: str, change: Callable[[pa.Table], pa.Table]) -> None:
    """Change a table, and the manifest so that it lists the new bytes: only what is in the file can tell."""
    path = folder / name
    table = pq.read_table(path)
    pq.write_table(change(table), path)
    listed = {"sha256": digest_of(path), "bytes": path.stat().st_size}
    edit(folder, lambda manifest: manifest["files"].update({name: listed}))


def same_size(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def stamped(table: pa.Table, **metadata: bytes) -> pa.Table:
    return table.replace_schema_metadata({**(table.schema.metadata or {}), b"orgnet.run": metadata["run"]})


def as_version(version: str) -> Callable[[dict], object]:
    return lambda manifest: manifest.update(package={"name": "interorgnet", "version": version})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One published run."""
    folder = dying.publish(tmp_path / "out", "value")
    edit(folder, as_version(orgnet.__version__))
    return folder


def test_the_manifest_lists_every_file_restricted_ones_too(folder):
    listed = json.loads((folder / "manifest.json").read_text())["files"]
    assert list(listed) == ["coverage.parquet", "restricted/rejected_records.parquet"]
    for name, said in listed.items():
        assert said == {"sha256": digest_of(folder / name), "bytes": (folder / name).stat().st_size}


def test_a_whole_run_has_no_fault(folder):
    assert verify_run(folder) == []


def narrower(table: pa.Table) -> pa.Table:
    return table.drop_columns(["expected_n"])


def other_type(table: pa.Table) -> pa.Table:
    at = table.schema.get_field_index("expected_n")
    return table.set_column(at, pa.field("expected_n", pa.float64()), table.column(at).cast(pa.float64()))


ASIDE = "restricted/rejected_records.parquet"


@pytest.mark.parametrize(
    ("harm", "expected"),
    [
        (lambda f: (f / "coverage.parquet").unlink(), "coverage.parquet: is missing"),
        (lambda f: (f / ASIDE).unlink(), f"{ASIDE}: is missing"),
        (lambda f: (f / "new.txt").touch(), "new.txt: is not listed in the manifest"),
        (lambda f: (f / "restricted" / "people.csv").touch(), "restricted/people.csv: is not listed"),
        (lambda f: same_size(f / "coverage.parquet"), "coverage.parquet: its bytes are not those"),
        (lambda f: same_size(f / ASIDE), f"{ASIDE}: its bytes are not those"),
        (lambda f: (f / ASIDE).write_bytes(b"PAR1"), f"{ASIDE}: has 4 bytes, expected "),
        (lambda f: rewrite(f, ASIDE, lambda t: pa.concat_tables([t, t])), f"{ASIDE}: has 2 rows, expected 1"),
        (lambda f: rewrite(f, "coverage.parquet", narrower), "coverage.parquet: has the columns source,"),
        (lambda f: rewrite(f, "coverage.parquet", other_type), "column expected_n is of type double, expected int64"),
        (lambda f: rewrite(f, ASIDE, lambda t: stamped(t, run=b"x")), f"{ASIDE}: is of other results"),
        (lambda f: edit(f, lambda m: m.update(run_id="x")), "manifest.json: is of run 'x'"),
        (lambda f: edit(f, lambda m: m.pop("files")), "manifest.json: does not list files and rows"),
        (lambda f: edit(f, lambda m: m.update(files={"a": 1})), "manifest.json: does not list files and rows"),
        (lambda f: edit(f, lambda m: m["table_rows"].update(ties=3)), "ties.parquet: is missing, though the manifest"),
        (lambda f: (f / "manifest.json").write_text("{"), "manifest.json: is damaged: it is not JSON"),
        (lambda f: (f / "manifest.json").write_text("[]"), "manifest.json: is damaged"),
        (lambda f: (f / "manifest.json").unlink(), "manifest.json: cannot be read: No such file"),
    ],
)
def test_every_harm_is_found(folder, harm, expected):
    harm(folder)
    faults = verify_run(folder)
    assert any(expected in fault for fault in faults), faults
    assert all(folder.name in fault and "\n" not in fault for fault in faults)


def test_a_file_cut_short_is_told_by_its_size_and_as_unreadable(folder):
    (folder / ASIDE).write_bytes((folder / ASIDE).read_bytes()[:-7])
    size, unreadable = verify_run(folder)
    assert "bytes, expected" in size
    assert "cannot be read as Parquet" in unreadable


def test_columns_that_another_version_declared_are_right(folder):
    rewrite(folder, "coverage.parquet", narrower)
    edit(folder, as_version("0.0.9"))
    assert verify_run(folder) == []


def test_a_run_that_was_removed_meanwhile_has_no_fault(folder):
    shutil.rmtree(folder)
    assert verify_run(folder) == []


class TestNetwork:
    @pytest.fixture
    def out(self, tmp_path: Path) -> Path:
        for value in ("old", "new"):
            dying.publish(tmp_path, value)
        return tmp_path

    def test_the_current_run(self, out):
        assert verify_network(out) == [runs(out)[1]]

    def test_one_by_its_id_and_all(self, out):
        assert verify_network(out, runs(out)[0]) == [runs(out)[0]]
        assert verify_network(out, every=True) == runs(out)

    def test_a_fault_in_an_old_run_is_found_among_all(self, out):
        (store.snapshot(out, runs(out)[0]) / "coverage.parquet").unlink()
        assert verify_network(out) == [runs(out)[1]]
        with pytest.raises(StoreFault, match=r"coverage\.parquet: is missing"):
            verify_network(out, every=True)

    @pytest.mark.parametrize(
        ("harm", "expected"),
        [
            (lambda link: None, "current: is not there"),
            (lambda link: link.mkdir(), "current: is no link to a run"),
            (lambda link: link.symlink_to("runs/nowhere"), "leads to runs/nowhere, which is no complete run"),
            (lambda link: link.symlink_to("."), "which is no complete run"),
        ],
    )
    def test_what_is_given_as_current(self, out, harm, expected):
        (out / "current").unlink()
        harm(out / "current")
        with pytest.raises(StoreFault, match=expected):
            verify_network(out)
        with pytest.raises(StoreFault, match=expected):
            verify_network(out, runs(out)[0])

    def test_a_folder_among_the_runs_that_is_none(self, out):
        (out / "runs" / "copy").mkdir()
        (out / "runs" / ".unfinished-x").mkdir()  # of a run at work, or dead
        with pytest.raises(StoreFault) as caught:
            verify_network(out, every=True)
        assert str(caught.value) == f"{out}/runs/copy: is no complete run: it has no manifest.json"

    def test_a_run_that_is_not_there(self, out):
        with pytest.raises(InputFault, match="found no run 'x'"):
            verify_network(out, "x")
        with pytest.raises(InputFault, match="no run has published"):
            verify_network(out / "nowhere")

    def test_the_command(self, out, capsys):
        cli.verify(out, all_=True)
        assert capsys.readouterr().out == "".join(f"{run}: whole\n" for run in runs(out))
        with pytest.raises(InputFault, match="RUN_ID and --all"):
            cli.verify(out, "x", all_=True)
