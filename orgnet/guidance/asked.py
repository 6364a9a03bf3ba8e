"""What indicators and layers ask of records, as declared; without loading what measures them, where it can be helped."""

from collections.abc import Collection
from dataclasses import dataclass

from orgnet.config import Config
from orgnet.dictionary import content
from orgnet.records.behind import kinds_behind
from orgnet.schema import KINDS
from orgnet.vocabulary import Layer, RecordKind

Kinds = tuple[RecordKind, ...]


@dataclass(frozen=True)
class Asked:
    """By indicator: the kinds of record that its ties need, those that also speak, those that must be whole."""

    needs: dict[str, Kinds]
    speaks: dict[str, Kinds]
    complete: dict[str, Kinds]
    people: int
    """The fewest people of a professional group that are given a level."""
    coverage: float
    """The least share of providers whose records must be known to be whole."""

    @property
    def must_be_whole(self) -> list[RecordKind]:
        """The kinds that must be known to be whole before some rule can hold."""
        return [kind for kind in RecordKind if any(kind in kinds for kinds in self.complete.values())]

    def needing(self, kind: RecordKind) -> list[str]:
        """The indicators whose ties need a kind of record."""
        return [name for name, kinds in self.needs.items() if kind in kinds]


def asked(config: Config) -> Asked:
    """What the network's thresholds ask. Raises InputFault if it has some of its own and they are at fault."""
    if config.indicators is None:
        return _shipped()
    from orgnet.indicators.damour import load_damour  # it loads every metric, to know their names

    damour = load_damour(config)
    declared = {name.value: each for name, each in damour.indicators.items()}
    return Asked(
        {name: tuple(each.needs) for name, each in declared.items()},
        {name: tuple(each.speaks) for name, each in declared.items()},
        {name: tuple(each.complete) for name, each in declared.items()},
        damour.minimum.people,
        damour.minimum.coverage,
    )


def _shipped() -> Asked:
    """What the thresholds that come with orgnet ask, from the generated catalog."""
    indicators, minimum = content()["indicators"], content()["minimum"]
    needs, speaks, complete = (
        {name: tuple(map(RecordKind, each[fact])) for name, each in indicators.items()}
        for fact in ("needs", "speaks", "complete")
    )
    return Asked(needs, speaks, complete, minimum["people"], minimum["coverage"])


def _dated_by(kind: RecordKind) -> set[RecordKind]:
    """The kind itself, and the meetings that its records have their day from, if they do."""
    return {kind} | {each.refers_to for each in KINDS[kind].fields if each.refers_to == RecordKind.MEETINGS}


def layers_without(kind: RecordKind, there: Collection[RecordKind]) -> list[str]:
    """The layers that cannot be measured, and could be (perhaps with others) if there were records of a kind."""
    lacking = []
    for layer in Layer:
        behind = kinds_behind(layer, lambda _: True)
        wanted = {each for one in behind for each in _dated_by(one)}
        now = kinds_behind(layer, lambda each: each in there)
        if kind in wanted and not any(_dated_by(each) <= {*there} for each in now):
            lacking.append(layer.value)
    return lacking
