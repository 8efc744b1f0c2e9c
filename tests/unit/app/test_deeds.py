"""Confirm, extend, release, cancel and amend: what they do, what they refuse, and what their repeats find."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from holdfast.app.asked import Asked
from holdfast.app.deeds import MOST_TRIES, Done, visible_booking
from holdfast.domain.booking import Booking, BookingStatus, Contact, Deed
from holdfast.domain.caller import Caller
from holdfast.domain.errors import (
    HoldExpired,
    HoldLimit,
    Invalid,
    InvalidTransition,
    KeyReused,
    NotFound,
    PolicyViolation,
    PreconditionRequired,
    SlotBlocked,
    StaleVersion,
    Unavailable,
)
from holdfast.domain.identity import booking_number
from holdfast.domain.instants import HOUR, MINUTE, NEVER, SECOND
from holdfast.domain.money import Money
from holdfast.domain.refund import Refund
from holdfast.domain.slot import SlotState
from tests.support.builders import ALICE, BOB, BUSINESS, NOW, SETTINGS, a_business, a_slot, asked
from tests.unit.app.shop import Shop

type DeedOn = Callable[[Shop, Asked, Booking], Done]
ON_HOLDS: dict[str, DeedOn] = {
    "confirm": lambda shop, by, booking: shop.confirm(by, booking),
    "extend": lambda shop, by, booking: shop.extend(by, booking),
    "release": lambda shop, by, booking: shop.release(by, booking),
}
ALL: dict[str, DeedOn] = {
    **ON_HOLDS,
    "cancel": lambda shop, by, booking: shop.cancel(by, booking),
    "amend": lambda shop, by, booking: shop.amend(by, booking, notes="new"),
}


def _subject(shop: Shop, deed: str) -> Booking:
    """A booking on which the deed can be done."""
    held = shop.reserve(asked()).booking
    return shop.confirm(asked(), held).booking if deed == "cancel" else held


def test_confirming_keeps_the_claim_for_ever_and_gives_a_number(shop: Shop) -> None:
    held = shop.reserve(asked()).booking
    done = shop.confirm(asked(now=NOW + SECOND), held, contact=Contact("Al"), notes="n")
    assert not done.replayed
    assert done.booking.status is BookingStatus.CONFIRMED
    assert done.booking.number == booking_number("2026-06-12", held.id, 0)
    assert (done.booking.contact, done.booking.notes) == (Contact("Al"), "n")
    assert shop.slot.claims[held.who].expires == NEVER
    assert shop.memory.numbers == {done.booking.number: held.id}
    assert shop.violations(NOW + HOUR) == []


def test_a_number_that_is_taken_makes_room_for_another(shop: Shop) -> None:
    held = shop.reserve(asked()).booking
    shop.memory.numbers[booking_number("2026-06-12", held.id, 0)] = "somebody else"
    assert shop.confirm(asked(), held).booking.number == booking_number("2026-06-12", held.id, 1)


def test_extending_moves_the_end_of_claim_and_record(shop: Shop) -> None:
    held = shop.reserve(asked()).booking
    longer = shop.extend(asked(now=NOW + MINUTE), held, seconds=300).booking
    assert longer.expires == NOW + MINUTE + 300 * SECOND
    assert shop.slot.claims[held.who].expires == longer.expires
    assert shop.violations(NOW) == []


def test_releasing_gives_the_units_back_at_once(shop: Shop) -> None:
    held = shop.reserve(asked(), units=2).booking
    released = shop.release(asked(), held).booking
    assert (released.status, released.history[-1].deed.reason) == (BookingStatus.EXPIRED, "released")
    assert (shop.slot.free, shop.slot.claims) == (2, {})


def test_cancelling_gives_the_units_back_and_computes_the_refund(shop: Shop) -> None:
    booking = shop.confirm(asked(), shop.reserve(asked(), units=2).booking).booking
    cancelled = shop.cancel(asked(now=booking.start - 3 * HOUR), booking, reason="rain").booking
    assert cancelled.status is BookingStatus.CANCELLED
    assert cancelled.refund == Refund(50, Money(2500, "EUR"))
    assert cancelled.history[-1].deed.reason == "rain"
    assert (shop.slot.free, shop.slot.claims) == (2, {})


def test_amending_changes_what_was_said_and_nothing_else(shop: Shop) -> None:
    held = shop.reserve(asked(), notes="old", contact=Contact("Al")).booking
    slot = shop.slot
    amended = shop.amend(asked(expects=1), held, notes="new").booking
    assert (amended.notes, amended.contact, amended.version) == ("new", Contact("Al"), 2)
    again = shop.amend(asked(expects=2), held, contact=Contact("Bo")).booking
    assert (again.notes, again.contact, again.version) == ("new", Contact("Bo"), 3)
    assert shop.slot == slot


def test_amending_needs_the_version_that_was_read(shop: Shop) -> None:
    held = shop.reserve(asked()).booking
    with pytest.raises(PreconditionRequired):
        shop.amend(asked(), held, notes="new")


@pytest.mark.parametrize("deed", ALL)
def test_a_stale_version_is_refused_with_the_current_one(shop: Shop, deed: str) -> None:
    booking = _subject(shop, deed)
    with pytest.raises(StaleVersion) as refused:
        ALL[deed](shop, asked(expects=9), booking)
    assert refused.value.facts == {"currentVersion": booking.version}
    assert shop.booking(booking) == booking


@pytest.mark.parametrize("deed", ALL)
def test_a_booking_of_somebody_else_is_not_there(shop: Shop, deed: str) -> None:
    booking = _subject(shop, deed)
    for caller in (BOB, Caller("staff", frozenset({f"{BUSINESS}:staff"}))):
        with pytest.raises(NotFound):
            ALL[deed](shop, asked(caller, expects=booking.version), booking)
    with pytest.raises(NotFound):
        ALL[deed](shop, asked(expects=1), replace(booking, id="none"))
    assert shop.booking(booking) == booking


def test_staff_may_see_what_its_owner_may_see_and_nobody_else(shop: Shop) -> None:
    held = shop.reserve(asked()).booking
    for caller in (ALICE, Caller("s", frozenset({f"{BUSINESS}:staff"}))):
        assert visible_booking(shop.ledger, asked(caller), held.id) == held
    for caller in (BOB, Caller("s", frozenset({"boats:staff"}))):
        with pytest.raises(NotFound):
            visible_booking(shop.ledger, asked(caller), held.id)


@pytest.mark.parametrize("deed", ALL)
def test_a_repeat_answers_success_and_has_no_second_effect(shop: Shop, deed: str) -> None:
    booking = _subject(shop, deed)
    by = asked(key="deed", expects=booking.version)
    first = ALL[deed](shop, by, booking)
    slot = shop.slot
    again = ALL[deed](shop, by, booking)
    assert (first.replayed, again.replayed) == (False, True)
    assert again.booking == first.booking == shop.booking(booking)
    assert shop.slot == slot


@pytest.mark.parametrize("deed", ALL)
def test_a_key_that_came_with_another_body_is_refused(shop: Shop, deed: str) -> None:
    booking = _subject(shop, deed)
    ALL[deed](shop, asked(key="deed", body="a", expects=booking.version), booking)
    with pytest.raises(KeyReused):
        ALL[deed](shop, asked(key="deed", body="b", expects=booking.version), booking)


def test_a_late_repeat_is_known_though_others_came_after_it(shop: Shop) -> None:
    """The first extend's answer is lost; a second one and a note follow; then the first comes again."""
    held = shop.reserve(asked()).booking
    first = asked(key="first")
    shop.extend(first, held, seconds=300)
    shop.extend(asked(key="second"), held, seconds=600)
    last = shop.amend(asked(expects=3), held, notes="new").booking
    late = shop.extend(first, held, seconds=300)
    assert (late.replayed, late.booking) == (True, last)
    assert shop.slot.claims[held.who].expires == NOW + 600 * SECOND
    assert shop.violations(NOW) == []


