"""The axes of the diagram and the types of network: gaps stay gaps, and a type is never an average."""

from datetime import date
from types import SimpleNamespace

import numpy as np
import pytest

from orgnet.indicators.kiviat import collaboration, form_of_network, kiviat_table, typology_table
from orgnet.metrics.statuses import CODE, Series
from orgnet.vocabulary import Indicator, IndicatorStatus, ScopeType, Status, Typology
from orgnet.windows import Calendar, parse_step

CALENDAR = Calendar.make(date(2015, 1, 1), date(2017, 1, 1), parse_step("year"), parse_step("year"))
AXES = list(Indicator)


def row(number: int, indicator: Indicator, status: str, low=None, high=None, proxy=None, scope=ScopeType.NETWORK):
    """A row of indicators, as far as it is read here."""
    return SimpleNamespace(
        slice=number,
        indicator=indicator,
        scope_type=scope,
        scope_id="them",
        status=IndicatorStatus(status),
        level=low if low == high else None,
        level_lo=low,
        level_hi=high,
        proxy_level=proxy,
    )


def all_axes(number: int) -> list:
    """Ten rows in another order than the model's: one of each kind, the others not assessed."""
    shown = {
        Indicator.ACQUAINT: ("assessed", 2, 2, None),
        Indicator.CENTRALITY: ("interval", 2, 3, None),
        Indicator.INNOVATION: ("proxy_only", None, None, 2),
        Indicator.FORMAL: ("assessed", 2, 2, 3),
        Indicator.INFOEX: ("insufficient_data", None, None, None),
        Indicator.CONNECT: ("suppressed", None, None, None),
    }
    return [row(number, axis, *shown.get(axis, ("not_assessed", None, None, None))) for axis in sorted(AXES)]


class TestKiviat:
    def test_ten_axes_per_slice_in_the_models_order(self):
        table = kiviat_table(all_axes(1) + all_axes(0), CALENDAR)
        assert table.column("indicator").to_pylist() == [axis.value for axis in AXES] * 2
        assert table.column("axis_order").to_pylist() == [*range(1, 11)] * 2
        assert table.column("slice").to_pylist() == ["2015"] * 10 + ["2016"] * 10

    def test_a_point_a_band_a_hollow_mark_or_a_gap(self):
        rows = {each["indicator"]: each for each in kiviat_table(all_axes(0), CALENDAR).to_pylist()}
        marks = {name: each["mark"] for name, each in rows.items()}
        assert [name for name, mark in marks.items() if mark != "gap"] == [
            "acquaint",
            "centrality",
            "innovation",
            "formal",
        ]
        assert (marks["acquaint"], rows["acquaint"]["level"]) == ("point", 2)
        assert (marks["centrality"], rows["centrality"]["level_lo"], rows["centrality"]["level_hi"]) == ("band", 2, 3)
        assert rows["centrality"]["level"] is None
        assert (marks["innovation"], rows["innovation"]["proxy_level"]) == ("hollow", 2)
        assert marks["formal"] == "point", "a level is not hollow for having a stand-in beside it"
        for name, mark in marks.items():
            if mark == "gap":
                assert {rows[name][each] for each in ("level", "level_lo", "level_hi", "proxy_level")} == {None}

    def test_only_the_whole_network(self):
        group = row(0, Indicator.ACQUAINT, "assessed", 3, 3, scope=ScopeType.GROUP)
        assert kiviat_table([*all_axes(0), group], CALENDAR) == kiviat_table(all_axes(0), CALENDAR)

    def test_nothing_gives_an_empty_table(self):
        assert kiviat_table([], CALENDAR).num_rows == 0


def levels(text: str) -> dict[Indicator, int | None]:
    """Ten levels, such as "33333333--"."""
    return {axis: None if word == "-" else int(word) for axis, word in zip(AXES, text, strict=True)}


class TestCollaboration:
    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            ("33333333--", "active"),
            ("3333333322", "active"),
            ("3333333332", "active"),
            ("3333333331", "developing"),  # one at level 1
            ("333333322-", "developing"),  # seven at level 3
            ("3333333---", "not_classified"),  # seven levels
            ("11111222--", "potential"),
            ("1111133333", "potential"),
            ("1111222233", "developing"),
            ("1111111---", "not_classified"),
            ("2222222222", "developing"),
            ("3333311111", "potential"),  # its mean would be that of all at 2
            ("----------", "not_classified"),
        ],
    )
    def test_the_rule(self, given, expected):
        assert collaboration(levels(given))[0] == expected

    def test_it_says_that_it_is_a_label_and_what_it_rests_on(self):
        _, reasons = collaboration(levels("33322221--"))
        assert "heuristic" in reasons[0]
        assert reasons[1] == "8 of 10 indicators have one level: 3 at level 3, 4 at 2, 1 at 1"
        assert reasons[2] == "without one level: formal, infoex"
        assert reasons[3].startswith("rule: ")

    def test_intervals_and_proxies_are_no_levels(self):
        rows = typology_table(all_axes(0), {}, CALENDAR).to_pylist()
        (found,) = [each for each in rows if each["slice"] == "2015" and each["typology"] == "collaboration"]
        assert found["type"] == "not_classified"
        assert "2 of 10 indicators have one level: 0 at level 3, 2 at 2, 0 at 1" in found["reasons"]


