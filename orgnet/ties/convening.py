"""The convening digraph: from the organisation that convenes a governance meeting to each that attends it."""

import duckdb
import numpy as np

from orgnet.config import Config
from orgnet.records.source import text
from orgnet.ties.presence import Presence
from orgnet.ties.tiles import Sums, Tiles, decay, make_tiles, people_behind, people_in_periods, units
from orgnet.vocabulary import GOVERNANCE_TYPES, Layer
from orgnet.windows import Calendar


def find_convening(
    con: duckdb.DuckDBPyConnection,
    presence: Presence,
    config: Config,
    calendar: Calendar,
    n: int,
    n_people: int,
) -> Tiles:
    """One tie event per governance meeting and organisation there, other than the convenor's own.

    Governance meetings are the types pathway_board, technical_group, working_group, learning and board: who hosts a
    clinical meeting is read from the `mdt` layer. A stay for several organisations at once counts for none of them.
    """
    types = ", ".join(text(word) for word in GOVERNANCE_TYPES)
    rows = con.sql(
        f"SELECT meeting_id, convenor_org_id FROM meetings WHERE convenor_org_id IS NOT NULL AND type IN ({types}) "
        "ORDER BY meeting_id"
    ).to_arrow_table()
    meetings = np.asarray(rows.column("meeting_id")).astype(np.int64)
    convenors = np.asarray(rows.column("convenor_org_id")).astype(np.int64)
    at = np.searchsorted(meetings, presence.meeting)
    there = np.flatnonzero(
        np.isin(presence.meeting, meetings) & (presence.party < n) if len(meetings) else np.zeros(len(presence), bool)
    )
    source, target = convenors[at[there]], presence.party[there]
    other = source != target
    there, source, target = there[other], source[other], target[other]
    pair, day = source * n + target, presence.day[there].astype(np.int64)
    people = people_behind(people_in_periods(pair, presence.person[there], day, n_people, calendar), calendar)
    _, once = np.unique(presence.meeting[there] * n * n + pair, return_index=True)
    weight = units(decay(day[once], calendar, config.ties.half_life_days))
    sums = Sums.of(pair[once], day[once], weight, np.ones(len(once), np.int64), calendar)
    return make_tiles(Layer.CONVENING, sums, calendar, n, people)
