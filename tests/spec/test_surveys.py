"""What each measure of a survey is: worked examples, second implementations, and which wave a slice rests on."""

import random
from datetime import date
from math import isnan, nan, sqrt
from statistics import mean, stdev, variance

import numpy as np
import pytest

from orgnet.config.instruments import Instrument
from orgnet.indicators.maturity import low_median, maturity_table
from orgnet.indicators.scored import alpha, mean_of_means, rescaled
from orgnet.indicators.surveys import BUILT_IN, score_surveys, survey_table
from orgnet.vocabulary import Indicator, ScopeType
from tests.surveys import Answer, answered, answers, config, rows_of, scored, value, values

ITEMS = list(BUILT_IN["damour10"].items)
YEARS = {"period": {"start": date(2016, 1, 1), "end": date(2019, 1, 1)}, "slices": {"every": "quarter"}}


def everything(resp_id, values, **fields):
    """One respondent's answers to all ten items."""
    return [
        Answer(resp_id, "damour10", "w1", item, "2016-03-10", value, **fields)
        for item, value in zip(ITEMS, values, strict=True)
    ]


class TestOneItem:
    # S, specialist:  5 5 4 5 4 4 5 4            eight answers, mean 36/8 = 4.5
    # A, local:       1 2 3 2 2 2                six, mean 12/6 = 2
    # B, local:       3 4                        two, mean 7/2 = 3.5
    SAID = {"S": "5 5 4 5 4 4 5 4", "A": "1 2 3 2 2 2", "B": "3 4"}  # noqa: RUF012

    @pytest.fixture
    def scores(self, tmp_path):
        return scored(tmp_path, answers("damour10", "w1", "2016-03-10", self.SAID))

    def test_means(self, scores):
        # Every organisation once: (4.5 + 2 + 3.5)/3. Every respondent once: (36 + 12 + 7)/16.
        assert value(scores, "survey_mean") == pytest.approx(10 / 3)
        assert value(scores, "survey_simple_mean") == pytest.approx(55 / 16)
        assert value(scores, "n_organisations") == 3

    def test_spread_is_of_the_people_with_one_less_than_their_number(self, scores):
        # Squares: S 4 * 25 + 4 * 16 = 164, A 1 + 4 * 4 + 9 = 26, B 9 + 16 = 25; together 215.
        assert value(scores, "survey_sd") == pytest.approx(sqrt((215 - 55**2 / 16) / 15))

    def test_agreement_is_the_share_of_four_and_five(self, scores):
        # All of S, none of A, one of B.
        assert value(scores, "survey_agreement") == 9 / 16

    def test_specialist_against_local(self, scores):
        # Local: (2 + 3.5)/2 = 2.75, of eight people. 4.5 - 2.75 = 1.75.
        assert value(scores, "survey_mean", stratum="specialist") == 4.5
        assert value(scores, "survey_mean", stratum="local") == 2.75
        assert value(scores, "survey_specialist_mean") == 4.5
        assert value(scores, "survey_local_mean") == 2.75
        assert value(scores, "survey_difference") == 1.75
        assert value(scores, "survey_gap") == 1.75

    def test_the_difference_has_a_sign_and_the_gap_none(self, tmp_path):
        said = {"S": "2 2 2 2 2 2 2 2", "A": "3 3 3 3 3 3 3 3"}
        scores = scored(tmp_path, answers("damour10", "w1", "2016-03-10", said))
        assert value(scores, "survey_difference") == -1
        assert value(scores, "survey_gap") == 1

    def test_by_group_of_profession(self, tmp_path):
        nurses = answers("damour10", "w1", "2016-03-10", {"S": "5 " * 8, "A": "3 " * 8}, group="nurse")
        surgeons = answers("damour10", "w1", "2016-03-10", {"B": "1 " * 8}, group="surgeon")
        scores = scored(tmp_path, nurses + surgeons)
        assert value(scores, "survey_mean", stratum="nurse") == 4
        assert value(scores, "survey_gap", stratum="nurse") == 2
        assert value(scores, "survey_mean", stratum="surgeon") == 1
        assert isnan(value(scores, "survey_gap", stratum="surgeon"))  # nobody specialist
        assert value(scores, "survey_mean") == 3

    def test_an_empty_answer_is_none(self, tmp_path):
        scores = scored(tmp_path, answers("damour10", "w1", "2016-03-10", {"S": "5 " * 8}))
        rows = [*answers("damour10", "w1", "2016-03-10", {"S": "5 " * 8}), *everything("empty", [""] * 10)]
        assert survey_table(scored(tmp_path, rows)).equals(survey_table(scores))


