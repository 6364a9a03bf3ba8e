"""What goes wrong outside orgnet: a full disk, a folder that cannot be written in, files that cannot be read.

Whatever happens, the last snapshot stays current and whole, nothing half is to be seen, and the next run succeeds.
"""

import errno
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from orgnet import store
from orgnet.errors import InputFault, StoreFault
from orgnet.folders import runs
from orgnet.locking import locked
from orgnet.records.read import read_records
from orgnet.retention import prune
from orgnet.verification import verify_network
from tests import dying
from tests.disks import fill, read_only, seen_read_only, small_disk
from tests.feeds import configure

ROOT = Path(__file__).parents[2]


def publish_much(out: Path, rows: int) -> Path:
    """Publish a table that no compression makes small."""
    noise = np.random.default_rng(7).bytes(8 * rows).hex()
    sources = [noise[16 * row : 16 * row + 16] for row in range(rows)]
    rest = {name: [None] * rows for name in store.columns_of("coverage")}
    tables = {"coverage": store.table("coverage", {**rest, "source": sources})}
    return store.publish(out, tables, {}, datetime.now(UTC))


def assert_untouched(out: Path, last: Path) -> None:
    """The last snapshot is current and whole, and there is nothing else."""
    assert store.snapshot(out) == last
    assert verify_network(out, every=True) == [last.name]
    assert [path.name for path in (out / "runs").iterdir()] == [last.name]
    assert not list(out.glob(".unfinished*"))


class TestFullDisk:
    @pytest.fixture
    def disk(self, tmp_path: Path) -> Iterator[Path]:
        with small_disk(tmp_path / "disk", 2048) as disk:
            yield disk

    def test_the_last_results_stay_and_the_next_run_succeeds_once_there_is_room(self, disk):
        last = publish_much(disk / "out", 1000).resolve()
        filler = fill(disk, leave=100 * 1024)
        with pytest.raises(StoreFault) as caught:
            publish_much(disk / "out", 50_000)
        said = str(caught.value)
        assert (
            "the results could not be written: No space left on device (0.1 MiB are free, the last results take "
            in said
        )
        assert "`orgnet prune`" in said and said.endswith("The last results stay as they were")
        assert_untouched(disk / "out", last)
        filler.unlink()
        again = publish_much(disk / "out", 50_000)
        assert store.snapshot(disk / "out") == again.resolve()
        assert verify_network(disk / "out", every=True) == [last.name, again.name]

    def test_the_first_results(self, disk):
        filler = fill(disk, leave=100 * 1024)
        with pytest.raises(
            StoreFault, match=r"No space left on device \(0\.1 MiB are free, the results take .* at most\)"
        ):
            publish_much(disk / "out", 50_000)
        assert runs(disk / "out") == []
        filler.unlink()
        publish_much(disk / "out", 50_000)
        assert len(verify_network(disk / "out")) == 1

    def test_old_runs_can_be_removed_from_a_disk_on_which_nothing_can_be_written(self, disk):
        out = disk / "out"
        for _ in range(3):
            last = publish_much(out, 5000)
        fill(disk, leave=0)
        with pytest.raises(OSError, match="No space left"):
            (out / "more").write_bytes(b"\0" * 8192)
        (out / "more").unlink()
        assert len(prune(out, 1, None, datetime.now(UTC))) == 2
        assert verify_network(out, every=True) == [last.name]
        publish_much(out, 5000)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
@pytest.mark.parametrize("step", dying.STEPS)
def test_no_room_at_any_step(monkeypatch, tmp_path, step, number):
    """The same where no disk can be mounted: a full disk, or a full share of it, at every step of publishing."""
    last = dying.publish(tmp_path, "last").resolve()

    def full(*arguments, **options):
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patched:
        patched.setattr(*dying.STEPS[step], full)
        with pytest.raises(StoreFault, match=r"MiB are free, the last results take .*; make room"):
            dying.publish(tmp_path, "new")
    if step not in ("link", "switch"):  # what is not current yet, but whole, may be seen by its name
        assert store.snapshot(tmp_path) == last
    assert store.read(store.snapshot(tmp_path), "coverage").column("source").to_pylist() == ["last"]
    assert not [path for path in tmp_path.rglob("*") if "unfinished" in path.name]
    dying.publish(tmp_path, "next")
    assert store.read(store.snapshot(tmp_path), "coverage").column("source").to_pylist() == ["next"]


