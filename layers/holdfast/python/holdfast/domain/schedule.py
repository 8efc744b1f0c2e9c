"""From weekly hours to starts: a business's wall clock cut into slots, day by local day (SLOT-3, AVAIL-5).

A start the clock jumps over in spring is not offered, nor a stretch that the jump would push past closing
time. Where the clock shows an hour twice in autumn, the first one counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Any

from holdfast.domain.instants import MINUTE, Instant, from_datetime, to_datetime

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

type WeekHours = Mapping[str, Sequence[Mapping[str, str]]]
"""As API.md shapes it: `{"mon": [{"from": "09:00", "to": "12:00"}], …}`, a weekday left out is closed."""


class SkipReason(StrEnum):
    """Why no slot is made at a start of the grid: by the schedule itself, or by what the ledger says."""

    CLOCK_CHANGE = "clock_change"
    BREAK = "break"
    PAST = "past"
    EXISTS = "exists"
    OVERLAP = "overlap"
    DAY_FULL = "day_full"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Stretch:
    """From `start` up to `end`; `unfit` says why no slot is made of it."""

    start: Instant
    end: Instant
    unfit: SkipReason | None = None


def stretches(
    first: date,
    last: date,
    hours: WeekHours,
    breaks: Sequence[Mapping[str, Any]],
    *,
    duration: int,
    gap: int,
    zone: tzinfo,
) -> Iterator[Stretch]:
    """The grid from the first local day to the last: each interval anew from its opening, every `duration`
    plus `gap` minutes, while a whole stretch fits in."""
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        weekday = WEEKDAYS[day.weekday()]
        pauses = [span(pause) for pause in breaks if weekday in pause["weekdays"]]
        for opens, closes in map(span, hours.get(weekday, ())):
            closing, _ = _at(day, closes, zone)
            for minute in range(opens, closes - duration + 1, duration + gap):
                start, exists = _at(day, minute, zone)
                end = start + duration * MINUTE
                unfit = None if exists and end <= closing else SkipReason.CLOCK_CHANGE
                if any(minute < upto and since < minute + duration for since, upto in pauses):
                    unfit = SkipReason.BREAK
                yield Stretch(start, end, unfit)


def span(interval: Mapping[str, Any]) -> tuple[int, int]:
    """In minutes from the midnight before."""
    return minutes_of(interval["from"]), minutes_of(interval["to"])


def minutes_of(local_time: str) -> int:
    """Minutes from midnight on the wall clock: `26:00` is 1,560."""
    hours, _, minutes = local_time.partition(":")
    return int(hours) * 60 + int(minutes)


def _at(day: date, minutes: int, zone: tzinfo) -> tuple[Instant, bool]:
    """The instant of a wall clock, and whether a clock there ever shows it."""
    wall = datetime.combine(day, time()) + timedelta(minutes=minutes)
    instant = from_datetime(wall.replace(tzinfo=zone))
    return instant, to_datetime(instant, zone).replace(tzinfo=None) == wall
