"""What each metric of a professional group is: worked examples from records, and a check against plain Python.

The forum, which most examples take. Meetings last an hour, the window is the year 2015, k is 2:

             Feb  May  Aug  Nov    20 Nov   1 Dec
    ann  A    x    x    x            x                met across organisations:
    bea  A              x    x       x                ann-cat 3, ann-dan 2, bea-cat 2, bea-dan 2, cat-dan 4;
    cat  B    x    x    x    x               x        not ann-bea, who are both of A
    dan  C         x    x    x               x
    eve  D                                            5 people: 10 pairs, 9 of them across organisations
             --- forum --------    one-off   board
"""

from math import nan

import pytest

from orgnet.metrics.registry import registered
from orgnet.vocabulary import Level
from tests.networks import Network, network
from tests.plain import Plain

FORUM = {
    "people": """
        person_id  org_id  group
        ann        A       nurse
        bea        A       nurse
        cat        B       nurse
        dan        C       nurse
        eve        D       nurse
        """,
    "meetings": """
        meeting_id  start             end               series_id
        feb         2015-02-10T09:00  2015-02-10T10:00  forum
        may         2015-05-12T09:00  2015-05-12T10:00  forum
        aug         2015-08-11T09:00  2015-08-11T10:00  forum
        nov         2015-11-10T09:00  2015-11-10T10:00  forum
        one-off     2015-11-20T09:00  2015-11-20T10:00  -
        dec         2015-12-01T09:00  2015-12-01T10:00  board
        """,
    "attendance": [
        {"meeting_id": meeting, "person_id": person}
        for meeting, people in {
            "feb": "ann cat",
            "may": "ann cat dan",
            "aug": "ann bea cat dan",
            "nov": "bea cat dan",
            "one-off": "ann bea",
            "dec": "cat dan",
        }.items()
        for person in people.split()
    ],
}

# Two nurses of two organisations.
PAIR = """
    person_id  org_id  group
    ann        A       nurse
    bob        B       nurse
    """


def together(*days: str, people: str = "ann bob") -> dict[str, list[dict[str, str]]]:
    """Meetings on the given days, each attended by the same people."""
    return {
        "meetings": [{"meeting_id": day, "start": day} for day in days],
        "attendance": [{"meeting_id": day, "person_id": p} for day in days for p in people.split()],
    }


def exactly(*expected: float):
    return pytest.approx(list(expected), rel=1e-12, abs=1e-12, nan_ok=True)


@pytest.fixture(scope="module")
def forum(tmp_path_factory: pytest.TempPathFactory) -> Network:
    # With a share of 3/4, an opportunity to meet gathers ceil(3/4 x 4) = 3 organisations.
    return network(tmp_path_factory.mktemp("forum"), settings={"ties": {"opportunity_share": 0.75}}, **FORUM)


def monthly(window: str, end: str = "2015-06-01", **more) -> dict:
    return {"period": {"start": "2015-01-01", "end": end}, "slices": {"every": "month", "window": window}} | more


# --- worked examples: acquaintance --------------------------------------------------------------------------


@pytest.mark.worked_example("group.acq_density")
def test_acq_density_is_the_share_of_pairs_across_organisations_who_are_acquainted(forum):
    # Five of nine pairs met at least twice.
    assert forum.value("acq_density", "nurse") == exactly(5 / 9)
    # There is no surgeon, so no pair.
    assert forum.value("acq_density", "surgeon") == exactly(nan)
    assert forum.value("acq_density", "nurse", "surgeon") == exactly(nan)


@pytest.mark.worked_example("group.acq_density", "group.acq_reach")
def test_acquainted_takes_k_meetings_within_one_window(tmp_path):
    met = together("2015-01-15", "2015-02-15", "2015-03-15")
    found = network(tmp_path, settings=monthly("2 months"), people=PAIR, **met)
    # The two months that end with each month hold 1, 2, 2, 1 and 0 meetings.
    expected = {1: (1, 1, 1, 1, 0), 2: (0, 1, 1, 0, 0), 3: (0, 0, 0, 0, 0)}
    for k, values in expected.items():
        assert found.under(acquainted_after=k).value("acq_density", "nurse") == exactly(*values)
        assert found.under(acquainted_after=k).value("acq_reach", "nurse") == exactly(*values)


