"""What can only be wrong with a record beside others: the same twice, two that differ, or nobody's organisation."""

from orgnet.records.checks import Check
from orgnet.records.sql import ROW, quoted
from orgnet.records.staging import Reading, staged, value_columns
from orgnet.schema import Kind
from orgnet.vocabulary import Reason, RecordKind


def _find_repeated(reading: Reading, kind: Kind) -> bool:
    """Find the rows that share their key with another, how many versions there are, and each one's place, if any."""
    con, table = reading.con, staged(kind.name)
    identified = "fault IS NULL"
    if kind.told_apart_by:
        identified += f" AND s.{quoted(kind.told_apart_by)} IS NOT NULL"
    key = ", ".join(quoted(name) for name in kind.key)
    same = " AND ".join(f"s.{quoted(name)} IS NOT DISTINCT FROM r.{quoted(name)}" for name in kind.key)
    values = ", ".join(f"s.{quoted(name)}" for name in value_columns(kind))
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE keys AS SELECT {key} FROM {table} s WHERE {identified} GROUP BY {key} "
        "HAVING count(*) > 1"
    )
    if not reading.count("SELECT count(*) FROM keys"):
        return False
    con.execute(
        "CREATE OR REPLACE TEMP TABLE repeated AS SELECT id, "
        f"count(DISTINCT version) OVER (PARTITION BY {key}) AS versions, "
        f"row_number() OVER (PARTITION BY {key} ORDER BY source, {ROW}, id) AS place "
        f"FROM (SELECT s.*, s.rowid AS id, row({values}) AS version FROM {table} s JOIN keys r ON {same} "
        f"WHERE {identified})"
    )
    return True


def judge_duplicates(reading: Reading, kind: Kind) -> None:
    """Put aside repeated rows: the later of identical ones, and all of those that share a key but differ."""
    if not _find_repeated(reading, kind):
        return
    key, keys = kind.key[0], " + ".join(kind.key)
    for reason, condition, message in (
        (Reason.DUPLICATE, "versions = 1 AND place > 1", "the same record came before it, and counts once"),
        (
            Reason.CONFLICTING_DUPLICATE,
            "versions > 1",
            f"other rows have the same {keys} and say something else, so none of them is used; keep the right one",
        ),
    ):
        number = reading.check(Check(key, reason, "", message))
        reading.con.execute(
            f"UPDATE {staged(kind.name)} SET fault = {number} "
            f"WHERE rowid IN (SELECT id FROM repeated WHERE {condition})"
        )


def judge_organisation(reading: Reading) -> None:
    """Put aside attendance that no organisation can be given to: neither stated nor to be had from a post held then.

    Where the meetings or the posts are not known, nothing can be said.
    """
    lacking = "fault IS NULL AND org_id IS NULL"
    if RecordKind.MEETINGS not in reading.known or RecordKind.PEOPLE in reading.failed:
        return
    if not reading.count(f"SELECT count(*) FROM {staged(RecordKind.ATTENDANCE)} WHERE {lacking}"):
        return
    posts = staged(RecordKind.PEOPLE) if RecordKind.PEOPLE in reading.known else None
    held = (
        f"SELECT a.rowid FROM {staged(RecordKind.ATTENDANCE)} a "
        f"JOIN {staged(RecordKind.MEETINGS)} m ON m.meeting_id = a.meeting_id AND m.fault IS NULL "
        f"JOIN {posts} p ON p.person_id = a.person_id AND p.fault IS NULL "
        "WHERE a.fault IS NULL AND a.org_id IS NULL AND (p.start IS NULL OR p.start <= m.start_day) "
        'AND (p."end" IS NULL OR p."end" > m.start_day)'
    )
    message = "no organisation is given, and the person holds no post on the meeting's day: add either"
    number = reading.check(Check("org_id", Reason.NO_ORGANISATION, "", message))
    reading.con.execute(
        f"UPDATE {staged(RecordKind.ATTENDANCE)} SET fault = {number} WHERE {lacking}"
        + (f" AND rowid NOT IN ({held})" if posts else "")
    )
