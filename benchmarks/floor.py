"""The least that the same answers can cost: DuckDB reading the records and joining them once, and igraph's bare calls.

Nothing is checked, nothing is windowed, nothing is written. The graphs are those that the run published.
"""

import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise
from pathlib import Path

import duckdb
import igraph
import numpy as np
import pyarrow.parquet as pq

DIRECTED = {"referrals", "referrals_back", "convening"}

# igraph's own function for every published metric of organisations and networks that it has one for.
CALLS: list[Callable[[igraph.Graph, igraph.Graph], object]] = [
    lambda g, _: g.degree(),
    lambda g, _: g.strength(weights="weight"),
    lambda g, _: g.betweenness(weights="distance"),
    lambda g, _: g.betweenness(),
    lambda g, _: g.harmonic_centrality(weights="distance"),
    lambda g, _: g.harmonic_centrality(),
    lambda g, _: g.closeness(weights="distance"),
    lambda g, _: g.closeness(),
    lambda g, _: g.pagerank(weights="weight"),
    lambda g, _: g.constraint(weights="weight"),
    lambda g, u: u.eigenvector_centrality(weights="weight"),
    lambda g, u: u.coreness(),
    lambda g, u: u.transitivity_undirected(),
    lambda g, u: u.transitivity_local_undirected(),
    lambda g, u: u.articulation_points(),
    lambda g, _: g.neighborhood_size(order=2),
    lambda g, u: u.community_leiden("modularity", weights="weight"),
    lambda g, _: g.average_path_length(),
    lambda g, _: g.distances(),
    lambda g, _: g.density(),
    lambda g, _: g.connected_components(mode="weak"),
]
ON_DIRECTED: list[Callable[[igraph.Graph], object]] = [
    lambda g: g.indegree(),
    lambda g: g.outdegree(),
    lambda g: g.strength(mode="in", weights="weight"),
    lambda g: g.strength(mode="out", weights="weight"),
    lambda g: g.hub_score(weights="weight"),
    lambda g: g.authority_score(weights="weight"),
    lambda g: g.reciprocity(),
]


def database(folder: Path) -> float:
    """Seconds for DuckDB to read every record, and to join attendance with itself once, to pairs of people and months."""
    began = time.perf_counter()
    con = duckdb.connect()
    for path in sorted(folder.glob("*.parquet")):
        con.execute(f"CREATE TABLE {path.stem} AS SELECT * FROM '{path}'")
    con.execute(
        """
        CREATE TABLE there AS
            SELECT a.meeting_id, a.person_id, date_trunc('month', m.start) AS month
            FROM attendance a JOIN meetings m USING (meeting_id);
        CREATE TABLE pair_months AS
            SELECT a.person_id AS one, b.person_id AS two, a.month, count(*) AS n
            FROM there a JOIN there b ON a.meeting_id = b.meeting_id AND a.person_id < b.person_id
            GROUP BY ALL
        """
    )
    return time.perf_counter() - began


Edges = tuple[int, bool, np.ndarray, list[float]]


def edges_of(snapshot: Path) -> list[Edges]:
    """Every published graph's edges: organisations, whether directed, pairs of numbers and weights."""
    ties = pq.read_table(snapshot / "ties.parquet", columns=["slice", "layer", "source_id", "target_id", "weight"])
    codes = {name: ties.column(name).combine_chunks() for name in ("slice", "layer", "source_id", "target_id")}
    layers = codes["layer"].dictionary.to_pylist()
    n = max(len(codes[name].dictionary) for name in ("source_id", "target_id"))
    number = {name: np.asarray(column.indices).astype(np.int64) for name, column in codes.items()}
    weight = np.asarray(ties.column("weight"))
    key = number["slice"] * len(layers) + number["layer"]
    bounds = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1], [True]]))
    graphs = []
    for low, high in pairwise(bounds.tolist()):
        pairs = np.ascontiguousarray(np.column_stack([number["source_id"][low:high], number["target_id"][low:high]]))
        graphs.append((n, layers[number["layer"][low]] in DIRECTED, pairs, weight[low:high].tolist()))
    return graphs


def call_all(graphs: list[Edges]) -> None:
    """Build each graph and make every call on it."""
    for n, directed, pairs, weights in graphs:
        graph = igraph.Graph(n=n, edges=memoryview(pairs), directed=directed)
        graph.es["weight"] = weights
        graph.es["distance"] = [1 / weight for weight in weights]
        both_ways = graph.as_undirected(mode="collapse", combine_edges="sum") if directed else graph
        for call in CALLS:
            call(graph, both_ways)
        for directed_call in ON_DIRECTED if directed else ():
            directed_call(graph)


def graphs(snapshot: Path, workers: int) -> float:
    """Seconds for igraph's bare calls on every published graph, on so many cores."""
    edges = edges_of(snapshot)
    if workers == 1:
        began = time.perf_counter()
        call_all(edges)
        return time.perf_counter() - began
    with ProcessPoolExecutor(workers) as pool:
        list(pool.map(call_all, [[]] * workers))
        began = time.perf_counter()
        list(pool.map(call_all, [edges[at :: 4 * workers] for at in range(4 * workers)]))
        return time.perf_counter() - began
