"""Parts of which each says something of people: answers to a survey by stratum, and curves by professional group."""

from collections import defaultdict
from collections.abc import Callable

import duckdb
import numpy as np
import pyarrow as pa

from orgnet.disclosure.profiles import Profile
from orgnet.disclosure.sums import Sum, hide_further


def answers_to_hide(con: duckdb.DuckDBPyConnection, profile: Profile) -> None:
    """The table `hidden_answers`: strata of surveys that must go with small ones."""
    found: list[tuple[str, str, str, str, str, str]] = []
    for table in ("survey_scores", "maturity_matrix"):
        rows = con.execute(
            f"SELECT instrument, wave, item, stratum_type, stratum, max(n_people) FROM {table} GROUP BY ALL ORDER BY ALL"
        ).fetchall()
        items = defaultdict(list)
        for instrument, wave, item, kind, stratum, n in rows:
            items[instrument, wave, item].append((kind, stratum, n or 0))
        for of_item, strata in items.items():
            found += [(table, *of_item, *each) for each in _strata_to_hide(strata, profile)]
    names = ("cell_table", "instrument", "wave", "item", "stratum_type", "stratum")
    con.register(
        "hidden_answers",
        pa.table({name: pa.array([row[at] for row in found], pa.string()) for at, name in enumerate(names)}),
    )


def _strata_to_hide(strata: list[tuple[str, str, int]], profile: Profile) -> set[tuple[str, str]]:
    """Strata of one item, as kind and name, whose numbers would give a small one away; kind `all` is everybody."""
    small: Callable[[int], bool] = lambda n: 0 < n <= profile.withhold_up_to  # noqa: E731
    everybody = next(((name, n) for kind, name, n in strata if kind == "all"), None)
    found: set[tuple[str, str]] = set()
    for kind in sorted({kind for kind, _, _ in strata} - {"all"}):
        parts = [(name, n) for each, name, n in strata if each == kind and n > 0]
        numbers = np.array([n for _, n in parts], dtype=np.int64)
        hidden = np.array([small(n) for _, n in parts], dtype=bool)
        if everybody is None or not profile.protects or numbers.sum() != everybody[1]:
            continue
        kept = hide_further(Sum(numbers, hidden, everybody[1], small(everybody[1])), profile)
        found |= {(kind, name) for (name, n), flag in zip(parts, kept.hidden, strict=True) if flag and not small(n)}
        if kept.total_hidden and not small(everybody[1]):
            found.add(("all", everybody[0]))
    return found


def curves_to_thin(con: duckdb.DuckDBPyConnection, profile: Profile) -> None:
    """The tables `hidden_curves`, by whose groups a small one could be told, and `kept_steps`, far enough apart."""
    rows = con.execute(
        "SELECT spell_kind, spell_basis, professional_group, days, n_ended + n_censored, n_people FROM survival ORDER BY ALL"
    ).fetchall()
    curves = defaultdict(list)
    for kind, basis, group, days, gone, people in rows:
        curves[kind, basis, group].append((days, gone or 0, people or 0))
    kept = []
    for curve, steps in curves.items():
        gone = 0
        for days, more, _ in steps:
            gone += more
            if gone > profile.withhold_up_to:
                kept.append((*curve, days))
                gone = 0
    lost = []
    for kind, basis in sorted({curve[:2] for curve in curves}):
        groups = {group: steps[0][2] for (k, b, group), steps in curves.items() if (k, b) == (kind, basis)}
        strata = [("group" if group else "all", group or "", people) for group, people in groups.items()]
        lost.append((kind, basis, [name for _, name in sorted(_strata_to_hide(strata, profile))]))
    names = ("spell_kind", "spell_basis")
    con.register(
        "kept_steps",
        pa.table(
            {
                **{
                    name: pa.array([row[at] for row in kept], pa.string())
                    for at, name in enumerate((*names, "professional_group"))
                },
                "days": pa.array([row[3] for row in kept], pa.int64()),
            }
        ),
    )
    con.register(
        "hidden_curves",
        pa.table(
            {
                **{name: pa.array([row[at] for row in lost], pa.string()) for at, name in enumerate(names)},
                "lost": pa.array([row[2] for row in lost], pa.list_(pa.string())),
            }
        ),
    )
