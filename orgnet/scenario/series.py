"""The series of meetings: what they are for, when they meet, who convenes them, and who tends to come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta

from orgnet.scenario.parameters import (
    CENTRES,
    NAVIGATORS,
    NETWORK_BODY,
    PERIOD_END,
    PERIOD_START,
    PROVIDERS,
    ByPhase,
    Plan,
    steady,
)
from orgnet.vocabulary import GOVERNANCE_TYPES, MeetingType

MON, TUE, WED, THU, FRI = range(5)


@dataclass(frozen=True)
class Turnout:
    """How members of one group come: `each` on their own, `one` for each organisation, or its `named` one."""

    group: str
    who: str
    p: ByPhase
    orgs: tuple[str, ...] = PROVIDERS


@dataclass(frozen=True)
class Series:
    """One series of meetings. `turnout` is empty for specialist meetings: their host has a fixed team."""

    series_id: str
    type: MeetingType
    days: Sequence[date]
    begins: time
    minutes: int
    turnout: tuple[Turnout, ...] = ()
    convenor: str = NETWORK_BODY
    pathway: str | None = None

    @property
    def staff(self) -> int:
        """How many of the network's staff are there: two wherever the network governs."""
        return 2 if self.type in GOVERNANCE_TYPES else 0


def days(
    weekday: int,
    weeks: Sequence[int] = (1,),
    every: int = 1,
    after: int = 0,
    start: date = PERIOD_START,
    end: date = PERIOD_END,
) -> list[date]:
    """The given weekday of the given weeks, `every` so many months, beginning `after` months from `start`."""
    found = []
    month = start.year * 12 + start.month - 1 + after
    while (first := date(month // 12, month % 12 + 1, 1)) < end:
        to_weekday = (weekday - first.weekday()) % 7
        found += [first + timedelta(to_weekday + 7 * (week - 1)) for week in weeks]
        month += every
    return found


def _one(group: str, p: float) -> Turnout:
    return Turnout(group, "one", steady(p))


def _each(group: str, p: float) -> Turnout:
    return Turnout(group, "each", steady(p))


def _named(group: str, p: float, *orgs: str) -> Turnout:
    return Turnout(group, "named", steady(p), orgs)


BOARD = (
    _one("surgeon", 0.80),
    Turnout("nurse", "one", ByPhase(pre=0.50, transition=0.60, post=0.60)),
    _one("manager", 0.45),
    _named("radiologist", 0.5, "ZP01", "ZP04"),
    _named("oncologist", 0.5, "ZP01", "ZP02"),
    _named("ahp", 0.5, "ZP02"),
    _named("pathologist", 0.5, "ZP01"),
)
TECHNICAL = (
    _one("surgeon", 0.70),
    _one("nurse", 0.35),
    _named("radiologist", 0.6, "ZP01", "ZP03", "ZP06"),
    _named("oncologist", 0.6, "ZP01", "ZP02", "ZP03"),
)
WORKING_ORGS = ("ZP01", "ZP02", "ZP03", "ZP05", "ZP08", "ZP10")
WORKING = tuple(
    Turnout(group, "one", steady(p), WORKING_ORGS) for group, p in [("surgeon", 0.5), ("nurse", 0.3), ("manager", 0.5)]
)
LEARNING = (
    _one("surgeon", 0.5),
    _one("nurse", 0.4),
    _one("oncologist", 0.2),
    _one("ahp", 0.1),
    _one("radiologist", 0.06),
)


def _board(pathway: str, week: int) -> Series:
    name = f"pathway_board_{pathway.lower()}"
    return Series(name, MeetingType.PATHWAY_BOARD, days(THU, (week,)), time(13), 90, BOARD, pathway=pathway)


def _discipline(
    name: str, group: str, p: float, when: Sequence[date], minutes: int, convenor: str = NETWORK_BODY
) -> Series:
    turnout = (_each(group, p),)
    return Series(name, MeetingType.DISCIPLINE_GROUP, when, time(10), minutes, turnout, convenor)


def _working_group(name: str, week: int, start: date) -> Series:
    return Series(name, MeetingType.WORKING_GROUP, days(FRI, (week,), every=3, start=start), time(10), 90, WORKING)


def _specialist_meeting(pathway: str, weekday: int, plan: Plan) -> Series:
    return Series(
        f"smdt_{pathway.lower()}",
        MeetingType.SMDT,
        days(weekday, (1, 2, 3, 4), start=plan.centralised),
        time(8),
        120,
        convenor=plan.chairs_from or CENTRES[pathway],
        pathway=pathway,
    )


def _local_meeting(org: str) -> Series:
    """A provider's own team meeting, which nobody from elsewhere comes to."""
    turnout = [
        Turnout("surgeon", "each", steady(0.6), (org,)),
        *(Turnout(group, "one", steady(0.8), (org,)) for group in ("nurse", "radiologist", "pathologist")),
        Turnout("oncologist", "one", steady(0.6), (org,)),
    ]
    if org in NAVIGATORS:
        turnout.append(Turnout("navigator", "each", steady(0.8), (org,)))
    name = local_series(org)
    return Series(name, MeetingType.LOCAL_MDT, days(WED, (2,)), time(14), 60, tuple(turnout), convenor=org)


def local_series(org: str) -> str:
    """The name of a provider's own series of team meetings."""
    return f"local_mdt_{org.lower()}"


def _radiology(plan: Plan) -> Series:
    dates = days(FRI, (2,)) if plan.radiology_monthly else [date(2014, 11, 13), date(2017, 10, 13)]
    return _discipline("radiology_network", "radiologist", 0.60, dates, 120)


def series(plan: Plan) -> tuple[Series, ...]:
    """Every series of the scenario; the providers' own meetings come last."""
    since = plan.centralised
    return (
        _board("URO", 2),
        _board("OG", 3),
        Series(
            "technical_group",
            MeetingType.TECHNICAL_GROUP,
            days(FRI, (3,), every=3, after=1, end=since),
            time(13),
            120,
            TECHNICAL,
        ),
        _discipline("surgeon_audit", "surgeon", 0.50, days(MON, every=3, after=1), 150, convenor="ZP01"),
        _discipline("cns_forum", "nurse", 0.40, days(MON, (2,), every=6, after=2, end=since), 120),
        _discipline("cns_bladder", "nurse", 0.45, days(MON, (2,), start=since), 90),
        _discipline("cns_prostate", "nurse", 0.45, days(MON, (3,), start=since), 90),
        _discipline("ahp_forum", "ahp", 0.30, days(MON, (2,), every=6, after=1), 120),
        _discipline("onc_meeting", "oncologist", 0.45, days(MON, (2,), every=12, after=10), 120),
        _radiology(plan),
        _working_group("working_group_access", 2, since),
        _working_group("working_group_aftercare", 3, since),
        Series("learning", MeetingType.LEARNING, days(FRI, (3,), every=12, after=5), time(10), 240, LEARNING),
        _specialist_meeting("PB", TUE, plan),
        _specialist_meeting("RN", WED, plan),
        _specialist_meeting("OG", THU, plan),
        *(_local_meeting(org) for org in PROVIDERS),
    )
