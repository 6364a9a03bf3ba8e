"""Change between two phases: each difference with its interval and its verdict, on one scale per measure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from orgnet.dictionary import content
from orgnet.report.published import Published, Row, quoted
from orgnet.report.words import HELD_BACK, STATUSES, VERDICTS, group_said, layer_said, number_said, plain
from orgnet.vocabulary import ChangeMethod, Trend

SHOWN_METRICS = {
    "group_metrics": ["acq_breadth", "acq_reach", "meet_rate_median", "meetings_per_person"],
    "network_metrics": [
        "density",
        "multiplex_share",
        "reciprocity",
        "transitivity",
        "degree_centralization",
        "in_degree_centralization",
        "referral_to_specialist_share",
        "governance_meetings_held",
        "referrals_made",
    ],
}
"""Measures whose intervals are drawn; the others stand in the table `changes`."""
METHODS = {
    ChangeMethod.EVENT_BLOCK_BOOTSTRAP: "meetings drawn again",
    ChangeMethod.VERTEX_BOOTSTRAP: "organisations drawn again",
    ChangeMethod.ITS_LEVEL: "step in the monthly series",
}
"""The methods that give an interval of a difference, as people say them."""
DRAWN = tuple(method.value for method in METHODS)
WIDTH, MARGIN = 180, 8
_FIRST = [Trend.IMPROVED, Trend.WORSENED, Trend.UNCLEAR, Trend.UNCHANGED, Trend.NOT_COMPARABLE, HELD_BACK]


@dataclass(frozen=True)
class Difference:
    """One line of a plot: what is compared, the difference with its interval, and where they are drawn."""

    who: str
    before: str
    after: str
    difference: str
    interval: str
    verdict: str
    why: str
    """How it was judged, and the first reason."""
    dot: float | None
    bar: tuple[float, float] | None


@dataclass(frozen=True)
class Panel:
    """All differences of one measure, on one scale."""

    metric: str
    title: str
    zero: float
    lines: list[Difference]


@dataclass(frozen=True)
class Comparison:
    """What was compared: the two phases or slices, as people say them, the levels, and the measures."""

    before: str
    after: str
    phases: bool
    levels: list[Row]
    panels: list[Panel]
    counts: Mapping[str, int]
    """How many differences of levels have each verdict."""


def _pair(published: Published) -> tuple[str, str, bool] | None:
    """The two phases furthest apart that were compared; without phases, the two last slices."""
    phases = list((published.manifest.get("configuration") or {}).get("phases") or {})
    rows = published.rows("changes", "DISTINCT before, after", order="before, after")
    pairs = {(row["before"], row["after"]) for row in rows}
    known = [(a, b) for a, b in pairs if a in phases and b in phases]
    if known:
        one, two = max(known, key=lambda pair: (phases.index(pair[1]) - phases.index(pair[0]), pair))
        return one, two, True
    labels = [each.label for each in published.slices[-2:]]
    return (labels[0], labels[1], False) if len(labels) == 2 and tuple(labels) in pairs else None


def comparison(published: Published) -> Comparison | None:
    """The change between phases, or None if nothing was compared."""
    pair = _pair(published)
    if pair is None:
        return None
    before, after, phases = pair
    where = f"before = {quoted(before)} AND after = {quoted(after)}"
    levels = published.rows("changes", "*", f"{where} AND measure_table = 'indicators'", "metric, entity, method")
    levels.sort(key=lambda row: _FIRST.index(row["verdict"] or HELD_BACK))
    counts = {str(verdict): sum((row["verdict"] or HELD_BACK) == verdict for row in levels) for verdict in VERDICTS}
    return Comparison(published.said(before), published.said(after), phases, levels, _panels(published, where), counts)


def _panels(published: Published, where: str) -> list[Panel]:
    found = []
    for table, metrics in SHOWN_METRICS.items():
        condition = (
            f"{where} AND measure_table = '{table}' AND metric IN {tuple(metrics)!r} "
            f"AND method IN {DRAWN!r} AND entity NOT LIKE '%constant_panel%'"
        )
        rows = [row for row in published.rows("changes", "*", condition) if table != "group_metrics" or _of_peers(row)]
        rows.sort(key=_of_series)
        rows.sort(key=lambda row: metrics.index(row["metric"]))
        for (metric, series), held in groupby(rows, key=lambda row: (str(row["metric"]), _of_series(row))):
            found.append(_panel(metric, series, list(held)))
    return found


def _of_peers(row: Row) -> bool:
    """Whether a group is compared towards its own peers."""
    one, _, two = row["entity"].partition(" / ")
    return bool(one == two)


def _of_series(row: Row) -> bool:
    """Whether a difference is of a monthly series, whose values are no windows'."""
    return bool(row["method"] == ChangeMethod.ITS_LEVEL)


