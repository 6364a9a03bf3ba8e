"""Organisations over time: what each went on as after mergers, demergers and changes of name, day by day.

Records name organisations as they were called on the day. To see a network over years, each can be stated as what it
became (`constant_successor`) or came from (`constant_predecessor`). What the links between organisations do not settle
is decided by a rule of the configuration, or left as recorded and listed as ambiguous.
"""

import pyarrow as pa

from orgnet import database, store
from orgnet.config import Config
from orgnet.records.links import gather
from orgnet.records.pieces import Pieces, Succession
from orgnet.records.read import Records
from orgnet.records.split_rules import match
from orgnet.records.splits import decide, lay_out, splits
from orgnet.records.told import tell
from orgnet.records.walk import walk
from orgnet.vocabulary import OrganisationBasis

_NO_LINKS = pa.schema(
    [
        *((name, pa.string()) for name in ("predecessor_id", "successor_id", "link_type")),
        ("link_date", pa.date32()),
        ("followed", pa.bool_()),
        ("outcome", pa.string()),
        ("reasons", pa.list_(pa.string())),
    ]
)


def find_succession(records: Records, config: Config) -> Succession:
    """What each organisation stands as on each day, and what became of every link, by the network's rules.

    Raises InputFault if organisations follow on one another in a circle on one day, or a rule for a split names what
    is not there.
    """
    said = config.organisations
    backwards = said.basis == OrganisationBasis.CONSTANT_PREDECESSOR
    with database.connect() as con:
        gather(con, records)
        if not said.splits and not con.execute("SELECT count(*) FROM links").fetchall()[0][0]:
            return Succession(said.basis, Pieces.unchanged(len(records.organisations)), _NO_LINKS.empty_table(), 0)
        lay_out(con, not backwards)
        other_way = splits(con, 1 if backwards else -1)
        lay_out(con, backwards)
        decide(con, match(said.splits, splits(con, -1 if backwards else 1), other_way, records.organisations))
        pieces = walk(con, records.organisations, backwards)
        links, ambiguous = tell(con, said.basis, backwards)
    if said.basis == OrganisationBasis.AS_RECORDED:
        pieces = Pieces.unchanged(len(records.organisations))
    return Succession(said.basis, pieces, links, ambiguous)


def succession_table(succession: Succession) -> pa.Table:
    """The `succession` table: one row for each link."""
    columns = {name: succession.links.column(name) for name in succession.links.column_names}
    basis = [succession.basis.value] * succession.links.num_rows
    return store.sorted_by_key("succession", store.table("succession", {**columns, "organisation_basis": basis}))
