"""Change what a booking says without touching its place: notes and contact (BOOK-14)."""

from __future__ import annotations

from dataclasses import replace

from holdfast.app.asked import Asked
from holdfast.app.deeds import Decision, Done, do, own_booking
from holdfast.app.ports import Callers, Ledger
from holdfast.app.writes import SaveBooking
from holdfast.domain.booking import ENDED, Booking, Contact
from holdfast.domain.errors import InvalidTransition


def amend(
    ledger: Ledger,
    callers: Callers,
    asked: Asked,
    booking_id: str,
    *,
    notes: str | None,
    contact: Contact | None,
) -> Done:
    """Change the caller's own booking on the version named by If-Match; what is None stays.

    Raises NotFound, PreconditionRequired, StaleVersion, InvalidTransition, PolicyViolation or KeyReused.
    """
    asked.require_precondition()

    def decide(booking: Booking, attempt: int) -> Decision:
        seen = booking.seen_at(asked.now)
        if seen in ENDED:
            raise InvalidTransition(seen, seen)
        amended = replace(
            booking.changed(asked.deed("amend")),
            notes=booking.notes if notes is None else notes,
            contact=contact or booking.contact,
        )
        return Decision(amended, (SaveBooking(amended),))

    return do(ledger, callers, asked, lambda: own_booking(ledger, asked, booking_id), decide)
