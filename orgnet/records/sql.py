"""How names and texts are spelt in SQL."""

ROW = "__row"
"""The column that numbers a file's rows, the first being 1."""


def quoted(name: str) -> str:
    """A name as SQL wants it."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """A text as SQL wants it."""
    return "'" + value.replace("'", "''") + "'"


def cases(branches: list[tuple[str, str]], otherwise: str = "NULL") -> str:
    """The first branch (a condition and a value) that holds."""
    if not branches:
        return otherwise
    whens = " ".join(f"WHEN {condition} THEN {value}" for condition, value in branches)
    return f"CASE {whens} ELSE {otherwise} END"
