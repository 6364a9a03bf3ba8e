"""Local wall-clock time to and from seconds since 1970 in UTC, as SQL: a handful of comparisons, not a call per row."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Change:
    """A moment (seconds since 1970, UTC) at which a zone's offset from UTC changes, in seconds."""

    at: int
    before: int
    after: int


def _offset(zone: ZoneInfo, moment: int) -> int:
    offset = datetime.fromtimestamp(moment, UTC).astimezone(zone).utcoffset()
    return int(offset.total_seconds()) if offset else 0


def changes(zone: ZoneInfo, first_year: int, last_year: int) -> list[Change]:
    """Every change of a zone's offset from one year's start to another's end."""
    found = []
    day = datetime(first_year, 1, 1, tzinfo=UTC)
    while day.year <= last_year:
        low, high = int(day.timestamp()), int((day + timedelta(days=1)).timestamp())
        before, after = _offset(zone, low), _offset(zone, high)
        if before != after:
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if _offset(zone, middle) == before else (low, middle)
            found.append(Change(high, before, after))
        day += timedelta(days=1)
    return found


@dataclass(frozen=True)
class ZoneSql:
    """A zone's clock as SQL over one network's years; years beyond them keep the nearest offset."""

    first: int
    changes: tuple[Change, ...]

    @classmethod
    def of(cls, zone: ZoneInfo, first_year: int, last_year: int) -> "ZoneSql":
        """The zone's clock from one year to another."""
        start = int(datetime(first_year, 1, 1, tzinfo=UTC).timestamp())
        return cls(_offset(zone, start), tuple(changes(zone, first_year, last_year)))

    def _pick(self, moment: str, shifted: bool) -> str:
        cases = " ".join(
            f"WHEN {moment} >= {change.at + (change.before if shifted else 0)} THEN {change.after}"
            for change in reversed(self.changes)
        )
        return f"CASE {cases} ELSE {self.first} END" if cases else str(self.first)

    def to_utc(self, local: str) -> str:
        """Seconds of local wall clock to seconds of UTC."""
        return f"({local} - ({self._pick(local, shifted=True)}))"

    def to_local(self, utc: str) -> str:
        """Seconds of UTC to seconds of local wall clock."""
        return f"({utc} + ({self._pick(utc, shifted=False)}))"

    def _between(self, local: str, forward: bool) -> str:
        spans = [
            f"({local} >= {c.at + min(c.before, c.after)} AND {local} < {c.at + max(c.before, c.after)})"
            for c in self.changes
            if (c.after > c.before) == forward
        ]
        return f"({' OR '.join(spans)})" if spans else "false"

    def skipped(self, local: str) -> str:
        """Whether a local time never was, because the clocks went forward over it."""
        return self._between(local, forward=True)

    def repeated(self, local: str) -> str:
        """Whether a local time was twice, because the clocks went back over it."""
        return self._between(local, forward=False)
