"""`orgnet serve` and a real server: runs asked for and runs by the clock, what they leave, and what is cancelled."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from orgnet import store
from orgnet.schema import TABLES
from tests.server.conftest import BACKFILL, NIGHTLY, REPORT
from tests.serving import (
    PEOPLE,
    TREE,
    add_month,
    below,
    flow_run_process,
    measuring,
    processes,
    serve,
    serving,
    wait_for,
    write_small_network,
)

BLOCK = """
from prefect.blocks.notifications import CustomWebhookNotificationBlock

hook = CustomWebhookNotificationBlock(
    name="orgnet", url="http://127.0.0.1:{port}/", json_data={{"subject": "{{{{subject}}}}", "body": "{{{{body}}}}"}}
)
print(hook.save("network-manager", overwrite=True))
"""

OF_RUNS = [name for name, table in TABLES.items() if not table.of_copies]


@pytest.fixture(scope="module")
def first(server, small):
    """The first run, asked for through the API."""
    run = server.trigger(NIGHTLY, as_of="2020-04-01")
    assert server.ended(run) == "COMPLETED", server.logs(run)
    return run


@pytest.fixture(scope="module")
def first_snapshot(first, small):
    return store.snapshot(small.out)


class TestARunAskedFor:
    def test_it_publishes_a_snapshot_as_of_the_day_given(self, small, first_snapshot):
        manifest = small.manifest(first_snapshot.name)
        assert manifest["as_of"] == "2020-04-01"
        assert manifest["configuration"]["period"] == {"start": "2020-01-01", "end": "2020-04-01"}
        assert manifest["records"]["read"]["meetings"] == 12
        assert manifest["records"]["rejected"] == {"attendance": {"unknown_person": 3}}
        assert [store.read(first_snapshot, name).num_rows for name in OF_RUNS] == list(
            map(manifest["table_rows"].get, OF_RUNS)
        )

    def test_its_log_tells_every_stage_in_counts(self, server, first):
        wait_for("the last line of the log", lambda: any("publish:" in line for line in server.logs(first)))
        said = [line for line in server.logs(first) if ": " in line]
        assert "records: 139 rows read, 3 put aside" in said
        assert "ties: 108 stays at meetings, 0 joint roles" in said
        stages = [line.split(":")[0] for line in said if not line.startswith("metrics: slices")]
        assert stages == [
            "records", "ties", "slices", "plan", "metrics", "indicators", "sensitivity", "change", "publish",
        ]  # fmt: skip

    def test_its_artifacts_are_the_summary_and_the_tables(self, server, first, first_snapshot, small):
        artifacts = server.artifacts(first)
        assert sorted(artifacts) == ["small-network-report", "small-network-summary", "small-network-tables"]
        assert f"# small-network: run {first_snapshot.name}" in artifacts["small-network-summary"]
        assert "| attendance | 111 | 108 | 3 | 3 unknown_person |" in artifacts["small-network-summary"]
        rows = {row["table"]: row["rows"] for row in json.loads(artifacts["small-network-tables"])}
        assert rows == small.manifest(first_snapshot.name)["table_rows"]

    def test_the_report_tells_the_same_again_and_measures_nothing(self, server, small, first, first_snapshot):
        run = server.trigger(REPORT, run_id=first_snapshot.name)
        assert server.ended(run) == "COMPLETED"
        told, again = server.artifacts(first), server.artifacts(run)
        assert again["small-network-tables"] == told["small-network-tables"]
        parts = [text["small-network-summary"].split("| stage")[0] for text in (told, again)]
        assert parts[0] == parts[1], "but for how long each stage took"
        assert first_snapshot.name in store.runs(small.out)
        found = server.ask("/task_runs/filter", task_runs={"flow_run_id": {"any_": [run]}})
        assert found == []


class TestByTheClock:
    def test_the_nights_to_come_are_known_in_the_network_s_zone(self, server, small):
        def planned():
            query = {"name": {"any_": ["small-network-nightly"]}}
            runs = server.ask("/flow_runs/filter", deployments=query, sort="EXPECTED_START_TIME_ASC", limit=200)
            return [run for run in runs if run["auto_scheduled"]]

        runs = wait_for("runs are planned", lambda: planned() or None)
        times = [datetime.fromisoformat(run["expected_start_time"]) for run in runs]
        assert len(times) >= 3
        assert {later.date() - earlier.date() for earlier, later in pairwise(times)} == {timedelta(days=1)}
        assert {time.astimezone(ZoneInfo("Europe/London")).strftime("%H:%M") for time in times} == {"01:30"}

    def test_a_scheduled_run_with_a_month_more_publishes_a_second_snapshot(self, server, small, first_snapshot):
        add_month(small.config.parent, 4)
        soon = datetime.now(UTC) + timedelta(seconds=4)
        once = {"rrule": f"DTSTART:{soon:%Y%m%dT%H%M%S}\nRRULE:FREQ=DAILY;COUNT=1", "timezone": "UTC"}
        deployment = server.deployment(NIGHTLY)["id"]
        (schedule,) = server.ask_list(
            f"/deployments/{deployment}/schedules", [{"schedule": once, "parameters": {"as_of": "2020-05-01"}}]
        )

        def fired():
            runs = server.ask("/flow_runs/filter", flow_runs={"deployment_id": {"any_": [deployment]}}, limit=200)
            mine = [run for run in runs if run["created_by"] and run["created_by"]["id"] == schedule["id"]]
            return mine[0]["id"] if mine else None

        run = wait_for("the schedule has made a run", fired)
        assert server.ended(run) == "COMPLETED", server.logs(run)
        assert server.run(run)["auto_scheduled"]
        assert len(store.runs(small.out)) == 2
        manifest = small.manifest()
        assert manifest["run_id"] != first_snapshot.name
        assert manifest["configuration"]["period"]["end"] == "2020-05-01"
        assert manifest["records"]["read"]["meetings"] == 16
        of_groups, of_graphs = (manifest["reuse"][kind] for kind in ("professional groups", "graphs"))
        assert of_groups == manifest["reuse"]["meetings and referrals"] == {"taken_up": 3, "anew": 1}
        assert of_graphs["anew"] <= 1, "a month that is like another has the other's graphs"
        assert sum(of_graphs.values()) == 4

    def test_what_it_took_up_is_what_a_run_from_nothing_finds(self, server, small, first_snapshot, tmp_path):
        mine = small.manifest()
        run = server.trigger(NIGHTLY, as_of="2020-05-01", out=str(tmp_path / "anew"))
        assert server.ended(run) == "COMPLETED", server.logs(run)
        anew, kept = store.snapshot(tmp_path / "anew"), store.snapshot(small.out)
        assert mine["configuration"]["period"]["end"] == "2020-05-01"
        assert [path.name for path in anew.rglob("*.parquet")] == [path.name for path in kept.rglob("*.parquet")]
        for path in anew.rglob("*.parquet"):
            assert path.read_bytes() == (kept / path.relative_to(anew)).read_bytes(), path.name

    def test_a_backfill_takes_nothing_up_of_the_slices_asked_for(self, server, small, first_snapshot):
        before = small.manifest()
        run = server.trigger(BACKFILL, again_from="2020-02-15", again_until="2020-04-01", as_of="2020-05-01")
        assert server.ended(run) == "COMPLETED", server.logs(run)
        after = small.manifest()
        assert after["run_id"] != before["run_id"]
        kinds = ("graphs", "professional groups", "meetings and referrals")
        assert after["reuse"] == {kind: {"taken_up": 2, "anew": 2} for kind in kinds}

    def test_a_run_that_is_late_is_of_the_day_it_was_scheduled_for(self, server, small, first_snapshot):
        """Half past midnight on the first of April in London, which is still March by the world's time."""
        due = {"type": "SCHEDULED", "state_details": {"scheduled_time": "2020-03-31T23:30:00Z"}}
        run = server.ask(f"/deployments/{server.deployment(NIGHTLY)['id']}/create_flow_run", state=due)["id"]
        assert server.ended(run) == "COMPLETED", server.logs(run)
        assert small.manifest()["as_of"] == "2020-04-01"
        assert small.manifest()["configuration"]["period"]["end"] == "2020-04-01"


