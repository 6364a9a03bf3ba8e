"""From records to ties, by hand: who met whom, who referred to whom, who holds posts in two places, who convenes whom.

Each network is one slice, the year 2015, unless it says otherwise. A tie is (weight, events, people, first, last).
"""

from datetime import datetime, timedelta

import pytest

import orgnet.ties.copresence
from tests.networks import Network, network

HOUR = """
    meeting_id  start             end               type
    m           2015-03-02T09:00  2015-03-02T10:00  other
    """

FIVE = """
    person_id  org_id  group
    ann        A       nurse
    abe        A       nurse
    bob        B       nurse
    cat        C       nurse
    dan        D       nurse
    """


def at_meetings(**attended: str) -> list[dict[str, str]]:
    """Attendance without times: m="ann bob" puts ann and bob at meeting m."""
    return [{"meeting_id": m, "person_id": p} for m, people in attended.items() for p in people.split()]


def exactly(expected: dict[str, float]):
    return pytest.approx(expected, rel=1e-9, abs=0)


# --- who met whom -------------------------------------------------------------------------------------------


# Who was there from when to when, at meetings of an hour from 9 to 10; and the ties that come of it, for some numbers
# of minutes that people must have been there together.
DIAL_IN = {
    "two people met if they were there together for long enough: [0, 25] and [8, 30] share 25 - 8 = 17 minutes": (
        "ann 00 25  bob 08 30",
        {0: {"A B": 1}, 15: {"A B": 1}, 17: {"A B": 1}, 17.5: {}, 20: {}},
    ),
    "who leaves as the other joins has not met them, even where no overlap is asked for": (
        "ann 00 25  bob 25 50",
        {0: {}, 15: {}},
    ),
    "presence is as recorded, beyond the schedule too: from 9:50 to 10:10": (
        "ann 00 70  bob 50 75",
        {15: {"A B": 1}, 20: {"A B": 1}, 21: {}},
    ),
    "k is those who met somebody: dan came late and met nobody, bob and cat missed each other, and k is 3": (
        "ann 00 50  bob 00 30  cat 30 50  dan 55 60",
        {15: {"A B": 1 / 2, "A C": 1 / 2}},
    ),
    "those of one organisation who met are among the k": (
        "ann 00 50  abe 30 50  bob 00 20",
        {15: {"A B": 1 / 2}},
    ),
    "leaving and coming back adds up: 10 + 10 minutes; at 21 bob met nobody, and the others are two": (
        "ann 00 60  bob 00 10  bob 50 60  cat 00 60",
        {20: {"A B": 1 / 2, "A C": 1 / 2, "B C": 1 / 2}, 21: {"A C": 1}},
    ),
    "both leaving and coming back adds up what they share: 5 + 5, and 5 when only one was away": (
        "ann 00 10  ann 40 50  bob 05 15  bob 45 55",
        {10: {"A B": 1}, 11: {}},
    ),
    "two devices are not two people: 9:00 to 9:10 and 9:05 to 9:14 are 14 minutes, not 10 + 9": (
        "ann 00 60  bob 00 10  bob 05 14",
        {14: {"A B": 1}, 15: {}},
    ),
    "nor are three, of which one comes back: 20 + 5 minutes": (
        "ann 00 60  bob 00 20  bob 05 10  bob 15 18  bob 40 45",
        {25: {"A B": 1}, 26: {}},
    ),
}
MINUTES = sorted({minutes for _, expected in DIAL_IN.values() for minutes in expected})


@pytest.fixture(scope="module")
def dialled_in(tmp_path_factory: pytest.TempPathFactory) -> dict[float, Network]:
    """The meetings of DIAL_IN, one a month, by how long people must have been there together."""
    meetings, attendance = [], []
    for month, (times, _) in enumerate(DIAL_IN.values(), 1):
        hour = datetime(2015, month, 2, 9)
        meetings.append({"meeting_id": month, "start": hour.isoformat(), "end": hour + timedelta(hours=1)})
        words = times.split()
        for person, *stay in zip(words[::3], words[1::3], words[2::3], strict=True):
            join, leave = (hour + timedelta(minutes=int(minutes)) for minutes in stay)
            attendance.append({"meeting_id": month, "person_id": person, "join": join, "leave": leave})
    monthly = {"slices": {"every": "month", "window": "1 month"}}
    made = network(
        tmp_path_factory.mktemp("dial_in"),
        settings=monthly,
        people=FIVE,
        meetings=meetings,
        attendance=attendance,
    )
    return {minutes: made.under(min_overlap_minutes=minutes) for minutes in MINUTES}


