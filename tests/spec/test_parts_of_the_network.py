"""Indicators of a part of the network by the network's own rules: worked examples, and the acceptance scenario."""

from math import nan
from pathlib import Path
from typing import Any

from orgnet.indicators.damour import Minimum, load_damour
from orgnet.indicators.evidence import Evidence
from orgnet.indicators.rules import Row
from orgnet.indicators.score import score_indicators
from orgnet.indicators.sensitivity import by_missing_records
from orgnet.metrics.groups import measure_groups
from orgnet.metrics.scopes import MEASURED, Measured, Scopes, measure_scopes
from orgnet.metrics.series import measure_conduct
from orgnet.vocabulary import Indicator, IndicatorStatus, ScopeType
from tests.conduct import exactly, observed
from tests.networks import Network, Rows, network

WHOLE = """
    record_kind  org_id  period_start  period_end  complete
    meetings     -       2015-01-01    2016-01-01  true
    attendance   -       2015-01-01    2016-01-01  true
    mdt_cases    -       2015-01-01    2016-01-01  true
"""


def parts(made: Network) -> Scopes:
    return measure_scopes(
        observed(made), made.ties, made.records, made.roster, made.coverage, made.config, made.calendar
    )


def said(found: Measured) -> dict[str, float]:
    """Each measure in the one window; NaN if there is no value."""
    return {name: float(series.valued()[0]) for name, series in found.series.items()}


def scored(made: Network, indicator: Indicator, scope: ScopeType, **minimum: Any) -> dict[str, Row]:
    """The rows of an indicator for each part of one kind, where little is enough unless said."""
    damour = load_damour(made.config)
    damour = damour.model_copy(update={"minimum": Minimum(**{"people": 1, "organisations": 1, "cases": 1} | minimum)})
    conduct = measure_conduct(observed(made), made.records, made.roster, made.coverage)
    groups = measure_groups(made.ties, made.records, made.roster, made.coverage, made.config, made.calendar)
    evidence = Evidence(
        made.config,
        damour,
        made.records,
        made.roster,
        made.coverage,
        made.calendar,
        groups,
        conduct,
        scopes=parts(made),
    )
    return {row.scope_id: row for row in score_indicators(evidence, [indicator]) if row.scope_type == scope}


# --- learning, by professional group ------------------------------------------------------------------------

STAFF = """
    person_id  org_id  group    start  end
    ann        A       nurse    -      -
    amy        A       surgeon  -      -
    bea        B       nurse    -      -
    bob        B       surgeon  -      -
    cat        C       nurse    -      -
    dan        D       manager  -      -
"""
LEARNING = """
    meeting_id  type      start             end               status
    l1          learning  2015-02-02T09:00  2015-02-02T12:00  held
    l2          learning  2015-05-02T09:00  2015-05-02T12:00  held
    l3          learning  2015-08-02T09:00  2015-08-02T12:00  cancelled
    w1          working_group  2015-09-02T09:00  2015-09-02T12:00  held
"""
# l1: nurses of A and B, and a surgeon of A. l2: a surgeon of A and a nurse of B. l3 was not held; w1 is no learning.
PRESENT = """
    meeting_id  person_id
    l1          ann
    l1          bea
    l1          amy
    l2          amy
    l2          bea
    l3          ann
    l3          cat
    w1          amy
    w1          bob
"""


def learning(folder: Path, coverage: Rows = WHOLE, attendance: str = PRESENT, people: str = STAFF) -> Network:
    return network(folder, people=people, meetings=LEARNING, attendance=attendance, coverage=coverage)


def test_learning_events_of_each_group(tmp_path):
    found = parts(learning(tmp_path))[ScopeType.GROUP]
    # Nurses met other nurses at l1 only, from A and B of the three providers that have nurses. Surgeons were at two
    # events, each time from A alone; the network as a whole had both.
    assert said(found["nurse"]) == exactly({"learning_events": 1, "learning_org_coverage": 2 / 3})
    assert said(found["surgeon"]) == exactly({"learning_events": 0, "learning_org_coverage": 0})
    assert said(found["manager"]) == exactly({"learning_events": 0, "learning_org_coverage": 0})
    nurse = found["nurse"]
    assert [int(n[0]) for n in (nurse.n_people, nurse.n_organisations, nurse.n_events)] == [3, 3, 1]


