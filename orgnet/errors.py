"""What orgnet says when something is wrong. Exit code 2 is the user's input, 1 is ours."""

import difflib
from collections.abc import Iterable, Sequence


class OrgnetError(Exception):
    """Base of every error that orgnet raises on purpose; `exit_code` is what the command line returns."""

    exit_code = 1


class InputFault(OrgnetError):
    """The user's configuration or records are at fault: every fault found, one line each."""

    exit_code = 2

    def __init__(self, faults: str | Sequence[str]) -> None:
        self.faults = [faults] if isinstance(faults, str) else list(faults)
        super().__init__("\n".join(self.faults))


class StoreFault(OrgnetError):
    """The results could not be written or read back whole."""


def near(name: str, known: Iterable[str]) -> str:
    """What to say after a name that is not known: the nearest ones that are; nothing if none is near."""
    names = {word.lower(): word for word in known}
    found = [names[word] for word in difflib.get_close_matches(name.lower(), names, 3)]
    return f"; did you mean {' or '.join(found)}?" if found else ""


def nearest(name: str, known: Iterable[str]) -> str:
    """The same, or else all the names that are known."""
    names = list(known)
    return near(name, names) or f" (known: {', '.join(dict.fromkeys(names))})"


def check_word(option: str, given: str, known: Sequence[str]) -> None:
    """Raises InputFault if what is given for an option is none of the words it may be."""
    if given not in known:
        raise InputFault(f"{option}: found {given!r}, expected {', '.join(known)}{near(given, known)}")
