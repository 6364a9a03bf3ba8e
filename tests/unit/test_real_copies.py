"""Copies to share of records that nobody here made hold against the attack."""

from pathlib import Path

import pytest

from orgnet.attack.check import attack
from orgnet.disclosure.share import share
from tests.command import orgnet
from tests.unit.test_real_records import DATA, ROOT

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"no real records at {DATA}")


@pytest.mark.parametrize("name", ["ifg_ministers", "kings_transfers", "unfccc_meetings", "workplace_contacts"])
def test_nothing_small_can_be_worked_out(name: str, tmp_path: Path):
    done = orgnet("run", ROOT / "configs" / f"{name}.yaml", "--out", tmp_path / "out", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    for profile in ("nhsd_secondary_care", "lt5"):
        made = share(tmp_path / "out", tmp_path / profile, profile)
        assert made.rules
        assert list(map(str, attack(tmp_path / profile).findings)) == []
