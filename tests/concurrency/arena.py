"""Where requests race: threads that begin together, on the real adapter or on one with its guard off."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from holdfast.adapters.dynamodb import bookings, days, slots
from holdfast.adapters.dynamodb.client import Dynamo
from holdfast.adapters.dynamodb.keys import day_key
from holdfast.adapters.dynamodb.ledger import DynamoLedger
from holdfast.app.ports import Catalog, Catalogues, ClaimRefused, Ledger
from holdfast.app.reserve import Reserved, reserve
from holdfast.app.writes import RemoveClaim, SaveBooking, SaveDay, SaveSlot, SetClaimExpiry, Write
from holdfast.domain import invariants
from holdfast.domain.booking import Booking
from holdfast.domain.caller import Caller
from holdfast.domain.claim import Claim
from holdfast.domain.errors import Refusal, Unavailable
from holdfast.domain.instants import Instant
from holdfast.domain.place import SlotKey
from holdfast.domain.slot import Slot
from tests.support.builders import NOW, a_business, a_resource, a_wish, asked, at_once
from tests.support.clouds import Ports
from tests.support.memory import Memory, MemoryLedger
from tests.support.memory_readers import MemoryCatalog, MemoryCatalogues
from tests.support.tables import Tables


@dataclass(frozen=True)
class Arena:
    """The catalog is in memory: what is offered is not raced for."""

    ports: Ports
    dynamo: Dynamo
    tables: Tables
    memory: Memory = field(default_factory=Memory)

    @property
    def catalog(self) -> Catalog:
        return MemoryCatalog(self.memory)

    @property
    def catalogues(self) -> Catalogues:
        return MemoryCatalogues(self.memory)

    def __post_init__(self) -> None:
        self.catalog.add(a_business())
        self.catalog.add(a_resource())

    @property
    def ledger(self) -> Ledger:
        return self.ports.ledger

    def unconditional(self) -> Unconditional:
        return Unconditional(self.dynamo, self.tables.ledger)

    def check_then_act(self, parties: int) -> CheckThenAct:
        return CheckThenAct(self.dynamo, self.tables, Meeting(parties))

    def reserve(
        self,
        user: str,
        slot: SlotKey,
        *,
        on: Ledger | None = None,
        now: Instant = NOW,
        key: str | None = None,
        units: int = 1,
    ) -> Reserved:
        by = asked(Caller(user), now=now, key=key)
        wish = a_wish(slot, units=units)
        ports = self.ports
        ledger = on or self.ledger
        return at_once(
            reserve(ledger, ports.callers, self.catalog, self.catalogues, ports.bookings, by, wish)
        )

    def slot(self, key: SlotKey) -> Slot:
        slot = self.ledger.slot(key)
        assert slot is not None
        return slot

    def violations(self, slot: Slot, now: Instant, answered: Sequence[Booking]) -> list[str]:
        """What DESIGN 9 finds in the slot and the records of what was answered."""
        records = [record for each in answered if (record := self.ledger.booking(each.id))]
        there = self.slot(slot.key)
        found = [*invariants.of_slot(there, now), *invariants.of_records(there, records, now, 0)]
        for record in records:
            found += invariants.of_booking(record)
        return found


def all_at_once[Answer](deeds: Sequence[Callable[[], Answer]]) -> list[Answer | Exception]:
    """What each deed answers, all begun in the same instant; refusals and failures are answers too."""
    ready = threading.Barrier(len(deeds))

    def begin(deed: Callable[[], Answer]) -> Answer | Exception:
        ready.wait(timeout=20)
        try:
            return deed()
        except (Refusal, Unavailable) as refused:
            return refused

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(begin, deeds))


class Meeting:
    """Lets nobody on before all have come, each thread once; later on it is no hindrance."""

    def __init__(self, parties: int) -> None:
        self._barrier = threading.Barrier(parties)
        self._mine = threading.local()

    def come(self) -> None:
        if not getattr(self._mine, "came", False):
            self._mine.came = True
            with suppress(threading.BrokenBarrierError):
                self._barrier.wait(timeout=5)


class Unconditional(DynamoLedger):
    """The claim's guard is off: the same write, whatever stands there."""

    def claim(self, slot: SlotKey, who: str, claim: Claim, now: Instant) -> Slot:
        expression = slots.claim(slot, who, claim, now)
        del expression["ConditionExpression"]
        for unused in ("#state", "#start", "#queue"):
            del expression["ExpressionAttributeNames"][unused]
        for unused in (":open", ":now", ":none"):
            del expression["ExpressionAttributeValues"][unused]
        return slots.slot_of(self._write("update_item", ReturnValues="ALL_NEW", **expression)["Attributes"])


class CheckThenAct(DynamoLedger):
    """All guards are off: each condition is checked on a read, and what was decided is written as it is.

    All come together between the check and the act, which is where such code breaks."""

    def __init__(self, dynamo: Dynamo, tables: Tables, meeting: Meeting) -> None:
        super().__init__(dynamo, tables.ledger, tables.catalog)
        self._meeting = meeting

    def replace(self, slot: Slot) -> None:
        there = self.slot(slot.key)
        self._meeting.come()
        if there is None or there.rev != slot.rev - 1:
            raise ClaimRefused(there)
        self._put(slots.slot_item(slot))

    def commit(self, *writes: Write) -> None:
        memory = self._read(writes)
        try:
            MemoryLedger(memory).commit(*writes)
        finally:
            self._meeting.come()
        for slot in memory.slots.values():
            self._put(slots.slot_item(slot))
        for day in memory.days.values():
            self._put(days.day_item(day))
        for booking in memory.bookings.values():
            self._put(bookings.booking_item(booking))

    def _read(self, writes: Sequence[Write]) -> Memory:
        """What the writes' conditions are about."""
        memory = Memory()
        for write in writes:
            match write:
                case SetClaimExpiry() | RemoveClaim():
                    if isinstance(write.ledger, SlotKey) and (slot := self.slot(write.ledger)):
                        memory.slots[slot.key] = slot
                case SaveSlot():
                    if slot := self.slot(write.slot.key):
                        memory.slots[slot.key] = slot
                case SaveDay():
                    found = self.batch([day_key(write.day.key)])
                    for item in found.values():
                        memory.days[write.day.key] = days.day_of(write.day.key, item)
                case SaveBooking():
                    if booking := self.booking(write.booking.id):
                        memory.bookings[booking.id] = booking
        return memory

    def _put(self, item: dict[str, Any]) -> None:
        self._write("put_item", Item=item)
