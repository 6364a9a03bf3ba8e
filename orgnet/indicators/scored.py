"""One wave's scores: for each item and stratum, what people said, how alike, and what stands behind it."""

from dataclasses import dataclass

import numpy as np

from orgnet.indicators.waves import ROLES, Flags, Floats, Ints, Wave
from orgnet.vocabulary import Status, Stratum

MINIMUM = 8
"""People behind a measure before it has a value."""
STRAIGHT_LINE_ITEMS = 5
"""One answer to every item says something of the respondent only if there are at least so many items."""
_LIKERT, _PERCENT = (1.0, 5.0), (0.0, 100.0)
_AGREES = {"likert": 4.0, "item_bank": 60.0}
_ROUNDING = 1e-9

Place = tuple[Stratum, str]
EVERYBODY: Place = (Stratum.ALL, "all")


@dataclass(frozen=True)
class Value:
    """One measure: NaN unless its status is ok, and the people behind it."""

    value: float
    n_people: int
    status: str


@dataclass(frozen=True)
class Cell:
    """The measures of one item in one stratum, and the people and organisations that answered."""

    n_people: int
    n_organisations: int
    values: dict[str, Value]


@dataclass(frozen=True)
class ScoredWave:
    """A wave's measures by item and stratum, and each factor's alpha.

    `straight_lined` people gave one answer to every item, of the `answered_all` who answered every item.
    """

    wave: Wave
    cells: dict[tuple[str, Place], Cell]
    alphas: dict[tuple[str, Place], Value]
    straight_lined: int
    answered_all: int


def rescaled(values: Floats, own: tuple[float, float], wanted: tuple[float, float], reverse: bool = False) -> Floats:
    """Values of one scale on another, linearly; reversed, its highest value becomes the lowest."""
    low, high = own
    upwards = low + high - values if reverse else values
    return wanted[0] + (wanted[1] - wanted[0]) * (upwards - low) / (high - low)


def _oriented(wave: Wave) -> Floats:
    """The answers on one common scale, the highest saying the most."""
    wanted = _PERCENT if wave.declared.kind == "item_bank" else _LIKERT
    said = [wave.declared.items[item] for item in wave.items]
    columns = [
        rescaled(wave.answers[:, at], item.scale or wave.declared.scale, wanted, item.reverse)
        for at, item in enumerate(said)
    ]
    return np.column_stack(columns)


def _mean_of(scores: Floats) -> Floats:
    """Each person's mean over the items that they answered; NaN if none."""
    answered = ~np.isnan(scores)
    n = answered.sum(axis=1)
    mean = np.full(len(scores), np.nan)
    np.divide(np.where(answered, scores, 0).sum(axis=1), n, out=mean, where=n > 0)
    return mean


def _columns(wave: Wave) -> dict[str, Floats]:
    """Each person's scores by what is published as an item: items and indicators, or an item bank's domains."""
    if wave.declared.kind == "levels":
        return {}
    scores, at = _oriented(wave), {item: place for place, item in enumerate(wave.items)}
    if wave.declared.kind == "item_bank":
        together = wave.declared.factors
        columns = {}
    else:
        together = {indicator.value: wave.declared.speaking_to(indicator) for indicator in wave.declared.indicators}
        columns = {item: scores[:, place] for item, place in at.items()}
    return columns | {name: _mean_of(scores[:, [at[item] for item in items]]) for name, items in together.items()}


def strata(wave: Wave) -> dict[Place, Flags]:
    """Whose answers are scored together: everybody's, and those of each role and professional group that is there."""
    found: dict[Place, Flags] = {EVERYBODY: np.ones(len(wave.answers), dtype=bool)}
    found |= {(Stratum.ORGANISATION_ROLE, role): wave.role == role for role in ROLES if (wave.role == role).any()}
    groups = sorted({*wave.group.tolist()} - {""})
    return found | {(Stratum.PROFESSIONAL_GROUP, group): wave.group == group for group in groups}


def score_wave(wave: Wave, minimum: int) -> ScoredWave:
    """Every measure of a wave. One that fewer people than the minimum stand behind has no value."""
    cells, alphas = {}, {}
    columns, factors = _columns(wave), _factor_scores(wave)
    for place, members in strata(wave).items():
        for item, scores in columns.items():
            cells[item, place] = _cell(wave, scores, place, members, minimum)
        for factor, scores in factors.items():
            complete = scores[members & ~np.isnan(scores).any(axis=1)]
            alphas[factor, place] = _value(alpha(complete), len(complete), minimum)
    return ScoredWave(wave, cells, alphas, *_straight_lined(wave))


