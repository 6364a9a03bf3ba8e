"""The ten indicators as declared: read from a file of thresholds, checked whole, and hashed into every run."""

import hashlib
import json
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from orgnet.config import Config, explain, load_yaml
from orgnet.errors import InputFault
from orgnet.metrics import Metric, registered
from orgnet.vocabulary import Dimension, EvidenceClass, Indicator, Level, RecordKind, ScopeType

_OPERATORS: dict[str, Callable[[float, float], bool]] = {
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

    def holds(self, value: float) -> bool:
        """Whether a value meets the threshold."""
        return _OPERATORS[self.operator](value, self.threshold)

    def __str__(self) -> str:
        return f"{self.measure} {self.operator} {self.threshold:g}"


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


def _known_measure(text: str) -> str:
    measure = parse_condition(text).measure
    if measure not in {m.name for m in registered()}:
        raise ValueError(f"{measure!r} is not a metric; `orgnet describe` lists them")
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

    @property
    def conditions(self) -> list[Condition]:
        """The rule's conditions."""
        return [parse_condition(text) for text in (self.all or self.any)]


class Declared(_Strict):
    """One indicator: what it belongs to, how ties can speak to it, and the rules that read them."""

    dimension: Dimension
    label: str
    evidence_class: EvidenceClass = Field(alias="class")
    scope: Annotated[ScopeType, AfterValidator(_a_scored_scope)]
    needs: list[RecordKind] = Field(default_factory=list)
    speaks: list[RecordKind] = Field(default_factory=list)
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


class Damour(_Strict):
    """The ten indicators and their thresholds."""

    minimum: Minimum = Minimum()
    rollup_share: Annotated[float, BeforeValidator(_number), Field(gt=0, le=1)] = 2 / 3
    indicators: dict[Indicator, Declared]

    @model_validator(mode="after")
    def _all_ten(self) -> "Damour":
        missing = [name.value for name in Indicator if name not in self.indicators]
        if missing:
            raise ValueError(f"indicators missing: {', '.join(missing)}")
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
