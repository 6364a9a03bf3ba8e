"""What orgnet is timed at, one thing at a time, each in a process of its own: `python -m benchmarks.tasks NAME ...`."""

import json
import os
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks import floor
from benchmarks.workload import Workload, write


def records(folder: Path, settings: dict[str, object], factor: float = 1.0) -> dict[str, object]:
    """Write a workload."""
    write(Workload(**settings).of_size(factor), folder)  # type: ignore[arg-type]
    return {}


def whole(config: Path) -> dict[str, object]:
    """The whole run, from the start of the flow (Prefect's server is up by then) to the published snapshot."""
    os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "ERROR")
    os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "120")
    from pipelines.run import run_network
    from pipelines.server import start_server

    start_server()
    began = time.perf_counter()
    summary = run_network(config)
    seconds = time.perf_counter() - began
    manifest = json.loads((Path(summary["folder"]) / "manifest.json").read_text())
    return {"seconds": seconds, "stages": manifest["seconds"], "content": manifest["content_id"]}


def floor_database(folder: Path) -> dict[str, object]:
    """The floor's half in the database."""
    return {"seconds": floor.database(folder)}


def floor_graphs(snapshot: Path, workers: int) -> dict[str, object]:
    """The floor's half in igraph."""
    return {"seconds": floor.graphs(snapshot, workers)}


def metric_stage(config: Path, workers: int) -> dict[str, object]:
    """Slices, graphs, pairs, groups and conduct, on so many workers, from ties that are ready."""
    from orgnet.config import load_config
    from orgnet.metrics.conduct import observe
    from orgnet.metrics.groups import measure_groups
    from orgnet.metrics.histories import measure_pairs
    from orgnet.metrics.measure import joined, slice_tasks
    from orgnet.metrics.tables import group_table, pair_table
    from orgnet.records.coverage import make_coverage
    from orgnet.records.organisations import make_roster
    from orgnet.records.read import read_records
    from orgnet.slices import cut
    from orgnet.ties.make import make_ties
    from pipelines.engine import batches, measure_batch, working

    settings = load_config(config)
    settings = settings.model_copy(update={"compute": settings.compute.model_copy(update={"workers": workers})})
    calendar = settings.calendar
    found = read_records(settings)
    roster = make_roster(found, calendar)
    coverage = make_coverage(found, roster, calendar)
    from concurrent.futures import ThreadPoolExecutor
    from tempfile import TemporaryDirectory

    with (
        TemporaryDirectory() as folder,
        working(settings.compute, folder) as work,
        ThreadPoolExecutor(16) as threads,
    ):
        ties = make_ties(found, settings, calendar, work)
        began = time.perf_counter()
        slices = cut(ties, settings, calendar, len(found.organisations), max(found.n_people, 1))
        tasks = slice_tasks(slices, found, roster, coverage)
        each = batches(tasks, calendar, settings.compute)
        running = [threads.submit(measure_batch, work, batch, label) for label, batch in each]
        groups = measure_groups(ties, found, roster, coverage, settings, calendar, work, bare=True)
        observe(found, ties, roster, calendar, settings.ties.standing_meetings_per_year)
        pair_table(measure_pairs(slices, ties, found, calendar), roster, calendar)
        group_table(groups, calendar)
        joined(future.result() for future in running)
        return {"seconds": time.perf_counter() - began}


def acquaintance(config: Path) -> dict[str, object]:
    """Attendance to contacts, to spells of acquaintance, to the share of pairs acquainted in every slice."""
    from concurrent.futures import ThreadPoolExecutor
    from itertools import combinations_with_replacement

    from orgnet.config import load_config
    from orgnet.metrics.acquaintance import acquainted_spells, pair_days
    from orgnet.metrics.posts import cross_pairs, group_posts
    from orgnet.metrics.ratios import ratio
    from orgnet.records.read import read_records
    from orgnet.spells import count
    from orgnet.ties.copresence import find_contacts
    from orgnet.ties.make import connect
    from orgnet.ties.presence import find_presence

    settings = load_config(config)
    calendar = settings.calendar
    found = read_records(settings)
    began = time.perf_counter()
    with connect(found) as con:
        presence = find_presence(con, found, settings)
    posts = group_posts(found, settings, calendar)
    width = int(presence.person.max()) + 1

    def density(pair: tuple[int, int]) -> np.ndarray:
        one, two = (posts[number] for number in pair)
        every = find_contacts(presence, pair, settings.ties)
        days = pair_days(every.where(every.met), width)
        spells = acquainted_spells(days, width, one, two, calendar, settings.ties.acquainted_after)
        known = count(np.zeros(len(spells.key), np.int64), spells.first, spells.last, 1, len(calendar))[0]
        return ratio(known, cross_pairs(one, two, pair[0] == pair[1]))

    with ThreadPoolExecutor(settings.compute.workers) as threads:
        pairs = list(combinations_with_replacement(range(len(posts)), 2))
        mean = float(np.nanmean(list(threads.map(density, pairs))))
    return {"seconds": time.perf_counter() - began, "density": mean}


