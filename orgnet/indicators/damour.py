"""The ten indicators as declared: read from a file of thresholds, checked whole, and hashed into every run."""

import hashlib
import json
import operator
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from orgnet.config import Config, explain, load_yaml
from orgnet.errors import InputFault, near
from orgnet.indicators.measures import DOCUMENT_MEASURES, SURVEY_MEASURES
from orgnet.metrics import Metric, registered
from orgnet.metrics.scopes import MEASURED
from orgnet.vocabulary import Dimension, EvidenceClass, Indicator, Layer, Level, RecordKind, ScopeType
from orgnet.windows import parse_step

_OPERATORS: dict[str, Callable[[Any, float], Any]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "==": operator.eq,
}
_NUMBER = r"\d+(?:\.\d+)?(?:/[1-9]\d*)?"
_CONDITION = re.compile(rf"\s*(\w+)\s*(>=|<=|==|>|<)\s*({_NUMBER})\s*")


@dataclass(frozen=True)
class Condition:
    """A measure against a threshold."""

    measure: str
    operator: str
    threshold: float

    def holds(self, value: Any) -> Any:
        """Whether a value meets the threshold; of an array, each of its values."""
        return _OPERATORS[self.operator](value, self.threshold)

    def __str__(self) -> str:
        return f"{self.measure} {self.operator} {self.threshold:g}"


@cache
def parse_condition(text: str) -> Condition:
    """A condition from text such as `acq_breadth >= 0.5` or `... >= 2/3`. Raises ValueError if it is not one."""
    match = _CONDITION.fullmatch(text)
    if not match:
        raise ValueError(f"found {text!r}, expected a measure, one of >= <= > < ==, and a number")
    return Condition(match[1], match[2], _number(match[3]))


def _number(value: Any) -> Any:
    """A number, also from text such as 2/3, which no decimal number is equal to."""
    if isinstance(value, str) and re.fullmatch(_NUMBER, value):
        part, _, whole = value.partition("/")
        return float(part) / float(whole or 1)
    return value


def _no_metric(name: str) -> str:
    known = {m.name for m in registered()} | SURVEY_MEASURES.keys() | DOCUMENT_MEASURES.keys()
    return f"{name!r} is not a metric; `orgnet describe` lists them{near(name, sorted(known))}"


def _known_measure(text: str) -> str:
    measure = parse_condition(text).measure
    if measure not in {m.name for m in registered()} | SURVEY_MEASURES.keys() | DOCUMENT_MEASURES.keys():
        raise ValueError(_no_metric(measure))
    return text


_SCORED: dict[ScopeType, Callable[[Metric], bool]] = {
    ScopeType.GROUP: lambda m: m.level == Level.GROUP,
    ScopeType.NETWORK: lambda m: m.level == Level.NETWORK and m.takes != "graph",
}
"""The scopes that indicators are scored for, and the metrics that speak of each."""


def _a_scored_scope(scope: ScopeType) -> ScopeType:
    if scope not in _SCORED:
        raise ValueError(f"found {scope.value!r}, expected one of: {', '.join(known.value for known in _SCORED)}")
    return scope


def _a_step(text: str) -> str:
    parse_step(text)
    return text


