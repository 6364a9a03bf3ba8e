"""`kill -9` of each part that does the work, while a run is at work: nothing half is to be seen, and the next run does.

One moment each, from a fixed seed, and another where the run was done by then, as one is that has the machine for itself.
`python -m benchmarks.killed` tries as many as one likes.
"""

import random

import pytest

from tests.killing import PARTS, Site, kill_once, run_through, site

TRIES = 4


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory):
    with site(tmp_path_factory.mktemp("site")) as found:
        yield found


@pytest.mark.parametrize("part", PARTS)
def test_what_is_killed_costs_its_own_run_and_no_more(here: Site, part: str):
    """What comes next is the run that the next part is killed in, and at the end one that nothing befalls."""
    tries = (kill_once(here, part, random.Random(f"{part} {number}")) for number in range(1, TRIES + 1))
    killed = next((one for one in tries if one.there), None)
    assert killed is not None, "it was at work when it was killed"
    if part in ("run", "measuring"):
        assert killed.ended in ("CRASHED", "FAILED") or killed.published == 1
    if part == PARTS[-1]:
        run_through(here)
