"""What orgnet says when something is wrong. Exit code 2 is the user's input, 1 is ours."""

from collections.abc import Sequence


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
