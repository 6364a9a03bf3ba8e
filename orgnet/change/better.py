"""Which way is better, and which tests belong together: read from the indicators' declared rules.

A metric has no better or worse of its own: a denser network is not a better one. What the file of thresholds says of it
has: a measure that the highest level asks to be at least something is better higher, one that it asks to be at most
something is better lower. `better` in that file says so of further metrics.
"""

from orgnet.indicators.damour import Condition, Damour, Declared, Rule
from orgnet.vocabulary import Indicator

HIGHER, LOWER = 1, -1
COMPANIONS = {
    "acq_density": Indicator.ACQUAINT,
    "acq_reach": Indicator.ACQUAINT,
    "meetings_per_person": Indicator.ACQUAINT,
}
"""Metrics that no rule names, but that say the same as one that a rule does."""
_DIRECTION = {">=": HIGHER, ">": HIGHER, "<=": LOWER, "<": LOWER}


def _top_conditions(declared: Declared) -> list[Condition]:
    """The conditions of the rule that gives the most."""

    def most(rule: Rule) -> tuple[int, int]:
        low, high = (rule.proxy, rule.proxy) if rule.proxy is not None else rule.bounds
        return high, low

    best = max(declared.rules, key=most, default=None)
    return [] if best is None else list(best.conditions)


def directions(damour: Damour) -> dict[str, int]:
    """+1 for each metric that is better higher, -1 for each that is better lower; others are neither."""
    found = {}
    for declared in damour.indicators.values():
        for condition in _top_conditions(declared):
            if condition.operator in _DIRECTION:
                found[condition.measure] = _DIRECTION[condition.operator]
    named = {**dict.fromkeys(damour.better.higher, HIGHER), **dict.fromkeys(damour.better.lower, LOWER)}
    return found | named


def families(damour: Damour) -> dict[str, str]:
    """The indicator whose rules or context each metric stands in: tests about one indicator are one family."""
    found = {metric: indicator.value for metric, indicator in COMPANIONS.items()}
    for name, declared in damour.indicators.items():
        for rule in declared.rules:
            for condition in rule.conditions:
                found.setdefault(condition.measure, name.value)
    return found