@pytest.mark.worked_example("group.acq_breadth")
def test_acq_breadth_is_the_mean_share_of_other_organisations_known(forum):
    # Of three others each: ann knows B and C, bea B and C, cat A and C, dan A and B, eve nobody.
    assert forum.value("acq_breadth", "nurse") == exactly((2 / 3 + 2 / 3 + 2 / 3 + 2 / 3 + 0 / 3) / 5)
    assert forum.value("acq_breadth", "surgeon") == exactly(nan)


@pytest.mark.worked_example("group.acq_breadth")
def test_acq_breadth_counts_organisations_not_people(tmp_path):
    people = """
        person_id  org_id  group
        ann        A       nurse
        bob        B       nurse
        ben        B       nurse
        cat        C       nurse
        """
    found = network(tmp_path, people=people, **together("2015-03-02", "2015-04-02", people="ann bob ben"))
    # ann knows two people in one of the two other organisations; bob and ben know A, cat nobody.
    assert found.value("acq_breadth", "nurse") == exactly((1 / 2 + 1 / 2 + 1 / 2 + 0) / 4)


@pytest.mark.worked_example("group.acq_reach")
def test_acq_reach_is_the_share_of_people_who_know_anyone(forum):
    # All but eve.
    assert forum.value("acq_reach", "nurse") == exactly(4 / 5)
    assert forum.value("acq_reach", "surgeon") == exactly(nan)


@pytest.mark.worked_example("group.acq_reach", "group.acq_breadth")
def test_a_hub_makes_reach_high_and_breadth_low(tmp_path):
    # Everyone has met ann, one at a time, and nobody else.
    people = [{"person_id": p, "org_id": p.upper(), "group": "nurse"} for p in "abcde"]
    meetings = [{"meeting_id": f"{p}{i}", "start": f"2015-0{i}-01"} for p in "bcde" for i in (1, 2)]
    attendance = [{"meeting_id": m["meeting_id"], "person_id": p} for m in meetings for p in ("a", m["meeting_id"][0])]
    found = network(tmp_path, people=people, meetings=meetings, attendance=attendance)
    assert found.value("acq_reach", "nurse") == exactly(5 / 5)
    # a knows four of four; the other four know one of four.
    assert found.value("acq_breadth", "nurse") == exactly((4 / 4 + 4 * 1 / 4) / 5)


@pytest.mark.worked_example("group.acq_density", "group.acq_breadth", "group.acq_reach", "group.meet_rate_median")
def test_the_roster_at_the_slices_end_counts(tmp_path):
    people = """
        person_id  org_id  group  start       end
        ann        A       nurse  -           -
        bob        B       nurse  -           2015-04-01
        bob        A       nurse  2015-04-01  2015-05-01
        cat        C       nurse  2015-03-31  -
        """
    met = together("2015-01-15", "2015-02-15", people="ann bob")
    found = network(tmp_path, settings=monthly("12 months"), people=people, **met)
    # January: met once. February: twice. March: cat's first day is its last. April: bob has moved to ann's
    # organisation. May: he is gone, and the meetings were with nobody who is still there.
    assert found.value("acq_density", "nurse") == exactly(0 / 1, 1 / 1, 1 / 3, 0 / 2, 0 / 1)
    assert found.value("acq_reach", "nurse") == exactly(0 / 2, 2 / 2, 2 / 3, 0 / 3, 0 / 2)
    # In April each has one other organisation to know: A (or C); ann and bob, both of A, know nobody in C.
    assert found.value("acq_breadth", "nurse") == exactly(0, 1, (1 / 2 + 1 / 2 + 0) / 3, 0, 0)
    # Meetings happened whoever has left since: 1 and 1; 2 and 2; 2, 2 and 0 (twice); 2 and 0.
    assert found.value("meet_rate_median", "nurse") == exactly(1, 2, 2, 2, 1)