class TestReadOnly:
    def test_a_disk_that_nobody_may_write_on(self, tmp_path):
        with small_disk(tmp_path / "disk", 2048) as disk:
            last = dying.publish(disk / "out", "last").resolve()
            with read_only(disk):
                with pytest.raises(InputFault, match=r"cannot be written there: no permission to write in"):
                    store.check_writable(disk / "out")
                with pytest.raises(InputFault, match="cannot be written there: Read-only file system"):
                    dying.publish(disk / "out", "new")
                assert_untouched(disk / "out", last)
            dying.publish(disk / "out", "new")
            assert len(verify_network(disk / "out", every=True)) == 2

    def test_one_that_becomes_so_in_mid_run(self, tmp_path):
        """The folder is held where it can be written in; that it no longer can is seen when results are published."""
        with small_disk(tmp_path / "disk", 2048) as disk:
            last = dying.publish(disk / "out", "last").resolve()
            with (
                locked(disk / "out") as held,
                seen_read_only(disk, tmp_path / "again") as again,
                pytest.raises(StoreFault, match=r"Read-only file system\. The last results stay as they were"),
            ):
                store.publish(again / "out", dying.tables("new"), {}, datetime.now(UTC), held)
            assert_untouched(disk / "out", last)

    @pytest.mark.parametrize("step", ["table", "rename", "switch"])
    def test_in_mid_run_at_any_step(self, monkeypatch, tmp_path, step):
        last = dying.publish(tmp_path, "last").resolve()

        def refused(*arguments, **options):
            raise OSError(errno.EROFS, "Read-only file system")

        with monkeypatch.context() as patched:
            patched.setattr(*dying.STEPS[step], refused)
            with pytest.raises(StoreFault, match=r"Read-only file system\. The last results stay as they were"):
                dying.publish(tmp_path, "new")
        assert store.snapshot(tmp_path) == last

    def test_a_folder_without_permission(self, monkeypatch, tmp_path):
        monkeypatch.setattr("orgnet.locking.os.access", lambda *_: False)
        with pytest.raises(InputFault, match="no permission to write in"):
            store.check_writable(tmp_path / "out")


class TestFolderGone:
    """Removed while the run was at work, or its disk was unmounted: results must not end up in another place."""

    def test_nothing_is_published_and_nothing_is_made(self, tmp_path):
        out = tmp_path / "out"
        dying.publish(out, "last")
        with locked(out) as held:
            shutil.rmtree(out)
            with pytest.raises(StoreFault, match="has been removed or replaced since the run began"):
                store.publish(out, dying.tables("new"), {}, datetime.now(UTC), held)
        assert not out.exists()
        dying.publish(out, "next")
        assert len(verify_network(out)) == 1

    def test_nor_in_another_folder_of_that_name(self, tmp_path):
        out = tmp_path / "out"
        with locked(out) as held:
            out.rename(tmp_path / "moved")
            theirs = dying.publish(out, "theirs").resolve()
            with pytest.raises(StoreFault, match="has been removed or replaced"):
                store.publish(out, dying.tables("ours"), {}, datetime.now(UTC), held)
        assert_untouched(out, theirs)

    def test_removed_while_it_is_being_published(self, monkeypatch, tmp_path):
        out = tmp_path / "out"

        def removed(rows, path, run):
            shutil.rmtree(out, ignore_errors=True)
            return real(rows, path, run)

        real = store._write_parquet
        monkeypatch.setattr(store, "_write_parquet", removed)
        with pytest.raises(StoreFault, match="has been removed or replaced"):
            dying.publish(out, "new")
        assert not out.exists()


FILES = {"organisations.csv": "org_id\nA\n", "referrals.csv": "date,from_org,to_org\n2016-05-01,A,A\n"}
READ = """
import sys
from pathlib import Path
from orgnet.config import load_config
from orgnet.errors import InputFault
from orgnet.records.read import read_records

config = load_config(Path(sys.argv[1]))
import os
if os.getuid() == 0:
    os.setuid(65534)
try:
    read_records(config)
except InputFault as fault:
    print(fault)
"""


class TestUnreadableFile:
    @pytest.fixture
    def open_to_all(self) -> Iterator[Path]:
        """A folder that every user may look into, which those of tests are not."""
        with tempfile.TemporaryDirectory() as folder:
            Path(folder).chmod(0o755)
            yield Path(folder)

    def test_permission_denied(self, open_to_all):
        """Read by a user whom permissions bind; they do not bind root."""
        config = configure(open_to_all, FILES)
        (config.folder / "referrals.csv").chmod(0)
        found = subprocess.run(
            [sys.executable, "-c", READ, config.folder / "network.yaml"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        assert found.stdout.splitlines() == ["referrals: referrals.csv: cannot be read: Permission denied"]

    @pytest.mark.parametrize("number", [errno.EIO, errno.ESTALE, errno.EACCES])
    def test_a_share_that_fails(self, tmp_path, monkeypatch, number):
        config = configure(tmp_path, FILES)

        def broken(path, *arguments, **options):
            if path.name == "referrals.csv":
                raise OSError(number, os.strerror(number))
            return real(path, *arguments, **options)

        real = Path.open
        monkeypatch.setattr(Path, "open", broken)
        with pytest.raises(InputFault, match=f"^referrals: referrals.csv: cannot be read: {os.strerror(number)}"):
            read_records(config)
