"""Pages of documentation as tests: the commands that stand in them, and what the page says that they print."""

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

RUN_ID = re.compile(r"\d{8}T\d{6}\.\d{3}Z-[0-9a-f]{16}")
SECONDS = re.compile(r"\b\d+(\.\d+)? s\b")
_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_PROMPT, _LEFT_OUT = "$ ", "..."


@dataclass(frozen=True)
class Step:
    """A command of a page as words, and the lines that it should print; `...` stands for any number of lines."""

    words: list[str]
    printed: list[str]


def _whole(text: str) -> list[str] | None:
    """A command's words; None if a quote is still open."""
    try:
        return shlex.split(text)
    except ValueError:
        return None


def steps(page: str) -> Iterator[Step]:
    """The commands of all `console` blocks of a page, in order. A line that is no command's output raises ValueError."""
    for block in _BLOCK.findall(page):
        lines = block.splitlines()
        while lines:
            first = lines.pop(0)
            if not first.startswith(_PROMPT):
                raise ValueError(f"found {first!r}, expected a command after {_PROMPT!r}")
            text = first.removeprefix(_PROMPT)
            while (words := _whole(text)) is None:
                text += "\n" + lines.pop(0)
            printed = []
            while lines and not lines[0].startswith(_PROMPT):
                printed.append(lines.pop(0))
            yield Step(words, printed)


def masked(line: str) -> str:
    """A line without what no two runs have in common, nor what nobody sees."""
    return SECONDS.sub("N s", RUN_ID.sub("RUN_ID", line)).rstrip()


def agrees(printed: Sequence[str], found: Sequence[str]) -> bool:
    """Whether lines are those that a page tells of, where it may leave some out."""
    if not printed:
        return not found
    if printed[0] == _LEFT_OUT:
        return any(agrees(printed[1:], found[at:]) for at in range(len(found) + 1))
    return bool(found) and masked(printed[0]) == masked(found[0]) and agrees(printed[1:], found[1:])