@pytest.mark.worked_example("group.acq_density", "group.acq_breadth")
def test_who_holds_a_joint_post_is_no_stranger_in_either_place(tmp_path):
    people = """
        person_id  org_id  group
        joe        A       nurse
        joe        B       nurse
        ann        A       nurse
        bob        B       nurse
        cat        C       nurse
        """
    met = together("2015-03-02", "2015-04-02", people="joe ann bob cat")
    found = network(tmp_path, people=people, **met)
    # Of 6 pairs, joe's with ann and with bob are within an organisation. The other four met twice.
    assert found.value("acq_density", "nurse") == exactly(4 / 4)
    # joe knows C of C alone; ann B and C, bob A and C, and cat A and B, of two.
    assert found.value("acq_breadth", "nurse") == exactly(1)


@pytest.mark.worked_example("group.acq_density", "group.acq_breadth", "group.acq_reach")
def test_colleagues_in_any_capacity_are_not_across_organisations(tmp_path):
    people = """
        person_id  org_id  group
        ann        A       nurse
        ann        N       manager
        max        N       manager
        bob        B       manager
        """
    attendance = """
        meeting_id  person_id  org_id
        2015-03-02  ann        A
        2015-03-02  max        -
        2015-03-02  bob        -
        2015-04-02  ann        A
        2015-04-02  max        -
        2015-04-02  bob        -
        """
    met = together("2015-03-02", "2015-04-02") | {"attendance": attendance}
    found = network(tmp_path, people=people, **met)
    # ann as a nurse and max work together in N, and ann is not her own colleague: bob is all there is to know.
    assert found.value("acq_density", "nurse", "manager") == exactly(1 / 1)
    assert found.value("acq_breadth", "nurse", "manager") == exactly(1 / 1)
    # To bob, A is the only place with a nurse, and he knows her; max has no nurse to know elsewhere.
    assert found.value("acq_breadth", "manager", "nurse") == exactly((0 / 1 + 1 / 1) / 2)
    # Three managers (ann, max, bob), of whom bob knows the nurse.
    assert found.value("acq_reach", "manager", "nurse") == exactly(1 / 3)


@pytest.mark.worked_example("group.meet_rate_median")
def test_meet_rate_median_is_that_of_everyone_on_the_roster(forum):
    # Meetings with a colleague from elsewhere: ann 3, bea 2, cat 5, dan 4, eve 0; over one year.
    assert forum.value("meet_rate_median", "nurse") == exactly(3)
    assert forum.value("meet_rate_median", "surgeon") == exactly(nan)


@pytest.mark.worked_example("group.meetings_per_person")
def test_meetings_per_person_is_a_mean_over_the_roster(forum):
    # The same meetings: 3, 2, 5, 4 and eve's 0, for five people.
    assert forum.value("meetings_per_person", "nurse") == exactly((3 + 2 + 5 + 4 + 0) / 5)
    assert forum.value("meetings_per_person", "surgeon") == exactly(nan)


@pytest.mark.worked_example("group.meet_rate_median", "group.opp_events")
def test_rates_are_per_year(tmp_path):
    met = together("2014-01-15", "2014-02-15", "2014-03-15")
    two_years = {
        "period": {"start": "2014-01-01", "end": "2016-01-01"},
        "slices": {"every": "2 years", "window": "2 years"},
    }
    found = network(tmp_path, settings=two_years, people=PAIR, **met)
    assert found.value("meet_rate_median", "nurse") == exactly(3 / 2)
    assert found.value("meetings_per_person", "nurse") == exactly(3)  # in the window, however long
    assert found.value("opp_events", "nurse") == exactly(3 / 2)


# --- worked examples: opportunities and venues --------------------------------------------------------------


@pytest.mark.worked_example("group.opp_events", "group.opp_regularity")
def test_an_opportunity_gathers_a_share_of_the_providers(forum):
    # Three organisations met in May, August and November; two in February and on 1 December; one on 20 November.
    assert forum.value("opp_events", "nurse") == exactly(3)
    assert forum.value("opp_regularity", "nurse") == exactly(3 / 4)
    # By default a quarter of the providers, and never fewer than two organisations: five meetings, in every quarter.
    lax = forum.under(opportunity_share=0.25)
    assert lax.value("opp_events", "nurse") == exactly(5)
    assert lax.value("opp_regularity", "nurse") == exactly(4 / 4)
    # Nobody there, nothing held.
    assert forum.value("opp_events", "surgeon") == exactly(0)
    assert forum.value("opp_regularity", "surgeon") == exactly(0)


