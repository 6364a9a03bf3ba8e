"""A small published network for the report, by hand: two groups, three organisations, three years, every sort of value."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np

from orgnet import store
from orgnet.vocabulary import Indicator
from orgnet.windows import Calendar
from tests.published import yearly

HOSTILE = '<script>alert("x")</script>'
YEARS = 3
LEVELS: dict[str, tuple[int | None, int | None, int | None, int | None, str, str]] = {
    "goals": (None, None, None, None, "gap", "not_assessed"),
    "client": (None, None, None, None, "gap", "not_assessed"),
    "acquaint": (2, 2, 2, None, "point", "assessed"),
    "trust": (1, 1, 1, None, "point", "assessed"),
    "centrality": (None, 2, 3, None, "band", "interval"),
    "leadership": (3, 3, 3, None, "point", "assessed"),
    "innovation": (None, None, None, 2, "hollow", "proxy_only"),
    "connect": (2, 2, 2, None, "point", "assessed"),
    "formal": (3, 3, 3, None, "point", "assessed"),
    "infoex": (None, None, None, None, "gap", "insufficient_data"),
}
"""Level, lowest, highest, stand-in, mark and status of the ten indicators, in every slice."""
GROUPS = {"nurse": [(0.25, "ok"), (0.5, "rounded"), (1.0, "ok")], "surgeon": [(None, s) for s in ("no_coverage", "undefined", "suppressed")]}  # fmt: skip
"""The breadth of contact of two groups in the three slices."""


def _table(name: str, rows: Iterable[Mapping[str, Any]], calendar: Calendar | None = None) -> Any:
    """A table of rows; a column that no row names is empty."""
    found = list(rows)
    dates = {"slice_start", "slice_end", "window_start"} if calendar else set()
    columns: dict[str, Any] = {
        each: [row.get(each) for row in found] for each in store.columns_of(name) if each not in dates
    }
    if calendar:
        columns["slice"] = np.array(columns["slice"], dtype=np.int64)
    return store.sorted_by_key(name, store.table(name, columns, calendar))


def _kiviat() -> Iterable[dict[str, Any]]:
    for at in range(YEARS):
        for order, indicator in enumerate(Indicator, 1):
            level, low, high, proxy, mark, status = LEVELS[indicator]
            yield {"slice": at, "axis_order": order, "indicator": indicator.value, "level": level, "level_lo": low,
                   "level_hi": high, "proxy_level": proxy, "mark": mark, "status": status}  # fmt: skip


def _indicators() -> Iterable[dict[str, Any]]:
    for at in range(YEARS):
        for indicator in ("acquaint", "connect"):
            nurse = {"level": 3, "level_lo": 3, "level_hi": 3, "status": "assessed"}
            surgeon = {"level": None, "status": "insufficient_data"}
            for group, said in (("nurse", nurse), ("surgeon", surgeon)):
                yield {"slice": at, "indicator": indicator, "dimension": "internalisation", "scope_type": "group",
                       "scope_id": group, "evidence": [], "reasons": ["a reason"], **said}  # fmt: skip


def _groups() -> Iterable[dict[str, Any]]:
    for group, values in GROUPS.items():
        for at, (value, status) in enumerate(values):
            yield {"slice": at, "layer": "combined", "professional_group": group, "other_group": group, "n_people": 9,
                   "metric": "acq_breadth", "value": value, "status": status}  # fmt: skip


def _organisations(names: Mapping[str, str]) -> Iterable[dict[str, Any]]:
    kinds = {"A": ("provider", "specialist"), "B": ("provider", "local"), "N": ("network_body", "core_agency")}
    for at in range(YEARS):
        for code in ("A", "B", "N"):
            if code != "N" or at:  # the network body opens in the second year
                yield {"slice": at, "organisation_id": code, "name": names[code], "kind": kinds[code][0], "role": kinds[code][1]}  # fmt: skip


def _of_organisations() -> Iterable[dict[str, Any]]:
    values = {"strength": (3.0, 9.0, 1.0), "betweenness": (0.0, 1.0, 0.0), "cut_point": (0.0, 1.0, 0.0)}
    for at in range(YEARS):
        for metric, found in values.items():
            for code, value in zip("ABN", found, strict=True):
                yield {"slice": at, "layer": "combined", "organisation_id": code, "metric": metric, "value": value, "status": "ok"}  # fmt: skip
                if metric == "cut_point":
                    yield {"slice": at, "layer": "joint_roles", "organisation_id": code, "metric": metric, "value": value, "status": "ok"}  # fmt: skip
        yield {"slice": at, "layer": "combined", "organisation_id": "A", "metric": "pagerank", "value": None, "status": "suppressed"}  # fmt: skip


def _ties() -> Iterable[dict[str, Any]]:
    day = date(2016, 1, 1)
    for at in range(YEARS):
        for layer, one, two, weight in (("combined", "A", "B", 2.0), ("combined", "B", "N", 1.0), ("referrals", "A", "B", 7.0)):  # fmt: skip
            if at or two != "N":
                yield {"slice": at, "layer": layer, "source_id": one, "target_id": two, "directed": layer == "referrals",
                       "weight": weight, "events": 3, "people": 2, "first_seen": day, "last_seen": day}  # fmt: skip


def _network() -> Iterable[dict[str, Any]]:
    for at in range(YEARS):
        for layer, status in (("combined", "ok"), ("referrals", "no_coverage"), ("joint_roles", "ok")):
            yield {"slice": at, "layer": layer, "node_set": "roster", "metric": "density",
                   "value": None if status != "ok" else 0.5, "status": status}  # fmt: skip


def _changes() -> Iterable[dict[str, Any]]:
    common = {"before": "pre", "after": "post", "n_before": 1, "n_after": 1, "reasons": ["a reason"]}
    for entity, before, after, verdict in (
        ("group / nurse", 2.0, 3.0, "improved"),
        ("group / surgeon", None, 2.0, "not_comparable"),
        ("network / us", 2.0, 2.0, "unchanged"),
    ):
        yield {**common, "measure_table": "indicators", "entity": entity, "metric": "acquaint", "value_before": before,
               "value_after": after, "method": "levels_compared", "verdict": verdict}  # fmt: skip
    for entity, low, high, verdict in (("nurse / nurse", 0.5, 1.0, "improved"), ("surgeon / surgeon", -0.25, 0.5, "unclear")):  # fmt: skip
        yield {**common, "measure_table": "group_metrics", "entity": entity, "layer": "combined", "metric": "acq_breadth",
               "value_before": 0.25, "value_after": 1.0, "difference": 0.75 if verdict == "improved" else 0.1,
               "ci_low": low, "ci_high": high, "method": "vertex_bootstrap", "verdict": verdict}  # fmt: skip
    yield {**common, "measure_table": "group_metrics", "entity": "radiologist / radiologist", "layer": "combined",
           "metric": "acq_breadth", "value_after": 1.0, "method": "vertex_bootstrap", "verdict": "not_comparable",
           "reasons": ["there is no value before (no_coverage)"]}  # fmt: skip


def _records() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Coverage, and completeness: attendance is whole for two of three organisations, joint roles for all, and referrals
    are never spoken of."""
    whole = [
        {"slice": at, "record_kind": kind, "organisation_id": code, "whole": kind != "attendance" or code != "B"}
        for at in range(YEARS)
        for kind in ("attendance", "joint_roles")
        for code in "ABN"
    ]
    stated = {"source": "a.csv", "record_kind": "attendance", "period_start": date(2015, 1, 1),
              "period_end": date(2018, 1, 1), "received_n": 1, "complete": "true"}  # fmt: skip
    return [stated], whole


