"""Staff book for a customer, pass over rules by name and reason, and never overtake who waits (BOOK-7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from holdfast.app.cancel import cancel
from holdfast.app.join_queue import join_queue
from holdfast.app.wish import FreeStart
from holdfast.domain import invariants
from holdfast.domain.availability import Candidate
from holdfast.domain.booking import BookingStatus, Contact
from holdfast.domain.caller import Caller
from holdfast.domain.errors import (
    AlreadyHeld,
    Forbidden,
    Invalid,
    KeyReused,
    Malformed,
    NotFound,
    NotOffered,
    PolicyViolation,
    SlotBlocked,
    SlotFull,
    SlotHeld,
    SlotPast,
    StaleVersion,
    Unavailable,
)
from holdfast.domain.instants import DAY, HOUR, MINUTE, NEVER
from holdfast.domain.money import Money
from holdfast.domain.override import Override
from holdfast.domain.place import SlotKey
from holdfast.domain.slot import Slot, SlotState
from tests.support.builders import ALICE, BOB, CAROL, NOW, a_slot, a_wish, asked
from tests.support.memory_readers import MemoryCatalogues
from tests.unit.app.salon import SAM, Salon, a_service, at

NINE, NOON = at(9), at(12)


@pytest.fixture
def salon() -> Salon:
    return Salon()


def publish(salon: Salon, **members: Any) -> Slot:
    slot = a_slot(**{"start": NOON, "capacity": 1, **members})
    salon.memory.put_slot(slot)
    return slot


def pointers(refused: pytest.ExceptionInfo[Invalid]) -> list[str]:
    errors: Any = refused.value.facts["errors"]
    return [fault["pointer"] for fault in errors]


def test_claim_record_and_number_are_one_transaction(salon: Salon) -> None:
    commits: list[str] = []
    salon.memory.pause = commits.append
    done = salon.by_hand(asked(SAM), salon.start(NINE), contact=Contact("Ann", phone="+43 1"), notes="n")
    booking = done.booking
    assert [each for each in commits if each.startswith("commit ")] == [
        "commit SaveDay+SaveBooking+TakeNumber"
    ]
    assert (done.replayed, booking.status, booking.version) == (False, BookingStatus.CONFIRMED, 2)
    assert (booking.contact, booking.notes) == (Contact("Ann", phone="+43 1"), "n")
    assert salon.memory.numbers == {booking.number: booking.id}
    assert salon.day().claims == {booking.who: booking.claims[salon.day().key]}
    assert booking.claim.expires == NEVER
    assert list(invariants.of_booking(booking)) == []
    assert {line.deed.actor for line in booking.history} == {"staff:sam"}
    assert len({line.deed.op for line in booking.history}) == 2


def test_in_a_slot_too(salon: Salon) -> None:
    slot = publish(salon)
    booking = salon.by_hand(asked(SAM), slot.key, customer="alice").booking
    assert (booking.owner, booking.unit_price, booking.start) == ("alice", slot.price, slot.start)
    after = salon.memory.slots[slot.key]
    assert (after.free, after.claims) == (0, {booking.who: booking.claim})
    assert list(invariants.of_records(after, [booking], NOW, 0)) == []


def test_the_customer_has_it_like_one_of_their_own(salon: Salon) -> None:
    booking = salon.by_hand(asked(SAM), salon.start(NINE), customer="alice").booking
    moved = salon.move(asked(ALICE, expects=2), booking, salon.start(NOON)).booking
    ports = (salon.ledger, salon.callers, salon.catalog, salon.catalogues)
    assert cancel(*ports, asked(ALICE), moved.id).booking.status is BookingStatus.CANCELLED


def test_walk_ins_have_nothing_in_common(salon: Salon) -> None:
    slot = publish(salon, capacity=2)
    first, second = (salon.by_hand(asked(SAM), slot.key).booking for _ in range(2))
    assert first.owner.startswith("walk-in:")
    assert first.owner != second.owner
    assert salon.memory.slots[slot.key].free == 0


def test_it_is_priced_and_finished_like_any_other(salon: Salon) -> None:
    salon.offer(a_service(price={"amount": "45.00", "currency": "EUR"}))
    booking = salon.by_hand(asked(SAM), salon.start(NINE)).booking
    assert (booking.unit_price, booking.finishes_at) == (Money(4500, "EUR"), NINE + 45 * MINUTE)


def test_where_approval_is_required_staff_have_given_it(salon: Salon) -> None:
    salon.settle(policies={"approvalRequired": True})
    assert salon.by_hand(asked(SAM), salon.start(NINE)).booking.status is BookingStatus.CONFIRMED


@pytest.mark.parametrize("caller", [ALICE, Caller("eve", frozenset({"boats:admin"}))])
def test_only_its_staff_book_by_hand(salon: Salon, caller: Caller) -> None:
    with pytest.raises(Forbidden):
        salon.by_hand(asked(caller), salon.start(NINE))


def test_a_repeat_answers_what_the_first_one_made(salon: Salon) -> None:
    slot = publish(salon)
    first = salon.by_hand(asked(SAM, key="one"), slot.key)
    again = salon.by_hand(asked(SAM, key="one"), slot.key)
    assert (again.booking, again.replayed) == (first.booking, True)
    with pytest.raises(KeyReused):
        salon.by_hand(asked(SAM, key="one", body="other"), slot.key)


@pytest.mark.parametrize("place", ["slot", "start"])
def test_a_twin_that_was_quicker_is_the_answer(salon: Salon, place: str) -> None:
    slot = publish(salon)
    spot: SlotKey | FreeStart = slot.key if place == "slot" else salon.start(NINE)
    twin: list[Any] = []
    where = "read slot" if place == "slot" else "read days"
    salon.pauses[where] = lambda: twin.append(salon.by_hand(asked(SAM, key="one"), spot))
    answer = salon.by_hand(asked(SAM, key="one"), spot)
    assert (answer.booking, answer.replayed) == (twin[0].booking, True)
    assert len(salon.memory.bookings) == 1


def test_a_lost_answer_is_found_by_the_repeat(salon: Salon) -> None:
    def lose() -> None:
        raise Unavailable("the answer was lost")

    salon.pauses["committed"] = lose
    with pytest.raises(Unavailable):
        salon.by_hand(asked(SAM, key="one"), salon.start(NINE))
    assert salon.by_hand(asked(SAM, key="one"), salon.start(NINE)).replayed
    assert len(salon.day().claims) == 1


def test_a_number_that_is_taken_gives_way_to_another(salon: Salon) -> None:
    first = salon.by_hand(asked(SAM, key="one"), salon.start(NINE)).booking
    salon.memory.bookings.clear()
    salon.memory.days.clear()
    salon.memory.numbers = {str(first.number): "another"}
    again = salon.by_hand(asked(SAM, key="one"), salon.start(NINE)).booking
    assert again.number != first.number
    assert salon.memory.numbers[str(again.number)] == again.id


@pytest.mark.parametrize("place", ["slot", "start"])
def test_who_has_it_already_is_told(salon: Salon, place: str) -> None:
    slot = publish(salon, capacity=3)
    mine = salon.slot_hold(asked(), slot.key) if place == "slot" else salon.book(asked(), NINE).booking
    with pytest.raises(AlreadyHeld) as refused:
        salon.by_hand(asked(SAM), slot.key if place == "slot" else salon.start(NINE), customer=ALICE.id)
    assert refused.value.facts["bookingId"] == mine.id


def test_a_key_is_required_where_the_business_says_so(salon: Salon) -> None:
    salon.settle(policies={"idempotencyKeyRequired": True})
    with pytest.raises(Malformed):
        salon.by_hand(asked(SAM), salon.start(NINE))


def test_the_spot_is_of_the_business_in_the_path(salon: Salon) -> None:
    with pytest.raises(Invalid) as slot:
        salon.by_hand(asked(SAM), SlotKey("boats", "berth-1", "2026-06-15", "1200"))
    with pytest.raises(Invalid) as start:
        salon.by_hand(asked(SAM), salon.start(NINE, business="boats"))
    assert (pointers(slot), pointers(start)) == (["/slotId"], ["/businessId"])


def test_custom_fields_are_the_businesss(salon: Salon) -> None:
    salon.settle(domain={"customFields": {"type": "object", "required": ["frame"]}})
    with pytest.raises(Invalid):
        salon.by_hand(asked(SAM), salon.start(NINE))


@pytest.mark.parametrize(
    ("settings", "start", "code"),
    [
        ({}, at(8), "outside_hours"),
        ({}, at(9, 5), "off_grid"),
        ({"policies": {"minimumNoticeMinutes": 7 * 24 * 60}}, NINE, "minimum_notice"),
        ({"policies": {"maximumAdvanceDays": 1}}, NINE, "maximum_advance"),
        ({"breaks": [{"weekdays": ["mon"], "from": "09:00", "to": "10:00"}]}, NINE, "break"),
    ],
)
def test_a_rule_is_passed_over_by_its_code_alone(
    salon: Salon, settings: Mapping[str, Any], start: int, code: str
) -> None:
    salon.settle(**settings)
    others = {"outside_hours", "off_grid", "minimum_notice", "maximum_advance", "break", "holiday"} - {code}
    with pytest.raises(NotOffered) as refused:
        salon.by_hand(asked(SAM), salon.start(start), *others)
    assert refused.value.reasons == (code,)
    deed = salon.by_hand(asked(SAM), salon.start(start), code, *others).booking.history[0].deed
    # What was needed is kept, not all that was named.
    assert (deed.override, deed.reason) == ((code,), "they asked at the desk")


def test_a_slots_notice_is_passed_over_too(salon: Salon) -> None:
    salon.settle(policies={"minimumNoticeMinutes": 7 * 24 * 60})
    slot = publish(salon)
    with pytest.raises(NotOffered):
        salon.by_hand(asked(SAM), slot.key)
    deed = salon.by_hand(asked(SAM), slot.key, "minimum_notice").booking.history[0].deed
    assert deed.override == ("minimum_notice",)


def test_the_past_is_passed_over_by_nothing(salon: Salon) -> None:
    with pytest.raises(NotOffered) as refused:
        salon.by_hand(asked(SAM, now=NINE + HOUR), salon.start(NINE), "minimum_notice", "overbook")
    assert refused.value.reasons == ("past",)
    with pytest.raises(SlotPast):
        salon.by_hand(asked(SAM), publish(salon, start=NOW - HOUR).key, "overbook")


def test_room_is_passed_over_by_one_code_alone(salon: Salon) -> None:
    salon.offer(a_service(maxSimultaneous=2))
    for who in (ALICE, BOB):
        salon.booked(asked(who), NINE)
    with pytest.raises(NotOffered):
        salon.by_hand(asked(SAM), salon.start(NINE), "off_grid")
    booking = salon.by_hand(asked(SAM), salon.start(NINE), "overbook").booking
    assert booking.history[0].deed.override == ("overbook",)
    assert sum(claim.units for claim in salon.pool().claims.values()) == 3


def test_an_overbooked_slot_is_full_until_it_has_room_again(salon: Salon) -> None:
    slot = publish(salon)
    mine = salon.confirm(asked(), salon.slot_hold(asked(), slot.key))
    with pytest.raises(SlotFull):
        salon.by_hand(asked(SAM), slot.key)
    booking = salon.by_hand(asked(SAM), slot.key, "overbook").booking
    over = salon.memory.slots[slot.key]
    assert (over.free, over.available(NOW), booking.history[0].deed.override) == (-1, 0, ("overbook",))
    assert list(invariants.of_slot(over, NOW, overbooked=1)) == []
    salon.cancel(asked(), mine)
    with pytest.raises(SlotFull):
        salon.slot_hold(asked(CAROL), slot.key)


def test_who_waits_is_not_overtaken_by_an_overbooking(salon: Salon) -> None:
    """What is taken beyond capacity would come out of what comes free for them (QUEUE-2)."""
    slot = publish(salon)
    salon.confirm(asked(), salon.slot_hold(asked(), slot.key))
    join_queue(salon.ledger, salon.callers, salon.catalog, asked(BOB), slot.key, a_wish(slot.key))
    with pytest.raises(SlotFull) as refused:
        salon.by_hand(asked(SAM), slot.key, "overbook")
    assert refused.value.facts["waiting"] == 1


def test_a_closed_slot_is_opened_first(salon: Salon) -> None:
    slot = publish(salon, state=SlotState.BLOCKED)
    with pytest.raises(SlotBlocked):
        salon.by_hand(asked(SAM), slot.key, "overbook", "blackout")


def test_a_held_slot_is_full_for_staff_as_well(salon: Salon) -> None:
    slot = publish(salon)
    salon.slot_hold(asked(), slot.key)
    with pytest.raises(SlotHeld):
        salon.by_hand(asked(SAM), slot.key)


@pytest.mark.parametrize(
    "code", ["past", "taken", "service_full", "too_many_units", "no_resource", "sunshine"]
)
def test_what_is_no_code_is_refused_with_a_pointer(salon: Salon, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        salon.by_hand(asked(SAM), salon.start(NINE), "off_grid", code)
    assert pointers(refused) == ["/override/1"]


def test_staff_move_beyond_the_policies_by_their_codes(salon: Salon) -> None:
    salon.settle(policies={"rescheduleDeadlineMinutes": 60, "maxReschedules": 0})
    booking = salon.booked(asked(), NINE)
    late = asked(SAM, now=NINE - 30 * MINUTE)
    for codes in ((), ("reschedule_deadline",), ("max_reschedules",)):
        with pytest.raises(PolicyViolation):
            salon.move_for(late, booking, salon.start(NOON), *codes)
    needed = ("reschedule_deadline", "max_reschedules", "outside_hours")
    moved = salon.move_for(late, booking, salon.start(at(8) + DAY), *needed, "off_grid")
    deed = moved.history[-1].deed
    assert (deed.override, deed.trigger) == (needed, "reschedule")
    assert (deed.actor, deed.reason) == ("staff:sam", "they asked at the desk")


def test_staff_move_what_has_begun_only_by_its_code(salon: Salon) -> None:
    booking = salon.booked(asked(), NINE)
    late = asked(SAM, now=NINE + MINUTE)
    with pytest.raises(PolicyViolation):
        salon.move_for(late, booking, salon.start(NOON))
    assert salon.move_for(late, booking, salon.start(NOON), "after_start").start == NOON


def test_staff_move_into_a_full_slot_as_they_book(salon: Salon) -> None:
    slot = publish(salon)
    salon.slot_hold(asked(BOB), slot.key)
    booking = salon.booked(asked(), NINE)
    with pytest.raises(SlotHeld):
        salon.move_for(asked(SAM), booking, slot.key)
    moved = salon.move_for(asked(SAM), booking, slot.key, "overbook")
    assert (moved.history[-1].deed.override, salon.memory.slots[slot.key].free) == (("overbook",), -1)


def test_staff_move_on_a_version_if_they_name_one(salon: Salon) -> None:
    booking = salon.booked(asked(), NINE)
    with pytest.raises(StaleVersion):
        salon.move_for(asked(SAM, expects=1), booking, salon.start(NOON))
    assert salon.move_for(asked(SAM, expects=2), booking, salon.start(NOON)).version == 3


def test_only_staff_of_its_business_move_a_customers_booking(salon: Salon) -> None:
    booking = salon.booked(asked(), NINE)
    for other in (ALICE, Caller("eve", frozenset({"boats:staff"}))):
        with pytest.raises(NotFound):
            salon.move_for(asked(other), booking, salon.start(NOON))


def test_rules_are_passed_over_with_a_reason() -> None:
    with pytest.raises(Invalid) as refused:
        Override(("off_grid",)).allowed(custom=False)
    assert pointers(refused) == ["/reason"]


def test_a_businesss_own_rule_has_a_code_of_its_own(salon: Salon) -> None:
    salon.catalogues = MemoryCatalogues(salon.memory, custom=lambda _: (NotBeforeTen(),))
    with pytest.raises(NotOffered) as refused:
        salon.by_hand(asked(SAM), salon.start(NINE), "off_grid")
    assert refused.value.reasons == ("too_early_for_bikes",)
    booking = salon.by_hand(asked(SAM), salon.start(NINE), "too_early_for_bikes").booking
    assert booking.history[0].deed.override == ("too_early_for_bikes",)


class NotBeforeTen:
    def refuses(self, candidate: Candidate) -> str | None:
        return "too_early_for_bikes" if candidate.start < at(10) else None
