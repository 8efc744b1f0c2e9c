"""Slots and days on the ledger calendar: a fixed offset, without DST, whatever the zone does."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.domain.instants import DAY, HOUR, MINUTE, Instant, from_datetime
from holdfast.domain.place import DayKey, SlotKey, Window, ledger_date, standard_offset, windows
from tests.support.builders import NOW

offsets = st.sampled_from((-720, -570, -300, 0, 60, 330, 345, 630, 765, 840))
minutes = st.integers(
    from_datetime(datetime(2000, 1, 1, tzinfo=UTC)) // MINUTE,
    from_datetime(datetime(2099, 1, 1, tzinfo=UTC)) // MINUTE,
)


def _utc(*parts: int) -> Instant:
    return from_datetime(datetime(*parts, tzinfo=UTC))  # type: ignore[arg-type,misc]


@given(minutes, offsets)
def test_a_slot_id_tells_the_key_again_and_the_key_tells_the_start(minute: int, offset: int) -> None:
    key = SlotKey.at("bikes", "stand-1", minute * MINUTE, offset)
    assert SlotKey.parse(key.slot_id) == key
    wall = datetime.fromisoformat(f"{key.day}T{key.time[:2]}:{key.time[2:]}").replace(tzinfo=UTC)
    assert from_datetime(wall) - offset * MINUTE == minute * MINUTE
    assert ledger_date(minute * MINUTE, offset).isoformat() == key.day


def test_a_slot_id_reads_as_business_resource_and_start() -> None:
    assert SlotKey.at("bikes", "stand-1", NOW, 60).slot_id == "bikes.stand-1.202606121000"


@pytest.mark.parametrize(
    "slot_id",
    [
        "",
        "bikes.stand-1",
        "bikes.stand-1.20260612100",
        "bikes.stand-1.2026061210000",
        "bikes.stand-1.202606121060",
        "bikes.stand-1.202606122400",
        "bikes.stand-1.202602301000",
        "bikes.stand-1.000001011000",
        "Bikes.stand-1.202606121000",
        "b.stand-1.202606121000",
        "bikes#.stand-1.202606121000",
        f"{'b' * 33}.stand-1.202606121000",
        "bikes.stand-1.202606121000\n",
        "bikes.stand-1.\uff12\uff10\uff12\uff16\uff10\uff16\uff11\uff12\uff11\uff10\uff10\uff10",
        "bikes.stand-1.extra.202606121000",
    ],
)
def test_what_is_no_slot_id_is_told_as_such(slot_id: str) -> None:
    assert SlotKey.parse(slot_id) is None


@given(st.text(max_size=60))
def test_any_text_is_a_slot_id_or_is_not(text: str) -> None:
    key = SlotKey.parse(text)
    assert key is None or key.slot_id == text


@given(minutes, st.integers(1, 7 * 24 * 60), offsets)
def test_windows_cut_a_stretch_at_ledger_midnights_and_lose_nothing(
    start: int, length: int, offset: int
) -> None:
    cut = windows("bikes", "stand-1", start * MINUTE, (start + length) * MINUTE, offset)
    assert sum(window.end - window.start for window in cut.values()) == length
    assert all(0 <= window.start < window.end <= 1440 for window in cut.values())
    days = sorted(cut)
    assert days[0].day == ledger_date(start * MINUTE, offset).isoformat()
    assert days[-1].day == ledger_date((start + length) * MINUTE - 1, offset).isoformat()
    for earlier, later in itertools.pairwise(days):
        assert (cut[earlier].end, cut[later].start) == (1440, 0)
    assert len(days) <= 8


@given(minutes, st.integers(1, 600), minutes, st.integers(1, 600), offsets)
def test_two_stretches_share_a_minute_exactly_if_their_windows_overlap(
    start: int, length: int, other: int, other_length: int, offset: int
) -> None:
    other = start + other % 1500 - 750  # near enough to meet
    mine = windows("bikes", "stand-1", start * MINUTE, (start + length) * MINUTE, offset)
    theirs = windows("bikes", "stand-1", other * MINUTE, (other + other_length) * MINUTE, offset)
    overlapping = any(mine[day].overlaps(theirs[day]) for day in mine.keys() & theirs.keys())
    assert overlapping == (start < other + other_length and other < start + length)


def test_a_slot_over_a_ledger_midnight_has_a_window_in_both_days() -> None:
    start = _utc(2026, 6, 30, 22, 30)  # 23:30 on the ledger
    assert windows("bikes", "stand-1", start, start + HOUR, 60) == {
        DayKey("bikes", "stand-1", "2026-06-30"): Window(1410, 1440),
        DayKey("bikes", "stand-1", "2026-07-01"): Window(0, 30),
    }


def test_a_slot_up_to_midnight_does_not_touch_the_next_day() -> None:
    start = _utc(2026, 6, 30, 22, 0)
    assert list(windows("bikes", "stand-1", start, start + HOUR, 60)) == [
        DayKey("bikes", "stand-1", "2026-06-30")
    ]


@pytest.mark.parametrize("changeover", ["2026-03-29", "2026-10-25"])
def test_on_a_changeover_of_the_zone_the_ledgers_day_has_24_hours_as_ever(changeover: str) -> None:
    noon = datetime.fromisoformat(f"{changeover}T12:00").replace(tzinfo=ZoneInfo("Europe/Berlin"))
    midnight = _utc(*map(int, changeover.split("-"))) - HOUR
    cut = windows("bikes", "stand-1", midnight, midnight + DAY, 60)
    assert cut == {DayKey("bikes", "stand-1", changeover): Window(0, 1440)}
    day_before, day_after = (from_datetime(noon + timedelta(days=days)) for days in (-1, 1))
    before, after = (SlotKey.at("bikes", "stand-1", each, 60) for each in (day_before, day_after))
    assert {before.time, after.time} == {"1200", "1100"}  # the wall clock moves, the ledger does not


@pytest.mark.parametrize(
    ("zone", "offset"),
    [
        ("Europe/Berlin", 60),
        ("America/New_York", -300),
        ("Europe/Dublin", 0),
        ("Asia/Kolkata", 330),
        ("Australia/Lord_Howe", 630),
        ("Pacific/Chatham", 765),
        ("Australia/Sydney", 600),
        ("UTC", 0),
    ],
)
@pytest.mark.parametrize("year", [2024, 2026, 2030])
def test_a_business_keeps_its_ledger_in_its_zones_standard_time(zone: str, offset: int, year: int) -> None:
    assert standard_offset(zone, year) == offset
