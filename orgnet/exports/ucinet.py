"""UCINET's DL: a full matrix with labels, or several in one file."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from orgnet.errors import InputFault
from orgnet.exports.published import Network, Tie, directed
from orgnet.exports.tables import source_text

_PLAIN = set(" ,;=\t\n'\"")
LONGEST = 18
"""UCINET cuts labels that are longer."""


def quoted(label: str) -> str:
    """A label as DL has it; there is no way to write a double quote, so that it becomes a single one."""
    single = " ".join(label.replace('"', "'").split())
    return f'"{single}"' if _PLAIN & set(single) else single


def _labels(names: Sequence[str]) -> list[str]:
    """The labels of a matrix. Raises InputFault if two could not be told apart."""
    labels = [quoted(name) for name in names]
    for (one, first), (two, second) in pairwise(sorted(zip(labels, names, strict=True))):
        if one == two:
            raise InputFault(
                f"{first!r} and {second!r} cannot be told apart in DL, which has no double quotes in labels"
            )
    return labels


def _number(value: float) -> str:
    """A number with all its digits and no exponent."""
    return format(Decimal(repr(value)), "f").removesuffix(".0")


def _cell(tie: Tie, at_least: float | None) -> float:
    """A tie's weight; with a threshold 1 or 0. Raises InputFault if it has none, as 0 would mean no tie."""
    if tie.weight is None:
        raise InputFault(
            f"the tie from {tie.source} to {tie.target} has no published weight, and a matrix has no room for that; "
            "use --as edges"
        )
    return tie.weight if at_least is None else float(tie.weight >= at_least)


def _matrix(names: Sequence[str], ties: Sequence[Tie], both_ways: bool, at_least: float | None) -> list[str]:
    place = {name: number for number, name in enumerate(names)}
    rows = [[0.0] * len(names) for _ in names]
    for tie in ties:
        one, two = place[tie.source], place[tie.target]
        rows[one][two] = _cell(tie, at_least)
        if both_ways:
            rows[two][one] = rows[one][two]
    return [" ".join(map(_number, row)) for row in rows]


def _header(network: Network) -> list[str]:
    """A matrix by itself has no name: igraph reads no more than UCINET needs."""
    names = network.organisations
    many = f" nm={len(network.ties)}" if len(network.ties) > 1 else ""
    lines = [f"dl n={len(names)}{many}", "format=fullmatrix", "labels:", *_labels(names)]
    if many:
        lines += ["matrix labels:", *(quoted(f"{layer} {label}") for layer, label in network.ties)]
    return [*lines, "data:"]


def absent(network: Network) -> dict[str, list[str]]:
    """By slice, who has a row in the matrix without being in the network: their zeros say nothing."""
    found = {at.label: sorted(set(network.organisations) - set(network.rosters[at.label])) for at in network.slices}
    return {label: names for label, names in found.items() if names}


def dl(network: Network, at_least: float | None) -> dict[str, str]:
    """A matrix for each layer and slice, all with the same organisations. Raises InputFault if there are none."""
    if not network.organisations:
        raise InputFault("dl: nobody is in the network in the slice asked for, and a matrix of nobody cannot be read")
    lines = _header(network)
    for (layer, _), ties in network.ties.items():
        lines += _matrix(network.organisations, ties, not directed(layer), at_least)
    more = {"at_least": at_least, "labels": list(network.organisations), "not_in_the_network": absent(network)}
    return {"": "\n".join(lines) + "\n", ".source.json": source_text(network, "dl", **more)}


def warnings(network: Network) -> list[str]:
    """What UCINET will do to the labels."""
    names = network.organisations
    said = []
    if any(len(name) > LONGEST for name in names):
        said.append(f"UCINET cuts labels at {LONGEST} characters, and some are longer")
    if len({name[:LONGEST].upper() for name in names}) < len(names):
        said.append("UCINET writes labels in capitals, cut short: some of these will then be the same")
    if absent(network):
        said.append(
            "some organisations are not in every slice; source.json beside the file says whose zeros say nothing"
        )
    return said
