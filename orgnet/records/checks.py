"""Row-level checks in bulk: one SQL statement maps, parses and judges every row of a file.

Each field becomes two or three columns: the parsed value, whether it was given at all, and, for a time, its local day.
The first fault of a row decides its reason; the order of the checks is the order of `_faults`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from orgnet.config import Config, Source
from orgnet.records.source import ROW, quoted, text
from orgnet.records.zone import ZoneSql
from orgnet.schema.kinds import Field, Kind
from orgnet.vocabulary import Reason, RecordKind

_ISO = r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?"
_OFFSET = r"[T ].*(Z|[+-]\d{2}(:?\d{2})?)"
_SLASHED = r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}.*"
_SPREADSHEET_ERROR = r"#(N/A|REF!|VALUE!|NAME\?|NULL!|DIV/0!|NUM!)|.{201,}|.*[\x00-\x1f\x7f].*"
MESSAGE_LIMIT = 60


@dataclass(frozen=True)
class Known:
    """How many accepted keys there are of a kind that others refer to, and the table that holds them."""

    table: str
    count: int


@dataclass(frozen=True)
class Judge:
    """What a statement needs beside the rows: the configuration, the clock, and the keys known so far."""

    config: Config
    zone: ZoneSql
    known: dict[RecordKind, Known]

    def words(self, field: Field) -> tuple[str, ...]:
        """The words a field may hold; a professional group is one of the network's own list."""
        if field.name in ("group", "from_group", "to_group"):
            return tuple(self.config.professional_groups)
        return field.vocabulary


def _mapped_text(field: Field, source: Source, expression: str, column_type: str) -> str:
    """A field as trimmed text, with the source's words turned into ours."""
    if column_type.endswith("[]"):
        expression = f"array_to_string({expression}, ';')"
    as_text = f"nullif(trim(CAST({expression} AS VARCHAR)), '')"
    words = source.values.get(field.name)
    if not words:
        return as_text
    cases = " ".join(f"WHEN {text(theirs)} THEN {text(ours)}" for theirs, ours in words.items())
    return f"nullif(CASE {as_text} {cases} ELSE {as_text} END, '')"


def _moment(source: Source, given: str, column_type: str) -> str:
    """A date or time as a naive local TIMESTAMP; NULL if it cannot be one."""
    if column_type in ("DATE", "TIMESTAMP", "TIMESTAMP_NS", "TIMESTAMP_MS", "TIMESTAMP_S"):
        return f"CAST({given} AS TIMESTAMP)"
    iso = f"CASE WHEN regexp_full_match({given}, {text(_ISO)}) THEN try_cast({given} AS TIMESTAMP) END"
    if source.date_format:
        return f"coalesce(try_strptime({given}, {text(source.date_format)}), {iso})"
    return iso


def _parsed(field: Field, judge: Judge, source: Source, given: str, column_type: str) -> dict[str, str]:
    """The columns that a field becomes, each as SQL over its text (or its typed value)."""
    match field.type:
        case "date" | "time":
            moment = _moment(source, given, column_type)
            utc = (
                f"CASE WHEN regexp_full_match(CAST({given} AS VARCHAR), {text(r'.*' + _OFFSET)}) "
                f"THEN CAST(epoch(try_cast({given} AS TIMESTAMPTZ)) AS BIGINT) END"
            )
            local = f"CAST(epoch({moment}) AS BIGINT)"
            if column_type == "TIMESTAMP WITH TIME ZONE":
                utc, local = f"CAST(epoch({given}) AS BIGINT)", "NULL::BIGINT"
            local = f"coalesce({judge.zone.to_local(f'({utc})')}, {local})"
            day = f"(DATE '1970-01-01' + CAST(floor(({local}) / 86400.0) AS INTEGER))"
            if field.type == "date":
                return {field.name: day}
            has_time = (
                "false"
                if column_type == "DATE"
                else "true"
                if column_type.startswith("TIMESTAMP")
                else f"length({given}) > 10"
            )
            return {
                field.name: f"CASE WHEN {has_time} THEN "
                f"coalesce({utc}, {judge.zone.to_utc(f'({local})')}) END",
                f"{field.name}_day": day,
                f"{field.name}_local": f"CASE WHEN {has_time} AND ({utc}) IS NULL THEN {local} END",
            }
        case "number":
            return {field.name: f"try_cast({given} AS DOUBLE)"}
        case "integer":
            whole = f"try_cast({given} AS DOUBLE)"
            return {field.name: f"CASE WHEN {whole} = floor({whole}) THEN try_cast({whole} AS BIGINT) END"}
        case "flag":
            return {
                field.name: f"CASE WHEN lower({given}) IN ('true', 'yes', 'y', '1', 't') THEN true "
                f"WHEN lower({given}) IN ('false', 'no', 'n', '0', 'f') THEN false END"
            }
        case "list":
            items = f"string_split(regexp_replace({given}, '[\\[\\]\"]', '', 'g'), ';')"
            items = f"CASE WHEN {given} LIKE '[%' THEN string_split(regexp_replace({given}, '[\\[\\]\"]', '', 'g'), ',') ELSE {items} END"
            cleaned = f"list_sort(list_distinct(list_filter(list_transform({items}, lambda x: trim(x)), lambda x: x <> '')))"
            if field.name == "sessions_by_org":
                cleaned = f"list_transform({items}, lambda x: trim(x))"
            return {field.name: f"CASE WHEN {given} IS NOT NULL THEN {cleaned} END"}
    words = judge.words(field)
    if words:
        listed = ", ".join(text(word) for word in words)
        lowered = ", ".join(text(word.lower()) for word in words)
        return {field.name: f"([{listed}])[list_position([{lowered}], lower({given}))]"}
    return {field.name: given}


