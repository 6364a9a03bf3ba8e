"""Networks for tests: a few rows of records, written as files, read back and taken through to numbers.

    network(tmp_path, people='''
        person_id  org_id  group  start       end
        ann        A       nurse  2015-01-01  -
        ''')

Records are a table as above (a dash for an empty field) or a list of dictionaries. Organisations that nothing else is
said of are providers throughout.
"""

import calendar as months
import csv
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from itertools import combinations_with_replacement
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import yaml

from orgnet.config import Config, load_config
from orgnet.metrics.acquaintance import GroupEvidence, gather
from orgnet.metrics.posts import Posts, group_posts
from orgnet.metrics.registry import registered
from orgnet.records.coverage import Coverage, make_coverage
from orgnet.records.organisations import Roster, make_roster
from orgnet.records.read import Records, read_records
from orgnet.records.restate import state
from orgnet.slices import SliceTies, cut
from orgnet.ties.copresence import Contacts
from orgnet.ties.make import Ties, make_ties
from orgnet.vocabulary import Layer, Level
from orgnet.windows import Calendar

Row = dict[str, str]
Rows = str | Sequence[Mapping[str, Any]]

SETTINGS: dict[str, Any] = {
    "network": "test",
    "timezone": "UTC",
    "period": {"start": date(2015, 1, 1), "end": date(2016, 1, 1)},
    "slices": {"every": "year", "window": "12 months"},
    "professional_groups": ["nurse", "surgeon", "manager"],
    "person_key": {"ephemeral": True},
}


def rows_of(records: Rows) -> list[Row]:
    """A table's rows as dictionaries of text, empty where nothing is said."""
    if isinstance(records, str):
        heading, *lines = (line.split() for line in records.splitlines() if line.strip())
        return [dict(zip(heading, ["" if word == "-" else word for word in line], strict=True)) for line in lines]
    return [{name: "" if value is None else str(value) for name, value in row.items()} for row in records]


def day_of(text: str) -> date:
    return date.fromisoformat(text[:10])


def number_of(day: date) -> int:
    """Days since 1970."""
    return (day - date(1970, 1, 1)).days


def months_before(day: date, number: int) -> date:
    """The same day so many months before; a month's end stays within its month."""
    month = day.year * 12 + day.month - 1 - number
    year, month = month // 12, month % 12 + 1
    return date(year, month, min(day.day, months.monthrange(year, month)[1]))


class Tie(NamedTuple):
    """A tie as a reader would note it; `people` is None where nobody is named."""

    weight: float
    events: int
    people: int | None
    first: str
    last: str


