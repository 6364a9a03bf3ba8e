"""Do intervals of networks hold the truth where it is known what chance does? Networks made by a rule, twice each.

    python -m benchmarks.networks [--networks 300]

Thirteen organisations, as many as the scenario's, send each other ties; nothing changes between before and after but
by chance. Either chance acts on each pair alone, or organisations are also more or less active before than after, by
a normal spread of the log odds of their ties. The truth is a difference of 0.
"""

import argparse

import numpy as np
import pandas as pd

from benchmarks.intervals import NORMAL
from orgnet.change.intervals import Network, from_vertices, of_organisations
from orgnet.change.vertices import replicate_graph, undrawn

ORGANISATIONS = 13
REPLICATES = 200
BY_DYADS = "density, error by dyads"
LOG_ODDS = -0.8
"""Three pairs in ten are tied."""


def made(random: np.random.Generator, spread: float) -> Network:
    """A network of organisations that are more or less active."""
    active = random.normal(0, spread, ORGANISATIONS)
    odds = np.exp(LOG_ODDS + active[:, None] + active[None, :])
    tied = random.random((ORGANISATIONS, ORGANISATIONS)) < odds / (1 + odds)
    np.fill_diagonal(tied, False)
    return Network(True, tied.astype(np.float64))


def by_dyads(before: Network, after: Network) -> float:
    """Half the length of the interval of a density's difference, had the error been Fafchamps and Gubert's (2007).

    Squares of pairs and products of pairs with an organisation in common are added up: chance of a pair counts once.
    """
    n, moved = len(before.matrix), (after.matrix > 0) * 1.0 - (before.matrix > 0)
    off = moved - moved.sum() / (n * (n - 1))
    np.fill_diagonal(off, 0)
    either = off + off.T
    square = (either.sum(axis=1) ** 2).sum() - (np.triu(either) ** 2).sum()
    return of_organisations(np.sqrt(max(square, 0.0)) / (n * (n - 1)), n).reach


def held(networks: int, spread: float, seed: int) -> pd.DataFrame:
    """Per metric the share of intervals that hold 0, and their length against 1.96 standard deviations either way."""
    random, as_it_is = np.random.default_rng(seed), undrawn(ORGANISATIONS)
    rows = []
    for number in range(networks):
        both = [made(random, spread) for _ in range(2)]
        before, after = (replicate_graph(each.matrix, True, as_it_is) for each in both)
        reach = {
            measure.metric: interval.reach
            for measure, interval in from_vertices(
                {"made": both[0]}, {"made": both[1]}, "made", REPLICATES, number, True
            )
        }
        before[BY_DYADS], after[BY_DYADS] = before["density"], after["density"]
        reach[BY_DYADS] = by_dyads(*both)
        rows += [(metric, float(after[metric][0] - before[metric][0]), reach[metric]) for metric in sorted(reach)]
    lines = pd.DataFrame(rows, columns=["metric", "estimate", "reach"])
    lines["covered"] = lines["estimate"].abs() <= lines["reach"]
    by = lines.groupby("metric")
    return pd.DataFrame(
        {"covered": by["covered"].mean(), "length": by["reach"].mean() / (NORMAL * by["estimate"].std())}
    )


def main() -> None:
    """Print what the intervals hold, for organisations alike, and more and more unlike from time to time."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--networks", type=int, default=300, help="pairs of networks (default: 300)")
    given = parser.parse_args()
    tables = {spread: held(given.networks, spread, seed=1) for spread in (0.0, 0.5, 1.0)}
    print(pd.concat(tables, axis=1).round(3).to_string())


if __name__ == "__main__":
    main()
