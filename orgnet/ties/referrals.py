"""Referrals as ties: forward and back kept apart, because centralising a service makes forward flow one-way by design."""

import duckdb
import numpy as np
from numpy.typing import NDArray

from orgnet.config import Config
from orgnet.ties.tiles import Sums, Tiles, decay, make_tiles, people_behind, people_in_periods, units
from orgnet.vocabulary import Layer, ReferralDirection, ReferralStatus
from orgnet.windows import Calendar

DIRECTIONS = {Layer.REFERRALS: ReferralDirection.FORWARD, Layer.REFERRALS_BACK: ReferralDirection.REFER_BACK}


def find_referrals(
    con: duckdb.DuckDBPyConnection, config: Config, calendar: Calendar, n: int, n_people: int
) -> list[Tiles]:
    """Referrals from one organisation to another, weighted by their number.

    Revoked referrals, and those within one organisation, are no tie. A referral of no stated direction is forward.
    """
    return [_layer(con, layer, config, calendar, n, n_people) for layer in DIRECTIONS]


def between(con: duckdb.DuckDBPyConnection, layer: Layer) -> dict[str, NDArray[np.int64]]:
    """The referrals of a layer: from and to which organisation, on which day, how many, and the people (-1 if none)."""
    rows = con.sql(
        "SELECT from_org, to_org, CAST(date - DATE '1970-01-01' AS INTEGER) AS day, coalesce(n, 1) AS n, "
        "coalesce(from_person, -1) AS from_person, coalesce(to_person, -1) AS to_person FROM referrals "
        f"WHERE coalesce(direction_type, '{ReferralDirection.FORWARD}') = '{DIRECTIONS[layer]}' "
        f"AND coalesce(status, '') <> '{ReferralStatus.REVOKED}' AND from_org <> to_org"
    ).fetchnumpy()
    return {name: np.asarray(values).astype(np.int64) for name, values in rows.items()}


def _layer(
    con: duckdb.DuckDBPyConnection,
    layer: Layer,
    config: Config,
    calendar: Calendar,
    n: int,
    n_people: int,
) -> Tiles:
    column = between(con, layer)
    pair, day = column["from_org"] * n + column["to_org"], column["day"]
    weight = units(column["n"] * decay(day, calendar, config.ties.half_life_days))
    people = None
    named = [(column[side] >= 0, column[side]) for side in ("from_person", "to_person")]
    if any(keep.any() for keep, _ in named):
        keep, person = (np.concatenate(part) for part in zip(*named, strict=True))
        pairs, days = (np.tile(values, 2)[keep] for values in (pair, day))
        people = people_behind(people_in_periods(pairs, person[keep], days, n_people, calendar), calendar)
    return make_tiles(layer, Sums.of(pair, day, weight, column["n"], calendar), calendar, n, people)