def test_a_late_repeat_is_known_also_once_the_booking_has_ended(shop: Shop) -> None:
    booking = shop.confirm(asked(key="con"), shop.reserve(asked()).booking).booking
    cancelled = shop.cancel(asked(), booking).booking
    late = shop.confirm(asked(key="con", now=NOW + HOUR), booking)
    assert (late.replayed, late.booking) == (True, cancelled)
    assert shop.slot.claims == {}


@pytest.mark.parametrize("deed", ALL)
def test_a_lost_answer_is_an_ordinary_case(shop: Shop, deed: str) -> None:
    booking = _subject(shop, deed)
    by = asked(key="deed", expects=booking.version)
    shop.pauses["committed"] = _fail
    with pytest.raises(Unavailable):
        ALL[deed](shop, by, booking)
    again = ALL[deed](shop, by, booking)
    assert (again.replayed, again.booking.version) == (True, booking.version + 1)


@pytest.mark.parametrize("deed", ON_HOLDS)
def test_a_hold_past_its_end_is_refused_from_that_millisecond(shop: Shop, deed: str) -> None:
    held = shop.reserve(asked()).booking
    with pytest.raises(HoldExpired):
        ON_HOLDS[deed](shop, asked(now=held.expires), held)
    assert shop.booking(held) == held
    assert not ON_HOLDS[deed](shop, asked(now=held.expires - 1), held).replayed


@pytest.mark.parametrize("deed", ["confirm", "extend"])
def test_a_hold_that_was_evicted_meanwhile_is_over(shop: Shop, deed: str) -> None:
    """A newcomer whose clock is ahead took the claim; the record still says RESERVED."""
    held = shop.reserve(asked()).booking
    shop.memory.put_slot(shop.slot.without(held.who))
    with pytest.raises(HoldExpired):
        ON_HOLDS[deed](shop, asked(), held)
    assert shop.booking(held) == held


