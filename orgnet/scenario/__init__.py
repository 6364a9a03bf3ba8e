"""The acceptance scenario: a made-up cancer network, before, during and after its services were centralised.

It follows what was published of London Cancer (Vindrola-Padros et al. 2022), with fictional organisations and
people, so that a whole run can be tried, and its figures checked, without anybody's real records.
"""

from pathlib import Path

SEED = 20190430


def write_london_cancer(out: Path, seed: int = SEED) -> Path:
    """Write the scenario's input files and a ready configuration into `out`; return the configuration's path.

    The same seed gives the same bytes.
    """
    from orgnet.scenario.files import write_files  # NumPy and pandas only when they are needed

    return write_files(out, seed)
