"""Reading a published snapshot: tables as data frames, long or wide, and graphs."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orgnet import store
from orgnet.errors import InputFault, nearest
from orgnet.folders import read_manifest
from orgnet.vocabulary import DIRECTED_LAYERS, Layer
from orgnet.wide import WIDE

if TYPE_CHECKING:
    import igraph
    import pandas as pd


def _a_layer(name: str) -> str:
    if name not in list(Layer):
        raise InputFault(f"there is no layer {name!r}{nearest(name, Layer)}")
    return name


@dataclass(frozen=True)
class Snapshot:
    """One published run of a network."""

    folder: Path

    @property
    def manifest(self) -> dict[str, Any]:
        """What the run was made from: configuration, inputs, counts, key and engine."""
        return read_manifest(self.folder)

    def table(self, name: str) -> "pd.DataFrame":
        """One table as a data frame. Raises InputFault if there is no table of that name."""
        frame: pd.DataFrame = store.read(self.folder, name).to_pandas()
        return frame

    def wide(self, name: str, layer: str | None = None) -> "pd.DataFrame":
        """A table with one column per metric, for one layer or all, or per indicator; missing values are NaN.

        Raises InputFault if the table has no wide form, or if there is no such layer.
        """
        import pandas as pd

        if name not in WIDE:
            raise InputFault(f"{name!r} has no wide form{nearest(name, WIDE)}")
        frame, wide = self.table(name), WIDE[name]
        keys = [key for key in wide.keys if key != "layer" or layer is None]
        if layer is not None:
            if "layer" not in wide.keys:
                raise InputFault(f"{name!r} has no layers")
            frame = frame[frame["layer"] == _a_layer(layer)]
        words = frame[[*keys, wide.named_by, *(value for _, value in wide.filled)]].select_dtypes("category").columns
        frame = frame.astype(dict.fromkeys(words, "str"))
        columns = wide.columns(frame[wide.named_by].unique())
        # Not a pivot table: that would hide a key that is there twice by taking the mean.
        found = {value: frame.pivot(index=keys, columns=wide.named_by, values=value) for _, value in wide.filled}  # noqa: PD010
        made = {column: found[value].get(named) for column, named, value in columns}
        index = next(iter(found.values())).index
        whole = {column: "Int64" for column, _, value in columns if value == "level"}
        return pd.DataFrame(made, index=index, columns=list(made)).astype(whole).reset_index()

    def graph(self, layer: str, slice: str) -> "igraph.Graph":
        """One layer's graph in one slice: organisations on the roster as vertices, isolates included.

        Vertices carry `name`, edges `weight` and `distance` (1/weight). Raises InputFault if there is no such layer
        or slice.
        """
        import igraph

        known = self.table("network_metrics")["slice"].unique()  # it has a row for every slice, empty ones too
        if slice not in known:
            raise InputFault(f"there is no slice {slice!r}{nearest(slice, known)}")
        metrics = self.table("organisation_metrics")
        names = sorted(metrics.loc[metrics["slice"] == slice, "organisation_id"].unique())
        ties = self.table("ties")
        ties = ties[(ties["layer"] == _a_layer(layer)) & (ties["slice"] == slice)]
        ties = ties[ties["source_id"].isin(names) & ties["target_id"].isin(names)]
        place = {name: number for number, name in enumerate(names)}
        edges = [(place[one], place[two]) for one, two in zip(ties["source_id"], ties["target_id"], strict=True)]
        made = igraph.Graph(n=len(names), edges=edges, directed=layer in DIRECTED_LAYERS)
        made.vs["name"] = names
        made.es["weight"] = ties["weight"].to_list()
        made.es["distance"] = (1 / ties["weight"]).to_list()
        return made


def open_snapshot(out: str | Path, run_id: str | None = None) -> Snapshot:
    """The current snapshot of a network's output folder, or one by its run id. Raises InputFault if there is none."""
    return Snapshot(store.snapshot(Path(out), run_id))
