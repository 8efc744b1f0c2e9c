"""A deployed ledger read whole, and judged by DESIGN 9."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from holdfast.adapters.dynamodb.bookings import booking_of
from holdfast.adapters.dynamodb.days import day_of
from holdfast.adapters.dynamodb.entries import entry_of
from holdfast.adapters.dynamodb.slots import slot_of
from holdfast.domain import invariants, invariants_days
from holdfast.domain.booking import Booking
from holdfast.domain.day import Day
from holdfast.domain.entry import Entry
from holdfast.domain.instants import SECOND, Instant
from holdfast.domain.occupancy import WHOLE
from holdfast.domain.place import DayKey
from holdfast.domain.slot import Slot

SKEW = 2 * SECOND


@dataclass(frozen=True)
class LedgerState:
    slots: list[Slot]
    days: list[Day]
    bookings: list[Booking]
    entries: list[Entry]

    def violations(self, now: Instant) -> list[str]:
        """Invariants 1 to 4 and 6, and that slots of one resource overlap neither each other nor an
        appointment. What else days have room for is told by their resources."""
        found: list[str] = []
        entries = {entry.id: entry for entry in self.entries}
        for slot in self.slots:
            found += invariants.of_slot(slot, now)
            found += invariants.of_records(slot, self.bookings, now, SKEW)
            found += invariants.of_queue(slot, entries)
        for booking in self.bookings:
            found += invariants.of_booking(booking)
        records = {booking.id: booking for booking in self.bookings}
        for entry in self.entries:
            found += invariants.of_entry(entry, records.get(entry.id))
        for resource in {(slot.key.business, slot.key.resource) for slot in self.slots}:
            slots = [slot for slot in self.slots if (slot.key.business, slot.key.resource) == resource]
            days = [day for day in self.days if (day.key.business, day.key.resource) == resource]
            found += invariants.of_resource(slots, days)
        found += invariants_days.of_appointments(self.days, self.bookings, now, SKEW)
        for day in self.days:
            found += invariants_days.of_day(day, WHOLE, now)
        return found


def read_ledger(dynamodb: Any, table: str) -> LedgerState:
    """Scan the table; for tests and small tables only."""
    items = dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True).search("Items")
    state = LedgerState([], [], [], [])
    for item in items:
        match item["kind"]["S"]:
            case "slot":
                state.slots.append(slot_of(item))
            case "booking":
                state.bookings.append(booking_of(item))
            case "entry":
                state.entries.append(entry_of(item))
            case "day":
                _, business, resource, month = item["PK"]["S"].split("#")
                day = item["SK"]["S"].partition("#")[0]
                state.days.append(day_of(DayKey(business, resource, f"{month}-{day}"), item))
    return state
