"""The calibration goes on where it stopped, and tells the rates of what it has."""

from pathlib import Path

import pytest

from benchmarks.calibration import GROUPS, collect, rates


def lines(path: Path, surgeons: list[float]) -> Path:
    names = [
        f"{group}.{what}" for group in GROUPS for what in ("level", "hac", "permuted", "slope_permuted", "difference")
    ]
    rows = [
        [str(seed), *[str(p) if "surgeon" in name else "0.5" for name in names]] for seed, p in enumerate(surgeons, 1)
    ]
    path.write_text("\n".join(",".join(row) for row in [["seed", *names], *rows]) + "\n")
    return path


def test_seeds_that_are_there_are_not_done_again(tmp_path: Path) -> None:
    path = lines(tmp_path / "null.csv", [0.01, 0.9])
    before = path.read_text()
    collect("null", [1, 2], 1, path)
    assert path.read_text() == before


def test_rates_are_shares_of_seeds(tmp_path: Path) -> None:
    table = rates(lines(tmp_path / "null.csv", [0.01, 0.04, 0.05, 0.9]))
    assert (table.loc["surgeon", "permuted"], table.loc["nurse", "permuted"]) == (0.5, 0)  # .05 itself is not below
    assert table.loc["pooled", "hac"] == pytest.approx(0.5 / len(GROUPS))
    assert set(table["seeds"]) == {4}
