"""How a network is run, once more in plain Python: every window worked out afresh from the rows as written."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property
from itertools import combinations
from math import isnan, nan, prod
from pathlib import Path

from tests.networks import Network, Row, day_of, network
from tests.plain import GOVERNANCE, MDT, Plain, Window

BOARDS = {"board", "pathway_board"}
REMOTE = {"video", "phone"}


def _share(part: float | Fraction, whole: float | Fraction) -> float:
    return float(part / whole) if whole else nan


def _valid(row: Row, first: date, last: date, start: str = "start", end: str = "end") -> bool:
    """Whether a row's spell shares a day with those from `first` to `last`, both included."""
    return (not row.get(start) or day_of(row[start]) <= last) and (not row.get(end) or first < day_of(row[end]))


class PlainGovernance:
    """A network of records, read naively."""

    def __init__(self, made: Network) -> None:
        self.network, self.plain = made, Plain(made)

    def rows(self, kind: str) -> list[Row]:
        return self.network.rows.get(kind, [])

    @cached_property
    def measured(self) -> dict[str, list[float]]:
        """Every metric of the network that is not one of a graph, window by window."""
        found: dict[str, list[float]] = defaultdict(list)
        for window in self.plain.windows:
            parts = (self._convening(window), self._table(window), self._leads(window), self._mdt(window))
            for name, value in (pair for part in (*parts, self._rest(window)) for pair in part.items()):
                found[name].append(value)
        return found

    def board_attendance(self) -> dict[str, list[float]]:
        """For each organisation, the share of boards that it was at, window by window."""
        windows = [self._at_boards(window) for window in self.plain.windows]
        return {org: [shares[org] for shares in windows] for org in self.network.records.organisations}

    # --- organisations and meetings -----------------------------------------------------------------------

    @cached_property
    def organisations(self) -> list[Row]:
        """The organisations' rows; who is of no stated kind is a provider."""
        return [{**row, "kind": row["kind"] or "provider"} for row in self.rows("organisations")]

    def roster(self, window: Window, **wanted: str) -> set[str]:
        """The organisations that are of a kind, or in a role, on any day of a slice."""
        return {
            row["org_id"]
            for row in self.organisations
            if _valid(row, window.start, window.last, "valid_from", "valid_to")
            and all(row[name] == word for name, word in wanted.items())
        }

    @cached_property
    def providers(self) -> set[str]:
        """The organisations that are a provider in any slice."""
        return set().union(*(self.roster(window, kind="provider") for window in self.plain.windows))

    def is_core(self, org: str, day: date) -> bool:
        return any(
            row["org_id"] == org and row["role"] == "core_agency" and _valid(row, day, day, "valid_from", "valid_to")
            for row in self.organisations
        )

    @cached_property
    def there(self) -> dict[str, dict[str, str]]:
        """Per meeting, whom each person there stood for; those who stood for several are left out."""
        found: dict[str, dict[str, str]] = defaultdict(dict)
        days = {row["meeting_id"]: day_of(row["start"]) for row in self.rows("meetings")}
        for row in self.rows("attendance"):
            if row["status"] in ("", "attended"):
                posts = {
                    p["org_id"] for p in self.plain.posts(days[row["meeting_id"]]) if p["person_id"] == row["person_id"]
                }
                orgs = {row["org_id"]} if row["org_id"] else posts
                if len(orgs) == 1:
                    found[row["meeting_id"]][row["person_id"]] = min(orgs)
        return found

    def held(self, window: Window, types: set[str] | None = None, together: bool = True) -> list[Row]:
        """The window's meetings, of some types, and `together` only those with two providers (of any time) there."""
        return [
            row
            for row in self.rows("meetings")
            if row["status"] in ("", "held")
            and window.first <= day_of(row["start"]) < window.end
            and (types is None or row["type"] in types)
            and (not together or len(self.providers & self.orgs(row)) >= 2)
        ]

    def orgs(self, meeting: Row) -> set[str]:
        return set(self.there[meeting["meeting_id"]].values())

    # --- one window ---------------------------------------------------------------------------------------

    def _convening(self, window: Window) -> dict[str, float]:
        core, providers = self.roster(window, role="core_agency"), self.roster(window, kind="provider")
        governance = self.held(window, GOVERNANCE)
        by_core = [m for m in governance if self.is_core(m["convenor_org_id"], day_of(m["start"]))]
        reached = set().union(*map(self.orgs, by_core)) & providers
        strength: Counter[str] = Counter()
        for meeting in self.held(window, GOVERNANCE, together=False):
            if meeting["convenor_org_id"]:
                strength[meeting["convenor_org_id"]] += len(self.orgs(meeting) - {meeting["convenor_org_id"]})
        best = max((strength[org] for org in core), default=0)
        ahead = [org for org in strength if strength[org] > best and org not in core]
        return {
            "core_agencies": len(core),
            "convening_share": _share(len(by_core), len(governance)) if core else nan,
            "convening_reach": _share(len(reached), len(providers)) if core else nan,
            "core_rank": 1 + len(ahead) if core and strength.total() else nan,
        }

    def _at_boards(self, window: Window) -> dict[str, float]:
        boards = [self.orgs(board) for board in self.held(window, BOARDS, together=False)]
        return {
            org: _share(sum(org in there for there in boards), len(boards))
            for org in self.network.records.organisations
        }

    def _table(self, window: Window) -> dict[str, float]:
        providers, at_boards = self.roster(window, kind="provider"), self._at_boards(window)
        represented = sum(at_boards[org] >= 0.67 for org in providers)
        sent = Counter(org for m in self.held(window, GOVERNANCE) for org in self.there[m["meeting_id"]].values())
        counts = [sent[org] for org in providers]
        apart = sum(abs(x - y) for x in counts for y in counts)
        return {
            "board_represented_share": nan
            if any(map(isnan, at_boards.values()))
            else _share(represented, len(providers)),
            "representation_gini": _share(apart, 2 * len(counts) * sum(counts)),
        }

    def _leaders(self, window: Window) -> Iterator[tuple[str, str]]:
        """Bodies, and organisations that lead them."""
        for meeting in self.held(window):
            chair = self.there[meeting["meeting_id"]].get(meeting["chair_person_id"])
            if meeting["series_id"] and chair:
                yield meeting["series_id"], chair
        for role in self.rows("lead_roles"):
            if (
                role["scope"] == "network"
                and role["decision_right"] != "false"
                and _valid(role, window.last, window.last)
            ):
                posts = [p["org_id"] for p in self.plain.posts(window.last) if p["person_id"] == role["person_id"]]
                yield from ((role["body_id"], org) for org in ([role["org_id"]] if role["org_id"] else posts))

    def _leads(self, window: Window) -> dict[str, float]:
        bodies: dict[str, set[str]] = defaultdict(set)
        for body, org in self._leaders(window):
            bodies[body].add(org)
        led: dict[str, Fraction] = defaultdict(Fraction)
        for orgs in bodies.values():
            for org in orgs:
                led[org] += Fraction(1, len(orgs))
        shares = {org: number / len(bodies) for org, number in led.items()}
        members = self.roster(window, kind="provider") | self.roster(window, kind="network_body")
        specialists = self.roster(window, role="specialist")
        return {
            "lead_top_share": float(max(shares.values(), default=nan)),
            "lead_hhi": float(sum(p**2 for p in shares.values())) if shares else nan,
            "lead_neff": prod(float(p) ** -float(p) for p in shares.values()) if shares else nan,
            "lead_coverage": _share(len(members & set(led)), len(members)) if shares else nan,
            "specialist_lead_share": float(sum(shares[org] for org in specialists & set(led))) if shares else nan,
        }

    def _mdt(self, window: Window) -> dict[str, float]:
        held = {m["meeting_id"] for m in self.held(window, together=False)}
        listed = [(row, int(row["n"] or 1)) for row in self.rows("mdt_cases") if row["meeting_id"] in held]
        to_discuss = sum(n for row, n in listed if row["outcome"] != "protocolised")
        missing = sum(
            n for row, n in listed if row["outcome"] == "deferred" and row["deferral_reason"].startswith("missing_")
        )
        mdt = {m["meeting_id"] for m in self.held(window, MDT, together=False)}
        called = [row for row in self.rows("attendance") if row["meeting_id"] in mdt]
        failed = sum(row["status"] == "failed_to_join" for row in called)
        joined = sum(row["status"] in ("", "attended") and row["mode"] in REMOTE for row in called)
        return {
            "mdt_cases": to_discuss,
            "deferral_missing_info_rate": _share(missing, to_discuss),
            "dial_in_failure_rate": _share(failed, failed + joined),
        }

    def _rest(self, window: Window) -> dict[str, float]:
        years, providers = self.plain.length / 12, self.roster(window, kind="provider")
        learning = self.held(window, {"learning"})
        times = Counter(m["series_id"] for m in self.held(window, {"smdt"}) if m["series_id"])
        joint = {
            (row["person_id"], pair)
            for row in self.rows("joint_roles")
            if _valid(row, window.last, window.last)
            for pair in combinations(sorted(row["org_ids"].split(";")), 2)
        }
        for person, orgs in self.plain.employers(window.last).items():
            joint |= {(person, pair) for pair in combinations(sorted(orgs), 2)}
        return {
            "learning_events": len(learning) / years,
            "learning_org_coverage": _share(len(set().union(*map(self.orgs, learning)) & providers), len(providers)),
            "standing_smdts": sum(n >= self.plain.rules.standing_meetings_per_year * years for n in times.values()),
            "joint_roles_active": len(joint),
        }


