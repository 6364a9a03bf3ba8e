"""The acceptance scenario: a made-up cancer network, before, during and after its services were centralised.

It follows what was published of London Cancer (Vindrola-Padros et al. 2022), with fictional organisations and
people, so that a whole run can be tried, and its figures checked, without anybody's real records. Variants change one
thing each, to try what orgnet makes of records that say something else, or less.
"""

from collections.abc import Sequence
from pathlib import Path

from orgnet.scenario.variants import VARIANTS, planned

__all__ = ["SEED", "VARIANTS", "write_london_cancer"]

SEED = 20190430


def write_london_cancer(out: Path, seed: int = SEED, variants: Sequence[str] = ()) -> Path:
    """Write the scenario's input files and a ready configuration into `out`; return the configuration's path.

    The same seed and variants give the same bytes. Raises InputFault if a variant is unknown or two disagree.
    """
    plan = planned(variants)
    from orgnet.scenario.files import write_files  # NumPy and pandas only when they are needed

    return write_files(out, seed, plan)
