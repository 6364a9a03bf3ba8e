"""The configuration: what it may say, and what is said when it says something else, all of it at once."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import yaml

from orgnet.config import load_config, load_yaml
from orgnet.errors import InputFault

GOOD = """\
network: north
period: {start: 2016-01-01, end: 2017-01-01}
sources:
  organisations: {path: organisations.csv}
"""
KEY = "0123456789abcdef" * 4


def load(tmp_path, text):
    path = tmp_path / "network.yaml"
    path.write_text(text, encoding="utf-8")
    return load_config(path)


def said(tmp_path, text):
    """What is wrong with a configuration, each line without the file's name."""
    with pytest.raises(InputFault) as caught:
        load(tmp_path, text)
    start = f"{tmp_path / 'network.yaml'}: "
    assert all(line.startswith(start) for line in caught.value.faults)
    return [line.removeprefix(start) for line in caught.value.faults]


def source(tmp_path, text):
    """The one source of a configuration, by what it says beside its path."""
    config = load(tmp_path, GOOD.replace("{path: organisations.csv}", f"{{path: organisations.csv, {text}}}"))
    (only,) = config.sources["organisations"]
    return only


class TestPeriodWithoutAnEnd:
    """It ends with the last slice that has ended, and everything else sees a period as any other."""

    OPEN = GOOD.replace(", end: 2017-01-01", "")

    @pytest.fixture
    def path(self, tmp_path):
        path = tmp_path / "network.yaml"
        path.write_text(self.OPEN)
        return path

    def test_it_ends_with_the_last_slice_that_has_ended(self, path):
        config = load_config(path, date(2016, 11, 22))
        assert config.period.end == date(2016, 10, 1)
        assert config.as_of == date(2016, 11, 22)
        assert [s.label for s in config.calendar.slices] == ["2016-Q1", "2016-Q2", "2016-Q3"]

    def test_it_is_the_same_as_if_the_end_were_written(self, path, tmp_path):
        resolved, earlier = load_config(path, date(2017, 2, 1)), load_config(path, date(2016, 11, 22))
        written = load(tmp_path, GOOD)
        assert resolved.digest == written.digest
        assert resolved.model_dump(mode="json") == written.model_dump(mode="json")
        assert earlier.digest != written.digest

    def test_a_moment_is_of_its_day_in_the_network_s_zone(self, path):
        """An hour before the end of June by the world's time, it is July in London."""
        assert load_config(path, datetime(2016, 6, 30, 23, tzinfo=UTC)).period.end == date(2016, 7, 1)
        assert load_config(path, datetime(2016, 6, 30, 22, tzinfo=UTC)).period.end == date(2016, 4, 1)

    def test_left_out_it_is_as_of_today(self, path):
        config = load_config(path)
        assert config.as_of is not None and abs((config.as_of - datetime.now(UTC).date()).days) <= 1
        assert config.period.end <= config.as_of

    def test_slices_of_another_origin(self, path):
        path.write_text(self.OPEN + "slices: {every: year, origin: 2000-04-01}\n")
        config = load_config(path, date(2018, 1, 1))
        assert config.period.end == date(2017, 4, 1)
        assert [s.label for s in config.calendar.slices] == ["2016-01-01/12m", "2016-04-01/12m"]

    def test_no_slice_has_ended_yet(self, path):
        with pytest.raises(InputFault) as caught:
            load_config(path, date(2016, 3, 31))
        assert str(caught.value) == (
            f"{path}: period: starts on 2016-01-01, and no slice (quarter) has ended by 2016-03-31, expected at least "
            "one; wait until one has ended, or give an `end`"
        )

    def test_where_the_end_is_written_the_day_is_not_used(self, tmp_path):
        path = tmp_path / "network.yaml"
        path.write_text(GOOD)
        config = load_config(path, date(2016, 3, 31))
        assert (config.period.end, config.as_of) == (date(2017, 1, 1), None)

    @pytest.mark.parametrize("name", ["as_of: 2016-05-01", "folder: elsewhere"])
    def test_what_is_set_on_reading_cannot_be_written(self, tmp_path, name):
        (line,) = said(tmp_path, GOOD + f"{name}\n")
        assert line.startswith(f"{name.split(':')[0]}: is not a known name")


