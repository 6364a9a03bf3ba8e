"""What to do about rows that were put aside: each cause once, and not what only follows from another."""

from collections import Counter
from collections.abc import Iterator

import pyarrow as pa

from orgnet.guidance.place import Places
from orgnet.vocabulary import Reason, RecordKind

_SHOWN = 5
_FOLLOWS = {
    Reason.UNKNOWN_ORGANISATION: RecordKind.ORGANISATIONS,
    Reason.UNKNOWN_PERSON: RecordKind.PEOPLE,
    Reason.UNKNOWN_MEETING: RecordKind.MEETINGS,
}
_DO = {
    Reason.MALFORMED_ROW: "put values that hold a separator in quotation marks, and take away those too many",
    Reason.MISSING_KEY: "fill it in",
    Reason.MALFORMED_KEY: "keep the column as text in the spreadsheet, so that it leaves long numbers as they are",
    Reason.IMPOSSIBLE_DATE: "correct the dates, or say how they are written: `date_format`",
    Reason.AMBIGUOUS_DATE: "say how dates are written, once for the whole network: `date_format: '%d/%m/%Y'`",
    Reason.END_BEFORE_START: "correct one of the two",
    Reason.NOT_IN_VOCABULARY: "say under `values` of the source which of your words is which of ours, or correct them "
    "(`orgnet describe {kind}` lists ours)",
    Reason.IMPOSSIBLE_NUMBER: "write plain numbers, with a point and no unit",
    Reason.UNKNOWN_ORGANISATION: "add a row for it to {organisations}, or correct the code",
    Reason.UNKNOWN_PERSON: "add a row for the person to {people}, or correct the identifier",
    Reason.UNKNOWN_MEETING: "add a row for the meeting to {meetings}, or correct the identifier",
    Reason.NO_ORGANISATION: "say which organisation the person stood for, or add the post to {people}",
    Reason.CONFLICTING_DUPLICATE: "two rows say different things of one and the same: leave the right one",
}
"""Rows of other times, and mere repetitions, need nothing done."""


def mend(rejected: pa.Table, places: Places) -> Iterator[list[str]]:
    """What to do about rows put aside, the most rows first."""
    columns = (rejected.column(name).to_pylist() for name in ("source", "record_kind", "field", "reason"))
    counts = Counter(zip(*columns, strict=True))
    kinds = {kind for _, kind, *_ in counts}
    told = 0
    for (source, kind, field, reason), n in counts.most_common():
        cause = _FOLLOWS.get(reason)
        if reason not in _DO or (cause and cause in kinds) or told == _SHOWN:
            continue
        told += 1
        files = {f"{each.value}": places.file(each) for each in RecordKind}
        column = f", column {places.heading(RecordKind(kind), field)}" if field else ""
        do = _DO[Reason(reason)].format(**files, kind=kind)
        yield [f"{source}{column}: {n:,} row{'s' * (n > 1)} put aside ({reason}): {do}"]
