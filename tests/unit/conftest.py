"""The command line within the tests' own process."""

from collections.abc import Callable

import pytest

from orgnet import cli
from tests.command import Answer


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    """A command as `orgnet` would run it, but within this process."""
    monkeypatch.setattr(cli.atexit, "register", lambda function: function)  # it would end this process with it

    def run(*arguments: object) -> Answer:
        monkeypatch.setattr("sys.argv", ["orgnet", *map(str, arguments)])
        with pytest.raises(SystemExit) as leaving:
            cli.main()
        said = capsys.readouterr()
        return Answer(leaving.value.code, said.out, said.err)

    return run
