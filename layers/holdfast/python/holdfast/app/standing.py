"""What stands in the ledgers for a booking, read consistently."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from holdfast.app.asked import Asked
from holdfast.app.ports import Ledger
from holdfast.domain.booking import Booking
from holdfast.domain.claim import Claim
from holdfast.domain.day import Day
from holdfast.domain.errors import HoldExpired, SlotBlocked
from holdfast.domain.place import DayKey, LedgerKey, SlotKey
from holdfast.domain.slot import Slot, SlotState


def ledgers(ledger: Ledger, keys: Iterable[LedgerKey]) -> Mapping[LedgerKey, Slot | Day]:
    """The slots and days that are there, and days that are not."""
    wanted = list(keys)
    slot_keys = [key for key in wanted if isinstance(key, SlotKey)]
    slots, days = ledger.slots_and_days(slot_keys, [key for key in wanted if isinstance(key, DayKey)])
    there: dict[LedgerKey, Slot | Day] = {day.key: day for day in days}
    there |= dict(slots.items())
    return there


def require_live_claims(ledger: Ledger, booking: Booking, asked: Asked, *, open_only: bool) -> None:
    """Say why a commit on the booking's claims was lost, where the ledgers tell.

    Raises HoldExpired or SlotBlocked.
    """
    there = ledgers(ledger, booking.claims)
    for key in booking.claims:
        item = there.get(key)
        claim = item.live_claim(booking.who, asked.now) if item else None
        if item is None or claim is None or claim.booking != booking.id:
            raise HoldExpired
        if open_only and isinstance(item, Slot) and item.state is not SlotState.OPEN:
            raise SlotBlocked


def claims_of(
    ledger: Ledger, keys: Iterable[LedgerKey], who: str, booking_id: str
) -> Mapping[LedgerKey, Claim]:
    """The claims of a booking that are still there, past or not."""
    found = ((key, item.claims.get(who)) for key, item in ledgers(ledger, keys).items())
    return {key: claim for key, claim in found if claim and claim.booking == booking_id}
