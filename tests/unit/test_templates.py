"""A new network's folder: valid as it is written, every setting too, and never a level from its examples."""

import re
import stat
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from orgnet.config import Config, load_config
from orgnet.errors import InputFault
from orgnet.records.identity import find_key
from orgnet.records.quality import EXAMPLE_ROWS, check
from orgnet.records.read import Records, read_records
from orgnet.schema.kinds import EXAMPLE, KINDS
from orgnet.templates import begin
from orgnet.templates.rows import _GIVEN
from orgnet.vocabulary import RecordKind
from tests.stages import measured
from tests.unit import test_cli

command = test_cli.command
START, END, TODAY = date(2022, 4, 1), date(2024, 4, 1), date(2026, 11, 23)


@pytest.fixture(scope="module")
def begun(tmp_path_factory) -> Path:
    """A network's configuration as it is begun."""
    return begin(tmp_path_factory.mktemp("begun") / "north", "north", START, END, TODAY)


@pytest.fixture(scope="module")
def everything(begun) -> Path:
    """The same with every setting and source switched on."""
    on = re.sub(r"(?m)^( *)#(?=[^ ])", r"\1", begun.read_text())
    on = re.sub(r"(?m)^(indicators|date_format):.*\n", "", on)
    path = begun.with_name("everything.yaml")
    path.write_text(on)
    return path


@pytest.fixture(scope="module")
def read(everything) -> Records:
    return read_records(load_config(everything))


class TestConfiguration:
    def test_it_is_valid_and_says_what_was_asked_for(self, begun):
        config = load_config(begun)
        assert config.network == "north"
        assert (config.period.start, config.period.end) == (START, END)
        assert config.out_folder == begun.parent / "results"

    def test_what_it_calls_a_default_is_one(self, begun):
        config = load_config(begun)
        plain = Config(network="north", period=config.period, sources=config.sources)
        apart = {name for name in Config.model_fields if getattr(config, name) != getattr(plain, name)}
        assert apart == {"out", "person_key", "folder"}

    def test_every_setting_that_is_switched_off_can_be_switched_on(self, everything):
        config = load_config(everything)
        assert set(config.sources) == set(RecordKind)
        assert set(config.phases) == {"before", "after"}

    def test_what_is_switched_on_is_the_default(self, everything):
        config = load_config(everything)
        plain = Config(network="north", period=config.period, sources=config.sources)
        for name in ("professional_groups", "ties", "organisations", "uncertainty", "quality", "compute"):
            assert getattr(config, name) == getattr(plain, name)

    @pytest.mark.parametrize("network", ["The North East", "null", "true", "42", "Ärzte: 'Nord' #1", "a\\b", "1e3"])
    def test_any_name_stays_the_same_text(self, tmp_path, network):
        assert load_config(begin(tmp_path / "new", network, START, END, TODAY)).network == network

    def test_without_days_it_begins_two_financial_years_ago_and_goes_on(self, tmp_path):
        config = load_config(begin(tmp_path / "a", "a", None, None, TODAY), TODAY)
        assert (config.period.start, config.period.end) == (date(2024, 4, 1), date(2026, 10, 1))
        config = load_config(begin(tmp_path / "b", "b", None, None, date(2026, 3, 31)), TODAY)
        assert config.period.start == date(2023, 4, 1)

    @pytest.mark.parametrize("start", [date(2024, 4, 1), date(2025, 1, 1)])
    def test_days_that_cannot_be_are_refused_before_anything_is_written(self, tmp_path, start):
        with pytest.raises(InputFault, match="not after its start"):
            begin(tmp_path / "new", "new", start, END, TODAY)
        assert not (tmp_path / "new").exists()


