"""Confirm a hold: its claims are kept, the record becomes CONFIRMED and gets its number (BOOK-2). Where the
business wants to approve first, both are kept until its deadline."""

from __future__ import annotations

from holdfast.app.asked import Asked
from holdfast.app.deeds import Decision, Done, do, own_booking
from holdfast.app.existing import existing_business
from holdfast.app.ports import Callers, Catalog, Catalogues, Ledger
from holdfast.app.standing import require_live_claims
from holdfast.app.terms import terms_of
from holdfast.app.writes import SaveBooking, TakeNumber, end_of_turn, kept
from holdfast.domain.booking import Booking, Contact
from holdfast.domain.identity import booking_number


def confirm(
    ledger: Ledger,
    callers: Callers,
    catalog: Catalog,
    catalogues: Catalogues,
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
        terms, deed = terms_of(catalogues, business, booking), asked.deed("confirm")
        # The attempt is part of the number: if the number was taken, the next try has another.
        number = booking_number(business.local_date(asked.now), booking.id, attempt)
        if terms.approval_required:
            until = terms.approved_until(booking.start, asked.now)
            confirmed = booking.awaiting_approval(number, until, deed, contact=contact, notes=notes)
        else:
            confirmed = booking.confirmed(
                number, deed, contact=contact, notes=notes, after_end=terms.after_end
            )
        if attempt:
            require_live_claims(ledger, booking, asked, open_only=True)
        return Decision(
            confirmed,
            (
                *kept(booking, confirmed.claim.expires, asked.now, open_only=True),
                SaveBooking(confirmed),
                TakeNumber(number, booking.id),
                *end_of_turn(booking, confirmed),
            ),
        )

    return do(ledger, callers, asked, lambda: own_booking(ledger, asked, booking_id), decide)
