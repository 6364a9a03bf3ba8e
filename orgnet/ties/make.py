"""Records to ties: who met whom, who refers to whom, who holds posts in two places, who convenes whom."""

from dataclasses import dataclass

import duckdb
import pyarrow as pa

from orgnet import database
from orgnet.config import Config, TieRules
from orgnet.records.read import Records
from orgnet.schema import KINDS
from orgnet.schema.kinds import Field
from orgnet.ties.convening import find_convening
from orgnet.ties.copresence import Contacts, find_contacts, tie_organisations
from orgnet.ties.joint_roles import JointRoleCounts, find_joint_roles
from orgnet.ties.presence import Handed, Presence, find_presence
from orgnet.ties.referrals import find_referrals
from orgnet.ties.tiles import Held, Tiles
from orgnet.vocabulary import RecordKind
from orgnet.windows import Calendar
from orgnet.work import HERE, Work

_TYPES = {
    "id": pa.string(),
    "text": pa.string(),
    "date": pa.date32(),
    "time": pa.int64(),
    "number": pa.float64(),
    "integer": pa.int64(),
    "flag": pa.bool_(),
    "list": pa.list_(pa.string()),
}


@dataclass(frozen=True)
class Ties:
    """Everything that ties people and organisations together, before windows are laid over it."""

    tiles: list[Tiles]
    joint_roles: Held
    joint_role_counts: JointRoleCounts
    presence: Presence
    shared: Presence | Handed
    """The presence, or where workers find it."""
    rules: TieRules

    def contacts(self, pair: tuple[int, int]) -> Contacts:
        """The contacts of a pair of professional groups. They are found each time, as all of them take much room."""
        return find_contacts(self.presence, pair, self.rules)


def _column_type(field: Field) -> pa.DataType:
    coded = field.refers_to is not None or field.name in ("meeting_id", "org_id", "person_id")
    if field.type == "list":
        return pa.list_(pa.int32()) if coded else _TYPES["list"]
    return pa.int32() if coded else _TYPES[field.type]


def connect(records: Records) -> duckdb.DuckDBPyConnection:
    """A database in which every kind of record is a table; a kind that the network does not supply is an empty one."""
    con = database.connect()
    for name, kind in KINDS.items():
        table = records.tables.get(name)
        if table is None:
            columns: list[tuple[str, pa.DataType]] = []
            for field in kind.fields:
                columns += zip(kind.columns(field), (_column_type(field), pa.date32()), strict=False)
            table = pa.schema(columns).empty_table()
        con.register(name.value, table)  # read where it stands, not copied
    return con


def make_ties(records: Records, config: Config, calendar: Calendar, work: Work = HERE) -> Ties:
    """Turn accepted records into ties."""
    con = connect(records)
    n, n_people = len(records.organisations), max(records.n_people, 1)
    presence = find_presence(con, records, config)
    shared = presence.handed(work)
    tiles = tie_organisations(presence, shared, config.ties, calendar, n, n_people, work)
    tiles.append(find_convening(con, presence, config, calendar, n, n_people))
    tiles += find_referrals(con, config, calendar, n, n_people)
    joint_roles, counts = find_joint_roles(con, config, calendar, records.has(RecordKind.PEOPLE))
    con.close()
    return Ties(tiles, joint_roles, counts, presence, shared, config.ties)
