"""A salon on the ports, open over the ledger's midnight, where everything moves that can."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from holdfast.app.book_by_hand import book_by_hand
from holdfast.app.confirm import confirm
from holdfast.app.presets import resolve
from holdfast.app.reschedule import reschedule, reschedule_for
from holdfast.app.reserve import reserve
from holdfast.app.staff_deeds import approve, reject
from holdfast.app.wish import FreeStart, Wish
from holdfast.domain.booking import Booking
from holdfast.domain.caller import Caller
from holdfast.domain.instants import DAY, HOUR, MINUTE, Instant
from holdfast.domain.override import Override
from holdfast.domain.place import SlotKey
from holdfast.domain.service import Service
from holdfast.domain.slot import Slot
from tests.support.builders import ALICE, BOB, NOW, a_business, a_resource, a_slot, asked, at_once
from tests.support.clouds import Ports

SALON = "salon"
SAM = Caller("sam", frozenset({f"{SALON}:staff"}))
MIDNIGHT: Instant = NOW + DAY - 10 * HOUR
"""Of the ledger, whose days begin an hour before UTC's."""


@dataclass(frozen=True)
class Moving:
    ports: Ports

    def open(self, *, policies: Mapping[str, object] | None = None) -> None:
        """All day, two chairs, at most two at once."""
        hours = {
            day: [{"from": "00:00", "to": "24:00"}]
            for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
        }
        grid = {"stepMinutes": 15, "bufferAfterMinutes": 15}
        given = {"name": "Salon", "timeZone": "Europe/Berlin", "hours": hours, "grid": grid}
        limits = {"reservePerMinute": 1_000}
        settings = resolve("default", {**given, "policies": policies or {}, "rateLimits": limits})
        catalog = self.ports.catalog
        catalog.add(a_business(SALON, **settings))
        for chair in ("chair-1", "chair-2"):
            catalog.add(replace(a_resource(chair), business=SALON))
        cut: dict[str, Any] = {"name": "Cut", "durationMinutes": 30, "maxSimultaneous": 2}
        catalog.add(Service(business=SALON, id="cut", settings=cut, op="made"))

    def slot(self, **members: Any) -> Slot:
        slot = a_slot(**{"resource": "stand-1", "capacity": 1, **members})
        return self.ports.put(replace(slot, key=replace(slot.key, business=SALON)))

    def start(self, start: Instant, resource: str | None = "chair-1") -> FreeStart:
        return FreeStart(business=SALON, service="cut", resource=resource, start=start)

    def booked(self, start: Instant, by: Caller = ALICE) -> Booking:
        ports = self.ports
        wish = Wish(spot=self.start(start), metadata={})
        offered = (ports.ledger, ports.callers, ports.catalog, ports.catalogues)
        held = at_once(reserve(*offered, ports.bookings, asked(by), wish)).booking
        return confirm(*offered, asked(by), held.id).booking

    def move(self, booking: Booking, to: SlotKey | FreeStart, by: Caller = ALICE) -> Booking:
        ports = self.ports
        offered = (ports.ledger, ports.callers, ports.catalog, ports.catalogues)
        return reschedule(*offered, asked(by, expects=booking.version), booking.id, to).booking

    def move_for(self, booking: Booking, to: SlotKey | FreeStart, *codes: str) -> Booking:
        ports = self.ports
        offered = (ports.ledger, ports.callers, ports.catalog, ports.catalogues)
        return reschedule_for(*offered, asked(SAM), booking.id, to, Override(codes, "they asked")).booking

    def by_hand(self, spot: SlotKey | FreeStart, *codes: str) -> Booking:
        ports = self.ports
        offered = (ports.ledger, ports.callers, ports.catalog, ports.catalogues)
        why = Override(codes, "they are here")
        wish = Wish(spot=spot, metadata={"walked": True})
        return book_by_hand(*offered, asked(SAM), SALON, wish, customer=None, override=why).booking

    def approve(self, booking: Booking) -> Booking:
        ports = self.ports
        return approve(
            ports.ledger, ports.callers, ports.catalog, ports.catalogues, asked(SAM), booking.id
        ).booking

    def reject(self, booking: Booking) -> Booking:
        return reject(self.ports.ledger, self.ports.callers, asked(SAM), booking.id, reason="full").booking

    def live(self) -> None:
        """All at once, for whoever records what is asked."""
        self.open(policies={"approvalRequired": True})
        slot = self.slot()
        moving = self.approve(self.booked(MIDNIGHT - 15 * MINUTE))
        moving = self.move(moving, self.start(MIDNIGHT + 2 * HOUR))  # from two days and a pool to one
        moving = self.move(moving, self.start(MIDNIGHT + 3 * HOUR))  # within a day
        moving = self.move(moving, slot.key)
        self.by_hand(slot.key, "overbook")
        self.move_for(moving, self.start(MIDNIGHT - 15 * MINUTE), "max_reschedules")
        self.by_hand(self.start(MIDNIGHT + 6 * HOUR))
        self.reject(self.booked(MIDNIGHT + 8 * HOUR, BOB))
        self.ports.ledger.bookings([moving.id, "b" * 20])
