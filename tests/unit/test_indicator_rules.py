"""From measures to levels: what the declared thresholds say, when a rule cannot be told, and what is never invented."""

from datetime import date
from itertools import product
from math import inf, isnan, nan, nextafter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orgnet.config import Config
from orgnet.indicators.damour import Damour, Rule, load_damour
from orgnet.indicators.evidence import Evidence
from orgnet.indicators.rollup import roll_up
from orgnet.indicators.rules import Known, Measure, Row, applies, decide
from orgnet.indicators.score import indicator_table, score_indicators
from orgnet.indicators.trends import trend
from orgnet.metrics.groups import Behind, GroupMeasures
from orgnet.metrics.series import ConductMeasures
from orgnet.metrics.statuses import STATUSES, Series
from orgnet.records.coverage import Coverage
from orgnet.records.organisations import Roster
from orgnet.vocabulary import EvidenceClass, Indicator, IndicatorStatus, RecordKind, Status

SHIPPED = Path(__file__).parents[2] / "configs" / "damour.yaml"
NOT_TIES = (RecordKind.SURVEY_RESPONSES, RecordKind.DOCUMENTS, RecordKind.CODED_EVIDENCE)
ALL_COMPLETE = dict.fromkeys(RecordKind, True)
NONE_COMPLETE = dict.fromkeys(RecordKind, False)


def network_config(**settings: Any) -> Config:
    """A network of one year, in one slice."""
    sources = {kind: [{"path": f"{kind}.csv"}] for kind in ("organisations", "people", "meetings", "attendance")}
    period = {"start": date(2015, 1, 1), "end": date(2016, 1, 1)}
    return Config(**{"network": "test", "period": period, "slices": {"every": "year"}, "sources": sources} | settings)


DAMOUR = load_damour(network_config())


def row(indicator: str, **fields: Any) -> Row:
    """A row that is about to be decided."""
    declared = DAMOUR.indicators[Indicator(indicator)]
    given = {"coverage": 1.0, "n_people": 40, "n_organisations": 12, "n_events": None, **fields}
    return Row(0, Indicator(indicator), declared, declared.scope, "them", **given)


def known(measures: dict[str, float], complete: dict[RecordKind, bool] = ALL_COMPLETE, status: str = "ok") -> Known:
    """Measures by name; those that are NaN are not known."""
    made = {
        name: Measure(value, Status.NO_COVERAGE.value if isnan(value) else status) for name, value in measures.items()
    }
    return Known(made, complete)


def outcome(decided: Row) -> str:
    """What a row says: a level, an interval, a proxy, or its status."""
    if decided.proxy_level is not None:
        return f"proxy {decided.proxy_level}"
    if decided.level_lo is None:
        return decided.status.value
    return str(decided.level) if decided.level is not None else f"{decided.level_lo} to {decided.level_hi}"


# --- three answers: yes, no, cannot be told ------------------------------------------------------------------

YES, NO, UNKNOWN = 1.0, 0.0, nan
ALL_OF = {
    (YES, YES): True,
    (YES, NO): False,
    (YES, UNKNOWN): None,
    (NO, NO): False,
    (NO, UNKNOWN): False,
    (UNKNOWN, UNKNOWN): None,
}
ANY_OF = {
    (YES, YES): True,
    (YES, NO): True,
    (YES, UNKNOWN): True,
    (NO, NO): False,
    (NO, UNKNOWN): None,
    (UNKNOWN, UNKNOWN): None,
}
CONDITIONS = ["opp_events >= 1", "acq_breadth >= 1"]


@pytest.mark.parametrize(("word", "table"), [("all", ALL_OF), ("any", ANY_OF)])
def test_truth_tables(word, table):
    rule = Rule.model_validate({"level": 2, word: CONDITIONS})
    for (one, two), expected in table.items():
        for first, second in ((one, two), (two, one)):
            assert applies(rule, known({"opp_events": first, "acq_breadth": second})) is expected, (first, second)
    # What is not measured at all is as little known as what has no value.
    assert applies(rule, known({"opp_events": YES})) is table[YES, UNKNOWN]