@pytest.mark.parametrize("why", DIAL_IN)
def test_presence_makes_contact(dialled_in, why):
    month = list(DIAL_IN).index(why)
    for minutes, ties in DIAL_IN[why][1].items():
        assert dialled_in[minutes].weights("meetings", month) == exactly(ties), minutes
        assert all(tie.events == 1 for tie in dialled_in[minutes].drawn("meetings", month).values())


def test_the_time_together_is_kept_beside_the_contact(dialled_in):
    for minutes, met in ((15, True), (20, False)):
        (contacts,) = dialled_in[minutes].contacts.values()
        january = contacts.where(contacts.meeting == contacts.meeting.min())
        assert january.overlap.tolist() == [17 * 60]
        assert january.met.tolist() == [met]
        assert january.duration.tolist() == [60 * 60]


def test_times_that_are_missing_are_the_meetings_and_marked_nominal(tmp_path):
    attendance = """
        meeting_id  person_id  join              leave
        m           ann        2015-03-02T09:00  2015-03-02T10:00
        m           bob        2015-03-02T09:50  -
        m           cat        -                 2015-03-02T09:20
        """
    found = network(tmp_path, people=FIVE, meetings=HOUR, attendance=attendance)
    # bob from 9:50 to the meeting's end, 10 minutes with ann: not met. cat from the start, 20 minutes with ann: met.
    assert found.weights("meetings") == {"A C": 1.0}
    (contacts,) = found.contacts.values()
    names = {"A": 0, "B": 1, "C": 2}
    overlap = {
        frozenset(pair): seconds
        for *pair, seconds in zip(
            contacts.party.tolist(), contacts.other_party.tolist(), contacts.overlap.tolist(), strict=True
        )
    }
    assert overlap == {
        frozenset({names["A"], names["B"]}): 10 * 60,
        frozenset({names["A"], names["C"]}): 20 * 60,
        frozenset({names["B"], names["C"]}): 0,
    }
    assert contacts.nominal.all()
    assert found.ties.presence.nominal.sum() == 2
    by_layer = {tiles.layer: tiles.nominal.tolist() for tiles in found.ties.tiles}
    assert by_layer["meetings"] == [True]
    assert by_layer["mdt"] == [False]


def test_observed_times_are_not_nominal(dialled_in):
    ties = dialled_in[15].ties
    assert not ties.presence.nominal.any()
    assert not any(tiles.nominal.any() for tiles in ties.tiles)


def test_a_meeting_of_a_day_alone_is_one_where_all_met(tmp_path):
    found = network(
        tmp_path, people=FIVE, meetings="meeting_id start\nm 2015-03-02", attendance=at_meetings(m="ann bob cat")
    )
    assert set(found.weights("meetings")) == {"A B", "A C", "B C"}
    (contacts,) = found.contacts.values()
    assert contacts.overlap.tolist() == [-1, -1, -1]
    assert contacts.nominal.all()


def test_who_did_not_attend_makes_no_tie(tmp_path):
    attendance = """
        meeting_id  person_id  status
        m           ann        attended
        m           bob        -
        m           abe        invited
        m           cat        apologies
        m           dan        failed_to_join
        """
    found = network(tmp_path, people=FIVE, meetings=HOUR, attendance=attendance)
    # Nor are they of the k: ann and bob are two, and 1 / (2 - 1) = 1.
    assert found.weights("meetings") == {"A B": 1.0}


