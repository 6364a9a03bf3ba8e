"""Rows put aside: how many and why, which sources are no use at all, and the table that keeps them."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

from orgnet.errors import near
from orgnet.records.checks import SHOWN, Check
from orgnet.records.sql import ROW, quoted, text
from orgnet.records.staging import Feed, Reading, staged
from orgnet.schema import KINDS, TABLES, Kind
from orgnet.schema.kinds import names_a
from orgnet.vocabulary import Reason, RecordKind


@dataclass(frozen=True)
class Tally:
    """The rows of one kind: read, accepted, and put aside by reason."""

    kind: RecordKind
    read: int
    accepted: int
    put_aside: dict[str, int]


@dataclass(frozen=True)
class _Lot:
    """Rows of one file that have one fault, or none: how many, the first of them, and what was found there."""

    feed: Feed
    check: Check | None
    rows: int
    first: int
    found: str | None


def _lots(reading: Reading, kind: RecordKind) -> list[_Lot]:
    rows = reading.con.execute(
        f"SELECT source, fault, count(*), min({ROW}), arg_min(found, {ROW}) FROM {staged(kind)} "
        "GROUP BY source, fault ORDER BY source, fault"
    ).fetchall()
    return [
        _Lot(reading.feeds[source], None if fault is None else reading.checks[fault], n, first, found)
        for source, fault, n, first, found in rows
    ]


def tallies(reading: Reading) -> list[Tally]:
    """The rows of every kind that was read; read is always accepted and put aside together."""
    found = []
    for kind in reading.read:
        lots = _lots(reading, kind)
        counts: Counter[str] = Counter()
        for lot in lots:
            if lot.check:
                counts[lot.check.reason.value] += lot.rows
        accepted = sum(lot.rows for lot in lots if lot.check is None)
        found.append(Tally(kind, reading.read[kind], accepted, dict(sorted(counts.items()))))
    return found


def _pattern(found: str | None) -> str:
    """What a value looks like, without saying what it is: it may name a person."""
    shape = "".join("9" if c.isdigit() else "A" if c.isalpha() else c for c in (found or "")[:SHOWN])
    return f"'{shape}' (any digit shown as 9, any letter as A)"


def _useless(lots: list[_Lot]) -> str | None:
    """Why none of a source's rows could be used, or None if some could.

    A source that repeats what others say is no fault: its rows are duplicates of accepted ones.
    """
    if not lots or any(lot.check is None or lot.check.reason == Reason.DUPLICATE for lot in lots):
        return None
    counts: Counter[tuple[str, str]] = Counter()
    for lot in lots:
        if lot.check:
            counts[lot.check.reason.value, lot.check.field] += lot.rows
    listed = ", ".join(
        f"{n} {reason}" + (f" in {field}" if field else "") for (reason, field), n in counts.most_common()
    )
    most = max(lots, key=lambda lot: lot.rows)
    message = most.check.message.replace("{found}", _pattern(most.found)) if most.check else ""
    message += near(most.found or "", most.check.words) if most.check else ""
    total = sum(lot.rows for lot in lots)
    none = "its one row cannot be used" if total == 1 else f"none of its {total:,} rows can be used"
    return f"{none} ({listed}); row {most.first}, for one: {message}"


def useless_sources(reading: Reading, kind: RecordKind) -> Iterator[tuple[list[str], str]]:
    """The sources of a kind none of whose rows can be used: their files, and why."""
    by_source: dict[int, list[_Lot]] = {}
    for lot in _lots(reading, kind):
        by_source.setdefault(lot.feed.source, []).append(lot)
    for lots in by_source.values():
        why = _useless(lots)
        if why:
            yield list(dict.fromkeys(lot.feed.path for lot in lots)), why


def _people(kinds: list[Kind]) -> str:
    """Every person's identifier that any row gives, as a query."""
    parts = [
        f"SELECT {quoted(field.name)} AS id FROM {staged(kind.name)}"
        for kind in kinds
        for field in kind.fields
        if names_a(kind, field) == RecordKind.PEOPLE
    ]
    return f"SELECT DISTINCT id FROM ({' UNION ALL '.join(parts) or 'SELECT NULL AS id'}) WHERE id IS NOT NULL"


