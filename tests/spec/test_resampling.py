"""Replicates of the measures that levels rest on: the records once more, resamples by hand, and what is left out.

The forum of the examples; meetings last an hour, the window is the year 2015, k is 2, and with a share of 3/4 an
opportunity to meet gathers 3 of the 4 organisations:

             Feb  May  Aug  Nov    20 Nov   1 Dec
    ann  A    x    x    x            x
    bea  A              x    x       x
    cat  B    x    x    x    x               x
    dan  C         x    x    x               x
    eve  D
             --- forum --------    one-off   board
"""

from dataclasses import replace
from math import nan

import numpy as np
import pyarrow as pa
import pytest

from orgnet.config import load_config
from orgnet.indicators import replicates
from orgnet.indicators.conduct_days import ConductDays, prepare_conduct
from orgnet.indicators.conduct_replicates import MEASURES as NETWORK_MEASURES
from orgnet.indicators.conduct_replicates import replicate_conduct
from orgnet.indicators.draws import (
    as_recorded,
    level_shares,
    miss_meetings,
    miss_people,
    resample_meetings,
    resample_window,
)
from orgnet.indicators.group_windows import Resampled, prepare, window_of
from orgnet.indicators.replicates import replicate, replicate_rates
from orgnet.metrics.conduct import Conduct, observe
from orgnet.metrics.groups import measure_groups
from orgnet.metrics.registry import registered
from orgnet.records.coverage import make_coverage
from orgnet.records.organisations import make_roster
from orgnet.records.read import read_records
from orgnet.ties.make import make_ties
from orgnet.vocabulary import Level, RecordKind
from tests.conduct import observed
from tests.networks import Network, network
from tests.spec.test_group_metrics import FORUM, PAIR, together

MEASURES = [
    "meet_rate_median",
    "meetings_per_person",
    "acq_density",
    "acq_reach",
    "opp_regularity",
    "acq_breadth",
    "opp_events",
    "venues_standing",
    "venue_org_coverage",
    "venues_any",
]
MEETINGS = ["feb", "may", "aug", "nov", "one-off", "dec"]


def prepared(found: Network) -> Resampled:
    return prepare(found.ties, found.records, found.roster, found.config, found.calendar)


def times(**counts: int) -> np.ndarray:
    """One replicate of the forum's year, meetings in order of day; those not named do not count."""
    return np.array([[counts.get(name.replace("-", "_"), 0)] for name in MEETINGS], dtype=np.int32)


def only(values: dict[str, np.ndarray]) -> dict[str, float]:
    return {name: float(value) for name, (value,) in values.items()}


def near(**expected: float):
    return pytest.approx(expected, rel=1e-12, abs=1e-12, nan_ok=True)


@pytest.fixture(scope="module")
def forum(tmp_path_factory: pytest.TempPathFactory) -> Resampled:
    settings = {"ties": {"opportunity_share": 0.75}}
    return prepared(network(tmp_path_factory.mktemp("forum"), settings=settings, **FORUM))


@pytest.fixture(scope="module")
def drawn(networks_of_records: list[Network]) -> list[tuple[Network, Resampled]]:
    return [(found, prepared(found)) for found in networks_of_records]


@pytest.fixture(scope="module")
def governed(networks_of_conduct: list[Network]) -> list[tuple[Network, Resampled]]:
    return [(found, prepared(found)) for found in networks_of_conduct[:8]]


# --- nothing drawn, nobody left out: the registry's own values -----------------------------------------------


def test_as_recorded_small_networks_have_the_registrys_values(drawn):
    different = set()
    for found, ready in drawn:
        for group in ready.groups:
            name = found.config.professional_groups[group]
            expected = {measure: found.value(measure, name) for measure in MEASURES}
            for number in range(len(found.calendar)):
                values = only(replicate(window_of(ready, group, number), as_recorded(ready.diary, number)))
                assert sorted(values) == sorted(MEASURES)
                here = {measure: expected[measure][number] for measure in MEASURES}
                np.testing.assert_equal(values, here, err_msg=f"{name}, slice {number}")
                different |= set(here.items())
    assert len(different) > 100  # the networks are not all alike


