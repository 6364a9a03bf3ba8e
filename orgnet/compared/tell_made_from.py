"""What two runs were made from, as lines of text: what they define otherwise, and what they were given."""

from collections.abc import Iterator

from orgnet.compared.inputs import file_changes, kind_counts
from orgnet.compared.side_by_side import SideBySide
from orgnet.explain.words import counted


def first_of(lines: list[str], limit: int) -> Iterator[str]:
    """The first lines of a list, and how many more there are."""
    yield from lines[:limit]
    if len(lines) > limit:
        yield f"and {len(lines) - limit:,} more (--limit)"


def tell_definition(found: SideBySide) -> Iterator[str]:
    """What is defined otherwise: said first, as any value may then differ for that reason alone."""
    moving = found.definition.moving
    others = [each for each in found.definition.differences if not each.moves]
    if moving:
        what = "any value" if found.definition.bears_on("network_metrics") else "any level of an indicator"
        yield f"The two runs are not defined alike: {what} that differs may come from the definition."
        yield from (f"  {each}" for each in moving)
    else:
        yield "The same configuration, thresholds and version, as far as they can move a value."
    if others:
        yield "Different, but not meant to move a value of a slice:"
        yield from (f"  {each}" for each in others)


def tell_input(found: SideBySide, limit: int) -> Iterator[str]:
    old, new = found.old.manifest, found.new.manifest
    files = file_changes(old, new)
    same = sum(each.what == "same" for each in files)
    yield f"{counted(same, 'file')} the same" if same else "No file is the same."
    for file in files:
        if file.what != "same":
            yield f"{file.path}: {file.what}, {_arrow(file.rows_old, file.rows_new, 'row')}"
    for kind in kind_counts(old, new):
        if not kind.same:
            aside = f"; put aside {_arrow(kind.aside_old, kind.aside_new)}"
            yield f"{kind.kind}: read {_arrow(kind.read_old, kind.read_new)}{aside}"
    if found.told_by_slice:
        yield from first_of([str(each) for each in found.records], limit)
    else:
        yield "The runs do not tell their records slice by slice in one way, so which records differ is not known."


def _arrow(old: int | None, new: int | None, word: str = "") -> str:
    told = " -> ".join("none" if number is None else f"{number:,}" for number in (old, new))
    return f"{told} {word}s" if word else told
