"""Golden vectors at and around changes of the clock (AVAIL-5), whatever zone the machine is in.

A time of the wall clock means the first instant at which the clock shows it or a later one; from an opening
on, the grid and every duration are real minutes.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from holdfast.domain.availability import Reason, verdict
from holdfast.domain.closures import Closure
from holdfast.domain.instants import DAY, HOUR, MINUTE, SECOND
from tests.unit.domain.offers import (
    instant,
    offered_at,
    pauses,
    snapshot,
    some_rules,
    week,
)


@pytest.fixture(autouse=True, params=["UTC", "America/Los_Angeles", "Pacific/Kiritimati"])
def machine_zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


HOURLY = [
    # Spring: the hour left out is nobody's, and what begins before it ends an hour later on the clock.
    ("America/New_York", "2026-03-08", "00:30-04:00", ["00:30-05:00", "01:30-05:00"]),
    ("America/New_York", "2026-03-08", "02:30-05:00", ["03:00-04:00", "04:00-04:00"]),
    ("America/New_York", "2026-03-08", "02:15-02:45", []),
    ("America/New_York", "2026-03-07", "02:30-03:30", ["02:30-05:00"]),
    ("America/New_York", "2026-03-09", "02:30-03:30", ["02:30-04:00"]),
    # Autumn: the hour shown twice is open twice, each instant once; an end in it is its first.
    ("America/New_York", "2026-11-01", "00:30-03:00", ["00:30-04:00", "01:30-04:00", "01:30-05:00"]),
    ("America/New_York", "2026-11-01", "01:30-02:30", ["01:30-04:00", "01:30-05:00"]),
    ("America/New_York", "2026-11-01", "00:00-01:30", ["00:00-04:00"]),
    ("Europe/London", "2026-03-29", "00:00-03:00", ["00:00+00:00", "02:00+01:00"]),
    ("Europe/London", "2026-03-29", "01:00-03:00", ["02:00+01:00"]),
    ("Europe/London", "2026-10-25", "00:00-03:00",
     ["00:00+01:00", "01:00+01:00", "01:00+00:00", "02:00+00:00"]),
    ("Europe/London", "2026-10-26", "00:00-03:00", ["00:00+00:00", "01:00+00:00", "02:00+00:00"]),
    ("Europe/Berlin", "2026-03-29", "01:00-05:00", ["01:00+01:00", "03:00+02:00", "04:00+02:00"]),
    ("Europe/Berlin", "2026-10-25", "01:00-04:00",
     ["01:00+02:00", "02:00+02:00", "02:00+01:00", "03:00+01:00"]),
    ("Asia/Seoul", "2026-03-29", "01:00-04:00", ["01:00+09:00", "02:00+09:00", "03:00+09:00"]),
    ("Asia/Seoul", "1988-05-08", "01:00-04:00", ["01:00+09:00", "03:00+10:00"]),
    ("Asia/Seoul", "1988-10-09", "02:00-04:00", ["02:00+10:00", "02:00+09:00", "03:00+09:00"]),
    ("Asia/Kolkata", "2026-06-15", "09:00-11:00", ["09:00+05:30", "10:00+05:30"]),
    # Half an hour: after it the hourly grid stands at the half hours.
    ("Australia/Lord_Howe", "2026-10-04", "01:00-04:00", ["01:00+10:30", "02:30+11:00"]),
    ("Australia/Lord_Howe", "2026-10-04", "02:15-04:00", ["02:30+11:00"]),
    ("Australia/Lord_Howe", "2026-04-05", "01:00-03:00", ["01:00+11:00", "01:30+10:30"]),
    # Samoa left out a whole day.
    ("Pacific/Apia", "2011-12-29", "09:00-11:00", ["09:00-10:00", "10:00-10:00"]),
    ("Pacific/Apia", "2011-12-29", "22:00-26:00", ["22:00-10:00", "23:00-10:00"]),
    ("Pacific/Apia", "2011-12-31", "00:00-02:00", ["00:00+14:00", "01:00+14:00"]),
    ("Pacific/Apia", "2012-04-01", "02:00-05:00",
     ["02:00+14:00", "03:00+14:00", "03:00+13:00", "04:00+13:00"]),
    # Three quarters past the hour.
    ("Pacific/Chatham", "2026-09-27", "02:00-05:00", ["02:00+12:45", "04:00+13:45"]),
    ("Pacific/Chatham", "2026-09-27", "03:00-05:00", ["03:45+13:45"]),
    ("Pacific/Chatham", "2026-04-05", "02:00-04:00", ["02:00+13:45", "03:00+13:45", "03:00+12:45"]),
    # Summer time left for Ramadan, back after it.
    ("Africa/Casablanca", "2026-02-15", "02:00-04:00", ["02:00+01:00", "02:00+00:00", "03:00+00:00"]),
    ("Africa/Casablanca", "2026-03-22", "01:00-04:00", ["01:00+00:00", "03:00+01:00"]),
    # Changes at midnight: a day that begins at one, and days that begin twice.
    ("Africa/Cairo", "2025-04-25", "00:00-02:00", ["01:00+03:00"]),
    ("Africa/Cairo", "2025-04-24", "22:00-24:00", ["22:00+02:00", "23:00+02:00"]),
    ("America/Havana", "2025-11-02", "00:00-02:00", ["00:00-04:00", "00:00-05:00", "01:00-05:00"]),
    ("America/Santiago", "2025-04-05", "22:00-24:00", ["22:00-03:00", "23:00-03:00", "23:00-04:00"]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "day", "interval", "starts"), HOURLY)
def test_appointments_of_an_hour(name: str, day: str, interval: str, starts: list[str]) -> None:
    opens, _, closes = interval.partition("-")
    weekday = date.fromisoformat(day).strftime("%a").lower()
    hours = week((opens, closes), days=(weekday,))
    rules = some_rules(zone=ZoneInfo(name), hours=hours, duration=60, advance_days=20_000)
    found = offered_at(snapshot(rules, now="1988-01-01"), day, days=2)
    assert found == [f"{day}T{start}" for start in starts]


def test_every_half_hour_over_lord_howes_half_hour() -> None:
    rules = some_rules(zone=ZoneInfo("Australia/Lord_Howe"), hours=week(("01:00", "03:00")))
    of = snapshot(rules, now="2026-01-01")
    assert [start[11:] for start in offered_at(of, "2026-04-05")] == [
        *("01:00+11:00", "01:30+11:00", "01:30+10:30", "02:00+10:30", "02:30+10:30"),
    ]


def test_the_instants_of_kolkata_are_half_an_hour_off_the_hour_of_utc() -> None:
    of = snapshot(some_rules(zone=ZoneInfo("Asia/Kolkata")))
    assert verdict(of, instant("2026-06-15T03:30Z")).offered
    assert verdict(of, instant("2026-06-15T03:00Z")).reasons == (Reason.OUTSIDE_HOURS,)


def test_a_day_that_the_clock_skipped_offers_nothing_and_is_not_counted_in_hours() -> None:
    rules = some_rules(zone=ZoneInfo("Pacific/Apia"), duration=60, hours=week(("09:00", "11:00")))
    of = snapshot(rules, now="2011-12-29 12:00")
    assert offered_at(of, "2011-12-29", days=3) == [
        *("2011-12-31T09:00+14:00", "2011-12-31T10:00+14:00"),
        *("2012-01-01T09:00+14:00", "2012-01-01T10:00+14:00"),
    ]


@pytest.mark.parametrize(("advance", "starts"), [(1, 0), (2, 2)])
def test_in_the_advance_a_skipped_day_counts_as_one(advance: int, starts: int) -> None:
    rules = some_rules(
        zone=ZoneInfo("Pacific/Apia"), duration=60, hours=week(("09:00", "11:00")), advance_days=advance
    )
    assert len(offered_at(snapshot(rules, now="2011-12-29 12:00"), "2011-12-29", days=9)) == starts


def test_a_holiday_on_a_skipped_day_closes_nothing() -> None:
    skipped = Closure(first=date(2011, 12, 30), last=date(2011, 12, 30))
    hours = week(("22:00", "26:00"), days=("thu", "fri"))
    rules = some_rules(zone=ZoneInfo("Pacific/Apia"), duration=60, hours=hours, closures=(skipped,))
    assert offered_at(snapshot(rules, now="2011-12-01"), "2011-12-29", days=3) == [
        *("2011-12-29T22:00-10:00", "2011-12-29T23:00-10:00"),
        # What would have opened on Friday evening opens as the clock goes on.
        *("2011-12-31T00:00+14:00", "2011-12-31T01:00+14:00"),
    ]


def test_hours_over_midnight_meet_the_change_of_the_next_morning() -> None:
    night = some_rules(duration=60, hours=week(("23:00", "27:00"), days=("sat",)))
    of = snapshot(night, now="2026-01-01")
    assert [start[11:] for start in offered_at(of, "2026-10-24", days=2)] == [
        *("23:00+02:00", "00:00+02:00", "01:00+02:00", "02:00+02:00", "02:00+01:00"),
    ]
    assert [start[11:] for start in offered_at(of, "2026-03-28", days=2)] == [
        *("23:00+01:00", "00:00+01:00", "01:00+01:00"),
    ]


def test_a_break_over_the_repeated_hour_keeps_both_free_and_one_in_the_gap_nothing() -> None:
    rules = some_rules(duration=60, hours=week(("01:00", "05:00")), breaks=pauses(("02:00", "03:00")))
    of = snapshot(rules, now="2026-01-01")
    assert [start[11:] for start in offered_at(of, "2026-10-25")] == [
        *("01:00+02:00", "03:00+01:00", "04:00+01:00"),
    ]
    assert [start[11:] for start in offered_at(of, "2026-03-29")] == [
        *("01:00+01:00", "03:00+02:00", "04:00+02:00"),
    ]


def test_a_closed_day_has_as_many_hours_as_the_clock_gives_it() -> None:
    closed = Closure(first=date(2026, 10, 25), last=date(2026, 10, 25))
    of = snapshot(some_rules(hours=week(("00:00", "24:00")), closures=(closed,)), now="2026-01-01")
    sunday, monday = instant("2026-10-25"), instant("2026-10-26")
    assert monday - sunday == 25 * HOUR
    for start in range(sunday, monday, 30 * MINUTE):
        assert verdict(of, start).reasons == (Reason.HOLIDAY,)
    assert verdict(of, sunday - 30 * MINUTE).offered
    assert verdict(of, monday).offered


def test_notice_is_real_time_and_advance_is_days_of_the_clock() -> None:
    rules = some_rules(notice=24 * 60, advance_days=1, stride=60, duration=60)
    of = snapshot(rules, now="2026-03-28 09:00")
    # 24 hours later the clock shows ten.
    assert offered_at(of, "2026-03-28", days=3) == [
        *("2026-03-29T10:00+02:00", "2026-03-29T11:00+02:00"),
    ]
    late = instant("2026-03-29 10:00") - DAY + SECOND
    assert offered_at(snapshot(rules, now=late), "2026-03-29") == ["2026-03-29T11:00+02:00"]


def test_where_the_clock_falls_back_over_midnight_the_next_day_has_begun_before() -> None:
    # On 7 November 2010, at 00:01, Newfoundland's clocks went back to 23:01 of the 6th.
    zone = ZoneInfo("America/St_Johns")
    sunday = week(("00:00", "02:00"), days=("sun",))
    closed = Closure(first=date(2010, 11, 7), last=date(2010, 11, 7))
    of = snapshot(some_rules(zone=zone, hours=sunday), now="2010-11-01")
    assert offered_at(of, "2010-11-07")[:3] == [
        *("2010-11-07T00:00-02:30", "2010-11-06T23:30-03:30", "2010-11-07T00:00-03:30"),
    ]
    assert verdict(of, instant("2010-11-06T23:30-03:30")).offered
    assert verdict(of, instant("2010-11-06T23:30-02:30")).reasons == (Reason.OUTSIDE_HOURS,)
    of = snapshot(some_rules(zone=zone, hours=sunday, duration=15, closures=(closed,)), now="2010-11-01")
    assert verdict(of, instant("2010-11-06T23:15-03:30")).reasons == (Reason.HOLIDAY,)


def test_a_fixed_offset_has_no_changes() -> None:
    of = snapshot(some_rules(zone=ZoneInfo("Etc/GMT-3")), now="2026-01-01")
    found = offered_at(of, "2026-03-01", days=60)
    assert {start[11:] for start in found[::6]} == {"09:00+03:00"}
    assert len(found) == 60 * 6
