"""Which runs are kept, and that no other is touched."""

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from orgnet import cli, retention, store
from orgnet.errors import InputFault, StoreFault
from orgnet.folders import current_run, runs
from orgnet.locking import locked
from orgnet.retention import prune, superseded
from tests import dying
from tests.holding import held_by_another

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
DAYS = [f"202603{day:02}T120000.000Z-{'0' * 16}" for day in range(1, 10)]


def days(found: list[str]) -> list[int]:
    return [int(run[6:8]) for run in found]


class TestWhich:
    @pytest.mark.parametrize(
        ("keep", "keep_days", "expected"),
        [
            (None, None, []),
            (3, None, [1, 2, 3, 4, 5, 6]),
            (1, None, [1, 2, 3, 4, 5, 6, 7, 8]),
            (9, None, []),
            (20, None, []),
            (None, 5, [1, 2, 3, 4]),  # the fifth began exactly five days ago
            (None, 4.999, [1, 2, 3, 4, 5]),
            (None, 0, [1, 2, 3, 4, 5, 6, 7, 8]),
            (7, 3, [1, 2]),  # what either rule keeps is kept
            (2, 5, [1, 2, 3, 4]),
        ],
    )
    def test_on_the_boundary(self, keep, keep_days, expected):
        assert days(superseded(DAYS, DAYS[-1], keep, keep_days, NOW)) == expected

    def test_neither_the_current_one_nor_any_newer(self):
        assert days(superseded(DAYS, DAYS[4], 1, None, NOW)) == [1, 2, 3, 4]
        assert days(superseded(DAYS, DAYS[4], None, 0, NOW)) == [1, 2, 3, 4]

    def test_a_folder_of_another_name_is_nobodys_to_remove(self):
        assert days(superseded(["0-of-mine", *DAYS, "before-the-audit"], DAYS[-1], 1, None, NOW)) == [*range(1, 9)]


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Four published runs."""
    for number in range(4):
        dying.publish(tmp_path, f"value {number}")
    return tmp_path


def soon() -> datetime:
    return datetime.now(UTC) + timedelta(seconds=1)


class TestPrune:
    def test_the_others_are_gone_and_the_kept_are_whole(self, out):
        before = runs(out)
        assert prune(out, 2, None, soon()) == before[:2]
        assert runs(out) == before[2:]
        assert store.read(store.snapshot(out), "coverage").column("source").to_pylist() == ["value 3"]
        assert {path.name for path in (out / "runs").iterdir()} == set(before[2:])

    def test_by_days(self, out):
        assert len(prune(out, None, 0, soon())) == 3

    def test_a_dry_run_removes_nothing_and_waits_for_nobody(self, out):
        before = runs(out)
        with held_by_another(out):
            assert prune(out, 1, None, soon(), dry_run=True) == before[:3]
        assert runs(out) == before

    def test_not_while_a_run_is_at_work(self, out):
        with held_by_another(out), pytest.raises(StoreFault, match="another run is at work"):
            prune(out, 1, None, soon())
        assert len(runs(out)) == 4

    def test_a_run_that_holds_the_folder_may(self, out):
        with locked(out) as held:
            assert len(prune(out, 1, None, soon(), held=held)) == 3

    def test_an_older_one_that_was_made_current_again_stays(self, out):
        first = runs(out)[0]
        (out / "current").unlink()
        (out / "current").symlink_to(Path("runs") / first)
        assert prune(out, 1, None, soon()) == []
        assert current_run(out) == first

    def test_nothing_if_no_run_is_current(self, out):
        (out / "current").unlink()
        with pytest.raises(StoreFault, match="no complete run is current there, so none was removed"):
            prune(out, 1, None, soon())
        assert len(runs(out)) == 4

    def test_nothing_published(self, tmp_path):
        with pytest.raises(InputFault, match="no run has published there"):
            prune(tmp_path / "nowhere", 1, None, soon())
        assert not (tmp_path / "nowhere").exists()

    def test_a_reader_sees_a_run_whole_or_not_at_all(self, out, monkeypatch):
        """At the moment of deletion the run has another name already."""
        seen = []

        def remove(folder: Path) -> None:
            seen.append((folder.name, runs(out)))
            real(folder)

        real = shutil.rmtree
        monkeypatch.setattr(retention.shutil, "rmtree", remove)
        removed = prune(out, 3, None, soon())
        ((name, still),) = seen
        assert name == f".unfinished-{removed[0]}"
        assert len(still) == 3 and removed[0] not in still

    def test_what_was_left_half_deleted_is_cleared_by_the_next(self, out, monkeypatch):
        def fail(folder: Path) -> None:
            raise PermissionError(1, "Operation not permitted")

        with monkeypatch.context() as patched:
            patched.setattr(retention.shutil, "rmtree", fail)
            with pytest.raises(StoreFault, match="could not be removed: Operation not permitted"):
                prune(out, 3, None, soon())
        assert len(runs(out)) == 3
        prune(out, 3, None, soon())
        assert {path.name for path in (out / "runs").iterdir()} == set(runs(out))


class TestCommand:
    def test_it_says_which(self, out, capsys):
        before = runs(out)
        cli.prune(out, keep=3)
        assert capsys.readouterr().out == f"{before[0]}\n1 run removed\n"

    def test_a_dry_run(self, out, capsys):
        cli.prune(out, keep=1, dry_run=True)
        assert capsys.readouterr().out.endswith("3 runs would be removed\n")

    def test_left_to_itself_it_does_as_the_current_run_was_configured(self, out, capsys):
        manifest = store.snapshot(out) / "manifest.json"
        content = json.loads(manifest.read_text())
        manifest.write_text(json.dumps(content | {"configuration": {"snapshots": {"keep": 2, "keep_days": None}}}))
        cli.prune(out)
        assert len(runs(out)) == 2

    def test_nothing_is_removed_by_a_guess(self, out):
        with pytest.raises(InputFault, match="--keep N or --keep-days D"):
            cli.prune(out)
        assert len(runs(out)) == 4
