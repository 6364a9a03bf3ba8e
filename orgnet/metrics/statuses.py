"""Statuses as numbers, and values over all slices with the status of each."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from orgnet.vocabulary import VALUED_STATUSES, Status

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Codes = NDArray[np.integer[Any]]
"""Statuses as numbers: in a byte each where there are as many as values of pairs."""
STATUSES = [status.value for status in Status]
CODE = {status: number for number, status in enumerate(Status)}
VALUED = [CODE[status] for status in Status if status in VALUED_STATUSES]


def status_codes(values: Floats, unknown: Flags, nominal: bool) -> Codes:
    """A status code for each value: not known if nothing is there and nothing says that all is."""
    undefined, none, some = (
        np.int8(CODE[each]) for each in (Status.UNDEFINED, Status.NO_COVERAGE, Status.NOMINAL if nominal else Status.OK)
    )
    return np.where(unknown, none, np.where(np.isnan(values), undefined, some))


@dataclass(frozen=True)
class Series:
    """One metric of one scope over all slices: values (NaN if none), status codes, people and coverage behind it."""

    values: Floats
    status: Codes

    def valued(self) -> Floats:
        """The values, NaN wherever the status says that there is none."""
        return np.where(np.isin(self.status, VALUED), self.values, np.nan)
