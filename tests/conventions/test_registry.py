"""Every metric is defined, referenced and specified; one that is not fails here, by its name."""

from functools import cache
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType

import pytest

import orgnet.metrics
from orgnet.metrics.registry import Metric, registered

SPEC = Path(__file__).parents[1] / "spec"


@pytest.fixture(scope="module")
def metrics() -> dict[str, Metric]:
    """Every metric of the package, by level.name."""
    for module in iter_modules(orgnet.metrics.__path__):
        import_module(f"orgnet.metrics.{module.name}")
    found = {f"{m.level}.{m.name}": m for m in registered()}
    assert found
    return found


def marked(mark: str) -> dict[str, list[str]]:
    """The metrics that a mark names on tests in tests/spec, and the tests that name each."""
    found: dict[str, list[str]] = {}
    for path in sorted(SPEC.rglob("test_*.py")):
        for name, test in vars(_loaded(path)).items():
            for given in getattr(test, "pytestmark", []) if name.startswith("test_") else []:
                if given.name == mark:
                    for metric in given.args:
                        found.setdefault(metric, []).append(f"{path.name}::{name}")
    return found


@cache
def _loaded(path: Path) -> ModuleType:
    """A file of specifications as a module, read beside pytest's own reading of it."""
    spec = spec_from_file_location(f"specifications.{path.stem}", path)
    assert spec and spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("mark", ["worked_example", "second_implementation"])
def test_every_metric_has_its_specification(metrics, mark):
    missing = sorted(set(metrics) - set(marked(mark)))
    assert not missing, f"no @pytest.mark.{mark} in tests/spec names: {', '.join(missing)}"


@pytest.mark.parametrize("mark", ["worked_example", "second_implementation"])
def test_every_mark_names_a_metric(metrics, mark):
    unknown = {name: tests for name, tests in marked(mark).items() if name not in metrics}
    assert not unknown, f"@pytest.mark.{mark} names what is not registered: {unknown}"


@pytest.mark.parametrize("fact", ["meaning", "formula", "reference", "unit", "undefined_when", "layers"])
def test_every_metric_declares_its_facts(metrics, fact):
    lacking = [name for name, metric in metrics.items() if not (getattr(metric, fact) or "")]
    assert not lacking, f"{fact} is empty: {', '.join(lacking)}"


def test_every_range_has_its_ends_in_order(metrics):
    reversed_ranges = [
        f"{name} ({metric.minimum} to {metric.maximum})"
        for name, metric in metrics.items()
        if metric.minimum is not None and metric.maximum is not None and metric.minimum > metric.maximum
    ]
    assert not reversed_ranges, f"minimum above maximum: {', '.join(reversed_ranges)}"
