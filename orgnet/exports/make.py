"""One export: what is asked for, read; in the format asked for, written."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from orgnet.errors import InputFault, nearest
from orgnet.exports import written
from orgnet.exports.published import Network, apart, overlapping, whole_windows
from orgnet.exports.reading import read
from orgnet.vocabulary import NodeSet

TIMES = ("slices", "days")


@dataclass(frozen=True)
class Wanted:
    """What is asked for. Slices are labels, or `last`, `all`, `apart`; none means what suits the format."""

    format: str
    out: Path
    layer: str | None = None
    slices: Sequence[str] = ()
    node_set: str = NodeSet.ROSTER
    metrics: Sequence[str] = ()
    at_least: float | None = None
    time: str = "slices"
    unknown_is_missing: bool = False
    replace: bool = False


Files = dict[str, str]
Made = tuple[Files, list[str]]


def _graphml(network: Network, wanted: Wanted) -> Made:
    from orgnet.exports.graphs import graphml

    return graphml(network), []


def _gexf(network: Network, wanted: Wanted) -> Made:
    from orgnet.exports.dynamic import gexf

    return gexf(network), []


def _dl(network: Network, wanted: Wanted) -> Made:
    from orgnet.exports.ucinet import dl, warnings

    return dl(network, wanted.at_least), warnings(network)


def _kumu(network: Network, wanted: Wanted) -> Made:
    from orgnet.exports.kumu import kumu

    return kumu(network), []


def _edges(network: Network, wanted: Wanted) -> Made:
    from orgnet.exports.tables import edges

    return edges(network), []


def _rsiena(network: Network, wanted: Wanted) -> Made:
    from orgnet.exports.panel import judged, rsiena

    files, made = rsiena(network, wanted.at_least, wanted.unknown_is_missing)
    said = [f"wave 1: {network.slices[0].label}"]
    for number, at in enumerate(network.slices[1:], 1):
        said.append(f"wave {number + 1}: {at.label}, {judged(made.jaccard(number))} with the wave before")
    missing = sum(wave.count(None, made.pairs) for wave in made.waves)
    if missing:
        said.append(f"{missing:,} ties that are not known (NA)")
    return files, [*_left_out(network, wanted), *said]


def _left_out(network: Network, wanted: Wanted) -> list[str]:
    """Which slices are no waves by default, and why."""
    if wanted.slices:
        return []
    whole = whole_windows(network.manifest, network.all_slices)
    said = []
    if len(whole) < len(network.all_slices):
        said.append(f"{len(network.all_slices) - len(whole)} slices left out: their windows begin before the period")
    if len(apart(whole)) < len(whole):
        said.append(f"{len(whole) - len(apart(whole))} slices left out: their windows overlap with those of the waves")
    return said


def _tergm(network: Network, wanted: Wanted) -> Made:
    from orgnet.exports.spells import tergm

    return tergm(network, wanted.time), []


@dataclass(frozen=True)
class Format:
    """How a format is written: a file or a folder, of how many layers and slices, and which slices by default."""

    make: Callable[[Network, Wanted], Made]
    folder: bool
    slices: str
    one_slice: bool = False
    one_layer: bool = True
    over_time: bool = False


FORMATS = {
    "graphml": Format(_graphml, folder=False, slices="last", one_slice=True),
    "gexf": Format(_gexf, folder=False, slices="all", over_time=True),
    "dl": Format(_dl, folder=False, slices="last", one_layer=False),
    "kumu": Format(_kumu, folder=False, slices="last", one_layer=False),
    "edges": Format(_edges, folder=True, slices="all", one_layer=False),
    "rsiena": Format(_rsiena, folder=True, slices="apart", over_time=True),
    "tergm": Format(_tergm, folder=True, slices="all", over_time=True),
}


def _of(name: str, known: Sequence[str], option: str) -> str:
    if name not in known:
        raise InputFault(f"{option}: there is no {name!r}{nearest(name, known)}")
    return name


def _check_suits(network: Network, wanted: Wanted, format: Format) -> None:
    """Raises InputFault if there are more layers or slices than the format holds."""
    if format.one_layer and len(network.layers) > 1:
        raise InputFault(f"--layer: {wanted.format} holds one layer; say which of {', '.join(network.layers)}")
    if format.one_slice and len(network.slices) > 1:
        raise InputFault(f"--slice: {wanted.format} holds one slice, and {len(network.slices)} are asked for; name one")


def _check_used(wanted: Wanted) -> None:
    """Raises InputFault if an option is given that the format would not heed."""
    heeded = {
        "--at-least": (wanted.at_least is not None, ("dl", "rsiena")),
        "--time": (wanted.time != "slices", ("tergm",)),
        "--unknown-is-missing": (wanted.unknown_is_missing, ("rsiena",)),
        "--metric": (bool(wanted.metrics), [name for name in FORMATS if name != "dl"]),
    }
    for option, (given, formats) in heeded.items():
        if given and wanted.format not in formats:
            raise InputFault(f"{option}: is of no use to {wanted.format}, only to {', '.join(formats)}")


def export(folder: Path, wanted: Wanted) -> list[str]:
    """Write an export; return what there is to say of it, a line each.

    Raises InputFault if a name is not known, the format cannot hold what is asked for, or something would be lost.
    """
    format = FORMATS[_of(wanted.format, list(FORMATS), "--as")]
    _of(wanted.time, TIMES, "--time")
    node_set = NodeSet(_of(wanted.node_set, [each.value for each in NodeSet], "--node-set"))
    _check_used(wanted)
    written.check(wanted.out, format.folder, wanted.replace)
    network = read(folder, wanted.layer, wanted.slices or [format.slices], node_set, wanted.metrics)
    _check_suits(network, wanted, format)
    files, said = format.make(network, wanted)
    written.put(files, wanted.out, format.folder, wanted.replace)
    return [*_summary(network, wanted, format), *said]


def _summary(network: Network, wanted: Wanted, format: Format) -> list[str]:
    layers = network.layers[0] if len(network.layers) == 1 else f"{len(network.layers)} layers"
    labels = [at.label for at in network.slices]
    slices = f"slice {labels[0]}" if len(labels) == 1 else f"{len(labels)} slices, {labels[0]} to {labels[-1]}"
    n_ties = sum(map(len, network.ties.values()))
    said = [f"{wanted.out}: {layers}, {slices}: {len(network.organisations)} organisations, {n_ties:,} ties"]
    if network.left_out:
        said.append(f"{network.left_out:,} ties left out: one of the two is not in the network in that slice")
    if format.over_time and overlapping(network.slices):
        said.append("the windows of these slices overlap, so that ties last by construction; --slice apart avoids it")
    return said
