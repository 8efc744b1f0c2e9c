"""Reserve with `joinQueueIfFull`: the units if there are any for a newcomer, else a place (HOLD-7)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from holdfast.app.join_queue import Joined
from holdfast.app.reserve import Reserved
from holdfast.domain.booking import BookingStatus
from holdfast.domain.entry import EntryStatus
from holdfast.domain.errors import AlreadyHeld, AlreadyInQueue, Invalid, SlotFull, Unavailable
from holdfast.domain.instants import JANITOR_SKEW, SECOND
from tests.support.builders import BOB, DAN, EVE, NOW, a_claim, a_slot, asked
from tests.unit.app.shop import Shop, sold_out


@pytest.fixture
def full() -> Shop:
    return sold_out()


def waits(answer: Reserved | Joined) -> Joined:
    assert isinstance(answer, Joined)
    return answer


def has_it(answer: Reserved | Joined) -> Reserved:
    assert isinstance(answer, Reserved)
    return answer


def test_where_there_is_room_it_is_taken_and_nobody_waits(shop: Shop) -> None:
    assert has_it(shop.reserve_or_wait(asked())).created
    assert (shop.memory.entries, shop.slot.places) == ({}, {})


def test_where_there_is_none_the_request_waits(full: Shop) -> None:
    joined = waits(full.reserve_or_wait(asked(key="key")))
    assert (joined.created, joined.replayed, joined.booking) == (True, False, None)
    assert full.line(NOW) == ["alice"]
    assert full.violations(NOW) == []


@pytest.mark.parametrize(
    ("rules", "asks", "is_let_in"),
    [
        pytest.param({"joinIfFull": False}, None, False, id="nobody said so"),
        pytest.param({"joinIfFull": False}, True, True, id="the request says so"),
        pytest.param({"joinIfFull": True}, None, True, id="the business says so"),
        pytest.param({"joinIfFull": True}, False, False, id="the request says no"),
        pytest.param({"joinIfFull": True, "enabled": False}, True, False, id="there are no queues"),
    ],
)
def test_the_request_decides_and_else_the_business(
    full: Shop, rules: dict[str, object], asks: bool | None, is_let_in: bool
) -> None:
    full.queues(**rules)
    if is_let_in:
        assert waits(full.reserve_or_wait(asked(), join_if_full=asks)).created
    else:
        with pytest.raises(SlotFull):
            full.reserve_or_wait(asked(), join_if_full=asks)
        assert full.memory.entries == {}


def test_no_newcomer_overtakes_between_a_release_and_its_promotion(full: Shop) -> None:
    dan = full.join(asked(DAN))
    full.give_back()
    assert (full.slot.free, full.slot.available(NOW)) == (1, 0)
    with pytest.raises(SlotFull) as refused:
        full.reserve(asked(EVE))
    assert refused.value.facts == {"available": 0, "waiting": 1}
    assert full.line(NOW) == ["dan"]
    assert full.promote(NOW) == 1
    assert full.turn_of(dan).status is BookingStatus.RESERVED


def test_who_joins_where_others_wait_for_room_that_has_come_brings_their_turn_about(full: Shop) -> None:
    dan = full.join(asked(DAN))
    full.give_back()
    assert waits(full.reserve_or_wait(asked(EVE))).booking is None
    assert (full.turn_of(dan).owner, full.line(NOW)) == ("dan", ["eve"])


def test_a_slot_freed_between_refusal_and_join_is_taken(full: Shop) -> None:
    full.pauses["join"] = full.give_back
    reserved = has_it(full.reserve_or_wait(asked(key="key")))
    assert (reserved.created, reserved.booking.promoted) == (True, False)
    assert (full.slot.places, full.line(NOW)) == ({}, [])
    again = has_it(full.reserve_or_wait(asked(key="key")))
    assert (again.replayed, again.booking) == (True, reserved.booking)


def test_a_slot_that_is_full_for_each_claim_and_free_for_each_join_is_given_up() -> None:
    shop = Shop(a_slot(capacity=1))
    taken = shop.slot.claimed("somebody", a_claim())

    def changes(where: str) -> None:
        if where == "claim":
            shop.memory.put_slot(replace(taken, rev=shop.slot.rev + 1))
        if where == "join":
            shop.memory.put_slot(shop.slot.without("somebody"))

    shop.memory.pause = changes
    with pytest.raises(Unavailable):
        shop.reserve_or_wait(asked())
    assert (shop.memory.bookings, shop.slot.places) == ({}, {})


def test_a_repeat_while_waiting_answers_the_place(full: Shop) -> None:
    first = waits(full.reserve_or_wait(asked(key="key")))
    again = waits(full.reserve_or_wait(asked(key="key")))
    assert (again.replayed, again.entry, again.slot) == (True, first.entry, first.slot)


@pytest.mark.parametrize("forgotten", [False, True])
def test_a_repeat_after_the_promotion_answers_the_booking(full: Shop, forgotten: bool) -> None:
    first = waits(full.reserve_or_wait(asked(key="key")))
    full.give_back()
    full.promote(NOW)
    if forgotten:
        full.memory.keys.clear()
    again = has_it(full.reserve_or_wait(asked(key="key")))
    assert (again.created, again.replayed) == (True, True)
    assert again.booking == full.turn_of(first)


def test_a_repeat_after_a_crash_before_the_place_waits_or_takes_what_is_free_by_then(full: Shop) -> None:
    def crash() -> None:
        raise Unavailable("crashed")

    for who in (DAN, EVE):
        full.pauses["join"] = crash
        with pytest.raises(Unavailable):
            full.reserve_or_wait(asked(who, key="key"))
    waits(full.reserve_or_wait(asked(DAN, key="key")))
    full.leave(asked(DAN))
    full.give_back()
    reserved = has_it(full.reserve_or_wait(asked(EVE, key="key")))
    assert not reserved.booking.promoted
    assert full.violations(NOW) == []


def test_the_place_of_a_slow_twin_is_dropped_where_the_request_got_units_itself(full: Shop) -> None:
    """The very same request joins the queue and, sent again, finds a unit: the id of both is one."""

    def twin() -> None:
        full.give_back()
        full.memory.keys.clear()
        has_it(full.reserve_or_wait(asked(key="key")))
        full.release(asked(), next(each for each in full.memory.bookings.values() if each.owner == "alice"))
        full.memory.put_slot(full.slot.claimed("another", a_claim("another")))

    full.pauses["join"] = twin
    answer = full.reserve_or_wait(asked(key="key"))
    (entry,) = full.memory.entries.values()
    assert full.line(NOW) == ["alice"]
    assert waits(answer).entry == entry
    full.memory.put_slot(full.slot.without("another"))
    assert full.promote(NOW) == 0
    assert full.slot.places == {}
    assert full.memory.bookings[entry.id].status is BookingStatus.EXPIRED


def test_who_has_it_already_does_not_wait(shop: Shop) -> None:
    held = shop.reserve(asked(), units=2).booking
    again = has_it(shop.reserve_or_wait(asked(), units=2))
    assert (again.created, again.booking) == (False, held)
    with pytest.raises(AlreadyHeld):
        shop.reserve_or_wait(asked())
    assert shop.memory.entries == {}


def test_who_waits_already_keeps_their_place(full: Shop) -> None:
    first = full.join(asked())
    again = waits(full.reserve_or_wait(asked()))
    assert (again.created, again.entry, again.slot) == (False, first.entry, first.slot)
    with pytest.raises(SlotFull):
        full.reserve(asked())


def test_who_waits_for_other_units_is_told_so() -> None:
    shop = sold_out(capacity=2)
    shop.join(asked())
    with pytest.raises(AlreadyInQueue):
        shop.reserve_or_wait(asked(), units=2)


def test_a_party_larger_than_the_slot_does_not_wait_for_ever(full: Shop) -> None:
    with pytest.raises(Invalid):
        full.reserve_or_wait(asked(), units=2)
    assert full.slot.places == {}


def test_who_finds_room_by_the_clock_reserves_it() -> None:
    """Nobody waits, so that the past claim is evicted by the newcomer, before the janitors' two seconds."""
    shop = Shop(a_slot(capacity=1, claims={"somebody": a_claim("h", expires=NOW)}))
    assert not has_it(shop.reserve_or_wait(asked(now=NOW))).booking.promoted


def test_a_turn_that_comes_at_once_is_answered_as_a_reserve() -> None:
    shop = Shop(a_slot(capacity=1, claims={"somebody": a_claim("h", expires=NOW + 10 * SECOND)}))
    dan = waits(shop.reserve_or_wait(asked(DAN)))
    shop.memory.put_entry(replace(dan.entry, status=EntryStatus.LEFT))  # his place was left by a crash
    late = NOW + 10 * SECOND + JANITOR_SKEW
    reserved = has_it(shop.reserve_or_wait(asked(BOB, now=late)))
    assert (reserved.created, reserved.replayed, reserved.booking.promoted) == (True, False, True)
    assert shop.slot.places == {}