# --- networks drawn by chance -----------------------------------------------------------------------------

TYPES = ["board", "pathway_board", "technical_group", "working_group", "learning", "smdt", "smdt", "local_mdt", "other"]
OUTCOMES = ["discussed", "discussed", "deferred", "deferred", "protocolised", ""]
REASONS = ["missing_pathology", "missing_imaging", "missing_clinical", "clinician_absent", "it_failure", ""]


class _Chance:
    """The records of how one small network is run, drawn by chance: everyday ones, and the awkward ones too."""

    def __init__(self, seed: int) -> None:
        self.rng = rng = random.Random(seed)
        self.start = date(2014 + rng.randrange(3), rng.randrange(1, 13), 1)
        self.end = self.start + timedelta(days=rng.choice([250, 365, 500, 731]))
        self.organisations, self.people = (
            "ABCDEFG"[: rng.randrange(4, 8)],
            [f"p{n}" for n in range(rng.randrange(6, 12))],
        )
        self.series = ["uro", "og", "audit", "learn", ""]

    def day(self) -> date:
        """A day of the period; often the first of a month, where windows begin and end."""
        day = self.start + timedelta(days=self.rng.randrange((self.end - self.start).days))
        return day.replace(day=1) if self.rng.random() < 0.2 else day

    def spell(self) -> dict[str, str]:
        first, length = self.day(), timedelta(days=self.rng.randrange(1, 400))
        return {"start": str(first), "end": str(first + length) if self.rng.random() < 0.6 else ""}

    def organisation_rows(self) -> list[Row]:
        """Organisations that stay what they are, and some that change their role (or are gone) from one day."""
        rows = []
        for org in self.organisations:
            kind = self.rng.choice(["provider", "provider", ""] if org in "ABCD" else ["network_body", "", "other"])
            turn = str(self.day()) if self.rng.random() < 0.4 else ""
            roles = ["core_agency"] if org in "DEFG" else ["specialist", "local", ""]
            for since, until in [("", turn), (turn, "")] if turn else [("", "")]:
                role = self.rng.choice([*roles, "none"])
                rows.append({"org_id": org, "kind": kind, "role": role, "valid_from": since, "valid_to": until})
            if turn and self.rng.random() < 0.3:
                rows.pop()
        return rows

    def people_rows(self) -> list[Row]:
        """Everybody has one lasting post, and some a second one for a time."""
        rows = []
        for person in self.people:
            home, *others = self.rng.sample(self.organisations, 3)
            rows.append({"person_id": person, "org_id": home, "start": "", "end": "", "group": "nurse"})
            if self.rng.random() < 0.3:
                rows.append({"person_id": person, "org_id": others[0], "group": "nurse", **self.spell()})
        return rows

    def meeting_rows(self) -> list[Row]:
        rng = self.rng
        return [
            {
                "meeting_id": f"m{number}",
                "start": str(self.day()),
                "series_id": rng.choice(self.series),
                "type": rng.choice(TYPES),
                "status": rng.choice(["held", "held", "held", "", "cancelled"]),
                "convenor_org_id": rng.choice([*self.organisations, *self.organisations[3:], ""]),
                "chair_person_id": rng.choice([*self.people, ""]),
            }
            for number in range(rng.randrange(40, 80))
        ]

    def attendance_rows(self, meetings: list[Row]) -> list[Row]:
        rng, rows = self.rng, []
        for meeting in meetings:
            there = set(rng.sample(self.people, rng.randrange(0, 5)))
            if meeting["chair_person_id"] and rng.random() < 0.7:
                there.add(meeting["chair_person_id"])
            for person in sorted(there):
                row = {
                    "meeting_id": meeting["meeting_id"],
                    "person_id": person,
                    "org_id": rng.choice([*self.organisations, *[""] * 6]),
                    "status": rng.choice(["attended"] * 6 + ["", "apologies", "failed_to_join", "invited"]),
                    "mode": rng.choice(["video", "phone", "in_person", ""]),
                }
                stays = [("", "")]
                if rng.random() < 0.1:
                    stays = [
                        (f"{meeting['start']}T09:00", f"{meeting['start']}T09:30"),
                        (f"{meeting['start']}T10:00", ""),
                    ]
                rows += [{**row, "join": join, "leave": leave} for join, leave in stays]
        return rows

    def case_rows(self, meetings: list[Row]) -> list[Row]:
        rng = self.rng
        return [
            {
                "meeting_id": rng.choice(meetings)["meeting_id"],
                "outcome": rng.choice(OUTCOMES),
                "deferral_reason": rng.choice(REASONS),
                "n": rng.choice(["", "1", "4"]),
            }
            for _ in range(60)
        ]

    def lead_rows(self) -> list[Row]:
        rng = self.rng
        return [
            {
                "person_id": person,
                "body_id": rng.choice([*self.series[:-1], "cmo"]),
                "role": rng.choice(["chair", "cmo"]),
                "org_id": rng.choice([*self.organisations, *[""] * 4]),
                "scope": rng.choice(["network", "network", "network", "organisation", ""]),
                "decision_right": rng.choice(["true", "true", "", "false"]),
                **self.spell(),
            }
            for person in self.people
        ]

    def joint_rows(self) -> list[Row]:
        rng = self.rng
        chosen = [(person, rng.sample(self.organisations, rng.choice([2, 2, 3]))) for person in self.people[:3]]
        return [{"person_id": person, "org_ids": ";".join(orgs), **self.spell()} for person, orgs in chosen]


def random_governance(folder: Path, seed: int) -> Network:
    """A small network drawn by chance, no row of which is put aside."""
    chance = _Chance(seed)
    meetings = chance.meeting_rows()
    return network(
        folder,
        settings={
            "period": {"start": chance.start, "end": chance.end},
            "slices": {
                "every": chance.rng.choice(["month", "quarter"]),
                "window": f"{chance.rng.choice([2, 3, 6, 12])} months",
            },
            "ties": {"standing_meetings_per_year": chance.rng.choice([2, 4, 8])},
        },
        organisations=chance.organisation_rows(),
        people=chance.people_rows(),
        meetings=meetings,
        attendance=chance.attendance_rows(meetings),
        mdt_cases=chance.case_rows(meetings),
        lead_roles=chance.lead_rows(),
        joint_roles=chance.joint_rows(),
    )
