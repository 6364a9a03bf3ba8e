"""Any two periods of a published run, compared as the run compares its phases: from its tables and draws alone."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa

from orgnet import store
from orgnet.change.changes import compare
from orgnet.change.comparisons import Comparison, Days, of_periods
from orgnet.change.draws import read_draws
from orgnet.change.networks import rosters
from orgnet.change.published import Asked, Published
from orgnet.config import Config, read_stated
from orgnet.errors import InputFault, nearest
from orgnet.folders import is_copy, read_manifest
from orgnet.indicators.damour import Damour
from orgnet.windows import Calendar

_TABLES = (
    "organisation_metrics",
    "pair_metrics",
    "group_metrics",
    "network_metrics",
    "indicators",
    "ties",
    "completeness",
    "activity",
    "succession",
)


@dataclass(frozen=True)
class Between:
    """What a comparison of two periods found: the rows of `changes`, and the windows that speak for the periods."""

    network: str
    run_id: str
    comparison: Comparison
    calendar: Calendar
    rows: pa.Table


def open_published(folder: Path) -> Published:
    """What a snapshot's comparisons are made from.

    Raises InputFault if it was published without draws, or by a version whose settings are not known here.
    """
    manifest = read_manifest(folder)
    if is_copy(manifest):
        raise InputFault(
            f"{folder}: is a copy for sharing, without what intervals are taken from; compare the network's own results"
        )
    config = read_stated(folder, Config, manifest.get("configuration"))
    damour = read_stated(folder, Damour, manifest.get("indicators"))
    try:
        tables = {name: store.read(folder, name) for name in _TABLES}
        draws = read_draws(store.read(folder, "draws"), config.calendar)
    except FileNotFoundError as error:
        raise InputFault(
            f"{folder}: {Path(str(error.filename or error)).name} is not there: the run is of an earlier version, or only "
            "part of it was copied; run it again"
        ) from None
    here = rosters(tables["organisation_metrics"], config.calendar)
    return Published(tables, draws, here, config, damour, config.calendar)


def _day(text: str, option: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise InputFault(f"--{option}: found {text!r}, expected a day such as 2014-05-01") from None


def parse_period(text: str, option: str, config: Config) -> Days:
    """Two days from text such as 2014-05-01..2015-11-01 (the last day excluded), or the days of a phase by its name."""
    if text in config.phases:
        return config.phases[text]
    start, dots, end = text.partition("..")
    if not dots:
        raise InputFault(
            f"--{option}: found {text!r}, expected two days such as 2014-05-01..2015-11-01, or a phase"
            + (nearest(text, config.phases) if config.phases else "; the network has no phases")
        )
    return _day(start, option), _day(end, option)


def compare_periods(out: Path, before: str, after: str) -> Between:
    """Compare two periods of a network's current run, or of the snapshot whose own folder is given.

    Raises InputFault if there is no run, or if the periods overlap or hold no whole window.
    """
    folder = store.snapshot(out)
    published = open_published(folder)
    days = [parse_period(text, name, published.config) for name, text in (("before", before), ("after", after))]
    comparison = of_periods(days[0], days[1], published.calendar)
    rows = compare(published, [Asked(comparison, deep=True)])
    return Between(published.config.network, folder.name, comparison, published.calendar, rows)
