"""How a network is run, once more in plain Python: every window worked out afresh from the rows as written."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from fractions import Fraction
from functools import cached_property
from itertools import combinations
from math import isnan, nan, prod
from pathlib import Path
from statistics import median

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
            parts = (self._convening, self._table, self._leads, self._mdt, self._rest, self._forms, self._leaders_over)
            more = (self._stays, self._core_team, self._quorum, self._referrals, self._together)
            for name, value in (pair for part in (*parts, *more) for pair in part(window).items()):
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
            "lead_neff_norm": _share(prod(float(p) ** -float(p) for p in shares.values()), len(members))
            if shares
            else nan,
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
            "deferral_rate": _share(sum(n for row, n in listed if row["outcome"] == "deferred"), to_discuss),
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
            "tier_mixing": self._tier_mixing(window),
            "learning_events": len(learning) / years,
            "learning_org_coverage": _share(len(set().union(*map(self.orgs, learning)) & providers), len(providers)),
            "standing_smdts": sum(n >= self.plain.rules.standing_meetings_per_year * years for n in times.values()),
            "joint_roles_active": len(joint),
            "joint_role_edge_share": _share(
                len({pair for _, pair in joint if providers >= set(pair)}), len(providers) * (len(providers) - 1) / 2
            ),
        }

    def _tier_mixing(self, window: Window) -> float:
        mixed = []
        for meeting in self.held(window):
            day, there = day_of(meeting["start"]), set(self._attended(meeting["meeting_id"]))
            tiers = {p["tier"] for p in self.plain.posts(day) if p["person_id"] in there and p["tier"]}
            if tiers:
                mixed.append({"senior", "frontline"} <= tiers)
        return _share(sum(mixed), len(mixed))

    # --- forms of governance --------------------------------------------------------------------------------

    def _forms(self, window: Window) -> dict[str, float]:
        found = {}
        members = self.roster(window, kind="network_body") | self.roster(window, kind="provider")
        for name, types in (("governance", GOVERNANCE), ("clinical", {"smdt"})):
            meetings = self.held(window, types)
            found[f"{name}_form"] = self._form(window, meetings, members)
            forms = []
            for pathway in {m["pathway"] for m in meetings if m["pathway"]}:
                its = [m for m in meetings if m["pathway"] == pathway]
                around = set().union(*map(self.orgs, its)) | {m["convenor_org_id"] for m in its}
                forms.append(self._form(window, its, members & around))
            told = not all(map(isnan, forms))
            for number, form in enumerate(["shared", "lead_organisation", "network_body", "hybrid"], start=1):
                found[f"{name}_pathways_{form}"] = forms.count(number) if told else nan
        return found

    def _form(self, window: Window, meetings: list[Row], members: set[str]) -> float:
        convened = Counter(m["convenor_org_id"] for m in meetings if m["convenor_org_id"])
        bodies, providers = self.roster(window, kind="network_body"), self.roster(window, kind="provider")
        shares = {org: Fraction(number, convened.total()) for org, number in convened.items()}
        if not shares:
            return nan
        if any(shares[org] >= Fraction(1, 2) for org in bodies & set(shares)):
            return 3
        if any(shares[org] >= Fraction(1, 2) for org in providers & set(shares)):
            return 2
        diversity = prod(float(p) ** -float(p) for p in shares.values())
        even = diversity >= 0.5 * len(members) - 1e-9
        return 1 if max(shares.values()) <= Fraction(34, 100) and even and members else 4

    # --- leaders --------------------------------------------------------------------------------------------

    @cached_property
    def leading(self) -> dict[str, set[int]]:
        """For each person, the days as leader, by number; up to the day after the period."""
        beyond = self.plain.windows[-1].end.toordinal()
        days: dict[str, set[int]] = defaultdict(set)
        for role in self.rows("lead_roles"):
            if role["scope"] == "network" and role["decision_right"] != "false":
                end = min(day_of(role["end"]).toordinal(), beyond + 1) if role["end"] else beyond + 1
                days[role["person_id"]] |= set(range(day_of(role["start"]).toordinal(), end))
        return days

    def _runs(self) -> Iterator[tuple[int, int]]:
        """Every unbroken spell: first day, and first day after."""
        for days in self.leading.values():
            for day in days:
                if day - 1 not in days:
                    end = day
                    while end in days:
                        end += 1
                    yield day, end

    def _leaders_over(self, window: Window) -> dict[str, float]:
        first, last = window.first.toordinal(), window.last.toordinal()
        at_start = {who for who, days in self.leading.items() if first in days}
        at_end = {who for who, days in self.leading.items() if last in days}
        inside = range(first, last + 1)
        left = sum(d in days and d + 1 not in days for days in self.leading.values() for d in inside)
        led = sum(d in days for days in self.leading.values() for d in inside)
        return {
            "leader_retention": _share(len(at_start & at_end), len(at_start)),
            "leader_turnover": _share(Fraction(left * 12, self.plain.length), Fraction(led, len(inside))),
            "core_team_tenure": self._tenure(window),
        }

    def _tenure(self, window: Window) -> float:
        """Kaplan and Meier's median, age by age."""
        begin, close = self.plain.windows[0].start.toordinal(), window.end.toordinal()
        known = [(start, end) for start, end in self._runs() if start < close and end > begin]
        surviving = Fraction(1)
        for age in sorted({end - start for start, end in known if end <= close}):
            at_risk = [s for s, e in known if max(begin - s, 0) < age <= min(e, close) - s]
            ending = [s for s, e in known if e <= close and e - s == age]
            surviving *= 1 - Fraction(len(ending), len(at_risk))
            if surviving <= Fraction(1, 2):
                return age
        return nan

    # --- who stays, and who makes up the team ----------------------------------------------------------------

    def _seconds(self, rows: list[Row]) -> float | None:
        """How long somebody was there, from the rows of one person at one meeting."""
        if rows and all(row["join"] and row["leave"] for row in rows):
            joins, leaves = ([datetime.fromisoformat(row[name]) for row in rows] for name in ("join", "leave"))
            stays = sum((leave - join).total_seconds() for join, leave in zip(joins, leaves, strict=True))
            return min(stays, (max(leaves) - min(joins)).total_seconds())
        return None

    @staticmethod
    def _length(meeting: Row) -> float:
        if not meeting["end"]:
            return 0
        return (datetime.fromisoformat(meeting["end"]) - datetime.fromisoformat(meeting["start"])).total_seconds()

    def _attended(self, meeting: str, **wanted: object) -> dict[str, list[Row]]:
        """The rows of each person who was there."""
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self.rows("attendance"):
            if row["meeting_id"] == meeting and row["status"] in ("", "attended"):
                found[row["person_id"]].append(row)
        return found

    def _stays(self, window: Window) -> dict[str, float]:
        minutes, stayed = [], []
        for meeting in self.held(window, MDT, together=False):
            for rows in self._attended(meeting["meeting_id"]).values():
                seconds = self._seconds([row for row in rows if row["mode"] in REMOTE] or [{"join": "", "leave": ""}])
                if seconds is not None:
                    minutes.append(seconds / 60)
                    if self._length(meeting):
                        stayed.append(seconds >= self._length(meeting) / 2)
        return {
            "remote_minutes_median": median(minutes) if minutes else nan,
            "stay_share": _share(sum(stayed), len(stayed)),
        }

    def _team(self, meeting: Row) -> Iterator[tuple[str, str, bool, bool, bool]]:
        """Person, core role, and whether there by the list, for half of the meeting, and throughout."""
        rows: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for row in self.rows("attendance"):
            if row["meeting_id"] == meeting["meeting_id"] and row["core_role"]:
                rows[row["person_id"], row["core_role"]].append(row)
        for (person, role), found in rows.items():
            there = [row for row in found if row["status"] in ("", "attended")]
            seconds, length = self._seconds(there), self._length(meeting)
            enough = seconds is None or not length
            yield (
                person,
                role,
                bool(there),
                bool(there) and (enough or seconds >= length / 2),
                bool(there) and (enough or seconds >= length - 600),
            )

    def _core_team(self, window: Window) -> dict[str, float]:
        series: dict[str, list[Row]] = defaultdict(list)
        for meeting in self.held(window, MDT, together=False):
            series[meeting["series_id"]].append(meeting)
        series.pop("", None)
        shares = []
        for meetings in series.values():
            for person in {who for meeting in meetings for who, *_ in self._team(meeting)}:
                due = [m for m in meetings if person in self.plain.employers(day_of(m["start"]))]
                came = [m for m in due if any(who == person and half for who, _, _, half, _ in self._team(m))]
                if due:
                    shares.append(len(came) / len(due))
        return {
            "core_attendance": _share(sum(shares), len(shares)),
            "core_attendance_compliant": _share(sum(share >= 0.66 for share in shares), len(shares)),
        }

    def _quorum(self, window: Window) -> dict[str, float]:
        series: dict[str, list[Row]] = defaultdict(list)
        for meeting in self.held(window, MDT, together=False):
            series[meeting["series_id"]].append(meeting)
        series.pop("", None)
        quorate, listed = [], []
        for meetings in series.values():
            required = {role for meeting in meetings for _, role, *_ in self._team(meeting)}
            for meeting in meetings if required else []:
                team = list(self._team(meeting))
                listed.append({role for _, role, there, _, _ in team if there} == required)
                quorate.append({role for _, role, _, _, throughout in team if throughout} == required)
        return {
            "quoracy_rate": _share(sum(quorate), len(quorate)),
            "quoracy_rate_listed": _share(sum(listed), len(listed)),
        }

    def _together(self, window: Window) -> dict[str, float]:
        overlap = length = 0.0
        for meeting in self.held(window, {"smdt"}, together=False):
            day = day_of(meeting["start"])
            (there_then,) = (w for w in self.plain.windows if w.start <= day < w.end)
            local = self.roster(there_then, kind="provider") - self.roster(there_then, role="specialist")
            for meet in self.plain.everyone:
                if meet.meeting != meeting["meeting_id"] or not self.plain.apart(meet):
                    continue
                sides = [self.plain.stood_for(meet.meeting, person) for person in (meet.one, meet.two)]
                if meet.seconds is None or meet.nominal or not meet.duration:
                    continue
                if all(len(side) == 1 and side <= local for side in sides):
                    overlap += min(meet.seconds, meet.duration)
                    length += meet.duration
        return {"copresence_ratio": _share(overlap, length)}

    # --- referrals ------------------------------------------------------------------------------------------

    def _referrals(self, window: Window) -> dict[str, float]:
        made = [
            row
            for row in self.rows("referrals")
            if row["status"] != "revoked"
            and row["from_org"] != row["to_org"]
            and window.first <= day_of(row["date"]) < window.end
            for _ in range(int(row["n"] or 1))
        ]
        back = [row for row in made if row["direction_type"] == "refer_back"]
        forward = Counter(row["to_org"] for row in made if row["direction_type"] != "refer_back")
        specialists, providers = self.roster(window, role="specialist"), self.roster(window, kind="provider")
        counts = [forward[org] for org in providers]
        noted = [row["info_complete"] == "true" for row in made if row["info_complete"]]
        waits = [(day_of(row["accepted_date"]) - day_of(row["date"])).days for row in made if row["accepted_date"]]
        return {
            "referral_to_specialist_share": _share(sum(row["to_org"] in specialists for row in made), len(made)),
            "referral_in_gini": _share(sum(abs(x - y) for x in counts for y in counts), 2 * len(counts) * sum(counts)),
            "refer_back_ratio": _share(len(back), forward.total()),
            "referral_info_complete_rate": _share(sum(noted), len(noted)),
            "days_to_accept_median": median(waits) if waits else nan,
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
            tier = self.rng.choice(["senior", "middle", "frontline", ""])
            rows.append({"person_id": person, "org_id": home, "start": "", "end": "", "group": "nurse", "tier": tier})
            if self.rng.random() < 0.3:
                rows.append(
                    {"person_id": person, "org_id": others[0], "group": "nurse", "tier": "senior", **self.spell()}
                )
        return rows

    def meeting_rows(self) -> list[Row]:
        rng = self.rng
        starts = [f"{self.day()}T09:00:00" for _ in range(rng.randrange(40, 80))]
        return [
            {
                "meeting_id": f"m{number}",
                "start": start,
                "end": rng.choice([f"{start[:10]}T10:00:00", f"{start[:10]}T11:00:00", ""]),
                "series_id": rng.choice(self.series),
                "pathway": rng.choice(["uro", "uro", "og", "lung", ""]),
                "type": rng.choice(TYPES),
                "status": rng.choice(["held", "held", "held", "", "cancelled"]),
                "convenor_org_id": rng.choice([*self.organisations, *self.organisations[3:], ""]),
                "chair_person_id": rng.choice([*self.people, ""]),
            }
            for number, start in enumerate(starts)
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
                    "core_role": rng.choice(["", "", "surgeon", "nurse"]),
                }
                stays = [("", "")]
                times = [f"{meeting['start'][:10]}T{clock}" for clock in ("09:00", "09:25", "09:30", "09:55", "11:00")]
                if rng.random() < 0.7:
                    stays = [tuple(sorted(rng.sample(times, 2)))]
                if rng.random() < 0.2:
                    stays = [(times[0], times[2]), (times[1], rng.choice([times[3], times[4], ""]))]
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

    def lead_spell(self) -> dict[str, str]:
        """A spell that may have begun before the period, and reaches into it."""
        spell = self.spell()
        if self.rng.random() < 0.4:
            spell["start"] = str(self.start - timedelta(days=self.rng.randrange(1, 400)))
        return spell

    def referral_rows(self) -> list[Row]:
        rng, rows = self.rng, []
        for number in range(rng.randrange(20, 60)):
            day = self.day()
            accepted = day + timedelta(days=rng.randrange(0, 15)) if rng.random() < 0.6 else ""
            rows.append(
                {
                    "referral_id": f"r{number}",
                    "date": str(day),
                    "from_org": rng.choice(self.organisations),
                    "to_org": rng.choice(self.organisations),
                    "status": rng.choice(["active", "completed", "", "revoked"]),
                    "direction_type": rng.choice(["forward", "", "refer_back"]),
                    "info_complete": rng.choice(["true", "true", "false", ""]),
                    "accepted_date": str(accepted),
                    "n": rng.choice(["", "", "2", "7"]),
                }
            )
        return rows

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
                **self.lead_spell(),
            }
            for person in [*rng.sample(self.people, rng.randrange(2, 6)), self.people[0]]
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
        referrals=chance.referral_rows(),
        joint_roles=chance.joint_rows(),
    )