class TestWhoAnswers:
    def test_the_type_that_is_given_comes_before_the_organisations_role(self, tmp_path):
        rows = answers("damour10", "w1", "2016-03-10", {"S": "1 " * 8}, org_type=" Local ")
        rows += answers("damour10", "w1", "2016-03-10", {"A": "5 " * 8}, org_type="specialist")
        rows += answers("damour10", "w1", "2016-03-10", {"B": "3 " * 8}, org_type="network")
        scores = scored(tmp_path, rows)
        assert value(scores, "survey_difference") == 4  # B is neither
        assert {row["stratum"] for row in rows_of(scores)} == {"all", "specialist", "local"}

    def test_the_role_is_that_of_the_waves_day(self, tmp_path):
        organisations = (
            "org_id,role,valid_from,valid_to\nX,local,,2016-03-10\nX,specialist,2016-03-10,\n"
            "Y,local,,2016-03-11\nY,specialist,2016-03-11,\n"
        )
        # The wave's day is that of its last answer, and a role's first day is its own.
        rows = answers("damour10", "w1", "2016-03-01", {"X": "5 " * 8})
        rows += answers("damour10", "w1", "2016-03-10", {"Y": "2 " * 8})
        scores = scored(tmp_path, rows, organisations=organisations)
        assert value(scores, "survey_mean", stratum="specialist") == 5
        assert value(scores, "survey_mean", stratum="local") == 2

    def test_without_an_organisation_people_count_one_by_one_only(self, tmp_path):
        scores = scored(tmp_path, answers("damour10", "w1", "2016-03-10", {"A": "2 " * 8, "": "5 " * 8}))
        assert value(scores, "survey_simple_mean") == 3.5
        assert value(scores, "survey_mean") == 2
        reading = scores.at(0, Indicator.GOALS, ScopeType.NETWORK, "test")
        assert "8 respondents without a known organisation, not in the mean of organisation means" in reading.notes

    def test_one_who_names_two_organisations_has_none(self, tmp_path):
        rows = answers("damour10", "w1", "2016-03-10", {"A": "2 " * 8})
        rows += [
            Answer("two", "damour10", "w1", "goals", "2016-03-10", 5, "B"),
            Answer("two", "damour10", "w1", "client", "2016-03-10", 5, "C"),
        ]
        scores = scored(tmp_path, rows)
        assert value(scores, "survey_mean") == 2
        assert value(scores, "survey_simple_mean") == pytest.approx(21 / 9)
        reading = scores.at(0, Indicator.GOALS, ScopeType.NETWORK, "test")
        assert reading.n_people == 9 and reading.n_organisations == 1
        assert (
            "1 respondent of the wave with answers that contradict each other on organisation, type or group"
            in reading.notes
        )