@pytest.mark.parametrize("word", ["all", "any"])
def test_a_rule_that_needs_complete_records_cannot_be_told_without(word):
    rule = Rule.model_validate({"level": 1, word: CONDITIONS, "requires_complete": ["attendance", "meetings"]})
    table = ALL_OF if word == "all" else ANY_OF
    for (one, two), expected in table.items():
        measures = {"opp_events": one, "acq_breadth": two}
        assert applies(rule, known(measures)) is expected
        for complete in (
            NONE_COMPLETE,
            {},
            ALL_COMPLETE | {RecordKind.MEETINGS: False},
            ALL_COMPLETE | {RecordKind.ATTENDANCE: False},
        ):
            # A no stays a no; a yes cannot be told.
            assert applies(rule, known(measures, complete)) is (None if expected else expected)
        assert applies(rule, known(measures, ALL_COMPLETE | {RecordKind.REFERRALS: False})) is expected


def test_a_rule_without_conditions_always_applies():
    assert applies(Rule(level=2), known({})) is True


def test_a_rule_that_cannot_be_told_stops_the_decision():
    # Frequent or not is unknown, so that they ever met does not make it level 2.
    decided = decide(
        row("acquaint"), known({"meet_rate_median": nan, "opp_regularity": 1, "acq_breadth": 1, "opp_events": 4})
    )
    assert outcome(decided) == "insufficient_data"
    # That one condition fails is enough to know that it is not level 3.
    decided = decide(
        row("acquaint"), known({"meet_rate_median": nan, "opp_regularity": 0, "acq_breadth": 1, "opp_events": 4})
    )
    assert outcome(decided) == "2"


# --- every threshold ----------------------------------------------------------------------------------------

FREQUENT = {"meet_rate_median": 12.0, "opp_regularity": 1.0, "acq_breadth": 1.0, "opp_events": 12.0}
SELDOM = {"meet_rate_median": 0.0, "opp_regularity": 0.0, "acq_breadth": 0.0, "opp_events": 1.0}
VENUES = {"venues_standing": 5.0, "venue_org_coverage": 1.0, "venues_any": 5.0}
FEW_VENUES = {"venues_standing": 0.0, "venue_org_coverage": 0.0, "venues_any": 1.0}
STRONG = {
    "core_agencies": 1.0,
    "convening_share": 1.0,
    "convening_reach": 1.0,
    "core_rank": 1.0,
    "board_represented_share": 1.0,
}
SPREAD = {"lead_top_share": 0.2, "lead_coverage": 0.9}
LEARNING = {"learning_events": 12.0, "learning_org_coverage": 1.0}
INFORMED = {"deferral_missing_info_rate": 0.0, "dial_in_failure_rate": 0.0}
NOTHING_FORMAL = {"standing_smdts": 0.0, "joint_roles_active": 0.0}

# Indicator, the other measures, the one in question, its threshold, and what just below, at and just above it says.
THRESHOLDS = [
    ("acquaint", FREQUENT, "meet_rate_median", 4, "2", "3", "3"),
    ("acquaint", FREQUENT, "opp_regularity", 0.75, "2", "3", "3"),
    ("acquaint", FREQUENT, "acq_breadth", 0.5, "2", "3", "3"),
    ("acquaint", SELDOM, "opp_events", 0, None, "1", "2"),
    ("connect", VENUES, "venues_standing", 2, "2", "3", "3"),
    ("connect", VENUES, "venue_org_coverage", 2 / 3, "2", "3", "3"),
    ("connect", FEW_VENUES, "venues_any", 0, None, "1", "2"),
    ("centrality", STRONG, "core_agencies", 0, None, "1", "2 to 3"),
    ("centrality", STRONG, "convening_share", 0.5, "2", "2 to 3", "2 to 3"),
    ("centrality", STRONG, "convening_reach", 0.75, "2", "2 to 3", "2 to 3"),
    ("centrality", STRONG, "core_rank", 1, None, "2 to 3", "2"),
    ("centrality", STRONG, "board_represented_share", 0.75, "2", "2 to 3", "2 to 3"),
    ("centrality", STRONG, "convening_reach", 0, None, "1", "2"),
    ("leadership", SPREAD, "lead_top_share", 0.4, "2 to 3", "2 to 3", "1 to 3"),
    ("leadership", SPREAD, "lead_coverage", 0.5, "1 to 3", "2 to 3", "2 to 3"),
    ("leadership", SPREAD, "lead_top_share", 0.6, "1 to 3", "1 to 2", "1 to 2"),
    ("innovation", LEARNING, "learning_events", 4, "proxy 2", "proxy 3", "proxy 3"),
    ("innovation", LEARNING, "learning_org_coverage", 2 / 3, "proxy 2", "proxy 3", "proxy 3"),
    ("innovation", LEARNING, "learning_events", 1, "proxy 1", "proxy 2", "proxy 2"),
    ("formal", NOTHING_FORMAL, "standing_smdts", 0, None, "proxy 1", None),
    ("formal", NOTHING_FORMAL, "joint_roles_active", 0, None, "proxy 1", None),
    ("formal", NOTHING_FORMAL, "standing_smdts", 1, None, "proxy 2", "proxy 2"),
    ("formal", NOTHING_FORMAL, "joint_roles_active", 1, None, "proxy 2", "proxy 2"),
    ("infoex", INFORMED, "deferral_missing_info_rate", 0.2, "2", "2", "1 to 2"),
    ("infoex", INFORMED, "dial_in_failure_rate", 0.2, "2", "2", "1 to 2"),
    ("infoex", INFORMED, "deferral_missing_info_rate", 0.05, "2 to 3", "2 to 3", "2"),
    ("infoex", INFORMED, "dial_in_failure_rate", 0.05, "2 to 3", "2 to 3", "2"),
]


