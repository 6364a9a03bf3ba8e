"""A published network drawn by hand: who is in it in each slice, who is tied, and whether the records are complete."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from orgnet import store
from orgnet.vocabulary import DIRECTED_LAYERS
from orgnet.windows import Calendar, parse_step

Tied = Mapping[tuple[str, str], float | None]


def yearly(years: int, window: str = "year") -> Calendar:
    """A calendar of years from 2015 on."""
    return Calendar.make(date(2015, 1, 1), date(2015 + years, 1, 1), parse_step("year"), parse_step(window))


@dataclass(frozen=True)
class Drawn:
    """A network to publish: per slice who is on the roster, and per layer and slice the ties with their weights."""

    rosters: Sequence[Sequence[str]]
    ties: Mapping[str, Sequence[Tied]]
    window: str = "year"
    coverage: Sequence[tuple[str, str | None, date, date, str]] = ()
    supplied: Sequence[str] = ("attendance", "referrals", "joint_roles", "coverage")
    calendar: Calendar = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "calendar", yearly(len(self.rosters), self.window))


def _seen(drawn: Drawn, at: int) -> tuple[date, date]:
    return drawn.calendar.slices[at].start, drawn.calendar.slices[at].end - timedelta(days=1)


def _tie_rows(drawn: Drawn) -> Iterable[dict[str, Any]]:
    for layer, slices in drawn.ties.items():
        for at, ties in enumerate(slices):
            first, last = _seen(drawn, at)
            for (one, two), weight in ties.items():
                yield {
                    "slice": at,
                    "layer": layer,
                    "source_id": one,
                    "target_id": two,
                    "directed": layer in DIRECTED_LAYERS,
                    "weight": weight,
                    "events": 3,
                    "people": None if layer == "referrals" else 2,
                    "first_seen": first,
                    "last_seen": last,
                }


def _degree_rows(drawn: Drawn) -> Iterable[dict[str, Any]]:
    """Degree, and `betweenness` that is never published, in every layer."""
    for layer, slices in drawn.ties.items():
        for at, roster in enumerate(drawn.rosters):
            for name in roster:
                degree = float(sum(name in ends for ends in slices[at]))
                row = {"slice": at, "layer": layer, "organisation_id": name}
                yield {**row, "metric": "degree", "value": degree, "status": "ok"}
                yield {**row, "metric": "betweenness", "value": None, "status": "suppressed"}


def _network_rows(drawn: Drawn) -> Iterable[dict[str, Any]]:
    for layer, slices in drawn.ties.items():
        for at in range(len(slices)):
            yield {
                "slice": at,
                "layer": layer,
                "node_set": "roster",
                "metric": "n",
                "value": 1.0,
                "status": "ok",
            }


def _coverage_rows(drawn: Drawn) -> Iterable[dict[str, Any]]:
    names = ("record_kind", "organisation_id", "period_start", "period_end", "complete")
    for row in drawn.coverage:
        yield {"source": "a.csv", "expected_n": None, "received_n": 1, **dict(zip(names, row, strict=True))}


def _table(name: str, rows: Iterable[dict[str, Any]], calendar: Calendar | None) -> Any:
    found = list(rows)
    names = set(store.columns_of(name)) - {"slice_start", "slice_end", "window_start"}
    if calendar is None:
        names = set(store.columns_of(name))
    columns: dict[str, Any] = {each: [row[each] for row in found] for each in names}
    if calendar is not None:
        columns["slice"] = np.array(columns["slice"], dtype=np.int64)
    return store.sorted_by_key(name, store.table(name, columns, calendar))


def publish(drawn: Drawn, folder: Path) -> Path:
    """Publish it, as a run does; return the output folder."""
    tables = {
        "ties": _table("ties", _tie_rows(drawn), drawn.calendar),
        "organisation_metrics": _table("organisation_metrics", _degree_rows(drawn), drawn.calendar),
        "network_metrics": _table("network_metrics", _network_rows(drawn), drawn.calendar),
        "coverage": _table("coverage", _coverage_rows(drawn), None),
    }
    manifest = {
        "network": "us",
        "configuration": {"slices": {"every": "year", "window": drawn.window}},
        "records": {"read": dict.fromkeys(drawn.supplied, 1)},
        "finished": "2020-02-03T04:05:06+00:00",
    }
    store.publish(folder, tables, manifest, datetime(2020, 2, 3, tzinfo=UTC))
    return folder
