"""What each source was expected to deliver, and that it did: a zero is a zero."""

from collections.abc import Mapping

import pandas as pd

from orgnet.scenario.parameters import NETWORK_BODY, PERIOD_END, PERIOD_START, PROVIDERS
from orgnet.vocabulary import Complete, RecordKind

COLUMNS = ["source_id", "org_id", "record_kind", "period_start", "period_end", "expected_n", "received_n", "complete"]
WHOSE = {
    RecordKind.MEETINGS: "convenor_org_id",
    RecordKind.REFERRALS: "from_org",
    RecordKind.JOINT_ROLES: "org_ids",
    RecordKind.DOCUMENTS: "lead_org",
}
"""The field that says which organisation a record comes from, of a list the first; `org_id` where none is named."""


def _senders(kind: RecordKind, records: Mapping[RecordKind, pd.DataFrame]) -> pd.Series:
    """The organisation that each record of a kind comes from; cases come from whoever convened their meeting."""
    frame = records[kind]
    if kind == RecordKind.MDT_CASES:
        frame, kind = frame.merge(records[RecordKind.MEETINGS], on="meeting_id"), RecordKind.MEETINGS
    return frame[WHOSE.get(kind, "org_id")].str.split(";").str[0]


def coverage(records: Mapping[RecordKind, pd.DataFrame], files: Mapping[RecordKind, str]) -> pd.DataFrame:
    """Every source delivered all it had, for every organisation and all the period."""
    rows = []
    for kind in records:
        received = _senders(kind, records).value_counts()
        rows += [(files[kind], org, kind, received.get(org, 0)) for org in (*PROVIDERS, NETWORK_BODY)]
    frame = pd.DataFrame(rows, columns=["source_id", "org_id", "record_kind", "received_n"])
    frame = frame.assign(
        period_start=PERIOD_START.isoformat(),
        period_end=PERIOD_END.isoformat(),
        expected_n=frame["received_n"],
        complete=Complete.TRUE.value,
    )
    return frame[COLUMNS]
