"""How long leaders stay: worked examples, and Kaplan and Meier's estimate against a published table."""

from math import nan

import numpy as np
import pytest

from orgnet.metrics.conduct_leads import median_tenure
from tests.conduct import exactly, observed, value
from tests.networks import Network, network


def led(folder, roles: str, **settings) -> Network:
    lines = [line.split() for line in roles.splitlines() if line.strip()]
    rows = [
        {"person_id": who, "body_id": body, "start": start, "end": end.strip("-"), "role": "chair", "scope": "network"}
        for who, body, start, end in lines
    ]
    people = [{"person_id": who, "org_id": "A", "group": "nurse"} for who in sorted({row["person_id"] for row in rows})]
    said = {"period": {"start": "2015-01-01", "end": "2017-01-01"}, "slices": {"every": "year", "window": "12 months"}}
    return network(folder, settings=said | settings, people=people, lead_roles=rows)


@pytest.mark.worked_example("network.leader_retention", "network.leader_turnover", "network.core_team_tenure")
def test_who_stays_and_who_leaves(tmp_path):
    made = led(
        tmp_path,
        """
        ann  board     2014-01-01  -
        bob  board     2015-01-01  2015-07-01
        bob  learning  2015-07-01  2016-01-01
        cat  board     2015-01-02  2015-12-31
        dan  learning  2013-01-01  2015-07-02
        """,
    )
    # On 1 January 2015 ann, bob and dan led; on 31 December ann and bob, who had changed from one body to another. On
    # 1 January 2016 ann alone.
    assert value(made, "leader_retention") == exactly([2 / 3, 1])
    # bob, cat and dan left in 2015, bob with the year's last day; together with ann they led for 365, 363, 182 and
    # 365 days of 365. Nobody left in 2016.
    assert value(made, "leader_turnover") == exactly([3 / ((365 + 363 + 182 + 365) / 365), 0])
    # Ages at which spells are known in 2015: ann 365 to 730 and still leads, bob 0 to 365, cat 0 to 363, dan 730 to 911.
    # At 363 bob and cat are at risk and cat leaves: 1 - 1/2 is half. In 2016 nothing changes but ann, known to 1096.
    assert value(made, "core_team_tenure") == exactly([363, 363])


@pytest.mark.worked_example("network.leader_retention", "network.leader_turnover", "network.core_team_tenure")
def test_where_nobody_led_or_nobody_left(tmp_path):
    made = led(tmp_path, "ann board 2016-02-01 -")
    assert value(made, "leader_retention") == exactly([nan, nan])
    assert value(made, "leader_turnover") == exactly([nan, 0])
    assert value(made, "core_team_tenure") == exactly([nan, nan])


@pytest.mark.worked_example("network.leader_turnover", "network.leader_retention")
def test_only_network_roles_with_a_right_to_decide_count(tmp_path):
    made = network(
        tmp_path,
        people=[{"person_id": f"p{n}", "org_id": "A", "group": "nurse"} for n in range(4)],
        lead_roles="""
        person_id  body_id  start       end         scope         decision_right
        p0         board    2014-01-01  2015-07-02  network       true
        p1         board    2014-01-01  2015-07-02  network       false
        p2         board    2014-01-01  2015-07-02  organisation  true
        p3         board    2014-01-01  -           network       -
        """,
    )
    # p0 leaves and p3 stays: one exit, over 182 + 365 days of 365.
    assert value(made, "leader_retention") == exactly([1 / 2])
    assert value(made, "leader_turnover") == exactly([1 / ((182 + 365) / 365)])
    assert observed(made).leaders.at_start.tolist() == [2]


def test_kaplan_and_meier_on_a_published_table():
    # Remission of leukaemia under 6-MP, in weeks (Freireich et al. 1963, as in Klein & Moeschberger): + is censored.
    weeks = [
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
    leave = np.array([int(word.strip("+")) for word in weeks])
    ended = np.array(["+" not in word for word in weeks])
    assert median_tenure(np.zeros(21, int), leave, ended) == 23  # the published median
    placebo = np.array([1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23])
    assert median_tenure(np.zeros(21, int), placebo, np.ones(21, bool)) == 8
    # Who is first seen at age 10 was never at risk before.
    assert median_tenure(np.array([0, 0, 10]), np.array([4, 12, 14]), np.array([True, True, True])) == 4
    assert median_tenure(np.array([0, 10, 10]), np.array([4, 12, 14]), np.array([False, True, True])) == 12
    assert np.isnan(median_tenure(np.array([0]), np.array([4]), np.array([False])))
