"""Every column and table declared once: what is read (`kinds`), and what is published (`columns`, `tables`)."""

from orgnet.schema.columns import COLUMNS, Column
from orgnet.schema.kinds import KINDS, Field, Kind
from orgnet.schema.tables import TABLES, Table

__all__ = ["COLUMNS", "KINDS", "TABLES", "Column", "Field", "Kind", "Table"]
