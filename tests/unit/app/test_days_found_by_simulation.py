"""What the simulation found of days and appointments, kept as cases of its own like those of slots."""

from __future__ import annotations

from dataclasses import replace

import pytest

from holdfast.app.create_slot import NewSlot, create_slot
from holdfast.app.expire import expire
from holdfast.app.ports import Timer
from holdfast.app.wish import FreeStart
from holdfast.domain.booking import Booking, BookingStatus
from holdfast.domain.caller import Caller
from holdfast.domain.errors import HoldExpired, NotOffered
from holdfast.domain.instants import MINUTE, SECOND
from holdfast.domain.invariants_days import of_appointments
from tests.support.builders import ALICE, BOB, BUSINESS, NOW, a_resource, asked
from tests.unit.app.salon import Salon, a_service, at

NINE = at(9)
ADMIN = Caller("admin", frozenset({f"{BUSINESS}:admin"}))


class Crash(Exception):
    pass


@pytest.fixture
def salon() -> Salon:
    """Where a cut takes a chair and a room, of which there are two each."""
    salon = Salon()
    for room in ("room-1", "room-2"):
        salon.add(a_resource(room, kind="room"))
    salon.offer(a_service(requires=_a_chair_and(1)))
    salon.offer(a_service("talk", resourceIds=["room-1", "room-2"]))
    return salon


def _a_chair_and(rooms: int) -> list[dict[str, object]]:
    return [{"kind": "stand", "count": 1}, {"kind": "room", "count": rooms}]


def _crashed(salon: Salon) -> str:
    """Alice's claims are made and nobody writes their record; the booking's id."""

    def crash() -> None:
        raise Crash

    salon.pauses["record"] = crash
    with pytest.raises(Crash):
        salon.book(asked(), NINE)
    (claim,) = salon.day().claims.values()
    return claim.booking


def _violations(salon: Salon) -> list[str]:
    memory = salon.memory
    return list(of_appointments(memory.days.values(), memory.bookings.values(), NOW, 2 * SECOND))


def test_a_claim_that_is_met_only_in_part_is_not_finished(salon: Salon) -> None:
    """Who wishes for the other room does not look at the one that was claimed before the crash."""
    _crashed(salon)
    with pytest.raises(NotOffered) as refused:
        salon.book(asked(), NINE, resource="room-2")
    assert (refused.value.reasons, refused.value.facts["retryAfter"]) == (("taken",), 120)
    assert salon.memory.bookings == {}
    whole = salon.book(asked(), NINE).booking
    assert whole.resources == ("chair-1", "room-1")
    assert _violations(salon) == []


def test_a_claim_of_which_a_newcomer_evicted_a_part_is_not_finished(salon: Salon) -> None:
    """Bob's clock is ahead of Alice's: he saw her hold past and took the room."""
    _crashed(salon)
    salon.book(asked(BOB, now=NOW + 120 * SECOND), NINE, service="talk", resource="room-1")
    with pytest.raises(NotOffered):
        salon.book(asked(now=NOW + 119 * SECOND), NINE)
    assert salon.memory.bookings.keys() == {each.booking for each in salon.day("room-1").claims.values()}


def test_a_booking_that_is_met_in_part_is_the_one_there_is(salon: Salon) -> None:
    held = salon.book(asked(), NINE).booking
    again = salon.book(asked(), NINE, resource="room-2")
    assert (again.created, again.booking) == (False, held)


def test_whoever_finishes_a_claim_tells_its_resources_in_the_same_order(salon: Salon) -> None:
    """The first room has more to do, so that the second comes first; a twin writes the record meanwhile."""
    salon.offer(a_service(requires=_a_chair_and(2)))
    salon.book(asked(BOB), at(11), service="talk", resource="room-1")
    salon.pauses["record"] = lambda: salon.book(asked(key="one"), NINE)
    booking = salon.book(asked(key="one"), NINE).booking
    assert salon.booking(booking) == booking
    assert _violations(salon) == []


def test_what_a_slot_took_the_time_of_cannot_be_confirmed(salon: Salon) -> None:
    """The admin's clock is two seconds ahead: it saw the hold past and published a slot there."""
    held = salon.book(asked(), NINE).booking
    new = NewSlot(resource="chair-1", start=NINE, end=NINE + 30 * MINUTE, capacity=1, metadata={})
    create_slot(salon.ledger, salon.catalog, asked(ADMIN, now=held.expires), BUSINESS, new)
    with pytest.raises(HoldExpired):
        salon.confirm(asked(now=held.expires - SECOND), held)
    assert salon.day().claims == {}


def _renamed(salon: Salon) -> tuple[Booking, Booking]:
    """A hold as it was, and as it is since it was given to a child."""
    held = salon.book(asked(), NINE).booking
    return held, salon.amend(asked(expects=1), held, subject={"id": "ida"})


def test_the_timer_of_who_had_it_first_ends_the_claims_with_their_record(salon: Salon) -> None:
    held, renamed = _renamed(salon)
    timer = Timer.of(held)
    expire(salon.ledger, timer, held.expires + 2 * SECOND)
    assert salon.booking(renamed).status is BookingStatus.EXPIRED
    assert all(not day.claims for day in salon.memory.days.values())


def test_that_timer_ends_a_late_twins_claim_in_the_same_day_as_well(salon: Salon) -> None:
    held, renamed = _renamed(salon)
    day = salon.day()
    late = replace(held.claims[day.key], expires=held.expires - SECOND)
    salon.ledger.replace_day(day.claimed(held.who, late, NOW))
    expire(salon.ledger, replace(Timer.of(held), expires=late.expires), held.expires + 2 * SECOND)
    assert salon.booking(renamed).status is BookingStatus.EXPIRED
    assert all(not day.claims for day in salon.memory.days.values())


def test_a_late_twins_claim_where_a_booking_was_moved_from_is_not_that_booking(salon: Salon) -> None:
    held = salon.confirm(asked(ALICE), salon.book(asked(), NINE).booking)
    ten = FreeStart(business=BUSINESS, service="cut", start=at(10))
    moved = salon.move(asked(expects=2), held, ten).booking
    for resource in moved.resources:
        day = salon.day(resource)
        late = replace(held.claims[day.key], expires=NOW + 60 * SECOND)
        salon.ledger.replace_day(day.claimed(held.who, late, NOW))
    with pytest.raises(NotOffered):
        salon.book(asked(), NINE)
    assert salon.booking(moved) == moved
