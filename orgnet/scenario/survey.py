"""What people say when they are asked: two waves of a survey with one item for each indicator."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import ndtri

from orgnet.scenario.parameters import CENTRES, PERIOD_END, PROVIDERS, Plan
from orgnet.vocabulary import Indicator

INSTRUMENT = "damour10"
WAVES = {"2016-06": date(2016, 6, 1), "2019-03": date(2019, 3, 1)}
"""The waves, each open for thirty days from its first."""
OPEN_DAYS = 30
RESPONDENTS = ("surgeon",) * 3 + ("nurse",) * 3 + ("radiologist", "oncologist", "ahp", "manager")
"""Who answers in each provider: ten people, not the same ones in both waves."""
SPREAD = 0.8
"""Standard deviation of what people mean, before they round it to one of five answers."""
ALIKE = 0.3
"""How much of that variance is a person's own, the same on every item."""
MEANS = {
    Indicator.GOALS: (3.6, 2.9),
    Indicator.CLIENT: (3.5, 3.0),
    Indicator.ACQUAINT: (3.3, 3.0),
    Indicator.TRUST: (3.2, 2.4),
    Indicator.CENTRALITY: (4.2, 4.0),
    Indicator.LEADERSHIP: (3.7, 2.6),
    Indicator.INNOVATION: (3.0, 2.5),
    Indicator.CONNECT: (3.4, 2.9),
    Indicator.FORMAL: (3.4, 2.8),
    Indicator.INFOEX: (2.7, 2.4),
}
"""What people mean on average, at specialist centres and elsewhere."""
LATER = {Indicator.INFOEX: (3.0, 2.6)}
"""What they mean by the second wave, where it is another and services are centralised."""

Floats = npt.NDArray[np.float64]


class _Response(NamedTuple):
    """One answer, its fields in the file's order."""

    resp_id: str
    item: str
    instrument: str
    wave: str
    date: str
    value: int
    org_id: str
    org_type: str
    group: str


def _normal(n: int, rng: np.random.Generator) -> Floats:
    """Standard normal numbers, one from each n-th part of the distribution, in random order.

    Ten plain draws would put a mean of means as far as .1 from what it is drawn around, and some seeds on the wrong
    side of a threshold; these leave every organisation's mean close to it.
    """
    drawn: Floats = ndtri((np.arange(n) + rng.random(n)) / n)
    return rng.permutation(drawn)


def _answers(means: Floats, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """The answers of one organisation's respondents (rows) to every item (columns), from 1 to 5."""
    own = _normal(len(RESPONDENTS), rng)
    items = np.column_stack([_normal(len(RESPONDENTS), rng) for _ in means])
    meant = means + SPREAD * (np.sqrt(ALIKE) * own[:, None] + np.sqrt(1 - ALIKE) * items)
    return np.clip(np.rint(meant), 1, 5).astype(np.int64)


def _wave(wave: str, means: dict[Indicator, tuple[float, float]], rng: np.random.Generator) -> Iterator[_Response]:
    """One wave's answers; a respondent's number says nothing of where they work."""
    numbers = iter(rng.permutation(len(PROVIDERS) * len(RESPONDENTS)) + 1)
    for org in PROVIDERS:
        specialist = org in CENTRES.values()
        of_org = np.array([mean[0 if specialist else 1] for mean in means.values()])
        for group, values in zip(RESPONDENTS, _answers(of_org, rng), strict=True):
            resp_id = f"S{wave.replace('-', '')}-{next(numbers):03}"
            day = (WAVES[wave] + timedelta(days=int(rng.integers(OPEN_DAYS)))).isoformat()
            org_type = "specialist" if specialist else "local"
            for item, value in zip(means, values, strict=True):
                yield _Response(resp_id, item.value, INSTRUMENT, wave, day, int(value), org, org_type, group)


def survey_responses(plan: Plan, rng: np.random.Generator) -> pd.DataFrame:
    """Every answer to every item in both waves, in order of the respondents' numbers."""
    first, second = WAVES
    later = LATER if plan.centralised < PERIOD_END else {}
    rows = [*_wave(first, MEANS, rng), *_wave(second, MEANS | later, rng)]
    return pd.DataFrame(rows, columns=list(_Response._fields)).sort_values("resp_id", kind="stable")
