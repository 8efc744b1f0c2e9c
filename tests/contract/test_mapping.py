"""Items and values: what is written is read back as it was, with the attributes that others rely on."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given

from holdfast.adapters.dynamodb.bookings import booking_item, booking_of
from holdfast.adapters.dynamodb.days import day_item, day_of
from holdfast.adapters.dynamodb.entries import entry_item, entry_of, move_entry
from holdfast.adapters.dynamodb.keys import (
    SHARDS,
    booking_key,
    business_day,
    day_key,
    due_shard,
    due_shards,
    entry_key,
    job_key,
    number_key,
    read_booking_id,
    read_job_id,
    read_slot_key,
    slot_key,
)
from holdfast.adapters.dynamodb.slots import slot_item, slot_of
from holdfast.app.writes import MoveEntry
from holdfast.domain.booking import HELD, Booking, BookingStatus, Deed
from holdfast.domain.day import Day
from holdfast.domain.entry import Entry, EntryStatus
from holdfast.domain.identity import derived_id
from holdfast.domain.instants import DAY, HOUR, MINUTE, SECOND
from holdfast.domain.place import DayKey
from holdfast.domain.slot import LARGEST_CAPACITY, Slot
from tests.support.builders import NOW, a_booking, a_claim, a_confirmed_booking, a_place, a_slot, an_entry
from tests.support.strategies import any_slots, bookings, days, entries, ids


@given(any_slots)
def test_a_slot_survives_being_an_item(slot: Slot) -> None:
    assert slot_of(slot_item(slot)) == slot
    assert read_slot_key(slot_key(slot.key)) == slot.key


@given(days)
def test_a_day_survives_being_an_item(day: Day) -> None:
    item = day_item(day)
    assert {name: item[name] for name in ("PK", "SK")} == day_key(day.key)
    assert day_of(day.key, item) == day


@given(bookings())
def test_a_record_survives_being_an_item(booking: Booking) -> None:
    assert booking_of(booking_item(booking)) == booking


@given(entries)
def test_an_entry_survives_being_an_item(entry: Entry) -> None:
    item = entry_item(entry)
    assert entry_of(item) == entry
    assert {name: item[name] for name in ("PK", "SK")} == entry_key(entry.id)


@given(ids)
def test_a_key_tells_what_it_is_of_and_nothing_else(booking_id: str) -> None:
    assert read_booking_id(booking_key(booking_id)) == booking_id
    assert read_slot_key(booking_key(booking_id)) is None
    assert read_slot_key(number_key(booking_id)) is None
    assert read_booking_id(number_key(booking_id)) is None
    assert read_booking_id(entry_key(booking_id)) is None
    assert read_slot_key(entry_key(booking_id)) is None
    assert read_booking_id(slot_key(a_slot().key)) is None
    assert read_job_id(job_key(booking_id)) == booking_id
    assert read_job_id(booking_key(booking_id)) is None


def test_shards_are_the_ones_the_sweep_asks_and_all_of_them_are_used() -> None:
    booking_ids = [derived_id(str(number)) for number in range(200)]
    used = {due_shard(booking_key(each)) for each in booking_ids}
    assert used == set(due_shards())
    assert len({business_day(each, a_slot().key) for each in booking_ids}) == SHARDS


def test_what_has_no_due_is_not_in_the_index() -> None:
    assert "due" not in slot_item(a_slot())
    assert "due" in slot_item(a_slot(due=NOW))
    key = DayKey("bikes", "stand-1", "2026-06-14")
    assert "due" not in day_item(Day(key, 1))
    assert "due" in day_item(Day(key, 1, due=NOW))


def test_a_hold_is_due_five_minutes_and_deleted_an_hour_after_its_end() -> None:
    held = a_booking(claim=a_claim(expires=NOW + 90_500))
    item = booking_item(held)
    assert int(item["due"]["N"]) == held.expires + 5 * MINUTE
    assert int(item["ttl"]["N"]) == (held.expires + HOUR) // SECOND
    assert item["dueShard"]["S"] in due_shards()


def test_what_came_to_nothing_is_deleted_after_ninety_days_and_is_due_no_more() -> None:
    lapsed = a_booking().moved(BookingStatus.EXPIRED, Deed("lapse", "system:expirer", NOW + HOUR, "expiry"))
    item = booking_item(lapsed)
    assert int(item["ttl"]["N"]) == (NOW + HOUR + 90 * DAY) // SECOND
    assert not {"due", "dueShard"} & set(item)


def test_an_entry_that_waits_is_deleted_an_hour_after_its_time_and_is_in_no_index_but_its_owners() -> None:
    entry = an_entry(until=NOW + 90_500)
    item = entry_item(entry)
    assert int(item["ttl"]["N"]) == (entry.until + HOUR) // SECOND
    assert item["owner"]["S"] != entry.owner
    assert not {"due", "dueShard", "businessDay"} & set(item)


@pytest.mark.parametrize("after", sorted(set(EntryStatus) - {EntryStatus.WAITING}))
def test_an_entry_that_has_ended_or_had_its_turn_is_kept_for_ninety_days(after: EntryStatus) -> None:
    deed = Deed("deed", "customer:alice", NOW + HOUR, "leave")
    ended = entry_item(an_entry().moved(after, deed))["ttl"]
    moved = move_entry(MoveEntry("e" * 20, EntryStatus.WAITING, after, deed))
    assert (
        ended == moved["ExpressionAttributeValues"][":ttl"] == {"N": str((NOW + HOUR + 90 * DAY) // SECOND)}
    )


def test_a_note_on_an_entry_that_waits_leaves_the_time_it_is_deleted_at() -> None:
    deed = Deed("deed", "admin:ada", NOW + HOUR, "move_to_front")
    noted = move_entry(MoveEntry("e" * 20, EntryStatus.WAITING, EntryStatus.WAITING, deed))
    assert "ttl" not in noted["ExpressionAttributeNames"].values()
    assert entry_item(an_entry())["ttl"] == entry_item(an_entry().moved(EntryStatus.WAITING, deed))["ttl"]


@pytest.mark.parametrize("status", sorted(set(BookingStatus) - HELD - {BookingStatus.EXPIRED}))
def test_what_was_confirmed_is_never_deleted(status: BookingStatus) -> None:
    item = booking_item(replace(a_confirmed_booking(), status=status))
    assert not {"due", "dueShard", "ttl"} & set(item)


@pytest.mark.parametrize("waiting", [0, LARGEST_CAPACITY // 2, LARGEST_CAPACITY - 1])
def test_the_largest_slot_with_its_queue_stays_far_below_what_an_item_may_weigh(waiting: int) -> None:
    claim, place = a_claim("b" * 20, fingerprint="f" * 11), a_place("e" * 20)
    full = a_slot(
        capacity=LARGEST_CAPACITY - waiting,
        claims={f"{n:011d}": claim for n in range(LARGEST_CAPACITY - waiting)},
        places={f"w{n:010d}": place for n in range(waiting)},
    )
    item = slot_item(full)
    weight = sum(
        len(name) + 1 + 3 + sum(len(next(iter(each.values()))) + 1 for each in value["L"])
        for attribute in ("claims", "queue")
        for name, value in item[attribute]["M"].items()
    )
    weight += sum(len(name) + 1 + len(seq["N"]) + 1 for name, seq in item["order"]["M"].items())
    assert weight < 40_000
