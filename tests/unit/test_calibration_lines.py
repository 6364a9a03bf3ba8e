"""The calibration goes on where it stopped, tells the rates of what it has, and draws as a run does."""

from concurrent.futures import Future
from math import isnan
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks import calibration, intervals
from benchmarks.calibration import GROUPS, collect, rates, seeds_of
from orgnet.change.draws import Draws, make_draws
from orgnet.indicators.confidence import prepare_draws, resample
from orgnet.metrics.conduct import observe
from orgnet.metrics.groups import measure_groups
from tests.networks import Network


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
    table = rates(pd.read_csv(lines(tmp_path / "null.csv", [0.01, 0.04, 0.05, 0.9])))
    assert (table.loc["surgeon", "permuted"], table.loc["nurse", "permuted"]) == (0.5, 0)  # .05 itself is not below
    assert table.loc["pooled", "hac"] == pytest.approx(0.5 / len(GROUPS))
    assert set(table["seeds"]) == {4}


def test_seeds_by_their_number_or_first_and_last() -> None:
    assert seeds_of("3") == range(1, 4)
    assert seeds_of("201-400") == range(201, 401)


class _AtOnce:
    """A pool of processes that is none."""

    def __init__(self, *_: object, **__: object) -> None: ...
    def __enter__(self) -> "_AtOnce":
        return self

    def __exit__(self, *_: object) -> None: ...
    def submit(self, work, *given) -> Future:
        done: Future = Future()
        done.set_result(work(*given))
        return done


def test_lines_of_other_figures_are_not_added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = lines(tmp_path / "null.csv", [0.01])
    before = path.read_text()
    monkeypatch.setattr(calibration, "ProcessPoolExecutor", _AtOnce)
    monkeypatch.setattr(calibration, "figures_of", lambda seed, _: {"seed": seed, "other": 1.0})
    with pytest.raises(ValueError, match=r"null\.csv: found columns of other FIGURES"):
        collect("null", [1, 2], 1, path)
    assert path.read_text() == before


# --- intervals ----------------------------------------------------------------------------------------------


def told(name: str, estimates: list[float], reaches: list[float], method: str = "vertex_bootstrap") -> pd.DataFrame:
    columns = {
        "estimate": estimates,
        "reach": reaches,
        "method": [method if reach > 0 else "none" for reach in reaches],
        "error_of_meetings": [reach / intervals.NORMAL / 2 for reach in reaches],
        "error_of_organisations": [reach / intervals.T11 for reach in reaches],
    }
    return pd.DataFrame({f"{name}.{what}": values for what, values in columns.items()})


def test_coverage_is_a_share_of_the_intervals_that_there_are() -> None:
    # Truth: the mean, 2. Of the four intervals, 1 +- 1.5 and 4 +- 2.5 hold it; 0 lies in 1 +- 1.5 and -1 +- 1.5.
    table = intervals.coverage(told("ahp.acq_density", [1, 4, -1, 4], [1.5, 2.5, 1.5, 1.5]))
    found = table.loc[("acq_density", "ahp")]
    assert (found["truth"], found["covered"], found["covers_0"], found["none"]) == (2, 0.5, 0.5, 0)
    spread = np.std([1, 4, -1, 4], ddof=1)
    assert found["length"] == pytest.approx(7 / 4 / (1.96 * spread))
    assert (found["of_meetings"], found["spread"]) == (0, spread)


@pytest.mark.parametrize("nothing", [0.0, np.nan])
def test_no_interval_is_neither_a_hit_nor_a_miss(nothing: float) -> None:
    table = intervals.coverage(told("ahp.acq_density", [1, 1, 1, 5], [2, 2, nothing, nothing]))
    found = table.loc[("acq_density", "ahp")]
    assert (found["covered"], found["none"]) == (1, 0.5)
    same = intervals.coverage(told("meetings.density", [0, 0], [nothing, nothing])).loc[("density", "meetings")]
    assert (same["none"], same["spread"]) == (1, 0)
    assert isnan(same["covered"]) and isnan(same["length"])


def test_pooled_over_groups_and_other_errors() -> None:
    # In five groups both intervals hold the truth, 1; in the sixth neither does, and one seed has none.
    parts = [told(f"{group}.{intervals.RATE}", [0, 2], [1.1, 1.1]) for group in intervals.GROUPS[1:]]
    parts.append(told(f"{intervals.GROUPS[0]}.{intervals.RATE}", [0, 2], [0.9, 0]))
    lines = pd.concat(parts, axis=1)
    assert intervals.pooled(lines) == 10 / 11
    table = intervals.tried(lines)
    assert table.loc["ahp", "covered"].to_dict() == {"wider": 1, "meetings": 0, "organisations": 1, "added": 1}
    length = table.loc["ahp", "length"] * 1.96 * np.sqrt(2)
    assert length["added"] == pytest.approx(np.hypot(1.1, 1.1 / 2))
    assert length["wider"] == length["organisations"] == pytest.approx(1.1)


def test_draws_of_some_slices_are_those_of_a_run(networks_of_records: list[Network]) -> None:
    compared = 0
    for found in networks_of_records[:2]:
        settings = found.config.uncertainty.model_copy(update={"replicates": 20})
        config, calendar = found.config.model_copy(update={"uncertainty": settings}), found.calendar
        conduct = observe(found.records, found.ties, found.roster, calendar, config.ties.standing_meetings_per_year)
        drawn = prepare_draws(found.ties, conduct, found.records, found.roster, config, calendar)
        groups = measure_groups(found.ties, found.records, found.roster, found.coverage, config, calendar)
        assert drawn is not None
        wanted = sorted({0, len(calendar) - 1})
        every = make_draws(resample(drawn, config), groups, config)
        some = make_draws(resample(drawn, config, wanted), groups, config, wanted)
        expected = Draws({what: {n: d for n, d in of.items() if n in wanted} for what, of in every.of.items()})
        assert [row[:3] for row in some.rows()] == [row[:3] for row in expected.rows()]
        for (*_, values), (*_, others) in zip(some.rows(), expected.rows(), strict=True):
            np.testing.assert_array_equal(values, others)
            compared += 1
    assert compared > 50
