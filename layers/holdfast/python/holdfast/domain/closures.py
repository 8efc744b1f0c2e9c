"""Days on which nothing begins or goes on: holidays, blackouts, maintenance; and time off (SPEC AVAIL-3)."""

from __future__ import annotations

from calendar import isleap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, tzinfo
from enum import StrEnum
from typing import Any, Self

from holdfast.domain.errors import Invalid
from holdfast.domain.hours import Minute, Span, day_of, day_span
from holdfast.domain.instants import Instant


class ClosureKind(StrEnum):
    PUBLIC = "public"
    BLACKOUT = "blackout"
    MAINTENANCE = "maintenance"


@dataclass(frozen=True, slots=True, kw_only=True)
class Closure:
    """Whole local days, the last one included; `resources` are those it closes, None means all.

    A yearly one comes back every year from its first on; in a year without 29 February that is the 28th.
    """

    first: date
    last: date
    kind: ClosureKind = ClosureKind.PUBLIC
    name: str = ""
    yearly: bool = False
    resources: frozenset[str] | None = None

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise Invalid("/endDate", "must not be before date")
        if self.yearly and self.last >= _in_year(self.first, self.first.year + 1):
            raise Invalid("/endDate", "must be less than a year after date, if it comes back every year")

    @classmethod
    def of(cls, holiday: Mapping[str, Any]) -> Self:
        """From a holiday as API.md shapes it. Raises Invalid."""
        resources = holiday.get("resourceIds")
        return cls(
            first=date.fromisoformat(holiday["date"]),
            last=date.fromisoformat(holiday.get("endDate") or holiday["date"]),
            kind=ClosureKind(holiday["kind"]),
            name=holiday["name"],
            yearly=holiday.get("yearly", False),
            resources=None if resources is None else frozenset(resources),
        )

    def closes(self, resource: str) -> bool:
        return self.resources is None or resource in self.resources

    def covers(self, day: date) -> bool:
        """Whether that local day is one of it, whatever it closes then."""
        number = day.toordinal()
        return any(first <= number <= last for first, last in self._times(number, number))

    def between(self, since: Minute, until: Minute, zone: tzinfo) -> Iterator[Span]:
        """Its stretches that touch those minutes."""
        # One day more: where the clock falls back over midnight, the next day has begun before.
        earliest, latest = day_of(zone, since), day_of(zone, until) + 1
        for first, last in self._times(earliest, latest):
            if first <= latest and earliest <= last:
                begins, ends = day_span(zone, first, last)
                if begins < ends and begins < until and since < ends:
                    yield begins, ends

    def _times(self, earliest: int, latest: int) -> Iterator[tuple[int, int]]:
        if not self.yearly:
            yield self.first.toordinal(), self.last.toordinal()
            return
        over = self.last.year - self.first.year
        since, upto = date.fromordinal(earliest).year - over, date.fromordinal(latest).year
        for year in range(max(since, self.first.year), upto + 1):
            yield _in_year(self.first, year).toordinal(), _in_year(self.last, year + over).toordinal()


@dataclass(frozen=True, slots=True)
class TimeOff:
    """When a resource is away; the reason is nobody else's business."""

    start: Instant
    end: Instant
    reason: str = ""


def _in_year(day: date, year: int) -> date:
    if (day.month, day.day) == (2, 29) and not isleap(year):
        return date(year, 2, 28)
    return day.replace(year=year)
