"""What was looked at, by the kind of evidence, with a number for each condition that rules can then be told by."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from orgnet.explain.published import (
    COMPLETE,
    Condition,
    Evidence,
    PublishedRule,
    condition_of,
    evidence_of,
    published_rules,
)
from orgnet.explain.words import counted, levels_said, meaning_of, unit_of, value_said, wanted_said
from orgnet.indicators.measures import DOCUMENT_MEASURES, SURVEY_MEASURES
from orgnet.vocabulary import Basis, RecordKind, ScopeType

Row = Mapping[str, Any]
Entry = Mapping[str, Any]
OF_GROUP, CODED, RESAMPLED = "level of ", "coded level", "p_l"
_TITLES = {
    Basis.TIES.value: "What the records show",
    OF_GROUP: "What the professional groups are at",
    Basis.SURVEY.value: "What people answered",
    Basis.DOCUMENTS.value: "What documents show",
    Basis.CODED.value: "What researchers coded",
}
_NAMED = {"ties": "ties", "survey": "the survey", "documents": "the documents"}


def kind_of(entry: Entry) -> str | None:
    """The kind of evidence that a line belongs to; None for what is only shown beside."""
    measure = entry["measure"]
    if entry["threshold"] is None:
        return None
    if measure.startswith(OF_GROUP):
        return OF_GROUP
    if measure.startswith(CODED):
        return Basis.CODED.value
    if measure in SURVEY_MEASURES:
        return Basis.SURVEY.value
    if measure in DOCUMENT_MEASURES or measure == RecordKind.DOCUMENTS.value + COMPLETE:
        return Basis.DOCUMENTS.value
    return Basis.TIES.value


@dataclass(frozen=True)
class Section:
    """The lines of one kind of evidence, and the rules that read them; conditions are numbered from `first`."""

    kind: str
    scope_type: str
    entries: Sequence[Entry]
    rules: Sequence[PublishedRule]
    first: int
    several: bool

    @property
    def evidence(self) -> Evidence:
        """What was found."""
        return evidence_of(self.entries)

    @property
    def named(self) -> str:
        """Which evidence the rules read, where there is more than one kind."""
        return f" ({_NAMED[self.kind]})" if self.several and self.kind in _NAMED else ""

    @property
    def outcome(self) -> tuple[int, int] | None:
        """The lowest and the highest level that this evidence allows; None if it gives none."""
        at = self.evidence.deciding(self.rules)
        if at is None or self.rules[at].proxy:
            return None
        return self.rules[at].low, self.rules[at].high

    def numbered(self, conditions: Sequence[Condition]) -> list[int]:
        """The numbers of conditions."""
        all_of_them = [condition_of(entry) for entry in self.entries]
        return [self.first + all_of_them.index(each) for each in conditions if each in all_of_them]

    def lines(self) -> Iterator[str]:
        """The section as text: each measure once, below it each of its conditions by number."""
        yield f"{_TITLES[self.kind]}{self._behind()}"
        told = ""
        for number, entry in enumerate(self.entries, self.first):
            measure = entry["measure"]
            if self.kind in (OF_GROUP, Basis.CODED.value):
                yield _plain(entry)
                continue
            if measure != told:
                yield f"  {self._found(measure)}"
            told = measure
            met = {True: "met", False: "not met", None: "cannot be told"}[entry["met"]]
            yield f"    {number}  {self._wanted(entry)}: {met}"

    def unit(self, measure: str) -> str:
        """The unit of one of the measures."""
        return unit_of(measure, self.scope_type)

    def value(self, measure: str) -> str:
        """What was found of a measure, with its unit."""
        entries = [entry for entry in self.entries if entry["measure"] == measure]
        value = entries[0]["value"]
        if value is None:
            return "no value"
        if measure.endswith(COMPLETE):
            return "yes" if value else "no"
        return value_said(value, self.unit(measure), [exact(entry) for entry in entries])

    def _found(self, measure: str) -> str:
        name = "" if measure.endswith(COMPLETE) else f" [{measure}]"
        return f"{meaning_of(measure, self.scope_type)}{name}: {self.value(measure)}"

    def _wanted(self, entry: Entry) -> str:
        """What a condition asks for, and for which level."""
        of = [rule for rule in self.rules if condition_of(entry) in rule.wanted]
        if entry["measure"].endswith(COMPLETE):
            return f"{outcome_said(of[0])} takes it" if of else "wanted where nothing is found"
        wanted = wanted_said(exact(entry), self.unit(entry["measure"]))
        return f"{outcome_said(of[0])} takes {wanted}" if of else f"against {wanted}"

    def _behind(self) -> str:
        entry = self.entries[0]
        if self.kind == OF_GROUP:
            return ""
        people = self.kind == Basis.SURVEY.value or (
            self.kind == Basis.TIES.value
            and self.scope_type in (ScopeType.GROUP, ScopeType.PATHWAY, ScopeType.ORGANISATION)
        )
        word = "passage" if self.kind == Basis.CODED.value else "person" if people else "organisation"
        if entry["coverage"] is None:
            covered = ""
        elif self.kind == Basis.SURVEY.value:
            covered = f"; {entry['coverage']:.0%} of those asked"
        elif self.scope_type == ScopeType.ORGANISATION:
            covered = f"; its own records {'' if entry['coverage'] == 1 else 'not '}known to be complete"
        else:
            covered = f"; records known to be complete for {entry['coverage']:.0%} of providers"
        return f" ({counted(entry['n'], word)}{covered})"


def _plain(entry: Entry) -> str:
    name = entry["measure"].removeprefix(OF_GROUP)
    level = "no level" if entry["value"] is None else levels_said(int(entry["value"]), int(entry["value"]))
    word = "person" if entry["measure"].startswith(OF_GROUP) else "passage"
    return f"  {name}: {level} ({counted(entry['n'], word)})"


def exact(entry: Entry) -> Condition:
    """The condition of a line of evidence, with its threshold to the last digit."""
    return Condition(entry["measure"], entry["operator"], repr(entry["threshold"]))


def outcome_said(rule: PublishedRule) -> str:
    """What a rule gives, in short: `level 2 to 3`."""
    levels = f"level {rule.low}" if rule.low == rule.high else f"level {rule.low} to {rule.high}"
    return f"a stand-in for {levels}" if rule.proxy else levels


def sections(row: Row) -> list[Section]:
    """A row's evidence by kind, in the order in which it was looked at."""
    rules = published_rules(row["reasons"])
    by_kind: dict[str, list[Entry]] = {}
    for entry in row["evidence"]:
        kind = kind_of(entry)
        if kind is not None:
            by_kind.setdefault(kind, []).append(entry)
    found, first = [], 1
    for kind, unordered in by_kind.items():
        entries = _together(unordered)
        found.append(Section(kind, row["scope_type"], entries, rules.get(kind, []), first, len(by_kind) > 1))
        first += len(entries)
    return found


def _together(entries: list[Entry]) -> list[Entry]:
    """The lines of one measure below each other, measures in the order in which they first appear."""
    order = list(dict.fromkeys(entry["measure"] for entry in entries))
    return sorted(entries, key=lambda entry: order.index(entry["measure"]))


def shown_beside(row: Row) -> Iterator[str]:
    """Measures that decide nothing here."""
    for entry in row["evidence"]:
        if kind_of(entry) is None and entry["value"] is not None and entry not in resampled(row):
            measure, scope = entry["measure"], row["scope_type"]
            said = value_said(entry["value"], unit_of(measure, scope))
            yield f"{meaning_of(measure, scope)} [{measure}]: {said}; it decides nothing here."


def resampled(row: Row) -> list[Entry]:
    """The share of resamples at each level, where they were drawn."""
    return [entry for entry in row["evidence"] if entry["measure"].startswith(RESAMPLED) and entry["threshold"] is None]