@pytest.mark.worked_example("group.opp_events")
def test_only_providers_make_the_threshold(tmp_path):
    # Five providers and a share of 1/2: three organisations; the network body itself is none of the five.
    organisations = [{"org_id": o, "kind": "network_body" if o == "N" else "provider"} for o in "ABCDEN"]
    people = [{"person_id": o.lower(), "org_id": o, "group": "nurse"} for o in "ABCDEN"]
    meetings = together("2015-03-02", people="a b n")["meetings"] + together("2015-04-02")["meetings"]
    attendance = (
        together("2015-03-02", people="a b n")["attendance"] + together("2015-04-02", people="a b")["attendance"]
    )
    found = network(
        tmp_path,
        settings={"ties": {"opportunity_share": 0.5}},
        organisations=organisations,
        people=people,
        meetings=meetings,
        attendance=attendance,
    )
    # A, B and N are three organisations; A and B are two.
    assert found.value("opp_events", "nurse") == exactly(1)


@pytest.mark.worked_example("group.opp_regularity")
def test_quarters_are_counted_back_from_the_windows_end(tmp_path):
    people = PAIR + "    sam  A  surgeon\n    sue  B  surgeon\n"
    often, once = together("2015-01-31", "2015-02-01", "2015-04-30"), together("2015-01-31", people="sam sue")
    met = {"meetings": often["meetings"], "attendance": often["attendance"] + once["attendance"]}
    found = network(tmp_path, settings=monthly("6 months"), people=people, **met)
    # The half year to 1 June has its quarters from December to February and from March to May; that to 1 May from
    # November to January and from February to April. Windows that reach back before the period have the quarters
    # that they have: January alone; January and February; January to March; January (cut) and February to April.
    assert found.value("opp_regularity", "nurse") == exactly(1 / 1, 1 / 1, 1 / 1, 2 / 2, 2 / 2)
    assert found.value("opp_regularity", "surgeon") == exactly(1 / 1, 1 / 1, 1 / 1, 1 / 2, 1 / 2)


@pytest.mark.worked_example("group.venues_any", "group.venues_standing")
def test_a_standing_venue_meets_often_and_typically_gathers_three_organisations(forum):
    # The forum and the board; the one-off brought nobody together across organisations.
    assert forum.value("venues_any", "nurse") == exactly(2)
    # The forum met four times, with 2, 3, 3 and 3 organisations: their lower median is 3. The board met once.
    assert forum.value("venues_standing", "nurse") == exactly(1)
    assert forum.value("venues_any", "surgeon") == exactly(0)
    assert forum.value("venues_standing", "surgeon") == exactly(0)


@pytest.mark.worked_example("group.venues_standing")
@pytest.mark.parametrize(
    ("left", "standing", "why"),
    [
        ("dan nov", 0, "2, 3, 3 and 2 organisations: half is not more than half"),
        ("ann feb", 0, "three meetings, as one alone meets nobody"),
    ],
)
def test_a_venue_that_just_stands_or_just_fails(tmp_path, left, standing, why):
    person, meeting = left.split()
    stayed = [row for row in FORUM["attendance"] if (row["person_id"], row["meeting_id"]) != (person, meeting)]
    found = network(tmp_path, **(FORUM | {"attendance": stayed}))
    assert found.value("venues_standing", "nurse") == exactly(standing), why


@pytest.mark.worked_example("group.venues_any", "group.venues_standing")
def test_meetings_of_no_series_are_venues_of_their_own(tmp_path):
    people = [{"person_id": o.lower(), "org_id": o, "group": "nurse"} for o in "ABC"]
    people += [{"person_id": f"{o}2", "org_id": o, "group": "surgeon"} for o in "ABC"]
    ad_hoc = together(*(f"2015-{month:02}-01" for month in range(1, 6)), people="a b c")
    series = together(*(f"2015-{month:02}-02" for month in range(1, 6)), people="A2 B2 C2")
    found = network(
        tmp_path,
        people=people,
        meetings=ad_hoc["meetings"] + [row | {"series_id": "s"} for row in series["meetings"]],
        attendance=ad_hoc["attendance"] + series["attendance"],
    )
    # Five ad hoc meetings are five venues, and no standing one; as one series they are one that stands.
    assert found.value("venues_any", "nurse") == exactly(5)
    assert found.value("venues_standing", "nurse") == exactly(0)
    assert found.value("venues_any", "surgeon") == exactly(1)
    assert found.value("venues_standing", "surgeon") == exactly(1)


