"""Whether records are good enough to be measured: what was put aside, what is missing, and feeds that have stopped.

Looked at before anything is measured. A breach names organisations, never people.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from orgnet.config import Config
from orgnet.config.quality import Limits
from orgnet.errors import InputFault
from orgnet.records.by_slice import Counts, counts_by_slice
from orgnet.records.coverage import Coverage, make_coverage
from orgnet.records.organisations import Roster, make_roster
from orgnet.records.read import Records, Tally
from orgnet.schema.kinds import EXAMPLE
from orgnet.vocabulary import Reason, RecordKind
from orgnet.windows import Calendar

FEEDS = {RecordKind.ATTENDANCE: "org_id", RecordKind.REFERRALS: "from_org"}
"""What an organisation's own systems send, and the field that names it."""
EXAMPLE_ROWS = "example_rows"
_ROUNDING = 1e-9
"""Shares within this are alike: a limit that is just kept is kept."""


@dataclass(frozen=True)
class Breach:
    """One limit that records do not keep to; the gate is the limit's name in the configuration, or `example_rows`."""

    gate: str
    record_kind: RecordKind
    organisation_id: str | None
    slice: str | None
    found: float
    limit: float
    message: str


class QualityFault(InputFault):
    """Records that do not keep to the limits, in a network that publishes nothing then."""


@dataclass(frozen=True)
class _Judged:
    """What is looked at: the records as they were recorded, and the last slice that has settled."""

    records: Records
    config: Config
    calendar: Calendar
    last: int
    roster: Roster
    coverage: Coverage

    def label(self, number: int) -> str:
        return self.calendar.slices[number].label

    def before(self, number: int) -> slice | None:
        """The slices that say what is usual before a slice; None if there are too few."""
        look_back = self.config.quality.look_back
        first = max(0, number - look_back)
        return slice(first, number) if number - first >= (look_back + 1) // 2 else None


def judge(records: Records, config: Config, today: date) -> list[Breach]:
    """Every limit that the records do not keep to, in the order of the kinds. What is usual is judged on `today`."""
    recorded, calendar = records.recorded or records, config.calendar
    settled = today - timedelta(days=config.quality.settle_days)
    last = sum(s.end <= settled for s in calendar.slices) - 1
    roster = make_roster(recorded, calendar)
    seen = _Judged(recorded, config, calendar, last, roster, make_coverage(recorded, roster, calendar))
    breaches = [*_examples(recorded), *_put_aside(records, config)]
    if last >= 0:
        breaches += [*_less_covered(seen), *_fewer(seen)]
    return sorted(breaches, key=lambda each: list(RecordKind).index(each.record_kind))


def check(records: Records, config: Config, today: date) -> list[Breach]:
    """The same. Raises QualityFault, with every breach, if the configuration says that a breach stops the run."""
    breaches = judge(records, config, today)
    if breaches and config.quality.on_breach == "fail":
        raise QualityFault([f"quality: {each.message}" for each in breaches])
    return breaches


def in_short(breaches: Sequence[Breach]) -> str:
    """How many limits of each sort are not kept to."""
    counts = Counter(f"{each.record_kind.value} {each.gate}" for each in breaches)
    return ", ".join(f"{n} {what}" for what, n in counts.items())


def _setting(kind: RecordKind, gate: str) -> str:
    return f"`quality.kinds.{kind.value}.{gate}`"


def _of_other_times(tallies: Sequence[Tally]) -> set[str]:
    """The reasons that are no fault of a row: it is of another time than the network's period, or its meeting is."""
    meetings = next((tally.put_aside for tally in tallies if tally.kind == RecordKind.MEETINGS), {})
    return {Reason.OUTSIDE_PERIOD, *([Reason.UNKNOWN_MEETING] if Reason.OUTSIDE_PERIOD in meetings else [])}


def _examples(records: Records) -> Iterator[Breach]:
    """Files in which the rows of a template were left, which are nobody's records."""
    files = list(dict.fromkeys(file for found in records.examples.values() for file in found))
    if files:
        message = (
            f"example rows, with identifiers that begin with {EXAMPLE}, are still in {', '.join(files)} and are counted as if "
            "they were records; put your own in their place"
        )
        yield Breach(EXAMPLE_ROWS, next(iter(records.examples)), None, None, float(len(files)), 0.0, message)


def _put_aside(records: Records, config: Config) -> Iterator[Breach]:
    """Kinds of which too many rows were put aside, those of other times not counted."""
    tallies = records.tallies()
    no_fault = _of_other_times(tallies)
    for tally in tallies:
        faulty = {reason: n for reason, n in tally.put_aside.items() if reason not in no_fault}
        limit, aside = config.quality.of(tally.kind).rejected_share, sum(faulty.values())
        read = aside + tally.accepted
        if limit is None or not read or aside / read <= limit + _ROUNDING:
            continue
        why = ", ".join(f"{n:,} {reason}" for reason, n in faulty.items())
        message = (
            f"{tally.kind.value}: {aside:,} of {read:,} rows were put aside ({aside / read:.1%}, limit {limit:.1%}): "
            f"{why}; `orgnet validate` says where: mend them, or set {_setting(tally.kind, 'rejected_share')}"
        )
        yield Breach("rejected_share", tally.kind, None, None, aside / read, limit, message)