class TestMinimum:
    @pytest.mark.parametrize(("people", "status"), [(7, "insufficient"), (8, "ok")])
    def test_eight_people_stand_behind_every_measure(self, tmp_path, people, status):
        rows = answers("damour10", "w1", "2016-03-10", {"A": "4 " * people}, group="nurse")
        scores = scored(tmp_path, rows)
        assert {
            row["status"] for row in rows_of(scores, item="goals") if row["measure"] in ("survey_mean", "survey_sd")
        } == {status}
        for scope, name in (
            (ScopeType.NETWORK, "test"),
            (ScopeType.GROUP, "nurse"),
            (ScopeType.ORGANISATION_KIND, "local"),
        ):
            reading = scores.at(0, Indicator.GOALS, scope, name)
            assert reading.enough is (status == "ok")
            assert reading.n_people == people
            assert isnan(reading.measures["survey_mean"]) is (status != "ok")

    def test_a_gap_wants_as_many_on_either_side(self, tmp_path):
        for small in ("S", "A"):
            said = {"S": "5 " * 8, "A": "1 " * 8} | {small: "3 " * 7}
            scores = scored(tmp_path, answers("damour10", "w1", "2016-03-10", said))
            assert not isnan(value(scores, "survey_mean"))
            (row,) = rows_of(scores, item="goals", stratum="all", measure="survey_gap")
            assert row["value"] is None and row["status"] == "insufficient"
            role = "specialist" if small == "S" else "local"
            notes = scores.at(0, Indicator.GOALS, ScopeType.NETWORK, "test").notes
            assert f"fewer than 8 respondents from {role} organisations: no gap between them and the others" in notes

    def test_it_can_be_set(self, tmp_path):
        scores = scored(tmp_path, answers("damour10", "w1", "2016-03-10", {"A": "4 2"}), minimum=2)
        assert value(scores, "survey_mean") == 3

    def test_no_row_has_a_value_that_too_few_stand_behind(self, tmp_path):
        for row in rows_of(random_survey(tmp_path, 3)):
            if row["measure"] not in ("answers_out_of_range", "answers_not_declared"):
                assert (row["status"] == "insufficient") == (row["n_people"] < 8) or row["measure"] in (
                    "survey_gap",
                    "survey_difference",
                )
            assert (row["value"] is None) == (row["status"] != "ok")


class TestFlags:
    def test_out_of_range_is_counted_and_not_scored(self, tmp_path):
        rows = answers("damour10", "w1", "2016-03-10", {"A": "0 6 5.5 -1 3 3 3 3 3 3 3 5"})
        scores = scored(tmp_path, rows)
        assert value(scores, "answers_out_of_range") == 4
        assert value(scores, "survey_simple_mean") == 26 / 8
        reading = scores.at(0, Indicator.GOALS, ScopeType.NETWORK, "test")
        assert "4 answers of the wave outside the scale, not scored" in reading.notes

    def test_the_scales_ends_are_in_it(self, tmp_path):
        scores = scored(tmp_path, answers("damour10", "w1", "2016-03-10", {"A": "1 5 1 5 1 5 1 5"}))
        assert value(scores, "answers_out_of_range") == 0
        assert value(scores, "survey_mean") == 3

    def test_one_answer_to_all_ten_is_counted_and_kept(self, tmp_path):
        rows = [row for n in range(7) for row in everything(f"r{n}", [1 + n % 5] * 9 + [1 + (n + 1) % 5], org_id="A")]
        rows += everything("line", [4] * 10, org_id="A")
        rows += everything("short", [2] * 9 + [""], org_id="A")
        scores = scored(tmp_path, rows)
        (row,) = rows_of(scores, measure="straight_lined")
        assert (row["item"], row["value"], row["n_people"]) == ("all_items", 1, 8)
        # 1 2 3 4 5 1 2, and 4, and 2.
        assert value(scores, "survey_simple_mean") == pytest.approx(24 / 9)
        notes = scores.at(0, Indicator.GOALS, ScopeType.NETWORK, "test").notes
        assert (
            "1 of the wave's 8 respondents who answered every item gave one and the same answer to all 10; they are kept"
            in notes
        )

    def test_what_no_instrument_declares_is_counted(self, tmp_path):
        rows = answers("damour10", "w1", "2016-03-10", {"A": "4 4"}, item="joy")
        rows += answers("aitcs", "", "2016-03-10", {"A": "4 4 4"}, item="q1")
        scores = scored(tmp_path, rows)
        found = {(r["instrument"], r["wave"], r["item"]): r["value"] for r in rows_of(scores)}
        assert found == {("damour10", "w1", "joy"): 2, ("aitcs", "", "q1"): 3}

    def test_no_total_over_items(self, tmp_path):
        scores = random_survey(tmp_path, 1)
        over_several = {row["measure"] for row in rows_of(scores) if row["item"] not in ITEMS}
        assert over_several == {"survey_alpha", "straight_lined"}