@pytest.mark.worked_example("group.venues_standing")
def test_four_meetings_a_year_are_two_in_half_a_year(tmp_path):
    people = [{"person_id": o.lower(), "org_id": o, "group": "nurse"} for o in "ABC"]
    met = together("2015-07-01", "2015-10-01", people="a b c")
    met["meetings"] = [row | {"series_id": "s"} for row in met["meetings"]]
    half_years = {"slices": {"every": "6 months", "window": "6 months"}}
    found = network(tmp_path, settings=half_years, people=people, **met)
    assert found.value("venues_standing", "nurse") == exactly(0, 1)


@pytest.mark.worked_example("group.venue_org_coverage")
def test_venue_org_coverage_is_the_share_of_staffed_organisations_seen(forum):
    # At the three opportunities people of A, B and C were there; D has a nurse too.
    assert forum.value("venue_org_coverage", "nurse") == exactly(3 / 4)
    assert forum.value("venue_org_coverage", "surgeon") == exactly(nan)


@pytest.mark.worked_example(
    "group.opp_events",
    "group.opp_regularity",
    "group.venues_any",
    "group.venue_org_coverage",
    "group.meet_rate_median",
    "group.familiarity",
)
def test_one_group_and_another(tmp_path):
    people = """
        person_id  org_id  group
        ann        A       nurse
        bob        B       nurse
        sue        B       surgeon
        sam        C       surgeon
        """
    met = together("2015-02-01", "2015-05-01", people="ann sue sam")
    met["meetings"] = [row | {"series_id": "s"} for row in met["meetings"]]
    met["meetings"].append({"meeting_id": "own", "start": "2015-08-01"})
    met["attendance"] += [{"meeting_id": "own", "person_id": p} for p in ("ann", "bob")]
    found = network(tmp_path, people=people, **met)
    # Two meetings of a nurse with surgeons from elsewhere; the third was among nurses.
    for one, two in (("nurse", "surgeon"), ("surgeon", "nurse")):
        assert found.value("opp_events", one, two) == exactly(2)
        assert found.value("opp_regularity", one, two) == exactly(2 / 4)
        assert found.value("venues_any", one, two) == exactly(1)
        # No pair had met in February, both had in May.
        assert found.value("familiarity", one, two) == exactly((0 / 2 + 2 / 2) / 2)
    # Nurses are on the staff of A and B. A sent one; B sent a surgeon, but no nurse.
    assert found.value("venue_org_coverage", "nurse", "surgeon") == exactly(1 / 2)
    # Surgeons are on the staff of B and C, and both were there.
    assert found.value("venue_org_coverage", "surgeon", "nurse") == exactly(2 / 2)
    # ann met surgeons twice and bob never; sue and sam met a nurse twice each.
    assert found.value("meet_rate_median", "nurse", "surgeon") == exactly((2 + 0) / 2)
    assert found.value("meet_rate_median", "surgeon", "nurse") == exactly(2)
    # Surgeons among themselves met twice too: the same meetings.
    assert found.value("meet_rate_median", "surgeon") == exactly(2)
    assert found.value("venues_any", "nurse") == exactly(1)


# --- worked examples: familiarity and time together ---------------------------------------------------------


@pytest.mark.worked_example("group.familiarity")
def test_familiarity_is_how_often_those_who_meet_had_met_before(forum):
    # February: ann-cat never. May: ann-cat once, ann-dan and cat-dan never. August: ann-cat twice, ann-dan and cat-dan
    # once, bea-cat and bea-dan never. November: bea-cat and bea-dan once, cat-dan twice. 1 December: cat-dan thrice.
    meetings = [0 / 1, (1 + 0 + 0) / 3, (2 + 1 + 1 + 0 + 0) / 5, (1 + 1 + 2) / 3, 3 / 1]
    assert forum.value("familiarity", "nurse") == exactly(sum(meetings) / 5)
    assert forum.value("familiarity", "surgeon") == exactly(nan)


