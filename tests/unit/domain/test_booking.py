"""The booking's state machine and its history (BOOK-1, BOOK-2, BOOK-10, HOLD-6)."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from holdfast.domain import invariants
from holdfast.domain.booking import (
    LONGEST_HISTORY,
    RESCHEDULE,
    TRANSITIONS,
    Booking,
    BookingStatus,
    Change,
    Contact,
    Deed,
    Ending,
)
from holdfast.domain.errors import HoldExpired, HoldLimit, InvalidTransition, PolicyViolation
from holdfast.domain.instants import HOUR, NEVER, SECOND, Instant
from holdfast.domain.money import Money
from holdfast.domain.refund import Refund
from tests.support.builders import NOW, a_booking, a_claim, a_confirmed_booking, a_slot

S = BookingStatus
ALLOWED = {
    (S.PENDING, S.RESERVED),
    (S.RESERVED, S.CONFIRMED),
    (S.RESERVED, S.PENDING_APPROVAL),
    (S.RESERVED, S.EXPIRED),
    (S.PENDING_APPROVAL, S.CONFIRMED),
    (S.PENDING_APPROVAL, S.CANCELLED),
    (S.PENDING_APPROVAL, S.EXPIRED),
    (S.CONFIRMED, S.IN_PROGRESS),
    (S.CONFIRMED, S.COMPLETED),
    (S.CONFIRMED, S.NO_SHOW),
    (S.CONFIRMED, S.CANCELLED),
    (S.IN_PROGRESS, S.COMPLETED),
    (S.IN_PROGRESS, S.CANCELLED),
    (S.COMPLETED, S.NO_SHOW),
    (S.NO_SHOW, S.COMPLETED),
}


def _deed(at: Instant = NOW + SECOND, op: str = "op-2") -> Deed:
    return Deed(op, "customer:alice", at, "test")


@pytest.mark.parametrize(("before", "after"), list(itertools.product(S, S)))
def test_a_booking_goes_only_the_ways_there_are(before: S, after: S) -> None:
    booking = replace(a_booking(), status=before)
    if (before, after) in ALLOWED:
        moved = booking.moved(after, _deed())
        assert (moved.status, moved.version) == (after, booking.version + 1)
        assert moved.history == (*booking.history, Change(before, after, _deed()))
    else:
        with pytest.raises(InvalidTransition) as refused:
            booking.moved(after, _deed())
        assert refused.value.facts == {"from": before, "to": after}


def test_every_state_is_in_the_table() -> None:
    assert set(TRANSITIONS) == set(S)


def test_a_record_begins_pending_to_reserved_with_what_its_claim_says() -> None:
    slot, claim = a_slot(), a_claim("b", units=2)
    booking = a_booking(slot=slot, claim=claim)
    assert (booking.id, booking.units, booking.expires, booking.claim) == ("b", 2, claim.expires, claim)
    assert (booking.start, booking.end, booking.slot) == (slot.start, slot.end, slot.key)
    assert [(change.before, change.after) for change in booking.history] == [(S.PENDING, S.RESERVED)]
    assert (booking.version, booking.price) == (1, Money(5000, "EUR"))
    assert list(invariants.of_booking(booking)) == []


def test_a_hold_is_confirmed_up_to_its_last_millisecond() -> None:
    held = a_booking()
    confirmed = held.confirmed("BOK-1", _deed(held.expires - 1), contact=None, notes=None)
    assert (confirmed.status, confirmed.number, confirmed.confirmed_at) == (
        S.CONFIRMED,
        "BOK-1",
        held.expires - 1,
    )
    assert (confirmed.expires, confirmed.claim.expires) == (held.expires, NEVER)
    with pytest.raises(HoldExpired):
        held.confirmed("BOK-1", _deed(held.expires), contact=None, notes=None)


def test_confirming_keeps_contact_and_notes_where_it_brings_none() -> None:
    held = replace(a_booking(), contact=Contact("Al"), notes="old")
    kept = held.confirmed("BOK-1", _deed(), contact=None, notes=None)
    assert (kept.contact, kept.notes) == (Contact("Al"), "old")
    new = held.confirmed("BOK-1", _deed(), contact=Contact("Bo"), notes="")
    assert (new.contact, new.notes) == (Contact("Bo"), "")


@pytest.mark.parametrize("status", sorted(set(S) - {S.RESERVED}))
def test_what_is_no_hold_is_not_confirmed_extended_or_released(status: S) -> None:
    booking = replace(a_confirmed_booking(), status=status)
    refusal = HoldExpired if status is S.EXPIRED else InvalidTransition
    with pytest.raises(refusal):
        booking.confirmed("BOK-1", _deed(), contact=None, notes=None)
    with pytest.raises(refusal):
        booking.extended(60, _deed(), total_max_seconds=1800)
    with pytest.raises(refusal):
        booking.released(_deed())


def test_a_hold_past_its_end_is_seen_as_expired_whoever_tidied_up() -> None:
    held = a_booking()
    assert held.seen_at(held.expires - 1) is S.RESERVED
    assert held.seen_at(held.expires) is S.EXPIRED
    assert a_confirmed_booking().seen_at(NEVER) is S.CONFIRMED


@pytest.mark.parametrize(
    ("seconds", "later"),
    [(60, 0), (119, 0), (300, 181), (1799, 1680)],
)
def test_an_extension_ends_at_the_later_of_the_end_and_now_plus_seconds(seconds: int, later: int) -> None:
    held = a_booking()
    extended = held.extended(seconds, _deed(), total_max_seconds=1800)
    assert extended.expires == held.expires + later * SECOND
    assert (extended.status, extended.version) == (S.RESERVED, 2)


def test_a_hold_is_not_kept_longer_than_the_total() -> None:
    held = a_booking()
    with pytest.raises(HoldLimit) as refused:
        held.extended(1800, _deed(), total_max_seconds=1800)
    assert refused.value.facts == {"totalMaxSeconds": 1800}
    last = held.expires - 1
    with pytest.raises(HoldLimit):
        held.extended(1682, _deed(last), total_max_seconds=1800)
    assert held.extended(1680, _deed(last), total_max_seconds=1800).expires == last + 1680 * SECOND


def test_a_hold_that_was_longer_from_the_start_is_not_cut_by_an_extension() -> None:
    held = a_booking(claim=a_claim(expires=NOW + 900 * SECOND))
    assert held.extended(10, _deed(), total_max_seconds=300).expires == held.expires


def test_a_past_hold_is_not_extended_or_released() -> None:
    held = a_booking()
    with pytest.raises(HoldExpired):
        held.extended(60, _deed(held.expires), total_max_seconds=1800)
    with pytest.raises(HoldExpired):
        held.released(_deed(held.expires))


def test_a_released_hold_is_expired_with_its_reason_in_the_history() -> None:
    released = a_booking().released(Deed("op-2", "customer:alice", NOW, "release", Ending.RELEASED))
    assert released.status is S.EXPIRED
    assert released.history[-1].deed.reason == "released"


def test_a_cancelled_booking_keeps_what_is_refunded() -> None:
    refund = Refund(50, Money(1250, "EUR"))
    cancelled = a_confirmed_booking().cancelled(refund, _deed(op="op-3"))
    assert (cancelled.status, cancelled.refund, cancelled.cancelled_at) == (S.CANCELLED, refund, NOW + SECOND)


def test_a_request_is_known_wherever_it_stands_in_the_history() -> None:
    booking = a_booking().changed(_deed(op="first")).changed(_deed(op="second")).changed(_deed(op="third"))
    assert all(booking.did(op) for op in ("b" * 20, "first", "second", "third"))
    assert not booking.did("fourth")


def test_a_history_is_bounded_but_a_booking_can_always_end() -> None:
    booking: Booking = a_booking()
    for number in range(LONGEST_HISTORY - 1):
        booking = booking.changed(_deed(op=f"op-{number}"))
    with pytest.raises(PolicyViolation) as refused:
        booking.changed(_deed(op="one more"))
    assert refused.value.facts == {"rule": "history_full"}
    assert booking.released(_deed(op="release")).status is S.EXPIRED


def test_each_move_tells_from_where_to_where() -> None:
    booking = a_confirmed_booking()
    first, second = booking.start + HOUR, booking.start - HOUR
    for number, start in enumerate((first, second)):
        deed = Deed(f"move-{number}", "customer:alice", NOW, RESCHEDULE)
        booking = booking.rescheduled(booking.spot, booking.who, start, start + HOUR, deed)
        booking = booking.changed(_deed(op=f"note-{number}"))
    assert booking.moves == {
        "move-0": (a_confirmed_booking().start, first),
        "move-1": (first, second),
    }
    assert (len(booking.moved_from), booking.unit_price) == (2, a_confirmed_booking().unit_price)


@pytest.mark.parametrize("after", [S.IN_PROGRESS, S.COMPLETED, S.NO_SHOW, S.CANCELLED])
def test_only_what_is_confirmed_moves(after: S) -> None:
    booking = a_confirmed_booking().moved(after, _deed(op="op-3"))
    for each in (a_booking(), booking):
        with pytest.raises(InvalidTransition):
            each.require_movable(NOW)


def test_rejecting_gives_all_back_before_the_deadline() -> None:
    asking = a_booking().awaiting_approval("BOK-1", NOW + HOUR, _deed(), contact=None, notes=None)
    rejected = asking.rejected(_deed(op="op-3"))
    assert (rejected.status, rejected.refund) == (S.CANCELLED, Refund(100, asking.price))
    with pytest.raises(HoldExpired):
        asking.rejected(_deed(asking.expires, op="op-3"))
    with pytest.raises(InvalidTransition):
        a_confirmed_booking().rejected(_deed(op="op-3"))
