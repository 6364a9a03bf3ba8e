"""Row-level checks in bulk: what can be wrong with a record, each check a condition in SQL over its values.

The first check that a row fails decides its reason: first what is missing or malformed, then what cannot be read,
then what refers to nothing, then what is out of order or out of the period.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from orgnet.config import Config, Source
from orgnet.records.sql import cases, quoted, text
from orgnet.records.zone import ZoneSql
from orgnet.schema.kinds import Field, Kind
from orgnet.vocabulary import Reason, RecordKind

_NO_KEY = (
    r"(?is)#(n/a|ref!|value!|name\?|null!|div/0!|num!)|<na>|n/a|null|none|nan|undefined|\d(\.\d+)?e\+\d+"
    r"|.*[\x00-\x1f\x7f].*"
)
_LONGEST_KEY = 200
_SLASHED = r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}.*"
SHOWN = 60
_GROUPS = ("group", "from_group", "to_group")


@dataclass(frozen=True)
class Known:
    """How many accepted keys there are of a kind that others refer to, and the table that holds them."""

    table: str
    count: int


def words_of(field: Field, config: Config) -> tuple[str, ...]:
    """The words a field may hold; a professional group is one of the network's own list."""
    return tuple(config.professional_groups) if field.name in _GROUPS else field.vocabulary


@dataclass(frozen=True)
class Judge:
    """What the checks of a source need beside its rows: the configuration, the clock, and the keys known so far."""

    config: Config
    zone: ZoneSql
    known: dict[RecordKind, Known]

    def words(self, field: Field) -> tuple[str, ...]:
        """The words a field may hold; a professional group is one of the network's own list."""
        return words_of(field, self.config)


@dataclass(frozen=True)
class Check:
    """Something that can be wrong with a row: where, why, and what to say of it.

    `message` may hold {found}, for which `found` is the SQL; a field that names a person has none, so that no message
    repeats who it is.
    """

    field: str
    reason: Reason
    condition: str
    message: str
    found: str | None = None
    words: tuple[str, ...] = ()
    """The words that would have done, of which one may have been meant."""


def _given(field: Field) -> str:
    return quoted(f"{field.name}__given")


def _shown(field: Field) -> str:
    """What is given for a field, as text."""
    return f"array_to_string({_given(field)}, ';')" if field.type == "list" else f"CAST({_given(field)} AS VARCHAR)"


def _unread(field: Field) -> str:
    """That something is given which its field cannot hold."""
    value = quoted(f"{field.name}_day") if field.type == "time" else quoted(field.name)
    return f"({_given(field)} IS NOT NULL AND {value} IS NULL)"


def _keys(field: Field) -> Iterator[Check]:
    if field.required:
        message = f"{field.name} is empty, and a record cannot do without it"
        yield Check(field.name, Reason.MISSING_KEY, f"{_given(field)} IS NULL", message)
    if field.type != "id":
        return
    key = _given(field)
    # A key that is known has been through this check already.
    unsure = f"{unknown_column(field)} AND " if field.refers_to else ""
    yield Check(
        field.name,
        Reason.MALFORMED_KEY,
        f"{unsure}(strlen({key}) > {_LONGEST_KEY} OR regexp_full_match({key}, {text(_NO_KEY)}))",
        f"{field.name} is not an identifier: it is a word for nothing (such as NULL), what a spreadsheet makes of an "
        f"error or a long number, longer than {_LONGEST_KEY} characters, or holds a line break or tab",
    )