class TestAlpha:
    def test_worked_example(self):
        # people  items   sum    variances with n - 1: items 1, 1 and 1; sums 3, 6, 9: 9.
        #   1     1 1 1    3     3/2 * (1 - 3/9) = 1: the items say the same.
        #   2     2 2 2    6
        #   3     3 3 3    9
        assert alpha(np.array([[1.0, 1, 1], [2, 2, 2], [3, 3, 3]])) == pytest.approx(1)
        # Sums 3, 3, 6; items 1 2 3 (variance 1) and 2 1 3 (variance 1); sums' variance 3. 2/1 * (1 - 2/3) = 2/3.
        assert alpha(np.array([[1.0, 2], [2, 1], [3, 3]])) == pytest.approx(2 / 3)

    def test_without_a_value(self):
        assert isnan(alpha(np.array([[1.0, 2]])))
        assert isnan(alpha(np.array([[1.0], [2]])))
        assert isnan(alpha(np.array([[1.0, 2], [2, 1]])))  # one sum
        assert isnan(alpha(np.empty((0, 3))))

    def test_only_those_who_answered_all_of_the_factors_items(self, tmp_path):
        rng = random.Random(5)
        people = [[rng.randint(1, 5) for _ in ITEMS] for _ in range(12)]
        rows = [row for n, said in enumerate(people) for row in everything(f"r{n:02}", said, org_id="A")]
        rows += everything("without goals", ["", *[5] * 9], org_id="A")
        scores = scored(tmp_path, rows)
        for factor, items in (("interpersonal", slice(0, 4)), ("organisational", slice(4, 10))):
            said = [person[items] for person in people]
            if factor == "organisational":
                said.append([5] * 6)
            assert value(scores, "survey_alpha", item=factor) == pytest.approx(plain_alpha(said))
            (row,) = rows_of(scores, measure="survey_alpha", item=factor, stratum="all")
            assert row["n_people"] == len(said)
        notes = scores.at(0, Indicator.TRUST, ScopeType.NETWORK, "test").notes
        said = f"{plain_alpha([person[:4] for person in people]):.2f}"
        assert f"Cronbach's alpha of the factor interpersonal is {said} (12 respondents)" in notes


def plain_alpha(people):
    """Cronbach's alpha by the covariances: k * mean covariance / (mean variance + (k - 1) * mean covariance)."""
    columns = list(zip(*people, strict=True))
    k, n = len(columns), len(people)

    def covariance(left, right):
        return sum((a - mean(left)) * (b - mean(right)) for a, b in zip(left, right, strict=True)) / (n - 1)

    between = mean(covariance(columns[i], columns[j]) for i in range(k) for j in range(k) if i != j)
    return k * between / (mean(map(variance, columns)) + (k - 1) * between)


def random_rows(seed):
    """A hundred people of several organisations and groups, who leave out some items."""
    rng = random.Random(seed)
    rows = []
    for n in range(100):
        fields = {
            "org_id": rng.choice(["S", "A", "A", "B", "N", ""]),
            "group": rng.choice(["nurse", "nurse", "surgeon", "manager", ""]),
        }
        values = [rng.choice([1, 2, 3, 4, 5, 4, 3, "", 7]) for _ in ITEMS]
        rows += [row for row in everything(f"r{n:03}", values, **fields) if row.value != ""]
    return rows


def random_survey(folder, seed):
    return scored(folder, random_rows(seed))


@pytest.mark.parametrize("seed", range(4))
def test_a_second_implementation_agrees(tmp_path, seed):
    rows = random_rows(seed)
    published = values(scored(tmp_path, rows))
    role = {"S": "specialist", "A": "local", "B": "local"}
    strata = {
        "all": lambda row: True,
        "specialist": lambda row: role.get(row.org_id) == "specialist",
        "local": lambda row: role.get(row.org_id) == "local",
        **{group: lambda row, group=group: row.group == group for group in ("nurse", "surgeon", "manager")},
    }
    for item in ITEMS:
        for stratum, belongs in strata.items():
            said = [row for row in rows if row.item == item and row.value in range(1, 6) and belongs(row)]
            numbers = [row.value for row in said]

            def of_means(said):
                """The mean of organisations' means; NaN where fewer than eight people stand behind it."""
                by_org = {row.org_id: [] for row in said if row.org_id}
                for row in said:
                    if row.org_id:
                        by_org[row.org_id].append(row.value)
                return mean(map(mean, by_org.values())) if sum(map(len, by_org.values())) >= 8 else nan

            enough = len(numbers) >= 8
            plain = {
                "survey_mean": of_means(said),
                "survey_simple_mean": mean(numbers) if enough else nan,
                "survey_sd": stdev(numbers) if enough else nan,
                "survey_agreement": mean(v >= 4 for v in numbers) if enough else nan,
            }
            if stratum not in ("specialist", "local"):
                sides = [
                    of_means([row for row in said if role.get(row.org_id) == which])
                    for which in ("specialist", "local")
                ]
                plain["survey_difference"] = sides[0] - sides[1]
                plain["survey_gap"] = abs(sides[0] - sides[1])
            for measure, expected in plain.items():
                assert published[measure, item, stratum] == pytest.approx(expected, nan_ok=True), (
                    item,
                    stratum,
                    measure,
                )
        outside = sum(row.item == item and row.value == 7 for row in rows)
        assert published["answers_out_of_range", item, "all"] == outside