@pytest.mark.worked_example("group.familiarity")
def test_familiarity_looks_back_a_windows_length_on_the_calendar(tmp_path):
    met = together("2014-03-01", "2015-03-01", "2016-03-01", "2017-02-28", "2018-03-01")
    years = {"period": {"start": "2014-01-01", "end": "2020-01-01"}}
    found = network(tmp_path, settings=years, people=PAIR, **met)
    # Twelve months back from each anniversary is the last one, a leap day between them or not; none reaches back to
    # the one before that, and 1 March 2018 does not reach 28 February 2017. In 2019 nobody met.
    assert found.value("familiarity", "nurse") == exactly(0, 1, 1, 1, 0, nan)


@pytest.mark.worked_example("group.copresence_ratio")
def test_copresence_ratio_is_time_together_over_the_meetings_time(tmp_path):
    people = PAIR + "    cat  C  nurse\n    abe  A  nurse\n"
    meetings = """
        meeting_id  start             end
        m           2015-03-02T09:00  2015-03-02T09:40
        """
    attendance = """
        meeting_id  person_id  join              leave
        m           ann        2015-03-02T09:00  2015-03-02T09:25
        m           bob        2015-03-02T09:08  2015-03-02T09:30
        m           cat        2015-03-02T09:30  2015-03-02T09:45
        m           abe        2015-03-02T09:00  2015-03-02T09:40
        """
    found = network(tmp_path, people=people, meetings=meetings, attendance=attendance)
    # ann-bob 25 - 8 = 17, ann-cat 0, bob-cat 0, abe-bob 22, abe-cat 40 - 30 = 10; not ann-abe, who are both of A.
    # Each of a meeting of 40 minutes, also the pairs that did not meet.
    assert found.value("copresence_ratio", "nurse") == exactly((17 + 0 + 0 + 22 + 10) / (5 * 40))
    # 17 and 22 minutes are a meeting (at least 15), 10 are not: two pairs, once each.
    assert found.value("meet_rate_median", "nurse") == exactly(1)
    assert found.value("familiarity", "nurse") == exactly(0)
    assert found.value("copresence_ratio", "surgeon") == exactly(nan)


@pytest.mark.worked_example("group.copresence_ratio")
def test_copresence_ratio_needs_times_that_were_observed(tmp_path):
    meetings = """
        meeting_id  start             end
        seen        2015-03-02T09:00  2015-03-02T10:00
        listed      2015-03-09T09:00  2015-03-09T10:00
        endless     2015-03-16T09:00  -
        """
    attendance = """
        meeting_id  person_id  join              leave
        seen        ann        2015-03-02T09:00  2015-03-02T10:00
        seen        bob        2015-03-02T09:30  2015-03-02T10:00
        listed      ann        2015-03-09T09:00  2015-03-09T10:00
        listed      bob        -                 -
        endless     ann        2015-03-16T09:00  2015-03-16T10:00
        endless     bob        2015-03-16T09:00  2015-03-16T10:00
        """
    found = network(tmp_path, people=PAIR, meetings=meetings, attendance=attendance)
    # Half an hour of one hour; bob's hour on the 9th is the schedule's, and the 16th has no length to compare with.
    assert found.value("copresence_ratio", "nurse") == exactly(30 / 60)
    # All three are meetings none the less.
    assert found.value("meet_rate_median", "nurse") == exactly(3)
    assert found.evidence("nurse").nominal.tolist() == [True]


@pytest.mark.worked_example("group.copresence_ratio")
def test_leaving_and_coming_back_adds_up_and_two_devices_do_not(tmp_path):
    meetings = """
        meeting_id  start             end
        jan         2015-01-02T09:00  2015-01-02T10:00
        feb         2015-02-02T09:00  2015-02-02T10:00
        """
    attendance = """
        meeting_id  person_id  join              leave
        jan         ann        2015-01-02T09:00  2015-01-02T10:00
        jan         bob        2015-01-02T09:00  2015-01-02T09:10
        jan         bob        2015-01-02T09:50  2015-01-02T10:00
        feb         ann        2015-02-02T09:00  2015-02-02T10:00
        feb         bob        2015-02-02T09:00  2015-02-02T09:10
        feb         bob        2015-02-02T09:02  2015-02-02T09:12
        """
    settings = monthly("1 month", end="2015-03-01")
    found = network(tmp_path, settings=settings, people=PAIR, meetings=meetings, attendance=attendance)
    # 10 + 10 of 60 minutes in January, enough for a meeting; 12 in February, not 10 + 10, and too short for one.
    assert found.value("copresence_ratio", "nurse") == exactly(20 / 60, 12 / 60)
    assert found.value("familiarity", "nurse") == exactly(0, nan)


