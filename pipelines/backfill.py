"""Past slices measured anew, whatever is kept of them: after a repair, or to be sure."""

from datetime import date
from pathlib import Path
from typing import Any

from prefect import flow

from pipelines.run import run_network


@flow(name="orgnet-backfill")
def backfill_network(
    config_path: Path,
    again_from: date | None = None,
    again_until: date | None = None,
    out: Path | None = None,
    as_of: date | None = None,
) -> dict[str, Any]:
    """Measure the slices of some days anew, taking up nothing that earlier runs have kept of them, and publish.

    The other slices are taken up where nothing behind them has changed.

    Args:
        config_path: the network's configuration.
        again_from: the first day; left out, the period's own.
        again_until: the day that it ends before; left out, the period's end.
        out: the folder to publish in; left out, the configuration's own.
        as_of: the day that the run is of, which ends a period without an end; left out, the day it was scheduled for.

    Returns the run's summary. Raises InputFault if the configuration or the records are at fault.
    """
    summary: dict[str, Any] = run_network(
        config_path, out, as_of, again_from=again_from or date.min, again_until=again_until
    )
    return summary
