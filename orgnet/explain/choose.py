"""Which row of the indicators is meant: a name, or so much of its beginning that it can be no other."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from orgnet import database
from orgnet.errors import InputFault, near
from orgnet.query import find_network
from orgnet.vocabulary import Indicator, ScopeType

Row = dict[str, Any]
LISTED = 12
_KEYS = "SELECT DISTINCT slice_start, slice, indicator, scope_type, scope_id FROM read_parquet(?) ORDER BY slice_start"
_ROWS = "SELECT * FROM read_parquet(?) WHERE indicator = ? AND scope_type = ? AND scope_id = ? ORDER BY slice_start"
_NAMES = {
    ScopeType.NETWORK: "the whole network",
    ScopeType.GROUP: "professional group",
    ScopeType.ORGANISATION_KIND: "kind of organisation",
    ScopeType.ORGANISATION: "organisation",
    ScopeType.PATHWAY: "pathway",
}
OPTIONS = {
    ScopeType.GROUP: "--group",
    ScopeType.ORGANISATION_KIND: "--organisations",
    ScopeType.ORGANISATION: "--organisation",
    ScopeType.PATHWAY: "--pathway",
}


@dataclass(frozen=True)
class Asked:
    """The row asked for, the row of the same scope one whole window earlier, and the network's name."""

    row: Row
    before: Row | None
    network: str


def _listed(known: list[str]) -> str:
    if len(known) <= LISTED:
        return ", ".join(known)
    return f"{len(known)} of them, {known[0]} to {known[-1]}"


def one_of(given: str, known: Iterable[str], what: str) -> str:
    """The known name that is given, whole or by its beginning. Raises InputFault if there is none, or more than one."""
    names = list(dict.fromkeys(known))
    exact = [name for name in names if name.lower() == given.lower()]
    found = exact or [name for name in names if name.lower().startswith(given.lower())]
    if len(found) == 1:
        return found[0]
    if found:
        raise InputFault(f"{what} {given!r} is the beginning of {_listed(found)}: say which")
    raise InputFault(f"there is no {what} {given!r}{near(given, names)} (known: {_listed(names) or 'none'})")


def _ask(con: duckdb.DuckDBPyConnection, sql: str, *values: object) -> list[Row]:
    found = con.execute(sql, values)
    names = [column for column, *_ in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _scope(indicator: str, keys: list[Row], wanted: dict[ScopeType, str | None]) -> tuple[ScopeType, str]:
    """The scope that the options name; the whole network if they name none."""
    named = [(scope, given) for scope, given in wanted.items() if given is not None]
    if len(named) > 1:
        raise InputFault(f"found {' and '.join(OPTIONS[scope] for scope, _ in named)}, expected one of them or none")
    scope, given = named[0] if named else (ScopeType.NETWORK, None)
    known = sorted({row["scope_id"] for row in keys if row["scope_type"] == scope})
    if not known:
        given_to = [_NAMES[each] for each in ScopeType if any(row["scope_type"] == each for row in keys)]
        raise InputFault(f"{indicator} is not given to any {_NAMES[scope]} here, but to: {', '.join(given_to)}")
    return scope, known[0] if given is None else one_of(given, known, _NAMES[scope])


def choose(folder: Path, indicator: str, slice_: str | None, wanted: dict[ScopeType, str | None]) -> Asked:
    """The row that is asked for. Raises InputFault if nothing is published there, or a name is not known."""
    path = str(find_network(folder) / "indicators.parquet")
    with database.connect() as con:
        keys = _ask(con, _KEYS, path)
        if not keys:
            raise InputFault(f"{folder}: the run has no indicators")
        name = one_of(indicator, [each.value for each in Indicator], "indicator")
        label = keys[-1]["slice"] if slice_ is None else one_of(slice_, [row["slice"] for row in keys], "slice")
        scope, scope_id = _scope(name, [row for row in keys if row["indicator"] == name], wanted)
        rows = _ask(con, _ROWS, path, name, scope.value, scope_id)
    asked = next(row for row in rows if row["slice"] == label)
    before = next((row for row in rows if row["slice_end"] == asked["window_start"]), None)
    network = next((row["scope_id"] for row in keys if row["scope_type"] == ScopeType.NETWORK), "the network")
    return Asked(asked, before, network)