def group_metrics(config: Path) -> dict[str, object]:
    """Attendance to contacts, to every metric of professional groups that rests on meetings."""
    from orgnet.config import load_config
    from orgnet.metrics.groups import measure_groups
    from orgnet.records.coverage import make_coverage
    from orgnet.records.organisations import make_roster
    from orgnet.records.read import read_records
    from orgnet.ties.make import make_ties
    from orgnet.vocabulary import RecordKind

    settings = load_config(config)
    calendar = settings.calendar
    found = read_records(settings)
    # Groups are also measured by their referrals, whose cost grows with slices as graphs do.
    tables = {kind: table for kind, table in found.tables.items() if kind != RecordKind.REFERRALS}
    found = replace(found, tables=tables)
    roster = make_roster(found, calendar)
    coverage = make_coverage(found, roster, calendar)
    began = time.perf_counter()
    ties = make_ties(found, settings, calendar)
    measure_groups(ties, found, roster, coverage, settings, calendar)
    return {"seconds": time.perf_counter() - began}


def copied(snapshot: Path, out: Path) -> dict[str, object]:
    """The floor of a copy to share: DuckDB reads every table that may be shared and writes it again as it is."""
    import duckdb

    from orgnet.disclosure.tables import PROTECTED

    out.mkdir(parents=True, exist_ok=True)
    began = time.perf_counter()
    for name in PROTECTED:
        duckdb.sql(
            f"COPY (FROM '{snapshot}/{name}.parquet') TO '{out}/{name}.parquet' (FORMAT parquet, COMPRESSION zstd)"
        )
    return {"seconds": time.perf_counter() - began}


def shared(snapshot: Path, out: Path, profile: str) -> dict[str, object]:
    """A copy to share, with its report."""
    from orgnet.disclosure.share import share
    from orgnet.report import render

    began = time.perf_counter()
    done = share(snapshot, out, profile, render=render)
    return {"seconds": time.perf_counter() - began, "rows": sum(done.rows.values())}


def attacked(folder: Path) -> dict[str, object]:
    """The attack on a copy."""
    from orgnet.attack.check import attack

    began = time.perf_counter()
    found = attack(folder)
    return {"seconds": time.perf_counter() - began, "found": len(found.findings)}


def told(snapshot: Path) -> dict[str, object]:
    """The report of a snapshot."""
    from orgnet.report import render

    began = time.perf_counter()
    page = render(snapshot)
    return {"seconds": time.perf_counter() - began, "megabytes": len(page.encode()) / 1e6}


# The metrics that both orgnet and networkx have (see peers.networkx_metrics).
SHARED = [
    "degree",
    "strength",
    "betweenness",
    "harmonic_closeness",
    "harmonic_closeness_hops",
    "closeness",
    "pagerank",
    "constraint",
    "effective_size",
    "coreness",
    "local_clustering",
    "eigenvector",
    "cut_point",
    "hub",
    "authority",
    "transitivity",
    "density",
    "components",
    "avg_inv_distance",
    "reciprocity",
]


