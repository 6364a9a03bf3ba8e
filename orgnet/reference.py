"""The data dictionary: every table, column and metric, from the schema and the registry; nothing is written twice.

`python -m orgnet.reference` writes the generated reference pages; with `--check` it only tells which are not current.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from orgnet import meanings, metrics
from orgnet.config import Config
from orgnet.indicators.damour import Rule, load_damour
from orgnet.metrics.registry import Metric
from orgnet.schema import KINDS, TABLES
from orgnet.vocabulary import EvidenceClass, Indicator, Level, ScopeType
from orgnet.wide import WIDE
from orgnet.words import glossary_lines, words

TABLE_OF = {
    Level.ORGANISATION: "organisation_metrics",
    Level.PAIR: "pair_metrics",
    Level.GROUP: "group_metrics",
    Level.NETWORK: "network_metrics",
}


_EVIDENCE = {
    EvidenceClass.DIRECT: "ties show it",
    EvidenceClass.DIRECT_AND_PERCEIVED: "ties show its structure, people must say how it feels: an interval of levels",
    EvidenceClass.PROXY: "ties only hint at it: a proxy level, never a level",
    EvidenceClass.SURVEY_OR_DOCUMENTS: "nothing: it takes a survey, documents or coded evidence",
}

_SCOPES = {ScopeType.NETWORK: "the network", ScopeType.GROUP: "each professional group, and from them to the network"}
_FURTHER = {
    ScopeType.GROUP: "each professional group",
    ScopeType.PATHWAY: "each pathway",
    ScopeType.ORGANISATION: "each organisation",
}


_NOWHERE = Config.model_construct(indicators=None)  # type: ignore[call-arg]


def _type(kind: pa.DataType) -> str:
    """A column's type in a word."""
    if pa.types.is_list(kind):
        return "list of structs" if pa.types.is_struct(kind.value_type) else f"list of {kind.value_type}s"
    plain = {pa.float64(): "float64", pa.date32(): "date32"}
    return "dictionary of strings" if pa.types.is_dictionary(kind) else plain.get(kind, str(kind))


def _range(low: float | None, high: float | None) -> str:
    return f"{'' if low is None else format(low, 'g')} to {'no limit' if high is None else format(high, 'g')}"


def column_rows() -> Iterator[dict[str, object]]:
    """One catalog row per column of every table."""
    for table in TABLES.values():
        for column in table.columns:
            words = f" One of: {', '.join(column.words)}." if column.words else ""
            yield {
                "table": table.name,
                "column_or_metric": column.name,
                "type": f"column ({_type(column.type)})",
                "unit": column.unit,
                "minimum": None,
                "maximum": None,
                "undefined_when": None,
                "meaning": column.meaning + words,
                "formula": None,
                "reference": None,
            }


def metric_rows() -> Iterator[dict[str, object]]:
    """One catalog row per metric."""
    for metric in metrics.registered():
        yield {
            "table": TABLE_OF[metric.level],
            "column_or_metric": metric.name,
            "type": f"metric ({', '.join(layer.value for layer in metric.layers)})",
            "unit": metric.unit,
            "minimum": metric.minimum,
            "maximum": metric.maximum,
            "undefined_when": metric.undefined_when,
            "meaning": metric.meaning,
            "formula": metric.formula,
            "reference": metric.reference,
        }


def _rule(rule: Rule) -> str:
    """A rule as a sentence."""
    given = f"level {rule.level}" if rule.level else f"proxy level {rule.proxy}"
    if rule.interval:
        given = "level {} to {}".format(*rule.interval) if len({*rule.interval}) > 1 else f"level {rule.interval[0]}"
    if rule.grade:
        given += f" ({rule.grade})"
    conditions = f" {'or' if rule.any else 'and'} ".join(map(str, rule.conditions))
    sentence = f"{given} if {conditions}" if conditions else f"{given} otherwise"
    if rule.requires_complete:
        sentence += f", provided that records of {' and '.join(rule.requires_complete)} are known to be complete"
    return sentence


def minimum() -> dict[str, float]:
    """How much there must be before a level is given, as it comes with orgnet."""
    return load_damour(_NOWHERE).minimum.model_dump()


def indicators() -> dict[str, dict[str, object]]:
    """The ten indicators as they come with orgnet."""
    declared = load_damour(_NOWHERE).indicators
    return {
        name.value: {
            "label": declared[name].label,
            "dimension": declared[name].dimension.value.replace("_", " "),
            "evidence": _EVIDENCE[declared[name].evidence_class],
            "scope": ", ".join([_SCOPES[declared[name].scope], *(_FURTHER[scope] for scope in declared[name].by_ties)]),
            "needs": [kind.value for kind in declared[name].needs],
            "speaks": [kind.value for kind in declared[name].speaks],
            "complete": [kind.value for kind in declared[name].complete],
            "rules": [_rule(rule) for rule in declared[name].rules],
            "rationale": declared[name].rationale,
        }
        for name in Indicator
    }


