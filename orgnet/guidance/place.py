"""Where a kind of record stands: its file, and the heading of a field there."""

from dataclasses import dataclass
from datetime import date

import pyarrow.compute as pc

from orgnet.config import Config
from orgnet.records.read import Records
from orgnet.schema import KINDS
from orgnet.vocabulary import OF_ONE_DAY, RecordKind


@dataclass(frozen=True)
class Places:
    """The files and headings of a network's sources."""

    config: Config

    def file(self, kind: RecordKind) -> str:
        """The file or files of a kind; where it is not supplied, the one that a template for it would have."""
        sources = self.config.sources.get(kind, [])
        return ", ".join(dict.fromkeys(source.path for source in sources)) or f"{kind.value}.csv"

    def heading(self, kind: RecordKind, field: str) -> str:
        """The heading that a field has in the first source of a kind."""
        for theirs, ours in self.config.sources[kind][0].columns.items():
            if field == ours or (field in ours and not isinstance(ours, str)):
                return theirs
        return field

    def first_days(self, records: Records) -> dict[RecordKind, date]:
        """The first day of every kind whose records are of one day, where there are any."""
        first = {}
        for kind in OF_ONE_DAY:
            declared = KINDS[kind]
            if kind in records.tables and records.tables[kind].num_rows and declared.when:
                column = declared.columns(declared.field(declared.when))[-1]
                first[kind] = pc.min(records.tables[kind].column(column)).as_py()
        return {kind: day for kind, day in first.items() if day is not None}