def value_columns(kind: Kind) -> list[str]:
    """The columns that an accepted row of a kind is made of."""
    columns = []
    for field in kind.fields:
        columns.append(field.name)
        if field.type == "time":
            columns.append(f"{field.name}_day")
    return columns


def _shown(field: str) -> str:
    """A given value inside a message, cut short."""
    return f"left(CAST({quoted(field + '__given')} AS VARCHAR), {MESSAGE_LIMIT})"


def _fault(field: str, reason: Reason, message: str) -> str:
    return f"{{'field': {text(field)}, 'reason': {text(reason.value)}, 'message': {message}}}"


def _unreadable(field: Field, judge: Judge) -> Iterator[tuple[str, str]]:
    """A value that is given but cannot be what its field wants."""
    name = field.name
    value, given = quoted(name), quoted(name + "__given")
    missing = f"{given} IS NOT NULL AND {value} IS NULL"
    shown = _shown(name)
    if field.type in ("date", "time"):
        day = quoted(name if field.type == "date" else f"{name}_day")
        missing = f"{given} IS NOT NULL AND {day} IS NULL"
        slashed = f"{missing} AND regexp_full_match(CAST({given} AS VARCHAR), {text(_SLASHED)})"
        yield (
            slashed,
            _fault(
                name,
                Reason.AMBIGUOUS_DATE,
                f"'found ' || {shown} || ': cannot tell the day from the month; say how dates are written, "
                "for example date_format: ''%d/%m/%Y'''",
            ),
        )
        yield (
            missing,
            _fault(
                name,
                Reason.IMPOSSIBLE_DATE,
                f"'found ' || {shown} || ', expected a day that exists, such as 2016-03-04'",
            ),
        )
        if field.type == "time":
            local = quoted(f"{name}_local")
            yield (
                f"{judge.zone.skipped(local)}",
                _fault(
                    name,
                    Reason.IMPOSSIBLE_DATE,
                    f"'found ' || {shown} || ', a time that never was: the clocks went forward'",
                ),
            )
            yield (
                f"{judge.zone.repeated(local)}",
                _fault(
                    name,
                    Reason.AMBIGUOUS_DATE,
                    f"'found ' || {shown} || ', a time that was twice: the clocks went back; add its offset, +01:00'",
                ),
            )
    elif field.type in ("number", "integer"):
        low = f" OR {value} < {field.minimum}" if field.minimum is not None else ""
        words = judge.words(field)
        if words:
            low += f" OR {value} NOT IN ({', '.join(words)})"
        expected = "a whole number" if field.type == "integer" else "a number"
        if field.minimum is not None:
            expected += f" of {field.minimum:g} or more"
        if words:
            expected = f"one of {', '.join(words)}"
        yield (
            f"({missing}{low})",
            _fault(name, Reason.IMPOSSIBLE_NUMBER, f"'found ' || {shown} || ', expected {expected}'"),
        )
    elif field.type == "flag":
        yield (
            missing,
            _fault(name, Reason.NOT_IN_VOCABULARY, f"'found ' || {shown} || ', expected true or false'"),
        )
    elif judge.words(field):
        listed = ", ".join(judge.words(field)).replace("'", "''")
        yield (
            missing,
            _fault(
                name,
                Reason.NOT_IN_VOCABULARY,
                f"'found ' || {shown} || ', expected one of: {listed}; map it under `values`'",
            ),
        )


_UNKNOWN = {
    RecordKind.ORGANISATIONS: (Reason.UNKNOWN_ORGANISATION, "organisations"),
    RecordKind.PEOPLE: (Reason.UNKNOWN_PERSON, "people"),
    RecordKind.MEETINGS: (Reason.UNKNOWN_MEETING, "meetings"),
}


