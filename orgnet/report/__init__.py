"""The report: one HTML file of a published snapshot, that stands by itself."""

from orgnet.report.page import opening, render

__all__ = ["opening", "render"]
