"""How the report words things: statuses, groups, numbers and days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from orgnet.vocabulary import IndicatorStatus, Status, Trend

GROUPS = {
    "surgeon": "surgeons",
    "nurse": "nurses",
    "radiologist": "radiologists",
    "oncologist": "oncologists",
    "ahp": "allied health professionals",
    "pathologist": "pathologists",
    "manager": "managers",
    "navigator": "navigators",
    "physician": "physicians",
    "gp": "general practitioners",
    "commissioner": "commissioners",
    "patient_rep": "patient representatives",
    "other": "others",
}
LAYERS = {
    "meetings": "meetings",
    "mdt": "MDT meetings",
    "referrals": "referrals",
    "referrals_back": "referrals back",
    "joint_roles": "joint roles",
    "convening": "convening",
    "combined": "all kinds of tie together",
}
STATUSES = {
    Status.OK: ("", "a value"),
    Status.UNDEFINED: ("–", "has no value here"),
    Status.NO_COVERAGE: ("?", "not known: the records are not known to be complete"),
    Status.INSUFFICIENT: ("few", "not told: too few people, organisations or events"),
    Status.NOMINAL: ("†", "from scheduled times, not from who was seen to be there"),
    Status.SUPPRESSED: ("✱", "held back: a small number"),
    Status.ROUNDED: ("≈", "rounded, to protect small numbers"),
    Status.SAMPLED: ("~", "estimated from some of the organisations"),
}
"""Each status with its mark beside or instead of a number, and in words."""
NO_ROW = ("·", "not in the tables")
INDICATOR_STATUSES = {
    IndicatorStatus.ASSESSED: "one level",
    IndicatorStatus.INTERVAL: "between two levels",
    IndicatorStatus.PROXY_ONLY: "only a stand-in measure",
    IndicatorStatus.INSUFFICIENT_DATA: "too few records, or not known to be complete",
    IndicatorStatus.NOT_ASSESSED: "no record that could tell",
    IndicatorStatus.SUPPRESSED: "held back: a small number",
}
HELD_BACK = "held_back"
"""Instead of a verdict, in a copy for sharing: it could tell of a few people."""
VERDICTS: dict[str, tuple[str, str]] = {
    Trend.IMPROVED: ("▲", "improved"),
    Trend.WORSENED: ("▼", "worsened"),
    Trend.UNCHANGED: ("■", "unchanged"),
    Trend.UNCLEAR: ("○", "unclear"),
    Trend.NOT_COMPARABLE: ("×", "cannot be compared"),
    HELD_BACK: ("✱", "held back"),
}


@dataclass(frozen=True)
class Cell:
    """A value as it is shown: its text, what kind of value it is, and the same in words."""

    text: str
    status: str
    said: str
    number: float | None = None


def plain(word: str) -> str:
    """A word of the tables without its underscores."""
    return word.replace("_", " ")


def group_said(group: str) -> str:
    """A professional group, as people say it."""
    return GROUPS.get(group, plain(group))


def layer_said(layer: str) -> str:
    """A kind of tie, as people say it."""
    return LAYERS.get(layer, plain(layer))


def capital(text: str) -> str:
    """A text that begins a line."""
    return text[:1].upper() + text[1:]


def listed(names: Sequence[str], at_most: int = 12) -> str:
    """Names as a list in a sentence; a long one by its first names and how many more there are."""
    if len(names) > at_most:
        return f"{', '.join(names[:at_most])} and {len(names) - at_most} more"
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def number_said(value: float, unit: str = "") -> str:
    """A number with as many digits as tell something: shares in per cent."""
    if unit.startswith("share"):
        percent = 100 * value
        return f"{percent:.0f}%" if percent == round(percent) or abs(percent) >= 10 else f"{percent:.1f}%"
    if value == int(value) and abs(value) < 1e12:
        return f"{int(value):,}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def cell(value: Any, status: str | None, unit: str = "", shared: bool = False) -> Cell:
    """What stands in a table for a value: a number, or the mark that says why there is none. Never a zero for no record."""
    if value is None:
        if status in (None, Status.OK, Status.ROUNDED, Status.NOMINAL, Status.SAMPLED):
            status = Status.SUPPRESSED if shared else None
        mark, said = STATUSES[Status(status)] if status else NO_ROW
        return Cell(mark, status or "no_row", said)
    mark, said = STATUSES[Status(status or Status.OK)]
    text = number_said(float(value), unit)
    return Cell(f"{mark}{text}" if mark != "†" else f"{text}†", status or "ok", said if mark else "", float(value))


def level_text(row: dict[str, Any]) -> str:
    """A level, an interval or a stand-in, in a few signs."""
    low, high = row["level_lo"], row["level_hi"]
    if row["level"] is not None:
        return str(row["level"])
    if low is not None and high is not None:
        return f"{low} to {high}"
    if row["proxy_level"] is not None:
        return f"stand-in {row['proxy_level']}"
    held = row["status"] in (IndicatorStatus.SUPPRESSED, IndicatorStatus.ASSESSED, IndicatorStatus.INTERVAL)
    return "✱ held back" if held else "not known"


def day_said(day: date) -> str:
    """A day as it is written in a letter."""
    return f"{day.day} {day:%B %Y}"


def months_said(label: str, start: date, end: date) -> str:
    """A slice as people say it: its own label where that is of the calendar, or else its months or its days."""
    if "/" not in label:
        return label
    last = end - timedelta(days=1)
    if start.day == 1 and end.day == 1:
        year = f" {start.year}" if start.year != last.year else ""
        first = f"{start:%b}{year}–" if (start.year, start.month) != (last.year, last.month) else ""
        return f"{first}{last:%b %Y}"
    return f"{start.day} {start:%b %Y}–{last.day} {last:%b %Y}"
