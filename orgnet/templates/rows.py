"""Two example rows of every kind of record, made from the fields as they are declared, that belong together.

Every identifier in them begins with EXAMPLE, so that reading can tell an example that was left in from a record.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from io import StringIO

from orgnet import vocabulary as v
from orgnet.schema.kinds import EXAMPLE, KINDS, Field, Kind, names_a
from orgnet.vocabulary import RecordKind

ROWS = (1, 2)
_NOUNS = {RecordKind.ORGANISATIONS: "ORG", RecordKind.PEOPLE: "PERSON", RecordKind.MEETINGS: "MEETING"}
_SERIES, _PATHWAY = f"{EXAMPLE}SERIES-{{row}}", "lung"
_GIVEN: dict[tuple[RecordKind, str], Sequence[str]] = {
    (RecordKind.ORGANISATIONS, "name"): ("Example hospital: replace this row", "Another example: replace this row"),
    (RecordKind.ORGANISATIONS, "kind"): (v.OrganisationKind.PROVIDER,) * 2,
    (RecordKind.ORGANISATIONS, "parent_org_id"): ("", ""),
    (RecordKind.ORGANISATIONS, "successor_id"): ("", ""),
    (RecordKind.ORGANISATION_LINKS, "type"): (v.LinkType.TRANSFER,) * 2,
    (RecordKind.PEOPLE, "spell_id"): ("", ""),
    (RecordKind.MEETINGS, "status"): (v.MeetingStatus.HELD,) * 2,
    (RecordKind.ATTENDANCE, "status"): (v.AttendanceStatus.ATTENDED,) * 2,
    (RecordKind.ATTENDANCE, "core_role"): ("surgeon", "nurse"),
    (RecordKind.MDT_CASES, "deferral_reason"): ("", v.DeferralReason.MISSING_PATHOLOGY),
    (RecordKind.REFERRALS, "to_group"): (v.PROFESSIONAL_GROUPS[1], v.PROFESSIONAL_GROUPS[0]),
    (RecordKind.REFERRALS, "specialty"): (_PATHWAY,) * 2,
    (RecordKind.LEAD_ROLES, "body_id"): (_SERIES,) * 2,
    (RecordKind.LEAD_ROLES, "role"): (v.LeadRole.CHAIR,) * 2,
    (RecordKind.DOCUMENTS, "status"): (v.DocumentStatus.DRAFT, v.DocumentStatus.AGREED),
    (RecordKind.CODED_EVIDENCE, "scope_type"): (v.ScopeType.ORGANISATION,) * 2,
    (RecordKind.CODED_EVIDENCE, "scope_id"): (f"{EXAMPLE}ORG-{{row}}",) * 2,
    (RecordKind.CODED_EVIDENCE, "quote_ref"): ("interview 1", "interview 2"),
    (RecordKind.SURVEY_RESPONSES, "item"): (v.Indicator.GOALS,) * 2,
    (RecordKind.SURVEY_RESPONSES, "instrument"): ("damour10",) * 2,
    (RecordKind.SURVEY_RESPONSES, "wave"): ("1", "1"),
    (RecordKind.SURVEY_RESPONSES, "value"): ("4", "4"),
    (RecordKind.SURVEY_RESPONSES, "org_type"): (v.OrganisationRole.SPECIALIST, v.OrganisationRole.LOCAL),
    (RecordKind.COVERAGE, "org_id"): ("", ""),
    (RecordKind.COVERAGE, "record_kind"): (RecordKind.MEETINGS, RecordKind.ATTENDANCE),
    (RecordKind.COVERAGE, "expected_n"): ("2", "2"),
    (RecordKind.COVERAGE, "received_n"): ("2", "2"),
    (RecordKind.COVERAGE, "complete"): (v.Complete.UNKNOWN,) * 2,
}
"""What must be said so that the rows belong together; all else follows from the fields."""
_PLAIN = {"number": "1", "integer": "1", "flag": "true", "text": ""}


@dataclass(frozen=True)
class _Days:
    """The days that examples fall on: within the period, however short it is."""

    start: date
    end: date

    def day(self, row: int) -> str:
        return (self.start + timedelta(days=min(7 * row, (self.end - self.start).days - 1))).isoformat()


def _referred(kind: Kind, field: Field, row: int) -> str:
    """The example that a field names: of the second field that names such a one, the other. One meeting for all."""
    named = names_a(kind, field)
    if named is None:
        return f"{EXAMPLE}{field.name.removesuffix('_id').upper()}-{row}"
    if named == RecordKind.MEETINGS and named != kind.name:
        row = 1
    same = [each.name for each in kind.fields if names_a(kind, each) == named and each.type == "id"]
    other = same.index(field.name) % 2 == 1
    return f"{EXAMPLE}{_NOUNS[named]}-{3 - row if other else row}"


def _list(field: Field) -> str:
    if field.refers_to:
        return ";".join(f"{EXAMPLE}{_NOUNS[field.refers_to]}-{row}" for row in ROWS)
    return ";".join("5" for _ in ROWS) if field.beside else _PATHWAY


def _moment(kind: Kind, field: Field, row: int, days: _Days) -> str:
    """A day; with a time of day where the field takes one. What has not ended has no end."""
    at = kind.span.index(field.name) if kind.span and field.name in kind.span else 0
    if field.type == "time":
        return f"{days.day(1 if kind.name == RecordKind.ATTENDANCE else row)} {13 + at}:00"
    if at:
        return days.end.isoformat() if field.required else ""
    return days.start.isoformat() if kind.span else days.day(row)


def _value(kind: Kind, field: Field, row: int, days: _Days) -> str:
    given = _GIVEN.get((kind.name, field.name))
    if given:
        return given[row - 1].format(row=row)
    if field.vocabulary:
        return field.vocabulary[row - 1]
    if field.name in ("pathway", "pathways"):
        return _PATHWAY
    match field.type:
        case "id":
            return _referred(kind, field, row)
        case "list":
            return _list(field)
        case "date" | "time":
            return _moment(kind, field, row, days)
    return "60" if field.name == "minutes" else _PLAIN[field.type]


def template(kind: RecordKind, start: date, end: date) -> str:
    """A CSV file of one kind of record: its headings and two example rows."""
    declared, days = KINDS[kind], _Days(start, end)
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(field.name for field in declared.fields)
    writer.writerows([_value(declared, field, row, days) for field in declared.fields] for row in ROWS)
    return text.getvalue()