def test_a_cancelled_meeting_makes_no_tie(tmp_path):
    meetings = """
        meeting_id  start       type   status     convenor_org_id
        m           2015-03-02  board  cancelled  C
        n           2015-03-03  board  held       C
        """
    found = network(tmp_path, people=FIVE, meetings=meetings, attendance=at_meetings(m="ann bob", n="abe dan"))
    assert set(found.weights("meetings")) == {"A D"}
    assert set(found.weights("convening")) == {"C A", "C D"}


# --- how strongly organisations are tied --------------------------------------------------------------------


def test_a_meeting_of_k_people_gives_each_pair_one_over_k_less_one(tmp_path):
    # ann and abe of A, bob of B, cat of C: k = 4, 1/3 for each pair of people. A-B: ann-bob and abe-bob; A-C: ann-cat
    # and abe-cat; B-C: bob-cat. ann-abe are of one organisation.
    found = network(tmp_path, people=FIVE, meetings=HOUR, attendance=at_meetings(m="ann abe bob cat"))
    assert found.weights("meetings") == exactly({"A B": 2 / 3, "A C": 2 / 3, "B C": 1 / 3})
    assert found.drawn("meetings")["A B"][1:] == (1, 3, "2015-03-02", "2015-03-02")


def test_each_person_who_met_all_has_one_to_give_whatever_the_meetings_size(tmp_path):
    meetings = "meeting_id start\nsmall 2015-03-02\nlarge 2015-03-03"
    found = network(
        tmp_path, people=FIVE, meetings=meetings, attendance=at_meetings(small="ann bob", large="ann bob cat dan")
    )
    # ann-bob: 1/1 in the small one, 1/3 in the large one.
    assert found.weights("meetings") == exactly(
        {"A B": 1 + 1 / 3, "A C": 1 / 3, "A D": 1 / 3, "B C": 1 / 3, "B D": 1 / 3, "C D": 1 / 3}
    )
    assert found.drawn("meetings")["A B"][1:] == (2, 2, "2015-03-02", "2015-03-03")


def test_meetings_of_multidisciplinary_teams_are_a_layer_of_their_own(tmp_path):
    meetings = """
        meeting_id  start       type
        s           2015-03-02  smdt
        l           2015-03-03  local_mdt
        o           2015-03-04  pathway_board
        n           2015-03-05  -
        """
    attended = at_meetings(s="ann bob", l="ann bob", o="ann cat", n="ann cat")
    found = network(tmp_path, people=FIVE, meetings=meetings, attendance=attended)
    assert found.weights("mdt") == {"A B": 2.0}
    assert found.weights("meetings") == {"A C": 2.0}


def test_the_organisation_stated_goes_before_the_post(tmp_path):
    attendance = """
        meeting_id  person_id  org_id
        m           ann        D
        m           bob        -
        """
    found = network(tmp_path, people=FIVE, meetings=HOUR, attendance=attendance)
    assert found.weights("meetings") == {"B D": 1.0}


def test_the_post_is_the_one_held_on_the_day(tmp_path):
    people = """
        person_id  org_id  start       end
        ann        A       -           2015-03-02
        ann        C       2015-03-02  -
        bob        B       -           -
        """
    meetings = "meeting_id start\nbefore 2015-03-01\nafter 2015-03-02"
    found = network(
        tmp_path, people=people, meetings=meetings, attendance=at_meetings(before="ann bob", after="ann bob")
    )
    assert found.weights("meetings") == {"A B": 1.0, "B C": 1.0}


def test_a_professional_group_ends_with_the_post(tmp_path):
    people = """
        person_id  org_id  group  start  end
        ann        A       nurse  -      -
        bob        B       nurse  -      2015-03-02
        """
    attendance = """
        meeting_id  person_id  org_id
        before      ann        A
        before      bob        B
        after       ann        A
        after       bob        B
        """
    meetings = "meeting_id start\nbefore 2015-03-01\nafter 2015-03-02"
    found = network(tmp_path, people=people, meetings=meetings, attendance=attendance)
    # The record says that bob stood for B on 2 March, but he was no nurse any more.
    assert found.weights("meetings") == {"A B": 2.0}
    assert [len(contacts) for contacts in found.contacts.values()] == [1]


