"""A booking moves in one transaction or not at all; nobody who waits is overtaken (BOOK-5, QUEUE-2)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from holdfast.app.join_queue import join_queue
from holdfast.app.promote import promote
from holdfast.app.staff_deeds import Mark, mark
from holdfast.app.wish import FreeStart
from holdfast.domain import invariants
from holdfast.domain.booking import RESCHEDULE, Booking, BookingStatus
from holdfast.domain.caller import Caller
from holdfast.domain.day import Day
from holdfast.domain.errors import (
    AlreadyHeld,
    Invalid,
    InvalidTransition,
    KeyReused,
    NotFound,
    NotOffered,
    PolicyViolation,
    PreconditionRequired,
    SlotBlocked,
    SlotFull,
    SlotHeld,
    SlotPast,
    StaleVersion,
    Unavailable,
)
from holdfast.domain.instants import DAY, HOUR, MINUTE, NEVER, Instant
from holdfast.domain.money import Money
from holdfast.domain.place import SlotKey, Window
from holdfast.domain.slot import Slot, SlotState
from tests.support.builders import ALICE, BOB, BUSINESS, CAROL, DAN, NOW, a_slot, a_wish, asked
from tests.unit.app.salon import CHAIRS, SAM, Salon, a_service, at

NINE, NOON = at(9), at(12)
TUESDAY = NINE + DAY


@pytest.fixture
def salon() -> Salon:
    return Salon()


def publish(salon: Salon, start: Instant = NOON, **members: Any) -> Slot:
    """On a stand of its own, beside the chairs."""
    slot = a_slot(start=start, **{"capacity": 1, **members})
    salon.memory.put_slot(slot)
    return slot


def taken_in(salon: Salon, booking: Booking) -> dict[str, str]:
    """Whose claims stand in which ledger for the booking."""
    slots, days = salon.memory.slots, salon.memory.days
    items: list[Slot | Day] = [*slots.values(), *days.values()]
    return {
        item.key.name: who
        for item in items
        for who, claim in item.claims.items()
        if claim.booking == booking.id
    }


def holds_together(salon: Salon, booking: Booking) -> None:
    """Record and ledgers tell the same, and the history is a path."""
    assert taken_in(salon, booking) == {key.name: booking.who for key in booking.claims}
    assert list(invariants.of_booking(booking)) == []
    for slot in salon.memory.slots.values():
        assert list(invariants.of_slot(slot, NOW)) == []
        assert list(invariants.of_records(slot, salon.memory.bookings.values(), NOW, 0)) == []


def test_a_move_within_a_day_is_one_write_of_it(salon: Salon) -> None:
    booking = salon.booked(asked(), NINE, resource="chair-1")
    before = len(salon.memory.stream)
    moved = salon.move(asked(expects=2), booking, salon.start(at(9, 15), resource="chair-1"))
    after = moved.booking
    assert (moved.replayed, after.id, after.number) == (False, booking.id, booking.number)
    assert (after.start, after.end) == (at(9, 15), at(9, 45))
    assert salon.booking(booking) == after
    assert salon.day().claims == {after.who: replace(after.claim, window=Window(495, 525))}
    assert len(salon.memory.stream) - before == 2  # the day, the record
    holds_together(salon, after)


def test_the_line_of_a_move_tells_both_times_and_by_whom(salon: Salon) -> None:
    booking = salon.booked(asked(), NINE)
    first = salon.move(asked(expects=2), booking, salon.start(NOON)).booking
    second = salon.move(asked(expects=3), first, salon.start(TUESDAY)).booking
    assert (second.version, second.moved_from, second.status) == (4, (NINE, NOON), BookingStatus.CONFIRMED)
    lines = second.history[2:]
    assert [line.deed.trigger for line in lines] == [RESCHEDULE] * 2
    assert [second.moves[line.deed.op] for line in lines] == [(NINE, NOON), (NOON, TUESDAY)]
    assert {line.deed.actor for line in lines} == {"customer:alice"}


def test_to_another_day_another_chair_and_another_cap_every_ledger_once(salon: Salon) -> None:
    salon.offer(a_service(maxSimultaneous=2))
    booking = salon.booked(asked(), NINE, resource="chair-1")
    moved = salon.move(asked(expects=2), booking, salon.start(TUESDAY, resource="chair-2")).booking
    assert moved.resources == ("chair-2",)
    assert (salon.day().claims, salon.pool().claims) == ({}, {})
    assert len(moved.claims) == 2
    holds_together(salon, moved)


def test_over_a_ledger_midnight_and_back(salon: Salon) -> None:
    salon.settle(hours={"mon": [{"from": "09:00", "to": "26:00"}]})
    booking = salon.booked(asked(), NINE, resource="chair-1")
    late = salon.move(asked(expects=2), booking, salon.start(at(24, 45), resource="chair-1")).booking
    assert len(late.claims) == 2
    holds_together(salon, late)
    early = salon.move(asked(expects=3), late, salon.start(NINE, resource="chair-1")).booking
    assert (early.start, early.moved_from) == (NINE, (NINE, late.start))
    holds_together(salon, early)


def test_what_it_has_does_not_stand_in_its_way(salon: Salon) -> None:
    for chair in CHAIRS:
        salon.booked(asked(Caller(chair)), NINE, resource=chair)
    (mine,) = (each for each in salon.memory.bookings.values() if each.owner == "chair-1")
    moved = salon.move(asked(Caller("chair-1"), expects=2), mine, salon.start(at(9, 15))).booking
    assert moved.resources == ("chair-1",)


def test_what_others_have_does(salon: Salon) -> None:
    booking = salon.booked(asked(), NINE)
    for who in (BOB, CAROL):
        salon.book(asked(who), NOON)
    before = salon.memory.bookings.copy(), salon.memory.days.copy()
    with pytest.raises(NotOffered) as refused:
        salon.move(asked(expects=2), booking, salon.start(NOON))
    assert refused.value.reasons == ("taken",)
    assert (salon.memory.bookings, salon.memory.days) == before


def test_past_holds_give_way_to_it_and_go(salon: Salon) -> None:
    booking = salon.booked(asked(), NINE, resource="chair-1")
    hold = salon.book(asked(BOB), NOON, resource="chair-1").booking
    late = asked(now=hold.expires, expects=2)
    moved = salon.move(late, booking, salon.start(NOON, resource="chair-1")).booking
    assert set(salon.day().claims) == {moved.who}


def test_from_a_slot_to_a_free_start_and_back(salon: Salon) -> None:
    slot = publish(salon)
    held = salon.slot_hold(asked(), slot.key)
    booking = salon.confirm(asked(), held)
    free = salon.move(asked(expects=2), booking, salon.start(NINE)).booking
    assert (free.slot, free.service, free.unit_price) == (None, "cut", Money(2500, "EUR"))
    assert salon.memory.slots[slot.key].free == 1
    holds_together(salon, free)
    back = salon.move(asked(expects=3), free, slot.key).booking
    assert (back.slot, back.service, back.start, back.end) == (slot.key, None, slot.start, slot.end)
    assert salon.memory.slots[slot.key].claims == {back.who: back.claim}
    assert back.claim.expires == NEVER
    holds_together(salon, back)


def test_from_a_slot_to_a_slot_the_old_one_goes_to_who_waits(salon: Salon) -> None:
    old, new = publish(salon), publish(salon, at(14))
    booking = salon.confirm(asked(), salon.slot_hold(asked(), old.key))
    join_queue(salon.ledger, salon.callers, salon.catalog, asked(BOB), old.key, a_wish(old.key))
    moved = salon.move(asked(expects=2), booking, new.key).booking
    holds_together(salon, moved)
    assert promote(salon.ledger, salon.catalog, old.key, NOW) == 1
    (claim,) = salon.memory.slots[old.key].claims.values()
    assert salon.memory.bookings[claim.booking].owner == BOB.id


def test_who_waits_for_a_slot_is_not_overtaken(salon: Salon) -> None:
    """Not in the instant between a release and the promotion either."""
    old, new = publish(salon), publish(salon, at(14))
    booking = salon.confirm(asked(), salon.slot_hold(asked(), old.key))
    rival = salon.slot_hold(asked(BOB), new.key)
    join_queue(salon.ledger, salon.callers, salon.catalog, asked(CAROL), new.key, a_wish(new.key))
    salon.release(asked(BOB), rival)
    with pytest.raises(SlotFull) as refused:
        salon.move(asked(expects=2), booking, new.key)
    assert refused.value.facts["waiting"] == 1
    holds_together(salon, booking)


@pytest.mark.parametrize(
    ("members", "refusal"),
    [
        ({"state": SlotState.BLOCKED}, SlotBlocked),
        ({"start": NOW - HOUR}, SlotPast),
        ({"state": SlotState.DELETED}, NotFound),
    ],
)
def test_a_slot_that_is_not_open_is_refused(
    salon: Salon, members: dict[str, Any], refusal: type[Exception]
) -> None:
    booking = salon.booked(asked(), NINE)
    slot = publish(salon, **members)
    with pytest.raises(refusal):
        salon.move(asked(expects=2), booking, slot.key)


def test_a_held_slot_may_come_back(salon: Salon) -> None:
    booking, slot = salon.booked(asked(), NINE), publish(salon)
    salon.slot_hold(asked(BOB), slot.key)
    with pytest.raises(SlotHeld):
        salon.move(asked(expects=2), booking, slot.key)


@pytest.mark.parametrize("place", ["slot", "start"])
def test_what_the_same_owner_has_there_is_another_booking(salon: Salon, place: str) -> None:
    booking, slot = salon.booked(asked(), NINE), publish(salon)
    to: SlotKey | FreeStart = slot.key if place == "slot" else salon.start(NOON, resource="chair-2")
    there = salon.slot_hold(asked(), slot.key) if place == "slot" else salon.book(asked(), NOON).booking
    with pytest.raises(AlreadyHeld) as refused:
        salon.move(asked(expects=2), booking, to)
    assert refused.value.facts["bookingId"] == there.id


def test_to_the_same_start_with_somebody_else(salon: Salon) -> None:
    booking = salon.booked(asked(), NINE, resource="chair-1")
    moved = salon.move(asked(expects=2), booking, salon.start(NINE, resource="chair-2")).booking
    assert (moved.resources, moved.moved_from) == (("chair-2",), (NINE,))
    holds_together(salon, moved)


@pytest.mark.parametrize("more", [{}, {"resource": "chair-1"}, {"end": at(9, 30)}])
def test_where_it_is_already_nothing_is_written(salon: Salon, more: dict[str, Any]) -> None:
    salon.settle(policies={"maxReschedules": 0})
    booking = salon.booked(asked(), NINE, resource="chair-1")
    before = len(salon.memory.stream)
    done = salon.move(asked(expects=2), booking, salon.start(NINE, **more))
    assert (done.booking, done.replayed, len(salon.memory.stream)) == (booking, False, before)


def test_an_appointment_stays_as_long_as_it_is(salon: Salon) -> None:
    salon.offer(a_service(minDurationMinutes=30, maxDurationMinutes=120))
    booking = salon.booked(asked(), NINE, end=at(10, 30))
    moved = salon.move(asked(expects=2), booking, salon.start(NOON)).booking
    assert moved.end - moved.start == 90 * MINUTE
    shorter = salon.move(asked(expects=3), moved, salon.start(NOON, end=NOON + HOUR)).booking
    assert (shorter.end, shorter.unit_price) == (NOON + HOUR, booking.unit_price)
    holds_together(salon, shorter)


@pytest.mark.parametrize(
    ("policy", "now", "rule"),
    [
        ({"rescheduleDeadlineMinutes": 120}, NINE - 119 * MINUTE, "reschedule_deadline"),
        ({"maxReschedules": 0}, NOW, "max_reschedules"),
        ({}, NINE, "after_start"),
    ],
)
def test_a_policy_that_forbids_it_is_named(
    salon: Salon, policy: dict[str, object], now: Instant, rule: str
) -> None:
    salon.settle(policies=policy)
    booking = salon.booked(asked(), NINE)
    with pytest.raises(PolicyViolation) as refused:
        salon.move(asked(now=now, expects=2), booking, salon.start(TUESDAY))
    assert refused.value.rule == rule


def test_a_service_may_be_stricter_than_its_business(salon: Salon) -> None:
    salon.offer(a_service(policies={"maxReschedules": 1}))
    booking = salon.booked(asked(), NINE)
    moved = salon.move(asked(expects=2), booking, salon.start(NOON)).booking
    with pytest.raises(PolicyViolation):
        salon.move(asked(expects=3), moved, salon.start(TUESDAY))


@pytest.mark.parametrize(
    ("policy", "reason"),
    [({"minimumNoticeMinutes": 74 * 60}, "minimum_notice"), ({"maximumAdvanceDays": 2}, "maximum_advance")],
)
def test_the_new_place_is_judged_like_a_newcomers(
    salon: Salon, policy: dict[str, object], reason: str
) -> None:
    booking, slot = salon.booked(asked(), TUESDAY), publish(salon)
    salon.settle(policies=policy)
    for to in (slot.key, salon.start(NOON)):
        with pytest.raises(NotOffered) as refused:
            salon.move(asked(expects=2), booking, to)
        assert refused.value.reasons == (reason,)


def test_only_what_is_confirmed_moves(salon: Salon) -> None:
    held = salon.book(asked(), NINE).booking
    with pytest.raises(InvalidTransition):
        salon.move(asked(expects=1), held, salon.start(NOON))
    booking = salon.confirm(asked(), held)
    started = mark(salon.ledger, salon.callers, asked(SAM), booking.id, Mark.STARTED).booking
    with pytest.raises(InvalidTransition):
        salon.move(asked(expects=3), started, salon.start(NOON))


def test_nobody_elses_booking_moves(salon: Salon) -> None:
    booking = salon.booked(asked(), NINE)
    for other in (BOB, SAM):
        with pytest.raises(NotFound):
            salon.move(asked(other, expects=2), booking, salon.start(NOON))


def test_it_moves_on_the_version_that_was_read(salon: Salon) -> None:
    booking = salon.booked(asked(), NINE)
    with pytest.raises(PreconditionRequired):
        salon.move(asked(), booking, salon.start(NOON))
    with pytest.raises(StaleVersion):
        salon.move(asked(expects=1), booking, salon.start(NOON))


@pytest.mark.parametrize(
    ("to", "pointer"),
    [
        (FreeStart(business="boats", service="cut", start=NOON), "/businessId"),
        (SlotKey("boats", "berth-1", "2026-06-15", "1200"), "/slotId"),
        (FreeStart(business=BUSINESS, service="dye", start=NOON), "/serviceId"),
    ],
)
def test_what_was_agreed_is_not_exchanged(salon: Salon, to: SlotKey | FreeStart, pointer: str) -> None:
    booking = salon.booked(asked(), NINE)
    with pytest.raises(Invalid) as refused:
        salon.move(asked(expects=2), booking, to)
    assert [fault["pointer"] for fault in refused.value.facts["errors"]] == [pointer]  # type: ignore[attr-defined]


def test_a_repeat_finds_its_own_line_whatever_came_after(salon: Salon) -> None:
    booking = salon.booked(asked(), NINE)
    first = asked(key="move", expects=2)
    moved = salon.move(first, booking, salon.start(NOON)).booking
    again = salon.move(asked(expects=3), moved, salon.start(TUESDAY)).booking
    repeat = salon.move(first, booking, salon.start(NOON))
    assert (repeat.booking, repeat.replayed) == (again, True)
    with pytest.raises(KeyReused):
        salon.move(asked(key="move", body="other", expects=2), booking, salon.start(NINE))


def test_a_lost_answer_is_found_by_the_repeat(salon: Salon) -> None:
    def lose() -> None:
        raise Unavailable("the answer was lost")

    booking = salon.booked(asked(), NINE)
    first = asked(key="move", expects=2)
    salon.pauses["committed"] = lose
    with pytest.raises(Unavailable):
        salon.move(first, booking, salon.start(NOON))
    repeat = salon.move(first, booking, salon.start(NOON))
    assert (repeat.replayed, repeat.booking.start) == (True, NOON)


def test_who_is_beaten_decides_again_from_what_stands_there(salon: Salon) -> None:
    booking = salon.booked(asked(), NINE, resource="chair-1")
    salon.pauses["commit RemoveClaim+SaveDay+SaveBooking"] = lambda: salon.book(
        asked(BOB), NOON, resource="chair-1"
    )
    moved = salon.move(asked(expects=2), booking, salon.start(at(12) + DAY, resource="chair-1")).booking
    assert moved.resources == ("chair-1",)
    salon.pauses["commit SaveDay+SaveBooking"] = lambda: salon.book(asked(CAROL), NOON)
    with pytest.raises(NotOffered):
        salon.move(asked(expects=3), moved, salon.start(NOON, resource="chair-1"))


def test_a_day_that_moved_meanwhile_is_read_again(salon: Salon) -> None:
    booking = salon.booked(asked(), NINE, resource="chair-1")

    def rival() -> None:
        salon.book(asked(BOB), NOON, resource="chair-1")

    salon.pauses["commit SaveDay+SaveBooking"] = rival
    with pytest.raises(NotOffered):
        salon.move(asked(expects=2), booking, salon.start(NOON, resource="chair-1"))
    salon.pauses["commit SaveDay+SaveBooking"] = lambda: salon.book(asked(DAN), at(15), resource="chair-1")
    moved = salon.move(asked(expects=2), booking, salon.start(at(10), resource="chair-1")).booking
    holds_together(salon, moved)
    assert len(salon.day().claims) == 3


def test_what_is_cancelled_meanwhile_stays_cancelled(salon: Salon) -> None:
    booking = salon.booked(asked(), NINE, resource="chair-1")
    salon.pauses["commit SaveDay+SaveBooking"] = lambda: salon.cancel(asked(), booking)
    with pytest.raises(StaleVersion):
        salon.move(asked(expects=2), booking, salon.start(NOON, resource="chair-1"))
    assert salon.day().claims == {}


def test_a_refund_is_judged_by_the_earliest_start_it_had(salon: Salon) -> None:
    booking = salon.booked(asked(), NINE)
    moved = salon.move(asked(expects=2), booking, salon.start(TUESDAY + 7 * DAY)).booking
    cancelled = salon.cancel(asked(now=NINE - 3 * HOUR), moved)
    assert cancelled.refund is not None
    assert cancelled.refund.percentage == 50


def test_the_completion_by_policy_moves_along(salon: Salon) -> None:
    booking = salon.booked(asked(), NINE)
    assert booking.finishes_at is not None
    moved = salon.move(asked(expects=2), booking, salon.start(TUESDAY)).booking
    assert moved.finishes_at == booking.finishes_at + DAY
    assert moved.owner == ALICE.id
