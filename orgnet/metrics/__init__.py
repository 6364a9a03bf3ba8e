"""Metrics: importing this package registers all of them."""

from orgnet.metrics import governance, group, network, organisation, pair
from orgnet.metrics.registry import Metric, Weights, registered

__all__ = ["Metric", "Weights", "governance", "group", "network", "organisation", "pair", "registered"]
