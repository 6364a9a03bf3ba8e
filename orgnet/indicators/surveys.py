"""Survey answers to scores, wave by wave, and what the latest wave says of an indicator in each slice.

Scores are on the scale from 1 to 5, whatever the instrument's own; an item bank's are from 0 to 100, by domain.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from orgnet import store
from orgnet.config.instruments import Instrument, Item
from orgnet.indicators.instruments import BUILT_IN, DAMOUR10, all_instruments, load_item_bank
from orgnet.indicators.scored import EVERYBODY, MINIMUM, Place, ScoredWave, Value, score_wave
from orgnet.indicators.waves import ROLES, Answers, Undeclared, read_answers
from orgnet.vocabulary import Indicator, ScopeType, Status, Stratum
from orgnet.windows import Calendar, Step

__all__ = [
    "BUILT_IN",
    "Answers",
    "Instrument",
    "Item",
    "SurveyReading",
    "SurveyScores",
    "all_instruments",
    "load_item_bank",
    "read_answers",
    "score_surveys",
    "survey_table",
]


CARRY = Step(months=12)
ALL_ITEMS = "all_items"
_READ = (
    "survey_mean",
    "survey_simple_mean",
    "survey_sd",
    "survey_gap",
    "survey_agreement",
    "survey_local_mean",
    "survey_specialist_mean",
)
"""The measures of a reading."""


@dataclass(frozen=True)
class SurveyReading:
    """What a survey says of one indicator, for one scope and slice; measures without a value are NaN.

    `enough` is false where fewer people answered than the minimum: then there are no measures either.
    """

    instrument: str
    wave: str
    day: date
    carried: bool
    enough: bool
    measures: dict[str, float]
    n_people: int
    n_organisations: int
    response_rate: float
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class SurveyScores:
    """Every wave's scores, and which of them a slice may rest on."""

    waves: list[ScoredWave]
    undeclared: list[Undeclared]
    calendar: Calendar
    minimum: int
    carry: Step

    def at(self, number: int, indicator: Indicator, scope_type: ScopeType, scope_id: str) -> SurveyReading | None:
        """What the survey says for a slice; None if no wave speaks to the indicator and scope there.

        An instrument's latest wave counts whose day lies before the slice's end and not further back than `carry`.
        Of several instruments, one that enough people answered comes first, then damour10, then the first by name.
        """
        place = _place(scope_type, scope_id)
        latest: dict[str, ScoredWave] = {}
        for scored in self.waves:  # in the order of instrument and day
            if self._within_reach(scored.wave.day, number):
                latest[scored.wave.instrument] = scored
        readings = [
            self._reading(scored, number, indicator, place)
            for scored in latest.values()
            if place and indicator in scored.wave.declared.indicators and (indicator.value, place) in scored.cells
        ]
        return min(readings, key=_preference, default=None)

    def _within_reach(self, day: date, number: int) -> bool:
        end = self.calendar.slices[number].end
        return self.carry.after(end, -1) <= day < end

    def _reading(self, scored: ScoredWave, number: int, indicator: Indicator, place: Place) -> SurveyReading:
        wave, cell = scored.wave, scored.cells[indicator.value, place]
        measures = {name: cell.values[name].value if name in cell.values else np.nan for name in _READ}
        if place[0] == Stratum.ORGANISATION_ROLE:
            measures[f"survey_{place[1]}_mean"] = measures["survey_mean"]
        return SurveyReading(
            instrument=wave.instrument,
            wave=wave.name,
            day=wave.day,
            carried=wave.day < self.calendar.slices[number].start,
            enough=cell.n_people >= self.minimum,
            measures=measures,
            n_people=cell.n_people,
            n_organisations=cell.n_organisations,
            response_rate=cell.values["response_rate"].value if "response_rate" in cell.values else np.nan,
            notes=list(_notes(scored, indicator, place, self.minimum)),
        )


def _preference(said: SurveyReading) -> tuple[bool, bool, str]:
    return not said.enough, said.instrument != DAMOUR10, said.instrument


def score_surveys(answers: Answers, calendar: Calendar, minimum: int = MINIMUM, carry: Step = CARRY) -> SurveyScores:
    """Score every wave. A measure that fewer people than the minimum stand behind has no value."""
    waves = [score_wave(wave, minimum) for wave in answers.waves]
    return SurveyScores(waves, answers.undeclared, calendar, minimum, carry)


