"""Organisations over time: what each goes on as, from a few links, what is ambiguous, and what is refused."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orgnet.errors import InputFault
from orgnet.records.pieces import Pieces
from orgnet.records.restate import restate
from orgnet.records.succession import find_succession, succession_table
from orgnet.vocabulary import RecordKind
from orgnet.windows import FOREVER
from tests.successions import BACKWARD, FORWARD, configured, followed, recorded

MERGED = ("A C merger 2000-01-01", "B C merger 2000-01-01")
SPLIT = ("A B demerger 2000-01-01", "A C demerger 2000-01-01")
CLOSED = ["A - 2000-01-11 -", "B 2000-01-01 - -", "C 2000-01-01 - -"]
"""A is closed ten days after the day on which B and C begin."""


def refused(*links, **more):
    with pytest.raises(InputFault) as caught:
        followed(*links, **more)
    return caught.value.faults


class TestOneSuccessor:
    def test_parts_of_a_merger_stand_as_the_whole(self):
        found = followed(*MERGED)
        assert [found.always(name) for name in "ABC"] == ["C", "C", "C"]
        assert found.succession.restated == 2 and found.succession.ambiguous == 0

    @pytest.mark.parametrize("word", ["merger", "name_change", "-"])
    def test_whoever_has_one_successor_goes_on_as_it(self, word):
        assert followed(f"A B {word} 2000-01-01").always("A") == "B"

    def test_as_recorded_everybody_stands_as_itself(self):
        found = followed(*MERGED, basis="as_recorded")
        assert [found.always(name) for name in "ABC"] == ["A", "B", "C"]
        assert set(found.outcomes.values()) == {"followed"} and not found.followed

    def test_chains_are_followed_to_their_end(self):
        found = followed("A B name_change 2000-01-01", "B C merger 2005-01-01", "C D name_change 2010-01-01")
        assert [found.always(name) for name in "ABCD"] == ["D"] * 4

    def test_chains_within_one_day_are_legal(self):
        found = followed("B C name_change 2000-01-01", "A B name_change 2000-01-01")
        assert [found.always(name) for name in "ABC"] == ["C"] * 3

    def test_a_link_before_the_one_that_leads_there_is_not_followed(self):
        # A became B after B had become C: that was another B.
        found = followed("B C merger 2000-01-01", "A B merger 2005-01-01")
        assert found.always("A") == "B"
        assert (found.stands("B", "1999-12-31"), found.stands("B", "2004-12-31")) == ("C", "C")
        assert found.stands("B", "2005-01-01") == "B"

    def test_there_and_back_over_the_years(self):
        found = followed("A B name_change 2000-01-01", "B A name_change 2005-01-01")
        assert [found.always(name) for name in "AB"] == ["A", "A"]

    def test_without_links_there_is_nothing_to_follow(self):
        found = followed(rows=["A - - -"], more="B")
        assert [found.always(name) for name in "AB"] == ["A", "B"] and not found.outcomes
        assert succession_table(found.succession).schema.equals(succession_table(followed(*MERGED).succession).schema)

    def test_an_organisation_that_follows_itself_stays(self):
        found = followed("A A name_change 2000-01-01")
        assert found.always("A") == "A" and found.outcomes == {"A A": "followed"}


class TestLateRecords:
    def test_what_comes_late_goes_to_the_successor(self):
        assert followed("A B name_change 2000-01-01").stands("A", "2003-06-01") == "B"

    def test_unless_something_leads_there_again(self):
        found = followed("A B name_change 2000-01-01", "C A name_change 2002-01-01")
        assert [found.stands("A", day) for day in ("1999-12-31", "2001-12-31", "2002-01-01")] == ["B", "B", "A"]

    def test_or_a_row_begins(self):
        rows = ["A - 2000-01-01 -", "A 2002-01-01 - -"]
        found = followed("A B name_change 2000-01-01", rows=rows)
        assert [found.stands("A", day) for day in ("1999-12-31", "2001-12-31", "2002-01-01")] == ["B", "B", "A"]

    def test_a_row_that_takes_over_on_the_day_begins_again(self):
        rows = ["A - 2000-01-01 -", "A 2000-01-01 - -"]
        found = followed("A B merger 2000-01-01", rows=rows)
        assert [found.stands("A", day) for day in ("1999-12-31", "2000-01-01")] == ["B", "A"]

    def test_one_that_lived_a_day_does_not(self):
        found = followed("A B name_change 2000-01-01", "B C name_change 2000-01-01", rows=["B 2000-01-01 2000-01-02 -"])
        assert [found.always(name) for name in "AB"] == ["C", "C"]


class TestSplits:
    def test_whoever_goes_on_stays_itself_and_the_split_is_listed(self):
        found = followed("A B demerger 2000-01-01", rows=["A - 2010-01-01 -", "B 2000-01-01 - -"])
        assert found.always("A") == "A"
        assert found.outcomes == {"A B": "ambiguous"} and found.succession.ambiguous == 1

    @pytest.mark.parametrize(("end", "stands"), [("2000-02-01", "B"), ("2000-02-02", "A"), ("-", "A")])
    def test_a_register_closes_a_body_within_a_month(self, end, stands):
        # 31 days after 1 January is 1 February: whoever still is there on that day has outlived the demerger.
        assert followed("A B demerger 2000-01-01", rows=[f"A - {end} -"]).always("A") == stands

    def test_several_parts_are_ambiguous(self):
        found = followed(*SPLIT, rows=CLOSED)
        assert [found.always(name) for name in "ABC"] == ["A", "B", "C"]
        assert set(found.outcomes.values()) == {"ambiguous"}
        assert found.succession.ambiguous == 1, "two links, one split"
        (reason,) = found.succession.links.to_pylist()[0]["reasons"]
        assert reason.startswith("no rule says what A goes on as: it could be B or C;")

    def test_a_part_beside_a_merger_is_ambiguous(self):
        found = followed("A B demerger 2000-01-01", "A C merger 2000-01-01", rows=CLOSED)
        assert found.always("A") == "A" and set(found.outcomes.values()) == {"ambiguous"}

    @pytest.mark.parametrize("day", ["1999-12-20", "2000-01-01", "2000-01-20"])
    def test_a_name_shows_the_main_line(self, day):
        found = followed("A B name_change 2000-01-01", f"A C demerger {day}", rows=["A - 2000-01-25 -"])
        assert found.always("A") == "B"
        assert found.outcomes == {"A B": "followed", "A C": "split_off"}
        assert found.followed == ["A B"] and found.succession.ambiguous == 0

    def test_links_a_month_apart_are_two_events(self):
        found = followed("A C demerger 2000-01-01", "A B name_change 2000-02-02", rows=["A - 2000-02-02 -"])
        assert found.always("A") == "B"
        assert found.outcomes == {"A B": "followed", "A C": "ambiguous"}

    def test_two_mergers_are_ambiguous(self):
        assert set(followed("A B merger 2000-01-01", "A C merger 2000-01-01").outcomes.values()) == {"ambiguous"}


class TestTransfers:
    def test_functions_move_and_the_organisation_goes_on(self):
        found = followed("A B transfer 2000-01-01")
        assert found.always("A") == "A" and found.outcomes == {"A B": "functions_only"}
        assert found.succession.ambiguous == 0

    def test_one_that_is_closed_goes_where_all_its_functions_went(self):
        found = followed("A B transfer 2000-01-01", rows=["A - 2000-01-11 -"])
        assert found.always("A") == "B" and found.outcomes == {"A B": "followed"}

    def test_several_are_ambiguous(self):
        found = followed("A B transfer 2000-01-01", "A C transfer 2000-01-05", rows=["A - 2000-01-11 -"])
        assert found.always("A") == "A" and set(found.outcomes.values()) == {"ambiguous"}

    def test_beside_another_link_they_decide_nothing(self):
        found = followed("A B transfer 2000-01-01", "A C demerger 2000-01-01", rows=["A - 2000-01-11 -"])
        assert found.always("A") == "C" and found.outcomes == {"A B": "functions_only", "A C": "followed"}


class TestLinksOfRows:
    def test_a_row_names_its_successor(self):
        found = followed(rows=["A - 2000-01-01 B", "B - - -"])
        assert found.always("A") == "B" and found.outcomes == {"A B": "followed"}

    def test_the_same_link_twice_is_one(self):
        found = followed("A B name_change 2000-01-01", rows=["A - 2000-01-04 B"])
        (link,) = found.succession.links.to_pylist()
        assert (link["link_type"], str(link["link_date"])) == ("name_change", "2000-01-01")

    def test_one_without_a_day_is_listed(self):
        found = followed(rows=["A - - B", "B - - -"])
        assert found.always("A") == "A" and found.outcomes == {"A B": "undated"}

    def test_one_that_nobody_knows_is_listed(self):
        found = followed(rows=["A - 2000-01-01 Q"])
        assert found.always("A") == "A" and found.outcomes == {"A Q": "not_listed"}

    def test_of_rows_that_follow_on_one_another_the_last_counts(self):
        found = followed(rows=["A - 1995-01-01 B", "A 1995-01-01 2000-01-01 B", "B - - -"])
        (link,) = found.succession.links.to_pylist()
        assert str(link["link_date"]) == "2000-01-01" and found.always("A") == "B"


class TestCircles:
    def test_within_a_day_they_are_refused(self):
        (fault,) = refused(
            "A B name_change 2000-01-01", "B C merger 2000-01-01", "C A merger 2000-01-01", "D A merger 1990-01-01"
        )
        assert fault == (
            "organisation_links: A -> B -> C -> A on 2000-01-01: organisations follow on one another in a circle on one "
            "day, so that none of them is the last; expected each link on the day on which it took effect: correct a "
            "date, or take out the link that was undone"
        )

    def test_every_one_is_told(self):
        links = [f"{a} {b} merger {day}" for a, b, day in (("A", "B", "2000-01-01"), ("C", "D", "2001-01-01"))]
        back = [f"{b} {a} merger {day}" for a, b, day in (("A", "B", "2000-01-01"), ("C", "D", "2001-01-01"))]
        assert [fault.split(": ")[1] for fault in refused(*links, *back)] == [
            "A -> B -> A on 2000-01-01",
            "C -> D -> C on 2001-01-01",
        ]

    def test_backwards_too(self):
        (fault,) = refused("A B name_change 2000-01-01", "B A name_change 2000-01-01", basis=BACKWARD)
        assert "A -> B -> A on 2000-01-01" in fault

    def test_functions_may_go_round(self):
        assert followed("A B transfer 2000-01-01", "B A transfer 2000-01-01").always("A") == "A"


class TestBackwards:
    def test_a_name_change(self):
        found = followed("A B name_change 2000-01-01", basis=BACKWARD)
        assert [found.always(name) for name in "AB"] == ["A", "A"]

    def test_parts_of_a_demerger_came_from_the_whole(self):
        found = followed(*SPLIT, rows=CLOSED, basis=BACKWARD)
        assert [found.always(name) for name in "ABC"] == ["A", "A", "A"]
        assert set(found.outcomes.values()) == {"followed"} and found.succession.ambiguous == 0

    def test_a_merger_is_ambiguous_without_a_rule(self):
        rows = ["A - 2000-01-01 -", "B - 2000-01-01 -", "C 2000-01-01 - -"]
        found = followed(*MERGED, rows=rows, basis=BACKWARD)
        assert found.always("C") == "C" and set(found.outcomes.values()) == {"ambiguous"}
        (reason,) = found.succession.links.to_pylist()[0]["reasons"]
        assert reason.startswith("no rule says what C came from: it could be A or B;")
        rule = {"organisation": "C", "goes_on_as": "B"}
        assert followed(*MERGED, rows=rows, basis=BACKWARD, splits=[rule]).always("C") == "B"

    def test_one_taken_in_by_one_that_was_there_leaves_it_itself(self):
        found = followed("A B merger 2000-01-01", rows=["A - 2000-01-01 -", "B - - -"], basis=BACKWARD)
        assert found.always("B") == "B" and found.outcomes == {"A B": "ambiguous"}

    def test_days_on_the_way(self):
        # B was C's name until 2000; from 2005 it is another, that took A's place.
        links = ("B C name_change 2000-01-01", "A B name_change 2005-01-01")
        found = followed(*links, basis=BACKWARD)
        assert [found.stands("B", day) for day in ("1999-12-31", "2000-01-01", "2005-01-01")] == ["B", "A", "A"]
        assert found.always("C") == "B"


class TestRules:
    def test_a_rule_decides(self):
        found = followed(*SPLIT, rows=CLOSED, splits=[{"organisation": "A", "goes_on_as": "C"}])
        assert found.always("A") == "C" and found.succession.ambiguous == 0
        assert set(found.outcomes.values()) == {"by_rule"} and found.followed == ["A C"]

    def test_one_that_goes_on_may_stay_itself(self):
        found = followed(
            "A B demerger 2000-01-01", splits=[{"organisation": "A", "on": "2000-01-01", "goes_on_as": "A"}]
        )
        assert found.always("A") == "A" and found.outcomes == {"A B": "by_rule"} and not found.followed
        assert found.succession.ambiguous == 0

    def test_it_goes_before_the_name(self):
        links = ("A B name_change 2000-01-01", "A C demerger 2000-01-01")
        assert followed(*links, splits=[{"organisation": "A", "goes_on_as": "C"}]).always("A") == "C"

    def test_it_is_right_on_every_basis(self):
        rule = {"organisation": "A", "goes_on_as": "C"}
        for basis in ("as_recorded", BACKWARD):
            followed(*SPLIT, rows=CLOSED, splits=[rule], basis=basis)

    @pytest.mark.parametrize(
        ("rule", "fault"),
        [
            (
                {"organisation": "Leed", "goes_on_as": "B"},
                "found 'Leed', which is no organisation of the records; did you mean Leeds?",
            ),
            (
                {"organisation": "A", "goes_on_as": "Leed"},
                "found 'Leed', which is no organisation of the records; did you mean Leeds?",
            ),
            ({"organisation": "B", "goes_on_as": "A"}, "has no split: the records do not say that several"),
            (
                {"organisation": "A", "on": "2001-01-01", "goes_on_as": "B"},
                "has no split on 2001-01-01 (it has on: 2000-01-01)",
            ),
            ({"organisation": "A", "goes_on_as": "Leeds"}, "cannot go on as Leeds (it can as: B, C)"),
            ({"organisation": "A", "goes_on_as": "A"}, "cannot go on as A (it can as: B, C)"),
        ],
    )
    def test_what_is_not_there_is_refused(self, rule, fault):
        (said,) = refused(*SPLIT, rows=CLOSED, splits=[rule], more="Leeds")
        assert said.startswith(f"organisations.splits[1]: {rule['organisation']}: {fault}")

    def test_two_splits_need_the_day(self):
        links = ("A B demerger 2000-01-01", "A B demerger 2005-01-01")
        (said,) = refused(*links, splits=[{"organisation": "A", "goes_on_as": "B"}])
        assert "has several splits: add which is meant, such as `on: 2000-01-01`" in said
        rule = {"organisation": "A", "on": "2005-01-01", "goes_on_as": "B"}
        assert followed(*links, splits=[rule]).stands("A", "1990-01-01") == "B"

    def test_two_rules_that_differ_are_refused(self):
        rules = [{"organisation": "A", "goes_on_as": name} for name in "BC"]
        (said,) = refused(*SPLIT, rows=CLOSED, splits=rules)
        assert said == "organisations.splits[2]: A: another rule says that it goes on as B; keep one of them"

    def test_they_are_part_of_the_digest(self):
        plain = configured(FORWARD)
        assert configured(FORWARD, [{"organisation": "A", "goes_on_as": "B"}]).digest != plain.digest
        assert configured(BACKWARD).digest != plain.digest


NAMES = [f"O{number}" for number in range(7)]
DAYS = ["2000-01-01", "2000-01-20", "2003-01-01", "2007-01-01", "2007-01-02", "2012-01-01"]


@st.composite
def successions(draw):
    """Any links, those of one day leading from a lower number to a higher one only, and any rows."""
    links = set()
    for _ in range(draw(st.integers(0, 12))):
        one, other = sorted(draw(st.lists(st.sampled_from(NAMES), min_size=2, max_size=2, unique=True)))
        day, word = (
            draw(st.sampled_from(DAYS)),
            draw(st.sampled_from(["merger", "demerger", "name_change", "transfer"])),
        )
        # Years turn the order about, so that there are circles over time and none within a day (or its event).
        if int(day[:4]) in (2003, 2012):
            one, other = other, one
        links.add(f"{one} {other} {word} {day}")
    rows = []
    for name in draw(st.lists(st.sampled_from(NAMES), unique=True)):
        begins, ends = sorted(
            draw(st.lists(st.sampled_from(["1999-01-01", *DAYS]), min_size=2, max_size=2, unique=True))
        )
        rows.append(f"{name} {draw(st.sampled_from(['-', begins]))} {draw(st.sampled_from(['-', ends]))} -")
    return sorted(links), rows


class TestAnyLinks:
    @settings(max_examples=40, deadline=None, derandomize=True)
    @given(successions(), st.sampled_from([FORWARD, BACKWARD]))
    def test_every_organisation_stands_as_exactly_one_on_every_day(self, drawn, basis):
        records = recorded(*drawn, more=NAMES)
        pieces = find_succession(records, configured(basis)).pieces
        assert sorted(set(pieces.organisation.tolist())) == list(range(len(NAMES)))
        for number in range(len(NAMES)):
            mine = pieces.organisation == number
            begins, ends = pieces.from_day[mine].tolist(), pieces.until_day[mine].tolist()
            assert (begins[0], ends[-1]) == (-FOREVER, FOREVER)
            assert begins[1:] == ends[:-1] and all(one < other for one, other in pairwise(begins))
        # What anything stands as is final: at the end of time (or its beginning) it stands as itself.
        last = np.full(len(pieces.stands_as), FOREVER - 1 if basis == FORWARD else -FOREVER)
        assert (pieces.at(pieces.stands_as, last) == pieces.stands_as).all()

    @settings(max_examples=20, deadline=None, derandomize=True)
    @given(successions(), st.sampled_from([FORWARD, BACKWARD]))
    def test_restating_twice_changes_nothing(self, drawn, basis):
        records, config = recorded(*drawn, more=NAMES), configured(basis)
        once = restate(records, find_succession(records, config))
        again = restate(once, find_succession(once, config))
        assert {kind: table.to_pylist() for kind, table in again.tables.items()} == {
            kind: table.to_pylist() for kind, table in once.tables.items()
        }
        if once is not records:
            assert once.recorded is records and not once.tables[RecordKind.ORGANISATION_LINKS].num_rows

    @settings(max_examples=20, deadline=None, derandomize=True)
    @given(successions(), st.sampled_from([FORWARD, BACKWARD]), st.randoms())
    def test_the_order_of_links_does_not_matter(self, drawn, basis, chance):
        links, rows = drawn
        shuffled = chance.sample(links, len(links)), chance.sample(rows, len(rows))
        one, other = (find_succession(recorded(*each, more=NAMES), configured(basis)) for each in (drawn, shuffled))
        assert one.links.to_pylist() == other.links.to_pylist()
        assert all((a == b).all() for a, b in zip(vars(one.pieces).values(), vars(other.pieces).values(), strict=True))


@st.composite
def chains(draw):
    """At most one link out of each organisation on each of some far apart days, without a circle within a day."""
    days = ["2000-01-01", "2002-01-01", "2004-01-01", "2006-01-01"]
    links = {}
    for day in days:
        order = draw(st.permutations(NAMES))
        for place, name in enumerate(order[:-1]):
            if draw(st.integers(0, 2)) == 0:
                links[name, day] = draw(st.sampled_from(order[place + 1 :]))
    return links, days


def plainly(links, name, day):
    """What an organisation stands as on a day: one step after the other."""
    past = [when for who, when in links if who == name and when <= day]
    again = past and any(to == name and max(past) < when <= day for (_, when), to in links.items())
    coming = [when for who, when in links if who == name and when > day]
    if past and not again:
        when = max(past)
    elif coming:
        when = min(coming)
    else:
        return name
    while True:
        name = links[name, when]
        on_from_here = [later for who, later in links if who == name and later >= when]
        if not on_from_here:
            return name
        when = min(on_from_here)


class TestAgainstPlainSteps:
    @settings(max_examples=30, deadline=None, derandomize=True)
    @given(chains())
    def test_every_organisation_on_every_day(self, drawn):
        links, days = drawn
        found = followed(*(f"{one} {other} merger {day}" for (one, day), other in links.items()), more=" ".join(NAMES))
        for name in NAMES:
            for day in ("1999-12-31", *days, "2001-01-01", "2003-12-31", "2005-06-01", "2020-01-01"):
                assert found.stands(name, day) == plainly(links, name, day), (name, day)


class TestPieces:
    PIECES = Pieces.of(np.array([0, 0, 1, 2]), np.array([-FOREVER, 10, -FOREVER, -FOREVER]), np.array([1, 0, 1, 2]))

    def test_nobody_stays_nobody(self):
        assert self.PIECES.at(np.array([0, -1, 0, 2]), np.array([9, 9, 10, 10])).tolist() == [1, -1, 0, 2]

    def test_spells_are_cut_where_an_organisation_changes(self):
        # Row 0 is of organisations 0 and 1, row 1 of 0 after the day, row 2 of 2, row 3 of none, row 4 lasts no time.
        row, org = np.array([0, 0, 1, 2, 4]), np.array([0, 1, 0, 2, 0])
        start, end = np.array([5, 10, -FOREVER, 1, 10]), np.array([20, 12, FOREVER, 2, 10])
        rows, begins, ends = self.PIECES.cut(row, org, start, end)
        assert list(zip(rows.tolist(), begins.tolist(), ends.tolist(), strict=True)) == [
            (0, 5, 10),
            (0, 10, 20),
            (1, 10, 12),
            (2, -FOREVER, FOREVER),
            (3, 1, 2),
            (4, 10, 10),
        ]