def _dates(field: Field, judge: Judge, source: Source) -> Iterator[Check]:
    unread, shown = _unread(field), _shown(field)
    if source.date_format:
        message = (
            f"found {{found}}, expected a day that exists, written as `date_format` says, {source.date_format}, or as "
            "2016-03-04"
        )
    else:
        ambiguous = (
            "found {found}: it does not say which is the day and which the month; say so, for its source or for the whole "
            "network, for example `date_format: '%d/%m/%Y'`, or write 2016-03-04"
        )
        slashed = f"regexp_full_match({shown}, {text(_SLASHED)})"
        yield Check(field.name, Reason.AMBIGUOUS_DATE, f"{unread} AND {slashed}", ambiguous, shown)
        message = "found {found}, expected a day that exists, such as 2016-03-04"
    if field.type == "time":
        message += ", with or without a time such as 09:30"
    yield Check(field.name, Reason.IMPOSSIBLE_DATE, unread, message, shown)
    if field.type != "time":
        return
    wall, timed = quoted(f"{field.name}__wall"), quoted(f"{field.name}__timed")
    yield Check(
        field.name,
        Reason.IMPOSSIBLE_DATE,
        f"{timed} AND {judge.zone.skipped(wall)}",
        f"found {{found}}, a time that never was in {judge.config.timezone}: the clocks went forward over it",
        shown,
    )
    yield Check(
        field.name,
        Reason.AMBIGUOUS_DATE,
        f"{timed} AND {judge.zone.repeated(wall)}",
        f"found {{found}}, a time that was there twice in {judge.config.timezone}: the clocks went back over it; add "
        "the offset from UTC, such as +01:00",
        shown,
    )


def _numbers(field: Field, words: tuple[str, ...]) -> Iterator[Check]:
    value = quoted(field.name)
    condition, expected = _unread(field), "a whole number" if field.type == "integer" else "a number"
    if field.minimum is not None:
        condition += f" OR {value} < {field.minimum}"
        expected += f" of {field.minimum:g} or more"
    if words:
        condition += f" OR {value} NOT IN ({', '.join(words)})"
        expected = f"one of {', '.join(words)}"
    yield Check(
        field.name, Reason.IMPOSSIBLE_NUMBER, f"({condition})", f"found {{found}}, expected {expected}", _shown(field)
    )


def _lists(field: Field) -> Iterator[Check]:
    if field.minimum is not None:
        message = f"found {{found}}, expected {field.minimum:g} or more, separated by semicolons"
        condition = f"len({quoted(field.name)}) < {field.minimum}"
        yield Check(field.name, Reason.MALFORMED_KEY, condition, message, _shown(field))
    if field.beside:
        message = f"found {{found}}, expected as many values as there are in {field.beside}, separated by semicolons"
        yield Check(field.name, Reason.IMPOSSIBLE_NUMBER, _unread(field), message, _shown(field))


def _readable(field: Field, judge: Judge, source: Source) -> Iterator[Check]:
    """That a value is given which its field cannot hold."""
    words = judge.words(field)
    if field.type in ("date", "time"):
        yield from _dates(field, judge, source)
    elif field.type in ("number", "integer"):
        yield from _numbers(field, words)
    elif field.type == "list":
        yield from _lists(field)
    elif field.type == "flag":
        message = "found {found}, expected true or false"
        yield Check(field.name, Reason.NOT_IN_VOCABULARY, _unread(field), message, _shown(field))
    elif words:
        message = (
            f"found {{found}}, expected one of {', '.join(words)}; if it means one of these, say so for its source "
            f"under `values: {{{field.name}: ...}}`"
        )
        yield Check(field.name, Reason.NOT_IN_VOCABULARY, _unread(field), message, _shown(field), words)


_UNKNOWN = {
    RecordKind.ORGANISATIONS: (Reason.UNKNOWN_ORGANISATION, "organisation"),
    RecordKind.PEOPLE: (Reason.UNKNOWN_PERSON, "person"),
    RecordKind.MEETINGS: (Reason.UNKNOWN_MEETING, "meeting"),
}


def unknown_column(field: Field) -> str:
    """The name of the column that says whether a reference is to nothing known."""
    return quoted(f"{field.name}__unknown")


