"""Where a business approves what is booked: staff say yes or no in time, or it lapses (BOOK-1, BOOK-7)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from holdfast.app.asked import Asked
from holdfast.app.deeds import Done
from holdfast.app.expire import expire, restore
from holdfast.app.join_queue import join_queue
from holdfast.app.ports import Timer
from holdfast.app.promote import promote
from holdfast.app.staff_deeds import Mark, approve, cancel_for, mark, reject
from holdfast.app.sweep import sweep
from holdfast.app.timers import timers_for
from holdfast.domain import invariants
from holdfast.domain.booking import AFTER_END_GRACE, Booking, BookingStatus
from holdfast.domain.caller import Caller
from holdfast.domain.entry import EntryStatus
from holdfast.domain.errors import HoldExpired, InvalidTransition, NotFound, SlotBlocked, StaleVersion
from holdfast.domain.instants import HOUR, JANITOR_SKEW, MINUTE, NEVER, SECOND
from holdfast.domain.money import Money
from holdfast.domain.slot import SlotState
from tests.support.builders import ALICE, BOB, CAROL, NOW, a_slot, a_wish, asked
from tests.support.memory_queues import MemoryJobs
from tests.unit.app.salon import SAM, Salon, a_service, at

NINE, NOON = at(9), at(12)


class Office(Salon):
    def approve(self, by: Asked, booking: Booking) -> Done:
        return approve(self.ledger, self.callers, self.catalog, self.catalogues, by, booking.id)

    def reject(self, by: Asked, booking: Booking) -> Done:
        return reject(self.ledger, self.callers, by, booking.id, reason="fully staffed")

    def sweep(self, now: int) -> None:
        assert sweep(self.ledger, self.catalog, MemoryJobs(self.memory), now).failed == 0


@pytest.fixture
def office() -> Office:
    office = Office()
    office.settle(policies={"approvalRequired": True, "approvalHours": 24})
    price = {"amount": "45.00", "currency": "EUR"}
    office.offer(a_service(price=price, maxSimultaneous=2))
    return office


def test_approved_all_its_claims_stand_for_ever(office: Office) -> None:
    asking = office.booked(asked(), NINE)
    assert (asking.status, asking.expires) == (BookingStatus.PENDING_APPROVAL, NOW + 24 * HOUR)
    done = office.approve(asked(SAM), asking)
    assert (done.booking.status, done.booking.number) == (BookingStatus.CONFIRMED, asking.number)
    assert done.booking.confirmed_at == NOW
    claims = {key: day.claims[asking.who] for key, day in office.memory.days.items()}
    assert claims == done.booking.claims
    assert {claim.expires for claim in claims.values()} == {NEVER}
    assert done.booking.finishes_at == done.booking.end + AFTER_END_GRACE
    assert list(invariants.of_booking(done.booking)) == []


def test_rejected_units_and_price_go_back_whole(office: Office) -> None:
    asking = office.booked(asked(), NINE)
    done = office.reject(asked(SAM, now=NOW + HOUR), asking)
    assert (done.booking.status, done.booking.cancelled_at) == (BookingStatus.CANCELLED, NOW + HOUR)
    assert done.booking.refund is not None
    assert (done.booking.refund.percentage, done.booking.refund.amount) == (100, Money(4500, "EUR"))
    line = done.booking.history[-1].deed
    assert (line.trigger, line.reason, line.actor) == ("reject", "fully staffed", "staff:sam")
    assert (office.day().claims, office.pool().claims) == ({}, {})


@pytest.mark.parametrize("deed", ["approve", "reject"])
def test_a_repeat_finds_what_it_did(office: Office, deed: str) -> None:
    asking = office.booked(asked(), NINE)
    first = getattr(office, deed)(asked(SAM, key="one"), asking)
    again = getattr(office, deed)(asked(SAM, key="one", now=NOW + 48 * HOUR), asking)
    assert (again.booking, again.replayed) == (first.booking, True)


@pytest.mark.parametrize("deed", ["approve", "reject"])
@pytest.mark.parametrize("caller", [ALICE, Caller("eve", frozenset({"boats:admin"}))])
def test_only_staff_of_the_business_decide(office: Office, deed: str, caller: Caller) -> None:
    asking = office.booked(asked(), NINE)
    with pytest.raises(NotFound):
        getattr(office, deed)(asked(caller), asking)


@pytest.mark.parametrize("deed", ["approve", "reject"])
def test_after_the_deadline_it_is_too_late(office: Office, deed: str) -> None:
    asking = office.booked(asked(), NINE)
    with pytest.raises(HoldExpired):
        getattr(office, deed)(asked(SAM, now=asking.expires), asking)
    assert office.booking(asking) == asking


@pytest.mark.parametrize("deed", ["approve", "reject"])
def test_only_what_waits_for_it_is_approved_or_rejected(office: Office, deed: str) -> None:
    held = office.book(asked(), NINE).booking
    with pytest.raises(InvalidTransition):
        getattr(office, deed)(asked(SAM), held)
    confirmed = office.approve(asked(SAM), office.booked(asked(BOB), NOON)).booking
    with pytest.raises(InvalidTransition):
        getattr(office, deed)(asked(SAM), confirmed)


def test_it_is_decided_on_a_version_if_one_is_named(office: Office) -> None:
    asking = office.booked(asked(), NINE)
    with pytest.raises(StaleVersion):
        office.approve(asked(SAM, expects=1), asking)


def test_a_slot_that_was_closed_meanwhile_is_opened_first(office: Office) -> None:
    slot = a_slot(start=NOON, capacity=1)
    office.memory.put_slot(slot)
    asking = office.confirm(asked(), office.slot_hold(asked(), slot.key))
    closed = replace(office.memory.slots[slot.key], state=SlotState.BLOCKED)
    office.memory.put_slot(closed)
    with pytest.raises(SlotBlocked):
        office.approve(asked(SAM), asking)
    assert office.reject(asked(SAM), asking).booking.status is BookingStatus.CANCELLED


def test_its_owner_may_take_it_back_meanwhile(office: Office) -> None:
    asking = office.booked(asked(), NINE)
    cancelled = office.cancel(asked(now=NOW + HOUR), asking)
    assert cancelled.refund is not None
    assert (cancelled.status, cancelled.refund.percentage) == (BookingStatus.CANCELLED, 100)
    with pytest.raises(InvalidTransition):
        office.approve(asked(SAM, now=NOW + HOUR), asking)


@pytest.mark.parametrize("taken", [False, True], ids=["still there", "taken by another"])
def test_staff_cannot_cancel_what_has_lapsed(office: Office, taken: bool) -> None:
    office.offer(a_service(resourceIds=["chair-1"]))
    asking = office.booked(asked(), NINE)
    late = asking.expires + SECOND
    if taken:
        office.book(asked(BOB, now=late), NINE)
    ports = (office.ledger, office.callers, office.catalog, office.catalogues)
    with pytest.raises(InvalidTransition):
        cancel_for(*ports, asked(SAM, now=late), asking.id, reason="no answer")
    assert office.booking(asking).status is BookingStatus.PENDING_APPROVAL


def test_who_approves_and_who_cancels_at_once_have_one_outcome(office: Office) -> None:
    asking = office.booked(asked(), NINE)
    commit = "commit SetClaimExpiry+SetClaimExpiry+SaveBooking"
    office.pauses[commit] = lambda: office.cancel(asked(), asking)
    with pytest.raises(InvalidTransition):
        office.approve(asked(SAM), asking)
    assert office.day().claims == {}


def lapse_by_timer(office: Office, asking: Booking) -> None:
    """The first line of defence: the ledger's stream made a timer as it was confirmed by its owner."""
    timers = [timer for day in office.memory.days.values() for timer in timers_for(None, day)]
    assert timers == [Timer(key, asking.who, asking.id, asking.expires) for key in asking.claims]
    for timer in timers:
        assert expire(office.ledger, timer, asking.expires) == asking.expires  # it came early
    for timer in timers:
        expire(office.ledger, timer, asking.expires + JANITOR_SKEW)