def _panel(metric: str, series: bool, rows: Sequence[Row]) -> Panel:
    ends = [row[name] for row in rows for name in ("difference", "ci_low", "ci_high") if row[name] is not None]
    low, high = min([0.0, *ends]), max([0.0, *ends])
    span = (high - low) or 1.0

    def place(value: float) -> float:
        return round(MARGIN + (WIDTH - 2 * MARGIN) * (value - low) / span, 1)

    title = title_of(metric) + (", month by month" if series else "")
    return Panel(metric, title, place(0.0), [_line(row, unit_of(metric), place) for row in rows])


def _line(row: Row, unit: str, place: Any) -> Difference:
    known = row["ci_low"] is not None and row["ci_high"] is not None
    who = group_said(row["entity"].split(" / ")[0]) if row["measure_table"] == "group_metrics" else ""
    layer = layer_said(row["layer"]) if row["layer"] else ""
    return Difference(
        who or layer or "the network",
        _value(row, "value_before", unit),
        _value(row, "value_after", unit),
        "✱" if row["verdict"] is None else signed(row["difference"], unit),
        _interval(row, unit) if known else "✱" if row["verdict"] is None else "no interval",
        row["verdict"] or HELD_BACK,
        _why(row),
        None if row["difference"] is None else place(row["difference"]),
        (place(row["ci_low"]), place(row["ci_high"])) if known else None,
    )


def _why(row: Row) -> str:
    """The first reason, with the statuses in it in words; how it was judged, if it was."""
    reason = (row["reasons"] or [""])[0]
    for status, (_, said) in STATUSES.items():
        reason = reason.replace(f"({status})", f"({said})")
    return reason if row["verdict"] == Trend.NOT_COMPARABLE else f"{METHODS[row['method']]}: {reason}"


def _value(row: Row, name: str, unit: str) -> str:
    """One side of a comparison; of a row that is held back it is held back too, otherwise there is none."""
    if row[name] is None:
        return "✱" if row["verdict"] is None else "–"
    return number_said(row[name], unit)


def _interval(row: Row, unit: str) -> str:
    low, high = signed(row["ci_low"], unit), signed(row["ci_high"], unit)
    return f"{low.removesuffix(' points')} to {high}"


def signed(value: float | None, unit: str) -> str:
    """A difference with its sign; of shares in percentage points."""
    if value is None:
        return "–"
    text = number_said(abs(value), unit).replace("%", " points")
    return f"{'+' if value > 0 else '−' if value < 0 else '±'}{text}"


def unit_of(metric: str) -> str:
    """A metric's unit from the dictionary."""
    rows = [
        row for row in content()["catalog"] if row["column_or_metric"] == metric and row["type"].startswith("metric")
    ]
    return str(rows[0]["unit"]) if rows else ("share" if metric.endswith("_share") else "")


def title_of(metric: str) -> str:
    """A metric as people say it, for a heading."""
    return TITLES.get(metric, plain(metric))


TITLES = {
    "acq_breadth": "share of the other organisations in which the average member knows a colleague",
    "acq_reach": "share of members who know anybody in another organisation",
    "meet_rate_median": "how often the typical member meets a colleague from elsewhere, a year",
    "meetings_per_person": "meetings with colleagues from elsewhere per person",
    "density": "share of possible ties that are there",
    "multiplex_share": "share of tied pairs with more than one kind of tie",
    "reciprocity": "share of ties that go both ways",
    "transitivity": "share of open triangles that are closed",
    "degree_centralization": "how far ties gather on one organisation",
    "in_degree_centralization": "how far incoming ties gather on one organisation",
    "referral_to_specialist_share": "share of referrals that go to a specialist centre",
    "governance_meetings_held": "governance meetings held",
    "referrals_made": "referrals made",
}