class TestTemplates:
    @pytest.mark.parametrize("kind", RecordKind)
    def test_every_kind_has_one_with_every_heading_and_two_rows(self, begun, kind):
        heading, *rows = begun.with_name(f"{kind.value}.csv").read_text().splitlines()
        assert heading.split(",") == [field.name for field in KINDS[kind].fields]
        assert len(rows) == 2
        assert all(EXAMPLE in row for row in rows)

    def test_every_row_can_be_used(self, read):
        assert read.read == dict.fromkeys(KINDS, 2)
        assert read.rejected.num_rows == 0

    def test_in_a_period_of_one_day_too(self, tmp_path):
        path = begin(tmp_path / "new", "new", date(2024, 3, 31), date(2024, 4, 1), TODAY)
        assert read_records(load_config(path)).rejected.num_rows == 0

    def test_what_is_said_of_a_field_is_said_of_one_that_there_is_in_its_own_words(self):
        for (kind, name), values in _GIVEN.items():
            words = KINDS[kind].field(name).vocabulary
            assert not words or {*values} - {""} <= {*words}, (kind, name)

    def test_people_meetings_and_organisations_belong_together(self, read):
        assert (len(read.organisations), read.n_people) == (2, 2)
        attendance = read.tables[RecordKind.ATTENDANCE].to_pylist()
        assert len({row["meeting_id"] for row in attendance}) == 1
        assert len({row["person_id"] for row in attendance}) == 2
        posts = {(row["person_id"], row["org_id"]) for row in read.tables[RecordKind.PEOPLE].to_pylist()}
        assert {(row["person_id"], row["org_id"]) for row in attendance} == posts
        assert all(row["from_org"] != row["to_org"] for row in read.tables[RecordKind.REFERRALS].to_pylist())

    def test_they_claim_of_no_records_that_they_are_whole(self, begun):
        """A statement that was left in would turn what is missing into zeros."""
        assert "true" not in begun.with_name("coverage.csv").read_text()

    def test_they_give_no_level(self, everything):
        rows = measured(everything).tables["indicators"]
        assert len(rows) > 50
        assert rows["level"].isna().all()
        assert set(rows["status"]) <= {"insufficient_data", "not_assessed"}


class TestExamplesLeftIn:
    def test_every_file_that_holds_any_is_known(self, read):
        assert read.examples == {kind: [f"{kind.value}.csv"] for kind in KINDS}

    def test_they_are_a_mark_of_every_run(self, begun):
        config = load_config(begun)
        (breach,) = (b for b in check(read_records(config), config, TODAY) if b.gate == EXAMPLE_ROWS)
        assert "organisations.csv, people.csv" in breach.message

    def test_one_row_among_others_is_seen(self, begun, tmp_path):
        for path in begun.parent.iterdir():
            (tmp_path / path.name).write_bytes(path.read_bytes())
        heading, first, second = (tmp_path / "organisations.csv").read_text().splitlines()
        for name in ("people", "meetings", "attendance", "referrals", "joint_roles", "coverage"):
            path = tmp_path / f"{name}.csv"
            path.write_text(path.read_text().splitlines()[0] + "\n")
        real = [heading, *(f"R{n}{first.removeprefix('EXAMPLE-ORG-1')}" for n in range(9)), second]
        (tmp_path / "organisations.csv").write_text("\n".join(real))
        assert read_records(load_config(tmp_path / begun.name)).examples == {
            RecordKind.ORGANISATIONS: ["organisations.csv"]
        }

    def test_a_network_of_records_has_none(self, london_cancer):
        assert read_records(load_config(london_cancer)).examples == {}


class TestFolder:
    def test_the_key_is_secret_new_each_time_and_kept_out_of_version_control(self, tmp_path):
        keys = []
        for name in ("a", "b"):
            config = load_config(begin(tmp_path / name, name, START, END, TODAY))
            keys.append(find_key(config).secret)
            path = tmp_path / name / "person.key"
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
            assert {"person.key", "*.csv", "results/"} <= {*(tmp_path / name / ".gitignore").read_text().splitlines()}
            assert keys[-1].hex() not in (tmp_path / name / f"{name}.yaml").read_text()
        assert keys[0] != keys[1]

    def test_an_empty_folder_will_do(self, tmp_path):
        assert begin(tmp_path, "here", START, END, TODAY) == tmp_path / "here.yaml"

    def test_one_that_is_not_empty_is_left_as_it_is(self, tmp_path, command):
        (tmp_path / "people.csv").write_text("mine")
        (tmp_path / "notes.txt").write_text("mine")
        answer = command("init", tmp_path, "--network", "north")
        assert answer.code == 2
        assert "is not empty, and would have files written over: people.csv;" in answer.err
        assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
            "people.csv": "mine",
            "notes.txt": "mine",
        }

    def test_a_file_in_its_place(self, tmp_path, command):
        (tmp_path / "north").write_text("")
        assert command("init", tmp_path / "north").code == 2


class TestCommand:
    def test_a_name_is_enough_and_what_to_do_next_can_be_typed(
        self, command: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.chdir(tmp_path)
        answer = command("init", "--network", "The North")
        assert answer.code == 0 and answer.err == ""
        assert "orgnet validate 'The North/the-north.yaml'" in answer.out
        assert command("validate", "The North/the-north.yaml").code == 0

    def test_neither_a_name_nor_a_folder(self, command):
        answer = command("init")
        assert answer.code == 2 and "orgnet init my-network" in answer.err
