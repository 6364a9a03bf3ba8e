"""`orgnet explain`: what it says of each kind of row, which row it chooses, and what it refuses."""

import operator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from orgnet import store
from orgnet.errors import InputFault
from orgnet.explain import choose, tell
from orgnet.explain.published import Condition
from orgnet.explain.words import levels_said, period_said, records_said, value_said, wanted_said
from orgnet.vocabulary import ScopeType
from orgnet.windows import Calendar, parse_step
from tests.command import orgnet as installed

CALENDAR = Calendar.make(date(2015, 1, 1), date(2018, 1, 1), parse_step("year"), parse_step("year"))
SIGNS = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt, "==": operator.eq}
KNOWS = (
    "rule (ties): level 3 if meet_rate_median >= 4 and acq_breadth >= 0.5; level 1 if opp_events == 0, with attendance "
    "complete; otherwise level 2"
)
LEADS = (
    "rule (ties): level 2 to 3 (distributed) if lead_top_share <= 0.4; level 1 to 2 (concentrated) if "
    "lead_top_share >= 0.6; otherwise level 1 to 3 (intermediate)"
)
ASKED = "rule (survey): level 3 if survey_mean >= 3.66667; level 1 if survey_mean < 2.33333; otherwise level 2"


def found(measure: str, value: float | None, sign: str | None = None, threshold: float | None = None) -> dict[str, Any]:
    """A line of evidence."""
    met = None if sign is None or value is None else SIGNS[sign](value, threshold)
    line = {"measure": measure, "value": value, "operator": sign, "threshold": threshold, "met": met}
    return line | {"n": 24, "coverage": 1.0}


def knows(rate: float, breadth: float, events: float) -> list[dict[str, Any]]:
    return [
        found("meet_rate_median", rate, ">=", 4.0),
        found("acq_breadth", breadth, ">=", 0.5),
        found("opp_events", events, "==", 0.0),
        found("attendance complete", 1.0, "==", 1.0),
    ]


def row(number: int, indicator: str, status: str, low=None, high=None, **fields: Any) -> dict[str, Any]:
    """A row of the table, as far as it is not the same for all."""
    given = {
        "dimension": "internalisation",
        "scope_type": "network",
        "scope_id": "us",
        "proxy_level": None,
        "evidence_class": "direct",
        "basis": "ties",
        "trend": "not_comparable",
        "coverage": 1.0,
        "n_people": None,
        "n_organisations": 12,
        "n_events": None,
        "reasons": [],
        "evidence": [],
    }
    level = low if low == high else None
    levels = {"level": level, "level_lo": low, "level_hi": high}
    return {"slice": number, "indicator": indicator, "status": status, **levels, **given, **fields}