@pytest.mark.parametrize(("indicator", "others", "measure", "threshold", "below", "at", "above"), THRESHOLDS)
def test_just_below_at_and_just_above_a_threshold(indicator, others, measure, threshold, below, at, above):
    for value, expected in ((nextafter(threshold, -inf), below), (threshold, at), (nextafter(threshold, inf), above)):
        if expected is not None:
            assert outcome(decide(row(indicator), known({**others, measure: value}))) == expected, value


def test_every_threshold_that_is_declared_is_tried():
    tried = {(indicator, measure, threshold) for indicator, _, measure, threshold, *_ in THRESHOLDS}
    stated = {
        (name.value, condition.measure, condition.threshold)
        for name, one in DAMOUR.indicators.items()
        for condition in one.conditions
    }
    assert stated == tried


def test_two_thirds_of_twelve_organisations_are_two_thirds():
    for reached, expected in ((7, "2"), (8, "3"), (9, "3")):
        assert outcome(decide(row("connect"), known({**VENUES, "venue_org_coverage": reached / 12}))) == expected


def test_no_central_body_or_an_idle_one_is_level_1():
    nobody = dict.fromkeys(STRONG, nan) | {"core_agencies": 0.0}
    assert outcome(decide(row("centrality"), known(nobody))) == "1"
    # It is there but nobody met: the share of no meetings is undefined, yet it reached nobody.
    idle = {"core_agencies": 1.0, "convening_share": nan, "convening_reach": 0.0, "core_rank": nan}
    assert outcome(decide(row("centrality"), known({**idle, "board_represented_share": nan}))) == "1"
    assert outcome(decide(row("centrality"), known(nobody, NONE_COMPLETE))) == "insufficient_data"


def test_many_deferrals_fail_a_network_where_nobody_dials_in():
    measures = {"deferral_missing_info_rate": 0.3, "dial_in_failure_rate": nan}
    assert outcome(decide(row("infoex"), known(measures))) == "1 to 2"


# --- what is never invented ---------------------------------------------------------------------------------

SCORED = [name for name, one in DAMOUR.indicators.items() if one.rules]


@st.composite
def anything_known(draw: st.DrawFn, indicator: Indicator) -> Known:
    """Any values of an indicator's measures, often just at a threshold, and any kinds of record complete."""
    conditions = DAMOUR.indicators[indicator].conditions
    measures = {}
    for name in {condition.measure for condition in conditions}:
        edges = [condition.threshold for condition in conditions if condition.measure == name]
        near = [nextafter(edge, toward) for edge in edges for toward in (-inf, inf)]
        measures[name] = draw(st.sampled_from([*edges, *near, nan, 0.0, 1.0]) | st.floats(0, 20))
    return known(measures, {kind: draw(st.booleans()) for kind in RecordKind})


