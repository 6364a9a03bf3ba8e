"""The records that are timed: a made-up region of hospitals, of any size.

Organisations lie in neighbourhoods of 25. A series of meetings draws its people from a pool of forty, from up to eight
organisations, so that the same people meet again, as colleagues do. Most series, and most referrals, stay within one
neighbourhood; a tenth of the series gather organisations from anywhere, and a tenth of the referrals go to one of twelve
specialist centres.
"""

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

GROUPS = ("surgeon", "nurse", "radiologist", "oncologist", "ahp", "pathologist", "manager", "physician")
MEETING_TYPES = ("smdt", "local_mdt", "pathway_board", "discipline_group", "working_group", "learning")
TYPE_SHARES = (0.35, 0.25, 0.1, 0.15, 0.1, 0.05)
NEIGHBOURHOOD = 25
CENTRES = 12
PARTIES = 8
POOL = 40
SEED = 20260401
KINDS = ("organisations", "people", "meetings", "attendance", "referrals", "joint_roles")


@dataclass(frozen=True)
class Workload:
    """How many records there are, and how they are cut into slices. Attendances are ten to an event, on average."""

    events: int = 200_000
    people: int = 20_000
    organisations: int = 200
    referrals: int = 1_000_000
    joint_roles: int = 5_000
    months: int = 60
    slice_months: int = 1
    window_months: int = 12
    every: str | None = None
    engine: str = "local"
    workers: int = 2

    def of_size(self, factor: float) -> "Workload":
        """The same region with more or fewer records of what happens; people and organisations stay as they are."""
        many = {name: round(getattr(self, name) * factor) for name in ("events", "referrals", "joint_roles")}
        return replace(self, **many)


W1 = Workload()


