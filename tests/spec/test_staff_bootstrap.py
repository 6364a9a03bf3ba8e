"""Organisations drawn with their people: by hand, against the metrics as they are, and against copies made in full."""

import numpy as np
import pytest

from orgnet.change.staff import OF_STAFF, Staff, StaffDraws, draw_organisations
from orgnet.metrics.groups import GroupMeasures, measure_groups
from orgnet.metrics.posts import group_posts
from tests.networks import Network, network
from tests.spec.test_group_metrics import together

PEOPLE = """
    person_id  org_id  group
    ann        A       nurse
    abe        A       nurse
    bob        B       nurse
    cat        C       nurse
    cal        C       nurse
    """


@pytest.fixture(scope="module")
def nurses(tmp_path_factory) -> Network:
    """ann and bob met twice, bob and cat twice, abe and cal once."""
    met = [
        together("2015-02-10", "2015-05-12", people="ann bob"),
        together("2015-03-10", "2015-06-10", people="bob cat"),
        together("2015-04-10", people="abe cal"),
    ]
    rows = {kind: [row for each in met for row in each[kind]] for kind in ("meetings", "attendance")}
    return network(tmp_path_factory.mktemp("nurses"), people=PEOPLE, **rows)


def measured(found: Network) -> GroupMeasures:
    return measure_groups(found.ties, found.records, found.roster, found.coverage, found.config, found.calendar)


def staff(measures: GroupMeasures, one: int, two: int) -> Staff:
    everywhere = np.unique(np.concatenate(list(measures.homes.values())))
    home = {group: np.searchsorted(everywhere, homes) for group, homes in measures.homes.items()}
    members = measures.evidence[two, two].members
    return Staff(measures.evidence[one, two], members, home[one], home[two], len(everywhere))


def drawn(found: Network, *copies: int) -> dict[str, float]:
    """The measures in one draw: so many copies of A, B and C."""
    nurse = found.config.professional_groups.index("nurse")
    draws = StaffDraws(staff(measured(found), nurse, nurse), np.array(copies)[:, None])
    return {metric: float(value(draws, 0)[0]) for metric, value in OF_STAFF.items()}


def test_two_copies_of_an_organisation_by_hand(nurses):
    # Drawn: A twice, B once, C not at all. ann and abe twice, bob once: 2, 1, 2, 1 and 4 meetings.
    found = drawn(nurses, 2, 1, 0)
    assert found["meetings_per_person"] == pytest.approx((2 + 1 + 2 + 1 + 4) / 5)
    assert found["meet_rate_median"] == 2
    # As recorded, of the 2*1 + 2*2 + 1*2 = 8 pairs between organisations two are acquainted: ann-bob, bob-cat.
    # A and B: 2 of 2*2 = 4 pairs, one of two in each copy. The 2*2 pairs between the copies of A: a quarter each.
    assert found["acq_density"] == pytest.approx((2 * 1 + 4 * 2 / 8) / (2 * 2 + 4))
    # Each of ann, abe has two other organisations, the other A and B; bob has the two copies of A. As recorded, people
    # know somebody in 4 of 10 other organisations (ann 1, bob 2, cat 1), which is what copies of one know of each other.
    assert found["acq_breadth"] == pytest.approx((2 * ((1 + 0.4) / 2 + (0 + 0.4) / 2) + 2 / 2) / 5)


def test_undrawn_they_are_the_metrics(nurses):
    found = drawn(nurses, 1, 1, 1)
    for metric, value in found.items():
        assert value == pytest.approx(nurses.value(metric, "nurse")[0]), metric


def test_undrawn_they_are_the_metrics_of_any_network(networks_of_records):
    """But for people with posts in several organisations, who are drawn with one of them."""
    compared = 0
    for found in networks_of_records:
        measures = measured(found)
        for one, two in measures.evidence:
            own = staff(measures, one, two)
            evidence = own.evidence
            if any(len(np.unique(p.held.key // p.n)) < len(np.unique(p.held.key)) for p in posts_of(found, one, two)):
                continue
            draws = StaffDraws(own, np.ones((own.n, 1), dtype=np.int64))
            names = found.config.professional_groups
            for number in range(evidence.members.shape[1]):
                for metric, value in OF_STAFF.items():
                    expected = found.value(metric, names[one], names[two])[number]
                    assert float(value(draws, number)[0]) == pytest.approx(expected, nan_ok=True), (metric, one, two)
                    compared += 1
    assert compared > 200


def posts_of(found: Network, *groups: int) -> list:
    posts = group_posts(found.records, found.config, found.calendar)
    return [posts[group] for group in groups]


def test_as_many_are_drawn_as_there_are():
    copies = draw_organisations(7, 500, seed=1)
    assert copies.shape == (7, 500)
    assert (copies.sum(axis=0) == 7).all()
    np.testing.assert_array_equal(copies[:, :20], draw_organisations(7, 20, seed=1))
    assert (copies != draw_organisations(7, 500, seed=2)).any()
    # Each is drawn once on average, and its number of copies varies by 6/7, as a binomial's does.
    assert copies.mean() == 1
    assert copies.var(axis=1).mean() == pytest.approx(6 / 7, rel=0.1)
    assert draw_organisations(0, 5, seed=1).shape == (0, 5)