def test_as_recorded_the_scenario_has_the_registrys_values(london_cancer):
    config = load_config(london_cancer)
    calendar, records = config.calendar, read_records(config)
    roster, ties = make_roster(records, calendar), make_ties(records, config, calendar)
    coverage = make_coverage(records, roster, calendar)
    expected = measure_groups(ties, records, roster, coverage, config, calendar).series
    ready = prepare(ties, records, roster, config, calendar)
    for number in (6, len(calendar) - 1):
        assert calendar.whole[number]
        for group in ready.groups:
            window = window_of(ready, group, number)
            thrice = np.ones((len(window.single), 3), dtype=np.int32)
            for draws in (as_recorded(ready.diary, number), thrice):
                for measure, values in replicate(window, draws).items():
                    here = np.full(draws.shape[1], expected[group, group][measure].values[number])
                    np.testing.assert_array_equal(values, here, err_msg=f"{measure} of {group} in {number}")


# --- resamples by hand --------------------------------------------------------------------------------------


def test_a_meeting_drawn_twice_counts_twice(forum):
    drawn = times(feb=2, aug=1, nov=2)
    assert only(replicate(window_of(forum, 0, 0), drawn)) == near(
        # ann 2 + 1, bea 1 + 2, cat 2 + 1 + 2, dan 1 + 2, eve 0
        meet_rate_median=3,
        meetings_per_person=(3 + 3 + 5 + 3 + 0) / 5,
        # Acquainted: ann-cat, bea-cat, bea-dan, cat-dan at 3 each; not ann-dan at 1. Of three others each.
        acq_breadth=(1 / 3 + 2 / 3 + 2 / 3 + 2 / 3 + 0) / 5,
        acq_density=4 / 9,  # five people, ten pairs, one of them of one organisation
        acq_reach=4 / 5,
        # Three organisations in August, once, and in November, twice: two quarters of four.
        opp_events=3,
        opp_regularity=2 / 4,
        # Of the five meetings of the forum, three gather three organisations; the board is not drawn.
        venues_any=1,
        venues_standing=1,
        venue_org_coverage=3 / 4,
    )


def test_who_is_left_out_was_nowhere_and_is_on_no_roster(forum):
    window, everyone = window_of(forum, 0, 0), as_recorded(forum.diary, 0)
    # People are known by codes alone. Bea is left out: she is who meets others at two meetings.
    kept = window.of_person.sum(axis=1)[:, None] != 2
    assert only(replicate(window, everyone, kept)) == near(
        meet_rate_median=(3 + 4) / 2,  # ann 3, cat 5, dan 4, eve 0
        meetings_per_person=(3 + 5 + 4 + 0) / 4,
        acq_breadth=(2 / 3 + 2 / 3 + 2 / 3 + 0) / 4,
        acq_density=3 / 6,
        acq_reach=3 / 4,
        opp_events=2,  # in November cat of B and dan of C are all that is left
        opp_regularity=2 / 4,
        venues_any=2,
        venues_standing=0,  # four meetings of the forum, but only two of them gather three
        venue_org_coverage=3 / 4,
    )
    nobody = np.zeros((5, 1), dtype=bool)
    assert only(replicate(window, everyone, nobody)) == near(
        meet_rate_median=nan,
        meetings_per_person=nan,
        acq_breadth=nan,
        acq_density=nan,
        acq_reach=nan,
        opp_events=0,
        opp_regularity=0,
        venues_any=0,
        venues_standing=0,
        venue_org_coverage=nan,
    )


def test_copies_of_a_meeting_of_no_series_are_venues_of_their_own(tmp_path):
    settings = {"ties": {"standing_organisations": 2}}
    ready = prepared(network(tmp_path, settings=settings, people=PAIR, **together("2015-02-10", "2015-05-12")))
    values = only(replicate(window_of(ready, 0, 0), np.array([[5], [0]], dtype=np.int32)))
    assert (values["venues_any"], values["venues_standing"], values["meet_rate_median"]) == (5, 0, 5)


