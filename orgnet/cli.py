"""The commands. Each loads only what it uses, so that help and queries answer at once."""

import atexit
import contextlib
import os
import shlex
import signal
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from io import TextIOWrapper
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orgnet import completion
from orgnet.errors import InputFault, OrgnetError, check_word, nearest
from orgnet.scenario import VARIANTS

if TYPE_CHECKING:
    import pyarrow as pa
    from rich.console import Console

    from orgnet.config import Config
    from orgnet.records.read import InputFile, Tally

SCENARIOS = ("london-cancer",)
FORMATS = ("table", "csv", "json")
EXPORT_FORMATS = ("graphml", "gexf", "dl", "kumu", "edges", "rsiena", "tergm")

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="Ties between organisations, from records to indicators of collaboration.",
    epilog="Exit codes: 0 done; 2 the records or the configuration are at fault; 1 orgnet is at fault.",
)


def _console(stderr: bool = False) -> "Console":
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    # Only people's lines are folded: a file or another program gets each line whole.
    return Console(stderr=stderr, width=None if stream.isatty() else 10_000, highlight=False, markup=False, emoji=False)


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


@app.command(epilog="Example: orgnet init north-cancer --start 2022-04-01 --end 2025-04-01")
def init(
    folder: Annotated[
        Path | None,
        typer.Argument(help="A new or empty folder; left out, one of the network's name.", metavar="DIR"),
    ] = None,
    network: Annotated[
        str | None, typer.Option(help="The network's name; left out, the folder's.", metavar="NAME")
    ] = None,
    start: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The first day studied; left out, 1 April two financial years ago."),
    ] = None,
    end: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The first day after; left out, the end of the last whole quarter."),
    ] = None,
) -> None:
    """Begin a network of your own: a configuration with every setting explained, templates for records, and a key."""
    from orgnet.templates import begin

    if folder is None and network is None:
        raise InputFault("name the network or its folder, such as: orgnet init my-network")
    where = folder or Path(str(network))
    first, last = (None if day is None else day.date() for day in (start, end))
    config = begin(where, network or where.resolve().name, first, last, date.today())
    print(f"wrote {_short(config.resolve())}, a template for each kind of record, and a key; next:")
    print("  1. put your records into the .csv files, in the place of the rows whose identifiers begin with EXAMPLE")
    print("     (what a heading means: orgnet describe people); kinds that you do not have, leave out under `sources`")
    print(f"  2. orgnet validate {_short(config.resolve())}     checks them, and says what to do next")
    print(f"  3. orgnet run {_short(config.resolve())}          publishes results; it ends by saying how to ask them")
    print(f"keep {_short((where / 'person.key').resolve())} to yourself: {_short(config.resolve())} says why")


@app.command(epilog="Example: orgnet run configs/kings_transfers.yaml")
def run(
    config: Annotated[Path, typer.Argument(help="The network's configuration.", metavar="CONFIG.yaml")],
    out: Annotated[Path | None, typer.Option(help="Publish here, not where the configuration says.")] = None,
    wait: Annotated[
        float, typer.Option(min=0, help="Wait for another run that is at work there.", metavar="MINUTES")
    ] = 0,
    as_of: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The day that ends a period without an end; left out, today."),
    ] = None,
    again_from: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Measure anew from this day on, whatever earlier runs have kept."),
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Only say what would be taken up from earlier runs, and why not more.")
    ] = False,
) -> None:
    """Read the records, measure the network slice by slice, and publish a snapshot."""
    days = {name: None if day is None else day.date() for name, day in (("as_of", as_of), ("from", again_from))}
    settings = _prepare(config, days["as_of"])
    if not wait:
        from orgnet.locking import check_free

        check_free(out or settings.out_folder)
    os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")
    os.environ.setdefault("PREFECT_LOGGING_INTERNAL_LEVEL", "CRITICAL")
    os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "120")
    told = _leave_cleanly_when_told()
    asked = {"as_of": days["as_of"], "wait_minutes": wait, "again_from": days["from"], "explain": explain}
    try:
        summary = _run_watched(config, out, asked)
    except BaseException:
        if not told.is_set():
            raise
        print("orgnet: interrupted; the last results published stay as they were", file=sys.stderr)
        raise KeyboardInterrupt from None
    if explain:
        print("\n".join(summary["plan"]))
    else:
        _print_summary(summary)


