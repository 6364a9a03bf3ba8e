"""A few seeds of what `benchmarks.calibration` does with two hundred: do intervals hold the truth where nothing changes?

The seeds are others than those that the figures below, and docs/how_often_intervals_are_right.md, were found on.
"""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from benchmarks.calibration import figures_of
from benchmarks.intervals import GROUPS, NORMAL, OF_GROUPS, RATE, of_meetings_and_organisations, of_networks

SEEDS = range(201, 205)
TRUTH = {f"radiologist.{RATE}": -0.63, "radiologist.meet_rate_median": -0.96}
"""The mean difference over 200 seeds where it is not about 0: a meeting falls into the first window alone."""
SPREAD = {"surgeon": 0.33, "nurse": 0.41, "radiologist": 0.30, "oncologist": 0.43, "ahp": 0.19, "manager": 0.49}
"""The standard deviation over 200 seeds of the difference of meetings per person."""


@pytest.fixture(scope="module")
def lines() -> pd.DataFrame:
    asked = (of_meetings_and_organisations, of_networks)
    return pd.DataFrame([figures_of(seed, ("null",), asked) for seed in SEEDS])


def held(lines: pd.DataFrame, names: list[str]) -> np.ndarray:
    """Whether each interval holds the truth, of those that there are."""
    found = []
    for name in names:
        reach = lines[f"{name}.reach"]
        found.append(((lines[f"{name}.estimate"] - TRUTH.get(name, 0)).abs() <= reach)[reach > 0])
    return np.concatenate(found)


def fewest(intervals: int, share: float) -> int:
    """Fewer than this, of so many, come of a true share less than once in a thousand times."""
    return int(binom.ppf(0.001, intervals, share))


def test_nine_in_ten_intervals_of_meeting_rates_hold_the_truth(lines: pd.DataFrame) -> None:
    found = held(lines, [f"{group}.{RATE}" for group in GROUPS])
    assert len(found) == len(GROUPS) * len(SEEDS)
    assert found.sum() >= fewest(len(found), 0.9)
    # So few intervals may all hold it; that they are no longer than need be shows in their length.
    length = {group: lines[f"{group}.{RATE}.reach"].mean() / (NORMAL * SPREAD[group]) for group in GROUPS}
    assert 0.9 < np.mean(list(length.values())) < 1.25
    assert all(0.7 < each < 1.6 for each in length.values()), length


def test_the_large_majority_of_intervals_holds_the_truth(lines: pd.DataFrame) -> None:
    for metric in OF_GROUPS:
        found = held(lines, [f"{group}.{metric}" for group in GROUPS])
        assert found.sum() >= fewest(len(found), 0.9), metric
    networks = [c.removesuffix(".reach") for c in lines if c.startswith("referrals") and c.endswith(".reach")]
    found = held(lines, networks)
    assert len(found) > 30
    assert found.mean() >= 0.95
    # Each error is one of the two kinds of draws', the wider's.
    for group in GROUPS:
        by_meetings = NORMAL * lines[f"{group}.{RATE}.error_of_meetings"]
        assert (lines[f"{group}.{RATE}.reach"] >= by_meetings - 1e-3).all()


def test_what_is_the_same_in_every_draw_has_no_interval(lines: pd.DataFrame) -> None:
    # Everybody meets everybody, and the network's body convenes them all: before, after and in every draw.
    for name in ("meetings.density", "convening.degree_centralization"):
        assert (lines[f"{name}.method"] == "none").all()
        assert (lines[f"{name}.estimate"].abs() < 1e-9).all()
