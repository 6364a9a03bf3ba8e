"""The limits that records are held to, each on its boundary, and a lost feed that nobody told of."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from orgnet import cli
from orgnet.config import load_config
from orgnet.errors import InputFault
from orgnet.records.quality import Breach, QualityFault, check, in_short, judge
from orgnet.records.read import read_records
from orgnet.records.restate import state
from orgnet.scenario import write_london_cancer
from tests.feeds import configure, write

START = date(2016, 1, 1)
STEP = 30
LATER = date(2030, 1, 1)
ORGANISATIONS = [f"T{number}" for number in range(10)]


def start_of(slice_: int) -> date:
    return START + timedelta(days=STEP * slice_)


def referrals(counts: Mapping[str, Sequence[int]], bad: int = 0) -> str:
    """Referrals of each organisation, so many in each slice of thirty days; and some of an unknown one."""
    rows = [
        f"{start_of(number) + timedelta(days=each % 15)},{org},T9"
        for org, by_slice in counts.items()
        for number, n in enumerate(by_slice)
        for each in range(n)
    ]
    rows += [f"{START},{f'X{each}'},T9" for each in range(bad)]
    return "\n".join(["date,from_org,to_org", *rows]) + "\n"


def organisations(gone: Mapping[str, int] | None = None) -> str:
    """The roster; those that have left did so when a slice began."""
    rows = [f"{org},2015-01-01,{start_of((gone or {})[org]) if org in (gone or {}) else ''}" for org in ORGANISATIONS]
    return "\n".join(["org_id,valid_from,valid_to", *rows]) + "\n"


def statement(org: str, first: int, after: int, complete: str = "true") -> str:
    return f"s,{org},referrals,{start_of(first)},{start_of(after)},{complete}\n"


COVERAGE = "source_id,org_id,record_kind,period_start,period_end,complete\n"


@pytest.fixture
def judged(tmp_path: Path):
    """What is found in a network of referrals, cut into slices of thirty days."""

    def judge_them(
        text: str,
        slices: int,
        today: date = LATER,
        days: int = 0,
        coverage: str = "",
        roster: str = "",
        **quality: Any,
    ) -> list[Breach]:
        end = start_of(slices) + timedelta(days=days)
        files = {"organisations.csv": roster or organisations(), "referrals.csv": text}
        files |= {"coverage.csv": COVERAGE + coverage} if coverage else {}
        config = configure(
            tmp_path,
            files,
            period={"start": START, "end": end},
            slices={"every": f"{STEP} days", "window": f"{STEP} days"},
            quality=quality,
        )
        return judge(read_records(config), config, today)

    return judge_them


def gates(found: list[Breach]) -> list[str]:
    return [each.gate for each in found]


class TestRejectedShare:
    @pytest.mark.parametrize(("bad", "expected"), [(0, []), (5, []), (6, ["rejected_share"])])
    def test_on_its_boundary(self, judged, bad, expected):
        assert gates(judged(referrals({"T0": [100 - bad]}, bad), 1)) == expected

    def test_it_says_what_where_and_what_to_do(self, judged):
        (found,) = judged(referrals({"T0": [90]}, 10), 1)
        assert (found.record_kind, found.found, found.limit) == ("referrals", 0.1, 0.05)
        assert "referrals: 10 of 100 rows were put aside (10.0%, limit 5.0%): 10 unknown_organisation" in found.message
        assert "`quality.kinds.referrals.rejected_share`" in found.message

    def test_a_kind_has_its_own_limit_or_none(self, judged):
        text = referrals({"T0": [90]}, 10)
        assert gates(judged(text, 1, kinds={"referrals": {"rejected_share": 0.1}})) == []
        assert gates(judged(text, 1, kinds={"referrals": {"rejected_share": None}})) == []
        assert gates(judged(text, 1, rejected_share=None)) == []
        assert gates(judged(text, 1, kinds={"people": {"rejected_share": None}})) == ["rejected_share"]

    def test_rows_of_another_time_are_no_fault(self, tmp_path):
        """Nor are those that hang on a meeting of another time; a meeting that is nowhere is one."""
        meetings = "".join(f"m{n},{2000 + n}-05-01T09:00\n" for n in range(17))
        files = {
            "organisations.csv": organisations(),
            "people.csv": "person_id,org_id\nann,T0\n",
            "meetings.csv": "meeting_id,start\n" + meetings,
            "attendance.csv": "meeting_id,person_id\n" + "".join(f"m{n},ann\n" for n in range(17)),
        }
        config = configure(tmp_path, files)
        records = read_records(config)
        assert records.rejected_counts() == {
            "attendance": {"unknown_meeting": 16},
            "meetings": {"outside_period": 16},
        }
        assert judge(records, config, LATER) == []
        files["meetings.csv"] = "meeting_id,start\nm16,2016-05-01T09:00\n"
        config = configure(tmp_path, files)
        assert gates(judge(read_records(config), config, LATER)) == ["rejected_share"]


class TestVolume:
    @pytest.mark.parametrize(("last", "expected"), [(10, []), (5, []), (4, ["volume_drop"]), (0, ["volume_drop"])])
    def test_on_its_boundary(self, judged, last, expected):
        text = referrals({"T0": [10] * 6 + [last]})
        assert gates(judged(text, 7, organisation_drop=None)) == expected

    @pytest.mark.parametrize(("usual", "expected"), [(9, []), (10, ["volume_drop"])])
    def test_where_few_are_usual_it_is_not_judged(self, judged, usual, expected):
        assert gates(judged(referrals({"T0": [usual] * 6 + [0]}), 7, organisation_drop=None)) == expected

    def test_the_usual_is_the_median(self, judged):
        """A great delivery, and an empty slice, do not move it."""
        text = referrals({"T0": [10, 10, 90, 0, 10, 10, 4]})
        (found,) = judged(text, 7, organisation_drop=None)
        assert (found.found, found.limit, found.slice) == (4, pytest.approx(5), "2016-06-29/30d")
        assert "4 records in 2016-06-29/30d, usually 10 (limit: 50% fewer)" in found.message

    def test_only_so_many_slices_back(self, judged):
        text = referrals({"T0": [20] * 5 + [10] * 4 + [6]})
        assert gates(judged(text, 10, look_back=4, organisation_drop=None)) == []
        assert gates(judged(text, 10, look_back=9, organisation_drop=None)) == ["volume_drop"]

    @pytest.mark.parametrize(("before", "expected"), [(2, []), (3, ["volume_drop"])])
    def test_it_takes_half_of_them_to_say_what_is_usual(self, judged, before, expected):
        assert gates(judged(referrals({"T0": [20] * before + [1]}), before + 1, organisation_drop=None)) == expected

    @pytest.mark.parametrize(("waited", "expected"), [(13, []), (14, ["volume_drop"])])
    def test_a_slice_is_judged_once_it_has_settled(self, judged, waited, expected):
        today = start_of(7) + timedelta(days=waited)
        assert gates(judged(referrals({"T0": [20] * 6 + [1]}), 7, today, organisation_drop=None)) == expected

    def test_slices_that_have_not_come_yet_are_not_judged(self, judged):
        today = start_of(6) + timedelta(days=20)
        assert gates(judged(referrals({"T0": [20] * 6 + [3]}), 12, today)) == []

    def test_nothing_is_usual_before_the_first_slice_has_settled(self, judged):
        assert gates(judged(referrals({"T0": [20]}), 1, START)) == []

    @pytest.mark.parametrize(("last", "expected"), [(10, []), (9, ["volume_drop"])])
    def test_a_slice_cut_by_the_periods_end_holds_as_many_as_its_days(self, judged, last, expected):
        """Half the days, half the records; of which half are asked for."""
        text = referrals({"T0": [40] * 6 + [last]})
        assert gates(judged(text, 6, days=15, organisation_drop=None)) == expected

    def test_kinds_that_come_in_waves_are_judged_only_if_asked(self, tmp_path):
        posts = "".join(f"P{n},T0,{start_of(n // 20)}\n" for n in range(120))
        files = {"organisations.csv": organisations(), "people.csv": "person_id,org_id,start\n" + posts}
        rules = {"period": {"start": START, "end": start_of(7)}, "slices": {"every": "30 days", "window": "30 days"}}

        def found(**quality: Any) -> list[str]:
            config = configure(tmp_path, files, **rules, quality=quality)
            return gates(judge(read_records(config), config, LATER))

        assert found() == []
        assert found(kinds={"people": {"volume_drop": 0.5}}) == ["volume_drop"]


class TestLostFeed:
    def one(self, counts: Sequence[int]) -> str:
        """An organisation's referrals beside those of another, so that the volume in all falls by little."""
        return referrals({"T0": [60] * len(counts), "T1": counts})

    @pytest.mark.parametrize(("last", "expected"), [(20, []), (2, []), (1, ["organisation_drop"])])
    def test_on_its_boundary(self, judged, last, expected):
        assert gates(judged(self.one([20] * 6 + [last]), 7)) == expected

    @pytest.mark.parametrize(("usual", "expected"), [(9, []), (10, ["organisation_drop"])])
    def test_where_few_are_usual_it_is_not_judged(self, judged, usual, expected):
        assert gates(judged(self.one([usual] * 6 + [0]), 7)) == expected

    def test_it_is_told_for_as_long_as_it_lasts_and_since_when(self, judged):
        (found,) = judged(self.one([20] * 4 + [0] * 16), 20)
        assert (found.organisation_id, found.slice, found.found) == ("T1", "2016-04-30/30d", 0)
        assert found.limit == pytest.approx(2)
        assert "referrals of T1: 0 records in 2017-07-24/30d, usually 20 before 2016-04-30/30d" in found.message
        assert "and nothing says whether all came" in found.message

    def test_one_that_came_back_is_none(self, judged):
        assert judged(self.one([20] * 4 + [0] * 6 + [20]), 11) == []

    def test_an_organisation_that_has_left_sends_nothing(self, judged):
        text = self.one([20] * 4 + [0] * 4)
        assert gates(judged(text, 8)) == ["organisation_drop"]
        assert gates(judged(text, 8, roster=organisations({"T1": 4}))) == []

    def test_what_coverage_tells_is_known(self, judged):
        text, before = self.one([20] * 4 + [0] * 4), statement("T1", 0, 4)
        (found,) = judged(text, 8, coverage=before + statement("T1", 4, 8), coverage_drop=None)
        assert "although coverage says that all came" in found.message
        assert judged(text, 8, coverage=before + statement("T1", 4, 8, "false"), coverage_drop=None) == []

    def test_a_kind_may_be_left_out(self, judged):
        text = self.one([20] * 6 + [0])
        assert judged(text, 7, kinds={"referrals": {"organisation_drop": None}}) == []
        assert judged(text, 7, organisation_drop=None) == []


