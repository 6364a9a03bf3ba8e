"""The definitions once more, in plain Python: slow, and nothing kept from one window to the next.

Days are dates, times are datetimes, people and organisations are their own identifiers. Everything is worked out afresh
for every slice, from the rows as they were written. Nothing of orgnet is used but the configuration's settings.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from functools import cached_property
from itertools import combinations
from math import ceil, nan
from statistics import mean, median, median_low
from typing import NamedTuple

from tests.networks import Network, Row, Tie, day_of, months_before

GOVERNANCE = {"pathway_board", "technical_group", "working_group", "learning", "board"}
MDT = {"smdt", "local_mdt"}
LENGTHS = {"month": 1, "quarter": 3, "year": 12}


class Window(NamedTuple):
    """A slice's last day and the days of its window, `first` up to but not including `end`."""

    start: date
    end: date
    first: date
    whole: bool

    @property
    def last(self) -> date:
        return self.end - timedelta(days=1)


class Meet(NamedTuple):
    """Two people of different organisations listed at one meeting. `one` comes first in the alphabet."""

    one: str
    two: str
    meeting: str
    day: date
    met: bool
    nominal: bool
    seconds: float | None
    duration: float | None


@dataclass(frozen=True)
class Stays:
    """One person at one meeting: pieces of (from, to, nominal), what they stood for, and as what."""

    pieces: list[tuple[datetime | None, datetime | None, bool]]
    organisations: frozenset[str]
    group: str | None


class TieEvent(NamedTuple):
    """One occasion that ties two organisations: when, how strongly, how many records it stands for, and by whom."""

    ends: tuple[str, str]
    day: date
    weight: float
    occasion: str
    n: int
    people: set[str]


def _moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if len(text) > 10 else None


def _unbroken(pieces: list[tuple[datetime | None, datetime | None, bool]]) -> list:
    """Pieces that overlap are one stay."""
    whole: list[tuple[datetime | None, datetime | None, bool]] = []
    for begin, end, nominal in sorted(pieces, key=lambda p: (p[0] or datetime.min, p[1] or datetime.min)):
        if whole and begin and end and whole[-1][0] and whole[-1][1] and begin <= whole[-1][1]:
            whole[-1] = (whole[-1][0], max(end, whole[-1][1]), nominal or whole[-1][2])
        else:
            whole.append((begin, end, nominal))
    return whole