# --- what stands beside the values --------------------------------------------------------------------------


def test_the_evidence_says_how_far_it_can_be_trusted(forum, tmp_path):
    coverage = """
        record_kind  period_start  period_end  complete  org_id
        attendance   2015-01-01    2015-04-01  true      -
        attendance   2015-02-01    2015-03-01  false     C
        """
    met = together("2015-01-15")
    found = network(tmp_path, settings=monthly("2 months"), people=PAIR, coverage=coverage, **met)
    evidence = found.evidence("nurse")
    # The windows within January to March are known to be whole where there are nurses: in A and B, not C.
    assert evidence.covered.tolist() == [True, True, True, False, False]
    assert evidence.n_people.tolist() == [2] * 5
    assert evidence.events.tolist() == [1, 1, 0, 0, 0]
    # Presence without times is nominal, for as long as a window holds it.
    assert evidence.nominal.tolist() == [True, True, False, False, False]
    # Two months are no year; the year 2015 is. Of its attendance nothing is known to be whole.
    assert not evidence.whole.any()
    assert forum.evidence("nurse").whole.tolist() == [True]
    assert forum.evidence("nurse").covered.tolist() == [False]


# --- second implementation ----------------------------------------------------------------------------------


def test_the_random_networks_hold_the_awkward_cases(networks_of_records):
    made = [Plain(found) for found in networks_of_records]
    for plain in made:
        assert not plain.network.records.rejected.num_rows

    settings = {(p.network.config.slices.every, p.length < 12) for p in made}
    assert settings == {("month", True), ("month", False), ("quarter", True), ("quarter", False)}
    assert {p.rules.acquainted_after for p in made} == {1, 2, 3}
    stays = [stay for p in made for there in p.present.values() for stay in there.values()]
    assert sum(len(stay.organisations) > 1 for stay in stays) > 50
    assert sum(len(stay.pieces) > 1 for stay in stays) > 50
    meets = [meet for p in made for meet in p.everyone if p.apart(meet)]
    assert sum(meet.seconds is None for meet in meets) > 100
    assert sum(not meet.met for meet in meets) > 100
    assert sum(p.windows[-1].end.day != 1 for p in made) > 10, "last slices that are cut"
    assert sum(not p.windows[0].whole and p.windows[-1].whole for p in made) > 5, "windows that grow whole"
    assert sum(p.length < 3 and p.network.config.slices.every == "quarter" for p in made) > 1, "short windows"
    in_two_groups = [
        person
        for p in made
        for person in {row["person_id"] for row in p.network.rows["people"]}
        if len({row["group"] for row in p.network.rows["people"] if row["person_id"] == person}) > 1
    ]
    assert len(in_two_groups) > 5


@pytest.mark.second_implementation(
    "group.acq_breadth",
    "group.acq_density",
    "group.acq_reach",
    "group.copresence_ratio",
    "group.familiarity",
    "group.meet_rate_median",
    "group.meetings_per_person",
    "group.opp_events",
    "group.opp_regularity",
    "group.venue_org_coverage",
    "group.venues_any",
    "group.venues_standing",
)
def test_group_metrics_match_plain_python(networks_of_records):
    names = sorted(m.name for m in registered(Level.GROUP) if m.takes in ("group", "group_year"))
    seen: dict[str, set[float]] = {name: set() for name in names}
    for seed, found in enumerate(networks_of_records):
        plain = Plain(found)
        for one in plain.groups:
            for two in plain.groups:
                expected = plain.measured(one, two)
                assert sorted(expected[0]) == names
                for name in names:
                    values = [slice_values[name] for slice_values in expected]
                    close = pytest.approx(values, rel=1e-9, abs=1e-9, nan_ok=True)
                    assert found.value(name, one, two) == close, (seed, name, one, two)
                    seen[name].update(values)
    # Each takes on many values, so that agreeing on them says something.
    assert min(len(values) for values in seen.values()) > 5
    assert len(seen["acq_density"]) > 50