class TestCoverage:
    def told(self, judged, whole: Sequence[int], **quality: Any) -> list[Breach]:
        """So many of ten organisations are whole in each slice."""
        said = "".join(statement(f"T{n}", at, at + 1) for at, count in enumerate(whole) for n in range(count))
        return judged(referrals({"T0": [1] * len(whole)}), len(whole), coverage=said, **quality)

    @pytest.mark.parametrize(("last", "expected"), [(10, []), (9, []), (8, ["coverage_drop"])])
    def test_on_its_boundary(self, judged, last, expected):
        assert gates(self.told(judged, [10, 10, 10, last])) == expected

    def test_it_says_what_was_found_and_what_is_usual(self, judged):
        (found,) = self.told(judged, [10, 9, 10, 10, 3])
        assert (found.found, found.limit) == (0.3, pytest.approx(0.9))
        assert (
            "referrals: known to be whole for 30.0% of organisations in 2016-04-30/30d, usually 100.0%" in found.message
        )

    def test_more_is_no_fault(self, judged):
        assert self.told(judged, [2, 2, 2, 10]) == []

    def test_a_kind_may_be_left_out(self, judged):
        assert self.told(judged, [10, 10, 10, 3], kinds={"referrals": {"coverage_drop": None}}) == []

    def test_without_statements_nothing_is_known_and_nothing_has_fallen(self, judged):
        assert judged(referrals({"T0": [20] * 7}), 7) == []


