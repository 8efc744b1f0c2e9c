"""Moves and bookings by hand on the ledgers: every item once, all of it or nothing, read back as written."""

from __future__ import annotations

from dataclasses import replace

import pytest

from holdfast.app.ports import Lost
from holdfast.app.writes import RemoveClaim, SaveBooking, SaveDay
from holdfast.domain.booking import BookingStatus
from holdfast.domain.day import Day
from holdfast.domain.errors import NotOffered, SlotFull
from holdfast.domain.instants import HOUR, MINUTE, NEVER
from holdfast.domain.place import DayKey
from tests.contract.moving import MIDNIGHT, SALON, Moving
from tests.support.builders import BOB, a_booking
from tests.support.clouds import Ports

CHAIR = DayKey(SALON, "chair-1", "2026-06-12")


@pytest.fixture
def salon(ports: Ports) -> Moving:
    salon = Moving(ports)
    salon.open()
    return salon


def days(salon: Moving, *keys: DayKey) -> list[Day]:
    return list(salon.ports.ledger.slots_and_days([], keys)[1])


def test_over_midnight_four_items_and_the_record_move_together(salon: Moving) -> None:
    booking = salon.booked(MIDNIGHT - 15 * MINUTE)
    before = list(booking.claims)
    assert len(before) == 4  # two days of the chair, two of the cap
    moved = salon.move(booking, salon.start(MIDNIGHT + 2 * HOUR))
    assert salon.ports.ledger.booking(booking.id) == moved
    keys = [key for key in (*before, *moved.claims) if isinstance(key, DayKey)]
    for day in days(salon, *dict.fromkeys(keys)):
        claims = {moved.who: moved.claims[day.key]} if day.key in moved.claims else {}
        assert day.claims == claims
    assert {claim.expires for claim in moved.claims.values()} == {NEVER}


def test_a_day_moves_its_own_claim_in_one_write(salon: Moving) -> None:
    booking = salon.booked(MIDNIGHT + HOUR)
    (key,) = (each for each in booking.claims if isinstance(each, DayKey) and each.resource == "chair-1")
    (before,) = days(salon, key)
    moved = salon.move(booking, salon.start(MIDNIGHT + HOUR + 15 * MINUTE))
    (after,) = days(salon, key)
    assert (after.rev, set(after.claims)) == (before.rev + 1, {moved.who})


def test_to_a_slot_and_back(salon: Moving) -> None:
    slot = salon.slot()
    booking = salon.booked(MIDNIGHT + HOUR)
    there = salon.move(booking, slot.key)
    taken = salon.ports.ledger.slot(slot.key)
    assert taken is not None
    assert (taken.free, taken.claims) == (0, {there.who: there.claim})
    back = salon.move(there, salon.start(MIDNIGHT + HOUR))
    freed = salon.ports.ledger.slot(slot.key)
    assert freed is not None
    assert (freed.free, freed.claims, back.moved_from) == (1, {}, (booking.start, slot.start))


def test_the_codes_it_took_are_read_back(salon: Moving) -> None:
    slot = salon.slot()
    salon.by_hand(slot.key)
    with pytest.raises(SlotFull):
        salon.by_hand(slot.key)
    over = salon.by_hand(slot.key, "overbook", "break")
    there = salon.ports.ledger.booking(over.id)
    assert there == over
    assert there.history[0].deed.override == ("overbook",)
    taken = salon.ports.ledger.slot(slot.key)
    assert taken is not None
    assert taken.free == -1


def test_a_record_that_is_there_is_not_made_again(salon: Moving) -> None:
    booking = salon.by_hand(salon.start(MIDNIGHT + HOUR))
    (day,) = days(
        salon, *(key for key in booking.claims if isinstance(key, DayKey) and key.resource == "chair-1")
    )
    again = replace(day, rev=day.rev + 1)
    with pytest.raises(Lost):
        salon.ports.ledger.commit(SaveDay(again), SaveBooking(booking, absent=True))
    assert days(salon, day.key) == [day]


def test_what_was_had_elsewhere_goes_only_as_it_is_known(salon: Moving) -> None:
    """A claim that is not exactly the booking's is somebody's deed since: then nothing moves."""
    booking = salon.booked(MIDNIGHT + HOUR)
    key, claim = next(iter(booking.claims.items()))
    other = replace(claim, units=claim.units + 1)
    with pytest.raises(Lost):
        salon.ports.ledger.commit(
            RemoveClaim(key, booking.who, other), SaveBooking(replace(booking, version=3))
        )
    assert salon.ports.ledger.booking(booking.id) == booking


def test_a_move_that_is_refused_leaves_all_as_it_is(salon: Moving) -> None:
    booking = salon.booked(MIDNIGHT + HOUR)
    rival = salon.booked(MIDNIGHT + 3 * HOUR, BOB)
    with pytest.raises(NotOffered):
        salon.move(booking, salon.start(rival.start))
    assert salon.ports.ledger.bookings([booking.id, rival.id, "b" * 20]) == {
        each.id: each for each in (booking, rival)
    }


def test_approving_and_rejecting_on_days(ports: Ports) -> None:
    salon = Moving(ports)
    salon.open(policies={"approvalRequired": True})
    approved = salon.approve(salon.booked(MIDNIGHT - 15 * MINUTE))
    rejected = salon.reject(salon.booked(MIDNIGHT + 2 * HOUR, BOB))
    assert (approved.status, rejected.status) == (BookingStatus.CONFIRMED, BookingStatus.CANCELLED)
    keys = [key for key in approved.claims if isinstance(key, DayKey)]
    claims = {claim for day in days(salon, *keys) for claim in day.claims.values()}
    assert {claim.expires for claim in claims} == {NEVER}
    assert {claim.booking for claim in claims} == {approved.id}


def test_any_number_of_bookings_is_read_at_once(ports: Ports) -> None:
    made = [replace(a_booking(), id=f"{number:020d}") for number in range(103)]
    for booking in made:
        ports.ledger.record(booking)
    assert ports.ledger.bookings([each.id for each in made]) == {each.id: each for each in made}
    assert ports.ledger.bookings([]) == {}
