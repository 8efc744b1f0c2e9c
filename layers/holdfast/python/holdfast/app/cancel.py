"""Cancel a confirmed booking: units back, refund computed, record CANCELLED in one transaction (BOOK-3)."""

from __future__ import annotations

from holdfast.app.asked import Asked
from holdfast.app.deeds import Decision, Done, do, own_booking
from holdfast.app.existing import existing_business
from holdfast.app.ports import Callers, Catalog, Ledger
from holdfast.app.writes import RemoveClaim, SaveBooking
from holdfast.domain.booking import Booking, BookingStatus
from holdfast.domain.errors import InvalidTransition
from holdfast.domain.refund import refund


def cancel(
    ledger: Ledger,
    callers: Callers,
    catalog: Catalog,
    asked: Asked,
    booking_id: str,
    *,
    reason: str | None = None,
) -> Done:
    """Cancel the caller's own confirmed booking, within the policy's deadline.

    Raises NotFound, InvalidTransition, PolicyViolation, RateLimited, StaleVersion or KeyReused.
    """

    def decide(booking: Booking, attempt: int) -> Decision:
        business = existing_business(catalog, booking.business)
        if booking.status is not BookingStatus.CONFIRMED:
            raise InvalidTransition(booking.seen_at(asked.now), BookingStatus.CANCELLED)
        business.allow_cancelling(booking.start, asked.now)
        back = refund(booking.price, business.refund_tiers, start=booking.start, now=asked.now)
        cancelled = booking.cancelled(back, asked.deed("cancel", reason))
        return Decision(
            cancelled, (RemoveClaim(booking.slot, booking.who, booking.claim), SaveBooking(cancelled))
        )

    return do(
        ledger,
        callers,
        asked,
        lambda: own_booking(ledger, asked, booking_id),
        decide,
        limited=("cancel", lambda booking: existing_business(catalog, booking.business).cancels_a_minute),
    )