def test_who_stands_for_several_organisations_at_once(tmp_path):
    people = """
        person_id  org_id  group
        joe        A       nurse
        joe        B       nurse
        ann        A       nurse
        cat        C       nurse
        """
    found = network(tmp_path, people=people, meetings=HOUR, attendance=at_meetings(m="joe ann cat"))
    # k = 3, so 1/2 a pair. joe's with cat is split between A and B; joe and ann are not apart, as both are of A.
    assert found.weights("meetings") == exactly({"A C": 1 / 4 + 1 / 2, "B C": 1 / 4})
    assert found.drawn("meetings")["A C"][1:3] == (1, 3)
    assert found.drawn("meetings")["B C"][1:3] == (1, 2)
    assert found.ties.presence.parties == {3: (0, 1)}
    # Where the record says which, it is that one.
    said = [{"meeting_id": "m", "person_id": p, "org_id": o} for p, o in (("joe", "B"), ("ann", ""), ("cat", ""))]
    found = network(tmp_path, people=people, meetings=HOUR, attendance=said)
    assert found.weights("meetings") == exactly({"A B": 1 / 2, "A C": 1 / 2, "B C": 1 / 2})


def test_people_of_no_known_group_tie_organisations_but_are_nobodys_colleagues(tmp_path):
    people = "person_id org_id group\nann A nurse\nbob B -"
    found = network(tmp_path, people=people, meetings=HOUR, attendance=at_meetings(m="ann bob"))
    assert found.weights("meetings") == {"A B": 1.0}
    assert found.contacts == {}


def test_contacts_are_sorted_by_group(tmp_path):
    people = "person_id org_id group\nann A manager\nbob B nurse\ncat C manager"
    found = network(tmp_path, people=people, meetings=HOUR, attendance=at_meetings(m="ann bob cat"))
    # Of the groups nurse (0), surgeon (1), manager (2): bob with ann and with cat, and ann with cat.
    assert sorted(found.contacts) == [(0, 2), (2, 2)]
    nurse_manager = found.contacts[0, 2]
    assert nurse_manager.party.tolist() == [1, 1]
    assert sorted(nurse_manager.other_party.tolist()) == [0, 2]


def test_meetings_worked_through_in_many_blocks_give_the_same(tmp_path, monkeypatch):
    days = [f"2015-{month:02}-01" for month in range(1, 13)]
    attended = {day: ("ann bob", "ann bob cat", "ann bob cat dan")[i % 3] for i, day in enumerate(days)}
    rows = {
        "people": FIVE,
        "meetings": [{"meeting_id": day, "start": day} for day in days],
        "attendance": at_meetings(**attended),
    }
    whole = network(tmp_path, **rows)
    before = (whole.drawn("meetings"), whole.value("familiarity", "nurse"))
    monkeypatch.setattr(orgnet.ties.copresence, "PAIRS_AT_ONCE", 4)
    parts = whole.under()
    assert len(list(orgnet.ties.copresence._blocks(parts.ties.presence))) > 3
    assert (parts.drawn("meetings"), parts.value("familiarity", "nurse")) == before


# --- who convenes whom --------------------------------------------------------------------------------------


def test_convening_is_from_the_convenor_to_each_that_attends(tmp_path):
    meetings = """
        meeting_id  start       type             convenor_org_id
        one         2015-02-01  pathway_board    A
        two         2015-03-01  working_group    A
        three       2015-04-01  board            B
        clinical    2015-05-01  smdt             D
        other       2015-06-01  service_level    D
        nobodys     2015-07-01  learning         -
        """
    attended = at_meetings(
        one="ann abe bob cat", two="bob", three="ann abe", clinical="ann bob", other="ann bob", nobodys="ann bob"
    )
    found = network(tmp_path, people=FIVE, meetings=meetings, attendance=attended)
    # A's two meetings: bob at both, cat at one, its own people at none. B's: two people of A are one tie event. Only
    # governance meetings count, and only those that somebody convened.
    assert found.drawn("convening") == {
        "A B": (2.0, 2, 1, "2015-02-01", "2015-03-01"),
        "A C": (1.0, 1, 1, "2015-02-01", "2015-02-01"),
        "B A": (1.0, 1, 2, "2015-04-01", "2015-04-01"),
    }