def test_a_group_learns_by_the_rules_of_the_network(tmp_path):
    rows = scored(learning(tmp_path), Indicator.INNOVATION, ScopeType.GROUP)
    assert {name: row.proxy_level for name, row in rows.items()} == {"nurse": 2, "surgeon": 1, "manager": 1}
    assert all(row.status == IndicatorStatus.PROXY_ONLY and row.level is None for row in rows.values())
    # The network's minimum holds for a group, too.
    nurse = scored(learning(tmp_path), Indicator.INNOVATION, ScopeType.GROUP, people=4)["nurse"]
    assert nurse.reasons == ["3 people, at least 4 are needed"] and nurse.evidence


def test_no_group_is_at_the_lowest_level_unless_records_are_known_to_be_whole(tmp_path):
    partly = "record_kind  org_id  period_start  period_end  complete\nattendance  A  2015-01-01  2015-07-01  true"
    (tmp_path / "partly").mkdir()
    made = learning(tmp_path / "partly", partly)
    assert said(parts(made)[ScopeType.GROUP]["surgeon"]) == exactly(
        {"learning_events": nan, "learning_org_coverage": nan}
    )
    rows = scored(made, Indicator.INNOVATION, ScopeType.GROUP, coverage=0)
    assert rows["nurse"].proxy_level == 2
    assert rows["surgeon"].status == IndicatorStatus.INSUFFICIENT_DATA
    # eve was at a learning event, and might be anything.
    (tmp_path / "eve").mkdir()
    made = learning(tmp_path / "eve", WHOLE, PRESENT + "    l2  eve\n", STAFF + "    eve  C  -  -  -\n")
    rows = scored(made, Indicator.INNOVATION, ScopeType.GROUP)
    assert rows["nurse"].proxy_level == 2
    assert rows["surgeon"].status == IndicatorStatus.INSUFFICIENT_DATA


# --- information, by organisation ----------------------------------------------------------------------------

MDTS = """
    meeting_id  type       start             end               status
    m1          smdt       2015-02-02T09:00  2015-02-02T10:00  held
    m2          local_mdt  2015-05-02T09:00  2015-05-02T10:00  held
    m3          smdt       2015-08-02T09:00  2015-08-02T10:00  cancelled
    g1          working_group  2015-09-02T09:00  2015-09-02T10:00  held
"""
BROUGHT = """
    meeting_id  case_id  referring_org_id  outcome       deferral_reason    n
    m1          c1       A                 discussed     -                  6
    m1          c2       A                 deferred      missing_imaging    2
    m1          c3       A                 protocolised  -                  5
    m2          c4       A                 deferred      clinician_absent  2
    m2          c5       B                 discussed     -                  -
    m3          c6       B                 deferred      missing_pathology  9
"""
# dot has posts in A and B: the record says for whom once. ann was at m1 in person; g1 is no MDT; m3 was not held.
DIALLED = """
    meeting_id  person_id  org_id  status          mode
    m1          ann        -       attended        in_person
    m2          ann        -       -               video
    m1          amy        -       failed_to_join  -
    m2          amy        -       attended        phone
    m2          bea        -       apologies       video
    m1          dot        A       attended        video
    m2          dot        -       failed_to_join  video
    m3          bea        -       failed_to_join  video
    g1          amy        -       failed_to_join  video
    m1          cat        -       attended        in_person
"""
DOT = STAFF + "    dot  A  nurse  -  -\n    dot  B  nurse  -  -\n"


def informed(folder: Path, coverage: Rows = WHOLE, cases: str = BROUGHT) -> Network:
    return network(folder, people=DOT, meetings=MDTS, attendance=DIALLED, mdt_cases=cases, coverage=coverage)


def test_information_of_each_organisation(tmp_path):
    found = parts(informed(tmp_path))[ScopeType.ORGANISATION]
    # A brought 15 cases, 5 of them protocolised; of the other 10, 2 wanted imaging. ann, amy and dot joined remotely for
    # A, and amy once could not. Nobody dialled in for B, whose one case was discussed; C neither brought nor dialled in.
    assert set(found) == {"A", "B"}
    assert said(found["A"]) == exactly(
        {"mdt_cases": 10, "deferral_missing_info_rate": 2 / 10, "dial_in_failure_rate": 1 / 4}
    )
    assert said(found["B"]) == exactly({"mdt_cases": 1, "deferral_missing_info_rate": 0, "dial_in_failure_rate": nan})
    behind = [(int(f.n_people[0]), int(f.n_organisations[0]), int(f.n_events[0])) for f in found.values()]
    assert behind == [(3, 1, 10), (0, 1, 1)]


