"""Are the tests of change what they claim to be? Their size where nothing changes, their power where something does.

    python -m benchmarks.calibration [--variant null|base] [--seeds 200] [--workers 2]

Each seed writes the scenario, reads it, makes the monthly series of meetings per person, and judges the months before
against those after, the transition left out. One line per seed is added to out/calibration/VARIANT.csv as soon as it is
there: what was interrupted goes on where it stopped. Add a function to FIGURES to learn more of every seed.
"""

import argparse
import csv
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import pandas as pd

from orgnet.change.activity import MEETINGS_PER_PERSON, MONTH, activity_series, make_steps
from orgnet.change.design import steps_in_year, steps_within, take_points
from orgnet.change.judged import judge
from orgnet.config import Config, load_config
from orgnet.indicators.group_windows import Resampled, prepare
from orgnet.records.organisations import Roster, make_roster
from orgnet.records.read import Records, read_records
from orgnet.scenario import write_london_cancer
from orgnet.ties.make import Ties, make_ties
from orgnet.vocabulary import RecordKind

OUT = Path(__file__).parents[1] / "out" / "calibration"
GROUPS = ("surgeon", "nurse", "radiologist", "oncologist", "ahp")
NEEDED = (
    RecordKind.ORGANISATIONS,
    RecordKind.PEOPLE,
    RecordKind.MEETINGS,
    RecordKind.ATTENDANCE,
    RecordKind.COVERAGE,
)
"""The kinds of record that contacts come from; the others are not read."""
ALPHA = 0.05
DRAWS = 999


@dataclass(frozen=True)
class Measured:
    """One seed of the scenario, as far as contacts between people."""

    seed: int
    config: Config
    records: Records
    roster: Roster
    ties: Ties
    resampled: Resampled


def measure(seed: int, variants: Sequence[str]) -> Measured:
    """Write the scenario, read what is needed of it, and find who met whom."""
    with tempfile.TemporaryDirectory() as folder:
        config = load_config(write_london_cancer(Path(folder), seed, variants))
        sources = {kind: source for kind, source in config.sources.items() if kind in NEEDED}
        config = config.model_copy(update={"sources": sources})
        records = read_records(config)
    calendar = config.calendar
    roster, ties = make_roster(records, calendar), make_ties(records, config, calendar)
    return Measured(seed, config, records, roster, ties, prepare(ties, records, roster, config, calendar))


def judge_groups(measured: Measured) -> dict[str, float]:
    """The change of level of each group's meetings per person, with its p-values."""
    config = measured.config
    steps = make_steps(config)
    before, after = (steps_within(steps, *config.phases[phase]) for phase in ("pre", "post"))
    series = activity_series(measured.resampled, measured.ties, measured.records, config)
    by_group = {one.entity.split(" / ")[0]: one for one in series if one.metric == MEETINGS_PER_PERSON}
    found: dict[str, float] = {}
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


FIGURES: tuple[Callable[[Measured], dict[str, float]], ...] = (judge_groups,)
"""What is asked of every seed; the names of what they find are the columns of the file."""


def figures_of(seed: int, variants: Sequence[str]) -> dict[str, float]:
    """One line of the file."""
    measured = measure(seed, variants)
    found: dict[str, float] = {"seed": seed}
    for figures in FIGURES:
        found |= figures(measured)
    return found


def collect(variant: str, seeds: Sequence[int], workers: int, path: Path) -> None:
    """Add a line to the file for each seed that it does not have yet."""
    path.parent.mkdir(parents=True, exist_ok=True)
    done = set(pd.read_csv(path)["seed"]) if path.exists() else set()
    variants = () if variant == "base" else (variant,)
    waiting = [seed for seed in seeds if seed not in done]
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"))
    with pool, path.open("a", newline="", encoding="utf-8") as file:
        for future in as_completed([pool.submit(figures_of, seed, variants) for seed in waiting]):
            line = future.result()
            writer = csv.DictWriter(file, list(line))
            if file.tell() == 0:
                writer.writeheader()
            writer.writerow(line)
            file.flush()
            print(f"{variant}: seed {line['seed']:.0f}", file=sys.stderr)


def rates(path: Path) -> pd.DataFrame:
    """The mean change of level, and the share of seeds with p < .05: a row per group, and one for all together."""
    lines = pd.read_csv(path)
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


def main() -> None:
    """Collect what is missing, then tell the rates."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--variant", default="null", help="a variant of the scenario, or base (default: null)")
    parser.add_argument("--seeds", type=int, default=200, help="seeds 1 to so many (default: 200)")
    parser.add_argument("--workers", type=int, default=2, help="processes (default: 2)")
    given = parser.parse_args()
    path = OUT / f"{given.variant}.csv"
    collect(given.variant, range(1, given.seeds + 1), given.workers, path)
    print(f"share of seeds with p < {ALPHA}\n{rates(path).round(3).to_string()}")


if __name__ == "__main__":
    main()
