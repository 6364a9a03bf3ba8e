"""The rules as they are published with a row, read back from its reasons, and held against its evidence."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_RULE = re.compile(r"rule \((\w+)\): (.*)", re.DOTALL)
_GIVES = re.compile(r"(proxy )?level (\d)(?: to (\d))?(?: \(([^)]*)\))?")
_CONDITION = re.compile(r"(\w+) (>=|<=|==|>|<) (\S+)")
COMPLETE = " complete"


@dataclass(frozen=True)
class Condition:
    """A measure against a threshold, or a kind of record that must be known to be complete."""

    measure: str
    operator: str
    threshold: str

    @property
    def of_completeness(self) -> bool:
        """Whether it asks for complete records."""
        return self.measure.endswith(COMPLETE)


@dataclass(frozen=True)
class PublishedRule:
    """One rule: the levels it gives, the conditions of which all or any must hold, and what must be complete."""

    low: int
    high: int
    proxy: bool
    grade: str
    conditions: tuple[Condition, ...]
    any: bool
    complete: tuple[Condition, ...]

    @property
    def wanted(self) -> tuple[Condition, ...]:
        """Everything that the rule looks at."""
        return self.conditions + self.complete


def _rule(text: str) -> PublishedRule:
    given, _, wanted = text.removeprefix("otherwise ").partition(" if ")
    match = _GIVES.fullmatch(given)
    assert match, text
    parts = wanted.split(", with ") if wanted else []
    complete = tuple(Condition(part, "==", "1") for part in parts if part.endswith(COMPLETE))
    stated = next((part for part in parts if not part.endswith(COMPLETE)), "")
    conditions = tuple(Condition(*found) for found in _CONDITION.findall(stated))
    low = int(match[2])
    return PublishedRule(
        low, int(match[3] or low), bool(match[1]), match[4] or "", conditions, " or " in stated, complete
    )


def published_rules(reasons: Sequence[str]) -> dict[str, list[PublishedRule]]:
    """The rules by the kind of evidence that they read: ties, survey, documents."""
    found = [match for reason in reasons if (match := _RULE.fullmatch(reason))]
    return {match[1]: [_rule(part) for part in match[2].split("; ")] for match in found}


@dataclass(frozen=True)
class Evidence:
    """What was found, by condition; None where there was no value."""

    entries: Mapping[Condition, Mapping[str, Any]]

    def met(self, condition: Condition) -> bool | None:
        """Whether a condition is met."""
        found = self.entries.get(condition)
        return None if found is None else found["met"]

    def holds(self, rule: PublishedRule) -> bool:
        """Whether a rule is known to hold."""
        answers = [self.met(condition) is True for condition in rule.conditions]
        held = any(answers) if rule.any else all(answers)
        return held and all(self.met(each) for each in rule.complete)

    def deciding(self, rules: Sequence[PublishedRule]) -> int | None:
        """The place of the first rule that holds; None if the rules gave nothing."""
        for at, rule in enumerate(rules):
            if self.holds(rule):
                return at
            told = [self.met(condition) for condition in rule.conditions]
            refuted = all(each is False for each in told) if rule.any else False in told
            if not refuted:  # it cannot be told whether this one holds
                return None
        return None


def condition_of(entry: Mapping[str, Any]) -> Condition:
    """The condition that a line of evidence is about, as a rule states it."""
    return Condition(entry["measure"], entry["operator"] or "", f"{entry['threshold'] or 0:g}")


def evidence_of(entries: Sequence[Mapping[str, Any]]) -> Evidence:
    """A row's evidence, by condition."""
    return Evidence({condition_of(entry): entry for entry in entries})
