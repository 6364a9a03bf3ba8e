"""The activity series: the forum of the group metrics month by month, and a recount of the scenario's raw files."""

from dataclasses import replace
from datetime import date
from math import nan
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from orgnet.change.activity import MONTH, Activity, activity_series, activity_table, make_steps, per_person
from orgnet.change.design import steps_in_year, steps_within
from orgnet.indicators.group_windows import prepare
from orgnet.metrics.statuses import STATUSES
from orgnet.schema import TABLES
from orgnet.windows import Step
from tests.networks import Network, network
from tests.spec.test_group_metrics import FORUM
from tests.stages import Results

WHOLE = """
    source_id  org_id  record_kind  period_start  period_end  complete
    log        -       attendance   2015-01-01    2015-07-01  true
    """


def series(found: Network, step: Step = MONTH) -> dict[str, Activity]:
    resampled = prepare(found.ties, found.records, found.roster, found.config, found.calendar)
    made = activity_series(resampled, found.ties, found.records, found.config, step)
    return {f"{one.entity.split(' / ')[0]} {one.metric}": one for one in made}


def near(*expected: float):
    return pytest.approx(list(expected), rel=1e-12, abs=1e-12, nan_ok=True)


class TestForum:
    """Nurses, five all year; met across organisations: Feb 2, May 3, Aug 4, Nov 3 (not at the one-off of A), Dec 2."""

    def test_the_mean_over_the_roster(self, tmp_path: Path) -> None:
        one = series(network(tmp_path, **FORUM))["nurse meetings_per_person"]
        # 2/5, 3/5, 4/5, 3/5, 2/5; nothing says that attendance is whole, so an empty month is not known to be one.
        assert one.values.tolist() == near(nan, 0.4, nan, nan, 0.6, nan, nan, 0.8, nan, nan, 0.6, 0.4)
        assert one.n.tolist() == [5] * 12
        # Nobody's own times were noted: February's presence is taken from the meeting's.
        assert [STATUSES[code] for code in one.status[:2]] == ["no_coverage", "nominal"]
        assert np.isnan(one.coverage).all()

    def test_a_zero_is_one_only_where_attendance_is_whole(self, tmp_path: Path) -> None:
        one = series(network(tmp_path, coverage=WHOLE, **FORUM))["nurse meetings_per_person"]
        assert one.values.tolist() == near(0, 0.4, 0, 0, 0.6, 0, nan, 0.8, nan, nan, 0.6, 0.4)
        assert one.coverage.tolist() == [1.0] * 6 + [0.0] * 6

    def test_longer_steps_add_up_what_happened_in_them(self, tmp_path: Path) -> None:
        one = series(network(tmp_path, **FORUM), Step(months=3))["nurse meetings_per_person"]
        # Feb 2 of 5; May 3; Aug 4; Nov and Dec 3 + 2: meetings are counted, not months.
        assert one.values.tolist() == near(0.4, 0.6, 0.8, 1.0)

    def test_who_is_not_on_the_roster_neither_counts_nor_is_counted(self) -> None:
        # (2 + 1) / 2 people, (0 + 0) / 1, nobody
        members = np.array([[True, False, False], [True, True, False]])
        assert per_person(np.array([[2, 7, 1], [1, 0, 1]]), members).tolist() == near(1.5, 0, nan)

    def test_a_step_that_the_period_cuts_short_has_no_value(self, tmp_path: Path) -> None:
        settings = {"period": {"start": date(2015, 1, 1), "end": date(2015, 12, 20)}}
        one = series(network(tmp_path, settings=settings, **FORUM))["nurse meetings_per_person"]
        assert np.isnan(one.values[-1])
        assert STATUSES[one.status[-1]] == "insufficient"

    def test_learning_is_a_number_each_step(self, tmp_path: Path) -> None:
        records = dict(FORUM)
        records["meetings"] = "\n".join(
            f"{line}  {'type' if 'start' in line else 'learning' if 'aug' in line else '-'}"
            for line in FORUM["meetings"].splitlines()
            if line.strip()
        )
        found = series(network(tmp_path, coverage=WHOLE, **records))
        assert found["roster learning_events_held"].values.tolist() == near(*[0] * 6, nan, 1, *[nan] * 4)
        assert found["roster governance_meetings_held"].n.tolist() == [0] * 7 + [1] + [0] * 4


