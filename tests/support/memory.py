"""The ports in memory: what the simulation runs against and what fast tests use.

They pass the same contract suite as the DynamoDB adapters (`tests/contract`). `Memory.pause` is called before
and after the effect of every call, so that a scheduler can interleave, kill and inject faults there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from holdfast.app.ports import (
    REMEMBERED_FOR,
    Asking,
    ClaimRefused,
    Limited,
    Lost,
    Page,
    Recollection,
)
from holdfast.app.writes import (
    ChangeClaim,
    RemoveClaim,
    SaveBooking,
    SaveDay,
    SaveJob,
    SaveSlot,
    SetClaimExpiry,
    TakeNumber,
    Write,
)
from holdfast.domain.booking import Booking, BookingStatus
from holdfast.domain.business import Business, Resource
from holdfast.domain.day import Day
from holdfast.domain.errors import Invalid
from holdfast.domain.instants import DAY, HOUR, MINUTE, Instant
from holdfast.domain.job import Job
from holdfast.domain.member import Member
from holdfast.domain.place import DayKey, SlotKey
from holdfast.domain.slot import Claim, Slot, SlotState

RECORD_GRACE = 5 * MINUTE
TTL_GRACE = HOUR


@dataclass(frozen=True, slots=True)
class Changed:
    """One record of the ledger's stream, in the order of its writes."""

    before: Slot | Booking | None
    after: Slot | Booking | None
    by_ttl: bool = False


@dataclass
class Memory:
    """All tables at once."""

    slots: dict[SlotKey, Slot] = field(default_factory=dict)
    days: dict[DayKey, Day] = field(default_factory=dict)
    bookings: dict[str, Booking] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)
    jobs: dict[str, Job] = field(default_factory=dict)
    keys: dict[tuple[str, str], tuple[str, Instant]] = field(default_factory=dict)
    counts: dict[tuple[str, Limited, int], int] = field(default_factory=dict)
    asked_for: dict[tuple[str, SlotKey], Asking] = field(default_factory=dict)
    businesses: dict[str, Business] = field(default_factory=dict)
    resources: dict[tuple[str, str], Resource] = field(default_factory=dict)
    members: dict[tuple[str, str], Member] = field(default_factory=dict)
    stream: list[Changed] = field(default_factory=list)
    pause: Callable[[str], None] = lambda _: None

    def put_slot(self, slot: Slot) -> None:
        self.stream.append(Changed(self.slots.get(slot.key), slot))
        self.slots[slot.key] = slot

    def put_booking(self, booking: Booking) -> None:
        self.stream.append(Changed(self.bookings.get(booking.id), booking))
        self.bookings[booking.id] = booking

    def reap(self, now: Instant) -> None:
        """What DynamoDB's TTL does to holds nobody tidied up."""
        for booking in list(self.bookings.values()):
            if booking.status is BookingStatus.RESERVED and booking.expires + TTL_GRACE <= now:
                del self.bookings[booking.id]
                self.stream.append(Changed(booking, None, by_ttl=True))