GROUP = {"scope_type": "group", "scope_id": "radiologist", "n_people": 24, "n_events": 22}
BOTH = {"evidence_class": "direct_and_perceived"}
AT_2 = "level 2: not level 3, as it wants acq_breadth >= 0.5 (found 0.49996)"
ROWS = [
    row(0, "acquaint", "assessed", 1, 1, reasons=[KNOWS], evidence=knows(0, 0, 0), **GROUP),
    row(
        1, "acquaint", "assessed", 2, 2, trend="improved", reasons=[AT_2, KNOWS], evidence=knows(5, 0.49996, 3), **GROUP
    ),
    row(2, "acquaint", "assessed", 3, 3, reasons=[KNOWS], evidence=knows(5, 0.7, 3), **GROUP),
    row(2, "acquaint", "assessed", 2, 2, **{**GROUP, "scope_id": "radiographer"}),
    row(
        2,
        "acquaint",
        "assessed",
        2,
        2,
        reasons=["level 2: the highest that 67% of the groups attain", "by group: nurse 3, surgeon 2"],
        evidence=[found("level of nurse", 3.0, ">=", 2.0), found("level of surgeon", 2.0, ">=", 2.0)],
    ),
    row(
        1,
        "connect",
        "assessed",
        2,
        2,
        reasons=["borderline: of 200 resamples of the meetings, 60% at level 2, 40% at level 3"],
        evidence=[found("p_l1", 0.0), found("p_l2", 0.6), found("p_l3", 0.4)],
    ),
    row(
        2,
        "leadership",
        "interval",
        2,
        3,
        reasons=["distributed: level 2 to 3: lead_top_share <= 0.4 (found 0.3)", LEADS],
        evidence=[found("lead_top_share", 0.3, "<=", 0.4), found("lead_top_share", 0.3, ">=", 0.6)],
        **BOTH,
    ),
    row(
        1,
        "leadership",
        "assessed",
        1,
        1,
        basis="survey",
        reasons=[
            LEADS,
            "survey: damour10, wave 1 of 2016-03-01, 24 people answered",
            ASKED,
            "discordant: ties say level 2 to 3, the survey says level 1; people count, as it is about what they think",
            "beside it: leadership is unstable (leader_retention < 0.7, found 0.5); it decides nothing here",
        ],
        evidence=[
            found("lead_top_share", 0.3, "<=", 0.4),
            found("lead_top_share", 0.3, ">=", 0.6),
            found("survey_mean", 2.0, ">=", 11 / 3),
            found("survey_mean", 2.0, "<", 7 / 3),
            found("leader_retention", 0.5),
        ],
        **BOTH,
    ),
    row(
        2,
        "innovation",
        "proxy_only",
        proxy_level=2,
        evidence_class="proxy",
        reasons=[
            "proxy level 2: learning_events >= 1 (found 2)",
            "a proxy is never a level: a level needs survey_responses",
        ],
        evidence=[found("learning_events", 2.0, ">=", 1.0)],
    ),
    row(
        2,
        "trust",
        "not_assessed",
        basis=None,
        evidence_class="survey_or_documents",
        reasons=["ties do not show it: it needs survey_responses or coded_evidence, and none is supplied"],
    ),
    row(2, "goals", "not_assessed", basis=None, scope_type="organisation_kind", scope_id="local"),
    row(2, "formal", "assessed", 2, 2, basis="documents", scope_type="pathway", scope_id="kidney"),
    row(
        2,
        "centrality",
        "insufficient_data",
        basis=None,
        reasons=["window_incomplete: it reaches back before the period begins"],
        **BOTH,
    ),
]


@pytest.fixture(scope="module")
def out(tmp_path_factory) -> Path:
    """A published network with little more than indicators."""
    columns = {name: [each[name] for each in ROWS] for name in ROWS[0]} | {
        "slice": np.array([r["slice"] for r in ROWS])
    }
    table = store.sorted_by_key("indicators", store.table("indicators", columns, CALENDAR))
    folder = tmp_path_factory.mktemp("published")
    store.publish(folder, {"indicators": table}, {"network": "us"}, datetime.now(UTC))
    return folder


@pytest.fixture
def said(out):
    """What is said of a row."""

    def explained(indicator: str, slice_: str | None = None, **scopes: str) -> str:
        wanted = {ScopeType(name): given for name, given in scopes.items()}
        return "\n".join(tell(choose(out, indicator, slice_, wanted)))

    return explained


class TestConclusion:
    def test_a_level_in_the_models_words(self, said):
        text = said("acquaint", "2016", group="radiologist")
        assert "Level 2, developing: people have few chances to meet and do little jointly." in text
        assert "professional group radiologist of us (24 people, 12 organisations, 22 meetings)" in text
        assert "1 January 2016 to 31 December 2016" in text

    def test_an_interval(self, said):
        text = said("leadership", "2017")
        assert "Level 2 to 3, developing or active: which of them cannot be told from this." in text
        assert "  3: leadership is shared and agreed" in text
        assert "only people can say which" in text

    def test_a_proxy_is_never_called_a_level(self, said):
        text = said("innovation")
        assert "No level can be given. A stand-in measure [proxy] points to level 2, developing." in text
        assert "a level needs answers to a survey [survey_responses]" in text

    def test_what_is_missing(self, said):
        text = said("trust")
        assert "Nothing can be said: the records that could tell are missing." in text
        assert (
            "it needs answers to a survey [survey_responses] or passages that researchers coded [coded_evidence]"
            in text
        )
        assert "What it would take" not in text

    def test_too_little(self, said):
        text = said("centrality")
        assert "Nothing can be said: there are records, but too little to go by." in text
        assert "Window_incomplete: it reaches back before the period begins." in text