def test_who_stands_for_several_organisations_is_convened_for_none(tmp_path):
    people = "person_id org_id\njoe A\njoe B\ncat C"
    meetings = "meeting_id start type convenor_org_id\nm 2015-03-02 board D"
    found = network(tmp_path, people=people, meetings=meetings, attendance=at_meetings(m="joe cat"))
    assert set(found.weights("convening")) == {"D C"}


# --- who refers to whom -------------------------------------------------------------------------------------


def test_referrals_forward_and_back_are_two_layers(tmp_path):
    referrals = """
        date        from_org  to_org  direction_type  n  status
        2015-02-01  A         B       forward         -  active
        2015-03-01  A         B       -               3  completed
        2015-04-01  B         A       refer_back      2  -
        2015-05-01  B         A       forward         1  on_hold
        2015-06-01  A         C       forward         9  revoked
        2015-06-01  A         A       forward         5  active
        """
    found = network(tmp_path, referrals=referrals)
    # 1 + 3 from A to B; revoked ones and those within A are no tie; nobody is named.
    assert found.drawn("referrals") == {
        "A B": (4.0, 4, None, "2015-02-01", "2015-03-01"),
        "B A": (1.0, 1, None, "2015-05-01", "2015-05-01"),
    }
    assert found.drawn("referrals_back") == {"B A": (2.0, 2, None, "2015-04-01", "2015-04-01")}


def test_people_behind_referrals_are_those_who_are_named(tmp_path):
    referrals = """
        date        from_org  to_org  from_person  to_person
        2015-02-01  A         B       ann          bob
        2015-03-01  A         B       ann          -
        2015-04-01  B         A       -            -
        """
    found = network(tmp_path, people=FIVE, referrals=referrals)
    assert found.drawn("referrals")["A B"] == (2.0, 2, 2, "2015-02-01", "2015-03-01")
    assert found.drawn("referrals")["B A"].people == 0


def test_referrals_that_cannot_be_told_apart_are_all_kept(tmp_path):
    referrals = "date from_org to_org\n" + "2015-02-01 A B\n" * 3
    assert network(tmp_path, referrals=referrals).weights("referrals") == {"A B": 3.0}


# --- who holds posts in two places --------------------------------------------------------------------------


def test_joint_roles_come_from_records_and_from_posts_that_overlap(tmp_path):
    people = """
        person_id  org_id  start       end
        ann        A       2015-01-01  -
        ann        B       2015-06-01  -
        bob        B       2015-01-01  2015-06-01
        bob        C       2015-06-01  -
        dan        D       -           -
        """
    joint_roles = """
        person_id  start       end  org_ids
        dan        2015-03-01  -    C;D;E
        """
    found = network(tmp_path, people=people, joint_roles=joint_roles)
    # ann holds both from June. bob's second post begins as the first ends: no overlap. dan ties three pairs.
    assert found.drawn("joint_roles") == {
        "A B": (1.0, 1, 1, "2015-06-01", "2015-12-31"),
        "C D": (1.0, 1, 1, "2015-03-01", "2015-12-31"),
        "C E": (1.0, 1, 1, "2015-03-01", "2015-12-31"),
        "D E": (1.0, 1, 1, "2015-03-01", "2015-12-31"),
    }
    counts = found.ties.joint_role_counts
    assert (counts.stated, counts.overlapping_posts, counts.people, counts.organisation_pairs) == (3, 1, 2, 4)


def test_one_day_in_common_is_an_overlap(tmp_path):
    people = """
        person_id  org_id  start       end
        ann        A       -           2015-12-31
        ann        B       2015-12-31  -
        bob        B       2015-01-01  2016-01-01
        bob        C       2015-12-31  -
        """
    assert network(tmp_path, people=people).weights("joint_roles") == {"B C": 1.0}