class TestSteps:
    def test_steps_tile_the_period_and_are_their_own_windows(self, tmp_path: Path) -> None:
        settings = {"period": {"start": date(2015, 1, 31), "end": date(2015, 5, 15)}}
        steps = make_steps(network(tmp_path, settings=settings, **FORUM).config)
        ends = [date(2015, 2, 28), date(2015, 3, 31), date(2015, 4, 30), date(2015, 5, 15)]
        assert [one.end for one in steps.slices] == ends
        assert [one.start for one in steps.slices] == [date(2015, 1, 31), *ends[:-1]]
        assert all(one.window_start == one.start for one in steps.slices)
        assert [one.whole for one in steps.slices] == [True, True, True, False]

    def test_a_step_that_a_phase_cuts_is_in_none(self, tmp_path: Path) -> None:
        steps = make_steps(network(tmp_path, **FORUM).config)
        chosen = steps_within(steps, date(2015, 3, 2), date(2015, 6, 1))
        assert np.flatnonzero(chosen).tolist() == [3, 4]

    @pytest.mark.parametrize(("step", "number"), [(Step(months=1), 12), (Step(months=5), 0), (Step(days=7), 0)])
    def test_steps_in_a_year(self, step: Step, number: int) -> None:
        assert steps_in_year(step) == number


# --- the scenario, counted once more from its files ----------------------------------------------------------


def months(days: pd.Series) -> pd.Series:
    """Months since May 2014."""
    return (days.dt.year - 2014) * 12 + days.dt.month - 5


def per_month(number: pd.Series, values: pd.Series | None = None) -> np.ndarray:
    return np.bincount(number, weights=values, minlength=60)


@pytest.fixture(scope="module")
def files(london_cancer: Path) -> dict[str, pd.DataFrame]:
    folder = london_cancer.parent
    names = ("meetings", "attendance", "people", "mdt_cases")
    found = {name: pd.read_csv(folder / f"{name}.csv", keep_default_na=False) for name in names}
    found["referrals"] = pd.read_parquet(folder / "referrals.parquet")
    held = found["meetings"].query("status == 'held'")
    held = held.assign(month=months(pd.to_datetime(held["start"])))[["meeting_id", "type", "month"]]
    stays = found["attendance"].merge(held, on="meeting_id").merge(found["people"][["person_id", "group"]])
    return found | {"held": held, "stays": stays}


@pytest.fixture(scope="module")
def counted(scenario: Results) -> pd.DataFrame:
    assert scenario.drawn is not None
    made = activity_series(scenario.drawn.groups, scenario.ties, scenario.records, scenario.config)
    table = activity_table(made, make_steps(scenario.config))
    assert table.schema.equals(TABLES["activity"].schema)
    return table.to_pandas()


def published(counted: pd.DataFrame, entity: str, metric: str) -> pd.DataFrame:
    return counted[(counted["entity"] == entity) & (counted["metric"] == metric)].reset_index()


