"""For whom it changed: how much more often one group meets its peers than another, before and after, recounted by loops.

Most examples are twenty-four months, of which the first twelve are before. Eight nurses and eight surgeons are half of
them in A and half in B; a meeting is one of all nurses or of all surgeons, so that everybody meets a peer from elsewhere.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import combinations
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
import pandas as pd
import pytest

from orgnet.change import contrasts
from orgnet.change.activity import make_steps
from orgnet.change.comparisons import Comparison
from orgnet.change.contrasts import compare_contrasts
from orgnet.change.trends import decided
from orgnet.indicators.confidence import Drawn, prepare_draws
from orgnet.vocabulary import RecordKind
from tests.conduct import observed
from tests.networks import Network, network
from tests.plain import Plain
from tests.spec.test_activity import files  # noqa: F401
from tests.stages import Results

Rows = list[dict[str, Any]]
SETTINGS = {
    "period": {"start": date(2015, 1, 1), "end": date(2017, 1, 1)},
    "slices": {"every": "quarter", "window": "3 months"},
}
HALVES = (date(2015, 1, 1), date(2016, 1, 1)), (date(2016, 1, 1), date(2017, 1, 1))
NURSES_AND_SURGEONS = "nurse against surgeon"


def drawn(found: Network) -> Drawn:
    ready = prepare_draws(found.ties, observed(found), found.records, found.roster, found.config, found.calendar)
    assert ready is not None
    return ready


def compared(found: Network, days: Any = HALVES) -> dict[str, dict[str, Any]]:
    """The contrasts of two periods by entity."""
    halves = Comparison("before", "after", (0,), (1,), days)
    rows = list(compare_contrasts(drawn(found), found.records, [halves], found.config))
    assert len({row["entity"] for row in rows}) == len(rows)
    return {row["entity"]: row for row in rows}


def staff(group: str, organisations: str = "AABBAABB") -> Rows:
    """People of a group, one in each organisation that is listed: nurse0 in A, and so on."""
    return [{"person_id": f"{group}{n}", "org_id": org, "group": group} for n, org in enumerate(organisations)]


def meetings(people: Rows, **months: Sequence[int]) -> dict[str, Rows]:
    """A meeting of all of a group in some months, the first of which is 0: nurse=[0, 3]."""
    held: Rows = []
    attended: Rows = []
    for group, when in months.items():
        for number, month in enumerate(when):
            name = f"{group}-{number}"
            day = date(2015 + month // 12, month % 12 + 1, 10)
            held.append({"meeting_id": name, "start": f"{day}T09:00", "end": f"{day}T10:00"})
            there = {row["person_id"] for row in people if row["group"] == group}
            attended += [{"meeting_id": name, "person_id": person} for person in sorted(there)]
    return {"people": people, "meetings": held, "attendance": attended}


AFTER = range(12, 24)


def test_worked_example(tmp_path: Path) -> None:
    records = meetings([*staff("nurse"), *staff("surgeon")], nurse=[0, 1, *AFTER], surgeon=[0, 1, 2, 15, 16, 17])
    row = compared(network(tmp_path, settings=SETTINGS, **records))[NURSES_AND_SURGEONS]
    # Meetings per month: nurses 2/12 and then 12/12, surgeons 3/12 both times.
    assert (row["value_before"], row["value_after"]) == pytest.approx((-1 / 12, 9 / 12))
    assert row["difference"] == pytest.approx(10 / 12)
    assert (row["n_before"], row["n_after"]) == (12, 12)
    # In A and in B, four labels of eight: C(8, 4)^2 = 4,900 ways, two of which part the groups as they are.
    assert row["p_value"] == pytest.approx(2 / 4900)
    assert row["reasons"][0] == "how much more often people of the first group meet than of the second, per month"
    assert row["reasons"][1].startswith("p_value by permutation, 4899 other arrangements (all), labels of the groups")
    assert (row["method"], row["layer"], row["metric"]) == (
        "group_label_permutation",
        "combined",
        "meetings_per_person",
    )


def test_what_changes_for_everybody_changes_for_none_in_particular(tmp_path: Path) -> None:
    records = meetings([*staff("nurse"), *staff("surgeon")], nurse=AFTER, surgeon=AFTER)
    found = network(tmp_path, settings=SETTINGS, **records)
    row = compared(found)[NURSES_AND_SURGEONS]
    assert (row["value_before"], row["value_after"], row["difference"], row["p_value"]) == (0, 0, 0, 1)
    (told,) = decided([row], found.config, {})
    assert (told["verdict"], told["reasons"][0]) == ("unclear", "no more than chance would give")


def test_a_contrast_has_no_better_way(tmp_path: Path) -> None:
    records = meetings([*staff("nurse"), *staff("surgeon")], nurse=AFTER, surgeon=[])
    found = network(tmp_path, settings=SETTINGS, **records)
    (told,) = decided([compared(found)[NURSES_AND_SURGEONS]], found.config, {})
    assert (told["verdict"], told["reasons"][0]) == (
        "unclear",
        "it rose by more than chance; neither way is declared better",
    )


def test_seven_people_are_not_compared(tmp_path: Path) -> None:
    records = meetings([*staff("nurse"), *staff("surgeon", "AABBAAB")], nurse=AFTER, surgeon=AFTER)
    assert compared(network(tmp_path, settings=SETTINGS, **records)) == {}


@pytest.mark.parametrize(
    "post",
    [
        {"start": "2016-01-20"},  # on no roster of the first year
        {"end": "2015-12-20"},  # nor of the second
    ],
    ids=["came", "left"],
)
def test_who_was_not_there_both_times_is_none_of_the_eight(tmp_path: Path, post: dict[str, str]) -> None:
    people = [*staff("nurse"), *staff("surgeon")]
    people[-1] |= post
    records = meetings(people, nurse=AFTER, surgeon=[])
    assert compared(network(tmp_path, settings=SETTINGS, **records)) == {}
    people = [*people, {"person_id": "surgeon8", "org_id": "A", "group": "surgeon"}]
    (tmp_path / "more").mkdir()
    again = network(tmp_path / "more", settings=SETTINGS, **meetings(people, nurse=AFTER, surgeon=[]))
    assert set(compared(again)) == {NURSES_AND_SURGEONS}


def test_who_is_of_two_organisations_is_none_of_the_eight_and_counts_for_nothing(tmp_path: Path) -> None:
    people = [*staff("nurse"), *staff("surgeon"), {"person_id": "surgeon7", "org_id": "A", "group": "surgeon"}]
    records = meetings(people, nurse=AFTER, surgeon=[])
    assert compared(network(tmp_path, settings=SETTINGS, **records)) == {}
    people.append({"person_id": "surgeon8", "org_id": "C", "group": "surgeon"})
    records = meetings(people, nurse=AFTER, surgeon=[])
    # Surgeon 7 meets a nurse's colleagues of A never, but surgeon 0 of A and surgeon 8 of C twelve times.
    for number in range(12):
        day = date(2016, number + 1, 20)
        records["meetings"].append({"meeting_id": f"m{number}", "start": f"{day}T09:00", "end": f"{day}T10:00"})
        records["attendance"] += [{"meeting_id": f"m{number}", "person_id": p} for p in ("surgeon7", "surgeon8")]
    (tmp_path / "more").mkdir()
    row = compared(network(tmp_path / "more", settings=SETTINGS, **records))[NURSES_AND_SURGEONS]
    # Eight surgeons are left, one of whom met twelve times: nurses 1 a month, surgeons 1/8.
    assert row["value_after"] == pytest.approx(1 - 1 / 8)


def test_where_no_organisation_has_both_groups_there_is_no_test(tmp_path: Path) -> None:
    records = meetings([*staff("nurse"), *staff("surgeon", "CCDDCCDD")], nurse=AFTER, surgeon=[])
    found = network(tmp_path, settings=SETTINGS, **records)
    row = compared(found)[NURSES_AND_SURGEONS]
    assert (row["difference"], row["p_value"]) == (1, None)
    (told,) = decided([row], found.config, {})
    assert (told["verdict"], told.get("q_value")) == ("unclear", None)
    assert told["reasons"][0] == "no test can be made: there is nothing to exchange"


def test_slices_have_no_contrasts(tmp_path: Path) -> None:
    found = network(
        tmp_path, settings=SETTINGS, **meetings([*staff("nurse"), *staff("surgeon")], nurse=AFTER, surgeon=[])
    )
    neighbours = Comparison("one", "two", (0,), (1,))
    days = Comparison("before", "after", (0,), (1,), HALVES)
    rows = compare_contrasts(drawn(found), found.records, [neighbours, days], found.config)
    assert [row["comparison"] for row in rows] == [1]


# --- recounts -----------------------------------------------------------------------------------------------


def steps_of(plain: Plain, days: tuple[date, date]) -> Iterator[tuple[date, date]]:
    """The whole months within some days, half-open, one by one."""
    start = plain.network.config.period.start
    while True:
        end = (start.replace(day=1) + timedelta(days=32)).replace(day=1)
        if end > plain.network.config.period.end:
            return
        if start >= days[0] and end <= days[1]:
            yield start, end
        start = end


def rates(plain: Plain, group: str, days: tuple[date, date]) -> dict[str, float]:
    """Each person's meetings with a peer from elsewhere per month on the roster."""
    met = [meet for meet in plain.contacts(group, group) if meet.met]
    held: dict[str, list[int]] = {}
    for start, end in steps_of(plain, days):
        for person in {post["person_id"] for post in plain.posts(end - timedelta(days=1)) if post["group"] == group}:
            there = {m.meeting for m in met if start <= m.day < end and person in (m.one, m.two)}
            held.setdefault(person, []).append(len(there))
    return {person: mean(counts) for person, counts in held.items()}