@dataclass(frozen=True)
class Network:
    """A network of records on its way to numbers; each stage is made when it is first asked for."""

    config: Config
    rows: dict[str, list[Row]]

    @cached_property
    def calendar(self) -> Calendar:
        return self.config.calendar

    @cached_property
    def records(self) -> Records:
        return state(read_records(self.config), self.config)[0]

    @cached_property
    def ties(self) -> Ties:
        return make_ties(self.records, self.config, self.calendar)

    @cached_property
    def roster(self) -> Roster:
        return make_roster(self.records, self.calendar)

    @cached_property
    def coverage(self) -> Coverage:
        return make_coverage(self.records, self.roster, self.calendar)

    @cached_property
    def posts(self) -> list[Posts]:
        return group_posts(self.records, self.config, self.calendar)

    @cached_property
    def slices(self) -> list[dict[Layer, SliceTies]]:
        """The ties of every slice, by layer."""
        n, people = len(self.records.organisations), max(self.records.n_people, 1)
        made = cut(self.ties, self.config, self.calendar, n, people)
        return [{ties.layer: ties for ties in layers} for layers in made]

    def under(self, **rules: Any) -> "Network":
        """The same records under other rules for ties; they are read once."""
        said = self.config.ties.model_copy(update=rules)
        other = Network(self.config.model_copy(update={"ties": said}), self.rows)
        other.__dict__["records"] = self.records
        return other

    def drawn(self, layer: str, number: int = -1) -> dict[str, Tie]:
        """The ties of a layer in one slice (the last, unless said), by the two organisations: "A B"."""
        ties, names = self.slices[number][Layer(layer)], self.records.organisations
        day = [np.datetime_as_string(days.astype("datetime64[D]")) for days in (ties.first_day, ties.last_day)]
        return {
            f"{names[ties.source[i]]} {names[ties.target[i]]}": Tie(
                float(ties.weight[i]),
                int(ties.events[i]),
                int(ties.people[i]) if ties.people[i] >= 0 else None,
                str(day[0][i]),
                str(day[1][i]),
            )
            for i in range(len(ties))
        }

    def weights(self, layer: str, number: int = -1) -> dict[str, float]:
        """The weights of a layer in one slice, by the two organisations."""
        return {ends: tie.weight for ends, tie in self.drawn(layer, number).items()}

    @cached_property
    def _evidence(self) -> dict[tuple[str, str], GroupEvidence]:
        return {}

    def evidence(self, one: str, two: str | None = None) -> GroupEvidence:
        """The evidence on one professional group's contact with another, or with its own peers."""
        pair = (one, two or one)
        if pair not in self._evidence:
            self._evidence[pair] = self._gathered(*pair)
        return self._evidence[pair]

    @cached_property
    def contacts(self) -> dict[tuple[int, int], Contacts]:
        """The contacts of every pair of professional groups that has any."""
        pairs = combinations_with_replacement(range(len(self.config.professional_groups)), 2)
        found = {pair: self.ties.contacts(pair) for pair in pairs}
        return {pair: contacts for pair, contacts in found.items() if len(contacts)}

    def _gathered(self, one: str, two: str) -> GroupEvidence:
        groups = self.config.professional_groups
        i, j = groups.index(one), groups.index(two)
        low, high = min(i, j), max(i, j)
        contacts = self.ties.contacts((low, high))
        sides = gather(
            contacts,
            self.posts[low],
            self.posts[high],
            i == j,
            self.roster,
            self.coverage,
            self.config,
            self.calendar,
        )
        return sides[i > j]

    def value(self, metric: str, one: str, two: str | None = None) -> list[float]:
        """A group metric, slice by slice."""
        (found,) = (m for m in registered(Level.GROUP) if m.name == metric)
        return [float(value) for value in found.function(self.evidence(one, two))]