class TestGrounds:
    def test_each_measure_in_words_with_value_threshold_and_answer(self, said):
        text = said("acquaint", "2016", group="radiologist")
        assert (
            "  How often the typical member meets a colleague from another organisation, in meetings a year "
            "[meet_rate_median]: 5 meetings a year\n    1  level 3 takes at least 4: met\n"
        ) in text
        assert "records known to be complete for 100% of providers" in text

    def test_a_value_just_below_its_threshold_does_not_look_like_it(self, said):
        text = said("acquaint", "2016", group="radiologist")
        assert "[acq_breadth]: 49.996% of organisations\n    2  level 3 takes at least 50%: not met\n" in text

    def test_how_the_rule_led_to_the_level(self, said):
        text = said("acquaint", "2016", group="radiologist")
        assert "  - Level 3, active, takes 1 and 2: 2 is not met.\n" in text
        assert "  - Level 1, potential, takes 3 and 4: 3 is not met.\n" in text
        assert "  → Otherwise level 2, developing: this is so.\n" in text
        assert "→ Level 1, potential, takes 3 and 4: this is so." in said("acquaint", "2015", group="radiologist")

    def test_groups_behind_the_networks_level(self, said):
        text = said("acquaint", "2017")
        assert "  nurse: level 3, active (24 people)" in text
        assert "  - 2 of 2 groups at level 3 (67%); so far 1, and not yet surgeon." in text

    def test_where_the_evidence_disagrees(self, said):
        text = said("leadership", "2016")
        assert "Where the evidence disagrees\n  - Ties say level 2 to 3, the survey says level 1; people count" in text
        assert "Where the evidence disagrees" not in said("leadership", "2017")

    def test_how_sure_it_is(self, said):
        assert "of resamples of the meetings [bootstrap], level 2 in 60%, level 3 in 40%; so it is borderline" in said(
            "connect", "2016"
        )

    def test_what_is_shown_beside_decides_nothing(self, said):
        text = said("leadership", "2016")
        assert "[leader_retention]: 50% of leaders; it decides nothing here." in text
        assert "Beside it: leadership is unstable" in text

    def test_what_it_moved_from(self, said):
        assert "level 1, potential one window earlier, which ended on 1 January 2016; it has improved" in said(
            "acquaint", "2016", group="radiologist"
        )
        assert "no whole window lies before" in said("acquaint", "2015", group="radiologist")


class TestNextLevel:
    def test_what_is_lacking(self, said):
        text = said("acquaint", "2016", group="radiologist")
        lines = text.partition("What it would take for level 3, active\n")[2].split("\n\n")[0].splitlines()
        assert lines == [
            "  - (2) in what share of the other organisations the average member knows at least one colleague: at least "
            "50%, now 49.996% of organisations."
        ]

    def test_what_must_no_longer_be_so(self, said):
        text = said("acquaint", "2015", group="radiologist")
        assert "What it would take for level 2, developing\n  - (3) opportunities to meet" in text
        assert "any at all, now 0 meetings a year." in text

    def test_of_the_evidence_that_decides(self, said):
        text = said("leadership", "2016").partition("What it would take for level 2, developing\n")[2]
        assert text.startswith(
            "  - (4) mean of the organisations' mean answers, on the scale from 1 to 5: at least 2.33, now 2."
        )

    def test_there_is_none_above_the_highest(self, said):
        assert "This is the highest level." in said("acquaint", "2017", group="radiologist")


