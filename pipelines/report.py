"""A published run told again: nothing is read but the snapshot, and nothing is measured."""

from pathlib import Path
from typing import Any

from prefect import flow

from orgnet import store
from orgnet.config import load_config
from pipelines.progress import say
from pipelines.summary import publish_artifacts, summarise


@flow(name="orgnet-report")
def report_network(config_path: Path, out: Path | None = None, run_id: str | None = None) -> dict[str, Any]:
    """Give Prefect the summary, the tables and the report's link of a published run again, without measuring anything.

    Args:
        config_path: the network's configuration.
        out: the folder that it was published in; left out, the configuration's own.
        run_id: which run; left out, the current one.

    Returns the run's summary. Raises InputFault if no such run is published there.
    """
    folder = store.snapshot(out or load_config(config_path).out_folder, run_id)
    summary = summarise(folder)
    publish_artifacts(summary)
    say("report", f"{len(summary['tables'])} tables of {summary['slices']} slices")
    return summary