def lapse_by_sweep(office: Office, asking: Booking) -> None:
    office.sweep(asking.expires + 10 * MINUTE)


def lapse_by_ttl(office: Office, asking: Booking) -> None:
    office.memory.reap(asking.expires + 2 * HOUR)
    restore(office.ledger, asking, asking.expires + 2 * HOUR)


@pytest.mark.parametrize("lapse", [lapse_by_timer, lapse_by_sweep, lapse_by_ttl])
def test_what_nobody_decided_lapses(office: Office, lapse: Any) -> None:
    asking = office.booked(asked(), NINE, resource="chair-1")
    lapse(office, asking)
    lapsed = office.booking(asking)
    assert (lapsed.status, lapsed.history[-1].deed.reason) == (BookingStatus.EXPIRED, "lapsed")
    assert (office.day().claims, office.pool().claims) == ({}, {})
    assert list(invariants.of_booking(lapsed)) == []


def test_past_its_deadline_it_blocks_nobody_tidied_up_or_not(office: Office) -> None:
    asking = office.booked(asked(), NINE, resource="chair-1")
    rival = office.book(asked(BOB, now=asking.expires), NINE, resource="chair-1").booking
    assert set(office.day().claims) == {rival.who}


def test_it_is_approved_before_it_begins(office: Office) -> None:
    soon = office.booked(asked(now=NINE - 2 * HOUR), NINE)
    assert soon.expires == NINE


