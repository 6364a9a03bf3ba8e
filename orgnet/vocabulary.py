"""The domain's fixed words. This module imports nothing of ours: every other room may use it."""

from enum import StrEnum


class RecordKind(StrEnum):
    """The kinds of record that a network can supply; also the keys of a configuration's `sources`."""

    ORGANISATIONS = "organisations"
    ORGANISATION_LINKS = "organisation_links"
    PEOPLE = "people"
    MEETINGS = "meetings"
    ATTENDANCE = "attendance"
    MDT_CASES = "mdt_cases"
    REFERRALS = "referrals"
    JOINT_ROLES = "joint_roles"
    LEAD_ROLES = "lead_roles"
    DOCUMENTS = "documents"
    CODED_EVIDENCE = "coded_evidence"
    SURVEY_RESPONSES = "survey_responses"
    COVERAGE = "coverage"


OF_ONE_DAY = (RecordKind.MEETINGS, RecordKind.ATTENDANCE, RecordKind.MDT_CASES, RecordKind.REFERRALS)
"""Kinds that only the windows over their day hold; what any other kind says lasts from its day on."""


class Layer(StrEnum):
    """One kind of tie between organisations."""

    MEETINGS = "meetings"
    MDT = "mdt"
    REFERRALS = "referrals"
    REFERRALS_BACK = "referrals_back"
    JOINT_ROLES = "joint_roles"
    CONVENING = "convening"
    COMBINED = "combined"


DIRECTED_LAYERS = frozenset({Layer.REFERRALS, Layer.REFERRALS_BACK, Layer.CONVENING})


class Level(StrEnum):
    """What one value of a metric is about."""

    ORGANISATION = "organisation"
    PAIR = "pair"
    GROUP = "group"
    NETWORK = "network"


class Status(StrEnum):
    """Whether a published value is there, and if not, why not."""

    OK = "ok"
    UNDEFINED = "undefined"
    NO_COVERAGE = "no_coverage"
    INSUFFICIENT = "insufficient"
    NOMINAL = "nominal"
    SUPPRESSED = "suppressed"
    ROUNDED = "rounded"
    SAMPLED = "sampled"


VALUED_STATUSES = frozenset({Status.OK, Status.NOMINAL, Status.ROUNDED, Status.SAMPLED})


class NodeSet(StrEnum):
    """Which organisations a network measure is taken over."""

    ROSTER = "roster"
    CONSTANT_PANEL = "constant_panel"


class Indicator(StrEnum):
    """The ten indicators of collaboration (D'Amour et al. 2008), in the order of the model."""

    GOALS = "goals"
    CLIENT = "client"
    ACQUAINT = "acquaint"
    TRUST = "trust"
    CENTRALITY = "centrality"
    LEADERSHIP = "leadership"
    INNOVATION = "innovation"
    CONNECT = "connect"
    FORMAL = "formal"
    INFOEX = "infoex"


class Dimension(StrEnum):
    """The four dimensions that the ten indicators belong to."""

    SHARED_GOALS = "shared_goals_and_vision"
    INTERNALISATION = "internalisation"
    GOVERNANCE = "governance"
    FORMALISATION = "formalisation"


class EvidenceClass(StrEnum):
    """How far ties between organisations can speak to an indicator."""

    DIRECT = "direct"
    DIRECT_AND_PERCEIVED = "direct_and_perceived"
    PROXY = "proxy"
    SURVEY_OR_DOCUMENTS = "survey_or_documents"


class Basis(StrEnum):
    """What a level rests on."""

    TIES = "ties"
    SURVEY = "survey"
    DOCUMENTS = "documents"
    CODED = "coded"
    COMBINATION = "combination"


class IndicatorStatus(StrEnum):
    """What could be said about an indicator."""

    ASSESSED = "assessed"
    INTERVAL = "interval"
    PROXY_ONLY = "proxy_only"
    INSUFFICIENT_DATA = "insufficient_data"
    NOT_ASSESSED = "not_assessed"
    SUPPRESSED = "suppressed"


DISCORDANT, BORDERLINE = "discordant: ", "borderline"
"""What reasons begin with that tell of evidence that disagrees, and of a level that hangs on few meetings."""


class Trend(StrEnum):
    """An indicator's level against the same scope one window earlier; for changes, the verdict."""

    IMPROVED = "improved"
    UNCHANGED = "unchanged"
    WORSENED = "worsened"
    UNCLEAR = "unclear"
    NOT_COMPARABLE = "not_comparable"


