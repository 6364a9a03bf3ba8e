"""What each command loads: people use help and queries without thinking only if these answer at once.

Which modules are loaded is checked, not how long that takes, which hangs on the computer.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests import reported
from tests.command import environment
from tests.published import Drawn, publish

HEAVY = {"prefect", "duckdb", "pandas", "pyarrow", "igraph", "networkx", "numpy", "scipy", "fastapi"}
ALL = """
import json, sys
{code}
print()
print(json.dumps(sorted({{name.partition(".")[0] for name in sys.modules}})))
"""
COMMAND = """
from orgnet.cli import main
sys.argv = ["orgnet", *{arguments}]
try:
    main()
except SystemExit as leaving:
    assert leaving.code == 0, leaving.code
"""


def loaded(code: str, folder: Path) -> set[str]:
    """The heavy packages that a fresh Python has loaded after running some code."""
    found = subprocess.run(
        [sys.executable, "-c", ALL.format(code=code)],
        cwd=folder,
        env=environment(PYTHONPATH=str(Path(__file__).parents[2])),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert found.returncode == 0, found.stderr
    return HEAVY & set(json.loads(found.stdout.splitlines()[-1]))


def loaded_by(folder: Path, *arguments: object) -> set[str]:
    return loaded(COMMAND.format(arguments=[str(argument) for argument in arguments]), folder)


def test_importing_orgnet_loads_nothing(tmp_path):
    assert loaded("import orgnet", tmp_path) == set()


def test_the_public_names_are_loaded_when_they_are_asked_for(tmp_path):
    assert loaded("import orgnet; orgnet.InputFault", tmp_path) == set()
    assert "pandas" in loaded("import orgnet; orgnet.metrics()", tmp_path)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["--version"],
        ["run", "--help"],
        ["describe"],
        ["describe", "density"],
        ["describe", "acquaint"],
        ["describe", "no_coverage"],
        ["describe", "attendance.leave"],
    ],
    ids=" ".join,
)
def test_help_and_the_dictionary_load_nothing(tmp_path, arguments):
    assert loaded_by(tmp_path, *arguments) == set()


@pytest.mark.parametrize("sql", ["SELECT * FROM ties LIMIT 3", "SELECT * FROM network_metrics_wide LIMIT 3"])
def test_a_query_loads_the_database_only(commanded, tmp_path, sql):
    assert loaded_by(tmp_path, "query", sql, "--network", commanded.out) <= {"duckdb", "numpy"}


def test_a_query_to_a_file_loads_no_data_frames(commanded, tmp_path):
    given = ["query", "SELECT * FROM ties LIMIT 3", "--network", commanded.out, "--all-runs", "--out", "a.parquet"]
    assert not loaded_by(tmp_path, *given) & {"prefect", "fastapi", "pandas", "igraph", "networkx", "scipy"}


def test_comparing_periods_does_not_load_prefect(commanded, tmp_path):
    periods = ["--before", "pre", "--after", "post", "--format", "csv"]
    assert not loaded_by(tmp_path, "compare", commanded.out, *periods) & {"prefect", "fastapi", "networkx"}


def test_an_explanation_loads_the_database_only(commanded, tmp_path):
    assert loaded_by(tmp_path, "explain", commanded.out, "--indicator", "acquaint") <= {"duckdb", "numpy"}


@pytest.mark.parametrize("format", ["gexf", "dl", "kumu", "edges", "rsiena", "tergm"])
def test_an_export_loads_the_database_only(tmp_path, format):
    ties = {"meetings": [{("a", "b"): 1.0}] * 2}
    network = publish(Drawn([["a", "b"]] * 2, ties), tmp_path / "in")
    out = ["--layer", "meetings", "--out", tmp_path / "out"]
    assert loaded_by(tmp_path, "export", network, "--as", format, *out) <= {"duckdb", "numpy"}


def test_a_report_does_not_load_prefect(tmp_path):
    network = reported.publish(tmp_path / "in").parents[1]
    assert not loaded_by(tmp_path, "report", network) & {"prefect", "fastapi", "pandas", "networkx", "scipy"}
    assert (tmp_path / "report.html").exists()


def test_validation_loads_neither_prefect_nor_graphs(london_cancer, tmp_path):
    assert not loaded_by(tmp_path, "validate", london_cancer) & {"prefect", "fastapi", "igraph", "networkx", "scipy"}


def test_reading_results_does_not_load_prefect(commanded, tmp_path):
    code = f"import orgnet; orgnet.open({str(commanded.out)!r}).graph('mdt', '2019-02-01/3m')"
    assert not loaded(code, tmp_path) & {"prefect", "fastapi", "duckdb", "networkx"}


def test_processes_that_measure_slices_do_not_load_prefect(tmp_path):
    found = loaded("import orgnet.metrics.measure, orgnet.worker", tmp_path)
    assert "igraph" in found and not found & {"prefect", "fastapi"}
