"""Dates and times as sources write them, and the local clock: what is read, and what nobody could read."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from orgnet.records.zone import ZoneSql, changes
from orgnet.vocabulary import RecordKind
from tests.feeds import Aside, accepted, aside, column, faults, read

LONDON = ZoneInfo("Europe/London")


def seconds(text: str, zone: ZoneInfo = LONDON) -> int:
    """Seconds since 1970 of a wall-clock time, by Python's own zones."""
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp())


def referrals(tmp_path, *given, **source):
    """A good referral, then one for each date; the dates of those that were read, and the rows put aside."""
    rows = "".join(f'"{day}",A,B\n' for day in ("2016-12-31", *given))
    said = {"referrals": {"path": "referrals.csv", **source}}
    records = read(tmp_path, {"referrals.csv": "date,from_org,to_org\n" + rows}, said)
    return [str(day) for day in column(records, "referrals", "date")][:-1], aside(records)


def meetings(tmp_path, *given, zone="Europe/London", **source):
    """A good meeting, then one for each start; the starts of those that were read (day, seconds), the rows put "
    "aside."""
    rows = "".join(f'm{n},"{start}"\n' for n, start in enumerate(("2016-12-31T12:00", *given)))
    said = {"meetings": {"path": "meetings.csv", **source}}
    records = read(tmp_path, {"meetings.csv": "meeting_id,start\n" + rows}, said, timezone=zone)
    return [(str(row["start_day"]), row["start"]) for row in accepted(records, "meetings")][:-1], aside(records)


class TestDays:
    def test_iso(self, tmp_path):
        given = ["2016-03-04", " 2016-03-04 ", "2016-03-04T23:59", "2016-03-04 00:00:00", "2016-03-04T09:00:00.500"]
        assert referrals(tmp_path, *given) == (["2016-03-04"] * 5, [])

    def test_no_day(self, tmp_path):
        given = ["2016-02-30", "2015-02-29", "2016-3-4", "20160304", "42433", "yesterday", "2016-03-04Z", "2016/03/04"]
        assert referrals(tmp_path, *given) == (
            [],
            [
                Aside(row, "date", "impossible_date", f"found '{day}', expected a day that exists, such as 2016-03-04")
                for row, day in enumerate(given, 2)
            ],
        )

    def test_day_or_month_first_is_never_guessed(self, tmp_path):
        given = ["03/04/2016", "3.4.16", "25-12-2016", "03/04/2016 09:00"]
        days, put_aside = referrals(tmp_path, *given)
        assert days == []
        assert [(row.row, row.reason) for row in put_aside] == [(row, "ambiguous_date") for row in (2, 3, 4, 5)]
        for day, row in zip(given, put_aside, strict=True):
            assert f"found '{day}': it does not say which is the day" in row.message

    @pytest.mark.parametrize(
        ("date_format", "given"),
        [
            ("%d/%m/%Y", "03/04/2016"),
            ("%m/%d/%Y", "4/3/2016"),
            ("%d.%m.%y", "3.4.16"),
            ("%d %B %Y", "3 April 2016"),
            ("%Y%m%d", "20160403"),
            ("%d/%m/%Y", "2016-04-03"),
            ("%d/%m/%Y %H:%M", "03/04/2016 23:30"),
            ("%d/%m/%Y", "03/04/2016 23:30"),
        ],
    )
    def test_the_source_may_say_how(self, tmp_path, date_format, given):
        assert referrals(tmp_path, given, date_format=date_format) == (["2016-04-03"], [])

    def test_a_day_that_is_not_written_so(self, tmp_path):
        given = ["31/02/2016", "03/04/16", "03/04/2016 9h", "4/31/2016"]
        said = "expected a day that exists, written as `date_format` says, %d/%m/%Y, or as 2016-03-04"
        assert referrals(tmp_path, *given, date_format="%d/%m/%Y") == (
            [],
            [Aside(row, "date", "impossible_date", f"found '{day}', {said}") for row, day in enumerate(given, 2)],
        )

    def test_a_moment_counts_on_its_local_day(self, tmp_path):
        given = ["2016-07-01T23:30Z", "2016-07-02T04:00+04:30", "2016-07-02 00:15", "2016-07-01T20:00:00-0330"]
        assert referrals(tmp_path, *given) == (["2016-07-02"] * 4, [])


