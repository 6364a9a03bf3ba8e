"""What Windows, macOS and odd disks lack, as far as it can be feigned here."""

import os
import signal
import sys
from types import SimpleNamespace

import pytest

from orgnet import cli, store
from orgnet.config import load_config
from orgnet.errors import InputFault, StoreFault
from orgnet.folders import current_path, current_run, snapshot
from orgnet.locking import locked
from orgnet.query import find_network
from orgnet.records.read import RecordsFault, read_records
from orgnet.verification import verify_current
from tests.feeds import write


def run_in(out, name="20260101T000000.000Z-a"):
    """A run's folder, of which only the manifest is there."""
    folder = out / "runs" / name
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text("{}")
    return folder


class TestWithoutLinks:
    @pytest.fixture(params=["no links on this disk", "Windows"])
    def no_links(self, request, monkeypatch):
        if request.param == "Windows":
            monkeypatch.setattr(store.os, "name", "nt")
        else:
            monkeypatch.setattr(store.Path, "symlink_to", _refuse)

    def test_a_small_file_names_the_current_run(self, tmp_path, no_links, monkeypatch):
        first, second = run_in(tmp_path), run_in(tmp_path, "20260202T000000.000Z-b")
        store._switch(tmp_path, first.name)
        store._switch(tmp_path, second.name)
        monkeypatch.undo()
        assert not (tmp_path / "current").is_symlink()
        assert current_run(tmp_path) == second.name
        assert current_path(tmp_path) == snapshot(tmp_path) == second
        assert verify_current(tmp_path) == []

    def test_it_is_found_by_who_asks(self, tmp_path, no_links, monkeypatch):
        out = tmp_path / "north" / "results"
        store._switch(out, run_in(out).name)
        monkeypatch.undo()
        monkeypatch.chdir(tmp_path)
        assert find_network(out) == find_network(None).resolve()

    def test_one_that_names_no_run(self, tmp_path):
        run_in(tmp_path)
        (tmp_path / "current").write_text("runs/gone\n")
        assert current_run(tmp_path) is None
        assert "which is no complete run" in verify_current(tmp_path)[0]

    @pytest.mark.parametrize("content", [b"\xff\xfe", b"", b"../../elsewhere", b".."])
    def test_one_that_is_damaged_leads_nowhere(self, tmp_path, content):
        run_in(tmp_path)
        (tmp_path / "current").write_bytes(content)
        assert current_run(tmp_path) is None
        with pytest.raises(InputFault, match="found no current snapshot"):
            snapshot(tmp_path)

    def test_another_fault_of_the_disk_is_told(self, tmp_path, monkeypatch):
        monkeypatch.setattr(store.Path, "symlink_to", lambda *_: (_ for _ in ()).throw(OSError(28, "no room")))
        with pytest.raises(OSError, match="no room"):
            store._switch(tmp_path, run_in(tmp_path).name)


def _refuse(*_):
    raise PermissionError(1, "A required privilege is not held by the client")


class TestLocksOfWindows:
    @pytest.fixture
    def msvcrt(self, monkeypatch):
        """The lock of Windows: of some bytes of a file, from where one stands."""
        taken: set[int] = set()

        def locking(handle: int, mode: int, n: int) -> None:
            place = os.lseek(handle, 0, os.SEEK_CUR)
            assert (mode, n) == (2, 1) and place > 10_000, "not what stands in the file, which others read"
            if taken:
                raise PermissionError(13, "Permission denied")
            taken.add(handle)

        monkeypatch.setitem(sys.modules, "msvcrt", SimpleNamespace(locking=locking, LK_NBLCK=2))
        monkeypatch.setitem(sys.modules, "fcntl", None)
        monkeypatch.setattr("orgnet.locking.sys", SimpleNamespace(platform="win32"))
        monkeypatch.setattr("orgnet.locking._GLANCE", 0)
        return taken

    def test_one_writer_at_a_time(self, tmp_path, msvcrt):
        (tmp_path / "kept").write_text("")
        with locked(tmp_path):
            assert b'"pid"' in (tmp_path / ".lock").read_bytes()
            with pytest.raises(StoreFault, match=f"process {os.getpid()} on"), locked(tmp_path):
                pass
        msvcrt.clear()
        with locked(tmp_path) as held:
            assert held.stands


def test_a_system_without_hangups_still_ends_cleanly(monkeypatch):
    set_for = []
    monkeypatch.delattr(signal, "SIGHUP")
    monkeypatch.setattr(signal, "getsignal", lambda number: signal.SIG_DFL)
    monkeypatch.setattr(signal, "signal", lambda number, _: set_for.append(number))
    cli._leave_cleanly_when_told()
    assert set_for == [signal.SIGTERM]


def test_a_console_that_lacks_a_character(commanded, tmp_path):
    from tests.command import orgnet

    found = orgnet("explain", commanded.out, "--indicator", "acquaint", folder=tmp_path, PYTHONIOENCODING="ascii")
    assert found.returncode == 0, found.stderr
    assert "?" in found.stdout


class TestPaths:
    def test_back_slashes_in_yaml(self, tmp_path):
        path = tmp_path / "network.yaml"
        path.write_text('network: "C:\\data"\n')
        with pytest.raises(InputFault, match="write paths with / or in single quotes"):
            load_config(path)

    def test_back_slashes_where_there_are_none(self, tmp_path):
        files = {"staff records/organisations.csv": "org_id\nA\n"}
        path = write(tmp_path, files, {"organisations": {"path": "staff records\\organisations.csv"}})
        with pytest.raises(RecordsFault, match=r"write folders with /, as in staff records/organisations\.csv"):
            read_records(load_config(path))

    def test_spaces(self, tmp_path):
        files = {"staff records/organisations.csv": "org_id\nA\n"}
        path = write(tmp_path, files, {"organisations": {"path": "staff records/organisations.csv"}})
        assert read_records(load_config(path)).organisations == ["A"]
