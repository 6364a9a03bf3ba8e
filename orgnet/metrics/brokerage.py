"""Metrics of one organisation: its go-between roles between kinds of organisation, and what chance would give.

A go-between j stands on a path i -> j -> k where i has no tie to k. Its role follows from the kinds of the three
(Gould & Fernandez 1989). What chance would give is worked out exactly, over all ways to deal the kinds out among the
organisations, the go-between included, with every tie left in place. Every function takes a simple igraph graph whose
vertices have a `kind`; without one, all are providers.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
from igraph import Graph
from numpy.typing import NDArray

from orgnet.metrics import moments
from orgnet.metrics.arrays import Arrays, Vector, arrays_of, once, rows_times, tied
from orgnet.metrics.registry import DIRECTED_ONLY, Declared, against_chance
from orgnet.vocabulary import Level

REFERENCE = "Gould & Fernandez 1989 Sociological Methodology 19:89"

# A variance this small beside the square of the number of paths is what rounding leaves of none.
NO_VARIANCE = 1e-12

Table = NDArray[np.float64]


class Role(NamedTuple):
    """A go-between's role: what it does, and the kinds of the three on the path i -> j -> k that make it so."""

    name: str
    does: str
    rule: str
    caution: str
    holds: Callable[..., NDArray[np.bool_]]


ROLES = (
    Role(
        "coordinator",
        "goes between two organisations of its own kind",
        "i, j and k are of one kind",
        "Where most organisations are of one kind, most paths count here, whatever anyone does: read it beside the "
        "expected value.",
        lambda i, j, k: (i == j) & (j == k),
    ),
    Role(
        "itinerant",
        "goes between two organisations of one kind that is not its own",
        "i and k are of one kind, j of another",
        "A network body that providers refer through scores here by design.",
        lambda i, j, k: (i == k) & (i != j),
    ),
    Role(
        "representative",
        "passes on what comes from its own kind to another kind",
        "i and j are of one kind, k of another",
        "To pass on is not to speak for: the ties do not say that anyone asked it to.",
        lambda i, j, k: (i == j) & (j != k),
    ),
    Role(
        "gatekeeper",
        "passes on what comes from another kind to its own kind",
        "j and k are of one kind, i of another",
        "The name is the trade's: the ties do not say that it turns anyone away.",
        lambda i, j, k: (j == k) & (i != j),
    ),
    Role(
        "liaison",
        "goes between two organisations of different kinds, neither of them its own",
        "i, j and k are of three kinds",
        "It takes three kinds of organisation in the network; with fewer it is always 0.",
        lambda i, j, k: (i != j) & (j != k) & (i != k),
    ),
)


class _Paths(NamedTuple):
    """Numbers of paths through each go-between, and of ordered pairs of its paths by what they have in common."""

    all: Vector
    same_start: Vector
    same_end: Vector
    turned_round: Vector
    in_a_row: Vector
    apart: Vector


@once
def _paths(arrays: Arrays) -> _Paths:
    """All of it from products of matrices: there is a path where j is tied from i and to k, less where i is tied to "
    "k."""
    ties = tied(arrays)
    back = ties.T
    out, into = ties.sum(axis=1), ties.sum(axis=0)
    # Per go-between (rows): the paths that start at each organisation, and those that end at each.
    starting = rows_times(back, out) - ties * back - (ties @ back) * back
    ending = rows_times(ties, into) - ties * back - (back @ ties) * ties
    both = ties * back
    mutual = both.sum(axis=1)
    # Tied to j both ways, and to each other neither way: paths that can be taken in both directions.
    neither = mutual * (mutual - 1) - (both * (both @ ties + both @ back - both @ both)).sum(axis=1)
    number = starting.sum(axis=1)
    same_start = (starting * starting).sum(axis=1) - number
    same_end = (ending * ending).sum(axis=1) - number
    in_a_row = 2 * ((starting * ending).sum(axis=1) - neither)
    apart = number * number - number - same_start - same_end - neither - in_a_row
    return _Paths(number, same_start, same_end, neither, in_a_row, apart)


@once
def _by_kinds(arrays: Arrays) -> tuple[NDArray[np.int64], Table]:
    """Each organisation's kind by number, and the paths through it by the kinds they start and end at."""
    names, kind = np.unique(np.array(arrays.kinds, dtype=np.str_), return_inverse=True)
    members = np.eye(len(names))[kind]
    ties = tied(arrays)
    back = ties.T
    found = np.zeros((arrays.n, len(names), len(names)))
    for end, there in enumerate(members.T):
        towards = rows_times(back, there).T  # ties to organisations of this kind only
        starting = rows_times(back, towards.sum(axis=1)) - towards * back - (towards @ back) * back
        found[:, :, end] = starting @ members
    return kind, found


