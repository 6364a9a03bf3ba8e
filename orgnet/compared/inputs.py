"""What two runs were given: files by their digest, rows by kind, and the records of each slice."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from orgnet.vocabulary import OF_ONE_DAY

Manifest = Mapping[str, Any]


@dataclass(frozen=True)
class FileChange:
    """One input file in two runs: same, changed, added or gone, and its rows."""

    path: str
    what: str
    rows_old: int | None
    rows_new: int | None


def file_changes(old: Manifest, new: Manifest) -> list[FileChange]:
    """Every input file of either run, by record kind and path."""
    was, now = ({(f["record_kind"], f["path"]): f for f in run["inputs"]} for run in (old, new))
    changes = []
    for key in sorted(was.keys() | now.keys()):
        one, two = was.get(key), now.get(key)
        what = "added" if one is None else "gone" if two is None else ""
        if one and two:
            what = "same" if one["sha256"] == two["sha256"] else "changed"
        changes.append(FileChange(key[1], what, one and one["rows"], two and two["rows"]))
    return changes


@dataclass(frozen=True)
class KindCounts:
    """Rows of one kind in two runs: read, and put aside."""

    kind: str
    read_old: int
    read_new: int
    aside_old: int
    aside_new: int

    @property
    def same(self) -> bool:
        return (self.read_old, self.aside_old) == (self.read_new, self.aside_new)


def kind_counts(old: Manifest, new: Manifest) -> list[KindCounts]:
    """The rows of every kind that either run read."""
    was, now = old["records"], new["records"]

    def aside(run: Manifest, kind: str) -> int:
        return sum(run["rejected"].get(kind, {}).values())

    return [
        KindCounts(kind, was["read"].get(kind, 0), now["read"].get(kind, 0), aside(was, kind), aside(now, kind))
        for kind in dict.fromkeys([*was["read"], *now["read"]])
    ]


@dataclass(frozen=True)
class RecordChange:
    """The records of one kind in one slice, where two runs do not hold the same."""

    kind: str
    slice: str
    n_old: int
    n_new: int

    @property
    def lasts(self) -> bool:
        """Whether such a record speaks of more than its own day."""
        return self.kind not in OF_ONE_DAY

    def __str__(self) -> str:
        more = self.n_new - self.n_old
        if not more:
            return f"{self.kind} of {self.slice}: {self.n_new:,} records as before, but not the same ones"
        what = f"{abs(more):,} record{'' if abs(more) == 1 else 's'} {'more' if more > 0 else 'fewer'}"
        return f"{self.kind} of {self.slice}: {what} ({self.n_old:,} -> {self.n_new:,})"


def _digests_comparable(old: Manifest, new: Manifest) -> bool:
    """Digests are DuckDB's, and may be others in another version of it."""
    return bool(old["libraries"].get("duckdb") == new["libraries"].get("duckdb"))


def told_by_slice(old: Manifest, new: Manifest) -> bool:
    """Whether both runs tell their records by slice well enough to say which differ."""
    return all("by_slice" in run["records"] for run in (old, new)) and _digests_comparable(old, new)


def _held(run: Manifest, what: str, kind: str) -> Mapping[str, Any]:
    held: Mapping[str, Any] = run["records"].get(what, {}).get(kind, {})
    return held


def record_changes(old: Manifest, new: Manifest) -> Iterator[RecordChange]:
    """Where the two runs hold other records: more, fewer, or as many that say something else."""
    if not all("by_slice" in run["records"] for run in (old, new)):
        return
    digests = "digests" if _digests_comparable(old, new) else "by_slice"
    for kind in dict.fromkeys([*old["records"]["by_slice"], *new["records"]["by_slice"]]):
        was, now = _held(old, "by_slice", kind), _held(new, "by_slice", kind)
        for slice_ in dict.fromkeys([*was, *now]):
            if _held(old, digests, kind).get(slice_) != _held(new, digests, kind).get(slice_):
                yield RecordChange(kind, slice_, was.get(slice_, 0), now.get(slice_, 0))