def test_an_organisation_is_read_by_the_rules_of_the_network(tmp_path):
    rows = scored(informed(tmp_path), Indicator.INFOEX, ScopeType.ORGANISATION, people=3, organisations=3, cases=10)
    assert (rows["A"].level_lo, rows["A"].level_hi) == (1, 2)
    assert rows["A"].reasons[0] == "failing: level 1 to 2: dial_in_failure_rate > 0.2 (found 0.25)"
    assert "1 cases, at least 10 are needed" in rows["B"].reasons
    rows = scored(informed(tmp_path), Indicator.INFOEX, ScopeType.ORGANISATION, cases=11)
    assert rows["A"].reasons == ["10 cases, at least 11 are needed"] and rows["A"].evidence
    assert all(row.status == IndicatorStatus.INSUFFICIENT_DATA for row in rows.values())


def test_an_organisations_coverage_is_its_own(tmp_path):
    own = "record_kind  org_id  period_start  period_end  complete\n" + "".join(
        f"{kind}  A  2015-01-01  2016-01-01  true\n" for kind in ("mdt_cases", "attendance")
    )
    rows = scored(informed(tmp_path, own), Indicator.INFOEX, ScopeType.ORGANISATION)
    assert [rows[org].coverage for org in "AB"] == [1, 0]
    assert (rows["A"].level_lo, rows["A"].level_hi) == (1, 2)
    assert rows["B"].status == IndicatorStatus.INSUFFICIENT_DATA


def test_cases_that_nobody_is_said_to_have_brought_are_nobodys(tmp_path):
    unsaid = "meeting_id  case_id  referring_org_id  outcome  deferral_reason  n\nm1  c1  -  discussed  -  500\n"
    made = informed(tmp_path, cases=unsaid)
    # A dialled in. It may have brought any of the 500: that it brought none is not known.
    assert said(parts(made)[ScopeType.ORGANISATION]["A"])["mdt_cases"] == exactly(nan)
    row = scored(made, Indicator.INFOEX, ScopeType.ORGANISATION)["A"]
    assert row.reasons == ["no cases, at least 1 are needed"]
    assert (row.status, row.n_events) == (IndicatorStatus.INSUFFICIENT_DATA, 0)


# --- leadership, by pathway ----------------------------------------------------------------------------------

MEMBERS = """
    org_id  kind
    A       provider
    B       provider
    C       provider
    D       provider
    N       network_body
    X       other
"""
CHAIRED = """
    meeting_id  type           series_id  pathway  chair_person_id  start             end               status
    u1          smdt           uro_mdt    URO      ann              2015-02-02T09:00  2015-02-02T10:00  held
    u2          smdt           uro_mdt    URO      bea              2015-03-02T09:00  2015-03-02T10:00  held
    u3          pathway_board  uro_board  URO      ann              2015-04-02T09:00  2015-04-02T10:00  held
    u4          pathway_board  uro_board  URO      cat              2015-05-02T09:00  2015-05-02T10:00  cancelled
    o1          smdt           og_mdt     OG       cat              2015-06-02T09:00  2015-06-02T10:00  held
    p1          smdt           pan_mdt    PAN      dan              2015-06-02T09:00  2015-06-02T10:00  held
    w1          working_group  work       -        dan              2015-07-02T09:00  2015-07-02T10:00  held
"""
AT_THE_TABLE = """
    meeting_id  person_id
    u1          ann
    u1          bea
    u1          ned
    u2          bea
    u2          ann
    u2          cat
    u3          ann
    u3          cat
    o1          cat
    o1          ann
    p1          dan
    w1          dan
    w1          ann
"""
# ned leads the pathway itself, dan a working group that is for no pathway; eli led uro_board until the summer.
ROLES = """
    person_id  body_id    org_id  start       end         scope    role
    ned        URO        N       2015-01-01  -           network  pathway_director
    dan        work       D       2015-01-01  -           network  chair
    eli        uro_board  D       2015-01-01  2015-07-01  network  chair
    cat        og_mdt     C       2015-01-01  -           network  chair
"""
OTHERS = STAFF + "    ned  N  manager  -  -\n    eli  D  manager  -  -\n"


