"""Random results of a small network, drawn so that they add up: for copies to be made of, and attacked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.random import Generator

from orgnet import store
from orgnet.config import Config
from orgnet.schema import TABLES
from orgnet.windows import Calendar

START, MONTHS, EVENTS = date(2020, 1, 1), 12, 20
GROUPS = ("surgeon", "nurse", "radiologist", "oncologist")
Row = dict[str, Any]


def _month(number: int) -> date:
    return date(START.year + number // 12, number % 12 + 1, 1)


@dataclass(frozen=True)
class Role:
    """A joint role: who holds it, between which organisations, in which slices."""

    group: str
    pair: tuple[str, str]
    slices: range


@dataclass(frozen=True)
class Staffed:
    """What is counted of a network: people by group and slice, joint roles, referrals and cases by month, answers.

    `came` has, by organisation and slice, how many of its people came to events, and to how many of `EVENTS`.
    """

    config: Config
    people: Mapping[str, list[int]]
    roles: list[Role]
    referred: Mapping[tuple[str, str, str], list[int]]
    cases: list[int]
    answers: Mapping[str, int]
    met: Mapping[tuple[str, str], int]
    came: Mapping[str, list[tuple[int, int]]]

    @property
    def calendar(self) -> Calendar:
        return self.config.calendar


def draw(rng: Generator) -> Staffed:
    """Draw a network: few people here, many there, and windows that may overlap."""
    organisations = [f"Z{number}" for number in range(int(rng.integers(3, 6)))]
    window = str(rng.choice(["3 months", "6 months", "12 months"]))
    config = Config.model_validate(
        {
            "network": "us",
            "period": {"start": START, "end": date(START.year + 1, 1, 1)},
            "slices": {"every": "quarter", "window": window},
            "professional_groups": list(GROUPS),
            "sources": {"meetings": {"path": "meetings.csv"}},
        }
    )
    slices = len(config.calendar)
    pairs = [(one, two) for one in organisations for two in organisations if one < two]
    roles = []
    for _ in range(int(rng.integers(0, 20))):
        begun = int(rng.integers(0, slices))
        held = range(begun, int(rng.integers(begun, slices)) + 1)
        roles.append(Role(str(rng.choice(GROUPS)), pairs[int(rng.integers(len(pairs)))], held))
    rate = float(rng.choice([0.2, 1, 4]))
    referred = {
        (layer, one, two): rng.poisson(rate * rng.random(), MONTHS).tolist()
        for layer in ("referrals", "referrals_back")
        for one, two in permutations(organisations, 2)
    }
    size = {group: int(rng.choice([2, 5, 7, 9, 30])) for group in GROUPS}
    people = {group: [max(0, n + int(rng.integers(-1, 2))) for _ in range(slices)] for group, n in size.items()}
    cases = rng.poisson(float(rng.choice([2, 6, 40])), MONTHS).tolist()
    answers = {group: int(rng.choice([0, 3, 6, 12])) for group in GROUPS}
    met = {pair: int(rng.choice([2, 6, 12])) for pair in pairs}
    own = {name: int(rng.choice([0, 1, 6, 20])) for name in organisations}
    came = {name: [(n, int(rng.integers(1, EVENTS)) if n else 0) for _ in range(slices)] for name, n in own.items()}
    return Staffed(config, people, roles, referred, cases, answers, met, came)


def _months_in(calendar: Calendar, at: int) -> list[int]:
    window = calendar.slices[at]
    return [month for month in range(MONTHS) if window.window_start <= _month(month) < window.end]


def _held(drawn: Staffed, at: int) -> list[Role]:
    return [role for role in drawn.roles if at in role.slices]


def _tie(at: int, layer: str, pair: tuple[str, str], weight: float, people: int | None) -> Row:
    day = START + timedelta(days=10 * at)
    return {
        "slice": at,
        "layer": layer,
        "source_id": pair[0],
        "target_id": pair[1],
        "directed": layer.startswith("ref"),
        "weight": float(weight),
        "events": int(max(weight, 1)),
        "people": people,
        "first_seen": day,
        "last_seen": day,
    }


def ties(drawn: Staffed) -> list[Row]:
    """The ties of every slice."""
    found = []
    for at in range(len(drawn.calendar)):
        months = _months_in(drawn.calendar, at)
        mine = [_tie(at, "meetings", pair, 1.5, n) for pair, n in drawn.met.items()]
        for (layer, one, two), by_month in drawn.referred.items():
            if weight := sum(by_month[month] for month in months):
                mine.append(_tie(at, layer, (one, two), weight, None))
        for pair in sorted({role.pair for role in _held(drawn, at)}):
            n = sum(role.pair == pair for role in _held(drawn, at))
            mine.append(_tie(at, "joint_roles", pair, n, n))
        for pair in sorted({tuple(sorted((row["source_id"], row["target_id"]))) for row in mine}):
            layers = {row["layer"] for row in mine if {row["source_id"], row["target_id"]} == set(pair)}
            mine.append(_tie(at, "combined", (pair[0], pair[1]), len(layers), None))
        found += mine
    return found


def _metric(at: int, layer: str, metric: str, value: float | None, **about: Any) -> Row:
    status = "undefined" if value is None else "ok"
    return {"slice": at, "layer": layer, "metric": metric, "value": value, "status": status, **about}


def _organisations(drawn: Staffed, tied: list[Row]) -> Iterable[Row]:
    names = sorted({end for pair in drawn.met for end in pair})
    for at in range(len(drawn.calendar)):
        for layer in ("joint_roles", "referrals", "referrals_back", "meetings"):
            mine = [row for row in tied if row["slice"] == at and row["layer"] == layer]
            for name in names:
                sent = sum(row["weight"] for row in mine if row["source_id"] == name)
                received = sum(row["weight"] for row in mine if row["target_id"] == name)
                yield _metric(at, layer, "strength", sent + received, organisation_id=name)
                yield _metric(at, layer, "pagerank", 0.25, organisation_id=name)
                yield _metric(at, layer, "degree", 2.0, organisation_id=name)
                if layer.startswith("ref"):
                    yield _metric(at, layer, "out_strength", sent, organisation_id=name)
                    yield _metric(at, layer, "in_strength", received, organisation_id=name)
        for name in names:
            events = drawn.came[name][at][1]
            yield _metric(at, "meetings", "events_attended", float(events), organisation_id=name)
            yield _metric(at, "meetings", "events_attended_share", events / EVENTS, organisation_id=name)


def _pairs(tied: list[Row]) -> Iterable[Row]:
    for row in tied:
        about = {"organisation_id": row["source_id"], "other_organisation_id": row["target_id"]}
        yield _metric(row["slice"], row["layer"], "weight", row["weight"], **about)
        yield _metric(row["slice"], row["layer"], "age", 30.0, **about)


def _groups(drawn: Staffed, rng: Generator) -> Iterable[Row]:
    for at in range(len(drawn.calendar)):
        for group, sizes in drawn.people.items():
            n = sizes[at]
            about = {"professional_group": group, "other_group": group, "n_people": n}
            roles = sum(role.group == group for role in _held(drawn, at))
            yield _metric(at, "joint_roles", "joint_roles", float(roles), **about)
            reach = int(rng.integers(0, n + 1)) / n if n else None
            yield _metric(at, "combined", "acq_reach", reach, **about)
            yield _metric(at, "combined", "acq_breadth", float(rng.random()) if n else None, **about)


def _network(drawn: Staffed, deferred: list[int]) -> Iterable[Row]:
    for at in range(len(drawn.calendar)):
        months = _months_in(drawn.calendar, at)
        cases = sum(drawn.cases[month] for month in months)
        rate = sum(deferred[month] for month in months) / cases if cases else None
        yield _metric(at, "joint_roles", "joint_roles_active", float(len(_held(drawn, at))), node_set="roster")
        yield _metric(at, "mdt", "mdt_cases", float(cases), node_set="roster")
        yield _metric(at, "mdt", "deferral_missing_info_rate", rate, node_set="roster")
        yield _metric(at, "joint_roles", "density", 0.5, node_set="roster")
        mean = sum(by_slice[at][1] for by_slice in drawn.came.values()) / len(drawn.came)
        yield _metric(at, "meetings", "events_per_organisation", mean, node_set="roster")
        yield _metric(at, "meetings", "two_mode_density", mean / EVENTS, node_set="roster")


def _behind(drawn: Staffed) -> Iterable[Row]:
    for at in range(len(drawn.calendar)):
        n = sum(drawn.cases[month] for month in _months_in(drawn.calendar, at))
        row = {"slice": at, "layer": "mdt", "organisation_id": None}
        yield {**row, "metric": "deferral_missing_info_rate", "n_people": n}
        for name, by_slice in drawn.came.items():
            for metric in ("events_attended", "events_attended_share"):
                row = {"slice": at, "layer": "meetings", "organisation_id": name, "metric": metric}
                yield {**row, "n_people": by_slice[at][0]}


def _indicators(drawn: Staffed) -> Iterable[Row]:
    blank = dict.fromkeys(("level_lo", "level_hi", "proxy_level", "trend"))
    for at in range(len(drawn.calendar)):
        scopes = [("group", group, sizes[at]) for group, sizes in drawn.people.items()]
        for kind, name, n in [*scopes, ("network", "us", sum(n for _, _, n in scopes))]:
            evidence = {"measure": "acq_breadth", "value": 0.4, "operator": ">=", "threshold": 0.5, "met": False}
            yield {
                **blank,
                "slice": at,
                "indicator": "acquaint",
                "dimension": "internalisation",
                "scope_type": kind,
                "scope_id": name,
                "level": 2,
                "evidence_class": "direct",
                "basis": "ties",
                "status": "assessed",
                "coverage": 1.0,
                "n_people": n,
                "n_organisations": 4,
                "n_events": 9,
                "reasons": [f"{n} people, at least 8 are needed"],
                "evidence": [{**evidence, "n": n, "coverage": 1.0}],
            }


def _activity(drawn: Staffed, deferred: list[int]) -> Iterable[Row]:
    for month in range(MONTHS):
        made = sum(by_month[month] for by_month in drawn.referred.values())
        n = drawn.cases[month]
        rate = deferred[month] / n if n else None
        for metric, value, behind in (
            ("referrals_made", float(made), made),
            ("deferral_missing_info_rate", rate, n),
        ):
            yield {
                "measure_table": "network_metrics",
                "entity": "roster",
                "metric": metric,
                "period_start": _month(month),
                "period_end": _month(month + 1),
                "value": value,
                "n": behind,
                "coverage": 1.0,
                "status": "undefined" if value is None else "ok",
            }


def _answers(drawn: Staffed) -> Iterable[Row]:
    groups = [("professional_group", group, n) for group, n in drawn.answers.items() if n]
    for kind, name, n in [*groups, ("all", "all", sum(n for _, _, n in groups))]:
        yield {
            "instrument": "damour10",
            "wave": "1",
            "wave_date": START,
            "item": "trust",
            "stratum_type": kind,
            "stratum": name,
            "measure": "survey_simple_mean",
            "value": 3.0 if n else None,
            "n_people": n,
            "status": "ok" if n else "undefined",
        }


def _changes(drawn: Staffed) -> Iterable[Row]:
    labels = [each.label for each in drawn.calendar.slices]
    blank = dict.fromkeys(("ci_low", "ci_high", "p_value", "q_value"))
    for at in range(1, len(labels)):
        sides = [float(len(_held(drawn, number))) for number in (at - 1, at)]
        yield {
            **blank,
            "measure_table": "network_metrics",
            "entity": "roster",
            "layer": "joint_roles",
            "metric": "joint_roles_active",
            "before": labels[at - 1],
            "after": labels[at],
            "n_before": 1,
            "n_after": 1,
            "value_before": sides[0],
            "value_after": sides[1],
            "difference": sides[1] - sides[0],
            "method": "difference",
            "verdict": "unclear",
            "reasons": ["the difference alone does not tell change from chance"],
        }


def table(name: str, rows: Iterable[Row], calendar: Calendar) -> Any:
    """Rows as a published table."""
    found, timed = list(rows), "slice" in store.columns_of(name)
    filled = {"slice_start", "slice_end", "window_start"} if timed else set()
    columns: dict[str, Any] = {
        each: [row[each] for row in found] for each in store.columns_of(name) if each not in filled
    }
    if timed:
        columns["slice"] = np.array(columns["slice"], dtype=np.int64)
    return store.sorted_by_key(name, store.table(name, columns, calendar if timed else None))


def publish(drawn: Staffed, folder: Path, rng: Generator) -> Path:
    """Publish it as a run does, with no row in the tables that nothing was drawn for; return the output folder."""
    deferred = [int(rng.integers(0, n + 1)) for n in drawn.cases]
    tied = ties(drawn)
    rows: dict[str, Iterable[Row]] = {
        "ties": tied,
        "organisation_metrics": _organisations(drawn, tied),
        "pair_metrics": _pairs(tied),
        "group_metrics": _groups(drawn, rng),
        "network_metrics": _network(drawn, deferred),
        "indicators": _indicators(drawn),
        "activity": _activity(drawn, deferred),
        "survey_scores": _answers(drawn),
        "changes": _changes(drawn),
        "people_behind": _behind(drawn),
    }
    tables = {name: TABLES[name].schema.empty_table() for name in TABLES if not TABLES[name].of_copies}
    tables |= {name: table(name, found, drawn.calendar) for name, found in rows.items()}
    manifest = {
        "network": "us",
        "package": {"name": "interorgnet", "version": "0"},
        "configuration": drawn.config.model_dump(mode="json", exclude={"folder"}),
        "configuration_sha256": "c",
        "indicators": {},
        "indicators_sha256": "i",
        "records": {"read": {"people": 3, "referrals": 400}, "used": {}, "rejected": {}},
        "finished": "2021-02-03T04:05:06+00:00",
    }
    store.publish(folder, tables, manifest, datetime(2021, 2, 3, tzinfo=UTC))
    return folder