ConditionText = Annotated[str, AfterValidator(_known_measure)]
LevelNumber = Annotated[int, Field(ge=1, le=3)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Rule(_Strict):
    """What follows if all (or any) of some conditions hold: a level, an interval of levels, or a proxy level."""

    level: LevelNumber | None = None
    interval: tuple[LevelNumber, LevelNumber] | None = None
    proxy: LevelNumber | None = None
    grade: str | None = None
    all: list[ConditionText] = Field(default_factory=list)
    any: list[ConditionText] = Field(default_factory=list)
    requires_complete: list[RecordKind] = Field(default_factory=list)

    @model_validator(mode="after")
    def _one_outcome(self) -> "Rule":
        if sum(outcome is not None for outcome in (self.level, self.interval, self.proxy)) != 1:
            raise ValueError("a rule gives exactly one of level, interval, proxy")
        if self.all and self.any:
            raise ValueError("a rule has conditions under all or under any, not both")
        if self.interval and self.interval[0] > self.interval[1]:
            raise ValueError("an interval goes from its lower level to its higher one")
        return self

    def without(self, measure: str) -> "Rule":
        """The rule less its conditions on a measure."""
        left = {
            name: [text for text in getattr(self, name) if parse_condition(text).measure != measure]
            for name in ("all", "any")
        }
        return self.model_copy(update=left)

    @property
    def bounds(self) -> tuple[int, int]:
        """The lowest and the highest level that the rule gives. ValueError if it gives a proxy level."""
        if self.interval:
            return self.interval
        if self.level is None:
            raise ValueError("a rule that gives a proxy level gives no level")
        return self.level, self.level

    # Not a cached property: `model_copy` would carry the conditions of the one to the other.
    @property
    def conditions(self) -> list[Condition]:
        """The rule's conditions."""
        return [parse_condition(text) for text in (self.all or self.any)]


def _only(rules: Sequence[Rule], known: Collection[str], what: str) -> None:
    """Refuse rules of a kind of evidence that look at what is not measured of it, or that give a proxy level."""
    strange = dict.fromkeys(c.measure for rule in rules for c in rule.conditions if c.measure not in known)
    if strange:
        raise ValueError(f"{', '.join(strange)}: not measured of {what}, expected one of: {', '.join(known)}")
    if any(rule.proxy is not None for rule in rules):
        raise ValueError(f"{what} give a level, never a proxy level")


class Beside(_Strict):
    """A measure of the network that is shown beside an indicator and never decides it, with what it warns of."""

    measure: str
    layer: Layer
    flag: ConditionText | None = None
    says: str | None = None

    @model_validator(mode="after")
    def _a_measure_of_the_network(self) -> "Beside":
        known = {m.name for m in registered(Level.NETWORK) if self.layer in m.layers}
        if self.measure not in known:
            raise ValueError(f"{self.measure!r} is no metric of the network in the layer {self.layer.value}")
        if (self.flag is None) != (self.says is None):
            raise ValueError("flag and says belong together: when to warn, and what to say")
        if self.flag and parse_condition(self.flag).measure != self.measure:
            raise ValueError(f"flag: found {self.flag!r}, expected a condition on {self.measure}")
        return self


class Declared(_Strict):
    """One indicator: what it belongs to, how ties can speak to it, and the rules that read them.

    `speaks` lists the other kinds of evidence, the one with the most authority first; `survey` names the rules that read
    a survey's item, `documents` are those that read documents. `by_ties` are further scopes that the rules for ties are
    held against, with measures of their own; `also` are scopes that only other evidence than ties speaks of. `beside` are
    measures of the network that are shown and decide nothing.
    """

    dimension: Dimension
    label: str
    evidence_class: EvidenceClass = Field(alias="class")
    scope: Annotated[ScopeType, AfterValidator(_a_scored_scope)]
    needs: list[RecordKind] = Field(default_factory=list)
    speaks: list[RecordKind] = Field(default_factory=list)
    survey: str | None = None
    documents: list[Rule] = Field(default_factory=list)
    by_ties: list[ScopeType] = Field(default_factory=list)
    also: list[ScopeType] = Field(default_factory=list)
    beside: list[Beside] = Field(default_factory=list)
    minimum_cases: bool = False
    rules: list[Rule] = Field(default_factory=list)
    rationale: str

    @model_validator(mode="after")
    def _proxies_stay_proxies(self) -> "Declared":
        proxies = [rule.proxy is not None for rule in self.rules]
        if self.evidence_class == EvidenceClass.PROXY and not all(proxies):
            raise ValueError("an indicator of class proxy has rules that give a proxy, never a level")
        if self.evidence_class != EvidenceClass.PROXY and any(proxies):
            raise ValueError("only an indicator of class proxy has rules that give a proxy")
        if self.evidence_class == EvidenceClass.SURVEY_OR_DOCUMENTS and self.rules:
            raise ValueError("ties say nothing of an indicator of this class: it has no rules")
        return self

    @model_validator(mode="after")
    def _measured_for_the_scope(self) -> "Declared":
        known = {m.name for m in registered() if _SCORED[self.scope](m)}
        strange = dict.fromkeys(c.measure for c in self.conditions if c.measure not in known)
        if strange:
            raise ValueError(f"{', '.join(strange)}: not measured for the scope {self.scope.value}, which rules read")
        return self

    @model_validator(mode="after")
    def _measured_for_further_scopes(self) -> "Declared":
        for scope in self.by_ties:
            if scope not in MEASURED or scope in (self.scope, *self.also):
                free = ", ".join(each for each in MEASURED if each not in (self.scope, *self.also))
                raise ValueError(f"by_ties: found {scope.value!r}, expected a scope that is not yet named: {free}")
            strange = [name for name in self.measures if name not in MEASURED[scope]]
            if strange:
                raise ValueError(f"by_ties: {', '.join(strange)}: not measured for the scope {scope.value}")
        return self

    @model_validator(mode="after")
    def _documents_read_by_documents(self) -> "Declared":
        _only(self.documents, DOCUMENT_MEASURES, "documents")
        return self

    @property
    def complete(self) -> list[RecordKind]:
        """The kinds that must be known to be whole before some rule can hold, once, in order."""
        rules = (*self.rules, *self.documents)
        return list(dict.fromkeys(kind for rule in rules for kind in rule.requires_complete))

    @property
    def measures(self) -> list[str]:
        """Every measure that the rules for ties look at, once, in order."""
        return list(dict.fromkeys(condition.measure for condition in self.conditions))

    @property
    def conditions(self) -> list[Condition]:
        """Every condition of every rule, once, in order."""
        return list(dict.fromkeys(c for rule in self.rules for c in rule.conditions))


class Minimum(_Strict):
    """How much there must be before a level is given."""

    people: int = Field(8, ge=1)
    organisations: int = Field(3, ge=1)
    coverage: float = Field(0.8, ge=0, le=1)
    cases: int = Field(100, ge=0)


class SurveyRules(_Strict):
    """How the answers to a survey's item are read as a level, and for how long."""

    respondents: int = Field(8, ge=1)
    carried_for: Annotated[str, AfterValidator(_a_step)] = "12 months"
    rules: dict[str, list[Rule]] = Field(default_factory=dict)

    @field_validator("rules")
    @classmethod
    def _surveys_read_by_answers(cls, rules: dict[str, list[Rule]]) -> dict[str, list[Rule]]:
        for each in rules.values():
            _only(each, SURVEY_MEASURES, "surveys")
        return rules


def _known_metric(name: str) -> str:
    if name not in {m.name for m in registered()}:
        raise ValueError(_no_metric(name))
    return name


MetricName = Annotated[str, AfterValidator(_known_metric)]


class Better(_Strict):
    """Metrics that are better higher or lower, beside those that the rules say so of; all others are neither."""

    higher: list[MetricName] = Field(default_factory=list)
    lower: list[MetricName] = Field(default_factory=list)

    @model_validator(mode="after")
    def _one_way(self) -> "Better":
        both = sorted({*self.higher} & {*self.lower})
        if both:
            raise ValueError(f"found {', '.join(both)} under higher and under lower, expected each under one of them")
        return self


class Damour(_Strict):
    """The ten indicators and their thresholds."""

    minimum: Minimum = Minimum()
    survey: SurveyRules = SurveyRules()
    rollup_share: Annotated[float, BeforeValidator(_number), Field(gt=0, le=1)] = 2 / 3
    better: Better = Better()
    indicators: dict[Indicator, Declared]

    @model_validator(mode="after")
    def _all_ten(self) -> "Damour":
        missing = [name.value for name in Indicator if name not in self.indicators]
        if missing:
            raise ValueError(f"indicators missing: {', '.join(missing)}")
        return self

    @model_validator(mode="after")
    def _surveys_declared(self) -> "Damour":
        for name, declared in self.indicators.items():
            if declared.survey is not None and declared.survey not in self.survey.rules:
                known = ", ".join(self.survey.rules) or "none"
                raise ValueError(
                    f"{name.value}: survey: found {declared.survey!r}, expected one of survey.rules: {known}"
                )
        return self

    @property
    def digest(self) -> str:
        """SHA-256 of everything declared."""
        content: dict[str, Any] = self.model_dump(mode="json")
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _shipped() -> Path:
    packaged = Path(str(files("orgnet.indicators"))) / "damour.yaml"
    return packaged if packaged.exists() else Path(__file__).parents[2] / "configs" / "damour.yaml"


def load_damour(config: Config) -> Damour:
    """The network's thresholds, or the ones that come with orgnet. Raises InputFault with every fault found."""
    path = config.folder / config.indicators if config.indicators else _shipped()
    content = load_yaml(path)
    try:
        return Damour.model_validate(content)
    except ValidationError as error:
        raise InputFault(explain(path, error, Damour, content)) from None
