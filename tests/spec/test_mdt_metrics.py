"""Whether MDT meetings work: worked examples. Windows are the quarters of 2015."""

from math import nan

import pytest

from tests.conduct import QUARTERS, exactly, value
from tests.networks import Network, network


@pytest.fixture(scope="module")
def called(tmp_path_factory) -> Network:
    """Specialist MDTs of an hour and a half, hosted by S; A, B and C are local."""
    return network(
        tmp_path_factory.mktemp("called"),
        settings=QUARTERS,
        organisations="""
        org_id  kind      role
        S       provider  specialist
        A       provider  local
        B       provider  local
        C       provider  -
        """,
        people=[{"person_id": f"{org}{n}", "org_id": org.upper(), "group": "nurse"} for org in "sabc" for n in (1, 2)],
        meetings="""
        meeting_id  start             end               type       series_id  status
        jan         2015-01-10T09:00  2015-01-10T10:30  smdt       uro        held
        feb         2015-02-10T09:00  2015-02-10T10:30  smdt       uro        held
        off         2015-03-10T09:00  2015-03-10T10:30  smdt       uro        cancelled
        board       2015-03-20T09:00  2015-03-20T10:30  board      -          held
        may         2015-05-10T09:00  -                 local_mdt  uro        held
        """,
        attendance="""
        meeting_id  person_id  status    mode       core_role  join              leave             minutes
        jan         s1         attended  in_person  surgeon    2015-01-10T09:00  2015-01-10T10:30  -
        jan         s2         apologies -          nurse      -                 -                 -
        jan         a1         attended  video      -          2015-01-10T09:00  2015-01-10T09:25  -
        jan         b1         attended  phone      -          2015-01-10T09:08  2015-01-10T09:30  -
        jan         c1         attended  video      -          2015-01-10T09:20  2015-01-10T10:10  -
        feb         s1         attended  in_person  surgeon    2015-02-10T09:05  2015-02-10T10:25  -
        feb         s2         attended  in_person  nurse      2015-02-10T09:00  2015-02-10T09:50  -
        feb         a1         attended  video      -          2015-02-10T09:00  2015-02-10T09:20  -
        feb         a1         attended  video      -          2015-02-10T10:00  2015-02-10T10:25  -
        feb         b1         attended  video      -          -                 -                 40
        feb         c1         attended  video      -          -                 -                 -
        off         a1         attended  video      -          2015-03-10T09:00  2015-03-10T09:10  -
        board       a1         attended  video      -          2015-03-20T09:00  2015-03-20T09:10  -
        may         a1         attended  video      surgeon    2015-05-10T09:00  2015-05-10T09:10  -
        may         b1         attended  in_person  -          -                 -                 -
        """,
    )


@pytest.mark.worked_example("network.remote_minutes_median", "network.stay_share")
def test_how_long_those_who_dial_in_stay(called):
    # 25, 22 and 50 minutes in January; in February a1 stayed for 20 and then 25, and b1 for 40. In May, 10.
    assert value(called, "remote_minutes_median") == exactly([40, 10, nan, nan])
    # Of these c1 and a1 stayed for 45 of 90 minutes or more; May's meeting has no known length.
    assert value(called, "stay_share") == exactly([2 / 5, nan, nan, nan])


@pytest.mark.worked_example("network.copresence_ratio")
def test_local_people_hardly_meet(called):
    # a1 and b1 share 17 of 90 minutes, a1 and c1 5, b1 and c1 10; S is no local provider. In February only a1's
    # times are known, and in May there is no meeting of specialists.
    assert value(called, "copresence_ratio") == exactly([(17 + 5 + 10) / (3 * 90), nan, nan, nan])


@pytest.mark.worked_example("network.core_attendance", "network.core_attendance_compliant")
def test_core_members_and_the_meetings_they_attend(called):
    # uro met twice in the first quarter. s1 was there both times, for 90 and 80 minutes; s2 once, for 50. In the second
    # quarter a1 is the only one listed in a core role; how long the meeting was, nobody knows.
    assert value(called, "core_attendance") == exactly([(2 / 2 + 1 / 2) / 2, 1, nan, nan])
    assert value(called, "core_attendance_compliant") == exactly([1 / 2, 1, nan, nan])


@pytest.mark.worked_example("network.core_attendance")
def test_a_core_member_owes_the_meetings_held_while_in_post(tmp_path):
    made = network(
        tmp_path,
        people="""
        person_id  org_id  group  start       end
        ann        A       nurse  2015-03-01  2015-05-01
        bob        A       nurse  -           -
        """,
        meetings="""
        meeting_id  start             end               type  series_id
        feb         2015-02-10T09:00  2015-02-10T10:00  smdt  uro
        mar         2015-03-10T09:00  2015-03-10T10:00  smdt  uro
        apr         2015-04-10T09:00  2015-04-10T10:00  smdt  uro
        may         2015-05-01T09:00  2015-05-01T10:00  smdt  uro
        """,
        attendance="""
        meeting_id  person_id  org_id  core_role  status    join              leave
        feb         ann        A       nurse      attended  2015-02-10T09:00  2015-02-10T10:00
        mar         ann        A       nurse      attended  2015-03-10T09:00  2015-03-10T09:30
        apr         ann        A       nurse      attended  2015-04-10T09:00  2015-04-10T09:29
        """,
    )
    # In post for two of the meetings, there for half of one of them; 29 minutes of 60 are not half.
    assert value(made, "core_attendance") == exactly([1 / 2])


@pytest.mark.worked_example("network.quoracy_rate", "network.quoracy_rate_listed")
def test_a_meeting_is_quorate_with_every_role_there_throughout(called):
    # The series asks for a surgeon and a nurse. January: no nurse. February: both are listed, but the nurse left after
    # 50 minutes; the surgeon, who missed 10, was there. May: a surgeon, all that the quarter lists.
    assert value(called, "quoracy_rate") == exactly([0 / 2, 1, nan, nan])
    assert value(called, "quoracy_rate_listed") == exactly([1 / 2, 1, nan, nan])