@pytest.fixture(scope="module")
def cancelled(server, small, first):
    """A run that was cancelled while its slices were measured, what was current before, and its processes."""
    before = store.snapshot(small.out)
    in_two = small.config.with_name("in-two.yaml")
    in_two.write_text(small.config.read_text().replace("workers: 1", "workers: 2"))
    run = server.trigger(NIGHTLY, config_path=str(in_two), as_of="2026-01-01")
    wait_for("two processes measure", lambda: len(measuring(small.process)) == 2)
    wait_for("slices are measured", lambda: any(line.startswith("slices:") for line in server.logs(run)))
    mine = [*below(small.process.process.pid)]
    assert flow_run_process(small.process) in mine
    server.ask(f"/flow_runs/{run}/set_state", state={"type": "CANCELLING"})
    return run, before, mine


class TestCancelled:
    def test_it_ends_as_cancelled(self, server, cancelled):
        assert server.ended(cancelled[0]) == "CANCELLED"

    def test_its_processes_are_gone(self, server, cancelled):
        server.ended(cancelled[0])
        assert len(cancelled[2]) >= 3, "the run, and two that measure"
        wait_for("the processes of the run end", lambda: not set(cancelled[2]) & set(processes()))

    def test_nothing_is_left_and_the_last_snapshot_is_current(self, server, small, cancelled):
        server.ended(cancelled[0])
        wait_for("the processes of the run end", lambda: not set(cancelled[2]) & set(processes()))
        assert store.snapshot(small.out) == cancelled[1]
        assert [path for path in small.out.rglob("*") if "unfinished" in path.name] == []
        with store.locked(small.out):
            pass


