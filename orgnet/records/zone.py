"""Local wall-clock time to and from seconds since 1970 in UTC, as SQL: a handful of comparisons, not a call per row."""

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from orgnet.records.sql import cases


@dataclass(frozen=True)
class Change:
    """A moment (seconds since 1970, UTC) at which a zone's offset from UTC changes, in seconds."""

    at: int
    before: int
    after: int


_WEEK = 7 * 86400
_BEFORE, _AFTER = -(2**62), 2**62


def _year(year: int) -> int:
    return int(datetime(year, 1, 1, tzinfo=UTC).timestamp())


def _offset(zone: ZoneInfo, moment: int) -> int:
    offset = datetime.fromtimestamp(moment, UTC).astimezone(zone).utcoffset()
    return int(offset.total_seconds()) if offset else 0


def changes(zone: ZoneInfo, first_year: int, last_year: int) -> list[Change]:
    """Every change of a zone's offset from one year's start to another's end; none undoes another within the week."""
    found = []
    low, end = _year(first_year), _year(last_year + 1)
    before = _offset(zone, low)
    while low < end:
        high = min(low + _WEEK, end)
        after = _offset(zone, high)
        if before != after:
            found.append(Change(_when(zone, low, high, before), before, after))
        low, before = high, after
    return found


def _when(zone: ZoneInfo, low: int, high: int, before: int) -> int:
    """The first second after `low`, up to `high`, with another offset."""
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(zone, middle) == before else (low, middle)
    return high


@dataclass(frozen=True)
class ZoneSql:
    """A zone's clock as SQL over one network's years; years beyond them keep the nearest offset."""

    first: int
    changes: tuple[Change, ...]

    @classmethod
    def of(cls, zone: ZoneInfo, first_year: int, last_year: int) -> "ZoneSql":
        """The zone's clock from one year to another."""
        first_year, last_year = max(first_year, 2), min(last_year, 9998)
        return cls(_offset(zone, _year(first_year)), tuple(changes(zone, first_year, last_year)))

    def _offset_at(self, moment: str, shifted: bool) -> str:
        """The offset at a moment in UTC, or, shifted, on a wall clock: where it repeats, the first of the two."""
        spans: dict[int, list[tuple[int, int]]] = {}
        low, offset = _BEFORE, self.first
        for change in self.changes:
            at = change.at + (change.before if shifted else 0)
            spans.setdefault(offset, []).append((low, at - 1))
            low, offset = at, change.after
        spans.setdefault(offset, []).append((low, _AFTER))
        # The offset with most spans is what is left when no other holds.
        usual = max(spans, key=lambda seconds: len(spans[seconds]))
        others = [(_within(moment, times), str(seconds)) for seconds, times in spans.items() if seconds != usual]
        return cases(others, str(usual))

    def to_utc(self, local: str) -> str:
        """Seconds of local wall clock to seconds of UTC."""
        return f"({local} - ({self._offset_at(local, shifted=True)}))"

    def to_local(self, utc: str) -> str:
        """Seconds of UTC to seconds of local wall clock."""
        return f"({utc} + ({self._offset_at(utc, shifted=False)}))"

    def skipped(self, local: str) -> str:
        """Whether a local time never was, because the clocks went forward over it."""
        return _within(local, [(c.at + c.before, c.at + c.after - 1) for c in self.changes if c.after > c.before])

    def repeated(self, local: str) -> str:
        """Whether a local time was twice, because the clocks went back over it."""
        return _within(local, [(c.at + c.after, c.at + c.before - 1) for c in self.changes if c.after < c.before])


def _within(moment: str, spans: list[tuple[int, int]]) -> str:
    """Whether a moment lies in one of the spans, both ends included."""
    return f"({' OR '.join(f'{moment} BETWEEN {low} AND {high}' for low, high in spans) or 'false'})"
