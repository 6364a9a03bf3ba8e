"""One YAML file per network, checked whole before anything is read."""

from orgnet.config.compute import Compute
from orgnet.config.load import explain, load_config, load_yaml, read_stated
from orgnet.config.models import Config, Period, PersonKey, SliceRule, TieRules
from orgnet.config.source import Source

__all__ = [
    "Compute",
    "Config",
    "Period",
    "PersonKey",
    "SliceRule",
    "Source",
    "TieRules",
    "explain",
    "load_config",
    "load_yaml",
    "read_stated",
]
