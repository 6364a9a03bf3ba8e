"""What a run leaves behind for people: its summary, and the same as Prefect artifacts. Counts, never names."""

import re
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow as pa
from prefect.artifacts import create_markdown_artifact, create_table_artifact

from orgnet.config import Config
from orgnet.records.pieces import Succession
from orgnet.records.read import Records
from orgnet.vocabulary import Indicator
from orgnet.windows import Calendar


def summarise(
    config: Config,
    records: Records,
    succession: Succession,
    calendar: Calendar,
    tables: Mapping[str, pa.Table],
    folder: Path,
    seconds: Mapping[str, float],
) -> dict[str, Any]:
    """The run's summary, as plain values."""
    return {
        "network": config.network,
        "run_id": folder.name,
        "folder": str(folder),
        "records": [asdict(tally) for tally in records.tallies()],
        "organisations": succession.in_words(),
        "slices": len(calendar),
        "first_slice": calendar.slices[0].label,
        "last_slice": calendar.slices[-1].label,
        "tables": {name: table.num_rows for name, table in tables.items()},
        "indicators": last_indicators(tables["indicators"]),
        "seconds": dict(seconds),
    }


def last_indicators(table: pa.Table) -> list[dict[str, Any]]:
    """The last slice's indicators for the whole network, in words, in the order of the model."""
    rows = [row for row in table.to_pylist() if row["scope_type"] == "network"]
    rows.sort(key=lambda row: list(Indicator).index(row["indicator"]))
    last = max((row["slice_start"] for row in rows), default=None)
    return [
        {"indicator": row["indicator"], "status": row["status"], "level": _level(row), "why": row["reasons"][0]}
        for row in rows
        if row["slice_start"] == last
    ]


def _level(row: Mapping[str, Any]) -> str:
    if row["level"] is not None:
        return str(row["level"])
    if row["level_lo"] is not None:
        return f"{row['level_lo']} to {row['level_hi']}"
    return f"(proxy {row['proxy_level']})" if row["proxy_level"] is not None else "-"


def _record_line(tally: Mapping[str, Any]) -> str:
    why = ", ".join(f"{n:,} {reason}" for reason, n in tally["put_aside"].items())
    aside = sum(tally["put_aside"].values())
    return f"| {tally['kind']} | {tally['read']:,} | {tally['accepted']:,} | {aside:,} | {why} |"


def markdown(summary: Mapping[str, Any]) -> str:
    """The summary as Markdown."""
    lines = [
        f"# {summary['network']}: run {summary['run_id']}",
        "",
        f"{summary['slices']} slices, {summary['first_slice']} to {summary['last_slice']}. "
        f"Published in `{summary['folder']}`. {summary['organisations']}".rstrip(),
        "",
        "| records | read | used | put aside | why |",
        "|---|--:|--:|--:|---|",
        *(_record_line(tally) for tally in summary["records"]),
        "",
        *(f"- quality: {mark}" for mark in summary["quality"]),
        *([f"- {summary['removed']}"] if summary["removed"] else []),
        "",
        f"| indicator, {summary['last_slice']} | level | status | why |",
        "|---|---|---|---|",
        *(f"| {i['indicator']} | {i['level']} | {i['status']} | {i['why']} |" for i in summary["indicators"]),
        "",
        "| stage | seconds |",
        "|---|--:|",
        *(f"| {stage} | {seconds:.1f} |" for stage, seconds in summary["seconds"].items()),
    ]
    return "\n".join(lines) + "\n"


def publish_artifacts(summary: Mapping[str, Any]) -> None:
    """Leave the summary with Prefect: one Markdown artifact, and one table of the published tables."""
    slug = re.sub(r"[^a-z0-9]+", "-", str(summary["network"]).lower()).strip("-") or "network"
    create_markdown_artifact(key=f"{slug}-summary", markdown=markdown(summary), description="The last run's summary")
    create_table_artifact(
        key=f"{slug}-tables",
        table=[{"table": name, "rows": rows} for name, rows in summary["tables"].items()],
        description="Tables that the last run published",
    )
