"""Weekly hours on a zone's wall clock, and the minutes at which they begin and end (SPEC AVAIL-2, AVAIL-5).

A time of the wall clock means the first minute at which the clock shows it or a later one. So a time that
spring leaves out is the moment of the change, of a time that autumn shows twice the first counts, and what
follows each other on paper does so in time. From a beginning on, minutes are real ones, whatever the clock
shows (docs/adr/0050).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Any, Self

from holdfast.domain.instants import MINUTE, SECOND, Instant, from_datetime, to_datetime
from holdfast.domain.schedule import WEEKDAYS, WeekHours, span

type Minute = int
"""Whole minutes since the epoch, in UTC."""

type Span = tuple[Minute, Minute]
"""A stretch of minutes, the end excluded."""

DAY_MINUTES = 24 * 60
_EPOCH = date(1970, 1, 1).toordinal()
_DAYS_OVER = 1
"""Local times go to 48:00: what a day opened may last into the next."""
_MINUTE = timedelta(minutes=1)
_DAYS_REMEMBERED = 8_192


def minute_at(instant: Instant) -> Minute:
    """The first whole minute that is not before the instant."""
    return -(-instant // MINUTE)


def at(zone: tzinfo, day: int, minutes: int) -> Minute:
    """The first minute at which the clock shows that time of the day (an ordinal) or a later one."""
    over, of_day = divmod(minutes, DAY_MINUTES)
    begins, steady = midnight(zone, day + over)
    return begins + of_day if steady else _first(zone, day + over, of_day)


@lru_cache(maxsize=_DAYS_REMEMBERED)
def midnight(zone: tzinfo, day: int) -> tuple[Minute, bool]:
    """When the day begins, and whether its clock runs on without a change until the next midnight."""
    offset = _offset(zone, day)
    if offset != _offset(zone, day + 1):
        return _first(zone, day, 0), False
    return (day - _EPOCH) * DAY_MINUTES - offset, True


def day_of(zone: tzinfo, minute: Minute) -> int:
    """The day that the clock shows at that minute."""
    return to_datetime(minute * MINUTE, zone).toordinal()


def day_span(zone: tzinfo, first: int, last: int) -> Span:
    """Whole days of the clock, the last one included; empty where the clock skipped them."""
    return midnight(zone, first)[0], midnight(zone, last + 1)[0]


def _first(zone: tzinfo, day: int, minutes: int) -> Minute:
    wall = datetime.fromordinal(day) + timedelta(minutes=minutes)
    first = from_datetime(wall.replace(tzinfo=zone))
    second = from_datetime(wall.replace(tzinfo=zone, fold=1))
    # Where the clock leaves that time out, the two stand on either side of the change, the wrong way round.
    return minute_at(first if first <= second else _change(zone, second, first))


def _offset(zone: tzinfo, day: int) -> int:
    """In minutes, at the first of the day's midnights; where there is none, as it was before."""
    return (zone.utcoffset(datetime.fromordinal(day)) or timedelta()) // _MINUTE


def _change(zone: tzinfo, before: Instant, after: Instant) -> Instant:
    """The moment of the one change of the clock in between, to the second."""
    old = to_datetime(before, zone).utcoffset()
    while after - before > SECOND:
        middle = (before + after) // 2 // SECOND * SECOND
        if to_datetime(middle, zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after


@dataclass(frozen=True, slots=True)
class Week:
    """For each weekday, Monday first, the stretches that begin on it, in minutes from its midnight."""

    days: Sequence[Sequence[Span]]

    @classmethod
    def of_hours(cls, hours: WeekHours) -> Self:
        return cls(tuple(tuple(sorted(map(span, hours.get(day, ())))) for day in WEEKDAYS))

    @classmethod
    def of_breaks(cls, breaks: Sequence[Mapping[str, Any]]) -> Self:
        by_day = ([pause for pause in breaks if day in pause["weekdays"]] for day in WEEKDAYS)
        return cls(tuple(tuple(sorted(map(span, pauses))) for pauses in by_day))

    def between(self, since: Minute, until: Minute, zone: tzinfo) -> list[Span]:
        """Its stretches that touch those minutes, by their beginning."""
        found: list[Span] = []
        if not any(self.days):
            return found
        # One day more at the end: where the clock falls back over midnight, the next day has begun before.
        for day in range(day_of(zone, since) - _DAYS_OVER, day_of(zone, until) + 2):
            spans = self.days[(day - 1) % 7]
            if not spans:
                continue
            begin, steady = midnight(zone, day)
            for begins, ends in spans:
                if steady and ends <= DAY_MINUTES:
                    span = begin + begins, begin + ends
                else:
                    span = at(zone, day, begins), at(zone, day, ends)
                if span[0] < span[1] and span[0] < until and since < span[1]:
                    found.append(span)
        return found
