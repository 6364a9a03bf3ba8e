"""From moves (who goes on as whom, from which day) to pieces: every organisation followed to its end, from every day.

A record of an organisation follows its next move. One dated after the last move came late, under an old code, and
follows it as well, unless the organisation has begun again since: a later link leads to it, or a row of it begins.
"""

import duckdb
import numpy as np

from orgnet.errors import InputFault
from orgnet.records.pieces import Ints, Pieces
from orgnet.windows import FOREVER

_SPAN = 4 * FOREVER + 8
_SHOWN = 12
"""Organisations of a circle that a message names at most."""
_BIRTHS = """
    SELECT target AS org, 2 * day AS moment FROM steps
    UNION SELECT org, 2 * first + (first > min(first) OVER (PARTITION BY org))::BIGINT FROM lives
    ORDER BY org, moment
"""
"""When organisations begin, in half days: a row that takes over from an earlier one begins after the day's links."""


def _fetched(con: duckdb.DuckDBPyConnection, query: str) -> dict[str, Ints]:
    return {name: np.asarray(values).astype(np.int64) for name, values in con.execute(query).fetchnumpy().items()}


def _key(org: Ints, moment: Ints) -> Ints:
    """Organisations and moments (half days) as numbers in their order."""
    return org * _SPAN + (moment + _SPAN // 2)


def _latest(org: Ints, moment: Ints, wanted_org: Ints, wanted: Ints) -> Ints:
    """The last row of each wanted organisation up to the wanted moment; -1 if there is none."""
    if not len(org):
        return np.full(len(wanted), -1)
    at = np.searchsorted(_key(org, moment), _key(wanted_org, wanted), side="right") - 1
    return np.where((at >= 0) & (org[at] == wanted_org), at, -1)


def walk(con: duckdb.DuckDBPyConnection, names: list[str], backwards: bool) -> Pieces:
    """What each organisation stands as, from day to day."""
    moves = _fetched(con, "SELECT org, day, target FROM moves ORDER BY org, day")
    births = _fetched(con, _BIRTHS)
    ends = _ends(moves, names, backwards)
    org, day = _beginnings(len(names), moves, births)
    last = _latest(moves["org"], 2 * moves["day"], org, 2 * day)
    born = _latest(births["org"], births["moment"], org, 2 * day + 1)
    since = np.append(births["moment"], 0)[born]
    over = (last >= 0) & ~((born >= 0) & (since > 2 * np.append(moves["day"], 0)[last]))
    following = np.searchsorted(_key(moves["org"], 2 * moves["day"]), _key(org, 2 * day), side="right")
    ahead = np.append(moves["org"], -1)[following] == org
    stands = np.where(over, np.append(ends, -1)[last], np.where(ahead, np.append(ends, -1)[following], org))
    if not backwards:
        return Pieces.of(org, day, stands)
    until = np.where(np.append(org[1:], -1) == org, np.append(day[1:], 0), FOREVER)
    order = np.lexsort((-until, org))
    return Pieces.of(org[order], -until[order], stands[order])


def _beginnings(n: int, moves: dict[str, Ints], births: dict[str, Ints]) -> tuple[Ints, Ints]:
    """Every day on which an organisation's way may change, the beginning of all time among them: sorted, each once."""
    org = np.concatenate([np.arange(n), moves["org"], births["org"]])
    day = np.concatenate([np.full(n, -FOREVER), moves["day"], births["moment"] // 2])
    keys = np.unique(_key(org, 2 * day))
    return keys // _SPAN, (keys % _SPAN - _SPAN // 2) // 2


def _ends(moves: dict[str, Ints], names: list[str], backwards: bool) -> Ints:
    """The organisation in which each move ends, going on from where it leads as far as there are moves."""
    org, day, target = moves["org"], moves["day"], moves["target"]
    n = len(org)
    following = np.searchsorted(_key(org, 2 * day), _key(target, 2 * day), side="left")
    following = np.append(np.where(np.append(org, -1)[following] == target, following, n), n)
    last, jump = np.arange(n + 1), following.copy()
    for _ in range(n.bit_length() + 1):  # each round looks twice as far ahead
        last, jump = np.where(jump < n, last[jump], last), jump[jump]
    if (jump < n).any():
        raise InputFault(_circles(following, np.flatnonzero(jump < n), moves, names, backwards))
    return np.asarray(target[last[:n]])


def _circles(following: Ints, lost: Ints, moves: dict[str, Ints], names: list[str], backwards: bool) -> list[str]:
    """What is wrong with moves that lead in a circle, one line for each circle."""
    faults, seen = [], set[int]()
    for start in lost.tolist():
        way, at = list[int](), start
        while at not in seen:
            seen.add(at)
            way.append(at)
            at = int(following[at])
        if at in way:
            faults.append(_circle(way[way.index(at) :], moves, names, backwards))
    return sorted(faults)


def _circle(way: list[int], moves: dict[str, Ints], names: list[str], backwards: bool) -> str:
    day = int(moves["day"][way[0]]) * (-1 if backwards else 1)
    least = min(range(len(way)), key=lambda at: names[moves["org"][way[at]]])
    turned = [names[moves["org"][number]] for number in [*way[least:], *way[:least]]]
    shown = turned if len(turned) <= _SHOWN else [*turned[:_SHOWN], "..."]
    return (
        f"organisation_links: {' -> '.join([*shown, turned[0]])} on {np.datetime64(day, 'D')}: organisations follow on one "
        "another in a circle on one day, so that none of them is the last; expected each link on the day on which it "
        "took effect: correct a date, or take out the link that was undone"
    )
