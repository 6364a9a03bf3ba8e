"""One metric = one small function + declared facts. The registry drives the tables, the dictionary and the tests."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from inspect import getdoc
from typing import Any, NamedTuple, TypeVar

from orgnet.vocabulary import DIRECTED_LAYERS, Layer, Level

F = TypeVar("F", bound=Callable[..., Any])

ALL_LAYERS = tuple(Layer)
DIRECTED_ONLY = tuple(layer for layer in Layer if layer in DIRECTED_LAYERS)
IDENTITY = "identity number"
"""The unit of values that are names: not to be added, averaged or compared."""


class Weights(StrEnum):
    """How a metric uses the strength of ties."""

    IGNORED = "ignored"
    STRENGTH = "strength"
    DISTANCE = "1/strength"


@dataclass(frozen=True)
class Metric:
    """A metric's function and its facts. `takes` names the evidence that the function is given."""

    name: str
    level: Level
    layers: tuple[Layer, ...]
    takes: str
    weights: Weights
    formula: str
    unit: str
    minimum: float | None
    maximum: float | None
    undefined_when: str
    reference: str
    function: Callable[..., Any]

    @property
    def meaning(self) -> str:
        """The first paragraph of the function's docstring: the definition that users read."""
        return " ".join((getdoc(self.function) or "").split("\n\n")[0].split())


_REGISTRY: dict[tuple[Level, str], Metric] = {}


def metric(
    *,
    name: str,
    level: Level,
    layers: tuple[Layer, ...],
    takes: str,
    weights: Weights,
    formula: str,
    unit: str,
    minimum: float | None,
    maximum: float | None,
    undefined_when: str,
    reference: str,
) -> Callable[[F], F]:
    """Register a function as a metric. No fact has a default; a name used twice at one level raises ValueError."""

    def register(function: F) -> F:
        if (level, name) in _REGISTRY:
            raise ValueError(f"metric {name!r} is registered twice at level {level}")
        if not getdoc(function):
            raise ValueError(f"metric {name!r} has no docstring: the docstring is its definition")
        _REGISTRY[level, name] = Metric(
            name,
            level,
            layers,
            takes,
            weights,
            formula,
            unit,
            minimum,
            maximum,
            undefined_when,
            reference,
            function,
        )
        return function

    return register


class Declared(NamedTuple):
    """What sets one metric apart from those that are declared with it; `definition` is its docstring."""

    function: Callable[[Any], Any]
    formula: str
    unit: str
    minimum: float | None
    maximum: float | None
    undefined_when: str
    definition: str


def against_chance(
    name: str,
    counted: Declared,
    expected: Declared,
    score: Declared,
    *,
    level: Level,
    layers: tuple[Layer, ...],
    takes: str,
    reference: str,
) -> None:
    """Register what is counted, and beside it what chance would give (`_expected`) and how far it is from that (`_z`)."""
    for suffix, declared in (("", counted), ("_expected", expected), ("_z", score)):

        def measure(evidence: Any, function: Callable[[Any], Any] = declared.function) -> Any:
            return function(evidence)

        measure.__doc__ = declared.definition
        metric(
            name=name + suffix,
            level=level,
            layers=layers,
            takes=takes,
            weights=Weights.IGNORED,
            formula=declared.formula,
            unit=declared.unit,
            minimum=declared.minimum,
            maximum=declared.maximum,
            undefined_when=declared.undefined_when,
            reference=reference,
        )(measure)


def registered(level: Level | None = None, takes: str | None = None) -> list[Metric]:
    """The registered metrics, by level and then name."""
    chosen = [m for m in _REGISTRY.values() if level in (None, m.level) and takes in (None, m.takes)]
    return sorted(chosen, key=lambda m: (list(Level).index(m.level), m.name))
