"""Metrics: importing this package registers all of them, and calling it, `orgnet.metrics()`, lists them."""

import sys
from types import ModuleType
from typing import TYPE_CHECKING

from orgnet.metrics import (
    brokerage,
    centralization,
    cohesion,
    flow,
    forms,
    governance,
    group,
    group_brokerage,
    hierarchy,
    holes,
    joint,
    kinds,
    leadership,
    mdt,
    mixing,
    network,
    organisation,
    pair,
    partition,
    prominence,
    reach,
    turnover,
    two_mode,
)
from orgnet.metrics.registry import Metric, Weights, registered

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Metric",
    "Weights",
    "brokerage",
    "centralization",
    "cohesion",
    "flow",
    "forms",
    "governance",
    "group",
    "group_brokerage",
    "hierarchy",
    "holes",
    "joint",
    "kinds",
    "leadership",
    "mdt",
    "mixing",
    "network",
    "organisation",
    "pair",
    "partition",
    "prominence",
    "reach",
    "registered",
    "turnover",
    "two_mode",
]


class _Registry(ModuleType):
    """The package itself, which can be called."""

    def __call__(self) -> "pd.DataFrame":
        """The registry as a data frame: one row per metric, with its declared facts."""
        import pandas as pd

        facts = ("name", "formula", "unit", "minimum", "maximum", "undefined_when", "reference", "meaning")
        rows = []
        for metric in registered():
            row = {fact: getattr(metric, fact) for fact in facts}
            layers = ", ".join(layer.value for layer in metric.layers)
            rows.append({"level": metric.level.value, **row, "layers": layers, "weights": metric.weights.value})
        return pd.DataFrame(rows)


sys.modules[__name__].__class__ = _Registry
