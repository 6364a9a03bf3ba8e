"""The whole run: records -> ties -> slices -> metrics -> indicators, then published. Read this first."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.runtime import flow_run
from prefect.task_runners import ThreadPoolTaskRunner
from prefect.utilities.annotations import quote

from orgnet import reference, store
from orgnet.change.activity import activity_of
from orgnet.change.artefacts import completeness_table
from orgnet.change.changes import of_a_run
from orgnet.change.comparisons import of_phases
from orgnet.change.draws import Draws, draws_table
from orgnet.change.kept_draws import draw_kept
from orgnet.change.published import Published
from orgnet.change.survival import survival_table
from orgnet.change.turnover_rates import layers_covered, turnover_tables
from orgnet.config import Config, load_config
from orgnet.indicators.confidence import add_confidence, prepare_draws
from orgnet.indicators.damour import load_damour
from orgnet.indicators.evidence import Evidence
from orgnet.indicators.kiviat import kiviat_table, typology_table
from orgnet.indicators.maturity import maturity_table
from orgnet.indicators.score import indicator_table, score_indicators
from orgnet.indicators.sensitivity import robustness_table, sensitivity_table, vary
from orgnet.indicators.surveys import survey_table
from orgnet.locking import Held, locked
from orgnet.metrics.behind import behind_table
from orgnet.metrics.histories import measure_pairs, measure_turnover
from orgnet.metrics.kept_windows import conduct_kept
from orgnet.metrics.measure import slice_tasks
from orgnet.metrics.reuse import measure_kept
from orgnet.metrics.scopes import measure_scopes
from orgnet.metrics.series import measure_conduct
from orgnet.metrics.tables import group_table, network_table, organisation_table, pair_table, ties_table
from orgnet.records.coverage import coverage_rows, make_coverage
from orgnet.records.organisations import make_roster
from orgnet.records.read import Records, read_records
from orgnet.records.restate import state
from orgnet.records.roster_table import roster_table
from orgnet.records.succession import succession_table
from orgnet.report import render
from orgnet.slices import cut
from orgnet.ties.internal import count_internal
from orgnet.ties.make import make_ties
from pipelines.engine import batches, measure_batch, passing_folder, taken_together, working
from pipelines.keeping import check_quality, remove_old
from pipelines.manifest import counts_of, make_manifest, stated_of
from pipelines.plans import again_among, find_reuse, make_plans
from pipelines.progress import Clock, say
from pipelines.retry import retrying, timeout_seconds, told_when_given_up
from pipelines.summary import publish_artifacts, summarise


def _stage(function: Callable[..., Any], name: str, **options: Any) -> Any:
    """A library function as a Prefect task. Nothing is cached or stored: records about staff stay in this process."""
    named = {"name": name, "task_run_name": name, **options}
    return task(cache_policy=NO_CACHE, persist_result=False, **named)(function)


read = _stage(read_records, "records")
tie = _stage(make_ties, "ties")
slice_up = _stage(cut, "slices")
measure = _stage(measure_batch, "metrics", task_run_name="metrics of slices {label}")
know = _stage(measure_kept, "group metrics")
watch = _stage(conduct_kept, "conduct")
pair_up = _stage(measure_pairs, "pair metrics")
score = _stage(score_indicators, "indicators")
redraw = _stage(draw_kept, "resampling")
doubt = _stage(vary, "sensitivity")
compare = _stage(of_a_run, "change")
publish = _stage(store.publish, "publish")


@flow(name="orgnet-run", task_runner=ThreadPoolTaskRunner(), timeout_seconds=timeout_seconds())  # type: ignore[arg-type]
def run_network(
    config_path: Path,
    out: Path | None = None,
    as_of: date | None = None,
    wait_minutes: float = 0.0,
    again_from: date | None = None,
    again_until: date | None = None,
    explain: bool = False,
) -> dict[str, Any]:
    """Read a network's records, measure it slice by slice, and publish one snapshot.

    Args:
        config_path: the network's configuration.
        out: the folder to publish in; left out, the configuration's own.
        as_of: the day that the run is of, which ends a period without an end; left out, the day it was scheduled for.
        wait_minutes: how long to wait for another run that is at work in that folder.
        again_from: the first day from which slices are measured anew, whatever is kept of them.
        again_until: the day that this ends before; with only one of the two, from or until there without end.
        explain: only say what would be taken up from earlier runs and what measured anew, and why.

    Returns the run's summary. Raises InputFault if the configuration or the records are at fault.
    """
    config = load_config(config_path, as_of or flow_run.scheduled_start_time)
    out = out or config.out_folder
    store.check_writable(out)  # told now, not after the work
    with (
        told_when_given_up(),
        locked(out, wait_minutes, partial(say, "waiting")) as held,
        passing_folder(config.compute, held.out) as folder,
    ):
        return _run(config, held, folder, again_among(config, again_from, again_until), explain)


def _run(config: Config, held: Held, folder: str, again: frozenset[int], explain: bool) -> dict[str, Any]:
    """The run itself, in a folder held for it, with another for what passes between processes."""
    started, clock = datetime.now(UTC), Clock()
    damour, calendar = load_damour(config), config.calendar
    with working(config.compute, folder) as work:
        records, succession = state(read.with_options(**retrying(config.compute))(config), config)
        clock.done("records", f"{sum(records.read.values()):,} rows read, {records.rejected.num_rows:,} put aside")
        breaches = check_quality(records, config, started)
        roster = make_roster(records, calendar)
        coverage = make_coverage(records, roster, calendar)

        ties = tie(quote(records), config, calendar, quote(work))
        clock.done("ties", f"{len(ties.presence):,} stays at meetings, {len(ties.joint_roles.source):,} joint roles")

        n, n_people = len(records.organisations), max(records.n_people, 1)
        slices = slice_up(quote(ties), config, calendar, n, n_people)
        clock.done("slices", f"{len(slices)} slices, {sum(len(t) for s in slices for t in s):,} ties")

        tasks, reuse = slice_tasks(slices, records, roster, coverage), find_reuse(config, held.out, folder, again)
        plans = make_plans(reuse, tasks, records, roster, coverage, config)
        clock.done("plan", "; ".join(plans.told()))
        if explain:
            return {"network": config.network, "plan": plans.told()}

        running = [
            measure.submit(quote(work), quote(batch), quote(plans.graphs), label)
            for label, batch in batches(tasks, plans.graphs, config.compute)
        ]
        behind = [quote(each) for each in (ties, records, roster, coverage)]
        asked = (*behind, config, calendar, quote(work), quote(plans.groups), plans.drawn_anew)
        knowing = know.submit(*asked) if plans.little else None
        conduct, two_mode = watch(*behind, config, calendar, quote(plans.windows))
        pairs = pair_up(quote(slices), quote(ties), quote(records), calendar)
        conducted = measure_conduct(conduct, records, roster, coverage)
        turnover = measure_turnover(slices, records, roster, coverage, calendar)
        scopes = measure_scopes(conduct, ties, records, roster, coverage, config, calendar)
        counts = counts_of(ties, config) | stated_of(succession, count_internal(records, config, calendar))
        counts |= {"quality": [asdict(breach) for breach in breaches], "reuse": plans.counted()}
        drawn = prepare_draws(ties, conduct, records, roster, config, calendar)
        behind_measures = behind_table(conduct, ties, records, roster, calendar)
        lasting = survival_table(records, ties, calendar)
        happened = activity_of(drawn, ties, records, config)
        # Where there is much to measure, workers are at graphs until now, and both at once would take too much room.
        knowing = knowing or know.submit(*asked)
        groups = knowing.result()
        del ties, knowing, asked, behind  # the largest thing there is, and done with
        tables = {
            "ties": ties_table(slices, roster, calendar),
            "pair_metrics": pair_table(pairs, roster, calendar),
            "group_metrics": group_table(groups, calendar),
            "survival": lasting,
            "activity": happened,
            "succession": succession_table(succession),
            "people_behind": behind_measures,
            **_tables_of_records(records),
        }
        for future in running:
            future.result()
        measured = taken_together(tasks, plans.graphs)
    tables["organisation_metrics"] = organisation_table(measured, two_mode, conducted, roster, calendar)
    tables["network_metrics"] = network_table(measured, turnover, two_mode, conducted, groups, roster, calendar)
    clock.done("metrics", f"{len(groups.series)} pairs of professional groups, {len(tasks)} slices")

    network = tables["network_metrics"]
    evidence = Evidence(config, damour, records, roster, coverage, calendar, groups, conducted, network, scopes)
    rows = score(quote(evidence))
    draws = Draws()
    if drawn is not None and plans.draws is not None:
        replicates, draws = redraw(quote(drawn), quote(groups), config, quote(plans.draws))
        add_confidence(rows, replicates, evidence)
    tables["indicators"] = indicator_table(rows, calendar)
    tables["kiviat"] = kiviat_table(rows, calendar)
    tables["typologies"] = typology_table(rows, conducted.network, calendar)
    clock.done("indicators", f"{sum(row.level is not None for row in rows):,} of {len(rows):,} rows have a level")

    variations = doubt(quote(rows), quote(evidence), quote(drawn))
    tables["survey_scores"] = survey_table(evidence.surveys)
    tables["maturity_matrix"] = maturity_table(evidence.answers, damour.survey.respondents)
    tables["sensitivity"] = sensitivity_table(variations, calendar)
    tables["robustness"] = robustness_table(variations)
    clock.done("sensitivity", f"{len(variations):,} levels looked at again")

    tables["organisations"] = roster_table(records, roster, calendar)
    tables["completeness"] = completeness_table(coverage, roster, calendar)
    tables["draws"] = draws_table(draws, calendar)
    published = Published(tables, draws, roster.by_slice, config, damour, calendar)
    tables["changes"] = compare(quote(published), quote(drawn), quote(records), quote(roster))
    phases, seed = of_phases(config.phases, calendar), config.uncertainty.seed
    covered = layers_covered(records, roster, coverage)
    tables |= turnover_tables(tables["ties"], roster.by_slice, phases, calendar, seed=seed, covered=covered)
    clock.done("change", f"{tables['changes'].num_rows:,} comparisons of phases and slices")

    manifest = make_manifest(config, damour, records, counts, slices, roster, started, clock)
    snapshot = publish(held.out, quote(tables), manifest, started, quote(held), quote(render))
    clock.done("publish", f"{sum(table.num_rows for table in tables.values()):,} rows")
    reuse.done()
    summary = summarise(snapshot, clock.seconds) | {"removed": remove_old(held, config, started)}
    publish_artifacts(summary)
    return summary


def _tables_of_records(records: Records) -> dict[str, pa.Table]:
    """What is published of the records themselves, and of what the names mean."""
    stated = coverage_rows(records)
    coverage = {name: [row[name] for row in stated] for name in store.columns_of("coverage")}
    return {
        "coverage": store.sorted_by_key("coverage", store.table("coverage", coverage)),
        "catalog": store.sorted_by_key("catalog", store.table("catalog", reference.catalog_columns())),
        "rejected_records": records.rejected,
    }