class TestTimes:
    def test_a_wall_clock_is_the_networks(self, tmp_path):
        found, put_aside = meetings(tmp_path, "2016-03-04T09:00", "2016-07-04 09:00:30")
        assert put_aside == []
        assert found == [
            ("2016-03-04", seconds("2016-03-04T09:00")),
            ("2016-07-04", seconds("2016-07-04T09:00:30")),
        ]

    def test_an_offset_is_heeded(self, tmp_path):
        given = ["2016-03-04T09:00:00+01:00", "2016-03-04T08:00Z", "2016-03-04 08:00:00 +00", "2016-03-04T03:30-0430"]
        assert meetings(tmp_path, *given) == ([("2016-03-04", seconds("2016-03-04T08:00"))] * 4, [])

    def test_a_day_alone_is_no_time(self, tmp_path):
        assert meetings(tmp_path, "2016-03-04") == ([("2016-03-04", None)], [])

    def test_a_meeting_counts_on_its_local_day(self, tmp_path):
        # Half past midnight in London is still the day before in UTC.
        found, _ = meetings(tmp_path, "2016-07-02T00:30", "2016-08-01T23:30Z")
        assert found == [("2016-07-02", seconds("2016-07-02T00:30")), ("2016-08-02", seconds("2016-08-02T00:30"))]
        assert datetime.fromtimestamp(found[0][1], UTC).date() == date(2016, 7, 1)

    def test_the_hour_that_the_clocks_skip(self, tmp_path):
        given = ["2016-03-27T01:00", "2016-03-27T01:30", "2016-03-27 01:59:59"]
        said = "a time that never was in Europe/London: the clocks went forward over it"
        assert meetings(tmp_path, *given) == (
            [],
            [Aside(row, "start", "impossible_date", f"found '{at}', {said}") for row, at in enumerate(given, 2)],
        )

    def test_the_hour_that_the_clocks_repeat(self, tmp_path):
        given = ["2016-10-30T01:00", "2016-10-30T01:30", "2016-10-30 01:59:59"]
        said = (
            "a time that was there twice in Europe/London: the clocks went back over it; add the offset from UTC, such "
            "as +01:00"
        )
        assert meetings(tmp_path, *given) == (
            [],
            [Aside(row, "start", "ambiguous_date", f"found '{at}', {said}") for row, at in enumerate(given, 2)],
        )

    def test_the_hours_beside_them_are_as_any_other(self, tmp_path):
        given = ["2016-03-27T00:59:59", "2016-03-27T02:00", "2016-10-30T00:59:59", "2016-10-30T02:00"]
        assert meetings(tmp_path, *given) == ([(at[:10], seconds(at)) for at in given], [])

    def test_with_an_offset_the_repeated_hour_is_clear(self, tmp_path):
        found, put_aside = meetings(tmp_path, "2016-10-30T01:30+01:00", "2016-10-30T01:30+00:00")
        assert put_aside == []
        first = int(datetime(2016, 10, 30, 0, 30, tzinfo=UTC).timestamp())
        assert found == [("2016-10-30", first), ("2016-10-30", first + 3600)]

    def test_other_clocks(self, tmp_path):
        found, put_aside = meetings(tmp_path, "2016-01-04T09:00", "2016-07-04T09:00", zone="Australia/Lord_Howe")
        zone = ZoneInfo("Australia/Lord_Howe")
        assert [at for _, at in found] == [seconds("2016-01-04T09:00", zone), seconds("2016-07-04T09:00", zone)]
        assert put_aside == []

    def test_a_meeting_keeps_its_length_whatever_the_clocks_do(self, tmp_path):
        rows = [f"{day},{day}T09:00,{day}T10:30\n" for day in ("2016-03-26", "2016-03-28", "2016-10-31")]
        records = read(tmp_path, {"meetings.csv": "meeting_id,start,end\n" + "".join(rows)})
        assert [row["end"] - row["start"] for row in accepted(records, "meetings")] == [5400] * 3

    @pytest.mark.parametrize(
        ("date_format", "given", "time"),
        [
            ("%d/%m/%Y %H:%M", "04/07/2016 09:00", "09:00"),
            ("%m/%d/%y, %I:%M:%S %p", "7/4/16, 1:47:45 PM", "13:47:45"),
            ("%d %B %Y", "4 July 2016", None),
            ("%d/%m/%Y", "04/07/2016", None),
            ("%d/%m/%Y", "04/07/2016 9:05", "09:05"),
            ("%d/%m/%Y", "04/07/2016 13:47:45", "13:47:45"),
            ("%d/%m/%Y %H:%M", "2016-07-04", None),
        ],
    )
    def test_the_source_may_say_how(self, tmp_path, date_format, given, time):
        found, put_aside = meetings(tmp_path, given, date_format=date_format)
        assert put_aside == []
        assert found == [("2016-07-04", seconds(f"2016-07-04T{time}") if time else None)]

    def test_a_format_may_have_an_offset(self, tmp_path):
        found, _ = meetings(tmp_path, "04/07/2016 10:00 +0200", date_format="%d/%m/%Y %H:%M %z")
        assert found == [("2016-07-04", seconds("2016-07-04T09:00"))]


