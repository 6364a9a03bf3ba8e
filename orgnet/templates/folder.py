"""A new network's folder, written once; nothing that is there already is ever written over."""

import os
import re
import secrets
from datetime import date
from pathlib import Path

from pydantic import ValidationError

from orgnet.config import Config, explain
from orgnet.config.load import read_yaml
from orgnet.errors import InputFault
from orgnet.schema.kinds import KINDS
from orgnet.templates.configuration import KEY_FILE, configuration
from orgnet.templates.rows import template

_IGNORED = f"""\
# Records about staff, the key that hides who they are, and results do not belong in version control.
{KEY_FILE}
*.key
*.csv
*.parquet
*.xlsx
results/
"""
_MONTH_OF_YEARS, _YEARS, _SHOWN = 4, 2, 5


def first_day(today: date) -> date:
    """Where a network begins that says nothing of it: 1 April, two financial years before the present one."""
    return date(today.year - _YEARS - (today.month < _MONTH_OF_YEARS), _MONTH_OF_YEARS, 1)


def _file_name(network: str) -> str:
    return f"{re.sub(r'[^a-z0-9]+', '-', network.lower()).strip('-') or 'network'}.yaml"


def _check_free(folder: Path, names: list[str]) -> None:
    """Raises InputFault if there is anything in the folder."""
    if not folder.is_dir():
        if folder.exists():
            raise InputFault(f"{folder}: cannot be written: it is a file, expected a new or empty folder")
        return
    there = sorted(path.name for path in folder.iterdir())
    if not there:
        return
    over = [name for name in there if name in names]
    would = f", and would have files written over: {', '.join(over)}" if over else ""
    more = f" and {len(there) - _SHOWN} more" if len(there) > _SHOWN else ""
    found = would or f" (found {', '.join(there[:_SHOWN])}{more})"
    raise InputFault(
        f"{folder}: is not empty{found}; expected a new or empty folder. Name another, such as: orgnet init my-network"
    )


def _checked(text: str, path: Path, today: date) -> Config:
    """The configuration as it will be read. Raises InputFault if what was asked for cannot be."""
    content = read_yaml(text)
    try:
        return Config.model_validate(content, context={"as_of": today})
    except ValidationError as error:
        raise InputFault(explain(path, error, Config, content)) from None


def _write_key(path: Path) -> None:
    """A new key that only its owner may read."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
        file.write(secrets.token_hex(32) + "\n")


def begin(folder: Path, network: str, start: date | None, end: date | None, today: date) -> Path:
    """Write a new network's folder; return its configuration's path.

    Raises InputFault if there is anything in the folder, or the network cannot be as asked for; nothing is written then.
    """
    if not network.strip():
        raise InputFault("--network: is empty, expected the network's name")
    path = folder / _file_name(network)
    start = start or (first_day(today) if end is None else date(end.year - _YEARS, end.month, min(end.day, 28)))
    text = configuration(network.strip(), start, end, today)
    period = _checked(text, path, today).period
    files = {f"{kind.value}.csv": template(kind, period.start, period.end) for kind in KINDS}
    files |= {path.name: text, ".gitignore": _IGNORED}
    try:
        _check_free(folder, [*files, KEY_FILE])
        folder.mkdir(parents=True, exist_ok=True)
        _write_key(folder / KEY_FILE)
        for name, content in files.items():
            (folder / name).write_text(content, encoding="utf-8", newline="\n")
    except OSError as error:
        raise InputFault(f"{folder}: cannot be written: {error.strerror or error}") from None
    return path
