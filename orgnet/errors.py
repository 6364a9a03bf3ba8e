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


def nearest(name: str, known: Iterable[str]) -> str:
    """What to say after a name that is not known: the nearest one that is, or else all of them."""
    names = {word.lower(): word for word in known}
    near = [names[word] for word in difflib.get_close_matches(name.lower(), names, 3)]
    return f"; did you mean {' or '.join(near)}?" if near else f" (known: {', '.join(names.values())})"
