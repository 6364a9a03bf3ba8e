"""What variants do to records that are already drawn: a trust's feed is lost, or two trusts become one."""

from datetime import date

import pandas as pd

from orgnet.scenario.parameters import POST_START, Plan
from orgnet.vocabulary import LinkType, OrganisationKind, OrganisationRole, RecordKind

Records = dict[RecordKind, pd.DataFrame]

SUCCESSOR = "ZP13"
MERGER_DAY = date(2017, 5, 1)
_SPANNED = {RecordKind.PEOPLE: "org_id", RecordKind.JOINT_ROLES: "org_ids", RecordKind.LEAD_ROLES: "org_id"}
_NAMED = {
    RecordKind.MEETINGS: ("convenor_org_id",),
    RecordKind.ATTENDANCE: ("org_id",),
    RecordKind.REFERRALS: ("from_org", "to_org"),
    RecordKind.DOCUMENTS: ("lead_org", "contributing_orgs", "endorsing_orgs", "in_scope_orgs"),
    RecordKind.SURVEY_RESPONSES: ("org_id",),
}
"""Where records of a day name organisations."""
_FEED = {RecordKind.ATTENDANCE: "org_id", RecordKind.REFERRALS: "from_org"}
"""What a provider's own systems send: who of its people attended, and whom it referred."""


def _days(records: Records, kind: RecordKind) -> pd.Series:
    """The day of each record of a kind, as text; of attendance, its meeting's."""
    frame = records[kind]
    if kind == RecordKind.ATTENDANCE:
        starts = records[RecordKind.MEETINGS].set_index("meeting_id")["start"]
        return frame["meeting_id"].map(starts).str[:10]
    return frame["start" if kind == RecordKind.MEETINGS else "date"].astype(str).str[:10]


def lose(plan: Plan, records: Records) -> tuple[Records, Records]:
    """The records without what was lost, and what that was."""
    if plan.lost is None:
        return records, {}
    gone = {
        kind: (records[kind][field] == plan.lost) & (_days(records, kind) >= POST_START.isoformat())
        for kind, field in _FEED.items()
    }
    kept = {kind: frame[~gone[kind]] if kind in gone else frame for kind, frame in records.items()}
    return kept, {kind: records[kind][rows] for kind, rows in gone.items()}


def merge(plan: Plan, records: Records) -> Records:
    """The records if the merged providers are one from the day of the merger; what went before stays as it was."""
    if not plan.merged:
        return records
    changed = dict(records)
    for kind, fields in _NAMED.items():
        after = _days(records, kind) >= MERGER_DAY.isoformat()
        changed[kind] = records[kind].copy()
        for field in fields:
            changed[kind].loc[after, field] = _succeeded(plan, records[kind].loc[after, field])
    for kind, field in _SPANNED.items():
        changed[kind] = _handed_over(plan, records[kind], field)
    changed[RecordKind.ORGANISATIONS] = _organisations(plan, records[RecordKind.ORGANISATIONS])
    links = pd.DataFrame({"predecessor_id": plan.merged}).assign(
        successor_id=SUCCESSOR, type=LinkType.MERGER, date=MERGER_DAY
    )
    return changed | {RecordKind.ORGANISATION_LINKS: links}


def _succeeded(plan: Plan, names: pd.Series) -> pd.Series:
    """The successor for its predecessors, in lists once."""

    def named(name: str) -> str:
        return ";".join(dict.fromkeys(SUCCESSOR if one in plan.merged else one for one in name.split(";")))

    return names.map(named)


def _handed_over(plan: Plan, frame: pd.DataFrame, field: str) -> pd.DataFrame:
    """Spells with the predecessors end on the day of the merger, from which others go on with the successor."""
    day = MERGER_DAY.isoformat()
    theirs = frame[field].str.split(";").map(lambda names: not set(plan.merged).isdisjoint(names))
    lasts = theirs & ((frame["end"] == "") | (frame["end"] > day))
    before = lasts & (frame["start"] < day)
    ended = frame[~lasts | before].assign(end=frame["end"].mask(before, day))
    begun = frame[lasts].assign(start=frame["start"].mask(before, day))
    begun[field] = _succeeded(plan, begun[field])
    return pd.concat([ended, begun])


def _organisations(plan: Plan, frame: pd.DataFrame) -> pd.DataFrame:
    day, theirs = MERGER_DAY.isoformat(), frame["org_id"].isin(plan.merged)
    frame = frame.assign(valid_to=frame["valid_to"].mask(theirs, day), successor_id="")
    frame.loc[theirs, "successor_id"] = SUCCESSOR
    of_it = {"kind": OrganisationKind.PROVIDER, "role": OrganisationRole.LOCAL, "valid_from": day}
    successor = {"org_id": SUCCESSOR, "name": "Merged provider", **of_it, "valid_to": "", "successor_id": ""}
    return pd.concat([frame, pd.DataFrame([successor])], ignore_index=True)
