"""The instruments that come with orgnet, a network's own beside them, and item banks read from their files."""

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from orgnet.config.instruments import LEVELS, Instrument, Item
from orgnet.errors import InputFault, nearest
from orgnet.vocabulary import Indicator

DAMOUR10 = "damour10"
_BY_INDICATOR = {
    Indicator.GOALS: "The organisations in this network want the same things from working together.",
    Indicator.CLIENT: "What we do together is for patients first, before any one organisation's interest.",
    Indicator.ACQUAINT: "I know the people I need to know in the other organisations.",
    Indicator.TRUST: "I can rely on the people in the other organisations.",
    Indicator.CENTRALITY: "A central body gives the network a direction that we agree with.",
    Indicator.LEADERSHIP: "Leadership here is shared, and those who lead are accepted.",
    Indicator.INNOVATION: "Working together, we learn and try out new things.",
    Indicator.CONNECT: "There are places and times at which we settle matters together.",
    Indicator.FORMAL: "What each of us is responsible for is agreed and known.",
    Indicator.INFOEX: "The information that I need from the other organisations reaches me.",
}
_INTERPERSONAL = (Indicator.GOALS, Indicator.CLIENT, Indicator.ACQUAINT, Indicator.TRUST)
_ELEMENTS = {
    "trust": "How far partners trust each other: little after past rivalry, some, or as a matter of course.",
    "faith": "How much effort people hold it to be worth: hardly any, some though it is slow, or gladly theirs.",
    "confidence": "Whether the formal frame helps: lacking or stifling, agreed but tight, or a good fit.",
    "culture": "Whether ways of working come together: barely, with an effort, or plainly so.",
    "legitimacy": "Whether those concerned accept it: not at all, in part, or as their own.",
    "communication": "How people speak with each other: seldom and warily, more openly, or often and freely.",
    "vision_clarity": "Whether the aim is clear: not even at the top, at the top only, or to most.",
    "vision_shared": "Whether the aim is shared: disputed, shared but not the way there, or settled in detail.",
    "risk": "Whether partners dare to depend on each other: no, in some matters, or without fear.",
}
READINESS_DOMAINS = (
    "leadership",
    "trust",
    "risk",
    "faith",
    "mandate",
    "confidence",
    "conflict",
    "capacity",
    "culture",
)
"""The domains that the readiness survey's items belong to; its items are in a file of the network's own."""


def _damour10() -> Instrument:
    return Instrument(
        items={
            name.value: Item(
                text=text, indicator=name, factor="interpersonal" if name in _INTERPERSONAL else "organisational"
            )
            for name, text in _BY_INDICATOR.items()
        }
    )


BUILT_IN: dict[str, Instrument] = {
    DAMOUR10: _damour10(),
    "millar_maturity": Instrument(
        kind="levels", scale=LEVELS, items={code: Item(text=text) for code, text in _ELEMENTS.items()}
    ),
    "millar_readiness": Instrument(kind="item_bank", domains=READINESS_DOMAINS),
}
"""The instruments that come with orgnet. The readiness survey has no items until a network names its item bank."""

_COLUMNS = ("item_code", "domain", "text", "reverse", "scale_min", "scale_max", "action_statement_ref")
_FLAGS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False, "": False}


def all_instruments(declared: Mapping[str, Instrument], folder: Path) -> dict[str, Instrument]:
    """The instruments that come with orgnet and the network's own, item banks read from files in a folder.

    Raises InputFault, with every fault at once, if an item bank cannot be used, or a name is taken.
    """
    faults: list[str] = []
    found = dict(BUILT_IN)
    for name, instrument in declared.items():
        known = BUILT_IN.get(name)
        if known and not known.kind == instrument.kind == "item_bank":
            faults.append(f"instrument {name!r}: comes with orgnet; give your own another name")
            continue
        if known and instrument.domains is None:
            instrument = instrument.model_copy(update={"domains": known.domains})  # noqa: PLW2901
        try:
            found[name] = _with_bank(name, instrument, folder)
        except InputFault as fault:
            faults += fault.faults
    if faults:
        raise InputFault(faults)
    return found


