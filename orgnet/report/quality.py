"""What the results rest on: records supplied, used and put aside, and how far they are known to be complete."""

from dataclasses import dataclass
from typing import Any

from orgnet.explain.words import KINDS
from orgnet.report.published import Published, quoted
from orgnet.report.words import plain
from orgnet.vocabulary import Complete, RecordKind


@dataclass(frozen=True)
class Kind:
    """One kind of record: what was supplied of it, and per slice the share of organisations whose records are whole."""

    kind: str
    said: str
    supplied: bool
    read: int | None
    used: int | None
    aside: dict[str, int | None]
    whole: list[tuple[int, int] | None]
    """Per slice, organisations whose records are known to be whole, and all of them; None where nothing is said."""
    stated: bool


def kinds(published: Published) -> list[Kind]:
    """Every kind of record that a network can supply, but for the statements of coverage themselves."""
    records = published.manifest.get("records") or {}
    says = f"complete <> {quoted(Complete.UNKNOWN)}"
    stated = {row["record_kind"] for row in published.rows("coverage", "DISTINCT record_kind", says, "record_kind")}
    return [_kind(kind.value, records, stated, published) for kind in RecordKind if kind != RecordKind.COVERAGE]


def _kind(kind: str, records: Any, stated: set[str], published: Published) -> Kind:
    read = (records.get("read") or {}).get(kind)
    return Kind(
        kind,
        KINDS.get(RecordKind(kind), plain(kind)),
        kind in (records.get("read") or {}),
        read,
        (records.get("used") or {}).get(kind),
        (records.get("rejected") or {}).get(kind, {}),
        [published.whole.get((each.label, kind)) for each in published.slices],
        kind in stated,
    )


def marks(published: Published) -> list[str]:
    """The marks that a run gave its own quality."""
    return [str(each.get("message", each)) for each in published.manifest.get("quality") or []]