@dataclass(frozen=True)
class MemoryLedger:
    memory: Memory

    def claim(self, slot: SlotKey, who: str, claim: Claim, now: Instant) -> Slot:
        self.memory.pause("claim")
        there = self.memory.slots.get(slot)
        if there is None or not there.admits(who, claim.units, now):
            raise ClaimRefused(there)
        claimed = there.claimed(who, claim)
        self.memory.put_slot(claimed)
        self.memory.pause("claim made")
        return claimed

    def replace(self, slot: Slot) -> None:
        self.memory.pause("replace slot")
        there = self.memory.slots.get(slot.key)
        if not _unchanged_since(there, slot):
            raise ClaimRefused(there)
        self.memory.put_slot(slot)
        self.memory.pause("slot replaced")

    def record(self, booking: Booking) -> Booking | None:
        self.memory.pause("record")
        there = self.memory.bookings.get(booking.id)
        if there is None:
            self.memory.put_booking(booking)
        self.memory.pause("recorded")
        return there

    def commit(self, *writes: Write) -> None:
        self.memory.pause("commit " + "+".join(type(write).__name__ for write in writes))
        if not all(self._holds(write) for write in writes):
            raise Lost
        for write in writes:
            self._apply(write)
        self.memory.pause("committed")

    def slot(self, key: SlotKey) -> Slot | None:
        self.memory.pause("read slot")
        return self.memory.slots.get(key)

    def booking(self, booking_id: str) -> Booking | None:
        self.memory.pause("read booking")
        return self.memory.bookings.get(booking_id)

    def numbered(self, number: str) -> str | None:
        self.memory.pause("read number")
        return self.memory.numbers.get(number)

    def job(self, job_id: str) -> Job | None:
        self.memory.pause("read job")
        return self.memory.jobs.get(job_id)

    def slot_and_days(self, slot: SlotKey, days: Iterable[DayKey]) -> tuple[Slot | None, Sequence[Day]]:
        self.memory.pause("read slot and days")
        return self.memory.slots.get(slot), [self.memory.days.get(day, Day(day)) for day in days]

    def slots_and_days(
        self, slot_keys: Sequence[SlotKey], days: Sequence[DayKey]
    ) -> tuple[Mapping[SlotKey, Slot], Sequence[Day]]:
        self.memory.pause("read slots and days")
        there = {key: self.memory.slots[key] for key in slot_keys if key in self.memory.slots}
        return there, [self.memory.days.get(day, Day(day)) for day in days]

    def due(self, until: Instant) -> Iterable[SlotKey | str]:
        self.memory.pause("read due")
        slots = [key for key, slot in self.memory.slots.items() if slot.due and slot.due <= until]
        bookings = self.memory.bookings.values()
        held = [each for each in bookings if each.status is BookingStatus.RESERVED]
        ending = [each.id for each in bookings if each.finishes_at and each.finishes_at <= until]
        return [*slots, *(each.id for each in held if each.expires + RECORD_GRACE <= until), *ending]

    def _holds(self, write: Write) -> bool:
        memory = self.memory
        match write:
            case SetClaimExpiry():
                slot = memory.slots.get(write.slot)
                claim = slot.live_claim(write.who, write.now) if slot else None
                ours = claim is not None and claim.booking == write.booking
                return ours and (not write.open_only or slot is None or slot.state is SlotState.OPEN)
            case ChangeClaim():
                slot = memory.slots.get(write.slot)
                if slot is None or slot.claims.get(write.who) != write.claim:
                    return False
                free = replace(slot, claims={}).admits(write.to_who, write.more, write.now)
                return (write.to_who == write.who or write.to_who not in slot.claims) and (
                    write.more <= 0 or free
                )
            case RemoveClaim():
                slot = memory.slots.get(write.slot)
                return slot is not None and slot.claims.get(write.who) == write.claim
            case SaveSlot():
                return _unchanged_since(memory.slots.get(write.slot.key), write.slot)
            case SaveDay():
                there = memory.days.get(write.day.key)
                return (there.rev if there else 0) == write.day.rev - 1
            case SaveBooking():
                record = memory.bookings.get(write.booking.id)
                if write.absent or record is None:
                    return write.absent and record is None
                return record.version == write.booking.version - 1
            case SaveJob():
                job = memory.jobs.get(write.job.id)
                if write.absent or job is None:
                    return write.absent and job is None
                return job.version == write.job.version - 1
            case TakeNumber():
                return memory.numbers.get(write.number, write.booking) == write.booking

    def _apply(self, write: Write) -> None:
        memory = self.memory
        match write:
            case SetClaimExpiry():
                memory.put_slot(memory.slots[write.slot].with_expiry(write.who, write.expires))
            case ChangeClaim():
                changed = memory.slots[write.slot].changed(write.who, write.to_who, write.to_claim)
                memory.put_slot(changed)
            case RemoveClaim():
                memory.put_slot(memory.slots[write.slot].without(write.who))
            case SaveSlot():
                memory.put_slot(write.slot)
            case SaveDay():
                memory.days[write.day.key] = write.day
            case SaveBooking():
                memory.put_booking(write.booking)
            case SaveJob():
                memory.jobs[write.job.id] = write.job
            case TakeNumber():
                memory.numbers[write.number] = write.booking


def _unchanged_since(there: Slot | None, slot: Slot) -> bool:
    return (there.rev if there else 0) == slot.rev - 1