class TestChoosing:
    def test_the_last_slice_and_the_whole_network_unless_said_otherwise(self, said):
        assert said("leadership").startswith("Leadership [leadership] – the whole network us – 2017\n")

    def test_the_beginning_of_a_name_is_enough(self, said):
        assert said("lead", "2016").startswith("Leadership [leadership]")
        assert "pathway kidney of us" in said("formal", pathway="KID")
        assert "local organisations of us" in said("goals", organisation_kind="l")

    @pytest.mark.parametrize(
        ("arguments", "scopes", "words"),
        [
            (("xyz",), {}, "there is no indicator 'xyz' (known: goals, client, acquaint"),
            (("acquaint", "2014"), {}, "there is no slice '2014'"),
            (("acquaint", "20"), {}, "slice '20' is the beginning of 2015, 2016, 2017: say which"),
            (("acquaint",), {"group": "radio"}, "is the beginning of radiographer, radiologist: say which"),
            (("acquaint",), {"group": "surgeons"}, "(known: radiographer, radiologist)"),
            (
                ("acquaint",),
                {"pathway": "kidney"},
                "not given to any pathway here, but to: the whole network, professional",
            ),
            (("trust",), {"group": "a", "pathway": "b"}, "found --group and --pathway, expected one of them or none"),
        ],
    )
    def test_what_cannot_be_chosen(self, said, arguments, scopes, words):
        with pytest.raises(InputFault) as fault:
            said(*arguments, **scopes)
        assert words in str(fault.value)


class TestCommand:
    def test_it_prints_and_ends_well(self, out, tmp_path):
        answer = installed(
            "explain", out, "--indicator", "acq", "--group", "radiolog", "--slice", "2016", folder=tmp_path
        )
        assert (answer.returncode, answer.stderr) == (0, "")
        assert "Level 2, developing" in answer.stdout

    @pytest.mark.parametrize(
        "arguments",
        [["--indicator", "xyz"], ["--indicator", "acquaint", "--group", "x"], ["--indicator", "trust", "--slice", "1"]],
    )
    def test_a_name_that_is_not_known_is_exit_code_2(self, out, tmp_path, arguments):
        answer = installed("explain", out, *arguments, folder=tmp_path)
        assert (answer.returncode, answer.stdout) == (2, "")
        assert answer.stderr.startswith("orgnet: there is no ") and "known: " in answer.stderr

    def test_a_folder_without_results(self, tmp_path):
        answer = installed("explain", tmp_path, "--indicator", "trust", folder=tmp_path)
        assert (answer.returncode, answer.stdout) == (2, "")
        assert "no run has published there" in answer.stderr


class TestWords:
    def test_levels(self):
        assert levels_said(3, 3) == "level 3, active"
        assert levels_said(1, 3) == "level 1 to 3, potential, developing or active"

    def test_a_period_ends_on_its_last_day(self):
        assert period_said(date(2016, 1, 1), date(2016, 3, 1)) == "1 January 2016 to 29 February 2016"

    @pytest.mark.parametrize(
        ("value", "unit", "expected"),
        [
            (0.5, "share of cases", "50% of cases"),
            (1, "meetings per year", "1 meeting a year"),
            (1.5, "meetings per year", "1.5 meetings a year"),
            (1, "joint roles", "1 joint role"),
            (1, "series", "1 series"),
            (2, "rank", "rank 2"),
            (0.25, "share", "25%"),
        ],
    )
    def test_values(self, value, unit, expected):
        assert value_said(value, unit) == expected

    @pytest.mark.parametrize(
        ("sign", "threshold", "unit", "expected"),
        [
            (">=", "0.75", "share of quarters", "at least 75%"),
            ("<", "1", "", "less than 1"),
            (">", "0.2", "share", "more than 20%"),
            ("==", "0", "venues", "none"),
            ("==", "1", "rank", "exactly 1"),
        ],
    )
    def test_thresholds(self, sign, threshold, unit, expected):
        assert wanted_said(Condition("a", sign, threshold), unit) == expected

    def test_names_of_records_stand_in_brackets_behind_their_words(self):
        assert records_said("no records of mdt_cases and attendance are supplied") == (
            "no records of cases discussed by multidisciplinary teams [mdt_cases] and attendance are supplied"
        )
