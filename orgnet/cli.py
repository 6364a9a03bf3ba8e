"""The commands. Each loads only what it uses, so that help and queries answer at once."""

import atexit
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from orgnet.errors import InputFault, OrgnetError

if TYPE_CHECKING:
    from rich.console import Console

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="Ties between organisations, from records to indicators of collaboration.",
    epilog="Exit codes: 0 done; 2 the records or the configuration are at fault; 1 orgnet is at fault.",
)


def _console(stderr: bool = False) -> "Console":
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, soft_wrap=not sys.stdout.isatty())


def _version(wanted: bool) -> None:
    if wanted:
        import orgnet

        typer.echo(f"orgnet {orgnet.__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


def _leave_quietly() -> None:
    """End the process without taking the interpreter apart: DuckDB 2.0 would report a page of leaks then."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(_exit_code)


_exit_code = 0


@app.command(epilog="Example: orgnet run configs/kings_transfers.yaml")
def run(
    config: Annotated[Path, typer.Argument(help="The network's configuration.", metavar="CONFIG.yaml")],
    out: Annotated[Path | None, typer.Option(help="Publish here, not where the configuration says.")] = None,
) -> None:
    """Read the records, measure the network slice by slice, and publish a snapshot."""
    from orgnet.config import load_config
    from orgnet.indicators.damour import load_damour

    load_damour(load_config(config))  # faults in the configuration are told before anything is started
    atexit.register(_leave_quietly)  # registered first, so called last
    os.environ.setdefault("DO_NOT_TRACK", "1")
    os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
    os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")
    os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "120")
    summary = _run_watched(config, out)
    _print_summary(summary)


def _run_watched(config: Path, out: Path | None) -> dict[str, object]:
    """Run the flow and show how it goes."""
    console = _console(stderr=True)
    with console.status("starting Prefect ...") as status:
        from pipelines.progress import watcher
        from pipelines.run import run_network

        def watch(stage: str, message: str) -> None:
            status.update("working ...")
            console.print(f"[bold]{stage:<11}[/bold] {message}")

        watcher.set(watch)
        summary: dict[str, object] = run_network(config.resolve(), None if out is None else out.resolve())
    return summary


def _print_summary(summary: dict[str, object]) -> None:
    from rich.table import Table

    console = _console()
    records = Table("records", "read", "used", "put aside", "why", box=None, title_justify="left", pad_edge=False)
    for kind in summary["records"]:  # type: ignore[attr-defined]
        records.add_row(kind["kind"], *(f"{kind[c]:,}" for c in ("read", "used", "put aside")), kind["why"])
    said = Table(f"indicator, {summary['last_slice']}", "level", "status", "why", box=None, pad_edge=False)
    for row in summary["indicators"]:  # type: ignore[attr-defined]
        said.add_row(row["indicator"], row["level"], row["status"], row["why"])
    tables = ", ".join(f"{name} {rows:,}" for name, rows in summary["tables"].items())  # type: ignore[attr-defined]
    console.print()
    console.print(records)
    console.print()
    console.print(said)
    console.print()
    console.print(f"{summary['slices']} slices, {summary['first_slice']} to {summary['last_slice']}")
    console.print(f"rows by table: {tables}")
    console.print(f"results: {summary['folder']}", soft_wrap=True)
    out = Path(str(summary["folder"])).parents[1]
    console.print(f'ask them: orgnet query --network "{out}" "SELECT * FROM indicators LIMIT 5"', soft_wrap=True)


@app.command(epilog="Example: orgnet validate configs/kings_transfers.yaml")
def validate(
    config: Annotated[Path, typer.Argument(help="The network's configuration.", metavar="CONFIG.yaml")],
) -> None:
    """Read and check the records, and say what would be used and what put aside. Publishes nothing."""
    from rich.table import Table

    from orgnet.config import load_config
    from orgnet.records.read import read_records

    records = read_records(load_config(config))
    rejected = records.rejected_counts()
    table = Table("records", "read", "used", "put aside", "why", box=None, pad_edge=False)
    for kind, count in records.read.items():
        reasons = rejected.get(kind.value, {})
        aside = sum(reasons.values())
        why = ", ".join(f"{n:,} {reason}" for reason, n in reasons.items())
        table.add_row(kind.value, f"{count:,}", f"{count - aside:,}", f"{aside:,}", why)
    console = _console()
    console.print(table)
    unused = {f"{f.path}: {', '.join(f.columns_unused)}" for f in records.inputs if f.columns_unused}
    for line in sorted(unused):
        console.print(f"columns not used: {line}")


@app.command(epilog="Example: orgnet scenario london-cancer --out my-scenario")
def scenario(
    name: Annotated[str, typer.Argument(help="Which scenario: london-cancer.")],
    out: Annotated[Path, typer.Option(help="The folder to write it in.")],
    seed: Annotated[int, typer.Option(help="Seed of its random numbers.")] = 20190430,
) -> None:
    """Write a made-up network as input files with a ready configuration."""
    if name != "london-cancer":
        raise InputFault(f"found scenario {name!r}, expected: london-cancer")
    from orgnet.scenario import write_london_cancer

    try:
        config = write_london_cancer(out, seed)
    except OSError as error:
        raise InputFault(f"{out}: cannot be written: {error.strerror or error}") from None
    typer.echo(f"wrote the scenario; run it with: orgnet run {config}")


@app.command(epilog='Example: orgnet query "SELECT scope_id, level FROM indicators WHERE indicator = \'acquaint\'"')
def query(
    sql: Annotated[str, typer.Argument(help="A question in SQL (DuckDB's).", metavar="SQL")],
    network: Annotated[
        Path | None, typer.Option(help="The network's output folder; left out, the one found here or in out/.")
    ] = None,
    format: Annotated[str, typer.Option(help="table, csv or json.")] = "table",
) -> None:
    """Ask the published tables, each by its own name; the metric tables also as NAME_wide, a column per metric."""
    from orgnet.query import ask, find_network, show

    if format not in ("table", "csv", "json"):
        raise InputFault(f"--format: found {format!r}, expected table, csv or json")
    show(ask(sql, find_network(network)), format)


@app.command(epilog="Example: orgnet describe acq_breadth")
def describe(
    name: Annotated[str | None, typer.Argument(help="A table, a column or a metric; left out, all tables.")] = None,
) -> None:
    """Print the data dictionary: what a table, a column or a metric means."""
    from orgnet.dictionary import explain_name

    explain_name(name)


def _fail(error: BaseException) -> NoReturn:
    global _exit_code
    if isinstance(error, OrgnetError):
        _exit_code = error.exit_code
        for line in str(error).splitlines():
            print(f"orgnet: {line}", file=sys.stderr)
    else:
        _exit_code = 1
        print(f"orgnet: a fault of orgnet's own: {type(error).__name__}: {error}", file=sys.stderr)
        print("orgnet: set ORGNET_TRACEBACK=1 to see where, and please report it", file=sys.stderr)
    if os.environ.get("ORGNET_TRACEBACK"):
        raise error
    sys.exit(_exit_code)


def main() -> None:
    """Run the command line; faults become messages and exit codes, not tracebacks."""
    global _exit_code
    try:
        app()
    except SystemExit as leaving:
        _exit_code = leaving.code if isinstance(leaving.code, int) else int(bool(leaving.code))
        raise
    except KeyboardInterrupt:
        _exit_code = 130
        sys.exit(130)
    except Exception as error:
        _fail(error)


if __name__ == "__main__":
    main()
