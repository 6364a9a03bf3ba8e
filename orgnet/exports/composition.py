"""When organisations come and go, in waves: 1 is the first wave, 1.5 half way to the second."""

from orgnet.exports.published import Network, Slice


def _half_way(network: Network, before: Slice, after: Slice) -> float:
    """The time in waves that lies half way between the ends of two slices; the first wave is 1."""
    day = (before.end.toordinal() + after.end.toordinal()) / 2
    ends = [at.end.toordinal() for at in network.slices]
    wave = max(number for number, end in enumerate(ends) if end <= day)
    return round(wave + 1 + (day - ends[wave]) / (ends[wave + 1] - ends[wave]), 4)


def _change(network: Network, name: str, numbers: tuple[int, int], joins: bool) -> float:
    """When, between two waves, an organisation comes or goes: half way between two slices, or exactly as published."""
    first, last = (network.all_slices.index(network.slices[number]) for number in numbers)
    between = network.all_slices[first : last + 1]
    there = [name in network.rosters[at.label] for at in between]
    place = len(there) - there[::-1].index(False) if joins else there.index(False)
    return _half_way(network, between[place - 1], between[place])


def intervals(network: Network, name: str) -> list[float]:
    """When an organisation is in the network, in waves: from, to, from, to.

    Between two waves in both of which it is there, it counts as there.
    """
    there = [name in network.rosters[at.label] for at in network.slices]
    found: list[float] = []
    for number, now in enumerate(there):
        if now and (number == 0 or not there[number - 1]):
            found.append(_change(network, name, (number - 1, number), True) if number else 1)
        if now and (number == len(there) - 1 or not there[number + 1]):
            last = number == len(there) - 1
            found.append(number + 1 if last else _change(network, name, (number, number + 1), False))
    return found