def test_the_order_of_rows_changes_nothing(tmp_path):
    rows = random_rows(9)
    first = survey_table(scored(tmp_path, rows))
    random.Random(1).shuffle(rows)
    assert survey_table(scored(tmp_path, rows)).equals(first)


def test_mean_of_means_by_hand():
    # Organisation 4: 1 and 3; organisation 0: 5. (2 + 5)/2.
    assert mean_of_means(np.array([1.0, 3, 5]), np.array([4, 4, 0])) == 3.5
    assert isnan(mean_of_means(np.empty(0), np.empty(0, dtype=np.int64)))


class TestOwnInstruments:
    PARTNERS = Instrument(
        scale=(1, 4),
        items={
            "t1": {"indicator": "trust", "factor": "trust"},
            "t2": {"indicator": "trust", "factor": "trust", "reverse": True},
            "v1": {"indicator": "goals"},
        },
    )

    def test_rescaling_is_linear(self):
        assert rescaled(np.array([1.0, 2, 3, 4]), (1, 4), (1, 5)).tolist() == pytest.approx([1, 7 / 3, 11 / 3, 5])
        assert rescaled(np.array([0.0, 10]), (0, 10), (1, 5), reverse=True).tolist() == [5, 1]
        whole = np.arange(1.0, 6)
        assert (rescaled(whole, (1, 5), (1, 5)) == whole).all()

    def test_an_indicators_score_is_each_persons_mean_over_its_items(self, tmp_path):
        # t1: 4 -> 5. t2, reversed: 2 -> 3 -> 11/3. Their mean is 13/3; who answered t1 only has 5.
        rows = answers("partners", "w1", "2016-03-10", {"A": "4 " * 9}, item="t1")
        rows += answers("partners", "w1", "2016-03-10", {"A": "2 " * 8}, item="t2")
        scores = scored(tmp_path, rows, {"partners": self.PARTNERS})
        assert value(scores, "survey_simple_mean", item="t1") == 5
        assert value(scores, "survey_simple_mean", item="t2") == pytest.approx(11 / 3)
        assert value(scores, "survey_simple_mean", item="trust") == pytest.approx((8 * 13 / 3 + 5) / 9)
        reading = scores.at(0, Indicator.TRUST, ScopeType.NETWORK, "test")
        assert reading.measures["survey_mean"] == pytest.approx((8 * 13 / 3 + 5) / 9)
        assert reading.measures["survey_agreement"] == 1
        assert scores.at(0, Indicator.CLIENT, ScopeType.NETWORK, "test") is None

    def test_damour10_comes_first_then_the_name_and_before_both_that_there_are_enough(self, tmp_path):
        own = {name: Instrument(items={"q": {"indicator": "goals"}}) for name in ("b", "a")}
        said = {
            "a": answers("a", "", "2016-03-01", {"A": "1 " * 8}, item="q"),
            "b": answers("b", "", "2016-03-20", {"A": "2 " * 8}, item="q"),
            "damour10": answers("damour10", "", "2016-02-01", {"A": "3 " * 8}),
        }

        def preferred(*rows):
            scores = scored(tmp_path, [row for part in rows for row in part], own)
            return scores.at(0, Indicator.GOALS, ScopeType.NETWORK, "test").instrument

        assert preferred(*said.values()) == "damour10"
        assert preferred(said["a"], said["b"]) == "a"
        assert preferred(said["damour10"][:7], said["b"]) == "b"
        assert preferred(said["damour10"][:7], said["b"][:7]) == "damour10"