@dataclass(frozen=True)
class MemoryCallers:
    memory: Memory

    def note(
        self,
        caller: str,
        now: Instant,
        *,
        key: str | None,
        fingerprint: str,
        deed: Limited | None,
        asking: Asking | None,
    ) -> Recollection:
        self.memory.pause("remember")
        first, used = None, 0
        if key:
            first, at = self.memory.keys.get((caller, key), (None, 0))
            if first is None or at <= now - DAY:
                first = None
                self.memory.keys[caller, key] = (fingerprint, now)
        if deed:
            window = (caller, deed, now // MINUTE)
            used = self.memory.counts[window] = self.memory.counts.get(window, 0) + 1
        lately = self._lately(caller, now)
        if asking and asking.slot not in {each.slot for each in lately}:
            self.memory.asked_for[caller, asking.slot] = asking
        self.memory.pause("remembered")
        return Recollection(first, used, lately)

    def replace_asking(self, caller: str, asking: Asking) -> None:
        self.memory.pause("replace asking")
        self.memory.asked_for[caller, asking.slot] = asking

    def lately(self, caller: str, now: Instant) -> Sequence[Asking]:
        self.memory.pause("read lately")
        return self._lately(caller, now)

    def _lately(self, caller: str, now: Instant) -> Sequence[Asking]:
        asked_for = self.memory.asked_for.items()
        return [each for (who, _), each in asked_for if who == caller and each.at > now - REMEMBERED_FOR]


@dataclass(frozen=True)
class MemoryCatalog:
    memory: Memory

    def business(self, business_id: str) -> Business | None:
        return self.memory.businesses.get(business_id)

    def resource(self, business_id: str, resource_id: str) -> Resource | None:
        return self.memory.resources.get((business_id, resource_id))

    def resources(self, business_id: str, *, limit: int, cursor: str | None) -> Page[Resource]:
        found = [each for (owner, _), each in sorted(self.memory.resources.items()) if owner == business_id]
        return _page(found, lambda each: each.id, limit, cursor)

    def member(self, business_id: str, user_id: str) -> Member | None:
        return self.memory.members.get((business_id, user_id))

    def members(self, business_id: str, *, limit: int, cursor: str | None) -> Page[Member]:
        found = [each for (owner, _), each in sorted(self.memory.members.items()) if owner == business_id]
        return _page(found, lambda each: each.user, limit, cursor)

    def add_business(self, business: Business) -> None:
        _add(self.memory.businesses, business.id, business)

    def add_resource(self, resource: Resource) -> None:
        _add(self.memory.resources, (resource.business, resource.id), resource)

    def add_member(self, member: Member) -> None:
        _add(self.memory.members, (member.business, member.user), member)

    def save_business(self, business: Business) -> None:
        _save(self.memory.businesses, business.id, business)

    def save_resource(self, resource: Resource) -> None:
        _save(self.memory.resources, (resource.business, resource.id), resource)

    def save_member(self, member: Member) -> None:
        _save(self.memory.members, (member.business, member.user), member)

    def remove_resource(self, resource: Resource) -> None:
        _remove(self.memory.resources, (resource.business, resource.id), resource)

    def remove_member(self, member: Member) -> None:
        _remove(self.memory.members, (member.business, member.user), member)


def _add[Name, Item](table: dict[Name, Item], name: Name, item: Item) -> None:
    if name in table:
        raise Lost
    table[name] = item


def _save[Name, Item: (Business, Resource, Member)](table: dict[Name, Item], name: Name, item: Item) -> None:
    if name not in table or table[name].version != item.version - 1:
        raise Lost
    table[name] = item


def _remove[Name, Item: (Resource, Member)](table: dict[Name, Item], name: Name, item: Item) -> None:
    if name not in table or table[name].version != item.version:
        raise Lost
    del table[name]


@dataclass(frozen=True)
class MemorySlots:
    memory: Memory

    def published(
        self,
        business: str,
        resources: Sequence[str],
        start: Instant,
        end: Instant,
        *,
        limit: int,
        cursor: str | None,
    ) -> Page[Slot]:
        found = [
            slot
            for key, slot in sorted(self.memory.slots.items())
            if key.business == business
            and key.resource in resources
            and start <= slot.start < end
            and slot.state is not SlotState.DELETED
        ]
        return _page(found, lambda slot: slot.key.slot_id, limit, cursor)


@dataclass(frozen=True)
class MemoryBookings:
    memory: Memory

    def of_owner(
        self,
        owner: str,
        start: Instant,
        end: Instant,
        *,
        limit: int,
        cursor: str | None,
        also: Sequence[str] = (),
    ) -> Page[Booking]:
        found = [each for each in self.memory.bookings.values() if each.owner == owner]
        found = [each for each in found if start <= each.start < end]
        found.sort(key=lambda each: (each.start, each.id))
        return _page(found, lambda each: each.id, limit, cursor)

    def of_business(
        self, business: str, start: Instant, end: Instant, *, limit: int, cursor: str | None
    ) -> Page[Booking]:
        found = [each for each in self.memory.bookings.values() if each.business == business]
        found = [each for each in found if start <= each.start < end]
        found.sort(key=lambda each: (each.start, each.id))
        return _page(found, lambda each: f"{each.slot.day}.{each.id}", limit, cursor)


def _page[Item](
    items: Sequence[Item], name: Callable[[Item], str], limit: int, cursor: str | None
) -> Page[Item]:
    names = [name(item) for item in items]
    if cursor and cursor not in names:
        raise Invalid("/query/cursor", "is not a cursor of this list")
    start = names.index(cursor) + 1 if cursor else 0
    page = items[start : start + limit]
    return Page(page, names[start + limit - 1] if start + limit < len(items) else None)