def _dealt(sizes: NDArray[np.int64], organisations: int) -> Table:
    """The chance that so many different organisations get each combination of kinds, dealt out at random."""
    grid = np.indices((len(sizes),) * organisations)
    chance = np.ones(grid.shape[1:])
    for one in range(organisations):
        left = sizes[grid[one]] - (grid[:one] == grid[one]).sum(axis=0)
        chance = chance * left / max(int(sizes.sum()) - one, 1)
    return chance


@once
def _chance(arrays: Arrays) -> dict[str, tuple[Vector, Vector]]:
    """Per role, the expected number of paths and its variance, when kinds are dealt out at random."""
    paths = _paths(arrays)
    sizes = np.unique(np.array(arrays.kinds, dtype=np.str_), return_counts=True)[1]
    three, four, five = (_dealt(sizes, organisations) for organisations in (3, 4, 5))
    found = {}
    for role in ROLES:
        # What holds for a path from i through j to k, with axes in the order j, i, k.
        holds = role.holds(*(np.indices((len(sizes),) * 3)[axis] for axis in (1, 0, 2))).astype(np.float64)
        one = np.einsum("jik,jik->", three, holds)
        together = {
            "all": one,
            "same_start": np.einsum("jikl,jik,jil->", four, holds, holds),
            "same_end": np.einsum("jikl,jik,jlk->", four, holds, holds),
            "turned_round": np.einsum("jik,jik,jki->", three, holds, holds),
            "in_a_row": np.einsum("jikl,jik,jkl->", four, holds, holds),
            "apart": np.einsum("jiklm,jik,jlm->", five, holds, holds),
        }
        # Pairs of paths, less what they would be if one path knew nothing of the other.
        variance = sum(getattr(paths, name) * (chance - one * one) for name, chance in together.items())
        variance = np.where(variance > NO_VARIANCE * paths.all**2, variance, 0.0)
        found[role.name] = (paths.all * one, np.asarray(variance))
    return found


def count(graph: Graph, role: Role) -> Vector:
    """The paths on which each organisation has a role."""
    arrays = arrays_of(graph)
    kind, found = _by_kinds(arrays)
    kinds = np.arange(found.shape[1])
    return (found * role.holds(kinds[:, None], kind[:, None, None], kinds)).sum(axis=(1, 2))


def expected(graph: Graph, role: Role) -> Vector:
    """The paths on which each organisation would have a role by chance."""
    return _chance(arrays_of(graph))[role.name][0]


def score(graph: Graph, role: Role) -> Vector:
    """How far the paths of a role are from what chance would give, in standard deviations."""
    return moments.score(count(graph, role), *_chance(arrays_of(graph))[role.name])


def _declare(role: Role) -> None:
    """Register the three metrics of a role."""
    path = "paths i -> j -> k through organisation j, with no tie i -> k"
    against_chance(
        f"brokerage_{role.name}",
        Declared(
            partial(count, role=role),
            f"number of {path}, where {role.rule}",
            "paths",
            0,
            None,
            "never",
            f"On how many paths an organisation {role.does}: one tie comes in, one goes out, and the two others have "
            f"no tie in that direction.\n\n{role.caution}",
        ),
        Declared(
            partial(expected, role=role),
            f"number of {path}, times the chance that {role.rule} when kinds are dealt out at random among all",
            "paths",
            0,
            None,
            "never",
            f"On how many of its paths an organisation would be one that {role.does}, if the ties were as they are "
            "and the kinds of all organisations had been dealt out by chance.\n\nChance here means the kinds, not "
            "the ties: an organisation with many paths is expected to have more in every role.",
        ),
        Declared(
            partial(score, role=role),
            f"(brokerage_{role.name} - its expected value) / its standard deviation over all ways to deal the kinds",
            "standard deviations",
            None,
            None,
            "no number of paths but one is possible: no paths, or too few kinds of organisation",
            f"How much more often than by chance an organisation {role.does}, in standard deviations: 0 is as often "
            "as if the kinds had been dealt out at random, negative is less often.\n\nWith few paths the counts are "
            "lopsided, so 2 standard deviations are no proof. A network has many organisations: some are far from 0 "
            "by chance.",
        ),
        level=Level.ORGANISATION,
        layers=DIRECTED_ONLY,
        takes="graph",
        reference=REFERENCE,
    )


for _role in ROLES:
    _declare(_role)
