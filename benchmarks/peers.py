"""What an analyst would use instead, doing the same work on the same records. Each function returns seconds.

It runs in an environment of its own: `make peers` sets that up. Peers that are not installed are left out, and the
results say so.
"""

import json
import sys
import time
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq


def month_of_pairs(folder: Path, month: str) -> float:
    """pandas: one month's attendance joined with itself, to pairs of people, as a notebook would."""
    began = time.perf_counter()
    meetings = pd.read_parquet(folder / "meetings.parquet", columns=["meeting_id", "start"])
    attendance = pd.read_parquet(folder / "attendance.parquet", columns=["meeting_id", "person_id", "org_id"])
    there = attendance.merge(meetings[meetings["start"].dt.strftime("%Y-%m") == month], on="meeting_id")
    pairs = there.merge(there, on="meeting_id")
    pairs = pairs[(pairs["person_id_x"].astype(str) < pairs["person_id_y"].astype(str))]
    pairs.groupby(["person_id_x", "person_id_y"], observed=True).size()
    return time.perf_counter() - began


def networkx_metrics(snapshot: Path, layer: str, label: str) -> float:
    """networkx: the metrics that it has, on one published graph."""
    import networkx as nx

    ties = pq.read_table(snapshot / "ties.parquet", filters=[("layer", "=", layer), ("slice", "=", label)]).to_pandas()
    began = time.perf_counter()
    graph = nx.DiGraph() if ties["directed"].any() else nx.Graph()
    for row in ties.itertuples():
        graph.add_edge(row.source_id, row.target_id, weight=row.weight, distance=1 / row.weight)
    both_ways = graph.to_undirected()
    dict(graph.degree())
    dict(graph.degree(weight="weight"))
    nx.betweenness_centrality(graph, weight="distance")
    nx.harmonic_centrality(graph, distance="distance")
    nx.harmonic_centrality(graph)
    nx.closeness_centrality(graph, distance="distance")
    nx.pagerank(graph, weight="weight")
    nx.constraint(graph, weight="weight")
    nx.effective_size(graph, weight="weight")
    nx.core_number(both_ways)
    nx.clustering(both_ways)
    nx.transitivity(both_ways)
    nx.density(graph)
    nx.number_connected_components(both_ways)
    list(nx.articulation_points(both_ways))
    nx.eigenvector_centrality_numpy(both_ways, weight="weight")
    nx.global_efficiency(both_ways)
    if graph.is_directed():
        nx.hits(graph)
        nx.overall_reciprocity(graph)
    return time.perf_counter() - began


def raphtory_rolling(events: Path, first: str, months: int, window_months: int) -> float:
    """Raphtory: load the events, then degree and PageRank over rolling windows."""
    from raphtory import Graph, algorithms

    began = time.perf_counter()
    graph = Graph()
    graph.load_edges(pq.read_table(events), time="time", src="source", dst="target")
    start = pd.Timestamp(first)
    for month in range(1, months + 1):
        end = start + pd.DateOffset(months=month)
        since = max(start, end - pd.DateOffset(months=window_months))
        seen = graph.window(int(since.timestamp() * 1000), int(end.timestamp() * 1000))
        seen.nodes.degree().collect()
        algorithms.pagerank(seen, iter_count=100, max_diff=1e-10)
    return time.perf_counter() - began


def vivainsights_slice(pairs: Path) -> float:
    """vivainsights: how much each organisation works with each other one, for one slice of pairs of people."""
    import vivainsights

    began = time.perf_counter()
    data = pd.read_parquet(pairs)
    vivainsights.network_g2g(
        data,
        primary="PrimaryCollaborator_Organization",
        secondary="SecondaryCollaborator_Organization",
        metric="Metrics",
        return_type="table",
    )
    return time.perf_counter() - began


if __name__ == "__main__":
    name, *arguments = sys.argv[1:]
    given = [int(word) if word.isdigit() else Path(word) if "/" in word else word for word in arguments]
    print(json.dumps({"seconds": globals()[name](*given)}))
