"""The rows themselves, for people who look further or for another program."""

import sys

from orgnet.answers import show
from orgnet.compared.latest import latest, tables_of
from orgnet.compared.side_by_side import SideBySide


def print_rows(found: SideBySide, only_latest: bool, format: str, limit: int) -> None:
    """Print the values that differ, or those of the latest slices taken apart, as a table, as CSV or as JSON."""
    answer, total = latest(found, limit, tables_of(found)) if only_latest else found.rows(limit)
    show(answer, format)
    if total > len(answer.rows):
        print(f"orgnet: shown {len(answer.rows):,} of {total:,} rows; --limit shows more", file=sys.stderr)
