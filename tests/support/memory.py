"""The ports in memory: what the simulation runs against and what fast tests use.

They pass the same contract suite as the DynamoDB adapters (`tests/contract`). `Memory.pause` is called before
and after the effect of every call, so that a scheduler can interleave, kill and inject faults there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from holdfast.app.ports import Asking, ClaimRefused, DayMoved, Due, DueBooking, DueJob, Limited, Lost
from holdfast.app.writes import (
    ChangeClaim,
    MoveEntry,
    RemoveClaim,
    RemovePlace,
    SaveBooking,
    SaveDay,
    SaveJob,
    SaveSeries,
    SaveSlot,
    SetClaimExpiry,
    TakeNumber,
    Write,
)
from holdfast.domain.absence import Absence
from holdfast.domain.booking import HELD, Booking
from holdfast.domain.business import Business, Resource
from holdfast.domain.claim import Claim
from holdfast.domain.day import Day
from holdfast.domain.entry import Entry, EntryStatus
from holdfast.domain.holiday import Holiday
from holdfast.domain.instants import HOUR, MINUTE, Instant
from holdfast.domain.job import Job
from holdfast.domain.member import Member
from holdfast.domain.place import DayKey, LedgerKey, SlotKey
from holdfast.domain.queue import Place
from holdfast.domain.series import Series
from holdfast.domain.service import Service
from holdfast.domain.slot import Slot, SlotState

RECORD_GRACE = 5 * MINUTE
TTL_GRACE = HOUR


@dataclass(frozen=True, slots=True)
class Changed:
    """One record of the ledger's stream, in the order of its writes."""

    before: Slot | Day | Booking | Entry | None
    after: Slot | Day | Booking | Entry | None
    by_ttl: bool = False


