"""Do intervals of what MDT meetings decide hold the truth? The third year after centralisation against the second.

    python -m benchmarks.conduct [--seeds 60]

Dialling in and cases go on as they were; deferrals for missing information still fall a little, by the same rule in every
seed, so that the truth is taken as the mean difference over seeds.
"""

import argparse

import numpy as np
import pandas as pd

from benchmarks.intervals import NORMAL
from benchmarks.measured import measure
from orgnet.change.intervals import standard_error
from orgnet.indicators.conduct_replicates import MDT_MEASURES, replicate_mdts
from orgnet.indicators.draws import as_recorded, resample_window

SECOND, THIRD = 15, 19
"""The slices that end two and three years after the transition."""


def one_seed(seed: int) -> dict[str, tuple[float, float]]:
    """The difference of each measure, and its standard error."""
    drawn, found = measure(seed, ()).drawn, {}
    diary, settings = drawn.groups.diary, drawn.groups.config.uncertainty
    recorded, again = [], []
    for number in (SECOND, THIRD):
        times = resample_window(diary, number, settings.replicates, settings.seed)
        recorded.append(replicate_mdts(drawn.conduct, number, as_recorded(diary, number)))
        again.append(replicate_mdts(drawn.conduct, number, times))
    for name in MDT_MEASURES:
        difference = float(recorded[1][name][0] - recorded[0][name][0])
        found[name] = difference, standard_error(again[0][name], again[1][name])
    return found


def main() -> None:
    """Print how often each measure's interval holds the mean difference, and its length over what is needed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=60)
    seeds = [one_seed(seed) for seed in range(1, parser.parse_args().seeds + 1)]
    rows = {}
    for name in MDT_MEASURES:
        difference, error = np.array([seed[name] for seed in seeds]).T
        truth = difference.mean()
        rows[name] = {
            "truth": truth,
            "holds": float((abs(difference - truth) <= NORMAL * error).mean()),
            "length": float(error.mean() / difference.std(ddof=1)),
        }
    print(pd.DataFrame(rows).T.round(3).to_string())


if __name__ == "__main__":
    main()
