"""Confirm a hold: the claim is kept for ever, the record becomes CONFIRMED and gets its number (BOOK-2)."""

from __future__ import annotations

from holdfast.app.asked import Asked
from holdfast.app.deeds import Decision, Done, do, own_booking
from holdfast.app.existing import existing_business
from holdfast.app.ports import Callers, Catalog, Ledger
from holdfast.app.writes import SaveBooking, SetClaimExpiry, TakeNumber, end_of_turn
from holdfast.domain.booking import Booking, Contact
from holdfast.domain.errors import HoldExpired, SlotBlocked
from holdfast.domain.identity import booking_number
from holdfast.domain.instants import NEVER
from holdfast.domain.slot import SlotState


def confirm(
    ledger: Ledger,
    callers: Callers,
    catalog: Catalog,
    asked: Asked,
    booking_id: str,
    *,
    contact: Contact | None = None,
    notes: str | None = None,
) -> Done:
    """Confirm the caller's own live hold.

    Raises NotFound, HoldExpired, InvalidTransition, SlotBlocked, StaleVersion or KeyReused.
    """

    def decide(booking: Booking, attempt: int) -> Decision:
        business = existing_business(catalog, booking.business)
        # The attempt is part of the number: if the number was taken, the next try has another.
        number = booking_number(business.local_date(asked.now), booking.id, attempt)
        confirmed = booking.confirmed(
            number,
            asked.deed("confirm"),
            contact=contact,
            notes=notes,
            after_end=business.after_end,
        )
        if attempt:
            require_live_claim(ledger, booking, asked, open_only=True)
        return Decision(
            confirmed,
            (
                SetClaimExpiry(booking.slot, booking.who, booking.id, NEVER, asked.now, open_only=True),
                SaveBooking(confirmed),
                TakeNumber(number, booking.id),
                *end_of_turn(booking, confirmed),
            ),
        )

    return do(ledger, callers, asked, lambda: own_booking(ledger, asked, booking_id), decide)


def require_live_claim(ledger: Ledger, booking: Booking, asked: Asked, *, open_only: bool) -> None:
    """Say why a commit on the booking's claim was lost, where the slot tells."""
    slot = ledger.slot(booking.slot)
    claim = slot.live_claim(booking.who, asked.now) if slot else None
    if slot is None or claim is None or claim.booking != booking.id:
        raise HoldExpired
    if open_only and slot.state is not SlotState.OPEN:
        raise SlotBlocked