def _raw_columns(reading: Reading, feed: Feed) -> str:
    """A file's row as a struct; what is no number in a column of numbers would not be JSON."""
    columns = []
    for name, kind, *_ in reading.con.execute(f"DESCRIBE {feed.opened.relation}").fetchall():
        if name != ROW:
            value = f"r.{quoted(name)}"
            if str(kind) in ("DOUBLE", "FLOAT"):
                value = f"CASE WHEN CAST({value} AS VARCHAR) NOT IN ('nan', 'inf', '-inf') THEN {value} END"
            columns.append(f"{text(name)}: {value}")
    return f"{{{', '.join(columns)}}}"


def _rows_of(reading: Reading, feed: Feed) -> str:
    """One file's rows put aside, with the row itself as JSON, or as the line that it is where it is no row."""
    aside = f"SELECT {ROW}, fault, found FROM {staged(feed.kind)} WHERE source = {feed.number} AND fault IS NOT NULL"
    raw, line = f"to_json({_raw_columns(reading, feed)})::VARCHAR", ""
    if feed.opened.malformed:
        raw, line = f"coalesce(m.line, {raw})", f"LEFT JOIN malformed_{feed.number} m ON m.{ROW} = s.{ROW}"
    return (
        f"SELECT {feed.number} AS feed, s.{ROW} AS row, s.fault, s.found, {raw} AS raw FROM ({aside}) s "
        f"LEFT JOIN (SELECT * FROM {feed.opened.relation} WHERE {ROW} IN (SELECT {ROW} FROM ({aside}))) r "
        f"ON r.{ROW} = s.{ROW} {line}"
    )


def _register_words(reading: Reading) -> None:
    """The files and the checks as tables, to say what a row's numbers mean."""
    con, checks, feeds = reading.con, reading.checks, reading.feeds
    con.execute(
        "CREATE OR REPLACE TABLE feeds AS SELECT unnest(?::INTEGER[]) AS feed, unnest(?::VARCHAR[]) AS source, "
        "unnest(?::VARCHAR[]) AS record_kind",
        [[f.number for f in feeds], [f.path for f in feeds], [f.kind.value for f in feeds]],
    )
    con.execute(
        "CREATE OR REPLACE TABLE checks AS SELECT unnest(?::INTEGER[]) AS fault, unnest(?::VARCHAR[]) AS field, "
        "unnest(?::VARCHAR[]) AS reason, unnest(?::VARCHAR[]) AS message",
        [
            list(range(len(checks))),
            [check.field for check in checks],
            [check.reason.value for check in checks],
            [check.message for check in checks],
        ],
    )


def rejected(reading: Reading) -> pa.Table:
    """Every row put aside, with its reason in words and the row itself.

    What was found is quoted in the message, unless it is somebody's identifier that strayed into another field.
    """
    schema = TABLES["rejected_records"].schema
    with_faults = {
        number
        for kind in reading.read
        for (number,) in reading.con.execute(
            f"SELECT DISTINCT source FROM {staged(kind)} WHERE fault IS NOT NULL"
        ).fetchall()
    }
    if not with_faults:
        return pa.Table.from_batches([], schema)  # schema.empty_table() would import pandas
    _register_words(reading)
    parts = " UNION ALL ".join(_rows_of(reading, feed) for feed in reading.feeds if feed.number in with_faults)
    people = _people([KINDS[kind] for kind in reading.read])
    shown = (
        f"CASE WHEN person(p.found) IN ({people}) THEN '(a person''s identifier, not shown)' "
        f"ELSE '''' || left(regexp_replace(p.found, '[\\x00-\\x1f\\x7f]', ' ', 'g'), {SHOWN}) || '''' END"
    )
    rows = reading.con.sql(
        "SELECT f.source, p.row, f.record_kind, c.field, c.reason, "
        f"replace(c.message, '{{found}}', coalesce({shown}, '')) AS message, p.raw FROM ({parts}) p "
        "JOIN feeds f ON f.feed = p.feed JOIN checks c ON c.fault = p.fault "
        "ORDER BY record_kind, source, row, field, reason, message, raw"
    ).to_arrow_table()
    return rows.cast(schema)