def _unknown(field: Field, judge: Judge) -> Iterator[tuple[str, str]]:
    """A reference to a key that no accepted record has. A person's identifier is never repeated in a message."""
    if field.refers_to is None or field.refers_to not in judge.known:
        return
    known = judge.known[field.refers_to]
    reason, word = _UNKNOWN[field.refers_to]
    value = quoted(field.name)
    keys = f"(SELECT id FROM {known.table})"
    if field.type == "list":
        yield (
            f"({value} IS NOT NULL AND NOT list_has_all((SELECT list(id) FROM {known.table}), {value}))",
            _fault(
                field.name,
                reason,
                f"'found ' || {_shown(field.name)} || ': not all are in the {word} ({known.count} known)'",
            ),
        )
        return
    found = (
        "'the person'" if field.refers_to == RecordKind.PEOPLE else f"{text(word[:-1])} || ' ' || {_shown(field.name)}"
    )
    extra = "; it may have been put aside itself" if field.refers_to == RecordKind.MEETINGS else ""
    yield (
        f"({value} IS NOT NULL AND {value} NOT IN {keys})",
        _fault(
            field.name,
            reason,
            f"{found} || ' is not in the {word} ({known.count} known): add it there, or correct it{extra}'",
        ),
    )


def _out_of_order(kind: Kind, judge: Judge) -> Iterator[tuple[str, str]]:
    """An end before its start, or a record wholly outside the period."""
    if kind.span:
        start, end = kind.span
        is_time = kind.field(start).type == "time"
        compared = [(quoted(start), quoted(end))]
        if is_time:
            compared.append((quoted(f"{start}_day"), quoted(f"{end}_day")))
        for low, high in compared:
            yield (
                f"({high} < {low})",
                _fault(
                    end,
                    Reason.END_BEFORE_START,
                    f"{text(end)} || ' ' || {_shown(end)} || ' is before ' || {text(start)} || ' ' || {_shown(start)}",
                ),
            )
    if not kind.dated:
        return
    period = judge.config.period
    low, high = f"DATE '{period.start}'", f"DATE '{period.end}'"
    said = f"the period is {period.start} to {period.end}, the end not included"
    if kind.when:
        day = quoted(f"{kind.when}_day" if kind.field(kind.when).type == "time" else kind.when)
        outside, field = f"({day} < {low} OR {day} >= {high})", kind.when
    else:
        start, end = kind.span or ("", "")
        outside = f"({quoted(start)} >= {high} OR ({quoted(end)} <= {low}))"
        field = start
    yield outside, _fault(field, Reason.OUTSIDE_PERIOD, f"'found ' || {_shown(field)} || ': {said}'")


def _faults(kind: Kind, judge: Judge) -> Iterator[tuple[str, str]]:
    for field in kind.fields:
        given = quoted(field.name + "__given")
        if field.required:
            yield (
                f"{given} IS NULL",
                _fault(field.name, Reason.MISSING_KEY, f"'{field.name} is empty: a record cannot do without it'"),
            )
        if field.type == "id":
            yield (
                f"regexp_full_match({given}, {text(_SPREADSHEET_ERROR)}, 's')",
                _fault(
                    field.name,
                    Reason.MALFORMED_KEY,
                    f"'{field.name} holds control characters, a spreadsheet error or over 200 characters'",
                ),
            )
    for field in kind.fields:
        yield from _unreadable(field, judge)
    for field in kind.fields:
        yield from _unknown(field, judge)
    yield from _out_of_order(kind, judge)


def staging_sql(
    kind: Kind, judge: Judge, source: Source, relation: str, mapping: dict[str, str], types: dict[str, str]
) -> str:
    """The statement that reads a file's rows as records of a kind, each with its first fault or none.

    `mapping` is our field to an SQL expression over the file's columns, `types` the expressions' types.
    """
    texts, parsed = [], []
    typed = ("DATE", "TIMESTAMP")
    for field in kind.fields:
        given = quoted(field.name + "__given")
        if field.name not in mapping:
            texts.append(f"NULL::VARCHAR AS {given}")
            column_type = "VARCHAR"
        else:
            column_type = types[field.name]
            if field.type in ("date", "time") and column_type.startswith(typed):
                texts.append(f"{mapping[field.name]} AS {given}")
            else:
                texts.append(f"{_mapped_text(field, source, mapping[field.name], column_type)} AS {given}")
                column_type = "VARCHAR"
        parsed += [
            f"{sql} AS {quoted(name)}" for name, sql in _parsed(field, judge, source, given, column_type).items()
        ]
    numbered = f"SELECT {', '.join(texts)}, {ROW} FROM {relation}"
    if source.distinct:
        names = ", ".join(quoted(field.name + "__given") for field in kind.fields)
        numbered = f"SELECT {names}, min({ROW}) AS {ROW} FROM ({numbered}) GROUP BY {names}"
    cases = " ".join(f"WHEN {condition} THEN {fault}" for condition, fault in _faults(kind, judge))
    values = ", ".join(quoted(name) for name in value_columns(kind))
    return (
        f"SELECT {ROW}, {values}, CASE {cases} END AS fault "
        f"FROM (SELECT *, {', '.join(parsed)} FROM ({numbered}))"
    )
