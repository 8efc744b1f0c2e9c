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
from holdfast.app.join_queue import Joined, join_queue
from holdfast.app.leave_queue import leave_queue
from holdfast.app.ports import Catalog, Catalogues, Ledger, Timer
from holdfast.app.promote import promote
from holdfast.app.release import release
from holdfast.app.reserve import Reserved, reserve
from holdfast.app.wish import Wish
from holdfast.domain import invariants
from holdfast.domain.booking import Booking
from holdfast.domain.caller import Caller
from holdfast.domain.entry import Entry
from holdfast.domain.instants import Instant
from holdfast.domain.place import SlotKey
from holdfast.domain.slot import Slot
from tests.support.builders import (
    BUSINESS,
    RESOURCE,
    SETTINGS,
    a_business,
    a_resource,
    a_slot,
    a_wish,
    asked,
    at_once,
)
from tests.support.memory import Memory, MemoryLedger
from tests.support.memory_queues import MemoryJobs
from tests.support.memory_readers import MemoryBookings, MemoryCallers, MemoryCatalog, MemoryCatalogues

ZOE = Caller("zoe")


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
        self.catalogues: Catalogues = MemoryCatalogues(self.memory)
        self.jobs = MemoryJobs(self.memory)

    def _pause(self, where: str) -> None:
        happens = self.pauses.pop(where, None)
        if happens:
            happens()

    @property
    def slot(self) -> Slot:
        return self.memory.slots[self.first.key]

    def booking(self, booking: Booking) -> Booking:
        return self.memory.bookings[booking.id]

    def entry(self, of: Joined) -> Entry:
        return self.memory.entries[of.entry.id]

    def turn_of(self, of: Joined) -> Booking:
        """The booking that their turn made."""
        return self.memory.bookings[of.entry.id]

    def line(self, now: Instant) -> list[str]:
        """Who waits, the head first."""
        entries = self.memory.entries
        return [entries[place.entry].owner for place in self.slot.waiting(now).values()]

    def queues(self, **rules: object) -> None:
        """Let the business have other rules for its queues."""
        self.memory.businesses[BUSINESS] = a_business(queue={**SETTINGS["queue"], **rules})

    def reserve(self, by: Asked, **wish: Any) -> Reserved:
        return self.reserve_on(self.ledger, by, a_wish(self.first.key, **wish))

    def reserve_on(self, ledger: Ledger, by: Asked, wish: Wish) -> Reserved:
        return at_once(self._reserve(ledger, by, wish))

    def reserve_or_wait(self, by: Asked, **wish: Any) -> Reserved | Joined:
        return self._reserve(self.ledger, by, a_wish(self.first.key, **{"join_if_full": True, **wish}))

    def _reserve(self, ledger: Ledger, by: Asked, wish: Wish) -> Reserved | Joined:
        return reserve(
            ledger, self.callers, self.catalog, self.catalogues, MemoryBookings(self.memory), by, wish
        )

    def join(self, by: Asked, **wish: Any) -> Joined:
        return self.join_on(self.ledger, by, a_wish(self.first.key, **wish))

    def join_on(self, ledger: Ledger, by: Asked, wish: Wish) -> Joined:
        assert isinstance(wish.spot, SlotKey)
        return join_queue(ledger, self.callers, self.catalog, by, wish.spot, wish)

    def leave(self, by: Asked, subject_id: str | None = None) -> None:
        leave_queue(self.ledger, self.callers, by, self.first.key, subject_id=subject_id)

    def promote(self, now: Instant) -> int:
        return promote(self.ledger, self.catalog, self.first.key, now)

    def confirm(self, by: Asked, booking: Booking, **more: Any) -> Done:
        return confirm(self.ledger, self.callers, self.catalog, self.catalogues, by, booking.id, **more)

    def extend(self, by: Asked, booking: Booking, seconds: int = 300) -> Done:
        return extend(self.ledger, self.callers, self.catalog, by, booking.id, seconds=seconds)

    def release(self, by: Asked, booking: Booking) -> Done:
        return release(self.ledger, self.callers, by, booking.id)

    def cancel(self, by: Asked, booking: Booking, reason: str | None = None) -> Done:
        return cancel(self.ledger, self.callers, self.catalog, self.catalogues, by, booking.id, reason=reason)

    def amend(self, by: Asked, booking: Booking, **change: Any) -> Done:
        return amend(
            self.ledger, self.callers, self.catalog, self.catalogues, by, booking.id, Amendment(**change)
        )

    def expire(self, booking: Booking, now: Instant) -> Instant | None:
        return expire(self.ledger, timer_of(booking), now)

    def give_back(self, units: int = 1) -> None:
        """Zoe has so many units less of what she booked."""
        (booked,) = (each for each in self.memory.bookings.values() if each.owner == ZOE.id)
        if booked.units == units:
            self.cancel(asked(ZOE), booked)
        else:
            self.amend(asked(ZOE, expects=booked.version), booked, units=booked.units - units)

    def violations(self, now: Instant) -> list[str]:
        records = self.memory.bookings.values()
        found = [*invariants.of_slot(self.slot, now), *invariants.of_records(self.slot, records, now, 0)]
        for each in records:
            found += invariants.of_booking(each)
        entries = self.memory.entries
        for entry in entries.values():
            found += invariants.of_entry(entry, self.memory.bookings.get(entry.id))
        return [*found, *invariants.of_queue(self.slot, entries)]


def sold_out(capacity: int = 1) -> Shop:
    """One whose slot Zoe has booked whole."""
    shop = Shop(a_slot(capacity=capacity))
    shop.confirm(asked(ZOE), shop.reserve(asked(ZOE), units=capacity).booking)
    return shop


def timer_of(booking: Booking) -> Timer:
    return Timer.of(booking)
