"""What was done to make a copy, in lines."""

from collections.abc import Iterator

from orgnet.disclosure.rules import DisclosureRule
from orgnet.disclosure.share import Shared

_WHY = {
    DisclosureRule.FEW_PEOPLE: "over few people",
    DisclosureRule.SMALL_NUMBER: "small numbers of people",
    DisclosureRule.SMALL_PART: "shares of which one part is a few people",
    DisclosureRule.PEOPLE_UNKNOWN: "over a number of people that is not known",
    DisclosureRule.NOT_DECLARED: "of measures of which it is not known whether they are of people",
    DisclosureRule.BY_SUBTRACTION: "larger, but would give a small one away by subtraction",
    DisclosureRule.OVERLAPPING_WINDOWS: "larger, but would show by how few people two slices differ",
    DisclosureRule.FOLLOWS: "made from what is withheld elsewhere",
}


def tell_shared(shared: Shared, where: str) -> Iterator[str]:
    """What was withheld, by which rule, and what to do next."""
    profile = shared.profile
    if not profile.protects:
        yield f"profile {profile.name}: nothing is withheld or rounded; it is for the controller's own secure use only"
    else:
        to = f", others rounded to the nearest {profile.round_to}" if profile.round_to > 1 else ""
        yield f"profile {profile.name}: 1 to {profile.withhold_up_to} people withheld{to} ({profile.source})"
    withheld = sum(n for rule, n in shared.rules.items() if rule != DisclosureRule.ROUNDED)
    yield f"values: {withheld:,} withheld, {shared.rules.get(DisclosureRule.ROUNDED, 0):,} rounded"
    yield from (f"  {shared.rules[rule]:,} {words}" for rule, words in _WHY.items() if rule in shared.rules)
    yield f"tables: {len(shared.rows)}, {sum(shared.rows.values()):,} rows; what was done to each is in `disclosure`"
    yield f"the copy: {where}"
    yield f"try to break it: orgnet check-disclosure {where}"