def series(*values: float, status: Status = Status.OK) -> Series:
    codes = [CODE[Status.UNDEFINED if np.isnan(value) else status] for value in values]
    return Series(np.array(values), np.array(codes))


MEASURES = {
    "governance_form": series(3, np.nan),
    "governance_pathways_network_body": series(2, np.nan),
    "governance_pathways_shared": series(0, np.nan),
    "convening_share": series(0.62, np.nan),
    "clinical_form": series(4, 2, status=Status.NOMINAL),
    "clinical_pathways_lead_organisation": series(3, 3),
}


class TestForms:
    @pytest.mark.parametrize(
        ("code", "word"), [(1, "shared"), (2, "lead_organisation"), (3, "network_body"), (4, "hybrid")]
    )
    def test_the_words_of_the_codes(self, code, word):
        assert form_of_network(Typology.CLINICAL_FORM, {"clinical_form": series(code)}, 0)[0] == word

    def test_what_it_rests_on(self):
        word, reasons = form_of_network(Typology.GOVERNANCE_FORM, MEASURES, 0)
        assert word == "network_body"
        assert "heuristic" in reasons[0] and reasons[-1].startswith("rule: ")
        assert "pathways by form, each by itself: network_body 2" in reasons
        assert "the core agency convenes 62% of governance meetings" in reasons

    def test_scheduled_presence_is_said(self):
        word, reasons = form_of_network(Typology.CLINICAL_FORM, MEASURES, 0)
        assert word == "hybrid"
        assert any(reason.startswith("nominal") for reason in reasons)
        assert "pathways by form, each by itself: lead_organisation 3" in reasons

    def test_without_a_value_there_is_no_type(self):
        word, reasons = form_of_network(Typology.GOVERNANCE_FORM, MEASURES, 1)
        assert word == "not_classified"
        assert reasons[1] == "nobody convened any of the governance meetings in the window"

    def test_no_record_is_not_nobody(self):
        unknown = {"clinical_form": Series(np.array([np.nan]), np.array([CODE[Status.NO_COVERAGE]]))}
        for measures in (unknown, {}):
            word, reasons = form_of_network(Typology.CLINICAL_FORM, measures, 0)
            assert word == "not_classified"
            assert reasons[1].endswith("the records are not known to be complete")

    def test_three_typologies_per_slice(self):
        rows = typology_table(all_axes(0), MEASURES, CALENDAR).to_pylist()
        assert [(each["slice"], each["typology"]) for each in rows] == [
            (label, name)
            for label in ("2015", "2016")
            for name in ("clinical_form", "collaboration", "governance_form")
        ]
        assert [each["type"] for each in rows] == [
            "hybrid",
            "not_classified",
            "network_body",
            "lead_organisation",
            "not_classified",
            "not_classified",
        ]


LAST = "2019-02-01/3m"


class TestScenario:
    """The acceptance scenario at its end, from ties alone and with all its records."""

    @staticmethod
    def marks(tables) -> dict[str, str]:
        axes = tables["kiviat"]
        return axes[axes["slice"] == LAST].astype(str).set_index("indicator")["mark"].to_dict()

    @staticmethod
    def types(tables) -> dict[str, str]:
        found = tables["typologies"]
        return found[found["slice"] == LAST].astype({"typology": str}).set_index("typology")["type"].to_dict()

    def test_ties_alone_leave_gaps(self, scenario):
        tables = scenario.by_ties_alone().tables
        assert self.marks(tables) == {
            **dict.fromkeys(["goals", "client", "trust"], "gap"),
            **dict.fromkeys(["centrality", "leadership"], "band"),
            **dict.fromkeys(["innovation", "formal"], "hollow"),
            **dict.fromkeys(["acquaint", "connect", "infoex"], "point"),
        }
        assert self.types(tables)["collaboration"] == "not_classified"

    def test_with_survey_and_documents_it_is_developing(self, scenario):
        assert set(self.marks(scenario.tables).values()) == {"point"}
        assert self.types(scenario.tables)["collaboration"] == "developing"

    def test_a_network_body_governs_and_centres_lead_their_pathways(self, scenario):
        assert self.types(scenario.tables)["governance_form"] == "network_body"
        assert self.types(scenario.tables)["clinical_form"] == "hybrid"
        found = scenario.tables["typologies"].query(f"slice == '{LAST}' and typology == 'clinical_form'")
        assert "pathways by form, each by itself: lead_organisation 3" in list(found["reasons"].iloc[0])