@pytest.mark.parametrize("deed", ON_HOLDS)
@pytest.mark.parametrize("ended", ["confirmed", "cancelled", "released"])
def test_what_is_no_hold_is_refused(shop: Shop, deed: str, ended: str) -> None:
    held = shop.reserve(asked()).booking
    if ended == "released":
        shop.release(asked(), held)
    else:
        confirmed = shop.confirm(asked(), held).booking
        if ended == "cancelled":
            shop.cancel(asked(), confirmed)
    before = shop.booking(held)
    with pytest.raises(HoldExpired if ended == "released" else InvalidTransition):
        ON_HOLDS[deed](shop, asked(), held)
    assert shop.booking(held) == before


def test_only_what_is_confirmed_is_cancelled(shop: Shop) -> None:
    held = shop.reserve(asked()).booking
    for now, state in ((NOW, "RESERVED"), (held.expires, "EXPIRED")):
        with pytest.raises(InvalidTransition) as refused:
            shop.cancel(asked(now=now), held)
        assert refused.value.facts == {"from": state, "to": "CANCELLED"}
    assert shop.slot.free == 1


def test_what_has_ended_is_not_amended(shop: Shop) -> None:
    held = shop.reserve(asked()).booking
    with pytest.raises(InvalidTransition):
        shop.amend(asked(now=held.expires, expects=1), held, notes="new")
    shop.release(asked(), held)
    with pytest.raises(InvalidTransition):
        shop.amend(asked(expects=2), held, notes="new")


def test_a_customer_cancels_before_the_deadline_and_never_after_the_start(shop: Shop) -> None:
    policies = {**SETTINGS["policies"], "cancellationDeadlineMinutes": 60}
    shop.memory.businesses[BUSINESS] = a_business(policies=policies)
    booking = shop.confirm(asked(), shop.reserve(asked()).booking).booking
    for now, rule in ((booking.start - HOUR + 1, "cancellation_deadline"), (booking.start, "after_start")):
        with pytest.raises(PolicyViolation) as refused:
            shop.cancel(asked(now=now), booking)
        assert refused.value.facts["rule"] == rule
    assert not shop.cancel(asked(now=booking.start - HOUR), booking).replayed


def test_a_hold_is_not_kept_beyond_the_total_or_the_longest_step(shop: Shop) -> None:
    held = shop.reserve(asked()).booking
    with pytest.raises(Invalid):
        shop.extend(asked(), held, seconds=901)
    late = held
    for step in (1, 2):
        late = shop.extend(asked(now=late.expires - 1), held, seconds=800).booking
        assert late.version == step + 1
    with pytest.raises(HoldLimit):
        shop.extend(asked(now=late.expires - 1), held, seconds=800)
    assert shop.slot.claims[held.who].expires == late.expires <= NOW + 1800 * SECOND


@pytest.mark.parametrize("state", [SlotState.BLOCKED, SlotState.DELETED])
def test_in_a_closed_slot_nobody_confirms_but_holds_are_extended_and_released(state: SlotState) -> None:
    shop = Shop()
    held = shop.reserve(asked()).booking
    shop.memory.put_slot(replace(shop.slot, state=state, rev=shop.slot.rev + 1))
    with pytest.raises(SlotBlocked):
        shop.confirm(asked(), held)
    assert not shop.extend(asked(), held).replayed
    assert not shop.release(asked(), held).replayed


def test_a_deed_overtaken_by_another_is_decided_again_from_what_is_there(shop: Shop) -> None:
    held = shop.reserve(asked()).booking
    shop.pauses["commit SetClaimExpiry+SaveBooking"] = lambda: shop.amend(
        asked(expects=1), held, notes="meanwhile"
    )
    extended = shop.extend(asked(), held).booking
    assert (extended.version, extended.notes) == (3, "meanwhile")
    assert shop.violations(NOW) == []


def test_a_confirm_overtaken_by_a_release_is_refused(shop: Shop) -> None:
    held = shop.reserve(asked()).booking
    shop.pauses["commit SetClaimExpiry+SaveBooking+TakeNumber"] = lambda: shop.release(asked(), held)
    with pytest.raises(HoldExpired):
        shop.confirm(asked(), held)
    assert shop.slot.claims == {}
    assert shop.memory.numbers == {}


def test_a_booking_that_changes_all_the_time_is_unavailable_after_a_bounded_number_of_tries() -> None:
    shop = Shop(a_slot())
    held = shop.reserve(asked()).booking
    commits: list[str] = []

    def always_newer(where: str) -> None:
        if where.startswith("commit "):
            commits.append(where)
            changed = shop.booking(held).changed(Deed(f"op-{len(commits)}", "system", NOW, "test"))
            shop.memory.bookings[held.id] = changed

    shop.memory.pause = always_newer
    with pytest.raises(Unavailable):
        shop.extend(asked(), held)
    assert len(commits) == MOST_TRIES


def _fail() -> None:
    raise Unavailable("injected")