def _with_bank(name: str, instrument: Instrument, folder: Path) -> Instrument:
    if instrument.kind != "item_bank" or instrument.items:
        return instrument
    if instrument.bank is None:
        raise InputFault(f"instrument {name!r}: an item bank names its file under bank, such as bank: items.csv")
    items = load_item_bank(folder / instrument.bank, instrument.domains)
    return instrument.model_copy(update={"items": items})


def load_item_bank(path: Path, domains: tuple[str, ...] | None = None) -> dict[str, Item]:
    """The items of a bank by code: a CSV file with the columns item_code, domain, text, reverse, scale_min, scale_max.

    A further column, action_statement_ref, may be empty or left out. Raises InputFault with every fault of the file.
    """
    faults: list[str] = []
    items: dict[str, Item] = {}
    for number, row in _rows(path):
        where = f"{path}, row {number}"
        code = row["item_code"]
        wrong = list(_wrong(row, domains))
        if code in items:
            wrong.append(f"item_code: found {code!r} a second time; each item has a code of its own")
        try:
            item = None if wrong else _item(row)
        except ValidationError as error:
            wrong += [str(fault["msg"]).removeprefix("Value error, ") for fault in error.errors()]
        faults += [f"{where}: {why}" for why in wrong]
        if item:
            items[code] = item
    if not items and not faults:
        faults.append(f"{path}: holds column names only; expected a row for each item")
    if faults:
        raise InputFault(faults)
    return items


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a bank, the first of them being 1, without space around their values."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = list(csv.reader(file, strict=True))
    except FileNotFoundError:
        raise InputFault(f"{path}: no such file") from None
    except UnicodeDecodeError:
        raise InputFault(f"{path}: is not UTF-8 text; save it as UTF-8") from None
    except csv.Error as error:
        raise InputFault(f"{path}: is not valid CSV: {error}") from None
    except OSError as error:
        raise InputFault(f"{path}: cannot be read: {error.strerror or error}") from None
    if not lines:
        raise InputFault(f"{path}: is empty; expected the columns {', '.join(_COLUMNS)}")
    names = [name.strip() for name in lines[0]]
    missing = [name for name in _COLUMNS[:-1] if name not in names]
    if missing or len(set(names)) < len(names):
        raise InputFault(
            f"{path}: found the columns {', '.join(names)}; expected {', '.join(_COLUMNS)}, each once"
            + (f" (missing: {', '.join(missing)})" if missing else "")
        )
    for number, values in enumerate(lines[1:], 1):
        if not any(value.strip() for value in values):
            continue
        if len(values) != len(names):
            raise InputFault(f"{path}, row {number}: found {len(values)} values, expected {len(names)}")
        yield number, {name: value.strip() for name, value in zip(names, values, strict=True)}


def _wrong(row: dict[str, str], domains: tuple[str, ...] | None) -> Iterator[str]:
    for column in ("item_code", "domain", "text"):
        if not row[column]:
            yield f"{column} is empty, and an item cannot do without it"
    if row["domain"] and domains is not None and row["domain"] not in domains:
        yield f"domain: found {row['domain']!r}, which is not one of the instrument's{nearest(row['domain'], domains)}"
    if row["reverse"].lower() not in _FLAGS:
        yield f"reverse: found {row['reverse']!r}, expected true or false"
    for column in ("scale_min", "scale_max"):
        if _number(row[column]) is None:
            yield f"{column}: found {row[column]!r}, expected a number"


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if abs(value) < float("inf") else None


def _item(row: dict[str, str]) -> Item:
    values: dict[str, Any] = {
        "text": row["text"],
        "factor": row["domain"],
        "reverse": _FLAGS[row["reverse"].lower()],
        "scale": (float(row["scale_min"]), float(row["scale_max"])),
    }
    return Item(**values)
