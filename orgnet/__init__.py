"""orgnet: ties between organisations, from records to indicators of collaboration.

import orgnet
run = orgnet.open("out/london-cancer")
run.table("indicators")
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from orgnet.config import Config as Config
    from orgnet.config import load_config as load_config
    from orgnet.errors import InputFault as InputFault
    from orgnet.errors import OrgnetError as OrgnetError
    from orgnet.errors import StoreFault as StoreFault
    from orgnet.snapshot import Snapshot as Snapshot
    from orgnet.snapshot import open_snapshot as open

__version__ = "0.1.0"
__all__ = ["Config", "InputFault", "OrgnetError", "Snapshot", "StoreFault", "load_config", "metrics", "open"]

_DOOR = {
    "Config": ("orgnet.config", "Config"),
    "load_config": ("orgnet.config", "load_config"),
    "InputFault": ("orgnet.errors", "InputFault"),
    "OrgnetError": ("orgnet.errors", "OrgnetError"),
    "StoreFault": ("orgnet.errors", "StoreFault"),
    "Snapshot": ("orgnet.snapshot", "Snapshot"),
    "open": ("orgnet.snapshot", "open_snapshot"),
}


def __getattr__(name: str) -> Any:
    """Load a public name when it is first asked for, so that importing orgnet costs nothing."""
    from importlib import import_module

    if name == "metrics":
        return import_module("orgnet.metrics")
    if name in _DOOR:
        module, attribute = _DOOR[name]
        return getattr(import_module(module), attribute)
    raise AttributeError(f"module 'orgnet' has no attribute {name!r}")