def _factor_scores(wave: Wave) -> dict[str, Floats]:
    if wave.declared.kind == "levels":
        return {}
    scores = _oriented(wave)
    return {
        factor: scores[:, [wave.items.index(item) for item in items]]
        for factor, items in wave.declared.factors.items()
        if len(items) > 1
    }


def _straight_lined(wave: Wave) -> tuple[int, int]:
    """How many gave one and the same answer to every item, and how many answered every item."""
    if wave.declared.kind != "likert" or len(wave.items) < STRAIGHT_LINE_ITEMS:
        return 0, 0
    complete = wave.answers[~np.isnan(wave.answers).any(axis=1)]
    return int((complete == complete[:, :1]).all(axis=1).sum()), len(complete)


def _value(value: float, n_people: int, minimum: int) -> Value:
    if n_people < minimum:
        return _none(n_people, Status.INSUFFICIENT)
    return _none(n_people, Status.UNDEFINED) if np.isnan(value) else Value(float(value), n_people, Status.OK.value)


def _none(n_people: int, status: Status) -> Value:
    return Value(np.nan, n_people, status.value)


def _cell(wave: Wave, scores: Floats, place: Place, members: Flags, minimum: int) -> Cell:
    """The measures of one item in one stratum."""
    there = members & ~np.isnan(scores)
    people, known = scores[there], there & (wave.organisation >= 0)
    n, organisations = len(people), len(np.unique(wave.organisation[known]))
    agreeing = (people >= _AGREES[wave.declared.kind] - _ROUNDING).sum()
    values = {
        "survey_mean": _value(mean_of_means(scores[known], wave.organisation[known]), int(known.sum()), minimum),
        "survey_simple_mean": _value(people.mean() if n else np.nan, n, minimum),
        "survey_sd": _value(people.std(ddof=1) if n > 1 else np.nan, n, minimum),
        "survey_agreement": _value(agreeing / n if n else np.nan, n, minimum),
        "n_organisations": _value(organisations, n, minimum),
    }
    if wave.declared.kind == "item_bank":
        low, high = np.percentile(people, [25, 75]) if n else (np.nan, np.nan)
        values["survey_iqr"] = _value(high - low, n, minimum)
    if place[0] != Stratum.ORGANISATION_ROLE:
        values |= _between(wave, scores, known, minimum)
    expected = _expected(wave, place)
    if not np.isnan(expected):
        rate = n / expected if expected else np.nan
        values["response_rate"] = _value(rate if rate <= 1 + _ROUNDING else np.nan, n, minimum)
    return Cell(n, organisations, values)


def mean_of_means(scores: Floats, organisation: Ints) -> float:
    """The mean of organisations' means: each organisation counts once, however many answer for it; NaN if none."""
    if not len(scores):
        return np.nan
    n = np.bincount(organisation)
    total = np.bincount(organisation, weights=scores)
    return float((total[n > 0] / n[n > 0]).mean())


def _between(wave: Wave, scores: Floats, known: Flags, minimum: int) -> dict[str, Value]:
    """Specialist organisations' mean of means, that of local ones, and how far they are apart."""
    sides = [known & (wave.role == role) for role in ROLES]
    n = [int(side.sum()) for side in sides]
    means = [mean_of_means(scores[side], wave.organisation[side]) for side in sides]
    values = {
        f"survey_{role}_mean": _value(mean, people, minimum) for role, mean, people in zip(ROLES, means, n, strict=True)
    }
    difference, enough = means[0] - means[1], min(n) >= minimum
    for name, value in (("survey_difference", difference), ("survey_gap", abs(difference))):
        values[name] = _value(value, sum(n), minimum) if enough else _none(sum(n), Status.INSUFFICIENT)
    return values


def _expected(wave: Wave, place: Place) -> float:
    """How many people were expected to answer an item in a stratum; NaN if coverage records do not say."""
    role = {EVERYBODY: "", **{(Stratum.ORGANISATION_ROLE, role): role for role in ROLES}}.get(place)
    return np.nan if role is None else wave.expected.get(role, np.nan) / len(wave.items)


def alpha(scores: Floats) -> float:
    """Cronbach's alpha of items (columns) over people (rows) who answered all of them.

    k/(k - 1) * (1 - sum of the items' variances / variance of the people's sums), from minus infinity to 1; NaN with
    fewer than two items or people, or if all have the same sum. Cronbach 1951.
    """
    people, k = scores.shape
    if people < 2 or k < 2:
        return np.nan
    whole = scores.sum(axis=1).var(ddof=1)
    return float(k / (k - 1) * (1 - scores.var(axis=0, ddof=1).sum() / whole)) if whole > 0 else np.nan
