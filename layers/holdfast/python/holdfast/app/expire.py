"""End a hold that is past: the one idempotent function behind the timer, the sweep and the TTL (DESIGN 4).

It works on the ledgers first and on the record if there is one. A crashed reserve has a claim and no record,
an evicted hold a record and no claim; both end here. A booking that was not approved in time ends alike.
"""

from __future__ import annotations

from collections.abc import Mapping

from holdfast.app.ports import Ledger, Lost, Timer
from holdfast.app.standing import claims_of
from holdfast.app.writes import RemoveClaim, SaveBooking, Write, end_of_turn
from holdfast.domain.booking import HELD, Booking, BookingStatus, Deed, Ending
from holdfast.domain.errors import Unavailable
from holdfast.domain.instants import JANITOR_SKEW, Instant
from holdfast.domain.place import LedgerKey

MOST_TRIES = 5


def expire(ledger: Ledger, timer: Timer, now: Instant, removed: Booking | None = None) -> Instant | None:
    """End the hold if it is past. Answers when to look again if the timer came early, else None.

    `removed` is the record as DynamoDB's TTL deleted it: it is put back as EXPIRED if it is still gone.
    """
    for _ in range(MOST_TRIES):
        claim = claims_of(ledger, [timer.ledger], timer.who, timer.booking).get(timer.ledger)
        if claim and not _is_past(claim.expires, now) and removed is None:
            return _again(claim.expires, timer)
        booking = ledger.booking(timer.booking)
        lapsing = booking or removed
        # What is live is left by a late twin of the reserve; it lapses on its own, the record is due now.
        found = (
            RemoveClaim(timer.ledger, timer.who, claim) if claim and _is_past(claim.expires, now) else None
        )
        past = {timer.ledger: found} if found else {}
        on_record: list[Write] = []
        if lapsing and lapsing.status in HELD:
            if _is_past(lapsing.expires, now):
                past |= _own_claims(ledger, lapsing, timer, now)
                lapsed = lapsing.moved(BookingStatus.EXPIRED, _lapse(lapsing, now))
                on_record = [SaveBooking(lapsed, absent=booking is None), *end_of_turn(lapsing, lapsed)]
            elif not past:
                # A newcomer whose clock is ahead evicted the claim; the record's own end is still to come.
                return _again(lapsing.expires, timer)
        if not past and not on_record:
            return None
        try:
            ledger.commit(*past.values(), *on_record)
        except Lost:
            continue
        if found is None or found in past.values():
            return None
    raise Unavailable("the hold changes too quickly")


def _own_claims(
    ledger: Ledger, booking: Booking, timer: Timer, now: Instant
) -> Mapping[LedgerKey, RemoveClaim]:
    """The past ones by which the record stands now, where the timer's is not all of them: it may have been
    given to somebody else since, or moved."""
    if booking.who == timer.who and booking.claims.keys() == {timer.ledger}:
        return {}
    claims = claims_of(ledger, booking.claims, booking.who, booking.id).items()
    return {key: RemoveClaim(key, booking.who, each) for key, each in claims if _is_past(each.expires, now)}


def _again(expires: Instant, timer: Timer) -> Instant | None:
    """When to look again; another end than the timer's has a timer of its own."""
    return expires if expires == timer.expires else None


def restore(ledger: Ledger, removed: Booking, now: Instant) -> None:
    """The third line of defence: a hold whose record DynamoDB's TTL deleted is ended all the same.

    An ended record that went after its retention stays gone.
    """
    if removed.status in HELD:
        expire(ledger, Timer.of(removed), now, removed)


def _is_past(expires: Instant, now: Instant) -> bool:
    return expires + JANITOR_SKEW <= now


def _lapse(booking: Booking, now: Instant) -> Deed:
    return Deed(f"lapse:{booking.expires}", "system:expirer", now, "expiry", Ending.LAPSED)