class TestBreach:
    BAD = referrals({"T0": [20] * 6 + [0], "T1": [0] * 6 + [10]}, bad=30)

    @pytest.fixture
    def settings(self, tmp_path: Path):
        def settle(**quality: Any):
            files = {"organisations.csv": organisations(), "referrals.csv": self.BAD}
            rules = {
                "period": {"start": START, "end": start_of(7)},
                "slices": {"every": "30 days", "window": "30 days"},
            }
            return load_config(write(tmp_path, files, **rules, quality=quality, out="out"))

        return settle

    def test_marked(self, settings):
        config = settings()
        found = check(read_records(config), config, LATER)
        assert gates(found) == ["rejected_share", "organisation_drop"]
        assert in_short(found) == "1 referrals rejected_share, 1 referrals organisation_drop"

    def test_refused_with_every_breach(self, settings):
        config = settings(on_breach="fail")
        with pytest.raises(QualityFault) as caught:
            check(read_records(config), config, LATER)
        assert isinstance(caught.value, InputFault) and caught.value.exit_code == 2
        assert [line.split(":")[:2] for line in caught.value.faults] == [
            ["quality", " referrals"],
            ["quality", " referrals of T0"],
        ]

    def test_validate_shows_them(self, settings, tmp_path, capsys):
        settings()
        cli.validate(tmp_path / "network.yaml")
        assert "quality: referrals of T0: 0 records in " in capsys.readouterr().out

    def test_validate_refuses_what_a_run_would_refuse(self, settings, tmp_path, capsys):
        settings(on_breach="fail")
        with pytest.raises(QualityFault):
            cli.validate(tmp_path / "network.yaml")
        assert "referrals" in capsys.readouterr().out, "what was read is shown first"

    def test_limits_bear_on_no_result(self, settings):
        assert settings().digest == settings(on_breach="fail", rejected_share=0.5).digest


