"""Time orgnet, the floor and the peers in one run, and tell ratios: `make bench`, and `make bench-large` for ten times W1.

Every timing is of a process of its own, one after the other, on an otherwise idle machine; memory is the most that the
process and its children held together. Times are of the machine that ran it; ratios carry over.
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.workload import W1, one_more_month

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).with_name("RESULTS.md")


@dataclass(frozen=True)
class Timed:
    """What a process said and took."""

    said: dict[str, Any]
    wall: float
    peak_mib: float

    @property
    def seconds(self) -> float:
        """The seconds that it timed itself, or else its whole life."""
        return float(self.said.get("seconds", self.wall))


def _held_by(process: int) -> float:
    """MiB that a process and all that it started hold; what they share counts once, in parts."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            continue
        children.setdefault(parent, []).append(int(folder.name))
    waiting, total = [process], 0
    while waiting:
        one = waiting.pop()
        waiting += children.get(one, [])
        try:
            for line in Path(f"/proc/{one}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
        except OSError:
            continue
    return total / 1024


def timed(python: str, *arguments: str) -> Timed | None:
    """Run a module's task in a process of its own; None if it fails, which is told."""
    began = time.perf_counter()
    environment = {**os.environ, "DO_NOT_TRACK": "1", "OPENBLAS_NUM_THREADS": "1"}
    process = subprocess.Popen(
        [python, *arguments], cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    peak, over = [0.0], threading.Event()

    def watch() -> None:
        while not over.wait(0.25):
            peak[0] = max(peak[0], _held_by(process.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    out, error = process.communicate()
    over.set()
    watcher.join()
    wall = time.perf_counter() - began
    if process.returncode:
        print(f"  failed: {' '.join(arguments)[:160]}\n{error[-1500:]}", file=sys.stderr)
        return None
    found = Timed(json.loads(out.strip().splitlines()[-1]), wall, peak[0])
    print(f"  {found.seconds:8.2f} s  {found.peak_mib:6.0f} MiB  {' '.join(arguments[2:])[:110]}", flush=True)
    return found


def task(name: str, *arguments: object) -> Timed | None:
    """A task of orgnet's or the floor's."""
    return timed(
        sys.executable,
        "-m",
        "benchmarks.tasks",
        name,
        json.dumps([str(a) if isinstance(a, Path) else a for a in arguments]),
    )


def peer(python: str, name: str, *arguments: object) -> Timed | None:
    """A task of a peer's, in the peers' own environment."""
    return timed(python, "benchmarks/peers.py", name, *map(str, arguments))


@dataclass
class Table:
    """Rows of the results: what, the figure, what is asked of it, whether it holds."""

    rows: list[tuple[str, str, str, str]]

    def seconds(self, what: str, found: Timed | None) -> None:
        """A time, with the memory."""
        figure = "failed" if found is None else f"{found.seconds:.1f} s, {found.peak_mib:,.0f} MiB"
        self.rows.append((what, figure, "", ""))

    def ratio(
        self,
        what: str,
        over: float | None,
        under: float | None,
        at_most: float | None = None,
        at_least: float | None = None,
    ) -> None:
        """A ratio, with what is asked of it."""
        if over is None or under is None:
            self.rows.append((what, "not measured", "", ""))
            return
        value = over / under
        asked = (
            f"at most {at_most:g}" if at_most is not None else f"at least {at_least:g}" if at_least is not None else ""
        )
        holds = (at_most is None or value <= at_most) and (at_least is None or value >= at_least)
        self.rows.append((what, f"{value:.2f}", asked, "" if not asked else "yes" if holds else "**no**"))

    def limit(self, what: str, value: float | None, unit: str, at_most: float) -> None:
        """A figure with its limit."""
        figure = "not measured" if value is None else f"{value:,.1f} {unit}"
        holds = "" if value is None else "yes" if value <= at_most else "**no**"
        self.rows.append((what, figure, f"at most {at_most:g} {unit}", holds))

    def equal(self, what: str, one: Timed | None, two: Timed | None) -> None:
        """Whether two runs published the same bytes."""
        same = one is not None and two is not None and one.said["content"] == two.said["content"]
        self.rows.append((what, "equal" if same else "differ", "equal", "yes" if same else "**no**"))

    def markdown(self) -> str:
        """The rows as a Markdown table."""
        lines = ["| what | measured | asked | holds |", "|---|---|---|---|"]
        return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in self.rows)])


def _seconds(found: Timed | None) -> float | None:
    return None if found is None else found.seconds


def _best(name: str, *arguments: object) -> Timed | None:
    """The fastest of three: what else the machine did is in none of them all the time."""
    found = [run for _ in range(3) if (run := task(name, *arguments))]
    return min(found, key=lambda run: run.seconds, default=None)


def _whole(table: Table, work: Path) -> Timed | None:
    task("records", work / "w1", {})
    run = task("whole", work / "w1" / "region.yaml")
    snapshot = work / "w1" / "results" / "current"
    database = task("floor_database", work / "w1")
    one, two = (task("floor_graphs", snapshot, cores) for cores in (1, 2))
    table.seconds("W1, the whole run", run)
    table.seconds("floor: DuckDB reads and joins once", database)
    table.seconds("floor: igraph's bare calls, one core", one)
    table.seconds("floor: igraph's bare calls, two cores", two)
    base = _seconds(database)
    for label, graphs in (("one core", one), ("two cores", two)):
        under = None if base is None or graphs is None else base + graphs.seconds
        table.ratio(f"W1 over the floor, graphs on {label}", _seconds(run), under, at_most=2.0)
    table.limit("W1, the whole run", _seconds(run), "s", 60)
    table.limit("W1, peak memory", None if run is None else run.peak_mib / 1024, "GiB", 4)
    if run:
        stages = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in run.said["stages"].items())
        table.rows.append(("W1, stage by stage", stages, "", ""))
    return run


