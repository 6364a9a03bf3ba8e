"""Pages of documentation: every command in a `console` block is run on the scenario, and prints what the page says.

The one thing not run is `orgnet run`, as the suite has a whole run of the scenario already: its words are held to the page.
"""

import re
import runpy
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from orgnet.metrics import organisation, registry
from orgnet.schema import Field, Kind
from orgnet.vocabulary import Indicator, RecordKind
from tests.command import Commanded
from tests.pages import Step, agrees, masked, steps
from tests.spec import test_organisation_metrics
from tests.unit.test_cli import ROOT, Answer, command  # noqa: F401

DOCS = ROOT / "docs"
RUN_TO_THE_LETTER = ["tutorial.md", "ten_queries.md", "reading_indicators.md", "sharing.md"]


@pytest.fixture
def folder(commanded: Commanded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which a run of the scenario has published in `out/demo/results`."""
    demo = tmp_path / "out" / "demo"
    demo.mkdir(parents=True)
    (demo / "results").symlink_to(commanded.out)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def shown(command: Callable[..., Answer], commanded: Commanded) -> Callable[[Step], Answer]:  # noqa: F811
    """What a step of a page prints."""

    def show(step: Step) -> Answer:
        if step.words[:2] == ["orgnet", "run"]:
            return Answer(
                commanded.code, re.sub(r"'out/the network([^']*)'", r"out/demo/results\1", commanded.said), ""
            )
        assert step.words[0] == "orgnet", "pages show orgnet's own commands"
        return command(*step.words[1:])

    return show


@pytest.mark.parametrize("name", RUN_TO_THE_LETTER)
def test_commands_print_what_the_page_says(name: str, folder: Path, shown: Callable[[Step], Answer]) -> None:
    found = list(steps((DOCS / name).read_text(encoding="utf-8")))
    assert found
    for step in found:
        answer = shown(step)
        assert answer.code == 0, (step.words, answer.err)
        printed = answer.out.splitlines()
        told = "\n".join(map(masked, printed))
        assert not step.printed or agrees(step.printed, printed), f"{name}: {step.words} printed\n{told}"


def test_every_page_is_in_the_index() -> None:
    index = (DOCS / "README.md").read_text(encoding="utf-8")
    pages = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*") if path.is_file()} - {"README.md"}
    assert [page for page in sorted(pages) if f"({page})" not in index] == []


def test_every_link_between_pages_leads_somewhere() -> None:
    broken = []
    for page in [ROOT / "README.md", *DOCS.glob("*.md")]:
        for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            if "://" not in link and not (page.parent / link).exists():
                broken.append(f"{page.name}: {link}")
    assert broken == []


def test_every_file_that_a_page_names_is_there() -> None:
    named = re.compile(r"`((?:orgnet|tests|configs|pipelines|docs|benchmarks)/[\w/.-]+)`")
    missing = []
    for page in DOCS.glob("*.md"):
        for path in named.findall(page.read_text(encoding="utf-8")):
            if not (ROOT / path).exists():
                missing.append(f"{page.name}: {path}")
    assert missing == []


def code_of(page: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def test_the_metric_that_is_added_as_an_example_passes_its_own_tests(
    monkeypatch: pytest.MonkeyPatch, drawn: Callable[..., object], undirected_networks: list[object]
) -> None:
    monkeypatch.setattr(registry, "_REGISTRY", dict(registry._REGISTRY))
    function, tests = code_of("adding_a_metric.md")
    module, spec = dict(vars(organisation)), dict(vars(test_organisation_metrics))
    exec(function, module)
    exec(tests, spec | {"o": SimpleNamespace(**module)}, named := {})
    assert list(named) == ["test_strength_share", "test_strength_share_against_networkx"]
    named["test_strength_share"](drawn)
    named["test_strength_share_against_networkx"](undirected_networks)
    assert [metric.name for metric in registry.registered() if metric.name == "strength_share"]


def test_the_record_kind_that_is_added_as_an_example_is_one() -> None:
    _, declared = code_of("adding_a_record_kind.md")
    kinds = SimpleNamespace(TRAININGS="trainings", ORGANISATIONS=RecordKind.ORGANISATIONS)
    kind = eval(declared, {"Kind": Kind, "Field": Field, "RecordKind": kinds})
    assert set(kind.key) <= {field.name for field in kind.fields}


def test_the_example_analysis_runs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    left = runpy.run_path(str(DOCS / "examples" / "analyse.py"))
    assert "radiologist" in capsys.readouterr().out
    breadth = left["peers"].set_index("professional_group")["acq_breadth"]
    assert breadth["surgeon"] > 0.9 and breadth["nurse"] > 0.9 and breadth["radiologist"] < 0.1
    assert left["over_time"]["radiologist"].max() == 2 and left["over_time"]["surgeon"].min() == 3
    assert (
        dict(zip(left["of_peers"]["entity"], left["of_peers"]["verdict"], strict=True))["nurse / nurse"] == "improved"
    )
    assert len(left["finding"]) > 10


def test_brackets_and_quotes_of_the_r_script_are_closed() -> None:
    text = (DOCS / "examples" / "analyse.R").read_text(encoding="utf-8")
    code = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    assert code.count('"') % 2 == 0
    assert code.count("(") == code.count(")") and code.count("{") == code.count("}")


class TestReadingPages:
    """The reading of pages itself: it must be able to fail."""

    PAGE = (
        '```console\n$ orgnet query "SELECT 1\n  AS a"\na\n...\n1 row\n$ orgnet describe\n```\n```sql\nSELECT 2\n```\n'
    )

    def test_commands_may_go_over_lines_and_print_nothing_told(self) -> None:
        one, two = steps(self.PAGE)
        assert one == Step(["orgnet", "query", "SELECT 1\n  AS a"], ["a", "...", "1 row"])
        assert two == Step(["orgnet", "describe"], [])

    @pytest.mark.parametrize(
        ("printed", "found", "same"),
        [
            (["a", "b"], ["a", "b"], True),
            (["a"], ["a", "b"], False),
            (["a", "..."], ["a", "b"], True),
            (["...", "b"], ["a", "b"], True),
            (["...", "c"], ["a", "b"], False),
            (["a", "...", "b"], ["a", "b"], True),
            (["a", "...", "b"], ["b", "a"], False),
            (["run 20261123T021350.181Z-d22f54602666b902"], ["run 20200101T000000.000Z-0000000000000000"], True),
            (["a 1.5"], ["a 1.6"], False),
        ],
    )
    def test_what_agrees(self, printed: list[str], found: list[str], same: bool) -> None:
        assert agrees(printed, found) is same


def test_each_of_the_ten_indicators_has_its_part_in_the_order_of_the_model() -> None:
    page = (DOCS / "reading_indicators.md").read_text(encoding="utf-8")
    assert re.findall(r"^### (\w+): ", page, re.MULTILINE) == list(Indicator)