def shared_metrics(snapshot: Path, layer: str, label: str) -> dict[str, object]:
    """Those metrics on one published graph, drawing it included."""
    from igraph import Graph

    from orgnet.metrics import registered
    from orgnet.metrics.arrays import share_arrays
    from orgnet.vocabulary import Layer, Level

    ties = pq.read_table(snapshot / "ties.parquet", filters=[("layer", "=", layer), ("slice", "=", label)])
    source, target = (np.asarray(ties.column(name).cast(pa.string())) for name in ("source_id", "target_id"))
    names, codes = np.unique(np.concatenate([source, target]).astype(str), return_inverse=True)
    weight = np.asarray(ties.column("weight"))
    chosen = [
        m
        for level in (Level.ORGANISATION, Level.NETWORK)
        for m in registered(level, "graph")
        if m.name in SHARED and Layer(layer) in m.layers
    ]
    best = float("inf")
    for _ in range(3):
        began = time.perf_counter()
        edges = np.ascontiguousarray(codes.reshape(2, -1).T)
        graph = Graph(n=len(names), edges=memoryview(edges), directed=bool(ties.column("directed")[0]))
        graph.vs["name"] = names.tolist()
        graph.es["weight"], graph.es["distance"] = weight.tolist(), (1 / weight).tolist()
        share_arrays(graph)
        for m in chosen:
            m.function(graph)
        best = min(best, time.perf_counter() - began)
    return {"seconds": best, "metrics": len(chosen)}


def organisation_events(config: Path, events: Path, pairs: Path) -> dict[str, object]:
    """Write what the peers are given: organisations that met, event by event, and one slice's pairs of people."""
    from itertools import combinations_with_replacement

    from orgnet.config import load_config
    from orgnet.records.read import read_records
    from orgnet.ties.make import make_ties

    settings = load_config(config)
    found = read_records(settings)
    made = make_ties(found, settings, settings.calendar)
    pairs_of_groups = combinations_with_replacement(range(len(settings.professional_groups)), 2)
    contacts = [made.contacts(pair) for pair in pairs_of_groups]
    n = len(found.organisations)
    one, two, day, meeting = (
        np.concatenate([getattr(each, name)[each.met] for each in contacts])
        for name in ("party", "other_party", "day", "meeting")
    )
    low, high = np.minimum(one, two), np.maximum(one, two)
    _, first = np.unique((meeting * n + low) * n + high, return_index=True)
    pq.write_table(pa.table({"time": day[first] * 86_400_000, "source": low[first], "target": high[first]}), events)
    last = day >= settings.calendar.window_starts[-1]
    names = np.array(found.organisations)
    columns = {"PrimaryCollaborator_Organization": one, "SecondaryCollaborator_Organization": two}
    table = {name: names[codes[last]] for name, codes in columns.items()}
    pq.write_table(pa.table({**table, "Metrics": np.ones(int(last.sum()))}), pairs)
    return {"events": len(first), "pairs": int(last.sum())}


def rolling(config: Path, events: Path) -> dict[str, object]:
    """Load events between organisations, then degree and PageRank of every rolling window."""
    from orgnet.config import load_config
    from orgnet.metrics.arrays import share_arrays
    from orgnet.metrics.organisation import degree
    from orgnet.metrics.prominence import pagerank
    from orgnet.slices import graph, rolled
    from orgnet.ties.tiles import UNIT, Sums, make_tiles
    from orgnet.vocabulary import Layer

    calendar = load_config(config).calendar
    began = time.perf_counter()
    rows = pq.read_table(events)
    day = np.asarray(rows.column("time")) // 86_400_000
    source, target = np.asarray(rows.column("source")), np.asarray(rows.column("target"))
    n = int(max(source.max(), target.max())) + 1
    once = np.ones(len(day), dtype=np.int64)
    sums = Sums.of(source * n + target, day, once * int(UNIT), once, calendar)
    tiles = make_tiles(Layer.MEETINGS, sums, calendar, n, None)
    nodes, names = np.arange(n), [f"{code:03d}" for code in range(n)]
    for ties in rolled(tiles, calendar, n, 1):
        network = graph(ties, nodes, names)
        share_arrays(network)
        degree(network)
        pagerank(network)
    return {"seconds": time.perf_counter() - began}


def one_slice(pairs: Path) -> dict[str, object]:
    """How much each organisation works with each other one, from one slice's pairs of people: an Arrow group-by."""
    import duckdb

    began = time.perf_counter()
    duckdb.sql(
        f"SELECT PrimaryCollaborator_Organization, SecondaryCollaborator_Organization, sum(Metrics) FROM '{pairs}' "
        "GROUP BY ALL"
    ).to_arrow_table()
    return {"seconds": time.perf_counter() - began}


if __name__ == "__main__":
    name, arguments = sys.argv[1], json.loads(sys.argv[2])
    typed = [Path(word) if isinstance(word, str) and "/" in word else word for word in arguments]
    print(json.dumps(globals()[name](*typed)))