def _prepare(config: Path, as_of: date | None = None) -> "Config":
    """Tell faults in the configuration before anything is started, and see to it that Prefect calls nobody."""
    from orgnet import worker

    worker.compute_in_one_thread()
    from orgnet.config import load_config
    from orgnet.indicators.damour import load_damour

    settings = load_config(config, as_of)
    load_damour(settings)
    os.environ.setdefault("DO_NOT_TRACK", "1")
    os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
    return settings


def _leave_cleanly_when_told() -> Event:
    """Let a run that is terminated stop the server that it started; Python's own way is to drop everything.

    What is returned is set once the run is interrupted. The interrupt itself may come up as another error: it is also one
    for Prefect's server and for the processes that measure, and a library that calls Python back makes it its own.
    """
    interrupted = Event()

    def interrupt(*_: object) -> None:
        interrupted.set()
        raise KeyboardInterrupt

    if signal.getsignal(signal.SIGINT) == signal.default_int_handler:  # in the background it may be ignored
        signal.signal(signal.SIGINT, interrupt)
    for number in {signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)}:  # Windows has no SIGHUP
        if signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, lambda number, _: sys.exit(128 + number))
    return interrupted


def _load_pipelines() -> None:
    """Import the `pipelines` that came with orgnet, whatever other one the path may hold."""
    from importlib.machinery import PathFinder
    from importlib.util import module_from_spec

    spec = PathFinder.find_spec("pipelines", [str(Path(__file__).parents[1])])
    assert spec is not None and spec.loader is not None, "pipelines are installed beside orgnet"
    module = sys.modules["pipelines"] = module_from_spec(spec)
    spec.loader.exec_module(module)