def test_a_turn_that_waits_for_approval_has_converted_its_entry(office: Office) -> None:
    slot = a_slot(start=NOON, capacity=1)
    office.memory.put_slot(slot)
    first = office.slot_hold(asked(BOB), slot.key)
    wish = a_wish(slot.key)
    joined = join_queue(office.ledger, office.callers, office.catalog, asked(CAROL), slot.key, wish)
    office.release(asked(BOB), first)
    promote(office.ledger, office.catalog, slot.key, NOW)
    asking = office.confirm(asked(CAROL), office.memory.bookings[joined.entry.id])
    assert asking.status is BookingStatus.PENDING_APPROVAL
    assert office.memory.entries[joined.entry.id].status is EntryStatus.CONVERTED
    approved = office.approve(asked(SAM), asking).booking
    entry = office.memory.entries[joined.entry.id]
    assert list(invariants.of_entry(entry, approved)) == []


@pytest.mark.parametrize(
    ("policy", "becomes"),
    [
        ("complete", BookingStatus.COMPLETED),
        ("no_show", BookingStatus.NO_SHOW),
        ("nothing", BookingStatus.CONFIRMED),
    ],
)
def test_an_appointment_is_finished_by_policy_and_corrected_by_staff(
    office: Office, policy: str, becomes: BookingStatus
) -> None:
    office.settle(policies={"afterEnd": policy})
    booking = office.booked(asked(), NINE)
    office.sweep(booking.end + AFTER_END_GRACE)
    assert office.booking(booking).status is BookingStatus.CONFIRMED
    late = booking.end + AFTER_END_GRACE + JANITOR_SKEW + SECOND
    office.sweep(late)
    assert office.booking(booking).status is becomes
    if becomes is not BookingStatus.CONFIRMED:
        correction = Mark.NO_SHOW if becomes is BookingStatus.COMPLETED else Mark.COMPLETED
        by = asked(SAM, now=late)
        corrected = mark(office.ledger, office.callers, by, booking.id, correction).booking
        assert corrected.status is correction.value
        office.sweep(late + HOUR)
        assert office.booking(booking) == corrected
