"""Telling what a comparison of two periods found: levels first, then what moved by more than chance, then what cannot be said."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from orgnet.answers import Answer, show
from orgnet.change.between import Between
from orgnet.errors import InputFault, nearest
from orgnet.vocabulary import ChangeMethod, ScopeType, Trend

Row = Mapping[str, Any]
_ORDER = {
    verdict.value: at for at, verdict in enumerate((Trend.WORSENED, Trend.IMPROVED, Trend.UNCLEAR, Trend.UNCHANGED))
}
_SERIES = (ChangeMethod.ITS_LEVEL.value, ChangeMethod.ITS_SLOPE.value, ChangeMethod.BLOCK_PERMUTATION.value)
_WORDS = {
    ChangeMethod.ITS_LEVEL.value: "step",
    ChangeMethod.ITS_SLOPE.value: "change of slope, a step",
    ChangeMethod.BLOCK_PERMUTATION.value: "difference of means",
}
_BY_MORE = "by more than chance"


def chosen(found: Between, tables: Collection[str], metrics: Collection[str]) -> pa.Table:
    """The rows of some tables and metrics; of all, where none is named. Raises InputFault if one is not among the rows."""
    rows = found.rows
    for what, column, names in (("table", "measure_table", tables), ("metric", "metric", metrics)):
        known = sorted(found.rows.column(column).cast(pa.string()).unique().to_pylist())
        for name in names:
            if name not in known:
                raise InputFault(f"there is no {what} {name!r} to compare{nearest(name, known)}")
        if names:
            rows = rows.filter(pc.is_in(rows.column(column).cast(pa.string()), pa.array(sorted(names))))
    return rows


def print_rows(rows: pa.Table, format: str, limit: int) -> int:
    """Print rows as a table, CSV or JSON, at most so many; return how many there are more."""
    names = rows.column_names
    some = rows.slice(0, limit).to_pylist()
    types = [str(rows.field(name).type).upper() for name in names]
    show(Answer(names, types, [tuple(row[name] for name in names) for row in some]), format)
    return max(0, rows.num_rows - limit)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3g}"


def _interval(row: Row) -> str:
    if row["ci_low"] is None:
        return ""
    return f" ({_number(row['ci_low'])} to {_number(row['ci_high'])})"


def _named(row: Row) -> str:
    layer = f", {row['layer']}" if row["layer"] else ""
    return f"{row['metric']} of {row['entity']}{layer}"


def _level_line(row: Row) -> str:
    return f"{row['metric']} of {row['entity']}: {row['verdict'].replace('_', ' ')}; {row['reasons'][0]}"


def _measure_line(row: Row) -> str:
    q_value = "" if row["q_value"] is None else f", q {row['q_value']:.2g}"
    told = f"{_number(row['value_before'])} to {_number(row['value_after'])}"
    what = f"; {_WORDS[row['method']]} " if row["method"] in _WORDS else "; difference "
    doubt = "" if _BY_MORE in row["reasons"][0] else f"; but {row['reasons'][0]}"
    return f"{_named(row)}: {told}{what}{_number(row['difference'])}{_interval(row)}{q_value}{doubt}"


def _listed(title: str, lines: Sequence[str], limit: int) -> Iterator[str]:
    yield ""
    yield f"{title}: {len(lines) or 'none'}"
    yield from (f"  {line}" for line in lines[:limit])
    if len(lines) > limit:
        yield f"  and {len(lines) - limit:,} more: --limit, or --format csv"


def _levels(rows: Sequence[Row]) -> list[Row]:
    of_whole = [row for row in rows if row["measure_table"] == "indicators"]
    wanted = [row for row in of_whole if row["entity"].split(" / ")[0] in (ScopeType.NETWORK, ScopeType.GROUP)]
    told = [row for row in wanted if row["verdict"] in _ORDER]
    return sorted(told, key=lambda row: (_ORDER[row["verdict"]], row["entity"], row["metric"]))


def _moved(rows: Sequence[Row]) -> list[Row]:
    """Measures that moved by more than chance, by verdict and then by how sure it is; levels name theirs, and are none."""
    tested = [row for row in rows if row["q_value"] is not None]
    sure = [row for row in tested if any(_BY_MORE in reason for reason in row["reasons"])]
    return sorted(sure, key=lambda row: (_ORDER[row["verdict"]], row["q_value"], _named(row)))


def _why_not(rows: Sequence[Row]) -> list[str]:
    """Why rows cannot be compared, the commonest reason first."""
    refused = Counter(row["reasons"][0] for row in rows if row["verdict"] == Trend.NOT_COMPARABLE and row["reasons"])
    return [f"{reason} ({count:,} rows)" for reason, count in refused.most_common()]


def tell_periods(found: Between, rows: pa.Table, limit: int) -> Iterator[str]:
    """What two periods show, in lines."""
    before, after = (found.calendar.slices[number] for number in found.comparison.slices)
    every = rows.to_pylist()
    yield f"{found.network}, run {found.run_id}"
    yield (
        f"before: {found.comparison.before}, by its last whole window, {before.window_start} to {before.end}; "
        f"after: {found.comparison.after}, by {after.window_start} to {after.end}"
    )
    verdicts = Counter(row["verdict"] for row in every)
    yield "rows: " + ", ".join(f"{verdict.replace('_', ' ')} {count:,}" for verdict, count in sorted(verdicts.items()))
    yield from _listed("levels that can be compared", [_level_line(row) for row in _levels(every)], limit)
    windows = [row for row in every if row["method"] not in _SERIES and row["measure_table"] != "indicators"]
    series = [row for row in every if row["method"] in _SERIES]
    for title, some in (("measures that moved by more than chance", windows), ("series that did", series)):
        moved = _moved(some)
        for verdict, words in (
            (Trend.WORSENED, "worsened"),
            (Trend.IMPROVED, "improved"),
            (Trend.UNCLEAR, "neither way"),
        ):
            lines = [_measure_line(row) for row in moved if row["verdict"] == verdict]
            if lines:
                yield from _listed(f"{title}, {words}", lines, limit)
    yield from _listed("what cannot be compared, and why", _why_not(every), limit)
