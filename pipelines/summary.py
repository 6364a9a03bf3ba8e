"""What a run leaves behind for people: its summary, and the same as Prefect artifacts. Counts, never names."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
from prefect.artifacts import create_link_artifact, create_markdown_artifact, create_table_artifact

from orgnet import store
from orgnet.config import Config
from orgnet.folders import MANIFEST, REPORT
from orgnet.made_from import in_common
from orgnet.report import opening
from orgnet.vocabulary import Indicator, OrganisationBasis


def summarise(folder: Path, seconds: Mapping[str, float] | None = None) -> dict[str, Any]:
    """The summary of a published run, as plain values, from what was published; `seconds` if more is known by now."""
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    slices = Config.model_validate(manifest["configuration"]).calendar.slices
    return {
        "network": manifest["network"],
        "run_id": manifest["run_id"],
        "folder": str(folder),
        "report": str(folder / REPORT) if (folder / REPORT).exists() else "",
        "sentences": [(each.question, each.text) for each in opening(folder)],
        "records": tallies(manifest["records"]),
        "organisations": stated_as(manifest["organisations_stated"]),
        "slices": len(slices),
        "first_slice": slices[0].label,
        "last_slice": slices[-1].label,
        "tables": manifest["table_rows"],
        "indicators": last_indicators(store.read(folder, "indicators")),
        "seconds": dict(seconds or manifest["seconds"]),
        "quality": [breach["message"] for breach in manifest.get("quality", [])],
        "removed": "",
        "reuse": in_common(
            {
                kind: [f"{counts['taken_up']} slices taken up from earlier runs, {counts['anew']} measured"]
                for kind, counts in manifest.get("reuse", {}).items()
            }
        ),
    }


def tallies(records: Mapping[str, Any]) -> list[dict[str, Any]]:
    """How many records of each kind were read and used, and why the others were put aside."""
    used, aside = records["used"], records["rejected"]
    return [
        {"kind": kind, "read": read, "accepted": used[kind], "put_aside": aside.get(kind, {})}
        for kind, read in records["read"].items()
    ]


def stated_as(stated: Mapping[str, Any]) -> str:
    """On which basis organisations are stated, in one sentence; nothing if as recorded."""
    if stated["basis"] == OrganisationBasis.AS_RECORDED:
        return ""
    ambiguous = stated["ambiguous"]
    splits = f"{ambiguous} {'split' if ambiguous == 1 else 'splits'} without a rule left as recorded"
    return f"Organisations: {stated['basis']}, {stated['restated']} stated as another, {splits}."


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
        *(f"- **{question}.** {text}" for question, text in summary["sentences"]),
        "",
        "| records | read | used | put aside | why |",
        "|---|--:|--:|--:|---|",
        *(_record_line(tally) for tally in summary["records"]),
        "",
        *([f"- [report]({_address(summary)})"] if summary["report"] else []),
        *(f"- quality: {mark}" for mark in summary["quality"]),
        *([f"- {summary['removed']}"] if summary["removed"] else []),
        *(f"- {line}" for line in summary["reuse"]),
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


def _address(summary: Mapping[str, Any]) -> str:
    return Path(summary["report"]).resolve().as_uri()


def slug_of(network: str) -> str:
    """A network's name as Prefect takes it in other names: small letters, digits and dashes."""
    return re.sub(r"[^a-z0-9]+", "-", network.lower()).strip("-") or "network"


def publish_artifacts(summary: Mapping[str, Any]) -> None:
    """Leave the summary with Prefect: in Markdown, with the report's sentences; a link to the report; the list of tables."""
    slug = slug_of(summary["network"])
    create_markdown_artifact(key=f"{slug}-summary", markdown=markdown(summary), description="The last run's summary")
    if summary["report"]:
        create_link_artifact(_address(summary), "report", key=f"{slug}-report", description="The last run's report")
    create_table_artifact(
        key=f"{slug}-tables",
        table=[{"table": name, "rows": rows} for name, rows in summary["tables"].items()],
        description="Tables that the last run published",
    )
