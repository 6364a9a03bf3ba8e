"""The record kinds that orgnet reads: the fields of each, its key, and what its fields refer to."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from orgnet import vocabulary as v
from orgnet.vocabulary import RecordKind


@dataclass(frozen=True)
class Field:
    """One field of a record.

    `type` is one of: id, text, date, time (a date with or without a time of day), number, integer, flag, list
    (several ids, separated by semicolons). `refers_to` names the kind whose key the value must be. `minimum` is the
    lowest number, or the lowest number of items in a list. `beside` names the list whose items a list's items go with,
    one by one.
    """

    name: str
    type: str
    meaning: str
    required: bool = False
    vocabulary: tuple[str, ...] = ()
    refers_to: RecordKind | None = None
    minimum: float | None = None
    beside: str | None = None


@dataclass(frozen=True)
class Kind:
    """One kind of record: its fields, the fields that together are its key, and how it sits in time.

    `span` names the fields for start and end (end exclusive); `when` names the one date of an event. Where `dated`,
    a row whose span or date lies wholly outside the network's period is put aside; the other kinds are background
    (a post that ended before the period still tells who a person was). Two rows with one key are a duplicate; where
    `told_apart_by` names a field, rows that leave it empty cannot be told apart and are all kept.
    """

    name: RecordKind
    sentence: str
    key: tuple[str, ...]
    fields: tuple[Field, ...]
    span: tuple[str, str] | None = None
    when: str | None = None
    dated: bool = False
    told_apart_by: str | None = None

    def columns(self, field: Field) -> list[str]:
        """The columns of a field in an accepted row: beside the time of the kind's date stands its local day."""
        return [field.name, f"{field.name}_day"] if field.type == "time" and field.name == self.when else [field.name]

    def field(self, name: str) -> Field:
        """The field of that name; KeyError if the kind has none."""
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(name)


EXAMPLE = "EXAMPLE-"
"""What identifiers in example rows begin with, and no others: a record that bears one is not a record."""

OWN_KEYS = {
    RecordKind.ORGANISATIONS: "org_id",
    RecordKind.PEOPLE: "person_id",
    RecordKind.MEETINGS: "meeting_id",
}
"""The kinds that others refer to, and the field that names one of them."""


def names_a(kind: Kind, field: Field) -> RecordKind | None:
    """What a field of a kind names one of: what it refers to, or, in the field that others refer to, its own kind."""
    return field.refers_to or (kind.name if OWN_KEYS.get(kind.name) == field.name else None)


def _words(enum: type[StrEnum]) -> tuple[str, ...]:
    return tuple(word.value for word in enum)


def _organisation(name: str, meaning: str, required: bool = False) -> Field:
    return Field(name, "id", meaning, required, refers_to=RecordKind.ORGANISATIONS)


def _person(name: str, meaning: str, required: bool = False) -> Field:
    return Field(name, "id", meaning, required, refers_to=RecordKind.PEOPLE)


def _group(name: str, meaning: str) -> Field:
    """A professional group; its vocabulary is the network's own list (`professional_groups`)."""
    return Field(name, "text", meaning, vocabulary=v.PROFESSIONAL_GROUPS)


_START = Field("start", "date", "First day of the spell.", required=True)
_END = Field("end", "date", "First day after the spell; empty while it lasts.")
_PATHWAY = Field("pathway", "text", "Clinical pathway, in the network's own words.")


def _kinds(kinds: Sequence[Kind]) -> dict[RecordKind, Kind]:
    return {kind.name: kind for kind in kinds}