class Drawn(StrEnum):
    """What was drawn again to see how much a measure hangs on it."""

    MEETINGS = "meetings"
    ORGANISATIONS = "organisations"


class ChangeMethod(StrEnum):
    """How a difference was judged."""

    DIFFERENCE = "difference"
    LEVELS = "levels_compared"
    EVENT_BLOCK_BOOTSTRAP = "event_block_bootstrap"
    VERTEX_BOOTSTRAP = "vertex_bootstrap"
    LABEL_PERMUTATION = "group_label_permutation"
    BLOCK_PERMUTATION = "block_permutation"
    ITS_LEVEL = "interrupted_time_series_level"
    ITS_SLOPE = "interrupted_time_series_slope"
    CHANGE_POINT = "change_point"


class TieChange(StrEnum):
    """What became of a tie from one window to another."""

    FORMED = "formed"
    KEPT = "kept"
    DISSOLVED = "dissolved"


class SpellKind(StrEnum):
    """What a person holds from one day to another: a joint role, the lead of one body, or any lead of the network."""

    JOINT_ROLES = "joint_roles"
    LEAD_ROLES = "lead_roles"
    LEADERS = "leaders"


class SpellBasis(StrEnum):
    """Which records or roles spells are of."""

    ANY = "any"
    RECORDED = "recorded"
    OVERLAPPING_POSTS = "overlapping_posts"
    NETWORK = "network"
    ORGANISATION = "organisation"


class ScopeType(StrEnum):
    """What an indicator's row is about."""

    NETWORK = "network"
    GROUP = "group"
    ORGANISATION_KIND = "organisation_kind"
    ORGANISATION = "organisation"
    PATHWAY = "pathway"


class Mark(StrEnum):
    """How an indicator is drawn on its axis of a Kiviat diagram; a gap is left open, never drawn at 0 or bridged."""

    POINT = "point"
    BAND = "band"
    HOLLOW = "hollow"
    GAP = "gap"


class Typology(StrEnum):
    """By what a network is sorted into types."""

    COLLABORATION = "collaboration"
    GOVERNANCE_FORM = "governance_form"
    CLINICAL_FORM = "clinical_form"


class Collaboration(StrEnum):
    """The types of collaboration of D'Amour's model, and none of them."""

    ACTIVE = "active"
    DEVELOPING = "developing"
    POTENTIAL = "potential"
    NOT_CLASSIFIED = "not_classified"


class Complete(StrEnum):
    """Whether a source is known to have delivered all it had."""

    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"


class Stratum(StrEnum):
    """Whose answers to a survey are scored together."""

    ALL = "all"
    ORGANISATION_ROLE = "organisation_role"
    PROFESSIONAL_GROUP = "professional_group"


class OrganisationKind(StrEnum):
    PROVIDER = "provider"
    NETWORK_BODY = "network_body"
    COMMISSIONER = "commissioner"
    UNIVERSITY = "university"
    OTHER = "other"


class OrganisationRole(StrEnum):
    SPECIALIST = "specialist"
    LOCAL = "local"
    CORE_AGENCY = "core_agency"
    NONE = "none"


class MeetingType(StrEnum):
    SMDT = "smdt"
    LOCAL_MDT = "local_mdt"
    PATHWAY_BOARD = "pathway_board"
    TECHNICAL_GROUP = "technical_group"
    DISCIPLINE_GROUP = "discipline_group"
    WORKING_GROUP = "working_group"
    SERVICE_LEVEL = "service_level"
    LEARNING = "learning"
    BOARD = "board"
    OTHER = "other"


MDT_TYPES = (MeetingType.SMDT, MeetingType.LOCAL_MDT)
GOVERNANCE_TYPES = (
    MeetingType.PATHWAY_BOARD,
    MeetingType.TECHNICAL_GROUP,
    MeetingType.WORKING_GROUP,
    MeetingType.LEARNING,
    MeetingType.BOARD,
)
BOARD_TYPES = (MeetingType.PATHWAY_BOARD, MeetingType.BOARD)


class MeetingStatus(StrEnum):
    HELD = "held"
    CANCELLED = "cancelled"


class AttendanceStatus(StrEnum):
    ATTENDED = "attended"
    APOLOGIES = "apologies"
    INVITED = "invited"
    FAILED_TO_JOIN = "failed_to_join"


class AttendanceMode(StrEnum):
    IN_PERSON = "in_person"
    VIDEO = "video"
    PHONE = "phone"


class MeetingMode(StrEnum):
    IN_PERSON = "in_person"
    REMOTE = "remote"
    HYBRID = "hybrid"