class TestGood:
    def test_what_is_left_out_has_a_default(self, tmp_path):
        config = load(tmp_path, GOOD)
        assert (config.timezone, config.slices.every, config.slices.window) == ("Europe/London", "quarter", "12 months")
        assert config.period.end == date(2017, 1, 1)
        assert config.folder == tmp_path
        assert config.out_folder == tmp_path / "out"
        assert config.person_key is None

    def test_one_source_or_several(self, tmp_path):
        several = GOOD + "  people: [{path: a.csv}, {path: b.csv}]\n"
        config = load(tmp_path, several)
        assert [len(config.sources[kind]) for kind in ("organisations", "people")] == [1, 2]

    def test_numbers_days_and_truth_values_are_text_where_text_is_meant(self, tmp_path):
        found = source(
            tmp_path,
            "constants: {role: 7, valid_from: 2016-01-01, kind: true}, values: {name: {1: 2, 007: bond, No: none, "
            "x: }}",
        )
        assert found.constants == {"role": "7", "valid_from": "2016-01-01", "kind": "true"}
        # In most YAML, No would be false and 007 seven.
        assert found.values == {"name": {"1": "2", "007": "bond", "No": "none", "x": ""}}

    @pytest.mark.parametrize(("given", "read"), [("tab", "\t"), ("'\\t'", "\t"), (";", ";"), ("'|'", "|")])
    def test_delimiters(self, tmp_path, given, read):
        assert source(tmp_path, f"delimiter: {given}").delimiter == read

    @pytest.mark.parametrize(
        "given", ["%d/%m/%Y", "%-d.%-m.%y", "%d %B %Y %H:%M", "%Y%j", "%x %X", "%m/%d/%y, %I:%M %p"]
    )
    def test_date_formats(self, tmp_path, given):
        assert source(tmp_path, f"date_format: '{given}'").date_format == given

    def test_a_limit_of_one_kind_stands_in_the_place_of_that_for_all(self, tmp_path):
        quality = "quality: {least: 3, kinds: {referrals: {volume_drop: null}, documents: {volume_drop: 0.2}}}\n"
        limits = load(tmp_path, GOOD + quality).quality
        assert (limits.of("referrals").volume_drop, limits.of("referrals").least) == (None, 3)
        assert (limits.of("attendance").volume_drop, limits.of("attendance").organisation_drop) == (0.5, 0.9)
        assert (limits.of("documents").volume_drop, limits.of("people").volume_drop) == (0.2, None)
        assert limits.model_dump(mode="json")["kinds"]["referrals"] == {"volume_drop": None}, "only what was given"

    def test_phases_in_any_order(self, tmp_path):
        text = GOOD + "phases: {post: [2016-06-01, 2017-01-01], pre: [2016-01-01, 2016-06-01]}\n"
        assert load(tmp_path, text).phases["pre"] == (date(2016, 1, 1), date(2016, 6, 1))

    def test_the_digest_is_of_what_can_change_a_result(self, tmp_path):
        digest = load(tmp_path, GOOD).digest
        elsewhere = "out: elsewhere\ncompute: {workers: 9}\nperson_key: {ephemeral: true}\nsnapshots: {keep: 3}\n"
        assert load(tmp_path, GOOD + elsewhere + "quality: {on_breach: fail}\n").digest == digest
        assert load(tmp_path, GOOD.replace("2017", "2018")).digest != digest
        assert load(tmp_path, GOOD + "ties: {acquainted_after: 3}\n").digest != digest


