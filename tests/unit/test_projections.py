"""How contacts of people become ties of organisations: by Newman's share, by meetings, or by hours; and too large meetings.

m1, 10 Jan, two hours: ann (A) and bob (B) throughout, cat (C) for the first 30 minutes
m2, 10 Feb, nobody noted when it ended: ann and bob
m3, 10 Mar, one hour: ann and cat
"""

import pytest

from orgnet.errors import OrgnetError
from pipelines.manifest import counts_of
from tests.networks import Network, network


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Network:
    return network(
        tmp_path_factory.mktemp("projections"),
        people="""
        person_id  org_id  group
        ann        A       nurse
        bob        B       nurse
        cat        C       nurse
        """,
        meetings="""
        meeting_id  start             end
        m1          2015-01-10T09:00  2015-01-10T11:00
        m2          2015-02-10T09:00  -
        m3          2015-03-10T09:00  2015-03-10T10:00
        """,
        attendance="""
        meeting_id  person_id  join              leave
        m1          ann        2015-01-10T09:00  2015-01-10T11:00
        m1          bob        2015-01-10T09:00  2015-01-10T11:00
        m1          cat        2015-01-10T09:00  2015-01-10T09:30
        m2          ann        -                 -
        m2          bob        -                 -
        m3          ann        -                 -
        m3          cat        -                 -
        """,
    )


@pytest.mark.parametrize(
    ("projection", "weights"),
    [
        ("newman", {"A B": 1 / 2 + 1, "A C": 1 / 2 + 1, "B C": 1 / 2}),
        ("count", {"A B": 2, "A C": 2, "B C": 1}),
        # How long m2 was nobody knows: it adds no hours, and no event either.
        ("hours", {"A B": 2, "A C": 0.5 + 1, "B C": 0.5}),
    ],
)
def test_what_a_meeting_adds_to_a_tie(made, projection, weights):
    under = made.under(projection=projection)
    assert under.weights("meetings") == pytest.approx(weights)
    assert under.drawn("meetings")["A B"].events == (1 if projection == "hours" else 2)


def test_meetings_of_more_people_than_the_cap_tie_and_acquaint_nobody(made):
    assert set(made.under(event_size_cap=3).weights("meetings")) == {"A B", "A C", "B C"}
    assert counts_of(made.ties, made.under(event_size_cap=3).config)["events_over_size_cap"] == 0
    capped = made.under(event_size_cap=2)
    assert capped.weights("meetings") == {"A B": 1, "A C": 1}
    assert counts_of(capped.ties, capped.config)["events_over_size_cap"] == 1
    # ann met bob twice and cat twice; without m1, once each.
    assert made.value("acq_density", "nurse") == [pytest.approx(2 / 3)]
    assert capped.value("acq_density", "nurse") == [0]


def test_nobody_else_is_left_out(networks_of_records):
    for whole in networks_of_records[:5]:
        largest = max(
            (
                len(set(whole.ties.presence.person[whole.ties.presence.meeting == m]))
                for m in set(whole.ties.presence.meeting.tolist())
            ),
            default=2,
        )
        capped = whole.under(event_size_cap=max(int(largest), 2))
        assert capped.weights("meetings") == whole.weights("meetings")


def test_there_are_three_projections(tmp_path):
    with pytest.raises(OrgnetError, match="projection"):
        network(tmp_path, settings={"ties": {"projection": "hour"}}, people="person_id org_id\n a A")
