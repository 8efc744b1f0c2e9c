"""Void the link by which a guest manages their booking, because somebody else may have it (BOOK-9)."""

from __future__ import annotations

from holdfast.app.asked import Asked
from holdfast.app.deeds import Decision, Done, do
from holdfast.app.ports import Callers, Ledger
from holdfast.app.writes import SaveBooking
from holdfast.domain.booking import Booking
from holdfast.domain.errors import NotFound


def revoke_link(
    ledger: Ledger, callers: Callers, asked: Asked, booking_id: str, *, reason: str | None = None
) -> Done:
    """Raise the version of a booking's token, for staff of its business; also of one that is over.

    Raises NotFound, StaleVersion, PolicyViolation or KeyReused.
    """

    def read() -> Booking:
        booking = ledger.booking(booking_id)
        if booking is None or not asked.caller.works_at(booking.business):
            raise NotFound("booking")
        return booking

    def decide(booking: Booking, attempt: int) -> Decision:
        role = "admin" if asked.caller.administers(booking.business) else "staff"
        revoked = booking.link_revoked(asked.deed("revoke_link", reason, role=role))
        return Decision(revoked, (SaveBooking(revoked),))

    return do(ledger, callers, asked, read, decide)
