"""Coverage and rosters: which windows are known to be whole, and who existed when, from a few stated periods."""

import random
from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from orgnet.records.coverage import coverage_rows, make_coverage
from orgnet.records.organisations import make_roster
from orgnet.records.read import Records
from orgnet.vocabulary import RecordKind
from orgnet.windows import Calendar, parse_step
from tests.feeds import MEETINGS, configure, read

NAMES = ["A", "B"]
QUARTERS = {"every": "quarter", "window": "6 months"}


def stated(*rows):
    """Coverage records as reading them leaves them, from rows of kind, organisation, first day, day after, complete."""
    values = [[value or None for value in row.split(",")] for row in rows]
    kind, org, start, end, complete = zip(*values, strict=True) if values else ((),) * 5
    table = pa.table(
        {
            "source_id": pa.nulls(len(rows), pa.string()),
            "org_id": pa.array([NAMES.index(name) if name else None for name in org], pa.int32()),
            "record_kind": pa.array(kind, pa.string()),
            "period_start": pa.array([date.fromisoformat(day) for day in start], pa.date32()),
            "period_end": pa.array([date.fromisoformat(day) for day in end], pa.date32()),
            "complete": pa.array(complete, pa.string()),
        }
    )
    return Records(NAMES, 0, {RecordKind.COVERAGE: table}, pa.table({}), {RecordKind.COVERAGE: len(rows)}, [], None)


def calendar(every, window):
    return Calendar.make(date(2016, 1, 1), date(2017, 1, 1), parse_step(every), parse_step(window))


def covered(*rows, slices=QUARTERS):
    """The coverage of the year's slices, each with its window, from rows of statements."""
    records, year = stated(*rows), calendar(**slices)
    return make_coverage(records, make_roster(records, year), year)


def meetings(*rows, **more):
    """Whether each quarter's window is whole for A's meetings, and for B's."""
    return ["".join(".X"[int(w)] for w in windows) for windows in covered(*rows, **more).of(RecordKind.MEETINGS)]


class TestWholeWindows:
    def test_a_window_is_whole_if_all_its_days_are_covered(self):
        # The windows are January to March (cut where the period begins), January to June, April to September,
        # July to December.
        assert meetings("meetings,A,2016-01-01,2017-01-01,true") == ["XXXX", "...."]
        assert meetings("meetings,A,2016-01-01,2016-07-01,true") == ["XX..", "...."]
        assert meetings("meetings,A,2016-01-01,2016-06-30,true") == ["X...", "...."]
        assert meetings("meetings,A,2016-01-02,2016-10-01,true") == ["..X.", "...."]

    def test_periods_may_touch_or_overlap(self):
        rows = ("meetings,A,2016-01-01,2016-04-01,true", "meetings,A,2016-04-01,2016-12-01,true")
        assert meetings(*rows) == ["XXX.", "...."]
        assert meetings(*rows, "meetings,A,2016-02-01,2017-01-01,true") == ["XXXX", "...."]

    def test_a_gap_of_a_day_is_a_gap(self):
        rows = ("meetings,A,2016-01-01,2016-05-15,true", "meetings,A,2016-05-16,2017-01-01,true")
        assert meetings(*rows) == ["X..X", "...."]

    def test_what_is_stated_incomplete_is_not_whole_whatever_else_is_said(self):
        whole = "meetings,A,2016-01-01,2017-01-01,true"
        assert meetings(whole, "meetings,A,2016-08-01,2016-08-02,false") == ["XX..", "...."]
        assert meetings("meetings,A,2016-08-01,2016-08-02,false", whole, whole) == ["XX..", "...."]
        assert meetings(whole, "meetings,,2016-01-01,2016-01-02,false") == ["..XX", "...."]

    def test_unknown_takes_nothing_away(self):
        rows = ("meetings,A,2016-01-01,2017-01-01,true", "meetings,A,2016-02-01,2016-03-01,unknown")
        assert meetings(*rows) == ["XXXX", "...."]

    def test_a_statement_without_an_organisation_is_about_all(self):
        assert meetings("meetings,,2016-01-01,2017-01-01,true") == ["XXXX", "XXXX"]
        rows = ("meetings,,2016-01-01,2016-07-01,true", "meetings,B,2016-07-01,2017-01-01,true")
        assert meetings(*rows) == ["XX..", "XXXX"]

    def test_it_may_reach_beyond_the_period(self):
        assert meetings("meetings,B,1999-01-01,2030-01-01,true") == ["....", "XXXX"]

    def test_a_period_of_no_days_says_nothing(self):
        rows = ("meetings,A,2016-01-01,2017-01-01,true", "meetings,A,2016-02-01,2016-02-01,false")
        assert meetings(*rows) == ["XXXX", "...."]

    @pytest.mark.parametrize("seed", range(20))
    def test_day_by_day(self, seed):
        rng = random.Random(seed)
        days = [date(2015, 12, 1).toordinal() + n for n in range(430)]
        rows, said = [], {True: set(), False: set()}
        for _ in range(rng.randrange(1, 8)):
            start, end = sorted(rng.sample(days, 2))
            org, word = rng.choice(["A", "B", ""]), rng.random() < 0.8
            rows.append(f"meetings,{org},{date.fromordinal(start)},{date.fromordinal(end)},{str(word).lower()}")
            said[word] |= {(name, day) for name in (org or "AB") for day in range(start, end)}
        slices = {"every": rng.choice(["month", "quarter", "2 weeks"]), "window": rng.choice(["1 month", "60 days"])}
        found = meetings(*rows, slices=slices)
        for org, windows in zip("AB", found, strict=True):
            for window, each in zip(windows, calendar(**slices).slices, strict=True):
                days = range(each.window_start.toordinal(), each.end.toordinal())
                whole = all((org, day) in said[True] and (org, day) not in said[False] for day in days)
                assert (window == "X") == whole, (org, each)


