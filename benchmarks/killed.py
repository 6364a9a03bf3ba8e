"""`kill -9` at moments drawn by chance: `python -m benchmarks.killed [MOMENTS] [SEED]`, ten of each part if not said.

Kills the flow run's process, one that measures for it, `orgnet serve`, and the Prefect server, each at so many moments of
a run, and asserts after each that no half snapshot is to be seen, that every table is whole, that the last snapshot is
current, and that the next run completes.
"""

import random
import sys
import tempfile
from pathlib import Path

from tests.killing import PARTS, kill_once, run_through, site


def main(moments: int = 10, seed: int = 1) -> None:
    """Kill each part at so many moments, and print what became of each run."""
    with tempfile.TemporaryDirectory() as folder, site(Path(folder)) as here:
        print(f"a run of the small network takes {here.seconds:.1f} s; {moments} moments of each part, seed {seed}")
        for number in range(moments):
            for part in PARTS:
                found = kill_once(here, part, random.Random(f"{part} {seed} {number}"))
                run_through(here)
                there = "" if found.there else " (it was not there)"
                print(
                    f"{part:<9} after {found.after:5.1f} s{there}: {found.ended}, {found.published} published",
                    flush=True,
                )
    print("all was whole each time, and each next run completed")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
