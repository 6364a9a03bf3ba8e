"""The report of a network's folder as a file: which run, beside which other one, and where to."""

from pathlib import Path

from orgnet.compared.runs import run_named
from orgnet.errors import InputFault, StoreFault
from orgnet.folders import MANIFEST, RUNS, snapshot
from orgnet.report.page import render


def write_report(network: Path, run_id: str | None, previous: str | None, out: Path) -> Path:
    """Write the page of a run, or of a copy made for sharing, to a file; return the file.

    `previous` is another run's id, the beginning of one, or a folder. Raises InputFault if there is no such run, or if
    the file would lie in a snapshot, which is never altered.
    """
    folder = snapshot(network, None if run_id is None else run_named(network, run_id))
    out = out / "report.html" if out.is_dir() else out
    _check_place(out)
    text = render(folder, None if previous is None else _other(folder, network, previous))
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise StoreFault(f"{out}: cannot be written: {error.strerror or error}") from None
    return out


def _check_place(out: Path) -> None:
    if not out.parent.is_dir():
        raise InputFault(f"{out}: there is no folder {out.parent}; make it first, or name another with --out")
    if (out.resolve().parent / MANIFEST).exists() and out.resolve().parent.parent.name == RUNS:
        raise InputFault(f"{out}: lies in a published snapshot, which is never altered; name another place with --out")


def _other(folder: Path, network: Path, given: str) -> Path:
    """The folder of the run to compare with: a folder, or a run beside the one that is shown."""
    named = Path(given)
    if (named / MANIFEST).exists() or (named / RUNS).is_dir():
        return snapshot(named)
    out = network if (network / RUNS).is_dir() else folder.parents[1]
    return snapshot(out, run_named(out, given))
