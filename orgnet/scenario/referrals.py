"""The referrals: spread over six centres at first, then all to the pathway's specialist centre."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from orgnet.scenario.parameters import (
    CENTRES,
    EARLIER_CENTRES,
    INFORMATION_COMPLETE,
    PERIOD_END,
    PERIOD_START,
    POST_START,
    PROVIDERS,
    REFER_BACK,
    REFERRALS_PER_MONTH,
    ByPhase,
    Plan,
)
from orgnet.vocabulary import ReferralDirection, ReferralStatus

BACK_AFTER_DAYS = (3, 28)
"""A patient is referred back within four weeks."""
OPEN_DAYS = 60
"""A referral made this shortly before the period's end may still be open."""
REFERRERS = {"surgeon": 0.7, "oncologist": 0.2, "nurse": 0.1}
"""Who refers within a provider, and whom a patient is referred back to."""


def _by_phase(plan: Plan, p: ByPhase, day: pd.Series) -> npt.NDArray[np.float64]:
    """The probability that held on each day."""
    phases = [day < pd.Timestamp(plan.centralised), day < pd.Timestamp(POST_START)]
    return np.select(phases, [p.pre, p.transition], p.post)


def _earlier_centre(senders: pd.Series, rng: np.random.Generator) -> npt.NDArray[np.str_]:
    """One of the six centres for each sender, all equally likely, but never the sender itself."""
    place = {org: n for n, org in enumerate(EARLIER_CENTRES)}
    own = senders.map(lambda org: place.get(org, len(EARLIER_CENTRES))).to_numpy()
    others = np.where(own < len(EARLIER_CENTRES), len(EARLIER_CENTRES) - 1, len(EARLIER_CENTRES))
    drawn = rng.integers(0, others)
    return np.array(EARLIER_CENTRES)[drawn + (drawn >= own)]


def _made(rng: np.random.Generator) -> pd.DataFrame:
    """Every provider's need to refer: the day, the sender and the pathway."""
    months = pd.date_range(PERIOD_START, PERIOD_END, freq="MS", inclusive="left")
    cells = pd.MultiIndex.from_product(
        [months, PROVIDERS, REFERRALS_PER_MONTH], names=["month", "from_org", "specialty"]
    ).to_frame(index=False)
    n = rng.poisson(cells["specialty"].map(REFERRALS_PER_MONTH).to_numpy())
    made = cells.loc[cells.index.repeat(n)].reset_index(drop=True)
    day = np.floor(rng.random(len(made)) * made["month"].dt.days_in_month)
    return made.assign(date=made["month"] + pd.to_timedelta(day, unit="D")).drop(columns="month")


def _groups(n: int, rng: np.random.Generator) -> npt.NDArray[np.str_]:
    return rng.choice(list(REFERRERS), size=n, p=list(REFERRERS.values()))


def _forward(plan: Plan, rng: np.random.Generator) -> pd.DataFrame:
    """The referrals out; a specialist centre keeps the patients of its own pathway, which is no referral."""
    made = _made(rng)
    before = made["date"] < pd.Timestamp(plan.centralised)
    to_org = np.where(before, _earlier_centre(made["from_org"], rng), made["specialty"].map(CENTRES))
    sent = made.assign(to_org=to_org).query("from_org != to_org").reset_index(drop=True)
    complete = rng.random(len(sent)) < _by_phase(plan, INFORMATION_COMPLETE, sent["date"])
    return sent.assign(
        from_group=_groups(len(sent), rng),
        to_group="surgeon",
        direction_type=ReferralDirection.FORWARD.value,
        info_complete=complete,
    )


def _back(plan: Plan, forward: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Those referred back, a few weeks later, from the centre to whoever had sent them."""
    back = forward[rng.random(len(forward)) < _by_phase(plan, REFER_BACK, forward["date"])]
    days = rng.integers(*BACK_AFTER_DAYS, size=len(back), endpoint=True)
    back = back.assign(
        date=back["date"] + pd.to_timedelta(days, unit="D"),
        from_org=back["to_org"],
        to_org=back["from_org"],
        from_group=back["to_group"],
        to_group=back["from_group"],
        direction_type=ReferralDirection.REFER_BACK.value,
        info_complete=rng.random(len(back)) < 0.95,
    )
    return back[back["date"] < pd.Timestamp(PERIOD_END)]


def _status(day: pd.Series, rng: np.random.Generator) -> npt.NDArray[np.str_]:
    """Nearly all were completed; some of the last are still open."""
    recent = (day >= pd.Timestamp(PERIOD_END) - pd.Timedelta(days=OPEN_DAYS)).to_numpy()
    drawn = rng.random(len(day))
    ways = [recent & (drawn < 0.5), drawn < 0.97, drawn < 0.99]
    words = [ReferralStatus.ACTIVE.value, ReferralStatus.COMPLETED.value, ReferralStatus.REVOKED.value]
    return np.select(ways, words, ReferralStatus.ON_HOLD.value)


def referrals(plan: Plan, rng: np.random.Generator) -> pd.DataFrame:
    """One row for each referral, in order of date; nothing that points to a person."""
    forward = _forward(plan, rng)
    both = pd.concat([forward, _back(plan, forward, rng)])
    both = both.sort_values(["date", "from_org", "to_org"], kind="stable").reset_index(drop=True)
    both = both.assign(
        referral_id=[f"R{number:05}" for number in both.index + 1],
        status=_status(both["date"], rng),
        date=both["date"].dt.date,
    )
    return both[
        [
            "referral_id",
            "date",
            "from_org",
            "to_org",
            "from_group",
            "to_group",
            "specialty",
            "status",
            "direction_type",
            "info_complete",
        ]
    ]
