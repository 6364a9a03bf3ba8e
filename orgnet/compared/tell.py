"""Two runs side by side, as lines of text."""

from collections import Counter
from collections.abc import Iterator

from orgnet.compared.latest import latest, latest_slices, tables_of
from orgnet.compared.levels import latest_levels, restated_levels
from orgnet.compared.restated import by_metric, by_table
from orgnet.compared.side_by_side import SideBySide
from orgnet.compared.slices import EARLIER, NONE, Slice
from orgnet.compared.tell_made_from import first_of, tell_definition, tell_input
from orgnet.compared.values import Row
from orgnet.explain.words import counted


def tell(found: SideBySide, limit: int) -> Iterator[str]:
    """All that is to be said of two runs, with at most so many lines in each list."""
    yield f"{found.new.manifest['network']}: run {found.old.id} -> run {found.new.id}"
    for title, lines in (
        ("Definition", tell_definition(found)),
        ("Input", tell_input(found, limit)),
        ("Restated", _restated(found, limit)),
        ("New and gone", _of_one_run(found)),
        ("Latest slice against latest slice", _latest(found, limit)),
    ):
        yield ""
        yield title
        yield from (f"  {line}" for line in lines)


def _restated(found: SideBySide, limit: int) -> Iterator[str]:
    tables = by_table(found)
    if not tables:
        yield f"Nothing: {counted(len(found.slices.alike), 'slice')} of both runs, and no value differs."
        return
    moved = restated_levels(found)
    for row in tables:
        what = counted(len(moved), "level") if row["table_name"] == "indicators" else _values(row)
        yield f"{row['table_name']}: {what} in {counted(row['slices'], 'slice')}, {_span(row)}"
    yield from _origin(found)
    if moved:
        yield "levels of indicators"
        yield from (f"  {line}" for line in first_of([_level(row) for row in moved], limit))
    rows, total = by_metric(found, limit)
    if rows:
        yield "by table, slice and metric"
        yield from (f"  {_metric(row)}" for row in rows)
    if total > len(rows):
        yield f"  and {total - len(rows):,} more (--limit)"


def _values(row: Row) -> str:
    changed = f" ({row['statuses']:,} with another status)" if row["statuses"] else ""
    return f"{counted(row['n'], 'value')}{changed}"


def _span(row: Row) -> str:
    first, last = row["first_slice"], row["last_slice"]
    return str(first) if first == last else f"{first} to {last}"


def _origin(found: SideBySide) -> Iterator[str]:
    """Where restated values can come from, by where the changed records lie."""
    slices = {slice_ for row in by_table(found) for slice_ in row["labels"]}
    places = Counter(found.changed_records.get(slice_) for slice_ in slices)
    if not found.told_by_slice:
        return
    held = len(slices) - places[EARLIER] - places[NONE]
    if held:
        yield f"{counted(held, 'slice')}: the window holds changed records"
    if places[EARLIER]:
        yield (
            f"{counted(places[EARLIER], 'slice')}: changed records lie before the window; measures of turnover, "
            "familiarity, leaders and communities look further back"
        )
    if places[NONE] and not found.definition.moving:
        named = ", ".join(sorted(slice_ for slice_ in slices if found.changed_records.get(slice_) == NONE))
        yield f"unexplained, as no changed record lies in the window or before it: {named}"


def _metric(row: Row) -> str:
    largest = "" if not row["largest"] else f", the largest by {row['largest']:+.4g} ({row['entity']})"
    return f"{row['table_name']} {row['slice']} {row['name']}: {_values(row)}{largest}"


def _level(row: Row) -> str:
    return f"{row['slice']} {_whose(row)}: {row['was']} -> {row['now']}"


def _whose(row: Row) -> str:
    return f"{row['indicator']}, {row['scope_type'].replace('_', ' ')} {row['scope_id']}"


def _of_one_run(found: SideBySide) -> Iterator[str]:
    slices = found.slices
    for run, which, listed, said in (
        (found.new, "newer", slices.added, "new"),
        (found.old, "older", slices.gone, "gone"),
    ):
        if listed:
            counts = [(table, found.count(run, table)) for table in found.tables]
            values = ", ".join(f"{table} {n:,}" for table, n in counts if n)
            yield f"{said}: {counted(len(listed), 'slice')} that only the {which} run has, {_labels(listed)}"
            yield f"  values: {values or 'none'}"
    labels = {each.label for each in slices.gone} & {each.label for each in slices.added}
    if labels:
        yield f"of one name but of other days, and so not compared: {', '.join(sorted(labels))}"
    if not slices.added and not slices.gone:
        yield "None: both runs have the same slices."


def _labels(slices: list[Slice]) -> str:
    return slices[0].label if len(slices) == 1 else f"{slices[0].label} to {slices[-1].label}"


def _latest(found: SideBySide, limit: int) -> Iterator[str]:
    slices = latest_slices(found)
    if slices is None:
        yield f"Cannot be taken apart: the newer run has no slice like {found.slices.old[-1].label}, the older's latest."
        return
    yield f"{slices[0].label} -> {slices[1].label}; change = restated + new"
    levels = latest_levels(found, *slices)
    yield from first_of([_level_taken_apart(row) for row in levels], limit)
    answer, total = latest(found, limit, [table for table in tables_of(found) if table != "indicators"])
    if not answer.rows and not levels:
        yield "Nothing has changed."
    for values in answer.rows:
        yield _taken_apart(dict(zip(answer.columns, values, strict=True)))
    if total > len(answer.rows):
        yield f"and {total - len(answer.rows):,} more (--limit, --metric, --table)"


def _level_taken_apart(row: Row) -> str:
    restated = f" -> {row['again']} (restated)" if row["again"] != row["was"] else ""
    new = f" -> {row['now']} (new)" if row["now"] != row["again"] else ""
    return f"{_whose(row)}: {row['was']}{restated}{new}"


def _taken_apart(row: Row) -> str:
    name = " ".join(word for word in (row["layer"], row["metric"]) if word)
    if row["change"] is not None:
        if row["value_old"] == row["value_restated"] == row["value_new"]:
            statuses = dict.fromkeys(str(row[f"status_{part}"]) for part in ("old", "restated", "new"))
            return f"{name} ({row['entity']}): {row['value_old']:.4g} as before, status {' -> '.join(statuses)}"
        parts = f"{row['change']:+.4g} = {row['change_restated']:+.4g} restated {row['change_new']:+.4g} new"
        return f"{name} ({row['entity']}): {row['value_old']:.4g} -> {row['value_new']:.4g}, {parts}"
    was, again, now = (
        f"{row[f'value_{part}']:.4g}" if row[f"value_{part}"] is not None else row[f"status_{part}"] or "not there"
        for part in ("old", "restated", "new")
    )
    return f"{name} ({row['entity']}): {was} -> {now}, by way of {again} in the same slice"