KINDS: dict[RecordKind, Kind] = _kinds(
    [
        Kind(
            RecordKind.ORGANISATIONS,
            "An organisation, or a site of one, while it existed and held one role.",
            key=("org_id", "valid_from"),
            span=("valid_from", "valid_to"),
            fields=(
                Field("org_id", "id", "The organisation's code (in England, its ODS code).", required=True),
                Field("name", "text", "The organisation's name."),
                Field("kind", "text", "What sort of organisation it is.", vocabulary=_words(v.OrganisationKind)),
                Field(
                    "role",
                    "text",
                    "Its part in the network while the row is valid.",
                    vocabulary=_words(v.OrganisationRole),
                ),
                Field("parent_org_id", "id", "The organisation that this one is a site of."),
                Field("valid_from", "date", "First day of the row's validity; empty if before all records."),
                Field("valid_to", "date", "First day after its validity; empty while it lasts."),
                Field("successor_id", "id", "The organisation that took over from this one."),
            ),
        ),
        Kind(
            RecordKind.ORGANISATION_LINKS,
            "One organisation following another: a merger, demerger, change of name or transfer of functions.",
            key=("predecessor_id", "successor_id", "type", "date"),
            fields=(
                _organisation("predecessor_id", "The organisation that came before.", required=True),
                _organisation("successor_id", "The organisation that followed.", required=True),
                Field("type", "text", "How it followed.", vocabulary=_words(v.LinkType)),
                Field("date", "date", "The day from which the successor stands.", required=True),
            ),
        ),
        Kind(
            RecordKind.PEOPLE,
            "One person's post in one organisation, from one day to another.",
            key=("person_id", "org_id", "start", "spell_id"),
            span=("start", "end"),
            fields=(
                Field("person_id", "id", "The person, by any steady identifier; hashed on reading.", required=True),
                _organisation("org_id", "The organisation of the post.", required=True),
                Field("start", "date", "First day of the post; empty if before all records."),
                _END,
                Field("spell_id", "id", "The source's own identifier of the post, where one person holds two."),
                _group("group", "Professional group."),
                Field("tier", "text", "Seniority.", vocabulary=_words(v.Tier)),
                Field("wte", "number", "Whole-time equivalents of the post.", minimum=0),
                Field("pathways", "list", "Clinical pathways that the post serves."),
            ),
        ),
        Kind(
            RecordKind.MEETINGS,
            "A meeting: when it was, what it was for, and who convened it.",
            key=("meeting_id",),
            span=("start", "end"),
            when="start",
            dated=True,
            fields=(
                Field("meeting_id", "id", "The meeting.", required=True),
                Field("start", "time", "When it began; a day alone will do.", required=True),
                Field("end", "time", "When it ended."),
                Field("series_id", "id", "The series of meetings it belongs to."),
                Field("type", "text", "What sort of meeting it is.", vocabulary=_words(v.MeetingType)),
                _organisation("convenor_org_id", "The organisation that convened it."),
                _person("chair_person_id", "The person in the chair."),
                _PATHWAY,
                Field("mode", "text", "How people met.", vocabulary=_words(v.MeetingMode)),
                Field("status", "text", "Whether it took place.", vocabulary=_words(v.MeetingStatus)),
            ),
        ),
        Kind(
            RecordKind.ATTENDANCE,
            "One person at one meeting, from joining to leaving.",
            key=("meeting_id", "person_id", "join"),
            span=("join", "leave"),
            fields=(
                Field("meeting_id", "id", "The meeting.", required=True, refers_to=RecordKind.MEETINGS),
                _person("person_id", "The person.", required=True),
                _organisation("org_id", "The organisation that the person stood for there."),
                Field("core_role", "text", "The core member's role that the person filled."),
                Field(
                    "status",
                    "text",
                    "Whether the person was there; an invitation or an apology is not attendance.",
                    vocabulary=_words(v.AttendanceStatus),
                ),
                Field("join", "time", "When the person joined."),
                Field("leave", "time", "When the person left."),
                Field("minutes", "number", "Minutes attended, where joining and leaving are not known.", minimum=0),
                Field("mode", "text", "How the person took part.", vocabulary=_words(v.AttendanceMode)),
            ),
        ),
        Kind(
            RecordKind.MDT_CASES,
            "A case listed at a multidisciplinary team meeting, or a count of like cases; never a patient.",
            key=("meeting_id", "case_id"),
            told_apart_by="case_id",
            fields=(
                Field("meeting_id", "id", "The meeting.", required=True, refers_to=RecordKind.MEETINGS),
                Field("case_id", "id", "The case, by a number that means nothing elsewhere."),
                _organisation("referring_org_id", "The organisation that brought the case."),
                Field("outcome", "text", "What became of it.", vocabulary=_words(v.CaseOutcome)),
                Field("deferral_reason", "text", "Why it was put off.", vocabulary=_words(v.DeferralReason)),
                Field("n", "integer", "How many like cases the row stands for; 1 if empty.", minimum=1),
            ),
        ),
        Kind(
            RecordKind.REFERRALS,
            "A referral from one organisation to another, or a count of like referrals on one day.",
            key=("referral_id",),
            when="date",
            dated=True,
            told_apart_by="referral_id",
            fields=(
                Field("referral_id", "id", "The referral; may be left out."),
                Field("date", "date", "The day it was made.", required=True),
                _organisation("from_org", "The organisation that referred.", required=True),
                _organisation("to_org", "The organisation referred to.", required=True),
                _person("from_person", "The person who referred."),
                _person("to_person", "The person referred to."),
                _group("from_group", "Professional group of the one who referred."),
                _group("to_group", "Professional group of the one referred to."),
                Field("specialty", "text", "Clinical specialty or pathway."),
                Field("status", "text", "What became of it.", vocabulary=_words(v.ReferralStatus)),
                Field(
                    "direction_type",
                    "text",
                    "Forward, or back to the one who had referred.",
                    vocabulary=_words(v.ReferralDirection),
                ),
                Field("info_complete", "flag", "Whether it came with all the information needed."),
                Field("accepted_date", "date", "The day it was accepted."),
                Field("n", "integer", "How many like referrals the row stands for; 1 if empty.", minimum=1),
            ),
        ),
        Kind(
            RecordKind.JOINT_ROLES,
            "One post held in two or more organisations at once.",
            key=("person_id", "start", "org_ids"),
            span=("start", "end"),
            dated=True,
            fields=(
                _person("person_id", "The person.", required=True),
                _START,
                _END,
                Field(
                    "org_ids",
                    "list",
                    "The organisations that share the post, two or more.",
                    required=True,
                    refers_to=RecordKind.ORGANISATIONS,
                    minimum=2,
                ),
                _group("group", "Professional group."),
                Field(
                    "sessions_by_org", "list", "Sessions a week in each, in the order of `org_ids`.", beside="org_ids"
                ),
            ),
        ),
        Kind(
            RecordKind.LEAD_ROLES,
            "One person leading one body (a series of meetings, a pathway, a board) for a time.",
            key=("person_id", "body_id", "start", "role"),
            span=("start", "end"),
            dated=True,
            fields=(
                _person("person_id", "The person.", required=True),
                Field("body_id", "id", "What the person leads.", required=True),
                _START,
                _END,
                _organisation("org_id", "The organisation that the person comes from."),
                Field("role", "text", "What sort of lead.", vocabulary=_words(v.LeadRole)),
                Field("scope", "text", "How far the lead reaches.", vocabulary=_words(v.LeadScope)),
                Field("decision_right", "flag", "Whether the role may decide, not only advise."),
            ),
        ),
        Kind(
            RecordKind.DOCUMENTS,
            "A guideline, pathway, protocol or agreement, and who stands behind it.",
            key=("doc_id", "date"),
            when="date",
            fields=(
                Field("doc_id", "id", "The document.", required=True),
                Field("kind", "text", "What sort of document.", vocabulary=_words(v.DocumentKind)),
                Field("status", "text", "How far it is agreed.", vocabulary=_words(v.DocumentStatus)),
                Field("date", "date", "The day of that status.", required=True),
                _PATHWAY,
                _organisation("lead_org", "The organisation that led on it."),
                Field("contributing_orgs", "list", "Who helped to write it.", refers_to=RecordKind.ORGANISATIONS),
                Field("endorsing_orgs", "list", "Who has endorsed it.", refers_to=RecordKind.ORGANISATIONS),
                Field("in_scope_orgs", "list", "Whom it is meant for.", refers_to=RecordKind.ORGANISATIONS),
            ),
        ),
        Kind(
            RecordKind.CODED_EVIDENCE,
            "A level that a researcher gave an indicator after reading or listening.",
            key=("code_id",),
            span=("period_start", "period_end"),
            dated=True,
            fields=(
                Field("code_id", "id", "The code.", required=True),
                Field("indicator", "text", "Which indicator.", required=True, vocabulary=_words(v.Indicator)),
                Field("level", "integer", "1, 2 or 3.", required=True, vocabulary=("1", "2", "3")),
                Field("scope_type", "text", "What it is about.", vocabulary=_words(v.ScopeType)),
                Field("scope_id", "id", "Which one."),
                Field("period_start", "date", "First day that it speaks of.", required=True),
                Field("period_end", "date", "First day after."),
                Field("coder", "id", "Who coded it, by initials or number."),
                Field("quote_ref", "text", "Where the passage is kept; never the passage."),
            ),
        ),
        Kind(
            RecordKind.SURVEY_RESPONSES,
            "One respondent's answer to one item of an instrument.",
            key=("resp_id", "instrument", "wave", "item"),
            when="date",
            dated=True,
            fields=(
                Field("resp_id", "id", "The respondent; means nothing elsewhere.", required=True),
                Field("item", "id", "The item.", required=True),
                Field("instrument", "text", "The instrument.", required=True),
                Field("wave", "text", "The wave."),
                Field("date", "date", "The day of the answer.", required=True),
                Field("value", "number", "The answer."),
                _organisation("org_id", "The respondent's organisation."),
                Field("org_type", "text", "Specialist or local, or another type."),
                _group("group", "Professional group."),
            ),
        ),
        Kind(
            RecordKind.COVERAGE,
            "What a source was expected to deliver and whether it did: no record is not zero.",
            key=("source_id", "org_id", "record_kind", "period_start"),
            span=("period_start", "period_end"),
            fields=(
                Field("source_id", "id", "The source."),
                _organisation("org_id", "The organisation; empty for all of them."),
                Field("record_kind", "text", "The kind of record.", required=True, vocabulary=_words(RecordKind)),
                Field("period_start", "date", "First day spoken of.", required=True),
                Field("period_end", "date", "First day after.", required=True),
                Field("expected_n", "integer", "Records expected.", minimum=0),
                Field("received_n", "integer", "Records received.", minimum=0),
                Field("complete", "text", "Whether all came.", vocabulary=_words(v.Complete)),
            ),
        ),
    ]
)