class Tier(StrEnum):
    SENIOR = "senior"
    MIDDLE = "middle"
    FRONTLINE = "frontline"


class CaseOutcome(StrEnum):
    DISCUSSED = "discussed"
    DEFERRED = "deferred"
    PROTOCOLISED = "protocolised"


class DeferralReason(StrEnum):
    MISSING_PATHOLOGY = "missing_pathology"
    MISSING_IMAGING = "missing_imaging"
    MISSING_CLINICAL = "missing_clinical"
    CLINICIAN_ABSENT = "clinician_absent"
    NO_TIME = "no_time"
    IT_FAILURE = "it_failure"
    OTHER = "other"


class ReferralStatus(StrEnum):
    ACTIVE = "active"
    ON_HOLD = "on_hold"
    COMPLETED = "completed"
    REVOKED = "revoked"


class ReferralDirection(StrEnum):
    FORWARD = "forward"
    REFER_BACK = "refer_back"


class LeadRole(StrEnum):
    CHAIR = "chair"
    PATHWAY_DIRECTOR = "pathway_director"
    SERVICE_LEAD = "service_lead"
    CLINICAL_LEAD = "clinical_lead"
    CMO = "cmo"


class LeadScope(StrEnum):
    NETWORK = "network"
    ORGANISATION = "organisation"


class DocumentKind(StrEnum):
    GUIDELINE = "guideline"
    PATHWAY = "pathway"
    PROTOCOL = "protocol"
    TOR = "tor"
    MOU = "mou"
    DSA = "dsa"
    JOB_PLAN = "job_plan"


class DocumentStatus(StrEnum):
    DRAFT = "draft"
    AGREED = "agreed"
    RATIFIED = "ratified"
    RERATIFIED = "reratified"
    DISPUTED = "disputed"
    SUPERSEDED = "superseded"


class LinkType(StrEnum):
    """How one organisation follows another."""

    MERGER = "merger"
    DEMERGER = "demerger"
    NAME_CHANGE = "name_change"
    TRANSFER = "transfer"


class OrganisationBasis(StrEnum):
    """As which organisations records are stated: as recorded, as what they became, or as what they came from."""

    AS_RECORDED = "as_recorded"
    CONSTANT_SUCCESSOR = "constant_successor"
    CONSTANT_PREDECESSOR = "constant_predecessor"


class LinkOutcome(StrEnum):
    """What became of one link between organisations when records were stated on one basis."""

    FOLLOWED = "followed"
    BY_RULE = "by_rule"
    SPLIT_OFF = "split_off"
    AMBIGUOUS = "ambiguous"
    FUNCTIONS_ONLY = "functions_only"
    UNDATED = "undated"
    NOT_LISTED = "not_listed"


PROFESSIONAL_GROUPS = (
    "surgeon",
    "nurse",
    "radiologist",
    "oncologist",
    "ahp",
    "pathologist",
    "manager",
    "network_staff",
    "navigator",
    "physician",
    "gp",
    "commissioner",
    "patient_rep",
    "other",
)


class Reason(StrEnum):
    """Why a row was put aside."""

    MALFORMED_ROW = "malformed_row"
    MISSING_KEY = "missing_key"
    MALFORMED_KEY = "malformed_key"
    IMPOSSIBLE_DATE = "impossible_date"
    AMBIGUOUS_DATE = "ambiguous_date"
    END_BEFORE_START = "end_before_start"
    NOT_IN_VOCABULARY = "not_in_vocabulary"
    IMPOSSIBLE_NUMBER = "impossible_number"
    UNKNOWN_ORGANISATION = "unknown_organisation"
    UNKNOWN_PERSON = "unknown_person"
    UNKNOWN_MEETING = "unknown_meeting"
    NO_ORGANISATION = "no_organisation"
    OUTSIDE_PERIOD = "outside_period"
    DUPLICATE = "duplicate"
    CONFLICTING_DUPLICATE = "conflicting_duplicate"


class SharingRule(StrEnum):
    """The rule of a disclosure profile that values are under in a copy, by what they tell of people."""

    NUMBER_OF_PEOPLE = "number_of_people"
    SHARE_OF_PEOPLE = "share_of_people"
    OVER_PEOPLE = "over_people"
    UNDECLARED = "undeclared"


class Protection(StrEnum):
    """What was done to values of a shared copy; why they had to be withheld would tell which of them are small."""

    WITHHELD = "withheld"
    ROUNDED = "rounded"
