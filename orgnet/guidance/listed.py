"""Gaps in the lists of people and of organisations: counts by group and role, never a name of a person."""

from collections.abc import Iterator

import numpy as np

from orgnet.config import Config
from orgnet.guidance.place import Places
from orgnet.records.organisations import days_of, make_roster, numbers_of, words_of
from orgnet.records.read import Records
from orgnet.vocabulary import RecordKind
from orgnet.windows import FOREVER

_SHOWN = 5
_NEVER_FILLED_IN = (
    (
        RecordKind.MEETINGS,
        "convenor_org_id",
        (),
        "so nothing is known of who convenes whom: the layer convening and the indicator centrality",
    ),
    (
        RecordKind.MEETINGS,
        "series_id",
        (),
        "so no meeting is known to be one of a series, and no venue to be a standing one: the indicator connect",
    ),
    (
        RecordKind.MEETINGS,
        "chair_person_id",
        (RecordKind.LEAD_ROLES,),
        "and there are no lead roles, so nothing is known of who leads: the indicator leadership",
    ),
    (
        RecordKind.ATTENDANCE,
        "join",
        (),
        "so everybody counts as there from a meeting's beginning to its end, and what rests on it is marked nominal: the layers "
        "meetings and mdt, and the indicator acquaint",
    ),
)
"""Fields that may be empty, the kinds of record that stand in for them, and what hangs on them."""


def _some(names: list[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def never_filled_in(records: Records, places: Places) -> Iterator[list[str]]:
    """Fields that every record of a kind leaves empty, and on which layers and indicators hang."""
    for kind, field, instead, why in _NEVER_FILLED_IN:
        table = records.tables.get(kind)
        if table is None or not table.num_rows or table.column(field).null_count < table.num_rows:
            continue
        if not any(other in records.tables and records.tables[other].num_rows for other in instead):
            yield [
                f"{places.file(kind)}, column {places.heading(kind, field)}: never filled in, {why}: fill it in where it is known "
                f"(`orgnet describe {kind.value}.{field}`)"
            ]


def people(records: Records, config: Config, least: int, places: Places) -> Iterator[list[str]]:
    """Posts without a professional group, and groups with fewer people than are given a level."""
    table = records.tables.get(RecordKind.PEOPLE)
    if table is None or not table.num_rows:
        return
    file, heading = places.file(RecordKind.PEOPLE), places.heading(RecordKind.PEOPLE, "group")
    groups = words_of(table.column("group"))
    without = int((groups == "").sum())
    if without:
        yield [
            f"{file}, column {heading}: {without:,} of {len(groups):,} posts have no professional group, and their holders count "
            "in no group: fill it in (`orgnet describe people` lists the groups)"
        ]
    calendar = config.calendar
    _, last = calendar.touched(days_of(table.column("start"), -FOREVER), days_of(table.column("end"), FOREVER))
    first, _ = calendar.touched(days_of(table.column("start"), -FOREVER), days_of(table.column("end"), FOREVER))
    now = (first < len(calendar)) & (last >= len(calendar) - 1)
    persons = numbers_of(table.column("person_id"), missing=-1)
    counts = {group: len(np.unique(persons[now & (groups == group)])) for group in np.unique(groups[groups != ""])}
    small = [f"{group} {n}" for group, n in counts.items() if n < least]
    if small:
        yield [
            f"{file}, column {heading}: fewer than {least} people in {len(small)} of {len(counts)} professional groups in the last "
            f"slice ({', '.join(small)}), and no level is given to these: add who is missing, or, where a group is so small, "
            "put it with another (`values` of the source)"
        ]


def roles(records: Records, config: Config, places: Places) -> Iterator[list[str]]:
    """Providers without a role, and whether any organisation is said to be the core agency."""
    table = records.tables.get(RecordKind.ORGANISATIONS)
    if table is None or not table.num_rows:
        return
    file, heading = places.file(RecordKind.ORGANISATIONS), places.heading(RecordKind.ORGANISATIONS, "role")
    names, role = numbers_of(table.column("org_id"), missing=-1), words_of(table.column("role"))
    kind = words_of(table.column("kind"))
    lacking = sorted({records.organisations[at] for at in names[(role == "") & np.isin(kind, ["provider", ""])]})
    if lacking:
        yield [
            f"{file}, column {heading}: no role for {_some(lacking)}: say specialist, local or none, so that the two can be set "
            "side by side"
        ]
    if not make_roster(records, config.calendar).core_agency.any():
        yield [
            f"{file}, column {heading}: no organisation is the core agency; if one body convenes the network, add it with role "
            "core_agency; if there is none, the indicator centrality says so"
        ]