class TestItemBank:
    BANK = (
        "item_code,domain,text,reverse,scale_min,scale_max,action_statement_ref\n"
        "c1,capacity,We have the time.,false,1,5,\nc2,capacity,We lack the staff.,true,0,10,A4\n"
        "x1,conflict,We settle disputes.,,1,5,\n"
    )

    def test_domains_are_scored_from_0_to_100(self, tmp_path):
        (tmp_path / "bank.csv").write_text(self.BANK)
        own = {"millar_readiness": Instrument(kind="item_bank", bank="bank.csv")}
        # c1: 1 2 3 4 5 1 2 3 -> 0 25 50 75 100 0 25 50; c2, reversed: 10 -> 0, 0 -> 100.
        rows = answers("millar_readiness", "w1", "2016-03-10", {"A": "1 2 3 4 5 1 2 3"}, item="c1")
        rows += answers("millar_readiness", "w1", "2016-03-10", {"A": "10 0 10 0 0"}, item="c2")
        scores = scored(tmp_path, rows, own)
        # Means: 0, 62.5, 25, 87.5, 100, and with c1 alone 0, 25, 50.
        of_people = [0, 62.5, 25, 87.5, 100, 0, 25, 50]
        assert value(scores, "survey_simple_mean", item="capacity") == mean(of_people)
        assert value(scores, "survey_sd", item="capacity") == pytest.approx(stdev(of_people))
        # In order 0 0 25 25 50 62.5 87.5 100: the quarters lie at 1.75 and 5.25 steps, 18.75 and 68.75.
        assert value(scores, "survey_iqr", item="capacity") == 50
        # 60 and more, the upper two fifths: three of eight.
        assert value(scores, "survey_agreement", item="capacity") == 3 / 8
        (row,) = rows_of(scores, item="conflict", measure="survey_mean", stratum="all")
        assert (row["value"], row["n_people"], row["status"]) == (None, 0, "insufficient")
        assert scores.at(0, Indicator.TRUST, ScopeType.NETWORK, "test") is None


class TestResponseRate:
    ROWS = answers("damour10", "w1", "2016-03-10", {"S": "5 " * 9, "A": "3 " * 8})
    HEAD = "source_id,org_id,record_kind,period_start,period_end,expected_n\n"

    def rate(self, folder, coverage, rows=ROWS, **which):
        scores = scored(folder, rows, coverage=self.HEAD + coverage)
        return [row["value"] for row in rows_of(scores, measure="response_rate", item="goals", **which)]

    def test_people_of_those_expected(self, tmp_path):
        # 340 answers are expected, of ten items: 34 people. 17 answered.
        assert self.rate(tmp_path, ",,survey_responses,2016-01-01,2017-01-01,340\n") == [17 / 34]

    def test_organisation_by_organisation(self, tmp_path):
        # C was asked and did not answer. 17 of 10 + 12 + 12; specialists 9 of 10; local 8 of 24.
        coverage = "".join(
            f",{org},survey_responses,2016-03-01,2016-04-01,{n}\n" for org, n in (("S", 100), ("A", 120), ("C", 120))
        )
        assert self.rate(tmp_path, coverage, stratum="all") == [17 / 34]
        assert self.rate(tmp_path, coverage, stratum="specialist") == [9 / 10]
        assert self.rate(tmp_path, coverage, stratum="local") == [pytest.approx(8 / 24)]

    def test_not_known_for_all_who_answered(self, tmp_path):
        assert self.rate(tmp_path, ",S,survey_responses,2016-03-01,2016-04-01,100\n") == []

    def test_not_of_the_waves_days(self, tmp_path):
        assert self.rate(tmp_path, ",,survey_responses,2016-03-11,2016-04-01,340\n") == []
        assert self.rate(tmp_path, ",,survey_responses,2016-03-01,2016-03-10,340\n") == []
        assert self.rate(tmp_path, ",,survey_responses,2016-03-10,2016-03-11,340\n") == [0.5]
        assert self.rate(tmp_path, ",,meetings,2016-03-01,2016-04-01,340\n") == []

    def test_more_than_expected(self, tmp_path):
        assert self.rate(tmp_path, ",,survey_responses,2016-03-01,2016-04-01,100\n") == [None]

    def test_what_speaks_of_two_waves_cannot_be_shared_out(self, tmp_path):
        rows = [*self.ROWS, *answers("damour10", "w2", "2016-09-10", {"S": "5 " * 8})]
        assert self.rate(tmp_path, ",,survey_responses,2016-01-01,2017-01-01,340\n", rows) == []
        halves = ",,survey_responses,2016-01-01,2016-07-01,340\n,,survey_responses,2016-07-01,2017-01-01,160\n"
        assert self.rate(tmp_path, halves, rows) == [0.5, 0.5]

    def test_a_source_of_an_instruments_name_is_about_it_alone(self, tmp_path):
        rows = [*self.ROWS, *answers("millar_maturity", "", "2016-03-20", {"S": "3 " * 8}, item="trust")]
        assert self.rate(tmp_path, ",,survey_responses,2016-03-01,2016-04-01,340\n", rows) == []
        assert self.rate(tmp_path, "damour10,,survey_responses,2016-03-01,2016-04-01,340\n", rows) == [0.5]


