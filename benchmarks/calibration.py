"""Are the tests and intervals of change what they claim to be, where nothing changes, and where something does?

    python -m benchmarks.calibration [--variant null|base] [--seeds 200|201-400] [--workers 2]

Each seed writes the scenario and reads it. Of the monthly series of meetings per person, the months before are judged
against those after, the transition left out; of groups' metrics and of networks, intervals of the difference between the
last window before and the last after are drawn (`benchmarks.intervals`). One line per seed is added to
out/calibration/VARIANT.csv as soon as it is there: what was interrupted goes on where it stopped. Add a function to
FIGURES to learn more of every seed.
"""

import argparse
import csv
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

import pandas as pd

from benchmarks.intervals import (
    OF_GROUPS,
    Figures,
    coverage,
    of_meetings_and_organisations,
    of_networks,
    pooled,
    tried,
)
from benchmarks.measured import Measured, measure
from orgnet.change.activity import MEETINGS_PER_PERSON, MONTH, activity_series, make_steps
from orgnet.change.design import steps_in_year, steps_within, take_points
from orgnet.change.judged import judge

OUT = Path(__file__).parents[1] / "out" / "calibration"
GROUPS = ("surgeon", "nurse", "radiologist", "oncologist", "ahp")
ALPHA = 0.05
DRAWS = 999


def judge_groups(measured: Measured) -> Figures:
    """The change of level of each group's meetings per person, with its p-values."""
    config = measured.config
    steps = make_steps(config)
    before, after = (steps_within(steps, *config.phases[phase]) for phase in ("pre", "post"))
    series = activity_series(measured.drawn.groups, measured.ties, measured.records, config)
    by_group = {one.entity.split(" / ")[0]: one for one in series if one.metric == MEETINGS_PER_PERSON}
    found: Figures = {}
    for group in GROUPS:
        one = by_group[group]
        points = take_points(one.values, before, after, one.coverage)
        judged = judge(points, steps_in_year(MONTH), measured.seed, DRAWS)
        assert judged.regression.level and judged.level and judged.slope and judged.difference
        found |= {
            f"{group}.level": judged.regression.level.value,
            f"{group}.hac": judged.regression.level.p_value,
            f"{group}.permuted": judged.level.p_value,
            f"{group}.slope_permuted": judged.slope.p_value,
            f"{group}.difference": judged.difference.p_value,
        }
    return found


Asked = Callable[[Measured], Figures]
FIGURES: tuple[Asked, ...] = (judge_groups, of_meetings_and_organisations, of_networks)
"""What is asked of every seed; the names of what they find are the columns of the file."""


def figures_of(seed: int, variants: Sequence[str], asked: Sequence[Asked] = FIGURES) -> Figures:
    """One line of the file."""
    measured = measure(seed, variants)
    found: Figures = {"seed": seed}
    for figures in asked:
        found |= figures(measured)
    return found


def collect(variant: str, seeds: Sequence[int], workers: int, path: Path) -> None:
    """Add a line to the file for each seed that it does not have yet."""
    path.parent.mkdir(parents=True, exist_ok=True)
    there = pd.read_csv(path) if path.exists() else pd.DataFrame({"seed": []})
    done = set(there["seed"])
    variants = () if variant == "base" else (variant,)
    waiting = [seed for seed in seeds if seed not in done]
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"))
    with pool, path.open("a", newline="", encoding="utf-8") as file:
        for future in as_completed([pool.submit(figures_of, seed, variants) for seed in waiting]):
            line = future.result()
            if done and list(line) != list(there.columns):
                raise ValueError(f"{path}: found columns of other FIGURES; move it away to begin anew")
            writer = csv.DictWriter(file, list(line))
            if file.tell() == 0:
                writer.writeheader()
            writer.writerow(line)
            file.flush()
            print(f"{variant}: seed {line['seed']:.0f}", file=sys.stderr)


def rates(lines: pd.DataFrame) -> pd.DataFrame:
    """The mean change of level, and the share of seeds with p < .05: a row per group, and one for all together."""
    tests = ("hac", "permuted", "slope_permuted", "difference")
    table = pd.DataFrame(
        {
            "level": {group: lines[f"{group}.level"].mean() for group in GROUPS},
            **{test: {group: (lines[f"{group}.{test}"] < ALPHA).mean() for group in GROUPS} for test in tests},
        }
    )
    table.loc["pooled"] = table.mean()
    table.insert(0, "seeds", len(lines))
    return table


def tell(lines: pd.DataFrame) -> None:
    """Print the rates of the tests, and how often the intervals hold the truth."""
    print(f"{len(lines)} seeds, share with p < {ALPHA}\n{rates(lines).round(3).to_string()}\n")
    print(f"intervals at 95 %\n{coverage(lines).round(3).to_string()}\n")
    for metric in OF_GROUPS:
        print(f"pooled over groups, {metric}: {pooled(lines, metric):.3f}")
    print(f"\nhad the errors been taken otherwise, meetings_per_person\n{tried(lines).round(3).to_string()}")


def seeds_of(text: str) -> range:
    """Seeds by their number or their first and last: 200, 201-400."""
    first, _, last = text.rpartition("-")
    return range(int(first or 1), int(last) + 1)


def main() -> None:
    """Collect what is missing, then tell what there is."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--variant", default="null", help="a variant of the scenario, or base (default: null)")
    parser.add_argument("--seeds", type=seeds_of, default="200", help="200 for 1 to 200, or 201-400 (default: 200)")
    parser.add_argument("--workers", type=int, default=2, help="processes (default: 2)")
    given = parser.parse_args()
    path = OUT / f"{given.variant}.csv"
    collect(given.variant, given.seeds, given.workers, path)
    lines = pd.read_csv(path)
    tell(lines[lines["seed"].isin(given.seeds)])


if __name__ == "__main__":
    main()
