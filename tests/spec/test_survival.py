"""How long joint roles and leads last: worked examples, published figures, and a plain second way."""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.duration.survfunc import SurvfuncRight

from orgnet import store
from orgnet.change.survival import joined_spells, survival_table
from orgnet.metrics.kaplan_meier import kaplan_meier, log_log_interval
from orgnet.schema import TABLES
from orgnet.windows import FOREVER
from tests.conduct import value
from tests.networks import Network, network

TWO_YEARS = {"period": {"start": "2015-01-01", "end": "2017-01-01"}, "slices": {"every": "year", "window": "12 months"}}
REMISSION = [
    "6",
    "6",
    "6",
    "6+",
    "7",
    "9+",
    "10",
    "10+",
    "11+",
    "13",
    "16",
    "17+",
    "19+",
    "20+",
    "22",
    "23",
    "25+",
    "32+",
    "32+",
    "34+",
    "35+",
]
"""Weeks of remission under 6-MP (Freireich et al. 1963): + is censored."""


def weeks(words: list[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Entry, leave and whether it ended, of spells seen from their beginning."""
    leave = np.array([int(word.strip("+")) for word in words])
    return np.zeros(len(words), int), leave, np.array(["+" not in word for word in words])


def survived(made: Network) -> list[dict]:
    table = survival_table(made.records, made.ties, made.calendar)
    assert table.schema.equals(TABLES["survival"].schema, check_metadata=True)
    assert store.sorted_by_key("survival", table).equals(table)
    assert table.num_rows == table.group_by(list(TABLES["survival"].key)).aggregate([]).num_rows
    return table.to_pylist()


def curve(made: Network, kind: str = "joint_roles", basis: str = "any", group: str | None = None) -> list[dict]:
    of = (kind, basis, group)
    return [r for r in survived(made) if (r["spell_kind"], r["spell_basis"], r["professional_group"]) == of]


def told(rows: list[dict]) -> list[tuple]:
    """Days, at risk, ended, censored, surviving."""
    return [(r["days"], r["n_at_risk"], r["n_ended"], r["n_censored"], pytest.approx(r["survival"])) for r in rows]


# --- the estimate ---------------------------------------------------------------------------------------------------


def test_published_figures_of_the_estimate_and_its_interval():
    found = kaplan_meier(*weeks(REMISSION))
    at = np.flatnonzero(found.ended)
    assert found.days[at].tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert found.at_risk[at].tolist() == [21, 17, 15, 12, 11, 7, 6]
    # Klein & Moeschberger 2003, table 4.1.
    assert found.survival[at] == pytest.approx([0.857, 0.807, 0.753, 0.690, 0.628, 0.538, 0.448], abs=6e-4)
    low, high = log_log_interval(found)
    # At 16 weeks: 3/(21*18) + 1/(17*16) + 1/(15*14) + 1/(12*11) + 1/(11*10) = 0.03304, whose root is 0.18177; divided by
    # |ln 0.6275| = 0.46605 that is 0.39003; exp(1.96 * 0.39003) = 2.1478; 0.6275 ** 2.1478 = 0.3675, the other
    # end 0.6275 ** (1 / 2.1478) = 0.8049.
    assert low[at] == pytest.approx([0.6197, 0.5631, 0.5032, 0.4316, 0.3675, 0.2678, 0.1881], abs=6e-5)
    assert high[at] == pytest.approx([0.9516, 0.9228, 0.8894, 0.8491, 0.8049, 0.7468, 0.6801], abs=6e-5)
    assert found.median == 23


def test_by_hand_with_spells_seen_late():
    # Ages: one from 0 to 4 ends, one from 0 to 10 goes on, one is first seen at 5 and ends at 8. At 4 there are two at
    # risk, at 8 two again: 1/2, then 1/2 * 1/2.
    found = kaplan_meier(np.array([0, 0, 5]), np.array([4, 10, 8]), np.array([True, False, True]))
    assert found.at_risk.tolist() == [2, 2, 1]
    assert found.survival.tolist() == [0.5, 0.25, 0.25]
    assert found.median == 4
    # Greenwood at 4: 1 / (2 * 1) = 1/2; ln(1/2) = -0.693; exp(1.96 * 0.7071 / 0.6931) = 7.385.
    low, high = log_log_interval(found)
    assert (low[0], high[0]) == pytest.approx((0.5**7.385, 0.5 ** (1 / 7.385)), rel=1e-3)


def test_no_interval_where_nothing_or_everything_ended():
    found = kaplan_meier(np.array([0, 0]), np.array([3, 5]), np.array([False, True]))
    assert found.survival.tolist() == [1, 0]
    assert np.isnan(np.stack(log_log_interval(found))).all()
    assert found.median == 5


spells = st.lists(st.tuples(st.integers(0, 9), st.integers(1, 9), st.booleans()), min_size=1, max_size=25)


@settings(deadline=None)
@given(spells)
def test_it_matches_a_plain_loop(drawn):
    entry, leave = [age for age, _, _ in drawn], [age + seen for age, seen, _ in drawn]
    ended = [over for _, _, over in drawn]
    found = kaplan_meier(np.array(entry), np.array(leave), np.array(ended))
    share = 1.0
    assert found.days.tolist() == sorted(set(leave))
    for at, day in enumerate(found.days.tolist()):
        at_risk = sum(begun < day <= gone for begun, gone in zip(entry, leave, strict=True))
        over = sum(gone == day and end for gone, end in zip(leave, ended, strict=True))
        share *= 1 - over / at_risk
        assert (found.at_risk[at], found.ended[at]) == (at_risk, over)
        assert found.ended[at] + found.censored[at] == leave.count(day)
        assert found.survival[at] == pytest.approx(share)
    low, high = log_log_interval(found)
    inside = ~np.isnan(low)
    assert (inside == ((found.survival > 0) & (found.survival < 1))).all()
    assert ((low >= 0) & (low <= found.survival) & (found.survival <= high) & (high <= 1))[inside].all()


@settings(deadline=None)
@given(spells)
def test_it_matches_another_program(drawn):
    entry, seen, ended = (np.array(column) for column in zip(*drawn, strict=True))
    found, theirs = kaplan_meier(entry, entry + seen, ended), SurvfuncRight(entry + seen, ended * 1, entry=entry)
    at = found.ended > 0
    assert found.days[at].tolist() == theirs.surv_times.tolist()
    assert found.at_risk[at].tolist() == theirs.n_risk.tolist()
    assert found.survival[at] == pytest.approx(theirs.surv_prob, abs=1e-12)
    # Their standard error is Greenwood's too: on the log scale of the log, se / (survival * |log survival|).
    low, high = log_log_interval(found)
    inside = (theirs.surv_prob > 1e-9) & (theirs.surv_prob < 1)
    log = np.log(theirs.surv_prob[inside])
    wide = np.exp(1.959964 * theirs.surv_prob_se[inside] / (theirs.surv_prob[inside] * -log))
    assert low[at][inside] == pytest.approx(np.exp(log * wide), abs=1e-6)
    assert high[at][inside] == pytest.approx(np.exp(log / wide), abs=1e-6)


# --- spells ---------------------------------------------------------------------------------------------------------


def test_spells_that_touch_are_one():
    # Person 0 about thing 0: days 0 to 5 and 5 to 9 touch, 10 to 12 does not; another thing and person stand apart.
    person, about = np.array([0, 0, 0, 0, 1]), np.array([0, 0, 0, 1, 0])
    found = joined_spells(person, about, np.array([5, 0, 10, -7, -FOREVER]), np.array([9, 5, 12, 3, FOREVER]))
    assert list(zip(found.person.tolist(), found.first.tolist(), found.end.tolist(), strict=True)) == [
        (0, 0, 9), (0, 10, 12), (0, -7, 3), (1, -FOREVER, FOREVER),
    ]  # fmt: skip
    nothing = np.zeros(0, dtype=np.int64)
    assert len(joined_spells(nothing, nothing, nothing, nothing).person) == 0


def joint(*rows: str) -> list[dict[str, str]]:
    """Joint roles: "p0 AB 2015-01-01 2015-07-01", a dash while it lasts."""
    words = [row.split() for row in rows]
    return [
        {"person_id": who, "org_ids": ";".join(ends), "start": start, "end": end.strip("-")}
        for who, ends, start, end in words
    ]


NURSE_AND_SURGEON = """
person_id  org_id  group    start       end
p0         A       nurse    2010-01-01  -
p1         A       surgeon  2010-01-01  -
p2         A       nurse    2010-01-01  2015-06-01
p2         A       manager  2015-06-01  -
"""


def test_joint_roles_begun_before_and_lasting_after(tmp_path):
    made = network(
        tmp_path,
        settings=TWO_YEARS,
        people=NURSE_AND_SURGEON,
        joint_roles=joint(
            "p0 AB 2014-01-01 2015-01-31",
            "p1 AB 2015-01-01 2015-12-31",
            "p1 AC 2016-01-01 -",
            "p2 AB 2015-03-01 2015-05-01",
            "p2 AB 2015-05-01 2015-12-26",
        ),
    )
    # p0's role is seen from its 365th day to its 395th, when it ended. p1's first ended on its 364th day, with both of
    # p2's as one, begun in March, having ended on its 300th. p1's second goes on, and is seen for 366 days of 2016.
    # At 300: p1's two and p2's are at risk, as p0's was not seen yet: 2/3. At 364 two: 1/3. At 395 p0's alone: 0.
    assert told(curve(made)) == [(300, 3, 1, 0, 2 / 3), (364, 2, 1, 0, 1 / 3), (366, 2, 0, 1, 1 / 3), (395, 1, 1, 0, 0)]
    one = curve(made)[0]
    assert (one["n_spells"], one["n_people"], one["n_left_out"]) == (4, 3, 0)
    # The curve falls below a half, but a median of four spells is one person's.
    assert (one["median_days"], one["status"]) == (None, "insufficient")
    assert told(curve(made, basis="recorded")) == told(curve(made))
    assert curve(made, basis="overlapping_posts") == []
    # Each in the group of the posts held while it lasted: p2's is a nurse's and a manager's.
    assert told(curve(made, group="surgeon")) == [(364, 2, 1, 0, 1 / 2), (366, 1, 0, 1, 1 / 2)]
    assert told(curve(made, group="manager")) == [(300, 1, 1, 0, 0)]
    assert told(curve(made, group="nurse")) == [(300, 1, 1, 0, 0), (395, 1, 1, 0, 0)]


def test_joint_roles_that_posts_show(tmp_path):
    made = network(
        tmp_path,
        settings=TWO_YEARS,
        people="""
        person_id  org_id  group  start       end
        p0         A       nurse  2015-01-01  2015-03-02
        p0         B       nurse  2014-01-01  -
        p1         A       nurse  -           -
        p1         B       nurse  -           2016-01-01
        p2         A       nurse  2010-01-01  -
        p2         B       nurse  2010-01-01  2014-12-31
        p3         A       nurse  2015-01-01  -
        """,
        joint_roles=joint("p0 AB 2015-03-02 2015-04-11", "p3 AC 2016-12-31 -"),
    )
    # p0's posts overlap for 60 days and a record goes on for 40 more: 100 days, known both ways. p1's posts began nobody
    # knows when. p2's overlap was over before the period. p3's began with the last day.
    assert told(curve(made)) == [(1, 2, 0, 1, 1), (100, 1, 1, 0, 0)]
    assert {r["n_left_out"] for r in curve(made)} == {1}
    assert told(curve(made, basis="recorded")) == [(1, 2, 0, 1, 1), (40, 1, 1, 0, 0)]
    assert told(curve(made, basis="overlapping_posts")) == [(60, 1, 1, 0, 0)]


def test_spells_of_unknown_age_are_counted_and_left_out(tmp_path):
    posts = "person_id org_id group\n p0 A nurse\n p0 B nurse"
    (one,) = curve(network(tmp_path, settings=TWO_YEARS, people=posts))
    assert (one["days"], one["n_at_risk"], one["survival"], one["status"]) == (0, 0, None, "insufficient")
    assert (one["n_spells"], one["n_left_out"], one["n_people"]) == (0, 1, 0)


def test_nothing_recorded_no_curves(tmp_path):
    made = network(tmp_path, settings=TWO_YEARS, referrals="date from_org to_org\n 2015-12-01 A B")
    assert survived(made) == []


ROLES = """
person_id  body_id   start       end         scope         decision_right
p0         board     2014-01-01  -           network       true
p1         board     2015-01-01  2015-07-01  network       true
p1         learning  2015-07-01  2016-01-01  network       -
p2         board     2015-01-02  2015-12-31  network       true
p3         learning  2013-01-01  2015-07-02  network       true
p0         ward      2015-01-01  2015-01-11  organisation  true
p1         forum     2015-01-01  2015-01-21  network       false
"""


def test_leads_by_reach_and_leaders_by_person(tmp_path):
    people = [{"person_id": f"p{n}", "org_id": "A", "group": "nurse"} for n in range(4)]
    made = network(tmp_path, settings=TWO_YEARS, people=people, lead_roles=ROLES)
    # As people: p1 changed from one body to another on day 181 and left on day 365; the forum only advises. Seen are p0
    # from 365 to 1096, p1 from 0 to 365, p2 from 0 to 363, p3 from 730 to 912.
    assert told(curve(made, "leaders", "network")) == [
        (363, 2, 1, 0, 1 / 2), (365, 1, 1, 0, 0), (912, 2, 1, 0, 0), (1096, 1, 0, 1, 0),
    ]  # fmt: skip
    # As bodies led: p1's board ended on day 181, the learning events on day 184, the forum on day 20.
    assert [(r["days"], r["n_at_risk"]) for r in curve(made, "lead_roles", "network") if r["n_ended"]] == [
        (20, 4), (181, 3), (184, 2), (363, 1), (912, 2),
    ]  # fmt: skip
    assert told(curve(made, "lead_roles", "organisation")) == [(10, 1, 1, 0, 0)]
    assert curve(made, "lead_roles", "any")[0]["n_spells"] == 7


def test_the_median_of_leaders_is_the_metric(tmp_path):
    starts = [f"2014-0{n + 1}-01" for n in range(9)]
    rows = [
        {"person_id": f"p{n}", "body_id": f"b{n}", "start": start, "end": f"2015-1{n % 3}-0{n + 1}" if n < 6 else "", "scope": "network"}
        for n, start in enumerate(starts)
    ]  # fmt: skip
    people = [{"person_id": f"p{n}", "org_id": "A", "group": "nurse"} for n in range(9)]
    made = network(tmp_path, settings=TWO_YEARS, people=people, lead_roles=rows)
    one = curve(made, "leaders", "network")[0]
    assert one["status"] == "ok"
    assert one["median_days"] == value(made, "core_team_tenure")[-1]


def test_the_scenarios_joint_roles(scenario):
    table = survival_table(scenario.records, scenario.ties, scenario.config.calendar)
    assert isinstance(table, pa.Table)
    rows = [
        row
        for row in table.to_pylist()
        if (row["spell_kind"], row["spell_basis"], row["professional_group"]) == ("joint_roles", "any", None)
    ]
    # Eight joint roles. Three end: the radiologist's after 1 September 2016 to 31 January 2019, 882 days, a surgeon's
    # after 912 and an oncologist's after 1,004. The others last: 8, 7 and 6 are at risk, 7/8 * 6/7 * 5/6 = 5/8 remain.
    assert told([row for row in rows if row["n_ended"]]) == [
        (882, 8, 1, 0, 7 / 8), (912, 7, 1, 0, 6 / 8), (1004, 6, 1, 0, 5 / 8),
    ]  # fmt: skip
    assert sum(row["n_censored"] for row in rows) == 5
    assert {(row["n_spells"], row["n_people"], row["median_days"], row["status"]) for row in rows} == {
        (8, 8, None, "undefined")
    }
    longest = (date(2019, 5, 1) - date(2015, 11, 1)).days
    assert max(row["days"] for row in rows) == longest
    of_group = {
        row["professional_group"]: row["n_spells"] for row in table.to_pylist() if row["spell_kind"] == "joint_roles"
    }
    assert of_group == {None: 8, "surgeon": 4, "nurse": 1, "radiologist": 1, "oncologist": 2}