def test_a_person_counts_once_for_a_pair_whatever_says_so(tmp_path):
    people = """
        person_id  org_id  spell_id
        ann        A       1
        ann        A       2
        ann        B       3
        bob        A       4
        bob        B       5
        """
    joint_roles = "person_id start org_ids\nann 2015-03-01 B;A"
    found = network(tmp_path, people=people, joint_roles=joint_roles)
    # ann: one record and two pairs of posts; bob one pair of posts. Two people, four records.
    assert found.drawn("joint_roles") == {"A B": (2.0, 4, 2, "2015-01-01", "2015-12-31")}


def test_posts_that_overlap_may_be_left_out(tmp_path):
    people = "person_id org_id\nann A\nann B\nbob C"
    joint_roles = "person_id start org_ids\nbob 2015-03-01 B;C"
    found = network(tmp_path, people=people, joint_roles=joint_roles)
    assert found.weights("joint_roles") == {"A B": 1.0, "B C": 1.0}
    stated_only = found.under(joint_roles_from_affiliations=False)
    assert stated_only.weights("joint_roles") == {"B C": 1.0}


def test_joint_roles_are_counted_at_the_slices_end(tmp_path):
    people = """
        person_id  org_id  start       end
        ann        A       -           -
        ann        B       2015-01-15  2015-02-28
        bob        A       -           -
        bob        B       2015-02-28  2015-03-31
        cat        A       -           -
        cat        B       2015-03-31  2015-04-01
        """
    monthly = {
        "period": {"start": "2015-01-01", "end": "2015-05-01"},
        "slices": {"every": "month", "window": "12 months"},
    }
    found = network(tmp_path, settings=monthly, people=people)
    # 31 January: ann. 28 February: her post is over (the end is the first day without it), bob's has begun. 31 March:
    # his is over, cat's one day is today. 30 April: nobody, whatever the window still holds.
    assert [found.weights("joint_roles", i) for i in range(4)] == [{"A B": 1.0}] * 3 + [{}]
    assert [sorted(found.drawn("joint_roles", i)["A B"][3:]) for i in range(3)] == [
        ["2015-01-15", "2015-01-31"],
        ["2015-02-28", "2015-02-28"],
        ["2015-03-31", "2015-03-31"],
    ]


# The eight joint roles of the study that the acceptance scenario follows, each as second post beside the home one.
EIGHT = """
    person_id      org_ids    group        start       end
    surgeon1       ZP01;ZP05  surgeon      2015-11-01  -
    surgeon2       ZP01;ZP08  surgeon      2016-02-01  -
    surgeon3       ZP02;ZP06  surgeon      2016-01-01  -
    surgeon4       ZP03;ZP09  surgeon      2016-04-01  2018-09-30
    nurse1         ZP01;ZP04  nurse        2016-06-01  -
    radiologist1   ZP02;ZP10  radiologist  2016-09-01  2019-01-31
    oncologist1    ZP01;ZP07  oncologist   2015-11-01  -
    oncologist2    ZP03;ZP11  oncologist   2016-03-01  2018-11-30
    """


def test_eight_joint_roles_over_five_years(tmp_path):
    quarters = {
        "period": {"start": "2014-05-01", "end": "2019-05-01"},
        "slices": {"every": "quarter", "window": "12 months"},
        "professional_groups": ["surgeon", "nurse", "radiologist", "oncologist"],
    }
    found = network(tmp_path, settings=quarters, joint_roles=EIGHT)
    assert [len(found.weights("joint_roles", i)) for i in range(20)] == [
        *(0, 0, 0, 0, 0, 0, 3, 6, 7, 8),
        *(8, 8, 8, 8, 8, 8, 8, 7, 5, 5),
    ]
    # At the end, five of the eight are left.
    assert set(found.weights("joint_roles")) == {"ZP01 ZP05", "ZP01 ZP08", "ZP02 ZP06", "ZP01 ZP04", "ZP01 ZP07"}
