"""The same people before and after: what their records alone would give, whoever else came, left or was lost."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from orgnet.change.comparisons import Comparison
from orgnet.change.draws import Measure
from orgnet.change.panels import PanelValue, panel_values
from orgnet.indicators.confidence import Drawn, prepare_draws
from orgnet.vocabulary import RecordKind
from tests.conduct import observed
from tests.networks import Network, network
from tests.spec.test_resampling import MEASURES, without
from tests.stages import Results

SETTINGS = {
    "period": {"start": date(2015, 1, 1), "end": date(2017, 1, 1)},
    "slices": {"every": "year", "window": "12 months"},
}
YEARS = Comparison("2015", "2016", (0,), (1,))


def drawn(found: Network) -> Drawn:
    ready = prepare_draws(found.ties, observed(found), found.records, found.roster, found.config, found.calendar)
    assert ready is not None
    return ready


def panels(found: Network, comparison: Comparison = YEARS, lost: str = "") -> dict[str, dict[str, tuple[float, float]]]:
    """Every panel's values before and after, by group and metric; `lost` are organisations of unlike records."""
    names = found.config.professional_groups
    organisations = np.array([org not in lost.split() for org in found.records.organisations])
    values: dict[str, dict[str, tuple[float, float]]] = {}
    for each in panel_values(drawn(found), comparison, names, organisations):
        group, again, panel = each.measure.entity.split(" / ")
        assert (group, panel, each.measure.layer, each.interval) == (again, "constant_panel", "combined", None)
        values.setdefault(group, {})[each.measure.metric] = (each.before, each.after)
    return values


def meeting(day: str, people: str) -> dict[str, list[dict[str, Any]]]:
    return {
        "meetings": [{"meeting_id": day, "start": f"{day}T09:00", "end": f"{day}T10:00"}],
        "attendance": [{"meeting_id": day, "person_id": person} for person in people.split()],
    }


def records(people: str, **days: str) -> dict[str, Any]:
    """People, and who met on which day: d2015_02_10="ann bob"."""
    found: dict[str, Any] = {"people": people, "meetings": [], "attendance": []}
    for day, there in days.items():
        for kind, rows in meeting(day[1:].replace("_", "-"), there).items():
            found[kind] += rows
    return found


STAFF = """
    person_id  org_id  group  start       end
    ann        A       nurse  -           -
    bob        B       nurse  -           -
    cat        C       nurse  -           -
    old        A       nurse  -           2016-03-01
    new        B       nurse  2016-02-01  -
"""
MET = {
    "d2015_02_10": "ann bob old",
    "d2015_05_10": "old bob",
    "d2016_05_10": "ann cat new",
    "d2016_06_10": "new cat",
    "d2016_07_10": "ann new",
}


def test_worked_example(tmp_path: Path) -> None:
    found = panels(network(tmp_path, settings=SETTINGS, **records(STAFF, **MET)))["nurse"]
    # Of ann, bob and cat: ann and bob met once in 2015, ann and cat once in 2016; who came or left counts for nothing.
    assert found["meetings_per_person"] == (pytest.approx(2 / 3), pytest.approx(2 / 3))
    # The whole roster of four would have had 1 + 2 + 0 + 2 of 4, and 2 + 0 + 2 + 3 of 4: a rise by the newcomer alone.
    whole = network(tmp_path, settings=SETTINGS, **records(STAFF, **MET)).value("meetings_per_person", "nurse")
    assert whole == pytest.approx([5 / 4, 7 / 4])
    assert set(found) == set(MEASURES)


def test_who_changes_organisation_stays_in_the_panel(tmp_path: Path) -> None:
    people = STAFF.replace(
        "cat        C       nurse  -           -", "cat C nurse - 2016-01-10\ncat A nurse 2016-01-10 -"
    )
    found = panels(network(tmp_path, settings=SETTINGS, **records(people, **MET)))["nurse"]
    # Ann and cat are colleagues by May 2016: they meet nobody from elsewhere.
    assert found["meetings_per_person"] == (pytest.approx(2 / 3), 0)


def test_organisations_whose_records_are_not_alike_are_left_out(tmp_path: Path) -> None:
    found = network(tmp_path, settings=SETTINGS, **records(STAFF, **MET))
    # Without B, ann and cat are left: nothing in 2015, one meeting of both in 2016.
    assert panels(found, lost="B")["nurse"]["meetings_per_person"] == (0, 1)
    # Without C, ann and bob: one of both in 2015, nothing in 2016.
    assert panels(found, lost="C")["nurse"]["meetings_per_person"] == (1, 0)


