"""Records in: every source read, mapped and checked; good rows go on, bad rows are put aside with their reason."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from orgnet import database
from orgnet.config import Config, Source
from orgnet.errors import InputFault
from orgnet.records.across import judge_duplicates, judge_organisation
from orgnet.records.checks import Known, words_of
from orgnet.records.codes import accepted, identities, keep_known, number_all, people_named
from orgnet.records.identity import Key, find_key
from orgnet.records.mapping import unknown_fields, unknown_words
from orgnet.records.pieces import Succession
from orgnet.records.rejected import Tally, rejected, tallies, useless_sources
from orgnet.records.source import files_of
from orgnet.records.staging import InputFile, Reading, begin, create, stage_file, staged
from orgnet.schema import KINDS, Kind
from orgnet.vocabulary import RecordKind

__all__ = ["InputFile", "Key", "Records", "RecordsFault", "Tally", "read_records"]

_SHOWN_FILES = 3


@dataclass(frozen=True)
class Records:
    """The accepted records of a network.

    Organisations, people and meetings are small integers here: `organisations[code]` gives the code's own
    identifier; people and meetings have none left. Times are seconds since 1970 in UTC with a local day beside them.
    """

    organisations: list[str]
    n_people: int
    tables: dict[RecordKind, pa.Table]
    rejected: pa.Table
    read: dict[RecordKind, int]
    inputs: list[InputFile]
    key: Key | None
    identities: NDArray[np.uint64] = field(default_factory=lambda: np.zeros(0, dtype=np.uint64))
    """What each person is known by from run to run, by code: a keyed hash, kept in memory alone."""
    recorded: "Records | None" = None
    """The records as they were recorded, where these state organisations otherwise (`orgnet.records.restate`)."""
    succession: Succession | None = None
    """What the organisations stand as, where these are restated."""
    examples: dict[RecordKind, list[str]] = field(default_factory=dict)
    """The files in which rows of a template were left."""

    def has(self, kind: RecordKind) -> bool:
        """Whether the network supplies this kind at all."""
        return kind in self.read

    def rejected_counts(self) -> dict[str, dict[str, int]]:
        """Rows put aside, by kind and reason."""
        counts: dict[str, dict[str, int]] = {}
        with database.connect() as con:
            con.register("rejected", self.rejected)
            grouped = con.execute(
                "SELECT record_kind::VARCHAR, reason::VARCHAR, count(*) FROM rejected GROUP BY ALL ORDER BY ALL"
            ).fetchall()
        for kind, reason, n in grouped:
            counts.setdefault(kind, {})[reason] = n
        return counts

    def tallies(self) -> list[Tally]:
        """The rows of every kind: read, accepted, and put aside by reason."""
        counts, tables = self.rejected_counts(), (self.recorded or self).tables
        return [
            Tally(kind, read, tables[kind].num_rows, counts.get(kind.value, {})) for kind, read in self.read.items()
        ]


class RecordsFault(InputFault):
    """Records that cannot be used: every fault found, and, for those that could be read, how far they got."""

    def __init__(
        self,
        faults: Sequence[str],
        tallies: list[Tally],
        inputs: list[InputFile],
        examples: dict[RecordKind, list[str]],
        rejected: pa.Table,
    ) -> None:
        super().__init__(faults)
        self.tallies = tallies
        self.inputs = inputs
        self.examples = examples
        self.rejected = rejected


def _named(paths: list[str]) -> str:
    """A few files by name, and the number of the others."""
    more = len(paths) - _SHOWN_FILES
    return ", ".join(paths[:_SHOWN_FILES]) + (f" and {more} more" if more > 0 else "")


def _read_source(reading: Reading, kind: Kind, source: Source, number: int) -> list[str]:
    """Read every file of a source; its faults, one line for each, however many files have it."""
    words = {field.name: words_of(field, reading.config) for field in kind.fields}
    unknown = [*unknown_fields(kind, source), *unknown_words(source, words)]
    try:
        paths = files_of(source, reading.config.folder)
    except InputFault as fault:
        return [*fault.faults, *(f"{source.path}: {line}" for line in unknown)]
    faults: dict[str, list[str]] = {line: list(paths) for line in unknown}
    for path in paths:
        try:
            stage_file(reading, kind, source, number, path)
        except InputFault as fault:
            for line in fault.faults:
                faults.setdefault(line, []).append(path)
    return [f"{_named(paths)}: {line}" for line, paths in faults.items()]


def _with_dates(source: Source, config: Config) -> Source:
    """A source that says how its dates are written, if anything does."""
    if source.date_format or not config.date_format:
        return source
    return source.model_copy(update={"date_format": config.date_format})


def _read_kind(reading: Reading, kind: Kind, sources: list[Source]) -> None:
    """Read every source of a kind, judge its rows, and remember the keys that later kinds may refer to.

    If a source of it is of no use, its keys are not known: what refers to them is then not judged, so that one fault
    is not told again for every row that depends on it.
    """
    create(reading, kind)
    sources = [_with_dates(source, reading.config) for source in sources]
    faults = [line for number, source in enumerate(sources) for line in _read_source(reading, kind, source, number)]
    judge_duplicates(reading, kind)
    if kind.name == RecordKind.ATTENDANCE:
        judge_organisation(reading)
    reading.read[kind.name] = reading.count(f"SELECT count(*) FROM {staged(kind.name)}")
    faults += [f"{_named(paths)}: {why}" for paths, why in useless_sources(reading, kind.name)]
    reading.faults += [f"{kind.name.value}: {line}" for line in faults]
    if faults:
        reading.failed.add(kind.name)
        return
    table = keep_known(reading, kind.name)
    if table:
        reading.known[kind.name] = Known(table, reading.count(f"SELECT count(*) FROM {table}"))


def _key(reading: Reading, config: Config) -> Key | None:
    """The key, if people are named; a fault if there is none to be had."""
    if not people_named(reading):
        return None
    try:
        return find_key(config)
    except InputFault as fault:
        reading.faults += fault.faults
        return None


def read_records(config: Config) -> Records:
    """Read and check every source of a network.

    Raises RecordsFault, with every fault at once, if a file is missing or unreadable, a column is missing, all rows of
    a source are put aside, or people are named and no key is given.
    """
    reading = begin(config)
    try:
        for name, kind in KINDS.items():
            if name in config.sources:
                _read_kind(reading, kind, config.sources[name])
        key = _key(reading, config)
        if reading.faults:
            raise RecordsFault(reading.faults, tallies(reading), reading.inputs, reading.examples, rejected(reading))
        people = people_named(reading)
        organisations = number_all(reading, key)
        known_by = identities(reading, key)
        put_aside = rejected(reading)
        # The smallest first, each kind's working table dropped as its rows are taken: at the most one is held twice.
        taken = {name: accepted(reading, name) for name in sorted(reading.read, key=lambda name: reading.read[name])}
        tables = {name: taken[name] for name in reading.read}
        return Records(
            organisations,
            people,
            tables,
            put_aside,
            reading.read,
            reading.inputs,
            key,
            known_by,
            examples=reading.examples,
        )
    finally:
        reading.con.close()