def of_one_organisation(plain: Plain, group: str) -> set[str]:
    """People who only ever held posts in one organisation at the end of a month, while they were of the group."""
    found: dict[str, set[str]] = {}
    for _, end in steps_of(plain, (date.min, date.max)):
        day = end - timedelta(days=1)
        for person in {post["person_id"] for post in plain.posts(day) if post["group"] == group}:
            found.setdefault(person, set()).update(plain.employers(day)[person])
    return {person for person, organisations in found.items() if len(organisations) == 1}


def test_small_networks_counted_by_loops(networks_of_records: list[Network], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contrasts, "MIN_PEOPLE", 2)
    different = set()
    for found in networks_of_records:
        plain, period = Plain(found), found.config.period
        middle = make_steps(found.config).slices[len(make_steps(found.config)) // 2].start
        halves = (period.start, middle), (middle, period.end)
        expected = {}
        for one, two in combinations(found.config.professional_groups, 2):
            means = []
            for group in (one, two):
                before, after = (rates(plain, group, days) for days in halves)
                people = before.keys() & after.keys() & of_one_organisation(plain, group)
                if len(people) >= 2:
                    means.append([mean(side[person] for person in people) for side in (before, after)])
            if len(means) == 2:
                expected[f"{one} against {two}"] = [mine - theirs for mine, theirs in zip(*means, strict=True)]
        rows = compared(found, halves)
        assert rows.keys() == expected.keys()
        for entity, (before, after) in expected.items():
            told = [rows[entity][name] for name in ("value_before", "value_after", "difference")]
            assert told == pytest.approx([before, after, after - before], abs=1e-12)
            different.add(round(after - before, 9))
    assert len(different) > 10


def mean_of_files(of: dict[str, pd.DataFrame], group: str, first: int, end: int) -> float:
    """Meetings per person and month of the scenario's people of one organisation, over some months since May 2014."""
    people = of["people"].query("group == @group")
    people = people[~people["person_id"].duplicated(keep=False)]["person_id"]
    there = of["stays"].query("group == @group and status == 'attended' and month >= @first and month < @end")
    pairs = there.merge(there, on="meeting_id", suffixes=("", "_of_other"))
    pairs = pairs[pairs["org_id"] != pairs["org_id_of_other"]]
    began, ended = (
        pd.to_datetime(side)
        for side in (pairs[["join", "join_of_other"]].max(axis=1), pairs[["leave", "leave_of_other"]].min(axis=1))
    )
    met = pairs[ended - began >= pd.Timedelta(minutes=15)].drop_duplicates(["meeting_id", "person_id"])
    return met["person_id"].isin(people).sum() / len(people) / (end - first)


@pytest.mark.parametrize("pair", [("surgeon", "nurse"), ("surgeon", "radiologist"), ("nurse", "oncologist")])
def test_the_scenarios_groups_counted_from_its_files(
    pair: tuple[str, str],
    scenario: Results,
    files: dict[str, pd.DataFrame],  # noqa: F811
) -> None:
    names = scenario.config.professional_groups
    one, two = sorted(pair, key=names.index)
    (row,) = scenario.changes.query("entity == @one + ' against ' + @two").to_dict("records")
    # Everybody is there throughout: 18 months before, 36 after.
    before, after = (
        mean_of_files(files, one, *months) - mean_of_files(files, two, *months) for months in ((0, 18), (24, 60))
    )
    assert (row["value_before"], row["value_after"]) == pytest.approx((before, after), rel=1e-9)
    assert row["difference"] == pytest.approx(after - before, rel=1e-9)
    assert (row["n_before"], row["n_after"], row["before"], row["after"]) == (18, 36, "pre", "post")


def test_of_a_run_only_phases_have_contrasts(scenario: Results) -> None:
    found = scenario.changes.query("method == 'group_label_permutation'")
    assert not found["entity"].duplicated().any()
    assert set(found["before"]) == {"pre"} and set(found["after"]) == {"post"}
    # Every two groups of eight people or more of one organisation each; q-values are theirs alone.
    people = pd.DataFrame(scenario.records.tables[RecordKind.PEOPLE].select(["person_id", "group"]).to_pydict())
    alone = people[~people["person_id"].duplicated(keep=False)]["group"].value_counts()
    large = sorted(alone.index[alone >= 8], key=scenario.config.professional_groups.index)
    assert set(found["entity"]) == {f"{one} against {two}" for one, two in combinations(large, 2)}
    tested = found.dropna(subset="p_value")
    ranked = tested["p_value"].sort_values(ascending=False)
    places = range(len(ranked), 0, -1)
    least = np.minimum.accumulate([p * len(ranked) / place for p, place in zip(ranked, places, strict=True)])
    assert tested["q_value"].loc[ranked.index].tolist() == pytest.approx(least.tolist())
