"""Survey answers by wave: who answered what, for which organisation, and what could not be scored."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from orgnet import database
from orgnet.config.instruments import Instrument
from orgnet.records.read import Records
from orgnet.vocabulary import OrganisationRole, RecordKind

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
ROLES = (OrganisationRole.SPECIALIST.value, OrganisationRole.LOCAL.value)
"""The roles of organisations whose answers are told apart."""


@dataclass(frozen=True)
class Wave:
    """One wave of one instrument. Respondents stand in rows, in the order of their identifiers; items in columns.

    `answers` are on each item's own scale, NaN where there is none or it cannot be scored; `out_of_range` counts the
    latter by item. A respondent's organisation is -1, and the role or group empty, where the answers do not say it or
    contradict each other; `contradicting` counts such respondents. `expected` is how many answers coverage records say
    were expected, in all and by role; NaN where they do not.
    """

    instrument: str
    name: str
    day: date
    declared: Instrument
    items: list[str]
    answers: Floats
    out_of_range: Ints
    organisation: Ints
    role: NDArray[np.str_]
    group: NDArray[np.str_]
    contradicting: int
    expected: dict[str, float]


@dataclass(frozen=True)
class Undeclared:
    """Answers to an item that no instrument declares."""

    instrument: str
    wave: str
    day: date
    item: str
    answers: int


@dataclass(frozen=True)
class Answers:
    """Every answer of the records: the waves of declared instruments, and a count of what is not declared."""

    waves: list[Wave]
    undeclared: list[Undeclared]


def read_answers(records: Records, instruments: Mapping[str, Instrument]) -> Answers:
    """The answers of all declared instruments, wave by wave, in the order of instrument, day and wave.

    A wave is what one instrument's wave word names; answers without one are one wave together.
    """
    if not records.has(RecordKind.SURVEY_RESPONSES):
        return Answers([], [])
    with database.connect() as con:
        _register(con, records, instruments)
        waves = con.execute("SELECT instrument, wave, day FROM waves ORDER BY instrument, day, wave").fetchall()
        expected = _expected(con, records)
        declared = [
            _wave(con, instruments[name], name, word, day, expected.get((name, word), {}))
            for name, word, day in waves
            if name in instruments
        ]
        strange = con.execute(
            "SELECT instrument, wave, day, item, count(*) FROM answers JOIN waves USING (instrument, wave) "
            "ANTI JOIN declared USING (instrument, item) GROUP BY ALL ORDER BY ALL"
        ).fetchall()
    return Answers([wave for wave in declared if len(wave.answers)], [Undeclared(*row) for row in strange])


def _register(con: duckdb.DuckDBPyConnection, records: Records, instruments: Mapping[str, Instrument]) -> None:
    """The answers, the waves and the declared items as tables of a database."""
    con.register("given", records.tables[RecordKind.SURVEY_RESPONSES])
    con.execute(
        "CREATE TEMP TABLE answers AS SELECT resp_id, item, instrument, coalesce(wave, '') AS wave, date, value, org_id, "
        'lower(trim(org_type)) AS org_type, "group"::VARCHAR AS "group" FROM given WHERE value IS NOT NULL'
    )
    con.execute(
        "CREATE TEMP TABLE waves AS SELECT instrument, wave, max(date) AS day, min(date) AS first FROM answers GROUP BY ALL"
    )
    rows = [
        (name, item, place, *(said.scale or instrument.scale), instrument.kind == "levels")
        for name, instrument in instruments.items()
        for place, (item, said) in enumerate(instrument.items.items())
    ]
    columns = ("instrument", "item", "place", "low", "high", "whole")
    types = (pa.string(), pa.string(), pa.int64(), pa.float64(), pa.float64(), pa.bool_())
    listed = list(zip(*rows, strict=True)) or [()] * len(columns)
    con.register(
        "declared", pa.table([pa.array(part, kind) for part, kind in zip(listed, types, strict=True)], columns)
    )
    con.execute("CREATE TEMP TABLE roles (instrument VARCHAR, wave VARCHAR, org_id INTEGER, role VARCHAR)")
    if records.has(RecordKind.ORGANISATIONS):
        con.register("organisations", records.tables[RecordKind.ORGANISATIONS])
        con.execute(
            "INSERT INTO roles SELECT instrument, wave, org_id, "
            "arg_max(role::VARCHAR, (coalesce(valid_from, DATE '0001-01-01'), role = 'specialist')) FROM organisations JOIN waves "
            "ON coalesce(valid_from <= day, true) AND coalesce(valid_to > day, true) GROUP BY ALL"
        )


_ONE = "CASE WHEN min({0}) = max({0}) THEN min({0}) END"
_PEOPLE = f"""
    SELECT resp_id, coalesce(org_id, -1)::BIGINT AS organisation,
        coalesce(org_type, roles.role, '') AS role, coalesce("group", '') AS "group", contradicting
    FROM (
        SELECT resp_id, {_ONE.format("org_id")} AS org_id, {_ONE.format("nullif(org_type, '')")} AS org_type,
            {_ONE.format('"group"')} AS "group",
            count(DISTINCT org_id) > 1 OR count(DISTINCT nullif(org_type, '')) > 1 OR count(DISTINCT "group") > 1
                AS contradicting
        FROM answers SEMI JOIN declared USING (instrument, item)
        WHERE instrument = $instrument AND wave = $wave GROUP BY resp_id
    ) LEFT JOIN (FROM roles WHERE instrument = $instrument AND wave = $wave) roles USING (org_id)
    ORDER BY resp_id