class TestWhichWave:
    """Slices are quarters from 2016 on; each wave's answers are all its number."""

    def at(self, folder, days, **which):
        rows = [
            row
            for number, day in enumerate(days, 1)
            for row in answers("damour10", f"w{number}", day, {"A": f"{number} " * 8})
        ]
        scores = scored(folder, rows, settings=YEARS)
        readings = [scores.at(n, Indicator.GOALS, ScopeType.NETWORK, "test") for n in range(12)]
        return ["." if r is None else f"{r.measures['survey_mean']:.0f}{'c' * r.carried}" for r in readings]

    def test_never_before_the_wave_and_twelve_months_after(self, tmp_path):
        # In 2016-Q2. A year before the end of 2017-Q1 is 2016-04-01, before that of 2017-Q2 2016-07-01.
        assert self.at(tmp_path, ["2016-06-15"]) == [".", "1", "1c", "1c", "1c", *"......."]

    def test_the_first_and_the_last_day_of_a_slice(self, tmp_path):
        # On the first day of 2016-Q2, exactly a year before the end of 2017-Q1.
        assert self.at(tmp_path, ["2016-04-01"]) == [".", "1", "1c", "1c", "1c", *"......."]
        # On the day before, the last of 2016-Q1, it is one day too far.
        assert self.at(tmp_path, ["2016-03-31"]) == ["1", "1c", "1c", "1c", *"........"]

    def test_the_latest_wave_counts(self, tmp_path):
        found = self.at(tmp_path, ["2016-02-01", "2016-09-30", "2018-12-31"])
        assert found == ["1", "1c", "2", "2c", "2c", "2c", ".", ".", ".", ".", ".", "3"]

    def test_a_waves_day_is_that_of_its_last_answer(self, tmp_path):
        rows = answers("damour10", "w1", "2016-03-20", {"A": "4 " * 8})
        rows += answers("damour10", "w1", "2016-04-02", {"B": "4 " * 8})
        scores = scored(tmp_path, rows, settings=YEARS)
        assert scores.at(0, Indicator.GOALS, ScopeType.NETWORK, "test") is None
        reading = scores.at(1, Indicator.GOALS, ScopeType.NETWORK, "test")
        assert reading.day == date(2016, 4, 2) and not reading.carried

    def test_a_latest_wave_of_too_few_hides_the_one_before(self, tmp_path):
        rows = answers("damour10", "w1", "2016-02-01", {"A": "4 " * 8})
        rows += answers("damour10", "w2", "2016-05-01", {"A": "4 " * 7})
        reading = scored(tmp_path, rows, settings=YEARS).at(1, Indicator.GOALS, ScopeType.NETWORK, "test")
        assert reading.wave == "w2" and not reading.enough

    def test_scopes_without_a_stratum(self, tmp_path):
        scores = scored(tmp_path, answers("damour10", "w1", "2016-03-10", {"A": "4 " * 8}, group="nurse"))
        for scope, name in (
            (ScopeType.GROUP, "surgeon"),
            (ScopeType.ORGANISATION_KIND, "specialist"),
            (ScopeType.ORGANISATION_KIND, "university"),
            (ScopeType.ORGANISATION, "A"),
            (ScopeType.PATHWAY, "all"),
        ):
            assert scores.at(0, Indicator.GOALS, scope, name) is None
        local = scores.at(0, Indicator.GOALS, ScopeType.ORGANISATION_KIND, "local")
        assert local.measures["survey_local_mean"] == local.measures["survey_mean"] == 4
        assert isnan(local.measures["survey_specialist_mean"]) and isnan(local.measures["survey_gap"])


