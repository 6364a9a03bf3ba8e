"""Rules of the configuration for splits (`organisations: splits`), matched with the splits that the records hold."""

from collections.abc import Sequence
from datetime import date, timedelta

from orgnet.config.models import Split
from orgnet.errors import InputFault, nearest

Found = tuple[int, str, list[int], list[str]]
"""A split: the number of its event, its organisation, the days of its links, and what it can go on as."""


def match(
    rules: Sequence[Split], found: Sequence[Found], other_way: Sequence[Found], known: Sequence[str]
) -> list[tuple[int, str]]:
    """The event that each rule speaks of, with what it goes on as.

    A rule for a split that is only one when looked at in the other direction is right, and is for another basis.
    Raises InputFault, with every fault, if a rule speaks of what is not there.
    """
    ruled: dict[int, str] = {}
    faults = []
    for number, rule in enumerate(rules, 1):
        try:
            event = _event(rule, found, other_way, known)
            if event is not None and ruled.setdefault(event, rule.goes_on_as) != rule.goes_on_as:
                raise InputFault(f"another rule says that it goes on as {ruled[event]}; keep one of them")
        except InputFault as fault:
            faults.append(f"organisations.splits[{number}]: {rule.organisation}: {fault}")
    if faults:
        raise InputFault(faults)
    return sorted(ruled.items())


def _event(rule: Split, found: Sequence[Found], other_way: Sequence[Found], known: Sequence[str]) -> int | None:
    """The event of a rule; None if it is for the other direction."""
    for name in (rule.organisation, rule.goes_on_as):
        if name not in known:
            raise InputFault(f"found {name!r}, which is no organisation of the records{nearest(name, known)}")
    theirs = [each for each in (*found, *other_way) if each[1] == rule.organisation]
    if not theirs:
        raise InputFault(
            "has no split: the records do not say that several organisations followed it or came before it"
        )
    on_day = [each for each in theirs if rule.on is None or rule.on in _days(each)]
    if not on_day:
        raise InputFault(f"has no split on {rule.on} (it has on: {_listed(theirs)})")
    meant = [each for each in on_day if rule.goes_on_as in each[3]]
    if not meant:
        outcomes = ", ".join(sorted({name for each in on_day for name in each[3]}))
        raise InputFault(f"cannot go on as {rule.goes_on_as} (it can as: {outcomes})")
    used = [each for each in meant if each in found]
    if len(used) > 1:
        raise InputFault(f"has several splits: add which is meant, such as `on: {_days(used[0])[0]}` ({_listed(used)})")
    return used[0][0] if used else None


def _days(split: Found) -> list[date]:
    return [date(1970, 1, 1) + timedelta(days=day) for day in split[2]]


def _listed(splits: Sequence[Found]) -> str:
    return ", ".join(sorted({str(day) for each in splits for day in _days(each)}))
