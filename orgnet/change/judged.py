"""All that is said of one short series before and after: segmented regression, and a p-value by permutation beside it."""

from dataclasses import dataclass

from orgnet.change.design import Points, make_design
from orgnet.change.its import Interrupted, interrupted
from orgnet.change.permutation import DRAWS, Permuted, p_of_change, p_of_difference


@dataclass(frozen=True)
class Judged:
    """Segmented regression of a series, and permutation p-values of the changes that it tells; `difference` is of means.

    A p-value is None where its change is not told.
    """

    regression: Interrupted
    level: Permuted | None
    slope: Permuted | None
    difference: Permuted | None


def judge(points: Points, steps_a_year: int, seed: int, draws: int = DRAWS) -> Judged:
    """What a series says of its change, with every p-value from the same seed.

    Too few points for a regression may still have a difference of means, if there is a point on either side.
    """
    regression = interrupted(points, steps_a_year)
    difference = p_of_difference(points, steps_a_year, seed, draws) if points.fewest else None
    if regression.level is None:
        return Judged(regression, None, None, difference)
    design = make_design(points, steps_a_year)
    level = p_of_change(points, design, design.level, steps_a_year, seed, draws)
    slope = None
    if design.slope is not None:
        slope = p_of_change(points, design, design.slope, steps_a_year, seed, draws)
    return Judged(regression, level, slope, difference)
