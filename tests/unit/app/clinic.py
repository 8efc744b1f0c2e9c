"""A clinic in memory: a treatment takes a doctor and a room, a checkup two nurses and a room, and
there are series of both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import replace
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from holdfast.app.asked import Asked
from holdfast.app.reschedule_series import reschedule_members
from holdfast.app.reserve_series import Made, reserve_series
from holdfast.app.series_deeds import Result, cancel_members, confirm_members
from holdfast.app.series_wish import SeriesWish
from holdfast.app.standing import claims_of
from holdfast.app.wish import FreeStart, Wish
from holdfast.domain.booking import Booking
from holdfast.domain.claim import Claim
from holdfast.domain.day import Day
from holdfast.domain.instants import DAY, MINUTE, Instant, to_datetime
from holdfast.domain.place import LedgerKey, SlotKey
from holdfast.domain.series import Mode, Outcome, Scope, Series
from holdfast.domain.slot import Slot
from tests.support.builders import BOB, BUSINESS, CAROL, a_resource, a_slot, asked
from tests.support.memory_readers import MemoryBookings
from tests.unit.app.salon import CHAIRS, Salon, a_service, at

NINE = at(9)
DOCTORS, NURSES, ROOMS = ("dr-ann", "dr-bob"), ("nurse-cid", "nurse-dan", "nurse-eve"), ("room-1", "room-2")
KINDS = {"doctor": DOCTORS, "nurse": NURSES, "room": ROOMS}
TREATMENT = [{"kind": "doctor", "count": 1}, {"kind": "room", "count": 1}]
CHECKUP = [{"kind": "nurse", "count": 2}, {"kind": "room", "count": 1}]


@dataclass
class Clinic(Salon):
    def __post_init__(self) -> None:
        super().__post_init__()
        for kind, names in KINDS.items():
            for name in names:
                self.add(replace(a_resource(name), kind=kind))
        self.offer(a_service("treatment", durationMinutes=60, requires=TREATMENT))
        self.offer(a_service("checkup", durationMinutes=60, requires=CHECKUP))
        self.offer(a_service("cut", resourceIds=list(CHAIRS)))

    def publish(self, *starts: Instant, capacity: int = 1) -> Sequence[Slot]:
        """Slots of an hour at those starts."""
        slots = [a_slot(start=start, capacity=capacity) for start in starts]
        for slot in slots:
            self.memory.put_slot(slot)
        return slots

    def slot(self, slot: Slot) -> Slot:
        return self.memory.slots[slot.key]

    def sell_out(self, start: Instant) -> None:
        """Book both doctors at that start."""
        for who in (BOB, CAROL):
            self.confirm(asked(who), self.book(asked(who), start, service="treatment").booking)

    def book_series(
        self,
        by: Asked,
        starts: Sequence[Instant],
        mode: Mode = Mode.ALL_OR_NOTHING,
        *,
        service: str = "treatment",
        resource: str | None = None,
        rule: str | None = None,
        lasts: int | None = None,
        **wish: Any,
    ) -> Made:
        """At those starts, or at those that the rule makes of the first, so many minutes each."""
        spots = [
            FreeStart(
                business=BUSINESS,
                service=service,
                resource=resource,
                start=start,
                end=start + lasts * MINUTE if lasts else None,
            )
            for start in starts
        ]
        return self._book(by, spots, mode, rule, wish)

    def book_package(
        self, by: Asked, slots: Sequence[Slot], mode: Mode = Mode.ALL_OR_NOTHING, **wish: Any
    ) -> Made:
        return self._book(by, [slot.key for slot in slots], mode, None, wish)

    def _book(
        self,
        by: Asked,
        spots: Sequence[SlotKey | FreeStart],
        mode: Mode,
        rule: str | None,
        wish: dict[str, Any],
    ) -> Made:
        first, *others = spots
        plan = SeriesWish(
            wish=Wish(spot=first, **{"metadata": {}, **wish}), others=others, rule=rule, mode=mode
        )
        ports = (self.ledger, self.callers, self.catalog, self.catalogues, MemoryBookings(self.memory))
        return reserve_series(*ports, by, plan)

    def members(self, series: Series) -> list[Booking]:
        """The records of its occurrences, in their order."""
        records = self.memory.bookings
        return [records[each.booking] for each in series.occurrences if each.outcome is Outcome.RESERVED]

    def confirm_series(self, by: Asked, series: Series) -> Sequence[Result]:
        ports = (self.ledger, self.callers, self.catalog, self.catalogues)
        return confirm_members(*ports, by, series.id)[1]

    def cancel_members(self, by: Asked, booking: Booking, scope: Scope) -> Sequence[Result]:
        ports = (self.ledger, self.callers, self.catalog, self.catalogues)
        return cancel_members(*ports, by, booking.id, scope, reason="it rains")

    def standing(self, booking: Booking) -> Mapping[LedgerKey, Claim]:
        """What stands for it in its ledgers."""
        return claims_of(self.ledger, booking.claims, booking.who, booking.id)

    def move_members(
        self, by: Asked, booking: Booking, to: Slot | Instant, scope: Scope, resource: str | None = None
    ) -> Sequence[Result]:
        spot: SlotKey | FreeStart = (
            to.key
            if isinstance(to, Slot)
            else FreeStart(business=BUSINESS, service=booking.service or "", resource=resource, start=to)
        )
        ports = (self.ledger, self.callers, self.catalog, self.catalogues)
        return reschedule_members(*ports, by, booking.id, spot, scope)

    @property
    def taken(self) -> dict[str, set[str]]:
        """The bookings whose claims stand on any day or in any slot, by the name of the ledger."""
        ledgers: list[Day | Slot] = [*self.memory.days.values(), *self.memory.slots.values()]
        found = {each.key.name: {claim.booking for claim in each.claims.values()} for each in ledgers}
        return {name: bookings for name, bookings in found.items() if bookings}


def weekly(many: int, first: Instant = NINE) -> list[Instant]:
    """That instant and those a week, two weeks … after it."""
    return [first + week * 7 * DAY for week in range(many)]


def shown(instants: Iterable[Instant]) -> list[str]:
    """As the clock in Berlin tells them."""
    return [to_datetime(each, ZoneInfo("Europe/Berlin")).strftime("%d.%m. %H:%M") for each in instants]
