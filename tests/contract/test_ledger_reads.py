"""`Ledger` reads: what is there, what is missing, and exactly what is due."""

from __future__ import annotations

from dataclasses import replace

import pytest

from holdfast.app.ports import DueBooking
from holdfast.app.writes import SaveBooking, SaveDay, SaveSlot
from holdfast.domain.booking import BookingStatus, Deed
from holdfast.domain.day import Day
from holdfast.domain.instants import HOUR, MINUTE, SECOND, Instant
from holdfast.domain.place import DayKey, Window
from holdfast.domain.slot import SlotState
from tests.support.builders import BUSINESS, NOW, RESOURCE, a_booking, a_claim, a_confirmed_booking, a_slot
from tests.support.clouds import Ports


def test_what_is_not_there_is_read_as_nothing(ports: Ports) -> None:
    assert ports.ledger.slot(a_slot().key) is None
    assert ports.ledger.booking("b" * 20) is None
    assert list(ports.ledger.due(NOW)) == []


def test_days_come_in_the_order_asked_and_a_missing_one_has_rev_0(ports: Ports) -> None:
    keys = [DayKey(BUSINESS, RESOURCE, f"2026-{day}") for day in ("07-01", "06-30", "06-29")]
    there = Day(keys[1], 1, {"a-slot": Window(0, 30)})
    ports.ledger.commit(SaveDay(there))
    assert ports.ledger.slot_and_days(a_slot().key, keys) == (None, [Day(keys[0]), there, Day(keys[2])])


def test_a_slot_is_read_with_its_days_also_once_it_is_deleted(ports: Ports) -> None:
    tombstone = ports.put(a_slot(state=SlotState.DELETED))
    assert ports.ledger.slot_and_days(tombstone.key, []) == (tombstone, [])
    assert ports.ledger.slot(tombstone.key) == tombstone


@pytest.mark.parametrize(("until", "listed"), [(NOW - 1, False), (NOW, True), (NOW + HOUR, True)])
def test_a_slot_is_listed_from_the_millisecond_it_is_due(ports: Ports, until: Instant, listed: bool) -> None:
    slot = ports.put(a_slot(due=NOW))
    ports.put_apart(a_slot(claims={"alice": a_claim()}))
    assert list(ports.ledger.due(until)) == ([slot.key] if listed else [])


@pytest.mark.parametrize(("until", "listed"), [(5 * MINUTE - 1, False), (5 * MINUTE, True), (HOUR, True)])
def test_a_held_record_is_due_five_minutes_after_its_end(ports: Ports, until: Instant, listed: bool) -> None:
    held = a_booking()
    ports.ledger.record(held)
    assert list(ports.ledger.due(held.expires + until)) == ([DueBooking(held.id)] if listed else [])


def test_an_extended_record_is_due_after_its_new_end(ports: Ports) -> None:
    held = a_booking()
    ports.ledger.record(held)
    longer = held.extended(600, Deed("op-2", "customer:alice", NOW, "extend"), total_max_seconds=1800)
    ports.ledger.commit(SaveBooking(longer))
    assert list(ports.ledger.due(held.expires + HOUR - 55 * MINUTE)) == []
    assert list(ports.ledger.due(longer.expires + 5 * MINUTE)) == [DueBooking(held.id)]


def test_what_is_confirmed_or_over_is_not_due(ports: Ports) -> None:
    ports.ledger.record(a_confirmed_booking(claim=a_claim("confirmed")))
    lapsed = a_booking().moved(BookingStatus.EXPIRED, Deed("lapse", "system:expirer", NOW, "expiry"))
    ports.ledger.record(lapsed)
    assert list(ports.ledger.due(NOW + 1000 * HOUR)) == []


def test_what_is_no_longer_held_leaves_the_list(ports: Ports) -> None:
    held = a_booking()
    ports.ledger.record(held)
    released = held.released(Deed("op-2", "customer:alice", NOW + SECOND, "release"))
    ports.ledger.commit(SaveBooking(released))
    assert list(ports.ledger.due(NOW + 1000 * HOUR)) == []


def test_all_that_is_due_is_listed_whatever_shard_it_is_in(ports: Ports) -> None:
    slots = {ports.put_apart(a_slot(due=NOW + number)).key for number in range(12)}
    records = {f"booking-{number:02d}" for number in range(12)}
    for number, booking_id in enumerate(sorted(records)):
        ports.ledger.record(a_booking(claim=a_claim(booking_id, expires=NOW - 5 * MINUTE + number)))
    found = list(ports.ledger.due(NOW + 5))
    expected = {key for key in slots if int(key.resource[-2:]) <= 5} | {
        DueBooking(each) for each in records if int(each[-2:]) <= 5
    }
    assert len(found) == len(expected) == 12
    assert set(found) == expected


def test_a_slot_deleted_and_published_again_goes_on_where_its_rev_was(ports: Ports) -> None:
    slot = ports.put(a_slot())
    ports.ledger.commit(SaveSlot(replace(slot, rev=2, state=SlotState.DELETED)))
    ports.ledger.commit(SaveSlot(replace(slot, rev=3, terms=2)))
    assert ports.ledger.slot(slot.key) == replace(slot, rev=3, terms=2)


def test_many_slots_are_read_with_their_days_and_the_missing_ones_left_out(ports: Ports) -> None:
    slots = [ports.put(a_slot(start=NOW + hour * HOUR)) for hour in (1, 2)]
    tombstone = ports.put(a_slot(start=NOW + 3 * HOUR, state=SlotState.DELETED))
    missing = a_slot(start=NOW + 4 * HOUR)
    there = Day(DayKey(BUSINESS, RESOURCE, "2026-06-12"), 1, {"a-slot": Window(0, 30)})
    ports.ledger.commit(SaveDay(there))
    other = DayKey(BUSINESS, RESOURCE, "2026-06-13")
    found, days = ports.ledger.slots_and_days(
        [missing.key, tombstone.key, *(slot.key for slot in slots)], [other, there.key]
    )
    assert found == {slot.key: slot for slot in (*slots, tombstone)}
    assert days == [Day(other), there]
    assert ports.ledger.slots_and_days([], []) == ({}, [])