class TestTypedColumns:
    """Parquet says by itself what is a date, a time, or a time with a zone."""

    def read(self, tmp_path, starts, kind):
        table = pa.table({"meeting_id": [f"m{n}" for n in range(len(starts))], "start": pa.array(starts, kind)})
        pq.write_table(table, tmp_path / "meetings.parquet")
        return read(tmp_path, {}, {"meetings": {"path": "meetings.parquet"}})

    def test_dates(self, tmp_path):
        (row,) = accepted(self.read(tmp_path, [date(2016, 7, 4)], pa.date32()), "meetings")
        assert (str(row["start_day"]), row["start"]) == ("2016-07-04", None)

    @pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
    def test_times_on_the_wall(self, tmp_path, unit):
        (row,) = accepted(self.read(tmp_path, [datetime(2016, 7, 4, 0, 30)], pa.timestamp(unit)), "meetings")
        assert (str(row["start_day"]), row["start"]) == ("2016-07-04", seconds("2016-07-04T00:30"))

    @pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo"])
    def test_times_with_a_zone(self, tmp_path, zone):
        (row,) = accepted(
            self.read(tmp_path, [datetime(2016, 7, 3, 23, 30, tzinfo=UTC)], pa.timestamp("us", zone)), "meetings"
        )
        assert (str(row["start_day"]), row["start"]) == ("2016-07-04", seconds("2016-07-04T00:30"))

    def test_a_fraction_of_a_second_is_dropped_not_rounded(self, tmp_path):
        late = datetime(2016, 7, 3, 23, 59, 59, 900_000)
        (row,) = accepted(self.read(tmp_path, [late], pa.timestamp("us")), "meetings")
        assert (str(row["start_day"]), row["start"]) == ("2016-07-03", seconds("2016-07-03T23:59:59"))

    def test_nulls_and_the_skipped_hour(self, tmp_path):
        starts = [None, datetime(2016, 3, 27, 1, 30), datetime(2016, 7, 4, 9)]
        records = self.read(tmp_path, starts, pa.timestamp("us"))
        assert [(row.row, row.reason) for row in aside(records)] == [(1, "missing_key"), (2, "impossible_date")]
        assert records.tables[RecordKind.MEETINGS].num_rows == 1

    def test_what_zone_this_computer_is_in_does_not_matter(self, tmp_path, monkeypatch):
        monkeypatch.setenv("TZ", "America/New_York")
        starts = [datetime(2016, 7, 3, 23, 30, tzinfo=UTC)]
        table = pa.table({"begun": pa.array(starts, pa.timestamp("us", "UTC")), "meeting_id": ["m"]})
        pq.write_table(table, tmp_path / "meetings.parquet")
        source = {"path": "meetings.parquet", "derive": {"start": "CAST(begun AS DATE)"}}
        (row,) = accepted(read(tmp_path, {}, {"meetings": source}), "meetings")
        assert str(row["start_day"]) == "2016-07-04"


class TestOrder:
    def test_by_the_second_where_both_times_are_known(self, tmp_path):
        rows = "m1,2016-03-04T09:00,2016-03-04T10:00\nm2,2016-03-04T09:00,2016-03-04T08:59\n"
        records = read(tmp_path, {"meetings.csv": "meeting_id,start,end\n" + rows})
        message = "end is before start: '2016-03-04T08:59 is before 2016-03-04T09:00'; correct one of them"
        assert aside(records) == [Aside(2, "end", "end_before_start", message)]

    def test_by_the_day_where_one_is_a_day(self, tmp_path):
        rows = "m1,2016-03-04T09:00,2016-03-04\nm2,2016-03-04T09:00,2016-03-03\n"
        records = read(tmp_path, {"meetings.csv": "meeting_id,start,end\n" + rows})
        assert [(row.row, row.reason) for row in aside(records)] == [(2, "end_before_start")]

    def test_the_clock_goes_back_but_not_time(self, tmp_path):
        # From 01:50 summer time to 01:10 winter time are twenty minutes.
        rows = "m1,2016-10-30T01:50+01:00,2016-10-30T01:10+00:00\n"
        records = read(tmp_path, {"meetings.csv": "meeting_id,start,end\n" + rows})
        (row,) = accepted(records, "meetings")
        assert row["end"] - row["start"] == 20 * 60


