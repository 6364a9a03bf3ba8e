"""Ties that restating makes internal, counted plainly: meeting by meeting, pair by pair."""

from itertools import combinations

import numpy as np

from orgnet.config import Config
from orgnet.records.read import Records
from orgnet.ties.make import connect
from orgnet.ties.presence import find_presence
from orgnet.vocabulary import GOVERNANCE_TYPES, Layer, RecordKind


def stands_as(records: Records, org: int, day: int) -> int:
    """What an organisation stands as on a day."""
    pieces = records.succession.pieces
    (at,) = np.flatnonzero((pieces.organisation == org) & (pieces.from_day <= day) & (day < pieces.until_day))
    return int(pieces.stands_as[at])


def plain_counts(records: Records, config: Config) -> dict[Layer, int]:
    """Pairs of organisations at one meeting, and convenors with those who came, that are one now."""
    recorded, n = records.recorded, len(records.organisations)
    there: dict[tuple[int, int, bool], set[int]] = {}
    with connect(recorded) as con:
        presence = find_presence(con, recorded, config)
    stays = zip(
        *(column.tolist() for column in (presence.meeting, presence.day, presence.mdt, presence.party)), strict=True
    )
    for meeting, day, mdt, party in stays:
        if party < n:
            there.setdefault((meeting, day, mdt), set()).add(party)
    found = {Layer.MEETINGS: 0, Layer.MDT: 0, Layer.CONVENING: 0}
    rows = recorded.tables[RecordKind.MEETINGS].to_pylist()
    convenor = {row["meeting_id"]: row["convenor_org_id"] for row in rows if row["type"] in list(GOVERNANCE_TYPES)}
    for (meeting, day, mdt), orgs in there.items():
        same = sum(stands_as(records, a, day) == stands_as(records, b, day) for a, b in combinations(sorted(orgs), 2))
        found[Layer.MDT if mdt else Layer.MEETINGS] += same
        by = convenor.get(meeting)
        if by is not None:
            found[Layer.CONVENING] += sum(
                org != by and stands_as(records, org, day) == stands_as(records, by, day) for org in orgs
            )
    return found