def _less_covered(seen: _Judged) -> Iterator[Breach]:
    """Kinds whose records are known to be whole for fewer organisations than usual."""
    before = seen.before(seen.last)
    for kind in seen.coverage.whole:
        limit = seen.config.quality.of(kind).coverage_drop
        shares = seen.coverage.share(kind, seen.roster.present)
        if limit is None or before is None or np.isnan(shares[before]).all():
            continue
        found, usual = float(shares[seen.last]), float(np.nanmedian(shares[before]))
        if usual - found > limit + _ROUNDING:
            message = (
                f"{kind.value}: known to be whole for {found:.1%} of organisations in {seen.label(seen.last)}, usually "
                f"{usual:.1%} (limit: {limit:.1%} less); ask for what has not come, or, if it has, add coverage records; "
                f"or set {_setting(kind, 'coverage_drop')}"
            )
            yield Breach("coverage_drop", kind, None, seen.label(seen.last), found, usual - limit, message)


def _fewer(seen: _Judged) -> Iterator[Breach]:
    """Kinds, and organisations' feeds, of which fewer records came than usual."""
    for kind, counts in counts_by_slice(seen.records, seen.calendar, FEEDS).items():
        limits = seen.config.quality.of(kind)
        yield from _fewer_in_all(seen, kind, limits, counts.sum(axis=0))
        if kind in FEEDS and limits.organisation_drop is not None:
            yield from _stopped(seen, kind, limits, limits.organisation_drop, counts)


def _usual(seen: _Judged, counts: Counts, number: int) -> NDArray[np.float64] | None:
    """How many records are usual in a slice and every later one, by the median of the days before it."""
    before = seen.before(number)
    days = (seen.calendar.ends - seen.calendar.starts).astype(np.float64)
    return None if before is None else np.median(counts[before] / days[before]) * days[number:]


def _fewer_in_all(seen: _Judged, kind: RecordKind, limits: Limits, counts: Counts) -> Iterator[Breach]:
    drop, usual = limits.volume_drop, _usual(seen, counts, seen.last)
    if drop is None or usual is None or usual[0] < limits.least - _ROUNDING:
        return
    found, least = int(counts[seen.last]), (1 - drop) * float(usual[0])
    if found < least * (1 - _ROUNDING):
        message = (
            f"{kind.value}: {found:,} records in {seen.label(seen.last)}, usually {usual[0]:,.0f} (limit: {drop:.0%} "
            f"fewer); see whether a delivery is missing; if not, set {_setting(kind, 'volume_drop')}"
        )
        yield Breach("volume_drop", kind, None, seen.label(seen.last), found, least, message)


def _stopped(seen: _Judged, kind: RecordKind, limits: Limits, drop: float, counts: Counts) -> Iterator[Breach]:
    """Organisations on the roster whose records have all but stopped, though nothing says that any are missing."""
    told = kind in seen.coverage.whole
    whole = seen.coverage.of(kind)[:, seen.last]
    for org in seen.roster.on(seen.last):
        quiet = None if told and not whole[org] else _quiet_since(seen, counts[org], limits.least, drop)
        if quiet:
            stated = "although coverage says that all came" if told else "and nothing says whether all came"
            yield _stop(seen, kind, int(org), int(counts[org, seen.last]), *quiet, drop, stated)


def _quiet_since(seen: _Judged, counts: Counts, least: int, drop: float) -> tuple[int, float] | None:
    """The first slice since which, up to the last settled one, fewer records came than usual before; and what was usual."""
    days = seen.calendar.ends - seen.calendar.starts
    if counts[seen.last] / days[seen.last] >= (1 - drop) * (counts / days).max():
        return None  # as nearly all are: no need to look slice by slice
    for number in range(seen.last + 1):
        usual = _usual(seen, counts, number)
        if usual is None or usual[0] < least - _ROUNDING:
            continue
        since = counts[number : seen.last + 1]
        if (since < (1 - drop) * usual[: len(since)] * (1 - _ROUNDING)).all():
            return number, float(usual[0])
    return None


def _stop(
    seen: _Judged, kind: RecordKind, org: int, found: int, since: int, usual: float, drop: float, stated: str
) -> Breach:
    name = seen.roster.names[org]
    message = (
        f"{kind.value} of {name}: {found:,} records in {seen.label(seen.last)}, usually {usual:,.0f} before "
        f"{seen.label(since)}, since when they have all but stopped (limit: {drop:.0%} fewer), {stated}; if the feed was "
        f"lost, have it sent again or say so in coverage; if {name} has left, end it in organisations; or set "
        f"{_setting(kind, 'organisation_drop')}"
    )
    return Breach("organisation_drop", kind, name, seen.label(since), found, (1 - drop) * usual, message)
