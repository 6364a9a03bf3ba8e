"""Ties between organisations that are restated as one: no ties any more, and counted, so that none is lost unseen.

What was a tie as recorded is afterwards a tie between what the two stand as, or, if that is one and the same, internal.
"""

from dataclasses import dataclass, replace

import duckdb
import numpy as np
import pyarrow as pa

from orgnet.config import Config
from orgnet.records.organisations import days_of, numbers_of
from orgnet.records.pieces import Ints, Pieces
from orgnet.records.read import Records
from orgnet.records.restate import flat
from orgnet.records.source import text
from orgnet.ties.copresence import over_cap
from orgnet.ties.joint_roles import find_joint_roles
from orgnet.ties.make import connect
from orgnet.ties.presence import find_presence
from orgnet.ties.referrals import DIRECTIONS, between
from orgnet.vocabulary import GOVERNANCE_TYPES, Layer, RecordKind
from orgnet.windows import FOREVER, Calendar


@dataclass(frozen=True)
class Internal:
    """What became internal, by layer; and what is in the records once that was in them twice.

    Joint roles are counted as spells of one person and a pair of organisations, cut where one of them begins to stand as
    another; `joined` are those of one record that now name the same pair. Referrals are counted by their number;
    meetings and MDTs as pairs of organisations that people at one meeting stood for; convening as meetings and
    organisations there. Stays for several organisations at once, and meetings too large to tie anybody, are left out.
    """

    ties: dict[Layer, int]
    joined: int


def count_internal(records: Records, config: Config, calendar: Calendar) -> Internal:
    """What restating the records made internal; nothing if they stand as recorded."""
    found: dict[Layer, int] = {layer: 0 for layer in Layer if layer != Layer.COMBINED}
    if records.recorded is None or records.succession is None:
        return Internal(found, 0)
    recorded, pieces = records.recorded, records.succession.pieces
    stated, joined = _stated_roles(recorded, pieces)
    with connect(recorded) as con:
        there = _there(con, recorded, config)
        found |= {
            Layer.MEETINGS: there.where(~there.mdt).pairs_within(pieces),
            Layer.MDT: there.where(there.mdt).pairs_within(pieces),
            Layer.CONVENING: _convened(con, there, pieces),
            Layer.JOINT_ROLES: stated + _overlapping_posts(recorded, config, calendar, pieces),
        }
        found |= {layer: _referred(con, layer, pieces) for layer in DIRECTIONS}
    return Internal(found, joined)


@dataclass(frozen=True)
class _There:
    """Organisations that people at a meeting stood for, each once."""

    meeting: Ints
    org: Ints
    day: Ints
    mdt: np.ndarray

    def where(self, keep: np.ndarray) -> "_There":
        return _There(self.meeting[keep], self.org[keep], self.day[keep], self.mdt[keep])

    def pairs_within(self, pieces: Pieces) -> int:
        """Pairs of organisations at one meeting that stand as one."""
        stands = pieces.at(self.org, self.day)
        _, sizes = np.unique(np.stack([self.meeting, stands]), axis=1, return_counts=True)
        return int(_pairs(sizes).sum())


def _pairs(n: Ints) -> Ints:
    return n * (n - 1) // 2


def _there(con: duckdb.DuckDBPyConnection, recorded: Records, config: Config) -> _There:
    n = max(len(recorded.organisations), 1)
    presence = find_presence(con, recorded, config)
    stays = np.flatnonzero((presence.party < n) & ~over_cap(presence, config.ties.event_size_cap))
    key = presence.meeting[stays] * n + presence.party[stays]
    once = stays[np.unique(key, return_index=True)[1]]
    day = presence.day[once].astype(np.int64)
    return _There(presence.meeting[once], presence.party[once], day, presence.mdt[once])


def _convened(con: duckdb.DuckDBPyConnection, there: _There, pieces: Pieces) -> int:
    """Organisations at governance meetings that another convened with which they are one."""
    types = ", ".join(text(word) for word in GOVERNANCE_TYPES)
    rows = con.sql(
        f"SELECT meeting_id, convenor_org_id FROM meetings WHERE convenor_org_id IS NOT NULL AND type IN ({types}) "
        "ORDER BY meeting_id"
    ).to_arrow_table()
    meeting, convenor = (numbers_of(rows.column(name), missing=-1) for name in ("meeting_id", "convenor_org_id"))
    at = there.where(np.isin(there.meeting, meeting))
    by = convenor[np.searchsorted(meeting, at.meeting)]
    return int(((by != at.org) & (pieces.at(by, at.day) == pieces.at(at.org, at.day))).sum())


def _referred(con: duckdb.DuckDBPyConnection, layer: Layer, pieces: Pieces) -> int:
    """Referrals between organisations that are one."""
    rows = between(con, layer)
    one, other = (pieces.at(rows[name], rows["day"]) for name in ("from_org", "to_org"))
    return int(rows["n"][one == other].sum())


def _overlapping_posts(recorded: Records, config: Config, calendar: Calendar, pieces: Pieces) -> int:
    """Spells of overlapping posts in two organisations that are one."""
    others: dict[RecordKind, pa.Table] = {
        kind: rows for kind, rows in recorded.tables.items() if kind != RecordKind.JOINT_ROLES
    }
    with connect(replace(recorded, tables=others)) as con:
        held, _ = find_joint_roles(con, config, calendar, recorded.has(RecordKind.PEOPLE))
    row = np.repeat(np.arange(len(held.source)), 2)
    ends = np.stack([held.source, held.target], axis=1).ravel()
    rows, begins, _ = pieces.cut(row, ends, held.first_day, held.end_day)
    return int((pieces.at(held.source[rows], begins) == pieces.at(held.target[rows], begins)).sum())


def _stated_roles(recorded: Records, pieces: Pieces) -> tuple[int, int]:
    """Of recorded joint roles, the spells of pairs that are one, and those that name the same pair as another."""
    if not recorded.has(RecordKind.JOINT_ROLES):
        return 0, 0
    table = recorded.tables[RecordKind.JOINT_ROLES]
    start, end = days_of(table.column("start"), -FOREVER), days_of(table.column("end"), FOREVER)
    row, org, length = flat(table.column("org_ids"))
    rows, begins, _ = pieces.cut(row, org, start, end)
    spell = np.repeat(np.arange(len(rows)), length[rows])
    first = np.cumsum(length) - length
    within = np.arange(len(spell)) - np.repeat(np.cumsum(length[rows]) - length[rows], length[rows])
    stands = pieces.at(org[first[rows][spell] + within], begins[spell])
    wholes, sizes = np.unique(np.stack([spell, stands]), axis=1, return_counts=True)
    internal = _pairs(sizes).sum()
    left = _pairs(np.bincount(wholes[0], minlength=len(rows))).sum()
    return int(internal), int(_pairs(length[rows]).sum() - internal - left)
