"""For whom did it change? How often one professional group meets its peers against how often another does.

Labels of the two groups are dealt out again within each organisation: what an organisation does to all of its people is
in neither group's favour. The values are meetings per person and step over a whole period, and the change of the
difference between the groups is what is tested.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations
from math import isnan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from orgnet.change.activity import make_steps
from orgnet.change.comparisons import Comparison
from orgnet.change.design import steps_within
from orgnet.change.people import PersonValues, change_of_people, compare_groups, meetings_of_people, rates_of_people
from orgnet.config import Config
from orgnet.indicators.confidence import Drawn
from orgnet.metrics.posts import group_posts
from orgnet.records.read import Records
from orgnet.vocabulary import ChangeMethod, Layer
from orgnet.windows import parse_step

MIN_PEOPLE = 8
"""Groups with fewer people there before and after, each of one organisation only, are not compared."""
Row = dict[str, Any]
Flags = NDArray[np.bool_]
_Sides = tuple[PersonValues, PersonValues]


def compare_contrasts(
    drawn: Drawn, records: Records, comparisons: Sequence[Comparison], config: Config
) -> Iterator[Row]:
    """Every two groups that are large enough, in every comparison of two periods, as rows of `changes`."""
    steps = make_steps(config, parse_step(config.change.series_step))
    posts, days = group_posts(records, config, steps), drawn.groups.groups
    meetings = {group: meetings_of_people(each, drawn.groups.diary, steps) for group, each in days.items()}
    for number, comparison in enumerate(comparisons):
        if comparison.days is None:
            continue
        chosen = [steps_within(steps, *each) for each in comparison.days]
        sides = {}
        for group, counts in meetings.items():
            before, after = (rates_of_people(counts, posts[group], side) for side in chosen)
            if _compared((before, after)).sum() >= MIN_PEOPLE:
                sides[group] = before, after
        for one, two in combinations(sorted(sides), 2):
            entity = f"{config.professional_groups[one]} against {config.professional_groups[two]}"
            yield _contrast(number, entity, sides[one], sides[two], [int(side.sum()) for side in chosen], config)


def _compared(sides: _Sides) -> Flags:
    """Who is there before and after; not who is of several organisations, within which no label could be exchanged."""
    change = change_of_people(*sides)
    return ~np.isnan(change.values) & (change.organisation >= 0)


def _contrast(number: int, entity: str, one: _Sides, two: _Sides, n_steps: Sequence[int], config: Config) -> Row:
    found = compare_groups(
        change_of_people(*one), change_of_people(*two), config.uncertainty.seed, config.change.permutations
    )
    mine, theirs = _compared(one), _compared(two)
    before, after = (
        float(own.values[mine].mean() - other.values[theirs].mean()) for own, other in zip(one, two, strict=True)
    )
    return {
        "comparison": number,
        "measure_table": "group_metrics",
        "entity": entity,
        "layer": Layer.COMBINED.value,
        "metric": "meetings_per_person",
        "n_before": n_steps[0],
        "n_after": n_steps[1],
        "value_before": before,
        "value_after": after,
        "difference": found.observed,
        "p_value": None if isnan(found.p_value) else found.p_value,
        "method": ChangeMethod.LABEL_PERMUTATION.value,
        "reasons": [
            f"how much more often people of the first group meet than of the second, per {config.change.series_step}",
            f"p_value by {found.method}, labels of the groups within organisations",
        ],
    }