def unknown_columns(present: list[Field], judge: Judge) -> dict[str, str]:
    """For each reference, whether it is to nothing known: false if its kind is not supplied or not usable."""
    columns = {}
    for field in present:
        if field.refers_to is None:
            continue
        known = judge.known.get(field.refers_to)
        value = quoted(field.name)
        if known is None:
            condition = "true" if field.type == "id" else "false"
        elif field.type == "list":
            condition = f"NOT list_has_all((SELECT coalesce(list(id), []) FROM {known.table}), {value})"
        else:
            condition = f"{value} NOT IN (SELECT id FROM {known.table})"
        columns[unknown_column(field)] = f"{value} IS NOT NULL AND {condition}"
    return columns


def _references(field: Field, judge: Judge) -> Iterator[Check]:
    """A reference to a key that no accepted record has."""
    known = judge.known.get(field.refers_to) if field.refers_to else None
    if field.refers_to is None or known is None:
        return
    reason, noun = _UNKNOWN[field.refers_to]
    person = field.refers_to == RecordKind.PEOPLE
    subject = {"list": f"one or more of the {noun}s {{found}} are"}.get(field.type, f"{noun} {{found}} is")
    subject = f"the {noun} is" if person else subject
    yield Check(
        field.name,
        reason,
        unknown_column(field),
        f"{subject} not among the {known.count} known: add a row to {field.refers_to.value}, or see why it was put "
        "aside, or correct the identifier here",
        None if person else _shown(field),
    )


def _order(kind: Kind, present: list[Field]) -> Iterator[Check]:
    """An end before its start: as times where both are known, else as days."""
    if not kind.span or not {*kind.span} <= {field.name for field in present}:
        return
    start, end = (kind.field(name) for name in kind.span)
    pairs = [(start.name, end.name)]
    if start.type == "time":
        pairs.append((f"{start.name}_day", f"{end.name}_day"))
    condition = " OR ".join(f"{quoted(high)} < {quoted(low)}" for low, high in pairs)
    found = f"{_shown(end)} || ' is before ' || {_shown(start)}"
    message = f"{end.name} is before {start.name}: {{found}}; correct one of them"
    yield Check(end.name, Reason.END_BEFORE_START, f"({condition})", message, found)


def _period(kind: Kind, judge: Judge) -> Iterator[Check]:
    """A record wholly outside the period."""
    if not kind.dated:
        return
    period = judge.config.period
    low, high = f"DATE '{period.start}'", f"DATE '{period.end}'"
    if kind.when:
        field = kind.field(kind.when)
        day = quoted(f"{field.name}_day" if field.type == "time" else field.name)
        outside = f"({day} < {low} OR {day} >= {high})"
    else:
        start, end = kind.span or ("", "")
        field = kind.field(start)
        outside = f"({quoted(start)} >= {high} OR {quoted(end)} <= {low})"
    message = f"found {{found}}, which is outside the period: {period.start} up to, not including, {period.end}"
    yield Check(field.name, Reason.OUTSIDE_PERIOD, outside, message, _shown(field))


def checks_of(kind: Kind, present: list[Field], judge: Judge, source: Source) -> list[Check]:
    """Every check that the rows of a source must pass, in order; `present` are the fields that it has."""
    checks = [check for field in present for check in _keys(field)]
    checks += [check for field in present for check in _readable(field, judge, source)]
    checks += [check for field in present for check in _references(field, judge)]
    return [*checks, *_order(kind, present), *_period(kind, judge)]


def verdict(checks: list[Check], first: int) -> tuple[str, str]:
    """SQL for a row's fault, as the number of the check that it fails, and for what was found; NULL if there is none.

    The checks are numbered from `first`. The second expression sees the first as the column `fault`.
    """
    fault = cases([(check.condition, str(number)) for number, check in enumerate(checks, first)])
    found: dict[str, list[str]] = {}
    for number, check in enumerate(checks, first):
        if check.found:
            found.setdefault(check.found, []).append(str(number))
    return fault, cases([(f"fault IN ({', '.join(numbers)})", sql) for sql, numbers in found.items()])
