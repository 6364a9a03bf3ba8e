"""Organisations over time: who is on the roster of each slice, as what, and in which role."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from orgnet.records.read import Records
from orgnet.vocabulary import OrganisationKind, OrganisationRole, RecordKind
from orgnet.windows import FOREVER, Calendar

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Roster:
    """Which organisations exist in each slice. Flags have the shape (organisations, slices).

    An organisation is on a slice's roster if its validity shares a day with the slice. `stated` is false where no
    organisations were supplied: then every organisation named anywhere is taken to exist throughout, as a provider.
    """

    names: list[str]
    present: Flags
    provider: Flags
    specialist: Flags
    core_agency: Flags
    network_body: Flags
    stated: bool

    def on(self, number: int) -> NDArray[np.int64]:
        """The organisations on one slice's roster."""
        return np.flatnonzero(self.present[:, number])

    @property
    def constant(self) -> NDArray[np.int64]:
        """The organisations on every slice's roster."""
        return np.flatnonzero(self.present.all(axis=1))


def make_roster(records: Records, calendar: Calendar) -> Roster:
    """The roster of each slice, from the organisations' validity."""
    n, slices = len(records.organisations), len(calendar)
    everything = np.ones((n, slices), dtype=bool)
    if not records.has(RecordKind.ORGANISATIONS):
        nothing = np.zeros_like(everything)
        return Roster(records.organisations, everything, everything, nothing, nothing, nothing, stated=False)
    rows = records.tables[RecordKind.ORGANISATIONS].to_pandas()
    start = _days(rows["valid_from"], -FOREVER)
    end = _days(rows["valid_to"], FOREVER)
    first, last = calendar.touched(start, end)
    flags = {
        name: np.zeros((n, slices), dtype=bool)
        for name in Roster.__dataclass_fields__
        if name not in ("names", "stated")
    }
    for row, (low, high) in enumerate(zip(first.tolist(), last.tolist(), strict=True)):
        org, kind, role = rows.at[row, "org_id"], rows.at[row, "kind"], rows.at[row, "role"]
        span = slice(low, high + 1)
        flags["present"][org, span] = True
        flags["provider"][org, span] |= kind == OrganisationKind.PROVIDER or kind is None
        flags["network_body"][org, span] |= kind == OrganisationKind.NETWORK_BODY
        flags["specialist"][org, span] |= role == OrganisationRole.SPECIALIST
        flags["core_agency"][org, span] |= role == OrganisationRole.CORE_AGENCY
    return Roster(records.organisations, **flags, stated=True)


def _days(column: object, missing: int) -> NDArray[np.int64]:
    days = np.asarray(column, dtype="datetime64[D]")
    return np.where(np.isnat(days), missing, days.astype(np.int64))
