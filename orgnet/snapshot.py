"""Reading a published snapshot: tables as data frames, long or wide, and graphs."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orgnet import store
from orgnet.errors import InputFault
from orgnet.vocabulary import DIRECTED_LAYERS

if TYPE_CHECKING:
    import igraph
    import pandas as pd

_WIDE_KEYS = {
    "organisation_metrics": ["slice", "layer", "organisation_id"],
    "pair_metrics": ["slice", "layer", "organisation_id", "other_organisation_id"],
    "group_metrics": ["slice", "layer", "professional_group", "other_group", "n_people"],
    "network_metrics": ["slice", "layer", "node_set"],
}


@dataclass(frozen=True)
class Snapshot:
    """One published run of a network."""

    folder: Path

    @property
    def manifest(self) -> dict[str, Any]:
        """What the run was made from: configuration, inputs, counts, key and engine."""
        content: dict[str, Any] = json.loads((self.folder / store.MANIFEST).read_text(encoding="utf-8"))
        return content

    def table(self, name: str) -> "pd.DataFrame":
        """One table as a data frame. Raises InputFault if there is no table of that name."""
        frame: pd.DataFrame = store.read(self.folder, name).to_pandas()
        return frame

    def wide(self, name: str, layer: str | None = None) -> "pd.DataFrame":
        """A metric table with one column per metric, for one layer or all; missing values are NaN.

        Raises InputFault if the table has no metrics.
        """
        if name not in _WIDE_KEYS:
            raise InputFault(f"{name!r} has no wide form (known: {', '.join(_WIDE_KEYS)})")
        frame = self.table(name)
        if layer is not None:
            frame = frame[frame["layer"] == layer]
        keys = [key for key in _WIDE_KEYS[name] if key != "layer" or layer is None]
        frame = frame.astype({key: "str" for key in [*keys, "metric"] if key != "n_people"})
        wide: pd.DataFrame = frame.set_index([*keys, "metric"])["value"].unstack("metric").reset_index()
        return wide.rename_axis(columns=None)

    def graph(self, layer: str, slice: str) -> "igraph.Graph":
        """One layer's graph in one slice: organisations on the roster as vertices, isolates included.

        Vertices carry `name`, edges `weight` and `distance` (1/weight). Raises InputFault if there is no such slice.
        """
        import igraph

        metrics = store.read(self.folder, "organisation_metrics").select(["slice", "organisation_id"])
        metrics = metrics.to_pandas()
        names = sorted(metrics.loc[metrics["slice"] == slice, "organisation_id"].unique())
        if not names:
            known = ", ".join(metrics["slice"].unique())
            raise InputFault(f"there is no slice {slice!r} (known: {known})")
        ties = self.table("ties")
        ties = ties[(ties["layer"] == layer) & (ties["slice"] == slice)]
        place = {name: number for number, name in enumerate(names)}
        inside = ties["source_id"].isin(place) & ties["target_id"].isin(place)
        ties = ties[inside]
        edges = list(zip(ties["source_id"].map(place), ties["target_id"].map(place), strict=True))
        made = igraph.Graph(n=len(names), edges=edges, directed=layer in DIRECTED_LAYERS)
        made.vs["name"] = names
        made.es["weight"] = ties["weight"].to_list()
        made.es["distance"] = (1 / ties["weight"]).to_list()
        return made


def open_snapshot(out: str | Path, run_id: str | None = None) -> Snapshot:
    """The current snapshot of a network's output folder, or one by its run id. Raises InputFault if there is none."""
    return Snapshot(store.snapshot(Path(out), run_id))
