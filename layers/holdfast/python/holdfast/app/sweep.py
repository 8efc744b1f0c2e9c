"""The second line of defence: end what is past and was not ended by its timer (HOLD-4)."""

from __future__ import annotations

from dataclasses import dataclass

from holdfast.app.expire import JANITOR_SKEW, expire
from holdfast.app.ports import ClaimRefused, Ledger, Throttled, Timer
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
    if booking is not None:
        expire(ledger, Timer(booking.slot, booking.who, booking.id, booking.expires), now)