def test_a_run_at_work_when_serving_stops_is_told_of(server, small, tmp_path):
    """As systemd stops a service: Prefect itself would leave it as running for ever."""
    config = write_small_network(tmp_path / "stopped", name="stopped-network")
    process = serve(server, config)
    try:
        run = server.trigger("orgnet-run/stopped-network-nightly", as_of="2026-01-01")
        wait_for("records are read", lambda: any(line.startswith("records:") for line in server.logs(run)))
        mine = below(process.process.pid)
        process.process.terminate()
        assert server.ended(run) == "CRASHED"
        assert server.run(run)["state"]["message"].startswith("orgnet serve was stopped while this run was at work")
        wait_for("its processes end", lambda: not set(mine) & set(processes()))
        assert process.process.wait(60) == 0
    finally:
        process.stop()
    assert not (config.parent / "out" / "current").exists()


class TestGivenUp:
    def test_a_run_that_takes_too_long_is_told_as_such(self, server, small, tmp_path):
        config = write_small_network(tmp_path / "slow", name="slow-network")
        with serving(server, config, "--timeout-minutes", "0.05") as process:
            run = server.trigger("orgnet-run/slow-network-nightly", as_of="2038-01-01")
            assert server.ended(run) == "FAILED"
            state = server.run(run)["state"]
            assert state["name"] == "TimedOut", state["message"]
            wait_for("the processes of the run end", lambda: not below(process.process.pid))
        assert not (config.parent / "out" / "current").exists()


@pytest.fixture(scope="module")
def failed(server, small, first, told, tmp_path_factory):
    """A run of records with a column lost."""
    config = write_small_network(tmp_path_factory.mktemp("spoilt"))
    attendance = config.with_name("attendance-01.csv")
    attendance.write_text(attendance.read_text().replace("person_id", "who"))
    run = server.trigger(NIGHTLY, config_path=str(config), as_of="2020-04-01")
    assert server.ended(run) == "FAILED"
    return run