def _place(scope_type: ScopeType, scope_id: str) -> Place | None:
    if scope_type == ScopeType.NETWORK:
        return EVERYBODY
    if scope_type == ScopeType.ORGANISATION_KIND and scope_id in ROLES:
        return Stratum.ORGANISATION_ROLE, scope_id
    return (Stratum.PROFESSIONAL_GROUP, scope_id) if scope_type == ScopeType.GROUP else None


def _notes(scored: ScoredWave, indicator: Indicator, place: Place, minimum: int) -> Iterator[str]:
    """What to know of a reading beside its numbers, in plain words."""
    wave, cell = scored.wave, scored.cells[indicator.value, place]
    items = wave.declared.speaking_to(indicator)
    outside = sum(int(wave.out_of_range[wave.items.index(item)]) for item in items)
    if outside:
        yield f"{_counted(outside, 'answer')} of the wave outside the scale, not scored"
    if scored.straight_lined:
        yield (
            f"{scored.straight_lined} of the wave's {scored.answered_all} respondents who answered every item gave one "
            f"and the same answer to all {len(wave.items)}; they are kept"
        )
    for factor in dict.fromkeys(wave.declared.items[item].factor for item in items):
        if factor and (factor, place) in scored.alphas:
            yield _alpha_said(factor, scored.alphas[factor, place], minimum)
    nameless = cell.n_people - cell.values["survey_mean"].n_people
    if nameless:
        yield f"{_counted(nameless, 'respondent')} without a known organisation, not in the mean of organisation means"
    if wave.contradicting:
        people = _counted(wave.contradicting, "respondent")
        yield f"{people} of the wave with answers that contradict each other on organisation, type or group"
    if place[0] != Stratum.ORGANISATION_ROLE:
        for role in ROLES:
            if cell.values[f"survey_{role}_mean"].n_people < minimum:
                yield f"fewer than {minimum} respondents from {role} organisations: no gap between them and the others"
    rate = cell.values.get("response_rate")
    if rate and rate.status == Status.UNDEFINED:
        yield "more people answered than coverage records say were expected: no response rate"


def _counted(n: int, word: str) -> str:
    return f"{n} {word}" if n == 1 else f"{n} {word}s"


def _alpha_said(factor: str, value: Value, minimum: int) -> str:
    if value.status == Status.OK:
        return f"Cronbach's alpha of the factor {factor} is {value.value:.2f} ({value.n_people} respondents)"
    why = {
        Status.INSUFFICIENT.value: f"fewer than {minimum} respondents answered all of its items",
        Status.UNDEFINED.value: "all respondents have the same sum",
    }
    return f"Cronbach's alpha of the factor {factor} has no value: {why[value.status]}"


def survey_table(scores: SurveyScores) -> pa.Table:
    """The `survey_scores` table."""
    names = store.columns_of("survey_scores")
    rows = list(_rows(scores))
    columns = {name: [row[at] for row in rows] for at, name in enumerate(names)}
    columns["value"] = [None if np.isnan(value) else value for value in columns["value"]]
    return store.sorted_by_key("survey_scores", store.table("survey_scores", columns))


def _rows(scores: SurveyScores) -> Iterator[tuple[Any, ...]]:
    """Every value as a row, in the order of the table's columns."""
    for scored in scores.waves:
        wave = scored.wave
        for item, place, measure, value in _values(scored):
            yield (
                wave.instrument,
                wave.name,
                wave.day,
                item,
                *place,
                measure,
                value.value,
                value.n_people,
                value.status,
            )
    for said in scores.undeclared:
        place, n = EVERYBODY, said.answers
        yield (said.instrument, said.wave, said.day, said.item, *place, "answers_not_declared", n, n, Status.OK.value)


def _values(scored: ScoredWave) -> Iterator[tuple[str, Place, str, Value]]:
    for (item, place), cell in scored.cells.items():
        for measure, value in cell.values.items():
            yield item, place, measure, value
    for (factor, place), value in scored.alphas.items():
        yield factor, place, "survey_alpha", value
    for item, n in zip(scored.wave.items, scored.wave.out_of_range.tolist(), strict=True):
        yield item, EVERYBODY, "answers_out_of_range", Value(n, n, Status.OK.value)
    if scored.answered_all:
        value = Value(scored.straight_lined, scored.answered_all, Status.OK.value)
        yield ALL_ITEMS, EVERYBODY, "straight_lined", value