def _run_watched(config: Path, out: Path | None, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Run the flow and show how it goes."""
    console = _console(stderr=True)
    with console.status("starting Prefect, which takes some seconds ...") as status:
        _load_pipelines()
        from pipelines.progress import watcher
        from pipelines.run import run_network
        from pipelines.server import start_server

        def watch(stage: str, message: str) -> None:
            status.update("working ...")
            console.print(f"{stage:<11} {message}", soft_wrap=True)

        watcher.set(watch)
        start_server()
        status.update("reading the records ...")
        summary: dict[str, Any] = run_network(config.resolve(), None if out is None else out.resolve(), **asked)
    return summary


def _print_records(tallies: Iterable[Mapping[str, Any]]) -> None:
    """How many records of each kind were read and used, and why the others were put aside."""
    from rich.table import Table

    table = Table("records", box=None, pad_edge=False)
    for heading in ("read", "used", "put aside"):
        table.add_column(heading, justify="right")
    table.add_column("why")
    for tally in tallies:
        why = ", ".join(f"{n:,} {reason}" for reason, n in tally["put_aside"].items())
        counts = (tally["read"], tally["accepted"], sum(tally["put_aside"].values()))
        table.add_row(tally["kind"], *(f"{count:,}" for count in counts), why)
    _console().print(table)


def _short(path: Path) -> str:
    """A path as it is best typed: from the current folder if it lies below, and fit for the shell."""
    here = Path.cwd()
    return shlex.quote(str(path.relative_to(here) if path.is_relative_to(here) else path))


def _print_summary(summary: Mapping[str, Any]) -> None:
    from rich.table import Table

    console = _console()
    indicators = Table("indicator", "level", "status", "why", box=None, pad_edge=False)
    for row in summary["indicators"]:
        indicators.add_row(row["indicator"], row["level"], row["status"], row["why"])
    tables = ", ".join(f"{name} {rows:,}" for name, rows in summary["tables"].items())
    folder, slice_ = Path(summary["folder"]).resolve(), summary["last_slice"]
    question = f"SELECT scope_id, indicator, level, reasons FROM indicators WHERE slice = '{slice_}'"
    print()
    _print_records(summary["records"])
    print(f"\nindicators of the whole network in the last slice, {slice_}\n")
    console.print(indicators)
    print(f"\n{summary['network']}: {summary['slices']} slices, {summary['first_slice']} to {slice_}")
    if summary["organisations"]:
        print(summary["organisations"])
    console.print(f"rows by table: {tables}")
    for mark in summary["quality"]:
        console.print(f"quality: {mark}")
    if summary["removed"]:
        print(summary["removed"])
    for line in summary["reuse"]:
        print(line)
    print(f"results: {_short(folder)}")
    if summary["report"]:
        print(f"report, to open in a browser: {_short(Path(summary['report']).resolve())}")
    if summary["tables"]["rejected_records"]:
        aside = folder / "restricted" / "rejected_records.parquet"
        print(f"rows put aside, which may name people: {_short(aside)}")
    print(f'ask them: orgnet query --network {_short(folder.parents[1])} "{question}"')
    print("what a name means: orgnet describe NAME")


@app.command(epilog="Example: orgnet serve configs/kings_transfers.yaml --cron '0 2 * * *'")
def serve(
    config: Annotated[Path, typer.Argument(help="The network's configuration.", metavar="CONFIG.yaml")],
    cron: Annotated[str, typer.Option(help="When to run: minute, hour, day, month, weekday.")],
    timezone: Annotated[
        str | None, typer.Option(help="The clocks that --cron goes by; left out, the network's own.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Publish here, not where the configuration says.")] = None,
    timeout_minutes: Annotated[
        float | None, typer.Option(min=0, help="Give a run up after so long; left out, never.")
    ] = None,
) -> None:
    """Register the network's runs with a Prefect server, and run them when they are due, until stopped."""
    _prepare(config)
    _load_pipelines()
    from pipelines.serve import serve_network

    serve_network(config.resolve(), cron, timezone, None if out is None else out.resolve(), timeout_minutes)


@app.command(epilog="Example: orgnet validate configs/kings_transfers.yaml")
def validate(
    config: Annotated[Path, typer.Argument(help="The network's configuration.", metavar="CONFIG.yaml")],
) -> None:
    """Read and check the records, and say what would be used and what put aside. Publishes nothing."""
    from orgnet.config import load_config
    from orgnet.guidance import first_steps, next_steps
    from orgnet.records.quality import EXAMPLE_ROWS, check
    from orgnet.records.read import RecordsFault, read_records
    from orgnet.records.succession import find_succession

    settings, today = load_config(config), datetime.now(UTC)
    try:
        records = read_records(settings)
    except RecordsFault as fault:
        _print_checked(fault.tallies, fault.inputs)
        _print_places(fault.rejected)
        _print_steps(list(first_steps(fault.examples, fault.rejected, settings)))
        raise
    succession = find_succession(records, settings)
    _print_checked(records.tallies(), records.inputs)
    _print_places(records.rejected)
    if succession.links.num_rows:
        outcomes = ", ".join(f"{n} {word}" for word, n in succession.outcomes().items())
        print(f"links between organisations ({succession.basis.value}): {outcomes}")
    for breach in check(records, settings, today.astimezone(settings.zone).date()):
        if breach.gate != EXAMPLE_ROWS:  # the first of the steps
            print(f"quality: {breach.message}")
    _print_steps(next_steps(records, settings))


def _print_steps(steps: Iterable[Sequence[str]]) -> None:
    from orgnet.dictionary import say

    for number, (step, *lines) in enumerate(steps, 1):
        if number == 1:
            print("\nwhat to do next, the most useful first")
        say(f"{number:>3}. {step}", hang=5)
        for line in lines:
            print(f"       {line}")


def _print_checked(tallies: Iterable["Tally"], inputs: Iterable["InputFile"]) -> None:
    from dataclasses import asdict

    _print_records(map(asdict, tallies))
    for line in sorted({f"{file.path}: {', '.join(file.columns_unused)}" for file in inputs if file.columns_unused}):
        print(f"columns not used: {line}")


def _print_places(rejected: "pa.Table") -> None:
    """Where rows were put aside, a line for each fault of each file; never what stands there, which may be a name."""
    from orgnet.guidance.words import meant

    rows: dict[str, list[Mapping[str, Any]]] = {}
    for row in rejected.select(["source", "row", "field", "reason", "message"]).to_pylist():
        fault = f"{row['source']}: {row['reason']}" + (f" in {row['field']}" if row["field"] else "")
        rows.setdefault(fault, []).append(row)
    for fault, found in sorted(rows.items()):
        more = f" and {len(found) - 3:,} more" if len(found) > 3 else ""
        words, numbers = meant(row["message"] for row in found), [f"{row['row']:,}" for row in found[:3]]
        hint = f" (meant, perhaps: {', '.join(words)})" if words else ""
        print(f"put aside: {fault}: row {', '.join(numbers)}{more}{hint}")


@app.command(epilog="Example: orgnet scenario london-cancer --out my-scenario --variant lost-feed")
def scenario(
    name: Annotated[
        str, typer.Argument(help="Which scenario: london-cancer.", autocompletion=completion.among(SCENARIOS))
    ],
    out: Annotated[Path, typer.Option(help="The folder to write it in.")],
    seed: Annotated[int, typer.Option(help="Seed of its random numbers.")] = 20190430,
    variant: Annotated[
        list[str] | None,
        typer.Option(
            help=f"What to change, once or more: {', '.join(VARIANTS)}.",
            metavar="NAME",
            show_default=False,
            autocompletion=completion.among(VARIANTS),
        ),
    ] = None,
) -> None:
    """Write a made-up network as input files with a ready configuration."""
    if name not in SCENARIOS:
        raise InputFault(f"there is no scenario {name!r}{nearest(name, SCENARIOS)}")
    from orgnet.scenario import write_london_cancer

    try:
        config = write_london_cancer(out, seed, variant or ())
    except OSError as error:
        raise InputFault(f"{out}: cannot be written: {error.strerror or error}") from None
    print(f"wrote the scenario; run it with: orgnet run {_short(config.resolve())}")


@app.command(
    epilog="Example: orgnet query \"SELECT scope_id, level FROM indicators WHERE indicator = 'acquaint'\"\n\n"
    'Example: orgnet query "SELECT * FROM group_metrics_wide" --out groups.parquet\n\n'
    "Example: orgnet query \"SELECT run_started, level FROM indicators WHERE scope_id = 'nurse' AND indicator = "
    "'acquaint' AND slice = '2019-02-01/3m'\" --all-runs"
)
def query(
    sql: Annotated[str, typer.Argument(help="A question in SQL (DuckDB's).", metavar="SQL")],
    network: Annotated[
        Path | None,
        typer.Option(help="The network's output folder; left out, the only one here or up to three folders down."),
    ] = None,
    format: Annotated[
        str | None,
        typer.Option(
            help="table, csv, json or parquet; left out, what --out ends in, or a table.",
            autocompletion=completion.among((*FORMATS, "parquet")),
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write the answer to a file: .csv, .json or .parquet.", metavar="FILE")
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Put it in the place of a file that is there.")] = False,
    all_runs: Annotated[
        bool,
        typer.Option("--all-runs", help="Ask all published runs: every table begins with run_id and run_started."),
    ] = False,
) -> None:
    """Ask the published tables, each by its own name; metrics and indicators also as NAME_wide, a column for each."""
    from orgnet.answer_files import check_format, format_of, write_answer
    from orgnet.answers import show
    from orgnet.query import ask, find_network, find_runs

    check_format(format)
    chosen = format_of(out, format)
    asked = find_runs(network) if all_runs else find_network(network)
    if out is not None:
        print(write_answer(sql, asked, out, chosen, replace))
        return
    answer = ask(sql, asked)
    show(answer, chosen)
    if not answer.rows:
        from orgnet.guidance.words import not_known

        for line in not_known(sql):
            print(f"orgnet: {line}", file=sys.stderr)


@app.command(epilog="Example: orgnet publish out/demo/results --profile nhsd_secondary_care --out share")
def publish(
    network: Annotated[Path, typer.Argument(help="The network's output folder.", metavar="DIR")],
    out: Annotated[Path, typer.Option(help="The folder to write; an earlier copy there is replaced.")],
    profile: Annotated[
        str | None,
        typer.Option(
            help="nhsd_secondary_care, lt5, off_internal, or one of the configuration's own; left out, the one it names.",
            show_default=False,
        ),
    ] = None,
    run_id: Annotated[str | None, typer.Option("--run", help="Which run; left out, the current one.")] = None,
    audit: Annotated[
        Path | None,
        typer.Option(
            help="Write why each single value was withheld, for those who may see the run itself.", metavar="FILE"
        ),
    ] = None,
) -> None:
    """Write a copy of the results that may be shared: small numbers of people are withheld, others rounded."""
    from orgnet.disclosure.share import share
    from orgnet.disclosure.tell import tell_shared
    from orgnet.report.page import render

    for line in tell_shared(share(network, out, profile, run_id, audit, render), _short(out.resolve())):
        print(line)


@app.command(epilog="Example: orgnet check-disclosure share")
def check_disclosure(
    copy: Annotated[Path, typer.Argument(help="A folder that `orgnet publish` wrote.", metavar="SHARE")],
) -> None:
    """Attack a copy as somebody would who has nothing else, and say what small numbers it gives away."""
    from orgnet.attack.check import attack

    found = attack(copy)
    for line in found.told():
        print(line)
    if found.findings:
        raise typer.Exit(2)


@app.command(epilog="Example: orgnet describe acq_breadth\n\nExample: orgnet describe attendance.leave")
def describe(
    name: Annotated[
        str | None,
        typer.Argument(
            help="A table, column, metric, indicator, kind of record, field or word; left out, what there is.",
            autocompletion=completion.names,
        ),
    ] = None,
) -> None:
    """Print the data dictionary: what a table, a metric, a field of a record or any word in them means."""
    from orgnet.describe import explain_name

    explain_name(name)


@app.command(epilog="Example: orgnet explain out/demo/results --indicator acquaint --group radiologist --slice 2018-05")
def explain(
    network: Annotated[Path, typer.Argument(help="The network's output folder.", metavar="DIR")],
    indicator: Annotated[
        str,
        typer.Option(help="Which indicator, by its name or the beginning of it.", autocompletion=completion.indicators),
    ],
    slice_: Annotated[
        str | None,
        typer.Option("--slice", help="Which slice, by its label or the beginning of it; left out, the last."),
    ] = None,
    group: Annotated[str | None, typer.Option(help="A professional group, not the whole network.")] = None,
    pathway: Annotated[str | None, typer.Option(help="A clinical pathway, not the whole network.")] = None,
    organisation: Annotated[str | None, typer.Option(help="One organisation, not the whole network.")] = None,
    organisations: Annotated[
        str | None, typer.Option(help="specialist or local, not the whole network.", autocompletion=completion.roles)
    ] = None,
) -> None:
    """Say what was concluded of an indicator, on what grounds, and what it would take for the next level."""
    from orgnet.dictionary import say
    from orgnet.explain import choose, tell
    from orgnet.vocabulary import ScopeType

    scopes = {
        ScopeType.GROUP: group,
        ScopeType.PATHWAY: pathway,
        ScopeType.ORGANISATION: organisation,
        ScopeType.ORGANISATION_KIND: organisations,
    }
    for line in tell(choose(network, indicator, slice_, scopes)):
        say(line, hang=2)


@app.command(epilog="Example: orgnet export out/demo/results --as rsiena --layer referrals --out panel")
def export(
    network: Annotated[Path, typer.Argument(help="The network's output folder.", metavar="DIR")],
    format: Annotated[
        str,
        typer.Option(
            "--as",
            help=f"{', '.join(EXPORT_FORMATS[:-1])} or {EXPORT_FORMATS[-1]}.",
            autocompletion=completion.among(EXPORT_FORMATS),
        ),
    ],
    out: Annotated[Path, typer.Option(help="The file or the folder to write.")],
    layer: Annotated[
        str | None,
        typer.Option(help="Which layer; left out, all, where the format holds them.", autocompletion=completion.layers),
    ] = None,
    slice_: Annotated[
        list[str] | None,
        typer.Option(
            "--slice",
            help="Which slice, once or more: its label, last, all, or apart (windows that do not overlap); left out, "
            "what suits the format.",
            metavar="SLICE",
            show_default=False,
        ),
    ] = None,
    node_set: Annotated[
        str,
        typer.Option(help="roster, or constant_panel: only those in every slice.", autocompletion=completion.node_sets),
    ] = "roster",
    metric: Annotated[
        list[str] | None,
        typer.Option(
            help="A metric of organisations to go with them, once or more: NAME or LAYER:NAME.",
            show_default=False,
            autocompletion=completion.metrics_of_organisations,
        ),
    ] = None,
    at_least: Annotated[
        float | None, typer.Option(help="dl, rsiena: a tie counts from this weight on, and as 1.")
    ] = None,
    time: Annotated[
        str, typer.Option(help="tergm: time in slices or in days.", autocompletion=completion.among(("slices", "days")))
    ] = "slices",
    unknown_is_missing: Annotated[
        bool, typer.Option("--unknown-is-missing", help="rsiena: no tie is NA also where nothing says it is complete.")
    ] = False,
    replace: Annotated[bool, typer.Option("--replace", help="Put it in the place of what is there.")] = False,
) -> None:
    """Write a published network as the files of another program: Gephi, UCINET, Kumu, RSiena, tergm."""
    from orgnet.exports import Wanted
    from orgnet.exports import export as write

    wanted = Wanted(
        format,
        out,
        layer,
        slice_ or (),
        node_set,
        metric or (),
        at_least,
        time,
        unknown_is_missing,
        replace,
    )
    for line in write(network, wanted):
        print(line)


@app.command(epilog="Example: orgnet report out/demo/results --compare previous --out report.html")
def report(
    network: Annotated[
        Path, typer.Argument(help="The network's output folder, or a copy made for sharing.", metavar="DIR")
    ],
    run: Annotated[str | None, typer.Option(help="Which run; left out, the current one.", metavar="RUN_ID")] = None,
    compare: Annotated[
        str | None,
        typer.Option(help="Also what differs from another run: its id, its folder, or previous.", metavar="PREVIOUS"),
    ] = None,
    out: Annotated[Path, typer.Option(help="The file to write.", metavar="FILE.html")] = Path("report.html"),
) -> None:
    """Write the report: one HTML file that opens in any browser and needs no network."""
    from orgnet.report.written import write_report

    written = write_report(network, run, compare, out)
    print(f"report: {_short(written.resolve())} ({written.stat().st_size / 1e6:.1f} MB)")


@app.command(epilog="Example: orgnet compare out/demo/results --before pre --after 2017-05-01..2019-05-01")
def compare(
    network: Annotated[Path, typer.Argument(help="The network's output folder.", metavar="DIR")],
    before: Annotated[
        str | None, typer.Option(help="The earlier period: two days, the last excluded, or a phase.", metavar="A..B")
    ] = None,
    after: Annotated[str | None, typer.Option(help="The later period.", metavar="C..D")] = None,
    runs: Annotated[
        str | None,
        typer.Option(
            help="Not two periods, but two published runs: their ids or the beginnings of them, previous, or current.",
            metavar="OLD..NEW",
        ),
    ] = None,
    table: Annotated[
        list[str] | None,
        typer.Option(help="Only this table, once or more.", metavar="NAME", autocompletion=completion.tables),
    ] = None,
    metric: Annotated[
        list[str] | None,
        typer.Option(
            help="Only this metric or indicator, once or more.", metavar="NAME", autocompletion=completion.metrics
        ),
    ] = None,
    latest: Annotated[bool, typer.Option("--latest", help="Of two runs, only the latest slices, as rows.")] = False,
    format: Annotated[
        str,
        typer.Option(
            help="text; or the rows as table, csv or json.", autocompletion=completion.among(("text", *FORMATS))
        ),
    ] = "text",
    limit: Annotated[
        int | None, typer.Option(min=1, help="Lines of each list (20 if left out), or rows (10,000).")
    ] = None,
) -> None:
    """Compare two periods, with intervals and tests; or two runs: what corrected records and new ones have changed."""
    check_word("--format", format, ("text", *FORMATS))
    if runs is not None and (before is not None or after is not None):
        raise InputFault("found --runs and --before or --after, expected two runs or two periods")
    if (before is None) != (after is None):
        raise InputFault(f"found --{'before' if after is None else 'after'} alone, expected both --before and --after")
    as_text = format == "text" and not latest
    if before is not None and after is not None:
        _compare_periods(network, (before, after), table or [], metric or [], "" if as_text else format, limit)
    else:
        _compare_runs(network, runs or "previous..current", table or [], metric or [], latest, format, limit)


def _compare_periods(
    network: Path, periods: tuple[str, str], tables: list[str], metrics: list[str], format: str, limit: int | None
) -> None:
    from orgnet.change.between import compare_periods
    from orgnet.compared.periods import chosen, print_rows, tell_periods
    from orgnet.dictionary import say

    found = compare_periods(network, *periods)
    rows = chosen(found, tables, metrics)
    if not format:
        for line in tell_periods(found, rows, limit or 20):
            say(line, hang=2)
        return
    more = print_rows(rows, "table" if format == "text" else format, limit or 10_000)
    if more:
        print(f"and {more:,} rows more: --limit", file=sys.stderr)


def _compare_runs(
    network: Path, runs: str, tables: list[str], metrics: list[str], latest: bool, format: str, limit: int | None
) -> None:
    from orgnet.compared.rows import print_rows
    from orgnet.compared.side_by_side import set_side_by_side
    from orgnet.compared.tell import tell
    from orgnet.dictionary import say

    found = set_side_by_side(network, runs, tables, metrics)
    if format == "text" and not latest:
        for line in tell(found, limit or 20):
            say(line, hang=2)
        return
    print_rows(found, latest, "table" if format == "text" else format, limit or 10_000)


@app.command(epilog="Example: orgnet runs out/demo/results --last 10")
def runs(
    network: Annotated[Path, typer.Argument(help="The network's output folder.", metavar="DIR")],
    last: Annotated[int | None, typer.Option(min=1, help="Only the newest so many.")] = None,
    format: Annotated[
        str, typer.Option(help="table, csv or json.", autocompletion=completion.among(FORMATS))
    ] = "table",
) -> None:
    """List the runs that are kept, the newest last: when, on how many records, and what is not as in the run before."""
    from orgnet.answers import show
    from orgnet.history import history

    check_word("--format", format, FORMATS)
    show(history(network, last), format)


@app.command(epilog="Example: orgnet verify out/demo/results --all")
def verify(
    network: Annotated[Path, typer.Argument(help="The network's output folder.", metavar="DIR")],
    run_id: Annotated[
        str | None, typer.Argument(help="Which run; left out, the current one.", metavar="RUN_ID", show_default=False)
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="Every run that is kept.")] = False,
) -> None:
    """Check that runs are still what was published: every file, its bytes, its rows and columns."""
    from orgnet.verification import verify_network

    if all_ and run_id:
        raise InputFault("found RUN_ID and --all, expected one of them")
    for run in verify_network(network, run_id, all_):
        print(f"{run}: whole")


@app.command(epilog="Example: orgnet prune out/demo/results --keep 12 --dry-run")
def prune(
    network: Annotated[Path, typer.Argument(help="The network's output folder.", metavar="DIR")],
    keep: Annotated[int | None, typer.Option(min=1, help="Keep the newest so many.", metavar="N")] = None,
    keep_days: Annotated[float | None, typer.Option(min=0, help="Keep those of so many days.", metavar="D")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Remove nothing; say what would be removed.")] = False,
) -> None:
    """Remove old runs; the current one and any newer are always kept. Left to itself: as the current run was configured."""
    from orgnet.retention import as_configured
    from orgnet.retention import prune as remove

    if keep is None and keep_days is None:
        keep, keep_days = as_configured(network)
    removed = remove(network, keep, keep_days, datetime.now(UTC), dry_run=dry_run)
    for run in removed:
        print(run)
    print(f"{len(removed):,} run{'' if len(removed) == 1 else 's'} {'would be ' if dry_run else ''}removed")


def _tell(error: Exception) -> int:
    """Tell what went wrong; return the exit code that says whose fault it was."""
    if os.environ.get("ORGNET_TRACEBACK"):
        from traceback import print_exception

        print_exception(error)
    if isinstance(error, OrgnetError):
        for line in str(error).splitlines():
            print(f"orgnet: {line}", file=sys.stderr)
        return error.exit_code
    what = " ".join(f"{type(error).__name__}: {error}".split())
    print(f"orgnet: a fault of orgnet's own: {what} (ORGNET_TRACEBACK=1 tells where)", file=sys.stderr)
    return 1


def main() -> None:
    """Run the command line; faults become messages and exit codes, not tracebacks."""
    code = 0
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a console that lacks a character shows a question mark for it
            stream.reconfigure(errors="replace")

    def leave() -> None:
        """End the process without taking the interpreter apart: DuckDB 2.0 would report a page of leaks then."""
        with contextlib.suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)

    atexit.register(leave)  # registered first, so called last
    try:
        app(prog_name="orgnet")
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else int(bool(leaving.code))
    except Exception as error:
        code = _tell(error)
    sys.exit(code)


if __name__ == "__main__":
    main()
