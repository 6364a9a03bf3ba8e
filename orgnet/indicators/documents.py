"""What guidelines, pathways and agreements show: whether rules are there, whose they are, and whether they hold.

Of each document the last row before the slice's end counts, unless it says that the document was superseded. A document
that names nobody as in scope is taken to be for every provider on the slice's roster.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from orgnet.metrics.ratios import ratio
from orgnet.records.organisations import Roster
from orgnet.records.read import Records
from orgnet.records.sql import text
from orgnet.ties.make import connect
from orgnet.vocabulary import DocumentStatus, RecordKind, ScopeType
from orgnet.windows import Calendar

Floats = NDArray[np.float64]
JOINT = 0.5
"""A document is a joint one if at least this share of those in scope contributed to it."""


@dataclass(frozen=True)
class Documents:
    """The measures of documents of each slice, for the network and for each pathway that a document names.

    `measures` is keyed by pathway, the empty word standing for the whole network; each array has one value per slice.
    """

    measures: dict[str, dict[str, Floats]]

    @property
    def pathways(self) -> list[str]:
        """The pathways that any document names."""
        return sorted(name for name in self.measures if name)

    def at(self, number: int, scope_type: ScopeType, scope_id: str) -> dict[str, float] | None:
        """The measures of a slice; None for a scope that documents do not speak of."""
        if scope_type == ScopeType.NETWORK:
            found = self.measures.get("")
        else:
            found = self.measures.get(scope_id) if scope_type == ScopeType.PATHWAY else None
        return None if found is None else {name: float(values[number]) for name, values in found.items()}


def _rows(records: Records, roster: Roster, calendar: Calendar) -> pa.Table:
    """Every current document of every slice: its pathway, its status, and the shares that endorsed it and contributed."""
    number, organisation = np.nonzero(roster.provider.T)
    with connect(records) as con:
        con.register("ends", pa.table({"slice": np.arange(len(calendar)), "day": calendar.ends}))
        con.register("providers", pa.table({"slice": number, "org": organisation.astype(np.int32)}))
        return con.sql(
            f"""
            WITH latest AS (
                SELECT ends.slice, documents.* FROM documents JOIN ends ON date < DATE '1970-01-01' + day::INTEGER
                QUALIFY row_number() OVER (PARTITION BY ends.slice, doc_id ORDER BY date DESC) = 1
            ),
            everybody AS (SELECT slice, list(org) AS orgs FROM providers GROUP BY slice),
            scoped AS (
                SELECT latest.*, coalesce(nullif(in_scope_orgs, []), orgs, []) AS scope
                FROM latest LEFT JOIN everybody USING (slice)
                WHERE coalesce(status, '') <> {text(DocumentStatus.SUPERSEDED)}
            )
            SELECT slice, coalesce(pathway, '') AS pathway, coalesce(status, '') AS status,
                len(list_intersect(coalesce(endorsing_orgs, []), scope)) AS endorsed,
                len(list_intersect(coalesce(contributing_orgs, []), scope)) AS contributed, len(scope) AS in_scope
            FROM scoped ORDER BY slice, doc_id
            """
        ).to_arrow_table()


def _measure(rows: dict[str, np.ndarray], slices: int) -> dict[str, Floats]:
    """The measures of some documents, per slice."""
    number = rows["slice"]

    def of(values: np.ndarray) -> Floats:
        return np.bincount(number, weights=values, minlength=slices).astype(np.float64)

    current = of(np.ones(len(number)))
    scope = rows["in_scope"]
    endorsed, contributed = (np.nan_to_num(ratio(rows[name], scope)) for name in ("endorsed", "contributed"))
    shares = {
        "document_endorsement": endorsed,
        "document_joint_share": contributed >= JOINT,
        "document_unsettled_share": np.isin(rows["status"], [DocumentStatus.DRAFT, DocumentStatus.DISPUTED]),
        "document_disputed_share": rows["status"] == DocumentStatus.DISPUTED.value,
        "document_reratified_share": rows["status"] == DocumentStatus.RERATIFIED.value,
    }
    return {"documents_current": current} | {name: ratio(of(values), current) for name, values in shares.items()}


def measure_documents(records: Records, roster: Roster, calendar: Calendar) -> Documents | None:
    """The measures of documents; None if the network supplies none."""
    if not records.has(RecordKind.DOCUMENTS):
        return None
    table = _rows(records, roster, calendar)
    rows = {name: table.column(name).to_numpy() for name in table.column_names}
    for name in ("pathway", "status"):
        rows[name] = rows[name].astype(str)
    measures = {"": _measure(rows, len(calendar))}
    for pathway in sorted(set(rows["pathway"].tolist()) - {""}):
        mine = rows["pathway"] == pathway
        measures[pathway] = _measure({name: values[mine] for name, values in rows.items()}, len(calendar))
    return Documents(measures)
