"""The records of some days."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from orgnet.records.read import Records
from orgnet.vocabulary import RecordKind

_AT_MEETINGS = (RecordKind.ATTENDANCE, RecordKind.MDT_CASES)


def events_between(records: Records, low: int, high: int) -> Records:
    """The records with what happened on the days `[low, high)` alone: who attended, cases, referrals.

    All meetings stay, as they are known by their numbers, and so does whatever holds from one day to another.
    """
    tables = dict(records.tables)
    meetings = tables.get(RecordKind.MEETINGS)
    if meetings is not None:
        day = np.asarray(meetings.column("start_day").cast(pa.int32()))
        here = np.asarray(meetings.column("meeting_id"))[(low <= day) & (day < high)]
        first, end = (int(here.min()), int(here.max()) + 1) if len(here) else (0, 0)
        for kind in _AT_MEETINGS:
            if kind in tables:  # meetings are numbered in the order of their days
                tables[kind] = _within(tables[kind], "meeting_id", first, end)
    if RecordKind.REFERRALS in tables:
        tables[RecordKind.REFERRALS] = _within(tables[RecordKind.REFERRALS], "date", low, high)
    return replace(records, tables=tables)


def _within(rows: pa.Table, name: str, low: int, high: int) -> pa.Table:
    value = rows.column(name).cast(pa.int32())
    here = pc.and_(pc.greater_equal(value, low), pc.less(value, high))
    return rows if pc.all(here).as_py() else rows.filter(here)  # all of them as they are, not copied