def test_no_meetings_give_zeros(drawn):
    for _, ready in drawn:
        for group in ready.groups:
            number = len(ready.calendar) - 1
            window = window_of(ready, group, number)
            recorded = replicate(window, as_recorded(ready.diary, number))
            for measure, values in replicate(window, np.zeros((len(window.single), 2), dtype=np.int32)).items():
                np.testing.assert_equal(values, np.where(np.isnan(recorded[measure]), nan, [0.0, 0.0]))


def test_people_left_out_give_what_records_without_them_give(drawn):
    for seed, (found, ready) in enumerate(drawn[:12]):
        random = np.random.default_rng(seed)
        gone = random.choice(found.records.n_people, found.records.n_people // 3, replace=False)
        fewer = without(found, gone)
        for group, days in ready.groups.items():
            name = found.config.professional_groups[group]
            expected = {measure: fewer.value(measure, name) for measure in MEASURES}
            kept = ~np.isin(days.posts.people, gone)[:, None]
            for number in range(len(found.calendar)):
                values = only(replicate(window_of(ready, group, number), as_recorded(ready.diary, number), kept))
                assert values == near(**{measure: expected[measure][number] for measure in MEASURES})


def without(found: Network, gone: np.ndarray) -> Network:
    """The same network, but without the posts and the attendance of the people who are gone."""
    tables = dict(found.records.tables)
    for kind in (RecordKind.PEOPLE, RecordKind.ATTENDANCE):
        tables[kind] = tables[kind].filter(pa.array(~np.isin(np.asarray(tables[kind].column("person_id")), gone)))
    fewer = Network(found.config, found.rows)
    fewer.__dict__["records"] = replace(found.records, tables=tables)
    return fewer


def test_replicates_do_not_depend_on_how_many_are_counted_at_once(drawn, monkeypatch):
    _, ready = max(drawn, key=lambda each: len(each[1].diary.day))
    number = len(ready.calendar) - 1
    drawn_times = resample_meetings(ready.diary, number, 7, seed=1)
    for group in ready.groups:
        window = window_of(ready, group, number)
        people = miss_people(window.candidates, group, number, 0.3, 7, seed=1)
        at_once = replicate(window, drawn_times, people)
        monkeypatch.setattr(replicates, "CELLS_AT_ONCE", 1)
        one_by_one = replicate(window, drawn_times, people)
        monkeypatch.undo()
        np.testing.assert_equal(one_by_one, at_once)


def test_draws_of_meetings_and_of_people_go_together(forum):
    window = window_of(forum, 0, 0)
    with pytest.raises(ValueError, match="3 draws of meetings and 2 of people"):
        replicate(window, np.ones((6, 3), dtype=np.int32), np.ones((5, 2), dtype=bool))


# --- the network as a whole -----------------------------------------------------------------------------------


def conduct_days(found: Network, ready: Resampled) -> ConductDays:
    return prepare_conduct(ready, observed(found), found.ties, found.records, found.roster)


def registrys(conduct: Conduct, number: int) -> dict[str, float]:
    chosen = [m for m in registered(Level.NETWORK) if m.name in NETWORK_MEASURES]
    return {m.name: float(m.function(conduct)[number]) for m in chosen}


def test_as_recorded_the_networks_measures_are_the_registrys(governed):
    different = set()
    for found, ready in governed:
        days = conduct_days(found, ready)
        for number in range(len(found.calendar)):
            values = only(replicate_conduct(days, number, as_recorded(ready.diary, number)))
            assert sorted(values) == sorted(NETWORK_MEASURES)
            np.testing.assert_equal(values, registrys(days.conduct, number))
            different |= {(name, value) for name, value in values.items() if value > 0}
    assert {name for name, _ in different} == set(NETWORK_MEASURES)  # none is empty throughout
    assert len(different) > 100


def test_as_recorded_the_scenarios_measures_are_the_registrys(london_cancer):
    config = load_config(london_cancer)
    calendar, records = config.calendar, read_records(config)
    roster, ties = make_roster(records, calendar), make_ties(records, config, calendar)
    conduct = observe(records, ties, roster, calendar, config.ties.standing_meetings_per_year)
    ready = prepare(ties, records, roster, config, calendar)
    days = prepare_conduct(ready, conduct, ties, records, roster)
    for number in (6, len(calendar) - 1):
        thrice = np.repeat(as_recorded(ready.diary, number), 3, axis=1)
        for measure, value in registrys(conduct, number).items():
            np.testing.assert_array_equal(replicate_conduct(days, number, thrice)[measure], [value] * 3, measure)


def test_a_meeting_of_the_network_drawn_twice_counts_twice(tmp_path):
    found = network(
        tmp_path,
        organisations="""
            org_id  kind      role
            A       provider  core_agency
            B       provider  -
            C       provider  -
            """,
        people="""
            person_id  org_id  group
            ann        A       nurse
            bob        B       nurse
            cat        C       nurse
            """,
        meetings="""
            meeting_id  start       type         convenor_org_id  series_id  chair_person_id
            one         2015-02-10  board        A                board      ann
            two         2015-05-12  board        B                board      bob
            mdt         2015-06-01  smdt         B                mdt        bob
            course      2015-08-11  learning     B                -          -
            """,
        attendance="""
            meeting_id  person_id  mode   status
            one         ann        -      attended
            one         bob        -      attended
            two         bob        -      attended
            two         cat        -      attended
            mdt         bob        -      attended
            mdt         cat        video  attended
            mdt         ann        -      failed_to_join
            course      ann        -      attended
            course      bob        -      attended
            """,
        mdt_cases="""
            meeting_id  n  outcome   deferral_reason
            mdt         3  deferred  missing_imaging
            mdt         9  discussed -
            """,
    )
    ready = prepared(found)
    drawn = np.array([[1, 2, 0], [1, 0, 2], [1, 2, 0], [1, 1, 1]], dtype=np.int32)
    values = replicate_conduct(conduct_days(found, ready), 0, drawn)
    expected = {
        "convening_share": [1 / 3, 2 / 3, 0],  # of the governance meetings: boards and the course
        "convening_reach": [2 / 3, 2 / 3, 0],  # A and B, where A convenes any
        "core_rank": [2, 1, 2],  # A's strength is 1, 2, 0; B's, with the course, 2, 1, 3
        "board_represented_share": [1 / 3, 2 / 3, 2 / 3],  # at two thirds of boards: B; A and B; B and C
        # A chairs the board with B, or alone, or not at all; B chairs the MDT, where it is drawn.
        "lead_top_share": [1.5 / 2, 1 / 2, 1],
        "lead_coverage": [2 / 3, 2 / 3, 1 / 3],
        "learning_events": [1, 1, 1],
        "learning_org_coverage": [2 / 3, 2 / 3, 2 / 3],
        "mdt_cases": [12, 24, 0],
        "deferral_missing_info_rate": [1 / 4, 1 / 4, nan],
        "dial_in_failure_rate": [1 / 2, 1 / 2, nan],
        "standing_smdts": [0, 0, 0],
        "core_agencies": [1, 1, 1],
        "joint_roles_active": [0, 0, 0],
    }
    assert sorted(values) == sorted(expected)
    for measure, here in expected.items():
        assert values[measure].tolist() == pytest.approx(here, nan_ok=True), measure


# --- draws --------------------------------------------------------------------------------------------------


def scenario_like(found: list[tuple[Network, Resampled]]) -> Resampled:
    return max(found, key=lambda each: int((each[1].diary.high - each[1].diary.low).max()))[1]


def test_the_same_seed_gives_the_same_draw_and_another_another(drawn):
    diary = scenario_like(drawn).diary
    number = int(np.argmax(diary.high - diary.low))
    people = np.ones(40, dtype=bool)
    for draw in (
        lambda seed: resample_meetings(diary, number, 20, seed),
        lambda seed: miss_meetings(diary, number, 0.3, 20, seed),
        lambda seed: miss_people(people, 1, number, 0.3, 20, seed),
    ):
        np.testing.assert_array_equal(draw(5), draw(5))
        assert (draw(5) != draw(6)).any()
    assert (miss_people(people, 1, number, 0.3, 20, 5) != miss_people(people, 2, number, 0.3, 20, 5)).any()


def test_the_first_replicates_do_not_depend_on_how_many_follow(drawn):
    diary = scenario_like(drawn).diary
    np.testing.assert_array_equal(resample_meetings(diary, 0, 5, 1), resample_meetings(diary, 0, 20, 1)[:, :5])


@pytest.mark.parametrize("resample", [resample_meetings, resample_window])
def test_a_block_keeps_its_number_of_meetings(drawn, resample):
    for _, ready in drawn:
        for number in range(len(ready.calendar)):
            at = ready.diary.within(number)
            found = resample(ready.diary, number, 10, seed=3)
            block = (ready.diary.block if resample is resample_meetings else ready.diary.series)[at]
            for each in np.unique(block):
                assert (found[block == each].sum(axis=0) == (block == each).sum()).all()


def test_blocks_are_series_within_slices(tmp_path):
    met = together("2015-01-05", "2015-02-05", "2015-04-05", "2015-05-05")
    for row, series in zip(met["meetings"], ["board", "board", "", "board"], strict=True):
        row["series_id"] = series
    settings = {"slices": {"every": "quarter", "window": "12 months"}}
    diary = prepared(network(tmp_path, settings=settings, people=PAIR, **met)).diary
    first, second, alone, later = diary.block
    assert first == second and len({first, alone, later}) == 3
    assert set(resample_meetings(diary, 3, 50, seed=1)[2:].ravel()) == {1}  # blocks of one
    assert set(resample_meetings(diary, 3, 50, seed=1)[:2].ravel()) == {0, 1, 2}
    # Of the whole window, the three meetings of the board are one block.
    whole = resample_window(diary, 3, 50, seed=1)
    assert set(whole[2]) == {1} and set(whole[[0, 1, 3]].ravel()) == {0, 1, 2, 3}


def test_contact_rates_alone_are_what_all_measures_give(drawn):
    for _, ready in drawn:
        number = len(ready.calendar) - 1
        times = resample_window(ready.diary, number, 7, seed=1)
        for group in ready.groups:
            window = window_of(ready, group, number)
            every = replicate(window, times)
            for metric, values in replicate_rates(window, times).items():
                np.testing.assert_array_equal(values, every[metric])


def test_a_share_left_out_is_of_that_size_and_within_a_larger_one(drawn):
    diary = scenario_like(drawn).diary
    number = int(np.argmax(diary.high - diary.low))
    meetings = int(diary.high[number] - diary.low[number])
    few, many = (miss_meetings(diary, number, share, 8, seed=2) for share in (0.1, 0.3))
    for found, share in ((few, 0.1), (many, 0.3)):
        assert ((found == 0).sum(axis=0) == int(share * meetings + 0.5)).all()
    assert (many <= few).all()
    assert not miss_meetings(diary, number, 1, 2, seed=2).any()
    candidates = np.arange(40) % 2 == 0
    kept = miss_people(candidates, 0, number, 0.5, 8, seed=2)
    assert kept[~candidates].all() and (kept[candidates].sum(axis=0) == 10).all()
    with pytest.raises(ValueError, match=r"is 1\.5, expected a number from 0 to 1"):
        miss_meetings(diary, number, 1.5, 2, seed=2)


def test_candidates_are_those_on_the_roster_or_there(forum):
    window = window_of(forum, 0, 0)
    assert window.candidates.tolist() == [True] * 5
    nobody = np.zeros(5, dtype=bool)  # on the roster; all but eve met somebody
    assert replace(window, members=nobody).candidates.tolist() == (window.of_person.sum(axis=1) > 0).tolist()
    assert replace(window, members=nobody).candidates.sum() == 4


def test_level_shares_are_of_all_replicates():
    breadth = {"acq_breadth": np.array([0.2, 0.6, 0.7, nan])}

    def levels(values):
        found = values["acq_breadth"]
        return np.where(np.isnan(found), 0, np.where(found >= 0.5, 3, 2))

    assert level_shares(levels(breadth)).tolist() == [0, 1 / 4, 2 / 4]
    assert np.isnan(level_shares(levels({"acq_breadth": np.zeros(0)}))).all()
