"""`Slots` and `Bookings`: lists for readers, whose pages make up exactly what was asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from holdfast.app.ports import Page
from holdfast.app.writes import SaveBooking, SaveDay, SaveSlot, TakeNumber
from holdfast.domain.booking import Booking, Deed
from holdfast.domain.day import Day
from holdfast.domain.instants import DAY, HOUR, Instant
from holdfast.domain.place import DayKey, SlotKey
from holdfast.domain.slot import Slot, SlotState
from tests.support.builders import BUSINESS, NOW, RESOURCE, a_booking, a_claim, a_slot
from tests.support.clouds import Ports

FAR = NOW + 400 * DAY


def _all[Item](fetch: Callable[[str | None], Page[Item]], limit: int) -> list[Item]:
    found: list[Item] = []
    cursor: str | None = None
    for _ in range(200):
        page = fetch(cursor)
        assert len(page.items) <= limit
        found += page.items
        if page.cursor is None:
            return found
        assert page.cursor != cursor
        cursor = page.cursor
    raise AssertionError("the list never ends")


def _published(
    ports: Ports, resources: list[str], start: Instant, end: Instant, *, limit: int = 100
) -> list[SlotKey]:
    slots = _all(
        lambda cursor: ports.slots.published(BUSINESS, resources, start, end, limit=limit, cursor=cursor),
        limit,
    )
    return [slot.key for slot in slots]


def test_where_nothing_is_published_nothing_is_listed(ports: Ports) -> None:
    ports.put(a_slot())
    assert _published(ports, ["stand-2"], NOW, FAR) == []
    assert _published(ports, [], NOW, FAR) == []


def test_slots_are_listed_from_the_start_that_was_asked_to_before_the_end(ports: Ports) -> None:
    slots = [ports.put(a_slot(start=NOW + hour * HOUR)) for hour in (1, 2, 3, 4)]
    assert _published(ports, [RESOURCE], NOW + 2 * HOUR, NOW + 4 * HOUR) == [slots[1].key, slots[2].key]
    assert _published(ports, [RESOURCE], NOW + 4 * HOUR, NOW + 4 * HOUR + 1) == [slots[3].key]
    assert _published(ports, [RESOURCE], NOW + 4 * HOUR + 1, NOW + 5 * HOUR) == []
    assert _published(ports, [RESOURCE], NOW + 2 * HOUR, NOW + 2 * HOUR) == []


def test_deleted_slots_are_not_listed_and_blocked_ones_are(ports: Ports) -> None:
    ports.put(a_slot(start=NOW + HOUR, state=SlotState.DELETED))
    blocked = ports.put(a_slot(start=NOW + 2 * HOUR, state=SlotState.BLOCKED))
    assert _published(ports, [RESOURCE], NOW, FAR) == [blocked.key]


def test_what_else_occupies_the_resource_is_no_slot(ports: Ports) -> None:
    slot = ports.put(a_slot())
    ports.ledger.commit(SaveDay(Day(DayKey(BUSINESS, RESOURCE, slot.key.day), 1)))
    assert _published(ports, [RESOURCE], NOW, FAR) == [slot.key]


def test_slots_of_another_business_or_resource_are_not_listed(ports: Ports) -> None:
    mine = ports.put(a_slot())
    ports.put(replace(a_slot(), key=replace(mine.key, business="boats")))
    ports.put(a_slot(resource="stand-10"))
    assert _published(ports, [RESOURCE], NOW, FAR) == [mine.key]


def test_a_listed_slot_is_as_it_is_at_that_moment(ports: Ports) -> None:
    slot = ports.put(a_slot())
    claimed = ports.ledger.claim(slot.key, "alice", a_claim(), NOW)
    page = ports.slots.published(BUSINESS, [RESOURCE], NOW, FAR, limit=1, cursor=None)
    assert list(page.items) == [claimed]


def test_slots_around_midnights_and_months_are_listed_in_utc_whatever_the_ledgers_day(ports: Ports) -> None:
    """The business's ledger is an hour ahead of UTC: 23:30 UTC on 30 June is its 1 July."""
    july = NOW + 18 * DAY + 15 * HOUR  # 1 July, 00:00 UTC
    half = HOUR // 2
    slots = [
        ports.put(a_slot(start=july + step * half, end=july + (step + 1) * half)) for step in range(-4, 4)
    ]
    assert {slot.key.day for slot in slots} == {"2026-06-30", "2026-07-01"}
    for low in range(-4, 4):
        expected = [slot.key for slot in slots if july + low * half <= slot.start < july + HOUR]
        assert _published(ports, [RESOURCE], july + low * half, july + HOUR) == expected


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 12, 13])
def test_pages_of_slots_make_up_the_list_by_resource_and_start(ports: Ports, limit: int) -> None:
    made: list[Slot] = []
    for resource in ("stand-1", "stand-10", "stand-2"):
        for days in (1, 2, 19, 40):
            made.append(ports.put(a_slot(resource=resource, start=NOW + days * DAY)))
    ports.put(a_slot(resource="stand-10", start=NOW + 3 * DAY, state=SlotState.DELETED))
    expected = sorted((slot.key for slot in made), key=lambda key: (key.resource, key.day, key.time))
    listed = _published(ports, ["stand-2", "stand-10", "stand-1"], NOW, NOW + 60 * DAY, limit=limit)
    assert listed == expected


