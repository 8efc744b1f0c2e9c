"""Where a claim is made: slots and days, named by the business's ledger calendar (DESIGN 2).

A ledger day is a day at a fixed offset from UTC. It has 24 hours and no DST, and it does not move when the
business's zone or the tz database does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from holdfast.domain.instants import DAY, MINUTE, Instant, from_datetime, to_datetime

ID = r"[a-z0-9-]{3,32}"
_SLOT_ID = re.compile(rf"({ID})\.({ID})\.(\d{{8}})(\d{{4}})", re.ASCII)
_LONGEST_SLOT_DAYS = 7

_EPOCH = date(1970, 1, 1)

MOST_WRITES_AT_ONCE = 100
"""What one transaction takes."""

LONGEST_SLOT = _LONGEST_SLOT_DAYS * DAY
"""A slot takes its window in each day it touches, all in one transaction, so its length is bounded."""


@dataclass(frozen=True, slots=True, order=True)
class DayKey:
    """A resource's ledger day; `day` is `YYYY-MM-DD`."""

    business: str
    resource: str
    day: str

    @property
    def name(self) -> str:
        return f"{self.business}.{self.resource}.{self.day}"

    def begins(self, offset_minutes: int) -> Instant:
        """Its midnight on the ledger calendar."""
        return (date.fromisoformat(self.day) - _EPOCH).days * DAY - offset_minutes * MINUTE


@dataclass(frozen=True, slots=True, order=True)
class SlotKey:
    """A published slot by its start on the ledger calendar; `time` is `HHMM`."""

    business: str
    resource: str
    day: str
    time: str

    @property
    def slot_id(self) -> str:
        """The public id, a reversible encoding of this key."""
        return f"{self.business}.{self.resource}.{self.day.replace('-', '')}{self.time}"

    @property
    def name(self) -> str:
        """What every key of a ledger has: how logs tell it."""
        return self.slot_id

    @classmethod
    def parse(cls, slot_id: str) -> SlotKey | None:
        """The key behind a public id, or None where it is not one."""
        match = _SLOT_ID.fullmatch(slot_id)
        if match is None:
            return None
        business, resource, day, time = match.groups()
        try:
            moment = datetime.strptime(day + time, "%Y%m%d%H%M")
        except ValueError:
            return None
        return cls(business, resource, moment.date().isoformat(), time)

    @classmethod
    def of(cls, slot_id: str) -> SlotKey:
        """The key behind an id we wrote ourselves; raises ValueError where it is not one."""
        key = cls.parse(slot_id)
        if key is None:
            raise ValueError(f"not a slot id: {slot_id}")
        return key

    @classmethod
    def at(cls, business: str, resource: str, start: Instant, offset_minutes: int) -> SlotKey:
        wall = to_datetime(start, _ledger_zone(offset_minutes))
        return cls(business, resource, wall.date().isoformat(), wall.strftime("%H%M"))

    def start(self, offset_minutes: int) -> Instant:
        """The inverse of `at`."""
        wall = datetime.strptime(f"{self.day} {self.time}", "%Y-%m-%d %H%M")
        return from_datetime(wall.replace(tzinfo=_ledger_zone(offset_minutes)))


type LedgerKey = SlotKey | DayKey
"""What names an item in which units are taken."""


def pool_of(service: str) -> str:
    """The name under which the cap of a service has its days: no resource is named so (DESIGN 2)."""
    return f"service:{service}"


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of one ledger day in minutes from its midnight, the end excluded."""

    start: int
    end: int

    def overlaps(self, other: Window) -> bool:
        return self.start < other.end and other.start < self.end


def windows(
    business: str, resource: str, start: Instant, end: Instant, offset_minutes: int
) -> dict[DayKey, Window]:
    """The stretch `[start, end)` cut at ledger midnights: one window for each day it touches."""
    shift = offset_minutes * MINUTE
    cut: dict[DayKey, Window] = {}
    for number in range((start + shift) // DAY, (end + shift - 1) // DAY + 1):
        midnight = number * DAY - shift
        day = _EPOCH + timedelta(days=number)
        cut[DayKey(business, resource, day.isoformat())] = Window(
            max(0, (start - midnight) // MINUTE), min(24 * 60, (end - midnight) // MINUTE)
        )
    return cut


def ledger_date(instant: Instant, offset_minutes: int) -> date:
    return to_datetime(instant, _ledger_zone(offset_minutes)).date()


def standard_offset(zone: str, year: int) -> int:
    """The ledger offset a new business gets: its zone's standard time that year, in minutes from UTC.

    Taken as the smaller of the offsets of January and July, which also holds where DST is negative (Dublin).
    """
    tz = ZoneInfo(zone)
    instants = (from_datetime(datetime(year, month, 1, tzinfo=tz)) for month in (1, 7))
    offsets = (to_datetime(instant, tz).utcoffset() or timedelta() for instant in instants)
    return int(min(offsets).total_seconds()) // 60


def _ledger_zone(offset_minutes: int) -> timezone:
    return timezone(timedelta(minutes=offset_minutes))