def write(workload: Workload, folder: Path) -> Path:
    """Write a workload as Parquet files with a configuration; returns the configuration's path."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(SEED)
    n = workload.organisations
    orgs = np.array([f"R{number:03d}" for number in range(n)])
    home = rng.integers(0, n, workload.people)
    people = np.array([f"P{number:06d}" for number in range(workload.people)])
    group = rng.choice(np.array(GROUPS), workload.people)
    _save(
        folder / "organisations.parquet",
        org_id=orgs,
        kind=np.full(n, "provider"),
        role=np.where(np.arange(n) < CENTRES, "specialist", np.where(np.arange(n) == CENTRES, "core_agency", "local")),
    )
    _save(
        folder / "people.parquet",
        person_id=people,
        org_id=orgs[home],
        group=group,
        tier=rng.choice(["senior", "middle", "frontline"], workload.people),
    )
    _meetings(workload, folder, rng, orgs, home, people)
    _referrals(workload, folder, rng, orgs)
    _joint_roles(workload, folder, rng, orgs, home, people, group)
    return _configuration(workload, folder)


def _save(path: Path, **columns: object) -> None:
    pq.write_table(pa.table(columns), path)


def _days(workload: Workload) -> int:
    return (_end(workload) - date(2015, 1, 1)).days


def _end(workload: Workload) -> date:
    years, months = divmod(workload.months, 12)
    return date(2015 + years, 1 + months, 1)


def _minutes(minutes: np.ndarray) -> np.ndarray:
    return np.datetime64("2015-01-01T00:00:00", "s") + (60 * minutes).astype("timedelta64[s]")


def _named(names: np.ndarray | list[str], codes: np.ndarray) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32)), pa.array(names, pa.string()))


def _meetings(
    workload: Workload, folder: Path, rng: np.random.Generator, orgs: np.ndarray, home: np.ndarray, people: np.ndarray
) -> None:
    n, events = len(orgs), workload.events
    series = max(1, events // 200)
    near = rng.integers(0, max(1, n // NEIGHBOURHOOD), series)[:, None] * NEIGHBOURHOOD
    near = near + rng.integers(0, NEIGHBOURHOOD, (series, PARTIES))
    anywhere = rng.random((series, 1)) < 0.1
    parties = np.minimum(np.where(anywhere, rng.integers(0, n, near.shape), near), n - 1)
    by_home = np.argsort(home, kind="stable")
    staff = np.bincount(home, minlength=n)
    from_org = parties[np.arange(series)[:, None], rng.integers(0, PARTIES, (series, POOL))]
    seat = (rng.random((series, POOL)) * staff[from_org]).astype(np.int64)
    pools = by_home[(np.cumsum(staff) - staff)[from_org] + seat]
    kind = rng.choice(len(MEETING_TYPES), series, p=TYPE_SHARES)
    convenor = home[pools[:, 0]]

    of_series = rng.integers(0, series, events)
    start = rng.integers(0, _days(workload), events) * 1440 + rng.integers(32, 66, events) * 15
    length = rng.choice([60, 90, 120], events)
    meeting = np.array([f"M{number:08d}" for number in range(events)])
    _save(
        folder / "meetings.parquet",
        meeting_id=meeting,
        start=_minutes(start),
        end=_minutes(start + length),
        series_id=np.array([f"S{number:06d}" for number in range(series)])[of_series],
        type=np.array(MEETING_TYPES)[kind[of_series]],
        convenor_org_id=orgs[convenor[of_series]],
        chair_person_id=people[pools[of_series, 0]],
        status=np.full(events, "held"),
    )
    # Who comes: each event draws from two to eighteen different places in its series' pool, ten on average.
    size = rng.integers(2, 19, events)
    event = np.repeat(np.arange(events), size)
    turn = np.arange(len(event)) - np.repeat(np.cumsum(size) - size, size)
    first, stride = rng.integers(0, POOL, events), rng.choice([1, 3, 7, 9, 11, 13, 17, 19], events)
    person = pools[of_series[event], (first[event] + turn * stride[event]) % POOL]
    keep = np.sort(np.unique(event * workload.people + person, return_index=True)[1])
    event, person = event[keep], person[keep]
    late = rng.integers(0, 20, len(event))
    remote = rng.random(len(event)) < 0.3
    stay = np.where(remote, np.minimum(rng.integers(20, 61, len(event)), length[event] - late), length[event] - late)
    _save(
        folder / "attendance.parquet",
        meeting_id=_named(meeting, event),
        person_id=_named(people, person),
        org_id=_named(orgs, home[person]),
        status=_named(["attended"], np.zeros(len(event))),
        join=_minutes(start[event] + late),
        leave=_minutes(start[event] + late + stay),
        mode=_named(["in_person", "video"], remote),
    )


def _referrals(workload: Workload, folder: Path, rng: np.random.Generator, orgs: np.ndarray) -> None:
    n, rows = len(orgs), workload.referrals
    source = rng.integers(0, n, rows)
    near = source // NEIGHBOURHOOD * NEIGHBOURHOOD + rng.integers(0, NEIGHBOURHOOD, rows)
    target = np.where(rng.random(rows) < 0.1, rng.integers(0, min(CENTRES, n), rows), np.minimum(near, n - 1))
    target = np.where(target == source, (target + 1) % n, target)
    back = rng.random(rows) < 0.2
    day = rng.integers(0, _days(workload), rows)
    _save(
        folder / "referrals.parquet",
        referral_id=pa.array([f"F{number:09d}" for number in range(rows)]),
        date=np.datetime64("2015-01-01") + day.astype("timedelta64[D]"),
        from_org=_named(orgs, np.where(back, target, source)),
        to_org=_named(orgs, np.where(back, source, target)),
        from_group=_named(list(GROUPS), rng.integers(0, len(GROUPS), rows)),
        to_group=_named(list(GROUPS), rng.integers(0, len(GROUPS), rows)),
        direction_type=_named(["forward", "refer_back"], back),
        info_complete=rng.random(rows) < 0.8,
        accepted_date=np.datetime64("2015-01-01") + (day + rng.integers(0, 15, rows)).astype("timedelta64[D]"),
    )


def _joint_roles(
    workload: Workload,
    folder: Path,
    rng: np.random.Generator,
    orgs: np.ndarray,
    home: np.ndarray,
    people: np.ndarray,
    group: np.ndarray,
) -> None:
    rows, n = workload.joint_roles, len(orgs)
    person = rng.permutation(len(people))[np.arange(rows) % len(people)]
    step = rng.integers(1, NEIGHBOURHOOD, rows)
    base = home[person] // NEIGHBOURHOOD * NEIGHBOURHOOD
    other = np.minimum(base + (home[person] - base + step) % NEIGHBOURHOOD, n - 1)
    start = rng.integers(0, _days(workload) - 30, rows)
    # Of one person's spells, each begins on a day of its own.
    start = (start + np.arange(rows) // len(people)) % (_days(workload) - 30)
    _save(
        folder / "joint_roles.parquet",
        person_id=people[person],
        start=np.datetime64("2015-01-01") + start.astype("timedelta64[D]"),
        end=np.datetime64("2015-01-01") + (start + rng.integers(90, 1500, rows)).astype("timedelta64[D]"),
        org_ids=np.char.add(np.char.add(orgs[home[person]], ";"), orgs[other]),
        group=group[person],
    )


def one_more_month(workload: Workload, whole: Path, folder: Path) -> tuple[Path, Path]:
    """A workload's records as they were a month before its end, and as they are: two configurations, one folder of results.

    `whole` is the folder that the workload was written in.
    """
    folder.mkdir(parents=True, exist_ok=True)
    shorter = replace(workload, months=workload.months - 1)
    meetings = f"SELECT * FROM '{whole}/meetings.parquet' WHERE start < DATE '{_end(shorter)}'"
    earlier = {kind: f"SELECT * FROM '{whole}/{kind}.parquet'" for kind in KINDS}
    earlier["meetings"] = meetings
    earlier["attendance"] += f" SEMI JOIN ({meetings}) USING (meeting_id)"
    earlier["referrals"] += f" WHERE date < DATE '{_end(shorter)}'"
    for kind, rows in earlier.items():
        duckdb.sql(f"COPY ({rows}) TO '{folder}/{kind}.parquet'")
    _configuration(shorter, folder)
    before = _settings(shorter, folder / "region.yaml", reuse=True)
    return before, _settings(workload, folder / "later.yaml", f"{whole.absolute()}/", reuse=True)


def _configuration(workload: Workload, folder: Path) -> Path:
    end = _end(workload)
    _save(
        folder / "coverage.parquet",
        source_id=[f"{kind}.parquet" for kind in KINDS],
        record_kind=KINDS,
        period_start=[date(2015, 1, 1)] * len(KINDS),
        period_end=[end] * len(KINDS),
        complete=["true"] * len(KINDS),
    )
    return _settings(workload, folder / "region.yaml")


def _settings(workload: Workload, path: Path, records: str = "", reuse: bool = False) -> Path:
    """A configuration on the records of a folder, its own if not said otherwise."""
    end = _end(workload)
    every = workload.every or ("month" if workload.slice_months == 1 else f"{workload.slice_months} months")
    lines = [
        "network: region",
        f"period: {{start: 2015-01-01, end: {end}}}",
        f"slices: {{every: {every}, window: {workload.window_months} months}}",
        f"phases: {{pre: [2015-01-01, {_middle(workload)}], post: [{_middle(workload)}, {end}]}}",
        "person_key: {file: benchmark.key}",
        "sources:",
        *(f"  {kind}: {{path: {records}{kind}.parquet}}" for kind in [*KINDS, "coverage"]),
        "uncertainty: {replicates: 0, sensitivity: none}",
        f"compute: {{engine: {workload.engine}, workers: {workload.workers}, reuse: {str(reuse).lower()}}}",
        "out: results",
    ]
    (path.parent / "benchmark.key").write_text("0" * 64 + "\n")  # for timing only, never for real records
    path.write_text("\n".join(lines) + "\n")
    return path


def _middle(workload: Workload) -> date:
    half = workload.months // 2
    return date(2015 + half // 12, 1 + half % 12, 1)