@pytest.mark.parametrize("indicator", SCORED)
@given(data=st.data())
@settings(derandomize=True, max_examples=150, deadline=None)
def test_whatever_is_measured(indicator, data):
    evidence = data.draw(anything_known(indicator))
    decided = decide(row(indicator), evidence)
    proxy = decided.declared.evidence_class == EvidenceClass.PROXY
    # A proxy is never a level, and a level never a proxy.
    assert (decided.proxy_level is not None) == (decided.status == IndicatorStatus.PROXY_ONLY)
    if proxy:
        assert decided.level is None and decided.level_lo is None and decided.level_hi is None
    else:
        assert decided.proxy_level is None
    # A level lies within its interval, and is given only where the interval is one level.
    assert (decided.level_lo is None) == (decided.level_hi is None)
    if decided.level_lo is not None:
        assert 1 <= decided.level_lo <= decided.level_hi <= 3
    assert (decided.level is not None) == (decided.status == IndicatorStatus.ASSESSED)
    if decided.level is not None:
        assert decided.level_lo == decided.level == decided.level_hi
    # Level 1 rests on nothing being there, so what is there must be known to be all.
    if 1 in (decided.level, decided.proxy_level):
        complete = {kind for kind, whole in evidence.complete.items() if whole}
        assert RecordKind.ATTENDANCE in complete or RecordKind.ORGANISATIONS in complete
        if indicator != Indicator.CENTRALITY:
            assert RecordKind.ATTENDANCE in complete
    # Whatever is said, it is said why.
    assert decided.reasons and all(decided.reasons)


@pytest.mark.parametrize("indicator", SCORED)
@given(data=st.data())
@settings(derandomize=True, max_examples=100, deadline=None)
def test_no_level_1_where_no_records_are_known_to_be_complete(indicator, data):
    evidence = data.draw(anything_known(indicator))
    decided = decide(row(indicator), Known(evidence.measures, NONE_COMPLETE))
    assert decided.level != 1
    assert decided.proxy_level != 1


# --- the network from its groups ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ([3], 3),
        ([1], 1),
        ([3, 3, 3], 3),
        ([3, 3, 1], 3),  # two of three
        ([3, 2, 2], 2),
        ([3, 2, 1], 2),
        ([3, 1, 1], 1),
        ([2, 1], 1),  # one of two is half
        ([3, 3, 2, 2], 2),
        ([3, 3, 3, 1], 3),
        ([3, 3, 2, 2, 2, 2, 1], 2),
        ([3, 3, 3, 3, 1, 1], 3),  # four of six
        ([3, 3, 3, 2, 1, 1], 2),  # four of six again
    ],
)
def test_the_networks_level_is_the_highest_that_two_thirds_of_the_groups_attain(levels, expected):
    assert roll_up(levels, DAMOUR.rollup_share) == expected


def test_roll_up_counts_groups_whatever_their_number():
    for length in range(1, 40):
        for threes, twos in product(range(length + 1), repeat=2):
            if threes + twos <= length:
                levels = [3] * threes + [2] * twos + [1] * (length - threes - twos)
                attained = [3] * (3 * threes >= 2 * length) + [2] * (3 * (threes + twos) >= 2 * length) + [1]
                assert roll_up(levels, 2 / 3) == attained[0]


# --- trend --------------------------------------------------------------------------------------------------


def said(low: int | None, high: int | None = None, coverage: float = 1.0) -> Row:
    """A row that says a level, or an interval."""
    made = row("leadership", coverage=coverage)
    made.level_lo, made.level_hi = low, high or low
    return made


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (said(2), said(3), "improved"),
        (said(3), said(1), "worsened"),
        (said(2), said(2), "unchanged"),
        (said(1, 3), said(2, 3), "improved"),
        (said(1, 3), said(1, 2), "worsened"),
        (said(1, 2), said(2, 3), "improved"),
        (said(2, 3), said(2, 3), "unchanged"),
        (said(1, 2), said(2), "improved"),
        (said(1, 3), said(2), "unclear"),  # no lower, and no higher
        (said(2), said(1, 3), "unclear"),
        (said(None), said(2), "not_comparable"),
        (said(2), said(None), "not_comparable"),
        (said(None), said(None), "not_comparable"),
        (said(1, coverage=1.0), said(2, coverage=0.9), "improved"),
        (said(1, coverage=0.8), said(2, coverage=0.7), "improved"),  # .10 apart, whatever floats make of it
        (said(1, coverage=1.0), said(2, coverage=0.89), "not_comparable"),
        (said(1, coverage=0.85), said(2, coverage=1.0), "not_comparable"),
        (said(1, coverage=nan), said(2, coverage=nan), "improved"),
        (said(1, coverage=nan), said(2, coverage=1.0), "not_comparable"),
        (said(1, coverage=1.0), said(2, coverage=nan), "not_comparable"),
    ],
)
def test_trend_between_two_windows(before, after, expected):
    assert trend(before, after).value == expected


