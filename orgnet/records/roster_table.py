"""The roster as it is published: which organisations exist in each slice, by name, as what, and in which role."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from orgnet import store
from orgnet.records.organisations import Flags, Roster, days_of, numbers_of, words_of
from orgnet.records.read import Records
from orgnet.spells import count
from orgnet.vocabulary import OrganisationRole, RecordKind
from orgnet.windows import FOREVER, Calendar


def roster_table(records: Records, roster: Roster, calendar: Calendar) -> pa.Table:
    """The `organisations` table: kind and role as measures take them; empty words where no organisations were supplied."""
    numbers, orgs = np.nonzero(roster.present.T)
    names, roles = _names(records), _roles(records, roster, calendar)
    kinds = [roster.kinds(number) for number in range(len(calendar))]
    columns = {
        "slice": numbers,
        "organisation_id": [roster.names[org] for org in orgs],
        "name": [names.get(roster.names[org]) for org in orgs],
        "kind": [kinds[at][org] if roster.stated else None for at, org in zip(numbers, orgs, strict=True)],
        "role": [roles[org, at] if roster.stated else None for at, org in zip(numbers, orgs, strict=True)],
    }
    return store.sorted_by_key("organisations", store.table("organisations", columns, calendar))


def _names(records: Records) -> dict[str, str]:
    """The name of each organisation by its code: of several rows, the one that began last."""
    source = records.recorded or records
    if not records.has(RecordKind.ORGANISATIONS):
        return {}
    rows = source.tables[RecordKind.ORGANISATIONS]
    org, start = numbers_of(rows.column("org_id"), missing=-1), days_of(rows.column("valid_from"), -FOREVER)
    named = words_of(rows.column("name")).tolist()
    order = np.lexsort((named, start))
    return {source.organisations[org[row]]: named[row] for row in order if named[row]}


def _roles(records: Records, roster: Roster, calendar: Calendar) -> NDArray[np.str_]:
    """The role of every organisation in each slice; of several, the one that most depends on."""
    roles: NDArray[np.str_] = np.full(roster.present.shape, OrganisationRole.NONE.value, dtype="U16")
    for flags, role in (
        (_local(records, roster, calendar), OrganisationRole.LOCAL),
        (roster.specialist, OrganisationRole.SPECIALIST),
        (roster.core_agency, OrganisationRole.CORE_AGENCY),
    ):
        roles[flags] = role.value
    return roles


def _local(records: Records, roster: Roster, calendar: Calendar) -> Flags:
    if not roster.stated:
        return np.zeros(roster.present.shape, dtype=bool)
    rows = records.tables[RecordKind.ORGANISATIONS]
    chosen = words_of(rows.column("role")) == OrganisationRole.LOCAL.value
    org = numbers_of(rows.column("org_id"), missing=-1)[chosen]
    start, end = days_of(rows.column("valid_from"), -FOREVER), days_of(rows.column("valid_to"), FOREVER)
    first, last = calendar.touched(start[chosen], end[chosen])
    return count(org, first, last, *roster.present.shape) > 0
