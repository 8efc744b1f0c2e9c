"""A grid on the wall clock: every local day anew, over both changes of the clock (AVAIL-5)."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.domain.instants import MINUTE, to_datetime
from holdfast.domain.schedule import WEEKDAYS, SkipReason, Stretch, WeekHours, stretches

BERLIN = ZoneInfo("Europe/Berlin")
FRIDAY = date(2026, 6, 12)
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)


def every_day(*intervals: tuple[str, str]) -> WeekHours:
    return {day: [{"from": since, "to": upto} for since, upto in intervals] for day in WEEKDAYS}


def grid(
    day: date, hours: WeekHours, *, duration: int, gap: int = 0, last: date | None = None, **more: object
) -> list[Stretch]:
    breaks = more.get("breaks", ())
    assert isinstance(breaks, tuple)
    return list(stretches(day, last or day, hours, breaks, duration=duration, gap=gap, zone=BERLIN))


def walls(found: list[Stretch]) -> list[str]:
    return [to_datetime(each.start, BERLIN).strftime("%H:%M%z") for each in found if not each.unfit]


def test_each_interval_is_filled_from_its_opening() -> None:
    hours = every_day(("09:00", "10:00"), ("13:10", "14:30"))
    assert walls(grid(FRIDAY, hours, duration=30)) == [
        *("09:00+0200", "09:30+0200", "13:10+0200", "13:40+0200"),
    ]
    assert walls(grid(FRIDAY, hours, duration=25, gap=10)) == [
        *("09:00+0200", "09:35+0200", "13:10+0200", "13:45+0200"),
    ]


def test_a_weekday_left_out_is_closed() -> None:
    hours: WeekHours = {"fri": [{"from": "09:00", "to": "10:00"}]}
    found = grid(FRIDAY, hours, duration=60, last=date(2026, 6, 26))
    assert [to_datetime(each.start, BERLIN).day for each in found] == [12, 19, 26]


def test_hours_after_midnight_belong_to_the_day_that_opened_them() -> None:
    found = grid(FRIDAY, {"fri": [{"from": "23:00", "to": "26:00"}]}, duration=60)
    told = [to_datetime(each.start, BERLIN).strftime("%d %H:%M") for each in found]
    assert told == ["12 23:00", "13 00:00", "13 01:00"]


def test_breaks_are_run_through_and_what_lies_in_them_is_named() -> None:
    pause = {"weekdays": ["fri"], "from": "09:45", "to": "10:30"}
    found = grid(FRIDAY, every_day(("09:00", "11:00")), duration=30, breaks=(pause,))
    assert [each.unfit for each in found] == [None, SkipReason.BREAK, SkipReason.BREAK, None]


def test_the_hour_that_spring_leaves_out_is_skipped_and_named() -> None:
    found = grid(SPRING, every_day(("01:00", "05:00")), duration=60)
    assert walls(found) == ["01:00+0100", "03:00+0200", "04:00+0200"]
    assert [each.unfit for each in found].count(SkipReason.CLOCK_CHANGE) == 1


def test_a_stretch_over_the_jump_keeps_its_length_and_never_runs_past_closing() -> None:
    (over,) = grid(SPRING, every_day(("01:30", "04:00")), duration=120)
    assert (over.end - over.start, over.unfit) == (120 * MINUTE, SkipReason.CLOCK_CHANGE)
    first, *_ = grid(SPRING, every_day(("01:30", "06:00")), duration=120)
    assert (first.end - first.start, first.unfit) == (120 * MINUTE, None)


def test_of_the_hour_that_autumn_shows_twice_the_first_counts() -> None:
    found = grid(AUTUMN, every_day(("01:00", "04:00")), duration=60)
    assert walls(found) == ["01:00+0200", "02:00+0200", "03:00+0100"]


@pytest.mark.parametrize("duration", [61, 10_080])
def test_what_does_not_fit_into_an_interval_is_not_on_the_grid(duration: int) -> None:
    assert grid(FRIDAY, every_day(("09:00", "10:00")), duration=duration) == []


@given(
    day=st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    duration=st.integers(5, 90),
    gap=st.integers(0, 30),
    opens=st.integers(0, 20),
)
def test_on_a_day_without_a_change_stretches_follow_each_other_inside_the_interval(
    day: date, duration: int, gap: int, opens: int
) -> None:
    found = grid(day, every_day((f"{opens:02}:00", f"{opens + 3:02}:00")), duration=duration, gap=gap)
    assert all(each.end - each.start == duration * MINUTE for each in found)
    if day not in (SPRING, AUTUMN):
        assert not [each for each in found if each.unfit]
        assert all(later.start - each.end == gap * MINUTE for each, later in pairwise(found))
        assert len(found) == (180 + gap) // (duration + gap)
