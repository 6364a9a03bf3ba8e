"""A new network's folder: a configuration with every setting explained, a template for each kind of record, and a key."""

from orgnet.templates.folder import begin

__all__ = ["begin"]
