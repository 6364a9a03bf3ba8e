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


def find_flow(con: duckdb.DuckDBPyConnection, calendar: Calendar, n: int) -> ReferralFlow:
    """The flow of referrals; one of no stated direction is forward."""
    rows = con.sql(
        f"""
        SELECT to_org, CAST(date - DATE '1970-01-01' AS BIGINT) AS day, coalesce(n, 1) AS n,
            coalesce(direction_type, '') = {text(ReferralDirection.REFER_BACK)} AS back,
            coalesce(CAST(info_complete AS INTEGER), -1) AS complete,
            coalesce(CAST(accepted_date - date AS INTEGER), -1) AS wait
        FROM referrals WHERE coalesce(status, '') <> {text(ReferralStatus.REVOKED)} AND from_org <> to_org
        """
    ).fetchnumpy()
    to, day, n_referrals, complete, wait = (
        np.asarray(rows[name]).astype(np.int64) for name in ("to_org", "day", "n", "complete", "wait")
    )
    back = np.asarray(rows["back"]).astype(bool)
    first, last = calendar.windows_over(day)

    def received(chosen: NDArray[np.bool_]) -> Ints:
        return count(to[chosen], first[chosen], last[chosen], n, len(calendar), by=n_referrals[chosen])

    forward_to, back_to, accepted = received(~back), received(back), wait >= 0
    return ReferralFlow(
        forward=forward_to.sum(axis=0),
        back=back_to.sum(axis=0),
        received_forward=forward_to,
        received_back=back_to,
        known=per_slice(day[complete >= 0], calendar, n_referrals[complete >= 0]),
        complete=per_slice(day[complete == 1], calendar, n_referrals[complete == 1]),
        days_to_accept=medians(
            wait[accepted], first[accepted], last[accepted], len(calendar), by=n_referrals[accepted]
        ),
    )
