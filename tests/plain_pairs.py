"""Histories of pairs and turnover of ties, once more in plain Python: every window afresh from the rows as written."""

from collections.abc import Iterator
from datetime import date
from itertools import combinations, permutations
from math import nan

from orgnet.vocabulary import DIRECTED_LAYERS
from tests.networks import Network
from tests.plain import Plain, Window

COMBINED = ("meetings", "mdt", "referrals", "referrals_back", "joint_roles")


def _share(part: int, whole: int) -> float:
    return part / whole if whole else nan


class PlainPairs:
    """A network of records, read naively."""

    def __init__(self, made: Network) -> None:
        self.network, self.plain = made, Plain(made)
        self.windows = self.plain.windows
        self.ties = [self.plain.ties(window) for window in self.windows]

    def events(self, layer: str) -> Iterator[tuple[str, date]]:
        """Every event of a layer: "A B" and the day. A joint role counts on each slice's last day while held."""
        if layer == "combined":
            for part in COMBINED:
                yield from ((" ".join(sorted(ends.split())), day) for ends, day in self.events(part))
        elif layer == "joint_roles":
            for window, ties in zip(self.windows, self.ties, strict=True):
                for ends in ties["joint_roles"]:
                    yield ends, window.last
        else:
            yield from ((" ".join(event.ends), event.day) for event in self.plain._tie_events[layer])

    def first_days(self, layer: str) -> dict[str, date]:
        if layer in ("joint_roles", "combined"):
            known: dict[str, date] = {}
            for part in COMBINED if layer == "combined" else ():
                for ends, day in self.first_days(part).items():
                    key = " ".join(sorted(ends.split()))
                    known[key] = min(known.get(key, day), day)
            for ties in self.ties if layer == "joint_roles" else ():
                for ends, tie in ties[layer].items():
                    day = date.fromisoformat(tie.first)
                    known[ends] = min(known.get(ends, day), day)
            return known
        found: dict[str, date] = {}
        for ends, day in self.events(layer):
            if self.windows[0].start <= day < self.windows[-1].end:
                found[ends] = min(found.get(ends, day), day)
        return found

    def histories(self, layer: str) -> Iterator[dict[str, dict[str, float]]]:
        """Per slice, the metrics of each pair that is tied."""
        events, first_days = list(self.events(layer)), self.first_days(layer)
        for window, ties in zip(self.windows, self.ties, strict=True):
            touched = [w for w in self.windows if w.start < window.end and w.end > window.first]
            days: dict[str, list[date]] = {}
            for ends, day in events:
                if window.first <= day < window.end:
                    days.setdefault(ends, []).append(day)
            tied = ties[layer]
            yield {
                "days_since_first": {e: (window.end - date.fromisoformat(tie.first)).days for e, tie in tied.items()},
                "recency": {e: (window.end - date.fromisoformat(tie.last)).days for e, tie in tied.items()},
                "age": {e: (window.end - first_days[e]).days for e in tied},
                "persistence": {
                    e: sum(any(w.start <= day < w.end for day in days[e]) for w in touched) / len(touched) for e in tied
                },
            }

    def _before(self, window: Window) -> int | None:
        earlier = [number for number, w in enumerate(self.windows) if w.end <= window.first]
        return earlier[-1] if earlier else None

    def turnover(self, layer: str, rosters: list[set[str]]) -> list[dict[str, float]]:
        """Per slice, the metrics of turnover among the organisations on both slices' rosters."""
        found = []
        for number, window in enumerate(self.windows):
            before = self._before(window)
            if before is None:
                found.append(dict.fromkeys(("persistence_jaccard", "tie_retention", "tie_formation"), nan))
                continue
            both = sorted(rosters[number] & rosters[before])
            possible = (permutations if layer in DIRECTED_LAYERS else combinations)(both, 2)
            pairs = {" ".join(ends) for ends in possible}
            now, then = pairs & set(self.ties[number][layer]), pairs & set(self.ties[before][layer])
            found.append(
                {
                    "persistence_jaccard": _share(len(now & then), len(now | then)),
                    "tie_retention": _share(len(now & then), len(then)),
                    "tie_formation": _share(len(now - then), len(pairs - then)),
                }
            )
        return found