def test_one_post_where_records_are_not_alike_is_enough_to_leave_a_person_out(tmp_path: Path) -> None:
    people = STAFF + "\n    ann  D  surgeon  -  2016-02-01"
    found = network(tmp_path, settings=SETTINGS, **records(people, **MET))
    # Ann was a surgeon in D as well, in 2015: of bob and cat, who never met.
    assert panels(found, lost="D")["nurse"]["meetings_per_person"] == (0, 0)
    assert panels(found)["nurse"]["meetings_per_person"] == (pytest.approx(2 / 3), pytest.approx(2 / 3))


@pytest.mark.parametrize("lost", ["A B C", "A B C D"])
def test_a_group_without_a_panel_is_not_there(tmp_path: Path, lost: str) -> None:
    people = STAFF + "\n    dan  D  surgeon  -  -"
    found = panels(network(tmp_path, settings=SETTINGS, **records(people, **MET)), lost=lost)
    assert set(found) == ({"surgeon"} if lost == "A B C" else set())


def test_a_panel_stands_beside_the_whole_roster() -> None:
    of = Measure("group_metrics", "nurse / nurse / constant_panel", "combined", "acq_reach")
    assert PanelValue(of, 0.0, 1.0).of_roster == Measure("group_metrics", "nurse / nurse", "combined", "acq_reach")


# --- records without everybody else -------------------------------------------------------------------------


def posts_on(found: Network, day: date) -> list[dict[str, Any]]:
    rows = found.records.tables[RecordKind.PEOPLE].to_pylist()
    return [
        row
        for row in rows
        if (row.get("start") is None or row["start"] <= day) and (row.get("end") is None or day < row["end"])
    ]


def panel_of(found: Network, group: str, comparison: Comparison, lost: set[str]) -> set[int]:
    """The people, by code, who are of a group on both slices' last days, and then nowhere but in other organisations."""
    each = []
    for number in comparison.slices:
        posts = posts_on(found, found.calendar.slices[number].end - timedelta(days=1))
        organisations = found.records.organisations
        elsewhere = {post["person_id"] for post in posts if organisations[post["org_id"]] in lost}
        each.append({post["person_id"] for post in posts if post["group"] == group} - elsewhere)
    return each[0] & each[1]


def test_a_panels_values_are_those_of_records_without_everybody_else(networks_of_records: list[Network]) -> None:
    different, smaller = set(), 0
    for seed, found in enumerate(networks_of_records[:12]):
        comparison = Comparison("before", "after", (len(found.calendar) // 2 - 1,), (len(found.calendar) - 1,))
        lost = {"A"} if seed % 2 else set()
        values = panels(found, comparison, " ".join(lost))
        everybody = set(range(found.records.n_people))
        for group in found.config.professional_groups:
            people = panel_of(found, group, comparison, lost)
            assert (group in values) == bool(people)
            if not people:
                continue
            smaller += any((found.posts[found.config.professional_groups.index(group)].size > len(people)).tolist())
            alone = without(found, np.array(sorted(everybody - people)))
            for metric, sides in values[group].items():
                series = alone.value(metric, group)
                expected = tuple(series[number] for number in comparison.slices)
                assert sides == pytest.approx(expected, rel=1e-12, abs=1e-12, nan_ok=True), (seed, group, metric)
                different.add((metric, *np.round(expected, 9).tolist()))
    assert smaller > 10  # most panels leave somebody out
    assert len(different) > 60


# --- a run ----------------------------------------------------------------------------------------------------


def test_in_a_run_panels_are_judged_by_the_rosters_draws(scenario: Results) -> None:
    rows = scenario.changes.query(
        "measure_table == 'group_metrics' and before == 'pre' and method != 'group_label_permutation'"
    )
    panel = rows[rows["entity"].astype(str).str.endswith(" / constant_panel")]
    assert set(panel["metric"]) == set(MEASURES)
    windows = rows[rows["method"].isin(["event_block_bootstrap", "vertex_bootstrap", "difference"])]
    width = {
        (row.entity, row.metric): row.ci_high - row.ci_low for row in windows.itertuples() if row.ci_low == row.ci_low
    }
    here = [key for key in width if key[0].endswith(" / constant_panel")]
    assert len(here) > 20
    for entity, metric in here:
        assert width[entity, metric] == pytest.approx(width[entity.removesuffix(" / constant_panel"), metric])


def test_in_a_run_each_panel_is_of_those_who_were_there_throughout(scenario: Results) -> None:
    # Nobody comes or leaves in the scenario: a panel has the roster's values.
    rows = scenario.changes.query("measure_table == 'group_metrics' and before == 'pre' and metric == 'acq_breadth'")
    values = {row.entity: (row.value_before, row.value_after) for row in rows.itertuples()}
    there = {name for name in values if name.endswith(" / constant_panel")}
    assert len(there) == 9
    for name in there:
        assert values[name] == pytest.approx(values[name.removesuffix(" / constant_panel")], nan_ok=True)
    assert len({values[name] for name in there if not np.isnan(values[name]).any()}) > 5
