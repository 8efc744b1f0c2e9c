"""Reserve: one live hold an owner, subject and slot; a key's repeat takes nothing (HOLD-2, HOLD-5, SEC-3)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from holdfast.app.ports import Throttled
from holdfast.app.wish import MOST_WRITES
from holdfast.domain.booking import BookingStatus
from holdfast.domain.claim import Claim
from holdfast.domain.errors import (
    AlreadyHeld,
    Invalid,
    KeyReused,
    Malformed,
    NotFound,
    SlotBlocked,
    SlotFull,
    SlotHeld,
    SlotPast,
    Unavailable,
)
from holdfast.domain.instants import HOUR, MINUTE, NEVER, SECOND, Instant
from holdfast.domain.place import SlotKey
from holdfast.domain.slot import Slot, SlotState
from tests.support.builders import (
    ALICE,
    BOB,
    BUSINESS,
    NOW,
    SETTINGS,
    a_business,
    a_claim,
    a_slot,
    a_wish,
    asked,
)
from tests.support.memory import MemoryLedger
from tests.unit.app.shop import Shop


def test_a_first_reserve_is_new_and_takes_the_units_for_the_time_asked(shop: Shop) -> None:
    answer = shop.reserve(asked(), units=2, hold_seconds=300)
    assert (answer.created, answer.replayed) == (True, False)
    assert (answer.booking.units, answer.booking.expires) == (2, NOW + 300 * SECOND)
    assert shop.slot.claims == {answer.booking.who: answer.booking.claim}
    assert shop.slot.free == 0
    assert shop.booking(answer.booking) == answer.booking
    assert shop.violations(NOW) == []


def test_without_a_wish_a_hold_lasts_as_long_as_the_business_says(shop: Shop) -> None:
    assert shop.reserve(asked()).booking.expires == NOW + 120 * SECOND


def test_asking_again_answers_the_hold_there_is(shop: Shop) -> None:
    first = shop.reserve(asked())
    again = shop.reserve(asked(now=NOW + SECOND))
    assert (again.created, again.replayed) == (False, False)
    assert again.booking == first.booking
    assert shop.slot.free == 1


def test_asking_again_once_it_is_confirmed_answers_the_booking_there_is(shop: Shop) -> None:
    first = shop.reserve(asked())
    shop.confirm(asked(), first.booking)
    again = shop.reserve(asked(now=NOW + HOUR))
    assert (again.created, again.booking.status) == (False, BookingStatus.CONFIRMED)
    assert shop.slot.free == 1


def test_asking_again_with_other_units_is_refused_with_what_is_held(shop: Shop) -> None:
    first = shop.reserve(asked())
    with pytest.raises(AlreadyHeld) as refused:
        shop.reserve(asked(), units=2)
    assert refused.value.facts == {"bookingId": first.booking.id, "heldUnits": 1}
    assert shop.slot.free == 1


def test_a_parent_holds_for_two_children_and_for_themselves() -> None:
    shop = Shop(a_slot(capacity=3))
    for subject in ({"id": "child-1"}, {"id": "child-2"}, None):
        assert shop.reserve(asked(), subject=subject).created
    assert not shop.reserve(asked(), subject={"id": "child-1", "name": "Bo"}).created
    assert shop.slot.free == 0


def test_the_same_key_and_body_answers_the_same_booking_as_a_replay(shop: Shop) -> None:
    first = shop.reserve(asked(key="key", body="a"))
    again = shop.reserve(asked(key="key", body="a", now=NOW + SECOND))
    assert (again.created, again.replayed, again.booking) == (True, True, first.booking)
    assert shop.slot.free == 1


def test_the_same_key_with_another_body_is_refused(shop: Shop) -> None:
    shop.reserve(asked(key="key", body="a"))
    with pytest.raises(KeyReused):
        shop.reserve(asked(key="key", body="b"), units=2)
    assert shop.slot.free == 1


def test_the_same_key_with_another_body_is_refused_also_where_the_first_was(shop: Shop) -> None:
    with pytest.raises(SlotFull):
        shop.reserve(asked(key="key", body="a"), units=9)
    with pytest.raises(KeyReused):
        shop.reserve(asked(key="key", body="b"))


def test_of_a_forgotten_key_the_record_itself_still_tells_the_body(shop: Shop) -> None:
    first = shop.reserve(asked(key="key", body="a"))
    shop.memory.keys.clear()
    with pytest.raises(KeyReused):
        shop.reserve(asked(key="key", body="b"))
    shop.memory.keys.clear()
    assert shop.reserve(asked(key="key", body="a")).booking == first.booking
    shop.release(asked(), first.booking)
    shop.memory.keys.clear()
    with pytest.raises(KeyReused):
        shop.reserve(asked(key="key", body="b"))
    assert shop.slot.claims == {}


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("ended", ["released", "lapsed", "evicted"])
def test_a_replay_after_the_hold_ended_answers_the_old_booking_and_takes_nothing(
    ended: str, known: bool
) -> None:
    shop = Shop(a_slot(capacity=1))
    first = shop.reserve(asked(key="key"))
    late = first.booking.expires + 2 * SECOND
    match ended:
        case "released":
            shop.release(asked(), first.booking)
        case "lapsed":
            shop.expire(first.booking, late)
        case _:
            other = shop.reserve(asked(BOB, now=late))
            shop.release(asked(BOB, now=late), other.booking)
    if not known:
        shop.memory.keys.clear()
    before = shop.slot
    again = shop.reserve(asked(key="key", now=late + SECOND))
    assert (again.replayed, again.booking.id) == (True, first.booking.id)
    assert shop.slot == before or not known  # not even for a moment
    assert again.booking.seen_at(late + SECOND) is BookingStatus.EXPIRED
    assert shop.slot.free == 1
    assert shop.slot.claims == {}


def test_a_replay_answers_the_old_booking_though_the_slot_is_sold_to_somebody_else_by_now() -> None:
    shop = Shop(a_slot(capacity=1))
    first = shop.reserve(asked(key="key"))
    late = first.booking.expires
    taken = shop.reserve(asked(BOB, now=late)).booking
    shop.confirm(asked(BOB, now=late), taken)
    assert shop.reserve(asked(key="key", now=late)).booking.id == first.booking.id


def test_a_repeat_of_a_request_that_was_refused_is_judged_anew() -> None:
    shop = Shop(a_slot(capacity=1))
    bobs = shop.reserve(asked(BOB)).booking
    with pytest.raises(SlotHeld):
        shop.reserve(asked(key="key"))
    shop.release(asked(BOB), bobs)
    assert shop.reserve(asked(key="key")).created


def test_a_crash_between_claim_and_record_is_finished_by_the_repeat(shop: Shop) -> None:
    shop.pauses["record"] = _fail
    with pytest.raises(Unavailable):
        shop.reserve(asked(key="key"))
    again = shop.reserve(asked(key="key", now=NOW + 5 * SECOND))
    assert again.booking.expires == NOW + 120 * SECOND
    assert shop.booking(again.booking) == again.booking
    assert shop.violations(NOW) == []


def test_a_crash_between_claim_and_record_is_finished_by_another_request_of_the_owner(shop: Shop) -> None:
    shop.pauses["record"] = _fail
    with pytest.raises(Unavailable):
        shop.reserve(asked(key="first"))
    other = shop.reserve(asked(key="other"))
    assert (other.created, other.booking.id) == (False, asked(key="first").op)
    assert shop.slot.free == 1
    assert shop.violations(NOW) == []


def test_a_lost_answer_of_the_claim_is_an_ordinary_case(shop: Shop) -> None:
    shop.pauses["claim made"] = _fail
    with pytest.raises(Unavailable):
        shop.reserve(asked(key="key"))
    assert shop.reserve(asked(key="key")).created
    assert shop.slot.free == 1


def test_a_lost_answer_of_the_record_is_an_ordinary_case(shop: Shop) -> None:
    shop.pauses["recorded"] = _fail
    with pytest.raises(Unavailable):
        shop.reserve(asked(key="key"))
    again = shop.reserve(asked(key="key"))
    assert (again.created, again.replayed) == (True, True)
    assert shop.slot.free == 1


def test_a_late_twin_gives_back_exactly_the_claim_it_made(shop: Shop) -> None:
    """The first attempt dies unseen; its record lapses and is kept, and the repeat's key is forgotten."""
    first = shop.reserve(asked(key="key"))
    late = first.booking.expires + 2 * SECOND
    shop.expire(first.booking, late)
    shop.memory.keys.clear()
    again = shop.reserve(asked(key="key", now=late))
    assert (again.replayed, again.booking.status) == (True, BookingStatus.EXPIRED)
    assert shop.slot.claims == {}


