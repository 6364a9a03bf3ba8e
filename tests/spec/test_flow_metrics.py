"""The flow of referrals: worked examples. Windows are the quarters of 2015."""

from math import nan

import pytest

from tests.conduct import QUARTERS, exactly, value
from tests.networks import Network, network


@pytest.fixture(scope="module")
def flow(tmp_path_factory) -> Network:
    return network(
        tmp_path_factory.mktemp("flow"),
        settings=QUARTERS,
        organisations="""
        org_id  kind          role        valid_from  valid_to
        S       provider      specialist  -           2015-04-01
        S       provider      local       2015-04-01  -
        A       provider      local       -           -
        B       provider      local       -           -
        C       provider      local       -           -
        N       network_body  -           -           -
        """,
        referrals="""
        date        from_org  to_org  direction_type  n   status     info_complete  accepted_date
        2015-01-10  A         S       forward         7   active     true           2015-01-13
        2015-01-20  B         S       -               3   completed  false          2015-01-20
        2015-02-10  A         B       forward         3   -          -              2015-02-20
        2015-02-11  A         C       forward         2   -          true           -
        2015-02-12  C         A       forward         1   -          true           -
        2015-03-10  S         A       refer_back      4   -          -              -
        2015-03-11  A         S       forward         50  revoked    true           2015-03-12
        2015-03-12  S         S       forward         50  -          true           2015-03-12
        2015-04-01  A         S       forward         1   -          -              2015-03-31
        2015-07-01  S         A       refer_back      2   -          false          -
        2015-10-01  A         N       forward         1   -          -              2015-10-02
        """,
    )


@pytest.mark.worked_example("network.referral_to_specialist_share")
def test_referrals_to_specialist_centres(flow):
    # 10 of 20, those back included; 50 were revoked and 50 stayed at home. From April on S is no centre any more.
    assert value(flow, "referral_to_specialist_share") == exactly([10 / 20, 0, 0, 0])


@pytest.mark.worked_example("network.referral_in_gini")
def test_referrals_are_received_unevenly(flow):
    # A, C, B, S receive 1, 2, 3 and 10 forward: Gini 28 / 64 = .4375. In April S has all of one: 3 x 1 / (4 x 1).
    # None forward in July; in October the network body, which is no provider, has the one.
    assert value(flow, "referral_in_gini") == exactly([0.4375, 3 / 4, nan, nan])


@pytest.mark.worked_example("network.refer_back_ratio")
def test_referrals_back_for_each_forward(flow):
    assert value(flow, "refer_back_ratio") == exactly([4 / 16, 0, nan, 0])


@pytest.mark.worked_example("network.referral_info_complete_rate")
def test_referrals_with_all_the_information(flow):
    # Known of 7 + 3 + 2 + 1; the three of B's came without. Then of none, of two, of none.
    assert value(flow, "referral_info_complete_rate") == exactly([10 / 13, nan, 0, nan])


@pytest.mark.worked_example("network.days_to_accept_median")
def test_days_to_accept(flow):
    # Three days seven times, none three times, ten days three times: in the middle of 13 is a 3. Nobody accepts what
    # has not yet come, as on 31 March.
    assert value(flow, "days_to_accept_median") == exactly([3, nan, nan, 1])