def test_a_page_may_be_empty_and_still_lead_to_slots_in_far_months(ports: Ports) -> None:
    far = ports.put(a_slot(start=NOW + 1000 * DAY))
    assert _published(ports, [RESOURCE, "stand-2"], NOW, NOW + 1001 * DAY, limit=1) == [far.key]


def _of(ports: Ports, owner: str, start: Instant, end: Instant, *, limit: int = 100) -> list[str]:
    bookings = _all(
        lambda cursor: ports.bookings.of_owner(owner, start, end, limit=limit, cursor=cursor), limit
    )
    return [each.id for each in bookings]


def _book(ports: Ports, name: str, *, start: Instant, owner: str = "alice") -> Booking:
    booking = a_booking(slot=a_slot(start=start), claim=a_claim(name.ljust(20, "x")), owner=owner)
    assert ports.ledger.record(booking) is None
    return booking


def test_an_owner_sees_their_own_bookings_of_the_time_asked(ports: Ports) -> None:
    mine = [_book(ports, f"a{hour}", start=NOW + hour * HOUR) for hour in (1, 2, 3)]
    _book(ports, "b1", start=NOW + HOUR, owner="bob")
    assert _of(ports, "alice", NOW, FAR) == [each.id for each in mine]
    assert _of(ports, "alice", NOW + HOUR, NOW + 3 * HOUR) == [mine[0].id, mine[1].id]
    assert _of(ports, "alice", NOW + 3 * HOUR, NOW + 3 * HOUR + 1) == [mine[2].id]
    assert _of(ports, "carol", NOW, FAR) == []


def test_of_no_time_at_all_there_are_no_bookings(ports: Ports) -> None:
    _book(ports, "a1", start=NOW + HOUR)
    assert _of(ports, "alice", NOW + HOUR, NOW + HOUR) == []
    assert _of(ports, "alice", NOW + 2 * HOUR, NOW + HOUR) == []


def test_a_listed_booking_says_what_it_says_now(ports: Ports) -> None:
    booking = _book(ports, "a1", start=NOW + HOUR)
    changed = booking.changed(Deed("op-2", "customer:alice", NOW, "amend"))
    ports.ledger.commit(SaveBooking(changed))
    page = ports.bookings.of_owner("alice", NOW, FAR, limit=5, cursor=None)
    assert (list(page.items), page.cursor) == ([changed], None)