@dataclass
class Memory:
    """All tables at once."""

    slots: dict[SlotKey, Slot] = field(default_factory=dict)
    days: dict[DayKey, Day] = field(default_factory=dict)
    bookings: dict[str, Booking] = field(default_factory=dict)
    entries: dict[str, Entry] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)
    jobs: dict[str, Job] = field(default_factory=dict)
    series: dict[str, Series] = field(default_factory=dict)
    keys: dict[tuple[str, str], tuple[str, Instant]] = field(default_factory=dict)
    counts: dict[tuple[str, Limited, int], int] = field(default_factory=dict)
    asked_for: dict[tuple[str, str], Asking] = field(default_factory=dict)
    businesses: dict[str, Business] = field(default_factory=dict)
    resources: dict[tuple[str, str], Resource] = field(default_factory=dict)
    services: dict[tuple[str, str], Service] = field(default_factory=dict)
    holidays: dict[tuple[str, str], Holiday] = field(default_factory=dict)
    absences: dict[tuple[str, str, str], Absence] = field(default_factory=dict)
    members: dict[tuple[str, str], Member] = field(default_factory=dict)
    revisions: dict[str, int] = field(default_factory=dict)
    stream: list[Changed] = field(default_factory=list)
    pause: Callable[[str], None] = lambda _: None

    def put_slot(self, slot: Slot) -> None:
        self.stream.append(Changed(self.slots.get(slot.key), slot))
        self.slots[slot.key] = slot

    def put_day(self, day: Day) -> None:
        self.stream.append(Changed(self.days.get(day.key), day))
        self.days[day.key] = day

    def put_booking(self, booking: Booking) -> None:
        self.stream.append(Changed(self.bookings.get(booking.id), booking))
        self.bookings[booking.id] = booking

    def put_entry(self, entry: Entry) -> None:
        self.stream.append(Changed(self.entries.get(entry.id), entry))
        self.entries[entry.id] = entry

    def reap(self, now: Instant) -> None:
        """What DynamoDB's TTL does to holds nobody tidied up, and to entries that waited out their time."""
        for entry in list(self.entries.values()):
            if entry.status is EntryStatus.WAITING and entry.until + TTL_GRACE <= now:
                del self.entries[entry.id]
                self.stream.append(Changed(entry, None, by_ttl=True))
        for booking in list(self.bookings.values()):
            if booking.status in HELD and booking.expires + TTL_GRACE <= now:
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

    def join(self, slot: SlotKey, who: str, place: Place, now: Instant, most: int) -> Slot:
        self.memory.pause("join")
        there = self.memory.slots.get(slot)
        if there is None or not there.admits_waiting(who, place, now, most):
            raise ClaimRefused(there)
        joined = there.joined(who, place, now)
        self.memory.put_slot(joined)
        self.memory.pause("joined")
        return joined

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

    def enter(self, entry: Entry) -> Entry | None:
        self.memory.pause("enter")
        there = self.memory.entries.get(entry.id)
        if there is None:
            self.memory.put_entry(entry)
        self.memory.pause("entered")
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

    def bookings(self, booking_ids: Sequence[str]) -> Mapping[str, Booking]:
        self.memory.pause("read bookings")
        return {each: self.memory.bookings[each] for each in booking_ids if each in self.memory.bookings}

    def series(self, series_id: str) -> Series | None:
        self.memory.pause("read series")
        return self.memory.series.get(series_id)

    def entry(self, entry_id: str) -> Entry | None:
        self.memory.pause("read entry")
        return self.memory.entries.get(entry_id)

    def entry_and_booking(self, entry_id: str) -> tuple[Entry | None, Booking | None]:
        self.memory.pause("read entry and booking")
        return self.memory.entries.get(entry_id), self.memory.bookings.get(entry_id)

    def entries(self, entry_ids: Sequence[str]) -> Mapping[str, Entry]:
        self.memory.pause("read entries")
        return {each: self.memory.entries[each] for each in entry_ids if each in self.memory.entries}

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

    def days_and_revision(self, business: str, days: Sequence[DayKey]) -> tuple[Sequence[Day], int]:
        self.memory.pause("read days")
        found = [self.memory.days.get(day, Day(day)) for day in days]
        return found, self.memory.revisions.get(business, 0)

    def replace_day(self, day: Day) -> None:
        self.memory.pause("replace day")
        there = self.memory.days.get(day.key, Day(day.key))
        if there.rev != day.rev - 1:
            raise DayMoved(there)
        self.memory.put_day(day)
        self.memory.pause("day replaced")

    def due(self, until: Instant) -> Iterable[Due]:
        self.memory.pause("read due")
        slots: list[Due] = [key for key, slot in self.memory.slots.items() if slot.due and slot.due <= until]
        slots += [key for key, day in self.memory.days.items() if day.due and day.due <= until]
        bookings = self.memory.bookings.values()
        held = [each for each in bookings if each.status in HELD]
        records = [each.id for each in held if each.expires + RECORD_GRACE <= until]
        records += [each.id for each in bookings if each.finishes_at and each.finishes_at <= until]
        jobs = [DueJob(each.id) for each in self.memory.jobs.values() if each.due and each.due <= until]
        return [*slots, *map(DueBooking, records), *jobs]

    def _item(self, key: LedgerKey) -> Slot | Day | None:
        return self.memory.slots.get(key) if isinstance(key, SlotKey) else self.memory.days.get(key)

    def _holds(self, write: Write) -> bool:
        memory = self.memory
        match write:
            case SetClaimExpiry():
                item = self._item(write.ledger)
                claim = item.live_claim(write.who, write.now) if item else None
                ours = claim is not None and claim.booking == write.booking
                closed = isinstance(item, Slot) and item.state is not SlotState.OPEN
                return ours and not (write.open_only and closed)
            case ChangeClaim():
                slot = memory.slots.get(write.slot)
                if slot is None or slot.claims.get(write.who) != write.claim:
                    return False
                free = replace(slot, claims={}).admits(write.to_who, write.more, write.now)
                absent = write.to_who not in slot.claims and write.to_who not in slot.places
                return (write.to_who == write.who or absent) and (write.more <= 0 or free)
            case RemoveClaim():
                item = self._item(write.ledger)
                return item is not None and item.claims.get(write.who) == write.claim
            case RemovePlace():
                slot = memory.slots.get(write.slot)
                return slot is not None and slot.places.get(write.who) == write.place
            case MoveEntry():
                entry = memory.entries.get(write.entry)
                return entry is not None and entry.status is write.before
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
            case SaveSeries():
                series = memory.series.get(write.series.id)
                if write.absent or series is None:
                    return write.absent and series is None
                return series.version == write.series.version - 1
            case TakeNumber():
                return memory.numbers.get(write.number, write.booking) == write.booking

    def _apply(self, write: Write) -> None:
        memory = self.memory
        match write:
            case SetClaimExpiry():
                if isinstance(write.ledger, SlotKey):
                    memory.put_slot(memory.slots[write.ledger].with_expiry(write.who, write.expires))
                else:
                    day = memory.days[write.ledger]
                    claim = replace(day.claims[write.who], expires=write.expires)
                    memory.put_day(replace(day, rev=day.rev + 1, claims={**day.claims, write.who: claim}))
            case ChangeClaim():
                changed = memory.slots[write.slot].changed(write.who, write.to_who, write.to_claim)
                memory.put_slot(changed)
            case RemoveClaim():
                if isinstance(write.ledger, SlotKey):
                    memory.put_slot(memory.slots[write.ledger].without(write.who))
                else:
                    day = memory.days[write.ledger]
                    kept = {who: each for who, each in day.claims.items() if who != write.who}
                    memory.put_day(replace(day, rev=day.rev + 1, claims=kept))
            case RemovePlace():
                slot = memory.slots[write.slot]
                places = {who: place for who, place in slot.places.items() if who != write.who}
                memory.put_slot(replace(slot, places=places, rev=slot.rev + 1))
            case MoveEntry():
                memory.put_entry(memory.entries[write.entry].moved(write.after, write.deed))
            case SaveSlot():
                memory.put_slot(write.slot)
            case SaveDay():
                memory.put_day(write.day)
            case SaveBooking():
                memory.put_booking(write.booking)
            case SaveJob():
                memory.jobs[write.job.id] = write.job
            case SaveSeries():
                memory.series[write.series.id] = write.series
            case TakeNumber():
                memory.numbers[write.number] = write.booking


def _unchanged_since(there: Slot | None, slot: Slot) -> bool:
    return (there.rev if there else 0) == slot.rev - 1