def kinds() -> dict[str, dict[str, object]]:
    """The kinds of record that a network supplies, with their fields."""
    return {
        kind.name.value: {
            "sentence": kind.sentence,
            "key": kind.key,
            "fields": {
                field.name: {
                    "type": field.type,
                    "needed": field.required,
                    "meaning": field.meaning,
                    "words": field.vocabulary,
                    "refers_to": field.refers_to.value if field.refers_to else None,
                }
                for field in kind.fields
            },
        }
        for kind in KINDS.values()
    }


def catalog_columns() -> dict[str, list[object]]:
    """The `catalog` table's columns."""
    rows = [*column_rows(), *metric_rows()]
    return {name: [row[name] for row in rows] for name in TABLES["catalog"].column_names}


def _metric_lines(metric: Metric) -> Iterator[str]:
    yield f"### {metric.name}"
    yield ""
    yield metric.meaning
    yield ""
    yield f"- formula: {metric.formula}"
    yield f"- unit: {metric.unit}; range: {_range(metric.minimum, metric.maximum)}; weights: {metric.weights.value}"
    yield f"- layers: {', '.join(layer.value for layer in metric.layers)}"
    yield f"- no value when: {metric.undefined_when}"
    yield f"- source: {metric.reference}"
    yield ""


def _dictionary_lines() -> Iterator[str]:
    yield "# Data dictionary"
    yield ""
    yield "Generated from the code by `make fix`; `orgnet describe NAME` prints any entry of it."
    yield ""
    yield "## Tables that a run publishes"
    yield ""
    for table in TABLES.values():
        yield f"### {table.name}"
        yield ""
        yield table.sentence
        yield ""
        yield f"Sorted by, and unique in: {', '.join(table.key)}."
        yield ""
        yield "| column | type | unit | meaning |"
        yield "|---|---|---|---|"
        for row in column_rows():
            if row["table"] == table.name:
                kind = str(row["type"]).removeprefix("column (").removesuffix(")")
                yield f"| {row['column_or_metric']} | {kind} | {row['unit']} | {row['meaning']} |"
        yield ""
    yield "## Wide views, in `orgnet query` and `run.wide`"
    yield ""
    for wide in WIDE.values():
        yield f"- `{wide.name}`: {wide.sentence}"
    yield ""
    for level in Level:
        yield f"## Metrics: {TABLE_OF[level]}"
        yield ""
        for metric in metrics.registered(level):
            yield from _metric_lines(metric)
    yield "## Indicators"
    yield ""
    for name, indicator in indicators().items():
        yield f"### {name}: {indicator['label']}"
        yield ""
        yield str(indicator["rationale"])
        yield ""
        yield f"- dimension: {indicator['dimension']}"
        yield f"- what ties can say: {indicator['evidence']}"
        for rule in indicator["rules"]:  # type: ignore[attr-defined]
            yield f"- {rule}"
        yield ""
    yield "## Records that a network supplies"
    yield ""
    for records in KINDS.values():
        yield f"### {records.name.value}"
        yield ""
        yield f"{records.sentence} Key: {', '.join(records.key)}."
        yield ""
        yield "| field | type | needed | meaning |"
        yield "|---|---|---|---|"
        for field in records.fields:
            words = f" One of: {', '.join(field.vocabulary)}." if field.vocabulary else ""
            yield f"| {field.name} | {field.type} | {'yes' if field.required else ''} | {field.meaning}{words} |"
        yield ""


def pages() -> dict[str, str]:
    """The generated pages by path within the project."""
    tables = {t.name: {"sentence": t.sentence, "columns": t.column_names, "key": t.key} for t in TABLES.values()}
    catalog = {
        "tables": tables,
        "indicators": indicators(),
        "minimum": minimum(),
        "catalog": [*column_rows(), *metric_rows()],
        "kinds": kinds(),
        "words": words(),
        "terms": dict(sorted(meanings.TERMS.items())),
    }
    schema = json.dumps(Config.model_json_schema(), indent=2, ensure_ascii=False) + "\n"
    return {
        "docs/data_dictionary.md": "\n".join(_dictionary_lines()).rstrip() + "\n",
        "docs/glossary.md": "\n".join(glossary_lines()).rstrip() + "\n",
        "configs/schema.json": schema,
        "orgnet/schema/catalog.json": json.dumps(catalog, indent=1, ensure_ascii=False) + "\n",
    }


def main(arguments: list[str]) -> int:
    """Write the generated pages, or with --check tell which are stale."""
    root = Path(__file__).parents[1]
    stale = [
        name
        for name, content in pages().items()
        if not (root / name).exists() or (root / name).read_text(encoding="utf-8") != content
    ]
    if "--check" in arguments:
        for name in stale:
            print(f"{name} is not current: run `make fix`")
        return 1 if stale else 0
    for name in stale:
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(pages()[name], encoding="utf-8")
        print(f"wrote {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
