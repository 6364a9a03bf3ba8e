"""A field's text as its value, in SQL: dates and times, numbers, flags, lists, words and identifiers.

A value is made in layers, each a SELECT over the one before, so that no expression is worked out twice for a row:
what is given (`start__given`), its seconds on a wall clock or in UTC (`start__wall`, `start__utc`, and `start__timed`
if it tells the time of day), and the value (`start`, with `start_day` beside a time). What cannot be read is NULL.
"""

import re
from dataclasses import dataclass, field

from orgnet.config import Source
from orgnet.records.sql import cases, quoted, text
from orgnet.records.zone import ZoneSql
from orgnet.schema.kinds import Field

_DAY = r"\d{4}-\d{2}-\d{2}"
_CLOCK = r"[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?"
ISO = f"{_DAY}({_CLOCK})?"
ISO_WITH_OFFSET = rf"{_DAY}{_CLOCK} ?(Z|[+-](0\d|1[0-5])(:?[0-5]\d)?)"
_MOMENTS = ("TIMESTAMP", "TIMESTAMP_NS", "TIMESTAMP_MS", "TIMESTAMP_S")
_ZONED = "TIMESTAMP WITH TIME ZONE"
_FIRST_YEAR = 1000
SPACES = "\t\n\v\f\r \u00a0\u2007\u200b\u202f\ufeff"

MACROS = (
    # Text without space around it, NULL if nothing is left. Plain text is seen to be so at almost no cost.
    "CREATE MACRO tidy(x) AS nullif(CASE WHEN x < '!' OR x[-1] < '!' OR strlen(x) <> length(x) "
    f"THEN trim(x, {text(SPACES)}) ELSE x END, '')",
    "CREATE MACRO seconds(moment) AS CAST(floor(epoch(moment)) AS BIGINT)",
    "CREATE MACRO as_number(x) AS CASE WHEN isfinite(try_cast(x AS DOUBLE)) THEN try_cast(x AS DOUBLE) END",
    "CREATE MACRO as_whole(x) AS CASE WHEN as_number(x) = floor(as_number(x)) "
    "THEN try_cast(as_number(x) AS BIGINT) END",
)


@dataclass(frozen=True)
class Reader:
    """What it takes to read one field of a source: its column's type, its words, the clock, if it names people."""

    field: Field
    source: Source
    column_type: str
    words: tuple[str, ...]
    zone: ZoneSql
    person: bool

    @property
    def typed(self) -> bool:
        """Whether the column holds dates or times rather than text."""
        return self.column_type in ("DATE", _ZONED, *_MOMENTS)

    def part(self, name: str) -> str:
        """The name of one of the field's columns on the way."""
        return quoted(f"{self.field.name}__{name}")


@dataclass
class Layers:
    """SELECT lists, the innermost first; a layer sees every column of those before it."""

    lists: list[dict[str, str]] = field(default_factory=list)

    def add(self, steps: list[dict[str, str]]) -> None:
        """Lay one field's steps beside those of the others."""
        for depth, step in enumerate(steps):
            if depth == len(self.lists):
                self.lists.append({})
            self.lists[depth] |= step

    def over(self, query: str) -> str:
        """The layers laid over a query."""
        for names in self.lists:
            if names:
                query = f"SELECT *, {', '.join(f'{sql} AS {name}' for name, sql in names.items())} FROM ({query})"
        return query


def _translated(reader: Reader, tidied: str) -> str:
    """Text with the source's words turned into ours; the empty text stands for no value on either side."""
    words = reader.source.values.get(reader.field.name, {})
    branches = [
        (f"coalesce({tidied}, '') = {text(theirs.strip())}", f"nullif({text(ours.strip())}, '')")
        for theirs, ours in words.items()
    ]
    return cases(branches, tidied)


def _given_list(reader: Reader) -> list[dict[str, str]]:
    raw = reader.part("raw")
    items = f"CAST({raw} AS VARCHAR[])" if reader.column_type.endswith("]") else _items(f"CAST({raw} AS VARCHAR)")
    tidied, something = reader.part("tidied"), "lambda x: x IS NOT NULL"
    cleaned = f"list_transform({items}, lambda x: {_translated(reader, 'tidy(x)')})"
    if not reader.field.beside:
        cleaned = f"list_filter({cleaned}, {something})"
    anything = f"len(list_filter({tidied}, {something})) > 0"
    return [{tidied: cleaned}, {reader.part("given"): f"CASE WHEN {anything} THEN {tidied} END"}]


def given(reader: Reader) -> list[dict[str, str]]:
    """The layers that say what a source gives: a date or time as it is, items as a list, all else as text, or NULL."""
    raw = reader.part("raw")
    if reader.typed and reader.field.type in ("date", "time"):
        return [{reader.part("given"): raw}]
    if reader.field.type == "list":
        return _given_list(reader)
    if reader.column_type in ("DOUBLE", "FLOAT"):
        # What data frames make of whole numbers with gaps. Not isnan(): DuckDB takes a Parquet file's word, in its
        # statistics of a column, that nothing there is not a number, which is not counted in them.
        raw = f"nullif(regexp_replace(CAST({raw} AS VARCHAR), '\\.0$', ''), 'nan')"
    given, tidied = reader.part("given"), f"tidy(CAST({raw} AS VARCHAR))"
    if reader.field.name not in reader.source.values:
        return [{given: tidied}]
    return [{reader.part("tidied"): tidied}, {given: _translated(reader, reader.part("tidied"))}]