@pytest.mark.parametrize("when", ["recorded", "commit RemoveClaim"])
def test_a_late_twin_does_not_give_back_a_claim_that_has_changed_since(when: str) -> None:
    """Between its claim and its give-back the same claim is extended: the value is another one now."""
    shop = Shop()
    first = shop.reserve(asked(key="key"))
    late = first.booking.expires + 2 * SECOND
    shop.expire(first.booking, late)
    shop.memory.keys.clear()
    who = first.booking.who

    def extended_by_another() -> None:
        shop.memory.put_slot(shop.slot.with_expiry(who, late + HOUR))

    shop.pauses[when] = extended_by_another
    shop.reserve(asked(key="key", now=late))
    assert shop.slot.claims[who].expires == late + HOUR


def test_a_claim_that_was_never_recorded_and_whose_record_has_ended_is_a_hold_to_wait_for(shop: Shop) -> None:
    """A crash before the give-back leaves it; another request of the owner cannot tell it apart."""
    first = shop.reserve(asked(key="key"))
    shop.release(asked(), first.booking)
    shop.memory.put_slot(shop.slot.claimed(first.booking.who, first.booking.claim))
    with pytest.raises(SlotHeld) as refused:
        shop.reserve(asked(key="other", now=NOW + 20 * SECOND))
    assert refused.value.facts == {"available": 1, "retryAfter": 100, "waiting": 0}


