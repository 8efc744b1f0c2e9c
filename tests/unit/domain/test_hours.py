"""Wall clocks against a walk through every minute: at the changes of many zones, and on plain days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.domain.hours import Week, at, day_of, day_span, midnight, minute_at
from holdfast.domain.instants import MINUTE
from holdfast.domain.schedule import minutes_of
from tests.unit.domain.clocks import CHANGES, first_shown
from tests.unit.domain.offers import week


@pytest.mark.parametrize(
    ("text", "minutes"), [("00:00", 0), ("09:05", 545), ("24:00", 1440), ("26:30", 1590)]
)
def test_local_times_are_minutes_from_midnight(text: str, minutes: int) -> None:
    assert minutes_of(text) == minutes


@pytest.mark.parametrize(
    ("instant", "minute"), [(0, 0), (1, 1), (MINUTE, 1), (MINUTE + 1, 2), (-1, 0), (-MINUTE, -1)]
)
def test_an_instant_inside_a_minute_belongs_to_the_next(instant: int, minute: int) -> None:
    assert minute_at(instant) == minute


@pytest.mark.parametrize(("zone", "day"), CHANGES)
def test_a_time_is_the_first_minute_at_which_the_clock_shows_it_or_a_later_one(
    zone: ZoneInfo, day: date
) -> None:
    for minutes in (*range(0, 48 * 60 + 1, 15), 1, 59, 24 * 60 + 1):
        assert at(zone, day.toordinal(), minutes) == first_shown(zone, day, minutes, day), minutes


@pytest.mark.parametrize(("zone", "day"), CHANGES)
def test_what_follows_each_other_on_paper_does_so_in_time(zone: ZoneInfo, day: date) -> None:
    minutes = [at(zone, day.toordinal(), each) for each in range(48 * 60 + 1)]
    assert minutes == sorted(minutes)


@pytest.mark.parametrize(("zone", "day"), CHANGES)
def test_days_follow_each_other_without_a_gap(zone: ZoneInfo, day: date) -> None:
    first = day.toordinal() - 3
    spans = [day_span(zone, each, each) for each in range(first, first + 7)]
    assert [upto for _, upto in spans[:-1]] == [since for since, _ in spans[1:]]
    assert day_span(zone, first, first + 6) == (spans[0][0], spans[-1][1])


@given(
    zone=st.sampled_from(sorted({str(zone) for zone, _ in CHANGES})).map(ZoneInfo),
    day=st.dates(date(1990, 1, 1), date(2037, 12, 31)),
    minutes=st.integers(0, 48 * 60),
)
def test_on_any_day_the_clock_shows_what_was_asked_unless_it_leaves_it_out(
    zone: ZoneInfo, day: date, minutes: int
) -> None:
    minute = at(zone, day.toordinal(), minutes)
    wall = datetime(day.year, day.month, day.day) + timedelta(minutes=minutes)
    shown, before = (
        (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(minutes=each)).astimezone(zone).replace(tzinfo=None)
        for each in (minute, minute - 1)
    )
    assert shown == wall or before < wall < shown
    assert midnight(zone, day_of(zone, minute))[0] <= minute


def test_a_week_is_read_as_the_contract_shapes_it() -> None:
    hours = Week.of_hours({"tue": [{"from": "13:00", "to": "24:00"}, {"from": "09:00", "to": "12:00"}]})
    assert hours.days == ((), ((540, 720), (780, 1440)), (), (), (), (), ())
    breaks = Week.of_breaks([{"weekdays": ["mon", "sun"], "from": "12:00", "to": "12:30"}])
    assert breaks.days == (((720, 750),), (), (), (), (), (), ((720, 750),))


def test_a_weeks_stretches_are_those_that_touch_the_minutes_asked_for() -> None:
    zone = ZoneInfo("UTC")
    monday, _ = midnight(zone, date(2026, 6, 15).toordinal())
    nights = week(("22:00", "26:00"))
    assert nights.between(monday, monday + 1, zone) == [(monday - 120, monday + 120)]
    assert nights.between(monday + 119, monday + 120, zone) == [(monday - 120, monday + 120)]
    assert nights.between(monday + 120, monday + 1320, zone) == []
    assert nights.between(monday + 120, monday + 1321, zone) == [(monday + 1320, monday + 1560)]
    assert week().between(monday, monday + 10_000, zone) == []
