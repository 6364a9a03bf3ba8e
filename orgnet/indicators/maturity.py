"""The maturity matrix: how many people see each element at each of three levels. It never feeds an indicator."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from orgnet import store
from orgnet.indicators.scored import MINIMUM, Place, strata
from orgnet.indicators.waves import Answers, Flags, Floats, Wave
from orgnet.vocabulary import Status

LEVELS = (1, 2, 3)
SPLIT = 0.25
"""People are split over an element if at least this share of them says level 1, and as many say level 3."""
ELEMENTS = 7
"""Elements are counted by level if at least so many of them were answered by enough people."""


def low_median(values: Floats) -> int:
    """The middle value; of two middle ones, the lower, as levels are only an order."""
    return int(np.sort(values)[(len(values) - 1) // 2])


def maturity_table(answers: Answers, minimum: int = MINIMUM) -> pa.Table:
    """The `maturity_matrix` table, of every instrument of kind levels. Empty where fewer than the minimum answered."""
    waves = [wave for wave in answers.waves if wave.declared.kind == "levels"]
    rows = [
        row for wave in waves for place, members in strata(wave).items() for row in _rows(wave, place, members, minimum)
    ]
    names = store.columns_of("maturity_matrix")
    columns = {name: [row.get(name) for row in rows] for name in names}
    return store.sorted_by_key("maturity_matrix", store.table("maturity_matrix", columns))


def _rows(wave: Wave, place: Place, members: Flags, minimum: int) -> Iterator[dict[str, Any]]:
    """One row for each element, in one stratum."""
    said = [_element(wave.answers[members, at], minimum) for at in range(len(wave.items))]
    medians = [element["median_level"] for element in said if element["status"] == Status.OK.value]
    counted = {f"elements_level_{level}": medians.count(level) for level in LEVELS} if len(medians) >= ELEMENTS else {}
    for item, element in zip(wave.items, said, strict=True):
        yield {
            "instrument": wave.instrument,
            "wave": wave.name,
            "wave_date": wave.day,
            "item": item,
            "stratum_type": place[0].value,
            "stratum": place[1],
            **element,
            **counted,
        }


def _element(answers: Floats, minimum: int) -> dict[str, Any]:
    """How people answered one element; without values if too few did."""
    levels = answers[~np.isnan(answers)]
    if len(levels) < minimum or not len(levels):
        return {"n_people": len(levels), "status": Status.INSUFFICIENT.value}
    shares = {level: float((levels == level).mean()) for level in LEVELS}
    return {
        "n_people": len(levels),
        **{f"share_level_{level}": share for level, share in shares.items()},
        "median_level": low_median(levels),
        "split": min(shares[1], shares[3]) >= SPLIT,
        "status": Status.OK.value,
    }
