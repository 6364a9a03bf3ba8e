"""What each source was expected to deliver, and that it did: a zero is a zero."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import NamedTuple

import pandas as pd

from orgnet.scenario.parameters import PERIOD_END, PERIOD_START, POST_START
from orgnet.vocabulary import Complete, RecordKind

Records = Mapping[RecordKind, pd.DataFrame]

WHOSE = {
    RecordKind.ORGANISATION_LINKS: "successor_id",
    RecordKind.MEETINGS: "convenor_org_id",
    RecordKind.REFERRALS: "from_org",
    RecordKind.JOINT_ROLES: "org_ids",
    RecordKind.DOCUMENTS: "lead_org",
}
"""The field that says which organisation a record comes from, of a list the first; `org_id` where none is named."""


class _Row(NamedTuple):
    """What is stated of one kind from one organisation, its fields in the file's order."""

    source_id: str
    org_id: str
    record_kind: RecordKind
    period_start: date
    period_end: date
    expected_n: int
    received_n: int
    complete: Complete


def _senders(kind: RecordKind, frame: pd.DataFrame, meetings: pd.DataFrame) -> pd.Series:
    """The organisation that each record of a kind comes from; cases come from whoever convened their meeting."""
    if kind == RecordKind.MDT_CASES:
        return frame["meeting_id"].map(meetings.set_index("meeting_id")["convenor_org_id"])
    return frame[WHOSE.get(kind, "org_id")].str.split(";").str[0]


def _received(
    files: Mapping[RecordKind, str], records: Records, meetings: pd.DataFrame, lost: Mapping[RecordKind, pd.DataFrame]
) -> Iterator[_Row]:
    for kind, frame in records.items():
        received = _senders(kind, frame, meetings).value_counts()
        missed = _senders(kind, lost.get(kind, frame[:0]), meetings).value_counts()
        for org in records[RecordKind.ORGANISATIONS]["org_id"]:
            n, expected = received.get(org, 0), missed.get(org, 0)
            end = POST_START if expected else PERIOD_END
            yield _Row(files[kind], org, kind, PERIOD_START, end, n, n, Complete.TRUE)
            if expected:
                yield _Row(files[kind], org, kind, POST_START, PERIOD_END, expected, 0, Complete.FALSE)


def coverage(
    files: Mapping[RecordKind, str], records: Records, lost: Mapping[RecordKind, pd.DataFrame]
) -> pd.DataFrame:
    """Every source delivered all it had, for every organisation and all the period, but for what is said to be lost."""
    rows = _received(files, records, records[RecordKind.MEETINGS], lost)
    return pd.DataFrame(rows, columns=list(_Row._fields))