# --- how much there must be ---------------------------------------------------------------------------------


Group = tuple[dict[str, float], int, int]
"""A professional group's measures, its people, and the organisations that they are in."""


def scored_rows(
    indicator: str,
    groups: list[Group],
    network: dict[str, float],
    *,
    providers: int = 10,
    covered: int = 10,
    window: str = "12 months",
    lacking: tuple[RecordKind, ...] = (),
) -> list[Row]:
    """The rows of one indicator, from measures that are as good as measured."""
    config = network_config(slices={"every": "year", "window": window})
    calendar, declared = config.calendar, DAMOUR.indicators[Indicator(indicator)]
    there, nobody = np.ones((providers, 1), bool), np.zeros((providers, 1), bool)
    whole = np.arange(providers)[:, None] < covered

    def series(measures: dict[str, float]) -> dict[str, Series]:
        return {
            name: Series(np.array([value]), np.array([STATUSES.index("no_coverage" if isnan(value) else "ok")]))
            for name, value in measures.items()
        }

    def behind(people: int, staffed: int) -> Behind:
        return Behind(*(np.array([count]) for count in (people, staffed, 12)))

    found = Evidence(
        config,
        Damour.model_construct(minimum=DAMOUR.minimum, indicators={Indicator(indicator): declared}),
        SimpleNamespace(has=lambda kind: kind not in (*lacking, *NOT_TIES), tables={}),
        Roster(
            [f"P{n}" for n in range(providers)], there, there, nobody, nobody, nobody, nobody.astype(int), stated=True
        ),
        Coverage(dict.fromkeys(RecordKind, whole), whole.shape),
        calendar,
        GroupMeasures(
            config.professional_groups,
            {(n, n): series(measures) for n, (measures, *_) in enumerate(groups)},
            {(n, n): behind(people, staffed) for n, (_, people, staffed) in enumerate(groups)},
        ),
        ConductMeasures(series(network), {}),
    )
    rows = score_indicators(found)
    indicator_table(rows, calendar)
    return rows


def scored(indicator: str, measures: dict[str, float], *, people: int = 8, staffed: int = 3, **settings: Any) -> Row:
    """One indicator's row, of one group or of the network."""
    return scored_rows(indicator, [(measures, people, staffed)], measures, **settings)[0]


CASES = INFORMED | {"mdt_cases": 100.0}


THIN = "records are complete for 70% of providers, at least 80% are needed"
TWO = "2 organisations, at least 3 are needed"


@pytest.mark.parametrize(
    ("indicator", "measures", "enough", "short", "reason"),
    [
        ("acquaint", FREQUENT, {"people": 8}, {"people": 7}, "7 people, at least 8 are needed"),
        ("acquaint", FREQUENT, {"staffed": 3}, {"staffed": 2}, TWO),
        ("leadership", SPREAD, {"providers": 3, "covered": 3}, {"providers": 2, "covered": 2}, TWO),
        ("acquaint", FREQUENT, {"covered": 8}, {"covered": 7}, THIN),
        ("leadership", SPREAD, {"covered": 8}, {"covered": 7}, THIN),
        (
            "leadership",
            SPREAD,
            {},
            {"window": "11 months"},
            "the window is shorter than the year that the rules speak of",
        ),
        (
            "leadership",
            SPREAD,
            {},
            {"window": "13 months"},
            "window_incomplete: it reaches back before the period begins",
        ),
    ],
)
def test_the_least_there_must_be(indicator, measures, enough, short, reason):
    assert scored(indicator, measures, **enough).level_hi == 3
    refused = scored(indicator, measures, **short)
    assert (outcome(refused), refused.reasons) == ("insufficient_data", [reason])
    assert refused.evidence, "the measures are shown all the same"


@pytest.mark.parametrize(
    ("cases", "reason"),
    [(100, None), (99, "99 cases, at least 100 are needed"), (nan, "no cases, at least 100 are needed")],
)
def test_a_hundred_cases_are_needed_to_speak_of_information(cases, reason):
    found = scored("infoex", INFORMED | {"mdt_cases": cases})
    assert outcome(found) == ("2 to 3" if reason is None else "insufficient_data")
    if reason is not None:
        assert found.reasons == [reason]


