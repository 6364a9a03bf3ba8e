"""What an organisation went on as, event by event: followed, split, or only functions moved.

An event is all that the records say happened to one organisation at about the same time: its links, no two neighbours
more than `SETTLING` days apart, unless something goes over into it in between. Time runs forward here; looked at
backwards (`constant_predecessor`), links are turned round, days are counted down, and merger and demerger swap.
"""

from collections.abc import Sequence

import duckdb

from orgnet.records.links import SETTLING, STATED_BY_ROW
from orgnet.records.sql import text
from orgnet.vocabulary import LinkOutcome, LinkType

_MERGER, _DEMERGER, _NAMED, _TRANSFER = (
    text(word) for word in (LinkType.MERGER, LinkType.DEMERGER, LinkType.NAME_CHANGE, LinkType.TRANSFER)
)
_STEPS = f"""
    SELECT link, predecessor AS org, successor AS target, day,
        CASE type WHEN {text(STATED_BY_ROW)} THEN {_MERGER} ELSE type END AS sort
    FROM links WHERE day IS NOT NULL AND successor IS NOT NULL AND predecessor <> successor
"""
_TURNED = f"""
    SELECT link, target AS org, org AS target, -day AS day,
        CASE sort WHEN {_MERGER} THEN {_DEMERGER} WHEN {_DEMERGER} THEN {_MERGER} ELSE sort END AS sort
    FROM ({_STEPS})
"""


def lay_out(con: duckdb.DuckDBPyConnection, backwards: bool) -> None:
    """From links and validity, tables that read the same in either direction: `steps`, `lives` and `events`."""
    lives = "org, -until AS first, -first AS until" if backwards else "*"
    con.execute(f"CREATE OR REPLACE TEMP TABLE steps AS {_TURNED if backwards else _STEPS}")
    con.execute(f"CREATE OR REPLACE TEMP TABLE lives AS SELECT {lives} FROM validity")
    con.execute(_NUMBERED)
    con.execute(_EVENTS)


_NUMBERED = f"""
    CREATE OR REPLACE TEMP TABLE numbered AS
    WITH beside AS (
        SELECT *, lag(day) OVER (PARTITION BY org ORDER BY day, link) AS before FROM steps
    ), begun AS (
        SELECT *, before IS NULL OR day - before > {SETTLING} OR EXISTS (
            FROM steps b WHERE b.target = beside.org AND b.day > before AND b.day <= beside.day
        ) AS first FROM beside
    )
    SELECT * EXCLUDE (before, first), count(*) FILTER (first) OVER (ORDER BY org, day, link) AS event FROM begun
"""
_EVENTS = f"""
    CREATE OR REPLACE TEMP TABLE events AS
    WITH told AS (
        SELECT event, org, list(DISTINCT day) AS days, list(DISTINCT target) AS targets,
            coalesce(max(day) FILTER (sort <> {_TRANSFER}), max(day)) + {SETTLING} AS settled,
            coalesce(list(DISTINCT target) FILTER (sort <> {_TRANSFER}), []) AS heirs,
            coalesce(list(DISTINCT target) FILTER (sort IN ({_MERGER}, {_NAMED})), []) AS sole,
            coalesce(list(DISTINCT target) FILTER (sort = {_NAMED}), []) AS named
        FROM numbered GROUP BY event, org
    ), judged AS (
        SELECT *, EXISTS (FROM lives l WHERE l.org = told.org AND l.first <= settled AND settled < l.until)
            OR NOT EXISTS (FROM lives l WHERE l.org = told.org) AS outlives FROM told
    )
    SELECT *, CASE
            WHEN len(heirs) = 1 AND (len(sole) = 1 OR NOT outlives) THEN heirs[1]
            WHEN len(named) = 1 AND len(sole) = 1 THEN named[1]
            WHEN len(heirs) = 0 AND len(targets) = 1 AND NOT outlives THEN targets[1]
        END AS target,
        len(heirs) > 1 OR (len(heirs) = 1 AND len(sole) = 0 AND outlives)
            OR (len(heirs) = 0 AND len(targets) > 1 AND NOT outlives) AS split
    FROM judged
"""


def splits(con: duckdb.DuckDBPyConnection, sign: int) -> list[tuple[int, str, list[int], list[str]]]:
    """Every split: its event, the organisation, the days that its links name, and what it can go on as."""
    return con.execute(
        f"""
        SELECT event, n.name, list_sort(list_transform(days, lambda d: {sign} * d)),
            (SELECT list(name ORDER BY name) FROM names WHERE list_contains(targets, code) OR (outlives AND code = org))
        FROM events JOIN names n ON n.code = org WHERE split ORDER BY n.name, event
        """
    ).fetchall()


def decide(con: duckdb.DuckDBPyConnection, ruled: Sequence[tuple[int, str]]) -> None:
    """Two tables: `moves`, which organisation goes on as which from which day, and `fates`, what became of each link.

    `ruled` are the events that a rule speaks of, each with the organisation that it names.
    """
    con.execute("CREATE OR REPLACE TEMP TABLE ruled (event BIGINT, name VARCHAR)")
    if ruled:
        con.executemany("INSERT INTO ruled VALUES (?, ?)", ruled)
    con.execute(_DECIDED)
    con.execute(_FATES)
    con.execute(
        "CREATE OR REPLACE TEMP TABLE moves AS SELECT d.org, d.goes_on_as AS target, "
        f"coalesce(min(day) FILTER (sort <> {_TRANSFER}), min(day)) AS day FROM decided d "
        "JOIN numbered s ON s.event = d.event AND s.target = d.goes_on_as GROUP BY d.event, d.org, d.goes_on_as"
    )


_DECIDED = """
    CREATE OR REPLACE TEMP TABLE decided AS
    SELECT e.*, r.event IS NOT NULL AS by_rule, coalesce(r.code, e.target) AS goes_on_as
    FROM events e LEFT JOIN (FROM ruled JOIN names USING (name)) r ON r.event = e.event
"""
_FATES = f"""
    CREATE OR REPLACE TEMP TABLE fates AS
    SELECT s.link, d.org, d.targets, d.outlives, d.goes_on_as, outcome,
        coalesce(s.target = d.goes_on_as, false) AND outcome IN (
            {text(LinkOutcome.FOLLOWED)}, {text(LinkOutcome.BY_RULE)}
        ) AS followed,
        d.split AND NOT by_rule AND d.goes_on_as IS NULL AS open
    FROM numbered s JOIN decided d ON d.event = s.event CROSS JOIN LATERAL (SELECT CASE
        WHEN by_rule AND (s.sort <> {_TRANSFER} OR len(heirs) = 0 OR s.target = d.goes_on_as)
            THEN {text(LinkOutcome.BY_RULE)}
        WHEN s.sort = {_TRANSFER} AND (len(heirs) > 0 OR (d.goes_on_as IS NULL AND NOT split))
            THEN {text(LinkOutcome.FUNCTIONS_ONLY)}
        WHEN s.target = d.goes_on_as THEN {text(LinkOutcome.FOLLOWED)}
        WHEN d.goes_on_as IS NULL THEN {text(LinkOutcome.AMBIGUOUS)}
        ELSE {text(LinkOutcome.SPLIT_OFF)}
    END AS outcome)
"""
