"""What the records show of the flow of referrals: where they go, whether they come back, and with what."""

from dataclasses import dataclass

import duckdb
import numpy as np
from numpy.typing import NDArray

from orgnet.metrics.conduct_meetings import per_slice
from orgnet.metrics.ratios import medians
from orgnet.records.source import text
from orgnet.spells import count
from orgnet.vocabulary import ReferralDirection, ReferralStatus
from orgnet.windows import Calendar

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
NOT_REVOKED = f"coalesce(status, '') <> {text(ReferralStatus.REVOKED)}"
"""Referrals that count, in SQL."""


@dataclass(frozen=True)
class ReferralFlow:
    """Referrals between organisations in each slice's window; revoked ones are left out.

    Two-dimensional arrays have the shape (organisations, slices). `known` are those of which is known whether they
    came with all the information needed, `complete` those that did.
    """

    forward: Ints
    back: Ints
    received_forward: Ints
    received_back: Ints
    known: Ints
    complete: Ints
    days_to_accept: Floats


def _added_up(con: duckdb.DuckDBPyConnection, by: str, where: str = "true") -> list[Ints]:
    """Referrals between organisations that were not revoked: what they are told apart by, and how many there are."""
    rows = con.sql(
        f"""
        SELECT {by}, CAST(sum(times) AS BIGINT) FROM (
            SELECT *, CAST(date - DATE '1970-01-01' AS BIGINT) AS day, coalesce(n, 1) AS times FROM referrals
            WHERE {NOT_REVOKED} AND from_org <> to_org AND {where}
        ) GROUP BY ALL
        """
    ).fetchnumpy()
    return [np.asarray(values).astype(np.int64) for values in rows.values()]


def find_flow(con: duckdb.DuckDBPyConnection, calendar: Calendar, n: int) -> ReferralFlow:
    """The flow of referrals; one of no stated direction is forward."""
    to, day, back, complete, n_referrals = _added_up(
        con,
        f"to_org, day, coalesce(direction_type, '') = {text(ReferralDirection.REFER_BACK)}, "
        "coalesce(CAST(info_complete AS INTEGER), -1)",
    )
    accepted_day, wait, n_accepted = _added_up(
        con, "day, CAST(accepted_date - date AS INTEGER)", "accepted_date >= date"
    )
    first, last = calendar.windows_over(day)

    def received(chosen: NDArray[np.bool_]) -> Ints:
        return count(to[chosen], first[chosen], last[chosen], n, len(calendar), by=n_referrals[chosen])

    forward_to, back_to = received(back == 0), received(back == 1)
    return ReferralFlow(
        forward=forward_to.sum(axis=0),
        back=back_to.sum(axis=0),
        received_forward=forward_to,
        received_back=back_to,
        known=per_slice(day[complete >= 0], calendar, n_referrals[complete >= 0]),
        complete=per_slice(day[complete == 1], calendar, n_referrals[complete == 1]),
        days_to_accept=medians(wait, *calendar.windows_over(accepted_day), len(calendar), by=n_accepted),
    )