def publish(
    folder: Path,
    names: Mapping[str, str] | None = None,
    without: Sequence[str] = (),
    codes: Mapping[str, str] | None = None,
    **more: Any,
) -> Path:
    """Publish the small network, without some tables and with more in its manifest; return the snapshot's folder.

    `names` and `codes` are other names and codes of its organisations A, B and N.
    """

    def coded(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        ends = ("organisation_id", "source_id", "target_id")
        return [{name: (codes or {}).get(v, v) if name in ends else v for name, v in row.items()} for row in rows]

    calendar = yearly(YEARS)
    coverage, whole = _records()
    given = {"A": "Alpha", "B": "Beta", "N": "Network"} | dict(names or {})
    tables = {
        "kiviat": _table("kiviat", _kiviat(), calendar),
        "indicators": _table("indicators", _indicators(), calendar),
        "group_metrics": _table("group_metrics", _groups(), calendar),
        "organisations": _table("organisations", coded(_organisations(given)), calendar),
        "organisation_metrics": _table("organisation_metrics", coded(_of_organisations()), calendar),
        "network_metrics": _table("network_metrics", _network(), calendar),
        "ties": _table("ties", coded(_ties()), calendar),
        "changes": _table("changes", _changes()),
        "coverage": _table("coverage", coverage),
        "completeness": _table("completeness", whole, calendar),
    }
    manifest = {
        "network": "us",
        "configuration": {
            "phases": {"pre": ["2015-01-01", "2016-01-01"], "post": ["2016-01-01", "2018-01-01"]},
            "slices": {"every": "year", "window": "year"},
        },
        "package": {"name": "interorgnet", "version": "0.1.0"},
        "records": {"read": {"attendance": 10, "referrals": 5, "joint_roles": 4},
                    "used": {"attendance": 8, "referrals": 5, "joint_roles": 4},
                    "rejected": {"attendance": {"duplicate": 2}}},
    } | more  # fmt: skip
    kept = {name: table for name, table in tables.items() if name not in without}
    return store.publish(folder, kept, manifest, datetime(2020, 2, 3, tzinfo=UTC))


def read_manifest(folder: Path) -> dict[str, Any]:
    """A snapshot's manifest."""
    content: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
    return content