@pytest.mark.parametrize("limit", [1, 2, 3, 6, 7])
def test_pages_of_bookings_make_up_the_list_by_start(ports: Ports, limit: int) -> None:
    made = [_book(ports, f"a{hour}", start=NOW + hour * HOUR) for hour in (6, 2, 5, 1, 4, 3)]
    expected = [each.id for each in sorted(made, key=lambda each: each.start)]
    assert _of(ports, "alice", NOW, FAR, limit=limit) == expected


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_bookings_that_start_together_are_each_listed_once(ports: Ports, limit: int) -> None:
    made = [_book(ports, name, start=NOW + HOUR) for name in "abcde"]
    assert sorted(_of(ports, "alice", NOW, FAR, limit=limit)) == [each.id for each in made]


def test_a_deleted_slot_that_is_published_again_is_listed_again(ports: Ports) -> None:
    slot = ports.put(a_slot(state=SlotState.DELETED))
    ports.ledger.commit(SaveSlot(replace(slot, rev=2, state=SlotState.OPEN)))
    assert _published(ports, [RESOURCE], NOW, FAR) == [slot.key]


def _theirs(ports: Ports, start: Instant, end: Instant, *, limit: int = 100) -> list[str]:
    bookings = _all(
        lambda cursor: ports.bookings.of_business(BUSINESS, start, end, limit=limit, cursor=cursor), limit
    )
    return [each.id for each in bookings]


def test_a_business_sees_whoevers_bookings_of_the_time_asked_and_no_others(ports: Ports) -> None:
    made = [_book(ports, f"a{hour}", start=NOW + hour * HOUR, owner=f"user{hour}") for hour in (1, 2, 3)]
    elsewhere = a_slot(start=NOW + HOUR)
    elsewhere = replace(elsewhere, key=replace(elsewhere.key, business="boats"))
    ports.ledger.record(a_booking(slot=elsewhere, claim=a_claim("z" * 20)))
    assert _theirs(ports, NOW, NOW + DAY) == [each.id for each in made]
    assert _theirs(ports, NOW + HOUR, NOW + 3 * HOUR) == [made[0].id, made[1].id]
    assert _theirs(ports, NOW + 3 * HOUR, NOW + 3 * HOUR + 1) == [made[2].id]
    assert _theirs(ports, NOW + 2 * HOUR, NOW + 2 * HOUR) == []


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 20])
def test_pages_of_a_businesss_bookings_make_up_the_list_over_days_and_shards(
    ports: Ports, limit: int
) -> None:
    names = [f"{letter}{number}" for letter in "abc" for number in range(5)]
    made = [
        _book(ports, name, start=NOW + (number // 4) * 10 * HOUR, owner=name)
        for number, name in enumerate(names)
    ]
    expected = [each.id for each in sorted(made, key=lambda each: (each.start, each.id))]
    assert _theirs(ports, NOW, NOW + 5 * DAY, limit=limit) == expected


def test_a_businesss_page_may_be_empty_and_still_lead_to_far_days(ports: Ports) -> None:
    far = _book(ports, "far", start=NOW + 50 * DAY)
    assert _theirs(ports, NOW, NOW + 60 * DAY, limit=1) == [far.id]


def test_a_businesss_booking_says_what_it_says_now(ports: Ports) -> None:
    booking = _book(ports, "a1", start=NOW + HOUR)
    changed = booking.changed(Deed("op-2", "customer:alice", NOW, "amend"))
    ports.ledger.commit(SaveBooking(changed))
    page = ports.bookings.of_business(BUSINESS, NOW, NOW + DAY, limit=5, cursor=None)
    assert (list(page.items), page.cursor) == ([changed], None)


def test_a_number_leads_to_its_booking(ports: Ports) -> None:
    assert ports.ledger.numbered("BOK-20260612-ABCDEF") is None
    ports.ledger.commit(TakeNumber("BOK-20260612-ABCDEF", "b" * 20))
    assert ports.ledger.numbered("BOK-20260612-ABCDEF") == "b" * 20


def test_bookings_are_read_by_their_ids_however_many(ports: Ports) -> None:
    made = [a_booking(claim=a_claim(f"booking-{number:03d}")) for number in range(120)]
    for booking in made:
        ports.ledger.record(booking)
    there = {booking.id: booking for booking in made}
    assert ports.ledger.bookings([*there, "nobody"]) == there
    assert ports.ledger.bookings([]) == {}