class TestAtFault:
    def test_the_state_says_why(self, server, failed):
        message = server.run(failed)["state"]["message"]
        assert "attendance: attendance-01.csv: column 'person_id' is missing" in message

    def test_it_was_not_tried_again(self, server, failed):
        (task,) = server.ask("/task_runs/filter", task_runs={"flow_run_id": {"any_": [failed]}})
        assert (task["name"], task["run_count"], task["state"]["type"]) == ("records", 1, "FAILED")


@pytest.fixture(scope="module")
def told(server, first) -> Iterator[list[dict[str, str]]]:
    """What a web hook of the network manager's is told, once the automations that ship are in place."""
    heard: list[dict[str, str]] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Hook) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        prefect = partial(subprocess.run, env=server.env, cwd=server.home, check=True, capture_output=True, text=True)
        made = prefect([sys.executable, "-c", BLOCK.format(port=listening.server_port)]).stdout.split()[-1]
        path = server.home / "automations.yaml"
        path.write_text((TREE / "pipelines" / "automations.yaml").read_text().replace("BLOCK_ID", made))
        said = prefect([sys.executable, "-m", "prefect", "automation", "create", "--from-file", path.name]).stdout
        assert "3 automation" in said, said
        yield heard
        listening.shutdown()


def test_whoever_asked_for_it_is_told_of_a_failed_run(told, failed, server):
    (note,) = wait_for("the web hook is called", lambda: told or None)
    assert note["subject"] == "small-network-nightly: Failed"
    assert "the last results stay" in note["body"]
    assert "attendance-01.csv: column 'person_id' is missing" in note["body"]
    assert server.run(failed)["name"] in note["body"]


def test_the_deployments_for_work_pools_can_be_registered(server):
    """As a network manager would, once the example's names and paths are theirs."""
    prefect = [sys.executable, "-m", "prefect", "--no-prompt"]
    command = partial(subprocess.run, env=server.env, cwd=TREE, check=True, capture_output=True, text=True, timeout=240)
    command([*prefect, "work-pool", "create", "orgnet", "--type", "process"])
    command([*prefect, "deploy", "--all", "--prefect-file", "pipelines/prefect.yaml"])
    nightly = server.deployment("orgnet-run/my-network-nightly")
    (schedule,) = nightly["schedules"]
    assert (schedule["schedule"]["cron"], schedule["schedule"]["timezone"]) == ("0 2 * * *", "Europe/London")
    assert nightly["parameters"] == {"config_path": "/srv/networks/my-network.yaml", "out": None, "as_of": None}
    assert nightly["work_pool_name"] == "orgnet"
    assert nightly["job_variables"]["env"]["ORGNET_TIMEOUT_MINUTES"] == "240"
    assert nightly["global_concurrency_limit"]["limit"] == 1
    assert nightly["concurrency_options"]["collision_strategy"] == "ENQUEUE"
    assert set(nightly["tags"]) == {"orgnet", "my-network", "nightly"}
    assert list(nightly["parameter_openapi_schema"]["properties"])[:3] == ["config_path", "out", "as_of"]
    assert server.deployment("orgnet-backfill/my-network-backfill")["schedules"] == []
    assert server.deployment("orgnet-report/my-network-report")["schedules"] == []


def test_nothing_that_the_server_was_told_names_a_person(server, small, first):
    """Not its database with all states, logs, parameters and artifacts, and not what the processes print."""
    names = [name.encode() for name in [*PEOPLE, "nyghtyngayle"]]
    files = [path for path in server.home.rglob("*") if path.is_file()] + [small.process.said]
    assert any(path.name == "prefect.db" for path in files)
    for path in files:
        content = path.read_bytes()
        assert not any(name in content for name in names), path