def _peers(table: Table, work: Path, python: str) -> None:
    snapshot, config = work / "w1" / "results" / "current", work / "w1" / "region.yaml"
    ours = theirs = 0.0
    known = True
    for layer, label in (("meetings", "2017-06"), ("referrals", "2017-06"), ("combined", "2018-12")):
        mine, other = (
            task("shared_metrics", snapshot, layer, label),
            peer(python, "networkx_metrics", snapshot, layer, label),
        )
        known = known and mine is not None and other is not None
        ours, theirs = ours + (_seconds(mine) or 0), theirs + (_seconds(other) or 0)
    table.ratio("networkx over orgnet, the metrics both have, 3 graphs", theirs if known else None, ours, at_least=40)
    table.seconds("pandas: one month's pairs of people (of 60)", peer(python, "month_of_pairs", work / "w1", "2017-06"))
    task("organisation_events", config, work / "events.parquet", work / "pairs.parquet")
    mine = task("rolling", config, work / "events.parquet")
    other = peer(python, "raphtory_rolling", work / "events.parquet", "2015-01-01", 60, 12)
    table.ratio(
        "Raphtory over orgnet, rolling degree and PageRank, loading included",
        _seconds(other),
        _seconds(mine),
        at_least=10,
    )
    mine, other = task("one_slice", work / "pairs.parquet"), peer(python, "vivainsights_slice", work / "pairs.parquet")
    table.ratio("vivainsights over DuckDB, organisations' shares in one slice", _seconds(other), _seconds(mine))


def _growth(table: Table, work: Path, run: Timed | None) -> None:
    task("records", work / "small", {}, 0.1)
    small = task("whole", work / "small" / "region.yaml")
    table.ratio("1x the records over 0.1x, time", _seconds(run), _seconds(small))
    for window in (1, 36):
        task("records", work / f"window{window}", {"window_months": window})
    one, three = (task("whole", work / f"window{window}" / "region.yaml") for window in (1, 36))
    table.ratio("60 rolling windows of 12 months over 60 of 1 month", _seconds(run), _seconds(one), at_most=1.5)
    table.ratio("60 rolling windows of 36 months over 60 of 1 month", _seconds(three), _seconds(one))
    for slices, settings in ((15, {"slice_months": 4}), (261, {"every": "week"})):
        task("records", work / f"slices{slices}", settings)
    few, many = (_best("acquaintance", work / f"slices{slices}" / "region.yaml") for slices in (15, 261))
    table.ratio("acquaintance for 261 weekly slices over 15 of four months", _seconds(many), _seconds(few), at_most=1.3)
    few, many = (_best("group_metrics", work / f"slices{slices}" / "region.yaml") for slices in (15, 261))
    table.ratio("every metric of groups for 261 weekly slices over 15", _seconds(many), _seconds(few))


