"""What the page's words mean: only those that it uses, gathered while it is written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup, escape

from orgnet.dictionary import content
from orgnet.report.words import plain

SERIES = {
    "governance_meetings_held": "Governance meetings in a month that people from two providers or more attended.",
    "referrals_made": "Referrals in a month between organisations, forward and back, not revoked.",
}
"""Measures of the short series in the table `activity` that the dictionary of metrics does not hold."""


@dataclass(frozen=True)
class Definition:
    """One entry: its name, a heading, and facts in order."""

    name: str
    title: str
    facts: list[tuple[str, str]]


@dataclass
class Definitions:
    """The entries asked for so far, in the order in which the page first uses them."""

    used: dict[str, Definition] = field(default_factory=dict)

    def term(self, name: str, label: str | None = None) -> Markup:
        """A button that opens a definition, with the word that it defines."""
        if name not in self.used:
            self.used[name] = define(name)
        shown = plain(name) if label is None else label
        return Markup(
            '<button type="button" class="def" data-def="{}" aria-haspopup="dialog">{}'
            '<span class="sr">, what it means</span></button>'
        ).format(name, escape(shown))


def define(name: str) -> Definition:
    """A metric, an indicator, or a column, from the data dictionary. Raises KeyError if it is none of them."""
    if name in content()["indicators"]:
        return _indicator(name, content()["indicators"][name])
    rows = [row for row in content()["catalog"] if row["column_or_metric"] == name]
    if not rows:
        return Definition(name, plain(name), _facts(means=SERIES[name]))
    metrics = [row for row in rows if row["type"].startswith("metric")]
    return _entry(name, (metrics or rows)[0])


def _facts(**facts: Any) -> list[tuple[str, str]]:
    return [(plain(name).capitalize(), str(value)) for name, value in facts.items() if value]


def _indicator(name: str, entry: Mapping[str, Any]) -> Definition:
    facts = _facts(
        means=entry["rationale"],
        dimension=plain(entry["dimension"]),
        what_ties_can_say=entry["evidence"],
        given_to=entry["scope"],
        records_it_needs=", ".join(map(plain, entry["needs"])),
        rules_that_come_with_orgnet="; ".join(entry["rules"]),
        model="D'Amour et al. 2008, BMC Health Services Research 8:188",
    )
    return Definition(name, entry["label"], facts)


def _entry(name: str, row: Mapping[str, Any]) -> Definition:
    low, high = row["minimum"], row["maximum"]
    span = "" if low is None and high is None else f"{_end(low)} to {_end(high)}"
    facts = _facts(
        means=row["meaning"],
        formula=row["formula"],
        unit=row["unit"],
        range=span,
        no_value_when=row["undefined_when"],
        source=row["reference"],
    )
    return Definition(name, plain(name), facts)


def _end(value: float | None) -> str:
    return "no limit" if value is None else f"{value:g}"