class TestPeriod:
    def test_an_event_on_the_first_day_is_in_and_on_the_day_after_the_last_is_out(self, tmp_path):
        days, put_aside = referrals(tmp_path, "2015-12-31", "2016-01-01", "2017-01-01")
        assert days == ["2016-01-01"]
        assert [(row.row, row.reason) for row in put_aside] == [(2, "outside_period"), (4, "outside_period")]

    def test_the_local_day_decides(self, tmp_path):
        rows = "a,2016-06-30T22:59Z\nb,2016-06-30T23:00Z\n"
        period = {"start": date(2016, 7, 1), "end": date(2017, 1, 1)}
        records = read(tmp_path, {"meetings.csv": "meeting_id,start\n" + rows}, period=period)
        assert [(row.row, row.reason) for row in aside(records)] == [(1, "outside_period")]

    def test_a_spell_is_out_if_it_shares_no_day_with_the_period(self, tmp_path):
        spells = [
            ("2015-01-01", "2016-01-01", False),
            ("2015-01-01", "2016-01-02", True),
            ("2016-12-31", "", True),
            ("2017-01-01", "", False),
            ("2015-01-01", "", True),
        ]
        rows = "".join(f"p,chair{n},{start},{end}\n" for n, (start, end, _) in enumerate(spells))
        records = read(tmp_path, {"lead_roles.csv": "person_id,body_id,start,end\n" + rows})
        kept = {row["body_id"] for row in accepted(records, "lead_roles")}
        assert kept == {f"chair{n}" for n, (_, _, inside) in enumerate(spells) if inside}

    def test_posts_before_the_period_are_background_and_stay(self, tmp_path):
        records = read(tmp_path, {"people.csv": "person_id,org_id,start,end\nann,A,1999-01-01,2001-01-01\n"})
        assert aside(records) == []

    def test_a_source_wholly_outside_the_period_is_a_fault(self, tmp_path):
        (fault,) = faults(tmp_path, {"referrals.csv": "date,from_org,to_org\n2013-01-01,A,B\n2014-01-01,A,B\n"})
        assert fault == (
            "referrals: referrals.csv: none of its 2 rows can be used (2 outside_period in date); row 1, for one: "
            "found "
            "'9999-99-99' (any digit shown as 9, any letter as A), which is outside the period: 2016-01-01 up to, not "
            "including, 2017-01-01"
        )


@pytest.mark.parametrize("name", ["Europe/London", "UTC", "Asia/Kathmandu", "Australia/Lord_Howe", "Africa/Casablanca"])
def test_the_clock_in_sql_is_pythons_own(name):
    zone = ZoneInfo(name)
    clock = ZoneSql.of(zone, 2014, 2019)
    start = datetime(2014, 1, 1, tzinfo=UTC)
    moments = [int((start + timedelta(minutes=15 * n)).timestamp()) for n in range(0, 6 * 365 * 96, 7)]
    moments += [change.at + near for change in clock.changes for near in (-1, 0, 1)]
    wall = [datetime.fromtimestamp(at, UTC).astimezone(zone).replace(tzinfo=None) for at in moments]
    local = [int(at.replace(tzinfo=UTC).timestamp()) for at in wall]
    twice = [at.replace(tzinfo=zone, fold=0).utcoffset() != at.replace(tzinfo=zone, fold=1).utcoffset() for at in wall]
    con = duckdb.connect()
    con.register("moments", pa.table({"utc": moments, "wall": local}))
    rows = con.execute(
        f"SELECT {clock.to_local('utc')}, {clock.to_utc('wall')}, {clock.repeated('wall')}, {clock.skipped('wall')} "
        "FROM moments"
    ).fetchall()
    assert [row[0] for row in rows] == local
    assert [row[2] for row in rows] == twice
    assert not any(row[3] for row in rows)
    assert [row[1] for row, again in zip(rows, twice, strict=True) if not again] == [
        at for at, again in zip(moments, twice, strict=True) if not again
    ]


def test_the_changes_of_a_clock():
    found = changes(LONDON, 2016, 2016)
    assert [(datetime.fromtimestamp(c.at, UTC).isoformat(), c.before, c.after) for c in found] == [
        ("2016-03-27T01:00:00+00:00", 0, 3600),
        ("2016-10-30T01:00:00+00:00", 3600, 0),
    ]


@pytest.mark.parametrize("period", [("0001-01-01", "0002-01-01"), ("9990-01-01", "9999-12-31")])
def test_the_first_and_the_last_of_years(tmp_path, period):
    start, end = map(date.fromisoformat, period)
    content = f"date,from_org,to_org\n{start.isoformat()},A,B\n"
    records = read(tmp_path, {"referrals.csv": content}, period={"start": start, "end": end})
    assert column(records, "referrals", "date") == [start]