class TestUnknown:
    def test_without_any_statement_nothing_is_known(self):
        coverage = covered()
        assert coverage.whole == {}
        assert not coverage.of(RecordKind.MEETINGS).any()
        assert np.isnan(coverage.share(RecordKind.MEETINGS, np.ones((2, 4), dtype=bool))).all()

    def test_a_kind_that_nothing_is_said_of_is_unknown(self):
        coverage = covered("meetings,A,2016-01-01,2017-01-01,false")
        assert set(coverage.whole) == {RecordKind.MEETINGS}
        assert not coverage.of(RecordKind.REFERRALS).any()

    @pytest.mark.parametrize("word", ["unknown", ""])
    def test_and_so_is_one_that_is_stated_unknown(self, word):
        assert covered(f"meetings,A,2016-01-01,2017-01-01,{word}").whole == {}

    def test_the_share_of_organisations_that_are_covered(self):
        coverage = covered("meetings,A,2016-01-01,2016-07-01,true")
        members = np.array([[True, True, True, False], [False, True, False, False]])
        share = coverage.share(RecordKind.MEETINGS, members)
        assert share[:3].tolist() == [1.0, 0.5, 0.0]
        assert np.isnan(share[3])


class TestRows:
    def test_what_was_stated_and_which_files_nothing_was_said_of(self, tmp_path):
        files = {
            "organisations.csv": "org_id\nA\n",
            "feeds/a.csv": MEETINGS,
            "feeds/b.csv": "meeting_id,start\nm3,2016-05-05\n",
            "referrals.csv": "date,from_org,to_org\n2016-02-03,A,A\n",
            "coverage.csv": "source_id,org_id,record_kind,period_start,period_end,expected_n,received_n,complete\n"
            "pas,A,referrals,2016-01-01,2017-01-01,10,9,false\n,,organisations,2016-01-01,2017-01-01,,,\n",
        }
        rows = coverage_rows(read(tmp_path, files, {"meetings": {"path": "feeds/*.csv"}}))
        period = {"period_start": date(2016, 1, 1), "period_end": date(2017, 1, 1)}
        none = {"organisation_id": None, "expected_n": None, "received_n": None, "complete": "unknown"}
        unstated = none | {"period_start": None, "period_end": None, "record_kind": "meetings"}
        assert sorted(rows, key=lambda row: str(row["source"])) == [
            none | period | {"source": "", "record_kind": "organisations"},
            unstated | {"source": "feeds/a.csv", "received_n": 2},
            unstated | {"source": "feeds/b.csv", "received_n": 1},
            period
            | {"source": "pas", "record_kind": "referrals", "organisation_id": "A"}
            | {"expected_n": 10, "received_n": 9, "complete": "false"},
        ]


class TestRoster:
    def roster(self, tmp_path, organisations, **files):
        given = {f"{name}.csv": content for name, content in files.items()}
        if organisations:
            given["organisations.csv"] = organisations
        config = configure(tmp_path, given, slices=QUARTERS)
        return make_roster(read(tmp_path, given, slices=QUARTERS), config.calendar)

    def test_an_organisation_is_on_a_slices_roster_if_it_shares_a_day_with_it(self, tmp_path):
        rows = "A,,\nB,2016-03-31,2016-07-01\nC,2016-04-01,2016-07-02\nD,2017-01-01,\nE,,2016-01-01\n"
        roster = self.roster(tmp_path, "org_id,valid_from,valid_to\n" + rows)
        assert roster.present.astype(int).tolist() == [[1, 1, 1, 1], [1, 1, 0, 0], [0, 1, 1, 0], [0] * 4, [0] * 4]
        assert roster.constant.tolist() == [0]
        assert roster.on(1).tolist() == [0, 1, 2]
        assert roster.stated

    def test_kinds_and_roles_hold_while_their_row_does(self, tmp_path):
        rows = "A,provider,local,,2016-07-01\nA,provider,specialist,2016-07-01,\nB,network_body,core_agency,,\n"
        roster = self.roster(tmp_path, "org_id,kind,role,valid_from,valid_to\n" + rows + "C,university,,,\nD,,,,\n")
        assert roster.provider[:, 0].tolist() == [True, False, False, True]
        assert roster.specialist.astype(int).tolist() == [[0, 0, 1, 1]] + [[0] * 4] * 3
        assert roster.core_agency[:, 3].tolist() == roster.network_body[:, 3].tolist() == [False, True, False, False]

    def test_without_a_column_of_kinds_all_are_providers(self, tmp_path):
        assert self.roster(tmp_path, "org_id\nA\nB\n").provider.all()

    def test_organisations_that_were_not_supplied_exist_throughout(self, tmp_path):
        roster = self.roster(tmp_path, "", referrals="date,from_org,to_org\n2016-02-03,B,A\n")
        assert roster.names == ["A", "B"]
        assert roster.present.all() and roster.provider.all()
        assert not roster.stated