@dataclass(frozen=True)
class Plain:
    """A network of records, read naively."""

    network: Network

    def _rows(self, kind: str) -> list[Row]:
        return self.network.rows.get(kind, [])

    @property
    def rules(self):
        return self.network.config.ties

    @cached_property
    def length(self) -> int:
        """The window's length in months."""
        number, unit = self.network.config.slices.window.split()
        return int(number) * LENGTHS[unit.rstrip("s")]

    @cached_property
    def windows(self) -> list[Window]:
        """Slices from the period's start to its end, the last one cut."""
        period, every = self.network.config.period, LENGTHS[self.network.config.slices.every]
        found, start = [], period.start
        assert start.day == 1
        while start < period.end:
            end = min(months_before(start, -every), period.end)
            reach = months_before(end, self.length)
            found.append(Window(start, end, max(reach, period.start), reach >= period.start))
            start = end
        return found

    # --- people, organisations and meetings -------------------------------------------------------------

    @cached_property
    def groups(self) -> list[str]:
        return self.network.config.professional_groups

    def posts(self, day: date) -> list[Row]:
        """The posts held on a day, of everyone."""
        return [
            row
            for row in self._rows("people")
            if (not row.get("start") or day_of(row["start"]) <= day)
            and (not row.get("end") or day < day_of(row["end"]))
        ]

    def employers(self, day: date) -> dict[str, set[str]]:
        """The organisations that each person holds any post in on a day."""
        found: dict[str, set[str]] = defaultdict(set)
        for post in self.posts(day):
            found[post["person_id"]].add(post["org_id"])
        return found

    def providers(self, window: Window) -> int:
        """How many providers exist on any day of a slice; all organisations if none is a provider."""
        there = [
            row
            for row in self._rows("organisations")
            if (not row.get("valid_from") or day_of(row["valid_from"]) < window.end)
            and (not row.get("valid_to") or day_of(row["valid_to"]) > window.start)
        ]
        return sum(row["kind"] == "provider" for row in there) or len(there)

    @cached_property
    def meetings(self) -> dict[str, Row]:
        """The meetings that were held."""
        return {row["meeting_id"]: row for row in self._rows("meetings") if row.get("status", "") != "cancelled"}

    @cached_property
    def present(self) -> dict[str, dict[str, Stays]]:
        """Who attended each meeting."""
        pieces: dict[tuple[str, str], list] = defaultdict(list)
        stated: dict[tuple[str, str], str] = {}
        for row in self._rows("attendance"):
            if row["meeting_id"] not in self.meetings or row.get("status", "") not in ("", "attended"):
                continue
            meeting, key = self.meetings[row["meeting_id"]], (row["meeting_id"], row["person_id"])
            join, leave = row.get("join") or "", row.get("leave") or ""
            begin, end = _moment(join or meeting["start"]), _moment(leave or meeting.get("end") or "")
            pieces[key].append((begin, end, not (join and leave)))
            stated[key] = row.get("org_id") or ""
        found: dict[str, dict[str, Stays]] = defaultdict(dict)
        for (meeting_id, person), stays in pieces.items():
            held = [p for p in self.posts(day_of(self.meetings[meeting_id]["start"])) if p["person_id"] == person]
            org = stated[meeting_id, person]
            orgs = frozenset([org] if org else [post["org_id"] for post in held])
            groups = {post["group"] for post in held if post["org_id"] == org} or {post["group"] for post in held}
            assert orgs and len(groups) <= 1
            found[meeting_id][person] = Stays(_unbroken(stays), orgs, min(groups, default=None))
        return found

    def _meet(self, meeting_id: str, one: str, two: str) -> Meet:
        meeting, there = self.meetings[meeting_id], self.present[meeting_id]
        together, known, nominal = 0.0, True, False
        for begin, end, guessed in there[one].pieces:
            for other_begin, other_end, other_guessed in there[two].pieces:
                nominal = nominal or guessed or other_guessed
                if begin and end and other_begin and other_end:
                    shared = min(end, other_end) - max(begin, other_begin)
                    together += max(0.0, shared.total_seconds())
                else:
                    known = False
        met = not known or (together > 0 and together >= self.rules.min_overlap_minutes * 60)
        start, end = _moment(meeting["start"]), _moment(meeting.get("end") or "")
        duration = (end - start).total_seconds() if start and end else None
        day = day_of(meeting["start"])
        return Meet(one, two, meeting_id, day, met, nominal, together if known else None, duration)

    @cached_property
    def everyone(self) -> list[Meet]:
        """Every pair of people at every meeting."""
        return [
            self._meet(meeting, one, two)
            for meeting, there in self.present.items()
            for one, two in combinations(sorted(there), 2)
        ]

    def stood_for(self, meeting: str, person: str) -> frozenset[str]:
        return self.present[meeting][person].organisations

    def apart(self, meet: Meet) -> bool:
        """Whether the two stood for different organisations; those of several must share none."""
        return not self.stood_for(meet.meeting, meet.one) & self.stood_for(meet.meeting, meet.two)

    # --- professional groups ----------------------------------------------------------------------------

    def contacts(self, g: str, h: str) -> list[Meet]:
        """Pairs across organisations listed at one meeting, `one` of group g and `two` of group h."""
        found = []
        for meet in filter(self.apart, self.everyone):
            there = self.present[meet.meeting]
            if (there[meet.one].group, there[meet.two].group) == (g, h):
                found.append(meet)
            elif (there[meet.two].group, there[meet.one].group) == (g, h):
                found.append(meet._replace(one=meet.two, two=meet.one))
        return found

    def measured(self, g: str, h: str) -> list[dict[str, float]]:
        """Every group metric of group g towards group h, slice by slice."""
        contacts = self.contacts(g, h)
        return [self._measured(g, h, window, contacts) for window in self.windows]

    def _measured(self, g: str, h: str, window: Window, contacts: list[Meet]) -> dict[str, float]:
        listed = [meet for meet in contacts if window.first <= meet.day < window.end]
        met = [meet for meet in listed if meet.met]
        if g == h:
            met += [meet._replace(one=meet.two, two=meet.one) for meet in met]
        return (
            self._acquaintance(g, h, window, met)
            | self._opportunities(g, h, window, met)
            | {
                "familiarity": self._familiarity(g, h, met, contacts),
                "copresence_ratio": self._copresence(listed),
            }
        )

    def _acquaintance(self, g: str, h: str, window: Window, met: list[Meet]) -> dict[str, float]:
        posts, employers = self.posts(window.last), self.employers(window.last)
        mine = sorted({post["person_id"] for post in posts if post["group"] == g})
        theirs = sorted({post["person_id"] for post in posts if post["group"] == h})
        seats: dict[str, set[str]] = defaultdict(set)
        for post in posts:
            if post["group"] == h:
                seats[post["org_id"]].add(post["person_id"])
        times = Counter((meet.one, meet.two) for meet in met)
        possible = [(p, q) for p in mine for q in theirs if not employers[p] & employers[q]]
        known = {pair for pair in possible if times[pair] >= self.rules.acquainted_after}
        breadths, rates = [], []
        for p in mine:
            reachable = set(seats) - employers[p]
            reached = {o for o in reachable if any((p, q) in known for q in seats[o])}
            if reachable:
                breadths.append(len(reached) / len(reachable))
            rates.append(len({meet.meeting for meet in met if meet.one == p}) / (self.length / 12))
        return {
            "acq_density": len(known) / len(possible) if possible else nan,
            "acq_breadth": mean(breadths) if breadths else nan,
            "acq_reach": sum(any((p, q) in known for q in theirs) for p in mine) / len(mine) if mine else nan,
            "meet_rate_median": median(rates) if rates else nan,
            "meetings_per_person": mean(rates) * (self.length / 12) if rates else nan,
        }

    def _opportunities(self, g: str, h: str, window: Window, met: list[Meet]) -> dict[str, float]:
        years = self.length / 12
        enough = max(2, ceil(Fraction(str(self.rules.opportunity_share)) * self.providers(window)))
        # Who stands for several organisations at once is counted for the first of them.
        gathered: dict[str, set[str]] = defaultdict(set)
        seen: dict[str, set[str]] = defaultdict(set)
        for meet in met:
            seen[meet.meeting].add(min(self.stood_for(meet.meeting, meet.one)))
            gathered[meet.meeting] |= {min(self.stood_for(meet.meeting, person)) for person in (meet.one, meet.two)}
        great = {meeting for meeting, orgs in gathered.items() if len(orgs) >= enough}
        quarters, end = [], window.end
        while end > window.first:
            first = max(months_before(window.end, 3 * (len(quarters) + 1)), window.first)
            quarters.append(any(first <= day_of(self.meetings[m]["start"]) < end for m in great))
            end = first
        series: dict[str, list[int]] = defaultdict(list)
        for meeting, orgs in gathered.items():
            series[self.meetings[meeting].get("series_id") or meeting].append(len(orgs))
        standing = [
            name
            for name, sizes in series.items()
            if len(sizes) >= self.rules.standing_meetings_per_year * years
            and median_low(sizes) >= self.rules.standing_organisations
        ]
        staffed = {post["org_id"] for post in self.posts(window.last) if post["group"] == g}
        represented = {org for meeting in great for org in seen[meeting]} & staffed
        return {
            "opp_events": len(great) / years,
            "opp_regularity": sum(quarters) / len(quarters),
            "venues_any": len(series),
            "venues_standing": len(standing),
            "venue_org_coverage": len(represented) / len(staffed) if staffed else nan,
        }

    def _familiarity(self, g: str, h: str, met: list[Meet], contacts: list[Meet]) -> float:
        before: dict[str, list[int]] = defaultdict(list)
        for meet in met:
            if g == h and meet.one > meet.two:
                continue  # each pair once
            since = months_before(meet.day, self.length)
            earlier = [
                other
                for other in contacts
                if other.met and (other.one, other.two) == (meet.one, meet.two) and since <= other.day < meet.day
            ]
            before[meet.meeting].append(len(earlier))
        return mean(mean(counts) for counts in before.values()) if before else nan

    @staticmethod
    def _copresence(listed: list[Meet]) -> float:
        seen = [meet for meet in listed if meet.seconds is not None and not meet.nominal and meet.duration]
        whole = sum(meet.duration for meet in seen)
        return sum(min(meet.seconds, meet.duration) for meet in seen) / whole if whole else nan

    # --- ties -------------------------------------------------------------------------------------------

    @cached_property
    def _tie_events(self) -> dict[str, list[TieEvent]]:
        """Every event that ties two organisations, by layer."""
        events: dict[str, list[TieEvent]] = defaultdict(list)
        met_by_meeting: dict[str, list[Meet]] = defaultdict(list)
        for meet in self.everyone:
            if meet.met:
                met_by_meeting[meet.meeting].append(meet)
        for meeting, met in met_by_meeting.items():
            layer = "mdt" if self.meetings[meeting].get("type") in MDT else "meetings"
            k = len({person for meet in met for person in (meet.one, meet.two)})
            for meet in filter(self.apart, met):
                sides = [self.stood_for(meeting, person) for person in (meet.one, meet.two)]
                weight = 1 / (k - 1) / (len(sides[0]) * len(sides[1]))
                for a in sides[0]:
                    for b in sides[1]:
                        ends = (min(a, b), max(a, b))
                        events[layer].append(TieEvent(ends, meet.day, weight, meeting, 1, {meet.one, meet.two}))
        for meeting, there in self.present.items():
            row = self.meetings[meeting]
            convenor = row.get("convenor_org_id")
            if convenor and row.get("type") in GOVERNANCE:
                for org in {o for stay in there.values() for o in stay.organisations} - {convenor}:
                    people = {person for person, stay in there.items() if stay.organisations == {org}}
                    if people:
                        day = day_of(row["start"])
                        events["convening"].append(TieEvent((convenor, org), day, 1, meeting, 1, people))
        for number, row in enumerate(self._rows("referrals")):
            if row.get("status") != "revoked" and row["from_org"] != row["to_org"]:
                layer = "referrals_back" if row.get("direction_type") == "refer_back" else "referrals"
                n = int(row.get("n") or 1)
                people = {row.get("from_person") or "", row.get("to_person") or ""} - {""}
                ends = (row["from_org"], row["to_org"])
                events[layer].append(TieEvent(ends, day_of(row["date"]), n, str(number), n, people))
        return events

    def _rolled(self, layer: str, window: Window) -> dict[str, Tie]:
        events = self._tie_events[layer]
        named = layer in ("meetings", "mdt", "convening") or any(event.people for event in events)
        by_ends: dict[tuple[str, str], list[TieEvent]] = defaultdict(list)
        for event in events:
            if window.first <= event.day < window.end:
                by_ends[event.ends].append(event)
        return {
            f"{a} {b}": Tie(
                sum(event.weight for event in found),
                sum({event.occasion: event.n for event in found}.values()),
                len(set().union(*(event.people for event in found))) if named else None,
                str(min(event.day for event in found)),
                str(max(event.day for event in found)),
            )
            for (a, b), found in by_ends.items()
        }

    @cached_property
    def _joint_roles(self) -> list[tuple[tuple[str, str], str, date, date]]:
        """Two organisations, who ties them, from which day, and the first day after; from records and from posts."""

        def span(row: Row) -> tuple[date, date]:
            return (
                day_of(row["start"]) if row.get("start") else date.min,
                day_of(row["end"]) if row.get("end") else date.max,
            )

        found = []
        for row in self._rows("joint_roles"):
            for ends in combinations(sorted(row["org_ids"].split(";")), 2):
                found.append((ends, row["person_id"], *span(row)))
        for one, two in combinations(self._rows("people"), 2):
            if one["person_id"] == two["person_id"] and one["org_id"] != two["org_id"]:
                (first, end), (other_first, other_end) = span(one), span(two)
                both, until = max(first, other_first), min(end, other_end)
                if both < until:
                    a, b = sorted([one["org_id"], two["org_id"]])
                    found.append(((a, b), one["person_id"], both, until))
        return found

    def _held(self, window: Window) -> dict[str, Tie]:
        start = self.network.config.period.start
        held = [role for role in self._joint_roles if role[2] <= window.last < role[3]]
        return {
            f"{a} {b}": Tie(
                len({person for ends, person, *_ in held if ends == (a, b)}),
                len([ends for ends, *_ in held if ends == (a, b)]),
                len({person for ends, person, *_ in held if ends == (a, b)}),
                str(max(min(first for ends, _, first, _ in held if ends == (a, b)), start)),
                # The last day of it so far; nobody can say what comes after the slice.
                str(window.last),
            )
            for a, b in {ends for ends, *_ in held}
        }

    def ties(self, window: Window) -> dict[str, dict[str, Tie]]:
        """The ties of every layer within a slice's window, by the two organisations: "A B"."""
        layers = ("meetings", "mdt", "convening", "referrals", "referrals_back")
        found = {layer: self._rolled(layer, window) for layer in layers} | {"joint_roles": self._held(window)}
        alike = [("meetings",), ("mdt",), ("referrals", "referrals_back"), ("joint_roles",)]
        combined: dict[str, list[tuple[int, Tie]]] = defaultdict(list)
        for number, group in enumerate(alike):
            for layer in group:
                for ends, tie in found[layer].items():
                    combined[" ".join(sorted(ends.split()))].append((number, tie))
        found["combined"] = {
            ends: Tie(
                len({number for number, _ in ties}),
                sum(tie.events for _, tie in ties),
                None,
                min(tie.first for _, tie in ties),
                max(tie.last for _, tie in ties),
            )
            for ends, ties in combined.items()
        }
        return found
