"""What a server is told of a network's runs: which there are, what they are given, and when they are due."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from prefect.server.schemas.schedules import CronSchedule

from orgnet.config import load_config
from orgnet.errors import InputFault
from pipelines.serve import Served, deployments, schedule_of
from tests.command import orgnet
from tests.serving import free_port, write_small_network

LONDON = ZoneInfo("Europe/London")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The deployments of the small network, by name."""
    path = write_small_network(tmp_path_factory.mktemp("made"))
    served = Served(load_config(path), path, path.parent / "elsewhere")
    return {each.name: each for each in deployments(served, schedule_of("30 1 * * *", "Europe/London"))}


class TestWhatIsRegistered:
    def test_one_deployment_for_each_thing_that_is_run(self, made):
        assert {name: each.entrypoint for name, each in made.items()} == {
            "small-network-nightly": "pipelines.run.run_network",
            "small-network-backfill": "pipelines.backfill.backfill_network",
            "small-network-report": "pipelines.report.report_network",
        }

    def test_only_the_nightly_one_has_a_schedule(self, made):
        (schedule,) = made["small-network-nightly"].schedules
        assert (schedule.schedule.cron, schedule.schedule.timezone) == ("30 1 * * *", "Europe/London")
        assert made["small-network-report"].schedules == made["small-network-backfill"].schedules == []

    def test_every_parameter_is_told_with_its_type_its_default_and_what_it_means(self, made):
        days = dict.fromkeys(("as_of", "again_from", "again_until"), ("string", "date"))
        kinds = {"config_path": ("string", "path"), "out": ("string", "path"), "run_id": ("string", None), **days}
        kinds |= {"wait_minutes": ("number", None), "explain": ("boolean", None)}
        defaults = {"wait_minutes": 0.0, "explain": False}
        expected = {
            "nightly": ["config_path", "out", "as_of", "wait_minutes", "again_from", "again_until", "explain"],
            "backfill": ["config_path", "again_from", "again_until", "out", "as_of"],
            "report": ["config_path", "out", "run_id"],
        }
        for role, names in expected.items():
            schema = made[f"small-network-{role}"]._parameter_openapi_schema
            assert list(schema.properties) == names
            assert schema.required == ["config_path"]
            for name, said in schema.properties.items():
                kind = said.get("anyOf", [said])[0]
                assert (kind["type"], kind.get("format")) == kinds[name], name
                assert len(said["description"]) > 20, name
                assert name == "config_path" or said["default"] == defaults.get(name), name

    def test_what_they_are_given_are_whole_paths(self, made, tmp_path):
        for each in made.values():
            assert each.parameters["config_path"].startswith("/")
            assert each.parameters["out"].endswith("/elsewhere")


class TestClockChanges:
    """A schedule goes by the clocks of its zone, and a night has one run, however long it is."""

    def fired(self, cron, day):
        """When a schedule fires on a day, whenever the server may have looked for the times to come."""
        schedule = CronSchedule(cron=cron, timezone="Europe/London")
        noon = datetime.combine(day, datetime.min.time(), LONDON).astimezone(UTC) - timedelta(hours=12)
        starts = [noon + timedelta(minutes=10 * step) for step in range(6 * 48)]
        times = {time for start in starts for time in asyncio.run(schedule.get_dates(2, start=start))}
        return sorted(time.astimezone(UTC) for time in times if time.astimezone(LONDON).date() == day)

    @pytest.mark.parametrize("cron", ["30 1 * * *", "0 1 * * *", "59 1 * * *", "0 2 * * *", "30 0 * * *"])
    @pytest.mark.parametrize("first", [datetime(2027, 3, 27).date(), datetime(2026, 10, 24).date()])
    def test_each_night_has_one_run(self, cron, first):
        counted = Counter(
            {first + timedelta(days=n): len(self.fired(cron, first + timedelta(days=n))) for n in range(3)}
        )
        assert set(counted.values()) == {1}, counted

    def test_half_past_one_that_does_not_exist_is_an_hour_earlier(self):
        assert self.fired("30 1 * * *", datetime(2027, 3, 28).date()) == [datetime(2027, 3, 28, 0, 30, tzinfo=UTC)]

    def test_half_past_one_that_comes_twice_is_the_first(self):
        assert self.fired("30 1 * * *", datetime(2026, 10, 25).date()) == [datetime(2026, 10, 25, 0, 30, tzinfo=UTC)]


class TestFaults:
    @pytest.mark.parametrize("cron", ["0 2 * *", "99 2 * * *", "nightly", "", "0 2 * * * *", "@daily"])
    def test_a_schedule_that_is_none(self, cron):
        with pytest.raises(InputFault, match="expected five fields"):
            schedule_of(cron, "Europe/London")

    def test_a_zone_that_is_none(self):
        with pytest.raises(InputFault, match=r"'Europe/Lundon', expected .* a zone such as Europe/London"):
            schedule_of("0 2 * * *", "Europe/Lundon")

    @pytest.fixture
    def config(self, tmp_path):
        return write_small_network(tmp_path)

    def serve(self, config, **more):
        return orgnet("serve", config.name, "--cron", "0 2 * * *", folder=config.parent, **more)

    def test_without_a_server(self, config):
        found = self.serve(config, PREFECT_HOME=str(config.parent / "prefect"))
        assert (found.returncode, found.stdout) == (2, "")
        assert found.stderr.startswith("orgnet: PREFECT_API_URL is not set, and schedules need a Prefect server")
        assert "prefect server start --host 127.0.0.1" in found.stderr

    def test_with_a_server_that_does_not_answer(self, config):
        url = f"http://127.0.0.1:{free_port()}/api"
        found = self.serve(config, PREFECT_API_URL=url, PREFECT_HOME=str(config.parent / "prefect"))
        assert (found.returncode, found.stdout) == (2, "")
        assert f"no Prefect server answers at {url}" in found.stderr
        assert "Traceback" not in found.stderr

    def test_a_day_on_which_no_slice_had_ended(self, config):
        found = orgnet("run", config.name, "--as-of", "2020-01-31", folder=config.parent)
        assert (found.returncode, found.stdout) == (2, "")
        assert "period: starts on 2020-01-01, and no slice (month) has ended by 2020-01-31" in found.stderr

    def test_a_configuration_at_fault_is_told_before_anything_is_started(self, config):
        config.write_text(config.read_text().replace("every: month", "every: fortnight"))
        found = self.serve(config)
        assert found.returncode == 2
        assert "found 'fortnight', expected a length of time" in found.stderr
