"""What the shell is offered, by the way in which shells ask: quickly, and nothing that is not meant."""

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from orgnet import cli, completion
from orgnet.exports.make import FORMATS
from tests.command import environment


def offered(words: str, folder: Path, shell: str = "bash") -> list[str]:
    """What a shell is told at the end of a line; the last word is completed."""
    asked = {"_ORGNET_COMPLETE": f"complete_{shell}", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    asked |= {"_TYPER_COMPLETE_ARGS": words}
    found = subprocess.run(
        [sys.executable, "-m", "orgnet.cli"],
        cwd=folder,
        env=environment(PYTHONPATH=str(Path(cli.__file__).parents[1]), **asked),
        capture_output=True,
        text=True,
        check=True,
    )
    return found.stdout.split("\n")[:-1]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("orgnet val", ["validate"]),
        ("orgnet describe acq_b", ["acq_breadth"]),
        ("orgnet describe attend", ["attendance"]),
        ("orgnet describe kiv", ["kiviat"]),
        ("orgnet explain out --indicator ac", ["acquaint"]),
        ("orgnet explain out --indicator acquaint --organisations s", ["specialist"]),
        ("orgnet scenario lon", ["london-cancer"]),
        ("orgnet scenario london-cancer --variant lost", ["lost-feed", "lost-feed-unsaid"]),
        ("orgnet query x --format c", ["csv"]),
        ("orgnet export out --as g", ["graphml", "gexf"]),
        ("orgnet export out --as dl --layer refe", ["referrals", "referrals_back"]),
        ("orgnet export out --metric betw", ["betweenness"]),
        ("orgnet compare out --table indic", ["indicators"]),
        ("orgnet compare out --metric convening_r", ["convening_reach"]),
    ],
)
def test_names_are_completed(words, expected, tmp_path):
    found = offered(words, tmp_path)
    assert found[: len(expected)] == expected
    assert all(name.startswith(words.split()[-1]) for name in found)


def test_other_shells_ask_in_their_own_way(tmp_path):
    assert any("acquaint" in line for line in offered("orgnet explain out --indicator acq", tmp_path, "zsh"))


def test_what_is_offered_for_export_is_what_there_is():
    assert tuple(FORMATS) == cli.EXPORT_FORMATS


@pytest.mark.parametrize("typed", ["import orgnet.cli", "from orgnet.completion import names; assert names('acq')"])
def test_it_loads_little(typed):
    heavy = "prefect duckdb pandas numpy pyarrow igraph scipy networkx pydantic"
    program = f"{typed}\nimport sys\nsys.exit(' '.join(name for name in '{heavy}'.split() if name in sys.modules) or 0)"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (found.returncode, found.stderr) == (0, "")


def test_nothing_that_is_begun_otherwise_is_offered():
    assert completion.names("zzz") == completion.metrics("zzz") == completion.tables("zzz") == []
    assert "degree" in completion.metrics_of_organisations("deg")
    assert "acq_breadth" not in completion.metrics_of_organisations("acq")


def test_it_can_be_installed_and_shown(tmp_path):
    """From bash: which shell asks is found out from the processes above, of which a suite by the clock has none."""
    env = environment(HOME=str(tmp_path), PYTHONPATH=str(Path(cli.__file__).parents[1]))

    def orgnet(option: str) -> str:
        command = f"{shlex.quote(sys.executable)} -m orgnet.cli {option}; exit $?"
        return subprocess.run(["bash", "-c", command], env=env, capture_output=True, text=True, check=True).stdout

    assert "_ORGNET_COMPLETE=complete_bash" in orgnet("--show-completion")
    orgnet("--install-completion")
    assert "orgnet.sh" in (tmp_path / ".bashrc").read_text()