def test_everything_that_is_too_little_is_said():
    refused = scored("acquaint", FREQUENT, people=1, staffed=1, covered=0)
    assert len(refused.reasons) == 3


def test_what_no_records_speak_of_is_not_assessed():
    assert scored("infoex", CASES, lacking=(RecordKind.MDT_CASES,)).reasons == ["no records of mdt_cases are supplied"]
    assert outcome(scored("trust", {})) == "not_assessed"
    assert scored("trust", {}).reasons == [
        "ties do not show it: it needs survey_responses or coded_evidence, and none is supplied"
    ]


def test_complete_records_of_nobody_are_no_proof():
    # Without a single provider there is nobody whose records could be known to be whole.
    none = scored("acquaint", SELDOM | {"opp_events": 0.0}, providers=0, covered=0)
    assert outcome(none) == "insufficient_data"


# --- the network from its groups, where some say nothing -----------------------------------------------------

LEVEL = {3: FREQUENT, 2: SELDOM, 1: SELDOM | {"opp_events": 0.0}, None: dict.fromkeys(FREQUENT, nan)}


def rolled(*levels: int | None, small: int = 0) -> Row:
    """The network's row from groups of the given levels (None: it could not be told), and some that are too small."""
    groups = [(LEVEL[level], 8, 3) for level in levels] + [(FREQUENT, 7, 3), (FREQUENT, 8, 2)][:small]
    return scored_rows("acquaint", groups, {})[-1]


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ((3, 3, 1), "3"),
        ((3, 2, 1), "2"),
        ((1, 1, 1), "1"),
        # Whatever the third would be, it is 3; and whatever the fourth would be, 1.
        ((3, 3, None), "3"),
        ((1, 1, None), "1"),
        # 3, 3, 2, 1 is a 2, and 3, 3, 3, 2 a 3.
        ((3, 3, 2, None), "2 to 3"),
        ((2, 1, None), "1 to 2"),
        # It could be any: that says nothing.
        ((3, None, None), "insufficient_data"),
        ((None, None), "insufficient_data"),
        ((), "insufficient_data"),
    ],
)
def test_a_group_that_could_not_be_told_may_be_at_any_level(levels, expected):
    assert outcome(rolled(*levels)) == expected


def test_groups_that_are_too_small_are_left_out():
    assert outcome(rolled(2, 2, small=2)) == "2"
    assert rolled(2, 2, small=2).reasons == [
        "level 2: the highest that 67% of the groups attain",
        "by group: nurse 2, surgeon 2",
        "mixed=false, min=2, max=2",
        "left out, with too few people or organisations: oncologist, radiologist",
    ]
    assert outcome(rolled(small=2)) == "insufficient_data"


def test_the_networks_reasons_name_every_group():
    row = rolled(3, 3, 2, None)
    assert row.reasons == [
        "level 2 to 3: the highest that 67% of the groups attain",
        "by group: nurse 3, radiologist 2, surgeon 3",
        "mixed=true, min=2, max=3",
        "without a level, and so taken to be at any: oncologist",
    ]
    assert [(one["measure"], one["value"], one["met"]) for one in row.evidence] == [
        ("level of nurse", 3, True),
        ("level of oncologist", None, None),
        ("level of radiologist", 2, True),
        ("level of surgeon", 3, True),
    ]
    assert rolled(3, None, None).reasons[0] == "the groups without a level could make it any"


# --- reasons ------------------------------------------------------------------------------------------------


def reasons(indicator: str, measures: dict[str, float], complete: dict[RecordKind, bool] = ALL_COMPLETE) -> list[str]:
    *said, rule = decide(row(indicator), known(measures, complete)).reasons
    assert rule.startswith("rule (ties): ")
    return said


def test_the_rule_is_told_so_that_the_decision_can_be_redone():
    assert decide(row("acquaint"), known(FREQUENT)).reasons[-1] == (
        "rule (ties): level 3 if meet_rate_median >= 4 and opp_regularity >= 0.75 and acq_breadth >= 0.5; "
        "level 1 if opp_events == 0, with attendance complete; otherwise level 2"
    )
    assert decide(row("leadership"), known({"lead_top_share": 0.5, "lead_coverage": 0.45})).reasons[-1] == (
        "rule (ties): level 2 to 3 (distributed) if lead_top_share <= 0.4 and lead_coverage >= 0.5; "
        "level 1 to 2 (concentrated) if lead_top_share >= 0.6; otherwise level 1 to 3 (intermediate)"
    )


