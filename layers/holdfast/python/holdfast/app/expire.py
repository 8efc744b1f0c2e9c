"""End a hold that is past: the one idempotent function behind the timer, the sweep and the TTL (DESIGN 4).

It works on the ledger first and on the record if there is one. A crashed reserve has a claim and no record,
an evicted hold a record and no claim; both end here.
"""

from __future__ import annotations

from holdfast.app.ports import Ledger, Lost, Timer
from holdfast.app.writes import RemoveClaim, SaveBooking, Write, end_of_turn
from holdfast.domain.booking import Booking, BookingStatus, Deed, Ending
from holdfast.domain.claim import Claim
from holdfast.domain.errors import Unavailable
from holdfast.domain.instants import JANITOR_SKEW, Instant
from holdfast.domain.slot import Slot

MOST_TRIES = 5


def expire(ledger: Ledger, timer: Timer, now: Instant, removed: Booking | None = None) -> Instant | None:
    """End the hold if it is past. Answers when to look again if the timer came early, else None.

    `removed` is the record as DynamoDB's TTL deleted it: it is put back as EXPIRED if it is still gone.
    """
    for _ in range(MOST_TRIES):
        slot = ledger.slot(timer.slot)
        claim = _claim_of(timer, slot)
        if claim and not _is_past(claim.expires, now):
            if removed is None:
                return _again(claim.expires, timer)
            claim = None  # what a late twin of the reserve left; it lapses on its own, the record is due now
        writes: list[Write] = [RemoveClaim(timer.slot, timer.who, claim)] if claim else []
        booking = ledger.booking(timer.booking)
        lapsing = booking or removed
        if lapsing and lapsing.status is BookingStatus.RESERVED:
            if _is_past(lapsing.expires, now):
                lapsed = lapsing.moved(BookingStatus.EXPIRED, _lapse(lapsing, now))
                writes += [SaveBooking(lapsed, absent=booking is None), *end_of_turn(lapsing, lapsed)]
            elif not claim:
                # A newcomer whose clock is ahead evicted the claim; the record's own end is still to come.
                return _again(lapsing.expires, timer)
        if not writes:
            return None
        try:
            ledger.commit(*writes)
        except Lost:
            continue
        return None
    raise Unavailable("the hold changes too quickly")


def _again(expires: Instant, timer: Timer) -> Instant | None:
    """When to look again; another end than the timer's has a timer of its own."""
    return expires if expires == timer.expires else None


def restore(ledger: Ledger, removed: Booking, now: Instant) -> None:
    """The third line of defence: a hold whose record DynamoDB's TTL deleted is ended all the same.

    An ended record that went after its retention stays gone.
    """
    if removed.status is BookingStatus.RESERVED:
        timer = Timer(removed.slot, removed.who, removed.id, removed.expires)
        expire(ledger, timer, now, removed)


def _claim_of(timer: Timer, slot: Slot | None) -> Claim | None:
    claim = slot.claims.get(timer.who) if slot else None
    return claim if claim and claim.booking == timer.booking else None


def _is_past(expires: Instant, now: Instant) -> bool:
    return expires + JANITOR_SKEW <= now


def _lapse(booking: Booking, now: Instant) -> Deed:
    return Deed(f"lapse:{booking.expires}", "system:expirer", now, "expiry", Ending.LAPSED)
