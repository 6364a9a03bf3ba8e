"""Meetings in one line each, and what they say of how a network is run: shared by the specifications of conduct.

`there` lists the organisations at the table: `A,B:3` is one person from A and three from B; people are called after their
organisation, a1, b1, b2, b3. A to D are providers and N is a network body unless something else is said. Windows are
quarters of 2015, and so are the four values of each list.
"""

from pathlib import Path

import pytest

from orgnet.metrics import registered
from orgnet.metrics.conduct import Conduct, observe
from orgnet.vocabulary import Level
from tests.networks import Network, Rows, network, rows_of

QUARTERS = {"slices": {"every": "quarter", "window": "3 months"}}
ORGANISATIONS = """
    org_id  kind          role
    A       provider      -
    B       provider      -
    C       provider      -
    D       provider      -
    N       network_body  core_agency
"""


def exactly(expected: float | list[float]):
    return pytest.approx(expected, rel=1e-12, abs=1e-12, nan_ok=True)


def _seats(there: str) -> list[str]:
    """The people of a drawing: `A,B:2` is a1, b1 and b2."""
    seats = []
    for word in filter(None, there.split(",")):
        org, _, number = word.partition(":")
        seats += [f"{org.lower()}{place}" for place in range(1, int(number or 1) + 1)]
    return seats


def drawn(folder: Path, meetings: str, organisations: Rows = ORGANISATIONS, **records: Rows) -> Network:
    """A network of the meetings drawn; whoever is named in them or in `records` is staff of their organisation."""
    lines = [{"meeting_id": f"m{number}", **row} for number, row in enumerate(rows_of(meetings))]
    attendance = [
        {"meeting_id": row["meeting_id"], "person_id": person} for row in lines for person in _seats(row.pop("there"))
    ]
    named = {row.get("chair_person_id", "") for row in lines}
    attendance += rows_of(records.pop("attendance", []))
    named |= {row["person_id"] for row in [*attendance, *rows_of(records.get("lead_roles", []))]}
    people = [{"person_id": who, "org_id": who[0].upper(), "group": "surgeon"} for who in sorted(named - {""})]
    return network(
        folder,
        settings=QUARTERS,
        organisations=organisations,
        people=records.pop("people", people),
        meetings=lines,
        attendance=attendance,
        **records,
    )


def observed(made: Network) -> Conduct:
    return observe(made.records, made.ties, made.roster, made.calendar, made.config.ties.standing_meetings_per_year)


def values(made: Network, *names: str) -> list[list[float]]:
    """Metrics of the network, one list of values per metric."""
    conduct = observed(made)
    functions = {m.name: m.function for m in registered(Level.NETWORK)}
    return [[float(value) for value in functions[name](conduct)] for name in names]


def board_attendance(made: Network, conduct: Conduct) -> dict[str, list[float]]:
    """The metric for each organisation."""
    (metric,) = (m for m in registered(Level.ORGANISATION) if m.name == "board_attendance")
    return dict(zip(made.records.organisations, metric.function(conduct).tolist(), strict=True))


def value(made: Network, name: str) -> list[float]:
    return values(made, name)[0]