def test_reasons_say_what_was_found_and_what_was_wanted():
    assert reasons("acquaint", FREQUENT) == [
        "level 3: meet_rate_median >= 4 (found 12) and opp_regularity >= 0.75 (found 1) and "
        "acq_breadth >= 0.5 (found 1)"
    ]
    assert reasons("acquaint", FREQUENT | {"acq_breadth": 0.25}) == [
        "level 2: not level 3, as it wants acq_breadth >= 0.5 (found 0.25); "
        "not level 1, as it wants opp_events == 0 (found 12)"
    ]
    assert reasons("acquaint", SELDOM | {"opp_events": 0.0}) == ["level 1: opp_events == 0 (found 0)"]


def test_reasons_name_the_grade_and_what_an_interval_leaves_open():
    assert reasons("leadership", {"lead_top_share": 0.5, "lead_coverage": 0.45}) == [
        "intermediate: level 1 to 3: not distributed, as it wants lead_top_share <= 0.4 (found 0.5) and "
        "lead_coverage >= 0.5 (found 0.45); not concentrated, as it wants lead_top_share >= 0.6 (found 0.5)",
        "ties show the structure only: where in the interval is for people to say",
    ]


def test_reasons_of_alternatives_are_joined_by_or():
    measures = {"deferral_missing_info_rate": 0.04, "dial_in_failure_rate": 0.1}
    assert reasons("infoex", measures) == [
        "lacking: level 2: not failing, as it wants deferral_missing_info_rate > 0.2 (found 0.04) or "
        "dial_in_failure_rate > 0.2 (found 0.1); not lacking, as it wants deferral_missing_info_rate > 0.05 "
        "(found 0.04); not working, as it wants dial_in_failure_rate <= 0.05 (found 0.1)"
    ]
    assert reasons("infoex", {"deferral_missing_info_rate": 0.3, "dial_in_failure_rate": 0.1})[0] == (
        "failing: level 1 to 2: deferral_missing_info_rate > 0.2 (found 0.3)"
    )


def test_reasons_show_as_many_digits_as_it_takes():
    (reason,) = reasons("acquaint", FREQUENT | {"acq_breadth": 0.49996})
    assert "acq_breadth >= 0.5 (found 0.49996)" in reason
    (reason,) = reasons("acquaint", FREQUENT | {"meet_rate_median": 123.456})
    assert "meet_rate_median >= 4 (found 123)" in reason


def test_reasons_of_a_proxy_say_that_it_is_none():
    assert reasons("innovation", {"learning_events": 2.0, "learning_org_coverage": 0.5}) == [
        "proxy level 2: learning_events >= 1 (found 2)",
        "a proxy is never a level: a level needs survey_responses, coded_evidence",
    ]


def test_reasons_of_what_cannot_be_told():
    assert reasons("acquaint", FREQUENT | {"acq_breadth": nan}) == [
        "acq_breadth has no value: nothing is recorded, and the records are not known to be complete"
    ]
    assert reasons("acquaint", SELDOM | {"opp_events": 0.0}, NONE_COMPLETE) == [
        "attendance are not known to be complete: no record is not zero"
    ]
    late = Known({name: Measure(nan, Status.INSUFFICIENT.value) for name in SPREAD}, ALL_COMPLETE)
    assert decide(row("leadership"), late).reasons[:-1] == [
        "lead_top_share has no value: the window does not hold a whole year of records",
        "lead_coverage has no value: the window does not hold a whole year of records",
    ]
    nobody = Known({name: Measure(nan, Status.UNDEFINED.value) for name in SPREAD}, ALL_COMPLETE)
    assert decide(row("leadership"), nobody).reasons[0] == "lead_top_share has no value: it is undefined here"


def test_reasons_tell_that_presence_is_nominal():
    decided = decide(row("acquaint"), known(FREQUENT, status=Status.NOMINAL.value))
    assert outcome(decided) == "3"
    assert decided.reasons[-2].startswith("nominal: presence is taken from the meetings' own times")
    assert not any("nominal" in reason for reason in reasons("acquaint", FREQUENT))
