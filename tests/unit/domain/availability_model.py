"""The rules of AVAIL-2 minute by minute, as slow and plain as they are told; no code of the evaluator's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from tests.unit.domain.clocks import first_shown, walls

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a business told us, in the plainest form: local times in minutes from midnight, instants in ms.

    Intervals and breaks are `(weekday, since, upto)`, closures `(first, last, kind, yearly)`, what is
    taken `(since, upto, units, expires)` in minutes and ms.
    """

    zone: ZoneInfo
    around: date
    now: int
    hours: Sequence[tuple[str, int, int]]
    breaks: Sequence[tuple[str, int, int]] = ()
    closures: Sequence[tuple[date, date, str, bool]] = ()
    time_off: Sequence[tuple[int, int]] = ()
    occupied: Sequence[tuple[int, int, int, int]] = ()
    pooled: Sequence[tuple[int, int, int, int]] = ()
    stride: int
    shortest: int
    longest: int
    before: int = 0
    after: int = 0
    notice: int = 0
    advance_days: int = 9_999
    capacity: int = 1
    pool: int | None = None


@dataclass
class Model:
    told: Told
    openings: list[range] = field(init=False)
    pauses: list[range] = field(init=False)
    load: Counter[int] = field(init=False)
    pooled: Counter[int] = field(init=False)
    _shut: dict[int, set[str]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.openings = self._shown(self.told.hours)
        self.load, self.pooled = self._live(self.told.occupied), self._live(self.told.pooled)
        self.pauses = self._shown(self.told.breaks)

    def shut(self, minute: int) -> set[str]:
        """Why nobody works in that minute."""
        if minute not in self._shut:
            today, told = self._day(minute), self.told
            self._shut[minute] = {
                *("break" for pause in self.pauses if minute in pause),
                *(
                    "holiday" if kind == "public" else kind
                    for first, last, kind, yearly in told.closures
                    if _closed(today, first, last, yearly)
                ),
                *(
                    "time_off"
                    for since, upto in told.time_off
                    if minute * 60_000 < upto and since < (minute + 1) * 60_000
                ),
            }
        return self._shut[minute]

    def reasons(self, start: int, duration: int, units: int) -> set[str]:
        told = self.told
        minutes = range(start, start + duration)
        with_buffers = range(start - told.before, start + duration + told.after)
        found = {reason for minute in minutes for reason in self.shut(minute)}
        inside = [each for each in self.openings if minutes[0] in each and minutes[-1] in each]
        if not inside:
            found.add("outside_hours")
        elif not any((start - each[0]) % told.stride == 0 for each in inside):
            found.add("off_grid")
        ahead = start * 60_000 - told.now
        if ahead <= 0:
            found.add("past")
        elif ahead < told.notice * 60_000:
            found.add("minimum_notice")
        if self._day(start) - self._today() > timedelta(days=told.advance_days):
            found.add("maximum_advance")
        if not told.shortest <= duration <= told.longest:
            found.add("duration")
        left = told.capacity - self.peak(self.load, with_buffers)
        if units > told.capacity or (told.pool is not None and units > told.pool):
            found.add("too_many_units")
        if units <= told.capacity and units > left:
            found.add("taken")
        if told.pool is not None and told.pool >= units > told.pool - self.peak(self.pooled, with_buffers):
            found.add("service_full")
        return found

    def available(self, start: int, duration: int) -> int:
        told = self.told
        minutes = range(start - told.before, start + duration + told.after)
        left = told.capacity - self.peak(self.load, minutes)
        if told.pool is not None:
            left = min(left, told.pool - self.peak(self.pooled, minutes))
        return max(0, left)

    def peak(self, load: Counter[int], minutes: range) -> int:
        return max(load[minute] for minute in minutes)

    def _live(self, taken: Sequence[tuple[int, int, int, int]]) -> Counter[int]:
        """The units taken in each minute."""
        found: Counter[int] = Counter()
        for since, upto, units, expires in taken:
            if expires > self.told.now:
                for minute in range(since, upto):
                    found[minute] += units
        return found

    def _today(self) -> date:
        return walls(self.told.zone, self.told.around)[self.told.now // 60_000].date()

    def _day(self, minute: int) -> date:
        """The latest that has begun; a clock that falls back over midnight does not undo it."""
        zone, around = self.told.zone, self.told.around
        days = (around + timedelta(days=number) for number in range(3, -4, -1))
        return next(day for day in days if first_shown(zone, day, 0, around) <= minute)

    def _shown(self, weekly: Sequence[tuple[str, int, int]]) -> list[range]:
        zone, around = self.told.zone, self.told.around
        days = [around + timedelta(days=number) for number in range(-2, 4)]
        return [
            range(first_shown(zone, day, since, around), first_shown(zone, day, upto, around))
            for day in days
            for weekday, since, upto in weekly
            if WEEK[day.weekday()] == weekday
        ]


def _closed(day: date, first: date, last: date, yearly: bool) -> bool:
    if not yearly:
        return first <= day <= last
    for year in range(first.year, day.year + 1):
        over = year - first.year
        if _moved(first, over) <= day <= _moved(last, over):
            return True
    return False


def _moved(day: date, years: int) -> date:
    try:
        return datetime(day.year + years, day.month, day.day).date()
    except ValueError:
        return date(day.year + years, 2, 28)
