"""The whole attack."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from orgnet.attack.bounds import attack_sums
from orgnet.attack.copy import Copy, Finding, open_copy
from orgnet.attack.equations import System, systems
from orgnet.attack.over_time import attack_over_time
from orgnet.attack.shown import attack_shown
from orgnet.attack.totals import attack_totals


@dataclass(frozen=True)
class Attacked:
    """What came of an attack on a copy: by which rule it is protected, how much was tried, and what was found."""

    profile: str
    small: int
    sums: int
    withheld: int
    findings: Sequence[Finding]

    def told(self) -> Iterator[str]:
        """The outcome in lines."""
        if not self.small:
            yield f"profile {self.profile}: nothing in this copy is protected, so there is nothing to attack; do not share it"
            return
        yield (
            f"attacked: {self.withheld:,} withheld numbers of people in {self.sums:,} sums across tables, slices and windows; "
            "every number, share and reason that is shown; sums and means of what is withheld over few people"
        )
        yield from (str(finding) for finding in self.findings)
        yield f"found: {len(self.findings) or 'nothing'}{' that must not leave' if self.findings else ''}"


def attack(folder: Path) -> Attacked:
    """Everything that a copy gives away, as far as these attacks go. Raises InputFault if the folder holds no copy."""
    copy = open_copy(folder)
    if not copy.small:
        return Attacked(copy.profile, 0, 0, 0, [])
    found = list(systems(copy))
    sums = sum(len(system.sums) for system in found)
    return Attacked(copy.profile, copy.small, sums, sum(len(s.withheld) for s in found), list(_attacks(copy, found)))


def _attacks(copy: Copy, found: Sequence[System]) -> Iterator[Finding]:
    yield from attack_shown(copy)
    yield from attack_over_time(copy)
    yield from attack_totals(copy)
    for system in found:
        yield from attack_sums(system, copy.small)
