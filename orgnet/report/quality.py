"""What the results rest on: records supplied, used and put aside, and how far they are known to be complete."""

from dataclasses import dataclass
from typing import Any

from orgnet.explain.words import KINDS
from orgnet.report.published import Published
from orgnet.report.words import plain
from orgnet.vocabulary import RecordKind

_SAYS = "complete <> 'unknown'"


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
    rows = published.rows(
        "completeness",
        "slice, record_kind, sum(whole::INT)::INT AS whole, count(*)::INT AS n",
        "true GROUP BY slice, slice_start, record_kind",
        "slice_start, record_kind",
    )
    whole = {(row["slice"], row["record_kind"]): (row["whole"], row["n"]) for row in rows}
    stated = {row["record_kind"] for row in published.rows("coverage", "DISTINCT record_kind", _SAYS, "record_kind")}
    return [_kind(kind.value, records, whole, stated, published) for kind in RecordKind if kind != RecordKind.COVERAGE]


def _kind(kind: str, records: Any, whole: Any, stated: set[str], published: Published) -> Kind:
    read = (records.get("read") or {}).get(kind)
    return Kind(
        kind,
        KINDS.get(RecordKind(kind), plain(kind)),
        kind in (records.get("read") or {}),
        read,
        (records.get("used") or {}).get(kind),
        (records.get("rejected") or {}).get(kind, {}),
        [whole.get((each.label, kind)) for each in published.slices],
        kind in stated,
    )


def marks(published: Published) -> list[str]:
    """The marks that a run gave its own quality."""
    return [str(each.get("message", each)) for each in published.manifest.get("quality") or []]
