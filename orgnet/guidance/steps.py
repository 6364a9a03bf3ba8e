"""The list of what to do next: each step with its file and its heading."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from orgnet.config import Config
from orgnet.guidance.aside import mend
from orgnet.guidance.asked import Asked, asked, layers_without
from orgnet.guidance.listed import never_filled_in, people, roles
from orgnet.guidance.place import Places
from orgnet.records.coverage import make_coverage
from orgnet.records.organisations import make_roster
from orgnet.records.read import Records
from orgnet.schema import KINDS
from orgnet.schema.kinds import EXAMPLE
from orgnet.vocabulary import RecordKind

Step = list[str]
"""One thing to do: a line, and lines below it that are to be added somewhere as they stand."""


@dataclass(frozen=True)
class Seen:
    """What is looked at: the records as they were recorded, what is asked of them, and where each kind stands."""

    records: Records
    config: Config
    asked: Asked
    places: Places
    there: frozenset[RecordKind]
    """The kinds of which there is any record."""


def next_steps(records: Records, config: Config) -> list[Step]:
    """What is missing in the records and what to do about it, the most useful first; empty if nothing is."""
    recorded = records.recorded or records
    there = frozenset(kind for kind, table in recorded.tables.items() if table.num_rows)
    seen = Seen(recorded, config, asked(config), Places(config), there)
    found = [
        first_steps(recorded.examples, recorded.rejected, config),
        _kinds(seen),
        people(seen.records, config, seen.asked.people, seen.places),
        _unstated(seen),
    ]
    found += [_covered(seen), roles(seen.records, config, seen.places), never_filled_in(seen.records, seen.places)]
    found += [_empty_slices(seen), _spoken(seen)]
    return [step for steps in found for step in steps]


def _listed(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _counted(noun: str, names: list[str]) -> str:
    return f"{noun}{'' if len(names) == 1 else 's'} {_listed(names)}"


def first_steps(examples: Mapping[RecordKind, Sequence[str]], rejected: pa.Table, config: Config) -> Iterator[Step]:
    """What to do about rows of a template that were left in, and about rows that were put aside."""
    files = list(dict.fromkeys(file for found in examples.values() for file in found))
    if files:
        yield [
            f"{_listed(files)} still {'holds' if len(files) == 1 else 'hold'} the example rows (identifiers that begin with "
            f"{EXAMPLE}), which count as if they were records: put your own in their place"
        ]
    yield from mend(rejected, Places(config))


def _kinds(seen: Seen) -> Iterator[Step]:
    """Kinds of which there is no record, those that most hangs on first."""
    lacking = []
    for kind in RecordKind:
        layers, indicators = layers_without(kind, seen.there), seen.asked.needing(kind)
        if kind not in seen.there and (layers or indicators):
            lacking.append((-len(layers) - len(indicators), kind, layers, indicators))
    for _, kind, layers, indicators in sorted(lacking, key=lambda each: each[0]):
        without = [_counted("layer", layers)] if layers else []
        without += [_counted("indicator", indicators)] if indicators else []
        yield [
            f"{seen.places.file(kind)}: no {_noun(kind)}, and without any, nothing is known of the {' and the '.join(without)}: "
            f"{_add(seen, kind)}"
        ]


def _noun(kind: RecordKind) -> str:
    return kind.value.replace("_", " ")


def _add(seen: Seen, kind: RecordKind) -> str:
    """What to do to have records of a kind."""
    needed = ", ".join(field.name for field in KINDS[kind].fields if field.required)
    add = f"add rows, with at least {needed} (`orgnet describe {kind.value}` says what each heading means)"
    named = "" if kind in seen.config.sources else f", and under `sources`: `{kind.value}: {{path: {kind.value}.csv}}`"
    return add + named


def _unstated(seen: Seen) -> Iterator[Step]:
    """Kinds that must be known to be whole before anything is called absent, and of which nothing is said."""
    calendar = seen.config.calendar
    coverage = make_coverage(seen.records, make_roster(seen.records, calendar), calendar)
    unstated = [kind for kind in seen.asked.must_be_whole if kind in seen.there and kind not in coverage.whole]
    if not unstated:
        return
    headings = [field.name for field in KINDS[RecordKind.COVERAGE].fields]
    period = seen.config.period
    said = {"period_start": str(period.start), "period_end": str(period.end), "complete": "true"}
    lines = [
        ",".join(kind.value if name == "record_kind" else said.get(name, "") for name in headings) for kind in unstated
    ]
    named = (
        "say so"
        if RecordKind.COVERAGE in seen.config.sources
        else "say so, with `coverage: {path: coverage.csv}` under `sources` and in that file"
    )
    yield [
        f"{seen.places.file(RecordKind.COVERAGE)}: nothing says whether all records of {_listed([k.value for k in unstated])} came, "
        "so no zero can be told from no record, and nothing that is not there is called absent (level 1). If all came from "
        f"every organisation, {named}:",
        ",".join(headings),
        *lines,
    ]


def _covered(seen: Seen) -> Iterator[Step]:
    """Kinds that are known to be whole for too few providers, in the last slice."""
    calendar = seen.config.calendar
    roster = make_roster(seen.records, calendar)
    coverage = make_coverage(seen.records, roster, calendar)
    for kind in coverage.whole:
        hanging, share = seen.asked.needing(kind), float(coverage.share(kind, roster.provider)[-1])
        if hanging and not np.isnan(share) and share < seen.asked.coverage:
            yield [
                f"{seen.places.file(RecordKind.COVERAGE)}: {_noun(kind)} of the window that ends with the last slice, "
                f"{calendar.slices[-1].label}, is known to be whole for {share:.0%} of providers, and {seen.asked.coverage:.0%} are needed for the {_counted('indicator', hanging)}: ask for what has not "
                "come, or, where it has, state it (complete: true) for the whole window"
            ]


def _empty_slices(seen: Seen) -> Iterator[Step]:
    """Slices that end before the first record of anything that happens on a day."""
    calendar = seen.config.calendar
    first = seen.places.first_days(seen.records)
    if not first:
        return
    kind, day = min(first.items(), key=lambda each: each[1])
    before = [slice_ for slice_ in calendar.slices if slice_.end <= day]
    if before:
        yield [
            f"the first record is of {day} ({_noun(kind)}), and {len(before)} slice{'s' * (len(before) > 1)}, {before[0].label} to "
            f"{before[-1].label}, end before it: bring older records, or begin the period later: `period: {{start: {before[-1].end}, ...}}`"
        ]


def _spoken(seen: Seen) -> Iterator[Step]:
    """Indicators that ties say nothing of, where nothing else speaks of them either."""
    silent: dict[tuple[RecordKind, ...], list[str]] = {}
    for name, kinds in seen.asked.speaks.items():
        if not seen.asked.needs[name] and kinds and not seen.there & {*kinds}:
            silent.setdefault(kinds, []).append(name)
    for kinds, names in silent.items():
        files = " or ".join(seen.places.file(kind) for kind in kinds)
        yield [
            f"{files}: ties say nothing of the {_counted('indicator', names)}; only {_listed([_noun(kind) for kind in kinds])} do: "
            f"{_add(seen, kinds[0])}"
        ]