@pytest.mark.parametrize(
    ("slot", "now", "refusal"),
    [
        pytest.param(a_slot(capacity=1, claims={"x": a_claim(expires=NEVER)}), NOW, SlotFull, id="sold"),
        pytest.param(a_slot(capacity=1, claims={"x": a_claim()}), NOW, SlotHeld, id="held"),
        pytest.param(a_slot(state=SlotState.BLOCKED), NOW, SlotBlocked, id="blocked"),
        pytest.param(a_slot(state=SlotState.DELETED), NOW, NotFound, id="deleted"),
        pytest.param(a_slot(start=NOW + HOUR), NOW + HOUR, SlotPast, id="begun"),
    ],
)
def test_a_refusal_changes_nothing(slot: Slot, now: Instant, refusal: type[Exception]) -> None:
    shop = Shop(slot)
    with pytest.raises(refusal):
        shop.reserve(asked(now=now))
    assert shop.slot == slot
    assert shop.memory.bookings == {}


def test_what_is_not_there_is_not_found(shop: Shop) -> None:
    for slot in (replace(shop.first.key, time="0000"), SlotKey("nobody", "stand-1", "2026-06-12", "1000")):
        with pytest.raises(NotFound) as refused:
            shop.reserve_on(shop.ledger, asked(), a_wish(slot))
        assert str(refused.value) == "There is no such slot."


def test_a_hold_out_of_bounds_or_without_the_key_that_is_required_takes_nothing(shop: Shop) -> None:
    with pytest.raises(Invalid):
        shop.reserve(asked(), hold_seconds=901)
    policies = {**SETTINGS["policies"], "idempotencyKeyRequired": True}
    shop.memory.businesses[BUSINESS] = a_business(policies=policies)
    with pytest.raises(Malformed):
        shop.reserve(asked())
    assert shop.slot == shop.first
    assert shop.reserve(asked(key="key")).created


def test_all_past_claims_go_in_one_write_that_claims() -> None:
    past = {name: a_claim(name, expires=NOW) for name in "abc"}
    shop = Shop(a_slot(capacity=3, claims=past))
    answer = shop.reserve(asked(), units=3)
    assert set(shop.slot.claims) == {answer.booking.who}
    assert shop.slot.rev == 2
    assert shop.violations(NOW) == []


def test_an_eviction_that_meets_a_newer_slot_decides_again_from_it() -> None:
    shop = Shop(a_slot(capacity=1, claims={"x": a_claim(expires=NOW)}))
    shop.pauses["replace slot"] = lambda: shop.reserve(asked(BOB))
    with pytest.raises(SlotHeld):
        shop.reserve(asked(ALICE))
    assert [claim.booking for claim in shop.slot.claims.values()] == list(shop.memory.bookings)


def test_a_slot_that_changes_all_the_time_is_unavailable_after_a_bounded_number_of_writes() -> None:
    shop = Shop(a_slot(capacity=1, claims={"x": a_claim(expires=NOW)}))
    writes = []

    def always_newer(where: str) -> None:
        if where in ("claim", "replace slot"):
            writes.append(where)
            shop.memory.slots[shop.first.key] = replace(shop.slot, rev=shop.slot.rev + 1)

    shop.memory.pause = always_newer
    with pytest.raises(Unavailable):
        shop.reserve(asked())
    assert len(writes) == MOST_WRITES


def _fail() -> None:
    raise Unavailable("injected")


class ThrottledLedger(MemoryLedger):
    """The item is written too often: no write on it is judged."""

    def claim(self, slot: SlotKey, who: str, claim: Claim, now: Instant) -> Slot:
        self.memory.pause("claim")
        raise Throttled


@pytest.mark.parametrize(
    ("slot", "answer"),
    [
        pytest.param(a_slot(), Unavailable, id="room: come again"),
        pytest.param(a_slot(capacity=1, claims={"x": a_claim(expires=NEVER)}), SlotFull, id="sold: final"),
        pytest.param(a_slot(capacity=1, claims={"x": a_claim()}), SlotHeld, id="held: final"),
    ],
)
def test_a_throttled_claim_is_answered_from_a_read_and_not_repeated(
    slot: Slot, answer: type[Exception]
) -> None:
    shop = Shop(slot)
    claims = []
    shop.memory.pause = lambda where: claims.append(where) if where == "claim" else None
    with pytest.raises(answer):
        shop.reserve_on(ThrottledLedger(shop.memory), asked(), a_wish(slot.key))
    assert len(claims) == 1
    assert shop.slot == slot


def test_a_throttled_claim_of_who_has_it_already_answers_that(shop: Shop) -> None:
    first = shop.reserve(asked())
    throttled = ThrottledLedger(shop.memory)
    again = shop.reserve_on(throttled, asked(now=NOW + MINUTE), a_wish(shop.first.key))
    assert (again.created, again.booking) == (False, first.booking)