"""
_SCORED = """
    SELECT dense_rank() OVER (ORDER BY resp_id) - 1 AS person, place, value,
        value BETWEEN low AND high AND (NOT whole OR value = floor(value)) AS scored
    FROM answers JOIN declared USING (instrument, item) WHERE instrument = $instrument AND wave = $wave
    ORDER BY person, place
"""


def _wave(
    con: duckdb.DuckDBPyConnection,
    declared: Instrument,
    instrument: str,
    name: str,
    day: date,
    expected: dict[str, float],
) -> Wave:
    which = {"instrument": instrument, "wave": name}
    people = con.sql(_PEOPLE, params=which).to_arrow_table()
    given = {column: np.asarray(values) for column, values in con.execute(_SCORED, which).fetchnumpy().items()}
    items = list(declared.items)
    answers = np.full((people.num_rows, len(items)), np.nan)
    scored = given["scored"].astype(bool)
    answers[given["person"][scored], given["place"][scored]] = given["value"][scored]
    return Wave(
        instrument,
        name,
        day,
        declared,
        items,
        answers,
        np.bincount(given["place"][~scored].astype(np.int64), minlength=len(items)),
        _array(people, "organisation", np.int64),
        _array(people, "role", np.str_),
        _array(people, "group", np.str_),
        int(_array(people, "contradicting", np.int64).sum()),
        expected,
    )


def _array(table: pa.Table, column: str, kind: Any) -> NDArray[Any]:
    return np.array(table.column(column).to_pylist(), dtype=kind)


def _expected(con: duckdb.DuckDBPyConnection, records: Records) -> dict[tuple[str, str], dict[str, float]]:
    """How many answers each wave was expected to bring, in all (under the empty word) and by role of organisation.

    A coverage statement speaks of the waves that its period shares a day with; one whose source is an instrument's
    name, of that instrument alone. What speaks of two waves at once cannot be shared out, and so neither wave has a
    number. Statements about single organisations are added up if there is one for each that answered; else those
    about all organisations are.
    """
    if not records.has(RecordKind.COVERAGE):
        return {}
    con.register("coverage", records.tables[RecordKind.COVERAGE])
    con.execute(_STATED, {"kind": RecordKind.SURVEY_RESPONSES.value})
    found: dict[tuple[str, str], dict[str, float]] = {}
    for instrument, wave, role, n in con.execute(_EXPECTED).fetchall():
        if role in ("", *ROLES):
            found.setdefault((instrument, wave), {})[role] = float(n)
    return found


_STATED = """
    CREATE TEMP TABLE stated AS
    WITH numbered AS (
        SELECT row_number() OVER () AS statement, * FROM coverage
        WHERE record_kind::VARCHAR = $kind AND expected_n IS NOT NULL
    ), spoken AS (
        SELECT statement, org_id, expected_n, instrument, wave FROM numbered JOIN waves
        ON period_start <= day AND period_end > first AND (
            source_id IS NULL OR source_id = instrument OR source_id NOT IN (SELECT instrument FROM declared)
        )
    ), shared AS (
        SELECT instrument, wave FROM spoken
        WHERE statement IN (SELECT statement FROM spoken GROUP BY statement HAVING count(*) > 1)
    )
    FROM spoken ANTI JOIN shared USING (instrument, wave)
"""
_EXPECTED = f"""
    WITH called AS (
        SELECT instrument, wave, org_id, {_ONE.format("nullif(org_type, '')")} AS called FROM answers
        WHERE org_id IS NOT NULL GROUP BY ALL
    ), unstated AS (
        SELECT DISTINCT instrument, wave FROM called ANTI JOIN stated USING (instrument, wave, org_id)
    ), apart AS (
        SELECT instrument, wave, coalesce(called, role, 'none') AS role, expected_n FROM stated
        LEFT JOIN called USING (instrument, wave, org_id) LEFT JOIN roles USING (instrument, wave, org_id)
        ANTI JOIN unstated USING (instrument, wave) WHERE org_id IS NOT NULL
    ), together AS (
        SELECT instrument, wave, expected_n FROM stated ANTI JOIN apart USING (instrument, wave) WHERE org_id IS NULL
    )
    SELECT instrument, wave, role, sum(expected_n) FROM apart GROUP BY ALL
    UNION ALL SELECT instrument, wave, '', sum(expected_n) FROM apart GROUP BY ALL
    UNION ALL SELECT instrument, wave, '', sum(expected_n) FROM together GROUP BY ALL
"""
