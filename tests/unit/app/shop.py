"""One business with one slot, on the ports in memory, and its use cases as one would say them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from holdfast.app.amend import Amendment, amend
from holdfast.app.asked import Asked
from holdfast.app.cancel import cancel
from holdfast.app.confirm import confirm
from holdfast.app.deeds import Done
from holdfast.app.expire import expire
from holdfast.app.extend import extend
from holdfast.app.ports import Catalog, Ledger, Timer
from holdfast.app.release import release
from holdfast.app.reserve import Reserve, Reserved, reserve
from holdfast.domain import invariants
from holdfast.domain.booking import Booking
from holdfast.domain.instants import Instant
from holdfast.domain.slot import Slot
from tests.support.builders import BUSINESS, RESOURCE, a_business, a_resource, a_slot, a_wish
from tests.support.memory import Memory, MemoryBookings, MemoryCallers, MemoryCatalog, MemoryLedger


@dataclass
class Shop:
    """`pauses` runs what a test wants to happen just before the named call of a port, once."""

    first: Slot = field(default_factory=a_slot)
    memory: Memory = field(default_factory=Memory)
    pauses: dict[str, Callable[[], object]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.memory.businesses[BUSINESS] = a_business()
        self.memory.resources[BUSINESS, RESOURCE] = a_resource()
        self.memory.put_slot(self.first)
        self.memory.pause = self._pause
        self.ledger, self.callers = MemoryLedger(self.memory), MemoryCallers(self.memory)
        self.catalog: Catalog = MemoryCatalog(self.memory)

    def _pause(self, where: str) -> None:
        happens = self.pauses.pop(where, None)
        if happens:
            happens()

    @property
    def slot(self) -> Slot:
        return self.memory.slots[self.first.key]

    def booking(self, booking: Booking) -> Booking:
        return self.memory.bookings[booking.id]

    def reserve(self, by: Asked, **wish: Any) -> Reserved:
        return self.reserve_on(self.ledger, by, a_wish(self.first.key, **wish))

    def reserve_on(self, ledger: Ledger, by: Asked, wish: Reserve) -> Reserved:
        return reserve(ledger, self.callers, self.catalog, MemoryBookings(self.memory), by, wish)

    def confirm(self, by: Asked, booking: Booking, **more: Any) -> Done:
        return confirm(self.ledger, self.callers, self.catalog, by, booking.id, **more)

    def extend(self, by: Asked, booking: Booking, seconds: int = 300) -> Done:
        return extend(self.ledger, self.callers, self.catalog, by, booking.id, seconds=seconds)

    def release(self, by: Asked, booking: Booking) -> Done:
        return release(self.ledger, self.callers, by, booking.id)

    def cancel(self, by: Asked, booking: Booking, reason: str | None = None) -> Done:
        return cancel(self.ledger, self.callers, self.catalog, by, booking.id, reason=reason)

    def amend(self, by: Asked, booking: Booking, **change: Any) -> Done:
        return amend(self.ledger, self.callers, self.catalog, by, booking.id, Amendment(**change))

    def expire(self, booking: Booking, now: Instant) -> Instant | None:
        return expire(self.ledger, timer_of(booking), now)

    def violations(self, now: Instant) -> list[str]:
        records = self.memory.bookings.values()
        found = [*invariants.of_slot(self.slot, now), *invariants.of_records(self.slot, records, now, 0)]
        for each in records:
            found += invariants.of_booking(each)
        return found


def timer_of(booking: Booking) -> Timer:
    return Timer(booking.slot, booking.who, booking.id, booking.expires)
