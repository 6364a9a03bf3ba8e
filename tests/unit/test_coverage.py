"""Coverage and rosters: which windows are known to be whole, and who existed when, from a few stated periods."""

import random
from datetime import date

import numpy as np
import pytest

from orgnet.records.coverage import coverage_rows, make_coverage
from orgnet.records.organisations import make_roster
from orgnet.vocabulary import RecordKind
from tests.feeds import MEETINGS, configure, read

YEAR = [f"2016-{month:02}-01" for month in range(1, 13)] + ["2017-01-01"]
SLICES = {"every": "quarter", "window": "6 months"}
HEAD = "source_id,record_kind,org_id,period_start,period_end,complete\n"


def covered(tmp_path, *rows, slices=SLICES, organisations="org_id\nA\nB\n"):
    """The coverage of the year's quarters, each with a window of six months, from rows of statements."""
    files = {"organisations.csv": organisations}
    if rows:
        files["coverage.csv"] = HEAD + "".join(f"s{n},{row}\n" for n, row in enumerate(rows))
    config = configure(tmp_path, files, slices=slices)
    records = read(tmp_path, files, slices=slices)
    return make_coverage(records, make_roster(records, config.calendar), config.calendar)


def meetings(tmp_path, *rows, **more):
    """Whether each quarter's window is whole for A's meetings, and for B's."""
    return [
        "".join(".X"[int(w)] for w in windows) for windows in covered(tmp_path, *rows, **more).of(RecordKind.MEETINGS)
    ]


class TestWholeWindows:
    def test_a_window_is_whole_if_all_its_days_are_covered(self, tmp_path):
        # The windows are January to March (cut where the period begins), January to June, April to September,
        # July to December.
        assert meetings(tmp_path, "meetings,A,2016-01-01,2017-01-01,true") == ["XXXX", "...."]
        assert meetings(tmp_path, "meetings,A,2016-01-01,2016-07-01,true") == ["XX..", "...."]
        assert meetings(tmp_path, "meetings,A,2016-01-01,2016-06-30,true") == ["X...", "...."]
        assert meetings(tmp_path, "meetings,A,2016-01-02,2016-10-01,true") == ["..X.", "...."]

    def test_periods_may_touch_or_overlap(self, tmp_path):
        rows = ("meetings,A,2016-01-01,2016-04-01,true", "meetings,A,2016-04-01,2016-12-01,true")
        assert meetings(tmp_path, *rows) == ["XXX.", "...."]
        assert meetings(tmp_path, *rows, "meetings,A,2016-02-01,2017-01-01,true") == ["XXXX", "...."]

    def test_a_gap_of_a_day_is_a_gap(self, tmp_path):
        rows = ("meetings,A,2016-01-01,2016-05-15,true", "meetings,A,2016-05-16,2017-01-01,true")
        assert meetings(tmp_path, *rows) == ["X..X", "...."]

    def test_what_is_stated_incomplete_is_not_whole_whatever_else_is_said(self, tmp_path):
        whole = "meetings,A,2016-01-01,2017-01-01,true"
        assert meetings(tmp_path, whole, "meetings,A,2016-08-01,2016-08-02,false") == ["XX..", "...."]
        assert meetings(tmp_path, "meetings,A,2016-08-01,2016-08-02,false", whole, whole) == ["XX..", "...."]
        assert meetings(tmp_path, whole, "meetings,,2016-01-01,2016-01-02,false") == ["..XX", "...."]

    def test_unknown_takes_nothing_away(self, tmp_path):
        rows = ("meetings,A,2016-01-01,2017-01-01,true", "meetings,A,2016-02-01,2016-03-01,unknown")
        assert meetings(tmp_path, *rows) == ["XXXX", "...."]

    def test_a_statement_without_an_organisation_is_about_all(self, tmp_path):
        assert meetings(tmp_path, "meetings,,2016-01-01,2017-01-01,true") == ["XXXX", "XXXX"]
        rows = ("meetings,,2016-01-01,2016-07-01,true", "meetings,B,2016-07-01,2017-01-01,true")
        assert meetings(tmp_path, *rows) == ["XX..", "XXXX"]

    def test_it_may_reach_beyond_the_period(self, tmp_path):
        assert meetings(tmp_path, "meetings,B,1999-01-01,2030-01-01,true") == ["....", "XXXX"]

    def test_a_period_of_no_days_says_nothing(self, tmp_path):
        rows = ("meetings,A,2016-01-01,2017-01-01,true", "meetings,A,2016-02-01,2016-02-01,false")
        assert meetings(tmp_path, *rows) == ["XXXX", "...."]

    @pytest.mark.parametrize("seed", range(20))
    def test_day_by_day(self, tmp_path, seed):
        rng = random.Random(seed)
        days = [date(2015, 12, 1).toordinal() + n for n in range(430)]
        rows, said = [], {True: set(), False: set()}
        for _ in range(rng.randrange(1, 8)):
            start, end = sorted(rng.sample(days, 2))
            org, word = rng.choice(["A", "B", ""]), rng.random() < 0.8
            rows.append(f"meetings,{org},{date.fromordinal(start)},{date.fromordinal(end)},{str(word).lower()}")
            said[word] |= {(name, day) for name in (org or "AB") for day in range(start, end)}
        slices = {"every": rng.choice(["month", "quarter", "2 weeks"]), "window": rng.choice(["1 month", "60 days"])}
        found = meetings(tmp_path, *rows, slices=slices)
        config = configure(tmp_path, {"organisations.csv": "org_id\nA\nB\n"}, slices=slices)
        for org, windows in zip("AB", found, strict=True):
            for window, each in zip(windows, config.calendar.slices, strict=True):
                days = range(each.window_start.toordinal(), each.end.toordinal())
                whole = all((org, day) in said[True] and (org, day) not in said[False] for day in days)
                assert (window == "X") == whole, (org, each)


class TestUnknown:
    def test_without_any_statement_nothing_is_known(self, tmp_path):
        coverage = covered(tmp_path)
        assert coverage.whole == {}
        assert not coverage.of(RecordKind.MEETINGS).any()
        assert np.isnan(coverage.share(RecordKind.MEETINGS, np.ones((2, 4), dtype=bool))).all()

    def test_a_kind_that_nothing_is_said_of_is_unknown(self, tmp_path):
        coverage = covered(tmp_path, "meetings,A,2016-01-01,2017-01-01,false")
        assert set(coverage.whole) == {RecordKind.MEETINGS}
        assert not coverage.of(RecordKind.REFERRALS).any()

    @pytest.mark.parametrize("word", ["unknown", ""])
    def test_and_so_is_one_that_is_stated_unknown(self, tmp_path, word):
        assert covered(tmp_path, f"meetings,A,2016-01-01,2017-01-01,{word}").whole == {}

    def test_the_share_of_organisations_that_are_covered(self, tmp_path):
        coverage = covered(tmp_path, "meetings,A,2016-01-01,2016-07-01,true")
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
        config = configure(tmp_path, given, slices=SLICES)
        return make_roster(read(tmp_path, given, slices=SLICES), config.calendar)

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