def _items(raw: str) -> str:
    """The items of a list in text: separated by semicolons, or in square brackets as JSON has them, quoted or not."""
    bare = f"string_split(regexp_replace({raw}, '[\\[\\]\"]', '', 'g'), ',')"
    branches = [
        (f"NOT starts_with({raw}, '[')", f"string_split({raw}, ';')"),
        (f"json_valid({raw})", f"CAST(CAST({raw} AS JSON) AS VARCHAR[])"),
    ]
    return cases(branches, bare)


def _told_by_format(date_format: str) -> tuple[bool, bool]:
    """Whether a date format tells the time of day, and whether it tells the offset."""
    codes = set(re.findall("%-?(.)", date_format))
    return bool(codes & set("HIcX")), "z" in codes


@dataclass(frozen=True)
class _Moment:
    """What a date or time says, as SQL: a wall clock's moment or one with a zone, and whether with a time of day."""

    layers: list[dict[str, str]]
    naive: str
    zoned: str
    timed: str


def _typed_moment(reader: Reader) -> _Moment:
    given, none = reader.part("given"), "NULL::TIMESTAMP"
    if reader.column_type == _ZONED:
        return _Moment([], none, given, "true")
    return _Moment([], given, f"{none}TZ", str(reader.column_type != "DATE").lower())


def _text_moment(reader: Reader) -> _Moment:
    """A moment in text: as the source's date format has it, else as ISO does, with an offset or without."""
    given, iso, read = reader.part("given"), reader.part("iso"), reader.part("read")
    layer = {iso: f"CASE WHEN regexp_full_match({given}, {text(ISO)}) THEN try_cast({given} AS TIMESTAMP) END"}
    with_offset = f"{iso} IS NULL AND regexp_full_match({given}, {text(ISO_WITH_OFFSET)})"
    close = f"regexp_replace({given}, ' ([Z+-])', '\\1')"
    naive, zoned = iso, f"CASE WHEN {with_offset} THEN try_cast({close} AS TIMESTAMPTZ) END"
    timed = f"length({given}) > 10"
    if reader.source.date_format:
        has_time, has_offset = _told_by_format(reader.source.date_format)
        formats = [reader.source.date_format]
        if not has_time and not has_offset:  # a spreadsheet writes a day alone where the time of day is midnight
            formats += [f"{reader.source.date_format} {clock}" for clock in ("%H:%M", "%H:%M:%S")]
        moment = f"try_strptime({given}, [{', '.join(map(text, formats))}])"
        layer[read] = f"CASE WHEN year({moment}) >= {_FIRST_YEAR} THEN {moment} END"
        naive = naive if has_offset else f"coalesce({read}, {naive})"
        zoned = f"coalesce({read}, {zoned})" if has_offset else zoned
        told = "true" if has_time else f"contains({given}, ':')"
        timed = f"CASE WHEN {read} IS NOT NULL THEN {told} ELSE {timed} END"
    return _Moment([layer], naive, zoned, timed)


def _day(moment: _Moment, name: str) -> list[dict[str, str]]:
    """A day; that of a moment with a zone is the local one, by the database's clock, which is the network's."""
    return [*moment.layers, {quoted(name): f"coalesce(CAST({moment.naive} AS DATE), CAST({moment.zoned} AS DATE))"}]


def _time(reader: Reader, moment: _Moment) -> list[dict[str, str]]:
    """A time of day, in seconds of UTC, and its local day."""
    part, name = reader.part, reader.field.name
    wall, utc, timed = part("wall"), part("utc"), part("timed")
    seconds = f"CASE WHEN {timed} THEN coalesce({utc}, {reader.zone.to_utc(wall)}) END"
    local = f"coalesce({wall}, {reader.zone.to_local(utc)})"
    day = f"DATE '1970-01-01' + CAST(floor({local} / 86400.0) AS INTEGER)"
    return [
        *moment.layers,
        {wall: f"seconds({moment.naive})", utc: f"seconds({moment.zoned})", timed: moment.timed},
        {quoted(name): seconds, quoted(f"{name}_day"): day},
    ]


def _simple(reader: Reader) -> str:
    """The value of a field that is neither a date nor a time, over what is given."""
    given = reader.part("given")
    match reader.field.type:
        case "number":
            return f"as_number({given})"
        case "integer":
            return f"as_whole({given})"
        case "flag":
            return cases(
                [
                    (f"lower({given}) IN ('true', 'yes', 'y', '1', 't')", "true"),
                    (f"lower({given}) IN ('false', 'no', 'n', '0', 'f')", "false"),
                ]
            )
        case "list" if reader.field.beside:
            beside = quoted(f"{reader.field.beside}__given")
            in_order = f"list_transform(list_sort(list_zip({beside}, {given})), lambda x: x[2])"
            return f"CASE WHEN len({beside}) = len({given}) THEN {in_order} END"
        case "list":
            return f"list_sort(list_distinct({given}))"
    if reader.words:
        listed = ", ".join(text(word) for word in reader.words)
        lowered = ", ".join(text(word.lower()) for word in reader.words)
        return f"([{listed}])[list_position([{lowered}], lower({given}))]"
    if reader.person:
        return f"person({given})"
    return given


def layers_of(reader: Reader) -> list[dict[str, str]]:
    """The layers that make a field's value of what is given."""
    if reader.field.type in ("date", "time"):
        moment = _typed_moment(reader) if reader.typed else _text_moment(reader)
        return _day(moment, reader.field.name) if reader.field.type == "date" else _time(reader, moment)
    return [{quoted(reader.field.name): _simple(reader)}]


def columns_of(field: Field) -> list[str]:
    """The columns that a field's value is made of."""
    return [field.name, f"{field.name}_day"] if field.type == "time" else [field.name]
