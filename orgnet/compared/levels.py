"""Levels of indicators in two runs, as one says them."""

from orgnet.compared.runs import Run
from orgnet.compared.side_by_side import SideBySide
from orgnet.compared.slices import Slice
from orgnet.compared.values import Row, asked_rows, listed
from orgnet.records.sql import text

_SAID = """
    CASE WHEN level_lo = level_hi THEN format('level {}', level_lo)
        WHEN level_lo IS NOT NULL THEN format('level {} to {}', level_lo, level_hi)
        WHEN proxy_level IS NOT NULL THEN format('a stand-in for level {}', proxy_level)
        ELSE replace(status, '_', ' ') END
    """
_KEYS = "indicator, scope_type, scope_id"


def _levels_sql(found: SideBySide, run: Run, slices: list[Slice], said: str) -> str:
    """What a run says of every indicator in some slices."""
    wanted = f"indicator IN ({', '.join(map(text, found.metrics))})" if found.metrics else "true"
    source = f"read_parquet({text(run.parquet('indicators'))}) WHERE {listed(slices)} AND {wanted}"
    return f"(SELECT slice, slice_start, {_KEYS}, {_SAID} AS {said} FROM {source})"


def restated_levels(found: SideBySide) -> list[Row]:
    """Levels that are not the same in both runs, in slices of both: what each was, and what it is."""
    alike = found.slices.alike if "indicators" in found.tables else []
    old, new = (_levels_sql(found, run, alike, said) for run, said in ((found.old, "was"), (found.new, "now")))
    return asked_rows(
        found.con,
        f"""
        SELECT slice, {_KEYS}, coalesce(was, 'none') AS was, coalesce(now, 'none') AS now
        FROM {old} FULL JOIN {new} USING (slice, slice_start, {_KEYS})
        WHERE was IS DISTINCT FROM now ORDER BY slice_start, {_KEYS}
        """,
    )


def latest_levels(found: SideBySide, old: Slice, new: Slice) -> list[Row]:
    """Levels of the latest slices: in the old run, in the same slice of the new run, and in that one's latest."""
    if "indicators" not in found.tables:
        return []
    was, again, now = (
        _levels_sql(found, run, [slice_], said)
        for run, slice_, said in ((found.old, old, "was"), (found.new, old, "again"), (found.new, new, "now"))
    )
    columns = ", ".join(f"coalesce({said}, 'none') AS {said}" for said in ("was", "again", "now"))
    return asked_rows(
        found.con,
        f"""
        SELECT * FROM (SELECT {_KEYS}, {columns}
            FROM {was} FULL JOIN {again} USING ({_KEYS}) FULL JOIN {now} USING ({_KEYS}))
        WHERE was <> again OR again <> now ORDER BY was = again, {_KEYS}
        """,
    )