def write(folder: Path, settings: Mapping[str, Any], records: Mapping[str, list[Row]]) -> Config:
    """Write records and their configuration, and read the configuration back."""
    for kind, rows in records.items():
        names = list(dict.fromkeys(name for row in rows for name in row))
        with (folder / f"{kind}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, names, restval="")
            writer.writeheader()
            writer.writerows(rows)
    said = SETTINGS | dict(settings) | {"sources": {kind: {"path": f"{kind}.csv"} for kind in records}}
    path = folder / "network.yaml"
    path.write_text(yaml.safe_dump(said), encoding="utf-8")
    return load_config(path)


_ORGANISATION_FIELDS = ("org_id", "from_org", "to_org", "convenor_org_id")


def network(folder: Path, *, settings: Mapping[str, Any] | None = None, **records: Rows) -> Network:
    """A network of the given kinds of record; `settings` are those of its configuration."""
    rows = {kind: rows_of(given) for kind, given in records.items()}
    if "organisations" not in rows:
        named = {row.get(f) or "" for listed in rows.values() for row in listed for f in _ORGANISATION_FIELDS}
        named |= {org for row in rows.get("joint_roles", []) for org in row["org_ids"].split(";")}
        rows["organisations"] = [{"org_id": org, "kind": "provider"} for org in sorted(named - {""})]
    return Network(write(folder, settings or {}, rows), rows)


# --- networks drawn by chance -------------------------------------------------------------------------------

GROUPS = ["nurse", "surgeon", "manager"]
TIERS = ["senior", "middle", "frontline", ""]
TYPES = ["smdt", "local_mdt", "pathway_board", "board", "working_group", "service_level", "other", ""]


class _Chance:
    """The records of one small network, drawn by chance: everyday ones, and the awkward ones too."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        rng = self.rng
        start = date(2014 + rng.randrange(3), rng.randrange(1, 13), 1)
        self.start, self.end = start, start + timedelta(days=rng.choice([250, 365, 400, 500, 731]))
        self.every = rng.choice(["month", "quarter"])
        self.window = rng.choice([1, 2, 3, 5, 6, 9, 12, 12, 12])
        self.organisations = "ABCDEF"[: rng.randrange(3, 7)]
        self.posts: list[Row] = []

    def settings(self) -> dict[str, Any]:
        rng = self.rng
        return {
            "period": {"start": self.start, "end": self.end},
            "slices": {"every": self.every, "window": f"{self.window} months"},
            "professional_groups": GROUPS,
            "ties": {
                "acquainted_after": rng.choice([1, 2, 2, 3]),
                "min_overlap_minutes": rng.choice([0, 10, 15, 20]),
                "opportunity_share": rng.choice([0.25, 0.5, 0.75]),
                "standing_meetings_per_year": rng.choice([2, 4, 4, 8]),
                "standing_organisations": rng.choice([2, 3]),
            },
        }

    def day(self) -> date:
        """A day of the period; often the first or the last of a month, where windows begin and end."""
        day = self.start + timedelta(days=self.rng.randrange((self.end - self.start).days))
        turn = self.rng.random()
        if turn < 0.15:
            return day.replace(day=1)
        if turn < 0.3:
            last = day.replace(day=months.monthrange(day.year, day.month)[1])
            return min(last, self.end - timedelta(days=1))
        return day

    def spell(self) -> tuple[str, str]:
        """The first day and the first day after, either of them open at times, sometimes beyond the period."""
        rng = self.rng
        about = timedelta(days=rng.randrange(-200, 200))
        first = self.day() + about if rng.random() < 0.3 else None
        last = self.day() + timedelta(days=rng.randrange(200)) if rng.random() < 0.3 else None
        if first and last and last <= first:
            last = first + timedelta(days=rng.randrange(1, 300))
        return (str(first) if first else "", str(last) if last else "")

    def organisation_rows(self) -> list[Row]:
        rows = []
        for org in self.organisations:
            start, end = self.spell() if self.rng.random() < 0.3 else ("", "")
            kind = "network_body" if org == "F" else "provider"
            rows.append({"org_id": org, "kind": kind, "valid_from": start, "valid_to": end})
        return rows

    def people_rows(self) -> list[Row]:
        rng = self.rng
        for number in range(rng.randrange(7, 14)):
            group, several = rng.choice(GROUPS), rng.random() < 0.15
            for spell in range(rng.choice([1, 1, 1, 2, 3])):
                start, end = self.spell()
                self.posts.append(
                    {
                        "person_id": f"p{number}",
                        "org_id": rng.choice(self.organisations),
                        "group": rng.choice(GROUPS) if several else group,
                        "start": start,
                        "end": end,
                        "spell_id": str(spell),
                        "tier": TIERS[(number + spell) % 4],
                    }
                )
        return self.posts

    def posts_on(self, person: str, day: date) -> list[Row]:
        return [
            post
            for post in self.posts
            if post["person_id"] == person
            and (not post["start"] or day_of(post["start"]) <= day)
            and (not post["end"] or day < day_of(post["end"]))
        ]

    def meeting_rows(self) -> list[Row]:
        rng, rows = self.rng, []
        for number in range(rng.randrange(40, 90)):
            day, start, end = self.day(), "", ""
            if rng.random() < 0.8:
                begin = datetime.combine(day, time(rng.randrange(8, 17), rng.choice([0, 15, 30])))
                start = begin.isoformat()
                if rng.random() < 0.85:
                    end = (begin + timedelta(minutes=rng.choice([20, 60, 90, 120]))).isoformat()
            rows.append(
                {
                    "meeting_id": f"m{number}",
                    "start": start or str(day),
                    "end": end,
                    "series_id": rng.choice(["weekly", "board", "forum", ""]),
                    "type": rng.choice(TYPES),
                    "status": rng.choice(["held", "held", "held", "held", "", "cancelled"]),
                    "convenor_org_id": rng.choice([*self.organisations, ""]),
                }
            )
        return rows

    def _stay(self, meeting: Row) -> list[tuple[str, str]]:
        """When one person joined and left: not noted, late, early, or in pieces that may overlap."""
        rng = self.rng
        begin = datetime.fromisoformat(meeting["start"])
        if len(meeting["start"]) == 10:
            begin += timedelta(hours=9)
        times = sorted({begin + timedelta(minutes=rng.randrange(-5, 125, 5)) for _ in range(4)})
        turn = rng.random()
        if turn < 0.45 or len(times) < 4:
            return [("", "")]
        a, b, c, d = (moment.isoformat() for moment in times)
        if turn < 0.75:
            return [(a, c)]
        if turn < 0.80:
            return [(a, "")] if not meeting["end"] or times[0] < datetime.fromisoformat(meeting["end"]) else [(a, b)]
        if turn < 0.85:
            return [("", d)]
        return [(a, b), (c, d)] if turn < 0.95 else [(a, c), (b, d)]

    def attendance_rows(self, meetings: list[Row]) -> list[Row]:
        rng, rows = self.rng, []
        people = sorted({post["person_id"] for post in self.posts})
        for meeting in meetings:
            for person in rng.sample(people, rng.randrange(0, min(10, len(people)) + 1)):
                held = self.posts_on(person, day_of(meeting["start"]))
                groups = {post["group"] for post in self.posts if post["person_id"] == person}
                org = rng.choice(held)["org_id"] if held and rng.random() < 0.5 else ""
                if len(groups) == 1 and (not held or rng.random() < 0.1):
                    org = rng.choice(self.organisations)
                if len(groups) > 1:
                    if not held:
                        continue
                    # Whose group is meant is only sure where a person of several says which post they came for.
                    org = rng.choice(held)["org_id"]
                    if len({post["group"] for post in held if post["org_id"] == org}) > 1:
                        continue
                status = rng.choice(["attended"] * 7 + ["", "apologies", "failed_to_join", "invited"])
                for join, leave in self._stay(meeting):
                    rows.append(
                        {
                            "meeting_id": meeting["meeting_id"],
                            "person_id": person,
                            "org_id": org,
                            "status": status,
                            "join": join,
                            "leave": leave,
                        }
                    )
        return rows

    def referral_rows(self) -> list[Row]:
        rng = self.rng
        people = sorted({post["person_id"] for post in self.posts})
        return [
            {
                "referral_id": f"r{number}",
                "date": str(self.day()),
                "from_org": rng.choice(self.organisations),
                "to_org": rng.choice(self.organisations),
                "from_person": rng.choice([*people, "", ""]),
                "to_person": rng.choice([*people, "", ""]),
                "status": rng.choice(["active", "completed", "", "revoked"]),
                "direction_type": rng.choice(["forward", "", "refer_back"]),
                "n": rng.choice(["", "", "2", "7"]),
            }
            for number in range(rng.randrange(1, 80))
        ]

    def joint_role_rows(self) -> list[Row]:
        rng, rows = self.rng, []
        people = sorted({post["person_id"] for post in self.posts})
        for person in rng.sample(people, 4):
            start = self.day()
            ends = start + timedelta(days=rng.randrange(1, 300)) if rng.random() < 0.6 else ""
            shared = rng.sample(self.organisations, rng.choice([2, 2, 3]))
            rows.append({"person_id": person, "start": str(start), "end": str(ends), "org_ids": ";".join(shared)})
        return rows


def random_records(seed: int) -> tuple[dict[str, Any], dict[str, list[Row]]]:
    """The settings and the records of a small network drawn by chance, no row of which is put aside."""
    chance = _Chance(seed)
    organisations, people, meetings = chance.organisation_rows(), chance.people_rows(), chance.meeting_rows()
    settings = chance.settings()
    return settings, {
        "organisations": organisations,
        "people": people,
        "meetings": meetings,
        "attendance": chance.attendance_rows(meetings),
        "referrals": chance.referral_rows(),
        "joint_roles": chance.joint_role_rows(),
    }


def random_network(folder: Path, seed: int) -> Network:
    """A small network drawn by chance."""
    settings, records = random_records(seed)
    return network(folder, settings=settings, **records)