def _parallel(table: Table, work: Path) -> None:
    config = work / "w1" / "region.yaml"
    one, two = (task("metric_stage", config, workers) for workers in (1, 2))
    table.ratio("one worker over two, the metric stage", _seconds(one), _seconds(two), at_least=1.6)
    alone = task("records", work / "alone", {"workers": 1}) and task("whole", work / "alone" / "region.yaml")
    both = task("whole", config)
    table.equal("one and two workers, tables byte for byte", alone, both)
    dask = task("records", work / "dask", {"engine": "dask"}) and task("whole", work / "dask" / "region.yaml")
    table.equal("two processes of this machine and two Dask workers, tables byte for byte", dask, both)
    table.ratio("two Dask workers over two processes, W1", _seconds(dask), _seconds(both))


def _of_stage(found: Timed | None) -> float | None:
    """The seconds of the metric stage: seeing what there is to do, and doing it."""
    return None if found is None else sum(found.said["stages"].get(name, 0.0) for name in ("plan", "metrics"))


def _month(table: Table, work: Path, run: Timed | None) -> None:
    shutil.rmtree(work / "month", ignore_errors=True)
    before, later = one_more_month(W1, work / "w1", work / "month")
    task("whole", before)
    found = task("whole", later)
    table.seconds("one more month, the whole run", found)
    mine, whole = _of_stage(found), _of_stage(run)
    table.ratio("one more month over from nothing, the metric stage", mine, whole, at_most=0.15)
    table.ratio(
        "the metric stage for one more month, over the whole run from nothing", mine, _seconds(run), at_most=0.15
    )
    table.equal("one more month and from nothing, tables byte for byte", found, run)


def _shared(table: Table, work: Path) -> None:
    """A copy of W1 to share by each profile, beside a plain copy; the attack on it; and W1's report."""
    snapshot = (work / "w1" / "results" / "current").resolve()
    plain = task("copied", snapshot, work / "plain-copy")
    table.seconds("floor of a copy to share: DuckDB reads the tables and writes them", plain)
    for profile in ("nhsd_secondary_care", "lt5"):
        copy = task("shared", snapshot, work / f"share-{profile}", profile)
        table.seconds(f"W1, a copy to share by {profile}, with its report", copy)
        table.ratio(f"a copy by {profile} over the plain one", _seconds(copy), _seconds(plain))
        table.limit(f"a copy by {profile}, peak memory", None if copy is None else copy.peak_mib / 1024, "GiB", 4)
        found = task("attacked", work / f"share-{profile}")
        table.seconds(f"the attack on the copy by {profile}", found)
        table.limit("what it finds", None if found is None else float(str(found.said["found"])), "findings", 0)
    report = task("told", snapshot)
    table.seconds("W1, the report", report)
    table.limit("W1, the report", None if report is None else float(str(report.said["megabytes"])), "MB", 5)


def _large(table: Table, work: Path, run: Timed | None) -> None:
    task("records", work / "large", {}, 10)
    large = task("whole", work / "large" / "region.yaml")
    table.ratio("10x the records over 1x, time", _seconds(large), _seconds(run), at_most=11)
    table.limit("10x the records, peak memory", None if large is None else large.peak_mib / 1024, "GiB", 8)
    dask = task("records", work / "large-dask", {"engine": "dask"}, 10)
    dask = dask and task("whole", work / "large-dask" / "region.yaml")
    table.equal("10x the records, two processes and two Dask workers, tables byte for byte", dask, large)
    table.ratio("two Dask workers over two processes, 10x the records", _seconds(dask), _seconds(large))


def main() -> None:
    """Run what is asked for, and write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=ROOT / "out" / "bench", help="where workloads are written")
    parser.add_argument("--peers", default=str(ROOT / "out" / "peers" / "bin" / "python"), help="the peers' Python")
    parser.add_argument("--large", action="store_true", help="also ten times the records")
    given = parser.parse_args()
    table = Table([])
    run = _whole(table, given.work)
    _peers(table, given.work, given.peers)
    _growth(table, given.work, run)
    _parallel(table, given.work)
    _month(table, given.work, run)
    _shared(table, given.work)
    if given.large:
        _large(table, given.work, run)
    packages = ", ".join(f"{name} {version(name)}" for name in ("igraph", "duckdb", "numpy", "scipy", "networkx"))
    RESULTS.write_text(
        f"""# Results

Written by `make {"bench-large" if given.large else "bench"}`; see [README.md](README.md) for what is timed. {os.cpu_count()} cores,
{platform.machine()}, Python {platform.python_version()}, {packages}. Times are this machine's; ratios carry over.

{table.markdown()}
"""
    )
    print(f"\n{table.markdown()}\n\nwritten to {RESULTS.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
