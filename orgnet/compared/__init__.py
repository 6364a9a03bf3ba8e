"""Two published runs of one network side by side: what was restated, what is new, and what is defined otherwise."""

from orgnet.compared.rows import print_rows
from orgnet.compared.side_by_side import SideBySide, set_side_by_side
from orgnet.compared.tell import tell

__all__ = ["SideBySide", "print_rows", "set_side_by_side", "tell"]
