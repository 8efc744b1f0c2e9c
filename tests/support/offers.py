"""A salon and what stands in its days: for tests of what can be had there, and of who serves it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from holdfast.app.presets import resolve
from holdfast.domain.business import Business, Resource
from holdfast.domain.catalogue import Catalogue
from holdfast.domain.claim import Claim
from holdfast.domain.day import Day
from holdfast.domain.instants import MINUTE, NEVER, Instant, from_datetime, to_datetime
from holdfast.domain.place import DayKey, Window, windows
from holdfast.domain.service import Service

SALON, CUT = "salon", "cut"
BERLIN = ZoneInfo("Europe/Berlin")
OFFSET = 60
MONDAY = "2026-06-15"


def at(text: str, zone: ZoneInfo = BERLIN) -> Instant:
    """`HH:MM` on Monday 15 June 2026, or a whole local time; in the zone where it has no offset."""
    moment = datetime.fromisoformat(text if "-" in text else f"{MONDAY} {text}")
    return from_datetime(moment if moment.tzinfo else moment.replace(tzinfo=zone))


def shown(start: Instant, zone: ZoneInfo = BERLIN) -> str:
    """As `HH:MM` there."""
    return to_datetime(start, zone).strftime("%H:%M")


NOW = at("2026-06-12 09:00")


def a_cut(**settings: Any) -> Service:
    """An hour of anybody's."""
    return Service(business=SALON, id=CUT, settings={"durationMinutes": 60, **settings}, op="made")


def somebody(name: str, kind: str = "staff", *, capacity: int = 1, **members: Any) -> Resource:
    return Resource(
        business=SALON,
        id=name,
        name=name,
        kind=kind,
        capacity=capacity,
        **{"metadata": {}, "op": "made", **members},
    )


def a_salon(
    *people: Resource | str,
    service: Service | None = None,
    settings: Mapping[str, Any] | None = None,
    offset: int = OFFSET,
    **members: Any,
) -> Catalogue:
    """Open from nine to noon every day, a start each half hour; names alone are staff."""
    of_all = {"hours": {day: [{"from": "09:00", "to": "12:00"}] for day in WEEK}, "grid": {"stepMinutes": 30}}
    given = {"name": "Salon", "timeZone": "Europe/Berlin", **of_all, **(settings or {})}
    there = [somebody(each) if isinstance(each, str) else each for each in people]
    offered = service or a_cut()
    return Catalogue(
        business=Business.of(SALON, resolve("default", given), ledger_offset=offset, op="made"),
        revision=1,
        services={offered.id: offered},
        resources={each.id: each for each in there},
        **members,
    )


WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def days_of(*takings: tuple[str, Instant, Instant, Claim], offset: int = OFFSET) -> list[Day]:
    """The days of ledgers by what is taken there: from when to when, by which claim."""
    claims: dict[DayKey, dict[str, Claim]] = {}
    for ledger, start, end, claim in takings:
        for key, window in windows(SALON, ledger, start, end, offset).items():
            claims.setdefault(key, {})[claim.booking] = Claim(
                claim.booking, claim.units, claim.expires, claim.fingerprint, window
            )
    return [Day(key, rev=1, claims=some) for key, some in sorted(claims.items())]


def taken(
    ledger: str, since: str, upto: str, *, units: int = 1, expires: Instant = NEVER, by: str | None = None
) -> tuple[str, Instant, Instant, Claim]:
    name = by or f"{ledger} {since}"
    return ledger, at(since), at(upto), Claim(name, units, expires, "print")


def a_slots_window(resource: str, since: str, upto: str) -> Day:
    """The day of a resource that has one published slot."""
    ((key, window),) = windows(SALON, resource, at(since), at(upto), OFFSET).items()
    return Day(key, rev=1, windows={"slot": window})


def crammed(resource: str, entries: int) -> Day:
    """A day with so many entries of a minute each, all after hours."""
    key = DayKey(SALON, resource, MONDAY)
    claim = Claim("b", 1, NEVER, "print")
    many = {
        str(number): Claim(claim.booking, 1, NEVER, "print", Window(20 * 60, 20 * 60 + 1))
        for number in range(entries)
    }
    return Day(key, rev=1, claims=many)


@dataclass
class ListedDays:
    """The `Days` port on a list; `asked` are the questions, one for each query a table would get."""

    days: Iterable[Day] = ()
    asked: list[tuple[str, Instant, Instant]] = field(default_factory=list)

    def between(
        self, business: str, resource: str, start: Instant, end: Instant, ledger_offset: int
    ) -> Sequence[Day]:
        self.asked.append((resource, start, end))
        touched = windows(business, resource, start, end, ledger_offset)
        return sorted((day for day in self.days if day.key in touched), key=lambda day: day.key)


def minutes(start: Instant) -> int:
    return start // MINUTE
