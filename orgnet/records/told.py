"""What became of each link between organisations, in words."""

import duckdb
import pyarrow as pa

from orgnet.records.sql import text
from orgnet.vocabulary import LinkOutcome, OrganisationBasis

_WHY = {
    LinkOutcome.FOLLOWED: "{subject} {goes_on} {other}",
    LinkOutcome.BY_RULE: "by a rule of the configuration {subject} {goes_on} {chosen}",
    LinkOutcome.SPLIT_OFF: "{subject} {goes_on} {chosen}, whose name it took; no rule says otherwise",
    LinkOutcome.AMBIGUOUS: "no rule says what {subject} {goes_on}: it could be {outcomes}; until one does "
    "(organisations: splits), it stands as itself",
    LinkOutcome.FUNCTIONS_ONLY: "functions moved, and no organisation became another by it",
    LinkOutcome.UNDATED: "no day is given, and so it cannot be followed: add one to organisation_links",
    LinkOutcome.NOT_LISTED: "{other} is not among the organisations of the records: add a row for it",
}


def _said(sentence: str) -> str:
    """A sentence as SQL, its names filled in."""
    parts = {
        "subject": "subject",
        "other": "other",
        "chosen": "coalesce(chosen, subject)",
        "outcomes": "outcomes",
        "goes_on": "$goes_on",
    }
    pieces = sentence.replace("{", "\0{").replace("}", "}\0").split("\0")
    return " || ".join(parts[piece[1:-1]] if piece.startswith("{") else text(piece) for piece in pieces if piece)


def tell(con: duckdb.DuckDBPyConnection, basis: OrganisationBasis, backwards: bool) -> tuple[pa.Table, int]:
    """The links, each with what became of it and why, and the number of splits that nothing decides."""
    why = " ".join(f"WHEN {text(outcome)} THEN {_said(sentence)}" for outcome, sentence in _WHY.items())
    rows = con.sql(
        f"""
        WITH named AS (
            SELECT l.*, p.name AS predecessor_name, f.followed, f.goes_on_as, f.org,
                CASE WHEN l.successor IS NULL THEN {text(LinkOutcome.NOT_LISTED)}
                    WHEN l.day IS NULL THEN {text(LinkOutcome.UNDATED)}
                    ELSE coalesce(f.outcome, {text(LinkOutcome.FOLLOWED)}) END AS outcome,
                (SELECT name FROM names WHERE code = f.goes_on_as) AS chosen,
                (SELECT string_agg(name, ' or ' ORDER BY name) FROM names
                    WHERE list_contains(f.targets, code) OR (f.outlives AND code = f.org)) AS outcomes
            FROM links l JOIN names p ON p.code = l.predecessor LEFT JOIN fates f ON f.link = l.link
        ), turned AS (
            SELECT *, CASE WHEN $backwards THEN successor_name ELSE predecessor_name END AS subject,
                CASE WHEN $backwards THEN predecessor_name ELSE successor_name END AS other FROM named
        )
        SELECT predecessor_name AS predecessor_id, successor_name AS successor_id, type AS link_type,
            CAST(DATE '1970-01-01' + day::INTEGER AS DATE) AS link_date,
            coalesce(followed, outcome = {text(LinkOutcome.FOLLOWED)}) AND $followed AS followed, outcome, [CASE outcome {why} END] AS reasons
        FROM turned ORDER BY predecessor_id, successor_id, link_type, link_date
        """,
        params={
            "backwards": backwards,
            "followed": basis != OrganisationBasis.AS_RECORDED,
            "goes_on": "came from" if backwards else "goes on as",
        },
    ).to_arrow_table()
    open_splits = con.execute("SELECT count(*) FROM decided WHERE split AND NOT by_rule AND goes_on_as IS NULL")
    (ambiguous,) = open_splits.fetchone() or (0,)
    return rows, ambiguous
