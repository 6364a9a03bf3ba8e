"""What was done to make a copy: for those who have the copy, by the rule of its profile; for the run's own, value by value."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from orgnet import database, store
from orgnet.disclosure.about import COUNTED, About, about
from orgnet.disclosure.protect import Protected
from orgnet.disclosure.rules import DisclosureRule
from orgnet.records.sql import text
from orgnet.vocabulary import Layer, Level, Protection, SharingRule

_NUMBERS = frozenset({"n", "n_people", "people", "n_ended", "expected_n", "received_n"})
_BY_LAYER = frozenset({"weight", "events", "weight_before", "weight_after"})
_MEASURED = frozenset({"value", "value_before", "value_after", "difference"})
_RULES = {
    About.INDIVIDUALS: SharingRule.NUMBER_OF_PEOPLE,
    About.SHARE: SharingRule.SHARE_OF_PEOPLE,
    About.PEOPLE: SharingRule.OVER_PEOPLE,
    About.ORGANISATIONS: SharingRule.OVER_PEOPLE,  # a mean that would give one of these away
}


def sharing_rule(table: str, column: str, of: Mapping[str, Any]) -> SharingRule:
    """The rule that a value of a copy is under; `of` has what its row's key says of it."""
    if column in _NUMBERS or (column == "n_events" and table == "indicators"):
        return SharingRule.NUMBER_OF_PEOPLE
    if column in _BY_LAYER:
        return SharingRule.NUMBER_OF_PEOPLE if of.get("layer") in COUNTED else SharingRule.OVER_PEOPLE
    if table == "maturity_matrix" or column not in _MEASURED:
        return SharingRule.SHARE_OF_PEOPLE if column.startswith("share_") else SharingRule.OVER_PEOPLE
    if table == "survey_scores":
        return SharingRule.SHARE_OF_PEOPLE if of["measure"] == "survey_agreement" else SharingRule.OVER_PEOPLE
    measured = of.get("measure_table", table)
    if measured == "indicators":
        return SharingRule.OVER_PEOPLE
    try:
        return _RULES[about(Level(measured.removesuffix("_metrics")), of["metric"], of.get("layer") or Layer.COMBINED)]
    except KeyError:
        return SharingRule.UNDECLARED


def disclosure_table(protected: Protected) -> pa.Table:
    """The `disclosure` table: how many values of each column and metric were withheld or rounded, and by which rule.

    Which condition of the rule a withheld value met is not in it: where all are told to be small, so many of them can
    tell each.
    """
    found = Counter[tuple[str, str, str | None, str, str]]()
    for name, marks in protected.marks.items():
        for row in marks.to_pylist():
            rule = sharing_rule(name, row["column"], row)
            done = Protection.ROUNDED if row["rule"] == DisclosureRule.ROUNDED else Protection.WITHHELD
            found[name, row["column"], row.get("metric"), rule.value, done.value] += row["n"]
    rows = [(*key, n) for key, n in found.items()]
    columns = {name: [row[at] for row in rows] for at, name in enumerate(store.columns_of("disclosure"))}
    return store.sorted_by_key("disclosure", store.table("disclosure", columns))


def by_rule(protected: Protected) -> dict[str, int]:
    """Values by the condition that they met, in the order of declaration; for those who may see the run itself."""
    rules = Counter[str]()
    for marks in protected.marks.values():
        for row in marks.to_pylist():
            rules[row["rule"]] += row["n"]
    return {rule.value: rules[rule.value] for rule in DisclosureRule if rules[rule.value]}


def single_values(protected: Protected) -> pa.Table:
    """Each value that is not as measured: its table, its row's key as JSON, its column and the condition it met."""
    parts = []
    with database.connect() as con:
        for name, marks in protected.single.items():
            con.register("marks", marks)
            keys = ", ".join(f"'{each}': \"{each}\"" for each in marks.column_names if each not in ("column", "rule"))
            asked = f'SELECT {text(name)} AS "table", CAST(to_json({{{keys}}}) AS VARCHAR) AS key, "column", rule FROM marks'
            parts.append(con.sql(asked).to_arrow_table())
    return pa.concat_tables(parts)