@pytest.fixture(scope="module")
def lost(tmp_path_factory) -> Path:
    """The scenario, in which a trust's feed is lost and nobody says so."""
    return write_london_cancer(tmp_path_factory.mktemp("lost"), variants=["lost-feed-unsaid"])


class TestScenario:
    def test_nothing_is_said_of_it(self, london_cancer):
        config = load_config(london_cancer)
        assert judge(read_records(config), config, LATER) == []

    def test_a_trusts_feed_that_was_lost_is_found(self, lost):
        """Three years of its attendance and referrals did not come, though coverage says that they did."""
        config = load_config(lost)
        found = judge(read_records(config), config, LATER)
        assert [(each.gate, each.record_kind, each.organisation_id, each.slice) for each in found] == [
            ("organisation_drop", "attendance", "ZP06", "2016-05-01/3m"),
            ("organisation_drop", "referrals", "ZP06", "2016-05-01/3m"),
        ]

    def test_also_where_organisations_are_restated(self, lost):
        config = load_config(lost)
        over_time = config.organisations.model_copy(update={"basis": "constant_successor"})
        restating = config.model_copy(update={"organisations": over_time})
        records, _ = state(read_records(restating), restating)
        assert judge(records, restating, LATER) == judge(read_records(config), config, LATER)