def chaired(folder: Path, coverage: Rows = WHOLE) -> Network:
    return network(
        folder,
        organisations=MEMBERS,
        people=OTHERS,
        meetings=CHAIRED,
        attendance=AT_THE_TABLE,
        lead_roles=ROLES,
        coverage=coverage,
    )


def test_who_leads_in_each_pathway(tmp_path):
    found = parts(chaired(tmp_path))[ScopeType.PATHWAY]
    assert list(found) == ["OG", "PAN", "URO"]
    # URO has three bodies at the year's end: its MDT, chaired from A and from B, its board, from A, and the pathway,
    # from N. So A leads 1 1/2 of 3. A, B, C and N were at its meetings, and all but C lead something.
    assert said(found["URO"]) == exactly({"lead_top_share": 1.5 / 3, "lead_coverage": 3 / 4})
    # OG has one body, which C leads, by chair and by role; A was there.
    assert said(found["OG"]) == exactly({"lead_top_share": 1, "lead_coverage": 1 / 2})
    # Only D came to the meeting for PAN: it brought nobody together.
    assert said(found["PAN"]) == exactly({"lead_top_share": nan, "lead_coverage": nan})
    behind = {name: [int(n[0]) for n in (f.n_people, f.n_organisations, f.n_events)] for name, f in found.items()}
    assert behind == {"URO": [4, 4, 3], "OG": [2, 2, 1], "PAN": [0, 0, 0]}


def test_a_pathway_is_read_by_the_rules_of_the_network(tmp_path):
    rows = scored(chaired(tmp_path), Indicator.LEADERSHIP, ScopeType.PATHWAY)
    assert {name: (row.level_lo, row.level_hi) for name, row in rows.items()} == {
        "URO": (1, 3),
        "OG": (1, 2),
        "PAN": (None, None),
    }
    assert rows["URO"].reasons[0].startswith("intermediate: level 1 to 3: not distributed")
    assert rows["PAN"].status == IndicatorStatus.INSUFFICIENT_DATA
    rows = scored(chaired(tmp_path), Indicator.LEADERSHIP, ScopeType.PATHWAY, organisations=3)
    assert rows["OG"].reasons == ["2 organisations, at least 3 are needed"] and rows["OG"].evidence


# --- the acceptance scenario --------------------------------------------------------------------------------

LAST = "2019-02-01/3m"


def test_parts_of_the_scenario(scenario):
    for scope, names in MEASURED.items():
        for measured in scenario.evidence.scopes[scope].values():
            assert set(measured.series) == set(names)
    table = scenario.tables["indicators"].query("slice == @LAST")
    groups = table.query("indicator == 'innovation' and scope_type == 'group'").set_index("scope_id")
    # One learning day a year, to which surgeons and nurses come from several trusts.
    assert groups["proxy_level"].dropna().to_dict() == {
        "surgeon": 2,
        "nurse": 2,
        "ahp": 1,
        "manager": 1,
        "oncologist": 1,
        "pathologist": 1,
        "radiologist": 1,
    }
    # Each pathway has one body or two, which are not shared out: leadership is concentrated by the rule.
    pathways = table.query("indicator == 'leadership' and scope_type == 'pathway'").set_index("scope_id")
    assert set(pathways.index) == {"OG", "PB", "RN", "URO"}
    assert set(pathways["basis"]) == {"ties"} and set(pathways["status"]) == {"interval"}
    assert set(zip(pathways["level_lo"], pathways["level_hi"], strict=True)) == {(1, 2)}
    assert pathways["n_events"].to_dict() == {"OG": 60, "PB": 48, "RN": 48, "URO": 12}
    # No case of the scenario says who brought it.
    trusts = table.query("indicator == 'infoex' and scope_type == 'organisation'")
    assert len(trusts) and set(trusts["status"]) == {"insufficient_data"}
    assert all("no cases, at least 100 are needed" in reasons for reasons in trusts["reasons"])


def test_draws_of_missing_records_leave_parts_out(scenario):
    rows = [row for row in scenario.rows if row.slice == len(scenario.evidence.calendar) - 1]
    further = [row for row in rows if row.scope_type in row.declared.by_ties]
    assert further
    varied = {id(each.row) for each in by_missing_records(rows, scenario.evidence, scenario.drawn)}
    assert varied and not varied & {id(row) for row in further}
