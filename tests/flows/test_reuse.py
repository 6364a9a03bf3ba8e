"""A run takes up what earlier ones have kept, and publishes the same bytes as one that takes up nothing."""

import csv
import json
import os
from pathlib import Path

import pytest
import yaml

from orgnet import store
from pipelines.run import run_network
from tests.flows.test_determinism import assert_equal_results


def reuse_of(folder: Path) -> dict[str, dict[str, int]]:
    """How many slices of each kind were taken up and how many made anew."""
    found: dict[str, dict[str, int]] = json.loads((folder / "manifest.json").read_text())["reuse"]
    return found


def copy_of(config: Path, folder: Path, **settings: object) -> Path:
    """The network's files in another folder, with other settings."""
    folder.mkdir(exist_ok=True)
    for path in config.parent.iterdir():
        if path.is_file():
            (folder / path.name).write_bytes(path.read_bytes())
    said = yaml.safe_load(config.read_text()) | settings
    (folder / config.name).write_text(yaml.safe_dump(said))
    return folder / config.name


def all_of(folder: Path, what: str) -> set[int]:
    return {counts[what] for counts in reuse_of(folder).values()}


@pytest.fixture(scope="module")
def kept(small_alone, finished_small, tmp_path_factory):
    """A folder in which a run has kept its partial results, and that first run."""
    assert all_of(finished_small.folder, "taken_up") == {0}
    kinds = {"graphs", "professional groups", "meetings and referrals", "draws"}
    assert set(reuse_of(finished_small.folder)) == kinds
    return finished_small


def test_the_same_again_takes_everything_up(kept, small_alone, run_again):
    again = run_again(small_alone, kept.out)
    assert all_of(again.folder, "anew") == {0}
    assert_equal_results(kept.folder, again.folder)


def test_another_threshold_measures_nothing_anew(kept, small_alone, run_again, tmp_path):
    rules = (Path(__file__).parents[2] / "configs" / "damour.yaml").read_text()
    config = copy_of(small_alone, tmp_path / "other", indicators="rules.yaml")
    assert "acq_breadth >= 0.5" in rules
    (config.parent / "rules.yaml").write_text(rules.replace("acq_breadth >= 0.5", "acq_breadth >= 0.6"))
    again = run_again(config, kept.out)
    assert all_of(again.folder, "anew") == {0}


def test_damaged_files_cost_time_alone(kept, small_alone, run_again):
    files = sorted((kept.out / "partials").rglob("*.parquet"))
    for number, path in enumerate(files):
        if number % 3 == 0:
            path.write_bytes(os.urandom(path.stat().st_size))
        elif number % 3 == 1:
            path.unlink()
    (kept.out / "partials" / "last.json").write_bytes(os.urandom(500))
    again = run_again(small_alone, kept.out)
    assert all(counts["anew"] > 0 for counts in reuse_of(again.folder).values())
    assert_equal_results(kept.folder, again.folder)


def test_late_rows_restate_the_windows_that_they_fall_in(kept, small_alone, run_again, tmp_path):
    """One more person at one meeting, noted late: by content, slices before the meeting stay as they are."""
    config = copy_of(small_alone, tmp_path / "late")
    path = config.parent / "attendance.csv"
    meetings = {row["meeting_id"]: row for row in csv.DictReader((config.parent / "meetings.csv").open())}
    with path.open() as file:
        names, *rows = csv.reader(file)
    at = names.index("meeting_id")
    late = next(row for row in rows if meetings[row[at]]["start"][:7] == "2017-06")
    path.write_text("\n".join(",".join(row) for row in [names, *(row for row in rows if row != late)]) + "\n")
    again = run_again(config, kept.out)
    counts = reuse_of(again.folder)
    # The fifth of six quarters, from May 2017 on: its own window and the next one's, and those that look back on it.
    assert counts["professional groups"] == counts["meetings and referrals"] == {"taken_up": 4, "anew": 2}
    fresh = run_again(config, tmp_path / "fresh")
    assert all_of(fresh.folder, "taken_up") == {0}
    assert_equal_results(again.folder, fresh.folder)


def test_without_reuse_nothing_is_taken_up_or_kept(small_alone, kept, run_again, tmp_path):
    config = copy_of(small_alone, tmp_path / "without", compute={"workers": 1, "reuse": False})
    found = run_again(config, tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [".lock", "current", "runs"]
    assert_equal_results(kept.folder, found.folder)


def test_explain_says_what_would_be_done_and_does_nothing(small_alone, kept):
    before = store.runs(kept.out)
    told = run_network(small_alone, kept.out, explain=True)["plan"]
    assert any("slices are taken up from an earlier run" in line for line in told)
    assert store.runs(kept.out) == before


def test_no_person_is_in_what_is_kept(small_alone, kept):
    """Neither who somebody is nor the hash of it."""
    people = [row["person_id"] for row in csv.DictReader((small_alone.parent / "people.csv").open())]
    assert people
    for path in (kept.out / "partials").rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not any(person.encode() in content for person in people), path
