"""The sweep: end holds that no timer ended (HOLD-4), finish bookings that are over (BOOK-11)."""

from __future__ import annotations

from dataclasses import dataclass

from holdfast.app.expire import JANITOR_SKEW, expire
from holdfast.app.ports import ClaimRefused, Ledger, Lost, Throttled, Timer
from holdfast.app.writes import SaveBooking
from holdfast.domain.booking import Booking, BookingStatus, Deed
from holdfast.domain.errors import Unavailable
from holdfast.domain.instants import Instant
from holdfast.domain.place import SlotKey


@dataclass(frozen=True, slots=True)
class Swept:
    """How many due entries were looked at, and how many could not be settled this time."""

    looked_at: int
    failed: int


def sweep(ledger: Ledger, now: Instant) -> Swept:
    """Settle everything due. What fails stays due and is met by the next sweep."""
    looked_at = failed = 0
    for found in ledger.due(now):
        looked_at += 1
        try:
            if isinstance(found, SlotKey):
                _settle_slot(ledger, found, now)
            else:
                _settle_booking(ledger, found, now)
        except Unavailable:
            failed += 1
    return Swept(looked_at, failed)


def _settle_slot(ledger: Ledger, key: SlotKey, now: Instant) -> None:
    slot = ledger.slot(key)
    if slot is None:
        return
    past = slot.past(now - JANITOR_SKEW)
    for who, claim in past.items():
        expire(ledger, Timer(key, who, claim.booking, claim.expires), now)
    settled = ledger.slot(key) if past else slot
    if settled is None or settled.due is None or settled.due > now:
        return
    try:
        ledger.replace(settled.swept(now))
    except (ClaimRefused, Throttled):
        return  # somebody writes it just now; it stays due until the next sweep


def _settle_booking(ledger: Ledger, booking_id: str, now: Instant) -> None:
    booking = ledger.booking(booking_id)
    if booking is None:
        return
    if booking.finishes_at is not None:
        _finish(ledger, booking, booking.finishes_at, now)
    elif booking.status is BookingStatus.RESERVED:
        expire(ledger, Timer(booking.slot, booking.who, booking.id, booking.expires), now)


def _finish(ledger: Ledger, booking: Booking, due: Instant, now: Instant) -> None:
    """Complete it, or mark it as no-show, by its business's policy (BOOK-11)."""
    if due + JANITOR_SKEW > now:
        return
    deed = Deed(f"after end {booking.end}", "system:sweeper", now, "after_end")
    try:
        ledger.commit(SaveBooking(booking.finished(deed)))
    except Lost:
        return  # staff said something themselves in that moment; it stays due if it still has to
