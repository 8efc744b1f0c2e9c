"""A slot with a queue in front of it, what people do there, and ledgers with a guard of the queue's off."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from holdfast.adapters.dynamodb import slots
from holdfast.adapters.dynamodb.client import Dynamo
from holdfast.adapters.dynamodb.ledger import DynamoLedger
from holdfast.app.confirm import confirm
from holdfast.app.deeds import Done
from holdfast.app.join_queue import Joined, join_queue
from holdfast.app.ports import ClaimRefused, Ledger
from holdfast.app.promote import promote
from holdfast.app.release import release
from holdfast.app.writes import SaveSlot, Write
from holdfast.domain import invariants
from holdfast.domain.booking import ENDED, Booking
from holdfast.domain.caller import Caller
from holdfast.domain.claim import Claim
from holdfast.domain.entry import Entry
from holdfast.domain.identity import claimant
from holdfast.domain.instants import Instant
from holdfast.domain.place import SlotKey
from holdfast.domain.queue import Place
from holdfast.domain.slot import Slot
from tests.concurrency.arena import Arena, Meeting
from tests.support.builders import NOW, a_slot, a_wish, asked


@dataclass(frozen=True)
class WaitingRoom:
    """One full slot; `first` are the bookings that filled it, `queued` the entries in order of joining."""

    arena: Arena
    slot: SlotKey
    first: list[Booking]
    queued: list[Entry]

    def join(self, user: str, *, units: int = 1, on: Ledger | None = None) -> Joined:
        arena = self.arena
        by = asked(Caller(user), key=f"join {self.slot.slot_id}")
        wish = a_wish(self.slot, units=units)
        return join_queue(on or arena.ledger, arena.ports.callers, arena.catalog, by, self.slot, wish)

    def release(self, booking: Booking) -> Done:
        arena = self.arena
        return release(arena.ledger, arena.ports.callers, asked(Caller(booking.owner)), booking.id)

    def confirm(self, booking: Booking, *, on: Ledger | None = None) -> Done:
        arena = self.arena
        by = asked(Caller(booking.owner))
        ledger = on or arena.ledger
        return confirm(ledger, arena.ports.callers, arena.catalog, arena.catalogues, by, booking.id)

    def promote(self, *, on: Ledger | None = None, now: Instant = NOW) -> int:
        return promote(on or self.arena.ledger, self.arena.catalog, self.slot, now)

    def now(self) -> Slot:
        return self.arena.slot(self.slot)

    def waiting(self) -> list[str]:
        """The entries that wait, the head first."""
        return [place.entry for place in self.now().waiting(NOW).values()]

    def entry(self, entry_id: str) -> Entry:
        entry = self.arena.ledger.entry(entry_id)
        assert entry is not None
        return entry

    def served(self) -> list[Booking]:
        """The bookings that promotions made, in the order of joining."""
        found = (self.arena.ledger.booking(entry.id) for entry in self.queued)
        return [booking for booking in found if booking]

    def held(self, now: Instant = NOW) -> list[Booking]:
        """All bookings that have not ended, whatever the slot says."""
        ids = [*(booking.id for booking in self.first), *(entry.id for entry in self.queued)]
        records = [record for each in ids if (record := self.arena.ledger.booking(each))]
        return [record for record in records if record.seen_at(now) not in ENDED]

    def units_given(self, now: Instant = NOW) -> int:
        return sum(booking.units for booking in self.held(now))

    def times_passed(self) -> list[int]:
        """How often each was passed over, as their histories tell."""
        return [invariants.passes_told(self.entry(entry.id)) for entry in self.queued]

    def violations(self, now: Instant = NOW) -> list[str]:
        found = self.arena.violations(self.now(), now, [*self.first, *self.served()])
        entries = {entry.id: self.entry(entry.id) for entry in self.queued}
        for each in entries.values():
            found += invariants.of_entry(each, self.arena.ledger.booking(each.id))
        return [*found, *invariants.of_queue(self.now(), entries)]


def a_full_slot(arena: Arena, *, capacity: int, waiting: Sequence[int] = ()) -> WaitingRoom:
    """Held unit by unit, and parties of these sizes waiting."""
    slot = arena.ports.put_apart(a_slot(capacity=capacity)).key
    first = [arena.reserve(f"holder-{number:02d}", slot).booking for number in range(capacity)]
    room = WaitingRoom(arena, slot, first, [])
    for number, units in enumerate(waiting):
        room.queued.append(room.join(f"waiter-{number:02d}", units=units).entry)
    return room


def position(joined: Joined) -> int:
    """Where the answer to a join says that its caller stands."""
    return joined.slot.position(claimant(joined.entry.owner, None), NOW)


class Overtaking(DynamoLedger):
    """The claim's condition does not ask whether anybody waits."""

    def claim(self, slot: SlotKey, who: str, claim: Claim, now: Instant) -> Slot:
        expression = slots.claim(slot, who, claim, now)
        expression["ConditionExpression"] = expression["ConditionExpression"].replace(
            "size(#queue) = :none AND ", ""
        )
        del expression["ExpressionAttributeNames"]["#queue"]
        del expression["ExpressionAttributeValues"][":none"]
        return slots.slot_of(self._decide("update_item", ReturnValues="ALL_NEW", **expression)["Attributes"])


class CheckedJoins(DynamoLedger):
    """A join is checked on a read, and what was decided is written as it is."""

    def __init__(self, dynamo: Dynamo, table: str, meeting: Meeting) -> None:
        super().__init__(dynamo, table)
        self._meeting = meeting

    def join(self, slot: SlotKey, who: str, place: Place, now: Instant, most: int) -> Slot:
        there = self.slot(slot)
        self._meeting.come()
        if there is None or not there.admits_waiting(who, place, now, most):
            raise ClaimRefused(there)
        joined = there.joined(who, place, now)
        self._write("put_item", Item=slots.slot_item(joined))
        return joined


class Unrevved(DynamoLedger):
    """A slot decided from a read one is written whatever its `rev` is by now; all other conditions stand.

    Everybody decides before anybody writes, and the others write before those whose `rev` is not asked."""

    def __init__(self, dynamo: Dynamo, table: str, parties: int) -> None:
        super().__init__(dynamo, table)
        self._decided, self._written = Meeting(parties), Meeting(parties)

    def commit(self, *writes: Write) -> None:
        decided_on_rev = any(isinstance(write, SaveSlot) for write in writes)
        self._decided.come()
        if decided_on_rev:
            self._written.come()
        try:
            super().commit(*(self._on_rev_of_now(write) for write in writes))
        finally:
            self._written.come()

    def _on_rev_of_now(self, write: Write) -> Write:
        there = self.slot(write.slot.key) if isinstance(write, SaveSlot) else None
        if not isinstance(write, SaveSlot) or there is None:
            return write
        return SaveSlot(replace(write.slot, rev=there.rev + 1))


class Forgetful(DynamoLedger):
    """It does not keep how often somebody was passed over."""

    def commit(self, *writes: Write) -> None:
        super().commit(*(_without_passes(write) for write in writes))


def _without_passes(write: Write) -> Write:
    if not isinstance(write, SaveSlot):
        return write
    places = {who: replace(place, passed=0) for who, place in write.slot.places.items()}
    return SaveSlot(replace(write.slot, places=places))


def repeated[Answer](deed: Callable[[], Answer], times: int) -> Callable[[], list[Answer]]:
    """The same deed several times over, by the same thread."""
    return lambda: [deed() for _ in range(times)]
