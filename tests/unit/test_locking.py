"""One run at a time in a network's output folder: who is refused, who waits, and what a dead run leaves."""

import fcntl
import os
import re
import signal
import socket
import threading
from pathlib import Path

import pytest

from orgnet import cli
from orgnet.errors import InputFault, StoreFault
from orgnet.locking import LOCK, check_free, locked
from tests.feeds import write
from tests.holding import held_by_another, let_go


def test_a_second_run_is_told_who_holds_the_folder_and_what_to_do(tmp_path):
    with held_by_another(tmp_path) as other, pytest.raises(StoreFault) as caught, locked(tmp_path):
        pass
    said = str(caught.value)
    assert f"process {other.pid} on {socket.gethostname()}, since 20" in said
    assert "--wait MINUTES" in said
    assert said.startswith(f"{tmp_path}: another run is at work there")


def test_two_of_one_process_are_told_apart_too(tmp_path):
    with locked(tmp_path), pytest.raises(StoreFault, match=f"process {os.getpid()} "), locked(tmp_path):
        pass


def test_one_that_waits_goes_on_when_the_other_is_done(tmp_path):
    told = []
    with held_by_another(tmp_path) as other:
        letting_go = threading.Timer(0.7, let_go, [other])
        letting_go.start()
        with locked(tmp_path, 1, told.append) as held:
            assert held.stands
            assert other.wait(10) == 0
    (line,) = told
    assert re.search(rf"\(process {other.pid} on .*\): waiting up to 1 minutes", line)


def test_one_that_has_waited_long_enough_gives_up(tmp_path):
    with (
        held_by_another(tmp_path),
        pytest.raises(StoreFault, match=r"still after 0\.01 minutes of waiting"),
        locked(tmp_path, 0.01),
    ):
        pass


def test_a_run_that_was_killed_holds_nothing(tmp_path):
    with held_by_another(tmp_path) as other:
        other.send_signal(signal.SIGKILL)
        other.wait(10)
        assert str(other.pid) in (tmp_path / LOCK).read_text(), "it has left its name behind"
        with locked(tmp_path) as held:
            assert held.stands


class TestFolder:
    def test_it_is_made_and_gone_again_if_nothing_was_published(self, tmp_path):
        out = tmp_path / "not" / "there"
        with locked(out):
            assert (out / LOCK).exists()
        assert not out.exists()

    def test_what_was_there_stays(self, tmp_path):
        with locked(tmp_path):
            pass
        assert [path.name for path in tmp_path.iterdir()] == [LOCK]

    def test_it_stays_if_something_was_published(self, tmp_path):
        out = tmp_path / "out"
        with locked(out):
            (out / "runs").mkdir()
        assert {path.name for path in out.iterdir()} == {LOCK, "runs"}

    def test_a_lock_file_that_was_removed_holds_no_longer(self, tmp_path):
        with locked(tmp_path) as held:
            (tmp_path / LOCK).unlink()
            assert not held.stands
            with locked(tmp_path) as other:
                assert other.stands and not held.stands
            assert (tmp_path / LOCK).exists()

    def test_one_that_is_removed_just_before_it_is_taken_is_not_taken(self, tmp_path, monkeypatch):
        """As when the run that held it leaves nothing behind: nobody else would see a lock on a file that is gone."""

        def flock(*arguments):
            if not calls:
                (tmp_path / LOCK).unlink()
            calls.append(arguments)
            real(*arguments)

        calls, real = [], fcntl.flock
        monkeypatch.setattr("fcntl.flock", flock)
        with locked(tmp_path) as held:
            assert held.stands and len(calls) == 2

    def test_one_in_anothers_place_is_not_tidied_away(self, tmp_path):
        out = tmp_path / "out"
        with locked(out):
            (out / LOCK).unlink()
            (out / LOCK).touch()
        assert (out / LOCK).exists()

    def test_a_lock_file_that_says_nothing_holds_all_the_same(self, tmp_path):
        with held_by_another(tmp_path):
            (tmp_path / LOCK).write_text("")
            with pytest.raises(StoreFault, match="it does not say which"), locked(tmp_path):
                pass

    def test_a_place_that_cannot_be_written_to(self, tmp_path):
        (tmp_path / "file").touch()
        with pytest.raises(InputFault, match="cannot be written there"), locked(tmp_path / "file" / "out"):
            pass

    def test_a_disk_that_cannot_lock_is_no_other_run(self, tmp_path, monkeypatch):
        def cannot(*_):
            raise OSError(37, "No locks available")

        monkeypatch.setattr("fcntl.flock", cannot)
        with pytest.raises(StoreFault, match="No locks available; publish on a disk that can"), locked(tmp_path):
            pass


class TestGlance:
    """Whether a folder is free is seen without holding it for longer than a moment, and without making it."""

    def test_free(self, tmp_path):
        check_free(tmp_path / "out")
        assert not (tmp_path / "out").exists()
        check_free(tmp_path)

    def test_held(self, tmp_path):
        with held_by_another(tmp_path), pytest.raises(StoreFault, match="another run is at work"):
            check_free(tmp_path)

    def test_it_does_not_refuse_a_run_that_starts_at_that_moment(self, tmp_path):
        with held_by_another(tmp_path) as other:
            threading.Timer(0.1, let_go, [other]).start()
            with locked(tmp_path) as held:
                assert held.stands


class TestCommand:
    @pytest.fixture
    def config(self, tmp_path: Path) -> Path:
        return write(tmp_path, {"organisations.csv": "org_id\nA\n"}, out="out")

    @pytest.fixture
    def ran(self, monkeypatch):
        """The commands that come as far as to start Prefect."""
        calls = []
        monkeypatch.setattr(cli, "_run_watched", lambda *arguments: calls.append(arguments))
        monkeypatch.setattr(cli, "_print_summary", lambda _: None)
        monkeypatch.setattr(cli, "_leave_cleanly_when_told", lambda: None)
        return calls

    def test_a_second_run_is_refused_before_prefect_is_started(self, config, ran):
        with held_by_another(config.parent / "out"), pytest.raises(StoreFault, match="another run is at work"):
            cli.run(config)
        assert ran == []

    def test_one_that_is_to_wait_is_not(self, config, ran):
        with held_by_another(config.parent / "out"):
            cli.run(config, wait=5.0)
        ((called, _, options),) = ran
        assert (called, options["wait_minutes"]) == (config, 5.0)