class TestFaults:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("", "found nothing, expected names and values such as `network: ...`"),
            ("- a\n", "found a list, expected names and values such as `network: ...`"),
            ("just words\n", "found 'just words', expected names and values such as `network: ...`"),
            (GOOD.replace("network: north\n", ""), "network: is missing"),
            (GOOD.replace("north", "''"), "network: is empty"),
            (GOOD + "snapshots: {keep: 0}\n", "snapshots.keep: found 0, expected a number greater than or equal to 1"),
            (GOOD + "quality: {on_breach: stop}\n", "quality.on_breach: found 'stop', expected 'mark' or 'fail'"),
            (GOOD + "quality: {volume_drop: 1}\n", "quality.volume_drop: found 1, expected a number less than 1"),
            (
                GOOD + "quality: {kinds: {referals: {}}}\n",
                "quality.kinds.referals: is not a known name; did you mean referrals?",
            ),
            (GOOD.replace("north", "[a]"), "network: found a list, expected text (put a number in quotes)"),
            (
                GOOD + "timezone: Europe/Londn\n",
                "timezone: found 'Europe/Londn', expected a time zone such as Europe/London",
            ),
            (
                GOOD + "timezone: ../../etc/passwd\n",
                "timezone: found '../../etc/passwd', expected a time zone such as Europe/London",
            ),
            (
                GOOD.replace("2016-01-01", "20160101"),
                "period.start: found 20160101, expected a day that exists, such as 2016-03-04",
            ),
            (
                GOOD.replace("2016-01-01", "2016-02-30"),
                "period.start: found '2016-02-30', expected a day that exists, such as 2016-03-04",
            ),
            (
                GOOD.replace("2017-01-01", "2016-01-01"),
                "period: it ends on 2016-01-01, which is not after its start, 2016-01-01",
            ),
            (GOOD + "slices: {evry: month}\n", "slices.evry: is not a known name; did you mean every?"),
            (
                GOOD + "slices: {window: 12 fortnights}\n",
                "slices.window: found '12 fortnights', expected a length of time such as day, week, month, quarter, "
                "year, or '12 months'",
            ),
            (
                GOOD + "phases: {pre: [2016-01-01]}\n",
                "phases.pre: expected two days: [first day, first day after], such as [2014-05-01, 2015-11-01]",
            ),
            (
                GOOD + "phases: {a: [2016-01-01, 2016-06-02], b: [2016-06-01, 2017-01-01]}\n",
                "phases: phase 'b' begins on 2016-06-01, before phase 'a' has ended",
            ),
            (
                GOOD + "phases: {a: [2016-01-01, 2016-01-01]}\n",
                "phases: phase 'a' ends on 2016-01-01, which is not after its start, 2016-01-01",
            ),
            (
                GOOD + "professional_groups: [nurse, Nurse]\n",
                "professional_groups: found nurse, expected each group once, by name",
            ),
            (GOOD + "professional_groups: []\n", "professional_groups: is empty"),
            (
                GOOD + "ties: {min_overlap_minutes: -1}\n",
                "ties.min_overlap_minutes: found -1, expected a number greater than or equal to 0",
            ),
            (GOOD + "ties: {acquainted_after: 1.5}\n", "ties.acquainted_after: found 1.5, expected a whole number"),
            (
                GOOD + "ties: {joint_roles_from_affiliations: maybe}\n",
                "ties.joint_roles_from_affiliations: found 'maybe', expected true or false",
            ),
            (GOOD + "compute: local\n", "compute: found 'local', expected names and values"),
            (GOOD + "sorces: {}\n", "sorces: is not a known name; did you mean sources or slices or surveys?"),
            (
                GOOD.replace("organisations:", "organisation:"),
                "sources.organisation: is not a known name; did you mean organisations or organisation_links?",
            ),
            (GOOD.replace("\n  organisations: {path: organisations.csv}", " {}"), "sources: is empty"),
            (
                GOOD + "  people:\n",
                "sources.people: is empty; expected where the records are, such as {path: records.csv}",
            ),
            (
                GOOD + "  people: []\n",
                "sources.people: is empty; expected where the records are, such as {path: records.csv}",
            ),
            (GOOD + "  people: people.csv\n", "sources.people: found 'people.csv', expected {path: people.csv}"),
            (
                GOOD + "  people: {pth: a.csv, path: b.csv}\n",
                "sources.people.pth: is not a known name; did you mean path?",
            ),
            (GOOD + "  people: {path: ''}\n", "sources.people.path: is empty"),
            (GOOD + "  people: [{path: a.csv}, {format: csv}]\n", "sources.people[2].path: is missing"),
            (
                GOOD + "  people: {path: a, format: xlsx}\n",
                "sources.people.format: found 'xlsx', expected 'csv', 'parquet' or 'jsonl'",
            ),
            (
                GOOD + "  people: {path: a, encoding: utf9}\n",
                "sources.people.encoding: found 'utf9', expected an encoding such as utf-8, cp1252 or utf-16",
            ),
            (
                GOOD + "  people: {path: a, delimiter: ', '}\n",
                "sources.people.delimiter: found ', ', expected one character, such as ';' or '|', or the word tab",
            ),
            (
                GOOD + "  people: {path: a, date_format: dd/mm/yyyy}\n",
                "sources.people.date_format: found 'dd/mm/yyyy', expected a pattern with day, month and year, such "
                "as %d/%m/%Y or %d/%m/%Y %H:%M",
            ),
            (
                GOOD + "  people: {path: a, date_format: '%d/%m'}\n",
                "sources.people.date_format: found '%d/%m', expected a pattern with day, month and year, such as "
                "%d/%m/%Y or %d/%m/%Y %H:%M",
            ),
            (
                GOOD + "  people: {path: a, columns: {b: {c: d}}}\n",
                "sources.people.columns.b: found names and values, expected text (put a number in quotes)",
            ),
            (
                GOOD + "  people: {path: a, columns: {a: start, b: start}}\n",
                "sources.people: found start more than once in `columns`, `derive` and `constants`; expected one "
                "place to take each field from",
            ),
            (
                GOOD + "  people: {path: a, columns: {a: [start, end]}, derive: {start: x}, constants: {end: y}}\n",
                "sources.people: found end, start more than once in `columns`, `derive` and `constants`; expected "
                "one place to take each field from",
            ),
            (
                GOOD + "  people: {path: a, derive: {start: }}\n",
                "sources.people: found nothing under `derive` for start, expected a DuckDB expression",
            ),
            (GOOD + "person_key: {}\n", "person_key: expected exactly one of: file, env, ephemeral: true"),
            (
                GOOD + "person_key: {env: A, file: b}\n",
                "person_key: expected exactly one of: file, env, ephemeral: true",
            ),
            (
                GOOD + "a: 1\na: 2\n",
                "is not valid YAML: 'a' is given twice in \"<unicode string>\", line 6, column 1: a: 2 ^",
            ),
            (
                GOOD + "? [a]\n: b\n",
                'is not valid YAML: a name must be a word, not a list or a mapping in "<unicode string>", line 5, '
                "column 3: ? [a] ^",
            ),
        ],
    )
    def test_what_was_found_and_what_was_expected(self, tmp_path, text, expected):
        assert said(tmp_path, text) == [expected]

    def test_all_at_once(self, tmp_path):
        text = "network: ''\nperiod: {start: x, end: y}\nsources: {people: , orgs: {path: a}}\nties: 3\n"
        assert [line.split(":")[0] for line in said(tmp_path, text)] == [
            "network",
            "period.start",
            "period.end",
            "ties",
            "sources.people",
            "sources.orgs",
        ]

    @pytest.mark.parametrize("key", [f"{{env: {KEY}}}", f"{{file: {KEY}}}", KEY, f"[{KEY}]", f"{{key: {KEY}}}"])
    def test_a_key_written_into_the_configuration_is_not_repeated(self, tmp_path, key):
        lines = said(tmp_path, GOOD + f"person_key: {key}\n")
        assert lines
        assert KEY not in " ".join(lines)

    @pytest.mark.parametrize("place", ["env", "file"])
    def test_and_is_called_lost(self, tmp_path, place):
        (line,) = said(tmp_path, GOOD + f"person_key: {{{place}: {KEY}}}\n")
        assert line.startswith("person_key: found what looks like the key itself, expected where it is kept")

    def test_no_such_file(self, tmp_path):
        (tmp_path / "network.yaml").write_text(GOOD)
        with pytest.raises(InputFault) as caught:
            load_config(tmp_path / "netwrok.yaml")
        assert caught.value.faults == [
            f"{tmp_path / 'netwrok.yaml'}: no such file; did you mean {tmp_path / 'network.yaml'}?"
        ]

    def test_a_folder(self, tmp_path):
        with pytest.raises(InputFault, match="cannot be read: Is a directory"):
            load_config(tmp_path)

    def test_not_text(self, tmp_path):
        path = tmp_path / "network.yaml"
        path.write_bytes("network: café".encode("latin-1"))
        with pytest.raises(InputFault, match="is not UTF-8 text; save it as UTF-8"):
            load_config(path)

    @pytest.mark.parametrize("text", ["a: [1", "a: 'x", "\tb: 1", "a: &x [*y]", "!!python/object:os.system a"])
    def test_not_yaml(self, tmp_path, text):
        (line,) = said(tmp_path, text)
        assert line.startswith("is not valid YAML: ")


def test_yaml_has_only_the_truth_values_it_says(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_text("[true, False, yes, No, on, OFF, 010, 10, -3, 1:30, 1.5, 2016-01-01, ~]\n")
    assert load_yaml(path) == [
        True,
        False,
        "yes",
        "No",
        "on",
        "OFF",
        "010",
        10,
        -3,
        "1:30",
        1.5,
        date(2016, 1, 1),
        None,
    ]


@pytest.mark.parametrize("path", sorted(Path(__file__).parents[2].glob("configs/*.yaml")), ids=lambda path: path.name)
def test_the_configurations_that_ship_can_be_read(path):
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    if "sources" in content:
        assert load_config(path).network == content["network"]
    else:
        assert load_yaml(path) == content