class TestMaturity:
    def rows(self, folder, said, minimum=8):
        given = [
            row
            for item, values in said.items()
            for row in answers("millar_maturity", "w1", "2016-03-10", {"A": values}, item=item)
        ]
        table = maturity_table(answered(folder, given), minimum)
        return {row["item"]: row for row in table.to_pylist() if row["stratum"] == "all"}

    def test_worked_example(self, tmp_path):
        found = self.rows(tmp_path, {"trust": "1 1 1 2 2 2 3 3", "risk": "1 1 1 1 3 3 3 3", "faith": "1 1 3 3 3 3 3"})
        trust, risk, faith, culture = (found[item] for item in ("trust", "risk", "faith", "culture"))
        assert [trust[f"share_level_{level}"] for level in (1, 2, 3)] == [3 / 8, 3 / 8, 2 / 8]
        # The fourth and the fifth of eight are 2 and 2; of risk 1 and 3, of which the lower is taken.
        assert (trust["median_level"], risk["median_level"]) == (2, 1)
        # A quarter and more at either end.
        assert trust["split"] is True and risk["split"] is True
        assert (faith["n_people"], faith["status"], faith["median_level"]) == (7, "insufficient", None)
        assert (culture["n_people"], culture["status"], culture["split"]) == (0, "insufficient", None)
        assert trust["elements_level_1"] is None

    def test_split_wants_a_quarter_at_both_ends(self, tmp_path):
        found = self.rows(tmp_path, {"trust": "1 1 3 2 2 2 2 2", "risk": "1 3 3 3 3 3 3 3"})
        assert found["trust"]["split"] is False and found["risk"]["split"] is False

    def test_only_whole_levels(self, tmp_path):
        found = self.rows(tmp_path, {"trust": "1 2 3 1 2 3 1 2 0 4 2.5"})
        assert found["trust"]["n_people"] == 8
        given = answers("millar_maturity", "w1", "2016-03-10", {"A": "1 2 0 4 2.5"}, item="trust")
        assert value(scored(tmp_path, given), "answers_out_of_range", item="trust") == 3

    def test_elements_are_counted_only_if_seven_were_answered(self, tmp_path):
        items = list(BUILT_IN["millar_maturity"].items)
        said = dict(zip(items, ["1 " * 8] * 2 + ["2 " * 8] * 3 + ["3 " * 8] * 2 + ["3 " * 7] * 2, strict=True))
        row = self.rows(tmp_path, said)["trust"]
        assert [row[f"elements_level_{level}"] for level in (1, 2, 3)] == [2, 3, 2]
        row = self.rows(tmp_path, said | {"trust": "1 " * 7})["faith"]
        assert [row[f"elements_level_{level}"] for level in (1, 2, 3)] == [None] * 3

    @pytest.mark.parametrize(("values", "middle"), [([3], 3), ([1, 3], 1), ([3, 1, 2], 2), ([2, 3, 2, 3], 2)])
    def test_low_median(self, values, middle):
        assert low_median(np.array(values, dtype=float)) == middle

    def test_it_never_speaks_to_an_indicator(self, tmp_path):
        given = answers("millar_maturity", "w1", "2016-03-10", {"A": "3 " * 20}, item="trust")
        found = answered(tmp_path, given)
        scores = score_surveys(found, config(tmp_path).calendar)
        assert scores.at(0, Indicator.TRUST, ScopeType.NETWORK, "test") is None
        assert {row["measure"] for row in rows_of(scores)} == {"answers_out_of_range"}
