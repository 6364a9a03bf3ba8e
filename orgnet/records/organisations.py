"""Organisations over time: who is on the roster of each slice, as what, and in which role."""

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from orgnet.records.read import Records
from orgnet.spells import count
from orgnet.vocabulary import OrganisationKind, OrganisationRole, RecordKind
from orgnet.windows import FOREVER, Calendar

Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]
_KINDS = [kind.value for kind in OrganisationKind]


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
    kind: Ints
    """The number of each organisation's kind, in the order of OrganisationKind."""
    stated: bool

    def kinds(self, number: int) -> list[str]:
        """The kind of every organisation in one slice, in a word."""
        return [_KINDS[code] for code in self.kind[:, number]]

    def on(self, number: int) -> NDArray[np.int64]:
        """The organisations on one slice's roster."""
        return np.flatnonzero(self.present[:, number])

    def during(self, at: slice) -> "Roster":
        """The roster of a run of slices."""
        flags = ("present", "provider", "specialist", "core_agency", "network_body", "kind")
        return replace(self, **{name: getattr(self, name)[:, at] for name in flags})

    @property
    def by_slice(self) -> list[list[str]]:
        """The organisations on each slice's roster by name, in order."""
        return [[self.names[org] for org in self.on(number)] for number in range(self.present.shape[1])]

    @property
    def constant(self) -> NDArray[np.int64]:
        """The organisations on every slice's roster."""
        return np.flatnonzero(self.present.all(axis=1))


def make_roster(records: Records, calendar: Calendar) -> Roster:
    """The roster of each slice, from the organisations' validity. One of no stated kind is taken as a provider.

    An organisation that is several restated as one has the roles of all its parts, and is a provider if any of them is.
    """
    n, slices = len(records.organisations), len(calendar)
    if not records.has(RecordKind.ORGANISATIONS):
        everything, nothing = standing(records, calendar), np.zeros((n, slices), dtype=bool)
        kinds = np.full((n, slices), _KINDS.index(OrganisationKind.PROVIDER))
        return Roster(records.organisations, everything, everything, nothing, nothing, nothing, kinds, stated=False)
    rows = records.tables[RecordKind.ORGANISATIONS]
    org = numbers_of(rows.column("org_id"), missing=-1)
    start, end = days_of(rows.column("valid_from"), -FOREVER), days_of(rows.column("valid_to"), FOREVER)
    first, last = calendar.touched(start, end)
    kind, role = words_of(rows.column("kind")), words_of(rows.column("role"))

    def during(chosen: Flags) -> Flags:
        """The slices that an organisation's chosen rows share a day with."""
        return count(org[chosen], first[chosen], last[chosen], n, slices) > 0

    return Roster(
        records.organisations,
        present=during(np.ones(len(org), dtype=bool)),
        provider=during(np.isin(kind, [OrganisationKind.PROVIDER.value, ""])),
        specialist=during(role == OrganisationRole.SPECIALIST.value),
        core_agency=during(role == OrganisationRole.CORE_AGENCY.value),
        network_body=during(kind == OrganisationKind.NETWORK_BODY.value),
        kind=_kinds(org, kind, start, first, last, (n, slices)),
        stated=True,
    )


def standing(records: Records, calendar: Calendar) -> Flags:
    """The organisations that any stands as in each slice: all of them, unless records are restated."""
    n, slices = len(records.organisations), len(calendar)
    if records.succession is None:
        return np.ones((n, slices), dtype=bool)
    pieces = records.succession.pieces
    first, last = calendar.touched(pieces.from_day, pieces.until_day)
    return count(pieces.stands_as, first, last, n, slices) > 0


def _kinds(org: Ints, kind: NDArray[np.str_], start: Ints, first: Ints, last: Ints, shape: tuple[int, int]) -> Ints:
    """Each organisation's kind in each slice: of several within one slice, the one that began last."""
    kinds = np.full(shape, _KINDS.index(OrganisationKind.PROVIDER))
    code = np.array([_KINDS.index(word or OrganisationKind.PROVIDER.value) for word in kind.tolist()], dtype=np.int64)
    for row in np.lexsort((code, start)):
        kinds[org[row], first[row] : last[row] + 1] = code[row]
    return kinds


def days_of(column: pa.ChunkedArray, missing: int = 0) -> Ints:
    """A column of days as days since 1970-01-01."""
    days = np.asarray(column.to_numpy(), dtype="datetime64[D]")
    return np.where(np.isnat(days), missing, days.astype(np.int64))


def numbers_of(column: pa.ChunkedArray, missing: int) -> Ints:
    """A column of codes."""
    return np.asarray(column.fill_null(missing).to_numpy()).astype(np.int64)


def words_of(column: pa.ChunkedArray) -> NDArray[np.str_]:
    """A column of words, with the empty word where there is none."""
    return np.asarray(column.cast(pa.string()).fill_null("").to_numpy(), dtype=np.str_)
