"""Waves of one layer as RSiena takes them: matrices of 0 and 1, with codes for what cannot be and what is not known.

A cell is 1 if the tie is published (and at least as strong as asked for). Otherwise it is 10, a structural zero, if one
of the two is not in the network in that wave; NA if the records of one of the two are stated to be incomplete, as no
record is then not zero; and 0 only if neither is so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations

from orgnet.errors import InputFault
from orgnet.exports.composition import intervals
from orgnet.exports.published import Network, Slice, Tie, directed
from orgnet.exports.scripts import rsiena_script
from orgnet.exports.tables import csv_text, source_text
from orgnet.exports.written import SOURCE
from orgnet.vocabulary import Complete

NOT_THERE = 10
Cell = int | None
Matrix = list[list[Cell]]
GOOD, DIFFICULT = 0.3, 0.2
"""Jaccard indices of successive waves (Snijders, van de Bunt and Steglich 2010, Social Networks 32:44-60)."""


@dataclass(frozen=True)
class Wave:
    """One wave: its slice, and each cell of its matrix; a cell that is not known is None."""

    at: Slice
    matrix: Matrix

    def count(self, cell: Cell, pairs: Sequence[tuple[int, int]]) -> int:
        """How many pairs have this in their cell."""
        return sum(self.matrix[one][two] == cell for one, two in pairs)


@dataclass(frozen=True)
class Panel:
    """All waves, over the same actors in the same order."""

    actors: tuple[str, ...]
    waves: tuple[Wave, ...]
    pairs: tuple[tuple[int, int], ...]
    """The places of the pairs that can be tied; of a layer without direction, each pair once."""

    def jaccard(self, number: int) -> float | None:
        """Ties in both a wave and the one before, as a share of ties in either, where both are known."""
        if number == 0:
            return None
        before, now = (self.waves[each].matrix for each in (number - 1, number))
        cells = [(before[one][two], now[one][two]) for one, two in self.pairs]
        known = [pair for pair in cells if set(pair) <= {0, 1}]
        either = sum(pair != (0, 0) for pair in known)
        return sum(pair == (1, 1) for pair in known) / either if either else None


def judged(jaccard: float | None) -> str:
    """What is customarily made of a Jaccard index."""
    if jaccard is None:
        return "no ties that are known in both"
    if jaccard == 1:
        return "Jaccard index 1 (nothing changes, so there is nothing to explain)"
    word = "good" if jaccard >= GOOD else "difficult: too much changes" if jaccard < DIFFICULT else "low"
    return f"Jaccard index {jaccard:.2f} ({word})"


def _tied(tie: Tie, at_least: float | None) -> Cell:
    """1 or 0; None if it hangs on a weight that is not published."""
    if at_least is None:
        return 1
    return None if tie.weight is None else int(tie.weight >= at_least)


@dataclass(frozen=True)
class _Known:
    """What is known of one wave."""

    tied: Mapping[tuple[str, str], Cell]
    members: frozenset[str]
    complete: Mapping[str, Complete]
    strict: bool

    def cell(self, one: str, two: str) -> Cell:
        if one == two:
            return 0
        if not self.members.issuperset((one, two)):
            return NOT_THERE
        found = self.tied.get((one, two), 0)
        if found != 0:
            return found
        words = {self.complete[one], self.complete[two]}
        unsure = words != {Complete.TRUE} if self.strict else Complete.FALSE in words
        return None if unsure else 0


def _wave(network: Network, at: Slice, actors: Sequence[str], at_least: float | None, strict: bool) -> Wave:
    layer, members = network.layer, network.rosters[at.label]
    tied: dict[tuple[str, str], Cell] = {}
    for tie in network.ties[layer, at.label]:
        tied[tie.source, tie.target] = _tied(tie, at_least)
        if not directed(layer):
            tied[tie.target, tie.source] = tied[tie.source, tie.target]
    complete = {name: network.records(layer, name, at) for name in members}
    known = _Known(tied, frozenset(members), complete, strict)
    return Wave(at, [[known.cell(one, two) for two in actors] for one in actors])


def panel(network: Network, at_least: float | None = None, strict: bool = False) -> Panel:
    """The waves of a network. Raises InputFault if there are fewer than two, or nobody in them."""
    if len(network.slices) < 2:
        found = ", ".join(at.label for at in network.slices) or "none"
        raise InputFault(f"rsiena: found {len(network.slices)} wave ({found}), expected two or more; name more slices")
    actors = network.organisations
    if not actors:
        raise InputFault("rsiena: nobody is in the network in these waves")
    waves = tuple(_wave(network, at, actors, at_least, strict) for at in network.slices)
    pairs = permutations if directed(network.layer) else combinations
    return Panel(actors, waves, tuple(pairs(range(len(actors)), 2)))


def _covariates(network: Network, actors: Sequence[str]) -> dict[str, list[list[float | None]]]:
    """Each metric asked for, a row per actor and a column per wave."""
    return {
        metric.replace(":", "_"): [[values.get((at.label, name)) for at in network.slices] for name in actors]
        for metric, values in network.values.items()
    }


def _constant(rows: Sequence[Sequence[float | None]]) -> list[float | None] | None:
    """One value for each actor, if none of them ever changes."""
    known = [[value for value in row if value is not None] for row in rows]
    if any(len(set(row)) > 1 for row in known):
        return None
    return [row[0] if row else None for row in known]


def _waves_table(network: Network, made: Panel) -> str:
    columns = ("wave", "slice", "slice_start", "slice_end", "window_start", "file", "ties", "not_known")
    rows = []
    for number, wave in enumerate(made.waves):
        at, jaccard = wave.at, made.jaccard(number)
        counts = (wave.count(1, made.pairs), wave.count(None, made.pairs), wave.count(NOT_THERE, made.pairs))
        time = (number + 1, at.label, at.start, at.end, at.window_start, f"wave_{number + 1}.csv")
        rows.append((*time, *counts, None if jaccard is None else round(jaccard, 4)))
    return csv_text((*columns, "structural_zeros", "jaccard_with_wave_before"), rows)


def rsiena(network: Network, at_least: float | None, strict: bool) -> tuple[dict[str, str], Panel]:
    """The files of a panel, and the panel."""
    made = panel(network, at_least, strict)
    files = {f"wave_{number}.csv": csv_text((), wave.matrix, "NA") for number, wave in enumerate(made.waves, 1)}
    covariates = _covariates(network, made.actors)
    constant = {name: found for name, rows in covariates.items() if (found := _constant(rows)) is not None}
    varying = {name: rows for name, rows in covariates.items() if name not in constant}
    actors = (
        [number, name, *(constant[each][number - 1] for each in constant)] for number, name in enumerate(made.actors, 1)
    )
    files["actors.csv"] = csv_text(("actor", "organisation_id", *constant), actors)
    files |= {f"varying_{name}.csv": csv_text((), rows, "NA") for name, rows in varying.items()}
    lines = (" ".join(f"{time:g}" for time in intervals(network, name)) for name in made.actors)
    files["composition_change.txt"] = "".join(f"{line}\n" for line in lines)
    files["waves.csv"] = _waves_table(network, made)
    files["read.R"] = rsiena_script(network, list(constant), list(varying))
    files[SOURCE] = source_text(network, "rsiena", at_least=at_least, unknown_is_missing=strict)
    return files, made
