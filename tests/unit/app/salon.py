"""A salon with two chairs and a cut of half an hour, on the ports in memory, and its use cases as one would
say them. Open from nine to six on weekdays in Berlin; `NOW` is a Friday, eleven o'clock there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from holdfast.app.amend import Amendment, amend
from holdfast.app.asked import Asked
from holdfast.app.book_by_hand import book_by_hand
from holdfast.app.cancel import cancel
from holdfast.app.confirm import confirm
from holdfast.app.deeds import Done
from holdfast.app.extend import extend
from holdfast.app.ports import Catalogues, Ledger
from holdfast.app.release import release
from holdfast.app.reschedule import reschedule, reschedule_for
from holdfast.app.reserve import Reserved, reserve
from holdfast.app.wish import FreeStart, Wish
from holdfast.domain.booking import Booking
from holdfast.domain.business import Resource
from holdfast.domain.caller import Caller
from holdfast.domain.catalogue import Catalogue
from holdfast.domain.day import Day
from holdfast.domain.instants import DAY, HOUR, MINUTE, Instant
from holdfast.domain.override import Override
from holdfast.domain.place import DayKey, SlotKey, pool_of
from holdfast.domain.service import Service
from tests.support.builders import BUSINESS, NOW, SETTINGS, a_business, a_resource, at_once
from tests.support.memory import Memory, MemoryLedger
from tests.support.memory_readers import MemoryBookings, MemoryCallers, MemoryCatalog, MemoryCatalogues

SAM = Caller("sam", frozenset({f"{BUSINESS}:staff"}))
CHAIRS = ("chair-1", "chair-2")
MONDAY: Instant = NOW + 3 * DAY - 4 * HOUR
"""Seven o'clock in Berlin on the next Monday."""

OPEN = {day: [{"from": "09:00", "to": "18:00"}] for day in ("mon", "tue", "wed", "thu", "fri")}
GRID = {"stepMinutes": 15, "bufferBeforeMinutes": 0, "bufferAfterMinutes": 0}


def at(hours: int, minutes: int = 0) -> Instant:
    """That time of Monday's clock."""
    return MONDAY + (hours - 7) * HOUR + minutes * MINUTE


def a_service(service_id: str = "cut", **settings: Any) -> Service:
    document = {"name": service_id, "durationMinutes": 30, **settings}
    return Service(business=BUSINESS, id=service_id, settings=document, op="made")


@dataclass(frozen=True)
class Behind(MemoryCatalogues):
    """A process that knows what was offered before."""

    stale: Catalogue | None = None

    def known(self, business_id: str) -> Catalogue | None:
        return self.stale

    def of_revision(self, business_id: str, revision: int) -> Catalogue | None:
        return super().known(business_id)


@dataclass
class Salon:
    """`pauses` runs what a test wants to happen just before the named call of a port, once."""

    memory: Memory = field(default_factory=Memory)
    pauses: dict[str, Callable[[], object]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.settle()
        for chair in CHAIRS:
            self.add(a_resource(chair))
        self.offer(a_service())
        self.memory.pause = self._pause
        self.ledger, self.callers = MemoryLedger(self.memory), MemoryCallers(self.memory)
        self.catalog = MemoryCatalog(self.memory)
        self.catalogues: Catalogues = MemoryCatalogues(self.memory)

    def _pause(self, where: str) -> None:
        happens = self.pauses.pop(where, None)
        if happens:
            happens()

    def settle(self, *, policies: dict[str, object] | None = None, **settings: Any) -> None:
        """Let the business have these settings."""
        whole = {"hours": OPEN, "breaks": [], "holidays": None, "grid": GRID, **settings}
        whole["policies"] = SETTINGS["policies"] | (policies or {})
        self.memory.businesses[BUSINESS] = a_business(**whole)
        self.memory.revisions[BUSINESS] = self.memory.revisions.get(BUSINESS, 0) + 1

    def add(self, resource: Resource) -> None:
        self.memory.resources[BUSINESS, resource.id] = resource

    def offer(self, service: Service) -> None:
        self.memory.services[BUSINESS, service.id] = service

    def day(self, resource: str = CHAIRS[0], day: str = "2026-06-15") -> Day:
        key = DayKey(BUSINESS, resource, day)
        return self.memory.days.get(key, Day(key))

    def pool(self, service: str = "cut") -> Day:
        return self.day(pool_of(service))

    def booking(self, booking: Booking) -> Booking:
        return self.memory.bookings[booking.id]

    def book(
        self,
        by: Asked,
        start: Instant,
        *,
        service: str = "cut",
        resource: str | None = None,
        end: Instant | None = None,
        on: Ledger | None = None,
        **wish: Any,
    ) -> Reserved:
        """A hold at that start."""
        spot = FreeStart(business=BUSINESS, service=service, resource=resource, start=start, end=end)
        ports = (on or self.ledger, self.callers, self.catalog, self.catalogues, MemoryBookings(self.memory))
        return at_once(reserve(*ports, by, Wish(spot=spot, **{"metadata": {}, **wish})))

    def booked(self, by: Asked, start: Instant, **wish: Any) -> Booking:
        """A confirmed booking at that start."""
        return self.confirm(replace(by, op=f"confirm-{by.op}"), self.book(by, start, **wish).booking)

    def slot_hold(self, by: Asked, slot: SlotKey) -> Booking:
        """A hold in a published slot."""
        ports = (self.ledger, self.callers, self.catalog, self.catalogues, MemoryBookings(self.memory))
        return at_once(reserve(*ports, by, Wish(spot=slot, metadata={}))).booking

    def start(self, start: Instant, **members: Any) -> FreeStart:
        return FreeStart(**{"business": BUSINESS, "service": "cut", "start": start, **members})

    def move(self, by: Asked, booking: Booking, to: SlotKey | FreeStart) -> Done:
        ports = (self.ledger, self.callers, self.catalog, self.catalogues)
        return reschedule(*ports, by, booking.id, to)

    def move_for(self, by: Asked, booking: Booking, to: SlotKey | FreeStart, *codes: str) -> Booking:
        """By staff, who pass over rules."""
        ports = (self.ledger, self.callers, self.catalog, self.catalogues)
        why = Override(codes, "they asked at the desk")
        return reschedule_for(*ports, by, booking.id, to, why).booking

    def by_hand(
        self, by: Asked, spot: SlotKey | FreeStart, *codes: str, customer: str | None = None, **wish: Any
    ) -> Done:
        ports = (self.ledger, self.callers, self.catalog, self.catalogues)
        why = Override(codes, "they asked at the desk")
        wanted = Wish(spot=spot, **{"metadata": {}, **wish})
        return book_by_hand(*ports, by, BUSINESS, wanted, customer=customer, override=why)

    def confirm(self, by: Asked, booking: Booking) -> Booking:
        return confirm(self.ledger, self.callers, self.catalog, self.catalogues, by, booking.id).booking

    def cancel(self, by: Asked, booking: Booking) -> Booking:
        return cancel(self.ledger, self.callers, self.catalog, self.catalogues, by, booking.id).booking

    def extend(self, by: Asked, booking: Booking, seconds: int = 300) -> Booking:
        return extend(self.ledger, self.callers, self.catalog, by, booking.id, seconds=seconds).booking

    def release(self, by: Asked, booking: Booking) -> Booking:
        return release(self.ledger, self.callers, by, booking.id).booking

    def amend(self, by: Asked, booking: Booking, **change: Any) -> Booking:
        ports = (self.ledger, self.callers, self.catalog, self.catalogues)
        return amend(*ports, by, booking.id, Amendment(**change)).booking
