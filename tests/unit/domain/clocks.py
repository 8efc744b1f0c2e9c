"""Days at and around changes of the clock, and a clock read minute by minute without our arithmetic."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import count
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

CHANGES = [
    (ZoneInfo(name), date.fromisoformat(day) + timedelta(days=around))
    for name, day in (
        ("America/New_York", "2026-03-08"),
        ("America/New_York", "2026-11-01"),
        ("Europe/London", "2026-03-29"),
        ("Europe/London", "2026-10-25"),
        ("Europe/Berlin", "2026-03-29"),
        ("Europe/Berlin", "2026-10-25"),
        ("Asia/Seoul", "1988-05-08"),
        ("Asia/Seoul", "1988-10-09"),
        ("Asia/Kolkata", "2026-03-29"),
        ("Australia/Lord_Howe", "2026-04-05"),
        ("Australia/Lord_Howe", "2026-10-04"),
        ("Pacific/Apia", "2011-12-30"),
        ("Pacific/Apia", "2012-04-01"),
        ("Pacific/Chatham", "2026-04-05"),
        ("Pacific/Chatham", "2026-09-27"),
        ("Africa/Casablanca", "2026-02-15"),
        ("Africa/Casablanca", "2026-03-22"),
        ("Africa/Cairo", "2025-04-25"),
        ("Africa/Cairo", "2025-10-31"),
        ("America/Havana", "2025-11-02"),
        ("America/Santiago", "2025-04-06"),
        ("America/St_Johns", "2010-11-07"),
    )
    for around in (-1, 0)
]


def noon(day: date) -> int:
    """In UTC, in minutes since the epoch."""
    return (day - EPOCH.date()).days * 24 * 60 + 12 * 60


@lru_cache(maxsize=64)
def walls(zone: ZoneInfo, day: date) -> dict[int, datetime]:
    """What the clock shows at each minute from four days before that day until six after it."""
    minutes = range(noon(day) - 4 * 24 * 60, noon(day) + 6 * 24 * 60)
    shown = ((minute, (EPOCH + timedelta(minutes=minute)).astimezone(zone)) for minute in minutes)
    return {minute: moment.replace(tzinfo=None) for minute, moment in shown}


@lru_cache(maxsize=16_384)
def first_shown(zone: ZoneInfo, day: date, minutes: int, around: date) -> int:
    """The first minute at which the clock shows that time of the day or a later one; `around` is near it."""
    wanted = datetime(day.year, day.month, day.day) + timedelta(minutes=minutes)
    shown, yesterday = walls(zone, around), noon(day) - 28 * 60
    return next(minute for minute in count(yesterday) if shown[minute] >= wanted)