class TestScenario:
    @pytest.mark.parametrize("group", ["surgeon", "nurse", "radiologist", "oncologist", "ahp", "manager"])
    def test_meetings_per_person(self, group: str, files: dict[str, pd.DataFrame], counted: pd.DataFrame) -> None:
        there = files["stays"].query("group == @group and status == 'attended'")
        pairs = there.merge(there, on="meeting_id", suffixes=("", "_of_other"))
        pairs = pairs[pairs["org_id"] != pairs["org_id_of_other"]]
        began = pairs[["join", "join_of_other"]].max(axis=1)  # ISO times stand in the order of their text
        ended = pairs[["leave", "leave_of_other"]].min(axis=1)
        met = pairs[pd.to_datetime(ended) - pd.to_datetime(began) >= pd.Timedelta(minutes=15)]
        once = met.drop_duplicates(["meeting_id", "person_id"])
        people = (files["people"]["group"] == group).sum()
        found = published(counted, f"{group} / {group}", "meetings_per_person")
        assert found["value"].tolist() == near(*per_month(once["month"]) / people)
        assert set(found["status"]) == {"ok"}
        assert set(found["n"]) == {people}

    def test_cases(self, files: dict[str, pd.DataFrame], counted: pd.DataFrame) -> None:
        cases = files["mdt_cases"].merge(files["held"], on="meeting_id")
        missing = cases["n"].where(cases["deferral_reason"].str.startswith("missing_"), 0)
        listed = per_month(cases["month"], cases["n"])
        found = published(counted, "roster", "deferral_missing_info_rate")
        with np.errstate(invalid="ignore"):
            assert found["value"].tolist() == near(*per_month(cases["month"], missing) / listed)
        assert found["n"].tolist() == listed.tolist()
        assert set(found["status"][:18]) == {"undefined"}  # no specialist meetings before the centralisation

    def test_dialling_in(self, files: dict[str, pd.DataFrame], counted: pd.DataFrame) -> None:
        stays = files["stays"].query("type in ['smdt', 'local_mdt']")
        failed = per_month(stays.query("status == 'failed_to_join'")["month"])
        joined = per_month(stays.query("status == 'attended' and mode in ['video', 'phone']")["month"])
        found = published(counted, "roster", "dial_in_failure_rate")
        with np.errstate(invalid="ignore"):
            assert found["value"].tolist() == near(*failed / (failed + joined))
        assert found["n"].tolist() == (failed + joined).tolist()

    def test_meetings_held(self, files: dict[str, pd.DataFrame], counted: pd.DataFrame) -> None:
        providers = files["stays"].query("status == 'attended' and org_id != 'ZN00'")
        several = providers.groupby("meeting_id")["org_id"].nunique()
        held = files["held"][files["held"]["meeting_id"].isin(several.index[several > 1])]
        learning = held.query("type == 'learning'")
        governance = held.query("type in ['pathway_board', 'technical_group', 'working_group', 'learning', 'board']")
        for metric, rows in (("learning_events_held", learning), ("governance_meetings_held", governance)):
            assert published(counted, "roster", metric)["value"].tolist() == near(*per_month(rows["month"]))

    def test_referrals(self, files: dict[str, pd.DataFrame], counted: pd.DataFrame) -> None:
        rows = files["referrals"].query("status != 'revoked' and from_org != to_org")
        number, times = months(pd.to_datetime(rows["date"])), rows.get("n", pd.Series(1, rows.index)).fillna(1)
        share = per_month(number, times.where(rows["to_org"].isin(["ZP01", "ZP02", "ZP03"]), 0))
        total = per_month(number, times)
        assert published(counted, "roster", "referrals_made")["value"].tolist() == near(*total)
        found = published(counted, "roster", "referral_to_specialist_share")
        assert found["value"].tolist() == near(*share / total)
        assert found["n"].tolist() == total.tolist()


def test_rows_stand_in_the_order_of_their_key(counted: pd.DataFrame) -> None:
    key = counted[list(TABLES["activity"].key)].astype(str)
    assert key.apply(tuple, axis=1).is_monotonic_increasing
    assert not key.duplicated().any()


def test_a_network_without_series_has_an_empty_table(tmp_path: Path) -> None:
    table = activity_table([], make_steps(network(tmp_path, **FORUM).config))
    assert table.schema.equals(TABLES["activity"].schema)
    assert table.num_rows == 0


def test_without_coverage_records_an_empty_month_is_not_known(scenario: Results) -> None:
    assert scenario.drawn is not None
    said = {kind: rows for kind, rows in scenario.records.tables.items() if kind.value != "coverage"}
    read = {kind: n for kind, n in scenario.records.read.items() if kind.value != "coverage"}
    records = replace(scenario.records, tables=said, read=read)
    made = activity_series(scenario.drawn.groups, scenario.ties, records, scenario.config)
    one = next(each for each in made if each.entity.startswith("ahp"))
    assert not (one.values == 0).any()
    assert "no_coverage" in {STATUSES[code] for code in one.status}
