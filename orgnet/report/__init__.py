"""The report: one HTML file of a published snapshot, that stands by itself."""

from orgnet.report.page import render

__all__ = ["render"]
